"""Files: what is written is read back, and what is damaged is refused with its name."""

import errno
import json
import logging
import os
import re
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import same_bits, same_folder
from hypothesis import example, given
from hypothesis import strategies as st
from peak import is_mapped

from fastemb._words import bytes_of_words
from fastemb.formats import native, rows
from fastemb.formats.native import TYPES, array_place, pack_keys, read_native, unpack_keys, write_native
from fastemb.formats.npy import read_npy
from fastemb.formats.recognise import recognise
from fastemb.formats.word2vec import read_counts, read_word2vec, write_counts, write_word2vec
from fastemb.io.outputs import check_writable, replacing, writing

WORDS = ["the", "Köln", "東京"]
VECTORS = np.array([[1.5, -2, 0.1, 1e-30], [3.4e38, 1 / 3, -0.0, 7], [0, 1e-45, 2, -1e9]], np.float32)
both = pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])


def put(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


# word2vec files.


@both
def test_word2vec_round_trip_keeps_every_bit(tmp_path, binary):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=binary)
    words, vectors = read_word2vec(tmp_path / "file", binary=binary)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)


@both
@same_folder
@given(bits=st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6))
def test_word2vec_round_trip_of_any_float32(tmp_path, binary, bits):
    vectors = np.array(bits, np.uint32).view(np.float32).reshape(2, 3)
    write_word2vec(tmp_path / "file", "ab", vectors, binary=binary)
    np.testing.assert_array_equal(read_word2vec(tmp_path / "file", binary=binary, check_finite=False)[1], vectors)


@same_folder
@given(words=st.lists(st.text(st.characters(codec="utf-8", exclude_characters=" \t\n\r\v\f"), min_size=1), unique=True))
def test_word2vec_round_trip_of_any_words(tmp_path, words):
    for binary in (False, True):
        write_word2vec(tmp_path / "file", words, np.ones((len(words), 2)), binary=binary)
        assert read_word2vec(tmp_path / "file", binary=binary)[0] == words


def test_text_layout(tmp_path):
    write_word2vec(tmp_path / "file", ["a", 7], np.array([[1, 0.5], [-2, 0.1]]))
    assert (tmp_path / "file").read_text() == "2 2\na 1.0 0.5\n7 -2.0 0.1\n"


def test_binary_layout(tmp_path):
    write_word2vec(tmp_path / "file", ["a"], np.array([[1, 2]]), binary=True)
    assert (tmp_path / "file").read_bytes() == b"1 2\na " + np.array([1, 2], "<f4").tobytes() + b"\n"


def test_text_without_header(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, header=False)
    words, vectors = read_word2vec(tmp_path / "file", header=False)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)


def test_binary_without_header_is_refused(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=True, header=False)
    with pytest.raises(ValueError, match="header"):
        read_word2vec(tmp_path / "file", binary=True, header=False)


@both
@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4, None])
def test_limit(tmp_path, binary, limit):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=binary)
    words, vectors = read_word2vec(tmp_path / "file", binary=binary, limit=limit)
    assert words == WORDS[:limit]
    assert same_bits(vectors, VECTORS[:limit])


def test_limit_without_header(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, header=False)
    assert read_word2vec(tmp_path / "file", header=False, limit=2)[0] == WORDS[:2]


def test_negative_limit_is_refused(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, VECTORS)
    with pytest.raises(ValueError, match="limit"):
        read_word2vec(tmp_path / "file", limit=-1)


@both
def test_prefix_stands_before_each_word(tmp_path, binary):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=binary, prefix="*dt_")
    assert read_word2vec(tmp_path / "file", binary=binary)[0] == ["*dt_" + word for word in WORDS]


@both
def test_no_words(tmp_path, binary):
    write_word2vec(tmp_path / "file", [], np.empty((0, 5)), binary=binary)
    words, vectors = read_word2vec(tmp_path / "file", binary=binary)
    assert words == []
    assert vectors.shape == (0, 5)


def test_text_words_may_hold_spaces(tmp_path):
    path = put(tmp_path, b"2 3\nNew York 1 2 3\n. . . 4 5 6\n")
    words, vectors = read_word2vec(path)
    assert words == ["New York", ". . ."]
    assert vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_text_lines_may_end_in_spaces_and_carriage_returns(tmp_path):
    words, vectors = read_word2vec(put(tmp_path, b"2 2\r\na 1 2 \r\nb 3 4 \n"))
    assert words == ["a", "b"]
    assert vectors.tolist() == [[1, 2], [3, 4]]


