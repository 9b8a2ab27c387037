"""The hand engine's losses and their derivatives against mpmath, with the cases where a logarithm ends."""

import mpmath as mp
import numpy as np
import pytest

from backlight.engines.hand.losses import loss
from backlight.recipes.functions import LOSSES

ROUNDINGS = 6
"""Units in the last place: half a one for each operation of a term, and one for exp or log."""

OPTIONS = {"huber": {"delta": 0.75}}


@pytest.fixture(autouse=True)
def sixty_digits():
    with mp.workdps(60), np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        yield


def if_any(factor, other):
    """factor * other(), 0 where the factor is: 0 log 0 = 0."""
    return factor * other() if factor else mp.mpf(0)


DELTA = mp.mpf(0.75)

TERMS = {
    # one output's part of the loss, not divided by K, as summands that have one sign each
    "half_sum_squared_error": lambda a, y, p: [(a - y) ** 2 / 2],
    "mean_squared_error": lambda a, y, p: [(a - y) ** 2],
    "mean_absolute_error": lambda a, y, p: [abs(a - y)],
    "huber": lambda a, y, p: [(a - y) ** 2 / 2 if abs(a - y) <= DELTA else DELTA * (abs(a - y) - DELTA / 2)],
    "cross_entropy": lambda a, y, p: [if_any(-y, lambda: mp.log(a))],
    "softmax_cross_entropy": lambda a, y, p: [if_any(-y, lambda: mp.log(p))],
    "binary_cross_entropy": lambda a, y, p: [if_any(-y, lambda: mp.log(a)), if_any(y - 1, lambda: mp.log(1 - a))],
    "sigmoid_binary_cross_entropy": lambda a, y, p: [y * mp.log1p(mp.exp(-a)), (1 - y) * mp.log1p(mp.exp(a))],
}
SLOPES = {
    # the derivative of that part by a, as summands that may cancel; total is the sum of the sample's targets
    "half_sum_squared_error": lambda a, y, p, total: [a, -y],
    "mean_squared_error": lambda a, y, p, total: [2 * a, -2 * y],
    "mean_absolute_error": lambda a, y, p, total: [mp.sign(a - y)],
    "huber": lambda a, y, p, total: [a, -y] if abs(a - y) <= DELTA else [DELTA * mp.sign(a - y)],
    "cross_entropy": lambda a, y, p, total: [if_any(-y, lambda: 1 / a)],
    "softmax_cross_entropy": lambda a, y, p, total: [p * total, -y],
    "binary_cross_entropy": lambda a, y, p, total: [if_any(-y, lambda: 1 / a), if_any(1 - y, lambda: 1 / (1 - a))],
    "sigmoid_binary_cross_entropy": lambda a, y, p, total: [p, -y],
}


def inner(name, a):
    """p of one sample."""
    if name.startswith("softmax"):
        powers = [mp.exp(value) for value in a]
        return [power / sum(powers) for power in powers]
    if name.startswith("sigmoid"):
        return [1 / (1 + mp.exp(-value)) for value in a]
    return a


ANY = ([[0.25, -1.5, 3.0], [2.0, 0.1, -0.6]], [[0.5, -1.5, 1.0], [1.75, -0.2, 0.4]])
INSIDE = ([[0.25, 0.7, 0.05], [0.999, 1e-6, 0.5]], [[0.5, 0.25, 0.25], [0.0, 0.3, 1.0]])
NEARLY_SURE = ([[1e-9, 1e-13, 3e-5]], [[0.0, 0.0, 0.0]])
FAR = ([[800.0, -800.0, 3.0], [-800.0, -799.0, -40.0]], [[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]])
HUGE = ([[1e150, -1e-150, 0.0]], [[-1e150, 1e-150, 0.0]])
HUGE_IN_FLOAT32 = ([[1e15, -1e-15, 0.0]], [[-1e15, 1e-15, 0.0]])
NO_DISTRIBUTION = ([[0.4, -0.3]], [[0.23, -0.07]])

CASES = [
    *((name, case) for name in ("half_sum_squared_error", "mean_squared_error") for case in (ANY, FAR)),
    *((name, case) for name in ("mean_absolute_error", "huber") for case in (ANY, FAR, HUGE)),
    *((name, case) for name in ("cross_entropy", "binary_cross_entropy") for case in (INSIDE, NEARLY_SURE)),
    *(
        (name, case)
        for name in ("softmax_cross_entropy", "sigmoid_binary_cross_entropy")
        for case in (ANY, FAR, INSIDE, NO_DISTRIBUTION)
    ),
]


def arrays(case, precision):
    a, y = (np.array(values).astype(precision) for values in case)
    return a, y


def exactly(values):
    return [[mp.mpf(float(value)) for value in row] for row in values]


