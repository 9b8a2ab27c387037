"""Mistakes in the gradients of the biases.

Right:   dL_db[l] = sum over the samples of dL_dz[l], one number for each unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.engines.mistakes.mistake import Mistake, Need, mistake
from backlight.engines.mistakes.needs import BIASES, batch_size
from backlight.language import marked

if TYPE_CHECKING:
    from backlight.engines.hand import Iteration


@mistake(
    step="bias_gradient",
    instead=marked("the sum over the units too stands where the sum over the samples belongs: np.sum without an axis"),
    tempting=marked("without an axis the result is one number, and every bias takes it without complaint"),
    shows=marked("all biases of a layer get the same gradient; those of a softmax never move"),
    seen=marked("a family of videos on MNIST"),
    need=Need(
        met=lambda recipe, l: BIASES.met(recipe, l) and recipe.layers[l] > 1,
        because=marked("there must be biases that are trained, and several units in the layer"),
    ),
    works_on="xor",
)
def bias_summed_over_units(net: Iteration, l: int) -> None:
    net.dL_db[l][:] = net.dL_dz[l].sum()


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
