"""May a right answer be given? Only where a mistake would have shown, and where the check is shown to fail.

What makes no difference at the program's own numbers is looked for from other initial values. What two mistakes explain
equally well is decided there, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backlight.checks.judging.control import finds
from backlight.checks.judging.elsewhere import are_all_free, places
from backlight.checks.judging.held import readings_of, suspects_of
from backlight.checks.judging.power import unseen
from backlight.checks.judging.trials import slug_of
from backlight.checks.probing import words

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Difference
    from backlight.checks.judging.causes import Cause, Suspects
    from backlight.checks.judging.elsewhere import Elsewhere, Tells
    from backlight.checks.probing.probe import Probe, Prober
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

MOST_PROBES = 3
"""So many times a program is run again."""


@dataclass(frozen=True)
class Found:
    """A mistake that shows from other initial values only.

    Attributes
    ----------
    probe : Probe
        The run in which it shows.
    suspects : Suspects
        What was judged there.
    causes : tuple of Cause
        What explains it, the most specific first.
    begin : array
        The initial values that were asked for.
    """

    probe: Probe
    suspects: Suspects
    causes: tuple[Cause, ...]
    begin: Array


@dataclass(frozen=True)
class Assurance:
    """What a right answer rests on; or why it cannot be given; or that it is wrong elsewhere."""

    facts: tuple[Difference, ...] = ()
    reason: str = ""
    found: Found | None = None


def assured(prober: Prober, suspects: Suspects, asked: Recipe) -> Assurance:
    """Ask of a program that is right at its own numbers what this is worth."""
    return _Asking(prober, suspects, asked).answer()


class _Asking:
    """The mistakes that would make no difference at a program's own numbers, and where they would make one."""

    def __init__(self, prober: Prober, suspects: Suspects, asked: Recipe) -> None:
        self.prober, self.suspects, self.asked = prober, suspects, asked
        self.hidden = unseen(suspects)
        self.anywhere = _seen_from(places(suspects), self.hidden) if self.hidden else []
        self.real = [one for one in self.hidden if any(tells[one].at_all for _place, tells in self.anywhere)]
        self.visible = [one for one in self.real if any(tells[one].clearly for _place, tells in self.anywhere)]
        self.left = tuple(self.visible)
        self.control = _shown(suspects, self.hidden)
        self.runs = self.unexplained = 0

    def answer(self) -> Assurance:
        """Run it again where mistakes show; then try the check itself."""
        for begin in self._beginnings():
            there, probe = _judged_at(self.prober, begin, self.asked)
            if there is None or probe is None:
                continue
            if not there.judged.wrong.any():
                self.runs += 1
                self.left = unseen(there, self.left)
                self.control = self.control or _shown(there, unseen(there))
            elif causes := self._causes(there):
                return Assurance(found=Found(probe, there, causes, begin))
            else:
                self.unexplained += 1
        return Assurance(reason=words.wrong_there()) if self.unexplained else self._rest()

    def _beginnings(self) -> Iterator[Array]:
        """Initial values from which mistakes show that were not seen yet; those with the most of them first."""
        if not self.left:
            return
        free = self.prober.origins.places
        seen = self.anywhere if are_all_free(free) else _seen_from(places(self.suspects, free), self.left)
        options = [(place, {one for one in self.left if tells[one].clearly}) for place, tells in seen]
        for _run in range(MOST_PROBES):
            best = max(options, key=lambda one: len(one[1].intersection(self.left)), default=None)
            if best is None or not best[1].intersection(self.left):
                return
            options.remove(best)
            yield best[0].parameters

    def _causes(self, there: Suspects) -> tuple[Cause, ...]:
        """What explains a program's numbers elsewhere and makes no difference to its own."""
        return tuple(cause for cause in there.causes() if self.suspects.tried(cause.asked).fits.all())

    def _rest(self) -> Assurance:
        """What can be said of a program that is right wherever it was seen."""
        if self.control is None or not finds(*self.control):
            return Assurance(reason=words.no_control())
        seen = {slug_of(one) for one in self.suspects.ways if one not in set(self.hidden)}
        seen |= {slug_of(one) for one in self.visible if one not in self.left}
        lost = [one for one in self.left if slug_of(one) not in seen]
        if lost:
            return Assurance(reason=words.no_power(lost))
        facts = words.assurance(
            ways=len(self.suspects.ways) - len(self.hidden) + len(self.real),
            elsewhere=[one for one in self.visible if one not in self.left],
            left=self.left,
            small=[one for one in self.real if one not in self.visible],
            runs=self.runs,
            planted=self.control[1],
            updates=self.suspects.number,
        )
        return Assurance(facts=tuple(facts))


def _seen_from(beginnings: Sequence[Elsewhere], asked: Sequence[str]) -> list[tuple[Elsewhere, dict[str, Tells]]]:
    """What is seen of some mistakes from each of some beginnings."""
    return [(place, {one: place.tells(one) for one in asked}) for place in beginnings]


def _shown(suspects: Suspects, hidden: Container[str]) -> tuple[Suspects, str] | None:
    """The first mistake that shows, to try the check with."""
    shown = next((one for one in suspects.ways if one not in hidden), None)
    return None if shown is None else (suspects, shown)


def _judged_at(prober: Prober, begin: Array, asked: Recipe) -> tuple[Suspects, Probe] | tuple[None, None]:
    """The program from other initial values, held against the truth: read so that it is right, if it can be."""
    probe = prober.at(begin)
    readings = [] if probe is None else readings_of(probe.timeline, prober.network, probe.training, asked)
    if probe is None or not readings:
        return None, None
    training, ways = readings[-1] if not readings[-1][1][0].wrong.any() else readings[0]
    return suspects_of(prober.network, ways[0], probe.timeline.precision), replace(probe, training=training)


def right_from(prober: Prober, begin: Array, asked: Recipe) -> bool:
    """Whether a program is right from some initial values."""
    there, _probe = _judged_at(prober, begin, asked)
    return there is not None and not there.judged.wrong.any()


def decided(
    prober: Prober, suspects: Suspects, causes: list[Cause], asked: Recipe
) -> tuple[list[Cause], tuple[Difference, ...]]:
    """Of several mistakes that explain a program's numbers equally well, those that do so elsewhere as well."""
    rivals = len({one.slugs for one in causes}) > 1 and all(len(one.asked) == 1 and one.fits.all() for one in causes)
    begin = _dividing(places(suspects, prober.origins.places), causes) if rivals and prober.origins.found else None
    there = None if begin is None else _judged_at(prober, begin, asked)[0]
    if there is None:
        return causes, ()
    kept = [one for one in causes if there.tried(one.asked).fits.all()]
    gone = [one for one in causes if one not in kept]
    if not kept or not gone:
        return causes, ()
    return kept, tuple(words.decision([one.asked[0] for one in kept], [one.asked[0] for one in gone]))


def _dividing(beginnings: Iterable[Elsewhere], causes: Sequence[Cause]) -> Array | None:
    """The initial values at which the most mistakes are unlike the first one; None where all are alike everywhere."""

    def unlike(place: Elsewhere) -> int:
        first, *others = [place.changes(one.asked[0]) for one in causes]
        return sum(place.differ(first, one) for one in others)

    best = max(((unlike(place), -number, place) for number, place in enumerate(beginnings)), default=None)
    return best[2].parameters if best is not None and best[0] else None
