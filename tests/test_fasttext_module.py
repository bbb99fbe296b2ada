"""`fastemb.fasttext` against fastText's own module, and against what that is known to answer."""

import copy
import gzip
import importlib
import inspect
import itertools
import json
import pickle
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from fastemb import Classifier
from fastemb import fasttext as ours
from fastemb.corpus import Limits
from fastemb.fasttext import _pybind, _reading
from fastemb.fasttext.FastText import _FastText, eprint, loss_name, model_name, read_args, unsupervised_default

GOLDEN = Path(__file__).parent / "golden"
SUPERVISED = sorted(json.loads((GOLDEN / "labels.json").read_text(encoding="utf-8")))
UNSUPERVISED = ["cbow-hs.bin", "labels.bin", "skipgram.bin", "words.bin"]
LINES = ["the kettle sings", "the teapot listens to the kettle", "Köln liegt am Rhein", "__label__x is left out"] * 20
OPTIONS = [{}, {"model": "cbow", "loss": "hs"}, {"minn": 0, "maxn": 0}]
SMALL = {"dim": 4, "minCount": 1, "epoch": 2, "thread": 1, "verbose": 0, "bucket": 100}


def load(name):
    return ours.load_model(str(GOLDEN / name))


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "lines"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return str(path)


# What is known.


def test_names_and_signatures_are_fasttexts():
    assert {"load_model", "train_supervised", "train_unsupervised", "tokenize", "EOS", "BOW", "EOW"} <= set(dir(ours))
    assert (ours.EOS, ours.BOW, ours.EOW) == ("</s>", "<", ">")
    for name, signature in {
        "predict": "(self, text, k=1, threshold=0.0, on_unicode_error='strict')",
        "get_nearest_neighbors": "(self, word, k=10, on_unicode_error='strict')",
        "get_analogies": "(self, wordA, wordB, wordC, k=10, on_unicode_error='strict')",
        "get_words": "(self, include_freq=False, on_unicode_error='strict')",
        "test": "(self, path, k=1, threshold=0.0)",
        "get_meter": "(self, path, k=-1)",
        "quantize": "(self, input=None, qout=False, cutoff=0, retrain=False, epoch=None, lr=None, thread=None, "
        "verbose=None, dsub=2, qnorm=False)",
        "set_matrices": "(self, input_matrix, output_matrix)",
    }.items():
        parameters = inspect.signature(getattr(_FastText, name)).parameters.values()
        bare = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
        assert str(inspect.Signature(bare)) == signature, name
    assert unsupervised_default["lr"] == 0.05
    assert unsupervised_default["loss"] == "ns"
    assert (str(loss_name.hs), int(model_name.supervised)) == ("loss_name.hs", 3)


@pytest.mark.parametrize("name", SUPERVISED)
def test_predict_gives_what_fasttext_gave(name):
    model = load(name)
    answers = json.loads((GOLDEN / "labels.json").read_text(encoding="utf-8"))[name]["texts"]
    texts = [text for text, *_ in answers]
    for found in (model.predict(texts, k=20), zip(*[model.predict(text, 20) for text in texts], strict=True)):
        for (_, labels, probabilities), own, scores in zip(answers, *found, strict=True):
            assert len(own) == len(labels)
            np.testing.assert_allclose(scores, probabilities, atol=1e-5)
    labels, probabilities = model.predict("am Rhein")
    assert (type(labels), type(labels[0]), probabilities.dtype) == (tuple, str, np.float64)
    labels, probabilities = model.predict(["am Rhein"])
    assert (type(labels), type(labels[0]), probabilities[0].dtype) == (list, list, np.float32)
    labels, probabilities = model.predict("am Rhein", threshold=2.0)
    assert labels == ()
    assert probabilities.shape == (0,)


def test_tokens_are_fasttexts():
    for text, words in {
        "a b": ["a", "b"],
        "a b\n\nc\0d\ve": ["a", "b", "</s>", "</s>", "c", "d", "e"],
        "\n": ["</s>"],
        " \t": [],
        "a\xa0b": ["a\xa0b"],
    }.items():
        assert ours.tokenize(text) == words
    assert ours.tokenize("Köln am".encode()) == ["Köln", "am"]


def test_numbers_of_words_labels_and_ngrams():
    model = load("supervised.bin")
    words, labels = model.words, model.labels
    assert model.get_word_id(words[3]) == 3
    assert model.get_word_id(labels[1]) == len(words) + 1
    assert model.get_label_id(labels[1]) == 1
    assert model.get_label_id(words[3]) == 3 - len(words)
    assert model.get_word_id("nowhere") == model.get_label_id("nowhere") == -1
    model = load("skipgram.bin")
    names, rows = model.get_subwords("kettle")
    assert names[:3] == ["kettle", "<ke", "ket"] or names[0] == "kettle"
    assert rows[0] == model.get_word_id("kettle")
    assert [model.get_subword_id(name) for name in names[1:]] == rows[1:].tolist()
    vector = np.mean([model.get_input_vector(row) for row in rows], axis=0)
    np.testing.assert_allclose(model.get_word_vector("kettle"), vector, atol=1e-6)
    np.testing.assert_allclose(model["kettle"], model.get_input_matrix()[rows].mean(axis=0), atol=1e-6)
    names, rows = model.get_subwords("kettles")
    assert names[0] == "<ke" or names[0].startswith("<")
    assert "kettle" in model
    assert "kettles" not in model


