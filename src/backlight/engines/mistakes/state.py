"""Mistakes in what is kept from sample to sample and from one iteration to the next, and what is cut off.

Right:   every iteration computes its predictions and its gradients anew, from all samples, through all paths.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.errors import fused_factor, rightly_but_for
from backlight.engines.mistakes.mistake import Need, mistake
from backlight.engines.mistakes.needs import BIASES, batch_size, has_error_as_delta
from backlight.engines.mistakes.parameters import Numbers, Parameter, first_offered, words
from backlight.language import marked
from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

SQUARED = {"half_sum_squared_error", "mean_squared_error"}


@mistake(
    step="backward",
    instead=marked("the sum of all gradients so far stands where this iteration's gradient belongs: never set to zero"),
    tempting=marked(
        "frameworks add to the gradient, and a call that sets it to zero is easy to forget for one of many"
    ),
    remembers=True,
    shows=marked("right in the first iteration, wrong from the second on, like a momentum that never fades"),
    seen=marked("the exercise of the course as printed; pytorch/examples, issue 31"),
)
def accumulated_gradients(net: Iteration, chosen: NDArray[np.bool_], memory: dict[str, Array]) -> None:
    Iteration.backward(net)
    if "sum" in memory:
        net.dL_dtheta[chosen] += memory["sum"]
    memory["sum"] = net.dL_dtheta[chosen]  # a copy, as a mask gives


def _overwritten(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What there are several of, so that all but the last can be lost."""
    samples, paths, squared = batch_size(recipe) > 1, _has_paths(recipe, layers), recipe.loss.name in SQUARED
    several = {
        "samples": samples,
        "paths": paths,
        "uses": (samples and paths) or (squared and (samples or paths)),
        "products": samples and BIASES.met(recipe, 1),
    }
    return {word: word for word, is_so in several.items() if is_so}


def _has_paths(recipe: Recipe, layers: Sequence[int]) -> bool:
    return any(units > 1 for l in layers for units in recipe.layers[l + 1 :])


