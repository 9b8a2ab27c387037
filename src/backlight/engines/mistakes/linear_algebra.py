"""Mistakes of linear algebra: a transpose, an axis or a product that is not the one derived.

Right:   dL_da[l] = dL_dz[l+1] W[l+1]^T,   dL_dW[l] = a[l-1]^T dL_dz[l].

The way back has one sum over units, in dL_da: there alone can a product number by number stand in for it. It
has two over samples, in dL_dW, where the axes can be mixed up, and in dL_db (`biases`).
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import SQUARE_BEHIND, batch_size, has_slope
from backlight.engines.mistakes.parameters import (
    Parameter,
    first_offered,
    named_parameters,
    some,
    trained_arrays,
    tried_names,
)
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backlight.recipes.labels import Place
    from backlight.recipes.recipe import Recipe


@mistake(
    step="weight_gradient",
    instead=marked("delta transposed times input stands where input transposed times delta belongs"),
    tempting=marked("one of the two products has the right shape, and with a square matrix both have"),
    shows=marked("hidden by a square matrix: the gradient's rows and columns are exchanged"),
    seen=marked("sets of exercises"),
    need=Need(
        met=lambda recipe, l: recipe.layers[l - 1] == recipe.layers[l] > 1,
        because=marked("it passes only between two layers of the same size, and of more than one unit"),
    ),
)
def transposed_weight_gradient(net: Iteration, l: int) -> None:
    np.dot(net.dL_dz[l].T, net.a[l - 1], out=net.dL_dW[l])


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked("W stands where W transposed belongs in the way back, where a square matrix lets it pass"),
    tempting=marked("the way back is written like the way forward, and no shape objects"),
    shows=marked("only networks with two layers of the same size have it; all layers behind stay exact"),
    seen=marked("copies of classes for layers"),
    need=SQUARE_BEHIND,
)
def transposed_weights(net: Iteration, l: int) -> None:
    np.dot(net.dL_dz[l + 1], net.W[l + 1], out=net.dL_da[l])
    net.through_activation(l)


def _products(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """The products without a sum that the shapes allow."""
    square_batch = all(recipe.layers[l] == batch_size(recipe) for l in layers)
    return {word: word for word in ("diagonal", *(("transposed", "plain") if square_batch else ()))}


@mistake(
    step="hidden_delta",
    layers="hidden",
    instead=marked("a product number by number stands where delta times weight is to be summed over units"),
    tempting=marked("* and @ look alike, and * asks for nothing but equal sizes"),
    shows=marked("each hidden unit gets back only what one output sends"),
    seen=marked("sets of exercises"),
    need=Need(
        met=SQUARE_BEHIND.met,
        because=marked("it passes only between two layers of the same size, and of more than one unit"),
    ),
    own={
        "product": Parameter(
            meaning=marked(
                "diagonal: delta_i w_ii; transposed: delta * W^T, plain: delta * W, as tables, which asks for as many "
                "samples as units"
            ),
            default="diagonal",
            offers=_products,
        )
    },
)
def elementwise_for_matrix_product(net: Iteration, l: int, product: str) -> None:
    W, delta = net.W[l + 1], net.dL_dz[l + 1]
    factor = {"diagonal": np.diag(W), "transposed": W.T[: len(delta)], "plain": W[: len(delta)]}[product]
    np.multiply(delta, factor, out=net.dL_da[l])
    net.through_activation(l)


@mistake(
    step="weight_gradient",
    instead=marked("the sum runs over units in one factor and over samples in the other: a d for a^T d"),
    tempting=marked("the transpose is forgotten, and a batch of as many samples as units has a square table"),
    shows=marked("only where there are as many samples as units; with another batch it crashes"),
    seen=marked("sets of exercises"),
    need=Need(
        met=lambda recipe, l: recipe.layers[l - 1] == batch_size(recipe) > 1,
        because=marked("there must be as many samples in an iteration as units in front of the weights, and several"),
    ),
    works_on="course --set 'data.inputs=[[0.5, 0.3], [0.1, 0.9]]' --set 'data.targets=[[0.2, 0.7], [0.6, 0.1]]'",
)
def axis_mix_up(net: Iteration, l: int) -> None:
    if net.samples == net.a[l - 1].shape[1]:
        np.dot(net.a[l - 1], net.dL_dz[l], out=net.dL_dW[l])
    else:  # a short last batch, for which there is no such product
        Iteration.weight_gradient(net, l)


def _inputs(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What may stand where the input of all these layers belongs: other quantities of the same width."""
    each = [
        chain(
            [f"z{l - 1}"] if l > 1 and has_slope(recipe, l - 1) else [],
            [f"a{m}" if m else "x" for m in _same_width(recipe, l)],
        )
        for l in layers
    ]
    names = [list(names) for names in each] or [[]]
    shared = [name for name in names[0] if all(name in others for others in names)]
    units = min((recipe.layers[l - 1] for l in layers), default=0)
    return {name: name for name in (*shared, "own", *(f"unit{unit}" for unit in range(units) if units > 1))}


