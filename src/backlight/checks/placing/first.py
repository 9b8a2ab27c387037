"""Where is the first wrong value of a program whose mistake has no name, and what is it made of?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Part, Spot
from backlight.checks.placing.back.demands import Demands
from backlight.checks.placing.lines import label_of
from backlight.checks.placing.proof import kept_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.scene import Scene, Sight


def first_wrong(scene: Scene) -> tuple[Spot, tuple[Part, ...]] | None:
    """The first wrong value with the values in it; None where the way back to it cannot be followed."""
    search = Demands(scene)
    if not search.ends:
        return None
    end = search.ends[0]
    stores = (search.origins.stored(event) for event in search.origins.around(end.events[0]))
    store = next((one for one in stores if one is not None), None)
    name = kept_as(scene, end) if store is None else scene.site(search.origins.visits[store][0]).name
    spot = Spot.at(scene.site(end.site), name=name, quantity="")
    return spot, tuple(dict.fromkeys(_parts(search, end)))


def _parts(search: Demands, end: Sight) -> Iterator[Part]:
    """What the values in an expression are."""
    scene, origins = search.scene, search.origins
    for part in search.parts(end):
        site = scene.site(int(scene.timeline.observation.site[part]))
        if site.kind != "constant" and not scene.timeline.counts[part]:
            shown = search.update.shown(origins.visits[part][1]) if part in origins.visits else ()
            matches = [one for one in shown if not one.quantity.startswith(("step_", "new_"))]
            yield Part(source=site.source, quantity=label_of(scene, matches[0]) if matches else "")
