"""Loops that go through some of the parameters only: gone through from the first to the last."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.statements import Statements, lines_of, renamed

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot

KEY = re.compile(r"\[(['\"])(?P<key>[^'\"]+)\1\]$")


@dataclass(frozen=True)
class Loops:
    """A program in which parameters are left out of a loop.

    Attributes
    ----------
    updates : callable
        Whether a parameter is given its new value on a line.
    known : sequence of str
        What the parameters are called that are updated.
    missing : mapping of str to str
        What those are called that are not, and for each of them the weights of its layer.
    """

    statements: Statements
    updates: Callable[[int], bool]
    known: Sequence[str]
    missing: Mapping[str, str]

    def repairs(self) -> Iterator[tuple[Spot, ...]]:
        """A loop that updates parameters, through all of them."""
        for gone_through in self._gone_through():
            yield from self._unsliced(gone_through)
            yield from self._unbounded(gone_through)
            yield from self._listed(gone_through)
        yield from self._joined()

    def counted(self) -> Iterator[tuple[Spot, ...]]:
        """`range(3)` for `range(2)`: where a number says how often, it is believed as long as anything else may be."""
        for gone_through in self._gone_through():
            match gone_through:
                case ast.Call(func=ast.Name(id="range"), args=[*_first, ast.Constant(value=int(number)) as stop]):
                    yield (self._instead(stop, str(number + 1)),)

    def _gone_through(self) -> Iterator[ast.expr]:
        """What the loops and comprehensions go through that update parameters."""
        for one in ast.walk(self.statements.tree):
            if isinstance(one, ast.For) and self._updates_in(one):
                yield one.iter
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.ListComp) and self._updates_in(one):
                yield from (generator.iter for generator in one.value.generators)

    def _updates_in(self, statement: ast.stmt) -> bool:
        """Whether a statement updates parameters, or calls a function that does."""
        called = {_name(one.func) for one in ast.walk(statement) if isinstance(one, ast.Call)}
        return any(map(self.updates, lines_of(statement))) or not called.isdisjoint(self._updating)

    @cached_property
    def _updating(self) -> set[str]:
        """The functions in which parameters are updated."""
        functions = (one for one in ast.walk(self.statements.tree) if isinstance(one, ast.FunctionDef))
        return {one.name for one in functions if any(map(self.updates, lines_of(one)))}

    def _unsliced(self, gone_through: ast.expr) -> Iterator[tuple[Spot, ...]]:
        """`layers` for `layers[1:]` and for `layers[:-1]`; all slices together."""
        spots = [
            self._instead(one, self.statements.text(one.value))
            for one in ast.walk(gone_through)
            if isinstance(one, ast.Subscript) and isinstance(one.slice, ast.Slice) and one.slice.step is None
        ]
        if spots:
            yield tuple(spots)

    def _unbounded(self, gone_through: ast.expr) -> Iterator[tuple[Spot, ...]]:
        """`range(n)` for `range(1, n)` and for `range(n - 1)`."""
        for one in ast.walk(gone_through):
            match one:
                case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int()), stop]):
                    yield (self._instead(one, f"range({self.statements.text(stop)})"),)
                case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1)):
                    yield (self._instead(one, self.statements.text(left)),)

    def _listed(self, gone_through: ast.expr) -> Iterator[tuple[Spot, ...]]:
        """A list of names, of variables or of pairs of them with what is missing behind the others."""
        for one in ast.walk(gone_through):
            if isinstance(one, ast.List | ast.Tuple) and one.elts:
                more = [self._like(one.elts, name) for name in self.missing]
                if all(more):
                    listed = ", ".join([*map(self.statements.text, one.elts), *more])
                    yield (self._instead(one, f"[{listed}]" if isinstance(one, ast.List) else f"({listed})"),)

    def _like(self, elements: Sequence[ast.expr], name: str) -> str:
        """What stands in a list for another parameter, written for a missing one; empty if none does."""
        for text in map(self.statements.text, elements):
            for known in self.known:
                key, mine = KEY.search(known), KEY.search(name)
                if text == known:
                    return name
                if key and mine and text.strip("'\"") == key["key"]:
                    return text.replace(key["key"], mine["key"])
                if _has(text, known) and renamed(text, known, name) != text:
                    return renamed(text, known, name)
        return ""

    def _joined(self) -> Iterator[tuple[Spot, ...]]:
        """An update of single numbers, as that of another list of them, in a loop over the same units: `b1[j] -= d1[j]`."""
        walked = [one for one in ast.walk(self.statements.tree) if isinstance(one, ast.For) and self._updates_in(one)]
        inner_first = walked[::-1]
        models = [one for loop in walked for one in loop.body if isinstance(one, ast.Assign | ast.AugAssign)]
        for model in filter(self._updates_in, models):
            target = model.target if isinstance(model, ast.AugAssign) else model.targets[0]
            if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Name):
                continue
            owner, index = self.statements.text(target.value), target.slice.id
            for name, weights in self.missing.items():
                written = renamed(self.statements.text(model), owner, name.partition("[")[0])
                for loop in sorted(inner_first, key=lambda one: not _has(self.statements.text(one), weights)):
                    if isinstance(loop.target, ast.Name) and model not in loop.body and not _has(written, owner):
                        line = re.sub(rf"(?<!\w){index}(?!\w)", loop.target.id, written)
                        yield (self.statements.before(loop.body[0], line),)

    def _instead(self, node: ast.expr, written: str) -> Spot:
        return self.statements.instead(node, node, written)


def _name(function: ast.expr) -> str:
    """What a function is called, or a method of whatever object."""
    return ast.unparse(function).rpartition(".")[2]


def _has(text: str, name: str) -> bool:
    """Whether a name is written somewhere in a text."""
    return bool(name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
