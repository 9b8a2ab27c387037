"""How small can the loss become, whatever the weights? A bound from the targets and the last activation alone.

Every output is taken to be free within the range of its activation, each sample for itself; a network may
not get as low. Only closed forms are here: where there is none, the answer is that it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.slopes import flat_below_zero
from backlight.recipes.functions import ACTIVATIONS, LOSSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.fields import ActivationChoice, LossSection

    Array = NDArray[np.floating[Any]]
    Bools = NDArray[np.bool_]

INFINITY = float("inf")


@dataclass(frozen=True)
class Range:
    """What an activation can give: from `low` to `high`, and whether the bounds themselves are reached."""

    low: float = -INFINITY
    high: float = INFINITY
    reaches_low: bool = False
    reaches_high: bool = False

    def __str__(self) -> str:
        left, right = "[" if self.reaches_low else "(", "]" if self.reaches_high else ")"
        return f"{left}{self.low:.6g}, {self.high:.6g}{right}"

    def nearest(self, y: Array) -> Array:
        """The values of the closed range that lie nearest to some targets."""
        return np.clip(y, self.low, self.high)

    def holds(self, a: Array) -> Bools:
        """Whether values of the closed range are values of the activation."""
        return ((a > self.low) | self.reaches_low) & ((a < self.high) | self.reaches_high)


def reach(choice: ActivationChoice) -> Range:
    """Give the range of an activation, its options considered; for softmax that of a single unit.

    Examples
    --------
    >>> from backlight.recipes.fields import ActivationChoice
    >>> str(reach(ActivationChoice(name="sigmoid"))), str(reach(ActivationChoice(name="elu")))
    ('(0, 1)', '(-1, inf)')
    """
    record = ACTIVATIONS[choice.name]
    if flat_below_zero(choice) or (choice.name == "leaky_relu" and choice.options["negative_slope"] < 0):
        return Range(low=0.0, reaches_low=True)
    if choice.name == "elu":  # a = alpha (exp(z) - 1) > -alpha below 0; with alpha < 0 nothing is below 0
        alpha = float(choice.options["alpha"])
        return Range(low=min(0.0, -alpha), reaches_low=alpha < 0)
    return Range(record.low, record.high, record.reaches_low, record.reaches_high)


@dataclass(frozen=True)
class Floor:
    """The greatest lower bound of the loss of each sample, and of each if the outputs were free.

    Attributes
    ----------
    least : array, shape (samples,)
        -inf where the loss has no lower bound.
    attained : array of bool, shape (samples,)
        Whether finite weights could reach it; else it is only approached.
    ideal : array, shape (samples,)
        The same without the last activation: 0, or the entropy of a soft target. Meaningless for targets
        outside the domain of the loss.
    """

    least: Array
    attained: Bools
    ideal: Array


def floors(loss: LossSection, choice: ActivationChoice, y: Array) -> Floor | None:
    """Bound the loss of each sample from below; None where no closed form is known.

    Parameters
    ----------
    loss : LossSection
        Of a recipe; the reduction over samples is not applied.
    choice : ActivationChoice
        Of the last layer.
    y : array, shape (samples, outputs)

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> bound = floors(course.loss, course.activations[-1], np.array([[0.23, -0.07]]))
    >>> round(float(bound.least[0]), 8), bool(bound.attained[0])
    (0.00245, False)
    """
    y = np.asarray(y, dtype=float)
    found = _on_simplex(loss, y) if choice.name == "softmax" else _in_range(loss, reach(choice), y)
    return None if found is None else Floor(*found, ideal=_ideal(loss, y))


def entropy(y: Array) -> Array:
    """- sum_k y_k log(y_k / S) with S = sum_k y_k: the least of - sum_k y_k log p_k over distributions p (Gibbs)."""
    total = y.sum(axis=-1, keepdims=True)
    share = np.divide(y, total, out=np.ones_like(y), where=y > 0)
    logarithm = np.log(share, out=np.zeros_like(y), where=share > 0)  # the share of a tiny y may underflow to 0
    return np.asarray(-(y * logarithm).sum(axis=-1))


def binary_entropy(y: Array) -> Array:
    """The least of - y log p - (1 - y) log(1 - p) for y in [0, 1], entry by entry."""
    return entropy(np.stack([y, 1 - y], axis=-1))


def _ideal(loss: LossSection, y: Array) -> Array:
    """The least loss of each sample with free outputs, for targets inside the loss's domain."""
    domain = LOSSES[loss.name].targets
    if domain == "distribution":
        return entropy(np.maximum(y, 0))
    return _mean(binary_entropy(np.clip(y, 0, 1))) if domain == "unit_interval" else np.zeros(len(y))


