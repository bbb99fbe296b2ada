"""Parameters of classifiers, found by trials."""

import json
import math
import os
import re

import numpy as np
import pytest
from contract import same_arrays
from test_classifier_training import LABELS, in_lines, planted

from fastemb import Classifier, KeyedVectors, autotune
from fastemb.models import _tuning as tuning
from fastemb.models._classifier_evaluation import answered
from fastemb.models._tuning import Deadline
from fastemb.models._tuning_metrics import judge_of

FIXED = {"bucket": 500, "vector_size": 4}


@pytest.fixture
def files(tmp_path):
    train, valid = tmp_path / "train", tmp_path / "valid"
    train.write_text(in_lines(planted(40)))
    valid.write_text(in_lines(planted(200, seed=1)))
    return train, valid


def test_the_best_of_the_trials_is_found_and_kept(files):
    found = autotune(files[0], validation=files[1], trials=9, **FIXED)
    assert [trial.number for trial in found.trials] == list(range(9))
    best = max(found.trials, key=lambda trial: trial.score)
    assert found.score == best.score > found.trials[0].score
    assert found.trials[0].parameters["epochs"] == 5
    assert found.model.evaluate(files[1]).f1 == found.score > 0.75
    for name, value in found.parameters.items():
        assert getattr(found.model, name) == value, name
    again = autotune(planted(40), validation=planted(200, seed=1), trials=9, workers=3, **FIXED)
    assert [trial.parameters for trial in again.trials] == [trial.parameters for trial in found.trials]
    assert [trial.score for trial in again.trials] == [trial.score for trial in found.trials]
    assert again.model.labels == found.model.labels
    assert same_arrays(again.model.to_arrays(), found.model.to_arrays())
    others = autotune(files[0], validation=files[1], trials=9, seed=2, **FIXED)
    assert [trial.parameters for trial in others.trials] != [trial.parameters for trial in found.trials]
    rows = found.table().splitlines()
    assert len(rows) == 10
    assert rows[1].split()[:2] == [str(best.number), f"{best.score:.4f}"]


@pytest.mark.parametrize(("fixed", "found"), [({"max_n": 2}, {(0, 2), (2, 2)}), ({"min_n": 6}, {(6, 0), (6, 9)})])
def test_half_of_a_range_of_ngrams_may_be_fixed(files, fixed, found):
    made = autotune(files[0], validation=files[1], trials=10, epochs=1, bucket=500, vector_size=4, **fixed)
    assert {(trial.parameters["min_n"], trial.parameters["max_n"]) for trial in made.trials} <= found | {(6, 6)}
    assert len(made.trials) == 10


def test_folds_may_lack_a_label_that_is_named():
    texts = [(f"w{k % 9} v{k % 5}", f"l{k % 5}") for k in range(60)] + [("seldom met", "rare")]
    options = {"folds": 3, "trials": 2, "bucket": 0, "vector_size": 4, "epochs": 1}
    assert all(trial.score >= 0 for trial in autotune(texts, class_weight={"rare": 2.0}, **options).trials)
    more = [*texts, *[("seldom met", "rare")] * 5]
    assert all(trial.score >= 0 for trial in autotune(more, metric="f1:rare", **options).trials)
    for wrong in ({"class_weight": {"none": 2.0}}, {"metric": "f1:none"}):
        with pytest.raises(ValueError, match="'none', which is no label"):
            autotune(texts, **wrong, **options)


def test_parameters_stay_in_their_ranges_and_fixed_ones_fixed(files):
    seen = autotune(files[0], validation=files[1], trials=12, loss="ns", bucket=100, epochs=2, vector_size=2).trials
    for trial in seen:
        made = trial.parameters
        assert (made["epochs"], made["vector_size"], made["bucket"]) == (2, 2, 100)
        assert 0.01 <= made["alpha"] <= 5
        assert 1 <= made["word_ngrams"] <= 5
        assert (made["min_n"], made["max_n"]) in tuning.CHARACTERS
    assert len({trial.parameters["alpha"] for trial in seen}) > 8


