"""Texts as inputs, and all labels as outputs, against NumPy."""

import threading

import numpy as np
import pytest
from reference import sigmoid

from fastemb.kernels import ragged
from fastemb.kernels import step as kernels
from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd import specs
from fastemb.kernels.sgd.epoch import Epoch
from fastemb.kernels.text.labelled import Tokens, first_met
from fastemb.vocabulary import huffman_paths

WORDS, LABELS, D = 12, 5, 8
ONE = np.ones(1, np.float32)
IMPLEMENTATIONS = kernels.implementations()


@pytest.fixture(params=IMPLEMENTATIONS, name="implementation")
def each_implementation(request):
    kernels.choose(request.param)
    yield request.param
    kernels.choose()


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def encoded(rows):
    """Lists of ids, end to end: (ids, starts)."""
    return np.array([k for row in rows for k in row], np.int32), ragged.starts_of([len(row) for row in rows])


def random_texts(texts=60, words=WORDS, labels=LABELS, seed=0, longest=20, most=3):
    """Texts of ids, -1 among them, some empty; and labels, of some none and of some several."""
    draw = np.random.default_rng(seed)
    bags = [draw.integers(-1, words, draw.integers(0, longest)).tolist() for _ in range(texts)]
    return bags, [draw.integers(0, labels, draw.integers(0, most + 1)).tolist() for _ in range(texts)]


def matrices(words=WORDS, labels=LABELS, size=D, seed=1):
    draw = np.random.default_rng(seed)
    return [draw.normal(0, 0.5, (n, size)).astype(np.float32) for n in (words, labels)]


def make_epoch(texts, targets, inputs, outputs, loss="softmax", **options):
    """An epoch of texts over the matrices; `bags`: the n-grams of words, and their matrix."""
    given = {"centres": 1, "rows": 64, "workers": 1, "rounds": False, "rates": (0.1, 0.1), "seed": 3, "measure": False}
    given |= {"locks": ONE, "bags": None, "text_weights": None, "label_weights": None, "chunks": 1, "objective": None}
    given |= {"first_position": 0, "patient": False, "cut": None} | options
    rows = specs.Rows(inputs, given["locks"])
    if given["bags"] is not None:
        grams, vectors = given["bags"]
        ids, starts = encoded(grams)
        rows = specs.Bags(inputs, given["locks"], vectors, ONE, specs.Ngrams(starts, ids, len(vectors)))
    ids, starts = encoded(targets)
    sides = rows, given["rows"], len(outputs), starts, ids, given["text_weights"], given["label_weights"]
    parts = [[texts[k] for k in part] for part in np.array_split(np.arange(len(texts)), given["chunks"])]
    return Epoch(
        given["cut"] or [encoded(part) for part in parts],
        specs.Texts(*sides),
        [given["objective"] or specs.Labels(outputs, loss, given["centres"])],
        specs.Sampling(None, 1, False, given["seed"], given["first_position"]),
        given["rates"],
        specs.Team(given["workers"], given["rounds"], given["patient"]),
        given["measure"],
    )


