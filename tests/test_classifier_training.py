"""Training of classifiers: what texts become, planted answers, going on, checkpoints, and bad input."""

import gzip
import itertools
import logging
import pickle
import random
import string
import threading
import time

import numpy as np
import pytest
from conftest import same_bits
from contract import Calling, Pauses, raising, same_arrays

from fastemb import Classifier, KeyedVectors, TrainingDiverged
from fastemb.corpus import Limits
from fastemb.corpus.labelled import LabelledCorpus, TextChunk, count_texts
from fastemb.kernels.text.features import Features
from fastemb.kernels.text.outputs import label_tree
from fastemb.models import _classifier_vocabulary as vocabulary
from fastemb.models._classifier_quantizing import cut
from fastemb.models._label_tree import label_paths, nodes_kept
from fastemb.models._random import RandomRows
from fastemb.training import StopTraining

LOSSES = ("softmax", "hs", "ns", "ova")
LABELS = 4


def words_of(label):
    """Words that tell a label, and share no n-grams with those of others."""
    draw = random.Random(label)
    return ["".join(draw.choices(string.ascii_lowercase, k=9)) for _ in range(5)]


def planted(n=600, seed=0, several=False):
    """Texts of which some words tell the labels."""
    draw = random.Random(seed)
    made = []
    for _ in range(n):
        labels = sorted(draw.sample(range(LABELS), 1 + (several and draw.random() < 0.3)))
        words = [draw.choice(words_of(draw.choice(labels))) for _ in range(3)]
        words += [f"w{draw.randrange(40)}" for _ in range(5)]
        draw.shuffle(words)
        made.append((" ".join(words), [f"l{label}" for label in labels]))
    return made


def in_lines(pairs):
    return "".join(f"{' '.join('__label__' + label for label in labels)} {text}\n" for text, labels in pairs)


def trained(data=None, **more):
    common = {"vector_size": 8, "alpha": 0.5, "epochs": 8, "workers": 1, "bucket": 1000}
    return Classifier(planted() if data is None else data, **common | more)


def accuracy(model, data=None):
    return model.test(planted(seed=1) if data is None else data)[1]


# What texts become.


@pytest.mark.parametrize(("word_ngrams", "max_n"), [(1, 0), (2, 0), (1, 3), (3, 4)])
@pytest.mark.parametrize("min_count", [1, 3])
def test_texts_become_the_features_that_predict_finds(word_ngrams, max_n, min_count):
    texts = ["the cat sat", "the the cat", "", "a rare word Köln", "東京 the </s> behind", "__label__x the\0cat\v sat "]
    data = [(text, "l") for text in texts]
    options = {"word_ngrams": word_ngrams, "max_n": max_n, "min_n": 2, "bucket": 97, "min_count": min_count}
    model = Classifier(data, vector_size=4, epochs=1, workers=1, **options)
    counted = count_texts(data, None, Limits())
    draft = vocabulary.Draft.of(model)
    corpus = LabelledCorpus(counted, vocabulary.meaning_of(draft, counted), np.zeros(1, np.int32), len(model.wv))
    ids, starts = corpus.chunks[0].arrays()
    buckets = model.wv.subwords.bucket
    features = Features(
        model.wv.index_to_key, model.labels, "__label__", 2, max_n if buckets else 0, buckets, word_ngrams
    )
    for k, text in enumerate(texts):
        found = []
        for row in ids[starts[k] : starts[k + 1]].tolist():
            found.append(row)
            if row < len(model.wv):
                found += (len(model.wv) + model.wv.buckets_word[row]).tolist()
        assert sorted(found) == sorted(features.bags([text])[0].tolist()), text