def test_words_need_not_be_utf8(tmp_path):
    path = put(tmp_path, b"2 1\nK\xf6ln 1\na 2\n")
    with pytest.raises(UnicodeDecodeError, match=r"word 1 of .*file"):
        read_word2vec(path)
    assert read_word2vec(path, unicode_errors="ignore")[0] == ["Kln", "a"]
    assert read_word2vec(path, encoding="latin-1")[0] == ["Köln", "a"]


@both
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_of_the_vectors_read(tmp_path, binary, dtype):
    write_word2vec(tmp_path / "file", ["a"], np.array([[0.1, 2]], np.float32), binary=binary)
    vectors = read_word2vec(tmp_path / "file", binary=binary, dtype=dtype)[1]
    assert vectors.dtype == dtype
    np.testing.assert_allclose(vectors, [[0.1, 2]], rtol=1e-3)


def test_too_large_numbers_are_infinite(tmp_path):
    path = put(tmp_path, b"1 2\na 1e39 -1e999\n")
    assert read_word2vec(path, check_finite=False)[1].tolist() == [[np.inf, -np.inf]]
    with pytest.raises(ValueError, match=r"file, line 2: the vector of 'a' .*too large for float32"):
        read_word2vec(path)
    path = put(tmp_path, b"1 2\na 1e39 7\n")
    assert read_word2vec(path, dtype=np.float64)[1].tolist() == [[1e39, 7]]
    with pytest.raises(ValueError, match="float16"):
        read_word2vec(put(tmp_path, b"a 7e4\n"), header=False, dtype=np.float16)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_binary_with_and_without_newlines(tmp_path, end):
    records = [word.encode() + b" " + row.tobytes() + end for word, row in zip(WORDS, VECTORS, strict=True)]
    words, vectors = read_word2vec(put(tmp_path, b"3 4\n" + b"".join(records)), binary=True)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)


def test_binary_longer_than_a_block(tmp_path):
    vectors = np.random.default_rng(0).random((3000, 500), np.float32)
    words = [f"w{k}" for k in range(3000)]
    write_word2vec(tmp_path / "file", words, vectors, binary=True)
    found, read = read_word2vec(tmp_path / "file", binary=True)
    assert found == words
    assert same_bits(read, vectors)


@both
def test_nan_and_infinity(tmp_path, binary):
    vectors = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    write_word2vec(tmp_path / "file", ["a"], vectors, binary=binary)
    np.testing.assert_array_equal(read_word2vec(tmp_path / "file", binary=binary, check_finite=False)[1], vectors)


@both
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 1999])
def test_nan_and_infinity_are_refused(tmp_path, monkeypatch, binary, value, row):
    monkeypatch.setattr(rows, "BLOCK", 1 << 10)
    vectors = np.ones((2000, 3), np.float32)
    vectors[row, 2] = value
    write_word2vec(tmp_path / "file", [f"w{k}" for k in range(2000)], vectors, binary=binary)
    place = f"word {row + 1}" if binary else f"line {row + 2}"
    with pytest.raises(ValueError, match=f"file, {place}: the vector of 'w{row}' holds NaN"):
        read_word2vec(tmp_path / "file", binary=binary, workers=3)


@both
def test_finite_numbers_whose_sum_is_not_are_read(tmp_path, binary):
    vectors = np.full((2, 5), 3e38, np.float32)
    write_word2vec(tmp_path / "file", "ab", vectors, binary=binary)
    assert same_bits(read_word2vec(tmp_path / "file", binary=binary)[1], vectors)


@both
@pytest.mark.parametrize("word", ["", "New York", "a\n", "\t", "a\rb", "\ud800"])
def test_words_that_cannot_be_said_leave_no_file(tmp_path, binary, word):
    with pytest.raises(ValueError):  # noqa: PT011 (of a lone surrogate the message is Python's)
        write_word2vec(tmp_path / "file", ["a", word], np.ones((2, 2)), binary=binary)
    assert list(tmp_path.iterdir()) == []


