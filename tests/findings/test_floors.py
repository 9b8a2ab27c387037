"""The floors are closed forms; here the loss is simply minimised over many outputs."""

from __future__ import annotations

from math import log

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlight.findings.floors import entropy, floors, reach
from backlight.findings.slopes import flat_below_zero, relative_slope
from backlight.recipes.fields import ActivationChoice, LossSection
from backlight.recipes.functions import ACTIVATIONS, LOSSES

GRID_SLACK = 2e-3
"""A grid of some 200 x 200 outputs misses the best ones by a little."""


def choice(name, **options):
    return ActivationChoice(name=name, **options)


def values(loss, a, y):
    """The loss of each row of outputs a for one target, straight from its definition."""
    with np.errstate(all="ignore"):
        if loss in ("half_sum_squared_error", "mean_squared_error"):
            return ((a - y) ** 2).sum(axis=1) / 2 * (1 if loss[0] == "h" else 2 / len(y))
        if loss == "mean_absolute_error":
            return np.abs(a - y).mean(axis=1)
        if loss == "huber":
            return np.where(np.abs(a - y) <= 1, (a - y) ** 2 / 2, np.abs(a - y) - 0.5).mean(axis=1)
        p = a
        if loss == "softmax_cross_entropy":
            p = np.exp(a - a.max(axis=1)[:, None])
            p /= p.sum(axis=1)[:, None]
        if loss == "sigmoid_binary_cross_entropy":
            p = 1 / (1 + np.exp(-a))
        right = -np.where(y == 0, 0, y * np.log(p))
        if "binary" not in loss:
            return right.sum(axis=1)
        q = 1 / (1 + np.exp(a)) if loss[0] == "s" else 1 - a
        return (right - np.where(y == 1, 0, (1 - y) * np.log(q))).mean(axis=1)


def grid(activation, y, *, logarithms):
    """Pairs of outputs all over the range of an activation, at its bounds and at the targets."""
    bounds = reach(activation)
    low, high = max(bounds.low, -100.0), min(bounds.high, 100.0)
    t = (1 - np.cos(np.linspace(0, np.pi, 92)[1:-1])) / 2  # crowded at both ends, without the ends themselves
    near = 10.0 ** -np.arange(4, 13)
    line = np.concatenate([low + (high - low) * t, low + near, high - near, np.linspace(-3, 3, 91), y])
    line = line[(line > low) & (line < high)]
    if logarithms:  # they grow so slowly that one must go far to see them grow
        line = np.append(line, [1e-300, 1 - 2**-53] + ([1e300] if high > 1 else []))
    if activation.name == "softmax":
        line = line[(line > 0) & (line < 1)]
        return np.stack([line, 1 - line], axis=1)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu", "silu", "softplus", "elu", "softmax"])
@pytest.mark.parametrize(
    "y", [(0.23, -0.07), (0.25, 0.75), (1.0, 0.0), (0.0, 1.0), (1.5, 0.5), (-0.5, -0.25), (0.0, 0.0)]
)
def test_no_outputs_give_less_and_some_come_near(loss, activation, y):
    section, last, y = LossSection(name=loss), choice(activation), np.array(y)
    bound = floors(section, last, y[None])
    if bound is None:
        assert activation == "softmax"  # only there some closed forms are missing
        return
    outputs = grid(last, y, logarithms=LOSSES[loss].wants_probabilities)
    if LOSSES[loss].wants_probabilities:
        outputs = outputs[np.isfinite(values(loss, outputs, y))]  # where the logarithms are defined
    found = values(loss, outputs, y)
    least = float(bound.least[0])
    if least == -np.inf:
        assert found.min() < -2  # as far as the grid reaches
    else:
        assert found.min() >= least - 1e-12 * max(1, abs(least))
        assert found.min() <= least + GRID_SLACK * max(1, abs(least))


def test_the_exercise_has_a_floor_of_half_seven_hundredths_squared():
    y = np.array([[0.23, -0.07]])
    half, mean = (LossSection(name=name) for name in ("half_sum_squared_error", "mean_squared_error"))
    for section in (half, mean):
        assert float(floors(section, choice("sigmoid"), y).least[0]) == pytest.approx(0.00245, rel=1e-12)
    assert float(floors(half, choice("identity"), y).least[0]) == 0
    assert not floors(half, choice("sigmoid"), y).attained[0]
    assert floors(half, choice("relu"), y).attained[0]


