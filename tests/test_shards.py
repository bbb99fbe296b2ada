"""Texts that all workers train together, each the rows that it owns, against NumPy."""

import threading

import numpy as np
import pytest
from reference import sigmoid
from test_labels import LABELS, WEIGHTS, make_epoch, matrices, planted, softmax, work

from fastemb import Classifier
from fastemb.kernels import step as kernels

WORDS = 150  # ten groups of rows, which three workers own in turn
SPAN, BATCH = 64, 4  # texts; a span has less of them if they are 16,384 tokens


@pytest.fixture(params=kernels.implementations(), name="implementation")
def each_implementation(request):
    kernels.choose(request.param)
    yield request.param
    kernels.choose()


def long_texts(texts=200, seed=0, longest=150):
    """Texts of ids, in which equal ones are together, -1 among them, some empty or unknown; and labels, some none."""
    draw = np.random.default_rng(seed)
    bags = [np.sort(draw.zipf(1.3, draw.integers(40, longest)) % (WORDS + 1) - 1).tolist() for _ in range(texts)]
    bags[5], bags[70], bags[71] = [], [-1, -1], [0]
    return bags, [draw.integers(0, LABELS, draw.integers(0, 4)).tolist() for _ in range(texts)]


def words_and_labels():
    return matrices(WORDS)


def train_late(texts, targets, inputs, outputs, loss, drawn, text_weights=None, label_weights=None):
    """What workers do together: batches at once, each of which meets the rows without the deltas of the one before.

    The last of a span meets them all.
    """
    drawn = iter(drawn or ())
    text_weights = np.ones(len(texts)) if text_weights is None else text_weights
    label_weights = np.ones(len(outputs)) if label_weights is None else label_weights
    late, total = [], 0
    for begin in range(0, len(texts), SPAN):
        span = [k for k in range(begin, min(begin + SPAN, len(texts))) if targets[k] and max(texts[k], default=-1) >= 0]
        for first in range(0, len(span), BATCH):
            batch = span[first : first + BATCH]
            if first + BATCH >= len(span):
                late = add(inputs, late)
            rows = [[word for word in texts[k] if word >= 0] for k in batch]
            hidden = np.array([inputs[row].mean(axis=0) for row in rows])
            dots = hidden @ outputs.T
            true = np.zeros(dots.shape)
            weights = np.outer(text_weights[batch], label_weights)
            if loss == "softmax":
                label = [next(drawn) for _ in batch]
                true[np.arange(len(batch)), label] = 1
                weights = weights[np.arange(len(batch)), label][:, None]
                gradient = weights * (true - softmax(dots))
                total -= (weights * true * np.log(softmax(dots))).sum()
            else:
                for row, k in zip(true, batch, strict=True):
                    row[targets[k]] = 1
                gradient = weights * (true - sigmoid(dots))
                total -= (weights * np.log(sigmoid(np.where(true, dots, -dots)))).sum()
            late, before = (
                [(row, 0.1 * one @ outputs / len(row)) for row, one in zip(rows, gradient, strict=True)],
                late,
            )
            add(inputs, before)
            outputs += 0.1 * gradient.T @ hidden
    add(inputs, late)
    return total


def add(inputs, late):
    for row, delta in late:
        np.add.at(inputs, row, delta)
    return []


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("weights", [[], ["text_weights", "label_weights"]])
@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
@pytest.mark.parametrize("workers", [2, 3, 7])
def test_workers_together_do_what_the_loop_does(implementation, workers, loss, weights, chunks):
    texts, targets = long_texts(2 * SPAN * chunks)
    draw = np.random.default_rng(4)
    given = {"text_weights": draw.uniform(0.5, 2, len(texts)), "label_weights": WEIGHTS["label_weights"]}
    given = {name: given[name].astype(np.float32) for name in weights}
    found = words_and_labels()
    epoch = make_epoch(texts, targets, *found, loss, workers=workers, measure=True, chunks=chunks, **given)
    assert epoch.workers == workers
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    trained, measured, pairs = work(epoch)
    wanted = [matrix.astype(float) for matrix in words_and_labels()]
    total = train_late(texts, targets, *wanted, loss, drawn, **given)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert measured == pytest.approx(total, rel=1e-5)
    assert trained == pairs == len(drawn) < len(texts)


