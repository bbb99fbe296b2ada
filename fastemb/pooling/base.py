"""What all poolings share: parameters, texts and sparse matrices, threads, files."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from operator import methodcaller
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb._threads import run_threads, thread_count
from fastemb.formats import native
from fastemb.io.limits import parse_json
from fastemb.kernels.ragged import check
from fastemb.kernels.topk import normalize
from fastemb.models._on_the_class import OnTheClass
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.texts import Encoded, Index, rows_of_texts

AnyPooling = TypeVar("AnyPooling", bound="Pooling")
Texts = Any  # iterable of str or of sequences of words, or a sparse matrix
Ids = NDArray[np.int32]
Starts = NDArray[np.int64]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Given(NamedTuple):
    """Texts, and what is known of their words.

    Attributes
    ----------
    vectors : ndarray of float32, shape (words, vector_size)
        Of the words that have one.
    rows : ndarray of int, shape (words,)
        Their rows among all vectors; -1 for words that have none, and whose vectors are made of n-grams.
    ids : ndarray of int32
        The words of text k are ids[starts[k]:starts[k + 1]]; -1 for those without a vector.
    starts : ndarray of int64, shape (texts + 1,)
    values : ndarray of float64, shape (ids,), or None
        The numbers of a matrix.
    """

    vectors: Singles
    rows: NDArray[Any]
    ids: Ids
    starts: Starts
    values: Doubles | None


Fill = Callable[[Given, Any], None]
PARTS = 1 << 20  # of a word, in which words are counted: sums of whole numbers are the same in any order


class Pooling:
    """What all classes of this module share.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    normalize : bool, default True
        Divide the vectors of words by their lengths first.
    columns : sequence of str, or mapping of str to int, optional
        The words of the columns of sparse matrices: ``vectorizer.get_feature_names_out()``, or its `vocabulary_`.
    workers : int, optional
        Threads; one for each core by default, and with -1. The result does not depend on it.
    """

    PARAMETERS: tuple[str, ...] = ("normalize",)  # that are saved
    FITTED: tuple[str, ...] = ()  # arrays that `fit` makes

    word_weights: Doubles  # one for each row, if they are fitted

    def __init__(self, wv: Any, normalize: bool = True, columns: Any = None, workers: int | None = None):
        self.wv, self.normalize, self.columns, self.workers = wv, normalize, columns, workers

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor, as scikit-learn asks for them."""
        return {
            name: getattr(self, name) for name in inspect.signature(type(self).__init__).parameters if name != "self"
        }

    def set_params(self: AnyPooling, **parameters: Any) -> AnyPooling:
        """Set parameters of the constructor, which checks them: its errors are raised, and nothing is set then."""
        before = self.get_params()
        for name in parameters:
            if name not in before:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
        checked = type(self)(**before | parameters)
        for name in parameters:
            setattr(self, name, getattr(checked, name))
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags  # who asks for these has it

        given = InputTags(string=True, sparse=True, one_d_array=True, two_d_array=False)
        made = TransformerTags(preserves_dtype=[])
        return Tags(None, TargetTags(required=False), made, input_tags=given, requires_fit=bool(self.FITTED))

    def __sklearn_is_fitted__(self) -> bool:
        return all(hasattr(self, name) for name in self.FITTED)

    def fit(self: AnyPooling, texts: Texts, y: Any = None) -> AnyPooling:
        """Learn from texts what is to be learnt; `y` is for scikit-learn's sake, without effect.

        Parameters
        ----------
        texts : iterable of str, or of sequences of str; or sparse matrix, shape (texts, words)
            Read several times; what can be read but once is held in memory.

        Returns
        -------
        self
        """
        return self

    def fit_transform(self, texts: Texts, y: Any = None) -> Singles:
        """`fit`, and then `transform` of the same texts."""
        texts = kept(texts)
        return self.fit(texts).transform(texts)

    def transform(self, texts: Texts) -> Singles:
        """One vector for each text.

        Parameters
        ----------
        texts : iterable of str, or of sequences of str or int; or sparse matrix, shape (texts, words)
            The numbers of a matrix multiply what the words weigh. An iterator that was read before has no texts.

        Returns
        -------
        ndarray of float32, shape (texts, width)
            Zeros for a text without words, or none of whose words has a vector.

        Raises
        ------
        RuntimeError
            If what `fit` learns is not there.
        TypeError
            If `texts` is a single str, or a text is neither a str nor a sequence of str or int; or, with `columns`, if
            it is a matrix that is not sparse.
        ValueError
            If a matrix has other columns than there are words.
        """
        if not self.__sklearn_is_fitted__():
            raise RuntimeError(f"{type(self).__name__} has learnt nothing yet: call fit(texts) before")
        return self._each(texts, self._width(), self._fill)

    # What subclasses say.

    def _width(self) -> int:
        """Numbers in a vector of a text."""
        return self._vectors().vector_size

    def _pool(self, given: Given, found: Singles) -> None:
        """Write the vectors of texts."""
        raise NotImplementedError

    # How texts become vectors.

    def _vectors(self) -> KeyedVectors:
        wv = getattr(self.wv, "wv", self.wv)
        if not isinstance(wv, KeyedVectors):
            raise TypeError(f"wv must be KeyedVectors or a model that has them, not {type(self.wv).__name__}")
        return wv

    def _fill(self, given: Given, found: Singles) -> None:
        if self.normalize:
            normalize(given.vectors)
        self._pool(given, found)

    def _each(self, texts: Texts, width: int, fill: Fill) -> Singles:
        """A row of `width` numbers for each text, written by `fill`, which several threads call."""
        wv, index = self._vectors(), Index()
        if (
            self.columns is not None
            and isinstance(texts, np.ndarray)
            and texts.ndim == 2
            and texts.dtype.kind in "biuf"
        ):
            raise TypeError(
                "a matrix must be sparse, for numbers in an array are keys of words: scipy.sparse.csr_matrix(…)"
            )
        if (matrix := compressed(texts)) is None:
            return rows_of_texts(texts, width, lambda some, rows: fill(given_of(wv, some, index), rows), self.workers)
        if self.columns is None:
            raise ValueError("a sparse matrix needs columns=: the words of its columns")
        starts, ids = np.array(matrix.indptr, np.int64), np.array(matrix.indices, np.int32)
        values, words = np.array(matrix.data, np.float64), words_of(self.columns)
        if len(starts) != matrix.shape[0] + 1 or len(ids) != len(values) or matrix.shape[1] != len(words):
            raise ValueError(f"a matrix of shape {tuple(matrix.shape)} has {len(words)} columns, by columns=")
        check(starts, ids, 0, len(words), "the matrix")
        ids[values == 0] = -1
        given = given_of(wv, Encoded(words, ids, starts), index)
        found, count = np.zeros((matrix.shape[0], width), np.float32), thread_count(self.workers)
        cuts = np.searchsorted(starts, np.linspace(0, starts[-1], count + 1)[1:-1]).tolist()

        def work(begin: int, end: int) -> None:
            some = slice(int(starts[begin]), int(starts[end]))
            own = starts[begin : end + 1] - starts[begin]
            fill(Given(given.vectors.copy(), given.rows, ids[some], own, values[some]), found[begin:end])

        shares = [share for share in pairwise([0, *cuts, matrix.shape[0]]) if share[0] < share[1]]
        run_threads([partial(work, *share) for share in shares], lambda: None)
        return found

    # Files.

    def save(self, fname: Path) -> None:
        """Write what was learnt, and the parameters, but not the vectors, to a file in the layout of safetensors.

        Parameters
        ----------
        fname : str or os.PathLike
        """
        arrays: dict[str, NDArray[Any]] = {
            name: np.asarray(vars(self)[name]) for name in self.FITTED if name in vars(self)
        }
        if "word_weights" in arrays:
            arrays |= native.pack_keys(self._vectors().index_to_key[: len(arrays["word_weights"])])
        parameters = {name: getattr(self, name) for name in self.PARAMETERS}  # as they were given, also by NumPy
        text = json.dumps(parameters, default=methodcaller("tolist"))
        native.write_native(fname, arrays, {"class": type(self).__name__, "parameters": text})

    @OnTheClass
    def load(cls: type[AnyPooling], fname: Path, wv: Any, **parameters: Any) -> AnyPooling:
        """Read what `save()` of this class wrote.

        Parameters
        ----------
        fname : str or os.PathLike
        wv : KeyedVectors or model
            Words that it has beside those of when the file was written weigh as words never seen.
        **parameters
            In the place of those in the file; `columns` and `workers` are not in it.

        Raises
        ------
        ValueError
            If it is another file, or damaged.
        """
        name = local(fname)
        arrays, metadata = native.read_native(fname)
        if metadata.get("class") != cls.__name__:
            raise ValueError(f"{name}: holds {metadata.get('class', 'something else')}, not {cls.__name__}")
        try:
            saved = parse_json(metadata["parameters"])
            made = cls(wv, **({key: saved[key] for key in cls.PARAMETERS} | parameters))
            for key in set(cls.FITTED) & arrays.keys():
                setattr(made, key, arrays[key])
            if "word_weights" in arrays:
                words = native.unpack_keys(arrays, name)
                made.word_weights = rearranged(arrays, words, made._vectors().index_to_key)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{name}: damaged, or of other vectors ({error})") from None
        return made


