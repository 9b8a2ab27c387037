"""The loss of a run as it is judged: row by row, or by means over whole epochs where a row sees only a batch.

Single batches differ from each other even when nothing is learned, so their losses go up and down in every
healthy run. All batches of one epoch together hold every sample once: only their means can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.thresholds import THRESHOLDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]
    Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The losses that are compared with each other.

    Attributes
    ----------
    loss : array, shape (parts,)
    rows : array of int, shape (parts,)
        The row of the trace in which each part begins.
    first, last : slice
        The rows of the first part, and of the end of the last, that are seen as a whole: one row or one epoch.
    resolved : bool
        Whether there is enough, and nothing left out, to tell ups and downs from the differences of batches.
    """

    loss: Array
    rows: Rows
    first: slice
    last: slice
    resolved: bool


def row_by_row(loss: Array) -> Judged:
    """Judge a run in which every row sees all samples."""
    rows = np.arange(len(loss))
    return Judged(loss=loss, rows=rows, first=slice(0, 1), last=slice(len(loss) - 1, None), resolved=True)


def by_epochs(loss: Array, iterations: Rows, weights: Array, *, shuffled: bool) -> Judged:
    """Judge a run in mini-batches by means over whole epochs; what is left at the end is dropped.

    A recording with gaps is judged as far as possible. Without shuffling as many rows as an epoch has may
    hold every batch once, whichever epochs they are from. With shuffling such rows, where there are many, are a
    sample: good enough to see a loss vanish or explode, too rough for ups and downs. Anything else tells nothing
    of a change.

    Parameters
    ----------
    loss : array, shape (rows,)
    iterations : array of int, shape (rows,)
        The iteration of each row.
    weights : array, shape (batches,)
        How much each batch of an epoch counts in the loss over all samples.
    shuffled : bool
        Whether every epoch has batches of its own.

    Examples
    --------
    >>> jumping = np.array([1.0, 3.0, 2.0, 1.0, 2.0, 3.0, 9.0])
    >>> by_epochs(jumping, np.arange(7), np.ones(3), shuffled=False).loss.tolist()
    [2.0, 2.0]
    """
    batches = len(weights)
    starts = np.arange(0, len(loss) - batches + 1, batches)
    rows = starts[:, None] + np.arange(batches)
    whole = _whole(iterations[rows], shuffled=shuffled)
    without_gaps = bool(whole.any())
    is_a_sample = not without_gaps and shuffled and len(rows) >= THRESHOLDS.blocks
    rows = rows[whole] if without_gaps else rows[: len(rows) * is_a_sample]
    if not len(rows):  # a single part: nothing to compare
        rows = np.arange(max(0, len(loss) - batches), len(loss))[None]
    means = np.average(loss[rows], axis=1, weights=weights[iterations[rows] % batches])
    if is_a_sample:  # the first few may all be of one sample, easy or hard
        means[0] = means[: len(means) // 2].mean()
    if not np.isfinite(loss[-1]):  # this tells all, whole epoch or not
        means[-1] = loss[-1]
    values, begins = _parts(means, rows[:, 0])
    return Judged(
        loss=values,
        rows=begins,
        first=slice(rows[0, 0], rows[0, -1] + 1),
        last=slice(rows[-1, 0], rows[-1, -1] + 1),
        resolved=without_gaps and len(means) >= THRESHOLDS.blocks,
    )


def _whole(iterations: Rows, *, shuffled: bool) -> NDArray[np.bool_]:
    """Which lines of iterations, shape (epochs, batches), hold every sample once."""
    batches = iterations.shape[1]
    every = np.asarray((np.sort(iterations % batches, axis=1) == np.arange(batches)).all(axis=1))
    epochs = iterations // batches
    return every & (epochs == epochs[:, :1]).all(axis=1) if shuffled else every


def _parts(means: Array, begins: Rows) -> tuple[Array, Rows]:
    """Take many epochs together to a few parts, the first epoch before them: the first part may have come far."""
    if len(means) <= THRESHOLDS.blocks:
        return means, begins
    values = [part.mean() for part in np.array_split(means, THRESHOLDS.blocks)]
    rows = [part[0] for part in np.array_split(begins, THRESHOLDS.blocks)]
    return np.array([means[0], *values]), np.array([begins[0], *rows])
