"""How far a right gradient may be from the truth: the unit of error is a radius, and four of them are the tolerance.

A radius is what roundings come to in a backward pass at numbers of the size that occur, and how far the truth itself
may be off. Where a recipe is given it is that of exact arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.looks import TOGETHER, Look, reach_of
from backlight.checks.gradients.points import YOURS
from backlight.checks.gradients.subject import DOUBLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

RADII = 4
"""What is outside so many radii is wrong."""
ROUNDINGS = 16
"""So many roundings of the largest gradient of an argument make a radius."""


def scales(subject: Subject, looks: Sequence[Look]) -> Array:
    """The largest true gradient of each argument at any point, by number; of all for directions that move all."""
    n = len(subject.start)
    found = np.zeros(n + 1)
    for look in looks:
        alone = look.positions != TOGETHER
        largest = np.nanmax(np.abs(look.truth), axis=0, initial=0.0, where=np.isfinite(look.truth))
        np.maximum.at(found, look.positions[alone], largest[alone])
        found[n] = max(found[n], np.max(largest[~alone], initial=0.0))
    for where in subject.vector.slices:
        found[where] = np.max(found[where], initial=0.0)
    return found


def natural_slopes(subject: Subject, look: Look) -> Array:
    """How steep a function is that changes by its own value over the reach of each direction."""
    reaches = np.array([reach_of(subject, look.point.x, row) for row in look.directions])
    slopes: Array = np.abs(look.outputs)[:, None] / reaches
    return slopes


def radius(subject: Subject, look: Look, scale: Array) -> Array:
    """The unit of error of each number: roundings of a backward pass, and how far the truth may be off."""
    known = subject.radii(look.point.x)
    smallest = np.finfo(np.float32 if subject.bits < DOUBLE else np.float64).tiny
    size = np.abs(look.truth) + scale[look.positions]
    unit = np.fmax(2.0**-subject.bits * (ROUNDINGS * size + natural_slopes(subject, look)), smallest)
    if known is not None:
        alone = look.positions != TOGETHER
        unit[:, alone] = known[look.positions[alone]]
    in_radii: Array = unit + look.error
    return in_radii


def outside(subject: Subject, look: Look, scale: Array) -> Array:
    """How far each number is from the truth, in tolerances: more than 1 is outside. Not finite is infinitely far."""
    with np.errstate(invalid="ignore"):
        found: Array = np.abs(look.theirs - look.truth) / (RADII * radius(subject, look, scale))
    found[~np.isfinite(look.truth) | ~np.isfinite(look.error)] = 0.0
    found[~np.isfinite(look.theirs) & (np.isfinite(look.truth) | (look.point.name == YOURS))] = np.inf
    return found
