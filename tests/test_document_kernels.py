"""Training of documents, against NumPy: PV-DBOW and PV-DM."""

import numpy as np
import pytest
from reference import loss, step

from fastemb.kernels.noise import NoiseTable
from fastemb.kernels.sgd.documentspecs import Dbow, Dm, DmConcat
from fastemb.kernels.sgd.epoch import Epoch
from fastemb.kernels.sgd.specs import Negatives, Paths, Rows, Sampling, SkipGram, Team, Tree
from fastemb.kernels.step import choose, implementations
from fastemb.vocabulary import huffman_paths

WORDS, TAGS, SIZE, WINDOW, NOBODY = 40, 9, 10, 3, 1
# The tags of documents: one, several, none, shared ones, one twice.
OF_DOCUMENTS = [[0], [1, 2], [], [2, 0, 5], [8], [7, 7], [3], [4]]
LENGTHS = [12, 9, 7, 30, 1, 8, 0, 25]


@pytest.fixture(params=implementations(), autouse=True)
def each_implementation(request):
    choose(request.param)
    yield
    choose(None)


def ragged(lists):
    return np.cumsum([0, *map(len, lists)]), np.array([k for each in lists for k in each], np.int32)


def corpus(seed=0, lengths=LENGTHS, tags=OF_DOCUMENTS):
    draw = np.random.default_rng(seed)
    starts = np.cumsum([0, *lengths])
    ids = draw.integers(-1, WORDS, starts[-1]).astype(np.int32)
    return [(ids, starts, ragged(tags))]


def matrices(outputs=SIZE, seed=1):
    draw = np.random.default_rng(seed)
    shapes = (WORDS, SIZE), (TAGS, SIZE), (WORDS, outputs), (WORDS, outputs)
    return [draw.normal(0, 0.4, shape).astype(np.float32) for shape in shapes]


def locks(rows):
    return np.linspace(0, 1.5, rows, dtype=np.float32)


KINDS = {
    "alone": lambda words, tags: Dbow(words, 16, tags, False),
    "words": lambda words, tags: Dbow(words, 6, tags, True),
    "mean": lambda words, tags: Dm(words, 16, tags, True, False),
    "sum": lambda words, tags: Dm(words, 16, tags, False, True),
    "concat": lambda words, tags: DmConcat(words, 16, tags, 1, NOBODY),
}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_objective = pytest.mark.parametrize("objective", ["negatives", "tree", "both"])


def made(kind, objective="negatives", given=None, locked=True, team=None, rates=(0.1, 0.05), **options):
    """An epoch, and its matrices: of words, of tags, of outputs."""
    width = SIZE * (1 + 2 * WINDOW) if kind == "concat" else SIZE
    words, tags, outputs, nodes = found = matrices(width)
    rows = [Rows(matrix, locks(len(matrix)) if locked else np.ones(1, np.float32)) for matrix in (words, tags)]
    objectives = []
    if objective != "tree":
        objectives.append(Negatives(outputs, NoiseTable(np.arange(1.0, WORDS + 1)), 3, 5, 4))
    if objective != "negatives":
        objectives.append(Tree(nodes, Paths(*huffman_paths(np.arange(WORDS, 0, -1)))))
    keep = np.full(WORDS, 3 << 30, np.uint32)
    sampling = Sampling(keep, WINDOW, kind != "concat", 5)
    inputs = KINDS[kind](*rows)
    return Epoch(given or corpus(), inputs, objectives, sampling, rates, team or Team(1), **options), found


def rows_of(kind, block, words, tags):
    """For each input of a block the rows that it is made of, each with the columns that it takes."""
    lists = [[each] if isinstance(each, int) else each for each in block["inputs"]]
    for ids, offsets in zip(lists, block["offsets"], strict=True):
        of_tags = [(tags, k - WORDS) for k in ids if k >= WORDS]
        if kind != "concat":
            yield [(words, k) for k in ids if k < WORDS] + of_tags
            continue
        at = {offset: k for k, offset in zip(ids, offsets, strict=True) if offset}
        places = [offset for offset in range(-WINDOW, WINDOW + 1) if offset]
        yield of_tags + [(words, at.get(offset, NOBODY)) for offset in places]


