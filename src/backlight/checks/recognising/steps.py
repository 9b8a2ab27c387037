"""What a program does to its parameters from one round to the next, and the gradients that this implies.

A step is (before - after), exact in the program's numbers up to the last place of the parameters; divided by the
learning rate it is the gradient that the program must have had, whatever it calls it and wherever it keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.rounds import Round
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


def steps(timeline: Timeline, rounds: tuple[Round, ...]) -> tuple[Step, ...]:
    """The updates between the rounds of a program.

    To begin again from the start is none, and behind a gap, where nothing was recorded, there may have been many.
    """
    found = []
    for one, other in pairwise(rounds):
        unseen = any(one.last < gap <= other.first for gap in timeline.observation.gaps)
        if unseen or np.array_equal(other.parameters, rounds[0].parameters):
            continue
        room = rooms(one.parameters, other.parameters, timeline.precision)
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
