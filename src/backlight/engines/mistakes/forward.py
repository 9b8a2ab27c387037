"""Mistakes in the forward pass: the network is not the one that was asked for.

Right:   z[l] = a[l-1] W[l] + b[l],  a[l] = f(z[l]).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import has_slope, name_of
from backlight.engines.mistakes.parameters import LAYERS, Parameter, first_offered
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlight.engines.hand import Iteration
    from backlight.recipes.recipe import Recipe

THE_SAME_WHEN_REPEATED = {"identity", "relu"}


def _ways(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What can be wrong in some of these layers, or in the one that is asked for."""
    among = [read["layer"]] if read.get("layer") else layers
    possible = {
        "not_activated": any(has_slope(recipe, l) for l in among),
        "activated_twice": any(name_of(recipe, l) not in THE_SAME_WHEN_REPEATED for l in among),
        "without_bias": recipe.network.biases,
        "transposed": any(recipe.layers[l - 1] == recipe.layers[l] > 1 for l in among),
    }
    return {word: word for word, is_so in possible.items() if is_so}


@mistake(
    step="forward",
    instead=marked("another forward pass stands where that of the network belongs"),
    tempting=marked(
        "a copied class keeps its own habits: no bias, an activation at the end, W in the other orientation"
    ),
    shows=marked("the outputs differ from the first iteration on, before any gradient"),
    need=Need(
        met=lambda recipe, l: bool(_ways(recipe, [l], {})),
        because=marked("there must be an activation, a bias or a square matrix to go wrong with"),
    ),
    own={
        "layer": LAYERS["every", "all"],
        "how": Parameter(
            meaning=marked("the activation left out or applied twice, the bias left out, W transposed"),
            default=marked(
                "the first of not_activated, activated_twice, without_bias, transposed that changes something"
            ),
            offers=_ways,
            stands_for=first_offered,
        ),
    },
)
def forward_mistake(net: Iteration, layer: int | None, how: str) -> None:
    for l in range(1, net.n + 1):
        wrong = how if layer in {None, l} else ""
        is_turned = wrong == "transposed" and net.W[l].shape[0] == net.W[l].shape[1]
        np.dot(net.a[l - 1], net.W[l].T if is_turned else net.W[l], out=net.z[l])
        if net.b and wrong != "without_bias":
            net.z[l] += net.b[l]
        if wrong == "not_activated":
            net.a[l][:] = net.z[l]
        else:
            net.f[l].forward(net.z[l], net.a[l])
        if wrong == "activated_twice":
            net.f[l].forward(net.a[l].copy(), net.a[l])
    if net.loss_function.inner:
        net.loss_function.inner(net.a[net.n], net.p)
