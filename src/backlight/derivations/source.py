"""How is a formula written in Python, with the names of somebody's program?

`dL_dz_o1 * w5 + dL_dz_o2 * w6`: with `math` for scalars, with `np` or `torch` for arrays.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.derivations.expression import (
    ONE,
    ZERO,
    Choice,
    Expression,
    Function,
    Number,
    Over,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    is_negative,
    multiplied,
)
from backlight.derivations.records import written_out
from backlight.derivations.text import number_text, signed_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOSE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)
"""How tightly Python's operators hold, as far as it is needed."""

_ANYWHERE = {
    "pi": "{module}.pi",
    "sqrt": "({0}) ** 0.5",
    "abs": "abs({0})",
    "row_sum": "({0}).sum(axis=1, keepdims=True)",
    "column_sum": "({0}).sum(axis=0)",
    "column_sum_kept": "({0}).sum(axis=0, keepdims=True)",
    "total": "({0}).sum()",
}
_OF_ARRAYS = _ANYWHERE | {name: f"{{module}}.{name}({{0}})" for name in ("exp", "log", "tanh", "sign")}
_WRITTEN: dict[str, dict[str, str]] = {
    "math": _ANYWHERE
    | {name: f"math.{name}({{0}})" for name in ("exp", "log", "tanh", "erfc")}
    | {"max": "max({0}, {1})", "sign": "(({0} > 0) - ({0} < 0))", "where": "({1} if {0} else {2})"},
    "np": _OF_ARRAYS
    | {"max": "{module}.maximum({0}, {1})", "erfc": "{module}.vectorize(math.erfc)({0})"}
    | {"where": "{module}.where({0}, {1}, {2})"},
    "torch": _OF_ARRAYS
    | {"max": "{module}.clamp({0}, min={1})", "erfc": "{module}.erfc({0})"}
    | {"where": "{module}.where({0}, {1}, {2})"},
}
"""What Python calls each function; {0}, {1} are its arguments."""


def source(
    expression: Expression,
    names: Mapping[str, str] | None = None,
    *,
    functions: Mapping[str, str] | None = None,
    module: str = "math",
) -> str:
    """Write a formula as a Python expression.

    Parameters
    ----------
    expression : Expression
    names : mapping of str to str, optional
        What the program calls each quantity: any Python expression. A name with ^T behind it is its transpose:
        ``{"W1^T": "W1"}`` where the program's W1 has a row for each unit. Other quantities keep their names.
    functions : mapping of str to str, optional
        What the program calls a function: ``{"sigmoid": "self.f"}``. An activation that it does not have is
        written out by its formula.
    module : str
        Where exp and log come from: ``math`` for scalars, ``torch`` for tensors; any other is NumPy by that name.

    Examples
    --------
    >>> from backlight.derivations import Symbol
    >>> delta = Symbol("dL_do1") * Symbol("o1") * (1 - Symbol("o1"))
    >>> print(source(delta, {"dL_do1": "out - y", "o1": "out"}))
    (out - y) * out * (1 - out)
    >>> print(source(Symbol("x").T @ Symbol("dL_dz1"), {"x": "X", "dL_dz1^T": "delta"}, module="np"))
    X.T @ delta.T
    """
    return _Writer(names or {}, functions or {}, module)(expression, LOOSE)


