"""Do hidden units start as copies of each other? Then they stay so: nothing tells them apart."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.wording import finding, listed
from backlight.language import marked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def symmetric_units(facts: Facts) -> Finding | None:
    """Notice hidden units with equal weights into them and out of them.

    Equal units give equal outputs and get equal gradients, so every optimizer changes them equally. Only the
    rounding of sums in another order can part them.
    """
    groups, parted = [], []
    for layer in range(1, facts.last_layer):
        for units in _copies(facts, layer):
            groups.append([facts.units[layer][unit] for unit in units])
            parted.append(_parted(facts, layer, units))
    if not groups:
        return None
    partings = [when for when in parted if when is not None]
    evidence = {
        "groups": groups,
        "shown": "; ".join(listed(group) for group in groups[:3]) + ("; ..." if len(groups) > 3 else ""),  # noqa: PLR2004
        "count": sum(map(len, groups)),
        "effective": len(groups),
        "until": min(partings, default=None),
    }
    if partings:
        message = marked(
            "hidden units start with equal weights ({shown}): they compute the same and get the same gradient, and "
            "only from iteration {until} on something else than the gradient, such as rounding, tells them apart"
        )
    else:
        message = marked(
            "hidden units have equal weights in every recorded iteration ({shown}): they compute the same and get "
            "the same gradient, so they stay equal for ever and {count} units do the work of {effective}"
        )
    return finding("symmetric_units", message, evidence)


def _what_makes_a_unit(facts: Facts, layer: int) -> list[Array]:
    """The weights into each unit, out of it, and its bias, shape (rows, units, numbers); nothing if not recorded."""
    into, out, bias = (facts.quantity(name) for name in (f"W{layer}", f"W{layer + 1}", f"b{layer}"))
    if into is None or out is None:
        return []
    return [into.transpose(0, 2, 1), out] + ([bias[:, :, None]] if bias is not None else [])


def _copies(facts: Facts, layer: int) -> list[list[int]]:
    """Groups of units of a layer that are equal in the first row."""
    first = [part[0] for part in _what_makes_a_unit(facts, layer)]
    groups: dict[bytes, list[int]] = {}
    for unit, numbers in enumerate(np.concatenate(first, axis=1) + 0.0 if first else ()):  # + 0.0 makes -0 a 0
        groups.setdefault(numbers.tobytes(), []).append(unit)
    return [units for units in groups.values() if len(units) > 1]


def _parted(facts: Facts, layer: int, units: list[int]) -> int | None:
    """The first iteration in which the units of a group differ by more than rounding; None if they never do."""
    numbers = np.concatenate([part[:, units] for part in _what_makes_a_unit(facts, layer)], axis=2)
    gap = np.abs(numbers - numbers[:, :1]).max(axis=(1, 2))
    size = np.abs(numbers).max(axis=(1, 2))
    apart = gap > np.sqrt(np.finfo(numbers.dtype).eps) * size
    return facts.iteration(int(apart.argmax())) if apart.any() else None


def zero_start(facts: Facts) -> Finding | None:
    """Notice weights that all start at 0: then no gradient passes back through them."""
    weights = [facts.quantity(f"W{layer}") for layer in range(1, facts.last_layer + 1)]
    if facts.last_layer < 2 or facts.iteration(0) != 0:  # noqa: PLR2004  a single layer has nothing to pass back
        return None
    if any(w is None or w[0].any() for w in weights):
        return None
    gradient = facts.quantity("dL_dW1")
    silent = None if gradient is None else ~gradient.reshape(len(gradient), -1).any(axis=1)
    rows = [] if silent is None else np.flatnonzero(silent).tolist()
    evidence = {
        "weights": sum(one * other for one, other in pairwise(facts.recipe.layers)),
        "count": len(rows),
        "iterations": [facts.iteration(row) for row in rows],
        "shown": listed([str(facts.iteration(row)) for row in rows]),
    }
    if silent is None or not rows:
        message = marked("all {weights} weights start at 0: at first no gradient passes back through them")
    elif silent.all():
        message = marked(
            "all {weights} weights start at 0, and no gradient passes back through them: that of layer 1 is exactly "
            "0 in every recorded iteration"
        )
    else:
        message = marked(
            "all {weights} weights start at 0, and no gradient passes back through weights of 0: that of layer 1 "
            "is exactly 0 in iteration {shown}"
        )
    return finding("zero_start", message, evidence)
