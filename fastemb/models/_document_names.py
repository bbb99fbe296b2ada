"""What programs written for gensim call of Doc2Vec, and training does without."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import vocabulary
from fastemb._gates import in_quiet
from fastemb._paths import Path, local
from fastemb._warnings import warn
from fastemb.corpus import count_and_encode
from fastemb.corpus.documents import INTEGERS
from fastemb.formats.word2vec import write_parts
from fastemb.models._deprecated import deprecated
from fastemb.models._inferring import Inferring
from fastemb.models._tag_vectors import TagVectors


class DocumentNames(Inferring):
    """The part of Doc2Vec that has gensim's names; see there."""

    @property
    def docvecs(self) -> TagVectors:
        """The old name of `dv`. Deprecated."""
        warn("docvecs is deprecated: use dv", DeprecationWarning)
        return self.dv

    @docvecs.setter
    def docvecs(self, value: Any) -> None:
        warn("docvecs is deprecated: use dv", DeprecationWarning)
        self.dv = value

    def __getitem__(self, tag: Any) -> NDArray[np.float32]:
        """The vector of a word, or of a tag that is no word; of a list of these, a row each."""
        if isinstance(tag, (str, *INTEGERS)):
            return self.wv[tag] if tag in self.wv else self.dv[tag]
        return np.vstack([self[each] for each in tag])

    def __str__(self) -> str:
        """The parameters that tell such models apart, as gensim writes them."""
        kind = "dm/c" if self.dm_concat else "dm/m" if self.cbow_mean else "dm/s"
        if self.sg:
            kind = "dbow+w" if self.dbow_words else "dbow"
        parts = [
            f'"{self.comment}"' if self.comment else "", kind, f"d{self.vector_size}",
            f"n{self.negative}" if self.negative else "", "hs" if self.hs else "",
            f"w{self.window}" if not self.sg or self.dbow_words else "",
            f"mc{self.min_count}" if self.min_count > 1 else "", f"s{self.sample:g}" if self.sample else "",
            f"t{self.workers}" if self.workers > 1 else "",
        ]  # fmt: skip
        return f"{type(self).__name__}<{','.join(filter(None, parts))}>"

    def scan_vocab(
        self,
        corpus_iterable: Any = None,
        corpus_file: Path | None = None,
        progress_per: int = 100000,
        workers: int | None = None,
        trim_rule: vocabulary.TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count the words of documents, into `raw_vocab`, and give their tags vectors; then call `prepare_vocab`.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As `documents` and `corpus_file` of the class.
        progress_per, workers, trim_rule
            Accepted for gensim's sake, without effect.

        Returns
        -------
        words, documents : int
            Their numbers in the corpus.
        """
        counted = count_and_encode(self._source(corpus_iterable, corpus_file), self._limits(self.max_vocab_size))
        corpus: Any = counted.corpus
        self._check_tags(corpus.found, corpus.sentences)
        self.dv.take(corpus.found, self.seed or 0)
        self.raw_vocab = vocabulary.known_counts(counted.words, counted.counts)
        return corpus.words, corpus.sentences

    def estimated_lookup_memory(self) -> int:
        """Bytes that it takes to look up tags, by gensim's estimate."""
        return 200 * len(self.dv)

    def estimate_memory(self, vocab_size: int | None = None, report: dict[str, int] | None = None) -> dict[str, int]:
        """Bytes that a model of so many words and its tags takes, by gensim's estimate; see `Word2Vec`."""
        report = report or {}
        report["doctag_lookup"] = self.estimated_lookup_memory()
        report["doctag_syn0"] = 4 * len(self.dv) * self.vector_size
        return super().estimate_memory(vocab_size, report)

    @deprecated("dv.fill_norms")
    def init_sims(self, replace: bool = False) -> None:
        """Compute the lengths of the vectors of tags, or with `replace` divide these by them. Deprecated."""
        self.dv.fill_norms()
        if replace:
            self.dv.unit_normalize_all()

    @in_quiet
    def save_word2vec_format(
        self,
        fname: Path,
        doctag_vec: bool = False,
        word_vec: bool = True,
        prefix: str = "*dt_",
        fvocab: Path | None = None,
        binary: bool = False,
    ) -> None:
        r"""Write vectors of words, of tags, or of both, in the text or binary format of word2vec.c.

        Parameters
        ----------
        fname : str or os.PathLike
        doctag_vec, word_vec : bool, default False and True
            What to write.
        prefix : str, default '\*dt_'
            Written before each tag, to tell it from words.
        fvocab, binary
            As of `KeyedVectors.save_word2vec_format`.

        Raises
        ------
        ValueError
            As of that; of tags that are numbers there are no counts. Nothing is written then.
        """
        parts, counted = [], fvocab is not None
        if word_vec:
            total = len(self.wv) + len(self.dv) if doctag_vec else None
            parts.append(self.wv._word2vec_parts(counted, "count", binary=binary, total=total))
        if doctag_vec:
            options: Any = {"binary": binary, "header": not word_vec, "prefix": prefix}
            parts.append(self.dv._word2vec_parts(counted, "doc_count", **options))
        files = [(fname, [rows for rows, _ in parts])]
        if fvocab is not None:
            files.append((fvocab, [part for _, counts in parts for part in counts]))
        write_parts(files if parts else [])

    @classmethod
    def _get_offsets_and_start_doctags_for_corpusfile(
        cls, corpus_file: Path, workers: int
    ) -> tuple[list[int], list[int]]:
        """Where so many equal parts of a file begin, each at the beginning of its line, and these lines' numbers."""
        size, begin = os.path.getsize(corpus_file), 0
        wanted = [size // workers * worker for worker in range(workers)]
        offsets: list[int] = []
        lines: list[int] = []
        with open(local(corpus_file), "rb") as file:
            for number, line in enumerate(file):
                while len(offsets) < workers and wanted[len(offsets)] < begin + len(line):
                    offsets.append(begin)
                    lines.append(number)
                begin += len(line)
        return offsets, lines
