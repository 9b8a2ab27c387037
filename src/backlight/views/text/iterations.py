"""The iterations: outputs and loss, then every gradient, row by row.

With more than `FEW` parameters the gradients of an array are summed up in its norm; with more than
`FEW_OUTPUTS` outputs, counted over the samples, only the loss is shown. The headings say which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.language import _, marked
from backlight.language.widths import wrap
from backlight.recipes.labels import parameter_labels, unit_labels
from backlight.traces.layout import is_parameter
from backlight.views.text.entries import number_columns
from backlight.views.text.notation import DIGITS, notations
from backlight.views.text.selection import shown_rows
from backlight.views.text.summaries import norms
from backlight.views.text.tables import Column, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

    Rows = NDArray[np.intp]

FEW = 64
"""Up to so many parameters each one is shown."""
FEW_OUTPUTS = 8
"""Up to so many outputs, over all samples of a batch, each one is shown."""
SCORES = {
    "accuracy": (marked("accuracy"), 4),
    "held_out_accuracy": (marked("held-out accuracy"), 4),
    "held_out_loss": (marked("held-out loss"), 8),
}
"""What is measured beside the loss: its heading and its decimals."""


def iteration_lines(trace: Trace) -> Iterator[str]:
    """Outputs, loss and scores of the shown iterations, then the gradients."""
    rows = shown_rows(trace)
    if not len(rows):
        return
    iteration = Column(_("iteration"), [str(number) for number in trace.recorded[rows].tolist()])
    yield _outputs_heading(trace)
    if len(rows) < len(trace.recorded):
        yield from wrap(_selection(trace, rows), first="  ", rest="  ")
    yield from tables(
        iteration, [_outputs(trace, rows), [*_loss(trace, rows), *_scores(trace, rows)], _batch(trace, rows)]
    )
    gradients = _gradients(trace, rows)
    if gradients:
        yield ""
        yield _("gradients") if few_parameters(trace) else _("norm of the gradients: root of the sum of squares")
        yield from tables(iteration, gradients)


def few_parameters(trace: Trace) -> bool:
    """Whether each parameter is shown."""
    return len(parameter_labels(trace.recipe)) <= FEW


def parameter_groups(trace: Trace) -> Iterator[list[str]]:
    """The labels of all parameters, array by array: W1, W2, ..., b1, b2, ..."""
    groups: dict[str, list[str]] = {}
    for label, place in parameter_labels(trace.recipe).items():
        groups.setdefault(place.quantity, []).append(label)
    yield from groups.values()


def _outputs_heading(trace: Trace) -> str:
    """What the first table holds."""
    return _("outputs and loss") if output_labels(trace) else _("loss")


def _selection(trace: Trace, rows: Rows) -> str:
    """Which iterations are shown, of how many."""
    return _("{shown} of {recorded} recorded iterations; --save run.csv keeps them all").format(
        shown=len(rows), recorded=len(trace.recorded)
    )


def output_labels(trace: Trace) -> list[str]:
    """o1, o2; with several samples o1@0, o2@0, o1@1, ...; none if they are too many or not recorded."""
    last = f"a{len(trace.recipe.layers) - 1}"
    if last not in trace.quantities:
        return []
    names, samples = unit_labels(trace.recipe.layers)[-1], trace[last].shape[1]
    if samples * len(names) > FEW_OUTPUTS:
        return []
    return [name if samples == 1 else f"{name}@{sample}" for sample in range(samples) for name in names]


def outputs_of_row(trace: Trace, row: int) -> list[str]:
    """The output labels of one row: a short batch has fewer, the rest of its row is padding."""
    labels = output_labels(trace)
    if "batch" not in trace.quantities or not len(trace.recorded):
        return labels
    return labels[: np.count_nonzero(trace["batch"][row] >= 0) * trace.recipe.layers[-1]]


def _outputs(trace: Trace, rows: Rows) -> list[Column]:
    """Every output; blank where a batch has no such sample."""
    there = [outputs_of_row(trace, row) for row in rows.tolist()]
    return [
        Column(
            column.heading,
            [cell * (column.heading in labels) for cell, labels in zip(column.cells, there, strict=True)],
        )
        for column in number_columns(trace, output_labels(trace), rows)
    ]


def _loss(trace: Trace, rows: Rows) -> list[Column]:
    (column,) = number_columns(trace, ["loss"], rows)
    return [Column(_("loss"), column.cells)]


def _scores(trace: Trace, rows: Rows) -> list[Column]:
    """Accuracies and the held-out loss; blank where they were not measured."""
    return [
        Column(_(heading), ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in trace[name][rows]])
        for name, (heading, decimals) in SCORES.items()
        if name in trace.quantities
    ]


def _batch(trace: Trace, rows: Rows) -> list[Column]:
    """Which samples a mini-batch held, if they can be listed."""
    if "batch" not in trace.quantities or trace["batch"].shape[1] > FEW_OUTPUTS:
        return []
    cells = [" ".join(f"{sample}" for sample in batch if sample >= 0) for batch in trace["batch"][rows].tolist()]
    return [Column(_("samples"), cells, is_text=True)]


def _gradients(trace: Trace, rows: Rows) -> list[list[Column]]:
    """Every gradient, or the norm of each array of them; none if they were not recorded."""
    if "dL_dW1" not in trace.quantities:
        return []
    if few_parameters(trace):
        return [number_columns(trace, [f"dL_d{label}" for label in group], rows) for group in parameter_groups(trace)]
    names = [f"dL_d{name}" for name in trace if is_parameter(name)]
    values = [norms(trace[name][rows]).tolist() for name in names]
    written = notations(values, DIGITS[trace.recipe.numerics.precision])
    return [
        [Column(f"|{name}|", [how.write(value) for value in cells])]
        for name, cells, how in zip(names, values, written, strict=True)
    ]
