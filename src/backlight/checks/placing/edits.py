"""Expressions that are nearly the one that stands there: one thing dropped, added, exchanged, turned or summed otherwise.

Most mistakes are one slip of the pen. Whether an edit is right is not asked here: each is tried out at its place.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict)
SUMS = {"sum", "mean"}
PRODUCTS = {"dot", "matmul", "mm", "outer", "multiply"}
TURNED = {"T", "t", "transpose"}


@dataclass(frozen=True)
class Words:
    """What may be written at a place: quantities and numbers, slopes made of them, functions of one argument."""

    words: Sequence[str]
    slopes: Sequence[str] = ()
    functions: Sequence[str] = ()
    products: Sequence[str] = ()
    indices: Sequence[str] = ()
    module: str = "np"


def edited(source: str, words: Words) -> dict[str, float]:
    """Every edit of an expression with its size, the smallest first."""
    try:
        found = sorted(_Editor(source, words).all(), key=lambda one: one[0])
    except (SyntaxError, ValueError, RecursionError):
        return {}
    sizes: dict[str, float] = {}
    for size, text in found:
        if text != source:
            sizes.setdefault(text, size)
    return {text: size for text, size in sizes.items() if _is_python(text)}


@dataclass(frozen=True)
class _Editor:
    source: str
    words: Words

    @cached_property
    def tree(self) -> ast.expr:
        return ast.parse(f"({self.source}\n)", mode="eval").body

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line begins, in bytes of UTF-8."""
        starts = [0]
        for line in f"({self.source}\n)".split("\n"):
            starts.append(starts[-1] + len(line.encode()) + 1)
        return starts

    @cached_property
    def _data(self) -> bytes:
        return self.source.encode()

    def _ends(self, node: ast.expr) -> tuple[int, int]:
        """The first and the last byte of a part, without the parentheses around it."""
        first = self._starts[node.lineno - 1] + node.col_offset - 1
        last = self._starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0) - 1
        return first, last

    def text(self, node: ast.expr) -> str:
        """A part as it is written."""
        first, last = self._ends(node)
        return self._data[first:last].decode()

    def safe(self, node: ast.expr) -> str:
        """A part that a product may be made of."""
        return self.text(node) if isinstance(node, (*ATOMS, ast.Constant)) else f"({self.text(node)})"

    def put(self, node: ast.expr, new: str) -> str:
        """The expression with something else for a part; parentheses only where they change what is meant."""
        first, last = self._ends(node)
        head, tail = self._data[:first].decode(), self._data[last:].decode()
        plain, careful = head + new + tail, f"{head}({new}){tail}"
        return plain if _dump(plain) == _dump(careful) else careful

    def all(self) -> Iterator[tuple[float, str]]:
        """Every edit with its rank."""
        yield from self._everywhere()
        for node, role in _parts(self.tree):
            if role == "container":
                yield from ((rank, self.put(node, new)) for rank, new in self._alike(node))
                continue
            for rank, new in self._of(node):
                yield rank, self.put(node, new)
            if role != "factor":
                yield from ((rank, self.put(node, new)) for rank, new in self._scaled(node))
            yield from ((rank, self.put(node, new)) for rank, new in self._replaced(node))

    def _everywhere(self) -> Iterator[tuple[float, str]]:
        """One variable that occurs several times, in all its places another one, or a function of it."""
        names: dict[str, list[ast.expr]] = {}
        for node, _role in _parts(self.tree):
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
                names.setdefault(self.text(node), []).append(node)
        for name, nodes in names.items():
            if len(nodes) > 1:
                if isinstance(nodes[0], ast.Call) and len(nodes[0].args) == 1:
                    yield 1.2, self._put_all(nodes, self.safe(nodes[0].args[0]))
                functions = [f"{one}({name})" for one in self.words.functions]
                for some in (functions, self.words.words):
                    for number, other in enumerate(some):
                        yield 1.7 + 0.05 * number, self._put_all(nodes, other)

    def _put_all(self, nodes: Sequence[ast.expr], new: str) -> str:
        """The expression with an atom for several parts."""
        data = self._data
        for first, last in sorted((self._ends(node) for node in nodes), reverse=True):
            data = data[:first] + new.encode() + data[last:]
        return data.decode()

    def _of(  # noqa: C901, PLR0912  one for each form of an expression
        self, node: ast.expr
    ) -> Iterator[tuple[float, str]]:
        """What needs no other word."""
        if isinstance(node, ast.BinOp):
            left, right = self.text(node.left), self.text(node.right)
            yield from ((1.0, left), (1.0, right))
            for other in OPERATORS.get(type(node.op), ()):
                yield 1.0, f"{self.safe(node.left)} {other} {self.safe(node.right)}"
            if isinstance(node.op, ast.MatMult | ast.Sub):
                yield (
                    1.0,
                    f"{self.safe(node.right)} {'@' if isinstance(node.op, ast.MatMult) else '-'} {self.safe(node.left)}",
                )
            if isinstance(node.op, ast.Pow):
                yield 1.0, left
            yield from self._turned_product(node)
        elif isinstance(node, ast.UnaryOp):
            yield 1.0, self.text(node.operand)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            for sign in COMPARISONS.get(type(node.ops[0]), ()):
                yield 1.0, f"{self.text(node.left)} {sign} {self.text(node.comparators[0])}"
        elif isinstance(node, ast.IfExp):
            yield from ((1.0, self.text(node.body)), (1.0, self.text(node.orelse)))
        elif isinstance(node, ast.Call):
            yield from self._called(node)
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            yield 1.0, self.text(node.value)
        elif isinstance(node, ast.Subscript):
            yield from self._indexed(node)
        if isinstance(node, (*ATOMS, ast.BinOp)) and not isinstance(node, ast.Constant):
            yield 1.2, f"-{self.safe(node)}"
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield 1.2, f"{self.text(node)}{'.t()' if self.words.module == 'torch' else '.T'}"

    def _turned_product(self, node: ast.BinOp) -> Iterator[tuple[float, str]]:
        """A product of matrices with one of them turned, or both."""
        if isinstance(node.op, ast.MatMult | ast.Mult):
            for one, other in self._turns(node.left, node.right):
                yield 1.3, f"{one} @ {other}"

    def _turns(self, left: ast.expr, right: ast.expr) -> Iterator[tuple[str, str]]:
        ways = [list(dict.fromkeys((self.safe(one), self._upright(one), self._turned(one)))) for one in (left, right)]
        for one in ways[0]:
            for other in ways[1]:
                yield from ((one, other), (other, one))

    def _upright(self, node: ast.expr) -> str:
        """A matrix without its transpose."""
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return self.safe(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TURNED:
            return self.safe(node.func.value)
        return self.safe(node)

    def _turned(self, node: ast.expr) -> str:
        upright = self._upright(node)
        if upright != self.safe(node):
            return upright
        return f"{upright}.t()" if self.words.module == "torch" else f"{upright}.T"

    def _called(  # noqa: C901  one for each form of an expression
        self, node: ast.Call
    ) -> Iterator[tuple[float, str]]:
        name = self.text(node.func).rpartition(".")[2]
        method = isinstance(node.func, ast.Attribute) and self.text(node.func.value) != self.words.module
        owner = self.text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        arguments = [one for one in node.args if not isinstance(one, ast.GeneratorExp | ast.Starred)]
        if method and (name in TURNED or not (node.args or node.keywords)):
            yield 1.0, owner
        for keyword in node.keywords:
            if keyword.arg == "reduction" and isinstance(keyword.value, ast.Constant) and keyword.value.value in SUMS:
                instead = "mean" if keyword.value.value == "sum" else "sum"
                yield 1.0, self.text(node).replace(self.text(keyword.value), f'"{instead}"')
        if len(arguments) >= 1 and not method:
            yield 1.0, self.text(arguments[0])
        if name in SUMS and (method or arguments):
            yield from self._summed(node, name, method=method)
        if name in PRODUCTS and len(arguments) == (1 if method else 2):
            one, other = (
                (node.func.value, arguments[0]) if isinstance(node.func, ast.Attribute) and method else arguments
            )
            function = self.text(node.func) if not method else ""
            yield 1.1, f"{self.safe(one)} * {self.safe(other)}"
            for first, second in self._turns(one, other):
                yield 1.3, f"{first}.{name}({second})" if method else f"{function}({first}, {second})"
                if name in {"outer", "multiply"}:
                    yield 1.4, f"{first} @ {second}"
        if len(arguments) == 1 and isinstance(node.func, ast.Name | ast.Attribute) and not node.keywords:
            inner = self.text(arguments[0])
            for function in self.words.functions:
                if function != self.text(node.func):
                    yield 1.6, f"{function}({inner})"

    def _summed(self, node: ast.Call, name: str, *, method: bool) -> Iterator[tuple[float, str]]:
        """A sum over other axes, or a mean."""
        inner = "" if method else self.text(node.args[0])
        axis, keep = ("dim", "keepdim") if self.words.module == "torch" else ("axis", "keepdims")
        stem = self.text(node.func)[: -len(name)]
        rest = [self.text(one) for one in node.args[0 if method else 1 :]]
        rest += [f"{one.arg}={self.text(one.value)}" for one in node.keywords if one.arg and one.arg != keep]
        given = [rest, [f"{axis}=0"], [f"{axis}=1"], [f"{axis}=1", f"{keep}=True"], [f"{axis}=0", f"{keep}=True"], []]
        given += [[*rest, f"{keep}=True"]] if rest else []
        for number, some in enumerate(given):
            for word in (name, *sorted(SUMS - {name})):
                yield 1.0 + 0.01 * number, f"{stem}{word}({', '.join([inner, *some] if inner else some)})"

    def _indexed(self, node: ast.Subscript) -> Iterator[tuple[float, str]]:
        """Another entry: the next one, the one before, the other index, the transposed one."""
        if isinstance(node.slice, ast.Slice | ast.Tuple):
            if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:  # noqa: PLR2004
                first, second = node.slice.elts
                yield 1.1, f"{self.text(node.value)}[{self.text(second)}, {self.text(first)}]"
            return
        index, owner = self.text(node.slice), self.text(node.value)
        if isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
            yield 1.1, f"{self.text(node.value.value)}[{index}][{self.text(node.value.slice)}]"
        if isinstance(node.slice, ast.Constant):
            if isinstance(node.slice.value, int):
                yield from ((1.2, f"{owner}[{node.slice.value + step}]") for step in (-1, 1))
        elif not isinstance(node.slice, ast.Compare):
            yield from ((1.3, f"{owner}[{index} {step}]") for step in ("- 1", "+ 1"))
        for number, other in enumerate(self.words.indices):
            if other != index:
                yield 1.3 + 0.05 * number, f"{owner}[{other}]"

    def _scaled(self, node: ast.expr) -> Iterator[tuple[float, str]]:
        """A factor that is missing, or one more term."""
        safe = self.safe(node) if isinstance(node, (*ATOMS, ast.Constant)) else f"({self.text(node)})"
        body = self.text(node) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div) else safe
        for number, word in enumerate(self.words.words):
            yield 2.0 + 0.05 * number, f"{body} * {as_factor(word)}"
            yield 2.3 + 0.05 * number, f"{body} / {as_factor(word, divided=True)}"
            yield 2.5 + 0.05 * number, f"{self.text(node)} + {word}"
            yield 2.5 + 0.05 * number, f"{self.text(node)} - {as_factor(word)}"
        for two in ("2", "0.5"):
            yield 2.4, f"{body} * {two}"
        for number, slope in enumerate(self.words.slopes):
            yield 2.1 + 0.05 * number, f"{body} * {as_factor(slope)}"

    def _alike(self, node: ast.expr) -> Iterator[tuple[float, str]]:
        """Words that differ in a number only: w3 for w2."""
        stem = re.sub(r"\d", "", self.text(node))
        for number, word in enumerate(self.words.words):
            if re.sub(r"\d", "", word) == stem and word != self.text(node):
                yield 1.1 + 0.05 * number, word

    def _replaced(self, node: ast.expr) -> Iterator[tuple[float, str]]:
        """Another word for a part."""
        leaf = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Constant)
        first = 1.5 if leaf else 2.4
        alike = [word for _rank, word in self._alike(node)] if leaf else []
        yield from ((1.1 + 0.05 * number, word) for number, word in enumerate(alike))
        for number, word in enumerate(self.words.words):
            yield first + 0.05 * number, word
        if not isinstance(node, ast.Constant):
            for number, one in enumerate(self.words.products):
                yield 1.4 + 0.02 * number, one
        for number, slope in enumerate(self.words.slopes):
            yield (2.6 if leaf else 2.2) + 0.05 * number, slope


