"""A number that keeps the text it was written as.

A recipe says 0.1; a computer computes with the nearest double, which is not 0.1. The exact engine
may start from either, so the text is kept. Nothing here knows what a number is used for.
"""

from __future__ import annotations

from typing import Self


class Number(float):
    """A float64 that remembers its decimal literal.

    Examples
    --------
    >>> Number("0.10").text, Number("0.10") == 0.1, Number(1), Number(0.5).text
    ('0.10', True, 1, '0.5')
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, value: float | str) -> Self:
        """Take a decimal text, or a float whose repr is its text."""
        number = super().__new__(cls, value)
        number.text = value if isinstance(value, str) else value.text if isinstance(value, Number) else repr(value)
        return number

    def __repr__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


def parsed(text: str) -> Number:
    """Make a number of a text in a file, without the plus sign and the underscores that TOML allows.

    Examples
    --------
    >>> parsed("+1_000.50")
    1000.50
    """
    return Number(text.replace("_", "").removeprefix("+"))


def literal(value: float) -> str:
    """Give the text a number was written as; for a plain float its repr, which names the same double."""
    return value.text if isinstance(value, Number) else repr(value)
