"""Does a loop learn? It does when a number that lives from turn to turn has changed.

A weight is read in a turn before it is written there, and the next turn reads another value. What a loop reads
from a file, or counts with integers, is not like that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def learns(
    first: Sequence[tuple[Any, ...]], second: Sequence[tuple[Any, ...]], place_of: Sequence[int], stores: set[int]
) -> bool:
    """Compare what two turns find; the events are those of `backlight.checks.child.recorder`."""
    before, after = (_found(events, place_of, stores) for events in (first, second))
    return any(value != before.get(place, value) for place, value in after.items())


def _found(events: Sequence[tuple[Any, ...]], place_of: Sequence[int], stores: set[int]) -> dict[int, Any]:
    """The fractions and arrays that a turn reads before it writes them, by their places."""
    found: dict[int, Any] = {}
    for event in events:
        site, number = event[0], event[1]
        place = place_of[site] if len(event) == 2 else event[2]  # noqa: PLR2004  a plain number
        if place >= 0 and place not in found:
            found[place] = None if site in stores or type(number) is int else event[-1] if number is None else number
    return {place: value for place, value in found.items() if value is not None}