def test_the_cross_entropy_of_the_exercise_sinks_towards_a_bound():
    # o1 -> 1, o2 -> 0: L -> S log(e + 1) - 0.23 with S = 0.23 - 0.07
    bound = floors(LossSection(name="softmax_cross_entropy"), choice("sigmoid"), np.array([[0.23, -0.07]]))
    with mpmath.workdps(30):
        expected = mpmath.mpf("0.16") * mpmath.log(mpmath.e + 1) - mpmath.mpf("0.23")
    assert float(bound.least[0]) == pytest.approx(float(expected), rel=1e-13)
    assert not bound.attained[0]
    free = floors(LossSection(name="softmax_cross_entropy"), choice("identity"), np.array([[0.23, -0.07]]))
    assert free.least[0] == -np.inf


def test_between_the_bounds_the_best_output_solves_its_equation():
    # sigmoid outputs for (0.7, 0.25, 0.05): a1 -> 1, a3 -> 0, and in between S p2 = y2, so that
    # exp(a2) = 0.25 (e + 1 + exp(a2)), which is (e + 1) / 3
    bound = floors(LossSection(name="softmax_cross_entropy"), choice("sigmoid"), np.array([[0.7, 0.25, 0.05]]))
    with mpmath.workdps(30):
        between = (mpmath.e + 1) / 3
        expected = mpmath.log(mpmath.e + 1 + between) - mpmath.mpf("0.7") - mpmath.log(between) / 4
    assert float(bound.least[0]) == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
def test_softmax_twice_cannot_get_below_a_known_number(classes):
    y = np.eye(classes)[:1]
    bound = floors(LossSection(name="softmax_cross_entropy"), choice("softmax"), y)
    a = y + 1e-12
    assert float(bound.least[0]) == pytest.approx(float(-np.log(np.exp(a) / np.exp(a).sum())[0, 0]), rel=1e-9)
    assert float(bound.ideal[0]) == 0


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.integers(0, 2**32 - 1))
def test_no_three_bounded_outputs_beat_the_floor_of_softmax_cross_entropy(y, seed):
    y = np.array(y)
    section = LossSection(name="softmax_cross_entropy")
    for name, low, high in (("sigmoid", 0, 1), ("tanh", -1, 1)):
        bound = floors(section, choice(name), y[None])
        generator = np.random.default_rng(seed)
        corners = np.array([[(k >> bit) & 1 for bit in range(3)] for k in range(8)]) * (high - low) + low
        outputs = np.concatenate([corners, generator.uniform(low, high, (300, 3))]).astype(float)
        found = values(section.name, outputs, y)
        assert found.min() >= float(bound.least[0]) - 1e-12
        # walk downhill from the best one: the floor must be where one arrives
        best = outputs[found.argmin()][None]
        for size in (0.3, 0.1, 0.03, 0.01, 0.003, 0.001):
            for _ in range(60):
                p = np.exp(best) / np.exp(best).sum()
                best = np.clip(best - size * (p * y.sum() - y), low, high)
        assert values(section.name, best, y)[0] <= float(bound.least[0]) + GRID_SLACK * max(1, np.abs(y).sum())


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_no_distribution_is_nearer_than_the_projection(y, seed):
    y = np.array([y])
    p = np.random.default_rng(seed).dirichlet(np.ones(y.shape[1]), size=200)
    half = floors(LossSection(name="half_sum_squared_error"), choice("softmax"), y).least[0]
    absolute = floors(LossSection(name="mean_absolute_error"), choice("softmax"), y).least[0]
    assert ((p - y) ** 2).sum(axis=1).min() / 2 >= half - 1e-12
    assert np.abs(p - y).mean(axis=1).min() >= absolute - 1e-12


def test_a_distribution_is_its_own_nearest():
    y = np.random.default_rng(0).dirichlet(np.ones(4), size=50)
    for name in ("half_sum_squared_error", "mean_squared_error", "mean_absolute_error"):
        assert np.abs(floors(LossSection(name=name), choice("softmax"), y).least).max() < 1e-15


def test_entropy_is_that_of_information_theory():
    assert float(entropy(np.array([0.5, 0.5]))) == pytest.approx(log(2), rel=1e-15)
    assert float(entropy(np.array([1.0, 0.0]))) == 0
    assert float(entropy(np.array([2.0, 5e-324]))) == 0  # whose share underflows
    assert float(entropy(np.array([1.0, 1.0]))) == pytest.approx(2 * log(2), rel=1e-15)  # a sum of 2 counts twice


