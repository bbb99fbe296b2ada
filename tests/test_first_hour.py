"""What users meet in their first hour: threads, looks, progress, and training that goes on."""

import io
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastemb
from fastemb import FastText, GloVe, Word2Vec, load_vectors, queries
from fastemb._threads import usable_cores
from fastemb.models.fasttext import load_facebook_model, save_facebook_model
from fastemb.training import progress

SENTENCES = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
SMALL = {"min_count": 1, "vector_size": 4}
MODELS = [Word2Vec, FastText, GloVe]


# Threads.


@pytest.mark.parametrize("workers", [-1, None])
@pytest.mark.parametrize("model", MODELS)
def test_all_cores_are_minus_one_and_none(model, workers, tmp_path):
    more = {"bucket": 10} if model is FastText else {}
    trained = model(SENTENCES, workers=workers, **SMALL, **more)
    assert trained.workers == usable_cores()
    trained.save(tmp_path / "model")
    assert model.load(tmp_path / "model").workers == usable_cores()


def test_all_cores_wherever_there_are_workers(tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    path = tmp_path / "vectors.txt"
    model.wv.save_word2vec_format(path)
    for workers in (-1, None):
        vectors = load_vectors(path, workers=workers)
        assert vectors.most_similar_batch(["king"], workers=workers) == vectors.most_similar_batch(["king"])
        rows, _ = queries.nearest(vectors.vectors, vectors.vectors, 1, workers=workers)
        assert rows[:, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("workers", [0, -2])
def test_other_numbers_of_workers_are_refused(workers, tmp_path):
    model = Word2Vec(SENTENCES, **SMALL)
    path = tmp_path / "vectors.txt"
    model.wv.save_word2vec_format(path)
    for call in (
        lambda: Word2Vec(SENTENCES, workers=workers, **SMALL),
        lambda: GloVe(SENTENCES, workers=workers, **SMALL),
        lambda: load_vectors(path, workers=workers),
        lambda: model.wv.most_similar_batch(["king"], workers=workers),
    ):
        with pytest.raises(ValueError, match=r"workers must be at least"):
            call()


# Looks.


def test_repr_says_what_it_is():
    words = Word2Vec(SENTENCES, **SMALL)
    for each, text in [
        (words, "Word2Vec<vocab=4, vector_size=4, alpha=0.025>"),
        (FastText(SENTENCES, bucket=10, **SMALL), "FastText<vocab=4, vector_size=4, alpha=0.025>"),
        (GloVe(SENTENCES, **SMALL), "GloVe<vocab=4, vector_size=4, eta=0.05>"),
        (words.wv, "KeyedVectors<vector_size=4, 4 keys>"),
        (FastText(**SMALL).wv, "FastTextKeyedVectors<vector_size=4, 0 keys>"),
    ]:
        assert repr(each) == str(each) == text
        assert repr([each]) == f"[{text}]"


# Beginning with others, and going on.


def test_what_is_no_model_is_named_with_its_module():
    class KeyedVectors:  # another than ours
        pass

    with pytest.raises(TypeError, match=r"not .*test_first_hour\..*KeyedVectors"):
        Word2Vec(SENTENCES, init_from=KeyedVectors(), **SMALL)


def test_a_rate_that_is_given_is_not_warned_of_unless_it_is_higher(caplog):
    model = Word2Vec(SENTENCES, **SMALL)
    model.train(SENTENCES, start_alpha=0.01)
    model.train(SENTENCES, start_alpha=0.01)
    assert "lower start_alpha" not in caplog.text
    model.train(SENTENCES)
    assert "alpha=0.01 is above 0.0001" in caplog.text
    caplog.clear()
    model.train(SENTENCES, start_alpha=0.05)
    assert "alpha=0.05 is above" in caplog.text


def test_loading_creates_nothing(tmp_path, caplog):
    model = FastText(SENTENCES, bucket=10, **SMALL)
    model.save(tmp_path / "model")
    save_facebook_model(model, tmp_path / "model.bin")
    caplog.set_level(logging.INFO)
    loaded = FastText.load(tmp_path / "model")
    load_facebook_model(tmp_path / "model.bin")
    assert "created" not in caplog.text
    assert [event["event"] for event in loaded.lifecycle_events] == ["loaded"]
    assert loaded.lifecycle_events[0]["fname"] == str(tmp_path / "model")
    FastText(**SMALL)
    assert "created" in caplog.text


# Progress.


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def shown(monkeypatch, stream):
    """What training writes to standard error."""
    monkeypatch.setattr(sys, "stderr", stream)
    Word2Vec(SENTENCES, progress=True, **SMALL)
    GloVe(SENTENCES, progress=True, **SMALL)
    stream.seek(0)
    return stream.read()


def test_progress_is_lines_where_it_is_redirected(monkeypatch):
    text = shown(monkeypatch, io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""))
    assert "\r" not in text
    assert text.endswith("\n")
    assert all(line.startswith(("training: ", "counting: ")) for line in text.splitlines())
    training = [line for line in text.splitlines() if line.startswith("training: ")]
    assert "600/600" in training[1]
    assert "epoch 5/5, alpha 0.0001" in training[1]
    assert "epoch 25/25, cost" in training[-1]


def test_progress_is_a_bar_on_a_terminal_and_in_streams_that_are_no_file(monkeypatch):
    for stream in (Terminal(io.BytesIO(), encoding="utf-8", newline=""), io.StringIO(newline="")):
        assert "\r" in shown(monkeypatch, stream)


def test_progress_is_silent_where_tqdm_is_told_to_be():
    code = "from fastemb.training import progress_bar; bar = progress_bar(2); bar.update(2); bar.close()"
    for variables, silent in (({}, False), ({"TQDM_DISABLE": "1"}, True)):
        environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"} | variables
        found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert (found.stderr == b"") is silent


def test_lines_come_at_intervals(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    lines = progress.Lines(lambda **state: f"{state['n']} after {state['elapsed']:.0f}, {state['postfix']}")
    for second in range(25):
        now = float(second)
        lines.set_postfix_str(f"epoch {second}")
        lines.update(2)
    lines.close()
    lines.close()
    assert capsys.readouterr().err.splitlines() == [
        "2 after 0, epoch 0",
        "22 after 10, epoch 10",
        "42 after 20, epoch 20",
        "50 after 24, epoch 24",
    ]


# The folder of the sources.


def test_the_folder_of_the_sources_says_what_to_do(tmp_path):
    root = Path(fastemb.__file__).parent
    shutil.copytree(root, tmp_path / "fastemb", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.c", "openblas"))
    command = [sys.executable, "-c", "from fastemb import Word2Vec"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    message = found.stderr.splitlines()[-1]
    assert message.startswith("ImportError: ")
    assert str(tmp_path) in message
    assert "python -P" in message
    assert "pip install -e ." in message


def test_pages_are_made_without_compiling_what_is_installed(tmp_path):
    makefile = Path(__file__).parents[1] / "Makefile"
    if shutil.which("make") is None or not makefile.is_file():
        pytest.skip("no make, or no Makefile beside the tests")

    def commands(target):
        command = ["make", "-n", "-f", str(makefile), target]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    for target in ("docs", "figures"):
        assert "build_ext" not in commands(target)
    (tmp_path / "fastemb" / "kernels").mkdir(parents=True)
    (tmp_path / "fastemb" / "kernels" / "blas.so").touch()
    assert "build_ext" in commands("docs")
