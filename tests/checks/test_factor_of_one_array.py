"""A mean that is forgotten in one array: the line that makes its gradient is wrong, not the one that all updates share."""

from textwrap import dedent

import pytest

import backlight as bl

RECIPE = {
    "network": {"layers": [2, 3, 1], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.2, -0.4, 0.3], [0.5, 0.6, -0.7]], [[0.1], [-0.5], [0.8]]],
        "biases": [[0.1, -0.2, 0.05], [0.3]],
    },
    "data": {"inputs": [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]], "targets": [[0.2], [0.6], [0.9]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.7, "iterations": 9},
}
DATA = dedent("""\
    import numpy as np
    x = np.array([[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]]); t = np.array([[0.2], [0.6], [0.9]]); n = len(x)
    V = np.array([[0.2, -0.4, 0.3], [0.5, 0.6, -0.7]]); U = np.array([[0.1], [-0.5], [0.8]])
    c = np.array([0.1, -0.2, 0.05]); e = np.array([0.3])
    def forward():
        h = np.tanh(x @ V + c)
        return h, 1 / (1 + np.exp(-(h @ U + e)))
    """)
LOOKED_AT_FIRST = DATA + dedent("""\
    def gradients(h, o):
        d = (o - t) * o * (1 - o)
        gU = h.T @ d / n
        ge = d.sum(axis=0) / n
        k = d @ U.T * (1 - h * h)
        gV = x.T @ k / n
        gc = k.sum(axis=0) / n
        return gV, gc, gU, ge
    h, o = forward()
    print([g.shape for g in gradients(h, o)])
    def move(parameter, gradient):
        parameter -= 0.7 * gradient
    for i in range(9):
        h, o = forward()
        gV, gc, gU, ge = gradients(h, o)
        move(V, gV); move(c, gc); move(U, gU); move(e, ge)
    """)
SUMS = DATA + dedent("""\
    theta = {"V": V, "c": c, "U": U, "e": e}
    for i in range(9):
        total = {name: np.zeros_like(value) for name, value in theta.items()}
        for row, target in zip(x, t):
            h = np.tanh(row @ V + c)
            o = 1 / (1 + np.exp(-(h @ U + e)))
            d = (o - target) * o * (1 - o)
            k = U @ d * (1 - h * h)
            total["U"] += np.outer(h, d)
            total["e"] += d
            total["V"] += np.outer(row, k)
            total["c"] += k
        for name in theta:
            mean = total[name] / n
            theta[name] -= 0.7 * mean
    """)


@pytest.fixture
def checked(tmp_path):
    """Write a program to a file and check it."""

    def check(text, recipe=RECIPE):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return bl.check(path, recipe=bl.recipe(recipe))

    return check


@pytest.mark.parametrize("text", [LOOKED_AT_FIRST, SUMS])
def test_these_programs_are_right_before_something_is_changed_in_them(checked, text):
    assert checked(text).verdict == "right"


@pytest.mark.parametrize(
    ("text", "old", "new", "part"),
    [
        pytest.param(LOOKED_AT_FIRST, "h.T @ d / n", "h.T @ d", "gU = h", id="one matrix"),
        pytest.param(LOOKED_AT_FIRST, "k.sum(axis=0) / n", "k.sum(axis=0)", "gc = k", id="one row of biases"),
        pytest.param(
            SUMS, "total[name] / n", 'total[name] / n if name in "VU" else total[name]', "mean =", id="all biases"
        ),
    ],
)
def test_the_line_of_the_array_is_told_and_the_mean_that_is_forgotten(checked, text, old, new, part):
    assert text.count(old) == 1
    wrong = text.replace(old, new)
    said = checked(wrong)
    lines = [number for number, line in enumerate(wrong.split("\n"), start=1) if part in line]
    told = said.explanations[0]
    assert (told.mistake, said.line in lines) == ("batch-sum-for-mean", True)


def test_an_update_that_is_made_several_times_is_told_as_that(checked):
    said = checked(LOOKED_AT_FIRST.replace("move(U, gU)", "move(U, gU); move(U, gU); move(U, gU)"))
    assert said.explanations[0].mistake == "repeated-update"


