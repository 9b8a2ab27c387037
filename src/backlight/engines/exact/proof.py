"""What a ball proves: a float64, how far it may be from the truth, and decimals none of which can be wrong.

A ball is proven when 17 significant digits of its number are certain, or when it is so close around 0 that
no float64 but 0 is nearer. No quantity of a network is known here.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from math import inf, nan, nextafter

from flint import arb

from backlight.engines.exact.balls import SMALLEST

DIGITS = 17
"""As many as tell every float64 from its neighbours."""
NEEDED_BITS = 70
"""Relative accuracy that proves 17 digits, or 18.

A ball then is 2^-70 of its number wide, and 17 digits are 10^-17 of it, a thousand times as much. Only when a tie
of 17 digits lies inside the ball their rounding is open; but a tie of 17 digits has 18 of them, the last a 5,
and the nearest tie of 18 digits is hundreds of balls away, so that 18 digits are certain.
"""
TINY = arb((1, -1075))
"""Half the smallest float64: what is smaller rounds to 0."""
GUARD_DIGITS = 8
"""Digits beyond those that are written, so that turning a ball into decimals does not widen it noticeably."""
_EXACTLY, *_CERTAIN_DIGITS = (
    Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    for digits in (10 * DIGITS, DIGITS, DIGITS + 1, *range(DIGITS - 1, 0, -1))
)


def is_proven(ball: arb) -> bool:
    """Whether 17 digits of a number are certain, or that no float64 but 0 is nearer, or that it is no number."""
    return ball.rel_accuracy_bits() >= NEEDED_BITS or ball.is_exact() or abs(ball) <= TINY


def nearest(ball: arb) -> float:
    """The float64 nearest to the midpoint: of a proven ball the true number rounded correctly.

    Correctly unless a tie between two float64 is inside the ball, which leaves either. A number beyond the
    float64 is infinite, and NaN is what is no number or not known to be one.

    Examples
    --------
    >>> nearest(arb(1) / 3), nearest(arb(10) ** 400), nearest(arb.nan())
    (0.3333333333333333, inf, nan)
    """
    return float(ball) if ball.is_finite() or ball.is_exact() else nan


def radius(ball: arb, number: float) -> float:
    """How far the truth may be from a float64, rounded up: |truth - number| <= radius.

    Examples
    --------
    >>> radius(arb(1) / 3, 1 / 3) <= 2.0**-54, radius(arb(0.5), 0.5)
    (True, 0.0)
    """
    return rounded_up((ball - number).abs_upper()) if ball.is_finite() else inf


def rounded_up(size: arb) -> float:
    """The smallest float64 that is not below a number without radius; infinity for none."""
    if not size.is_finite():
        return inf
    rounded = float(size)
    return rounded if rounded >= size else nextafter(rounded, inf)


def decimal(ball: arb) -> str:
    """Write the number inside a ball with the digits that are certain, at most 17 (18 where the 18th is a 5).

    Each digit is right: every number in the ball rounds to this decimal. Zeros at the end are proven digits;
    a number that is exactly a short decimal is written short. ``0`` is exactly zero, and ``0e-324`` says
    that 324 decimals are zero and no more is known. ``inf`` and ``nan`` are no real numbers, and ``nan`` is
    also what no digit is proven of.

    Examples
    --------
    >>> from flint import ctx
    >>> with ctx.workprec(128):
    ...     decimal(arb(1) / 3), decimal(arb("0.1")), decimal(arb("0.5")), decimal(arb(10) ** 400)
    ('0.33333333333333333', '0.10000000000000000', '0.5', '1.0000000000000000e+400')
    >>> decimal(arb(2, 1e-4)), decimal(arb(0, 1e-40)), decimal(arb(0, 2)), decimal(arb(0))
    ('2.000', '0e-39', 'nan', '0')
    """
    if not ball.is_finite():
        return str(float(ball)) if ball.is_exact() else "nan"
    if ball.is_zero():
        return "0"
    if abs(ball) < SMALLEST:
        return "0e-1000000000000000"
    middle, spread, power = (int(part) for part in ball.mid_rad_10exp(DIGITS + GUARD_DIGITS))
    low, high = (Decimal(end).scaleb(power, _EXACTLY) for end in (middle - spread, middle + spread))
    if spread < abs(middle):
        for certain in _CERTAIN_DIGITS:
            if (rounded := certain.plus(low)) == certain.plus(high):
                return _short(rounded) if rounded == low == high else str(rounded).lower()
    zeros = -1 - max(low.adjusted(), high.adjusted())
    return f"0e-{zeros}" if zeros > 0 else "nan"


def _short(number: Decimal) -> str:
    """Write an exact decimal without the zeros at its end."""
    number = number.normalize(_EXACTLY)
    return f"{number:f}" if abs(number.adjusted()) < DIGITS else str(number).lower()
