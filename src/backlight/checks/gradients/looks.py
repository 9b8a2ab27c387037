"""Looking at one point: what the gradient gives there along some directions, and what is true.

The truth is an exact derivative (complex step, or autograd of a forward pass) where one can be had and agrees with
differences, and differences with their own error otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.differences import Along, Slope, noise, slope
from backlight.checks.gradients.points import Point, pattern
from backlight.checks.gradients.subject import DOUBLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

MOST_ONE_BY_ONE = 2000
"""So many numbers are looked at one by one when the truth is exact; with differences a fifth of them."""
ALL_TOGETHER = 3
"""Directions in which all numbers move at once: they test the exact derivative, and the numbers that are left out."""
WHOLE_JACOBIAN = 16
"""With so many outputs every one of them is looked at by itself."""
COTANGENTS = 4
TOGETHER = -1
"""Stands for the number that a direction moves, where it moves all of them."""
EXACT = 64
"""Roundings that an exact derivative may have."""
AGREE, MEASURED = 2.0**-40, 1e-4
"""How near an exact derivative and differences must be, beside the error of these; and how small that must be."""


@dataclass(frozen=True)
class Look:
    """What was seen at a point, for c cotangents along k directions.

    Attributes
    ----------
    point : Point
    cotangents, directions : array, shape (c, m) and (k, n)
    positions : array of int, shape (k,)
        Which number of the arguments a direction moves; -1 when it moves all of them.
    theirs, truth, error : array, shape (c, k)
        The error is how far the truth may be off.
    outputs, noisy : array, shape (c,)
        The values of c^T f, and how far they jump about.
    exact : bool
        Whether the truth is an exact derivative.
    """

    point: Point
    cotangents: Array
    directions: Array
    positions: NDArray[np.intp]
    theirs: Array
    truth: Array
    error: Array
    outputs: Array
    noisy: Array
    exact: bool


def cotangents(outputs: int) -> Array:
    """Each output by itself where they are few, and some sums of all; a single output as it is."""
    if outputs == 1:
        return np.ones((1, 1))
    # in 64ths, so that any precision holds them
    mixed = [np.round(64 * pattern(np.zeros(outputs), number) + 16) / 64 for number in range(COTANGENTS)]
    return np.array([*(np.eye(outputs) if outputs <= WHOLE_JACOBIAN else []), *mixed])


def reach_of(subject: Subject, x: Array, direction: Array) -> float:
    """How far is far along a direction: the size of the number it moves, or of its argument where that is 0."""
    moved = np.flatnonzero(direction)
    if len(moved) > 1:
        return 1.0
    own, argument = abs(x[moved[0]]), subject.vector.slices[subject.vector.owner(int(moved[0]))]
    return float(max(own, np.max(np.abs(x[argument])) / 64) or 1.0)


def along(subject: Subject, look_at: Array, x: Array, direction: Array) -> Along:
    """c^T f on the way along a direction; no number where the function cannot be computed."""

    def at(t: float) -> Array:
        try:
            return look_at @ subject.outputs(x + t * direction)
        except Exception:  # noqa: BLE001  whatever a stranger's function raises outside its domain
            return np.full(len(look_at), np.nan)

    return at


def look(subject: Subject, point: Point, turn: int) -> Look:
    """Look at one point; `turn` chooses other numbers each time when there are too many to look at all of them.

    Raises
    ------
    Exception
        Whatever the function or the gradient raises there.
    """
    x, values = point.x, subject.outputs(point.x)
    c = cotangents(len(values))
    together = directions_together(subject, x)
    noisy = noise(along(subject, c, x, together[0]), 1.0)
    exact = is_exact(subject, x, c, together, noisy)
    if not exact and (finer := subject.finer()):
        exact = is_exact(finer, x, c, together, noise(along(finer, c, x, together[0]), 1.0))
    positions, ones = one_by_one(len(x), MOST_ONE_BY_ONE if exact else MOST_ONE_BY_ONE // 5, turn)
    directions = np.concatenate([ones, together])
    if not np.isfinite(values).all():
        message = "the function is not finite"
        raise FloatingPointError(message)
    truth = exact_slopes(subject, x, c, directions) if exact else by_differences(subject, x, c, directions, noisy)
    return Look(
        point=point,
        cotangents=c,
        directions=directions,
        positions=np.concatenate([positions, np.full(len(together), TOGETHER)]),
        theirs=theirs_along(subject.gradients(x, c), positions, together),
        truth=truth.value,
        error=truth.error,
        outputs=c @ values,
        noisy=noisy,
        exact=exact,
    )


def theirs_along(gradients: Array, positions: NDArray[np.intp], together: Array) -> Array:
    """The derivatives a gradient gives along the directions of a look; one number that is not finite spoils no other."""
    with np.errstate(invalid="ignore"):
        return np.concatenate([gradients[:, positions], gradients @ together.T], axis=1)


def one_by_one(n: int, most: int, turn: int) -> tuple[NDArray[np.intp], Array]:
    """One direction for each number, or for as many as there may be."""
    positions = np.arange(n) if n <= most else np.unique(np.linspace(turn, n - 1, most).astype(int))
    directions = np.zeros((len(positions), n))
    directions[np.arange(len(positions)), positions] = 1.0
    return positions, directions


def directions_together(subject: Subject, x: Array) -> Array:
    """Directions in which every number moves by about its own size."""
    sizes = np.array([reach_of(subject, x, row) for row in np.eye(len(x))]) if len(x) <= MOST_ONE_BY_ONE else np.abs(x)
    return np.array([pattern(x, 100 + number) * sizes / 4 for number in range(ALL_TOGETHER)])


def is_exact(subject: Subject, x: Array, c: Array, directions: Array, noisy: Array) -> bool:
    """Whether the exact derivative can be had, and is what differences see along directions that move everything."""
    try:
        exact = subject.slopes(x, c, directions)
    except Exception:  # noqa: BLE001  a function that cannot be computed so, for any reason
        return False
    measured = by_differences(subject, x, c, directions, noisy)
    size = np.abs(measured.value).max(axis=1, keepdims=True)
    agree = np.abs(exact - measured.value) <= 4 * measured.error + AGREE * size
    return bool(np.all(agree) and np.all((measured.error <= MEASURED * size) | (size == 0)))


def exact_slopes(subject: Subject, x: Array, c: Array, directions: Array) -> Slope:
    """The exact derivative, and its own rounding."""
    value = subject.slopes(x, c, directions)
    return Slope(value, EXACT * 2.0**-DOUBLE * np.abs(value))


def by_differences(subject: Subject, x: Array, c: Array, directions: Array, noisy: Array) -> Slope:
    """Differences along each direction."""
    found = [slope(along(subject, c, x, row), reach_of(subject, x, row), noisy) for row in directions]
    return Slope(np.array([one.value for one in found]).T, np.array([one.error for one in found]).T)
