"""The updates of a program with one forward pass: no second one reads the new parameters.

A new parameter is a sum or a difference of the old one and something else, whatever variable gets it: it is found by
its values, and checked by adding them up. Where the variables go on to change, there are more updates than passes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.rounds import Round
from backlight.checks.recognising.steps import Step, rooms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

MOST_ALONE = 16
"""So many numbers of a list are followed one by one."""


def followed(timeline: Timeline, training: Training) -> Training:
    """A program with one forward pass and several updates, with a round for each: the pass is that of all of them."""
    if len(training.rounds) > 1:
        return training
    return _with_each(timeline, training, _changing(timeline, training)) or training


def followed_to_the_last_pass(timeline: Timeline, training: Training) -> Training | None:
    """The same of a program that makes one more pass, behind all of its updates; None where that is not so."""
    if len(training.rounds) != 2:  # noqa: PLR2004  before and behind them
        return None
    begin, end = training.rounds
    first = replace(training, rounds=(begin,))
    parts = [(mine, [event for event in events if event < end.first]) for mine, events in _changing(timeline, first)]
    read = training.readers.entries
    arrive = all(
        events and np.array_equal(timeline.value(events[-1]).ravel()[read[mine]], end.parameters[mine])
        for mine, events in parts
    )
    return _with_each(timeline, first, parts) if arrive else None


def _changing(timeline: Timeline, training: Training) -> list[tuple[NDArray[np.bool_], list[int]]]:
    """For each thing that the pass has read its parameters, and the events that change it; of several numbers one by one.

    So they are where only the numbers of a list are computed, and nothing is computed of the list.
    """
    round_, readers = training.rounds[0], training.readers
    parts = []
    for site, event in {(int(one), int(two)) for one, two in zip(readers.sites, readers.events, strict=True)}:
        mine = (readers.sites == site) & (readers.events == event)
        value = timeline.value(event)
        found = _stored(timeline, value, int(timeline.observation.place[event]), round_)
        if found or value.size > MOST_ALONE:
            parts.append((mine, found))
            continue
        for number in np.flatnonzero(mine):
            alone = np.arange(len(mine)) == number
            parts.append((alone, _stored(timeline, value.ravel()[readers.entries[number]], -1, round_)))
    return parts


def _with_each(
    timeline: Timeline, training: Training, parts: list[tuple[NDArray[np.bool_], list[int]]]
) -> Training | None:
    """A round for each update; None where there are not several."""
    number = min((len(some) for _mine, some in parts if some), default=0)
    if number < 2:  # noqa: PLR2004  one update is read by `only_step`
        return None
    round_, readers = training.rounds[0], training.readers
    rounds = [round_]
    for turn in range(number):
        now = rounds[-1].parameters.copy()
        for mine, some in parts:
            if some:
                value = timeline.value(some[turn])
                now[mine] = value if value.size == 1 else value.ravel()[readers.entries[mine]]
        time = max(some[turn] for _mine, some in parts if some)
        rounds[-1] = replace(rounds[-1], end=time + 1)
        rounds.append(Round(now, round_.passes, time + 1, len(timeline), time + 1, time + 1))
    return replace(training, rounds=tuple(rounds))


def _stored(timeline: Timeline, old: Array, place: int, round_: Round) -> list[int]:
    """The events behind the last pass that give a variable another value, from the first that is its old one and more."""
    new = _new(timeline, old, place, round_.last)
    if new is None:
        return []
    found: list[int] = []
    before = old
    for event in timeline.of_place[place] if place >= 0 else ():
        value = timeline.value(int(event))
        if event > round_.last and timeline.stores[timeline.observation.site[event]] and value.shape == old.shape:
            if not np.array_equal(value, before) and (found or np.array_equal(value, timeline.value(new))):
                found.append(int(event))
            before = value
    return found or _in_turn(timeline, new)


def _in_turn(timeline: Timeline, new: int) -> list[int]:
    """The events at which the expression of a new value makes a newer one of it, each of the one before, with the first.

    So a function updates parameters that it is given, and gives them back.
    """
    site = int(timeline.observation.site[new])
    found = [new]
    for event in timeline.of_site[site]:
        if event > new and _adds_up(timeline, site, int(event), timeline.value(found[-1])):
            found.append(int(event))
    return found


def only_step(timeline: Timeline, training: Training) -> tuple[Step, ...]:
    """The one update behind the last pass; nothing if there is none, or if the program goes on to update without a pass."""
    found = list(_updated(timeline, training))
    if any(_goes_on(timeline, new, timeline.value(new)) for new, _mine in found):
        return ()
    return _step(timeline, training, found)


def is_a_look(timeline: Timeline, training: Training) -> bool:
    """Whether passes only try a network: what they have read stays as it is between them, and moves behind them."""
    first, last = training.rounds[0].first, training.rounds[-1].last
    read = timeline.observation.place[training.readers.events]
    moved = [_moved(timeline, int(place), first, last) for place in np.unique(read[read >= 0])]
    return any(behind for _between, behind in moved) and not any(between for between, _behind in moved)


def _moved(timeline: Timeline, place: int, first: int, last: int) -> tuple[bool, bool]:
    """Whether a variable holds another value between two times, and whether it does behind them."""
    events = timeline.of_place[place]
    values = timeline.observation.value[events]
    between = values[(events >= first) & (events <= last)]
    held = values[events <= last][-1:]
    return len(np.unique(between)) > 1, bool(np.any(values[events > last] != held))


def first_step(timeline: Timeline, training: Training) -> tuple[Step, ...]:
    """The first update behind the last pass, if there is one."""
    return _step(timeline, training, _updated(timeline, training))


def _step(timeline: Timeline, training: Training, updated: Iterable[tuple[int, NDArray[np.bool_]]]) -> tuple[Step, ...]:
    """The update to new values, if they are new."""
    round_ = training.rounds[-1]
    before = round_.parameters
    after = before.copy()
    for new, mine in updated:
        after[mine] = timeline.value(new).ravel()[training.readers.entries[mine]]
    if np.array_equal(after, before):
        return ()
    return (Step(round_, after, before - after, rooms(before, after, timeline.precision)),)


def _updated(timeline: Timeline, training: Training) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """The event that shows the new value of each thing that was read, and its parameters."""
    readers = training.readers
    for site, event in {(int(one), int(two)) for one, two in zip(readers.sites, readers.events, strict=True)}:
        place = int(timeline.observation.place[event])
        new = _new(timeline, timeline.value(event), place, training.rounds[-1].last)
        if new is not None:
            yield new, (readers.sites == site) & (readers.events == event)


def _goes_on(timeline: Timeline, new: int, value: Array) -> bool:
    """Whether the same expression updates a parameter once more, from the value that it gave it or from the old one.

    The latter is an update that changes nothing but a variable of its own.
    """
    observation = timeline.observation
    site, place = int(observation.site[new]), int(observation.place[new])
    stores = observation.sites[site].kind == "store"
    for event in timeline.of_site[site]:
        if event == new:
            continue
        if np.array_equal(timeline.value(int(event)), value):
            if not stores:
                return True
            continue
        if event < new:
            continue
        if observation.place[event] == place if stores else _adds_up(timeline, site, int(event), value):
            return True
    return False


def _new(timeline: Timeline, old: Array, place: int, time: int) -> int | None:
    """The event behind a time whose value is an old one plus or minus something."""
    observation = timeline.observation
    for event in range(time + 1, len(timeline)):
        site = int(observation.site[event])
        kind, value = observation.sites[site].kind, timeline.value(event)
        if value.shape != old.shape or np.array_equal(value, old):
            continue
        if kind == "store" and place >= 0 and observation.place[event] == place and timeline.computes[site]:
            return event
        if kind == "operation" and _adds_up(timeline, site, event, old):
            return event
    return None


def _adds_up(timeline: Timeline, site: int, event: int, old: Array) -> bool:
    """Whether an expression has two parts, one of them the old value, of which it is the sum or the difference."""
    value = timeline.value(event)
    shown = []
    for part in timeline.children[site]:
        last = timeline.before(part, event)
        if last is not None:
            shown.append(timeline.value(last))
    if len(shown) != 2 or not np.array_equal(shown[0], old):  # noqa: PLR2004  old + change
        return False
    with np.errstate(all="ignore"):
        return any(bool(np.all(old + sign * shown[1] == value)) for sign in (1, -1))


def earlier(timeline: Timeline, known: Training) -> list[Array] | None:
    """The parameters that passes before the first round have read, each once in a row: zeros show no layer.

    None where there are such passes and it is not known what they have read.
    """
    found: list[Array] = []
    for event in timeline.of_site[known.site]:
        if event >= known.rounds[0].first:
            break
        now = known.readers.read(timeline, int(event))
        if now is None:
            return None
        if not (found and np.array_equal(found[-1], now)):
            found.append(now)
    return found[:-1] if found and np.array_equal(found[-1], known.rounds[0].parameters) else found
