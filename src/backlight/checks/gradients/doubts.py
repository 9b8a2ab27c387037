"""What a number outside the tolerance is: wrong, or at a kink, or only rounded, or nothing that one can be sure of.

A mistake has much the same relative error nearby, rounding has any. Nobody is accused by one witness alone: an exact
derivative is confirmed by differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from backlight.checks.gradients.differences import OneSided, one_sided
from backlight.checks.gradients.looks import AGREE, TOGETHER, Look, along, by_differences, exact_slopes, reach_of
from backlight.checks.gradients.points import near, pattern
from backlight.checks.gradients.tolerance import outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

EXAMINED = 3
"""So many numbers of each argument are looked at closely at a point, the worst first."""
SPREADS = (1e-5, 1e-5, 1e-3, 1e-3, 0.02, 0.02, 0.02, 0.02)
"""How far away it is looked whether an error is the same there."""

Doubt = Literal["wrong", "not finite", "kink", "rounding", "unclear"]
WRONG = ("wrong", "not finite")
"""Doubts that are none."""


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


def doubts(subject: Subject, looks: Iterable[Look], scale: Array) -> Iterator[Finding]:
    """What is outside the tolerance, the worst of each argument first, until something of the argument is wrong."""
    wrong: set[int] = set()
    everything = len(subject.vector.names)
    for look in looks:
        far = outside(subject, look, scale)
        owners = np.array([everything if p == TOGETHER else subject.vector.owner(int(p)) for p in look.positions])
        for owner in np.unique(owners[np.any(far > 1, axis=0)]).tolist():
            if owner in wrong or (owner == everything and wrong):
                continue
            of_owner = np.where(owners == owner, far, 0.0)
            for flat in np.argsort(-of_owner, axis=None)[:EXAMINED]:
                c, k = np.unravel_index(flat, far.shape)
                if of_owner[c, k] > 1 and owner not in wrong:
                    finding = Finding(look, int(c), int(k), doubt(subject, look, int(c), int(k)))
                    wrong |= {owner} if finding.doubt in WRONG else set()
                    yield finding


def doubt(subject: Subject, look: Look, c: int, k: int) -> Doubt:
    """What a number outside the tolerance is."""
    if not np.isfinite(look.theirs[c, k]):
        return "not finite"
    sides = sides_of(subject, look, c, k)
    if sides.differ[0] and sides.low[0] <= look.theirs[c, k] <= sides.high[0]:
        return "kink"
    if look.exact and not is_confirmed(subject, look, c, k):
        return "unclear"
    if is_systematic(subject, look, c, k):
        return "wrong"
    return "kink" if sides.differ[0] else "rounding"  # where several kinks meet, a right slope may lie outside of both


def is_confirmed(subject: Subject, look: Look, c: int, k: int) -> bool:
    """Whether differences do not contradict the exact derivative: nobody is accused by one witness alone."""
    truth = look.truth[c, k]
    seen = by_differences(
        subject, look.point.x, look.cotangents[c : c + 1], look.directions[k : k + 1], look.noisy[c : c + 1]
    )
    return not bool(np.abs(seen.value - truth)[0, 0] > 4 * seen.error[0, 0] + AGREE * abs(truth))


def sides_of(subject: Subject, look: Look, c: int, k: int) -> OneSided:
    """The slopes before and behind the point, which are different at a kink."""
    at = along(subject, look.cotangents[c : c + 1], look.point.x, look.directions[k])
    return one_sided(at, reach_of(subject, look.point.x, look.directions[k]), look.noisy[c : c + 1])


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
