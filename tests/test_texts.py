"""Texts in batches: mean vectors of many, against those of one."""

import copy
import itertools
import pickle
import random
import signal
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastemb import FastText, KeyedVectors, texts
from fastemb.kernels.text.batch import ends_of, weighted_means
from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.vocabulary import Vocabulary
from fastemb.kernels.text.wordtable import WordTable

WORDS = ["the", "kettle", "sings", "café", "漢字", "a", "New York", "a\u00a0b", "\udc80bytes", "no\0where", "x" * 30]
SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
OPTIONS = st.fixed_dictionaries({"pre_normalize": st.booleans(), "post_normalize": st.booleans()})


def vectors(dtype=np.float32, keys=(*WORDS, 7, -3)):
    rows = 10 * np.random.default_rng(1).standard_normal((len(keys), 19))
    rows[1] = 0
    return KeyedVectors.from_arrays(keys, rows.astype(dtype))


class Name(str):
    __slots__ = ()


@pytest.fixture(scope="module")
def fasttext():
    return FastText(SENTENCES, bucket=300, vector_size=8, min_count=1, epochs=1, workers=1).wv


def one_by_one(kv, several, weights=None, **options):
    """What `get_mean_vector` makes of each text."""
    rows = []
    for text in several:
        keys = text.split() if isinstance(text, str) else list(text)
        given = None
        if isinstance(weights, dict):
            given = [weights.get(key, 1) for key in keys]
        elif weights is not None:
            given = [weights[row] if (row := kv.get_index(key, -1)) >= 0 else 1 for key in keys]
        rows.append(kv.get_mean_vector(keys, given, **options) if keys else np.zeros(kv.vector_size))
    return np.array(rows, np.float32).reshape(-1, kv.vector_size)


def test_known_values():
    kv = KeyedVectors.from_arrays(["east", "north"], np.array([[2, 0], [0, 4]], np.float32))
    several = ["east north", "east  east\nnorth east", "", "up", ["north"], "north up"]
    third = [[0.5, 0.5], [0.75, 0.25], [0, 0], [0, 0], [0, 1], [0, 1]]
    np.testing.assert_array_equal(kv.get_mean_vectors(several), third)
    whole = kv.get_mean_vectors(several, pre_normalize=False)
    np.testing.assert_array_equal(whole, [[1, 2], [1.5, 1], [0, 0], [0, 0], [0, 4], [0, 4]])
    for weights in ({"east": 3}, [3, 1], np.array([3.0, 1])):
        np.testing.assert_array_equal(kv.get_mean_vectors(["east north", "north"], weights), [[0.75, 0.25], [0, 1]])
    np.testing.assert_array_equal(kv.get_mean_vectors(["east north"], {"east": -3}), [[-0.75, 0.25]])
    np.testing.assert_array_equal(kv.get_mean_vectors(["east north"], [0, 0]), [[0, 0]])
    units = kv.get_mean_vectors(["east north"], post_normalize=True)
    np.testing.assert_allclose(units, [[0.5**0.5, 0.5**0.5]], rtol=1e-6)


blanks = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
letters = "ab\0é漢😀\ud800\udc80\u200b\ufeff\u2010\u1fff"
any_text = st.text(st.one_of(st.sampled_from(blanks + letters), st.characters(exclude_categories=[])))


@given(st.lists(any_text, max_size=8))
def test_texts_are_split_as_python_splits_them(several):
    encoder = TextEncoder()
    encoder.add_texts(several)
    ids, starts = encoder.finish()
    words = encoder.table.words()
    assert [[words[k] for k in ids[a:b]] for a, b in itertools.pairwise(starts)] == [text.split() for text in several]
    assert words == list(dict.fromkeys(word for text in several for word in text.split()))
    assert [encoder.table[k] for k in range(len(words))] == words
    index = {word: 3 * k for k, word in enumerate(["a", *words[::2]])}
    assert Vocabulary(index).rows_of(encoder.table).tolist() == [index.get(word, -1) for word in words]


def test_every_character_is_a_blank_or_part_of_a_word_as_in_python():
    every = [chr(c) for c in range(0x11000)]
    encoder = TextEncoder()
    encoder.add_texts([f"x{c}y" for c in every])
    assert np.diff(encoder.finish()[1]).tolist() == [len(f"x{c}y".split()) for c in every]


