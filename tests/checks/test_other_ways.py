"""Programs that are written in ways of their own: they are read all the same, and the line is the one that is wrong."""

import re

import pytest

import backlight as bl
from tests.checks.test_check import SCALARS

ASCENT = """
from math import exp
def s(z):
    return 1 / (1 + exp(-z))
a, b, c, d, e, f, g, k = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
for n in range(6):
    p = s(0.5 * a + 0.3 * c)
    q = s(0.5 * b + 0.3 * d)
    u = s(e * p + g * q)
    v = s(f * p + k * q)
    up = (0.23 - u) * u * (1 - u)
    vp = (-0.07 - v) * v * (1 - v)
    pp = (up * e + vp * f) * p * (1 - p)
    qp = (up * g + vp * k) * q * (1 - q)
    e += up * p
    f += vp * p
    g += up * q
    k += vp * q
    a += pp * 0.5
    b += qp * 0.5
    c += pp * 0.3
    d += qp * 0.3
"""

HOLDERS = """
from math import exp
{holder}
def s(z):
    return 1 / (1 + exp(-z))
def step():
    h1, h2 = s(P.w1 * .5 + P.w3 * .3), s(P.w2 * .5 + P.w4 * .3)
    o1, o2 = s(P.w5 * h1 + P.w7 * h2), s(P.w6 * h1 + P.w8 * h2)
    q1, q2 = (o1 - .23) * o1 * (1 - o1), (o2 + .07) * o2 * (1 - o2)
    r1 = (q1 * P.w5 + q2 * P.w6) * h1 * (1 - h1)
    r2 = (q1 * P.w7 + q2 * P.w8) * h2 * (1 - h2)
    P.w5, P.w6, P.w7, P.w8 = P.w5 - q1 * h1, P.w6 - q2 * h1, P.w7 - q1 * h2, P.w8 - q2 * h2
    P.w1, P.w2, P.w3, P.w4 = P.w1 - r1 * .5, P.w2 - r2 * .5, P.w3 - r1 * .3, P.w4 - r2 * .3
for n in range(7):
    step()
"""
OF_A_CLASS = """class P:
    w1, w2, w3, w4, w5, w6, w7, w8 = .2, -.4, .5, .6, .1, -.5, -.3, .8"""
OF_A_FUNCTION = """def P():
    pass
P.w1, P.w2, P.w3, P.w4, P.w5, P.w6, P.w7, P.w8 = .2, -.4, .5, .6, .1, -.5, -.3, .8"""

ONE_LAYER = {
    "network": {"layers": [2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {"weights": [[[0.0], [0.0]]]},
    "data": {"inputs": [[0.4, -1.1], [1.3, 0.2], [-0.7, 0.9], [0.6, 0.8]], "targets": [[1], [1], [0], [0]]},
    "loss": {"name": "binary_cross_entropy"},
    "training": {"learning_rate": 0.7, "iterations": 30},
}
FOLDED = """
import numpy as np
R = np.array([[0.4, -1.1, 1], [1.3, 0.2, 1], [-0.7, 0.9, 0], [0.6, 0.8, 0]])
A, t = np.c_[np.ones(4), R[:, :2]], R[:, 2]
theta = np.zeros(3)
for n in range(30):
    p = 1 / (1 + np.exp(-A @ theta))
    theta = theta - 0.7 * A.T @ (p - t) / 4
"""
LABELS = """
import numpy as np
Z = np.array([[0.4, -1.1], [1.3, 0.2], [-0.7, 0.9], [0.6, 0.8]])
s = np.array([1, 1, -1, -1])
b, w = 0.0, np.zeros(2)
for n in range(30):
    m = s * (b + Z @ w)
    r = s / (1 + np.exp(m))
    b, w = b + 0.7 * r.mean(), w + 0.7 * (Z * r[:, None]).mean(axis=0)
"""

MASKED = """
import numpy as np
W, V = np.array([[0.4, -0.7, 0.3], [0.2, 0.5, -0.6]]), np.array([[0.5], [-0.3], [0.8]])
X, Y = np.array([[1.0, 0.4], [-0.6, 0.9], [0.7, -1.2]]), np.array([[0.3], [-0.2], [0.9]])
for n in range(8):
    Z = X @ W
    off = Z <= 0
    H = np.where(off, 0.0, Z)
    D = (H @ V - Y) / 3
    G = D @ V.T
    G[~off] = 0
    V, W = V - 0.2 * H.T @ D, W - 0.2 * X.T @ G
"""
RECTIFIED = {
    "network": {"layers": [2, 3, 1], "activations": ["relu", "identity"]},
    "parameters": {"weights": [[[0.4, -0.7, 0.3], [0.2, 0.5, -0.6]], [[0.5], [-0.3], [0.8]]]},
    "data": {"inputs": [[1.0, 0.4], [-0.6, 0.9], [0.7, -1.2]], "targets": [[0.3], [-0.2], [0.9]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.2, "iterations": 8},
}

LISTED = """
import numpy as np
x, y = np.array([[.5], [.3]]), np.array([[.23], [-.07]])
W = [np.array([[.2, -.4], [.5, .6]]), np.array([[.1, -.5], [-.3, .8]])]
f = lambda z: 1 / (1 + np.exp(-z))
for n in range(7):
    h = f(W[0].T @ x)
    o = f(W[1].T @ h)
    e = (o - y) * o * (1 - o)
    d = W[1] @ e * h * (1 - h)
    G = [x @ d.T, h @ e.T]
    W = [w - 1 * g for w, g in zip(W, G)]
"""

SOFT = """
import numpy as np
W = np.array([[.1, -.2, .3], [.4, .05, -.15]])
X, Y = np.array([[1., .4], [-.6, .9], [.7, -1.2], [.2, .3]]), np.eye(3)[[0, 2, 1, 1]]
def softmax(s):
    e = np.exp(s - s.max())
    return e / e.sum(axis={axis}, keepdims=True)
for n in range(12):
    P = softmax(X @ W)
    D = (P - Y) / 4
    W = W - 0.3 * X.T @ D
    if n % 5 == 0:
        print(np.mean(softmax(X[:2] @ W).argmax(1) == 0))
"""
SOFTMAX = {
    "network": {"layers": [2, 3], "activations": "softmax"},
    "parameters": {"weights": [[[0.1, -0.2, 0.3], [0.4, 0.05, -0.15]]]},
    "data": {
        "inputs": [[1.0, 0.4], [-0.6, 0.9], [0.7, -1.2], [0.2, 0.3]],
        "targets": [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]],
    },
    "loss": {"name": "cross_entropy"},
    "training": {"learning_rate": 0.3, "iterations": 12},
}


def first(said):
    """The first diagnosis: mistake, line, proof."""
    one = said.explanations[0]
    return one.mistake, one.line, one.proof


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        (ASCENT, "course"),
        (HOLDERS.format(holder=OF_A_CLASS), "course"),
        (HOLDERS.format(holder=OF_A_FUNCTION), "course"),
        (FOLDED, ONE_LAYER),
        (LABELS, ONE_LAYER),
        (MASKED.replace("~off", "off"), RECTIFIED),
        (LISTED, "course"),
        (SOFT.format(axis=1), SOFTMAX),
    ],
)
def test_a_right_program_is_right_however_it_is_written(checked, text, recipe):
    assert checked(text, recipe).verdict == "right"


