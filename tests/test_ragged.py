"""Rows of different lengths, end to end: the one check of them, and everything that relies on it."""

import numpy as np
import pytest

from fastemb import inference
from fastemb.kernels import cooccurrence, ragged, subwords

WRONG = {
    "no starts": ([], [0]),
    "not from 0": ([1, 2], [0, 0]),
    "not to the end": ([0, 1], [0, 0]),
    "beyond the end": ([0, 3], [0, 0]),
    "falling": ([0, 2, 1, 2], [0, 0]),
    "falling by more than a number holds": ([0, 7 * 10**18, -7 * 10**18, 2], [0, 0]),
    "an id too small": ([0, 1, 2], [0, -2]),
    "an id too large": ([0, 1, 2], [3, 0]),
}


def arrays(starts, ids):
    return np.array(starts, np.int64), np.array(ids, np.int32)


@pytest.mark.parametrize("what", WRONG)
def test_wrong_rows_are_refused(what):
    message = "an id of things is" if "id" in what else "the starts of things must"
    with pytest.raises(ValueError, match=message):
        ragged.check(*arrays(*WRONG[what]), 0, 3, "things")


@pytest.mark.parametrize(("starts", "ids"), [([0], []), ([0, 0, 0], []), ([0, 2, 2, 3], [2, 0, -1])])
def test_rows_may_be_empty(starts, ids):
    ragged.check(*arrays(starts, ids), -1, 3, "things")


def test_both_bounds_are_named():
    with pytest.raises(ValueError, match="an id of things is 3, outside -1 … 2"):
        ragged.check(*arrays([0, 1], [3]), -1, 3, "things")


def test_starts_are_made_of_lengths():
    assert ragged.starts_of([2, 0, 3]).tolist() == [0, 2, 2, 5]
    assert ragged.starts_of(np.array([1, 1], np.int8)).dtype == np.int64
    assert ragged.starts_of([]).tolist() == [0]


@pytest.mark.parametrize("what", WRONG)
def test_every_kernel_refuses_them(what):
    starts, ids = arrays(*WRONG[what])
    rows = np.zeros((3, 2), np.float32)
    with pytest.raises(ValueError, match=r"of bags|differ in number"):
        subwords.mean_rows(rows.copy(), rows, rows, starts, ids, 0, 1)
    with pytest.raises(ValueError, match="of rows"):
        cooccurrence.add_rows(
            [(starts, ids, np.ones(len(ids), np.int64))], max(len(starts) - 1, 0), cooccurrence.Sums(3)
        )
    paths = starts, ids, np.ones(len(ids), np.float32)
    with pytest.raises(ValueError, match=r"nodes that are not there: .*of paths"):
        inference.log_likelihoods(ids, np.array([0, 1]), rows, rows, paths, sg=True, window=1)
    if what != "an id too large":  # of which a chunk of sentences knows nothing
        with pytest.raises(ValueError, match="of sentences"):
            cooccurrence.separate(ids, starts, False)


def test_rows_of_runs_have_a_count_for_each_column():
    starts, columns = arrays([0, 2], [0, 1])
    with pytest.raises(ValueError, match="all rows"):
        cooccurrence.add_rows([(starts, columns, np.ones(1, np.int64))], 1, cooccurrence.Sums(3))
    with pytest.raises(ValueError, match="all rows"):
        cooccurrence.add_rows([(starts, columns, np.ones(2, np.int64))], 2, cooccurrence.Sums(3))
