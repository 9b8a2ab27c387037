"""The way back from the parameters that go wrong ends where a person would point, whatever the program is made of."""

from textwrap import dedent

import pytest

import backlight as bl

HEAD = dedent("""\
    import numpy as np
    x = np.array([[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]]); y = np.array([[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]])
    W1 = np.array([[0.2, -0.4], [0.5, 0.6]]); W2 = np.array([[0.1, -0.5], [-0.3, 0.8]])
    b1 = np.array([0.1, -0.2]); b2 = np.array([0.3, 0.05])
    def f(z): return 1 / (1 + np.exp(-z))
    def slope(a): return a * (1 - a)
    """)
RECIPE = {
    "network": {"layers": [2, 2, 2], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
        "biases": [[0.1, -0.2], [0.3, 0.05]],
    },
    "data": {
        "inputs": [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]],
        "targets": [[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]],
    },
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 8},
}
PLAIN = HEAD + dedent("""\
    for i in range(8):
        h = f(x @ W1 + b1)
        o = f(h @ W2 + b2)
        error = o - y
        d2 = error * slope(o)
        back = d2 @ W2.T
        d1 = back * slope(h)
        dW2 = h.T @ d2
        db2 = d2.sum(axis=0)
        dW1 = x.T @ d1
        db1 = d1.sum(axis=0)
        W2 = W2 - 0.5 * dW2
        b2 = b2 - 0.5 * db2
        W1 = W1 - 0.5 * dW1
        b1 = b1 - 0.5 * db1
    """)
IN_FUNCTIONS = HEAD + dedent("""\
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    def forward(x):
        h = f(x @ params["W1"] + params["b1"])
        return h, f(h @ params["W2"] + params["b2"])
    def of_layer(a, d):
        return a.T @ d, np.sum(d, axis=0)
    def backward(x, h, o, y):
        d2 = (o - y) * slope(o)
        d1 = d2 @ params["W2"].T * slope(h)
        return [*of_layer(x, d1), *of_layer(h, d2)]
    def step(grads, rate):
        for k, g in zip(params, grads):
            params[k] = params[k] - rate * g
    for i in range(8):
        h, o = forward(x)
        step(backward(x, h, o, y), 0.5)
    """)
BY_SAMPLE = HEAD + dedent("""\
    for i in range(8):
        sums = [np.zeros((2, 2)), np.zeros(2), np.zeros((2, 2)), np.zeros(2)]
        for a, t in zip(x, y):
            h = f(a @ W1 + b1)
            o = f(h @ W2 + b2)
            d2 = (o - t) * slope(o)
            d1 = W2 @ d2 * slope(h)
            one = [np.outer(a, d1), d1, np.outer(h, d2), d2]
            sums = [s + g for s, g in zip(sums, one)]
        W1, b1, W2, b2 = [p - 0.5 * s for p, s in zip([W1, b1, W2, b2], sums)]
    """)
JOINED = HEAD + dedent("""\
    V1 = np.vstack([W1, b1]); V2 = np.vstack([W2, b2])
    def with_one(a): return np.hstack([a, np.ones((len(a), 1))])
    for i in range(8):
        h = f(with_one(x) @ V1)
        o = f(with_one(h) @ V2)
        d2 = (o - y) * slope(o)
        d1 = d2 @ V2[:-1].T * slope(h)
        V2 -= 0.5 * with_one(h).T @ d2
        V1 -= 0.5 * with_one(x).T @ d1
    """)
LAMBDAS = PLAIN.replace("slope(o)", "slopes[1](o)").replace("slope(h)", "slopes[0](h)")
LAMBDAS = LAMBDAS.replace("for i", "slopes = [lambda a: a * (1 - a), lambda out: out * (1 - out)]\nfor i")
TUPLES = HEAD + dedent("""\
    def of_layer(a, d):
        w = a.T @ d
        b = d.sum(axis=0)
        return w, b
    for i in range(8):
        h = f(x @ W1 + b1)
        o = f(h @ W2 + b2)
        d2 = (o - y) * slope(o)
        w, b = of_layer(x, d2 @ W2.T * slope(h))
        v, c = of_layer(h, d2)
        W1, b1, W2, b2 = W1 - 0.5 * w, b1 - 0.5 * b, W2 - 0.5 * v, b2 - 0.5 * c
    """)
