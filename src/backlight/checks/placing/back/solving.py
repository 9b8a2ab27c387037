"""What should a part of an expression be, so that the expression is what it should be, with all else as it is?"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.placing.back.recomputed import Recomputed, called, receiver, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.placing.back.update import Update

    Array = NDArray[np.floating[Any]]
    Values = tuple[Array, ...]

LARGEST = 20_000
"""Nothing is tried out in arrays with more numbers."""
KEEPS = {
    "reshape",
    "ravel",
    "flatten",
    "view",
    "array",
    "asarray",
    "copy",
    "clone",
    "detach",
    "float",
    "item",
    "squeeze",
}
"""Functions that keep the numbers in their order."""
TURNS = {"transpose", "t"}
AS_OPERATORS = {
    "add": ("+", "+"),
    "subtract": ("+", "-"),
    "sub": ("+", "-"),
    "multiply": ("*", "*"),
    "mul": ("*", "*"),
    "divide": ("*", "/"),
    "div": ("*", "/"),
}


@dataclass(frozen=True)
class Solving:
    """Expressions, solved for their parts."""

    update: Update
    recomputed: Recomputed

    def parts(self, node: ast.expr) -> list[ast.expr]:  # noqa: PLR0911  one for each kind of node
        """The parts that an expression is computed of, one step deep."""
        if isinstance(node, ast.BinOp):
            return [part for part, _way in chain(node)]
        if isinstance(node, ast.UnaryOp):
            return [node.operand]
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return [node.value]
        if isinstance(node, ast.Call) and self.recomputed.operation(node):
            return list(node.args)
        if isinstance(node, ast.Call) and called(node) not in self.recomputed.functions:
            own = receiver(node)
            shapes = called(node) in {"reshape", "view", "unsqueeze", "squeeze"} and own is not None
            return ([] if own is None else [own]) + ([] if shapes else [one for one in node.args if _is_number(one)])
        if isinstance(node, ast.List | ast.Tuple):
            return list(node.elts)
        if isinstance(node, ast.IfExp):
            return [node.body, node.orelse]
        return []

    def reads(self, node: ast.expr) -> Iterator[ast.expr]:
        """The variables in an expression, entries and attributes of others as a whole."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.Name | ast.Attribute | ast.Subscript) and not self.parts(part):
                yield part
            elif isinstance(part, ast.expr):
                yield from self.reads(part)

    def solved(self, node: ast.expr, part: ast.expr, events: tuple[int, ...], wanted: Values) -> Values | None:
        """The numbers that a part should be; None where there are none, or too many."""
        inverse = self._inverse(node, part)
        if inverse is not None:
            both = [self._inverted(node, part, event, one, inverse) for event, one in zip(events, wanted, strict=True)]
            found = self._completed([one for one in both if one is not None])
            fitting = tuple(fit for one, now in found if (fit := _as_large_as(one, now)) is not None)
            if len(fitting) == len(events):
                return fitting
            larger = tuple(one for one, now in found if one.size > now.size and np.isfinite(one).all())
            return larger if len(larger) == len(events) and self.update.named(larger) is not None else None
        return self.put(node, written(part), part, events, wanted)

    def put(self, node: ast.expr, name: str, part: ast.expr, events: tuple[int, ...], wanted: Values) -> Values | None:
        """The true quantity that stands for a part wherever it is written in an expression, if it gives what is wanted."""
        now = [self.recomputed.value(part, event) for event in events]
        if any(one is None or one.size > LARGEST for one in now) or any(one.size > LARGEST for one in wanted):
            return None
        shapes = [one.shape for one in now if one is not None]
        return next(self._fitting(node, name, events, wanted, shapes), None)

    def _fitting(
        self, node: ast.expr, name: str, events: tuple[int, ...], wanted: Values, shapes: list[tuple[int, ...]]
    ) -> Iterator[Values]:
        for rows in self.update.of_sizes([int(np.prod(shape)) for shape in shapes]):
            tried = [np.reshape(one, shape) for one, shape in zip(rows, shapes, strict=True)]
            factor = self._factor(node, name, events[0], tried[0], wanted[0])
            if factor is None:
                continue
            given = [
                self.recomputed.given(node, event, {name: factor * one})
                for event, one in zip(events, tried, strict=True)
            ]
            if all(one is not None for one in given) and self.update.close(
                tuple(one for one in given if one is not None), wanted
            ):
                yield tuple(factor * one for one in tried)

    def _factor(self, node: ast.expr, name: str, event: int, tried: Array, wanted: Array) -> float | None:
        """With which usual factor a quantity gives what is wanted in the first update."""
        for factor in self.update.scene.factors:
            given = self.recomputed.given(node, event, {name: factor * tried})
            if given is None or given.size != wanted.size:
                return None
            if self.update.close((given,), (wanted,)):
                return factor
        return None

    def _inverted(
        self,
        node: ast.expr,
        part: ast.expr,
        event: int,
        wanted: Array,
        inverse: Callable[[Array, Sequence[Array]], Array],
    ) -> tuple[Array, Array] | None:
        others = [self.recomputed.value(one, event) for one in self.parts(node) if one is not part]
        now = self.recomputed.value(part, event)
        if now is None or any(one is None for one in others):
            return None
        with np.errstate(all="ignore"):
            try:
                found = np.asarray(inverse(wanted, [one for one in others if one is not None]), float)
            except ValueError:
                return None
        return found, now

    def _completed(self, found: list[tuple[Array, Array]]) -> list[tuple[Array, Array]]:
        """Where any number does, as behind a mask, what stands there, or what belongs to the numbers beside it."""
        undecided = [np.isnan(one) for one, _now in found]
        if not any(one.any() for one in undecided) or any(one.shape != now.shape for one, now in found):
            return found
        standing = [(np.where(free, now, one), now) for (one, now), free in zip(found, undecided, strict=True)]
        if self.update.named(tuple(one for one, _now in standing)) is not None:
            return standing
        whole = self.update.around(tuple(one for one, _now in found))
        return standing if whole is None else [(one, now) for one, (_found, now) in zip(whole, found, strict=True)]

    def _inverse(self, node: ast.expr, part: ast.expr) -> Callable[[Array, Sequence[Array]], Array] | None:
        """How an operation is undone for a part: of what is wanted and of the other parts."""
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult | ast.Pow):
            return _undone(chain(node), part)
        if isinstance(node, ast.UnaryOp):
            return lambda wanted, _none: -wanted if isinstance(node.op, ast.USub) else wanted
        name = "t" if isinstance(node, ast.Attribute) else ""
        if isinstance(node, ast.Call):
            name = self.recomputed.operation(node) or called(node)
        parts = self.parts(node)
        if name in AS_OPERATORS and len(parts) == 2:  # noqa: PLR2004
            first, second = AS_OPERATORS[name]
            return _undone([(parts[0], first), (parts[1], second)], part)
        if name in TURNS and part is parts[0]:
            return lambda wanted, _none: np.transpose(wanted)
        if name in KEEPS and part is parts[0]:
            return lambda wanted, _none: wanted
        return None


