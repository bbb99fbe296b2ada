"""Files that ask for more than they are: refused, or read at a cost that their size bounds."""

import gzip
import io
import json
import lzma
import pickle
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from peak import COPIES, MARGIN, UNDER_SANITIZERS, allowed, is_mapped, read_in_child
from peak import FACTOR as FILES_FACTOR

from fastemb import FastText, KeyedVectors, Word2Vec, load_vectors
from fastemb.formats.native import read_native, write_native
from fastemb.formats.pickles import FACTOR
from fastemb.models.fasttext import load_facebook_vectors
from fastemb.models.files import save_vectors

SIZES = 4, 8
MIB = 1 << 20


def vectors(words=SIZES[0], size=SIZES[1]):
    return KeyedVectors.from_arrays([f"w{k}" for k in range(words)], np.ones((words, size), np.float32))


def native(path, entries, data, metadata=None):
    """A file with this header."""
    header = json.dumps(({"__metadata__": metadata} if metadata else {}) | entries).encode()
    header += b" " * (-(8 + len(header)) % 64)
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)
    return path


def place(shape, begin, end, dtype="U8"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


# Mapped files.

HOLD = """
import resource, sys
import fastemb
from fastemb.models.fasttext import load_facebook_vectors
models = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (models + 100, models + 100))
held = [{"native": fastemb.load_vectors, "facebook": lambda path: load_facebook_vectors(path, mmap="r"),
    "model": lambda path: fastemb.FastText.load(path, mmap="r")}[sys.argv[2]](sys.argv[1]) for _ in range(models)]
"""


@pytest.mark.parametrize(("kind", "models"), [("native", 600), ("facebook", 150), ("model", 150)])
def test_600_models_are_mapped_with_700_descriptors(tmp_path, kind, models):
    from fastemb import FastText

    model = FastText([["the", "cat"]] * 5, vector_size=4, min_count=1, bucket=70_000)  # small files are read
    path = tmp_path / "file"
    if kind == "facebook":
        from fastemb.models.fasttext import save_facebook_model

        save_facebook_model(model, path)
    else:
        model.save(path)
    done = subprocess.run([sys.executable, "-c", HOLD, str(path), kind, str(models)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.version_info < (3, 13) or sys.platform == "win32", reason="mappings keep the file open")
def test_a_mapped_file_takes_no_descriptor(tmp_path):
    import os

    vectors().save(tmp_path / "file")
    before = len(os.listdir("/dev/fd"))
    held = load_vectors(tmp_path / "file", mmap="r")
    assert len(os.listdir("/dev/fd")) == before
    assert held["w0"][0] == 1


def test_every_loader_that_maps_can_be_told_not_to(tmp_path):
    from fastemb import FastText
    from fastemb.models.fasttext import load_facebook_model, save_facebook_model

    model = FastText([["the", "cat"]] * 5, vector_size=4, min_count=1, bucket=70_000)  # small files are read
    model.save(tmp_path / "model")
    model.wv.save(tmp_path / "vectors")
    save_facebook_model(model, tmp_path / "facebook")
    for name in ("vectors", "facebook", "model"):
        assert is_mapped(load_vectors(tmp_path / name, mmap=None).vectors_vocab)
        assert is_mapped(load_vectors(tmp_path / name, mmap="r").vectors_vocab)
        assert not is_mapped(load_vectors(tmp_path / name, mmap=False).vectors_vocab)
        with pytest.raises(ValueError, match="mmap must be"):
            load_vectors(tmp_path / name, mmap="w")
    assert is_mapped(KeyedVectors.load(tmp_path / "vectors").vectors_vocab)
    assert not is_mapped(KeyedVectors.load(tmp_path / "vectors", mmap=False).vectors_vocab)
    assert not is_mapped(FastText.load(tmp_path / "model", mmap=False).wv.vectors_vocab)
    assert not is_mapped(load_facebook_vectors(tmp_path / "facebook", mmap=False).vectors_vocab)
    assert not is_mapped(load_facebook_model(tmp_path / "facebook", mmap=False).wv.vectors_vocab)


def test_what_is_read_and_not_mapped_survives_a_file_overwritten_in_place(tmp_path):
    path = tmp_path / "file"
    vectors(40_000).save(path)  # small files are read in any case
    held = load_vectors(path, mmap=False)
    path.write_bytes(b"")
    assert held["w0"].tolist() == [1] * 8


# The native layout.


def test_arrays_that_overlap_are_refused(tmp_path):
    data = bytes(MIB)
    path = native(tmp_path / "file", {f"a{k}": place([len(data)], 0, len(data)) for k in range(3000)}, data)
    said = read_in_child(path, "read_native(path)").said
    assert "overlap" in said


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([(0, 4), (2, 6)], "overlap"),
        ([(0, 4), (8, 12)], "gaps"),
        ([(4, 8)], "gaps"),
        ([(0, 4), (0, 4)], "overlap"),
    ],
)
@pytest.mark.parametrize("mmap", [False, "r"])
def test_arrays_lie_one_behind_the_other(tmp_path, places, said, mmap):
    entries = {f"a{k}": place([4], *ends) for k, ends in enumerate(places)}
    path = native(tmp_path / "file", entries, bytes(max(end for _, end in places)))
    with pytest.raises(ValueError, match=f"file: .*{said}"):
        read_native(path, mmap=mmap)


