"""A wrong forward pass, mended place by place until the program is right: what is wrong behind it shows only then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backlight.checks.in_turn import Mended, with_the_rest
from backlight.checks.placing.anywhere.search import anywhere_forward
from backlight.checks.placing.forward import forward_places
from backlight.checks.placing.handed_out import exchanged
from backlight.checks.placing.repair import gives, repaired
from backlight.checks.reading import read_again
from backlight.checks.recognising.network import Network

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Explanation, Spot
    from backlight.checks.in_turn import Left
    from backlight.checks.observing.observation import Program
    from backlight.checks.reading import Read

MOST_FORWARD = 4
"""So many places of a forward pass may be wrong, one after the other."""


def mended_forward(program: Program, told: Explanation, known: Read, left: Left) -> Mended | None:
    """What is told of a wrong forward pass with all its places, mended one after the other, until the program is right.

    Where its gradients are wrong as well, those places too: what is left is diagnosed as a program with one mistake.
    """
    network, parameters = Network.asked(left.asked)
    places: tuple[Spot, ...] = ()
    now = program
    while len(places) < MOST_FORWARD and known.found.kind == "forward" and known.found.first_wrong is not None:
        wrong = known.found.first_wrong
        choices = forward_places(known.timeline, network, parameters, wrong, left.run)
        further, behind = None, None
        at_once = [exchanged(now, place) for place in choices]
        for place in (*(one for one in at_once if one is not None), *choices):
            trial = repaired(now, [place])
            if trial is None:
                continue
            seen = read_again(trial, left.asked, left.again)
            if seen.is_proof:
                places = (*places, place)
                return Mended(told.proved_at(places), trial.text) if gives(program, places, trial.text) else None
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
            rest = with_the_rest(program, (*places, behind[0]), left.diagnosed(behind[1]))
            if rest is None:
                return None
            both = replace(rest.explanation, mistake=told.mistake, also=(rest.explanation.mistake,))
            return Mended(both, rest.fixed)
        if further is None:
            return None
        places, now, known = (*places, further[0]), further[1], further[2]
    return None


def mended_anywhere(told: Explanation, known: Read, left: Left) -> Mended | None:
    """What is told of a wrong forward pass with the place that makes the program right, wherever it is."""
    network, parameters = Network.asked(left.asked)

    def is_right(program: Program) -> bool:
        return read_again(program, left.asked, left.again).is_proof

    own = known.found.network if known.found.kind == "other_activation" else None
    training, batch = known.found.training, left.asked.training.batch_size or network.samples
    rows = training.rounds[0].passes[0] if training is not None else range(min(batch, network.samples))
    repair = anywhere_forward(known.timeline, network, own, parameters, rows, left.run, is_right)
    return None if repair is None else Mended(told.proved_at(repair.places), repair.fixed)
