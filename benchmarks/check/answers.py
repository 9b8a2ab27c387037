"""What must be said of a program: the verdict, the kinds of answer that suit, and the mistakes that may be named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .style import Style

EQUALS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "equals.toml").read_text(encoding="utf-8"))
"""Which mistakes of the catalogue give a program's numbers; written by `equals`."""
_FROZEN = ("missing-update", "missing-bias-gradient", "detached-path")
_SCALED = (
    "sign-error",
    "learning-rate-twice",
    "repeated-update",
    "wrong-batch-size",
    "batch-sum-for-mean",
    "batch-mean-twice",
    "bias-mean-for-sum",
    "missing-forward-constant",
)
ALIKE = {slug: set(_FROZEN) for slug in _FROZEN} | {slug: {"constant-factor"} for slug in _SCALED}
"""What is as good an answer even where the catalogue's engine makes a mistake in more parameters than the program."""
KINDS = {
    "constant-factor": {"constant_factor"},
    "batch-sum-for-mean": {"constant_factor"},
    "batch-mean-twice": {"constant_factor"},
    "missing-forward-constant": {"constant_factor", "wrong_parameter"},
    "wrong-batch-size": {"constant_factor"},
    "sign-error": {"constant_factor", "wrong_parameter"},
    "updated-weights-in-back-step": {"update_order"},
    "forward-mistake": {"forward"},
    "detached-path": {"never_learns", "wrong_parameter"},
    "missing-update": {"never_learns", "wrong_parameter"},
    "missing-bias-gradient": {"never_learns", "wrong_parameter"},
    "stale-forward": {"never_learns", "wrong_parameter", "update_order"},
    "gradient-of-another-loss": {"other_loss", "constant_factor"},
    "missing-output-derivative": {"other_loss", "wrong_parameter"},
    "extra-activation-derivative": {"other_loss", "wrong_parameter"},
    "softmax-over-wrong-axis": {"forward", "wrong_parameter"},
    "loss-applied-to-activated-output": {"forward", "other_loss", "wrong_parameter"},
    "broadcast-error": {"forward", "wrong_parameter"},
}
"""The kinds of answer that suit a mistake; where nothing is said, `wrong_parameter`."""


def answer_of(style: Style, tag: str, name: str, recipe: dict[str, Any]) -> dict[str, Any]:
    """What must be said of a program; one that is checked against something else has that recipe too."""
    if tag in style.about.get("against", {}):
        other = style.about["against"][tag]
        asked = {part: settings | other["recipe"].get(part, {}) for part, settings in recipe.items()}
        if isinstance(kinds := asked["network"]["activations"], list):
            asked["network"]["activations"] = [kinds[0]] * (len(asked["network"]["layers"]) - 2) + [kinds[-1]]
        return {"recipe": asked, "verdict": other["verdict"], "kinds": {other["kind"]}}
    if tag not in style.tags("!:"):
        return {"verdict": "right", "kinds": {"right"}}
    slug, *also = tag.partition("/")[0].split("+")
    return {
        "verdict": "wrong",
        "kinds": KINDS.get(slug, {"wrong_parameter"}),
        "mistake": slug,
        "also": set(also),
        "equals": (set(EQUALS.get(name, ())) | ALIKE.get(slug, set())) - {slug},
    }
