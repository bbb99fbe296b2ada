"""Inference of vectors of documents, against NumPy."""

import threading

import numpy as np
import pytest

from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd.inference import Inference
from fastemb.kernels.sgd.specs import Negatives, Paths, Rows, Sampling, Tree
from fastemb.kernels.step import choose, implementations
from fastemb.vocabulary import huffman_paths

WORDS, WINDOW, NOBODY, NEGATIVE, CENTRES, SHARED, PART = 40, 3, 1, 3, 4, 8, 1024
ALL = 2**32 - 1
KINDS = {
    "alone": {},
    "mean": {"context": True, "mean": True},
    "mean, divided": {"context": True, "mean": True, "divide_gradient": True},
    "sum": {"context": True, "divide_gradient": True},
    "concat": {"context": True, "nobody": NOBODY},
}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_objective = pytest.mark.parametrize("objective", ["negatives", "tree", "both"])


@pytest.fixture(params=implementations(), autouse=True)
def each_implementation(request):
    choose(request.param)
    yield
    choose(None)


def noise_words():
    """Words, and how much of them each is."""
    words = np.random.default_rng(3).integers(0, WORDS, 50).astype(np.int32)
    return words, (np.bincount(words, minlength=WORDS) / 50).astype(np.float32)


def matrices(kind, size=10):
    draw = np.random.default_rng(1)
    width = size * (1 + 2 * WINDOW) if kind == "concat" else size
    return [draw.normal(0, 2 / columns**0.5, (WORDS, columns)).astype(np.float32) for columns in (size, width, width)]


def paths():
    return huffman_paths(np.arange(WORDS, 0, -1))


def made(kind, objective="negatives", size=10, passes=3, keep=ALL, shrink=False, found=None, seed=5, **options):
    words, outputs, nodes = found or matrices(kind, size)
    objectives = []
    if objective != "tree":
        objectives.append(Negatives(outputs, NoiseTable(np.ones(WORDS)), NEGATIVE, SHARED, CENTRES))
    if objective != "negatives":
        objectives.append(Tree(nodes, Paths(*paths())))
    sampling = Sampling(np.full(WORDS, keep, np.uint32), WINDOW, shrink, seed)
    options |= KINDS[kind]
    return Inference(
        Rows(words, np.ones(1, np.float32)), objectives, sampling, (0.1, 0.05), passes, *noise_words(), **options
    )


def inferred(inference, documents):
    starts = np.cumsum([0, *map(len, documents)])
    return inference.infer(np.concatenate([np.empty(0, np.int32), *documents]).astype(np.int32), starts)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def steps_of(kind, words, document, keep, centres):
    """Steps, each a list of words: how often it counts, context, share of the vector, and scale of the gradient."""
    size = words.shape[1]
    if kind == "alone":
        counts = {word: np.count_nonzero(document == word) * keep / ALL for word in dict.fromkeys(document.tolist())}
        most, steps = max(1, centres / 4), []
        while counts:
            step = []
            for number, (word, count) in enumerate(counts.items()):
                step.append((word, min(count, most), np.zeros(size), 1, 1))
                if len(step) == centres or sum(each[1] for each in step) >= centres or number == len(counts) - 1:
                    steps.append(step)
                    step = []
            counts = {word: count - most for word, count in counts.items() if count > most}
        return steps
    told = []
    for centre, word in enumerate(document.tolist()):
        places = [place for place in range(centre - WINDOW, centre + WINDOW + 1) if place != centre]
        if kind == "concat":
            rows = [words[document[place]] if 0 <= place < len(document) else words[NOBODY] for place in places]
            told.append((word, 1, np.concatenate(rows), 1, 1))
            continue
        rows = [words[document[place]] for place in places if 0 <= place < len(document)]
        part = 1 / (len(rows) + 1)
        share = part if kind.startswith("mean") else 1
        told.append((word, 1, share * np.sum([np.zeros(size), *rows], axis=0), share, 1 if kind == "mean" else part))
    return [told[k : k + centres] for k in range(0, len(told), centres)]


def expected(kind, objective, document, start, passes, keep=ALL):
    """The vector of a document, by the formulas, one pair after the other."""
    words, outputs, nodes = (each.astype(np.float64) for each in matrices(kind, len(start)))
    vector, drawn, (noise, shares) = start.astype(np.float64), 0, noise_words()
    starts, path, labels = paths()
    centres = 1 if objective == "tree" else CENTRES
    d = len(vector)

    def gradient(row, positive, weight, context, share):
        beside = row[d:] @ context if kind == "concat" else row @ context
        return (positive - weight * sigmoid(share * (row[:d] @ vector) + beside)) * row[:d]

    for again in range(passes):
        alpha = 0.1 - 0.05 * again / max(1, passes - 1)
        for part in range(0, len(document), PART):
            for step in steps_of(kind, words, document[part : part + PART], keep, centres):
                change = np.zeros(d)
                shared = 0 if objective == "tree" else SHARED // CENTRES * (len(step) if kind == "alone" else 1)
                for word, count, context, share, scale in step:
                    if objective != "tree":
                        own = count * (1 - NEGATIVE * shares[word])
                        change += scale * gradient(outputs[word], count, own, context, share)
                    for node, label in zip(
                        path[starts[word] : starts[word + 1]], labels[starts[word] : starts[word + 1]], strict=True
                    ):
                        if objective != "negatives":
                            change += scale * gradient(nodes[node], count * label, count, context, share)
                for met in [step] if kind == "alone" else [[each] for each in step]:
                    for _ in range(shared):
                        row = outputs[noise[drawn % len(noise)]]
                        drawn += 1
                        for _, count, context, share, scale in met:
                            change += scale * gradient(row, 0, count * NEGATIVE / shared, context, share)
                vector = vector + alpha * change
    return vector


