"""Where does a name live? Python's rules of scope, as far as an observer needs them.

A name belongs to the function that binds it, to the module, or to a class body; a comprehension has a scope of
its own. Only the source is looked at.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Scope:
    """One block of names, and the block around it."""

    text: str
    kind: str  # "module", "class" or "function", which a comprehension is too
    around: Scope | None = None
    bound: frozenset[str] = frozenset()
    of_module: frozenset[str] = frozenset()  # declared global
    of_outer: frozenset[str] = field(default=frozenset())  # declared nonlocal

    def inside(self, name: str) -> str:
        """Text of a scope in this one: ``Net.forward``."""
        return f"{self.text}.{name}" if self.text else name

    def home(self, name: str) -> Scope:
        """Find the scope in which a name that is used here lives."""
        if name in self.of_module:
            return self._module()
        if name in self.bound and name not in self.of_outer:
            return self
        around = self.around
        while around is not None and around.kind != "module":
            if around.kind == "function" and name in around.bound and name not in around.of_outer:
                return around.home(name)
            around = around.around
        return self._module()

    def _module(self) -> Scope:
        scope = self
        while scope.around is not None:
            scope = scope.around
        return scope


def scope_of(node: ast.AST, text: str, around: Scope | None) -> Scope:
    """Collect the names that a module, class, function, lambda or comprehension binds itself."""
    kind = "module" if isinstance(node, ast.Module) else "class" if isinstance(node, ast.ClassDef) else "function"
    names = _Names()
    for child in _own(node):
        names.visit(child)
    if isinstance(node, _FUNCTIONS):
        names.bound.update(argument.arg for argument in arguments_of(node))
    bound = names.bound - names.of_module
    return Scope(text, kind, around, frozenset(bound), frozenset(names.of_module), frozenset(names.of_outer))


def arguments_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    """All parameters of a function, in the order of the source."""
    given = node.args
    rest = [one for one in (given.vararg, given.kwarg) if one is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


def value_names(tree: ast.AST) -> set[str]:
    """Names that are bound to a value somewhere, and not only by import, def or class."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
    return names


def holders(tree: ast.AST) -> set[str]:
    """Names of classes and functions: their attributes may be values."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def _own(node: ast.AST) -> list[ast.AST]:
    """Parts of a block whose bindings are its own."""
    if isinstance(node, COMPREHENSIONS):
        return [generator.target for generator in node.generators]
    if isinstance(node, ast.Lambda):
        return [node.body]
    return list(getattr(node, "body", []))


class _Names(ast.NodeVisitor):
    """Collects what is bound; does not enter the blocks inside."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.of_module: set[str] = set()
        self.of_outer: set[str] = set()

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.bound.add(node.name)
        elif isinstance(node, ast.alias):
            self.bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            self.bound.add(node.name)
        elif isinstance(node, ast.Global):
            self.of_module.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            self.of_outer.update(node.names)
        if isinstance(node, COMPREHENSIONS):
            self._walrus_inside(node)
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            self.generic_visit(node)

    def _walrus_inside(self, node: ast.AST) -> None:
        """A walrus in a comprehension binds in the block around it."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                self.bound.add(inner.target.id)
