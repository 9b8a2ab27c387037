"""A loss that takes the sums of the last layer: its softmax or sigmoid is inside it, and no outputs are computed.

Cross-entropy of a softmax and softmax cross-entropy of the sums are one function, and so are the two of the sigmoid.
A program that hands its sums to such a loss is the recipe's network, though what the recipe calls its outputs is
nowhere to be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.closeness import RELATIVE

if TYPE_CHECKING:
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.rounds import Round
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

INSIDE = {
    ("softmax", "cross_entropy"): "softmax_cross_entropy",
    ("sigmoid", "binary_cross_entropy"): "sigmoid_binary_cross_entropy",
}
"""Last activation and loss, and the loss of the sums that is the same."""
LOOKED_AT = 3


def at_the_sums(recipe: Recipe) -> Recipe | None:
    """The same recipe with the last activation inside the loss; None where the two are no pair.

    Examples
    --------
    >>> import backlight as bl
    >>> other = at_the_sums(bl.recipe("xor").with_({"loss.name": "binary_cross_entropy"}))
    >>> other.activations[-1].name, other.loss.name
    ('identity', 'sigmoid_binary_cross_entropy')
    >>> at_the_sums(bl.recipe("course")) is None
    True
    """
    *hidden, last = recipe.activations
    loss = INSIDE.get((last.name, recipe.loss.name))
    if loss is None:
        return None
    written = [{"name": one.name, **one.options} if one.options else one.name for one in hidden]
    return recipe.with_({"network.activations": [*written, "identity"], "loss.name": loss})


def states_its_loss(timeline: Timeline, network: Network, training: Training) -> bool:
    """Whether a program computes the loss of its network after the passes of its first rounds."""
    return all(_is_seen(timeline, network, one) for one in training.rounds[:LOOKED_AT])


def _is_seen(timeline: Timeline, network: Network, round_: Round) -> bool:
    near = timeline.scalars[round_.first : max(round_.end, round_.last + 1)]
    for rows in (round_.rows, round_.passes[-1]):
        for over_samples in ("mean", "sum"):
            one = network.with_({"loss.over_samples": over_samples})
            loss = float(one.quantities(round_.parameters, list(rows))["loss"])
            if np.any(np.abs(near - loss) <= RELATIVE[timeline.precision] * abs(loss)):
                return True
    return False
