"""What files of vectors are taken for: nothing is guessed without evidence."""

import gzip
import itertools
import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import same_bits
from hypothesis import example, given
from hypothesis import strategies as st

from fastemb import KeyedVectors, Word2Vec, load_vectors
from fastemb.cli import main
from fastemb.formats import evidence, rows, word2vec
from fastemb.formats.recognise import recognise
from fastemb.formats.rows import Source
from fastemb.models.fasttext import load_facebook_vectors

LONG = b" ".join([b"0.125"] * 200_000)  # more than a block


def put(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def records(words: list[bytes], vectors: np.ndarray, end: bytes) -> bytes:
    return b"%d %d\n" % vectors.shape + b"".join(
        word + b" " + row.tobytes() + end for word, row in zip(words, vectors, strict=True)
    )


# With a header: text or binary.

NOT_TEXT = [
    b"king 0,1 0,2 0,3\nqueen 0,4 0,5 0,6\n",  # as long as two binary records
    "König 0,1 0,2 0,3\nKöln 0,4 0,5 0,6\n".encode(),
    b"k\x01ng 0,1 0,2 0,3\nqueen 0,4 0,5 0,6\n",
    b"king [0.1 0.2 0.3]\nqueen [0.4 0.5 0.6]\n",
    b"king 0.1 -1.#IND 0.3\nqueen 0.4 0.5 0.6\n",
    b"king 0.1 0.2\nqueen 0.4 0.5 0.6\n",
    b"king  0.1 0.2\nqueen 0.4 0.5 0.6\n",
    b"king 0.1 0.2 0.3 0.4\nqueen 0.5 0.6 0.7 0.8\n",
]


@pytest.mark.parametrize("rest", NOT_TEXT)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("limit", [None, 1, 2, 9])
def test_what_is_not_text_is_not_therefore_binary(tmp_path, rest, packed, limit):
    data = b"2 3\n" + rest
    path = put(tmp_path, gzip.compress(data) if packed else data, "file.gz" if packed else "file")
    with pytest.raises(ValueError, match=r"file.*, line 2: not a word and 3 numbers"):
        load_vectors(path, limit=limit)


@pytest.mark.parametrize("rest", NOT_TEXT)
def test_what_is_not_binary_is_not_read_as_such(tmp_path, rest):
    for limit in (None, 1):
        with pytest.raises(ValueError, match="file: not a binary word2vec file but a text one"):
            KeyedVectors.load_word2vec_format(put(tmp_path, b"2 3\n" + rest), binary=True, limit=limit)


def test_nothing_is_trained_from_or_compared_with_such_a_file(tmp_path, capsys):
    path = put(tmp_path, b"2 3\n" + NOT_TEXT[0])
    with pytest.raises(ValueError, match="file, line 2"):
        Word2Vec([["king", "queen"]] * 9, vector_size=3, min_count=1, init_from=path)
    good = put(tmp_path, b"2 3\nking 1 2 3\nqueen 4 5 6\n", "good")
    assert main(["evaluate", str(good), "--compare", str(path)]) == 1
    assert main(["convert", str(path), str(tmp_path / "out.txt")]) == 1
    assert capsys.readouterr().err.count("file, line 2: not a word and 3 numbers") == 2
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize(
    "rest",
    [
        b"king 0.5 0.25 0.125\t\nqueen 4 5 6\n",
        b"king  0.5  0.25  0.125 \nqueen  4  5  6 \r\n",
        b"king\t0.5\t0.25\t0.125\nqueen\t4\t5\t6\n",
        b"king\t0.5 0.25 \t0.125\nqueen 4 5 6 \t \n",
    ],
)
@pytest.mark.parametrize("limit", [None, 1, 2])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_tabs_and_several_blanks_stand_between_fields(tmp_path, rest, limit, header, dtype):
    vectors = load_vectors(put(tmp_path, b"2 3\n" * header + rest), limit=limit, dtype=dtype)
    assert vectors.index_to_key == ["king", "queen"][:limit]
    assert vectors.vectors.tolist() == [[0.5, 0.25, 0.125], [4, 5, 6]][:limit]


def test_a_first_row_longer_than_a_block(tmp_path):
    vectors = load_vectors(put(tmp_path, b"1 200000\nking " + LONG + b"\n"))
    assert same_bits(vectors["king"], np.full(200_000, 0.125, np.float32))
    assert load_vectors(put(tmp_path, b"king " + LONG + b"\n")).vector_size == 200_000
    with pytest.raises(ValueError, match="line 2: not a word and 200000 numbers"):
        load_vectors(put(tmp_path, b"1 200000\nking " + LONG.replace(b".", b",") + b"\n"))


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_binary_is_recognised_however_small(tmp_path, end, size):
    draw = np.random.default_rng(size)
    for count in (1, 2, 3, 500):
        words = [b"w%d" % k for k in range(count)]
        for _ in range(20 if count < 500 else 1):
            vectors = draw.standard_normal((count, size), np.float32)
            path = put(tmp_path, records(words, vectors, end))
            assert same_bits(load_vectors(path).vectors, vectors)
            assert same_bits(KeyedVectors.load_word2vec_format(path, binary=True, limit=1).vectors, vectors[:1])


@pytest.mark.parametrize("value", [0.1, 0.0, 1.0, -2.5])
@pytest.mark.parametrize("shape", [(2, 3), (1500, 2), (2000, 300)])
def test_binary_of_one_number_is_recognised(tmp_path, value, shape):
    vectors = np.full(shape, value, np.float32)
    path = put(tmp_path, records([b"w%d" % k for k in range(shape[0])], vectors, b"\n"))
    assert same_bits(load_vectors(path).vectors, vectors)


def test_text_whose_words_have_wide_characters_is_not_binary(tmp_path):
    lines = [f"北京大学{k} {' '.join([f'0,{k % 97}'] * 30)}\n" for k in range(20_000)]
    with pytest.raises(ValueError, match="line 2: not a word and 30 numbers"):
        load_vectors(put(tmp_path, ("20000 30\n" + "".join(lines)).encode()), limit=5)


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("limit", [None, 3, 4])
@pytest.mark.parametrize("errors", ["strict", "ignore"])
def test_a_binary_word_with_a_space_is_named(tmp_path, end, limit, errors):
    vectors = np.ones((5, 6), np.float32)
    path = put(tmp_path, records([b"a", b"b", b"New York", b"c", b"d"], vectors, end))
    with pytest.raises(ValueError, match=r"file, word 4: control characters .* word 3 holds a space"):
        load_vectors(path, limit=limit, unicode_errors=errors)
    assert load_vectors(path, limit=2).index_to_key == ["a", "b"]


def test_a_binary_word_with_control_characters_is_read_where_it_must_be_one(tmp_path):
    vectors = np.ones((2, 3), np.float32)
    assert load_vectors(put(tmp_path, records([b"a", b"b\x7f\x01"], vectors, b"\n"))).index_to_key == ["a", "b\x7f\x01"]
    with pytest.raises(ValueError, match="file, word 2: control characters"):
        load_vectors(put(tmp_path, records([b"a", b"b\x01"], vectors, b"")))


# Without a header: the size.


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a 1 2\nb 3 4 5\n", "line 2: not a word and 2 numbers"),
        (b"a 1 2\nb 1 2\nc 1\n", "line 3: not a word and 2 numbers"),
        (b"a 1 2\nb 1 2\nc 1 2d 1 2\n", "line 3: not a word and 2 numbers"),  # a newline is missing
        (b"a 1 2\nb 1 2\nc nan 1 2\n", "line 3: not a word and 2 numbers"),
        (b"a 1 2\nb 1 2\nc 5. 1 2\n", "line 3: not a word and 2 numbers"),
        (b"the 30\nof 20\nand\n", "one number, as a vocabulary"),
        (b"a .1 .2\nb .1 .2\n1\tc .1 .2\n", "line 3: not a word and 2 numbers"),
        (b"2.0 2\na .1 .2\nb .1 .2\n", "line 1: not a word and 2 numbers"),
        (b"-2 2\na .1 .2\nb .1 .2\n", "line 1: not a word and 2 numbers"),
        (b"words 2\na .1 .2\nb .1 .2\n", "line 1: not a word and 2 numbers"),
        (b"words 2\na .1 .2\n", "line 1: not a word and 2 numbers"),
        (b"the 1061396\nof 593677\nand 416629\n", "one number, as a vocabulary"),
        (b"the 1061396\n", "one number, as a vocabulary"),
        (b"The town was founded in 1216\nand burnt down in 1523\n", "one number, as a vocabulary"),
        (b"The town was founded in 1216\nand burnt down later\n", "one number, as a vocabulary"),
        (b"the price was 3.5\nand then 4.5\n", "one number, as a vocabulary"),
        (b"1.0e+00 2.0e+00 3.0e+00\n4.0e+00 5.0e+00 6.0e+00\n", "numbers, not words, as those of a matrix"),
        (b"0.5\t2.5\n0.25\t1.5\n", "numbers, not words, as those of a matrix"),
        (b"  1.00  2.00\n -1.00  2.00\n", "numbers, not words, as those of a matrix"),
        (b"a text\nwith some lines\nof which one ends so 1 2\n", "no format that fastemb knows"),
        (b"5 3\n", "cannot hold the 5 vectors of size 3"),
    ],
)
def test_lines_that_are_not_words_and_vectors_are_refused(tmp_path, data, message):
    for limit in (None, 9):
        with pytest.raises(ValueError, match=f"file.*{message}"):
            load_vectors(put(tmp_path, data), limit=limit)
    packed = put(tmp_path, gzip.compress(data), "file.gz")
    with pytest.raises(ValueError, match=r"file\.gz"):
        load_vectors(packed)


