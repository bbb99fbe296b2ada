"""load_vectors, convert, and the golden files: every format in, every format out, and what is damaged refused."""

import bz2
import gzip
import lzma
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import same_bits, same_folder
from hypothesis import given
from hypothesis import strategies as st

from fastemb import KeyedVectors, load_vectors
from fastemb.cli import main
from fastemb.formats import npz, rows, word2vec
from fastemb.formats.gensim import read_gensim
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.files import FORMATS, save_vectors

GOLDEN = Path(__file__).parent / "golden"
WORDS = ["the", "Köln", "東京"]
PACKERS = [(gzip, ".gz"), (bz2, ".bz2"), (lzma, ".xz")]
VECTORS = np.array([[1.5, -2, 0.1], [3.4e38, 1 / 3, -0.0], [7, 1e-45, -1e9]], np.float32)


def put(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def example() -> KeyedVectors:
    return KeyedVectors.from_arrays(WORDS, VECTORS.copy(), {"count": np.array([9, 5, 2])})


WHOLE = ["word2vec.txt", "word2vec.bin", "word2vec.txt.xz", "vectors.kv", "beside.kv", "python2.kv", "vectors.npz"]


@pytest.mark.parametrize("name", [*WHOLE, "model.gensim", "native.fastemb"])
def test_golden_files(name):
    vectors = load_vectors(GOLDEN / name)
    order = [vectors.key_to_index[word] for word in WORDS]
    assert len(vectors) == 3
    assert same_bits(vectors.vectors[order], VECTORS)


@pytest.mark.parametrize("name", ["vectors.kv", "beside.kv", "native.fastemb", "python2.kv"])
def test_golden_counts(name):
    assert load_vectors(GOLDEN / name).expandos["count"].tolist() == [9, 5, 2]


def test_golden_glove_has_words_with_spaces():
    vectors = load_vectors(GOLDEN / "glove.txt")
    assert vectors.index_to_key == [". . .", "at name@example.org", "the"]
    assert same_bits(vectors.vectors, np.array([[0.1, -2e-3, 3], [4, 5, 6], [1, 2.5, -0.25]], np.float32))


def test_golden_vec_has_spaces_at_the_ends_of_lines():
    vectors = load_vectors(GOLDEN / "fasttext.vec")
    assert vectors.index_to_key == ["the", "of"]
    assert same_bits(vectors.vectors, np.array([[0.1, -2e-3, 3], [1, 2.5, -0.25]], np.float32))


# Round trips.


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "projector"])
def test_every_format_comes_back(tmp_path, kind):
    save_vectors(example(), tmp_path / "file", kind)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    loaded = load_vectors(tmp_path / "file")
    assert loaded.index_to_key == WORDS
    assert same_bits(loaded.vectors, VECTORS)
    assert load_vectors(tmp_path / "file", limit=2).index_to_key == WORDS[:2]
    assert same_bits(load_vectors(tmp_path / "file", limit=2)["the"], VECTORS[0])
    with pytest.raises(ValueError, match="limit"):
        load_vectors(tmp_path / "file", limit=-1)
    if kind in ("native", "npz"):
        assert loaded.expandos["count"].tolist() == [9, 5, 2]


@pytest.mark.parametrize("name", ["file.npz", "file"])
def test_the_first_vectors_come_with_their_locks_and_without_the_others(tmp_path, name):
    vectors = KeyedVectors.from_arrays(WORDS, VECTORS)
    vectors.vectors_lockf = np.arange(len(WORDS), dtype=np.float32)
    save_vectors(vectors, tmp_path / name)
    first = load_vectors(tmp_path / name, limit=2, mmap=False)
    np.testing.assert_array_equal(first.vectors_lockf, [0, 1])
    np.testing.assert_array_equal(first.vectors, VECTORS[:2])
    assert first.vectors.base is None  # else those of the other words would stay in memory


@pytest.mark.parametrize("packed", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "v.npz", "v.fastemb"])
def test_packed_files_come_back(tmp_path, name, packed):
    if packed == ".zst":
        pytest.importorskip("zstandard")
    save_vectors(example(), tmp_path / (name + packed))
    assert (tmp_path / (name + packed)).read_bytes()[:1] in (b"\x1f", b"B", b"\xfd", b"\x28")
    assert same_bits(load_vectors(tmp_path / (name + packed)).vectors, VECTORS)


