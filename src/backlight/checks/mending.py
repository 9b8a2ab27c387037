"""A wrong forward pass, mended place by place until the program is right: what is wrong behind it shows only then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Explanation
from backlight.checks.in_turn import Mended, with_the_rest
from backlight.checks.placing.forward import forward_places
from backlight.checks.placing.handed_out import exchanged
from backlight.checks.placing.repair import repaired
from backlight.checks.reading import Read, read
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlight.checks.diagnosis import Diagnosis, Spot
    from backlight.checks.observing.observation import Program
    from backlight.checks.probing.probe import Again
    from backlight.recipes.recipe import Recipe

MOST_FORWARD = 4
"""So many places of a forward pass may be wrong, one after the other."""


def mended_forward(
    program: Program, asked: Recipe, known: Read, again: Again, left: Callable[[Program], Diagnosis]
) -> Mended | None:
    """The places of a wrong forward pass with what should stand there, one after the other, until the program is right.

    Where its gradients are wrong as well, those places too: what is left is diagnosed as a program with one mistake.
    """
    network, parameters = Network.asked(asked)
    places: tuple[Spot, ...] = ()
    now = program
    while len(places) < MOST_FORWARD and known.found.kind == "forward" and known.found.first_wrong is not None:
        wrong = known.found.first_wrong
        choices = forward_places(known.timeline, network, parameters, wrong, lambda trial: again(trial, {}))
        further, behind = None, None
        at_once = [exchanged(now, place) for place in choices]
        for place in (*(one for one in at_once if one is not None), *choices):
            trial = repaired(now, [place])
            if trial is None:
                continue
            seen = read(Timeline(again(trial, {})), asked, again)
            if seen.found.kind is None and seen.is_right:
                together = repaired(program, [*places, place])
                if together is None or together.text != trial.text:
                    return None
                return Mended(Explanation(mistake="", places=(*places, place)), trial.text)
            if (
                place in choices
                and seen.found.kind == "forward"
                and seen.found.first_wrong
                and seen.found.first_wrong.line > wrong.line
            ):
                further = further or (place, trial, seen)
            if seen.found.kind is None and seen.readings:
                behind = behind or (place, trial)
        if further is None and behind is not None:
            rest = with_the_rest(program, (*places, behind[0]), left(behind[1]))
            return (
                None
                if rest is None
                else rest._replace(explanation=replace(rest.explanation, also=(rest.explanation.mistake,)))
            )
        if further is None:
            return None
        places, now, known = (*places, further[0]), further[1], further[2]
    return None
