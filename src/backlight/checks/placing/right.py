"""Which expressions of a wrong program show what a right one shows there: the data, a layer, a delta."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.back.update import Update

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot
    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.scene import Scene

ON_THE_WAY = re.compile(r"[xyza]\d*(@|$)|dL_d[az]\d")
"""What a right program computes before it computes a gradient of a parameter."""


@dataclass(frozen=True)
class Right:
    """The expressions of a program in the updates looked at.

    Attributes
    ----------
    scene : Scene
    factors : tuple of float
        What a right number may be multiplied by.
    """

    scene: Scene
    factors: tuple[float, ...]

    @classmethod
    def of(cls, scene: Scene) -> Right:
        """Where all gradients point the other way, a number with the other sign is not right."""
        judged = scene.judged
        against = float(judged.implied[judged.first_wrong] @ judged.true_gradients[judged.first_wrong]) < 0
        return cls(scene, tuple(one for one in scene.factors if one > 0 or not against))

    def shows_a_number(self, place: Spot) -> bool:
        """Whether an expression shows any."""
        return span_of(place) in self._events

    def at(self, place: Spot) -> bool:
        """Whether an expression shows a right number the first time, or how many there are of something."""
        events = self._events.get(span_of(place))
        if events is None:
            return False
        matches = self._update.shown(events)
        known = any(ON_THE_WAY.match(one.quantity) and one.form.factor in self.factors for one in matches)
        return known or bool(self.scene.timeline.counts[events[0]])

    @cached_property
    def _events(self) -> dict[tuple[int, int, int, int], tuple[int, ...]]:
        """What is evaluated first at each place, in each update."""
        found: dict[tuple[int, int, int, int], tuple[int, ...]] = {}
        for number, events in self.scene.visits:
            found.setdefault(span_of(self.scene.site(number)), events)
        return found

    @cached_property
    def _update(self) -> Update:
        return Update(self.scene)


def span_of(place: Spot | Site) -> tuple[int, int, int, int]:
    """Where it begins and ends."""
    return place.line, place.column, place.end_line, place.end_column
