"""What a network must be like for a mistake to make a difference in it: conditions that several entries share.

Each is a question about a recipe and a layer l, with the reason that is told when the answer is no.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from backlight.engines.loop import largest_batch
from backlight.engines.mistakes.mistake import Need
from backlight.language import marked
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from backlight.recipes.start import start

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe


@lru_cache(maxsize=8)
def batch_size(recipe: Recipe) -> int:
    """How many samples an iteration has, at most."""
    return largest_batch(recipe, start(recipe))


@lru_cache(maxsize=8)
def all_samples(recipe: Recipe) -> int:
    """How many samples are trained on."""
    return start(recipe).samples


def name_of(recipe: Recipe, l: int) -> str:
    """The activation of layer l."""
    return recipe.activations[l - 1].name


def last(recipe: Recipe) -> int:
    """The number of the last layer."""
    return len(recipe.layers) - 1


def has_slope(recipe: Recipe, l: int) -> bool:
    """Whether layer l has a derivative that can be left out: that of identity is 1."""
    return name_of(recipe, l) != "identity"


def elementwise(recipe: Recipe, l: int) -> bool:
    """Whether each unit of layer l has a derivative of its own: with softmax it depends on the others."""
    return ACTIVATIONS[name_of(recipe, l)].elementwise


def averages(recipe: Recipe) -> bool:
    """Whether the loss is a mean over samples, of which there are several."""
    return recipe.loss.over_samples == "mean" and batch_size(recipe) > 1


def has_error_as_delta(recipe: Recipe) -> bool:
    """Whether dL/dz of the outputs, or dL/da of what the loss takes the softmax or sigmoid of, is a - y."""
    fused = {("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")}
    return LOSSES[recipe.loss.name].inner is not None or (name_of(recipe, last(recipe)), recipe.loss.name) in fused


def has_softmax(recipe: Recipe, l: int) -> bool:
    """Whether there is a softmax in layer l, or behind it inside the loss."""
    return name_of(recipe, l) == "softmax" or (l == last(recipe) and LOSSES[recipe.loss.name].inner == "softmax")


NOTHING_TO_LEAVE_OUT = marked("there is nothing to leave out where the activation is identity: its derivative is 1")
SLOPE = Need(met=has_slope, because=NOTHING_TO_LEAVE_OUT)
SLOPE_BEHIND = Need(met=lambda recipe, l: has_slope(recipe, l + 1), because=NOTHING_TO_LEAVE_OUT)
OWN_SLOPE = Need(
    met=lambda recipe, l: has_slope(recipe, l) and elementwise(recipe, l),
    because=marked("each unit needs a derivative of its own, which softmax has not and identity has no use for"),
)
MEAN = Need(
    met=lambda recipe, l: averages(recipe),
    because=marked("the loss must be a mean over samples, and an iteration must have more than one of them"),
)
RELU = Need(
    met=lambda recipe, l: name_of(recipe, l) in {"relu", "leaky_relu"},
    because=marked("only relu and leaky_relu have a mask"),
)
SOFTMAX = Need(met=has_softmax, because=marked("there must be a softmax, in the layer or inside the loss"))
SQUARE_BEHIND = Need(
    met=lambda recipe, l: recipe.layers[l] == recipe.layers[l + 1] > 1,
    because=marked("W can stand for W transposed only between two layers of the same size, and of more than one unit"),
)
BIASES = Need(
    met=lambda recipe, l: recipe.network.biases and recipe.parameters.train_biases,
    because=marked("there must be biases that are trained"),
)