@each_objective
@each_kind
@pytest.mark.parametrize("size", [1, 10, 33, 100])
def test_inference_is_that_of_numpy(kind, objective, size):
    draw = np.random.default_rng(size)
    documents = [draw.integers(0, WORDS, length).astype(np.int32) for length in (1, 2, 13, 60)]
    documents.append(np.full(23, 7, np.int32))  # of which more than one step is made
    before = matrices(kind, size)
    inference = made(kind, objective, size, found=before)
    found = inferred(inference, documents)
    for one, other in zip(before, matrices(kind, size), strict=True):
        np.testing.assert_array_equal(one, other)
    starts = inferred(made(kind, objective, size, passes=0), documents)
    assert np.all(np.abs(starts) <= 0.5 / size)
    assert len({row.tobytes() for row in starts}) == len(documents)
    for row, document, start in zip(found, documents, starts, strict=True):
        np.testing.assert_allclose(row, expected(kind, objective, document, start, 3), rtol=2e-3, atol=2e-4)
    assert np.abs(found - starts).max() > 0.01


@pytest.mark.parametrize("kind", ["alone", "mean"])
def test_a_long_document_is_inferred_in_parts(kind):
    document = np.random.default_rng(0).integers(0, WORDS, PART + 300).astype(np.int32)
    start = inferred(made(kind, passes=0), [document])[0]
    found = inferred(made(kind, passes=2), [document])[0]
    np.testing.assert_allclose(found, expected(kind, "negatives", document, start, 2), rtol=5e-3, atol=1e-3)


def test_a_word_counts_as_often_as_it_is_kept():
    document = np.repeat(np.arange(10), [1, 5, 1, 2, 9, 1, 1, 3, 1, 1]).astype(np.int32)
    start = inferred(made("alone", passes=0, keep=ALL // 3), [document])[0]
    found = inferred(made("alone", keep=ALL // 3), [document])[0]
    known = expected("alone", "negatives", document, start, 3, ALL // 3)
    np.testing.assert_allclose(found, known, rtol=2e-3, atol=2e-4)


@each_objective
@each_kind
def test_a_vector_depends_on_the_words_of_the_document_alone(kind, objective):
    draw = np.random.default_rng(7)
    documents = [draw.integers(0, WORDS, length).astype(np.int32) for length in [5, 8, 30, 17, 300, 2, 1500] * 2]
    inference = made(kind, objective, keep=3 << 30, shrink=True)
    together = inferred(inference, documents)
    assert len({row.tobytes() for row in together}) == len(documents)
    with_unknown = [np.insert(document, [0, len(document)], -1) for document in documents]
    alone = [None] * len(documents)

    def infer(number):
        alone[number] = inferred(inference, [with_unknown[number]])[0]

    threads = [threading.Thread(target=infer, args=(k,)) for k in range(len(documents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(together, alone)
    assert not np.array_equal(together, inferred(made(kind, objective, keep=3 << 30, shrink=True, seed=6), documents))


@pytest.mark.parametrize("size", [1, 10, 100])
@each_objective
@each_kind
def test_vectors_are_the_same_with_copies_for_many(kind, objective, size):
    documents = [np.arange(20, dtype=np.int32), np.arange(5, dtype=np.int32)]
    few, many = (inferred(made(kind, objective, size, many=many), documents) for many in (False, True))
    np.testing.assert_array_equal(few, many)


@each_kind
def test_words_that_would_not_be_kept_are_when_there_are_no_others(kind):
    documents = [np.arange(3, dtype=np.int32)]
    moved = inferred(made(kind, keep=0), documents) - inferred(made(kind, keep=0, passes=0), documents)
    assert moved.any() == (kind != "alone")


def test_documents_without_words_are_zeros():
    found = inferred(made("mean"), [np.empty(0, np.int32), np.array([3], np.int32), np.full(4, -1, np.int32)])
    np.testing.assert_array_equal(found.any(axis=1), [False, True, False])
    assert inferred(made("alone"), []).shape == (0, 10)


def test_it_can_be_stopped():
    inference = made("alone")
    inference.stop()
    assert not inferred(inference, [np.arange(5)]).any()


def test_what_does_not_fit_is_refused():
    words, outputs, _ = matrices("alone")
    rows = Rows(words, np.ones(1, np.float32))
    noise = Negatives(outputs, NoiseTable(np.ones(WORDS)), NEGATIVE, SHARED, CENTRES)
    sampling = Sampling(np.full(WORDS, 1, np.uint32), WINDOW, True, 1)
    with pytest.raises(ValueError, match="there must be an objective"):
        Inference(rows, [], sampling, (0.1, 0.1), 1)
    with pytest.raises(ValueError, match="differ in shape"):
        Inference(rows, [noise], sampling, (0.1, 0.1), 1, *noise_words(), context=True, nobody=0)
    with pytest.raises(ValueError, match="differ in size"):
        Inference(rows, [noise], Sampling(None, WINDOW, True, 1), (0.1, 0.1), 1, *noise_words())
    with pytest.raises(ValueError, match="the largest noise word must be from 0 to 39, not 40"):
        Inference(rows, [noise], sampling, (0.1, 0.1), 1, np.array([0, 40], np.int32))
    with pytest.raises(ValueError, match="a share of it for each word"):
        Inference(rows, [noise], sampling, (0.1, 0.1), 1, noise_words()[0])
    with pytest.raises(ValueError, match="nobody"):
        Inference(rows, [noise], sampling, (0.1, 0.1), 1, *noise_words(), nobody=WORDS)
    with pytest.raises(ValueError, match="an id of documents is 40"):
        inferred(made("alone"), [np.array([40])])
