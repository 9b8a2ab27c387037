"""The places of a mistake in the program's own words, and the proof that they are the places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Spot
from backlight.checks.placing.formulas import should_be
from backlight.checks.placing.masks import mask_should_be
from backlight.checks.placing.scene import Sight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.placing.places import Search
    from backlight.checks.placing.scene import Scene


def spots(search: Search, places: Sequence[Sight]) -> tuple[Spot, ...]:
    """What stands at each place, and what should."""
    return tuple(spot(search, sight) for sight in places)


def spot(search: Search, sight: Sight) -> Spot:
    """What stands at a place, and what should."""
    sight = made_at(search.scene, sight)
    site = search.scene.site(sight.site)
    wanted = sight._replace(form=sight.form._replace(factor=search.usual_factor(sight)))
    return Spot.at(
        site,
        name=kept_as(search.scene, sight),
        quantity=quantity_label(search.scene, sight),
        should_be=mask_should_be(search.scene, sight, search.true) or should_be(search.scene, wanted, search.true),
    )


def made_at(scene: Scene, sight: Sight) -> Sight:
    """The expression that an assignment stores, where a sight is what it is stored in."""
    made = scene.assigned(sight.events[0]) if scene.kind(sight.site) == "store" else None
    if made is None:
        return sight
    before = [scene.timeline.before(made, event) for event in sight.events]
    events = tuple(event for event in before if event is not None)
    sign = scene.sign_of(sight.site)
    if sign and sight.quantity.startswith("new_"):
        form = sight.form._replace(factor=-sign * sight.form.factor)
        return Sight(made, events, sight.quantity.replace("new_", "step_"), form)
    return sight._replace(site=made, events=events)


def quantity_label(scene: Scene, sight: Sight) -> str:
    """The label of what a sight shows: a scalar's, or the array's."""
    if sight.quantity == "samples":
        return ""
    name = sight.quantity.partition("@")[0].replace("step_", "dL_d").replace("new_", "")
    entry = sight.form.entry
    if name not in scene.true[0] or entry is None or len(entry) < scene.true[0][name].ndim:
        return name
    return scene.label(name, entry)


def kept_as(scene: Scene, sight: Sight) -> str:
    """The variable that gets the value, if the expression is all that is assigned to one."""
    observation = scene.timeline.observation
    statement = scene.site(sight.site).statement
    for event in range(sight.events[0] + 1, min(sight.events[0] + 30, len(observation.site))):
        site = scene.site(int(observation.site[event]))
        if site.kind == "store" and site.statement == statement:
            return site.name
    return ""
