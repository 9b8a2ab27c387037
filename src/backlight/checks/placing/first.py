"""Where is the first wrong value of a program whose mistake has no name, and what is it made of?

Back from the parameters that go wrong, through assignments, arguments and returns: the first wrong value is one that is
no quantity of the network, in no form, while all that it is made of are quantities, or were given before the training.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Part, Spot
from backlight.checks.placing.lines import label_of, true_quantities
from backlight.checks.placing.trail import DEEPEST, Trail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.shown import Quantities

LONGEST_WAY = 40
"""So many values may lie between what is wrong first and the parameter that it makes wrong."""
SOON = 40
"""So many events after an expression its value is stored, if at all."""
READS = {"name", "attribute", "item", "argument", "return", "store"}


def first_wrong(scene: Scene) -> tuple[Spot, tuple[Part, ...]] | None:
    """The first wrong value with the values in it; None where the way back to it cannot be followed."""
    search = _Back(scene)
    wrong, right = (search.beginnings(is_wrong=is_wrong) for is_wrong in (True, False))
    among = wrong - right or wrong
    if not among:
        return None
    event = min(among)
    spot = Spot.at(scene.site(search.visits[event][0]), name=search.name(event), quantity="")
    return spot, tuple(dict.fromkeys(search.parts_told(event)))


@dataclass(frozen=True)
class _Back:
    """The ways back from the parameters of a program."""

    scene: Scene

    @cached_property
    def visits(self) -> dict[int, tuple[int, tuple[int, ...]]]:
        """The places evaluated in each update, with their events, by the event in the first one."""
        return {events[0]: (site, events) for site, events in self.scene.visits}

    @cached_property
    def _trail(self) -> Trail:
        return Trail(self.scene)

    @cached_property
    def _true(self) -> Quantities:
        steps = self.scene.judged.steps[: self.scene.number]
        given = [
            self.scene.network.arrays(step.round.parameters) | {"x": data["x"], "y": data["y"]}
            for step, data in zip(steps, self.scene.true, strict=True)
        ]
        return self.scene.quantities([one | mine for one, mine in zip(true_quantities(self.scene), given, strict=True)])

    def beginnings(self, *, is_wrong: bool) -> set[int]:
        """Where the values of all wrong parameters, or of all right ones, cease to be quantities of the network."""
        found: set[int] = set()
        done: set[int] = set()
        for sight in self.scene.sights(self.scene.quantities(self.scene.after, (1.0,))):
            entries = self.scene.entries_wrong[sight.quantity]
            wrong = bool((entries if sight.form.entry is None else entries[sight.form.entry]).any())
            makes = self.scene.kind(sight.site) == "store" or self.scene.timeline.computes[sight.site]
            if makes and wrong == is_wrong:
                found |= self._behind(sight.events[0], done)
        return found

    def _behind(self, event: int, done: set[int]) -> set[int]:
        """The first values on the ways to an event that are none of the network."""
        made = self._made(event)
        if made is None or made in done or len(done) > LONGEST_WAY * DEEPEST:
            return set()
        done.add(made)
        unknown = [part for part in self._parts(made) if not self._is_known(part)]
        found: set[int] = set()
        followed = False
        for part in unknown:
            followed |= self._made(part) is not None
            found |= self._behind(part, done)
        return found if found or followed else {made}

    def _made(self, event: int) -> int | None:
        """The event of the expression that made a value, in the updates that are looked at."""
        for _ in range(DEEPEST):
            if event not in self.visits:
                return None
            site = self.visits[event][0]
            if self.scene.kind(site) == "store":
                made = self.scene.assigned(event)
                before = None if made is None else self._of_several(made, event)
                if before is None or self.scene.kind(int(self.scene.timeline.observation.site[before])) not in READS:
                    return before if before in self.visits else None
                event = before
                continue
            earlier = self._trail.made_for(event) or self._holder(event)
            if earlier is None:
                return event if self.scene.timeline.computes[site] else None
            event = earlier
        return None

    def _holder(self, event: int) -> int | None:
        """Where the list or array was read that an item was taken of."""
        site = self.visits[event][0]
        children = self.scene.timeline.children[site] if self.scene.kind(site) == "item" else []
        return self.scene.timeline.before(children[0], event) if children else None

    def _of_several(self, made: int, store: int) -> int | None:
        """The expression whose value an assignment stored: of several that are assigned at once, the one of this value."""
        timeline = self.scene.timeline
        whole, value = timeline.before(made, store), int(timeline.observation.value[store])
        if whole is None or timeline.value(whole).size == timeline.value(store).size:
            return whole
        parts = (timeline.before(child, store) for child in timeline.children[made])
        return next((one for one in parts if one is not None and int(timeline.observation.value[one]) == value), whole)

    def _parts(self, event: int) -> Iterator[int]:
        """The largest known parts of an expression, and of the others what is read."""
        timeline = self.scene.timeline
        for child in timeline.children[self.visits[event][0]]:
            last = timeline.before(child, event)
            if last is None:
                continue
            is_read = self.scene.kind(child) in READS or not timeline.children[child]
            if is_read or last not in self.visits or self._is_known(last) or self._made(last) not in {None, last}:
                yield last
            else:
                yield from self._parts(last)

    def _is_known(self, event: int) -> bool:
        """Whether a value is a quantity of the network, counts something, or was given before the training."""
        timeline = self.scene.timeline
        if event not in self.visits or timeline.counts[event] or self.scene.kind(self.visits[event][0]) == "constant":
            return True
        if self._true.shown(self.visits[event][1]):
            return True
        if int(timeline.observation.place[event]) < 0:
            return False
        return len({timeline.value(one).tobytes() for one in self.visits[event][1]}) == 1

    def name(self, event: int) -> str:
        """The variable that gets a value, in the same statement."""
        observation = self.scene.timeline.observation
        here = self.scene.site(int(observation.site[event]))
        for later in range(event, min(event + SOON, len(observation.site))):
            site = self.scene.site(int(observation.site[later]))
            same = observation.value[later] == observation.value[event]
            if same and site.kind == "store" and site.statement == here.statement:
                return site.name
        return ""

    def parts_told(self, event: int) -> Iterator[Part]:
        """What the values in an expression are."""
        for part in self._parts(event):
            site = self.scene.site(int(self.scene.timeline.observation.site[part]))
            if site.kind != "constant" and not self.scene.timeline.counts[part]:
                matches = self._true.shown(self.visits[part][1]) if part in self.visits else ()
                yield Part(source=site.source, quantity=label_of(self.scene, matches[0]) if matches else "")
