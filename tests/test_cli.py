"""The command line, as a user types it."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from fastemb import GloVe, KeyedVectors, Word2Vec
from fastemb.cli import main


@pytest.fixture
def corpus(planted, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted))
    return path


@pytest.mark.parametrize("name", ["model.fastemb", "vectors.txt", "vectors.vec", "vectors.bin"])
def test_train_then_neighbors(corpus, tmp_path, capsys, name):
    output = tmp_path / name
    assert main(["train", str(corpus), "--output", str(output), "--vector-size", "16", "--epochs", "10"]) == 0
    assert "40 words, vectors of size 16" in capsys.readouterr().out
    assert main(["neighbors", str(output), "topic1word1", "topic3word0", "--topn", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert all("topic1" in line for line in lines[:4])
    assert all("topic3" in line for line in lines[4:])


def test_options_reach_the_model(corpus, tmp_path):
    options = "--algorithm cbow --vector-size 7 --window 2 --min-count 3 --max-final-vocab 39 --negative 2 --quiet"
    more = "--sample 0.01 --epochs 2 --alpha 0.04 --min-alpha 0.002 --workers 1 --seed 9"
    last = "--hs --loss --unicode-errors replace"
    output = str(tmp_path / "model.fastemb")
    assert main(["train", str(corpus), "-o", output, *f"{options} {more} {last}".split()]) == 0
    model = Word2Vec.load(output)
    assert (model.sg, model.vector_size, model.window, model.min_count, model.max_final_vocab) == (0, 7, 2, 3, 39)
    assert (model.negative, model.sample, model.epochs, model.alpha, model.min_alpha) == (2, 0.01, 2, 0.04, 0.002)
    assert (model.workers, model.seed) == (1, 9)
    assert (model.hs, model.compute_loss, model.unicode_errors) == (1, True, "replace")
    assert len(model.epoch_losses) == 2


def test_a_preset_says_what_is_not_given(corpus, tmp_path):
    output = str(tmp_path / "model.fastemb")
    assert main(["train", str(corpus), "-o", output, "--preset", "best", "--epochs", "2", "--quiet"]) == 0
    model, preset = Word2Vec.load(output), Word2Vec.PRESETS["best"]
    assert (model.preset, model.epochs, model.sg) == ("best", 2, preset["sg"])
    assert (model.alpha, model.negative, model.output) == (preset["alpha"], preset["negative"], preset["output"])
    more = "--preset fast --algorithm skipgram --distance-decay 0.5 --context after --quiet"
    assert main(["train", str(corpus), "-o", output, *more.split()]) == 0
    model = Word2Vec.load(output)
    assert (model.preset, model.sg, model.distance_decay, model.context) == ("fast", 1, 0.5, "after")
    with pytest.raises(SystemExit):
        main(["train", str(corpus), "-o", output, "--model", "glove", "--preset", "best"])


def test_quiet_says_nothing(corpus, tmp_path, capfd):
    assert main(["train", str(corpus), "-o", str(tmp_path / "v.txt"), "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")


def test_errors_end_with_status_1_and_a_message(corpus, tmp_path, capsys):
    vectors = tmp_path / "v.txt"
    for arguments, message in [
        (["train", str(tmp_path / "absent"), "-o", str(vectors)], "absent"),
        (["train", str(corpus), "-o", str(vectors), "--vector-size", "0"], "vector_size must be at least 1"),
        (["train", str(corpus), "-o", str(tmp_path / "no" / "v.txt")], "v.txt"),
        (["neighbors", str(tmp_path / "absent"), "a"], "absent"),
        (["neighbors", str(corpus), "a"], "corpus.txt"),
    ]:
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("fastemb: ")
        assert message in err
        assert "Traceback" not in err
    assert not vectors.exists()


def test_what_is_read_is_not_written_over(corpus, tmp_path, capsys):
    text = corpus.read_bytes()
    link = tmp_path / "link"
    link.symlink_to(corpus)
    for arguments in [
        ["train", str(corpus), "-o", str(corpus)],
        ["train", str(corpus), "-o", str(link)],
        ["train", str(tmp_path), "-o", str(corpus)],
        ["cooccur", str(corpus), "-o", str(corpus)],
        ["cooccur", str(corpus), "-o", str(tmp_path / "new"), "--vocab", str(tmp_path / "new")],
    ]:
        if "--vocab" in arguments:
            (tmp_path / "new").write_text("a 1\n")
        assert main(arguments) == 1
        assert "cannot be the output as well" in capsys.readouterr().err
    assert corpus.read_bytes() == text


@pytest.mark.parametrize("arguments", [["train", "--workers", "1", "--vector-size", "4"], ["cooccur"]])
def test_a_corpus_may_be_the_standard_input(corpus, tmp_path, monkeypatch, arguments):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(corpus.read_bytes())))
    outputs = [tmp_path / name for name in ("streamed.bin", "read.bin")]
    for source, output in zip(("-", str(corpus)), outputs, strict=True):
        assert main([*arguments, source, "-o", str(output), "-q"]) == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


WRITING = (
    *("train c -o -", "graph train c -o -", "graph convert c -", "cooccur c -o -", "convert c - --to word2vec"),
    *("encoder encode c c -o -", "items train c -o -", "postprocess c --center -o -", "phrases c --save -"),
)
READING = (
    *("encoder train - -o x", "encoder encode c - -o x", "graph train - -o x", "items train - -o x", "convert - x"),
    *(
        "items evaluate c -",
        "graph classify c -",
        "neighbors - c",
        "walks - -o x",
        "classify quantize - -o x",
        "phrases - --load - -o x",
    ),
)


@pytest.mark.parametrize("arguments", [*WRITING, *READING])
def test_a_hyphen_is_no_file(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c").write_text("a b c\n")
    assert main(arguments.split()) == 1
    stream = "output" if arguments in WRITING else "input"
    assert f"cannot be -, the standard {stream}: give a file" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_memory_must_be_a_number(corpus, tmp_path, capsys):
    for memory in ("nan", "inf", "-1"):
        assert main(["cooccur", str(corpus), "-o", str(tmp_path / "x"), "--memory", memory]) == 1
        assert capsys.readouterr().err == f"fastemb: --memory must be a number of GiB, not {float(memory)}\n"


@pytest.fixture
def vectors(tmp_path):
    """Two topics in two directions; the second file is another model with the same neighbours but for one word."""
    rows = {"a1": "1 0", "a2": "1 .1", "a3": "1 .2", "b1": "0 1", "b2": ".1 1", "b3": ".2 1"}
    path = tmp_path / "vectors.txt"
    path.write_text("6 2\n" + "".join(f"{word} {row}\n" for word, row in rows.items()))
    return path


def test_evaluate_shows_every_kind(vectors, tmp_path, capsys):
    pytest.importorskip("scipy")
    sets = {
        "pairs": "a1,a2,9\na1,a3,8\na1,b1,0\na1,absent,3\n",
        "analogies": ": x\na1 a2 b1 b2\na1 a2 b1 absent\n: none\n",
        "categories": "a1 a\na2 a\na3 a\nb1 b\nb2 b\nabsent b\n",
        "outliers": "a1\na2\na3\n\nb1\nabsent\n",
        "compare": vectors.read_text(),
    }
    arguments = []
    for name, text in sets.items():
        (tmp_path / name).write_text(text)
        arguments += [f"--{name}", str(tmp_path / name)]
    assert main(["evaluate", str(vectors), *arguments, "--topn", "2", "--workers", "1"]) == 0
    out = capsys.readouterr().out.replace(f"{tmp_path}{os.sep}", "").splitlines()
    assert out[0].startswith("pairs: Pearson 0.99")
    assert out[0].endswith("Spearman 1.0000 [1.0000, 1.0000], 3 of 4 pairs (25.0% unknown)")
    assert out[1:] == [
        "  x: 100.0% (1/1)",
        "analogies: 100.0% (1/1), 50.0% of 2 questions unknown",
        "categories: purity 1.0000 [1.0000, 1.0000], 5 of 6 words (16.7% unknown)",
        "outliers: accuracy 100.0%, outlier position 100.0%, 1 of 2 outliers (50.0% unknown)",
        "compare: 100.0% of the 2 nearest neighbours in common, for 6 of 6 shared words",
    ]


def test_no_more_neighbours_are_compared_than_there_are(vectors, capsys):
    assert main(["evaluate", str(vectors), "--compare", str(vectors), "--topn", "100"]) == 0
    shown = "100.0% of the 5 nearest neighbours in common (all that there are), for 6 of 6 shared words"
    assert capsys.readouterr().out == f"{vectors}: {shown}\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("evaluate c --pairs c --topn 10", "--topn is for --compare"),
        ("evaluate c --pairs c --clusters ward", "--clusters is for --categories"),
        ("evaluate c --compare c --method add", "--method is for --analogies or --relations"),
        ("evaluate c --analogies c --infer", "--infer is for --pairs or --categories or --outliers"),
        ("cooccur c -o x --vocab c --min-count 0", "--min-count is for words that are counted, and --vocab gives them"),
        ("classify quantize c -o x --epochs 3", "--epochs is for --retrain"),
        ("classify train c -o x --loss hs --negative 5", "--negative is for --loss ns"),
    ],
)
def test_options_without_effect_are_refused(command, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(command.split())
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_scores_that_are_all_the_same_have_no_correlation(vectors, tmp_path, capsys):
    (tmp_path / "pairs").write_text("a1,a2,1\na1,b1,1\na2,b3,1\n")
    assert main(["evaluate", str(vectors), "--pairs", str(tmp_path / "pairs"), "--bootstrap", "9"]) == 0
    shown = capsys.readouterr()
    assert "Pearson -, Spearman -, 3 of 3 pairs" in shown.out
    assert shown.err == ""


def test_evaluate_needs_something_to_evaluate_on(vectors, tmp_path, capsys):
    assert main(["evaluate", str(vectors)]) == 1
    assert main(["evaluate", str(vectors), "--pairs", str(tmp_path / "absent")]) == 1
    assert main(["evaluate", str(vectors), "--analogies", str(vectors)]) == 1
    err = capsys.readouterr().err
    assert "nothing to evaluate" in err
    assert "absent" in err
    assert "vectors.txt, line 1: not four words in a section" in err
    assert "Traceback" not in err


def test_unwritable_output_is_noticed_before_training(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("fastemb.Word2Vec", None)
    assert main(["train", str(corpus), "-o", str(tmp_path)]) == 1


def test_unknown_word_ends_with_status_1(tmp_path, capsys):
    path = tmp_path / "v.txt"
    path.write_text("1 2\na 1 2\n")
    assert main(["neighbors", str(path), "zebra"]) == 1
    assert capsys.readouterr().err == f"fastemb: {path}: no word 'zebra'\n"


@pytest.mark.parametrize("topn", ["0", "-1"])
def test_neighbors_wants_at_least_one(capsys, topn):
    with pytest.raises(SystemExit):
        main(["neighbors", "vectors.vec", "word", "--topn", topn])
    assert f"--topn: must be at least 1, not {topn}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["train"], ["train", "x"], ["fly"], ["train", "x", "-o", "y", "--window", "a"]]
)
def test_wrong_usage_ends_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: fastemb" in capsys.readouterr().err


@pytest.fixture
def interruptible():
    """A program that is started here can be interrupted, even where a shell runs the tests behind its prompt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_command_that_is_interrupted_before_it_runs_says_so(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("fastemb.cli.parser", interrupted)
    assert main(["neighbors", "v", "w"]) == 130
    assert capsys.readouterr().err == "fastemb: interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send SIGINT to one process")
