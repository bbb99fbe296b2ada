"""What stands before a text, or in place of it: byte-order marks, other encodings, packed files, archives."""

import gzip
import io
import os
import random
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from fastemb import GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb.corpus import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus, TextFile, count_and_encode
from fastemb.evaluation.files import read_analogies, read_outliers, read_word_pairs
from fastemb.formats.word2vec import read_counts
from fastemb.models.files import save_vectors

GOLDEN = Path(__file__).parent / "golden"
MARK = b"\xef\xbb\xbf"
VECTORS = b"2 2\nthe 1 2\nof 3 4\n"


def put(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(folder: Path, members: dict[str, bytes], name: str = "file.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return folder / name


def tarred(folder: Path, members: dict[str, bytes], name: str) -> Path:
    with tarfile.open(folder / name, f"w:{name.split('.')[-1].replace('tgz', 'gz').replace('tar', '')}") as archive:
        for member, data in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return folder / name


def words_of(path: Path, errors: str = "strict") -> list[str]:
    """The words of a corpus, as all of its readers must have them."""
    words = count_and_encode(TextFile(path, errors)).words
    for sentences in (LineSentence(path, unicode_errors=errors), Text8Corpus(path)):
        assert list(dict.fromkeys(word for sentence in sentences for word in sentence)) == words
    return words


# Byte-order marks.


@pytest.mark.parametrize("errors", ["strict", "ignore", "replace"])
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_mark_is_no_part_of_a_corpus(tmp_path, errors, name):
    data = MARK + b"a b\nc a\n"
    path = put(tmp_path, gzip.compress(data) if name.endswith("gz") else data, name)
    assert words_of(path, errors) == ["a", "b", "c"]
    assert Word2Vec(corpus_file=path, min_count=1, vector_size=2, epochs=1).wv.key_to_index.keys() == {"a", "b", "c"}
    assert words_of(put(tmp_path, MARK)) == []


def test_marks_begin_each_file_of_a_folder(tmp_path):
    put(tmp_path, MARK + b"a b\n", "1")
    put(tmp_path, MARK + b"a c\n", "2")
    assert count_and_encode(PathLineSentences(tmp_path)).words == ["a", "b", "c"]
    assert list(PathLineSentences(tmp_path)) == [["a", "b"], ["a", "c"]]


def test_places_after_a_mark_are_those_of_the_file(tmp_path):
    with pytest.raises(UnicodeDecodeError, match=r"file, line 2 \(byte 7 of the text\)"):
        count_and_encode(TextFile(put(tmp_path, MARK + b"a b\n\xff\n")))
    assert words_of(put(tmp_path, b"a " + MARK + b"b\n")) == ["a", "\ufeffb"]  # elsewhere it is a character


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_mark_that_comes_byte_by_byte(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        with open(tmp_path / "pipe", "wb", buffering=0) as file:
            for byte in MARK + b"a b\n":
                file.write(bytes([byte]))

    writer = threading.Thread(target=write)
    writer.start()
    assert list(LineSentence(tmp_path / "pipe")) == [["a", "b"]]
    writer.join()


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_mark_is_no_part_of_vectors(tmp_path, header, name):
    data = MARK + VECTORS[0 if header else 4 :]
    path = put(tmp_path, gzip.compress(data) if name.endswith("gz") else data, name)
    for vectors in (load_vectors(path), KeyedVectors.load_word2vec_format(path, no_header=not header)):
        assert vectors.index_to_key == ["the", "of"]
        assert vectors.vectors.tolist() == [[1, 2], [3, 4]]


def test_a_mark_is_no_part_of_vocabularies_and_evaluation_sets(tmp_path):
    counts = put(tmp_path, MARK + b"the 9\nof 5\n")
    assert read_counts(counts) == {"the": 9, "of": 5}
    path = put(tmp_path, VECTORS, "vectors")
    assert KeyedVectors.load_word2vec_format(path, fvocab=counts).expandos["count"].tolist() == [9, 5]
    model = GloVe(words=str(counts), vector_size=2, epochs=1)
    model.save_cooccurrences(tmp_path / "cells", corpus_file=put(tmp_path, MARK + b"the of the\n", "corpus"))
    assert (tmp_path / "cells").stat().st_size == 16 * 3
    assert read_word_pairs(put(tmp_path, MARK + b"a\tb\t1\n")) == [("a", "b", 1)]


# Other line ends, encodings, and packed files.


def refused(path: Path, message: str) -> None:
    """Every reader of text refuses the file with that message."""
    readers = [
        lambda: count_and_encode(TextFile(path)), lambda: list(LineSentence(path)), lambda: read_counts(path),
        lambda: load_vectors(path), lambda: KeyedVectors.load_word2vec_format(path), lambda: read_analogies(path),
    ]  # fmt: skip
    for read in readers:
        with pytest.raises(ValueError, match=f"{path.name}: {message}"):
            read()


@pytest.mark.parametrize("data", [b"2 2\rthe 1 2\rof 3 4\r", b"the 1 2\rof 3 4", b"the 2\rof 1\r"])
def test_lines_that_end_in_cr_alone_are_refused(tmp_path, data):
    refused(put(tmp_path, data), "its lines end in CR alone")


class Trickling(io.BytesIO):
    """Gives so many bytes at a time, as a pipe may."""

    def __init__(self, data, size):
        super().__init__(data)
        self.size = size

    def read(self, size=-1):
        return super().read(self.size)


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_how_a_file_comes_does_not_say_how_its_lines_end(size):
    assert list(LineSentence(Trickling(b"a b\rc d\ne\n", size))) == [["a", "b", "c", "d"], ["e"]]
    assert words_of(Trickling(MARK + b"a b\rc d\r\ne", size)) == ["a", "b", "c", "d", "e"]
    with pytest.raises(ValueError, match="its lines end in CR alone"):
        words_of(Trickling(b"a b\rc d\re f", size))


def test_a_cr_beside_newlines_is_a_blank(tmp_path):
    assert words_of(put(tmp_path, b"a b\rc\r\nd\r\n")) == ["a", "b", "c", "d"]
    assert words_of(put(tmp_path, b"a b\r")) == ["a", "b"]
    assert load_vectors(put(tmp_path, b"a 1 2\r")).index_to_key == ["a"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_said(tmp_path, encoding):
    refused(put(tmp_path, "\ufeffthe 1 2\n".encode(encoding)), "in UTF-16")


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
def test_utf_32_is_said(tmp_path, encoding):
    refused(put(tmp_path, "\ufeffthe 1 2\n".encode(encoding)), "in UTF-32, .* iconv -f UTF-32")


@pytest.mark.parametrize("module", ["gzip", "bz2", "lzma"])
def test_packed_files_under_other_names_are_said(tmp_path, module):
    packed = pytest.importorskip(module).compress(VECTORS)
    refused(put(tmp_path, packed, "file.txt"), r"compressed, so its name must end in \.(gz|bz2|xz)")
    with pytest.raises(ValueError, match=r"compressed, so its name must end in"):
        KeyedVectors.load_word2vec_format(tmp_path / "file.txt", binary=True)


def test_a_text_that_begins_as_a_packed_file_is_read(tmp_path):
    assert words_of(put(tmp_path, b"BZh91 PK\n")) == ["BZh91", "PK"]
    assert words_of(put(tmp_path, b"x" * 255 + b" mustard\n"))[1:] == ["mustard"]
    assert load_vectors(put(tmp_path, b"BZh 1 2\nPK 3 4\n")).index_to_key == ["BZh", "PK"]


@pytest.mark.parametrize("name", ["FILE.GZ", "file.Gz"])
def test_endings_are_taken_in_any_case(tmp_path, name):
    assert load_vectors(put(tmp_path, gzip.compress(VECTORS), name)).index_to_key == ["the", "of"]
    save_vectors(load_vectors(tmp_path / name), tmp_path / "V.TXT.GZ")
    assert gzip.decompress((tmp_path / "V.TXT.GZ").read_bytes()).startswith(b"2 2\nthe 1.0 2.0\n")


# Archives.


@pytest.mark.parametrize("name", ["file.zip", "FILE.ZIP", "file.tar", "file.tar.gz", "file.tgz", "file.tar.bz2"])
def test_an_archive_of_one_file_is_read_as_that(tmp_path, name):
    make = zipped if name.lower().endswith("zip") else tarred
    members = {"folder/v.txt": VECTORS, "__MACOSX/folder/._v.txt": b"\0", "folder/.DS_Store": b"\0"}
    path = make(tmp_path, members, name)
    assert load_vectors(path).index_to_key == ["the", "of"]
    assert load_vectors(path, limit=1).index_to_key == ["the"]
    assert words_of(make(tmp_path, {"corpus.txt": MARK + b"a b\nc\n"}, name)) == ["a", "b", "c"]
    for golden in ("native.fastemb", "vectors.kv", "vectors.npz", "skipgram.bin"):
        data = (GOLDEN / golden).read_bytes()
        vectors = load_vectors(make(tmp_path, {golden: data}, name))
        assert vectors.index_to_key == load_vectors(GOLDEN / golden).index_to_key


@pytest.mark.parametrize("name", ["file.zip", "file.tar.gz"])
def test_an_archive_of_several_files_names_them(tmp_path, name):
    make = zipped if name.endswith("zip") else tarred
    path = make(tmp_path, {"a.50d.txt": VECTORS, "a.100d.txt": VECTORS}, name)
    for read in (load_vectors, KeyedVectors.load_word2vec_format, words_of, read_counts):
        with pytest.raises(ValueError, match=r"file.*: an archive of 2 files: a\.50d\.txt, a\.100d\.txt; unpack"):
            read(path)
    with pytest.raises(ValueError, match="an archive of 0 files; unpack"):
        load_vectors(make(tmp_path, {}, name))


def test_archives_under_other_names_are_said(tmp_path):
    path = zipped(tmp_path, {"a.txt": VECTORS, "b.txt": VECTORS}, "file.txt")
    with pytest.raises(ValueError, match=r"file\.txt: .*a zip archive of a\.txt, b\.txt"):
        load_vectors(path)
    for read in (KeyedVectors.load_word2vec_format, words_of, read_counts):
        with pytest.raises(ValueError, match=r"file\.txt: a zip archive, so its name must end in \.zip"):
            read(path)
    data = gzip.decompress(tarred(tmp_path, {"a.txt": VECTORS}, "file.tar.gz").read_bytes())
    refused(put(tmp_path, data), "a tar archive, so its name must end in")


@pytest.mark.parametrize("name", ["file.zip", "file.tar", "file.tar.gz", "file.tar.bz2", "file.tar.xz"])
def test_damaged_archives_are_read_or_refused(tmp_path, name):
    make = zipped if name.endswith("zip") else tarred
    data = make(tmp_path, {"v.txt": VECTORS, "folder/.hidden": b"\0"}, name).read_bytes()
    draw = random.Random(1)
    for turn in range(60):
        content = bytearray(data)
        for _ in range(turn % 3):
            content[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path = put(tmp_path, bytes(content[: draw.choice([len(data), draw.randrange(len(data))])]), name)
        try:
            assert load_vectors(path).vector_size
        except ValueError as error:
            message = str(error)
        else:
            continue
        assert name in message
    with pytest.raises(FileNotFoundError):
        load_vectors(tmp_path / f"absent.{name}")


# Folders.


def test_hidden_files_of_a_folder_are_passed_over(tmp_path):
    put(tmp_path, b"the/at fox/nn\n", "ca01")
    put(tmp_path, b"\0\0\0\x01Bud1\xff", ".DS_Store")
    put(tmp_path, b"\xff", "._ca01")
    assert list(PathLineSentences(tmp_path)) == [["the/at", "fox/nn"]]
    assert list(BrownCorpus(tmp_path)) == [["the/at", "fox/nn"]]
    assert count_and_encode(PathLineSentences(tmp_path)).words == ["the/at", "fox/nn"]
    (tmp_path / "ca01").unlink()
    with pytest.raises(FileNotFoundError, match="no files in the folder"):
        list(PathLineSentences(tmp_path))
    put(tmp_path, b"\xff", "._set.txt")
    put(tmp_path, b"a\nb\n\nc\n", "set.txt")
    assert read_outliers(tmp_path) == {"set.txt": (["a", "b"], ["c"])}
