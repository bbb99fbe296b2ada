"""Tables and columns, which are not sentences although one can iterate over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastemb._tables import TABLES, column_of, origin
from fastemb._warnings import warn


def refuse_table(given: Any, wanted: str) -> None:
    """Raise TypeError for a table; `wanted` says what should be there. Nothing is imported."""
    if type(given) is list:  # as most are, and this may be asked of each sentence
        return
    package, kind = origin(given)
    if kind in TABLES:
        raise TypeError(
            f"{wanted} of words, not {package}.{kind}, whose columns or their names would be taken for sentences: "
            f"give the texts of a column, as in [text.split() for text in {column_of(package, kind)}]"
        )


def refuse_columns(given: Any) -> None:
    """Raise TypeError for a table, or for a column of texts, in the place of sentences.

    Columns of lists of words are sentences, but for Arrow's, whose values are not Python's.
    """
    refuse_table(given, "sentences must be lists")
    package, kind = origin(given)
    # What can be read only once is not looked into.
    values = iter(given) if package and hasattr(given, "__iter__") else given
    if package == "pyarrow":
        way = "column.to_pylist() if it has lists, or [text.split() for text in column.to_pylist()] if it has texts"
    elif values is not given and isinstance(next(values, None), str):
        way = "[text.split() for text in column]"
    else:
        return
    raise TypeError(f"sentences must be lists of words, not {package}.{kind}: give {way}")


def refuse_events(given: Any) -> None:
    """Raise TypeError for a table or a sparse matrix of events in the place of baskets."""
    package, kind = origin(given)
    if kind in TABLES:
        what, way = f"{package}.{kind}", 'Baskets.from_columns(table["user"], table["item"])'
    elif hasattr(given, "tocoo"):
        what, way = "a matrix", "Baskets.from_columns(matrix.row, matrix.col) of matrix.tocoo()"
    else:
        return
    raise TypeError(f"baskets must be lists of items, not {what}: give {way}")


def check_sentence(sentence: Any) -> None:
    """To be called with the first sentence of each type: warn of what is hardly meant to be words, or refuse it."""
    refuse_table(sentence, "each sentence must be a list")
    if isinstance(sentence, (str, Mapping)):
        parts = "characters" if isinstance(sentence, str) else "keys"
        warn(
            f"each sentence should be a list of words, but this one is the {type(sentence).__name__} "
            f"{sentence!r:.50}: its {parts} are taken as words"
        )


def checked(sentences: Iterable[Any]) -> Iterator[Any]:
    """The same sentences, of which the first of each type is checked."""
    kinds: set[type] = set()
    for sentence in sentences:
        if type(sentence) not in kinds:
            kinds.add(type(sentence))
            check_sentence(sentence)
        yield sentence
