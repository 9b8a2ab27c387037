"""What would an expression give with other numbers in it? Evaluated here, never by the program."""

from __future__ import annotations

import ast
import operator
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.placing.operations import functions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene

    Array = NDArray[np.floating[Any]]
    Put = Mapping[str, Array]

DEEPEST = 6
"""So many functions of the program may be entered in one another."""
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in [
        "add",
        "subtract",
        "multiply",
        "divide",
        "dot",
        "matmul",
        "outer",
        "inner",
        "sum",
        "mean",
        "exp",
        "log",
        "tanh",
        "square",
        "sqrt",
        "abs",
        "maximum",
        "minimum",
        "where",
        "transpose",
        "reshape",
        "ravel",
        "array",
        "asarray",
        "negative",
        "einsum",
        "vstack",
        "hstack",
        "append",
        "sign",
        "diag",
        "tensordot",
        "clip",
        "stack",
        "atleast_2d",
    ]
} | {
    "mul": np.multiply,
    "sub": np.subtract,
    "div": np.divide,
    "mm": np.matmul,
    "mv": np.matmul,
    "t": np.transpose,
    "flatten": np.ravel,
    "view": np.reshape,
    "float": float,
    "item": lambda value: value,
    "copy": lambda value: value,
    "clone": lambda value: value,
    "detach": lambda value: value,
    "astype": lambda value, _kind=None: value,
    "pow": np.power,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "unsqueeze": lambda value, axis=0: np.expand_dims(value, axis),
    "squeeze": np.squeeze,
}
SHAPES = {"reshape", "view"}
RENAMED = {"dim": "axis", "keepdim": "keepdims"}
LIBRARIES = {"np", "numpy", "torch", "math", "F"}


class UnknownError(Exception):
    """What cannot be evaluated here."""


