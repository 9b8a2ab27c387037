"""Mistakes in the other factors of a delta: an error or a derivative that is missing, or is that of something else.

Right:   dL_dz[n] = dL_da[n] * f'(z[n]),   and for a hidden layer   dL_dz[l] = (dL_dz[l+1] W[l+1]^T) * f'(z[l]).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand.activations import activation
from backlight.engines.mistakes.errors import output_delta_of, rightly_but_for
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import OWN_SLOPE, SLOPE, SLOPE_BEHIND, batch_size, elementwise, has_slope
from backlight.engines.mistakes.parameters import Numbers, Parameter, first_offered, some, units_behind
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.engines.hand import Iteration
    from backlight.recipes.recipe import Recipe


def _single_paths(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """One path of several; where the next layer is a softmax, no unit has a derivative of its own."""
    paths = units_behind(recipe, layers, read)
    return some(paths) if len(paths) > 1 and all(elementwise(recipe, l + 1) for l in layers) else []


@mistake(
    step="hidden_delta",
    layers="hidden",
    usually="last",
    instead=marked("the output's error without the output's derivative goes back to the hidden layer"),
    tempting=marked("the error o - y is said to be propagated back, and its derivative is only used for the weights"),
    shows=marked(
        "the last layer is exact; the first is too large by about 1/f', 4 for sigmoids, in about its direction"
    ),
    seen=marked("Make Your Own Neural Network; another student of the course"),
    need=SLOPE_BEHIND,
    own={
        "path": Parameter(
            meaning=marked("the unit of the next layer through which the path without it goes, the first is 0"),
            default=marked("every path"),
            offers=units_behind,
            tries=_single_paths,
        )
    },
)
def missing_output_derivative_on_hidden_path(net: Iteration, l: int, path: int | None) -> None:
    delta = net.dL_dz[l + 1].copy()  # it is right elsewhere
    paths = slice(None) if path is None else path
    delta[:, paths] = net.dL_da[l + 1][:, paths]
    np.dot(delta, net.W[l + 1].T, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="through_activation",
    layers="output",
    instead=marked(
        "the output's error stands where error times derivative belongs; "
        "with a squared error and sigmoid this is the gradient of cross-entropy"
    ),
    tempting=marked("o - y is what books show as the delta, for cross-entropy"),
    shows=marked("every gradient is that of another loss, so that the network learns, but not what is stated"),
    seen=marked("several scripts that learn XOR"),
    need=SLOPE,
)
def missing_output_derivative(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = net.dL_da[l]


@mistake(
    step="backward",
    layers="output",
    instead=marked("the output's error without its derivative stands in the last layer's own gradients alone"),
    tempting=marked("the error is at hand when the last weights are updated, the delta is computed for the way back"),
    shows=marked("only the last layer is wrong"),
    seen=marked("XOR with backpropagation, a thread in a forum"),
    need=Need(
        met=lambda recipe, l: l > 1 and has_slope(recipe, l),
        because=marked("there must be a hidden layer that stays right, and a derivative of the output to leave out"),
    ),
)
def missing_output_derivative_in_own_gradient(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    def wrongly() -> None:
        n = net.n
        np.dot(net.a[n - 1].T, net.dL_da[n], out=net.dL_dW[n])  # right is dL_dz[n]
        if net.b:
            net.dL_da[n].sum(axis=0, out=net.dL_db[n])

    rightly_but_for(net, chosen, wrongly)


@mistake(
    step="through_activation",
    layers="hidden",
    instead=marked("what comes back to a hidden unit's output is taken for what its sum gets: no derivative between"),
    tempting=marked("the derivative was multiplied in at the output, and seems to be done with"),
    shows=marked("the hidden layers' gradients are too large, by 1/f': 4 and more for sigmoids"),
    seen=marked("asked about in makeyourownneuralnetwork, issue 88"),
    need=SLOPE,
)
def missing_hidden_derivative(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = net.dL_da[l]


def _twins(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, int]:
    """Other layers of the same width as all of these, or of one unit; the next one first, the inputs last."""
    others = sorted(range(1, len(recipe.layers)), key=lambda m: [(m - l <= 0, abs(m - l)) for l in layers])
    fitting = [m for m in others if all(m != l and recipe.layers[m] in {recipe.layers[l], 1} for l in layers)]
    inputs = all(recipe.layers[0] == recipe.layers[l] and l + 1 < len(recipe.layers) for l in layers)
    return {str(m): m for m in (*fitting, *([0] if inputs else []))}


def _formulas(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Whose derivative is taken; it makes a difference where the functions differ."""
    among = [read["of"]] if read.get("of") is not None else list(_twins(recipe, layers, read).values())
    pairs = [(recipe.activations[l - 1], recipe.activations[m - 1], m) for l in layers for m in among if m]
    offered = ["own"]
    of_inputs = 0 in among and any(recipe.activations[l - 1].name in {"sigmoid", "tanh"} for l in layers)
    if of_inputs or any(own != other and own.name in {"sigmoid", "tanh"} for own, other, _ in pairs):
        offered.append("own_of_output")
    if any(own != other and elementwise(recipe, m) for own, other, m in pairs):
        offered.append("theirs")
    return {word: word for word in offered}


