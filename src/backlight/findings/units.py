"""Which units are dead, saturated, or lose the digits of their gradient?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.floors import reach
from backlight.findings.slopes import flat_below_zero, relative_slope
from backlight.findings.thresholds import THRESHOLDS
from backlight.findings.wording import counted, finding, listed
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def dead_unit(facts: Facts) -> Finding | None:
    """Notice units whose output and gradient are 0 for every sample, from some row on to the last."""
    dead = facts.dead
    if not dead:
        return None
    since = [facts.iteration(one.row) for one in dead]
    layers = [one.layer for one in dead]
    whole = [layer for layer in sorted(set(layers)) if layers.count(layer) == facts.recipe.layers[layer]]
    evidence = {
        "units": [facts.units[one.layer][one.unit] for one in dead],
        "shown": listed([facts.units[one.layer][one.unit] for one in dead]),
        "count": len(dead),
        "of": sum(facts.recipe.layers[layer] for layer in set(layers)),
        "since": since,
        "latest": max(since),
        "whole_layers": whole,
        "layer": whole[-1] if whole else None,
        "largest_gradient": _largest_gradient(facts),
    }
    if whole:
        message = marked(
            "every unit of layer {layer} gives 0 for every sample since iteration {latest}: no gradient passes it, "
            "and nothing in front of it can learn any more (dead: {shown})"
        )
    else:
        message = counted(
            len(dead),
            marked(
                "{shown} gives 0 for every sample since iteration {latest}: it is dead, no gradient passes through "
                "it, and the weights into it and out of it have gradient 0"
            ),
            marked(
                "{count} units give 0 for every sample, all of them since iteration {latest}: {shown} are dead, no "
                "gradient passes through them, and the weights into them and out of them have gradient 0"
            ),
        )
    return finding("dead_unit", message, evidence)


def _largest_gradient(facts: Facts) -> float | None:
    """Largest |dL/dz| of the dead units since they died, if it was recorded."""
    recorded = [(facts.quantity(f"dL_dz{one.layer}"), one) for one in facts.dead]
    sizes = [np.fmax.reduce(np.abs(q[one.row :, :, one.unit]), axis=None) for q, one in recorded if q is not None]
    return float(max(sizes)) if sizes else None


def saturated_unit(facts: Facts) -> Finding | None:
    """Notice units that are flat for nearly all samples in the last row, where it hurts."""
    if facts.last_row is None or facts.outcome == "converged":
        return None
    found = [one for layer in range(1, facts.last_layer + 1) for one in _saturated(facts, layer)]
    if not found:
        return None
    names, shares, slopes, outputs = (list(column) for column in zip(*found, strict=True))
    evidence = {
        "units": names,
        "shown": listed(names),
        "count": len(names),
        "iteration": facts.iteration(facts.last_row),
        "shares": shares,
        "slopes": slopes,
        "outputs": outputs,
        "slope": max(slopes),
    }
    message = counted(
        len(names),
        marked(
            "{shown} is saturated in iteration {iteration}: its output hardly changes with its input "
            "(slope {slope:.2g} of the steepest), so hardly any gradient passes through it"
        ),
        marked(
            "{count} units are saturated in iteration {iteration}: {shown}; their outputs hardly change with their "
            "inputs (slopes at most {slope:.2g} of the steepest), so hardly any gradient passes through them"
        ),
    )
    return finding("saturated_unit", message, evidence)


def _saturated(facts: Facts, layer: int) -> Iterator[tuple[str, float, float, float]]:
    """Name, share of saturated samples, median slope and median output of the saturated units of a layer."""
    choice = facts.recipe.activations[layer - 1]
    z, a = facts.quantity(f"z{layer}"), facts.quantity(f"a{layer}")
    is_output = layer == facts.last_layer
    if z is None or a is None or choice.name in {"identity", "leaky_relu"} or flat_below_zero(choice):
        return
    if is_output and facts.loss_record.wants_probabilities:
        return  # the logarithm's steepness makes up for the flat activation
    slope = relative_slope(choice, z[facts.last_row])
    used = ~np.isnan(slope).any(axis=1)
    flat = slope[used] < THRESHOLDS.saturated
    if is_output and facts.loss_record.inner is None:
        flat &= _on_the_wrong_side(facts, np.asarray(a[facts.last_row][used], dtype=float))
    for unit, share in enumerate(flat.mean(axis=0)):
        if share >= THRESHOLDS.saturated_share:
            yield (
                facts.units[layer][unit],
                float(share),
                float(np.median(slope[used, unit])),
                float(np.median(a[facts.last_row][used, unit])),
            )


def _on_the_wrong_side(facts: Facts, a: Array) -> NDArray[np.bool_]:
    """Which outputs are far from the nearest value they could have to their target."""
    y, bounds = facts.targets, reach(facts.recipe.activations[-1])
    if y is None:
        return np.ones(a.shape, dtype=bool)
    rows = facts.quantity("batch")
    if rows is not None:
        y = y[rows[facts.last_row][: len(a)]]
    width = bounds.high - bounds.low if np.isfinite(bounds.high - bounds.low) else 1.0
    return np.abs(a - bounds.nearest(y)) > THRESHOLDS.wrong_side * width


def cancellation(facts: Facts) -> Finding | None:
    """Notice gradients that lost their digits in 1 - a, because a unit is so sure that a is almost 1.

    a is rounded to eps a; so 1 - a, and with it da/dz = a (1 - a), has the relative error eps a / (1 - a), and
    for tanh 1 - a^2 has eps 2 a^2 / (1 - a^2). Summed over the samples of a unit, with weights dL/da da/dz, the
    factor on eps is sum |dL/da| a^2 / sum |dL/dz| (for tanh 2 a^2); its logarithm is the number of digits lost.
    """
    if facts.trace.engine == "exact":
        return None
    digits = -np.log10(np.finfo(facts.recipe.numerics.precision).eps)
    worst = [found for layer in range(1, facts.last_layer + 1) if (found := _digits_lost(facts, layer)) is not None]
    lost_of = {
        facts.units[layer][unit]: (min(float(lost[row, unit]), digits), facts.iteration(row))
        for layer, lost in worst
        for unit, row in enumerate(np.nanargmax(np.where(np.isnan(lost), -1, lost), axis=0).tolist())
        if lost[row, unit] >= THRESHOLDS.digits_lost * digits
    }
    if not lost_of:
        return None
    name, (lost, iteration) = max(lost_of.items(), key=lambda item: item[1][0])
    evidence = {
        "units": list(lost_of),
        "shown": listed(list(lost_of)),
        "count": len(lost_of),
        "digits_lost": [digits_lost for digits_lost, _ in lost_of.values()],
        "iterations": [when for _, when in lost_of.values()],
        "worst": name,
        "lost": lost,
        "digits": digits,
        "iteration": iteration,
        "precision": facts.recipe.numerics.precision,
    }
    message = marked(
        "1 - a cancels in saturated units ({shown}): the gradient of {worst} in iteration {iteration} lost about "
        "{lost:.0f} of the {digits:.0f} digits of {precision}; the exact engine keeps them all"
    )
    return finding("cancellation", message, evidence)


def _digits_lost(facts: Facts, layer: int) -> tuple[int, Array] | None:
    """Digits lost by the gradient of each unit of a layer in each row; None where nothing is near cancelling."""
    choice = facts.recipe.activations[layer - 1]
    a, dL_da, dL_dz = (facts.quantity(f"{name}{layer}") for name in ("a", "dL_da", "dL_dz"))
    if choice.name not in {"sigmoid", "tanh"} or a is None or dL_da is None or dL_dz is None:
        return None
    if layer == facts.last_layer and facts.loss_record.wants_probabilities:
        return None  # dL/da divides by the very 1 - a that da/dz multiplies with
    near_one = np.fmax.reduce(a, axis=None) if choice.name == "sigmoid" else np.fmax.reduce(np.abs(a), axis=None)
    if not 1 - float(near_one) < THRESHOLDS.saturated:
        return None
    a_squared = np.square(a, dtype=float) * (2 if choice.name == "tanh" else 1)
    factor = np.nansum(np.abs(dL_da) * a_squared, axis=1) / np.nansum(np.abs(dL_dz), axis=1, dtype=float)
    return layer, np.log10(np.maximum(factor, 1))