def test_files_pairs_and_columns_give_the_same_classifier(tmp_path):
    data = planted(several=True)
    path, packed = tmp_path / "texts", tmp_path / "texts.gz"
    path.write_text(in_lines(data))
    packed.write_bytes(gzip.compress(path.read_bytes()))
    first = trained(data)
    prefixed = [(text, [f"__label__{label}" for label in labels]) for text, labels in data]
    texts, labels = [text for text, _ in data], [labels for _, labels in data]
    for other in (trained(prefixed), trained(texts, labels=labels), trained(iter(data))):
        assert other.labels == first.labels
        assert same_arrays(first.to_arrays(), other.to_arrays())
    in_a_file = trained(path)
    assert dict(zip(in_a_file.labels, in_a_file.label_counts.tolist(), strict=True)) == dict(
        zip(first.labels, first.label_counts.tolist(), strict=True)
    )
    assert in_a_file.wv.index_to_key == first.wv.index_to_key
    with path.open() as file:
        for other in (trained(packed), trained(str(path)), trained(file)):
            assert same_arrays(in_a_file.to_arrays(), other.to_arrays())
    assert accuracy(first) > 0.9
    assert accuracy(in_a_file) > 0.9


def test_words_and_labels_are_counted_as_by_fasttext(tmp_path):
    path = tmp_path / "texts"
    path.write_text("__label__b x y\n\n__label__a __label__b x\nz z z __label__a\nno label\n__label__a\n")
    model = trained(path, min_count=2)
    assert dict(zip(model.wv.index_to_key, model.wv.expandos["count"].tolist(), strict=True)) == {
        "</s>": 6, "z": 3, "x": 2,
    }  # fmt: skip
    assert model.wv.index_to_key == ["</s>", "z", "x"]
    assert model.labels == ["__label__a", "__label__b"]
    assert model.label_counts.tolist() == [3, 2]
    assert trained(path, min_count_label=3).labels == ["__label__a"]


def test_empty_lines_are_texts_with_weights(tmp_path):
    (tmp_path / "texts").write_text("__label__a x\n\n" * 3 + "__label__b y y y y\n")
    model = trained(tmp_path / "texts", min_count=1, sample_weight=np.ones(7))
    assert model.wv.index_to_key == ["</s>", "y", "x"]
    assert model.wv.expandos["count"].tolist() == [7, 4, 3]  # as fastText counts them


def test_a_word_that_begins_as_a_label_is_in_the_vector_of_a_text(tmp_path):
    (tmp_path / "texts").write_text("#a __label__q x\n#b y z\n" * 5)
    model = trained(tmp_path / "texts", label_prefix="#", min_count=1)
    rows = model.wv.vectors_vocab[[model.wv.key_to_index[word] for word in ("__label__q", "x", "</s>")]]
    path = tmp_path / "model.bin"
    model.save_fasttext(path)
    for wv in (model.wv, Classifier.load(path).wv):
        np.testing.assert_allclose(wv.get_sentence_vector("__label__q x __label__none"), rows.mean(axis=0), rtol=1e-5)


def test_a_vector_of_a_text_leaves_out_the_labels_that_predict_leaves_out(tmp_path):
    data = [(f"{text} __label__word", labels) for text, labels in planted()]
    model = trained(data, label_prefix="#", epochs=2, min_n=2, max_n=3)
    model.save(tmp_path / "model")
    for made in (model, Classifier.load(tmp_path / "model")):
        for text in ("w1 __label__word", "w1 #l1 #unknown", "w1 __label__unknown"):
            vector = made.wv.get_sentence_vector(text)
            products = np.exp(made.output @ vector)
            np.testing.assert_allclose(made.predict_proba([text])[0], products / products.sum() + 1e-5, atol=1e-6)
        np.testing.assert_array_equal(made.wv.get_sentence_vector("w1 #unknown"), made.wv.get_sentence_vector("w1"))
    before = model.predict_proba(["w1 @unknown"])
    model.label_prefix = "@"  # what was set is used, also after answers
    assert not same_bits(model.predict_proba(["w1 @unknown"]), before)
    assert same_bits(model.predict_proba(["w1 @unknown"]), model.predict_proba(["w1"]))


def test_other_prefixes_and_labels_with_blanks(tmp_path):
    path = tmp_path / "texts"
    path.write_text("#a x __label__z\n#b y\n" * 20)
    model = trained(path, label_prefix="#", alpha=1, epochs=50)
    assert model.labels == ["#a", "#b"]
    assert "__label__z" in model.wv.key_to_index
    assert model.predict("x")[0] == ("#a",)
    model = trained([("x", "two words"), ("y", "b")] * 20, alpha=1, epochs=50)
    assert model.predict("x")[0] == ("__label__two words",)
    model.save(tmp_path / "model")
    assert Classifier.load(tmp_path / "model").labels == model.labels
    model.save_fasttext(tmp_path / "model.bin")
    assert Classifier.load(tmp_path / "model.bin").predict("x")[0] == ("__label__two words",)


