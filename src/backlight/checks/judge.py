"""Is each gradient right? What the steps imply, held against the exact engine at the program's own parameters.

RIGHT is within the tolerance at every judged round; WRONG is outside at one of them, or not a number. Nothing here
knows of mistakes or of lines: only numbers are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.truth import TOLERANCE, Truth, truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.network import Network
    from backlight.checks.steps import Step

    Array = NDArray[np.floating[Any]]

MOST_JUDGED = 8
"""So many updates are judged: the first few and the last of those that were seen."""
MOST_WORK = 4_000_000
"""Products of all judged passes together; large networks are judged at fewer updates."""


@dataclass(frozen=True)
class Judged:
    """The updates of a program beside the truth.

    Attributes
    ----------
    steps : tuple of Step
    rows : tuple of tuple of int
        The samples each of them is the gradient of.
    truths : tuple of Truth
    implied, error, tolerance, slack : array, shape (steps, parameters)
        The gradients that the steps imply, how far they are from the truth, how far they may be, and which part of
        that is because the parameters are rounded.
    learning_rate : float
    """

    steps: tuple[Step, ...]
    rows: tuple[tuple[int, ...], ...]
    truths: tuple[Truth, ...]
    implied: Array
    error: Array
    tolerance: Array
    slack: Array
    learning_rate: float

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which gradients are wrong, shape (steps, parameters)."""
        return ~(np.isfinite(self.implied) & (self.error <= self.tolerance))

    @property
    def true_gradients(self) -> Array:
        """dL/dparameter, shape (steps, parameters)."""
        return np.stack([one.gradient for one in self.truths])


def chosen(made: Sequence[Step], network: Network) -> tuple[Step, ...]:
    """The updates that are judged."""
    work = max(network.samples, 1) * network.size
    number = int(np.clip(MOST_WORK // max(work, 1), 2, MOST_JUDGED))
    if len(made) <= number:
        return tuple(made)
    return (*made[: number - 1], made[-1])


def samples_of(made: Sequence[Step], network: Network) -> list[list[tuple[int, ...]]]:
    """For each way to read a round, the samples of every step: all of its passes, or the last one only."""
    whole = [step.round.rows for step in made]
    last = [tuple(sorted(set(step.round.passes[-1]))) for step in made]
    every = [tuple(range(network.samples)) for _ in made]
    ways: list[list[tuple[int, ...]]] = []
    for way in (whole, last, every):
        if way not in ways:
            ways.append(way)
    return ways


def judged(
    made: Sequence[Step], rows: Sequence[tuple[int, ...]], truths: Sequence[Truth], learning_rate: float
) -> Judged:
    """Hold the steps against the truth."""
    implied = np.stack([step.change for step in made]) / learning_rate
    slack = np.stack([step.room for step in made]) / learning_rate
    radius = np.stack([one.radius for one in truths])
    with np.errstate(all="ignore"):
        error = np.abs(implied - np.stack([one.gradient for one in truths]))
    return Judged(
        steps=tuple(made),
        rows=tuple(rows),
        truths=tuple(truths),
        implied=implied,
        error=error,
        tolerance=TOLERANCE * radius + slack,
        slack=slack,
        learning_rate=learning_rate,
    )


def truths_of(
    made: Sequence[Step], rows: Sequence[tuple[int, ...]], network: Network, precision: str
) -> tuple[Truth, ...]:
    """The exact gradients of the judged steps."""
    return tuple(
        truth(network, step.round.parameters, some, precision=precision) for step, some in zip(made, rows, strict=True)
    )
