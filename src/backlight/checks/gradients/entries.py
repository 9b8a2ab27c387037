"""What a check of a gradient says of one argument, and of each of its numbers. Nothing is judged here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["right", "wrong", "cannot_tell"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One number of an argument, beside the truth.

    Attributes
    ----------
    name : str
        ``w[0,1]``.
    output : str
        Which output it is the derivative of: ``output[2]``; empty where there is only one, and for sums of all.
    yours, truth, error : float
        The error is how far the truth may be off.
    relative : float
        |yours - truth| / |truth|; infinite where the truth is 0 and yours is not.
    ulp, radii : float
        The same difference in units in the last place of the truth, and in radii: what roundings come to in a
        backward pass, and what the truth itself may be off. More than 4 radii are outside the tolerance.
    at_kink : bool
        It is excused, because the function has two slopes there.
    """

    name: str
    output: str
    yours: float
    truth: float
    error: float
    relative: float
    ulp: float
    radii: float
    at_kink: bool


@dataclass(frozen=True, kw_only=True)
class ArgumentReport:
    """What was found of one argument.

    Attributes
    ----------
    name : str
    shape : tuple of int
    verdict : str
        right, wrong or cannot_tell.
    power : float
        The smallest relative error that is ruled out in all of its numbers, each at its best point; infinite where
        some number had nothing to agree on.
    point : str
        Where ``entries`` were seen: at your point, or at a probe if it is only wrong there.
    entries : tuple of Entry
        Its numbers in order, each at the output where it is furthest off; a choice of them where there are very many.
    likely : tuple of str
        What the wrong numbers look like, in words.
    notes : tuple of str
        Kinks, rounding, and why it cannot be told.
    """

    name: str
    shape: tuple[int, ...]
    verdict: Verdict
    power: float
    point: str = ""
    entries: tuple[Entry, ...] = ()
    likely: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Entry | None:
        """The number that is furthest off."""
        return max(self.entries, key=lambda one: (one.radii, one.relative), default=None)
