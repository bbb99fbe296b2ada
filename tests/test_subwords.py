"""N-grams of words: numbered as fastText numbers them, and pooled as it pools them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastemb.kernels import subwords as kernels
from fastemb.subwords import Bags, Subwords, encode_word, hash_word, mean_rows, overlap

WORDS = ["where", "Köln", "東京都", "кот", "שלום", "สวัสดี", "नमस्ते", "👩‍👩‍👧", "e\u0301te\u0301", "", "a", "x" * 50]
lengths = st.integers(0, 8)


def reference_hash(text: bytes) -> int:
    """FNV-1a with bytes as numbers from -128 to 127."""
    h = 2166136261
    for byte in text:
        signed = byte - 256 if byte > 127 else byte
        h = (h ^ (signed % 2**32)) * 16777619 % 2**32
    return h


def reference_ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    text = f"<{word}>"
    return [
        text[i : i + n]
        for i in range(len(text))
        for n in range(max(min_n, 1), max_n + 1)
        if i + n <= len(text) and text[i : i + n] != "<" * (i == 0) + ">" * (i > 0 and i + n == len(text))
    ]


def ids_of(word, min_n, max_n, bucket):
    return Subwords(min_n, max_n, bucket).bags([word]).ids.tolist()


def test_known_hashes():
    assert hash_word(b"") == 2166136261
    assert hash_word(b"<wh") == reference_hash(b"<wh")
    # A byte above 127 is negative: it changes the upper bits before the multiplication.
    assert hash_word(b"\xc3") == (2166136261 ^ 0xFFFFFFC3) * 16777619 % 2**32


@given(st.binary())
def test_hash_equals_the_reference(text):
    assert hash_word(text) == reference_hash(text)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("span", [(3, 6), (1, 3), (2, 2), (1, 1), (0, 2), (5, 100)])
def test_ngrams_of_many_scripts(word, span):
    expected = reference_ngrams(word, *span)
    wrapped = b"<%b>" % word.encode()
    assert [ngram.decode() for ngram in kernels.ngrams(wrapped, *span)] == expected
    assert ids_of(word, *span, 2_000_000) == [reference_hash(ngram.encode()) % 2_000_000 for ngram in expected]


@given(word=st.text(st.characters(codec="utf-8", exclude_characters="<>")), min_n=lengths, max_n=lengths)
def test_ngrams_equal_the_reference(word, min_n, max_n):
    expected = reference_ngrams(word, min_n, max_n)
    assert [ngram.decode() for ngram in kernels.ngrams(b"<%b>" % word.encode(), min_n, max_n)] == expected


@given(words=st.lists(st.binary(max_size=20)), min_n=lengths, max_n=lengths, bucket=st.integers(1, 2**31 - 1))
@example(words=[b"\x80\x80", b"", b"\xff<"], min_n=1, max_n=3, bucket=7)
def test_any_bytes_have_ngrams(words, min_n, max_n, bucket):
    offsets = np.cumsum([0] + [len(word) for word in words])
    starts, ids = kernels.ngram_ids(np.frombuffer(b"".join(words), np.uint8), offsets, min_n, max_n, bucket)
    assert len(ids) == starts[-1]
    for k, word in enumerate(words):
        expected = [reference_hash(ngram) % bucket for ngram in kernels.ngrams(word, min_n, max_n)]
        assert ids[starts[k] : starts[k + 1]].tolist() == expected


@pytest.mark.parametrize(("min_n", "max_n", "bucket"), [(3, 6, 0), (3, 0, 100), (0, 0, 100), (4, 3, 100)])
def test_no_ngrams(min_n, max_n, bucket):
    subwords = Subwords(min_n, max_n, bucket)
    assert not subwords.used
    assert [bag.tolist() for bag in subwords.bags(["word", 7])] == [[], []]


def test_the_end_of_a_sentence_has_no_ngrams():
    assert ids_of("</s>", 1, 6, 100) == []


def test_integers_have_the_ngrams_of_their_digits():
    assert ids_of(123, 3, 6, 1000) == ids_of("123", 3, 6, 1000)


@given(st.binary())
def test_bytes_that_are_not_utf8_stay_as_they_are(word):
    assert encode_word(word.decode("utf-8", "surrogateescape")) == word


def test_lone_surrogates_have_ngrams():
    assert ids_of("\ud800", 3, 6, 100) == [reference_hash(b"<\xed\xa0\x80>") % 100]


def test_ngrams_of_buckets_that_were_left_out_do_not_count():
    everything = Subwords(3, 4, 10)
    kept = np.array([[2, 1], [5, 0], [9, 2]], np.int32)
    some = Subwords(3, 4, 10, kept)
    rows = dict(kept.tolist())
    for whole, left in zip(everything.bags(WORDS), some.bags(WORDS), strict=True):
        assert left.tolist() == [rows[bucket] for bucket in whole.tolist() if bucket in rows]


@pytest.mark.parametrize("bucket", [-1, 0, 2**31])
def test_impossible_numbers_of_buckets_are_refused(bucket):
    with pytest.raises(ValueError, match="buckets"):
        kernels.ngram_ids(b"<a>", np.array([0, 3]), 3, 6, bucket)


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4], [0, 2, 1, 3]])
def test_impossible_offsets_are_refused(offsets):
    with pytest.raises(ValueError, match="offsets"):
        kernels.ngram_ids(b"<a>", np.array(offsets, np.int64), 3, 6, 10)


def test_bags_are_a_sequence():
    bags = Bags(np.array([0, 2, 2, 3]), np.array([5, 6, 7], np.int32))
    assert [bag.tolist() for bag in bags] == [[5, 6], [], [7]]
    assert bags[-1].tolist() == [7]
    assert [bag.tolist() for bag in bags[:2]] == [[5, 6], []]
    with pytest.raises(IndexError):
        bags[3]


@pytest.mark.parametrize("size", [1, 3, 16, 100])
def test_means_equal_the_reference(size):
    draw = np.random.default_rng(1)
    words, ngrams = draw.random((50, size), np.float32), draw.random((200, size), np.float32)
    bags = [draw.integers(0, 200, draw.integers(0, 40)) for _ in range(50)]
    starts = np.cumsum([0] + [len(bag) for bag in bags])
    means = np.full((50, size), np.nan, np.float32)
    mean_rows(means, words, ngrams, starts, np.concatenate(bags).astype(np.int32), 10, 50)
    expected = [np.vstack([word[np.newaxis], ngrams[bag]]).mean(axis=0) for word, bag in zip(words, bags, strict=True)]
    np.testing.assert_allclose(means[10:], expected[10:], rtol=1e-5)
    assert np.isnan(means[:10]).all()


def test_means_of_rows_that_are_not_there_are_refused():
    matrix = np.zeros((2, 3), np.float32)
    starts = np.array([0, 1, 2])
    for ids in ([0, 2], [-1, 0], [0]):
        with pytest.raises(ValueError):  # noqa: PT011
            mean_rows(np.zeros_like(matrix), matrix, matrix, starts, np.array(ids, np.int32), 0, 2)
    with pytest.raises(ValueError, match="no such words"):
        mean_rows(np.zeros_like(matrix), matrix, matrix, starts, np.zeros(2, np.int32), 0, 3)


def test_overlap_is_what_two_words_have_in_common():
    """Against two words that are drawn: the rows in both, counted as often as they are there, for each row of one."""
    draw = np.random.default_rng(1)
    bags = [draw.integers(0, 20, draw.integers(0, 9)) for _ in range(12)]
    shares = draw.random(12)
    shares /= shares.sum()
    rows = [[*bag.tolist(), f"own {word}"] for word, bag in enumerate(bags)]
    common = sum(
        p * q * sum(second.count(row) for row in first)
        for first, p in zip(rows, shares, strict=True)
        for second, q in zip(rows, shares, strict=True)
    )
    size = sum(p * len(bag) for bag, p in zip(rows, shares, strict=True))
    starts = np.cumsum([0] + [len(bag) for bag in bags])
    assert overlap(Bags(starts, np.concatenate(bags).astype(np.int32)), shares) == pytest.approx(common / size)
