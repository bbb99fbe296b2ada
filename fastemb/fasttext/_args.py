"""fastText's arguments: names, types and defaults of its `args`, `loss_name` and `model_name`."""

from __future__ import annotations

import enum
import multiprocessing
import operator
import os
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any


class PybindEnum(enum.Enum):
    """What pybind11's enumerations are beside Python's: numbers, when asked for one."""

    def __int__(self) -> int:
        return int(self.value)

    __index__ = __int__


class loss_name(PybindEnum):
    hs = 1
    ns = 2
    softmax = 3
    ova = 4


class model_name(PybindEnum):
    cbow = 1
    skipgram = 2
    supervised = 3


DEFAULTS: dict[str, Any] = {
    "input": "", "output": "", "lr": 0.05, "lrUpdateRate": 100, "dim": 100, "ws": 5, "epoch": 5, "minCount": 5,
    "minCountLabel": 0, "neg": 5, "wordNgrams": 1, "loss": loss_name.ns, "model": model_name.skipgram,
    "bucket": 2_000_000, "minn": 3, "maxn": 6, "thread": 12, "t": 1e-4, "label": "__label__", "verbose": 2,
    "pretrainedVectors": "", "saveOutput": False, "seed": 0,
    "qout": False, "retrain": False, "qnorm": False, "cutoff": 0, "dsub": 2,
    "autotuneValidationFile": "", "autotuneMetric": "f1", "autotunePredictions": 1, "autotuneDuration": 300,
    "autotuneModelSize": "",
}  # fmt: skip
# What files hold, by the names that fastemb.formats.fasttext has for it.
IN_FILES = {
    "dim": "dim", "ws": "ws", "epoch": "epoch", "min_count": "minCount", "neg": "neg", "word_ngrams": "wordNgrams",
    "bucket": "bucket", "minn": "minn", "maxn": "maxn", "lr_update_rate": "lrUpdateRate", "t": "t",
}  # fmt: skip


def whole(value: Any) -> int:
    """A whole number of 32 bits; TypeError if it is none."""
    number = operator.index(value)
    if not -(2**31) <= number < 2**31:
        raise TypeError(f"{number} is no whole number of 32 bits")
    return number


def real(value: Any) -> float:
    """A number; TypeError if it is none."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"must be a number, not {value!r}")
    return float(value)


def text(value: Any) -> str:
    """A str; paths are taken, too."""
    name = os.fspath(value)
    return name if isinstance(name, str) else os.fsdecode(name)


KINDS: dict[type, Any] = {int: whole, float: real, str: text, bool: bool}


class args:
    """Arguments of fastText; an attribute takes what its default is, and TypeError says of another what it must be."""

    def __init__(self) -> None:
        vars(self).update(DEFAULTS, _manual=set())

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in DEFAULTS:
            raise AttributeError(f"fastText has no argument {name!r}")
        kind = type(DEFAULTS[name])
        try:
            if kind in KINDS:
                value = KINDS[kind](value)
            elif not isinstance(value, kind):
                raise TypeError(f"must be a {kind.__name__}, not {value!r}")
        except TypeError as error:
            raise TypeError(f"{name}: incompatible function arguments ({error})") from None
        vars(self)[name] = value

    def __getattr__(self, name: str) -> Any:  # of attributes that are not there
        raise AttributeError(f"fastText has no argument {name!r}")

    def setManual(self, name: str) -> None:
        """Keep autotune from choosing this one."""
        self._manual.add(name)

    def is_manual(self, name: str) -> bool:
        return name in self._manual

    def copy(self) -> args:
        other = args()
        vars(other).update(vars(self), _manual=set(self._manual))
        return other

    def to_file(self) -> dict[str, Any]:
        """By the names of `fastemb.formats.fasttext`."""
        there = {name: getattr(self, own) for name, own in IN_FILES.items()}
        return there | {"loss": int(self.loss), "model": int(self.model)}


def args_of(arguments: dict[str, Any], loss: str, model: str) -> args:
    """The arguments that a file holds, and the defaults of others."""
    made = args()
    for name, own in IN_FILES.items():
        setattr(made, own, arguments[name])
    made.loss, made.model = loss_name[loss], model_name[model]
    return made


ALIASES = {
    "min_count": "minCount",
    "word_ngrams": "wordNgrams",
    "lr_update_rate": "lrUpdateRate",
    "label_prefix": "label",
    "pretrained_vectors": "pretrainedVectors",
}
# In the order in which they may be given by position.
OF_TRAINING = (
    "lr", "dim", "ws", "epoch", "minCount", "minCountLabel", "minn", "maxn", "neg", "wordNgrams", "loss", "bucket",
    "thread", "lrUpdateRate", "t", "label", "verbose", "pretrainedVectors",
)  # fmt: skip
OF_AUTOTUNE = (
    "autotuneValidationFile", "autotuneMetric", "autotunePredictions", "autotuneDuration", "autotuneModelSize",
)  # fmt: skip

unsupervised_default: dict[str, Any] = {
    "model": "skipgram",
    **{name: getattr(args(), name) for name in (*OF_TRAINING, "seed", *OF_AUTOTUNE)},
    "loss": "ns",
    "thread": multiprocessing.cpu_count() - 1,
}
supervised_default = unsupervised_default | {
    "lr": 0.1, "minCount": 1, "minn": 0, "maxn": 0, "loss": "softmax", "model": "supervised",
}  # fmt: skip


def read_args(
    arg_list: Iterable[Any], arg_dict: Mapping[str, Any], arg_names: Collection[str], default_values: Mapping[str, Any]
) -> tuple[dict[str, Any], set[str]]:
    """Arguments by name, with the defaults of those that are not given; and the names of those that are."""
    given: dict[str, Any] = {}
    for alias, value in chain(zip(arg_names, arg_list, strict=False), arg_dict.items()):
        name = ALIASES.get(alias, alias)
        if name not in arg_names:
            raise TypeError(f"unexpected keyword argument '{name}'")
        if name in given:
            raise TypeError(f"multiple values for argument '{name}'")
        given[name] = value
    return dict(default_values) | given, set(given)


def _parse_model_string(string: str) -> model_name:
    if string not in model_name.__members__:
        raise ValueError("Unrecognized model name")
    return model_name[string]


def _parse_loss_string(string: str) -> loss_name:
    if string not in loss_name.__members__:
        raise ValueError("Unrecognized loss name")
    return loss_name[string]


def _build_args(arguments: dict[str, Any], manually_set_args: set[str]) -> args:
    given = dict(arguments)
    given |= {"model": _parse_model_string(given["model"]), "loss": _parse_loss_string(given["loss"])}
    if type(given["autotuneModelSize"]) is int:
        given["autotuneModelSize"] = str(given["autotuneModelSize"])
    made = args()
    for name, value in given.items():
        setattr(made, name, value)
        if name in manually_set_args:
            made.setManual(name)
    searched = bool(made.autotuneValidationFile)  # for n-grams, too
    if made.wordNgrams <= 1 and made.maxn == 0 and not (searched and made.is_manual("bucket")):
        made.bucket = 0
    return made
