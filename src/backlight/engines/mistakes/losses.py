"""Mistakes in the gradient of the loss itself: where the way back begins.

Right:   dL_da[n] is the derivative of the loss as it is stated, at the outputs and targets of each sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.hand.activations import activation, softmax
from backlight.engines.hand.losses import Pair as Loss
from backlight.engines.hand.losses import loss
from backlight.engines.mistakes.errors import output_delta_of
from backlight.engines.mistakes.mistake import FUNCTIONS, Mistake, Need, mistake
from backlight.engines.mistakes.needs import batch_size, has_error_as_delta, last, name_of
from backlight.engines.mistakes.parameters import Parameter, first_offered
from backlight.language import marked
from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

SQUARED = {"half_sum_squared_error", "mean_squared_error"}
BINARY = ("binary_cross_entropy", "sigmoid_binary_cross_entropy")


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("y - a stands where a - y belongs, so that every update climbs"),
    tempting=marked("both signs are in use: y - a with +=, a - y with -=, and a program mixes the two"),
    shows=marked("the loss rises"),
)
def sign_error(net: Iteration, l: int) -> None:
    Iteration.output_delta(net)
    net.dL_da[l] *= -1
    net.through_activation(l)


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("the output itself stands where the error belongs: the target is never subtracted"),
    tempting=marked("the delta is written as output times derivative, and the target is only used in the loss"),
    shows=marked("all outputs are driven towards 0, whatever the targets are"),
    need=Need(
        met=lambda recipe, l: recipe.loss.name != "cross_entropy" or has_error_as_delta(recipe),
        because=marked(
            "the gradient must have an error a - y in it, and that of cross_entropy has one only of softmax"
        ),
    ),
)
def missing_target(net: Iteration, l: int) -> None:
    output_delta_of(net, net.loss_function, net.a[l], np.zeros_like(net.y), net.p)
    if net.loss_function.inner is softmax:  # p sum(y) - y without the target is p, though the sum is gone as well
        net.dL_da[l][:] = net.p * net.share
        net.through_activation(l)


@mistake(
    step="through_activation",
    layers="output",
    instead=marked("(a - y) a (1 - a) stands where a - y is the whole delta, as it is with a cross-entropy"),
    tempting=marked("the derivative that a squared error needs is put in, as a repair or by habit"),
    shows=marked("the gradient is small where an output is sure, right or wrong"),
    seen=marked("repairs of programs that were right"),
    need=Need(
        met=lambda recipe, l: has_error_as_delta(recipe),
        because=marked("the loss must be a cross-entropy of a sigmoid or a softmax, whose derivative cancels"),
    ),
    works_on="xor",
)
def extra_activation_derivative(net: Iteration, l: int) -> None:
    net.f[l].backward(net.z[l], net.a[l], net.dL_da[l], net.dL_dz[l])
    net.dL_dz[l] *= net.p * (1 - net.p)  # p is a, unless the softmax or sigmoid is inside the loss


def _other_losses(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Losses with another gradient that the outputs can be put into, the likeliest first."""
    outputs, own = name_of(recipe, last(recipe)), recipe.loss.name
    likely = ["half_sum_squared_error", "mean_squared_error"]
    if outputs in {"sigmoid", "softmax"}:
        likely = [*BINARY[:1], "cross_entropy", *likely] if outputs == "sigmoid" else ["cross_entropy", *likely]
    likely += [name for name in LOSSES if not LOSSES[name].wants_probabilities]
    equal = {own} | (SQUARED if own in SQUARED and _are_one(recipe) else set())
    return {name: name for name in dict.fromkeys(likely) if name not in equal}


def _are_one(recipe: Recipe) -> bool:
    """Whether half the sum and the mean of two squared errors are the same."""
    return recipe.layers[-1] == 2  # noqa: PLR2004  2/K = 1


