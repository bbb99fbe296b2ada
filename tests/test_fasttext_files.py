"""fastText's files: made by the program itself, by us, of every version, and damaged."""

import gzip
import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import same_folder
from hypothesis import example, given
from hypothesis import strategies as st

from fastemb.formats.fasttext import MAGIC, read_fasttext, write_fasttext
from fastemb.formats.quantized import CENTROIDS, ProductRows, ScaledRows, pack_rows, unpack_rows
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_vectors
from fastemb.models.files import load_vectors

GOLDEN = Path(__file__).parent / "golden"
VECTORS = json.loads((GOLDEN / "vectors.json").read_text(encoding="utf-8"))
mapped = pytest.mark.parametrize("mmap", [None, "r"])
ARGUMENTS = {
    "dim": 2, "ws": 5, "epoch": 1, "min_count": 1, "neg": 5, "word_ngrams": 1, "loss": 2, "model": 2, "bucket": 3,
    "minn": 2, "maxn": 3, "lr_update_rate": 100, "t": 1e-4,
}  # fmt: skip


def put(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", sorted(VECTORS))
@mapped
def test_vectors_are_those_of_fasttext(name, mmap):
    vectors = load_facebook_vectors(GOLDEN / name, mmap=mmap)
    for word, expected in VECTORS[name].items():
        if word in vectors:
            np.testing.assert_array_equal(vectors[word], np.array(expected, np.float32), err_msg=word)
    known = [word for word in VECTORS[name] if word in vectors.key_to_index]
    assert known
    for word in known:  # and once more, among those of all words
        row = vectors.key_to_index[word]
        np.testing.assert_allclose(vectors.vectors[row], VECTORS[name][word], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["skipgram.bin", "quantized.ftz", "pruned.ftz"])
@pytest.mark.parametrize("converted", [False, True])
def test_the_first_words_keep_all_ngrams(tmp_path, name, converted):
    whole, path = load_facebook_vectors(GOLDEN / name), GOLDEN / name
    if converted:
        path = tmp_path / "file"
        whole.save(path)
    first = load_vectors(path, limit=2)
    assert first.index_to_key == whole.index_to_key[:2]
    np.testing.assert_array_equal(first.expandos["count"], whole.expandos["count"][:2])
    for word in first.index_to_key:
        np.testing.assert_array_equal(first[word], whole[word])
    np.testing.assert_allclose(first.vectors, whole.vectors[:2], rtol=1e-6)
    for word in (whole.index_to_key[2], "neverseen"):
        np.testing.assert_array_equal(first[word], whole.without_words()[word])


def test_words_and_arguments():
    file = read_fasttext(GOLDEN / "skipgram.bin")
    assert file.arguments["dim"] == 3
    assert (file.arguments["minn"], file.arguments["maxn"], file.arguments["bucket"]) == (3, 6, 50)
    assert file.words[0] in (b"</s>", b"am")
    assert b"b\xfft\xc3" in file.words
    assert file.counts.tolist() == sorted(file.counts.tolist(), reverse=True)
    assert file.inputs.shape == (len(file.words) + 50, 3)
    assert file.outputs.shape == (len(file.words), 3)
    assert list(file.labels) == []


def test_labels_are_not_words():
    file = read_fasttext(GOLDEN / "supervised.bin")
    assert sorted(file.labels) == [b"__label__0", b"__label__1"]
    assert not any(word.startswith(b"__label__") for word in file.words)
    assert file.outputs.shape == (2, 3)


def test_words_that_are_not_utf8_keep_their_bytes():
    vectors = load_facebook_vectors(GOLDEN / "skipgram.bin")
    word = b"b\xfft\xc3".decode("utf-8", "surrogateescape")
    assert word in vectors.key_to_index
    assert vectors.get_vecattr(word, "count") == 2


def old_version(data: bytes, version: int) -> bytes:
    """A golden file as older programs wrote it; version 0 is without magic number, version, and what came later."""
    if version:
        return data[:4] + struct.pack("<i", version) + data[8:]
    arguments = 8 + 12 * 4 + 8
    size = struct.unpack_from("<i", data, arguments)[0]
    end = entries = arguments + 3 * 4 + 2 * 8
    for _ in range(size):
        end = data.index(b"\0", end) + 10
    rows, columns = struct.unpack_from("<qq", data, end + 1)
    outputs = end + 1 + 16 + 4 * rows * columns
    return data[8 : entries - 8] + data[entries:end] + data[end + 1 : outputs] + data[outputs + 1 :]


@pytest.mark.parametrize("version", [0, 11, 12])
@mapped
def test_old_versions(tmp_path, version, mmap):
    data = (GOLDEN / "skipgram.bin").read_bytes()
    path = put(tmp_path, old_version(data, version))
    old, new = read_fasttext(path, mmap=bool(mmap)), read_fasttext(GOLDEN / "skipgram.bin")
    assert (old.arguments, list(old.words), old.tokens) == (new.arguments, list(new.words), new.tokens)
    np.testing.assert_array_equal(old.inputs, new.inputs)
    np.testing.assert_array_equal(old.outputs, new.outputs)


def test_supervised_models_of_version_11_had_no_ngrams(tmp_path):
    path = put(tmp_path, old_version((GOLDEN / "supervised.bin").read_bytes(), 11))
    vectors = load_facebook_vectors(path)
    assert "teakettle" not in vectors
    np.testing.assert_array_equal(vectors["the"], vectors.vectors_vocab[vectors.key_to_index["the"]])


@pytest.mark.parametrize("version", [-1, 13, 2**31 - 1])
def test_unknown_versions_are_refused(tmp_path, version):
    path = put(tmp_path, old_version((GOLDEN / "skipgram.bin").read_bytes(), version))
    with pytest.raises(ValueError, match=f"file.*version {version}"):
        read_fasttext(path)


def test_compressed_files(tmp_path):
    path = tmp_path / "model.bin.gz"
    path.write_bytes(gzip.compress((GOLDEN / "skipgram.bin").read_bytes()))
    np.testing.assert_array_equal(
        load_facebook_vectors(path, mmap="r")["the"], load_facebook_vectors(GOLDEN / "skipgram.bin")["the"]
    )
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"model.bin.gz: damaged or cut short"):
        load_facebook_vectors(path)


