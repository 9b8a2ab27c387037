"""The scalars of a trace by label, as texts: machine numbers in one notation, proven decimals as they are."""

from __future__ import annotations

from decimal import Decimal
from math import nan
from typing import TYPE_CHECKING, Any

from backlight.recipes.labels import place
from backlight.views.text.notation import DIGITS, Notation, notations, short
from backlight.views.text.tables import Column, on_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.traces.trace import Trace


def number_columns(trace: Trace, labels: Sequence[str], rows: NDArray[np.intp]) -> list[Column]:
    """Write scalars that stand side by side, for some rows."""
    if trace.decimals:
        return [Column(label, on_point([_proven(trace, label, row) for row in rows.tolist()])) for label in labels]
    values = [trace[label][rows].tolist() for label in labels]
    written = notations(values, DIGITS[trace.recipe.numerics.precision])
    return [
        Column(label, [how.write(value) for value in cells])
        for label, cells, how in zip(labels, values, written, strict=True)
    ]


def short_numbers(trace: Trace, labels: Sequence[str], row: int) -> list[str]:
    """Write scalars of one row in as few digits as they have."""
    if trace.decimals:
        return [_proven(trace, label, row) for label in labels]
    digits = DIGITS[trace.recipe.numerics.precision]
    return [short(float(trace[label][row]), digits) for label in labels]


def number(trace: Trace, label: str, row: int, how: Notation) -> str:
    """Write a scalar of one row in a notation; of the exact engine no digit more than is proven.

    A run that was stopped before its first row has no numbers: NaN.
    """
    if not len(trace.recorded):
        return how.write(nan)
    text = how.write(float(trace[label][row]))
    proven = _proven(trace, label, row) if trace.decimals else text
    return proven if _digits(proven) < _digits(text) else text


def _digits(text: str) -> int:
    """How many digits a written number has."""
    return len(Decimal(text.strip()).as_tuple().digits)


def _proven(trace: Trace, label: str, row: int) -> str:
    """The decimals that the exact engine has proven of a scalar."""
    where = place(trace.recipe, label)
    entry: Any = trace.decimals[where.quantity][row]
    for index in where.index:
        entry = entry[index]
    return str(entry)
