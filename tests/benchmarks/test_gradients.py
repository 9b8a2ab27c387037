"""The benchmark of gradient checkers asks what it says it asks, and counts what it says it counts."""

import numpy as np
import pytest

import backlight as bl
from benchmarks.gradients.cases import SATURATED, mistakes, of_function, of_network
from benchmarks.gradients.checkers import Checker, asked, backlight, check_grad, gradcheck
from benchmarks.gradients.table import Answer, tables
from tests.checks.gradients.functions import PROBLEMS

PROBLEM = PROBLEMS["the exercise"]
RIGHT = of_function("functions", "right", False, PROBLEM, PROBLEM.right)
WRONG = of_function("functions", "wrong", True, PROBLEM, PROBLEM.wrong["factor 2"])


def test_every_checker_is_given_the_same_numbers():
    W1, W2 = PROBLEM.arguments.values()
    assert RIGHT.function(RIGHT.x) == PROBLEM.function(W1, W2)
    answers = np.concatenate([np.ravel(one) for one in PROBLEM.right(W1, W2)])
    np.testing.assert_array_equal(RIGHT.gradient(RIGHT.x, np.ones(1)), answers)
    np.testing.assert_array_equal(WRONG.gradient(RIGHT.x, np.ones(1)), 2 * answers)


@pytest.mark.parametrize("mistake", [None, "sum-of-weight-gradients"])
def test_a_network_is_one_function_of_its_parameters(mistake):
    course = bl.recipe("course")
    trace = bl.run(course, mistake=mistake)
    case = of_network("networks", "course", course, mistake, 1.0)
    np.testing.assert_allclose(case.function(case.x), trace.loss[:1], rtol=1e-15)
    gradients = np.concatenate([trace["dL_dW1"][0].ravel(), trace["dL_dW2"][0].ravel()])
    np.testing.assert_allclose(case.gradient(case.x, np.ones(1)), gradients, rtol=1e-14)
    saturated = of_network("networks, saturated", "course", course, mistake, SATURATED)
    np.testing.assert_allclose(saturated.x, SATURATED * case.x)
    assert "sum-of-weight-gradients" in mistakes(course)


def test_checkers_pass_the_right_one_and_fail_the_wrong_one():
    checkers = [Checker("backlight", backlight), Checker("scipy", pytest_scipy())]
    for checker in checkers:
        assert asked(checker, RIGHT) == "right"
        assert asked(checker, WRONG) == "wrong"


def pytest_scipy():
    pytest.importorskip("scipy")
    return check_grad("all")


def test_gradcheck_is_asked_as_its_users_ask_it():
    pytest.importorskip("torch")
    for fast in (False, True):
        assert asked(Checker("gradcheck", gradcheck(fast=fast)), RIGHT) == "right"
        assert asked(Checker("gradcheck", gradcheck(fast=fast)), WRONG) == "wrong"


def test_the_table_counts_what_was_said():
    answers = [
        Answer("one", RIGHT, "right", 0.1),
        Answer("one", WRONG, "right", 0.3),
        Answer("other", RIGHT, "wrong", 0.1),
        Answer("other", WRONG, "cannot_tell", 0.1),
    ]
    text = tables(answers, ["absent"], "command")
    assert "| one | 1 | 0 | 0 | 1 | 1 | 1 | 0 | 0 | 0.200 |" in text
    assert "| other | 1 | 0 | 1 | 0 | 1 | 0 | 0 | 1 | 0.100 |" in text
    assert "left out: absent." in text
    assert "| functions | right | passes | **fails** |" in text
    assert "| functions | wrong | passes | can't tell |" in text
