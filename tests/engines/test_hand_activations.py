"""The hand engine's activations and their derivatives against mpmath, at ordinary and extreme z.

The derivative is compared with its definition's closed form at 60 digits, never with the formula of the engine.
"""

import mpmath as mp
import numpy as np
import pytest

from backlight.engines.hand.activations import activation
from backlight.recipes.functions import ACTIVATIONS

ROUNDINGS = 3
"""Half a unit in the last place for each operation of a formula, and one for exp, tanh or erfc."""

Z = [-800.0, -100.0, -40.0, -6.5, -1.25, -0.75, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.5, 1.0, 3.25, 17.0, 40.0, 100.0, 800.0]


def logistic(z):
    return 1 / (1 + mp.exp(-z))


def normal(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def bell(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


ELEMENTWISE = {
    # name, options: f, f', and the size of the terms that f' is summed from in the engine: what they cancel to
    # is only as exact as they are
    ("identity", ()): (lambda z: z, lambda z: mp.mpf(1), lambda z: 1),
    ("sigmoid", ()): (logistic, lambda z: mp.exp(-z) / (1 + mp.exp(-z)) ** 2, logistic),
    ("tanh", ()): (mp.tanh, lambda z: mp.sech(z) ** 2, lambda z: 1),
    ("relu", ()): (lambda z: max(z, mp.mpf(0)), lambda z: mp.mpf(z > 0), lambda z: 1),
    ("leaky_relu", (0.2,)): (
        lambda z: z if z > 0 else mp.mpf(0.2) * z,
        lambda z: mp.mpf(1) if z > 0 else mp.mpf(0.2),
        lambda z: 1,
    ),
    ("elu", (0.7,)): (
        lambda z: z if z > 0 else mp.mpf(0.7) * mp.expm1(z),
        lambda z: mp.mpf(1) if z > 0 else mp.mpf(0.7) * mp.exp(z),
        lambda z: min(mp.exp(z), 1),
    ),
    ("softplus", (3.0,)): (lambda z: mp.log1p(mp.exp(3 * z)) / 3, lambda z: logistic(3 * z), lambda z: logistic(3 * z)),
    ("silu", ()): (
        lambda z: z * logistic(z),
        lambda z: logistic(z) + z * mp.exp(-z) / (1 + mp.exp(-z)) ** 2,
        lambda z: logistic(z) * (1 + abs(z)),
    ),
    ("gelu", ()): (lambda z: z * normal(z), lambda z: normal(z) + z * bell(z), lambda z: normal(z) + abs(z) * bell(z)),
}


@pytest.fixture(autouse=True)
def sixty_digits():
    with mp.workdps(60), np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        yield


def pair(name, values):
    """The engine's functions with options filled in."""
    return activation(name, dict(zip(ACTIVATIONS[name].options, values, strict=True)))


def exact(function, z):
    """A function at the very numbers that the engine gets."""
    return [function(mp.mpf(float(value))) for value in z.ravel()]


def off(found, expected, scales):
    """Largest error in units of the last place of the terms; below the normal numbers there is none to speak of."""
    numbers = np.finfo(found.dtype)
    return max(
        max(abs(mp.mpf(float(value)) - right) - float(numbers.tiny), 0) / (abs(scale) * float(numbers.eps))
        for value, right, scale in zip(found.ravel(), expected, scales, strict=True)
        if scale != 0
    )


BEFORE_EXP = {"softplus": lambda z: 3 * abs(z), "gelu": lambda z: z * z}
"""What is rounded before an exponential: off by eps times itself, it changes the result by that share."""


def widened(name, z, scales):
    """Scales with what was rounded before the exponential."""
    share = BEFORE_EXP.get(name, lambda z: 0)
    return [scale * (1 + share(float(value))) for value, scale in zip(z.ravel(), scales, strict=True)]


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("which", ELEMENTWISE, ids=lambda which: which[0])
def test_an_activation_is_exact_to_a_few_roundings(which, precision):
    name, options = which
    z = np.array([Z], dtype=precision)
    a = np.full_like(z, np.nan)
    pair(name, options).forward(z, a)
    expected = exact(ELEMENTWISE[which][0], z)
    assert off(a, expected, widened(name, z, expected)) < ROUNDINGS
    assert all(value == 0 for value, right in zip(a.ravel(), expected, strict=True) if right == 0)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("which", ELEMENTWISE, ids=lambda which: which[0])
def test_the_way_back_multiplies_with_the_derivative(which, precision):
    name, options = which
    _, derivative, terms = ELEMENTWISE[which]
    z = np.array([Z], dtype=precision)
    a, dL_dz, dL_da = np.empty_like(z), np.full_like(z, np.nan), np.full_like(z, -1.75)
    functions = pair(name, options)
    functions.forward(z, a)
    functions.backward(z, a, dL_da, dL_dz)
    slopes = exact(derivative, z)
    scales = widened(name, z, exact(terms, z))
    assert off(dL_dz, [-1.75 * slope for slope in slopes], [1.75 * scale for scale in scales]) < ROUNDINGS


@pytest.mark.parametrize(
    ("name", "options", "slope"), [("relu", (), 0.0), ("leaky_relu", (0.2,), 0.2), ("elu", (0.7,), 0.7)]
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_at_the_kink_the_slope_is_that_of_torch(name, options, slope, zero):
    z = np.array([[zero]])
    out = np.empty_like(z)
    pair(name, options).backward(z, z, np.array([[2.0]]), out)
    assert out[0, 0] == 2 * slope


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_not_a_number_stays_not_a_number(name):
    options = [option.default for option in ACTIVATIONS[name].options.values()]
    z = np.array([[np.nan, 1.0]])
    a = np.empty_like(z)
    pair(name, options).forward(z, a)
    assert np.isnan(a[0, 0])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("sigmoid", 0, 1),
        ("tanh", -1, 1),
        ("relu", 0, np.inf),
        ("leaky_relu", -np.inf, np.inf),
        ("elu", -1, np.inf),
        ("softplus", 0, np.inf),
    ],
)
def test_infinite_z_give_the_limits(name, low, high):
    options = [option.default for option in ACTIVATIONS[name].options.values()]
    z = np.array([[-np.inf, np.inf]])
    a = np.empty_like(z)
    pair(name, options).forward(z, a)
    assert a.tolist() == [[low, high]]


SOFTMAX_Z = [[0.3, -1.2, 2.5], [800.0, -800.0, 799.0], [-700.0, -700.0, -701.5], [0.0, 0.0, 0.0]]


def softmax(z):
    """Softmax of one sample, by its definition."""
    powers = [mp.exp(mp.mpf(float(value))) for value in z]
    return [power / sum(powers) for power in powers]


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_softmax_is_exact_to_a_few_roundings_and_never_overflows(precision):
    z = np.array(SOFTMAX_Z, dtype=precision)
    a = np.full_like(z, np.nan)
    activation("softmax", {}).forward(z, a)
    expected = [value for row in z for value in softmax(row)]
    differences = [1 + abs(float(value) - float(row.max())) for row in z for value in row]  # rounded before exp
    assert off(a, expected, [e * d for e, d in zip(expected, differences, strict=True)]) < ROUNDINGS


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_way_back_through_softmax_sums_over_all_units(precision):
    z = np.array(SOFTMAX_Z, dtype=precision)
    dL_da = np.array([[0.5, -1.0, 2.0], [1.0, 3.0, -2.0], [0.1, 0.1, 0.1], [4.0, -5.0, 6.0]], dtype=precision)
    a, dL_dz = np.empty_like(z), np.full_like(z, np.nan)
    functions = activation("softmax", {})
    functions.forward(z, a)
    functions.backward(z, a, dL_da, dL_dz)
    expected, scales = [], []
    for row, gradient in zip(z, dL_da, strict=True):
        s, g = softmax(row), [mp.mpf(float(value)) for value in gradient]
        for i in range(3):
            expected.append(sum(g[j] * s[j] * ((i == j) - s[i]) for j in range(3)))
            rounded_before_exp = 1 + max(abs(float(v) - float(row.max())) for v in row)
            scales.append(s[i] * (abs(g[i]) + sum(abs(g[j]) * s[j] for j in range(3))) * rounded_before_exp)
    assert off(dL_dz, expected, scales) < ROUNDINGS


def test_a_wrong_derivative_is_noticed():
    z = np.array([Z])
    wrong = np.tanh(z) * (1 - np.tanh(z))  # a (1 - a), where 1 - a^2 belongs
    _, derivative, terms = ELEMENTWISE["tanh", ()]
    assert off(wrong, exact(derivative, z), exact(terms, z)) > ROUNDINGS
