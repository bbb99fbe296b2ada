"""The rows of a matrix that are nearest to others, by cosine: exact, in tiles, on as many threads as wanted.

These functions take arrays and know no keys. Vectors may be of any real type, also memory-mapped: they are
turned into single precision a tile at a time, and never copied whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._threads import run_threads, thread_count
from fastemb.kernels import topk

Score = Callable[[slice, slice, NDArray[np.float32]], None]

SINGLE = np.dtype(np.float32)
FLOATS = (SINGLE, np.dtype(np.float64))
TILE = 1024  # vectors that are read at once
BLOCK = 512  # queries that meet them
SHORT = 1e-30  # squares of a length from which on single precision holds all of it
MOST_THREADS = 64  # that OpenBLAS serves at once


def as_single(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Rows in single precision, C-contiguous and aligned; no copy if they are so already."""
    if not vectors.flags.aligned:
        vectors = vectors.copy()
    if vectors.dtype != np.float16 or not vectors.dtype.isnative:
        return np.ascontiguousarray(at_least_single(vectors), np.float32)
    result = np.empty(vectors.shape, np.float32)
    topk.widen(np.ascontiguousarray(vectors).view(np.uint16), result)
    return result


def tiles(vectors: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """The rows a tile at a time: float64 as it is, all else in single precision."""
    for begin in range(0, len(vectors), TILE):
        rows = slice(begin, begin + TILE)
        yield rows, vectors[rows] if vectors.dtype == np.float64 else as_single(vectors[rows])


def lengths(vectors: NDArray[Any]) -> NDArray[Any]:
    """Euclidean length of each row; float64 for vectors of float64, else float32."""
    if vectors.dtype == np.float64:
        return np.linalg.norm(vectors, axis=1)
    result = np.empty(len(vectors), np.float32)
    for rows, tile in tiles(vectors):
        topk.lengths(tile, result[rows])
    return result


def divisors(norms: NDArray[Any]) -> NDArray[Any]:
    """The lengths, with 1 in place of 0: a vector of zeros is similar to nothing."""
    return norms if np.count_nonzero(norms) == len(norms) else np.where(norms == 0, norms.dtype.type(1), norms)


def at_least_single(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, in single or double precision; ValueError if a whole one is too large for that."""
    if array.dtype in FLOATS:
        return array
    try:
        return array.astype(np.float32 if np.can_cast(array.dtype, np.float32) else np.float64)
    except OverflowError as error:
        raise ValueError(f"a vector holds a number too large for float64: {error}") from None


def unit(vector: NDArray[Any]) -> NDArray[Any]:
    """A vector divided by its length, in single precision at least; zeros stay."""
    vector = at_least_single(vector)
    if vector.dtype != SINGLE:
        return vector / (math.sqrt(vector.dot(vector)) or 1)
    result = vector.copy()
    topk.normalize(result[np.newaxis])
    return result


def cosine(first: NDArray[Any], second: NDArray[Any]) -> np.float64:
    """Cosine of two vectors; 0 if one is zeros."""
    first, second = at_least_single(first), at_least_single(second)
    ours, theirs = float(first.dot(first)), float(second.dot(second))
    if not (SHORT < ours < math.inf and SHORT < theirs < math.inf):
        first, second = first.astype(np.float64), second.astype(np.float64)
        ours, theirs = float(first.dot(first)), float(second.dot(second))
    length = math.sqrt(ours * theirs)
    return np.float64(first.dot(second) / length if length else 0)


def unit_rows(vectors: NDArray[Any]) -> NDArray[Any]:
    """Each row divided by its length, in single precision at least; rows of zeros stay."""
    result = at_least_single(vectors).copy()
    normalize(result)
    return result


def normalize(rows: NDArray[Any]) -> None:
    """Divide rows of single or double precision by their lengths, in place; zeros stay."""
    if rows.dtype == SINGLE:
        topk.normalize(rows)
    else:
        rows /= divisors(lengths(rows))[:, np.newaxis]


def dots(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    """Dot product of each row with one vector, shape (rows,), by NumPy."""
    if vectors.dtype in FLOATS:
        return vectors.dot(query.astype(vectors.dtype, copy=False))
    query = query.astype(np.float32)
    result = np.empty(len(vectors), np.float32)
    for rows, tile in tiles(vectors):
        np.matmul(tile, query, out=result[rows])
    return result


def cosines(vectors: NDArray[Any], query: NDArray[Any], norms: NDArray[Any] | None = None) -> NDArray[Any]:
    """Cosine of each row with one vector, shape (rows,); `norms` are the lengths of the rows, if they are known."""
    if query.shape != vectors.shape[1:]:
        raise ValueError(f"a vector of {vectors.shape[1]} numbers is needed, not an array of shape {query.shape}")
    return dots(vectors, unit(query)) / divisors(lengths(vectors) if norms is None else norms)


def largest(values: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Places of the n largest values, descending; of equal values the first comes first, and NaN last."""
    if values.dtype != np.float64:
        values = values.astype(np.float32, copy=False)
    n = min(n, len(values))
    best, rows = np.empty((1, n), values.dtype), np.empty((1, n), np.int64)
    topk.update(np.ascontiguousarray(values)[np.newaxis], len(values), 0, best, rows, 0)
    return rows[0, np.lexsort((rows[0], -best[0]))]


def nearest(
    vectors: NDArray[Any],
    queries: NDArray[Any],
    k: int,
    norms: NDArray[Any] | None = None,
    workers: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k rows with the largest cosine to each query, by comparing with all of them.

    Parameters
    ----------
    vectors : ndarray of any real type, shape (rows, d)
    queries : ndarray, shape (queries, d)
    k : int
        At most as many as there are rows are found.
    norms : ndarray, shape (rows,), optional
        The lengths of the vectors, from `lengths`, if they are known.
    workers : int, optional
        Threads; one for each core by default, and with -1. Products are made by a copy of OpenBLAS of fastemb's own,
        on these threads alone; NumPy's are not used. Each needs about 2 MiB, and 12 k bytes for each of up to 512
        queries.

    Returns
    -------
    rows : ndarray of int64, shape (queries, k)
        The nearest first; of equally near ones, the first row first. Rows whose cosine is NaN come last.
    cosines : ndarray of float32, shape (queries, k)
        Computed in single precision; 0 for vectors of zeros.

    Raises
    ------
    ValueError
        If the sizes do not fit, `k` is negative, or `workers` is less than 1 and not -1.
    """
    if vectors.ndim != 2 or queries.ndim != 2 or vectors.shape[1] != queries.shape[1]:
        raise ValueError(f"vectors of shape {vectors.shape} do not fit queries of shape {queries.shape}")
    units = np.ascontiguousarray(unit_rows(queries), np.float32)
    norms = divisors((lengths(vectors) if norms is None else norms).astype(np.float32))

    def score(block: slice, tile: slice, out: NDArray[np.float32]) -> None:
        tile_cosines(units[block], vectors, norms, tile, out)

    return search(score, len(queries), len(vectors), k, workers)


def tile_cosines(
    units: NDArray[np.float32],
    vectors: NDArray[Any],
    norms: NDArray[np.float32],
    tile: slice,
    out: NDArray[np.float32],
) -> None:
    """out[:, : rows of the tile] = cosines of vectors of length 1 with the rows of a tile"""
    topk.products(units, as_single(vectors[tile]), out)
    with np.errstate(invalid="ignore"):  # infinite lengths
        out[:, : tile.stop - tile.start] /= norms[tile]


def search(
    score: Score, queries: int, rows: int, k: int, workers: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k rows with the largest score for each query; see `nearest`.

    Parameters
    ----------
    score : callable
        `score(block, tile, out)` writes the scores of a slice of queries for a slice of rows to
        `out[:, : rows of the slice]`. It is called by several threads at once.
    queries, rows, k : int
    workers : int, optional
    """
    workers = thread_count(workers)
    if k < 0:
        raise ValueError(f"k must not be negative, not {k}")
    k = min(k, rows)
    found, best = np.empty((queries, k), np.int64), np.empty((queries, k), np.float32)
    if k == 0:
        return found, best
    size = min(BLOCK, max(1, (BLOCK << 10) // k))  # of long answers, few at once
    for begin in range(0, queries, size):
        block = slice(begin, min(begin + size, queries))
        found[block], best[block] = search_block(score, block, rows, k, workers)
    best[best == -np.inf] = np.nan
    return found, best


def search_block(
    score: Score, block: slice, rows: int, k: int, workers: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """`search` for so many queries as memory allows at once."""
    count = block.stop - block.start
    waiting = [slice(begin, min(begin + TILE, rows)) for begin in range(0, rows, TILE)][::-1]

    def search_tiles() -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        scores = np.empty((count, min(TILE, rows)), np.float32)
        best, found, filled = np.empty((count, k), np.float32), np.empty((count, k), np.int64), 0
        while waiting:
            try:
                tile = waiting.pop()
            except IndexError:  # another thread was faster
                break
            score(block, tile, scores)
            filled = topk.update(scores, tile.stop - tile.start, tile.start, best, found, filled)
        return found[:, :filled], best[:, :filled]

    threads = min(workers, len(waiting), MOST_THREADS)
    parts = [search_tiles()] if threads == 1 else run_threads([search_tiles] * threads, waiting.clear)
    found, best = (np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True))
    order = np.lexsort((found, -best))[:, :k]
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(best, order, axis=1)


def require_transport() -> Callable[..., Any]:
    """The solver of POT.

    Raises
    ------
    ImportError
        If POT is not installed.
    """
    try:
        from ot import emd2
    except ImportError as error:
        raise ImportError("the word mover's distance needs POT: pip install 'fastemb[wmd]'") from error
    return emd2


def movers_distance(
    first: NDArray[Any], first_weights: NDArray[Any], second: NDArray[Any], second_weights: NDArray[Any]
) -> float:
    """What it costs to turn one weighted set of points into another (Kusner et al. 2015). Needs POT.

    Parameters
    ----------
    first, second : ndarray, shapes (n, d) and (m, d)
    first_weights, second_weights : ndarray, shapes (n,) and (m,)
        With the same sum.

    Returns
    -------
    float
        Infinity where all points are the same, as in gensim.
    """
    second = second.astype(np.float64)
    costs = np.array([np.linalg.norm(second - point, axis=1) for point in first.astype(np.float64)])
    if costs.sum() < 1e-8:
        return float("inf")
    return float(require_transport()(first_weights, second_weights, costs))
