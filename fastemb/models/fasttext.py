"""FastText (Bojanowski et al. 2017): Word2Vec whose words are made of their character n-grams."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import subwords
from fastemb._absent import refusing
from fastemb._errors import NotTrainable
from fastemb._gates import in_quiet
from fastemb._paths import Path, local
from fastemb._words import NUL, bytes_of_words
from fastemb.corpus import EncodedCorpus, Source
from fastemb.formats import fasttext as facebook
from fastemb.formats.quantized import Rows
from fastemb.kernels.sgd import specs
from fastemb.models._facebook import load_facebook_vectors, parameters_of, vectors_of
from fastemb.models._lifecycle import no_events
from fastemb.models._near import naming_near
from fastemb.models._published import SOME
from fastemb.models._random import RandomRows
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import KeyedVectors, check_mmap
from fastemb.models.parameters import Sentences
from fastemb.models.presets import FASTTEXT, with_presets
from fastemb.models.word2vec import Word2Vec, trainable
from fastemb.subwords import Subwords
from fastemb.training import BlockLimits, Run

__all__ = [
    "FastText",
    "FastTextKeyedVectors",
    "compute_ngrams",
    "compute_ngrams_bytes",
    "ft_hash_bytes",
    "ft_ngram_hashes",
    "load_facebook_model",
    "load_facebook_vectors",
    "save_facebook_model",
]

NARROW = 16  # the widest window for which bags stay gathered until it has passed
STALE = 1.0  # how many changes of a whole bag the others that are gathered with it may make
__getattr__ = refusing("gensim.models.fasttext")


def ft_hash_bytes(bytez: bytes) -> int:
    """fastText's hash of an n-gram: 32-bit FNV-1a, in which bytes have a sign."""
    return subwords.hash_word(bytez)


def ft_ngram_hashes(word: str, minn: int, maxn: int, num_buckets: int) -> list[int]:
    """The buckets of a word's n-grams, in fastText's order."""
    return Subwords(minn, maxn, num_buckets).bags([word]).ids.tolist()


def compute_ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    """A word's n-grams, the shortest first, with the marks < and > around the word, as gensim gives them.

    The n-grams that have rows are those of `compute_ngrams_bytes`, in another order and without lone marks.
    """
    text = f"<{word}>"
    subwords.check_ngrams(len(text), max_n, f"the word {word[:30] + '…'!r}")
    return [text[i : i + n] for n in range(min_n, min(len(text), max_n) + 1) for i in range(len(text) - n + 1)]


def compute_ngrams_bytes(word: str, min_n: int, max_n: int) -> list[bytes]:
    """The n-grams of a word that have rows, in fastText's order."""
    return subwords.ngrams(Subwords(min_n, max_n, 1).between_marks(word), min_n, max_n)


@no_events()
@naming_near
def load_facebook_model(path: Path, encoding: str = "utf-8", mmap: str | bool | None = None) -> FastText:
    """Read a model of Facebook's fastText from its .bin file; training can go on from there.

    Noise words are drawn as fastText draws them (``ns_exponent=0.5``). Of a model trained with hierarchical
    softmax the output matrix begins anew, since fastText's tree is another.

    Parameters
    ----------
    path, encoding, mmap
        As of `load_facebook_vectors`.

    Raises
    ------
    ValueError
        If the file is not such a model, or damaged; or if it is supervised or quantised, so that it cannot be
        trained here.
    """
    name = local(path)
    file = facebook.read_fasttext(path, mmap=check_mmap(mmap) is not None)
    arguments = file.arguments
    unlike = (
        "supervised" if arguments["model"] == facebook.MODELS["sup"]
        else "quantised" if not isinstance(file.inputs, np.ndarray) or not isinstance(file.outputs, np.ndarray)
        else "trained with softmax" if arguments["loss"] not in (facebook.LOSSES["hs"], facebook.LOSSES["ns"])
        else None
    )  # fmt: skip
    if unlike or not file.words:
        raise NotTrainable(
            f"{name}: this model is {unlike or 'empty'}, and cannot be trained here; "
            "load_facebook_vectors() gives the vectors of its words"
        )
    wv = vectors_of(file, name, encoding)
    try:
        model = FastText(**parameters_of(arguments), max_n=wv.max_n)
    except ValueError as error:
        raise ValueError(f"{name}: its parameters are damaged ({error})") from None
    model.wv, model.corpus_total_words = wv, file.tokens
    model._init_outputs()
    if not model.hs:
        model.syn1neg = np.asarray(file.outputs)
    return model


