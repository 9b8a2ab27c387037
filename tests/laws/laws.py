"""Laws that every engine obeys, whatever the network: each takes a run and a recipe, and asserts.

A law knows no engine and no formula of a network. `test_laws` puts every engine to them on random recipes;
`test_the_laws_can_fail` puts mistaken runs to them, for a law that cannot fail proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import backlight as bl
from backlight.traces.layout import is_per_sample
from tests.conformance.closeness import apart, assert_close, computed, near_a_kink, on_one_side

Run = Callable[[bl.Recipe], bl.Trace]


class CannotTell(Exception):
    """The recipe is at a point where this law says nothing, right or wrong."""


EPSILON = 2.0**-53
"""Relative error of one rounding in float64; the laws run in float64."""
ROUNDING = 2.0**-40
"""What rounding may do to the largest number of a run of a few iterations: 8192 times one rounding, since the
networks here sum up to 4 numbers in each of 4 layers, forward and backward, and multiply errors by weights up to 1.5."""
POWER = 1e-6
"""A comparison that could not show an error of this relative size says nothing, and is left out."""


def gradient_is_directional_derivative(run: Run, recipe: bl.Recipe, seed: int) -> None:
    """In any direction d, dL/dtheta . d is the limit of (L(theta + h d) - L(theta - h d)) / 2h.

    Central differences at three h, extrapolated to h = 0 twice (Richardson): how far the two are apart bounds
    the truncation. The parameters are those of the last row, so that a wrong update cannot hide a wrong gradient.
    """
    trace = run(recipe)
    theta = {name: trace[name][-1] for name in computed(trace) if name[0] in "Wb"}
    generator = np.random.default_rng(seed)
    direction = {name: generator.normal(size=values.shape) for name, values in theta.items()}
    terms = [trace[f"dL_d{name}"][-1] * d for name, d in direction.items()]
    slope, size = sum(map(np.sum, terms)), sum(np.sum(np.abs(term)) for term in terms)

    def beside(h: float) -> bl.Trace:
        return run(at(recipe, {name: theta[name] + h * direction[name] for name in theta}))

    def difference(h: float) -> float:
        there, back = beside(h), beside(-h)
        tell_if(on_one_side(there, back))
        return (there.loss[0] - back.loss[0]) / (2 * h)

    smallest = 2.0**-10
    wide, middle, narrow = (difference(h) for h in (4 * smallest, 2 * smallest, smallest))
    coarse, fine = (4 * middle - wide) / 3, (4 * narrow - middle) / 3
    tolerance = abs(fine - coarse) + 2 * rounding_of_loss(trace) / smallest
    tell_if(size == 0 or tolerance < POWER * size)
    assert abs(slope - fine) <= tolerance, f"{slope} is not {fine} +- {tolerance}"


def rounding_of_loss(trace: bl.Trace) -> float:
    """First-order bound of the loss's rounding error: every z is off by its terms' size times a few roundings."""
    layers = len(trace.recipe.activations)
    bound = abs(trace.loss[-1])
    a: Any = trace["x"]
    for l in range(1, layers + 1):
        terms = np.abs(a) @ np.abs(trace[f"W{l}"][-1])
        if f"b{l}" in computed(trace):
            terms = terms + np.abs(trace[f"b{l}"][-1])
        a = trace[f"a{l}"][-1]
        bound += np.sum(np.abs(trace[f"dL_dz{l}"][-1]) * terms) + np.sum(np.abs(trace[f"dL_da{l}"][-1] * a))
    return 8 * EPSILON * float(bound)


def permuting_hidden_units_permutes_the_trace(run: Run, recipe: bl.Recipe, seed: int) -> None:
    """Hidden units have no order: other places for their weights, the same numbers at other places."""
    generator = np.random.default_rng(seed)
    layer = int(generator.integers(1, len(recipe.layers) - 1))
    order = generator.permutation(recipe.layers[layer])
    trace = run(recipe)
    tell_if(not near_a_kink(trace))
    start = {name: trace[name][0] for name in computed(trace) if name[0] in "Wb"}
    moved = at(recipe, {name: reordered(name, values, layer, order) for name, values in start.items()})
    permuted = run(with_fields(moved, {"training": {"iterations": recipe.training.iterations}}))
    expected = {name: reordered(name, trace[name], layer, order) for name in computed(trace)}
    assert_close(replace(trace, quantities={**trace.quantities, **expected}), permuted, ROUNDING)


def reordered(name: str, values: np.ndarray, layer: int, order: np.ndarray) -> np.ndarray:
    """A quantity after the units of a layer have changed places; units are the last axis, inputs the one before."""
    if name.endswith(f"W{layer + 1}"):
        return values[..., order, :]
    return (
        values[..., order]
        if name.removeprefix("dL_d") in (f"W{layer}", f"b{layer}", f"z{layer}", f"a{layer}")
        else values
    )


def doubling_the_loss_doubles_every_derivative(run: Run, recipe: bl.Recipe) -> None:
    """Over four samples the sum is the mean doubled twice, and so is every dL_d...: the last bit included.

    Multiplying by 4 is exact in binary numbers; one ulp is left to the exact engine, whose midpoints are rounded.
    """
    four = {name: [*rows, *rows, *rows, *rows][:4] for name, rows in data(recipe).items()}
    of_mean, of_sum = (
        run(with_fields(recipe, {"data": four, "loss": {"over_samples": over}, "training": {"iterations": 0}}))
        for over in ("mean", "sum")
    )
    for name in computed(of_mean):
        if name == "loss" or name.startswith("dL_d"):
            assert np.all(apart(4 * of_mean[name], of_sum[name]) <= np.spacing(np.abs(of_sum[name]))), name


def batch_is_the_mean_of_its_samples(run: Run, recipe: bl.Recipe) -> None:
    """Samples do not see each other: the loss and every gradient of a batch is the mean of those of its samples."""
    recipe = with_fields(recipe, {"loss": {"over_samples": "mean"}, "training": {"iterations": 0}})
    together = run(recipe)
    tell_if(not near_a_kink(together))
    samples = data(recipe)
    singles = [
        run(with_fields(recipe, {"data": {name: [rows[sample]] for name, rows in samples.items()}}))
        for sample in range(len(samples["inputs"]))
    ]
    mean = {name: np.mean([single[name] for single in singles], axis=0) for name in computed(together)}
    for name in computed(together):
        if is_per_sample(name):
            rows = np.concatenate([single[name] for single in singles], axis=1)
            mean[name] = rows / len(singles) if name.startswith("dL_d") else rows
    assert_close(replace(together, quantities={**together.quantities, **mean}), together, ROUNDING)


def learning_rate_zero_freezes(run: Run, recipe: bl.Recipe) -> None:
    """Without a learning rate no optimizer moves anything, not by one bit."""
    trace = run(with_fields(recipe, {"training": {"learning_rate": 0}}))
    for name in computed(trace):
        if name[0] in "Wb":
            assert np.all(trace[name] == trace[name][0]), name


def next_row_is_a_step_against_the_gradient(run: Run, recipe: bl.Recipe) -> None:
    """With plain gradient descent W[k+1] = W[k] - learning_rate dL_dW[k].

    Two roundings here and two there, each half an ulp of a number no larger than the two terms together; one,
    where the engine multiplies and subtracts in one rounding.
    """
    trace = run(recipe)
    rate = float(recipe.training.learning_rate)
    for name in trained(trace):
        step = rate * trace[f"dL_d{name}"][:-1]
        expected, size = trace[name][:-1] - step, np.abs(trace[name][:-1]) + np.abs(step)
        assert np.all(apart(trace[name][1:], expected) <= 2 * np.spacing(size)), name


def rows_do_not_depend_on_what_comes_later(run: Run, recipe: bl.Recipe) -> None:
    """Rows 0..k of a longer run are those of the shorter one, bit for bit; and so are its batches."""
    long = run(recipe)
    short = run(with_fields(recipe, {"training": {"iterations": recipe.training.iterations - 1}}))
    for name in [*computed(short), *({"batch"} & set(short.quantities))]:
        assert np.array_equal(short[name], long[name][:-1], equal_nan=True), name


def frozen_biases_never_move(run: Run, recipe: bl.Recipe) -> None:
    """Biases that are not trained stay, though their derivative is known; what has a derivative and is trained moves."""
    trace = run(recipe)
    frozen = [name for name in computed(trace) if name[0] == "b"]
    for name in frozen:
        assert np.all(trace[name] == trace[name][0]), name
        assert f"dL_d{name}" in trace.quantities, name
    for name in trained(trace):
        moved, steep = trace[name][1] != trace[name][0], np.abs(trace[f"dL_d{name}"][0]) > POWER
        assert np.all(moved[steep]), name


def tell_if(condition: bool) -> None:
    """Leave the law where it cannot tell."""
    if not condition:
        raise CannotTell


# ---- recipes from recipes ------------------------------------------------------------------------------


def with_fields(recipe: bl.Recipe, sections: dict[str, dict[str, Any]]) -> bl.Recipe:
    """A recipe with some fields changed, section by section."""
    return recipe.with_(
        {f"{section}.{name}": value for section, fields in sections.items() for name, value in fields.items()}
    )


def at(recipe: bl.Recipe, parameters: dict[str, np.ndarray]) -> bl.Recipe:
    """The recipe with these parameters as its initial ones, without an update."""
    tree = recipe.as_dict()
    layers = range(1, len(recipe.layers))
    tree["parameters"] = {"weights": [parameters[f"W{l}"].tolist() for l in layers]}
    if recipe.network.biases:
        tree["parameters"]["biases"] = [parameters[f"b{l}"].tolist() for l in layers]
        tree["parameters"]["train_biases"] = recipe.parameters.train_biases
    tree["training"]["iterations"] = 0
    return bl.recipe(tree)


def data(recipe: bl.Recipe) -> dict[str, Sequence[Any]]:
    """The samples written in a recipe."""
    return {"inputs": recipe.data.inputs, "targets": recipe.data.targets}


def trained(trace: bl.Trace) -> list[str]:
    """The arrays of parameters that training changes."""
    kinds = "Wb" if trace.recipe.parameters.train_biases else "W"
    return [name for name in computed(trace) if name[0] in kinds]
