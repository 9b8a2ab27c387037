"""Gradients that are right and go to each other's parameters: told where the names change, not where they are computed."""

from textwrap import dedent

import pytest

RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
        "biases": [[0.1, -0.2], [0.3, 0.05]],
    },
    "data": {"inputs": [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]], "targets": [[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 9},
}
DATA = dedent("""\
    import numpy as np
    x = np.array([[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]])
    y = np.array([[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]])
    """)
UNPACKED = DATA + dedent("""\
    W1, b1 = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([0.1, -0.2])
    W2, b2 = np.array([[0.1, -0.5], [-0.3, 0.8]]), np.array([0.3, 0.05])
    def back(h, o):
        d2 = (o - y) * o * (1 - o)
        dW2 = h.T @ d2
        db2 = d2.sum(0)
        d1 = d2 @ W2.T * (1 - h * h)
        dW1 = x.T @ d1
        db1 = d1.sum(0)
        return dW1, db1, dW2, db2
    def move(what, slope):
        what -= 0.5 * slope
    for turn in range(9):
        h = np.tanh(x @ W1 + b1)
        o = 1 / (1 + np.exp(-(h @ W2 + b2)))
        dW1, db1, dW2, db2 = back(h, o)
        move(W1, dW1)
        move(b1, db1)
        move(W2, dW2)
        move(b2, db2)
    """)
IN_LISTS = DATA + dedent("""\
    W = [np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])]
    B = [np.array([0.1, -0.2]), np.array([0.3, 0.05])]
    def slopes():
        h = np.tanh(x @ W[0] + B[0])
        o = 1 / (1 + np.exp(-(h @ W[1] + B[1])))
        d2 = (o - y) * o * (1 - o)
        dW2 = h.T @ d2
        d1 = d2 @ W[1].T * (1 - h * h)
        dW1 = x.T @ d1
        return [dW1, dW2], [d1.sum(0), d2.sum(0)]
    for turn in range(9):
        of_W, of_B = slopes()
        for k in range(2):
            W[k] = W[k] - 0.5 * of_W[k]
            B[k] = B[k] - 0.5 * of_B[k]
    """)
TURNED_ROUND = DATA + dedent("""\
    def layer(W, b, bend, slope):
        seen = {}
        def forth(a):
            seen["in"] = a
            seen["out"] = bend(a @ W + b)
            return seen["out"]
        def back(d):
            d = d * slope(seen["out"])
            return d @ W.T, seen["in"].T @ d, d.sum(0)
        return forth, back
    Ws = [np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])]
    bs = [np.array([0.1, -0.2]), np.array([0.3, 0.05])]
    layers = [
        layer(Ws[0], bs[0], np.tanh, lambda a: 1 - a * a),
        layer(Ws[1], bs[1], lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    ]
    for turn in range(9):
        a = x
        for forth, _ in layers:
            a = forth(a)
        found = []
        d = a - y
        for _, back in reversed(layers):
            d, of_W, of_b = back(d)
            found.insert(0, (of_W, of_b))
        for W, b, (of_W, of_b) in zip(Ws, bs, found):
            W -= 0.5 * of_W
            b -= 0.5 * of_b
    """)
CASES = {
    "given to the wrong names": (
        UNPACKED,
        "dW1, db1, dW2, db2 = back(h, o)",
        "dW2, db1, dW1, db2 = back(h, o)",
    ),
    "given back in the wrong order": (UNPACKED, "return dW1, db1, dW2, db2", "return dW2, db1, dW1, db2"),
    "handed to the wrong parameters": (UNPACKED, "move(W1, dW1)", "move(W1, dW2)"),
    "listed in the wrong order": (IN_LISTS, "return [dW1, dW2]", "return [dW2, dW1]"),
    "taken from the wrong end of a list": (IN_LISTS, "0.5 * of_W[k]", "0.5 * of_W[1 - k]"),
    "kept from the last layer to the first": (
        TURNED_ROUND,
        "found.insert(0, (of_W, of_b))",
        "found.append((of_W, of_b))",
    ),
}


@pytest.mark.parametrize(("text", "right", "wrong"), CASES.values(), ids=CASES)
def test_the_line_is_the_one_where_the_gradients_are_exchanged(checked, text, right, wrong):
    assert text.count(right) == 1
    said = checked(text.replace(right, wrong), RECIPE)
    line = text[: text.index(right)].count("\n") + 1
    assert (said.verdict, said.line) == ("wrong", line)


@pytest.mark.parametrize(
    "case", ["given to the wrong names", "listed in the wrong order", "kept from the last layer to the first"]
)
def test_that_they_are_exchanged_is_said_of_all_arrays_together(checked, case):
    text, right, wrong = CASES[case]
    said = checked(text.replace(right, wrong), RECIPE).explanations[0]
    assert (said.mistake, said.also) == ("swapped-gradients", ())


@pytest.mark.parametrize("text", [UNPACKED, IN_LISTS, TURNED_ROUND])
def test_the_same_programs_in_order_are_right(checked, text):
    assert checked(text, RECIPE).verdict == "right"