@naming_near
@in_quiet
def save_facebook_model(
    model: FastText, path: Path, encoding: str = "utf-8", lr_update_rate: int = 100, word_ngrams: int = 1
) -> None:
    """Write a model as a .bin file that Facebook's fastText reads.

    Parameters
    ----------
    model : FastText
    path : str or os.PathLike
        The file appears whole or not at all.
    encoding : str, default 'utf-8'
        Of the words.
    lr_update_rate, word_ngrams : int
        Written as they are; nothing here uses them.

    Raises
    ------
    ValueError
        If words cannot be said in this format, or the vectors were compressed. Nothing is written then.
    """
    if not isinstance(model, FastText) or not isinstance(model.wv.subwords, Subwords):
        raise TypeError(f"model must be a FastText, not {type(model).__name__}")
    wv, own, ngrams = model.wv, model.wv.vectors_vocab, model.wv.ngram_rows
    rows = isinstance(own, np.ndarray) and isinstance(ngrams, (np.ndarray, RandomRows))
    if not rows or not wv.subwords.as_in_fasttext:
        raise ValueError("vectors of gensim before 3.8, or compressed, cannot be written as a .bin: use save()")
    given, used = model._to_be_saved(), wv.subwords.used
    words = bytes_of_words(wv.index_to_key, "fastText's files", NUL, encoding=encoding, empty=True)
    arguments = {
        "dim": model.vector_size,
        "ws": given["window"],
        "epoch": given["epochs"],
        "min_count": given["min_count"],
        "neg": given["negative"],
        "word_ngrams": word_ngrams,
        "loss": facebook.LOSSES["ns" if model.negative else "hs"],
        "model": facebook.MODELS["sg" if model.sg else "cbow"],
        "bucket": wv.bucket if used else 0,
        "minn": wv.min_n if used else 0,
        "maxn": wv.max_n if used else 0,
        "lr_update_rate": lr_update_rate,
        "t": given["sample"],
    }
    inputs: list[Any] = [wv.own_rows(), *([ngrams] if used else [])]
    outputs = model.syn1neg if model.negative else -model.syn1  # fastText's labels are 1 where ours are 0
    facebook.write_fasttext(path, arguments, words, wv._counts(), model.corpus_total_words or 0, inputs, outputs)


