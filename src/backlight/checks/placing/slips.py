"""Slips of the pen that need no other word: an operator, a sign, a transpose, an axis, an index, a factor too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.checks.placing.parts import ATOMS

if TYPE_CHECKING:
    from backlight.checks.placing.parts import Parts

Sized = Iterator[tuple[float, str]]
"""Texts for a part, each with the size of the edit."""

OPERATORS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Mult: ("@", "/"),
    ast.MatMult: ("*",),
    ast.Div: ("*",),
    ast.Add: ("-", "*"),
    ast.Sub: ("+",),
}
"""Which operators are taken for one another."""
COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: (">", ">="),
    ast.LtE: (">", ">="),
    ast.Gt: ("<", "<="),
    ast.GtE: (">", "<", "<="),
}
SWAPPED: dict[type[ast.operator], str] = {ast.MatMult: "@", ast.Sub: "-"}
"""Operators whose two sides are exchanged."""
SUMS = {"sum": "mean", "mean": "sum"}
PRODUCTS = {"dot", "matmul", "mm", "outer", "multiply"}
COUNTS = {"len", "range", "zip", "enumerate", "reversed", "list"}
TURNED = {"T", "t", "transpose"}


@dataclass(frozen=True)
class Slips:
    """An expression, and how the program writes: with NumPy or torch, with which functions and indices."""

    parts: Parts
    module: str
    functions: Sequence[str]
    indices: Sequence[str]

    def of(self, node: ast.expr) -> Sized:
        """What may stand for a part."""
        write = getattr(self, f"_{type(node).__name__.lower()}", None)
        if write is not None:
            yield from write(node)
        if isinstance(node, (*ATOMS, ast.BinOp)) and not _counts(node):
            yield 1.2, f"-{self.parts.safe(node)}"
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield 1.2, self._turned(node)

    def _binop(self, node: ast.BinOp) -> Sized:
        left, right = self.parts.safe(node.left), self.parts.safe(node.right)
        yield from ((1.0, self.parts.text(node.left)), (1.0, self.parts.text(node.right)))
        first = node.left
        while isinstance(first, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(first.op, ast.Mult):
            first = first.left
            yield 1.1, self.parts.text(first)
        yield from ((1.0, f"{left} {other} {right}") for other in OPERATORS.get(type(node.op), ()))
        if type(node.op) in SWAPPED:
            is_slope = isinstance(node.left, ast.Constant)  # `1 - a`, which nobody turns by mistake
            yield (1.5 if is_slope else 1.0), f"{right} {SWAPPED[type(node.op)]} {left}"
        if isinstance(node.op, ast.MatMult):
            yield 1.15, f"{self._turned(node.right)} @ {self._turned(node.left)}"
        if isinstance(node.op, ast.MatMult | ast.Mult):
            yield from ((1.3, f"{one} @ {other}") for one, other in self._turns(node.left, node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Sized:
        yield 1.0, self.parts.text(node.operand)

    def _compare(self, node: ast.Compare) -> Sized:
        if len(node.ops) == 1:
            for sign in COMPARISONS.get(type(node.ops[0]), ()):
                yield 1.0, f"{self.parts.text(node.left)} {sign} {self.parts.text(node.comparators[0])}"

    def _ifexp(self, node: ast.IfExp) -> Sized:
        yield from ((1.0, self.parts.text(node.body)), (1.0, self.parts.text(node.orelse)))

    def _attribute(self, node: ast.Attribute) -> Sized:
        if node.attr in {"T", "data"}:
            yield 1.0, self.parts.text(node.value)

    # ---- calls ---------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Sized:
        name = self.parts.text(node.func).rpartition(".")[2]
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner is not None and self.parts.text(owner) == self.module:
            owner = None
        arguments = [one for one in node.args if not isinstance(one, ast.GeneratorExp | ast.Starred)]
        if owner is not None and (name in TURNED or not (node.args or node.keywords)):
            yield 1.0, self.parts.text(owner)
        elif arguments and owner is None:
            yield 1.0, self.parts.text(arguments[0])
        yield from self._reduced(node)
        if name in SUMS and (owner is not None or arguments):
            yield from self._summed(node, name, method=owner is not None)
        factors = ([owner] if owner is not None else []) + arguments
        if name in PRODUCTS and len(factors) == 2:  # noqa: PLR2004
            yield from self._multiplied(node, name, factors, method=owner is not None)
        if len(arguments) == 1 and not node.keywords:
            inner, here = self.parts.text(arguments[0]), self.parts.text(node.func)
            yield from ((1.6, f"{function}({inner})") for function in self.functions if function != here)

    def _reduced(self, node: ast.Call) -> Sized:
        """A loss of torch that sums for one that takes the mean."""
        for keyword in node.keywords:
            if keyword.arg == "reduction" and isinstance(keyword.value, ast.Constant):
                other = SUMS.get(str(keyword.value.value), "mean")
                yield 1.0, self.parts.text(node).replace(self.parts.text(keyword.value), f'"{other}"')

    def _summed(self, node: ast.Call, name: str, *, method: bool) -> Sized:
        """A sum over other axes, or a mean."""
        axis, keep = ("dim", "keepdim") if self.module == "torch" else ("axis", "keepdims")
        inner = [] if method else [self.parts.text(node.args[0])]
        stem = self.parts.text(node.func)[: -len(name)]
        rest = [self.parts.text(one) for one in node.args[0 if method else 1 :]]
        rest += [f"{one.arg}={self.parts.text(one.value)}" for one in node.keywords if one.arg and one.arg != keep]
        kept = f"{keep}=True"
        given = [rest, [f"{axis}=0"], [f"{axis}=1"], [f"{axis}=1", kept], [f"{axis}=0", kept], []]
        given += [[*rest, kept]] if rest else []
        for number, some in enumerate(given):
            for word in (name, SUMS[name]):
                yield 1.0 + 0.01 * number, f"{stem}{word}({', '.join(inner + some)})"

    def _multiplied(self, node: ast.Call, name: str, factors: Sequence[ast.expr], *, method: bool) -> Sized:
        """Another product of the same two, either way round, turned or not."""
        one, other = factors
        yield 1.1, f"{self.parts.safe(one)} * {self.parts.safe(other)}"
        for first, second in self._turns(one, other):
            yield 1.3, f"{first}.{name}({second})" if method else f"{self.parts.text(node.func)}({first}, {second})"
            if name in {"outer", "multiply"}:
                yield 1.4, f"{first} @ {second}"

    # ---- transposes and indices ----------------------------------------------------------------------

    def _turns(self, left: ast.expr, right: ast.expr) -> Iterator[tuple[str, str]]:
        """Two factors in either order, each as it is, upright and turned."""
        ones, others = (
            list(dict.fromkeys((self.parts.safe(one), self._upright(one), self._turned(one)))) for one in (left, right)
        )
        for one in ones:
            for other in others:
                yield from ((one, other), (other, one))

    def _upright(self, node: ast.expr) -> str:
        """A matrix without its transpose."""
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return self.parts.safe(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TURNED:
            return self.parts.safe(node.func.value)
        return self.parts.safe(node)

    def _turned(self, node: ast.expr) -> str:
        upright = self._upright(node)
        if upright != self.parts.safe(node):
            return upright
        return f"{upright}.t()" if self.module == "torch" else f"{upright}.T"

    def _subscript(self, node: ast.Subscript) -> Sized:
        """Another entry: the next one, the one before, the other index, the transposed one."""
        text, owner = self.parts.text, self.parts.text(node.value)
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:  # noqa: PLR2004
            first, second = node.slice.elts
            yield 1.1, f"{owner}[{text(second)}, {text(first)}]"
        if isinstance(node.slice, ast.Slice | ast.Tuple | ast.Compare):
            return
        index = text(node.slice)
        if isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
            yield 1.1, f"{text(node.value.value)}[{index}][{text(node.value.slice)}]"
        if not isinstance(node.slice, ast.Constant):
            yield from ((1.3, f"{owner}[{index} {step}]") for step in ("- 1", "+ 1"))
        elif isinstance(node.slice.value, int):
            yield from ((1.2, f"{owner}[{node.slice.value + step}]") for step in (-1, 1))
        yield from (
            (1.3 + 0.05 * number, f"{owner}[{other}]") for number, other in enumerate(self.indices) if other != index
        )


def _counts(node: ast.expr) -> bool:
    """Whether something says how many there are, which is never negative."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in COUNTS