@pytest.mark.parametrize(
    ("data", "size", "warning"),
    [
        (b"a 0.5\nb 0.25\n", 1, "one number each"),
        (b"1 2 3\n4 5 6\n", 2, "whole numbers, as those of a matrix"),
    ],
)
def test_doubtful_lines_are_read_with_a_warning(tmp_path, caplog, data, size, warning):
    assert load_vectors(put(tmp_path, data)).vector_size == size
    assert f"file: its {'vectors' if size == 1 else 'words'}" in caplog.text
    assert warning in caplog.text


def test_who_says_that_they_are_vectors_has_them_with_a_warning(tmp_path, caplog):
    vectors = KeyedVectors.load_word2vec_format(put(tmp_path, b"the 30\nof 20\n"), no_header=True)
    assert (vectors.index_to_key, vectors.vectors.tolist()) == (["the", "of"], [[30], [20]])
    assert "as a vocabulary with counts" in caplog.text
    assert KeyedVectors.load_word2vec_format(put(tmp_path, b"0.5 1 2\n"), no_header=True).index_to_key == ["0.5"]
    assert "as those of a matrix" in caplog.text


def test_words_with_spaces_have_as_many_numbers_as_the_others(tmp_path, caplog):
    data = b". . . .1 .2\nat name@example.org .3 .4\nthe .5 .6\nof .7 .8\n"
    for header in (b"", b"4 2\n"):
        assert load_vectors(put(tmp_path, header + data)).index_to_key == [". . .", "at name@example.org", "the", "of"]
    assert not caplog.records
    data = b"4 2\nwindows 95 .1 .2\na .3 .4\n\tb .5 .6\nc\td .7 .8\n"  # the header says the size
    vectors = load_vectors(put(tmp_path, data))
    assert vectors.index_to_key == ["windows 95", "a", "\tb", "c\td"]
    assert same_bits(vectors.vectors.ravel(), np.float32([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]))
    assert "3 words hold tabs, numbers, or nothing, the first b'windows 95' in line 2" in caplog.text


