"""Vectors after training: against NumPy, with planted axes, and of n-grams."""

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec
from fastemb.cli import main
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.fasttext import FastTextKeyedVectors
from fastemb.postprocess import all_but_the_top, average, center, concatenate, normalize, reduce, whiten

SIZE = 6
AFFINE = [center, all_but_the_top, lambda wv: reduce(wv, 3), whiten, lambda wv: whiten(wv, 2)]


def keyed(count=200, seed=0, dtype=np.float32):
    """Vectors far from zero, whose variance is the largest along a planted axis, and counts."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, SIZE)) * [1, 5, 1, 1, 1, 0.5] + 3
    words = [f"w{k}" for k in range(count)]
    return KeyedVectors.from_arrays(words, rows.astype(dtype), {"count": 2 * np.arange(count, 0, -1)})


def units(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def components(rows, weights=None):
    """Mean and principal axes by the singular values of NumPy."""
    shares = np.full(len(rows), 1 / len(rows)) if weights is None else weights / weights.sum()
    mean = shares @ rows
    _, values, axes = np.linalg.svd((rows - mean) * np.sqrt(shares)[:, None], full_matrices=False)
    return mean, values, axes


def test_centring_takes_away_the_mean_and_keeps_what_else_there_is():
    wv = keyed()
    made = center(wv)
    np.testing.assert_allclose(made.vectors, wv.vectors - wv.vectors.mean(axis=0), atol=1e-5)
    assert made.index_to_key == wv.index_to_key
    assert made.vectors.dtype == np.float32
    np.testing.assert_array_equal(made.expandos["count"], wv.expandos["count"])
    made.expandos["count"][0] = 0
    assert wv.expandos["count"][0] == 400
    assert center(keyed(dtype=np.float64)).vectors.dtype == np.float64


@pytest.mark.parametrize("weights", [None, "count", np.linspace(0, 1, 200)])
def test_axes_are_those_of_singular_values(weights):
    wv = keyed()
    given = wv.expandos["count"] if isinstance(weights, str) else weights
    mean, values, axes = components(wv.vectors.astype(np.float64), given)
    rest = (wv.vectors - mean) @ (np.eye(SIZE) - axes[:2].T @ axes[:2])
    np.testing.assert_allclose(all_but_the_top(wv, 2, weights=weights).vectors, rest, atol=1e-4)
    small = reduce(wv, 2, weights=weights).vectors
    np.testing.assert_allclose(np.abs(small), np.abs((wv.vectors - mean) @ axes[:2].T), atol=1e-4)
    white = whiten(wv, weights=weights).vectors
    shares = np.full(200, 1 / 200) if given is None else given / given.sum()
    np.testing.assert_allclose((white * shares[:, None]).T @ white, np.eye(SIZE), atol=1e-4)
    np.testing.assert_allclose(white, (wv.vectors - mean) @ axes.T / values @ axes, atol=1e-4)
    np.testing.assert_allclose(np.abs(whiten(wv, 2, weights=weights).vectors), np.abs(small / values[:2]), atol=1e-4)


def test_the_planted_axis_is_the_first():
    assert np.abs(components(keyed().vectors)[2][0]).argmax() == 1
    before, made = keyed().vectors.std(axis=0), all_but_the_top(keyed()).vectors.std(axis=0)
    assert before[1] > 4 > 0.5 > made[1]


def test_what_would_be_left_of_few_words_is_no_noise():
    """Three words vary in two directions: less both of them, their vectors were rounding errors."""
    few = keyed(3)
    assert np.abs(all_but_the_top(few, 1).vectors).max() > 0.1
    for components in (2, 3):
        with pytest.raises(ValueError, match=f"components={components} of vectors that vary in 2 directions"):
            all_but_the_top(few, components)
    assert np.abs(all_but_the_top(keyed(2)).vectors).max() > 0.1  # the mean alone
    assert not all_but_the_top(keyed(1)).vectors.any()


def test_directions_without_variance():
    flat = keyed()
    flat.vectors[:, 3] = 1
    with pytest.raises(ValueError, match="vary in 5 directions: give vector_size or shrinkage"):
        whiten(flat)
    assert np.isfinite(whiten(flat, shrinkage=0.1).vectors).all()
    assert whiten(flat, 5).vectors.shape == (200, 5)


@pytest.mark.parametrize("change", AFFINE)
def test_rows_of_ngrams_are_changed_alike(change, tmp_path):
    words = ["king", "queen", "rome", "paris", "man", "woman", "river", "sea", "tree", "stone"]
    model = FastText([words, words[::-1]] * 20, vector_size=SIZE, min_count=1, bucket=50, sample=0)
    model.wv["king"] = np.full(SIZE, 2.0, np.float32)  # given, so that its own row is fitted
    made = change(model)
    plain = change(model.wv.vectors_for_all(model.wv.index_to_key, copy_vecattrs=True))
    assert isinstance(made, FastTextKeyedVectors)
    np.testing.assert_allclose(made.vectors, plain.vectors, atol=2e-5 * np.abs(plain.vectors).max() + 1e-6)
    before = np.c_[model.wv.vectors, np.ones(len(model.wv))].astype(np.float64)  # the map is affine
    matrix = np.linalg.lstsq(before, made.vectors, rcond=None)[0]
    np.testing.assert_allclose(made["unseen"], np.r_[model.wv["unseen"], 1] @ matrix, atol=1e-3)
    made.save(tmp_path / "x")
    again = KeyedVectors.load(tmp_path / "x")
    np.testing.assert_array_equal(again["unseen"], made["unseen"])


def test_the_vector_of_a_word_never_seen_is_changed_as_any_other():
    model = FastText([["king", "queen", "rome"]] * 20, vector_size=SIZE, min_count=1, bucket=50)
    mean = model.wv.vectors.mean(axis=0)
    np.testing.assert_allclose(center(model.wv)["unseen"], model.wv["unseen"] - mean, atol=1e-6)


def test_what_is_not_affine_refuses_ngrams():
    wv = FastText([["king", "queen"]] * 20, vector_size=SIZE, min_count=1, bucket=50).wv
    for call in (lambda: normalize(wv), lambda: average([wv, wv]), lambda: concatenate([keyed(), wv])):
        with pytest.raises(ValueError, match="vectors_for_all"):
            call()
    words = wv.vectors_for_all(wv.index_to_key, copy_vecattrs=True)
    np.testing.assert_allclose(np.linalg.norm(normalize(words).vectors, axis=1), 1, rtol=1e-6)


def test_models_that_are_turned_are_averaged_to_one():
    first = keyed()
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((SIZE, SIZE)))[0]
    turned = KeyedVectors.from_arrays(
        [*first.index_to_key[::-1], "other"], np.r_[first.vectors[::-1] @ turn, [turn[0]]]
    )
    made = average([first, turned])
    assert made.index_to_key == first.index_to_key
    np.testing.assert_allclose(made.vectors, units(first.vectors), atol=1e-5)
    plain = average([first, turned], align=False)
    np.testing.assert_allclose(plain.vectors, (units(first.vectors) + units(first.vectors) @ turn) / 2, atol=1e-5)
    np.testing.assert_array_equal(made.expandos["count"], first.expandos["count"])


def test_averages_of_several_sizes_are_filled_up_and_alike_either_way():
    first, small = keyed(), reduce(keyed(seed=1), 3)
    made = average([first, small], align=False).vectors
    np.testing.assert_allclose(made[:, 3:], units(first.vectors)[:, 3:] / 2, atol=1e-6)
    assert average([small, first]).vectors.shape == (200, SIZE)


def test_cosines_of_concatenated_vectors_are_means():
    first, second = keyed(), keyed(seed=1)
    made = concatenate([first, second])
    assert made.vectors.shape == (200, 2 * SIZE)
    both = [units(wv.vectors) @ units(wv.vectors).T for wv in (first, second)]
    np.testing.assert_allclose(units(made.vectors) @ units(made.vectors).T, (both[0] + both[1]) / 2, atol=1e-5)
    heavy = units(concatenate([first, second], weights=[2, 1]).vectors)
    np.testing.assert_allclose(heavy @ heavy.T, (4 * both[0] + both[1]) / 5, atol=1e-5)


def test_a_concatenation_of_small_rank_keeps_its_products():
    first = keyed()
    made = concatenate([first, first], SIZE)
    assert made.vectors.shape == (200, SIZE)
    np.testing.assert_allclose(
        made.vectors @ made.vectors.T, 2 * units(first.vectors) @ units(first.vectors).T, atol=1e-4
    )


def test_only_words_in_common_are_joined():
    first = keyed()
    other = KeyedVectors.from_arrays(["w3", "x", "w1"], np.eye(3, SIZE, dtype=np.float32))
    made = concatenate([first, other])
    assert made.index_to_key == ["w1", "w3"]
    np.testing.assert_array_equal(made.vectors[:, SIZE:], np.eye(3, SIZE)[[2, 0]])
    np.testing.assert_array_equal(made.expandos["count"], [398, 394])
    np.testing.assert_array_equal(concatenate(iter([first, other])).vectors, made.vectors)


def test_numbers_of_rows_are_no_words_in_common():
    first, second = (KeyedVectors.from_arrays(range(k, k + 4), np.eye(4, SIZE, dtype=np.float32)) for k in (0, 10))
    for join in (average, concatenate):
        with pytest.raises(ValueError, match="no word in common"):
            join([second, first])
    assert average([first, keyed_by_tags(4)]).index_to_key == [0, 1, 2]


def keyed_by_tags(count):
    """Vectors of the tags 0 … count - 2, and of a name."""
    return TagVectors.of(count - 1, ["name"], np.eye(count, SIZE, dtype=np.float32), {}, "here")


def test_bad_input_is_refused():
    wv, bad = keyed(), keyed()
    bad.vectors[4, 2] = np.nan
    none = KeyedVectors.from_arrays(["a"], np.ones((1, 2), np.float32))
    far = KeyedVectors.from_arrays(["a", "b", "c"], np.array([[6e4], [6e4], [-6e4]], np.float16))  # at most 65504
    for call, error, text in [
        (lambda: center([1, 2]), TypeError, "KeyedVectors are needed, or a model that has them as wv, not list"),
        (lambda: center(KeyedVectors(3)), ValueError, "there are no vectors"),
        (lambda: center(KeyedVectors(3, 2)), ValueError, "row 0 has no key"),
        (lambda: center(bad), ValueError, "'w4' holds NaN or infinity"),
        (lambda: concatenate([wv, bad]), ValueError, "'w4' holds NaN or infinity"),
        (
            lambda: all_but_the_top(wv, SIZE),
            ValueError,
            "components=6 of vectors that vary in 6 directions would leave",
        ),
        (lambda: all_but_the_top(wv, -1), ValueError, "components must be at least 0"),
        (lambda: reduce(wv, 7), ValueError, "vector_size=7 is larger than the 6"),
        (lambda: reduce(wv, 0), ValueError, "vector_size must be at least 1"),
        (lambda: whiten(wv, shrinkage=-1), ValueError, "shrinkage must not be negative"),
        (lambda: whiten(none), ValueError, "vectors of 1 words vary in 0 directions"),
        (lambda: center(none, weights="count"), KeyError, "no counts"),
        (lambda: center(wv, weights="idf"), ValueError, "weights must be None, 'count' or numbers, not 'idf'"),
        (lambda: center(wv, weights=[1, 2]), ValueError, r"weights of shape \(2,\) for 200 words"),
        (lambda: center(wv, weights=np.zeros(200)), ValueError, "not all zero"),
        (lambda: center(wv, weights=iter([1])), TypeError, "or numbers, not list_iterator"),
        (lambda: normalize(bad), ValueError, "'w4' holds NaN or infinity"),
        (lambda: center(far), ValueError, "too large for float16"),
        (lambda: average([wv]), ValueError, "two models or more"),
        (lambda: average(Word2Vec()), ValueError, "two models or more"),
        (lambda: concatenate(5), ValueError, "two models or more"),
        (lambda: average(wv), ValueError, "two models or more"),
        (lambda: average([wv, none]), ValueError, "no word in common"),
        (lambda: concatenate([wv, wv], 13), ValueError, "vector_size=13 is larger than the 12"),
        (lambda: concatenate([wv, wv], weights=[1]), ValueError, "1 weights for 2 models"),
        (lambda: concatenate([wv, wv], weights=[1, 0]), ValueError, "weights must be positive"),
    ]:
        with pytest.raises(error, match=text):
            call()


def test_models_and_compressed_vectors_are_taken():
    sentences = [[f"w{k}", f"w{k + 1}"] for k in range(30)] * 5
    model = Word2Vec(sentences, vector_size=SIZE, min_count=1)
    np.testing.assert_array_equal(center(model).vectors, center(model.wv).vectors)
    packed = center(FastText(sentences, vector_size=SIZE, min_count=1, bucket=99).wv.compress("int8"))
    np.testing.assert_allclose(packed.vectors.mean(axis=0), 0, atol=1e-6)


def test_steps_of_the_command_are_taken_in_their_order(tmp_path, capsys):
    path, out = tmp_path / "a.fastemb", tmp_path / "out.fastemb"
    keyed().save(path)
    keyed(seed=1).save(tmp_path / "b.fastemb")
    assert main(["postprocess", str(path), "--all-but-the-top", "2", "--normalize", "-o", str(out)]) == 0
    expected = normalize(all_but_the_top(keyed(), 2))
    np.testing.assert_array_equal(KeyedVectors.load(out).vectors, expected.vectors)
    assert main(["postprocess", str(path), "--normalize", "--by-count", "-o", str(out)]) == 1
    assert main(["postprocess", str(path), "--normalize", "--center", "--by-count", "-o", str(out)]) == 0
    expected = center(normalize(keyed()), weights="count")
    np.testing.assert_array_equal(KeyedVectors.load(out).vectors, expected.vectors)
    both = [str(path), str(tmp_path / "b.fastemb")]
    assert main(["postprocess", *both, "--concatenate", "4", "--whiten", "-o", str(out)]) == 0
    assert "200 words, vectors of size 4" in capsys.readouterr().out
    assert main(["postprocess", *both, "--average", "-o", str(out)]) == 0
    text = tmp_path / "a.txt"
    keyed().save_word2vec_format(text)
    capsys.readouterr()
    assert main(["postprocess", str(text), "--center", "--by-count", "-o", str(tmp_path / "new.fastemb")]) == 1
    assert "counts of these words were made up" in capsys.readouterr().err
    assert not (tmp_path / "new.fastemb").exists()
    for given in ([*both, "--center"], [both[0], "--average"], [both[0]]):
        assert main(["postprocess", *given, "-o", str(out)]) == 1
    assert main(["postprocess", both[0], "--center", "-o", both[0]]) == 1


def test_the_command_says_what_to_do_about_ngrams(tmp_path, capsys):
    path, out = tmp_path / "f.fastemb", tmp_path / "out.fastemb"
    FastText([["king", "queen"]] * 20, vector_size=SIZE, min_count=1, bucket=50).save(path)
    assert main(["postprocess", str(path), "--normalize", "-o", str(out)]) == 1
    assert capsys.readouterr().err.endswith("give --words-only\n")
    assert main(["postprocess", str(path), "--normalize", "--words-only", "-o", str(out)]) == 0
    np.testing.assert_allclose(np.linalg.norm(KeyedVectors.load(out).vectors, axis=1), 1, rtol=1e-6)
