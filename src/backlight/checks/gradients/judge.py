"""Is what was seen right, wrong, or neither? Every number at every point.

What is excused is never right for that: right is only what agrees so well, at a point where there is something to
agree on, that an error of a thousandth would have shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.doubts import WRONG, Finding, doubts
from backlight.checks.gradients.looks import TOGETHER, Look, along, reach_of
from backlight.checks.gradients.points import NEAR
from backlight.checks.gradients.tolerance import scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

HEARD = 8
"""A slope that is so many times as large as its error is not 0."""
NOISY = 4096
"""With more roundings than this a gradient is no backward pass, but perhaps a difference: never right."""
CERTAIN = 1e-4
"""What agrees to this would have shown an error of a thousandth with a margin of eight."""


@dataclass(frozen=True)
class Judged:
    """What all points together say.

    Attributes
    ----------
    findings : tuple of Finding
        Everything outside the tolerance that was examined.
    agreement : array, shape (n,)
        For each number, the smallest relative error that is ruled out; infinite where nothing is, NaN where it was
        not looked at.
    silent : array of bool, shape (n,)
        Which numbers had no influence at any point where they were looked at.
    together : bool
        Whether all numbers together agree, so that those agree that were not looked at one by one.
    scale : array, shape (n + 1,)
        The largest gradient of each number's argument at any point, and of all together.
    """

    findings: tuple[Finding, ...]
    agreement: Array
    silent: NDArray[np.bool_]
    together: bool
    scale: Array

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong."""
        return any(finding.doubt in WRONG for finding in self.findings)


def judged(subject: Subject, looks: Sequence[Look]) -> Judged:
    """Judge everything that was seen."""
    scale = scales(subject, looks)
    findings = list(doubts(subject, looks, scale))
    n = len(subject.start)
    agreement, seen, heard, together = np.full(n, np.nan), *np.zeros((2, n), dtype=bool), False
    for look in looks:
        reached = agreements(subject, look, scale)
        alone = look.positions != TOGETHER
        np.fmin.at(agreement, look.positions[alone], reached[alone])
        seen[look.positions[alone]] = True
        heard[look.positions[alone]] |= np.any(np.abs(look.truth) > HEARD * look.error, axis=0)[alone]
        together |= bool(np.all(reached[~alone] <= CERTAIN))
    never = without_influence(subject, looks, agreement)
    agreement[never], heard[never] = 0.0, True
    return Judged(tuple(findings), agreement, seen & ~heard, together, scale)


def agreements(subject: Subject, look: Look, scale: Array) -> Array:
    """For each direction, the relative error that would have shown in the cotangent that shows it best."""
    error = np.abs(look.theirs - look.truth)
    roundings = 2.0**-subject.bits * (np.abs(look.truth) + scale[look.positions])
    noisy = error > np.fmax(NOISY * roundings, look.error)
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = (error + look.error) / np.abs(
            look.truth
        ) + 2.0**-subject.bits  # agreement closer than a rounding is luck
    shown[noisy | ~np.isfinite(shown)] = np.inf
    best: Array = shown.min(axis=0)
    return best


def without_influence(subject: Subject, looks: Sequence[Look], agreement: Array) -> NDArray[np.intp]:
    """Numbers that the function does not depend on, beside others of their argument that it does depend on.

    An argument without any influence is not excused: a unit that is dead at every point looks like that.
    """
    n = len(subject.start)
    seen, silent = np.zeros(n, dtype=int), np.ones(n, dtype=bool)
    for look in looks:
        alone = look.positions != TOGETHER
        seen[look.positions[alone]] += 1
        silent[look.positions[alone]] &= ~(look.theirs[:, alone].any(axis=0) | look.truth[:, alone].any(axis=0))
    for where in subject.vector.slices:
        silent[where] &= bool(np.any(agreement[where] <= CERTAIN))
    candidates = np.flatnonzero(silent & (seen > NEAR))
    return np.array([p for p in candidates if all(is_constant(subject, look, int(p)) for look in looks)], dtype=np.intp)


def is_constant(subject: Subject, look: Look, position: int) -> bool:
    """Whether the outputs stay the same, to the last bit, when a number is moved by its own size, and much further."""
    direction = np.zeros(len(look.point.x))
    direction[position] = 1.0
    at, reach = along(subject, look.cotangents, look.point.x, direction), reach_of(subject, look.point.x, direction)
    here = at(0.0)
    return all(np.array_equal(here, at(t * reach)) for t in (-1.0, 0.5, 1.0, 8.0, 64.0))
