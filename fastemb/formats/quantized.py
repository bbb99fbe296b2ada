"""Rows of a matrix in fewer bytes, decoded when they are asked for.

`ScaledRows` keeps a byte for each number, `ProductRows` a byte for each few of them
(product quantisation: Jégou, Douze and Schmid 2011), as fastText's .ftz files do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import whole

CENTROIDS = 256
TOGETHER = 256  # points whose scores are in the cache together, and too few for BLAS to start threads
SAMPLE = 1 << 14  # points that centroids are fitted to
ROUNDS = 12
BLOCK = 1 << 14  # rows that are encoded at a time


class ScaledRows:
    """Rows as 8-bit integers, each row times a scale of its own.

    Attributes
    ----------
    codes : ndarray of int8, shape (rows, columns)
    scales : ndarray of float32, shape (rows,)
    """

    dtype = np.dtype(np.float32)

    def __init__(self, codes: NDArray[np.int8], scales: NDArray[np.float32]):
        if codes.ndim != 2 or scales.shape != codes.shape[:1] or codes.dtype != np.int8:
            raise ValueError("codes and scales differ in number")
        self.codes, self.scales = codes, scales
        self.shape: tuple[int, int] = codes.shape

    @classmethod
    def encode(cls, matrix: NDArray[Any]) -> ScaledRows:
        """The nearest that a matrix can be kept as."""
        largest = np.abs(matrix).max(axis=1, initial=0).astype(np.float32)
        scales = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(127)
        codes = np.empty(matrix.shape, np.int8)
        for begin in range(0, len(matrix), BLOCK):
            part = slice(begin, begin + BLOCK)
            codes[part] = np.rint(matrix[part] / scales[part, np.newaxis])
        return cls(codes, scales)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes + self.scales.nbytes

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """Decode a row, some rows, or a slice of them."""
        return self.codes[rows] * self.scales[rows][..., np.newaxis]

    def part(self, begin: int, end: int) -> ScaledRows:
        """The rows from `begin` to `end`, still encoded."""
        return ScaledRows(self.codes[begin:end], self.scales[begin:end])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        return {"codes": self.codes, "scales": self.scales}


class ProductRows:
    """Rows as one byte for each group of columns: the number of a centroid.

    Attributes
    ----------
    codes : ndarray of uint8, shape (rows, groups)
    centroids : ndarray of float32, shape (groups, 256, columns of a group)
        If the last group has fewer columns, zeros stand for those that lack.
    norms : ndarray of float32, shape (rows,)
        By which the decoded rows are multiplied.
    """

    dtype = np.dtype(np.float32)

    def __init__(
        self, codes: NDArray[np.uint8], centroids: NDArray[np.float32], norms: NDArray[np.float32], columns: int
    ):
        groups, count, width = centroids.shape
        if codes.shape[1:] != (groups,) or norms.shape != codes.shape[:1] or count != CENTROIDS:
            raise ValueError("codes, centroids and norms differ in number")
        if not (groups - 1) * width < columns <= groups * width or codes.dtype != np.uint8:
            raise ValueError(f"{groups} groups of {width} are not {columns} columns")
        self.codes, self.centroids, self.norms = codes, centroids, norms
        self.shape = (len(codes), columns)

    @classmethod
    def encode(
        cls,
        matrix: NDArray[Any],
        width: int = 2,
        seed: int = 1,
        by_length: bool = True,
        sample_size: int = SAMPLE,
        rounds: int = ROUNDS,
    ) -> ProductRows:
        """Fit centroids to a sample of the rows, and encode all.

        Parameters
        ----------
        matrix : ndarray, shape (rows, columns)
        width : int, default 2
            Columns of a group.
        seed : int, default 1
        by_length : bool, default True
            Divide each row by its length first, which is kept apart.
        sample_size, rounds : int, default 16,384 and 12
            Of the fit.
        """
        rows, columns = matrix.shape
        width = min(width, max(columns, 1))  # else centroids would be of zeros for the most part
        groups = -(-columns // width)
        draw = np.random.default_rng(whole("seed", seed, 0))
        sample = np.sort(draw.choice(rows, min(rows, sample_size), replace=False))
        points, _ = groups_of(matrix[sample], width, by_length)
        centroids = np.stack([fit_centroids(points[:, group], draw, rounds) for group in range(groups)])
        codes = np.empty((rows, groups), np.uint8)
        norms = np.empty(rows, np.float32)
        for begin in range(0, rows, BLOCK):
            part = slice(begin, begin + BLOCK)
            points, norms[part] = groups_of(matrix[part], width, by_length)
            for group in range(groups):
                codes[part, group] = nearest(points[:, group], centroids[group])
        return cls(codes, centroids, norms, columns)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes + self.centroids.nbytes + self.norms.nbytes

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """Decode a row, some rows, or a slice of them."""
        codes = self.codes[rows]
        decoded = self.centroids[np.arange(len(self.centroids)), codes]
        width = decoded.shape[-2] * decoded.shape[-1]
        decoded = decoded.reshape(*codes.shape[:-1], width)[..., : self.shape[1]]
        return decoded * self.norms[rows][..., np.newaxis]

    def part(self, begin: int, end: int) -> ProductRows:
        """The rows from `begin` to `end`, still encoded."""
        return ProductRows(self.codes[begin:end], self.centroids, self.norms[begin:end], self.shape[1])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        columns = np.array(self.shape[1], np.int64)
        return {"codes": self.codes, "centroids": self.centroids, "norms": self.norms, "columns": columns}


Rows = NDArray[Any] | ScaledRows | ProductRows


class Indexed(Protocol):
    """A matrix that gives rows as an array when it is indexed by their numbers or a slice."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, which: Any, /) -> Any: ...


