"""The .bin and .ftz files of fastText's models, written as its program writes them; `fasttext` reads them."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastemb.formats.fasttext import (
    ARGUMENTS,
    ENTRY,
    MAGIC,
    MODELS,
    NAMES,
    SIZES,
    VERSION,
    FastTextFile,
    Path,
    write_rows,
)
from fastemb.formats.quantized import CENTROIDS, Indexed, ProductRows, fit_centroids
from fastemb.io.outputs import writing

SAMPLE = 1 << 16  # lengths of rows that centroids are fitted to


def write_model(path: Path, model: FastTextFile) -> None:
    """Write a model as fastText does: a .ftz file if its inputs are product-quantised, else a .bin file.

    Parameters
    ----------
    path : str or os.PathLike
        The file appears whole or not at all.
    model : FastTextFile
        Its outputs may be quantised only where its inputs are. Lengths of more than 256 values become the nearest of
        256, since fastText's files hold no others.

    Raises
    ------
    ValueError
        If a word or label cannot be said in this format, or sizes contradict each other. Nothing is written then.
    """
    inputs, outputs = model.inputs, model.outputs
    assert outputs is not None
    quantized = isinstance(inputs, ProductRows)
    buckets = model.arguments["bucket"] if model.kept is None else len(model.kept)
    targets = model.labels if model.arguments["model"] == MODELS["sup"] else model.words
    if len(inputs) != len(model.words) + buckets or len(outputs) != len(targets):
        raise ValueError(
            f"{len(model.words)} words, {buckets} buckets and {len(targets)} words or labels to find, "
            f"but {len(inputs)} rows of inputs and {len(outputs)} of outputs"
        )
    if not quantized and (model.kept is not None or isinstance(outputs, ProductRows)):
        raise ValueError("fastText's files hold pruned buckets and quantised outputs only of quantised inputs")
    entries = entries_of(model)
    try:
        header = struct.pack("<2i", MAGIC, VERSION) + ARGUMENTS.pack(*(model.arguments[name] for name in NAMES))
        words, labels = len(model.words), len(model.labels)
        pruned = -1 if model.kept is None else len(model.kept)
        header += SIZES.pack(words + labels, words, labels, model.tokens) + struct.pack("<q", pruned)
    except struct.error as error:
        raise ValueError(f"a parameter is too large for fastText's files ({error})") from None
    with writing(path) as file:
        file.write(header + entries)
        if model.kept is not None:
            file.write(np.ascontiguousarray(model.kept, "<i4").tobytes())
        for matrix in (inputs, outputs):
            write_matrix(file, matrix)


def entries_of(model: FastTextFile) -> bytes:
    """The words and labels of the dictionary."""
    entries = []
    for kind, names, counts in ((0, model.words, model.counts), (1, model.labels, model.label_counts)):
        for name, count in zip(names, counts.tolist(), strict=True):
            if b"\0" in name:
                raise ValueError(f"fastText's files cannot hold {name!r}; save() can")
            entries.append(name + b"\0" + ENTRY.pack(count, kind))
    return b"".join(entries)


def write_matrix(file: BinaryIO, matrix: Indexed) -> None:
    """A matrix, and before it whether it is quantised."""
    if not isinstance(matrix, ProductRows):
        file.write(struct.pack("<?2q", False, *matrix.shape))
        write_rows(file, matrix)
        return
    norms = quantized_norms(matrix.norms)
    rows, columns = matrix.shape
    file.write(struct.pack("<??2qi", True, norms is not None, rows, columns, matrix.codes.size))
    file.write(np.ascontiguousarray(matrix.codes).tobytes())
    write_centroids(file, matrix.centroids, columns)
    if norms is not None:
        file.write(norms[0].tobytes())
        write_centroids(file, norms[1].reshape(1, CENTROIDS, 1), 1)


def quantized_norms(norms: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
    """The lengths of rows as codes of 256 values, and these; None if all are 1."""
    if np.all(norms == 1):
        return None
    values = np.unique(norms)
    if len(values) > CENTROIDS:
        draw = np.random.default_rng(1)
        sample = draw.choice(norms, min(len(norms), SAMPLE), replace=False)
        values = np.unique(fit_centroids(sample[:, np.newaxis], draw))
    above = np.searchsorted(values, norms).clip(1, max(1, len(values) - 1)) % len(values)
    codes = np.where(values[above] - norms < norms - values[above - 1], above, above - 1) % len(values)
    return codes.astype(np.uint8), np.resize(values, CENTROIDS).astype("<f4")


def write_centroids(file: BinaryIO, centroids: NDArray[np.float32], columns: int) -> None:
    groups, _, width = centroids.shape
    last = columns - (groups - 1) * width
    file.write(struct.pack("<4i", columns, groups, width, last))
    file.write(np.ascontiguousarray(centroids[:-1], "<f4").tobytes())
    file.write(np.ascontiguousarray(centroids[-1, :, :last], "<f4").tobytes())
