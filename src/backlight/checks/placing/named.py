"""What a mistake is called that the numbers do not name: by what its repair computes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlight.checks.placing.back.update import Update

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.scene import Scene

FORWARD = re.compile(r"[za]\d+")
GRADIENT = re.compile(r"dL_d[Wb]\d+")
OF_WEIGHTS, INPUT = re.compile(r"dL_dW\d+"), re.compile(r"(?:x|a\d+)(?:@|$)")
SLOPE = re.compile(r"da\d+_dz\d+")


def named(scene: Scene, repaired: Scene, place: Spot) -> str:
    """The mistake that a repair at a place mends; empty where what it computes does not tell.

    A slope that was none is a wrong one; a difference from the targets that was the outputs alone is one without them;
    a layer that was none is a wrong forward pass; a gradient that was another one has been exchanged; one of weights that
    is made with another layer had the wrong input.
    """
    was, now = _computed(scene, place, len(place.source)), _computed(repaired, place, len(place.should_be))
    last, new = scene.layers, set(now) - set(was)
    if f"a{last}" in was and f"dL_da{last}" in new:
        return "missing-target"
    if any(map(GRADIENT.fullmatch, was)) and any(map(GRADIENT.fullmatch, new)):
        return "swapped-gradients"
    if any(map(OF_WEIGHTS.match, new)) and any(INPUT.match(one) and not now[one] for one in new):
        return "wrong-input-factor"
    if any(FORWARD.fullmatch(one) and now[one] for one in new):
        return "forward-mistake"
    return "wrong-activation-derivative" if any(map(SLOPE.fullmatch, new)) else ""


def _computed(scene: Scene, place: Spot, length: int) -> dict[str, bool]:
    """What the expressions show that stand at a place, and whether it is all that stands there."""
    update = Update(scene)
    end = place.column + length + len("()")
    found: dict[str, bool] = {}
    for number, first in scene.windows[0].items():
        site = scene.site(number)
        within = site.line == place.line and place.column <= site.column and site.end_column <= end
        if within and site.kind != "constant":
            is_all = site.column <= place.column + 1 and site.end_column >= end - len("()")
            others = (window.get(number, []) for window in scene.windows[1:])
            for events in zip(first, *others, strict=False):
                alone = scene.timeline.value(events[0]).size == 1
                for one in update.shown(events):
                    if alone or one.form.entry is None:
                        found[one.quantity] = found.get(one.quantity, False) or is_all
    return found
