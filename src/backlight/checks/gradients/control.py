"""The checker checked: before it says right, it must find a mistake of a thousandth that is planted on purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from backlight.checks.gradients.doubts import doubts
from backlight.checks.gradients.looks import TOGETHER, theirs_along
from backlight.checks.gradients.tolerance import scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.gradients.looks import Look
    from backlight.checks.gradients.subject import Subject

    Array = NDArray[np.float64]

PLANTED = 1e-3


class Planted:
    """A subject whose gradients of one argument are a thousandth too large."""

    def __init__(self, subject: Subject, number: int) -> None:
        self._subject, self._where = subject, subject.vector.slices[number]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the subject has
        return getattr(self._subject, name)

    def gradients(self, x: Array, cotangents: Array) -> Array:
        """The subject's, with the mistake in them."""
        found = self._subject.gradients(x, cotangents).copy()
        found[:, self._where] *= 1 + PLANTED
        return found


def finds_planted_mistakes(subject: Subject, looks: Sequence[Look]) -> bool:
    """Whether a mistake in the gradient of each argument that has one would be called wrong at some point."""
    return all(_is_found(subject, looks, number) for number in range(len(subject.vector.names)))


def _is_found(subject: Subject, looks: Sequence[Look], number: int) -> bool:
    planted, scale = cast("Subject", Planted(subject, number)), scales(subject, looks)
    where = subject.vector.slices[number]
    if not scale[where].any():  # the function does not depend on it
        return True
    return any(
        finding.doubt == "wrong" and finding.position != TOGETHER and where.start <= finding.position < where.stop
        for finding in doubts(planted, (_seen_again(planted, one) for one in looks), scale)
    )


def _seen_again(subject: Subject, look: Look) -> Look:
    """The same point, the same truth, another gradient."""
    alone = look.positions != TOGETHER
    gradients = subject.gradients(look.point.x, look.cotangents)
    return replace(look, theirs=theirs_along(gradients, look.positions[alone], look.directions[~alone]))
