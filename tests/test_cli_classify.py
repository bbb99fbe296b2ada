"""`fastemb classify`, as a user types it."""

import gzip
import io
import shutil
import sys
from pathlib import Path

import pytest

from fastemb import Classifier
from fastemb.cli import main
from fastemb.cli.classify import common, predict
from fastemb.models.callbacks import Checkpoint

GOLDEN = Path(__file__).parent / "golden"
MODEL = str(GOLDEN / "supervised.bin")
TEXTS = str(GOLDEN / "labelled.txt")


def given_to(monkeypatch, data):
    """Let this be the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


LINES = [f"__label__{'ab'[n % 2]} {'bake the bread' if n % 2 else 'boil the soup'} w{n % 7}" for n in range(200)]


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts"
    path.write_text("\n".join(LINES) + "\n")
    return path


def test_options_reach_the_classifier(texts, tmp_path, capsys):
    options = "--loss ns --vector-size 6 --alpha 0.4 --epochs 3 --word-ngrams 2 --min-n 2 --max-n 3 --bucket 99"
    more = "--min-count 2 --min-count-label 1 --negative 1 --workers 1 --seed 5 --show-loss --unicode-errors replace"
    output = str(tmp_path / "model.fastemb")
    assert main(["classify", "train", str(texts), "-o", output, *f"{options} {more}".split()]) == 0
    assert f"2 labels, 13 words, rows of 6: {output} (" in capsys.readouterr().out
    model = Classifier.load(output)
    assert (model.loss, model.vector_size, model.alpha, model.epochs, model.word_ngrams) == ("ns", 6, 0.4, 3, 2)
    assert (model.min_n, model.max_n, model.bucket, model.min_count, model.min_count_label) == (2, 3, 99, 2, 1)
    assert (model.negative, model.workers, model.seed, model.unicode_errors) == (1, 1, 5, "replace")
    assert len(model.epoch_losses) == 3


@pytest.mark.parametrize("name", ["model.bin", "model.fastemb"])
def test_train_then_predict(texts, tmp_path, capfd, monkeypatch, name):
    output = str(tmp_path / name)
    given_to(monkeypatch, texts.read_bytes())
    options = ["-o", output, "--alpha", "1", "--epochs", "20", "--vector-size", "8", "--quiet"]
    assert main(["classify", "train", "-", *options]) == 0
    assert capfd.readouterr() == ("", "")
    given_to(monkeypatch, b"bake the bread\nboil soup")
    assert main(["classify", "predict", output, "-"]) == 0
    assert capfd.readouterr().out == "__label__b\n__label__a\n"


def test_validation_and_weights(tmp_path, capsys):
    (tmp_path / "texts").write_text("__label__a x\n" * 90 + "__label__b x\n" * 10)
    output = str(tmp_path / "model.fastemb")
    common = ["classify", "train", str(tmp_path / "texts"), "-o", output, "--workers", "1", "--vector-size", "4"]
    assert main([*common, "--epochs", "40", "--alpha", "0.3"]) == 0
    assert Classifier.load(output).predict_proba(["x"])[0, 0] > 0.7
    assert main([*common, "--epochs", "40", "--alpha", "0.3", "--balanced"]) == 0
    assert abs(Classifier.load(output).predict_proba(["x"])[0, 0] - 0.5) < 0.2
    validation = ["--validation", str(tmp_path / "texts"), "--patience", "2"]
    capsys.readouterr()
    assert main([*common, "--epochs", "40", *validation]) == 0
    said = capsys.readouterr().out
    assert f"F1 of {tmp_path / 'texts'}: 0.9000 0.9000 0.9000\n" in said


def test_training_goes_on_from_a_checkpoint(texts, tmp_path, monkeypatch, capsys):
    checkpoint, output = str(tmp_path / "checkpoint"), str(tmp_path / "model.fastemb")
    common = ["classify", "train", str(texts), "-o", output, "--workers", "1", "--vector-size", "4", "--quiet"]
    assert main([*common, "--epochs", "4"]) == 0
    whole = Classifier.load(output).output.copy()

    class Ended(Checkpoint):
        def on_epoch_end(self, model):
            super().on_epoch_end(model)
            if saved:
                raise KeyboardInterrupt
            saved.append(1)

    saved = []
    with monkeypatch.context() as patch:
        patch.setattr("fastemb.models.callbacks.Checkpoint", Ended)
        assert main([*common, "--epochs", "4", "--checkpoint", checkpoint]) == 130
    assert "wrote what was trained so far" in capsys.readouterr().err
    assert abs(Classifier.load(output).output - whole).max() > 0
    assert main([*common, "--epochs", "4", "--checkpoint", checkpoint]) == 0
    assert (Classifier.load(output).output == whole).all()


def test_autotune_writes_the_best_and_shows_what_it_tried(texts, tmp_path, capsys):
    output, log = str(tmp_path / "model.fastemb"), str(tmp_path / "log")
    command = [
        "classify",
        "autotune",
        str(texts),
        "-o",
        output,
        "--log",
        log,
        "--metric",
        "precision",
        "--workers",
        "1",
    ]
    command += ["--validation", str(texts), "--bucket", "500", "--vector-size", "5", "--min-count", "2", "--loss", "ns"]
    assert main([*command, "--trials", "2"]) == 0
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith("trial")] == ["trial 0", "trial 1"]
    assert "left" in err
    assert out.splitlines()[0].split()[:3] == ["trial", "score", "seconds"]
    assert len(out.splitlines()) == 4
    assert out.splitlines()[-1].startswith("precision ")
    model = Classifier.load(output)
    assert (model.vector_size, model.min_count, model.loss) == (5, 2, "ns")
    assert main([*command, "--trials", "3", "--quiet"]) == 0  # goes on from the log
    assert capsys.readouterr() == ("", "")
    assert len(Path(log).read_text().splitlines()) == 1 + 3
    command[command.index("--validation") : command.index("--bucket")] = ["--folds", "2"]
    small = str(tmp_path / "small.ftz")
    assert main([*command[:3], "-o", small, *command[7:], "--trials", "1", "--model-size", "30K", "-q"]) == 0
    assert Path(small).stat().st_size <= 30_000


def test_bad_training_says_why(texts, tmp_path, capsys):
    output = ["-o", str(tmp_path / "model.bin")]
    (tmp_path / "without").write_text("no label\n")
    for arguments, message in [
        ([str(tmp_path / "absent"), *output], "absent"),
        ([str(tmp_path / "without"), *output], "no text has a label"),
        ([str(texts), "-o", str(texts)], "is the texts; it cannot be the output as well"),
        ([str(texts), *output, "--checkpoint", output[1]], "the output"),
        ([str(texts), *output, "--vector-size", "0"], "must be at least 1"),
        ([str(texts), *output, "--init-from", str(tmp_path / "no.vec")], "no.vec"),
        ([str(texts), "-o", str(tmp_path / "model.vec")], "a classifier is written as .bin or .ftz"),
    ]:
        assert main(["classify", "train", "--quiet", *arguments]) == 1, arguments
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["texts", "without"]
    with pytest.raises(SystemExit):
        main(["classify", "train", str(texts), *output, "--patience", "2"])
    assert "--patience is for --validation" in capsys.readouterr().err


def test_measures_are_those_of_the_classifier(capsys, monkeypatch):
    found = Classifier.load(MODEL).evaluate(TEXTS, k=2, threshold=0.1)
    expected = [
        f"{TEXTS}: {found.texts} texts",
        f"  precision at 2  {found.precision:.4f}",
        f"  recall at 2     {found.recall:.4f}",
        f"  F1              {found.f1:.4f}",
        f"  macro F1        {found.macro_f1:.4f}",
    ]
    assert main(["classify", "test", MODEL, TEXTS, "-k", "2", "--threshold", "0.1"]) == 0
    assert capsys.readouterr().out.splitlines() == expected
    given_to(monkeypatch, Path(TEXTS).read_bytes())
    assert main(["classify", "test", MODEL, "-", "-k", "2", "--threshold", "0.1"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == expected[1:]


def test_a_line_for_each_label(capsys):
    found = Classifier.load(MODEL).evaluate(TEXTS)
    assert main(["classify", "test", MODEL, TEXTS, "--by-label", "--confused", "1"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[5:]]
    assert lines[0] == ["label", "precision", "recall", "F1", "texts", "found"]
    measured = found.by_label()
    assert [line[0] for line in lines[1:3]] == ["__label__1", "__label__0"]  # the most frequent first
    for name, *three, texts, count in lines[1:3]:
        assert [f"{value:.4f}" for value in measured[name].values()] == three
        place = found.labels.index(name)
        assert (int(texts), int(count)) == (found.gold[place], found.found[place])
    confusion = found.confusion()
    one, zero = found.labels.index("__label__1"), found.labels.index("__label__0")
    assert lines[-1] == ["__label__1", "__label__0", str(confusion[one, zero])]
    assert confusion[one, zero] > confusion[zero, one]


@pytest.mark.parametrize("together", [1, 2, 100])
def test_predictions_are_those_of_the_classifier(capsys, monkeypatch, together, tmp_path):
    monkeypatch.setattr(predict, "TOGETHER", together)
    texts = ["am Rhein", "the kettle sings", "", "\udcff am"]
    labels, probabilities = Classifier.load(MODEL).predict(texts, k=2)
    data = "\n".join(texts).encode("utf-8", "surrogateescape")
    given_to(monkeypatch, data)
    assert main(["classify", "predict", MODEL, "-", "-k", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == [" ".join(some) for some in labels]
    (tmp_path / "texts").write_bytes(data)
    assert main(["classify", "predict", MODEL, str(tmp_path / "texts"), "-k", "2", "-p", "--no-prefix"]) == 0
    for line, some, scores in zip(capsys.readouterr().out.splitlines(), labels, probabilities, strict=True):
        pairs = zip(some, scores, strict=True)
        assert line == " ".join(f"{label.removeprefix('__label__')} {score:.5f}" for label, score in pairs)
    given_to(monkeypatch, data)
    assert main(["classify", "predict", MODEL, "-", "--threshold", "2"]) == 0
    assert capsys.readouterr().out == "\n" * 4


def test_the_standard_input_is_read_as_a_file_is(tmp_path, capfd, monkeypatch):
    data = b"\xef\xbb\xbfam Rhein\r\n\nthe kettle"
    path = tmp_path / "texts.txt"
    path.write_bytes(data)
    assert main(["classify", "predict", MODEL, str(path), "-p"]) == 0
    expected = capfd.readouterr().out
    given_to(monkeypatch, data)
    assert main(["classify", "predict", MODEL, "-", "-p"]) == 0
    assert capfd.readouterr().out == expected != ""
    for wrong, message in ((gzip.compress(data), "compressed, so"), ("am".encode("utf-16"), "in UTF-16")):
        given_to(monkeypatch, wrong)
        assert main(["classify", "predict", MODEL, "-"]) == 1
        captured = capfd.readouterr()
        assert captured.out == ""
        assert message in captured.err


def test_what_is_typed_is_answered_at_once(monkeypatch):
    asked = []

    class Typed(io.BytesIO):
        def readline(self, *_):
            asked.append(len(answers.getvalue().splitlines()))
            return super().readline()

        __next__ = None

        def __iter__(self):
            return iter(self.readline, b"")

    answers = io.StringIO()
    terminal = io.TextIOWrapper(Typed(b"am\nRhein\n"))
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys, "stdout", answers)
    assert main(["classify", "predict", MODEL, "-"]) == 0
    assert asked == [0, 1, 2]


@pytest.mark.parametrize("name", ["small.ftz", "small.fastemb"])
def test_smaller_models_are_written(name, tmp_path, capsys):
    output = str(tmp_path / name)
    options = ["--cutoff", "200", "--qnorm", "--qout", "--dsub", "1", "--seed", "3"]
    assert main(["classify", "quantize", MODEL, "-o", output, *options]) == 0
    assert capsys.readouterr().out.startswith(f"{MODEL} (")
    expected = Classifier.load(MODEL).quantize(200, True, True, 1, 3).predict_proba(["am Rhein", "the kettle"])
    found = Classifier.load(output).predict_proba(["am Rhein", "the kettle"])
    assert abs(found - expected).max() < 1e-3


def test_what_is_left_may_be_trained(texts, tmp_path, monkeypatch):
    model, kept = str(tmp_path / "model.bin"), [str(tmp_path / name) for name in ("cut.ftz", "trained.ftz", "same.ftz")]
    options = ["--vector-size", "4", "--word-ngrams", "2", "--bucket", "300", "--workers", "1", "--quiet"]
    assert main(["classify", "train", str(texts), "-o", model, *options]) == 0
    common = ["classify", "quantize", model, "--cutoff", "290", "--workers", "1", "-o"]
    assert main([*common, kept[0]]) == 0
    for path, given in ((kept[1], str(texts)), (kept[2], "-")):
        given_to(monkeypatch, texts.read_bytes())
        assert main([*common, path, "--retrain", given, "--epochs", "9", "--alpha", "0.5"]) == 0
    scores = [Classifier.load(path).predict_proba(["bake the bread"]).max() for path in kept]
    assert scores[2] == scores[1] > scores[0]


def test_errors_say_what_is_wrong(tmp_path, capsys, monkeypatch):
    model = tmp_path / "model.bin"
    shutil.copy(MODEL, model)
    for arguments, message in [
        (["predict", str(tmp_path / "absent"), TEXTS], "absent"),
        (["predict", MODEL, str(tmp_path / "absent")], "absent"),
        (["predict", str(GOLDEN / "skipgram.bin"), TEXTS], "not a classifier but unsupervised vectors"),
        (["test", TEXTS, MODEL], "labelled.txt"),
        (["quantize", str(model), "-o", str(model)], "is the model; it cannot be the output as well"),
        (["quantize", MODEL, "-o", str(tmp_path / "model.txt")], "a classifier is written as .bin or .ftz"),
        (["quantize", MODEL, "-o", "-"], "not to the standard output"),
        (["autotune", TEXTS, "-o", TEXTS, "--validation", TEXTS], "labelled.txt"),
        (["autotune", TEXTS, "-o", str(tmp_path / "a.bin"), "--folds", "2", "--metric", "luck"], "luck"),
        (["quantize", MODEL, "-o", str(tmp_path / "no" / "model.ftz")], "model.ftz"),
        (["quantize", str(GOLDEN / "quantized.ftz"), "-o", str(tmp_path / "a.ftz")], "quantised already"),
    ]:
        assert main(["classify", *arguments]) == 1, arguments
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("fastemb: ")
        assert message in err
        assert "Traceback" not in err
    given_to(monkeypatch, b"no labels\n__label__nowhere here\n")
    assert main(["classify", "test", MODEL, "-"]) == 1
    assert "the standard input: no text has a label" in capsys.readouterr().err
    assert model.read_bytes() == Path(MODEL).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["model.bin"]
    for wrong in ("0", "-2", "x"):
        with pytest.raises(SystemExit):
            main(["classify", "predict", MODEL, TEXTS, "-k", wrong])


def test_sizes_are_for_people(tmp_path):
    for size, text in ((12, "12 bytes"), (5_770, "5.77 kB"), (12_345_678, "12.3 MB")):
        path = tmp_path / "file"
        with open(path, "wb") as file:
            file.truncate(size)
        assert common.size_of(str(path)) == text
