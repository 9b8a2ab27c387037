"""What would an expression give with other numbers in it? Evaluated here, never by the program."""

from __future__ import annotations

import ast
import operator
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

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
    for name in (
        "add subtract multiply divide dot matmul outer inner sum mean exp log tanh square sqrt abs maximum minimum where "
        "transpose reshape ravel array asarray negative einsum vstack hstack append sign diag tensordot clip stack atleast_2d"
    ).split()
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
RENAMED = {"dim": "axis", "keepdim": "keepdims"}
LIBRARIES = {"np", "numpy", "torch", "math", "F"}


class UnknownError(Exception):
    """What cannot be evaluated here."""


@dataclass(frozen=True)
class Recomputed:
    """The expressions of a program with their numbers."""

    scene: Scene

    @cached_property
    def trees(self) -> dict[int, ast.expr]:
        """Expressions as trees, by their place in the source."""
        return {}

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

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef | ast.Lambda]:
        """The functions of the program, by their names; those that several have are left out."""
        found: dict[str, Any] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.scene.timeline.observation.program.text)
        except SyntaxError:
            return {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[node.name] = None if node.name in found else node
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                found.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
        return {name: one for name, one in found.items() if one is not None}

    def value(self, node: ast.expr, event: int) -> Array | None:
        """What a part of an expression was when the expression was evaluated; None where it was not seen."""
        site = getattr(node, "site", -1)
        if site >= 0:
            observation = self.scene.timeline.observation
            last = event if int(observation.site[event]) == site else self.scene.timeline.before(site, event)
            return None if last is None else self.scene.timeline.value(last)
        try:
            return np.asarray(self.evaluated(node, event, {}), dtype=float)
        except UnknownError:
            return None

    def given(self, node: ast.expr, event: int, put: Put) -> Array | None:
        """What an expression would be with other numbers for some of its parts; None where that is not known."""
        try:
            with np.errstate(all="ignore"):
                return np.asarray(self.evaluated(node, event, put), dtype=float)
        except (UnknownError, ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError):
            return None

    def evaluated(  # noqa: PLR0911  one for each kind of node
        self, node: ast.AST, event: int, put: Put, names: Mapping[str, Array] | None = None, depth: int = 0
    ) -> Any:  # noqa: ANN401  a number or an array
        """The value of a node; in a function of the program ``names`` are all there is."""
        if names is None and isinstance(node, ast.expr):
            if (mine := written(node)) in put:
                return put[mine]
            if getattr(node, "site", -1) >= 0 and not any(
                isinstance(one, ast.expr) and written(one) in put for one in ast.walk(node)
            ):
                found = self.value(node, event)
                if found is not None:
                    return found
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return node.value
        if isinstance(node, ast.Name) and names is not None and node.id in names:
            return names[node.id]

        def inner(one: ast.AST) -> Any:  # noqa: ANN401  the same
            return self.evaluated(one, event, put, names, depth)

        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](inner(node.left), inner(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](inner(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPERATORS:
            return OPERATORS[type(node.ops[0])](inner(node.left), inner(node.comparators[0]))
        if isinstance(node, ast.IfExp):
            return inner(node.body) if np.all(inner(node.test)) else inner(node.orelse)
        if isinstance(node, ast.List | ast.Tuple):
            return np.array([inner(one) for one in node.elts])
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return np.transpose(inner(node.value))
        if isinstance(node, ast.Subscript):
            return np.asarray(inner(node.value))[_index(node.slice)]
        if isinstance(node, ast.Call):
            return self._called(node, event, put, names, depth)
        raise UnknownError

    def _called(
        self, node: ast.Call, event: int, put: Put, names: Mapping[str, Array] | None, depth: int
    ) -> Any:  # noqa: ANN401  the same
        def inner(one: ast.AST) -> Any:  # noqa: ANN401  the same
            return self.evaluated(one, event, put, names, depth)

        name = called(node)
        if name in self.functions and depth < DEEPEST:
            return self._entered(self.functions[name], [inner(one) for one in node.args], event, depth)
        if name not in FUNCTIONS:
            raise UnknownError
        if name == "einsum":
            pattern = node.args[0]
            if not isinstance(pattern, ast.Constant):
                raise UnknownError
            return np.einsum(str(pattern.value), *(inner(one) for one in node.args[1:]))
        own = receiver(node)
        places = [] if own is None else [inner(own)]
        named = {RENAMED.get(one.arg or "", one.arg or ""): _literal(one.value) for one in node.keywords}
        if name in {"reshape", "view"} and own is not None:
            shape = [_literal(one) for one in node.args]
            return np.reshape(places[0], shape[0] if len(shape) == 1 else shape)
        return FUNCTIONS[name](*places, *(inner(one) for one in node.args), **named)

    def _entered(
        self, function: ast.FunctionDef | ast.Lambda, given: list[Any], event: int, depth: int
    ) -> Any:  # noqa: ANN401  the same
        """What a function of the program gives back, if it is made of assignments and one return."""
        arguments = [one.arg for one in function.args.args if one.arg != "self"]
        names: dict[str, Any] = dict(zip(arguments, given, strict=False))
        if len(given) > len(arguments):
            raise UnknownError
        if isinstance(function, ast.Lambda):
            return self.evaluated(function.body, event, {}, names, depth + 1)
        for statement in function.body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self.evaluated(statement.value, event, {}, names, depth + 1)
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                raise UnknownError
            names[statement.targets[0].id] = self.evaluated(statement.value, event, {}, names, depth + 1)
        raise UnknownError


def written(node: ast.AST) -> str:
    """An expression as text, always in the same form."""
    return getattr(node, "written", "") or ast.unparse(node)


def called(node: ast.Call) -> str:
    """The name of a function or method."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


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


def _index(node: ast.expr) -> Any:  # noqa: ANN401  an index
    """A subscript of numbers and slices."""
    if isinstance(node, ast.Tuple):
        return tuple(_index(one) for one in node.elts)
    if isinstance(node, ast.Slice):
        return slice(*(None if one is None else _literal(one) for one in (node.lower, node.upper, node.step)))
    if isinstance(node, ast.Attribute) and node.attr == "newaxis":
        return None
    return _literal(node)
