"""How is a formula written for a reader? In the language of `recipes/functions`: o1 (1 - o1), 1/2 (o1 - y1)^2.

What is printed is read back as the same formula by `reading`, but for matrices.
"""

from __future__ import annotations

from backlight.derivations.expression import (
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

CHOICE, SUM, PRODUCT, POWER, ATOM = range(5)
"""How tightly a formula holds together: what holds less than its place asks for stands in parentheses."""


def text(expression: Expression, *, times: str = " ") -> str:
    """Write a formula in plain text.

    Parameters
    ----------
    expression : Expression
    times : str
        What stands between factors; for matrices, whose entries are multiplied one by one, `" * "` is clearer.

    Examples
    --------
    >>> from backlight.derivations import Symbol
    >>> o1, y1 = Symbol("o1"), Symbol("y1")
    >>> print(text((o1 - y1) * o1 * (1 - o1)))
    (o1 - y1) o1 (1 - o1)
    """
    return _written(expression, CHOICE, times)


def number_text(value: float) -> str:
    """The shortest text of a number; whole numbers without a decimal point."""
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def signed_terms(total: Sum) -> list[tuple[str, Expression]]:
    """The terms of a sum, each with the sign in front of it.

    Examples
    --------
    >>> from backlight.derivations import Symbol
    >>> signed_terms(Symbol("o1") - Symbol("y1"))
    [('+', Symbol(name='o1')), ('-', Symbol(name='y1'))]
    """
    return [("-", -term) if is_negative(term) else ("+", term) for term in total.parts]


def _written(expression: Expression, place: int, times: str) -> str:
    """A formula at a place that asks for so much tightness."""
    tightness, written = _parts(expression, times)
    return written if tightness >= place else f"({written})"


def _parts(expression: Expression, times: str) -> tuple[int, str]:  # noqa: C901, PLR0911  one for each kind
    """A formula's own tightness and its text."""

    def at(part: Expression, place: int) -> str:
        return _written(part, place, times)

    match expression:
        case Number(value):
            return (ATOM, number_text(value)) if value >= 0 else (SUM, number_text(value))
        case Symbol(name):
            return ATOM, name
        case Sum(_):
            return SUM, _sum(expression, times)
        case Product(_):
            return _product(expression, times)
        case Quotient((Number(one), Number(other))):
            return PRODUCT, f"{number_text(one)}/{number_text(other)}"
        case Quotient((numerator, denominator)):
            return PRODUCT, f"{at(numerator, PRODUCT)} / {_denominator(denominator, times)}"
        case Power((base, exponent)):
            return POWER, f"{at(base, ATOM)}^{at(exponent, ATOM)}"
        case Function(_, _):
            return _function(expression, times)
        case Choice((left, right, then, otherwise), relation):
            condition = f"{at(left, SUM)} {relation} {at(right, SUM)}"
            return CHOICE, f"{at(then, SUM)} if {condition} else {at(otherwise, CHOICE)}"
        case Over((body,), index, _):
            return SUM, f"sum_{index} {at(body, PRODUCT)}"  # in front of a factor it needs parentheses
    message = f"no text for {expression!r}"
    raise TypeError(message)


def _sum(total: Sum, times: str) -> str:
    """Terms with their signs; no plus in front."""
    written = " ".join(f"{sign} {_written(term, PRODUCT, times)}" for sign, term in signed_terms(total))
    return written.removeprefix("+ ").replace("- ", "-", 1) if written[0] == "-" else written.removeprefix("+ ")


def _product(product: Product, times: str) -> tuple[int, str]:
    """Factors side by side; a minus sign in front makes it a term of a sum."""
    if is_negative(product):
        return SUM, f"-{_written(multiplied(*product.parts[1:]), PRODUCT, times)}"
    first, *middle, last = product.parts
    leading = _written(first, PRODUCT if isinstance(first, Quotient) and _is_fraction(first) else POWER, times)
    ending = _parts(last, times)[1] if isinstance(last, Over) else _factor(last, times)
    return PRODUCT, times.join([leading, *(_factor(part, times) for part in middle), ending])


def _denominator(part: Expression, times: str) -> str:
    """A denominator; what adds up all that follows needs no parentheses where nothing follows."""
    return _parts(part, times)[1] if isinstance(part, Over) else _written(part, POWER, times)


def _is_fraction(quotient: Quotient) -> bool:
    """Whether it is a fraction of numbers, as 1/2."""
    return all(isinstance(part, Number) for part in quotient.parts)


def _factor(part: Expression, times: str) -> str:
    """A factor behind the first; |x| and a number would be misread there."""
    written = _written(part, POWER, times)
    return f"({written})" if written[0] == "|" or written[0].isdigit() else written


def _function(function: Function, times: str) -> tuple[int, str]:
    """f(x), and what has signs of its own: |x|, matrices."""
    parts = function.parts
    match function.name:
        case "abs":
            return ATOM, f"|{text(parts[0], times=times)}|"
        case "same":
            return ATOM, f"({text(parts[0])} = {text(parts[1])})"
        case "matmul":
            return PRODUCT, " @ ".join(_written(part, POWER, times) for part in parts)
        case "pi":
            return ATOM, "pi"
        case "transpose":
            return POWER, f"{_written(parts[0], ATOM, times)}^T"
    return ATOM, f"{function.name}({', '.join(text(part, times=times) for part in parts)})"
