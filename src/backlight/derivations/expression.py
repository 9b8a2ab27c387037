"""What a formula is: an immutable tree of numbers, names, sums, products, quotients, powers and functions.

Trees are written with Python's own operators, so that a derivation in this room reads like the lecture. Only
what is 0 or 1 is simplified away. How a formula looks, and what its value is, is in other files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Expression:
    """A formula; what can be written with any formula is here."""

    def __add__(self, other: Operand) -> Expression:
        return added(self, _expression(other))

    def __radd__(self, other: Operand) -> Expression:
        return added(_expression(other), self)

    def __sub__(self, other: Operand) -> Expression:
        return added(self, -_expression(other))

    def __rsub__(self, other: Operand) -> Expression:
        return added(_expression(other), -self)

    def __mul__(self, other: Operand) -> Expression:
        return multiplied(self, _expression(other))

    def __rmul__(self, other: Operand) -> Expression:
        return multiplied(_expression(other), self)

    def __neg__(self) -> Expression:
        return multiplied(MINUS_ONE, self)

    def __truediv__(self, other: Operand) -> Expression:
        return divided(self, _expression(other))

    def __rtruediv__(self, other: Operand) -> Expression:
        return divided(_expression(other), self)

    def __pow__(self, exponent: Operand) -> Expression:
        return Power((self, _expression(exponent)))

    def __matmul__(self, other: Expression) -> Expression:
        return Function((self, other), "matmul")

    @property
    def T(self) -> Expression:  # noqa: N802  as NumPy calls it
        """The transpose of a matrix."""
        return Function((self,), "transpose")


@dataclass(frozen=True)
class Number(Expression):
    """A number as it is written: 2, 0.01."""

    value: float

    def __neg__(self) -> Number:
        return Number(-self.value)


@dataclass(frozen=True)
class Symbol(Expression):
    """A named quantity: w1, dL_dz_h1, learning_rate."""

    name: str


@dataclass(frozen=True)
class Compound(Expression):
    """A formula that is made of others, its parts."""

    parts: tuple[Expression, ...]

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """The same kind of formula, made of other parts."""
        return replace(self, parts=parts)


@dataclass(frozen=True)
class Sum(Compound):
    """All parts added up; a difference adds a product with -1."""

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Add other parts up."""
        return added(*parts)


@dataclass(frozen=True)
class Product(Compound):
    """All parts multiplied, entry by entry where they are matrices."""

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Multiply other parts."""
        return multiplied(*parts)


@dataclass(frozen=True)
class Quotient(Compound):
    """The first part divided by the second."""

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Divide other parts."""
        return divided(*parts)


@dataclass(frozen=True)
class Power(Compound):
    """The first part to the power of the second."""


@dataclass(frozen=True)
class Function(Compound):
    """A function by its name, of its parts: exp, max, sigmoid, matmul, row_sum."""

    name: str


@dataclass(frozen=True)
class Choice(Compound):
    """Parts (left, right, then, otherwise): `then` where the relation of left and right holds."""

    relation: str


@dataclass(frozen=True)
class Over(Compound):
    """The one part added up for index = 0 .. count - 1; names in it end with the index, as x1@s or a_k."""

    index: str
    count: int


Operand = Expression | float
ZERO, ONE, MINUS_ONE = Number(0), Number(1), Number(-1)


def _expression(operand: Operand) -> Expression:
    """A plain number may stand beside an expression."""
    return operand if isinstance(operand, Expression) else Number(operand)


def added(*terms: Expression) -> Expression:
    """Add terms up, without those that are 0."""
    flat = [part for term in terms for part in (term.parts if isinstance(term, Sum) else (term,)) if part != ZERO]
    return Sum(tuple(flat)) if len(flat) > 1 else (flat or [ZERO])[0]


def multiplied(*factors: Expression) -> Expression:
    """Multiply factors, without those that are 1; one sign in front at most."""
    flat = [part for factor in factors for part in (factor.parts if isinstance(factor, Product) else (factor,))]
    if ZERO in flat:
        return ZERO
    sign = (MINUS_ONE,) * (flat.count(MINUS_ONE) % 2)
    rest = (*sign, *(part for part in flat if part not in {ONE, MINUS_ONE}))
    return Product(rest) if len(rest) > 1 else (rest or (ONE,))[0]


def divided(numerator: Expression, denominator: Expression) -> Expression:
    """Divide, unless it is by 1; a minus sign stands in front of the whole quotient."""
    if is_negative(numerator):
        return -divided(-numerator, denominator)
    return numerator if denominator == ONE else Quotient((numerator, denominator))


def is_negative(expression: Expression) -> bool:
    """Whether a minus sign stands in front."""
    if isinstance(expression, Number):
        return expression.value < 0
    return isinstance(expression, Product) and expression.parts[0] == MINUS_ONE


def replaced(expression: Expression, rule: Callable[[Expression], Expression | None]) -> Expression:
    """Rebuild a formula; where the rule gives something, that stands instead, and is not looked into.

    Examples
    --------
    >>> h1 = Symbol("h1")
    >>> replaced(h1 * (2 - h1), {h1: Number(1)}.get)
    Sum(parts=(Number(value=2), Number(value=-1)))
    """
    instead = rule(expression)
    if instead is not None:
        return instead
    if isinstance(expression, Compound):
        return expression.with_parts(tuple(replaced(part, rule) for part in expression.parts))
    return expression


def every_part(expression: Expression) -> Iterator[Expression]:
    """Go through a formula and all that it is made of, the whole first."""
    yield expression
    if isinstance(expression, Compound):
        for part in expression.parts:
            yield from every_part(part)


def names(expression: Expression) -> frozenset[str]:
    """Names of the quantities that a formula needs.

    Examples
    --------
    >>> sorted(names(Symbol("o1") - Symbol("y1")))
    ['o1', 'y1']
    """
    return frozenset(part.name for part in every_part(expression) if isinstance(part, Symbol))
