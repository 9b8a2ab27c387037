"""Where a value of a program comes from: the expression that a person would point at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.diagnosis import Spot
from backlight.checks.recognising.functions import IDENTITY, PLAIN
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.sums import Sums

    Array = NDArray[np.floating[Any]]

NEAR = 12
"""So many events after an expression its value is written to a variable, if at all."""


def spot(sums: Sums, event: int, quantity: str) -> Spot:
    """The expression of an event, with the variable that gets its value."""
    site = sums.timeline.observation.sites[int(sums.timeline.observation.site[event])]
    return Spot.at(site, name=name_of(sums, event), quantity=quantity)


def name_of(sums: Sums, event: int) -> str:
    """The variable that gets the value of an event in the same statement; empty if none does."""
    observation = sums.timeline.observation
    here = observation.sites[int(observation.site[event])]
    if here.kind == "store":
        return here.name
    content = sums.content[observation.value[event]]
    for later in range(event + 1, min(event + NEAR, len(sums.timeline))):
        site = observation.sites[int(observation.site[later])]
        if (
            site.kind == "store"
            and site.statement == here.statement
            and sums.content[observation.value[later]] == content
        ):
            return site.name
    return ""


def maker(sums: Sums, value: Array, after: int, *, inside: bool = False) -> int | None:
    """The event that first computes a value after a time: as a whole, else the first of its numbers.

    A function that does rightly what another activation is, is not pointed at; its call is, but for ``inside``.
    """
    timeline = sums.timeline
    observation = timeline.observation
    room = ROUNDING[timeline.precision]
    for event in range(after, sums.end):
        if not timeline.computes[observation.site[event]]:
            continue
        shown = timeline.value(event)
        if shown.size == value.size and (
            _near(shown.ravel(), value.ravel(), room)
            or (value.ndim == 2 and _near(shown.ravel(), value.T.ravel(), room))  # noqa: PLR2004
        ):
            return event if inside else _called(sums, event)
    return None


def _near(one: Array, other: Array, room: float) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(one - other) <= room * np.abs(other).max()))


def _called(sums: Sums, event: int) -> int:
    """The call of a function instead of the expression in it, where the function is one that it is called after."""
    timeline = sums.timeline
    observation = timeline.observation
    while True:
        site = observation.sites[int(observation.site[event])]
        if not site.scope:
            return event
        argument = next(
            (
                one
                for one in range(event, max(event - 200, -1), -1)
                if observation.sites[int(observation.site[one])].kind == "argument"
                and observation.sites[int(observation.site[one])].scope == site.scope
                and timeline.value(one).size == timeline.value(event).size
            ),
            None,
        )
        if argument is None or not _is_honest(
            site.scope, timeline.value(argument), timeline.value(event), ROUNDING[timeline.precision]
        ):
            return event
        content = sums.content[observation.value[event]]
        call = next(
            (
                later
                for later in range(event + 1, min(event + NEAR, len(timeline)))
                if observation.sites[int(observation.site[later])].kind == "call"
                and sums.content[observation.value[later]] == content
            ),
            None,
        )
        if call is None:
            return event
        event = call


def _is_honest(scope: str, z: Array, a: Array, room: float) -> bool:
    """Whether a function does what its name says, if that is the name of an activation; else whether it is one."""
    if z.ndim > 2:  # noqa: PLR2004
        return False
    table = z if z.ndim == 2 else z.reshape(1, -1)  # noqa: PLR2004
    named = [name for name in ACTIVATIONS if name in scope.rpartition(".")[2].lower()]
    for function in (*PLAIN, IDENTITY):
        if named and function.name not in named:
            continue
        for way in (table, table.T):
            if _near(
                function(way).reshape(way.shape).ravel(),
                (a.reshape(table.shape) if way is table else a.reshape(table.shape).T).ravel(),
                room,
            ):
                return True
    return False
