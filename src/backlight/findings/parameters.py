"""Which parameters never move, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.wording import counted, finding, listed
from backlight.language import marked
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def learning_rate_zero(facts: Facts) -> Finding | None:
    """Notice that nothing is learned because the learning rate is 0."""
    training = facts.recipe.training
    if float(training.learning_rate) != 0 or training.iterations == 0:
        return None
    message = marked("the learning rate is 0: no parameter moves in {iterations} iterations")
    return finding("learning_rate_zero", message, {"learning_rate": 0.0, "iterations": training.iterations})


def parameters_never_move(facts: Facts) -> Finding | None:
    """Notice trained parameters that are the same number in every recorded row, and say why."""
    if len(facts.loss) < 2 or float(facts.recipe.training.learning_rate) == 0:  # noqa: PLR2004  one row shows no motion
        return None
    because: dict[str, list[str]] = {}
    total = 0
    for name in _trained(facts):
        values = facts.trace.quantities[name]
        total += values[0].size
        gradient = facts.quantity(f"dL_d{name}")
        pushed = None if gradient is None else np.asarray(gradient.any(axis=0))
        for index in map(tuple, np.argwhere((values == values[0]).all(axis=0)).tolist()):
            reason = _reason(facts, name, index, pushed)
            because.setdefault(reason, []).append(label(facts.recipe, name, index))
    stuck = [one for names in because.values() for one in names]
    if not stuck:
        return None
    stuck.sort(key=_in_order)
    evidence = {
        "parameters": stuck,
        "shown": listed(stuck),
        "count": len(stuck),
        "of": total,
        "because": because,
        "input_zero": len(because.get("input_zero", ())),
        "precision": facts.recipe.numerics.precision,
    }
    return finding("parameters_never_move", _sentence(set(because), len(stuck)), evidence)


def _reason(facts: Facts, name: str, index: tuple[int, ...], pushed: NDArray[np.bool_] | None) -> str:
    """Why one parameter is the same number in every row."""
    if pushed is None:
        return "unknown"
    if not pushed[index]:
        return _idle(facts, name, index)
    return "unknown" if facts.trace.mistake else "steps_too_small"  # a mistake may leave it out of the update


def _trained(facts: Facts) -> list[str]:
    """Arrays of parameters that training changes; frozen biases stay by design."""
    kinds = "Wb" if facts.recipe.parameters.train_biases else "W"
    names = [f"{kind}{layer}" for kind in kinds for layer in range(1, facts.last_layer + 1)]
    return [name for name in names if name in facts.trace.quantities]


def _idle(facts: Facts, name: str, index: tuple[int, ...]) -> str:
    """Why the gradient of a parameter is 0 in every row."""
    layer = int(name[1:])
    dead = {(one.layer, one.unit) for one in facts.dead if one.row == 0}
    if (layer, index[-1]) in dead or (name[0] == "W" and (layer - 1, index[0]) in dead):
        return "dead_unit"
    x = facts.quantity("x")
    if name[0] == "W" and layer == 1 and x is not None and not x[:, index[0]].any():
        return "input_zero"
    return "gradient_zero"


def _in_order(name: str) -> tuple[bool, int, str]:
    """w2 before w10, weights before biases."""
    return (not name[1:].isdigit(), int(name[1:]) if name[1:].isdigit() else 0, name)


_SENTENCES = {
    "dead_unit": (
        marked("{shown} never moves: its gradient is exactly 0, because it leads into or out of a dead unit"),
        marked(
            "{count} of {of} parameters never move: {shown}; their gradients are exactly 0, because they lead into "
            "or out of dead units"
        ),
    ),
    "input_zero": (
        marked("{shown} never moves: the input that it multiplies is 0 in every sample"),
        marked("{count} of {of} parameters never move: {shown}; the inputs that they multiply are 0 in every sample"),
    ),
    "gradient_zero": (
        marked("{shown} never moves: its gradient is exactly 0 in every recorded iteration"),
        marked(
            "{count} of {of} parameters never move: {shown}; their gradients are exactly 0 in every recorded iteration"
        ),
    ),
    "steps_too_small": (
        marked("{shown} never moves: its steps are smaller than the spacing of {precision} numbers around it"),
        marked(
            "{count} of {of} parameters never move: {shown}; their steps are smaller than the spacing of {precision} "
            "numbers around them"
        ),
    ),
    "unknown": (
        marked("{shown} is the same number in every recorded iteration"),
        marked("{count} of {of} parameters are the same numbers in every recorded iteration: {shown}"),
    ),
}


_WITH_IDLE_INPUTS = marked(
    "{count} of {of} parameters never move: {shown}; their gradients are exactly 0 in every recorded iteration, of "
    "{input_zero} because the input that they multiply is 0 in every sample"
)
_TOO_LITTLE = marked(
    "{count} of {of} parameters never move: {shown}; their gradients are 0, or too small to change a number of {precision}"
)


def _sentence(reasons: set[str], count: int) -> str:
    """The sentence for one reason, or for several together."""
    if len(reasons) == 1:
        return counted(count, *_SENTENCES[next(iter(reasons))])
    if "unknown" in reasons:
        return _SENTENCES["unknown"][1]
    if "steps_too_small" in reasons:
        return _TOO_LITTLE
    return _WITH_IDLE_INPUTS if "input_zero" in reasons else _SENTENCES["gradient_zero"][1]
