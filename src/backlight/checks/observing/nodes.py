"""Pieces of a syntax tree that stand where another piece stood."""

from __future__ import annotations

import ast


def load(name: str, at: ast.AST) -> ast.expr:
    """Read a name."""
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def call(function: str, number: int, *given: ast.expr, at: ast.AST) -> ast.expr:
    """Call a recording function with the number of a site or of a loop."""
    arguments: list[ast.expr] = [ast.copy_location(ast.Constant(number), at), *given]
    return ast.copy_location(ast.Call(load(function, at), arguments, []), at)


def told(function: str, site: int, value: ast.expr | None, at: ast.AST) -> ast.stmt:
    """Call a recording function as a statement of its own."""
    given = () if value is None else (value,)
    return ast.copy_location(ast.Expr(call(function, site, *given, at=at)), at)
