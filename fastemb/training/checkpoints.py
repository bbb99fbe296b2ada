"""How far a call of `train` has come, so that another process can go on from there."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import Check, fields, flag, measure, or_none, rate, whole
from fastemb.corpus import EncodedCorpus
from fastemb.io.limits import parse_json


@dataclass
class Progress:
    """How far training has come.

    Attributes
    ----------
    alpha : float
        The learning rate now.
    epochs : int
        Complete epochs.
    position : int
        Words of the present epoch up to which everything is trained.
    claimed : int
        Words, of all epochs, that workers have begun with.
    trained, raw : int
        Words that were centres, and all words, of the epochs that are complete.
    loss, pairs : float, int
        Sum of the loss over positive pairs, NaN if it is not measured, and their number, of the last complete epoch.
    partial_trained, partial_loss, partial_pairs : int, float, int
        The same of the present epoch up to `position`.
    """

    alpha: float
    epochs: int = 0
    position: int = 0
    claimed: int = 0
    trained: int = 0
    raw: int = 0
    loss: float = 0.0
    pairs: int = 0
    partial_trained: int = 0
    partial_loss: float = 0.0
    partial_pairs: int = 0

    @property
    def mean_loss(self) -> float:
        """Loss for each positive pair of the last complete epoch; NaN without pairs, or if it is not measured."""
        return self.loss / self.pairs if self.pairs else float("nan")

    @property
    def shown_loss(self) -> str:
        """The same for the log, if there is one."""
        return "" if math.isnan(self.mean_loss) else f", loss {self.mean_loss:.4f}"

    def end_epoch(self) -> None:
        """Take the present epoch for complete."""
        self.epochs += 1
        self.trained += self.partial_trained
        self.raw += self.position
        self.loss, self.pairs = self.partial_loss, self.partial_pairs
        self.position = self.partial_trained = self.partial_pairs = 0
        self.partial_loss = 0.0


class Fingerprint(NamedTuple):
    """What tells encoded corpora apart, however they are cut into chunks."""

    words: int
    sentences: int
    ids: int  #: CRC-32 of the ids
    lengths: int  #: and of the lengths of the sentences

    @classmethod
    def of(cls, corpus: EncodedCorpus) -> Fingerprint:
        """The fingerprint of a corpus; reads it once."""
        return cls(corpus.words, corpus.sentences, *corpus.checksums())


@dataclass
class Run:
    """A call of `train`: what going on with it takes, beside the model.

    Attributes
    ----------
    progress : Progress
    total_words, word_count : int
        As of `train`; 0 where a model does not need them.
    number : int
        Calls of `train` before this one.
    counted : bool
        The corpus was encoded while its words were counted.
    stopped : bool
        A callback has ended it before its time.
    corpus : EncodedCorpus, optional
        What is trained on, if it is the same in every epoch. Not saved, only its fingerprint.
    met : callable, optional
        With the number of an epoch it gives the rows that this may change, as `rows_met` does. Not saved.
    fingerprint : Fingerprint, optional
    origin : str, optional
        The file that this was read from.
    """

    progress: Progress
    total_words: int = 0
    word_count: int = 0
    number: int = 0
    counted: bool = False
    stopped: bool = False
    corpus: EncodedCorpus | None = field(default=None, repr=False)
    met: Callable[[int], dict[str, NDArray[np.intp]] | None] | None = field(default=None, repr=False)
    fingerprint: Fingerprint | None = None
    origin: str | None = None

    def __getstate__(self) -> dict[str, Any]:
        # The corpus is no part of a model, and fingerprints take time: one is taken when it is first needed.
        if self.fingerprint is None and self.corpus is not None:
            self.fingerprint = Fingerprint.of(self.corpus)
        return self.__dict__ | {"corpus": None, "met": None}

    def to_json(self) -> str:
        """Everything but the corpus."""
        state = self.__getstate__()
        del state["corpus"], state["met"], state["origin"]
        return json.dumps(state | {"progress": asdict(self.progress)})

    @classmethod
    def from_json(cls, text: str, origin: str) -> Run:
        """The opposite of `to_json`; `origin` is the file's name, for messages.

        Raises
        ------
        ValueError, TypeError, KeyError
            If the text is damaged.
        """
        return cls(**fields(RUN, parse_json(text)), origin=origin)

    def take_corpus(self, corpus: EncodedCorpus) -> None:
        """Go on with this corpus.

        Raises
        ------
        ValueError
            If it is another than before.
        """
        if self.fingerprint is not None:
            found = Fingerprint.of(corpus)
            if found != self.fingerprint:
                raise ValueError(
                    f"{self.origin}: training was on another corpus: of {self.fingerprint.words} words in "
                    f"{self.fingerprint.sentences} sentences, while this one has {found.words} in {found.sentences}"
                    + (", which differ" if found[:2] == self.fingerprint[:2] else "")
                )
        self.corpus = corpus


def a_fingerprint(name: str, value: Any) -> Fingerprint:
    """The numbers of a fingerprint."""
    if not isinstance(value, list) or len(value) != len(Fingerprint._fields):
        raise TypeError(f"{name} must be {len(Fingerprint._fields)} numbers, not {value!r:.60}")
    return Fingerprint(*(COUNT(name, number) for number in value))


def a_progress(_: str, value: Any) -> Progress:
    """How far training has come."""
    return Progress(**fields(PROGRESS, value))


# What the `run` of a file may hold; an entry that is missing is as in a new one.
COUNT = partial(whole, least=0)
PROGRESS: dict[str, Check] = {
    "alpha": rate,
    **dict.fromkeys(("epochs", "position", "claimed", "trained", "raw", "pairs"), COUNT),
    **dict.fromkeys(("partial_trained", "partial_pairs"), COUNT),
    **dict.fromkeys(("loss", "partial_loss"), measure),
}
RUN: dict[str, Check] = {
    "progress": a_progress,
    **dict.fromkeys(("total_words", "word_count", "number"), COUNT),
    **dict.fromkeys(("counted", "stopped"), flag),
    "fingerprint": partial(or_none, a_fingerprint),
}
