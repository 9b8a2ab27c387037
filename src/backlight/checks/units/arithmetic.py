"""What does a piece of source compute, with given values for the names in it? Arithmetic only, nothing is called.

It is read by its syntax: numbers, operators, and the few functions of NumPy and math that a backward pass is written
with. Anything else cannot be read, and of what cannot be read nothing is said.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

Known = Callable[[ast.expr], "Array | None"]
"""Gives the value of what is recognised."""
LARGEST = 1_000_000
"""So many numbers an array may have."""
MODULES = {"np", "numpy", "math", "torch"}
OPERATORS: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.MatMult: np.matmul,
}
NAMED_OPERATORS: dict[str, ast.operator] = {
    "add": ast.Add(),
    "subtract": ast.Sub(),
    "multiply": ast.Mult(),
    "mul": ast.Mult(),
    "divide": ast.Div(),
    "power": ast.Pow(),
    "pow": ast.Pow(),
    "dot": ast.MatMult(),
    "matmul": ast.MatMult(),
}
"""Functions that are an operator by another name."""
COMPARISONS: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": np.abs,
    "sign": np.sign,
    "max": np.maximum,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "erfc": np.vectorize(math.erfc, otypes=[float]),
    "float": lambda number: number,
}
CONSTANTS = {"pi": np.pi, "e": np.e}
SUMS: dict[str, Callable[..., Any]] = {"sum": np.sum, "mean": np.mean}


class UnreadableError(Exception):
    """A piece of source that is not plain arithmetic, or has a name that nobody recognised."""


def value(node: ast.expr, known: Known) -> Array:
    """Compute an expression.

    Parameters
    ----------
    node : ast.expr
    known : callable
        The value of a recognised sub-expression, None for all others.

    Raises
    ------
    UnreadableError
        It is not plain arithmetic of recognised things.
    ValueError
        Shapes do not fit.

    Examples
    --------
    >>> print(value(ast.parse("2 * np.exp(0)", mode="eval").body, lambda node: None))
    2.0
    """
    found = known(node)
    if found is not None:
        return found
    if is_number(node):
        return np.asarray(number(node))
    if is_size(node):
        return np.ones(())
    if (two := operation(node)) is not None:
        operator, left, right = two
        if type(operator) not in OPERATORS:
            raise UnreadableError
        return _limited(OPERATORS[type(operator)](value(left, known), value(right, known)))
    return _other(node, known)


def _other(node: ast.expr, known: Known) -> Array:  # noqa: C901, PLR0911  one for each kind
    """Compute what is no number and no operation with two sides."""
    match node:
        case ast.UnaryOp(ast.USub(), part):
            return np.negative(value(part, known))
        case ast.UnaryOp(ast.UAdd(), part):
            return value(part, known)
        case ast.Compare(left, [comparison], [right]) if type(comparison) in COMPARISONS:
            return np.asarray(COMPARISONS[type(comparison)](value(left, known), value(right, known)), float)
        case ast.IfExp(condition, then, otherwise):
            return np.where(value(condition, known) != 0, value(then, known), value(otherwise, known))
        case ast.Attribute(ast.Name(module), name) if module in MODULES and name in CONSTANTS:
            return np.asarray(CONSTANTS[name])
    if (turned := transposed(node)) is not None:
        return value(turned, known).T
    if (summed := summation(node)) is not None:
        function, part, options = summed
        return np.asarray(SUMS[function](value(part, known), **options))
    if (pair := outer(node)) is not None:
        left_value, right_value = (value(part, known) for part in pair)
        if left_value.size * right_value.size > LARGEST:
            raise UnreadableError
        return np.outer(left_value, right_value)
    function, arguments = called(node)
    if function in FUNCTIONS:
        try:
            return _limited(FUNCTIONS[function](*(value(one, known) for one in arguments)))
        except TypeError:
            raise UnreadableError from None
    raise UnreadableError


def _limited(result: Any) -> Array:  # noqa: ANN401  what NumPy gives
    """A result that is not larger than it may be."""
    array = np.asarray(result, float)
    if array.size > LARGEST:
        raise UnreadableError
    return array


# ---- the syntax, whatever it is written with -------------------------------------------------------------


def is_number(node: ast.expr) -> bool:
    """Whether it is a number as it is written."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def number(node: ast.expr) -> float:
    """The number that is written."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float):
        raise UnreadableError
    try:
        return float(node.value)
    except OverflowError:
        raise UnreadableError from None


def is_size(node: ast.expr) -> bool:
    """Whether it is how many there are of something: len(x), x.shape[0], x.size; which has no dimension."""
    match node:
        case ast.Call(ast.Name("len"), [_], []) | ast.Attribute(_, "size"):
            return True
        case ast.Subscript(ast.Attribute(_, "shape"), ast.Constant() | ast.UnaryOp()):
            return True
    return False


def operation(node: ast.expr) -> tuple[ast.operator, ast.expr, ast.expr] | None:
    """The operator and both sides, of ``a * b`` and of ``np.multiply(a, b)`` or ``a.dot(b)`` alike."""
    if isinstance(node, ast.BinOp):
        return node.op, node.left, node.right
    function, arguments = called(node)
    if function in NAMED_OPERATORS and len(arguments) == 2:  # noqa: PLR2004  two sides
        return NAMED_OPERATORS[function], arguments[0], arguments[1]
    return None


def transposed(node: ast.expr) -> ast.expr | None:
    """What a transpose is the transpose of."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    function, arguments = called(node)
    return arguments[0] if function in {"transpose", "t"} and len(arguments) == 1 else None


def outer(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Both sides of np.outer(a, b)."""
    function, arguments = called(node)
    return (arguments[0], arguments[1]) if function == "outer" and len(arguments) == 2 else None  # noqa: PLR2004


def summation(node: ast.expr) -> tuple[str, ast.expr, dict[str, Any]] | None:
    """Which of sum and mean it is, of what, and along which axis."""
    if not isinstance(node, ast.Call):
        return None
    options = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    plain = ast.Call(node.func, node.args, [])
    function, arguments = called(plain)
    if function not in SUMS or not 1 <= len(arguments) <= 2 or len(options) < len(node.keywords):  # noqa: PLR2004
        return None
    if isinstance(node.func, ast.Name):
        return _of_generator(arguments[0]) if len(arguments) == 1 and not options else None
    if len(arguments) == 2:  # noqa: PLR2004  the axis by its place
        options["axis"] = arguments[1]
    try:
        given = {str(name): ast.literal_eval(option) for name, option in options.items()}
    except ValueError:
        return None
    if not set(given) <= {"axis", "keepdims"} or given.get("axis", 0) not in {0, 1, -1, -2, None}:
        return None
    return function, arguments[0], given | {"keepdims": bool(given.get("keepdims", False))}


def _of_generator(part: ast.expr) -> tuple[str, ast.expr, dict[str, Any]] | None:
    """Python's own sum: of a term for each sample."""
    return ("sum", part.elt, {}) if isinstance(part, ast.GeneratorExp | ast.ListComp) else None


def called(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """A function's name and what it is given; a method's owner is given first. Nothing if it is no such call."""
    match node:
        case ast.Call(ast.Name(name), arguments, []):
            return name, arguments
        case ast.Call(ast.Attribute(ast.Name(module), name), arguments, []) if module in MODULES:
            return name, arguments
        case ast.Call(ast.Attribute(owner, name), arguments, []):
            return name, [owner, *arguments]
    return "", []
