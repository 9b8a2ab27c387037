"""A forward pass with one slip: a factor, a term, an input, a weight or a bias is left out or is another one.

The inputs of a layer may be another quantity of the layers before it, though the right one is there: what is not
activated, or what is one layer further back.

Each slip is made in the recipe's own network, at its initial values and on its samples. It is what a program does if the
program shows the outputs of that network; the first expression that has the slipped value is where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.forward import FORWARD, Wrong
from backlight.checks.recognising.functions import Function
from backlight.checks.recognising.makers import maker, spot
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.layers import Layers
    from backlight.checks.recognising.reading import Readings

    Array = NDArray[np.floating[Any]]

SMALL = 80
"""In networks of so many parameters slips in a single term are looked for too."""
FEW = 3
MOST_SINGLE = 12
"""So many samples are tried one by one."""
APART = 1e-6
"""Outputs that differ by less, relative to the largest, prove nothing."""


@dataclass(frozen=True)
class Slip:
    """The pre-activations of one layer, with a slip in all units or in one.

    Attributes
    ----------
    unit : int or None
        None for all of them.
    how : str
        ``without_bias`` where that is all; else empty.
    inputs : array or None
        The right inputs, where the slip is that others are taken: they have to be there by then.
    """

    z: Array
    unit: int | None = None
    how: str = ""
    inputs: Array | None = None


def slipped(readings: Readings, start: Array, *, behind: int = 0) -> Wrong | None:
    """The slip that a program's forward pass has; None if it is no such one.

    Of what stands behind a first pass that is right, it has to be at a place in the source that moves.
    """
    asked = [Function.of(choice) for choice in readings.recipe.activations]
    arrays = readings.network.arrays(start)
    inputs = readings.network.inputs
    singles = sorted(range(len(inputs)), key=lambda row: int(np.sum(inputs[row] == 0)))
    for x in (inputs, *(inputs[[row]] for row in singles[:MOST_SINGLE])):
        passed = _Passed(asked, arrays, x, behind)
        for layers in readings.windows:
            found = passed.seen_in(layers, readings)
            if found is not None:
                return found
    return None


class _Passed:
    """One pass of a network, right and with slips."""

    def __init__(self, asked: Sequence[Function], arrays: dict[str, Array], x: Array, behind: int) -> None:
        self.asked, self.arrays, self.x, self.behind = asked, arrays, x, behind
        self.right = self._from(0, x)
        self.is_small = sum(array.size for array in arrays.values()) <= SMALL

    def seen_in(self, layers: Layers, readings: Readings) -> Wrong | None:
        """The first slip whose outputs a program shows."""
        for number, slip, outputs in self._tried(layers):
            far = np.abs(outputs - self.right) > APART * np.abs(self.right).max()
            if not far.any() or _is_round(outputs) or not layers.is_seen(outputs, self.behind):
                continue
            event = self._made(layers, number, slip)
            if event is None:
                continue
            quantity = f"z{number}"
            if slip.unit is not None:
                quantity = label(readings.recipe, quantity, (0, slip.unit))
            mistake = f"{FORWARD}:how={slip.how}" if slip.how else FORWARD
            return Wrong(quantity, "bias" if slip.how else "value", spot(layers.sums, event, quantity), mistake)
        return None

    def _made(self, layers: Layers, number: int, slip: Slip) -> int | None:
        """Where the slipped sums are made; where they are no more than 0 or 1, what is made of them.

        A sum that is only seen with the other sign is that of another slip: 1 - a is the sigmoid of -z.
        """
        column = [slip.unit or 0]
        a = self.asked[number - 1](slip.z)
        ways = [slip.z, slip.z[:, column]] if slip.unit is None else [slip.z[:, column], slip.z]
        for way in (*ways, a, a[:, column]):
            if not np.all(np.isin(way, (0, 0.5, 1))):
                event = maker(layers.sums, way, self.behind)
                if event is not None:
                    return event if self._is_slip(layers, slip, event) else None
        return None

    def _is_slip(self, layers: Layers, slip: Slip, event: int) -> bool:
        """Whether an event that has slipped sums is where they are made, and has its right inputs before it."""
        site = layers.timeline.observation.site[event]
        stays = self.behind > 0 and not layers.timeline.moves[site]
        if stays or layers.sums.kinds[site] == "neg":
            return False
        if slip.inputs is None:
            return True
        whole = maker(layers.sums, slip.inputs, self.behind)
        made = [whole]
        if whole is None or whole >= event:  # they may be put together later
            made = [maker(layers.sums, column[:, None], self.behind) for column in slip.inputs.T]
        return all(one is not None and one < event for one in made)

    def _tried(self, layers: Layers) -> Iterator[tuple[int, Slip, Array]]:
        """Each slip in a layer whose inputs are seen, with the number of the layer and the outputs of the network."""
        for kind in range(len(list(_of_all(self.x, *self._of(1))))):
            yield from self._everywhere(kind)
        for slips in (self._of_layer, self._of_inputs, self._of_units):
            a = self.x
            for number in range(1, len(self.asked) + 1):
                for slip in slips(number, a):
                    yield number, slip, self._from(number, self.asked[number - 1](slip.z))
                a = self._layer(number, a)
                if not layers.is_seen(a, 0):
                    break

    def _everywhere(self, kind: int) -> Iterator[tuple[int, Slip, Array]]:
        """The same slip in every layer, as a function makes it that all of them share."""
        a = self.x
        first: Slip | None = None
        for number, function in enumerate(self.asked, start=1):
            ways = list(_of_all(a, *self._of(number)))
            if kind >= len(ways) or ways[kind].z.shape[1] != self.arrays[f"W{number}"].shape[1]:
                return
            first = ways[kind] if first is None else first
            a = function(ways[kind].z)
        if first is not None:
            yield 1, first, a

    def _of_layer(self, number: int, a: Array) -> Iterator[Slip]:
        """Slips in all units of a layer."""
        weights, biases = self._of(number)
        yield from _of_all(a, weights, biases)
        for name, other in self.arrays.items():
            if name[0] == "b" and name != f"b{number}" and other.size in {1, weights.shape[1]}:
                yield Slip(a @ weights + other)

    def _of_inputs(self, number: int, a: Array) -> Iterator[Slip]:
        """Other inputs of a layer: sums and activations of the layers before it, and the samples."""
        weights, biases = self._of(number)
        before = self.x
        for earlier in range(1, number):
            own, bias = self._of(earlier)
            z = before @ own + bias
            for other in (before, z):
                if other.shape == a.shape:
                    yield Slip(other @ weights + biases, inputs=a)
                    yield from self._of_inputs_of_units(number, a, other)
            before = self.asked[earlier - 1](z)

    def _of_inputs_of_units(self, number: int, a: Array, other: Array) -> Iterator[Slip]:
        """Other inputs of one unit, all of them or one, in small networks."""
        weights, biases = self._of(number)
        right = a @ weights + biases
        for unit in range(weights.shape[1] if self.is_small and weights.shape[1] > 1 else 0):
            yield replace(_with(right, unit, other @ weights[:, unit] + biases[unit]), inputs=a)
            for term, w in enumerate(weights[:, unit] if len(weights) > 1 else ()):
                column = right[:, unit] + (other[:, term] - a[:, term]) * w
                yield replace(_with(right, unit, column), inputs=a)

    def _of_units(self, number: int, a: Array) -> Iterator[Slip]:
        """Slips in one term of one unit, in small networks."""
        weights, biases = self._of(number)
        for unit in range(weights.shape[1] if self.is_small else 0):
            yield from self._of_unit(a, weights, biases, unit)

    def _of_unit(self, a: Array, weights: Array, biases: Array, unit: int) -> Iterator[Slip]:
        right = a @ weights + biases
        others = np.unique(np.concatenate([array.ravel() for name, array in self.arrays.items() if name[0] == "W"]))
        for term in range(len(weights)):
            x, w = a[:, term], weights[term, unit]
            instead = [np.zeros_like(x), -x * w, x, np.full_like(x, w)]
            instead += [a[:, other] * w for other in range(a.shape[1]) if other != term]
            instead += [x * other for other in others.tolist() if other != w]
            for one in instead:
                yield _with(right, unit, right[:, unit] - x * w + one)
        for other in np.unique(
            [0.0, *(value for name in self.arrays if name[0] == "b" for value in self.arrays[name])]
        ):
            if other != biases[unit]:
                yield _with(right, unit, right[:, unit] - biases[unit] + other)

    def _of(self, number: int) -> tuple[Array, Array]:
        weights = self.arrays[f"W{number}"]
        return weights, self.arrays.get(f"b{number}", np.zeros(weights.shape[1]))

    def _layer(self, number: int, a: Array) -> Array:
        weights, biases = self._of(number)
        return self.asked[number - 1](a @ weights + biases)

    def _from(self, number: int, a: Array) -> Array:
        """The outputs, from the activations of a layer on."""
        for later in range(number + 1, len(self.asked) + 1):
            a = self._layer(later, a)
        return a


def _of_all(a: Array, weights: Array, biases: Array) -> Iterator[Slip]:
    """Slips that stand in every unit of a layer alike."""
    if biases.any():
        yield Slip(a @ weights, how="without_bias")
    yield Slip(a.sum(axis=1, keepdims=True) + np.zeros(weights.shape[1]) + biases)
    yield Slip(np.zeros((len(a), 1)) + weights.sum(axis=0) + biases)
    for term in dict.fromkeys((len(weights) - 1, 0)):
        yield Slip(a[:, [term]] * weights[term] + biases)


def _is_round(outputs: Array) -> bool:
    """Whether the outputs of a sample are numbers that may stand anywhere; those of several samples are seen together."""
    round_ = np.round(outputs, 4) == outputs
    return bool(round_.any() if len(outputs) == 1 else round_.all() and outputs.shape[1] == 1 and len(outputs) < FEW)


def _with(right: Array, unit: int, column: Array) -> Slip:
    """The pre-activations with another column."""
    z = right.copy()
    z[:, unit] = column
    return Slip(z, unit)
