"""Small engines of the program's own: their rules are searched, and what an operation is by its name is left alone."""

from functools import partial

import pytest

from tests.checks.slips import told_of

ENGINE = """import numpy as np
class Node:
    def __init__(self, value, parents=()):
        self.value = np.asarray(value, dtype=float)
        self.grad = np.zeros_like(self.value)
        self.parents = parents
        self.rule = lambda: None
    def __add__(self, other):
        out = Node(self.value + other.value, (self, other))
        def rule():
            self.grad = self.grad + fit(out.grad, self.value)
            other.grad = other.grad + fit(out.grad, other.value)
        out.rule = rule
        return out
    def __sub__(self, other):
        out = Node(self.value - other.value, (self, other))
        def rule():
            self.grad = self.grad + fit(out.grad, self.value)
            other.grad = other.grad - fit(out.grad, other.value)
        out.rule = rule
        return out
    def __mul__(self, other):
        out = Node(self.value * other.value, (self, other))
        def rule():
            self.grad = self.grad + fit(other.value * out.grad, self.value)
            other.grad = other.grad + fit(self.value * out.grad, other.value)
        out.rule = rule
        return out
    def __matmul__(self, other):
        out = Node(self.value @ other.value, (self, other))
        def rule():
            self.grad = self.grad + out.grad @ other.value.T
            other.grad = other.grad + self.value.T @ out.grad
        out.rule = rule
        return out
    def tanh(self):
        t = np.tanh(self.value)
        out = Node(t, (self,))
        def rule():
            self.grad = self.grad + (1 - t * t) * out.grad
        out.rule = rule
        return out
    def total(self):
        out = Node(self.value.sum(), (self,))
        def rule():
            self.grad = self.grad + np.ones_like(self.value) * out.grad
        out.rule = rule
        return out
    def backward(self):
        order = []
        def visit(node):
            if node not in order:
                for parent in node.parents:
                    visit(parent)
                order.append(node)
        visit(self)
        self.grad = np.ones_like(self.value)
        for node in reversed(order):
            node.rule()
def fit(grad, like):
    while grad.ndim > like.ndim:
        grad = grad.sum(axis=0)
    return grad
X = Node([[0.5, -0.3], [-0.8, 0.6], [0.2, 0.9]])
Y = Node([[0.2, 0.7], [0.9, 0.1], [0.4, 0.6]])
half = Node(0.5 / 3)
W1, b1 = Node([[0.2, -0.4], [0.5, 0.6]]), Node([0.1, -0.2])
W2, b2 = Node([[0.1, -0.5], [-0.3, 0.8]]), Node([0.3, 0.05])
for k in range(15):
    out = ((X @ W1 + b1).tanh() @ W2 + b2).tanh()
    miss = Y - out
    loss = (miss * miss).total() * half
    for p in (W1, b1, W2, b2):
        p.grad = np.zeros_like(p.value)
    loss.backward()
    for p in (W1, b1, W2, b2):
        p.value = p.value - 0.4 * p.grad
"""
RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": ["tanh", "tanh"], "biases": True},
    "parameters": {
        "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
        "biases": [[0.1, -0.2], [0.3, 0.05]],
    },
    "data": {
        "inputs": [[0.5, -0.3], [-0.8, 0.6], [0.2, 0.9]],
        "targets": [[0.2, 0.7], [0.9, 0.1], [0.4, 0.6]],
    },
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.4, "iterations": 15},
}
SLIPS = {
    "a variable of the function around": ("self.value.T @ out.grad", "out.value.T @ out.grad", {33}),
    "the sign of a rule, and no operation by another name": (
        "other.grad = other.grad - fit",
        "other.grad = other.grad + fit",
        {19},
    ),
    "one of two rules alike": ("            other.grad = other.grad + fit(out.grad, other.value)\n", "", {11}),
}


def test_the_engine_is_right_without_a_slip(checked):
    assert checked(ENGINE, RECIPE).verdict == "right"


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_rule_is_told_with_its_proof(checked, slip):
    told_of(partial(checked, recipe=RECIPE), ENGINE, *SLIPS[slip])
