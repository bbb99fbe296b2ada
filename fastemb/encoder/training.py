"""Encoders from text alone: a tokenizer, vectors by Word2Vec, kin, weights by frequency, without what texts share."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._floats import rank_of
from fastemb._numbers import positive, rate, whole
from fastemb._paths import local
from fastemb._tables import several_texts
from fastemb.corpus import PathLineSentences
from fastemb.encoder.tokenizing import (
    SPECIAL,
    Ids,
    Tokenizing,
    check_text,
    name_of,
    surrogate_in,
    text_of,
    whole_words,
    without_token,
)
from fastemb.encoder.weights import frequencies, weighed
from fastemb.io.textfile import TextFile, decode_line, lines_of
from fastemb.kernels.text.pooled import mean_ids
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.word2vec import Word2Vec

PREFIX = "##"
PIECE = 1 << 20  # characters that the library gets at a time: it takes some 60 bytes for each
LONGEST = 100  # characters of a word that WordPiece cuts; others are unknown
BLOCK = 2000  # texts that are cut at a time
SAMPLE, WINDOW = 20_000, 12  # texts, and tokens of each, in which what all texts share is looked for


class Texts:
    """The lines of a file or folder, or texts from anything, which can be read several times."""

    def __init__(self, corpus: Any, unicode_errors: str = "strict"):
        self.path = local(corpus) if isinstance(corpus, (str, os.PathLike)) else None
        given = None if self.path is not None else several_texts(corpus)
        self.texts: Any = list(given) if isinstance(given, Iterator) else given
        self.unicode_errors = unicode_errors
        if self.path is None and not isinstance(corpus, Iterable):
            raise TypeError(f"corpus must be a path or an iterable of str, not {type(corpus).__name__}")

    def files(self) -> list[TextFile]:
        assert self.path is not None
        return PathLineSentences(self.path, unicode_errors=self.unicode_errors).files()

    def hold(self) -> None:
        """Hold in memory what can be read but once, as a pipe."""
        if self.texts is None and not all(file.repeats() for file in self.files()):
            self.texts = list(self)

    def __iter__(self) -> Iterator[str]:
        if self.texts is not None:
            for number, text in enumerate(self.texts):
                if not isinstance(text, str):
                    raise TypeError(f"text {number} must be a str, not {type(text).__name__}")
                check_text(number, text)
                yield text
            return
        for file in self.files():
            for number, line in enumerate(lines_of(file), 1):
                yield decode_line(line, file, number)


class Cut:
    """Texts as lists of token ids, for Word2Vec.

    Parameters
    ----------
    sampled : bool
        Keep some of them in `sample`, any as probable as any other.
    """

    def __init__(self, texts: Iterable[str], tokenizing: Tokenizing, seed: int, sampled: bool):
        self.texts, self.tokenizing, self.seed, self.sampled = texts, tokenizing, seed, sampled
        self.sample: list[list[int]] = []
        self.lines = self.tokens = 0

    def __iter__(self) -> Iterator[list[int]]:
        draw, iterator = random.Random(self.seed), iter(self.texts)
        self.sample, self.lines, self.tokens = [], 0, 0
        while some := list(islice(iterator, BLOCK)):
            ids, starts = without_token(*self.tokenizing.ids(some, self.lines), self.tokenizing.unknown)
            flat = ids.tolist()
            for begin, end in pairwise(starts.tolist()):
                text = flat[begin:end]
                self.lines += 1
                self.tokens += len(text)
                if self.sampled:
                    self.keep(text, draw)
                yield text

    def keep(self, text: list[int], draw: random.Random) -> None:
        """Part of the last text, if it is drawn."""
        place = len(self.sample) if len(self.sample) < SAMPLE else draw.randrange(self.lines)
        if place >= SAMPLE or not text:
            return
        first = draw.randrange(max(1, len(text) - WINDOW))
        self.sample[place : place + 1] = [text[first : first + WINDOW]]


def of_corpus(
    cls: Any,
    corpus: Any,
    *,
    tokenizer: Any = None,
    vector_size: int = 300,
    min_count: int = 5,
    pieces: int = 8000,
    lowercase: bool = True,
    a: float = 3e-4,
    kin: float = 0.6,
    components: int = 0,
    workers: int | None = None,
    seed: int = 1,
    unicode_errors: str = "strict",
    progress: bool = False,
    **word2vec: Any,
) -> Any:
    """Train an encoder on texts.

    Parameters
    ----------
    corpus : str, os.PathLike, or iterable of str
        A text file with a text on each line, a folder of such, or texts. What can be read but once is held in memory.
    tokenizer : optional
        As of `Encoder`. By default the `tokenizers` library makes one: all words that occur `min_count` times, and
        WordPiece's pieces of these, into which other words are cut.
    vector_size : int, default 300
    min_count : int, default 5
        Words that occur less often are cut into pieces; only without `tokenizer`.
    pieces : int, default 8000
        How many pieces, and characters, are wanted; only without `tokenizer`.
    lowercase : bool, default True
        Also without accents, as BERT has it; only without `tokenizer`.
    a : float, default 3e-4
        A token of frequency p weighs a / (a + p) (Arora, Liang and Ma 2017).
    kin : float, default 0.6
        How much of the mean vector of the words that begin like it, and mean much the same, a word is given: forms of
        one word, above all. 0 is for none. Tokens with digits or signs, and pieces with ``##``, have none.
    components : int, default 0
        How many principal components of texts to take away. They are found in some texts of the corpus, and taken from
        the vectors of the tokens, which is the same.
    workers : int, optional
        Threads; one for each core by default, and with -1.
    seed : int, default 1
    unicode_errors : {'strict', 'ignore', 'replace'}
        What to do with bytes of files that are not UTF-8.
    progress : bool, default False
        Show a progress bar on standard error.
    **word2vec
        Further parameters of `Word2Vec`, which trains the vectors; by default those of its preset 'best', but that
        vectors are the words' own (``output="word"``): sums with the output layer's are worse here.

    Returns
    -------
    Encoder

    Raises
    ------
    ValueError
        If a parameter is out of range, or the corpus has no word that occurs often enough, or not so many
        components.
    ImportError
        If the `tokenizers` library is needed, which is not there.
    """
    a, kin, components = positive("a", a), rate("kin", kin), whole("components", components, 0)
    texts = Texts(corpus, unicode_errors)
    texts.hold()
    text = text_of(tokenizer) if tokenizer is not None else trained_tokenizer(texts, min_count, pieces, lowercase)
    tokenizing = Tokenizing(text, name_of(tokenizer))
    cut = Cut(texts, tokenizing, seed, sampled=components > 0)
    chosen = {
        "preset": "best", "output": "word", "vector_size": vector_size, "min_count": 1,
        "workers": -1 if workers is None else workers, "seed": seed, "progress": progress,
    }  # fmt: skip
    model = Word2Vec(cut, **{**chosen, **word2vec})
    counts = np.asarray(model.wv.expandos["count"], np.float64)
    vectors = np.zeros((len(tokenizing.tokens), model.vector_size), np.float32)
    ids = np.array(model.wv.index_to_key, np.int64)
    words = [tokenizing.tokens[id] or "" for id in ids.tolist()]
    vectors[ids] = weighed(model.wv.vectors, words, counts, a, kin)
    starts = np.cumsum([0, *map(len, cut.sample)], dtype=np.int64)
    sample = np.fromiter(chain.from_iterable(cut.sample), np.int32), starts
    made = cls(without_common(vectors, sample, components), text)
    name = os.path.basename(texts.path.rstrip("/")) if texts.path is not None else "given texts"
    made.about = {
        "corpus": name, "texts": cut.lines, "tokens_read": cut.tokens, "model": repr(model),
        "epochs": model.epochs, "weights": f"a / (a + p), a = {a:g}", "kin": kin, "components_removed": components,
    }  # fmt: skip
    return made


def without_common(vectors: NDArray[np.float32], texts: Ids, components: int) -> NDArray[np.float32]:
    """Take the first principal components of the means of texts from all vectors: means are linear in these."""
    if not components:
        return vectors
    ids, starts = texts
    means = np.empty((len(starts) - 1, vectors.shape[1]), np.float32)
    mean_ids(ids, starts, vectors, means)
    squares, directions = principal(means)
    if (there := rank_of(squares)) < components:
        raise ValueError(f"{components} components are wanted of texts that have {there}: give more texts")
    common = directions[:, :components]
    return (vectors - (vectors @ common) @ common.T).astype(np.float32)


def principal(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The squares of the singular values, falling, and the principal directions, shape (d, d)."""
    squares, directions = np.linalg.eigh(vectors.astype(np.float64).T @ vectors)
    return squares[::-1], directions[:, ::-1]


