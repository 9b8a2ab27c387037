"""A forward pass that is made at the wrong time, or whose values are kept wrongly: made and kept anew in each turn.

What is kept only the first time is kept every time; what a call gives back and nobody takes is taken as elsewhere; a
pass that stands before the loop is moved into it. Which of them is right is found out by running it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.placing.statements import Block, Statements, is_a_line, lines_of, names_in, stored_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.updating import Repair

    Array = NDArray[np.floating[Any]]

UNUSED = "_"


@dataclass(frozen=True)
class Stale:
    """A program whose way back takes old values."""

    scene: Scene
    statements: Statements

    def repairs(self) -> Iterator[Repair]:
        """What might make and keep the values of a pass anew, the likeliest first."""
        yield from self._set_each_time()
        yield from self._without_condition()
        yield from self._taken()
        yield from self._made_in_the_loop()

    # ---- values that are kept the first time only ----------------------------------------------------

    def _set_each_time(self) -> Iterator[Repair]:
        """`kept[key] = value` for `kept.setdefault(key, value)`."""
        spots = []
        for _block, _number, one in self.statements.all():
            match one:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=kept, attr="setdefault"), args=[key, value])):
                    owner, at, new = (self.statements.text(part) for part in (kept, key, value))
                    spots.append(self.statements.instead(one, one, f"{owner}[{at}] = {new}"))
        if spots:
            yield tuple(spots)

    def _without_condition(self) -> Iterator[Repair]:
        """`v = new` for `v = v if known else new`, and for `if not known: v = new`."""
        for _block, _number, one in self.statements.all():
            match one:
                case ast.Assign(targets=[target], value=ast.IfExp(body=body, orelse=orelse)):
                    name, ways = ast.unparse(target), (body, orelse)
                    new = [way for way in ways if ast.unparse(way) != name]
                    if len(new) == 1:
                        written = f"{self.statements.text(target)} = {self.statements.text(new[0])}"
                        yield (self.statements.instead(one, one, written, name=name),)
                case ast.If(body=body, orelse=[]) if all(map(is_a_line, body)) and not self._is_repeated(body[0]):
                    yield (self.statements.without_condition(one),)

    def _is_repeated(self, statement: ast.stmt) -> bool:
        """Whether a statement is carried out in the last of the updates that are looked at."""
        lines, begin = lines_of(statement), (statement.lineno, statement.col_offset)
        sites = map(self.scene.site, self.scene.windows[-1])
        return any(site.line in lines and (site.line, site.column) >= begin for site in sites)

    # ---- values that nobody takes --------------------------------------------------------------------

    def _taken(self) -> Iterator[Repair]:
        """What a function gives back given to the same variables as where it is called elsewhere."""
        calls = [(block, one, call) for block, _number, one in self.statements.all() if (call := _called(one))]
        for block, one, call in calls:
            if not block.loops and not block.function:
                continue
            mine = _targets(one)
            for _block, other, same in calls:
                wider = _targets(other)
                is_same = ast.unparse(same.func) == ast.unparse(call.func)
                if is_same and isinstance(other, ast.Assign) and _takes_more(wider, mine):
                    targets = self.statements.text(other.targets[0])
                    written = f"{targets} = {self.statements.text(call)}"
                    yield (self.statements.instead(one, one, written),)
                    break

    # ---- a pass that stands before the loop ----------------------------------------------------------

    def _made_in_the_loop(self) -> Iterator[Repair]:
        """The pass before a loop, moved to where each turn begins."""
        for block, number, loop in self.statements.all():
            if not isinstance(loop, ast.For | ast.While) or loop.body[0].lineno == loop.lineno:
                continue
            before = block.statements[:number]
            moved = [one for one in before if self._makes_a_pass(one) and not stored_in(one) & self._parameters]
            is_used = any(not stored_in(one) or stored_in(one) & names_in(loop) for one in moved)
            if moved and is_used:
                yield self._moved(block, number, moved)

    def _moved(self, block: Block, number: int, moved: Sequence[ast.stmt]) -> Repair:
        """Statements before a loop written at the beginning of its body."""
        loop = block.statements[number]
        body: list[ast.stmt] = loop.body  # type: ignore[attr-defined]
        first = moved[0]
        stay = [one for one in block.statements[:number] if one.lineno > first.lineno and one not in moved]
        outer, inner = self.statements.indent(loop), self.statements.indent(body[0])
        header = [line.removeprefix(outer) for line in self.statements.lines[loop.lineno - 1 : body[0].lineno - 1]]
        rows = [self.statements.text(one) for one in stay] + header
        written = f"\n{outer}".join(rows) + "".join(f"\n{inner}{self.statements.text(one)}" for one in moved)
        return (self.statements.until(first, body[0].lineno - 1, written),)

    @cached_property
    def _parameters(self) -> set[str]:
        """What the program calls its parameters."""
        stores = (self.scene.site(one.site) for one in self.scene.updated)
        return {site.source.partition("[")[0] for site in stores if site.kind == "store"}

    def _makes_a_pass(self, statement: ast.stmt) -> bool:
        """Whether a simple statement showed what the units sum up or give, at the first parameters."""
        if not isinstance(statement, ast.Assign | ast.Expr):
            return False
        lines, timeline = lines_of(statement), self.scene.timeline
        sites = [n for n, site in enumerate(timeline.observation.sites) if site.line in lines]
        events = (int(events[0]) for site in sites if len(events := timeline.of_site[site]))
        return any(self._shows_units(timeline.value(event)) for event in events)

    def _shows_units(self, value: Array) -> bool:
        """Whether a value is all of a layer, in either order, or one unit of a single sample."""
        room = ROUNDING[self.scene.timeline.precision]
        for units in self._units:
            ways: list[Array] = []
            if value.size == units.size:
                ways = [units.ravel(), units.T.ravel()]
            elif value.size == 1 and len(units) == 1:
                ways = list(units.reshape(-1, 1))
            if any(bool(np.all(np.abs(value.ravel() - way) <= room * np.abs(way))) for way in ways):
                return True
        return False

    @cached_property
    def _units(self) -> list[Array]:
        """What the units of each layer sum up and give, for all samples, where the training begins."""
        network = self.scene.network
        known = network.quantities(self.scene.judged.steps[0].round.parameters)
        return [known[f"{name}{layer}"] for layer, _inputs, _units in network.layers() for name in "za"]


def _called(statement: ast.stmt) -> ast.Call | None:
    """The call that is all a statement does, or all that it assigns."""
    match statement:
        case ast.Expr(value=ast.Call() as call) | ast.Assign(targets=[_], value=ast.Call() as call):
            return call
    return None


def _targets(statement: ast.stmt) -> list[str]:
    """The variables that a statement assigns one by one, in order."""
    if not isinstance(statement, ast.Assign):
        return []
    target = statement.targets[0]
    return [ast.unparse(one) for one in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])]


def _takes_more(wider: list[str], mine: list[str]) -> bool:
    """Whether some variables are the same ones and more, where a `_` takes what is not wanted."""
    if not mine:
        return any(one != UNUSED for one in wider)
    same = all(other in {one, UNUSED} for one, other in zip(wider, mine, strict=False))
    return len(wider) == len(mine) and same and wider.count(UNUSED) < mine.count(UNUSED)
