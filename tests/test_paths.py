"""What may be given where a file is to be read or written."""

import bz2
import gzip
import io
import os
from pathlib import Path

import numpy as np
import pytest

from fastemb import GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb._paths import local
from fastemb.cli import main
from fastemb.corpus import LineSentence, PathLineSentences, Text8Corpus
from fastemb.models.callbacks import Checkpoint
from fastemb.models.files import save_vectors
from fastemb.utils import save_as_line_sentence

TEXT = "eins zwei drei\nvier fünf\n"
SENTENCES = [["eins", "zwei", "drei"], ["vier", "fünf"]]
SMALL = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 1}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a b.txt").write_text(TEXT * 10, encoding="utf-8")
    return tmp_path


def ways(folder, name):
    """Names of the same file."""
    return f"~/{name}", (folder / name).as_uri(), f"file://localhost{(folder / name).as_uri()[7:]}", folder / name


def test_the_name_of_a_file_here(home):
    assert {local(way) for way in ways(home, "a b.txt")} == {str(home / "a b.txt")}
    for name in ("a~b", "./~", "c:/x", "file:x", "http:/x"):
        assert local(name) == name
    with pytest.raises(ValueError, match="three slashes"):
        local("file://host/path")
    with pytest.raises(TypeError, match="must be a str"):
        local(b"bytes")


@pytest.mark.parametrize("way", range(4))
def test_everything_that_takes_a_path_takes_these(home, way):
    def named(name):
        return ways(home, name)[way]

    (home / "folder").mkdir()
    (home / "folder" / "b.txt").write_text(TEXT, encoding="utf-8")
    corpus = named("a b.txt")
    model = Word2Vec(corpus_file=corpus, **SMALL)
    assert len(model.wv) == 5
    assert len(Word2Vec(LineSentence(corpus), **SMALL).wv) == 5
    assert list(PathLineSentences(named("folder"))) == SENTENCES
    assert len(Word2Vec(corpus_file=named("folder"), **SMALL).wv) == 5
    model.save(named("m"))
    assert (home / "m").exists()
    assert Word2Vec.load(named("m")).wv.index_to_key == model.wv.index_to_key
    model.wv.save(named("kv"))
    model.wv.save_word2vec_format(named("w.txt.gz"), fvocab=named("counts"))
    model.wv.save_word2vec_format(named("w.bin"), binary=True)
    model.wv.save_word2vec_format(named("w.bin"), binary=True, append=True)
    assert KeyedVectors.load_word2vec_format(named("w.txt.gz"), named("counts")).expandos["count"].tolist() == [10] * 5
    for name in ("v.txt", "v.npz", "v.tsv", "v.fastemb"):
        save_vectors(model.wv, named(name))
        assert (home / name).exists()
        if name != "v.tsv":
            assert len(load_vectors(named(name))) == 5
    assert (home / "v.metadata.tsv").exists()
    Word2Vec(SENTENCES, init_from=named("v.txt"), callbacks=[Checkpoint(named("check"))], **SMALL)
    assert len(Word2Vec.resume(named("check"), SENTENCES).wv) == 5
    save_as_line_sentence(SENTENCES, named("again"))
    assert (home / "again").read_text(encoding="utf-8") == TEXT
    glove = GloVe(corpus_file=corpus, vector_size=2, min_count=1, epochs=1)
    glove.save_cooccurrences(named("cells"), corpus_file=corpus)
    assert len(GloVe(cooccurrences=named("cells"), words=glove.wv.index_to_key, vector_size=2, epochs=1).wv) == 5
    (home / "pairs").write_text("eins\tzwei\t3\nzwei\tdrei\t2\neins\tdrei\t1\n", encoding="utf-8")
    (home / "questions").write_text(": all\neins zwei drei vier\n", encoding="utf-8")
    model.wv.evaluate_word_analogies(named("questions"))
    assert main(["convert", str(named("v.txt")), str(named("out.npz"))]) == 0
    assert (home / "out.npz").exists()
    assert not (Path.cwd() / "~").exists()


def test_files_elsewhere_are_refused_with_what_to_do(tmp_path, capsys):
    vectors = Word2Vec(SENTENCES, **SMALL).wv
    calls = {
        "s3://bucket/a.txt": lambda path: Word2Vec(corpus_file=path, **SMALL),
        "https://example.org/a.vec": load_vectors,
        "gs://bucket/a.bin": lambda path: KeyedVectors.load_word2vec_format(path, binary=True),
        "hdfs://host/a": Word2Vec.load,
        "http://example.org/a.model": KeyedVectors.load,
        "s3://bucket/b": vectors.save,
        "s3://bucket/c": vectors.save_word2vec_format,
        "s3://bucket/d": lambda path: list(LineSentence(path)),
        "HTTPS://example.org/e": vectors.evaluate_word_analogies,
    }
    for address, call in calls.items():
        with pytest.raises(ValueError, match=f"^{address}: is not on this machine.*fsspec"):
            call(address)
    assert main(["neighbors", "s3://bucket/a.txt", "eins"]) != 0
    assert "is not on this machine" in capsys.readouterr().err


