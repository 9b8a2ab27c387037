"""Curves and bands on one axis: scale, window, lines, and names at their ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from backlight.views.plots.labels import Label, write_labels
from backlight.views.plots.scales import Scale, decades, limits
from backlight.views.plots.thinning import columns_for, thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

MARKED_UP_TO = 24
"""So many rows are drawn as points too: an iteration is a step, not a moment of a flow."""
FAR_AWAY = 1e3
"""Where a line goes that leaves the picture, in heights of the picture: farther off, drawing programs stumble."""
FEW_DECADES = 1e3
"""An axis that spans less has ticks at 1, 2 and 5 of each decade."""
PLAIN = (1e-3, 1e4)
"""Ticks in here are written without a power of ten."""
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line: its name (drawn at its end, if it has one), its points, its look.

    ``low`` and ``high`` bound a band around the line. ``seen`` tells the points that are drawn to scale; of
    the others only the first after one of them is drawn, so that the line is seen to leave the picture.
    """

    name: str
    x: NDArray[Any]
    y: Array
    look: dict[str, Any] = field(default_factory=dict)
    low: Array | None = None
    high: Array | None = None
    seen: NDArray[np.bool_] | None = None

    @property
    def inside(self) -> list[Array]:
        """All that must fit on the axis."""
        lines = [line for line in (self.y, self.low, self.high) if line is not None]
        return lines if self.seen is None else [line[self.seen] for line in lines]

    def line(self, y: Array, window: tuple[float, float]) -> Array:
        """What is drawn of a line: NaN where it is out of the picture."""
        if self.seen is None or self.seen.all():
            return np.where(np.isfinite(y), y, np.nan)
        leaves = np.zeros_like(self.seen)
        leaves[1:] = self.seen[:-1] & ~self.seen[1:]
        far = FAR_AWAY * (window[1] - window[0])
        drawn = np.where(self.seen | leaves, y, np.nan)
        return np.clip(drawn, window[0] if window[0] > 0 else -far, far)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One axis: what it measures, its curves, its scale and window."""

    label: str
    curves: Sequence[Curve]
    scale: Scale
    window: tuple[float, float]


def panel(label: str, curves: Sequence[Curve], choose: Callable[[Sequence[Array]], Scale]) -> Panel:
    """Make an axis for curves; `choose` chooses the scale by the values that must fit on it."""
    inside = [line for curve in curves for line in curve.inside]
    scale = choose(inside)
    return Panel(label=label, curves=curves, scale=scale, window=limits(inside, scale))


def draw(axes: Axes, panel: Panel, *, share: int) -> None:
    """Draw a panel; all curves of the picture, `share` of them, share the points it may have."""
    axes.set_ylabel(panel.label)
    _set_scale(axes, panel.scale, panel.window)
    axes.set_ylim(*panel.window)
    for curve in panel.curves:
        _draw_one(axes, curve, panel.window, columns_for(share))


def name_ends(axes: Axes, panel: Panel) -> None:
    """Write the names of the curves beside their last points; the axis is final by now."""
    labels = []
    for curve in panel.curves:
        y = curve.line(curve.y, panel.window)
        drawn = np.flatnonzero(~np.isnan(y))
        if curve.name and drawn.size:
            last = drawn[-1]
            labels.append(Label(curve.name, float(curve.x[last]), float(y[last]), curve.look["color"]))
    write_labels(axes, labels)


def iterations_across(axes: Axes, last: float, scale: Scale) -> None:
    """The axis of iterations, from 0 on: whole numbers, or 0, 1, 10, 100, ... on a logarithmic one."""
    if scale.name == "log":
        axes.set_xscale("function", functions=(np.log1p, np.expm1))
        axes.xaxis.set_major_locator(FixedLocator([0, *(10**power for power in range(len(str(int(last)))))]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: tick(value)))
        axes.set_xlim(-0.1, last * 1.2)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:.0f}"))
        room = 0.02 * max(1.0, last)
        axes.set_xlim(-room, max(1.0, last) + room)


def tick(value: float) -> str:
    """Write a tick of a logarithmic axis.

    Examples
    --------
    >>> tick(0.01), tick(1e-7), tick(-2e5)
    ('0.01', '10⁻⁷', '−2·10⁵')
    """
    if value == 0 or PLAIN[0] <= abs(value) < PLAIN[1]:
        return f"{value:g}".replace("-", "−")
    digits, exponent = f"{value:.0e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return {"1": power, "-1": f"−{power}"}.get(digits, f"{digits}·{power}".replace("-", "−"))


def _set_scale(axes: Axes, scale: Scale, window: tuple[float, float]) -> None:
    """The scale with ticks that need no formula."""
    if scale.name == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
        return
    if scale.name == "log":
        axes.set_yscale("log")
        few_decades = window[1] < FEW_DECADES * window[0]
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if few_decades else LogLocator(numticks=8))
    else:
        axes.set_yscale("asinh", linear_width=scale.linear_up_to)
        axes.yaxis.set_major_locator(FixedLocator(decades(window, scale)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: tick(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_locator(NullLocator())


def _draw_one(axes: Axes, curve: Curve, window: tuple[float, float], columns: int) -> None:
    """One line, and the band around it."""
    y = curve.line(curve.y, window)
    kept = thinned(axes.transScale.transform(np.column_stack([curve.x, np.ones(len(y))]))[:, 0], y, columns)
    marks: dict[str, Any] = {"marker": "o", "markersize": 3.0} if len(y) <= MARKED_UP_TO else {}
    axes.plot(curve.x[kept], y[kept], **curve.look, **marks)
    if curve.low is not None and curve.high is not None:
        low, high = (curve.line(edge, window)[kept] for edge in (curve.low, curve.high))
        axes.fill_between(curve.x[kept], low, high, color=curve.look["color"], alpha=0.1, linewidth=0)
        for edge in (low, high):
            axes.plot(curve.x[kept], edge, color=curve.look["color"], linewidth=0.6)
