"""A program line by line, with what its lines compute beside them, right or wrong; a long one is folded.

Marks are signs that can be read without colour; the heading says what they mean.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import WIDTH, columns, cut, in_rows, left, right, verbatim, wrap
from backlight.recipes.wording.shown import counted
from backlight.views.text.notation import short
from backlight.views.text.tables import GAP, INDENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlight.checks.diagnosis import Diagnosis

WHOLE = 30
"""A program of so many lines is shown as it is."""
MOST = 40
"""So many lines that compute something are shown of a longer one, the nearest to what is wrong."""
SMALL_GAP = 2
"""So many lines are not worth a fold."""
ROWS = 3
"""Rows that one line may take."""
QUANTITIES = 24
"""Columns for the quantities of a line."""
LEAST_CODE = 30
"""Columns that a line of the program gets at least."""
DIGITS = 6

MARKS = {True: "✓", False: "✗"}
SIGNS = {"right": MARKS[True], "wrong": MARKS[False]}

HEADER = re.compile(r"\s*(async\s+)?(def|class|for|while)\b")


@dataclass(frozen=True)
class Note:
    """What a line computes: a mark and quantities."""

    right: bool
    quantities: str

    @property
    def text(self) -> str:
        """As it stands beside the line."""
        return f"{MARKS[self.right]} {self.quantities}"


def program_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Show the program, unless nothing in it was recognised."""
    notes, pointed = notes_of(diagnosis), pointed_at(diagnosis)
    lines = diagnosis.program.lines
    matter = {number for number in {*notes, *pointed} if 1 <= number <= len(lines)}
    if not matter:
        return
    wrong = {number for number in matter if number in pointed or any(not note.right for note in notes[number])}
    shown = unfolded(lines, matter, pointed & matter or wrong or {min(matter)})
    yield from wrap(_("your program, with what its lines compute: {right} right, {wrong} wrong").format(**SIGNS))
    yield from _rows(lines, shown, notes, compared(diagnosis, pointed), pointed)
    if wrong - pointed and pointed and diagnosis.explanations and diagnosis.explanations[0].proof:
        yield ""
        legend = _("> marks where the mistake stands; the other wrong lines only pass it on")
        yield from wrap(legend, first=INDENT, rest=INDENT)


def notes_of(diagnosis: Diagnosis) -> dict[int, list[Note]]:
    """What is said of each line: first what is wrong, then what is right."""
    found: dict[int, dict[bool, list[str]]] = {}
    for seen in diagnosis.seen:
        of_line = found.setdefault(seen.line, {})
        if seen.quantity not in of_line.setdefault(seen.right, []):
            of_line[seen.right].append(seen.quantity)
    return {
        line: [Note(right, few(labels, QUANTITIES)) for right, labels in sorted(both.items())]
        for line, both in found.items()
    }


def compared(diagnosis: Diagnosis, pointed: set[int]) -> dict[int, list[str]]:
    """For the lines of the mistake: the number that is made there, and what it should be."""
    found: dict[int, list[str]] = {}
    for seen in diagnosis.seen:
        if seen.line in pointed and seen.yours is not None and seen.truth is not None:
            said = _("{quantity} is {yours}, should be {truth}").format(
                quantity=seen.quantity, yours=short(seen.yours, DIGITS), truth=short(seen.truth, DIGITS)
            )
            found.setdefault(seen.line, []).append(said)
    return found


def pointed_at(diagnosis: Diagnosis) -> set[int]:
    """The lines of the mistake; of the first wrong value where no mistake was found."""
    places = {spot.line for one in diagnosis.explanations[:1] for spot in one.places}
    return places or ({diagnosis.line} if diagnosis.line else set())


def few(labels: Sequence[str], room: int) -> str:
    """Labels in a row, as many as fit."""
    text = ""
    for number, label in enumerate(runs(labels)):
        longer = f"{text}, {label}" if number else label
        if columns(longer) > room:
            return text + ", ..." if number else cut(label, room)
        text = longer
    return text


def runs(labels: Iterable[str]) -> list[str]:
    """Shorten labels that are numbered on.

    Examples
    --------
    >>> runs(["dL_dw1", "dL_dw2", "dL_dw3", "loss", "w7", "w8"])
    ['dL_dw1..3', 'loss', 'w7', 'w8']
    """
    groups: list[list[str]] = []
    for label in labels:
        if groups and label == _next(groups[-1][-1]):
            groups[-1].append(label)
        else:
            groups.append([label])
    few_of_them = 2
    return [
        text
        for group in groups
        for text in (group if len(group) <= few_of_them else [f"{group[0]}..{_number(group[-1])}"])
    ]


