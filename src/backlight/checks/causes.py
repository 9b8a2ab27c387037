"""Which mistake of the catalogue reproduces a program's numbers?

Every mistake is made on purpose by the hand engine, at the program's own parameters and on its own samples; one that
gives the program's steps, all parameters and all judged updates, explains it. Lines are not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.mistakes import mistaken, variants
from backlight.engines.mistakes.catalogue import MISTAKES
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.judge import Judged
    from backlight.checks.network import Network
    from backlight.engines.hand import Iteration

    Array = NDArray[np.floating[Any]]

RELATIVE = {"float64": 1e-9, "float32": 1e-4}
"""How far a mistaken gradient may be from the program's, relative to the largest of its array: both are rounded, in
orders of their own."""


@dataclass(frozen=True)
class Cause:
    """A way to make a mistake that gives the program's numbers.

    Attributes
    ----------
    asked : str
        ``SLUG`` with its parameters, as `run --mistake` takes it.
    residual : float
        The largest difference to the program, relative to the largest gradient of the array.
    fits : array of bool, shape (steps, parameters)
        Where it gives the program's gradients.
    quantities : tuple of mapping
        What the mistaken engine computed at each step.
    """

    asked: str
    residual: float
    fits: NDArray[np.bool_]
    quantities: tuple[dict[str, Array], ...]

    @property
    def slug(self) -> str:
        """Its name in the catalogue."""
        return self.asked.partition(":")[0]


def causes(network: Network, judged: Judged, precision: str) -> Iterator[Cause]:
    """Try every mistake of the catalogue in every way it can be made in this network, the most specific first."""
    run_in_a_row = consecutive(judged)
    recipe = network.recipe.with_({"training.learning_rate": judged.learning_rate, "training.optimizer": "sgd"})
    for slug in MISTAKES:
        for asked in variants(slug, recipe):
            yield tried(
                asked, network.with_({"training.learning_rate": judged.learning_rate}), judged, run_in_a_row, precision
            )


def consecutive(judged: Judged) -> int:
    """How many of the judged updates follow one another: what remembers needs all of them."""
    number = 1
    while number < len(judged.steps) and np.array_equal(
        judged.steps[number - 1].after, judged.steps[number].round.parameters
    ):
        number += 1
    return number


def tried(asked: str, network: Network, judged: Judged, number: int, precision: str) -> Cause:
    """Make a mistake at the program's parameters, update by update, and compare the steps."""
    first = judged.steps[0].round.parameters
    most = max(len(rows) for rows in judged.rows)
    engine = mistaken(asked, network.recipe, network.start(first), layout(network.recipe, most))
    implied, quantities = [], []
    with np.errstate(all="ignore"):
        for step, rows in zip(judged.steps[:number], judged.rows, strict=False):
            parameters_of(engine, network)[:] = step.round.parameters
            engine.forward_and_backward(np.array(rows))
            quantities.append({name: view.copy() for name, view in engine.views.items()})
            engine.update()
            implied.append((step.round.parameters - parameters_of(engine, network)) / judged.learning_rate)
        fits, residual = compared(np.stack(implied), judged, network, number, precision)
    return Cause(asked, residual, fits, tuple(quantities))


def parameters_of(engine: Iteration, network: Network) -> Array:
    """The parameters in an engine's row, as one vector that can be written to."""
    return engine.row[1 : 1 + network.size]


def compared(
    implied: Array, judged: Judged, network: Network, number: int, precision: str
) -> tuple[NDArray[np.bool_], float]:
    """Where gradients are those of the program, and how far they are from them at most."""
    theirs = judged.implied[:number]
    size = np.maximum(_largest(implied, network), _largest(theirs, network))
    slack = 3 * np.stack([step.room for step in judged.steps[:number]]) / judged.learning_rate
    gap = np.abs(implied - theirs)
    fits = gap <= slack + RELATIVE[precision] * size
    scale = np.where(size > 0, size, 1)
    return fits, float(np.max(np.where(np.isfinite(gap), gap, np.inf) / scale))


def _largest(gradients: Array, network: Network) -> Array:
    """The largest gradient of each parameter's array, in the shape of the gradients."""
    spread = np.empty_like(gradients)
    first = 0
    for shape in network.shapes.values():
        last = first + int(np.prod(shape))
        spread[:, first:last] = np.abs(gradients[:, first:last]).max(axis=1, keepdims=True)
        first = last
    return spread
