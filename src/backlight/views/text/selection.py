"""Which rows of a long run are shown: its beginning, 1-2-5 steps through the middle, and its end.

Where a run stops being finite is always among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

ALL_UP_TO = 24
"""A run of so many rows is shown whole."""


def shown_rows(trace: Trace) -> NDArray[np.intp]:
    """Choose the rows of a trace to show, as positions in its arrays.

    Where accuracy was measured only now and then, rows that have it are among them.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course").with_({"training.iterations": 1000}))
    >>> trace.recorded[shown_rows(trace)].tolist()
    [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 999, 1000]
    """
    rows = len(trace.recorded)
    if rows <= ALL_UP_TO:
        return np.arange(rows)
    chosen = {*_one_two_five(rows), *_scored(trace), rows - 2, rows - 1, *_around_first_not_finite(trace)}
    return np.array(sorted(chosen))


def _scored(trace: Trace) -> list[int]:
    """Some of the rows with an accuracy or a held-out loss, where these were measured only now and then."""
    for name in ("accuracy", "held_out_loss"):
        if name in trace.quantities and not (measured := ~np.isnan(trace[name])).all():
            found = np.flatnonzero(measured).tolist()
            return found if len(found) <= ALL_UP_TO // 2 else [found[k] for k in _one_two_five(len(found))]
    return []


def _one_two_five(count: int) -> list[int]:
    """0, 1, 2, 5, 10, 20, 50, ... below a number."""
    steps = (digit * 10**power for power in range(len(str(count))) for digit in (1, 2, 5))
    return [0, *(step for step in steps if step < count)]


def _around_first_not_finite(trace: Trace) -> list[int]:
    """The last row with a finite loss and the first without, if the loss ceases to be finite."""
    lost = np.flatnonzero(~np.isfinite(trace.loss))
    return [] if not lost.size else [max(int(lost[0]) - 1, 0), int(lost[0])]
