"""Tables and columns of other libraries, none of which is imported."""

from __future__ import annotations

from typing import Any

# Where the classes of tables and columns are from; other modules may well be named datasets.
MODULES = (
    *("pandas.", "polars.", "pyarrow.", "dask.", "modin.", "cudf."),
    *("datasets.arrow_dataset.", "datasets.iterable_dataset.", "datasets.dataset_dict."),
)
TABLES = ("DataFrame", "LazyFrame", "Table", "RecordBatch", "Dataset", "IterableDataset", "DatasetDict")


def origin(given: Any) -> tuple[str, str]:
    """Package and name of the class by which an object is a table or a column; empty if it is neither."""
    kinds = [kind for kind in type(given).__mro__ if f"{kind.__module__}.".startswith(MODULES)]
    kind = next((kind for kind in kinds if kind.__name__ in TABLES), kinds[0] if kinds else None)
    return (kind.__module__.partition(".")[0], kind.__name__) if kind else ("", "")


def column_of(package: str, kind: str) -> str:
    """How one writes the column of texts of a table, for messages."""
    table = "table.collect()" if kind == "LazyFrame" else "table"
    return f'{table}["text"]' + (".to_pylist()" if package == "pyarrow" else "")


def several_texts(given: Any, name: str = "texts") -> Any:
    """What is given as `name`, if it is neither a table nor a single text; of a column of Arrow's a list."""
    if isinstance(given, (str, bytes, bytearray)):
        one = name.removesuffix("s")
        raise TypeError(f"{name} must be several {name}, not one {type(given).__name__}: put it into a list, [{one}]")
    package, kind = origin(given)
    if kind in TABLES:
        raise TypeError(f"{name} must be a list or a column, not {package}.{kind}: give {column_of(package, kind)}")
    return given.to_pylist() if package == "pyarrow" and hasattr(given, "to_pylist") else given
