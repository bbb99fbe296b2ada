"""What `save()` of gensim's Phrases and FrozenPhrases wrote, of every version, said as fastemb's files say it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import Path, local
from fastemb.formats.gensim import read_phrases
from fastemb.formats.native import pack_keys

DEFAULTS: dict[str, Any] = {
    "min_count": 5, "threshold": 10.0, "max_vocab_size": 40000000, "progress_per": 10000, "min_reduce": 1,
    "corpus_word_count": 0,
}  # fmt: skip


def read(path: Path) -> tuple[str, dict[str, NDArray[Any]], dict[str, Any]]:
    """The name of the class, arrays and parameters.

    Raises
    ------
    ValueError
        If the file is damaged, or holds anything but phrases; nothing in it is ever run.
    """
    saved = read_phrases(path)
    try:
        delimiter = text_of(saved["delimiter"])
        connectors = saved.get("connector_words", saved.get("common_terms")) or ()
        parameters = {name: saved.get(name, default) for name, default in DEFAULTS.items()}
        parameters |= {
            "delimiter": delimiter,
            "scoring": scorer_of(saved.get("scoring", "default")),
            "connector_words": frozenset(map(text_of, connectors)),
        }
        if "phrasegrams" in saved:
            pairs = saved["phrasegrams"].items()
            texts = [
                text_of(key) if not isinstance(key, tuple) else delimiter.join(map(text_of, key)) for key, _ in pairs
            ]
            scores = [float(value[1] if isinstance(value, tuple) else value) for _, value in pairs]
            arrays = pack_keys(texts) | {"scores": np.array(scores, np.float64)}
            return "FrozenPhrases", arrays, {key: parameters[key] for key in parameters if key not in MORE}
        words, counts = list(map(text_of, saved["vocab"])), np.array(list(saved["vocab"].values()), np.int64)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ValueError(f"{local(path)}: damaged phrases of gensim's ({error!r})") from None
    nothing, root = np.empty(0, np.int32), np.zeros(1, np.int32)
    arrays = pack_keys(words) | {"counts": counts, "firsts": nothing, "middles": nothing, "lasts": nothing}
    arrays |= {"pair_counts": np.empty(0, np.int64), "middle.shorter": root, "middle.last": root}
    return "Phrases", arrays, parameters


MORE = ("max_vocab_size", "progress_per", "min_reduce", "corpus_word_count")


def text_of(text: Any) -> str:
    """A str; before gensim 4 it was UTF-8, and with Python 2 the pickle has its bytes as characters."""
    if isinstance(text, bytes):
        return text.decode("utf-8")
    if not isinstance(text, str):
        raise TypeError(f"a word is {type(text).__name__}")
    return text


def scorer_of(scoring: Any) -> str:
    """The name of a scorer, as fastemb's files have it."""
    if isinstance(scoring, str):
        return scoring
    if not isinstance(scoring, type):
        raise TypeError(f"a scorer is {type(scoring).__name__}")
    own = {"original_scorer": "default", "npmi_scorer": "npmi"}
    if scoring.__module__ == "gensim.models.phrases" and scoring.__name__ in own:
        return own[scoring.__name__]
    return f"{scoring.__module__}:{scoring.__name__}"
