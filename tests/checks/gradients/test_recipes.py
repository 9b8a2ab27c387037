"""A gradient written for a recipe: the exact engine is the truth, and the catalogue's mistakes are named."""

import numpy as np
import pytest

import backlight as bl
from backlight.checks.gradients import of_recipe
from backlight.checks.gradients.looks import look
from backlight.checks.gradients.of_recipe import RecipeFunction
from backlight.checks.gradients.points import YOURS, Point
from backlight.engines.mistakes import MISTAKES, mistaken
from backlight.recipes.start import start
from backlight.traces.layout import layout


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def course(W1, W2, x, y, *, hidden=lambda d, W, g: d @ W.T, factor=1.0):
    """The exercise's gradient, with other ways to the hidden layer."""
    h = sigmoid(x @ W1)
    o = sigmoid(h @ W2)
    d2 = factor * (o - y) * o * (1 - o)
    g2 = h.T @ d2
    return {"W1": x.T @ (hidden(d2, W2, g2) * h * (1 - h)), "W2": g2}


def engine_of(recipe, mistake):
    """A gradient that the hand engine computes, with a mistake or without one."""
    begin = start(recipe)
    network = mistaken(mistake, recipe, begin, layout(recipe, begin.samples))

    def gradient(**given):
        for name, value in given.items():
            if name in network.views and name not in "xy":
                network.views[name][...] = value
        network.forward_and_backward(None)
        return {name: network.views[name].copy() for name in network.views if name.startswith(("dL_dW", "dL_db"))}

    return gradient


def test_a_right_gradient_is_right_and_every_mistake_would_have_shown():
    report = bl.check_gradients(None, course, recipe="course")
    assert (report.verdict, report.method, report.mistakes) == ("right", "exact arithmetic", ())
    shown, of_all = (int(word) for word in report.notes[-1].split()[:3:2])
    assert shown == of_all > 20


def test_float32_of_the_recipe_is_kept():
    recipe = bl.recipe("course", changes={"numerics.precision": "float32"})

    def gradient(W1, W2, x, y):
        assert W1.dtype == x.dtype == np.float32
        return course(W1, W2, x, y)

    report = bl.check_gradients(None, gradient, recipe=recipe)
    assert (report.verdict, report.precision) == ("right", "float32")


def test_a_mistake_of_the_catalogue_is_named():
    def gradient(W1, W2, x, y):
        return course(W1, W2, x, y, hidden=lambda d, W, g: g.sum(axis=1))

    report = bl.check_gradients(None, gradient, recipe="course")
    assert report.verdict == "wrong"
    assert report.mistakes[0] == "sum-of-weight-gradients"
    assert {one.name: one.verdict for one in report.arguments} == {"W1": "wrong", "W2": "right"}
    assert MISTAKES["sum-of-weight-gradients"].instead.split()[-1] in report.text()


def test_a_mistake_that_is_in_no_catalogue_is_wrong_without_a_name():
    def gradient(W1, W2, x, y):
        return course(W1, W2, x, y, hidden=lambda d, W, g: d @ W.T * [1, 1.37])

    report = bl.check_gradients(None, gradient, recipe="course")
    assert (report.verdict, report.mistakes) == ("wrong", ())


@pytest.mark.parametrize("ready", ["course", "xor", "course-relu", "course-cross-entropy"])
def test_every_mistake_that_a_gradient_can_show_is_found_and_named(ready):
    recipe = bl.recipe(ready)
    subject = RecipeFunction(recipe, lambda **given: given)
    tried = 0
    for slug, ways in of_recipe._ways(subject):
        report = bl.check_gradients(None, engine_of(recipe, ways[0]), recipe=recipe, probes=False)
        if report.verdict == "wrong":
            tried += 1
            assert slug in report.mistakes, slug
    assert tried > 15


def test_names_with_and_without_their_derivative_and_answers_in_order_are_understood():
    def right(W1, W2, x, y):
        return course(W1, W2, x, y)

    for gradient in (
        right,
        lambda W1, W2, x, y: {f"dL_d{name}": g for name, g in right(W1, W2, x, y).items()},
        lambda W1, W2, x, y: tuple(right(W1, W2, x, y).values()),
        lambda **given: right(**given),  # noqa: PLW0108  it asks for everything
    ):
        assert bl.check_gradients(None, gradient, recipe="course", probes=False).verdict == "right"


def test_a_missing_gradient_is_wrong():
    report = bl.check_gradients(
        None, lambda W1, W2, x, y: {"W2": course(W1, W2, x, y)["W2"]}, recipe="course", probes=False
    )
    assert {one.name: one.verdict for one in report.arguments} == {"W1": "wrong", "W2": "right"}
    assert report.arguments[0].likely == ("all of its numbers are 0: its gradient is missing",)
    assert "missing-update" not in report.mistakes


def test_the_unit_of_error_is_the_radius_of_the_exact_engine():
    subject = RecipeFunction(bl.recipe("course"), course)
    radii = subject.radii(subject.start)
    report = bl.check_gradients(None, lambda W1, W2, x, y: course(W1, W2, x, y, factor=1 + 1e-9), recipe="course")
    entry = report.arguments[0].entries[0]
    assert entry.radii == pytest.approx(abs(entry.yours - entry.truth) / (radii[0] + entry.error))
    assert report.verdict == "wrong"


def test_a_saturated_loss_that_is_rough_in_float64_is_judged_by_the_proven_one(monkeypatch):
    recipe = bl.recipe(
        {
            "network": {"layers": [2, 1], "activations": ["sigmoid"], "biases": False},
            "parameters": {"weights": [[[33.0], [1.5]]]},
            "data": {"inputs": [[1.0, 0.2], [0.9, -0.3]], "targets": [[1.0], [0.0]]},
            "loss": {"name": "binary_cross_entropy"},
            "training": {"learning_rate": 1.0, "iterations": 1},
        }
    )

    def gradient(W1, x, y):
        return {"W1": x.T @ ((sigmoid(x @ W1) - y) / len(x))}

    assert bl.check_gradients(None, gradient, recipe=recipe).verdict == "right"
    assert bl.check_gradients(None, lambda W1, x, y: -gradient(W1, x, y)["W1"], recipe=recipe).verdict == "wrong"
    assert seen_at_start(recipe, gradient).exact
    monkeypatch.setattr(RecipeFunction, "finer", lambda _: None)
    assert not seen_at_start(recipe, gradient).exact, "or the proven loss is not needed"


def seen_at_start(recipe, gradient):
    subject = RecipeFunction(recipe, gradient)
    with np.errstate(all="ignore"):
        return look(subject, Point(YOURS, subject.start), 0)
