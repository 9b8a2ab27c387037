"""Samples in a CSV file: numbers with commas between them, one sample in each line, inputs before targets.

A first line in which any cell is no number is a header. Cells may stand in quotes; blank lines count for
nothing. Numbers are read quickly, line by line; only a file that does not go through is read a second time,
by `point_faults`, which tells everything that is wrong with it.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from io import StringIO
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backlight.faults import RecipeError
from backlight.recipes.files import read_text
from backlight.recipes.shown import printable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)


class Line(NamedTuple):
    """One line with numbers: where it stands, from 1, and its cells."""

    number: int
    cells: list[str]


def read_points(path: Path, *, layers: tuple[int, ...], largest: float) -> NDArray[np.float64]:
    """Read a CSV file of samples.

    Parameters
    ----------
    layers : tuple of int
        The first is the number of inputs, the last that of targets.
    largest : float
        Numbers of this size and above are infinite in the recipe's precision.

    Returns
    -------
    array, shape (samples, inputs + targets)
        In the order of the file, in float64.

    Raises
    ------
    RecipeError [R-CSV-1, R-CSV-2, R-CSV-3, R-CSV-4, R-CSV-5, R-FINITE-1]
        Lines of different lengths; a cell that is no number; too few or too many columns; no numbers at all;
        cells that are not parted by commas; nan, an infinity, or a number that is one in this precision.
    OSError, ValueError
        The file cannot be read as text.
    """
    numbers = _quickly(path, layers[0] + layers[-1])
    if numbers is not None and numbers.size and np.all(np.abs(numbers) < largest):
        return numbers
    from backlight.recipes.point_faults import point_faults  # noqa: PLC0415  only where something is wrong

    text = read_text(path)
    faults = point_faults(text, printable(str(path)), layers=layers, largest=largest)
    if faults:
        raise RecipeError(faults)
    return np.array([[float(cell) for cell in line.cells] for line in lines(StringIO(text))])


def read_cells(path: Path) -> list[list[str]]:
    """Give the texts of all numbers in a file that `read_points` has read without a fault."""
    return [[cell.strip().removeprefix("+") for cell in line.cells] for line in lines(StringIO(read_text(path)))]


def lines(text: Iterable[str]) -> Iterator[Line]:
    """Give the lines with numbers: without the header, without blank ones.

    Raises
    ------
    csv.Error
        The quotes of a line are not closed, or stand inside a cell.

    Examples
    --------
    >>> list(lines(["x,y", "", "1,2"]))
    [Line(number=3, cells=['1', '2'])]
    """
    reader = csv.reader(text, strict=True)
    is_first, end = True, 0
    for cells in reader:
        number, end = end + 1, reader.line_num
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            continue
        is_header = is_first and not all(is_number(one) or is_not_finite(one) for one in cells)
        is_first = False
        if not is_header:
            yield Line(number, cells)


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number such as 1, -.5 or 2.5e-3, which may be too large for a computer."""
    return _NUMBER.fullmatch(cell) is not None


def is_not_finite(cell: str) -> bool:
    """Whether a cell says nan or an infinity, or a number beyond the doubles."""
    return _NOT_FINITE.fullmatch(cell) is not None or (is_number(cell) and not isfinite(float(cell)))


def _quickly(path: Path, width: int) -> NDArray[np.float64] | None:
    """The numbers of a file, or None where anything is not as it should be."""
    numbers, rows = array("d"), 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in lines(_plain(file)):
                numbers.extend(list(map(float, line.cells)))
                rows += 1
                if len(numbers) != rows * width:
                    return None
    except (ValueError, csv.Error):
        return None
    return np.frombuffer(numbers, dtype=np.float64).reshape(-1, width)


def _plain(file: Iterable[str]) -> Iterator[str]:
    """The lines as they are; float() would take 1_000 and the digits of other scripts, which are no numbers here."""
    for number, line in enumerate(file):
        if number > 0 and ("_" in line or not line.isascii()):
            raise ValueError(line)
        yield line
