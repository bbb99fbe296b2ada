"""What exceptions say."""

from __future__ import annotations


def said(error: BaseException) -> str:
    """The sentence of an exception; of one that has none, at least of what kind it is."""
    if isinstance(error, KeyError) and len(error.args) == 1 and " " in str(error.args[0]):
        return str(error.args[0])  # str() would put it between quotes
    text, kind = str(error).strip(), type(error).__name__
    if isinstance(error, MemoryError):
        return text or "there is not enough memory"
    return text if " " in text else f"{kind}: {text}" if text else kind
