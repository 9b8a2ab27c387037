"""Run a program again from other initial values, and read and judge it there as it was read before.

Its expressions stay as they are, so that everything is found at the same places in the source. What it computes must be
the network's outputs at the parameters that it reads, else nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.probing.origins import Origins, origins
from backlight.checks.recognising.passes import Training, training
from backlight.checks.recognising.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.recognising.network import Network

    Array = NDArray[np.floating[Any]]

Again = Callable[["Program", dict[int, dict[int, list[float]]]], "Observation"]
"""Runs a program with other numbers at some of its sites."""


@dataclass(frozen=True)
class Prober:
    """A program that was read, ready to be run again."""

    timeline: Timeline
    network: Network
    training: Training
    again: Again

    @property
    def origins(self) -> Origins:
        """Where its initial values are made."""
        return origins(self.timeline, self.training.readers)

    def at(self, parameters: Array) -> Probe | None:
        """The program from these initial values, as far as they can be changed; None if it is not to be followed."""
        instead = self.origins.instead(parameters)
        if not instead:
            return None
        timeline = Timeline(self.again(self.timeline.observation.program, instead))
        begin = self._begin(timeline)
        if begin is None or np.array_equal(begin, self.training.rounds[0].parameters):
            return None
        found = training(timeline, self.network, begin)
        return None if found is None else Probe(timeline, found)

    def _begin(self, timeline: Timeline) -> Array | None:
        """The initial values in another run: what is read there where it was read before.

        Only those: a parameter that did not move may have been read where it is never changed.
        """
        known = self.training
        turn = int(np.searchsorted(self.timeline.of_site[known.site], known.rounds[0].first))
        evaluated = timeline.of_site[known.site]
        return known.readers.read(timeline, int(evaluated[turn])) if turn < len(evaluated) else None


@dataclass(frozen=True)
class Probe:
    """The same program from other initial values."""

    timeline: Timeline
    training: Training
