"""The gradients of a program beside the true ones, one row for each parameter; an array is told by its norm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from backlight.language import _, marked
from backlight.views.text.notation import notations
from backlight.views.text.summaries import norms
from backlight.views.text.tables import GAP, INDENT, Column, on_point, tables
from backlight.views.text.widths import WIDTH, columns, cut, plain, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.diagnosis import Diagnosis, Number, Parameter

DIGITS = 8
LEAST = 8
"""Columns that what the program calls a parameter gets at least."""

VERDICTS = {"right": marked("right"), "wrong": marked("WRONG"), "cannot_tell": marked("can't tell")}


def gradient_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Lay the table out, unless the check ended before the gradients."""
    parameters = diagnosis.parameters
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
    table = [_verdicts(parameters), *told, *_numbers(parameters)]
    common = max(column.width for column in table if not column.is_text)
    used = len(INDENT) + names.beside(0) + sum(len(GAP) + column.beside(common) for column in table)
    yield from tables(names, [[*table, *_theirs(parameters, WIDTH - used - len(GAP))]])
    if any(isinstance(one.truth, list) for one in parameters):
        note = _("of an array: its norm, and the largest error of an entry beside the largest entry")
        yield from wrap(note, first=INDENT, rest=INDENT)


def _verdicts(parameters: Sequence[Parameter]) -> Column:
    """Right or wrong, in a word."""
    return Column("", [_(VERDICTS[one.verdict]) for one in parameters], is_text=True)


def _numbers(parameters: Sequence[Parameter]) -> list[Column]:
    """Yours, truth, error and ratio."""
    both = {
        _("yours"): [_size(one.yours) for one in parameters],
        _("truth"): [_size(one.truth) for one in parameters],
    }
    known = [[value for value in values if value is not None] for values in both.values()]
    sizes = [
        Column(heading, ["" if value is None else how.write(value) for value in values])
        for (heading, values), how in zip(both.items(), notations(known, DIGITS), strict=True)
    ]
    ratios = [_ratio(one.ratio) for one in parameters]
    return [
        *sizes,
        Column(_("error"), on_point([_error(one.error) for one in parameters]), is_text=True),
        *([Column(_("ratio"), on_point(ratios), is_text=True)] if any(ratios) else []),
    ]


def _theirs(parameters: Sequence[Parameter], room: int) -> list[Column]:
    """What the program calls them, where that is not what the recipe calls them."""
    if all(one.theirs in {one.name, ""} for one in parameters):
        return []
    heading = _("your name")
    room = max(room, LEAST, columns(heading))
    return [Column(heading, [cut(plain(one.theirs), room) for one in parameters], is_text=True)]


def _size(value: Number | None) -> float | None:
    """A number, or the norm of an array."""
    if value is None or not isinstance(value, list):
        return value
    return float(norms(np.asarray(value, float).reshape(1, -1))[0])


def _shape(value: Number | None) -> str:
    """The shape of an array, behind its name."""
    return f" ({' x '.join(map(str, np.shape(value)))})" if isinstance(value, list) else ""


def _error(value: float | None) -> str:
    """A relative error."""
    return "" if value is None else f"{value:.2g}"


def _ratio(value: float | None) -> str:
    """How many times the truth."""
    return "" if value is None or math.isnan(value) else f"{value:.5g}"
