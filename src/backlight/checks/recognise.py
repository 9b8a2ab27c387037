"""Which network is this program? Its parameters, samples and passes, as the recipe has them or as its own.

The recipe's initial values and samples are tried first. What does not agree is found out in the program's own terms and
told as a fact; the program is judged at its own values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.network import Network
from backlight.checks.passes import Training, training
from backlight.recipes.start import start

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Difference, Kind, Spot
    from backlight.checks.timeline import Timeline
    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What a program turned out to be.

    Attributes
    ----------
    network : Network
        What it runs, with its own samples: the recipe's, or with ``kind`` set another one.
    training : Training or None
        Its passes; None if there are none that could be recognised.
    kind : str or None
        None where it is the recipe's network; ``other_activation``: ``network`` is its own, to be judged as such;
        ``other_network``, ``forward``, ``cannot_tell``: there is nothing to judge.
    reason : str
        Why, one sentence in the language in use.
    first_wrong : Spot or None
        For ``forward``: the first expression that is not what the network asks for.
    facts : tuple of Difference
        What the program has otherwise than the recipe: its samples, its initial values.
    """

    network: Network
    training: Training | None
    kind: Kind | None = None
    reason: str = ""
    first_wrong: Spot | None = None
    facts: tuple[Difference, ...] = ()


def recognised(timeline: Timeline, recipe: Recipe) -> Recognised:
    """Find out what a program runs."""
    begin = start(recipe)
    network = Network.of(recipe, begin.inputs, begin.targets)
    parameters = np.concatenate([array.ravel() for array in (*begin.weights, *begin.biases)])
    found = training(timeline, network, parameters)
    if found is not None:
        return Recognised(network=network, training=found)
    return Recognised(network=network, training=None, kind="cannot_tell")