def unfolded(lines: Sequence[str], matter: set[int], centres: set[int]) -> list[int]:
    """Which lines are shown: those that matter and are nearest to the centres, what they stand in, the neighbours."""
    if len(lines) <= WHOLE:
        return list(range(1, len(lines) + 1))
    in_order = sorted(centres)
    nearest = sorted(matter, key=lambda line: (_distance(line, in_order), line))[:MOST]
    shown = set(nearest)
    shown |= {line + side for line in centres & shown for side in (-1, 1)}
    shown |= {header for line in nearest for header in _headers(lines, line)}
    shown = {line for line in shown if 1 <= line <= len(lines)}
    for line in sorted(shown):
        ahead = [other for other in range(line + 1, line + SMALL_GAP + 2) if other in shown]
        shown |= set(range(line + 1, ahead[0])) if ahead else set()
    return sorted(shown)


def _distance(line: int, centres: Sequence[int]) -> int:
    """How far the nearest of some lines is."""
    after = bisect_left(centres, line)
    return min(abs(line - centre) for centre in centres[max(after - 1, 0) : after + 1])


def _headers(lines: Sequence[str], line: int) -> Iterator[int]:
    """The lines of def, class and loops that a line stands in."""
    depth = _depth(lines[line - 1])
    for number in range(line - 1, 0, -1):
        text = lines[number - 1]
        if depth == 0:
            return
        if text.strip() and _depth(text) < depth:
            depth = _depth(text)
            if HEADER.match(text):
                yield number


def _depth(text: str) -> int:
    """How far a line is indented."""
    text = verbatim(text)
    return len(text) - len(text.lstrip())


def _rows(
    lines: Sequence[str],
    shown: Sequence[int],
    notes: dict[int, list[Note]],
    numbers: dict[int, list[str]],
    pointed: set[int],
) -> Iterator[str]:
    """The lines that are shown, folds between them."""
    digits = len(str(shown[-1]))
    room = WIDTH - len(INDENT) - digits - len(" > ")
    texts = {number: verbatim(lines[number - 1]) for number in shown}
    widest = max((columns(note.text) for number in shown for note in notes.get(number, [])), default=0)
    longest = max((columns(texts[number]) for number in shown if number in notes), default=0)
    beside = min(longest, max(room - len(GAP) - widest, LEAST_CODE))
    before = 0
    for number in [*shown, len(lines) + 1]:
        if number - before > 1:
            yield f"{INDENT}{'':{digits}}   {_fold(number - before - 1)}"
        before = number
        if number > len(lines):
            return
        mark = ">" if number in pointed else " "
        sides = [note.text for note in notes.get(number, [])]
        for row, text in enumerate(_laid_out(texts[number], sides, beside, room, whole=number in pointed)):
            head = right(str(number), digits) + f" {mark} " if row == 0 else " " * (digits + 3)
            yield (INDENT + head + text).rstrip()
        for text in numbers.get(number, []):
            yield INDENT + " " * (digits + 3) + right(text, max(room, columns(text)))


def _laid_out(text: str, sides: Sequence[str], beside: int, room: int, *, whole: bool) -> Iterator[str]:
    """One line of the program: its notes beside it where there is room, else below."""
    if not sides and not whole:
        yield cut(text, room)
    elif columns(text) <= beside or not whole:
        for part, side in zip_longest([cut(text, beside)], sides, fillvalue=""):
            yield left(part, beside) + GAP + side
    else:
        rows = list(in_rows(text, room))
        yield from rows[:ROWS] if len(rows) <= ROWS else [*rows[: ROWS - 1], cut("".join(rows[ROWS - 1 :]), room)]
        yield from (" " * beside + GAP + side for side in sides)


def _fold(number: int) -> str:
    """Say how many lines are left out."""
    return "... " + counted(number, _("{number} line"), _("{number} lines"))


def _next(label: str) -> str:
    """The label with the next number."""
    number = _number(label)
    return label.removesuffix(number) + str(int(number) + 1) if number else ""


def _number(label: str) -> str:
    """The digits at the end of a label."""
    return label[len(label.rstrip("0123456789")) :]
