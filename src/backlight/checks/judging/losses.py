"""Which loss does a program state, and of which one are its steps the exact gradient?

Every loss of the recipes is tried, summed over the samples and averaged: what a program prints is looked up among the
numbers it computes, what it descends is found from its steps, up to a constant factor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.factors import common_factor, rounded
from backlight.checks.judging.judge import Judged, truths_of
from backlight.checks.judging.truth import TOLERANCE
from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.rounds import Round
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


ONE_OF_SEVERAL = {"cross_entropy", "softmax_cross_entropy"}
"""Losses of outputs that share a sum of 1."""
SIZE = re.compile(r"abs|l1|mae", re.IGNORECASE)


@dataclass(frozen=True)
class Descent:
    """A loss whose exact gradient, times a factor, a program's steps are."""

    loss: str
    over_samples: str
    factor: float


@dataclass(frozen=True)
class Stated:
    """A loss that a program computes."""

    loss: str
    over_samples: str


def other_losses(network: Network) -> Iterator[Network]:
    """The same network with every loss; the recipe's own comes first."""
    own = network.recipe.loss
    yield network
    for name in LOSSES:
        if name != own.name and _is_possible(name, network):
            yield network.with_({"loss": {"name": name, "over_samples": own.over_samples}})


def _is_possible(name: str, network: Network) -> bool:
    """Logarithms of outputs need outputs between 0 and 1, and a softmax of one output is always 1."""
    last = network.recipe.activations[-1].name
    if name in ONE_OF_SEVERAL and network.recipe.layers[-1] == 1:
        return False
    return name not in {"cross_entropy", "binary_cross_entropy"} or last in {"sigmoid", "softmax"}


def stated(timeline: Timeline, network: Network, rounds: Sequence[Round]) -> Stated | None:
    """The loss that a program computes, by its values in several rounds; None if it computes none."""
    looked_at = rounds[:4]
    for one in other_losses(network):
        for over_samples in dict.fromkeys((network.recipe.loss.over_samples, "mean", "sum")):
            if _is_stated(timeline, one.with_({"loss.over_samples": over_samples}), looked_at):
                return Stated(one.recipe.loss.name, over_samples)
    return None


def _is_stated(timeline: Timeline, network: Network, rounds: Sequence[Round]) -> bool:
    """Whether the loss at the parameters of each round is among the numbers that follow its first pass.

    A loss that never changes is none, and an error o - y, which every gradient has in it, is not taken for its size.
    """
    for samples in (lambda one: one.rows, lambda one: one.passes[-1], lambda _one: range(network.samples)):
        passes = [network.quantities(one.parameters, list(samples(one))) for one in rounds]
        values = [float(one["loss"]) for one in passes]
        if len(values) > 1 and len(set(values)) == 1:
            continue
        if all(_is_seen(timeline, *each, network) for each in zip(rounds, passes, strict=True)):
            return True
    return False


def _is_seen(timeline: Timeline, round_: Round, quantities: dict[str, Array], network: Network) -> bool:
    """Whether the loss of a pass is computed between this round's first pass and the next round's."""
    value, room = float(quantities["loss"]), RELATIVE[timeline.precision]
    begin = round_.first
    near = timeline.scalars[begin : max(round_.end, round_.last + 1)]
    events = begin + np.flatnonzero(np.abs(near - value) <= room * abs(value))
    errors = np.abs(quantities[f"a{len(network.recipe.layers) - 1}"] - quantities["y"])
    if np.any(np.abs(errors - value) <= room * abs(value)):
        return any(_takes_the_size(timeline, int(event)) for event in events)
    return events.size > 0


def _takes_the_size(timeline: Timeline, event: int) -> bool:
    """Whether an expression makes a number positive, or says that it does."""
    site = int(timeline.observation.site[event])
    if not timeline.computes[site]:
        return False
    parts = (timeline.before(part, event) for part in timeline.children[site])
    turned = any(timeline.scalars[last] == -timeline.scalars[event] for last in parts if last is not None)
    return turned or bool(SIZE.search(timeline.observation.sites[site].source))


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
    if not np.any(np.abs(gradient) > 100 * (radius + judged.slack)):
        return None
    size = TOLERANCE * radius + 1e-9 * np.abs(gradient)
    factor = common_factor(judged.implied, gradient, judged.slack, size)
    return None if factor is None else rounded(factor)
