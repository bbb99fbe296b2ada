"""Texts to labels, as fastText's supervised models do it (Joulin et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, ClassVar

from fastemb._gates import alone, alone_in_it
from fastemb._numbers import rate, whole
from fastemb._paths import Path, Readable
from fastemb.models import _classifier_training as training
from fastemb.models import _classifier_vocabulary as vocabulary
from fastemb.models._classifier_parts import ARGUMENTS, Parts
from fastemb.models._classifier_quantizing import cut, quantized
from fastemb.models._refusing import unless_refused
from fastemb.models.base import Model
from fastemb.models.files import check_init_from
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.parameters import threads
from fastemb.training import Progress, Run, TrainingDiverged


class Classifier(Parts):
    """A linear classifier of texts over the mean of the vectors of their words and n-grams, as fastText's.

    Parameters
    ----------
    data : str, os.PathLike or open file, or iterable of (text, label) or (text, labels), or of texts; optional
        A file has a text in each line, with its labels, words that begin with `label_prefix`, before or between the
        others; it may be packed. Without data, call `train`.
    labels : iterable of str, or of lists of str, optional
        The label or the labels of each text, if `data` is of texts alone: two columns of a table, say.
    loss : {'softmax', 'hs', 'ns', 'ova'}, default 'softmax'
        A softmax over all labels; hierarchical softmax, for very many labels; negative sampling; or one-vs-all, a
        logistic regression for each label, for texts that have several. With the others, one of the labels of a text
        is drawn in each epoch.
    vector_size : int, default 100
    alpha : float, default 0.1
        The learning rate in the beginning; it falls to 0.
    epochs : int, default 5
    word_ngrams : int, default 1
        Words of the longest n-grams of words.
    min_n, max_n : int, default 0
        Characters of the shortest and the longest n-grams of words' characters; 0 is for none.
    bucket : int, default 2,000,000
        Rows to which n-grams of both kinds are hashed. Those that no text has take some 8 bytes each, and
        their numbers only in files.
    min_count, min_count_label : int, default 1 and 0
        Words and labels that are rarer are passed over.
    negative : int, default 5
        Noise labels of each text, with negative sampling.
    init_from : model, KeyedVectors, str or os.PathLike, optional
        Vectors for words to begin with, or a file of them; its words are added, but for labels, as by fastText's
        ``-pretrainedVectors``. It is forgotten after it was used.
    class_weight : 'balanced' or mapping of str to float, optional
        What the gradients of each label are multiplied by, 1 for those that are not named. 'balanced' is
        n / (labels · count) for a label that is one of n.
    sample_weight : array_like of float, shape (texts,), optional
        What the gradients of each text are multiplied by.
    label_prefix : str, default '__label__'
    validation : as `data`, optional
        After each epoch, F1 of these texts goes to `validation_scores`.
    patience : int, optional
        End training after so many epochs in a row that were no better by it.
    workers : int, optional
        Threads; one for each core by default. With one, the same seed gives the same model, to the bit.
    seed : int, default 1
    compute_loss : bool, default False
        Measure the loss of each epoch.
    callbacks : iterable of CallbackAny2Vec, optional
        As of `fastemb.models.Word2Vec`, `Checkpoint` and `EarlyStopping` among them.
    progress : bool, default False
        Show a progress bar.
    unicode_errors : {'strict', 'ignore', 'replace'}
        What to do with bytes in files that are not UTF-8.
    memory_budget : int, default 2**30
        Bytes for encoded texts; more go to a temporary file.

    Attributes
    ----------
    wv : FastTextKeyedVectors
        The rows of words, and of n-grams of characters and of words. They may be quantised.
    labels : list of str
        With their prefix, by descending count, as fastText has them; those that came later follow.
    label_counts : ndarray of int64, shape (labels,)
    output : ndarray of float32, or quantised rows, shape (labels, vector_size)
        A row for each label. With the loss 'hs' row k is of inner node k of the tree, and the last is not used.
    epoch_losses, validation_scores : list of float
        Of the epochs of the last call of `train`: the loss of a text with `compute_loss`; F1 with `validation`.
    args : dict
        The parameters by fastText's names: `dim`, `ws`, `epoch`, `min_count`, `min_count_label`, `neg`, `word_ngrams`,
        `bucket`, `minn`, `maxn`, `lr`, `lr_update_rate`, `t`; `label_prefix`; and `tokens`, the words and labels of the
        corpus. What a file does not say is as in fastText's defaults.

    Raises
    ------
    TypeError
        If an example is no text with its labels.
    ValueError
        If a parameter is out of range, no text has a label, or no word is left.

    Examples
    --------
    >>> from fastemb import Classifier
    >>> model = Classifier([("a fine day", "good"), ("a grey day", "bad")], epochs=50, alpha=1, bucket=0)
    >>> model.predict("fine")[0]
    ('__label__good',)
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        *("loss", "vector_size", "alpha", "epochs", "word_ngrams", "min_n", "max_n", "bucket", "min_count"),
        *("min_count_label", "negative", "label_prefix", "workers", "seed", "compute_loss", "unicode_errors"),
        "memory_budget",
    )
    FREE = ("workers", "memory_budget")

    def __init__(
        self,
        data: Readable | Iterable[Any] | None = None,
        labels: Iterable[Any] | None = None,
        *,
        loss: str = "softmax",
        vector_size: int = 100,
        alpha: float = 0.1,
        epochs: int = 5,
        word_ngrams: int = 1,
        min_n: int = 0,
        max_n: int = 0,
        bucket: int = 2_000_000,
        min_count: int = 1,
        min_count_label: int = 0,
        negative: int = 5,
        init_from: Model | KeyedVectors | Path | None = None,
        class_weight: str | Mapping[str, float] | None = None,
        sample_weight: Any = None,
        label_prefix: str = "__label__",
        validation: Any = None,
        patience: int | None = None,
        workers: int | None = None,
        seed: int | None = 1,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        progress: bool = False,
        unicode_errors: str = "strict",
        memory_budget: int = 2**30,
    ):
        self.args = dict(ARGUMENTS)
        self.loss, self.vector_size, self.alpha, self.epochs = loss, vector_size, alpha, epochs
        self.word_ngrams, self.min_n, self.max_n, self.bucket = word_ngrams, min_n, max_n, bucket
        self.min_count, self.min_count_label, self.negative = min_count, min_count_label, negative
        self.label_prefix, self.compute_loss, self.progress = label_prefix, compute_loss, bool(progress)
        self.workers, self.seed = workers, seed  # type: ignore[assignment]  # None is looked at below
        self.unicode_errors, self.memory_budget = unicode_errors, memory_budget
        self._check_parameters()
        check_init_from(init_from)
        self.train_count, self.total_train_time, self.init_from = 0, 0.0, init_from
        self._forget_losses()
        vocabulary.empty(self).commit(self)
        if data is not None:
            with alone(self, "train()"):
                self._train(data, labels, class_weight, sample_weight, validation, patience, callbacks)

    # Training.

    @alone_in_it
    def train(
        self,
        data: Readable | Iterable[Any],
        labels: Iterable[Any] | None = None,
        *,
        epochs: int | None = None,
        alpha: float | None = None,
        class_weight: str | Mapping[str, float] | None = None,
        sample_weight: Any = None,
        validation: Any = None,
        patience: int | None = None,
        callbacks: Iterable[Any] = (),
    ) -> None:
        """Train, or go on with other texts.

        Words and labels that are new, and not too rare, are added to those that the classifier has. It trains as well
        what was loaded from a .bin file of fastText's. With the loss 'hs' new labels make another tree, in which
        inner nodes keep their rows that part the same labels as before.

        Parameters
        ----------
        data, labels, class_weight, sample_weight, validation, patience, callbacks
            As of the class.
        epochs, alpha : optional
            Those of the classifier from here on.

        Raises
        ------
        TypeError
            If an example is no text with its labels, or the classifier was quantised.
        TrainingDiverged
            If NaN or infinity was found: `alpha` is too high. The classifier is brought back to its last `Checkpoint`,
            if there is one among the callbacks, or to what it was before.
        ValueError
            If no text has a label, no word is left, or weights do not fit the texts.
        """
        before = self.epochs, self.alpha
        try:
            with unless_refused(self):
                self.args = dict(self.args)
                self.epochs = whole("epochs", self.epochs if epochs is None else epochs, 1)
                self.alpha = self.alpha if alpha is None else rate("alpha", alpha)
                self._check_parameters()
                self._train(data, labels, class_weight, sample_weight, validation, patience, callbacks)
        except TrainingDiverged as diverged:
            if diverged.checkpoint is None:  # which has the rate that was too high
                self.epochs, self.alpha = before
            raise

    def _train(
        self, data: Any, labels: Any, class_weight: Any, sample_weight: Any, validation: Any, patience: int | None,
        callbacks: Iterable[Any], add: bool = True,
    ) -> None:  # fmt: skip
        with unless_refused(self):
            callbacks = training.with_validation(self, validation, patience, callbacks)
            texts = training.prepared(self, data, labels, class_weight, sample_weight, add)
            self.init_from = None
            run = Run(Progress(self.alpha), texts.corpus.words, 0, self.train_count, True)
            self._forget_losses()
            training.train(self, texts, run, callbacks)

    @classmethod
    def resume(  # type: ignore[override]
        cls,
        path: Path,
        data: Any,
        labels: Any = None,
        *,
        class_weight: str | Mapping[str, float] | None = None,
        sample_weight: Any = None,
        validation: Any = None,
        patience: int | None = None,
        callbacks: Any = (),
        **parameters: Any,
    ) -> Classifier:
        """Go on with training that was interrupted, from a checkpoint to its end; see `fastemb.models.Word2Vec.resume`.

        Parameters
        ----------
        path : str or os.PathLike
            What `fastemb.models.callbacks.Checkpoint` wrote.
        data, labels
            The same texts as before.
        class_weight, sample_weight, validation, patience, callbacks
            Are not part of a checkpoint: give them again.
        **parameters
            May be given again; only `workers` and `memory_budget` may differ from before.
        """
        model, run = cls._unfinished(path, parameters)
        if not run.stopped:
            with alone(model, "resume()"):
                callbacks = training.with_validation(model, validation, patience, callbacks)
                texts = training.prepared(model, data, labels, class_weight, sample_weight, add=False)
                training.train(model, texts, run, callbacks)
        return model

    # Less memory.

    def quantize(
        self,
        cutoff: int = 0,
        qnorm: bool = False,
        qout: bool = False,
        dsub: int = 2,
        seed: int = 1,
        *,
        retrain: Any = None,
        labels: Iterable[Any] | None = None,
        epochs: int | None = None,
        alpha: float | None = None,
        workers: int | None = None,
    ) -> Classifier:
        """The same classifier in less memory, nearly, as of fastText's ``quantize``; this one stays as it is.

        Parameters
        ----------
        cutoff : int, default 0
            Keep so many of the rows of words and n-grams, the longest; 0 is for all. The others are as if they were
            not there.
        qnorm : bool, default False
            Keep the lengths of rows apart, a number for each; in fastText's files they are one of 256.
        qout : bool, default False
            Quantise the output, too.
        dsub : int, default 2
            Columns that share a byte; as many as there are, if that is less.
        seed : int, default 1
            For the sample that centroids are fitted to, and for training.
        retrain, labels : as `data` and `labels` of the class, optional
            Train the rows that are left on these texts, before they are quantised.
        epochs, alpha, workers : optional
            Of that training; by default those of the classifier.

        Raises
        ------
        ValueError
            If it is quantised already, or a number is too small, or `labels`, `epochs` or `alpha` are given without
            texts to train on.
        """
        for name, value in (("labels", labels), ("epochs", epochs), ("alpha", alpha)):
            if value is not None and retrain is None:
                raise ValueError(f"{name} is for retrain: give texts to train on")
        small: Any = cut(self, cutoff)
        if retrain is not None:
            small = deepcopy(small)
            small.workers = self.workers if workers is None else threads("workers", workers)
            small.epochs = self.epochs if epochs is None else whole("epochs", epochs, 1)
            small.alpha, small.seed = self.alpha if alpha is None else rate("alpha", alpha), whole("seed", seed, 0)
            small._train(retrain, labels, None, None, None, None, (), add=False)
        made: Classifier = quantized(small, qnorm, qout, dsub, seed)
        return made
