"""How good vectors are: word similarity judged by people, and analogies.

These functions take vectors and the words they belong to, whoever trained them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Path = str | os.PathLike[str]


class WordPairs(NamedTuple):
    """What `word_pairs` found."""

    pearson: tuple[float, float]  #: correlation and p-value
    spearman: tuple[float, float]  #: rank correlation and p-value
    used: int  #: pairs with both words in the vocabulary
    skipped: int  #: the other pairs


class Analogies(NamedTuple):
    """What `word_analogies` found in one section."""

    section: str
    correct: list[tuple[str, str, str, str]]
    incorrect: list[tuple[str, str, str, str]]


def read_word_pairs(path: Path, delimiter: str = "\t", encoding: str = "utf-8") -> list[tuple[str, str, float]]:
    """Read lines of word, word, score; lines that begin with # are comments.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    pairs = []
    with open(path, encoding=encoding) as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                first, second, score = line.split(delimiter)[:3]
                pairs.append((first.strip(), second.strip(), float(score)))
            except ValueError:
                raise ValueError(f"{os.fspath(path)}, line {number}: not word, word, score: {line!r:.80}") from None
    return pairs


def read_analogies(path: Path, encoding: str = "utf-8") -> dict[str, list[tuple[str, str, str, str]]]:
    """Read the layout of questions-words.txt: `: section`, then lines of four words.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    questions = None
    with open(path, encoding=encoding) as file:
        for number, line in enumerate(file, 1):
            words = line.split()
            if line.startswith(":"):
                questions = sections.setdefault(line.lstrip(": ").strip(), [])
            elif words:
                if len(words) != 4 or questions is None:
                    raise ValueError(f"{os.fspath(path)}, line {number}: not four words in a section: {line!r:.80}")
                questions.append((words[0], words[1], words[2], words[3]))
    return sections


def folded_index(words: Iterable[object], case_insensitive: bool = True) -> dict[str, int]:
    """Rows of the words, the most frequent first where several are the same but for case."""
    index: dict[str, int] = {}
    for row, word in enumerate(words):
        index.setdefault(fold(str(word), case_insensitive), row)
    return index


def fold(word: str, case_insensitive: bool) -> str:
    return word.upper() if case_insensitive else word


def unit_rows(vectors: NDArray[Any]) -> NDArray[Any]:
    """Each row divided by its length; rows of zeros stay."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)


def word_pairs(
    vectors: NDArray[np.float32],
    index: Mapping[str, int],
    pairs: Iterable[tuple[str, str, float]],
    case_insensitive: bool = True,
) -> WordPairs:
    """Correlation of cosine similarities with people's scores. Needs SciPy.

    Parameters
    ----------
    vectors : ndarray of float32, shape (words, vector_size)
    index : mapping
        Row of each word, from `folded_index`.
    pairs : iterable of (word, word, score)
        Pairs with a word that `index` lacks are skipped.
    case_insensitive : bool, default True
        As given to `folded_index`.
    """
    from scipy.stats import pearsonr, spearmanr

    rows, scores, skipped = [], [], 0
    for first, second, score in pairs:
        a, b = index.get(fold(first, case_insensitive)), index.get(fold(second, case_insensitive))
        if a is None or b is None:
            skipped += 1
        else:
            rows.append((a, b))
            scores.append(score)
    if len(rows) < 2:
        raise ValueError(f"only {len(rows)} of {len(rows) + skipped} pairs have both words in the vocabulary")
    first_rows, second_rows = np.array(rows).T
    cosines = np.einsum("ij,ij->i", unit_rows(vectors[first_rows]), unit_rows(vectors[second_rows]))
    pearson, spearman = pearsonr(scores, cosines), spearmanr(scores, cosines)
    return WordPairs(
        (float(pearson.statistic), float(pearson.pvalue)),
        (float(spearman.statistic), float(spearman.pvalue)),
        len(rows),
        skipped,
    )


def word_analogies(
    vectors: NDArray[np.float32],
    index: Mapping[str, int],
    sections: Mapping[str, Iterable[tuple[str, str, str, str]]],
    case_insensitive: bool = True,
) -> list[Analogies]:
    """Solve "a is to b as c is to ?" by the nearest row to b - a + c (Mikolov et al. 2013, 3CosAdd).

    Parameters
    ----------
    vectors : ndarray of float32, shape (words, vector_size)
    index : mapping
        Row of each word, from `folded_index`. These rows are the candidates; a, b and c
        themselves are never the answer.
    sections : mapping
        For each section its questions (a, b, c, expected). Those with a word that
        `index` lacks are left out.
    case_insensitive : bool, default True
        As given to `folded_index`.

    Returns
    -------
    list of Analogies
        One for each section, in their order.
    """
    unit = unit_rows(vectors)
    # The rarer of words that differ but for case.
    others = np.setdiff1d(np.arange(len(vectors)), np.fromiter(index.values(), np.int64))
    results = []
    for section, questions in sections.items():
        known, rows = [], []
        for question in questions:
            row = [index.get(fold(word, case_insensitive)) for word in question]
            if None not in row:
                known.append(question)
                rows.append(row)
        result = Analogies(section, [], [])
        for begin in range(0, len(rows), 256):
            part = np.array(rows[begin : begin + 256])
            a, b, c, expected = part.T
            scores = (unit[b] - unit[a] + unit[c]) @ unit.T
            scores[:, others] = -np.inf
            np.put_along_axis(scores, part[:, :3], -np.inf, axis=1)
            found = (scores.argmax(axis=1) == expected) & (scores.max(axis=1) > -np.inf)
            for question, right in zip(known[begin : begin + 256], found, strict=True):
                (result.correct if right else result.incorrect).append(question)
        results.append(result)
    return results


def accuracy(results: Iterable[Analogies]) -> float:
    """Share of the questions answered correctly, from 0 to 1; NaN without questions."""
    results = list(results)
    correct = sum(len(result.correct) for result in results)
    total = correct + sum(len(result.incorrect) for result in results)
    return correct / total if total else float("nan")
