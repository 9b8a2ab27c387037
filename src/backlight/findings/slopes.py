"""How steep is an activation where a unit stands? Needed to tell dead and saturated units.

The arithmetic is written here once more: a finding must not depend on an engine, whose derivative may be
the mistake that is looked for.
"""

from __future__ import annotations

from math import erfc, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.fields import ActivationChoice

    Array = NDArray[np.floating[Any]]


def flat_below_zero(choice: ActivationChoice) -> bool:
    """Whether the activation gives exactly 0, with slope 0, for every z <= 0.

    Examples
    --------
    >>> from backlight.recipes.fields import ActivationChoice
    >>> flat_below_zero(ActivationChoice(name="relu")), flat_below_zero(ActivationChoice(name="leaky_relu"))
    (True, False)
    """
    slopes = {"relu": 0.0, "leaky_relu": choice.options.get("negative_slope"), "elu": choice.options.get("alpha")}
    return slopes.get(choice.name) == 0


def relative_slope(choice: ActivationChoice, z: Array) -> Array:
    """Give |da/dz| as a share of the activation's steepest slope.

    For silu and gelu, whose slope passes through 0 at their lowest point without being saturated there, the
    two terms of the derivative are added by size. For softmax it is the slope a (1 - a) of a unit by itself.

    Parameters
    ----------
    z : array, shape (..., units)
        NaN (padding of a short batch) gives NaN.

    Examples
    --------
    >>> from backlight.recipes.fields import ActivationChoice
    >>> relative_slope(ActivationChoice(name="tanh"), np.array([0.0, 3.0])).round(4).tolist()
    [1.0, 0.0099]
    """
    z = np.asarray(z, dtype=float)
    with np.errstate(all="ignore"):  # infinities and padding
        options = {name: float(value) for name, value in choice.options.items()}
        return np.minimum(_relative_slope(choice.name, options, z), 1.0)


def _relative_slope(name: str, options: dict[str, float], z: Array) -> Array:  # noqa: PLR0911  one line a formula
    """The formulas; each activation's steepest slope is divided out."""
    match name:
        case "sigmoid":
            return 4 * _bell(z)
        case "softplus":
            return _sigmoid(options["beta"] * z)
        case "tanh":
            return 4 * _bell(2 * z)  # 1 - tanh(z)^2 = 4 s (1 - s) with s = sigmoid(2 z)
        case "relu" | "leaky_relu":
            below = abs(options.get("negative_slope", 0.0))
            return _two_sides(z, np.full_like(z, below), steepest=max(1.0, below))
        case "elu":
            below = abs(options["alpha"])
            return _two_sides(z, below * np.exp(np.minimum(z, 0)), steepest=max(1.0, below))
        case "silu":
            return _sigmoid(z) + np.abs(z) * _bell(z)
        case "gelu":
            below = np.vectorize(lambda t: erfc(-t / sqrt(2)) / 2, otypes=[float])(z)
            return np.asarray(below + np.abs(z) * np.exp(-z * z / 2) / sqrt(2 * pi))
        case "softmax":
            a = np.exp(z - np.max(z, axis=-1, keepdims=True))
            a /= a.sum(axis=-1, keepdims=True)
            return np.asarray(4 * a * (1 - a))
    return np.where(np.isnan(z), np.nan, 1.0)


def _two_sides(z: Array, below: Array, *, steepest: float) -> Array:
    """Slope 1 above 0 and another one below, NaN where z is."""
    return np.where(np.isnan(z), np.nan, np.where(z > 0, 1.0, below) / steepest)


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


def _bell(z: Array) -> Array:
    """sigmoid(z) (1 - sigmoid(z)), from exp(-|z|): it keeps its digits where a (1 - a) loses them."""
    e = np.exp(-np.abs(z))
    return np.asarray(e / (1 + e) ** 2)
