"""Logistic regression with an L2 penalty, by Newton's method: what evaluations fit on vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_STEPS = 50
TOLERANCE = 1e-6  # of the largest change of a coefficient


def finite(vectors: NDArray[Any]) -> NDArray[Any]:
    """The same; raises ValueError if a number is none, or infinite, and TypeError if they are no real numbers."""
    if vectors.dtype.kind not in "iufb":
        raise TypeError(f"vectors must be of real numbers, not {vectors.dtype}")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors must be finite")
    return vectors


def fit_logistic(features: NDArray[np.floating], positive: NDArray[np.bool_], c: float = 1.0) -> Floats:
    """Coefficients that minimise ‖w‖² / 2 + c Σ log(1 + exp(-y (w·x + b))), with y = ±1; b, the last, is not penalised.

    Parameters
    ----------
    features : ndarray of float, shape (examples, columns)
    positive : ndarray of bool, shape (examples,)
    c : float, default 1
        As `C` of scikit-learn's.

    Returns
    -------
    ndarray of float64, shape (columns + 1,)
        If all examples are of one kind, no column counts, and b says which.
    """
    x = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    w = np.zeros(x.shape[1])
    if positive.all() or not positive.any():
        w[-1] = np.inf if len(positive) and positive.all() else -np.inf
        return w
    share = positive.mean()
    w[-1] = np.log(share / (1 - share))
    penalty = np.append(np.ones(x.shape[1] - 1), 0.0)
    y = positive.astype(np.float64)
    loss = penalised_loss(x, y, w, penalty, c)
    for _ in range(MOST_STEPS):
        p = sigmoid(x @ w)
        gradient = penalty * w + c * (x.T @ (p - y))
        hessian = c * (x.T * (p * (1 - p))) @ x
        hessian[np.diag_indices_from(hessian)] += penalty + 1e-10
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (better := penalised_loss(x, y, w - size * step, penalty, c)) > loss and size > 1e-4:
            size /= 2
        w, loss = w - size * step, better
        if np.abs(size * step).max() < TOLERANCE:
            break
    return w


def penalised_loss(x: Floats, y: Floats, w: Floats, penalty: Floats, c: float) -> float:
    margins = x @ w
    return float(penalty @ (w * w) / 2 + c * (np.logaddexp(0, margins) - y * margins).sum())


def sigmoid(x: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(x / 2))


def scores_of(features: NDArray[np.floating], w: Floats) -> Floats:
    """w·x + b of each example."""
    return features @ w[:-1] + w[-1]


def area_under_curve(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """The probability that a positive scores above a negative; ties count half. NaN without one of either."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n = int(np.count_nonzero(positive))
    pairs = n * (len(scores) - n)
    return float((ranks[positive].sum() - n * (n + 1) / 2) / pairs) if pairs else float("nan")


def average_precision(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Σ (recall - recall before) · precision over the thresholds, without interpolation. NaN without a positive."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # ties are one threshold
    hits = np.cumsum(positive[order])[ends]
    if not len(hits) or not hits[-1]:
        return float("nan")
    return float((np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / hits[-1])


def f1_scores(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> tuple[float, float]:
    """Micro- and macro-averaged F1."""
    hits = (truth & predicted).sum(axis=0)
    both = truth.sum(axis=0) + predicted.sum(axis=0)
    each = np.divide(2.0 * hits, both, out=np.zeros(len(hits)), where=both > 0)
    return float(2.0 * hits.sum() / max(both.sum(), 1)), float(each.mean())
