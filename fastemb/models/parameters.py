"""Checks of what a user gives to a model: parameters, and a corpus."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from fastemb._numbers import Check, flag, measure, measures, number, or_none, positive, rate, text, whole
from fastemb._paths import local
from fastemb._threads import thread_count
from fastemb._warnings import warn
from fastemb.corpus import Pairs, PathLineSentences, Source, TextFile, source_of
from fastemb.corpus.tables import refuse_columns
from fastemb.models.presets import preset_name

Path = str | os.PathLike[str]
Sentences = Source | Iterable[Iterable[object]]
OLD_NAMES = {"size": "vector_size", "iter": "epochs"}


def translate_old_names(model: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by their names of today, with a warning.

    Raises
    ------
    TypeError
        If there is another, which is no name at all.
    """
    refuse_names(model, [name for name in given if name not in OLD_NAMES])
    for name in given:
        warn(f"{name}= is deprecated: use {OLD_NAMES[name]}=", DeprecationWarning)
    return {OLD_NAMES[name]: value for name, value in given.items()}


def refuse_names(model: type, given: Iterable[str]) -> None:
    """Raise TypeError for an argument that a model has not, which names the one that may have been meant."""
    for name in given:
        from difflib import get_close_matches
        from inspect import signature

        known = {known for kind in model.__mro__ for known in signature(kind.__init__).parameters}  # type: ignore[misc]
        near = get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.7)
        hint = f". Did you mean {near[0]!r}?" if near else ""
        raise TypeError(f"{model.__name__}() got an unexpected keyword argument {name!r}{hint}")


def threads(name: str, value: Any) -> int:
    """How many threads that is, which -1 and None leave to the machine."""
    return thread_count(None if value is None else whole(name, value, -1))


def one_of(names: tuple[str, ...], name: str, value: Any) -> str:
    """One of a few names."""
    if value not in names:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, names))}, not {value!r}")
    return str(value)


def error_handler(name: str, value: Any) -> str:
    """What to do with bytes that are not UTF-8."""
    TextFile("", value)  # checks the name
    return str(value)


def drawn_seed(name: str, value: Any) -> int:
    """A whole number from 0; None draws one."""
    return int.from_bytes(os.urandom(4)) if value is None else whole(name, value, 0)


def sampling(name: str, value: Any) -> float:
    """A rate; None is 0."""
    return 0.0 if value is None else rate(name, value)


def words_alone(_: str, value: Any) -> int:
    """1: no n-grams of words."""
    if value != 1:
        raise NotImplementedError("word_ngrams other than 1 are for classifiers: fastemb.Classifier trains them")
    return 1


OUTPUTS = ("sum", "word", "both")
CONTEXTS = ("both", "before", "after")
FROM_0, FROM_1 = (partial(whole, least=least) for least in (0, 1))
# What parameters and counters of all models are; each check gives back what the model has from then on, and
# what JSON can hold.
CHECKS: dict[str, Check] = {
    **dict.fromkeys(("vector_size", "window", "epochs", "batch_words"), FROM_1),
    **dict.fromkeys(("min_count", "sg", "hs", "negative", "cbow_mean", "null_word", "sorted_vocab", "phrases"), FROM_0),
    **dict.fromkeys(("memory_budget", "min_n", "max_n", "bucket", "train_count", "corpus_count"), FROM_0),
    **dict.fromkeys(("effective_min_count", "cells"), FROM_0),
    "corpus_total_words": partial(or_none, FROM_0),  # gensim's files may not say
    **dict.fromkeys(("max_vocab_size", "max_final_vocab"), partial(or_none, FROM_1)),
    **dict.fromkeys(("alpha", "min_alpha", "retrofit", "distance_decay"), rate),
    **dict.fromkeys(("x_max", "eta", "grad_clip"), positive),
    **dict.fromkeys(
        ("compute_loss", "shrink_windows", "reread", "corrected_cbow", "shared_noise", "position_weights"), flag
    ),
    **dict.fromkeys(("deterministic", "symmetric", "distance_weighting", "across_sentences"), flag),
    **dict.fromkeys(("total_train_time", "min_alpha_yet_reached", "running_training_loss"), measure),
    "epoch_losses": measures,
    **dict.fromkeys(("dm", "dm_concat", "dbow_words", "sets"), flag),
    "dm_mean": FROM_0,
    "dm_tag_count": FROM_0,
    "workers": threads,
    "seed": drawn_seed,
    "sample": sampling,
    "ns_exponent": number,
    "comment": text,
    "unicode_errors": error_handler,
    "output": partial(one_of, OUTPUTS),
    "word_ngrams": words_alone,
    "preset": preset_name,
    "context": partial(one_of, CONTEXTS),
}


LOSSES = ("softmax", "hs", "ns", "ova")


