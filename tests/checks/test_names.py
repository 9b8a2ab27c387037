"""Which mistake is named: programs whose numbers say little, and those in which the same mistake has many numbers."""

import pytest

import backlight as bl

XOR = bl.recipe(
    {
        "network": {"layers": [2, 2, 1], "activations": ["sigmoid", "sigmoid"], "biases": True},
        "parameters": {"weights": [[[0.8, -0.6], [0.4, 0.9]], [[0.7], [-1.1]]], "biases": [[0.1, -0.2], [0.3]]},
        "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
        "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
        "training": {"learning_rate": 0.5, "iterations": 12},
    }
)
CLASSES = bl.recipe(
    {
        "network": {"layers": [2, 3, 3], "activations": ["tanh", "softmax"], "biases": True},
        "parameters": {
            "weights": [[[0.4, -0.7, 0.9], [0.6, 0.3, -0.2]], [[0.5, -0.3, 0.1], [-0.6, 0.8, 0.2], [0.7, 0.4, -0.9]]],
            "biases": [[0.1, 0.0, -0.1], [0.0, 0.05, -0.15]],
        },
        "data": {
            "inputs": [[0.4, 0.9], [-0.5, 0.2], [0.8, -0.6], [0.1, 0.3]],
            "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
        },
        "loss": {"name": "cross_entropy"},
        "training": {"learning_rate": 0.3, "iterations": 8},
    }
)
MATRICES = """\
import numpy as np

X = np.array({inputs})
Y = np.array({targets})
W1 = np.array({W1})
W2 = np.array({W2})
b1 = np.array({b1})
b2 = np.array({b2})
for _ in range({iterations}):
{body}
    W1 = W1 - {rate} * dW1
    b1 = b1 - {rate} * db1
    W2 = W2 - {rate} * dW2
    b2 = b2 - {rate} * db2
"""
SIGMOIDS = """\
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    dz2 = (a2 - Y) * a2 * (1 - a2)
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0)
    dz1 = dz2 @ W2.T * a1 * (1 - a1)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)"""
SOFTMAX = """\
    a1 = np.tanh(X @ W1 + b1)
    e = np.exp(a1 @ W2 + b2)
    a2 = e / e.sum(axis=1, keepdims=True)
    dz2 = (a2 - Y) / len(X)
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0)
    dz1 = dz2 @ W2.T * (1 - a1 ** 2)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)"""


def program(recipe, body, *changes):
    """A program for a recipe of two layers, with other lines in its body."""
    for right, wrong in changes:
        assert right in body
        body = body.replace(right, wrong)
    asked = recipe.as_dict()
    weights, biases = asked["parameters"]["weights"], asked["parameters"]["biases"]
    return MATRICES.format(
        inputs=asked["data"]["inputs"],
        targets=asked["data"]["targets"],
        W1=weights[0],
        W2=weights[1],
        b1=biases[0],
        b2=biases[1],
        iterations=8,
        body=body,
        rate=asked["training"]["learning_rate"],
    )


@pytest.mark.parametrize(("recipe", "body"), [(XOR, SIGMOIDS), (CLASSES, SOFTMAX)], ids=["sigmoids", "softmax"])
def test_the_programs_themselves_are_right(checked, recipe, body):
    assert checked(program(recipe, body), recipe).verdict == "right"


def test_a_sum_over_all_units_of_a_softmax_is_named_though_only_rounding_is_left_of_it(checked):
    text = program(CLASSES, SOFTMAX, ("db2 = dz2.sum(axis=0)", "db2 = dz2.sum()"))
    said = checked(text, CLASSES).explanations[0]
    assert said.mistake == "bias-summed-over-units"
    assert said.residual < 1e-6


def test_a_bias_with_a_row_for_each_sample_is_named_and_summed(checked):
    text = program(XOR, SIGMOIDS, ("db2 = dz2.sum(axis=0)", "db2 = dz2"), ("db1 = dz1.sum(axis=0)", "db1 = dz1"))
    said = checked(text, XOR)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "bias-not-summed")
    assert said.explanations[0].proof
    assert "(0.5 * db1).sum(axis=0" in said.fixed


