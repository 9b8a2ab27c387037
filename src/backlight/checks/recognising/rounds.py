"""The rounds of a training: from one change of the parameters to the next.

Passes at the same parameters belong to one round: the samples that an update goes through one by one, a whole batch,
or a look at the loss in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Round:
    """What a program does at one set of parameters.

    Attributes
    ----------
    parameters : array
        As `Network` has them.
    passes : tuple of tuple of int
        The samples of each forward pass in order.
    begin, end : int
        From behind the previous round's last pass up to the next round's first pass: forward and backward of this
        round are among these events.
    first, last : int
        The events of its first and of its last pass, looks at all samples before a batch left out.
    """

    parameters: Array
    passes: tuple[tuple[int, ...], ...]
    begin: int
    end: int
    first: int
    last: int

    @property
    def rows(self) -> tuple[int, ...]:
        """All samples of the round, each once, in the order of the program."""
        return tuple(dict.fromkeys(row for one in self.passes for row in one))


class Pass(NamedTuple):
    """One forward pass: where it ends, what it has read, and which samples each row of its outputs may be."""

    time: int
    parameters: Array
    fits: NDArray[np.bool_]


BEHIND, FEW_ROUNDS = 2, 5
"""So many rounds behind a training look at what came of it; so few of them are no training."""


def rounds_in(passes: list[Pass]) -> int:
    """How many sets of parameters follow one another."""
    return sum(
        1
        for number, one in enumerate(passes)
        if number == 0 or not np.array_equal(one.parameters, passes[number - 1].parameters)
    )


def rounds_of(passes: list[Pass], end: int) -> tuple[Round, ...]:
    """The passes at one place in the source, put into rounds."""
    together: list[list[Pass]] = []
    for one in passes:
        if together and np.array_equal(one.parameters, together[-1][-1].parameters):
            together[-1].append(one)
        else:
            together.append([one])
    together = _without_looks_back(together)
    row = -1
    rows_of: list[tuple[tuple[int, ...], ...]] = []
    for some in together:
        rows: list[tuple[int, ...]] = []
        for one in some:
            rows.append(_samples(one.fits, row))
            row = rows[-1][-1]
        looks = _looks(rows, some[0].fits.shape[1])
        del some[:looks]
        rows_of.append(tuple(rows[looks:]))
    begins = [0] + [some[-1].time + 1 for some in together[:-1]]
    ends = [some[0].time for some in together[1:]] + [end]
    return tuple(
        Round(some[0].parameters, rows, begin, stop, some[0].time, some[-1].time)
        for some, rows, begin, stop in zip(together, rows_of, begins, ends, strict=True)
    )


def _without_looks_back(together: list[list[Pass]]) -> list[list[Pass]]:
    """The rounds of a training without the one or two behind it that begin with a look back at parameters of before.

    A program that begins anew goes on from there, and is no such look.
    """
    keys = [some[0].parameters.tobytes() for some in together]
    for number in range(max(len(keys) - BEHIND, FEW_ROUNDS), len(keys)):
        if len(set(keys[:number])) == number and keys[number] in keys[:number]:
            return together[:number]
    return together


def _looks(rows: list[tuple[int, ...]], samples: int) -> int:
    """How many passes before a batch only look at how the training goes: they go through all samples, the batch does not."""
    looks, seen = 0, list[int]()
    for number, one in enumerate(rows[:-1], start=1):
        seen += one
        if len(seen) == samples == len(set(seen)) > len({row for other in rows[number:] for row in other}):
            looks, seen = number, []
    return looks


def _samples(fits: NDArray[np.bool_], after: int) -> tuple[int, ...]:
    """The samples of a pass; where several have equal outputs, those that come next in order."""
    order = np.roll(np.arange(fits.shape[1]), -(after + 1))
    rows: list[int] = []
    for one in fits:
        likely = [int(row) for row in order if one[row]]
        rows.append(next((row for row in likely if row not in rows), likely[0]))
    return tuple(rows)
