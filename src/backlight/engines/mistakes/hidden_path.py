"""Mistakes in the sum over paths that leads back to a hidden layer.

Right, for a hidden layer l:   dL_da[l]_i = sum over j of dL_dz[l+1]_j W[l+1]_ij.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import batch_size, elementwise, has_slope
from backlight.engines.mistakes.parameters import Parameter, first_offered, some, units_behind, units_of
from backlight.language import marked
from backlight.recipes.labels import parameter_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backlight.engines.hand import Iteration
    from backlight.recipes.labels import Place
    from backlight.recipes.recipe import Recipe

SLOPES_OF_UNITS = Need(
    met=lambda recipe, l: (
        (has_slope(recipe, l) or has_slope(recipe, l + 1)) and elementwise(recipe, l) and elementwise(recipe, l + 1)
    ),
    because=marked(
        "each unit needs a derivative of its own, which softmax has not, and not all are 1, as with identity"
    ),
)
SEVERAL_PATHS = Need(
    met=lambda recipe, l: recipe.layers[l + 1] > 1,
    because=marked("where the next layer has one unit there is one path, and none is missing"),
    else_right=True,
)
PATH = Parameter(
    meaning=marked("the unit of the next layer through which that path goes, the first is 0"),
    default="0",
    offers=units_behind,
    tries=lambda recipe, layers, read: some(units_behind(recipe, layers, read)),
)


def _places_of_slopes(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """A wrong derivative in a path, in a whole delta, or in that of one hidden unit."""
    alone = read.get("unit") is not None
    own = alone and all(recipe.layers[l] > 1 and has_slope(recipe, l) for l in layers)
    return {word: word for word in ("path", *(("own",) if own else ()), *(() if alone else ("delta",)))}


def _layers_of_slopes(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Whose derivative can stand there: that of a hidden unit, or of another unit behind it."""
    several = read.get("place") != "own" and all(recipe.layers[l + 1] > 1 and has_slope(recipe, l + 1) for l in layers)
    return {word: word for word in ("hidden", *(("output",) if several else ()))}


