"""GloVe (Pennington, Socher and Manning 2014): vectors from how often words occur near each other."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import vocabulary
from fastemb._gates import alone, alone_in_it
from fastemb._numbers import whole
from fastemb.corpus import EncodedCorpus, Limits, count_and_encode, encode, encode_as_counted
from fastemb.corpus.cooccurrence import Window
from fastemb.io.outputs import check_writable
from fastemb.models._cooccurrences import Counting, Vocabulary, read_words
from fastemb.models._moved import MovedColumns
from fastemb.models._phrasing import Phrasing
from fastemb.models._refusing import unless_refused
from fastemb.models._remarks import warn_without_corpus
from fastemb.models.base import Model
from fastemb.models.callbacks import Callbacks
from fastemb.models.files import check_init_from, vectors_to_begin_with
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.parameters import Path, Sentences, check_memory, refuse_names
from fastemb.training import Fingerprint, GloveTrainer, Packed, Parameters, Progress, Run, Step, Strips, fit

logger = logging.getLogger(__name__)

PREFIX = "trained."


class GloVe(MovedColumns, Phrasing, Model):
    """Train vectors for words, so that the product of two vectors tells how often their words meet.

    Parameters
    ----------
    sentences : iterable of iterables, optional
        Sentences, each an iterable of words, as for `Word2Vec`. Without any input the model is left untrained.
    corpus_file : str or os.PathLike, optional
        A UTF-8 text file instead, or a folder of such files, as for `Word2Vec`.
    vector_size : int, default 100
    window : int, default 10
        How far, in words of the vocabulary, context reaches to each side (`-window-size` of Stanford's `cooccur`).
    min_count : int, default 5
        Leave out words that occur less often.
    x_max : float, default 100
        Pairs that meet so often, and more often, have full weight: f = min(1, (x / x_max)^alpha).
    eta : float, default 0.05
        Learning rate at the beginning; AdaGrad lowers it for each number by itself.
    alpha : float, default 0.75
        Exponent of the weight of rare pairs.
    epochs : int, default 25
        How often each cell is trained (`-iter` of Stanford's `glove`).
    workers : int or None, default 3
        As of `Word2Vec`.
    seed : int or None, default 1
        Same seed, input, version and type of machine with ``workers=1``: same vectors, to the bit. None draws one.
    symmetric : bool, default True
        Context is what stands before and after a word; else the row of a word counts what stands after it alone.
    distance_weighting : bool, default True
        Words d apart meet 1/d times; else once.
    across_sentences : bool, default False
        Windows go on across the ends of sentences.
    grad_clip : float, default 100
        Each component of a gradient is cut off at ± this.
    output : {'sum', 'word', 'both'}
        What `wv` holds: the sum of a word's vector and its vector as context, the former alone, or one behind
        the other, of size 2 · vector_size (`-model` 2, 1 and 3).
    cooccurrences : SciPy sparse matrix, str or os.PathLike, optional
        Instead of text, how often words meet: a square matrix in any of SciPy's sparse formats, or a file that
        Stanford's `cooccur` or `shuffle` has written. This needs `words`.
    words : mapping of words to counts, iterable of words, str or os.PathLike, optional
        The vocabulary of `cooccurrences`, in its order, which is best by frequency; a path is that of a file of
        'word count' lines, as Stanford's `vocab_count` writes it, each word once. With text instead: the vocabulary
        to use, and `min_count` is not.
    init_from : model, KeyedVectors, str or os.PathLike, optional
        Vectors to begin with, or a file of them: the sum of the two vectors of a word that it has begins there.
    retrofit : float, default 0
        Keep these words near where they began: the strength μ of a penalty ``μ |w + u - r|²`` (Mittens, Dingwall
        and Potts 2018). A pull of this strength ends each epoch.
    max_vocab_size, max_final_vocab, trim_rule, sorted_vocab
        As of `Word2Vec`.
    callbacks : iterable of CallbackAny2Vec, optional
        See `fastemb.models.callbacks`; with `EarlyStopping` training stops when the cost no longer falls.
    comment : str, optional
    progress : bool, default False
        Show a progress bar on standard error.
    unicode_errors : {'strict', 'ignore', 'replace'}
        As of `Word2Vec`.
    memory_budget : int, default 2**31
        About so many bytes for the text, counting and the cells, beside the vectors; what is more goes to temporary
        files. In memory, a cell takes 12 bytes.
    phrases
        As of `Word2Vec`.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors, float32, as `output` says.
    word_vectors, context_vectors : ndarray of float32, shape (words, vector_size)
        w and u, of which `wv` is made.
    word_biases, context_biases : ndarray of float32, shape (words,)
    epoch_losses : list of float
        For each epoch of the last call of `train`, the mean over the cells of f (w·u + b + c - log x)² / 2, each
        just before its step: what Stanford's program shows. (The paper's cost lacks the ½.)
    corpus_count, corpus_total_words : int
        Sentences and words that were seen when the vocabulary was built.
    cells : int
        Cells of the matrix that was trained on last.
    train_count, total_train_time : int, float
        Calls of `train`, and the seconds that they took, without counting.

    Raises
    ------
    TypeError
        If the input is of the wrong type.
    ValueError
        If a parameter is out of range, no word is left, no two words meet, a matrix is not square, or a count
        is not positive and finite. Whole numbers may be up to 2**63 - 1, but `vector_size`, `window`, `epochs` and
        `workers` up to 2**31 - 1, and `seed` up to 2**64 - 1.
    MemoryError
        If its matrices would take more memory than the machine has; before any is taken.
    TrainingDiverged
        If NaN or infinity was found. The model, as `.model` of the error, is as it was after the epoch before.

    Examples
    --------
    >>> from fastemb import GloVe
    >>> model = GloVe([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, vector_size=10)
    >>> model.wv["cat"].shape
    (10,)
    """

    PARAMETERS = (
        *("vector_size", "window", "min_count", "x_max", "eta", "alpha", "epochs", "workers", "seed", "symmetric"),
        *("distance_weighting", "across_sentences", "grad_clip", "output", "retrofit", "max_vocab_size"),
        *("max_final_vocab", "sorted_vocab", "comment", "unicode_errors", "memory_budget", "phrases"),
    )
    FREE = ("workers", "memory_budget", "comment")
    STATE = (*Model.STATE, "corpus_count", "corpus_total_words", "cells")

    parameters: Parameters
    compute_loss = True  # as callbacks ask; it costs nothing

    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: Path | None = None,
        vector_size: int = 100,
        window: int = 10,
        min_count: int = 5,
        x_max: float = 100.0,
        eta: float = 0.05,
        alpha: float = 0.75,
        epochs: int = 25,
        workers: int | None = 3,
        seed: int = 1,
        symmetric: bool = True,
        distance_weighting: bool = True,
        across_sentences: bool = False,
        grad_clip: float = 100.0,
        output: str = "sum",
        *,
        cooccurrences: Any = None,
        words: Vocabulary | None = None,
        init_from: Model | KeyedVectors | Path | None = None,
        retrofit: float = 0.0,
        max_vocab_size: int | None = None,
        max_final_vocab: int | None = None,
        trim_rule: vocabulary.TrimRule | None = None,
        sorted_vocab: int = 1,
        callbacks: Iterable[Any] = (),
        comment: str | None = None,
        progress: bool = False,
        unicode_errors: str = "strict",
        memory_budget: int = 2**31,
        phrases: Any = 0,
        **misspelt: Any,
    ):
        refuse_names(type(self), misspelt)
        self.vector_size, self.window, self.min_count = vector_size, window, min_count
        self.x_max, self.eta, self.alpha, self.grad_clip = x_max, eta, alpha, grad_clip
        self.epochs, self.seed = epochs, seed
        self.workers: int = workers  # type: ignore[assignment]  # None is looked at below
        self.symmetric, self.distance_weighting, self.across_sentences = (
            symmetric, distance_weighting, across_sentences
        )  # fmt: skip
        self.output, self.retrofit = output, retrofit
        self.max_vocab_size, self.max_final_vocab, self.sorted_vocab = max_vocab_size, max_final_vocab, sorted_vocab
        self.comment, self.progress = comment, bool(progress)
        self.unicode_errors, self.memory_budget = unicode_errors, memory_budget
        self._take_phrases(phrases)
        self._check_parameters()
        check_init_from(init_from)

        self.corpus_count = self.corpus_total_words = self.cells = 0
        self.train_count = 0
        self.total_train_time = 0.0
        self.epoch_losses: list[float] = []
        self._set_words([], {}, None)
        if words is not None:
            self._set_words(*read_words(words, self.unicode_errors), init_from)
        if cooccurrences is None and sentences is None and corpus_file is None:
            self.init_from = init_from if words is None else None
            warn_without_corpus(trim_rule, callbacks)
            return
        if words is None:
            if cooccurrences is not None:
                raise TypeError("cooccurrences needs words: the vocabulary, in the order of its rows")
            source = self._source(sentences, corpus_file)
            corpus = self._build_vocab(source, trim_rule, init_from)
            strips, fingerprint = self._counting().of_corpus(corpus), Fingerprint.of(corpus)
            del corpus  # it is not wanted any more, and may be large
        else:
            if trim_rule is not None:
                logger.warning("trim_rule is without effect: words says which words there are")
            strips, fingerprint = self._strips(sentences, corpus_file, cooccurrences)
        with alone(self, "train()"):
            run = Run(Progress(self.eta), counted=words is None, fingerprint=fingerprint)
            self._train_on(strips, run, callbacks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, eta={self.eta}>"

    word_vectors = property(lambda self: self.parameters.vectors[0], doc="Vectors of words.")
    context_vectors = property(lambda self: self.parameters.vectors[1], doc="Vectors of words as context.")
    word_biases = property(lambda self: self.parameters.biases[0], doc="Biases of words.")
    context_biases = property(lambda self: self.parameters.biases[1], doc="Biases of words as context.")

    # The vocabulary.

    @alone_in_it
    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Path | None = None,
        update: bool = False,
        trim_rule: vocabulary.TrimRule | None = None,
    ) -> None:
        """Count the words of a corpus and make vectors for those that are frequent enough.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As `sentences` and `corpus_file` of the class.
        update : bool, default False
            Keep the vocabulary and all that was trained, and add to it: known words gain the new counts, new ones
            follow after them, and begin at random.
        trim_rule : callable, optional

        Raises
        ------
        ValueError
            If the corpus has no words, or none that occurs often enough; with `update`, a warning says so.
        RuntimeError
            If a vocabulary is to be updated that is empty, or whose counts are not known.
        """
        source = self._source(corpus_iterable, corpus_file)
        if not update:
            with unless_refused(self):
                self._forget_phrases()
                self._build_vocab(source, trim_rule, getattr(self, "init_from", None))
            return
        if "count" not in self.wv.expandos or not len(self.wv):
            raise RuntimeError("build_vocab(update=True) needs a vocabulary with counts to begin with")
        self._follow()
        before = self.wv, self.parameters, self.known, self.originals
        try:
            self._build_vocab(source, trim_rule, None, self.wv.key_to_index)
        except vocabulary.EmptyVocabulary as error:
            logger.warning("build_vocab(update=True): nothing is changed: %s", error)
            return
        self._put_before(*before)

    def _put_before(
        self, wv: KeyedVectors, trained: Parameters, known: NDArray[np.int64], originals: NDArray[np.float32]
    ) -> None:
        """Put an earlier vocabulary, with its parameters, before the words of this one."""
        index, words, counts = self.wv.key_to_index, self.wv.index_to_key, self.wv._counts()
        new = np.array([k for k, word in enumerate(words) if word not in wv.key_to_index], np.int64)
        earlier = wv._counts() + [counts[index[word]] if word in index else 0 for word in wv.index_to_key]
        pairs = [(getattr(trained, one.name), getattr(self.parameters, one.name)[:, new]) for one in fields(Parameters)]
        self.parameters = Parameters(*(np.concatenate(pair, axis=1) for pair in pairs))
        all_words = [*wv.index_to_key, *(words[k] for k in new)]
        empty = np.empty((len(all_words), 1), np.float32)
        self.wv = KeyedVectors.from_arrays(all_words, empty, wv.expandos | {"count": np.append(earlier, counts[new])})
        self.wv.allocate_vecattrs()
        self.known, self.originals = known, originals
        self._update_wv()

    def _build_vocab(
        self, source: Any, trim_rule: vocabulary.TrimRule | None, init_from: Model | KeyedVectors | Path | None,
        known: Container[str | int] = (),
    ) -> EncodedCorpus:  # fmt: skip
        """Build the vocabulary; encode the corpus with it."""
        counted = count_and_encode(source, self._limits(self.max_vocab_size))
        words, counts = counted.words, counted.counts
        if not words:
            raise vocabulary.EmptyVocabulary(f"the corpus has no words ({counted.corpus.sentences} sentences)")
        kept, _ = vocabulary.choose_words(
            words, counts, self.min_count, self.max_final_vocab, trim_rule, bool(self.sorted_vocab), known
        )
        if not len(kept):
            raise vocabulary.no_word_left(words, counts, self.min_count, self.max_final_vocab, trim_rule)
        self._set_words([words[k] for k in kept], {"count": counts[kept]}, init_from)
        self.corpus_count, self.corpus_total_words = counted.corpus.sentences, counted.corpus.words
        numbers = np.full(len(words), -1, np.int32)
        numbers[kept] = np.arange(len(kept))
        counted.corpus.renumber(numbers)
        return counted.corpus

    def _set_words(
        self, words: list[Any], expandos: dict[str, NDArray[Any]], init_from: Model | KeyedVectors | Path | None
    ) -> None:
        """Make the parameters of these words: at random as in Stanford's program, or so that they add up to others."""
        shape = (2, len(words), self.vector_size)
        check_memory(4 * len(words), self.vector_size)
        random = np.random.default_rng(self.seed)
        vectors, biases = (
            (random.random(size, np.float32) - np.float32(0.5)) / np.float32(self.vector_size)
            for size in (shape, shape[:2])
        )
        ones = np.ones(shape, np.float32), np.ones(shape[:2], np.float32)
        self.parameters = Parameters(vectors, ones[0], biases, ones[1])
        self.wv = KeyedVectors.from_arrays(words, np.empty((len(words), 1), np.float32), expandos)
        # The words that `init_from` has, and its vectors, to which `retrofit` pulls them.
        self.known, self.originals = np.empty(0, np.int64), np.empty((0, self.vector_size), np.float32)
        if init_from is not None:
            self._begin_with(vectors_to_begin_with(init_from, self.vector_size))
        self._update_wv()

    def _begin_with(self, pretrained: KeyedVectors) -> None:
        index = pretrained.key_to_index
        self.known = np.array([k for k, word in enumerate(self.wv.index_to_key) if word in index], np.int64)
        rows = [index[self.wv.index_to_key[k]] for k in self.known]
        self.originals = np.asarray(pretrained.vectors[rows], np.float32).reshape(len(rows), self.vector_size)
        vectors, half = self.parameters.vectors, self.originals / 2
        vectors[:, self.known] = half + vectors[0, self.known], half - vectors[0, self.known]
        level = logging.INFO if rows else logging.WARNING
        logger.log(level, "%d of %d words begin with vectors from init_from", len(rows), len(self.wv))

    def _update_wv(self) -> None:
        """Make `wv` of the parameters."""
        self.wv.vectors = self._vectors_made()
        self.wv.vector_size = self.wv.vectors.shape[1]

    def _vectors_made(self) -> NDArray[np.float32]:
        """What `wv` holds, of the parameters."""
        words, contexts = self.parameters.vectors
        made = {"sum": lambda: words + contexts, "word": words.copy, "both": lambda: np.hstack([words, contexts])}
        return made[self.output]()

    # Counting.

    def _limits(self, vocabulary: int | None = None) -> Limits:
        return Limits(self.workers, self.memory_budget // 4, vocabulary)

    def _counting(self) -> Counting:
        window = Window(self.window, self.symmetric, self.distance_weighting, self.across_sentences)
        return Counting(len(self.wv), window, self.workers, self.memory_budget // 2, self.seed % 2**64, self.progress)

    def _strips(
        self, sentences: Any, corpus_file: Path | None, cooccurrences: Any, counted: bool = False
    ) -> tuple[Strips, Fingerprint]:
        """The cells of whichever input was given, `counted` before, and what tells it apart."""
        if cooccurrences is None:
            source = self._source(sentences, corpus_file)
            limits = self._limits(self.max_vocab_size if counted else None)
            corpus = encode_as_counted(source, self.wv.key_to_index, limits)
            return self._counting().of_corpus(corpus), Fingerprint.of(corpus)
        if sentences is not None or corpus_file is not None:
            raise TypeError("give only one of sentences, corpus_file and cooccurrences")
        return self._counting().of_matrix(cooccurrences)

    def save_cooccurrences(
        self, fname: Path, corpus_iterable: Sentences | None = None, corpus_file: Path | None = None
    ) -> int:
        """Count how often words meet, and write that as Stanford's `cooccur` does.

        A model without a vocabulary builds it from the same corpus, which is read once.

        Parameters
        ----------
        fname : str or os.PathLike
            Appears whole or not at all.
        corpus_iterable, corpus_file
            As `sentences` and `corpus_file` of the class.

        Returns
        -------
        int
            Cells.

        Raises
        ------
        ValueError
            If the corpus has no words, or none that occurs often enough.
        OSError
            If the file cannot be written; before the corpus is read.
        """
        self._check_parameters()
        check_writable(fname)  # before the corpus is read
        source = self._source(corpus_iterable, corpus_file)
        if len(self.wv):
            corpus = encode(source, self.wv.key_to_index, self._limits())
        else:
            with unless_refused(self):
                corpus = self._build_vocab(source, None, getattr(self, "init_from", None))
        return self._counting().write(fname, corpus)

    # Training.

    @alone_in_it
    def train(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Path | None = None,
        *,
        cooccurrences: Any = None,
        epochs: int | None = None,
        callbacks: Iterable[Any] = (),
    ) -> None:
        """Train on a corpus, whose words are looked up in the vocabulary, or on a matrix; from where the model stands.

        Parameters
        ----------
        corpus_iterable, corpus_file, cooccurrences
            As `sentences`, `corpus_file` and `cooccurrences` of the class.
        epochs : int, optional
            Default: the model's.
        callbacks : iterable of CallbackAny2Vec, optional

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.
        ValueError, TrainingDiverged
            As of the class; ValueError also after words were added to `wv`.
        """
        with unless_refused(self):
            self._check_vocabulary()
            self._check_parameters()
            if not np.array_equal(self.wv.vectors, self._vectors_made()):
                logger.warning("wv.vectors were changed, and are made anew of word_vectors and context_vectors")
            self.epochs = whole("epochs", self.epochs if epochs is None else epochs, 1)
            strips, fingerprint = self._strips(corpus_iterable, corpus_file, cooccurrences)
            run = Run(Progress(self.eta), number=self.train_count, fingerprint=fingerprint)
            self._train_on(strips, run, callbacks)

    @classmethod
    def resume(
        cls,
        path: Path,
        sentences: Any = None,
        corpus_file: Path | None = None,
        *,
        cooccurrences: Any = None,
        callbacks: Any = (),
        **parameters: Any,
    ) -> GloVe:
        """As `Word2Vec.resume`; `cooccurrences` as of the class."""
        model, run = cls._unfinished(path, parameters)
        if not run.stopped:
            strips, fingerprint = model._strips(sentences, corpus_file, cooccurrences, run.counted)
            if run.fingerprint is not None and fingerprint != run.fingerprint:
                raise ValueError(f"{run.origin}: training was on another corpus than this one")
            with alone(model, "resume()"):
                model._train_on(strips, run, callbacks)
        return model

    def _check_vocabulary(self) -> None:
        if not len(self.wv):
            raise RuntimeError("you must first build vocabulary before training the model")
        self._follow()
        if len(self.wv) != (rows := self.parameters.vectors.shape[1]):
            raise ValueError(
                f"wv has {len(self.wv)} words, and the model rows of {rows}: words put there cannot be trained"
            )

    def _train_on(self, strips: Strips, run: Run, callbacks: Iterable[Any]) -> None:
        """Train from where `run` stands to the end."""
        together = Callbacks(callbacks, self)
        if self.retrofit and not len(self.known):
            logger.warning("retrofit=%g is without effect: no word began with a vector from init_from", self.retrofit)
        self.cells = strips.cells
        step = Step(self.eta, self.alpha, self.x_max, self.grad_clip)

        def end_epoch(packed: Packed) -> None:
            if len(self.known) and self.retrofit:
                packed.pull(self.known, self.originals, self.retrofit, self.eta)

        def publish(packed: Packed) -> None:
            packed.unpack(self.parameters)
            self._update_wv()

        seed = (self.seed, run.number)
        trainer = GloveTrainer(
            lambda: Packed(self.parameters), strips, step, run.progress,
            epochs=self.epochs, workers=self.workers, seed=seed, end_epoch=end_epoch, publish=publish,
        )  # fmt: skip
        fit(self, trainer, run, together)

    def _too_high(self) -> str:
        return f"eta={self.eta} (with grad_clip={self.grad_clip})"

    # Files.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the model, by name."""
        self._follow()
        more = self._matrices() | {"known": self.known, "originals": self.originals}
        return self.wv.to_arrays() | {PREFIX + name: it for name, it in more.items()} | self._phrases_to_arrays()

    def _set_arrays(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        self.wv = KeyedVectors.from_native(arrays, name)
        self._set_phrases(arrays, name)
        try:
            found = {key.removeprefix(PREFIX): array for key, array in arrays.items() if key.startswith(PREFIX)}
            self.known, self.originals = found.pop("known"), found.pop("originals")
            self.parameters = Parameters(**{key: np.array(array, np.float32) for key, array in found.items()})
        except (KeyError, TypeError) as error:
            raise ValueError(f"{name}: its arrays are incomplete ({error})") from None
        known = self.known
        if known.ndim != 1 or known.dtype.kind != "i" or ((known < 0) | (known >= len(self.wv))).any():
            raise ValueError(f"{name}: its arrays do not fit together: known has rows that there are not")

    def _shapes(self) -> dict[str, tuple[Any, tuple[int, ...]]]:
        words, size = len(self.wv), self.vector_size
        shapes = {"vectors": (2, words, size), "vector_squares": (2, words, size)}
        trained = {
            f"parameters.{name}": (getattr(self.parameters, name), shape)
            for name, shape in (shapes | {"biases": (2, words), "bias_squares": (2, words)}).items()
        }
        return trained | {
            "wv.vectors": (self.wv.vectors, (words, size * (2 if self.output == "both" else 1))),
            "originals": (self.originals, (*self.known.shape, size)),
        }

    def _matrices(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self.parameters, field.name) for field in fields(Parameters)}
