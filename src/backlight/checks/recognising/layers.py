"""The layers that a program computes: inputs, weights, biases, z and a of each, found in its own first pass.

A sum of products is a layer, or a unit of one, when some of its factors are what the layer before has computed (or the
samples) and f of it is seen later. No name is read, and no initial value needs to be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.recognising.affine import Affine, AffineReader
from backlight.checks.recognising.functions import IDENTITY, Function, in_its_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.sums import Sum, Sums

    Array = NDArray[np.floating[Any]]
    Inputs = tuple[tuple[int, ...], bytes]

MOST_LAYERS = 24
"""So many ways to begin each layer are followed."""
MOST_REST = 4
MOST_DEEP = 12
BLOCK = 128
"""So many sums are looked at before layers are put together of them."""


@dataclass(frozen=True)
class Layer:
    """One layer of a program at one time.

    Attributes
    ----------
    inputs, weights, biases, z, a : array
        (rows, k), (k, m), (m,), (rows, m), (rows, m).
    biased : bool
        Whether anything is added to the products.
    function : Function
    first : int
        Where the first products are.
    events : tuple of int
        Where z is shown: of all units at once, or of each.
    """

    inputs: Array
    weights: Array
    biases: Array
    z: Array
    a: Array
    biased: bool
    function: Function
    first: int
    events: tuple[int, ...]

    @property
    def event(self) -> int:
        """Where z is complete."""
        return max(self.events)


class Layers:
    """The layers among the first events of a program."""

    def __init__(self, sums: Sums, *, biased: bool) -> None:
        self.sums = sums
        self.timeline = sums.timeline
        self.room = ROUNDING[self.timeline.precision]
        self.biased = biased
        self.affine = AffineReader(sums.timeline)

    @cached_property
    def candidates(self) -> list[tuple[int, Sum]]:
        """Every sum of products once, in order."""
        seen, found = set(), []
        for event, some in self.sums.of_event.items():
            if not some.terms or len(some.rest) > MOST_REST:
                continue
            content = int(self.sums.content[self.timeline.observation.value[event]])
            key = content, tuple(one.events for one in some.terms), bool(some.rest)
            if key not in seen:
                seen.add(key)
                found.append((event, some))
        return found

    def chains(
        self, inputs: Array | None, sizes: Sequence[int] | None, asked: Sequence[Function]
    ) -> Iterator[list[Layer]]:
        """Networks that the program computes, complete ones only.

        Parameters
        ----------
        inputs : array, shape (samples, inputs), or None
            Samples to look for; None takes whatever is multiplied first.
        sizes : sequence of int, or None
            Units of each layer, inputs first; None takes any.
        asked : sequence of Function
            The activations to be tried first, one for each layer.
        """
        yield from self._chains(inputs, sizes, asked, [], -1)

    def _chains(
        self,
        inputs: Array | None,
        sizes: Sequence[int] | None,
        asked: Sequence[Function],
        before: list[Layer],
        after: int,
    ) -> Iterator[list[Layer]]:
        number = len(before)
        if number == (len(sizes) - 1 if sizes is not None else MOST_DEEP):
            yield before
            return
        functions = in_its_place(asked[min(number, len(asked) - 1)])
        if sizes is None:
            functions = [one for one in functions if one.is_plain and one.name != "leaky_relu"]
        size = None if sizes is None else (sizes[number], sizes[number + 1])
        found = False
        for layer in islice(self.layers(inputs, size, functions, after), MOST_LAYERS):
            for whole in self._chains(layer.a, sizes, asked, [*before, layer], layer.event):
                found = True
                yield whole
        if sizes is None and before and not found:
            yield before

    def layers(
        self, inputs: Array | None, size: tuple[int, int] | None, functions: Sequence[Function], after: int
    ) -> Iterator[Layer]:
        """One layer on these inputs: in one piece, or unit by unit; the first ones first."""
        whole: dict[tuple[Inputs, tuple[tuple[int, int], ...]], list[Affine]] = {}
        units: dict[Inputs, dict[tuple[tuple[int, int], ...], list[Affine]]] = {}
        candidates = [one for one in self.candidates if one[0] > after]
        seen = set()
        for first in range(0, len(candidates), BLOCK):
            for event, some in candidates[first : first + BLOCK]:
                for one in self.affine.of(event, some, inputs, None if size is None else size[0]):
                    key = one.inputs.shape, one.inputs.tobytes()
                    if (size is not None and one.weights.shape[1] == size[1]) or (
                        size is None and one.weights.shape[1] > 1
                    ):
                        whole.setdefault((key, one.products), []).append(one)
                    if one.weights.shape[1] == 1:
                        units.setdefault(key, {}).setdefault(one.products, []).append(one)
            found = [layer for some in whole.values() for layer in self._whole(some, functions)]
            for groups in units.values():
                found += self._of_units(list(groups.values()), size, functions)
            for layer in sorted(found, key=self._rank(functions)):
                numbers = layer.inputs.tobytes(), layer.weights.tobytes(), layer.biases.tobytes()
                told = *numbers, layer.biased, layer.function
                if told not in seen:
                    seen.add(told)
                    yield layer

    def like(self, layer: Layer) -> list[tuple[int, Array]]:
        """Every time that the first unit of a layer is computed at its place, with the inputs."""
        sites = self.timeline.observation.site
        place, width = sites[layer.events[0]], layer.inputs.shape[1]
        of_pass = {unit: number for number, unit in enumerate(layer.events)}
        found: list[tuple[int, Array]] = []
        chosen = None
        for event, some in self.candidates:
            if sites[event] != place or event < layer.events[0]:
                continue
            ways = list(self.affine.of(event, some, None, width))
            if chosen is None:
                same = (n for n, one in enumerate(ways) if np.array_equal(one.inputs, layer.inputs))
                chosen = next(same, None)
            if chosen is None:
                return found
            if event not in of_pass or of_pass[event] == 0:
                row = ways[chosen].inputs[0] if chosen < len(ways) and len(ways[chosen].inputs) == 1 else None
                if row is not None and not (found and np.array_equal(found[-1][1], row)):
                    found.append((event, row))
        return found

    def begins(self, inputs: Array | None, size: int | None) -> bool:
        """Whether sums of a first layer are in the first half of what is looked at: more events show nothing new."""
        return self._takes(inputs, size, self.sums.end / 2)

    def goes_on(self, outputs: Array) -> bool:
        """Whether sums of products are made of some outputs."""
        return self._takes(outputs, None, self.sums.end)

    def _takes(self, inputs: Array | None, size: int | None, until: float) -> bool:
        return any(
            event < until and next(self.affine.of(event, some, inputs, size), None) is not None
            for event, some in self.candidates
        )

    def units(self, inputs: Array, size: tuple[int, int], after: int) -> list[list[list[Affine]]]:
        """The sums of a layer on some inputs, whatever is made of them: for each set of inputs its units."""
        units: dict[Inputs, dict[tuple[tuple[int, int], ...], list[Affine]]] = {}
        for event, some in self.candidates:
            if event > after:
                for one in self.affine.of(event, some, inputs, size[0]):
                    if one.weights.shape[1] in {1, size[1]}:
                        units.setdefault((one.inputs.shape, one.inputs.tobytes()), {}).setdefault(
                            one.products, []
                        ).append(one)
        found = []
        for groups in units.values():
            together = list(groups.values())
            found.append(together[: self._together(together)])
        return found

    def _rank(self, functions: Sequence[Function]) -> Any:  # noqa: ANN401  a key to sort by
        order = {one: rank for rank, one in enumerate(functions)}
        return lambda layer: (layer.first, layer.biased != self.biased, order[layer.function], layer.event)

    def _whole(self, some: list[Affine], functions: Sequence[Function]) -> Iterator[Layer]:
        for one in some:
            yield from self._activated([one], functions, functions[0])

    def _of_units(
        self, groups: list[list[Affine]], size: tuple[int, int] | None, functions: Sequence[Function]
    ) -> Iterator[Layer]:
        """Units on the same inputs put together."""
        number = self._together(groups) if size is None else size[1]
        if len(groups) < number or number < 1:
            return
        groups = [sorted(group, key=lambda one: one.biased != self.biased) for group in groups[:number]]
        for function in functions:
            if function.name in {"softmax", "identity"}:
                for position in range(max(len(group) for group in groups)):
                    some = [group[min(position, len(group) - 1)] for group in groups]
                    yield from self._activated(some, [function], functions[0])
                continue
            chosen = [
                next((one for one in group if self.is_seen(function(one.z), one.event)), None) for group in groups
            ]
            if None not in chosen:
                yield from self._activated([one for one in chosen if one is not None], [function], functions[0])

    def _together(self, groups: list[list[Affine]]) -> int:
        """How many units follow each other without another sum of products between them."""
        own = {pair for group in groups for pair in group[0].products}
        others = [
            event
            for event, some in self.candidates
            if sum(term.left.shape[1] for term in some.terms) > 1 and not any(term.events in own for term in some.terms)
        ]
        begins = [min(pair[0] for pair in group[0].products) for group in groups]
        for number in range(1, len(groups)):
            if any(begins[number - 1] < other < begins[number] for other in others):
                return number
        return len(groups)

    def _activated(self, units: list[Affine], functions: Sequence[Function], asked: Function) -> Iterator[Layer]:
        """A layer with every function of its sums that is seen; another one than that asked for has to differ from it."""
        z = np.concatenate([one.z for one in units], axis=1)
        right = asked(z)
        for function in functions:
            if function.over != "units" and len(z) == 1:
                continue
            a = function(z)
            told = function == asked or not (
                np.all(np.round(a, 4) == a) or np.array_equal(a, right) or np.array_equal(a, z)
            )
            if function == IDENTITY or (told and self.is_seen(a, units[0].event)):
                yield Layer(
                    inputs=units[0].inputs,
                    weights=np.concatenate([one.weights for one in units], axis=1),
                    biases=np.concatenate([one.biases for one in units]),
                    z=z,
                    a=a,
                    biased=any(one.biased for one in units),
                    function=function,
                    first=min(one.products[0][0] for one in units),
                    events=tuple(one.event for one in units),
                )

    def is_seen(self, a: Array, after: int) -> bool:
        """Whether outputs of a layer are among what is seen later: together, unit by unit, or one by one."""
        numbers = self._numbers(after)
        if a.size > 1 and numbers.has_array(a, self.room * float(np.abs(a).max())):
            return True
        if len(a) == 1:
            return bool(numbers.has_each(a, self.room * np.abs(a)).all())
        columns = a.T if a.shape[1] > 1 else ()
        return len(columns) > 0 and all(numbers.has_array(one, self.room * float(np.abs(one).max())) for one in columns)

    def _numbers(self, after: int) -> Any:  # noqa: ANN401
        """What was seen after a time, in steps so that few are made."""
        begin = max(after - after % 64, 0)
        known = self.__dict__.setdefault("_known", {})
        if begin not in known:
            known[begin] = self.timeline.numbers(begin, self.sums.end)
        return known[begin]
