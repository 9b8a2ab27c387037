"""Sums of gradients that are never begun anew: where they should be, and how the program would write it.

A reset that leaves a sum out is completed, one that changes nothing is made to; only where there is none is one written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.reach import module_of
from backlight.checks.placing.statements import Block, Statements, stored_in
from backlight.checks.placing.updating import Repair, Updating, updates

if TYPE_CHECKING:
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.scene import Scene

ZEROS = {"zeros", "zeros_like", "new_zeros"}
"""What makes zeros."""
CLEARING = {"fill", "zero_", "zero_grad"}
"""What sets to zero whatever it is called on."""


@dataclass(frozen=True)
class Resets:
    """A program in which gradients are added to those of the iterations before."""

    search: Search
    statements: Statements

    def repairs(self) -> Iterator[Repair]:
        """Gradients set to zero in each round: where some are already, by the optimizer, by hand, or where they began once."""
        yield from self._in_vain()
        yield from self._through_all()
        yield from self._completed()
        yield from self._cleared()
        yield from self._set_to_zero()
        yield from self._begun_in_the_loop()

    @property
    def _scene(self) -> Scene:
        return self.search.scene

    # ---- resets that are there -----------------------------------------------------------------------

    def _in_vain(self) -> Iterator[Repair]:
        """`p.grad = 0.0` for `p.grad += 0.0` or `p.grad == 0.0`, `zero_grad()` for `zero_grad`."""
        for _block, _number, one in self.statements.all():
            written = self._as_meant(one)
            if written:
                yield (self.statements.instead(one, one, written),)
            elif isinstance(one, ast.If) and not one.orelse and all(any(_set_by(each)) for each in one.body):
                yield (self.statements.without_condition(one),)

    def _as_meant(self, statement: ast.stmt) -> str:
        """What sets to zero where a statement looks as if it did; empty if it does not."""
        text = self.statements.text
        match statement:
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub(), value=value) if is_zero(value):
                return f"{text(target)} = {text(value)}"
            case ast.Expr(value=ast.Attribute(attr=attr)) if attr in CLEARING:
                return f"{text(statement)}()"
            case ast.Expr(value=ast.Compare(left=target, ops=[ast.Eq()], comparators=[value])) if is_zero(value):
                return f"{text(target)} = {text(value)}"
        return ""

    def _through_all(self) -> Iterator[Repair]:
        """A loop that sets gradients of some of the parameters to zero, through all of them."""
        lines = {one.lineno for _block, _number, one in self.statements.all() if any(_set_by(one))}
        yield from Updating(self.search, self.statements).loops(lines).repairs()

    def _completed(self) -> Iterator[Repair]:
        """What is never begun anew, behind the reset of what is added to nearest to it."""
        resets = {last_name(one): (one, statement) for statement, owners in self._resets for one in owners}
        missing = [name for name in self._sums if name not in resets]
        known = [name for name in resets if name in self._sums]
        if not known or not missing:
            return
        nearest = {one: min(known, key=lambda name: abs(self._sums[name] - self._sums[one])) for one in missing}
        for way in (self._exchanged, self._as_begun):
            written: dict[int, list[str]] = {}
            for one, model in nearest.items():
                owner, statement = resets[model]
                written.setdefault(id(statement), []).extend(way(statement, owner, model, one))
            statements = {id(statement): statement for _owner, statement in resets.values()}
            if all(written.values()):
                yield tuple(self.statements.behind(statements[key], *lines) for key, lines in written.items())

    def _exchanged(self, statement: ast.stmt, _owner: ast.expr, model: str, name: str) -> Iterator[str]:
        """A reset with the name of another sum."""
        yield re.sub(rf"(?<!\w){re.escape(model)}(?!\w)", name, self.statements.text(statement))

    def _as_begun(self, _statement: ast.stmt, owner: ast.expr, model: str, name: str) -> Iterator[str]:
        """A sum as it was begun once."""
        target = self.statements.text(owner).removesuffix(model) + name
        for _block, _number, one in self.statements.all():
            if isinstance(one, ast.Assign) and self.statements.text(one.targets[0]) == target and is_zero(one.value):
                yield self.statements.text(one)
                return

    @cached_property
    def _resets(self) -> list[tuple[ast.stmt, list[ast.expr]]]:
        """The statements that set something to zero in each round, with what they set."""
        repeated = {self._scene.site(site).statement for site in self._scene.windows[-1]}
        every = ((one, list(_set_by(one))) for _block, _number, one in self.statements.all())
        return [(one, owners) for one, owners in every if owners and one.lineno in repeated]

    @cached_property
    def _sums(self) -> dict[str, int]:
        """What is added to somewhere and is no parameter, with the line."""
        return {
            last_name(one.target): one.lineno
            for _block, _number, one in self.statements.all()
            if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Add) and not is_zero(one.value)
            if not updates(self.search, one)
        }

    # ---- resets that are not there -------------------------------------------------------------------

    def _cleared(self) -> Iterator[Repair]:
        """`optimizer.zero_grad()` where a round begins in which `loss.backward()` is called."""
        for block, _number, statement in self.statements.all():
            if not isinstance(statement, ast.Expr) or not re.search(r"\.backward\(", self.statements.text(statement)):
                continue
            first = block.statements[0] if block.loops else statement
            for optimizer in self._called("step"):
                yield (self.statements.before(first, f"{optimizer}.zero_grad()"),)

    def _called(self, method: str) -> list[str]:
        """The objects whose method is called somewhere."""
        found: dict[str, None] = {}
        for _block, _number, statement in self.statements.all():
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method:
                found[self.statements.text(call.func.value)] = None
        return list(found)

    def _set_to_zero(self) -> Iterator[Repair]:
        """`p.grad = None` behind the statements that use it."""
        name = self._attribute
        if not name:
            return
        zero = "None" if module_of(self._scene.timeline.observation.program.text) == "torch" else "0.0"
        for block in self.statements.blocks:
            users = [
                (one, re.findall(rf"([\w.\[\]]+)\.{name}\b", self.statements.text(one)))
                for one in block.statements
                if isinstance(one, ast.Assign | ast.AugAssign | ast.Expr)
            ]
            users = [(one, some) for one, some in users if some and updates(self.search, one)]
            if users:
                owners = dict.fromkeys(owner for _one, some in users for owner in some)
                written = " = ".join([*(f"{owner}.{name}" for owner in owners), zero])
                yield (self.statements.behind(users[-1][0], written),)

    @cached_property
    def _attribute(self) -> str:
        """What the program calls a gradient that is kept beside its value: `grad`."""
        text = self._scene.timeline.observation.program.text
        if re.search(r"\.grad\b", text):
            return "grad"
        added = re.findall(r"\.(\w+)\s*\+=", text)
        return max(set(added), key=added.count) if added else ""

    def _begun_in_the_loop(self) -> Iterator[Repair]:
        """The statements that begin the sums, once more where each round begins."""
        for block, number, loop in self.statements.all():
            if not isinstance(loop, ast.For | ast.While):
                continue
            added = {name for one in ast.walk(loop) if isinstance(one, ast.AugAssign) for name in stored_in(one)}
            begun = [
                one
                for one in block.statements[max(number - 12, 0) : number]
                if isinstance(one, ast.Assign) and stored_in(one) and stored_in(one) <= added
            ]
            begun = [one for one in begun if not stored_in(one) & self._parameters]
            if begun:
                yield from self._once_a_round(loop, {name for one in begun for name in stored_in(one)})
                yield (self.statements.before(loop.body[0], *(self.statements.text(one) for one in begun)),)

    def _once_a_round(self, loop: ast.For | ast.While, sums: set[str]) -> Iterator[Repair]:
        """`d = g` for `d += g`, where nothing is added to these sums but once in each round."""
        added = [one for one in ast.walk(loop) if isinstance(one, ast.AugAssign) and stored_in(one) & sums]
        if all(one in loop.body and isinstance(one.target, ast.Name) for one in added):
            text = self.statements.text
            yield tuple(self.statements.instead(one, one, f"{text(one.target)} = {text(one.value)}") for one in added)

    def behind_the_update(self) -> Iterator[Repair]:
        """`sums[k] = np.zeros_like(sums[k])` behind the update that uses the sums one by one."""
        for block in self.statements.blocks:
            users = [
                one
                for one in block.statements
                if isinstance(one, ast.Assign | ast.AugAssign) and updates(self.search, one)
            ]
            used = dict.fromkeys(self._used_in(block)) if users else {}
            if used:
                yield (self.statements.behind(users[-1], *(f"{one} = {self._zeros_as(one)}" for one in used)),)

    def _used_in(self, block: Block) -> Iterator[str]:
        """The items of sums that a block reads."""
        for statement in block.statements:
            for part in ast.walk(statement):
                if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load) and last_name(part) in self._sums:
                    yield self.statements.text(part)

    def _zeros_as(self, written: str) -> str:
        """Zeros of the kind of a sum: a number, or an array."""
        sites = self._scene.timeline.observation.sites
        shown = (
            self._scene.timeline.value(events[0])
            for site, events in self._scene.visits
            if sites[site].source == written
        )
        module = module_of(self._scene.timeline.observation.program.text)
        return f"{module}.zeros_like({written})" if any(one.ndim for one in shown) else "0.0"

    @cached_property
    def _parameters(self) -> set[str]:
        """What the program calls its parameters."""
        return {
            re.split(r"[\[.]", self._scene.site(one.site).name)[0]
            for one in self._scene.updated
            if self._scene.kind(one.site) == "store"
        }


def is_zero(node: ast.expr) -> bool:
    """Whether an expression is nothing but zeros, however it is written.

    Examples
    --------
    >>> [is_zero(ast.parse(one, mode="eval").body) for one in ("0.0", "np.zeros((2, 3))", "[0.0] * n", "w * 0.5")]
    [True, True, True, False]
    """
    if isinstance(node, ast.Constant):
        return node.value is None or (not isinstance(node.value, str) and node.value == 0)
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", "")) in ZEROS
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mult) and (is_zero(node.left) or is_zero(node.right))
    if isinstance(node, ast.ListComp):
        return is_zero(node.elt)
    if isinstance(node, ast.DictComp):
        return is_zero(node.value)
    return isinstance(node, ast.List | ast.Tuple) and bool(node.elts) and all(map(is_zero, node.elts))


def last_name(node: ast.expr) -> str:
    """The attribute, or the variable, that is written, or whose entry is.

    Examples
    --------
    >>> [last_name(ast.parse(one, mode="eval").body) for one in ("self.dW", "db[j]", "layer.grads[0][1]")]
    ['dW', 'db', 'grads']
    """
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


def _set_by(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement sets to zero."""
    if isinstance(statement, ast.Assign) and is_zero(statement.value):
        yield from statement.targets
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult) and is_zero(statement.value):
        yield statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute) and called.attr in CLEARING:
            yield called.value