@pytest.mark.usefixtures("interruptible")
def test_interrupted_training_is_written_and_ends_with_status_130(tmp_path):
    corpus, output = tmp_path / "corpus.txt", tmp_path / "vectors.txt"
    corpus.write_text("a b c d e f\n" * 100_000)
    command = [sys.executable, "-m", "fastemb", "train", str(corpus), "-o", str(output), "--min-count", "1"]
    # Epochs that last: Python drops an interrupt that comes while it forgets the threads of an epoch.
    with subprocess.Popen([*command, "--sample", "0", "--epochs", "1000"], stderr=subprocess.PIPE) as run:
        seen = byte = run.stderr.read(1)
        while byte and b"epoch " not in seen:
            byte = run.stderr.read(1)
            seen += byte
        run.send_signal(signal.SIGINT)
        assert b"wrote what was trained so far" in run.communicate(timeout=60)[1]
    assert run.returncode == 130
    assert len(KeyedVectors.load_word2vec_format(output)) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt", "vectors.txt"]


def test_killed_training_goes_on_from_its_checkpoint(tmp_path, capsys):
    corpus, output, checkpoint = (tmp_path / name for name in ("corpus.txt", "model", "checkpoint"))
    corpus.write_text("a b c d e f\n" * 100_000)
    options = ["--min-count", "1", "--epochs", "20", "--workers", "1", "--quiet", "--vector-size", "10"]
    command = ["train", str(corpus), "--output", str(output), *options]
    with subprocess.Popen([sys.executable, "-m", "fastemb", *command, "--checkpoint", str(checkpoint)]) as run:
        while run.poll() is None and not checkpoint.exists():
            time.sleep(0.005)
        run.kill()
    assert not output.exists()
    assert main([*command, "--checkpoint", str(checkpoint)]) == 0
    resumed = KeyedVectors.load(output)
    assert main(command) == 0
    assert (resumed.vectors == KeyedVectors.load(output).vectors).all()
    assert main([*command, "--checkpoint", str(checkpoint), "--window", "3"]) == 1
    assert "checkpoint: was made with window=5, not 3" in capsys.readouterr().err