def test_lines_have_their_words_and_known_labels():
    model = load("supervised.bin")
    label = model.labels[0]
    assert model.get_line(f"a {label} __label__nowhere b") == (["a", "b", "</s>"], [label])
    assert model.get_line(["a", label]) == ([["a", "</s>"], ["</s>"]], [[], [label]])
    assert model.get_line("a </s> b") == (["a", "</s>"], [])


def test_the_meter_counts_by_hand():
    # Three texts of labels 0 and 1, both found each time.
    found = [([0], [0, 1], [0.9, 0.2]), ([1], [0, 1], [0.6, 0.4]), ([0, 1], [0], [0.6])]
    meter = _pybind.Meter(found)
    assert meter.scoreVsTrue(0) == [(0.6, 0.0), (0.6, 1.0), (0.9, 1.0)]
    assert meter.scoreVsTrue(1) == [(-1.0, 1.0), (0.2, 0.0), (0.4, 1.0)]
    assert meter.precisionRecallCurveLabel(0) == [(1.0, 0.5), (2 / 3, 1.0), (1.0, 0.0)]
    assert meter.precisionRecallCurveLabel(1) == [(1.0, 0.5), (0.5, 0.5), (1.0, 0.0)]
    assert meter.precisionAtRecallLabel(0, 0.6) == 2 / 3
    assert meter.recallAtPrecisionLabel(1, 0.5) == 0.5
    every = [(1.0, 0.25), (2 / 3, 0.5), (0.75, 0.75), (0.6, 0.75), (1.0, 0.0)]
    assert meter.precisionRecallCurve() == every
    assert _pybind.Meter([]).precisionRecallCurve() == []


def test_quantized_in_place_and_saved(tmp_path):
    model = load("supervised.bin")
    expected = model.predict(["am Rhein", "the kettle"], k=2)
    model.quantize(dsub=1)
    assert model.is_quantized()
    model.save_model(tmp_path / "small.ftz")
    again = ours.load_model(tmp_path / "small.ftz")
    assert again.is_quantized()
    assert again.predict(["am Rhein", "the kettle"], k=2)[0] == expected[0]
    for refused in (again.get_input_matrix, again.get_output_matrix):
        with pytest.raises(ValueError, match="Can't get quantized Matrix"):
            refused()
    with pytest.raises(ValueError, match="quantised already"):
        again.quantize()
    with pytest.raises(ValueError, match="Need input file path if retraining"):
        load("supervised.bin").quantize(retrain=True)
    with pytest.raises(ValueError, match="only support quantization of supervised models"):
        load("skipgram.bin").quantize()


@pytest.mark.parametrize("name", ["supervised.bin", "skipgram.bin", "labels.bin"])
def test_matrices_are_replaced(name, tmp_path):
    model = load(name)
    inputs, output = model.get_input_matrix(), model.get_output_matrix()
    model.set_matrices(2.0 * inputs, output[:, :1].repeat(inputs.shape[1], axis=1))
    np.testing.assert_allclose(model.get_word_vector("the"), 2 * load(name).get_word_vector("the"), atol=1e-6)
    model.set_matrices(inputs[:, :2], output[:, :2])
    assert model.get_dimension() == 2
    model.save_model(str(tmp_path / "narrow.bin"))
    again = ours.load_model(str(tmp_path / "narrow.bin"))
    np.testing.assert_array_equal(again.get_output_matrix(), output[:, :2])
    np.testing.assert_array_equal(again.get_input_matrix(), inputs[:, :2])
    for wrong in ((inputs[1:], output), (inputs, output[:, 1:]), (inputs[0], output)):
        with pytest.raises(ValueError, match="are needed"):
            model.set_matrices(*wrong)


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_unsupervised_files_are_written_as_they_were(name, tmp_path):
    load(name).save_model(str(tmp_path / name))
    assert (tmp_path / name).read_bytes() == (GOLDEN / name).read_bytes()


def test_unsupervised_models_answer_what_they_can():
    model = load("skipgram.bin")
    words, counts = model.get_words(include_freq=True, on_unicode_error="replace")
    assert (len(words), counts.dtype) == (len(counts), np.int64)
    near = model.get_nearest_neighbors("kettle", k=3, on_unicode_error="replace")
    vectors = {word: model[word] / np.linalg.norm(model[word]) for word in words if "\ufffd" not in word}
    best = sorted((float(vectors[word] @ vectors["kettle"]), word) for word in vectors if word != "kettle")[::-1]
    for (cosine, word), (expected, other) in zip(near, best, strict=False):
        assert word == other
        assert abs(cosine - expected) < 1e-6
    assert len(model.get_nearest_neighbors("kettle", -1, "ignore")) == len(words) - 1
    assert model.get_nearest_neighbors("kettle", k=0) == []
    found = model.get_analogies("the", "kettle", "teapot", len(words), "replace")
    assert {word for _, word in found} == set(words) - {"the", "kettle", "teapot"}
    for refused in (lambda: model.predict("a"), lambda: model.test(PATH)):
        with pytest.raises(ValueError, match="Model needs to be supervised for prediction!"):
            refused()


