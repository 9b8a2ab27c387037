"""Are some gradients all the same multiple of the true ones, and is it a number that people forget?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


def common_factor(theirs: Array, truth: Array, room: Array, size: Array) -> float | None:
    """The k by which gradients are the true ones; None if there is none, or it cannot be told from 0.

    Parameters
    ----------
    theirs, truth : array, shape (steps, parameters)
    room, size : array of the same shape
        How far both may differ whatever k is, and how far for k = 1; it grows with k.
    """
    if not truth.size or not np.isfinite(theirs).all() or not np.isfinite(truth).all():
        return None
    certain = np.abs(truth) / (room + size + np.finfo(float).tiny)
    best = np.unravel_index(int(np.argmax(certain)), certain.shape)
    if not truth[best]:
        return None
    factor = float(theirs[best] / truth[best])
    off = np.abs(theirs - factor * truth) > room + size * max(abs(factor), 1.0)
    return None if bool(off.any()) or not np.any(np.abs(theirs) > room) else factor


def rounded(factor: float) -> float:
    """A factor without its rounding errors, where it is a plain number or one over a plain number."""
    for plain in (round(factor, 6), round(factor * 12) / 12, 1 / round(1 / factor) if round(1 / factor) else factor):
        if plain and abs(plain - factor) <= 1e-7 * abs(factor):
            return plain
    return factor


def is_plain(factor: float, samples: int) -> bool:
    """Whether a factor, or one over it, is a whole number of at most all samples, or a few."""
    size = abs(factor) if abs(factor) >= 1 else 1 / abs(factor)
    return abs(size - round(size)) <= 1e-7 * size and round(size) <= max(samples, 10)
