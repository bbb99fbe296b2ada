"""N-grams of long words and texts: as many as their length allows for, or an error; memory is bounded by size."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from peak import read_in_child

from fastemb import Classifier, FastText
from fastemb.kernels.subwords import check_ngrams, ngram_ids, ngram_ids_of_word, ngrams
from fastemb.kernels.text.features import Features
from fastemb.kernels.text.labelled import Tokens
from fastemb.models import fasttext
from fastemb.models.fasttext import save_facebook_model

GOLDEN = Path(__file__).parent / "golden"
MOST = 2**31 - 1
WORD = "x" * 45_000
TOO_LONG = "the word 'x{30}…' of 45000 bytes is too long for max_n=2147483647: .* 64 n-grams for each character"
OPTIONS = {"vector_size": 4, "min_count": 1, "epochs": 1, "bucket": 50, "sample": 0}


def unbounded(wv):
    """Let the n-grams of these vectors be of any length."""
    wv.subwords = dataclasses.replace(wv.subwords, max_n=MOST)
    wv.recalc_char_ngram_buckets()
    wv.adjust_vectors()
    return wv


@pytest.mark.parametrize("n", [1, 2, 64, 65, 126, 127, 128, 129, 200, 1000])
@pytest.mark.parametrize("longest", [1, 63, 64, 65, 66, 127, 128, MOST])
def test_the_rule_is_the_sum_that_it_says(n, longest):
    wanted = sum(min(longest, n - begin) for begin in range(n))
    if wanted > 64 * n:
        with pytest.raises(ValueError, match=f"^this is too long for max_n={longest}: .*, which max_n=64 never does"):
            check_ngrams(n, longest, "this")
    else:
        check_ngrams(n, longest, "this")
    assert wanted <= 64 * n or (n > 127 and longest > 64)


@pytest.mark.parametrize("letter", ["x", "é", "語"])
def test_characters_count_and_not_bytes(letter):
    for length, longest in ((125, MOST), (126, MOST), (126, 64), (1000, 64)):
        word = f"<{letter * length}>".encode()
        if length == 126 and longest == MOST:
            with pytest.raises(ValueError, match="too long for max_n"):
                ngram_ids_of_word(word, 3, longest, 9)
            continue
        assert len(ngram_ids_of_word(word, 3, longest, 9)) == len(ngrams(word, 3, longest))
        assert len(ngrams(word, 3, longest)) == sum(min(longest, length + 2 - k) - 2 for k in range(length))


def test_what_has_no_ngrams_is_not_refused():
    text, offsets = f"<{WORD}><ab>".encode(), np.array([0, 45_002, 45_006])
    starts, ids = ngram_ids(text, offsets, MOST, MOST, 9)
    assert (starts.tolist(), ids.tolist()) == ([0, 0, 0], [])
    with pytest.raises(ValueError, match=TOO_LONG):
        ngram_ids(text, offsets, 3, MOST, 9)
    with pytest.raises(ValueError, match=TOO_LONG):  # all are hashed on the way to the long ones
        ngram_ids(text, offsets, 20_000, MOST, 9)


def test_functions_of_words():
    for compute in (fasttext.compute_ngrams, fasttext.compute_ngrams_bytes):
        with pytest.raises(ValueError, match="too long for max_n=2147483647"):
            compute(WORD, 3, MOST)
        assert len(compute("x" * 125, 125, MOST)) == 6
    with pytest.raises(ValueError, match=TOO_LONG):
        fasttext.ft_ngram_hashes(WORD, 3, MOST, 9)


def test_training_refuses_a_word_before_anything_changes():
    with pytest.raises(ValueError, match=TOO_LONG):
        FastText([["a", WORD]], max_n=MOST, **OPTIONS)
    model = FastText([["a", "b"]] * 9, max_n=MOST, **OPTIONS)
    before = model.wv.vectors.copy()
    with pytest.raises(ValueError, match=TOO_LONG):
        model.build_vocab([["a", WORD]], update=True)
    assert model.wv.index_to_key == ["a", "b"]
    model.train([["a", "b"]] * 9, total_examples=9, epochs=1)
    assert model.wv.vectors.shape == before.shape
    assert len(FastText([["a", WORD]] * 9, max_n=64, **OPTIONS).wv.buckets_word[1]) == sum(
        max(0, min(64, 45_002 - k) - 2) for k in range(45_002)
    )


def test_looking_up():
    wv = unbounded(FastText([["a", "b", WORD, "a"]] * 3, **OPTIONS).wv)
    for ask in (
        lambda: wv[WORD],
        lambda: wv.vectors,
        lambda: wv.most_similar(WORD),
        lambda: wv.get_mean_vector(["a", WORD]),
        lambda: wv.get_mean_vectors([["a"], [WORD]]),
        lambda: wv.get_sentence_vector(["a", WORD]),
    ):
        with pytest.raises(ValueError, match=TOO_LONG):
            ask()
    assert WORD in wv
    assert wv["a"].shape == (4,)


def test_adding_vectors():
    wv = unbounded(FastText([["a", "b"]] * 3, **OPTIONS).wv)
    before = wv.vectors.copy()
    for change in (
        lambda: wv.add_vectors(["c", WORD], np.ones((2, 4), np.float32)),
        lambda: wv.__setitem__(WORD, np.ones(4, np.float32)),
        lambda: wv.add_vector(WORD, np.ones(4, np.float32)),
    ):
        with pytest.raises(ValueError, match=TOO_LONG):
            change()
    assert len(wv) == len(wv.vectors) == len(wv.index_to_key) == 2
    assert (wv.vectors == before).all()
    wv.add_vectors(["c"], np.ones((1, 4), np.float32))
    assert (wv["c"] == 1).all()
    assert len(wv.vectors_vocab) == 3


@pytest.mark.parametrize("name", ["vectors.fastemb", "model.fastemb", "model.bin"])
def test_files_are_refused_when_they_are_read(tmp_path, name):
    model = FastText([["a", "b", WORD, "a"]] * 3, **OPTIONS)
    model.max_n = MOST
    unbounded(model.wv)
    path = tmp_path / name
    if name == "model.bin":
        save_facebook_model(model, path)
    else:
        (model if name == "model.fastemb" else model.wv).save(path)
    calls = {"vectors.fastemb": "load_vectors", "model.fastemb": "FastText.load", "model.bin": "load_facebook_model"}
    for call in {calls[name], "load_vectors"}:
        read = read_in_child(path, f"{call}(path)")
        assert read.said.startswith("ValueError")
        assert "is too long for max_n=2147483647" in read.said


def test_texts_of_classifiers():
    features = Features(["a"], ["__label__b"], "__label__", 2, MOST, 50, 1)
    assert len(features.bags(["a " + "x" * 125])[0]) > 7000
    with pytest.raises(ValueError, match=f"^text 2: {TOO_LONG}"):
        features.bags(["a", "b", "a " + WORD])
    words = Features(["a"], ["__label__b"], "__label__", 0, 0, 50, MOST)
    assert len(words.bags(["a " * 126])[0]) == 126 + 127 * 126 // 2
    with pytest.raises(ValueError, match=r"^text 1 of 30001 words is too long for word_ngrams=2147483647: .* word"):
        words.bags(["a", "a " * 30_000])
    some = Features(["a"], ["__label__b"], "__label__", 0, 0, 50, 64)
    assert len(some.bags(["a " * 999])[0]) == sum(min(64, 1000 - k) for k in range(1000)) - 1


def test_texts_that_a_classifier_is_trained_on():
    numbers, hashes, none = np.zeros(1, np.int32), np.ones(1, np.int32), np.zeros(2, np.int64)
    tokens = Tokens(numbers, hashes, none, np.empty(0, np.int32), -1, -1, 5, 1, MOST, 50)
    assert len(tokens.of_texts(np.array([0, 126]), np.zeros(126, np.int32))[1]) == 126 + 127 * 126 // 2
    with pytest.raises(ValueError, match="a text of 30001 words is too long for word_ngrams=2147483647"):
        tokens.of_texts(np.array([0, 30_000]), np.zeros(30_000, np.int32))
    with pytest.raises(ValueError, match="a text of 30001 words is too long for word_ngrams=65"):
        Classifier([("x " * 30_000, "a"), ("y", "b")], word_ngrams=65, bucket=50, vector_size=2, epochs=1)


def test_predictions(tmp_path):
    data = bytearray((GOLDEN / "classifier-ns.bin").read_bytes())
    assert np.frombuffer(data[8:56], np.int32)[5] == 2
    data[8 + 5 * 4 : 8 + 6 * 4] = np.int32(MOST).tobytes()  # word_ngrams
    path = tmp_path / "classifier.bin"
    path.write_bytes(data)
    classifier = Classifier.load(path)
    with pytest.raises(ValueError, match="text 1 of 30001 words is too long for word_ngrams"):
        classifier.predict(["x", "x " * 30_000])
    with pytest.raises(ValueError, match="the text of 30001 words is too long for word_ngrams"):
        classifier.wv.get_sentence_vector(["x"] * 30_000)


@pytest.mark.parametrize(("length", "longest"), [(125, MOST), (45_000, 64)])
def test_memory_is_bounded_by_size(tmp_path, length, longest):
    """Words that are just not too long, with all their n-grams."""
    model = FastText([["x" * length, "b"]] * 3, **OPTIONS)
    model.wv.subwords = dataclasses.replace(model.wv.subwords, min_n=1, max_n=longest)
    model.min_n, model.max_n = 1, longest
    path = tmp_path / "model.fastemb"
    model.save(path)
    assert not read_in_child(path, "FastText.load(path).wv.vectors").said