def test_words_that_are_no_text_are_refused_or_decoded():
    model = load("skipgram.bin")
    for refused in (model.get_words, lambda: model.get_nearest_neighbors("kettle", -1)):
        with pytest.raises(UnicodeDecodeError):
            refused()
    (place,) = [k for k, word in enumerate(model.get_words(on_unicode_error="replace")) if "\ufffd" in word]
    assert "\ufffd" not in model.get_words(on_unicode_error="ignore")[place]


def test_bad_arguments_are_the_errors_of_fasttext(tmp_path, lines):
    model = load("supervised.bin")
    for wrong, error in (
        ({"text": ("a",)}, AttributeError), ({"text": None}, AttributeError), ({"text": ["a", 3]}, AttributeError),
        ({"text": b"a"}, TypeError), ({"text": "a", "k": 1.0}, TypeError), ({"text": "a", "k": None}, TypeError),
        ({"text": "a", "threshold": "x"}, TypeError), ({"text": "a", "k": 0}, ValueError),
        ({"text": "a", "k": -2}, ValueError), ({"text": "a\n"}, ValueError), ({"text": ["a", "\n"]}, ValueError),
    ):  # fmt: skip
        with pytest.raises(error):
            model.predict(**wrong)
    with pytest.raises(ValueError, match="get_line processes one line at a time"):
        model.get_line("a\n")
    for number in (-1, 10**6):
        with pytest.raises(IndexError, match="is not one of"):
            model.get_input_vector(number)
    with pytest.raises(ValueError, match="Test file cannot be opened!"):
        model.test(str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="nowhere cannot be opened for loading!"):
        ours.load_model(str(tmp_path / "nowhere"))
    for wrong in (tmp_path, lines):
        with pytest.raises(ValueError, match="has wrong file format!"):
            ours.load_model(str(wrong))
    with pytest.raises(ValueError, match="cannot be opened for saving!"):
        model.save_model(str(tmp_path / "nowhere" / "model.bin"))
    with pytest.raises(RuntimeError, match="Model never trained"):
        _FastText().save_model(str(tmp_path / "model.bin"))
    assert not _FastText().is_quantized()
    with pytest.raises(AttributeError):
        model.lr  # noqa: B018  # as in fastText, only what was trained here has it
    with pytest.raises(AttributeError):
        model.f.getArgs().learning_rate = 3
    assert model.f.getArgs().lr == 0.05


def test_arguments_of_training_are_fasttexts(lines):
    train = ours.train_unsupervised
    for arguments, more, error, match in (
        (("nowhere",), {}, ValueError, "nowhere cannot be opened for training!"),
        (("-",), {}, ValueError, "Cannot use stdin for training!"),
        ((), {}, ValueError, "cannot be opened for training!"),
        ((lines,), {"seed": 3}, TypeError, "unexpected keyword argument 'seed'"),
        ((lines,), {"input": lines}, TypeError, "multiple values for argument 'input'"),
        ((lines,), {"minCount": 3, "min_count": 3}, TypeError, "multiple values for argument 'minCount'"),
        ((lines, "word2vec"), {}, ValueError, "Unrecognized model name"),
        ((lines,), {"loss": "hinge"}, ValueError, "Unrecognized loss name"),
        ((lines,), {"epoch": 2.0}, TypeError, "epoch"),
        ((lines,), {"lr": "fast"}, TypeError, "lr"),
        ((lines,), {"dim": 2**40}, TypeError, "dim"),
        ((lines,), {"pretrainedVectors": 3}, TypeError, "pretrainedVectors"),
        ((lines,), {"pretrainedVectors": "nowhere"}, ValueError, "nowhere cannot be opened for loading!"),
        ((lines,), {"minCount": 1000, "verbose": 0}, ValueError, "Empty vocabulary"),
        ((lines,), {"loss": "softmax"}, ValueError, "'ns' or 'hs'"),
    ):
        with pytest.raises(error, match=match):
            train(*arguments, **more)
    assert read_args(["a", 1], {"word_ngrams": 3}, ["input", "lr", "wordNgrams"], {"lr": 2, "dim": 4}) == (
        {"input": "a", "lr": 1, "dim": 4, "wordNgrams": 3},
        {"input", "lr", "wordNgrams"},
    )
    for gone in (ours.cbow, ours.skipgram, ours.supervised):
        with pytest.raises(Exception, match="train_") as raised:
            gone("input")
        assert type(raised.value) is Exception


