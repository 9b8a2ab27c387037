"""Where does a factor come in? The furthest up the pass where the numbers have it already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.changed import PARAMETER
from backlight.checks.placing.evidence import once
from backlight.checks.placing.numbers import near
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.evidence import Evidence
    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.trail import Trail


@dataclass(frozen=True)
class Scaled:
    """The search for a factor."""

    scene: Scene
    changed: Changed
    evidence: Evidence
    trail: Trail

    def places(self, factor: float) -> list[Sight]:
        """Where a factor comes in: the furthest up the pass where the numbers have it already."""
        usual = self.usual
        off = tuple(dict.fromkeys(factor * one for one in usual))
        both = self.scene.quantities(self.changed.true, tuple(dict.fromkeys((*usual, *off))))
        seen: dict[str, list[Sight]] = {}
        for sight in self.scene.sights(both):
            seen.setdefault(sight.quantity, []).append(sight)
        arrays = [name for name, wrong in self.changed.arrays_wrong.items() if wrong]
        last = max(int(name[1:]) for name in arrays)
        up = [f"dL_dz{last}", f"dL_da{last}"]
        chains = [[f"step_{name}", f"dL_d{name}", *self._samples_of(name), *up] for name in arrays]
        if factor < 0 and set(self._arrays_of(last)) <= set(arrays):
            chain = chains[0]
            sights = [
                one
                for name in reversed(chain)
                for one in seen.get(name, [])
                if name in up and self.evidence.computes(one.site)
            ]
            starts = [one for one in sights if self._goes_on(one)]
            steps = [one for name in chains for one in self._furthest(seen, name[:1], factor)]
            if starts and len({one.site for one in steps}) > len(self.evidence.first_of_each(starts)):
                return once(self.evidence.first_of_each([one for one in starts if one.quantity == starts[0].quantity]))
        if set(self._arrays_of(last)) <= set(arrays):
            furthest = self._furthest(seen, chains[0], factor)
            if furthest and furthest[0].quantity in up:
                return once(furthest)
        found = [sight for chain in chains for sight in self._furthest(seen, chain[: -len(up)], factor)]
        return self._definition(found, factor) or once(sorted(found, key=lambda one: one.events))

    def _definition(self, places: list[Sight], factor: float) -> list[Sight]:
        """Where a variable got its value that all these expressions divide by, if it should be the number of samples."""
        if self.scene.samples == 1:
            return []
        timeline = self.scene.timeline
        names = [self._steady_names(place) for place in places]
        shared = set.intersection(*map(set, names)) if len(names) > 1 else set()
        for name in sorted(shared):
            event = names[0][name]
            value = timeline.value(event).item()
            if not any(near(value * one, float(self.scene.samples)) for one in (factor, 1 / factor)):
                continue
            writes = self.trail.writes(int(timeline.observation.place[event]), event)
            made = self.scene.assigned(writes[-1]) if writes else None
            if made is not None and timeline.value(int(timeline.of_site[made][0])).size == 1:
                events = tuple(timeline.before(made, one) or 0 for one in places[0].events)
                return [Sight(made, events, "samples", WHOLE)]
            if made is not None:  # one of several that were given their values together
                return once([self._read_in(place, name) for place in places])
        return []

    def _read_in(self, place: Sight, name: str) -> Sight:
        """Where an expression reads a variable."""
        timeline = self.scene.timeline
        part = next(one for one in timeline.parts(place.site) if self.scene.site(one).source == name)
        return Sight(part, tuple(timeline.before(part, one) or 0 for one in place.events), "samples", WHOLE)

    def _steady_names(self, place: Sight) -> dict[str, int]:
        """The variables in an expression that never change, each with its last event."""
        timeline = self.scene.timeline
        found = {}
        for part in timeline.parts(place.site):
            event = timeline.before(part, place.events[0])
            named = self.scene.kind(part) == "name" and not timeline.moves[part]
            if named and event is not None and timeline.value(event).size == 1:
                found[self.scene.site(part).source] = event
        return found

    @cached_property
    def usual(self) -> tuple[float, ...]:
        """The factors that right programs carry along; where the sign is wrong, those with the right one."""
        if self.changed.factor is not None and self.changed.factor < 0:
            return tuple(one for one in self.scene.factors if one > 0)
        return self.scene.factors

    def _arrays_of(self, layer: int) -> list[str]:
        return [name for name in self.scene.network.shapes if int(name[1:]) == layer]

    def _samples_of(self, name: str) -> list[str]:
        return [
            f"dL_d{name}@{position}"
            for position in range(self.scene.samples)
            if f"dL_d{name}@{position}" in self.changed.true[0]
        ]

    def _furthest(self, seen: dict[str, list[Sight]], chain: list[str], factor: float) -> list[Sight]:
        """Follow a chain from the step upwards as long as the numbers have the factor."""
        best: list[Sight] = []
        doubtful: list[Sight] = []
        usual = self.usual
        for name in chain:
            sights = [
                one
                for one in seen.get(name, [])
                if self.evidence.computes(one.site) and self.evidence.entry_is_wrong(one)
            ]
            sights = [
                one
                for one in sights
                if (self.evidence.updates(one) if name.startswith("step_") else self._goes_on(one))
            ]
            has = [one for one in sights if one.form.factor not in usual]
            if name.startswith("step_"):
                has = [one for one in sights if near(abs(one.form.factor), abs(factor))] or has
                has = [one for one in has if one.site not in self._right_for_others(seen)]
            without = [one for one in sights if one.form.factor in usual and not near(one.form.factor / factor, usual)]
            scaling = [one for one in sights if name.startswith(("dL_da", "dL_dz")) and self._scales(one, seen, factor)]
            if has or scaling:
                best = self.evidence.first_of_each(has or scaling)
            elif without:
                break
            elif sights and not doubtful and not self._adds_up(sights[0]):
                doubtful = self.evidence.first_of_each(sights)
        return best if best and not best[0].quantity.startswith("step_") else doubtful or best

    def _right_for_others(self, seen: dict[str, list[Sight]]) -> set[int]:
        """The expressions that give the right step of another array."""
        right = [name for name, wrong in self.changed.arrays_wrong.items() if not wrong]
        return {one.site for name in right for one in seen.get(f"step_{name}", []) if one.form.factor in self.usual}

    def _scales(self, sight: Sight, seen: dict[str, list[Sight]], factor: float) -> bool:
        """Whether an expression multiplies a delta so that it has just the wrong factor, and no usual one beside it."""
        parts = set(self.scene.timeline.parts(sight.site))
        return near(sight.form.factor, factor) and any(
            one.site in parts and one.form.entry == sight.form.entry and one.form.factor != sight.form.factor
            for one in seen[sight.quantity]
        )

    def _goes_on(self, sight: Sight) -> bool:
        """Whether a number is kept or is part of a kept number that is a gradient, not of the loss."""
        chain = [sight.site, *self.scene.ancestors(sight.site)]
        if PARAMETER.fullmatch(sight.quantity) and len(chain) > 1:
            return self.evidence.updates(sight) or self.evidence.is_kept(chain[1:])
        return self.evidence.is_kept(chain[1:]) or chain[-1] in self._gradient_sites

    @cached_property
    def _gradient_sites(self) -> set[int]:
        factor = self.changed.factor or 1.0
        usual = self.scene.factors
        off = tuple(dict.fromkeys((*usual, *(factor * one for one in usual))))
        sites = {sight.site for sight in self.scene.sights(self.scene.quantities(self.changed.true, off))}
        return sites | self.evidence.wrong_sites

    def _adds_up(self, sight: Sight) -> bool:
        """Whether an expression has several values in an update: a sum over samples that grows."""
        value = self.scene.timeline.observation.value
        return len({int(value[event]) for event in self.scene.windows[0][sight.site]}) > 1