LISTS = dedent("""\
    from math import exp
    def matmul(A, B):
        result = []
        for row in A:
            result.append([sum(row[k] * B[k][j] for k in range(len(B))) for j in range(len(B[0]))])
        return result
    def turned(M): return [[row[j] for row in M] for j in range(len(M[0]))]
    def minus(A, B): return [[p - q for p, q in zip(a, b)] for a, b in zip(A, B)]
    def times(A, B): return [[p * q for p, q in zip(a, b)] for a, b in zip(A, B)]
    scaled = lambda k, M: [[k * v for v in row] for row in M]
    def f(M): return [[1 / (1 + exp(-v)) for v in row] for row in M]
    def slope(S): return [[v * (1 - v) for v in row] for row in S]
    x = [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]]; y = [[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]]
    W1, W2 = [[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]
    for i in range(8):
        h = f(matmul(x, W1))
        o = f(matmul(h, W2))
        error = minus(o, y)
        d2 = times(error, slope(o))
        back = matmul(d2, turned(W2))
        d1 = times(back, slope(h))
        g2 = matmul(turned(h), d2)
        g1 = matmul(turned(x), d1)
        W2 = minus(W2, scaled(0.5, g2))
        W1 = minus(W1, scaled(0.5, g1))
    """)
FUNCTIONAL = dedent("""\
    from functools import reduce
    from math import exp
    dot = lambda a, b: sum(map(lambda p: p[0] * p[1], zip(a, b)))
    f = lambda z: 1 / (1 + exp(-z))
    minus = lambda a, b: [p - q for p, q in zip(a, b)]
    outer = lambda a, b: [[p * q for q in b] for p in a]
    x, y = (0.5, 0.3), (0.23, -0.07)
    def forward(net):
        return reduce(lambda acts, w: acts + [[f(dot(acts[-1], c)) for c in zip(*w)]], net, [list(x)])
    def deltas(net, acts):
        slope = lambda a: a * (1 - a)
        last = [e * slope(o) for e, o in zip(minus(acts[-1], y), acts[-1])]
        return [[dot(row, last) * slope(h) for row, h in zip(net[1], acts[1])], last]
    def step(net, _):
        acts = forward(net)
        grads = [outer(a, d) for a, d in zip(acts, deltas(net, acts))]
        return [[minus(row, g) for row, g in zip(w, gw)] for w, gw in zip(net, grads)]
    start = [[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]
    print(forward(reduce(step, range(11), start)))
    """)
SCALARS = dedent("""\
    from math import exp
    def f(z): return 1 / (1 + exp(-z))
    w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
    x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
    for i in range(11):
        h1, h2 = f(w1 * x1 + w3 * x2), f(w2 * x1 + w4 * x2)
        o1, o2 = f(w5 * h1 + w7 * h2), f(w6 * h1 + w8 * h2)
        e1 = o1 - y1
        e2 = o2 - y2
        s1 = o1 * (1 - o1)
        s2 = o2 * (1 - o2)
        in1, in2 = x1, x2
        p1 = (e1 * s1 * w5 + e2 * s2 * w6) * h1 * (1 - h1)
        p2 = (e1 * s1 * w7 + e2 * s2 * w8) * h2 * (1 - h2)
        g5, g6, g7, g8 = e1 * s1 * h1, e2 * s2 * h1, e1 * s1 * h2, e2 * s2 * h2
        w5, w6, w7, w8 = w5 - g5, w6 - g6, w7 - g7, w8 - g8
        w1, w2, w3, w4 = w1 - p1 * in1, w2 - p2 * in1, w3 - p1 * in2, w4 - p2 * in2
    """)


def of(text):
    """The recipe of a program."""
    if text in {SCALARS, FUNCTIONAL}:
        return bl.recipe("course").with_({"training.learning_rate": 1.0})
    recipe = bl.recipe(RECIPE)
    return recipe.with_({"network.biases": False, "parameters.biases": None}) if text is LISTS else recipe


