"""Mistakes in the update: gradients are right, and what is made of them is not.

Right:   every trained parameter is updated once an iteration, with its own gradient and the learning rate once.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import batch_size
from backlight.engines.mistakes.parameters import LAYERS, Numbers, Parameter, first_offered
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe


@mistake(
    step="update",
    instead=marked("the step is multiplied with the learning rate twice"),
    tempting=marked("the learning rate is put into the delta, and into the update as well"),
    shows=marked("the ratio is the learning rate itself, often in one layer alone"),
    seen=marked("a network by CanKorkut"),
    need=Need(
        met=lambda recipe, l: float(recipe.training.learning_rate) not in {0, 1},
        because=marked("a learning rate of 1 or 0 is the same when it is multiplied in twice"),
    ),
    works_on="course --lr 0.5",
)
def learning_rate_twice(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    before = net.theta.copy()
    Iteration.update(net)
    net.theta[chosen] = (before + net.optimizer.learning_rate * (net.theta - before))[chosen]  # type: ignore[attr-defined]


@mistake(
    step="update",
    parameter="w1",
    instead=marked("a parameter's old value stands where its updated value belongs, though its gradient is right"),
    tempting=marked("updates are written out one by one, and one line is missing or writes to another name"),
    shows=marked("one parameter never moves, and the others learn around it"),
)
def missing_update(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    before = net.theta[chosen]
    Iteration.update(net)
    net.theta[chosen] = before


def _repeats(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Two, and the lengths of the loops that an update may be inside of."""
    lengths = [2, batch_size(recipe), *recipe.layers[::-1], len(recipe.layers) - 1]
    return [str(length) for length in dict.fromkeys(lengths) if length > 1]


@mistake(
    step="update",
    remembers=True,
    instead=marked("the update stands inside an inner loop, and is made several times with the same gradient"),
    tempting=marked("a line is indented one step too far"),
    shows=marked("the ratio is the number of repeats"),
    seen=marked("Grokking Deep Learning, chapter 8"),
    own={
        "times": Parameter(
            meaning=marked("how often the update is made"),
            default="2",
            numbers=Numbers(
                admits=lambda times: times > 1 and times.is_integer(), words=marked("a whole number above 1")
            ),
            tries=_repeats,
        )
    },
)
def repeated_update(net: Iteration, chosen: NDArray[np.bool_], times: float, memory: dict[str, Any]) -> None:
    again = memory.setdefault("optimizer", deepcopy(net.optimizer))  # with a momentum of its own
    theta = net.theta.copy()
    for _ in range(int(times)):
        again(theta, net.dL_dtheta)
    Iteration.update(net)
    net.theta[chosen] = theta[chosen]


def _shared(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Which lists of weights there are several of in some layer."""
    several = {"inputs": [recipe.layers[l - 1] for l in layers], "units": [recipe.layers[l] for l in layers]}
    return {word: word for word, counts in several.items() if max(counts, default=0) > 1}


@mistake(
    step="update",
    narrowed_by=(),
    instead=marked("one list stands where a list for each input or unit belongs, so that each update moves them all"),
    tempting=marked("[[0.1] * 2] * 2 looks like four numbers, and old = W looks like a copy"),
    shows=marked(
        "weights that are one list stay equal, and get the sum of all their steps; an old copy that is none shows as "
        "updated-weights-in-back-step"
    ),
    need=Need(
        met=lambda recipe, l: bool(_shared(recipe, [l], {})),
        because=marked("a layer must have several inputs or several units"),
    ),
    own={
        "layer": LAYERS["every", "all"],
        "shared": Parameter(
            meaning=marked("whose weights are one list: those of all inputs, or those of all units"),
            default=marked("inputs, or units where there is one input"),
            offers=_shared,
            stands_for=first_offered,
        ),
    },
)
def aliased_parameters(net: Iteration, layer: int | None, shared: str) -> None:
    W_before = [None, *(W.copy() for W in net.W[1:])]
    Iteration.update(net)
    for l in range(1, net.n + 1) if layer is None else [layer]:
        axis = 1 if shared == "units" else 0
        steps = net.W[l] - W_before[l]
        # the list that was written last is the one that all names mean
        net.W[l][:] = W_before[l].take([-1], axis) + steps.sum(axis=axis, keepdims=True)