def test_unequal_lengths_leave_no_file(tmp_path):
    with pytest.raises(ValueError, match="2 words for 1 vectors"):
        write_word2vec(tmp_path / "file", ["a", "b"], np.ones((1, 2)))
    assert list(tmp_path.iterdir()) == []


def test_an_append_that_fails_leaves_no_new_file(tmp_path):
    def fail(path):
        with writing(path, append=True) as file:
            file.write(b"some")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_header_is_not_taken_for_a_word(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"2 3\nking 1 2 3\nqueen 4 5 6\n")
    with pytest.raises(ValueError, match=r"file, line 1: b'2 3' .* leave out no_header=True"):
        read_word2vec(path, header=False)
    path.write_text("2 3\n4 5\n")
    assert read_word2vec(path, header=False)[0] == ["2", "4"]


def test_binary_numbers_read_as_text_are_recognised(tmp_path):
    path = tmp_path / "file"
    write_word2vec(path, ["king", "queen"], np.ones((2, 12), np.float32), binary=True)
    with pytest.raises(ValueError, match=r"file, line 2: not a word and 12 numbers.*; binary=True reads binary files"):
        read_word2vec(path)


@both
@pytest.mark.parametrize("data", [b"", b"\n", b"1\n", b"a 2\n", b"1 2 3\n", b"-1 2\n", b"1 0\n", b"1.0 2\n"])
def test_wrong_header_is_shown(tmp_path, binary, data):
    with pytest.raises(ValueError, match=r"file, line 1: not 'words vector_size'"):
        read_word2vec(put(tmp_path, data), binary=binary)


def test_empty_file_without_header_has_no_words(tmp_path):
    words, vectors = read_word2vec(put(tmp_path, b""), header=False)
    assert words == []
    assert len(vectors) == 0


@both
def test_header_that_promises_too_much_allocates_nothing(tmp_path, binary):
    with pytest.raises(ValueError, match=r"file: 8 bytes cannot hold the 999999999999 vectors"):
        read_word2vec(put(tmp_path, b"999999999999 999999999\na 1 2 3\n"), binary=binary)


@both
def test_limit_reads_the_beginning_of_a_file_that_is_cut_short(tmp_path, binary):
    row = b"a " + np.float32(1).tobytes() if binary else b"a 1\n"
    path = put(tmp_path, b"1000 1\n" + row + b"b")
    words, vectors = read_word2vec(path, binary=binary, limit=1)
    assert (words, vectors.tolist()) == (["a"], [[1]])
    with pytest.raises(ValueError, match="cannot hold the 9 vectors"):
        read_word2vec(path, binary=binary, limit=9)


def test_text_with_fewer_words_than_promised(tmp_path):
    with pytest.raises(ValueError, match=r"file: cut short: it ends after 2 of 3 words"):
        read_word2vec(put(tmp_path, b"3 1\na 1.2345\nb 2.3456\n"))


@pytest.mark.parametrize("line", [b"", b"a", b"a 1", b"a 1 x", b"a b 1", b"1 2"])
def test_malformed_line_is_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"file, line 3: "):
        read_word2vec(put(tmp_path, b"3 2\na 1.25 2.25\n" + line + b"\nc 3.25 4.25\n"))


def test_binary_cut_anywhere_is_refused(tmp_path):
    write_word2vec(tmp_path / "whole", WORDS, VECTORS, binary=True)
    data = (tmp_path / "whole").read_bytes()
    for length in range(len(data) - 1):  # the last byte is a newline, which may be missing
        with pytest.raises(ValueError, match="file"):
            read_word2vec(put(tmp_path, data[:length]), binary=True)


def test_text_cut_before_its_last_number_is_refused(tmp_path):
    write_word2vec(tmp_path / "whole", WORDS, VECTORS)
    data = (tmp_path / "whole").read_bytes()
    for length in range(data.rindex(b" ") + 1):
        with pytest.raises(ValueError, match="file"):
            read_word2vec(put(tmp_path, data[:length]))


def test_text_without_its_last_newline_is_read_with_a_warning(tmp_path, caplog):
    path = put(tmp_path, b"2 2\na 1 2\nb 3 4")
    with caplog.at_level(logging.WARNING):
        assert read_word2vec(path)[1].tolist() == [[1, 2], [3, 4]]
    assert "line 3: no newline" in caplog.text


