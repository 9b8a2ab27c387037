"""Sums that grow: what a place adds at one visit shows only in the total, many visits later.

`total = total + d[k]` and `total += d[k]` in a loop. If something else is to be added, the total is the sum of it over
all visits since the sum began.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.trying import Visit

    Array = NDArray[np.floating[Any]]

READS = {"name", "attribute", "item"}
NEAR = 400
"""So many events before an addition its target is read."""
LONGEST = 64
"""So many visits a sum may have."""


@dataclass(frozen=True)
class Sum:
    """The visits whose values add up to what is kept at the last of them.

    Attributes
    ----------
    visits : sequence of int
        The last one alone where nothing is added up.
    held : sequence of array
        What the sum was before each of them; it is part of the expression where ``is_part``.
    sign : int
        -1 for ``-=``.
    """

    visits: Sequence[int]
    held: Sequence[Array] = ()
    is_part: bool = False
    sign: int = 1

    def of(self, seen: Sequence[Visit], candidate: int) -> Array | None:
        """What would be kept with a candidate in the place of the expression; None where it gives nothing."""
        values = [seen[visit].values.get(candidate) for visit in self.visits]
        if any(value is None for value in values):
            return None
        given = [value for value in values if value is not None]
        if not self.held:
            return given[-1]
        try:
            total = self.held[0].copy()
            for value, held in zip(given, self.held, strict=True):
                total = total + (value - held if self.is_part else self.sign * value)
        except ValueError:
            return None
        return np.asarray(total)


def summed(scene: Scene, place: Sight, made: Sight, visit: int) -> Sum:
    """The sum that an expression belongs to at one of its visits.

    Parameters
    ----------
    place, made : Sight
        Where the number was found, and the expression that made it.
    """
    alone = Sum((visit,))
    store = _store(scene, made)
    if store is None or made.quantity.startswith(("new_", "step_")):
        return alone
    timeline, observation = scene.timeline, scene.timeline.observation
    here = scene.site(store)
    after = observation.program.lines[here.end_line - 1][here.end_column :].lstrip()
    added = after.startswith(("+=", "-="))
    if not added and not re.match(rf"\(?{re.escape(here.name)}\s*[+-]", scene.site(made.site).source):
        return alone
    if added and place.site != store:
        return alone
    stores = timeline.of_site[store]
    events = timeline.of_site[made.site]
    numbers = [visit]
    held: list[Array] = []
    while len(numbers) < LONGEST:
        begin = _before(scene, store, int(events[numbers[0]]))
        if begin is None:
            return alone
        held.insert(0, begin)
        earlier = _earlier(scene, stores, events, numbers[0], begin)
        if earlier is None:
            break
        numbers.insert(0, earlier)
    if len(numbers) == 1 and not added:
        return alone
    return Sum(tuple(numbers), tuple(held), is_part=not added, sign=-1 if after.startswith("-=") else 1)


def _store(scene: Scene, made: Sight) -> int | None:
    """The target of the statement that an expression is the whole of."""
    statement = scene.site(made.site).statement
    stores = [
        number
        for number, one in enumerate(scene.timeline.observation.sites)
        if one.kind == "store" and one.statement == statement
    ]
    return stores[0] if len(stores) == 1 and scene.site(made.site).parent < 0 else None


def _read(scene: Scene, store: int) -> int | None:
    """The expression that reads the target of ``+=``: it stands where the target stands."""
    target = scene.site(store)
    for number, one in enumerate(scene.timeline.observation.sites):
        if one.kind in READS and (one.line, one.column, one.source) == (target.line, target.column, target.source):
            return number
    return None


def _kept(stores: NDArray[np.intp], event: int) -> int | None:
    """The event at which the value of an expression is stored."""
    position = int(np.searchsorted(stores, event))
    return int(stores[position]) if position < len(stores) else None


def _before(scene: Scene, store: int, event: int) -> Array | None:
    """What the variable held before: as it was read to be added to, or as it was stored last."""
    read = _read(scene, store)
    when = scene.timeline.before(read, event) if read is not None else None
    if when is not None and event - when < NEAR:
        return scene.timeline.value(when)
    kept = _kept(scene.timeline.of_site[store], event)
    place = int(scene.timeline.observation.place[kept]) if kept is not None else -1
    return scene.timeline.latest(place, event) if place >= 0 else None


def _earlier(scene: Scene, stores: NDArray[np.intp], events: NDArray[np.intp], visit: int, held: Array) -> int | None:
    """The visit that stored in the same variable what it held."""
    place = scene.timeline.observation.place
    mine = _kept(stores, int(events[visit]))
    for earlier in range(visit - 1, max(visit - LONGEST, -1), -1):
        other = _kept(stores, int(events[earlier]))
        if other is None or mine is None or place[other] != place[mine]:
            continue
        return earlier if np.array_equal(scene.timeline.value(other), held) else None
    return None
