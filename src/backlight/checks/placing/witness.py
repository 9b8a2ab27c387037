"""What do the units say of a place? The witness without numbers, heard only where the numbers have found it wrong.

The names in the expression are read by their values, each only if it is one quantity and no other; where the program's
own correction would not pass the same witness, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.checks.units import clash

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.shown import Match, Quantities

    Array = NDArray[np.floating[Any]]

PARTS = {"name", "attribute", "item", "operation", "call"}
MOST_PARTS = 60
MOST_PLACES = 4


def of_units(scene: Scene, places: tuple[Spot, ...]) -> str:
    """What cannot be added or multiplied at a place of the mistake, one sentence; empty where all may be."""
    quantities = scene.quantities([*map(_told, scene.true)], (1.0, -1.0))
    for spot in places[:MOST_PLACES]:
        wanted = spot.quantity
        if not wanted.startswith("dL_d"):  # what an update adds to a parameter has the learning rate in it
            continue
        known = dict(_known(scene, spot, quantities))
        found = clash(spot.source, known, wanted, scene.network.recipe)
        if found is None or (spot.should_be and clash(spot.should_be, known, wanted, scene.network.recipe)):
            continue
        return found.sentence
    return ""


def _told(true: dict[str, Array]) -> dict[str, Array]:
    """The quantities that a program has names for."""
    return {name: array for name, array in true.items() if not name.startswith("radius.")}


def _known(scene: Scene, spot: Spot, quantities: Quantities) -> Iterator[tuple[str, str]]:
    """The parts of an expression, by their source, with the quantity that each is."""
    whole = _site(scene, spot)
    if whole is None:
        return
    parts = set(list(scene.timeline.parts(whole))[:MOST_PARTS])
    told: dict[str, set[str]] = {}
    for site, events in scene.visits:
        if site in parts and scene.kind(site) in PARTS:
            labels = {_label(scene, match) for match in quantities.shown(events)}
            told.setdefault(scene.site(site).source, set()).update(labels)
    yield from ((source, labels.pop()) for source, labels in told.items() if len(labels) == 1)


def _site(scene: Scene, spot: Spot) -> int | None:
    """The expression that stands at a place."""
    for number, site in enumerate(scene.timeline.observation.sites):
        if (site.line, site.column, site.source) == (spot.line, spot.column, spot.source):
            return number
    return None


def _label(scene: Scene, match: Match) -> str:
    """What a part is, with its sign, turned where it lies turned."""
    form = match.form
    name = match.quantity
    if form.entry is not None:
        name = scene.label(name, form.entry)
    elif form.turned:
        name += "^T"
    return f"-{name}" if form.factor < 0 else name
