"""Where is a wrong number made? In the first expression that has it, or where a right number is taken for another.

A quantity that the program never has by itself is looked for one step further on.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.checks.placing.changed import DELTA, PARAMETER
from backlight.checks.placing.evidence import once
from backlight.checks.placing.masks import masks
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.evidence import Evidence
    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.trail import Trail

OF_THE_ARGUMENT = {
    "activation-applied-twice-in-derivative",
    "derivative-form-of-pre-activation",
    "derivative-of-gradient",
    "derivative-of-wrong-unit",
    "derivative-of-wrong-layer",
}
"""Where a derivative is right in itself, but taken of the wrong thing: the place is where it is called."""
OF_THE_SLOPE = {
    "wrong-activation-derivative",
    "missing-relu-mask",
    "inverted-relu-mask",
    "missing-output-derivative",
    "missing-hidden-derivative",
}
"""Where it is the derivative that is wrong, though its numbers may be zeros and ones that stand everywhere."""
OF_THE_USE = {"swapped-gradients"}
"""Where a right number is put to the wrong use."""


OF_THE_FACTOR = {"missing-output-derivative", "missing-hidden-derivative"}
"""Where a derivative is not there, or a one stands for it."""
OF_THE_MASK = {"missing-relu-mask", "inverted-relu-mask"}
"""Where zeros are set or not."""
SLOPE = re.compile(r"da\d+_dz\d+$")


@dataclass(frozen=True)
class Made:
    """The search for what makes a wrong number."""

    scene: Scene
    changed: Changed
    evidence: Evidence
    trail: Trail

    def readings(  # noqa: C901  one for each way to go wrong
        self, slug: str
    ) -> Iterator[list[Sight]]:
        """Where the first wrong quantity is made that the program has by itself; then the next ones."""
        yield from self._before_all(slug)
        for telling in (True, False):
            for number, name in enumerate(self.changed.wrong):
                if telling != self.changed.is_telling(name):
                    continue
                seen = [sight for sight in self.evidence.wrong_sights.get(name, []) if self.evidence.leads_on(sight)]
                if not seen:
                    continue
                first = self.evidence.first_of_each(seen)
                if slug in OF_THE_ARGUMENT and re.match(r"da\d", name):
                    if slug != "derivative-form-of-pre-activation" or self._is_right_too(first[0]):
                        called = once([self.trail.called(sight) for sight in first])
                        yield self._shared_body()
                        yield [one for one in called if self.evidence.leads_on(one)] or called
                elif slug in OF_THE_SLOPE and name.startswith("dL_dz") and (slopes := self._slopes_in(seen, name[5:])):
                    yield once(slopes)
                elif self.changed.is_right_elsewhere(name):
                    if slug == "overwritten-accumulator":
                        yield once(list(self._overwriting(seen)))
                    used = list(self._as_used(seen, self.changed.wrong[number + 1 :], follow=slug not in OF_THE_USE))
                    if used:
                        yield once(used)
                yield once(first)

    def _before_all(self, slug: str) -> Iterator[list[Sight]]:
        """Where the numbers cannot tell: a mask that is set in place, zeros made of right numbers, a sum never begun."""
        if slug in OF_THE_MASK:
            layers = [name[2] for name in self.changed.wrong if SLOPE.match(name)]
            yield [one for layer in layers for one in masks(self.scene, self.changed.true, int(layer))]
        if slug in OF_THE_USE:
            deltas = [{name: one[name] for name in one if DELTA.match(name)} for one in self.changed.true]
            right = self.scene.quantities(deltas)
            updates = [one for some in self.evidence.wrong_sights.values() for one in some if one.quantity[:2] == "dL"]
            yield once([one for one in updates if self.evidence.updates(one) and right.shown(one.events)])
        if slug == "accumulated-gradients":
            yield self._begun()
        if self.changed.wrong and SLOPE.match(self.changed.wrong[0]):
            yield self._made_of_right(f"dL_dz{self.changed.wrong[0][2]}", f"dL_da{self.changed.wrong[0][2]}")

    def _made_of_right(self, name: str, of: str) -> list[Sight]:
        """Zeros, or other numbers that stand everywhere, in an expression of the right numbers."""
        if name not in self.changed.wrong or self.changed.is_telling(name):
            return []
        right = self.scene.quantities([{of: one[of]} for one in self.changed.true])
        seen = []
        for sight in self.evidence.wrong_sights.get(name, []):
            parts = [self.scene.timeline.before(one, sight.events[0]) for one in self.scene.timeline.parts(sight.site)]
            if self.evidence.computes(sight.site) and any(part is not None and right.shown((part,)) for part in parts):
                seen.append(sight)
        return once(self.evidence.first_of_each(seen)) if seen else []

    def _begun(self) -> list[Sight]:
        """Where the sums of gradients begin, once before the training and not in each update."""
        sites = self.scene.timeline.observation.sites
        repeated = {self.scene.site(site).statement for site in self.scene.windows[-1]}
        sums = {
            (self.scene.site(one.site).scope, self.scene.site(one.site).source.partition("[")[0]): one
            for name in self.changed.wrong
            if name.startswith("dL_d")
            for one in self.evidence.wrong_sights.get(name, [])
            if self.scene.kind(one.site) == "store" and self.scene.timeline.computes[one.site]
        }
        return [
            sums[here.scope, here.source]._replace(site=site, quantity="", form=WHOLE)
            for site, here in enumerate(sites)
            if here.kind == "store" and (here.scope, here.source) in sums and here.statement not in repeated
        ]

    def _as_used(self, seen: list[Sight], later: list[str], *, follow: bool) -> Iterator[Sight]:
        """Where numbers go on as the wrong quantity: traced back from what is made of them."""
        by_event = {sight.events[0]: sight for sight in seen}
        array = PARAMETER.fullmatch(seen[0].quantity)
        found = False
        for name in later:
            if array is not None and not name.endswith(f"_{array[1]}"):
                continue
            for consumer in self.evidence.wrong_sights.get(name, []):
                event = consumer.events[0]
                if self.scene.kind(consumer.site) not in {"operation", "call"} or event in by_event:
                    continue
                parts = [by_event[part] for part in self.trail.outermost(consumer.site, event, by_event)]
                found = found or bool(parts)
                yield from self._latest([self.trail.origin(part, by_event) for part in parts] if follow else parts)
            if found:
                return

    @staticmethod
    def _latest(some: list[Sight]) -> Iterator[Sight]:
        """Of expressions with the same number the one that was evaluated last: the others are where it is right."""
        for sight in some:
            if all(sight.events >= other.events for other in some if other.form.entry == sight.form.entry):
                yield sight

    def _overwriting(self, seen: list[Sight]) -> Iterator[Sight]:
        """Where the gradient of each sample takes the place of the sum: what is done once for each, nearest the update."""
        often = len(self.changed.suspects.judged.steps[0].round.passes)
        for sight in reversed(seen):
            visits = len(self.scene.windows[0][sight.site])
            if often > 1 and (visits % often == 0 or visits == often - 1):
                yield sight
                return

    def _is_factor(self, part: Sight, sight: Sight) -> bool:
        """Whether an expression is one of those that another one multiplies, as it is."""
        source = self.scene.site(part.site).source
        return part.form.factor == 1.0 and source in factors_of(self.scene.site(sight.site).source)

    def _shared_body(self) -> list[Sight]:
        """The function that gives every slope of several layers, if it gives them all from the wrong thing."""
        slopes = [
            sight
            for name in self.changed.wrong
            if SLOPE.match(name)
            for sight in self.evidence.first_of_each(self.evidence.wrong_sights.get(name, []))
            if self.scene.site(sight.site).scope
        ]
        calls = {self.trail.called(sight).site for sight in slopes} - {sight.site for sight in slopes}
        bodies = {sight.site for sight in slopes} - calls
        if len(bodies) == 1 and len(calls) > 1 and not any(self._is_right_too(sight) for sight in slopes):
            return once([sight for sight in slopes if sight.site in bodies])
        return []

    def _is_right_too(self, sight: Sight) -> bool:
        """Whether the same expression gives a true slope at another time: then it is right, but not what it is given."""
        slopes = self.scene.quantities(
            [{n: one[n] for n in one if re.match(r"da\d", n)} for one in self.changed.true], (1.0,)
        )
        return any(
            site == sight.site and events != sight.events and slopes.shown(events) for site, events in self.scene.visits
        )

    def _slopes_in(self, seen: list[Sight], layer: str) -> list[Sight]:
        """The wrong slopes in some expressions; where a function of the program gives them, in the function."""
        slopes = {one.events[0]: one for one in self.evidence.wrong_sights.get(f"da{layer}_dz{layer}", [])}
        found = []
        for sight in seen:
            for part in self.trail.outermost(sight.site, sight.events[0], slopes):
                one = slopes[part]
                if self.changed.cause.slugs[0] in OF_THE_FACTOR and not self._is_factor(one, sight):
                    continue
                computed = self.evidence.computes(one.site)
                found.append(self.trail.body(one, slopes) if computed else self.trail.origin(one, slopes))
                break
        return found


def factors_of(source: str) -> set[str]:
    """What is multiplied in an expression."""
    try:
        waiting = [ast.parse(source.strip(), mode="eval").body]
    except SyntaxError:
        return set()
    found = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            waiting += [node.left, node.right]
        else:
            found.add(ast.unparse(node))
    return found
