"""Which network a program is: where its parameters are read, outputs inside the loss, other sizes than the recipe's."""

from importlib.util import find_spec

import pytest

NEEDS = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")

SCALARS = """
from math import exp
from operator import mul
x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
for w in (w1, w2, w3, w4, w5, w6, w7, w8):
    print("begins at", w)
f = lambda z: 1 / (1 + exp(-z))
for turn in range(5):
    h1, h2 = {h1}, {h2}
    o1, o2 = {o1}, {o2}
    d1, d2 = (o1 - y1) * o1 * (1 - o1), (o2 - y2) * o2 * (1 - o2)
    e1, e2 = (d1 * w5 + d2 * w6) * h1 * (1 - h1), (d1 * w7 + d2 * w8) * h2 * (1 - h2)
    w5, w6, w7, w8 = w5 - d1 * h1, w6 - d2 * h1, w7 - d1 * h2, w8 - d2 * h2
    w1, w2, w3, w4 = w1 - e1 * x1, w2 - e2 * x1, w3 - e1 * x2, w4 - e2 * x2
"""
UNITS = {"h1": "w1 x1 w3 x2", "h2": "w2 x1 w4 x2", "o1": "w5 h1 w7 h2", "o2": "w6 h1 w8 h2"}
SUMS = {"products": "f({0} * {1} + {2} * {3})", "mapped": "f(sum(map(mul, ({0}, {2}), ({1}, {3}))))"}


@pytest.mark.parametrize("way", SUMS)
def test_a_loop_that_goes_through_the_weights_before_the_training_is_no_pass(way, checked):
    text = SCALARS.format(**{unit: SUMS[way].format(*parts.split()) for unit, parts in UNITS.items()})
    assert checked(text).verdict == "right"


CLASSES = {
    "network": {"layers": [2, 3, 3], "activations": ["tanh", "softmax"], "biases": True},
    "parameters": {
        "weights": [[[0.5, -0.4, 0.3], [0.2, 0.6, -0.7]], [[0.4, 0.1, -0.2], [-0.8, 0.3, 0.25], [0.9, -0.15, 0.35]]],
        "biases": [[0, 0, 0], [0, 0, 0]],
    },
    "data": {"inputs": [[0.1, 0.7], [0.4, 1], [1, 0.2]], "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
    "loss": {"name": "cross_entropy"},
    "training": {"learning_rate": 0.5, "iterations": 20},
}
SURE = {
    **CLASSES,
    "network": {"layers": [2, 3, 3], "activations": ["tanh", "sigmoid"], "biases": True},
    "loss": {"name": "binary_cross_entropy"},
}
LOGITS = """
import torch, torch.nn.functional as F
torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.1, 0.7], [0.4, 1], [1, 0.2]])
W1 = torch.tensor([[0.5, -0.4, 0.3], [0.2, 0.6, -0.7]], requires_grad=True)
W2 = torch.tensor([[0.4, 0.1, -0.2], [-0.8, 0.3, 0.25], [0.9, -0.15, 0.35]], requires_grad=True)
b1, b2 = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([W1, b1, W2, b2], lr=0.5)
for i in range(20):
    {zero}
    loss = {loss}
    loss.backward()
    opt.step()
"""
LOSSES = {
    "softmax": (CLASSES, "F.cross_entropy(torch.tanh(X @ W1 + b1) @ W2 + b2, torch.tensor([0, 1, 2]))"),
    "sigmoid": (SURE, "F.binary_cross_entropy_with_logits(torch.tanh(X @ W1 + b1) @ W2 + b2, torch.eye(3))"),
}


@NEEDS
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_the_sums_has_the_outputs_inside_it(name, checked):
    recipe, loss = LOSSES[name]
    assert checked(LOGITS.format(zero="opt.zero_grad()", loss=loss), recipe).verdict == "right"
    said = checked(LOGITS.format(zero="pass", loss=loss), recipe)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "accumulated-gradients")


@NEEDS
def test_sums_that_are_held_against_the_targets_themselves_are_not_activated(checked):
    loss = "((torch.tanh(X @ W1 + b1) @ W2 + b2 - torch.eye(3)) ** 2).mean()"
    said = checked(LOGITS.format(zero="opt.zero_grad()", loss=loss), CLASSES)
    assert (said.verdict, said.kind) == ("wrong", "forward")


