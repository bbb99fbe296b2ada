"""Clusters of few rows, by k-means."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole

ROUNDS = 100  # after which clusters are taken as they are


def kmeans(rows: NDArray[Any], k: int, seed: int = 1, restarts: int = 10) -> NDArray[np.int64]:
    """The cluster of each row, by Lloyd's algorithm from the best of several starts of k-means++.

    Parameters
    ----------
    rows : ndarray, shape (rows, d)
    k : int
        Clusters; at most as many as rows are used.
    seed : int, default 1
    restarts : int, default 10
        Of which the one with the smallest sum of squared distances counts (Arthur and Vassilvitskii 2007).

    Returns
    -------
    ndarray of int64, shape (rows,)
        From 0 to k - 1.
    """
    points = np.asarray(rows, np.float64)
    rng = np.random.default_rng(whole("seed", seed, 0))
    found = [from_start(points, starts(points, min(k, len(points)), rng)) for _ in range(restarts)]
    return min(found, key=lambda each: each[0])[1]


def starts(points: NDArray[np.float64], k: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Centres to begin with: each row is likely by its squared distance to those that are chosen already."""
    chosen = [int(rng.integers(len(points)))]
    nearest = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        total = nearest.sum()
        rest = np.setdiff1d(np.arange(len(points)), chosen)
        chosen.append(int(rng.choice(len(points), p=nearest / total) if total > 0 else rest[0]))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]


def from_start(points: NDArray[np.float64], centres: NDArray[np.float64]) -> tuple[float, NDArray[np.int64]]:
    """The sum of squared distances, and the cluster of each row, when clusters change no more."""
    before = None
    for _ in range(ROUNDS):
        distances = squared_distances(points, centres)
        clusters = distances.argmin(axis=1)
        if before is not None and np.array_equal(clusters, before):
            break
        before = clusters
        for cluster in range(len(centres)):
            inside = clusters == cluster
            if inside.any():
                centres[cluster] = points[inside].mean(axis=0)
            else:  # an empty one begins anew at the row that is the farthest from its centre
                centres[cluster] = points[distances.min(axis=1).argmax()]
    return float(distances.min(axis=1).sum()), clusters.astype(np.int64)


def squared_distances(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row to each centre, shape (rows, centres)."""
    products = points @ centres.T
    return np.maximum((points**2).sum(axis=1)[:, np.newaxis] - 2 * products + (centres**2).sum(axis=1), 0)
