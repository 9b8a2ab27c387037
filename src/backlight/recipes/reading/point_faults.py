"""What is wrong with a CSV file: every fault with its line and column, and the line as it could stand."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.reading.lines import Line, all_lines, is_not_finite, is_number
from backlight.recipes.wording.shown import LONGEST, one_line, pasteable, shown
from backlight.recipes.wording.wrong import few

if TYPE_CHECKING:
    from collections.abc import Iterator


def point_faults(text: str, name: str, *, layers: tuple[int, ...], largest: float) -> tuple[Fault, ...]:
    """Give every fault of a CSV text; of many that are alike, the first ones.

    Parameters
    ----------
    name : str
        What the file is called in ``where``.
    layers, largest
        As for `read_points`.
    """
    return few([(fault.code, fault) for fault in _faults(text, name, layers, largest)])


def _faults(text: str, name: str, layers: tuple[int, ...], largest: float) -> Iterator[Fault]:
    """Every fault of a text."""
    raw, width = [*text.split("\n"), ""], layers[0] + layers[-1]
    first = next((number for number, line in enumerate(raw) if line.strip()), 0)
    if (";" in raw[first] or "\t" in raw[first]) and len(raw[first].split(",")) != width:
        yield _separator(raw[first], f"{name}:{first + 1}")
        return
    try:
        everything = list(all_lines(StringIO(text)))
    except csv.Error as error:
        number = _broken_line(text)
        yield _quotes(raw[number - 1], f"{name}:{number}:1", str(error))
        return
    found = [line for line in everything if not line.is_header]
    widths = {len(line.cells) for line in found}
    if not found:
        yield _empty(f"{name}:1:1", layers)
    if len(widths) == 1 and widths != {width}:
        yield _columns(found[0], f"{name}:{found[0].number}:1", layers)
        width = len(found[0].cells)
    for line in everything:
        if line.is_header and found and len(line.cells) != width:
            yield _header(line, raw[line.number - 1], f"{name}:{line.number}:1", width)
    for line in found:
        yield from _faults_of(line, raw[line.number - 1], name, width, largest)


def _faults_of(line: Line, raw: str, name: str, width: int, largest: float) -> Iterator[Fault]:
    """The faults of one line; whichever is told, the line that is offered has none of them."""
    fix = _line([*(_mended(cell, largest) for cell in line.cells), *_zeros(width)][:width])
    if len(line.cells) != width:
        yield Fault(
            code="R-CSV-1",
            sentence=_("line {line} has not {wanted} cells, but {found}").format(
                line=line.number, found=len(line.cells), wanted=width
            ),
            where=f"{name}:{line.number}:1",
            got=one_line(raw),
            because=_("every line is a sample with as many numbers as the network has inputs and outputs"),
            try_this=fix,
        )
    for position, cell in enumerate(line.cells):
        where = f"{name}:{line.number}:{_column(raw, position)}"
        fields = {"cell": position + 1, "line": line.number}
        if is_not_finite(cell) or (is_number(cell) and abs(float(cell)) >= largest):
            yield Fault(
                code="R-FINITE-1",
                sentence=_("cell {cell} of line {line} is not finite").format(**fields),
                where=where,
                got=one_line(cell),
                because=_("a run starts from numbers that are finite in its precision"),
                try_this=fix,
            )
        elif not is_number(cell):
            yield Fault(
                code="R-CSV-2",
                sentence=_("cell {cell} of line {line} is no number").format(**fields),
                where=where,
                got=shown(cell),
                because=_("after the header every cell is a number such as 0.5 or -1e-3"),
                try_this=fix,
            )


def _header(line: Line, raw: str, where: str, width: int) -> Fault:
    """R-CSV-1: a header with more or fewer names than there are columns; whoever reads it reads another table."""
    names = [*line.cells, *(f"column {number + 1}" for number in range(len(line.cells), width))]
    return Fault(
        code="R-CSV-1",
        sentence=_("the header has not {wanted} cells, but {found}").format(wanted=width, found=len(line.cells)),
        where=where,
        got=one_line(raw),
        because=_("a header names every column, or there is none"),
        try_this=_line(names[:width]),
    )


def _mended(cell: str, largest: float) -> str:
    """A cell that is a number: with a decimal point for a comma, else 0."""
    point = cell.strip().replace(",", ".")
    return point if is_number(point) and abs(float(point)) < largest else "0.0"


def _line(cells: list[str]) -> str:
    """A line of a CSV file, as far as a person would paste it."""
    return pasteable(",".join(cell.strip() for cell in cells))


def _zeros(cells: int) -> list[str]:
    """Cells that are numbers; no more of them than fit into a line that is offered, whatever the layers say."""
    return ["0.0"] * min(cells, LONGEST)


_CELL = re.compile(r'\s*(?:"(?:[^"]|"")*"|[^,]*)(?:,|$)')


def _column(raw: str, position: int) -> int:
    """The column, from 1, in which a cell begins."""
    at = 0
    for _cell in range(position):
        found = _CELL.match(raw, at)
        at = found.end() if found else at
    return at + 1


def _separator(raw: str, where: str) -> Fault:
    at = min(raw.find(sign) for sign in ";\t" if sign in raw)
    with_points = raw if re.search(r"\d\.\d", raw) else raw.replace(",", ".")
    return Fault(
        code="R-CSV-5",
        sentence=_("the numbers are not parted by commas"),
        where=f"{where}:{at + 1}",
        got=one_line(raw),
        because=_("neither a semicolon nor a tab parts cells, and a decimal comma must be a point; so in every line"),
        try_this=_line(re.split(r"[;\t]", with_points)),
    )


def _broken_line(text: str) -> int:
    """The line in which the quotes go wrong."""
    reader = csv.reader(StringIO(text), strict=True)
    last = 0
    try:
        for _cells in reader:
            last = reader.line_num
    except csv.Error:
        pass
    return last + 1


def _quotes(raw: str, where: str, message: str) -> Fault:
    return Fault(
        code="R-CSV-2",
        sentence=_("the quotes of this line are not closed, or stand inside a cell"),
        where=where,
        got=one_line(raw),
        because=_("the reader says: {message}").format(message=message),
        try_this=_line(raw.replace('"', "").split(",")),
    )


def _empty(where: str, layers: tuple[int, ...]) -> Fault:
    return Fault(
        code="R-CSV-4",
        sentence=_("the file has no line of numbers"),
        where=where,
        because=_("every line is a sample: first its inputs ({inputs}), then its targets ({targets})").format(
            inputs=layers[0], targets=layers[-1]
        ),
        try_this=_line(_zeros(layers[0] + layers[-1])),
    )


def _columns(line: Line, where: str, layers: tuple[int, ...]) -> Fault:
    """All lines have the same number of columns, but not what the network wants."""
    found, outputs = len(line.cells), layers[-1]
    fits = (found - outputs, *layers[1:]) if found > outputs else (found - 1, *layers[1:-1], 1)
    return Fault(
        code="R-CSV-3",
        sentence=_("the network wants {wanted} columns, the file has {found}").format(
            found=found, wanted=layers[0] + outputs
        ),
        where=where,
        got=one_line(",".join(line.cells)),
        because=_("network.layers = {layers}: first the inputs ({inputs}), then the targets ({targets})").format(
            layers=shown(layers), inputs=layers[0], targets=outputs
        ),
        try_this=f"network.layers = {list(fits)}"
        if found > 1
        else _line([*line.cells, *_zeros(layers[0] + outputs - 1)]),
    )
