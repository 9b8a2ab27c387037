"""The page of one run: loss, accuracy where it was measured, parameters and gradients over the iterations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.language import _
from backlight.recipes.labels import parameter_labels
from backlight.traces.layout import is_parameter
from backlight.views.plots.curves import Curve, Panel, panel
from backlight.views.plots.figure import Page
from backlight.views.plots.scales import Scale, iteration_scale, positive_scale, rows_in_picture, signed_scale
from backlight.views.plots.style import look
from backlight.views.text.findings import notes
from backlight.views.text.heading import choices, title
from backlight.views.text.summaries import in_rows, norms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

    Array = NDArray[np.floating[Any]]

FEW = 12
"""Up to so many parameters each has a curve with its name; more are summed up array by array."""
MOST_ARRAYS = 8
"""Of more arrays, evenly chosen ones are drawn."""
MOST_ROWS = 1000
"""Quantiles are taken in so many rows, evenly chosen."""
SHARES = (-0.03, 1.03)
"""The window of an accuracy."""
BEHIND = 1.25
"""Of a run that diverges, a quarter more is shown than lies in the picture."""
BAND = (0.1, 0.9)
"""The band around a median holds four of five entries."""


def page_of_trace(trace: Trace) -> Page:
    """Lay out the page of a run."""
    seen = rows_in_picture(trace.loss)
    return Page(
        title=title(trace.recipe),
        lines=choices_on_a_line(choices(trace)),
        panels=[_loss(trace, seen), *_accuracy(trace), *_parameters(trace, seen), *_gradients(trace, seen)],
        across=_("iteration"),
        iterations=last_iteration(trace, seen),
        over=iteration_scale(trace.recorded, trace.loss),
        remarks=list(_remarks(trace, seen)),
    )


def choices_on_a_line(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Network and loss, optimizer and engine: what was chosen, without formulas."""
    return ["  ·  ".join(value for name, value in pairs if name)] if pairs else []


def last_iteration(trace: Trace, seen: NDArray[np.bool_]) -> float:
    """Where the axis of iterations ends: at the last one, or some way behind where a run leaves the picture."""
    last = float(trace.recorded.max(initial=0))
    return last if seen.all() else min(last, BEHIND * float(trace.recorded[seen].max(initial=0)) + 1)


def _loss(trace: Trace, seen: NDArray[np.bool_]) -> Panel:
    """The loss, and the held-out loss where it was measured."""
    held_out = "held_out_loss" in trace.quantities
    name = _("training") if held_out else ""
    curves = [Curve(name=name, x=trace.recorded, y=trace.loss, look=look(0) | _width(trace), seen=seen)]
    if held_out:
        curves.append(_measured(trace, "held_out_loss", _("held out"), 1, seen))
    return panel(_("loss"), curves, positive_scale)


def _accuracy(trace: Trace) -> Iterator[Panel]:
    """Accuracy on the training data and on the held-out part."""
    names = {"accuracy": _("training"), "held_out_accuracy": _("held out")}
    curves = [
        _measured(trace, name, text, k) for k, (name, text) in enumerate(names.items()) if name in trace.quantities
    ]
    if curves:
        yield Panel(label=_("accuracy"), curves=curves, scale=Scale(), window=SHARES)


def _measured(trace: Trace, name: str, text: str, index: int, seen: NDArray[np.bool_] | None = None) -> Curve:
    """A score over the rows in which it was measured."""
    rows = ~np.isnan(trace[name])
    return Curve(
        name=text,
        x=trace.recorded[rows],
        y=trace[name][rows],
        look=look(index, style=index),
        seen=None if seen is None else seen[rows],
    )


def _parameters(trace: Trace, seen: NDArray[np.bool_]) -> Iterator[Panel]:
    """Every parameter, or medians and bands of the arrays."""
    if "W1" in trace.quantities:
        bands = not few(trace)
        curves = [_band(trace, name, k, seen) for k, name in enumerate(_arrays(trace))] if bands else []
        yield panel(_("parameter"), curves or _single(trace, "", seen), lambda _inside: Scale())


def _gradients(trace: Trace, seen: NDArray[np.bool_]) -> Iterator[Panel]:
    """Every gradient with its sign, or the norm of each array."""
    if "dL_dW1" not in trace.quantities:
        return
    if few(trace):
        yield panel("dL/dw", _single(trace, "dL_d", seen), signed_scale)
    else:
        curves = [_norm(trace, f"dL_d{name}", k, seen) for k, name in enumerate(_arrays(trace))]
        yield panel("|dL/dw|", curves, positive_scale)


def few(trace: Trace) -> bool:
    """Whether each parameter has a curve."""
    return len(parameter_labels(trace.recipe)) <= FEW


def _single(trace: Trace, prefix: str, seen: NDArray[np.bool_]) -> list[Curve]:
    """One curve for each parameter, or for its derivative; each layer has its line style."""
    return [
        Curve(
            name=f"{prefix}{label}",
            x=trace.recorded,
            y=trace[f"{prefix}{label}"],
            look=look(k, style=int(place.quantity[1:]) - 1),
            seen=seen,
        )
        for k, (label, place) in enumerate(parameter_labels(trace.recipe).items())
    ]


def _width(trace: Trace) -> dict[str, float]:
    """Thin lines for what jumps from one mini-batch to the next."""
    in_batches = trace.recipe.training.batch_size is not None or trace.recipe.training.shuffle_seed is not None
    return {"linewidth": 0.9} if in_batches else {}


def _arrays(trace: Trace) -> list[str]:
    """The arrays of parameters to draw, evenly chosen where they are many."""
    names = _all_arrays(trace)
    chosen = np.unique(np.linspace(0, len(names) - 1, min(len(names), MOST_ARRAYS)).round().astype(int))
    return [names[k] for k in chosen]


def _all_arrays(trace: Trace) -> list[str]:
    """The names of all arrays of parameters."""
    return [name for name in trace if is_parameter(name)]


def _norm(trace: Trace, name: str, k: int, seen: NDArray[np.bool_]) -> Curve:
    """The norm of an array in every row."""
    return Curve(name=f"|{name}|", x=trace.recorded, y=norms(trace[name]), look=look(k) | _width(trace), seen=seen)


def _band(trace: Trace, name: str, k: int, seen: NDArray[np.bool_]) -> Curve:
    """The median of an array's entries, and the band around it."""
    rows = np.unique(np.linspace(0, len(trace.recorded) - 1, min(len(trace.recorded), MOST_ROWS)).round().astype(int))
    with np.errstate(all="ignore"):  # between infinities there is nothing to interpolate: NaN
        low, middle, high = np.quantile(in_rows(trace[name][rows]), (BAND[0], 0.5, BAND[1]), axis=1)
    return Curve(name=name, x=trace.recorded[rows], y=middle, low=low, high=high, look=look(k), seen=seen[rows])


def _remarks(trace: Trace, seen: NDArray[np.bool_]) -> Iterator[str]:
    """What a reader of the picture must know."""
    if not few(trace) and "W1" in trace.quantities:
        yield _(
            "parameters: the median of each array, and a band with four fifths of its entries; gradients: the norm of each array"
        )
        if (arrays := len(_all_arrays(trace))) > MOST_ARRAYS:
            yield _("drawn are {drawn} of {arrays} arrays").format(drawn=MOST_ARRAYS, arrays=arrays)
    if not seen.all() and len(seen):
        gone = trace.recorded[np.flatnonzero(~seen)[0]]
        yield _("the run diverges: from iteration {iteration} on it leaves the picture").format(iteration=gone)
    yield from notes(trace)
