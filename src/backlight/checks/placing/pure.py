"""May an expression be evaluated once more? It may, if nothing that it calls changes anything."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

CHANGING = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "update",
        "setdefault",
        "sort",
        "reverse",
        "add",
        "discard",
        "step",
        "backward",
        "zero_grad",
        "fill",
        "put",
        "itemset",
        "resize",
        "next",
        "send",
        "close",
        "write",
        "input",
        "print",
        "seed",
        "shuffle",
        "setattr",
        "delattr",
        "exec",
        "eval",
        "open",
        "popitem",
    ]
)
"""Methods and functions that change something."""


def changes_nothing(source: str, program: str) -> bool:
    """Whether an expression only looks and computes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"({source}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return False
    if any(isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for node in ast.walk(tree)):
        return False
    return not any(_changes(name) or name in changing(program) for name in _calls(tree))


@lru_cache(maxsize=8)
def changing(program: str) -> frozenset[str]:
    """The functions and classes of a program that change something which lives on, by their names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(program)
    bodies: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bodies.setdefault(node.name, []).append(node)
    found = {name for name, some in bodies.items() if any(map(_stores, some))}
    while True:
        more = {
            name
            for name, some in bodies.items()
            if name not in found and any(_changes(one) or one in found for body in some for one in _calls(body))
        }
        if not more:
            return frozenset(found)
        found |= more


def _stores(function: ast.AST) -> bool:
    """Whether a function writes into an object that it has not made itself."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            return True
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            owner = node.value
            while isinstance(owner, ast.Attribute | ast.Subscript):
                owner = owner.value
            if not (isinstance(owner, ast.Name) and owner.id in names):
                return True
    return False


def _calls(tree: ast.AST) -> set[str]:
    """The names of everything that is called, without what they belong to."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        one.id if isinstance(one, ast.Name) else one.attr for one in called if isinstance(one, ast.Name | ast.Attribute)
    }


def _changes(name: str) -> bool:
    return name in CHANGING or (name.endswith("_") and not name.endswith("__")) or "rand" in name
