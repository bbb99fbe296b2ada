"""Evaluation sets, in the layouts that they are usually published in."""

from __future__ import annotations

import contextlib
import csv
import logging
import math
import os
from collections.abc import Iterator

from fastemb._paths import Readable, local, named
from fastemb.io.textfile import TextFile, lines_of

logger = logging.getLogger(__name__)

Path = str | os.PathLike[str]
ALWAYS = 1 << 22  # bytes that a packed file may have in it in any case: as words they take 20 times as many
Pair = tuple[str, str, float]
Question = tuple[str, str, str, str]
OutlierSet = tuple[list[str], list[str]]
Relation = tuple[str, list[str]]


def text_lines(path: Readable, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Number and text of each line; .gz, .bz2, .xz and .zst files are unpacked.

    Raises
    ------
    ValueError
        If a line is not text of that encoding; the message names the file and the line.
    """
    for number, line in enumerate(lines_of(TextFile(path, kept=True, always=ALWAYS)), 1):
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as error:
            raise ValueError(f"{named(path)}, line {number}: not {encoding}: {error}") from None
        yield number, text.removeprefix("\ufeff").rstrip("\r\n")


def data_lines(path: Readable, encoding: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor comments, which begin with #."""
    return ((number, line) for number, line in text_lines(path, encoding) if line.strip() and line[0] != "#")


def likely_delimiter(line: str, least: int) -> str | None:
    """What stands between the fields of a line that has `least` or more; None if that is spaces."""
    return next((mark for mark in "\t;," if line.count(mark) >= least - 1), None)


def split_fields(line: str, delimiter: str | None) -> list[str]:
    fields = line.split(delimiter)
    if delimiter in (",", ";") and '"' in line:
        with contextlib.suppress(csv.Error):
            fields = next(csv.reader([line], delimiter=delimiter))
    return [field.strip() for field in fields]


def malformed(path: Readable, number: int, wanted: str, line: str) -> ValueError:
    return ValueError(f"{named(path)}, line {number}: not {wanted}: {line!r:.80}")


class Skipping:
    """What becomes of lines of another form: the first is an error, or, if `lenient`, only where all are such."""

    def __init__(self, lenient: bool):
        self.lenient = lenient
        self.first: ValueError | None = None

    def add(self, error: ValueError) -> None:
        if not self.lenient:
            raise error from None
        logger.info("left out: %s", error)
        self.first = self.first or error

    def check(self, found: bool, how: str = "") -> None:
        """Raise for the first such line unless something was found beside them."""
        if self.first is not None and not found:
            raise ValueError(f"{self.first}; nor is another line{how}")


def finite(field: str) -> float | None:
    """The number that a field is, None if it is another text."""
    try:
        value = float(field)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_word_pairs(
    path: Readable, delimiter: str | None = None, encoding: str = "utf-8", *, lenient: bool = False
) -> list[Pair]:
    """Read lines of word, word, score; lines that begin with # are comments.

    The score is the first number after the two words: between them may stand, say, a part of speech. A first line
    without a score is a header, and so is one whose first number stands behind where the next line has its score, as
    with raters who are numbered. A first field that numbers the lines is left out.

    Parameters
    ----------
    path : str, os.PathLike or open file
    delimiter : str, optional
        Tab, semicolon, comma or spaces by default, as the first line has it.
    encoding : str, default 'utf-8'
    lenient : bool, default False
        Leave out the lines that are not of that form, unless all are such, instead of raising ValueError.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    pairs: list[Pair] = []
    others = Skipping(lenient)
    before = 0  # fields before the score in the first line
    for k, (number, line) in enumerate(data_lines(path, encoding)):
        first = k == 0
        if first and delimiter is None:
            delimiter = likely_delimiter(line, 3)
        fields = split_fields(line, delimiter)
        if len(fields) > 3 and finite(fields[0] or "0") is not None and finite(fields[2]) is None:
            del fields[0]
        scores = [(place, score) for place, field in enumerate(fields[2:], 2) if (score := finite(field)) is not None]
        if scores:
            place, score = scores[0]
            if k == 1 and place < before:
                pairs.clear()
            before = place if first else before
            pairs.append((fields[0], fields[1], score))
        elif not (first and len(fields) > 2):
            others.add(malformed(path, number, "word, word, score", line))
    others.check(bool(pairs), f" by delimiter={delimiter!r}")
    return pairs


def read_analogies(path: Readable, encoding: str = "utf-8", *, lenient: bool = False) -> dict[str, list[Question]]:
    """Read the layout of questions-words.txt: `: section`, then lines of four words.

    Lines before the first section, which may be all, are a section that has the name of the file.

    Parameters
    ----------
    path : str, os.PathLike or open file
    encoding : str, default 'utf-8'
    lenient : bool, default False
        Leave out lines that are not four words, unless all are such, instead of raising ValueError.

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    sections: dict[str, list[Question]] = {}
    questions, others = None, Skipping(lenient)
    for number, line in text_lines(path, encoding):
        words = line.split()
        if line.startswith(":"):
            questions = sections.setdefault(line.lstrip(": ").strip(), [])
        elif len(words) == 4:
            if questions is None:
                questions = sections.setdefault(os.path.basename(named(path)), [])
            questions.append((words[0], words[1], words[2], words[3]))
        elif words:
            others.add(malformed(path, number, "four words in a section", line))
    others.check(any(sections.values()))
    return sections


def read_categories(path: Readable, encoding: str = "utf-8") -> list[tuple[str, str]]:
    """Read lines of word, category, by tab, semicolon, comma or spaces; or `: category`, then lines of words.

    Parameters
    ----------
    path : str, os.PathLike or open file
    encoding : str, default 'utf-8'

    Returns
    -------
    list of (word, category)

    Raises
    ------
    ValueError
        If a line is not of that form; the message names the file and the line.
    """
    found: list[tuple[str, str]] = []
    category = None
    delimiter = None
    for number, line in data_lines(path, encoding):
        if line.startswith(":"):
            category = line.lstrip(": ").strip()
            continue
        if category is not None:
            found += [(word, category) for word in line.split()]
            continue
        if not found:
            delimiter = likely_delimiter(line, 2)
        fields = split_fields(line, delimiter)
        if len(fields) < 2 or not all(fields[:2]):
            raise malformed(path, number, "word, category", line)
        if found or fields[0].lower() not in ("word", "concept"):  # a header
            found.append((fields[0], fields[1]))
    return found


def read_outliers(path: Path, encoding: str = "utf-8") -> dict[str, OutlierSet]:
    """Read a file of words that belong together, an empty line, and words that do not; or a folder of such files.

    Parameters
    ----------
    path : str or os.PathLike
        Of a folder those are read whose names end in .txt, but for hidden ones.
    encoding : str, default 'utf-8'

    Returns
    -------
    dict of str to (list of str, list of str)
        For each file, by its name, the words that belong together and those that do not.

    Raises
    ------
    ValueError
        If a file has not two such lists; the message names it.
    """
    path = local(path)
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if name.endswith(".txt") and name[0] != ".")
        if not names:
            raise ValueError(f"{path}: no files whose names end in .txt")
        return {name: read_outlier_set(os.path.join(path, name), encoding) for name in names}
    return {os.path.basename(path): read_outlier_set(path, encoding)}


