"""What went wrong in a program: the mistake, why people make it, its places as they are and as they should be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from backlight.checks.told import told as told_of
from backlight.language import _
from backlight.language.widths import plain, wrap
from backlight.recipes.wording.shown import counted
from backlight.views.text.notation import short
from backlight.views.text.places import numbered, place
from backlight.views.text.tables import INDENT, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlight.checks.diagnosis import Diagnosis, Explanation, Part, Spot

MOST_PLACES = 8
GRADIENT_KINDS = frozenset({"constant_factor", "other_loss", "wrong_parameter", "never_learns", "update_order"})
"""What leaves the network and its loss as they were asked for, so that the loss can be spoken of."""


def mistake_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Tell the best explanation in full and the others by name; else the first wrong value."""
    if diagnosis.verdict != "wrong":
        return
    if not diagnosis.explanations:
        yield from _unexplained(diagnosis)
        return
    best, *others = diagnosis.explanations
    at = diagnosis.line
    heading = _("the mistake: {mistake}, line {line}") if at else _("the mistake: {mistake}")
    yield from wrap(heading.format(mistake=plain(best.mistake), line=at and numbered(diagnosis.program, at)))
    yield from _meaning(best, others, diagnosis.units)
    for spot in best.places[:MOST_PLACES]:
        yield ""
        yield from place(diagnosis.program, spot, proved=best.proof)
    if len(best.places) > MOST_PLACES:
        more = len(best.places) - MOST_PLACES
        yield ""
        yield INDENT + counted(more, _("and {number} more place"), _("and {number} more places"))
    yield ""
    yield from wrap(_proof(diagnosis, best), first=INDENT, rest=INDENT)
    if not best.proof:
        yield from _legend(best.places)


def falling_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Say why a falling loss was no proof, where it fell."""
    losses = diagnosis.losses
    fell = bool(losses) and losses[-1] < losses[0]
    if not (fell and diagnosis.verdict == "wrong" and diagnosis.kind in GRADIENT_KINDS):
        return
    yield _("why the loss falls all the same")
    told = _("It went from {first} to {last}. {therefore}").format(
        first=short(losses[0], 6), last=short(losses[-1], 6), therefore=_direction(diagnosis)
    )
    yield from wrap(told, first=INDENT, rest=INDENT)


def _direction(diagnosis: Diagnosis) -> str:
    """What the angle between the steps says, if it says something."""
    cosine = diagnosis.cosine
    if cosine is None or not 0 < cosine <= 1 + 1e-9:
        return _("A loss that falls does not prove that the gradients are right.")
    angle = math.degrees(math.acos(min(cosine, 1.0)))
    if diagnosis.kind == "constant_factor":
        return _("Your steps point the same way as the right ones; only their length is wrong.")
    return _(
        "At each judged update your step points at most {angle} degrees away from the right one; below 90, a step that "
        "is small enough still leads down. So a loss that falls does not prove that the gradients are right."
    ).format(angle=f"{max(math.ceil(angle * 10), 1) / 10:g}")


def _meaning(best: Explanation, others: list[Explanation], units: str) -> list[str]:
    """The catalogue's sentences, and the mistakes that go with it."""
    about = told_of(best.mistake)
    also = [(_("together with"), _named(slug)) for slug in best.also]
    return facts(
        [
            (_("what"), _sentence(about.instead)),
            (_("why it tempts"), _sentence(about.tempting)),
            (_("how it shows"), _sentence(about.shows)),
            (_("by its units"), plain(units)),
            *also,
            (_("equal here"), ", ".join(map(plain, best.equals))),
            (_("or else"), "; ".join(_named(one.mistake) for one in others)),
        ],
        indent=INDENT,
    )


def _named(slug: str) -> str:
    """Another mistake, with its sentence."""
    sentence = _sentence(told_of(slug).instead)
    return f"{plain(slug)}: {sentence}" if sentence else plain(slug)


def _sentence(text: str) -> str:
    """A sentence of the catalogue in the language in use."""
    return _(text) if text else ""


def _proof(diagnosis: Diagnosis, best: Explanation) -> str:
    """What is proved, and what is only likely."""
    if best.proof and diagnosis.iterations and not diagnosis.gradients:
        return _("Proved: with this replaced and nothing else, the program is right.")
    places, updates = len(best.places), len(diagnosis.iterations)
    if best.proof and places:
        with_one, with_several = _proved() if updates else _proved_forward()
        text = with_one if places == 1 else with_several
        return text.format(places=places, gradients=diagnosis.gradients, updates=updates)
    if not updates:
        return _(
            "Not proved in your lines: no replacement was found with which the forward pass and every gradient are right."
        )
    if not best.residual:
        return _("Not proved in your lines: the same network with this mistake gives exactly your gradients.")
    return _(
        "Not proved in your lines: the same network with this mistake gives your gradients, to within {residual} of "
        "the largest."
    ).format(residual=f"{best.residual:.0e}")


def _proved() -> tuple[str, str]:
    """With one place and with several."""
    return (
        _(
            "Proved: with this place replaced and nothing else, all {gradients} gradients are right at all {updates} "
            "judged updates."
        ),
        _(
            "Proved: with these {places} places replaced and nothing else, all {gradients} gradients are right at all "
            "{updates} judged updates."
        ),
    )


def _proved_forward() -> tuple[str, str]:
    """The same of a program that could be judged only when it was repaired."""
    return (
        _(
            "Proved: with this place replaced and nothing else, the forward pass is that of the network, and every "
            "gradient is right."
        ),
        _(
            "Proved: with these {places} places replaced and nothing else, the forward pass is that of the network, and "
            "every gradient is right."
        ),
    )


def _legend(places: Iterable[Spot]) -> Iterator[str]:
    """What the sign of a replacement means that is not proved."""
    if any(spot.should_be for spot in places):
        text = _("Behind ? stands what has the right value there; a program with it was not found to be right.")
        yield from wrap(text, first=INDENT, rest=INDENT)


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    """What a wrong value is made of."""
    if parts:
        named = [
            plain(one.source)
            if one.quantity in {"", one.source}
            else _("{source} is {quantity}").format(source=plain(one.source), quantity=one.quantity)
            for one in parts
        ]
        text = _("All that it is made of is right: {parts}. How it is put together is not.")
        yield from wrap(text.format(parts=", ".join(named)), first=INDENT * 2, rest=INDENT * 2)


def _unexplained(diagnosis: Diagnosis) -> Iterator[str]:
    """The first wrong value, where no mistake is known."""
    first = diagnosis.first_wrong
    if first is not None:
        if diagnosis.kind == "other_activation":
            yield _("the other activation")
            first = replace(first, quantity="")
        else:
            yield _("the first wrong value")
        proved = diagnosis.fixed is not None
        yield from place(diagnosis.program, first, proved=proved, explained=False)
        yield from _legend([] if proved else [first])
        yield from _parts(diagnosis.made_of)
    if diagnosis.kind == "wrong_parameter":
        if first is not None:
            yield ""
        yield from wrap(_("No mistake of the catalogue gives these gradients."), first=INDENT, rest=INDENT)
        if diagnosis.fixed is not None:
            text, _several = _proved()
            told = text.format(gradients=diagnosis.gradients, updates=len(diagnosis.iterations))
            yield from wrap(told, first=INDENT, rest=INDENT)
