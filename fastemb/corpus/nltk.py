"""Views of NLTK's corpus readers as a source. NLTK itself is not imported."""

from __future__ import annotations

from typing import Any

from fastemb.corpus.source import Sentences


class View(Sentences):
    """What `sents()` of a corpus reader gives.

    Parameters
    ----------
    sentences : view of nltk
        Can be read again and again.

    Raises
    ------
    TypeError
        If it is a view of words, of paragraphs, or of words with tags: by its first element.
    """

    def __init__(self, sentences: Any):
        super().__init__(sentences)
        first = next(iter(sentences), None)
        if isinstance(first, str):
            self._refuse("words")
        word = next(iter(first), None) if first is not None else None
        if isinstance(word, tuple):
            self._refuse("words with tags")
        if isinstance(word, list):
            self._refuse("paragraphs or trees")

    def _refuse(self, what: str) -> None:
        raise TypeError(f"sentences must be lists of words, not NLTK's view of {what}: give reader.sents()")