def chain(node: ast.BinOp) -> list[tuple[ast.expr, str]]:
    """The terms of a sum with their signs, or the factors of a product, those that divide it among them."""
    for first, ways in (((ast.Add, ast.Sub), "+-"), ((ast.Mult, ast.Div), "*/")):
        if isinstance(node.op, first):
            left = node.left
            before = chain(left) if isinstance(left, ast.BinOp) and isinstance(left.op, first) else [(left, ways[0])]
            return [*before, (node.right, ways[isinstance(node.op, first[1])])]
    return [(node.left, "1"), (node.right, "2")]


def _undone(parts: list[tuple[ast.expr, str]], part: ast.expr) -> Callable[[Array, Sequence[Array]], Array]:
    """How a sum or a product is solved for one of its parts."""
    mine = next(way for one, way in parts if one is part)
    ways = [way for one, way in parts if one is not part]

    def solved(wanted: Array, others: Sequence[Array]) -> Array:
        if mine in "+-":
            rest = sum(one if way == "+" else -one for one, way in zip(others, ways, strict=True))
            return wanted - rest if mine == "+" else rest - wanted
        rest = np.array(1.0)
        for one, way in zip(others, ways, strict=True):
            rest = rest * one if way == "*" else rest / one
        return wanted / rest if mine == "*" else rest / wanted

    return solved


def _is_number(node: ast.expr) -> bool:
    return not isinstance(node, ast.Constant) or isinstance(node.value, int | float)


def _as_large_as(found: Array, now: Array) -> Array | None:
    """Numbers in the shape of what stands there; None where it would have to be several numbers at once."""
    if not np.isfinite(found).all():
        return None
    if found.size == now.size:
        return np.reshape(found, now.shape)
    try:
        np.broadcast_shapes(found.shape, now.shape)
    except ValueError:
        return None
    if now.size == 1:
        first = found.flat[0]
        same = bool(np.all(np.abs(found - first) <= 1e-9 * np.abs(first)))
        return np.reshape(first, now.shape) if same else None
    return None
