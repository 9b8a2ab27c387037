"""Updates that are missing: a line as the one that updates another parameter, with the names of this one."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.placing.formulas import formulas
from backlight.checks.placing.loops import Loops
from backlight.checks.placing.ordered import Key, behind_which
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import Form
from backlight.checks.placing.statements import Block, Statements, is_a_line, lines_of, renamed, stored_in
from backlight.checks.placing.words import Vocabulary

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.places import Search

Repair = tuple["Spot", ...]
"""What is to be written at some places together."""


@dataclass(frozen=True)
class Updating:
    """A program in which some parameters are not updated."""

    search: Search
    statements: Statements

    def repairs(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """A line as the one that updates another parameter; or what is computed and given to nothing."""
        yield from self._kept()
        yield from self._misnamed(places)
        if self.search.missing.updates:
            yield from self._beside(places)
        yield from self._unguarded(places)
        yield from self._of_lists(places)
        names, missing, others = self._names, self._wrong, self._others
        sites = (self.search.scene.site(one.site) for one in self.search.scene.updated)
        lines = {site.line for site in sites if site.kind in {"store", "operation"}}
        loops = self.loops(lines)
        yield from loops.repairs()
        models = list(self._models(others))
        for model in models:
            written = [list(self._modelled(model, names[model[0]], one, names[one])) for one in missing]
            if not all(written):
                continue
            for number in range(max(map(len, written))):
                chosen = [some[min(number, len(some) - 1)] for some in written]
                new = dict(zip(chosen, missing, strict=True))
                yield self._instead(model[1], list(new)) or self._beside_others(models, model[1], new)
        yield from loops.counted()

    def loops(self, lines: set[int]) -> Loops:
        """The loops with one of these lines in them, in which wrong parameters may be left out."""
        names = self._names
        left_out = {names[one]: names.get((f"W{one[0][1:]}", None), "") for one in self._wrong}
        return Loops(self.statements, lines.__contains__, [names[one] for one in self._others], left_out)

    @cached_property
    def _wrong(self) -> list[Key]:
        """The arrays, or the scalars with a name of their own, that are wrong."""
        wrong = [name for name, one in self.search.scene.entries_wrong.items() if one.any()]
        return [name for name in self._names if name[0] in wrong and self._is_wrong(name)]

    @cached_property
    def _others(self) -> list[Key]:
        """The others."""
        return [name for name in self._names if not self._is_wrong(name)]

    def _misnamed(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """`W1 = W1 - rate * dW1` for `W_1 = W1 - rate * dW1`."""
        lost = {self.search.scene.site(one.site).line: one.quantity[4:] for one in places if one.quantity[:4] == "new_"}
        for _block, _number, one in self._assignments_at(places):
            name = self._names.get((lost.get(one.lineno, ""), None), "")
            if name and self._target(one) != name and name in map(self.statements.text, _parts(one.value)):
                written = f"{name} = {self.statements.text(one.value)}"
                yield (self.statements.instead(one, one, written, name=name),)

    def _beside(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """What is written beside the gradient of another layer's weights, written for this layer: `db[-l]` as `db[-1]`."""
        for block, _number, place in self._assignments_at(places):
            told = {self._target(one) for one in block.statements if isinstance(one, ast.Assign)}
            for other, number, model in self.statements.all():
                if not isinstance(model, ast.Assign) or model is place or other is block:
                    continue
                old, new = self._target(model), self._target(place)
                if renamed(old, old, new) != new or stored_in(model) != stored_in(place):
                    continue
                near = other.statements[max(number - 1, 0) : number + 2]
                for one in (one for one in near if isinstance(one, ast.Assign) and one is not model):
                    if renamed(self._target(one), old, new) not in told:
                        yield (self.statements.behind(place, renamed(self.statements.text(one), old, new)),)

    def _assignments_at(self, places: Sequence[Sight]) -> Iterator[tuple[Block, int, ast.Assign]]:
        """The assignments in which some places stand."""
        for line in dict.fromkeys(self.search.scene.site(one.site).line for one in places):
            found = self.statements.at(line)
            if found is not None and isinstance(found[2], ast.Assign):
                yield found[0], found[1], found[2]

    def _target(self, statement: ast.Assign) -> str:
        return self.statements.text(statement.targets[0])

    def _unguarded(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """An update that is made of some parameters only, without the condition before it."""
        lines = {self.search.scene.site(one.site).line for one in places}
        for block, number, one in self.statements.all():
            if not isinstance(one, ast.If) or one.orelse:
                continue
            behind = block.statements[number + 1 :]
            if isinstance(one.body[0], ast.Continue) and any(other.lineno in lines for other in behind):
                yield (self.statements.instead(one, behind[0], self.statements.text(behind[0])),)
            elif any(other.lineno in lines for other in one.body) and all(map(is_a_line, one.body)):
                yield (self.statements.without_condition(one),)

    def _of_lists(self, places: Sequence[Sight]) -> Iterator[Repair]:
        """`bs = [b - r * d for b, d in zip(bs, dbs)]` as the same of the weights."""
        through = dict(paired(self.statements.tree))
        missing = dict.fromkeys(
            written for key, written in self._names.items() if written in through and self._is_wrong(key)
        )
        for _block, _number, model in self._assignments_at(places):
            if not isinstance(model.value, ast.ListComp):
                continue
            target, variables = self._target(model), paired(model.value)
            for var in (var for var, of in variables if of == target):
                for name in missing:
                    exchanged = renamed(self.statements.text(model), target, through[name])
                    if through[name] != target:
                        yield (self.statements.behind(model, renamed(exchanged, var, name)),)

    @cached_property
    def _names(self) -> dict[Key, str]:
        """What the program calls each array, or each scalar where it has a name of its own."""
        found: dict[Key, str] = {}
        readers, timeline, first = self.search.scene.readers, self.search.scene.timeline, 0
        for name, shape in self.search.scene.network.shapes.items():
            size = math.prod(int(length) for length in shape)
            scalars = {
                tuple(int(one) for one in np.unravel_index(entry, shape)): readers.name(timeline, first + entry)
                for entry in range(size)
            }
            if size > 1 and any("[" in one for one in scalars.values()):
                found[name, None] = self._name_of(name, readers.name(timeline, first, whole=True))
            elif size == 1:
                found[name, None] = readers.name(timeline, first)
            else:
                found.update({(name, entry): written for entry, written in scalars.items()})
            first += size
        return found

    def _name_of(self, array: str, read: str) -> str:
        """What an array that never moves is called in the updates looked at, where it is read by another name before."""
        if array not in self.search.missing.still:
            return read
        sites = [self.search.scene.site(one.site) for one in self.search.scene.updated if self._is_read(one, array)]
        shown = [one.name for one in sites]
        return read if read in shown or not shown else shown[0]

    def _is_read(self, sight: Sight, array: str) -> bool:
        """Whether an array is read by a name of its own."""
        site = self.search.scene.site(sight.site)
        whole = sight.quantity == f"new_{array}" and sight.form.entry is None
        return whole and site.kind in {"name", "attribute", "item"} and not site.name.endswith(".T")

    def _is_wrong(self, key: Key) -> bool:
        wrong = self.search.scene.entries_wrong[key[0]]
        return bool(wrong.any() if key[1] is None else wrong[key[1]].any())

    def _models(self, others: Sequence[Key]) -> Iterator[tuple[Key, ast.stmt]]:
        """The statements that update other parameters, with the parameter."""
        told: set[int] = set()
        makers = [one for one in self.search.scene.updated if self.search.scene.kind(one.site) == "store"]
        for one in makers:
            whole = one.form.entry is None or math.prod(self.search.scene.network.shapes[one.quantity[4:]]) == 1
            key = (one.quantity[4:], None if whole else one.form.entry)
            found = self.statements.at(self.search.scene.site(self.search.missing.at_the_call(one).site).line)
            if (
                found
                and key in others
                and isinstance(found[2], ast.Assign | ast.AugAssign | ast.Expr)
                and id(found[2]) not in told
            ):
                told.add(id(found[2]))
                yield key, found[2]

    def _beside_others(
        self, models: Sequence[tuple[Key, ast.stmt]], model: ast.stmt, missing: dict[str, Key]
    ) -> Repair:
        """Each line where it belongs, in the order of the updates that stand beside the model."""
        block = self._block_of(model)
        beside = sorted(
            ((key, one) for key, one in models if any(one is other for other in block.statements)),
            key=lambda one: one[1].lineno,
        )
        placed: dict[int, list[str]] = {}
        for line, key in missing.items():
            placed.setdefault(behind_which(key, [other for other, _one in beside]), []).append(line)
        if set(placed) >= {-1, 0}:  # before the first one and behind it
            placed[0] = placed.pop(-1) + placed[0]
        return tuple(
            self.statements.before(beside[0][1], *lines)
            if number < 0
            else self.statements.behind(beside[number][1], *lines)
            for number, lines in sorted(placed.items())
        )

    def _block_of(self, statement: ast.stmt) -> Block:
        return next(block for block, _number, one in self.statements.all() if one is statement)

    def _modelled(self, model: tuple[object, ast.stmt], old: str, key: Key, new: str) -> Iterator[str]:
        """The same statement for another parameter: with the names exchanged, or with its own gradient."""
        written = self.statements.text(model[1])
        exchanged, gradient = renamed(written, old, new), self._gradient_in(model[1])
        if gradient is None or gradient[0] not in exchanged:
            yield exchanged
        if gradient is None or self.search.scene.backward_calls:
            return
        inside, sight = gradient
        head = written.replace(inside, "\0", 1)
        head = re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w])", new, head)
        wanted = Sight(sight.site, sight.events, f"dL_d{key[0]}", Form(sight.form.factor, turned=False, entry=key[1]))
        for way in islice(formulas(self.search.scene, wanted, self.search.true), 3):
            yield head.replace("\0", f"({way})" if re.search(r"[-+]", way) else way)

    def _gradient_in(self, statement: ast.stmt) -> tuple[str, Sight] | None:
        """The largest part of an update that is the gradient of its parameter."""
        found = self._gradients.get(statement.lineno, [])
        if not found:
            return None
        words, site = Vocabulary(self.search.scene, found[0]), self.search.scene.site
        best = max(found, key=lambda one: (not words.reads_rate(site(one.site).source), len(site(one.site).source)))
        return self.search.scene.site(best.site).source, best

    @cached_property
    def _gradients(self) -> dict[int, list[Sight]]:
        """Where gradients of parameters are shown, each place once, by the lines where their statements begin."""
        scene = self.search.scene
        table = scene.quantities(
            [
                {name: one[name] for name in one if name.startswith("dL_d") and name[4] in "Wb"}
                for one in self.search.true
            ]
        )
        found: dict[int, dict[int, Sight]] = {}
        for one in scene.sights(table):
            if scene.kind(one.site) != "store":
                found.setdefault(scene.site(one.site).statement, {}).setdefault(one.site, one)
        return {line: list(some.values()) for line, some in found.items()}

    def _instead(self, model: ast.stmt, written: list[str]) -> Repair:
        """Lines in the place of those that keep the old values, beside the model; nothing where there are none."""
        block = self._block_of(model)
        alike = []
        for line in written:
            target = line.partition("=")[0].strip().rstrip("+-")
            old = [one for one in block.statements if isinstance(one, ast.Assign) and self._target(one) == target]
            if old and not line.startswith(f"{target} +") and not line.startswith(f"{target} -"):
                alike.append(self.statements.instead(old[0], old[0], line))
        return tuple(alike) if len(alike) == len(written) else ()

    def _kept(self) -> Iterator[Repair]:
        """A new value that is computed and given to nothing, given to its parameter."""
        for _block, _number, one in self.statements.all():
            if not isinstance(one, ast.Expr) or not isinstance(one.value, ast.BinOp) or not updates(self.search, one):
                continue
            left: ast.expr = one.value
            while isinstance(left, ast.BinOp):
                left = left.left
            if isinstance(left, ast.Name | ast.Attribute | ast.Subscript):
                written = f"{self.statements.text(left)} = {self.statements.text(one)}"
                yield (self.statements.instead(one, one, written),)


def paired(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The variables of loops and comprehensions, with the list that each of them goes through."""
    for one in ast.walk(tree):
        if not isinstance(one, ast.For | ast.comprehension):
            continue
        if isinstance(one.iter, ast.Call) and isinstance(one.target, ast.Tuple):
            pairs = zip(one.target.elts, one.iter.args, strict=False)
            yield from ((ast.unparse(var), ast.unparse(of)) for var, of in pairs)
        else:
            yield ast.unparse(one.target), ast.unparse(one.iter)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Everything that an expression reads."""
    return (one for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute | ast.Subscript))


def updates(search: Search, statement: ast.stmt) -> bool:
    """Whether a statement gives a parameter its new value."""
    lines = lines_of(statement)
    return any(search.scene.site(one.site).line in lines for one in search.scene.updated)