# Planted answers.


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("features", [{}, {"word_ngrams": 2}, {"min_n": 2, "max_n": 3}])
def test_planted_labels_are_found(loss, workers, features):
    model = trained(planted(several=True), loss=loss, workers=workers, compute_loss=True, **features)
    assert accuracy(model) > 0.9
    assert len(model.epoch_losses) == 8
    assert model.epoch_losses[-1] < model.epoch_losses[0]
    assert accuracy(trained([(text, [f"l{k % LABELS}"]) for k, (text, _) in enumerate(planted())])) < 0.5


def test_one_worker_and_seed_give_the_same_bits():
    first, again, other = trained(), trained(), trained(seed=2)
    assert same_arrays(first.to_arrays(), again.to_arrays())
    assert not same_bits(first.output, other.output)


def test_a_small_budget_of_memory_changes_nothing():
    options = {"word_ngrams": 2, "min_n": 2, "max_n": 3, "min_count": 3}
    first, other = trained(**options), trained(memory_budget=2000, **options)
    assert same_arrays(first.to_arrays(), other.to_arrays())


def test_no_more_chunks_than_workers_are_in_memory(monkeypatch):
    made_of, lock, there, most = TextChunk.made_of, threading.Lock(), 0, 0

    def counted(*arguments):
        nonlocal there, most
        with lock:
            there += 1
            most = max(most, there)
        time.sleep(0.02)
        with lock:
            there -= 1
        return made_of(*arguments)

    monkeypatch.setattr(TextChunk, "made_of", counted)
    trained([("w1 w2", "l0"), ("w3", "l1")] * 15000, memory_budget=0, epochs=1, workers=2, vector_size=1)
    assert most <= 2


def test_weights_of_labels_and_texts_count():
    draw = random.Random(0)
    data = [(f"x w{draw.randrange(9)}", "often" if draw.random() < 0.8 else "rare") for _ in range(1000)]
    options = {"epochs": 20, "alpha": 0.02}
    assert trained(data, **options).predict("x")[0] == ("__label__often",)
    for weights in ({"rare": 20}, {"__label__rare": 20}):
        assert trained(data, class_weight=weights, **options).predict("x")[0] == ("__label__rare",)
    balanced = trained(data, class_weight="balanced", **options).predict_proba(["x"])[0]
    assert abs(balanced[0] - balanced[1]) < 0.25
    rare = [20 if label == "rare" else 1 for _, label in data]
    assert trained(data, sample_weight=rare, **options).predict("x")[0] == ("__label__rare",)
    without = trained(data, sample_weight=[label == "rare" for _, label in data], **options)
    assert without.predict_proba(["x"])[0][1] > 0.99
    spilled = trained(data, sample_weight=rare, memory_budget=2000, **options)
    assert same_arrays(spilled.to_arrays(), trained(data, sample_weight=rare, **options).to_arrays())


def test_vectors_to_begin_with():
    rows = np.zeros((2, 8), np.float32)
    rows[:, 0] = 5
    given = KeyedVectors.from_arrays(["w0", "elsewhere"], rows)
    model = trained(init_from=given, alpha=1e-9, epochs=1)
    for word in given.index_to_key:
        np.testing.assert_allclose(model.wv.vectors_vocab[model.wv.key_to_index[word]], rows[0], atol=1e-5)
    assert model.init_from is None
    assert "elsewhere" in model.wv.key_to_index
    with pytest.raises(ValueError, match="size 8"):
        trained(init_from=given, vector_size=4)


def test_labels_among_vectors_to_begin_with_are_no_words():
    given = KeyedVectors.from_arrays(["w0", "__label__l0", "__label__other"], np.ones((3, 8), np.float32))
    model = trained(init_from=given, epochs=1)
    assert not {"__label__l0", "__label__other"} & set(model.wv.index_to_key)
    assert model.predict("w0 __label__other")[0]


