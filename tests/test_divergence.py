"""NaN and infinity are found wherever they stand."""

import warnings

import numpy as np
import pytest

from fastemb.training import divergence, not_finite


@pytest.mark.parametrize("cores", [1, 3, 100])
def test_all_numbers_of_a_matrix_are_looked_at(cores, monkeypatch):
    monkeypatch.setattr(divergence, "WORTH_A_THREAD", 16)
    monkeypatch.setattr(divergence, "usable_cores", lambda: cores)
    for shape in ((1, 1), (7, 5), (64, 3), (0, 3)):
        matrix = np.ones(shape, np.float32)
        assert not_finite({"good": matrix}) is None
        for place in np.ndindex(shape):
            for bad in (np.nan, np.inf, -np.inf):
                matrix[place] = bad
                assert not_finite({"good": np.ones((2, 2), np.float32), "bad": matrix}) == "bad"
            matrix[place] = 1


@pytest.mark.parametrize("cores", [1, 3])
def test_a_sum_may_overflow(cores, monkeypatch):
    monkeypatch.setattr(divergence, "WORTH_A_THREAD", 16)
    monkeypatch.setattr(divergence, "usable_cores", lambda: cores)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not_finite({"large": np.full((64, 3), 3e38, np.float32)}) is None