def test_binary_read_as_text_is_refused(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=True)
    with pytest.raises(ValueError, match="file"):
        read_word2vec(tmp_path / "file")


def test_text_read_as_binary_is_refused(tmp_path):
    write_word2vec(tmp_path / "file", WORDS, np.full((3, 4), 0.123456789))
    with pytest.raises(ValueError, match=r"file: not a binary word2vec file but a text one"):
        read_word2vec(tmp_path / "file", binary=True)


def test_binary_without_an_end_of_a_word_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"word 1 does not end"):
        read_word2vec(put(tmp_path, b"1 4\n" + b"x" * (10 << 20)), binary=True)


@both
def test_word2vec_is_recognised(tmp_path, binary):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=binary)
    assert recognise(tmp_path / "file") == ("word2vec-binary" if binary else "word2vec")


def test_binary_is_recognised_though_a_newline_comes_first(tmp_path):
    vectors = np.frombuffer(b"\n234567\n", "<f4").reshape(1, 2)
    write_word2vec(tmp_path / "file", ["a"], vectors, binary=True)
    assert recognise(tmp_path / "file") == "word2vec-binary"
    assert same_bits(read_word2vec(tmp_path / "file", binary=True)[1], vectors)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no /dev/fd here")
@both
def test_a_pipe_can_be_read(tmp_path, binary):
    write_word2vec(tmp_path / "file", WORDS, VECTORS, binary=binary)
    read_end, write_end = os.pipe()
    os.write(write_end, (tmp_path / "file").read_bytes())
    os.close(write_end)
    try:
        words, vectors = read_word2vec(f"/dev/fd/{read_end}", binary=binary)
    finally:
        os.close(read_end)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)


@pytest.mark.parametrize("header", [False, True])
@same_folder
@given(data=st.binary() | st.lists(st.sampled_from([b"1", b"2", b" ", b"\n", b"a", b"\xff", b"."])).map(b"".join))
@example(data=b"1 1\na _")
@example(data=b"0 99999999999999999999\n")
def test_arbitrary_bytes_as_word2vec_text(tmp_path, header, data):
    path = put(tmp_path, data)
    try:
        words, vectors = read_word2vec(path, header=header)
    except ValueError:
        return
    assert vectors.ndim == 2
    assert len(words) == len(vectors)


@same_folder
@given(count=st.integers(0, 3), size=st.integers(0, 3), data=st.binary(max_size=50))
def test_arbitrary_bytes_as_word2vec_binary(tmp_path, count, size, data):
    path = put(tmp_path, b"%d %d\n" % (count, size) + data)
    try:
        words, vectors = read_word2vec(path, binary=True)
    except ValueError:
        return
    assert vectors.shape == (len(words), size) == (count, size)


def test_counts_round_trip(tmp_path):
    write_counts(tmp_path / "file", WORDS, [3, 2, 1], prefix="_")
    assert (tmp_path / "file").read_text("utf-8") == "_the 3\n_Köln 2\n_東京 1\n"
    assert read_counts(tmp_path / "file") == {"_the": 3, "_Köln": 2, "_東京": 1}


def test_counts_in_another_encoding(tmp_path):
    path = put(tmp_path, b"a 2\nK\xf6ln 3\n")
    with pytest.raises(UnicodeDecodeError, match=r"line 2 of .*file"):
        read_counts(path)
    assert read_counts(path, "latin-1") == {"a": 2, "Köln": 3}
    assert read_counts(path, unicode_errors="ignore") == {"a": 2, "Kln": 3}


@pytest.mark.parametrize("line", ["", "a", "a b", "a 1.5", "a 99999999999999999999"])
def test_malformed_counts_are_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"file, line 2: not 'word count'"):
        read_counts(put(tmp_path, f"the 5\n{line}\n".encode()))


@same_folder
@given(data=st.binary())
def test_arbitrary_bytes_as_counts(tmp_path, data):
    path = put(tmp_path, data)
    try:
        counts = read_counts(path)
    except ValueError:
        return
    np.array(list(counts.values()), np.int64)


# The native format.

ARRAYS = {
    "vectors": np.arange(6, dtype=np.float32).reshape(2, 3),
    "flags": np.array([True, False, True]),
    "counts": np.array([9, 8], np.int64),
}