@dataclass(frozen=True)
class Recomputed:
    """The expressions of a program with their numbers."""

    scene: Scene
    trees: dict[int, ast.expr] = field(default_factory=dict)

    def tree(self, site: int) -> ast.expr | None:
        """An expression as a tree; every node has the number of its place, ``site``, -1 where it has none."""
        if site not in self.trees:
            here = self.scene.site(site)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(f"({here.source}\n)", mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            self._number(tree, site)
            self.trees[site] = tree
        return self.trees[site]

    def _number(self, tree: ast.expr, site: int) -> None:
        """Tell every node its place in the source."""
        here = self.scene.site(site)
        lines = f"({here.source}\n)".split("\n")
        by_start: dict[tuple[int, int, str], int] = {}
        for number in (site, *self.scene.timeline.parts(site)):
            one = self.scene.site(number)
            key = one.line, one.column, one.source
            if key not in by_start or len(self.scene.timeline.of_site[number]):
                by_start[key] = number
        text = "\n".join(lines)
        for node in ast.walk(tree):
            number = -1
            if isinstance(node, ast.expr):
                line = node.lineno - 1
                column = len(lines[line].encode()[: node.col_offset].decode(errors="ignore"))
                start = (here.line + line, column - 1 + here.column if line == 0 else column)
                number = by_start.get((*start, ast.get_source_segment(text, node) or ""), -1)
            node.site = number  # type: ignore[attr-defined]
            node.written = ast.unparse(node) if isinstance(node, ast.expr) else ""  # type: ignore[attr-defined]
        tree.site = site  # type: ignore[attr-defined]

    @property
    def functions(self) -> dict[str, ast.FunctionDef | ast.Lambda]:
        """The functions of the program, by their names."""
        return functions_of(self.scene.timeline.observation.program.text)

    def operation(self, node: ast.Call) -> str:
        """The operation that is called, where a function of the program is nothing else; else empty."""
        return self.scene.operations.of(site_of(node)) if site_of(node) >= 0 else ""

    def value(self, node: ast.expr, event: int) -> Array | None:
        """What a part of an expression was when the expression was evaluated; None where that is not known."""
        seen = self.seen(node, event)
        return self.given(node, event, {}) if seen is None and site_of(node) < 0 else seen

    def seen(self, node: ast.expr, event: int) -> Array | None:
        """What a part of an expression showed when the expression was evaluated; None where it was not seen."""
        site = site_of(node)
        if site < 0:
            return None
        is_here = int(self.scene.timeline.observation.site[event]) == site
        last = event if is_here else self.scene.timeline.before(site, event)
        return None if last is None else self.scene.timeline.value(last)

    def given(self, node: ast.expr, event: int, put: Put) -> Array | None:
        """What an expression would be with other numbers for some of its parts; None where that is not known."""
        try:
            with np.errstate(all="ignore"):
                return np.asarray(_Evaluation(self, event, put).visit(node), dtype=float)
        except (UnknownError, ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError):
            return None


@dataclass(frozen=True)
class _Evaluation(ast.NodeVisitor):
    """One evaluation; in a function of the program ``names`` are all the variables there are."""

    recomputed: Recomputed
    event: int
    put: Put
    names: Mapping[str, Any] | None = None
    depth: int = 0

    def visit(self, node: ast.AST) -> Any:  # noqa: ANN401  a number or an array
        """The value of a node: what is put there, what was seen there, else what its parts give."""
        if self.names is None and isinstance(node, ast.expr):
            if written(node) in self.put:
                return self.put[written(node)]
            is_as_it_was = not isinstance(node, ast.Constant) and _texts(node).isdisjoint(self.put)
            seen = self.recomputed.seen(node, self.event) if is_as_it_was else None
            if seen is not None:
                return seen
        return super().visit(node)

    def generic_visit(self, node: ast.AST) -> Any:  # noqa: ANN401  the same
        """What is not known here."""
        raise UnknownError(type(node).__name__)

    def visit_Constant(self, node: ast.Constant) -> Any:  # noqa: ANN401  the same
        """A number that is written there."""
        if not isinstance(node.value, int | float):
            raise UnknownError(node.value)
        return node.value

    def visit_Name(self, node: ast.Name) -> Any:  # noqa: ANN401  the same
        """A variable of a function."""
        if self.names is None or node.id not in self.names:
            raise UnknownError(node.id)
        return self.names[node.id]

    def visit_BinOp(self, node: ast.BinOp) -> Any:  # noqa: ANN401  the same
        """One of the usual operations."""
        return self._operator(node.op)(self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:  # noqa: ANN401  the same
        """A sign."""
        return self._operator(node.op)(self.visit(node.operand))

    def visit_Compare(self, node: ast.Compare) -> Any:  # noqa: ANN401  the same
        """A comparison of two numbers."""
        if len(node.ops) > 1:
            raise UnknownError(node.ops)
        return self._operator(node.ops[0])(self.visit(node.left), self.visit(node.comparators[0]))

    @staticmethod
    def _operator(operation: ast.AST) -> Callable[..., Any]:
        if type(operation) not in OPERATORS:
            raise UnknownError(operation)
        return OPERATORS[type(operation)]

    def visit_IfExp(self, node: ast.IfExp) -> Any:  # noqa: ANN401  the same
        """One of two expressions."""
        return self.visit(node.body if np.all(self.visit(node.test)) else node.orelse)

    def visit_List(self, node: ast.List | ast.Tuple) -> Any:  # noqa: ANN401  the same
        """Numbers or arrays one after the other."""
        return np.array([self.visit(one) for one in node.elts])

    visit_Tuple = visit_List  # noqa: N815  as ast has it

    def visit_Attribute(self, node: ast.Attribute) -> Any:  # noqa: ANN401  the same
        """An array turned."""
        if node.attr != "T":
            raise UnknownError(node.attr)
        return np.transpose(self.visit(node.value))

    def visit_Subscript(self, node: ast.Subscript) -> Any:  # noqa: ANN401  the same
        """An entry or a part of an array."""
        return np.asarray(self.visit(node.value))[self._index(node.slice)]

    def _index(self, node: ast.expr) -> Any:  # noqa: ANN401  an index
        """A subscript of numbers, of variables that count, and of slices."""
        if isinstance(node, ast.Tuple):
            return tuple(self._index(one) for one in node.elts)
        if isinstance(node, ast.Slice):
            return slice(*(None if one is None else self._index(one) for one in (node.lower, node.upper, node.step)))
        if isinstance(node, ast.Attribute) and node.attr == "newaxis":
            return None
        if isinstance(node, ast.Constant):
            return node.value
        number = np.asarray(self.visit(node))
        if number.size > 1 or number != number.astype(int):
            raise UnknownError(node)
        return int(number.item())

    def visit_Call(self, node: ast.Call) -> Any:  # noqa: ANN401  the same
        """A function of the program, or one of a library."""
        name, own = called(node), receiver(node)
        operation = self.recomputed.operation(node)
        if operation:
            return FUNCTIONS[operation](*map(self.visit, node.args))
        if name in self.recomputed.functions and self.depth < DEEPEST:
            return self._entered(self.recomputed.functions[name], [self.visit(one) for one in node.args])
        if name not in FUNCTIONS:
            raise UnknownError(name)
        first = [] if own is None else [self.visit(own)]
        if name in SHAPES and own is not None:
            shape = [_literal(one) for one in node.args]
            return np.reshape(first[0], shape[0] if len(shape) == 1 else shape)
        if name == "einsum":
            return np.einsum(str(_literal(node.args[0])), *map(self.visit, node.args[1:]))
        named = {RENAMED.get(one.arg or "", one.arg or ""): _literal(one.value) for one in node.keywords}
        return FUNCTIONS[name](*first, *map(self.visit, node.args), **named)

    def _entered(self, function: ast.FunctionDef | ast.Lambda, given: list[Any]) -> Any:  # noqa: ANN401  the same
        """What a function of the program gives back, if it is made of assignments and one return."""
        arguments = [one.arg for one in function.args.args if one.arg != "self"]
        if len(given) > len(arguments):
            raise UnknownError(arguments)
        names: dict[str, Any] = dict(zip(arguments, given, strict=False))
        inside = _Evaluation(self.recomputed, self.event, {}, names, self.depth + 1)
        if isinstance(function, ast.Lambda):
            return inside.visit(function.body)
        for statement in function.body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return inside.visit(statement.value)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                names[statement.targets[0].id] = inside.visit(statement.value)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                raise UnknownError(statement)
        raise UnknownError(function)


def _texts(node: ast.expr) -> frozenset[str]:
    """An expression and all its parts as text."""
    found: frozenset[str] | None = getattr(node, "texts", None)
    if found is None:
        found = frozenset(written(one) for one in ast.walk(node) if isinstance(one, ast.expr))
        node.texts = found  # type: ignore[attr-defined]
    return found


def written(node: ast.AST) -> str:
    """An expression as text, always in the same form."""
    return str(getattr(node, "written", "")) or ast.unparse(node)


def site_of(node: ast.expr) -> int:
    """The place of a node in the source, -1 where it has none."""
    return int(getattr(node, "site", -1))


def called(node: ast.Call) -> str:
    """The name of a function or method."""
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def receiver(node: ast.Call) -> ast.expr | None:
    """The array of which a method is called."""
    if not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    return None if re.fullmatch(r"(\w+\.)*\w+", ast.unparse(owner)) and _root(owner) in LIBRARIES else owner


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.expr) -> Any:  # noqa: ANN401  a plain value
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        raise UnknownError from None