def test_divergence_ends_with_status_1(corpus, tmp_path, capsys):
    assert main(["train", str(corpus), "-o", str(tmp_path / "v.txt"), "--alpha", "1e30", "--quiet"]) == 1
    assert "is too high for this corpus" in capsys.readouterr().err


def test_package_runs_as_a_command(tmp_path):
    command = [sys.executable, "-m", "fastemb"]
    run = subprocess.run([*command, "--version"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert run.stdout.startswith("fastemb ")


def test_demo_needs_nothing_but_python(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert main(["demo", "--output", str(tmp_path / "demo")]) == 0
    out = capsys.readouterr().out
    assert "texts" in out
    assert "socket:" in out
    vectors = KeyedVectors.load_word2vec_format(tmp_path / "demo.txt")
    nearest = {word: [neighbor for neighbor, _ in vectors.most_similar(word)] for word in ("first", "socket")}
    assert {"last", "second"} & set(nearest["first"])
    assert {"datagram", "dgram", "connection"} & set(nearest["socket"])
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")


def test_glove_from_the_command_line(corpus, tmp_path, capsys):
    output = str(tmp_path / "model.fastemb")
    options = "--model glove --vector-size 8 --epochs 3 --x-max 10 --eta 0.04 --workers 1 --quiet"
    assert main(["train", str(corpus), "-o", output, *options.split()]) == 0
    model = GloVe.load(output)
    assert (model.vector_size, model.epochs, model.x_max, model.eta, model.window) == (8, 3, 10, 0.04, 10)
    assert len(model.epoch_losses) == 3
    assert main(["neighbors", output, "topic1word1"]) == 0
    assert "topic" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "given", "owner"),
    [
        *(("glove", f"--{name} 1", "word2vec or fasttext") for name in ("negative", "sample", "alpha", "min-alpha")),
        *(("glove", given, "word2vec or fasttext") for given in ("--hs", "--loss", "--algorithm cbow")),
        *(("word2vec", f"--{name} 1", "glove") for name in ("x-max", "eta")),
        *(("word2vec", f"--{name} 1", "fasttext") for name in ("min-n", "max-n", "bucket")),
    ],
)
def test_options_of_the_other_model_are_refused(corpus, tmp_path, capsys, model, given, owner):
    with pytest.raises(SystemExit) as error:
        main(["train", str(corpus), "-o", str(tmp_path / "out"), "--model", model, *given.split()])
    assert error.value.code == 2
    assert f"{given.split()[0]} is for --model {owner}, not {model}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_cooccur_writes_what_glove_reads(corpus, tmp_path, capsys):
    output = tmp_path / "cooccurrence.bin"
    assert main(["cooccur", str(corpus), "-o", str(output), "--window", "4"]) == 0
    assert "cells of 40 words" in capsys.readouterr().out
    vocab = f"{output}.vocab.txt"
    model = GloVe(cooccurrences=output, words=vocab, vector_size=8, epochs=2)
    assert len(model.wv) == 40
    before = output.read_bytes()
    assert main(["cooccur", str(corpus), "-o", str(output), "--vocab", vocab, "--window", "4", "-q"]) == 0
    assert output.read_bytes() == before
    assert main(["cooccur", str(corpus), "-o", str(output), "-q", "--asymmetric", "--no-distance-weighting"]) == 0
    assert output.read_bytes() != before
    assert main(["cooccur", str(tmp_path / "absent"), "-o", str(tmp_path / "new")]) == 1
    assert "absent" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["model.bin", "model.fastemb", "vectors.vec"])
