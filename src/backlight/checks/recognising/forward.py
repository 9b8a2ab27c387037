"""The first expression of a forward pass that is not what the network asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.recognising.functions import IDENTITY, Function, in_its_place
from backlight.checks.recognising.makers import maker, spot
from backlight.checks.recognising.reading import Reading, Readings, is_equal, same_up_to_order
from backlight.checks.recognising.samples import held_against
from backlight.recipes.functions import LOSSES
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.recognising.layers import Layer, Layers
    from backlight.checks.recognising.sums import Sums

    Array = NDArray[np.floating[Any]]

FORWARD = "forward-mistake"
FEW = 6
"""Of so few initial values those of one digit prove nothing."""


@dataclass(frozen=True)
class Wrong:
    """A wrong value of a forward pass.

    Attributes
    ----------
    quantity : str
        What belongs there: ``z1`` or ``a2``, or one number of it.
    how : str
        ``function``, ``bias``, ``extra_bias``, ``arrangement`` or ``value``.
    spot : Spot or None
    mistake : str
        In the catalogue.
    function, asked : Function
        What stands in the place of the activation, and the activation.
    """

    quantity: str
    how: str
    spot: Spot | None
    mistake: str = FORWARD
    function: Function = IDENTITY
    asked: Function = IDENTITY


# ---- layers that were found, but are not the recipe's ------------------------------------------------------


def deviation(readings: Readings, reading: Reading, start: Array) -> Wrong | None:
    """Why layers that were found are none that a recipe could ask for, or have the recipe's numbers in other places."""
    chain = reading.layers
    sums = readings.windows[0].sums if not chain else _window(readings, chain).sums
    recipe = readings.recipe
    for number, (layer, asked) in enumerate(zip(chain, readings.asked, strict=True), start=1):
        if recipe.network.biases and not layer.biased:
            return without_bias(sums, layer, number)
        if (
            not recipe.network.biases
            and layer.biased
            and (reading.network.recipe.network.biases or np.any(layer.biases))
        ):
            return Wrong(f"z{number}", "extra_bias", spot(sums, layer.events[0], f"z{number}"))
        if not layer.function.is_plain:
            return _wrong_function(sums, layer, number, asked)
    if is_misplaced(readings, reading, start):
        number, unit = _first_misplaced(reading, start)
        layer = chain[number - 1]
        event = layer.events[min(unit, len(layer.events) - 1)]
        if not _has_its_weights(reading, start, number, unit):
            event = _without_its_bias(_window(readings, chain).sums, event)
        quantity = f"z{number}" if len(layer.events) == 1 else label(recipe, f"z{number}", (0, unit))
        return Wrong(quantity, "arrangement", spot(sums, event, quantity))
    return None


def first_other_activation(readings: Readings, reading: Reading) -> Wrong:
    """The first layer whose activation is not that of the recipe."""
    sums = _window(readings, reading.layers).sums
    for number, (layer, asked) in enumerate(zip(reading.layers, readings.asked, strict=True), start=1):
        if layer.function != asked:
            return _wrong_function(sums, layer, number, asked)
    raise AssertionError


def _window(readings: Readings, chain: tuple[Layer, ...]) -> Layers:
    """The smallest window with all of a chain."""
    return readings.window(max((layer.event for layer in chain), default=0))


def _wrong_function(sums: Sums, layer: Layer, number: int, asked: Function) -> Wrong:
    quantity = f"a{number}"
    over_others = layer.function.over != "units"
    event = None if layer.function == IDENTITY else maker(sums, layer.a, layer.events[0], inside=over_others)
    if event is None and len(layer.events) > 1:
        event = maker(sums, layer.a[:, :1], layer.events[0])
    event = layer.event if event is None else event
    mistake = FORWARD
    if over_others:
        over = {"samples": "samples", "all": "batch"}[layer.function.over]
        mistake = "softmax-over-wrong-axis" + ("" if over == "samples" else f":over={over}")
    elif layer.function.within is not None and layer.function == Function(asked.name, asked.options, within=asked):
        mistake = f"{FORWARD}:layer={number},how=activated_twice"
    elif layer.function == IDENTITY:
        mistake = f"{FORWARD}:layer={number},how=not_activated"
    return Wrong(quantity, "function", spot(sums, event, quantity), mistake, layer.function, asked)


def without_bias(sums: Sums, layer: Layer, number: int) -> Wrong:
    """A sum of products that nothing is added to: where it is made, and not where its negative is taken."""
    made = [maker(sums, sign * layer.z, layer.first, inside=True) for sign in (1, -1)]
    event = min((one for one in made if one is not None), default=layer.events[0])
    where = spot(sums, min(event, layer.events[0]), f"z{number}")
    return Wrong(f"z{number}", "bias", where, f"{FORWARD}:how=without_bias")


