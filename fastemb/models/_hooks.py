"""Subclasses that override methods which gensim's training calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fastemb.corpus import Source, source_of

# fastemb's training calls none of these, so that to override one would do nothing.
NEVER_CALLED = (
    *("_do_train_epoch", "_train_epoch", "_train_epoch_corpusfile", "_worker_loop", "_worker_loop_corpusfile"),
    *("_job_producer", "_get_next_alpha", "_get_thread_working_mem", "_raw_word_count", "_check_corpus_sanity"),
    *("_check_training_sanity", "_clear_post_train", "_log_progress", "_log_epoch_end", "_log_epoch_progress"),
    *("_log_train_end", "_scan_vocab", "_save_specials", "_load_specials", "scan_vocab", "prepare_vocab"),
    *("prepare_weights", "update_weights", "create_binary_tree", "make_cum_table", "add_null_word"),
)


def refuse_overriding(cls: type, methods: Iterable[str], reason: str) -> None:
    """Raise TypeError if a class of the user's overrides a method that nothing calls."""
    for name in methods:
        if name in vars(cls) and not cls.__module__.startswith("fastemb."):
            raise TypeError(f"{cls.__name__}.{name} would never be called: {reason}")


class Job(tuple[Any, ...]):
    """The working memory that gensim hands to `_do_train_job`, which brings back what is to be trained."""

    alpha: float
    sentences: list[list[Any]] | None = None


class Hooks:
    """What is inherited by Word2Vec: `_do_train_job` for subclasses to override, and a refusal of other hooks."""

    alpha: float
    batch_words: int
    vector_size: int
    reread: bool

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_overriding(
            cls,
            NEVER_CALLED,
            "fastemb trains natively, without this method of gensim's. Override _do_train_job to change sentences "
            "before they are trained, or train(), build_vocab() or init_weights(); what runs between epochs can be a "
            "callback",
        )

    def _do_train_job(self, sentences: Iterable[Iterable[Any]], alpha: float, inits: Any) -> tuple[int, int]:
        """Called with each batch of sentences if a subclass overrides it: the sentences that it hands on are trained.

        Raises
        ------
        TypeError
            If it hands on another learning rate or working memory, which training would ignore.
        """
        if not isinstance(inits, Job) or alpha != inits.alpha:
            raise TypeError("_do_train_job can hand on other sentences, but not another alpha or inits")
        inits.sentences = [list(sentence) for sentence in sentences]
        words = sum(map(len, inits.sentences))
        return words, words

    def _has_hook(self) -> bool:
        return type(self)._do_train_job is not Hooks._do_train_job

    def _rereads(self) -> bool:
        return self.reread or self._has_hook()

    def _with_hook(self, source: Source) -> Source:
        return source_of(HookedSentences(self, source)) if self._has_hook() and isinstance(source, Iterable) else source


class HookedSentences:
    """The sentences of a corpus as the `_do_train_job` of a subclass hands them on."""

    def __init__(self, model: Hooks, sentences: Iterable[Iterable[Any]]):
        self.model = model
        self.sentences = sentences

    def __iter__(self) -> Iterator[list[Any]]:
        model = self.model
        for batch in batches(self.sentences, model.batch_words):
            job = Job(np.zeros((2, model.vector_size), np.float32))
            job.alpha = model.alpha
            model._do_train_job(batch, job.alpha, job)
            if job.sentences is None:
                raise TypeError(
                    f"{type(model).__name__}._do_train_job did not call that of its base class with what to train"
                )
            yield from job.sentences


def batches(sentences: Iterable[Iterable[Any]], words: int) -> Iterator[list[list[Any]]]:
    """Sentences, as many together as have so many words, or one that has more."""
    batch: list[list[Any]] = []
    size = 0
    for sentence in map(list, sentences):
        if batch and size + len(sentence) > words:
            yield batch
            batch, size = [], 0
        batch.append(sentence)
        size += len(sentence)
    if batch:
        yield batch
