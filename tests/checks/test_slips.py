"""A slip in the forward pass: the line where it is made is told, and not one that only passes it on."""

import pytest

SCALARS = """
from math import exp
def s(z):
    return 1 / (1 + exp(-z))
x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
for k in range(5):
    h1 = s(w1 * x1 + w3 * x2)
    h2 = s(w2 * x1 + w4 * x2)
    o1 = s(w5 * h1 + w7 * h2)
    o2 = s(w6 * h1 + w8 * h2)
    d1 = (o1 - y1) * o1 * (1 - o1)
    d2 = (o2 - y2) * o2 * (1 - o2)
    e1 = (d1 * w5 + d2 * w6) * h1 * (1 - h1)
    e2 = (d1 * w7 + d2 * w8) * h2 * (1 - h2)
    w5, w6, w7, w8 = w5 - d1 * h1, w6 - d2 * h1, w7 - d1 * h2, w8 - d2 * h2
    w1, w3, w2, w4 = w1 - e1 * x1, w3 - e1 * x2, w2 - e2 * x1, w4 - e2 * x2
"""


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("h2 = s(w2 * x1 + w4 * x2)", "h2 = s(w2 * x2 + w4 * x2)"),
        ("h1 = s(w1 * x1 + w3 * x2)", "h1 = s(w1 * x2 + w3 * x2)"),
        ("h2 = s(w2 * x1 + w4 * x2)", "h2 = s(w2 * x1 + w4)"),
        ("o1 = s(w5 * h1 + w7 * h2)", "o1 = s(w5 * h1)"),
        ("o1 = s(w5 * h1 + w7 * h2)", "o1 = s(w5 * h1 + h2)"),
        ("o2 = s(w6 * h1 + w8 * h2)", "o2 = s(w6 * h1 - w8 * h2)"),
        ("o2 = s(w6 * h1 + w8 * h2)", "o2 = s(w6 * h1 + w7 * h2)"),
        ("o2 = s(w6 * h1 + w8 * h2)", "o2 = s(s(w6 * h1 + w8 * h2))"),
    ],
)
def test_a_slip_in_one_term_is_told_where_it_stands(checked, right, wrong):
    text = SCALARS.replace(right, wrong)
    said = checked(text)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, wrong))
    assert said.explanations[0].mistake == "forward-mistake"


NAMED = SCALARS.replace("h1 = s(w1 * x1 + w3 * x2)", "z1 = w1 * x1 + w3 * x2\n    h1 = s(z1)")


@pytest.mark.parametrize("wrong", ["o1 = s(w5 * z1 + w7 * h2)", "o1 = s(w5 * z1 + w7 * z2)"])
def test_one_unit_that_takes_what_is_not_activated_is_told(checked, wrong):
    named = NAMED.replace("h2 = s(w2 * x1 + w4 * x2)", "z2 = w2 * x1 + w4 * x2\n    h2 = s(z2)")
    text = named.replace("o1 = s(w5 * h1 + w7 * h2)", wrong)
    said = checked(text)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, wrong))
    assert checked(named).verdict == "right"


LISTS = """
from math import exp
net = [[[0.6, -0.4, 0.1], [0.35, 0.8, -0.1]], [[0.7, -0.9, 0.25]]]
def total(weights, inputs):
    z = weights[-1]
    for i in range(len(inputs)):
        z += weights[i] * inputs[i]
    return z
def out(z):
    return 1.0 / (1.0 + exp(-z))
data = [([0.5, -0.9], 0.6), ([-0.8, 0.3], 0.1), ([0.7, 0.6], 0.8)]
for epoch in range(12):
    for row, target in data:
        values = [row]
        for layer in net:
            values.append([out(total(unit, values[-1])) for unit in layer])
        h, (o,) = values[1:]
        d = (o - target) * o * (1 - o)
        e = [d * net[1][0][j] * h[j] * (1 - h[j]) for j in range(2)]
        for j in range(2):
            net[1][0][j] -= 0.4 * d * h[j]
        net[1][0][2] -= 0.4 * d
        for j in range(2):
            for i in range(2):
                net[0][j][i] -= 0.4 * e[j] * row[i]
            net[0][j][2] -= 0.4 * e[j]
"""
LISTS_RECIPE = {
    "network": {"layers": [2, 2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.6, 0.35], [-0.4, 0.8]], [[0.7], [-0.9]]],
        "biases": [[0.1, -0.1], [0.25]],
    },
    "data": {"inputs": [[0.5, -0.9], [-0.8, 0.3], [0.7, 0.6]], "targets": [[0.6], [0.1], [0.8]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.4, "batch_size": 1, "iterations": 36},
}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("z += weights[i] * inputs[i]", "z += inputs[i]"),
        ("z += weights[i] * inputs[i]", "z += weights[i]"),
    ],
)
def test_a_slip_in_a_function_that_all_layers_share_is_told_in_it(checked, right, wrong):
    assert checked(LISTS, LISTS_RECIPE).verdict == "right"
    text = LISTS.replace(right, wrong)
    said = checked(text, LISTS_RECIPE)
    assert (said.verdict, said.kind) == ("wrong", "forward")
    assert said.line in {line_of(text, wrong), line_of(text, wrong) + 1}


