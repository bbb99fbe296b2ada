"""How Doc2Vec is trained, and what it consists of."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import EncodedCorpus
from fastemb.corpus.documents import FoundTags, Tagged
from fastemb.kernels.sgd import specs
from fastemb.kernels.sgd.documentspecs import Dbow, Dm, DmConcat
from fastemb.models._remarks import warn_of_nothing
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.parameters import check_memory
from fastemb.models.word2vec import Word2Vec, trainable
from fastemb.training import BlockLimits, Run, Task, document_limits

logger = logging.getLogger(__name__)

INFERENCE = BlockLimits(centres=16, rows=1, noise_words=48)
OVERSHOOTS = 0.4  # the learning rate times the words of a step, at most,
OFTEN = 5  # with so many noise words; of more a step has fewer words
NOBODY = "\0"  # stands where a window reaches beyond its document, if contexts are concatenated


class DocumentTraining(Word2Vec):
    """The part of Doc2Vec that trains, and is saved; see there."""

    dv: TagVectors
    dbow_words: bool
    dm_concat: bool
    dm_tag_count: int

    @property
    def layer1_size(self) -> int:
        """Numbers that a word is predicted from."""
        places = self.dm_tag_count + 2 * self.window if self._concatenates() else 1
        return places * self.vector_size

    def _concatenates(self) -> bool:
        return bool(self.dm_concat) and not self.sg

    def _shrinks(self) -> bool:
        return bool(self.shrink_windows) and not self._concatenates()

    def _init_outputs(self) -> None:
        super()._init_outputs()
        if self.dv is None:
            self.dv = TagVectors(self.vector_size)

    def _check_tags(self, found: FoundTags, documents: int) -> None:
        """Refuse tags that cannot be trained, and warn of what is hardly meant."""
        rows = found.numbers + len(found.names)
        if not rows:
            raise ValueError(f"none of the {documents} documents has a tag: there is no vector to be trained")
        check_memory(rows, self.vector_size)
        found.rows(np.empty(0, np.int64))
        if len(found.names) > documents:
            logger.warning("there are more tags (%d) than documents (%d)", len(found.names), documents)
        if found.numbers - 1 > documents:
            text = "the largest tag is %d, and there are %d documents: all rows up to it have vectors"
            logger.warning(text, found.numbers - 1, documents)

    # Training.

    def _prepared(self, *arguments: Any) -> Any:
        prepared = super()._prepared(*arguments)
        if not len(self.dv):
            raise RuntimeError("there are no tags: build_vocab() with the documents before training")
        return prepared

    def _block_limits(self, corpus: EncodedCorpus) -> BlockLimits:
        limits = super()._block_limits(corpus)
        most = corpus.most_tags if isinstance(corpus, Tagged) else 1
        if not self.sg or self.dbow_words:
            return limits
        frequencies = self._frequencies()
        return document_limits(
            negative=self.negative if self.shared_noise or not self.negative else 0,
            alpha=max(self.alpha, self.min_alpha),
            words=frequencies.kept,
            noise=frequencies.noise,
            tags=most,
            limits=limits,
        )

    def _inference_limits(self, alpha: float) -> BlockLimits:
        """Steps of inference: short ones where the rate is high or noise is much, or a vector would overshoot.

        With less noise it grows longer than those that were trained.
        """
        often = max(1.0, self.negative / OFTEN)  # how much more noise there is than in what was measured
        centres = int(max(1, min(INFERENCE.centres, OVERSHOOTS / alpha if alpha else math.inf) / often))
        return BlockLimits(centres, 1, centres * INFERENCE.noise_words // INFERENCE.centres)

    def _task(self, corpus: EncodedCorpus, number: int) -> Task:
        return replace(super()._task(corpus, number), shrink_windows=self._shrinks())

    def _inputs(self, words: specs.Rows, limits: BlockLimits, corpus: EncodedCorpus) -> specs.Inputs:
        self.dv.vectors = trainable(self.dv.vectors)
        locks = np.require(self.dv.vectors_lockf, np.float32, ["C", "ALIGNED"])
        tags = specs.Rows(self.dv.vectors, locks)
        if self.sg:
            return Dbow(words, limits.rows, tags, bool(self.dbow_words))
        if not self.dm_concat:
            return Dm(words, limits.rows, tags, *self._pooling())
        return DmConcat(words, limits.rows, tags, self.dm_tag_count, self._nobody())

    def _nobody(self) -> int:
        """The word that stands where a window reaches beyond its document."""
        if NOBODY not in self.wv.key_to_index:
            raise RuntimeError("dm_concat=1 was set after the vocabulary was built, which lacks the word of no place")
        return self.wv.key_to_index[NOBODY]

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        return {} if self._concatenates() else super()._rows_to_train(epoch)  # which train the word of no place, too

    def _remark(self, run: Run, pairs: list[int]) -> None:
        warn_of_nothing(run.progress, pairs, self.sample, self._frequencies().share)  # words may not be trained

    def _vectors_changed(self) -> None:
        super()._vectors_changed()
        self.dv.norms = None

    # What it consists of.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the model, by name: its words and tags with their vectors, and the output matrices."""
        return super().to_arrays() | self.dv.own_arrays()

    def _set_arrays(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        super()._set_arrays(arrays, name)
        self.dv = TagVectors.from_own_arrays(arrays, name)

    def _misfit(self) -> str | None:
        if self._concatenates() and len(self.wv) and NOBODY not in self.wv.key_to_index:
            return "dm_concat=1, but the vocabulary lacks the word of no place"
        return super()._misfit()

    def _matrices(self) -> dict[str, NDArray[Any]]:
        return super()._matrices() | {"dv.vectors": self.dv.vectors}

    def _shapes(self) -> dict[str, tuple[Any, tuple[int, ...]]]:
        return super()._shapes() | {"dv.vectors": (self.dv.vectors, (len(self.dv), self.vector_size))}
