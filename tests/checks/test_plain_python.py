"""Programs of numbers, lists and dictionaries in plain Python, in loops over units: the line that is told is the wrong one."""

from textwrap import dedent

import pytest

import backlight as bl

LAYERS = dedent("""\
    from math import exp
    def f(z): return 1 / (1 + exp(-z))
    def slope(a): return a * (1 - a)
    x, y = [0.5, 0.3], [0.2, 0.7]
    W = [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]], [[0.7, 0.25], [-0.6, 0.35]]]
    for step in range(8):
        a = [x]
        for w in W:
            a.append([f(sum(a[-1][i] * w[i][j] for i in range(2))) for j in range(2)])
        d = [None, None, None]
        for layer in (2, 1, 0):
            errors = []
            for j in range(2):
                if layer == 2:
                    errors.append(a[3][j] - y[j])
                else:
                    back = 0.0
                    for k in range(2):
                        back += d[layer + 1][k] * W[layer + 1][j][k]
                    errors.append(back)
            d[layer] = [e * slope(out) for e, out in zip(errors, a[layer + 1])]
        for layer in range(3):
            for i in range(2):
                for j in range(2):
                    change = d[layer][j] * a[layer][i]
                    W[layer][i][j] = W[layer][i][j] - 0.5 * change
    """)
ONE_OUTPUT = dedent("""\
    from math import exp
    def act(z): return 1 / (1 + exp(-z))
    x, goal = [0.5, 0.3], [0.7]
    hidden = [{"w": [0.2, 0.5, 0.1]}, {"w": [-0.4, 0.6, -0.2]}]
    top = [{"w": [0.1, -0.3, 0.3]}]
    for step in range(8):
        ins = x
        for group in (hidden, top):
            outs = []
            for unit in group:
                unit["out"] = act(unit["w"][2] + unit["w"][0] * ins[0] + unit["w"][1] * ins[1])
                outs.append(unit["out"])
            ins = outs
        for group in (top, hidden):
            wrongs = []
            for j in range(len(group)):
                if group is top:
                    wrongs.append(group[j]["out"] - goal[j])
                else:
                    wrongs.append(top[0]["w"][j] * top[0]["delta"])
            for j in range(len(group)):
                group[j]["delta"] = wrongs[j] * group[j]["out"] * (1 - group[j]["out"])
        for group, ins in ((hidden, x), (top, [unit["out"] for unit in hidden])):
            for unit in group:
                for i in range(2):
                    unit["w"][i] -= 0.5 * unit["delta"] * ins[i]
                unit["w"][2] -= 0.5 * unit["delta"]
    """)
ASCENT = dedent("""\
    from math import tanh
    x, y = [0.5, 0.3], [0.2, 0.7]
    V = [[0.2, -0.4], [0.5, 0.6]]; U = [[0.1, -0.5], [-0.3, 0.8]]; c = [0.1, -0.2]; e = [0.3, 0.05]
    for step in range(8):
        h, o = [0.0, 0.0], [0.0, 0.0]
        for j in range(2):
            total = 0.0
            for i in range(2):
                total = total + x[i] * V[i][j]
            total += c[j]
            h[j] = tanh(total)
        for k in range(2):
            total = 0.0
            for j in range(2):
                total = total + h[j] * U[j][k]
            total += e[k]
            o[k] = tanh(total)
        dk, dj = [0.0, 0.0], [0.0, 0.0]
        for k in range(2):
            gap = y[k] - o[k]
            dk[k] = gap * (1 - o[k] ** 2)
        for j in range(2):
            back = 0.0
            for k in range(2):
                back = back + dk[k] * U[j][k]
            dj[j] = back * (1 - h[j] ** 2)
        for j in range(2):
            for k in range(2):
                U[j][k] = U[j][k] + 0.5 * dk[k] * h[j]
        for i in range(2):
            for j in range(2):
                V[i][j] = V[i][j] + 0.5 * dj[j] * x[i]
        for j in range(2):
            c[j] += 0.5 * dj[j]
        for k in range(2):
            e[k] += 0.5 * dk[k]
    """)