def test_a_bias_with_samples_across_is_named_too(checked):
    text = program(XOR, SIGMOIDS, ("X @ W1 + b1", "(W1.T @ X.T + b1.reshape(2, -1)).T"))
    text = text.replace("b1 = np.array([0.1, -0.2])", "b1 = np.array([[0.1], [-0.2]])").replace(
        "b1.reshape(2, -1)", "b1"
    )
    right = text.replace("db1 = dz1.sum(axis=0)", "db1 = dz1.sum(axis=0).reshape(2, 1)")
    assert checked(right, XOR).verdict == "right"
    said = checked(text.replace("db1 = dz1.sum(axis=0)", "db1 = dz1.T"), XOR)
    assert (said.explanations[0].mistake, said.explanations[0].proof) == ("bias-not-summed", True)


DEEP = bl.recipe(
    {
        "network": {"layers": [2, 4, 3, 2], "activations": ["relu", "relu", "identity"], "biases": True},
        "parameters": {
            "weights": [
                [[0.5, -0.3, 0.8, 0.2], [-0.4, 0.6, 0.1, 0.7]],
                [[0.6, -0.2, 0.3], [0.1, 0.7, -0.6], [-0.3, 0.4, 0.5], [0.2, 0.3, 0.4]],
                [[0.4, -0.5], [0.3, 0.6], [-0.2, 0.1]],
            ],
            "biases": [[0.05, 0.1, -0.05, 0.02], [0.1, 0.03, -0.1], [0.2, -0.1]],
        },
        "data": {
            "inputs": [[1.0, 0.5], [-0.7, 1.1], [0.3, -0.9], [1.5, 0.2], [-1.0, -0.4]],
            "targets": [[0.5, -0.2], [1.0, 0.3], [-0.4, 0.7], [0.8, 0.1], [-0.6, 0.9]],
        },
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.05, "iterations": 10},
    }
)
LAYERS = """\
import numpy as np

X = np.array({inputs})
Y = np.array({targets})
W = [np.array(one) for one in {weights}]
b = [np.array(one) for one in {biases}]
for _ in range(10):
    a, z = [X], []
    for l in range(3):
        z.append(a[-1] @ W[l] + b[l])
        a.append(z[-1] if l == 2 else np.maximum(z[-1], 0))
    d = a[3] - Y
    dW, db = [None] * 3, [None] * 3
    for l in (2, 1, 0):
        m = X.shape[0]
        dW[l] = a[l].T @ d / m
        db[l] = d.sum(axis=0) / m
        if l:
            d = d @ W[l].T * (z[l - 1] > 0)
    for l in range(3):
        W[l] = W[l] - 0.05 * dW[l]
        b[l] = b[l] - 0.05 * db[l]
"""


def deep(*changes):
    """A program with a loop over three layers, with other lines in it."""
    text = LAYERS
    for right, wrong in changes:
        assert right in text
        text = text.replace(right, wrong)
    asked = DEEP.as_dict()
    return text.format(**asked["parameters"], **asked["data"])


def test_the_deep_program_itself_is_right(checked):
    assert checked(deep(), DEEP).verdict == "right"


def test_one_mistake_with_another_number_in_each_layer_is_named_once(checked):
    said = checked(deep(("m = X.shape[0]", "m = a[l].shape[1]")), DEEP).explanations[0]
    assert (said.mistake, said.also) == ("wrong-batch-size", ())


def test_a_mistake_in_the_weights_alone_is_found_beside_another_one(checked):
    said = checked(deep(("a[l].T @ d / m", "a[l].T @ d"), ("> 0)", "<= 0)")), DEEP).explanations[0]
    assert {said.mistake, *said.also} == {"batch-sum-for-mean", "inverted-relu-mask"}


