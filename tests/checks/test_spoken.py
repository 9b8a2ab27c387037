"""Of mistakes with equal numbers the program itself says which it is; and what it is not told that is not known."""

import pytest

import backlight as bl
from backlight.views.text.diagnosis import diagnosis_report

LINE = bl.recipe(
    {
        "network": {"layers": [2, 1], "activations": "identity", "biases": True},
        "parameters": {"weights": [[[0.7], [-0.4]]], "biases": [[0.3]]},
        "data": {
            "inputs": [[0.3, 1.2], [-0.8, 0.5], [1.4, -0.6], [0.9, 0.2], [-0.1, -1.3], [0.6, 0.7]],
            "targets": [[0.4], [-1.1], [0.8], [0.2], [1.5], [-0.3]],
        },
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.07, "iterations": 30},
    }
)
STRAIGHT = """\
import numpy as np
P = np.array([[0.3, 1.2], [-0.8, 0.5], [1.4, -0.6], [0.9, 0.2], [-0.1, -1.3], [0.6, 0.7]])
q = np.array([0.4, -1.1, 0.8, 0.2, 1.5, -0.3])
k, d = np.array([0.7, -0.4]), 0.3
{before}
for turn in range(30):
    off = P.dot(k) + d - q
    {dk}
    {dd}
    k = k - 0.07 * dk
    d = d - 0.07 * dd
"""


def explained(said):
    assert said.verdict == "wrong"
    return said.explanations[0]


@pytest.mark.parametrize(
    ("before", "factor", "mistake"),
    [
        ("", "1 / q.shape[0]", "constant-factor"),
        ("n = P.size", "2 / n", "wrong-batch-size"),
        ("", "2 / np.size(P)", "wrong-batch-size"),
        ("kept = np.vstack([P, P[:3]])\nrows, _columns = kept.shape", "2 / rows", "wrong-batch-size"),
    ],
)
def test_a_size_is_blamed_only_where_the_program_divides_by_it(checked, before, factor, mistake):
    text = STRAIGHT.format(before=before, dk=f"dk = {factor} * (off @ P)", dd=f"dd = {factor} * off.sum()")
    said = explained(checked(text, LINE))
    assert (said.mistake, said.proof) == (mistake, True)


def test_a_table_of_differences_that_is_divided_once_is_a_broadcast_error_and_nothing_else(checked):
    text = STRAIGHT.format(
        before="q = q.reshape(1, 6)",
        dk="dk = 2 / 6 * (P.T @ off).sum(axis=1)",
        dd="dd = 2 / 6 * off.sum()",
    ).replace("P.dot(k) + d - q", "P.dot(k).reshape(6, 1) + d - q")
    said = explained(checked(text, LINE))
    assert (said.mistake, said.also) == ("broadcast-error", ())


