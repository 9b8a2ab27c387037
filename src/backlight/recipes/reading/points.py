"""Samples in a CSV file: numbers with commas between them, one sample in each line, inputs before targets.

A first line in which any cell is no number is a header. Cells may stand in quotes; blank lines count for
nothing. Numbers are read quickly, line by line; only a file that does not go through is read a second time,
by `point_faults`, which tells everything that is wrong with it.
"""

from __future__ import annotations

import csv
from array import array
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np

from backlight.faults import RecipeError
from backlight.recipes.reading.files import read_text
from backlight.recipes.reading.lines import all_lines, lines
from backlight.recipes.reading.point_faults import point_faults
from backlight.recipes.wording.shown import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


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
    text = read_text(path)
    faults = point_faults(text, printable(str(path)), layers=layers, largest=largest)
    if faults:
        raise RecipeError(faults)
    return np.array([[float(cell) for cell in line.cells] for line in lines(StringIO(text))])


def read_cells(path: Path) -> list[list[str]]:
    """Give the texts of all numbers in a file that `read_points` has read without a fault."""
    return [[cell.strip().removeprefix("+") for cell in line.cells] for line in lines(StringIO(read_text(path)))]


def _quickly(path: Path, width: int) -> NDArray[np.float64] | None:
    """The numbers of a file, or None where anything is not as it should be."""
    numbers, rows = array("d"), 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in all_lines(_plain(file)):
                if line.is_header:
                    if len(line.cells) != width:
                        return None
                    continue
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
