"""Of mistakes that give equal numbers, which one does the program itself speak of?

A table of all samples by all samples, a value that is cut out of the graph, a gradient that is computed and given to no
update: what stands in the program decides where its numbers cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.trials import Cause, slug_of
from backlight.checks.placing.changed import Changed
from backlight.checks.placing.differentiated import Differentiated
from backlight.checks.placing.divisors import divisors
from backlight.checks.placing.evidence import Evidence
from backlight.checks.placing.missing import Missing
from backlight.checks.placing.numbers import near
from backlight.engines.mistakes import MISTAKES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Suspects
    from backlight.checks.placing.scene import Scene

MISSING = ("missing-update", "missing-bias-gradient")
OF_AN_UPDATE = ("missing-update", "detached-path")
"""Where a parameter never moves for want of an update, or of an engine that sees what it does."""
ROOM = 1e-9
MOST_TOLD = 24
"""Of so many mistakes with equal numbers it is asked."""


@dataclass(frozen=True)
class Telling:
    """A program, and what it shows beside its numbers."""

    scene: Scene
    suspects: Suspects

    def first(self, causes: Sequence[Cause]) -> list[Cause]:
        """The causes with what the program speaks of before what has equal numbers."""
        if not causes:
            return []
        causes = [*self._of_another_size(causes[0]), *causes]
        number = len(causes[0].asked)
        equal = [one for one in causes[:MOST_TOLD] if len(one.asked) == number and self._explains(one)]
        if len({one.slugs for one in equal}) == 1:
            return list(causes)
        ranked = sorted(equal, key=lambda one: (self._spoken(one), one.slugs != ("repeated-update",)), reverse=True)
        return [*ranked, *(one for one in causes if one not in ranked)]

    def _explains(self, cause: Cause) -> bool:
        """Whether it gives all wrong numbers; where it gives more, it is made in some parameters only."""
        return bool(cause.always[self.suspects.wrong].all())

    def _spoken(self, cause: Cause) -> int:
        """How much speaks for a mistake: more than 0 for it, less than 0 against it."""
        slugs = set(cause.slugs)
        found = 0
        if "detached-path" in slugs:
            found += 2 * self._is_cut
        if "wrong-batch-size" in slugs and self._size is not None:
            found += 1 if self._size in self._divisors else -1
        if "repeated-update" in slugs:
            found += 2 * self._is_repeated
        if "broadcast-error" in slugs:
            found += 2 * self._has_a_table
        if slugs.intersection(MISSING) and self._is_computed(cause):
            found += 1 if "missing-update" in slugs else -1
        if slugs.intersection(OF_AN_UPDATE) and self._is_updated(cause):
            found -= 1
        return found

    def _of_another_size(self, cause: Cause) -> Iterator[Cause]:
        """A factor without a name, where it is N over another size that the program divides by."""
        needed = MISTAKES["wrong-batch-size"].need
        if cause.slugs != ("constant-factor",) or self._size not in self._divisors or self._size == self.scene.samples:
            return
        if needed is not None and needed.met(self.scene.network.recipe, self.scene.layers):
            named = self.suspects.tried((f"wrong-batch-size:size={self._size}",))
            if named.is_whole:
                yield named

    @cached_property
    def _size(self) -> int | None:
        """The size that stands for the number of samples, if the wrong gradients are too large by their ratio."""
        own = self.suspects.own_factor
        factor = 0.0 if own is None else self.suspects.factor_of(own)
        size = self.scene.samples / factor if factor > 0 else 0.0
        return round(size) if size >= 1 and near(size, float(round(size))) else None

    @cached_property
    def _divisors(self) -> frozenset[int]:
        return divisors(self.scene)

    @cached_property
    def _is_repeated(self) -> bool:
        """Whether a parameter is seen on its way with one right step made, and more of them to come."""
        step = self.suspects.judged.steps[0]
        once = self.scene.network.arrays(step.round.parameters - self.suspects.judged.learning_rate * self._true[0])
        wrong, sites = self.scene.entries_wrong, self.scene.timeline.observation.site
        numbers = [
            self.scene.timeline.value(event)
            for site, events in self.scene.windows[0].items()
            if self.scene.kind(site) == "store"
            for event in events
            if event > step.round.last and sites[event] == site
        ]
        return all(
            any(_shows(value, once[name], where) for value in numbers) for name, where in wrong.items() if where.any()
        )

    @property
    def _true(self) -> NDArray[np.floating[Any]]:
        return self.suspects.judged.true_gradients

    @cached_property
    def _is_cut(self) -> bool:
        """Whether an activation is taken out of the sight of the engine that differentiates."""
        changed = Changed(self.scene, self.suspects, Cause((), np.ones((1, self.scene.network.size), bool), 0.0))
        return bool(self.scene.backward_calls) and any(True for _one in Differentiated(self.scene, changed).cuts())

    @cached_property
    def _has_a_table(self) -> bool:
        """Whether an expression has the differences of every output and every target."""
        outputs = self.scene.true[0][f"a{self.scene.layers}"].ravel()
        targets = self.scene.true[0]["y"].ravel()
        table = outputs[:, None] - targets
        room = 1e-4 * float(np.max(np.abs(table), initial=0.0))
        values = (self.scene.timeline.value(some[0]) for some in self.scene.windows[0].values())
        return any(
            value.shape == table.shape
            and any(float(np.max(np.abs(sign * value - one))) <= room for sign in (1, -1) for one in (table, table.T))
            for value in values
        )

    def _is_computed(self, cause: Cause) -> bool:
        """Whether the gradient of what never moves is there: as it would be with all that is wrong beside that."""
        if self.scene.samples == 1:  # where the gradient of a bias is the delta
            return False
        missing = self._missing(cause)
        names = [f"dL_d{name}" for name in missing.still]
        updates = [{name: one[name] for name in names} for one in missing.changed.mistaken]
        sights = self.scene.sights(self.scene.quantities(updates))
        return any(
            (sight.form.entry is None or self.scene.entries_wrong[sight.quantity[4:]][sight.form.entry].any())
            and self.scene.timeline.value(sight.events[0]).any()
            for sight in sights
        )

    def _is_updated(self, cause: Cause) -> bool:
        """Whether what never moves is updated all the same, by zeros that the program has made itself."""
        return not self.scene.backward_calls and bool(self._missing(cause).updates)

    def _missing(self, cause: Cause) -> Missing:
        """What does not move, with all that is wrong beside that."""
        others = tuple(text for text in cause.asked if slug_of(text) not in MISSING)
        changed = Changed(self.scene, self.suspects, Cause(others, cause.fits, 0.0))
        return Missing(self.scene, changed, Evidence(self.scene, changed))


def _shows(value: NDArray[Any], wanted: NDArray[Any], where: NDArray[np.bool_]) -> bool:
    """Whether a value is an array, either way round, or a number of it at one of some places."""
    if value.size == 1:
        return bool(np.any(np.abs(wanted[where] - value.item()) <= ROOM * np.abs(value.item())))
    room = ROOM * float(np.max(np.abs(wanted)))
    ways = (wanted, wanted.T) if value.size == wanted.size else ()
    return any(bool(np.all(np.abs(value.ravel() - way.ravel()) <= room)) for way in ways)
