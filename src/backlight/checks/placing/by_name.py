"""Expressions that the name of their function says: the difference in `__sub__` is no mistake, however it is used."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.checks.placing.statements import Statements

MEANT: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "plus": ast.Add,
    "sub": ast.Sub,
    "subtract": ast.Sub,
    "minus": ast.Sub,
    "difference": ast.Sub,
    "mul": ast.Mult,
    "multiply": ast.Mult,
    "times": ast.Mult,
    "div": ast.Div,
    "divide": ast.Div,
    "truediv": ast.Div,
    "matmul": ast.MatMult,
}
OPERANDS = ast.Name | ast.Attribute


def is_said_by_name(expression: ast.expr, function: str) -> bool:
    """Whether an expression is the operation of two things that its function is called.

    Examples
    --------
    >>> difference = ast.parse("self.value - other.value", mode="eval").body
    >>> is_said_by_name(difference, "Node.__sub__"), is_said_by_name(difference, "Node.__add__")
    (True, False)
    """
    operator = MEANT.get(function.rpartition(".")[2].strip("_"))
    return (
        operator is not None
        and isinstance(expression, ast.BinOp)
        and isinstance(expression.op, operator)
        and isinstance(expression.left, OPERANDS)
        and isinstance(expression.right, OPERANDS)
    )


def said_by_name(statements: Statements) -> list[ast.expr]:
    """All such expressions of a program, those of functions in a table by their keys among them."""
    inside = (
        (part, block.function)
        for block, _number, one in statements.all()
        if block.function and not isinstance(one, ast.FunctionDef | ast.ClassDef)
        for part in ast.walk(one)
    )
    in_tables = (
        (value.body, str(key.value))
        for one in ast.walk(statements.tree)
        if isinstance(one, ast.Dict)
        for key, value in zip(one.keys, one.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Lambda)
    )
    every = (*inside, *in_tables)
    return [part for part, name in every if isinstance(part, ast.expr) and is_said_by_name(part, name)]
