"""Sizes that parameters and files name: what is made is as large as the data needs, or a sentence says why not."""

import math
import struct
import threading

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec, _numbers, load_vectors
from fastemb._threads import run_in_order
from fastemb.corpus import LineSentence, cooccurrence, encode
from fastemb.corpus.cooccurrence import LARGEST, Means, Window, cooccurrences, segments
from fastemb.formats.fasttext import Source, read_centroids
from fastemb.models import parameters
from fastemb.models.fasttext import FastTextKeyedVectors

SENTENCES = [["a", "b", "c", "d", "e"] * 4, ["b", "c", "e"] * 3] * 20
INDEX = {word: number for number, word in enumerate("abcde")}
OPTIONS = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 2}
HUGE = [10**9, 2**31, 2**63 - 1, 2**63, 10**30]


@pytest.mark.parametrize("huge", HUGE)
@pytest.mark.parametrize("memory", [0, 400, 2**30])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("across", [False, True])
def test_a_window_is_no_wider_than_the_text(huge, memory, weighted, across):
    corpus = encode(SENTENCES[:10], INDEX)
    counted = [
        cooccurrences(corpus, 5, Window(size, True, weighted, across), Means(2, memory))
        for size in (corpus.words if across else 20, huge)
    ]
    assert np.array_equal(counted[0].rows, counted[1].rows)
    np.testing.assert_allclose(counted[0].values, counted[1].values, rtol=1e-12)


def test_little_is_carried_from_one_piece_of_the_text_to_the_next(monkeypatch):
    carried = []
    monkeypatch.setattr(cooccurrence, "Segment", lambda text, before, words: carried.append(len(before)))
    list(segments(encode(SENTENCES * 20, INDEX), 5, Window(10**9), 12 * 4 * 50))
    assert len(carried) > 100
    assert max(carried) <= 20


