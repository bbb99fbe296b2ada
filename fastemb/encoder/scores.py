"""How well the similarities of an encoder agree with those that people judged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb.evaluation import Scores
from fastemb.queries import unit_rows


def read_pairs(path: Path) -> tuple[list[float], list[str]]:
    """Scores, and the texts of all pairs, one after another: lines of a score, a text and a text, by tabs.

    Raises
    ------
    ValueError
        If a line is none; the file and the line are named.
    """
    name = local(path)
    scores, texts = [], []
    with open(name, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            parts = line.rstrip("\n").split("\t")
            try:
                score = float(parts[0])
            except ValueError:
                score = np.nan
            if len(parts) != 3 or not np.isfinite(score):
                raise ValueError(f"{name}, line {number}: is not a score, a text and a text, by tabs")
            scores.append(score)
            texts += parts[1:]
    if len(scores) < 2:
        raise ValueError(f"{name}: has less than two pairs")
    return scores, texts


def correlation(encoder: Any, scores: list[float], texts: list[str]) -> float:
    """Spearman's correlation of cosines and scores, of pairs that follow one another."""
    return agreement(encoder.encode(texts), scores)


def agreement(vectors: NDArray[np.float32], scores: list[float]) -> float:
    """The same, of the vectors of these texts."""
    units = unit_rows(vectors.astype(np.float64))
    cosines = np.einsum("ij,ij->i", units[::2], units[1::2])
    return Scores("spearman", np.stack([np.array(scores), cosines], axis=1)).score
