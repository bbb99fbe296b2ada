"""Vectors in less memory: those without n-grams, and other types of numbers."""

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, load_vectors
from fastemb.cli import main
from fastemb.models.fasttext import FastTextKeyedVectors
from fastemb.models.files import save_vectors

DRAW = np.random.default_rng(0)
WORDS = [f"word{number}" for number in range(400)]


@pytest.fixture(scope="module")
def large():
    vectors = DRAW.normal(size=(len(WORDS), 16)).astype(np.float32)
    return KeyedVectors.from_arrays(WORDS, vectors, {"count": np.arange(len(WORDS), 0, -1)})


@pytest.mark.parametrize(
    ("store", "kind", "share", "cosine"),
    [
        ("float32", KeyedVectors, 1, 1),
        ("float16", KeyedVectors, 0.5, 0.999999),
        ("int8", FastTextKeyedVectors, 0.32, 0.9999),
        ("product", FastTextKeyedVectors, 0.9, 0.99),
    ],
)
def test_vectors_without_ngrams_are_compressed(tmp_path, large, store, kind, share, cosine):
    small = large.compress(store)
    assert type(small) is kind
    assert small.compression["share"] <= share
    assert small.compression["cosine"] >= cosine - 1e-6
    small.save(tmp_path / "small")
    read = KeyedVectors.load(tmp_path / "small")
    for wv in (small, read):
        assert wv.index_to_key == WORDS
        assert wv.get_vecattr("word7", "count") == 393
        assert "other" not in wv
        np.testing.assert_array_equal(wv["word7"], small.vectors[7])
        assert wv.most_similar("word7", topn=1)[0][1] == pytest.approx(
            large.most_similar("word7", topn=1)[0][1], abs=0.05
        )
    assert large.compress(store, words=10).index_to_key == WORDS[:10]


def test_a_word_is_decoded_alone(large):
    small = large.compress()
    assert small["word3"] == pytest.approx(large["word3"], abs=0.05)
    assert small.get_vector("word3", norm=True) @ small.get_vector("word3", norm=True) == pytest.approx(1)
    assert small._vectors is None


def test_wrong_ways_to_compress_are_refused(large):
    with pytest.raises(ValueError, match="store must be one of"):
        large.compress("int4")
    with pytest.raises(ValueError, match="words=-1"):
        large.compress(words=-1)
    with pytest.raises(ValueError, match="buckets=5 is for vectors that are made of n-grams"):
        large.compress(buckets=5)
    with pytest.raises(ValueError, match="row 1 holds a number too large for float16"):
        KeyedVectors.from_arrays("ab", np.array([[1], [1e6]], np.float32)).compress("float16")