def opened(tmp_path):
    """Open files with the same text."""
    (tmp_path / "plain").write_bytes(TEXT.encode())
    with bz2.open(tmp_path / "packed.bz2", "wb") as file:
        file.write(TEXT.encode())
    (tmp_path / "packed.gz").write_bytes(gzip.compress(TEXT.encode()))
    yield (tmp_path / "plain").open("rb")
    yield (tmp_path / "plain").open("rb", buffering=0)
    yield (tmp_path / "plain").open(encoding="utf-8")
    yield bz2.BZ2File(tmp_path / "packed.bz2")
    yield gzip.GzipFile(tmp_path / "packed.gz")
    yield io.BytesIO(TEXT.encode())
    yield io.StringIO(TEXT)


def test_sentences_of_an_open_file(tmp_path):
    for file in opened(tmp_path):
        with file:
            file.read(3)
            for kind in (LineSentence, Text8Corpus):
                sentences = kind(file)
                assert list(sentences) == list(sentences) == SENTENCES
            model = Word2Vec(LineSentence(file), **SMALL)
            assert model.corpus_total_words == 5
            assert len(Word2Vec(LineSentence(file, limit=1), **SMALL).wv) == 3
            assert not file.closed
    with pytest.raises(TypeError, match="corpus_file must be a path"):
        Word2Vec(corpus_file=io.BytesIO(TEXT.encode()), **SMALL)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes differ here")
def test_sentences_of_a_pipe():
    reading, writing = os.pipe()
    os.write(writing, TEXT.encode())
    os.close(writing)
    with open(reading, "rb") as pipe:
        assert len(Word2Vec(LineSentence(pipe), **SMALL).wv) == 5


def test_open_files_that_cannot_be_read(tmp_path):
    (tmp_path / "packed.bz2").write_bytes(bz2.compress(TEXT.encode() * 100)[:-9])
    with bz2.BZ2File(tmp_path / "packed.bz2") as file, pytest.raises(ValueError, match="damaged or cut short"):
        list(LineSentence(file))
    with open(tmp_path / "out", "wb") as file, pytest.raises(io.UnsupportedOperation, match="read"):
        list(LineSentence(file))
    with pytest.raises(UnicodeDecodeError, match="<BytesIO>, line 2"):
        Word2Vec(LineSentence(io.BytesIO(b"a b\n\xff\n")), **SMALL)


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_format_of_an_open_file(tmp_path, binary):
    vectors = Word2Vec(SENTENCES, **SMALL).wv
    vectors.save_word2vec_format(tmp_path / "file", fvocab=tmp_path / "counts", binary=binary)
    data, counts = (tmp_path / "file").read_bytes(), (tmp_path / "counts").read_text(encoding="utf-8")
    for file in (io.BytesIO(data), (tmp_path / "file").open("rb")):
        with file:
            read = KeyedVectors.load_word2vec_format(file, io.StringIO(counts), binary=binary)
        assert read.index_to_key == vectors.index_to_key
        np.testing.assert_array_equal(read.vectors, vectors.vectors)
    with pytest.raises(ValueError, match=r"^<BytesIO>"):
        KeyedVectors.load_word2vec_format(io.BytesIO(data[: len(data) // 2]), binary=binary)
    for call in (load_vectors, KeyedVectors.load, vectors.save, vectors.save_word2vec_format):
        with pytest.raises(TypeError, match="give the path of the file, not the open file <BytesIO>"):
            call(io.BytesIO(data))


def test_questions_and_pairs_of_an_open_file(tmp_path):
    pytest.importorskip("scipy")
    vectors = Word2Vec(SENTENCES, **SMALL).wv
    _, sections = vectors.evaluate_word_analogies(io.StringIO(": all\neins zwei drei vier\n"))
    assert sections[0]["section"] == "all"
    vectors.evaluate_word_pairs(io.BytesIO(b"eins\tzwei\t3\nzwei\tdrei\t2\neins\tdrei\t1\n"))
    with pytest.raises(ValueError, match="<StringIO>: no analogies"):
        vectors.evaluate_word_analogies(io.StringIO(": nothing\n"))