def test_attributes_of_words_stay_where_words_are_added():
    model = trained(epochs=1)
    model.wv.set_vecattr("w3", "mark", 2.5)
    model.train([("w3 unheard", "l0")] * 3, epochs=1)
    assert [model.wv.get_vecattr(word, "mark") for word in ("w3", "w4", "unheard")] == [2.5, 0, 0]


def test_a_quantised_classifier_keeps_its_parameters(tmp_path):
    given = {"seed": 7, "memory_budget": 12345, "compute_loss": True, "unicode_errors": "ignore"}
    model = trained(epochs=1, **given)
    (tmp_path / "texts").write_bytes(in_lines(planted()).encode() + b"__label__l0 \xff\n")
    for options in ({}, {"cutoff": 50}, {"cutoff": 50, "retrain": tmp_path / "texts", "seed": 7}):
        made = model.quantize(**options)
        made.save(tmp_path / "model")
        for each in (made, Classifier.load(tmp_path / "model")):
            assert {name: getattr(each, name) for name in given} == given
            assert each.workers == 1
            assert each.train_count == (2 if "retrain" in options else 1)
    assert model.train_count == 1
    assert len(model.epoch_losses) == 1


# Scores by epoch.


def test_scores_by_epoch_end_training_early():
    model = trained(validation=planted(seed=1), epochs=30, patience=2, alpha=0.2)
    scores = model.validation_scores
    assert 3 <= len(scores) < 30
    assert max(scores) > 0.9
    assert max(scores[-2:]) <= max(scores[:-2])
    model.train(planted(), epochs=2, validation=planted(seed=1))
    assert len(model.validation_scores) == 2
    for wrong in ({"patience": 2}, {"patience": 0, "validation": planted()}):
        with pytest.raises(ValueError, match="patience"):
            trained(**wrong)
    with pytest.raises(TypeError, match="patience must be a whole number"):
        trained(patience=1.5, validation=planted())


def test_texts_that_cannot_validate_are_warned_of(caplog):
    with caplog.at_level("WARNING"):
        scores = trained(validation=[("w1", "nobody")], epochs=3).validation_scores
    assert np.isnan(scores).tolist() == [True] * 3
    assert [record.message for record in caplog.records if "to validate by" in record.message] == [
        "no text to validate by has a label and a word that the classifier knows: F1 is NaN"
    ]


def test_texts_to_validate_by_are_read_once(tmp_path):
    (tmp_path / "texts").write_text(in_lines(planted(seed=1)))
    scores = trained(validation=planted(seed=1), epochs=3).validation_scores
    with open(tmp_path / "texts") as file:
        for given in (iter(planted(seed=1)), tmp_path / "texts", file):
            assert trained(validation=given, epochs=3).validation_scores == scores


def test_open_files_to_validate_by_are_read_as_those_with_a_name(tmp_path):
    path = tmp_path / "texts"
    path.write_bytes("".join(f"__label__l0 {word} </s> w1 __label__l1\n" for word in words_of(0)).encode() + b"\xff\n")
    options = {"epochs": 3, "unicode_errors": "ignore"}
    expected = trained(validation=path, **options).validation_scores
    assert expected[-1] == 1  # what stands behind </s> is no label
    with open(path, "rb") as file:
        assert trained(validation=file, **options).validation_scores == expected
        with pytest.raises(UnicodeDecodeError, match="texts, line 6"):
            trained(validation=file)


# Going on.


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("file", [None, "native", "model.bin"])
@pytest.mark.parametrize("features", [{}, {"word_ngrams": 2, "min_n": 2, "max_n": 3}])
def test_new_texts_bring_new_words_and_labels(tmp_path, loss, file, features):
    data = planted()
    model = trained(data, loss=loss, **features)
    if file is not None:
        (model.save if file == "native" else model.save_fasttext)(tmp_path / file)
        model = Classifier.load(tmp_path / file)
        model.workers, model.alpha, model.epochs = 1, 0.5, 8
    before = accuracy(model)
    labels, words, counts = list(model.labels), list(model.wv.index_to_key), model.label_counts.sum()
    new = [(f"{text} fresh", ["new", *own]) for text, own in planted(200, seed=3)]
    new = [(text, own[:1]) for text, own in new] + data
    model.train(new)
    assert set(model.labels) == {*labels, "__label__new"}
    assert model.wv.index_to_key == [*words, "fresh"]
    assert model.label_counts.sum() == counts + 800
    assert model.predict("fresh")[0] == ("__label__new",)
    assert accuracy(model) > before - 0.1
    if loss != "hs":
        assert model.labels == [*labels, "__label__new"]
    model.train(data, epochs=1)
    assert len(model.labels) == LABELS + 1


