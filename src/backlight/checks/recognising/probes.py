"""Which forward passes are no training but probes: the parameters as they were, one of them moved a little and back.

A numerical gradient beside, before or in place of a training evaluates the loss so. What it leaves behind is no step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

FEWEST = 4
"""Of fewer parameters a step may well move one only."""
LOOKED_AT = 9
"""So many sets of parameters tell around what the first ones are moved."""


ROUNDING = {"float64": 1e-11, "float32": 1e-6}
"""What is moved there and back is where it was up to this part of the parameters' size."""


def probes(parameters: Sequence[Array], precision: str = "float64") -> list[bool]:
    """Which of some sets of parameters, each other than the one before, are probes.

    Examples
    --------
    >>> base = np.arange(1.0, 6.0)
    >>> moved = [base + 1e-5 * one for one in np.eye(5)]
    >>> probes([*moved, base, base - 0.1, base - 0.2])
    [True, True, True, True, True, False, False, False]
    """
    found = [False] * len(parameters)
    if not parameters or parameters[0].size < FEWEST:
        return found
    base = around(parameters[:LOOKED_AT], precision)
    for number, now in enumerate(parameters):
        after = parameters[number + 1] if number + 1 < len(parameters) else None
        found[number] = base is not None and _is_probe(
            base, now, after, precision, follows=number > 0 and found[number - 1]
        )
        if not found[number]:
            base = now
    return found


def around(parameters: Sequence[Array], precision: str = "float64") -> Array | None:
    """The parameters around which some are probes, as many of the first ones as tell; None if they are no probes."""
    return next(
        (
            base
            for number in range(len(parameters), 2, -1)
            if (base := _middle(parameters[:number], precision)) is not None
        ),
        None,
    )


def _middle(parameters: Sequence[Array], precision: str) -> Array | None:
    """The middle of some parameters where each is moved from it in one number, and not all in the same direction."""
    if parameters[0].size < FEWEST:
        return None
    base = np.asarray(np.median(np.stack(parameters), axis=0))
    moved = [_moved(one, base, precision) for one in parameters]
    if any(len(one) > 1 for one in moved):
        return None
    numbers = {int(one[0]) for one in moved if len(one)}
    back = any(not len(one) for one in moved)
    return base if len(numbers) > 1 or (numbers and back) else None


def _moved(one: Array, base: Array, precision: str) -> NDArray[np.intp]:
    """Which numbers are elsewhere."""
    size = np.abs(base) + np.abs(base).mean()
    return np.flatnonzero(np.abs(one - base) > ROUNDING[precision] * size)


def _is_probe(base: Array, now: Array, after: Array | None, precision: str, *, follows: bool) -> bool:
    """Whether one number is moved, and moved back after that, to be moved the other way or for another one's turn."""
    moved = _moved(now, base, precision)
    if len(moved) != 1:
        return False
    if after is None:
        return follows
    other = _moved(after, base, precision)
    if len(other) > 1:
        return follows and not _goes_on(now, after, int(moved[0]))
    if len(other) == 0 or other[0] != moved[0]:
        return True
    return bool((now - base)[moved[0]] * (after - base)[moved[0]] < 0)


def _goes_on(now: Array, after: Array, moved: int) -> bool:
    """Whether a step begins at a moved number: then it was moved for good."""
    return bool(now[moved] == after[moved])
