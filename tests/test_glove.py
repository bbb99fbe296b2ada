"""GloVe: its kernel against NumPy, and the model."""

import numpy as np
import pytest

from fastemb.kernels import glove, step

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
    return [a.astype(dtype) for a in (vectors, biases, draw.uniform(1, 3, vectors.shape), draw.uniform(1, 3, (2, words)))]


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
        steps = [eta * np.clip(weighted * vectors[1, j], -clip, clip), eta * np.clip(weighted * vectors[0, i], -clip, clip)]
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


def test_cells_are_scattered_over_strips_and_arranged():
    n, words = 20_000, 500
    rows, columns = np.divmod(np.random.default_rng(0).permutation(words**2)[:n].astype(np.int32), np.int32(words))
    values = np.arange(1, n + 1, dtype=np.float64)
    cells, starts = glove.scatter(rows, columns, values, words, 7, 4, 5)
    assert (starts[0], starts[-1]) == (0, n)
    assert 500 < np.diff(starts).min() <= np.diff(starts).max() < 1500  # about 1,000 each
    np.testing.assert_allclose(np.sort(cells["log_count"]), np.log(values), rtol=1e-6)
    np.testing.assert_array_equal(np.sort(cells["row"] * words + cells["column"]), np.sort(rows * words + columns))
    in_groups = [set(cells["row"][starts[5 * group] : starts[5 * group + 5]].tolist()) for group in range(4)]
    assert sum(map(len, in_groups)) == len(set(rows.tolist()))  # all cells of a row are in one group
    again = glove.scatter(rows[::-1].copy(), columns[::-1].copy(), values, words, 7, 4, 5)[1]
    np.testing.assert_array_equal(starts, again)  # a cell's strip depends on its place in the matrix alone
    assert (glove.scatter(rows, columns, values, words, 8, 4, 5)[1] != starts).any()
    arranged = glove.arrange(cells, 3, 8)
    assert (arranged != cells).mean() > 0.99
    np.testing.assert_array_equal(np.sort(arranged), np.sort(cells))
    changes = np.count_nonzero(np.diff(arranged["column"]))
    assert changes > 0.9 * n  # each group has many columns, in random order
    first = set(arranged["column"][: n // 16].tolist())
    assert len(first) < 100  # of 500, for the first group has an eighth of them
    assert (glove.arrange(cells, 4, 8) != arranged).any()


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
        glove.scatter(rows, columns, values, 5, 0, 2, 1)
