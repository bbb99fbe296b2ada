"""`fastemb encoder`."""

import os
import threading

import numpy as np
import pytest
from test_encoder import some

from fastemb.cli import main

TEXTS = ["the cat sat", "on the mat", "the dog sat on the cat", ""] * 30


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(TEXTS) + "\n")
    return path


@pytest.fixture
def folder(tmp_path):
    some().save(tmp_path / "enc")
    return tmp_path / "enc"


def bytes_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_encoder_is_not_written_over_by_its_vectors(folder, texts, tmp_path, capsys):
    (folder / "more").mkdir()
    (folder / "more" / "README.md").write_text("of the encoder, too")
    link = tmp_path / "link.npy"
    link.symlink_to(folder / "model.safetensors")
    before = bytes_in(folder)
    for output in (folder / "model.safetensors", link, folder / "more" / "README.md"):
        assert main(["encoder", "encode", str(folder), str(texts), "-o", str(output)]) == 1
        assert "cannot be the output as well" in capsys.readouterr().err
    assert bytes_in(folder) == before
    assert main(["encoder", "encode", str(folder), str(texts), "-o", str(tmp_path / "v.npy")]) == 0
    assert np.load(tmp_path / "v.npy").shape == (len(TEXTS), some().vector_size)


def test_options_without_effect_are_refused(folder, texts, tmp_path, capsys):
    command = [
        "encoder",
        "train",
        str(texts),
        "-o",
        str(tmp_path / "new"),
        "--tokenizer",
        str(folder / "tokenizer.json"),
    ]
    for options in (["--cased"], ["--pieces", "1"], ["--min-count", "0"]):
        with pytest.raises(SystemExit):
            main([*command, *options])
        assert f"{options[0]} is for a tokenizer that is made" in capsys.readouterr().err
    assert main(["encoder", "encode", str(folder), str(texts), "-o", str(tmp_path / "v.npy.gz")]) == 1
    assert "vectors of texts are written as .npy, not as .gz" in capsys.readouterr().err


def test_what_an_encoder_is_trained_on_is_not_in_the_folder_that_is_replaced(folder, texts, capsys):
    inside = folder / "README.md"
    inside.write_bytes(texts.read_bytes())
    assert main(["encoder", "train", str(inside), "-o", str(folder), "--vector-size", "4", "-q"]) == 1
    assert "is the corpus" in capsys.readouterr().err
    assert inside.read_bytes() == texts.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_corpus_may_be_a_pipe(texts, tmp_path):
    """Which can be read but once, and training reads texts several times."""
    pytest.importorskip("tokenizers")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(texts.read_bytes()))
    writer.start()
    options = ["--vector-size", "4", "--epochs", "2", "--workers", "1", "-q"]
    for corpus, output in ((pipe, "first"), (texts, "second")):
        assert main(["encoder", "train", str(corpus), "-o", str(tmp_path / output), *options]) == 0
    writer.join()
    for name in ("model.safetensors", "tokenizer.json"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
