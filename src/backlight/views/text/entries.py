"""The scalars of a trace by label, as texts: machine numbers in one notation, proven decimals as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backlight.views.text.notation import DIGITS, notations
from backlight.views.text.tables import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backlight.traces.trace import Trace


def number_columns(trace: Trace, labels: Sequence[str], rows: NDArray[np.intp]) -> list[Column]:
    """Write scalars that stand side by side, for some rows."""
    values = [trace[label][rows].tolist() for label in labels]
    written = notations(values, DIGITS[trace.recipe.numerics.precision])
    return [
        Column(label, [how.write(value) for value in cells])
        for label, cells, how in zip(labels, values, written, strict=True)
    ]
