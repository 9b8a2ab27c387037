"""Right gradients are not accused, wrong ones are found: every function of the lists, every way to get it wrong."""

import numpy as np
import pytest

import backlight as bl
from tests.checks.gradients.edges import EDGES
from tests.checks.gradients.functions import PROBLEMS

ALL = PROBLEMS | EDGES
WRONG = [(name, mistake) for name, problem in ALL.items() for mistake in problem.wrong]


def checked(name, gradient, **options):
    return bl.check_gradients(ALL[name].function, gradient, ALL[name].arguments, **options)


@pytest.mark.parametrize("name", ALL)
def test_a_right_gradient_is_right(name):
    report = checked(name, ALL[name].right)
    assert report.verdict == "right", report.text()
    assert all(argument.power <= 1e-4 for argument in report.arguments)


@pytest.mark.parametrize("name", ALL)
def test_a_right_gradient_is_never_wrong_at_the_given_point_alone(name):
    assert checked(name, ALL[name].right, probes=False).verdict != "wrong"


@pytest.mark.parametrize(("name", "mistake"), WRONG)
def test_a_wrong_gradient_is_found(name, mistake):
    report = checked(name, ALL[name].wrong[mistake])
    assert report.verdict == "wrong"
    assert any(argument.verdict == "wrong" for argument in report.arguments)


def test_there_are_many_kinds_of_mistakes():
    assert len(WRONG) > 90


def test_only_the_argument_with_the_mistake_is_called_wrong():
    report = checked("attention", PROBLEMS["attention"].wrong["without the scale"])
    assert {one.name: one.verdict for one in report.arguments} == {"q": "wrong", "k": "wrong", "v": "right"}
    report = checked("the exercise", PROBLEMS["the exercise"].wrong["derivative of wrong unit"])
    assert {one.name: one.verdict for one in report.arguments} == {"W1": "wrong", "W2": "right"}


def test_every_number_stands_beside_the_truth_in_all_units():
    report = bl.check_gradients(lambda w: np.sum(w**2), lambda w: 2 * w * [1.0, 1.5], {"w": np.array([3.0, 0.25])})
    right, wrong = report.arguments[0].entries
    assert (right.name, right.yours, right.radii <= 1) == ("w[0]", 6.0, True)
    assert (wrong.name, wrong.output, wrong.yours, report.arguments[0].worst) == ("w[1]", "", 0.75, wrong)
    assert wrong.truth == pytest.approx(0.5, rel=1e-14)
    assert wrong.relative == pytest.approx(0.5, rel=1e-13)
    assert wrong.ulp == pytest.approx(0.25 / 2.0**-53, rel=1e-13)
    assert wrong.radii > 1e10


def test_float32_is_judged_by_its_own_roundings():
    point = {"x": np.array([0.3, 0.7], np.float32)}
    report = bl.check_gradients(lambda x: np.sum(np.exp(x)), np.exp, point)
    assert (report.verdict, report.precision) == ("right", "float32")
    assert report.arguments[0].worst.ulp < 4
    doubled = {"x": point["x"].astype(float)}
    in_float32 = bl.check_gradients(lambda x: np.sum(np.exp(x)), lambda x: np.exp(x.astype(np.float32)), doubled)
    assert (in_float32.verdict, in_float32.precision) == ("right", "float32"), "a fact to tell, not a mistake"


def test_a_single_point_may_hide_a_mistake_and_probes_find_it():
    problem = PROBLEMS["one point hides it"]
    for wrong in problem.wrong.values():
        assert bl.check_gradients(problem.function, wrong, problem.arguments, probes=False).verdict != "wrong"
        report = bl.check_gradients(problem.function, wrong, problem.arguments)
        assert report.verdict == "wrong"
        assert any(one.point.startswith("probe") for one in report.arguments)


def test_a_kink_is_told_and_hides_no_mistake_beside_it():
    def relu(x):
        return np.sum(np.maximum(x, 0))

    at_kink = {"x": np.array([0.0, 2.0, -1.0])}
    report = bl.check_gradients(relu, lambda x: (x > 0) * 1.0, at_kink)
    assert report.verdict == "right"
    assert report.arguments[0].notes == ("excused, because the function has a kink there: x[0] at your point",)
    assert [one.at_kink for one in report.arguments[0].entries] == [True, False, False]
    for wrong in (lambda x: np.where(x > 0, 1.5, 0), lambda x: np.where(x > 0, 1, -0.5), lambda x: (x < 0) * 1.0):
        report = bl.check_gradients(relu, wrong, at_kink)
        assert report.verdict == "wrong"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_wrong_with_its_own_name(value):
    report = bl.check_gradients(lambda x: np.sum(x**2), lambda x: np.array([2 * x[0], value]), {"x": np.ones(2)})
    assert report.verdict == "wrong"
    name = "nan" if np.isnan(value) else "inf"
    assert report.arguments[0].likely == (f"1 of its 2 numbers are {name} at your point",)


def test_arguments_come_by_name_or_in_order_and_answers_too():
    def loss(w, x):
        return np.sum(np.tanh(x @ w))

    def slopes(w, x):
        d = 1 - np.tanh(x @ w) ** 2
        return x.T @ d, np.outer(d, w)

    w, x = np.array([0.3, -0.2]), np.array([[0.5, 1.0], [2.0, -1.0]])
    for arguments in ({"w": w, "x": x}, {"x": x, "w": w}, (w, x), [w, x]):
        for gradient in (
            slopes,
            lambda w, x: list(slopes(w, x)),
            lambda w, x: dict(zip("wx", slopes(w, x), strict=True)),
            lambda w, x: {"w": slopes(w, x)[0]},
            lambda w, x: (slopes(w, x)[0], None),
        ):
            if not isinstance(arguments, dict) or list(arguments) == ["w", "x"] or isinstance(gradient(w, x), dict):
                report = bl.check_gradients(loss, gradient, arguments)
                assert report.verdict == "right"
                assert report.arguments[0].name in {"w", "x"}


def test_integers_are_passed_on_as_they_are():
    def power(x, n):
        assert type(n) is int
        return x**n

    report = bl.check_gradients(power, lambda x, n: {"x": n * x ** (n - 1)}, {"x": 1.5, "n": 3})
    assert report.verdict == "right"
    assert report.notes == ("not differentiated: n",)


def test_arguments_are_not_changed():
    x = np.array([0.3, 0.4])
    before = x.copy()

    def writes(x):
        x *= 2
        return np.sum(x)

    def gradient(x):
        x *= 3
        return np.full(2, 2.0)

    assert bl.check_gradients(writes, gradient, {"x": x}).verdict == "right"
    np.testing.assert_array_equal(x, before)


def test_what_happens_at_probes_raises_no_warnings():
    """Warnings are errors here: a probe that overflows must be silent."""
    x = {"x": np.array([600.0, 30.0])}
    assert bl.check_gradients(lambda x: np.sum(np.exp(x)), np.exp, x).verdict == "right"


def test_the_same_check_gives_the_same_report():
    for name in ("gelu", "the exercise"):
        assert checked(name, ALL[name].right) == checked(name, ALL[name].right)
