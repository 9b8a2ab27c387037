"""Rewrite a program so that it tells what it computes, and is the same program otherwise.

Every expression ``e`` that may be a number becomes ``seen(site, e)``; targets of assignments, arguments and
returned values likewise. Order of evaluation, scopes, exceptions and their lines stay as they were. The names
of the recording functions begin with ``@``, which no program can write. Formatted strings, annotations,
decorators, patterns and async functions are left alone.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from backlight.checks.observing.expressions import KINDS, Expressions
from backlight.checks.observing.nodes import call, load, told
from backlight.checks.observing.scopes import scope_of

if TYPE_CHECKING:
    from collections.abc import Container
    from types import CodeType

    from backlight.checks.observing.observation import Place, Program, Site


@dataclass(frozen=True, kw_only=True)
class Instrumented:
    """The program that tells, and what its numbers mean.

    Parameters
    ----------
    code : code object
        To be executed with the recording functions among its builtins.
    sites, places, scopes : tuple
        As in Observation; the places are those of names alone.
    place_of : tuple of int
        For each site the place of its name, -1 where it has none.
    """

    code: CodeType
    sites: tuple[Site, ...]
    places: tuple[Place, ...]
    scopes: tuple[str, ...]
    place_of: tuple[int, ...]


def instrument(program: Program, *, instead: Container[int] = ()) -> Instrumented:
    r"""Rewrite a program that can be parsed; the values at the sites ``instead`` may be replaced by others.

    Examples
    --------
    >>> from backlight.checks.observing.observation import Program
    >>> told = instrument(Program("my.py", "a = 2\nb = a * a\n"))
    >>> [(site.kind, site.source) for site in told.sites]
    [('store', 'a'), ('constant', '2'), ('store', 'b'), ('operation', 'a * a'), ('name', 'a'), ('name', 'a')]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler warns of is the program's own affair
        tree = ast.parse(program.text, program.path)
        writer = _Writer(program, tree, instead)
        tree.body = writer.block(tree.body)
        code = compile(ast.fix_missing_locations(tree), program.path, "exec", dont_inherit=True)
    sites = writer.sites
    return Instrumented(
        code=code,
        sites=tuple(sites.sites),
        places=tuple(sites.places),
        scopes=tuple(sites.scopes),
        place_of=tuple(sites.place_of),
    )


