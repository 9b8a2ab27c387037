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
ATTEMPTS = 3
"""So many times the places of the initial values are looked for."""
ROUNDS = 3
"""In so many rounds the passes are counted."""


class Prober:
    """A program that was read, ready to be run again.

    Parameters
    ----------
    timeline, network, training
        As it was read.
    again : callable
        Runs it.
    """

    def __init__(self, timeline: Timeline, network: Network, training: Training, again: Again) -> None:
        self.timeline, self.network, self.training, self.again = timeline, network, training, again
        self.origins: Origins = origins(timeline, training.readers)
        self._banned: set[int] = set()

    def at(self, parameters: Array) -> Probe | None:
        """The program from these initial values, as far as they can be changed; None if it is not to be followed.

        Where it is not, what was changed may have been something else that has the value of a parameter: that is left
        alone, and other places with the value are tried.
        """
        for _attempt in range(ATTEMPTS):
            if not self.origins.found:
                return None
            begin = np.where(self.origins.events < 0, self.training.rounds[0].parameters, parameters)
            timeline = Timeline(self.again(self.timeline.observation.program, self.origins.instead(begin)))
            found = training(timeline, self.network, begin)
            if found is not None and self._is_like(found):
                return Probe(timeline, found)
            if not self._ban(timeline, begin):
                return None
        return None

    def _is_like(self, found: Training) -> bool:
        """Whether another run has passes in each of its first rounds as this one has: else something else was read."""
        mine, theirs = ([len(one.passes) for one in each.rounds[:ROUNDS]] for each in (self.training, found))
        return len(set(mine)) > 1 or len(set(theirs)) == 1

    def _ban(self, timeline: Timeline, begin: Array) -> bool:
        """Leave alone what is not read where a parameter is read; else every number that has several places."""
        read, events = self._begin(timeline), self.origins.events
        wrong = set() if read is None else set(events[(read != begin) & (events >= 0)].tolist())
        wrong = wrong or self.origins.doubtful
        self._banned |= wrong
        self.origins = origins(self.timeline, self.training.readers, self._banned)
        return bool(wrong)

    def _begin(self, timeline: Timeline) -> Array | None:
        """What is read in another run where the first parameters were read."""
        known = self.training
        turn = int(np.searchsorted(self.timeline.of_site[known.site], known.rounds[0].first))
        evaluated = timeline.of_site[known.site]
        return known.readers.read(timeline, int(evaluated[turn])) if turn < len(evaluated) else None


@dataclass(frozen=True)
class Probe:
    """The same program from other initial values."""

    timeline: Timeline
    training: Training
