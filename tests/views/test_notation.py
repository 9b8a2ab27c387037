from decimal import Decimal
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlight.views.text.notation import DIGITS, Notation, notations, short

numbers = st.floats(allow_nan=True, allow_infinity=True)
columns_of_numbers = st.lists(st.lists(numbers, min_size=1, max_size=6), min_size=1, max_size=5)


@given(columns_of_numbers)
def test_what_is_written_is_the_number_rounded_at_the_last_digit(many):
    for values, how in zip(many, notations(many, 8), strict=True):
        for value in values:
            written = how.write(value)
            if not isfinite(value):
                assert written == str(value)
                continue
            shown = Decimal(written.strip())
            half = Decimal(5).scaleb(shown.as_tuple().exponent - 1)
            assert value == 0 or abs(shown - Decimal(value)) <= half


@given(columns_of_numbers)
def test_every_number_that_is_not_zero_keeps_at_least_two_digits(many):
    # 8 digits less the 2 a column may give up to look like its neighbours, less the 4 decades it may span
    for values, how in zip(many, notations(many, 8), strict=True):
        for value in values:
            if value != 0 and isfinite(value):
                assert len(Decimal(how.write(value)).as_tuple().digits) >= 2


@given(columns_of_numbers)
def test_the_largest_number_of_a_column_has_at_least_six_digits(many):
    for values, how in zip(many, notations(many, 8), strict=True):
        sizes = [abs(value) for value in values if value != 0 and isfinite(value)]
        if sizes:
            assert len(Decimal(how.write(max(sizes))).as_tuple().digits) >= 6


def test_only_an_exact_zero_is_written_as_a_bare_zero():
    how = Notation("f", 8)
    assert [how.write(value).strip() for value in (0.0, -0.0, 1e-12)] == ["0", "-0", "0.00000000"]


def test_a_zero_stands_where_the_other_whole_digits_stand():
    how = Notation("f", 3)
    assert how.write(0.0).index("0") == how.write(0.125).index("0")
    assert len(how.write(0.0)) == len(how.write(0.125))


def test_what_is_not_finite_is_named():
    assert [Notation("f", 3).write(value) for value in (nan, inf, -inf)] == ["nan", "inf", "-inf"]


def test_a_column_that_spans_many_decades_has_exponents():
    assert [how.kind for how in notations([[1.0, 1e-5], [1.0, 0.5]], 8)] == ["e", "f"]


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_digits_shown_are_fewer_than_the_digits_a_precision_has(precision):
    assert DIGITS[precision] <= np.finfo(precision).precision + 1


@pytest.mark.parametrize("text", ["0.2", "-0.4", "1e-09", "12345678", "0", "-0", "nan", "inf"])
def test_a_short_number_is_written_as_short_as_it_was(text):
    assert short(float(text)) == text


def test_a_float32_is_not_shown_with_digits_it_does_not_have():
    assert short(float(np.float32(0.1)), DIGITS["float32"]) == "0.1"