@pytest.mark.parametrize("given", [{"word_ngrams": 2}, {"min_n": 2, "max_n": 3}])
def test_ngrams_that_were_given_have_rows(given):
    pairs = [(" ".join("ab"[k >> place & 1] for place in range(8)), str(k % 2 == k >> 1 & 1)) for k in range(256)]
    found = autotune(pairs, validation=pairs, trials=1, epochs=2, vector_size=4, **given)
    assert found.parameters["bucket"] == found.model.bucket == tuning.FIRST["bucket"]
    assert len(found.model.wv.ngram_rows)
    kept = autotune(pairs, validation=pairs, trials=6, epochs=2, vector_size=4, bucket=50)
    assert {trial.parameters["bucket"] for trial in kept.trials} == {50}


def test_vectors_to_begin_with_say_how_long_rows_are(files, tmp_path):
    vectors = KeyedVectors.from_arrays(["w0", "w1"], np.ones((2, 6), np.float32))
    vectors.save_word2vec_format(tmp_path / "vectors.txt")
    log = tmp_path / "log"
    found = autotune(files[0], validation=files[1], trials=2, init_from=vectors, bucket=100, log=log)
    assert {trial.parameters["vector_size"] for trial in found.trials} == {6}
    again = KeyedVectors.from_arrays(["w0", "w1"], np.ones((2, 6), np.float32))  # at another address
    assert len(autotune(files[0], validation=files[1], trials=2, init_from=again, bucket=100, log=log).trials) == 2
    other = autotune(files[0], validation=files[1], trials=2, init_from=tmp_path / "vectors.txt", bucket=100)
    assert same_arrays(found.model.to_arrays(), other.model.to_arrays())
    with pytest.raises(ValueError, match="vectors of size 6, not vector_size=4"):
        autotune(files[0], validation=files[1], trials=1, init_from=vectors, vector_size=4)


def test_a_search_goes_on_from_its_log(tmp_path, files):
    log = tmp_path / "log"
    whole = autotune(files[0], validation=files[1], trials=7, **FIXED)
    first = autotune(files[0], validation=files[1], trials=3, log=log, **FIXED)
    assert len(log.read_text().splitlines()) == 4
    ended = []
    found = autotune(files[0], validation=files[1], trials=7, log=log, report=ended.append, **FIXED)
    assert [trial.number for trial in ended] == [3, 4, 5, 6]
    assert [trial.parameters for trial in found.trials] == [trial.parameters for trial in whole.trials]
    assert found.score == whole.score >= first.score
    ended.clear()
    again = autotune(files[0], validation=files[1], trials=7, log=log, report=ended.append, **FIXED)
    assert not ended
    assert again.model.evaluate(files[1]).f1 == again.score == whole.score
    with pytest.raises(ValueError, match="log: is of another search"):
        autotune(files[0], validation=files[1], trials=7, log=log, seed=3, **FIXED)
    with pytest.raises(ValueError, match="log: is of another search"):
        autotune(files[0], validation=files[1], trials=7, log=log, predictions=2, **FIXED)
    lines = log.read_text().splitlines()
    for damaged, message in (
        ([lines[0], "{"], "line 2: damaged"),
        ([lines[0], "{}"], "line 2: no trial"),
        ([lines[0], *lines[2:]], "line 2: trial 1, not 0"),
    ):
        log.write_text("\n".join(damaged) + "\n")
        with pytest.raises(ValueError, match=message):
            autotune(files[0], validation=files[1], trials=7, log=log, **FIXED)


