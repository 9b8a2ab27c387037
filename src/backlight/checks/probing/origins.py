"""Where a program's initial values come from: the literals, and the calls that draw or build arrays.

They are found by their values, and by the identity of the array or list that holds them, never by their names. What is
found may be wrong where several things have one value: the program that is run again says so, for then its outputs are
not those of the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.readers import Readers
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.intp]

MAKES = {"constant", "call", "operation"}
"""Kinds of expressions that make a value."""


@dataclass(frozen=True)
class Origins:
    """For each parameter the event that made its initial value, where in the event's value, and with which sign.

    Attributes
    ----------
    events, entries, signs : array of int, shape (parameters,)
        The event is -1 where none was found.
    """

    timeline: Timeline
    events: Indices
    entries: Indices
    signs: Indices

    @cached_property
    def places(self) -> Indices:
        """A number for each parameter, equal for two that come from one number of the program; -1 for none."""
        keys = np.stack([self.events, self.entries], axis=1)
        _some, numbers = np.unique(keys, axis=0, return_inverse=True)
        return np.where(self.events < 0, -1, numbers.ravel())

    @property
    def found(self) -> bool:
        """Whether there is anything to change."""
        return bool((self.events >= 0).any())

    def instead(self, parameters: Array) -> dict[int, dict[int, list[float]]]:
        """What must stand at which site, in which of its evaluations, to begin with these parameters."""
        made: dict[int, dict[int, list[float]]] = {}
        for event in np.unique(self.events[self.events >= 0]):
            mine = self.events == event
            numbers = np.full(self.timeline.value(int(event)).size, np.nan)
            numbers[self.entries[mine]] = parameters[mine] * self.signs[mine]
            site = int(self.timeline.observation.site[event])
            turn = int(np.searchsorted(self.timeline.of_site[site], event))
            made.setdefault(site, {})[turn] = numbers.tolist()
        return made


def origins(timeline: Timeline, readers: Readers) -> Origins:
    """Find where the parameters that a first pass reads were made."""
    search = _Search(timeline, int(readers.events.max()))
    events, entries = np.full(len(readers.events), -1), np.zeros(len(readers.events), int)
    for event in dict.fromkeys(readers.events.tolist()):
        mine = np.flatnonzero(readers.events == event)
        whole = search.whole(event)
        if whole is not None:
            events[mine], entries[mine] = whole, readers.entries[mine]
    left = np.flatnonzero(events < 0)
    numbers = [timeline.value(int(readers.events[one])).ravel()[readers.entries[one]] for one in left]
    names = [timeline.observation.sites[int(readers.sites[one])].source for one in left]
    for one, found in zip(left, search.one_by_one(numbers, names), strict=True):
        events[one], entries[one] = found
    return Origins(timeline, events, entries, readers.signs)


class _Search:
    """What was made before a time."""

    def __init__(self, timeline: Timeline, time: int) -> None:
        self.timeline = timeline
        observation = timeline.observation
        makes = np.array([site.kind in MAKES for site in observation.sites], dtype=bool)
        rebinds = timeline.stores & timeline.computes
        self.made = np.flatnonzero((makes | rebinds)[observation.site[:time]])

    def whole(self, event: int) -> int | None:
        """Where the array or list of an event was made: the first time that it had these contents."""
        observation = self.timeline.observation
        before = self.made[self.made < event]
        same = observation.value[before] == observation.value[event]
        if observation.object[event] >= 0:
            itself = before[same & (observation.object[before] == observation.object[event])]
            if len(itself):
                return int(itself[0])
        value = self.timeline.value(event)
        if value.size > 1 and np.ptp(value) > 0 and same.any():
            return int(before[same][0])
        return None

    def one_by_one(self, numbers: list[float], names: list[str]) -> Iterator[tuple[int, int]]:
        """Where single numbers were made, each at a place of its own where there are enough; (-1, 0) for none.

        Of several with one value those are the likeliest whose statement gives a variable of that name its value.
        """
        used: set[int] = set()
        stores = self._stores
        for number, name in zip(numbers, names, strict=True):
            some = self._events_of(number)
            if number == 0:  # there are many of them
                some = [event for event in some if self._statement(event) in stores.get(name, ())]
            if not some:
                yield self._in_arrays(number) if number else (-1, 0)
                continue
            best = min(
                some, key=lambda event: (self._statement(event) not in stores.get(name, ()), event in used, event)
            )
            used.add(best)
            yield best, 0

    @cached_property
    def _singles(self) -> tuple[Indices, Array]:
        numbers = self.timeline.scalars[self.made]
        there = ~np.isnan(numbers)
        return self.made[there], numbers[there]

    def _events_of(self, number: float) -> list[int]:
        events, numbers = self._singles
        return [int(one) for one in events[numbers == number]]

    def _in_arrays(self, number: float) -> tuple[int, int]:
        """The first array that was made with this number in it."""
        for event in self.made:
            value = self.timeline.value(int(event))
            if value.size > 1 and len(where := np.flatnonzero(value.ravel() == number)):
                return int(event), int(where[0])
        return -1, 0

    def _statement(self, event: int) -> int:
        return self.timeline.observation.sites[int(self.timeline.observation.site[event])].statement

    @cached_property
    def _stores(self) -> dict[str, set[int]]:
        """The statements that give a value to a variable, by its name as it is written."""
        found: dict[str, set[int]] = {}
        for site in self.timeline.observation.sites:
            if site.kind == "store":
                found.setdefault(site.name, set()).add(site.statement)
        return found