@pytest.mark.parametrize(
    "options", [{}, {"model": "cbow", "loss": "hs"}, {"minn": 0, "maxn": 0}, {"minn": 5, "maxn": 2}]
)
def test_unsupervised_training(options, lines, tmp_path, capsys):
    model = ours.train_unsupervised(lines, **SMALL, **options)
    words, counts = model.get_words(include_freq=True)
    assert dict(zip(words, counts.tolist(), strict=True)) == {
        "the": 60, "</s>": 80, "kettle": 40, "sings": 20, "teapot": 20, "listens": 20, "to": 20, "Köln": 20,
        "liegt": 20, "am": 20, "Rhein": 20, "is": 20, "left": 20, "out": 20,
    }  # fmt: skip
    assert model.labels == words
    assert (model.dim, model.lr, model.minCount, model.loss) == (4, 0.05, 1, loss_name[options.get("loss", "ns")])
    assert model.bucket == (100 if not options or "model" in options else 0)
    model.save_model(str(tmp_path / "model.bin"))
    again = ours.load_model(str(tmp_path / "model.bin"))
    assert again.words == model.words
    for word in (*words, "kettles", "x"):
        np.testing.assert_array_equal(again[word], model[word])
    np.testing.assert_array_equal(again.get_output_matrix(), model.get_output_matrix())
    assert again.f.getArgs().to_file() == model.f.getArgs().to_file()
    assert capsys.readouterr().err == ""