class Weighted(Pooling):
    """Poolings in which words weigh differently."""

    unseen: Any  # of a word that has no row

    def _weights(self, rows: NDArray[Any]) -> Doubles:
        """The weights of the words of these rows."""
        known = (rows >= 0) & (rows < len(self.word_weights))
        weights = np.full(rows.shape, float(self.unseen))
        weights[known] = self.word_weights[rows[known]]
        return weights

    def _counts(self, texts: Texts, of_texts: bool = False) -> tuple[Doubles, float, int]:
        """How often the words of each row occur, or in how many texts; all words that have a vector; and all texts.

        A number of a matrix is how often its word occurs there, a fraction, too.
        """
        counts, lock = np.zeros(len(self._vectors()) + 1, np.int64), Lock()  # the last is for words without a row

        def fill(given: Given, _: Singles) -> None:
            ids, times = given.ids, np.ones(len(given.ids)) if given.values is None else np.abs(given.values)
            if of_texts:
                number = np.repeat(np.arange(len(given.starts) - 1), np.diff(given.starts))
                first = np.unique(number * (len(given.rows) + 1) + ids, return_index=True)[1]
                ids, times = ids[first], np.ones(len(first))
            wanted = ids >= 0
            with lock:
                np.add.at(counts, given.rows[ids[wanted]], np.rint(times[wanted] * PARTS).astype(np.int64))

        number = len(self._each(texts, 0, fill))
        return counts[:-1] / PARTS, int(counts.sum()) / PARTS, number