@pytest.mark.parametrize(
    "text", [FOLDED.replace("(p - t)", "((p - t) * p)"), LABELS.replace("r.mean()", "r.mean() * b")]
)
def test_a_wrong_one_is_wrong_however_it_is_written(checked, text):
    assert checked(text, ONE_LAYER).verdict == "wrong"


def test_of_two_signs_the_one_is_wrong_that_is_not_as_the_others(checked):
    said = checked(ASCENT.replace("(-0.07 - v)", "(v + 0.07)"))
    assert first(said) == ("sign-error", 12, True)


def test_a_mask_that_was_kept_is_turned_round_where_it_is_used(checked):
    said = checked(MASKED, RECTIFIED)
    assert first(said) == ("inverted-relu-mask", 11, True)
    assert said.explanations[0].places[0].should_be == "off"


def test_the_gradient_of_a_square_matrix_is_placed_in_the_list_in_which_it_is_made(checked):
    mistake, line, _proof = first(checked(LISTED.replace("h @ e.T", "e @ h.T")))
    assert (mistake, line) == ("transposed-weight-gradient", 11)


def test_a_softmax_of_the_program_is_wrong_where_it_divides_and_not_where_it_is_called(checked):
    mistake, line, proof = first(checked(SOFT.format(axis=0), SOFTMAX))
    assert (mistake, line, proof) == ("softmax-over-wrong-axis", 7, True)


def test_a_rate_that_makes_up_for_a_multiple_of_the_loss_is_a_fact_and_one_that_does_not_is_a_mistake(checked):
    doubled = SCALARS.replace("d1 = (", "d1 = 2 * (").replace("d2 = (", "d2 = 2 * (")
    said = checked(re.sub(r" - (e[12] \*|g[5-8])", r" - rate * \1", doubled).replace("x1, x2", "rate = 0.5; x1, x2", 1))
    [fact] = [one for one in said.facts if one.kind == "learning_rate"]
    assert (said.verdict, said.loss.factor, fact.yours) == ("right", 2, 0.5)
    assert "gradients are 2 times those of the recipe's loss" in fact.text
    assert checked(doubled).kind == "constant_factor"


@pytest.mark.parametrize("training", [{"optimizer": "adam"}, {"optimizer": "sgd", "momentum": 0.9}])
def test_plain_gradient_descent_is_right_where_the_recipe_asks_for_another_optimizer(checked, training):
    recipe = bl.recipe("course").with_({f"training.{name}": value for name, value in training.items()})
    said = checked(SCALARS, recipe)
    assert said.verdict == "right"
    assert [one.yours for one in said.facts if one.kind == "optimizer"] == ["sgd"]
    assert checked(SCALARS.replace("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6"), recipe).verdict == "wrong"