@mistake(
    step="through_activation",
    usually="hidden",
    instead=marked("the derivative at another layer's z stands where that at the layer's own belongs"),
    tempting=marked("arrays are numbered, and no shape objects where both layers have the same width"),
    shows=marked(
        "silent where both layers have the same width, or the other one a single unit; with relu the mask of the "
        "wrong units is used"
    ),
    seen=marked("copies of a script that learns MNIST from scratch"),
    need=Need(
        met=lambda recipe, l: has_slope(recipe, l) and elementwise(recipe, l) and bool(_twins(recipe, [l], {})),
        because=marked(
            "there must be another layer of the same width or of one unit, and a derivative that depends on z"
        ),
    ),
    own={
        "of": Parameter(
            meaning=marked("the layer whose z is taken; 0: the inputs stand for it"),
            default=marked("the next layer of the same width, or of one unit"),
            offers=_twins,
            stands_for=first_offered,
        ),
        "formula": Parameter(
            meaning=marked(
                "own: f'(z) of the layer's own function; own_of_output: its formula in a, at what the other layer "
                "gives; theirs: the derivative of the other layer's function"
            ),
            default="own",
            offers=_formulas,
        ),
    },
)
def derivative_of_wrong_layer(net: Iteration, l: int, of: int | None, formula: str) -> None:
    width, nearby = net.a[l].shape[1], [m for m in (l + 1, l - 1, *range(1, net.n + 1)) if 1 <= m <= net.n and m != l]
    m = next((m for m in nearby if net.a[m].shape[1] in {width, 1}), 0) if of is None else of
    z, a = (np.broadcast_to(array[m], net.a[l].shape).copy() for array in (net.z if m else net.a, net.a))  # or one unit
    if formula == "own":
        net.f[l].forward(z, a)
    f = net.f[m] if formula == "theirs" else net.f[l]
    f.backward(z, a, net.dL_da[l], net.dL_dz[l])


def _forms(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Where the derivative has a formula in a, the function itself may be applied before it or not."""
    forms = ("alone", "product", *(("activated",) if _written_in_a(recipe, layers) else ()))
    return {form: form for form in forms}


def _carried(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """The factors that programs carry along on the way back, and divide out in the update."""
    names = _written_in_a(recipe, layers)
    samples = batch_size(recipe) if recipe.loss.over_samples == "mean" else 1
    units = recipe.layers[-1] / 2 if recipe.loss.name == "mean_squared_error" else 1
    even = read["form"] == "activated" or (read["form"] == "product" and names == {"tanh"})
    signs = (1,) if even else (1, -1)
    factors = [sign * many * size for many in (1, samples) for size in (1, units) for sign in signs]
    return [f"{factor:g}" for factor in dict.fromkeys(factors)] if names else []


def _written_in_a(recipe: Recipe, layers: Sequence[int]) -> set[str]:
    """The functions of some layers, if the derivatives of all are written in terms of a."""
    names = {recipe.activations[l - 1].name for l in layers}
    return names if names <= {"sigmoid", "tanh"} else set()


@mistake(
    step="through_activation",
    usually="hidden",
    instead=marked("the derivative's formula is applied to the gradient that comes back, as in dh (1 - dh)"),
    tempting=marked("a function called sigmoid_derivative is given the nearest value with the right name"),
    shows=marked("the hidden layers' deltas depend on nothing but what comes back to them"),
    seen=marked("a set of exercises to a textbook"),
    need=OWN_SLOPE,
    own={
        "form": Parameter(
            meaning=marked(
                "alone: it is the whole delta; product: what comes back is still multiplied with it; activated: this "
                "too, and the function is applied to what comes back before its formula in a is"
            ),
            default="alone",
            offers=_forms,
        ),
        "times": Parameter(
            meaning=marked("by how much what comes back is larger in the program: -1 for target - output"),
            default="1",
            numbers=Numbers(admits=lambda value: value != 0, words=marked("a number that is not 0")),
            tries=_carried,
        ),
    },
)
def derivative_of_gradient(net: Iteration, l: int, form: str, times: float) -> None:
    back, f = net.dL_da[l] * times, net.f[l]
    a = back
    if form == "activated" or f not in {activation("sigmoid", {}), activation("tanh", {})}:  # two have a formula in a
        a = np.empty_like(back)
        f.forward(back, a)
    f.backward(back, a, np.ones_like(back) if form == "alone" else back, net.dL_dz[l])
    net.dL_dz[l] /= times


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("the error of z, before the activation, stands where that of the output belongs"),
    tempting=marked("z and o are both at hand, and only one of them is what the network says"),
    shows=marked("the loss is that of the outputs, but its gradient pulls at the sums"),
    seen=marked("copies of a class in a book"),
    need=Need(met=SLOPE.met, because=marked("z and the output are the same where the activation is identity")),
)
def error_from_pre_activation(net: Iteration, l: int) -> None:
    z = net.z[l].copy()
    p = z
    if net.loss_function.inner:
        p = np.empty_like(z)
        net.loss_function.inner(z, p)
    output_delta_of(net, net.loss_function, z, net.y, p)