BATCHES = DATA + dedent("""\
    def train(first, last):
        global V, c, U, e
        a, b = x[first:last], t[first:last]
        h = np.tanh(a @ V + c)
        o = 1 / (1 + np.exp(-(h @ U + e)))
        d = (o - b) * o * (1 - o) / len(a)
        k = d @ U.T * (1 - h * h)
        V, c = V - 0.7 * a.T @ k, c - 0.7 * k.sum(axis=0)
        U, e = U - 0.7 * h.T @ d, e - 0.7 * d.sum(axis=0)
    for epoch in range(5):
        train(0, 2)
        train(2, 3)
    """)


@pytest.mark.parametrize(("divisor", "verdict"), [("len(a)", "right"), ("n", "wrong"), ("4", "wrong")])
def test_a_mean_over_one_number_in_batches_of_different_sizes_is_told_as_a_wrong_size(checked, divisor, verdict):
    text = BATCHES.replace("len(a)", divisor)
    said = checked(text, {**RECIPE, "training": {**RECIPE["training"], "batch_size": 2}})
    assert said.verdict == verdict
    if verdict == "wrong":
        lines = [number for number, line in enumerate(text.split("\n"), start=1) if "d = (o" in line]
        assert (said.explanations[0].mistake, said.line in lines) == ("wrong-batch-size", True)


LOSS_OF_TWO = DATA.replace("t = np.array([[0.2], [0.6], [0.9]])", "t = np.array([[0.2, 0.4], [0.6, 0.1], [0.9, 0.3]])")
LOSS_OF_TWO = LOSS_OF_TWO.replace("[[0.1], [-0.5], [0.8]]", "[[0.1, 0.6], [-0.5, 0.2], [0.8, -0.9]]")
LOSS_OF_TWO = LOSS_OF_TWO.replace("np.array([0.3])", "np.array([0.3, -0.1])") + dedent("""\
    def loss(o, t):
        return np.mean((o - t) ** 2)
    def of_loss(o, t):
        return 2 * (o - t) / (t.shape[1] * n)
    for i in range(9):
        h, o = forward()
        print(loss(o, t))
        d = of_loss(o, t) * o * (1 - o)
        k = d @ U.T * (1 - h * h)
        U -= 0.7 * h.T @ d; e -= 0.7 * d.sum(axis=0)
        V -= 0.7 * x.T @ k; c -= 0.7 * k.sum(axis=0)
    """)


def test_the_derivative_of_a_loss_that_is_a_difference_by_chance_is_looked_into(checked):
    recipe = {
        **RECIPE,
        "network": {**RECIPE["network"], "layers": [2, 3, 2]},
        "parameters": {
            "weights": [RECIPE["parameters"]["weights"][0], [[0.1, 0.6], [-0.5, 0.2], [0.8, -0.9]]],
            "biases": [RECIPE["parameters"]["biases"][0], [0.3, -0.1]],
        },
        "data": {**RECIPE["data"], "targets": [[0.2, 0.4], [0.6, 0.1], [0.9, 0.3]]},
        "loss": {"name": "mean_squared_error", "over_samples": "mean"},
    }
    assert checked(LOSS_OF_TWO, recipe).verdict == "right"
    wrong = LOSS_OF_TWO.replace("(t.shape[1] * n)", "t.shape[1]")
    said = checked(wrong, recipe)
    lines = [number for number, line in enumerate(wrong.split("\n"), start=1) if "return 2 *" in line]
    assert (said.explanations[0].mistake, said.line in lines) == ("batch-sum-for-mean", True)


IN_PLACE = DATA + dedent("""\
    for i in range(9):
        h, o = forward()
        d = o.copy()
        d -= t
        d /= n
        d *= o * (1 - o)
        of_top = h.T @ d, d.sum(axis=0)
        k = d @ U.T * (1 - h * h)
        of_low = x.T @ k, k.sum(axis=0)
        V -= 0.7 * of_low[0]; c -= 0.7 * of_low[1]
        U -= 0.7 * of_top[0]; e -= 0.7 * of_top[1]
    """)


def test_of_several_places_where_a_mean_can_be_taken_the_first_one_computed_is_the_line(checked):
    assert checked(IN_PLACE).verdict == "right"
    text = IN_PLACE.replace("    d /= n\n", "")
    said = checked(text)
    assert said.explanations[0].mistake == "batch-sum-for-mean"
    assert said.line < next(number for number, line in enumerate(text.split("\n"), start=1) if "k = d" in line)
