"""What the vectors of words weigh in an encoder, by how often the words occur."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from fastemb.encoder.kin import with_kin
from fastemb.encoder.tokenizing import SPECIAL
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.queries import unit_rows

logger = logging.getLogger(__name__)


def frequencies(wv: KeyedVectors, further: int, kept: list[int], ids: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """How often words occur, next to each other: some rows of these vectors and of further words, which are rarest.

    As the vectors say, or else the texts of these tokens. Where there are none, by Zipf's law if the vectors were read
    from a file, which has the frequent words first; else None.
    """
    counts = wv._counted()
    if counts is None and len(ids):
        return np.bincount(ids, minlength=len(SPECIAL) + len(kept))[len(SPECIAL) :].astype(np.float64)
    if "count" not in wv.expandos:
        return None
    if counts is None:
        logger.warning(
            "the vectors were read without counts of words: the word of row k is taken to be 1 / k as frequent as the "
            "first. Give texts, in which words are counted, or a=None for equal weights"
        )
        counts = 1 / np.arange(1, len(wv) + 1)
    return np.concatenate([np.asarray(counts, np.float64), np.zeros(further)])[kept]


def weighed(
    vectors: NDArray[np.float32], words: list[str], counts: NDArray[np.float64] | None, a: float, kin: float
) -> NDArray[np.float32]:
    """Vectors of length 1, with those of their kin, multiplied by a / (a + p) where there are counts."""
    units = unit_rows(vectors)
    if kin:
        units = with_kin(units, words, np.ones(len(words)) if counts is None else counts, kin)
    if counts is None:
        return units
    weights = a / (a + counts / max(counts.sum(), 1))
    return (units * weights[:, np.newaxis]).astype(np.float32)
