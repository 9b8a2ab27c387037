"""Would a mistake show at other initial values? Simulated by the hand engine, before any program is run again.

A mistake that shows nowhere is none in this network with these samples: its numbers are those of the right way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.judging.judge import change_from
from backlight.checks.judging.power import POWER
from backlight.engines.hand import Iteration
from backlight.engines.mistakes import plant
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Suspects
    from backlight.checks.recognising.network import Network

    Array = NDArray[np.floating[Any]]

POINTS = 6
"""So many initial values are drawn."""
MOSTLY = 0.85
"""In every second of them so many are positive: then most units of a relu are on, else half of them."""
UPDATES = 2
SAME = 1e-10
"""Relative to the largest change of the array: two ways that differ by less are one."""
ROUNDINGS = 64
"""A right program is off by less than so many roundings of the largest change of the array."""


class Tells(NamedTuple):
    """Whether a mistake differs from the right way, and whether that can be seen."""

    at_all: bool
    clearly: bool


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """A right course of training from other initial values, on the samples of the judged updates.

    Attributes
    ----------
    network : Network
        With the learning rate of the program.
    rows : tuple of tuple of int
        The samples of each update.
    parameters : array
        Where it begins.
    precision : str
        What the program computes in.
    """

    network: Network
    rows: tuple[tuple[int, ...], ...]
    parameters: Array
    precision: str

    def engine(self, *asked: str) -> Iteration:
        """A hand engine that makes these mistakes."""
        arrangement = layout(self.network.recipe, max(len(one) for one in self.rows))
        engine = Iteration(self.network.recipe, self.network.start(self.parameters), arrangement)
        for one in asked:
            plant(one, engine, self.network.recipe, arrangement)
        return engine

    @cached_property
    def course(self) -> list[tuple[Array, Array]]:
        """The parameters before each update and its change."""
        engine, found, now = self.engine(), [], self.parameters
        with np.errstate(all="ignore"):
            for some in self.rows:
                change = change_from(engine, self.network, now, some)
                found.append((now, change))
                now = now - change
        return found

    @property
    def is_finite(self) -> bool:
        """Whether the learning rate leads nowhere from here."""
        return all(bool(np.isfinite(change).all()) for _now, change in self.course)

    def changes(self, asked: str) -> list[Array]:
        """What a mistake makes of the updates."""
        engine = self.engine(asked)
        with np.errstate(all="ignore"):
            return [
                change_from(engine, self.network, now, some)
                for (now, _), some in zip(self.course, self.rows, strict=True)
            ]

    def tells(self, asked: str) -> Tells:
        """Whether a mistake makes a difference here, and one that can be seen in the precision of the program."""
        right, mistaken = [change for _now, change in self.course], self.changes(asked)
        return Tells(self.differ(right, mistaken, at_all=True), self.differ(right, mistaken))

    def differ(self, one: Sequence[Array], other: Sequence[Array], *, at_all: bool = False) -> bool:
        """Whether two ways to update can be told from one another here."""
        unit = float(np.finfo(self.precision).eps)
        for mine, theirs, (now, _change) in zip(one, other, self.course, strict=True):
            gap = np.abs(mine - theirs)
            if np.any(gap):
                size = _largest(self.network, mine, theirs)
                room = SAME * size if at_all else POWER * unit * (ROUNDINGS * size + 2 * np.abs(now))
                if not np.all(gap <= room):
                    return True
        return False


def _largest(network: Network, one: Array, other: Array) -> Array:
    """The largest change of each parameter's array."""
    both = np.maximum(np.abs(one), np.abs(other))
    found = np.empty_like(both)
    for mine in network.slices.values():
        found[mine] = both[mine].max()
    return found


def places(suspects: Suspects, free: NDArray[np.intp] | None = None) -> list[Elsewhere]:
    """Some other beginnings of a program.

    Parameters
    ----------
    free : array of int, shape (parameters,), optional
        For each parameter the number of the place in the program that its initial value comes from; -1 where that
        cannot be changed. Parameters of one place stay equal.
    """
    network, rows = suspects.network, suspects.judged.rows[: min(suspects.number, UPDATES)]
    own = suspects.judged.steps[0].round.parameters
    begins = [drawn(network, number) for number in range(POINTS)]
    if free is not None:
        begins = [_mixed(own, one, free) for one in begins]
    found = [Elsewhere(network, rows, one, suspects.precision) for one in begins]
    return [one for one in found if one.is_finite]


def are_all_free(free: NDArray[np.intp]) -> bool:
    """Whether every initial value has a place of its own that can be changed."""
    return bool((free >= 0).all()) and len(np.unique(free)) == len(free)


def _mixed(own: Array, other: Array, free: NDArray[np.intp]) -> Array:
    """Other initial values as far as a program can be made to begin there."""
    _places, first, back = np.unique(free, return_index=True, return_inverse=True)
    return np.where(free < 0, own, other[first][back])


def drawn(network: Network, number: int) -> Array:
    """Initial values that nothing makes equal, of a size that saturates no unit."""
    random = np.random.default_rng(number)
    parts = []
    for name, shape in network.shapes.items():
        signs = np.where(random.random(shape) < (MOSTLY if number % 2 else 0.5), 1.0, -1.0)
        size = random.uniform(0.3, 1.0, shape) * signs
        if name[0] == "W":
            size *= np.sqrt(3 / shape[0])
            if name == "W1":
                size /= max(float(np.max(np.abs(network.inputs))), 1.0)
        else:
            size *= 0.4
        parts.append(size.ravel())
    return np.array([float(f"{one:.3g}") for one in np.concatenate(parts)])
