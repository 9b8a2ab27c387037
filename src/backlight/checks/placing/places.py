"""On which lines is a mistake made? Where the program first shows what a mistaken engine computes and a true one does not.

First the way back from the parameters that go wrong is gone (`back`), which needs no name for the mistake. Then each way
to look is a file: what makes a wrong number (`made`), what brings in a factor (`scaled`), what is not there
(`missing`), what an engine is handed to differentiate (`differentiated`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backlight.checks.placing.changed import Changed
from backlight.checks.placing.differentiated import Differentiated
from backlight.checks.placing.evidence import Evidence
from backlight.checks.placing.made import OF_THE_MASK, Made
from backlight.checks.placing.missing import Missing
from backlight.checks.placing.scaled import Scaled
from backlight.checks.placing.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Cause, Suspects
    from backlight.checks.placing.back.demands import Demands
    from backlight.checks.placing.scene import Scene, Sight

    Array = NDArray[np.floating[Any]]

MOST_UPDATES = 3
"""So many judged updates are looked at: what agrees by chance in one of them does not agree in all."""
MANY = 3
"""In so many places nobody turns a sign by mistake."""
OF_WHAT_IS_NOT_THERE = {"missing-update", "missing-bias-gradient", "detached-path"}
"""Where a line is missing."""
TOLD_BY_THEIR_NUMBERS = OF_WHAT_IS_NOT_THERE | OF_THE_MASK
"""Where the mistake's own numbers say more than what should be there."""


@dataclass(frozen=True)
class Search:
    """A program, a mistake that gives its numbers, and the expressions where it may stand.

    Attributes
    ----------
    back : Demands
        The ways back from the wrong parameters, whatever the mistake is.
    """

    scene: Scene
    suspects: Suspects
    cause: Cause
    back: Demands

    def readings(self) -> Iterator[list[Sight]]:
        """Every way to see which expressions are wrong, the likeliest first: a proof may choose."""
        told: set[tuple[int, ...]] = set()
        for places in filter(None, self._readings(self.cause.slugs[0])):
            sites = tuple(sorted(one.site for one in places))
            if sites not in told:
                told.add(sites)
                yield places

    def _readings(self, slug: str) -> Iterator[list[Sight]]:
        """The same, some of them twice."""
        yield from self.differentiated.readings(slug)
        numbers_tell = slug in TOLD_BY_THEIR_NUMBERS or self.changed.factor is not None
        if slug in OF_WHAT_IS_NOT_THERE and self._is_lost_on_the_way:
            numbers_tell = False
        if not numbers_tell:
            yield self.asked_back
        if slug in OF_WHAT_IS_NOT_THERE:
            yield self.missing.places()
        elif self.changed.factor is not None:
            scaled = self.scaled.places(self.changed.factor)
            if self.changed.factor == -1 and len(self.asked_back) == 1 and len(scaled) >= MANY:
                yield self.asked_back  # one sign that is turned is likelier than the same one in many lines
            yield scaled or self.asked_back
        yield from self.made.readings(slug)
        if numbers_tell:
            yield self.asked_back

    @property
    def asked_back(self) -> list[Sight]:
        """Where the ways back end, whatever the mistake is, in the form that stands there now if that is a factor off."""
        factor = self.changed.factor
        return [
            end._replace(form=end.form._replace(factor=end.form.factor * factor))
            if factor is not None and end.quantity.startswith(("dL_d", "step_"))
            else end
            for end in self.back.ends
        ]

    @property
    def _is_lost_on_the_way(self) -> bool:
        """Whether the ways back end where zeros are made of gradients, or handed over with others, or written down."""
        return bool(self.asked_back) and all(map(self._is_lost, self.asked_back))

    def _is_lost(self, end: Sight) -> bool:
        if self.scene.kind(end.site) == "constant":
            return True
        if end.quantity.startswith(("new_", "step_")):
            return False
        gradients = (match for matches in self.back.read(end) for match in matches if match.quantity.startswith("dL_"))
        return bool(self.scene.timeline.value(end.events[0]).any()) or any(True for _one in gradients)

    def usual_factor(self, sight: Sight) -> float:
        """The factor that a right program would carry at a place."""
        if self.changed.factor is None or (
            sight.form.factor in self.scaled.usual and not sight.quantity.startswith(("dL_d", "step_"))
        ):
            return sight.form.factor
        return sight.form.factor / self.changed.factor

    @property
    def true(self) -> list[dict[str, Array]]:
        """The true quantities of each update."""
        return self.changed.true

    @cached_property
    def changed(self) -> Changed:
        """What the mistake changes."""
        return Changed(self.scene, self.suspects, self.cause)

    @cached_property
    def evidence(self) -> Evidence:
        """What the program shows of it."""
        return Evidence(self.scene, self.changed)

    @cached_property
    def trail(self) -> Trail:
        """The ways of its numbers."""
        return Trail(self.scene)

    @cached_property
    def made(self) -> Made:
        """The search for what makes a wrong number."""
        return Made(self.scene, self.changed, self.evidence, self.trail)

    @cached_property
    def scaled(self) -> Scaled:
        """The search for a factor."""
        return Scaled(self.scene, self.changed, self.evidence, self.trail)

    @cached_property
    def differentiated(self) -> Differentiated:
        """The search in a program that leaves the derivatives to an engine."""
        return Differentiated(self.scene, self.changed)

    @cached_property
    def missing(self) -> Missing:
        """The search for what is not there."""
        return Missing(self.scene, self.changed, self.evidence)
