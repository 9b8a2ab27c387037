"""Which repair makes the program right? Each is run and judged like any other program, few of them.

What was run and is still wrong is not told as what should stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from backlight.checks.placing.amendments import BY_STATEMENTS, NOT_UPDATED, Amendments
from backlight.checks.placing.proof import spots
from backlight.checks.placing.remedies import Remedies
from backlight.checks.placing.repair import repaired
from backlight.checks.placing.signs import Signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.diagnosis import Spot
    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.scene import Sight

TURNED = "sign-error"
MOST_READINGS = 4
"""So many ways to see which expressions are wrong are tried out."""
MOST_TRIALS = 8
"""So many repaired programs are run."""
MOST_PROBED = 3
"""So many ways to see which expressions are wrong are looked at with what might stand there."""


@dataclass
class Trials:
    """A mistake in a program, and two ways to run programs: to see them, and to hear whether they are right."""

    program: Program
    search: Search
    run: Callable[[Program], Observation]
    is_right: Callable[[Program], bool]
    failed: set[str] = field(default_factory=set)

    def proof(self) -> tuple[tuple[Spot, ...], str | None]:
        """The places with what should stand there, and the repaired program if it is right."""
        for turned in Signs(self.search).repairs() if self.search.cause.slugs == (TURNED,) else ():
            text = self._right(turned)
            if text is not None:
                return turned, text
        told: tuple[Spot, ...] = ()
        for number, places in enumerate(islice(self.search.readings(), MOST_READINGS)):
            plain = spots(self.search, places)
            attempts = self._attempts(plain, places, probe=number < MOST_PROBED)
            first = plain
            for attempt, is_told in attempts:
                text = self._right(attempt)
                if text is not None:
                    return self._without_repeated(attempt, text)
                if is_told:
                    first = self._without(plain) if attempt is plain or len(attempt) < len(plain) else attempt
            told = told or first
        return told, None

    def _attempts(
        self, plain: tuple[Spot, ...], places: Sequence[Sight], *, probe: bool
    ) -> Iterator[tuple[tuple[Spot, ...], bool]]:
        """What is tried out, and whether it is told all the same if it is not right: a statement is not."""
        by_statements = probe and bool(set(self.search.cause.slugs) & BY_STATEMENTS)
        statements = Amendments(self.search).repairs(places) if by_statements else iter(())
        if not self._is_a_zero(places):
            yield from ((one, False) for one in statements)
        needed = tuple(one for one in plain if not self._calls_another(one, places))
        if needed and len(needed) < len(plain):
            yield needed, True
        yield plain, True
        if probe:
            yield from ((one, True) for one in Remedies(self.search, self.run).attempts(places))
        yield from ((one, False) for one in statements)

    def _is_a_zero(self, places: Sequence[Sight]) -> bool:
        """Whether zeros stand where a gradient belongs, which an update takes: then no statement is missing."""
        timeline = self.search.scene.timeline
        zeros = all(one.quantity.startswith("dL_d") and not timeline.value(one.events[0]).any() for one in places)
        return zeros and bool(set(self.search.cause.slugs) & NOT_UPDATED and self.search.missing.updates)

    def _calls_another(self, spot: Spot, places: Sequence[Sight]) -> bool:
        """Whether a place only calls the function that another one is in."""
        scopes = [self.search.scene.site(one.site).scope.rpartition(".")[2] for one in places]
        return any(scope and re.search(rf"\b{re.escape(scope)}\(", spot.source) for scope in scopes)

    def _right(self, places: Sequence[Spot]) -> str | None:
        """The program with something else at some places, if it is right."""
        trial = repaired(self.program, places)
        if (
            trial is None
            or any(map(_is_where_it_begins, places))
            or trial.text in self.failed
            or len(self.failed) >= MOST_TRIALS
        ):
            return None
        if self.is_right(trial):
            return trial.text
        self.failed.add(trial.text)
        return None

    def _without_repeated(self, places: tuple[Spot, ...], text: str) -> tuple[tuple[Spot, ...], str]:
        """The places without those whose text stands in a later one too, if they are not needed: where a loss is printed."""
        later = {
            one.source for one in places for other in places if other.line > one.line and other.source == one.source
        }
        last = {one.source: one.line for one in sorted(places, key=lambda one: one.line)}
        fewer = tuple(one for one in places if one.source not in later or one.line == last[one.source])
        shorter = self._right(fewer) if len(fewer) < len(places) else None
        return (places, text) if shorter is None else (fewer, shorter)

    @staticmethod
    def _without(places: Sequence[Spot]) -> tuple[Spot, ...]:
        """The places without what was tried out there in vain."""
        return tuple(replace(one, should_be="") for one in places)


def _is_where_it_begins(spot: Spot) -> bool:
    """Whether another number is to stand for a 1 that stands alone: dL/dL, where an engine's way back begins."""
    return spot.source in {"1", "1.0"} and spot.should_be.replace(".", "", 1).isdigit()
