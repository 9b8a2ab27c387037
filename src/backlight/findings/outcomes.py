"""How did a run end? One of six classes, from the history of its loss and two facts about the network.

Everything here works on plain arrays, with any number of runs side by side, so that a sweep over a million
networks and a single trace are classed by the same lines. Reasons of the thresholds: `thresholds`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.thresholds import THRESHOLDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

OUTCOMES = ("diverged", "dead", "oscillating", "converged", "stalled", "still_falling")
"""In this order of precedence: the first that fits."""

ROUNDING = np.finfo(float).eps ** 2
"""A loss below this is the square of a rounding error of numbers around 1: as good as 0."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What the classes need of the loss: numbers that one pass over the run can collect.

    Each is an array with one entry for each run.

    Attributes
    ----------
    first, last, lowest : array
        Loss of the first row and of the last, and the least of all.
    fall : array
        How far the loss falls from the first row of the end to its last, by the means of its two halves: what
        jumps up and down about one height does not fall.
    climb, drop : array
        The largest rise, and the largest fall, from any row of the end to any later one.
    fastest, fastest_at_end : array
        The largest |change| between two rows: of the run, and of its end.
    rises : array of bool
        Whether the loss rises at every step of the end.
    steps : int
        Rows less one.
    """

    first: Array
    last: Array
    lowest: Array
    fall: Array
    climb: Array
    drop: Array
    fastest: Array
    fastest_at_end: Array
    rises: NDArray[np.bool_]
    steps: int


def end_begins(steps: int) -> int:
    """Give the row where the end of a run of so many steps begins.

    Examples
    --------
    >>> end_begins(1000), end_begins(11), end_begins(2)
    (750, 7, 0)
    """
    return max(0, min(int(steps * (1 - THRESHOLDS.end)), steps - THRESHOLDS.end_steps))


def summarise(loss: Array) -> History:
    """Collect the history of one run, or of many side by side.

    Parameters
    ----------
    loss : array, shape (rows, ...)
        At least one row, from the first iteration to the last.

    Examples
    --------
    >>> history = summarise(np.array([4.0, 2.0, 1.0, 0.5, 0.6, 0.3]))
    >>> round(float(history.fall), 3), round(float(history.climb), 3), float(history.drop)
    (1.4, 0.1, 1.7)
    """
    steps = len(loss) - 1
    end = loss[end_begins(steps) :]
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is classed as diverged anyway
        change = np.abs(np.diff(loss, axis=0))
        return History(
            first=loss[0],
            last=loss[-1],
            lowest=np.fmin.reduce(loss),
            fall=_fall(end),
            climb=np.fmax.reduce(end - np.minimum.accumulate(end)),
            drop=np.fmax.reduce(np.maximum.accumulate(end) - end),
            fastest=np.fmax.reduce(change, initial=0.0),
            fastest_at_end=np.fmax.reduce(change[steps - len(end) + 1 :], initial=0.0),
            rises=np.all(np.diff(end, axis=0) > 0, axis=0) & (len(end) > 1),
            steps=steps,
        )


def without_end(history: History) -> History:
    """Forget how the loss behaved at the end: a run of which it is not known neither oscillates nor stalls."""
    unknown = np.full_like(history.last, np.inf)  # no fall at all would be a stall
    none = np.zeros_like(history.last)
    return replace(history, fall=unknown, climb=none, drop=none, rises=none.astype(bool))


def _fall(end: Array) -> Array:
    """The fall over the end, if it were a straight line through the means of its halves."""
    rows = len(end)
    half = rows // 2
    if not half:
        return np.zeros_like(end[0])
    half -= half % 2 if half > 1 else 0  # an even number of rows: to and fro, the commonest jump, has no mean
    # the middles of the halves are rows - half steps apart, the first row and the last rows - 1
    return np.asarray((end[:half].mean(axis=0) - end[-half:].mean(axis=0)) * ((rows - 1) / (rows - half)))


def classify(
    history: History, *, floor: float | Array = 0.0, slope: float | Array = 1.0, visible: float = THRESHOLDS.visible
) -> NDArray[np.uint8]:
    """Class the runs of a history.

    With the excess e = loss - floor:

    - diverged: the last loss is not finite; or e grew by more than `grown`; or the loss rises at every step
      of the end, by more than `settled`, and ends above its start;
    - dead: no gradient passes some layer (slope 0) while e is not small: nothing can be learned any more;
    - oscillating: at the end the loss climbs visibly, and loses at least half of what it fell;
    - converged: e is a hundredth of its first value; or the loss rests after it gained half of e and its
      steps died down, with no layer saturated;
    - stalled: the end lowers e by less than a thousandth;
    - still_falling: else.

    Parameters
    ----------
    history : History
    floor : float or array
        The least value that the loss can have; -inf where it has none.
    slope : float or array
        In the last row: the largest |da/dz| of any unit and sample of the layer where it is smallest, as a
        share of the steepest slope of that activation; 1 where it is not known.
    visible : float
        From which share of its first excess on the loss climbs visibly.

    Returns
    -------
    array of uint8
        Positions in `OUTCOMES`.

    Examples
    --------
    >>> falling, flat = 0.9 ** np.arange(12.0), np.full(12, 0.9)
    >>> [OUTCOMES[k] for k in classify(summarise(np.stack([falling, flat, 1 / falling], axis=1)))]
    ['still_falling', 'stalled', 'diverged']
    """
    t, h = THRESHOLDS, history
    with np.errstate(invalid="ignore", over="ignore"):
        bounded = np.isfinite(floor)
        base = np.where(bounded, floor, h.lowest - np.abs(h.first))  # something to measure by where there is no floor
        first = np.maximum(h.first - base, ROUNDING)
        last = h.last - base
        reached = bounded & (last <= np.maximum(t.reached * first, ROUNDING))
        settled = (h.fall <= t.settled * last) & (h.steps > 0)
        calm = np.maximum(h.climb, h.drop) <= t.settled * last
        growing = h.rises & (h.climb > t.settled * last)
        slowed = h.fastest_at_end <= t.slowed * h.fastest
        gained = bounded & (first - last >= t.progress * first)
        conditions = (
            ~np.isfinite(h.last) | (last > t.grown * first) | (growing & (last > first * (1 + t.settled))),
            (np.asarray(slope) == 0) & ~reached,
            (h.climb > np.maximum(visible * first, ROUNDING)) & (h.climb >= t.undone * h.drop),
            reached | (settled & calm & slowed & gained & (np.asarray(slope) >= t.saturated)),
            settled,
        )
    return np.select(conditions, range(len(conditions)), default=len(conditions)).astype(np.uint8)