def test_fasttexts_own_files_are_trained_on(tmp_path):
    golden = __file__.replace("test_classifier_training.py", "golden/supervised.bin")
    model = Classifier.load(golden)
    labels, size = list(model.labels), len(model.wv)
    model.train([("entirely other words", "other")] * 50, epochs=20, alpha=1)
    assert model.labels == [*labels, "__label__other"]
    assert len(model.wv) > size
    assert model.predict("entirely other words")[0] == ("__label__other",)
    with pytest.raises(TypeError, match="quantised"):
        model.quantize().train([("a", "b")])


def test_what_is_for_training_is_refused_without_texts():
    model = trained(epochs=1)
    for given in ({"epochs": 2}, {"alpha": 0.5}, {"labels": ["l0"]}):
        with pytest.raises(ValueError, match=f"{next(iter(given))} is for retrain"):
            model.quantize(**given)


@pytest.mark.parametrize("features", [{}, {"word_ngrams": 2, "min_n": 2, "max_n": 3}])
@pytest.mark.parametrize("loss", LOSSES)
def test_rows_that_are_left_are_trained_again(features, loss):
    model = trained([(text, [f"l{k % LABELS}"]) for k, (text, _) in enumerate(planted())], loss=loss, **features)
    before = {name: np.array(array) for name, array in model.to_arrays().items()}
    cutoff = 40
    small = model.quantize(cutoff, qnorm=True)
    again = model.quantize(cutoff, qnorm=True, retrain=planted(), epochs=20)
    assert len(again.wv) + len(again.wv.ngram_rows) == cutoff
    assert again.wv.index_to_key == small.wv.index_to_key
    assert accuracy(small) < 0.5
    assert accuracy(again) > 0.6
    assert accuracy(model.quantize(retrain=planted(), qnorm=True)) > 0.9
    assert same_arrays(before, model.to_arrays())
    pruned = cut(model, cutoff)
    if features:
        with pytest.raises(TypeError, match="pruned"):
            pruned.train(planted())


def test_paths_are_those_of_the_tree():
    counts = np.sort(np.random.default_rng(0).integers(0, 30, 40))[::-1].copy()
    children = label_tree(counts)
    starts, nodes, sides = label_paths(counts)
    for label in range(len(counts)):
        at = 2 * len(counts) - 2
        path = slice(starts[label], starts[label + 1])
        for node, side in zip(nodes[path].tolist(), sides[path].astype(int).tolist(), strict=True):
            assert at == len(counts) + node
            at = children[node, side]
        assert at == label
    assert [part.tolist() for part in label_paths(np.array([3]))] == [[0, 0], [], []]


def test_inner_nodes_that_part_the_same_labels_keep_their_rows():
    before, counts = np.array([9, 9, 9, 8, 8, 8, 7, 2]), np.array([9, 9, 9, 8, 8, 8, 7, 3, 2])
    order = np.array([0, 1, 2, 3, 4, 5, 6, 8, 7])  # label 8 is new, and stands before label 7
    output = np.zeros((9, 2), np.float32)
    output[:7] = np.arange(1, 15).reshape(7, 2)
    made = nodes_kept(before, output, counts, order)

    def below(counts, names):
        children = label_tree(np.array(counts))
        leaves = [{name} for name in names] + [None] * len(children)
        for node, pair in enumerate(children.tolist()):
            leaves[len(counts) + node] = leaves[pair[0]] | leaves[pair[1]]
        return [[leaves[child] for child in pair] for pair in children.tolist()]

    old, new = below(before, range(8)), below(counts, order.tolist())
    kept = 0
    for row, sides in enumerate(new):
        if sides in old:
            np.testing.assert_array_equal(made[row], output[old.index(sides)])
        elif sides[::-1] in old:
            np.testing.assert_array_equal(made[row], -output[old.index(sides[::-1])])
        else:
            np.testing.assert_array_equal(made[row], 0)
            continue
        kept += 1
    assert 0 < kept < 7