@pytest.mark.parametrize("name", ["skipgram.bin", "cbow-hs.bin", "words.bin"])
@pytest.mark.parametrize(("extension", "unpack"), [("", bytes), (".gz", gzip.decompress)])
def test_a_file_written_again_is_the_same(tmp_path, name, extension, unpack):
    file, path = read_fasttext(GOLDEN / name), tmp_path / f"file{extension}"
    write_fasttext(
        path, file.arguments, file.words, file.counts, file.tokens,
        [file.inputs[: len(file.words)], file.inputs[len(file.words) :]], file.outputs,
    )  # fmt: skip
    assert unpack(path.read_bytes()) == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize(
    ("changes", "words"), [({}, [b"a\0b"]), ({"bucket": 4}, [b"a"]), ({"ws": 2**31}, [b"a"]), ({}, [b"a", b"b"])]
)
def test_what_cannot_be_said_leaves_no_file(tmp_path, changes, words):
    matrices = [np.zeros((1, 2)), np.zeros((3, 2))]
    with pytest.raises(ValueError):  # noqa: PT011
        write_fasttext(tmp_path / "f", ARGUMENTS | changes, words, np.array([1]), 1, matrices, np.zeros((1, 2)))
    assert list(tmp_path.iterdir()) == []


# Damage.


@pytest.mark.parametrize("name", sorted(VECTORS))
@mapped
def test_cut_anywhere_is_refused(tmp_path, name, mmap):
    data = (GOLDEN / name).read_bytes()
    for end in [*range(0, min(len(data), 300)), *range(300, len(data), 97), len(data) - 1]:
        with pytest.raises(ValueError, match="file"):
            read_fasttext(put(tmp_path, data[:end]), mmap=bool(mmap))


def test_more_than_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="1 bytes follow"):
        read_fasttext(put(tmp_path, (GOLDEN / "skipgram.bin").read_bytes() + b"\0"))


