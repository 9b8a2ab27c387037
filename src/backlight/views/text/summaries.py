"""What a large array is summed up in: its norm, and its least, mean and largest entry.

Entries may be too large to be squared, infinite or NaN; that is no reason for a warning, it is what is shown.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


def in_rows(array: Array) -> Array:
    """Give an array with one row for each iteration, in float64.

    Examples
    --------
    >>> in_rows(np.zeros((0, 2, 3))).shape, in_rows(np.zeros((4, 2, 3))).shape
    ((0, 6), (4, 6))
    """
    return array.reshape(len(array), prod(array.shape[1:])).astype(float)


def norms(array: Array) -> Array:
    """Give the root of the sum of squares of each row.

    Examples
    --------
    >>> norms(np.array([[3.0, 4.0], [0.0, -1e200], [1.0, np.inf]])).tolist()
    [5.0, 1e+200, inf]
    """
    entries = in_rows(array)
    largest = np.max(np.abs(entries), axis=1, initial=0.0, keepdims=True)
    power = np.where(np.isfinite(largest), np.frexp(largest)[1] - 1, 0)  # by a power of two, so that no square
    with np.errstate(over="ignore", under="ignore"):  # overflows and nothing is rounded
        scaled: Array = np.sqrt(np.sum(np.ldexp(entries, -power) ** 2, axis=1))
        return np.ldexp(scaled, power[:, 0])


def spread(array: Array) -> tuple[float, float, float]:
    """Give the least, the mean and the largest entry.

    Examples
    --------
    >>> spread(np.array([1.0, 2.0, 6.0]))
    (1.0, 3.0, 6.0)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return float(array.min()), float(array.astype(float).mean()), float(array.max())