def test_a_log_that_was_cut_short_is_gone_on_with(tmp_path, files, caplog):
    log = tmp_path / "log"
    log.touch()
    whole = autotune(files[0], validation=files[1], trials=3, log=log, **FIXED)
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    log.write_bytes(b"".join(lines)[:-20])
    again = autotune(files[0], validation=files[1], trials=3, log=log, **FIXED)
    assert "its last line was cut short" in caplog.text
    assert [trial.score for trial in again.trials] == [trial.score for trial in whole.trials]
    assert log.read_bytes().splitlines()[:3] == [line.strip() for line in lines[:3]]
    other = tmp_path / "other"
    other.write_text("this is no log")
    with pytest.raises(ValueError, match="other, line 1: damaged"):
        autotune(files[0], validation=files[1], trials=3, log=other, **FIXED)
    assert other.read_text() == "this is no log"


def test_folds_take_the_place_of_texts_to_judge_by(files):
    found = autotune(files[0], folds=3, trials=5, **FIXED)
    assert found.score > found.trials[0].score
    assert int(found.model.label_counts.sum()) == 40  # trained on all
    assert autotune(planted(40), folds=3, trials=5, **FIXED).score == found.score


def test_folds_take_the_weights_of_their_texts():
    pairs = [("a b", "x"), ("a c", "y")] * 20
    weights = [float(label == "x") for _, label in pairs]  # of y nothing is learnt
    found = autotune(pairs, folds=2, trials=1, sample_weight=weights, metric="recall:x", **FIXED)
    assert found.score == 1
    assert found.model.predict("c")[0] == ("__label__x",)
    for wrong, message in (({"folds": 41}, "folds=41, and there are 40 texts"), ({"folds": 2}, "of shape .3,.")):
        with pytest.raises(ValueError, match=message):
            autotune(pairs, trials=1, sample_weight=weights[:3], **wrong, **FIXED)


def test_folds_are_of_files_as_they_are_trained_on(tmp_path):
    path = tmp_path / "texts"
    path.write_bytes(b"__label__x a\xff </s> __label__y\n__label__y b\n" * 20)
    assert autotune(path, folds=2, trials=1, metric="recall", unicode_errors="ignore", alpha=1, **FIXED).score == 1
    with pytest.raises(UnicodeDecodeError, match="texts, line 1"):
        autotune(path, folds=2, trials=1, **FIXED)


@pytest.mark.parametrize(("size", "most"), [(4400, 4400), ("4K", 4000)])
def test_models_are_as_small_as_asked_for(tmp_path, files, size, most):
    fixed = {"vector_size": 2, "bucket": 200, "epochs": 5}
    found = autotune(files[0], validation=files[1], trials=4, model_size=size, **fixed)
    found.model.save_fasttext(tmp_path / "model.ftz")
    assert 0.8 * most < os.path.getsize(tmp_path / "model.ftz") <= most
    assert found.model.evaluate(files[1]).f1 == found.score
    with pytest.raises(ValueError, match="no trial came to its end: too large"):
        autotune(files[0], validation=files[1], trials=2, model_size=100, **fixed)


def test_time_is_kept(files):
    found = autotune(files[0], validation=files[1], seconds=3, **FIXED)
    assert found.trials
    with pytest.raises(ValueError, match="no trial came to its end"):
        autotune(files[0], validation=files[1], seconds=0, **FIXED)
    deadline = Deadline(lambda: -math.inf)
    Classifier(planted(50), callbacks=[deadline], **FIXED)
    assert deadline.ended


def test_an_interrupt_keeps_the_best(files):
    def interrupt(trial):
        if trial.number == 2:
            raise KeyboardInterrupt

    found = autotune(files[0], validation=files[1], trials=50, report=interrupt, workers=1, **FIXED)
    assert len(found.trials) == 3
    found = autotune(files[0], folds=2, trials=50, report=interrupt, workers=1, **FIXED)
    assert len(found.trials) == 3
    assert found.model.bucket == FIXED["bucket"]
    with pytest.raises(KeyboardInterrupt):
        autotune(files[0], validation=files[1], trials=5, metric=interrupted, **FIXED)


def interrupted(model):
    raise KeyboardInterrupt


