"""Every exception that reaches a user says what is wrong."""

import dataclasses
import subprocess
import sys

import pytest
from peak import UNDER_SANITIZERS

from fastemb import FastText, KeyedVectors, Word2Vec, cli
from fastemb._messages import said
from fastemb.formats import fasttext as facebook
from fastemb.formats.quantized import ProductRows
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import load_facebook_model, save_facebook_model

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e"]] * 20
OPTIONS = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 2}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError(), "there is not enough memory"),
        (MemoryError("Unable to allocate 1 GiB"), "Unable to allocate 1 GiB"),
        (KeyError("no word 'x'"), "no word 'x'"),
        (KeyError("count"), "KeyError: 'count'"),
        (KeyError(), "KeyError"),
        (KeyError(("a", "b")), "('a', 'b')"),
        (ValueError(" \n"), "ValueError"),
        (FileNotFoundError(2, "No such file or directory", "x"), "[Errno 2] No such file or directory: 'x'"),
        (ZeroDivisionError("division by zero"), "division by zero"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_the_command_always_says_something(error, text, monkeypatch, capsys):
    assert said(error) == text

    def fail(options):
        raise error

    monkeypatch.setattr("fastemb.cli.demo.run_demo", fail)
    assert cli.main(["demo"]) == 1
    assert capsys.readouterr().err == f"fastemb: {text}\n"


@pytest.mark.skipif(sys.platform != "linux" or UNDER_SANITIZERS, reason="limits the memory of a process")
@pytest.mark.parametrize("window", ["1000000000", "2147483647", "1000000000000000000000000000000"])
def test_a_wide_window_needs_little_memory(tmp_path, window):
    (tmp_path / "text.txt").write_text("a b c d e\n" * 100)
    code = (
        "import resource, sys; from fastemb.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30,) * 2)\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["cooccur", "text.txt", "-o", "cells", "--window", window, "--min-count", "1", "--workers", "2", "-q"]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if int(window) >= 2**31:
        assert (run.returncode, run.stderr) == (1, f"fastemb: window must be at most 2147483647, not {window}\n")
        assert not (tmp_path / "cells").exists()
        return
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "cells").stat().st_size == 16 * 20


def test_training_may_begin_anew_when_it_has_ended():
    class Again(CallbackAny2Vec):
        def on_train_end(self, model):
            if model.train_count < 3:
                model.train(SENTENCES, epochs=1, start_alpha=0.01, callbacks=[self])

    assert Word2Vec(SENTENCES, **OPTIONS, callbacks=[Again()]).wv.vectors.shape == (5, 4)


def test_a_model_whose_outputs_alone_are_quantised_is_refused(tmp_path, monkeypatch):
    model = FastText(SENTENCES * 30, **OPTIONS, bucket=9)
    path = tmp_path / "model.bin"
    save_facebook_model(model, path)
    read = facebook.read_fasttext

    def quantised(*arguments, **options):
        file = read(*arguments, **options)
        return dataclasses.replace(file, outputs=ProductRows.encode(file.outputs))

    monkeypatch.setattr(facebook, "read_fasttext", quantised)
    with pytest.raises(ValueError, match="this model is quantised"):
        load_facebook_model(path)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda model: model.build_vocab_from_freq([("a", 1)]), TypeError, "word_freq must be a mapping"),
        (lambda model: Word2Vec().reset_from(model), KeyError, "the count of each is needed"),
        (lambda model: save_facebook_model(model, "model.bin"), ValueError, "the count of each is needed"),
        (lambda model: model.train(SENTENCES), KeyError, "the count of each is needed"),
        (lambda model: model.build_vocab(SENTENCES, update=True), RuntimeError, "needs a vocabulary"),
        (lambda model: model.wv.sort_by_descending_frequency(), KeyError, "the count of each is needed"),
        (lambda model: KeyedVectors.from_arrays(["a"], [1.0]), ValueError, r"must be a matrix, not of shape \(1,\)"),
    ],
)
def test_what_is_missing_is_named(call, error, text):
    model = FastText(SENTENCES, **OPTIONS, bucket=9)
    del model.wv.expandos["count"]
    with pytest.raises(error, match=text):
        call(model)


def test_lists_are_vectors_as_well():
    assert KeyedVectors.from_arrays(["a", "b"], [[1.0, 2.0], [3.0, 4.0]])["b"].tolist() == [3, 4]
