"""Texts that all workers train together, each the rows that it owns, against NumPy."""

import os
import threading
from itertools import pairwise

import numpy as np
import pytest
from reference import sigmoid
from test_labels import LABELS, WEIGHTS, encoded, make_epoch, matrices, planted, softmax, work

from fastemb.kernels import step as kernels

WORDS = 150  # ten groups of rows, which three workers own in turn
TEXTS, TOKENS, BATCH = 32, 4096, 4  # texts of all workers in a span, tokens in it, and texts that are trained at once
PATIENT = {"patient": True}  # however busy the machine is


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


def spans_of(texts, workers, chunks=1):
    """The numbers of the texts in each span."""
    for part in np.array_split(np.arange(len(texts)), chunks):
        starts = np.append(0, np.cumsum([len(texts[k]) for k in part]))
        cuts = starts[np.searchsorted(starts, np.arange(0, starts[-1], TOKENS))].tolist()
        cuts += starts[:: max(BATCH, TEXTS // workers)].tolist()
        for begin, end in pairwise(sorted({*cuts, starts[-1]})):
            yield part[(starts[:-1] >= begin) & (starts[:-1] < end)].tolist()


def train_late(texts, targets, inputs, outputs, loss, drawn, spans, text_weights=None, label_weights=None):
    """What workers do together: batches at once, each of which meets the rows without the deltas of the one before.

    The only one of a span meets them all, as does what comes after the last.
    """
    drawn = iter(drawn or ())
    text_weights = np.ones(len(texts)) if text_weights is None else text_weights
    label_weights = np.ones(len(outputs)) if label_weights is None else label_weights
    late, total = [], 0
    for span in spans:
        span = [k for k in span if targets[k] and max(texts[k], default=-1) >= 0]
        for first in range(0, len(span), BATCH):
            batch = span[first : first + BATCH]
            if len(span) <= BATCH:
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
    texts, targets = long_texts(128 * chunks)
    draw = np.random.default_rng(4)
    given = {"text_weights": draw.uniform(0.5, 2, len(texts)), "label_weights": WEIGHTS["label_weights"]}
    given = {name: given[name].astype(np.float32) for name in weights}
    found = words_and_labels()
    epoch = make_epoch(texts, targets, *found, loss, workers=workers, measure=True, chunks=chunks, **PATIENT, **given)
    assert epoch.workers == workers
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    trained, measured, pairs = work(epoch)
    wanted = [matrix.astype(float) for matrix in words_and_labels()]
    total = train_late(texts, targets, *wanted, loss, drawn, spans_of(texts, workers, chunks), **given)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert measured == pytest.approx(total, rel=1e-5)
    assert trained == pairs == len(drawn) < len(texts)


@pytest.mark.parametrize("workers", [2, 3])
def test_n_grams_of_words_have_owners_too(implementation, workers):
    texts, targets = long_texts(128)
    found, vectors = words_and_labels(), matrices(40)[0]
    ids = np.concatenate([found[0][:-40], vectors])  # the last words are n-grams now
    more = vectors.copy()
    words = found[0][:-40].copy()
    epoch = make_epoch(texts, targets, words, found[1], bags=([[] for _ in words], more), workers=workers, **PATIENT)
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    work(epoch)
    wanted = ids.astype(float), words_and_labels()[1].astype(float)
    train_late(texts, targets, *wanted, "softmax", drawn, spans_of(texts, workers))
    np.testing.assert_allclose(np.concatenate([words, more]), wanted[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_corpus_may_be_cut_once_for_several_epochs(workers):
    texts, targets = long_texts(300)
    found = [words_and_labels() for _ in range(2)]
    cut = None
    for seed in range(3):
        options = {"seed": seed, "workers": workers, "chunks": 2, **PATIENT}
        work(make_epoch(texts, targets, *found[0], **options))
        epoch = make_epoch(texts, targets, *found[1], cut=cut, **options)
        cut = epoch.chunks
        work(epoch)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


@pytest.mark.parametrize("other", [{"workers": 5}, {"workers": 1}])
def test_a_corpus_that_was_cut_for_others_is_refused(other):
    texts, targets = long_texts(300)
    cut = make_epoch(texts, targets, *words_and_labels(), workers=3).chunks
    with pytest.raises(ValueError, match=r"was cut for \(150, 4096, 10, 0\) \(end, span, texts, tags\), not"):
        make_epoch(texts, targets, *words_and_labels(), cut=cut, **other)


@pytest.mark.parametrize("workers", [2, 3])
def test_epochs_that_are_made_before_others_work_share_what_is_in_order(workers):
    texts, targets = long_texts(300)
    found = [words_and_labels() for _ in range(2)]
    first = make_epoch(texts, targets, *found[0], workers=workers, **PATIENT)
    second = make_epoch(texts, targets, *found[1], workers=workers, cut=first.chunks, **PATIENT)
    work(first)
    work(second)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_a_corpus_of_other_owners_is_refused():
    texts, targets = long_texts(300)
    cut = make_epoch(texts, targets, *words_and_labels(), workers=8, **PATIENT).chunks
    with pytest.raises(ValueError, match="the texts have 8 owners, and there are 16 workers"):
        make_epoch(texts, targets, *words_and_labels(), workers=16, cut=cut, **PATIENT)


def test_the_ids_of_an_owner_stand_together_in_the_text_that_had_them():
    texts, targets = long_texts(100)
    ids, starts = encoded(texts)
    before = ids.copy()
    work(make_epoch(texts, targets, *words_and_labels(), workers=2, cut=[(ids, starts)], **PATIENT))
    for begin, end in pairwise(starts.tolist()):
        own = before[begin:end]
        owners = np.minimum(own // 16 % 4, 3 - own // 16 % 4)
        wanted = [own[(own >= 0) & (owners == owner)] for owner in range(2)]
        np.testing.assert_array_equal(ids[begin:end], np.concatenate([*wanted, own[own < 0]]))


def test_ids_that_cannot_be_written_to_are_not():
    texts, targets = long_texts(100)
    ids, starts = encoded(texts)
    before = ids.copy()
    ids.flags.writeable = False
    found = [words_and_labels() for _ in range(2)]
    for pair, cut in zip(found, [None, [(ids, starts)]], strict=True):
        work(make_epoch(texts, targets, *pair, workers=2, cut=cut, **PATIENT))
    np.testing.assert_array_equal(ids, before)
    np.testing.assert_array_equal(found[0][0], found[1][0])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs os.sched_setaffinity()")
def test_what_workers_may_run_on_stays_as_it_was():
    texts, targets = long_texts(100)
    allowed = os.sched_getaffinity(0)
    try:
        for mask in ({min(allowed)}, allowed):
            os.sched_setaffinity(0, mask)
            epoch = make_epoch(texts, targets, *words_and_labels(), workers=3, **PATIENT)
            found = []

            def run(epoch=epoch, found=found):
                epoch.work()
                found.append(os.sched_getaffinity(0))

            threads = [threading.Thread(target=run) for _ in range(epoch.workers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [mask] * 3
    finally:
        os.sched_setaffinity(0, allowed)


def test_the_same_bits_come_out_of_the_same_number_of_workers():
    texts, targets = long_texts(600)
    found = [words_and_labels() for _ in range(2)]
    for pair in found:
        work(make_epoch(texts, targets, *pair, workers=3, **PATIENT))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


@pytest.mark.parametrize("skipped", [1, 5])
def test_an_epoch_in_parts_is_the_whole(skipped):
    """A part ends with a span, after which no delta is late; so the parts are what the loop makes of each."""
    texts, targets = long_texts(192, longest=60)
    spans = list(spans_of(texts, 2))
    parts, wanted = words_and_labels(), [matrix.astype(float) for matrix in words_and_labels()]
    epoch = make_epoch(texts, targets, *parts, workers=2, **PATIENT)
    drawn = [int(np.argmax(row)) for block in epoch.batches() for row in block["positives"]]
    epoch.begin_at(sum(len(texts[k]) for span in spans[:skipped] for k in span))
    trained = work(epoch)[0]
    assert epoch.claimed_words == epoch.words
    assert 0 < trained < len(drawn)
    train_late(texts, targets, *wanted, "softmax", drawn[len(drawn) - trained :], spans[skipped:])
    for one, other in zip(parts, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


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


def test_workers_who_wait_for_each_other_most_of_the_time_go_on_alone():
    """There are more of them than most machines have processors, so that some do; each text is trained in any case."""
    texts, targets = long_texts(4000, longest=60)
    usable = sum(bool(own) and max(text, default=-1) >= 0 for text, own in zip(texts, targets, strict=True))
    inputs, outputs = words_and_labels()
    losses = []
    for seed in range(3):
        epoch = make_epoch(texts, targets, inputs, outputs, "one-vs-all", workers=16, measure=True, seed=seed)
        trained, loss, pairs = work(epoch)
        assert trained == pairs == usable
        assert epoch.claimed_words >= epoch.words
        losses.append(loss)
    assert losses[2] < losses[0]