THREE = bl.recipe(
    {
        "network": {"layers": [2, 2, 1], "activations": ["tanh", "sigmoid"]},
        "parameters": {"weights": [[[0.6, -0.3], [0.2, 0.8]], [[0.5], [-0.9]]]},
        "data": {"inputs": [[0.4, -0.7], [0.9, 0.1]], "targets": [[0.8], [0.3]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.2, "iterations": 15},
    }
)
NESTED = """\
from math import exp, tanh
data = [((0.4, -0.7), 0.8), ((0.9, 0.1), 0.3)]
A = [[0.6, -0.3], [0.2, 0.8]]
B = [0.5, -0.9]
for turn in range(15):
    gA, gB = [[0, 0], [0, 0]], [0, 0]
    for x, y in data:
        h = [tanh(x[0] * A[0][u] + x[1] * A[1][u]) for u in (0, 1)]
        o = 1 / (1 + exp(-(h[0] * B[0] + h[1] * B[1])))
        delta = (o - y) * o * (1 - o) / 2
        for u in (0, 1):
            gB[u] += delta * h[u]
            back = delta * B[u] * (1 - h[u] ** 2)
            for i in (0, 1):
                gA[i][u] += back * x[i]
    {update}
"""
RIGHT = "for u in (0, 1):\n        B[u] -= 0.2 * gB[u]\n        for i in (0, 1):\n            A[i][u] -= 0.2 * gA[i][u]"


def test_steps_that_are_made_as_often_as_there_are_samples_are_a_repeated_update(checked):
    assert checked(NESTED.format(update=RIGHT), THREE).verdict == "right"
    twice = RIGHT.replace("A[i][u] -=", "for _again in (0, 1):\n                A[i][u] -=")
    said = explained(checked(NESTED.format(update=twice), THREE))
    assert said.mistake == "repeated-update"
    assert "batch-sum-for-mean" in said.equals
    large = NESTED.format(update=RIGHT).replace("+= back * x[i]", "+= 2 * back * x[i]")
    assert explained(checked(large, THREE)).mistake != "repeated-update"


CLASSES_OF_TWO = bl.recipe(
    {
        "network": {"layers": [2, 2, 1], "activations": ["tanh", "sigmoid"], "biases": True},
        "parameters": {"weights": [[[0.6, -0.3], [0.2, 0.8]], [[0.5], [-0.9]]], "biases": [[0.1, 0.2], [-0.3]]},
        "data": {"inputs": [[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6]], "targets": [[1], [0], [1]]},
        "loss": {"name": "binary_cross_entropy"},
        "training": {"learning_rate": 0.2, "iterations": 15},
    }
)
FUNCTIONS = """\
import numpy as np
X = np.array([[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6]])
t = np.array([[1.0], [0.0], [1.0]])
A, a = np.array([[0.6, -0.3], [0.2, 0.8]]), np.array([0.1, 0.2])
B, b = np.array([[0.5], [-0.9]]), np.array([-0.3])
def net(X):
    hidden = np.tanh(X @ A + a)
    raw = hidden @ B{bias}
    return hidden, 1 / (1 + np.exp(-raw))
for turn in range(15):
    hidden, out = net(X)
    e = {error} / 3
    f = e @ B.T * (1 - hidden ** 2)
    A, a, B, b = A - 0.2 * X.T @ f, a - 0.2 * f.sum(0), B - 0.2 * hidden.T @ e, b - 0.2 * e.sum(0)
"""


def test_a_bias_is_missing_where_the_products_are_added_up_and_not_where_they_are_negated(checked):
    said = checked(FUNCTIONS.format(bias="", error="(out - t)"), CLASSES_OF_TWO)
    assert (said.kind, said.line, said.explanations[0].proof) == ("forward", 8, True)
    assert said.explanations[0].places[0].should_be == "hidden @ B + b"


FLAT = """\
import numpy as np
P = np.array([[0.3, 1.2], [-0.8, 0.5], [1.4, -0.6], [0.9, 0.2], [-0.1, -1.3], [0.6, 0.7]])
P = np.hstack([np.ones((6, 1)), P])
t = np.array([1, 0, 1, 1, 0, 0])
w = np.zeros(3)
for turn in range(20):
    p = 1 / (1 + np.exp(-P @ w))
    w = w - 0.1 * {factor} / 6 * P.T @ ({delta})
"""
LOGISTIC = {
    "network": {"layers": [2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {"weights": [[[0], [0]]]},
    "data": {
        "inputs": [[0.3, 1.2], [-0.8, 0.5], [1.4, -0.6], [0.9, 0.2], [-0.1, -1.3], [0.6, 0.7]],
        "targets": [[1], [0], [1], [1], [0], [0]],
    },
    "loss": {"name": "binary_cross_entropy"},
    "training": {"learning_rate": 0.1, "iterations": 20},
}


@pytest.mark.parametrize(
    ("factor", "delta"), [(1, "p - t"), (2, "(p - t) * p * (1 - p)"), (1, "(p - t) * p * (1 - p)")]
)
def test_a_program_that_begins_with_zeros_is_not_told_that_it_begins_elsewhere(checked, factor, delta):
    said = checked(FLAT.format(factor=factor, delta=delta), LOGISTIC)
    assert said.verdict == ("right" if delta == "p - t" else "wrong")
    assert not {"initial_values", "iterations"} & {fact.kind for fact in said.facts}


def test_the_gradient_of_another_loss_is_found_with_the_factors_of_that_loss(checked):
    said = checked(FLAT.format(factor=2, delta="(p - t) * p * (1 - p)"), LOGISTIC)
    assert (said.kind, said.line, said.explanations[0].proof) == ("other_loss", 8, True)


ADAM = bl.recipe(
    {**CLASSES_OF_TWO.as_dict(), "training": {"optimizer": "adam", "learning_rate": 0.2, "iterations": 15}}
)


def test_plain_descent_under_a_recipe_with_adam_is_judged_as_plain_descent(checked):
    right = FUNCTIONS.format(bias=" + b", error="(out - t)")
    assert checked(right, ADAM).verdict == "right"
    said = checked(right.replace("hidden.T @ e,", "np.sinh(hidden).T @ e,"), ADAM)
    assert [one.name for one in said.parameters if one.verdict == "wrong"] == ["w5", "w6"]
    said = checked(right.replace("f = e @ B.T * (1 - hidden ** 2)", "f = e @ B.T"), ADAM)
    assert (explained(said).mistake, explained(said).proof) == ("missing-hidden-derivative", True)
    assert "it updates by plain gradient descent, the recipe asks for adam" in [fact.text for fact in said.facts]


def test_new_weights_in_a_back_step_with_another_mistake_in_it_are_two_mistakes(checked):
    body = """\
    e = (out - t) / 3
    slope = out * (1 - out)
    old = B
    B -= 0.8 * hidden.T @ (e * slope)
    f = {back} * (1 - hidden ** 2)
    A -= 0.8 * X.T @ f
    b -= 0.8 * (e * slope).sum(0)
    a -= 0.8 * f.sum(0)
"""
    recipe = CLASSES_OF_TWO.with_({"loss.name": "half_sum_squared_error", "training.learning_rate": 0.8})
    begin = FUNCTIONS.format(bias=" + b", error="0").partition("    e =")[0]
    assert (
        checked(begin + body.format(back="(e * slope) @ (B + 0.8 * hidden.T @ (e * slope)).T"), recipe).verdict
        == "right"
    )
    said = explained(checked(begin + body.format(back="e @ old.T"), recipe))
    assert (said.mistake, said.also) == (
        "updated-weights-in-back-step",
        ("missing-output-derivative-on-hidden-path",),
    )


def test_zeros_for_a_gradient_are_those_in_the_shape_of_its_parameter(checked):
    body = """\
    gw = [np.zeros((2, 2)), np.zeros((2, 1))]
    gb = [np.zeros(2), np.zeros(1)]
    e = (out - t) / 3
    gw[1][:] = hidden.T @ e
    gb[1][:] = e.sum(0)
    gw[0][:] = X.T @ (e @ B.T * (1 - hidden ** 2))
    A, a, B, b = A - 0.2 * gw[0], a - 0.2 * gb[0], B - 0.2 * gw[1], b - 0.2 * gb[1]
"""
    begin = FUNCTIONS.format(bias=" + b", error="0").partition("    e =")[0]
    said = checked(begin + body, CLASSES_OF_TWO)
    assert (explained(said).mistake, said.line) == ("missing-bias-gradient", 13)


def test_a_program_that_states_the_loss_that_it_descends_is_told_that_the_recipe_has_another(checked):
    text = """\
import torch
torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6]])
t = torch.tensor([0, 1, 2])
A = torch.tensor([[0.6, -0.3, 0.4], [0.2, 0.8, -0.5]], requires_grad=True)
for turn in range(10):
    p = torch.softmax(X @ A, dim=1)
    loss = torch.nn.functional.cross_entropy(p, t)
    loss.backward()
    with torch.no_grad():
        A -= 0.5 * A.grad
        A.grad.zero_()
"""
    recipe = {
        "network": {"layers": [2, 3], "activations": "softmax"},
        "parameters": {"weights": [[[0.6, -0.3, 0.4], [0.2, 0.8, -0.5]]]},
        "data": {"inputs": [[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6]], "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        "loss": {"name": "cross_entropy"},
        "training": {"learning_rate": 0.5, "iterations": 10},
    }
    said = checked(text, recipe)
    assert said.kind == "other_loss"
    assert said.loss.stated == said.loss.exact_gradient_of == "softmax_cross_entropy"
    assert "is not the recipe's loss" in diagnosis_report(said).replace("\n", " ")
