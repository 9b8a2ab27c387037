"""Where a gradient is looked at: at the point that was given, near it, and at points of ordinary size.

A point may hide a mistake: saturated units, zeros, equal weights, sizes at which a slope is 1. Points are the same in
every run. They keep what arguments look like: signs, probabilities, rows that are distributions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.language import _, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

YOURS = marked("your point")
PROBE = marked("probe {number}")
NEAR = 3
SPREAD = 0.3
SIZES = (1.0, 0.25)
"""Largest number of each argument at the points of ordinary size."""
LARGER = (8.0, 64.0)
TURNS = 32
"""How much larger, and how often moved on by a place, numbers are where none of these points says anything."""


class Point(NamedTuple):
    """A place to look at; the name is for the report."""

    name: str
    x: Array


def said(name: str) -> str:
    """Say the name of a point in the language in use.

    Examples
    --------
    >>> said(YOURS), said(PROBE.format(number=3))
    ('your point', 'probe 3')
    """
    return _(YOURS) if name == YOURS else _(PROBE).format(number=name.rpartition(" ")[2])


def points(subject: Subject, *, probes: bool) -> Iterator[Point]:
    """The given point, and with probes three near it and two of ordinary size."""
    yield Point(YOURS, subject.start)
    if not probes:
        return
    arguments = subject.vector.split(subject.start)
    for number in range(1, NEAR + 1):
        yield _point(
            subject, PROBE.format(number=number), [near(one, pattern(one, number), SPREAD) for one in arguments]
        )
    for number, size in enumerate(SIZES, start=NEAR + 1):
        resized = [of_size(one, pattern(one, number), size) for one in arguments]
        yield _point(subject, PROBE.format(number=number), resized)


def more_points(subject: Subject) -> Iterator[Point]:
    """Further points, for numbers that have had no influence so far: larger ones, and each in another's place.

    The largest of x has an influence on max(x), and within as many turns as x has numbers each of them is it once.
    """
    arguments = subject.vector.split(subject.start)
    first = NEAR + len(SIZES) + 1
    for number, factor in enumerate(LARGER, first):
        enlarged = [one if _is_bounded(one) else one * factor for one in arguments]
        yield _point(
            subject, PROBE.format(number=number), [near(one, pattern(one, number), SPREAD) for one in enlarged]
        )
    for turn in range(1, TURNS + 1):
        number = first + len(LARGER) + turn - 1
        turned = [
            np.roll(one, max(turn, turn * one.size // TURNS), -1 if is_distributions(one) else None)
            for one in arguments
        ]
        yield _point(
            subject, PROBE.format(number=number), [near(one, pattern(one, number), SPREAD / 3) for one in turned]
        )


def _is_bounded(values: Array) -> bool:
    return is_distributions(values) or is_probabilities(values)


def _point(subject: Subject, name: str, arguments: list[Array]) -> Point:
    return Point(name, subject.rounded(np.concatenate([np.ravel(one) for one in arguments])))


def pattern(values: Array, number: int) -> Array:
    """Numbers between -1 and 1 without a pattern, the same in every run."""
    numbers: Array = np.random.default_rng([number, values.size]).uniform(-1, 1, values.shape)
    return numbers


def near(values: Array, u: Array, spread: float) -> Array:
    """Each number a little larger or smaller; what is 0 becomes a little of the size of the others.

    Examples
    --------
    >>> near(np.array([2.0, 0.0, -4.0]), np.array([1.0, -1.0, 0.5]), 0.1)
    array([ 2.2, -0.4, -4.2])
    """
    moved: Array
    if is_distributions(values):
        other = 1 + u
        moved = (1 - spread) * values + spread * other / other.sum(axis=-1, keepdims=True)
    elif is_probabilities(values):
        inside = np.clip(values, spread / 4, 1 - spread / 4)
        moved = inside + spread * u * inside * (1 - inside)
    else:
        size = np.max(np.abs(values), initial=0.0) or 1.0
        moved = np.where(values == 0, spread * size * _as_signed(values, u), values * (1 + spread * u))
    return moved


def of_size(values: Array, u: Array, size: float) -> Array:
    """Numbers of an ordinary size, of the same signs."""
    if _is_bounded(values):
        return near(values, u, 2 * SPREAD * size)
    largest = np.max(np.abs(values), initial=0.0) or 1.0
    return near(values / largest * size, u, SPREAD)


def _as_signed(values: Array, u: Array) -> Array:
    """Positive where no other number is negative."""
    signed: Array = np.abs(u) if np.any(values > 0) and np.all(values >= 0) else u
    return signed


def is_distributions(values: NDArray[Any]) -> bool:
    """Whether every row is a distribution: nothing negative, the sum 1 up to rounding."""
    if values.ndim == 0 or values.shape[-1] < 2:  # noqa: PLR2004  one number is no distribution
        return False
    sums = values.sum(axis=-1)
    return bool(np.all(values >= 0) and np.all(np.abs(sums - 1) < 1e-6))  # noqa: PLR2004  float32 has seven digits


def is_probabilities(values: NDArray[Any]) -> bool:
    """Whether several numbers all lie between 0 and 1."""
    return bool(values.size > 1 and np.all(values >= 0) and np.all(values <= 1))
