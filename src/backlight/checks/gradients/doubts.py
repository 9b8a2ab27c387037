"""What a number outside the tolerance is: wrong, or at a kink, or only rounded, or nothing that one can be sure of.

A mistake has much the same relative error nearby, rounding has any. Nobody is accused by one witness alone: what
is outside must be so once more, with the noise of its own direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from backlight.checks.gradients.differences import Along, OneSided, central, noise, one_sided, slope
from backlight.checks.gradients.looks import AGREE, TOGETHER, Look, along, by_differences, exact_slopes, reach_of
from backlight.checks.gradients.points import near, pattern
from backlight.checks.gradients.tolerance import RADII, natural_slopes, outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

EXAMINED = 3
"""So many numbers of each argument are looked at closely at a point, the worst first."""
SWAMPED = 0.5
"""This part of the bits may be lost on the way: errors below 1e-8 of the largest gradient in float64."""
SCALES, FINE_FROM, ROUGH = range(3, 27), 8, 1e-2
"""Powers of two: steps, in parts of the reach; from where on secants of a smooth function change less than that."""
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
        swamped = is_swamped(subject, look, scale)
        covers_all = np.count_nonzero(look.positions != TOGETHER) == len(subject.start)
        owners = np.array([everything if p == TOGETHER else subject.vector.owner(int(p)) for p in look.positions])
        for owner in np.unique(owners[np.any(far > 1, axis=0)]).tolist():
            if owner in wrong or (owner == everything and (wrong or covers_all)):
                continue  # directions that move everything accuse for those alone that were not looked at by themselves
            of_owner = np.where(owners == owner, far, 0.0)
            for flat in np.argsort(-of_owner, axis=None)[:EXAMINED]:
                c, k = np.unravel_index(flat, far.shape)
                if of_owner[c, k] > 1 and owner not in wrong:
                    what: Doubt = "rounding" if swamped[c, k] else doubt(subject, look, int(c), int(k))
                    finding = Finding(look, int(c), int(k), what)
                    wrong |= {owner} if finding.doubt in WRONG else set()
                    yield finding


def is_swamped(subject: Subject, look: Look, scale: Array) -> NDArray[np.bool_]:
    """Where an error is so small beside the gradients elsewhere that rounding on the way may have eaten all digits.

    1 - a of a saturated unit has lost most of them, and o (1 - o) with it, in right code too, and nearby in the same
    way. How many, only a recipe knows. A mistake shows at other points; here nothing is certified either.
    """
    if subject.radii(look.point.x) is not None:
        return np.zeros(look.truth.shape, dtype=bool)
    large = np.broadcast_to(scale[look.positions], look.truth.shape)
    if not look.exact:  # then the truth suffers, too
        large = np.fmax(large, natural_slopes(subject, look))
    swamped: NDArray[np.bool_] = np.abs(look.theirs - look.truth) <= 2.0 ** (-SWAMPED * subject.bits) * large
    return swamped


def doubt(subject: Subject, look: Look, c: int, k: int) -> Doubt:
    """What a number outside the tolerance is."""
    if not np.isfinite(look.theirs[c, k]):
        return "not finite"
    sides = sides_of(subject, look, c, k)
    if sides.differ[0] and sides.low[0] <= look.theirs[c, k] <= sides.high[0]:
        return "kink"
    if not is_confirmed(subject, look, c, k):
        return "unclear"
    if is_systematic(subject, look, c, k):
        return "wrong"
    return "kink" if sides.differ[0] else "rounding"  # where several kinks meet, a right slope may lie outside of both


def is_confirmed(subject: Subject, look: Look, c: int, k: int) -> bool:
    """Whether differences, with the noise of this very direction, accuse too: one witness alone is not enough.

    An exact derivative they only must not contradict. Where there is none, the function must be smooth: a saturated
    loss jumps by many roundings, and has one slope between its jumps and another across them.
    """
    at = along(subject, look.cotangents[c : c + 1], look.point.x, look.directions[k])
    reach = reach_of(subject, look.point.x, look.directions[k])
    noisy = np.fmax(look.noisy[c : c + 1], noise(at, reach))
    seen, theirs, truth = slope(at, reach, noisy), look.theirs[c, k], look.truth[c, k]
    if look.exact:
        return not bool(np.abs(seen.value[0] - truth) > 4 * seen.error[0] + AGREE * abs(truth))
    return bool(np.abs(seen.value[0] - theirs) > RADII * seen.error[0]) and not is_rough(at, reach, noisy)


def is_rough(at: Along, reach: float, noisy: Array) -> bool:
    """Whether secants still change by much at small steps, or more from one step to the next than at larger ones."""
    secants = [central(at, 2.0**-power * reach, reach, noisy) for power in SCALES]
    before = np.inf
    for power, (one, finer) in zip(SCALES, pairwise(secants), strict=False):
        change, error = float(np.abs(one.value - finer.value)[0]), float((one.error + finer.error)[0])
        if change > ROUGH * float(np.abs(finer.value)[0]) + 4 * error and (power >= FINE_FROM or change > 2 * before):
            return True
        before = max(change, error)
    return False


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