@pytest.mark.parametrize("workers", [2, 3])
def test_n_grams_of_words_have_owners_too(implementation, workers):
    texts, targets = long_texts(2 * SPAN)
    found, vectors = words_and_labels(), matrices(40)[0]
    ids = np.concatenate([found[0][:-40], vectors])  # the last words are n-grams now
    more = vectors.copy()
    words = found[0][:-40].copy()
    epoch = make_epoch(texts, targets, words, found[1], bags=([[] for _ in words], more), workers=workers)
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    work(epoch)
    wanted = ids.astype(float), words_and_labels()[1].astype(float)
    train_late(texts, targets, *wanted, "softmax", drawn)
    np.testing.assert_allclose(np.concatenate([words, more]), wanted[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-4, atol=1e-5)


def test_the_same_bits_come_out_of_the_same_number_of_workers():
    texts, targets = long_texts(600)
    found = [words_and_labels() for _ in range(2)]
    for pair in found:
        work(make_epoch(texts, targets, *pair, workers=3))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


@pytest.mark.parametrize("spans", [1, 2])
def test_an_epoch_in_parts_is_the_whole(spans):
    """A part ends with a span, after which no delta is late; so the parts are what the loop makes of each."""
    texts, targets = long_texts(3 * SPAN, longest=60)
    lengths = np.cumsum([len(text) for text in texts])
    whole, parts = words_and_labels(), words_and_labels()
    work(make_epoch(texts, targets, *whole, workers=2))
    epoch = make_epoch(texts, targets, *parts, workers=2)
    wanted = [matrix.astype(float) for matrix in words_and_labels()]
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    epoch.begin_at(int(lengths[spans * SPAN - 1]))
    usable = sum(bool(own) and max(text, default=-1) >= 0 for text, own in zip(texts, targets, strict=True))
    trained = work(epoch)[0]
    assert epoch.claimed_words == epoch.words
    skipped = usable - trained
    train_late(texts[spans * SPAN :], targets[spans * SPAN :], *wanted, "softmax", drawn[skipped:])
    for one, other in zip(parts, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert np.abs(parts[0] - whole[0]).max() > 1e-4


def test_a_pause_is_at_the_same_span_for_all():
    texts, targets = long_texts(4000, longest=60)
    found = words_and_labels()
    epoch = make_epoch(texts, targets, *found, workers=3)
    timer = threading.Timer(0.001, epoch.pause)
    timer.start()
    trained = work(epoch)[0]
    timer.join()
    done = epoch.claimed_words
    while done < epoch.words:
        epoch.begin_at(done)
        trained += work(epoch)[0]
        assert epoch.claimed_words > done
        done = epoch.claimed_words
    assert trained == sum(bool(own) and max(text, default=-1) >= 0 for text, own in zip(texts, targets, strict=True))


def test_stopping_leaves_nobody_waiting():
    texts, targets = long_texts(4000, longest=60)
    for delay in (0, 0.001, 0.005):
        epoch = make_epoch(texts, targets, *words_and_labels(), workers=3)
        timer = threading.Timer(delay, epoch.stop)
        timer.start()
        work(epoch)
        timer.join()


def test_a_worker_that_never_comes_is_not_waited_for_after_a_stop():
    texts, targets = long_texts()
    epoch = make_epoch(texts, targets, *words_and_labels(), workers=2)
    timer = threading.Timer(0.05, epoch.stop)
    timer.start()
    assert epoch.work()[0] == 0
    timer.join()


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
def test_workers_learn_together_as_much_as_one(loss):
    texts, targets, words = planted()
    texts = [row * (1 + 40 // len(row)) for row in texts]
    losses = []
    for workers in (1, 2, 4):
        inputs, outputs = matrices(words, 6, 16)
        inputs /= 10
        outputs[:] = 0
        for seed in range(6):
            options = {"seed": seed, "rates": (0.5, 0.5), "workers": workers, "measure": True}
            _, measured, pairs = work(make_epoch(texts, targets, inputs, outputs, loss, **options))
        losses.append(measured / pairs)
    assert max(losses) < 1.1 * losses[0] + 0.02


def test_short_texts_and_many_labels_are_trained_by_one_worker_each():
    """Who claims spans of their own, of which there are few here."""
    short = make_epoch([[0, 1]] * 8, [[0]] * 8, *words_and_labels(), workers=40)
    many = make_epoch([[0, 1] * 20] * 8, [[0]] * 8, *matrices(WORDS, 30), workers=40)
    few = make_epoch([[0, 1] * 20] * 8, [[0]] * 8, *matrices(WORDS, 20), workers=40)
    assert (short.workers, many.workers, few.workers) == (8, 8, 40)


def test_a_classifier_of_long_texts_is_the_same_again():
    draw = np.random.default_rng(0)
    texts = [(" ".join(f"w{k}" for k in draw.zipf(1.2, 60) % 500), f"l{draw.integers(3)}") for _ in range(300)]
    models = [Classifier(texts, vector_size=20, epochs=3, workers=2, seed=1) for _ in range(2)]
    np.testing.assert_array_equal(models[0].wv.vectors, models[1].wv.vectors)
    np.testing.assert_array_equal(models[0].output, models[1].output)
