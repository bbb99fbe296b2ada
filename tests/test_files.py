"""Files of every kind, and what may be wrong with them."""

import bz2
import gzip
import lzma
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from conftest import topics_found

from fastemb import Word2Vec
from fastemb.corpus import Limits, LineSentence, PathLineSentences, Text8Corpus, TextFile, count_and_encode
from fastemb.corpus.chunks import SpilledChunk, cut_sentences
from fastemb.io.spill import SpillFile

encode_module = sys.modules["fastemb.corpus.encode"]
LINES = [f"line{number} a b c {random.Random(number).randrange(9)}" for number in range(3000)]
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def sentences_of(source, limits=None):
    """The sentences that a source encodes to, as words."""
    counted = count_and_encode(source, limits)
    found = []
    for part in counted.corpus.parts():
        for ids, starts in counted.corpus.load(part):
            words = np.array(counted.words, object)[ids]
            found += [words[a:b].tolist() for a, b in pairwise(starts)]
    return found


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_files(tmp_path, suffix):
    path = tmp_path / f"corpus.txt{suffix}"
    path.write_bytes(PACKERS[suffix]("\n".join(LINES).encode()))
    assert sentences_of(TextFile(path), Limits(4)) == [line.split() for line in LINES]
    assert list(LineSentence(path)) == [line.split() for line in LINES]


def test_zstandard_files(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "corpus.txt.zst"
    middle = len(LINES) // 2
    frames = [zstandard.compress("\n".join(lines).encode()) for lines in (LINES[:middle], ["", *LINES[middle:]])]
    path.write_bytes(b"".join(frames))
    assert sentences_of(TextFile(path)) == [line.split() for line in LINES]
    for damaged in (frames[0][:-20], frames[0] + frames[1][:-1], b"no archive"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"corpus\.txt\.zst: damaged or cut short"):
            sentences_of(TextFile(path))


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("damage", ["cut short", "changed", "not compressed", "empty"])
def test_damaged_compressed_files_are_named(tmp_path, suffix, damage):
    path = tmp_path / f"corpus.txt{suffix}"
    data = PACKERS[suffix]("\n".join(LINES * 30).encode())
    middle = len(data) // 2
    changed = {"cut short": data[:-20], "changed": data[:middle] + b"\0" * 50 + data[middle + 50 :]}
    path.write_bytes(changed.get(damage, b"no archive" if damage == "not compressed" else b""))
    with pytest.raises(ValueError, match=rf"corpus\.txt\{suffix}: damaged or cut short|the corpus has no words"):
        Word2Vec(corpus_file=path)
    assert threading.active_count() == 1


@pytest.mark.parametrize("readers", [1, 2, 3, 8])
def test_each_line_of_a_folder_is_read_once_and_in_order(tmp_path, monkeypatch, readers):
    monkeypatch.setattr(encode_module, "SMALLEST", 500)
    for number in range(5):
        part = "\n".join(LINES[number * 600 : number * 600 + 600])
        if number % 2:
            (tmp_path / f"part{number}.txt.gz").write_bytes(gzip.compress(part.encode()))
        else:
            (tmp_path / f"part{number}.txt").write_text(part)  # without a newline at its end
    (tmp_path / "subfolder").mkdir()
    expected = [line.split() for line in LINES]
    assert sentences_of(PathLineSentences(tmp_path), Limits(readers)) == expected
    assert list(PathLineSentences(tmp_path)) == expected
    first = [expected[number * 600 + line] for number in range(5) for line in range(7)]
    assert list(PathLineSentences(tmp_path, limit=7)) == first
    one = Word2Vec(corpus_file=tmp_path, min_count=1, vector_size=8, workers=1, epochs=1)
    two = Word2Vec(PathLineSentences(tmp_path), min_count=1, vector_size=8, workers=1, epochs=1)
    np.testing.assert_array_equal(one.wv.vectors, two.wv.vectors)


def test_text8_is_cut_into_sentences(tmp_path):
    path = tmp_path / "text8"
    words = [f"w{number % 100}" for number in range(25_001)]
    path.write_text(" ".join(words))
    for size in (10_000, 7):
        expected = [words[begin : begin + size] for begin in range(0, len(words), size)]
        assert sentences_of(Text8Corpus(path, size)) == list(Text8Corpus(path, size)) == expected
    assert [len(sentence) for sentence in Text8Corpus(path)] == [10_000, 10_000, 5_001]
    assert sentences_of(LineSentence(path)) == [words]


def test_sentences_are_cut_where_python_cuts_them():
    starts = np.array([0, 0, 3, 10, 10, 14])
    assert cut_sentences(starts, 3).tolist() == [0, 0, 3, 6, 9, 10, 10, 13, 14]
    assert cut_sentences(starts, 100).tolist() == starts.tolist()
    assert cut_sentences(np.array([0]), 3).tolist() == [0]


# A budget of memory.


def test_corpus_beyond_the_budget_is_trained_as_well(planted, tmp_path, monkeypatch):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted))
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 5000)
    options = {"min_count": 2, "vector_size": 24, "workers": 1, "epochs": 10, "sg": 1, "sample": 0}
    for source in ({"sentences": planted}, {"corpus_file": path}):
        whole = Word2Vec(**source, **options)
        pieces = Word2Vec(**source, **options, memory_budget=20_000)
        assert pieces.wv.index_to_key == whole.wv.index_to_key
        assert pieces.corpus_total_words == whole.corpus_total_words
        assert topics_found(pieces.wv) == topics_found(whole.wv) == 1


