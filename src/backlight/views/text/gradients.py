"""The gradients of a program beside the true ones, one row for each parameter; an array is told by its norm."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from backlight.language import _, marked
from backlight.language.widths import WIDTH, columns, cut, plain, wrap
from backlight.views.text.notation import notations
from backlight.views.text.source import runs
from backlight.views.text.summaries import norms
from backlight.views.text.tables import GAP, INDENT, Column, on_point, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.diagnosis import Diagnosis, Number, Parameter

DIGITS, FEWEST = 8, 6
"""Digits that are shown; fewer where names of the program need the room."""
LEAST = 8
"""Columns that what the program calls a parameter gets at least."""

WHOLE, MOST = 24, 16
"""So many parameters all get a row; of more of them, so many."""

INDEX = re.compile(r"\[[-\d, :]*\]$")
"""The place of an entry, behind the name of its array."""

VERDICTS = {"right": marked("right"), "wrong": marked("WRONG"), "cannot_tell": marked("can't tell")}

FOLDED = {
    "wrong": marked("and {names}, all wrong; the largest error is {error}"),
    "cannot_tell": marked("and {names}, of which nothing can be told"),
    "right": marked("and {names}, all right; the largest error is {error}"),
}


def gradient_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Lay the table out, unless the check ended before the gradients."""
    parameters, folded = shown(diagnosis.parameters)
    if not parameters:
        return
    first = diagnosis.iterations[0] if diagnosis.iterations else 0
    updates = [first if one.iteration is None else one.iteration for one in parameters]
    if len(set(updates)) == 1:
        yield _("gradients at update {update}").format(update=updates[0])
        told = []
    else:
        yield _("gradients, each at the first update where it is wrong")
        told = [Column(_("update"), [str(update) for update in updates], is_text=True)]
    names = Column(_("parameter"), [plain(one.name) + _shape(one.truth) for one in parameters], is_text=True)
    called = dict(zip((one.name for one in diagnosis.parameters), own_names(diagnosis.parameters), strict=True))
    theirs = [called[one.name] for one in parameters]
    needed = max(columns(_("your name")), *map(columns, theirs))
    for digits in range(DIGITS, FEWEST - 1, -1):
        table = [_verdicts(parameters), *told, *_numbers(parameters, digits)]
        common = max(column.width for column in table if not column.is_text)
        used = len(INDENT) + names.beside(0) + sum(len(GAP) + column.beside(common) for column in table)
        room = WIDTH - used - len(GAP)
        if needed <= room:
            break
    yield from tables(names, [[*table, *_theirs(theirs, room)]])
    yield from _folded(folded)
    if any(isinstance(one.truth, list) for one in parameters):
        note = _("of an array: its norm, and the largest error of an entry beside the largest entry")
        yield from wrap(note, first=INDENT, rest=INDENT)


def shown(parameters: Sequence[Parameter]) -> tuple[Sequence[Parameter], Sequence[Parameter]]:
    """Those that get a row, and of many the rest: first come the wrong ones, all in the order of the network."""
    if len(parameters) <= WHOLE:
        return parameters, ()
    of_interest = sorted(range(len(parameters)), key=lambda place: parameters[place].verdict == "right")
    rows = set(of_interest[:MOST])
    return (
        [one for place, one in enumerate(parameters) if place in rows],
        [one for place, one in enumerate(parameters) if place not in rows],
    )


def _folded(parameters: Sequence[Parameter]) -> Iterator[str]:
    """What is said of those without a row: their names, and how far the farthest is off."""
    for verdict, text in FOLDED.items():
        those = [one for one in parameters if one.verdict == verdict]
        if those:
            errors = [one.error for one in those if one.error is not None and math.isfinite(one.error)]
            told = _(text).format(
                names=", ".join(runs(plain(one.name) for one in those)), error=_error(max(errors, default=0.0))
            )
            yield from wrap(told, first=INDENT, rest=INDENT)


def _verdicts(parameters: Sequence[Parameter]) -> Column:
    """Right or wrong, in a word."""
    return Column("", [_(VERDICTS[one.verdict]) for one in parameters], is_text=True)


def _numbers(parameters: Sequence[Parameter], digits: int) -> list[Column]:
    """Yours, truth, error and ratio; what is 0 but for rounding has no say in how the others are written."""
    both = {
        _("yours"): [_size(one.yours) for one in parameters],
        _("truth"): [_size(one.truth) for one in parameters],
    }
    known = [
        [value for value, one in zip(values, parameters, strict=True) if value is not None and not _is_rounding(one)]
        for values in both.values()
    ]
    sizes = [
        Column(heading, ["" if value is None else how.write(value) for value in values])
        for (heading, values), how in zip(both.items(), notations(known, digits), strict=True)
    ]
    ratios = [_ratio(one.ratio) for one in parameters]
    return [
        *sizes,
        Column(
            _("error"), on_point(["" if _is_rounding(one) else _error(one.error) for one in parameters]), is_text=True
        ),
        *([Column(_("ratio"), on_point(ratios), is_text=True)] if any(ratios) else []),
    ]


def _is_rounding(one: Parameter) -> bool:
    """Whether it is right, and the truth is 0: there is nothing that its error could be relative to."""
    return one.verdict == "right" and one.error == math.inf


def own_names(parameters: Sequence[Parameter]) -> list[str]:
    """What the program calls them, where that is not what the recipe calls them, and means one of them only.

    Examples
    --------
    >>> from backlight.checks.diagnosis import Parameter
    >>> told = {"verdict": "right", "iteration": None, "yours": 1.0, "truth": 1.0, "ratio": 1.0}
    >>> names = {"w1": "u[0, 0]", "w2": "layer.W[0, 0]", "w3": "layer.W[0, 0]", "w4": "layer.W[1, 0]"}
    >>> own_names([Parameter(name=name, theirs=theirs, **told) for name, theirs in names.items()])
    ['u[0, 0]', '', '', '']
    """
    if all(one.theirs in {one.name, ""} for one in parameters):
        return ["" for _one in parameters]
    names = [plain(one.theirs) for one in parameters]
    of_several = {_array(name) for name in names if names.count(name) > 1}
    return ["" if _array(name) in of_several else name for name in names]


def _array(name: str) -> str:
    """The array that a name is an entry of."""
    return INDEX.sub("", name)


def _theirs(names: Sequence[str], room: int) -> list[Column]:
    """The column of their names, if there are any."""
    if not any(names):
        return []
    heading = _("your name")
    room = max(room, LEAST, columns(heading))
    return [Column(heading, [_within(name, room) for name in names], is_text=True)]


def _within(name: str, room: int) -> str:
    """A name that fits; of an entry the index stays."""
    index = name.removeprefix(_array(name))
    return cut(_array(name), room - columns(index)) + index if columns(index) + LEAST <= room else cut(name, room)


def _size(value: Number | None) -> float | None:
    """A number, a zero without a sign, or the norm of an array."""
    if not isinstance(value, list):
        return None if value is None else value + 0.0
    return float(norms(np.asarray(value, float).reshape(1, -1))[0])


def _shape(value: Number | None) -> str:
    """The shape of an array, behind its name."""
    return f" ({' x '.join(map(str, np.shape(value)))})" if isinstance(value, list) else ""


def _error(value: float | None) -> str:
    """A relative error."""
    return "" if value is None else f"{value:.2g}"


def _ratio(value: float | None) -> str:
    """How many times the truth."""
    return "" if value is None or math.isnan(value) else f"{value + 0.0:.5g}"