def trained_tokenizer(texts: Texts, min_count: int, pieces: int, lowercase: bool) -> str:
    """The tokenizer.json of a WordPiece tokenizer of whole words, and of pieces for others, made by the library."""
    try:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    except ImportError as error:
        raise ImportError("a tokenizer is made by the tokenizers library: pip install 'fastemb[encoder]'") from error
    min_count, pieces = whole("min_count", min_count, 1), whole("pieces", pieces, 1)

    def trained(model: Any, trainer: Any, iterator: Iterable[str]) -> Any:
        made = Tokenizer(model)
        made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        made.train_from_iterator(iterator, trainer)
        return made

    options: dict[str, Any] = {"special_tokens": list(SPECIAL), "show_progress": False}
    counting = trainers.WordLevelTrainer(vocab_size=2**31 - 1, min_frequency=min_count, **options)
    known = trained(models.WordLevel(unk_token=SPECIAL[1]), counting, in_pieces(texts)).get_vocab()
    listed = sorted(known, key=known.__getitem__)
    words = [word for word in listed if word not in SPECIAL and len(word) <= LONGEST]
    if not words:
        raise ValueError(f"the corpus has no word that occurs {min_count} times")
    # Numbers decide between pairs of one count: named here, letters have the same ones in each run.
    options["special_tokens"] += [PREFIX + letter for letter in sorted(set("".join(word[1:] for word in words)))]
    trainer = trainers.WordPieceTrainer(vocab_size=pieces, continuing_subword_prefix=PREFIX, **options)
    made = json.loads(trained(models.WordPiece(unk_token=SPECIAL[1]), trainer, iter(words)).to_str())
    made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] in SPECIAL]
    found = made["model"]["vocab"]
    order = dict.fromkeys([*SPECIAL, *words, *sorted(found, key=found.__getitem__)])
    made["model"]["vocab"] = {token: id for id, token in enumerate(order)}
    return json.dumps(made, ensure_ascii=False)


