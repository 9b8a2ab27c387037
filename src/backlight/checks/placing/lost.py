"""Where are new parameters computed and given to nothing? The places of updates in a program that never learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Explanation, Spot
from backlight.checks.placing.repair import repaired
from backlight.checks.placing.shown import Match, Quantities
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Program
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

SOON = 12
"""So many events after an expression its value is stored."""


def lost_updates(
    timeline: Timeline,
    network: Network,
    before: Array,
    after: Array,
    is_right: Callable[[Program], bool],
) -> tuple[Explanation, str | None] | None:
    """The updates that are computed for nothing, with what should get their values, and the program mended if it is right.

    Parameters
    ----------
    before, after : array, shape (parameters,)
        Those that the program has all the time, and those that an update with the true gradient makes of them.
    """
    old, new = (Quantities(timeline, [network.arrays(one)], (1.0,)) for one in (before, after))
    found: dict[int, Spot] = {}
    for site, event, match in _computed(timeline, new, network.arrays(before)):
        store = _stored(timeline, event)
        place = timeline.observation.sites[site if store is None else store]
        quantity = _label(network, match)
        target = next((name for name in _read(timeline, site, event, old, match)), "")
        should_be = "" if store is None or target == place.name else target
        spot = Spot.at(place, name=place.name, quantity=quantity, should_be=should_be)
        known = found.setdefault(store or site, spot)
        if known.quantity != quantity:  # one line for several parameters
            found[store or site] = replace(known, quantity="")
    if not found:
        return None
    places = tuple(found.values())
    trial = repaired(timeline.observation.program, places)
    fixed = trial.text if trial is not None and is_right(trial) else None
    if fixed is None:
        places = tuple(replace(one, should_be="") for one in places)
    return Explanation(mistake="missing-update", line=places[0].line, places=places, proof=fixed is not None), fixed


def _computed(timeline: Timeline, new: Quantities, before: dict[str, Array]) -> Iterator[tuple[int, int, Match]]:
    """Where new parameters are computed that differ from the old ones, and which they are."""
    for event in np.flatnonzero(timeline.computes[timeline.observation.site]).tolist():
        site = int(timeline.observation.site[event])
        if timeline.observation.sites[site].kind != "operation":
            continue
        for match in new.shown((event,)):
            if not np.array_equal(match.form.of(before[match.quantity]).ravel(), timeline.value(event).ravel()):
                yield site, event, match
                break


def _label(network: Network, match: Match) -> str:
    """The label of a parameter, or of an array of them."""
    is_whole = match.form.entry is None or len(match.form.entry) < len(network.shapes[match.quantity])
    return match.quantity if is_whole else label(network.recipe, match.quantity, match.form.entry or ())


def _stored(timeline: Timeline, event: int) -> int | None:
    """The target of the assignment that an expression stands in."""
    sites, observation = timeline.observation.sites, timeline.observation
    here = sites[int(observation.site[event])]
    for later in range(event + 1, min(event + SOON, len(timeline))):
        site = int(observation.site[later])
        same = observation.value[later] == observation.value[event]
        if same and sites[site].kind == "store" and sites[site].statement == here.statement:
            return site
    return None


def _read(timeline: Timeline, site: int, event: int, old: Quantities, match: Match) -> Iterator[str]:
    """What the old parameter is called in the expression of the new one."""
    for part in timeline.parts(site):
        last = timeline.before(part, event)
        one = timeline.observation.sites[part]
        if (
            last is not None
            and one.name
            and any(
                (found.quantity, found.form.entry) == (match.quantity, match.form.entry) for found in old.shown((last,))
            )
        ):
            yield one.name
