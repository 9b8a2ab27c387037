import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backlight.views.text.summaries import norms, spread

ROUNDINGS = 1e-14  # relative: a sum of at most 12 squares and a root round about a dozen times


@given(arrays(float, st.tuples(st.integers(0, 4), st.integers(1, 3), st.integers(1, 4)), elements=st.floats(-1e9, 1e9)))
def test_a_norm_is_the_root_of_the_sum_of_squares(array):
    expected = [float(sum(x * x for x in map(float, row.ravel()))) ** 0.5 for row in array]
    ordinary = [value if value > 1e-150 else 0.0 for value in expected]  # below, the squares of the witness are lost
    found = [value if value > 1e-150 else 0.0 for value in norms(array).tolist()]
    assert found == pytest.approx(ordinary, rel=ROUNDINGS)


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200, 1.7e308])
def test_a_norm_of_very_large_or_small_entries_is_neither_infinite_nor_zero(size):
    assert norms(np.array([[size]])).tolist() == [size]


def test_what_is_not_finite_stays_so():
    assert norms(np.array([[1.0, np.inf], [np.nan, 1.0]])).tolist()[0] == np.inf
    assert np.isnan(norms(np.array([[1.0, np.inf], [np.nan, 1.0]]))[1])
    assert np.isnan(spread(np.array([np.inf, -np.inf]))).tolist() == [False, True, False]


def test_float32_entries_are_squared_in_float64():
    assert norms(np.array([[1e30, 1e30]], dtype="float32"))[0] == pytest.approx(2**0.5 * 1e30, rel=1e-7)  # its rounding
