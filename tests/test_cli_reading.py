"""The options of the commands that read, sums of words, and signals."""

import contextlib
import re
import signal
import subprocess
import sys

import pytest

from fastemb import KeyedVectors
from fastemb.cli import main
from fastemb.cli.neighbors import sums
from fastemb.cli.signals import Reminder
from fastemb.training import trainer

ROWS = ["king 1 1 0", "queen 1 0 1", "man 0 1 0", "woman 0 0 1", "- 1 -1 0"]


@pytest.fixture
def sets(tmp_path):
    path = tmp_path / "outliers.txt"
    path.write_text("king\nqueen\n\nman\n")
    return path


def commands(path, sets, tmp_path):
    """Each command that reads vectors, reading them from there."""
    return [
        ["neighbors", str(path), "king"],
        ["evaluate", str(path), "--outliers", str(sets)],
        ["evaluate", str(good(tmp_path)), "--compare", str(path)],
        ["convert", str(path), str(tmp_path / "converted.txt")],
    ]


def good(tmp_path):
    path = tmp_path / "good.txt"
    path.write_text(f"{len(ROWS)} 3\n" + "\n".join(ROWS) + "\n")
    return path


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (b"3 3\nking 1 1 0\nqueen 1 0 1\nm\xe4n 0 1 0\n", "--unicode-errors replace"),
        (b"3 3\nking 1 1 0\nqueen 1 0 1\nman 0 nan 0\n", "--no-check-finite"),
        (b"3 3\nking 1 1 0\nqueen 1 0 1\nman 0 1 0\nwoman 0 0 1\n", "--limit 3"),
    ],
)
def test_every_command_has_the_options_that_messages_name(text, option, sets, tmp_path, capsys):
    path = tmp_path / "vectors.txt"
    path.write_bytes(text)
    for command in commands(path, sets, tmp_path):
        assert main(command) == 1
        err = capsys.readouterr().err
        assert option.removesuffix(" replace") in err
        assert not re.search("unicode_errors|check_finite|limit=", err)
        assert main([*command, *option.split()]) == 0
        assert not capsys.readouterr().err


def test_bytes_that_are_no_text_can_be_kept(sets, tmp_path, capsysbinary):
    path, again = tmp_path / "vectors.txt", tmp_path / "again.txt"
    path.write_bytes(b"3 3\nking 1.0 1.0 0.0\nqueen 1.0 0.0 1.0\nm\xe4n 0.0 1.0 0.0\n")
    for command in commands(path, sets, tmp_path):
        assert main([*command, "--unicode-errors", "surrogateescape"]) == 0
    assert (tmp_path / "converted.txt").read_bytes() == path.read_bytes()
    assert b"m\xe4n" in capsysbinary.readouterr().out  # a neighbour
    kept = str(tmp_path / "vectors.fastemb")
    assert main(["convert", str(path), kept, "--unicode-errors", "surrogateescape"]) == 0
    assert KeyedVectors.load(kept).index_to_key == ["king", "queen", "m\udce4n"]
    assert main(["convert", kept, str(again)]) == 0
    assert again.read_bytes() == path.read_bytes()


def test_every_command_has_an_encoding(sets, tmp_path, capsys):
    path = tmp_path / "vectors.txt"
    path.write_bytes("3 3\nking 1 1 0\nqueen 1 0 1\nmän 0 1 0\n".encode("latin-1"))
    for command in commands(path, sets, tmp_path):
        assert main([*command, "--encoding", "latin-1"]) == 0
        capsys.readouterr()
    assert "män" in KeyedVectors.load_word2vec_format(tmp_path / "converted.txt")
    with pytest.raises(SystemExit):
        main(["neighbors", str(path), "king", "--encoding", "latin-99"])
    assert "no encoding that Python knows: 'latin-99'" in capsys.readouterr().err


