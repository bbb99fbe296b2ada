"""`fastemb phrases`."""

import gzip
import io
import sys

import pytest

from fastemb.cli import main
from fastemb.models import FrozenPhrases

LINES = ["New York is old", "", "we went to New York City", "the Bank of America"] * 8
TEXT = "\n".join([*LINES, *(f"w{k}" for k in range(300))]) + "\n"


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def joined(path, *passes):
    for line in path.read_text().splitlines():
        words = line.split()
        for phrases in passes:
            words = phrases[words] if words else words
        yield " ".join(words)


def test_text_is_written_line_by_line(corpus, tmp_path, capsys):
    output, phrases = tmp_path / "joined.txt.gz", tmp_path / "phrases"
    assert main(["phrases", str(corpus), "-o", str(output), "--save", str(phrases), "--passes", "2"]) == 0
    passes = FrozenPhrases.load(phrases), FrozenPhrases.load(f"{phrases}.2")
    lines = gzip.decompress(output.read_bytes()).decode().splitlines()
    assert lines == list(joined(corpus, *passes))
    assert lines[:2] == ["New_York is_old", ""]
    assert "phrases: " in capsys.readouterr().err
    again = tmp_path / "again.txt"
    assert main(["phrases", str(corpus), "-q", "-o", str(again), "--load", str(phrases), "--load", f"{phrases}.2"]) == 0
    assert again.read_text().splitlines() == lines
    assert capsys.readouterr().err == ""


def test_standard_input_and_output(corpus, tmp_path, monkeypatch, capfdbinary):
    phrases = tmp_path / "phrases"

    def given(*arguments):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
            return main(["phrases", "-", *arguments, "-q"])

    assert given("--save", str(phrases), "--connector-words", "english", "--min-count", "2") == 0
    assert FrozenPhrases.load(phrases)[["Bank", "of", "America"]] == ["Bank_of_America"]
    assert given("--load", str(phrases), "--output", "-") == 0
    assert capfdbinary.readouterr().out.decode().splitlines() == list(joined(corpus, FrozenPhrases.load(phrases)))
    assert given("--output", "-") == 1
    assert b"read only once" in capfdbinary.readouterr().err


def test_blanks_between_connector_words_are_none_of_them(corpus, tmp_path):
    saved = str(tmp_path / "phrases")
    assert main(["phrases", str(corpus), "--save", saved, "--connector-words", "of, the,", "-q"]) == 0
    assert FrozenPhrases.load(saved).connector_words == {"of", "the"}


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        ([], 2, "--output"),
        (["-o", "x", "--load", "y", "--min-count", "3"], 2, "--min-count"),
        (["-o", "x", "--load", "not there"], 1, "not there"),
        (["-o", "x", "--passes", "0"], 1, "--passes"),
        (["-o", "x", "--min-count", "0"], 1, "min_count"),
        (["-o", "x", "--delimiter", ""], 1, "delimiter"),
        (["-o", "x", "--save", ""], 1, "no name of a file"),
        (["-o", "x.zip"], 1, "x.zip: fastemb writes no archives"),
        (["-o", "corpus.txt"], 1, "the corpus"),
        (["-o", "x", "--save", "x"], 1, "the output"),
    ],
)
def test_bad_options_are_refused(corpus, tmp_path, monkeypatch, capsys, arguments, status, word):
    monkeypatch.chdir(tmp_path)
    try:
        found = main(["phrases", "corpus.txt", *arguments])
    except SystemExit as error:
        found = error.code
    assert (found, corpus.read_text()) == (status, TEXT)
    assert word in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt"]


def test_text_that_is_no_utf8_leaves_no_output(tmp_path, capsys):
    (tmp_path / "corpus.txt").write_bytes(TEXT.encode() + b"caf\xe9\n")
    arguments = ["phrases", str(tmp_path / "corpus.txt"), "-o", str(tmp_path / "x")]
    assert main(arguments) == 1
    assert "line" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert main([*arguments, "--unicode-errors", "replace"]) == 0
