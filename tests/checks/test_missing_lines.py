"""Mistakes where a line is missing, or a reset is: which line is told, and what is written there."""

import re
from textwrap import dedent

import pytest

RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.4, -0.7], [0.85, 0.3]], [[-0.6, 0.5], [0.35, 0.9]]],
        "biases": [[0.12, -0.31], [0.07, 0.22]],
    },
    "data": {"inputs": [[0.2, -0.6], [0.9, 0.4]], "targets": [[0.8, 0.1], [0.3, 0.6]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 12},
}
ONE_SAMPLE = RECIPE | {"data": {"inputs": [[0.2, -0.6]], "targets": [[0.8, 0.1]]}}
HEAD = dedent("""\
    import numpy as np
    def act(v):
        return 1 / (1 + np.exp(-v))
    inputs = np.array([[0.2, -0.6], [0.9, 0.4]])
    wanted = np.array([[0.8, 0.1], [0.3, 0.6]])
    """)
IN_LISTS = HEAD + dedent("""\
    ws = [np.array([[0.4, -0.7], [0.85, 0.3]]), np.array([[-0.6, 0.5], [0.35, 0.9]])]
    bs = [np.array([0.12, -0.31]), np.array([0.07, 0.22])]
    def slopes(x, y):
        d_ws, d_bs = [0 * w for w in ws], [np.zeros_like(b) for b in bs]
        outs = [x]
        for w, b in zip(ws, bs):
            outs.append(act(outs[-1] @ w + b))
        delta = (outs[-1] - y) * outs[-1] * (1 - outs[-1])
        d_ws[-1] = np.outer(outs[-2], delta)
        d_bs[-1] = delta
        for k in [2]:
            delta = ws[-k + 1] @ delta * outs[-k] * (1 - outs[-k])
            d_ws[-k] = np.outer(outs[-k - 1], delta)
            d_bs[-k] = delta
        return d_ws, d_bs
    for turn in range(12):
        sum_ws, sum_bs = [0 * w for w in ws], [0 * b for b in bs]
        for x, y in zip(inputs, wanted):
            one_ws, one_bs = slopes(x, y)
            sum_ws = [s + d for s, d in zip(sum_ws, one_ws)]
            sum_bs = [s + d for s, d in zip(sum_bs, one_bs)]
        ws = [w - 0.5 * s for w, s in zip(ws, sum_ws)]
        bs = [b - 0.5 * s for b, s in zip(bs, sum_bs)]
    """)
BY_NAME = HEAD + dedent("""\
    net = {"V": np.array([[0.4, -0.7], [0.85, 0.3]]), "c": np.array([0.12, -0.31]),
           "U": np.array([[-0.6, 0.5], [0.35, 0.9]]), "e": np.array([0.07, 0.22])}
    pots = {name: np.zeros_like(value) for name, value in net.items()}
    def learn(x, y):
        mid = act(x @ net["V"] + net["c"])
        out = act(mid @ net["U"] + net["e"])
        back = (out - y) * out * (1 - out)
        front = net["U"] @ back * mid * (1 - mid)
        pots["U"] += np.outer(mid, back)
        pots["e"] += back
        pots["V"] += np.outer(x, front)
        pots["c"] += front
    for turn in range(12):
        for x, y in zip(inputs, wanted):
            learn(x, y)
        for name in net:
            net[name] -= 0.5 * pots[name]
            pots[name] = np.zeros_like(pots[name])
    """)
BY_CALL = HEAD + dedent("""\
    V, c = np.array([[0.4, -0.7], [0.85, 0.3]]), np.array([0.12, -0.31])
    U, e = np.array([[-0.6, 0.5], [0.35, 0.9]]), np.array([0.07, 0.22])
    def descend(what, slope):
        what -= 0.5 * slope
    for turn in range(12):
        mid = act(inputs @ V + c)
        out = act(mid @ U + e)
        back = (out - wanted) * out * (1 - out)
        front = back @ U.T * mid * (1 - mid)
        slope_U, slope_e = mid.T @ back, back.sum(0)
        slope_V, slope_c = inputs.T @ front, front.sum(0)
        descend(V, slope_V)
        descend(c, slope_c)
        descend(U, slope_U)
        descend(e, slope_e)
    """)
