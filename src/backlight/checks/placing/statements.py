"""The statements of a program as text: where each begins and ends, and what it would be with another text in its place."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.diagnosis import Spot

if TYPE_CHECKING:
    from backlight.checks.observing.observation import Program


@dataclass(frozen=True)
class Block:
    """Statements that follow one another at one depth.

    Attributes
    ----------
    function : str
        The function they belong to, empty at the module's level.
    loops : tuple of int
        The lines of the loops around them.
    """

    statements: Sequence[ast.stmt]
    function: str
    loops: tuple[int, ...]


Span = tuple[int, int, int, int]
"""Line and column of a beginning and of an end."""
WORD, NAME = re.compile(r"[^\W\d]\w*"), re.compile(r"(?<![\w.])[^\W\d]\w*")
"""The words of a text, and those that are no attributes."""


@dataclass(frozen=True)
class Statements:
    """A program that can be parsed, statement by statement."""

    program: Program

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.program.text.split("\n")

    @cached_property
    def blocks(self) -> list[Block]:
        """Every block of the program, the outer ones first."""
        return list(_blocks(self.tree, "", ()))

    @cached_property
    def tree(self) -> ast.Module:
        """The program as it is parsed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(self.program.text)

    @cached_property
    def stored_in_the_module(self) -> list[str]:
        """What is assigned in the module, in order."""
        assigned = (one for one in self.tree.body if isinstance(one, ast.Assign))
        return [name for one in assigned for name in sorted(stored_in(one))]

    def all(self) -> Iterator[tuple[Block, int, ast.stmt]]:
        """Every statement with its block and its number there."""
        for block in self.blocks:
            for number, statement in enumerate(block.statements):
                yield block, number, statement

    def at(self, line: int) -> tuple[Block, int, ast.stmt] | None:
        """The smallest statement at a line."""
        found = None
        for block, number, statement in self.all():
            if line in lines_of(statement):
                found = block, number, statement
        return found

    def indent(self, statement: ast.stmt) -> str:
        """What stands before a statement in its line."""
        line = self.lines[statement.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def column(self, line: int, offset: int) -> int:
        """A column in characters; the parser counts bytes of UTF-8."""
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def span(self, node: ast.stmt | ast.expr) -> Span:
        """Where a statement or an expression begins and ends."""
        end = node.end_lineno or node.lineno
        column, end_column = self.column(node.lineno, node.col_offset), self.column(end, node.end_col_offset or 0)
        return node.lineno, column, end, end_column

    def text(self, node: ast.stmt | ast.expr) -> str:
        """A statement or an expression exactly as it is written."""
        first, last = node.lineno, node.end_lineno or node.lineno
        begin, end = self.column(first, node.col_offset), self.column(last, node.end_col_offset or 0)
        if first == last:
            return self.lines[first - 1][begin:end]
        return "\n".join([self.lines[first - 1][begin:], *self.lines[first : last - 1], self.lines[last - 1][:end]])

    def in_order(self, statements: Sequence[ast.stmt]) -> str:
        """Statements of one block in another order, each with the comments above it; those of the first one stay there."""
        first = min(statements, key=lambda one: one.lineno)
        rows: list[str] = []
        for one in statements:
            rows += [*(self._comments(one) if one is not first else ()), self.text(one)]
        return f"\n{self.indent(first)}".join(rows)

    def _comments(self, statement: ast.stmt) -> list[str]:
        """The lines right above a statement that are comments."""
        above = [line.strip() for line in self.lines[: statement.lineno - 1]]
        begin = len(above)
        while begin and above[begin - 1].startswith("#"):
            begin -= 1
        return above[begin:]

    def instead(self, first: ast.stmt | ast.expr, last: ast.stmt | ast.expr, written: str, *, name: str = "") -> Spot:
        """A repair: what stands from one statement or expression to another one, and what should."""
        end = last.end_lineno or last.lineno
        return self._written(first, end, self.column(end, last.end_col_offset or 0), written, name)

    def without_condition(self, conditional: ast.If) -> Spot:
        """A repair: what stands behind a condition, each statement on one line, without it."""
        body = f"\n{self.indent(conditional)}".join(map(self.text, conditional.body))
        return self.instead(conditional, conditional, body)

    def until(self, first: ast.stmt, line: int, written: str) -> Spot:
        """A repair: what stands from a statement to the end of a line, and what should."""
        return self._written(first, line, len(self.lines[line - 1]), written, "")

    def _written(self, first: ast.stmt | ast.expr, end: int, end_column: int, written: str, name: str) -> Spot:
        spot = Spot(
            line=first.lineno,
            column=self.column(first.lineno, first.col_offset),
            end_line=end,
            end_column=end_column,
            source="",
            name=name,
            quantity="",
            should_be=written,
        )
        return replace(spot, source=self.between(spot))

    def between(self, spot: Spot) -> str:
        """The text of a place."""
        if spot.line == spot.end_line:
            return self.lines[spot.line - 1][spot.column : spot.end_column]
        rest = self.lines[spot.line : spot.end_line - 1]
        return "\n".join(
            [self.lines[spot.line - 1][spot.column :], *rest, self.lines[spot.end_line - 1][: spot.end_column]]
        )

    def behind(self, statement: ast.stmt, *written: str) -> Spot:
        """A repair that adds lines behind a statement."""
        indent = self.indent(statement)
        return self.instead(statement, statement, "\n".join([self.text(statement), *(indent + one for one in written)]))

    def before(self, statement: ast.stmt, *written: str) -> Spot:
        """A repair that adds lines before a statement; of a compound one its first line is told."""
        indent = self.indent(statement)
        lines = [*written, self.lines[statement.lineno - 1].lstrip()]
        line = self.lines[statement.lineno - 1]
        return Spot(
            line=statement.lineno,
            column=len(indent),
            end_line=statement.lineno,
            end_column=len(line),
            source=line.lstrip(),
            name="",
            quantity="",
            should_be=f"\n{indent}".join(lines),
        )


def lines_of(statement: ast.stmt | ast.expr) -> range:
    """The lines that a statement or an expression stands on."""
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def is_a_line(statement: ast.stmt) -> bool:
    """Whether a statement stands on one line."""
    return statement.lineno == statement.end_lineno


def names_in(node: ast.AST) -> set[str]:
    """The names that occur in a part of a program, attributes of self with it."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    attributes = {
        f"self.{one.attr}"
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
    }
    return (found - {"self"}) | attributes


def stored_in(node: ast.AST) -> set[str]:
    """The names that a statement writes, or whose entries it writes."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            owner: ast.expr = one
            while isinstance(owner, ast.Subscript):
                owner = owner.value
            if isinstance(owner, ast.Attribute):
                found |= {ast.unparse(owner)}
            elif isinstance(owner, ast.Name):
                found.add(owner.id)
    return found


def exchanged(target: str) -> str:
    """An entry of a matrix with its two indices exchanged; empty for anything else."""
    entry = re.fullmatch(r"(.*?)\[(\w+)(\]\[|, ?)(\w+)\]", target)
    return f"{entry[1]}[{entry[4]}{entry[3]}{entry[2]}]" if entry and entry[2] != entry[4] else ""


def renamed(written: str, old: str, new: str) -> str:
    """Text in which everything that is called after one variable is called after another one: W2, dW2, grads["dW2"].

    Examples
    --------
    >>> renamed('W2 = W2 - lr * grads["dW2"]', "W2", "W1")
    'W1 = W1 - lr * grads["dW1"]'
    >>> renamed("w_output += x.T @ d_output", "w_output", "w_hidden")
    'w_hidden += x.T @ d_hidden'
    >>> renamed("e[k] -= 0.5 * de[k]", "e", "c")
    'c[k] -= 0.5 * dc[k]'
    """
    one, other = _difference(old, new)
    if not one or not other:
        return written.replace(old, new)
    if one.isdigit() and other.isdigit():
        stem = old[: old.rindex(one)] if one in old else ""
        tail = stem[-1:] if stem[-1:].isalpha() else ""
        return (
            re.sub(rf"(?<=[A-Za-z_]){one}(?!\d)", other, written) if tail or not stem else written.replace(one, other)
        )
    return re.sub(rf"(?<![A-Za-z])([dg]?){re.escape(one)}(?![A-Za-z])", rf"\g<1>{other}", written)


def _difference(old: str, new: str) -> tuple[str, str]:
    """The parts in which two names differ, whole words or numbers."""
    ones, others = re.findall(r"\d+|[A-Za-z]+|\W|_", old), re.findall(r"\d+|[A-Za-z]+|\W|_", new)
    differing = [(one, other) for one, other in zip(ones, others, strict=False) if one != other]
    if len(ones) == len(others) and len(differing) == 1:
        return differing[0]
    return "", ""


def _blocks(node: ast.AST, function: str, loops: tuple[int, ...]) -> Iterator[Block]:
    """The blocks of a node and of everything in it."""
    for name in ("body", "orelse", "finalbody"):
        some = getattr(node, name, None)
        if not isinstance(some, list) or not some or not isinstance(some[0], ast.stmt):
            continue
        yield Block(some, function, loops)
        for one in some:
            inner = function
            around = loops
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{function}.{one.name}" if function else one.name
                around = ()
            elif isinstance(one, ast.For | ast.While):
                around = (*loops, one.lineno)
            yield from _blocks(one, inner, around)
    for handler in getattr(node, "handlers", []):
        yield from _blocks(handler, function, loops)