def _losses_tried(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Those with different gradients."""
    again = {"mean_squared_error"} if _are_one(recipe) else set()
    return [name for name in _other_losses(recipe, layers, read) if name not in again]


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("the exact gradient of another loss stands where that of the stated loss belongs"),
    tempting=marked("the loss that is printed and the gradient that is used are copied from two places"),
    shows=marked("a gradient check against the other loss passes: the network learns well, but not what is printed"),
    seen=marked("many programs that print a mean squared error"),
    own={
        "of": Parameter(
            meaning=marked("the loss, with its default options, whose gradient is taken"),
            default=marked("binary_cross_entropy of sigmoids, cross_entropy of softmax, else half_sum_squared_error"),
            offers=_other_losses,
            stands_for=first_offered,
            tries=_losses_tried,
        )
    },
)
def gradient_of_another_loss(net: Iteration, l: int, of: str) -> None:
    other = loss(of, {name: option.default for name, option in LOSSES[of].options.items()})
    p = net.a[l]
    if other.inner:
        p = np.empty_like(p)
        other.inner(net.a[l], p)
    output_delta_of(net, other, net.a[l], net.y, p)


def _activated_again(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What is applied once too often: the softmax or the sigmoid of the loss, or one in front of it."""
    if recipe.loss.name in {"softmax_cross_entropy", "cross_entropy"}:
        names = ["softmax"] if recipe.loss.name == "cross_entropy" else ["softmax", "sigmoid"]
    else:
        names = ["sigmoid"]
    return {name: name for name in names}


def _logits_or_probabilities(recipe: Recipe, l: int) -> bool:
    """Whether the loss is an entropy of what it is made for."""
    record = LOSSES[recipe.loss.name]
    return record.wants_probabilities or (record.inner is not None and name_of(recipe, l) == "identity")


@mistake(
    step=FUNCTIONS,
    layers="output",
    instead=marked("the softmax or sigmoid of what is one already stands inside the loss: it is applied twice"),
    tempting=marked("the framework's loss takes logits and says so only in its manual"),
    shows=marked("the loss has a floor that it cannot pass, and learning is slow; the gradients fit the forward pass"),
    seen=marked("tflearn, issue 562, and many others"),
    need=Need(
        met=_logits_or_probabilities,
        because=marked("the loss must be a cross-entropy, of probabilities, or of the last z where it is taken inside"),
    ),
    works_on="xor",
    own={
        "of": Parameter(
            meaning=marked("what is applied once too often"),
            default=marked("that of the loss"),
            offers=_activated_again,
            stands_for=first_offered,
        )
    },
)
def loss_applied_to_activated_output(net: Iteration, l: int, of: str) -> None:
    if net.loss_function.inner:  # the last layer was identity
        net.f[l] = activation(of, {})
        return
    inside = loss("softmax_cross_entropy" if of == "softmax" else "sigmoid_binary_cross_entropy", {})

    def backward(a: Array, y: Array, p: Array, out: Array) -> None:
        again = np.empty_like(a)
        activation(of, {}).forward(a, again)
        inside.backward(a, y, again, out)

    net.loss_function = Loss(inside.value, backward)


def _divided(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """How often a program divides the table by N: as the mean of a table does, or as a right program does."""
    words = ("twice", "once") if recipe.loss.over_samples == "mean" else ("never", "once")
    return {word: word for word in words}


@mistake(
    step=FUNCTIONS,
    layers="output",
    instead=marked("every sample's output is compared with every sample's target: (N,) with (N,1) gives (N,N)"),
    tempting=marked("a column minus a flat array is no error, it is broadcast to a table of all differences"),
    shows=marked("the loss does not go to 0, and the outputs learn the mean of all targets"),
    need=Need(
        met=lambda recipe, l: recipe.layers[-1] == 1 and batch_size(recipe) > 1,
        because=marked("there must be one output, and several samples in an iteration"),
    ),
    works_on="xor",
    own={
        "divided": Parameter(
            meaning=marked("by how many of the two N of the table it is divided: a mean over all of it divides twice"),
            default=marked("twice where the loss is a mean over the samples, else never"),
            offers=_divided,
            stands_for=first_offered,
        )
    },
)
def broadcast_error(net: Iteration, l: int, divided: str) -> None:
    right = net.loss_function
    again = divided == ("twice" if net.over_samples == "mean" else "once")

    def pairings(y: Array) -> list[Array]:
        return [np.roll(y, shift, axis=0) for shift in range(len(y))]

    def value(a: Array, y: Array, p: Array) -> np.floating[Any]:
        table = sum(right.value(a, one, p) for one in pairings(y))
        return np.float64(table / (len(y) if again else 1))

    def backward(a: Array, y: Array, p: Array, out: Array) -> None:
        total = np.zeros_like(out)
        for one in pairings(y):
            right.backward(a, one, p, out)
            total += out
        out[:] = total / (len(y) if again else 1)

    net.loss_function = Loss(value, backward, right.inner)


IMPROPER_TARGET = Mistake(
    slug="improper-target",
    instead=marked("a target that is no distribution stands where cross-entropy wants one"),
    tempting=marked("cross-entropy is said to be the better loss, and is given the targets of a squared error"),
    shows=marked("the loss falls below zero; with identity outputs it has no lower bound"),
    seen=marked("the exercise of the course"),
    check_only=marked("it is in the data, not in a step of the iteration: a recipe with such targets shows it"),
    works_on="course-cross-entropy",
)