SUPERVISED_OPTIONS = [
    {"lr": 1.0},
    {"loss": "hs", "wordNgrams": 2, "lr": 1.0},
    {"loss": "ns", "minn": 2, "maxn": 3},
    {"loss": "ova", "min_count": 2, "label_prefix": "__label__"},
]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled"
    kinds = [
        "__label__soup __label__hot boil the broth",
        "__label__cake bake the dough",
        "__label__tea brew the leaves",
    ]
    path.write_text("".join(f"{kinds[n % 3]} w{n}\n" for n in range(300)) + "no label\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("options", SUPERVISED_OPTIONS)
def test_supervised_training(options, labelled, tmp_path, capsys):
    given = {"lr": 0.5, "dim": 8, "epoch": 20, "thread": 1, "verbose": 0, "bucket": 500, "seed": 3} | options
    model = ours.train_supervised(labelled, **given)
    assert capsys.readouterr().err == ""
    labels, counts = model.get_labels(include_freq=True)
    assert set(labels) == {"__label__soup", "__label__hot", "__label__cake", "__label__tea"}
    assert counts.tolist() == [100] * 4
    words, counts = model.get_words(include_freq=True)
    known = dict(zip(words, counts.tolist(), strict=True))
    assert (known["</s>"], known["the"], known["boil"]) == (301, 300, 100)
    assert known.get("w7") == (None if "min_count" in options else 1)
    for text, label in (("bake dough", "__label__cake"), ("brew leaf", "__label__tea")):
        assert model.predict(text)[0] == (label,)
    assert set(model.predict("boil broth", k=2)[0]) == {"__label__soup", "__label__hot"}
    texts, precision, recall = model.test(labelled)
    assert texts == 300
    assert precision > 0.99
    assert abs(recall - 0.75) < 0.01
    assert model.loss == loss_name[options.get("loss", "softmax")]
    assert (model.dim, model.epoch, model.lr, model.minCount) == (8, 20, given["lr"], options.get("min_count", 1))
    assert model.bucket == (500 if {"wordNgrams", "maxn"} & set(options) else 0)
    model.save_model(str(tmp_path / "model.bin"))
    again = ours.load_model(str(tmp_path / "model.bin"))
    same(again.predict(["boil the broth", "w9"], k=-1), model.predict(["boil the broth", "w9"], k=-1), "saved")
    assert again.f.getArgs().to_file() == model.f.getArgs().to_file()
    repeated = ours.train_supervised(labelled, **given)
    np.testing.assert_array_equal(repeated.get_output_matrix(), model.get_output_matrix())


def test_defaults_of_supervised_training(labelled):
    model = ours.train_supervised(input=labelled, verbose=0)
    names = ("lr", "dim", "ws", "epoch", "minCount", "minn", "maxn", "neg", "wordNgrams", "bucket", "t", "label")
    assert [getattr(model, name) for name in names] == [0.1, 100, 5, 5, 1, 0, 0, 5, 1, 0, 1e-4, "__label__"]


def test_bad_supervised_training(labelled, tmp_path):
    without, diverging = tmp_path / "without", {"lr": 1e30, "epoch": 50, "dim": 8}
    without.write_text("no label here\n")
    for path, options, error, match in (
        ("nowhere", {}, ValueError, "nowhere cannot be opened for training!"),
        (labelled, {"model": "supervised"}, TypeError, "unexpected keyword argument 'model'"),
        (labelled, {"minCount": 1000}, ValueError, "Empty vocabulary"),
        (labelled, diverging, RuntimeError, "Encountered NaN"),
        (str(without), {}, ValueError, "no text has a label"),
    ):
        with pytest.raises(error, match=match):
            ours.train_supervised(path, verbose=0, **options)


def test_autotune_keeps_what_was_given(labelled, capsys):
    given = {"autotuneDuration": 3, "bucket": 500, "verbose": 1, "thread": 1, "seed": 2, "dim": 7, "min_count": 2}
    model = ours.train_supervised(labelled, autotuneValidationFile=labelled, **given)
    assert (model.dim, model.get_dimension(), model.minCount) == (7, 7, 2)
    assert model.test(labelled)[1] > 0.9
    assert capsys.readouterr().err.startswith("Trial 0: ")
    arguments = model.f.getArgs()
    classifier = model.f.model.classifier
    assert (arguments.epoch, arguments.lr, arguments.wordNgrams) == (
        classifier.epochs, classifier.alpha, classifier.word_ngrams,
    )  # fmt: skip
    small = ours.train_supervised(
        labelled, autotuneValidationFile=labelled, autotuneModelSize="100K", autotuneMetric="f1:__label__cake", **given
    )
    assert small.is_quantized()
    for options, match in (
        ({"autotuneValidationFile": "nowhere"}, "Validation file cannot be opened!"),
        ({"autotuneValidationFile": labelled, "autotuneMetric": "nothing"}, "nothing"),
        ({"autotuneValidationFile": labelled, "autotuneModelSize": "much"}, "much"),
    ):
        with pytest.raises(ValueError, match=match):
            ours.train_supervised(labelled, **given | options)


def test_autotune_gives_rows_to_ngrams_that_were_given(labelled):
    given = {"autotuneDuration": 1, "verbose": 0, "thread": 1, "dim": 4, "autotuneValidationFile": labelled}
    for ngrams, buckets in (({"wordNgrams": 2}, 2_000_000), ({"minn": 2, "maxn": 3, "bucket": 70}, 70)):
        model = ours.train_supervised(labelled, **given, **ngrams)
        assert (model.bucket, len(model.f.model.wv.ngram_rows)) == (buckets, buckets)
    model = ours.train_supervised(labelled, **given | {"autotuneDuration": 3}, bucket=70)
    ngrams = model.wordNgrams > 1 or model.maxn > 0
    assert (model.bucket, len(model.f.model.wv.ngram_rows)) == ((70, 70) if ngrams else (0, 0))


def test_retrained_when_rows_are_left_out(labelled):
    model = ours.train_supervised(labelled, lr=0.5, dim=8, epoch=10, wordNgrams=2, bucket=5000, verbose=0, thread=1)
    whole, cut = copy.deepcopy(model), copy.deepcopy(model)
    model.quantize(labelled, cutoff=300, retrain=True, epoch=5, lr=0.3)
    assert model.is_quantized()
    assert len(model.f.model.wv.vectors_vocab) + len(model.f.model.wv.ngram_rows) == 300
    assert model.test(labelled)[1] > 0.95
    cut.quantize(cutoff=300)
    assert not np.array_equal(model.f.model.output, cut.f.model.output)  # it was trained
    whole.quantize(labelled, retrain=True)  # nothing was cut, and so nothing is trained, as in fastText
    np.testing.assert_array_equal(whole.f.model.output, cut.f.model.output)
    with pytest.raises(ValueError, match="nowhere cannot be opened for training!"):
        ours.train_supervised(labelled, dim=4, verbose=0).quantize("nowhere", cutoff=5, retrain=True)


def test_supervised_training_begins_with_given_vectors(labelled, tmp_path):
    given = tmp_path / "given.vec"
    given.write_text("2 4\nbroth 1 2 3 4\nnoodle 4 3 2 1\n")
    model = ours.train_supervised(labelled, dim=4, lr=1e-9, verbose=0, pretrainedVectors=str(given))
    np.testing.assert_allclose(model["broth"], [1, 2, 3, 4], atol=1e-5)
    np.testing.assert_allclose(model["noodle"], [4, 3, 2, 1], atol=1e-5)
    with pytest.raises(ValueError, match=r"Dimension of pretrained vectors \(4\) does not match dimension \(5\)!"):
        ours.train_supervised(labelled, dim=5, verbose=0, pretrainedVectors=str(given))


def test_unsupervised_training_begins_with_given_vectors(lines, tmp_path):
    given = tmp_path / "given.vec"
    given.write_text("1 4\nkettle 1 2 3 4\n")
    model = ours.train_unsupervised(lines, **SMALL | {"lr": 1e-9}, minn=0, maxn=0, pretrainedVectors=str(given))
    np.testing.assert_allclose(model["kettle"], [1, 2, 3, 4], atol=1e-5)
    with pytest.raises(ValueError, match=r"Dimension of pretrained vectors \(4\) does not match dimension \(5\)!"):
        ours.train_unsupervised(lines, **SMALL | {"dim": 5}, pretrainedVectors=str(given))


def sentences_of(counted):
    """The sentences of a corpus, as words."""
    words = counted.words
    found = []
    for part in counted.corpus.parts():
        for ids, starts in counted.corpus.load(part):
            found += [[words[k] for k in ids[a:b]] for a, b in itertools.pairwise(starts)]
    return [sentence for sentence in found if sentence]


@pytest.mark.parametrize("memory", [None, 1])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_lines_are_read_as_fasttext_reads_them(tmp_path, memory, end):
    text = "a\0b\x0bc\xa0d\n\n__label__x e __labels\n" + "w1 w2 \n" * 50 + "last" + end
    path = tmp_path / "lines"
    path.write_text(text, encoding="utf-8")
    lines = _reading.Lines(str(path), "__label__")
    by_hand = [["a", "b", "c\xa0d", "</s>"], ["__label__x", "e", "__labels", "</s>"], *[["w1", "w2", "</s>"]] * 50]
    by_hand.append(["last"] + ["</s>"] * bool(end))
    for readers in (1, 3):
        counted = lines.count_and_encode(Limits(readers, memory))
        assert sentences_of(counted) == by_hand
        known = dict(zip(counted.words, counted.counts.tolist(), strict=True))
        assert known["</s>"] == 53 + len(end)
        assert (known["w1"], known["c\xa0d"], counted.corpus.words) == (50, 1, sum(map(len, by_hand)))
        order = {word: 2 * k for k, word in enumerate(["</s>", "w1", "e"])}
        corpus = lines.encode(order, Limits(readers, memory))
        numbers = [k for part in corpus.parts() for ids, _ in corpus.load(part) for k in ids.tolist()]
        assert numbers == [order.get(word, -1) for sentence in by_hand for word in sentence]
    (path).write_text("")
    assert not lines.count_and_encode(Limits()).words


def test_lines_that_are_no_text_keep_their_bytes(tmp_path, monkeypatch):
    path = tmp_path / "lines"
    path.write_bytes(b"a\0b\x0bc\xa0d\n\n__label__x e\xff __labels\nlast")
    expected = [["a", "b", "c\udca0d", "</s>"], ["</s>"], ["e\udcff", "__labels", "</s>"], ["last"]]
    lines = _reading.Lines(str(path), "__label__")
    assert list(lines) == sentences_of(lines.count_and_encode(Limits())) == expected
    model = ours.train_unsupervised(str(path), **SMALL)
    assert sorted(model.f.model.words) == sorted({word for sentence in expected for word in sentence})
    data = path.read_bytes()
    for longest in range(1, 40):
        monkeypatch.setattr(_reading, "LONGEST", longest)
        assert [word for sentence in lines for word in sentence] == list(chain(*expected))
        made = list(_reading.pieces(data[begin : begin + longest] for begin in range(0, len(data), longest)))
        assert b"".join(made) == data
        assert not any(before[-1:].strip(b" \t\v\n\0") for before in made[:-1])  # nor are words cut
    path.write_bytes(b"\xef\xbb\xbf" + data + b" words")
    monkeypatch.undo()
    assert [*list(lines)[:3], ["last", "words"]] == list(lines) == [*expected[:3], ["last", "words"]]
    packed = tmp_path / "lines.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(_reading.Lines(str(packed), "__label__")) == list(lines)
    monkeypatch.setattr(_reading, "MOST", 2)
    assert list(lines)[:3] == [["a", "b"], ["c\udca0d", "</s>"], ["</s>"]]


@pytest.mark.parametrize("name", ["supervised.bin", "quantized.ftz", "skipgram.bin"])
def test_models_are_copied_and_pickled(name):
    model = load(name)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(again["kettle"], model["kettle"])
        assert again.f.getArgs().to_file() == model.f.getArgs().to_file()
        if name != "skipgram.bin":
            same(again.predict("am Rhein", k=2), model.predict("am Rhein", k=2), name)


# Helpers.


def test_helpers(capsys):
    assert ours.util.test([["a"], ["b"]], [["a", "c"], ["c"]]) == (0.5, 1 / 3)
    vectors = np.eye(3)
    assert ours.util.find_nearest_neighbor(np.array([3, 2, 1]), vectors, {0}) == 1
    products = np.empty(3)
    assert ours.util.find_nearest_neighbor(np.array([3.0, 2, 1]), vectors, set(), products) == 0
    assert products.tolist() == [3, 2, 1]
    eprint("said")
    assert capsys.readouterr().err == "said\n"


def test_fewer_columns_keep_what_they_can():
    model, whole = load("skipgram.bin"), load("skipgram.bin")
    size = model.get_dimension()
    assert ours.util.reduce_model(model, size) is model
    first, second = whole["kettle"], whole["the"]
    np.testing.assert_allclose(model["kettle"] @ model["the"], first @ second, atol=1e-5)  # the axes are turned alone
    ours.util.reduce_model(model, 2)
    assert (model.get_dimension(), model["kettle"].shape) == (2, (2,))
    for wrong in (0, 3):
        with pytest.raises(ValueError, match="target_dim must be from 1 to 2"):
            ours.util.reduce_model(model, wrong)


def test_models_are_not_downloaded_twice(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match="Invalid lang id 'zz'"):
        ours.util.download_model("zz")
    Path("cc.en.300.bin").write_bytes(b"")
    assert ours.util.download_model("en", if_exists="ignore") == "cc.en.300.bin"
    assert ours.util.download_model("en") is None
    assert "there already" in capsys.readouterr().out

    def unreachable(address):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    with pytest.raises(OSError, match=r"https://.*cc\.de\.300\.bin\.gz cannot be downloaded \(no network\)"):
        ours.util.download_model("de")
    assert not Path("cc.de.300.bin").exists()


def test_classifiers_of_fastembs_own_format_are_loaded(tmp_path):
    Classifier.load(GOLDEN / "supervised.bin").save(tmp_path / "own.fastemb")
    assert ours.load_model(str(tmp_path / "own.fastemb")).labels == load("supervised.bin").labels


# fastText's own module.


def scores(pairs):
    """Of words that are equally near, either may come first."""
    return [score for score, _ in pairs]


def by_word(pairs):
    return {word: score for score, word in pairs}


def precisions(found):
    """The wheel's recall is NaN, and its F1 twice too high; its last source is right."""
    return {label: values["precision"] for label, values in found.items()}


WORDS = ["the", "kettle", "kettles", "Köln", "</s>", "", "x", "東京", "a b", "__label__0", "__label__1", "am"]
TEXTS = [
    "",
    "the",
    "the kettle sings",
    "Köln liegt am\tRhein",
    "__label__1 am __label__nowhere",
    "am </s> the",
    "x" * 50,
]
PATH = str(GOLDEN / "labelled.txt")
CALLS = [
    *[lambda m, w=w: m.get_word_vector(w) for w in WORDS if not w.startswith("__label__")],
    *[lambda m, w=w: m.get_word_id(w) for w in WORDS],
    *[lambda m, w=w: m.get_label_id(w) for w in WORDS],
    *[lambda m, w=w: m.get_subwords(w) for w in WORDS],
    *[lambda m, w=w: m.get_subword_id(w) if m.f.getArgs().bucket else None for w in WORDS],
    *[lambda m, w=w: w in m for w in WORDS],
    *[lambda m, t=t: m.get_sentence_vector(t) for t in TEXTS],
    *[lambda m, t=t: m.get_line(t) for t in TEXTS],
    *[lambda m, t=t: m.predict(t, k=2) for t in TEXTS],
    *[lambda m, k=k: m.predict(TEXTS, k=k) for k in (1, 3, -1, 0, -2, 1.0, None)],
    *[lambda m, t=t: m.predict(["the", "am Rhein"], 3, t) for t in (0.1, 0.5, 2, "x")],
    *[lambda m, t=t: m.predict(t) for t in (None, ("a",), 3, b"a", "a\n", ["a", "b\n"], ["a", None])],
    lambda m: m.get_words(include_freq=True),
    lambda m: m.get_labels(include_freq=True),
    lambda m: m.words,
    lambda m: m.labels,
    lambda m: m.get_dimension(),
    lambda m: m.is_quantized(),
    lambda m: m.get_input_matrix(),
    lambda m: m.get_output_matrix(),
    lambda m: m.get_input_vector(1),
    lambda m: m.get_line(TEXTS),
    lambda m: m.get_line("a\n"),
    lambda m: m.get_sentence_vector("a\n"),
    lambda m: scores(m.get_nearest_neighbors("kettle", 4)),
    lambda m: by_word(m.get_nearest_neighbors("the", -1)),
    lambda m: scores(m.get_analogies("the", "kettle", "am", 3)),
    lambda m: by_word(m.get_analogies("the", "kettle", "am", -1)),
    lambda m: m.test("/nowhere"),
    lambda m: m.get_meter("/nowhere"),
    lambda m: m.save_model("/nowhere/else"),
    lambda m: m.lr,
    lambda m: [getattr(m.f.getArgs(), name) for name in ("lr", "dim", "ws", "epoch", "minCount", "neg", "wordNgrams")],
    lambda m: [getattr(m.f.getArgs(), name) for name in ("bucket", "minn", "maxn", "thread", "lrUpdateRate", "label")],
    lambda m: [str(m.f.getArgs().loss), int(m.f.getArgs().model), m.f.getArgs().t],
    lambda m: m.f.predict("the kettle\n", 1, 0.0, "strict"),
]
TESTS = [
    *[lambda m, k=k: m.test(PATH, k) for k in (1, 2, -1)],
    lambda m: m.test(PATH, 2, 0.3),
    *[
        lambda m, k=k: {label: found["precision"] for label, found in m.test_label(PATH, k, 0.1).items()}
        for k in (1, 3)
    ],
    *[lambda m, w=w: m.get_meter(PATH).precision_recall_curve(w) for w in (None, "__label__1", "nowhere")],
    *[lambda m, w=w: m.get_meter(PATH, 2).score_vs_true(w) for w in ("__label__0", "__label__1")],
    *[lambda m, r=r: m.get_meter(PATH).precision_at_recall(r) for r in (0.1, 0.5, 1)],
    *[lambda m, r=r: m.get_meter(PATH).recall_at_precision(r, "__label__1") for r in (0.1, 0.5, 1)],
]


def source(call):
    return inspect.getsource(call).strip()


OF_TRAINING = "m.lr", '"lr"', '"thread"'  # which files do not hold


def outcome(call, *arguments):
    """What a call returns, or the type of what it raises, with the words of a ValueError."""
    try:
        return call(*arguments)
    except Exception as error:
        return type(error), str(error)[:25] if type(error) is ValueError else ""


def same(found, expected, where):
    """Whether two answers are of the same types, and as good as equal."""
    assert type(found) is type(expected) or isinstance(expected, type), where
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key in expected:
            same(found[key], expected[key], where)
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), where
        for one, other in zip(found, expected, strict=True):
            same(one, other, where)
    elif isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), where
        np.testing.assert_allclose(found, expected, atol=2e-5, err_msg=where)
    elif isinstance(expected, float):
        np.testing.assert_allclose(found, expected, atol=2e-5, err_msg=where)
    else:
        assert found == expected, where