# Checkpoints.


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("features", [{}, {"word_ngrams": 2, "min_n": 2, "max_n": 3}])
def test_training_goes_on_from_a_checkpoint(tmp_path, monkeypatch, loss, features):
    monkeypatch.setattr("fastemb.training.trainer.POLL", 0.0001)
    data = planted(several=True) * 3
    saves = Pauses(tmp_path)
    options = {"loss": loss, "compute_loss": True, "epochs": 3, **features}
    whole = trained(data, callbacks=[saves], **options)
    assert len(saves.files) >= 3
    for path in (saves.files[0], *saves.files[-2:]):
        again = Classifier.resume(path, data, workers=1)
        assert same_arrays(whole.to_arrays(), again.to_arrays())
        assert again.epoch_losses == pytest.approx(whole.epoch_losses)
        assert again.labels == whole.labels
    with pytest.raises(ValueError, match="another corpus"):
        Classifier.resume(saves.files[0], data[1:])
    moved = [(text, labels[::-1]) for text, labels in data]
    with pytest.raises(ValueError, match="which differ"):
        Classifier.resume(saves.files[0], moved)
    with pytest.raises(ValueError, match="loss"):
        Classifier.resume(saves.files[0], data, loss="softmax" if loss != "softmax" else "hs")


@pytest.mark.parametrize("again", [False, True])
def test_a_rate_that_is_too_high_is_told_and_undone(again):
    model = trained()
    before = {name: np.array(array) for name, array in model.to_arrays().items()}
    if not again:
        with pytest.raises(TrainingDiverged, match="alpha="):
            trained(alpha=1e30)
        return
    with pytest.raises(TrainingDiverged, match="brought back to what it was before"):
        model.train(planted(), alpha=1e30, epochs=3)
    after = model.to_arrays()
    assert all(same_bits(before[name], after[name]) for name in ("output", "vectors_vocab"))
    assert (model.alpha, model.epochs) == (0.5, 8)


def test_callbacks_may_stop_and_fail():
    stopping = Calling("on_epoch_end", raising(StopTraining("enough")))
    model = trained(callbacks=[stopping], compute_loss=True)
    assert (stopping.calls, len(model.epoch_losses)) == (1, 1)
    model = trained()
    with pytest.raises(KeyError):
        model.train(planted(), callbacks=[Calling("on_epoch_begin", raising(KeyError("x")))])
    assert accuracy(model) > 0.9
    copied = pickle.loads(pickle.dumps(model))
    copied.train(planted(), epochs=1)
    assert accuracy(copied) > 0.9


# Bad input.


