"""From what was judged to what is said: a verdict for each argument, and the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.judge import CERTAIN, RADII, Finding, Judged, radius, scales
from backlight.checks.gradients.looks import TOGETHER, Look
from backlight.checks.gradients.points import YOURS
from backlight.checks.gradients.report import ArgumentReport, Entry, GradientReport, Verdict
from backlight.checks.gradients.subject import DOUBLE
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.gradients.faults import WrongShape
    from backlight.checks.gradients.subject import Subject

WRONG = ("wrong", "not finite")
SHOWN = 3
"""So many entries are named in a note."""
SAME_FACTOR = 1e-6
"""How far the ratios of a constant factor may be apart, relative."""


def concluded(subject: Subject, looks: Sequence[Look], what: Judged, notes: Sequence[str]) -> GradientReport:
    """The report of a check."""
    arguments = tuple(_argument(subject, looks, what, number) for number in range(len(subject.vector.names)))
    every = {one.verdict for one in arguments}
    wrong_together = any(f.doubt in WRONG and f.position == TOGETHER for f in what.findings)
    verdict: Verdict = (
        "wrong" if "wrong" in every or wrong_together else "right" if every == {"right"} else "cannot tell"
    )
    return GradientReport(
        verdict=verdict,
        arguments=arguments,
        precision="float64" if subject.bits == DOUBLE else "float32",
        method=subject.method if any(one.exact for one in looks) else _("differences"),
        points=tuple(one.point.name for one in looks),
        notes=tuple(notes),
    )


def of_wrong_shape(subject: Subject, wrong: WrongShape) -> GradientReport:
    """The report when a gradient has another shape than its argument: nothing more can be compared."""
    note = _("its gradient has shape {got}, and must have {wanted}").format(got=wrong.got, wanted=wrong.wanted)
    argument = ArgumentReport(name=wrong.name, verdict="wrong", power=np.inf, notes=(note,))
    return GradientReport(
        verdict="wrong",
        arguments=(argument,),
        precision="float64" if subject.bits == DOUBLE else "float32",
        method=subject.method,
        points=(),
    )


def _argument(subject: Subject, looks: Sequence[Look], what: Judged, number: int) -> ArgumentReport:
    """What is said of one argument."""
    where = subject.vector.slices[number]
    own = [f for f in what.findings if f.position != TOGETHER and where.start <= f.position < where.stop]
    wrong = [f for f in own if f.doubt in WRONG]
    agreement = what.agreement[where]
    looked_at = {int(p) for look in looks for p in look.positions}
    alone = [p for p in range(where.start, where.stop) if p in looked_at]
    certain = bool(alone) and all(what.agreement[p] <= CERTAIN for p in alone)
    covered = what.together or len(alone) == where.stop - where.start
    verdict: Verdict = "wrong" if wrong else "right" if certain and covered else "cannot tell"
    return ArgumentReport(
        name=subject.vector.names[number],
        verdict=verdict,
        power=float(max((what.agreement[p] for p in alone), default=np.inf)),
        worst=_entry(subject, looks, max(wrong, key=_how_wrong)) if wrong else None,
        factor=_factor(looks, where) if wrong else None,
        notes=tuple(_notes(subject, own, verdict, agreement)),
    )


def _how_wrong(finding: Finding) -> tuple[bool, float]:
    """Where it is best shown: at the user's own point, then by the largest error, relative to the larger number."""
    largest = max(abs(finding.truth), abs(finding.yours))
    size = abs(finding.yours - finding.truth) / largest if np.isfinite(finding.yours) else np.inf
    return finding.look.point.name == YOURS, size


def _entry(subject: Subject, looks: Sequence[Look], finding: Finding) -> Entry:
    """The number a finding is about, with its error in every unit."""
    c, k = finding.cotangent, finding.direction
    difference = abs(finding.yours - finding.truth)
    coarse = np.float32 if subject.bits < DOUBLE else np.float64
    last_place = float(np.spacing(coarse(abs(finding.truth or finding.yours))))
    return Entry(
        name=subject.vector.entry(finding.position),
        point=finding.look.point.name,
        yours=finding.yours,
        truth=finding.truth,
        relative=difference / abs(finding.truth) if finding.truth else np.inf,
        ulp=difference / last_place,
        radii=float(difference / radius(subject, finding.look, scales(subject, looks))[c, k]),
    )


def _factor(looks: Sequence[Look], where: slice) -> float | None:
    """What every number is the truth times, if it is the same at all points."""
    ratios = []
    for look in looks:
        own = (look.positions >= where.start) & (look.positions < where.stop)
        theirs, truth, error = look.theirs[:, own], look.truth[:, own], look.error[:, own]
        clear = np.abs(truth) * SAME_FACTOR > error
        ratios.append(theirs[clear] / truth[clear])
    found = np.concatenate(ratios)
    if not found.size or not np.isfinite(found).all():
        return None
    middle = float(np.median(found))
    return middle if np.all(np.abs(found - middle) <= SAME_FACTOR * abs(middle)) else None


def _notes(subject: Subject, own: list[Finding], verdict: Verdict, agreement: np.ndarray) -> list[str]:
    """Kinks, rounding, and why it cannot be told."""
    notes = []
    for doubt, sentence in (
        ("kink", _("at a kink of the function, between its two slopes: {entries}")),
        ("rounding", _("more than {radii} radii off, but by rounding, for it is another error nearby: {entries}")),
    ):
        found = sorted({(f.look.point.name, subject.vector.entry(f.position)) for f in own if f.doubt == doubt})
        if found:
            entries = ", ".join(
                _("{entry} at {point}").format(entry=entry, point=point) for point, entry in found[:SHOWN]
            )
            entries += ", ..." if len(found) > SHOWN else ""
            notes.append(sentence.format(radii=RADII, entries=entries))
    if verdict == "cannot tell":
        silent = int(np.sum(~(agreement <= CERTAIN)))
        notes.append(
            _(
                "{silent} of its {all} numbers had nothing to agree on: where the true gradient is 0, or nearly, "
                "a backward pass of zeros looks right"
            ).format(silent=silent, all=agreement.size)
        )
    return notes
