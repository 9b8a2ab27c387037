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
from types import CodeType
from typing import cast

from backlight.checks.observation import Place, Program, Site, SiteKind
from backlight.checks.scopes import COMPREHENSIONS, Scope, arguments_of, scope_of, value_names
from backlight.checks.sites import Sites

QUIET = frozenset(
    "print range super zip enumerate isinstance issubclass hasattr input open str repr type format iter reversed "
    "locals globals vars dir setattr delattr callable id dict set frozenset bytes object staticmethod classmethod "
    "property exit quit".split()
)
"""Built-in functions whose result is no number."""

MYSELF = "self"
"""A name that stands for an object, never for a number."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


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


def instrument(program: Program) -> Instrumented:
    """Rewrite a program that can be parsed.

    Examples
    --------
    >>> told = instrument(Program("my.py", "a = 2\\nb = a * a\\n"))
    >>> [(site.kind, site.source) for site in told.sites]
    [('store', 'a'), ('constant', '2'), ('store', 'b'), ('operation', 'a * a'), ('name', 'a'), ('name', 'a')]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler warns of is the program's own affair
        tree = ast.parse(program.text, program.path)
        writer = _Writer(program, tree)
        tree.body = writer.block(tree.body)
        code = cast("CodeType", compile(ast.fix_missing_locations(tree), program.path, "exec", dont_inherit=True))
    sites = writer.sites
    return Instrumented(
        code=code,
        sites=tuple(sites.sites),
        places=tuple(sites.places),
        scopes=tuple(sites.scopes),
        place_of=tuple(sites.place_of),
    )