@pytest.mark.parametrize("name", ["in.txt", "in.bin", "in.npz", "in.fastemb"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_files_are_read_and_converted_as_another_type(tmp_path, large, name, dtype):
    path, code = tmp_path / name, np.dtype(dtype).name
    save_vectors(large, path)
    for read in (load_vectors(path, dtype=dtype), load_vectors(path, datatype=code, limit=9)):
        assert read.vectors.dtype == dtype
        # Text has the fewest digits that give the float32.
        np.testing.assert_allclose(
            read.vectors, large.vectors[: len(read)].astype(dtype), 1e-6 if code == "float64" else 0
        )
    assert load_vectors(path).vectors.dtype == np.float32
    for out in ("out.fastemb", "out.npz"):
        assert main(["convert", str(path), str(tmp_path / out), "--dtype", code]) == 0
        assert load_vectors(tmp_path / out).vectors.dtype == dtype


def test_both_names_of_the_type_are_known_everywhere(tmp_path, large):
    save_vectors(large, tmp_path / "in.txt")
    for name in ("dtype", "datatype"):
        assert KeyedVectors.load_word2vec_format(tmp_path / "in.txt", **{name: np.float16}).vectors.dtype == np.float16


def test_vectors_of_ngrams_are_read_as_another_type(tmp_path):
    wv = FastText([WORDS], min_count=1, vector_size=4, bucket=50, epochs=1).wv
    wv.save(tmp_path / "in")
    half = load_vectors(tmp_path / "in", dtype=np.float16)
    assert half.vectors_vocab.dtype == half.vectors_ngrams.dtype == np.float16
    for word in ("word1", "new"):
        np.testing.assert_allclose(half[word], wv[word], atol=1e-3)
    assert main(["convert", str(tmp_path / "in"), str(tmp_path / "out"), "--dtype", "float16"]) == 0
    assert (tmp_path / "out").stat().st_size < (tmp_path / "in").stat().st_size
    assert load_vectors(tmp_path / "in", dtype=np.float32).vectors_vocab.dtype == np.float32
    with pytest.raises(ValueError, match="in: vectors of n-grams, or compressed, cannot be read as float64"):
        load_vectors(tmp_path / "in", dtype=np.float64)
    wv.compress().save(tmp_path / "small")
    with pytest.raises(ValueError, match=r"small: .* cannot be read as float16"):
        load_vectors(tmp_path / "small", dtype=np.float16)
    wv.unit_normalize_all()
    wv.save(tmp_path / "unit")
    np.testing.assert_array_equal(
        load_vectors(tmp_path / "unit", dtype=np.float16).vectors, wv.vectors.astype(np.float16)
    )


def test_numbers_too_large_for_a_type_are_refused(tmp_path, capsys):
    KeyedVectors.from_arrays("ab", np.array([[1], [1e6]], np.float32)).save(tmp_path / "in")
    assert main(["convert", str(tmp_path / "in"), str(tmp_path / "out"), "--dtype", "float16"]) == 1
    assert "in: row 1 holds a number too large for float16" in capsys.readouterr().err
    with pytest.raises(ValueError, match="floating-point"):
        load_vectors(tmp_path / "in", dtype=int)


@pytest.mark.parametrize(("dtype", "number", "largest"), [(np.float64, 1e39, 1e38), (np.longdouble, 1e39, 1e38)])
def test_numbers_too_large_for_a_file_are_refused(tmp_path, dtype, number, largest):
    wide = KeyedVectors.from_arrays("ab", np.array([[1], [number]], dtype))
    for kind, name in (("word2vec-binary", "a.bin"), ("projector", "a.tsv")):
        with pytest.raises(ValueError, match="row 1 holds a number too large for float32"):
            save_vectors(wide, tmp_path / name, kind)
    assert not list(tmp_path.iterdir())
    save_vectors(wide, tmp_path / "a.txt")  # which has all numbers of float64
    np.testing.assert_array_equal(load_vectors(tmp_path / "a.txt", dtype=np.float64).vectors, [[1], [1e39]])
    wide.vectors = np.array([[1], [largest]], dtype)
    wide.save_word2vec_format(tmp_path / "a.bin", binary=True)
    np.testing.assert_array_equal(load_vectors(tmp_path / "a.bin").vectors, np.float32([[1], [1e38]]))


@pytest.mark.parametrize("store", ["int8", "product"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_codes_cannot_keep_is_refused(store, bad):
    vectors = KeyedVectors.from_arrays("ab", np.array([[1, 2], [bad, 2]], np.float32))
    with pytest.raises(ValueError, match=f"row 1 holds NaN or infinity, which '{store}' cannot keep"):
        vectors.compress(store)
    np.testing.assert_array_equal(vectors.compress("float32").vectors, vectors.vectors)


@pytest.mark.parametrize("store", ["float32", "float16", "int8", "product"])
def test_numbers_beyond_single_precision_are_not_compressed(store):
    with pytest.raises(ValueError, match="row 0 holds a number too large for float32"):
        KeyedVectors.from_arrays("ab", np.array([[1e39, 1], [1, 2]])).compress(store)


def test_vectors_that_are_added_are_not_too_large():
    vectors = KeyedVectors.from_arrays("a", np.ones((1, 2), np.float32))
    for change in (
        lambda: vectors.add_vectors(["b"], [[1e39, 0]]),
        lambda: vectors.add_vector("b", np.array([0, -1e39])),
        lambda: vectors.__setitem__("a", [1e39, 0]),
    ):
        with pytest.raises(ValueError, match="weights: a number is too large for float32"):
            change()
    with pytest.raises(ValueError, match="weights: int too large"):
        vectors["b"] = [10**400, 0]
    with pytest.raises(TypeError, match="complex"):
        vectors["b"] = [1j, 0]
    assert vectors.index_to_key == ["a"]
    vectors["b"] = [np.inf, np.nan]  # which they were before
    np.testing.assert_array_equal(vectors.vectors, [[1, 1], [np.inf, np.nan]])
