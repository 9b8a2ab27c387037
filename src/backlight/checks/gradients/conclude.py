"""From what was judged to what is said: a verdict for each argument, and the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.gradients.doubts import WRONG, Finding
from backlight.checks.gradients.entries import ArgumentReport, Entry, Verdict
from backlight.checks.gradients.judge import CERTAIN, Judged
from backlight.checks.gradients.likely import likely
from backlight.checks.gradients.looks import TOGETHER, Look
from backlight.checks.gradients.points import YOURS, said
from backlight.checks.gradients.report import GradientReport
from backlight.checks.gradients.subject import DOUBLE, SINGLE
from backlight.checks.gradients.tolerance import RADII, radius
from backlight.language import _, marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.gradients.faults import WrongShape
    from backlight.checks.gradients.subject import Subject

NAMED = 3
"""So many numbers are named in a note."""


def concluded(subject: Subject, looks: Sequence[Look], what: Judged) -> GradientReport:
    """The report of a check."""
    arguments = tuple(_argument(subject, looks, what, number) for number in range(len(subject.vector.names)))
    every = {one.verdict for one in arguments}
    verdict: Verdict = "wrong" if what.wrong else "right" if every == {"right"} else "cannot_tell"
    return GradientReport(
        verdict=verdict,
        arguments=arguments,
        precision=_precision(subject),
        method=subject.method if any(one.exact for one in looks) else marked("differences"),
        points=tuple(one.point.name for one in looks),
    )


def of_wrong_shape(subject: Subject, wrong: WrongShape) -> GradientReport:
    """The report when a gradient has another shape than its argument: nothing more can be compared."""
    note = _("its gradient has shape {got}, and must have {wanted}").format(got=wrong.got, wanted=wrong.wanted)
    argument = ArgumentReport(name=wrong.name, shape=wrong.wanted, verdict="wrong", power=np.inf, likely=(note,))
    return GradientReport(
        verdict="wrong", arguments=(argument,), precision=_precision(subject), method=subject.method, points=(YOURS,)
    )


def _precision(subject: Subject) -> str:
    return {DOUBLE: "float64", SINGLE: "float32"}.get(subject.bits, _("{bits} bits").format(bits=subject.bits))


def _argument(subject: Subject, looks: Sequence[Look], what: Judged, number: int) -> ArgumentReport:
    """What is said of one argument."""
    where = subject.vector.slices[number]
    own = [f for f in what.findings if f.position != TOGETHER and where.start <= f.position < where.stop]
    wrong = [f for f in own if f.doubt in WRONG]
    looked_at = {int(p) for look in looks for p in look.positions}
    alone = [p for p in range(where.start, where.stop) if p in looked_at]
    power = float(max((what.agreement[p] for p in alone), default=np.inf))
    certain = power <= CERTAIN and (what.together or len(alone) == where.stop - where.start)
    verdict: Verdict = "wrong" if wrong else "right" if certain else "cannot_tell"
    here = wrong[0].look if wrong else looks[0]
    return ArgumentReport(
        name=subject.vector.names[number],
        shape=subject.vector.shapes[number],
        verdict=verdict,
        power=power,
        point=here.point.name,
        entries=tuple(_entries(subject, here, what, number)),
        likely=tuple(likely(subject, looks, number)) if wrong else (),
        notes=(*_notes(subject, own, verdict), *(_why_not(what, alone) if verdict == "cannot_tell" else ())),
    )


def _entries(subject: Subject, look: Look, what: Judged, number: int) -> Iterator[Entry]:
    """The numbers of an argument that were seen at a point, each at the output where it is furthest off."""
    where = subject.vector.slices[number]
    kinks = {(f.cotangent, f.direction) for f in what.findings if f.look is look and f.doubt == "kink"}
    single = np.count_nonzero(look.cotangents, axis=1) == 1  # one output says more than a sum of all
    far = np.abs(look.theirs - look.truth)
    far[~np.isfinite(far)] = np.inf
    radii = far / radius(subject, look, what.scale)
    for k in np.flatnonzero((look.positions >= where.start) & (look.positions < where.stop)):
        c = int(np.lexsort((np.abs(look.truth[:, k]), radii[:, k], single & (radii[:, k] > RADII)))[-1])
        truth = float(look.truth[c, k])
        yield Entry(
            name=subject.vector.entry(int(look.positions[k])),
            output=_output(subject, look, c),
            yours=float(look.theirs[c, k]),
            truth=truth,
            error=float(look.error[c, k]),
            relative=float(np.divide(far[c, k], abs(truth))) if far[c, k] else 0.0,
            ulp=float(far[c, k] / last_place(truth or far[c, k], subject.bits)) if far[c, k] else 0.0,
            radii=float(radii[c, k]),
            at_kink=(c, int(k)) in kinks,
        )


def last_place(number: float, bits: int) -> float:
    """The distance from a number to the next one, where numbers have so many bits.

    Examples
    --------
    >>> last_place(1.5, 53) == 2.0**-52
    True
    """
    return float(2.0 ** (np.frexp(number)[1] - bits)) if np.isfinite(number) else 1.0


def _output(subject: Subject, look: Look, c: int) -> str:
    """Which output a cotangent picks out; nothing for the only one, and for sums of all."""
    chosen = np.flatnonzero(look.cotangents[c])
    return subject.results.entry(int(chosen[0])) if look.cotangents.shape[1] > 1 and len(chosen) == 1 else ""


def _notes(subject: Subject, own: list[Finding], verdict: Verdict) -> Iterator[str]:
    """Kinks, rounding, and what could not be judged."""
    for doubt, sentence in (
        ("kink", _("excused, because the function has a kink there: {entries}")),
        ("rounding", _("more than {radii} radii off, but by rounding, for it is another error nearby: {entries}")),
        ("unclear", _("not judged, because the truth is not certain there: {entries}")),
    ):
        if doubt == "rounding" and verdict == "wrong":
            continue
        found = sorted({(f.look.point.name, subject.vector.entry(f.position)) for f in own if f.doubt == doubt})
        named = [_("{entry} at {point}").format(entry=entry, point=said(point)) for point, entry in found[:NAMED]]
        if found:
            entries = ", ".join([*named, "..."] if len(found) > NAMED else named)
            yield sentence.format(radii=RADII, entries=entries)


def _why_not(what: Judged, numbers: Sequence[int]) -> Iterator[str]:
    """Why it cannot be told whether the gradient of an argument is right."""
    silent = int(np.sum(what.silent[numbers]))
    power = float(np.max(what.agreement[numbers], initial=0.0))
    if silent:
        yield _(
            "{silent} of its {all} numbers had nothing to agree on: where the true gradient is 0 at every point, a "
            "backward pass of zeros looks right too. Choose other arguments; return None for one without influence."
        ).format(silent=silent, all=len(numbers))
    elif np.isfinite(power):
        yield _(
            "it agrees, but only errors above {power} are ruled out: the function's slopes are not known better. Is "
            "there float32, or rounding, in the function?"
        ).format(power=f"{power:.2g}")
    else:
        yield _(
            "it is further from the truth than a backward pass rounds, and not as a mistake is: a difference quotient, or float32?"
        )
