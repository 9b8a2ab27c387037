"""Where nothing could show a mistake the check does not say right, and a check that finds nothing says so itself."""

import numpy as np
import pytest

import backlight as bl
from backlight.checks.gradients import check, control
from tests.checks.gradients.functions import PROBLEMS


def zeros(*arguments):
    return tuple(np.zeros_like(one) for one in arguments)


def dead(W):
    """A unit that is dead for every W with these signs."""
    return np.sum(np.maximum(np.array([[1.0, 2.0]]) @ W, 0))


def test_zeros_are_not_right_where_the_true_gradient_is_zero_everywhere():
    W = -np.array([[0.1, 0.2], [0.3, 0.4]])
    report = bl.check_gradients(dead, np.zeros_like, {"W": W})
    assert report.verdict == "cannot_tell"
    assert report.arguments[0].power == np.inf
    assert report.arguments[0].notes[0].startswith("4 of its 4 numbers had nothing to agree on")


def test_an_argument_without_influence_is_not_right_but_may_be_left_out():
    arguments = {"x": np.array([0.5, 1.5]), "y": np.array([2.0])}
    report = bl.check_gradients(lambda x, y: np.sum(x**3), lambda x, y: (3 * x**2, 0 * y), arguments)
    assert {one.name: one.verdict for one in report.arguments} == {"x": "right", "y": "cannot_tell"}
    assert report.verdict == "cannot_tell"
    report = bl.check_gradients(lambda x, y: np.sum(x**3), lambda x, y: (3 * x**2, None), arguments)
    assert report.verdict == "right"
    assert report.notes == ("not differentiated: y",)


def test_a_saturated_point_alone_certifies_nothing():
    problem = PROBLEMS["the exercise, saturated"]
    far = {name: 40 * weights for name, weights in problem.arguments.items()}
    assert bl.check_gradients(problem.function, zeros, far, probes=False).verdict != "right"
    assert bl.check_gradients(problem.function, zeros, far).verdict == "wrong"


def test_few_bits_rule_out_little_and_are_not_called_right():
    half = {"x": np.array([0.3, 0.7], np.float16)}
    report = bl.check_gradients(lambda x: np.sum(np.sin(x)), np.cos, half)
    assert (report.verdict, report.precision) == ("cannot_tell", "11 bits")
    assert "only errors above" in report.arguments[0].notes[0]


def test_a_right_gradient_with_noise_is_no_backward_pass():
    generator = np.random.default_rng(0)

    def noisy(x):
        return 3 * x**2 + 1e-9 * generator.uniform(-1, 1, x.shape)

    report = bl.check_gradients(lambda x: np.sum(x**3), noisy, {"x": np.array([0.5, -1.5, 1.0])})
    assert report.verdict == "cannot_tell"
    assert report.arguments[0].notes[-1].endswith("a difference quotient, or float32?")


def test_float32_that_is_hidden_in_a_float64_gradient_is_not_certified():
    x = {"x": np.array([0.3, 0.7, -1.1])}
    report = bl.check_gradients(lambda x: np.sum(np.exp(x)), lambda x: np.exp(x.astype(np.float32)).astype(float), x)
    assert report.verdict == "cannot_tell"


# ---- the checker, checked ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["the exercise", "the exercise, float32", "gelu", "attention"])
def test_the_planted_mistake_is_found(name):
    problem = PROBLEMS[name]
    subject = check.subject_of(problem.function, problem.right, problem.arguments)
    looks = list(check.seen(subject, check.points(subject, probes=True), []))
    assert control.finds_planted_mistakes(subject, looks)


def test_a_checker_that_finds_no_planted_mistake_says_that_it_cannot_tell(monkeypatch):
    monkeypatch.setattr(control, "doubts", lambda *_: iter(()))
    problem = PROBLEMS["the exercise"]
    report = bl.check_gradients(problem.function, problem.right, problem.arguments)
    assert report.verdict == "cannot_tell"
    assert report.notes == ("a mistake that was planted on purpose was not found",)


def test_a_planted_mistake_that_is_too_small_is_not_found(monkeypatch):
    monkeypatch.setattr(control, "PLANTED", 1e-14)
    problem = PROBLEMS["the exercise"]
    assert bl.check_gradients(problem.function, problem.right, problem.arguments).verdict == "cannot_tell"
