"""An edit of a program, and the places where there may be one: every expression that was executed in time."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from backlight.checks.placing.statements import lines_of

if TYPE_CHECKING:
    from backlight.checks.observing.observation import Observation
    from backlight.checks.placing.statements import Statements

Node = TypeVar("Node", bound=ast.AST)
LEFT_ALONE = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.JoinedStr)
"""What is not evaluated in place of something else, but for the arguments of a call of it."""
SIMPLE = ast.Assign | ast.AugAssign | ast.Expr
"""Statements that are moved, left out, or taken for a model."""
SHOWING = {"print", "plot", "show"}


@dataclass(frozen=True)
class Edit:
    """Something else for an expression, or for statements that follow one another.

    Attributes
    ----------
    first, last : expr or stmt
        What it stands for, the same for an expression.
    written : str
    size : float
        How far it is from what stands there.
    indent : str
        What stands before a statement.
    mistake : str
        The name in the catalogue of what it mends, where that can be nothing else.
    """

    first: ast.expr | ast.stmt
    last: ast.expr | ast.stmt
    written: str
    size: float
    indent: str = ""
    mistake: str = ""

    @property
    def tree(self) -> ast.Module | None:
        """What is written, parsed; None where it is no Python, or leaves a loop that is not there."""
        statements = dedent(self.indent + self.written)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if isinstance(self.first, ast.expr):
                    return ast.parse(f"({self.written}\n)")
                compile("def all():\n" + indent(statements, " "), "", "exec", dont_inherit=True)
                return ast.parse(statements)
        except (SyntaxError, ValueError):
            return None


class Place(NamedTuple):
    """An expression, and the function that it stands in."""

    function: str
    node: ast.expr


def lines_executed(observation: Observation, until: int) -> set[int]:
    """The lines that showed a number before an event, and those where their statements begin."""
    sites = [observation.sites[number] for number in set(observation.site[:until].tolist())]
    return {one.line for one in sites} | {one.statement for one in sites}


def places(statements: Statements, executed: set[int]) -> Iterator[Place]:
    """The expressions on these lines, those of lists and of functions one by one."""
    for block, _number, one in statements.all():
        for whole in _expressions(one):
            for node in _pieces(whole):
                if executed.intersection(lines_of(one if isinstance(one, ast.For) else node)):
                    yield Place(block.function, node)


def inside(node: ast.AST, kind: type[Node]) -> Iterator[Node]:
    """The parts of a kind, itself with them."""
    return (one for one in ast.walk(node) if isinstance(one, kind))


def called(call: ast.Call) -> str:
    """The name of a function or a method, without its owner."""
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself."""
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, ast.For):
        yield statement.iter
    elif isinstance(statement, ast.If | ast.While):
        yield statement.test


def _pieces(expression: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are edited each by itself."""
    inner: list[ast.expr] = [expression]
    if any(isinstance(one, LEFT_ALONE) for one in ast.walk(expression)):
        inner = expression.args if isinstance(expression, ast.Call) else []
    elif isinstance(expression, ast.Dict):
        inner = expression.values
    elif isinstance(expression, ast.List | ast.Tuple | ast.Set):
        inner = [] if _is_data(expression.elts) else expression.elts
    elif isinstance(expression, ast.Lambda):
        inner = [expression.body]
    elif isinstance(expression, ast.Call) and any(map(_is_table, expression.args)):
        inner = []
    elif isinstance(expression, ast.Call):
        containers = [one for one in expression.args if isinstance(one, ast.Dict | ast.List | ast.Tuple | ast.Lambda)]
        inner = [] if called(expression) in SHOWING else [expression, *containers]
    for one in (each.value if isinstance(each, ast.Starred) else each for each in inner):
        yield from (one,) if one is expression else _pieces(one)


def _is_table(expression: ast.expr) -> bool:
    """Whether it is a list of written numbers, that is data."""
    return isinstance(expression, ast.List) and len(expression.elts) > 1 and _is_data(expression.elts)


def _is_data(elements: list[ast.expr]) -> bool:
    """Whether there are written numbers only."""
    return not any(isinstance(part, ast.Name) for one in elements for part in ast.walk(one))
