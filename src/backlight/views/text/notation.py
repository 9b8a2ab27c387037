"""How is a number written? As many digits as its precision deserves, and a column all alike.

Nothing is rounded away unseen: an exact zero is written 0, so that 0.00000000 means small; what is not
finite is written nan, inf, -inf; a zero with a sign keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIGITS = {"float64": 8, "float32": 7}
"""Significant digits that are shown; a float32 holds hardly more, a float64 twice as many."""

_SPAN = 1e4
"""Within a column that spans more than this, a fixed number of decimals would hide the small ones."""

_GIVEN_UP = 2
"""So many digits a column may lose to look like its neighbours."""


@dataclass(frozen=True)
class Notation:
    """One way of writing the numbers of a column: `f` with so many decimals, or `e`.

    Examples
    --------
    >>> Notation("f", 3).write(0.20971), Notation("f", 3).write(0.0), Notation("e", 2).write(0.20971)
    ('0.210', '0    ', '2.10e-01')
    """

    kind: str
    decimals: int

    def write(self, value: float) -> str:
        """Write a number; in fixed notation a zero stands where the others have their whole digits."""
        if value == 0:
            return f"{value:.0f}" + " " * (self.decimals + 1 if self.kind == "f" and self.decimals else 0)
        return f"{value:.{self.decimals}{self.kind}}"


def notations(many: Sequence[Iterable[float]], digits: int) -> list[Notation]:
    """Choose how to write columns that stand side by side, alike where that costs at most two digits.

    Examples
    --------
    >>> notations([[0.21, 0.17], [0.0026, -0.0084], [1e-9, 0.2]], 8)
    [Notation(kind='f', decimals=8), Notation(kind='f', decimals=8), Notation(kind='e', decimals=7)]
    """
    chosen = [_notation(values, digits) for values in many]
    fewest = min((one.decimals for one in chosen if one.kind == "f"), default=0)
    return [Notation("f", fewest) if one.kind == "f" and one.decimals - fewest <= _GIVEN_UP else one for one in chosen]


def short(value: float, digits: int = 8) -> str:
    """Write a number that stands alone, without trailing zeros.

    Examples
    --------
    >>> short(0.2), short(0.1 + 0.2), short(-0.0), short(1e-9), short(float("nan"))
    ('0.2', '0.3', '-0', '1e-09', 'nan')
    """
    return f"{value:.{digits}g}"


def _notation(values: Iterable[float], digits: int) -> Notation:
    """Fixed where every number keeps enough digits, else with an exponent."""
    sizes = [abs(value) for value in map(float, values) if value != 0 and isfinite(value)]
    if not sizes:
        return Notation("f", digits)
    decimals = digits - 1 - floor(log10(max(sizes)))
    fixed = 0 <= decimals <= digits + 3 and max(sizes) <= _SPAN * min(sizes)
    return Notation("f", decimals) if fixed else Notation("e", digits - 1)