def part(rows: Rows, begin: int, end: int) -> Rows:
    """The rows from `begin` to `end`, as they are kept; nothing is copied."""
    return rows[begin:end] if isinstance(rows, np.ndarray) else rows.part(begin, end)


def decoded(rows: Indexed, which: Any) -> NDArray[np.float32]:
    """Some rows as an array that kernels can read."""
    return np.ascontiguousarray(rows[which], np.float32)


def pack_rows(name: str, rows: Rows) -> dict[str, NDArray[Any]]:
    """A matrix as arrays, whose names begin with `name`."""
    if isinstance(rows, np.ndarray):
        return {name: rows}
    return {f"{name}.{key}": value for key, value in rows.to_arrays().items()}


def unpack_rows(name: str, arrays: Mapping[str, NDArray[Any]]) -> Rows:
    """The opposite of `pack_rows`.

    Raises
    ------
    ValueError
        If arrays are missing, or do not fit together.
    """
    if name in arrays:
        matrix = arrays[name]
        if matrix.ndim != 2 or matrix.dtype.kind != "f":
            raise ValueError(f"{name} is not a matrix")
        return matrix
    given = {key.removeprefix(f"{name}."): value for key, value in arrays.items() if key.startswith(f"{name}.")}
    try:
        if "columns" in given:
            return ProductRows(given["codes"], given["centroids"], given["norms"], int(given["columns"]))
        return ScaledRows(given["codes"], given["scales"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name} is missing or damaged ({error})") from None


def groups_of(matrix: NDArray[Any], width: int, by_length: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows as (rows, groups, width), padded with zeros, and divided by their lengths, if asked for; and by what."""
    rows, columns = matrix.shape
    single = matrix.astype(np.float32)
    norms = np.linalg.norm(single, axis=1) if by_length else np.ones(rows, np.float32)
    padded = np.zeros((rows, -(-columns // width) * width), np.float32)
    padded[:, :columns] = matrix / np.where(norms > 0, norms, 1)[:, np.newaxis]
    return padded.reshape(rows, -1, width), norms


def fit_centroids(points: NDArray[np.float32], draw: np.random.Generator, rounds: int = ROUNDS) -> NDArray[np.float32]:
    """256 centroids by Lloyd's algorithm, shape (256, width); some are the same if there are fewer points."""
    if not len(points):
        return np.zeros((CENTROIDS, points.shape[1]), np.float32)
    centroids = points[draw.choice(len(points), CENTROIDS, replace=len(points) < CENTROIDS)]
    for _ in range(rounds):
        codes = nearest(points, centroids)
        counts = np.bincount(codes, minlength=CENTROIDS)
        sums = np.stack([np.bincount(codes, column, CENTROIDS) for column in points.T], axis=1)
        filled = counts > 0
        centroids = np.array(centroids)
        centroids[filled] = sums[filled] / counts[filled, np.newaxis]
        # A centroid that lost all its points gets one of the points anew.
        centroids[~filled] = points[draw.integers(len(points), size=np.count_nonzero(~filled))]
    return centroids


def nearest(points: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.uint8]:
    """For each point the number of the centroid nearest to it: the least |c|² - 2 c·x."""
    factors, squares = -2 * centroids.T, np.einsum("ij,ij->i", centroids, centroids)
    found = np.empty(len(points), np.uint8)
    for begin in range(0, len(points), TOGETHER):
        scores = points[begin : begin + TOGETHER] @ factors
        scores += squares
        found[begin : begin + TOGETHER] = scores.argmin(axis=1)
    return found
