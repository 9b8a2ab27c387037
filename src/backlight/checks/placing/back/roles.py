"""A right number in a wrong place: was it made wrongly, or is it used wrongly?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.checks.placing.back.origins import Origins
    from backlight.checks.placing.back.update import Update


@dataclass(frozen=True)
class Roles:
    """What the numbers of a program are used for."""

    update: Update
    origins: Origins

    def is_used_rightly(self, event: int) -> bool:
        """Whether the variable that is read at an event is read somewhere else too, for a number that is right.

        What is right is a quantity of the network, and another one than the variable itself.
        """
        scene = self.update.scene
        observation = scene.timeline.observation
        place, value = int(observation.place[event]), int(observation.value[event])
        if place < 0:
            return False
        here = scene.site(int(observation.site[event])).statement
        mine = {(one.quantity, one.form.entry) for one in self.update.shown(self.origins.visits[event][1])}
        for other in scene.timeline.of_place[place]:
            one = int(other)
            if one not in self.origins.visits or int(observation.value[one]) != value:
                continue
            site = self.origins.visits[one][0]
            if scene.site(site).statement == here or scene.timeline.writes[site]:
                continue
            for around in scene.ancestors(site):
                later = self._evaluated(around, one)
                if later is not None and any(
                    (found.quantity, found.form.entry) not in mine
                    for found in self.update.shown(self.origins.visits[later][1])
                ):
                    return True
        return False

    def _evaluated(self, site: int, event: int) -> int | None:
        """When the expression around a read was evaluated."""
        events = self.update.scene.timeline.of_site[site]
        position = int(events.searchsorted(event))
        later = int(events[position]) if position < len(events) else -1
        return later if later in self.origins.visits else None
