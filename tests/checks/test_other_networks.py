"""Programs of other networks: told as such with their own sizes, whatever they share with the recipe; never wrong."""

import importlib.util

import pytest

TORCH = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
PROGRAMS = {
    "more outputs": (
        "2-2-3",
        """
import numpy as np
x = np.array([0.5, 0.3]); y = np.array([0.23, -0.07, 0.4])
W1 = np.array([[0.2, -0.4], [0.5, 0.6]]); W2 = np.array([[0.1, -0.5, 0.2], [-0.3, 0.8, 0.4]])
for it in range(11):
    h = 1 / (1 + np.exp(-(x @ W1))); o = 1 / (1 + np.exp(-(h @ W2)))
    d = (o - y) * o * (1 - o); e = W2 @ d * h * (1 - h)
    W2 -= np.outer(h, d); W1 -= np.outer(x, e)
""",
    ),
    "three hidden units in lists": (
        "2-3-2",
        """
import math
x, y = [0.5, 0.3], [0.23, -0.07]
A = [[0.2, -0.4, 0.3], [0.5, 0.6, -0.2]]
B = [[0.1, -0.5], [-0.3, 0.8], [0.45, 0.05]]
f = lambda z: 1 / (1 + math.exp(-z))
for it in range(11):
    h = [f(sum(x[i] * A[i][j] for i in range(2))) for j in range(3)]
    o = [f(sum(h[j] * B[j][k] for j in range(3))) for k in range(2)]
    d = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(2)]
    e = [sum(d[k] * B[j][k] for k in range(2)) * h[j] * (1 - h[j]) for j in range(3)]
    for j in range(3):
        for k in range(2): B[j][k] -= d[k] * h[j]
        for i in range(2): A[i][j] -= e[j] * x[i]
""",
    ),
    "one layer of the recipe's sizes": (
        "2-2",
        """
import numpy as np
x = np.array([0.5, 0.3]); y = np.array([0.23, -0.07])
W = np.array([[0.2, -0.4], [0.5, 0.6]])
for it in range(11):
    o = 1 / (1 + np.exp(-(x @ W)))
    W -= np.outer(x, (o - y) * o * (1 - o))
""",
    ),
    "a line in arrays": (
        "1-1",
        """
import numpy as np
x = np.array([1., 2., 3., 4., 5.])
y = np.array([2.2, 4.1, 6.2, 7.9, 10.1])
w, b = 0.0, 0.0
lr = 0.01
for i in range(100):
    pred = w * x + b
    dw = 2 * np.mean((pred - y) * x)
    db = 2 * np.mean(pred - y)
    w -= lr * dw
    b -= lr * db
print(w, b)
""",
    ),
    "a line in scalars": (
        "1-1",
        """
xs = [1, 2, 3, 4]
ys = [3.1, 4.9, 7.2, 9.0]
m, c = 0.1, 0.2
for epoch in range(50):
    gm = gc = 0
    for x, y in zip(xs, ys):
        e = m * x + c - y
        gm += e * x
        gc += e
    m -= 0.02 * gm / len(xs)
    c -= 0.02 * gc / len(xs)
""",
    ),
    "one more layer": (
        "2-2-2-2",
        """
from math import exp
w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
w9, w10, w11, w12 = 0.7, -0.2, 0.15, 0.35
x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
s = lambda z: 1 / (1 + exp(-z))
for k in range(12):
    h1, h2 = s(w1 * x1 + w3 * x2), s(w2 * x1 + w4 * x2)
    g1, g2 = s(w5 * h1 + w7 * h2), s(w6 * h1 + w8 * h2)
    o1, o2 = s(w9 * g1 + w11 * g2), s(w10 * g1 + w12 * g2)
    d1, d2 = (o1 - y1) * o1 * (1 - o1), (o2 - y2) * o2 * (1 - o2)
    e1, e2 = (d1 * w9 + d2 * w10) * g1 * (1 - g1), (d1 * w11 + d2 * w12) * g2 * (1 - g2)
    f1, f2 = (e1 * w5 + e2 * w6) * h1 * (1 - h1), (e1 * w7 + e2 * w8) * h2 * (1 - h2)
    w9 -= d1 * g1; w10 -= d2 * g1; w11 -= d1 * g2; w12 -= d2 * g2
    w5 -= e1 * h1; w6 -= e2 * h1; w7 -= e1 * h2; w8 -= e2 * h2
    w1 -= f1 * x1; w2 -= f2 * x1; w3 -= f1 * x2; w4 -= f2 * x2
""",
    ),
    "objects": (
        "2-3-2",
        """
import math, random
random.seed(4)
class Neuron:
    def __init__(self, n):
        self.w = [random.uniform(-1, 1) for _ in range(n)]
    def fire(self, xs):
        self.x = xs
        self.o = 1 / (1 + math.exp(-sum(a * b for a, b in zip(self.w, xs))))
        return self.o
layers = [[Neuron(2) for _ in range(3)], [Neuron(3) for _ in range(2)]]
x, y = [0.5, 0.3], [0.23, -0.07]
for it in range(20):
    v = x
    for layer in layers:
        v = [n.fire(v) for n in layer]
    for n, t in zip(layers[1], y):
        n.d = (n.o - t) * n.o * (1 - n.o)
    for j, n in enumerate(layers[0]):
        n.d = sum(m.d * m.w[j] for m in layers[1]) * n.o * (1 - n.o)
    for layer in layers:
        for n in layer:
            n.w = [a - 0.5 * n.d * b for a, b in zip(n.w, n.x)]
""",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_another_network_is_told_with_its_sizes(name, checked):
    sizes, text = PROGRAMS[name]
    said = checked(text)
    assert (said.verdict, said.kind) == ("cannot_tell", "other_network")
    assert said.reason == f"its network is {sizes}, that of the recipe is 2-2-2"


def test_a_sum_of_powers_is_no_line(checked):
    text = """
import numpy as np
x = np.linspace(-1, 1, 9); y = 1 + 2 * x - x ** 2
a, b, c = 0.1, 0.2, 0.3
for i in range(100):
    p = a + b * x + c * x ** 2
    e = p - y
    a -= 0.1 * e.mean(); b -= 0.1 * (e * x).mean(); c -= 0.1 * (e * x ** 2).mean()
"""
    assert checked(text).verdict == "cannot_tell"


@TORCH
def test_a_line_in_torch_is_told_as_one_in_a_bounded_time(checked):
    text = """
import torch
X = torch.tensor([[1.0], [2.0], [3.0]]); y = torch.tensor([[2.0], [4.1], [5.9]])
w = torch.tensor([[0.5]], requires_grad=True); b = torch.zeros(1, requires_grad=True)
for i in range(30):
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.05 * w.grad; b -= 0.05 * b.grad
        w.grad.zero_(); b.grad.zero_()
"""
    assert checked(text, "course-torch").reason == "its network is 1-1, that of the recipe is 2-2-2"


WRONG_WAY = """
from math import exp
w = [0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8]
x, y = (0.5, 0.3), (0.23, -0.07)
s = lambda z: 1 / (1 + exp(-z))
for k in range(12):
    h = [s(w[0] * x[0] + w[2] * x[1]), s(w[1] * x[0] + w[3] * x[1])]
    o = [s({z} + w[6] * h[1]), s(w[5] * h[0] + w[7] * h[1])]
    d = [(a - b) * a * (1 - a) for a, b in zip(o, y)]
    e = [(d[0] * w[4] + d[1] * w[5]) * h[0] * (1 - h[0]), (d[0] * w[6] + d[1] * w[7]) * h[1] * (1 - h[1])]
    g = [e[0] * x[0], e[1] * x[0], e[0] * x[1], e[1] * x[1], d[0] * h[0], d[1] * h[0], d[0] * h[1], d[1] * h[1]]
    w = [a - b for a, b in zip(w, g)]
"""


@pytest.mark.parametrize(("z", "verdict"), [("w[4] * h[0]", "right"), ("w[4] * x[0]", "wrong")])
def test_the_recipes_numbers_put_to_a_wrong_use_are_a_wrong_forward_pass(z, verdict, checked):
    said = checked(WRONG_WAY.format(z=z))
    assert (said.verdict, said.kind) == (verdict, "right" if verdict == "right" else "forward")


THRESHOLDS = """
import math
class Cell:
    def __init__(self, weights, threshold):
        self.weights, self.threshold = list(weights), threshold
    def out(self, given):
        self.given = given
        total = 0
        for a, b in zip(self.weights, given):
            total += a * b
        self.value = 1 / (1 + math.exp(self.threshold - total))
        return self.value
    def learn(self, delta):
        self.weights = [w - 0.4 * delta * g for w, g in zip(self.weights, self.given)]
        self.threshold = self.threshold + 0.4 * delta
hidden = [Cell((0.3, 0.7), -0.2), Cell((-0.6, 0.5), 0.4)]
last = Cell((0.5, -0.8), -0.3)
data = {(0.1, 0.9): 0.7, (0.8, 0.4): 0.2}
for turn in range(20):
    for x, y in data.items():
        o = last.out([one.out(x) for one in hidden])
        d = (o - y) * o * (1 - o)
        back = [d * w * one.value * (1 - one.value) for w, one in zip(last.weights, hidden)]
        last.learn(d)
        for one, e in zip(hidden, back):
            one.learn(e)
"""
CELLS = {
    "network": {"layers": [2, 2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {"weights": [[[0.3, -0.6], [0.7, 0.5]], [[0.5], [-0.8]]], "biases": [[0.2, -0.4], [0.3]]},
    "data": {"inputs": [[0.1, 0.9], [0.8, 0.4]], "targets": [[0.7], [0.2]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.4, "batch_size": 1, "iterations": 40},
}


def test_equal_weights_that_one_variable_goes_through_are_two_weights(checked):
    assert checked(THRESHOLDS, CELLS).verdict == "right"
    said = checked(THRESHOLDS.replace("d * w * one.value", "d * one.value"), CELLS)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "missing-weight-factor")
