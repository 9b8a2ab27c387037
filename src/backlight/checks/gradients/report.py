"""What a check of a gradient says: one verdict, one line for each argument, and what a reader must know of it.

Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backlight.language import _, marked

Verdict = Literal["right", "wrong", "cannot tell"]

HEADINGS = {
    "right": marked("RIGHT: an error of a thousandth in any number would have shown"),
    "wrong": marked("WRONG: {names}"),
    "cannot tell": marked("CAN'T TELL: {names}"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The number of an argument that is furthest from the truth.

    Attributes
    ----------
    name, point : str
        ``w[0, 1]``, and where it was found.
    yours, truth : float
    relative : float
        |yours - truth| / |truth|; infinite where the truth is 0.
    ulp, radii : float
        The same difference in units in the last place of the truth, and in radii: the roundings that a backward
        pass may have. More than 4 radii are wrong.
    """

    name: str
    point: str
    yours: float
    truth: float
    relative: float
    ulp: float
    radii: float


@dataclass(frozen=True, kw_only=True)
class ArgumentReport:
    """What was found of one argument.

    Attributes
    ----------
    name : str
    verdict : str
        right, wrong or cannot tell.
    power : float
        The smallest relative error that would have shown in any of its numbers, each at its best point;
        infinite where some number had nothing to agree on.
    worst : Entry or None
        The worst number of a wrong gradient.
    factor : float or None
        What every number of a wrong gradient is the truth times, if it is the same.
    notes : tuple of str
        What else was seen: kinks, rounding, numbers without a derivative to compare.
    """

    name: str
    verdict: Verdict
    power: float
    worst: Entry | None = None
    factor: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GradientReport:
    """What `check_gradients` found.

    Attributes
    ----------
    verdict : str
        right, wrong or cannot tell.
    arguments : tuple of ArgumentReport
        One for each argument that is differentiated.
    precision : str
        float64 or float32: what the gradient computes with.
    method : str
        How the truth was found.
    points : tuple of str
        Where it was looked.
    notes : tuple of str
        What a reader must know of the check itself.
    """

    verdict: Verdict
    arguments: tuple[ArgumentReport, ...]
    precision: str
    method: str
    points: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Lay the report out for a terminal, in the language in use."""
        names = ", ".join(one.name for one in self.arguments if one.verdict == self.verdict) or _(
            "all arguments together"
        )
        lines = [_(HEADINGS[self.verdict]).format(names=names)]
        for argument in self.arguments:
            lines += _of_argument(argument)
        looked = _("looked at {points}; truth by {method}; {precision}").format(
            points=", ".join(self.points), method=self.method, precision=self.precision
        )
        return "\n".join([*lines, f"  {looked}", *(f"  {note}" for note in self.notes)])

    def __str__(self) -> str:
        return self.text()


WORDS = {"right": marked("right"), "wrong": marked("wrong"), "cannot tell": marked("cannot tell")}


def _of_argument(argument: ArgumentReport) -> list[str]:
    """The lines of one argument."""
    lines = [f"  {argument.name}: {_(WORDS[argument.verdict])}"]
    if argument.verdict == "right":
        lines[0] += ", " + _("to {power}").format(power=f"{argument.power:.0e}")
    if (worst := argument.worst) is not None:
        lines.append(
            "    "
            + _("{entry} at {point}: yours {yours}, truth {truth}").format(
                entry=worst.name, point=worst.point, yours=f"{worst.yours:.17g}", truth=f"{worst.truth:.17g}"
            )
        )
        lines.append(
            "    "
            + _("relative error {relative}, {ulp} ulp, {radii} radii").format(
                relative=f"{worst.relative:.2g}", ulp=f"{worst.ulp:.3g}", radii=f"{worst.radii:.3g}"
            )
        )
    if argument.factor is not None:
        lines.append("    " + _("every number is {factor} times the truth").format(factor=f"{argument.factor:.6g}"))
    return lines + [f"    {note}" for note in argument.notes]