IN_ARRAYS = re.sub(r"descend\((\w), (\w+)\)", r"\1 = \1 - 0.5 * \2", BY_CALL)
OF_OBJECTS = HEAD + dedent("""\
    class Stage:
        def __init__(self, w, c):
            self.w, self.c = np.array(w), np.array(c)
            self.w_sum = np.zeros_like(self.w)
            self.c_sum = np.zeros_like(self.c)
        def run(self, x):
            self.x, self.out = x, act(x @ self.w + self.c)
            return self.out
        def back(self, d):
            d = d * self.out * (1 - self.out)
            self.w_sum += self.x.T @ d
            self.c_sum += d.sum(0)
            return d @ self.w.T
        def clear(self):
            self.w_sum = np.zeros_like(self.w)
            self.c_sum = np.zeros_like(self.c)
        def move(self):
            self.w -= 0.5 * self.w_sum
            self.c -= 0.5 * self.c_sum
    stages = [Stage([[0.4, -0.7], [0.85, 0.3]], [0.12, -0.31]), Stage([[-0.6, 0.5], [0.35, 0.9]], [0.07, 0.22])]
    for turn in range(12):
        for one in stages:
            one.clear()
        out = inputs
        for one in stages:
            out = one.run(out)
        gap = out - wanted
        for one in reversed(stages):
            gap = one.back(gap)
        for one in stages:
            one.move()
    """)
OF_LAYERS = HEAD + dedent("""\
    class Layer:
        def __init__(self, w, c):
            self.w = np.array(w)
            self.c = np.array(c)
        def run(self, x):
            self.x, self.out = x, act(x @ self.w + self.c)
            return self.out
        def back(self, d, rate):
            d = d * self.out * (1 - self.out)
            e = d @ self.w.T
            self.w -= rate * self.x.T @ d
            self.c -= rate * d.sum(0)
            return e
    layers = []
    for w, c in [([[0.4, -0.7], [0.85, 0.3]], [0.12, -0.31]), ([[-0.6, 0.5], [0.35, 0.9]], [0.07, 0.22])]:
        layers.append(Layer(w, c))
    for turn in range(12):
        out = inputs
        for one in layers:
            out = one.run(out)
        gap = out - wanted
        for one in reversed(layers):
            gap = one.back(gap, 0.5)
    """)
IN_LOOPS = dedent("""\
    import math
    data = list(zip([[0.2, -0.6], [0.9, 0.4]], [[0.8, 0.1], [0.3, 0.6]]))
    V, c = [[0.4, -0.7], [0.85, 0.3]], [0.12, -0.31]
    U, e = [[-0.6, 0.5], [0.35, 0.9]], [0.07, 0.22]
    def act(v):
        return 1 / (1 + math.exp(-v))
    for turn in range(12):
        dV, dU, dc, de = [[0, 0], [0, 0]], [[0, 0], [0, 0]], [0, 0], [0, 0]
        for x, t in data:
            h = [act(sum(x[i] * V[i][j] for i in range(2)) + c[j]) for j in range(2)]
            o = [act(sum(h[j] * U[j][k] for j in range(2)) + e[k]) for k in range(2)]
            for k in range(2):
                back = (o[k] - t[k]) * o[k] * (1 - o[k])
                de[k] += back
                for j in range(2):
                    dU[j][k] += back * h[j]
            for j in range(2):
                front = sum((o[k] - t[k]) * o[k] * (1 - o[k]) * U[j][k] for k in range(2)) * h[j] * (1 - h[j])
                dc[j] += front
                for i in range(2):
                    dV[i][j] += front * x[i]
        for j in range(2):
            c[j] -= 0.5 * dc[j]
            for m in range(2):
                V[m][j] -= 0.5 * dV[m][j]
        for k in range(2):
            e[k] -= 0.5 * de[k]
            for j in range(2):
                U[j][k] -= 0.5 * dU[j][k]
    """)
ONE_AFTER_THE_OTHER = HEAD + dedent("""\
    stack = [[np.array([[0.4, -0.7], [0.85, 0.3]]), np.array([0.12, -0.31])],
             [np.array([[-0.6, 0.5], [0.35, 0.9]]), np.array([0.07, 0.22])]]
    for turn in range(12):
        mid = act(inputs @ stack[0][0] + stack[0][1])
        out = act(mid @ stack[1][0] + stack[1][1])
        back = (out - wanted) * out * (1 - out)
        front = back @ stack[1][0].T * mid * (1 - mid)
        moves = [[inputs.T @ front, front.sum(0)], [mid.T @ back, back.sum(0)]]
        for k in range(len(stack)):
            stack[k] = [now - 0.5 * move for now, move in zip(stack[k], moves[k])]
    """)


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), start=1) if part in line)


