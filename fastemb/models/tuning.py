"""The parameters of a classifier, found by trials: from fastText's defaults, around the best so far."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from fastemb._paths import Path
from fastemb._threads import thread_count
from fastemb.models._classifier_evaluation import readable_again
from fastemb.models._tuning import Search, Trial, Tuned
from fastemb.models._tuning_metrics import judge_of
from fastemb.models.classifier import Classifier
from fastemb.models.files import check_init_from, vectors_to_begin_with

__all__ = ["Trial", "Tuned", "autotune"]

ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # in what says of an object what it is


def autotune(
    data: Any,
    labels: Any = None,
    *,
    validation: Any = None,
    folds: int | None = None,
    metric: str | Callable[[Classifier], float] = "f1",
    predictions: int = 1,
    seconds: float | None = None,
    trials: int | None = None,
    model_size: int | str | None = None,
    log: Path | None = None,
    seed: int = 1,
    workers: int | None = None,
    report: Callable[[Trial], object] | None = None,
    **fixed: Any,
) -> Tuned:
    """Find parameters of a classifier by trials, and the classifier.

    The first trial has fastText's defaults; each further one changes the best so far at random, by less and less. Four
    are chosen at a time, and each trains with one worker, so that the same seed gives the same trials, however many
    run at once.

    Parameters
    ----------
    data, labels
        As of `Classifier`.
    validation : as `data`, optional
        Texts to judge by.
    folds : int, optional
        Instead of them: judge by texts left out, in so many turns, and train the best on all.
    metric : str or callable, default 'f1'
        'f1', 'precision', 'recall', or 'macro_f1'; 'f1:LABEL', 'precision:LABEL', 'recall:LABEL';
        'precisionAtRecall:30', 'recallAtPrecision:30', in percent, both also with ':LABEL'; 'loss', the mean of the
        negative logarithm of the probability of a text's labels; or any function of a classifier. All but the loss are
        larger for better ones.
    predictions : int, default 1
        Labels of a text that are predicted.
    seconds : float, optional
        Begin no trial after so many, and end those that run; only quantising is let go to its end. By default 300,
        without `trials`.
    trials : int, optional
        So many.
    model_size : int or str, optional
        The most bytes of a quantised model in fastText's form, as 2_000_000 or '2M': the score is that of such a one.
    log : str or os.PathLike, optional
        A file that each trial is added to. Where there is one, it is gone on with.
    seed : int, default 1
    workers : int, optional
        Trials that run at once; one for each core by default.
    report : callable, optional
        Is called with each trial when it has ended.
    **fixed
        Parameters of `Classifier` that are not to be tried, but are so. With `init_from` all rows have the size of
        these vectors.

    Returns
    -------
    Tuned
        If it is interrupted after a trial has ended, too.

    Raises
    ------
    ValueError
        If there is nothing to judge by, or no trial came to its end, or the log is of another search; if there are more
        folds than texts.

    Examples
    --------
    >>> from fastemb import autotune
    >>> texts = [("a fine day", "good"), ("a grey day", "bad")] * 20
    >>> autotune(texts, validation=texts, trials=4, bucket=1000).score
    1.0
    """
    if (validation is None) == (folds is None):
        raise ValueError("give either validation or folds, to judge by")
    if "callbacks" in fixed:
        raise TypeError("autotune() takes no callbacks: give report, which is called with each trial")
    if trials is not None and trials < 1:
        raise ValueError(f"trials must be at least 1, not {trials}")
    reading = str(fixed.get("label_prefix", "__label__")), str(fixed.get("unicode_errors", "strict"))
    texts = readable_again(data, labels, *reading, as_list=folds is not None)
    check_folds(folds, texts, fixed.get("sample_weight"))
    size = None if model_size is None else bytes_of(model_size)
    search = Search(
        texts,
        None if validation is None else readable_again(validation, None, *reading),
        folds,
        judge_of(metric, predictions),
        size,
        seed,
        with_vectors(fixed),
        {
            "metric": metric if isinstance(metric, str) else getattr(metric, "__qualname__", repr(metric)),
            "predictions": predictions, "folds": folds, "size": size, "seed": seed,
            "fixed": {name: ADDRESS.sub("", repr(value)) for name, value in fixed.items()},
        },
    )  # fmt: skip
    until = time.monotonic() + (300 if seconds is None and trials is None else math.inf if seconds is None else seconds)
    search.read_log(log)
    search.run(until, trials, thread_count(workers), report or (lambda trial: None))
    return search.result()


def with_vectors(fixed: dict[str, Any]) -> dict[str, Any]:
    """The same with vectors to begin with in the place of their file, so that it is read once, and with their size."""
    if fixed.get("init_from") is None:
        return fixed
    check_init_from(fixed["init_from"])
    known = vectors_to_begin_with(fixed["init_from"])
    return {"vector_size": known.vector_size} | fixed | {"init_from": known}


def check_folds(folds: int | None, texts: Any, weights: Any) -> None:
    """Refuse less folds than two, and more than texts, and weights that are not as many as these."""
    if folds is None:
        return
    if folds < 2:
        raise ValueError(f"folds must be at least 2, not {folds}")
    if folds > len(texts):
        raise ValueError(f"folds={folds}, and there are {len(texts)} texts")
    if weights is not None and np.shape(weights) != (len(texts),):
        raise ValueError(f"sample_weight is of shape {np.shape(weights)}, and there are {len(texts)} texts")


def bytes_of(size: int | str) -> int:
    """A number of bytes, as 2M says."""
    text = str(size).strip()
    power = {"K": 3, "M": 6, "G": 9}.get(text[-1:].upper(), 0)
    try:
        number = int(text[:-1] if power else text) * 10**power
    except ValueError:
        raise ValueError(f"model_size must be a number of bytes, as 2000000 or '2M', not {size!r}") from None
    if number < 1:
        raise ValueError(f"model_size must be positive, not {size!r}")
    return number
