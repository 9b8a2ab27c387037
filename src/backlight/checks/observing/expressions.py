"""Rewrite the expressions of a program so that each tells its value, in the order in which Python evaluates them.

``e`` becomes ``seen(site, e)``; ``owner.name`` and ``owner[key]`` become calls that do the same and tell whose
part it is. Where a value stands belongs to `sites`, where a name lives to `scopes`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from backlight.checks.observing.nodes import call, load
from backlight.checks.observing.scopes import COMPREHENSIONS, arguments_of, holders, scope_of, value_names
from backlight.checks.observing.sites import Sites

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from backlight.checks.observing.observation import Program, SiteKind

_NO_NUMBERS = """
print range super zip enumerate isinstance issubclass hasattr input open str repr type format iter reversed locals
globals vars dir setattr delattr callable id dict set frozenset bytes object staticmethod classmethod property exit quit
"""
QUIET = frozenset(_NO_NUMBERS.split())
"""Built-in functions whose result is no number."""

MYSELF = "self"
"""A name that stands for an object, never for a number."""

KINDS: dict[type[ast.expr], SiteKind] = {ast.Name: "name", ast.Attribute: "attribute", ast.Subscript: "item"}
"""What is read where a variable stands."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Expressions:
    """Rewrites expressions, walking through the program once; ``scope``, ``parent`` and ``statement`` say where it is."""

    def __init__(self, program: Program, tree: ast.Module, instead: Container[int] = ()) -> None:
        self.sites = Sites(program)
        self.instead = instead  # the sites whose values are to be replaced by others
        self.values = value_names(tree)
        self.holders = holders(tree)
        self.torch = "torch" in program.text  # only there may a called object hold parameters of its own
        self.scope = scope_of(tree, "", None)
        self.function = self.scope  # the scope that a reader would name: a comprehension is none
        self.class_name = ""
        self.parent = -1
        self.statement = 0
        self.loops = 0

    def expr(self, node: ast.expr) -> ast.expr:
        """Rewrite one expression; a kind that is not known here is left as it is."""
        write = getattr(self, f"expr_{type(node).__name__}", None)
        return node if write is None else cast("ast.expr", write(node))

    def _inside(self, site: int, node: ast.expr) -> ast.expr:
        """Rewrite a part of the expression at a site."""
        kept, self.parent = self.parent, site
        written = self.expr(node)
        self.parent = kept
        return written

    def _seen(self, kind: SiteKind, node: ast.expr, *fields: str) -> ast.expr:
        """Record an expression, after rewriting the parts of it that the fields name."""
        site = self._site(kind, node)
        for name in fields:
            part = getattr(node, name)
            many = isinstance(part, list)
            setattr(node, name, [self._inside(site, one) for one in part] if many else self._inside(site, part))
        return self._told(site, node)

    def _told(self, site: int, node: ast.expr) -> ast.expr:
        """Tell the value of a rewritten expression, or the one that is to stand for it."""
        return call("@seen", site, call("@instead", site, node, at=node) if site in self.instead else node, at=node)

    def _through(self, node: ast.expr, *fields: str) -> ast.expr:
        """Leave an expression itself unrecorded, but not its parts."""
        for name in fields:
            part = getattr(node, name)
            if isinstance(part, list):
                setattr(node, name, [one if one is None else self.expr(one) for one in part])
            elif part is not None:
                setattr(node, name, self.expr(part))
        return node

    def expr_Constant(self, node: ast.Constant) -> ast.expr:
        return self._seen("constant", node) if type(node.value) in {int, float} else node

    def expr_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return self._through(node, "operand")
        if isinstance(node.operand, ast.Constant):
            return self._seen("constant", node)
        return self._seen("operation", node, "operand")

    def expr_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant | ast.JoinedStr):
            return self._through(node, "right")  # "%f" % loss
        return self._seen("operation", node, "left", "right")

    def expr_Compare(self, node: ast.Compare) -> ast.expr:
        return self._seen("operation", node, "left", "comparators")

    def expr_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return self._through(node, "values")

    def expr_IfExp(self, node: ast.IfExp) -> ast.expr:
        return self._through(node, "test", "body", "orelse")

    def expr_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        site = self._store(node.target)
        node.value = call("@seen", site, self.expr(node.value), at=node.value)
        return node

    def expr_Name(self, node: ast.Name) -> ast.expr:
        return self._seen("name", node) if node.id in self.values and not _is_myself(node) else node

    def expr_Attribute(self, node: ast.Attribute) -> ast.expr:
        if self._is_module(node.value):
            return node
        site = self._site("attribute", node)
        owner = self._inside(site, node.value)
        return call("@attribute", site, owner, ast.Constant(self._mangled(node.attr)), at=node)

    def expr_Subscript(self, node: ast.Subscript) -> ast.expr:
        site = self._site("item", node)
        owner = self._inside(site, node.value)
        kept, self.parent = self.parent, site
        key = self._key(node.slice)
        self.parent = kept
        return call("@item", site, owner, key, at=node)

    def _key(self, node: ast.expr) -> ast.expr:
        """Rewrite a subscript: a slice becomes the object that it stands for, constants are not recorded."""
        if isinstance(node, ast.Slice):
            parts = [
                ast.Constant(None) if one is None else self._key(one) for one in (node.lower, node.upper, node.step)
            ]
            return ast.copy_location(ast.Call(load("@slice", node), parts, []), node)
        if isinstance(node, ast.Tuple):
            node.elts = [self._key(one) for one in node.elts]
            return node
        plain = isinstance(node, ast.Constant) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
        )
        return node if plain else self.expr(node)

    def expr_Call(self, node: ast.Call) -> ast.expr:
        quiet = isinstance(node.func, ast.Name) and node.func.id in QUIET and node.func.id not in self.values
        site = self.parent if quiet else self._site("call", node)
        node.func = self._callee(site, node.func)
        node.args = [self._inside(site, one) for one in node.args]
        for keyword in node.keywords:
            keyword.value = self._inside(site, keyword.value)
        return node if quiet else self._told(site, node)

    def _callee(self, site: int, node: ast.expr) -> ast.expr:
        """Rewrite what is called: a method is no number, the object it belongs to may be one.

        What is called in torch, or has a method called, may be a module with parameters that no expression names.
        """
        if not isinstance(node, ast.Attribute):
            written = self._inside(site, node)
            return self._called(node, written) if written is not node else written
        if self._is_module(node.value):
            return node
        owner = node.value
        method = ast.copy_location(ast.Attribute(self._inside(site, owner), node.attr, ast.Load()), node)
        if isinstance(owner, ast.Name | ast.Attribute) and not _is_myself(owner):
            method.value = self._called(owner, method.value)
        return self._called(node, method) if _is_myself(owner) else method

    def _called(self, node: ast.expr, written: ast.expr) -> ast.expr:
        """Tell what is called, or whose method is called; only where torch is used."""
        if not self.torch or not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return written
        return call("@called", self._site(KINDS[type(node)], node), written, at=node)

    def expr_List(self, node: ast.List) -> ast.expr:
        return self._seen("operation", node, "elts") if node.elts else node

    def expr_Tuple(self, node: ast.Tuple) -> ast.expr:
        return self._seen("operation", node, "elts") if node.elts else node

    def expr_Dict(self, node: ast.Dict) -> ast.expr:
        return self._through(node, "values")

    def expr_Starred(self, node: ast.Starred) -> ast.expr:
        return self._through(node, "value")

    def expr_Await(self, node: ast.Await) -> ast.expr:
        return self._through(node, "value")

    def expr_Yield(self, node: ast.Yield) -> ast.expr:
        return self._through(node, "value")

    def expr_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        return self._through(node, "value")

    def expr_Lambda(self, node: ast.Lambda) -> ast.expr:
        """A function like others: what it is given is told, then what it gives."""
        self._defaults(node)
        kept = self.scope, self.function, self.parent
        self.scope = self.function = scope_of(node, self.function.inside("<lambda>"), self.scope)
        self.parent = -1
        entered = list(self.arguments(node))
        site = self._site("return", node.body)
        given = call("@seen", site, self.expr(node.body), at=node.body)
        node.body = call("@last", site, *entered, given, at=node.body)
        self.scope, self.function, self.parent = kept
        return node

    def expr_ListComp(self, node: ast.ListComp) -> ast.expr:
        site = self._site("operation", node)
        return self._told(site, self._comprehension(site, node, "elt"))

    def expr_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehension(self.parent, node, "elt")

    def expr_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._comprehension(self.parent, node, "elt")

    def expr_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._comprehension(self.parent, node, "value")

    def _comprehension(self, site: int, node: ast.expr, result: str) -> ast.expr:
        """Rewrite a comprehension; its first iterable belongs to the block around it."""
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]  # one of COMPREHENSIONS
        if not isinstance(node, COMPREHENSIONS) or any(generator.is_async for generator in generators):
            return node
        kept = self.scope
        for number, generator in enumerate(generators):
            generator.iter = self._each(self._inside(site, generator.iter))
            if number == 0:
                self.scope = scope_of(node, self.scope.inside("<comprehension>"), self.scope)
            generator.ifs = [self._inside(site, one) for one in generator.ifs]
        setattr(node, result, self._inside(site, getattr(node, result)))
        self.scope = kept
        return node

    def _each(self, iterable: ast.expr) -> ast.expr:
        """A comprehension is a loop too."""
        loop = self.loops
        self.loops += 1
        return call("@each", loop, iterable, at=iterable)

    def arguments(self, node: _Function) -> Iterator[ast.expr]:
        """Tell the arguments with which a function was entered."""
        for argument in arguments_of(node):
            site = self._site("argument", argument, name=argument.arg)
            yield call("@argument", site, load(argument.arg, argument), at=argument)

    def _defaults(self, node: _Function) -> None:
        node.args.defaults = [self.expr(one) for one in node.args.defaults]
        node.args.kw_defaults = [None if one is None else self.expr(one) for one in node.args.kw_defaults]

    # ---- helpers ------------------------------------------------------------------------------------

    def _site(self, kind: SiteKind, node: ast.expr | ast.arg, name: str | None = None) -> int:
        if name is None and kind in {"name", "attribute", "item"}:
            name = self.sites.text(node)
        site = self.sites.add(
            kind,
            node,
            name=name or "",
            scope=self.function.text,
            parent=self.parent,
            statement=self.statement,
        )
        if name and isinstance(node, ast.Name):
            return self.sites.belongs(site, self.scope.home(node.id))
        return self.sites.belongs(site, self.scope) if isinstance(node, ast.arg) else site

    def _store(self, target: ast.expr) -> int:
        return self._site("store", target, name=self.sites.text(target))

    def _mangled(self, name: str) -> str:
        """``__w`` in a class Net is ``_Net__w``."""
        private = name.startswith("__") and not name.endswith("__")
        owner = self.class_name.lstrip("_")
        return f"_{owner}{name}" if private and owner else name

    def _is_module(self, node: ast.expr) -> bool:
        """np in np.pi: a name that no value was ever bound to, and no class or function of the program's."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id not in self.values | self.holders


def _is_myself(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == MYSELF