@dataclass(frozen=True)
class _Writer:
    """Writes a formula at a place that asks for so much tightness, with the names in use."""

    names: Mapping[str, str]
    functions: Mapping[str, str]
    module: str

    def __call__(self, expression: Expression, place: int) -> str:
        tightness, written = self.parts(expression)
        return written if tightness >= place else f"({written})"

    def parts(self, expression: Expression) -> tuple[int, str]:  # noqa: C901, PLR0911  one for each kind
        """A formula's own tightness and its text."""
        match expression:
            case Number(value):
                return (ATOM if value >= 0 else SIGN), number_text(value)
            case Symbol(name) | Function((Symbol(name),), "transpose"):
                written = self.name(name if isinstance(expression, Symbol) else f"{name}^T")
                return _tightness(written), written
            case Sum(_):
                return SUM, self.sum(expression)
            case Product((_, *rest)) if is_negative(expression):
                return PRODUCT, f"-{self(multiplied(*rest), PRODUCT)}"
            case Product((first, *rest)):
                return PRODUCT, " * ".join([self(first, PRODUCT), *(self(part, SIGN) for part in rest)])
            case Quotient((numerator, denominator)):
                return PRODUCT, f"{self(numerator, PRODUCT)} / {self(denominator, SIGN)}"
            case Power((base, exponent)):
                return POWER, f"{self(base, ATOM)} ** {self(exponent, POWER)}"
            case Over((body,), index, count):
                return ATOM, f"sum({self(body, LOOSE)} for {index} in range({count}))"
            case Choice((_, _, then, otherwise), _):
                return ATOM, self.choice(expression, then, otherwise)
            case Function(_, _):
                return self.function(expression)
        message = f"no source for {expression!r}"
        raise TypeError(message)

    def name(self, name: str) -> str:
        """What the program calls a quantity or its transpose; the transpose of what it calls the other one."""
        if name in self.names:
            return self.names[name]
        is_transpose = name.endswith("^T")
        other = name.removesuffix("^T") if is_transpose else f"{name}^T"
        if other in self.names or is_transpose:
            called = self.names.get(other, other)
            return called.removesuffix(".T") if called.endswith(".T") else f"{_in_parentheses(called)}.T"
        return name

    def sum(self, total: Sum) -> str:
        """Terms with their signs; no plus in front."""
        (sign, first), *rest = signed_terms(total)
        leading = self(first, PRODUCT) if sign == "+" else f"-{self(first, PRODUCT)}"
        return " ".join([leading, *(f"{sign} {self(term, PRODUCT)}" for sign, term in rest)])

    def choice(self, choice: Choice, then: Expression, otherwise: Expression) -> str:
        """A choice between two values; of 1 and 0 the condition alone, which counts as them."""
        left, right = (self(side, SUM) for side in choice.parts[:2])
        condition = f"{left} {'==' if choice.relation == '=' else choice.relation} {right}"
        if (then, otherwise) == (ONE, ZERO):
            return f"({condition})"
        values = self(then, LOOSE), self(otherwise, LOOSE)
        if self.module == "torch" and isinstance(then, Number):  # torch.where makes float32 of two plain numbers
            return f"torch.full_like({left}, {values[0]}).where({condition}, {values[1]})"
        return self.filled("where", condition, *values)

    def function(self, function: Function) -> tuple[int, str]:
        """A function by the program's name for it, by Python's, or by its formula."""
        arguments = [self(part, LOOSE) for part in function.parts]
        if function.name in self.functions:
            return ATOM, f"{self.functions[function.name]}({', '.join(arguments)})"
        if function.name == "matmul":
            left, right = function.parts
            return PRODUCT, f"{self(left, PRODUCT)} @ {self(right, SIGN)}"
        if function.name in _WRITTEN.get(self.module, _WRITTEN["np"]):
            return (POWER if function.name == "sqrt" else ATOM), self.filled(function.name, *arguments)
        return self.parts(written_out(function))

    def filled(self, name: str, *arguments: str) -> str:
        """A function's text with its arguments; parentheses that are not needed are left out."""
        template = _WRITTEN.get(self.module, _WRITTEN["np"])[name]
        if template.startswith("({0})"):
            template, arguments = template.replace("({0})", "{0}", 1), (_in_parentheses(arguments[0]),)
        return template.format(*arguments, module=self.module)


def _tightness(written: str) -> int:
    """How tightly a piece of the program holds together."""
    match ast.parse(written, mode="eval").body:
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() | ast.Constant():
            return ATOM
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return SUM
        case ast.BinOp(op=ast.Mult() | ast.Div() | ast.MatMult()):
            return PRODUCT
        case _:
            return LOOSE


def _in_parentheses(written: str) -> str:
    """A piece of source that anything may be applied to."""
    return written if _tightness(written) == ATOM else f"({written})"
