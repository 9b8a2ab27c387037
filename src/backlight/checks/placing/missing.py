"""Where is a line missing? Where zeros stand for a gradient, or beside the lines that update the other parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.placing.evidence import once
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import Form

if TYPE_CHECKING:
    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.evidence import Evidence
    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.trail import Trail

NEARBY = 12
"""So many events may lie between the updates of two parameters."""


@dataclass(frozen=True)
class Missing:
    """The search for what is not there."""

    scene: Scene
    changed: Changed
    evidence: Evidence
    trail: Trail

    def places(self) -> list[Sight]:
        """The zeros that stand for a gradient, or the line that updates the parameter's neighbours."""
        arrays = [name for name, wrong in self.changed.arrays_wrong.items() if wrong]
        shown = [one for one in self.evidence.new_parameters if self.scene.kind(one.site) in {"store", "operation"}]
        mine = [one for one in shown if one.quantity[4:] in arrays and self.evidence.entry_is_wrong(one)]
        sites = {one.site for one in self.evidence.new_parameters}
        updates = [
            one
            for one in mine
            if self.scene.kind(one.site) == "operation" and sites.intersection(self.scene.timeline.parts(one.site))
        ]
        if updates:
            zeros = [sight for name in arrays for sight in self._zeros(name)]
            return once(zeros or updates)
        moving = [one.events[0] for one in shown if not self.evidence.entry_is_wrong(one)]
        stores = [one for one in mine if self.scene.kind(one.site) == "store"]
        near = [one for one in stores if any(abs(one.events[0] - other) < NEARBY for other in moving)]
        if near:
            return once(sorted(near, key=lambda one: min(abs(one.events[0] - other) for other in moving))[:1])
        others = [one for one in shown if not self.evidence.entry_is_wrong(one)]
        position = {name: number for number, name in enumerate(self.scene.network.shapes)}

        def distance(sight: Sight) -> tuple[int, float]:
            name, entry = sight.quantity[4:], sight.form.entry
            index = np.ravel_multi_index(entry, self.scene.network.shapes[name]) if entry else 0
            return min(
                (abs(position[name] - position[other]), abs(float(at) - float(index)))
                for other in arrays
                for at in np.flatnonzero(self.changed.entries_wrong[other])
            )

        return once(sorted(others, key=distance)[:1])

    def _zeros(self, name: str) -> Iterator[Sight]:
        """Calls that make zeros of the shape of a gradient after the forward pass."""
        size = int(np.prod(self.scene.network.shapes[name]))
        timeline = self.scene.timeline
        for site, events in self.scene.visits:
            value = timeline.value(events[0])
            if self.scene.kind(site) == "call" and value.size == size and value.ndim and not value.any():
                yield Sight(site, events, f"dL_d{name}", Form(1.0, turned=False, entry=None))
