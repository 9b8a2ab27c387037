"""Where does a number that is read come from? The expression that made it, or the entries that were written one by one."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from backlight.checks.placing.evidence import is_display
from backlight.checks.placing.trail import DEEPEST, Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.scene import Scene

VARIABLES = {"name", "attribute", "item"}
READS = VARIABLES | {"argument", "return", "store"}
APPENDED = re.compile(r"[\w.\[\]]+\.(append|insert)\(")
"""What puts a number into a list."""
FAR = 400
"""So many events may lie between a number and where it is handed on, in a container or as one of many arguments."""

Events = tuple[int, ...]


@dataclass(frozen=True)
class Origins:
    """The ways of numbers through the updates looked at."""

    scene: Scene

    @cached_property
    def visits(self) -> dict[int, tuple[int, Events]]:
        """The places evaluated in each update, with their events, by the event in the first one."""
        return {events[0]: (site, events) for site, events in self.scene.visits}

    @cached_property
    def trail(self) -> Trail:
        """The ways of single numbers."""
        return Trail(self.scene)

    def maker(self, event: int) -> int | None:
        """The event of the expression that made a value, or of the number that a function gives back.

        None where it was made before, or entry by entry.
        """
        is_given_back = False
        for _ in range(DEEPEST * 2):
            if event not in self.visits:
                return None
            site = self.visits[event][0]
            if self.scene.timeline.computes[site] and self.scene.kind(site) == "store":
                return event
            before = self._before(event, site)
            if before is None:
                makes = self.scene.timeline.computes[site] or (is_given_back and self.scene.kind(site) == "constant")
                return event if makes else None
            event, is_given_back = before, self.scene.kind(site) == "return"
        return None

    def stored(self, made: int) -> int | None:
        """Where an expression's value is given to a variable, in its own statement."""
        observation = self.scene.timeline.observation
        here = self.scene.site(self.visits[made][0])
        if here.kind == "store":
            return made
        for later in range(made + 1, min(made + FAR, len(observation.site))):
            site = self.scene.site(int(observation.site[later]))
            in_statement = site.statement == here.statement and site.scope == here.scope
            if site.kind == "store" and in_statement and later in self.visits and self._is_same(later, made):
                return later
        return None

    def around(self, event: int) -> Iterator[int]:
        """An evaluation, and those of the expressions around it, the smallest first."""
        yield event
        for site in self.scene.ancestors(self.visits[event][0]):
            events = self.scene.timeline.of_site[site]
            position = int(events.searchsorted(event))
            if position < len(events) and int(events[position]) in self.visits:
                yield int(events[position])

    def last_read(self, store: int, before: int) -> int | None:
        """The last time a variable was read for its value, before a time."""
        place = int(self.scene.timeline.observation.place[store])
        reads = [
            int(one)
            for one in self.scene.timeline.of_place[place]
            if store < one < before and one in self.visits and self._is_same(int(one), store)
        ]
        return reads[-1] if reads else None

    def reads(self, made: int, before: int) -> Iterator[int]:
        """Where a number is read after it was made and before a time, the last first."""
        for one in range(before - 1, made, -1):
            if one in self.visits and self._is_same(one, made) and self.scene.kind(self.visits[one][0]) in VARIABLES:
                yield one

    def alias(self, event: int) -> int | None:
        """Where a number was only given another name, on its way from where it was made; the last time it was."""
        for later, before in pairwise(self.way_back(event)):
            here, given = (self.scene.site(self.visits[one][0]) for one in (later, before))
            if here.kind not in {"store", "return", *VARIABLES}:
                continue
            around = "" if given.parent < 0 else self.scene.site(given.parent).source
            in_display = is_display(around) and self._is_kept(given)
            alone = not around or in_display or bool(APPENDED.match(around)) or _is_each(given.source, around)
            is_named = given.kind in {*VARIABLES, "constant"} and alone
            if is_named and (here.kind == "return" or given.statement != here.statement):
                return before
        return None

    def way_back(self, event: int) -> Iterator[int]:
        """An event, and where its number was read and stored before that, back to where it was made."""
        for _ in range(DEEPEST * 2):
            if event not in self.visits:
                return
            yield event
            before = self._before(event, self.visits[event][0])
            if before is None:
                return
            event = before

    def _is_kept(self, part: Site) -> bool:
        """Whether the list or tuple that something is written in is assigned, or put into another one."""
        outer = self.scene.site(part.parent).parent
        appended = outer >= 0 and bool(APPENDED.match(self.scene.site(outer).source))
        return appended or (part.scope, part.statement) in self._assigning

    @cached_property
    def _assigning(self) -> set[tuple[str, int]]:
        """The statements that are assignments."""
        return {(one.scope, one.statement) for one in self.scene.timeline.observation.sites if one.kind == "store"}

    def _before(self, event: int, site: int) -> int | None:
        """One step back: what was stored, returned, handed over, or put into a container."""
        kind = self.scene.kind(site)
        if kind == "store":
            found = self._of_several(event)
            return self._same(event, None) if found is None else found
        if kind == "argument":
            return self.given(event)
        if kind == "call" and self.scene.operations.of(site):
            return None
        found = self.trail.made_for(event)
        return self._held(event) if found is None and kind in VARIABLES else found

    def given(self, argument: int) -> int | None:
        """The expression at the call that an argument of a function was given by."""
        given = self.trail.made_for(argument)
        return self._same(argument, FAR) if given is None else given if given in self.visits else None

    def _held(self, event: int) -> int | None:
        """What made the number that a variable or a container holds, found by the number itself."""
        store = self.last_write(event)
        if store is None:
            return self._appended(event) or self._holder(event) or self._same(event, None)
        if not self._is_same(store, event):
            return None
        found = self._same(store, None)
        return self._before(store, self.visits[store][0]) if found is None and store in self.visits else found

    def _is_same(self, one: int, other: int) -> bool:
        """Whether two events show the same numbers."""
        value = self.scene.timeline.observation.value
        return int(value[one]) == int(value[other])

    def last_write(self, event: int) -> int | None:
        """The last assignment to a variable, as far as was seen."""
        place = int(self.scene.timeline.observation.place[event])
        writes = self.trail.writes(place, event) if place >= 0 else []
        return writes[-1] if writes else None

    def unaltered(self, event: int) -> int | None:
        """Where an array was given to a variable that was altered in place before it is read."""
        store = self.last_write(event)
        if store not in self.visits or self._is_same(store, event):
            return None
        timeline = self.scene.timeline
        return store if timeline.value(store).shape == timeline.value(event).shape else None

    def _appended(self, event: int) -> int | None:
        """What made the number that is put into a list by itself: no expression has made the list with it."""
        held = self.container(event)
        owner = -1 if held is None else int(self.scene.timeline.observation.object[held])
        return None if owner < 0 or owner in self._computed else self._same(event, None)

    @cached_property
    def _computed(self) -> set[int]:
        """The objects that an expression has made."""
        observation, computes = self.scene.timeline.observation, self.scene.timeline.computes
        return set(observation.object[computes[observation.site]].tolist())

    def _holder(self, event: int) -> int | None:
        """Where the list or array was read that an item was taken of, if it holds nothing else."""
        held, timeline = self.container(event), self.scene.timeline
        return held if held is not None and timeline.value(held).size == timeline.value(event).size else None

    def container(self, event: int) -> int | None:
        """Where the list or array was read that an item was taken of."""
        site = self.visits[event][0] if event in self.visits else -1
        children = self.scene.timeline.children[site] if site >= 0 and self.scene.kind(site) == "item" else []
        held = self.scene.timeline.before(children[0], event) if children else None
        return held if held in self.visits else None

    def _same(self, event: int, far: int | None) -> int | None:
        """The last expression before that made the same number or array."""
        observation, timeline = self.scene.timeline.observation, self.scene.timeline
        value = int(observation.value[event])
        if not timeline.values[value].any() or (timeline.values[value] == 1).all():
            return None  # zeros and ones are made everywhere
        first = self._first if far is None else max(event - far, 0)
        for earlier in range(event - 1, first - 1, -1):
            if int(observation.value[earlier]) == value and earlier in self.visits:
                site = int(observation.site[earlier])
                if timeline.computes[site] or self.scene.kind(site) in VARIABLES:
                    return earlier
        return None

    @cached_property
    def _first(self) -> int:
        """The first event that is looked at."""
        return min(self.visits)

    def _of_several(self, store: int) -> int | None:
        """The expression whose value an assignment stored: of several that are assigned at once, the one of this value."""
        timeline, made = self.scene.timeline, self.scene.assigned(store)
        whole, value = None if made is None else timeline.before(made, store), int(timeline.observation.value[store])
        if whole is not None and self._is_same(whole, store):
            return whole
        target = self.scene.site(int(timeline.observation.site[store]))
        for earlier in range(store - 1, max(store - FAR, -1), -1):
            one = self.scene.site(int(timeline.observation.site[earlier]))
            is_here = one.statement == target.statement and one.kind != "store"
            is_near = is_here or one.kind == "return" or self._is_returned_as(one, target)
            if is_near and int(timeline.observation.value[earlier]) == value:
                return earlier
        return whole if whole is not None and timeline.value(whole).size == timeline.value(store).size else None

    def elements(self, site: int, made: int) -> list[int]:
        """What a comprehension put into a list one by one, by the place of it; nothing if that was not seen."""
        value = self.scene.timeline.value(made)
        if site < 0 or not value.ndim:
            return []
        events = self.scene.timeline.of_site[site]
        found = events[: int(events.searchsorted(made))][-len(value) :].tolist()
        return found if all(one in self.visits for one in found) else []

    def array_of(self, row: int) -> int | None:
        """The last expression before that made an array with a row that is read, where a loop goes through its rows."""
        timeline = self.scene.timeline
        mine = timeline.value(row).ravel()
        if row not in self.visits or self.scene.kind(self.visits[row][0]) != "name" or mine.size < 2 or not mine.any():  # noqa: PLR2004
            return None
        for earlier in range(row - 1, max(row - FAR, self._first) - 1, -1):
            if earlier in self.visits and timeline.computes[self.visits[earlier][0]]:
                value = timeline.value(earlier)
                if value.ndim == 2 and value.shape[1] == mine.size and (value == mine).all(axis=1).any():  # noqa: PLR2004  a matrix
                    return earlier
        return None

    def _is_returned_as(self, one: Site, target: Site) -> bool:
        """Whether an expression stands in what a function returns where a variable stands in what is assigned."""
        sites = self.scene.timeline.observation.sites
        if one.parent < 0 or sites[one.parent].parent >= 0 or (one.scope, one.statement) not in self._returning:
            return False
        targets = [site for site in sites if site.kind == "store" and site.statement == target.statement]
        beside = [sites[number] for number in self.scene.timeline.children[one.parent]]
        return len(beside) == len(targets) and beside.index(one) == targets.index(target)

    @cached_property
    def _returning(self) -> set[tuple[str, int]]:
        """The statements that return several values at once."""
        sites = self.scene.timeline.observation.sites
        return {(one.scope, one.statement) for one in sites if one.kind == "return" and is_display(one.source)}

    def written(self, event: int) -> Iterator[tuple[tuple[int | slice, ...], int]]:
        """The assignments to entries of the array that is read at an event, the last one of each, with their indices."""
        observation = self.scene.timeline.observation
        owner = int(observation.object[event])
        if owner < 0:
            return
        last: dict[str, int] = {}
        for place in self._places_of.get(owner, ()):
            for one in self.trail.writes(place, event):
                if one in self.visits:
                    last[observation.places[place].key] = one
        for key, one in last.items():
            index = _index(key)
            if index is not None:
                yield index, one

    @cached_property
    def _places_of(self) -> dict[int, list[int]]:
        """The entries of each array or list that were written."""
        found: dict[int, list[int]] = {}
        for number, place in enumerate(self.scene.timeline.observation.places):
            if place.kind == "item":
                found.setdefault(place.owner, []).append(number)
        return found

    def parts(self, event: int, is_whole: Callable[[int], bool] = lambda _event: False) -> list[int]:
        """The reads, constants and calls of the program's own functions in an expression, and what is taken as a whole."""
        return list(self._reads(self.visits[event][0], event, is_whole))

    def _reads(self, site: int, event: int, is_whole: Callable[[int], bool]) -> Iterator[int]:
        timeline = self.scene.timeline
        for child in timeline.children[site]:
            last = timeline.before(child, event)
            if last is None:
                yield from self._reads(child, event, is_whole)
                continue
            is_read = self.scene.kind(child) in READS or not timeline.children[child]
            if is_read or (last in self.visits and (self.maker(last) not in {None, last} or is_whole(last))):
                yield last
            else:
                yield from self._reads(child, last, is_whole)

    def is_given(self, event: int) -> bool:
        """Whether a value was there before the training, or counts something, or stands in the source as a number."""
        timeline = self.scene.timeline
        if event not in self.visits or timeline.counts[event] or self.scene.kind(self.visits[event][0]) == "constant":
            return True
        if int(timeline.observation.place[event]) < 0 or self.maker(event) is not None:
            return False
        return len({timeline.value(one).tobytes() for one in self.visits[event][1]}) == 1


def _is_each(source: str, around: str) -> bool:
    """Whether an expression is a comprehension that puts another one into a list as it is."""
    return bool(re.match(rf"\[?\s*{re.escape(source)}\s+for\s", around))


def _index(key: str) -> tuple[int | slice, ...] | None:
    """An index as it is written down: ``0``, ``0, 1``, ``1:3``; None for anything else."""
    found: list[int | slice] = []
    for part in key.split(","):
        try:
            numbers = [None if not one.strip() else int(one) for one in part.split(":")]
        except ValueError:
            return None
        found.append(slice(*numbers) if len(numbers) > 1 else ast.literal_eval(part.strip()))
    return tuple(found)
