"""GloVe: its kernel against NumPy, and the model."""

import errno
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from conftest import topics_found

from fastemb import GloVe, TrainingDiverged
from fastemb.corpus.cooccurrence import Cells
from fastemb.io.spill import SpillFile
from fastemb.kernels import glove, step
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint, EarlyStopping
from fastemb.training import GloveTrainer, strips, trainer
from fastemb.training.strips import BAND, LEAST_STRIPS, Strips

IMPLEMENTATIONS = [name for name in step.implementations() if name != "blas"]


@pytest.fixture
def implementation(request):
    before = step.implementation()
    step.choose(request.param)
    yield request.param
    step.choose(before)


# The kernel.


def some_cells(n, words, seed=0):
    draw = np.random.default_rng(seed)
    cells = np.empty(n, glove.CELL)
    cells["row"], cells["column"] = draw.integers(0, words, (2, n))
    cells["log_count"] = draw.normal(1, 2, n)
    return cells


def some_parameters(words, size, seed=1, dtype=np.float32):
    """Vectors, biases, and their squares, of words and of contexts."""
    draw = np.random.default_rng(seed)
    vectors, biases = draw.normal(0, 0.3, (2, words, size)), draw.normal(0, 0.3, (2, words))
    return [
        a.astype(dtype) for a in (vectors, biases, draw.uniform(1, 3, vectors.shape), draw.uniform(1, 3, (2, words)))
    ]