CASES = [
    pytest.param(
        IN_LISTS,
        ("    bs = [b - 0.5 * s for b, s in zip(bs, sum_bs)]\n", ""),
        ("missing-update", "ws = [w - 0.5", "bs = [b - 0.5 * s for b, s in zip(bs, sum_bs)]"),
        id="the list of the biases is not updated",
    ),
    pytest.param(
        IN_LISTS,
        ("        d_bs[-k] = delta\n", ""),
        ("missing-bias-gradient", "d_ws[-k] = ", "d_bs[-k] = delta"),
        id="the gradient of one layer's biases is not kept",
    ),
    pytest.param(
        BY_NAME,
        ("        net[name] -= ", "        if pots[name].ndim == 2: net[name] -= "),
        ("missing-update", "ndim == 2", "net[name] -= 0.5 * pots[name]"),
        id="a condition leaves the biases out",
    ),
    pytest.param(
        BY_NAME,
        ("        net[name] -= ", '        if name in "ce":\n            continue\n        net[name] -= '),
        ("missing-update", 'name in "ce"', "net[name] -= 0.5 * pots[name]"),
        id="a loop goes on before the biases are updated",
    ),
    pytest.param(
        BY_CALL,
        ("    descend(U, slope_U)\n", ""),
        ("missing-update", "descend(c, slope_c)", "descend(U, slope_U)"),
        id="a function that updates is not called for one array",
    ),
    pytest.param(
        BY_CALL,
        ("inputs.T @ front, front.sum(0)", "inputs.T @ front, np.zeros(2)"),
        ("missing-bias-gradient", "np.zeros(2)", "front.sum(axis=0)"),
        id="zeros are handed over for a gradient",
    ),
    pytest.param(
        IN_ARRAYS,
        ("    U = U - 0.5 * slope_U", "    u = U - 0.5 * slope_U"),
        ("missing-update", "u = U - 0.5", "U = U - 0.5 * slope_U"),
        id="a new value has another name",
    ),
    pytest.param(
        BY_NAME,
        ("for name in net:", 'for name in ["V", "c", "U"]:'),
        ("missing-update", "for name in [", '["V", "c", "U", "e"]'),
        id="a name is missing in a list of them",
    ),
    pytest.param(
        OF_OBJECTS,
        ("stages:\n        one.move()", "stages[1:]:\n        one.move()"),
        ("missing-update", "stages[1:]", "stages"),
        id="a loop leaves the first layer out",
    ),
    pytest.param(
        ONE_AFTER_THE_OTHER,
        ("for k in range(len(stack)):", "for k in range(1, len(stack)):"),
        ("missing-update", "range(1, ", "range(len(stack))"),
        id="a range begins with the second layer",
    ),
    pytest.param(
        ONE_AFTER_THE_OTHER,
        ("for k in range(len(stack)):", "for k in range(len(stack) - 1):"),
        ("missing-update", "len(stack) - 1", "len(stack)"),
        id="a range ends before the last layer",
    ),
    pytest.param(
        IN_LOOPS,
        ("        c[j] -= 0.5 * dc[j]\n", ""),
        ("missing-update", "for m in range(2):", "c[j] -= 0.5 * dc[j]"),
        id="a line is missing in the loop over the units of its layer",
    ),
    pytest.param(
        OF_LAYERS,
        ("self.w -= rate * self.x.T @ d", "self.w - rate * self.x.T @ d"),
        ("missing-update", "self.w - rate", "self.w = self.w - rate * self.x.T @ d"),
        id="no weights at all are updated, the biases are",
    ),
    pytest.param(
        OF_OBJECTS,
        (
            "        self.w_sum = np.zeros_like(self.w)\n        self.c_sum = np.zeros_like(self.c)\n    def move",
            "        self.w_sum = np.zeros_like(self.w)\n    def move",
        ),
        ("accumulated-gradients", "    def clear", "self.c_sum = np.zeros_like(self.c)"),
        id="a reset leaves the biases out",
    ),
    pytest.param(
        BY_NAME,
        ("        pots[name] = np.zeros_like(pots[name])\n", ""),
        ("accumulated-gradients", "net[name] -=", "pots[name] = np.zeros_like(pots[name])"),
        id="sums in a container are used and never begun anew",
    ),
    pytest.param(
        BY_NAME,
        ("        pots[name] = np.zeros_like(pots[name])\n", "        pots[name] += 0.0\n"),
        ("accumulated-gradients", "pots[name] += 0.0", "pots[name] = 0.0"),
        id="a reset adds nothing",
    ),
]


@pytest.mark.parametrize(("program", "change", "told"), CASES)
def test_the_line_where_something_is_missing_is_told_and_what_stands_there_proved(checked, program, change, told):
    text, (mistake, where, written) = program.replace(*change), told
    assert text != program
    said = checked(text, RECIPE)
    first = said.explanations[0]
    assert mistake in {first.mistake, *first.equals}
    assert first.proof
    line = line_of(text, where) + where.startswith("    def ")
    assert first.line == line
    assert written in "\n".join(spot.should_be for spot in first.places)


@pytest.mark.parametrize("program", [IN_LISTS, BY_NAME, BY_CALL, OF_OBJECTS, OF_LAYERS, IN_LOOPS, ONE_AFTER_THE_OTHER])
def test_the_same_programs_with_every_line_are_right(checked, program):
    assert checked(program, RECIPE).verdict == "right"


