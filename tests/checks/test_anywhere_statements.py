"""Lines that are missing, calls that are forgotten, loops that go too far: found anywhere in a program, and proved."""

from functools import partial

import pytest

from tests.checks.slips import told_of

LAYERS = """import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = np.array(W), np.array(b)
        self.clear()
    def clear(self):
        self.gW, self.gb = np.zeros_like(self.W), np.zeros_like(self.b)
    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        self.a = 1 / (1 + np.exp(-self.z))
        return self.a
    def backward(self, g):
        d = g * self.a * (1 - self.a)
        self.gW += self.x.T @ d
        self.gb += d.sum(axis=0)
        return d @ self.W.T
    def step(self, lr):
        self.W -= lr * self.gW
        self.b -= lr * self.gb
X = np.array([[0.5, -0.3], [-0.8, 0.6], [0.2, 0.9]])
Y = np.array([[0.2, 0.7], [0.9, 0.1], [0.4, 0.6]])
layers = [Dense([[0.2, -0.4], [0.5, 0.6]], [0.1, -0.2]), Dense([[0.1, -0.5], [-0.3, 0.8]], [0.3, 0.05])]
for k in range(12):
    for layer in layers:
        layer.clear()
    a = X
    for layer in layers:
        a = layer.forward(a)
    n = len(X)
    g = a - Y
    g /= n
    for layer in reversed(layers):
        g = layer.backward(g)
    for layer in layers:
        layer.step(0.5)
"""
RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": ["sigmoid", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
        "biases": [[0.1, -0.2], [0.3, 0.05]],
    },
    "data": {
        "inputs": [[0.5, -0.3], [-0.8, 0.6], [0.2, 0.9]],
        "targets": [[0.2, 0.7], [0.9, 0.1], [0.4, 0.6]],
    },
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.5, "iterations": 12},
}
SLIPS = {
    "a forgotten call": (
        "    for layer in layers:\n        layer.clear()\n    a = X\n",
        "    a = X\n",
        {25, 26},
        "accumulated-gradients",
    ),
    "another attribute of the same object": ("self.x.T @ d", "self.a.T @ d", {15}, "wrong-input-factor"),
    "the sum for the biases": ("        self.gb += d.sum(axis=0)\n", "", {15, 16}, "missing-bias-gradient"),
    "an update of the biases": ("        self.b -= lr * self.gb\n", "", {18, 19, 20}, "missing-bias-gradient"),
    "some of a list": ("reversed(layers):", "reversed(layers[1:]):", {33}, "missing-update"),
    "a loop around an update": (
        "        layer.step(0.5)\n",
        "        for _ in range(3):\n            layer.step(0.5)\n",
        {36, 37},
        "repeated-update",
    ),
    "a line with what is never read": ("    g /= n\n", "", {30, 31}, "batch-sum-for-mean"),
    "a length": ("n = len(X)", "n = X.shape[1]", {30}, "wrong-batch-size"),
    "a derivative for two factors": (
        "g * self.a * (1 - self.a)",
        "g * self.z * (1 - self.z)",
        {14},
        "derivative-form-of-pre-activation",
    ),
    "an update too soon": (
        "        return d @ self.W.T\n",
        "        self.W -= 0.5 * self.gW\n        return d @ self.W.T\n",
        {17, 18},
        "updated-weights-in-back-step",
    ),
}


def test_the_layers_are_right_without_a_slip(checked):
    assert checked(LAYERS, RECIPE).verdict == "right"


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_a_line_is_told_with_its_proof(checked, slip):
    old, new, lines, mistake = SLIPS[slip]
    program = LAYERS
    if mistake == "updated-weights-in-back-step":
        program = program.replace("        self.W -= lr * self.gW\n", "")
    first = told_of(partial(checked, recipe=RECIPE), program, old, new, lines)
    assert mistake in {first.mistake, *first.equals}