def packed(vectors, biases, squares, bias_squares):
    size = vectors.shape[2]
    rows = np.zeros((2, vectors.shape[1], 2, -(-size // glove.PADDING) * glove.PADDING), np.float32)
    rows[:, :, 1] = 1
    rows[:, :, 0, :size], rows[:, :, 1, :size] = vectors, squares
    return rows, np.stack([biases, bias_squares], axis=2).astype(np.float32)


def cost_of(cell, vectors, biases, alpha, x_max):
    i, j, log_count = cell["row"], cell["column"], float(cell["log_count"])
    error = vectors[0, i] @ vectors[1, j] + biases[0, i] + biases[1, j] - log_count
    weight = min(1.0, (np.exp(log_count) / x_max) ** alpha)
    return weight * error**2 / 2, weight * error


def reference(cells, parameters, eta, alpha, x_max, clip):
    """AdaGrad as Stanford's program does it, in double precision, a cell at a time; the cost."""
    vectors, biases, squares, bias_squares = parameters
    total = 0
    for cell in cells:
        i, j = cell["row"], cell["column"]
        cost, weighted = cost_of(cell, vectors, biases, alpha, x_max)
        total += cost
        steps = [
            eta * np.clip(weighted * vectors[1, j], -clip, clip),
            eta * np.clip(weighted * vectors[0, i], -clip, clip),
        ]
        for side, word in enumerate((i, j)):
            vectors[side, word] -= steps[side] / np.sqrt(squares[side, word])
            squares[side, word] += steps[side] ** 2
            biases[side, word] -= weighted / np.sqrt(bias_squares[side, word])
            bias_squares[side, word] += weighted**2
    return total


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, indirect=True)
@pytest.mark.parametrize("size", [1, 16, 37, 100, 300])
@pytest.mark.parametrize("clip", [100, 0.1])
def test_kernel_equals_numpy(implementation, size, clip):
    cells = some_cells(700, 50)
    found, expected = packed(*some_parameters(50, size)), some_parameters(50, size, dtype=np.float64)
    cost = glove.train(cells, *found, 0.05, 0.75, 10, clip)
    assert cost == pytest.approx(reference(cells, expected, 0.05, 0.75, 10, clip), rel=1e-5)
    for a, b in zip(found, packed(*expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
    # What stands beyond the vectors stays as it was.
    assert not found[0][:, :, 0, size:].any()
    assert (found[0][:, :, 1, size:] == 1).all()


def test_reference_steps_along_the_gradient():
    cell = some_cells(1, 2)
    vectors, biases, squares, bias_squares = some_parameters(2, 5, dtype=np.float64)
    cell["row"], cell["column"] = 0, 1
    before = [array.copy() for array in (vectors, biases)]
    reference(cell, (vectors, biases, squares.copy(), bias_squares.copy()), 0.05, 0.75, 10, np.inf)
    for number, (array, square, rate) in enumerate([(vectors, squares, 0.05), (biases, bias_squares, 1)]):
        step_taken = (before[number] - array) * np.sqrt(square) / rate
        for place in np.ndindex(array.shape):
            costs = []
            for sign in (1, -1):
                moved = [a.copy() for a in before]
                moved[number][place] += sign * 1e-5
                costs.append(cost_of(cell[0], *moved, 0.75, 10)[0])
            assert step_taken[place] == pytest.approx((costs[0] - costs[1]) / 2e-5, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS, indirect=True)
def test_frequent_pairs_have_full_weight(implementation):
    cells = some_cells(1, 2)
    cells["log_count"] = np.log(1e9)
    rows, biases = packed(*(np.zeros((2, 2, 3)), np.zeros((2, 2)), np.ones((2, 2, 3)), np.ones((2, 2))))
    assert glove.train(cells, rows, biases, 0.05, 0.75, 10, 100) == pytest.approx(np.log(1e9) ** 2 / 2, rel=1e-6)


def test_kernel_refuses_what_does_not_fit():
    rows, biases = packed(*some_parameters(4, 3))
    for name, value in (("row", 4), ("row", -1), ("column", 4), ("column", -1)):
        cells = some_cells(9, 4)
        cells[name][5] = value
        with pytest.raises(ValueError, match="outside the matrices"):
            glove.train(cells, rows, biases, 0.05, 0.75, 10, 100)
    with pytest.raises(ValueError, match="rows must have the shape"):
        glove.train(some_cells(1, 4), rows[:, :, :, :15].copy(), biases, 0.05, 0.75, 10, 100)
    with pytest.raises(ValueError, match="biases must have the shape"):
        glove.train(some_cells(1, 4), rows, biases[:, :3].copy(), 0.05, 0.75, 10, 100)
    assert glove.train(some_cells(0, 4), rows, biases, 0.05, 0.75, 10, 100) == 0


def some_places(n, words):
    """Different places in a matrix."""
    return np.divmod(np.random.default_rng(0).permutation(words**2)[:n].astype(np.int32), np.int32(words))


def test_cells_are_scattered_over_groups_and_parts():
    n, words, band, parts = 20_000, 450, 200, 5
    rows, columns = some_places(n, words)
    values = np.arange(1, n + 1, dtype=np.float64)
    cells, starts = glove.scatter(rows, columns, values, words, 7, band, parts)
    assert len(starts) == 3 * 2 * parts + 1
    assert (starts[0], starts[-1]) == (0, n)
    np.testing.assert_allclose(np.sort(cells["log_count"]), np.log(values), rtol=1e-6)
    np.testing.assert_array_equal(np.sort(cells["row"] * words + cells["column"]), np.sort(rows * words + columns))
    rarer = np.maximum(cells["row"], cells["column"])
    group = np.repeat(np.arange(6), np.diff(starts[::parts]))
    np.testing.assert_array_equal(group, rarer // band * 2 + (cells["row"] == rarer))
    sizes = np.diff(starts).reshape(6, parts)
    assert (np.ptp(sizes, axis=1) < 0.3 * sizes.mean(axis=1)).all()  # the parts of a group are about alike
    again = glove.scatter(rows[::-1].copy(), columns[::-1].copy(), values, words, 7, band, parts)[1]
    np.testing.assert_array_equal(starts, again)  # a cell's part depends on its place in the matrix alone
    other = glove.scatter(rows, columns, values, words, 8, band, parts)[1]
    assert (other != starts).any()
    np.testing.assert_array_equal(other[::parts], starts[::parts])


def test_cells_are_arranged_by_their_more_frequent_words():
    n, words = 20_000, 2_000
    rows, columns = some_places(n, words)
    cells = glove.scatter(rows, columns, np.ones(n), words, 7, words, 1)[0]
    begins, ends = np.array([0, 5_000]), np.array([5_000, n])
    arranged = glove.arrange(cells, begins, ends, 3, words)
    assert (arranged != cells).mean() > 0.99
    np.testing.assert_array_equal(np.sort(arranged), np.sort(cells))
    near = np.minimum(arranged["row"], arranged["column"]) // 512
    assert near.min() == 0
    assert near.max() == words // 512
    assert (np.diff(near) >= 0).all()
    assert np.count_nonzero(np.diff(np.minimum(arranged["row"], arranged["column"]))) > 0.9 * n  # in random order
    assert (glove.arrange(cells, begins, ends, 4, words) != arranged).any()
    turned = np.concatenate([cells[5_000:], cells[:5_000]])
    begins, ends = np.array([n - 5_000, 0]), np.array([n, n - 5_000])
    np.testing.assert_array_equal(glove.arrange(turned, begins, ends, 3, words), arranged)


@pytest.mark.parametrize(
    ("place", "value", "ends"), [("row", 4, 9), ("row", -1, 9), ("column", 4, 9), ("row", 0, 8), ("row", 0, 10)]
)
def test_what_cannot_be_arranged_is_refused(place, value, ends):
    cells = some_cells(9, 4)
    cells[place][5] = value
    with pytest.raises(ValueError, match="outside the matrix, or the pieces are not the cells"):
        glove.arrange(cells, np.array([0]), np.array([ends]), 1, 4)


def test_strips_do_not_depend_on_how_the_cells_came():
    words = 900
    rows, columns = np.divmod(np.arange(words**2, dtype=np.int32), np.int32(words))
    loaded = []
    for chunks, memory in ((1, 2**30), (3, 2**30), (7, 2**22)):
        strips = Strips(words, words**2, 7, memory)
        for part in np.array_split(np.arange(words**2), chunks):
            strips.append(strips.scattered(Cells(rows[part], columns[part], np.ones(len(part)))))
        order = strips.order(np.random.default_rng(1))
        assert any(last - first > 1 for first, last in order)
        loaded.append(np.concatenate([strips.load(strip, 3) for strip in order]))
    np.testing.assert_array_equal(loaded[0], loaded[1])
    np.testing.assert_array_equal(loaded[0], loaded[2])


def test_strips_hold_every_cell_once_and_groups_are_spread_over_an_epoch():
    n, words = 200_000, 5_000
    rows, columns = some_places(n, words)
    strips = Strips(words, n, 7, memory=n * 6)  # half of the cells go to a file
    for part in np.array_split(np.arange(n), 3):
        strips.append(strips.scattered(Cells(rows[part], columns[part], np.ones(len(part)))))
    assert strips.cells == n
    assert strips.file is not None
    order = strips.order(np.random.default_rng(1))
    assert len(order) == 6 * LEAST_STRIPS  # three bands, in rows and in columns
    loaded = [strips.load(strip, 3) for strip in order]
    places = np.concatenate([cells["row"].astype(np.int64) * words + cells["column"] for cells in loaded])
    np.testing.assert_array_equal(np.sort(places), np.sort(rows.astype(np.int64) * words + columns))
    for cells in loaded:
        kinds = {(max(row, column) // BAND, row >= column) for row, column, _ in cells.tolist()}
        assert len(kinds) == 1
    halves = [sum(first // strips.parts == group for first, _ in order[: len(order) // 2]) for group in range(6)]
    assert all(abs(count - LEAST_STRIPS / 2) <= 1 for count in halves)
    assert strips.order(np.random.default_rng(2)) != order


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (5, 0, 1, r"cell \(5, 0\) is outside a matrix of 5 words"),
        (0, -1, 1, r"cell \(0, -1\) is outside"),
        (1, 2, 0, r"cell \(1, 2\) is 0.0: counts must be positive and finite"),
        (1, 2, -3, "positive and finite"),
        (1, 2, np.nan, "positive and finite"),
        (1, 2, np.inf, "positive and finite"),
    ],
)
def test_bad_cells_are_refused(row, column, value, message):
    rows, columns = np.zeros((2, 3), np.int32)
    values = np.ones(3)
    rows[1], columns[1], values[1] = row, column, value
    with pytest.raises(ValueError, match=message):
        glove.scatter(rows, columns, values, 5, 0, 4, 1)


# The model.

OPTIONS = {"min_count": 1, "vector_size": 16, "workers": 1, "epochs": 5, "x_max": 10}


@pytest.fixture(scope="module")
def planted(planted):
    """With sentences of all words besides: GloVe learns nothing from words that never meet."""
    draw = random.Random(1)
    words = sorted({word for sentence in planted for word in sentence})
    return planted + [draw.choices(words, k=12) for _ in range(500)]


@pytest.fixture
def corpus_file(planted, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted))
    return path


def matrix_of(sentences, words, window=10):
    """The co-occurrences of sentences as a dense matrix, plainly."""
    matrix = np.zeros((len(words), len(words)))
    for sentence in sentences:
        rows = [words.index(word) for word in sentence if word in words]
        for place, row in enumerate(rows):
            for distance, other in enumerate(rows[place + 1 : place + 1 + window], 1):
                matrix[row, other] += 1 / distance
                matrix[other, row] += 1 / distance
    return matrix


@pytest.mark.parametrize("output", ["sum", "word", "both"])
def test_output_says_what_vectors_are_made_of(planted, output):
    model = GloVe(planted, **OPTIONS, output=output)
    words, contexts = model.word_vectors, model.context_vectors
    expected = {"sum": words + contexts, "word": words, "both": np.hstack([words, contexts])}[output]
    np.testing.assert_array_equal(model.wv.vectors, expected)
    assert model.word_biases.shape == model.context_biases.shape == (40,)


def test_cost_falls_and_is_the_mean_over_cells(planted):
    model = GloVe(planted, **OPTIONS)
    assert len(model.epoch_losses) == 5
    assert model.epoch_losses == sorted(model.epoch_losses, reverse=True)
    cells = matrix_of(planted, model.wv.index_to_key)
    assert model.cells == np.count_nonzero(cells)
    untrained = GloVe(planted, **OPTIONS | {"eta": 1e-9, "epochs": 1})
    assert untrained.epoch_losses[0] < np.mean((np.minimum(1, cells / 10) ** 0.75 * np.log(cells) ** 2 / 2)[cells > 0])
    error = model.word_vectors @ model.context_vectors.T + model.word_biases[:, None] + model.context_biases
    found = np.mean(
        (np.minimum(1, cells / 10) ** 0.75 * (error - np.log(np.where(cells, cells, 1))) ** 2 / 2)[cells > 0]
    )
    model.eta = 1e-9
    model.parameters.bias_squares[:] = 1e12  # biases have no learning rate, so this holds them still
    model.train(planted, epochs=1)
    assert model.epoch_losses[0] == pytest.approx(found, rel=1e-4)


def test_files_of_stanfords_give_the_same_vectors(planted, tmp_path):
    model = GloVe(planted, **OPTIONS)
    expected = model.wv.vectors
    words = model.wv.index_to_key
    assert model.save_cooccurrences(tmp_path / "cooccurrence.bin", planted) == model.cells
    counts = dict(zip(words, model.wv.expandos["count"].tolist(), strict=True))
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("".join(f"{word} {count}\n" for word, count in counts.items()))
    for known in (words, counts, vocabulary, str(vocabulary)):
        found = GloVe(cooccurrences=tmp_path / "cooccurrence.bin", words=known, **OPTIONS)
        assert found.wv.index_to_key == words
        np.testing.assert_allclose(found.wv.vectors, expected, atol=0.05)
    assert found.wv.get_vecattr(words[0], "count") == counts[words[0]]


def test_sparse_matrices(planted):
    sparse = pytest.importorskip("scipy.sparse")
    model = GloVe(planted, **OPTIONS)
    words = model.wv.index_to_key
    dense = matrix_of(planted, words)
    half = sparse.coo_matrix(dense / 2)
    twice = sparse.coo_matrix((np.tile(half.data, 2), (np.tile(half.row, 2), np.tile(half.col, 2))), dense.shape)
    for matrix in (sparse.coo_matrix(dense), sparse.csr_matrix(dense), sparse.csc_array(dense), twice):
        found = GloVe(cooccurrences=matrix, words=words, **OPTIONS)
        assert found.cells == model.cells
        np.testing.assert_allclose(found.wv.vectors, model.wv.vectors, atol=0.05)


def test_scipy_is_not_imported(planted):
    code = "import sys; from fastemb import GloVe; GloVe([['a', 'b']], min_count=1); print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_matrix_through_the_disk_trains_the_same(planted):
    expected = GloVe(planted, **OPTIONS)
    found = GloVe(planted, **OPTIONS, memory_budget=100_000)
    assert found.cells == expected.cells
    np.testing.assert_allclose(found.wv.vectors, expected.wv.vectors, atol=0.05)
    assert topics_found(GloVe(planted, **OPTIONS | {"epochs": 15}, memory_budget=0).wv) == 1


@pytest.mark.parametrize("change", [{"window": 2}, {"x_max": 100}, {"eta": 0.1}, {"alpha": 0.5}, {"seed": 2},
    {"epochs": 6}, {"symmetric": False}, {"distance_weighting": False}, {"across_sentences": True},
    {"grad_clip": 0.01}, {"output": "word"}, {"max_final_vocab": 30}, {"sorted_vocab": 0}], ids=str)  # fmt: skip
def test_every_option_changes_the_vectors(planted, change):
    one, other = GloVe(planted, **OPTIONS).wv.vectors, GloVe(planted, **OPTIONS | change).wv.vectors
    assert one.shape != other.shape or (one != other).any()


def test_further_training_goes_on_from_where_it_was(planted):
    model = GloVe(planted, **OPTIONS)
    before = model.epoch_losses
    model.train(planted, epochs=2)
    assert model.epoch_losses[0] < before[-1]


class Interrupt(CallbackAny2Vec):
    def on_epoch_begin(self, model):
        if model.run.progress.epochs == 2:
            raise KeyboardInterrupt


class Pauses(CallbackAny2Vec):
    """Pauses whenever it is asked, and keeps what the model shows then in files."""

    def __init__(self, folder):
        self.folder, self.places, self.vectors = folder, [], []

    def due(self, model):
        return True

    def on_pause(self, model):
        model.save(self.folder / str(len(self.places)))
        self.places.append((model.run.progress.epochs, model.run.progress.position))
        self.vectors.append(model.wv.vectors.copy())


def test_training_goes_on_from_the_middle_of_an_epoch(planted, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.0001)
    monkeypatch.setattr(strips, "STRIP", 2)
    options = OPTIONS | {"workers": 1, "epochs": 3}
    whole, pauses = GloVe(planted, **options), Pauses(tmp_path)
    paused = GloVe(planted, **options, callbacks=[pauses])
    np.testing.assert_array_equal(paused.wv.vectors, whole.wv.vectors)
    assert any(position for _, position in pauses.places)
    assert all(position < whole.cells for _, position in pauses.places)
    assert not np.array_equal(pauses.vectors[0], pauses.vectors[-1])
    for number in {0, len(pauses.places) // 2, len(pauses.places) - 1}:
        resumed = GloVe.resume(tmp_path / str(number), planted)
        np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)
        np.testing.assert_allclose(resumed.epoch_losses, whole.epoch_losses, rtol=1e-12)


def test_divergence_in_an_epoch_that_was_paused_says_so(planted, tmp_path, monkeypatch):
    class Spoil(Pauses):
        def on_pause(self, model):
            super().on_pause(model)
            if len(self.places) == 2:
                model.run.progress.packed.rows[:] = np.nan

    monkeypatch.setattr(trainer, "POLL", 0.0001)
    monkeypatch.setattr(strips, "STRIP", 2)
    spoil = Spoil(tmp_path)
    monkeypatch.setattr(GloveTrainer, "__init__", watched(GloveTrainer.__init__))
    with pytest.raises(TrainingDiverged, match=r"The model is as it was at the last pause of epoch [123]") as error:
        GloVe(planted, **OPTIONS | {"workers": 1, "epochs": 3}, callbacks=[spoil])
    np.testing.assert_array_equal(error.value.model.wv.vectors, spoil.vectors[-1])


def watched(begin):
    """A constructor of trainers that leaves what is trained where callbacks find it."""

    def constructor(self, pack, cells, step, progress, **options):
        begin(self, pack, cells, step, progress, **options)
        progress.packed = self.packed

    return constructor


def test_what_was_forgotten_while_counting_is_left_out_again(tmp_path):
    words = np.random.default_rng(0).zipf(1.3, (400, 10)).clip(max=300)
    sentences, options = [[f"w{k}" for k in row] for row in words], OPTIONS | {"min_count": 2, "max_vocab_size": 60}
    whole = GloVe(sentences, **options, callbacks=[Checkpoint(tmp_path / "checkpoint")])
    trained = GloVe(**options)
    trained.build_vocab(sentences)
    trained.train(sentences)
    assert trained.cells != whole.cells
    resumed = GloVe.resume(tmp_path / "checkpoint", sentences)
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)


def test_resume_wants_the_same_matrix(tmp_path):
    matrix = np.array([[0, 2.0, 1], [2, 0, 3], [1, 3, 0]])
    sparse = pytest.importorskip("scipy.sparse").coo_matrix
    words = ["a", "b", "c"]
    path = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        GloVe(cooccurrences=sparse(matrix), words=words, callbacks=[Checkpoint(path), Interrupt()], **OPTIONS)
    with pytest.raises(ValueError, match="another corpus"):
        GloVe.resume(path, cooccurrences=sparse(100 * matrix))
    resumed = GloVe.resume(path, cooccurrences=sparse(matrix))
    expected = GloVe(cooccurrences=sparse(matrix), words=words, **OPTIONS)
    np.testing.assert_array_equal(resumed.wv.vectors, expected.wv.vectors)


KILLED = """
import os, random, sys, threading, time
from fastemb import GloVe, TrainingDiverged
from fastemb.models.callbacks import Checkpoint
draw = random.Random(0)
sentences = [[str(draw.randrange(2000)) for _ in range(20)] for _ in range(5000)]
class Announce(Checkpoint):
    def on_pause(self, model):
        super().on_pause(model)
        print("saved", flush=True)
GloVe(sentences, min_count=1, workers=2, epochs=10**6, callbacks=[Announce(sys.argv[1])])
"""


def test_checkpoint_survives_a_kill(tmp_path):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "model")], stdout=subprocess.PIPE) as run:
        assert run.stdout.readline().strip() == b"saved"
        assert run.stdout.readline().strip() == b"saved"
        run.kill()
    model = GloVe.load(tmp_path / "model")
    assert len(model.epoch_losses) >= 2
    assert np.isfinite(model.wv.vectors).all()


def test_early_stopping_by_the_cost(planted):
    model = GloVe(planted, **OPTIONS | {"epochs": 500}, callbacks=[EarlyStopping(min_delta=1e-3)])
    assert 1 < len(model.epoch_losses) < 500


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_glove_text_is_read_by_gensim(planted, tmp_path):
    keyedvectors = pytest.importorskip("gensim.models.keyedvectors")
    model = GloVe(planted, **OPTIONS)
    model.wv.save_word2vec_format(tmp_path / "vectors.txt", write_header=False)
    found = keyedvectors.KeyedVectors.load_word2vec_format(str(tmp_path / "vectors.txt"), no_header=True)
    assert found.index_to_key == model.wv.index_to_key
    np.testing.assert_array_equal(found.vectors, model.wv.vectors)


def test_stanfords_file(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    model = GloVe(min_count=1, window=3)
    model.build_vocab([["b", "a", "b"]])
    assert model.save_cooccurrences(path, [["b", "a", "b", "unknown", "b"]]) == 3
    found = np.fromfile(path, "<i4,<i4,<f8").tolist()
    assert found == [(1, 1, pytest.approx(2 * (1 / 2 + 1 + 1 / 3))), (1, 2, 2.5), (2, 1, 2.5)]


# Bad input.


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cooccurrences": "c.bin"}, TypeError, "cooccurrences needs words"),
        ({"words": []}, ValueError, "words must not be empty"),
        ({"words": ["a", "a"]}, ValueError, "must not hold a word twice"),
        ({"words": {"a": -1}}, ValueError, "a count must be at least 0"),
        ({"words": ["a"], "cooccurrences": np.ones((1, 1))}, TypeError, "must be a sparse matrix of SciPy or a path"),
        ({"words": ["a"], "cooccurrences": "x", "sentences": [["a"]]}, TypeError, "only one of sentences"),
    ],
)
def test_wrong_cooccurrences_and_words_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        GloVe(**{"sentences": None, "min_count": 1} | options)


def test_what_is_given_without_effect_is_warned_of(caplog):
    GloVe(trim_rule=lambda *_: 0, callbacks=[object()])
    assert "trim_rule is without effect" in caplog.text
    assert "callbacks are without effect" in caplog.text
    caplog.clear()
    options = {"vector_size": 4, "epochs": 1, "workers": 1}
    GloVe([["a", "b"]], words=["a", "b"], trim_rule=lambda *_: 0, **options)
    assert "trim_rule is without effect: words says" in caplog.text
    caplog.clear()
    model = GloVe([["a", "b"]], min_count=1, retrofit=0.1, **options)
    assert "retrofit=0.1 is without effect" in caplog.text
    caplog.clear()
    GloVe([["a", "b"]], min_count=1, retrofit=0.1, init_from=model, **options)
    assert "without effect" not in caplog.text


def test_vectors_that_training_makes_anew_are_warned_of(caplog, tmp_path):
    options = {"vector_size": 4, "epochs": 1, "workers": 1, "min_count": 1}
    for output in ("sum", "word", "both"):
        GloVe([["a", "b"]], output=output, **options).save(tmp_path / "model")
        model = GloVe.load(tmp_path / "model")
        model.train([["a", "b"]])
        assert "wv.vectors were changed" not in caplog.text
        model.wv.unit_normalize_all()
        model.train([["a", "b"]])
        assert "wv.vectors were changed" in caplog.text
        caplog.clear()


def test_one_word_meets_itself():
    model = GloVe([["a", "a", "a"]], **OPTIONS)
    assert model.cells == 1
    assert np.isfinite(model.wv["a"]).all()


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_bad_matrices_are_refused(value, tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.coo_matrix(([1.0, value], ([0, 1], [1, 0])), (2, 2))
    with pytest.raises(ValueError, match=r"cell \(1, 0\) is .* positive and finite"):
        GloVe(cooccurrences=matrix, words=["a", "b"], **OPTIONS)
    path = tmp_path / "cooccurrence.bin"
    np.array([(1, 2, 1), (2, 1, value)], "<i4,<i4,<f8").tofile(path)
    with pytest.raises(ValueError, match=r"cooccurrence.bin, record 2: .* positive and finite"):
        GloVe(cooccurrences=path, words=["a", "b"], **OPTIONS)


def test_matrices_that_do_not_fit_are_refused(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    for shape in ((2, 3), (3, 3), (1, 2)):
        with pytest.raises(ValueError, match=f"is {shape[0]} × {shape[1]}, but there are 2 words"):
            GloVe(cooccurrences=sparse.csr_matrix(np.ones(shape)), words=["a", "b"], **OPTIONS)
    with pytest.raises(TypeError, match="real numbers, not complex128"):
        GloVe(cooccurrences=sparse.csr_matrix(np.ones((2, 2), complex)), words=["a", "b"], **OPTIONS)
    path = tmp_path / "cooccurrence.bin"
    for record in ((0, 1, 1.0), (1, 3, 1.0), (-(2**31), 1, 1.0)):
        np.array([record], "<i4,<i4,<f8").tofile(path)
        with pytest.raises(ValueError, match=r"record 1: .* words must be from 1 to 2"):
            GloVe(cooccurrences=path, words=["a", "b"], **OPTIONS)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut short"):
        GloVe(cooccurrences=path, words=["a", "b"], **OPTIONS)
    with pytest.raises(FileNotFoundError):
        GloVe(cooccurrences=tmp_path / "absent", words=["a", "b"], **OPTIONS)


def test_squares_grow_with_the_vocabulary(planted):
    model = GloVe(planted, **OPTIONS)
    squares = model.parameters.vector_squares.copy()
    model.wv.set_vecattr(model.wv.index_to_key[3], "mark", 2.5)
    model.build_vocab([["new", model.wv.index_to_key[3], "newer", "new"]], update=True)
    assert [model.wv.get_vecattr(model.wv.index_to_key[row], "mark") for row in (2, 3, -1)] == [0, 2.5, 0]
    np.testing.assert_array_equal(model.parameters.vector_squares[:, :-2], squares)
    assert (model.parameters.vector_squares[:, -2:] == 1).all()
    with pytest.raises(RuntimeError, match="needs a vocabulary with counts"):
        GloVe(words=["a"]).build_vocab([["a"]], update=True)


def test_counting_builds_the_vocabulary_in_the_same_pass(tmp_path):
    model = GloVe(min_count=1, window=3)
    assert model.save_cooccurrences(tmp_path / "cooccurrence.bin", iter([["b", "a", "b"]])) == 3
    assert model.wv.index_to_key == ["b", "a"]
    with pytest.raises(ValueError, match="the corpus has no words"):
        GloVe().save_cooccurrences(tmp_path / "absent", [])
    assert not (tmp_path / "absent").exists()


class FullDisk:
    def seek(self, *_):
        return 0

    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self):
        pass


def test_full_disk_is_reported_while_cells_are_written(planted, monkeypatch):
    def append_to_full_disk(self, *arrays):
        if self.contents == "the cells":
            self.file.close()
            self.file = FullDisk()
        return append(self, *arrays)

    append = SpillFile.append
    monkeypatch.setattr(SpillFile, "append", append_to_full_disk)
    for workers in (1, 3):
        with pytest.raises(OSError, match=r"cannot write the cells to a temporary file \(No space left") as error:
            GloVe(planted, **OPTIONS | {"workers": workers}, memory_budget=0)
        assert error.value.errno == errno.ENOSPC
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(OSError, match="cannot write the cells"):
        GloVe(cooccurrences=sparse.coo_matrix([[1.0]]), words=["a"], **OPTIONS, memory_budget=0)


def test_nothing_is_left_when_writing_fails(planted, tmp_path):
    model = GloVe(**OPTIONS)
    model.build_vocab(planted)
    with pytest.raises(TypeError):
        model.save_cooccurrences(tmp_path / "cooccurrence.bin", [["topic0word0"], 5])
    assert not list(tmp_path.iterdir())
    untouched = iter(planted)
    with pytest.raises(FileNotFoundError):
        model.save_cooccurrences(tmp_path / "none" / "cooccurrence.bin", untouched)
    assert next(untouched) is planted[0]


def test_the_bar_of_counting_ends_at_all_words(capsys):
    """Also where many are left out, of which nothing is counted."""
    GloVe([["a", "b", f"rare{k}"] for k in range(100)], min_count=5, vector_size=3, epochs=1, progress=True)
    lines = [line for line in capsys.readouterr().err.replace("\r", "\n").splitlines() if line.startswith("counting")]
    assert "100%" in lines[-1]