@pytest.mark.parametrize("size", [1, 2, 5, 10, 63, 64, 100, 1000])
@pytest.mark.parametrize("words", [0, 1, 1000, 10**8])
def test_the_weights_of_a_window_are_what_they_were(size, words):
    weights, unit = Window(size).weights(words)
    most = math.ceil(2 * max(words, 1) * (1 + math.log(size)))
    assert unit <= LARGEST // most
    assert weights.tolist() == [max(1, (2 * unit + d) // (2 * d)) for d in range(1, size + 1)]
    assert Window(size).weights(words, 1)[0].tolist() == weights[:1].tolist()


@pytest.mark.parametrize("huge", HUGE)
@pytest.mark.parametrize("name", ["window", "workers", "max_vocab_size", "max_final_vocab", "memory_budget", "seed"])
@pytest.mark.parametrize(("kind", "options"), [(Word2Vec, {"sg": 1}), (FastText, {"bucket": 50}), (GloVe, {})])
def test_huge_parameters_change_nothing_or_are_refused_by_name(kind, options, name, huge):
    options = {**OPTIONS, **options} | ({} if kind is GloVe else {"sample": 0, "shrink_windows": False})
    most = {"window": 2**31 - 1, "workers": 2**31 - 1, "seed": 2**64 - 1}.get(name, 2**63 - 1)
    if huge > most:
        with pytest.raises(ValueError, match=f"^{name} must be at most {most}, not {huge}"):
            kind(SENTENCES, **options | {name: huge})
        return
    model = kind(SENTENCES, **options | {name: huge})
    if name not in ("seed", "workers"):
        expected = kind(SENTENCES, **options | ({"window": 20} if name == "window" else {}))
        np.testing.assert_allclose(model.wv.vectors, expected.wv.vectors, atol=1e-5 if name == "window" else 0)
    assert np.isfinite(model.wv.vectors).all()


def whole_numbers(kind):
    """The parameters and counters of a model that are whole numbers."""
    return [name for name in (*kind.PARAMETERS, *kind.STATE) if is_whole(parameters.CHECKS.get(name))]


def is_whole(check):
    try:
        return check is not None and type(check("it", 7)) is type(check("it", 7.0)) is int
    except (TypeError, ValueError, NotImplementedError):
        return False


@pytest.mark.parametrize("kind", [Word2Vec, FastText, GloVe])
def test_all_whole_numbers_have_a_bound(kind):
    names = whole_numbers(kind)
    assert {"vector_size", "window", "epochs", "seed", "workers", "min_count", "memory_budget", "max_vocab_size"} <= {
        *names
    }
    for name in names:
        for huge in (2**64, 2**70, 10**30):
            with pytest.raises(ValueError, match=f"^{name} must be at most .*, not {huge}"):
                parameters.checked({name: huge})


@pytest.mark.parametrize("kind", [Word2Vec, FastText, GloVe])
def test_a_file_with_a_number_beyond_its_bound_is_refused_by_name(kind, tmp_path, monkeypatch):
    model = kind(SENTENCES, **OPTIONS | ({"bucket": 50} if kind is FastText else {}))
    path, saved = tmp_path / "model", set()
    for name in whole_numbers(kind):
        was = getattr(model, name)
        monkeypatch.setitem(_numbers.MOST, name, 2**90)
        setattr(model, name, 2**70)
        try:
            model.save(path)
        except ValueError:  # it would not fit the arrays
            continue
        finally:
            monkeypatch.undo()
            setattr(model, name, was)
        with pytest.raises(ValueError, match=f"model: .*{name} must be at most .*, not {2**70}"):
            kind.load(path)
        saved.add(name)
    assert {"window", "epochs", "seed", "workers", "min_count", "memory_budget", "train_count", "corpus_count"} <= saved


def test_epochs_of_a_call_have_a_bound():
    for kind in (Word2Vec, GloVe):
        model = kind(SENTENCES, **OPTIONS)
        before = model.wv.vectors.copy()
        with pytest.raises(ValueError, match=r"^epochs must be at most 2147483647, not"):
            model.train(SENTENCES, epochs=2**70, **({} if kind is GloVe else {"total_examples": 40}))
        assert np.array_equal(model.wv.vectors, before)


@pytest.mark.parametrize("name", ["vector_size", "negative", "min_n", "max_n"])
def test_what_no_machine_could_do_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f"{name} must be at most .*, not {10**30}"):
        FastText(SENTENCES, **OPTIONS | {name: 10**30})
    with pytest.raises(ValueError, match="a count must be at most"):
        Word2Vec(**OPTIONS).build_vocab_from_freq({"a": 2**63})


@pytest.mark.parametrize(
    ("kind", "options"),
    [(Word2Vec, {}), (Word2Vec, {"hs": 1}), (FastText, {"bucket": 10}), (FastText, {"bucket": 10**6}), (GloVe, {})],
)
def test_matrices_that_the_machine_cannot_hold_are_refused_before_they_are_made(kind, options, monkeypatch):
    model = kind(**OPTIONS | {"vector_size": 1000} | options)
    monkeypatch.setattr(parameters.os, "sysconf", lambda name: {"SC_PHYS_PAGES": 9, "SC_PAGE_SIZE": 4096}[name])
    with pytest.raises(MemoryError, match=r"rows of 1000 numbers.* take .* GiB, and this machine has .* vector_size"):
        model.build_vocab(SENTENCES)


def test_noise_takes_no_more_memory_than_there_are_words():
    options = OPTIONS | {"alpha": 1e-6, "min_alpha": 0, "sample": 0}
    model = Word2Vec(SENTENCES[:2], **options | {"negative": 10**5, "sg": 1})
    assert np.isfinite(model.wv.vectors).all()
    for words in range(1, 20):  # the last word that is drawn is the last for which there is room
        text = [[str(k) for k in range(words)] * 3] * 3
        assert np.isfinite(Word2Vec(text, **options | {"negative": 300}).syn1neg).all()


def test_no_more_threads_than_work():
    most, taken = [], []
    run_in_order(
        range(3),
        lambda item, _: most.append(threading.active_count()) or item,
        taken.append,
        10**9,
        lambda: None,
    )
    assert taken == [0, 1, 2]
    assert max(most) <= threading.active_count() + 3


@pytest.mark.parametrize("length", [None, 0, 10**30])
def test_sentences_of_a_file_are_cut_no_shorter_than_asked(tmp_path, length):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in SENTENCES))
    source = LineSentence(path, max_sentence_length=length)
    assert list(source) == SENTENCES
    corpus = encode(source, INDEX)
    assert [np.diff(starts).tolist() for _, starts in corpus.load(corpus.chunks)] == [[20, 9] * 20]
    assert corpus.longest == 20


def test_a_wide_window_scores_whole_sentences():
    model = Word2Vec(SENTENCES, **OPTIONS, hs=1, negative=0)
    model.window = 20
    expected = model.score(SENTENCES[:2])
    model.window = 10**30
    assert np.array_equal(model.score(SENTENCES[:2]), expected)


def test_vectors_are_read_by_no_more_threads_than_help(tmp_path):
    path = tmp_path / "vectors.txt"
    vectors = np.random.default_rng(0).random((30_000, 20), np.float32)
    path.write_text("30000 20\n" + "".join(f"w{k} {' '.join(map(str, row))}\n" for k, row in enumerate(vectors)))
    assert path.stat().st_size > 4 << 20
    np.testing.assert_array_equal(load_vectors(path, workers=10**9).vectors, vectors)


def test_the_width_of_a_quantiser_in_a_file_takes_no_memory(tmp_path):
    path = tmp_path / "centroids"
    values = np.arange(256, dtype="<f4")
    path.write_bytes(struct.pack("<4i", 1, 1, 2**31 - 1, 1) + values.tobytes())
    with open(path, "rb") as file:
        centroids = read_centroids(Source(file, "x", False), 1, "the centroids")
    assert centroids.shape == (1, 256, 1)
    assert np.array_equal(centroids[0, :, 0], values)


@pytest.mark.parametrize(("kind", "ngrams"), [(KeyedVectors, ()), (FastTextKeyedVectors, (3, 6, 10))])
def test_more_keys_than_memory_holds_are_refused_in_words(kind, ngrams):
    with pytest.raises(MemoryError, match=r"shape \(10000000000000, 3\)"):
        kind(3, *ngrams, count=10**13)
