"""Encoders from text alone: a tokenizer, vectors by Word2Vec, weights by frequency, without what all texts share."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import positive, whole
from fastemb._paths import local
from fastemb._tables import several_texts
from fastemb.corpus import PathLineSentences
from fastemb.encoder.tokenizing import Tokenizing, check_text, name_of, surrogate_in, text_of
from fastemb.io.textfile import decode_line, lines_of
from fastemb.kernels.text.pooled import mean_ids
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.word2vec import Word2Vec

SPECIAL = ("[PAD]", "[UNK]")
PREFIX = "##"
BLOCK = 2000  # texts that are cut at a time
SAMPLE, WINDOW = 20_000, 12  # texts, and tokens of each, in which what all texts share is looked for


class Texts:
    """The lines of a file or folder, or texts from anything, which can be read several times."""

    def __init__(self, corpus: Any, unicode_errors: str = "strict"):
        self.path = local(corpus) if isinstance(corpus, (str, os.PathLike)) else None
        given = corpus if self.path is not None else several_texts(corpus)
        self.texts = list(given) if isinstance(given, Iterator) else given
        self.unicode_errors = unicode_errors
        if self.path is None and not isinstance(corpus, Iterable):
            raise TypeError(f"corpus must be a path or an iterable of str, not {type(corpus).__name__}")

    def __iter__(self) -> Iterator[str]:
        if self.path is None:
            for number, text in enumerate(self.texts):
                if not isinstance(text, str):
                    raise TypeError(f"text {number} must be a str, not {type(text).__name__}")
                check_text(number, text)
                yield text
            return
        for file in PathLineSentences(self.path, unicode_errors=self.unicode_errors).files():
            for number, line in enumerate(lines_of(file), 1):
                yield decode_line(line, file, number)


class Cut:
    """Texts as lists of token ids, for Word2Vec; `sample` are some of them, any as probable as any other."""

    def __init__(self, texts: Iterable[str], tokenizing: Tokenizing, seed: int):
        self.texts, self.tokenizing, self.seed = texts, tokenizing, seed
        self.sample: list[list[int]] = []
        self.lines = self.tokens = 0

    def __iter__(self) -> Iterator[list[int]]:
        draw, unknown = random.Random(self.seed), self.tokenizing.unknown
        iterator, seen = iter(self.texts), 0
        self.sample, self.tokens = [], 0
        while some := list(islice(iterator, BLOCK)):
            ids, starts = self.tokenizing.ids(some, seen)
            flat, ends = ids.tolist(), starts.tolist()
            for begin, end in pairwise(ends):
                text = [id for id in flat[begin:end] if id != unknown]
                seen += 1
                self.tokens += len(text)
                place = seen - 1 if len(self.sample) < SAMPLE else draw.randrange(seen)
                if place < SAMPLE and text:
                    first = draw.randrange(max(1, len(text) - WINDOW))
                    kept = text[first : first + WINDOW]
                    if len(self.sample) < SAMPLE:
                        self.sample.append(kept)
                    else:
                        self.sample[place] = kept
                yield text
        self.lines = seen


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
        Further parameters of `Word2Vec`, which trains the vectors; by default CBOW with corrected gradients, alpha
        0.15, window 5, 10 noise words, sample 1e-4 and 8 epochs.

    Returns
    -------
    Encoder

    Raises
    ------
    ValueError
        If a parameter is out of range, or the corpus has no word that occurs often enough.
    ImportError
        If the `tokenizers` library is needed, which is not there.
    """
    a, components = positive("a", a), whole("components", components, 0)
    texts = Texts(corpus, unicode_errors)
    text = text_of(tokenizer) if tokenizer is not None else trained_tokenizer(texts, min_count, pieces, lowercase)
    tokenizing = Tokenizing(text, name_of(tokenizer))
    cut = Cut(texts, tokenizing, seed)
    chosen = {
        "vector_size": vector_size, "corrected_cbow": True, "alpha": 0.15, "negative": 10, "sample": 1e-4, "epochs": 8,
        "min_count": 1, "workers": -1 if workers is None else workers, "seed": seed, "progress": progress,
    }  # fmt: skip
    model = Word2Vec(cut, **{**chosen, **word2vec})
    counts = np.asarray(model.wv.expandos["count"], np.float64)
    vectors = np.zeros((len(tokenizing.tokens), model.vector_size), np.float32)
    vectors[np.array(model.wv.index_to_key, np.int64)] = weighed(model.wv.vectors, counts, a)
    made = cls(without_common(vectors, cut.sample, components), text)
    name = os.path.basename(texts.path.rstrip("/")) if texts.path is not None else "given texts"
    made.about = {
        "corpus": name, "texts": cut.lines, "tokens_read": cut.tokens, "model": repr(model),
        "epochs": model.epochs, "weights": f"a / (a + p), a = {a:g}", "components_removed": components,
    }  # fmt: skip
    return made