def test_arrays_may_be_named_in_another_order_than_they_lie_in(tmp_path):
    entries = {"b": place([2], 4, 6), "empty": place([0, 7], 4, 4), "a": place([1], 0, 4, "F32")}
    arrays, _ = read_native(native(tmp_path / "file", entries, struct.pack("<f2B", 1.5, 7, 9)))
    assert arrays["a"].tolist() == [1.5]
    assert arrays["b"].tolist() == [7, 9]
    assert arrays["empty"].shape == (0, 7)


@pytest.mark.parametrize(
    "shape", [[10**4299] * 400, [2**63], [1] * 33, [2**62] * 32 + [0], [-1], [1.0], [True], "4", None]
)
def test_sizes_are_bounded_before_they_are_multiplied(tmp_path, shape, monkeypatch):
    monkeypatch.setattr("math.prod", lambda numbers: check_small(numbers))
    path = native(tmp_path / "file", {"a": {"dtype": "U8", "shape": shape, "data_offsets": [0, 1]}}, b"1")
    with pytest.raises(ValueError, match="file: not a fastemb file: its header is damaged"):
        read_native(path)


def check_small(numbers):
    product = 1
    for number in numbers:
        product *= number
    assert product.bit_length() <= 32 * 64
    return product


def test_a_header_of_millions_of_values_is_refused(tmp_path):
    path = tmp_path / "file"
    text = b'{"a":[' + b"{}," * 3_000_000 + b"{}]}"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    assert "more than 500000 values" in read_in_child(path, "read_native(path)", factor=3).said
    with pytest.raises(ValueError, match="more than 500000 values"):
        write_native(tmp_path / "other", {}, {"comment": "," * 500_001})
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("checksums", ["[]", "1", "null", "{", '{"a":"x"}'])
def test_checksums_that_are_none_are_refused(tmp_path, checksums):
    path = tmp_path / "file"
    metadata = {"format": "fastemb 2", "checksums": checksums}
    header = {"__metadata__": metadata, "a": place([1], 0, 1)}
    metadata["checksum"] = str(zlib.crc32(json.dumps(header, separators=(",", ":")).encode()))
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"1")
    with pytest.raises(ValueError, match="file: "):
        read_native(path)


# Pickles.


def mark(*parts):
    """A pickle of an object of gensim's with these opcodes before it, whose results are left on the stack."""
    return b"\x80\4(" + b"".join(parts) + b"l0cgensim.models.keyedvectors\nKeyedVectors\n)\x81."


def short(text):
    return b"\x8c" + bytes([len(text)]) + text


ENCODE = b"c_codecs\nencode\n\x94"  # memo 0
TEXT = b"X" + struct.pack("<I", MIB) + b"a" * MIB + b"\x94"
LATIN = short(b"latin1") + b"\x94"


