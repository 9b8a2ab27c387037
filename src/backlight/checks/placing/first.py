"""Where is the first wrong value of a program whose mistake has no name, and what is it made of?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlight.checks.diagnosis import Explanation, Part, Spot
from backlight.checks.placing.back.demands import Demands
from backlight.checks.placing.lines import label_of, seen
from backlight.checks.placing.proof import kept_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.anywhere.search import Repair
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


def unnamed(scene: Scene, repair: Repair | None) -> dict[str, Any]:
    """What is told of a mistake that the catalogue does not have: the first wrong value, and the one place that mends it."""
    spot, parts = first_wrong(scene) or (None, ())
    named: tuple[Explanation, ...] = ()
    fixed = None
    if repair is not None and repair.mistake:
        named = (Explanation(mistake=repair.mistake).proved_at(repair.places),)
    if repair is not None and (named or len(repair.places) == 1):
        place, fixed = repair.places[0], repair.fixed
        if spot is None or spot.line != place.line:
            spot, parts = place, ()
        else:
            spot = replace(place, name=spot.name)
    seen_there = seen(scene, None, (spot,) if spot else ())
    return {"explanations": named, "first_wrong": spot, "made_of": parts, "seen": seen_there, "fixed": fixed}


def _parts(search: Demands, end: Sight) -> Iterator[Part]:
    """What the values in an expression are."""
    scene, origins = search.scene, search.origins
    for part in search.parts(end):
        site = scene.site(int(scene.timeline.observation.site[part]))
        if site.kind != "constant" and not scene.timeline.counts[part]:
            shown = search.update.shown(origins.visits[part][1]) if part in origins.visits else ()
            matches = [one for one in shown if not one.quantity.startswith(("step_", "new_"))]
            yield Part(source=site.source, quantity=label_of(scene, matches[0]) if matches else "")