@pytest.mark.parametrize("name", ["skipgram.bin", "pruned.ftz"])
@same_folder
@given(flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_read_or_refused(tmp_path, name, flips):
    data = bytearray((GOLDEN / name).read_bytes())
    for place, change in flips:
        data[place % len(data)] ^= change
    read_or_refuse(put(tmp_path, bytes(data)))


@pytest.mark.parametrize("place", range(0, 84, 4))
@pytest.mark.parametrize("value", [-1, 0, 1, 2**31 - 1, -(2**31)])
def test_sizes_that_lie_are_read_or_refused(tmp_path, place, value):
    for name in ("skipgram.bin", "pruned.ftz"):
        data = bytearray((GOLDEN / name).read_bytes())
        struct.pack_into("<i", data, place, value)
        read_or_refuse(put(tmp_path, bytes(data)))


@same_folder
@given(data=st.binary(max_size=200), magic=st.booleans())
@example(data=b"", magic=False)
@example(
    data=ARGUMENTS and struct.pack("<12id", *[1] * 12, 1e-4) + struct.pack("<3iqq", 2**31 - 1, 0, 0, 0, -1), magic=True
)
def test_arbitrary_bytes_are_read_or_refused(tmp_path, data, magic):
    read_or_refuse(put(tmp_path, (struct.pack("<2i", MAGIC, 12) if magic else b"") + data))


def read_or_refuse(path: Path) -> None:
    for mmap in (None, "r"):
        try:
            vectors = load_facebook_vectors(path, mmap=mmap)
        except ValueError as error:
            assert "file" in str(error)  # noqa: PT017
        else:
            vectors.get_vector(vectors.index_to_key[0] if len(vectors) else 0) if "the" in vectors else None
            with np.errstate(all="ignore"):
                assert vectors.vectors.shape == (len(vectors), vectors.vector_size)


def test_a_matrix_that_promises_too_much_allocates_nothing(tmp_path):
    data = bytearray((GOLDEN / "words.bin").read_bytes())
    size = len(read_fasttext(GOLDEN / "words.bin").words)
    place = len(data) - 2 * 4 * 3 * size - 2 * 17 + 1
    assert struct.unpack_from("<qq", data, place) == (size, 3)
    for rows, columns in [(2**62, 3), (size, 2**62), (2**40, 2**40), (-1, 3), (size, -3)]:
        struct.pack_into("<qq", data, place, rows, columns)
        with pytest.raises(ValueError, match="matrix"):
            read_fasttext(put(tmp_path, bytes(data)))


def test_a_word_without_end_is_refused(tmp_path):
    data = (GOLDEN / "skipgram.bin").read_bytes()
    with pytest.raises(ValueError, match=r"file, byte 92: word 1 of \d+ does not end"):
        read_fasttext(put(tmp_path, data[:92] + b"a" * 5000))


@pytest.mark.parametrize("block", [1, 7, 64])
def test_a_dictionary_is_read_in_blocks_of_any_size(monkeypatch, block):
    expected = read_fasttext(GOLDEN / "skipgram.bin")
    monkeypatch.setattr("fastemb.formats.fasttext.BLOCK", block)
    file = read_fasttext(GOLDEN / "skipgram.bin")
    assert list(file.words) == list(expected.words)
    assert file.words[-1] == expected.words[len(expected.words) - 1]
    assert list(file.words[1:3]) == list(expected.words)[1:3]
    np.testing.assert_array_equal(file.counts, expected.counts)
    np.testing.assert_array_equal(file.inputs, expected.inputs)


def test_words_that_occur_twice_are_refused(tmp_path):
    data = (GOLDEN / "words.bin").read_bytes().replace(b"Rhein", b"liegt")
    with pytest.raises(ValueError, match=r"file: .* differ"):
        load_facebook_vectors(put(tmp_path, data))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(PermissionError if os.name == "nt" else IsADirectoryError):
        load_facebook_vectors(tmp_path)


def test_other_encodings(tmp_path):
    matrix, counts = np.arange(10, dtype=np.float32).reshape(5, 2), np.array([1, 1])
    words = ["Köln".encode("latin-1"), b"Bonn"]
    write_fasttext(tmp_path / "file", ARGUMENTS, words, counts, 2, [matrix], np.zeros((2, 2)))
    vectors = load_facebook_vectors(tmp_path / "file", encoding="latin-1")
    assert vectors.index_to_key == ["Köln", "Bonn"]
    escaped = load_facebook_vectors(tmp_path / "file")
    np.testing.assert_array_equal(vectors["Köln"], escaped["K\udcf6ln"])  # its n-grams are those of its bytes


@mapped
def test_native_round_trip(tmp_path, mmap):
    for name in VECTORS:
        before = load_facebook_vectors(GOLDEN / name)
        path = tmp_path / name.replace(".", "-")
        before.save(path)
        after = FastTextKeyedVectors.load(path, mmap=mmap)
        assert after.index_to_key == before.index_to_key
        assert (after.min_n, after.max_n, after.bucket) == (before.min_n, before.max_n, before.bucket)
        for word in VECTORS[name]:
            if word in before:
                np.testing.assert_array_equal(after[word], before[word])


# Rows in fewer bytes.


@pytest.mark.parametrize("encode", [ScaledRows.encode, ProductRows.encode])
def test_encoded_rows_are_near(encode):
    matrix = np.random.default_rng(1).normal(size=(600, 7)).astype(np.float32)
    matrix[5] = 0
    rows = encode(matrix)
    assert rows.shape == matrix.shape
    assert len(rows) == 600
    assert rows.nbytes < matrix.nbytes
    decoded = rows[np.arange(600)]
    assert decoded.dtype == np.float32
    assert not decoded[5].any()
    cosines = (
        (decoded * matrix).sum(axis=1)[6:] / np.linalg.norm(decoded[6:], axis=1) / np.linalg.norm(matrix[6:], axis=1)
    )
    assert cosines.min() > 0.95
    np.testing.assert_array_equal(rows[3], decoded[3])
    np.testing.assert_array_equal(rows[2:9], decoded[2:9])
    np.testing.assert_array_equal(rows.part(100, 200)[:], decoded[100:200])
    np.testing.assert_array_equal(unpack_rows("rows", pack_rows("rows", rows))[:], decoded)
    assert rows[np.empty(0, int)].shape == (0, 7)


@pytest.mark.parametrize("missing", ["codes", "centroids", "norms", "scales"])
def test_missing_arrays_are_named(missing):
    matrix = np.ones((300, 4), np.float32)
    for rows in (ScaledRows.encode(matrix), ProductRows.encode(matrix)):
        arrays = pack_rows("rows", rows)
        if arrays.pop(f"rows.{missing}", None) is not None:
            with pytest.raises(ValueError, match="rows is missing or damaged"):
                unpack_rows("rows", arrays)


def test_codes_that_do_not_fit_are_refused():
    codes, centroids = np.zeros((5, 2), np.uint8), np.zeros((2, CENTROIDS, 2), np.float32)
    for columns in (1, 2, 5):
        with pytest.raises(ValueError, match="columns"):
            ProductRows(codes, centroids, np.ones(5, np.float32), columns)
    with pytest.raises(ValueError, match="differ"):
        ProductRows(codes, centroids, np.ones(4, np.float32), 4)


# The program itself.


@pytest.fixture
def fasttext():
    return pytest.importorskip("fasttext", reason="fastText is not installed (pip install fasttext-wheel)")


@pytest.mark.filterwarnings("ignore")
def test_fasttext_reads_what_we_write(tmp_path, fasttext):
    file = read_fasttext(GOLDEN / "skipgram.bin")
    words = [word.decode("utf-8", "replace").encode() for word in file.words]
    write_fasttext(tmp_path / "model.bin", file.arguments, words, file.counts, file.tokens, [file.inputs], file.outputs)
    theirs, ours = fasttext.load_model(str(tmp_path / "model.bin")), load_facebook_vectors(tmp_path / "model.bin")
    assert theirs.get_words() == ours.index_to_key
    np.testing.assert_array_equal(theirs.get_input_matrix(), file.inputs)
    for word in [*ours.index_to_key, *VECTORS["skipgram.bin"]]:
        assert_same_direction(theirs.get_word_vector(word), ours[word])
        numbers = theirs.get_subwords(word)[1]
        own = [len(ours)] if word not in ours.key_to_index else []
        assert numbers[1 - len(own) :].tolist() == (ours.subwords.bags([word]).ids + len(ours)).tolist()


def assert_same_direction(first, second):
    """Some builds of fastText divide vectors by their lengths."""
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if min(lengths) > 0:
        np.testing.assert_allclose(first / lengths[0], second / lengths[1], atol=1e-6)
    else:
        assert lengths == (0, 0)
