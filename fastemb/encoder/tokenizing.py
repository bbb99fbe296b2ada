"""What a tokenizer.json says: natively where that is BERT's kind, through the `tokenizers` library else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import LARGEST
from fastemb.kernels.text import wordpiece

SPECIAL = ("[PAD]", "[UNK]")  # the first tokens of those that are made here
CUTS = {"BertPreTokenizer": 0, "Whitespace": 1, "WhitespaceSplit": 2}
STEPS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
Ids = tuple[NDArray[np.int32], NDArray[np.int64]]


class Truncation(NamedTuple):
    """How many tokens of a text a tokenizer.json keeps, and whether those at its end."""

    most: int
    last: bool


class Tokenizing:
    """Texts to tokens.

    Parameters
    ----------
    text : str
        Of a tokenizer.json.
    name : str
        For messages.

    Attributes
    ----------
    text : str
    tokens : list of str or None
        Each at its id; None where an id has none.
    unknown : int
        The id of what has no token; -1 if there is none.
    truncation : Truncation or None
    median_length : int
        Of a token, in characters, as model2vec has it.
    native : fastemb.kernels.text.wordpiece.Tokenizer, or None where the library does the work

    Raises
    ------
    ValueError
        If it is no tokenizer.json, or one that is not understood.
    ImportError
        If it wants the library, which is not there.
    """

    def __init__(self, text: str, name: str = "tokenizer.json"):
        self.text, self.name = text, name
        try:
            said = json.loads(text)
            model = said["model"]
            added = [(token["content"], checked_id(token["id"])) for token in said.get("added_tokens") or ()]
            self.native = native(said, model, added)
            self.library = None if self.native is not None else library(text, name)
            self.tokens = listed(vocabulary(model, added) if self.library is None else self.library.get_vocab(True))
            self.unknown = unknown_id(model, self.tokens)
            self.truncation = truncation(said.get("truncation"))
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
            raise ValueError(f"{name}: no tokenizer.json that is understood ({error!r:.200})") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return Tokenizing, (self.text, self.name)

    @cached_property
    def median_length(self) -> int:
        return int(np.median([len(token) for token in self.tokens if token is not None]))

    def ids(self, texts: list[str], first: int = 0, most_characters: int = -1) -> Ids:
        """The tokens of text k are ids[starts[k]:starts[k + 1]]; `first` is its number, for messages."""
        if self.native is not None:
            return self.native.ids(texts, first, most_characters)
        if most_characters >= 0:
            texts = [text[:most_characters] for text in texts]
        for number, text in enumerate(texts, first):
            if not isinstance(text, str):
                raise TypeError(f"text {number} must be a str, not {type(text).__name__}")
        lists = self.of_library(texts, first)
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        return np.array([id for ids in lists for id in ids], np.int32), starts

    def of_library(self, texts: list[str], first: int) -> list[list[int]]:
        """The tokens of each text, as the library says."""
        assert self.library is not None
        try:
            return [found.ids for found in self.library.encode_batch_fast(texts, add_special_tokens=False)]
        except BaseException as error:  # of any kind, and it does not say of which text
            unless_of_the_library(error)
            for number, text in enumerate(texts, first):
                check_text(number, text)
                if len(texts) > 1:
                    self.of_library([text], number)
            raise ValueError(f"text {first}: {error}") from None


def check_text(number: int, text: str) -> None:
    """Raise if a str is no text."""
    if (place := surrogate_in(text)) >= 0:
        raise ValueError(f"text {number}: is no text: it has a surrogate at {place}")


def surrogate_in(text: str) -> int:
    """Where the first is; -1 if there is none."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return -1


def checked_id(id: Any) -> int:
    if type(id) is not int or not 0 <= id < 2**31 - 1:
        raise ValueError(f"the id of a token is {id!r:.50}")
    return id


def vocabulary(model: Any, added: list[tuple[str, int]]) -> dict[str, int]:
    return {token: checked_id(id) for token, id in [*model["vocab"].items(), *added]}


def listed(ids: Mapping[str, int]) -> list[str | None]:
    """Tokens at their ids."""
    if not ids:
        raise ValueError("there are no tokens")
    if max(ids.values()) > 2 * len(ids) + 100_000:
        raise ValueError(f"{len(ids)} tokens have ids up to {max(ids.values())}")
    tokens: list[str | None] = [None] * (max(ids.values()) + 1)
    for token, id in ids.items():
        if tokens[id] is not None:
            raise ValueError(f"{tokens[id]!r} and {token!r} are of one id, {id}")
        tokens[id] = token
    return tokens


def unknown_id(model: Any, tokens: list[str | None]) -> int:
    if model.get("type") == "Unigram":
        return -1 if model.get("unk_id") is None else checked_id(model["unk_id"])
    name = model.get("unk_token")
    return tokens.index(name) if name is not None and name in tokens else -1


def truncation(said: Any) -> Truncation | None:
    if not said:
        return None
    return Truncation(checked_length(said["max_length"]), said.get("direction", "Right") == "Left")