def test_calls_that_copy_what_is_there_are_counted(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(mark(ENCODE, TEXT, LATIN, b"h\0h\1h\2\x86R" * 3000))
    assert "not vectors that gensim saved" in read_in_child(path, "KeyedVectors.load(path)").said


def test_arrays_made_of_what_is_there_are_counted(tmp_path):
    path = tmp_path / "file"
    dtype = b"cnumpy\ndtype\nC\2u1\x85R\x94"  # memo 0
    data = b"B" + struct.pack("<I", MIB) + b"a" * MIB + b"\x94"
    shape = b"J" + struct.pack("<i", MIB) + b"\x85\x94"
    of_buffer = b"cnumpy.core.numeric\n_frombuffer\n\x94"
    path.write_bytes(mark(dtype.replace(b"C\2u1", short(b"u1")), data, shape, of_buffer, short(b"C") + b"\x94",
                          b"h\3(h\1h\0h\2h\4tR" * 3000))  # fmt: skip
    assert "not vectors that gensim saved" in read_in_child(path, "KeyedVectors.load(path)").said


def test_lists_of_lists_of_objects_stay_what_they_are(tmp_path):
    """NumPy would make one array of all, of as many numbers as their lengths multiplied."""
    path = tmp_path / "file"
    array = b"cnumpy.core.multiarray\n_reconstruct\n)R"
    dtype = b"cnumpy\ndtype\n" + short(b"O8") + b"\x85R"
    lists = b"](" + b"K\1" * 300 + b"e\x94" + b"](" + b"h\0" * 1000 + b"e\x94" + b"](" + b"h\1" * 1000 + b"e\x94"
    path.write_bytes(mark(lists, array, b"(K\1M\xe8\3\x85", dtype, b"\x89h\2tb"))
    assert "it has no words" in read_in_child(path, "KeyedVectors.load(path)").said


def test_arrays_of_objects_that_are_there_are_counted(tmp_path):
    path = tmp_path / "file"
    function = b"cnumpy.core.multiarray\n_reconstruct\n\x94"  # memo 0
    dtype = b"cnumpy\ndtype\n" + short(b"O8") + b"\x85R\x94"
    items = b"](" + b"K\1" * 100_000 + b"e\x94"
    shape = b"J" + struct.pack("<i", 100_000) + b"\x85\x94"
    path.write_bytes(mark(function, dtype, items, shape, b"h\0)R(K\1h\3h\1\x89h\2tb" * 3000))
    assert "not vectors that gensim saved" in read_in_child(path, "KeyedVectors.load(path)").said


@pytest.mark.parametrize("code", [b"\x8f", b"]", b"}", b"(\x91"])
def test_containers_without_end_are_refused(tmp_path, code):
    path = tmp_path / "file"
    path.write_bytes(mark(code * 4_000_000))
    assert "makes far more than it has bytes" in read_in_child(path, "KeyedVectors.load(path)").said


def test_names_without_end_are_refused(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(mark(b"".join(b"cm\n%x\n" % k for k in range(200_000))))
    assert "not vectors that gensim saved" in read_in_child(path, "KeyedVectors.load(path)").said


@pytest.mark.parametrize(
    "function",
    [b"cnumpy\nndarray\n", b"c_codecs\nencode\n", b"cnumpy\ndtype\n", b"ccopy_reg\n_reconstructor\n",
     b"cnumpy.core.multiarray\nscalar\n", b"cbuiltins\nint\n"],
)  # fmt: skip
@pytest.mark.parametrize("state", [b"}" + short(b"x") + b"K\1s", b"N}" + short(b"x") + b"K\1s\x86"])
def test_functions_and_classes_of_the_unpickler_cannot_be_changed(tmp_path, function, state):
    from fastemb.formats import pickles

    path = tmp_path / "file"
    path.write_bytes(mark(function + state + b"b"))
    before = {name: dict(vars(kind)) for name, kind in vars(pickles).items() if isinstance(kind, type)}
    functions = [value for kind in before.values() for value in kind.values() if callable(value)]
    with pytest.raises(ValueError, match="file: "):
        KeyedVectors.load(path)
    assert {name: dict(vars(kind)) for name, kind in vars(pickles).items() if isinstance(kind, type)} == before
    assert not any(getattr(value, "__dict__", {}).get("x") for value in functions)


def test_pickles_as_gensim_writes_them_are_far_below_the_limit():
    from fastemb.kernels.pickled import first_excess

    words = {f"{k:x}": k for k in range(100_000)}
    for protocol in range(2, 6):
        data = pickle.dumps((list(words), words), protocol)
        place, made = first_excess(data, 1 << 60)
        assert place == -1
        assert made < FACTOR * len(data) / 3


def test_an_array_beside_a_pickle_cannot_promise_more_than_it_has(tmp_path):
    from pathlib import Path
    from shutil import copy

    for file in (Path(__file__).parent / "golden").glob("gensim-4.4*"):
        copy(file, tmp_path)
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(array, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**9)})
    (tmp_path / "gensim-4.4.model.wv.vectors.npy").write_bytes(array.getvalue())
    for mmap in (None, "r"):
        with pytest.raises(ValueError, match=r"gensim-4.4.model.wv.vectors.npy: damaged"):
            KeyedVectors.load(tmp_path / "gensim-4.4.model", mmap=mmap)


