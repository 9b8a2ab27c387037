"""What a picture decides before it draws: scales, windows, points and places of names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backlight.views.plots.labels import spread
from backlight.views.plots.scales import (
    Scale,
    decades,
    iteration_scale,
    limits,
    positive_scale,
    rows_in_picture,
    signed_scale,
)
from backlight.views.plots.thinning import VERTICES, columns_for, thinned

ROWS = np.arange(1000.0)


@pytest.mark.parametrize(
    ("curve", "name"),
    [
        ([0.2, 0.1], "linear"),
        ([0.2, 0.002], "log"),
        ([1e-300, 1e300], "log"),
        ([0.2, -0.02], "linear"),  # the cross-entropy with a target that is no distribution
        ([0.2, 0.0], "linear"),
        ([0.2, np.nan, 0.002], "log"),
        ([np.nan, np.inf], "linear"),
        ([], "linear"),
    ],
)
def test_a_loss_is_drawn_logarithmically_where_it_is_positive_and_spans_decades(curve, name):
    assert positive_scale([np.array(curve)]).name == name


def test_one_negative_loss_keeps_a_whole_comparison_linear():
    assert positive_scale([np.array([1.0, 0.001]), np.array([0.1, -0.01])]).name == "linear"


def test_gradients_that_burst_once_get_a_logarithm_with_a_sign():
    assert signed_scale([np.exp(-ROWS / 100)]).name == "asinh"
    assert signed_scale([np.cos(ROWS)]).name == "linear"
    assert signed_scale([np.zeros(5)]).name == "linear"
    assert signed_scale([]).name == "linear"


def test_a_tiny_gradient_gets_no_decades_of_its_own():
    assert signed_scale([np.exp(-ROWS)]).linear_up_to >= 1e-3 * np.exp(0)


def test_a_long_run_that_falls_at_once_is_drawn_over_the_logarithm_of_iterations():
    iterations = np.arange(10_000)
    assert iteration_scale(iterations, np.exp(-iterations / 10)).name == "log"
    assert iteration_scale(iterations, np.exp(-iterations / 3000)).name == "linear"
    assert iteration_scale(iterations[:50], np.exp(-iterations[:50])).name == "linear"
    assert iteration_scale(iterations, np.full(10_000, np.nan)).name == "linear"


def test_a_run_that_diverges_leaves_the_picture_where_it_is_a_thousand_times_its_start():
    loss = np.array([0.2] * 8 + [3.0, 150.0, 201.0, 1e9, np.inf, np.nan, 0.1])
    assert rows_in_picture(loss).tolist() == [True] * 10 + [False] * 4 + [True]


def test_an_ordinary_run_is_drawn_whole_even_when_it_starts_at_a_small_loss():
    assert rows_in_picture(np.array([1e-9, 0.2, 0.1, 0.05])).all()
    assert rows_in_picture(np.array([0.1, -0.01])).all()


finite = arrays(float, st.integers(1, 30), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


@given(finite, st.sampled_from([Scale(), Scale("asinh", 0.01)]))
def test_everything_finite_lies_inside_the_window(values, scale):
    low, high = limits([values], scale)
    assert low < values.min()
    assert high > values.max()


@given(arrays(float, st.integers(1, 30), elements=st.floats(1e-200, 1e200)))
def test_a_logarithmic_window_is_positive_and_holds_everything(values):
    low, high = limits([values], Scale("log"))
    assert 0 < low < values.min() <= values.max() < high


@pytest.mark.parametrize("scale", [Scale(), Scale("log"), Scale("asinh", 0.1)])
@pytest.mark.parametrize("curve", [[], [np.nan], [0.0], [0.25, 0.25]])
def test_a_window_is_never_empty(curve, scale):
    low, high = limits([np.array(curve)], scale)
    assert low < high


def test_the_ticks_of_a_signed_logarithm_lie_in_its_window_and_hold_zero():
    assert decades((-0.05, 3.0), Scale("asinh", 0.1)) == [0.0, 0.1, 1.0]
    assert 0.0 in decades((-1e6, 1e6), Scale("asinh", 1.0))
    assert len(decades((-1e6, 1e6), Scale("asinh", 1.0))) <= 11


@given(arrays(float, st.integers(1, 3000), elements=st.floats(-10, 10)), st.integers(5, 60))
def test_a_thinned_curve_keeps_its_ends_and_its_extremes(y, columns):
    chosen = thinned(np.arange(len(y)), y, columns)
    assert {0, len(y) - 1} <= set(chosen.tolist())
    assert y[chosen].min() == y.min()
    assert y[chosen].max() == y.max()
    assert len(chosen) <= 2 * columns + 2
    assert (np.diff(chosen) > 0).all()


@given(st.integers(0, 99_999))
def test_a_single_spike_among_a_hundred_thousand_rows_is_drawn(place):
    y = np.zeros(100_000)
    y[place] = 1
    assert place in thinned(np.arange(100_000), y, columns_for(17))


def test_a_short_curve_is_drawn_whole():
    assert thinned(np.arange(20), np.zeros(20), 10).tolist() == list(range(20))


def test_a_gap_stays_a_gap():
    y = np.zeros(1000)
    y[300:700] = np.nan
    assert np.isnan(y[thinned(np.arange(1000), y, 50)]).any()


def test_over_logarithmic_iterations_the_first_ones_are_all_kept():
    position = np.log1p(np.arange(100_000))
    assert thinned(position, np.sin(np.arange(100_000.0)), 200)[:10].tolist() == list(range(10))


def test_all_curves_together_stay_below_the_number_of_points_a_picture_may_have():
    for curves in (1, 3, 17, 60):
        assert 2 * curves * columns_for(curves) <= VERTICES


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.2))
def test_names_keep_their_distance_their_order_and_their_axis(places, gap):
    moved = spread(places, gap=gap)
    fits = min(gap, 1 / max(1, len(places) - 1))
    in_order = sorted(zip(places, moved, strict=True))
    rounding = 1e-5  # places are rounded to 6 decimals, twice
    assert all(b - a >= fits - rounding for a, b in zip(sorted(moved), sorted(moved)[1:], strict=False))
    assert [place for _, place in in_order] == sorted(moved) or len(set(places)) < len(places)
    assert all(-rounding <= place <= 1 + rounding for place in moved)


def test_names_with_room_stay_beside_their_curves():
    assert spread([0.9, 0.1, 0.5], gap=0.1) == [0.9, 0.1, 0.5]