def test_callbacks_are_refused_and_numbers_of_numpy_are_not(files, tmp_path):
    with pytest.raises(TypeError, match=r"autotune\(\) takes no callbacks: give report"):
        autotune(files[0], validation=files[1], trials=1, callbacks=[])
    given = {"metric": lambda model: np.float32(0.5), "log": tmp_path / "log", "bucket": np.int64(100)}
    assert autotune(files[0], validation=files[1], trials=2, **FIXED | given).score == 0.5


def test_metrics_are_what_they_are_called():
    data = planted(300, several=True)
    model = Classifier(data, vector_size=4, alpha=0.5, bucket=0, workers=1)
    found, of_label = model.evaluate(data, 2), model.evaluate(data, 2).by_label()["__label__l1"]
    for metric, value in (
        ("f1", found.f1),
        ("precision", found.precision),
        ("recall", found.recall),
        ("macro_f1", found.macro_f1),
        ("f1:__label__l1", of_label["f1score"]),
        ("recall:l1", of_label["recall"]),
    ):
        assert judge_of(metric, 2)(model, data) == value, metric
    probabilities = model.predict_proba([text for text, _ in data])
    losses, scores, right = [], [], []
    for row, (_, labels) in zip(probabilities, data, strict=True):
        own = [model.labels.index(f"__label__{label}") for label in labels]
        losses += [-math.log(row[label]) for label in own]
        scores += row.tolist()
        right += [label in own for label in range(LABELS)]
    assert judge_of("loss", 1)(model, data) == pytest.approx(-np.mean(losses), rel=1e-6)
    order = np.argsort(-np.array(scores), kind="stable")
    hits = np.cumsum(np.array(right)[order])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / hits[-1]
    assert judge_of("precisionAtRecall:50", 1)(model, data) == pytest.approx(precision[recall >= 0.5].max(), rel=0.01)
    assert judge_of("recallAtPrecision:80", 1)(model, data) == pytest.approx(recall[precision >= 0.8].max(), rel=0.01)
    assert 0 <= judge_of("precisionAtRecall:50:l1", 1)(model, data) <= 1
    assert judge_of(lambda given: len(given.labels), 1)(model, data) == LABELS
    assert sum(len(own) for own, *_ in answered(model, data, -1, 0.0, 1)) == sum(len(labels) for _, labels in data)
    with pytest.raises(ValueError, match="'x', which is no label"):
        judge_of("precisionAtRecall:50:x", 1)(model, data)
    for wrong in ("accuracy", "f1score", "precisionAtRecall", "precisionAtRecall:x", "loss:l1"):
        with pytest.raises(ValueError, match=re.escape(f"metric {wrong!r}")):
            judge_of(wrong, 1)


def test_texts_that_cannot_judge_are_told(files):
    with pytest.raises(ValueError, match="no trial came to its end: its score is no number"):
        autotune(files[0], validation=[("w1", "nobody")], trials=1, **FIXED)


def test_trials_that_diverge_are_told(files, tmp_path):
    log = tmp_path / "log"
    with pytest.raises(ValueError, match="no trial came to its end: TrainingDiverged"):
        autotune(files[0], validation=files[1], trials=1, alpha=1e30, log=log, **FIXED)
    assert json.loads(log.read_text().splitlines()[1])["error"] == "TrainingDiverged"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "either validation or folds"),
        ({"validation": [("a", "b")], "folds": 2}, "either validation or folds"),
        ({"folds": 2, "trials": 0}, "trials must be at least 1"),
        ({"folds": 1, "trials": 1}, "folds must be at least 2"),
        ({"folds": 2, "model_size": "many"}, "model_size must be a number of bytes"),
        ({"folds": 2, "model_size": 0}, "model_size must be positive"),
        ({"folds": 2, "metric": "best"}, "metric 'best'"),
    ],
)
def test_what_cannot_be_searched_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        autotune(planted(20), **wrong)