def _every(entries: Bools) -> Bools:
    """For which samples all entries are true."""
    return np.asarray(entries.all(axis=1))


def _some(entries: Bools) -> Bools:
    """For which samples an entry is true."""
    return np.asarray(entries.any(axis=1))


def _mean(entries: Array) -> Array:
    """Mean over the outputs of each sample."""
    return np.asarray(entries.mean(axis=1))


# ---- every output free in a range ------------------------------------------------------------------------


def _in_range(loss: LossSection, bounds: Range, y: Array) -> tuple[Array, Bools] | None:
    """The least loss when every output can be chosen for itself."""
    never = np.zeros(len(y), dtype=bool)
    name: str = loss.name
    match name:
        case "softmax_cross_entropy":
            return _softmax_cross_entropy(bounds, y)
        case "sigmoid_binary_cross_entropy":
            return _sigmoid_binary_cross_entropy(bounds, y)
        case "binary_cross_entropy":
            return _binary_cross_entropy(bounds, y)
        case "cross_entropy":
            # - y log a: a comes near 1, or beyond it where the activation does; for y < 0 a comes near 0
            endless = _some(y < 0) | (_some(y > 0) & (bounds.high > 1))
            return np.where(endless, -INFINITY, 0.0), never
    nearest = bounds.nearest(y)
    return _distance(loss, nearest - y), _every(bounds.holds(nearest))


def _distance(loss: LossSection, e: Array) -> Array:
    """The losses that are a distance between outputs and targets, from e = a - y."""
    size = np.abs(e)
    name: str = loss.name
    match name:
        case "half_sum_squared_error":
            return np.asarray((e * e).sum(axis=1) / 2)
        case "mean_squared_error":
            return _mean(e * e)
        case "mean_absolute_error":
            return _mean(size)
    delta = float(loss.options["delta"])
    return _mean(np.where(size <= delta, e * e / 2, delta * (size - delta / 2)))


def _binary_cross_entropy(bounds: Range, y: Array) -> tuple[Array, Bools]:
    """L = - y log a - (1 - y) log(1 - a) is least at a = y, where both terms are there.

    With y = 1 or 0 one of them is alone: it falls on, below zero, as far as the activation leaves [0, 1]. With y
    outside [0, 1] one has the wrong sign, and goes to -infinity as a comes near 0 or 1.
    """
    each = np.select(
        [(y < 0) | (y > 1), y == 1, y == 0],
        [-INFINITY, 0.0 - np.log(max(bounds.high, 1.0)), 0.0 - np.log1p(-min(bounds.low, 0.0))],
        binary_entropy(np.clip(y, 0, 1)),
    )
    at_low = (y == 0) & (bounds.low < 0) & bounds.reaches_low
    return _mean(each), _every(((y > 0) & (y < 1)) | at_low)


def _sigmoid_binary_cross_entropy(bounds: Range, y: Array) -> tuple[Array, Bools]:
    """L = log(1 + exp(a)) - y a is convex with slope sigmoid(a) - y: best is a = log(y / (1 - y)), cut to the range."""
    with np.errstate(divide="ignore"):
        inside = np.clip(y, 0, 1)
        best = bounds.nearest(np.log(inside) - np.log1p(-inside))
    a = np.where(np.isfinite(best), best, 0)
    each = y * np.logaddexp(0, -a) + (1 - y) * np.logaddexp(0, a)
    # a without end: L goes to 0 for y = 0 and y = 1, to -inf for y < 0 and y > 1
    endless = np.where((y < 0) | (y > 1), -INFINITY, 0.0)
    least = np.where(np.isfinite(best), each, endless).mean(axis=1)
    return least, _every(np.isfinite(best) & bounds.holds(best))


def _softmax_cross_entropy(bounds: Range, y: Array) -> tuple[Array, Bools]:
    """L = S log sum_j exp(a_j) - sum_k y_k a_k with S = sum_k y_k, over a box."""
    if not (np.isfinite(bounds.low) and np.isfinite(bounds.high)):
        # softmax does not change when all a are shifted together, so a range open at one end gives every p
        negative = _some(y < 0) & (y.shape[1] > 1)
        return np.where(negative, -INFINITY, entropy(np.maximum(y, 0))), _every(y > 0)
    total = y.sum(axis=1)
    least = np.where(total > 0, _convex(bounds, np.where(total[:, None] > 0, y, 1)), _at_corners(bounds, y))
    return least, np.zeros(len(y), dtype=bool) | (bounds.reaches_low and bounds.reaches_high)