def native_bytes(folder: Path) -> bytes:
    write_native(folder / "whole", ARRAYS, {"class": "Köln"})
    return (folder / "whole").read_bytes()


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 4), (2, 3), (2, 0, 5)])
def test_native_round_trip_of_every_type_and_shape(tmp_path, shape, mmap):
    arrays = {code: np.ones(shape, code) for code in TYPES.values()}
    write_native(tmp_path / "file", arrays, {"a": "1", "ö": "\n\ud800"})
    found, metadata = read_native(tmp_path / "file", mmap=mmap)
    assert metadata == {"a": "1", "ö": "\n\ud800"}
    assert found.keys() == arrays.keys()
    assert all(same_bits(found[name], arrays[name]) for name in arrays)


def test_native_without_arrays(tmp_path):
    write_native(tmp_path / "file", {}, {})
    assert read_native(tmp_path / "file") == ({}, {})


def test_native_writes_any_layout_of_memory(tmp_path):
    base = np.arange(12.0).reshape(3, 4)
    arrays = {"transposed": base.T, "strided": base[::2, ::-1], "big endian": base.astype(">f8")}
    write_native(tmp_path / "file", arrays, {})
    found, _ = read_native(tmp_path / "file")
    for name in arrays:
        np.testing.assert_array_equal(found[name], arrays[name])


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_native_refuses_other_types(tmp_path, array):
    with pytest.raises(TypeError, match=r"cannot be saved \(name\)"):
        write_native(tmp_path / "file", {"name": array}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("padding", range(0, 64, 7))
def test_native_alignment(tmp_path, padding):
    arrays = {f"{code}{n}": np.ones(n, code) for code in TYPES.values() for n in (1, 3)}
    write_native(tmp_path / "file", arrays, {"text": "x" * padding})
    data = (tmp_path / "file").read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert (8 + length) % 64 == 0
    header = json.loads(data[8 : 8 + length])
    del header["__metadata__"]
    for name, entry in header.items():
        assert entry["data_offsets"][0] % arrays[name].itemsize == 0


def test_safetensors_reads_our_file(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors")
    native_bytes(tmp_path)
    found = safetensors.load_file(tmp_path / "whole")
    assert found.keys() == ARRAYS.keys()
    assert all(same_bits(found[name], ARRAYS[name]) for name in ARRAYS)


@pytest.mark.parametrize("mmap", [False, True])
def test_we_read_a_file_of_safetensors(tmp_path, mmap):
    safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors")
    safetensors.save_file(ARRAYS, tmp_path / "file", {"a": "b"})
    found, metadata = read_native(tmp_path / "file", mmap=mmap)
    assert metadata == {"a": "b"}
    assert all(same_bits(found[name], ARRAYS[name]) for name in ARRAYS)


@pytest.mark.parametrize("mmap", [False, True, "c"])
@pytest.mark.parametrize("count", [3, 300_000])
def test_arrays_that_begin_at_any_byte_are_aligned_in_memory(tmp_path, mmap, count):
    """As others may write them; kernels take no other."""
    arrays = {"a": np.ones(3, np.uint8), "b": np.arange(count), "c": np.arange(count, dtype=np.float32)}
    header, end = {}, 0
    for name, array in arrays.items():
        code = {"u": "U8", "i": "I64", "f": "F32"}[array.dtype.kind]
        header[name] = {"dtype": code, "shape": [len(array)], "data_offsets": [end, end := end + array.nbytes]}
    text = json.dumps(header).encode()
    (tmp_path / "file").write_bytes(
        len(text).to_bytes(8, "little") + text + b"".join(array.tobytes() for array in arrays.values())
    )
    found, _ = read_native(tmp_path / "file", mmap=mmap)
    assert all(same_bits(found[name], arrays[name]) and found[name].flags.aligned for name in arrays)
    np.save(tmp_path / "array.npy", arrays["b"])
    data = (tmp_path / "array.npy").read_bytes()
    length = int.from_bytes(data[8:10], "little")
    (tmp_path / "array.npy").write_bytes(
        data[:8] + (length + 1).to_bytes(2, "little") + data[10 : 9 + length] + b" \n" + data[10 + length :]
    )
    array = read_npy(str(tmp_path / "array.npy"), "c" if mmap == "c" else "r" if mmap else None)
    assert same_bits(array, arrays["b"])
    assert array.flags.aligned


def test_native_mmap_is_read_only(tmp_path):
    native_bytes(tmp_path)
    vectors = read_native(tmp_path / "whole", mmap=True)[0]["vectors"]
    assert is_mapped(vectors)
    with pytest.raises(ValueError, match="read-only"):
        vectors[0] = 1


@pytest.mark.parametrize("count", [1, 300_000], ids=["small, which is read", "large, which is mapped"])
def test_what_is_written_to_a_copy_stays_in_memory(tmp_path, count):
    arrays = {"wide": np.arange(count), "bytes": np.ones(3, np.uint8), "empty": np.empty((0, 2), np.float32)}
    write_native(tmp_path / "file", arrays, {"a": "b"})
    found, metadata = read_native(tmp_path / "file", mmap="c")
    assert metadata == {"a": "b"}
    assert all(same_bits(found[name], arrays[name]) for name in arrays)
    assert found["wide"].flags.aligned
    found["wide"][-1] = found["bytes"][2] = 7
    np.testing.assert_array_equal(found["bytes"], [1, 1, 7])
    again, _ = read_native(tmp_path / "file")
    assert all(same_bits(again[name], arrays[name]) for name in arrays)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EFBIG])