word = st.sampled_from([*WORDS, "unknown", "", "ab", "7"])
key = st.one_of(word, st.sampled_from([7, -3, 3, 500, np.int64(2), True]))
text = st.one_of(st.lists(word).map(" ".join), st.lists(key), st.lists(key).map(tuple), any_text)
weight = st.integers(-64, 64).map(lambda number: number / 16)


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64, ">f4"])
@given(several=st.lists(text, max_size=6), options=OPTIONS, weights=st.dictionaries(key, weight), data=st.data())
def test_rows_are_those_of_single_texts(kept, dtype, several, options, weights, data):
    kv = vectors(dtype)
    if kept:
        kv._index = texts.Index()
        kv._index.vocabulary = Vocabulary(kv.key_to_index)
    for given_weights in (None, weights, np.array(data.draw(st.lists(weight, min_size=len(kv), max_size=len(kv))))):
        rows = kv.get_mean_vectors(several, given_weights, **options)
        assert rows.dtype == np.float32
        assert rows.shape == (len(several), 19)
        expected = one_by_one(kv, several, given_weights, **options)
        np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


@given(st.lists(text, max_size=6), OPTIONS, st.dictionaries(word, weight))
def test_rows_of_ngrams_are_those_of_single_texts(fasttext, several, options, weights):
    several = [text if isinstance(text, str) else [key for key in text if key != ""] for text in several]
    for given_weights in (None, weights, np.arange(len(fasttext), dtype=np.float32)):
        rows = fasttext.get_mean_vectors(several, given_weights, **options)
        expected = one_by_one(fasttext, several, given_weights, **options)
        np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("max_n", [6, 0])
@pytest.mark.parametrize("asked", ["few", "many", "all"])
def test_vectors_of_many_words_of_ngrams_are_made_together_to_the_bit(asked, max_n):
    words = [f"word{k}" for k in range(3000)]
    wv = FastText([words], bucket=500, vector_size=8, max_n=max_n, min_count=1, epochs=1, workers=1).wv
    wv.add_vector("given", np.ones(8))
    fresh = copy.deepcopy(wv)
    fresh.adjust_vectors()
    wv.adjust_vectors()
    unknown = ["never", "seen", "</s>", *map(str, range(20))] if max_n else []
    keys = {"few": ["word3", *unknown[:2]], "many": [*words[:300], *unknown], "all": words}[asked]
    expected = np.array([fresh.get_vector(key) for key in keys])
    np.testing.assert_array_equal(wv[keys], expected)
    wv.adjust_vectors()
    rows = wv.get_mean_vectors([[key] for key in keys], pre_normalize=False)
    np.testing.assert_array_equal(rows, expected)


def test_compressed_vectors(fasttext):
    several = ["the kettle sings unheard", "teapot", ["a", "b"]]
    for store in ("int8", "product", "float16"):
        small = fasttext.compress(store)
        np.testing.assert_allclose(small.get_mean_vectors(several), one_by_one(small, several), rtol=1e-5, atol=1e-6)


def test_result_does_not_depend_on_the_number_of_threads(monkeypatch, fasttext):
    monkeypatch.setattr(texts, "SMALL", 50)
    draw = np.random.default_rng(3)
    for kv in (vectors(), fasttext):
        choice = [*map(str, kv.index_to_key), "missing", "words", "x y"]
        several = [" ".join(draw.choice(choice, draw.integers(12))) for _ in range(300)]
        several[150:170] = [text.split() for text in several[150:170]]
        one = kv.get_mean_vectors(several, workers=1)
        for most in (texts.PIECE, 100):
            monkeypatch.setattr(texts, "PIECE", most)
            for workers in (1, 2, 3, 7, None, -1):
                np.testing.assert_array_equal(kv.get_mean_vectors(several, workers=workers), one)
        np.testing.assert_allclose(one, one_by_one(kv, several), rtol=1e-4, atol=1e-5)
        assert threading.active_count() == 1


def test_a_long_text_and_iterators():
    kv = vectors()
    words = [WORDS[k % 5] for k in range(100_000)]
    rows = kv.get_mean_vectors(text for text in [" ".join(words), "", words, "the"])
    np.testing.assert_allclose(rows, one_by_one(kv, [words, "", words, "the"]), rtol=1e-3)
    np.testing.assert_array_equal(rows[0], rows[2])
    many = kv.get_mean_vectors(iter(["the"] * 1000))
    np.testing.assert_array_equal(many, np.repeat(kv.get_mean_vectors(["the"]), 1000, axis=0))
    for none in ([], iter([]), ()):
        assert kv.get_mean_vectors(none).shape == (0, 19)
    np.testing.assert_array_equal(kv.get_mean_vectors([np.array(["the", "a"])]), kv.get_mean_vectors(["the a"]))
    np.testing.assert_array_equal(kv.get_mean_vectors([np.array([7, 2])]), one_by_one(kv, [[7, 2]]))
    named = [np.str_("the kettle"), Name("café 漢字"), [Name("the"), np.str_("kettle")]]
    np.testing.assert_array_equal(
        kv.get_mean_vectors(named), kv.get_mean_vectors(["the kettle", "café 漢字", "the kettle"])
    )


