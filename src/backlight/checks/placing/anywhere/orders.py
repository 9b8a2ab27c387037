"""What may have been meant by whole statements: their order, their sign, where a loop ends, what is begun anew."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, takewhile
from typing import TYPE_CHECKING

from backlight.checks.placing.anywhere.edit import SIMPLE, Edit, called, inside
from backlight.checks.placing.resets import is_zero
from backlight.checks.placing.statements import exchanged, lines_of, names_in, stored_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backlight.checks.placing.anywhere.nearby import Nearby
    from backlight.checks.placing.statements import Block, Statements

OF_AN_UPDATE = 0.2
"""So much larger is what begins anew where each parameter is updated."""
KEPT = "result"
"""What is computed before it is given back."""
MOST_OWNERS, MOST_MOVED = 6, 3
ADDED_TO, OVERWRITTEN, REPEATED = "accumulated-gradients", "overwritten-accumulator", "repeated-update"
ADDED = (
    "[one + other for one, other in zip({pair})]",
    "[[one + other for one, other in zip(*rows)] for rows in zip({pair})]",
)
"""Lists are added like this."""


@dataclass(frozen=True)
class Orders:
    """The statements of a program.

    Attributes
    ----------
    nearby : Nearby
    all_is_a_multiple : bool
        Whether all wrong gradients are one number times the right ones.
    """

    nearby: Nearby
    all_is_a_multiple: bool = False

    @property
    def statements(self) -> Statements:
        """What is written in it."""
        return self.nearby.statements

    def edits(self, executed: set[int]) -> Iterator[Edit]:
        """Every edit of statements in blocks some line of which was executed."""
        for block in self.statements.blocks:
            if any(executed.intersection(lines_of(one)) for one in block.statements):
                for number, one in enumerate(block.statements):
                    yield from self._of(one, block)
                    if number + 1 < len(block.statements):
                        yield from self._of_two(one, block.statements[number + 1])
                    yield from self._later(block.statements[number:])
                    if isinstance(one, ast.For | ast.While):
                        yield from self._taken_in(one, block.statements[:number])
        for function in self._defined:
            if executed.intersection(lines_of(function)) and function.name not in self._clearing_by_name:
                yield from self._begun_in(function)

    def _of(self, one: ast.stmt, block: Block) -> Iterator[Edit]:
        """What may have been meant by a statement alone."""
        if isinstance(one, ast.Break | ast.Continue):
            yield self._edit(one, one, "pass", 1.0)
        elif isinstance(one, ast.With):
            yield self._edit(one, one, "\n".join(self._dedented(one)), 1.2)
        elif isinstance(one, ast.For | ast.While):
            yield from self._of_a_loop(one)
        elif isinstance(one, ast.Assign):
            yield from self._assigned(one)
        elif isinstance(one, ast.AugAssign):
            signs = {ast.Add: ("-=", "="), ast.Sub: ("+=",)}
            for sign in signs.get(type(one.op), ()):
                written = f"{self.text(one.target)} {sign} {self.text(one.value)}"
                yield self._edit(one, one, written, 1.0, mistake=ADDED_TO if sign == "=" else "")
        if self.all_is_a_multiple and isinstance(one, ast.Assign | ast.AugAssign):
            yield from self._divided(one, block)
        if isinstance(one, SIMPLE) and (block.loops or block.function):
            yield from self._turned(one)
            if not (isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)):
                yield self._edit(one, one, "pass", 1.4)

    def _assigned(self, one: ast.Assign) -> Iterator[Edit]:
        """Added to, not overwritten, number by number where it is a list; or with two names of it exchanged."""
        target, value = self.text(one.targets[0]), self.text(one.value)
        if not isinstance(one.targets[0], ast.Tuple | ast.List) and not isinstance(one.value, ast.Constant | ast.Dict):
            yield self._edit(one, one, f"{target} += {value}", 1.15, mistake=OVERWRITTEN)
            for added in ADDED:
                written = f"{target} = {added.format(pair=f'{target}, {value}')}"
                yield self._edit(one, one, written, 1.3, mistake=OVERWRITTEN)
        by_name = any(part in self.nearby.kept_by_name for part in ast.walk(one.value))
        for some in () if by_name else (part for each in one.targets for part in inside(each, ast.Tuple)):
            for first, second in combinations(some.elts, 2):
                order = {first: second, second: first}
                names = ", ".join(self.text(order.get(each, each)) for each in some.elts)
                whole = self.text(some)
                written = f"({names})" if whole.startswith("(") else names
                yield self._edit(one, one, self.text(one).replace(whole, written, 1), 1.1)

    def _divided(self, one: ast.Assign | ast.AugAssign, block: Block) -> Iterator[Edit]:
        """What a statement changes in place, divided by something that is computed and never read, or by a size."""
        target = one.target if isinstance(one, ast.AugAssign) else one.targets[0]
        if isinstance(one, ast.AugAssign) or isinstance(target, ast.Subscript):
            name = self.text(target.value if isinstance(target, ast.Subscript) else target)
            unread = [each for each in self.nearby.names_in(block.function) if each in self.nearby.never_read]
            for size, number in [(1.2, each) for each in unread] + [(1.6, each) for each in self.nearby.sizes]:
                written = f"{self.text(one)}\n{self.statements.indent(one)}{name} /= {number}"
                yield self._edit(one, one, written, size)

    def _turned(self, one: ast.stmt) -> Iterator[Edit]:
        """`w[j][k]` for `w[k][j]`, where it is written."""
        target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
        written = exchanged(self.text(target)) if target is not None else ""
        if target is not None and written:
            yield self._edit(one, one, self.text(one).replace(self.text(target), written, 1), 1.1)

    # ---- loops -------------------------------------------------------------------------------------------

    def _of_a_loop(self, loop: ast.For | ast.While) -> Iterator[Edit]:
        """Sums begun anew in it, with another beginning or end; without it."""
        yield from self._begun_by_a_call(loop)
        if isinstance(loop, ast.For):
            yield from self._begun(loop)
            yield from self._shorter(loop)
            again = "" if any(names_in(loop.target) & names_in(one) for one in loop.body) else REPEATED
            yield self._edit(loop, loop, "\n".join(self._dedented(loop)), 1.2, again)

    def _begun(self, loop: ast.For) -> Iterator[Edit]:
        """Sums that are added to in a loop, or in one in it, set to zero at its beginning."""
        variables = {one.id for one in inside(loop.target, ast.Name)}
        for added in inside(loop, ast.AugAssign):
            if not isinstance(added.op, ast.Add) or isinstance(added.target, ast.Name):
                continue
            of_the_turn = variables & {one.id for one in inside(added.target, ast.Name)}
            if of_the_turn or added not in loop.body:
                first = loop.body[0]
                zero = f"{self.text(added.target)} = 0.0\n{self.statements.indent(first)}{self.text(first)}"
                yield self._edit(first, first, zero, 1.2, mistake=ADDED_TO)

    def _shorter(self, loop: ast.For) -> Iterator[Edit]:
        """A loop without its first statement, which stands before it, or without its last one, which stands behind it."""
        if len(loop.body) == 1:
            return
        first, last, indent = loop.body[0], loop.body[-1], self.statements.indent(loop)
        if isinstance(first, SIMPLE):
            yield self._edit(
                loop, loop, f"{self.text(first)}\n{indent}{self._with(loop, map(self.text, loop.body[1:]))}", 1.2
            )
        if isinstance(last, SIMPLE):
            yield self._edit(
                loop, loop, f"{self._with(loop, map(self.text, loop.body[:-1]))}\n{indent}{self.text(last)}", 1.2
            )

    def _of_two(self, one: ast.stmt, other: ast.stmt) -> Iterator[Edit]:
        """The second of two statements taken into the loop that the first one is, or behind what is given back."""
        if isinstance(one, ast.Assign | ast.AugAssign) and isinstance(other, ast.Return) and other.value is not None:
            indent = self.statements.indent(one)
            rows = (f"{KEPT} = {self.text(other.value)}", self.text(one), f"return {KEPT}")
            yield self._edit(one, other, f"\n{indent}".join(rows), 1.4)
        if isinstance(one, ast.For) and self._is_one_line(other):
            yield self._edit(one, other, self._with(one, map(self.text, [*one.body, other])), 1.2)

    def _later(self, statements: Sequence[ast.stmt]) -> Iterator[Edit]:
        """The first one of some statements, or the first few, behind the next few."""
        simple = list(takewhile(lambda one: isinstance(one, SIMPLE), statements[: 2 * MOST_MOVED]))
        for few in range(1, MOST_MOVED + 1):
            for next_few in range(1, min(MOST_MOVED, len(simple) - few) + 1):
                moved, stay = simple[:few], simple[few : few + next_few]
                if any(map(stored_in, moved)) or any(map(stored_in, stay)):
                    size = 1.3 + 0.05 * (few + next_few - 2)
                    yield self._edit(moved[0], stay[-1], self.statements.in_order([*stay, *moved]), size)

    def _taken_in(self, loop: ast.For | ast.While, before: Sequence[ast.stmt]) -> Iterator[Edit]:
        """The last statement before a loop, or the last few, at the beginning of it too, or of one in it."""
        near = list(takewhile(self._is_one_line, before[: -MOST_MOVED - 1 : -1]))[::-1]
        for few in range(1, len(near) + 1):
            moved = near[-few:]
            name = ADDED_TO if all(isinstance(one, ast.Assign) or self._clears(one) for one in moved) else ""
            for first in self._beginnings(loop):
                text = f"\n{self.statements.indent(first)}".join(map(self.text, moved))
                yield self._before(first, text, 1.15 + 0.05 * few, name)

    @staticmethod
    def _is_one_line(statement: ast.stmt) -> bool:
        return isinstance(statement, SIMPLE) and statement.lineno == statement.end_lineno

    def _beginnings(self, loop: ast.For | ast.While) -> Iterator[ast.stmt]:
        """The first statement of a loop, and of the loops in it."""
        yield from (one.body[0] for one in ast.walk(loop) if isinstance(one, ast.For | ast.While))

    def _with(self, loop: ast.For, body: Iterable[str]) -> str:
        """A loop with other statements in it."""
        head = f"for {self.text(loop.target)} in {self.text(loop.iter)}:"
        on_one_line = loop.body[0].lineno == loop.lineno
        indent = self.statements.indent(loop) + "    " if on_one_line else self.statements.indent(loop.body[0])
        return "\n".join([head, *(indent + one for one in body)])

    def _dedented(self, block: ast.With | ast.For) -> Iterator[str]:
        """The statements of a block as they would stand without it; the first line without what stands before it."""
        first, last = block.body[0], block.body[-1]
        inner, outer = self.statements.indent(first), self.statements.indent(block)
        lines = self.statements.lines[first.lineno - 1 : last.end_lineno]
        for number, line in enumerate(lines):
            text = line.removeprefix(inner)
            yield text if number == 0 or not text.strip() else outer + text

    # ---- what begins sums anew ---------------------------------------------------------------------------

    def _begun_by_a_call(self, loop: ast.For | ast.While) -> Iterator[Edit]:
        """A call of what sets to zero, of the program or of torch, at the beginning of a loop; of all in a list, if it is one."""
        first, indent = loop.body[0], self.statements.indent(loop.body[0])
        further = OF_AN_UPDATE if self._is_for_each(loop) else 0
        for name in self._clearing:
            yield self._before(first, f"{name}()", 1.25 + further, ADDED_TO)
        variables = {one.id for one in inside(loop.target, ast.Name)} if isinstance(loop, ast.For) else set()
        for owner in (one for one in self._owners(loop) if one not in variables):
            for name in self._clearing_methods:
                yield self._before(first, f"{owner}.{name}()", 1.25 + further, ADDED_TO)
                yield self._before(first, f"for one in {owner}:\n{indent}    one.{name}()", 1.3 + further, ADDED_TO)

    @staticmethod
    def _is_for_each(loop: ast.For | ast.While) -> bool:
        """Whether it does something simple with each of some things, as an update does: nothing is begun anew there."""
        variables = {one.id for one in inside(loop.target, ast.Name)} if isinstance(loop, ast.For) else set()
        return all(isinstance(one, SIMPLE) and variables & names_in(one) for one in loop.body)

    def _begun_in(self, function: ast.FunctionDef) -> Iterator[Edit]:
        """A call of what sets to zero at the beginning of a function, most likely of one that calls several others."""
        first = function.body[1] if _is_text(function.body[0]) and len(function.body) > 1 else function.body[0]
        has_self = [one.arg for one in function.args.args[:1]] == ["self"]
        methods = [f"self.{name}()" for name in self._clearing_methods] if has_self else []
        calls = {called(one) for one in inside(function, ast.Call)}
        size = 1.2 if len(calls & set(self.nearby.functions)) > 1 else 1.4
        for written in [*(f"{name}()" for name in self._clearing), *methods] if calls else ():
            yield self._before(first, written, size, ADDED_TO)

    @cached_property
    def _clearing_by_name(self) -> set[str]:
        return {*self._clearing, *self._clearing_methods}

    def _owners(self, loop: ast.For | ast.While) -> list[str]:
        """What is called in a loop, handed over there, or gone through, an object or a list of objects."""
        found: dict[str, None] = {}
        for one in inside(loop, ast.Call):
            parts = [*one.args, *([one.func.value] if isinstance(one.func, ast.Attribute) else [one.func])]
            found |= dict.fromkeys(self.text(part) for part in parts if isinstance(part, ast.Name | ast.Attribute))
        for each in inside(loop, ast.For):
            found |= dict.fromkeys([self.text(each.iter)] if isinstance(each.iter, ast.Name | ast.Attribute) else [])
        return list(found)[:MOST_OWNERS]

    @cached_property
    def _clearing(self) -> list[str]:
        """The functions without arguments that set something to zero."""
        return [one.name for one in self._defined if not one.args.args and self._sets_to_zero(one)]

    @cached_property
    def _clearing_methods(self) -> list[str]:
        """The methods without arguments that do, those of torch among them where it is used."""
        mine = [one.name for one in self._defined if [each.arg for each in one.args.args] == ["self"]]
        some = [one.name for one in self._defined if one.name in mine and self._sets_to_zero(one)]
        of_torch = ["zero_grad"] if "torch" in self.statements.program.text else []
        return [one for one in dict.fromkeys([*some, *of_torch]) if not one.startswith("__")]

    @cached_property
    def _defined(self) -> list[ast.FunctionDef]:
        return list(inside(self.statements.tree, ast.FunctionDef))

    def _sets_to_zero(self, function: ast.FunctionDef) -> bool:
        """Whether a function begins something anew, or calls what does by the same name."""
        assigned = (one for one in ast.walk(function) if isinstance(one, ast.Assign))
        zeros = any(is_zero(one.value) or isinstance(one.value, ast.Dict | ast.List) for one in assigned)
        return zeros or any(self._clears(one) for one in inside(function, ast.Expr))

    @staticmethod
    def _clears(statement: ast.stmt) -> bool:
        """Whether a statement calls what sets to zero, by its name."""
        call = statement.value if isinstance(statement, ast.Expr) else None
        return isinstance(call, ast.Call) and bool(re.search(r"zero|clear|reset", called(call)))

    def _before(self, first: ast.stmt, written: str, size: float, mistake: str) -> Edit:
        """A statement before another one."""
        return self._edit(first, first, f"{written}\n{self.statements.indent(first)}{self.text(first)}", size, mistake)

    # ---- edits -------------------------------------------------------------------------------------------

    @property
    def text(self) -> Callable[[ast.stmt | ast.expr], str]:
        """A part as it is written."""
        return self.statements.text

    def _edit(self, first: ast.stmt, last: ast.stmt, written: str, size: float, mistake: str = "") -> Edit:
        return Edit(first, last, written, size, self.statements.indent(first), mistake)


def _is_text(statement: ast.stmt) -> bool:
    """Whether it is what says what a function does."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