def _paths(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Every path, where the mistake is made in one."""
    return [] if read.get("place") == "own" else some(units_behind(recipe, layers, read))


def _units_of_slopes(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, int]:
    """The units of a layer but for the one whose derivative belongs there."""
    units = (units_behind if read.get("whose") == "output" else units_of)(recipe, layers, read)
    right = {"own": read.get("unit")}.get(
        read.get("place", ""), read.get("path") if read.get("whose") == "output" else None
    )
    return {word: unit for word, unit in units.items() if unit != right}


def _as_wide_as_the_next(recipe: Recipe, layers: Sequence[int]) -> bool:
    """Whether a layer's deltas could stand in the place of what comes back to the one before it."""
    return all(recipe.layers[l] == recipe.layers[l + 1] > 1 for l in layers)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked(
        "the sum of the outgoing weights' gradients stands where the sum of delta times weight belongs; "
        "in a batch this one sum serves every sample"
    ),
    tempting=marked(
        "the gradients of the outgoing weights are already computed, and they stand at the arrows that lead on"
    ),
    shows=marked("the first layer is wrong and its signs may flip, the last layer is exact, and the loss still falls"),
    seen=marked("the exercise of the course itself, in its lecturer's own post"),
    own={
        "over": Parameter(
            meaning=marked(
                "batch: the gradients of the whole batch are summed; sample: those of each sample by itself"
            ),
            default="batch",
            offers=lambda recipe, layers, read: {
                word: word for word in ("batch", "sample") if word == "batch" or batch_size(recipe) > 1
            },
        )
    },
)
def sum_of_weight_gradients(net: Iteration, l: int, over: str) -> None:
    # right is the sum over j of dL_dz[l+1]_j W[l+1]_ij, which another sample would have otherwise
    if over == "batch":
        net.dL_da[l][:] = net.dL_dW[l + 1].sum(axis=1)
    else:
        np.multiply(net.a[l], net.dL_dz[l + 1].sum(axis=1, keepdims=True), out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked(
        "the derivative of a hidden unit stands where that of an output belongs, in the path through that output"
    ),
    tempting=marked("both derivatives look alike, h (1 - h) and o (1 - o), and both stand in the same line"),
    shows=marked(
        "the first layer is off by a fraction of a percent where all units are near one half; "
        "checks with one random direction let it pass"
    ),
    seen=marked("a student's repair of the exercise of the course"),
    need=SLOPES_OF_UNITS,
    own={
        "place": Parameter(
            meaning=marked(
                "path: in that path alone; delta: in the whole delta behind that path, so that its own gradients are "
                "wrong too; own: in the delta of the hidden unit that is asked for by unit"
            ),
            default="path",
            offers=_places_of_slopes,
        ),
        "whose": Parameter(
            meaning=marked("which units of counts: those of the hidden layer, or those of the next layer"),
            default="hidden",
            offers=_layers_of_slopes,
        ),
        "path": replace(PATH, tries=_paths),
        "of": Parameter(
            meaning=marked("the unit whose derivative is taken, the first is 0"),
            default="0",
            offers=_units_of_slopes,
            stands_for=first_offered,
            tries=lambda recipe, layers, read: some(_units_of_slopes(recipe, layers, read)),
        ),
    },
)
def derivative_of_wrong_unit(  # noqa: PLR0917  its own parameters, each by name
    net: Iteration, l: int, place: str, whose: str, path: int, of: int
) -> None:
    m = l if whose == "hidden" else l + 1
    slope = np.empty_like(net.a[m])
    net.f[m].backward(net.z[m], net.a[m], np.ones_like(slope), slope)
    delta = net.dL_dz[l + 1].copy()
    if place != "own":
        # right is dL_da * o (1 - o); here h (1 - h) of another unit is in its place, for all that go this path
        delta[:, path] = net.dL_da[l + 1][:, path] * slope[:, of]
    if place == "delta":
        net.dL_dz[l + 1][:] = delta
        net.weight_gradient(l + 1)
        if net.b:
            net.bias_gradient(l + 1)
    np.dot(delta, net.W[l + 1].T, out=net.dL_da[l])
    if place == "own":
        np.multiply(net.dL_da[l], slope[:, [of]], out=net.dL_dz[l])
    else:
        net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked("the path through one output stands where the sum over all outputs belongs"),
    tempting=marked("the chain rule is written along one arrow, and the sum over the other arrows is forgotten"),
    shows=marked("the hidden layers are wrong, and exact in a network with one output"),
    need=SEVERAL_PATHS,
    own={
        "path": PATH,
        "keep": Parameter(
            meaning=marked("whether that path is the only one that is kept, or all others are"),
            default="only",
            offers=lambda recipe, layers, read: {
                word: word for word in ("only", "others") if word == "only" or len(units_behind(recipe, layers, {})) > 1
            },
            tries=lambda recipe, layers, read: ["only", "others"][: min(len(units_behind(recipe, layers, {})) - 1, 2)],
        ),
    },
)
def missing_path(net: Iteration, l: int, path: int, keep: str) -> None:
    delta = net.dL_dz[l + 1].copy()  # right is all of them
    is_path = np.arange(delta.shape[1]) == path
    delta[:, ~is_path if keep == "only" else is_path] = 0
    np.dot(delta, net.W[l + 1].T, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked("the sum of the next layer's deltas stands where the sum of delta times weight belongs"),
    tempting=marked("the delta is thought of as what comes back, and the weight only as what was sent forward"),
    shows=marked("every unit of a hidden layer gets the same error back, before its own derivative"),
    own={
        "delta": Parameter(
            meaning=marked(
                "sum: the sum of the next layer's deltas; same: the delta of the unit with the same number, "
                "where both layers have as many units"
            ),
            default="sum",
            offers=lambda recipe, layers, read: {
                word: word for word in ("sum", "same") if word == "sum" or _as_wide_as_the_next(recipe, layers)
            },
        )
    },
)
def missing_weight_factor(net: Iteration, l: int, delta: str) -> None:
    next_one = net.dL_dz[l + 1]
    net.dL_da[l][:] = next_one.sum(axis=1, keepdims=True) if delta == "sum" else next_one
    net.through_activation(l)


FEW_WEIGHTS = 16
Weight = tuple[int, tuple[int, ...]]
"""A layer, and the index of one of its weights."""


def _weights_behind(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, Weight | str]:
    """The weights through which the layers reach the next ones, and all of them."""
    behind = {f"W{l + 1}" for l in layers}
    found: dict[str, Weight | str] = {
        name: _at(place) for name, place in parameter_labels(recipe).items() if place.quantity in behind
    }
    several = all(recipe.layers[l] > 1 for l in layers)
    return {**found, **({"all": "all"} if several else {})}


