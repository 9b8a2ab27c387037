"""A trace as a long table for spreadsheets: one number in each line, with what it is and where it stands.

The table is an export: recipe and findings are not in it, so it is not read back.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from backlight.traces.as_json import shortest
from backlight.traces.quantities import axes, is_once, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

COLUMNS = ("iteration", "quantity", "sample", "row", "column", "value")

ROWS = 1024
"""So many rows are Python numbers at a time."""


def lines(trace: Trace) -> Iterator[str]:
    """Give the table line by line: the data, then iteration after iteration in the order of computing.

    Rows and columns are counted from 0 as in ``W1[0,1]``; a cell is empty where a quantity has no such index.

    Examples
    --------
    >>> import backlight as bl
    >>> table = list(lines(bl.run(bl.recipe("course"))))
    >>> print("".join(table[:2] + table[5:7]), end="")
    iteration,quantity,sample,row,column,value
    ,x,0,,0,0.5
    0,W1,,0,0,0.2
    0,W1,,0,1,-0.4
    """
    yield ",".join(COLUMNS) + "\n"
    places = {name: list(_places(name, values, trace)) for name, values in trace.items()}
    names = sorted(trace, key=when)
    for name in filter(is_once, names):
        yield from _cells("", places[name], _numbers(trace[name][None])[0])
    names = [name for name in names if not is_once(name)]
    for first in range(0, len(trace.recorded), ROWS):
        block = slice(first, first + ROWS)
        tables = [(places[name], _numbers(trace[name][block])) for name in names]
        for row, iteration in enumerate(trace.recorded[block].tolist()):
            for where, numbers in tables:
                yield from _cells(iteration, where, numbers[row])


def _cells(iteration: int | str, places: list[str], numbers: list[float]) -> Iterator[str]:
    """The lines of one quantity in one iteration."""
    for place, number in zip(places, numbers, strict=True):
        yield f"{iteration},{place},{number!r}\n"


def _numbers(values: NDArray[Any]) -> list[list[float]]:
    """Of each row all numbers, one after the other."""
    return shortest(values).reshape(len(values), -1).tolist()


def _places(name: str, values: NDArray[Any], trace: Trace) -> Iterator[str]:
    """The cells between the iteration and the value, for every number of a quantity in one iteration."""
    names = [axis for axis in axes(name, trace.recipe.layers) if axis != "iteration"]
    columns = ["sample" if axis == "sample" else "row" for axis in names]
    if columns and columns[-1] == "row":
        columns[-1] = "column"
    for index in product(*map(range, values.shape[-len(columns) :] if columns else ())):
        at = dict(zip(columns, index, strict=True))
        yield ",".join((name, *(str(at.get(column, "")) for column in ("sample", "row", "column"))))
