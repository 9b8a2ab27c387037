"""What does the program show of what is wrong? Its expressions with a wrong number where the true one is not beside."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.changed import PARAMETER, Changed
from backlight.checks.placing.numbers import alike

if TYPE_CHECKING:
    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.shown import Form

LOOK = re.compile(r"print\(|f[\"']|plt\.")
"""What is only shown to somebody."""
COMPUTED = {"operation", "call", "return"}


@dataclass(frozen=True)
class Evidence:
    """The expressions of a program that show wrong numbers."""

    scene: Scene
    changed: Changed

    @cached_property
    def wrong_sights(self) -> dict[str, list[Sight]]:
        """Where the program shows each wrong quantity and not the true one, in its order."""
        found: dict[str, list[Sight]] = {}
        names = self.changed.wrong
        factors = self.changed.factors
        true = self.scene.quantities([{name: one[name] for name in names} for one in self.changed.true], factors)
        wrong = self.scene.quantities([{name: one[name] for name in names} for one in self.changed.mistaken], factors)
        for sight in self.scene.sights(wrong):
            if not self._may_be(sight.quantity, sight.form) or self._updates_another(sight):
                continue
            right = any(
                match.quantity == sight.quantity
                and match.form.entry == sight.form.entry
                and self._may_be(match.quantity, match.form)
                for match in true.shown(sight.events)
            )
            if not right and self._differs(sight):
                found.setdefault(sight.quantity, []).append(sight)
        return found

    def _may_be(self, quantity: str, form: Form) -> bool:
        """Whether a quantity in this form is meant: it lies as its parameter does, and has the sign of the others."""
        if self.changed.turns_a_sign and form.factor * self._direction * self._sign(quantity) < 0:
            return False
        return self._fits_the_parameter(quantity, form)

    @cached_property
    def _direction(self) -> int:
        """Whether the program keeps its gradients, or what goes up the hill: -1; where they are right it shows."""
        wrong = set(self.changed.wrong)
        right = self.scene.quantities(
            [{name: one[name] for name in one if name.startswith("dL_d")} for one in self.changed.true]
        )
        signs = [
            self._sign(sight.quantity) * (1 if sight.form.factor > 0 else -1)
            for sight in self.scene.sights(right)
            if sight.quantity not in wrong or (sight.form.entry is not None and not self._differs(sight))
        ]
        return -1 if sum(signs) < 0 else 1

    def _sign(self, quantity: str) -> int:
        """-1 for what belongs to a parameter that the program subtracts."""
        array = PARAMETER.fullmatch(quantity)
        return 1 if array is None else int(self.scene.readers.signs[self.scene.network.slices[array[1]].start])

    def _fits_the_parameter(self, quantity: str, form: Form) -> bool:
        """Whether a gradient lies as the matrix that it is for; anything else may lie as it likes."""
        array = PARAMETER.fullmatch(quantity)
        if array is None or form.entry is not None or array[1][0] == "b":
            return True
        shape = self.scene.network.shapes[array[1]]
        return shape[0] != shape[1] or form.turned == self.scene.turned[array[1]]

    def _differs(self, sight: Sight) -> bool:
        """Whether the entry shown is one that is wrong."""
        pairs = [
            (one[sight.quantity], other[sight.quantity])
            for one, other in zip(self.changed.true, self.changed.mistaken, strict=True)
        ]
        if sight.form.entry is not None:
            entry = sight.form.entry
            pairs = [(one[entry], other[entry]) for one, other in pairs if len(one) > entry[0]]
        return any(not alike(one, other) for one, other in pairs)

    def entry_is_wrong(self, sight: Sight) -> bool:
        """Whether a gradient that is shown is one of the wrong ones."""
        array = PARAMETER.fullmatch(sight.quantity)
        if array is None:
            return True
        wrong = self.scene.entries_wrong[array[1]]
        return bool(wrong.any() if sight.form.entry is None else wrong[sight.form.entry].any())

    def leads_on(self, sight: Sight) -> bool:
        """Whether a number goes on: it is kept, or part of something else that is wrong. A look at the loss is not."""
        around = list(self.scene.ancestors(sight.site))
        return any(one in self.wrong_sites for one in around) or self.is_kept(around)

    def is_kept(self, around: list[int]) -> bool:
        """Whether a number is assigned as it is, or in a container, or given to a function of the program."""
        return all(self._only_holds(one) for one in around)

    def _only_holds(self, site: int) -> bool:
        here, timeline = self.scene.site(site), self.scene.timeline
        if here.kind == "call" and here.source.partition("(")[0].rpartition(".")[2] in self._functions:
            return True
        if is_display(here.source):
            return True
        return not len(timeline.of_site[site]) and not LOOK.match(here.source)

    @cached_property
    def _functions(self) -> set[str]:
        """The names of the program's own functions."""
        return {one.scope.rpartition(".")[2] for one in self.scene.timeline.observation.sites}

    @cached_property
    def wrong_sites(self) -> set[int]:
        """Every expression that shows something wrong, new parameters among it."""
        sites = {sight.site for sight in self.scene.new_parameters}
        return sites | {sight.site for some in self.wrong_sights.values() for sight in some}

    def first_of_each(self, seen: list[Sight]) -> list[Sight]:
        """The expressions that make the numbers, and do not read them from another one; for each entry all of them.

        Where a whole array is made, its entries are not told again.
        """
        computed = [one for one in seen if self.computes(one.site)]
        seen = [one for one in computed if one.form.entry is None] or computed or seen
        sites = {one.site for one in seen}
        found = [
            one
            for one in seen
            if self.computes(one.site) and not sites.intersection(self.scene.timeline.parts(one.site))
        ]
        found = [one for one in found if self.scene.kind(one.site) != "return"] or found
        return found or seen[:1]

    def computes(self, site: int) -> bool:
        """Whether a place in the source makes a number, and does not only hand it on."""
        return self.scene.kind(site) in COMPUTED or bool(self.scene.timeline.computes[site])

    def _updates_another(self, sight: Sight) -> bool:
        """Whether an expression stands in the statement that gives another parameter its new value."""
        array, entry = PARAMETER.fullmatch(sight.quantity), sight.form.entry
        mine = self._updated.get(self.scene.site(sight.site).statement)
        return array is not None and entry is not None and mine is not None and (array[1], entry) not in mine

    @cached_property
    def _updated(self) -> dict[int, set[tuple[str, tuple[int, ...]]]]:
        """Which single parameters each statement gives new values, where it gives them to single ones only."""
        found: dict[int, set[tuple[str, tuple[int, ...]]]] = {}
        whole = set()
        for sight in self.scene.new_parameters:
            statement, entry = self.scene.site(sight.site).statement, sight.form.entry
            if self.scene.kind(sight.site) != "store":
                continue
            if entry is None:
                whole.add(statement)
            else:
                found.setdefault(statement, set()).add((sight.quantity[4:], entry))
        return {statement: some for statement, some in found.items() if statement not in whole}

    def updates(self, sight: Sight) -> bool:
        """Whether an expression stands in a statement that gives its parameter a new value."""
        array = PARAMETER.fullmatch(sight.quantity)
        return array is not None and (array[1], self.scene.site(sight.site).statement) in self.statements

    @cached_property
    def statements(self) -> set[tuple[str, int]]:
        """The statements that give each array of parameters new values."""
        return {
            (sight.quantity[4:], self.scene.site(sight.site).statement)
            for sight in self.scene.new_parameters
            if self.scene.kind(sight.site) in {"store", "operation"}
        }


def is_display(source: str) -> bool:
    """Whether an expression is a list, a tuple or a dictionary written down."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return False
    return isinstance(node, ast.List | ast.Tuple | ast.Dict)


def once(some: list[Sight]) -> list[Sight]:
    """Each place in the source once."""
    found: dict[int, Sight] = {}
    for sight in some:
        found.setdefault(sight.site, sight)
    return list(found.values())
