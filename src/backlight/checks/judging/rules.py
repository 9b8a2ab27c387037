"""What an update rule adds to the gradient, momentum and weight decay, taken out of the updates.

A program that keeps a velocity moves by r g + m (its last move), one with weight decay by r g + c w: right gradients
under another rule than the recipe's. What is left of an update without these parts is a learning rate times the
gradient that the program has, and is judged as such. The parts are read from the updates: m is one number for all
parameters, c one for each array, both the same in all updates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.rounds import Round
    from backlight.checks.recognising.steps import Step
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

FEWEST = 4
"""Updates from which a rule is read: of fewer anything could be one."""
DIGITS = 6
"""What people write has fewer digits; it is rounded to so many where it is that number."""
SMALLEST = 1e-7


@dataclass(frozen=True)
class Rule:
    """How a program moves its parameters.

    Attributes
    ----------
    momentum : float
        How much of the last move stays; 0 for none.
    nesterov : bool
    averaged : bool
        Whether the gradient has the weight 1 - momentum.
    decay : tuple of float
        For each parameter how much of it is added to its gradient; empty for none.
    """

    momentum: float = 0.0
    nesterov: bool = False
    averaged: bool = False
    decay: tuple[float, ...] = ()

    @property
    def share(self) -> float:
        """By how much the gradient counts in a move."""
        return 1 - self.momentum if self.averaged else 1.0

    def without(self, made: Sequence[Step], rate: float) -> tuple[Step, ...]:
        """The updates without what the rule adds: a learning rate, and the share, times the gradient."""
        found: list[Step] = []
        velocity, loose = np.zeros_like(made[0].change), np.zeros_like(made[0].room)
        for step in made:
            change, room = step.change, step.room
            if self.nesterov:
                change = (change - self.momentum**2 * velocity) / (1 + self.momentum)
                room = (room + self.momentum**2 * loose) / (1 + self.momentum)
            else:
                change = change - self.momentum * velocity
                room = room + self.momentum * loose
            now = self.momentum * velocity + change if self.nesterov else step.change
            loose = self.momentum * loose + room if self.nesterov else step.room
            velocity = now
            if self.decay:
                added = rate * self.share * np.array(self.decay) * step.round.parameters
                change = change - added
                room = room + np.abs(added) * RELATIVE["float64"]
            found.append(replace(step, change=change, room=room))
        return tuple(found)


def rules(
    network: Network, made: Sequence[Step], gradients: Sequence[Array], rates: Sequence[float]
) -> Iterator[tuple[Rule, float]]:
    """The rules, each with its learning rate, under which all of some first updates have these gradients."""
    if len(made) < FEWEST:
        return
    true = np.stack(gradients)
    for rate in rates:
        for rule in _fitting(network, made, true, rate):
            without = rule.without(made, rate)
            right = rate * rule.share * true
            room = np.stack([step.room for step in without]) + RELATIVE["float64"] * np.abs(right)
            if np.all(np.abs(np.stack([step.change for step in without]) - right) <= 4 * room):
                yield rule, rate


def _fitting(network: Network, made: Sequence[Step], true: Array, rate: float) -> Iterator[Rule]:
    """The rules that come nearest to some updates, of each kind one."""
    moves = np.stack([step.change for step in made])
    last = np.vstack([np.zeros_like(moves[:1]), moves[:-1]])
    where = np.stack([step.round.parameters for step in made])
    rest = moves - rate * true
    decays = [np.where(_mask(network, mine), where, 0.0) for mine in network.slices.values()]
    ways = (([last], False), ([last - rate * true], True), ([*decays], False), ([last, *decays], False))
    for columns, averaged in ways:
        table = np.stack([one.ravel() for one in columns], axis=1)
        with np.errstate(all="ignore"):
            solved = np.linalg.lstsq(table, rest.ravel(), rcond=None)[0] if np.isfinite(table).all() else np.zeros(0)
        if not solved.size or not np.isfinite(solved).all():
            continue
        has_last = columns[0] is not decays[0]
        momentum = _plain(float(solved[0])) if has_last else 0.0
        if has_last and not SMALLEST < momentum < 1:
            continue
        found = Rule(momentum, averaged=averaged)
        if len(columns) > 1 or not has_last:
            share = [_plain(float(one) / rate) for one in solved[int(has_last) :]]
            if min(share) < 0 or max(share) < SMALLEST:
                continue
            found = replace(found, decay=tuple(_spread(network, share)))
        yield found
    yield from _nesterov(moves, true, rate)


def _nesterov(moves: Array, true: Array, rate: float) -> Iterator[Rule]:
    """The momentum with which the first move is (1 + momentum) times the gradient."""
    size = float(true[0] @ true[0])
    momentum = _plain(float(moves[0] @ true[0]) / size / rate - 1) if size else 0.0
    if SMALLEST < momentum < 1:
        yield Rule(momentum, nesterov=True)


def shares(timeline: Timeline, round_: Round) -> list[float]:
    """The numbers between 0 and 1 that stay the same and are read in a round."""
    observation = timeline.observation
    found = set()
    for event in range(round_.first, round_.end):
        site = int(observation.site[event])
        number = timeline.scalars[event]
        kind = observation.sites[site].kind
        if kind in {"name", "attribute", "item", "constant"} and not timeline.moves[site] and 0 < number < 1:
            found.add(float(number))
    return sorted(found, reverse=True)


def _mask(network: Network, mine: slice) -> NDArray[np.bool_]:
    mask = np.zeros(network.size, bool)
    mask[mine] = True
    return mask


def _spread(network: Network, share: Sequence[float]) -> Iterator[float]:
    for one, mine in zip(share, network.slices.values(), strict=True):
        yield from [one] * (mine.stop - mine.start)


def _plain(number: float) -> float:
    """A number with the digits that people write, where it is one."""
    short = float(f"{number:.{DIGITS}g}")
    return 0.0 if abs(number) < SMALLEST else short if abs(short - number) <= 1e-5 * abs(number) else number