ALL_SAMPLES = dedent("""\
    import numpy as np
    def f(z): return 1 / (1 + np.exp(-z))
    data = [(np.array([[0.5], [0.3]]), np.array([[0.2], [0.7]])), (np.array([[-0.2], [0.9]]), np.array([[0.6], [0.1]]))]
    W = [np.array([[0.2, 0.5], [-0.4, 0.6], [0.15, -0.7]]), np.array([[0.1, -0.3, 0.8], [-0.5, 0.8, 0.4]])]
    def of_one(x, y):
        h = f(W[0] @ x)
        o = f(W[1] @ h)
        d2 = (o - y) * o * (1 - o)
        d1 = W[1].T @ d2 * h * (1 - h)
        return [d1 @ x.T, d2 @ h.T]
    for step in range(8):
        totals = [np.zeros(w.shape) for w in W]
        for x, y in data:
            ones = of_one(x, y)
            totals = [total + one for total, one in zip(totals, ones)]
        W = [w - 0.5 * total for w, total in zip(W, totals)]
    """)
X, Y = [[0.5, 0.3]], [[0.2, 0.7]]
TWO = [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]]


def recipe(weights, *, biases=None, inputs=X, targets=Y, activation="sigmoid"):
    """A recipe with these numbers."""
    return {
        "network": {
            "layers": [len(weights[0]), *(len(one[0]) for one in weights)],
            "activations": activation,
            "biases": biases is not None,
        },
        "parameters": {"weights": weights} | ({} if biases is None else {"biases": biases}),
        "data": {"inputs": inputs, "targets": targets},
        "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
        "training": {"learning_rate": 0.5, "iterations": 8},
    }


RECIPES = {
    LAYERS: recipe([*TWO, [[0.7, 0.25], [-0.6, 0.35]]]),
    ONE_OUTPUT: recipe([TWO[0], [[0.1], [-0.3]]], biases=[[0.1, -0.2], [0.3]], targets=[[0.7]]),
    ASCENT: recipe(TWO, biases=[[0.1, -0.2], [0.3, 0.05]], activation="tanh"),
    ALL_SAMPLES: recipe(
        [[[0.2, -0.4, 0.15], [0.5, 0.6, -0.7]], [[0.1, -0.5], [-0.3, 0.8], [0.8, 0.4]]],
        inputs=[[0.5, 0.3], [-0.2, 0.9]],
        targets=[[0.2, 0.7], [0.6, 0.1]],
    ),
}


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), start=1) if part in line)


@pytest.mark.parametrize("text", RECIPES)
def test_the_programs_are_right_before_something_is_changed_in_them(checked, text):
    assert checked(text, recipe=bl.recipe(RECIPES[text])).verdict == "right"


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (LAYERS, "* W[layer + 1][j][k]", "* W[layer + 1][0][k]"),
        (LAYERS, "def slope(a): return a * (1 - a)", "def slope(a): return f(a) * (1 - f(a))"),
        (LAYERS, "[e * slope(out) for", "[e * (slope(out) if layer < 2 else 1) for"),
        (LAYERS, "a[3][j] - y[j]", "y[j] - a[3][j]"),
        (ONE_OUTPUT, 'group[j]["out"] - goal[j]', 'group[j]["out"]'),
        (ASCENT, "gap = y[k] - o[k]", "gap = o[k] - y[k]"),
        (ASCENT, "U[j][k] = U[j][k] + 0.5", "U[k][j] = U[k][j] + 0.5"),
        (ASCENT, "total = total + x[i] * V[i][j]", "total = total + x[i] * V[j][i]"),
        (ALL_SAMPLES, "[total + one for", "[one for"),
    ],
)
def test_the_line_is_the_one_that_was_changed(checked, text, old, new):
    assert text.count(old) == 1
    wrong = text.replace(old, new)
    said = checked(wrong, recipe=bl.recipe(RECIPES[text]))
    assert (said.verdict, said.line) == ("wrong", line_of(wrong, new)), said
