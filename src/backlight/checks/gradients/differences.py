"""The slope of a function of which nothing is known but its values, with an honest estimate of its error.

Central differences at steps that are halved, extrapolated to step 0 (Richardson; Ridders, Adv. Eng. Software 4
(1982)). No single step is right for every function: too large a step bends, too small a one drowns in rounding, so
the steps decide among themselves, and how far they disagree is the error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Along = Callable[[float], "Array"]
"""The values of a function when its argument has gone a way t along a direction."""

HALVINGS = 30
LEVELS = 7
"""How far the extrapolation goes; the error of the last level is of order step^14."""
PATIENCE = 4
"""So many halvings without a better estimate are the end."""
ROUNDINGS = 4
"""How many roundings a value of the function is taken to have, at least."""
TINY = 2.0**-20
"""Steps, in parts of the reach, at which a smooth function is a straight line."""


class Slope(NamedTuple):
    """A slope for each output, and how far it may be off; infinitely far where the steps do not agree at all."""

    value: Array
    error: Array


def noise(along: Along, reach: float) -> Array:
    """How far the values jump about: what is left in third differences at steps where a smooth function has none.

    Moré, Wild, SIAM J. Sci. Comput. 33 (2011); never less than a few roundings of float64.
    """
    values = np.array([along(TINY * reach * number) for number in range(8)])
    jumps = np.abs(np.diff(values, n=3, axis=0)).max(axis=0) / np.sqrt(20)  # of independent errors, as large as one
    least: Array = ROUNDINGS * 2.0**-53 * np.abs(values).max(axis=0)
    larger: Array = np.fmax(jumps, least)
    return larger


def slope(along: Along, reach: float, noisy: Array | float) -> Slope:
    """Find d/dt of some values at t = 0.

    Parameters
    ----------
    along : callable
        The values at t, an array of shape (c,).
    reach : float
        A way that is large for the function, such as the size of its argument; a quarter of it is the first step.
    noisy : array, shape (c,)
        How far a value may be off, as `noise` finds it.

    Examples
    --------
    >>> def values(t):
    ...     return np.array([np.exp(t), t * t])
    >>> found = slope(values, 1.0, noise(values, 1.0))
    >>> bool(abs(found.value[0] - 1) <= found.error[0] < 1e-11)
    True
    """
    start = along(0.0)
    best = Slope(np.full(start.shape, np.nan), np.full(start.shape, np.inf))
    before: list[Array] = []
    waited = 0
    for halving in range(HALVINGS):
        step = reach / 4 / 2**halving
        ahead, behind = along(step), along(-step)
        row = [(ahead - behind) / (2 * step)]
        rounding = (noisy + 2.0**-53 * np.abs(row[0]) * reach) / step  # of the values, and of where they are taken
        for level in range(1, min(halving, LEVELS) + 1):
            # errors of central differences are even powers of the step: each level removes the next one
            row.append(row[-1] + (row[-1] - before[level - 1]) / (4.0**level - 1))
            error = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - before[level - 1])) + rounding
            better = error < best.error
            waited = 0 if better.any() else waited
            best = Slope(np.where(better, row[-1], best.value), np.where(better, error, best.error))
        before = row
        waited += 1
        if waited > PATIENCE and np.isfinite(best.error).all():
            break
    return best


class OneSided(NamedTuple):
    """The slopes on both sides of a point, and whether they are different there."""

    low: Array
    high: Array
    differ: NDArray[np.bool_]


NEAR, NEARER = 2.0**-12, 2.0**-16
"""Steps, in parts of the reach: of a smooth function the sides agree sixteen times better at the nearer one."""


def one_sided(along: Along, reach: float, noisy: Array | float) -> OneSided:
    """Look for a kink at t = 0: slopes from the left and from the right that do not come together.

    Examples
    --------
    >>> sides = one_sided(lambda t: np.array([max(t, 0.0), t * t]), 1.0, 1e-16)
    >>> sides.differ.tolist(), round(abs(sides.low[0])), round(sides.high[0])
    ([True, False], 0, 1)
    """
    here = along(0.0)

    def sides(step: float) -> tuple[Array, Array]:
        return (here - along(-step)) / step, (along(step) - here) / step

    (left, right), (left_near, right_near) = sides(NEAR * reach), sides(NEARER * reach)
    size = np.abs(left_near) + np.abs(right_near)
    rounding = noisy / (NEARER * reach) + 2.0**-53 * size / NEARER
    gap, gap_near = np.abs(right - left), np.abs(right_near - left_near)
    differ = (gap_near > gap / 2) & (gap_near > 16 * rounding) & (gap_near > NEARER * size)
    slack = np.abs(right - right_near) + np.abs(left - left_near) + rounding
    return OneSided(np.minimum(left_near, right_near) - slack, np.maximum(left_near, right_near) + slack, differ)
