"""Which loss does a program state, and of which one are its steps the exact gradient?

Every loss of the recipes is tried, summed over the samples and averaged: what a program prints is looked up among the
numbers it computes, what it descends is found from its steps, up to a constant factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.judge import Judged, truths_of
from backlight.checks.judging.truth import TOLERANCE
from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Round
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Descent:
    """A loss whose exact gradient, times a factor, a program's steps are."""

    loss: str
    over_samples: str
    factor: float


def other_losses(network: Network) -> Iterator[Network]:
    """The same network with every loss; the recipe's own comes first."""
    own = network.recipe.loss
    yield network
    for name in LOSSES:
        if name != own.name and _is_possible(name, network):
            yield network.with_({"loss": {"name": name, "over_samples": own.over_samples}})


def _is_possible(name: str, network: Network) -> bool:
    """Logarithms of outputs need outputs between 0 and 1."""
    last = network.recipe.activations[-1].name
    return name not in {"cross_entropy", "binary_cross_entropy"} or last in {"sigmoid", "softmax"}


def stated(timeline: Timeline, network: Network, rounds: Sequence[Round]) -> str | None:
    """The loss that a program computes, by its values in several rounds; None if it computes none."""
    looked_at = rounds[:4]
    for one in other_losses(network):
        for over_samples in dict.fromkeys((network.recipe.loss.over_samples, "mean", "sum")):
            candidate = one.with_({"loss.over_samples": over_samples})
            if all(_is_seen(timeline, candidate, round_) for round_ in looked_at):
                return candidate.recipe.loss.name
    return None


def _is_seen(timeline: Timeline, network: Network, round_: Round) -> bool:
    """Whether the loss at the parameters of a round is among the numbers that follow its first pass."""
    near = timeline.scalars[round_.first : max(round_.end, round_.last + 1)]
    for rows in dict.fromkeys((round_.rows, round_.passes[-1])):
        value = float(network.quantities(round_.parameters, list(rows))["loss"])
        room = RELATIVE[timeline.precision]
        if np.any(np.abs(near - value) <= room * abs(value)):
            return True
    return False


def descent(network: Network, judged: Judged, precision: str) -> Descent | None:
    """The loss whose exact gradient the steps are, up to one constant factor."""
    for one in other_losses(network):
        truths = judged.truths if one is network else truths_of(judged.steps, judged.rows, one, precision)
        gradient = np.stack([truth.gradient for truth in truths])
        radius = np.stack([truth.radius for truth in truths])
        factor = constant_factor(judged, gradient, radius)
        if factor is not None:
            return Descent(one.recipe.loss.name, one.recipe.loss.over_samples, factor)
    return None


def constant_factor(judged: Judged, gradient: Array, radius: Array) -> float | None:
    """The k by which all implied gradients are the true ones; None if there is none."""
    slack = judged.slack
    if not np.all(np.isfinite(judged.implied)) or not np.all(np.isfinite(gradient)):
        return None
    sharp = np.abs(gradient) > 100 * (radius + slack)
    if not sharp.any():
        return None
    weight = np.where(sharp, np.abs(gradient) / (radius + slack + 1e-300), 0)
    best = np.unravel_index(int(np.argmax(weight)), weight.shape)
    factor = float(judged.implied[best] / gradient[best])
    room = TOLERANCE * radius * max(abs(factor), 1) + slack + 1e-9 * np.abs(factor * gradient)
    if factor == 0 or not np.all(np.abs(judged.implied - factor * gradient) <= room):
        return None
    return _rounded(factor)


def _rounded(factor: float) -> float:
    """A factor without its rounding errors, where it is a plain number or one over a plain number."""
    for plain in (round(factor, 6), round(factor * 12) / 12, 1 / round(1 / factor) if round(1 / factor) else factor):
        if plain and abs(plain - factor) <= 1e-7 * abs(factor):
            return plain
    return factor
