"""How good vectors are: similarity, analogies, categories and outliers as people judge them; and how alike two models.

These functions take vectors and the words they belong to, whoever trained them; or KeyedVectors as `vectors`, and then
`index` or `words` are left out: ``word_pairs(model.wv, read_word_pairs(path))``. Those that correlate or cluster need
SciPy, the extra `evaluation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.evaluation_files import (
    OutlierSet,
    Pair,
    Question,
    read_analogies,
    read_categories,
    read_outliers,
    read_word_pairs,
)
from fastemb.evaluation_inputs import fold, folded_index, takes_keyed_vectors, with_words
from fastemb.queries import unit_rows

__all__ = [
    "Analogies",
    "Categories",
    "Outliers",
    "Overlap",
    "WordPairs",
    "accuracy",
    "categorization",
    "folded_index",
    "neighbor_overlap",
    "outlier_detection",
    "read_analogies",
    "read_categories",
    "read_outliers",
    "read_word_pairs",
    "unit_rows",
    "word_analogies",
    "word_pairs",
]

CANDIDATES = 8  # for an answer: the three words of the question may be the nearest, and their variants in case


class WordPairs(NamedTuple):
    """What `word_pairs` found."""

    pearson: tuple[float, float]  #: correlation and p-value
    spearman: tuple[float, float]  #: rank correlation and p-value
    used: int  #: pairs that were compared
    skipped: int  #: pairs with an unknown word


class Analogies(NamedTuple):
    """What `word_analogies` found in one section."""

    section: str
    correct: list[Question]
    incorrect: list[Question]


class Categories(NamedTuple):
    """What `categorization` found."""

    purity: float  #: share of the words that are in a cluster whose commonest category is theirs
    used: int
    skipped: int  #: unknown words


class Outliers(NamedTuple):
    """What `outlier_detection` found."""

    accuracy: float  #: share of the outliers that are the least similar to the others
    position: float  #: mean place of the outlier, from 0 (the most similar) to 1 (the least)
    used: int  #: outliers
    skipped: int  #: outliers that are unknown, or whose set has less than two known words


class Overlap(NamedTuple):
    """What `neighbor_overlap` found."""

    share: float  #: of the nearest neighbours in one model, those that are so in the other
    queries: int  #: words whose neighbours were compared
    words: int  #: that both models have


def scipy_module(name: str) -> Any:
    """A module of SciPy.

    Raises
    ------
    ImportError
        If SciPy is not installed.
    """
    try:
        return import_module(f"scipy.{name}")
    except ImportError as error:
        raise ImportError("this evaluation needs SciPy: pip install 'fastemb[evaluation]'") from error


@takes_keyed_vectors(folded_index)
def word_pairs(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    pairs: Iterable[Pair],
    case_insensitive: bool = True,
    *,
    unknown_is_zero: bool = False,
) -> WordPairs:
    """Correlation of cosine similarities with people's scores. Needs SciPy.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    pairs : iterable of (word, word, score)
        Pairs with a word that `index` lacks are skipped.
    case_insensitive : bool, default True
        As given to `folded_index`.
    unknown_is_zero : bool, default False
        Use these pairs too, with a similarity of 0.

    Raises
    ------
    ValueError
        If there are less than two pairs to compare.
    """
    stats = scipy_module("stats")
    pairs = list(pairs)
    rows = [[index.get(fold(word, case_insensitive)) for word in pair[:2]] for pair in pairs]
    known = np.array([None not in row for row in rows], bool)
    used = np.ones_like(known) if unknown_is_zero else known
    if used.sum() < 2:
        raise ValueError(f"only {used.sum()} of {len(pairs)} pairs have both words in the vocabulary")
    first, second = np.array([row for row in rows if None not in row], np.int64).reshape(-1, 2).T
    similarities = np.zeros(len(pairs))
    similarities[known] = np.einsum("ij,ij->i", unit_rows(vectors[first]), unit_rows(vectors[second]))
    scores = np.array([score for _, _, score in pairs])[used]
    return WordPairs(
        stats.pearsonr(scores, similarities[used]),
        stats.spearmanr(scores, similarities[used]),
        int(used.sum()),
        int(len(pairs) - known.sum()),
    )


@takes_keyed_vectors(with_words)
def word_analogies(
    vectors: NDArray[Any],
    words: Iterable[object],
    sections: Mapping[str, Iterable[Question]],
    case_insensitive: bool = True,
    *,
    method: str = "add",
    unknown_is_wrong: bool = False,
    workers: int | None = None,
) -> list[Analogies]:
    """Solve "a is to b as c is to ?", all questions at once.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    words : iterable
        The word of each row. These rows are the candidates; a, b and c themselves are never the answer.
    sections : mapping
        For each section its questions (a, b, c, expected). Those with an unknown word are left out.
    case_insensitive : bool, default True
        Words that differ but for case are the same word, with the vector of the first.
    method : {'add', 'mul'}
        3CosAdd, the nearest row to b - a + c (Mikolov et al. 2013), or 3CosMul, the largest product of similarities
        (Levy and Goldberg 2014).
    unknown_is_wrong : bool, default False
        Count questions with an unknown word as answered wrongly.
    workers : int, optional
        Threads; one for each core by default, and with -1.

    Returns
    -------
    list of Analogies
        One for each section, in their order.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    if method not in ("add", "mul"):
        raise ValueError(f"method must be 'add' or 'mul', not {method!r}")
    index: dict[str, int] = {}
    labels = np.array(
        [index.setdefault(fold(str(word), case_insensitive), row) for row, word in enumerate(words)], np.int64
    )
    asked = [(name, question) for name, questions in sections.items() for question in questions]
    rows = [[index.get(fold(word, case_insensitive)) for word in question] for _, question in asked]
    known = [None not in row for row in rows]
    table = np.array([row for row in rows if None not in row], np.int64).reshape(-1, 4)
    solve = {"add": analogies_by_sum, "mul": analogies_by_product}[method]
    found, scores = solve(vectors, table[:, :3], workers)
    right = iter(first_answers(labels[found], scores, table[:, :3]) == table[:, 3])
    results = {name: Analogies(name, [], []) for name in sections}
    for (name, question), is_known in zip(asked, known, strict=True):
        if is_known or unknown_is_wrong:
            (results[name].correct if is_known and next(right) else results[name].incorrect).append(question)
    return list(results.values())