def _weights_tried(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Some single weights, and all at once."""
    names = _weights_behind(recipe, layers, read)
    return [*some({name: at for name, at in names.items() if name != "all"}), *(["all"] if "all" in names else [])]


def _other_weights(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, Any]:
    """All other weights of the network, the nearest neighbours in the same matrix first; for all of them, a side."""
    weight: Weight | str | None = read.get("weight")
    if isinstance(weight, str):
        one_side = all(recipe.layers[l] == 2 for l in layers)  # noqa: PLR2004  each is before and behind the other
        around = ("previous",) if one_side else ("previous", "next")
        biased = ("previous_or_bias", "next_or_bias") if recipe.network.biases else ()
        return {side: side for side in (*around, *biased, *_other_layers(recipe, layers))}
    return {} if weight is None else dict(_by_distance(recipe, weight))


def _other_layers(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """The matrices of other layers that have the shape of the one that belongs there, or its turned shape."""
    shapes = dict(enumerate(pairwise(recipe.layers), start=1))
    return [
        f"W{other}"
        for other, shape in shapes.items()
        if all(other != l + 1 and sorted(shape) == sorted(shapes[l + 1]) for l in layers)
    ]


@lru_cache(maxsize=64)
def _by_distance(recipe: Recipe, weight: Weight) -> dict[str, Weight]:
    every = {name: _at(place) for name, place in parameter_labels(recipe).items() if place.quantity[0] == "W"}

    def distance(name: str) -> tuple[int, int]:
        l, at = every[name]
        return abs(l - weight[0]), sum(abs(one - other) for one, other in zip(at, weight[1], strict=True))

    return {name: every[name] for name in sorted(every, key=distance) if every[name] != weight}


def _at(place: Place) -> Weight:
    """The layer and the index of a weight."""
    return int(place.quantity[1:]), place.index


def _nearest(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """All others of a few weights, the three nearest neighbours among many."""
    others = list(_other_weights(recipe, layers, read))
    return others if len(others) < FEW_WEIGHTS or isinstance(read.get("weight"), str) else others[:3]


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    narrowed_by=("layer", "parameter", "except"),
    instead=marked("a neighbouring weight stands where the weight of a path belongs, as w6 for w7"),
    tempting=marked("weights are numbered, and which number lies on which arrow is read off the drawing by eye"),
    shows=marked("one hidden unit's weights are wrong, by as much as the two weights differ"),
    own={
        "weight": Parameter(
            meaning=marked("the weight that belongs there; all: every one has another in its place"),
            default=marked("the first weight of the next layer"),
            offers=_weights_behind,
            stands_for=first_offered,
            tries=_weights_tried,
        ),
        "taken": Parameter(
            meaning=marked(
                "the weight that stands there; for all of them that of the unit before or behind, where the one at the "
                "end takes that of the other end, or the bias that is kept in the same list; or the matrix of another "
                "layer"
            ),
            default=marked("its neighbour"),
            offers=_other_weights,
            stands_for=first_offered,
            tries=_nearest,
        ),
    },
)
def wrong_weight(net: Iteration, l: int, weight: Weight | str, taken: Weight | str) -> None:
    weights = net.W[l + 1].copy()
    if str(taken)[0] == "W":
        other = net.W[int(str(taken)[1:])]
        weights[:] = other if other.shape == weights.shape else other.T
    elif isinstance(weight, str) or isinstance(taken, str):
        forward = str(taken).startswith("previous")
        weights = np.roll(weights, 1 if forward else -1, axis=0)
        if str(taken).endswith("bias"):
            weights[0 if forward else -1] = net.b[l + 1]
    else:
        weights[weight[1]] = net.W[taken[0]][taken[1]]
    np.dot(net.dL_dz[l + 1], weights.T, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked(
        "the next layer's weights, already updated with this batch's gradient, stand where the old ones belong"
    ),
    tempting=marked("each layer is updated as soon as its gradient is known, and the way back goes on afterwards"),
    shows=marked(
        "the error grows with the learning rate and is none as it goes to 0; a check of one gradient cannot see it"
    ),
    seen=marked("Data Science from Scratch, first edition; the first version of Mazur's step by step example"),
    wraps=True,
)
def updated_weights_in_back_step(net: Iteration, l: int, before: Callable[[int], None]) -> None:
    theta, optimizer = net.theta.copy(), deepcopy(net.optimizer)
    optimizer(net.theta, net.dL_dtheta)  # the update comes too early,
    before(l)  # the way back meets the new weights,
    net.theta[:] = theta  # and the update itself is left to be made, once, in its time
