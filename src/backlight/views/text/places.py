"""A place in a program: where it is, what stands there, and what belongs there."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import WIDTH, cut, in_rows, plain, verbatim, wrap
from backlight.views.text.tables import INDENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlight.checks.diagnosis import Spot
    from backlight.checks.observing.observation import Program

ROWS = 6
"""Rows that one expression may take."""

CELL = re.compile(r"# In\[(\d+)\]:")


def numbered(program: Program, line: int) -> str:
    r"""The number of a line; in a notebook also its number in its code cell.

    Examples
    --------
    >>> from backlight.checks.observing.observation import Program
    >>> numbered(Program("net.py", "a = 1\nb = 2\n"), 2)
    '2'
    >>> numbered(Program("net.ipynb", "# In[1]:\na = 1\n\n# In[2]:\nb = 2\nc = 3\n"), 6)
    '6 (code cell 2, line 2)'
    """
    if not program.path.endswith(".ipynb"):
        return str(line)
    above = [(number, CELL.fullmatch(text)) for number, text in enumerate(program.lines[:line], 1)]
    begun = [(number, found[1]) for number, found in above if found]
    if not begun:
        return str(line)
    number, cell = begun[-1]
    return _("{line} (code cell {cell}, line {within})").format(line=line, cell=cell, within=line - number)


def place(program: Program, spot: Spot, *, proved: bool, explained: bool = True) -> Iterator[str]:
    """One place: what stands there, and what belongs there, or only has the right value."""
    if spot.quantity and spot.name not in {"", spot.quantity}:
        heading = _("line {line}, {name}: {quantity} belongs here")
    elif spot.quantity:
        heading = _("line {line}: {quantity} belongs here")
    elif spot.name:
        heading = _("line {line}, {name}")
    else:
        heading = _("line {line}")
    at = numbered(program, spot.line)
    said = heading.format(line=at, name=cut(plain(spot.name), 30), quantity=plain(spot.quantity))
    yield from wrap(said, first=INDENT, rest=INDENT)
    if spot.source.count("\n") and spot.should_be.count("\n"):
        yield from _changed(spot, "+" if proved else "?")
        return
    yield from _expression("- ", spot.source, spot.column)
    if spot.should_be:
        yield from _expression("+ " if proved else "? ", spot.should_be, spot.column)
    elif explained:
        missing = _("(no replacement was found in your program's own names)")
        yield from wrap(missing, first=INDENT * 3, rest=INDENT * 3)


def _changed(spot: Spot, sign: str) -> Iterator[str]:
    """Several lines and what belongs in their place: those that go, those that come, and the ends of what stays."""
    before, after = (list(_moved(text, spot.column)) for text in (spot.source, spot.should_be))
    steps = SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    for number, (step, begin, end, other_begin, other_end) in enumerate(steps):
        if step == "equal":
            yield from _kept(before[begin:end], first=number == 0, last=number == len(steps) - 1)
        else:
            yield from _signed("-", before[begin:end])
            yield from _signed(sign, after[other_begin:other_end])


def _kept(lines: list[str], *, first: bool, last: bool) -> Iterator[str]:
    """The lines that stay between two changes; of many the ends, of those outside the nearest."""
    few = 2
    above, below = ([] if first else lines[:1]), ([] if last else lines[-1:])
    if len(lines) <= few:
        above, below = lines, []
    yield from _signed(" ", above)
    if len(lines) > few:
        yield INDENT * 3 + "..."
    yield from _signed(" ", below)


def _signed(sign: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind a sign, one row each."""
    room = WIDTH - len(INDENT * 3)
    yield from (f"{INDENT * 2}{sign} {cut(line, room)}".rstrip() for line in lines)


def _expression(sign: str, source: str, column: int) -> Iterator[str]:
    """An expression behind a sign, its lines as deep as the first; of a very long one the beginning."""
    if not source:
        return
    room = WIDTH - len(INDENT * 2) - len(sign)
    rows = [row for line in _moved(source, column) for row in in_rows(line, room)]
    for number, row in enumerate(rows[:ROWS]):
        yield INDENT * 2 + (sign if number == 0 else " " * len(sign)) + row
    if len(rows) > ROWS:
        yield INDENT * 2 + " " * len(sign) + "..."


def _moved(source: str, column: int) -> Iterator[str]:
    """The lines of an expression, those below the first moved to the left by the column where it begins."""
    first, *others = map(verbatim, source.split("\n"))
    yield first
    for line in others:
        yield line[min(column, len(line) - len(line.lstrip())) :]
