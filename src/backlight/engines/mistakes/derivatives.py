"""Mistakes in the derivative of an activation.

Right:   dL_dz[l] = dL_da[l] * f'(z[l]),   with f' of the layer's own f.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backlight.engines.hand.activations import activation
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.parameters import Parameter
from backlight.language import marked
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from backlight.engines.hand import Iteration
    from backlight.recipes.recipe import Recipe

ANOTHER = marked("sigmoid, or tanh where the activation is sigmoid")


@mistake(
    step="through_activation",
    instead=marked("the derivative at a = f(z) stands where the derivative at z belongs: f is applied twice"),
    need=Need(
        met=lambda recipe, l: recipe.activations[l - 1].name not in {"identity", "relu", "leaky_relu"},
        because=marked("the slope of identity, relu and leaky_relu asks for the sign of z alone, and a has the same"),
    ),
)
def activation_applied_twice_in_derivative(net: Iteration, l: int) -> None:
    again = np.empty_like(net.a[l])
    net.f[l].forward(net.a[l], again)
    net.f[l].backward(net.a[l], again, net.dL_da[l], net.dL_dz[l])  # right is backward(z[l], a[l], ...)


def _others(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Activations with a derivative that is wrong in one of the layers at least."""
    own = {recipe.activations[l - 1].name for l in layers}
    return [name for name, record in ACTIVATIONS.items() if record.elementwise and own != {name}]


@mistake(
    step="through_activation",
    instead=marked("the derivative of another activation, such as a (1 - a), stands where the layer's own belongs"),
    own={
        "of": Parameter(
            meaning=marked("the activation, with its default options, whose derivative is taken"),
            default=ANOTHER,
            offers=_others,
        )
    },
)
def wrong_activation_derivative(net: Iteration, l: int, of: str) -> None:
    if of == ANOTHER:
        of = "tanh" if net.f[l] == activation("sigmoid", {}) else "sigmoid"
    options = {name: option.default for name, option in ACTIVATIONS[of].options.items()}
    activation(of, options).backward(net.z[l], net.a[l], net.dL_da[l], net.dL_dz[l])