def test_where_there_is_no_room_the_file_before_stays(tmp_path, monkeypatch, error):
    arrays, path = {"zeros": np.zeros(2 << 20, np.uint8)}, tmp_path / "file"
    write_native(path, {"before": np.ones(2)}, {})
    monkeypatch.setattr(native, "reserve", lambda file, size: error)
    with pytest.raises(OSError, match=re.escape(os.strerror(error))) as raised:
        write_native(path, arrays, {})
    assert raised.value.filename == str(path)
    assert read_native(path)[0].keys() == {"before"}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [0, errno.EOPNOTSUPP])
def test_files_are_as_long_as_what_is_in_them(tmp_path, monkeypatch, error):
    asked = []
    monkeypatch.setattr(native, "reserve", lambda file, size: asked.append(size) or error)
    write_native(tmp_path / "file", {"zeros": np.zeros(2 << 20, np.uint8)}, {})
    assert asked == [(tmp_path / "file").stat().st_size]


def test_room_is_found_without_another_size(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        assert native.reserve(file.fileno(), 1 << 16) in (0, errno.EOPNOTSUPP)
    assert (tmp_path / "file").stat().st_size == 0
    assert native.reserve(-1, 1) == (errno.EBADF if sys.platform == "linux" else 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no file that is mapped")
def test_a_mapped_file_can_be_replaced(tmp_path):
    native_bytes(tmp_path)
    arrays, _ = read_native(tmp_path / "whole", mmap=True)
    write_native(tmp_path / "whole", {"vectors": arrays["vectors"] + 1}, {})
    np.testing.assert_array_equal(arrays["vectors"], ARRAYS["vectors"])
    np.testing.assert_array_equal(read_native(tmp_path / "whole")[0]["vectors"], ARRAYS["vectors"] + 1)


bytes_as_text = st.binary().map(lambda text: text.decode("utf-8", "surrogateescape"))


@given(keys=st.lists(st.text() | bytes_as_text | st.integers()))
@example(keys=[1, "1", "", "a b\n", "\udcff", "ü\udc80", -5, 2**80])
@example(keys=["ü", "日本", "\0", "𝕏", ""])
@example(keys=[])
def test_keys_round_trip(keys):
    found = unpack_keys(pack_keys(keys), "file")
    assert found == keys
    assert [type(key) for key in found] == [type(key) for key in keys]


@given(keys=st.lists(bytes_as_text))
@example(keys=["\ud83d", "a"])
@example(keys=["a", "\ude00"])
@example(keys=["\udcc3\udca9", "é"])
def test_the_bytes_of_words_are_those_of_each_word(keys):
    """Also where the first bytes of a character end one word and the others begin the next."""
    try:
        each = [key.encode("utf-8", "surrogateescape") for key in keys]
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError, match=r"not allowed \(in '\\ud"):
            bytes_of_words(keys, "these files", "\t", empty=True)
        return
    if any(b"\t" in word for word in each) or len(set(each)) < len(each):
        with pytest.raises(ValueError, match="these files cannot hold"):
            bytes_of_words(keys, "these files", "\t", empty=True)
        return
    packed = bytes_of_words(keys, "these files", "\t", empty=True)
    assert list(packed) == packed[:] == each
    assert packed.text == b"".join(each)
    prefixed = bytes_of_words(keys, "these files", "\t", prefix="ü")
    assert list(prefixed) == [b"\xc3\xbc" + word for word in each]


def test_surrogates_of_files_written_before_are_read():
    texts = [text.encode("utf-8", "surrogatepass") for text in ("a", "\ud800", "\udc00\ud800")]
    arrays = {"keys.utf8": np.frombuffer(b"".join(texts), np.uint8), "keys.offsets": np.array([0, 1, 4, 10])}
    assert unpack_keys(arrays, "file") == ["a", "\ud800", "\udc00\ud800"]


def test_integers_of_any_kind_are_keys():
    assert unpack_keys(pack_keys([np.int32(4), True]), "file") == [4, 1]


@pytest.mark.parametrize("key", [None, 1.5, b"a", ("a",)])
def test_other_keys_are_refused(key):
    with pytest.raises(TypeError, match="neither str nor int"):
        pack_keys(["a", key])


@pytest.mark.parametrize(
    "damage",
    [
        {"keys.offsets": np.array([0, 2, 1, 3])},
        {"keys.offsets": np.array([1, 3])},
        {"keys.offsets": np.array([0, 2])},
        {"keys.offsets": np.array([], np.int64)},
        {"keys.offsets": np.array(0)},
        {"keys.offsets": np.array([[0, 3]])},
        {"keys.offsets": np.array([0.0, 3.0])},
        {"keys.utf8": np.array([0xFF, 0xFF, 0xFF], np.uint8)},
        {"keys.is_int": np.array([True, False])},
        {"keys.is_int": np.ones(9, bool)},
    ],
)
def test_damaged_keys_name_the_file(damage):
    with pytest.raises(ValueError, match=r"^file: its words are damaged"):
        unpack_keys(pack_keys(["a", "bc"]) | damage, "file")


def test_missing_keys_name_the_file():
    with pytest.raises(ValueError, match=r"^file: its words are damaged"):
        unpack_keys({}, "file")


@pytest.mark.parametrize("mmap", [False, True])
def test_native_cut_anywhere_is_refused(tmp_path, mmap):
    data = native_bytes(tmp_path)
    for length in range(len(data)):
        with pytest.raises(ValueError, match="file"):
            read_native(put(tmp_path, data[:length]), mmap=mmap)


@same_folder
@given(flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4))
def test_native_with_flipped_bytes_is_read_or_refused(tmp_path, flips):
    data = bytearray(native_bytes(tmp_path))
    for place, bits in flips:
        data[place % len(data)] ^= bits
    for mmap in (False, True):
        try:
            arrays, _ = read_native(put(tmp_path, bytes(data)), mmap=mmap)
        except ValueError:
            continue
        assert sum(array.nbytes for array in arrays.values()) < 10 * len(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
sizes = st.sampled_from([-1, 0, 1, 2, 4, 8, 2**31, 2**63, 2**70, 1.0, "1", None])
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*TYPES, "BF16", 5, []]),
        "shape": st.lists(sizes, max_size=3),
        "data_offsets": st.lists(sizes, max_size=3),
    }
)