def _squares(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What a square can be in a graph of operations, where it makes a difference."""
    if read.get("over") not in {"uses", "products"}:
        return {}
    apart = batch_size(recipe) > 1 and (_has_paths(recipe, layers) or read["over"] == "products")
    return {word: word for word, is_so in (("product", recipe.loss.name in SQUARED), ("power", apart)) if is_so}


@mistake(
    step="backward",
    instead=marked("= stands where += belongs in a sum over samples or paths, so that the last one alone counts"),
    tempting=marked("a loop that was written for one sample, or for a value that is used once, is given more"),
    shows=marked("exact with one sample or one path; else the gradient of all others is lost"),
    seen=marked("a lecture on micrograd; tinygrad's first weeks"),
    need=Need(
        met=lambda recipe, l: bool(_overwritten(recipe, [l], {})),
        because=marked("there must be several samples in an iteration, or several paths back to a hidden layer"),
    ),
    own={
        "over": Parameter(
            meaning=marked(
                "what is summed: the samples of an iteration; the paths through the next layer's units; all uses of a "
                "value in a graph of operations, or those as a factor of a product alone"
            ),
            default=marked("samples, or paths where there is one sample"),
            offers=_overwritten,
            stands_for=first_offered,
        ),
        "squares": Parameter(
            meaning=marked("in a graph of operations: product, with two uses of one value; or power, with one use"),
            default="product",
            offers=_squares,
            stands_for=first_offered,
        ),
        "kept": Parameter(
            meaning=marked(
                "which of them counts: the one that is written last, where a loop may go either way, or the one with "
                "this number, the first is 0; of all uses, sample by sample, path by path"
            ),
            default="last",
            offers=words("last", "first"),
            numbers=Numbers(
                admits=lambda number: number >= 0 and number == int(number),
                words=marked("a whole number from 0 on"),
            ),
            tries=lambda recipe, layers, read: ("last", "first"),
        ),
    },
)
def overwritten_accumulator(
    net: Iteration, chosen: NDArray[np.bool_], over: str, squares: str | None, kept: str | float
) -> None:
    sample = path = {"last": -1, "first": 0}.get(str(kept), kept)
    if over in {"uses", "products"}:
        hidden = sum(array.size for array in (*net.dL_dW[1:-1], *net.dL_db[1:-1]))
        if net.samples == 1 and chosen.sum() == hidden:  # nothing is narrowed: outputs have one path, but two factors
            chosen = np.ones_like(chosen)
        if not isinstance(kept, str):
            sample, path = divmod(kept, max(a.shape[1] for a in net.a[1:]))
    wrongly = {
        "samples": partial(_one_sample, net, int(sample)),
        "paths": partial(_one_path, net, int(path)),
        "uses": partial(_one_use, net, int(sample), int(path), squares, products_alone=False),
        "products": partial(_one_use, net, int(sample), int(path), squares, products_alone=True),
    }
    rightly_but_for(net, chosen, wrongly[over])


def _one_sample(net: Iteration, one: int) -> None:
    """Gradients of one sample, with the share that it has in the loss."""
    one = min(one, net.samples - 1)
    for l in range(1, net.n + 1):
        np.dot(net.a[l - 1][[one]].T, net.dL_dz[l][[one]], out=net.dL_dW[l])
        if net.b:
            net.dL_db[l][:] = net.dL_dz[l][one]


def _one_use(net: Iteration, sample: int, path: int, squares: str | None, *, products_alone: bool) -> None:
    """One sample and one path, and one of the two factors of a square; biases are in no product."""
    if squares == "product":
        net.dL_da[net.n][:] /= 2
        net.dL_dz[net.n][:] /= 2
    _one_path(net, path)
    _one_sample(net, sample)
    if products_alone and net.b:
        for l in range(1, net.n + 1):
            net.bias_gradient(l)


def _one_path(net: Iteration, one: int) -> None:
    """The way back through one unit of each next layer."""
    for l in range(net.n - 1, 0, -1):
        path = min(one, net.a[l + 1].shape[1] - 1)
        np.dot(net.dL_dz[l + 1][:, [path]], net.W[l + 1][:, [path]].T, out=net.dL_da[l])
        net.through_activation(l)
        net.weight_gradient(l)
        if net.b:
            net.bias_gradient(l)


@mistake(
    step="through_activation",
    usually="last_hidden",
    instead=marked("nothing stands where the gradient belongs: a part of the graph is cut off"),
    tempting=marked("a value is detached, copied or turned into a plain number on its way"),
    shows=marked("the parameters in front of the cut never move, though their updates are written"),
)
def detached_path(net: Iteration, l: int) -> None:
    net.dL_dz[l][:] = 0


def _late(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """Which predictions there are; zeros have no logarithm, so a loss that needs it has to cancel it."""
    zeros = not LOSSES[recipe.loss.name].wants_probabilities or has_error_as_delta(recipe)
    return {word: word for word in ("previous", "first", *(("zeros",) if zeros else ()))}


def _stale(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, str]:
    """What can be old; of a pass that was never made there are no gradients and no units, but zeros for a prediction."""
    is_deep, is_whole = len(recipe.layers) > 2, read.get("unit") is None  # noqa: PLR2004  inputs and outputs
    may_be = {"everything": is_deep, "units": is_deep and is_whole, "gradient": is_whole}
    made = [] if read.get("of") == "zeros" else [word for word, is_so in may_be.items() if is_so]
    return {word: word for word in ("prediction", *made)}


@mistake(
    step="output_delta",
    layers="output",
    remembers=True,
    instead=marked("the delta of an old prediction, or of one that was never written, stands where this one's belongs"),
    tempting=marked("the prediction is an attribute, and the pass that writes it is called in another place"),
    shows=marked("right in the first iteration at most; with a prediction of zeros the updates may be exactly 0"),
    seen=marked("TheAlgorithms/Python, two hidden layers"),
    own={
        "of": Parameter(
            meaning=marked("the prediction of the previous iteration, of the first one, or zeros, never written"),
            default="previous",
            offers=_late,
        ),
        "what": Parameter(
            meaning=marked(
                "prediction: the outputs alone are old; everything: the hidden units too; units: all that layers keep "
                "for the way back, but not the error; gradient: the whole way back is that of an earlier iteration"
            ),
            default="prediction",
            offers=_stale,
        ),
    },
)
def stale_forward(net: Iteration, l: int, of: str, what: str, memory: dict[str, Any]) -> None:
    if what == "gradient":
        Iteration.output_delta(net)
        if "update" not in memory:
            memory["update"] = net.update
            net.update = partial(_late_update, net, of, memory)  # type: ignore[method-assign]
        return
    if what in {"everything", "units"}:
        _stale_units(net, of, memory)
    now = [net.z[l].copy(), net.a[l].copy(), net.p.copy()]
    before = [np.zeros_like(new) for new in now] if of == "zeros" else memory.get("kept")
    memory["kept"] = memory.get("kept", now) if of == "first" else now
    Iteration.output_delta(net)
    if before is None:  # the first prediction of all is in time
        return
    z, a, p = (_late_rows(old, new) for old, new in zip(before, now, strict=True))
    factor = fused_factor(net.f[l], net.loss_function, a.shape[1])
    if what != "units":
        net.loss_function.backward(a, net.y, p, net.dL_da[l])
        net.dL_da[l] *= net.share
    if factor is None:
        net.f[l].backward(z, a, net.dL_da[l], net.dL_dz[l])
    elif what != "units":
        net.dL_dz[l][:] = factor * net.share * (a - net.y)


def _late_update(net: Iteration, of: str, memory: dict[str, Any]) -> None:
    """Update with the gradient of an earlier iteration."""
    now = net.dL_dtheta.copy()
    net.dL_dtheta[:] = memory.get("gradient", now)
    memory["gradient"] = memory.get("gradient", now) if of == "first" else now
    memory["update"]()
    net.dL_dtheta[:] = now


def _stale_units(net: Iteration, of: str, memory: dict[str, Any]) -> None:
    """Put the hidden units of an earlier iteration where this one's are."""
    units = [*net.z[1:-1], *net.a[1:-1]]
    now = [unit.copy() for unit in units]
    for unit, old in zip(units, memory.get("units", now), strict=True):
        unit[:] = _late_rows(old, unit)
    memory["units"] = memory.get("units", now) if of == "first" else now


def _late_rows(old: Array, new: Array) -> Array:
    """Old predictions for a batch that may have another size; a row that was never predicted is predicted now."""
    rows = min(len(old), len(new))
    return np.concatenate([old[:rows], new[rows:]])
