"""Two mistakes, mended one after the other: with the first one mended what is left is a program with one mistake.

What is left is diagnosed like any other program, so that the second mistake has its line and its proof too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backlight.checks.placing.repair import gives
from backlight.checks.placing.trials import Trials
from backlight.checks.reading import read_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Diagnosis, Explanation, Spot
    from backlight.checks.judging.causes import Cause
    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.places import Search
    from backlight.checks.probing.probe import Again
    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True)
class Left:
    """What is left of the mistakes of a program when one of them is mended.

    Attributes
    ----------
    asked : Recipe
    again : callable
        Runs a program.
    diagnosed : callable
        Everything that is to be said of a program.
    """

    asked: Recipe
    again: Again
    diagnosed: Callable[[Program], Diagnosis]

    def run(self, program: Program) -> Observation:
        """Run a program."""
        return self.again(program, {})

    def wrong_in(self, program: Program) -> NDArray[np.bool_] | None:
        """The parameters whose gradients are wrong; None where a program is not to be judged."""
        one = read_again(program, self.asked, self.again)
        if one.found.kind is not None or not one.readings:
            return None
        return np.asarray(one.readings[-1][1][0].wrong.any(axis=0))


class Mended(NamedTuple):
    """What explains a program, with its places, and the program without them; None where that is not proved."""

    explanation: Explanation
    fixed: str | None


def mended_in_turn(program: Program, search: Search, causes: Sequence[Cause], left: Left) -> Mended | None:
    """Two mistakes that were told together, each with its places; None where they cannot be mended in turn.

    Parameters
    ----------
    program : Program
    search : Search
        For the places of both.
    causes : sequence of Cause
        What explains the numbers, the likeliest first; of those that are pairs one is told.
    left : Left
    """
    pairs = [cause.slugs for cause in causes if len(cause.slugs) > 1]
    before = search.suspects.wrong

    def are_fewer(trial: Program) -> bool:
        wrong = left.wrong_in(trial)
        return wrong is not None and wrong.sum() < before.sum() and not (wrong & ~before).any()

    for text in causes[0].asked:
        alone = replace(search, cause=replace(causes[0], asked=(text,), each=()))
        places, mended = Trials(program, alone, left.run, are_fewer).proof()
        rest = None if mended is None else with_the_rest(program, places, left.diagnosed(replace(program, text=mended)))
        if rest is None:
            continue
        told = {rest.explanation.mistake, *rest.explanation.equals}
        for pair in pairs:
            other = [slug for slug in pair if slug not in told]
            if len(other) == 1:
                both = replace(rest.explanation, mistake=other[0], also=(rest.explanation.mistake,), equals=())
                return Mended(replace(both, residual=causes[0].residual), rest.fixed)
    return None


def with_the_rest(program: Program, first: Sequence[Spot], left: Diagnosis) -> Mended | None:
    """What is left behind a repair, with the places of the repair before its own; None where that is not proved.

    Parameters
    ----------
    program : Program
        As it was.
    first : sequence of Spot
        What was mended.
    left : Diagnosis
        What is to be said of the program with that.
    """
    if left.fixed is None:
        return None
    explained = left.explanations[0]
    places = (*first, *(_as_before(one, first) for one in explained.places))
    if not gives(program, places, left.fixed):
        return None
    places = tuple(sorted(places, key=lambda one: (one.line, one.column)))
    return Mended(replace(explained, line=places[0].line, places=places), left.fixed)


def _as_before(spot: Spot, first: Sequence[Spot]) -> Spot:
    """A place of the mended program where it was before the repair, which may have more lines or fewer."""
    line, end_line = spot.line, spot.end_line
    for one in sorted(first, key=lambda one: one.line):
        more = one.should_be.count("\n") - (one.end_line - one.line)
        if line > one.line + one.should_be.count("\n"):
            line, end_line = line - more, end_line - more
    return replace(spot, line=line, end_line=end_line)
