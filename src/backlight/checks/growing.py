"""What is said of a program in which a bias gets a row for each sample, and the sum that would keep it as it is."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Difference, Explanation, Spot
from backlight.checks.judging.grown import grown
from backlight.checks.placing.lines import of_places
from backlight.checks.placing.repair import repaired
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlight.checks.diagnosis import Diagnosis
    from backlight.checks.judging.grown import Grown
    from backlight.checks.observing.observation import Program
    from backlight.checks.reading import Read
    from backlight.checks.recognising.timeline import Timeline

OVER_SAMPLES = ("sum", "mean")


def with_grown_biases(answer: Diagnosis, known: Read, is_right: Callable[[Program], bool]) -> Diagnosis | None:
    """The diagnosis of a program that does not sum the gradients of its biases; None for any other."""
    training = known.found.training
    some = [] if training is None else list(grown(known.timeline, known.found.network, training))
    if not some:
        return None
    ways = [tuple(_spot(known.timeline, one, way) for one in some) for way in OVER_SAMPLES]
    trials = [(places, repaired(answer.program, places)) for places in ways]
    proved = next(((places, trial.text) for places, trial in trials if trial is not None and is_right(trial)), None)
    places = proved[0] if proved else tuple(replace(one, should_be="") for one in ways[0])
    rows = _("{bias} has a row for each sample behind the first update, shape {shape}")
    facts = [
        Difference(
            kind="shape",
            text=rows.format(bias=one.theirs, shape=known.timeline.value(one.event).shape),
            yours=list(known.timeline.value(one.event).shape),
        )
        for one in some
    ]
    return replace(
        answer,
        verdict="wrong",
        kind="wrong_parameter",
        facts=(*answer.facts, *facts),
        explanations=(
            Explanation(mistake="bias-not-summed", line=places[0].line, places=places, proof=proved is not None),
        ),
        first_wrong=places[0],
        seen=of_places(places),
        fixed=proved[1] if proved else None,
    )


def _spot(timeline: Timeline, one: Grown, way: str) -> Spot:
    """Where the new bias is made, with the sum of what is taken from the old one."""
    site = timeline.observation.sites[int(timeline.observation.site[one.event])]
    return Spot.at(site, name=one.theirs, quantity="", should_be=_summed(site.source, one.axis, way))


def _summed(source: str, axis: int, way: str) -> str:
    """A difference with the sum over the samples of what is subtracted; empty where it is none.

    Examples
    --------
    >>> _summed("b - rate * db", 0, "sum")
    'b - (rate * db).sum(axis=0, keepdims=True)'
    """
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return ""
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Sub | ast.Add):
        return ""
    sign = "-" if isinstance(tree.op, ast.Sub) else "+"
    return f"{ast.unparse(tree.left)} {sign} ({ast.unparse(tree.right)}).{way}(axis={axis}, keepdims=True)"
