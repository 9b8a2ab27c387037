"""Where does the mistake stand in a program that leaves the derivatives to an engine, as `loss.backward()`?

Such a program can only be wrong in the loss that it hands over, in a path that it cuts off, or in what it does with the
gradients before and after; unless the engine is its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.scene import Scene

CUT = re.compile(r"(\.detach\(\)|\.data|\.item\(\)|\.numpy\(\)|\.tolist\(\))$|^(torch\.(tensor|no_grad)|float)\(")
"""Expressions whose gradient goes no further."""
CUTTING = {"detached-path", "missing-path", "missing-update", "missing-bias-gradient"}
"""What a path that is cut off looks like."""
DEEPEST = 6
"""So many variables and functions may lie between the loss and the call that differentiates it."""


@dataclass(frozen=True)
class Differentiated:
    """The search in a program that calls `loss.backward()`."""

    scene: Scene
    changed: Changed

    def readings(self, slug: str) -> Iterator[list[Sight]]:
        """The places that come before any other in such a program."""
        if not self._calls:
            return
        if slug == "accumulated-gradients":
            yield [self._sight(call) for call in self._calls]
        if slug in CUTTING:
            yield list(self.cuts())
        elif (slug == "gradient-of-another-loss" or self._is_of_the_loss) and not self.shows_the_loss():
            yield [self._of_loss(self._loss(call)) for call in self._calls]

    @cached_property
    def _calls(self) -> list[int]:
        """The calls `loss.backward()` on something that is made in each update."""
        return [call for call in self.scene.backward_calls if self._is_made_anew(self._loss(call))]

    def _is_made_anew(self, site: int) -> bool:
        statement = self._site(site).statement
        return any(self._site(one).statement == statement for one in self.scene.windows[-1])

    @cached_property
    def _is_of_the_loss(self) -> bool:
        """Whether what goes wrong is already the loss's own derivative, or all gradients by one factor."""
        if self.changed.factor is not None:
            return all(self.changed.arrays_wrong.values())
        return bool(self.changed.wrong) and self.changed.wrong[0] == f"dL_da{self.scene.layers}"

    def shows_the_loss(self) -> bool:
        """Whether the program computes the loss that is asked for."""
        timeline = self.scene.timeline
        for window, true in zip(self.scene.windows, self.changed.true, strict=False):
            wanted = float(true["loss"])
            events = [event for some in window.values() for event in some]
            numbers = timeline.scalars[np.array(events, dtype=int)]
            if not np.any(np.abs(numbers - wanted) <= 100 * RELATIVE[timeline.precision] * abs(wanted)):
                return False
        return True

    def cuts(self) -> Iterator[Sight]:
        """Where an activation is taken out of the engine's sight."""
        names = [f"{kind}{layer}" for layer in range(1, self.scene.layers + 1) for kind in "az"]
        shown = self.scene.quantities([{name: one[name] for name in names} for one in self.changed.true], (1.0,))
        last = self.changed.suspects.judged.steps[0].round.last
        for sight in self.scene.sights(shown):
            if CUT.search(self._site(sight.site).source) and sight.events[0] <= last:
                yield sight

    def _loss(self, call: int) -> int:
        """The expression that makes what a call differentiates, back through variables and functions."""
        site = self._variable(call)
        for _ in range(DEEPEST):
            further = self._assigned(site) if self._site(site).kind == "name" else self._returned(site)
            if further is None:
                return site
            site = further
        return site

    def _variable(self, call: int) -> int:
        """What stands before `.backward()`."""
        here = self._site(call)
        inside = [one for one in self.scene.timeline.children[call] if self._site(one).column == here.column]
        return inside[0] if inside else call

    def _assigned(self, name: int) -> int | None:
        """The expression that was last assigned to a variable above it in the source."""
        here = self._site(name)
        stores = [
            one
            for one in self._sites("store", here.scope)
            if self._site(one).source == here.source and self._site(one).line < here.line
        ]
        if not stores:
            return None
        statement = self._site(stores[-1]).statement
        made = [
            number
            for number, one in enumerate(self.scene.timeline.observation.sites)
            if one.statement == statement
            and one.parent < 0
            and one.kind in {"operation", "call", "name"}
            and one.column > self._site(stores[-1]).column
        ]
        return min(made, key=self._extent) if made else None

    def _extent(self, site: int) -> tuple[int, int, int, int]:
        """The first and then the largest expressions come first."""
        here = self._site(site)
        return here.line, here.column, -here.end_line, -here.end_column

    def _returned(self, call: int) -> int | None:
        """What a function of the program gives back, if this is a call of one."""
        name = self._site(call).source.partition("(")[0].rpartition(".")[2]
        if self._site(call).kind != "call":
            return None
        scopes = {one.scope for one in self.scene.timeline.observation.sites}
        for scope in (one for one in scopes if one.rpartition(".")[2] == name):
            returns = self._sites("return", scope)
            inner = [
                number
                for number, one in enumerate(self.scene.timeline.observation.sites)
                if returns
                and one.scope == scope
                and one.kind in {"operation", "call", "name"}
                and (one.line, one.column) == (self._site(returns[-1]).line, self._site(returns[-1]).column)
            ]
            if inner:
                return inner[0]
        return None

    def _sites(self, kind: str, scope: str) -> list[int]:
        sites = self.scene.timeline.observation.sites
        return [number for number, one in enumerate(sites) if one.kind == kind and one.scope == scope]

    def _site(self, number: int) -> Site:
        return self.scene.site(number)

    def _of_loss(self, site: int) -> Sight:
        """Where the loss is computed, if it shows it in each update."""
        shown = [window[site][-1] for window in self.scene.windows if site in window]
        if len(shown) < self.scene.number:
            return self._sight(site)
        return Sight(site, tuple(shown[: self.scene.number]), "loss", WHOLE)

    def _sight(self, site: int) -> Sight:
        """A place that need not show a number."""
        events = tuple(min(min(some) for some in window.values()) for window in self.scene.windows)
        return Sight(site, events, "", WHOLE)
