"""Which scale and which window an axis gets: numbers in, a decision out, nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

DECADES = 1.5
"""From so many decades on, a linear axis would press most of a positive curve into the bottom."""
BURST = 30.0
"""A signed quantity whose peak is so many times its usual size is flat almost everywhere on a linear axis."""
CLIPPED = 1e3
"""A loss so many times its first values has left the picture: the run diverges, and what the other rows show
would be pressed flat."""
SMALLEST, LARGEST = 1e-305, 1e305
"""A logarithmic axis ends here, inside the range of float64."""
MARGIN = 0.05
"""Empty part of an axis above and below its curves."""


DEEPEST = 1e-3
"""Below this part of its peak a gradient is drawn like zero: what is smaller is not worth a decade of paper."""
EARLY = 0.01
"""A long run whose loss has done most of its way in this part of it is drawn over the logarithm of iterations."""
LONG = 1000


@dataclass(frozen=True)
class Scale:
    """A scale as matplotlib names it; `linear_up_to` belongs to asinh, which is linear up to about there."""

    name: str = "linear"
    linear_up_to: float = 1.0


def positive_scale(curves: Sequence[Array]) -> Scale:
    """Choose for a loss: logarithmic if all of it is positive and spans `DECADES`, else linear.

    Examples
    --------
    >>> positive_scale([np.array([1.0, 0.01])]).name, positive_scale([np.array([1.0, 0.5])]).name
    ('log', 'linear')
    >>> positive_scale([np.array([1.0, -0.01])]).name
    'linear'
    """
    values = _finite(curves)
    if values.size and values.min() > 0 and log10(values.max()) - log10(values.min()) >= DECADES:
        return Scale("log")
    return Scale()


def signed_scale(curves: Sequence[Array]) -> Scale:
    """Choose for gradients: asinh, a logarithm with a sign, if they burst and are small otherwise; else linear.

    Examples
    --------
    >>> signed_scale([0.1 ** np.arange(10.0)])
    Scale(name='asinh', linear_up_to=0.001)
    >>> signed_scale([np.linspace(-1, 1, 10)]).name
    'linear'
    """
    if not len(curves):
        return Scale()
    heights = np.abs(np.where(np.isfinite(curves), curves, 0)).max(axis=0)
    heights = heights[heights > 0]
    if not heights.size or heights.max() < BURST * np.median(heights):
        return Scale()
    usual = max(np.median(heights), DEEPEST * heights.max())
    return Scale("asinh", 10.0 ** floor(log10(usual)))


def iteration_scale(iterations: NDArray[np.int64], loss: Array) -> Scale:
    """Choose for the iterations: logarithmic where a long run does nine tenths of its way at its very beginning.

    Examples
    --------
    >>> iterations = np.arange(10_000)
    >>> iteration_scale(iterations, np.exp(-iterations)).name, iteration_scale(iterations, -1.0 * iterations).name
    ('log', 'linear')
    """
    finite = np.isfinite(loss)
    iterations, loss = iterations[finite], loss[finite].astype(float)
    if len(loss) < LONG:
        return Scale()
    early = loss[iterations <= iterations[0] + EARLY * (iterations[-1] - iterations[0])]
    whole = loss.max() - loss.min()
    return Scale("log" if early.max() - early.min() > 0.9 * whole else "linear")


def rows_in_picture(loss: Array) -> NDArray[np.bool_]:
    """Tell which rows of a run are drawn to scale: all of them, unless it diverges.

    Examples
    --------
    >>> rows_in_picture(np.array([0.2, 0.3, 5.0, 1e9, np.inf, np.nan])).tolist()
    [True, True, True, False, False, False]
    """
    finite = np.abs(loss[np.isfinite(loss)].astype(float))
    if not finite.size:
        return np.zeros(len(loss), dtype=bool)
    most = CLIPPED * max(finite[0], np.quantile(finite, 0.1))
    seen: NDArray[np.bool_] = np.abs(loss) <= most  # False for NaN
    return seen


def limits(curves: Sequence[Array], scale: Scale) -> tuple[float, float]:
    """Give the ends of an axis: all finite values, and a margin.

    Examples
    --------
    >>> limits([np.array([0.0, 1.0])], Scale())
    (-0.05, 1.05)
    """
    values = _finite(curves)
    if scale.name == "log":
        values = values[values > 0]
    if not values.size:
        return (0.1, 1.0) if scale.name == "log" else (-1.0, 1.0)
    if scale.name == "log":
        low, high = _with_margin(np.log10(values))
        return max(10.0**low, SMALLEST), min(10.0**high, LARGEST)
    if scale.name == "asinh":
        low, high = _with_margin(np.arcsinh(values / scale.linear_up_to))
        return float(np.sinh(low) * scale.linear_up_to), float(np.sinh(high) * scale.linear_up_to)
    return _with_margin(values)


def _with_margin(values: Array) -> tuple[float, float]:
    """The least and the largest of some values with room around them."""
    low, high = float(values.min()), float(values.max())
    room = MARGIN * high - MARGIN * low or 0.5 * abs(high) or 1.0
    return low - room, high + room


MANY = 3
"""On so many decades the ticks beside the zero are left out: they would stand in its way."""


def decades(window: tuple[float, float], scale: Scale) -> list[float]:
    """Give the ticks of an asinh axis: zero, and powers of ten to both sides.

    Examples
    --------
    >>> decades((-0.05, 0.2), Scale("asinh", 0.01))
    [-0.01, 0.0, 0.01, 0.1]
    """
    first, last = round(log10(scale.linear_up_to)), floor(log10(max(map(abs, window))))
    step = 1 + (last - first) // 5
    sizes = [10.0**power for power in range(last, first - (last - first < MANY), -step)][::-1]
    ticks = [-size for size in reversed(sizes)] + [0.0] + sizes
    return [tick for tick in ticks if window[0] <= tick <= window[1]]


def _finite(curves: Sequence[Array]) -> Array:
    """All finite values of some curves, in float64."""
    values = np.concatenate([np.ravel(curve).astype(float) for curve in curves]) if len(curves) else np.empty(0)
    return values[np.isfinite(values)]
