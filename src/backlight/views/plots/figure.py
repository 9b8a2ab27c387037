"""A page: title, what was run, panels below each other over the same iterations, and a remark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from backlight.language.widths import columns, wrap
from backlight.views.plots.curves import Panel, draw, iterations_across, name_ends
from backlight.views.plots.labels import REACH, SIZE
from backlight.views.plots.style import GREY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from backlight.views.plots.scales import Scale

WIDTH = 8.0
"""Inches, as all sizes here."""
SPACE = 0.22
LEFT, BOTTOM = 0.95, 0.6
TITLE, LINE = 0.27, 0.19
"""Heights of a line of the title and of a line below it, in inches."""
MOST_LINES = 30
LETTER = 0.62
"""Width of a letter as a part of its height, generously."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that is drawn, in words and numbers."""

    title: str
    lines: Sequence[str]
    panels: Sequence[Panel]
    across: str
    iterations: float
    over: Scale
    panel_height: float = 2.5
    remarks: Sequence[str] = ()


def compose(page: Page) -> Figure:
    """Draw a page."""
    title = _lines([page.title], width=84) if page.title else []
    lines, remarks = _lines(page.lines, width=116), _lines(page.remarks, width=116)
    top = 0.2 + TITLE * len(title) + LINE * len(lines) + 0.15
    bottom = BOTTOM + LINE * len(remarks)
    height = top + len(page.panels) * (page.panel_height + SPACE) - SPACE + bottom
    figure = Figure(figsize=(WIDTH, height))
    _write(figure, title, lines, remarks)
    grid = figure.add_gridspec(
        len(page.panels),
        1,
        left=LEFT / WIDTH,
        right=1 - _margin(page) / WIDTH,
        top=1 - top / height,
        bottom=bottom / height,
        hspace=SPACE / page.panel_height,
    )
    share = sum(len(panel.curves) for panel in page.panels)
    first: Axes | None = None
    for row, panel in enumerate(page.panels):
        axes = figure.add_subplot(grid[row, 0], sharex=first)
        first = first or axes
        iterations_across(axes, page.iterations, page.over)
        draw(axes, panel, share=share)
        axes.tick_params(labelbottom=row == len(page.panels) - 1, length=0)
    for axes, panel in zip(figure.axes, page.panels, strict=True):
        name_ends(axes, panel)
    axes.set_xlabel(page.across)
    figure.align_ylabels()
    return figure


def _lines(texts: Sequence[str], width: int) -> list[str]:
    """Texts in lines, the first few of very many: a picture has an end."""
    lines = [line for text in texts for line in wrap(text, width=width)]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "..."]


def _write(figure: Figure, title: Sequence[str], lines: Sequence[str], remarks: Sequence[str]) -> None:
    """Title and lines at the top, remarks at the bottom, all from the same left edge."""
    height = figure.get_size_inches()[1]
    left, y = 0.25 / WIDTH, height - 0.2
    for text in title:
        figure.text(left, y / height, text, fontsize=12, va="top")
        y -= TITLE
    for text in lines:
        figure.text(left, y / height, text, fontsize=9, va="top", color=GREY)
        y -= LINE
    for position, text in enumerate(reversed(remarks)):
        figure.text(left, (0.12 + LINE * position) / height, text, fontsize=9, va="bottom", color=GREY)


def _margin(page: Page) -> float:
    """Inches right of the axes, for the longest name."""
    longest = max((columns(curve.name) for panel in page.panels for curve in panel.curves), default=0)
    return (REACH + longest * LETTER * SIZE) / 72 + 0.25
