"""How well the similarities of an encoder agree with those that people judged."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastemb._paths import Path, local


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
    vectors = encoder.encode(texts).astype(np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = (vectors[::2] * vectors[1::2]).sum(axis=1)
    return float(np.corrcoef(ranks(cosines), ranks(np.array(scores)))[0, 1])


def ranks(numbers: Any) -> Any:
    """Ranks, of equals the mean."""
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