NO_UNIT_IS_OFF = dedent("""\
    import numpy as np
    V, c = np.array([[0.4, 0.7], [0.85, 0.3]]), np.array([0.9, 0.8])
    U, e = np.array([[-0.6, 0.5], [0.35, 0.9]]), np.array([0.07, 0.22])
    x, y = np.array([[0.2, 0.6]]), np.array([[0.8, 0.1]])
    for turn in range(12):
        z = x @ V + c
        mid = np.maximum(z, 0)
        out = 1 / (1 + np.exp(-(mid @ U + e)))
        back = (out - y) * out * (1 - out)
        front = back @ U.T * np.where(z > 0, 0.0, 1.0)
        U, e = U - 0.5 * mid.T @ back, e - 0.5 * back[0]
        V, c = V - 0.5 * x.T @ front, c - 0.5 * front[0]
    """)


def test_no_update_is_called_missing_that_is_made_of_zeros(checked):
    recipe = ONE_SAMPLE | {
        "network": {"layers": [2, 2, 2], "activations": ["relu", "sigmoid"], "biases": True},
        "parameters": {
            "weights": [[[0.4, 0.7], [0.85, 0.3]], [[-0.6, 0.5], [0.35, 0.9]]],
            "biases": [[0.9, 0.8], [0.07, 0.22]],
        },
        "data": {"inputs": [[0.2, 0.6]], "targets": [[0.8, 0.1]]},
    }
    first = checked(NO_UNIT_IS_OFF, recipe).explanations[0]
    assert (first.mistake, first.line) == ("inverted-relu-mask", line_of(NO_UNIT_IS_OFF, "front = "))


SUMMED = dedent("""\
    from math import exp
    def act(v):
        return 1 / (1 + exp(-v))
    V, c = [[0.4, -0.7], [0.85, 0.3]], [0.12, -0.31]
    U, e = [[-0.6, 0.5], [0.35, 0.9]], [0.07, 0.22]
    x, y = [0.2, -0.6], [0.8, 0.1]
    for turn in range(12):
        mid = [act(x[0] * V[0][j] + x[1] * V[1][j] + c[j]) for j in range(2)]
        out = [act(mid[0] * U[0][k] + mid[1] * U[1][k] + e[k]) for k in range(2)]
        back = [(out[k] - y[k]) * out[k] * (1 - out[k]) for k in range(2)]
        front = [0.0, 0.0]
        for j in range(2):
            total = 0.0
            for k in range(2):
                total = total + back[k] * U[j][k]
            front[j] = total
        for j in range(2):
            for k in range(2):
                U[j][k] -= 0.5 * back[k] * mid[j]
                V[k][j] -= 0.5 * front[j] * x[k]
            e[j] -= 0.5 * back[j]
            c[j] -= 0.5 * front[j]
    """)


def test_a_sum_over_units_is_not_to_blame_where_its_slope_is_left_out_behind_it(checked):
    first = checked(SUMMED, ONE_SAMPLE).explanations[0]
    assert (first.mistake, first.line) == ("missing-hidden-derivative", line_of(SUMMED, "front[j] = total"))
    assert first.proof


WITH_A_ROW = HEAD + dedent("""\
    def one_more(rows):
        return np.hstack([np.ones((len(rows), 1)), rows])
    stack = [np.array([[0.12, -0.31], [0.4, -0.7], [0.85, 0.3]]), np.array([[0.07, 0.22], [-0.6, 0.5], [0.35, 0.9]])]
    for turn in range(12):
        outs = [inputs]
        for matrix in stack:
            outs.append(act(one_more(outs[-1]) @ matrix))
        back = (outs[-1] - wanted) * outs[-1] * (1 - outs[-1])
        moves = [None, one_more(outs[1]).T @ back]
        back = back @ stack[1][1:].T * outs[1] * (1 - outs[1])
        moves[0] = one_more(inputs).T @ back
        for k in range(2):
            stack[k] = stack[k] - 0.5 * moves[k]
    """)


@pytest.mark.parametrize("condition", ["k", "k < 1"])
def test_a_condition_before_an_update_is_named_where_a_row_of_the_matrix_has_the_biases(checked, condition):
    update = "stack[k] = stack[k] - 0.5 * moves[k]"
    guarded = WITH_A_ROW.replace(update, f"if {condition}:\n            {update}")
    assert checked(WITH_A_ROW, RECIPE).verdict == "right"
    first = checked(guarded, RECIPE).explanations[0]
    assert (first.mistake, first.line) == ("missing-update", line_of(guarded, f"if {condition}:"))
    assert first.proof
