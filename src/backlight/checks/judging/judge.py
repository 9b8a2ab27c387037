"""Is each gradient right? What the steps imply, held against the exact engine at the program's own parameters.

RIGHT is within the tolerance at every judged round; WRONG is outside at one of them, or not a number. Nothing here
knows of mistakes or of lines: only numbers are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.truth import TOLERANCE, Truth, truth
from backlight.derivations import updates_plainly
from backlight.engines.hand import Iteration
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.rules import Rule
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.steps import Step
    from backlight.traces.layout import Layout

    Array = NDArray[np.floating[Any]]

MOST_JUDGED = 8
"""So many updates are judged: the first few and the last of those that were seen."""
ROUNDINGS = 16
"""So many roundings an optimizer makes on the way from a gradient to a step."""
MOST_DOUBT = 1e-6
"""A gradient of rounding errors alone excuses no more than this."""
LARGE = 500_000
"""Parameters times samples."""
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
    rates : array, shape (steps,) or (steps, parameters), or None
        The learning rate of each step, where it changes, or of each parameter; ``learning_rate`` is the first of them.
    rule : Rule or None
        What the program's update rule adds to the gradient, which is not in ``steps`` any more.
    expected : array, shape (steps, parameters), or None
        By how much right gradients would move the parameters, where the optimizer is not plain gradient descent.
    own_rate : float or None
        The learning rate that the program has, where its gradients make up for the difference to the recipe's.
    """

    steps: tuple[Step, ...]
    rows: tuple[tuple[int, ...], ...]
    truths: tuple[Truth, ...]
    implied: Array
    error: Array
    tolerance: Array
    slack: Array
    learning_rate: float
    expected: Array | None = None
    rates: Array | None = None
    own_rate: float | None = None
    rule: Rule | None = None

    def implied_by(self, changes: Array, first: int = 0) -> Array:
        """The gradients that some changes of the parameters imply, from one of the steps on."""
        if self.expected is None:
            return changes / self.learning_rate
        mine = slice(first, first + len(changes))
        return self.true_gradients[mine] + (changes - self.expected[mine]) / self.learning_rate

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which gradients are wrong, shape (steps, parameters)."""
        return ~(np.isfinite(self.implied) & (self.error <= self.tolerance))

    @property
    def first_wrong(self) -> int:
        """The first update with a wrong gradient."""
        return int(np.argmax(self.wrong.any(axis=1)))

    @cached_property
    def true_gradients(self) -> Array:
        """dL/dparameter, shape (steps, parameters)."""
        return np.stack([one.gradient for one in self.truths])


def chosen(made: Sequence[Step], network: Network) -> tuple[Step, ...]:
    """The updates that are judged."""
    work = max(network.samples, 1) * network.size
    number = int(np.clip(MOST_WORK // max(work, 1), 2, MOST_JUDGED))
    if len(made) <= number or not updates_plainly(network.recipe):
        return tuple(made[:number])
    return (*made[: number - 1], made[-1])


def samples_of(made: Sequence[Step], network: Network) -> list[list[tuple[int, ...]]]:
    """For each way to read a round, the samples of every step: all of its passes, or the last one only.

    All samples there are is a way too; but not for a large network that was seen to take them in batches.
    """
    whole = [step.round.rows for step in made]
    last = [tuple(dict.fromkeys(step.round.passes[-1])) for step in made]
    every = [tuple(range(network.samples)) for _ in made]
    ways: list[list[tuple[int, ...]]] = []
    batches = all(
        1 < len(some) < network.samples and len(step.round.passes) == 1 for step, some in zip(made, whole, strict=True)
    )
    is_large = network.samples * network.size > LARGE
    usual = (whole, every) if is_last_of_all(made) else (whole, last, every)
    for way in usual[:-1] if batches and is_large else usual:
        if way not in ways:
            ways.append(way)
    return ways


def is_last_of_all(made: Sequence[Step]) -> bool:
    """Whether every round goes through the same samples once and ends with the same one: what is left out is lost."""
    first = made[0].round.passes
    rows = [row for one in first for row in one]
    together = len(first) > 1 and len(rows) == len(set(rows))
    return len(made) > 1 and together and all(step.round.passes == first for step in made)


def judged(
    made: Sequence[Step],
    rows: Sequence[tuple[int, ...]],
    truths: Sequence[Truth],
    learning_rate: float,
    *,
    expected: Array | None = None,
    rates: Array | None = None,
) -> Judged:
    """Hold the steps against the truth; with a rate for each step, or each parameter, where it is not one for all."""
    changes = np.stack([step.change for step in made])
    by_step = np.full((len(made), 1), learning_rate) if rates is None else rates.reshape(len(made), -1)
    slack = np.stack([step.room for step in made]) / by_step
    radius = np.stack([one.radius for one in truths])
    gradients = np.stack([one.gradient for one in truths])
    implied = changes / by_step
    if expected is not None:
        implied = gradients + (changes - expected) / learning_rate
        relative = ROUNDINGS * np.finfo(float).eps + _doubt(gradients, radius)
        slack = slack + relative * np.abs(expected) / learning_rate
    with np.errstate(all="ignore"):
        error = np.abs(implied - gradients)
    return Judged(
        steps=tuple(made),
        rows=tuple(rows),
        truths=tuple(truths),
        implied=implied,
        error=error,
        tolerance=TOLERANCE * radius + slack,
        slack=slack,
        learning_rate=learning_rate,
        expected=expected,
        rates=rates,
    )


def _doubt(gradients: Array, radius: Array) -> Array:
    """How uncertain a gradient is for its size, now or before: an optimizer that divides by the size hands that on."""
    with np.errstate(all="ignore"):
        relative = np.where(radius > 0, TOLERANCE * radius / np.abs(gradients), 0.0)
    return np.asarray(np.maximum.accumulate(np.minimum(relative, MOST_DOUBT), axis=0))


def expected_changes(
    network: Network, made: Sequence[Step], rows: Sequence[tuple[int, ...]], learning_rate: float
) -> Array | None:
    """By how much right gradients move the parameters, update by update; None for plain gradient descent."""
    if updates_plainly(network.recipe):
        return None
    own = network.with_({"training.learning_rate": learning_rate})
    engine, _arrangement = engine_for(own, made, rows)
    return changes_of(engine, own, made, rows)


def engine_for(network: Network, made: Sequence[Step], rows: Sequence[tuple[int, ...]]) -> tuple[Iteration, Layout]:
    """A hand engine where a program begins, with room for its largest batch, and how its row is laid out."""
    arrangement = layout(network.recipe, max(len(one) for one in rows))
    return Iteration(network.recipe, network.start(made[0].round.parameters), arrangement), arrangement


def changes_of(engine: Iteration, network: Network, made: Sequence[Step], rows: Sequence[tuple[int, ...]]) -> Array:
    """By how much an engine moves the parameters, each time from where the program was, shape (steps, parameters)."""
    return np.stack(
        [change_from(engine, network, step.round.parameters, some) for step, some in zip(made, rows, strict=True)]
    )


def change_from(engine: Iteration, network: Network, parameters: Array, rows: tuple[int, ...]) -> Array:
    """By how much an engine moves the parameters from some point."""
    set_parameters(engine, network, parameters)
    engine.forward_and_backward(np.array(rows))
    engine.update()
    return parameters - parameters_of(engine, network)


def parameters_of(engine: Iteration, network: Network) -> Array:
    """The parameters of an engine as one vector."""
    return np.concatenate([engine.views[name].ravel() for name in network.shapes])


def set_parameters(engine: Iteration, network: Network, parameters: Array) -> None:
    """Go on from other parameters."""
    for name, array in network.arrays(parameters).items():
        engine.views[name][:] = array


def truths_of(
    made: Sequence[Step],
    rows: Sequence[tuple[int, ...]],
    network: Network,
    precision: str,
    known: dict[tuple[bytes, tuple[int, ...]], Truth] | None = None,
) -> tuple[Truth, ...]:
    """The exact gradients of the judged steps; those that are known already are not computed again."""
    known = {} if known is None else known
    for step, some in zip(made, rows, strict=True):
        key = step.round.parameters.tobytes(), tuple(some)
        if key not in known:
            known[key] = truth(network, step.round.parameters, some, precision=precision)
    return tuple(known[step.round.parameters.tobytes(), tuple(some)] for step, some in zip(made, rows, strict=True))