def headed(header: object) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(16)


@same_folder
@given(header=json_values | st.dictionaries(st.text(max_size=3), entries | json_values, max_size=3))
@example(header={"a": {"dtype": "F32", "shape": [0, 2**70], "data_offsets": [0, 0]}})
@example(header={"a": {"dtype": "F32", "shape": [2**62, 0], "data_offsets": [0, 0]}})
@example(header={"a": {"dtype": "F32", "shape": [0, 2**31, 2**31], "data_offsets": [0, 0]}})
@example(header={"a": {"dtype": "F32", "shape": [1] * 99, "data_offsets": [0, 4]}})
@example(header={"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [4, 20]}})
@example(header={"a": {"dtype": "U8", "shape": [2**70], "data_offsets": [0, 2**70]}})
@example(header={"__metadata__": None})
def test_native_with_any_header_is_read_or_refused(tmp_path, header):
    path = put(tmp_path, headed(header))
    for mmap in (False, True):
        message = arrays = None
        try:
            arrays, _ = read_native(path, mmap=mmap)
        except ValueError as error:
            message = str(error)
        if arrays is None:
            assert str(path) in message
        else:
            assert sum(array.nbytes for array in arrays.values()) <= 16 * 3  # three arrays at most


def test_arrays_may_lie_anywhere_in_large_files():
    begin, size = 2**40, 2**35
    place = {"dtype": "F32", "shape": [size // 4], "data_offsets": [begin, begin + size]}
    assert array_place(place) == (np.dtype("<f4"), (size // 4,), begin, size)


def test_native_with_a_deeply_nested_header_is_refused(tmp_path):
    text = b'{"a":' + b"[" * 200_000
    with pytest.raises(ValueError, match="header is damaged"):
        read_native(put(tmp_path, len(text).to_bytes(8, "little") + text))


@same_folder
@given(data=st.binary())
def test_arbitrary_bytes_as_native(tmp_path, data):
    with pytest.raises(ValueError, match=r"file: not a fastemb file"):
        read_native(put(tmp_path, b"\xff" + data))


def test_pickles_are_refused_and_say_so(tmp_path):
    class Harm:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "harm"),))

    import pickle

    for protocol in (2, 3, 4, 5):
        with pytest.raises(ValueError, match=r"a pickle.*never opens pickles"):
            read_native(put(tmp_path, pickle.dumps(Harm(), protocol)))
    assert not (tmp_path / "harm").exists()


def test_native_is_recognised(tmp_path):
    assert recognise(put(tmp_path, native_bytes(tmp_path))) == "native"


# Files that appear whole or not at all.


def test_replacing_writes_a_file_and_nothing_beside(tmp_path):
    with replacing(tmp_path / "file") as file:
        file.write(b"new")
        assert not (tmp_path / "file").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new"


def write_and_fail(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_replacing_leaves_the_old_file_when_the_block_fails(tmp_path):
    path = put(tmp_path, b"old")
    with pytest.raises(KeyboardInterrupt):
        write_and_fail(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_replacing_leaves_nothing_when_the_block_fails(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write_and_fail(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_replacing_takes_turns_with_itself(tmp_path):
    with replacing(tmp_path / "file") as first, replacing(tmp_path / "file") as second:
        first.write(b"first")
        second.write(b"second")
    assert (tmp_path / "file").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows knows read-only alone")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_replacing_keeps_permissions(tmp_path, mode):
    path = put(tmp_path, b"old")
    path.chmod(mode)
    with replacing(path) as file:
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_replacing_gives_a_new_file_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    with replacing(tmp_path / "file"):
        pass
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_replacing_follows_a_link(tmp_path):
    target = put(tmp_path, b"old")
    link = tmp_path / "link"
    link.symlink_to("file")
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_replacing_a_name_of_the_greatest_length(tmp_path):
    path = tmp_path / ("x" * 255)
    with replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_replacing_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match=tmp_path.name), replacing(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_replacing_writes_to_a_device_directly():
    with replacing(os.devnull) as file:
        file.write(b"new")
    assert not os.path.isfile(os.devnull)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no /dev/fd here")
def test_replacing_writes_to_a_pipe_directly():
    read_end, write_end = os.pipe()
    with replacing(f"/dev/fd/{write_end}") as file:
        file.write(b"new")
    os.close(write_end)
    assert os.read(read_end, 10) == b"new"
    os.close(read_end)


def test_replacing_in_a_missing_folder_names_the_path(tmp_path):
    path = tmp_path / "missing" / "file"
    with pytest.raises(FileNotFoundError) as caught, replacing(path):
        pass
    assert caught.value.filename == str(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere")
def test_replacing_in_a_folder_without_permission_names_the_path(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError) as caught, replacing(tmp_path / "file"):
        pass
    assert caught.value.filename == str(tmp_path / "file")


def test_check_writable_leaves_everything_as_it_is(tmp_path):
    path = put(tmp_path, b"old")
    check_writable(path)
    check_writable(tmp_path / "new")
    check_writable(os.devnull)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_check_writable_raises_what_writing_would(tmp_path):
    with pytest.raises(FileNotFoundError):
        check_writable(tmp_path / "missing" / "file")
    with pytest.raises(IsADirectoryError):
        check_writable(tmp_path)