def checked_length(most: Any) -> int:
    """How many tokens of a text are kept; some tools write vast numbers where all are."""
    if type(most) is not int or most < 0:
        raise ValueError(f"max_length is {most!r:.50}")
    return min(most, LARGEST)


def with_truncation(text: str, most: int | None) -> str:
    """The same tokenizer.json, by which so many tokens of a text are kept; None is for all."""
    said = json.loads(text)
    if truncation(said.get("truncation")) == (None if most is None else Truncation(most, False)):
        return text
    wanted = {"direction": "Right", "max_length": most, "strategy": "LongestFirst", "stride": 0}
    return json.dumps({**said, "truncation": None if most is None else wanted}, ensure_ascii=False)


def native(said: Any, model: Any, added: list[tuple[str, int]]) -> wordpiece.Tokenizer | None:
    """The kernel, where it does all that is said; else None."""
    normalizer, cut = steps(said.get("normalizer")), CUTS.get(str((said.get("pre_tokenizer") or {}).get("type")))
    plain = all(
        not any(token.get(key) for key in ("normalized", "single_word", "lstrip", "rstrip"))
        for token in said.get("added_tokens") or ()
    )
    if model.get("type") not in ("WordPiece", "WordLevel") or normalizer is None or cut is None or not plain:
        return None
    pieces = model["type"] == "WordPiece"
    known = vocabulary(model, [])
    if not isinstance(model["unk_token"], str):
        raise TypeError(f"unk_token is {model['unk_token']!r:.50}")
    unknown = known.get(model["unk_token"], -1)
    prefix = model.get("continuing_subword_prefix", "##") if pieces else None
    most = model.get("max_input_chars_per_word", 100) if pieces else 0
    tokens, everything = listed(known), listed(vocabulary(model, added))
    tokens += [None] * (len(everything) - len(tokens))
    return wordpiece.Tokenizer(tokens, added, unknown, prefix, most, cut, *normalizer)


def steps(normalizer: Any) -> list[bool] | None:
    """Which steps of BertNormalizer a normaliser takes; None if others."""
    if normalizer is None:
        return [False] * 4
    if normalizer["type"] == "Sequence" and len(normalizer["normalizers"]) == 1:
        return steps(normalizer["normalizers"][0])
    if normalizer["type"] == "Lowercase":
        return [False, False, False, True]
    if normalizer["type"] != "BertNormalizer":
        return None
    said = [normalizer.get(name) for name in STEPS]
    if said[2] is None:
        said[2] = said[3]
    return [bool(step) for step in said]


def library(text: str, name: str) -> Any:
    """The tokenizer of the library, which neither cuts nor pads."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ImportError(f"{name}: its kind needs the tokenizers library: pip install 'fastemb[encoder]'") from error
    try:
        found = Tokenizer.from_str(text)
    except BaseException as error:
        unless_of_the_library(error)
        raise ValueError(str(error)) from None
    found.no_truncation()
    found.no_padding()
    return found


def unless_of_the_library(error: BaseException) -> None:
    """Raise an error that is not the library's: it raises Exception of no other kind, and panics, which are none."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error


def text_of(tokenizer: Any) -> str:
    """The tokenizer.json of what a user gave: a path, the text itself, or an object of the library's."""
    if hasattr(tokenizer, "backend_tokenizer"):  # of transformers
        tokenizer = tokenizer.backend_tokenizer
    if hasattr(tokenizer, "to_str"):
        return str(tokenizer.to_str())
    if is_text(tokenizer):
        return str(tokenizer)
    if not isinstance(tokenizer, (str, os.PathLike)):
        raise TypeError(f"a tokenizer is a path, a text or an object of a library, not {type(tokenizer).__name__}")
    return read_text(tokenizer)


def is_text(tokenizer: Any) -> bool:
    """Whether it is the text of a tokenizer.json."""
    return isinstance(tokenizer, str) and tokenizer.lstrip()[:1] == "{"


def whole_words(words: list[str], lower: bool) -> str:
    """The tokenizer.json of whole words."""
    normalizer = {
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": False,
        "lowercase": lower,
    }  # fmt: skip
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    vocab = {word: id for id, word in enumerate([*SPECIAL, *words])}
    return json.dumps(
        {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": id, "content": token, **special} for id, token in enumerate(SPECIAL)],
            "normalizer": normalizer, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": None,
            "decoder": None, "model": {"type": "WordLevel", "vocab": vocab, "unk_token": SPECIAL[1]},
        },
        ensure_ascii=False,
    )  # fmt: skip


def name_of(tokenizer: Any) -> str:
    """What a tokenizer is called in messages: its path, if it has one."""
    given = isinstance(tokenizer, (str, os.PathLike)) and not is_text(tokenizer)
    return os.fspath(tokenizer) if given else "tokenizer.json"


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{os.fspath(path)}: damaged: no UTF-8 at byte {error.start}") from None


def without_token(ids: NDArray[np.int32], starts: NDArray[np.int64], left_out: int) -> Ids:
    """The same texts without a token."""
    kept = ids != left_out
    return ids[kept], np.concatenate([[0], np.cumsum(kept)])[starts].astype(np.int64)