def _parts(  # noqa: C901  one for each form of an expression
    tree: ast.expr,
) -> Iterator[tuple[ast.expr, str]]:
    """Every part of an expression that a number may stand for; whether it is a factor of a larger one."""
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, role = waiting.pop(0)
        if (
            isinstance(node, ast.expr)
            and role != "none"
            and isinstance(node, (*ATOMS, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Constant, ast.IfExp))
        ) and (not isinstance(node, ast.Constant) or type(node.value) in {int, float}):
            yield node, role
        for child in ast.iter_child_nodes(node):
            kind = ""
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult):
                kind = "factor"
            elif isinstance(node, ast.Call) and child is node.func:
                kind = "none"
            elif isinstance(node, ast.Subscript):
                kind = "container"
            elif isinstance(node, ast.Attribute):
                kind = "owner"
            elif isinstance(node, ast.comprehension):
                kind = "factor" if child is node.iter else "none"
            if kind == "owner":
                kind = "none" if isinstance(child, ast.Name) and _is_module(node) else "factor"
            if not (isinstance(node, ast.Subscript) and child is node.slice):
                waiting.append((child, kind))


def _is_module(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"np", "numpy", "torch", "math", "self", "F"}
    )


def as_factor(written: str, *, divided: bool = False) -> str:
    """An expression as a factor of another one, or as what another one is divided by."""
    node = ast.parse(written, mode="eval").body
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult | ast.Pow)
    plain = isinstance(node, (*ATOMS, ast.Constant)) or (product and not divided)
    return written if plain else f"({written})"


def _is_python(text: str) -> bool:
    """Whether an expression can be compiled: an edit may repeat a keyword."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(f"({text}\n)", "", "eval", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _dump(text: str) -> str:
    try:
        return ast.dump(ast.parse(f"({text}\n)", mode="eval"))
    except SyntaxError:
        return ""