def test_odd_words_are_found_in_every_block(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(rows, "BLOCK", 1 << 10)
    lines = [b"w%d 1.5 2.5\n" % k for k in range(2000)]
    lines[1500] = b"w 1 1.5 2.5\n"
    with pytest.raises(ValueError, match="file, line 1501: not a word and 2 numbers"):
        load_vectors(put(tmp_path, b"".join(lines)), workers=3)
    assert len(load_vectors(put(tmp_path, b"2000 2\n" + b"".join(lines)), workers=3)) == 2000
    assert "1 words hold tabs, numbers, or nothing, the first b'w 1' in line 1502" in caplog.text


# Files of other programs.


@pytest.mark.parametrize("packed", [False, True])
def test_glove_with_a_header_has_one_word_more(tmp_path, caplog, packed):
    data = b"2 2\nthe .5 .25\nof 1 2\n<unk> 3 4\n"
    path = put(tmp_path, gzip.compress(data) if packed else data, "file.gz" if packed else "file")
    with caplog.at_level(logging.WARNING):
        vectors = load_vectors(path)
    assert vectors.index_to_key == ["the", "of", "<unk>"]
    assert vectors.vectors.tolist() == [[0.5, 0.25], [1, 2], [3, 4]]
    assert "<unk>, as Stanford's GloVe writes it, follows the 2 words of line 1" in caplog.text
    assert load_vectors(path, limit=2).index_to_key == ["the", "of"]
    assert load_vectors(path, limit=3).index_to_key == ["the", "of", "<unk>"]
    for rest, message in [(b"more 5 6\n", "goes on after the 2 words"), (b"<unk> 5 6\n", "goes on after")]:
        with pytest.raises(ValueError, match=message):
            load_vectors(put(tmp_path, data + rest))
    with pytest.raises(ValueError, match="line 4: not a word and 2 numbers"):
        load_vectors(put(tmp_path, b"2 2\nthe .5 .25\nof 1 2\n<unk> 3\n"))


def oldest_fasttext() -> bytes:
    """A model of the oldest format, without a magic number: two words, four buckets, vectors of size 3."""
    arguments = struct.pack("<12id", 3, 5, 5, 1, 5, 1, 2, 2, 4, 3, 6, 100, 1e-4)
    words = b"".join(word + b"\0" + struct.pack("<qb", 5, 0) for word in (b"a", b"b"))
    matrices = [struct.pack("<2q", count, 3) + np.ones((count, 3), "<f4").tobytes() for count in (6, 2)]
    return arguments + struct.pack("<3iq", 2, 2, 0, 10) + words + b"".join(matrices)


def test_the_oldest_format_of_fasttext_is_recognised(tmp_path):
    data = oldest_fasttext()
    path = put(tmp_path, data)
    assert recognise(path) == "facebook"
    assert same_bits(load_vectors(path).vectors, load_facebook_vectors(path).vectors)
    assert load_vectors(put(tmp_path, gzip.compress(data), "file.gz")).index_to_key == ["a", "b"]
    for length in range(0, len(data) - 60):
        with pytest.raises(ValueError, match="file"):
            load_vectors(put(tmp_path, data[:length]))


def test_files_of_floret_are_named(tmp_path):
    header = struct.pack("<2i", 793712314, 12)
    arguments = struct.pack("<14id", 4, 5, 5, 1, 5, 1, 2, 1, 10, 2, 3, 2, 2, 100, 1e-4)
    path = put(tmp_path, header + arguments + bytes(100))
    for read in (load_vectors, load_facebook_vectors):
        with pytest.raises(ValueError, match=r"file, byte 64: a model of floret"):
            read(path)
    with pytest.raises(ValueError, match="file: a table of floret's n-grams"):
        load_vectors(put(tmp_path, b"2 3 2 3 2 2166136261 < >\n0 .1 .2 .3\n1 .1 .2 .3\n"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"2 2\na 1 2\nb 3 4\n", "not a model of fastText but of the format 'word2vec'"),
        (b"a 1 2\nb 3 4\n" * 20, "not a model of fastText but of the format 'glove'"),
        (records([b"a"] * 9, np.ones((9, 5), np.float32), b""), "of the format 'word2vec-binary'"),
        (gzip.compress(bytes(100)), r"compressed, so its name must end in \.gz"),
        (b"some text of no format\n" * 20, "byte 56: not a model of fastText"),
    ],
)
def test_what_is_no_model_of_fasttext_is_said(tmp_path, data, message):
    with pytest.raises(ValueError, match=f"file.*{message}"):
        load_facebook_vectors(put(tmp_path, data))