def arguments(name: str, value: Any) -> dict[str, Any]:
    """fastText's arguments: numbers and texts by name."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, not {value!r:.60}")
    made = {str(key): as_python(it) for key, it in value.items()}
    if not all(isinstance(it, (int, float, str)) for it in made.values()) or len(made) > 100:
        raise TypeError(f"{name} must hold numbers and texts, not {value!r:.60}")
    return made


def as_python(number: Any) -> Any:
    """A number of NumPy's as one of Python's."""
    return number.item() if hasattr(number, "item") else number


def prefix(name: str, value: Any) -> str | None:
    """What labels begin with, or None."""
    if value == "":
        raise ValueError(f"{name} must not be empty: every word would be a label")
    return text(name, value)


# Those of classifiers, where they are others.
CLASSIFIER_CHECKS: dict[str, Check] = {
    "loss": partial(one_of, LOSSES),
    **dict.fromkeys(("word_ngrams", "negative"), FROM_1),
    "min_count_label": FROM_0,
    "label_prefix": prefix,
    "validation_scores": measures,
    "args": arguments,
}


def checked(given: Mapping[str, Any], others: Mapping[str, Check] = CHECKS) -> dict[str, Any]:
    """Parameters and counters of a model, each as it must be.

    Parameters
    ----------
    given : mapping
    others : mapping of str to callable
        Checks that take the place of those that all models share.

    Raises
    ------
    TypeError, ValueError, NotImplementedError
        If one is of the wrong type or out of range, or two contradict each other; it is named.
    """
    checks = {**CHECKS, **others}
    made = {name: checks[name](name, value) if name in checks else value for name, value in given.items()}
    if made.get("hs", 1) == made.get("negative") == 0:
        raise ValueError("hs=0 with negative=0 trains nothing: give negative at least 1, or hs=1")
    if made.get("sg") and made.get("position_weights"):
        raise ValueError("position_weights=True is for CBOW: give sg=0")
    if made.get("distance_decay") and made.get("position_weights"):
        raise ValueError("position_weights=True learns what distance_decay says: give one of them")
    if made.get("output") == "sum" and made.get("negative") == 0:
        named = f" (preset={made['preset']!r} sets it)" if made.get("preset") else ""
        raise ValueError(f"output='sum'{named} needs output vectors of words, which hs=1 with negative=0 does not have")
    if made.get("max_n") and made["min_n"] > made["max_n"]:
        raise ValueError(f"min_n={made['min_n']} is above max_n={made['max_n']}; for no n-grams, give max_n=0")
    return made


def check_memory(rows: int, columns: int, advice: str = "bucket, vector_size or vocabulary") -> None:
    """Raise MemoryError if float32 matrices of so many rows together are larger than the machine's memory."""
    needed = 4 * rows * columns
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return
    if needed > memory > 0:
        raise MemoryError(
            f"{rows} rows of {columns} numbers, of all matrices together, take {needed / 2**30:.1f} GiB, and this "
            f"machine has {memory / 2**30:.1f} GiB of memory: take a smaller {advice}"
        )


def pairs_alone(pairs: Iterable[Any], sentences: Any, corpus_file: Any) -> Pairs:
    """Pairs of words and contexts as a source, which there may be no other beside."""
    if sentences is not None or corpus_file is not None:
        raise TypeError("give pairs, or sentences, or corpus_file: only one of them")
    return pairs if isinstance(pairs, Pairs) else Pairs(pairs)


def refuse_second_pass(given: Any, passes: int) -> None:
    """Raise TypeError for what can be read once, if it is to be read more often."""
    if passes > 1 and iter(given) is given:
        raise TypeError("a generator can be read only once: with reread=True give something that restarts")


def as_source(
    corpus_iterable: Sentences | None,
    corpus_file: Path | None,
    passes: int = 1,
    unicode_errors: str = "strict",
) -> Source:
    """The one of two inputs that was given, checked for `passes` over it."""
    if (corpus_iterable is None) == (corpus_file is None):
        raise TypeError("give either sentences or corpus_file, and not both")
    if corpus_file is not None:
        if not isinstance(corpus_file, (str, os.PathLike)):
            raise TypeError(f"corpus_file must be a path, not {type(corpus_file).__name__}")
        corpus_file = local(corpus_file)
        if os.path.isdir(corpus_file):
            return PathLineSentences(corpus_file, unicode_errors=unicode_errors)
        return source_of(TextFile(corpus_file, unicode_errors))
    if isinstance(corpus_iterable, Pairs):
        refuse_second_pass(corpus_iterable.sentences, passes)
    if isinstance(corpus_iterable, Source):
        return corpus_iterable
    if isinstance(corpus_iterable, (str, bytes, os.PathLike)):
        raise TypeError(
            f"sentences must be an iterable of lists of words, not {type(corpus_iterable).__name__}; "
            "for the path of a text file, use corpus_file="
        )
    if not hasattr(corpus_iterable, "__iter__") and not hasattr(corpus_iterable, "__getitem__"):
        raise TypeError(f"sentences must be an iterable of lists of words, not {type(corpus_iterable).__name__}")
    refuse_columns(corpus_iterable)
    refuse_second_pass(corpus_iterable, passes)
    return source_of(corpus_iterable)
