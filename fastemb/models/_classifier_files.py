"""Classifiers from and to files: fastText's, and fastemb's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb.formats import fasttext as facebook
from fastemb.formats import native
from fastemb.formats.fasttext_names import as_strings
from fastemb.formats.fasttext_supervised import write_model
from fastemb.formats.quantized import ProductRows, Rows, decoded, pack_rows, unpack_rows
from fastemb.models._facebook import vectors_of
from fastemb.models._random import RandomRows
from fastemb.models._subword_vectors import FastTextKeyedVectors
from fastemb.models.keyedvectors import check_mmap
from fastemb.subwords import encode_word

if TYPE_CHECKING:
    from fastemb.models._classifier_parts import Parts as Classifier

LOSSES = {number: name for name, number in facebook.LOSSES.items()}
Found = tuple[FastTextKeyedVectors, list[str], NDArray[np.int64], Rows, str, dict[str, Any]]


def set_arrays(model: Classifier, arrays: dict[str, NDArray[Any]], name: str) -> None:
    """Take the arrays of a file of fastemb's own; `name` is the file's, for messages."""
    arrays = {key: np.asarray(array) for key, array in arrays.items()}
    model.wv = FastTextKeyedVectors.from_native(arrays, name)
    prefix = "labels."
    packed = {f"keys.{key.removeprefix(prefix)}": array for key, array in arrays.items() if key.startswith(prefix)}
    labels = native.unpack_keys(packed, name)
    try:
        model.output, model.label_counts = unpack_rows("output", arrays), arrays["label_counts"]
        if model.label_counts.dtype != np.int64 or not all(isinstance(label, str) for label in labels):
            raise ValueError("of other types")
    except (KeyError, ValueError) as error:
        raise ValueError(f"{name}: its labels or output are missing or damaged ({error})") from None
    model.labels = [str(label) for label in labels]


def parts_of_fasttext(path: Path, mmap: str | bool | None) -> Found:
    """The parts of a classifier in a file of fastText's."""
    check_mmap(mmap)
    return parts_of(facebook.read_fasttext(path, mmap=mmap is not False), local(path))


def parts_of(file: facebook.FastTextFile, name: str) -> Found:
    """The same, of a file that was read; `name` is its name, for messages."""
    arguments = dict(file.arguments)
    kind = {number: kind for kind, number in facebook.MODELS.items()}[arguments.pop("model")]
    if kind != "sup":
        words = {"cbow": "CBOW", "sg": "skip-gram"}[kind]
        raise ValueError(
            f"{name}: not a classifier but unsupervised vectors ({words}); load_facebook_model() or load_vectors() "
            "reads them"
        )
    assert file.outputs is not None
    wv = vectors_of(file, name, "utf-8")
    labels = as_strings(file.labels)
    loss = LOSSES[arguments.pop("loss")]
    return wv, labels, file.label_counts, file.outputs, loss, arguments | {"tokens": file.tokens}


def arrays_of(model: Classifier) -> dict[str, NDArray[Any]]:
    """What `set_arrays` takes."""
    labels = {key.replace("keys.", "labels.", 1): array for key, array in native.pack_keys(model.labels).items()}
    return model.wv.to_arrays() | labels | pack_rows("output", model.output) | {"label_counts": model.label_counts}


def write_fasttext(path: Path, model: Classifier) -> None:
    """Write a classifier to a file of fastText's."""
    wv = model.wv
    if "count" not in wv.expandos:
        raise ValueError("the words have no counts, which fastText's files hold: wv.expandos['count']")
    own, ngrams = wv.vectors_vocab, ngram_rows_of(wv)
    inputs: Any = joined(own, ngrams)
    output = model.output if isinstance(model.output, (np.ndarray, ProductRows)) else decoded(model.output, slice(None))
    kept = wv.subwords.kept
    if not isinstance(inputs, ProductRows):
        if kept is not None:
            raise ValueError("fastText's files hold pruned buckets only of quantised rows")
        if isinstance(output, ProductRows):
            output = decoded(output, slice(None))
    file = facebook.FastTextFile(
        arguments_of(model, len(ngrams) if kept is None else wv.subwords.bucket),
        [encode_word(word) for word in wv.index_to_key],
        np.asarray(wv.expandos["count"], np.int64),
        int(model.args["tokens"]),
        inputs,
        output,
        kept,
        [encode_word(label) for label in model.labels],
        model.label_counts,
    )
    write_model(path, file)


def arguments_of(model: Classifier, bucket: int) -> dict[str, Any]:
    args = {name: model.args[name] for name in facebook.NAMES if name in model.args}
    subwords, supervised = model.wv.subwords, model.wv.supervised
    assert supervised is not None
    return args | {
        "loss": facebook.LOSSES[model.loss], "model": facebook.MODELS["sup"], "bucket": bucket,
        "minn": subwords.min_n, "maxn": subwords.max_n, "word_ngrams": supervised.word_ngrams,
    }  # fmt: skip


def ngram_rows_of(wv: FastTextKeyedVectors) -> Rows:
    rows = wv.ngram_rows
    return rows.matrix() if isinstance(rows, RandomRows) else rows


class Joined:
    """Matrices one below the other, that give a slice of rows when they are indexed by one."""

    def __init__(self, first: Any, second: Any):
        self.first, self.second = first, second
        self.shape = (len(first) + len(second), first.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> NDArray[np.float32]:
        begin, end, _ = rows.indices(len(self))
        middle = len(self.first)
        first = decoded(self.first, slice(min(begin, middle), min(end, middle)))
        second = decoded(self.second, slice(max(begin - middle, 0), max(end - middle, 0)))
        return np.concatenate([first, second])


def joined(own: Rows, ngrams: Rows) -> ProductRows | Joined:
    """Rows of words and of n-grams as one matrix; product-quantised if both are, by the same centroids."""
    if isinstance(own, ProductRows) and isinstance(ngrams, ProductRows):
        if not np.array_equal(own.centroids, ngrams.centroids):
            raise ValueError("words and n-grams have centroids of their own: fastText's files hold those of one matrix")
        codes, norms = np.concatenate([own.codes, ngrams.codes]), np.concatenate([own.norms, ngrams.norms])
        return ProductRows(codes, own.centroids, norms, own.shape[1])
    return Joined(own, ngrams)


def rows_to_train(rows: Any) -> NDArray[Any]:
    """The rows, if they can be trained."""
    if not isinstance(rows, np.ndarray):
        raise TypeError("a classifier that was quantised cannot be trained")
    return rows
