"""What a line that is missing may have been: one that is there, as others there differ from one another.

Where `W2 -= rate * dW2` and `W1 -= rate * dW1` stand, `b2 -= rate * db2` has `b1 -= rate * db1` beside it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, permutations
from typing import TYPE_CHECKING

from backlight.checks.placing.anywhere.edit import SHOWING, SIMPLE, Edit, called
from backlight.checks.placing.statements import NAME, WORD, names_in, stored_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.placing.statements import Statements

TOKEN = re.compile(r"[^\W\d]\w*|\d+\.?\d*|[^\w\s]")
DEFINED = ast.FunctionDef | ast.ClassDef
PART = re.compile(r"\d+|[A-Z]?[^\W\d_]+|_")
OF_ONE, OF_TWINS = 1.5, 1.4
"""The size of an edit that adds a line; of one of two that differ by two words exchanged."""
MOST_DIFFERENT = 4
"""So many words of two lines differ, at most."""
MOST_STATEMENTS, MOST_LINES = 60, 320
"""So many statements are compared, and so many lines are tried."""


@dataclass(frozen=True)
class Lines:
    """The statements of a program that stand on a line each."""

    statements: Statements

    def edits(self) -> Iterator[Edit]:
        """Every line beside those that it would be like, before them and behind them."""
        yield from islice(self._of_biases(), MOST_LINES)
        yield from islice(self._of_calls(), MOST_LINES)
        yield from islice(self._all(), MOST_LINES)

    def _of_biases(self) -> Iterator[Edit]:
        """Beside a gradient of weights, a product, that of biases: the sum of one side of it over the samples."""
        for one in self._storing:
            target, value = _parts(one)
            sides = _sides(value)
            text = self.statements.text(target)
            others = (
                {_renamed(text, words) for words in self._of_storing} | set(self._next_to(target)) if sides else set()
            )
            for name in sorted(others):
                if name not in self._text[one] and self._words.issuperset(WORD.findall(name)):
                    sign = "+=" if isinstance(one, ast.AugAssign) else "="
                    for side in map(self.statements.text, sides):
                        for axis in self._axes:
                            yield from self._beside(one, f"{name} {sign} ({side}).sum({axis})", OF_ONE)

    def _of_calls(self) -> Iterator[Edit]:
        """Beside a call for one variable of the module the same call for another one of them."""
        names = self.statements.stored_in_the_module
        for one in self._simple:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and called(one.value) not in SHOWING:
                mine = [each.id for each in one.value.args if isinstance(each, ast.Name) and each.id in names]
                for name in (name for name in names if name not in mine):
                    yield from (
                        each for own in mine for each in self._beside(one, _put(self._text[one], own, name), 1.6)
                    )

    def _next_to(self, target: ast.expr) -> Iterator[str]:
        """The entries beside one: `grads[2 * k + 1]` beside `grads[2 * k]`."""
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice | ast.Tuple):
            owner, index = self.statements.text(target.value), self.statements.text(target.slice)
            yield from (f"{owner}[{index} {step}]" for step in ("+ 1", "- 1"))

    @property
    def _axes(self) -> tuple[str, ...]:
        """How a sum over the samples is written: once along each axis, as it is and as a column or row."""
        axis, kept = ("dim", "keepdim=True") if "torch" in self.statements.program.text else ("axis", "keepdims=True")
        return tuple(f"{axis}={number}{how}" for how in ("", f", {kept}") for number in (0, 1))

    @cached_property
    def _differences(self) -> list[tuple[ast.stmt, ast.stmt, dict[str, str]]]:
        """Two lines, and by which words they differ, where that is all."""
        pairs = permutations(self._simple, 2)
        every = ((one, other, _difference(self._tokens[one], self._tokens[other])) for one, other in pairs)
        return [one for one in every if one[2]]

    @cached_property
    def _of_storing(self) -> list[dict[str, str]]:
        """By which words two lines differ that both store something."""
        storing = set(self._storing)
        return [words for one, other, words in self._differences if {one, other} <= storing]

    def _all(self) -> Iterator[Edit]:
        """Every line as others there differ, first as those do that differ by two words exchanged."""
        told: set[tuple[int, str]] = set()
        for _one, other, words in sorted(self._differences, key=lambda one: (not _exchanges(one[2]), len(one[2]))):
            size = OF_TWINS if _exchanges(words) else OF_ONE
            for third in self._simple:
                written = _renamed(self._text[third], {new: old for old, new in words.items()} | words)
                if not self._words.issuperset(WORD.findall(written)):
                    continue
                for beside in (other, third):
                    is_new = (id(beside), written) not in told and not self._is_there(beside, written)
                    if is_new and self._names[beside].issuperset(NAME.findall(written)):
                        told.add((id(beside), written))
                        yield from self._beside(beside, written, size)

    def _beside(self, statement: ast.stmt, written: str, size: float) -> Iterator[Edit]:
        indent, text = self.statements.indent(statement), self._text[statement]
        for both in ((text, written), (written, text)):
            yield Edit(statement, statement, f"\n{indent}".join(both), size, indent)

    @cached_property
    def _simple(self) -> list[ast.stmt]:
        """Statements of one line that store something, or call something for what it does."""
        every = (
            one
            for block, _number, one in self.statements.all()
            if block.function or block.loops
            if isinstance(one, SIMPLE) and one.lineno == one.end_lineno and not _unpacks(one)
        )
        return list(islice(every, MOST_STATEMENTS))

    @cached_property
    def _storing(self) -> list[ast.Assign | ast.AugAssign]:
        return [one for one in self._simple if isinstance(one, ast.Assign | ast.AugAssign)]

    @cached_property
    def _text(self) -> dict[ast.stmt, str]:
        return {one: self.statements.text(one) for one in self._simple}

    @cached_property
    def _tokens(self) -> dict[ast.stmt, list[str]]:
        return {one: TOKEN.findall(text) for one, text in self._text.items()}

    def _is_there(self, beside: ast.stmt, written: str) -> bool:
        """Whether it stands in the same block as a statement, or what it gives a value gets one there."""
        given = written.partition(" = ")[0] if " = " in written else written
        return written in self._beside_it[beside] or given in self._given_beside[beside]

    @cached_property
    def _beside_it(self) -> dict[ast.stmt, set[str]]:
        """What stands in the same block as a statement."""
        return {one: set(map(self.statements.text, some)) for one, some in self._block.items()}

    @cached_property
    def _given_beside(self) -> dict[ast.stmt, set[str]]:
        """What gets a value in the same block as a statement, and is not made of what it was."""
        return {
            one: {
                self.statements.text(each.targets[0])
                for each in some
                if isinstance(each, ast.Assign) and not stored_in(each) & names_in(each.value)
            }
            for one, some in self._block.items()
        }

    @cached_property
    def _block(self) -> dict[ast.stmt, Sequence[ast.stmt]]:
        return {one: block.statements for block, _number, one in self.statements.all()}

    @cached_property
    def _names(self) -> dict[ast.stmt, set[str]]:
        """The names that stand in the function of a statement, and those of the module."""
        tree = self.statements.tree
        of_the_module = {name for one in tree.body for name in _names_of(one) if not isinstance(one, DEFINED)}
        found = dict.fromkeys(self._simple, of_the_module | {one.name for one in tree.body if isinstance(one, DEFINED)})
        inner = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        for function in inner:
            names = _names_of(function)
            for one in ast.walk(function):
                if one in found:
                    found[one] = found[one] | names
        return found

    @cached_property
    def _words(self) -> set[str]:
        """All names of the program."""
        return set(WORD.findall(self.statements.program.text))


def _unpacks(statement: ast.stmt) -> bool:
    """Whether it gives several variables their values."""
    return isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple)


def _exchanges(words: Mapping[str, str]) -> bool:
    """Whether two words stand for one another."""
    return {words.get(new) for new in words.values()} == set(words)


def _put(text: str, name: str, other: str) -> str:
    return re.sub(rf"\b{name}\b", other, text)


def _names_of(node: ast.AST) -> set[str]:
    """The variables and arguments in a part of a program."""
    return {
        one.id if isinstance(one, ast.Name) else one.arg
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.arg)
    }


def _parts(statement: ast.Assign | ast.AugAssign) -> tuple[ast.expr, ast.expr]:
    """What a statement stores, and where."""
    if isinstance(statement, ast.AugAssign):
        return statement.target, statement.value
    return statement.targets[0], statement.value


def _sides(value: ast.expr) -> list[ast.expr]:
    """The two factors of a product of matrices, without their transposes."""
    match value:
        case ast.BinOp(op=ast.MatMult(), left=left, right=right):
            sides = [left, right]
        case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm", value=owner), args=[*some]):
            sides = [owner, *some][-2:]
        case _:
            sides = []
    return [one.value if isinstance(one, ast.Attribute) and one.attr == "T" else one for one in sides]


def _difference(ones: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """The words of one line that are others in another line, which is the same in all else; nothing if it is not."""
    if len(ones) != len(others):
        return {}
    found: dict[str, str] = {}
    for one, other in zip(ones, others, strict=True):
        if one != other and not (WORD.fullmatch(one) and WORD.fullmatch(other)):
            return {}
        if found.setdefault(one, other) != other:
            return {}
    different = {one: other for one, other in found.items() if one != other}
    return different if 0 < len(different) <= MOST_DIFFERENT else {}


def _renamed(text: str, words: Mapping[str, str]) -> str:
    """A line with other words, and with other parts of words as far as those differ in one: `db1` for `db2`."""
    parts: dict[str, str] = {}
    for one, other in words.items():
        mine, theirs = PART.findall(one), PART.findall(other)
        different = [(a, b) for a, b in zip(mine, theirs, strict=False) if a != b]
        if len(mine) == len(theirs) and len(different) == 1:
            parts.setdefault(*different[0])

    def other_word(found: re.Match[str]) -> str:
        word = found[0]
        if word in words:
            return words[word]
        return PART.sub(lambda part: parts.get(part[0], part[0]), word)

    return WORD.sub(other_word, text)
