"""How well the similarities of an encoder agree with those that people judged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, named
from fastemb.encoder.folders import multiplied, quantized
from fastemb.evaluation import Scores
from fastemb.evaluation.files import finite, malformed, text_lines
from fastemb.queries import unit_rows


def read_pairs(path: Path) -> tuple[list[float], list[str]]:
    """Scores, and the texts of all pairs, one after another: lines of a score, a text and a text, by tabs; also packed.

    Raises
    ------
    ValueError
        If a line is none; the file and the line are named.
    """
    scores, texts = [], []
    for number, line in text_lines(path):
        score, *pair = line.split("\t")
        if len(pair) != 2 or (value := finite(score)) is None:
            raise malformed(path, number, "a score, a text and a text, by tabs", line)
        scores.append(value)
        texts += pair
    if len(scores) < 2:
        raise ValueError(f"{named(path)}: has less than two pairs")
    return scores, texts


def rounded(encoder: Any, dtype: str) -> Any:
    """The encoder with the numbers that `save` writes in a type, as they are read again."""
    made = encoder.truncate(encoder.vector_size)
    made.vectors = multiplied(*quantized(encoder.vectors, dtype))
    return made


def correlation(encoder: Any, scores: list[float], texts: list[str]) -> float:
    """Spearman's correlation of cosines and scores, of pairs that follow one another."""
    return agreement(encoder.encode(texts), scores)


def agreement(vectors: NDArray[np.float32], scores: list[float]) -> float:
    """The same, of the vectors of these texts."""
    units = unit_rows(vectors.astype(np.float64))
    cosines = np.einsum("ij,ij->i", units[::2], units[1::2])
    return Scores("spearman", np.stack([np.array(scores), cosines], axis=1)).score
