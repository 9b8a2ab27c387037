"""What should stand where a forward pass goes wrong: the true value of the first pass chooses, a run proves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.placing.edits import Words, edited
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.reach import functions_of, module_of
from backlight.checks.placing.remedies import MOST_CANDIDATES, is_same
from backlight.checks.placing.trying import Asked, probing, visits
from backlight.checks.placing.words import is_plain
from backlight.recipes.labels import place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.observing.observation import Observation, Program, Site
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

AT_ONCE = 1.1
"""Edits up to this size come before an activation that is written anew."""
MOST_TRIED = 3
"""So many expressions that give the true value are run."""
PLAIN = {
    "np": {"sigmoid": "1 / (1 + {np}.exp(-{z}))", "tanh": "{np}.tanh({z})", "relu": "{np}.maximum(0, {z})"},
    "torch": {"sigmoid": "torch.sigmoid({z})", "tanh": "torch.tanh({z})", "relu": "torch.relu({z})"},
}


def forward_places(
    timeline: Timeline, network: Network, parameters: Array, spot: Spot, run: Callable[[Program], Observation]
) -> list[Spot]:
    """The place with what gives the true value there, the smallest edits first."""
    sites = timeline.observation.sites
    here = [
        (number, one)
        for number, one in enumerate(sites)
        if (one.line, one.column, one.end_line, one.end_column)
        == (spot.line, spot.column, spot.end_line, spot.end_column)
        and one.kind not in {"store", "argument", "return"}
    ]
    wanted = list(_wanted(network, parameters, spot.quantity))
    if not here or not wanted:
        return []
    number, site = here[0]
    candidates = _candidates(timeline, number, site, network)
    trial = probing(timeline.observation.program, [Asked(site, candidates, 1)])
    seen = list(visits(run(trial))) if trial is not None else []
    if not seen:
        return []
    room = 100 * ROUNDING[timeline.precision]
    good = [
        written
        for position, written in enumerate(candidates)
        if position in seen[0].values
        and any(is_same(value := seen[0].values[position], one, room) or _are_rows(value, one, room) for one in wanted)
    ]
    return [replace(spot, should_be=written) for written in islice(good, MOST_TRIED)]


def _wanted(network: Network, parameters: Array, quantity: str) -> Iterator[Array]:
    """The true values of all samples, or of the first ones by themselves."""
    true = network.quantities(parameters)
    if quantity in true:
        whole = np.asarray(true[quantity], float)
        yield whole
        if whole.ndim == 2:  # noqa: PLR2004
            yield whole[0]
        return
    try:
        where = place(network.recipe, quantity)
        column = np.asarray(true[where.quantity], float)[:, where.index[-1]]
    except Exception:  # noqa: BLE001  no such scalar
        return
    yield column
    yield column[:1]


def _are_rows(value: Array, whole: Array, room: float) -> bool:
    """Whether a value is what some samples have, those of a batch, down or across."""
    if value.ndim != 2 or whole.ndim != 2 or not np.isfinite(value).all():  # noqa: PLR2004
        return False
    most = room * float(np.max(np.abs(whole), initial=0.0)) + 1e-300
    ways = [way for way in (value, value.T) if way.shape[1] == whole.shape[1] and 0 < len(way) < len(whole)]
    return any(bool(np.all(np.any(np.all(np.abs(way[:, None] - whole[None]) <= most, axis=2), axis=1))) for way in ways)


def _candidates(timeline: Timeline, number: int, site: Site, network: Network) -> list[str]:
    """Edits of what stands there, with the activations of the recipe."""
    text = timeline.observation.program.text
    module = module_of(text)
    functions = list(functions_of(timeline))
    found = edited(
        site.source,
        Words(words=_words(timeline, number), functions=functions[:8], indices=_indices(site.source), module=module),
    )
    inner = re.findall(r"\(([\w.\[\]]+)\)", site.source) or re.findall(r"[A-Za-z_][\w.]*", site.source)
    kinds = PLAIN["torch" if module == "torch" else "np"]
    written = [
        kinds[kind.name].format(np=module, z=z)
        for kind in dict.fromkeys(network.recipe.activations)
        if kind.name in kinds
        for z in dict.fromkeys(inner)
    ]
    sure = [
        one
        for one in (*(text for text, size in found.items() if size <= AT_ONCE), *written, *found)
        if changes_nothing(one, text)
    ]
    return list(dict.fromkeys(sure))[:MOST_CANDIDATES]


def _words(timeline: Timeline, number: int) -> Sequence[str]:
    """The variables of the same function, then those of the module."""
    here = timeline.observation.sites[number]
    ranked: dict[str, tuple[int, int]] = {}
    for site in timeline.observation.sites:
        written = site.name
        if not written or len(written) > 30 or site.scope not in {here.scope, ""} or not is_plain(written):  # noqa: PLR2004
            continue
        rank = (int(site.scope != here.scope), abs(site.line - here.line))
        ranked[written] = min(rank, ranked.get(written, rank))
    return tuple(sorted(ranked, key=lambda one: ranked[one]))[:60]


def _indices(source: str) -> Sequence[str]:
    return tuple(dict.fromkeys(re.findall(r"\[([A-Za-z_]\w*)\]", source)))