def is_misplaced(readings: Readings, reading: Reading, start: Array) -> bool:
    """Whether a program has the recipe's initial values, all of them, and reads them in other places.

    Then all weights are among the recipe's numbers, but the network is another one. Numbers such as 0 and 1, or a
    single number, prove nothing.
    """
    precision = readings.timeline.precision
    room = ROUNDING[precision]
    telling = np.unique(start[np.round(start, 1) != start] if len(start) < FEW else start)
    if len(telling) < 2 or not readings.has_numbers(start):  # noqa: PLR2004
        return False
    if same_up_to_order(reading.network, reading.parameters, start, precision):
        return False
    mine = reading.network.arrays(reading.parameters)
    own = np.concatenate([array.ravel() for name, array in mine.items() if name[0] == "W" or reading.training])
    gaps = np.abs(own[:, None] - start[None, :])
    return bool(np.all(gaps.min(axis=1) <= room * np.abs(own)))


def _first_misplaced(reading: Reading, start: Array) -> tuple[int, int]:
    """Layer and unit of the first weights that are no unit's in the recipe."""
    mine, theirs = reading.network.arrays(reading.parameters), reading.network.arrays(start)
    for number in range(1, len(reading.network.recipe.layers)):
        wanted, own = ([some[f"W{number}"]] for some in (theirs, mine))
        if f"b{number}" in mine:
            wanted, own = [*wanted, theirs[f"b{number}"][None]], [*own, mine[f"b{number}"][None]]
        columns = np.sort(np.concatenate(wanted), axis=0).T
        for unit, column in enumerate(np.sort(np.concatenate(own), axis=0).T):
            if not np.any(np.all(np.isclose(columns, column, rtol=1e-6, atol=0), axis=1)):
                return number, unit
    return 1, 0


def _has_its_weights(reading: Reading, start: Array, number: int, unit: int) -> bool:
    """Whether the weights of a unit are those of some unit in the recipe, so that it is the bias that is another one."""
    mine, theirs = reading.network.arrays(reading.parameters), reading.network.arrays(start)
    columns, own = (np.sort(some[f"W{number}"], axis=0).T for some in (theirs, mine))
    return any(
        columns.shape[1] == len(own[unit]) and bool(np.allclose(one, own[unit], rtol=1e-6, atol=0)) for one in columns
    )


def _without_its_bias(sums: Sums, event: int) -> int:
    """Where the products of a sum are complete, if that is on another line than where the bias is added."""
    observation = sums.timeline.observation
    terms = [one.events for one in sums.of_event[event].terms] if event in sums.of_event else []
    lines = {one: observation.sites[int(observation.site[one])].line for one in (*sums.of_event, event)}
    earlier = [
        one
        for one, some in sums.of_event.items()
        if one < event and lines[one] != lines[event] and terms and [term.events for term in some.terms] == terms
    ]
    return min(earlier, default=event)


# ---- outputs that are activated once more ---------------------------------------------------------------


def wrong_output(readings: Readings, reading: Reading) -> Wrong | None:
    """What is held against the targets in place of the outputs: a function of them.

    What a loss does itself to the outputs, softmax or sigmoid, is no mistake.
    """
    if reading.training is None:
        return None
    first = reading.training.rounds[0]
    rows = sorted(set(first.passes[0]))
    network = reading.network
    outputs, targets = network.outputs(reading.parameters)[rows], network.targets[rows]
    layers = readings.window(first.last)
    held = list(held_against(layers.sums, targets, first.begin))
    if not held:
        return None
    asked = readings.asked[-1]
    inner = LOSSES[network.recipe.loss.name].inner
    right = [outputs, Function(inner)(outputs)] if inner else [outputs]
    room = ROUNDING[readings.timeline.precision]
    if any(is_equal(one, other, room) for one in held for other in right):
        return None
    number = len(network.recipe.layers) - 1
    units = range(outputs.shape[1] if outputs.shape[1] > 1 else 0)
    for function in in_its_place(asked):
        if function == IDENTITY or not function.is_plain:
            continue
        activated = function(outputs)
        for unit in (None, *units):
            column = activated if unit is None else activated[:, [unit]]
            a = activated if unit is None else np.where(np.arange(len(units)) == unit, activated, outputs)
            if np.all(np.round(column, 4) == column) or not any(is_equal(one, a, room) for one in held):
                continue
            event = maker(layers.sums, column, first.begin)
            quantity = f"a{number}" if unit is None else label(network.recipe, f"a{number}", (0, unit))
            whole = function if asked == IDENTITY else Function(function.name, function.options, within=asked)
            twice = function == asked and unit is None
            return Wrong(
                quantity,
                "function",
                None if event is None else spot(layers.sums, event, quantity),
                f"{FORWARD}:layer={number},how=activated_twice" if twice else FORWARD,
                whole,
                asked,
            )
    return None
