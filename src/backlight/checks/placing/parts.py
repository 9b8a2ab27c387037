"""An expression as text and as a tree: its parts, exactly as they are written, and the text with others in their place."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict)
"""What needs no parentheses."""
WHOLE = (*ATOMS, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Constant, ast.IfExp)
"""What a number may stand for."""
LIBRARIES = {"np", "numpy", "torch", "math", "self", "F"}
ATOM = re.compile(r"[A-Za-z_][\w.]*(?:\[\w+\])*(?:\(\w*\))?")
"""A text that needs no parentheses."""


class Part(NamedTuple):
    """A part of an expression; its role is ``factor`` in a product, ``container`` where an entry is taken of it."""

    node: ast.AST
    role: str


@dataclass(frozen=True)
class Parts:
    """An expression that can be parsed."""

    source: str

    @cached_property
    def tree(self) -> ast.expr:
        """Its tree; positions are those in the text with a parenthesis before it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({self.source}\n)", mode="eval").body

    @cached_property
    def all(self) -> list[tuple[ast.expr, str]]:
        """Every part that a number may stand for with its role, the largest first."""
        found, waiting = list[tuple[ast.expr, str]](), [Part(self.tree, "")]
        while waiting:
            one = waiting.pop(0)
            if isinstance(one.node, WHOLE) and _is_number(one.node, one.role):
                found.append((one.node, one.role))
            waiting += [
                Part(child, _role(one.node, child))
                for child in ast.iter_child_nodes(one.node)
                if not (isinstance(one.node, ast.Subscript) and child is one.node.slice)
            ]
        return found

    def text(self, node: ast.expr) -> str:
        """A part as it is written."""
        first, last = self._ends(node)
        return self._data[first:last].decode()

    def safe(self, node: ast.expr) -> str:
        """A part as a factor."""
        return self.text(node) if isinstance(node, (*ATOMS, ast.Constant)) else f"({self.text(node)})"

    def put(self, node: ast.expr, new: str) -> str:
        """The expression with something else for a part; parentheses only where they change what is meant."""
        first, last = self._ends(node)
        return between(self._data[:first].decode(), new, self._data[last:].decode())

    def put_all(self, nodes: Sequence[ast.expr], new: str) -> str:
        """The expression with an atom for several parts."""
        data = self._data
        for first, last in sorted((self._ends(node) for node in nodes), reverse=True):
            data = data[:first] + new.encode() + data[last:]
        return data.decode()

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


def as_factor(written: str, *, divided: bool = False) -> str:
    """An expression as a factor of another one, or as what another one is divided by.

    Examples
    --------
    >>> as_factor("1 - a"), as_factor("a * b"), as_factor("a * b", divided=True)
    ('(1 - a)', 'a * b', '(a * b)')
    """
    node = ast.parse(written, mode="eval").body
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult | ast.Pow)
    plain = isinstance(node, (*ATOMS, ast.Constant)) or (product and not divided)
    return written if plain else f"({written})"


def is_python(text: str) -> bool:
    """Whether an expression can be compiled: an edit may repeat a keyword."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(f"({text}\n)", "", "eval", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_number(node: ast.expr, role: str) -> bool:
    return role != "none" and (not isinstance(node, ast.Constant) or type(node.value) in {int, float})


def _role(around: ast.AST, child: ast.AST) -> str:
    """What a part is in the expression around it."""
    if isinstance(around, ast.BinOp) and isinstance(around.op, ast.Mult | ast.Div | ast.MatMult):
        return "factor"
    if isinstance(around, ast.Call) and child is around.func:
        return "none"
    if isinstance(around, ast.Subscript):
        return "container"
    if isinstance(around, ast.Attribute):
        return "none" if isinstance(child, ast.Name) and child.id in LIBRARIES else "factor"
    if isinstance(around, ast.comprehension):
        return "factor" if child is around.iter else "none"
    return ""


def between(head: str, new: str, tail: str) -> str:
    """An expression with something new between its ends; parentheses only where they change what is meant.

    Examples
    --------
    >>> between("a * ", "b", ""), between("a - ", "b - c", ""), between("a + ", "b * c", "")
    ('a * b', 'a - (b - c)', 'a + b * c')
    """
    plain, careful = f"{head}{new}{tail}", f"{head}({new}){tail}"
    stands_apart = not head[-1:].isalnum() and not tail[:1].isalnum()
    return plain if (stands_apart and ATOM.fullmatch(new)) or _dump(plain) == _dump(careful) else careful


def _dump(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(f"({text}\n)", mode="eval"))
    except SyntaxError:
        return ""
