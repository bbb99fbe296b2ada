"""Word2Vec (Mikolov et al. 2013): skip-gram and CBOW, with negative sampling and hierarchical softmax."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from itertools import chain, count, repeat
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastemb import vocabulary
from fastemb._absent import refusing
from fastemb._gates import alone, alone_in_it
from fastemb._numbers import Check, rate, whole
from fastemb.corpus import (
    BrownCorpus,
    Counted,
    EncodedCorpus,
    Limits,
    LineSentence,
    PathLineSentences,
    Source,
    Text8Corpus,
    count_and_encode,
    encode,
    encode_as_counted,
)
from fastemb.formats import gensim
from fastemb.kernels.sgd import specs
from fastemb.models import _from_gensim
from fastemb.models._compatibility import Compatibility
from fastemb.models._frequencies import CONTEXTS, counts_misfit, noise_of, noise_of_contexts
from fastemb.models._outputs import Outputs
from fastemb.models._phrasing import Phrasing
from fastemb.models._positions import Positions
from fastemb.models._published import Published
from fastemb.models._random import pseudorandom_weak_vector
from fastemb.models._refusing import unless_refused
from fastemb.models._remarks import warn_of_alike, warn_of_nothing, warn_without_corpus
from fastemb.models._weighted import Weighted, weights_of_sentences
from fastemb.models.base import Model
from fastemb.models.callbacks import Callbacks
from fastemb.models.files import check_init_from, vectors_to_begin_with
from fastemb.models.keyedvectors import KeyedVectors, check_mmap, random_vectors
from fastemb.models.parameters import Path, Sentences, check_memory, one_of, pairs_alone, translate_old_names
from fastemb.models.presets import WORD2VEC, with_presets
from fastemb.training import BlockLimits, Progress, Run, Schedule, SgdTrainer, Task, block_limits, fit, rows_met

__all__ = [
    "CORPUSFILE_VERSION",
    "FAST_VERSION",
    "MAX_WORDS_IN_BATCH",
    "BrownCorpus",
    "KeyedVectors",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "Word2Vec",
    "pseudorandom_weak_vector",
]

logger = logging.getLogger(__name__)

# What gensim tells of its kernels: that they are compiled, for single precision, and read files. Its batches end here.
FAST_VERSION = CORPUSFILE_VERSION = 1
MAX_WORDS_IN_BATCH = 10000
__getattr__ = refusing("gensim.models.word2vec")

TREE = ("tree.starts", "tree.nodes", "tree.labels")


class Word2Vec(Compatibility, Outputs, Positions, Published, Weighted, Phrasing, Model):
    """Train vectors for words from the words around them.

    Parameters
    ----------
    sentences : iterable of iterables, optional
        Sentences, each an iterable of words; a word is a str or an int. Lists, restartable
        iterables and one-shot generators will do: the input is read once, and encoded.
        Without sentences or `corpus_file` the model is left untrained.
    corpus_file : str or os.PathLike, optional
        A UTF-8 text file instead: a sentence a line, words separated by whitespace. Names that end
        in .gz, .bz2, .xz or .zst are of compressed files; a folder stands for all its files, in the
        order of their names.
    vector_size : int, default 100
    alpha : float, default 0.025
        Learning rate at the beginning. It falls linearly, with the share of the words
        that were read over all epochs, to `min_alpha`.
    window : int, default 5
        How far, in words, context reaches to each side.
    min_count : int, default 5
        Leave out words that occur less often.
    max_vocab_size : int, optional
        While counting, when there are more different words than this, forget rare ones: at first none, the next time
        those seen once, then those seen at most twice, and so on, as gensim does. Text files are looked at after
        each MiB, other corpora after each sentence. A word that was forgotten and is seen
        again counts from 1 anew, and what was seen of it before is not trained.
    sample : float, default 1e-3
        Down-sample words whose share of the corpus is above this (word2vec.c); 0 or None keeps all.
    seed : int or None, default 1
        Same seed, input, version and type of machine with ``workers=1``: same vectors, to
        the bit, in any process. See `deterministic` for more workers. None draws one, which `seed` then is.
    workers : int or None, default 3
        Threads; -1 and None for one for each core, the number of which `workers` then is.
    min_alpha : float, default 0.0001
    sg : {0, 1}, default 0
        1 for skip-gram, 0 for CBOW.
    hs : {0, 1}, default 0
        1 for hierarchical softmax over a Huffman tree; with `negative` as well, both are trained.
    negative : int, default 5
        Noise words for each pair of words, at most a million. A few windows share theirs, weighted so that
        each pair meets as much noise as if it had its own (Ji et al. 2016). See `shared_noise`.
    ns_exponent : float, default 0.75
        Noise is drawn in proportion to the words' counts to this power.
    cbow_mean : {0, 1}, default 1
        CBOW predicts from the mean (1) or the sum (0) of the context vectors. The gradient of a
        mean is not divided by the number of words, that of a sum is: as in gensim. See `corrected_cbow`.
    hashfxn : callable, default hash
        Accepted for gensim's sake, without effect.
    epochs : int, default 5
    null_word : {0, 1}, default 0
        1 adds the word '\\0', counted once.
    trim_rule : callable, optional
        `trim_rule(word, count, min_count)` returns 0 or None (decide by `min_count`), 1 (drop) or 2 (keep).
    sorted_vocab : {0, 1}, default 1
        Order of the vocabulary: by count, descending, then by first appearance; with 0, by
        first appearance alone.
    batch_words : int, default 10000
        Accepted for gensim's sake, without effect.
    compute_loss : bool, default False
        Measure the loss: see `epoch_losses`.
    callbacks : iterable of CallbackAny2Vec, optional
        See `fastemb.models.callbacks`.
    comment : str, optional
        Kept, and saved with the model.
    max_final_vocab : int, optional
        Raise `min_count` until at most so many words are left.
    shrink_windows : bool, default True
        Draw each window's width uniformly from 1 … `window`, so that nearer words count more.
    reread : bool, default False
        Iterate over `sentences` anew for every epoch, as gensim does: for iterables that
        resample or shuffle in `__iter__`.
    progress : bool, default False
        Show a progress bar on standard error.
    unicode_errors : {'strict', 'ignore', 'replace'}
        What to do with bytes of `corpus_file` that are not UTF-8: raise, leave them out, or put
        U+FFFD in their place.
    memory_budget : int, default 2**30
        Bytes that the encoded corpus may take (4 for a word, 8 for a sentence); what is more goes
        to a temporary file, which is read again in every epoch and is gone afterwards. A single sentence is held
        in memory, however long. Where pieces of that file begin, noise is drawn anew: other budgets, other bits.
    corrected_cbow : bool, default False
        Give each context vector the true gradient: divided by the number of words when CBOW predicts
        from their mean, undivided when from their sum (İrsoy, Benton and Stratos 2021, "koan"). It makes
        steps smaller, so it wants a larger `alpha`: the paper takes 0.075 for text. What the bench saw on
        100 MB of English, five epochs, as WordSim-353, SimLex-999 and analogies: .64, .30 and 30 % with alpha
        0.075, .66, .32 and 33 % with 0.15, but .48, .25 and 15 % with the default; without the correction
        .60, .27 and 28 % with the default, and .67, .30 and 34 % with alpha 0.05.
    shared_noise : bool, default True
        False draws noise words for each pair of words anew, as word2vec.c and gensim do: skip-gram then takes five
        to eight times as long. After five epochs on 100 MB of English, WordSim-353, SimLex-999 and analogies were the
        same but for chance.
    deterministic : bool, default False
        With several workers, too, the same seed and number of workers give the same vectors, to the bit. Each worker
        trains copies of the rows that it meets in a piece of the corpus; then all wait, and their changes are added up
        (those of very frequent words are averaged) in a fixed order. It takes two to three times as long.
    position_weights : bool, default False
        In CBOW, multiply each context vector, number by number, by a learnt one of its offset from the centre, counted
        after subsampling (Mikolov et al. 2018): `position_vectors`, float32, of the offsets -1, 1, -2, 2, …, which
        begin at 1 and are kept for training alone.
    init_from : model, KeyedVectors, str or os.PathLike, optional
        Vectors to begin with, or a file of them (a saved model, or any format that `load_vectors` reads): words
        that it has begin there (of a model with ``output="sum"`` as they were trained), others at random. It is used
        when the vocabulary is built, and forgotten then; set it again for new words of ``build_vocab(update=True)``.
    freeze : bool, default False
        Leave the vectors from `init_from` as they are, and n-grams that they are made of; see
        `KeyedVectors.vectors_lockf`.
    phrases : int, Phrases, FrozenPhrases or list of these, default 0
        Join phrases to one word each while encoding: so many passes, each learnt as by ``Phrases()`` from what the one
        before has joined; or those given, of which ones without words are learnt. See `phrasers`, and `Phrases`.
    distance_decay : float, default 0
        A context word k words away, counted after subsampling, counts k^-distance_decay; in skip-gram its noise does
        too. 0: all alike, but for `shrink_windows`.
    context : {'both', 'before', 'after'}
        On which side of a word its context is.
    pairs : iterable of (word, context), optional
        In place of sentences: words are trained to predict the contexts that they stand with here, whatever these are
        (Levy and Goldberg 2014, "word2vecf"); noise is drawn from contexts, by their counts, the attribute
        'context_count' of words. Both get vectors: words in `wv`, contexts in `syn1neg`. `context` is "before" then.
        `fastemb.corpus.Pairs` is for `train` and `build_vocab`.
    sentence_weights : array-like of float, shape (sentences,), optional
        What the gradient of each sentence's pairs is multiplied by, as for how recent or important it is: 0 is not
        trained. Counts, and how often words are noise, do not change. Weights far above 1 want a smaller `alpha`.
        Of a file, only lines with words are sentences. Kept for this training and its checkpoints; not with `reread`.
    output : {'word', 'sum'}
        What `wv` holds after training: the input vectors, or of each word its input vector and twice its output
        vector, each divided by its length, added up, less the mean of all words. `input_vectors` then keeps the
        former, with which training goes on; callbacks find them in `wv`, but `save()` writes both. Who changes some
        vectors of `wv` afterwards changes what is trained further. Needs `negative`.
    preset : {'best', 'fast'}, optional
        Settings for what is not given here: ``Word2Vec.PRESETS[preset]``, of the best vectors known or of a first look.
    **old_names
        `size` and `iter`, the old names of `vector_size` and `epochs`.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors. `wv.vectors` is float32 of shape (words, vector_size), C-contiguous.
    syn1neg : ndarray of float32, shape (words, vector_size)
        The output matrix of negative sampling; absent with ``negative=0``.
    syn1 : ndarray of float32, shape (words, vector_size)
        The vectors of the inner nodes; only with ``hs=1``.
    phrasers : list of FrozenPhrases
        With `phrases`: the passes, through which sentences go one after another: ``phrasers[0][sentence]``, and so on.
    epoch_losses : list of float
        With `compute_loss`, for each epoch of the last call of `train` the mean over positive pairs (a
        context word and a centre, in CBOW a context and a centre) of -log σ(positive) - Σ log σ(-noise),
        and of -Σ log σ(±node) along the path with hierarchical softmax; with both, of their sum. NaN without pairs.
    corpus_count, corpus_total_words : int
        Sentences and words that `build_vocab` saw.
    train_count, total_train_time : int, float
        Calls of `train`, and the seconds that they took.
    run : fastemb.training.Run or None
        While the model trains, for callbacks: how far it has come.

    Raises
    ------
    TypeError
        If the input is of the wrong type.
    ValueError
        If a parameter is out of range, or no word is left. Whole numbers may be up to 2**63 - 1, but `vector_size`,
        `window`, `epochs`, `workers` and `batch_words` up to 2**31 - 1, and `seed` up to 2**64 - 1.
    MemoryError
        If the matrices would take more memory than the machine has; before any is taken.

    Examples
    --------
    >>> from fastemb import Word2Vec
    >>> model = Word2Vec([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1)
    >>> model.wv["cat"].shape
    (100,)
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        *("vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample", "seed", "workers", "min_alpha"),
        *("sg", "hs", "negative", "ns_exponent", "cbow_mean", "epochs", "null_word", "sorted_vocab", "batch_words"),
        *("compute_loss", "comment", "max_final_vocab", "shrink_windows", "reread", "unicode_errors", "memory_budget"),
        *("corrected_cbow", "shared_noise", "deterministic", "position_weights", "phrases", "output", "preset"),
        *("distance_decay", "context"),
    )
    PRESETS = WORD2VEC
    CHECKS: ClassVar[Mapping[str, Check]] = {"output": partial(one_of, ("word", "sum"))}
    FREE = ("workers", "memory_budget", "batch_words", "comment")
    STATE = (
        *Model.STATE,
        *("corpus_count", "corpus_total_words"),
        *("effective_min_count", "min_alpha_yet_reached", "running_training_loss"),
    )

    syn1neg: NDArray[np.float32]
    syn1: NDArray[np.float32]

    @with_presets
    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: Path | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float | None = 1e-3,
        seed: int | None = 1,
        workers: int | None = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Any = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: vocabulary.TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10000,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        *,
        reread: bool = False,
        progress: bool = False,
        unicode_errors: str = "strict",
        memory_budget: int = 2**30,
        corrected_cbow: bool = False,
        shared_noise: bool = True,
        deterministic: bool = False,
        position_weights: bool = False,
        init_from: Model | KeyedVectors | Path | None = None,
        freeze: bool = False,
        phrases: Any = 0,
        distance_decay: float = 0.0,
        context: str = "both",
        pairs: Iterable[Any] | None = None,
        sentence_weights: Any = None,
        output: str = "word",
        preset: str | None = None,
        **old_names: Any,
    ):
        renamed = {"vector_size": vector_size, "epochs": epochs} | translate_old_names(type(self), old_names)
        self.vector_size, self.epochs = renamed["vector_size"], renamed["epochs"]
        self.alpha, self.min_alpha = alpha, min_alpha
        self.window, self.min_count = window, min_count
        self.max_vocab_size, self.max_final_vocab = max_vocab_size, max_final_vocab
        self.sample: float = sample  # type: ignore[assignment]  # None is looked at below
        self.seed: int = seed  # type: ignore[assignment]
        self.workers: int = workers  # type: ignore[assignment]
        self.sg, self.hs, self.negative, self.cbow_mean = sg, hs, negative, cbow_mean
        self.ns_exponent = ns_exponent
        self.hashfxn = hashfxn
        self.null_word, self.sorted_vocab = null_word, sorted_vocab
        self.batch_words = batch_words
        self.compute_loss, self.progress = compute_loss, bool(progress)
        self.comment = comment
        self.shrink_windows, self.reread = shrink_windows, reread
        self.unicode_errors = unicode_errors
        self.memory_budget = memory_budget
        self.corrected_cbow, self.shared_noise, self.deterministic = corrected_cbow, shared_noise, deterministic
        self.position_weights = position_weights
        self.distance_decay, self.context = distance_decay, context
        if pairs is not None:
            sentences, self.context = pairs_alone(pairs, sentences, corpus_file), "before"
        self.output, self.preset = output, preset
        self._take_weights(sentence_weights)
        self._take_phrases(phrases)
        self._check_parameters()
        self.min_alpha_yet_reached = self.alpha
        self.init_from = init_from
        self.freeze = bool(freeze)
        check_init_from(init_from)

        self.wv = self._new_vectors([], np.empty(0, np.int64))
        self._init_outputs()
        self.raw_vocab: dict[str | int, int] = {}
        self.effective_min_count = self.min_count
        self.corpus_count = self.corpus_total_words = 0
        self.train_count = 0
        self.total_train_time = 0.0
        self.running_training_loss = 0.0
        self.epoch_losses: list[float] = []

        if sentences is None and corpus_file is None:
            warn_without_corpus(trim_rule, callbacks, self.sentence_weights)
        elif type(self).build_vocab is not Word2Vec.build_vocab or type(self).train is not Word2Vec.train:
            # As gensim calls them.
            self._source(sentences, corpus_file, passes=2)
            self.build_vocab(corpus_iterable=sentences, corpus_file=corpus_file, trim_rule=trim_rule)
            self.train(
                corpus_iterable=sentences, corpus_file=corpus_file, total_examples=self.corpus_count,
                total_words=self.corpus_total_words, epochs=self.epochs, start_alpha=self.alpha,
                end_alpha=self.min_alpha, compute_loss=self.compute_loss, callbacks=callbacks,
                **({} if sentence_weights is None else {"sentence_weights": sentence_weights}),
            )  # fmt: skip
        else:
            source = self._source(sentences, corpus_file, passes=2 if self._rereads() else 1)
            counted = self._build_vocab(source, trim_rule)
            with alone(self, "train()"):
                self._train(*self._prepared(source, None if self._rereads() else counted.corpus), callbacks)
        self.add_lifecycle_event("created", params=str(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, alpha={self.alpha}>"

    # The vocabulary.

    @alone_in_it
    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Path | None = None,
        update: bool = False,
        progress_per: int = 10000,
        keep_raw_vocab: bool = False,
        trim_rule: vocabulary.TrimRule | None = None,
        *,
        min_count: int | None = None,
        sample: float | None = None,
    ) -> None:
        """Count the words of a corpus and make vectors for those that are frequent enough.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As `sentences` and `corpus_file` of the class.
        update : bool, default False
            Keep the vocabulary and its vectors, and add to it: known words gain the new counts, however low; new ones
            that are frequent enough follow after them with fresh vectors. With ``hs=1`` counts stay if there is no new
            word, for the tree is made of them.
        progress_per : int
            Accepted for gensim's sake, without effect.
        keep_raw_vocab : bool, default False
            Leave the counts of all words in `raw_vocab`.
        trim_rule : callable, optional
            As of the class.
        min_count, sample : optional
            Replace those of the model.

        Raises
        ------
        ValueError
            If the corpus has no words, or none that occurs often enough.
        """
        with unless_refused(self):
            source = self._source(corpus_iterable, corpus_file)
            self.min_count = whole("min_count", self.min_count if min_count is None else min_count, 0)
            self.sample = rate("sample", self.sample if sample is None else sample)
            self._build_vocab(source, trim_rule, update, keep_raw_vocab)

    @alone_in_it
    def build_vocab_from_freq(
        self,
        word_freq: Mapping[str | int, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: vocabulary.TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """As `build_vocab`, from counts that are known already.

        Parameters
        ----------
        word_freq : mapping of str or int to int
        keep_raw_vocab, trim_rule, update
            As of `build_vocab`.
        corpus_count : int, optional
            Sentences in the corpus, to be remembered.
        """
        if not isinstance(word_freq, Mapping):
            raise TypeError(f"word_freq must be a mapping of words to counts, not {type(word_freq).__name__}")
        counts = np.array([whole("a count", count, 0) for count in word_freq.values()], np.int64)
        counted = Counted(list(word_freq), counts, EncodedCorpus([]))
        sentences = whole("corpus_count", corpus_count or 0, 0)
        with unless_refused(self):
            self._set_vocabulary(counted, trim_rule, update, keep_raw_vocab)
        self.corpus_count = sentences
        self.corpus_total_words = int(counts.sum())

    def _build_vocab(
        self,
        source: Source,
        trim_rule: vocabulary.TrimRule | None,
        update: bool = False,
        keep_raw_vocab: bool = False,
    ) -> Counted:
        """Build the vocabulary; encode the corpus with it."""
        if not update:
            self._forget_phrases()
        counted = count_and_encode(source, self._limits(self.max_vocab_size))
        if not counted.words and update and len(self.wv):
            logger.warning("build_vocab(update=True): the corpus has no words, and nothing is changed")
            return counted
        if not counted.words:
            raise vocabulary.EmptyVocabulary(f"the corpus has no words ({counted.corpus.sentences} sentences)")
        self._set_vocabulary(counted, trim_rule, update, keep_raw_vocab)
        self.corpus_count = counted.corpus.sentences
        self.corpus_total_words = counted.corpus.words
        self.add_lifecycle_event("build_vocab", update=update, trim_rule=str(trim_rule))
        return counted

    def _limits(self, vocabulary: int | None = None) -> Limits:
        return Limits(self.workers, self.memory_budget, vocabulary)

    def _set_vocabulary(
        self, counted: Counted, trim_rule: vocabulary.TrimRule | None, update: bool, keep_raw_vocab: bool
    ) -> None:
        """Choose the words, make their vectors, and number the corpus accordingly."""
        words, counts = counted.words, counted.counts
        known = self.wv.key_to_index if update else {}
        kept, self.effective_min_count = vocabulary.choose_words(
            words, counts, self.min_count, self.max_final_vocab, trim_rule, bool(self.sorted_vocab), known
        )
        if not len(kept) and not (update and len(self.wv)):
            raise vocabulary.no_word_left(words, counts, self.min_count, self.max_final_vocab, trim_rule)
        given, before = self.init_from, len(self.wv) if update else 0
        earlier = self.wv.expandos.get(CONTEXTS, self.wv.expandos.get("count")) if update else None
        new = sum(words[k] not in known for k in kept)
        check_memory((before + new) * (1 + len(self._outputs())), self.vector_size)
        pretrained = None if given is None else vectors_to_begin_with(given, self.vector_size)
        chosen, chosen_counts = [vocabulary.as_copy(words[k]) for k in kept], counts[kept]
        in_corpus, total = list(chosen), len(words)
        self.raw_vocab = {}
        if keep_raw_vocab:
            self.raw_vocab = vocabulary.known_counts(words, counts)
        # Most words are left out, and their memory is needed for vectors. It is given back in large pieces: in
        # none of them may be a word that stays.
        words = counted.words = []
        if update:
            self._extend_vocabulary(chosen, chosen_counts)
        else:
            if self.null_word and "\0" not in chosen:
                place = int(np.searchsorted(-chosen_counts, -1, "right")) if self.sorted_vocab else len(chosen)
                chosen.insert(place, "\0")
                chosen_counts = np.insert(chosen_counts, place, 1)
            locks = self.wv.vectors_lockf
            self.wv = self._new_vectors(chosen, chosen_counts)
            if len(locks) == 1:  # else they were those of other words
                self.wv.vectors_lockf = locks
            self._init_outputs()
        if in_corpus:
            self._noise = noise_of_contexts(self.wv, counted.contexts, earlier, self.ns_exponent)
        if pretrained is not None:
            self._begin_with(pretrained, before)
        numbers = np.full(len(counts), -1, np.int32)
        numbers[kept] = list(map(self.wv.key_to_index.__getitem__, in_corpus))
        counted.corpus.renumber(numbers)
        found = len(self.wv), total, self.effective_min_count
        logger.info("vocabulary of %d of %d words, with a count of at least %d", *found)

    def _extend_vocabulary(self, words: list[str | int], counts: NDArray[np.int64]) -> None:
        if "count" not in self.wv.expandos:
            raise RuntimeError("build_vocab(update=True) needs a vocabulary to begin with")
        if not words:
            logger.warning("build_vocab(update=True): no word is known or occurs often enough, and none is added")
            return
        added = [word for word in words if word not in self.wv.key_to_index]
        if self.hs and not added and len(self.syn1) == len(self.wv):  # other counts: another tree, other nodes
            return
        self._unpublish()
        before, locks = len(self.wv), self.wv.vectors_lockf
        self._add_words(added)
        if len(locks) > 1:
            self.wv.vectors_lockf = np.append(np.resize(locks, before), np.ones(len(added), np.float32))
        all_counts = np.array(self.wv._counts())  # a copy: those of a mapped file are read-only
        all_counts[[self.wv.key_to_index[word] for word in words]] += counts
        self.wv.expandos["count"] = all_counts
        if self.negative:
            gained = max(len(self.wv) - len(self.syn1neg), 0)  # those that were put into `wv` before, too
            self.syn1neg = np.concatenate([self.syn1neg, np.zeros((gained, self.layer1_size), np.float32)])
        if self.hs:  # another tree: its nodes are others
            self.tree = None
            self.syn1 = np.zeros((len(self.wv), self.layer1_size), np.float32)

    # What models whose words are more than one row do otherwise.

    def _new_vectors(self, words: list[str | int], counts: NDArray[np.int64]) -> KeyedVectors:
        """Random vectors, the same as gensim's."""
        vectors = random_vectors((len(words), self.vector_size), self.seed)
        return KeyedVectors.from_arrays(words, vectors, {"count": counts} if len(words) else {})

    def _add_words(self, words: list[str | int]) -> None:
        """Add words with random vectors."""
        size = (len(self.wv) + len(words), self.vector_size)
        self.wv.add_vectors(words, random_vectors(size, self.seed)[len(self.wv) :])

    def _saved_vectors(self, arrays: dict[str, NDArray[Any]], name: str) -> KeyedVectors:
        """The vectors among the arrays of a file."""
        return KeyedVectors.from_native(arrays, name)

    def _words(self, limits: BlockLimits) -> tuple[specs.Rows, BlockLimits]:
        """What the words of a task are, and how many of them a batch may then have."""
        self.wv.vectors = trainable(self.wv.vectors)
        return specs.Rows(self.wv.vectors, np.require(self.wv.vectors_lockf, np.float32, ["C", "ALIGNED"])), limits

    def _training_workers(self) -> int:
        return self.workers

    def _vectors_changed(self) -> None:
        """To be called after training."""
        self.wv.norms = None

    def _begin_with(self, known: KeyedVectors, first: int) -> None:
        """Take the vectors of the words from row `first` on from others, where those have them."""
        self.init_from = None
        words = self.wv.index_to_key
        rows = [row for row in range(first, len(words)) if words[row] in known.key_to_index]
        self._take_vectors(known, rows, fresh=first == 0)
        level = logging.INFO if rows else logging.WARNING
        logger.log(level, "%d of %d words begin with vectors from init_from", len(rows), len(words) - first)
        if self.freeze:
            self.wv._lock(rows, 0)

    def _take_vectors(self, known: KeyedVectors, rows: list[int], fresh: bool) -> None:
        """Let the words of these rows have the vectors that they have elsewhere."""
        keys = [self.wv.index_to_key[row] for row in rows]
        if rows:  # else they need not be copied, of a mapped file
            self.wv._editable()[rows] = known.vectors[[known.key_to_index[key] for key in keys]]

    def init_weights(self) -> None:
        """Make the vectors anew: random input vectors, the same as gensim's, and output vectors of zeros."""
        self.wv.vectors = random_vectors((len(self.wv), self.vector_size), self.seed)
        self._init_outputs()

    def _init_outputs(self) -> None:
        shape = (len(self.wv), self.layer1_size)
        self.tree = self.position_vectors = self.input_vectors = None
        if self.negative:
            self.syn1neg = np.zeros(shape, np.float32)
        if self.hs:
            self.syn1 = np.zeros(shape, np.float32)

    # Training.

    @alone_in_it
    def train(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Path | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        *,
        sentence_weights: Any = None,
    ) -> tuple[int, int]:
        """Train on a corpus, whose words are looked up in the vocabulary.

        Parameters
        ----------
        corpus_iterable, corpus_file
            As `sentences` and `corpus_file` of the class.
        total_examples, total_words : int, optional
            Sentences or words in the corpus, by which the learning rate falls. Counted if not
            given; gensim insists on one of them.
        epochs : int, optional
            Default: the model's.
        start_alpha, end_alpha : float, optional
            Learning rates that replace the model's `alpha` and `min_alpha`. A further call wants a lower
            `start_alpha`: without it, training begins at `alpha` again, with a warning in the log.
        word_count : int, default 0
            Words trained before, by which the learning rate has fallen already.
        queue_factor, report_delay
            Accepted for gensim's sake, without effect.
        compute_loss : bool, default False
            As of the class.
        callbacks : iterable of CallbackAny2Vec, optional
        sentence_weights : array-like of float, shape (sentences,), optional
            As of the class.

        Returns
        -------
        trained, raw : int
            Words that were trained (in the vocabulary, and not dropped by `sample`), and all
            words, over all epochs.

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.
        TrainingDiverged
            If NaN or infinity was found in the matrices, which are looked at several times a second,
            and wholly at the end of each epoch. The model is brought back to its last `Checkpoint`, if there is one
            among the callbacks, or else to the end of the epoch before, which a temporary file keeps.
        ValueError
            If there was NaN or infinity before in what would be trained.
        """
        with unless_refused(self):
            self._check_parameters()
            self.epochs = whole("epochs", self.epochs if epochs is None else epochs, 1)
            before, self.alpha = self.alpha, rate("start_alpha", self.alpha if start_alpha is None else start_alpha)
            if start_alpha is not None and self.alpha <= before:  # a further call begins anew as it should
                self.min_alpha_yet_reached = max(self.min_alpha_yet_reached, self.alpha)
            self.min_alpha = rate("end_alpha", self.min_alpha if end_alpha is None else end_alpha)
            self.compute_loss = bool(compute_loss)
            self._take_weights(sentence_weights)
            source = self._source(corpus_iterable, corpus_file, passes=self.epochs if self._rereads() else 1)
            prepared = self._prepared(source, None, total_examples, total_words, word_count)
            return self._train(*prepared, callbacks)

    def get_latest_training_loss(self) -> float:
        """Sum of the loss over all positive pairs since the last call of `train` began, up to its last whole epoch."""
        return self.running_training_loss

    def _prepared(
        self, source: Source, corpus: EncodedCorpus | None, examples: Any = None, words: Any = None, before: Any = 0
    ) -> tuple[Source, EncodedCorpus, Run]:
        """What to train on: `corpus`, the encoded source, if it is given; else the source is read."""
        if not len(self.wv):
            raise RuntimeError("you must first build vocabulary before training the model")
        self._check_outputs()
        source = self._with_hook(source)
        total_words, total_examples = whole("total_words", words or 0, 0), whole("total_examples", examples or 0, 0)
        word_count = whole("word_count", before, 0)
        counted = corpus is not None
        if corpus is None:
            corpus = encode(source, self.wv.key_to_index, self._limits())
        if not total_words:
            total_words = corpus.words
            if total_examples:
                total_words = total_words * total_examples // max(corpus.sentences, 1)
        if total_words != corpus.words and not word_count:
            logger.warning("the corpus has %d words, not %d: the learning rate will be off", corpus.words, total_words)
        return source, corpus, Run(Progress(self.alpha), total_words, word_count, self.train_count, counted)

    def _train(self, source: Source, corpus: EncodedCorpus, run: Run, callbacks: Iterable[Any]) -> tuple[int, int]:
        self._begin_training()
        self._train_on(source, corpus, run, callbacks)
        return run.progress.trained, run.progress.raw

    def _go_on(self, run: Run, sentences: Any, corpus_file: Path | None, callbacks: Any) -> None:
        source = self._with_hook(self._source(sentences, corpus_file, passes=self.epochs if self._rereads() else 1))
        limits = self._limits(self.max_vocab_size if run.counted else None)
        corpus = encode_as_counted(source, self.wv.key_to_index, limits)
        self._train_on(source, corpus, run, callbacks)

    def _train_on(self, source: Source, corpus: EncodedCorpus, run: Run, callbacks: Iterable[Any]) -> None:
        """Train on `corpus`, the encoded source, from where `run` stands to the end."""
        self._check_weights(corpus)
        once = not self._rereads() or not isinstance(source, Iterable)
        if once:
            run.take_corpus(corpus)
        read_anew = (encode(source, self.wv.key_to_index, self._limits()) for _ in count())
        schedule = Schedule(self.alpha, self.min_alpha, self.epochs * run.total_words, run.word_count)

        def make_task() -> Task:
            task = self._task(corpus, run.number)
            run.met = lru_cache(2)(partial(rows_met, task, corpus)) if once else None
            return task

        def publish() -> None:
            self.min_alpha_yet_reached = run.progress.alpha
            self._vectors_changed()

        corpora = repeat(corpus) if once else chain([corpus], read_anew)
        self._check_published()
        try:
            self._unpublish()  # before a task takes the arrays
            trainer = SgdTrainer(make_task, corpora, schedule, run.progress, publish)
            pairs = fit(self, trainer, run, Callbacks(callbacks, self))
        finally:
            self._publish()
            self.sentence_weights = None
        if not run.stopped:
            self._remark(run, pairs)

    def _remark(self, run: Run, pairs: list[int]) -> None:
        """Warn of training that did little."""
        warn_of_nothing(run.progress, pairs, self.sample, self._frequencies().share)
        if not self.train_count > 1 and 0 not in pairs:
            warn_of_alike(self._some_inputs, len(self.wv), run.progress.trained, self.epochs, self.alpha)

    def _forget_losses(self) -> None:
        super()._forget_losses()
        self.running_training_loss = 0.0

    def _count_loss(self, progress: Progress) -> None:
        super()._count_loss(progress)
        if self.compute_loss:
            self.running_training_loss += progress.loss

    def _task(self, corpus: EncodedCorpus, number: int) -> Task:
        """What call `number` of `train` trains, and how."""
        words, limits = self._words(self._block_limits(corpus))
        return Task(
            inputs=self._inputs(words, limits, corpus),
            objectives=self._objectives(limits),
            keep=self._frequencies().bits,
            window=self.window,
            shrink_windows=self.shrink_windows,
            before=self.context != "after",
            after=self.context != "before",
            importance=self.sentence_weights,
            team=specs.Team(self._training_workers(), self.deterministic),
            seed=(self.seed or 0, number),  # gensim's programs may have set it to None
            measure=self.compute_loss,
        )

    def _block_limits(self, corpus: EncodedCorpus) -> BlockLimits:
        return block_limits(
            sg=bool(self.sg),
            hs=bool(self.hs),
            window=self.window,
            shrink_windows=self.shrink_windows,
            negative=self.negative,
            shared_noise=self.shared_noise,
            alpha=max(self.alpha, self.min_alpha),
            words=self._frequencies().kept,
            noise=self._frequencies().noise,
            sentence_length=corpus.words / max(corpus.sentences, 1),
            most_centres=corpus.most_centres if self.epochs == 1 else None,
        )

    def _inputs(self, words: specs.Rows, limits: BlockLimits, corpus: EncodedCorpus) -> specs.Inputs:
        known = None if self._rereads() else corpus
        positions, distances = self._grown_positions(known), self._distances(known)
        if self.sg:
            return specs.SkipGram(words, limits.rows, distances=distances)
        return specs.Cbow(words, limits.rows, *self._pooling(), positions, distances=distances)

    def _objectives(self, limits: BlockLimits) -> list[specs.Objective]:
        objectives: list[specs.Objective] = []
        # Users may have put any arrays here; training needs this kind, and writes to them.
        if self.negative:
            self.syn1neg = trainable(self.syn1neg)
            numbers = self.negative, limits.noise_words, limits.centres
            objectives.append(specs.Negatives(self.syn1neg, self._frequencies().table, *numbers))
        if self.hs:
            self.syn1 = trainable(self.syn1)
            objectives.append(specs.Tree(self.syn1, self._frequencies().paths_to_train(self._paths())))
        return objectives

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        met = self.run.met(epoch) if self.run is not None and self.run.met is not None else None
        names = {"inputs": "wv.vectors", "Negatives": "syn1neg", "Tree": "syn1", "tags": "dv.vectors"}
        return {} if met is None else {names[name]: rows for name, rows in met.items()}

    # Files.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the model, by name: its words and vectors, and the output matrices."""
        tree: dict[str, NDArray[Any]] = {} if self.tree is None else dict(zip(TREE, self.tree, strict=True))
        noise = {} if self._noise is None else {"noise": self._frequencies().noise}
        made = self.wv.to_arrays() | self._published_arrays() | self._kept_weights() | tree | noise
        return made | self._matrices_beside() | self._phrases_to_arrays()

    @classmethod
    def _read(cls, fname: Path, mmap: str | bool | None) -> Any:
        if gensim.looks_like_pickle(fname):
            return *_from_gensim.read_model(fname, check_mmap(mmap)), None
        return super()._read(fname, mmap)

    def _set_arrays(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        self.wv = self._saved_vectors(arrays, name)
        self._noise = noise_of(arrays, len(self.wv), name)
        starts, nodes, labels = (arrays.get(key) for key in TREE)
        self.tree = None if starts is None or nodes is None or labels is None else (starts, nodes, labels)
        for output in self._outputs():
            setattr(self, output, arrays.get(output))
        self._set_published(arrays, name)
        self.sentence_weights = weights_of_sentences(arrays.get("sentence_weights"))
        self._set_positions(arrays, name)
        self._set_phrases(arrays, name)

    def _matrices(self) -> dict[str, NDArray[Any]]:
        return {"wv.vectors": self.wv.vectors} | self._matrices_beside()

    def _matrices_beside(self) -> dict[str, NDArray[Any]]:
        """What is trained beside the rows of words and n-grams."""
        return {name: getattr(self, name) for name in self._outputs()} | self._positions()

    def _shapes(self) -> dict[str, tuple[Any, tuple[int, ...]]]:
        shape = (len(self.wv), self.vector_size)
        counts = self.wv._counts() if len(self.wv) else self.wv.expandos.get("count", ())
        words: dict[str, tuple[Any, Any]] = {name: (matrix, shape) for name, matrix in self._rows_of_words().items()}
        words |= {name: (matrix, shape) for name, matrix in self._kept_inputs().items()}
        words |= {name: (getattr(self, name), (len(self.wv), self.layer1_size)) for name in self._outputs()}
        return {"wv.expandos['count']": (counts, shape[:1])} | words

    def _misfit(self) -> str | None:
        of_tree = bool(self.hs) and self.tree is None
        return super()._misfit() or counts_misfit(self.wv.expandos.get("count", ()), of_tree)

    def _rows_of_words(self) -> dict[str, Any]:
        """The matrix that has the words' own rows, by the name that users know."""
        return {"wv.vectors": self.wv.vectors}

    def _too_high(self) -> str:
        summed = " with cbow_mean=0" if not self.sg and not self.cbow_mean else ""
        return f"alpha={self.alpha}{summed}{self._highest_weight()}"

    def _outputs(self) -> list[str]:
        """Names of the output matrices."""
        return ["syn1neg"] * bool(self.negative) + ["syn1"] * bool(self.hs)


def trainable(matrix: NDArray[Any]) -> NDArray[np.float32]:
    """The matrix itself if it can be trained in place, else a copy that can."""
    return np.require(matrix, np.float32, ["C", "W", "ALIGNED"])