def test_what_is_no_labelled_text_is_refused(tmp_path, caplog):
    path = tmp_path / "texts"
    for text, message in (("no labels\nat all\n", "no text has a label"), ("", "no text has a label")):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            trained(path)
    path.write_text("__label__a\n__label__b\n")
    with pytest.raises(ValueError, match="no word is left"):
        trained(path)
    path.write_text("__label__a x\n")
    with pytest.raises(ValueError, match="no label is left: the most frequent occurs 1 times"):
        trained(path, min_count_label=2)
    path.write_bytes(b"__label__a x\n__label__a \xff\n")
    with pytest.raises(UnicodeDecodeError, match=r"texts, line 2"):
        trained(path)
    trained(path, unicode_errors="ignore")
    for data, error, message in (
        ([], ValueError, "no text has a label"),
        (["text alone"], TypeError, "example 0 must be a text and its label"),
        ([("a", 1)], TypeError, "example 0"),
        ([("a", [1])], TypeError, "example 0"),
        ([(1, "a")], TypeError, "example 0"),
        ([("fine", "a"), ("two\nlines", "a")], ValueError, "text 1 holds an end of line"),
        ([("fine", "a"), ("other", ["b", "two\nlines"])], ValueError, "label 'two.*' of text 1 holds an end of line"),
        ([("fine", "a"), ("a \ud800", "a")], ValueError, "text 1 is no text: it has a surrogate at 2"),
        ([("fine", "a"), ("fine", ["b", "\ud800"])], ValueError, r"label .* is no text: it has a surrogate at 0"),
    ):
        with pytest.raises(error, match=message):
            trained(data)
    with pytest.raises(ValueError, match="zip"):
        trained(["a", "b"], labels=["x"])
    with pytest.raises(TypeError, match="labels in it"):
        trained(path, labels=["x"])
    with caplog.at_level(logging.WARNING):
        assert trained([("x y", "a")] * 5).predict("x")[0] == ("__label__a",)
    assert "but one label" in caplog.text
    with pytest.raises(ValueError, match="not trained"):
        Classifier().save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of"),
        ({"vector_size": 0}, "vector_size"),
        ({"epochs": 0}, "epochs"),
        ({"alpha": -1}, "alpha"),
        ({"min_n": 4, "max_n": 3}, "min_n=4 is above max_n=3"),
        ({"word_ngrams": 0}, "word_ngrams"),
        ({"bucket": 2**31}, "bucket"),
        ({"negative": 0}, "negative"),
        ({"class_weight": {"nobody": 1}}, "nobody"),
        ({"class_weight": {"l1": -1}}, "class_weight of 'l1' must not be negative"),
        ({"class_weight": {"l1": float("nan")}}, "l1"),
        ({"class_weight": {"l1": 1e39}}, "class_weight of 'l1' is more than a float32 holds"),
        ({"sample_weight": [1, 2]}, "2,"),
        ({"sample_weight": [-1.0] * 600}, "negative"),
        ({"sample_weight": [float("inf")] * 600}, "finite"),
        ({"sample_weight": [1e39] * 600}, "finite"),
    ],
)
def test_wrong_parameters_are_named_and_change_nothing(wrong, message):
    with pytest.raises(ValueError, match=message):
        trained(**wrong)
    model = trained()
    before = {name: np.array(array) for name, array in model.to_arrays().items()}
    if wrong.keys() & {"class_weight", "sample_weight", "epochs", "alpha"}:
        with pytest.raises(ValueError, match=message):
            model.train([(text, ["new"]) for text, _ in planted()], **wrong)
        assert same_arrays(before, model.to_arrays())
        assert len(model.labels) == LABELS


def test_more_words_and_buckets_than_rows_can_be_numbered_are_refused(monkeypatch):
    monkeypatch.setattr(vocabulary, "MOST_BUCKETS", 2000)
    with pytest.raises(ValueError, match=r"words and bucket=2000 are more than 2000 rows: take a smaller bucket"):
        trained(word_ngrams=2, bucket=2000)


def test_texts_without_labels_or_words_are_passed_over():
    data = list(itertools.chain.from_iterable((pair, ("w1 w2", []), ("", ["l1"])) for pair in planted()))
    assert accuracy(trained(data)) > 0.9


def test_rows_that_no_text_had_are_made_when_they_are_asked_for(tmp_path):
    model = trained(word_ngrams=2, min_n=2, max_n=3, bucket=5000)
    rows = model.wv.ngram_rows
    assert isinstance(rows, RandomRows)
    held = rows.rows.shape
    texts = ["never seen words", "w1 w2", "", *(text for text, _ in planted(50, seed=9))]
    found = model.predict_proba(texts)
    assert rows.rows.shape == held != rows.shape
    model.save(tmp_path / "model")
    np.testing.assert_allclose(Classifier.load(tmp_path / "model").predict_proba(texts), found, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_many_labels_are_told_apart(loss):
    data = [(f"w{k} common", f"l{k}") for k in range(300)] * 20
    # All have </s> and a word in common, which several texts at a time would train too much.
    model = trained(data, loss=loss, vector_size=32, epochs=40, alpha=0.3)
    assert accuracy(model, data[:300]) > 0.9
    longer = [(f"{text} {' '.join(f'c{k}{j}' for j in range(9))}", label) for k, (text, label) in enumerate(data[:300])]
    assert accuracy(trained(longer * 20, loss=loss, vector_size=32, epochs=10, alpha=0.3), longer) > 0.9
