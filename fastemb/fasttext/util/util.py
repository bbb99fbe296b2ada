"""Helpers of fastText's module: measuring, the nearest row, fewer columns, and models to download."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SITE = "https://dl.fbaipublicfiles.com/fasttext/vectors-crawl"
FITTED = 100_000  # rows that the axes are found from
EXISTING = ("strict", "ignore", "overwrite")
# Wikipedias of whose languages fastText has vectors.
LANGUAGES = """
af als am an ar arz as ast az azb ba bar bcl be bg bh bn bo bpy br bs ca ce ceb ckb co cs cv cy da de diq dv el eml
en eo es et eu fa fi fr frr fy ga gd gl gom gu gv he hi hif hr hsb ht hu hy ia id ilo io is it ja jv ka kk km kn ko
ku ky la lb li lmo lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no nso oc or
os pa pam pfl pl pms pnb ps pt qu rm ro ru sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr
tt ug uk ur uz vec vi vls vo wa war xmf yi yo zea zh
"""
valid_lang_ids = frozenset(LANGUAGES.split())


def test(
    predictions: Iterable[Collection[Any]],
    labels: Iterable[Collection[Any]],
    k: int = 1,  # noqa: PT028  # fastText's, no test of pytest's
) -> tuple[float, float]:
    """Precision and recall of `k` predictions for each text."""
    right = texts = wanted = 0
    for predicted, own in zip(predictions, labels, strict=False):
        right += sum(label in own for label in predicted)
        texts, wanted = texts + 1, wanted + len(own)
    return right / (k * texts), right / wanted


def find_nearest_neighbor(
    query: NDArray[Any], vectors: NDArray[Any], ban_set: Collection[int], cossims: NDArray[Any] | None = None
) -> Any:
    """The number of the row that has the largest dot product with a vector, of those that are not banned.

    `cossims`, of shape (rows,), is written to if it is given.
    """
    products = np.matmul(vectors, query, out=cossims)
    order = np.argsort(-products, kind="stable")
    return next(row for row in order if row not in ban_set)


def reduce_model(ft_model: Any, target_dim: int) -> Any:
    """Give a model fewer columns, in place: the principal axes of its input matrix.

    Raises
    ------
    ValueError
        If it is quantised, or has not so many columns.
    """
    inputs, output = ft_model.get_input_matrix(), ft_model.get_output_matrix()
    if not 1 <= target_dim <= inputs.shape[1]:
        raise ValueError(f"target_dim must be from 1 to {inputs.shape[1]}, not {target_dim}")
    sample = inputs[:FITTED]
    sample = sample - sample.mean(axis=0, dtype=np.float32)
    _, axes = np.linalg.eigh(sample.T @ sample)
    projection = np.ascontiguousarray(axes[:, ::-1][:, :target_dim], np.float32)
    ft_model.set_matrices(inputs @ projection, output @ projection)
    return ft_model


def download_model(lang_id: str, if_exists: str = "strict", dimension: Any = None) -> str | None:
    """Download fastText's vectors of a language to ``cc.LANG.300.bin`` in the current folder; the name of the file.

    Parameters
    ----------
    lang_id : str
        As 'en'.
    if_exists : {'strict', 'ignore', 'overwrite'}
        Of a file that is there: say so, and return None; take it; or download it again.
    dimension : object
        Not used, as in fastText.

    Raises
    ------
    Exception
        If there are no vectors of that language.
    OSError
        If the file cannot be fetched, or written.
    """
    if lang_id not in valid_lang_ids:
        raise Exception(f"Invalid lang id {lang_id!r}. Please select among {sorted(valid_lang_ids)}")
    name = f"cc.{lang_id}.300.bin"
    if os.path.isfile(name) and if_exists != "overwrite":
        if if_exists == "ignore":
            return name
        print(f"{name} is there already; if_exists='overwrite' downloads it again.")
        return None
    import gzip
    from urllib.request import urlopen

    from fastemb.io.outputs import replacing

    address = f"{SITE}/{name}.gz"
    print(f"Downloading {address}")
    try:
        response = urlopen(address)
    except OSError as error:
        raise OSError(f"{address} cannot be downloaded ({error}); download it elsewhere, and unpack it here") from error
    with response, gzip.open(response, "rb") as packed, replacing(name) as file:
        shutil.copyfileobj(packed, file, 1 << 20)
    return name
