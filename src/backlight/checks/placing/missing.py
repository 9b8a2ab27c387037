"""Where is a line missing? Where zeros stand for a gradient, or beside the lines that update the other parameters."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.placing.back.origins import Origins
from backlight.checks.placing.evidence import once
from backlight.checks.placing.ordered import Key, behind_which
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.evidence import Evidence
    from backlight.checks.placing.scene import Scene

NEARBY = 6
"""So many lines may lie between the updates of two parameters."""


@dataclass(frozen=True)
class Missing:
    """The search for what is not there."""

    scene: Scene
    changed: Changed
    evidence: Evidence

    def places(self) -> list[Sight]:
        """What stands for the update that is missing, or the line that updates the parameter's nearest neighbour."""
        for ways in (self._lost(), self._zeros_for_gradients(), self._kept(), self._neighbours()):
            found = once(list(ways))
            if found:
                return found
        return []

    @cached_property
    def still(self) -> list[str]:
        """The arrays with gradients that are wrong because nothing moves."""
        moved = self.scene.network.arrays(np.abs(self.changed.suspects.judged.implied).max(axis=0))
        still = {name: bool((array == 0)[self.scene.entries_wrong[name]].any()) for name, array in moved.items()}
        return [name for name, wrong in self.changed.arrays_wrong.items() if wrong and still[name]]

    def _lost(self) -> Iterator[Sight]:
        """New parameters that are computed, and given to nothing."""
        names = [f"new_{name}" for name in self.still]
        true = [{name: one[name] for name in names} for one in self.changed.true]
        for sight in self.scene.sights(self.scene.quantities(true, (1.0,))):
            if self.scene.kind(sight.site) == "operation" and self.evidence.entry_is_wrong(sight):
                yield sight

    def _zeros_for_gradients(self) -> Iterator[Sight]:
        """The zeros that an update takes for a gradient; else the update itself."""
        if self.updates:
            zeros = [sight for name in self.still for sight in self._zeros(name)]
            yield from zeros or self._beside_its_weights() or self.updates

    @cached_property
    def updates(self) -> list[Sight]:
        """Where parameters that do not move are updated all the same, by nothing."""
        sites = {one.site for one in self.scene.updated}
        return [
            one
            for one in self._after_the_pass(wrong=True)
            if self.scene.timeline.computes[one.site]
            and (self.scene.kind(one.site) == "store" or sites.intersection(self.scene.timeline.parts(one.site)))
        ]

    def _beside_its_weights(self) -> list[Sight]:
        """Where the gradient of the same layer's weights is made, if that is in another function than the update."""
        weights = [f"dL_dW{name[1:]}" for name in self.still if name[0] == "b"]
        if not weights or len(weights) < len(self.still):
            return []
        names = [name for name in self.changed.true[0] if name.partition("@")[0] in weights]
        scopes = {self.scene.site(one.site).scope for one in self.updates}
        true = [{name: one[name] for name in names} for one in self.changed.true]
        made = [
            one
            for one in self.scene.sights(self.scene.quantities(true))
            if self.scene.timeline.computes[one.site] and self.scene.site(one.site).scope not in scopes
        ]
        return sorted(made, key=lambda one: one.events[0])[:1]

    def _kept(self) -> Iterator[Sight]:
        """Where the old parameter is stored among the new ones, nearest to these."""
        makers = {(self.scene.site(one.site).scope, self.scene.site(one.site).line) for one in self._makers}
        scopes = {scope for scope, _line in makers}

        def distance(sight: Sight) -> int:
            return min(abs(line - self.scene.site(sight.site).line) for _scope, line in makers)

        stores = [
            one
            for one in self._after_the_pass(wrong=True)
            if self._is_assigned(one.site) and self.scene.site(one.site).scope in scopes
        ]
        yield from sorted((one for one in stores if distance(one) <= NEARBY), key=distance)[:1]

    def _is_assigned(self, site: int) -> bool:
        """Whether a place is the target of an assignment, and no variable of a loop."""
        here = self.scene.site(site)
        return here.kind == "store" and (here.line, here.column) not in self._of_loops

    @cached_property
    def _of_loops(self) -> set[tuple[int, int]]:
        """Where the variables of loops stand."""
        statements = self.scene.statements
        return {
            statements.span(part)[:2]
            for node in ast.walk(statements.tree)
            if isinstance(node, ast.For | ast.comprehension)
            for part in ast.walk(node.target)
            if isinstance(part, ast.expr)
        }

    def _neighbours(self) -> Iterator[Sight]:
        """The update behind which the missing one belongs, in the order in which the program updates."""
        keys: dict[Key, Sight] = {}
        makers = map(self.at_the_call, self._makers)
        for one in sorted(makers, key=lambda one: self.scene.site(one.site).line):
            keys.setdefault((one.quantity[4:], one.form.entry), one)
        if keys:
            name = self.still[-1]
            entries = np.argwhere(self.scene.entries_wrong[name])
            whole = all(entry is None for _name, entry in keys)
            missing = name, None if whole or not len(entries) else tuple(int(one) for one in entries[-1])
            yield list(keys.values())[max(behind_which(missing, list(keys)), 0)]

    def at_the_call(self, maker: Sight) -> Sight:
        """Where a function that updates several parameters is given the one that it updates; else where that is made."""
        alike = {one.quantity for one in self.scene.updated if one.site == maker.site}
        if len(alike) == 1 or self.scene.kind(maker.site) != "store":
            return maker
        return next(self._given(maker), maker)

    @cached_property
    def _origins(self) -> Origins:
        return Origins(self.scene)

    def _given(self, maker: Sight) -> Iterator[Sight]:
        """What stands at the call for the argument that a function gives a new value."""
        origins = self._origins
        written = origins.last_write(maker.events[0])
        if written in origins.visits and self.scene.kind(origins.visits[written][0]) == "argument":
            given = origins.given(written)
            if given is not None:
                site, events = origins.visits[given]
                yield maker._replace(site=site, events=events)

    @cached_property
    def _makers(self) -> list[Sight]:
        """Where the other parameters get their new values."""
        after = list(self._after_the_pass(wrong=False))
        return [one for one in after if self.scene.timeline.computes[one.site]] or after

    def _after_the_pass(self, *, wrong: bool) -> Iterator[Sight]:
        """Where parameters are shown behind the last forward pass, as an update leaves them."""
        last = self.changed.suspects.judged.steps[0].round.last
        for one in self.scene.updated:
            mine = one.quantity[4:] in self.still and self.evidence.entry_is_wrong(one)
            if one.events[0] > last and mine == wrong and self.scene.kind(one.site) in {"store", "operation"}:
                yield one

    def _zeros(self, name: str) -> list[Sight]:
        """Calls that make zeros of the shape of a gradient after the forward pass, of the program's own shape if there are."""
        size = int(np.prod(self.scene.network.shapes[name]))
        timeline, readers = self.scene.timeline, self.scene.readers
        own = timeline.value(int(readers.events[self.scene.network.slices[name]][0])).shape
        found = []
        for site, events in self.scene.visits:
            value = timeline.value(events[0])
            is_own = len(self.scene.windows[0][site]) <= max(len(self.still), 1)
            if self.scene.kind(site) == "call" and is_own and value.size == size and value.ndim and not value.any():
                found.append(Sight(site, events, f"dL_d{name}", WHOLE))
        return [one for one in found if timeline.value(one.events[0]).shape == own] or found