GRAPH = """\
import math


class Value:
    def __init__(self, data, parts=()):
        self.data, self.grad, self.parts, self.back = data, 0.0, set(parts), lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad
        out.back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out

    def squared(self):
        out = Value(self.data ** 2, (self,))

        def back():
            self.grad += 2 * self.data * out.grad
        out.back = back
        return out

    def sigmoid(self):
        s = 1 / (1 + math.exp(-self.data))
        out = Value(s, (self,))

        def back():
            self.grad += s * (1 - s) * out.grad
        out.back = back
        return out

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for one in v.parts:
                    visit(one)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.back()


def values(some):
    return [[Value(w) for w in row] for row in some]


layers = [(values([[0.8, -0.6], [0.4, 0.9]]), [Value(0.1), Value(-0.2)]), (values([[0.7], [-1.1]]), [Value(0.3)])]
for _ in range(12):
    loss = Value(0.0)
    for x, y in [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]:
        out = x
        for W, b in layers:
            sums = []
            for j in range(len(b)):
                z = b[j]
                for i in range(len(W)):
                    z = z + W[i][j] * out[i]
                sums.append(z.sigmoid())
            out = sums
        error = out[0] + -y
        loss = loss + SQUARE * 0.5
    parameters = [p for W, b in layers for p in [w for row in W for w in row] + b]
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= 0.5 * p.grad
"""


@pytest.mark.parametrize("square", ["(error * error)", "error.squared()"], ids=["a product", "an operation"])
def test_a_graph_that_overwrites_in_products_keeps_what_chance_decides_and_is_named(checked, square):
    right = GRAPH.replace("SQUARE", square)
    assert checked(right, XOR).verdict == "right"
    wrong = right.replace("self.grad += other.data", "self.grad = other.data")
    said = checked(wrong.replace("other.grad += self.data", "other.grad = self.data"), XOR).explanations[0]
    assert said.mistake == "overwritten-accumulator"


DETACHED = """\
import torch

torch.set_default_dtype(torch.float64)
W1 = torch.tensor([[0.2, -0.4], [0.5, 0.6]], requires_grad=True)
W2 = torch.tensor([[0.1, -0.5], [-0.3, 0.8]], requires_grad=True)
x, y = torch.tensor([[0.5, 0.3]]), torch.tensor([[0.23, -0.07]])
optimizer = torch.optim.SGD([PARAMETERS], lr=1.0)
for _ in range(11):
    optimizer.zero_grad()
    hidden = torch.sigmoid(x @ W1)
    loss = 0.5 * ((torch.sigmoid(hidden @ W2) - y) ** 2).sum()
    loss.backward()
    optimizer.step()
"""


def test_of_two_mistakes_with_equal_numbers_the_one_that_stands_in_the_program_is_named(checked):
    cut = DETACHED.replace("PARAMETERS", "W1, W2").replace("hidden @", "hidden.detach() @")
    assert checked(cut).explanations[0].mistake == "detached-path"
    left_out = DETACHED.replace("PARAMETERS", "W2")
    assert checked(left_out).explanations[0].mistake == "missing-update"


def test_a_bias_with_a_gradient_and_without_an_update_misses_the_update(checked):
    text = program(XOR, SIGMOIDS)
    no_update = text.replace("    b1 = b1 - 0.5 * db1\n", "")
    assert checked(no_update, XOR).explanations[0].mistake == "missing-update"
    no_gradient = no_update.replace("    db1 = dz1.sum(axis=0)\n", "")
    assert checked(no_gradient, XOR).explanations[0].mistake == "missing-bias-gradient"


