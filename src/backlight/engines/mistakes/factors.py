"""Mistakes that leave every direction right and only multiply the gradient: constants of the loss and the batch.

Right:   the gradient has the factors of the stated loss, 1/2, 1/K, 1/N, each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.engines.hand import Iteration
from backlight.engines.hand.losses import half_sum_squared_error
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import MEAN, all_samples, batch_size
from backlight.engines.mistakes.parameters import Numbers, Parameter, first_offered
from backlight.language import marked
from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe


@mistake(
    step="backward",
    instead=marked("the sum over the samples stands where their mean belongs: 1/N is missing in the gradient alone"),
    tempting=marked("the loss that is printed is averaged, and the product of matrices sums over samples by itself"),
    shows=marked("every gradient is N times as large; a smaller learning rate hides it, until N changes"),
    seen=marked("dennybritz, nn-from-scratch, issue 13"),
    need=MEAN,
    works_on="xor",
)
def batch_sum_for_mean(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    Iteration.backward(net)
    net.dL_dtheta[chosen] *= net.samples


@mistake(
    step="backward",
    instead=marked("the gradient is divided by the number of samples twice"),
    tempting=marked("the error is averaged at the output, and the product with the inputs is averaged again"),
    shows=marked("every gradient is 1/N of what it should be: the network learns too slowly"),
    seen=marked("Grokking Deep Learning, chapter 9"),
    need=MEAN,
    works_on="xor",
)
def batch_mean_twice(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    Iteration.backward(net)
    net.dL_dtheta[chosen] /= net.samples


def _other_sizes(recipe: Recipe) -> dict[str, int]:
    """Sizes at hand that are not the number of samples."""
    samples = batch_size(recipe)
    sizes = {
        "targets": samples * recipe.layers[-1],
        "units": recipe.layers[-1],
        "features": recipe.layers[0],
        "inputs": samples * recipe.layers[0],
        "all": all_samples(recipe),
    }
    return {name: size for name, size in sizes.items() if size != samples}


def _sizes(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Their names."""
    return {name: name for name in _other_sizes(recipe)}


def _different_sizes(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Of those that are equal numbers, the first; then the widths of hidden layers."""
    first = {size: name for name, size in reversed(_other_sizes(recipe).items())}
    widths = dict.fromkeys(units for units in recipe.layers[1:-1] if units not in {*first, batch_size(recipe)})
    return [*(name for name in _other_sizes(recipe) if name in first.values()), *map(str, widths)]


@mistake(
    step="backward",
    instead=marked("another size stands where the number of samples belongs, as Y.size, which counts every target"),
    tempting=marked("m is computed once, from another array, or from the other axis of the right one"),
    shows=marked("every gradient is off by the ratio of the two numbers"),
    seen=marked("a family of videos on MNIST"),
    need=Need(
        met=lambda recipe, l: recipe.loss.over_samples == "mean" and bool(_other_sizes(recipe)),
        because=marked("the loss must be a mean over samples, and some other size must differ from their number"),
    ),
    own={
        "size": Parameter(
            meaning=marked(
                "targets: all numbers in Y; units: one sample's targets; features: one sample's inputs; inputs: all "
                "numbers in X; all: every sample where there are batches"
            ),
            default=marked("the first of these that is another number"),
            offers=_sizes,
            numbers=Numbers(admits=lambda size: size > 0, words=marked("any number above 0")),
            stands_for=first_offered,
            tries=_different_sizes,
        )
    },
)
def wrong_batch_size(net: Iteration, chosen: NDArray[np.bool_], size: str | float) -> None:
    Iteration.backward(net)
    inputs, outputs = net.a[0].shape[1], net.a[net.n].shape[1]
    sizes = {
        "targets": net.samples * outputs,
        "units": outputs,
        "features": inputs,
        "inputs": net.samples * inputs,
        "all": net.start.samples,
    }
    net.dL_dtheta[chosen] *= net.samples / (sizes[size] if isinstance(size, str) else size)


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("a constant of the forward pass, the 1/2 or the 1/K of the loss, is left out of the backward pass"),
    tempting=marked("a constant seems not to matter, and the derivative is taken of what stands behind it"),
    shows=marked("every gradient is too large, by 2 or by the number of outputs"),
    seen=marked("sets of exercises"),
    need=Need(
        met=lambda recipe, l: (
            recipe.loss.name == "half_sum_squared_error"
            or (LOSSES[recipe.loss.name].over_outputs == "mean" and recipe.layers[-1] > 1)
        ),
        because=marked("the loss must have a constant: 1/2, or the 1/K of a mean over several outputs"),
    ),
)
def missing_forward_constant(net: Iteration, l: int) -> None:
    Iteration.output_delta(net)
    constant = 1 / 2 if net.loss_function.value is half_sum_squared_error else 1 / net.a[l].shape[1]
    net.dL_da[l] /= constant
    net.dL_dz[l] /= constant


def _factors(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Factors that a person forgets or adds: 2, and the numbers of samples, outputs and inputs."""
    rate = float(recipe.training.learning_rate)
    sizes = [2, batch_size(recipe), recipe.layers[-1], batch_size(recipe) * recipe.layers[-1], 4, rate]
    factors = [factor for size in sizes if size for factor in (size, 1 / size)]
    return [repr(float(factor)) for factor in dict.fromkeys([*factors, -1.0]) if factor != 1]


@mistake(
    step="backward",
    instead=marked(
        "the gradient times a constant stands where the gradient belongs: a 1/2, 2 or N missing or too much"
    ),
    tempting=marked("constants are said to go into the learning rate, and differ from book to book"),
    shows=marked("the ratio to the right gradient is the same for every parameter; the direction is exact"),
    seen=marked("Data Science from Scratch, second edition; Make Your Own Neural Network"),
    own={
        "factor": Parameter(
            meaning=marked("the constant the gradient is multiplied with"),
            default="2",
            numbers=Numbers(admits=lambda factor: factor != 1, words=marked("any finite number but 1")),
            tries=_factors,
        )
    },
)
def constant_factor(net: Iteration, chosen: NDArray[np.bool_], factor: float) -> None:
    Iteration.backward(net)
    net.dL_dtheta[chosen] *= factor
