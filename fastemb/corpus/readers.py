"""Iterables of sentences over text files: one sentence a line, words separated by whitespace; plain or compressed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from fastemb._paths import Path, Readable, local
from fastemb.corpus.chunks import EncodedCorpus
from fastemb.corpus.encode import Counted, Limits, Word
from fastemb.corpus.source import Files, Sentences, Source
from fastemb.io.textfile import TextFile, decode_line, lines_of


class LineSentence:
    """Iterate over a text file: each line is a sentence, a list of its words.

    Given to a model, the file is read and encoded natively, as with `corpus_file`.

    Parameters
    ----------
    source : str, os.PathLike or open file
        Path of a text file in UTF-8, plain or compressed (.gz, .bz2, .xz, .zst), or an archive of one (.zip, .tar); or
        an open file, as of ``bz2.BZ2File``, which is read from its beginning each time.
    max_sentence_length : int, optional
        Cut longer sentences into pieces of so many words. gensim's default is 10,000; here it is None.
    limit : int, optional
        Read only that many lines of each file; they are not encoded natively then.
    unicode_errors : {'strict', 'ignore', 'replace'}
        As of `TextFile`.
    """

    def __init__(
        self,
        source: Readable,
        max_sentence_length: int | None = None,
        limit: int | None = None,
        unicode_errors: str = "strict",
    ):
        self.source = source
        self.max_sentence_length = max_sentence_length
        self.limit = limit
        self.unicode_errors = unicode_errors

    def files(self) -> list[TextFile]:
        """The files to read, in order."""
        return [TextFile(path, self.unicode_errors) for path in self.paths()]

    def paths(self) -> list[Any]:
        return [self.source]

    def count_and_encode(self, limits: Limits) -> Counted:
        """As of `fastemb.corpus.Source`."""
        return self.natively().count_and_encode(limits)

    def encode(self, index: Mapping[Word, int], limits: Limits) -> EncodedCorpus:
        """As of `fastemb.corpus.Source`."""
        return self.natively().encode(index, limits)

    def natively(self) -> Source:
        """The files, unless only Python knows what the sentences are."""
        if type(self).__iter__ is not LineSentence.__iter__ or self.limit is not None:
            return Sentences(self)
        return Files(self.files(), self.max_sentence_length or None)

    def __iter__(self) -> Iterator[list[str]]:
        for file in self.files():
            for line, words in enumerate(islice(lines_of(file), self.limit), 1):
                yield from self.cut(decode_line(words, file, line).split())

    def cut(self, words: list[str]) -> Iterator[list[str]]:
        size = self.max_sentence_length or max(len(words), 1)
        for begin in range(0, len(words), size):
            yield words[begin : begin + size]


class PathLineSentences(LineSentence):
    """As `LineSentence`, for all files of a folder in the order of their names, or for one file.

    Parameters
    ----------
    source : str or os.PathLike
        Path of a folder, whose subfolders and hidden files are passed over, or of a file.
    max_sentence_length, limit, unicode_errors
        As of `LineSentence`.
    """

    def paths(self) -> list[Any]:
        folder = local(self.source)
        if not os.path.isdir(folder):
            return [folder]
        paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name[0] != "."]
        found = [path for path in paths if os.path.isfile(path)]
        if not found:
            raise FileNotFoundError(2, "no files in the folder", folder)
        return found


class Text8Corpus(LineSentence):
    """Iterate over a file that has no sentences, such as text8: the words of each line, so many at a time.

    Parameters
    ----------
    fname : str, os.PathLike or open file
    max_sentence_length : int, default 10000
    """

    def __init__(self, fname: Readable, max_sentence_length: int = 10000):
        super().__init__(fname, max_sentence_length)


class BrownCorpus:
    """Iterate over the sentences of the Brown corpus in the files of NLTK: words in lower case, as 'word/TG'.

    TG are the first two letters of the tag; what is tagged otherwise, as punctuation, is left out.

    Parameters
    ----------
    dirname : str or os.PathLike
        The folder of the files, which are read in the order of their names.
    """

    def __init__(self, dirname: Path):
        self.dirname = dirname

    def __iter__(self) -> Iterator[list[str]]:
        for line in PathLineSentences(self.dirname):
            pairs = [token.split("/") for token in line if token.count("/") == 1]
            words = [f"{word.lower()}/{tag[:2]}" for word, tag in pairs if tag[:2].isalpha()]
            if words:
                yield words
