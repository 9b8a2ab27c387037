"""What a program does to its parameters from one round to the next, and the gradients that this implies.

A step is (before - after), exact in the program's numbers up to the last place of the parameters; divided by the
learning rate it is the gradient that the program must have had, whatever it calls it and wherever it keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.network import Network
    from backlight.checks.passes import Round
    from backlight.checks.timeline import Timeline

    Array = NDArray[np.floating[Any]]

STEADY = {"constant", "name", "attribute", "argument", "item", "store"}


@dataclass(frozen=True)
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
    """The updates between the rounds of a program."""
    kind = np.dtype(precision)
    found = []
    for one, other in zip(rounds, rounds[1:], strict=False):
        room = _ulp(one.parameters, kind) + _ulp(other.parameters, kind)
        found.append(Step(one, other.parameters, one.parameters - other.parameters, room))
    return tuple(found)


def _ulp(numbers: Array, kind: np.dtype[Any]) -> Array:
    """The spacing of the program's numbers there."""
    with np.errstate(all="ignore"):
        return np.abs(np.spacing(numbers.astype(kind))).astype(float)


def learning_rate(
    timeline: Timeline, network: Network, made: tuple[Step, ...], gradients: list[Array], asked: float
) -> float:
    """The learning rate of a program: what its steps, divided by it, show to be its own numbers.

    Of the numbers that stay the same in the program, it is the one by which the most steps are the true gradients;
    where no step is true, the one by which the most steps are numbers that the program computes itself. The rate of
    the recipe is tried first, and 1, which divides everything, last.
    """
    rates = _candidates(timeline, asked)
    support = {rate: _true(made, gradients, rate, timeline.precision) for rate in rates}
    best = max(rates, key=lambda rate: support[rate])
    if support[best] > 0:
        return best
    seen = {rate: _seen(timeline, network, made, rate) for rate in rates}
    return max(rates, key=lambda rate: seen[rate])


def _candidates(timeline: Timeline, asked: float) -> list[float]:
    """Positive numbers that stay the same, the recipe's own rate first, 1 last."""
    observation = timeline.observation
    found = set()
    for events in timeline.of_site:
        if not len(events) or observation.sites[int(observation.site[events[0]])].kind not in STEADY:
            continue
        values = np.unique(observation.value[events])
        if len(values) == 1 and timeline.values[int(values[0])].size == 1:
            found.add(abs(timeline.values[int(values[0])].item()))
    usable = sorted((rate for rate in found - {asked, 1.0} if rate > 0 and np.isfinite(rate)))
    return [asked, *usable, *({1.0} & found - {asked})]


def _true(made: tuple[Step, ...], gradients: list[Array], rate: float, precision: str) -> int:
    """How many steps are the true gradient times the rate."""
    relative = {"float64": 1e-9, "float32": 1e-4}[precision]
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