@pytest.mark.parametrize(("module", "extension"), PACKERS)
def test_others_unpack_our_files(tmp_path, module, extension):
    save_vectors(example(), tmp_path / "plain.txt")
    save_vectors(example(), tmp_path / f"packed.txt{extension}")
    assert (
        module.decompress((tmp_path / f"packed.txt{extension}").read_bytes()) == (tmp_path / "plain.txt").read_bytes()
    )


def many(count: int, size: int) -> tuple[list[str], np.ndarray]:
    draw = np.random.default_rng(count)
    words = [f"w{'x' * int(draw.integers(20))}{k}" for k in range(count)]
    return words, draw.standard_normal((count, size), np.float32)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("workers", [1, 3])
def test_files_of_several_blocks(tmp_path, monkeypatch, binary, packed, workers):
    monkeypatch.setattr(rows, "BLOCK", 1 << 12)
    monkeypatch.setattr(word2vec, "BLOCK", 1 << 12)
    words, vectors = many(3000, 20)
    path = tmp_path / f"file{packed}"
    word2vec.write_word2vec(path, words, vectors, binary=binary, workers=workers)
    for dtype in (np.float32, np.float64):
        found, read = word2vec.read_word2vec(path, binary=binary, workers=workers, dtype=dtype)
        assert found == words
        assert same_bits(read.astype(np.float32), vectors)
    found, read = word2vec.read_word2vec(path, binary=binary, workers=workers, limit=2001)
    assert found == words[:2001]
    assert same_bits(read, vectors[:2001])


def test_first_bad_line_is_named_whichever_thread_finds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "BLOCK", 1 << 10)
    words, vectors = many(2000, 5)
    word2vec.write_word2vec(tmp_path / "whole", words, vectors, header=False)
    lines = (tmp_path / "whole").read_bytes().splitlines(keepends=True)
    for bad in (1999, 1200, 700, 1):
        lines[bad] = b"bad 1 2 x 4 5\n"
        with pytest.raises(ValueError, match=f"file, line {bad + 1}: not a word and 5 numbers"):
            word2vec.read_word2vec(put(tmp_path, b"".join(lines)), header=False, workers=4)


def test_lines_longer_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "BLOCK", 1 << 10)
    words, vectors = many(30, 2000)
    word2vec.write_word2vec(tmp_path / "file", words, vectors)
    found, read = word2vec.read_word2vec(tmp_path / "file", workers=3)
    assert found == words
    assert same_bits(read, vectors)


def test_text_of_doubles_keeps_all_their_digits(tmp_path):
    vectors = np.array([[1 / 3, 1e-300], [1e16, -0.1]])
    word2vec.write_word2vec(tmp_path / "file", "ab", vectors)
    assert same_bits(word2vec.read_word2vec(tmp_path / "file", dtype=np.float64)[1], vectors)


def test_repeated_words_are_taken_once(tmp_path, caplog):
    vectors = KeyedVectors.load_word2vec_format(put(tmp_path, b"4 1\na 1\nb 2\na 3\nc 4\n"))
    assert vectors.index_to_key == ["a", "b", "c"]
    assert vectors.vectors.ravel().tolist() == [1, 2, 4]
    assert "1 words occur again" in caplog.text


def test_append_and_total(tmp_path):
    vectors = example()
    vectors.save_word2vec_format(tmp_path / "file", total_vec=6)
    vectors.save_word2vec_format(tmp_path / "file", write_header=False, append=True, prefix="b_")
    assert load_vectors(tmp_path / "file").index_to_key == WORDS + ["b_" + word for word in WORDS]


def test_append_that_fails_leaves_the_file(tmp_path):
    path = put(tmp_path, b"old")
    vectors = KeyedVectors.from_arrays(["a", "\ud800"], np.ones((2, 1), np.float32))
    with pytest.raises(UnicodeEncodeError):
        vectors.save_word2vec_format(path, append=True)
    assert path.read_bytes() == b"old"


