"""Numbers in columns: every table and every list of labelled numbers is laid out here.

What does not fit beside each other in 80 columns continues in a further table below, evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from backlight.language.widths import WIDTH, columns, left, right, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

INDENT = "  "
GAP = "  "
BETWEEN = "   "


@dataclass(frozen=True)
class Column:
    """A heading and its cells, aligned to the right (texts: to the left)."""

    heading: str
    cells: Sequence[str]
    is_text: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal that its cells take, and its heading if that is a label; words may be longer."""
        heading = 0 if " " in self.heading else columns(self.heading)
        return max([heading, *map(columns, self.cells)])

    def beside(self, common: int) -> int:
        """The width it gets among columns of a common width."""
        return max(self.width if self.is_text else common, columns(self.heading))

    def at(self, width: int) -> list[str]:
        """Heading and cells, filled up to a width."""
        fill = left if self.is_text else right
        return [fill(text, width) for text in (self.heading, *self.cells)]


def tables(first: Column, groups: Iterable[Sequence[Column]]) -> list[str]:
    """Lay columns out in as many tables as they need, each beginning with the same column.

    Columns of one group stay together where they fit; a blank line stands between tables. All number
    columns are equally wide, but for long headings, so that what belongs together is found in the same place.

    Examples
    --------
    >>> groups = [[Column("o1", ["0.47", "0.46"])], [Column("loss", ["0.2", "0.1"])]]
    >>> for line in tables(Column("k", ["0", "1"]), groups): print(line)
      k    o1  loss
      0  0.47   0.2
      1  0.46   0.1
    """
    groups = [list(group) for group in groups if group]
    common = max((column.width for group in groups for column in group if not column.is_text), default=0)
    room = WIDTH - len(INDENT) - first.width
    lines: list[str] = []
    for row in _packed(groups, common, room):
        sides = [first.at(first.width), *(column.at(column.beside(common)) for column in row)]
        lines += ["", *((INDENT + GAP.join(cells)).rstrip() for cells in zip(*sides, strict=True))]
    return lines[1:]


def labelled(groups: Iterable[Sequence[tuple[str, str]]], *, in_a_row: int = 4) -> list[str]:
    """List labels with their numbers, some in a row, each group beginning a new one.

    Examples
    --------
    >>> for line in labelled([[("w1", "0.2"), ("w2", "-0.4")], [("w3", "0.5")]]): print(line)
      w1   0.2   w2  -0.4
      w3   0.5
    """
    groups = [list(group) for group in groups if group]
    label = max((columns(name) for group in groups for name, _value in group), default=0)
    values = iter(on_point([value for group in groups for _name, value in group]))
    cells = [[left(name, label) + GAP + next(values) for name, _value in group] for group in groups]
    each = max((columns(cell) for row in cells for cell in row), default=0)
    fit = max(1, min(in_a_row, (WIDTH - len(INDENT) + len(BETWEEN)) // (each + len(BETWEEN))))
    return [(INDENT + BETWEEN.join(part)).rstrip() for row in cells for part in _evenly(row, fit)]


def on_point(numbers: Sequence[str]) -> list[str]:
    """Fill numbers up with spaces so that their decimal points stand below each other.

    Examples
    --------
    >>> on_point(["0.25", "-1", "10.5"])
    [' 0.25', '-1   ', '10.5 ']
    """
    before = max(map(_before_point, numbers), default=0)
    after = max((len(number) - _before_point(number) for number in numbers), default=0)
    return [(" " * (before - _before_point(number)) + number).ljust(before + after) for number in numbers]


def facts(pairs: Iterable[tuple[str, str]], *, indent: str = "") -> list[str]:
    """List names with what is to be said of them; a pair without a value is left out.

    Examples
    --------
    >>> for line in facts([("loss", "huber"), ("engine", "hand"), ("from", "")]): print(line)
    loss    huber
    engine  hand
    """
    told = [(name, value) for name, value in pairs if value]
    label = max((columns(name) for name, _value in told), default=0)
    rest = indent + " " * label + GAP
    return [line for name, value in told for line in wrap(value, first=indent + left(name, label) + GAP, rest=rest)]


def _packed(groups: Sequence[Sequence[Column]], common: int, room: int) -> list[list[Column]]:
    """Rows of columns: groups joined while they fit, one that is too wide for a row cut evenly."""
    rows: list[list[Column]] = []
    used = room + 1
    for group in groups:
        for part in _evenly(group, _fitting(group, common, room)):
            needed = sum(len(GAP) + column.beside(common) for column in part)
            if used + needed > room:
                rows.append([])
                used = 0
            rows[-1] += part
            used += needed
    return rows


def _fitting(group: Sequence[Column], common: int, room: int) -> int:
    """How many columns of a group fit beside each other, whichever they are."""
    widest = sorted((len(GAP) + column.beside(common) for column in group), reverse=True)
    return max(1, sum(needed <= room for needed in accumulate(widest)))


def _evenly(items: Sequence[T], at_most: int) -> list[Sequence[T]]:
    """Items in parts of nearly equal length, none longer than allowed."""
    parts = -(-len(items) // at_most)
    each = -(-len(items) // parts)
    return [items[start : start + each] for start in range(0, len(items), each)]


def _before_point(value: str) -> int:
    """How many characters stand before the decimal point; a number without one ends where it would be."""
    point = value.find(".")
    return len(value) if point < 0 else point
