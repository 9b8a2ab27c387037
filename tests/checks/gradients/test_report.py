"""What is shown: whole reports, the message of assert_gradients, and the words for what a wrong gradient looks like."""

import re

import numpy as np
import pytest

import backlight as bl
from backlight.language.widths import columns
from tests.checks.gradients.functions import PROBLEMS, numbers
from tests.language.speech import speaking

W = np.array([[0.5, -1.0], [0.25, 2.0]])


def quadratic(W, b):
    return np.sum((W @ b) ** 2) / 2


def right(W, b):
    return np.outer(W @ b, b), W.T @ W @ b


ARGUMENTS = {"W": W, "b": np.array([1.0, 3.0])}


def test_a_report_of_a_wrong_gradient():
    report = bl.check_gradients(quadratic, lambda W, b: (2 * right(W, b)[0], right(W, b)[1]), ARGUMENTS)
    lines = str(report).splitlines()
    assert lines[0] == "WRONG: W"
    assert re.fullmatch(r"  argument  shape   verdict  furthest off +errors ruled out", lines[2])
    assert re.fullmatch(r"  W         \(2, 2\)  WRONG    .*e\+1\d radii", lines[3])
    assert re.fullmatch(r"  b         \(2,\)    right    within 1 radius +above 1e-14", lines[4])
    assert lines[6] == "W at your point"
    assert re.fullmatch(r" +yours  truth  relative +ulp +radii", lines[7])
    assert re.fullmatch(r"  W\[0,0\] +-5 +-2.5 +1  5.6e\+15 .*", lines[8])
    assert lines[12] == "  every number is 2 times the truth"
    assert lines[14] == "your point and 5 probes; truth by complex step; float64"
    assert len(lines) == 15


RIGHT = """
RIGHT: W, b. An error of a thousandth in any number would have shown.

  argument  shape   verdict  furthest off     errors ruled out
  W         (2, 2)  right    within 1 radius  above 1e-14
  b         (2,)    right    within 1 radius  above 1e-14

your point and 5 probes; truth by complex step; float64
"""


def test_a_report_of_a_right_gradient_is_short():
    assert str(bl.check_gradients(quadratic, right, ARGUMENTS)) == RIGHT.strip()


def test_a_report_says_where_it_cannot_tell():
    text = bl.check_gradients(lambda x, y: x**2, lambda x, y: (2 * x, 0.0), {"x": 1.5, "y": 2.0}).text()
    assert text.splitlines()[0] == "CAN'T TELL: y"
    assert "\ny\n  1 of its 1 numbers had nothing to agree on" in text


@pytest.mark.parametrize("name", PROBLEMS)
def test_no_line_is_wider_than_a_terminal(name):
    problem = PROBLEMS[name]
    for gradient in (problem.right, *problem.wrong.values()):
        text = bl.check_gradients(problem.function, gradient, problem.arguments).text()
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_report_in_chinese_has_no_english_in_it_and_fits(name):
    problem = PROBLEMS[name]
    with speaking("zh"):
        for gradient in (problem.right, *problem.wrong.values()):
            text = bl.check_gradients(problem.function, gradient, problem.arguments).text()
            assert max(map(columns, text.splitlines())) <= 80
            assert not re.search(r"your point|probe|complex step|differences|autograd|exact arithmetic", text)


def test_a_report_speaks_chinese_columns_too():
    from backlight.checks.gradients.text import _table

    assert list(_table([["参数", "x"], ["W", "形状"]], "", left=1)) == ["参数     x", "W     形状"]


def test_of_many_numbers_those_that_are_furthest_off_are_shown():
    x = numbers(40, 30)
    report = bl.check_gradients(lambda x: np.sum(x**2), lambda x: 2 * x + 1e-3 * np.arange(30), {"x": x})
    text = report.text()
    assert len(report.arguments[0].entries) == 30
    assert "... and 22 more" in text
    assert "x[29] " in text
    assert "x[1] " not in text


