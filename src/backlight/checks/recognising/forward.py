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
    from backlight.checks.recognising.affine import Affine
    from backlight.checks.recognising.layers import Layer, Layers
    from backlight.checks.recognising.sums import Sum, Sums

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
            return _without_bias(sums, layer, number)
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


def _without_bias(sums: Sums, layer: Layer, number: int) -> Wrong:
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
    for function in in_its_place(asked):
        if function == IDENTITY or not function.is_plain:
            continue
        a = function(outputs)
        if not np.all(np.round(a, 4) == a) and any(is_equal(one, a, room) for one in held):
            event = maker(layers.sums, a, first.begin)
            number = len(network.recipe.layers) - 1
            whole = function if asked == IDENTITY else Function(function.name, function.options, within=asked)
            twice = function == asked
            return Wrong(
                f"a{number}",
                "function",
                None if event is None else spot(layers.sums, event, f"a{number}"),
                f"{FORWARD}:layer={number},how=activated_twice" if twice else FORWARD,
                whole,
                asked,
            )
    return None


# ---- a pass that begins rightly and goes on otherwise ------------------------------------------------------


def wrong_forward(readings: Readings, start: Array) -> Wrong | None:
    """Follow the layers as far as they are right; then what the program does with the last one is wrong."""
    for layers in readings.windows:
        chain = _longest(readings, layers)
        for depth, layer in enumerate(chain, start=1):
            if readings.recipe.network.biases and not layer.biased:
                return _without_bias(layers.sums, layer, depth)
        number = len(chain) + 1
        inputs = chain[-1].a if chain else readings.network.inputs
        after = chain[-1].event if chain else -1
        wrong = _next(readings, layers, start, number, inputs, after)
        if wrong is not None or layers.begins(readings.network.inputs, readings.recipe.layers[0]):
            return wrong
    return None


def _longest(readings: Readings, layers: Layers) -> list[Layer]:
    sizes = readings.recipe.layers
    for depth in range(len(sizes) - 1, 0, -1):
        chain = next(layers.chains(readings.network.inputs, sizes[: depth + 1], readings.asked), None)
        if chain is not None and all(
            layer.function == asked for layer, asked in zip(chain, readings.asked, strict=False)
        ):
            return chain
    return []


def _next(  # noqa: PLR0917  what was read, and from where to go on
    readings: Readings, layers: Layers, start: Array, number: int, inputs: Array, after: int
) -> Wrong | None:
    """What is wrong in a layer whose inputs are right."""
    size = readings.recipe.layers[number - 1], readings.recipe.layers[number]
    units = layers.units(inputs, size, after)
    asked = readings.asked[number - 1]
    for groups in units:
        if len(groups) >= size[1] or groups[0][0].z.shape[1] == size[1]:
            return _wrong_unit(readings, layers, number, groups[: size[1]], asked)
    return _wrong_sum(readings, layers, start, number, inputs, after, [one for groups in units for one in groups])


def _wrong_unit(
    readings: Readings, layers: Layers, number: int, groups: list[list[Affine]], asked: Function
) -> Wrong | None:
    """The first unit whose activation is another one, or something else."""
    for unit, alike in enumerate(groups):
        group = sorted(alike, key=lambda one: one.biased != layers.biased)
        if any(layers.is_seen(asked(one.z), one.event) for one in group):
            continue
        z = group[0]
        whole = z.z.shape[1] > 1 or len(groups) == 1 == readings.recipe.layers[number]
        quantity = f"a{number}" if whole else label(readings.recipe, f"a{number}", (0, unit))
        for function in in_its_place(asked)[1:]:
            a = function(z.z)
            if function != IDENTITY and not np.all(np.round(a, 4) == a) and layers.is_seen(a, z.event):
                event = maker(layers.sums, a, z.event)
                if event is not None:
                    return Wrong(quantity, "function", spot(layers.sums, event, quantity), FORWARD, function, asked)
        return _not_activated(layers, z, quantity, asked, final=number == len(readings.asked))
    return None


def _not_activated(layers: Layers, z: Affine, quantity: str, asked: Function, *, final: bool) -> Wrong | None:
    """What is made of a sum in place of its activation: what the next layer or the loss uses."""
    sums = layers.sums
    handed = _handed_on(sums, z)
    event = _consumer(sums, z, final=final) if handed is None else handed
    if event is None:
        return None
    value = sums.timeline.value(event)
    for function in (IDENTITY, *in_its_place(asked)[1:]):
        if is_equal(value.reshape(z.z.shape), function(z.z), layers.room):
            return Wrong(quantity, "function", spot(sums, event, quantity), FORWARD, function, asked)
    return Wrong(quantity, "value", spot(sums, event, quantity), FORWARD, IDENTITY, asked)