def test_native_vectors_are_mapped_and_changes_stay_in_memory(tmp_path):
    example().save(tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    vectors = load_vectors(tmp_path / "file")
    assert type(vectors.vectors) is np.ndarray
    assert not vectors.vectors.flags.owndata
    vectors.vectors[0] = 5
    vectors["the"] = [1, 2, 3]
    assert vectors["the"].tolist() == [1, 2, 3]
    assert (tmp_path / "file").read_bytes() == before
    with pytest.raises(ValueError, match="read-only"):
        KeyedVectors.load(tmp_path / "file", mmap="r").vectors[0] = 1


def test_projector(tmp_path):
    save_vectors(example(), tmp_path / "v.tsv")
    assert (tmp_path / "v.metadata.tsv").read_text("utf-8").split() == WORDS
    assert np.array_equal(np.loadtxt(tmp_path / "v.tsv", np.float32), VECTORS)


def test_words_of_a_packed_projector_are_packed_beside_it(tmp_path):
    save_vectors(example(), tmp_path / "v.tsv.gz")
    assert gzip.decompress((tmp_path / "v.metadata.tsv.gz").read_bytes()).decode().split() == WORDS
    assert sorted(os.listdir(tmp_path)) == ["v.metadata.tsv.gz", "v.tsv.gz"]


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.npz", "v.tsv", "v"])
def test_vectors_of_tags_that_are_numbers_are_written(tmp_path, name):
    tags = TagVectors.of(3, [], VECTORS.copy(), {}, "here")
    save_vectors(tags, tmp_path / name)
    if name == "v.tsv":
        assert (tmp_path / "v.metadata.tsv").read_text().split() == ["0", "1", "2"]
    else:
        found = load_vectors(tmp_path / name)
        assert list(map(int, found.index_to_key)) == [0, 1, 2]
        assert same_bits(found.vectors, VECTORS)


def test_convert(tmp_path, capsys):
    assert main(["convert", str(GOLDEN / "word2vec.bin"), str(tmp_path / "v.txt"), "--limit", "2"]) == 0
    assert load_vectors(tmp_path / "v.txt").index_to_key == WORDS[:2]
    assert main(["convert", str(tmp_path / "v.txt"), str(tmp_path / "v"), "--to", "glove"]) == 0
    assert (tmp_path / "v").read_text("utf-8").startswith("the 1.5 -2.0 0.1\n")
    for content, message in [(b"", "file: empty"), (b"a inf\n", "file, line 1: the vector of 'a'")]:
        assert main(["convert", str(put(tmp_path, content)), str(tmp_path / "w")]) == 1
        assert message in capsys.readouterr().err
        assert not (tmp_path / "w").exists()
    assert main(["convert", str(tmp_path / "file"), str(tmp_path / "w.txt"), "--not-finite"]) == 0
    assert (tmp_path / "w.txt").read_text() == "1 1\na inf\n"


# With gensim.


@pytest.fixture
def theirs():
    return pytest.importorskip("gensim", reason="needs gensim").models.KeyedVectors


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.txt.gz"])
def test_gensim_reads_our_files(tmp_path, theirs, name):
    save_vectors(example(), tmp_path / name)
    loaded = theirs.load_word2vec_format(str(tmp_path / name), binary="bin" in name)
    assert loaded.index_to_key == WORDS
    assert same_bits(loaded.vectors, VECTORS)
    ours = load_vectors(tmp_path / name)
    assert ours.expandos["count"].tolist() == loaded.expandos["count"].tolist()


def test_our_text_is_that_of_gensim(tmp_path, theirs):
    words, matrix = many(200, 10)
    vectors = theirs(10)
    vectors.add_vectors(words, matrix)
    vectors.save_word2vec_format(str(tmp_path / "theirs"))
    KeyedVectors.from_arrays(words, matrix).save_word2vec_format(tmp_path / "ours")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_limits_and_counts_are_those_of_gensim(tmp_path, theirs):
    path = put(tmp_path, b"4 1\na 1\nb 2\na 3\nc 4\n")
    counts = put(tmp_path, b"a 9\nb 8\nc 7\n", "counts")
    for options in ({}, {"limit": 2}, {"limit": 3}, {"limit": 0}, {"fvocab": str(counts)}):
        want = theirs.load_word2vec_format(str(path), **options)
        got = KeyedVectors.load_word2vec_format(path, **options)
        assert got.index_to_key == [key for key in want.index_to_key if key is not None]  # places of repeated words
        assert got.expandos["count"].tolist() == want.expandos["count"].tolist()[: len(got)]
        assert same_bits(got.vectors, want.vectors[: len(got)])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("apart", [1, 10**9])
def test_what_gensim_saves_is_read(tmp_path, theirs, protocol, apart):
    vectors = theirs(3)
    vectors.add_vectors(WORDS, VECTORS)
    vectors.set_vecattr("the", "count", 4)
    vectors.save(str(tmp_path / "file"), sep_limit=apart, pickle_protocol=protocol)
    loaded = load_vectors(tmp_path / "file")
    assert loaded.index_to_key == WORDS
    assert same_bits(loaded.vectors, VECTORS)
    assert loaded.expandos["count"].tolist() == [4, 0, 0]
    assert loaded.vectors.flags.writeable


# Bad input.


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ": empty"),
        (bytes(100), "no format that fastemb knows"),
        (b"hello world\n", "no format that fastemb knows"),
        (b"\xba\x16\x4f\x2f" + bytes(50), "a fastText file of version 0"),
        (b"PK\x03\x04" + bytes(50), "not a file of NumPy's arrays"),
        (b"\x1f\x8b\x08", "name must end in .gz"),
        (b"1000000000000000 300\na 1 2\n", "cannot hold the 1000000000000000 vectors"),
        (b"1 1000000000000000\na 1 2\n", "cannot hold the 1 vectors of size 1000000000000000"),
        (b"2 2\na 1 2\nb 3 4\nc 5 6\n", "goes on after the 2 words.*limit=2"),
        (b"3 2\na 1.0 2.0\nb 3.0 4.0\n", "cut short: it ends after 2 of 3 words"),
        (b"a 1 2\nb 1\nc 1 2\n", "line 2: not a word and 2 numbers"),
        (b"a 1 2\n\nc 1 2\n", "line 2: empty"),
        (b"a 1 2\nb 1 2_0\n", "line 2: not a word and 2 numbers"),
        (b"2 2\na 1 2\nb nan 2\n", "line 3: the vector of 'b' holds NaN"),
    ],
)
def test_bad_files_are_refused(tmp_path, data, message):
    with pytest.raises(ValueError, match=rf"file.*{message}"):
        load_vectors(put(tmp_path, data))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(PermissionError if os.name == "nt" else IsADirectoryError, match=tmp_path.name):
        load_vectors(tmp_path)