class _Writer(Expressions):
    """Rewrites statements; the expressions in them are rewritten by the class below it."""

    # ---- statements ---------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Rewrite the statements of a block; a docstring stays the first."""
        return [new for node in body for new in self.stmt(node)]

    def stmt(self, node: ast.stmt) -> list[ast.stmt]:
        """Rewrite one statement into one or several."""
        self.statement, self.parent = node.lineno, -1
        write = getattr(self, f"stmt_{type(node).__name__}", None)
        written: list[ast.stmt] = [node] if write is None else write(node)
        return written

    def stmt_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        node.value = self.expr(node.value)
        return [node]

    def stmt_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        after: list[ast.stmt] = []
        stores = [self._store(target) for target in node.targets if isinstance(target, ast.Name)]
        node.value = self.expr(node.value)
        for site in stores:
            node.value = call("@seen", site, node.value, at=node.value)
        node.targets = [
            target if isinstance(target, ast.Name) else self._target(target, after) for target in node.targets
        ]
        return [node, *after]

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        after: list[ast.stmt] = []
        if node.value is None:
            return [node]
        if isinstance(node.target, ast.Name):
            node.value = call("@seen", self._store(node.target), self.expr(node.value), at=node.value)
        else:
            node.value = self.expr(node.value)
            node.target = cast("ast.Attribute | ast.Subscript", self._target(node.target, after))
        return [node, *after]

    def stmt_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """``x -= e`` is ``x = isub(x, e)``, which changes in place what can be changed in place."""
        operate = load(f"@i{_OPERATORS[type(node.op)]}", node)
        target = node.target
        store = self._store(target)
        before = self._site(KINDS[type(target)], target)
        if isinstance(target, ast.Name):
            old = call("@seen", before, load(target.id, target), at=target)
            new = ast.copy_location(ast.Call(operate, [old, self.expr(node.value)], []), node)
            return [ast.copy_location(ast.Assign([target], self._told(store, new)), node)]
        if isinstance(target, ast.Attribute):
            attribute = ast.copy_location(ast.Constant(self._mangled(target.attr)), target)
            held = call("@before_attribute", before, self.expr(target.value), attribute, at=target)
            finish = "@after_attribute"
        else:
            held = call("@before_item", before, self.expr(target.value), self._key(target.slice), at=target)
            finish = "@after_item"
        self.parent = -1
        whole = call(finish, store, operate, held, self.expr(node.value), at=node)
        return [ast.copy_location(ast.Expr(whole), node)]

    def stmt_Return(self, node: ast.Return) -> list[ast.stmt]:
        if node.value is not None:
            site = self._site("return", node.value)
            node.value = call("@seen", site, self.expr(node.value), at=node.value)
        return [node]

    def stmt_For(self, node: ast.For) -> list[ast.stmt]:
        node.iter = self.expr(node.iter)
        seen = self._names_in(node.target)
        node.body = seen + self.block(node.body)
        node.orelse = self.block(node.orelse)
        return self._followed(node)

    def stmt_While(self, node: ast.While) -> list[ast.stmt]:
        node.test = self.expr(node.test)
        node.body = self.block(node.body)
        node.orelse = self.block(node.orelse)
        return self._followed(node)

    def _followed(self, node: ast.For | ast.While) -> list[ast.stmt]:
        """Tell where a loop is entered, turned and left, however it is left."""
        loop = self.loops
        self.loops += 1
        enter, turn, left = (
            ast.copy_location(ast.Expr(call(name, loop, at=node)), node) for name in ("@enter", "@turn", "@left")
        )
        node.body = [turn, *node.body]
        return [enter, ast.copy_location(ast.Try(body=[node], handlers=[], orelse=[], finalbody=[left]), node)]

    def stmt_If(self, node: ast.If) -> list[ast.stmt]:
        node.test = self.expr(node.test)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return [node]

    def stmt_With(self, node: ast.With) -> list[ast.stmt]:
        seen: list[ast.stmt] = []
        for item in node.items:
            item.context_expr = self.expr(item.context_expr)
            if item.optional_vars is not None:
                seen += self._names_in(item.optional_vars)
        node.body = seen + self.block(node.body)
        return [node]

    def stmt_Try(self, node: ast.Try) -> list[ast.stmt]:
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        node.finalbody = self.block(node.finalbody)
        for handler in node.handlers:
            handler.body = self.block(handler.body)
        return [node]

    stmt_TryStar = stmt_Try

    def stmt_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        node.test = self.expr(node.test)
        return [node]

    def stmt_Match(self, node: ast.Match) -> list[ast.stmt]:
        node.subject = self.expr(node.subject)
        for case in node.cases:
            case.guard = None if case.guard is None else self.expr(case.guard)
            case.body = self.block(case.body)
        return [node]

    def stmt_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        kept = self.scope, self.function, self.class_name
        self.class_name = node.name
        self.scope = self.function = scope_of(node, self.function.inside(node.name), self.scope)
        node.body = self.block(node.body)
        self.scope, self.function, self.class_name = kept
        return [node]

    def stmt_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        self._defaults(node)
        kept = self.scope, self.function
        self.scope = self.function = scope_of(node, self.function.inside(node.name), self.scope)
        documented = int(ast.get_docstring(node, clean=False) is not None)
        self.statement, self.parent = node.lineno, -1
        entered = [ast.copy_location(ast.Expr(one), one) for one in self.arguments(node)]
        node.body = [*node.body[:documented], *entered, *self.block(node.body[documented:])] or node.body
        self.scope, self.function = kept
        return [node]

    # ---- targets ------------------------------------------------------------------------------------

    def _target(self, target: ast.expr, after: list[ast.stmt]) -> ast.expr:
        """Rewrite a target; what lies there once the statement is done is told ``after`` it.

        An attribute's object and an item's container are kept when they are evaluated, so that
        nothing is evaluated twice.
        """
        if isinstance(target, ast.Name):
            after.append(told("@seen", self._store(target), load(target.id, target), target))
        elif isinstance(target, ast.Tuple | ast.List):
            target.elts = [self._target(one, after) for one in target.elts]
        elif isinstance(target, ast.Starred):
            target.value = self._target(target.value, after)
        elif isinstance(target, ast.Attribute):
            site, self.parent = self._store(target), -1
            target.value = call("@owner", site, self.expr(target.value), at=target)
            after.append(told("@stored_attribute", site, ast.Constant(self._mangled(target.attr)), target))
        elif isinstance(target, ast.Subscript):
            site, self.parent = self._store(target), -1
            target.value = call("@owner", site, self.expr(target.value), at=target)
            target.slice = call("@key", site, self._key(target.slice), at=target)
            after.append(told("@stored_item", site, None, target))
        return target

    def _names_in(self, target: ast.expr) -> list[ast.stmt]:
        """Tell the names that a loop or a with statement has just bound."""
        names = [node for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return [told("@seen", self._store(name), load(name.id, name), name) for name in names]


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
