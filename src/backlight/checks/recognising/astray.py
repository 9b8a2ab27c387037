"""A forward pass that begins rightly and goes astray: the first expression behind layers that are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.forward import FORWARD, Wrong, without_bias
from backlight.checks.recognising.functions import IDENTITY, Function, in_its_place
from backlight.checks.recognising.makers import maker, spot
from backlight.checks.recognising.reading import Readings, is_equal
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.affine import Affine
    from backlight.checks.recognising.layers import Layer, Layers
    from backlight.checks.recognising.sums import Sum, Sums

    Array = NDArray[np.floating[Any]]


def wrong_forward(readings: Readings, start: Array) -> Wrong | None:
    """Follow the layers as far as they are right; then what the program does with the last one is wrong."""
    for layers in readings.windows:
        chain = _longest(readings, layers)
        for depth, layer in enumerate(chain, start=1):
            if readings.recipe.network.biases and not layer.biased:
                return without_bias(layers.sums, layer, depth)
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