@pytest.mark.parametrize("header", [b"1000000000000000 300\n", b"1 1000000000000\n", b"5 67108864\n"])
def test_packed_header_that_lies_allocates_nothing(tmp_path, header):
    path = put(tmp_path, gzip.compress(header + b"a 1 2 3\n"), "file.gz")
    with pytest.raises(ValueError, match=r"file\.gz"):
        word2vec.read_word2vec(path)
    with pytest.raises(ValueError, match=r"file\.gz"):
        word2vec.read_word2vec(path, binary=True)


@pytest.mark.parametrize(("module", "extension"), PACKERS)
def test_packed_files_cut_anywhere_are_refused(tmp_path, module, extension):
    data = module.compress((GOLDEN / "word2vec.txt").read_bytes())
    for length in range(1, len(data) - 1):
        with pytest.raises(ValueError, match="file"):
            load_vectors(put(tmp_path, data[:length], f"file{extension}"))


def test_over_long_binary_is_refused(tmp_path):
    data = (GOLDEN / "word2vec.bin").read_bytes()
    with pytest.raises(ValueError, match="goes on after the 3 words"):
        load_vectors(put(tmp_path, data + b"more"))
    assert len(load_vectors(put(tmp_path, data + b"more"), limit=3)) == 3


class Harm:
    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_code_in_a_pickle_is_refused(tmp_path, protocol):
    with pytest.raises(ValueError, match=r"file: .*asks for .*mkdir"):
        load_vectors(put(tmp_path, pickle.dumps(Harm(tmp_path / "harm"), protocol)))
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x02cnumpy\nload\n.",
        b"\x80\x02cgensim.models.keyedvectors\nKeyedVectors.load\n.",
        b"\x80\x04\x8c\x08builtins\x8c\x04open\x93.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"\x80\x04]\x94.",
        b"\x80\x02]r\xff\xff\xff\x7f.",  # memo 2³¹ - 1
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00].",  # a frame of 2⁴⁰ bytes
        b"\x80\x04\x8e\x00\x00\x00\x00\x00\x01\x00\x00a.",  # 2⁴⁰ bytes
        b"\x80\x02cnumpy\ndtype\nX\x01\x00\x00\x00V\x85R.",
        b"\x80\x02})" + b"\x85" * 1_000_000 + b"K\x01s.",  # hashing such a key would end the process
        b"\x80\x04})" + b"\x94h\x00\x850" * 100 + b"\x85" * 1_000_000 + b"K\x01s.",
        b"\x80\x04})\x94" + b"(h\x00tq\x00" * 300_000 + b"K\x01s.",  # each holds the memo of the one before
        b"ccopy_reg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR.",
        b"ccopy_reg\n_reconstructor\np2147483647\n.",  # memo 2³¹ - 1
        b"ccopy_reg\n_reconstructor\np-1\n.",
        b"\x80\x02s.",
        b"\x80\x02t.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R(K\x01K\x05\x85cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85R\x89C\x01atb.",
    ],
)
def test_other_pickles_are_refused(tmp_path, data):
    with pytest.raises(ValueError, match="file: "):
        load_vectors(put(tmp_path, data))


