"""Mistakes in the gradients of the biases.

Right:   dL_db[l] = sum over the samples of dL_dz[l], one number for each unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import Mistake, Need, mistake
from backlight.engines.mistakes.needs import BIASES, batch_size
from backlight.engines.mistakes.parameters import Parameter
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlight.recipes.recipe import Recipe


def _sums(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """The sums that have the shape of a layer's biases."""
    as_many = all(recipe.layers[l] == batch_size(recipe) for l in layers)
    return {word: word for word in ("all", *(("units",) if as_many else ()))}


@mistake(
    step="bias_gradient",
    instead=marked(
        "the sum over the units, or over units and samples, stands where the sum over the samples belongs: np.sum "
        "without an axis, or along the wrong one"
    ),
    tempting=marked("without an axis the result is one number, and every bias takes it without complaint"),
    shows=marked(
        "all biases of a layer get the same gradient, or each that of a sample; those of a softmax never move"
    ),
    seen=marked("a family of videos on MNIST"),
    need=Need(
        met=lambda recipe, l: BIASES.met(recipe, l) and recipe.layers[l] > 1,
        because=marked("there must be biases that are trained, and several units in the layer"),
    ),
    works_on="xor",
    own={
        "over": Parameter(
            meaning=marked(
                "all: one sum over units and samples; units: a sum over the units alone, one for each sample, where "
                "there are as many samples as units"
            ),
            default="all",
            offers=_sums,
        )
    },
)
def bias_summed_over_units(net: Iteration, l: int, over: str) -> None:
    if over == "all":
        net.dL_db[l][:] = net.dL_dz[l].sum()
    elif net.samples == len(net.dL_db[l]):
        net.dL_dz[l].sum(axis=1, out=net.dL_db[l])
    else:  # a short last batch, for which there is no such sum
        Iteration.bias_gradient(net, l)


BIAS_NOT_SUMMED = Mistake(
    slug="bias-not-summed",
    instead=marked("the deltas of all samples stand where their sum belongs"),
    tempting=marked("for one sample there is nothing to sum: db = delta was right"),
    shows=marked("it crashes, or the bias is broadcast to a table with a row for each sample"),
    seen=marked("omaraflak's neural network from scratch"),
    check_only=marked("the bias gets a row for each sample, and such a parameter is not in the network"),
    works_on="xor --mistake bias-mean-for-sum",
)


@mistake(
    step="bias_gradient",
    instead=marked("the mean over the samples stands where the sum belongs that the weights' gradients have"),
    tempting=marked("the weights' mean is hidden in a product, the biases' is written as np.mean, and once is enough"),
    shows=marked("the ratio is 1/N, for the biases alone"),
    seen=marked("sets of exercises"),
    need=Need(
        met=lambda recipe, l: BIASES.met(recipe, l) and batch_size(recipe) > 1,
        because=marked("there must be biases that are trained, and several samples in an iteration"),
    ),
    works_on="xor",
)
def bias_mean_for_sum(net: Iteration, l: int) -> None:
    net.dL_dz[l].mean(axis=0, out=net.dL_db[l])


@mistake(
    step="bias_gradient",
    instead=marked("zero, or nothing at all, stands where the bias's gradient belongs"),
    tempting=marked("the weights learn, and the biases seem to be constants"),
    shows=marked("the bias never moves"),
    need=BIASES,
    works_on="xor",
)
def missing_bias_gradient(net: Iteration, l: int) -> None:
    net.dL_db[l][:] = 0
