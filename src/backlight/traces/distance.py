"""How far numbers lie from reference numbers: in ulp, relative to their neighbours, absolute.

Arrays in, arrays out; what a trace is, is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


class Distance(NamedTuple):
    """The distance of each number of an array, in its shape; 0 between two NaN, infinite to what is not finite."""

    gap: Array
    """|value - reference|."""
    ulp: Array
    """The gap in units in the last place of the reference, in the coarser of the two precisions."""
    relative: Array
    """The gap divided by the largest magnitude in the same row of the reference."""
    radius: Array
    """How far the reference may be from the truth, in ulp."""


def distance(reference: Array, value: Array, radius: Array | float = 0.0) -> Distance:
    """Measure how far values lie from a reference, row by row.

    Parameters
    ----------
    reference, value : array, shape (rows, ...)
        Of the same shape; their precisions may differ.
    radius : array or float
        How far the reference may be from the truth, in its own unit.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([1.0, np.nan])
    >>> distance(one, np.nextafter(one, 2)).ulp
    array([1., 0.])
    """
    coarse = min(np.result_type(reference, 0.5), np.result_type(value, 0.5), key=lambda dtype: dtype.itemsize)
    with np.errstate(all="ignore"):  # infinities and NaN are numbers like others here
        one, other = reference.astype(float), value.astype(float)
        gap = np.abs(other - one)
        strange = ~(np.isfinite(one.astype(coarse)) & np.isfinite(other.astype(coarse)))
        gap[strange] = np.where(_same(one.astype(coarse), other.astype(coarse)), 0.0, np.inf)[strange]
        # the spacing at 0 is the smallest number there is: there the other value gives the unit
        size = np.where(strange, 1.0, np.abs(np.where(one == 0, other, one))).astype(coarse)
        # and numpy counts from the largest number to infinity: the one below it has the same ulp
        unit = np.spacing(np.minimum(size, np.nextafter(np.finfo(coarse).max, coarse.type(0)))).astype(float)
        return Distance(gap, gap / unit, _relative(gap, one), np.broadcast_to(radius / unit, gap.shape))


def _same(one: Array, other: Array) -> NDArray[np.bool_]:
    """Equal, or both NaN."""
    same: NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def _relative(gap: Array, reference: Array) -> Array:
    """The gap by the largest finite magnitude of each row; a gap in a row of zeros is infinitely large."""
    finite = np.where(np.isfinite(reference), np.abs(reference), 0.0)
    scale = finite.reshape(len(finite), -1).max(axis=1, initial=0.0).reshape(-1, *[1] * (finite.ndim - 1))
    return np.where(gap == 0, 0.0, gap / scale)
