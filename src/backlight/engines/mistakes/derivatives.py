"""Mistakes in the derivative of an activation.

Right:   dL_dz[l] = dL_da[l] * f'(z[l]),   with f' of the layer's own f.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand.activations import Pair, activation, softmax_backward
from backlight.engines.hand.losses import loss
from backlight.engines.mistakes.mistake import FUNCTIONS, Need, mistake
from backlight.engines.mistakes.needs import RELU, SOFTMAX, batch_size, has_softmax, name_of
from backlight.engines.mistakes.parameters import Parameter, words
from backlight.language import marked
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.engines.hand import Iteration
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

ANOTHER = marked("sigmoid, or tanh where the activation is sigmoid")
WRITTEN_IN_A = ("sigmoid", "tanh")
"""The functions whose derivative everybody writes in terms of a: a (1 - a) and 1 - a^2."""


@mistake(
    step="through_activation",
    instead=marked("the derivative at a = f(z) stands where the derivative at z belongs: f is applied twice"),
    tempting=marked("the function for the derivative applies f itself, and is given what was activated already"),
    shows=marked("with sigmoids every derivative lies between .19 and .25: too large for units that are sure"),
    seen=marked("a video series' notebook; skynet, issue 1"),
    need=Need(
        met=lambda recipe, l: name_of(recipe, l) not in {"identity", "relu", "leaky_relu"},
        because=marked("the slope of identity, relu and leaky_relu asks for the sign of z alone, and a has the same"),
    ),
)
def activation_applied_twice_in_derivative(net: Iteration, l: int) -> None:
    again = np.empty_like(net.a[l])
    net.f[l].forward(net.a[l], again)
    net.f[l].backward(net.a[l], again, net.dL_da[l], net.dL_dz[l])  # right is backward(z[l], a[l], ...)


@mistake(
    step="through_activation",
    instead=marked("the formula in a stands with z in it: z (1 - z) or 1 - z^2"),
    tempting=marked("the formula x (1 - x) is right for the activated value, and x is a name for anything"),
    shows=marked("the derivative can be negative, which that of sigmoid and tanh never is"),
    seen=marked("Sudo-Productivity, issue 3"),
    need=Need(
        met=lambda recipe, l: name_of(recipe, l) in WRITTEN_IN_A,
        because=marked("only the derivatives of sigmoid and tanh are written in terms of a"),
    ),
)
def derivative_form_of_pre_activation(net: Iteration, l: int) -> None:
    net.f[l].backward(net.z[l], net.z[l], net.dL_da[l], net.dL_dz[l])


def _others(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Activations with a derivative that is wrong in one of the layers at least."""
    own = {name_of(recipe, l) for l in layers}
    names = [name for name, record in ACTIVATIONS.items() if record.elementwise and own != {name}]
    return {name: name for name in (*names, "1-a")}


