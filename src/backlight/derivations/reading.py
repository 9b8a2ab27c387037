"""What does the formula of a record say? Reads the language that `recipes/functions` is written in.

A product is written by standing side by side, a power with ^, a function of one thing without parentheses;
`sum_k` adds up what is multiplied with it, names that end with _k belong to unit k, (i = j) is 1 or 0, and
definitions may follow: ", e = a - y" or "with s = ...". `text` prints this same language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlight.derivations.expression import (
    Choice,
    Expression,
    Function,
    Number,
    Over,
    Power,
    Symbol,
    replaced,
)
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTIONS = {"exp", "log", "sqrt", "erfc", "max", "sign", *ACTIVATIONS}
RELATIONS = {">", "<", ">=", "<=", "="}
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z][\w@']*|[<>]=|\S)")
_DEFINITION = re.compile(r"(?: with |, )(?=\w+(?:\(\w+\))? = )")


@dataclass(frozen=True)
class Said:
    """What a record's text says: the formula, and what its definitions gave a name."""

    formula: Expression
    definitions: Mapping[str, Expression] = field(default_factory=dict)


def said(text: str, known: Mapping[str, Expression] | None = None) -> Said:
    """Read a text "left = formula", with definitions behind it or known from another text.

    Examples
    --------
    >>> said("da/dz = 1 - a^2").formula == 1 - Symbol("a") ** 2
    True
    >>> said("L = 1/2 e, e = a - y").formula == Number(1) / 2 * (Symbol("a") - Symbol("y"))
    True
    """
    whole, *more = _DEFINITION.split(text)
    definitions = dict(known or {})
    for definition in more:
        name, formula = definition.split(" = ", 1)
        definitions[name] = formula_of(formula)
    functions = {name.split("(")[0] for name in definitions if "(" in name}
    return Said(_written_out(formula_of(whole.split(" = ", 1)[1], functions), definitions), definitions)


def formula_of(text: str, functions: set[str] | None = None) -> Expression:
    """Read a formula.

    Parameters
    ----------
    text : str
    functions : set of str, optional
        Names that are functions here, beside those that always are.

    Raises
    ------
    ValueError
        The text is no formula: it says what was wanted, and what stood there.
    """
    reader = _Reader([*_TOKEN.findall(text), ""], FUNCTIONS | (functions or set()))
    formula = reader.choice()
    reader.take("")
    return formula


def _written_out(formula: Expression, definitions: Mapping[str, Expression]) -> Expression:
    """The formula without the defined names: e_k is a_k - y_k where e = a - y, s and Phi(z) are what they stand for."""

    def rule(part: Expression) -> Expression | None:
        if isinstance(part, Function) and len(part.parts) == 1 and isinstance(part.parts[0], Symbol):
            return definitions.get(f"{part.name}({part.parts[0].name})")
        if isinstance(part, Symbol):
            name, _, index = part.name.partition("_")
            meaning = definitions.get(name)
            if meaning is None or isinstance(meaning, Function):  # p = softmax(a) keeps its name
                return None
            return replaced(meaning, lambda one: _with_index(one, index))
        return None

    return replaced(formula, rule)


def _with_index(part: Expression, index: str) -> Expression | None:
    """The name of one unit's value."""
    return Symbol(f"{part.name}_{index}") if isinstance(part, Symbol) and index else None


class _Reader:
    """Goes through the tokens once; each method reads one kind of thing."""

    def __init__(self, tokens: list[str], functions: set[str]) -> None:
        self.tokens, self.at, self.functions = tokens, 0, functions

    @property
    def next(self) -> str:
        return self.tokens[self.at]

    def take(self, *wanted: str) -> str:
        """Go on by one token, which is what is wanted."""
        token = self.next
        if wanted and token not in wanted:
            message = f"{' or '.join(wanted) or 'the end'} is wanted, not {token!r}"
            raise ValueError(message)
        self.at += 1
        return token

    def choice(self) -> Expression:
        """`then if left > right else otherwise`, or a plain sum."""
        then = self.sum()
        if self.next != "if":
            return then
        self.take("if")
        left, relation, right = self.sum(), self.take(*RELATIONS), self.sum()
        self.take("else")
        return Choice((left, right, then, self.choice()), relation)

    def sum(self) -> Expression:
        total: Expression | None = None
        while total is None or self.next in {"+", "-"}:
            sign = self.take() if self.next in {"+", "-"} else "+"
            term = -self.product() if sign == "-" else self.product()
            total = term if total is None else total + term
        return total

    def product(self) -> Expression:
        whole = self.power()
        while True:
            if self.next == "/":
                self.take()
                whole = whole / self.power()
            elif self.starts_a_factor():
                whole = whole * self.power()
            else:
                return whole

    def starts_a_factor(self) -> bool:
        return self.next == "(" or (self.next[:1].isalnum() and self.next not in {"if", "else"})

    def power(self) -> Expression:
        base = self.atom()
        if self.next != "^":
            return base
        self.take("^")
        return Power((base, self.atom()))

    def atom(self) -> Expression:  # noqa: PLR0911  one for each kind
        found = self.take()
        if found == "(":
            return self.parentheses()
        if found == "|":
            inside = self.choice()
            self.take("|")
            return Function((inside,), "abs")
        if found[:1].isdigit():
            return Number(float(found) if "." in found or "e" in found else int(found))
        if found.startswith("sum_"):
            return Over((self.product(),), found.removeprefix("sum_"), 0)
        if found == "pi":
            return Function((), found)
        if found in self.functions:
            return Function(self.arguments(), found)
        if found[:1].isalpha():
            return Symbol(found)
        message = f"a number or a name is wanted, not {found!r}"
        raise ValueError(message)

    def parentheses(self) -> Expression:
        """A formula in parentheses, or (i = j)."""
        inside = self.choice()
        if self.next == "=":
            self.take()
            inside = Function((inside, self.sum()), "same")
        self.take(")")
        return inside

    def arguments(self) -> tuple[Expression, ...]:
        if self.next != "(":
            return (self.power(),)
        self.take("(")
        given = [self.choice()]
        while self.take(",", ")") == ",":
            given.append(self.choice())
        return tuple(given)
