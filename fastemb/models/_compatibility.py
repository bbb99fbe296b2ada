"""The part of Word2Vec that programs written for gensim call, and that training does without."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import inference, vocabulary
from fastemb._numbers import rate, whole
from fastemb.corpus import Counted, EncodedCorpus, count_and_encode
from fastemb.corpus.tables import checked
from fastemb.kernels.ragged import starts_of
from fastemb.models._deprecated import deprecated
from fastemb.models._frequencies import WithFrequencies
from fastemb.models._hooks import Hooks
from fastemb.models._lifecycle import Lifecycle
from fastemb.models._random import pseudorandom_weak_vector
from fastemb.models._refusing import unless_refused
from fastemb.models._tree import WithTree
from fastemb.models.keyedvectors import Key, KeyedVectors

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
SENTENCES = 1000  # scored at a time


class Compatibility(WithFrequencies, WithTree, Hooks, Lifecycle):
    """What is inherited by Word2Vec: methods and attributes of gensim's, by their names there."""

    # What Word2Vec itself has.
    wv: KeyedVectors
    syn1neg: NDArray[np.float32]
    syn1: NDArray[np.float32]
    raw_vocab: dict[Key, int]
    workers: int
    epochs: int
    min_alpha_yet_reached: float
    sg: int
    hs: int
    negative: int
    cbow_mean: int
    position_weights: bool
    distance_decay: float
    context: str
    window: int
    min_count: int
    sample: float
    seed: int
    max_vocab_size: int | None
    max_final_vocab: int | None
    corpus_count: int
    corpus_total_words: int
    ns_exponent: float
    hashfxn: Any
    init_weights: Callable[[], None]
    _inputs_of_words: Callable[[], NDArray[np.float32]]
    _source: Callable[..., Any]
    _limits: Callable[..., Any]
    _set_vocabulary: Callable[..., None]
    _extend_vocabulary: Callable[..., None]
    _new_vectors: Callable[..., KeyedVectors]
    _take_phrases_of: Callable[..., None]
    _init_outputs: Callable[[], None]

    def _begin_training(self) -> None:
        """Warn of what gensim warns of, and note it."""
        if self.hs and self.negative:
            logger.warning("hs=1 with negative=%d trains both: hs=0 or negative=0 trains one", self.negative)
        if self.alpha > self.min_alpha_yet_reached:
            logger.warning(
                "alpha=%g is above %g, to which training had come down: a further train() wants a lower start_alpha",
                self.alpha,
                self.min_alpha_yet_reached,
            )
        self.add_lifecycle_event("train", msg=f"{self.workers} workers, {len(self.wv)} words, {self.epochs} epochs")

    # Asking a trained model.

    def predict_output_word(self, context_words_list: Iterable[Any], topn: int = 10) -> list[tuple[Key, float]] | None:
        """The most probable words between given ones: softmax over all words, from the mean of the given ones' vectors.

        Parameters
        ----------
        context_words_list : list of str or int
            Words, or their rows. Unknown ones are left out.
        topn : int, default 10

        Returns
        -------
        list of (key, float), or None
            Words and their probabilities, the most probable first; None if no word is known. With
            ``cbow_mean=0`` the sum of the vectors is taken instead of their mean.

        Raises
        ------
        RuntimeError
            If the model was not trained with `negative`, or has other vectors than it was trained with.
        """
        if not self.negative or len(self.syn1neg) != len(self.wv):
            raise RuntimeError("predict_output_word() needs a model that was trained with negative sampling")
        rows = [row for row in (self.wv.get_index(word, -1) for word in context_words_list) if row >= 0]
        if not rows:
            logger.warning("none of the words is in the vocabulary")
            return None
        hidden = self._inputs_of_words()[rows].sum(axis=0)
        if self.cbow_mean:
            hidden = hidden / len(rows)
        probabilities = inference.softmax(self.syn1neg @ hidden)
        best = np.argsort(-probabilities, kind="stable")[:topn]
        return [(self.wv.index_to_key[row], float(probabilities[row])) for row in best]

    def score(
        self,
        sentences: Iterable[Iterable[Key]],
        total_sentences: int = 1_000_000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> NDArray[np.float32]:
        """Log-likelihood of each sentence under the model, by which texts can be classified (Taddy 2015).

        Windows are of full width, to the sides that `context` names, and all distances count alike.

        Parameters
        ----------
        sentences : iterable of iterables of words
            Unknown words are left out.
        total_sentences : int, default 1_000_000
            Stop after so many, with a warning in the log.
        chunksize, queue_factor, report_delay
            Accepted for gensim's sake, without effect.

        Returns
        -------
        ndarray of float32, shape (sentences,)

        Raises
        ------
        RuntimeError, ValueError
            If the model has no vocabulary, was not trained with ``hs=1``, or has vectors of others or of another width;
            ValueError also of CBOW with `position_weights` or `distance_decay`, whose contexts are other sums.
        """
        if not self.wv.key_to_index:
            raise RuntimeError("you must first build vocabulary before scoring new data")
        if not self.hs or len(self.syn1) != len(self.wv):
            raise RuntimeError("score() needs a model that was trained with hierarchical softmax: hs=1")
        if np.shape(self.wv.vectors) != np.shape(self.syn1):
            raise ValueError(f"wv.vectors is of shape {np.shape(self.wv.vectors)}, and syn1 of {np.shape(self.syn1)}")
        if not self.sg and (self.position_weights or self.distance_decay):
            raise ValueError(
                "score() of CBOW weighs context words alike, and not with position_weights or distance_decay"
            )
        options: dict[str, Any] = {"sg": bool(self.sg), "window": self.window, "cbow_mean": bool(self.cbow_mean)}
        options |= {"before": self.context != "after", "after": self.context != "before", "workers": self.workers}
        inputs = self._inputs_of_words()
        index, paths, rest = self.wv.key_to_index, self._paths(), checked(self._source(sentences, None))
        left, scores = total_sentences, [np.empty(SENTENCES)]
        while len(scores[-1]) == SENTENCES:  # an iterator is not asked again after its end: some begin anew
            some = islice(rest, min(left, SENTENCES))
            batch = [[index[word] for word in each if word in index] for each in some]
            left -= len(batch)
            ids = np.fromiter(chain.from_iterable(batch), np.int32)
            starts = starts_of([len(sentence) for sentence in batch])
            scores.append(inference.log_likelihoods(ids, starts, inputs, self.syn1, paths, **options))
        if not left and next(rest, None) is not None:
            logger.warning("only the first %d sentences were scored; for more, give total_sentences", total_sentences)
        return np.concatenate(scores[1:]).astype(np.float32)

    # The vocabulary in steps. In fastemb the second step makes the vectors, too.

    def scan_vocab(
        self,
        corpus_iterable: Any = None,
        corpus_file: Path | None = None,
        progress_per: int = 10000,
        workers: int | None = None,
        trim_rule: vocabulary.TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count the words of a corpus, into `raw_vocab`; `prepare_vocab` goes on from there.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As `sentences` and `corpus_file` of the class.
        progress_per, workers, trim_rule
            Accepted for gensim's sake, without effect.

        Returns
        -------
        words, sentences : int
            Their numbers in the corpus.
        """
        counted = count_and_encode(self._source(corpus_iterable, corpus_file), self._limits(self.max_vocab_size))
        self.raw_vocab = vocabulary.known_counts(counted.words, counted.counts)
        return counted.corpus.words, counted.corpus.sentences

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: vocabulary.TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the words of `raw_vocab` to keep, and make their vectors.

        Parameters
        ----------
        update, keep_raw_vocab, trim_rule
            As of `build_vocab`.
        min_count, sample : optional
            Replace the model's.
        dry_run : bool, default False
            Change nothing, only say what would be.

        Returns
        -------
        dict
            'num_retained_words' words would be left, occurring 'retain_total' times, and 'drop_unique' go;
            of those left, 'downsample_unique' are down-sampled, to a corpus of 'downsample_total' words.
        """
        words, counts = list(self.raw_vocab), np.fromiter(self.raw_vocab.values(), np.int64, len(self.raw_vocab))
        min_count = whole("min_count", self.min_count if min_count is None else min_count, 0)
        sample = rate("sample", self.sample if sample is None else sample)
        least = vocabulary.effective_min_count(counts, min_count, self.max_final_vocab)
        kept = counts[vocabulary.select_words(words, counts, least, trim_rule)]
        keep = vocabulary.keep_probabilities(kept, sample)
        if not dry_run:
            with unless_refused(self):
                self.min_count, self.sample = min_count, sample
                self._set_vocabulary(Counted(words, counts, EncodedCorpus([])), trim_rule, update, keep_raw_vocab)
        return {
            "drop_unique": len(words) - len(kept),
            "retain_total": int(kept.sum()),
            "downsample_unique": int((keep < 1).sum()),
            "downsample_total": int((keep * kept).sum()),
            "num_retained_words": len(kept),
        }

    def prepare_weights(self, update: bool = False) -> None:
        """Make the vectors anew, or with `update` keep those that there are."""
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def update_weights(self) -> None:
        """Nothing is left to do: words get their vectors when they enter the vocabulary.

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.
        """
        if not len(self.wv):
            raise RuntimeError("update_weights() needs a vocabulary to begin with")

    def add_null_word(self) -> None:
        r"""Add the word '\\0', counted once."""
        self._extend_vocabulary(["\0"], np.ones(1, np.int64))

    def reset_from(self, other_model: Any) -> None:
        """Take over another model's vocabulary and phrases, and begin with fresh vectors. The two stay independent.

        Parameters
        ----------
        other_model : Word2Vec
        """
        if not isinstance(other_model, Compatibility):
            raise TypeError(f"other_model must be a model as this, not {type(other_model).__name__}")
        wv, counts = other_model.wv, other_model.wv._counts().copy()
        self._take_phrases_of(other_model)
        self.wv = self._new_vectors(list(wv.index_to_key), counts)
        self.wv.expandos |= {name: values.copy() for name, values in wv.expandos.items()}
        self._noise = other_model._noise
        self.corpus_count, self.corpus_total_words = other_model.corpus_count, other_model.corpus_total_words
        self._init_outputs()

    # The rest.

    @property
    def layer1_size(self) -> int:
        """Another name of `vector_size`."""
        return self.vector_size

    @cached_property
    def random(self) -> np.random.RandomState:
        """A generator that begins with `seed`; training has generators of its own, which begin with it, too."""
        return np.random.RandomState((self.seed or 0) % 2**32)

    @deprecated("pseudorandom_weak_vector of fastemb.models.keyedvectors")
    def seeded_vector(self, seed_string: str, vector_size: int) -> NDArray[np.float32]:
        """As `pseudorandom_weak_vector`. Deprecated."""
        return pseudorandom_weak_vector(vector_size, seed_string, self.hashfxn)

    @deprecated("wv.fill_norms")
    def init_sims(self, replace: bool = False) -> None:
        """Compute the lengths of the vectors, or with `replace` divide the vectors by them. Deprecated."""
        self.wv.fill_norms()
        if replace:
            self.wv.vectors = self.wv.get_normed_vectors()

    def estimate_memory(self, vocab_size: int | None = None, report: dict[str, int] | None = None) -> dict[str, int]:
        """Bytes that a model of so many words takes, by gensim's estimate.

        Parameters
        ----------
        vocab_size : int, optional
            Default: of this vocabulary.
        report : dict of str to int, optional
            To be added to.

        Returns
        -------
        dict of str to int
            For each part, and as 'total'.
        """
        words, report = vocab_size or len(self.wv), report or {}
        outputs = 4 * words * self.layer1_size
        report |= {"vocab": words * (700 if self.hs else 500), "vectors": 4 * words * self.vector_size}
        report |= {name: outputs for name in ("syn1", "syn1neg") if (self.hs if name == "syn1" else self.negative)}
        report["total"] = sum(report.values())
        logger.info("%d words of %d dimensions take about %d bytes", words, self.vector_size, report["total"])
        return report