OTHERS = {
    "2-4-1": """
import numpy as np
rng = np.random.RandomState(1)
X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
W1, b1, W2, b2 = rng.randn(2, 4), np.zeros((1, 4)), rng.randn(4, 1), np.zeros((1, 1))
f = lambda z: 1 / (1 + np.exp(-z))
for i in range(100):
    a1 = f(X @ W1 + b1)
    a2 = f(a1 @ W2 + b2)
    d2 = (a2 - y) * a2 * (1 - a2)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    W2 -= 0.5 * a1.T @ d2; b2 -= 0.5 * d2.sum(0, keepdims=True)
    W1 -= 0.5 * X.T @ d1; b1 -= 0.5 * d1.sum(0, keepdims=True)
""",
    "2-2-2-2": """
import numpy as np
np.random.seed(3)
x, t = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
W = [np.random.randn(2, 2), np.random.randn(2, 2), np.random.randn(2, 2)]
f = lambda z: 1 / (1 + np.exp(-z))
for i in range(40):
    a = [x]
    for w in W:
        a.append(f(a[-1] @ w))
    d = (a[-1] - t) * a[-1] * (1 - a[-1])
    for l in (2, 1, 0):
        g = a[l].T @ d
        d = d @ W[l].T * a[l] * (1 - a[l])
        W[l] = W[l] - 0.5 * g
""",
    "2-4-1 in lists": """
import math, random
random.seed(0)
data = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
u = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(4)]
v, b, c = [random.uniform(-1, 1) for _ in range(4)], [0.0] * 4, 0.0
f = lambda z: 1 / (1 + math.exp(-z))
for epoch in range(50):
    for x, y in data:
        h = [f(sum(w * k for w, k in zip(u[j], x)) + b[j]) for j in range(4)]
        o = f(sum(w * k for w, k in zip(v, h)) + c)
        d = (o - y) * o * (1 - o)
        for j in range(4):
            e = d * v[j] * h[j] * (1 - h[j])
            v[j] -= 0.5 * d * h[j]
            b[j] -= 0.5 * e
            for i in range(2):
                u[j][i] -= 0.5 * e * x[i]
        c -= 0.5 * d
""",
    "3-2-1": """
import math
x1, x2, x3, y = 0.5, 0.3, 0.8, 0.4
w = [0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, -0.8]
f = lambda z: 1 / (1 + math.exp(-z))
for i in range(20):
    h1 = f(w[0] * x1 + w[1] * x2 + w[2] * x3)
    h2 = f(w[3] * x1 + w[4] * x2 + w[5] * x3)
    o = f(w[6] * h1 + w[7] * h2)
    d = (o - y) * o * (1 - o)
    e1, e2 = d * w[6] * h1 * (1 - h1), d * w[7] * h2 * (1 - h2)
    g = [e1 * x1, e1 * x2, e1 * x3, e2 * x1, e2 * x2, e2 * x3, d * h1, d * h2]
    w = [a - b for a, b in zip(w, g)]
""",
    "2-4-1 in torch": """
import torch, torch.nn as nn
torch.manual_seed(0)
X, Y = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), torch.tensor([[0.], [1.], [1.], [0.]])
net = nn.Sequential(nn.Linear(2, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
opt, crit = torch.optim.SGD(net.parameters(), lr=0.5), nn.MSELoss()
for i in range(50):
    opt.zero_grad()
    crit(net(X), Y).backward()
    opt.step()
""",
}


@pytest.mark.parametrize("name", [pytest.param(one, marks=NEEDS if "torch" in one else ()) for one in OTHERS])
def test_a_network_of_other_sizes_is_told_with_them_and_not_called_wrong(name, checked):
    said = checked(OTHERS[name])
    assert (said.verdict, said.kind) == ("cannot_tell", "other_network")
    assert f"is {name.split()[0]}, that of the recipe is 2-2-2" in said.reason


def test_equal_initial_values_are_read_as_distinct_variables_in_a_wrong_program_too(checked):
    text = """
areas, rooms, prices = [0.8, 1.2, 1.5, 2.0, 0.6], [0.3, 0.5, 0.4, 0.9, 0.2], [1.6, 2.5, 2.9, 4.1, 1.2]
w0 = w1 = b = 0.0
for turn in range(20):
    g0 = g1 = gb = 0.0
    for x, z, p in zip(areas, rooms, prices):
        e = w0 * x + w1 * z + b - p
        g0 += 2 * e * x
        g1 += 2 * e * z
        gb += 2 * e
    w0 -= 0.1 * g0
    w1 -= 0.1 * g1
    b -= 0.1 * gb
"""
    recipe = {
        "network": {"layers": [2, 1], "activations": "identity", "biases": True},
        "parameters": {"weights": [[[0.0], [0.0]]], "biases": [[0.0]]},
        "data": {
            "inputs": [[0.8, 0.3], [1.2, 0.5], [1.5, 0.4], [2.0, 0.9], [0.6, 0.2]],
            "targets": [[1.6], [2.5], [2.9], [4.1], [1.2]],
        },
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.1, "iterations": 20},
    }
    said = checked(text, recipe)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "batch-sum-for-mean")
    assert [one.theirs for one in said.parameters] == ["w0", "w1", "b"]
