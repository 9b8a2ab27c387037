"""What cannot be checked is told in the project's form: whole texts."""

import numpy as np
import pytest

import backlight as bl
from backlight.checks.gradients import GradientError

X = np.array([1.0, 2.0])


def square(x):
    return np.sum(x**2)


def raises(x):
    raise ValueError("x is too square")


def loss(w, x):
    return np.sum(w * x)


FAULTS = {
    "a function that raises": (
        (raises, lambda x: 2 * x, {"x": X}),
        """
raises cannot be called with these arguments   [C-GRADIENT-1]
  got       ValueError: x is too square
  because   it is called as function(*arguments), or with keywords where arguments are a mapping; a gradient with one more parameter gets the cotangent in it
""",
    ),
    "a gradient that raises": (
        (square, raises, {"x": X}),
        """
raises cannot be called with these arguments   [C-GRADIENT-1]
  got       ValueError: x is too square
  because   it is called as function(*arguments), or with keywords where arguments are a mapping; a gradient with one more parameter gets the cotangent in it
""",
    ),
    "integers alone": (
        (square, lambda x: None, {"x": np.array([1, 2])}),
        """
there is no argument to differentiate   [C-GRADIENT-2]
  got       x
  because   only floating-point numbers have derivatives, and the gradient must answer for at least one
  try       arguments=(np.array([0.5, 0.3]), ...)
""",
    ),
    "too few answers": (
        (loss, lambda w, x: w, {"w": X, "x": X}),
        """
the gradient gives 1 answers for 2 arguments   [C-GRADIENT-3]
  got       1
  because   the arguments are w, x; an argument without a derivative has None
  try       return {"w": d_w, "x": d_x}
""",
    ),
    "too many answers": (
        (loss, lambda w, x: (x, w, w), {"w": X, "x": X}),
        """
the gradient gives 3 answers for 2 arguments   [C-GRADIENT-3]
  got       3
  because   the arguments are w, x; an argument without a derivative has None
  try       return {"w": d_w, "x": d_x}
""",
    ),
    "a misspelt answer": (
        (loss, lambda w, x: {"w": x, "X": w}, {"w": X, "x": X}),
        """
the gradient answers for X, and no argument is called so   [C-GRADIENT-3]
  got       "X"
  because   the arguments are w, x
  try       return {"x": ...}
""",
    ),
    "no finite value": (
        (lambda x: np.sum(np.log(x)), lambda x: 1 / x, {"x": np.array([0.0, 1.0])}),
        """
<lambda> gives no finite numbers at these arguments   [C-GRADIENT-4]
  got       np.float64(-inf)
  try       return np.sum((a - y) ** 2)
""",
    ),
    "no numbers": (
        (lambda x: "much", lambda x: x, {"x": X}),
        """
<lambda> gives no finite numbers at these arguments   [C-GRADIENT-4]
  got       'much'
  try       return np.sum((a - y) ** 2)
""",
    ),
    "an answer for integers": (
        (loss, lambda w, x: (x, w), {"w": X, "x": np.array([1, 2])}),
        """
the gradient answers for x, which holds no floating-point numbers   [C-GRADIENT-5]
  got       array([1, 2])
  because   integers cannot be moved a little; an argument without a derivative has None
  try       x = x * 1.0
""",
    ),
    "other numbers each time": (
        (lambda x: np.sum(x) + np.random.default_rng().normal(), np.ones_like, {"x": X}),
        """
<lambda> gives other numbers for the same arguments   [C-GRADIENT-6]
  because   a slope is found from several values of one function; draw random numbers outside of it
  try       rng = np.random.default_rng(0)
""",
    ),
    "nothing to check": (
        (None, square, None),
        """
it is not clear what the gradient is of   [C-GRADIENT-8]
  because   without a recipe there must be a function and its arguments
  try       check_gradients(loss, gradient, {"w": w})
""",
    ),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_checked_is_told(name):
    given, text = FAULTS[name]
    with pytest.raises(GradientError) as caught:
        bl.check_gradients(*given)
    assert str(caught.value) == text.strip("\n")
    assert isinstance(caught.value, bl.BacklightError)


def test_a_recipe_has_no_other_parameters_than_its_own():
    def gradient(W1, W2, W3, x=None):
        return W1, W2

    with pytest.raises(GradientError) as caught:
        bl.check_gradients(None, gradient, recipe="course")
    assert str(caught.value) == (
        """
gradient asks for W3, which the recipe has not   [C-GRADIENT-7]
  got       W3
  because   it can have W1, W2, x, y, by these names
  try       def gradient(W1, W2, x, y): ...
""".strip()
    )


def test_a_recipe_comes_without_a_function_and_arguments():
    for given in ((square, square), (None, None), (None, square, {"x": X})):
        with pytest.raises(GradientError, match="neither a function nor arguments"):
            bl.check_gradients(*given, recipe="course")


def test_a_gradient_of_a_recipe_that_raises_is_told():
    def gradient(W1):
        raise ValueError("no")

    with pytest.raises(GradientError, match="C-GRADIENT-1"):
        bl.check_gradients(None, gradient, recipe="course")
    with pytest.raises(bl.BacklightError, match="R-NAME-1"):
        bl.check_gradients(None, gradient, recipe="curse")