class _Writer:
    """Walks through the program once; ``scope``, ``parent`` and ``statement`` say where it is."""

    def __init__(self, program: Program, tree: ast.Module) -> None:
        self.sites = Sites(program)
        self.values = value_names(tree)
        self.torch = "torch" in program.text  # only there may a called object hold parameters of its own
        self.scope = scope_of(tree, "", None)
        self.function = self.scope  # the scope that a reader would name: a comprehension is none
        self.class_name = ""
        self.parent = -1
        self.statement = 0
        self.loops = 0
        self.follow_loops = True  # a generator's loop interleaves with its user's: not followed

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
            node.value = _call("@seen", site, node.value, at=node.value)
        node.targets = [
            target if isinstance(target, ast.Name) else self._target(target, after) for target in node.targets
        ]
        return [node, *after]

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        after: list[ast.stmt] = []
        if node.value is None:
            return [node]
        if isinstance(node.target, ast.Name):
            node.value = _call("@seen", self._store(node.target), self.expr(node.value), at=node.value)
        else:
            node.value = self.expr(node.value)
            node.target = cast("ast.Attribute | ast.Subscript", self._target(node.target, after))
        return [node, *after]

    def stmt_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """``x -= e`` is ``x = isub(x, e)``, which changes in place what can be changed in place."""
        operate = _load(f"@i{_OPERATORS[type(node.op)]}", node)
        target = node.target
        store = self._store(target)
        before = self._site(_KINDS[type(target)], target)
        if isinstance(target, ast.Name):
            old = _call("@seen", before, _load(target.id, target), at=target)
            new = ast.copy_location(ast.Call(operate, [old, self.expr(node.value)], []), node)
            return [ast.copy_location(ast.Assign([target], _call("@seen", store, new, at=node)), node)]
        if isinstance(target, ast.Attribute):
            attribute = ast.copy_location(ast.Constant(self._mangled(target.attr)), target)
            held = _call("@before_attribute", before, self.expr(target.value), attribute, at=target)
            finish = "@after_attribute"
        else:
            held = _call("@before_item", before, self.expr(target.value), self._key(target.slice), at=target)
            finish = "@after_item"
        self.parent = -1
        call = _call(finish, store, operate, held, self.expr(node.value), at=node)
        return [ast.copy_location(ast.Expr(call), node)]

    def stmt_Return(self, node: ast.Return) -> list[ast.stmt]:
        if node.value is not None:
            site = self._site("return", node.value)
            node.value = _call("@seen", site, self.expr(node.value), at=node.value)
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
        if not self.follow_loops:
            return [node]
        loop = self.loops
        self.loops += 1
        enter, turn, left = (
            ast.copy_location(ast.Expr(_call(name, loop, at=node)), node) for name in ("@enter", "@turn", "@left")
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
        kept = self.scope, self.function, self.class_name, self.follow_loops
        self.class_name = node.name
        self.scope = self.function = scope_of(node, self.function.inside(node.name), self.scope)
        node.body = self.block(node.body)
        self.scope, self.function, self.class_name, self.follow_loops = kept
        return [node]

    def stmt_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        self._defaults(node)
        kept = self.scope, self.function, self.follow_loops
        self.scope = self.function = scope_of(node, self.function.inside(node.name), self.scope)
        self.follow_loops = not _is_generator(node)
        documented = int(ast.get_docstring(node, clean=False) is not None)
        entered = self._entered(node)
        node.body = [*node.body[:documented], *entered, *self.block(node.body[documented:])] or node.body
        self.scope, self.function, self.follow_loops = kept
        return [node]

    def _entered(self, node: ast.FunctionDef) -> list[ast.stmt]:
        """Tell the arguments with which a function was entered."""
        self.statement, self.parent = node.lineno, -1
        told: list[ast.stmt] = []
        for argument in arguments_of(node):
            site = self._site("argument", argument, name=argument.arg)
            told.append(_told("@argument", site, _load(argument.arg, argument), argument))
        return told

    def _defaults(self, node: _Function) -> None:
        node.args.defaults = [self.expr(one) for one in node.args.defaults]
        node.args.kw_defaults = [None if one is None else self.expr(one) for one in node.args.kw_defaults]

    # ---- targets ------------------------------------------------------------------------------------

    def _store(self, target: ast.expr) -> int:
        return self._site("store", target, name=self.sites.text(target))

    def _target(self, target: ast.expr, after: list[ast.stmt]) -> ast.expr:
        """Rewrite a target; what lies there once the statement is done is told ``after`` it.

        An attribute's object and an item's container are kept when they are evaluated, so that
        nothing is evaluated twice.
        """
        if isinstance(target, ast.Name):
            after.append(_told("@seen", self._store(target), _load(target.id, target), target))
        elif isinstance(target, ast.Tuple | ast.List):
            target.elts = [self._target(one, after) for one in target.elts]
        elif isinstance(target, ast.Starred):
            target.value = self._target(target.value, after)
        elif isinstance(target, ast.Attribute):
            site, self.parent = self._store(target), -1
            target.value = _call("@owner", site, self.expr(target.value), at=target)
            after.append(_told("@stored_attribute", site, ast.Constant(self._mangled(target.attr)), target))
        elif isinstance(target, ast.Subscript):
            site, self.parent = self._store(target), -1
            target.value = _call("@owner", site, self.expr(target.value), at=target)
            target.slice = _call("@key", site, self._key(target.slice), at=target)
            after.append(_told("@stored_item", site, None, target))
        return target

    def _names_in(self, target: ast.expr) -> list[ast.stmt]:
        """Tell the names that a loop or a with statement has just bound."""
        names = [node for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return [_told("@seen", self._store(name), _load(name.id, name), name) for name in names]

    # ---- expressions --------------------------------------------------------------------------------

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
        return _call("@seen", site, node, at=node)

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
        node.value = _call("@seen", site, self.expr(node.value), at=node.value)
        return node

    def expr_Name(self, node: ast.Name) -> ast.expr:
        return self._seen("name", node) if node.id in self.values and node.id != MYSELF else node

    def expr_Attribute(self, node: ast.Attribute) -> ast.expr:
        if self._is_module(node.value):
            return node
        site = self._site("attribute", node)
        owner = self._inside(site, node.value)
        return _call("@attribute", site, owner, ast.Constant(self._mangled(node.attr)), at=node)

    def expr_Subscript(self, node: ast.Subscript) -> ast.expr:
        site = self._site("item", node)
        owner = self._inside(site, node.value)
        kept, self.parent = self.parent, site
        key = self._key(node.slice)
        self.parent = kept
        return _call("@item", site, owner, key, at=node)

    def _key(self, node: ast.expr) -> ast.expr:
        """Rewrite a subscript: a slice becomes the object that it stands for, constants are not recorded."""
        if isinstance(node, ast.Slice):
            parts = [
                ast.Constant(None) if one is None else self._key(one) for one in (node.lower, node.upper, node.step)
            ]
            return ast.copy_location(ast.Call(_load("@slice", node), parts, []), node)
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
        return node if quiet else _call("@seen", site, node, at=node)

    def _callee(self, site: int, node: ast.expr) -> ast.expr:
        """Rewrite what is called: a method is no number, the object it belongs to may be one.

        What is called in torch, or has a method called, may be a module with parameters that no expression names.
        """
        if not isinstance(node, ast.Attribute):
            written = self._inside(site, node)
            return _call("@called", site, written, at=node) if self.torch and written is not node else written
        if self._is_module(node.value):
            return node
        myself = isinstance(node.value, ast.Name) and node.value.id == MYSELF
        node.value = self._inside(site, node.value)
        if not self.torch:
            return node
        if not myself:
            node.value = _call("@called", site, node.value, at=node)
        return _call("@called", site, node, at=node)

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
        self._defaults(node)
        kept = self.scope
        self.scope = scope_of(node, self.scope.inside("<lambda>"), self.scope)
        node.body = self.expr(node.body)
        self.scope = kept
        return node

    def expr_ListComp(self, node: ast.ListComp) -> ast.expr:
        site = self._site("operation", node)
        return _call("@seen", site, self._comprehension(site, node, "elt"), at=node)

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
        return _call("@each", loop, iterable, at=iterable)

    # ---- helpers ------------------------------------------------------------------------------------

    def _site(self, kind: SiteKind, node: ast.expr | ast.arg, name: str | None = None) -> int:
        if name is None and kind in {"name", "attribute", "item"}:
            name = self.sites.text(node)
        home: Scope | None = None
        if kind == "argument" or isinstance(node, ast.Name):
            home = self.scope.home(node.id if isinstance(node, ast.Name) else cast("ast.arg", node).arg)
        return self.sites.add(
            kind, node, name or "", self.function.text, self.parent, self.statement, home if name else None
        )

    def _mangled(self, name: str) -> str:
        """``__w`` in a class Net is ``_Net__w``."""
        private = name.startswith("__") and not name.endswith("__")
        owner = self.class_name.lstrip("_")
        return f"_{owner}{name}" if private and owner else name

    def _is_module(self, node: ast.expr) -> bool:
        """np in np.pi: a name that no value was ever bound to."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id not in self.values


_KINDS: dict[type[ast.expr], SiteKind] = {ast.Name: "name", ast.Attribute: "attribute", ast.Subscript: "item"}

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


def _load(name: str, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def _call(function: str, number: int, *given: ast.expr, at: ast.AST) -> ast.expr:
    """Call a recording function with the number of a site or of a loop."""
    arguments: list[ast.expr] = [ast.copy_location(ast.Constant(number), at), *given]
    return ast.copy_location(ast.Call(_load(function, at), arguments, []), at)


def _told(function: str, site: int, value: ast.expr | None, at: ast.AST) -> ast.stmt:
    given = () if value is None else (value,)
    return ast.copy_location(ast.Expr(_call(function, site, *given, at=at)), at)


def _is_generator(node: ast.FunctionDef) -> bool:
    """Whether a function yields, nested functions aside."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(inner))
    return False
