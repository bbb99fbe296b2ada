"""Encoders from a teacher: vectors of tokens whose means meet those of another model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import positive, whole
from fastemb.encoder.tokenizing import without_token
from fastemb.encoder.training import principal
from fastemb.kernels.text.batch import weighted_means
from fastemb.kernels.text.pooled import mean_ids

Singles = NDArray[np.float32]


def learned(
    encoder: Any,
    texts: list[str],
    teacher: Any,
    *,
    dimensions: int | None = None,
    ridge: float = 1e-2,
    iterations: int = 50,
) -> Any:
    """An encoder whose vectors of texts are, in least squares, those that a teacher gives them.

    The teacher's vectors are reduced to their first principal components, not centred, so that their products stay. The
    encoder's vectors are mapped to them first, by one matrix, and then those of the tokens that the texts have are
    moved: ridge regression by conjugate gradients. Tokens that no text has are where the map leads. It is the idea of
    model2vec's tokenlearn, solved at once.

    Parameters
    ----------
    texts : iterable of str
    teacher : ndarray of float, shape (texts, d), or callable
        The vectors of the texts, or what makes them of a list of texts.
    dimensions : int, optional
        Of the vectors that are learnt; by default as many as the encoder has, and the teacher at most.
    ridge : float, default 1e-2
        How strongly tokens are held where the map leads, in texts of that token alone.
    iterations : int, default 50
        At most.

    Returns
    -------
    Encoder

    Raises
    ------
    ValueError
        If the texts and the teacher's vectors differ in number, these are not finite, or no text has a token.
    """
    wanted = np.asarray(teacher(texts) if callable(teacher) else teacher, np.float32)
    if wanted.ndim != 2 or len(wanted) != len(texts) or not np.isfinite(wanted).all():
        raise ValueError(f"{len(texts)} texts have vectors of shape {wanted.shape}, or some that are not finite")
    ids, starts = encoder._tokenizing.ids(texts)
    ids, starts = without_token(ids, starts, encoder._left_out())
    if not len(ids):
        raise ValueError("no text has a token")
    size = min(encoder.vector_size, wanted.shape[1]) if dimensions is None else whole("dimensions", dimensions, 1)
    wanted = np.ascontiguousarray(wanted @ principal(wanted)[1][:, :size].astype(np.float32))
    means, back = products(ids, starts, len(encoder.vectors))
    before = means(encoder.vectors)
    square = before.T @ before
    scale = max(float(np.trace(square)) / len(square), 1e-12)
    mapped = np.linalg.solve(square + 1e-3 * scale * np.eye(len(square), dtype=np.float32), before.T @ wanted)
    start = np.ascontiguousarray(encoder.vectors @ mapped, np.float32)
    held = np.float32(positive("ridge", ridge))
    rest = back(wanted - means(start))
    moved = conjugate_gradients(lambda x: back(means(x)) + held * x, rest, whole("iterations", iterations, 1))
    made = type(encoder)(
        start + moved,
        encoder._tokenizing.text,
        normalize=encoder.normalize,
        drop_unknown=encoder.drop_unknown,
        max_length=encoder.max_length,
    )
    made._from_end = encoder._from_end
    made.about = {**encoder.about, "teacher": f"{len(texts)} texts, {wanted.shape[1]} dimensions"}
    made.about.pop("scores", None)
    return made


Product = Callable[[Singles], Singles]


def products(ids: NDArray[np.int32], starts: NDArray[np.int64], tokens: int) -> tuple[Product, Product]:
    """X v, the means of vectors of tokens over texts, and Xᵀ r."""
    lengths = np.diff(starts)
    texts = np.repeat(np.arange(len(lengths)), lengths)
    order = np.argsort(ids, kind="stable")
    their_texts = texts[order].astype(np.int32)
    their_starts = np.concatenate([[0], np.cumsum(np.bincount(ids, minlength=tokens))]).astype(np.int64)
    shares = 1.0 / lengths[their_texts]
    nothing = np.zeros(len(lengths))

    def means(vectors: Singles) -> Singles:
        found = np.empty((len(lengths), vectors.shape[1]), np.float32)
        mean_ids(ids, starts, np.ascontiguousarray(vectors), found)
        return found

    def back(rows: Singles) -> Singles:
        found = np.empty((tokens, rows.shape[1]), np.float32)
        # Weights of 0 make sums of what would be means.
        weighted_means(np.ascontiguousarray(rows), nothing, their_texts, their_starts, found, shares)
        return found

    return means, back


def conjugate_gradients(apply: Product, wanted: Singles, iterations: int) -> Singles:
    """x with apply(x) = wanted, each column for itself (Hestenes and Stiefel 1952)."""
    x = np.zeros_like(wanted)
    rest, direction = wanted.copy(), wanted.copy()
    square = np.einsum("ij,ij->j", rest, rest, dtype=np.float64)
    enough = 1e-8 * np.maximum(square, 1e-30)
    for _ in range(iterations):
        if (square <= enough).all():
            break
        applied = apply(direction)
        along = np.einsum("ij,ij->j", direction, applied, dtype=np.float64)
        step = np.where(along > 0, square / np.maximum(along, 1e-300), 0).astype(np.float32)
        x += step * direction
        rest -= step * applied
        before, square = square, np.einsum("ij,ij->j", rest, rest, dtype=np.float64)
        direction = rest + np.where(before > 0, square / np.maximum(before, 1e-300), 0).astype(np.float32) * direction
    return x


def distilled(
    cls: Any, model: Any, tokenizer: Any, *, dimensions: int | None = 256, a: float | None = 1e-4, batch: int = 256
) -> Any:
    """An encoder of what a transformer makes of each of its tokens alone, as model2vec distils.

    Each token is read between the tokens that the tokenizer puts around a text; its vector is the mean of the last
    hidden states. The vectors are reduced by principal components, centred, and multiplied by a / (a + p), where p goes
    by Zipf's law with the token's id.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    tokenizer : transformers.PreTrainedTokenizerFast
    dimensions : int or None, default 256
        None, or more than there are, keeps all.
    a : float or None, default 1e-4
        None is for equal weights.
    batch : int, default 256
        Tokens that go through the transformer at a time.

    Returns
    -------
    Encoder

    Raises
    ------
    ImportError
        If torch is not there.
    """
    try:
        import torch
    except ImportError as error:
        raise ImportError("distilling needs torch and transformers: pip install torch transformers") from error
    count = 1 + max(tokenizer.get_vocab().values())
    around = tokenizer("")["input_ids"]  # nothing, between what is put around a text
    place = (len(around) + 1) // 2
    found = []
    model.eval()
    with torch.no_grad():
        for begin in range(0, count, whole("batch", batch, 1)):
            rows = [[*around[:place], id, *around[place:]] for id in range(begin, min(count, begin + batch))]
            inputs = torch.tensor(rows, device=model.device)
            hidden = model(input_ids=inputs, attention_mask=torch.ones_like(inputs)).last_hidden_state
            found.append(hidden.float().mean(dim=1).cpu().numpy())
    vectors = np.concatenate(found)
    vectors -= vectors.mean(axis=0)
    size = vectors.shape[1] if dimensions is None else whole("dimensions", dimensions, 1)
    vectors = vectors @ principal(vectors)[1][:, :size].astype(np.float32)
    if a is not None:
        chances = 1 / (2.0 + np.arange(count))
        vectors = vectors * (positive("a", a) / (a + chances / chances.sum()))[:, np.newaxis]
    made = cls(vectors, tokenizer)
    made.about = {"distilled_from": getattr(model.config, "model_type", type(model).__name__)}
    return made
