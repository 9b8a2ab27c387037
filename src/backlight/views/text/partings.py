"""Where runs part: the first number that is not the same, the furthest one, and every quantity's distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import plain, wrap
from backlight.views.text.findings import listed
from backlight.views.text.tables import Column, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.traces.compare import Comparison
    from backlight.traces.parting import Parting, Spot

COUNTABLE = 1e6
"""So many ulp apart, two numbers have less than ten digits in common, and who looks at them sees it."""


def parting_lines(comparison: Comparison) -> Iterator[str]:
    """Say where runs part; of different recipes only which of them give the same numbers after all."""
    partings = comparison.partings
    if comparison.kind == "variants":
        partings = tuple(parting for parting in partings if parting.apart is None)
    if not partings:
        return
    yield _("number by number")
    yield from listed(map(_sentence, partings))
    if comparison.kind != "variants":
        for parting in partings:
            if not parting.identical:
                yield ""
                yield from _distances(parting)


def _sentence(parting: Parting) -> str:
    """How two runs compare, in one sentence."""
    names = {"run": parting.run, "reference": parting.reference}
    if parting.first is None:
        return _("{run} and {reference}: every number that both have is the same").format(**names)
    if parting.apart is None:
        return _("{run} and {reference} agree within {tolerance:g} ulp; the first difference is {spot}").format(
            **names, tolerance=parting.tolerance, spot=_spot(parting.first)
        )
    return _("{run} parts from {reference} by more than {tolerance:g} ulp at {spot}").format(
        **names, tolerance=parting.tolerance, spot=_spot(parting.apart)
    )


def _spot(spot: Spot) -> str:
    """One number beside the reference's, in all its digits."""
    text = _("{label} of iteration {iteration}: {value!r} beside {reference!r}").format(
        label=spot.label, iteration=spot.iteration, value=spot.value, reference=spot.reference
    )
    return f"{text}, {spot.ulp:.4g} ulp" if spot.ulp < COUNTABLE else text


def _distances(parting: Parting) -> Iterator[str]:
    """Each quantity's largest distance from the reference, and where it is."""
    heading = _("largest distance of {run} from {reference}").format(run=parting.run, reference=parting.reference)
    yield from wrap(plain(heading))
    told = [one for one in parting.differences if one.quantity not in {"x", "y"} or one.ulp > 0]
    where = Column(_("at"), [one.at.label for one in told], is_text=True)
    numbers = [
        Column(_("iteration"), [str(one.at.iteration) for one in told]),
        Column("ulp", [f"{one.ulp:.4g}" for one in told]),
        Column(_("relative"), [f"{one.relative:.2g}" for one in told]),
    ]
    yield from tables(Column(_("quantity"), [one.quantity for one in told], is_text=True), [[where, *numbers]])
