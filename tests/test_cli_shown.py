"""What the command prints: words of files cannot do anything to the terminal."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastemb.cli
from fastemb import KeyedVectors
from fastemb._words import printable
from fastemb.cli import main

HOSTILE = [
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "two\nlines",
    "back\rspace\b",
    "\x9b31m",
    "\u202ereversed",
    "tab\there",
    "\x7f",
]
READABLE = ["König", "東京", "हिन्दी", "e\u0301", "ف\u200cا", "क\u094d\u200dष", "👩\u200d🚀", "❤\ufe0f", "naïve word"]


@pytest.mark.parametrize("word", READABLE)
def test_words_of_all_scripts_stay(word):
    assert printable(word) == word


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b", "\\x9b"),
        ("\u202e\u2028\ufeff", "\\u202e\\u2028\\ufeff"),
        ("\ud800", "\\ud800"),
        ("K\udcf6ln", "K\udcf6ln"),  # a byte, which is printed as it was
        ("\udc9b31m", "\\x9b31m"),
        ("\udcc2\udc9b31m", "\\x9b31m"),  # bytes that are the control in UTF-8
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_is_not_printable_is_escaped(word, shown):
    assert printable(word) == shown
    assert printable(shown) == shown


def vectors(tmp_path):
    path = tmp_path / "vectors"
    words = [*HOSTILE, "king"]
    KeyedVectors.from_arrays(words, np.eye(len(words), 9, dtype=np.float32) + 1).save(path)
    return path


def harmless(text):
    return all(letter.isprintable() or letter == "\n" for letter in text)


def test_neighbours_are_printed_one_a_line(tmp_path, capsys):
    assert main(["neighbors", str(vectors(tmp_path)), "king", HOSTILE[0], "king", "+", HOSTILE[2], "--topn", "8"]) == 0
    out = capsys.readouterr().out
    assert harmless(out)
    assert len(out.splitlines()) == 3 * 9 - 1
    assert "\\x1b]0;owned\\x07" in out


def test_errors_are_one_line(tmp_path, capsys):
    path = tmp_path / "bad\x1b[31m\nfile"
    path.write_bytes(b"x")
    assert main(["neighbors", str(path), "\x1b[2J"]) == 1
    assert main(["convert", str(path), str(tmp_path / "out.txt")]) == 1
    err = capsys.readouterr().err
    assert harmless(err)
    assert [line[:9] for line in err.splitlines()] == ["fastemb: "] * 2


def test_sections_of_analogies_and_paths_are_escaped(tmp_path, capsys):
    path, questions = vectors(tmp_path), tmp_path / "questions\x1b[1m"
    questions.write_text(": sec\x1b[31mtion\nking king king king\n")
    assert main(["evaluate", str(path), "--analogies", str(questions)]) == 0
    out = capsys.readouterr().out
    assert harmless(out)
    assert "questions\\x1b[1m" in out


def test_warnings_are_escaped(tmp_path):
    """In a process of its own, where nothing has said how logs are printed."""
    path = tmp_path / "a\x1b[31m\nb.txt"
    path.write_bytes(b"2 2\nking 1 2\nking 3 4")
    command = [sys.executable, "-m", "fastemb", "convert", str(path), str(tmp_path / "out.txt")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "occur again" in done.stderr
    assert harmless(done.stderr)
    assert all("a\\x1b[31m\\nb.txt" in line for line in done.stderr.splitlines())


def test_commands_print_in_one_place():
    for path in Path(fastemb.cli.__file__).parent.glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        printed = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
        assert len(printed) == (path.name == "shown.py"), path.name
