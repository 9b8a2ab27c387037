"""What does a place in the source show? The quantities of the network, in any form that a program may keep them.

A value shows a quantity when it is the whole of it, either way round, or the row of a sample, or one entry, times a
factor that programs carry along on purpose: the 1/N of a mean that is divided out later, the 2 of a square, a sign. What
a place shows it must show in every update looked at, with the same factor.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]


MOST_ENTRIES = 64
"""A number that may stand for more entries than so many, as a zero, says nothing about one of them."""


class Form(NamedTuple):
    """How a value shows a quantity: times a factor, turned or not, and which entry or row if not the whole."""

    factor: float
    turned: bool
    entry: tuple[int, ...] | None

    def of(self, quantity: Array) -> Array:
        """The quantity in this form."""
        part = quantity if self.entry is None else np.asarray(quantity[self.entry])
        return self.factor * (part.T if self.turned else part)


WHOLE = Form(1.0, turned=False, entry=None)
"""A quantity as it is."""


class Match(NamedTuple):
    """A quantity that a place shows."""

    quantity: str
    form: Form


def usual_factors(recipe: Recipe, samples: int) -> tuple[float, ...]:
    """The factors that programs carry along from one quantity to the next, the plainest first."""
    units = recipe.layers[-1]
    own = {
        "mean_squared_error": (1.0, units / 2, float(units), 0.5),
        "mean_absolute_error": (1.0, float(units)),
        "huber": (1.0, float(units)),
        "binary_cross_entropy": (1.0, float(units)),
        "sigmoid_binary_cross_entropy": (1.0, float(units)),
    }.get(recipe.loss.name, (1.0,))
    over = (1.0, float(samples)) if recipe.loss.over_samples == "mean" else (1.0,)
    return tuple(dict.fromkeys(sign * one * many for many in over for one in own for sign in (1.0, -1.0)))


class Quantities:
    """The numbers of some quantities in a few updates, to be found again in a program.

    Parameters
    ----------
    updates : sequence of mapping of str to array
        The same names in each.
    factors : tuple of float
        Which factors a value may have; `Form.factor` is one of them.
    room : float or None
        How far a value may be off, beside its size; None for a few roundings.
    """

    def __init__(
        self,
        timeline: Timeline,
        updates: Sequence[Mapping[str, Array]],
        factors: tuple[float, ...],
        room: float | None = None,
    ) -> None:
        self.timeline, self.updates, self.factors = timeline, updates, factors
        self.room = 10 * ROUNDING[timeline.precision] if room is None else room
        self._of_size: dict[int, tuple[list[Match], Array, Array]] = {}
        self._found: dict[tuple[int, ...], tuple[Match, ...]] = {}

    def shown(self, events: Sequence[int]) -> tuple[Match, ...]:
        """What the values at some events show, one event in each update."""
        values = tuple(int(self.timeline.observation.value[event]) for event in events)
        if values not in self._found:
            self._found[values] = self.matches([self.timeline.values[value] for value in values])
        return self._found[values]

    def matches(self, values: Sequence[Array]) -> tuple[Match, ...]:
        """What some numbers are, those of each update."""
        return tuple(self._matches(values))

    def shown_in_any_order(
        self, event: int, others: Sequence[Sequence[int]]
    ) -> Iterator[tuple[Match, tuple[int, ...]]]:
        """What an event shows in the first update, and one of some events in each other update with it."""
        number = self.timeline.observation.value
        for match in self.shown((event,)):
            found = []
            for update, events in zip(self.updates[1:], others, strict=True):
                same = (one for one in events if self._shows(self.timeline.values[number[one]], match, update))
                found.append(next(same, None))
            if None not in found:
                yield match, tuple(one for one in found if one is not None)

    def _matches(self, values: Sequence[Array]) -> Iterator[Match]:
        first, *others = values
        if not first.size or not np.isfinite(first).all():
            return
        for match in self._candidates(first):
            if all(self._shows(value, match, update) for value, update in zip(others, self.updates[1:], strict=False)):
                yield match

    def _shows(self, value: Array, match: Match, update: Mapping[str, Array]) -> bool:
        """Whether a value is that quantity in an update: batches may be of different sizes."""
        whole = update[match.quantity]
        if any(index >= size for index, size in zip(match.form.entry or (), whole.shape, strict=False)):
            return False
        return self._agree(value, match.form.of(whole), whole)

    def _agree(self, value: Array, wanted: Array, whole: Array) -> bool:
        if value.size != wanted.size:
            return False
        room = self.room * self._size(wanted, whole)
        with np.errstate(all="ignore"):
            return bool(np.all(np.abs(value.ravel() - wanted.ravel()) <= room))

    @staticmethod
    def _size(wanted: Array, whole: Array) -> float:
        """The size of numbers, of a part of an array not less than a little of the whole."""
        size = float(np.max(np.abs(wanted), initial=0.0))
        if 1 < wanted.size < whole.size:
            size = max(size, 1e-3 * float(np.max(np.abs(whole))))
        return size

    def _candidates(self, value: Array) -> Iterator[Match]:
        """What a value may show in the first update."""
        forms, firsts, rooms = self._forms(value.size)
        if forms:
            near = np.abs(firsts - float(value.flat[0])) <= rooms
            for position in np.flatnonzero(near):
                match = forms[position]
                whole = self.updates[0][match.quantity]
                if self._agree(value, match.form.of(whole), whole):
                    yield match
        if value.size == 1:
            yield from self._entries(value.item())

    def _forms(self, size: int) -> tuple[list[Match], Array, Array]:
        """Everything of a size that a value may show: the first number of each, and how far from it a value may be."""
        if size not in self._of_size:
            update = self.updates[0]
            forms = [Match(name, form) for name, one in update.items() if one.size == size for form in self._whole(one)]
            if size > 1:
                forms += [Match(name, form) for name, one in update.items() for form in self._rows(one, size)]
            first, rooms = [], []
            for match in forms:
                whole = update[match.quantity]
                wanted = match.form.of(whole)
                first.append(float(wanted.flat[0]))
                rooms.append(self.room * self._size(wanted, whole))
            self._of_size[size] = forms, np.array(first), np.array(rooms)
        return self._of_size[size]

    def _whole(self, quantity: Array) -> Iterator[Form]:
        for turned in (False, True) if quantity.ndim == 2 and min(quantity.shape) > 1 else (False,):  # noqa: PLR2004
            for factor in self.factors:
                yield Form(factor, turned, None)

    def _rows(self, quantity: Array, size: int) -> Iterator[Form]:
        if quantity.ndim == 2 and len(quantity) > 1 and quantity.shape[1] == size:  # noqa: PLR2004
            for factor in self.factors:
                for row in range(len(quantity)):
                    yield Form(factor, turned=False, entry=(row,))

    def _entries(self, number: float) -> Iterator[Match]:
        numbers, names = self._numbers
        for factor in self.factors:
            near = np.flatnonzero(np.abs(factor * numbers - number) <= self.room * np.abs(number))
            for position in near if len(near) <= MOST_ENTRIES else ():
                name, entry = names[position]
                yield Match(name, Form(factor, turned=False, entry=entry))

    @cached_property
    def _numbers(self) -> tuple[Array, list[tuple[str, tuple[int, ...]]]]:
        """Every entry of arrays with several, with its place."""
        numbers, names = [], []
        for name, array in self.updates[0].items():
            if array.size > 1:
                for entry in np.ndindex(array.shape):
                    numbers.append(float(array[entry]))
                    names.append((name, entry))
        return np.array(numbers), names
