"""A long curve with fewer points that looks the same: of every narrow column its lowest and its highest.

So no spike is lost, whatever the length of the run, and a drawing of a million iterations stays small.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

VERTICES = 8000
"""Points that all curves of a picture have together; a point takes about 20 bytes of an SVG file."""


def columns_for(curves: int) -> int:
    """Into how many columns each of so many curves is cut."""
    return max(50, VERTICES // (2 * max(1, curves)))


def thinned(position: Array, y: Array, columns: int) -> NDArray[np.intp]:
    """Choose the points of a curve to draw, in order.

    Every column of the picture keeps the first of its lowest and of its highest values; the curve keeps its
    ends. A column that holds no number at all keeps a NaN, so that a gap remains a gap.

    Parameters
    ----------
    position : array, shape (rows,)
        Where each point stands across the picture, growing; in any unit.

    Examples
    --------
    >>> y = np.zeros(1000); y[437] = 9
    >>> chosen = thinned(np.arange(1000), y, columns=10)
    >>> 437 in chosen, len(chosen)
    (True, 12)
    """
    if len(y) <= 2 * columns:
        return np.arange(len(y))
    borders = np.searchsorted(position, np.linspace(position[0], position[-1], columns + 1)[1:-1])
    low, high = np.where(np.isnan(y), np.inf, y), np.where(np.isnan(y), -np.inf, y)
    kept = [0, len(y) - 1]
    for start, end in pairwise([0, *borders.tolist(), len(y)]):
        if start < end:
            kept += [start + int(low[start:end].argmin()), start + int(high[start:end].argmax())]
    return np.unique(kept).astype(np.intp)