@pytest.mark.parametrize("readers", [1, 3])
def test_spilled_corpus_is_the_same_corpus(tmp_path, monkeypatch, readers):
    monkeypatch.setattr(encode_module, "SMALLEST", 1000)
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 777)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(LINES))
    counted = count_and_encode(TextFile(path), Limits(readers, memory=5000))
    spilled = [chunk for chunk in counted.corpus.chunks if isinstance(chunk, SpilledChunk)]
    assert len(spilled) > 5
    assert all(4 * chunk.words + 8 * chunk.sentences < 5000 for chunk in counted.corpus.chunks)
    assert counted.corpus.sentences == len(LINES)
    assert sentences_of(TextFile(path), Limits(readers, memory=5000)) == [line.split() for line in LINES]
    lists = [line.split() for line in LINES]
    assert sentences_of(lists, Limits(readers, memory=5000)) == lists


def test_temporary_file_has_no_name_and_closes():
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    spilled = SpilledChunk(np.arange(5, dtype=np.int32), np.array([0, 5]), SpillFile())
    spilled.renumber(np.arange(9, -1, -1, dtype=np.int32))
    spilled.renumber(np.arange(10, 20, dtype=np.int32))
    assert spilled.arrays()[0].tolist() == [19, 18, 17, 16, 15]
    del spilled
    if before:
        assert set(os.listdir("/proc/self/fd")) == before


def test_full_temporary_disk_is_reported(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "corpus.txt"
    path.write_text("a b c d e f g h\n" * 100_000)
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from fastemb import Word2Vec
try:
    Word2Vec(corpus_file={str(path)!r}, memory_budget=10_000)
except OSError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "cannot write the encoded corpus to a temporary file" in run.stdout, run.stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100_000


# A limit on the words that are counted.


def test_words_beyond_the_limit_are_forgotten():
    sentences = [["a", "b", f"rare{number}"] for number in range(300)]
    counted = count_and_encode(sentences, Limits(vocabulary=50))
    known = {word: count for word, count in zip(counted.words, counted.counts, strict=True) if word is not None}
    assert known["a"] == known["b"] == 300
    assert len(known) <= 51
    assert counted.corpus.words == 900
    model = Word2Vec(sentences, min_count=1, max_vocab_size=50, vector_size=8)
    assert model.wv.index_to_key[:2] == ["a", "b"]
    assert len(model.wv) <= 51


def test_words_of_a_file_beyond_the_limit_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 200)
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"a b rare{number} ümlaut\n" for number in range(300)) + "rare0 rare0\n", encoding="utf-8")
    counted = count_and_encode(TextFile(path), Limits(4, vocabulary=50))
    known = {word: count for word, count in zip(counted.words, counted.counts, strict=True) if word is not None}
    assert (known["a"], known["b"], known["ümlaut"]) == (300, 300, 300)
    assert len(known) <= 100
    assert known["rare0"] == 2  # it was forgotten, and counts anew
    assert max(chunk.arrays()[0].max() for chunk in counted.corpus.chunks) < len(counted.words)


