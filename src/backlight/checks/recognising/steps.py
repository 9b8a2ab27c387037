"""What a program does to its parameters from one round to the next, and the gradients that this implies.

A step is (before - after), exact in the program's numbers up to the last place of the parameters; divided by the
learning rate it is the gradient that the program must have had, whatever it calls it and wherever it keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE, close

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Round
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Step:
    """One update.

    Attributes
    ----------
    round : Round
        Where it begins.
    after : array
        The parameters behind it.
    change, room : array
        before - after, and how exactly that is known: one ulp of each.
    """

    round: Round
    after: Array
    change: Array
    room: Array


def steps(rounds: tuple[Round, ...], precision: str) -> tuple[Step, ...]:
    """The updates between the rounds of a program; to begin again from the start is none."""
    found = []
    for one, other in pairwise(rounds):
        if np.array_equal(other.parameters, rounds[0].parameters):
            continue
        room = rooms(one.parameters, other.parameters, precision)
        with np.errstate(all="ignore"):
            found.append(Step(one, other.parameters, one.parameters - other.parameters, room))
    return tuple(found)


def rooms(before: Array, after: Array, precision: str) -> Array:
    """How exactly a change is known that is a difference of two parameters: one ulp of each."""
    kind = np.dtype(precision)
    return _ulp(before, kind) + _ulp(after, kind)


def _ulp(numbers: Array, kind: np.dtype[Any]) -> Array:
    """The spacing of the program's numbers there."""
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(np.spacing(numbers.astype(kind))), float)


def learning_rate(
    timeline: Timeline,
    network: Network,
    made: tuple[Step, ...],
    gradients: list[Array],
    *,
    asked: float,
    spoken: list[float],
) -> float:
    """The learning rate of a program: a number that stays the same and stands in its updates.

    That of the recipe, where it stands there; else the one by which the most steps are the true gradients; where no
    step is true, the one by which the most steps are numbers that the program computes itself. ``spoken`` are the
    numbers `in_updates`. A program in whose updates no such number stands may leave out a rate of 1.
    """
    if any(bool(close(rate, asked, timeline.precision)) for rate in spoken):
        return asked
    rates = spoken or [asked, *_given(timeline)]
    support = {rate: _true(made, gradients, rate, timeline.precision) for rate in rates}
    best = max(rates, key=lambda rate: support[rate])
    if support[best] > 0:
        return best
    if not is_written(timeline, network, made) and _true(made, gradients, 1.0, timeline.precision) == _moved(made):
        return 1.0
    if any(bool(close(rate, asked, timeline.precision)) for rate in rates):
        return asked
    seen = {rate: _seen(timeline, network, made, rate) for rate in rates}
    return max(rates, key=lambda rate: seen[rate])


def is_written(timeline: Timeline, network: Network, made: tuple[Step, ...]) -> bool:
    """Whether the updates of all parameters that move have a number in common that the round does not compute."""
    step = made[0]
    sizes, room = np.abs(step.change)[:, None], 2 * step.room[:, None]
    covered: dict[float, NDArray[np.bool_]] = {}
    for site, event in _expressions(timeline, network, step):
        mine = np.any(np.abs(sizes - np.abs(timeline.value(event)).ravel()) <= room, axis=1)
        for number in set(_given_parts(timeline, site, event, step)):
            covered[number] = covered.get(number, np.zeros(network.size, bool)) | mine
    moved = np.abs(step.change) > 4 * step.room
    return any(bool(mine[moved].all()) for mine in covered.values())


def _given_parts(timeline: Timeline, site: int, event: int, step: Step) -> Iterator[float]:
    """The steady numbers in an expression but for those that the round computes itself."""
    for part, number in _single_numbers(timeline, site, event):
        if not timeline.moves[part] and timeline.observation.sites[part].kind in STEADY and number != 0:
            place = int(timeline.observation.place[timeline.before(part, event) or 0])
            if place < 0 or not _is_computed(timeline, place, step):
                yield abs(number)


def _is_computed(timeline: Timeline, place: int, step: Step) -> bool:
    """Whether a variable gets its value in the round of a step."""
    events = timeline.of_place[place]
    here = events[(events >= step.round.begin) & (events < step.round.end)]
    return bool(timeline.writes[timeline.observation.site[here]].any())


def _moved(made: tuple[Step, ...]) -> int:
    return sum(int(np.sum(np.abs(step.change) > 4 * step.room)) for step in made)


def schedule(timeline: Timeline, network: Network, made: tuple[Step, ...], gradients: list[Array]) -> Array | None:
    """The learning rate of each step where it changes, shape (steps,); None if there is no such schedule.

    It is read from one variable in the updates, that has in every step just the number by which the step is the true
    gradient: a factor that no variable holds, or not always, excuses nothing.
    """
    rates: list[dict[int, float]] = []
    for step, gradient in zip(made, gradients, strict=True):
        here: dict[int, float] = {}
        for site, event in _expressions(timeline, network, step):
            here |= _moving_parts(timeline, site, event)
        size = RELATIVE[timeline.precision]
        fits = {
            site: rate
            for site, rate in here.items()
            if np.all(np.abs(step.change - rate * gradient) <= step.room + size * np.abs(rate * gradient))
        }
        rates.append(fits)
    shared = set.intersection(*(set(one) for one in rates)) if rates else set()
    return np.array([one[min(shared)] for one in rates]) if shared else None


