"""Where a program's initial values come from: the literals, and the calls that draw or build arrays.

They are found by their values, and by the identity of the array or list that holds them, never by their names. What is
found may be wrong where several things have one value: the program that is run again says so, for then its outputs are
not those of the network.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

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

    @property
    def doubtful(self) -> set[int]:
        """The events whose number was made at other places too."""
        observation, numbers = self.timeline.observation, self.timeline.scalars
        first = [int(events[0]) for events in self.timeline.of_site if len(events)]
        written = [event for event in first if observation.sites[int(observation.site[event])].kind == "constant"]
        times = Counter(numbers[written].tolist())
        return {int(one) for one in np.unique(self.events) if one >= 0 and times[float(numbers[one])] > 1}

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


def origins(timeline: Timeline, readers: Readers, banned: Container[int] = ()) -> Origins:
    """Find where the parameters that a first pass reads were made, at no event that is banned."""
    search = _Search(timeline, readers, banned)
    events, entries = np.full(len(readers.events), -1), np.zeros(len(readers.events), int)
    alone: list[int] = []
    for event in dict.fromkeys(readers.events.tolist()):
        mine = np.flatnonzero(readers.events == event)
        whole = search.whole(event)
        if whole is not None:
            events[mine], entries[mine] = whole, readers.entries[mine]
        else:
            alone += mine.tolist()
    for event, some in groupby(alone, key=lambda one: int(readers.events[one])):
        mine = np.array(list(some))
        numbers = timeline.value(event).ravel()[readers.entries[mine]]
        name = timeline.observation.sites[int(timeline.observation.site[event])].source
        for one, found in zip(mine, search.one_by_one(numbers.tolist(), name), strict=True):
            events[one], entries[one] = found
    return Origins(timeline, events, entries, readers.signs)


class _Search:
    """What was made before the pass begins to read."""

    def __init__(self, timeline: Timeline, readers: Readers, banned: Container[int]) -> None:
        self.timeline = timeline
        observation = timeline.observation
        makes = np.array([site.kind in MAKES for site in observation.sites], dtype=bool)
        rebinds = timeline.stores & timeline.computes
        reads = readers.events[~timeline.stores[readers.sites]]
        begin = int(reads.min() if len(reads) else readers.events.max())
        made = np.flatnonzero((makes | rebinds)[observation.site[:begin]])
        self.made = np.array([event for event in made.tolist() if event not in banned], dtype=int)
        self.used: set[int] = set()

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

    def one_by_one(self, numbers: list[float], name: str) -> Iterator[tuple[int, int]]:
        """Where numbers that are read together were made, one by one; (-1, 0) for none.

        Of several places with one value those are the likeliest whose statement gives a variable of that name its
        value, and in whose statement most of the numbers are; each number has a place of its own where there are enough.
        """
        named = self._stores.get(name, set())
        places = [self._events_of(number) for number in numbers]
        support = Counter(statement for some in places for statement in {self._statement(event) for event in some})
        for number, events in zip(numbers, places, strict=True):
            some = events
            if number == 0:  # there are many of them
                some = [event for event in some if self._statement(event) in named]
            if not some:
                yield self._in_arrays(number) if number else (-1, 0)
                continue

            def rank(event: int) -> tuple[bool, int, bool, int]:
                statement = self._statement(event)
                return statement not in named, -support[statement], event in self.used, event

            best = min(some, key=rank)
            self.used.add(best)
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
