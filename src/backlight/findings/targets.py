"""Do the targets fit the loss and the last activation, and how low can the loss get?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.floors import INFINITY, reach
from backlight.findings.thresholds import THRESHOLDS
from backlight.findings.wording import counted, finding, listed
from backlight.language import marked
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def improper_target(facts: Facts) -> Finding | None:
    """Notice targets outside the domain in which the loss is a distance: distributions, or numbers in [0, 1]."""
    domain, y = facts.loss_record.targets, facts.targets
    if y is None:
        return None
    wrong = _improper(domain, y)
    if not wrong.any():
        return None
    first = int(wrong.argmax())
    negative = bool((y[wrong] < -THRESHOLDS.outside).any())
    evidence = {
        "loss": facts.recipe.loss.name,
        "samples": int(wrong.sum()),
        "of": len(y),
        "first_sample": first,
        "target": _decimals(y[first]),
        "shown": _tuple(y[first]),
        "sum": _decimals(y[first].sum()),
        "negative": negative,
        "infimum": facts.floor,
    }
    return finding("improper_target", _IMPROPER[domain, negative, int(wrong.sum()) > 1], evidence)


def _improper(domain: str, y: Array) -> NDArray[np.bool_]:
    """Which samples have a target outside the domain."""
    if domain == "any":
        return np.zeros(len(y), dtype=bool)
    outside = y < -THRESHOLDS.outside
    if domain == "unit_interval":
        outside |= y > 1 + THRESHOLDS.outside
    else:
        outside |= np.abs(y.sum(axis=1, keepdims=True) - 1) > THRESHOLDS.outside * y.shape[1]
    return np.asarray(outside.any(axis=1))


_ONE_OUTSIDE = marked("the target {shown} does not lie in [0, 1], so {loss} is no distance to it")
_MANY_OUTSIDE = marked(
    "{samples} of {of} targets do not lie in [0, 1], the first of them {shown}: {loss} is no distance to them"
)
_IMPROPER = {
    ("distribution", True, False): marked(
        "the target {shown} is no distribution: it has a negative entry and its sum is {sum:.6g}; "
        "so {loss} is no distance to it"
    ),
    ("distribution", False, False): marked(
        "the target {shown} is no distribution: its sum is {sum:.6g} and not 1; so {loss} is no distance to it"
    ),
    ("distribution", True, True): marked(
        "{samples} of {of} targets are no distributions, some with negative entries; the first of them is {shown} "
        "with sum {sum:.6g}; so {loss} is no distance to them"
    ),
    ("distribution", False, True): marked(
        "{samples} of {of} targets are no distributions; the first of them is {shown}, whose sum is {sum:.6g} and "
        "not 1; so {loss} is no distance to them"
    ),
    ("unit_interval", True, False): _ONE_OUTSIDE,
    ("unit_interval", False, False): _ONE_OUTSIDE,
    ("unit_interval", True, True): _MANY_OUTSIDE,
    ("unit_interval", False, True): _MANY_OUTSIDE,
}


def loss_without_minimum(facts: Facts) -> Finding | None:
    """Notice a loss that can fall below zero: towards a bound that it never reaches, or without end."""
    bounds, floor = facts.bounds, facts.floor
    if bounds is None or floor is None or floor >= -THRESHOLDS.outside or bounds.attained.all():
        return None
    finite = facts.loss[np.isfinite(facts.loss)]
    evidence = {
        "loss": facts.recipe.loss.name,
        "activation": facts.recipe.activations[-1].name,
        "infimum": floor,
        "first": facts.loss[0],
        "lowest": finite.min() if finite.size else facts.loss[0],
        "below_zero_from": _first_iteration(facts, facts.loss < 0),
    }
    if floor == -INFINITY:
        message = marked(
            "{loss} of {activation} outputs has no lower bound for these targets: it can sink for ever, "
            "and how low it is says nothing"
        )
    else:
        message = marked(
            "{loss} of {activation} outputs has no minimum for these targets: it can fall below zero and sinks "
            "towards {infimum:.6g} without getting there"
        )
    return finding("loss_without_minimum", message, evidence)


def unreachable_target(facts: Facts) -> Finding | None:
    """Notice targets that the last activation cannot give, and the loss that is left however long one trains."""
    y, bounds = facts.targets, facts.bounds
    if y is None or bounds is None or _improper(facts.loss_record.targets, y).any():
        return None
    left = bounds.least - bounds.ideal
    entries = _entries_outside(facts, y)
    missed = left > THRESHOLDS.outside if entries is None else entries.any(axis=1)
    if not missed.any():
        return None
    choice = facts.recipe.activations[-1]
    names = [] if entries is None else [label(facts.recipe, "y", (int(s), int(k))) for s, k in np.argwhere(entries)]
    if len(y) > 1:
        names = [name if "@" in name else f"{name}@0" for name in names]
    evidence = {
        "activation": choice.name,
        "range": str(reach(choice)),
        "loss": facts.recipe.loss.name,
        "targets": names,
        "values": [] if entries is None else _decimals(y[entries]),
        "shown": "" if entries is None else _values(names, y[entries]),
        "count": len(names),
        "samples": int(missed.sum()),
        "of": len(y),
        "floor": facts.floor,
        "ideal": facts.reduced(bounds.ideal),
        "attained": bool(bounds.attained[missed].all()),
    }
    return finding("unreachable_target", _unreachable(evidence, facts), evidence)


def _entries_outside(facts: Facts, y: Array) -> NDArray[np.bool_] | None:
    """Which entries lie outside the range of the outputs; None where the loss does not compare entry with entry."""
    choice = facts.recipe.activations[-1]
    if facts.loss_record.targets != "any" or choice.name == "softmax":
        return None
    bounds = reach(choice)
    return (y < bounds.low - THRESHOLDS.outside) | (y > bounds.high + THRESHOLDS.outside)


def _unreachable(evidence: dict[str, Any], facts: Facts) -> str:
    """The sentence: what cannot be given, and whether the floor is reached or only approached."""
    if evidence["targets"]:
        if evidence["attained"]:
            return counted(
                evidence["count"],
                marked(
                    "the target {shown} lies outside {range}, all that {activation} can give: "
                    "the loss cannot fall below {floor:.6g}"
                ),
                marked(
                    "{count} targets lie outside {range}, all that {activation} can give ({shown}): "
                    "the loss cannot fall below {floor:.6g}"
                ),
            )
        return counted(
            evidence["count"],
            marked(
                "the target {shown} lies outside {range}, all that {activation} can give: "
                "the loss cannot fall to {floor:.6g}, only come near it"
            ),
            marked(
                "{count} targets lie outside {range}, all that {activation} can give ({shown}): "
                "the loss cannot fall to {floor:.6g}, only come near it"
            ),
        )
    if facts.loss_record.inner:
        return marked(
            "{loss} squashes the outputs itself, but those of {activation} stay in {range}, so no weights give the "
            "targets of {samples} of {of} samples: the loss cannot fall below {floor:.6g}, where identity outputs "
            "could bring it down to {ideal:.6g}"
        )
    return marked(
        "outputs of {activation} are positive with sum 1, the targets of {samples} of {of} samples are not: "
        "the loss cannot fall below {floor:.6g}"
    )


def outputs_not_probabilities(facts: Facts) -> Finding | None:
    """Notice a loss that takes the logarithm of outputs which are no probabilities."""
    choice = facts.recipe.activations[-1]
    bounds = reach(choice)
    if not facts.loss_record.wants_probabilities or choice.name == "softmax":
        return None
    outside = bounds.low < 0 or bounds.high > 1
    if not outside and facts.recipe.loss.name == "binary_cross_entropy":
        return None
    a = facts.quantity(f"a{facts.last_layer}")
    evidence: dict[str, Any] = {"loss": facts.recipe.loss.name, "activation": choice.name, "range": str(bounds)}
    if a is not None:
        first = np.asarray(a[0], dtype=float)
        evidence |= {"sum_at_first": np.nansum(first[0]), "smallest": np.fmin.reduce(a, axis=None)}
        evidence["largest"] = np.fmax.reduce(a, axis=None)
    if outside:
        message = marked(
            "{loss} takes logarithms of the outputs as probabilities, but {activation} gives numbers in {range}: "
            "the loss is infinite, not a number or below zero where they leave [0, 1]"
        )
    else:
        message = marked(
            "{loss} wants outputs that are a distribution, but those of {activation} need not have the sum 1: "
            "it only asks that the right ones grow, and never that the wrong ones shrink"
        )
    return finding("outputs_not_probabilities", message, evidence)


def _first_iteration(facts: Facts, rows: NDArray[np.bool_]) -> int | None:
    """The iteration of the first marked row."""
    return facts.iteration(int(rows.argmax())) if rows.any() else None


def _decimals(values: Array) -> float | list[float]:
    """Targets as they were written: a float32 0.23 is 0.23 again."""
    rounded: float | list[float] = np.vectorize(lambda value: float(f"{value:.7g}"), otypes=[float])(values).tolist()
    return rounded


def _tuple(row: Array) -> str:
    """A target in parentheses."""
    return f"({listed([f'{value:.6g}' for value in row])})"


def _values(names: list[str], values: Array) -> str:
    """Targets with their values: y2 = -0.07."""
    return listed([f"{name} = {value:.6g}" for name, value in zip(names, values, strict=True)])