def weighed(vectors: NDArray[np.float32], counts: NDArray[np.float64] | None, a: float) -> NDArray[np.float32]:
    """Vectors of length 1, multiplied by a / (a + p) where there are counts."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    if counts is None:
        return units.astype(np.float32)
    weights = a / (a + counts / max(counts.sum(), 1))
    return (units * weights[:, np.newaxis]).astype(np.float32)


def without_common(vectors: NDArray[np.float32], texts: list[list[int]], components: int) -> NDArray[np.float32]:
    """Take the first principal components of the means of texts from all vectors: means are linear in these."""
    if not components or not texts:
        return vectors
    means = np.empty((len(texts), vectors.shape[1]), np.float32)
    starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    mean_ids(np.array([id for text in texts for id in text], np.int32), starts, vectors, means)
    products = means.astype(np.float64).T @ means
    common = np.linalg.eigh(products)[1][:, ::-1][:, :components]
    return (vectors - (vectors @ common) @ common.T).astype(np.float32)


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
    known = trained(models.WordLevel(unk_token=SPECIAL[1]), counting, iter(texts)).get_vocab()
    words = [word for word in sorted(known, key=known.__getitem__) if word not in SPECIAL]
    if not words:
        raise ValueError(f"the corpus has no word that occurs {min_count} times")
    trainer = trainers.WordPieceTrainer(vocab_size=pieces, continuing_subword_prefix=PREFIX, **options)
    made = json.loads(trained(models.WordPiece(unk_token=SPECIAL[1]), trainer, iter(words)).to_str())
    found = made["model"]["vocab"]
    order = dict.fromkeys([*SPECIAL, *words, *sorted(found, key=found.__getitem__)])
    made["model"]["vocab"] = {token: id for id, token in enumerate(order)}
    return json.dumps(made, ensure_ascii=False)


def of_keyed_vectors(
    cls: Any, wv: Any, *, a: float | None = 1e-3, texts: Iterable[str] = (), components: int = 0, normalize: bool = True
) -> Any:
    """Make an encoder of vectors of words.

    Texts are cut as BERT's are, at blanks and punctuation; they are made lower case where no word has a capital letter.
    Words that no text can have so are left out, and other words of texts are unknown.

    Parameters
    ----------
    wv : KeyedVectors, or a model that has them as `wv`
    a : float or None, default 1e-3
        A word of frequency p weighs a / (a + p) where there are counts; None is for equal weights.
    texts : iterable of str, optional
        Some, in which what all texts share is looked for.
    components : int, default 0
        How many principal components of `texts` to take away.
    normalize : bool, default True
        As of `Encoder`.

    Raises
    ------
    ValueError
        If no word can be in a text, or components are wanted without texts.
    """
    wv = getattr(wv, "wv", wv)
    if not isinstance(wv, KeyedVectors):
        raise TypeError(f"wv must be KeyedVectors or a model that has them, not {type(wv).__name__}")
    some = list(texts)
    if whole("components", components, 0) and not some:
        raise ValueError("components are looked for in texts: give some")
    keys = enumerate(wv.index_to_key)
    numbered = [(row, word) for row, word in keys if isinstance(word, str) and surrogate_in(word) < 0]
    rows = [row for row, word in numbered if word not in SPECIAL]
    words = [word for _, word in numbered if word not in SPECIAL]
    lower = all(word == word.lower() for word in words)
    ids, starts = Tokenizing(whole_words(words, lower)).ids(words)
    alone = [k for k in range(len(words)) if starts[k + 1] - starts[k] == 1 and ids[starts[k]] == k + len(SPECIAL)]
    if not alone:
        raise ValueError("no word of these vectors can be in a text that is cut at blanks and punctuation")
    text = whole_words([words[k] for k in alone], lower)
    found = np.asarray(wv.vectors, np.float32)[[rows[k] for k in alone]]
    counts = None
    if a is not None and "count" in wv.expandos:
        counts = np.asarray(wv.expandos["count"], np.float64)[[rows[k] for k in alone]]
    vectors = np.zeros((len(alone) + len(SPECIAL), found.shape[1]), np.float32)
    vectors[len(SPECIAL) :] = weighed(found, counts, positive("a", a) if a is not None else 1)
    tokens = list(Cut(some, Tokenizing(text), 1)) if some else []
    made = cls(without_common(vectors, [text for text in tokens if text], components), text, normalize=normalize)
    made.about = {"words": len(alone), "components_removed": components}
    return made


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
