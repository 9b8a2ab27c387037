"""Does a loop learn? It does when a number that lives from turn to turn has changed.

A weight is read in a turn before it is written there, and the next turn reads another value of the same shape.
What a loop reads from a file, gathers in a list or counts with integers is not like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def learns(first: dict[int, Any], second: dict[int, Any], shapes: Sequence[Any]) -> bool:
    """Compare what two turns found; a tuple is the number of some contents, whose shape the list gives."""
    for place, value in second.items():
        old = first.get(place, value)
        if old != value and (type(old) is not tuple or type(value) is not tuple or shapes[old[0]] == shapes[value[0]]):
            return True
    return False


def found(events: Sequence[tuple[Any, ...]], place_of: Sequence[int], stores: set[int]) -> dict[int, Any]:
    """Give the fractions and arrays that a turn reads before it writes them, by their places.

    The events are those of `backlight.checks.observing.child.recorder`.
    """
    values: dict[int, Any] = {}
    for event in events:
        site, number = event[0], event[1]
        place = place_of[site] if len(event) == 2 else event[2]  # noqa: PLR2004  a plain number
        if place >= 0 and place not in values:
            value = (event[4],) if number is None else number
            values[place] = None if site in stores or type(number) is int else value
    return {place: value for place, value in values.items() if value is not None}
