"""The walk and the step, against NumPy."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import loss, step, train_block

from fastemb.kernels import blas
from fastemb.kernels.word2vec import Epoch, NoiseTable

KEEP_ALL = 2**32 - 1


def make_epoch(sentences, words, *, size=8, keep=None, noise=None, seed=0, chunks=1, **options):
    """An epoch over lists of ids, and its two matrices."""
    draw = np.random.default_rng(seed)
    vectors = draw.normal(0, 0.3, (words, size)).astype(np.float32)
    outputs = draw.normal(0, 0.3, (words, size)).astype(np.float32)
    parts = np.array_split(np.arange(len(sentences)), chunks)
    encoded = []
    for part in parts:
        lengths = [len(sentences[k]) for k in part]
        ids = np.array([word for k in part for word in sentences[k]], np.int32)
        encoded.append((ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)))
    defaults = {
        "sg": True,
        "window": 3,
        "shrink_windows": True,
        "negative": 5,
        "cbow_mean": True,
        "centres": 4,
        "rows": 8,
        "noise_share": 32,
        "seed": seed,
        "start_alpha": 0.05,
        "end_alpha": 0.01,
    }
    keep = np.full(words, KEEP_ALL, np.uint32) if keep is None else keep
    table = NoiseTable(np.ones(words) if noise is None else noise)
    return Epoch(encoded, vectors, outputs, keep, table, **(defaults | options)), vectors, outputs


def random_sentences(words, seed=0, sentences=40, longest=30):
    draw = np.random.default_rng(seed)
    return [draw.integers(-1, words, draw.integers(0, longest)).tolist() for _ in range(sentences)]


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("cbow_mean", [True, False])
@pytest.mark.parametrize(("size", "centres", "rows", "negative"), [(8, 4, 8, 5), (100, 16, 32, 5), (33, 1, 3, 1)])
def test_training_is_the_reference_applied_to_each_block(sg, cbow_mean, size, centres, rows, negative):
    # Ten words: ids repeat among the inputs and among the outputs of a block, and must accumulate.
    options = {"size": size, "sg": sg, "cbow_mean": cbow_mean, "centres": centres, "rows": rows, "negative": negative}
    sentences = random_sentences(10)
    epoch, vectors, outputs = make_epoch(sentences, 10, **options)
    twin, expected, expected_outputs = make_epoch(sentences, 10, **options)
    expected, expected_outputs = expected.astype(float), expected_outputs.astype(float)
    blocks = twin.blocks()
    assert len(blocks) > 10
    for block in blocks:
        train_block(block, expected, expected_outputs, sg, cbow_mean)
    epoch.work()
    np.testing.assert_allclose(vectors, expected, rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(outputs, expected_outputs, rtol=1e-5, atol=2e-6)


def test_step_follows_the_gradient():
    draw = np.random.default_rng(0)
    x, o = draw.normal(size=(3, 4)), draw.normal(size=(5, 4))
    labels, weights = np.array([1.0, 1, 0, 0, 0]), draw.random((3, 5))
    change, output_change = step(x, o, labels, weights, 1.0)
    for matrix, found in ((x, change), (o, output_change)):
        for place in np.ndindex(matrix.shape):
            value = matrix[place]
            matrix[place] = value + 1e-6
            above = loss(x, o, labels, weights)
            matrix[place] = value - 1e-6
            below = loss(x, o, labels, weights)
            matrix[place] = value
            assert found[place] == pytest.approx(-(above - below) / 2e-6, abs=1e-6)


def pairs_of(blocks, sg):
    """How often each pair of context word and centre meets as a positive example."""
    pairs = Counter()
    for block in blocks:
        for i, j in zip(*np.nonzero(block["weights"] * block["labels"]), strict=True):
            for word in [block["inputs"][i]] if sg else block["inputs"][i]:
                pairs[word, block["outputs"][j]] += 1
    return pairs


def windows_of(sentences, window):
    """The same, by the definition."""
    pairs = Counter()
    for sentence in sentences:
        words = [word for word in sentence if word >= 0]
        for c, centre in enumerate(words):
            for i in range(max(0, c - window), min(len(words), c + window + 1)):
                if i != c:
                    pairs[words[i], centre] += 1
    return pairs


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("chunks", [1, 3])
@given(
    sentences=st.lists(st.lists(st.integers(-1, 6), max_size=25), max_size=12),
    window=st.integers(1, 30),
    centres=st.integers(1, 20),
    rows=st.integers(1, 20),
)
@settings(deadline=None, max_examples=60)
def test_each_pair_of_a_window_meets_once(sg, chunks, sentences, window, centres, rows):
    options = {"sg": sg, "window": window, "centres": centres, "rows": rows, "shrink_windows": False}
    epoch, _, _ = make_epoch(sentences, 7, chunks=chunks, **options)
    assert pairs_of(epoch.blocks(), sg) == windows_of(sentences, window)


def test_windows_reach_across_the_pieces_that_workers_claim():
    # One sentence of many pieces, half of its words unknown: nothing is cut, and nothing trained twice.
    sentence = np.random.default_rng(0).integers(-3, 4, 20_000).tolist()
    epoch, _, _ = make_epoch([sentence], 4, window=5, shrink_windows=False)
    assert epoch.stretches > 3
    assert pairs_of(epoch.blocks(), True) == windows_of([sentence], 5)


def test_shrunken_windows_are_uniform():
    epoch, _, _ = make_epoch([list(range(1000))] * 20, 1000, window=4, sg=False)
    sizes = Counter(len(bag) for block in epoch.blocks() for bag in block["inputs"] if 10 < bag[0] < 980)
    assert set(sizes) == {2, 4, 6, 8}
    assert all(0.22 < count / sizes.total() < 0.28 for count in sizes.values())


def test_noise_has_the_weight_of_negative_words_for_each_pair():
    epoch, _, _ = make_epoch([list(range(100))] * 50, 5000, negative=7, centres=16, rows=32)
    for block in epoch.blocks():
        weights, positive = block["weights"], block["labels"] == 1
        pairs = weights[:, positive].sum(axis=1)
        np.testing.assert_allclose(weights[:, ~positive].sum(axis=1), 7 * pairs, rtol=0.2)
        assert (~positive).sum() >= 7


@pytest.mark.parametrize("sg", [True, False])
def test_a_centre_is_not_its_own_noise(sg):
    epoch, _, _ = make_epoch([[0, 1] * 20], 2, sg=sg, centres=1, noise=[1.0, 1e-9])
    for block in epoch.blocks():
        centre = block["outputs"][0]
        same = np.array([word == centre for word in block["outputs"]]) & (block["labels"] == 0)
        assert np.all(block["weights"][:, same] == 0)
        paired = block["weights"][:, 0] > 0
        assert np.all(block["weights"][paired][:, ~same] > 0)


def test_keep_thins_words_out():
    keep = np.array([KEEP_ALL, KEEP_ALL // 4], np.uint32)
    epoch, _, _ = make_epoch([[0, 1] * 5] * 4000, 2, keep=keep, sg=False)
    centres = Counter()
    for block in epoch.blocks():
        centres.update(word for word, label in zip(block["outputs"], block["labels"], strict=True) if label)
    assert centres[0] == pytest.approx(20_000, rel=0.01)
    assert centres[1] == pytest.approx(5_000, rel=0.06)


def test_random_numbers_belong_to_the_place_and_not_to_the_worker():
    sentences = random_sentences(50, sentences=2000)
    keep = np.full(50, KEEP_ALL // 2, np.uint32)
    one, _, _ = make_epoch(sentences, 50, keep=keep, chunks=1)
    three, _, _ = make_epoch(sentences, 50, keep=keep, chunks=3)
    assert pairs_of(one.blocks(), True) == pairs_of(three.blocks(), True)
    assert pairs_of(one.blocks(), True) != pairs_of(make_epoch(sentences, 50, keep=keep, seed=1)[0].blocks(), True)


def test_learning_rate_is_linear_in_the_words_done():
    epoch, _, _ = make_epoch([[0, 1, -1, 2] * 10_000], 3, start_alpha=1.0, end_alpha=0.0)
    alphas = [block["alpha"] for block in epoch.blocks()]
    steps = sorted(set(alphas), reverse=True)
    assert alphas == sorted(alphas, reverse=True)
    assert steps[0] == 1
    assert steps[-1] < 0.25
    np.testing.assert_allclose(np.diff(steps), steps[1] - steps[0], rtol=1e-3)
    assert len(steps) >= 40_000 / 10_000


def test_stopped_epoch_returns_at_once():
    epoch, vectors, _ = make_epoch([[0, 1, 2] * 10_000], 3)
    before = vectors.copy()
    epoch.stop()
    assert epoch.work() == 0
    np.testing.assert_array_equal(vectors, before)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50).filter(lambda p: sum(p) > 1e-3))
@settings(deadline=None, max_examples=30)
def test_noise_follows_its_distribution(probabilities):
    n = 20_000
    counts = np.bincount(NoiseTable(probabilities).sample(n), minlength=len(probabilities))
    expected = n * np.array(probabilities) / sum(probabilities)
    assert np.all(np.abs(counts - expected) <= 6 * np.sqrt(expected) + 1)


@pytest.mark.parametrize("probabilities", [[], [0.0], [1, -1, 5], [np.nan], [np.inf, 1]])
def test_noise_without_a_distribution_is_refused(probabilities):
    with pytest.raises(ValueError, match="noise"):
        NoiseTable(probabilities)


@pytest.mark.parametrize(
    "change",
    [{"window": 0}, {"negative": 0}, {"centres": 0}, {"rows": 0}, {"noise_share": 0}, {"noise": np.ones(2)}],
)
def test_epoch_refuses_what_would_crash(change):
    with pytest.raises(ValueError, match=r"must|differ"):
        make_epoch([[0, 1]], 3, **change)


def test_epoch_refuses_ids_and_starts_that_lead_outside():
    with pytest.raises(ValueError, match="outside the vocabulary"):
        make_epoch([[0, 5]], 3)
    vectors = np.zeros((3, 4), np.float32)
    ids = np.zeros(4, np.int32)
    for starts in ([], [0], [0, 5], [1, 4], [0, 3, 2, 4]):
        with pytest.raises(ValueError, match="starts"):
            Epoch(
                [(ids, np.array(starts, np.int64))], vectors, vectors, np.zeros(3, np.uint32), NoiseTable([1, 1, 1]),
                sg=True, window=1, shrink_windows=True, negative=1, cbow_mean=True, centres=1, rows=1, noise_share=1,
                seed=0, start_alpha=1, end_alpha=1,
            )  # fmt: skip


def test_openblas_names_its_core():
    assert blas.core()
    assert "OpenBLAS" in blas.config()