def read_outlier_set(path: Readable, encoding: str) -> OutlierSet:
    lists: list[list[str]] = [[]]
    for _, line in text_lines(path, encoding):
        if line.strip():
            lists[-1].append(line.strip())
        elif lists[-1]:
            lists.append([])
    lists = [words for words in lists if words]
    if len(lists) != 2 or len(lists[0]) < 2:
        raise ValueError(f"{named(path)}: not two or more words, an empty line, and words that do not belong")
    return lists[0], lists[1]


def read_relations(path: Path, encoding: str = "utf-8") -> dict[str, list[Relation]]:
    """Read a folder in the layout of BATS: files of lines `word<TAB>answer/answer/...`, in folders or not; or one file.

    Parameters
    ----------
    path : str or os.PathLike
        Of a folder those are read whose names end in .txt, but for hidden ones.
    encoding : str, default 'utf-8'

    Returns
    -------
    dict of str to list of (str, list of str)
        For each file, by its name in the folder without the ending, its words and their answers, the first the best.

    Raises
    ------
    ValueError
        If a line is not of that form, which the message names with its file, or there is no file.
    """
    path = local(path)
    if not os.path.isdir(path):
        return {os.path.splitext(os.path.basename(path))[0]: read_relation(path, encoding)}
    found = {}
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(name for name in names if name.endswith(".txt") and name[0] != "."):
            file = os.path.join(folder, name)
            found[os.path.relpath(file, path)[: -len(".txt")].replace(os.sep, "/")] = read_relation(file, encoding)
    if not found:
        raise ValueError(f"{path}: no files whose names end in .txt")
    return found


def read_relation(path: Readable, encoding: str) -> list[Relation]:
    pairs: list[Relation] = []
    for number, line in text_lines(path, encoding):
        if not line.strip():
            continue
        fields = line.split("\t") if "\t" in line else line.split(None, 1)
        answers = [answer.strip() for answer in fields[1].split("/") if answer.strip()] if len(fields) == 2 else []
        if not fields[0].strip() or not answers:
            raise malformed(path, number, "word, tab, answer/answer/...", line)
        pairs.append((fields[0].strip(), answers))
    return pairs
