"""Files that are written: when they get their names, who may read them, and what cannot be one."""

import errno
import gzip
import os
import stat
import sys
import threading
from contextlib import suppress

import numpy as np
import pytest

from fastemb import KeyedVectors, Word2Vec
from fastemb.cli import main
from fastemb.corpus import TextFile, count_and_encode
from fastemb.io import outputs
from fastemb.io.outputs import replacing
from fastemb.models import load_vectors
from fastemb.models.callbacks import Checkpoint
from fastemb.models.files import save_vectors

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and pipes")


@pytest.fixture
def vectors():
    keyed = KeyedVectors(2)
    keyed.add_vectors(["a", "b"], np.ones((2, 2), np.float32))
    return keyed


@posix
@pytest.mark.parametrize("unnamed", [True, False])
def test_nobody_else_can_read_a_private_file_for_a_moment(tmp_path, monkeypatch, unnamed):
    path = tmp_path / "private"
    path.write_text("old")
    path.chmod(0o600)
    if not unnamed:
        monkeypatch.setattr(outputs, "open_unnamed", lambda folder: None)
    seen = []

    def looking(function):
        def call(*arguments, **others):
            seen.extend(stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir())
            result = function(*arguments, **others)
            seen.extend(stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir())
            return result

        return call

    for name in ("link", "replace", "fsync", "fchmod"):
        monkeypatch.setattr(os, name, looking(getattr(os, name)))
    with replacing(path) as file:
        file.write(b"new")
    assert set(seen) == {0o600}
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("unnamed", [True, False])
def test_modes_stay_whatever_the_umask_is(tmp_path, monkeypatch, unnamed):
    if not unnamed:
        monkeypatch.setattr(outputs, "open_unnamed", lambda folder: None)
    path = tmp_path / "shared"
    before = os.umask(0o077)
    try:
        with replacing(path):
            pass
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o664)
        with replacing(path):
            pass
        assert stat.S_IMODE(path.stat().st_mode) == 0o664
    finally:
        os.umask(before)


@pytest.mark.parametrize(("name", "error"), [("", FileNotFoundError), ("sub/", IsADirectoryError)])
def test_what_is_no_name_of_a_file(tmp_path, monkeypatch, vectors, name, error):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(error):
        vectors.save(name)
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


@pytest.mark.parametrize("name", ["a.zip", "a.TAR", "a.tgz", "a.tar.gz", "a.tar.xz"])
def test_nothing_is_written_under_the_name_of_an_archive(tmp_path, vectors, name):
    path = tmp_path / name
    model = Word2Vec(vector_size=2, min_count=1)
    for write in (
        vectors.save,
        vectors.save_word2vec_format,
        lambda path: vectors.save_word2vec_format(path, append=True),
        lambda path: save_vectors(vectors, path, "word2vec"),
        model.save,
        lambda path: model.build_vocab([["a", "b"]]) or model.train([["a", "b"]], callbacks=[Checkpoint(path)]),
    ):
        with pytest.raises(ValueError, match=f"{name}: fastemb writes no archives"):
            write(path)
    assert not model.train_count  # a checkpoint says so before anything is trained
    assert not list(tmp_path.iterdir())


def test_a_packer_that_is_not_there_is_missed_before_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    model = Word2Vec(vector_size=2, min_count=1)
    model.build_vocab([["a", "b"]])
    with pytest.raises(ImportError, match="needs zstandard"):
        model.train([["a", "b"]], callbacks=[Checkpoint(tmp_path / "model.zst")])
    assert not model.train_count
    monkeypatch.setattr(Word2Vec, "__init__", None)
    (tmp_path / "corpus").write_text("a b\n" * 9)
    assert main(["train", str(tmp_path / "corpus"), "-q", "-o", str(tmp_path / "vectors.txt.zst")]) == 1
    assert "needs zstandard" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_device_is_named(vectors):
    with pytest.raises(OSError, match="/dev/full") as error:
        vectors.save_word2vec_format("/dev/full")
    assert error.value.errno == errno.ENOSPC


@pytest.fixture
def pipe(tmp_path):
    """Makes a named pipe, into which some bytes are written once."""
    threads = []

    def make(name, data):
        path = tmp_path / name
        os.mkfifo(path)
        threads.append(threading.Thread(target=write, args=[path, data], daemon=True))
        threads[-1].start()
        return path

    def write(path, data):
        with suppress(BrokenPipeError):  # nobody reads any more
            path.write_bytes(data)

    yield make
    for thread in threads:
        thread.join(0.1)


@posix
@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
def test_pipes_are_not_opened_twice(pipe, name):
    data = b"2 2\na 1 2\nb 3 4\n"
    path = pipe(name, gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(ValueError, match="cannot be read twice"):
        load_vectors(path)


@posix
@pytest.mark.parametrize("name", ["corpus.txt", "corpus.txt.gz"])
def test_bad_text_in_a_pipe_is_named_without_reading_it_again(pipe, name):
    data = b"a b\nc \xff d\n"
    path = pipe(name, gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(UnicodeDecodeError, match=rf"in {path}, byte 6 of the text"):
        count_and_encode(TextFile(path))