def train_block(kind, block, words, tags, outputs, scales):
    """Train one block in place; return its loss."""
    ids, pairs = block["outputs"], (block["positives"], block["weights"])
    bags = list(rows_of(kind, block, words, tags))
    join = np.concatenate if kind == "concat" else np.mean if kind == "mean" else np.sum
    x = np.array([join([matrix[k] for matrix, k in bag], axis=0) for bag in bags])
    before = loss(x, outputs[ids], *pairs)
    change, output_change = step(x, outputs[ids], *pairs, block["alpha"])
    for bag, delta in zip(bags, change, strict=True):
        parts = (
            np.split(delta, len(bag)) if kind == "concat" else [delta / (len(bag) if kind == "sum" else 1)] * len(bag)
        )
        for (matrix, k), part in zip(bag, parts, strict=True):
            matrix[k] += part * scales[id(matrix)][k]
    outputs[ids] += output_change
    return before


@each_objective
@each_kind
def test_training_is_that_of_numpy(kind, objective):
    epoch, _ = made(kind, objective)
    blocks = epoch.batches()
    epoch, found = made(kind, objective, measure=True)
    words, tags, *outputs = matrices(found[2].shape[1])
    if objective == "tree":
        outputs = outputs[1:]
    scales = {id(words): locks(WORDS), id(tags): locks(TAGS)}
    expected = sum(train_block(kind, block, words, tags, outputs[block["objective"]], scales) for block in blocks)
    trained, measured, pairs = epoch.work()
    assert trained > 50
    assert pairs > 0
    np.testing.assert_allclose(measured, expected, rtol=1e-4)
    for mine, theirs in zip(found, [words, tags, *([found[2]] * (objective == "tree")), *outputs], strict=False):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=2e-5)


def documents_of(given):
    ((ids, starts, (tag_starts, tags)),) = given
    return [
        (ids[starts[k] : starts[k + 1]], tags[tag_starts[k] : tag_starts[k + 1]].tolist())
        for k in range(len(starts) - 1)
    ]


def test_tags_meet_the_tokens_of_their_documents():
    given = corpus()
    epoch, _ = made("alone")
    met = {tag: np.zeros(WORDS) for tag in range(TAGS)}
    for block in epoch.batches():
        for tag, row in zip(block["inputs"], block["positives"], strict=True):
            for word, times in zip(block["outputs"], row, strict=True):
                met[tag - WORDS][word] += times
    # Three tokens in four are kept: which ones, skip-gram's windows show.
    words, _, outputs, _ = matrices()
    keep = Sampling(np.full(WORDS, 3 << 30, np.uint32), WINDOW, True, 5)
    noise = Negatives(outputs, NoiseTable(np.ones(WORDS)), 3, 5, 1)
    whole = [(given[0][0], given[0][1])]
    kept = np.zeros(WORDS)
    for block in Epoch(whole, SkipGram(Rows(words, locks(3)), 16), [noise], keep, (0.1, 0.1), Team(1)).batches():
        kept[block["outputs"][:1]] += 1
    expected = {tag: np.zeros(WORDS) for tag in range(TAGS)}
    for ids, tags in documents_of(given):
        for tag in tags:
            expected[tag] += np.bincount(ids[ids >= 0], minlength=WORDS)
    for tag in range(TAGS):
        assert np.all(met[tag] <= expected[tag])
    assert 0.6 < sum(row.sum() for row in met.values()) / sum(row.sum() for row in expected.values()) < 0.9


@each_kind
def test_rounds_give_the_same_for_the_same_number_of_workers(kind):
    import threading

    results = []
    for _ in range(2):
        epoch, found = made(kind, given=corpus(3, [40] * 30, [[k % TAGS] for k in range(30)]), team=Team(3, True))
        threads = [threading.Thread(target=epoch.work) for _ in range(epoch.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        results.append(found)
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(results[0][1], matrices()[1])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="documents have tags"):
        made("alone", given=[corpus()[0][:2]])
    with pytest.raises(ValueError, match="an id of tags of documents is 9"):
        made("mean", given=corpus(0, [5], [[9]]))
    with pytest.raises(ValueError, match="tags of 2 documents, and 1 documents"):
        made("mean", given=corpus(0, [5], [[1], [2]]))
    words = Rows(matrices()[0], np.ones(1, np.float32))
    with pytest.raises(ValueError, match="differ in size"):
        Dbow(words, 16, Rows(np.zeros((3, 4), np.float32), np.ones(1, np.float32)))
    with pytest.raises(ValueError, match="overlap"):
        Epoch(
            corpus(), Dbow(words, 16, words), [Negatives(matrices()[2], NoiseTable(np.ones(WORDS)), 3, 5, 4)],
            Sampling(np.full(WORDS, 1, np.uint32), 3, True, 1), (0.1, 0.1), Team(1),
        )  # fmt: skip