def given_of(wv: Any, some: Encoded, index: Index) -> Given:
    vectors, rows, places = wv._vectors_of_words(some, index)
    rows = rows if places is None else np.asarray(rows)[places]
    return Given(np.ascontiguousarray(vectors, np.float32), np.asarray(rows), some.ids, some.starts, None)


def compressed(texts: Texts) -> Any:
    """A sparse matrix by rows, as SciPy has it; None for anything else. Nothing is imported."""
    matrix = texts.tocsr() if hasattr(texts, "tocsr") else texts
    return matrix if all(hasattr(matrix, name) for name in ("indptr", "indices", "data", "shape")) else None


def words_of(columns: Any) -> list[Any]:
    """The words of columns, of which a mapping gives the numbers."""
    if isinstance(columns, Mapping):
        ordered = sorted(columns, key=columns.__getitem__)
        if [columns[word] for word in ordered] != list(range(len(ordered))):
            raise ValueError("columns must number its words 0, 1, 2, …")
        return [str(word) for word in ordered]
    return [str(word) if isinstance(word, str) else word for word in columns]


def kept(texts: Texts) -> Texts:
    """The same texts, which can be read again."""
    return list(texts) if isinstance(texts, Iterator) else texts


def rearranged(arrays: Mapping[str, NDArray[Any]], words: list[Any], wanted: list[Any]) -> Doubles:
    """The weights of words in the order of those wanted; of those that are not there the weight of words unseen."""
    weights, unseen = arrays["word_weights"], float(arrays["unseen"])
    if weights.shape != (len(words),) or weights.dtype != np.float64:
        raise ValueError(f"{len(words)} words have weights of shape {weights.shape}")
    index = {word: row for row, word in enumerate(words)}
    places = np.array([index.get(word, -1) for word in wanted], np.int64)
    return np.where(places >= 0, np.append(weights, 0.0)[places], unseen)