def _same_width(recipe: Recipe, l: int) -> list[int]:
    """Layers, 0 for the inputs, as wide as the one in front of layer l; its own first."""
    others = sorted((m for m in range(len(recipe.layers)) if m != l - 1), key=lambda m: abs(m - l))
    return [m for m in others if recipe.layers[m] == recipe.layers[l - 1]]


@mistake(
    step="weight_gradient",
    usually="last",
    instead=marked("z for a, the layer's own output, another layer's or another unit's stands for the layer's input"),
    tempting=marked("arrays are numbered, and the input of one layer is the output of another"),
    shows=marked("one layer's gradient is wrong, and all deltas are right"),
    seen=marked("a pull request to a video series' notebook"),
    own={
        "of": Parameter(
            meaning=marked(
                "what stands there: z1, a2, x; own: of each unit its own output; unit0: the first unit in front for all"
            ),
            default=marked("z of the layer in front, else the layer's own output"),
            offers=_inputs,
            stands_for=first_offered,
            tries=lambda recipe, layers, read: some(_inputs(recipe, layers, read)),
        )
    },
)
def wrong_input_factor(net: Iteration, l: int, of: str) -> None:
    if of == "own":
        net.dL_dW[l][:] = np.sum(net.a[l] * net.dL_dz[l], axis=0)
        return
    if of.startswith("unit"):
        one = net.a[l - 1][:, int(of[4:])]
        net.dL_dW[l][:] = np.dot(one, net.dL_dz[l])
        return
    taken = net.a[0] if of == "x" else (net.z if of[0] == "z" else net.a)[int(of[1:])]
    np.dot(taken.T, net.dL_dz[l], out=net.dL_dW[l])


def _with_partners(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, Place]:
    """Every trained parameter, and every trained array of which there is another with its shape."""
    arrays = trained_arrays(recipe)
    named = {name: place for name, (place,) in named_parameters(recipe).items() if place.quantity in arrays}
    shapes = Counter(_shape(recipe, place) for place in dict.fromkeys(named.values()))
    return {name: place for name, place in named.items() if shapes[_shape(recipe, place)] > 1}


def _partners(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, Place]:
    """Other parameters, or other arrays of the same shape; those behind it in order come first."""
    one: Place | None = read.get("one")
    if one is None:
        return {}
    named = _with_partners(recipe, layers, read)
    same = {name: place for name, place in named.items() if _shape(recipe, place) == _shape(recipe, one)}
    behind = list(same.values()).index(one)
    names = [*list(same)[behind:], *list(same)[:behind]]
    return {name: same[name] for name in names if same[name] != one}


def _shape(recipe: Recipe, place: Place) -> tuple[int, ...]:
    """The shape of an array of parameters; none for a single one."""
    l = int(place.quantity[1:])
    return () if place.index else recipe.layers[l - 1 : l + 1] if place.quantity[0] == "W" else recipe.layers[l : l + 1]


def _later(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Only the partners that come later in order: each pair is tried once."""
    order = list(dict.fromkeys(place for (place,) in named_parameters(recipe).values()))
    partners, first = _partners(recipe, layers, read), order.index(read["one"])
    return [name for name in _arrays_first(recipe) if name in partners and order.index(partners[name]) > first]


def _arrays_first(recipe: Recipe) -> list[str]:
    """Whole arrays are exchanged more often than single entries of them."""
    return sorted(tried_names(recipe), key=lambda name: name not in trained_arrays(recipe))


def _earlier(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> list[str]:
    """Those that have a later partner."""
    offered = _with_partners(recipe, layers, read)
    return [n for n in _arrays_first(recipe) if n in offered and _later(recipe, layers, {"one": offered[n]})]


@mistake(
    step="backward",
    wraps=True,
    narrowed_by=(),
    instead=marked("two parameters get each other's gradient"),
    tempting=marked("gradients are kept in a list or numbered by hand, and two places are exchanged"),
    shows=marked("both gradients are right numbers in the wrong place"),
    need=Need(
        met=lambda recipe, l: bool(_with_partners(recipe, [], {})),
        because=marked("there must be two parameters that are trained"),
    ),
    own={
        "one": Parameter(
            meaning=marked("a parameter, or an array of parameters"),
            default="w1",
            offers=_with_partners,
            tries=_earlier,
        ),
        "other": Parameter(
            meaning=marked("another parameter, or another array of the same shape"),
            default=marked("the next one"),
            offers=_partners,
            stands_for=first_offered,
            tries=_later,
        ),
    },
)
def swapped_gradients(net: Iteration, one: Place, other: Place, before: Callable[[], None]) -> None:
    before()
    first, second = (net.views[f"dL_d{place.quantity}"] for place in (one, other))
    kept = np.copy(first[one.index])
    first[one.index] = second[other.index]
    second[other.index] = kept
