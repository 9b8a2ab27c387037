"""When two numbers of two engines are the same for the search of a place: far coarser than a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


def alike(one: Array, other: Array) -> bool:
    """Whether all numbers of two arrays are the same, for the size of the largest."""
    with np.errstate(all="ignore"):
        size = max(float(np.max(np.abs(one), initial=0.0)), float(np.max(np.abs(other), initial=0.0)))
        return bool(np.all(np.abs(one - other) <= 1e-7 * size))


def same(one: Array, other: Array, factor: float) -> bool:
    """Whether an array is another one times a factor, in any shape."""
    return one.size == other.size and alike(one.ravel(), factor * other.ravel())


def near(one: float, others: float | tuple[float, ...]) -> bool:
    """Whether a number is another one, or one of several."""
    some = others if isinstance(others, tuple) else (others,)
    return any(abs(one - other) <= 1e-6 * abs(other) for other in some)


def among(some: Array, others: Array, factor: float) -> bool:
    """Whether every number of an array stands in another one too, times a factor."""
    with np.errstate(all="ignore"):
        gaps = np.abs(factor * some.ravel()[:, None] - others.ravel()[None, :])
        return bool(np.all(gaps.min(axis=1, initial=np.inf) <= 1e-9 * np.abs(factor * some.ravel())))


def in_all(updates: Sequence[dict[str, Array]]) -> list[dict[str, Array]]:
    """What every update has: a smaller batch has fewer samples."""
    return [{name: one[name] for name in one if all(name in other for other in updates)} for one in updates]
