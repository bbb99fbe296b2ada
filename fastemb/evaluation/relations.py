"""Relations between pairs of words, in the layout of BATS (Gladkova, Drozd and Matsuoka 2016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb import queries
from fastemb.evaluation.analogies import METHODS, candidates, first_answers, labelled
from fastemb.evaluation.files import Relation
from fastemb.evaluation.inputs import fold, takes_keyed_vectors, with_words
from fastemb.evaluation.intervals import Scores
from fastemb.queries import unit_rows

Found = tuple[NDArray[np.int64], NDArray[np.int64]]  # for each question the pair that it asks for, and the answer's row


@takes_keyed_vectors(with_words)
def relation_scores(
    vectors: NDArray[Any],
    words: Iterable[object],
    relations: Mapping[str, Iterable[Relation]],
    case_insensitive: bool = True,
    *,
    method: str = "add",
    workers: int | None = None,
) -> dict[str, Scores]:
    """For each pair of a relation, how often one of its answers is found with the help of the other pairs.

    With another pair (a, a') the question for the pair (b, b') is "a is to a' as b is to ?". It is answered by any of
    the answers that the file has for b; of those for a the first known one is a'. The words of the question are never
    the answer.

    Parameters
    ----------
    vectors : ndarray, shape (words, vector_size), or KeyedVectors
    words : iterable
        The word of each row. These rows are the candidates.
    relations : mapping
        For each name its pairs (word, answers), from `read_relations`.
    case_insensitive : bool, default True
        Words that differ but for case are the same word, with the vector of the first.
    method : {'add', 'mul', 'average'}
        3CosAdd or 3CosMul, with each of the other pairs; or 3CosAvg, once, with the mean of the other pairs'
        differences (Drozd, Gladkova and Matsuoka 2016).
    workers : int, optional
        Threads; one for each core by default, and with -1.

    Returns
    -------
    dict of str to Scores
        For each relation the accuracy of each pair, NaN where the word or all answers are unknown. Pairs are the items,
        not questions, of which each word has many. `together` makes one set of all.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    if method not in (*METHODS, "average"):
        raise ValueError(f"method must be 'add', 'mul' or 'average', not {method!r}")
    index, labels = labelled(words, case_insensitive)
    return {
        name: Scores("accuracy", accuracies(vectors, labels, rows_of(pairs, index, case_insensitive), method, workers))
        for name, pairs in relations.items()
    }


def rows_of(pairs: Iterable[Relation], index: Mapping[str, int], case_insensitive: bool) -> list[list[int] | None]:
    """The rows of a pair's word and its answers; None where the word or all answers are unknown."""
    found: list[list[int] | None] = []
    for word, answers in pairs:
        row = index.get(fold(word, case_insensitive))
        known = [index[key] for answer in answers if (key := fold(answer, case_insensitive)) in index]
        found.append(None if row is None or not known else [row, *known])
    return found


def accuracies(
    vectors: NDArray[Any],
    labels: NDArray[np.int64],
    pairs: list[list[int] | None],
    method: str,
    workers: int | None,
) -> NDArray[np.float64]:
    """The share of the questions for each pair that are answered correctly, shape (pairs, 1)."""
    known = [rows for rows in pairs if rows is not None]
    values = np.full((len(pairs), 1), np.nan)
    if len(known) < 2:
        return values
    table = np.array([rows[:2] for rows in known], np.int64)
    solve = by_average if method == "average" else by_each
    asked, answers = solve(vectors, labels, table, method, workers)
    right = [answer in known[pair][1:] for pair, answer in zip(asked.tolist(), answers.tolist(), strict=True)]
    total = np.bincount(asked, right, len(known)) / np.bincount(asked, minlength=len(known))
    values[[rows is not None for rows in pairs], 0] = total
    return values


def by_each(
    vectors: NDArray[Any], labels: NDArray[np.int64], table: NDArray[np.int64], method: str, workers: int | None
) -> Found:
    """Answers with each of the other pairs."""
    given, asked = np.nonzero(~np.eye(len(table), dtype=bool))
    questions = np.stack([table[given, 0], table[given, 1], table[asked, 0]], axis=1)
    found, scores = METHODS[method](vectors, questions, candidates(labels, questions), workers)
    return asked, first_answers(labels[found], scores, questions)


def by_average(
    vectors: NDArray[Any], labels: NDArray[np.int64], table: NDArray[np.int64], _: str, workers: int | None
) -> Found:
    """Answers with the mean difference of all other pairs."""
    words, answers = (unit_rows(vectors[rows]) for rows in table.T)
    differences = answers - words
    others = (differences.sum(axis=0) - differences) / (len(table) - 1)
    found, scores = queries.nearest(vectors, words + others, candidates(labels, table[:, :1]), workers=workers)
    return np.arange(len(table)), first_answers(labels[found], scores, table[:, :1])
