"""The walk and the step, against NumPy."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import loss, sigmoid, step, train_block

from fastemb import show_config, vocabulary
from fastemb.kernels import blas
from fastemb.kernels import step as kernels
from fastemb.kernels.huffman import huffman_paths
from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd import specs
from fastemb.kernels.sgd.epoch import Epoch

KEEP_ALL = 2**32 - 1
DEFAULTS = {
    "sg": True,
    "window": 3,
    "shrink_windows": True,
    "negative": 5,
    "cbow_mean": True,
    "divide_gradient": False,
    "compute_loss": False,
    "centres": 4,
    "rows": 8,
    "noise_words": 6,
    "rounds": False,
    "workers": 1,
    "start_alpha": 0.05,
    "end_alpha": 0.01,
    "first_position": 0,
    "whole_texts": False,
    "offsets": None,
    "distances": None,
    "importance": None,
    "before": True,
    "after": True,
}


def make_epoch(sentences, words, *, size=8, keep=None, noise=None, locks=None, hs=False, seed=0, chunks=1, **options):
    """An epoch over lists of ids, and its matrices: of inputs, of outputs, and of nodes."""
    draw = np.random.default_rng(seed)
    matrices = [draw.normal(0, 0.2, (words, size)).astype(np.float32) for _ in range(3)]
    parts = np.array_split(np.arange(len(sentences)), chunks)
    encoded = []
    for part in parts:
        lengths = [len(sentences[k]) for k in part]
        ids = np.array([word for k in part for word in sentences[k]], np.int32)
        encoded.append((ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)))
    given = DEFAULTS | options
    if given.keys() != DEFAULTS.keys():
        raise TypeError(f"no options: {given.keys() - DEFAULTS.keys()}")
    keep = np.full(words, KEEP_ALL, np.uint32) if keep is None else keep
    rows = specs.Rows(matrices[0], np.ones(1, np.float32) if locks is None else locks)
    pools = given["cbow_mean"], given["divide_gradient"]
    inputs = (
        specs.SkipGram(rows, given["rows"], distances=given["distances"])
        if given["sg"]
        else specs.Cbow(rows, given["rows"], *pools, given["offsets"], distances=given["distances"])
    )
    objectives = []
    if given["negative"]:
        table = NoiseTable(np.ones(words) if noise is None else noise)
        numbers = given["negative"], given["noise_words"], given["centres"]
        objectives.append(specs.Negatives(matrices[1], table, *numbers))
    if hs:
        paths = specs.Paths(*vocabulary.huffman_paths(np.arange(words, 0, -1)))
        objectives.append(specs.Tree(matrices[2], paths))
    numbers = given["window"], given["shrink_windows"], seed, given["first_position"]
    sampling = specs.Sampling(keep, *numbers, given["before"], given["after"], given["importance"])
    rates = given["start_alpha"], given["end_alpha"]
    team = specs.Team(given["workers"], given["rounds"])
    epoch = Epoch(encoded, inputs, objectives, sampling, rates, team, given["compute_loss"], given["whole_texts"])
    return epoch, matrices


def random_sentences(words, seed=0, sentences=40, longest=30):
    draw = np.random.default_rng(seed)
    return [draw.integers(-1, words, draw.integers(0, longest)).tolist() for _ in range(sentences)]


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("change", [
    {}, {"cbow_mean": False}, {"divide_gradient": True}, {"hs": True}, {"hs": True, "negative": 0},
    {"locks": np.linspace(0, 1, 10, dtype=np.float32)}, {"compute_loss": True, "hs": True},
])  # fmt: skip
@pytest.mark.parametrize(("size", "centres", "rows", "negative"), [(8, 4, 8, 5), (100, 16, 32, 5), (33, 1, 3, 1)])
def test_training_is_the_reference_applied_to_each_block(sg, change, size, centres, rows, negative):
    # Ten words: ids repeat among the inputs and among the outputs of a block, and must accumulate.
    options = {"size": size, "sg": sg, "centres": centres, "rows": rows, "negative": negative} | change
    options["start_alpha"] = 0.02  # a block of 16 windows of ten words changes each row a great deal
    sentences = random_sentences(10)
    epoch, matrices = make_epoch(sentences, 10, **options)
    twin, expected = make_epoch(sentences, 10, **options)
    expected = [matrix.astype(float) for matrix in expected]
    blocks = twin.batches()
    assert len(blocks) > 10
    loss = 0
    for block in blocks:
        loss += train_block(
            block,
            expected[0],
            expected[2 if block["tree"] else 1],
            sg=sg,
            cbow_mean=options.get("cbow_mean", True),
            divide_gradient=options.get("divide_gradient", False),
            locks=options.get("locks", np.ones(10)),
        )
    _, found_loss, pairs = epoch.work()
    for found, wanted in zip(matrices, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=5e-6)
    assert found_loss == (pytest.approx(loss, rel=1e-5) if "compute_loss" in options else 0)
    if negative and change.get("negative", negative):
        assert pairs == sum(block["positives"].sum() for block in blocks if not block["tree"])


@pytest.mark.parametrize("size", [1, 3, 4, 7, 15, 16, 20, 31, 64, 127, 128, 132, 204, 300])
def test_contexts_in_common_are_the_reference(size):
    # Rows of any length, some of them locked; and words that stand alone, between windows that a batch has in common.
    options = {"size": size, "sg": False, "window": 11, "centres": 8, "divide_gradient": True, "start_alpha": 0.02}
    locks = np.linspace(0, 1, 12, dtype=np.float32)
    sentences = [part for sentence in random_sentences(10, sentences=12) for part in (sentence, [11])]
    epoch, matrices = make_epoch(sentences, 12, locks=locks, **options)
    twin, expected = make_epoch(sentences, 12, locks=locks, **options)
    alone, expected = expected[0][11].copy(), [matrix.astype(float) for matrix in expected]
    for block in twin.batches():
        train_block(block, *expected[:2], sg=False, cbow_mean=True, divide_gradient=True, locks=locks)
    epoch.work()
    np.testing.assert_array_equal(matrices[0][11], alone)
    for found, wanted in zip(matrices, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=5e-6)


@pytest.mark.parametrize("change", [
    {}, {"cbow_mean": False}, {"divide_gradient": True}, {"hs": True, "negative": 0},
    {"locks": np.linspace(0, 1, 10, dtype=np.float32)}, {"workers": 2, "rounds": True},
])  # fmt: skip
@pytest.mark.parametrize(("size", "window"), [(8, 3), (100, 50), (33, 2)])
def test_position_weights_are_the_reference(change, size, window):
    options = {"size": size, "sg": False, "window": window, "start_alpha": 0.02, "end_alpha": 0.01} | change
    sentences = random_sentences(10, sentences=8)
    offsets = np.random.default_rng(1).normal(1, 0.3, (2 * window, size)).astype(np.float32)
    twin, expected = make_epoch(sentences, 10, offsets=offsets, **options)
    expected = [matrix.astype(float) for matrix in expected]
    positions = offsets.astype(float)
    if "rounds" in options:  # of one worker, as many rounds as there are spans
        epoch, matrices = make_epoch(sentences, 10, offsets=offsets, **options)
        work(epoch, epoch.workers)
        assert np.isfinite(matrices[0]).all()
        assert not np.array_equal(offsets, positions)
        return
    for block in twin.batches():
        train_block(
            block,
            expected[0],
            expected[2 if block["tree"] else 1],
            sg=False,
            cbow_mean=options.get("cbow_mean", True),
            divide_gradient=options.get("divide_gradient", False),
            locks=options.get("locks", np.ones(10)),
            positions=positions,
        )
    epoch, matrices = make_epoch(sentences, 10, offsets=offsets, **options)
    epoch.work()
    for found, wanted in zip([*matrices, offsets], [*expected, positions], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=5e-6)


def test_position_weights_follow_the_gradient():
    # One centre with a context of one word twice and another: the change of each weight is minus that of the loss.
    options = {"size": 4, "sg": False, "window": 2, "shrink_windows": False, "start_alpha": 1.0, "centres": 1}
    offsets = np.random.default_rng(0).normal(1, 0.3, (4, 4)).astype(np.float32)
    epoch, (vectors, outputs, _) = make_epoch([[0, 1, 2, 3, 0]], 4, offsets=offsets, **options)
    block = next(block for block in epoch.batches() if block["offsets"] == [[-2, -1, 1, 2]])

    def loss_with(weights):
        x = (vectors[block["inputs"][0]] * weights[[2, 0, 1, 3]]).mean(axis=0, keepdims=True)
        return loss(x, outputs[block["outputs"]].astype(float), block["positives"], block["weights"])

    positions = offsets.astype(float)
    gradient = np.zeros_like(positions)
    for place in np.ndindex(positions.shape):
        moved = positions.copy()
        moved[place] += 1e-5
        gradient[place] = (loss_with(moved) - loss_with(positions)) / 1e-5
    changed, block["alpha"] = positions.copy(), 1e-4  # so small that a word's second place sees the first's row
    arguments = {"sg": False, "cbow_mean": True, "divide_gradient": False, "locks": np.ones(4), "positions": changed}
    train_block(block, vectors.astype(float), outputs.astype(float), **arguments)
    np.testing.assert_allclose((changed - positions) / -1e-4, gradient, atol=2e-4)


def test_position_weights_must_reach_as_far_as_windows():
    with pytest.raises(ValueError, match="weights for 3 offsets"):
        make_epoch([[0] * 9], 1, sg=False, offsets=np.ones((4, 8), np.float32))
    make_epoch([[0, 0]], 1, sg=False, offsets=np.ones((4, 8), np.float32))  # sentences are shorter than windows
    with pytest.raises(ValueError, match="differ in size"):
        make_epoch([[0, 0]], 1, sg=False, offsets=np.ones((4, 7), np.float32))


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize(("centres", "rows"), [(1, 2), (1, 30), (3, 5), (4, 30)])
def test_each_pair_of_a_window_meets_on_the_way_through_the_tree(sg, centres, rows):
    sentences = random_sentences(7)
    options = {"sg": sg, "window": 4, "centres": centres, "rows": rows, "shrink_windows": False}
    epoch, _ = make_epoch(sentences, 7, hs=True, negative=0, **options)
    found, expected = Counter(), Counter()
    for block in epoch.batches():
        assert len(set(block["outputs"])) == len(block["outputs"])
        for i, j in np.ndindex(block["weights"].shape):
            for word in [block["inputs"][i]] if sg else block["inputs"][i]:
                found[word, block["outputs"][j], "visits"] += int(block["weights"][i, j])
                found[word, block["outputs"][j], "labels"] += int(block["positives"][i, j])
    starts, nodes, labels = vocabulary.huffman_paths(np.arange(7, 0, -1))
    for (word, centre), count in windows_of(sentences, 4).items():
        for place in range(starts[centre], starts[centre + 1]):
            expected[word, nodes[place], "visits"] += count
            expected[word, nodes[place], "labels"] += count * int(labels[place])
    assert +found == +expected


@pytest.mark.parametrize("counts", [[5], [3, 2], [1, 1, 1, 1, 1], [40, 30, 20, 10, 5, 5, 5, 1, 1]])
def test_huffman_codes_are_shortest_and_free_of_prefixes(counts):
    starts, nodes, codes = huffman_paths(np.array(counts))
    ways = [tuple(codes[a:b]) for a, b in pairwise(starts)]
    assert sum(2.0 ** -len(way) for way in ways) == 1
    assert len({*ways}) == len(ways)
    heap = sorted(counts)
    cost = 0
    while len(heap) > 1:
        joined = heap.pop(0) + heap.pop(0)
        cost += joined
        heap = sorted([*heap, joined])
    assert sum(count * len(way) for count, way in zip(counts, ways, strict=True)) == cost
    for a, b in pairwise(starts):
        assert list(nodes[a:b]) == sorted(nodes[a:b], reverse=True)  # from the root down
        assert b == a or nodes[a] == len(counts) - 2


def test_huffman_tree_is_gensims():
    gensim = pytest.importorskip("gensim.models.word2vec")
    counts = np.sort(np.random.default_rng(0).pareto(1, 3000).astype(np.int64) + 1)[::-1].copy()
    theirs = gensim.KeyedVectors(1, count=len(counts))
    theirs.index_to_key = list(range(len(counts)))
    for word, count in enumerate(counts):
        theirs.set_vecattr(word, "count", int(count))
    gensim._assign_binary_codes(theirs)
    starts, nodes, codes = huffman_paths(counts)
    for word, (a, b) in enumerate(pairwise(starts)):
        assert theirs.get_vecattr(word, "code").tolist() == codes[a:b].tolist()
        assert theirs.get_vecattr(word, "point").tolist() == nodes[a:b].tolist()


def test_step_follows_the_gradient():
    draw = np.random.default_rng(0)
    x, o = draw.normal(size=(3, 4)), draw.normal(size=(5, 4))
    pairs = np.tile([1.0, 1, 0, 0, 0], (3, 1)), 1 + draw.random((3, 5))
    change, output_change = step(x, o, *pairs, 1.0)
    for matrix, found in ((x, change), (o, output_change)):
        for place in np.ndindex(matrix.shape):
            value = matrix[place]
            matrix[place] = value + 1e-6
            above = loss(x, o, *pairs)
            matrix[place] = value - 1e-6
            below = loss(x, o, *pairs)
            matrix[place] = value
            assert found[place] == pytest.approx(-(above - below) / 2e-6, abs=1e-6)


@pytest.fixture(params=[*kernels.implementations()])
def implementation(request):
    """Each implementation that this processor can run, in turn."""
    before = kernels.implementation()
    kernels.choose(request.param)
    yield request.param
    kernels.choose(before)


@given(
    n=st.integers(1, 40), m=st.integers(1, 40), d=st.integers(1, 130), replace=st.booleans(), scaled=st.booleans(),
    in_turn=st.booleans(), seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([0.1, 1, 5]),
)  # fmt: skip
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_implementation_is_the_reference(implementation, n, m, d, replace, scaled, in_turn, seed, spread):
    draw = np.random.default_rng(seed)
    vectors, outputs = (draw.normal(0, spread / d**0.5, (60, d)).astype(np.float32) for _ in range(2))
    rows, others = draw.permutation(60)[:n], draw.permutation(60)[:m]
    positives = draw.integers(0, 2, (n, m)).astype(np.float32)
    weights = positives + draw.integers(0, 5, (n, m)).astype(np.float32)
    scales = draw.random(n, np.float32) if scaled else None
    x, o = vectors.astype(float), outputs.astype(float)
    change, output_change = step(x[rows], o[others], positives, weights, 0.1, in_turn)
    if scaled:
        change *= scales[:, np.newaxis]
    wanted_loss = loss(x[rows], o[others], positives, weights)
    x[rows] = change if replace else x[rows] + change
    o[others] += output_change
    arguments = {"scales": scales, "replace": replace, "measure": True, "in_turn": in_turn}
    found_loss = kernels.train(vectors, rows, outputs, others, positives, weights, 0.1, **arguments)
    tolerance = {"rtol": 1e-5, "atol": 1e-5 * max(1.0, np.abs(change).max(), np.abs(output_change).max())}
    np.testing.assert_allclose(vectors, x, **tolerance)
    np.testing.assert_allclose(outputs, o, **tolerance)
    assert found_loss == pytest.approx(wanted_loss, rel=1e-4, abs=1e-4)


def sigmoid_by_kernel(x):
    """σ(x) for each x, as the change of an output that has met an input of length 1 once as noise."""
    vectors, outputs = np.ones((1, 1), np.float32), np.array(x, np.float32)[:, np.newaxis]
    before, ones = outputs.copy(), np.ones((1, len(x)), np.float32)
    kernels.train(vectors, [0], outputs, range(len(x)), 0 * ones, ones, 1.0)
    return (before - outputs)[:, 0]


def test_sigmoid_is_accurate_and_clamped(implementation):
    x = np.linspace(-1, 1, 3001)
    np.testing.assert_allclose(sigmoid_by_kernel(x), sigmoid(x), rtol=0, atol=2e-7)  # the subtraction rounds, too
    x = np.array([-1e30, -100, -20, 20, 100, 1e30], np.float32)
    vectors, outputs = np.ones((6, 1), np.float32), x[:, np.newaxis].copy()
    positives = np.eye(6, dtype=np.float32)
    kernels.train(vectors, range(6), outputs, range(6), positives, positives, 0.5, replace=True)
    np.testing.assert_allclose(vectors[:3, 0] / (0.5 * x[:3]), 1, rtol=1e-6)  # most wrong, and learned in full
    np.testing.assert_allclose(vectors[3:, 0] / (0.5 * x[3:]), 0, atol=3e-9)
    assert np.isnan(sigmoid_by_kernel([np.nan])).all()


def test_an_implementation_must_be_there():
    before = kernels.implementation()
    with pytest.raises(ValueError, match="no implementation 'sse5'"):
        kernels.choose("sse5")
    absent = {*kernels.IN_C} - {*kernels.implementations()}
    for name in absent:
        with pytest.raises(ValueError, match=f"cannot run implementation '{name}'"):
            kernels.choose(name)
    assert kernels.implementation() == before
    kernels.choose()
    assert kernels.implementation() == kernels.implementations()[0]
    kernels.choose(before)


@pytest.mark.parametrize("name", [*kernels.implementations(), "sse5"])
def test_the_environment_forces_an_implementation(name):
    code = "from fastemb.kernels import step; print(step.implementation())"
    environment = os.environ | {"FASTEMB_IMPLEMENTATION": name}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    if name == "sse5":
        assert "FASTEMB_IMPLEMENTATION=sse5: there is no implementation" in done.stderr
    else:
        assert done.stdout.strip() == name, done.stderr


def test_configuration_names_what_was_chosen(capsys):
    config = show_config("dicts")
    assert config["kernels"]["chosen"] == kernels.implementation()
    assert config["kernels"]["available"] == kernels.implementations()
    assert config["blas"]["core"] == blas.core()
    show_config()
    shown = capsys.readouterr().out
    assert f"  chosen: {kernels.implementation()}\n" in shown
    assert f"fastemb: {config['fastemb']}\n" in shown
    with pytest.raises(ValueError, match="mode must be"):
        show_config("json")


def pairs_of(blocks, sg):
    """How often each pair of context word and centre meets as a positive example."""
    pairs = Counter()
    for block in blocks:
        for i, j in zip(*np.nonzero(block["positives"]), strict=True):
            for word in [block["inputs"][i]] if sg else block["inputs"][i]:
                pairs[word, block["outputs"][j]] += int(block["positives"][i, j])
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
@settings(max_examples=60)
def test_each_pair_of_a_window_meets_once(sg, chunks, sentences, window, centres, rows):
    options = {"sg": sg, "window": window, "centres": centres, "rows": rows, "shrink_windows": False}
    epoch, _ = make_epoch(sentences, 7, chunks=chunks, **options)
    assert pairs_of(epoch.batches(), sg) == windows_of(sentences, window)


def test_windows_reach_across_the_pieces_that_workers_claim():
    # One sentence of many pieces, half of its words unknown: nothing is cut, and nothing trained twice.
    sentence = np.random.default_rng(0).integers(-3, 4, 20_000).clip(-1).tolist()
    epoch, _ = make_epoch([sentence], 4, window=5, shrink_windows=False)
    assert epoch.spans > 3
    assert pairs_of(epoch.batches(), True) == windows_of([sentence], 5)


def test_shrunken_windows_are_uniform():
    epoch, _ = make_epoch([list(range(1000))] * 20, 1000, window=4, sg=False)
    sizes = Counter(len(bag) for block in epoch.batches() for bag in block["inputs"] if 10 < bag[0] < 980)
    assert set(sizes) == {2, 4, 6, 8}
    assert all(0.22 < count / sizes.total() < 0.28 for count in sizes.values())


@pytest.mark.parametrize("noise_words", [3, 7, 12])
def test_noise_has_the_weight_of_negative_words_for_each_pair(noise_words):
    epoch, _ = make_epoch([list(range(100))] * 50, 5000, negative=7, centres=16, rows=32, noise_words=noise_words)
    for block in epoch.batches():
        noise = (block["weights"] - block["positives"]).sum(axis=1)
        np.testing.assert_allclose(noise, 7 * block["positives"].sum(axis=1), rtol=0.3)
        assert len(set(block["outputs"])) == len(block["outputs"]) <= 16 + noise_words


@pytest.mark.parametrize("sg", [True, False])
def test_a_centre_is_not_its_own_noise(sg):
    # Word 0 is almost all the noise, and half of the centres.
    epoch, _ = make_epoch([[0, 1] * 20], 2, sg=sg, centres=1, noise=[1.0, 1e-9])
    for block in epoch.batches():
        assert block["outputs"] == ([0] if block["outputs"][0] == 0 else [1, 0])
        as_noise = block["weights"] - block["positives"]
        assert np.all((as_noise > 0) == (np.array(block["outputs"]) != block["outputs"][0]))


@pytest.mark.parametrize("sg", [True, False])
def test_rows_stand_in_a_block_once(sg):
    epoch, _ = make_epoch(random_sentences(4), 4, sg=sg)
    for block in epoch.batches():
        assert len(set(block["outputs"])) == len(block["outputs"])
        if sg:
            assert len(set(block["inputs"])) == len(block["inputs"])


def test_keep_thins_words_out():
    keep = np.array([KEEP_ALL, KEEP_ALL // 4], np.uint32)
    epoch, _ = make_epoch([[0, 1] * 5] * 4000, 2, keep=keep, sg=False)
    centres = Counter()
    for block in epoch.batches():
        centres.update(dict(zip(block["outputs"], block["positives"].sum(axis=0), strict=True)))
    assert centres[0] == pytest.approx(20_000, rel=0.01)
    assert centres[1] == pytest.approx(5_000, rel=0.06)


def test_random_numbers_belong_to_the_place_and_not_to_the_worker():
    sentences = random_sentences(50, sentences=2000)
    keep = np.full(50, KEEP_ALL // 2, np.uint32)
    one, _ = make_epoch(sentences, 50, keep=keep, chunks=1)
    three, _ = make_epoch(sentences, 50, keep=keep, chunks=3)
    assert pairs_of(one.batches(), True) == pairs_of(three.batches(), True)
    assert pairs_of(one.batches(), True) != pairs_of(make_epoch(sentences, 50, keep=keep, seed=1)[0].batches(), True)


def test_learning_rate_is_linear_in_the_words_done():
    epoch, _ = make_epoch([[0, 1, -1, 2] * 10_000], 3, start_alpha=1.0, end_alpha=0.0)
    alphas = [block["alpha"] for block in epoch.batches()]
    steps = sorted(set(alphas), reverse=True)
    assert alphas == sorted(alphas, reverse=True)
    assert steps[0] == 1
    assert steps[-1] < 0.25
    np.testing.assert_allclose(np.diff(steps), steps[1] - steps[0], rtol=1e-3)
    assert len(steps) >= 40_000 / 10_000


TREE = {"hs": True, "negative": 0, "sg": False}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(("options", "which", "first"), [({}, 0, 0), ({}, 1, 0), (TREE, 2, 4999 - 170)])
def test_copies_of_the_rows_that_all_workers_use_come_together(options, which, first, workers):
    # Enough words and stretches that workers have copies.
    sentences = [np.random.default_rng(0).integers(0, 5000, 1_000_000).tolist()]
    options = {"window": 1, "size": 2, "centres": 1} | options
    one, matrices = make_epoch(sentences, 5000, **options)
    start, expected = matrices[which].copy(), matrices[which]
    one.work()
    epoch, matrices = make_epoch(sentences, 5000, workers=workers, **options)
    found = matrices[which]
    work(epoch, workers)
    rows = slice(first, first + 170)
    assert np.all(found[rows] != start[rows])
    moved, wanted = found[rows] - start[rows], expected[rows] - start[rows]
    assert np.corrcoef(moved.ravel(), wanted.ravel())[0, 1] > 0.9
    assert which < 2 or np.all(found[4999:] == start[4999:])


def test_changes_of_copies_that_are_seldom_used_count_in_full():
    words = 50_000
    sentences = np.random.default_rng(0).integers(0, words, (10_000, 60)).tolist()
    options = {"window": 1, "size": 4, "centres": 1, "negative": 1, "noise_words": 1}
    one, expected = make_epoch(sentences, words, **options)
    epoch, found = make_epoch(sentences, words, workers=2, **options)
    one.work()
    epoch.work()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize(("options", "which"), [({}, 0), ({}, 1), (TREE, 2)])
def test_changes_of_copies_that_all_workers_use_much_are_averaged(options, which):
    # One of two workers trains the last stretch, and each of its few words often.
    draw = np.random.default_rng(0)
    words = np.concatenate([draw.integers(0, 5000, 4096 * 128), draw.integers(0, 20, 4096)]).tolist()
    options = {"window": 1, "size": 4, "centres": 1, "start_alpha": 1e-4, "end_alpha": 1e-4} | options
    moved = []
    for workers in 1, 2:
        epoch, matrices = make_epoch([words], 5000, workers=workers, **options)
        before = matrices[which].copy()
        epoch.begin_at(4096 * 128)
        epoch.work()
        moved.append((matrices[which] - before)[4980:4999] if which == 2 else (matrices[which] - before)[:20])
    ways = np.abs(moved[0]).max(axis=1) > 1e-4  # the nodes at the top that are on a way at all
    assert ways.sum() > 3
    np.testing.assert_allclose(moved[1][ways], moved[0][ways] / 2, rtol=0.05, atol=1e-5)


def work(epoch, threads):
    """All threads through one epoch."""
    threads = [threading.Thread(target=epoch.work) for _ in range(threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(("rounds", "often", "options"), [
    (2, 0, {}), (2, 0, {"sg": False}), (1, 2000, {"hs": True, "negative": 0}),
])  # fmt: skip
def test_rounds_add_up_what_each_worker_changed(rounds, often, options):
    # Two workers; words are so many that none is used often, but for some nodes. Sentences end where stretches end.
    words, stretch = 50_000, 512
    options = {"size": 4, "start_alpha": 0.05, "end_alpha": 0.05, "centres": 1} | options
    sentences = np.random.default_rng(0).integers(100, words, (2 * rounds * stretch // 64, 64)).tolist()
    epoch, found = make_epoch(sentences, words, rounds=True, workers=2, **options)
    assert epoch.spans == 2 * rounds
    work(epoch, 2)
    _, expected = make_epoch(sentences, words, **options)
    for first in range(0, 2 * rounds, 2):
        start = [matrix.copy() for matrix in expected]
        for piece in (first, first + 1):
            alone, matrices = make_epoch(
                sentences[piece * stretch // 64 : (piece + 1) * stretch // 64],
                words,
                first_position=piece * stretch,
                **options,
            )
            for matrix, now in zip(matrices, start, strict=True):
                matrix[:] = now
            alone.work()
            for total, matrix, now in zip(expected, matrices, start, strict=True):
                total += matrix - now
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a[: words - often], b[: words - often], atol=1e-6)


@pytest.mark.parametrize("late", [0, 0.0001, 0.001])
def test_workers_in_rounds_stop_together(late):
    # Nobody may leave while others read its copies, nor wait for those that have left.
    sentences = [np.random.default_rng(0).integers(0, 50, 4096).tolist()] * 40
    for _ in range(10):
        epoch, matrices = make_epoch(sentences, 50, rounds=True, workers=8)
        threads = [threading.Thread(target=epoch.work) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(late)
        epoch.stop()
        for thread in threads:
            thread.join()
        assert all(np.isfinite(matrix).all() for matrix in matrices)


def test_a_round_averages_the_rows_that_all_workers_use():
    # Each worker alone takes the ten words to their place, where each pair is as likely as five noise words make it;
    # the sum of 16 such ways would lead past it.
    sentences = [np.random.default_rng(0).integers(0, 10, 8192).tolist()] * 8
    options = {"start_alpha": 0.05, "end_alpha": 0.05, "centres": 1}
    epoch, (vectors, outputs, _) = make_epoch(sentences, 10, rounds=True, workers=16, **options)
    work(epoch, 16)
    np.testing.assert_allclose(vectors @ outputs.T, np.full((10, 10), np.log(1 / 5)), atol=0.3)


@pytest.mark.parametrize("options", [{}, {"sg": False}, {"hs": True}, {"sg": False, "offsets": np.ones((4, 8))}])
def test_ranges_are_trained_apart_and_their_deltas_added(options):
    # Two machines, as it were, with half of the corpus each; sentences end where spans end.
    sentences = np.random.default_rng(0).integers(0, 500, (256, 64)).tolist()
    options = {"size": 8, "window": 2, "start_alpha": 0.05, "end_alpha": 0.05} | options

    def epoch_of(part, **others):
        weights = np.array(options.get("offsets", np.empty((0, 8))), np.float32)
        given = {"offsets": weights} if len(weights) else {}
        epoch, matrices = make_epoch(part, 500, **options | given | others)
        trained = [matrices[0], *([weights] if len(weights) else []), matrices[1]]  # in the order of Epoch.deltas
        return epoch, trained + matrices[2:] * options.get("hs", False)

    epoch, found = epoch_of(sentences)
    start = [matrix.copy() for matrix in found]
    halves = [epoch.deltas(0, 2 * 4096), epoch.deltas(2 * 4096, epoch.words)]
    for matrix, now in zip(found, start, strict=True):
        np.testing.assert_array_equal(matrix, now)
    expected = [matrix.copy() for matrix in found]
    for number, half in enumerate(halves):
        alone, trained = epoch_of(sentences[128 * number : 128 * (number + 1)], first_position=2 * 4096 * number)
        alone.work()
        for total, matrix, now, to, (ids, deltas, uses) in zip(expected, trained, start, found, half, strict=True):
            total += matrix - now
            to[ids] += deltas
            assert len(set(ids.tolist())) == len(ids) == len(deltas) == len(uses)
            assert uses.min() >= 1
    for matrix, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(matrix, wanted, atol=2e-6)


def test_one_range_is_the_whole_epoch():
    sentences = random_sentences(50, sentences=2000)
    epoch, found = make_epoch(sentences, 50)
    twin, expected = make_epoch(sentences, 50)
    for matrix, (ids, deltas, _) in zip(found, epoch.deltas(0, epoch.words), strict=False):
        matrix[ids] += deltas
    twin.work()
    for matrix, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(matrix, wanted, atol=1e-6)
    assert [len(ids) for ids, _, _ in epoch.deltas(7, 7)] == [0, 0]


def test_a_stopped_round_ends_for_workers_that_wait():
    epoch, _ = make_epoch([[0, 1, 2] * 10_000], 3, rounds=True, workers=2)
    waiting = threading.Thread(target=epoch.work)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    epoch.stop()
    waiting.join()


def test_stopped_epoch_returns_at_once():
    epoch, matrices = make_epoch([[0, 1, 2] * 10_000], 3)
    before = matrices[0].copy()
    epoch.stop()
    assert epoch.work() == (0, 0, 0)
    np.testing.assert_array_equal(matrices[0], before)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50).filter(lambda p: sum(p) > 1e-3))
@settings(max_examples=30)
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
    [
        {"window": 0},
        {"negative": -1},
        {"centres": 0},
        {"rows": 0},
        {"noise_words": 0},
        {"workers": 0},
        {"noise": np.ones(2)},
    ],
)
def test_epoch_refuses_what_would_crash(change):
    with pytest.raises(ValueError, match=r"must|differ"):
        make_epoch([[0, 1]], 3, **change)


def test_epoch_refuses_ids_and_starts_that_lead_outside():
    with pytest.raises(ValueError, match="an id of sentences is 5, outside -1 … 2"):
        make_epoch([[0, 5]], 3)
    with pytest.raises(ValueError, match="an id of sentences is -2, outside -1"):
        make_epoch([[0, -2]], 3)
    vectors, outputs, nodes = (np.zeros((3, 8), np.float32) for _ in range(3))
    ids, ones = np.zeros(4, np.int32), np.ones(1, np.float32)
    inputs = specs.SkipGram(specs.Rows(vectors, ones), 1)
    sampling, team = specs.Sampling(np.zeros(3, np.uint32), 1, True, 1), specs.Team(1)
    negatives = specs.Negatives(outputs, NoiseTable([1, 1, 1]), 1, 1, 1)
    for starts in ([], [0], [0, 5], [1, 4], [0, 3, 2, 4]):
        with pytest.raises(ValueError, match="the starts of sentences"):
            Epoch([(ids, np.array(starts, np.int64))], inputs, [negatives], sampling, (1, 1), team)
    for starts, path in [([0, 1, 2, 3], [0, 1, 3]), ([0, 1, 2, 3], [0, -1, 0]), ([0, 2, 1, 3], [0, 0, 0]), ([0], [0])]:
        with pytest.raises(ValueError, match="of paths"):
            specs.Paths(np.array(starts), np.array(path, np.int32), np.ones(len(path), np.float32))
    for starts, bag in [([0, 1, 1, 3], [0, 1, 2]), ([0, 0, 0, 1], [-1]), ([0, 2, 1, 2], [0, 0]), ([], []), ([1], [])]:
        with pytest.raises(ValueError, match="bags"):
            specs.Ngrams(np.array(starts, np.int64), np.array(bag, np.int32), 2)
    for starts, bag, n in [([0, 0, 1], [0], 2), ([0, 0, 0, 1], [0], 3)]:  # too few words, or rows
        with pytest.raises(ValueError, match="the bags"):
            specs.Bags(vectors, ones, outputs[:2], ones, specs.Ngrams(np.array(starts), np.array(bag, np.int32), n))
    good = [(ids, np.array([0, 4]))]
    with pytest.raises(ValueError, match="must be an objective"):
        Epoch(good, inputs, [], sampling, (1, 1), team)
    smaller = specs.Negatives(outputs[:2], NoiseTable([1, 1]), 1, 1, 1)
    with pytest.raises(ValueError, match="shape"):
        Epoch(good, inputs, [smaller], sampling, (1, 1), team)
    with pytest.raises(ValueError, match="differ in size"):
        specs.Tree(nodes, specs.Paths(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.float32)))


@pytest.mark.parametrize("sg", [True, False])
def test_whole_texts_are_claimed_whole(sg):
    draw = np.random.default_rng(0)
    sentences = [draw.integers(0, 9, size).tolist() for size in [0, 3, 5000, 0, 4096, 1, 9000, 2, 2, 4000, 300, 0]]
    options = {"sg": sg, "shrink_windows": False}
    pieces, _ = make_epoch(sentences, 9, **options)
    whole, _ = make_epoch(sentences, 9, whole_texts=True, chunks=2, **options)
    assert pairs_of(whole.batches(), sg) == pairs_of(pieces.batches(), sg)
    assert whole.words == pieces.words
    begins = set(np.cumsum([0, *map(len, sentences)]).tolist())
    for position in range(0, whole.words, 100):
        whole.begin_at(position)
        assert whole.claimed_words in begins
        assert whole.claimed_words >= position
    whole.begin_at(0)
    assert whole.work()[0] == whole.words


def test_openblas_names_its_core():
    assert blas.core()
    assert "OpenBLAS" in blas.config()
