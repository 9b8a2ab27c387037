"""The parameters before and after: each by its label, or an array by its smallest, mean and largest entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.language import _
from backlight.traces.layout import is_parameter
from backlight.views.text.entries import number_columns, short_numbers
from backlight.views.text.iterations import few_parameters, parameter_groups
from backlight.views.text.notation import notations
from backlight.views.text.summaries import norms, spread
from backlight.views.text.tables import Column, labelled, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.traces.trace import Trace

SUMMARY_DIGITS = 6
"""A smallest or mean entry needs no more to be recognised."""


def start_lines(trace: Trace) -> Iterator[str]:
    """The parameters of the first row, each in as few digits as it has."""
    if "W1" not in trace.quantities or not len(trace.recorded):
        return
    yield _("parameters at the start")
    if few_parameters(trace):
        groups = parameter_groups(trace)
        yield from labelled([*zip(group, short_numbers(trace, group, 0), strict=True)] for group in groups)
    else:
        yield from _summary(trace, 0)


def end_lines(trace: Trace) -> Iterator[str]:
    """The parameters of the last row."""
    if "W1" not in trace.quantities or len(trace.recorded) < 2:  # noqa: PLR2004  a single row is the start
        return
    yield _("parameters at the end, iteration {iteration}").format(iteration=trace.recorded[-1])
    if few_parameters(trace):
        last = np.array([len(trace.recorded) - 1])
        groups = list(parameter_groups(trace))
        labels = [label for group in groups for label in group]
        written = {column.heading: column.cells[0] for column in number_columns(trace, labels, last)}
        yield from labelled([(label, written[label].rstrip()) for label in group] for group in groups)
    else:
        yield from _summary(trace, -1)


def _summary(trace: Trace, row: int) -> Iterator[str]:
    """Shape and spread of each array, not its entries."""
    arrays = {name: trace[name][row] for name in trace if is_parameter(name)}
    first = Column(_("array"), list(arrays), is_text=True)
    shapes = Column(_("shape"), [" x ".join(map(str, array.shape)) for array in arrays.values()], is_text=True)
    summed_up = [(*spread(array), float(norms(array[None])[0])) for array in arrays.values()]
    values = [list(column) for column in zip(*summed_up, strict=True)]
    headings = (_("smallest"), _("mean"), _("largest"), _("norm"))
    numbers = [
        Column(heading, [how.write(value) for value in column])
        for heading, column, how in zip(headings, values, notations(values, SUMMARY_DIGITS), strict=True)
    ]
    yield from tables(first, [[shapes], numbers])
