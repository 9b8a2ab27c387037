"""A program read and held against the truth, in every way it can be read until it is right in one of them.

Nobody is accused while there is a way to read a program in which it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.checks.judging.held import readings_of
from backlight.checks.probing.apart import is_ambiguous, read_apart
from backlight.checks.recognising.recognise import inside_its_loss, recognised

if TYPE_CHECKING:
    from backlight.checks.judging.held import Readings
    from backlight.checks.probing.probe import Again
    from backlight.checks.recognising.recognise import Recognised
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True)
class Read:
    """What a program turned out to be, and its updates."""

    timeline: Timeline
    found: Recognised
    readings: Readings

    @property
    def is_right(self) -> bool:
        """Whether there is a way to read it in which every gradient is right."""
        return bool(self.readings) and not self.readings[-1][1][0].wrong.any()


def read(timeline: Timeline, recipe: Recipe, again: Again) -> Read:
    """Read a program; if it is not right, as one that never computes its outputs, or whose initial values differ."""
    found = recognised(timeline, recipe)
    first = Read(timeline, found, readings_of(timeline, found.network, found.training, recipe))
    if found.kind == "forward":
        inside = inside_its_loss(timeline, recipe)
        training = None if inside is None else inside.training
        if inside is not None and training is not None:
            without = Read(timeline, inside, readings_of(timeline, inside.network, training, recipe))
            return without if without.is_right else first
    if first.is_right or not is_ambiguous(timeline, found, recipe):
        return first
    apart = read_apart(timeline, found, recipe, again)
    if apart is None:
        return first
    timeline, found = apart
    other = Read(timeline, found, readings_of(timeline, found.network, found.training, recipe))
    return other if other.readings else first