def test_an_output_is_named_where_there_are_several():
    def outputs(x):
        return x[0] * x, x.sum()

    def wrong(x, g, h):
        return g * x[0] + np.array([h, 0.0, h])

    report = bl.check_gradients(outputs, wrong, {"x": np.array([2.0, 3.0, 5.0])})
    named = {one.name: one.output for one in report.arguments[0].entries}
    assert named["x[1]"] == "output 1"
    assert named["x[0]"].startswith("output 0[")
    assert "x[1] of output 1" in report.text()


# ---- assert_gradients ----------------------------------------------------------------------------------


def test_assert_gradients_is_silent_when_all_is_right():
    assert bl.assert_gradients(quadratic, right, ARGUMENTS) is None


def test_its_message_is_the_report():
    def wrong(W, b):
        return right(W, b)[0].T, right(W, b)[1]

    with pytest.raises(AssertionError) as caught:
        bl.assert_gradients(quadratic, wrong, ARGUMENTS)
    assert str(caught.value) == bl.check_gradients(quadratic, wrong, ARGUMENTS).text()
    assert "it is the true gradient, transposed" in str(caught.value)


def test_it_fails_where_it_cannot_tell():
    with pytest.raises(AssertionError, match="CAN'T TELL: y"):
        bl.assert_gradients(lambda x, y: x**2, lambda x, y: (2 * x, 0.0), {"x": 1.5, "y": 2.0})


def test_it_takes_a_recipe_too():
    with pytest.raises(AssertionError, match="WRONG: W1, W2"):
        bl.assert_gradients(None, lambda W1, W2: (W1, W2), recipe="course")


# ---- what it looks like --------------------------------------------------------------------------------

LOOKS = {
    "every number is 0.5 times the truth": lambda W, b: (0.5 * right(W, b)[0], right(W, b)[1]),
    "it is the true gradient with the other sign": lambda W, b: (-right(W, b)[0], right(W, b)[1]),
    "all of its numbers are 0: its gradient is missing": lambda W, b: (0 * W, right(W, b)[1]),
    "it is the true gradient, transposed": lambda W, b: (right(W, b)[0].T, right(W, b)[1]),
    "2 of its 4 numbers are nan at your point": lambda W, b: (right(W, b)[0] * [np.nan, 1], right(W, b)[1]),
    "it is nearly right: so is a difference quotient, a rounded constant, or float32 on the way": lambda W, b: (
        right(W, b)[0] * [1.0001, 1],
        right(W, b)[1],
    ),
}


@pytest.mark.parametrize("words", LOOKS)
def test_what_a_wrong_gradient_looks_like_is_said(words):
    report = bl.check_gradients(quadratic, LOOKS[words], ARGUMENTS)
    assert report.arguments[0].likely == (words,)
    assert report.arguments[1].likely == ()


def test_a_factor_that_is_the_length_of_an_axis_is_told():
    x = numbers(41, 6, 3)
    arguments = {"w": numbers(42, 3), "x": x}
    report = bl.check_gradients(
        lambda w, x: np.mean(np.tanh(x @ w)), lambda w, x: {"w": x.T @ (1 - np.tanh(x @ w) ** 2)}, arguments
    )
    assert report.arguments[0].likely == ("every number is 6 times the truth (axis 0 of x is as long)",)


def test_swapped_gradients_are_told():
    report = bl.check_gradients(
        lambda x, y: np.sum(np.sin(x) * y),
        lambda x, y: (np.sin(x), np.cos(x) * y),
        {"x": numbers(43, 3), "y": numbers(44, 3)},
    )
    assert [one.likely for one in report.arguments] == [
        ("it is the true gradient of y",),
        ("it is the true gradient of x",),
    ]


def test_a_wrong_shape_is_told():
    report = bl.check_gradients(quadratic, lambda W, b: (right(W, b)[0][0], right(W, b)[1]), ARGUMENTS)
    assert report.verdict == "wrong"
    assert report.arguments[0].likely == ("its gradient has shape (2,), and must have (2, 2)",)
    assert "its gradient has shape" in report.text()
