"""Equal initial values are told apart where they differ: which variable is which weight is read in another run.

A program that begins with eight weights of 0.5 can be read in many ways. Run again with another number for each of
them there is one way, and it holds for the program as it is: its expressions are the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.probing.origins import MAKES
from backlight.checks.probing.words import told_apart
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.passes import read_again
from backlight.checks.recognising.reading import Reading
from backlight.checks.recognising.reasons import facts_of
from backlight.checks.recognising.recognise import Recognised, recognised
from backlight.checks.recognising.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.probing.probe import Again
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

MOST_APART = 200
"""So many numbers are told apart."""


def is_ambiguous(timeline: Timeline, found: Recognised, recipe: Recipe) -> bool:
    """Whether initial values are equal, so that one could be taken for another."""
    if found.training is None:
        return found.kind in {None, "cannot_tell"} and bool(_equal(Network.asked(recipe)[1]))
    if len(found.training.rounds) == 1:
        return bool(_equal(found.training.rounds[0].parameters))
    events = np.unique(found.training.readers.events)
    values = [timeline.value(int(event)) for event in events]
    return len({(value.shape, value.tobytes()) for value in values}) < len(values)


def read_apart(
    timeline: Timeline, found: Recognised, recipe: Recipe, again: Again
) -> tuple[Timeline, Recognised] | None:
    """What a program turns out to be in a run in which no two of its initial values are equal.

    The run that is to be judged comes with it: its own where what moves can be followed there, else the other one. None
    where the other run is not to be followed.
    """
    network, given = Network.asked(recipe)
    instead = _different(timeline, _equal(given if found.training is None else found.training.rounds[0].parameters))
    if not instead:
        return None
    other = Timeline(again(timeline.observation.program, instead))
    there = recognised(other, recipe)
    if there.training is None or there.kind is not None or not _moves(there):
        return None
    turn = int(np.searchsorted(other.of_site[there.training.site], there.training.rounds[0].first))
    training = read_again(timeline, there.network, there.training, turn)
    if training is None:
        return None
    reading = Reading(there.network, training.rounds[0].parameters, training)
    facts = facts_of(timeline, reading, network, given)
    if len(there.training.rounds) == 1:
        return other, replace(there, facts=(*facts, told_apart()))
    return (timeline, replace(there, training=training, facts=facts)) if len(training.rounds) > 1 else None


def _moves(found: Recognised) -> bool:
    """Whether every parameter moves: one that does not may have been read where it is never changed."""
    rounds = found.training.rounds if found.training is not None else ()
    moved = np.any([one.parameters != rounds[0].parameters for one in rounds], axis=0)
    trained = [found.network.is_trained(name) for name, _index in found.network.names]
    return len(rounds) == 1 or bool(moved[trained].all())


def _equal(parameters: Array) -> set[float]:
    """The numbers that stand there more than once."""
    return {number for number, times in Counter(parameters.tolist()).items() if times > 1}


def _different(timeline: Timeline, equal: set[float]) -> dict[int, dict[int, list[float]]]:
    """Other numbers for what is made of equal ones, in statements that set variables which are changed later."""
    observation = timeline.observation
    learnt = _learnt(timeline)
    random = np.random.default_rng(0)
    made: dict[int, dict[int, list[float]]] = {}
    number = 0
    for site, events in enumerate(timeline.of_site):
        about = observation.sites[site]
        if about.kind not in MAKES or about.statement not in learnt or not len(events):
            continue
        value = timeline.value(int(events[0]))
        if value.dtype.kind != "f" or not np.isin(value, list(equal)).all() or (value.size > 1 and about.parent >= 0):
            continue
        number += value.size
        made[site] = {
            0: np.round(random.uniform(0.2, 0.9, value.size) * random.choice([-1, 1], value.size), 3).tolist()
        }
    return made if number <= MOST_APART else {}


def _learnt(timeline: Timeline) -> set[int]:
    """The statements that are executed once and first set a variable that does not stay as it is."""
    observation = timeline.observation
    found, known = set(), set()
    for event in np.flatnonzero(timeline.stores[observation.site]):
        place, site = int(observation.place[event]), int(observation.site[event])
        if place >= 0 and place not in known and len(timeline.of_site[site]) == 1 and timeline.changes[place] > 1:
            found.add(observation.sites[site].statement)
        known.add(place)
    return found