def test_limit_leaves_the_others_out(tmp_path, capsys):
    assert main(["neighbors", str(good(tmp_path)), "king", "--limit", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["neighbors", str(good(tmp_path)), "king", "--limit", "-2"]) == 1
    assert "limit must not be negative" in capsys.readouterr().err


def test_counting_takes_what_is_not_text(tmp_path, capsys):
    corpus, vocabulary = tmp_path / "corpus", tmp_path / "vocabulary"
    corpus.write_bytes(b"a b \xff\n" * 10)
    vocabulary.write_bytes(b"a 10\nb 10\n\xff 10\n")
    command = ["cooccur", str(corpus), "-o", str(tmp_path / "cells"), "-q"]
    for given in (command, [*command, "--vocab", str(vocabulary)]):
        assert main(given) == 1
        capsys.readouterr()
        assert main([*given, "--unicode-errors", "replace"]) == 0
    assert "\ufffd 10" in (tmp_path / "cells.vocab.txt").read_text(encoding="utf-8").splitlines()
    assert main([*command, "--vocab", str(vocabulary)]) == 1
    assert "see --unicode-errors" in capsys.readouterr().err


# Sums.


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("king", [{"king": 1}]),
        ("king queen", [{"king": 1}, {"queen": 1}]),
        ("king - man + woman", [{"king": 1, "man": -1, "woman": 1}]),
        ("king + queen man", [{"king": 1, "queen": 1}, {"man": 1}]),
        ("- +", [{"-": 1}, {"+": 1}]),
        ("king -", [{"king": 1}, {"-": 1}]),
        ("king - -", [{"king": 1, "-": -1}]),
        (["king - man"], [{"king": 1, "man": -1}]),
        (["new york - york", "king"], [{"new york": 1, "york": -1}, {"king": 1}]),
        (["rock - roll"], [{"rock - roll": 1}]),
        (["well-known"], [{"well-known": 1}]),
    ],
)
def test_sums(arguments, found):
    given = arguments.split() if isinstance(arguments, str) else arguments
    assert [dict(each) for each in sums(given, {"rock - roll"})] == found


def test_neighbors_of_sums(tmp_path, capsys):
    path = good(tmp_path)
    expected = KeyedVectors.load_word2vec_format(path).most_similar(positive=["king", "woman"], negative=["man"])
    lines = [f"  {similarity:6.3f}  {word}" for word, similarity in expected]
    for words in (["king", "-", "man", "+", "woman"], ["king - man + woman"]):
        assert main(["neighbors", str(path), *words]) == 0
        assert capsys.readouterr().out.splitlines() == ["king - man + woman:", *lines]
    assert lines[0].endswith("queen")
    assert main(["neighbors", str(path), "king", "+", "womam"]) == 1
    assert "no word 'womam'; near it: 'woman'" in capsys.readouterr().err


# Signals.


@contextlib.contextmanager
def training(tmp_path, *options):
    """A command that trains for long, once it has begun to."""
    corpus, output = tmp_path / "corpus.txt", tmp_path / "vectors.txt"
    corpus.write_text("a b c d e f\n" * 100_000)
    options = [*options, "--output", str(output), "--min-count", "1", "--epochs", "1000"]
    command = [sys.executable, "-m", "fastemb", "train", str(corpus), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as run:
        line = run.stderr.readline()
        while line and b"epoch " not in line:
            line = run.stderr.readline()
        yield run
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt", "vectors.txt"]
    assert len(KeyedVectors.load_word2vec_format(output)) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("options", [["--sample", "0"], ["--model", "glove"]])
def test_a_signal_ends_training_as_ctrl_c_does(tmp_path, name, options):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # as a program is started, whatever runs the tests
    try:
        with training(tmp_path, *options) as run:
            run.send_signal(number)
            err = run.communicate(timeout=60)[1]
    finally:
        signal.signal(number, before)
    assert b"wrote what was trained so far" in err
    assert err.endswith(b"fastemb: terminated\n")
    assert run.returncode == 128 + number


class Interrupting:
    """Interrupts where Python drops what is raised."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore:Exception ignored:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("options", [["--sample", "0"], ["--model", "glove"]])
def test_an_interrupt_that_python_drops_ends_training_all_the_same(tmp_path, monkeypatch, capsys, options):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    corpus, output = tmp_path / "corpus.txt", tmp_path / "vectors.txt"
    corpus.write_text("a b c d e f\n" * 2000)
    began = []

    def begin_epoch(callback, model):
        began.append(model)
        if len(began) == 3:
            Interrupting()

    monkeypatch.setattr(Reminder, "on_epoch_begin", begin_epoch)
    command = ["train", str(corpus), "-o", str(output), "--min-count", "1", "--epochs", "3000", "-q", *options]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(command) == 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(began) < 3000
    assert "wrote what was trained so far" in capsys.readouterr().err


def test_handlers_are_only_there_while_a_command_runs(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "fastemb.cli.neighbors.show_neighbors", lambda *_: seen.append(signal.getsignal(signal.SIGTERM))
    )
    before = signal.getsignal(signal.SIGTERM)
    assert main(["neighbors", str(good(tmp_path)), "king"]) == 0
    assert seen != [before]
    assert signal.getsignal(signal.SIGTERM) == before
    ignored = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert main(["neighbors", str(good(tmp_path)), "king"]) == 0
    finally:
        signal.signal(signal.SIGTERM, ignored)
    assert seen[1] == signal.SIG_IGN
