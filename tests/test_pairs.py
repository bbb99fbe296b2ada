"""What pairs count: by distance, by sentence, and on which side of the centre, against NumPy."""

from collections import Counter

import numpy as np
import pytest
from reference import loss, train_block
from test_kernels import make_epoch, random_sentences

from fastemb import FastText, Word2Vec
from fastemb.kernels import step as kernels

DISTANCES = np.array([1, 0.7, 0.2], np.float32)
CHANGES = [
    {}, {"cbow_mean": False}, {"divide_gradient": True}, {"hs": True, "negative": 0}, {"hs": True},
    {"locks": np.linspace(0, 1, 10, dtype=np.float32)},
]  # fmt: skip


@pytest.fixture(params=[*kernels.implementations()])
def implementation(request):
    """Each implementation that this processor can run, in turn."""
    before = kernels.implementation()
    kernels.choose(request.param)
    yield request.param
    kernels.choose(before)


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("size", [8, 33])
def test_weights_are_the_reference(implementation, sg, change, size):
    sentences = random_sentences(10, sentences=12)
    importance = np.random.default_rng(1).random(12).astype(np.float32) * 2
    options = {"sg": sg, "size": size, "distances": DISTANCES, "importance": importance, "compute_loss": True} | change
    twin, expected = make_epoch(sentences, 10, **options)
    expected, total = [matrix.astype(float) for matrix in expected], 0
    for block in twin.batches():
        total += train_block(
            block, expected[0], expected[2 if block["tree"] else 1], sg=sg, cbow_mean=change.get("cbow_mean", True),
            divide_gradient=change.get("divide_gradient", False), locks=change.get("locks", np.ones(10)),
            distances=DISTANCES,
        )  # fmt: skip
    epoch, matrices = make_epoch(sentences, 10, **options)
    assert epoch.work()[1] == pytest.approx(total, rel=1e-5)
    for found, wanted in zip(matrices, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=5e-6)


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("side", ["both", "before", "after"])
def test_pairs_meet_as_often_as_they_count(sg, side):
    # Words that occur in one place each, so that pairs tell their distance and their sentence.
    sentences = [[*range(5)], [*range(5, 12)], [], [*range(12, 21)]]
    importance = np.array([0.5, 2, 7, 0], np.float32)
    options = {"shrink_windows": False, "centres": 1, "noise_words": 1, "importance": importance}
    epoch, _ = make_epoch(
        sentences, 21, sg=sg, before=side != "after", after=side != "before", distances=DISTANCES, **options
    )
    found = Counter()
    for block in epoch.batches():
        for i, j in zip(*np.nonzero(block["positives"]), strict=True):
            for word in [block["inputs"][i]] if sg else block["inputs"][i]:
                found[word, block["outputs"][j]] += block["positives"][i, j]
    expected = {
        (word, centre): importance[k] * (DISTANCES[abs(word - centre) - 1] if sg else 1)
        for k, sentence in enumerate(sentences)
        for centre in sentence
        for word in sentence
        if word != centre and abs(word - centre) <= 3 and importance[k] > 0
        and side in ("both", "before" if word < centre else "after")
    }  # fmt: skip
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("sg", [True, False])
def test_they_follow_the_gradient(sg):
    # The change of each input row is minus the gradient of the weighted loss of the pairs that were found above.
    options = {"size": 4, "sg": sg, "window": 3, "shrink_windows": False, "centres": 1, "divide_gradient": True}
    options |= {"distances": DISTANCES, "importance": np.array([1.7], np.float32), "start_alpha": 1.0}
    epoch, (vectors, outputs, _) = make_epoch([[0, 1, 2, 3, 4, 5, 6]], 7, **options)
    block = epoch.batches()[3]  # the centre 3

    def loss_with(matrix):
        if sg:
            x = matrix[block["inputs"]]
        else:
            near = DISTANCES[np.abs(block["offsets"][0]) - 1][:, np.newaxis]
            x = (matrix[block["inputs"][0]] * near).sum(axis=0, keepdims=True) / near.sum()
        return loss(x, outputs[block["outputs"]].astype(float), block["positives"], block["weights"])

    before = vectors.astype(float)
    gradient = np.zeros_like(before)
    for place in np.ndindex(before.shape):
        moved = before.copy()
        moved[place] += 1e-6
        gradient[place] = (loss_with(moved) - loss_with(before)) / 1e-6
    changed, block["alpha"] = before.copy(), 1e-6  # so small that inputs that are taken in turn do not see each other
    train_block(
        block, changed, outputs.astype(float), sg=sg, cbow_mean=True, divide_gradient=True, locks=np.ones(7),
        distances=DISTANCES,
    )  # fmt: skip
    np.testing.assert_allclose((before - changed) / block["alpha"], gradient, atol=1e-4)


def test_weights_must_fit():
    for wrong, message in [
        ({"distances": DISTANCES[:2]}, "weights of distances up to 3"),
        ({"distances": np.array([1, 0, 1], np.float32)}, "above 0"),
        ({"importance": np.ones(2, np.float32)}, "weights of 3 sentences"),
        ({"importance": np.array([1, -1, 1], np.float32)}, "at least 0"),
        ({"before": False, "after": False}, "one side at least"),
        ({"sg": False, "distances": DISTANCES, "offsets": np.ones((6, 8), np.float32)}, "not by both"),
    ]:
        with pytest.raises(ValueError, match=message):
            make_epoch([[0, 1, 2, 3], [0], [1]], 4, **wrong)


KINDS = {"word2vec": Word2Vec, "fasttext": lambda *given, **options: FastText(*given, bucket=200, **options)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sg", [0, 1])
def test_models_take_them(kind, sg, tmp_path):
    draw = np.random.default_rng(0)
    sentences = [[f"w{k}" for k in draw.integers(0, 30, 12)] for _ in range(100)]
    options = {"min_count": 1, "vector_size": 8, "workers": 1, "sg": sg, "sample": 0}
    plain = KINDS[kind](sentences, **options)
    for given in ({"distance_decay": 1.0}, {"context": "before"}, {"context": "after"}):
        model = KINDS[kind](sentences, **options | given)
        assert not np.array_equal(model.wv.vectors, plain.wv.vectors)
        model.save(tmp_path / "model")
        loaded = type(model).load(tmp_path / "model")
        assert (loaded.distance_decay, loaded.context) == (model.distance_decay, model.context)
    # Of sentences of two words, each context is the neighbour: nothing is weighed.
    two = [sentence[:2] for sentence in sentences]
    one, other = KINDS[kind](two, **options), KINDS[kind](two, distance_decay=1.0, **options)
    np.testing.assert_allclose(one.wv.vectors, other.wv.vectors, rtol=1e-6, atol=1e-8)


def test_what_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="give one of them"):
        Word2Vec(distance_decay=1, position_weights=True)
    with pytest.raises(ValueError, match="context must be one of 'both', 'before', 'after'"):
        Word2Vec(context="left")
    with pytest.raises(ValueError, match="distance_decay must not be negative"):
        Word2Vec(distance_decay=-1)
