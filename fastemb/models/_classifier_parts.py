"""What classifiers consist of, and their files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._gates import in_quiet
from fastemb._paths import Path, local
from fastemb.formats.quantized import Rows
from fastemb.formats.recognise import recognise
from fastemb.kernels.text.outputs import label_tree
from fastemb.models import _classifier_files as files
from fastemb.models._classifier_answers import Answers
from fastemb.models._on_the_class import OnTheClass
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.base import Model
from fastemb.models.parameters import CLASSIFIER_CHECKS, LOSSES

Kind = TypeVar("Kind")
# fastText's names and defaults; what a file does not say is as here.
ARGUMENTS: dict[str, Any] = {
    "dim": 100, "ws": 5, "epoch": 5, "min_count": 1, "min_count_label": 0, "neg": 5, "word_ngrams": 1,
    "bucket": 2_000_000, "minn": 0, "maxn": 0, "lr": 0.1, "lr_update_rate": 100, "t": 1e-4,
    "label_prefix": "__label__", "tokens": 0,
}  # fmt: skip


class Argument(Generic[Kind]):
    """A parameter of a classifier, which it keeps among its `args` by fastText's name."""

    def __init__(self, name: str):
        self.name = name

    def __get__(self, model: Any, owner: Any = None) -> Kind:
        value: Kind = model.args[self.name]
        return value

    def __set__(self, model: Any, value: Kind) -> None:
        model.args[self.name] = value


class Parts(Answers, Model):
    """The part of `Classifier` that knows what it consists of; see there."""

    STATE = (*Model.STATE, "validation_scores", "args")
    CHECKS = CLASSIFIER_CHECKS
    NGRAMS = True
    KEEPS_EPOCHS = False

    vector_size, epochs, negative = Argument[int]("dim"), Argument[int]("epoch"), Argument[int]("neg")
    word_ngrams, bucket, min_n, max_n = (Argument[int](name) for name in ("word_ngrams", "bucket", "minn", "maxn"))
    min_count, min_count_label = Argument[int]("min_count"), Argument[int]("min_count_label")
    alpha, label_prefix = Argument[float]("lr"), Argument[str]("label_prefix")

    wv: FastTextKeyedVectors
    validation_scores: list[float]
    workers: int
    seed: int

    @classmethod
    def _from_parts(
        cls,
        wv: FastTextKeyedVectors,
        labels: Sequence[str],
        label_counts: NDArray[np.int64],
        output: Rows,
        loss: str,
        args: Mapping[str, Any],
    ) -> Any:
        """A classifier of these parts, of which nothing is copied; `args` that are missing are fastText's defaults.

        Raises
        ------
        ValueError
            If the parts do not fit together.
        """
        model = cls()
        model.args |= dict(args) | {"dim": wv.vector_size}
        model.wv, model.labels, model.output, model.loss = wv, list(labels), output, loss
        model.label_counts = np.ascontiguousarray(label_counts, np.int64)
        if misfit := model._misfit():
            raise ValueError(misfit)
        return model

    def _with_rows(self, wv: FastTextKeyedVectors, output: Rows) -> Any:
        """The same classifier with other rows, of which nothing is copied."""
        made = self._from_parts(wv, self.labels, self.label_counts, output, self.loss, self.args)
        for name in (*self.PARAMETERS, *self.STATE):
            setattr(made, name, copy(getattr(self, name)))
        made.vector_size = wv.vector_size
        return made

    def __repr__(self) -> str:
        sizes = f"{len(self.labels)} labels, {len(self.wv)} words, dim={self.wv.vector_size}, loss={self.loss!r}"
        return f"{type(self).__name__}({sizes})"

    def _too_high(self) -> str:
        return f"alpha={self.alpha}"

    def _vectors_changed(self) -> None:
        self._labeller = None
        self.wv.adjust_vectors()

    def _forget_losses(self) -> None:
        super()._forget_losses()
        self.validation_scores = []

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        return self.run.met(epoch) or {} if self.run is not None and self.run.met is not None else {}

    # Files.

    @OnTheClass
    def load(cls: type[Any], path: Path, mmap: str | bool | None = None) -> Any:
        """Read a classifier of fastText's, a .bin or .ftz file of any version, or what `save` wrote.

        Rows are mapped into memory, and not read before they are used.

        Parameters
        ----------
        path : str or os.PathLike
        mmap : {None, 'r', 'c', False}
            With False nothing is mapped; see `fastemb.models.Word2Vec.load`.

        Raises
        ------
        ValueError
            If it is another file, as one of unsupervised vectors, or damaged or cut short; the message names it.
        """
        if recognise(path) == "facebook":
            try:
                return cls._from_parts(*files.parts_of_fasttext(path, mmap))
            except ValueError as error:
                raise error if local(path) in str(error) else ValueError(f"{local(path)}: {error}") from None
        # Mapped, arrays are read when they are used; but Windows would not let save() replace a file that is mapped.
        return cls._load(path, "c" if mmap is None and os.name != "nt" else mmap)[0]

    @in_quiet
    def save_fasttext(self, path: Path) -> None:
        """Write a file that fastText's program reads: .bin, or, where the rows are product-quantised, .ftz.

        Parameters
        ----------
        path : str or os.PathLike
            The file appears whole or not at all.

        Raises
        ------
        ValueError
            If that format cannot hold the model: pruned buckets of rows that are not quantised; words without counts.
            If it was not trained, or its parts do not fit together.
        """
        if wrong := self._misfit():
            raise ValueError(wrong)
        files.write_fasttext(path, self)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the model, by name."""
        return files.arrays_of(self)

    def _set_arrays(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        files.set_arrays(self, arrays, name)

    def _matrices(self) -> dict[str, NDArray[Any]]:
        rows: dict[str, Any] = {"wv.vectors_vocab": self.wv.vectors_vocab, "output": self.output}
        return rows | ({"wv.vectors_ngrams": self.wv.ngrams_in_memory()} if len(self.wv.ngram_rows) else {})

    def _shapes(self) -> dict[str, tuple[Any, tuple[int, ...]]]:
        count, size = len(self.labels), self.wv.vector_size
        return {
            "wv.vectors_vocab": (self.wv.vectors_vocab, (len(self.wv), size)),
            "output": (self.output, (count, size)),
            "label_counts": (self.label_counts, (count,)),
        }

    def _misfit(self) -> str | None:
        return misfit_of(self) or super()._misfit()


def misfit_of(model: Parts) -> str | None:
    """What does not fit together in a classifier, or None."""
    wv, count = model.wv, len(model.labels)
    if model.loss not in LOSSES:
        return f"loss must be one of {', '.join(map(repr, LOSSES))}, not {model.loss!r}"
    if not count:
        return "a classifier needs at least one label, and this one was not trained"
    if len(set(model.labels)) != count or model.label_counts.shape != (count,):
        return f"{count} labels, of which {len(set(model.labels))} differ, and {model.label_counts.shape} counts"
    if wv.supervised is None:
        return "the vectors are not those of a supervised model"
    if wv.subwords.encoding != "utf-8":
        return f"words of a classifier are hashed as UTF-8, not as {wv.subwords.encoding}"
    if model.loss == "hs":
        try:
            label_tree(model.label_counts)
        except ValueError as error:
            return f"there is no tree for the loss 'hs': {error}"
    return None