def test_vectors_that_lie_in_memory_otherwise(tmp_path):
    kv = vectors()
    several = ["the kettle sings", "café 漢字 a"]
    expected = kv.get_mean_vectors(several)
    for rows in (np.asfortranarray(kv.vectors), np.repeat(kv.vectors, 2, axis=0)[::2], kv.vectors[::-1].copy()[::-1]):
        kv.vectors = rows
        np.testing.assert_array_equal(kv.get_mean_vectors(several), expected)
    kv.save(tmp_path / "kv")
    mapped = KeyedVectors.load(tmp_path / "kv", mmap="r")
    assert not mapped.vectors.flags.writeable
    np.testing.assert_array_equal(mapped.get_mean_vectors(several), expected)
    assert not KeyedVectors(19).get_mean_vectors(several).any()
    assert KeyedVectors.from_arrays(["a"], np.zeros((1, 0), np.float32)).get_mean_vectors(several).shape == (2, 0)


def test_no_row_is_nan():
    rows = np.array([[0, 0], [1e-30, 0], [1e30, 1e30], [0, -0.0]], np.float32)
    kv = KeyedVectors.from_arrays("abcd", rows)
    for options in ({}, {"pre_normalize": False}, {"post_normalize": True}):
        assert not np.isnan(kv.get_mean_vectors(["a", "b", "c", "d", "a b c d", "", "no"], **options)).any()


