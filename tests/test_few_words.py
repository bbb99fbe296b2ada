"""Words are looked up in another way while they are few beside the vocabulary; the numbers are the same."""

import random

import numpy as np
import pytest

from fastemb.corpus import LineSentence, TextFile, encode

WORDS = [
    *(f"w{k}" for k in range(300)),
    *(f"ä{k}" for k in range(300)),
    *range(300),
    "1",
    "",
    "a b",
    "\u3000",
    "\ud800",
]


def arrays_of(corpus):
    chunks = [chunk.arrays() for chunk in corpus.chunks]
    ids = np.concatenate([ids for ids, _ in chunks])
    return ids.tolist(), [length for _, starts in chunks for length in np.diff(starts).tolist()]


@pytest.mark.parametrize("count", [0, 1, 3, 40, 400])
def test_sentences(count):
    draw = random.Random(count)
    index = dict(zip(WORDS, draw.sample(range(2000), len(WORDS)), strict=True))
    sentences = [draw.choices([*WORDS, "unknown", "unbekännt", -1], k=draw.randrange(6)) for _ in range(count)]
    ids, lengths = arrays_of(encode(sentences, index))
    assert ids == [index.get(word, -1) for sentence in sentences for word in sentence]
    assert lengths == [len(sentence) for sentence in sentences]
    assert arrays_of(encode([[word for each in sentences for word in each], *sentences], index))[0] == 2 * ids
    assert len(index) == len(WORDS)


@pytest.mark.parametrize("count", [0, 1, 40, 4000])
@pytest.mark.parametrize("as_source", [TextFile, LineSentence, lambda path: LineSentence(path, max_sentence_length=3)])
def test_files(tmp_path, count, as_source):
    draw = random.Random(count)
    index = dict(zip(WORDS, draw.sample(range(len(WORDS)), len(WORDS)), strict=True))
    in_text = [word for word in WORDS if isinstance(word, str) and word.split() == [word] and word.isprintable()]
    lines = [draw.choices([*in_text, "unknown", "7"], k=draw.randrange(1, 6)) for _ in range(count)]
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(line) + "\n" for line in lines))
    ids, lengths = arrays_of(encode(as_source(path), index))
    assert ids == [index.get(word, -1) for line in lines for word in line]
    assert lengths == list(map(len, lines))


@pytest.mark.parametrize("count", [1, 4000])
def test_words_that_can_stand_in_no_text_are_told_of_either_way(tmp_path, caplog, count):
    path = tmp_path / "text.txt"
    path.write_text("w1 w2\n" * count)
    encode(TextFile(path), {word: number for number, word in enumerate(WORDS) if word not in ("a b", "\u3000")})
    assert "302 words of the vocabulary never occur in a text" in caplog.text  # 300 numbers, '' and the surrogate
    caplog.clear()
    encode(TextFile(path), {word: number for number, word in enumerate(WORDS[:600])})
    assert not caplog.text
    encode(TextFile(path), {word: number for number, word in enumerate([*WORDS[:600], "a\u3000b"])})
    assert r"1 words of the vocabulary never occur in a text" in caplog.text
