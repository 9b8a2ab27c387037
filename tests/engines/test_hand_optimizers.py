"""The hand engine's optimizers against their formulas, written out in scalars, for four steps.

The formulas are those of the torch.optim documentation. Gradients change sign and size from step to step,
so that every state matters.
"""

from math import sqrt

import numpy as np
import pytest

from backlight.engines.hand.optimizers import optimizer
from backlight.recipes.functions import OPTIMIZERS

ROUNDINGS = 16
"""Units in the last place of the largest number of a step: four steps of a few operations each."""

START = [0.7, -1.3, 2.0, 0.0]
GRADIENTS = [[0.4, -2.0, 0.0, 1e-3], [-0.3, 1.5, 0.7, 2e-3], [0.9, 0.0, -4.0, -1e-3], [0.1, -0.6, 0.2, 5e-4]]


def sgd(w, gradients, rate, *, momentum=0.0, nesterov=False, weight_decay=0.0):
    v = None
    for gradient in gradients:
        g = gradient + weight_decay * w
        v = g if v is None else momentum * v + g
        w = w - rate * (g + momentum * v if nesterov else v)
        yield w


def rmsprop(w, gradients, rate, *, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
    s = mean = buffer = 0.0
    for gradient in gradients:
        g = gradient + weight_decay * w
        s = alpha * s + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        spread = s - mean**2 if centered else s
        buffer = momentum * buffer + g / (sqrt(spread) + eps)
        w = w - rate * buffer
        yield w


def adagrad(w, gradients, rate, *, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    s = initial_accumulator_value
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + weight_decay * w
        s = s + g**2
        w = w - rate / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)
        yield w


def adam(w, gradients, rate, *, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False):
    m = v = largest = 0.0
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + weight_decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = max(largest, v)
        m_hat, v_hat = m / (1 - betas[0] ** t), (largest if amsgrad else v) / (1 - betas[1] ** t)
        w = w - rate * m_hat / (sqrt(v_hat) + eps)
        yield w


def adamw(w, gradients, rate, *, weight_decay=0.01, **others):
    """Decay first, then Adam's step as for a parameter that is not decayed: only the step is taken from it."""
    steps = list(adam(0.0, gradients, rate, **others))
    for step, before in zip(steps, [0.0, *steps], strict=False):
        w = w * (1 - rate * weight_decay) + (step - before)
        yield w


FORMULAS = {"sgd": sgd, "rmsprop": rmsprop, "adagrad": adagrad, "adam": adam, "adamw": adamw}
CASES = [
    ("sgd", {}),
    ("sgd", {"weight_decay": 0.1}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ("rmsprop", {}),
    ("rmsprop", {"alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.7}),
    ("rmsprop", {"centered": True, "alpha": 0.5, "eps": 0.1}),
    ("adagrad", {}),
    ("adagrad", {"lr_decay": 0.25, "weight_decay": 0.1, "initial_accumulator_value": 0.3, "eps": 1e-2}),
    ("adam", {}),
    ("adam", {"betas": (0.5, 0.6), "eps": 1e-2, "weight_decay": 0.1}),
    ("adam", {"betas": (0.9, 0.3), "amsgrad": True}),
    ("adam", {"betas": (0.0, 0.0)}),
    ("adamw", {}),
    ("adamw", {"betas": (0.8, 0.4), "weight_decay": 0.3, "amsgrad": True}),
]


def made(name, written, theta, rate=0.3):
    """An optimizer with its default options filled in, as a recipe does."""
    options = {option: record.default for option, record in OPTIMIZERS[name].options.items()}
    return optimizer(name, rate, options | written, theta)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=[f"{name} {options}" for name, options in CASES])
def test_an_optimizer_makes_the_steps_of_its_formula(name, options, precision):
    theta = np.array(START, dtype=precision)
    update = made(name, options, theta)
    gradients = np.array(GRADIENTS, dtype=precision)
    expected = [
        list(FORMULAS[name](float(w), [float(g) for g in column], 0.3, **options))
        for w, column in zip(np.array(START, dtype=precision), gradients.T, strict=True)
    ]
    sizes = np.maximum(np.abs(expected).max(), 1)
    for step, gradient in enumerate(gradients):
        update(theta, gradient)
        assert theta.dtype == precision
        should = np.array([each[step] for each in expected])
        assert np.abs(theta.astype(float) - should).max() <= ROUNDINGS * np.finfo(precision).eps * sizes


@pytest.mark.parametrize(("name", "options"), CASES, ids=[f"{name} {options}" for name, options in CASES])
def test_an_optimizer_changes_the_parameters_in_place_and_leaves_the_gradient(name, options):
    row = np.array(START + GRADIENTS[0])
    theta, gradient = row[:4], row[4:]
    made(name, options, theta)(theta, gradient)
    assert not np.array_equal(row[:4], START)
    assert np.array_equal(row[4:], GRADIENTS[0])


@pytest.mark.parametrize(("name", "options"), CASES, ids=[f"{name} {options}" for name, options in CASES])
def test_two_optimizers_share_no_state(name, options):
    first, second = np.array(START), np.array(START)
    busy = made(name, options, first)
    for gradient in GRADIENTS:
        busy(first, np.array(gradient))
    made(name, options, second)(second, np.array(GRADIENTS[0]))
    fresh = np.array(START)
    made(name, options, fresh)(fresh, np.array(GRADIENTS[0]))
    assert np.array_equal(second, fresh)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adagrad", "adam", "adamw"])
def test_at_learning_rate_zero_nothing_moves(name):
    theta = np.array(START)
    update = made(name, {}, theta, rate=0.0)
    for gradient in GRADIENTS:
        update(theta, np.array(gradient))
    assert np.array_equal(theta, START)


def test_the_spread_of_a_constant_gradient_is_never_negative():
    # centered: s - mean^2 is 0 for a gradient that never changes, and rounding would make it negative
    theta = np.array([1.0, 1.0])
    update = made("rmsprop", {"centered": True, "alpha": 0.1}, theta)
    for _ in range(200):
        update(theta, np.array([0.1, 1 / 3]))
    assert np.all(np.isfinite(theta))


def test_the_trial_optimizers_are_all_there_are():
    assert {name for name, _ in CASES} == set(OPTIMIZERS)
