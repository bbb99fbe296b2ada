"""Analogies: a is to b as c is to whom?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.evaluation.files import Question
from fastemb.evaluation.inputs import fold, takes_keyed_vectors, with_words
from fastemb.evaluation.intervals import Scores
from fastemb.queries import unit_rows


class Analogies(NamedTuple):
    """What `word_analogies` found in one section."""

    section: str
    correct: list[Question]
    incorrect: list[Question]


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
    asked, outcomes = answered(vectors, words, sections, case_insensitive, method, workers)
    results = {name: Analogies(name, [], []) for name in sections}
    for (name, question), outcome in zip(asked, outcomes.tolist(), strict=True):
        if outcome == outcome or unknown_is_wrong:
            (results[name].correct if outcome == 1 else results[name].incorrect).append(question)
    return list(results.values())


@takes_keyed_vectors(with_words)
def analogy_scores(
    vectors: NDArray[Any],
    words: Iterable[object],
    sections: Mapping[str, Iterable[Question]],
    case_insensitive: bool = True,
    *,
    method: str = "add",
    workers: int | None = None,
) -> dict[str, Scores]:
    """Which questions are answered, by section, for an accuracy with an interval; `together` is that of all.

    Questions share words, so that an interval over them is somewhat too narrow.

    Parameters
    ----------
    vectors, words, sections, case_insensitive, method, workers
        As of `word_analogies`.
    """
    asked, outcomes = answered(vectors, words, sections, case_insensitive, method, workers)
    names = np.array([name for name, _ in asked], object)
    return {name: Scores("accuracy", outcomes[names == name].reshape(-1, 1)) for name in sections}


def answered(
    vectors: NDArray[Any],
    words: Iterable[object],
    sections: Mapping[str, Iterable[Question]],
    case_insensitive: bool,
    method: str,
    workers: int | None,
) -> tuple[list[tuple[str, Question]], NDArray[np.float64]]:
    """All questions with their sections; and for each 1 if its answer is right, 0 if not, NaN if a word is unknown."""
    if method not in METHODS:
        raise ValueError(f"method must be 'add' or 'mul', not {method!r}")
    index, labels = labelled(words, case_insensitive)
    asked = [(name, question) for name, questions in sections.items() for question in questions]
    rows = [[index.get(fold(word, case_insensitive)) for word in question] for _, question in asked]
    known = np.array([None not in row for row in rows], bool)
    table = np.array([row for row in rows if None not in row], np.int64).reshape(-1, 4)
    found, scores = METHODS[method](vectors, table[:, :3], candidates(labels, table[:, :3]), workers)
    outcomes = np.full(len(asked), np.nan)
    outcomes[known] = first_answers(labels[found], scores, table[:, :3]) == table[:, 3]
    return asked, outcomes


def labelled(words: Iterable[object], case_insensitive: bool) -> tuple[dict[str, int], NDArray[np.int64]]:
    """The row of each word; and for each row that of the first word that is the same but for case."""
    index: dict[str, int] = {}
    rows = [index.setdefault(fold(str(word), case_insensitive), row) for row, word in enumerate(words)]
    return index, np.array(rows, np.int64)


def candidates(labels: NDArray[np.int64], asked: NDArray[np.int64]) -> int:
    """How many rows to look at: those of all spellings of the words of a question may be the nearest."""
    spellings: NDArray[np.int64] = np.bincount(labels)
    return 1 + int(spellings[asked].sum(axis=1).max(initial=0))


def first_answers(
    labels: NDArray[np.int64], scores: NDArray[np.float32], asked: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best candidate of each question that is none of its words; -1 if there is none."""
    barred = (labels[:, :, np.newaxis] == asked[:, np.newaxis, :]).any(axis=2) | np.isnan(scores)
    best = np.take_along_axis(labels, barred.argmin(axis=1)[:, np.newaxis], axis=1)[:, 0]
    return np.where(barred.all(axis=1), -1, best)


def analogies_by_sum(
    vectors: NDArray[Any], asked: NDArray[np.int64], most: int, workers: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows with the largest cosine to b - a + c, of vectors divided by their lengths."""
    a, b, c = (unit_rows(vectors[rows]) for rows in asked.T)
    return queries.nearest(vectors, b - a + c, most, workers=workers)


def analogies_by_product(
    vectors: NDArray[Any], asked: NDArray[np.int64], most: int, workers: int | None
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

    return queries.search(score, len(asked), len(vectors), most, workers)


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


METHODS = {"add": analogies_by_sum, "mul": analogies_by_product}
