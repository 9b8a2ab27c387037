"""The judged updates of a program as they went: for every place in the source, what it showed in each of them.

What a place shows is compared with quantities of the network, true or mistaken, over several updates at once: a
number that agrees by chance in one of them does not agree in all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.judge import Judged
    from backlight.checks.network import Network
    from backlight.checks.observation import Site
    from backlight.checks.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Quantities = Sequence[dict[str, Array]]


class Form(NamedTuple):
    """How a value shows a quantity: its sign, turned or not, and which entry of it if not the whole."""

    sign: int
    turned: bool
    entry: tuple[int, ...] | None


@dataclass(frozen=True)
class Sight:
    """A place in the source that shows the same quantity in the same form in every judged update.

    Attributes
    ----------
    site : int
    events : tuple of int
        One in each update.
    quantity : str
    form : Form
    """

    site: int
    events: tuple[int, ...]
    quantity: str
    form: Form


@dataclass(frozen=True)
class Scene:
    """The first updates of a program, one after the other, with what is true in each."""

    timeline: Timeline
    network: Network
    judged: Judged
    number: int

    def site(self, number: int) -> Site:
        """A place in the source."""
        return self.timeline.observation.sites[number]

    @cached_property
    def true(self) -> Quantities:
        """The true quantities of each update; the names of the data with them."""
        return [dict(one.quantities) for one in self.judged.truths[: self.number]]

    @cached_property
    def windows(self) -> list[dict[int, list[int]]]:
        """For each update the events from its last forward pass on, by their place in the source."""
        found = []
        for step in self.judged.steps[: self.number]:
            by_site: dict[int, list[int]] = {}
            for event in range(step.round.first, step.round.end):
                by_site.setdefault(int(self.timeline.observation.site[event]), []).append(event)
            found.append(by_site)
        return found

    def in_order(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Every place evaluated in each update, with its events; the first evaluated comes first."""
        first, *others = self.windows
        visits = []
        for site, events in first.items():
            rows = [events, *(window.get(site, []) for window in others)]
            if len({len(row) for row in rows}) == 1:
                visits += [(some[0], site, some) for some in zip(*rows, strict=True)]
        for _time, site, some in sorted(visits):
            yield site, some

    def form(self, events: Sequence[int], quantities: Sequence[Array]) -> Form | None:
        """How the values at some events, one in each update, show a quantity; None if they do not."""
        possible: set[Form] | None = None
        for event, quantity in zip(events, quantities, strict=True):
            here = set(forms(self.timeline.value(event), quantity, ROUNDING[self.timeline.precision]))
            possible = here if possible is None else possible & here
            if not possible:
                return None
        return min(possible, key=_plainness) if possible else None

    def before(self, site: int, time: int) -> int | None:
        """The last time a place was evaluated before a time."""
        events = self.timeline.of_site[site]
        position = bisect_left(events, time) - 1
        return int(events[position]) if position >= 0 else None


def forms(value: Array, quantity: Array, rounding: float) -> Iterator[Form]:
    """Every way in which a value shows a quantity."""
    if value.size == quantity.size:
        scale = rounding * float(np.max(np.abs(quantity), initial=0.0))
        for sign in (1, -1):
            if np.all(np.abs(value.ravel() - sign * quantity.ravel()) <= scale):
                yield Form(sign, False, None)
            if quantity.ndim == 2 and np.all(np.abs(value.ravel() - sign * quantity.T.ravel()) <= scale):  # noqa: PLR2004
                yield Form(sign, True, None)
    if value.size == 1 and quantity.size > 1:
        for sign in (1, -1):
            gaps = np.abs(quantity - sign * value.item()) <= rounding * np.abs(quantity)
            for entry in np.argwhere(gaps):
                yield Form(sign, False, tuple(int(i) for i in entry))
    elif quantity.ndim == 2 and quantity.shape[0] > 1 and value.size == quantity.shape[1]:  # noqa: PLR2004  a sample
        for sign in (1, -1):
            gaps = np.abs(quantity - sign * value.ravel()) <= rounding * np.abs(quantity).max(axis=1, keepdims=True)
            for row in np.flatnonzero(gaps.all(axis=1)):
                yield Form(sign, False, (int(row),))


def _plainness(form: Form) -> tuple[int, bool, tuple[int, ...]]:
    """The plainest form first."""
    return -form.sign, form.turned, form.entry or ()