CHANGES = [
    lambda kv: kv.key_to_index.__setitem__("new", 2),
    lambda kv: kv.key_to_index.__setitem__("the", 2),
    lambda kv: kv.key_to_index.pop("the"),
    lambda kv: kv.key_to_index.update(new=kv.key_to_index.pop("the")),
    lambda kv: kv.key_to_index.update(the=kv.key_to_index["a"], a=kv.key_to_index["the"]),
    lambda kv: setattr(kv, "key_to_index", {"a": 0, "the": 4}),
    lambda kv: kv.add_vectors(["new"], np.ones((1, 19))),
    lambda kv: kv.add_vector("the", 2 * np.ones(19)),
    lambda kv: kv.__setitem__("a", np.ones(19)),
    lambda kv: kv.vectors.__setitem__(0, 1),
    lambda kv: kv.unit_normalize_all(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_seen(change):
    kv = vectors()
    several = ["the new kettle sings a 漢字 song", "a", "new", "the"]
    kv.get_mean_vectors([" ".join(WORDS)] * 2)
    assert kv._index.vocabulary is not None
    change(kv)
    np.testing.assert_allclose(kv.get_mean_vectors(several), one_by_one(kv, several), rtol=1e-5, atol=1e-6)


def test_the_table_is_made_when_it_pays_and_is_not_saved():
    kv = vectors(keys=[f"w{k}" for k in range(1000)])
    kv.get_mean_vectors(["w1 w2"])
    assert kv._index.vocabulary is None
    many = " ".join(kv.index_to_key[:100])
    for _ in range(3):
        kv.get_mean_vectors([many])
    table = kv._index.vocabulary
    assert table is not None
    expected = one_by_one(kv, [many])
    np.testing.assert_allclose(kv.get_mean_vectors([many]), expected, rtol=1e-5, atol=1e-6)
    assert kv._index.vocabulary is table
    for other in (pickle.loads(pickle.dumps(kv)), copy.deepcopy(kv)):
        assert other._index.vocabulary is None
        np.testing.assert_allclose(other.get_mean_vectors([many]), expected, rtol=1e-5, atol=1e-6)


def test_rows_that_are_not_there():
    kv = vectors()
    kv.key_to_index["the"] = 99
    for several in (["the"], [["the"]], [" ".join(WORDS)] * 9):
        with pytest.raises(IndexError):
            kv.get_mean_vectors(several)


def test_unknown_words_can_be_an_error(monkeypatch, fasttext):
    monkeypatch.setattr(texts, "SMALL", 1)
    kv = vectors()
    several = ["the kettle", "a kettel", "the knot", "a", ["nowhere"]]
    for workers in (1, 2, 5):
        with pytest.raises(KeyError, match=r"kettel.*kettle"):
            kv.get_mean_vectors(several, ignore_missing=False, workers=workers)
    with pytest.raises(KeyError, match="nowhere"):
        kv.get_mean_vectors(several[3:], ignore_missing=False)
    assert kv.get_mean_vectors(["the kettle", ""], ignore_missing=False).shape == (2, 19)
    assert fasttext.get_mean_vectors(several, ignore_missing=False).any(axis=1).all()


@pytest.mark.parametrize("wrong", ["the kettle", b"the kettle", bytearray(b"a")])
def test_one_text_is_refused_with_advice(wrong):
    with pytest.raises(TypeError, match=r"not one \w+: put it into a list, \[text\]"):
        vectors().get_mean_vectors(wrong)


@pytest.mark.parametrize("wrong", [b"bytes", None, 3, np.array(3), 2.5])
def test_what_is_no_text_is_refused_with_its_number(wrong):
    with pytest.raises(TypeError, match=f"text 2 must be a str, or a sequence of keys, not {type(wrong).__name__}"):
        vectors().get_mean_vectors(["the", ["a"], wrong])


@pytest.mark.parametrize("wrong", [None, 1.5, b"a", ["a"], ("a", "b")])
def test_what_is_no_key_is_refused_with_the_number_of_the_text(wrong):
    with pytest.raises(TypeError, match=f"text 2: its keys must be str or int, not {type(wrong).__name__}"):
        vectors().get_mean_vectors(["the", ["a"], ["a", wrong]])


@pytest.mark.parametrize("weights", [[1, 2], np.ones((13, 2)), 3.0])
def test_weights_of_another_number_are_refused(weights):
    with pytest.raises(ValueError, match=r"must be of shape \(13,\), not"):
        vectors().get_mean_vectors(["the"], weights)


@pytest.mark.parametrize("weights", [{"a": np.nan}, [1] * 5 + [np.inf] + [1] * 7])
def test_weights_that_are_not_finite_are_refused(weights):
    with pytest.raises(ValueError, match=r"the weight of 'a' is (nan|inf)"):
        vectors().get_mean_vectors(["the a"], weights)


def test_workers_are_as_elsewhere():
    with pytest.raises(ValueError, match="workers must be at least 1"):
        vectors().get_mean_vectors(["the"], workers=0)


def test_kernels_check_what_they_are_given():
    rows, weights, means = np.ones((3, 4), np.float32), np.ones(3), np.empty((2, 4), np.float32)
    ids, starts = np.array([0, 2, -1], np.int32), np.array([0, 2, 3])
    weighted_means(rows, weights, ids, starts, means)
    np.testing.assert_array_equal(means, [[1] * 4, [0] * 4])
    for wrong in (
        (rows, weights[:2], ids, starts, means),
        (rows, weights, ids, starts, means[:, :3].copy()),
        (rows, weights, ids, starts, means[:1]),
        (rows, weights, ids + 1, starts, means),
        (rows, weights, ids - 1, starts, means),
        (rows, weights, ids, starts + 1, means),
        (rows, weights, ids, np.array([0, 4, 3]), means),
    ):
        with pytest.raises(ValueError, match=r"texts|differ|outside"):
            weighted_means(*wrong)
    with pytest.raises(TypeError, match="must be a str, not int"):
        TextEncoder().add_texts(["a", 3])
    for number in (-1, 1):
        with pytest.raises(IndexError):
            WordTable(["a"])[number]


@pytest.mark.parametrize("workers", [1, 2])
def test_it_can_be_interrupted(workers, monkeypatch):
    monkeypatch.setattr(texts, "PIECE", 1 << 18)
    kv = vectors()
    timer = threading.Timer(0.1, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        kv.get_mean_vectors(itertools.repeat("the kettle sings " * 1000), workers=workers)
    timer.join()
    assert threading.active_count() == 1
    assert kv.get_mean_vectors(["the kettle"]).any()


@pytest.mark.parametrize("most", [0, 1, 5, 6, 30, 10**6])
def test_blocks_of_a_list_of_str_are_those_of_any_iterable(most):
    draw = random.Random(most)
    for count in (0, 1, 2, 40):
        some = ["x" * draw.choice([0, 0, 1, 3, 20]) for _ in range(count)]
        quick = [(block, list(ends)) for block, ends in texts.blocks(some, most)]
        assert quick == [(block, list(ends)) for block, ends in texts.blocks(iter(some), most)]
        assert [text for block, _ in quick for text in block] == some
    assert ends_of(["ab", "", "é語"]).tolist() == [3, 4, 7]
    assert ends_of(["ab", ["c"]]) is None