# Packed files.


def packed(start, more, count, module=lzma):
    """A file of these bytes and `count` times `more`, packed as fast as can be."""
    stream = io.BytesIO()
    with module.open(stream, "wb", **({"preset": 0} if module is lzma else {"compresslevel": 1})) as file:
        file.write(start)
        for _ in range(count):
            file.write(more)
    return stream.getvalue()


READERS = {
    "native": (b"\x38\0\0\0\0\0\0\0" + b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'.ljust(56),
               "load_vectors(path)"),
    "facebook": (struct.pack("<2i12id3iqq", 793712314, 12, 4, 5, 5, 1, 5, 1, 2, 2, 2, 3, 6, 100, 1e-4, 1, 1, 0, 9, -1),
                 "load_facebook_vectors(path)"),
    "pickle": (b"\x80\4B\xff\xff\xff\x70", "load_vectors(path)"),
    "npz": (b"PK\3\4", "read_npz(path)"),
    "text": (b"1 60000000\nword" + b" 0" * 1000, "load_vectors(path)"),
    "binary": (b"1 60000000\nword ", "KeyedVectors.load_word2vec_format(path, binary=True)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", READERS)
def test_packed_files_may_not_grow_without_end(tmp_path, kind):
    start, call = READERS[kind]
    path = tmp_path / "file.xz"
    path.write_bytes(packed(start, b" 0" * (MIB >> 1) if kind == "text" else bytes(MIB), 160))
    said = read_in_child(path, call, factor=100, margin=4 * 64 * MIB).said  # a row is put together
    assert "FASTEMB_MAX_EXPANSION" in said or "does not end within" in said


def test_a_packed_file_that_is_something_else_is_not_unpacked(tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(packed(b"something else", bytes(MIB), 60, gzip))
    for call in ("read_native(path)", "read_npz(path)", "load_facebook_vectors(path)", "load_facebook_model(path)"):
        read = read_in_child(path, call, factor=0)
        assert read.said
        assert read.peak < 30 * MIB


def test_the_limit_can_be_lifted_and_lowered(tmp_path, monkeypatch):
    path, again = tmp_path / "vectors.gz", tmp_path / "again"
    wide = KeyedVectors.from_arrays(["word"], np.zeros((1, 17 * MIB), np.float32))
    save_vectors(wide, path)
    with pytest.raises(
        ValueError, match=r"vectors.gz: more than 67108864 bytes .*FASTEMB_MAX_EXPANSION higher than 100"
    ):
        load_vectors(path)
    monkeypatch.setenv("FASTEMB_MAX_EXPANSION", "2000")
    assert load_vectors(path).vectors.shape == (1, 17 * MIB)
    monkeypatch.setenv("FASTEMB_MAX_EXPANSION", "inf")
    load_vectors(path).save(again)
    for wrong in ("many", "nan", "0", "-1"):
        monkeypatch.setenv("FASTEMB_MAX_EXPANSION", wrong)
        with pytest.raises(ValueError, match="FASTEMB_MAX_EXPANSION must be a positive number, or inf, not"):
            load_vectors(path)
        assert len(load_vectors(again)) == 1  # not packed


def test_corpora_are_streamed_whatever_they_were_packed_to(tmp_path):
    path = tmp_path / "corpus.xz"
    with lzma.open(path, "wb") as file:
        for _ in range(80):
            file.write(b"the cat sat\n" * (MIB // 12))
    assert path.stat().st_size * 100 < 64 * MIB
    assert Word2Vec(corpus_file=path, vector_size=2, epochs=1, sample=1e-5).corpus_count == 80 * (MIB // 12)


@pytest.mark.parametrize("kind", ["members", "header"])
def test_an_archive_of_many_members_or_one_long_header_is_refused(tmp_path, kind):
    path = tmp_path / "corpus.tar.xz"
    if kind == "members":
        more = b"".join(tarfile.TarInfo(f"f{k}").tobuf() for k in range(2048))
        path.write_bytes(packed(b"", more, 100))
    else:
        header = tarfile.TarInfo("x")
        header.type, header.size = tarfile.XHDTYPE, 200 * MIB
        path.write_bytes(packed(header.tobuf(), bytes(MIB), 200))
    said = read_in_child(path, "Word2Vec(corpus_file=path)", factor=1).said
    assert "not an archive that can be read" in said
    assert ("more than 10000 members" if kind == "members" else f"a header of {200 * MIB} bytes") in said


def test_vocabularies_and_sets_to_evaluate_with_are_held_and_so_bounded(tmp_path):
    path = tmp_path / "counts.xz"
    for call, line in (("read_counts(path)", b"king 1\n"), ("evaluation.read_analogies(path)", b"\n")):
        path.write_bytes(packed(b"", line * (MIB // len(line)), 80))
        assert "FASTEMB_MAX_EXPANSION" in read_in_child(path, call, factor=100, margin=300 * MIB).said


def test_an_npz_with_one_name_many_times_is_refused(tmp_path):
    path = tmp_path / "file.npz"
    array = io.BytesIO()
    np.save(array, np.zeros((1000, 100), np.float32))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for _ in range(3):
            with pytest.warns(UserWarning, match="Duplicate") if archive.namelist() else pytest.MonkeyPatch.context():
                archive.writestr("a.npy", array.getvalue())
    with pytest.raises(ValueError, match=r"file.npz: .*a.npy stands in it 3 times"):
        load_vectors(path)


def test_an_npz_of_many_arrays_is_bounded_as_a_whole(tmp_path):
    path = tmp_path / "file.npz"
    np.savez_compressed(path, **{f"a{k}": np.zeros((4 * MIB,), np.float32) for k in range(20)})
    said = read_in_child(path, "read_npz(path)", factor=100).said
    assert said.count("file.npz") == 1
    assert "FASTEMB_MAX_EXPANSION" in said


def test_an_npz_of_words_of_no_bytes_is_refused(tmp_path):
    path = tmp_path / "file.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, descr, shape in (("words", "|S0", (2**40,)), ("vectors", "<f4", (2**40, 0))):
            array = io.BytesIO()
            np.lib.format.write_array_header_1_0(array, {"descr": descr, "fortran_order": False, "shape": shape})
            archive.writestr(f"{name}.npy", array.getvalue())
    with pytest.raises(ValueError, match=r"file.npz: .*words.npy has shape"):
        load_vectors(path)


@pytest.mark.parametrize("kind", ["text", "binary", "native", "npz"])
def test_rows_of_next_to_nothing_take_a_bounded_multiple(tmp_path, kind):
    """A word and a number: what Python keeps of a word is many times its bytes."""
    path, words = tmp_path / f"file.{kind}", [f"{k:x}" for k in range(2**16, 2**16 + 200_000)]
    keyed = KeyedVectors.from_arrays(words, np.zeros((len(words), 1), np.float32))
    save_vectors(keyed, path, {"text": "word2vec", "binary": "word2vec-binary"}.get(kind, kind))
    call = "KeyedVectors.load_word2vec_format(path, binary=True)" if kind == "binary" else "load_vectors(path)"
    assert not read_in_child(path, call, factor=30, margin=32 * MIB).said


@pytest.mark.skipif(UNDER_SANITIZERS, reason="their own memory is in the peak, which is not looked at then")
def test_peak_memory_is_seen(tmp_path):
    """The measurement itself: what takes more is found out."""
    path = tmp_path / "file"
    path.write_bytes(b"1")
    assert read_in_child(path, "b'1' * (50 << 20)").peak > 49 << 20
    with pytest.raises(AssertionError, match="MiB for 1 bytes"):
        read_in_child(path, "b'1' * (100 << 20)")


def test_what_a_call_may_take_counts_buckets_that_parameters_ask_for():
    model = FastText([["a", "b"]], vector_size=4, min_count=1, bucket=1000)
    assert allowed(10, [model, vectors()]) == allowed(10) + COPIES * 1000 * 4 * 4
    assert allowed(10, [vectors(), vectors(words=100_000)]) == allowed(10) == FILES_FACTOR * 10 + MARGIN


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("list(evaluation.read_word_pairs(path))", b"a b 1\n"),
        ("fastemb.graphs.Graph.read(path)", b"1 2\n3 4\n"),
        ("fastemb.cli.items.features_in(str(path))", b"milk\tx\n"),
    ],
)
def test_packed_lists_of_words_and_edges_are_bounded(tmp_path, call, line):
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(line * (80 * MIB // len(line))))
    read = read_in_child(path, f"[__import__('fastemb.cli.items', fromlist='x'), {call}]", margin=320 * MIB)
    assert "bytes when unpacked, which is many times its size" in read.said
