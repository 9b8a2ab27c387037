"""What a mistake is called that the numbers do not name: by what its repair computes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlight.checks.placing.back.update import Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.scene import Scene

SLOPE = re.compile(r"da\d+_dz\d+")


def named(scene: Scene, repaired: Scene, place: Spot) -> str:
    """The mistake that a repair at a place mends; empty where what it computes does not tell.

    A slope that was none is a wrong one; a difference from the targets that was the outputs alone is one without them.
    """
    was, now = set(_computed(scene, place, len(place.source))), set(_computed(repaired, place, len(place.should_be)))
    last = scene.layers
    if f"a{last}" in was and f"dL_da{last}" in now - was:
        return "missing-target"
    return "wrong-activation-derivative" if any(map(SLOPE.fullmatch, now - was)) else ""


def _computed(scene: Scene, place: Spot, length: int) -> Iterator[str]:
    """What the expressions show that stand at a place."""
    update = Update(scene)
    end = place.column + length + len("()")
    for number, first in scene.windows[0].items():
        site = scene.site(number)
        within = site.line == place.line and place.column <= site.column and site.end_column <= end
        if within and site.kind != "constant":
            others = (window.get(number, []) for window in scene.windows[1:])
            for events in zip(first, *others, strict=False):
                alone = scene.timeline.value(events[0]).size == 1
                yield from (one.quantity for one in update.shown(events) if alone or one.form.entry is None)