def test_words_of_npz_in_other_encodings(tmp_path):
    np.savez(tmp_path / "file.npz", words=np.array([b"a", "Köln".encode("latin-1")]), vectors=np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"word 2 of .*file\.npz; see encoding"):
        load_vectors(tmp_path / "file.npz")
    assert load_vectors(tmp_path / "file.npz", encoding="latin-1").index_to_key == ["a", "Köln"]
    assert load_vectors(tmp_path / "file.npz", unicode_errors="ignore").index_to_key == ["a", "Kln"]


def test_the_reader_of_word2vec_files_warns_as_well(tmp_path, caplog):
    words, _ = word2vec.read_word2vec(put(tmp_path, b"2 1\na 1\nb 2 3\n"))
    assert words == ["a", "b 2"]
    assert "the first b'b 2' in line 3" in caplog.text


@pytest.mark.parametrize("limit", [1, 2])
def test_a_space_in_the_last_word_of_a_binary_file_is_noticed(tmp_path, caplog, limit):
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3) + 1
    path = put(tmp_path, records([b"a", b"new york"], vectors, b""))
    with pytest.raises(ValueError, match="goes on after the 2 words"):
        word2vec.read_word2vec(path, binary=True)
    keys, found = word2vec.read_word2vec(path, binary=True, limit=limit)
    assert keys == ["a", "new"][:limit]
    np.testing.assert_array_equal(found[0], vectors[0])
    assert ("if a word holds a space" in caplog.text) == (limit == 2)