def first_answers(
    labels: NDArray[np.int64], scores: NDArray[np.float32], asked: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best candidate of each question that is none of its words; -1 if there is none."""
    barred = (labels[:, :, np.newaxis] == asked[:, np.newaxis, :]).any(axis=2) | np.isnan(scores)
    best = np.take_along_axis(labels, barred.argmin(axis=1)[:, np.newaxis], axis=1)[:, 0]
    return np.where(barred.all(axis=1), -1, best)


def analogies_by_sum(
    vectors: NDArray[Any], asked: NDArray[np.int64], workers: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows with the largest cosine to b - a + c, of vectors divided by their lengths."""
    a, b, c = (unit_rows(vectors[rows]) for rows in asked.T)
    return queries.nearest(vectors, b - a + c, CANDIDATES, workers=workers)


def analogies_by_product(
    vectors: NDArray[Any], asked: NDArray[np.int64], workers: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows with the largest cos(b) cos(c) / (cos(a) + ε), cosines moved to 0…1."""
    norms = queries.divisors(queries.lengths(vectors).astype(np.float32))

    def score(block: slice, tile: slice, out: NDArray[np.float32]) -> None:
        words, (a, b, c) = unique_columns(asked[block])
        width = tile.stop - tile.start
        cosines = np.empty((len(words), width), np.float32)
        units = np.ascontiguousarray(unit_rows(vectors[words]), np.float32)
        queries.tile_cosines(units, vectors, norms, tile, cosines)
        cosines += 1
        cosines /= 2
        np.multiply(cosines[b], cosines[c], out=out[:, :width])
        cosines += 0.000001
        out[:, :width] /= cosines[a]

    return queries.search(score, len(asked), len(vectors), CANDIDATES, workers)


def unique_columns(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different values of a table, and which of them stands where, column by column."""
    values, places = np.unique(table, return_inverse=True)
    return values, places.reshape(table.shape).T


def accuracy(results: Iterable[Analogies]) -> float:
    """Share of the questions answered correctly, from 0 to 1; NaN without questions."""
    results = list(results)
    correct = sum(len(result.correct) for result in results)
    total = correct + sum(len(result.incorrect) for result in results)
    return correct / total if total else float("nan")


@takes_keyed_vectors(folded_index)
def categorization(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    members: Iterable[tuple[str, str]],
    case_insensitive: bool = True,
) -> Categories:
    """Purity of clusters of words, as many as there are categories (Almuhareb and Poesio 2005). Needs SciPy.

    The vectors, divided by their lengths, are clustered by Ward's method, which draws nothing.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    members : iterable of (word, category)
    case_insensitive : bool, default True
        As given to `folded_index`.

    Raises
    ------
    ValueError
        If less than two words are known.
    """
    members = list(members)
    rows = [index.get(fold(word, case_insensitive)) for word, _ in members]
    known = [(row, category) for row, (_, category) in zip(rows, members, strict=True) if row is not None]
    if len(known) < 2:
        raise ValueError(f"only {len(known)} of {len(members)} words are in the vocabulary")
    hierarchy = scipy_module("cluster.hierarchy")
    names, categories = np.unique([category for _, category in known], return_inverse=True)
    tree = hierarchy.linkage(unit_rows(vectors[[row for row, _ in known]]), "ward")
    clusters = hierarchy.fcluster(tree, len(names), "maxclust") - 1
    together = np.zeros((clusters.max() + 1, len(names)), np.int64)
    np.add.at(together, (clusters, categories), 1)
    return Categories(float(together.max(axis=1).sum() / len(known)), len(known), len(members) - len(known))


@takes_keyed_vectors(folded_index)
def outlier_detection(
    vectors: NDArray[Any],
    index: Mapping[str, int],
    sets: Mapping[str, OutlierSet],
    case_insensitive: bool = True,
) -> Outliers:
    """Which word does not belong to a set: the one least similar to the others (Camacho-Collados and Navigli 2016).

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    index : mapping
        Row of each word, from `folded_index`.
    sets : mapping
        For each name the words that belong together, and words of which each in turn is added as the outlier.
        Unknown words are left out.
    case_insensitive : bool, default True
        As given to `folded_index`.
    """
    positions: list[float] = []
    skipped = 0
    for belonging, others in sets.values():
        inside, outside = (
            [row for word in words if (row := index.get(fold(word, case_insensitive))) is not None]
            for words in (belonging, others)
        )
        if len(inside) < 2:
            outside = []
        skipped += len(others) - len(outside)
        cluster, outliers = unit_rows(vectors[inside]), unit_rows(vectors[outside])
        within = (cluster @ cluster.T).sum(axis=1) - 1
        for similarities in outliers @ cluster.T:
            positions.append(float((within + similarities > similarities.sum()).mean()))
    found = np.array(positions)
    return Outliers(
        float((found == 1).mean()) if positions else float("nan"),
        float(found.mean()) if positions else float("nan"),
        len(positions),
        skipped,
    )


def neighbor_overlap(
    vectors: Sequence[Any],
    words: Sequence[Sequence[Any]] | None = None,
    k: int = 10,
    most: int = 1000,
    workers: int | None = None,
) -> Overlap:
    """Share of the k nearest neighbours that two models have in common (Wendlandt et al. 2018).

    Parameters
    ----------
    vectors : two ndarrays, each of shape (words, vector_size), or two KeyedVectors
        The vector sizes may differ.
    words : two sequences
        The word of each row; without, those of the KeyedVectors. Only words of both are neighbours.
    k : int, default 10
    most : int, default 1000
        Compare the neighbours of the first so many of these words.
    workers : int, optional
        Threads; one for each core by default, and with -1.

    Raises
    ------
    ValueError
        If the models have not two words in common, or `k` or `most` is less than 1.
    """
    if k < 1 or most < 1:
        raise ValueError(f"k and most must be at least 1, not {k} and {most}")
    if words is None:
        vectors, words = [each.vectors for each in vectors], [each.index_to_key for each in vectors]
    places = [{word: row for row, word in enumerate(some)} for some in words]
    shared = [word for word in words[0] if word in places[1]]
    if len(shared) < 2:
        raise ValueError(f"the models have {len(shared)} words in common")
    k, most = min(k, len(shared) - 1), min(most, len(shared))
    neighbors = []
    for matrix, place in zip(vectors, places, strict=True):
        common = matrix[[place[word] for word in shared]]
        rows, _ = queries.nearest(common, common[:most], k + 1, workers=workers)
        neighbors.append([[row for row in found if row != query][:k] for query, found in enumerate(rows.tolist())])
    same = sum(len(set(first) & set(second)) for first, second in zip(*neighbors, strict=True))
    return Overlap(same / (k * most), most, len(shared))
