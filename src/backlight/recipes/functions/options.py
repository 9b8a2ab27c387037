"""An option of an activation, a loss, an optimizer or an initializer: its default and its domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OptionValue = float | bool | str | tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Option:
    """What a recipe may write beside a name.

    ``kind`` says what is written: a number, true or false, a word of ``choices``, or a pair of numbers.
    ``low`` and ``high`` bound every number; ``open_low`` and ``open_high`` exclude the bound itself.
    """

    default: OptionValue
    kind: Literal["number", "flag", "word", "pair"] = "number"
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()
    meaning: str = ""

    def admits(self, number: float) -> bool:
        """Tell whether a number lies in the domain.

        Examples
        --------
        >>> Option(default=0.0, low=0.0, high=1.0, open_high=True).admits(1.0)
        False
        """
        above = self.low is None or (number > self.low if self.open_low else number >= self.low)
        below = self.high is None or (number < self.high if self.open_high else number <= self.high)
        return above and below

    def domain(self) -> str:
        """Write the domain as an interval or a list of words.

        Examples
        --------
        >>> Option(default=0.9, low=0.0, high=1.0, open_high=True).domain()
        '[0, 1)'
        """
        if self.kind == "word":
            return ", ".join(self.choices)
        if self.kind == "flag":
            return "true, false"
        left = "(-inf" if self.low is None else f"{'(' if self.open_low else '['}{self.low:g}"
        right = "inf)" if self.high is None else f"{self.high:g}{')' if self.open_high else ']'}"
        return f"{left}, {right}"