def test_numbers_of_a_program_that_are_those_of_a_slip_by_chance_accuse_nobody(checked):
    beside = SCALARS.replace("for k in", "print(s(0.1 * s(0.2 * 0.3 + 0.5 * 0.3)))\nfor k in")
    assert checked(beside).verdict == "right"


DEEP = """
import numpy as np
class Layer:
    def __init__(self, rows, shift):
        self.w, self.b = np.array(rows), np.array(shift)
    def sums(self, given):
        return self.w @ given + self.b
    def learn(self, delta, given):
        self.w = self.w - 0.5 * np.outer(delta, given)
        self.b = self.b - 0.5 * delta
first = Layer([[0.3, -0.7], [0.6, 0.2]], [0.1, -0.2])
second = Layer([[0.8, 0.45], [-0.35, 0.9]], [0.05, 0.15])
third = Layer([[0.4, -0.6], [0.7, 0.25]], [-0.1, 0.3])
given, wanted = np.array([0.9, -0.4]), np.array([0.2, 0.7])
for _ in range(9):
    p = first.sums(given)
    u = np.tanh(p)
    q = second.sums(u)
    v = np.tanh(q)
    r = third.sums(v)
    d3 = r - wanted
    d2 = third.w.T @ d3 * (1 - v**2)
    d1 = second.w.T @ d2 * (1 - u**2)
    third.learn(d3, v)
    second.learn(d2, u)
    first.learn(d1, given)
"""
DEEP_RECIPE = {
    "network": {"layers": [2, 2, 2, 2], "activations": ["tanh", "tanh", "identity"], "biases": True},
    "parameters": {
        "weights": [[[0.3, 0.6], [-0.7, 0.2]], [[0.8, -0.35], [0.45, 0.9]], [[0.4, 0.7], [-0.6, 0.25]]],
        "biases": [[0.1, -0.2], [0.05, 0.15], [-0.1, 0.3]],
    },
    "data": {"inputs": [[0.9, -0.4]], "targets": [[0.2, 0.7]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.5, "iterations": 9},
}


def test_a_deep_program_is_right(checked):
    assert checked(DEEP, DEEP_RECIPE).verdict == "right"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("r = third.sums(v)", "r = third.sums(u)"),
        ("r = third.sums(v)", "r = third.sums(q)"),
        ("r = third.sums(v)", "r = third.sums(given)"),
        ("q = second.sums(u)", "q = second.sums(p)"),
    ],
)
def test_a_layer_that_takes_something_else_of_the_layers_before_it_is_told_and_mended(checked, right, wrong):
    text = DEEP.replace(right, wrong)
    said = checked(text, DEEP_RECIPE)
    assert (said.verdict, said.kind) == ("wrong", "forward")
    assert said.line in {line_of(text, wrong), line_of(text, "return self.w @ given + self.b")}


def test_a_layer_that_is_not_activated_is_no_slip_of_the_layer_behind_it(checked):
    text = DEEP.replace("u = np.tanh(p)", "u = p").replace("(1 - u**2)", "(1 - np.tanh(u) ** 2)")
    said = checked(text, DEEP_RECIPE)
    assert (said.verdict, said.kind, said.first_wrong.quantity) == ("wrong", "forward", "a1")


HANDED_OUT = SCALARS.replace(
    "w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8",
    "w = [0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8]\nw1, w2, w3, w4, w5, w6, w7, w8 = w",
)


def test_names_that_are_exchanged_where_they_are_handed_out_are_told_there(checked):
    text = HANDED_OUT.replace("w1, w2, w3, w4, w5, w6, w7, w8 = w", "w1, w3, w2, w4, w5, w6, w7, w8 = w")
    said = checked(text)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, "w1, w3"))
    assert said.fixed == HANDED_OUT


def test_names_that_are_handed_out_in_order_are_wrong_where_they_are_used(checked):
    text = HANDED_OUT.replace("s(w1 * x1 + w3 * x2)", "s(w1 * x1 + w2 * x2)").replace(
        "s(w2 * x1 + w4 * x2)", "s(w3 * x1 + w4 * x2)"
    )
    said = checked(text)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, "h1 = s("))


SHIFTED = """
import numpy as np
x = np.array([[0.8, 0.2], [0.6, -0.7], [-0.3, 0.9]])
y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
w = np.array([[0.45, -0.3, 0.8], [0.7, 0.55, -0.2]])
for _ in range(8):
    z = x @ w
    e = np.exp(z - z.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    w = w - 0.3 * x.T @ (p - y) / 3
"""
SHIFTED_RECIPE = {
    "network": {"layers": [2, 3], "activations": "softmax", "biases": False},
    "parameters": {"weights": [[[0.45, -0.3, 0.8], [0.7, 0.55, -0.2]]]},
    "data": {
        "inputs": [[0.8, 0.2], [0.6, -0.7], [-0.3, 0.9]],
        "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    },
    "loss": {"name": "cross_entropy"},
    "training": {"learning_rate": 0.3, "iterations": 8},
}


@pytest.mark.parametrize("total", ["e.sum(0, keepdims=True)", "e.sum()"])
def test_a_softmax_over_the_wrong_axis_has_its_name_though_it_is_shifted_over_the_right_one(checked, total):
    text = SHIFTED.replace("e.sum(1, keepdims=True)", total)
    said = checked(text, SHIFTED_RECIPE)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, "p = "))
    assert said.explanations[0].mistake == "softmax-over-wrong-axis"
