"""What a ball proves: every claim is checked in exact fractions, for balls by chance and for those at the edge."""

from decimal import Decimal
from fractions import Fraction
from math import inf, isnan

import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backlight.engines.exact.proof import DIGITS, NEEDED_BITS, decimal, is_proven, nearest, radius, rounded_up

BITS = 128


@pytest.fixture(autouse=True)
def bits():
    with ctx.workprec(BITS):
        yield


def fraction(number):
    """The value of a ball without radius."""
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def ends(ball):
    middle, spread = fraction(ball.mid()), fraction(ball.rad())
    return middle - spread, middle + spread


def half_a_unit(text):
    """Half a unit in the last place that is written."""
    return Fraction(10) ** Decimal(text).as_tuple().exponent / 2


by_chance = settings(deadline=None, derandomize=True, database=None)
midpoints = st.builds(
    lambda mantissa, exponent: arb((mantissa, exponent)),
    st.integers(-(2**BITS), 2**BITS).filter(bool),
    st.integers(-1300, 1100),
)
balls = (
    st.builds(lambda middle, width: arb(middle, abs(middle) * arb((1, -width))), midpoints, st.integers(-2, BITS))
    | midpoints
)


@by_chance
@given(ball=balls)
def test_every_number_of_a_ball_rounds_to_the_decimal_that_is_written(ball):
    text = decimal(ball)
    assume(text != "nan" and not text.startswith("0e"))
    low, high = ends(ball)
    written = Fraction(Decimal(text))
    assert abs(low - written) <= half_a_unit(text)
    assert abs(high - written) <= half_a_unit(text)


@by_chance
@given(ball=balls)
def test_a_proven_number_has_17_digits_or_is_exactly_a_shorter_one_or_is_0_among_the_floats(ball):
    assume(is_proven(ball))
    written = Decimal(decimal(ball))
    assert (
        len(written.as_tuple().digits) in {DIGITS, DIGITS + 1}
        or Fraction(written) == fraction(ball.mid())
        or max(map(abs, ends(ball))) <= Fraction(2) ** -1075
    )


@by_chance
@given(
    ball=st.builds(
        lambda mantissa, exponent, width: arb((mantissa, exponent), (abs(mantissa) * width, exponent)),
        st.integers(-(2**20), 2**20).filter(bool),
        st.integers(-1300, -40),
        st.integers(1, 9),
    )
)
def test_zeros_are_certain_and_all_that_is_certain(ball):
    text = decimal(ball)
    assert text.startswith("0e-")
    zeros, largest = int(text[3:]), max(map(abs, ends(ball)))
    assert largest < Fraction(10) ** -zeros
    assert largest >= Fraction(10) ** (-zeros - 1) * Fraction(99, 100)  # the bound has a few digits


@by_chance
@given(middle=midpoints)
def test_with_the_bits_that_are_needed_a_number_is_proven_and_with_few_it_is_not(middle):
    assert is_proven(arb(middle, abs(middle) * arb((1, -NEEDED_BITS - 2))))
    coarse = arb(middle, abs(middle) * arb((1, -NEEDED_BITS + 3)))
    assert not is_proven(coarse) or abs(coarse) <= arb((1, -1075))


@by_chance
@given(middle=midpoints)
def test_the_nearest_float_is_the_number_rounded_correctly(middle):
    exact = fraction(middle)
    try:
        rounded = exact.numerator / exact.denominator  # Python rounds a quotient of whole numbers correctly
    except OverflowError:
        rounded = inf if exact > 0 else -inf
    assert nearest(middle) == rounded


@by_chance
@given(ball=balls)
def test_the_truth_is_no_further_from_the_float_than_the_radius_which_is_not_much_larger(ball):
    number = nearest(ball)
    assume(abs(number) < inf)
    farthest = max(abs(end - Fraction(number)) for end in ends(ball))
    size = radius(ball, number)
    assert Fraction(size) >= farthest
    assert Fraction(size) <= farthest * (1 + Fraction(2) ** -20) + Fraction(2) ** -1074


@by_chance
@given(size=midpoints)
def test_a_size_is_rounded_up_and_not_further_than_to_the_next_float(size):
    size = abs(size)
    rounded = rounded_up(size)
    assert rounded == inf or Fraction(rounded) >= fraction(size)
    assert nearest(size) <= rounded


def test_where_17_digits_are_a_tie_18_are_written():
    tie = arb("0.123456789012345675")
    assert not tie.is_exact()
    assert decimal(tie) == "0.123456789012345675"


@pytest.mark.parametrize(
    ("ball", "text"),
    [
        (arb(0), "0"),
        (arb(0.5), "0.5"),
        (arb(-1500), "-1500"),
        (arb(0.1), "0.10000000000000001"),
        (arb(2**70), "1.1805916207174113e+21"),
        (arb(99.975, 0.01), "100"),
        (arb(3, 1e-3), "3.00"),
        (arb(0, 1e-40), "0e-39"),
        (arb(0, 3.0), "nan"),
        (arb(0.5, 0.5), "nan"),
        (arb(0.05, 0.03), "0e-1"),
        (arb((1, -1076), arb((1, -1077))), "0e-323"),
        (arb((1, -(2**53))), "0e-1000000000000000"),
        (arb("inf"), "inf"),
        (-arb("inf"), "-inf"),
        (arb.nan(), "nan"),
        (arb(float("nan")), "nan"),
        (arb(0, inf), "nan"),
    ],
    ids=str,
)
def test_numbers_at_the_edge_are_written_as_what_is_known_of_them(ball, text):
    assert decimal(ball) == text


def test_what_is_no_number_is_not_taken_for_a_proven_one():
    assert not is_proven(arb.nan())
    assert not is_proven(arb(0, inf))
    assert isnan(nearest(arb(0, inf)))
    assert radius(arb(0, inf), 0.0) == inf
    assert radius(arb("inf"), inf) == inf
    assert radius(arb(10) ** 400, inf) == inf


def test_a_decimal_does_not_depend_on_the_precision_in_use_when_it_is_written():
    third = arb(1) / 3
    with ctx.workprec(24):
        assert decimal(third) == "0." + 17 * "3"
