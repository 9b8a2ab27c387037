"""Where does a number come from? Back from where it is read, through assignments, arguments and returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from backlight.checks.placing.scene import Scene, Sight

DEEPEST = 8
"""So many variables, arguments and returns may lie between where a number is made and where it is used."""
JUST_BEFORE = 12
"""So many events may lie between a number and the assignment or the call that takes it."""


@dataclass(frozen=True)
class Trail:
    """The ways of numbers through a program."""

    scene: Scene

    def origin(self, sight: Sight, by_event: dict[int, Sight]) -> Sight:
        """The expression that made a number: back through arguments and returns to where it was assigned."""
        observation = self.scene.timeline.observation
        entered = set()
        for _ in range(DEEPEST):
            made = self.made_for(sight.events[0]) or self._collected(sight.events[0], by_event)
            if made is None or made not in by_event:
                return sight
            here = self.scene.site(int(observation.site[made]))
            if here.kind == "argument" and here.scope in entered:
                return sight
            if here.kind == "return":
                entered.add(here.scope)
            assigned = self.scene.kind(sight.site) not in {"argument", "call", "return"} and not self._is_given(sight)
            sight = by_event[made]
            if assigned and self.scene.kind(sight.site) != "call":
                return sight
        return sight

    def _collected(self, event: int, by_event: dict[int, Sight]) -> int | None:
        """The last expression that made a number before it was found in a container that nothing was assigned to."""
        observation, timeline = self.scene.timeline.observation, self.scene.timeline
        place = int(observation.place[event])
        if self.scene.kind(int(observation.site[event])) not in {"item", "name"} or (
            place >= 0 and self.writes(place, event)
        ):
            return None
        same = [
            one
            for one in by_event
            if one < event
            and observation.value[one] == observation.value[event]
            and timeline.computes[int(observation.site[one])]
        ]
        return max(same, default=None)

    def _is_given(self, sight: Sight) -> bool:
        """Whether a variable is an argument of the function that reads it."""
        place = int(self.scene.timeline.observation.place[sight.events[0]])
        writes = self.writes(place, sight.events[0])
        return bool(writes) and self.scene.kind(int(self.scene.timeline.observation.site[writes[-1]])) == "argument"

    def writes(self, place: int, before: int) -> list[int]:
        """The events that gave a variable a value."""
        return [int(one) for one in self.scene.timeline.written(place) if one < before]

    def made_for(  # noqa: PLR0911  one for each way to be made
        self, event: int
    ) -> int | None:
        """The event that gave a variable its value, or a call its result; None where it is made here."""
        observation = self.scene.timeline.observation
        site = self.scene.site(int(observation.site[event]))
        value = observation.value[event]
        if site.kind == "call":
            for earlier in range(event - 1, max(event - 4, -1), -1):
                one = self.scene.site(int(observation.site[earlier]))
                if one.kind == "return" and observation.value[earlier] == value and one.scope != site.scope:
                    return earlier
            return None
        if site.kind in {"operation", "constant"}:
            return None
        if site.kind == "return":
            return self._same_before(event, value, site.scope)
        if site.kind == "argument":
            return self._same_before(event, value, None)
        place = int(observation.place[event])
        if place < 0:
            return None
        writes = self.writes(place, event)
        if not writes or observation.value[writes[-1]] != value:
            return None
        writer = int(observation.site[writes[-1]])
        if self.scene.kind(writer) == "argument" or self.scene.timeline.computes[writer]:
            return writes[-1]
        return self._same_before(writes[-1], value, self.scene.site(writer).scope)

    def _same_before(self, event: int, value: int, scope: str | None) -> int | None:
        """The outermost expression with a value shortly before an event, in a function or in any."""
        observation = self.scene.timeline.observation
        for earlier in range(event - 1, max(event - JUST_BEFORE, -1), -1):
            site = self.scene.site(int(observation.site[earlier]))
            if observation.value[earlier] == value and (scope is None or site.scope == scope) and site.kind != "store":
                return earlier
        return None

    def called(self, sight: Sight) -> Sight:
        """Where the function was called that made a number, if it was one of the program's own."""
        observation = self.scene.timeline.observation
        scope = self.scene.site(sight.site).scope
        if not scope:
            return sight
        events = []
        for event in sight.events:
            value = int(observation.value[event])
            for later in range(event + 1, min(event + JUST_BEFORE, len(observation.site))):
                site = self.scene.site(int(observation.site[later]))
                if site.kind == "call" and int(observation.value[later]) == value and site.scope != scope:
                    events.append(later)
                    break
        sites = {int(observation.site[event]) for event in events}
        if len(events) == len(sight.events) and len(sites) == 1:
            return sight._replace(site=sites.pop(), events=tuple(events))
        return sight

    def outermost(self, site: int, event: int, among: Container[int]) -> Iterator[int]:
        """The events of the largest parts of an expression that are among some, when it was evaluated."""
        for part in self.scene.timeline.children[site]:
            last = self.scene.timeline.before(part, event)
            if last is not None and last in among:
                yield last
            else:
                yield from self.outermost(part, event, among)

    def body(self, sight: Sight, others: dict[int, Sight]) -> Sight:
        """The expression in a function of the program that its call gave back."""
        observation = self.scene.timeline.observation
        for event in range(sight.events[0] - 1, max(sight.events[0] - 6, 0), -1):
            site = int(observation.site[event])
            if self.scene.kind(site) == "return" and observation.value[event] == observation.value[sight.events[0]]:
                return others.get(event, sight)
        return sight
