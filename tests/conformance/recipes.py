"""The one list of recipes that every engine answers: every function, option, shape and way of batching.

It is generated from `recipes/functions`, so that an activation, a loss, an optimizer or an initializer that
is added there is in the list at once. Networks are small and their numbers ordinary: what is tested is that
the engines mean the same, and random recipes (random_recipes) do the rest.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import backlight as bl
from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER_OPTIONS: dict[str, dict[str, Any]] = {
    "leaky_relu": {"negative_slope": 0.2},
    "elu": {"alpha": 0.7},
    "softplus": {"beta": 3.0},
    "huber": {"delta": 0.3},
}
"""Options of activations and losses other than the defaults."""

OPTIMIZER_OPTIONS: dict[str, list[dict[str, Any]]] = {
    "sgd": [
        {"momentum": 0.9},
        {"momentum": 0.8, "nesterov": True},
        {"weight_decay": 0.1},
        {"momentum": 0.5, "nesterov": True, "weight_decay": 0.2},
    ],
    "rmsprop": [
        {"alpha": 0.9, "eps": 1e-6},
        {"momentum": 0.9},
        {"centered": True, "alpha": 0.8},
        {"weight_decay": 0.1, "centered": True, "momentum": 0.3},
    ],
    "adagrad": [{"lr_decay": 0.1}, {"initial_accumulator_value": 0.5, "eps": 0.01}, {"weight_decay": 0.1}],
    "adam": [{"betas": [0.5, 0.9]}, {"amsgrad": True}, {"weight_decay": 0.1, "eps": 1e-4}, {"betas": [0.0, 0.0]}],
    "adamw": [{"weight_decay": 0.2}, {"amsgrad": True, "betas": [0.8, 0.99]}, {"weight_decay": 0.0, "eps": 1e-5}],
}
"""Options of optimizers beside the defaults, each at least once."""

DISTRIBUTION = [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.625, 0.375]]
NUMBERS = [[0.23, -0.07], [0.9, 0.4], [-0.6, 1.3], [0.15, 0.35], [2.1, -1.2]]
"""Targets of five samples: distributions of two outputs (which are in [0, 1] too), and any numbers."""


def recipe(
    *,
    layers: tuple[int, ...] = (2, 3, 2),
    activations: Any = "tanh",
    loss: dict[str, Any] | str = "half_sum_squared_error",
    parameters: dict[str, Any] | None = None,
    biases: bool = False,
    precision: str = "float64",
    samples: int = 5,
    **training: Any,
) -> bl.Recipe:
    """One recipe of the list; weights, biases and inputs are ordinary numbers, the same in every call."""
    loss = loss if isinstance(loss, dict) else {"name": loss}
    generator = np.random.default_rng(sum(layers))
    weights = [np.round(generator.uniform(-1, 1, shape), 3).tolist() for shape in pairwise(layers)]
    started = {"weights": weights} | ({"biases": offsets(generator, layers)} if biases else {})
    targets = NUMBERS if LOSSES[loss["name"]].targets == "any" else DISTRIBUTION
    return bl.recipe(
        {
            "network": {"layers": list(layers), "activations": activations, "biases": biases},
            "parameters": started if parameters is None else parameters,
            "data": {
                "inputs": np.round(generator.uniform(-1, 1, (samples, layers[0])), 3).tolist(),
                "targets": [(row * 2)[: layers[-1]] for row in targets[:samples]],
            },
            "loss": loss,
            "training": {"learning_rate": 0.1, "iterations": 3} | training,
            "numerics": {"precision": precision},
        }
    )


def offsets(generator: np.random.Generator, layers: tuple[int, ...]) -> list[list[float]]:
    """Initial biases."""
    return [np.round(generator.uniform(-1, 1, units), 3).tolist() for units in layers[1:]]


def named(name: str) -> Any:
    """A function with other options than its defaults, where it has any."""
    return {"name": name, **OTHER_OPTIONS[name]}


def activations_and_losses() -> Iterator[tuple[str, bl.Recipe]]:
    """Every activation, hidden and (where the loss can take it) last, under every loss."""
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            last = "softmax" if loss == "cross_entropy" else "sigmoid" if loss == "binary_cross_entropy" else activation
            yield f"{activation}, {loss}", recipe(activations=[activation, last], loss=loss)


def options_of_functions() -> Iterator[tuple[str, bl.Recipe]]:
    """Options other than the defaults; the sum over samples; float32."""
    for name in OTHER_OPTIONS:
        functions = {"activations": [named(name), named(name)]} if name in ACTIVATIONS else {"loss": named(name)}
        yield f"{name} with another option", recipe(**functions)
    for loss in LOSSES:
        last = "softmax" if LOSSES[loss].wants_probabilities else "identity"
        yield f"{loss}, summed", recipe(activations=["tanh", last], loss={"name": loss, "over_samples": "sum"})
        yield f"{loss}, float32", recipe(activations=["tanh", last], loss=loss, precision="float32")
    for activation in ACTIVATIONS:
        yield f"{activation}, float32", recipe(activations=activation, precision="float32")


def optimizers() -> Iterator[tuple[str, bl.Recipe]]:
    """Every optimizer, plain and with its options, on biases too; float32."""
    for name in OPTIMIZERS:
        yield name, recipe(optimizer=name, biases=True, iterations=5)
        yield f"{name}, float32", recipe(optimizer=name, biases=True, precision="float32", iterations=5)
        for options in OPTIMIZER_OPTIONS[name]:
            text = ", ".join(f"{option} = {value}" for option, value in options.items())
            yield f"{name}, {text}", recipe(optimizer=name, biases=True, iterations=5, **options)


def shapes_and_biases() -> Iterator[tuple[str, bl.Recipe]]:
    """One to four layers, single units, softmax inside, biases trained, frozen and zero."""
    for layers in ((1, 1), (3, 2), (2, 1, 2), (4, 3, 2, 1), (2, 4, 3, 3, 2), (3, 1, 1, 1, 1)):
        yield f"layers {layers}", recipe(layers=layers)
        yield f"layers {layers}, biases", recipe(layers=layers, biases=True, activations="sigmoid")
        frozen = recipe(layers=layers, biases=True).with_({"parameters.train_biases": False})
        yield f"layers {layers}, frozen biases", frozen
    yield "softmax inside", recipe(layers=(2, 3, 3, 2), activations=["softmax", "tanh", "softmax"])
    yield "softmax of one unit", recipe(layers=(2, 1, 2), activations=["softmax", "identity"])
    yield "biases that start at zero", recipe(biases=True, parameters={"initializer": "normal", "random_seed": 3})


def batches() -> Iterator[tuple[str, bl.Recipe]]:
    """Batches with a short last one, single samples, more than there are; in file order and shuffled."""
    for size in (1, 2, 3, 5, 9):
        yield f"batches of {size}", recipe(batch_size=size, iterations=7)
        yield f"batches of {size}, shuffled", recipe(batch_size=size, shuffle_seed=size, iterations=7, optimizer="adam")
    yield "all samples, shuffled", recipe(shuffle_seed=4)
    yield "batches, summed", recipe(batch_size=2, loss={"name": "huber", "over_samples": "sum"}, biases=True)
    softmax = {"activations": ["relu", "identity"], "loss": "softmax_cross_entropy"}
    yield "batches, with p", recipe(batch_size=3, biases=True, **softmax)


def initializers() -> Iterator[tuple[str, bl.Recipe]]:
    """Every initializer; the numbers are drawn for all engines alike, here it is seen that they reach them."""
    for name in INITIALIZERS:
        yield f"initializer {name}", recipe(parameters={"initializer": name, "random_seed": 7}, biases=True)


def edges() -> Iterator[tuple[str, bl.Recipe]]:
    """No iteration, no learning rate, all weights zero, numbers exactly at a kink."""
    yield "no iteration", recipe(iterations=0)
    yield "learning rate 0", recipe(learning_rate=0, optimizer="adamw")
    for activation in ACTIVATIONS:
        yield f"{activation} at exactly 0", recipe(activations=activation, parameters={"initializer": "zeros"})
    exact_target = {"name": "mean_absolute_error"}
    zeros = recipe(activations="identity", parameters={"initializer": "zeros"}, loss=exact_target, samples=1)
    yield "mean_absolute_error at exactly 0", zeros.with_({"data.targets": [[0, 0]]})


RECIPES: dict[str, bl.Recipe] = dict(
    pair
    for group in (
        activations_and_losses,
        options_of_functions,
        optimizers,
        shapes_and_biases,
        batches,
        initializers,
        edges,
    )
    for pair in group()
)
