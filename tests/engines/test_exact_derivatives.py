"""A second, independent derivation of every gradient of the exact engine: no formula certifies itself.

The derivative along random directions is compared with a complex step (see complex_step), which knows no
derivative rule. Then formulas are broken on purpose: each break must be seen.
"""

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

import backlight as bl
from backlight.engines.exact import activations, iteration, losses
from backlight.engines.exact.beginning import begin
from backlight.engines.exact.iteration import Iteration, flat
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from backlight.recipes.start import start
from tests.engines.complex_step import BITS, CLOSE, slope

OPTIONS = {
    "leaky_relu": {"negative_slope": 0.2},
    "elu": {"alpha": 0.7},
    "softplus": {"beta": 3.0},
    "huber": {"delta": 0.3},
}
DIRECTIONS = 3


def network(activation, loss, over_samples="mean"):
    """Three layers, the activation in the first two and last where the loss allows it; three samples."""
    chosen = {"name": activation, **OPTIONS.get(activation, {})}
    last = "softmax" if LOSSES[loss].wants_probabilities else chosen
    return bl.recipe(
        {
            "network": {"layers": [2, 3, 3, 2], "activations": [chosen, chosen, last], "biases": True},
            "parameters": {"initializer": "uniform", "a": -1.5, "b": 1.5, "random_seed": 4},
            "data": {
                "inputs": [[0.5, 0.3], [-1.1, 0.7], [0.9, -0.4]],
                "targets": [[0.25, 0.75], [0.625, 0.375], [0.5, 0.5]],
            },
            "loss": {"name": loss, "over_samples": over_samples, **OPTIONS.get(loss, {})},
            "training": {"learning_rate": 1.0, "iterations": 0},
        }
    )


def agrees(recipe):
    """Whether the backward pass gives the slope along every direction that the loss itself has."""
    given = start(recipe)
    generator = np.random.default_rng(0)
    with ctx.workprec(BITS):
        engine = Iteration(recipe, begin(recipe, given))
        engine.forward_and_backward(None)
        gradient = flat([engine.dL_dW, engine.dL_db])
        for _ in range(DIRECTIONS):
            direction = generator.standard_normal(len(gradient)).tolist()
            backward = sum((g * v for g, v in zip(gradient, direction, strict=True)), arb(0))
            if not abs(backward - slope(recipe, given, direction)) < CLOSE * abs(backward):
                return False
    return True


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_gradient_has_the_slope_of_the_loss_itself(activation, loss):
    assert agrees(network(activation, loss))


def test_a_sum_over_samples_has_the_slope_of_the_loss_itself():
    assert agrees(network("tanh", "mean_squared_error", over_samples="sum"))


def broken_slope(name, slope):
    return lambda patch: patch.setitem(activations._PLAIN, name, (activations._PLAIN[name][0], slope))


def broken_loss(name, backward):
    return lambda patch: patch.setitem(losses._PLAIN, name, losses._PLAIN[name]._replace(backward=backward))


def softmax_without_its_cross_terms(z, a, dL_da):
    pairs = zip(a.entries(), dL_da.entries(), strict=True)
    return arb_mat(a.nrows(), a.ncols(), [t * (1 - t) * d for t, d in pairs])


def bias_gradient_of_the_first_sample(patch):
    only_the_first = lambda rows, columns: arb_mat(rows, columns, [1] + [0] * (rows * columns - 1))  # noqa: E731
    forward = iteration.ones
    patch.setattr(iteration, "ones", lambda rows, columns: (forward if columns == 1 else only_the_first)(rows, columns))


BREAKS = {
    "sigmoid with 1 + a": ("sigmoid", "huber", broken_slope("sigmoid", lambda z, a: a * (1 + a))),
    "tanh with 1 - a": ("tanh", "huber", broken_slope("tanh", lambda z, a: 1 - a)),
    "relu with slope 1 below 0": ("relu", "huber", broken_slope("relu", lambda z, a: arb(1))),
    "silu without its second term": ("silu", "huber", broken_slope("silu", lambda z, a: activations.sigmoid(z))),
    "gelu off by a millionth": (
        "gelu",
        "huber",
        broken_slope("gelu", lambda z, a: activations.gelu_slope(z, a) * (1 + arb((1, -20)))),
    ),
    "softmax without its cross terms": (
        "softmax",
        "huber",
        lambda patch: patch.setattr(activations, "softmax_backward", softmax_without_its_cross_terms),
    ),
    "squared error without its 2": (
        "tanh",
        "mean_squared_error",
        broken_loss("mean_squared_error", lambda a, y, p: [e / len(a) for e in losses.errors(a, y)]),
    ),
    "cross-entropy with the sign of its error turned": (
        "tanh",
        "softmax_cross_entropy",
        broken_loss("softmax_cross_entropy", lambda a, y, p: losses.errors(y, p)),
    ),
    "bias gradients of the first sample alone": ("tanh", "huber", bias_gradient_of_the_first_sample),
    "weights that are not transposed": (
        "tanh",
        "huber",
        lambda patch: patch.setattr(
            Iteration, "backward", lambda self: (setattr(self, "W", turned(self.W)), right_backward(self))[1]
        ),
    ),
}
right_backward = Iteration.backward


def turned(W):
    """The square weights of the second layer transposed."""
    return {**W, 2: W[2].transpose()}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_formula_is_seen(name, monkeypatch):
    activation, loss, break_it = BREAKS[name]
    assert agrees(network(activation, loss))
    break_it(monkeypatch)
    assert not agrees(network(activation, loss))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_the_network_has_units_on_both_sides_of_every_kink(activation):
    trace = bl.run(network(activation, "huber"))
    for layer in (1, 2, 3):
        assert trace[f"z{layer}"].min() < 0 < trace[f"z{layer}"].max()
    error = abs(trace["a3"] - trace["y"])
    assert error.min() < OPTIONS["huber"]["delta"] < error.max()
    assert np.all(trace["dL_dW1"] != 0)