class FastText(Word2Vec):
    """Train vectors for words and their character n-grams (Bojanowski et al. 2017).

    A word's vector is the mean of its own row and the rows of its n-grams, so that rare words, and words that were
    never seen, get vectors from their parts. Each of these rows gets the whole change of the vector, as in fastText.

    Parameters
    ----------
    word_ngrams : {1}
        Accepted for gensim's sake.
    min_n, max_n : int, default 3 and 6
        Characters of the shortest and the longest n-gram, with the marks < and > around the word. ``max_n=0`` is for
        none: the model is `Word2Vec` then. Above 64, long words (of 126 characters or more) may be refused.
    bucket : int, default 2,000,000
        Rows for n-grams, which are hashed to them; 0 is for none. They take 4·vector_size bytes each;
        those that no word has do so only in files, or when `wv.vectors_ngrams` is asked for.
    sentences, corpus_file, sg, hs, vector_size, alpha, window, min_count, max_vocab_size, sample, seed, workers
        As of `Word2Vec`.
    min_alpha, negative, ns_exponent, cbow_mean, hashfxn, epochs, null_word, sorted_vocab, trim_rule, batch_words
        As of `Word2Vec`.
    callbacks, max_final_vocab, shrink_windows, **others
        As of `Word2Vec`. fastText's own program has alpha 0.05, sample 1e-4 and ns_exponent 0.5. With n-grams,
        ``deterministic=True`` trains with one worker.

    Attributes
    ----------
    wv : FastTextKeyedVectors
        The vectors.
    syn1neg, syn1, epoch_losses, corpus_count, corpus_total_words, train_count, total_train_time
        As of `Word2Vec`.

    Raises
    ------
    MemoryError
        If the rows of all buckets would take more memory than the machine has; before any is taken.
    TypeError, ValueError
        As of `Word2Vec`, and if `min_n` is above `max_n`; these two and `bucket` may be up to 2**31 - 1.

    Examples
    --------
    >>> from fastemb import FastText
    >>> model = FastText([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, bucket=1000)
    >>> model.wv["cats"].shape
    (100,)
    """

    PARAMETERS = (*Word2Vec.PARAMETERS, "word_ngrams", "min_n", "max_n", "bucket")
    PRESETS = FASTTEXT
    NGRAMS = True

    wv: FastTextKeyedVectors

    @with_presets
    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: Path | None = None,
        sg: int = 0,
        hs: int = 0,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        word_ngrams: int = 1,
        sample: float | None = 1e-3,
        seed: int | None = 1,
        workers: int | None = 3,
        min_alpha: float = 0.0001,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Any = hash,
        epochs: int = 5,
        null_word: int = 0,
        min_n: int = 3,
        max_n: int = 6,
        sorted_vocab: int = 1,
        bucket: int = 2000000,
        trim_rule: Any = None,
        batch_words: int = 10000,
        callbacks: Iterable[Any] = (),
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        **others: Any,
    ):
        self.word_ngrams, self.min_n, self.max_n, self.bucket = word_ngrams, min_n, max_n, bucket
        super().__init__(
            sentences,
            corpus_file,
            sg=sg,
            hs=hs,
            vector_size=vector_size,
            alpha=alpha,
            window=window,
            min_count=min_count,
            max_vocab_size=max_vocab_size,
            sample=sample,
            seed=seed,
            workers=workers,
            min_alpha=min_alpha,
            negative=negative,
            ns_exponent=ns_exponent,
            cbow_mean=cbow_mean,
            hashfxn=hashfxn,
            epochs=epochs,
            null_word=null_word,
            sorted_vocab=sorted_vocab,
            trim_rule=trim_rule,
            batch_words=batch_words,
            callbacks=callbacks,
            max_final_vocab=max_final_vocab,
            shrink_windows=shrink_windows,
            **others,
        )

    # What differs from words that are one row each.

    def _new_vectors(self, words: list[str | int], counts: NDArray[np.int64]) -> FastTextKeyedVectors:
        wv = FastTextKeyedVectors(self.vector_size, self.min_n, self.max_n, self.bucket)
        if words:
            wv.add_words(words, self.seed)
            wv.expandos["count"] = counts
        return wv

    def estimate_memory(self, vocab_size: int | None = None, report: dict[str, int] | None = None) -> dict[str, int]:
        """Bytes that the model takes, by gensim's estimate, for the vocabulary that it has; see `Word2Vec`."""
        report = super().estimate_memory(None, report)
        report["syn0_vocab"] = report.pop("vectors")
        if self.wv.bucket:
            ngrams = sum(map(len, self.wv.buckets_word))
            report["syn0_ngrams"] = 4 * self.wv.bucket * self.vector_size
            report["buckets_word"] = 64 + 100 * len(self.wv) + 4 * ngrams
        report["total"] = sum(size for part, size in report.items() if part != "total")
        return report

    def _saved_vectors(self, arrays: dict[str, NDArray[Any]], name: str) -> FastTextKeyedVectors:
        return FastTextKeyedVectors.from_native(arrays, name)

    def _take_vectors(self, known: KeyedVectors, rows: list[int], fresh: bool) -> None:
        """Take rows and n-grams from vectors that have the same n-grams; else find rows that give the same vectors."""
        keys = [self.wv.index_to_key[row] for row in rows]
        numbers = [known.key_to_index[key] for key in keys]
        if fresh and isinstance(known, FastTextKeyedVectors) and known.subwords.same_as(self.wv.subwords):
            self.wv.vectors_vocab = rows_to_train(self.wv.vectors_vocab)
            self.wv.vectors_vocab[rows] = known.own_rows()[numbers]
            ngrams = known.ngram_rows
            self.wv.ngram_rows = deepcopy(ngrams) if isinstance(ngrams, RandomRows) else np.array(ngrams[:], np.float32)
            self.wv.adjust_vectors()
            if self.freeze:  # those that only words have which are not here, too
                self.wv.vectors_ngrams_lockf = np.zeros(1, np.float32)
        else:
            self.wv.add_vectors(keys, known.vectors[numbers], replace=True)

    def _add_words(self, words: list[str | int]) -> None:
        self.wv.add_words(words, self.seed)

    def _vectors_changed(self) -> None:
        self.wv.adjust_vectors()

    def _inputs_of_words(self) -> NDArray[np.float32]:
        if self.output == "word":
            return self.wv.vectors
        return self.wv._mean_of_some(np.arange(len(self.wv)), *self.wv.ngrams_in_use())

    def _some_inputs(self) -> NDArray[np.float32]:
        """From the middle of the vocabulary; all are made when they are asked for."""
        first = len(self.wv) // 4
        return self.wv._mean_of_some(np.arange(first, min(first + SOME, len(self.wv))), *self.wv.ngrams_in_use())

    def _keep_inputs(self) -> None:
        """The rows of words and n-grams are kept in any case."""
        self.wv.adjust_vectors()

    def init_weights(self) -> None:
        """Make the rows anew: random, the same as gensim's, and output vectors of zeros."""
        words, self.wv.index_to_key, self.wv.key_to_index = self.wv.index_to_key, [], {}
        self.wv.vectors_vocab = self.wv.vectors_ngrams = np.zeros((0, self.vector_size), np.float32)
        self._add_words(words)
        self._init_outputs()

    def _words(self, limits: BlockLimits) -> tuple[specs.Rows, BlockLimits]:
        wv = self.wv
        wv.vectors_vocab = trainable(rows_to_train(wv.vectors_vocab))
        rows = wv.vectors_vocab, np.require(wv.vectors_vocab_lockf, np.float32, ["C", "ALIGNED"])
        if not wv.subwords.used:
            return specs.Rows(*rows), limits
        if not isinstance(wv.ngram_rows, RandomRows):
            wv.ngram_rows = trainable(rows_to_train(wv.ngram_rows))
        ngrams, bags = wv.ngrams_in_use()
        alike = (frequencies := self._frequencies()).overlap(self.wv.buckets_word)
        # All bags that are gathered are trained from their rows as they were; rows that they share get the sum.
        most = max(1, min(limits.rows, int(STALE / alike)))
        if most < limits.rows:
            limits = limits._replace(centres=1)
        if self.sg:
            limits = limits._replace(rows=most)
        if not len(bags.ids):
            return specs.Rows(*rows), limits
        locks = np.require(wv.vectors_ngrams_lockf, np.float32, ["C", "ALIGNED"])
        if isinstance(wv.ngram_rows, RandomRows) and len(locks) > 1:  # they are of all rows, not of those in memory
            locks = np.resize(locks, len(wv.ngram_rows))[wv.ngram_rows.numbers()]
        lasting = self.window <= NARROW and 2 * self.window * alike < STALE
        checked = frequencies.ngrams_to_train(bags, len(ngrams))
        return specs.Bags(*rows, rows_to_train(ngrams), locks, checked, lasting), limits

    def _training_workers(self) -> int:
        return 1 if self.deterministic and self.wv.subwords.used else self.workers

    def _train_on(self, source: Source, corpus: EncodedCorpus, run: Run, callbacks: Iterable[Any]) -> None:
        rows = self.wv.ngram_rows
        self.wv.ngrams_in_use()  # rows that init_from did not have are held from here on
        with rows.lent() if isinstance(rows, RandomRows) else nullcontext():
            super()._train_on(source, corpus, run, callbacks)

    # Files.

    def _misfit(self) -> str | None:
        for size in ("min_n", "max_n", "bucket"):
            if self.wv.NGRAMS and getattr(self, size) != getattr(self.wv, size):
                return f"{size}={getattr(self, size)}, but the vectors were made with {getattr(self.wv, size)}"
        return super()._misfit()

    def _rows_of_words(self) -> dict[str, Any]:
        return {"wv.vectors_vocab": self.wv.vectors_vocab}

    def _matrices(self) -> dict[str, NDArray[Any]]:
        ngrams = {"wv.vectors_ngrams": self.wv.ngrams_in_memory()}
        return self._rows_of_words() | ngrams | self._matrices_beside()

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        rows, bags = super()._rows_to_train(epoch), self.wv.ngrams_in_use()[1]
        in_a_bag = np.zeros(len(self.wv.ngrams_in_memory()), bool)
        if rows:
            rows["wv.vectors_vocab"] = rows.pop("wv.vectors")
        for ids in map(bags.__getitem__, rows["wv.vectors_vocab"]) if rows else [bags.ids]:
            in_a_bag[ids] = True
        return rows | {"wv.vectors_ngrams": np.flatnonzero(in_a_bag)}


def rows_to_train(rows: Rows) -> NDArray[Any]:
    if not isinstance(rows, np.ndarray):
        raise TypeError("vectors that were compressed cannot be trained")
    return rows
