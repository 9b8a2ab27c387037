"""Mistakes of linear algebra: a transpose, an axis or a product that is not the one derived.

Right:   dL_da[l] = dL_dz[l+1] W[l+1]^T,   dL_dW[l] = a[l-1]^T dL_dz[l].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.engines.mistakes.mistake import Need, mistake
from backlight.language import marked

if TYPE_CHECKING:
    from backlight.engines.hand import Iteration


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked("W stands where W transposed belongs in the way back, where a square matrix lets it pass"),
    need=Need(
        met=lambda recipe, l: recipe.layers[l] == recipe.layers[l + 1] > 1,
        because=marked(
            "W can stand for W transposed only between two layers of the same size, and of more than one unit"
        ),
    ),
)
def transposed_weights(net: Iteration, l: int) -> None:
    np.dot(net.dL_dz[l + 1], net.W[l + 1], out=net.dL_da[l])
    net.through_activation(l)