@pytest.mark.parametrize(
    "value", [b"K\x05", b"X\x03\x00\x00\x00abc", b"cgensim.models.keyedvectors\nKeyedVectors\n)\x81"]
)
def test_a_list_of_files_that_is_none_is_refused(tmp_path, value):
    member = b"X\x08\x00\x00\x00__numpys" + value
    data = b"\x80\x02cgensim.models.keyedvectors\nKeyedVectors\n)\x81}(" + member + b"ub."
    with pytest.raises(ValueError, match="file: damaged: its list of files is not one"):
        load_vectors(put(tmp_path, data))


def test_files_beside_a_pickle_have_plain_names(tmp_path):
    for name in ("vectors.kv", "beside.kv", "beside.kv.vectors.npy"):
        shutil.copy(GOLDEN / name, tmp_path / name)
    data = (tmp_path / "beside.kv").read_bytes()
    (tmp_path / "beside.kv").write_bytes(data.replace(b"\x8c\x07vectors", b"\x8c\x07../a/b/"))
    with pytest.raises(ValueError, match="its list of files"):
        read_gensim(tmp_path / "beside.kv")
    (tmp_path / "beside.kv").write_bytes(data)
    (tmp_path / "beside.kv.vectors.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"beside\.kv\.vectors\.npy"):
        load_vectors(tmp_path / "beside.kv")


def test_npz_of_others(tmp_path):
    words, vectors = np.array(["a", "b", "a"]), np.asfortranarray([[1, 2], [3, 4], [5, 6.0]])
    np.savez(tmp_path / "file.npz", words=words, vectors=vectors)
    loaded = load_vectors(tmp_path / "file.npz")
    assert loaded.key_to_index == {"a": 0, "b": 1}
    assert loaded.vectors.tolist() == [[1, 2], [3, 4]]
    np.savez(tmp_path / "file.npz", words=words, vectors=np.where(vectors > 3, np.nan, 1.0))
    with pytest.raises(ValueError, match=r"file\.npz, row 1: the vector of 'b' holds NaN"):
        load_vectors(tmp_path / "file.npz")
    assert np.isnan(load_vectors(tmp_path / "file.npz", check_finite=False)["b"]).any()


def test_an_array_without_words_is_refused_with_what_reads_it(tmp_path):
    np.save(tmp_path / "file.npy", np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"file\.npy: an array of NumPy's, without words\. numpy\.load\(\) reads it"):
        load_vectors(tmp_path / "file.npy")


@pytest.mark.parametrize("read", [load_vectors, KeyedVectors.load_word2vec_format])
def test_the_type_of_numbers_is_given_once(tmp_path, read):
    (tmp_path / "file").write_text("1 2\na 1 2\n")
    with pytest.raises(TypeError, match=r"dtype='float16' and datatype='float64' are two names of one thing: give one"):
        read(tmp_path / "file", dtype="float16", datatype="float64")
    for options in ({"dtype": "float16"}, {"datatype": "float16"}):
        assert read(tmp_path / "file", **options).vectors.dtype == np.float16
    assert read(tmp_path / "file").vectors.dtype == np.float32


def test_npz_with_objects_or_a_bomb_is_refused(tmp_path):
    np.savez(tmp_path / "file.npz", a=np.array([{}], object))
    with pytest.raises(ValueError, match="objects"):
        npz.read_npz(tmp_path / "file.npz")
    with zipfile.ZipFile(tmp_path / "file.npz", "w") as archive:
        archive.writestr(
            "a.npy", b"\x93NUMPY\x01\x00\x40\x00{'descr':'<f4','fortran_order':False,'shape':(1000000000000,)}  \n"
        )
    with pytest.raises(ValueError, match="shape"):
        npz.read_npz(tmp_path / "file.npz")
    np.savez(tmp_path / "file.npz", a=np.ones(3), b=np.ones((3, 3)))
    with pytest.raises(ValueError, match="arrays a, b"):
        load_vectors(tmp_path / "file.npz")


NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix not in (".py", ".npy"))


@pytest.mark.parametrize("name", NAMES)
@same_folder
@given(data=st.data())
def test_golden_files_with_changed_bytes_are_read_or_refused(tmp_path, name, data):
    content = bytearray((GOLDEN / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = put(tmp_path, bytes(content[: data.draw(st.integers(0, len(content)))]), name)
    try:
        vectors = load_vectors(path)
    except (ValueError, FileNotFoundError) as error:
        message = str(error)
    else:
        assert len(vectors) == len(vectors.vectors)
        return
    assert name in message