def work(epoch):
    results = []
    threads = [threading.Thread(target=lambda: results.append(epoch.work())) for _ in range(epoch.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [sum(values) for values in zip(*results, strict=True)]


def drawn_labels(texts, targets, **options):
    """The label that is drawn of each text that is trained, in order."""
    blocks = make_epoch(texts, targets, *matrices(), **options).batches()
    return [int(np.argmax(row)) for block in blocks for row in block["positives"]]


def train_loop(texts, targets, inputs, outputs, loss, drawn=None, text_weights=None, label_weights=None, grams=()):
    """What an epoch does, text by text, in place; the loss. Words have further rows, `grams`, if there are any."""
    drawn, total = iter(drawn or ()), 0
    text_weights = np.ones(len(texts)) if text_weights is None else text_weights
    label_weights = np.ones(len(outputs)) if label_weights is None else label_weights
    for words, labels, weight in zip(texts, targets, text_weights, strict=True):
        rows = [row for word in words if word >= 0 for row in (word, *(grams[word] if word < len(grams) else ()))]
        if not rows or not labels:
            continue
        hidden = inputs[rows].mean(axis=0)
        dots = outputs @ hidden
        if loss == "softmax":
            label = next(drawn)
            weight *= label_weights[label]
            gradient = -softmax(dots)
            gradient[label] += 1
            gradient *= weight
            total -= weight * np.log(softmax(dots)[label])
        else:
            true = np.isin(np.arange(len(outputs)), labels)
            gradient = weight * label_weights * (true - sigmoid(dots))
            total -= (weight * label_weights * np.log(sigmoid(np.where(true, dots, -dots)))).sum()
        delta = 0.1 * gradient @ outputs / len(rows)
        outputs += 0.1 * gradient[:, np.newaxis] * hidden
        np.add.at(inputs, rows, delta)
    return total


# One step.

SHAPES = [(1, 1, 8), (1, 5, 8), (3, 20, 33), (2, 735, 100), (4, 17, 16), (1, 16, 4), (5, 9, 100)]


def made_step(n, m, d, scale=1.0):
    draw = np.random.default_rng(n * m + d)
    x, o = (draw.normal(0, scale, (rows, d)).astype(np.float32) for rows in (n, m))
    weights = np.repeat(draw.uniform(0.5, 2, (n, 1)), m, axis=1).astype(np.float32)
    positives = np.zeros((n, m), np.float32)
    labels = draw.integers(0, m, n)
    positives[np.arange(n), labels] = weights[:, 0]
    return x, o, positives, weights


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_a_step_of_softmax_is_the_formula(implementation, n, m, d):
    x, o, positives, weights = made_step(n, m, d, 0.3)
    p = softmax(x.astype(float) @ o.T.astype(float))
    gradient = 0.1 * (positives - weights * p)
    inputs, outputs = x.copy(), o.copy()
    found = kernels.train(inputs, range(n), outputs, range(m), positives, weights, 0.1, measure=True, softmax=True)
    np.testing.assert_allclose(inputs, x + gradient @ o, rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(outputs, o + gradient.T @ x, rtol=1e-5, atol=2e-6)
    assert found == pytest.approx(-(positives * np.log(p)).sum(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("shift", [-300.0, -50.0, 50.0, 300.0])
@pytest.mark.parametrize("m", [1, 3, 8, 20])
def test_a_softmax_does_not_depend_on_what_is_added_to_all(implementation, m, shift):
    draw = np.random.default_rng(m)
    o = np.zeros((m, 8), np.float32)
    o[:, 0], o[:, 1] = shift, draw.normal(0, 2, m)
    x = np.zeros((1, 8), np.float32)
    x[0, :2] = 1
    positives = np.zeros((1, m), np.float32)
    positives[0, m // 2] = 1
    p = softmax(o[:, 1].astype(float))
    outputs = o.copy()
    loss = kernels.train(
        x.copy(), [0], outputs, range(m), positives, np.ones((1, m), np.float32), 0.5, measure=True, softmax=True
    )
    np.testing.assert_allclose(outputs[:, 1] - o[:, 1], 0.5 * (positives[0] - p), rtol=1e-3, atol=1e-4)
    assert loss == pytest.approx(-np.log(p[m // 2]), rel=1e-3, abs=1e-4)


def test_a_step_of_softmax_goes_down_the_slope_of_its_loss(implementation):
    x, o, positives, weights = made_step(2, 6, 4)
    alpha, width = 1e-3, 1e-6
    inputs, outputs = x.copy(), o.copy()
    kernels.train(inputs, range(2), outputs, range(6), positives, weights, alpha, softmax=True)

    def loss(x, o):
        return -(positives * np.log(softmax(x @ o.T))).sum()

    for which, (before, after) in enumerate(((x, inputs), (o, outputs))):
        for place in np.ndindex(before.shape):
            pair = [x.astype(float), o.astype(float)]
            step = np.zeros(before.shape)
            step[place] = width
            high, low = (
                [m + sign * step * (k == which) if k == which else m for k, m in enumerate(pair)] for sign in (1, -1)
            )
            slope = (loss(*high) - loss(*low)) / (2 * width)
            assert (after[place] - before[place]) / alpha == pytest.approx(-slope, abs=1e-3)


def test_nan_is_not_lost(implementation):
    for m in (3, 20):
        for place in (0, m - 1):
            x, o, positives, weights = made_step(1, m, 8)
            o[place] = np.nan
            kernels.train(x, [0], o, range(m), positives, weights, 0.1, softmax=True)
            assert np.isnan(x).all()


# An epoch.

WEIGHTS = {
    "text_weights": np.random.default_rng(5).uniform(0, 2, 60).astype(np.float32),
    "label_weights": np.linspace(0, 2, LABELS, dtype=np.float32),
}


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("weights", [[], ["text_weights"], ["label_weights"], ["text_weights", "label_weights"]])
@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
def test_an_epoch_is_a_loop_over_texts(implementation, loss, weights, chunks):
    texts, targets = random_texts()
    given = {name: WEIGHTS[name] for name in weights}
    found = matrices()
    epoch = make_epoch(texts, targets, *found, loss, measure=True, chunks=chunks, **given)
    trained, measured, pairs = epoch.work()
    wanted = [matrix.astype(float) for matrix in matrices()]
    drawn = drawn_labels(texts, targets) if loss == "softmax" else None
    total = train_loop(texts, targets, *wanted, loss, drawn, **given)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert measured == pytest.approx(total, rel=1e-5)
    usable = sum(bool(labels) and max(words, default=-1) >= 0 for words, labels in zip(texts, targets, strict=True))
    assert trained == pairs == usable < len(texts)


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
def test_words_may_be_bags_and_texts_have_further_rows(implementation, loss, long):
    # Ids beyond the vocabulary are single rows of the n-grams. Of long texts the rows are summed piece by piece.
    grams = [[k % 7, (k * 3) % 7, 6][: k % 4] for k in range(WORDS)]
    texts, targets = random_texts(12 if long else 60, WORDS + 7, longest=4000 if long else 20)
    vectors = np.random.default_rng(2).normal(0, 0.5, (7, D)).astype(np.float32)
    found, more = matrices(), vectors.copy()
    make_epoch(texts, targets, *found, loss, bags=(grams, more)).work()
    inputs, outputs = matrices()
    wanted = np.concatenate([inputs, vectors]).astype(float), outputs.astype(float)
    shifted = [[WORDS + k for k in row] for row in grams]
    blocks = make_epoch(texts, targets, *matrices(), bags=(grams, vectors.copy())).batches()
    drawn = [int(np.argmax(block["positives"])) for block in blocks] if loss == "softmax" else None
    train_loop(texts, targets, *wanted, loss, drawn, grams=shifted)
    np.testing.assert_allclose(np.concatenate([found[0], more]), wanted[0], rtol=1e-4, atol=3e-5)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-4, atol=3e-5)


def test_a_batch_of_texts_takes_its_gradients_at_once(implementation):
    texts, targets = [[0, 1], [2], [3, 3, 4]], [[0], [1], [2]]
    inputs, outputs = matrices()
    found = [inputs.copy(), outputs.copy()]
    make_epoch(texts, targets, *found, centres=8).work()
    hidden = np.array([inputs[words].mean(axis=0) for words in texts])
    gradient = 0.1 * (np.eye(LABELS)[[0, 1, 2]] - softmax(hidden @ outputs.T))
    np.testing.assert_allclose(found[1], outputs + gradient.T @ hidden, rtol=1e-4, atol=1e-6)
    for words, delta in zip(texts, gradient @ outputs, strict=True):
        np.add.at(inputs, words, delta / len(words))
    np.testing.assert_allclose(found[0], inputs, rtol=1e-4, atol=1e-6)


def test_tokens_that_stand_together_count_as_often_as_they_are_there():
    """And those that are not known do not count, wherever they are."""
    texts, targets = random_texts(longest=60)
    rng = np.random.default_rng(6)
    places = [rng.permutation(WORDS + 1) for _ in texts]
    together = [sorted(words, key=place.__getitem__) for words, place in zip(texts, places, strict=True)]
    assert any(words[:1] == [-1] for words in together)
    assert any(words[-1:] == [-1] for words in together)
    for size in (D, 100):
        given = matrices(size=size)
        trained = []
        for some in (texts, together):
            both = [matrix.copy() for matrix in given]
            make_epoch(some, targets, *both, loss="one-vs-all").work()
            trained.append(both)
        for one, other, before in zip(*trained, given, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
            assert not np.allclose(one, before, rtol=1e-2)


def test_batches_say_how_often_a_token_is_there():
    texts = [[0, 0, 0], [1, -1, 1, 2, 1], [3]]
    blocks = make_epoch(texts, [[0], [1], [2]], *matrices(), centres=8).batches()
    assert [bag for block in blocks for bag in block["inputs"]] == [[0, 0, 0], [1, 1, 2, 1], [3]]


# Labels.


def test_each_label_of_a_text_is_drawn_about_as_often():
    texts, targets = [[0]] * 3000, [[1, 3, 4]] * 3000
    drawn = np.bincount(drawn_labels(texts, targets), minlength=LABELS)
    assert drawn[[0, 2]].sum() == 0
    assert drawn[[1, 3, 4]].min() > 900  # of 1000, whose standard deviation is 26


def test_what_is_drawn_depends_on_the_place_and_the_seed_alone():
    texts, targets = random_texts(400)
    one = drawn_labels(texts, targets)
    assert one == drawn_labels(texts, targets, chunks=7) == drawn_labels(texts, targets, workers=3)
    assert one != drawn_labels(texts, targets, seed=4)
    head = sum(len(words) for words in texts[:150])
    assert one == drawn_labels(texts[:150], targets[:150]) + drawn_labels(
        texts[150:], targets[150:], first_position=head
    )


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
def test_nothing_to_learn_changes_nothing(loss):
    texts, targets = [[], [-1, -1], [0, 1], [], [2]], [[0], [1], [], [], []]
    inputs, outputs = matrices()
    assert make_epoch(texts, targets, inputs, outputs, loss, measure=True).work() == (0, 0, 0)
    assert make_epoch([], [], inputs, outputs, loss).work() == (0, 0, 0)
    assert make_epoch([[], []], [[0], [1]], inputs, outputs, loss).work() == (0, 0, 0)
    for found, before in zip((inputs, outputs), matrices(), strict=True):
        np.testing.assert_array_equal(found, before)


def test_one_label_alone():
    # Its softmax is 1 whatever is trained; a logistic regression learns that all texts have it.
    for loss, learns in (("softmax", False), ("one-vs-all", True)):
        inputs, outputs = matrices(labels=1)
        before = inputs.copy()
        _, measured, pairs = make_epoch([[0, 1], [2]], [[0], [0]], inputs, outputs, loss, measure=True).work()
        assert pairs == 2
        assert (measured > 0) == learns
        assert np.array_equal(inputs, before) != learns


# Other objectives of texts.


def test_a_tree_over_labels(implementation):
    texts, targets = random_texts()
    starts, nodes, ends = huffman_paths(np.arange(LABELS, 0, -1))
    inputs, outputs = matrices()
    wanted = [inputs.astype(float), outputs.astype(float)]
    drawn = iter(drawn_labels(texts, targets))
    weights = WEIGHTS["text_weights"]
    tree = specs.Tree(outputs, specs.Paths(starts, nodes, ends))
    make_epoch(texts, targets, inputs, outputs, objective=tree, text_weights=weights).work()
    for words, labels, weight in zip(texts, targets, weights, strict=True):
        rows = [word for word in words if word >= 0]
        if rows and labels:
            path = slice(*starts[(label := next(drawn)) : label + 2])
            hidden, met = wanted[0][rows].mean(axis=0), wanted[1][nodes[path]]
            gradient = 0.1 * weight * (ends[path] - sigmoid(met @ hidden))
            wanted[1][nodes[path]] += gradient[:, np.newaxis] * hidden
            np.add.at(wanted[0], rows, gradient @ met / len(rows))
    np.testing.assert_allclose(inputs, wanted[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(outputs, wanted[1], rtol=1e-4, atol=1e-5)


# Several workers.


def planted(texts=4000, labels=6, seed=0):
    """Texts of 10 words, of which 3 tell the label."""
    draw = np.random.default_rng(seed)
    targets = draw.integers(0, labels, texts)
    telling = targets[:, np.newaxis] * 20 + draw.integers(0, 20, (texts, 3))
    words = np.concatenate([telling, 20 * labels + draw.integers(0, 200, (texts, 7))], axis=1)
    return words.tolist(), [[k] for k in targets.tolist()], 20 * labels + 200


def objective_of(kind, outputs):
    """By name; None for the loss of that name."""
    if kind == "tree":
        return specs.Tree(outputs, specs.Paths(*huffman_paths(np.arange(len(outputs), 0, -1))))
    return specs.Negatives(outputs, NoiseTable(np.ones(len(outputs))), 5, 5, 1) if kind == "negatives" else None


@pytest.mark.parametrize("rounds", [False, True])
@pytest.mark.parametrize("kind", ["softmax", "one-vs-all", "negatives", "tree"])
def test_several_workers_learn_as_much_as_one(kind, rounds):
    texts, targets, words = planted()
    losses = []
    for workers in (1, 3):
        inputs, outputs = matrices(words, 6, 16)
        inputs /= 10
        outputs[:] = 0
        options = {"objective": objective_of(kind, outputs), "workers": workers, "rounds": rounds, "measure": True}
        loss = kind if options["objective"] is None else None
        for seed in range(6):
            _, measured, pairs = work(
                make_epoch(texts, targets, inputs, outputs, loss, seed=seed, rates=(0.5, 0.5), **options)
            )
        assert pairs == len(texts)
        losses.append(measured / pairs)
        if kind != "tree":
            hidden = np.array([inputs[row].mean(axis=0) for row in texts])
            assert np.mean((hidden @ outputs.T).argmax(axis=1) == np.ravel(targets)) > 0.98
    assert losses[1] < 1.1 * losses[0] + 0.02


def test_rounds_give_the_same_bits():
    texts, targets, words = planted(1000)
    found = [matrices(words, 6, 16) for _ in range(2)]
    for pair in found:
        work(make_epoch(texts, targets, *pair, workers=3, rounds=True))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_deltas_are_what_an_epoch_changes():
    texts, targets = random_texts(3000)
    whole, apart = matrices(), matrices()
    make_epoch(texts, targets, *whole).work()
    epoch = make_epoch(texts, targets, *apart)
    assert epoch.spans > 1
    deltas = epoch.deltas(0, epoch.words)
    for matrix, before, wanted, (ids, delta, _) in zip(apart, matrices(), whole, deltas, strict=True):
        np.testing.assert_array_equal(matrix, before)
        matrix[ids] += delta
        np.testing.assert_allclose(matrix, wanted, rtol=1e-4, atol=1e-5)


# What is refused.


def test_what_does_not_fit_is_refused():
    inputs, outputs = matrices()
    with pytest.raises(ValueError, match="labels of 1 texts, and 2 texts"):
        make_epoch([[0], [1]], [[0]], inputs, outputs)
    with pytest.raises(ValueError, match="an id of labels of texts is 5, outside 0 … 4"):
        make_epoch([[0]], [[5]], inputs, outputs)
    with pytest.raises(ValueError, match="an id of sentences is 12"):
        make_epoch([[WORDS]], [[0]], inputs, outputs)
    with pytest.raises(ValueError, match="an id of sentences is 14"):
        make_epoch([[WORDS + 2]], [[0]], inputs, outputs, bags=([[]] * WORDS, inputs[:2].copy()))
    with pytest.raises(ValueError, match="loss must be 'softmax' or 'one-vs-all', not 'hinge'"):
        make_epoch([[0]], [[0]], inputs, outputs, "hinge")
    with pytest.raises(ValueError, match="text_weights must be 1 numbers, not 2"):
        make_epoch([[0]], [[0]], inputs, outputs, text_weights=np.ones(2, np.float32))
    with pytest.raises(ValueError, match="label_weights must be finite, and at least 0"):
        make_epoch([[0]], [[0]], inputs, outputs, label_weights=np.full(LABELS, -1, np.float32))
    with pytest.raises(ValueError, match="label_weights must be finite"):
        make_epoch([[0]], [[0]], inputs, outputs, label_weights=np.full(LABELS, np.nan, np.float32))
    for bags in (None, ([[]] * WORDS, inputs[:2].copy())):
        with pytest.raises(ValueError, match="the words of texts cannot have lock factors"):
            make_epoch([[0]], [[0]], inputs, outputs, bags=bags, locks=ONE / 2)
    with pytest.raises(ValueError, match="differ in shape"):
        make_epoch([[0]], [[0]], inputs, outputs, objective=specs.Labels(outputs[:3].copy(), "softmax"))
    with pytest.raises(ValueError, match="centres must be from 1 to 2147483647, not 0"):
        specs.Labels(outputs, "softmax", 0)
    with pytest.raises(ValueError, match="labels must be from 1 to 2147483647, not 0"):
        make_epoch([[0]], [[]], inputs, outputs[:0], objective=specs.Labels(outputs, "softmax"))


@pytest.mark.parametrize(("keep", "message"), [(None, "differ in size"), (WORDS, "only texts have labels")])
def test_words_have_neither_labels_nor_no_subsampling(keep, message):
    inputs, _ = matrices()
    sampling = specs.Sampling(None if keep is None else np.zeros(keep, np.uint32), 1, False, 0)
    side = specs.SkipGram(specs.Rows(inputs, ONE), 8)
    with pytest.raises(ValueError, match=message):
        Epoch([encoded([[0, 1]])], side, [specs.Labels(inputs.copy(), "softmax")], sampling, (0.1, 0.1), specs.Team(1))


# Features of texts.


@pytest.mark.parametrize(("longest", "buckets"), [(1, 0), (2, 7), (3, 1000)])
def test_equal_features_of_a_text_are_together_where_the_first_was_met(longest, buckets):
    draw, count = np.random.default_rng(0), 50
    hashes = draw.integers(-(2**31), 2**31, count).astype(np.int32)
    none = np.zeros(count + 1, np.int64), np.empty(0, np.int32)
    tokens = Tokens(np.arange(count, dtype=np.int32), hashes, *none, -1, 0, 5, count, longest, buckets)
    texts = [(draw.zipf(1.3, size) % count).tolist() for size in [0, 1, 2, *draw.integers(0, 200, 100)]]
    ids, starts = encoded(texts)
    feature_starts, features, _, labels = tokens.of_texts(starts, ids)
    assert not len(labels)
    for text, begin, end in zip(texts, feature_starts, feature_starts[1:], strict=False):
        words, multiplier = [*text, 0], 116049371  # with the end
        numbers = [*hashes[text].tolist(), 5]
        expected = list(words)
        for k in range(len(words)):
            h = numbers[k] % 2**64
            for j in range(k + 1, min(k + longest, len(words))):
                h = (h * multiplier + numbers[j]) % 2**64
                expected.append(count + h % buckets)
        found = features[begin:end].tolist()
        assert found == [k for k in dict.fromkeys(expected) for _ in range(expected.count(k))]


def test_buckets_are_numbered_as_they_are_met():
    met = np.zeros(6, np.uint8)
    met[2] = 1
    assert first_met(np.array([9, 3, 5, -1, 9, 4, 6], np.int32), 4, met).tolist() == [5, 1, 0]
    assert met.tolist() == [1, 1, 1, 0, 0, 1]
    assert not len(first_met(np.array([9, 3, 5], np.int32), 4, met))
    with pytest.raises(ValueError, match="ids must be from -1 to 9, not 10"):
        first_met(np.array([10], np.int32), 4, met)