@pytest.mark.parametrize("text", [PLAIN, IN_FUNCTIONS, BY_SAMPLE, JOINED, LAMBDAS, TUPLES])
def test_the_programs_are_right_before_something_is_changed_in_them(checked, text):
    assert checked(text, bl.recipe(RECIPE)).verdict == "right"


@pytest.mark.parametrize("text", [SCALARS, FUNCTIONAL, LISTS])
def test_the_programs_of_plain_python_are_right_before_something_is_changed_in_them(checked, text):
    assert checked(text, of(text)).verdict == "right"


@pytest.mark.parametrize(
    ("text", "old", "new", "part"),
    [
        pytest.param(PLAIN, "d1 = back * slope(h)", "d1 = back", "d1 = back", id="only another name"),
        pytest.param(PLAIN, "dW2 = h.T @ d2", "dW2 = h.T @ error", "dW2 =", id="right elsewhere, used wrongly here"),
        pytest.param(PLAIN, "back = d2 @ W2.T", "back = error @ W2.T", "back =", id="used wrongly on the way back"),
        pytest.param(
            PLAIN, "slope(h)", "slope(x @ W1 + b1)", "d1 =", id="a function that is right, of the wrong thing"
        ),
        pytest.param(PLAIN, "a * (1 - a)", "a * (1 - a) ** 2", "def slope", id="a function that is never right"),
        pytest.param(PLAIN, "0.5 * db1", "0.5 * db2", "b1 = b1", id="another's gradient is taken"),
        pytest.param(
            PLAIN.replace("db2 = d2.sum", "db1 = d2.sum"), "db1 = d1.sum", "db2 = d1.sum", "db1 = d2", id="misnamed"
        ),
        pytest.param(
            PLAIN.replace("    W2 = W2 - 0.5 * dW2\n", ""),
            "    back =",
            "    W2 = W2 - 0.5 * h.T @ d2\n    back =",
            "W2 = W2",
            id="updated too early",
        ),
        pytest.param(
            IN_FUNCTIONS, "of_layer(h, d2)", "of_layer(x, d2)", "return [*of", id="a call with the wrong array"
        ),
        pytest.param(
            IN_FUNCTIONS, "(o - y) * slope(o)", "(o - y) * o", "d2 = ", id="behind functions, lists and dictionaries"
        ),
        pytest.param(BY_SAMPLE, "np.outer(a, d1)", "np.outer(a, d1 * h)", "one =", id="a term of a sum over samples"),
        pytest.param(BY_SAMPLE, "W2 @ d2 * slope(h)", "W2.T @ d2 * slope(h)", "d1 =", id="behind a sum over samples"),
        pytest.param(JOINED, "V2[:-1].T", "V2[1:].T", "d1 =", id="weights with a row for the biases"),
        pytest.param(JOINED, "d2 = (o - y) * slope(o)", "d2 = (o - y) * o", "d2 =", id="behind arrays with that row"),
        pytest.param(LAMBDAS, "out: out * (1 - out)", "out: 1", "slopes =", id="a one that a lambda gives back"),
        pytest.param(LAMBDAS, "a: a * (1 - a)", "a: a * (2 - a)", "slopes =", id="in a lambda"),
        pytest.param(
            TUPLES, "b = d.sum(axis=0)", "b = d.sum(axis=0) * 0", "b = d.sum", id="zeros given back among others"
        ),
        pytest.param(LISTS, "minus(o, y)", "minus(y, o)", "error =", id="a difference by another name"),
        pytest.param(LISTS, "turned(W2)", "W2", "back =", id="a product by another name"),
        pytest.param(LISTS, "turned(h), d2", "turned(h), error", "g2 =", id="given the wrong one"),
        pytest.param(LISTS, "v * (1 - v)", "v * (1 + v)", "def slope", id="a function that is no operation"),
        pytest.param(LISTS, "scaled(0.5, g1)", "scaled(0.5, scaled(0.5, g1))", "W1 = minus", id="scaled twice"),
        pytest.param(FUNCTIONAL, "[e * slope(o) for", "[e for", "last =", id="an element of a list"),
        pytest.param(FUNCTIONAL, "a * (1 - a)", "a * (1 + a)", "slope =", id="behind the elements of a list"),
        pytest.param(FUNCTIONAL, "outer(a, d)", "outer(d, a)", "grads =", id="behind the rows of an array"),
        pytest.param(SCALARS, "s1 = o1 * (1 - o1)", "s1 = 1", "s1 =", id="a one for a derivative"),
        pytest.param(SCALARS, "e2 * s2 * w6)", "e2 * s2 * w7)", "p1 =", id="a term of what comes back"),
        pytest.param(
            SCALARS, "in1, in2 = x1, x2", "in1, in2 = x1, x1", "in1, in2", id="a variable given the wrong one"
        ),
    ],
)
def test_the_line_is_the_one_that_was_changed(checked, text, old, new, part):
    assert text.count(old) == 1
    wrong = text.replace(old, new)
    said = checked(wrong, of(text))
    lines = [number for number, line in enumerate(wrong.split("\n"), start=1) if part in line]
    assert said.verdict == "wrong"
    assert said.line in lines


