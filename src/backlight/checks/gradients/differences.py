"""The slope of a function of which nothing is known but its values, with an honest estimate of its error.

Central differences at steps that are halved, extrapolated to step 0 (Richardson; Ridders, Adv. Eng. Software 4
(1982)). No single step is right for every function: too large a step bends, too small a one drowns in rounding, so
the steps decide among themselves, and how far they disagree is the error; fine steps are asked whether they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
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
FINE = tuple(2.0**-power for power in (10, 14, 18, 22, 26))
"""Steps, in parts of the reach, that look for waves which the extrapolation leaps over."""
ATTEMPTS, SHRINK = 8, 8
"""How often, and from how much smaller first steps, it is tried again then."""
PLAUSIBLE = 1e-2
"""Relative error at which large steps are so much at one that their slope is not forgotten."""
ROUNDINGS = 4
"""How many roundings a value of the function is taken to have, at least."""
TINY, TINIER = 2.0**-20, 2.0**-38
"""Steps, in parts of the reach, at which a smooth function is nearly a straight line, and a fast wave is one too."""
STAIRS_FROM, STAIRS_TO = 40, 5
"""Powers of two: from which step, in parts of the reach, to which one a value is watched for its first change."""


class Slope(NamedTuple):
    """A slope for each output, and how far it may be off; infinitely far where the steps do not agree at all."""

    value: Array
    error: Array


def noise(along: Along, reach: float) -> Array:
    """How far the values jump about: what no cubic fits at tiny steps, or the height of a stair.

    Fast waves look like noise too, but are smooth at steps that are tinier still. Never less than a few roundings of
    float64 (after Moré, Wild, SIAM J. Sci. Comput. 33 (2011), with irregular steps: regular ones may beat with those
    of float32).

    Examples
    --------
    >>> bool(noise(lambda t: np.array([np.sin(1 + t)]), 1.0) < 1e-14)
    True
    >>> bool(1e-8 < noise(lambda t: np.array([np.float32(np.sin(1 + t))], float), 1.0) < 1e-6)
    True
    """
    (rough, _, size), (finest, range_of_finest, _) = (residuals(along, step * reach) for step in (TINY, TINIER))
    least: Array = ROUNDINGS * 2.0**-53 * size
    is_smooth = range_of_finest > 16 * np.fmax(finest, least)
    return np.fmax(np.fmax(np.where(is_smooth, finest, np.fmax(rough, finest)), stair(along, reach)), least)


def residuals(along: Along, step: float) -> tuple[Array, Array, Array]:
    """What a cubic leaves of values at irregular steps; their range; their size."""
    places = np.array([0, 0.9, 1.7, 2.2, 3.1, 3.6, 4.7, 5.3, 5.9, 6.8, 7.3, 8.0])
    values = np.array([along(step * place) for place in places])
    powers = np.vander(places / 8, 4)
    left = values - powers @ (np.linalg.pinv(powers) @ values)
    return 2 * np.abs(left).max(axis=0), np.ptp(values, axis=0), np.abs(values).max(axis=0)


def stair(along: Along, reach: float) -> Array:
    """The first change of a value that stays the same, to the last bit, at smaller steps; 0 where it changes at once."""
    here = along(0.0)
    height, same = np.zeros(here.shape), np.ones(here.shape, dtype=bool)
    for number, power in enumerate(range(STAIRS_FROM, STAIRS_TO, -2)):
        change = np.abs(along(2.0**-power * reach) - here)
        height = np.where(same & (change > 0) & (number > 0), change, height)
        same &= change == 0
    return height


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
    fine = [central(along, reach * step, reach, noisy) for step in FINE]
    best = Slope(np.full(fine[0].value.shape, np.nan), np.full(fine[0].value.shape, np.inf))
    rivals = []
    for attempt in range(ATTEMPTS):
        found = extrapolated(along, reach / SHRINK**attempt, noisy)
        against = contradicted(found, fine)
        rivals.append(np.where(against & (found.error <= PLAUSIBLE * np.abs(found.value)), found.value, np.nan))
        found = Slope(found.value, np.where(against, np.inf, found.error))
        better = found.error < best.error
        best = Slope(np.where(better, found.value, best.value), np.where(better, found.error, best.error))
        if np.isfinite(best.error).all():
            break
    # a slope with stairs on it: large steps see one slope and fine ones another, and nobody knows which is meant
    apart = np.abs(np.array(rivals) - best.value)
    return Slope(best.value, np.fmax(best.error, np.max(apart, axis=0, initial=0.0, where=~np.isnan(apart))))


def central(along: Along, step: float, reach: float, noisy: Array | float) -> Slope:
    """One central difference, and what rounding of the values, and of where they are taken, does to it."""
    value = (along(step) - along(-step)) / (2 * step)
    return Slope(value, (noisy + 2.0**-53 * np.abs(value) * reach) / step)


def contradicted(found: Slope, fine: Sequence[Slope]) -> NDArray[np.bool_]:
    """Whether differences at fine steps agree with each other on another slope: large ones leap over fast waves."""
    against = np.zeros(found.value.shape, dtype=bool)
    for one, finer in pairwise(fine):
        room = found.error + 2 * np.abs(one.value - finer.value) + 4 * (one.error + finer.error)
        against |= np.abs(finer.value - found.value) > room
    return against


def extrapolated(along: Along, reach: float, noisy: Array | float) -> Slope:
    """Central differences at steps that are halved, extrapolated to step 0."""
    start = along(0.0)
    best = Slope(np.full(start.shape, np.nan), np.full(start.shape, np.inf))
    before: list[Array] = []
    waited = 0
    for halving in range(HALVINGS):
        one = central(along, reach / 4 / 2**halving, reach, noisy)
        row = [one.value]
        for level in range(1, min(halving, LEVELS) + 1):
            # errors of central differences are even powers of the step: each level removes the next one
            row.append(row[-1] + (row[-1] - before[level - 1]) / (4.0**level - 1))
            error = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - before[level - 1])) + one.error
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