def _likely(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Those a person takes; the derivative of identity is none at all, which is another mistake."""
    own = {name_of(recipe, l) for l in layers}
    by_default = "tanh" if own == {"sigmoid"} else "sigmoid" if "sigmoid" not in own else ""
    others = _others(recipe, layers, read)
    likely = dict.fromkeys(("sigmoid", "tanh", "relu", "1-a", *others))
    wrong_in = {name: sum(name_of(recipe, l) != name for l in layers) for name in likely}
    several = min(len(layers), 2)  # what is wrong in one of several layers is tried in that layer
    return [
        name for name in likely if name in others and wrong_in[name] >= several and name not in {"identity", by_default}
    ]


@mistake(
    step="through_activation",
    instead=marked("the derivative of another activation, such as a (1 - a), stands where the layer's own belongs"),
    tempting=marked("the activation was exchanged in the forward pass, and the backward pass was left as it was"),
    shows=marked("every layer with that activation is wrong, and those in front of it"),
    seen=marked("Neural-Network-p5, issue 22"),
    own={
        "of": Parameter(
            meaning=marked("the activation, with its default options, whose derivative is taken; 1-a is what it says"),
            default=ANOTHER,
            offers=_others,
            tries=_likely,
        ),
        "at": Parameter(
            meaning=marked(
                "a: a formula in a, as a (1 - a), is taken at the layer's own a; z: the function is applied to z for it"
            ),
            default="a",
            offers=words("a", "z"),
            tries=lambda recipe, layers, read: ["a", "z"][: 2 if read.get("of") in (None, *WRITTEN_IN_A) else 1],
        ),
    },
)
def wrong_activation_derivative(net: Iteration, l: int, of: str | None, at: str) -> None:
    if of is None:
        of = "tanh" if net.f[l] == activation("sigmoid", {}) else "sigmoid"
    if of == "1-a":
        np.multiply(net.dL_da[l], 1 - net.a[l], net.dL_dz[l])
        return
    f = activation(of, {name: option.default for name, option in ACTIVATIONS[of].options.items()})
    a = net.a[l]
    if at == "z" or of not in WRITTEN_IN_A:
        a = np.empty_like(a)
        f.forward(net.z[l], a)
    f.backward(net.z[l], a, net.dL_da[l], net.dL_dz[l])


@mistake(
    step="through_activation",
    instead=marked("1 stands where the slope for z below 0 belongs: the mask is left out, or true everywhere"),
    tempting=marked("output >= 0 looks like the mask, but relu's output is never below 0"),
    shows=marked("exact until a unit is off for some sample; then weights of units that are off still move"),
    seen=marked("Grokking Deep Learning, chapter 8"),
    need=RELU,
    works_on="course-relu",
)
def missing_relu_mask(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = net.dL_da[l]


@mistake(
    step="through_activation",
    instead=marked("the mask's other side stands where the mask belongs: slope 1 where z is below 0"),
    tempting=marked("a condition is turned round while it is rewritten, as where(z > 0, 0, d)"),
    shows=marked("units that are on never learn; only those that are off do"),
    seen=marked("dnns-from-scratch-in-zig, issue 5"),
    need=RELU,
    works_on="course-relu",
)
def inverted_relu_mask(net: Iteration, l: int) -> None:
    net.f[l].backward(-net.z[l], -net.z[l], net.dL_da[l], net.dL_dz[l])  # relu's slope asks for z alone


@mistake(
    step="through_activation",
    instead=marked("s (1 - s) of each unit alone stands where the whole matrix of softmax's derivatives belongs"),
    tempting=marked("it is right for sigmoid, and it is the diagonal of softmax's matrix"),
    shows=marked("the other units' part is missing: the deltas of a sample no longer sum to 0"),
    seen=marked("libnd4j, issue 440; RubixML, issue 438"),
    need=SOFTMAX,
    works_on="course-cross-entropy",
)
def diagonal_softmax_derivative(net: Iteration, l: int) -> None:
    if net.f[l].backward is not softmax_backward:  # then it is inside the loss: dL/dp = -y / p, times p (1 - p)
        net.dL_da[l][:] = -net.y * (1 - net.p) * net.share
        net.f[l].backward(net.z[l], net.a[l], net.dL_da[l], net.dL_dz[l])
    else:
        net.dL_dz[l][:] = net.dL_da[l] * net.a[l] * (1 - net.a[l])


@mistake(
    step=FUNCTIONS,
    instead=marked("a softmax over the samples, or over the whole batch, stands where one over the units belongs"),
    tempting=marked("axis 0 for axis 1, or no axis at all: for one sample without a batch it was right"),
    shows=marked("the outputs of a sample do not sum to 1: the forward pass is wrong before any gradient"),
    seen=marked("sets of exercises"),
    need=Need(
        met=lambda recipe, l: has_softmax(recipe, l) and batch_size(recipe) > 1,
        because=marked("there must be a softmax, and several samples in an iteration"),
    ),
    works_on="course-cross-entropy --set 'data.inputs=[[0.5, 0.3], [0.1, 0.9]]' --set 'data.targets=[[1, 0], [0, 1]]'",
    own={
        "over": Parameter(
            meaning=marked("what is normalised: each unit over the samples, or everything in the batch"),
            default="samples",
            offers=words("samples", "batch"),
        )
    },
)
def softmax_over_wrong_axis(net: Iteration, l: int, over: str) -> None:
    axis = 0 if over == "samples" else None

    def forward(z: Array, out: Array) -> None:
        np.exp(z - z.max(axis=axis, keepdims=True), out)
        out /= out.sum(axis=axis, keepdims=True)

    def value(a: Array, y: Array, p: Array) -> np.floating[Any]:
        return loss("cross_entropy", {}).value(p, y, p)

    if net.f[l].backward is softmax_backward:
        net.f[l] = Pair(forward, softmax_backward)
    else:
        net.loss_function = net.loss_function._replace(value=value, inner=forward)