def test_a_list_with_a_zero_is_wrong_where_it_is_handed_over(checked):
    text = SCALARS.replace("w1, w2, w3, w4, w5, w6, w7, w8 = 0.2", "w = 0.2").replace("w = 0.2", "w = [0.2")
    text = text.replace("-0.3, 0.8\n", "-0.3, 0.8]\n").replace(
        "    h1, h2", "    w1, w2, w3, w4, w5, w6, w7, w8 = w\n    h1, h2"
    )
    text = (
        text.partition("    w5, w6, w7, w8 = w5")[0]
        + "    step(w, [p1 * x1, p2 * x1, p1 * x2, p2 * x2] + [g5, g6, g7, g8])\n"
    )
    text = text.replace(
        "x1, x2, y1, y2 =",
        "def step(w, g):\n    for k in range(len(w)):\n        w[k] -= g[k]\nx1, x2, y1, y2 =",
    )
    recipe = bl.recipe("course").with_({"training.learning_rate": 1.0})
    assert checked(text, recipe).verdict == "right"
    wrong = text.replace("[p1 * x1, p2 * x1,", "[0, p2 * x1,")
    said = checked(wrong, recipe)
    assert said.verdict == "wrong"
    assert "step(w, [0" in wrong.split("\n")[said.line - 1]


def test_a_program_that_computes_its_updates_for_nothing_is_told_where_and_mended(checked):
    text = IN_FUNCTIONS.replace("params[k] = params[k] - rate * g", "new = params[k] - rate * g")
    said = checked(text, bl.recipe(RECIPE))
    assert (said.verdict, said.kind, said.explanations[0].mistake) == ("wrong", "never_learns", "missing-update")
    assert "new = params[k]" in text.split("\n")[said.line - 1]
    assert said.explanations[0].proof
    assert checked(said.fixed, bl.recipe(RECIPE)).verdict == "right"


def test_a_program_that_computes_no_updates_is_told_no_line(checked):
    text = IN_FUNCTIONS.replace("params[k] = params[k] - rate * g", "pass")
    said = checked(text, bl.recipe(RECIPE))
    assert (said.kind, said.line, said.fixed) == ("never_learns", None, None)


def test_a_wrong_number_of_samples_that_cannot_be_mended_in_one_place_is_told_where_it_is_given(checked):
    text = PLAIN.replace("for i", "n = 4; shift = n - 4\nfor i").replace("h.T @ d2", "h.T @ d2 / n + shift")
    for gradient in ("d2.sum(axis=0)", "x.T @ d1", "d1.sum(axis=0)"):
        text = text.replace(gradient, f"{gradient} / n")
    said = checked(text, bl.recipe(RECIPE).with_({"loss.over_samples": "mean"}))
    assert (said.explanations[0].mistake, said.line, said.explanations[0].proof) == ("wrong-batch-size", 7, False)