BROADCAST = """\
import numpy as np

x = np.array([[-1.0], [-0.5], [0.5], [1.0]])
y = np.array([-0.8, 0.3, -0.3, 0.8])
W1, b1 = np.array([[0.7, -0.4]]), np.array([0.1, 0.2])
W2, b2 = np.array([[0.5], [-0.6]]), np.array([0.05])
for _ in range(10):
    h = np.tanh(x @ W1 + b1)
    out = h @ W2 + b2
    delta = 2 * DELTA / len(x)
    back = delta @ W2.T * (1 - h ** 2)
    W2 = W2 - 0.1 * h.T @ delta
    b2 = b2 - 0.1 * delta.sum(axis=0)
    W1 = W1 - 0.1 * x.T @ back
    b1 = b1 - 0.1 * back.sum(axis=0)
"""
A_LINE = bl.recipe(
    {
        "network": {"layers": [1, 2, 1], "activations": ["tanh", "identity"], "biases": True},
        "parameters": {"weights": [[[0.7, -0.4]], [[0.5], [-0.6]]], "biases": [[0.1, 0.2], [0.05]]},
        "data": {"inputs": [[-1.0], [-0.5], [0.5], [1.0]], "targets": [[-0.8], [0.3], [-0.3], [0.8]]},
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.1, "iterations": 10},
    }
)


@pytest.mark.parametrize(
    ("delta", "mistake"), [("(out - y).mean(axis=1, keepdims=True)", "broadcast-error"), ("out", "missing-target")]
)
def test_a_table_of_all_differences_is_no_missing_target_though_the_targets_sum_to_zero(checked, delta, mistake):
    assert checked(BROADCAST.replace("DELTA", delta), A_LINE).explanations[0].mistake == mistake


NOTHING_YET = """\
areas, rooms, prices = [0.8, 1.2, 1.5, 2.0], [0.3, 0.5, 0.4, 0.9], [1.6, 2.5, 2.9, 4.1]
u = v = c = 0.0
for _ in range(10):
    du = dv = dc = 0.0
    for area, room, price in zip(areas, rooms, prices):
        error = u * area + v * room + c - price
        du += 2 * error * area
        dv += 2 * error * room
        dc += 2 * error
    u -= 0.05 * du
    v -= 0.05 * dv
    c -= 0.05 * dc
"""
HOUSES = bl.recipe(
    {
        "network": {"layers": [2, 1], "activations": "identity", "biases": True},
        "parameters": {"weights": [[[0.0], [0.0]]], "biases": [[0.0]]},
        "data": {"inputs": [[0.8, 0.3], [1.2, 0.5], [1.5, 0.4], [2.0, 0.9]], "targets": [[1.6], [2.5], [2.9], [4.1]]},
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.05, "iterations": 10},
    }
)


def test_zeros_of_one_literal_are_read_as_different_variables(checked):
    assert checked(NOTHING_YET, HOUSES).explanations[0].mistake == "batch-sum-for-mean"


LISTS = """\
from math import exp

units = [[[0.8, 0.4, 0.1], [-0.6, 0.9, -0.2]], [[0.7, -1.1, 0.3]]]
for _ in range(6):
    for x, y in [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]:
        outputs = [x]
        for layer in units:
            sums = [sum(w * a for w, a in zip(unit, outputs[-1])) + unit[-1] for unit in layer]
            outputs.append([1 / (1 + exp(-z)) for z in sums])
        o = outputs[2][0]
        last = (o - y) * o * (1 - o)
        deltas = [last * units[1][0][j] * h * (1 - h) for j, h in enumerate(outputs[1])]
        for layer, some, given in zip(units, [deltas, [last]], outputs):
            for unit, delta in zip(layer, some):
                for i in range(len(given)):
                    unit[i] -= 0.5 * delta * given[i]
                unit[-1] -= 0.5 * delta
"""


@pytest.mark.parametrize("index", ["j - 1", "j + 1"], ids=["the one before", "the one behind"])
def test_an_index_that_is_off_by_one_takes_another_weight_for_every_unit(checked, index):
    one_by_one = XOR.with_({"training.batch_size": 1})
    assert checked(LISTS, one_by_one).verdict == "right"
    said = checked(LISTS.replace("[j] * h", f"[{index}] * h"), one_by_one).explanations[0]
    assert said.mistake == "wrong-weight"
