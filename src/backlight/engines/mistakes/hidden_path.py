"""Mistakes on the way back to a hidden layer.

Right, for a hidden layer l:   dL_da[l] = dL_dz[l+1] W[l+1]^T,   dL_dz[l] = dL_da[l] * f'(z[l]).
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.parameters import Parameter, units_behind, units_of
from backlight.language import marked
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe


def _has_slope(recipe: Recipe, l: int) -> bool:
    """Whether layer l has a derivative that can be left out: that of identity is 1."""
    return recipe.activations[l - 1].name != "identity"


def _has_slopes_of_units(recipe: Recipe, l: int) -> bool:
    """Whether each unit of layer l has a derivative of its own: with softmax it depends on the others."""
    return ACTIVATIONS[recipe.activations[l - 1].name].elementwise


NOTHING_TO_LEAVE_OUT = marked("there is nothing to leave out where the activation is identity: its derivative is 1")
SLOPE = Need(met=_has_slope, because=NOTHING_TO_LEAVE_OUT)
SLOPE_BEHIND = Need(met=lambda recipe, l: _has_slope(recipe, l + 1), because=NOTHING_TO_LEAVE_OUT)
SLOPES_OF_UNITS = Need(
    met=lambda recipe, l: (
        (_has_slope(recipe, l) or _has_slope(recipe, l + 1))
        and _has_slopes_of_units(recipe, l)
        and _has_slopes_of_units(recipe, l + 1)
    ),
    because=marked(
        "each unit needs a derivative of its own, which softmax has not, and not all are 1, as with identity"
    ),
)
PATH = Parameter(
    meaning=marked("the unit of the next layer through which that path goes, the first is 0"),
    default="0",
    read=int,
    offers=units_behind,
)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked(
        "the sum of the outgoing weights' gradients stands where the sum of delta times weight belongs; "
        "in a batch this one sum serves every sample"
    ),
)
def sum_of_weight_gradients(net: Iteration, l: int) -> None:
    # right is the sum over j of dL_dz[l+1]_j W[l+1]_ij, which another sample would have otherwise
    net.dL_da[l][:] = net.dL_dW[l + 1].sum(axis=1)
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked(
        "the derivative of a hidden unit stands where that of an output belongs, in the path through that output"
    ),
    need=SLOPES_OF_UNITS,
    own={
        "path": PATH,
        "of": Parameter(
            meaning=marked("the hidden unit whose derivative is taken, the first is 0"),
            default="0",
            read=int,
            offers=units_of,
        ),
    },
)
def derivative_of_wrong_unit(net: Iteration, l: int, path: int, of: int) -> None:
    slope = np.empty_like(net.a[l])
    net.f[l].backward(net.z[l], net.a[l], np.ones_like(slope), slope)
    # right is dL_da * o (1 - o); here h (1 - h) of one hidden unit is in its place, for all that go this path
    delta = net.dL_dz[l + 1].copy()
    delta[:, path] = net.dL_da[l + 1][:, path] * slope[:, of]
    np.dot(delta, net.W[l + 1].T, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked("the output's error without the output's derivative goes back to the hidden layer"),
    need=SLOPE_BEHIND,
)
def missing_output_derivative_on_hidden_path(net: Iteration, l: int) -> None:
    np.dot(net.dL_da[l + 1], net.W[l + 1].T, out=net.dL_da[l])  # right is dL_dz[l+1], and it is right elsewhere
    net.through_activation(l)


@mistake(
    step="through_activation",
    layers="output",
    instead=marked(
        "the output's error stands where error times derivative belongs; "
        "with a squared error and sigmoid this is the gradient of cross-entropy"
    ),
    need=SLOPE,
)
def missing_output_derivative(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = net.dL_da[l]


@mistake(
    step="through_activation",
    layers="hidden",
    instead=marked("what comes back to a hidden unit's output is taken for what its sum gets: no derivative between"),
    need=SLOPE,
)
def missing_hidden_derivative(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = net.dL_da[l]


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked("the path through one output stands where the sum over all outputs belongs; right if there is one"),
    own={"path": PATH},
)
def missing_path(net: Iteration, l: int, path: int) -> None:
    only = slice(path, path + 1)  # right is all of them
    np.dot(net.dL_dz[l + 1][:, only], net.W[l + 1][:, only].T, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked("the sum of the next layer's deltas stands where the sum of delta times weight belongs"),
)
def missing_weight_factor(net: Iteration, l: int) -> None:
    net.dL_da[l][:] = net.dL_dz[l + 1].sum(axis=1, keepdims=True)
    net.through_activation(l)


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked(
        "the next layer's weights, already updated with this batch's gradient, stand where the old ones belong"
    ),
)
def updated_weights_in_back_step(net: Iteration, l: int) -> None:
    theta, optimizer = net.theta.copy(), deepcopy(net.optimizer)
    optimizer(net.theta, net.dL_dtheta)  # the update comes too early,
    Iteration.hidden_delta(net, l)  # the way back meets the new weights,
    net.theta[:] = theta  # and the update itself is left to be made, once, in its time
