"""Layers as objects that keep their gradients, and an optimizer that only reads them: the place is in the layer."""

import pytest

LAYERS = """
import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = np.array(W), np.array(b)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
    def forward(self, x):
        self.x = x
        self.a = 1 / (1 + np.exp(-(x @ self.W + self.b)))
        return self.a
    def backward(self, upstream):
        delta = upstream * self.a * (1 - self.a)
        self.dW += self.x.T @ delta
        self.db += delta.sum(axis=0)
        return delta @ self.W.T
    def clear(self):
        self.dW.fill(0.0)
        self.db.fill(0.0)
class Descent:
    def __init__(self, layers, lr):
        self.layers, self.lr = layers, lr
    def step(self):
        for layer in self.layers:
            layer.W -= self.lr * layer.dW
            layer.b -= self.lr * layer.db
X = np.array([[0.2, -0.6], [0.9, 0.4], [-0.5, 0.7]])
Y = np.array([[0.8, 0.1], [0.3, 0.6], [0.55, 0.95]])
layers = [Dense([[0.4, -0.7], [0.85, 0.3]], [0.12, -0.31]), Dense([[-0.6, 0.5], [0.35, 0.9]], [0.07, 0.22])]
descent = Descent(layers, 0.8)
for epoch in range(20):
    for layer in layers:
        layer.clear()
    out = X
    for layer in layers:
        out = layer.forward(out)
    back = (out - Y) / len(X)
    for layer in reversed(layers):
        back = layer.backward(back)
    descent.step()
"""
RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.4, -0.7], [0.85, 0.3]], [[-0.6, 0.5], [0.35, 0.9]]],
        "biases": [[0.12, -0.31], [0.07, 0.22]],
    },
    "data": {
        "inputs": [[0.2, -0.6], [0.9, 0.4], [-0.5, 0.7]],
        "targets": [[0.8, 0.1], [0.3, 0.6], [0.55, 0.95]],
    },
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.8, "iterations": 20},
}


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def test_a_square_gradient_that_lies_the_other_way_is_mended_where_it_is_made(checked):
    assert checked(LAYERS, RECIPE).verdict == "right"
    text = LAYERS.replace("self.x.T @ delta", "delta.T @ self.x")
    said = checked(text, RECIPE)
    first = said.explanations[0]
    assert (first.mistake, said.line, first.proof) == (
        "transposed-weight-gradient",
        line_of(text, "delta.T @ self.x"),
        True,
    )


def test_a_bias_gradient_that_is_missing_belongs_beside_the_one_of_the_weights(checked):
    text = LAYERS.replace("        self.db += delta.sum(axis=0)\n", "")
    said = checked(text, RECIPE)
    assert (said.explanations[0].mistake, said.line) == ("missing-bias-gradient", line_of(text, "self.dW +="))


@pytest.mark.parametrize("missing", ["W1", "b1", "W2", "b2"])
def test_a_missing_update_belongs_where_the_order_of_the_others_has_it(checked, missing):
    order = ["W1", "b1", "W2", "b2"]
    lines = {name: f"    {name} -= 0.8 * g_{name}\n" for name in order}
    text = """
import numpy as np
X = np.array([[0.2, -0.6], [0.9, 0.4], [-0.5, 0.7]])
Y = np.array([[0.8, 0.1], [0.3, 0.6], [0.55, 0.95]])
W1, b1 = np.array([[0.4, -0.7], [0.85, 0.3]]), np.array([0.12, -0.31])
W2, b2 = np.array([[-0.6, 0.5], [0.35, 0.9]]), np.array([0.07, 0.22])
for epoch in range(20):
    h = 1 / (1 + np.exp(-(X @ W1 + b1)))
    o = 1 / (1 + np.exp(-(h @ W2 + b2)))
    d2 = (o - Y) / len(X) * o * (1 - o)
    d1 = d2 @ W2.T * h * (1 - h)
    g_W1, g_b1, g_W2, g_b2 = X.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)
""" + "".join(lines[name] for name in order if name != missing)
    said = checked(text, RECIPE)
    before = order[order.index(missing) - 1] if missing != "W1" else "b1"
    assert said.explanations[0].mistake in {"missing-update", "missing-bias-gradient"}
    assert said.line == line_of(text, lines[before].strip())
    assert checked(said.fixed, RECIPE).verdict == "right"


def test_an_update_of_a_variable_of_its_own_is_no_update(checked):
    text = """
import numpy as np
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
W1, W2 = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])
def s(z):
    return 1 / (1 + np.exp(-z))
def forward():
    h = s(x @ W1)
    return h, s(h @ W2)
h, o = forward()
print(o)
def update(old, gradient):
    old = old - gradient
for k in range(11):
    h, o = forward()
    d2 = (o - y) * o * (1 - o)
    d1 = d2 @ W2.T * h * (1 - h)
    update(W1, x.T @ d1)
    update(W2, h.T @ d2)
"""
    assert checked(text).verdict != "right"
    right = text.replace("    old = old - gradient", "    old -= gradient")
    assert checked(right).verdict == "right"