def prepared(name, case, precision):
    """The engine's functions and p, and the same numbers for mpmath."""
    a, y = arrays(case, precision)
    functions = loss(name, OPTIONS.get(name, {}))
    p = np.empty_like(a)
    if functions.inner:
        functions.inner(a, p)
    return functions, a, y, p, list(zip(exactly(a), exactly(y), strict=True))


def rounded_before(name, row):
    """What is rounded before an exponential or a logarithm is off by its size times eps."""
    return 1 + (max(row) - min(row) if name.startswith("softmax") else 0)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_loss_is_exact_to_a_few_roundings(name, case, precision):
    if case is HUGE and precision == "float32":
        case = HUGE_IN_FLOAT32
    functions, a, y, p, samples = prepared(name, case, precision)
    outputs = 1 if LOSSES[name].over_outputs == "sum" else a.shape[1]
    parts = [
        part / outputs * rounded_before(name, row)
        for row, targets in samples
        for value, target, probability in zip(row, targets, inner(name, row), strict=True)
        for part in TERMS[name](value, target, probability)
    ]
    exact = sum(
        part / outputs
        for row, targets in samples
        for value, target, probability in zip(row, targets, inner(name, row), strict=True)
        for part in TERMS[name](value, target, probability)
    )
    found = functions.value(a, y, p)
    assert found.dtype == precision
    assert abs(mp.mpf(float(found)) - exact) <= ROUNDINGS * float(np.finfo(precision).eps) * sum(map(abs, parts))


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_derivative_of_a_loss_is_exact_to_a_few_roundings(name, case, precision):
    if case is HUGE and precision == "float32":
        case = HUGE_IN_FLOAT32
    functions, a, y, p, samples = prepared(name, case, precision)
    outputs = 1 if LOSSES[name].over_outputs == "sum" else a.shape[1]
    dL_da = np.full_like(a, np.nan)
    functions.backward(a, y, p, dL_da)
    numbers = np.finfo(precision)
    for found, (row, targets) in zip(dL_da, samples, strict=True):
        for value, a_k, y_k, p_k in zip(found, row, targets, inner(name, row), strict=True):
            terms = [part / outputs for part in SLOPES[name](a_k, y_k, p_k, sum(targets))]
            size = sum(map(abs, terms)) * rounded_before(name, row)
            assert abs(mp.mpf(float(value)) - sum(terms)) <= ROUNDINGS * float(numbers.eps) * size + float(numbers.tiny)


def values(name, a, y):
    """Loss and derivative of one sample."""
    a, y = np.array([a], dtype=float), np.array([y], dtype=float)
    functions = loss(name, OPTIONS.get(name, {}))
    p, dL_da = np.empty_like(a), np.empty_like(a)
    if functions.inner:
        functions.inner(a, p)
    functions.backward(a, y, p, dL_da)
    return float(functions.value(a, y, p)), dL_da[0].tolist()


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_zero_times_the_logarithm_of_zero_is_zero(name):
    found, dL_da = values(name, [0.0, 1.0], [0.0, 1.0])
    assert found == 0
    assert not np.signbit(found)
    assert dL_da == ([0.0, -1.0] if name == "cross_entropy" else [0.5, -0.5])


def test_where_a_logarithm_is_infinite_the_loss_is():
    assert values("cross_entropy", [0.0, 1.0], [0.5, 0.5]) == (np.inf, [-np.inf, -0.5])
    assert values("binary_cross_entropy", [0.0, 1.0], [1.0, 0.0]) == (np.inf, [-np.inf, np.inf])


def test_where_a_target_is_met_the_slopes_are_those_of_torch():
    assert values("mean_absolute_error", [0.3, 1.0], [0.3, 2.0]) == (0.5, [0.0, -0.5])
    assert values("huber", [0.75, -0.75], [0.0, 0.0])[1] == [0.375, -0.375]
    assert values("huber", [1.0, -1.0], [0.0, 0.0])[1] == [0.375, -0.375]


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_a_batch_is_the_sum_of_its_samples(name):
    a, y = np.array(INSIDE[0]), np.array(INSIDE[1])
    functions = loss(name, OPTIONS.get(name, {}))
    p, dL_da = np.empty_like(a), np.empty_like(a)
    if functions.inner:
        functions.inner(a, p)
    functions.backward(a, y, p, dL_da)
    singles = [values(name, *sample) for sample in zip(a, y, strict=True)]
    assert np.isclose(functions.value(a, y, p), sum(value for value, _ in singles), rtol=1e-15, atol=0)
    assert dL_da.tolist() == [slopes for _, slopes in singles]


def test_what_is_inside_a_loss_is_what_its_record_says():
    for name, record in LOSSES.items():
        assert (loss(name, OPTIONS.get(name, {})).inner is not None) == (record.inner is not None)
