"""Mistakes that no other expression mends: a line that is missing, a sum that is overwritten, an update that comes too soon.

Each repair is modelled on what the program itself writes nearby; whether it is right is found out by running it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from backlight.checks.placing.proof import made_at
from backlight.checks.placing.reach import module_of
from backlight.checks.placing.resets import Resets
from backlight.checks.placing.stale import Stale
from backlight.checks.placing.statements import Statements, exchanged, lines_of, names_in, stored_in
from backlight.checks.placing.updating import Repair, Updating, paired, updates

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.scene import Scene, Sight

NOT_BEGUN = {"accumulated-gradients"}
OVERWRITTEN = {"overwritten-accumulator", "missing-path", "wrong-batch-size"}
NOT_UPDATED = {"missing-update", "missing-bias-gradient", "detached-path"}
OLD = {"stale-forward"}
TOO_SOON = {"updated-weights-in-back-step", "aliased-parameters", "stale-forward"}
TURNED = {"transposed-weight-gradient", "swapped-gradients"}
BY_STATEMENTS = TURNED | NOT_BEGUN | OVERWRITTEN | NOT_UPDATED | OLD | TOO_SOON
MOST = 4
"""So many repairs of one kind are offered."""


@dataclass(frozen=True)
class Amendments:
    """A mistake in a program, mended by whole statements."""

    search: Search

    @property
    def scene(self) -> Scene:
        """The updates of the program."""
        return self.search.scene

    @property
    def statements(self) -> Statements:
        """What is written in it."""
        return self.scene.statements

    def repairs(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """What might mend the mistake, the likeliest first."""
        slugs = set(self.search.cause.slugs)
        kinds = (
            (NOT_BEGUN, self._begun),
            (OVERWRITTEN, self._added),
            (NOT_UPDATED, self._updated),
            (OLD, self._anew),
            (TOO_SOON, self._later),
            (TURNED, self._turned),
        )
        for kind, mend in kinds:
            if slugs & kind:
                yield from islice(mend(places), MOST)

    # ---- sums of gradients that are never begun anew -------------------------------------------------

    def _begun(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """Gradients set to zero in each round, or written where they are added."""
        resets = Resets(self.search, self.statements)
        yield from resets.repairs()
        lines = dict.fromkeys(self.scene.site(one.site).line for one in places)
        yield from self._signs("+=", "=", lines)
        yield from resets.behind_the_update()

    # ---- sums that are overwritten -------------------------------------------------------------------

    def _added(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """`+=` for `=` where the place is, and in the function around it."""
        lines = dict.fromkeys(self.scene.site(one.site).line for one in places)
        yield from self._added_one_by_one(lines)
        yield from self._signs("=", "+=", lines)

    def _added_one_by_one(self, lines: dict[int, None]) -> Iterator[Repair]:
        """`[s + d for s, d in zip(sums, ds)]` where a sum is not added to."""
        for line in lines:
            found = self.statements.at(line)
            one = found[2] if found else None
            if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.ListComp):
                continue
            target, made = self.statements.text(one.targets[0]), one.value
            unused = [var for var, of in paired(made) if of == target and var not in names_in(made.elt)]
            for var in unused:
                element = self.statements.text(made.elt)
                written = self.statements.text(one).replace(element, f"{var} + {element}", 1)
                yield (self.statements.instead(one, one, written, name=target),)

    def _signs(self, old: str, new: str, lines: dict[int, None]) -> Iterator[Repair]:
        """Another sign of assignment: at the places, one by one, and for everything that is written as there."""
        found = [self.statements.at(line) for line in lines]
        here = [one for one in found if one is not None and self._is_assigned(one[2], old)]
        if not here:
            return
        yield tuple(self._with_sign(one, new) for _block, _number, one in here)
        kept = {self._last_name(one) for _block, _number, one in here}
        alike = [
            one
            for _block, _number, one in self.statements.all()
            if self._is_assigned(one, old) and self._last_name(one) in kept and self._last_name(one)
        ]
        by_function = [one for one in alike if any(one in block.statements for block, _number, _one in here)]
        if len(by_function) > len(here):
            yield tuple(self._with_sign(one, new) for one in by_function)
        if len(alike) > len(by_function):
            yield tuple(self._with_sign(one, new) for one in alike)

    @staticmethod
    def _is_assigned(statement: ast.stmt, sign: str) -> bool:
        if sign == "=":
            return isinstance(statement, ast.Assign) and len(statement.targets) == 1
        return isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add)

    @staticmethod
    def _last_name(statement: ast.stmt) -> str:
        """The attribute, or the variable whose entry is written."""
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        while isinstance(target, ast.Subscript):
            target = target.value
        return target.attr if isinstance(target, ast.Attribute) else ""

    def _with_sign(self, statement: ast.stmt, sign: str) -> Spot:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target  # type: ignore[attr-defined]
        value: ast.expr = statement.value  # type: ignore[attr-defined]
        written = f"{self.statements.text(target)} {sign} {self.statements.text(value)}"
        return self.statements.instead(statement, statement, written)

    def _updated(self, places: Sequence[Sight]) -> Iterator[Repair]:
        return Updating(self.search, self.statements).repairs(places)

    def _anew(self, _places: Sequence[Sight]) -> Iterator[Repair]:
        return Stale(self.scene, self.statements).repairs()

    # ---- updates that come too soon ------------------------------------------------------------------

    def _later(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """The updates before a place, behind it; or a copy of what they change."""
        for place in places:
            site = self.scene.site(made_at(self.scene, place).site)
            found = self.statements.at(site.line)
            if found is None:
                continue
            yield from self._copied(names_in(found[2]))
            yield from self._moved(site.line)

    def _moved(self, line: int) -> Iterator[Repair]:
        """In every block around a place: the updates of what is used there, behind the statement of the place."""
        around = [(block, number, one) for block, number, one in self.statements.all() if line in lines_of(one)]
        for block, number, use in reversed(around):
            used = names_in(use)
            sooner = [
                one
                for one in block.statements[:number]
                if isinstance(one, ast.Assign | ast.AugAssign | ast.For) and self._changes(one, used)
            ]
            if not sooner or isinstance(use, ast.FunctionDef | ast.ClassDef):
                continue
            first = min(sooner, key=lambda one: one.lineno)
            stay = [one for one in block.statements[:number] if one.lineno >= first.lineno and one not in sooner]
            if isinstance(use, ast.Return):
                continue
            yield (self.statements.instead(first, use, self.statements.in_order((*stay, use, *sooner))),)

    def _changes(self, statement: ast.stmt, used: set[str]) -> bool:
        """Whether a statement updates parameters, some of which are used."""
        moves = any(
            updates(self.search, one) for one in ast.walk(statement) if isinstance(one, ast.Assign | ast.AugAssign)
        )
        return moves and bool({re.split(r"\[", one)[0] for one in stored_in(statement)} & used)

    def _copied(self, used: set[str]) -> Iterator[Repair]:
        """`old = w.copy()` for `old = w`, where the old value is used."""
        for _block, _number, one in self.statements.all():
            if not isinstance(one, ast.Assign) or not isinstance(one.value, ast.Name | ast.Attribute | ast.Subscript):
                continue
            if not stored_in(one) & used:
                continue
            value, target = self.statements.text(one.value), self.statements.text(one.targets[0])
            kind = module_of(self.scene.timeline.observation.program.text)
            arrays = f"{value}.clone()" if kind == "torch" else f"{value}.copy()"
            for copy in (arrays, f"[row[:] for row in {value}]", f"{value}[:]"):
                yield (self.statements.instead(one, one, f"{target} = {copy}", name=target),)

    # ---- entries with their indices exchanged --------------------------------------------------------

    def _turned(self, _places: Sequence[Sight]) -> Iterator[Repair]:
        """`w[j][k]` where only one statement writes `w[k][j]`, and all others the former."""
        text = self.scene.timeline.observation.program.text
        found = []
        for _block, _number, one in self.statements.all():
            if isinstance(one, ast.Assign | ast.AugAssign):
                target = self.statements.text(one.targets[0] if isinstance(one, ast.Assign) else one.target)
                here, written = self.statements.text(one), exchanged(target)
                if written and written not in here and written in text and text.count(target) == here.count(target):
                    found.append(self.statements.instead(one, one, here.replace(target, written)))
        yield from ((one,) for one in found)
        if len(found) > 1:
            yield tuple(found)
