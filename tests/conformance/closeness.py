"""How far two runs of one recipe are apart, measured so that rounding alone is small.

An entry that cancels to nearly nothing carries the rounding of the terms it was summed from. So a difference
is measured against the largest derivative of the run (for derivatives) or the largest other number (for the
rest), never against the entry itself; the exact engine's radii judge single entries (test_conformance).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from backlight.traces.trace import Trace

COMPUTED = re.compile(r"loss|p|(dL_d)?[Wbza]\d+")
NEARLY_A_KINK = 1e-9
"""Closer to a kink than this, rounding may decide which side a number lies on: some thousand times the
rounding of the sums that occur here."""


def computed(trace: Trace) -> list[str]:
    """Names of the quantities an engine computes; accuracies and data are none."""
    return [name for name in trace if COMPUTED.fullmatch(name)]


def scale(trace: Trace, name: str) -> float:
    """The largest finite number of the same kind, derivative or not, in a run."""
    same_kind = [other for other in computed(trace) if other.startswith("dL_d") == name.startswith("dL_d")]
    sizes = np.concatenate([np.abs(trace[other]).ravel() for other in same_kind])
    return float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """|one - other| entry by entry; equal infinities and two NaN are 0 apart, NaN and a number infinitely far."""
    with np.errstate(invalid="ignore"):
        difference = np.abs(one.astype(float) - other.astype(float))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    return np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))


def parting(one: Trace, other: Trace) -> dict[str, float]:
    """The largest difference of every quantity, in units of the scale of its kind."""
    assert computed(one) == computed(other)
    return {
        name: float(np.max(apart(one[name], other[name]), initial=0.0)) / (scale(one, name) or 1.0)
        for name in computed(one)
    }


def assert_close(one: Trace, other: Trace, tolerance: float) -> None:
    """Fail with every quantity that is further apart than a tolerance."""
    too_far = {name: distance for name, distance in parting(one, other).items() if distance > tolerance}
    assert not too_far, too_far


def in_radii(answer: np.ndarray, truth: np.ndarray, radius: np.ndarray, bits: int) -> np.ndarray:
    """|answer - truth| in units of the exact engine's radius, and of one rounding of the number at least.

    A radius may be smaller: 0.3 + 0.7 - 1 is exact in one order of summing, and not in another.
    """
    distance = apart(answer, truth)
    with np.errstate(invalid="ignore"):
        distances = distance / np.maximum(radius, 2.0**-bits * np.abs(truth))
    return np.where(distance == 0, 0.0, np.where(np.isnan(distances), np.inf, distances))


def to_the_kinks(trace: Trace) -> list[np.ndarray]:
    """Signed distances of the numbers of a run from the places where a slope of f or of the loss bends."""
    distances = [
        trace[f"z{layer}"] - ACTIVATIONS[choice.name].kink
        for layer, choice in enumerate(trace.recipe.activations, start=1)
        if ACTIVATIONS[choice.name].kink is not None
    ]
    loss = trace.recipe.loss
    if loss.name in {"mean_absolute_error", "huber"}:
        batch = trace.quantities.get("batch", np.arange(len(trace["y"])))
        error = trace[f"a{len(trace.recipe.activations)}"] - trace["y"][batch]
        distances.append(error if loss.name == "mean_absolute_error" else np.abs(error) - loss.options["delta"])
    return distances


def near_a_kink(trace: Trace) -> bool:
    """Whether some number of a run lies so close to a kink that rounding decides its slope."""
    return any(np.nanmin(np.abs(distance)) < NEARLY_A_KINK for distance in to_the_kinks(trace))


def on_one_side(one: Trace, other: Trace) -> bool:
    """Whether two runs of as many rows have every number on the same side of its kink."""
    pairs = zip(to_the_kinks(one), to_the_kinks(other), strict=True)
    return all(np.array_equal(np.sign(distance), np.sign(there), equal_nan=True) for distance, there in pairs)
