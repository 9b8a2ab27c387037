"""What does a wrong gradient look like? A factor, a sign, a transpose, another argument's gradient, a cotangent left out.

Only numbers are compared, at every point where all numbers of the argument were seen; what is said holds at all of
them. Mistakes of a network's backward pass have names of their own, see `of_recipe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.points import said
from backlight.checks.gradients.subject import same
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.gradients.looks import Look
    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

TELLING = 3
"""A factor as large as an axis says something, but a 2 may be any 2."""
NEARLY = 1e-2
"""Relative distance to which a gradient is nearly right, and nobody would speak of a factor."""


@dataclass(frozen=True)
class Seen:
    """The gradients of one argument at one point, shape (c, ...), and the true ones."""

    theirs: Array
    truth: Array
    size: Array
    """What a difference is compared with, shape (c, 1, ...)."""

    def is_like(self, other: Array, bits: int) -> bool:
        """Whether the gradient is another one, up to rounding."""
        return other.shape == self.theirs.shape and bool(np.all(np.abs(self.theirs - other) <= same(bits) * self.size))


def likely(subject: Subject, looks: Sequence[Look], number: int) -> Iterator[str]:
    """What the wrong gradient of an argument looks like, in sentences."""
    names, bits = subject.vector.names, subject.bits
    own = seen(subject, looks, number)
    not_finite = list(_not_finite(looks, subject.vector.slices[number]))
    if not_finite or not own:
        yield from not_finite
    elif not any(one.theirs.any() for one in own):
        yield _("all of its numbers are 0: its gradient is missing")
    elif (factor := common_factor(own, bits)) is not None:
        yield _factor(factor, subject)
    else:
        if all(one.is_like(_transposed(one.truth), bits) for one in own):
            yield _("it is the true gradient, transposed")
        for other, name in enumerate(names):
            truths = [one.truth for one in seen(subject, looks, other)] if other != number else []
            if len(truths) == len(own) and all(
                one.is_like(truth, bits) for one, truth in zip(own, truths, strict=True)
            ):
                yield _("it is the true gradient of {name}").format(name=name)
        if all(np.all(np.abs(one.theirs - one.truth) <= NEARLY * one.size) for one in own):
            yield _("it is nearly right: so is a difference quotient, a rounded constant, or float32 on the way")


def seen(subject: Subject, looks: Sequence[Look], number: int) -> list[Seen]:
    """The gradients of an argument at every point where all of its numbers were seen, and the truth is certain."""
    where, shape = subject.vector.slices[number], subject.vector.shapes[number]
    found = []
    for look in looks:
        columns = np.flatnonzero((look.positions >= where.start) & (look.positions < where.stop))
        theirs, truth, error = (array[:, columns] for array in (look.theirs, look.truth, look.error))
        size = np.max(np.abs(truth), axis=1, initial=0.0, keepdims=True)
        if len(columns) == where.stop - where.start and np.all(error <= same(subject.bits) * size):
            axes = (len(truth), *shape)
            found.append(Seen(theirs.reshape(axes), truth.reshape(axes), size.reshape(-1, *[1] * len(shape))))
    return found


def common_factor(own: Sequence[Seen], bits: int) -> float | None:
    """What every number is the truth times, if it is the same at all points."""
    theirs, truth = (np.concatenate([getattr(one, name).ravel() for one in own]) for name in ("theirs", "truth"))
    if not (truth @ truth) > 0:
        return None
    factor = float(theirs @ truth / (truth @ truth))
    same = (
        abs(factor - 1) > NEARLY
        and factor != 0
        and all(Seen(one.theirs, one.truth, abs(factor) * one.size).is_like(factor * one.truth, bits) for one in own)
    )
    return factor if same else None


def _factor(factor: float, subject: Subject) -> str:
    """A factor in words, and which axis is as long."""
    if abs(factor + 1) <= same(subject.bits):
        return _("it is the true gradient with the other sign")
    sentence = _("every number is {factor} times the truth").format(factor=f"{factor:.6g}")
    lengths = [
        _("axis {axis} of {name} is as long").format(axis=axis, name=name)
        for name, shape in subject.shapes.items()
        for axis, length in enumerate(shape)
        if length >= TELLING and np.isclose(max(abs(factor), 1 / abs(factor)), length, rtol=same(subject.bits))
    ]
    return sentence + (f" ({'; '.join(lengths[:2])})" if lengths else "")


def _transposed(truth: Array) -> Array:
    """The transpose of each matrix, in its own shape where only the order of the numbers is another."""
    return np.swapaxes(truth, -1, -2).reshape(truth.shape) if truth.ndim > 2 else np.full(truth.shape, np.nan)  # noqa: PLR2004


def _not_finite(looks: Sequence[Look], where: slice) -> Iterator[str]:
    """Which numbers are none, at the first point where there are such."""
    for look in looks:
        theirs = look.theirs[:, (look.positions >= where.start) & (look.positions < where.stop)]
        if not np.isfinite(theirs).all():
            for name, is_so in (("nan", np.isnan), ("inf", np.isinf)):
                if count := int(is_so(theirs).any(axis=0).sum()):
                    yield _("{count} of its {all} numbers are {name} at {point}").format(
                        count=count, all=theirs.shape[1], name=name, point=said(look.point.name)
                    )
            return
