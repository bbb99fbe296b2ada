"""Names of earlier versions of gensim, treated as gensim 4.4 treats them."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from fastemb._warnings import warn
from fastemb.models._hooks import refuse_overriding
from fastemb.models._similarity import Similarity

logger = logging.getLogger(__name__)

NEVER_CALLED = ("_save_specials", "_load_specials", "_smart_save", "_upgrade_old_vocab")


def deprecated(instead: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a method warn of its name."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def warning(*args: Any, **kwargs: Any) -> Any:
            warn(f"{method.__name__} is deprecated: use {instead}", DeprecationWarning)
            return method(*args, **kwargs)

        return warning

    return decorate


def gone(name: str, instead: str) -> AttributeError:
    return AttributeError(f"{name} is no attribute since gensim 4: use {instead}")


class DeprecatedNames(Similarity):
    """The part of KeyedVectors that still answers to old names, or says that they have gone."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_overriding(
            cls,
            NEVER_CALLED,
            "fastemb saves and loads without this method of gensim's, and without pickles. "
            "FastTextKeyedVectors.compress() makes vectors smaller; for a package that does so through gensim, "
            "do not patch gensim",
        )

    @deprecated("get_vector")
    def word_vec(self, *args: Any, **kwargs: Any) -> Any:
        """As `get_vector`."""
        return self.get_vector(*args, **kwargs)

    @deprecated("closer_than")
    def words_closer_than(self, word1: Any, word2: Any) -> Any:
        """As `closer_than`."""
        return self.closer_than(word1, word2)

    @deprecated("fill_norms")
    def init_sims(self, replace: bool = False) -> None:
        """As `fill_norms`, or with `replace` as `unit_normalize_all`."""
        self.fill_norms()
        if replace:
            logger.warning("init_sims(replace=True) forgets the lengths of the vectors, and saves no memory")
            self.unit_normalize_all()

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> Any:
        """Only Doc2Vec models have this.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError("similarity_unseen_docs is a method of Doc2Vec models")

    @property
    def vectors_norm(self) -> Any:
        """Gone, since gensim 4."""
        raise gone("vectors_norm", "get_normed_vectors()")

    @vectors_norm.setter
    def vectors_norm(self, _: Any) -> None:
        pass

    @property
    def index2word(self) -> Any:
        """Gone, since gensim 4; setting it sets `index_to_key`."""
        raise gone("index2word", "index_to_key")

    @index2word.setter
    def index2word(self, value: Any) -> None:
        self.index_to_key = value

    @property
    def index2entity(self) -> Any:
        """Gone, since gensim 4; setting it sets `index_to_key`."""
        raise gone("index2entity", "index_to_key")

    @index2entity.setter
    def index2entity(self, value: Any) -> None:
        self.index_to_key = value

    @property
    def vocab(self) -> Any:
        """Gone, since gensim 4."""
        raise gone("vocab", "key_to_index, index_to_key, get_vecattr() and set_vecattr()")

    @vocab.setter
    def vocab(self, _: Any) -> None:
        raise gone("vocab", "key_to_index, index_to_key, get_vecattr() and set_vecattr()")