def in_pieces(texts: Iterable[str]) -> Iterator[str]:
    """The same, long ones cut: at blanks, where there are any."""
    for text in texts:
        begin = 0
        while len(text) - begin > PIECE:
            end = text.rfind(" ", begin, begin + PIECE) + 1 or begin + PIECE
            yield text[begin:end]
            begin = end
        yield text[begin:]


def of_keyed_vectors(
    cls: Any,
    wv: Any,
    *,
    a: float | None = 1e-3,
    kin: float = 0,
    words: Iterable[str] = (),
    texts: Iterable[str] = (),
    components: int = 0,
    normalize: bool = True,
) -> Any:
    """Make an encoder of vectors of words.

    Texts are cut as BERT's are, at blanks and punctuation; they, and `words`, are made lower case where no word of the
    vectors has a capital letter. Words that no text can have so are left out, and other words of texts are unknown.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    a : float or None, default 1e-3
        A word of frequency p weighs a / (a + p) where there are counts; None is for equal weights. Vectors that were
        read from text have counts that are made up: words are counted in `texts` then, and if there are none Zipf's
        law, by the order of the words, stands for counts, with a warning in the log.
    kin : float, default 0
        As of `of_corpus`, which takes 0.6.
    words : iterable of str, optional
        Further ones, without vectors of their own, for which FastText's n-grams make vectors; they weigh as the rarest.
    texts : iterable of str, optional
        Some, in which what all texts share is looked for; and words are counted, if the vectors have no counts, or
        made-up ones.
    components : int, default 0
        How many principal components of `texts` to take away.
    normalize : bool, default True
        As of `Encoder`.

    Raises
    ------
    ValueError
        If no word can be in a text, or components are wanted that are not in `texts`.
    TypeError
        If `wv` is neither, or one of `words` is no str.
    KeyError
        If one of `words` has no vector.
    """
    wv = getattr(wv, "wv", wv)
    if not isinstance(wv, KeyedVectors):
        raise TypeError(f"wv must be KeyedVectors or a model that has them, not {type(wv).__name__}")
    some = list(several_texts(texts))
    if whole("components", components, 0) and not some:
        raise ValueError("components are looked for in texts: give some")
    lower = all(word == word.lower() for word in wv.index_to_key if isinstance(word, str))
    more = [word for word in further(words, lower) if word not in wv.key_to_index]
    keys = enumerate([*wv.index_to_key, *more])
    numbered = [(row, word) for row, word in keys if isinstance(word, str) and surrogate_in(word) < 0]
    rows = [row for row, word in numbered if word not in SPECIAL]
    words = [word for _, word in numbered if word not in SPECIAL]
    ids, starts = Tokenizing(whole_words(words, lower)).ids(words)
    alone = [k for k in range(len(words)) if starts[k + 1] - starts[k] == 1 and ids[starts[k]] == k + len(SPECIAL)]
    if not alone:
        raise ValueError("no word of these vectors can be in a text that is cut at blanks and punctuation")
    text = whole_words([words[k] for k in alone], lower)
    tokenizing, kept = Tokenizing(text), [rows[k] for k in alone]
    known = without_token(*tokenizing.ids(some), tokenizing.unknown)
    counts = None if a is None else frequencies(wv, len(more), kept, known[0])
    found = np.asarray(wv.vectors, np.float32)
    found = np.concatenate([found, *(np.asarray(wv[word], np.float32)[np.newaxis] for word in more)])[kept]
    vectors = np.zeros((len(alone) + len(SPECIAL), found.shape[1]), np.float32)
    smoothing = positive("a", a) if a is not None else 1
    vectors[len(SPECIAL) :] = weighed(found, [words[k] for k in alone], counts, smoothing, rate("kin", kin))
    made = cls(without_common(vectors, known, components), text, normalize=normalize)
    made.about = {"words": len(alone), "components_removed": components}
    return made


def further(words: Iterable[str], lower: bool) -> list[str]:
    """The words that a user gave, each once."""
    given = list(several_texts(words, "words"))
    for number, word in enumerate(given):
        if not isinstance(word, str):
            raise TypeError(f"word {number} of words must be a str, not {type(word).__name__}")
    return list(dict.fromkeys(word.lower() if lower else word for word in given))
