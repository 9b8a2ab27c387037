"""Which expressions give the true quantity at a place, at every visit that is known? They are tried out in one run.

Small edits of what stands there, and the formula of the quantity in the program's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.diagnosis import Spot
from backlight.checks.placing.changed import PARAMETER
from backlight.checks.placing.edits import Words, edited
from backlight.checks.placing.formulas import formulas
from backlight.checks.placing.proof import made_at, spot
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.reach import Reach
from backlight.checks.placing.sums import summed
from backlight.checks.placing.trying import Asked, Visit, probing, visits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.scene import Sight

    Array = NDArray[np.floating[Any]]

MOST_CANDIDATES = 320
"""So many expressions are tried out at one place."""
MOST_FORMULAS = 40
MOST_VISITS = 300
MOST_CANDIDATES_IN_ALL = 960
OF_A_FORMULA = 2.9
"""The size of an edit that writes everything anew."""
MOST_PLACES = 12
MOST_CHOICES = 3
"""So many expressions that give the true quantity are offered for one place."""


NUMBER = re.compile(r"(?<=[A-Za-z_])\d+")
"""The number in a name: of a layer, of a unit."""


@dataclass(frozen=True)
class Remedies:
    """A mistake whose places are known, and a way to run the program once more."""

    search: Search
    run: Callable[[Program], Observation]

    def attempts(self, places: Sequence[Sight]) -> Iterator[tuple[Spot, ...]]:
        """What might stand at the places together, the smallest edits first.

        Places that show the same quantity are ways to mend the same thing: one of them is enough.
        """
        groups: dict[object, list[tuple[tuple[int, float], Spot]]] = {}
        for sight, choices in zip(places, self.choices(places), strict=True):
            told = spot(self.search, sight) if choices else None
            for number, (text, size) in enumerate(choices.items()):
                same = groups.setdefault((sight.quantity, sight.form.entry), [])
                same += [((number, size), replace(told, should_be=text))] if told is not None else []
        if not groups:
            return
        ordered = [[one for _size, one in sorted(some, key=lambda one: one[0])] for some in groups.values()]
        yield from islice(_in_order(ordered), MOST_CHOICES)
        if len(ordered) > 1:
            yield (ordered[0][0],)
        for one in ordered[0][:MOST_CHOICES]:
            siblings = list(self._siblings(places, one))
            if siblings:
                yield (one, *siblings)

    def _siblings(self, places: Sequence[Sight], spot: Spot) -> Iterator[Spot]:
        """The same edit where the same is written with other numbers: `np.sum(dz2)` beside `np.sum(dz1)`."""
        numbers = set(NUMBER.findall(spot.source))
        if len(numbers) != 1:
            return
        (number,) = numbers
        sites = [self.search.scene.site(one.site) for one in places]
        scopes = {one.scope for one in sites if one.line == spot.line}
        told = {(spot.line, spot.column)}
        for site in self.search.scene.timeline.observation.sites:
            others = set(NUMBER.findall(site.source)) - numbers
            alike = len(others) == 1 and NUMBER.sub(number, site.source) == spot.source
            if (
                alike
                and site.scope in scopes
                and site.kind in {"call", "operation"}
                and (site.line, site.column) not in told
            ):
                told.add((site.line, site.column))
                yield Spot.at(site, name="", quantity="", should_be=NUMBER.sub(others.pop(), spot.should_be))

    def choices(self, places: Sequence[Sight]) -> list[dict[str, float]]:
        """For each place the expressions that give what is true there, with the size of the edit."""
        scene = self.search.scene
        sights = [made_at(scene, sight) for sight in places]
        asked, numbers, sizes = [], [], []
        taken: set[int] = set()
        for number, sight in enumerate(sights[:MOST_PLACES]):
            wanted = self._wanted(sight)
            around = {sight.site, *scene.ancestors(sight.site), *scene.timeline.parts(sight.site)}
            if not wanted or len(sight.events) != scene.number or taken & around:
                continue
            if scene.kind(sight.site) in {"argument", "store"}:
                continue
            taken.add(sight.site)
            some = self._candidates(sight, MOST_CANDIDATES_IN_ALL // min(len(sights), MOST_PLACES))
            asked.append(Asked(scene.site(sight.site), list(some), max(wanted) + 1))
            numbers.append((number, wanted))
            sizes.append(some)
        found: list[dict[str, float]] = [{} for _ in places]
        program = probing(scene.timeline.observation.program, asked) if asked else None
        if program is None:
            return found
        seen = list(visits(self.run(program)))
        for place, (number, wanted) in enumerate(numbers):
            here = [one for one in seen if one.place == place]
            good = self._good(places[number], sights[number], wanted, here, asked[place].candidates)
            found[number] = {text: sizes[place][text] for text in islice(good, MOST_CHOICES)}
        return found

    def _candidates(self, sight: Sight, most: int) -> dict[str, float]:
        """What is tried out at a place, with the size of each edit."""
        program = self.search.scene.timeline.observation.program.text
        source = self.search.scene.site(sight.site).source
        near = edited(source, self._words(sight))
        whole = islice(formulas(self.search.scene, self._usual(sight), self.search.true), MOST_FORMULAS)
        found = {text: size for text, size in near.items() if changes_nothing(text, program)}
        found = dict(islice(found.items(), min(most, MOST_CANDIDATES)))
        return found | {text: OF_A_FORMULA for text in whole if text not in found and changes_nothing(text, program)}

    def _words(self, sight: Sight) -> Words:
        products = "missing-weight-factor" in self.search.cause.slugs
        return Reach(self.search.scene, sight, self.search.true, products=products).words

    def _usual(self, sight: Sight) -> Sight:
        return sight._replace(form=sight.form._replace(factor=self.search.usual_factor(sight)))

    def _wanted(self, sight: Sight) -> dict[int, list[Array]]:
        """For each visit of a place the arrays that are right there, as far as that is known."""
        scene = self.search.scene
        if sight.quantity not in self.search.true[0]:
            return {}
        order = {int(event): number for number, event in enumerate(scene.timeline.of_site[sight.site])}
        known: dict[int, list[Array]] = {}
        others = [
            one
            for some in self.search.evidence.wrong_sights.values()
            for one in some
            if one.site == sight.site and one.events != sight.events and _is_alike(one, sight)
        ]
        for one in (sight, *others):
            for event, true in zip(one.events, self.search.true, strict=False):
                number = order.get(int(event), MOST_VISITS)
                if number < MOST_VISITS and (one is sight or one.quantity in true):
                    known.setdefault(number, []).extend(self._ways(self._usual(one), true))
        return known | self._kept(sight, known, order)

    def _ways(self, sight: Sight, true: dict[str, Array]) -> Iterator[Array]:
        """The true quantity as it may be kept; one number for all entries may be a mistake."""
        quantity = true[sight.quantity]
        part = sight.form.of(quantity)
        yield part
        if sight.form.entry is not None and quantity.ndim == len(sight.form.entry) and quantity.size > 1:
            site = self.search.scene.site(sight.site)
            if "[" not in site.source and self.search.cause.slugs[0].startswith("bias-"):
                yield sight.form.factor * quantity

    def _kept(self, sight: Sight, known: dict[int, list[Array]], order: dict[int, int]) -> dict[int, list[Array]]:
        """The visits at which a true quantity stands there already, of the same kind: it should stay."""
        scene, found = self.search.scene, {}
        kind = _kind(sight.quantity)
        named = [{name: one[name] for name in one if _kind(name) == kind} for one in self.search.true]
        table = scene.quantities(named)
        for site, events in scene.visits:
            if site != sight.site or order[int(events[0])] in known or not table.shown(events):
                continue
            for event in events:
                if order[int(event)] < MOST_VISITS:
                    found[order[int(event)]] = [scene.timeline.value(int(event))]
        return found

    def _good(
        self,
        place: Sight,
        sight: Sight,
        wanted: dict[int, list[Array]],
        seen: list[Visit],
        candidates: Sequence[str],
    ) -> Iterator[str]:
        """The candidates that give what is wanted at every known visit."""
        timeline = self.search.scene.timeline
        room = 10 * ROUNDING[timeline.precision]
        events = timeline.of_site[sight.site]
        wanted = {visit: ways for visit, ways in wanted.items() if visit < len(seen)}  # no more may have been recorded
        first = self._of_the_first(sight)
        if not first.intersection(wanted):
            return
        for number in range(max(wanted) + 1):
            if not is_same(seen[number].now, timeline.value(int(events[number])), room):
                return
        shape = seen[0].now.shape
        stays = all(any(_stays(seen[visit].now, way, room) for way in ways) for visit, ways in wanted.items())
        if stays and not self.search.scene.backward_calls:
            return  # only an engine may be handed right numbers in a wrong way: cut off from what they are made of
        sums = {number: summed(self.search.scene, place, sight, number) for number in wanted}
        later: list[str] = []
        for number, written in enumerate(candidates):
            right = {
                visit: (value := sums[visit].of(seen, number)) is not None
                and any(_fits(value, way, shape, room) for way in ways)
                for visit, ways in wanted.items()
            }
            if all(right.values()):
                yield written
            elif all(one for visit, one in right.items() if visit in first):
                later.append(written)
        yield from later

    def _of_the_first(self, sight: Sight) -> set[int]:
        """The visits at which nothing wrong came in: those of the quantity that goes wrong first."""
        order = {int(event): number for number, event in enumerate(self.search.scene.timeline.of_site[sight.site])}
        others = self.search.evidence.wrong_sights.get(sight.quantity, [])
        alike = [sight, *(one for one in others if one.site == sight.site)]
        return {order[int(event)] for one in alike for event in one.events if int(event) in order}


def _in_order(choices: Sequence[Sequence[Spot]]) -> Iterator[tuple[Spot, ...]]:
    """Every way to choose one of each, the first ones of all first."""
    ranks = product(*(range(min(len(some), MOST_CHOICES)) for some in choices))
    for chosen in sorted(ranks, key=lambda some: (sum(some), some)):
        yield tuple(some[rank] for some, rank in zip(choices, chosen, strict=False))


def _fits(value: Array, wanted: Array, shape: tuple[int, ...], room: float) -> bool:
    """Whether a value is an array, in the shape of what stands there, if that has as many entries."""
    if len(shape) == 2 and value.shape == shape[::-1] and shape[0] != shape[1]:  # noqa: PLR2004
        return False
    return is_same(value, wanted, room)


def _stays(value: Array, wanted: Array, room: float) -> bool:
    """Whether a value is an array as it is; a square one that lies the other way is another."""
    if value.shape == wanted.shape and min(value.shape, default=1) > 1:
        return is_same(value.ravel(), wanted.ravel(), room)
    return is_same(value, wanted, room)


def is_same(value: Array, wanted: Array, room: float) -> bool:
    """Whether a value is an array, whichever way it lies."""
    if value.size != wanted.size or not np.isfinite(value).all():
        return False
    most = room * float(np.max(np.abs(wanted), initial=0.0)) + 1e-300
    ways = [wanted.ravel()]
    if min(wanted.shape, default=1) > 1 and value.shape == wanted.shape[::-1]:
        ways.append(wanted.T.ravel())
    return any(bool(np.all(np.abs(value.ravel() - way) <= most)) for way in ways)


def _kind(quantity: str) -> str:
    """Which kind of quantity it is, whatever its layer."""
    array = PARAMETER.fullmatch(quantity)
    return quantity.partition(array[1])[0] if array else "".join(one for one in quantity if not one.isdigit())


def _is_alike(one: Sight, other: Sight) -> bool:
    return _kind(one.quantity) == _kind(other.quantity)
