"""The lines of a CSV file that hold numbers, and what counts as a number in them."""

from __future__ import annotations

import csv
import re
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)


class Line(NamedTuple):
    """One line: where it stands, from 1, its cells, and whether it is the header."""

    number: int
    cells: list[str]
    is_header: bool = False


def lines(text: Iterable[str]) -> Iterator[Line]:
    """Give the lines with numbers: without the header, without blank ones.

    Raises
    ------
    csv.Error
        As `all_lines`.

    Examples
    --------
    >>> list(lines(["x,y", "", "1,2"]))
    [Line(number=3, cells=['1', '2'], is_header=False)]
    """
    return (line for line in all_lines(text) if not line.is_header)


def all_lines(text: Iterable[str]) -> Iterator[Line]:
    """Give the header, if there is one, and the lines with numbers.

    Raises
    ------
    csv.Error
        The quotes of a line are not closed, or stand inside a cell.

    Examples
    --------
    >>> [line.is_header for line in all_lines(["x,y", "", "1,2"])]
    [True, False]
    """
    reader = csv.reader(text, strict=True)
    is_first, end = True, 0
    for cells in reader:
        number, end = end + 1, reader.line_num
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            continue
        is_header = is_first and not all(is_number(one) or is_not_finite(one) for one in cells)
        is_first = False
        yield Line(number, cells, is_header)


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number such as 1, -.5 or 2.5e-3, which may be too large for a computer."""
    return _NUMBER.fullmatch(cell) is not None


def is_not_finite(cell: str) -> bool:
    """Whether a cell says nan or an infinity, or a number beyond the doubles."""
    return _NOT_FINITE.fullmatch(cell) is not None or (is_number(cell) and not isfinite(float(cell)))
