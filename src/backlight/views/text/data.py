"""The data of a run: every input and target of a small one, for a large one how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import plain
from backlight.recipes.labels import unit_labels
from backlight.views.text.notation import DIGITS, short
from backlight.views.text.tables import INDENT, Column, facts, labelled, on_point, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.recipes.recipe import Recipe
    from backlight.traces.trace import Trace

MOST_SAMPLES = 16
MOST_NUMBERS = 64
"""With more samples, or more numbers in all, only the shapes are told."""


def data_lines(trace: Trace) -> Iterator[str]:
    """Inputs and targets: labelled for one sample, in a table for some, as shapes for many."""
    samples = len(trace["x"])
    if samples > MOST_SAMPLES or trace["x"].size + trace["y"].size > MOST_NUMBERS:
        yield _("data: samples x units")
        yield from _shapes(trace.recipe, samples)
        return
    labels = {"x": unit_labels(trace.recipe.layers)[0], "y": [f"y{k + 1}" for k in range(trace.recipe.layers[-1])]}
    digits = DIGITS[trace.recipe.numerics.precision]
    written = {name: [[short(value, digits) for value in row] for row in trace[name].tolist()] for name in labels}
    if samples == 1:
        yield _("inputs and targets")
        yield from labelled([*zip(labels[name], written[name][0], strict=True)] for name in labels)
    else:
        yield _("inputs and targets of each sample")
        first = Column(_("sample"), [f"@{sample}" for sample in range(samples)])
        yield from tables(first, (_columns(labels[name], written[name]) for name in labels))


def _columns(labels: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """One column for each unit."""
    return [Column(label, on_point(cells)) for label, cells in zip(labels, zip(*rows, strict=True), strict=True)]


def _shapes(recipe: Recipe, samples: int) -> Iterator[str]:
    """Where the data come from, how many there are, and what part of them is not trained on."""
    data = recipe.data
    sources = [plain(source) for source in (data.file, data.dataset) if source is not None]
    yield from facts(
        (
            (_("from"), (sources or [_("the recipe")])[0]),
            (_("inputs"), f"{samples} x {recipe.layers[0]}"),
            (_("targets"), f"{samples} x {recipe.layers[-1]}"),
            (_("held out"), f"{data.held_out}" if data.held_out else ""),
        ),
        indent=INDENT,
    )