@pytest.fixture(scope="module")
def theirs():
    module = pytest.importorskip("fasttext", reason="fastText is not installed (pip install fasttext-wheel)")
    assert not module.__name__.startswith("fastemb")
    return module


def compare(calls, mine, other):
    for call in calls:
        same(outcome(call, mine), outcome(call, other), source(call))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*SUPERVISED, *UNSUPERVISED])
def test_all_methods_answer_as_fasttexts(theirs, name):
    mine, other = load(name), theirs.load_model(str(GOLDEN / name))
    calls = CALLS
    if name in ("classifier-ns.bin", "classifier-ova.bin"):  # many labels are equally probable: any may come first
        calls = [call for call in calls if "predict" not in source(call)]
        for text in TEXTS:
            same(mine.predict(text, k=-1)[1], other.predict(text, k=-1)[1], text)
    elif name != "classifier-qout.ftz" and name in SUPERVISED:
        calls = calls + TESTS
    if name in UNSUPERVISED:  # theirs decodes all words for `in`, and some are no text
        calls = [call for call in calls if "w in m " not in source(call)]
    compare(calls, mine, other)


@pytest.mark.filterwarnings("ignore")
def test_the_functions_raise_as_fasttexts(theirs, tmp_path, lines):
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    calls = [
        *[lambda m, t=t: m.tokenize(t) for t in ("a b", "a\n\nb\0c", "", " ", "a\xa0b", b"a b", None, 3)],
        *[lambda m, p=p: m.load_model(p) for p in ("/nowhere", lines, str(tmp_path))],
        *[lambda m, p=p: m.train_unsupervised(p) for p in ("/nowhere", "-", "", None, str(empty))],
        lambda m: m.train_unsupervised(),
        *[
            lambda m, o=o: m.train_unsupervised(lines, **o)
            for o in (
                {"seed": 3}, {"input": lines}, {"min_count": 1, "minCount": 1}, {"model": "x"}, {"loss": "x"},
                {"epoch": 2.0}, {"lr": "x"}, {"dim": 2**40}, {"pretrainedVectors": "/nowhere"},
                {"label": 3}, {"thread": None}, {"verbose": "x"}, {"nonsense": 1}, {"autotuneMetric": "f1"},
            )
        ],
        lambda m: m.train_supervised(lines, model="supervised"),
        lambda m: m.train_supervised("/nowhere"),
        lambda m: m.cbow("x"),
        lambda m: m.FastText._FastText().is_quantized(),
        lambda m: m.FastText._FastText().save_model("/tmp/x"),
    ]  # fmt: skip
    compare(calls, ours, theirs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", OPTIONS)
def test_fasttext_reads_what_is_trained_here(theirs, options, lines, tmp_path):
    model = ours.train_unsupervised(lines, **SMALL, **options)
    model.save_model(str(tmp_path / "model.bin"))
    other = theirs.load_model(str(tmp_path / "model.bin"))
    calls = [call for call in CALLS if not any(name in source(call) for name in OF_TRAINING)]
    compare(calls, model, other)
    trained = theirs.train_unsupervised(lines, **SMALL, **options)
    assert sorted(zip(*trained.get_words(True), strict=True)) == sorted(zip(*model.get_words(True), strict=True))


@pytest.mark.filterwarnings("ignore")
def test_fasttexts_helpers_do_the_same(theirs):
    from fasttext import util

    mine, other = load("skipgram.bin"), theirs.load_model(str(GOLDEN / "skipgram.bin"))
    assert importlib.import_module("fasttext.util.util").valid_lang_ids == ours.util.util.valid_lang_ids
    ours.util.reduce_model(mine, 2)
    util.reduce_model(other, 2)
    first, second = ((model["kettle"], model["the"]) for model in (mine, other))
    np.testing.assert_allclose(first[0] @ first[1], second[0] @ second[1], atol=1e-4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", SUPERVISED_OPTIONS)
def test_fasttext_reads_classifiers_that_are_trained_here(theirs, options, labelled, tmp_path):
    given = {"lr": 0.5, "dim": 8, "epoch": 20, "thread": 1, "verbose": 0, "bucket": 500} | options
    model, trained = ours.train_supervised(labelled, **given), theirs.train_supervised(labelled, **given)
    assert by_count(trained.get_words(True)) == by_count(model.get_words(True))
    assert by_count(trained.get_labels(True)) == by_count(model.get_labels(True))
    for name in ("lr", "dim", "ws", "epoch", "minCount", "minn", "maxn", "neg", "wordNgrams", "bucket", "t", "label"):
        assert getattr(model, name) == getattr(trained, name)
    assert trained.get_input_matrix().shape == model.get_input_matrix().shape
    assert abs(model.test(labelled)[1] - trained.test(labelled)[1]) < 0.02
    model.save_model(str(tmp_path / "model.bin"))
    other = theirs.load_model(str(tmp_path / "model.bin"))
    calls = [
        call for call in CALLS if not any(name in source(call) for name in ("m.lr", '"lr"', '"thread"', "predict"))
    ]
    compare(calls, model, other)
    for text in ("bake dough", "brew leaf", "boil broth", "w9", "", "unseen"):
        same(model.predict(text, k=-1)[1], other.predict(text, k=-1)[1], text)


def by_count(found):
    return sorted(zip(found[0], found[1].tolist(), strict=True))