def _moving_parts(timeline: Timeline, site: int, event: int) -> dict[int, float]:
    """The variables in an expression that hold one positive number, another one at another time."""
    return {
        part: number
        for part, number in _single_numbers(timeline, site, event)
        if timeline.moves[part] and timeline.observation.sites[part].kind in VARIABLES and number > 0
    }


def in_updates(timeline: Timeline, network: Network, made: tuple[Step, ...]) -> list[float]:
    """The positive numbers that stay the same in expressions that are a step; those with a name first."""
    found: dict[float, bool] = {}
    for step in made[:3]:
        for site, event in _expressions(timeline, network, step):
            for number, named in _steady_parts(timeline, site, event):
                found[number] = found.get(number, False) or named
    return sorted(found, key=lambda number: (not found[number], number == 1, number))


def _expressions(timeline: Timeline, network: Network, step: Step) -> Iterator[tuple[int, int]]:
    """The places in the source, and the events, that show by how much a step changes something."""
    observation = timeline.observation
    changes = [array for array in network.arrays(step.change).values() if np.any(array) and np.isfinite(array).all()]
    for event in range(step.round.first, step.round.end):
        site = int(observation.site[event])
        if observation.sites[site].kind == "operation" and _is_a_step(timeline, event, step, changes):
            yield site, event


def _is_a_step(timeline: Timeline, event: int, step: Step, changes: list[Array]) -> bool:
    """Whether an expression is by how much a parameter, or an array of them, changes."""
    value = timeline.value(event)
    if value.size == 1:
        number = value.item()
        with np.errstate(invalid="ignore"):
            near = np.abs(np.abs(step.change) - abs(number)) <= 2 * step.room
        return number != 0 and bool(np.any(near & (np.abs(step.change) > 100 * step.room)))
    room = 2 * float(step.room.max())
    for change in changes:
        if value.size == change.size:
            for way in (change, change.T):
                gap = np.minimum(np.abs(value.ravel() - way.ravel()), np.abs(value.ravel() + way.ravel()))
                if np.all(gap <= room + 1e-12 * np.abs(way).max()) and np.abs(way).max() > 100 * room:
                    return True
    return False


def _steady_parts(timeline: Timeline, site: int, event: int) -> Iterator[tuple[float, bool]]:
    """The single numbers in an expression that never change, and whether they have a name."""
    for part, number in _single_numbers(timeline, site, event):
        kind = timeline.observation.sites[part].kind
        if not timeline.moves[part] and kind in STEADY and number != 0 and np.isfinite(number):
            yield abs(number), kind != "constant"


def _single_numbers(timeline: Timeline, site: int, event: int) -> Iterator[tuple[int, float]]:
    """The parts of an expression that showed one number, and which, when it was evaluated."""
    for part in timeline.parts(site):
        last = timeline.before(part, event)
        if last is not None and timeline.value(last).size == 1:
            yield part, timeline.value(last).item()


VARIABLES = {"name", "attribute", "item"}
STEADY = VARIABLES | {"constant", "operation"}
"""An operation may be the sign of a constant."""


def _given(timeline: Timeline) -> list[float]:
    """Positive numbers that stay the same and have a name, or are handed to a function."""
    observation = timeline.observation
    found = set()
    for number, events in enumerate(timeline.of_site):
        site = observation.sites[number]
        handed = site.kind == "constant" and site.parent >= 0 and observation.sites[site.parent].kind == "call"
        if not len(events) or timeline.moves[number] or not (handed or site.kind in {"store", "name", "argument"}):
            continue
        value = timeline.value(int(events[0]))
        if value.size == 1 and value.item() > 0 and np.isfinite(value.item()):
            found.add(value.item())
    return sorted(found, key=lambda number: (number == 1, number))


def _true(made: tuple[Step, ...], gradients: list[Array], rate: float, precision: str) -> int:
    """How many steps are the true gradient times the rate."""
    relative = RELATIVE[precision]
    count = 0
    for step, gradient in zip(made, gradients, strict=False):
        moved = np.abs(step.change) > 4 * step.room
        room = step.room + relative * np.abs(rate * gradient)
        count += int(np.sum(moved & (np.abs(step.change - rate * gradient) <= room)))
    return count


def _seen(timeline: Timeline, network: Network, made: tuple[Step, ...], rate: float) -> int:
    """How many steps, divided by the rate, are numbers of the program."""
    count = 0
    for step in made[:3]:
        numbers = timeline.numbers(step.round.begin, step.round.end)
        implied, room = step.change / rate, 2 * step.room / rate
        count += int(np.sum(numbers.has_each(implied, room) & (np.abs(implied) > room)))
        rooms = network.arrays(room)
        for name, array in network.arrays(implied).items():
            if array.size > 1 and numbers.has_array(array, rooms[name]):
                count += array.size
    return count