def test_fasttext_has_neighbors_for_words_never_seen(corpus, tmp_path, capsys, name):
    output = str(tmp_path / name)
    command = ["train", str(corpus), "-o", output, "-q", "--model", "fasttext", "--bucket", "1000", "--min-count", "1"]
    assert main(command) == 0
    assert main(["neighbors", output, "neverseen", "--topn", "2"]) == (1 if name == "vectors.vec" else 0)
    out, err = capsys.readouterr()
    assert ("neverseen:" in out) != ("no word 'neverseen'" in err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("train a.txt -o X --checkpoint X", "X: is the output; it cannot be the checkpoint as well"),
        ("train a.txt -o X --checkpoint ./X", "X: is the output; it cannot be the checkpoint as well"),
        ("train a.txt -o link.txt", "link.txt: is the corpus; it cannot be the output as well"),
        ("train a.txt -o X --checkpoint a.txt", "a.txt: is the corpus; it cannot be the checkpoint as well"),
        ("train . -o a.txt", "a.txt: is the corpus; it cannot be the output as well"),
        ("cooccur a.txt -o v.txt --vocab v.txt", "v.txt: is the vocabulary; it cannot be the output as well"),
        ("cooccur a.txt.vocab.txt -o a.txt", "a.txt.vocab.txt: is the corpus; it cannot be the file of counts as well"),
        ("convert v.txt v.txt", "v.txt: is what is converted; it cannot be the output as well"),
    ],
)
def test_no_file_is_two_things(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "a.txt.vocab.txt", "v.txt"):
        (tmp_path / name).write_text("a b c\n" * 20)
    (tmp_path / "link.txt").symlink_to("a.txt")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(arguments.split()) == 1
    assert message in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
