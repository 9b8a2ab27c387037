"""What is a formula's value? In float64, from the values of the quantities in it; scalars and matrices alike.

This is arithmetic of its own: the formulas of the records, not those of an engine.
"""

from __future__ import annotations

from functools import reduce
from math import erfc, pi
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.derivations.expression import (
    Choice,
    Compound,
    Expression,
    Function,
    Number,
    Over,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    replaced,
)
from backlight.derivations.records import written_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

RELATIONS: dict[str, Callable[[Array, Array], Any]] = {
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
    "=": np.equal,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "pi": lambda: pi,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "max": np.maximum,
    "erfc": np.vectorize(erfc, otypes=[float]),
    "tanh": np.tanh,
    "matmul": np.matmul,
    "transpose": np.transpose,
    "row_sum": lambda matrix: matrix.sum(axis=1, keepdims=True),
    "column_sum": lambda matrix: matrix.sum(axis=0),
    "total": np.sum,
}


def evaluate(expression: Expression, values: Mapping[str, ArrayLike]) -> Array:
    """Compute a formula.

    Parameters
    ----------
    expression : Expression
    values : mapping of str to number or array
        The values of the names in the formula, dimensionless. Where a sum goes over samples (x1@s), those of
        x1, x1@1, x1@2, ... Infinities and NaN follow IEEE 754, but 0 log 0 = 0.

    Returns
    -------
    array of float64, shape as of the values; () for scalars

    Raises
    ------
    KeyError
        A name has no value.

    Examples
    --------
    >>> from backlight.derivations import Symbol
    >>> float(evaluate(Symbol("o1") * (1 - Symbol("o1")), {"o1": 0.25}))
    0.1875
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(expression, values), dtype=float)


def _value(expression: Expression, values: Mapping[str, ArrayLike]) -> Array:
    """The value of a formula."""
    match expression:
        case Number(value):
            return np.asarray(value, dtype=float)
        case Symbol(name):
            return np.asarray(values[name], dtype=float)
        case Over(_, _, _):
            return _added_over_samples(expression, values)
        case Function(_, name) if name not in FUNCTIONS:
            return _value(written_out(expression), values)
        case Compound(parts):
            return _combined(expression, [_value(part, values) for part in parts])
    message = f"no value for {expression!r}"
    raise TypeError(message)


def _combined(expression: Compound, parts: list[Array]) -> Array:
    """What the values of the parts make together."""
    match expression:
        case Sum(_):
            return reduce(np.add, parts)
        case Product(_):
            return reduce(_product, parts)
        case Quotient(_):
            return _quotient(*parts)
        case Power(_):
            return np.power(*parts)
        case Choice(_, relation):
            left, right, then, otherwise = parts
            return np.where(RELATIONS[relation](left, right), then, otherwise)
        case Function(_, name):
            return np.asarray(FUNCTIONS[name](*parts))
    message = f"no value for {expression!r}"
    raise TypeError(message)


def _product(one: Array, other: Array) -> Array:
    """A term with the factor 0 is not there, whatever its logarithm would be."""
    return np.where((one == 0) & np.isinf(other) | (other == 0) & np.isinf(one), 0.0, one * other)


def _quotient(numerator: Array, denominator: Array) -> Array:
    """And so its derivative: 0 where the numerator is 0."""
    return np.where(numerator == 0, 0.0, numerator / denominator)


def _added_over_samples(total: Over, values: Mapping[str, ArrayLike]) -> Array:
    """The body added up for each sample; sample 0 is the name without its end."""
    (body,) = total.parts

    def of(sample: int) -> Expression:
        end = f"@{sample}" if sample else ""
        return replaced(body, lambda part: _renamed(part, f"@{total.index}", end))

    return reduce(np.add, (_value(of(sample), values) for sample in range(total.count)))


def _renamed(part: Expression, end: str, instead: str) -> Symbol | None:
    """A name with another end."""
    if isinstance(part, Symbol) and part.name.endswith(end):
        return Symbol(part.name.removesuffix(end) + instead)
    return None