@pytest.mark.parametrize(
    ("activation", "interval"),
    [
        (choice("identity"), "(-inf, inf)"),
        (choice("sigmoid"), "(0, 1)"),
        (choice("tanh"), "(-1, 1)"),
        (choice("relu"), "[0, inf)"),
        (choice("leaky_relu"), "(-inf, inf)"),
        (choice("leaky_relu", negative_slope=0.0), "[0, inf)"),
        (choice("leaky_relu", negative_slope=-0.5), "[0, inf)"),
        (choice("elu"), "(-1, inf)"),
        (choice("elu", alpha=2.0), "(-2, inf)"),
        (choice("elu", alpha=0.0), "[0, inf)"),
        (choice("elu", alpha=-1.0), "[0, inf)"),
        (choice("softplus"), "(0, inf)"),
        (choice("silu"), "[-0.278465, inf)"),
        (choice("gelu"), "[-0.169971, inf)"),
    ],
)
def test_the_range_of_an_activation_is_where_its_values_lie(activation, interval):
    from backlight.engines.hand.activations import activation as of_hand

    bounds = reach(activation)
    assert str(bounds) == interval
    z = np.concatenate([-(10.0 ** np.arange(-3, 3)), [0.0], 10.0 ** np.arange(-3, 3), np.linspace(-3, 3, 6001)])
    a = np.empty_like(z)
    with np.errstate(all="ignore"):
        of_hand(activation.name, activation.options).forward(z, a)
    assert a.min() >= bounds.low
    assert a.max() <= bounds.high
    assert not np.isfinite(bounds.low) or a.min() == pytest.approx(bounds.low, abs=1e-6)
    assert not np.isfinite(bounds.high) or a.max() == pytest.approx(bounds.high, abs=1e-6)


# ---- slopes ----------------------------------------------------------------------------------------------

FORMULAS = {
    "identity": lambda z, o: z,
    "sigmoid": lambda z, o: 1 / (1 + mpmath.exp(-z)),
    "tanh": lambda z, o: mpmath.tanh(z),
    "relu": lambda z, o: max(z, 0),
    "leaky_relu": lambda z, o: z if z > 0 else mpmath.mpf(o["negative_slope"]) * z,
    "elu": lambda z, o: z if z > 0 else mpmath.mpf(o["alpha"]) * (mpmath.exp(z) - 1),
    "softplus": lambda z, o: mpmath.log(1 + mpmath.exp(mpmath.mpf(o["beta"]) * z)) / mpmath.mpf(o["beta"]),
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("z", [-30.0, -8.0, -2.0, -0.3, 0.4, 1.5, 9.0, 40.0])
@pytest.mark.parametrize("number", [None, 2.5])
def test_the_relative_slope_is_the_derivative_over_its_largest(name, z, number):
    options = {} if number is None else dict.fromkeys(ACTIVATIONS[name].options, number)
    activation = choice(name, **options)
    with mpmath.workdps(60):
        formula, o = FORMULAS[name], {key: float(value) for key, value in activation.options.items()}
        steepest = max(mpmath.diff(lambda t: formula(t, o), at) for at in [-1e-9, 1e-9, 0.5, 200, -200])
        expected = mpmath.diff(lambda t: formula(t, o), mpmath.mpf(z)) / steepest
    assert float(relative_slope(activation, np.array([z]))[0]) == pytest.approx(float(expected), rel=1e-6, abs=1e-30)


@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_at_its_lowest_point_a_unit_is_not_saturated(name):
    lowest = {"silu": -1.2784645427610738, "gelu": -0.7517915246935645}[name]
    assert relative_slope(choice(name), np.array([lowest]))[0] > 0.3
    assert relative_slope(choice(name), np.array([-20.0]))[0] < 1e-6
    assert relative_slope(choice(name), np.array([20.0]))[0] == 1


def test_a_single_softmax_output_has_no_slope():
    assert relative_slope(choice("softmax"), np.array([[3.0]])).tolist() == [[0.0]]
    assert relative_slope(choice("softmax"), np.array([[1.0, 1.0]])).tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_padding_has_no_slope(name):
    assert np.isnan(relative_slope(choice(name), np.array([np.nan, 0.5]))).tolist() == [True, False]


def test_only_relu_and_its_disguises_are_flat_below_zero():
    flat = [name for name in ACTIVATIONS if flat_below_zero(choice(name))]
    assert flat == ["relu"]
    assert flat_below_zero(choice("leaky_relu", negative_slope=0.0))
    assert flat_below_zero(choice("elu", alpha=0.0))