def test_blanks_before_words_are_warned_of(tmp_path, caplog):
    path = put(tmp_path, b"2 3\n king .1 .2 .3\nqueen .4 .5 .6\n")
    keys, _ = word2vec.read_word2vec(path)
    assert keys == [" king", "queen"]
    assert "the first b' king' in line 2" in caplog.text


@given(
    fields=st.lists(
        st.sampled_from([b"1", b"-.5", b"1e5", b"inf", b"Infinity", b"nan", b"1.", b"1_0", b"e", b"+", b"\xff"])
    )
)
@example(fields=[b"w", b"1" * 50] * 2)
@example(fields=[b"w", *[b"123456"] * 50, b"x"])
def test_numbers_of_a_line_are_counted_from_its_end(fields):
    for blank, start, end in itertools.product((b" ", b"\t", b"  "), (b"", b" "), (b"", b" \r")):
        size = next(
            (k for k, field in enumerate(reversed(fields)) if not evidence.NUMBER.fullmatch(field)), len(fields)
        )
        most = len(fields) - (not start)
        assert evidence.numbers_in(start + blank.join(fields) + end) == max(min(size, most), 0)


def test_peeking_at_a_small_file_shows_all_of_it(tmp_path):
    (tmp_path / "file").write_bytes(b"first\nsecond\n")
    with Source(tmp_path / "file") as source:
        assert [source.peek(count) for count in (3, 100, 0, 5)] == [b"fir", b"first\nsecond\n", b"", b"first"]
        assert source.line(100) == b"first\n"
        assert source.peek(1 << 20) == b"second\n"
        assert source.read(block := bytearray(10), 0, 10) == 7
        assert (block[:7], source.peek(10)) == (b"second\n", b"")
