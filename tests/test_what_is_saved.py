"""What is saved can be loaded, and is what it was: parameters set by hand, vectors that were changed or cut."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec, load_vectors, utils
from fastemb.cli import main
from fastemb.formats.native import read_native, write_native
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_vectors, save_facebook_model
from fastemb.models.files import save_vectors

SENTENCES = [["one", "two", "three", "four"]] * 20
SMALL = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 1}

# Parameters.


@pytest.mark.parametrize(
    ("kind", "name", "value", "error"),
    [
        (Word2Vec, "workers", -2, ValueError),
        (Word2Vec, "epochs", 0, ValueError),
        (Word2Vec, "window", 0, ValueError),
        (Word2Vec, "negative", 0, ValueError),
        (Word2Vec, "seed", -1, ValueError),
        (Word2Vec, "min_count", None, TypeError),
        (Word2Vec, "alpha", float("nan"), ValueError),
        (Word2Vec, "comment", b"bytes", TypeError),
        (Word2Vec, "unicode_errors", "loose", ValueError),
        (FastText, "min_n", 9, ValueError),
        (FastText, "max_n", 2.5, TypeError),
        (GloVe, "x_max", 0, ValueError),
        (GloVe, "output", "mean", ValueError),
    ],
)
def test_parameters_that_could_not_be_loaded_are_refused_by_name(tmp_path, kind, name, value, error):
    model = kind(SENTENCES, **SMALL)
    setattr(model, name, value)
    with pytest.raises(error, match=name):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
    with pytest.raises(error, match=name):
        model.train(SENTENCES)
    with pytest.raises(error, match=name):
        kind(SENTENCES, **SMALL | {name: value})


@pytest.mark.parametrize(
    ("name", "value", "saved"),
    [
        ("alpha", np.float32(0.01), float(np.float32(0.01))),
        ("window", np.int64(3), 3),
        ("epochs", 2.0, 2),
        ("sample", None, 0.0),
        ("sg", True, 1),
        ("compute_loss", np.True_, True),
        ("corpus_count", np.int32(7), 7),
        ("min_alpha_yet_reached", np.float32(0.5), 0.5),
        ("epoch_losses", np.array([1.5, 2.5], np.float32), [1.5, 2.5]),
    ],
)
def test_numbers_of_numpy_and_the_like_come_back_as_pythons(tmp_path, name, value, saved):
    model = Word2Vec(SENTENCES, **SMALL)
    setattr(model, name, value)
    model.save(tmp_path / "model")
    found = getattr(Word2Vec.load(tmp_path / "model"), name)
    assert found == saved
    assert type(found) is type(saved)


def test_a_loss_of_nan_comes_back(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    model.epoch_losses = [float("nan")]
    model.save(tmp_path / "model")
    assert np.isnan(Word2Vec.load(tmp_path / "model").epoch_losses).all()


def test_counters_of_the_wrong_type_are_damage(tmp_path):
    Word2Vec(SENTENCES, **SMALL).save(tmp_path / "model")
    arrays, metadata = read_native(tmp_path / "model")
    saved = json.loads(metadata["parameters"]) | {"train_count": "x"}
    write_native(tmp_path / "model", arrays, metadata | {"parameters": json.dumps(saved)})
    with pytest.raises(ValueError, match=r"parameters are damaged.*train_count"):
        Word2Vec.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("kind", "name", "value", "message"),
    [
        (Word2Vec, "vector_size", 7, r"wv.vectors is of shape \(4, 4\), not \(4, 7\)"),
        (Word2Vec, "hs", 1, "this Word2Vec has no syn1: hs=1 was set after"),
        (FastText, "bucket", 99, "bucket=99, but the vectors were made with 50"),
        (FastText, "vector_size", 7, r"wv.vectors_vocab is of shape \(4, 4\)"),
        (GloVe, "vector_size", 7, r"parameters.vectors is of shape \(2, 4, 4\)"),
        (GloVe, "output", "both", r"wv.vectors is of shape \(4, 4\), not \(4, 8\)"),
    ],
)
def test_parameters_that_do_not_fit_the_matrices_are_refused(tmp_path, kind, name, value, message):
    model = kind(SENTENCES, **SMALL, **{"bucket": 50} if kind is FastText else {})
    setattr(model, name, value)
    with pytest.raises(ValueError, match=message):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_counting_takes_no_such_parameters_either(tmp_path):
    model = GloVe(SENTENCES, **SMALL)
    model.workers = 0
    with pytest.raises(ValueError, match="workers must be at least 1"):
        model.save_cooccurrences(tmp_path / "cells", SENTENCES)


def test_facebooks_file_is_of_parameters_that_its_reader_takes(tmp_path):
    for name, value in {"window": 0, "vector_size": 7, "negative": 0}.items():
        model = FastText(SENTENCES, **SMALL, bucket=50)
        setattr(model, name, value)
        with pytest.raises(ValueError, match=name if name != "vector_size" else "vectors_vocab"):
            save_facebook_model(model, tmp_path / "model.bin")
    assert not list(tmp_path.iterdir())


# Keys, vectors and attributes that do not agree.


def cut(wv, count):
    """Cut a vocabulary as programs do that set the three attributes, and forget the others."""
    wv.vectors, wv.index_to_key = wv.vectors[:count], wv.index_to_key[:count]
    wv.key_to_index = {key: row for row, key in enumerate(wv.index_to_key)}


@pytest.fixture(params=[Word2Vec, FastText])
def half(request):
    wv = request.param(SENTENCES, **SMALL, **{"bucket": 50} if request.param is FastText else {}).wv
    cut(wv, 2)
    return wv


@pytest.mark.parametrize("binary", [False, True])
def test_a_cut_vocabulary_is_written_as_it_is(tmp_path, half, binary, caplog):
    half.save_word2vec_format(tmp_path / "saved", binary=binary)
    assert r"'count' is of shape (4,), but there are 2 keys" in caplog.text
    save_vectors(half, tmp_path / "saved.tsv")
    save_vectors(half, tmp_path / "other", "word2vec-binary" if binary else "word2vec")
    for name in ("saved", "other"):
        read = KeyedVectors.load_word2vec_format(tmp_path / name, binary=binary)
        assert read.index_to_key == half.index_to_key
        np.testing.assert_array_equal(read.vectors, half.vectors)
    assert (tmp_path / "saved.metadata.tsv").read_text().split() == half.index_to_key
    with pytest.raises(ValueError, match="fvocab needs the attribute 'count'"):
        half.save_word2vec_format(tmp_path / "third", tmp_path / "counts")
    assert not (tmp_path / "third").exists()


def test_counts_of_other_words_are_not_saved(tmp_path):
    wv = Word2Vec(SENTENCES, **SMALL).wv
    cut(wv, 2)
    for save in (wv.save, lambda path: save_vectors(wv, path, "npz")):
        with pytest.raises(ValueError, match=r"expandos\['count'\] is of shape \(4,\), but there are 2 keys"):
            save(tmp_path / "saved")
    assert not list(tmp_path.iterdir())
    wv.expandos["count"] = [2, 1]
    wv.save(tmp_path / "saved")
    assert KeyedVectors.load(tmp_path / "saved").expandos["count"].tolist() == [2, 1]


def test_rows_of_other_words_are_not_saved(tmp_path):
    wv = FastText(SENTENCES, **SMALL, bucket=50).wv
    cut(wv, 2)
    with pytest.raises(ValueError, match="2 keys and 4 rows of vectors_vocab"):
        wv.save(tmp_path / "saved")


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("index_to_key", ["one", "two"], "index_to_key has 2 keys, and key_to_index 3"),
        ("index_to_key", ["one", "two", "two"], "index_to_key has 'two' in row 2, and key_to_index in 1"),
        ("index_to_key", ["two", "one", "three"], "has 'two' in row 0, and key_to_index in 1"),
        ("key_to_index", {"one": 0, "two": 1, "four": 2}, "has 'three' in row 2, and key_to_index in none"),
        ("key_to_index", {"one": 0, "two": 0, "three": 2}, "has 'two' in row 1, and key_to_index in 0"),
        ("index_to_key", [None, "two", "three"], "rows without a key"),
        ("vectors", np.ones((2, 2), np.float32), "3 keys and 2 vectors"),
    ],
)
@pytest.mark.parametrize("name", ["saved.txt", "saved.bin", "saved.tsv", "saved.npz", "saved.fastemb"])
def test_keys_and_vectors_that_do_not_agree_are_not_written(tmp_path, attribute, value, message, name):
    wv = KeyedVectors.from_arrays(["one", "two", "three"], np.ones((3, 2), np.float32))
    setattr(wv, attribute, value)
    with pytest.raises(ValueError, match=message):
        save_vectors(wv, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_is_no_matrix_or_lock_is_not_saved(tmp_path):
    wv = KeyedVectors.from_arrays(["one", "two"], np.ones((2, 2), int))
    with pytest.raises(ValueError, match="vectors must be a matrix of floating-point numbers, not int64"):
        wv.save(tmp_path / "saved")
    wv.vectors = np.ones((2, 2), np.float32)
    wv.vectors_lockf = np.ones((2, 2), np.float32)
    with pytest.raises(ValueError, match=r"vectors_lockf has the shape \(2, 2\)"):
        wv.save(tmp_path / "saved")


# The bytes of words.

ESCAPED = b"b\xfft\xc3".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("name", ["saved.txt", "saved.bin", "saved.tsv", "saved.npz", "saved.fastemb"])
def test_words_that_are_not_utf8_keep_their_bytes(tmp_path, name):
    wv = KeyedVectors.from_arrays([ESCAPED, "ü"], np.eye(2, dtype=np.float32), {"count": np.array([2, 1])})
    save_vectors(wv, tmp_path / name)
    if name.endswith("tsv"):
        assert (tmp_path / "saved.metadata.tsv").read_bytes() == b"b\xfft\xc3\n\xc3\xbc\n"
    else:
        read = load_vectors(tmp_path / name, unicode_errors="surrogateescape")
        assert read.index_to_key == [ESCAPED, "ü"]
    wv.save_word2vec_format(tmp_path / "text", tmp_path / "counts")
    assert (tmp_path / "text").read_bytes() == b"2 2\nb\xfft\xc3 1.0 0.0\n\xc3\xbc 0.0 1.0\n"
    assert (tmp_path / "counts").read_bytes() == b"b\xfft\xc3 2\n\xc3\xbc 1\n"


def test_facebooks_words_go_through_the_command(tmp_path, capsysbinary):
    golden = str(Path(__file__).parent / "golden" / "skipgram.bin")
    assert main(["convert", golden, str(tmp_path / "vectors.txt")]) == 0
    assert b"\nb\xfft\xc3 " in (tmp_path / "vectors.txt").read_bytes()
    assert main(["neighbors", golden, ESCAPED, "--topn", "1"]) == 0
    model = FastText([[ESCAPED, "two"]] * 9, **SMALL, bucket=50)
    save_facebook_model(model, tmp_path / "model.bin")
    assert load_facebook_vectors(tmp_path / "model.bin").index_to_key == [ESCAPED, "two"]
    utils.save_as_line_sentence([[ESCAPED, "two"]], tmp_path / "corpus")
    assert (tmp_path / "corpus").read_bytes() == b"b\xfft\xc3 two\n"


@pytest.mark.parametrize(("encoding", "printed"), [("utf-8", b"b\xfft\xc3 \xc3\xbc"), ("ascii", b"b\xfft\xc3 \\xfc")])
def test_what_is_printed_are_the_bytes_of_words(encoding, printed):
    words = f"{ESCAPED} ü\ud800"
    code = f"from fastemb.cli import main; main(['neighbors', 'absent', 'word']); print({words!a})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}
    )
    assert run.stdout.strip() == printed + b"\\ud800"


def test_what_was_printed_can_be_read_from_the_same_stream(tmp_path, monkeypatch):
    """As pytest reads it, and others that put a file in place of standard output."""
    with open(tmp_path / "output", "w+", encoding="utf-8") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert main(["neighbors", "absent", "word"]) == 1
        print(f"ü{ESCAPED}\ud800")
        output.seek(0)
        assert output.read() == "üb\\xfft\\xc3\\ud800\n"


@pytest.mark.parametrize("name", ["saved.txt", "saved.bin", "saved.tsv", "saved.npz", "saved"])
@pytest.mark.parametrize("key", ["\ud800", "\x00\ud8001", "\udcff\udfff"])
def test_surrogates_that_stand_for_no_byte_are_refused_by_name(tmp_path, name, key):
    wv = KeyedVectors.from_arrays(["a", key], np.eye(2, dtype=np.float32), {"count": np.array([2, 1])})
    with pytest.raises(ValueError, match=r"surrogates not allowed \(in '.*\\ud"):
        save_vectors(wv, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_model_with_such_a_word_is_refused_by_its_name(tmp_path):
    model = Word2Vec([["a", "\ud800"]] * 9, **SMALL)
    with pytest.raises(ValueError, match=r"in '\\ud800'"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["saved.txt", "saved.bin", "saved.tsv"])
@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        ("\ud800", ValueError, r"surrogates not allowed \(in '\\ud800'\)"),
        (1.5, TypeError, r"neither str nor int cannot be written: 1\.5"),
        ("1", ValueError, "cannot hold both 1 and '1', which are the same as text"),
        ("\x00\ud8001", ValueError, "surrogates not allowed"),
    ],
)
def test_words_that_are_nothing_as_text_are_refused_by_name(tmp_path, name, key, error, message):
    wv = KeyedVectors.from_arrays([1, key], np.eye(2, dtype=np.float32), {"count": np.array([2, 1])})
    with pytest.raises(error, match=message):
        save_vectors(wv, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_both_1_and_its_text_are_in_our_own_files(tmp_path):
    wv = KeyedVectors.from_arrays([1, "1", ESCAPED], np.ones((3, 2), np.float32))
    wv.save(tmp_path / "saved")
    assert KeyedVectors.load(tmp_path / "saved").index_to_key == [1, "1", ESCAPED]


@pytest.mark.parametrize(
    ("words", "encoding", "message"),
    [
        ([1, "1"], "utf-8", "the same as text"),
        (["\ud800", "two"], "utf-8", "surrogates not allowed"),
        (["日", "two"], "latin-1", r"'latin-1' codec .* \(in '日'\)"),
    ],
)
def test_facebooks_file_takes_no_such_words_either(tmp_path, words, encoding, message):
    model = FastText([words] * 9, **SMALL, bucket=50)
    with pytest.raises(ValueError, match=message):
        save_facebook_model(model, tmp_path / "model.bin", encoding)
    assert not list(tmp_path.iterdir())


# Vectors of FastText that were changed.


def normalized(wv):
    wv.unit_normalize_all()


def set_anew(wv):
    wv.vectors = wv.vectors[::-1].astype(np.float64)


def changed_in_place(wv):
    wv.vectors[1] = 5


def renamed(wv):
    assert wv.vectors.any()
    wv.index_to_key = ["two" if key == "two" else f"{key}teen" for key in wv.index_to_key]
    wv.key_to_index = {key: row for row, key in enumerate(wv.index_to_key)}


CHANGES = pytest.mark.parametrize("change", [normalized, set_anew, changed_in_place, renamed])


@CHANGES
@pytest.mark.parametrize("options", [{"bucket": 50}, {"max_n": 0}], ids=str)
def test_changed_vectors_of_fasttext_are_saved_as_they_are(tmp_path, change, options):
    model = FastText(SENTENCES, **SMALL, **options)
    change(model.wv)
    seen = model.wv.vectors.copy()
    model.save(tmp_path / "model")
    model.wv.save(tmp_path / "vectors")
    save_vectors(model.wv, tmp_path / "vectors.txt")
    for read in (
        FastText.load(tmp_path / "model").wv,
        KeyedVectors.load(tmp_path / "vectors"),
        KeyedVectors.load(tmp_path / "model", mmap="r"),
        load_vectors(tmp_path / "vectors", limit=3),
        load_vectors(tmp_path / "vectors.txt", dtype=seen.dtype),
    ):
        np.testing.assert_array_equal(read.vectors, seen[: len(read)])
        np.testing.assert_array_equal(read["two"], model.wv["two"])
    if options.get("bucket"):
        np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "vectors")["new"], model.wv["new"])
    KeyedVectors.load(tmp_path / "vectors").save(tmp_path / "again")
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "again").vectors, seen)


@CHANGES
def test_rows_are_fitted_to_changed_vectors_where_files_hold_rows_alone(tmp_path, change):
    model = FastText(SENTENCES, **SMALL, bucket=50)
    unseen = model.wv["new"].copy()
    change(model.wv)
    save_facebook_model(model, tmp_path / "model.bin")
    begun = FastText(**SMALL, bucket=50, init_from=model.wv)
    begun.build_vocab([model.wv.index_to_key])
    for wv in (load_facebook_vectors(tmp_path / "model.bin"), model.wv.compress("float32"), begun.wv):
        np.testing.assert_allclose(wv.vectors, model.wv.vectors, atol=1e-5)
        np.testing.assert_array_equal(wv["new"], unseen)


@pytest.mark.parametrize("store", [None, "int8"])
def test_vectors_that_were_only_looked_at_are_not_saved_beside_their_rows(store):
    words = [f"word{number}" for number in range(9000)]
    wv = FastText([words], **SMALL, bucket=500).wv
    wv = wv.compress(store) if store else wv
    assert wv.vectors.any()
    assert "vectors" not in wv.to_arrays()
    wv.vectors[8999] += 1
    assert "vectors" in wv.to_arrays()


def test_training_goes_on_from_the_rows(tmp_path):
    model = FastText(SENTENCES, **SMALL, bucket=50)
    model.wv.unit_normalize_all()
    model.save(tmp_path / "model")
    loaded = FastText.load(tmp_path / "model")
    for each in (model, loaded):
        each.train(SENTENCES)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    assert "vectors" not in loaded.wv.to_arrays()


def test_given_vectors_that_do_not_fit_are_damage(tmp_path):
    FastText(SENTENCES, **SMALL, bucket=50).wv.save(tmp_path / "vectors")
    arrays, metadata = read_native(tmp_path / "vectors")
    for given in (np.ones((3, 4), np.float32), np.ones((4, 4), np.int32)):
        write_native(tmp_path / "vectors", arrays | {"vectors": given}, metadata)
        with pytest.raises(ValueError, match="vectors: holds no FastText vectors, or damaged ones"):
            KeyedVectors.load(tmp_path / "vectors")


def test_norms_that_were_set_are_of_no_account(tmp_path):
    """Vectors of Word2Vec are what they are, whatever is done to them."""
    model = Word2Vec(SENTENCES, **SMALL)
    model.wv.unit_normalize_all()
    model.wv.vectors *= 2
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(Word2Vec.load(tmp_path / "model").wv.vectors, model.wv.vectors)


# What else a model has.


def test_a_table_of_noise_that_was_set_is_saved(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    usual = model.cum_table
    model.save(tmp_path / "model")
    assert "noise" not in read_native(tmp_path / "model")[0]
    model.cum_table = [1, 2, 4, 8]
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.cum_table, model.cum_table)
    assert (loaded.cum_table != usual).any()
    loaded.make_cum_table()
    np.testing.assert_array_equal(loaded.cum_table, usual)


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        (Word2Vec, FastTextKeyedVectors(4, 3, 6, 10)),
        (FastText, KeyedVectors(4)),
        (GloVe, FastTextKeyedVectors(4, 3, 6, 10)),
    ],
)
def test_vectors_of_another_kind_are_not_saved_as_the_models(tmp_path, kind, others):
    model = kind(SENTENCES, **SMALL)
    model.wv = others
    with pytest.raises(ValueError, match=f"wv is {type(others).__name__}: this could not be loaded again"):
        model.save(tmp_path / "model")


def test_vectors_to_begin_with_are_not_lost_without_a_word(tmp_path, caplog):
    known = Word2Vec(SENTENCES, **SMALL).wv
    Word2Vec(SENTENCES, **SMALL, init_from=known).save(tmp_path / "model")
    assert "init_from is not saved" not in caplog.text
    Word2Vec(**SMALL, init_from=known).save(tmp_path / "model")
    assert "model: init_from is not saved" in caplog.text


def test_given_vectors_go_with_their_words_into_another_order():
    wv = FastText(SENTENCES, **SMALL, bucket=50).wv
    wv.vectors = np.random.default_rng(0).random(wv.vectors.shape, np.float32)
    given = {word: wv[word].tolist() for word in wv.index_to_key}
    wv.expandos["count"] = wv.expandos["count"][::-1].copy()
    wv.sort_by_descending_frequency()
    assert {word: wv[word].tolist() for word in given} == given
    assert wv.index_to_key != list(given)


def test_words_cut_without_their_rows_are_named_when_vectors_are_made():
    vectors = FastText(SENTENCES, bucket=50, **SMALL).wv
    vectors.index_to_key = vectors.index_to_key[:2]
    with pytest.raises(ValueError, match="2 keys and 4 rows of vectors_vocab"):
        vectors.vectors  # noqa: B018
    vectors.vectors_vocab = vectors.vectors_vocab[:2]
    assert vectors.vectors.shape == (2, 4)
