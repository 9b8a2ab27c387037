"""The page of a comparison: the loss curves over each other, and the accuracies where they were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.language import _
from backlight.views.plots.curves import Curve, Panel, panel
from backlight.views.plots.figure import Page
from backlight.views.plots.of_trace import SHARES, choices_on_a_line, last_iteration
from backlight.views.plots.scales import Scale, iteration_scale, positive_scale, rows_in_picture
from backlight.views.plots.style import COLOURS, STYLES
from backlight.views.text.comparison import row_names, shared_choices, shared_title
from backlight.views.text.findings import notes
from backlight.views.text.iterations import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.traces.compare import Comparison
    from backlight.traces.trace import Trace

MOST_NAMES = 28
"""So many names find room beside an axis, and so many curves look different."""
TALL, LOW = 4.4, 2.8
"""Inches of the panel if there is one, and of each if there are more."""


def page_of_comparison(comparison: Comparison) -> Page:
    """Lay out the page of a comparison; the runs are numbered as in its table."""
    names, legend = row_names(comparison.names)
    panels = [_losses(comparison.traces, names.cells), *_scores(comparison.traces, names.cells)]
    return Page(
        title=shared_title(comparison.traces),
        lines=[*choices_on_a_line(shared_choices(comparison.traces)), *legend],
        panels=panels,
        panel_height=LOW if len(panels) > 1 else TALL,
        across=_("iteration"),
        iterations=max(last_iteration(trace, rows_in_picture(trace.loss)) for trace in comparison.traces),
        over=_iteration_scale(comparison.traces),
        remarks=list(_remarks(comparison, names.cells)),
    )


def _losses(traces: Sequence[Trace], names: Sequence[str]) -> Panel:
    """The loss of each run."""
    curves = [
        Curve(name=name, x=trace.recorded, y=trace.loss, look=_look(k), seen=rows_in_picture(trace.loss))
        for k, (name, trace) in enumerate(zip(_chosen(names), traces, strict=True))
    ]
    return panel(_("loss"), curves, positive_scale)


def _scores(traces: Sequence[Trace], names: Sequence[str]) -> Iterator[Panel]:
    """One panel for each score that was measured."""
    for score, (heading, _decimals) in SCORES.items():
        curves = []
        for k, (name, trace) in enumerate(zip(_chosen(names), traces, strict=True)):
            if score in trace.quantities:
                rows = ~np.isnan(trace[score])
                curves.append(Curve(name=name, x=trace.recorded[rows], y=trace[score][rows], look=_look(k)))
        if curves and score.endswith("loss"):
            yield panel(_(heading), curves, positive_scale)
        elif curves:
            yield Panel(label=_(heading), curves=curves, scale=Scale(), window=SHARES)


def _iteration_scale(traces: Sequence[Trace]) -> Scale:
    """Logarithmic where it is right for every run."""
    each = [iteration_scale(trace.recorded, trace.loss) for trace in traces]
    return each[0] if all(scale == each[0] for scale in each) else Scale()


def _chosen(names: Sequence[str]) -> list[str]:
    """The names to write; of very many every second or third, the others stay empty."""
    step = -(-len(names) // MOST_NAMES)
    return [name if k % step == 0 else "" for k, name in enumerate(names)]


def _look(k: int) -> dict[str, Any]:
    """Colour, style and width: curves that lie on each other show as rims of different width."""
    return {
        "color": COLOURS[k % len(COLOURS)],
        "linestyle": STYLES[k % len(STYLES)],
        "linewidth": max(1.4, 2.4 - 0.25 * k),
    }


def _remarks(comparison: Comparison, names: Sequence[str]) -> Iterator[str]:
    """What a reader of the picture must know."""
    for name, trace in zip(names, comparison.traces, strict=True):
        seen = rows_in_picture(trace.loss)
        if not seen.all():
            gone = trace.recorded[np.flatnonzero(~seen)[0]]
            yield _("{name} diverges: from iteration {iteration} on it leaves the picture").format(
                name=name, iteration=gone
            )
        yield from (f"{name}: {note}" for note in notes(trace))