def _convex(bounds: Range, y: Array) -> Array:
    """For S > 0 L is convex: the best a, from its conditions of Karush, Kuhn and Tucker.

    dL/da_k = S p_k - y_k is 0 inside the box, so a_k = log(y_k Z / S) with Z = sum_j exp(a_j), cut to the box.
    Z is where the sum of the exp of these a is Z again; it lies between K exp(low) and K exp(high).
    """
    total, outputs = y.sum(axis=1, keepdims=True), y.shape[1]
    share = np.maximum(y, 0) / total
    low, high = np.exp(bounds.low), np.exp(bounds.high)
    below, above = np.full_like(total, outputs * low), np.full_like(total, outputs * high)
    for _halving in range(60):  # the interval shrinks below the spacing of doubles
        z = (below + above) / 2
        enough = np.clip(share * z, low, high).sum(axis=1, keepdims=True) >= z
        below, above = np.where(enough, z, below), np.where(enough, above, z)
    e = np.clip(share * below, low, high)
    return np.asarray(total[:, 0] * np.log(e.sum(axis=1)) - (y * np.log(e)).sum(axis=1))


def _at_corners(bounds: Range, y: Array) -> Array:
    """For S <= 0 L is concave (or linear): best is a corner of the box; of those with m high, the m largest y."""
    outputs = y.shape[1]
    m = np.arange(outputs + 1)
    largest = np.concatenate([np.zeros((len(y), 1)), np.cumsum(-np.sort(-y, axis=1), axis=1)], axis=1)
    total = y.sum(axis=1, keepdims=True)
    log_sum = np.log(m * np.exp(bounds.high) + (outputs - m) * np.exp(bounds.low))
    return np.asarray((total * log_sum - bounds.high * largest - bounds.low * (total - largest)).min(axis=1))


# ---- softmax outputs: positive numbers with sum 1 --------------------------------------------------------


def _on_simplex(loss: LossSection, y: Array) -> tuple[Array, Bools] | None:  # noqa: PLR0911  one return a loss
    """The least loss when the outputs of a sample are a distribution."""
    outputs = y.shape[1]
    inside = _every(y > 0) & np.isclose(y.sum(axis=1), 1)
    name: str = loss.name
    match name:
        case "half_sum_squared_error" | "mean_squared_error":
            nearest = _project(y)
            return _distance(loss, nearest - y), _every(nearest > 0)
        case "mean_absolute_error":
            # what is negative is cut off, and the rest misses a sum of 1 by as much as it does
            rest = np.maximum(y, 0)
            return (np.maximum(-y, 0).sum(axis=1) + np.abs(1 - rest.sum(axis=1))) / outputs, inside
        case "cross_entropy":
            negative = _some(y < 0) & (outputs > 1)
            return np.where(negative, -INFINITY, entropy(np.maximum(y, 0))), _every(y > 0)
        case "binary_cross_entropy" if inside.all():
            return _mean(binary_entropy(y)), inside
        case "softmax_cross_entropy" if _is_one_hot(y):
            # log sum_j exp(a_j) - a_k falls as a_k grows and the others shrink together: towards a = y
            return np.full(len(y), np.log(np.e + outputs - 1) - 1), inside
        case "sigmoid_binary_cross_entropy" if _is_one_hot(y):
            # log(1 + exp(-a_k)) of the right output and log(1 + exp(a_j)) of each other fall in the same way
            return np.full(len(y), (np.log1p(np.exp(-1)) + (outputs - 1) * np.log(2)) / outputs), inside
    return None


def _is_one_hot(y: Array) -> bool:
    """Whether every target names one class."""
    return bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all())


def _project(y: Array) -> Array:
    """The nearest distribution: max(y - t, 0) with the t for which the sum is 1 (Held, Wolfe, Crowder 1974)."""
    falling = -np.sort(-y, axis=1)
    count = np.arange(1, y.shape[1] + 1)
    t = (np.cumsum(falling, axis=1) - 1) / count
    kept = (falling > t).sum(axis=1)  # the largest `kept` entries stay positive
    return np.maximum(y - np.take_along_axis(t, kept[:, None] - 1, axis=1), 0)
