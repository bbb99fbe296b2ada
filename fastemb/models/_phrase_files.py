"""Files of phrases: fastemb's own, and gensim's."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from math import isinf, isnan
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb.corpus.collocations import Collocations
from fastemb.formats import gensim, native
from fastemb.io.limits import parse_json
from fastemb.kernels.ragged import check
from fastemb.kernels.text.phrases import PhraseTable
from fastemb.models._kinds import with_subclasses
from fastemb.models._on_the_class import OnTheClass
from fastemb.models._scorers import missing_parameters, npmi_scorer, original_scorer

AnyPhrases = TypeVar("AnyPhrases", bound="Saving")

SCORERS = {"default": original_scorer, "npmi": npmi_scorer}
OF_PAIRS = ("firsts", "middles", "lasts", "pair_counts")


class Saving:
    """The part of phrases that is saved, loaded and pickled."""

    def _state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Arrays, and parameters."""
        raise NotImplementedError

    def _set_state(self, arrays: Mapping[str, NDArray[Any]], parameters: dict[str, Any], name: str) -> None:
        """The opposite of `_state`; `name` is for errors."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        arrays, parameters = self._state()
        own = {name: value for name, value in vars(self).items() if name not in ("_counts", "_made", "_phrasegrams")}
        return {"arrays": arrays, "parameters": parameters, "own": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_state(state["arrays"], state["parameters"], "a pickle")
        vars(self).update(state["own"])

    def save(self, fname: Path, *_: object, **__: object) -> None:
        """Write everything to one file in the layout of safetensors; see `fastemb.formats.native`.

        Of a scorer of one's own its name is saved. Further arguments of gensim's are taken without effect.

        Parameters
        ----------
        fname : str or os.PathLike
        """
        arrays, parameters = self._state()
        kind = next(kind.__name__ for kind in type(self).__mro__ if kind.__name__ in ("Phrases", "FrozenPhrases"))
        native.write_native(fname, arrays, {"class": kind, "parameters": as_json(parameters)})

    @OnTheClass
    def load(cls: type[AnyPhrases], fname: Path, mmap: object = None, *, scoring: Any = None) -> Any:
        """Read what `save()` wrote, or what gensim's `save()` wrote, of whose pickles no code is run.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap
            Is taken because gensim takes it, and not used.
        scoring : callable, optional
            The scorer, where it is one of your own. By default it is found by its name, if its module is imported.

        Returns
        -------
        Phrases or FrozenPhrases
            What the file holds, as in gensim.

        Raises
        ------
        ValueError
            If it is another file, or damaged, or its scorer is not there.
        """
        name = local(fname)
        kinds = {kind.__name__: kind for kind in with_subclasses(Saving)}
        kind, arrays, parameters = read(fname, name)
        if kind not in kinds:
            raise ValueError(f"{name}: holds {kind}, and no phrases")
        home = cls if issubclass(cls, kinds[kind]) else kinds[kind]
        made = home.__new__(home)
        try:
            parameters["scoring"] = scoring or found_scorer(parameters["scoring"])
            made._set_state(arrays, checked(parameters), name)
        except (KeyError, TypeError, AttributeError, OverflowError, IndexError) as error:
            raise ValueError(f"{name}: damaged ({error!r})") from None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        return made


def read(path: Path, name: str) -> tuple[str, dict[str, NDArray[Any]], dict[str, Any]]:
    """The name of the class in a file, its arrays and parameters."""
    if gensim.looks_like_pickle(path):
        from fastemb.models import _phrases_of_gensim

        return _phrases_of_gensim.read(path)
    arrays, metadata = native.read_native(path)
    try:
        kind, parameters = metadata["class"], parse_json(metadata["parameters"])
        parameters["connector_words"] = frozenset(parameters.get("connector_words", ()))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{name}: holds no phrases, or is damaged ({error!r})") from None
    return kind, arrays, parameters


def as_json(parameters: Mapping[str, Any]) -> str:
    """Parameters of phrases for a file, with the name of the scorer."""
    scorer = next((name for name, function in SCORERS.items() if function is parameters["scoring"]), None)
    own = {"scoring": scorer or name_of(parameters["scoring"])}
    return json.dumps({**parameters, **own, "connector_words": sorted(parameters["connector_words"])}, default=float)


def name_of(function: Any) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def found_scorer(name: str) -> Any:
    """The scorer of that name. No module is imported, and nothing but a scorer is found."""
    if name in SCORERS:
        return SCORERS[name]
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if found is None or missing_parameters(found):
        raise ValueError(f"its scorer {name!r} is not there: import its module before, or give load(…, scoring=…)")
    return found


def checked(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, if they are such; else TypeError."""
    numbers = ("min_count", "threshold", "max_vocab_size", "progress_per", "min_reduce", "corpus_word_count")
    for name, value in parameters.items():
        if name in numbers and (
            not isinstance(value, (int, float)) or isinstance(value, bool)
            or isnan(value) or (isinf(value) and name != "threshold")
        ):  # fmt: skip
            raise TypeError(f"{name}={value!r:.50}")
    if not isinstance(parameters["delimiter"], str) or not all(
        isinstance(w, str) for w in parameters["connector_words"]
    ):
        raise TypeError("delimiter and connector words must be str")
    return parameters


def counts_to_arrays(counts: Collocations) -> dict[str, NDArray[Any]]:
    """Counts of words and pairs, for a file; a word that was forgotten is a number there."""
    words = native.pack_keys([k if word is None else word for k, word in enumerate(counts.words)])
    shorter, last = counts.middles.parts()
    pairs: dict[str, NDArray[Any]] = dict(zip(OF_PAIRS, counts.items(), strict=True))
    return words | pairs | {"counts": counts.counts, "middle.shorter": shorter, "middle.last": last}


def counts_from_arrays(arrays: Mapping[str, NDArray[Any]], connectors: frozenset[str], name: str) -> Collocations:
    """The opposite of `counts_to_arrays`."""
    words = [word if isinstance(word, str) else None for word in native.unpack_keys(arrays, name)]
    counts, shorter, last = arrays["counts"], arrays["middle.shorter"], arrays["middle.last"]
    if counts.shape != (len(words),) or counts.dtype != np.int64 or (len(words) and counts.min() < 0):
        raise ValueError("damaged: its words and their counts do not fit together")
    made = Collocations(words, counts, connectors)
    if len(shorter) != len(last) or not len(shorter):
        raise ValueError("damaged: its connector words do not fit together")
    for number, (before, word) in enumerate(zip(shorter.tolist()[1:], last.tolist()[1:], strict=True), 1):
        if not (0 <= word < len(words) and before < number) or made.middles.longer_than(before, word) != number:
            raise ValueError("damaged: its connector words do not fit together")
    firsts, middles, lasts, values = (np.ascontiguousarray(arrays[key]) for key in OF_PAIRS)
    for numbers, end in ((firsts, len(words)), (lasts, len(words)), (middles, len(made.middles) + 1)):
        check(np.array([0, len(numbers)]), numbers, 0, end, "its pairs")
    table = PhraseTable(len(values))  # they may come in the order of their hashes
    table.add(firsts, middles, lasts, values)
    made.tables = [table]
    if len(table) != len(values):
        raise ValueError("damaged: a pair is there twice")
    return made
