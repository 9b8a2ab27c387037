"""What is checked: functions with right and wrong gradients, in one form that every checker can be given.

The functions are those of the tests; networks are drawn by chance, and the mistakes of the catalogue are made in them.
Right gradients are not chosen. Of the catalogue's mistakes those are made that are no right gradient of the network:
which these are is found with the exact engine at the start and at backlight's own probe points, so what backlight finds
among them is no independent figure, and the others are given the start alone. Where the loss is infinite there is no
gradient to be right about: such networks are a group of their own, right gradients and wrong ones alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

import backlight as bl
from backlight.checks.gradients.arguments import Arguments
from backlight.checks.gradients.array_function import ArrayFunction
from backlight.checks.gradients.of_recipe import RecipeFunction, detected
from backlight.checks.gradients.points import points
from backlight.checks.gradients.subject import flat
from backlight.checks.recognising.network import Network
from backlight.engines.mistakes import MISTAKES, mistaken, variants
from backlight.recipes.start import start
from backlight.traces.layout import layout
from tests.checks.gradients.edges import EDGES
from tests.checks.gradients.functions import PROBLEMS, Problem
from tests.conformance.random_recipes import random_recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

READY = ("course", "xor", "course-relu")
SATURATED = 40.0
"""Weights so many times as large leave hardly any slope."""
INFINITE = "networks, infinite"
SEED = 0


@dataclass(frozen=True)
class Case:
    """A gradient that is right or wrong, as it is given to backlight and, as vectors, to everybody else.

    Attributes
    ----------
    group, name : str
    wrong : bool
    given : tuple
        Function, gradient and arguments, for `check_gradients`.
    x : array, shape (n,)
    function, gradient : callable
        From x to the outputs, shape (m,); from x and a cotangent to cᵀJ, shape (n,).
    recipe : tuple or None
        Recipe and gradient, for `check_gradients` with a recipe.
    """

    group: str
    name: str
    wrong: bool
    given: tuple[Any, Any, Any]
    x: Array
    function: Callable[[Array], Array]
    gradient: Callable[[Array, Array], Array]
    recipe: tuple[Any, Any] | None = None


def cases(networks: int) -> Iterator[Case]:
    """Everything there is to check."""
    for group, problems in (("functions", PROBLEMS), ("edges", EDGES)):
        for name, problem in problems.items():
            for mistake, gradient in {"": problem.right, **problem.wrong}.items():
                called = f"{name}: {mistake}" if mistake else name
                yield of_function(group, called, bool(mistake), problem, gradient)
    generator = np.random.default_rng(SEED)
    drawn = {f"network {number}": random_recipe(generator) for number in range(networks)}
    with_mistakes = {name: bl.recipe(name) for name in READY} | dict(list(drawn.items())[: networks // 20])
    for group, factor in (("networks", 1.0), ("networks, saturated", SATURATED)):
        for name, recipe in drawn.items():
            yield in_its_group(of_network(group, name, recipe, None, factor))
        for name, recipe in with_mistakes.items():
            for way in mistakes(scaled(recipe, factor)):
                yield in_its_group(of_network(group, f"{name}: {way}", recipe, way, factor))


def in_its_group(case: Case) -> Case:
    """The case; one whose loss is not finite in a group by itself, whether its gradient is right or wrong."""
    with np.errstate(all="ignore"):
        finite = bool(np.isfinite(case.function(case.x)).all())
    return case if finite else replace(case, group=INFINITE)


def of_function(group: str, name: str, wrong: bool, problem: Problem, gradient: Any) -> Case:  # noqa: ANN401, FBT001
    """A case of the tests' lists."""
    given = (problem.function, gradient, problem.arguments)
    # positions and types are those of the right gradient, whatever the wrong one answers
    right = ArrayFunction(problem.function, problem.right, Arguments.of(problem.function, problem.arguments))
    subject = ArrayFunction(problem.function, gradient, right.given)
    dtype = np.result_type(*(np.asarray(right.given.values[number]).dtype for number in right.chosen))

    def function(x: Array) -> Array:
        return flat(right.given.call(problem.function, right.values_at(x))).astype(dtype)

    return Case(
        group, name, wrong, given, right.start.astype(dtype), function, lambda x, c: subject.gradients(x, c[None])[0]
    )


def of_network(group: str, name: str, recipe: bl.Recipe, mistake: str | None, factor: float) -> Case:
    """The loss of a network over its parameters, with the hand engine's gradient or a mistaken one."""
    at = scaled(recipe, factor)
    begin = start(at)
    network = Network.of(at, begin.inputs, begin.targets)
    arguments = {f"W{l}": values for l, values in enumerate(begin.weights, 1)}
    arguments |= {f"b{l}": values for l, values in enumerate(begin.biases, 1)}
    x = np.concatenate([np.ravel(values) for values in arguments.values()])
    engine = (
        mistaken(mistake, network.recipe, network.start(x), layout(network.recipe, network.samples))
        if mistake
        else None
    )

    def function(x: Array) -> Array:
        return np.atleast_1d(network.quantities(np.asarray(x, float))["loss"])

    def vector(x: Array) -> Array:
        if engine is None:
            views = network.quantities(x)
        else:
            engine.theta[:] = x
            with np.errstate(all="ignore"):
                engine.forward_and_backward(None)
            views = engine.views
        return np.concatenate([np.ravel(views[f"dL_d{name}"]) for name in arguments]).astype(float)

    def by_name(**given: Array) -> dict[str, Array]:
        return network.arrays(vector(np.concatenate([np.ravel(given[name]) for name in arguments])))

    def loss(**given: Array) -> float:
        return float(function(np.concatenate([np.ravel(given[name]) for name in arguments]))[0])

    return Case(
        group,
        name,
        mistake is not None,
        (loss, by_name, arguments),
        x,
        function,
        lambda x, c: c[0] * vector(x),
        (at, by_name),
    )


def scaled(recipe: bl.Recipe, factor: float) -> bl.Recipe:
    """The same network in float64 with weights so many times as large, written down."""
    recipe = recipe.with_({"numerics.precision": "float64"})
    begin = start(recipe)
    written = {"weights": [(factor * values).tolist() for values in begin.weights]}
    if begin.biases:
        written["biases"] = [values.tolist() for values in begin.biases]
    return recipe.with_({"parameters": written})


def mistakes(recipe: bl.Recipe) -> list[str]:
    """Each mistake of the catalogue that one gradient can show in this network, in the first way that shows."""
    subject = RecipeFunction(recipe, lambda **given: given)
    places = [point.x for point in points(subject, probes=True)]
    with np.errstate(all="ignore"):
        shown, _ = detected(subject, places)
    return [next(iter(variants(slug, recipe))) for slug in shown if not MISTAKES[slug].check_only]
