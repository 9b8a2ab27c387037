"""When two numbers are the same to a reader of programs: not to the last bit, but far closer than a mistake.

Recognising is not judging: a number that looks like dL_dw1 is named so, whether it is right is said by `judge`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

ROUNDING = {"float64": 1e-9, "float32": 2e-5}
"""Relative to the larger number. The smallest mistakes that people make by chance are a thousandth off; sums that
cancel in float32 lose three of their seven digits now and then."""
RELATIVE = {"float64": 1e-9, "float32": 1e-4}
"""How far a gradient that two computed, each rounding in an order of its own, may differ relative to its size."""


def close(one: Array | float, other: Array | float, precision: str = "float64") -> NDArray[np.bool_]:
    """Whether numbers are the same up to rounding, entry by entry.

    Examples
    --------
    >>> close(np.array([0.1, 0.2]), np.array([0.1 + 1e-12, 0.2002])).tolist()
    [True, False]
    """
    one, other = np.asarray(one, float), np.asarray(other, float)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(one), np.abs(other))
        return np.asarray((np.abs(one - other) <= ROUNDING[precision] * size) | (one == other))


def all_close(one: Array, other: Array, precision: str = "float64") -> bool:
    """Whether two arrays of one shape are the same, small entries measured by the largest of their array."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape or not one.size:
        return False
    with np.errstate(all="ignore"):
        size = max(float(np.max(np.abs(one))), float(np.max(np.abs(other))))
        return bool(np.isfinite(size) and np.all(np.abs(one - other) <= ROUNDING[precision] * size))