def _handed_on(sums: Sums, z: Affine) -> int | None:
    """Where a sum gets another name before anything is computed of it: ``out_h1 = in_h1``."""
    observation = sums.timeline.observation
    content = sums.content[observation.value[z.event]]
    here = observation.sites[int(observation.site[z.event])]
    names = 0
    for event in range(z.event + 1, min(z.event + 40, sums.end)):
        site = observation.sites[int(observation.site[event])]
        if sums.content[observation.value[event]] != content:
            if names == 0 and site.kind in {"name", "constant"}:
                continue
            return None
        if site.kind == "argument":
            return None
        names += site.kind == "store"
        if site.kind == "store" and site.statement != here.statement:
            return event
    return None


def _consumer(sums: Sums, z: Affine, *, final: bool) -> int | None:
    """The statement that makes something of the same size of a sum, over several steps to what is used at the end.

    Of the outputs a step that takes something from them, the loss or its derivative, is none of these.
    """
    event = _user(sums, z.event, z.z.size)
    while final and event is not None:
        later = _user(sums, event, z.z.size)
        if later is None or _has_difference(sums, later, event):
            break
        event = later
    return event


def _has_difference(sums: Sums, later: int, event: int) -> bool:
    """Whether a statement takes something from a value, or the value from it."""
    values = sums.timeline.observation.value
    content = sums.content[values[event]]
    return any(
        event < one <= later and content in {sums.content[values[left]], sums.content[values[right]]}
        for one, left, right in sums.differences
    )


def _user(sums: Sums, made: int, size: int) -> int | None:
    """The first statement after an event that computes something of a size of its value."""
    observation = sums.timeline.observation
    content = sums.content[observation.value[made]]
    reads: set[int] = set()
    for event in range(made + 1, min(made + 400, sums.end)):
        site = int(observation.site[event])
        if sums.content[observation.value[event]] == content:
            if observation.sites[site].kind in {"name", "attribute", "item", "call", "operation"}:
                reads.add(site)
            continue
        if not sums.timeline.computes[site] or observation.sites[site].parent >= 0:
            continue
        if observation.sites[site].kind == "store":
            continue
        if sums.timeline.value(event).size == size and not reads.isdisjoint({site, *sums.timeline.parts(site)}):
            return event
    return None


def _wrong_sum(  # noqa: PLR0917  the same, and the sums that were made
    readings: Readings,
    layers: Layers,
    start: Array,
    number: int,
    inputs: Array,
    after: int,
    right: list[list[Affine]],
) -> Wrong | None:
    """The first sum with some factors of this layer that is none of its sums."""
    weights = readings.network.arrays(start)[f"W{number}"]
    known = {one.products for group in right for one in group}
    sites = layers.timeline.observation.site
    best: tuple[tuple[int, int, int], int, Sum] | None = None
    for event, some in layers.candidates:
        products = tuple(term.events for term in some.terms)
        if event <= after or products in known or layers.sums.kinds[sites[event]] == "neg":
            continue
        taken, given = _overlap(some, inputs, layers.room), _overlap(some, weights, layers.room)
        terms = max(sum(term.left.shape[1] for term in some.terms), 1)
        if any(set(products) < set(one) for one in known):
            continue
        if not taken or not given or terms > inputs.shape[1] + 1:
            continue
        worth = min(terms, inputs.shape[1]), taken + given, len(some.rest)
        if best is None or worth[:2] > best[0][:2] or (worth > best[0] and products == _products(best[2])):
            best = worth, event, some
    if best is None:
        return None
    quantity = f"z{number}"
    if right and len(right) < weights.shape[1]:
        missing = _missing_unit(right, weights, layers.room)
        quantity = quantity if missing is None else label(readings.recipe, quantity, (0, missing))
    return Wrong(quantity, "value", spot(layers.sums, best[1], quantity))


def _products(some: Sum) -> tuple[tuple[int, int], ...]:
    return tuple(term.events for term in some.terms)


def _overlap(some: Sum, numbers: Array, room: float) -> int:
    """How many factors of a sum are numbers of an array that are no 0 and no 1."""
    known = np.unique(numbers[~np.isin(numbers, (0, 1, -1))])
    if not known.size:
        return 0
    factors = np.concatenate([np.concatenate([term.left.ravel(), term.right.ravel()]) for term in some.terms])
    if factors.size > 100_000:  # noqa: PLR2004
        return 0
    position = np.clip(np.searchsorted(known, factors), 0, len(known) - 1)
    before = np.clip(position - 1, 0, len(known) - 1)
    gap = np.minimum(np.abs(known[position] - factors), np.abs(known[before] - factors))
    return int(np.sum(gap <= room * np.abs(factors)))


def _missing_unit(right: list[list[Affine]], weights: Array, room: float) -> int | None:
    """The unit of the recipe of which no sum was found."""
    for unit, column in enumerate(weights.T):
        if not any(np.all(np.abs(group[0].weights[:, 0] - column) <= room * np.abs(column)) for group in right):
            return unit
    return None
