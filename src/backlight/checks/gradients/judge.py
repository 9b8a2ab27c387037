"""Is what was seen right, wrong, or neither? Every number at every point, then every argument, then the whole.

The unit of error is a radius: the roundings that a backward pass makes at numbers of the size that occur. What is
outside four radii is wrong, unless there is a kink, or it is rounding: a mistake has the same relative error nearby,
rounding has any. What is excused is never right for that: right is only what agrees so well, at a point where there
is something to agree on, that an error of a thousandth would have shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from backlight.checks.gradients.differences import one_sided
from backlight.checks.gradients.looks import TOGETHER, Look, along, by_differences, exact_slopes, reach_of
from backlight.checks.gradients.points import near, pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

RADII = 4
"""What is outside so many radii is wrong."""
ROUNDINGS = 16
"""So many roundings of the largest gradient of an argument make a radius."""
NOISY = 4096
"""With more roundings than this a gradient is no backward pass, but perhaps a difference: never right."""
CERTAIN = 1e-4
"""What agrees to this would have shown an error of a thousandth with a margin of eight."""
EXAMINED = 3
"""So many numbers of each argument are looked at closely at a point, the worst first."""
SPREADS = (1e-5, 1e-5, 1e-3, 1e-3, 0.02, 0.02, 0.02, 0.02)
"""How far away it is looked whether an error is the same there."""

Doubt = Literal["wrong", "kink", "rounding", "not finite"]


@dataclass(frozen=True)
class Finding:
    """One number that is outside the tolerance, and what was found of it."""

    look: Look
    cotangent: int
    direction: int
    doubt: Doubt

    @property
    def position(self) -> int:
        """The number it is about, TOGETHER when all of them move."""
        return int(self.look.positions[self.direction])

    @property
    def yours(self) -> float:
        """What the gradient gives."""
        return float(self.look.theirs[self.cotangent, self.direction])

    @property
    def truth(self) -> float:
        """What is true."""
        return float(self.look.truth[self.cotangent, self.direction])


@dataclass(frozen=True)
class Judged:
    """What all points together say.

    Attributes
    ----------
    findings : tuple of Finding
        Everything outside the tolerance that was examined.
    agreement : array, shape (n,)
        For each number, the smallest relative error that would have shown; infinite where nothing certifies it.
    together : bool
        Whether all numbers together agree, so that those agree that were not looked at one by one.
    """

    findings: tuple[Finding, ...]
    agreement: Array
    together: bool


def judged(subject: Subject, looks: Sequence[Look]) -> Judged:
    """Judge everything that was seen."""
    scale = scales(subject, looks)
    findings = [finding for look in looks for finding in doubts(subject, look, scale)]
    n = len(subject.start)
    agreement, together = np.full(n, np.inf), False
    for look in looks:
        reached = agreements(subject, look, scale)
        alone = look.positions != TOGETHER
        np.minimum.at(agreement, look.positions[alone], reached[alone])
        together |= bool(np.all(reached[~alone] <= CERTAIN))
    never = without_influence(subject, looks)
    agreement[never] = np.minimum(agreement[never], 0.0)
    return Judged(tuple(findings), agreement, together)


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


def radius(subject: Subject, look: Look, scale: Array) -> Array:
    """The unit of error of each number."""
    reaches = np.array([reach_of(subject, look.point.x, row) for row in look.directions])
    natural = np.abs(look.outputs)[:, None] / reaches
    size = np.abs(look.truth) + scale[look.positions]
    smallest = np.finfo(np.float32 if subject.bits < 53 else np.float64).tiny  # noqa: PLR2004  bits of a double
    unit: Array = np.fmax(2.0**-subject.bits * (ROUNDINGS * size + natural), smallest)
    return unit


def doubts(subject: Subject, look: Look, scale: Array) -> list[Finding]:
    """What is outside the tolerance at a point, the worst of each argument examined."""
    strange = ~np.isfinite(look.theirs) & np.isfinite(look.truth)
    unit = radius(subject, look, scale)
    with np.errstate(invalid="ignore"):
        outside = np.abs(look.theirs - look.truth) / (RADII * (unit + look.error))
    outside[~np.isfinite(look.truth) | ~np.isfinite(look.error)] = 0.0
    outside[strange] = np.inf
    owners = np.array(
        [len(subject.vector.names) if p == TOGETHER else subject.vector.owner(int(p)) for p in look.positions]
    )
    found = []
    for owner in np.unique(owners[np.any(outside > 1, axis=0)]):
        of_owner = np.where(owners == owner, outside, 0.0)
        for flat in np.argsort(-of_owner, axis=None)[:EXAMINED]:
            c, k = np.unravel_index(flat, outside.shape)
            if of_owner[c, k] > 1:
                found.append(Finding(look, int(c), int(k), doubt(subject, look, int(c), int(k))))
    return found


def doubt(subject: Subject, look: Look, c: int, k: int) -> Doubt:
    """What a number outside the tolerance is: wrong, at a kink, or rounded."""
    if not np.isfinite(look.theirs[c, k]):
        return "not finite"
    if at_a_kink(subject, look, c, k):
        return "kink"
    return "wrong" if is_systematic(subject, look, c, k) else "rounding"


def at_a_kink(subject: Subject, look: Look, c: int, k: int) -> bool:
    """Whether the function has two slopes there, and the gradient lies between them."""
    direction, only = look.directions[k], look.cotangents[c : c + 1]
    sides = one_sided(
        along(subject, only, look.point.x, direction), reach_of(subject, look.point.x, direction), look.noisy[c : c + 1]
    )
    return bool(sides.differ[0] and sides.low[0] <= look.theirs[c, k] <= sides.high[0])


def is_systematic(subject: Subject, look: Look, c: int, k: int) -> bool:
    """Whether the relative error is much the same at points nearby, as that of a mistake is and rounding is not."""
    errors = [relative_error(look.theirs[c, k], look.truth[c, k])]
    for number, spread in enumerate(SPREADS):
        arguments = subject.vector.split(look.point.x)
        moved = [near(one, pattern(one, 200 + number), spread) for one in arguments]
        x = subject.rounded(np.concatenate([np.ravel(one) for one in moved]))
        try:
            theirs, truth = again(subject, look, x, c, k)
        except Exception:  # noqa: BLE001, S112  outside the domain nothing is learned
            continue
        if np.isfinite(theirs) and np.isfinite(truth):
            errors.append(relative_error(theirs, truth))
    sizes = np.abs(errors)
    return bool(len(set(np.sign(errors))) == 1 and sizes.max() <= 4 * sizes.min())


def again(subject: Subject, look: Look, x: Array, c: int, k: int) -> tuple[float, float]:
    """Theirs and the truth of one number at another point."""
    cotangent, direction = look.cotangents[c : c + 1], look.directions[k : k + 1]
    if look.exact:
        truth = exact_slopes(subject, x, cotangent, direction)
    else:
        truth = by_differences(subject, x, cotangent, direction, look.noisy[c : c + 1])
    return float((subject.gradients(x, cotangent) @ direction.T)[0, 0]), float(truth.value[0, 0])


def relative_error(theirs: float, truth: float) -> float:
    """Relative to the truth; where that is 0, theirs itself."""
    return float((theirs - truth) / abs(truth) if truth else theirs)


def agreements(subject: Subject, look: Look, scale: Array) -> Array:
    """For each direction, the relative error that would have shown in the cotangent that shows it best."""
    error = np.abs(look.theirs - look.truth)
    noisy = error > NOISY * 2.0**-subject.bits * (np.abs(look.truth) + scale[look.positions])
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = (error + look.error) / np.abs(look.truth)
    shown[noisy | ~np.isfinite(shown)] = np.inf
    best: Array = shown.min(axis=0)
    return best


def without_influence(subject: Subject, looks: Sequence[Look]) -> NDArray[np.intp]:
    """Numbers that the function does not depend on, as far as several points of several sizes can show."""
    n = len(subject.start)
    seen, silent = np.zeros(n, dtype=int), np.ones(n, dtype=bool)
    for look in looks:
        for k, position in enumerate(look.positions):
            if position != TOGETHER:
                seen[position] += 1
                silent[position] &= not look.theirs[:, k].any() and not look.truth[:, k].any()
    candidates = np.flatnonzero(silent & (seen > 3))  # noqa: PLR2004  your point and three others
    return np.array([p for p in candidates if all(is_constant(subject, look, int(p)) for look in looks)], dtype=np.intp)


def is_constant(subject: Subject, look: Look, position: int) -> bool:
    """Whether the outputs stay the same, to the last bit, when a number is moved by its own size."""
    direction = np.zeros(len(look.point.x))
    direction[position] = 1.0
    at, reach = along(subject, look.cotangents, look.point.x, direction), reach_of(subject, look.point.x, direction)
    return all(np.array_equal(at(0.0), at(t * reach)) for t in (-1.0, 0.5, 1.0))