# Bad text.


@pytest.mark.parametrize(("errors", "words"), [("ignore", ["caf", "b"]), ("replace", ["caf\ufffd", "b"])])
def test_unicode_errors(tmp_path, monkeypatch, errors, words):
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"caf\xe9 b\n")
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 4)
    assert Word2Vec(corpus_file=path, min_count=1, unicode_errors=errors).wv.index_to_key == words
    with pytest.raises(UnicodeDecodeError, match=r"invalid UTF-8 in .*corpus\.txt, line 1 \(byte 3"):
        Word2Vec(corpus_file=path, min_count=1)
    assert sentences_of(TextFile(path, errors)) == [words]
    assert list(LineSentence(path, unicode_errors=errors)) == [words]
    assert Word2Vec(corpus_file=tmp_path, min_count=1, unicode_errors=errors).wv.index_to_key == words


@pytest.mark.parametrize(("errors", "words"), [("ignore", ["ab", "c"]), ("replace", ["a\ufffdb", "c"])])
def test_nul_bytes_are_bad_text(tmp_path, errors, words):
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a\0b c\n")
    with pytest.raises(UnicodeDecodeError, match=r"a NUL byte, which no text has, in .*corpus\.txt, line 1"):
        Word2Vec(corpus_file=path, min_count=1)
    assert sentences_of(TextFile(path, errors)) == [words]


def test_lines_longer_than_any_block(tmp_path, monkeypatch):
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 4)
    path = tmp_path / "corpus.txt"
    path.write_text("\nlong longer longest\n\nx\ny\nno newline")
    expected = [["long", "longer", "longest"], ["x"], ["y"], ["no", "newline"]]
    assert list(LineSentence(path)) == sentences_of(LineSentence(path)) == expected


def test_no_temporary_folder_leaves_no_traceback(monkeypatch, recwarn):
    def fail(**_):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", fail)
    with pytest.raises(FileNotFoundError):
        SpillFile()  # in tests, an exception in __del__ is a warning, and an error


def test_nul_bytes_are_reported(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b\nc \0\0 d\n")
    with pytest.raises(UnicodeDecodeError, match=r"a NUL byte, .* line 2 \(byte 6"):
        Word2Vec(corpus_file=path, min_count=1)


def test_binary_file_is_reported():
    with pytest.raises(UnicodeDecodeError, match="line 1 "):  # several workers may come upon another line first
        Word2Vec(corpus_file=sys.executable, min_count=1, workers=1)


def test_file_that_changes_while_it_is_read_is_reported(tmp_path, monkeypatch):
    path = tmp_path / "corpus.txt"
    path.write_text("a b\n" * 10)
    blocks = TextFile.blocks

    def blocks_and_change(file, begin=0, end=None):
        yield from blocks(file, begin, end)
        path.write_text("a b\n" * 11)

    monkeypatch.setattr(TextFile, "blocks", blocks_and_change)
    with pytest.raises(OSError, match=r"corpus\.txt: changed while it was read"):
        Word2Vec(corpus_file=path, min_count=1)


def test_huge_lines_words_and_many_empty_lines(tmp_path):
    path = tmp_path / "corpus.txt"
    with open(path, "w") as file:
        file.write("\n" * 1_000_000)
        file.write("a b " * 5_000_000 + "\n")
        file.write("x" * 3_000_000 + " a\n")
    counted = count_and_encode(TextFile(path), Limits(2))
    assert counted.corpus.sentences == 2
    assert Counter(dict(zip(counted.words, counted.counts.tolist(), strict=True))) == {
        "a": 5_000_001,
        "b": 5_000_000,
        "x" * 3_000_000: 1,
    }
