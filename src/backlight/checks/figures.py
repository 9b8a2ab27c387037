"""The figures of a judged program: each gradient, yours and the true one, the losses, and the angle between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Parameter
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.judging.judge import Judged
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

MOST_SCALARS = 64
"""So many parameters are told one by one."""


def parameters(network: Network, training: Training, timeline: Timeline, held: Judged) -> tuple[Parameter, ...]:
    """Each gradient: what the program implies, what is true."""
    return tuple(
        _scalars(network, training, timeline, held)
        if network.size <= MOST_SCALARS
        else _arrays(network, training, timeline, held)
    )


def _scalars(network: Network, training: Training, timeline: Timeline, held: Judged) -> Iterator[Parameter]:
    for number, (array, index) in enumerate(network.names):
        wrong = held.wrong[:, number]
        first = int(np.argmax(wrong))
        yours, truth = float(held.implied[first, number]), float(held.true_gradients[first, number])
        yield Parameter(
            name=label(network.recipe, array, index),
            theirs=training.readers.name(timeline, number),
            verdict="wrong" if wrong.any() else "right",
            iteration=training.rounds.index(held.steps[first].round) if wrong.any() else None,
            yours=yours,
            truth=truth,
            ratio=yours / truth if truth else None,
        )


def _arrays(network: Network, training: Training, timeline: Timeline, held: Judged) -> Iterator[Parameter]:
    for array, mine in network.slices.items():
        shape = network.shapes[array]
        wrong = held.wrong[:, mine].any(axis=1)
        first = int(np.argmax(wrong))
        yield Parameter(
            name=array,
            theirs=training.readers.name(timeline, mine.start, whole=True),
            verdict="wrong" if wrong.any() else "right",
            iteration=training.rounds.index(held.steps[first].round) if wrong.any() else None,
            yours=held.implied[first, mine].reshape(shape).tolist(),
            truth=held.true_gradients[first, mine].reshape(shape).tolist(),
            ratio=None,
        )


def losses_of(network: Network, training: Training) -> tuple[float, ...]:
    """The loss over all samples at the first and at the last parameters."""
    first, last = training.rounds[0], training.rounds[-1]
    return tuple(float(network.quantities(one.parameters)["loss"]) for one in (first, last))


def cosine(held: Judged) -> float | None:
    """The smallest cosine between the implied gradient and the true one."""
    with np.errstate(all="ignore"):
        products = np.sum(held.implied * held.true_gradients, axis=1)
        sizes = np.linalg.norm(held.implied, axis=1) * np.linalg.norm(held.true_gradients, axis=1)
        found = products / sizes
    return float(found.min()) if np.all(np.isfinite(found)) else None
