"""Lists of lists: rows for columns, slopes, sums, rows that are one row, and cases that are matched."""

from functools import partial

import pytest

from tests.checks.slips import told_of

LISTS = """from math import exp
LEAK = 0.1
def dot(a, b):
    return sum(x * y for x, y in zip(a, b))
def leaky(pre):
    return [v if v > 0 else LEAK * v for v in pre]
def slopes(pre):
    return [1.0 if v > 0 else LEAK for v in pre]
def out_of(pre, kind):
    match kind:
        case "last":
            return [1 / (1 + exp(-v)) for v in pre]
        case _:
            return leaky(pre)
def back(delta, rows):
    return [dot(delta, column) for column in zip(*rows)]
inputs = [[0.5, -0.3], [-0.8, 0.6], [0.2, 0.9]]
wanted = [[0.2, 0.7], [0.9, 0.1], [0.4, 0.6]]
V = [[0.2, 0.5], [-0.4, 0.6]]
U = [[0.1, -0.3], [-0.5, 0.8]]
c, d = [0.1, -0.2], [0.3, 0.05]
for turn in range(12):
    gV = [[0.0] * 2 for _ in range(2)]
    gU = [[0.0] * 2 for _ in range(2)]
    gc, gd = [0.0] * 2, [0.0] * 2
    for x, t in zip(inputs, wanted):
        pre = [dot(row, x) + b for row, b in zip(V, c)]
        h = out_of(pre, "first")
        o = out_of([dot(row, h) + b for row, b in zip(U, d)], "last")
        e = [(p - q) * p * (1 - p) for p, q in zip(o, t)]
        f = [g * s for g, s in zip(back(e, U), slopes(pre))]
        for i in range(2):
            gd[i] += e[i]
            gc[i] += f[i]
            for j in range(2):
                gU[i][j] += e[i] * h[j]
                gV[i][j] += f[i] * x[j]
    for i in range(2):
        d[i] -= 0.5 * gd[i] / 3
        c[i] -= 0.5 * gc[i] / 3
        for j in range(2):
            U[i][j] -= 0.5 * gU[i][j] / 3
            V[i][j] -= 0.5 * gV[i][j] / 3
"""
RECIPE = {
    "network": {
        "layers": [2, 2, 2],
        "activations": [{"name": "leaky_relu", "negative_slope": 0.1}, "sigmoid"],
        "biases": True,
    },
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
    "rows for columns": ("for column in zip(*rows)", "for column in rows", {16}),
    "no slope": ("[1.0 if v > 0 else LEAK for v in pre]", "[1.0 for v in pre]", {8}),
    "no weights in a sum": ("[dot(delta, column) for", "[sum(delta) for", {16}),
    "one row several times": ("gV = [[0.0] * 2 for _ in range(2)]", "gV = [[0.0] * 2] * 2", {23}),
    "two sums that are begun outside": (
        """for turn in range(12):
    gV = [[0.0] * 2 for _ in range(2)]
    gU = [[0.0] * 2 for _ in range(2)]
    gc, gd = [0.0] * 2, [0.0] * 2
""",
        """gV = [[0.0] * 2 for _ in range(2)]
gU = [[0.0] * 2 for _ in range(2)]
gc, gd = [0.0] * 2, [0.0] * 2
for turn in range(12):
""",
        {22, 23, 24, 25, 26},
    ),
}


def test_the_lists_are_right_without_a_slip(checked):
    assert checked(LISTS, RECIPE).verdict == "right"


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_lists_is_told_with_its_proof(checked, slip):
    told_of(partial(checked, recipe=RECIPE), LISTS, *SLIPS[slip])
