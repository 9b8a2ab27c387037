"""The verb `check` as its users meet it: programs are run and judged, nothing is stood in for."""

import numpy as np
import pytest

import backlight as bl

SCALARS = """
from math import exp
x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
def s(z):
    return 1 / (1 + exp(-z))
for k in range(11):
    h1, h2 = s(w1 * x1 + w3 * x2), s(w2 * x1 + w4 * x2)
    o1, o2 = s(w5 * h1 + w7 * h2), s(w6 * h1 + w8 * h2)
    loss = 0.5 * (o1 - y1) ** 2 + 0.5 * (o2 - y2) ** 2
    d1 = (o1 - y1) * o1 * (1 - o1)
    d2 = (o2 - y2) * o2 * (1 - o2)
    g5, g6, g7, g8 = d1 * h1, d2 * h1, d1 * h2, d2 * h2
    e1 = d1 * w5 + d2 * w6
    e2 = d1 * w7 + d2 * w8
    w1, w3 = w1 - e1 * h1 * (1 - h1) * x1, w3 - e1 * h1 * (1 - h1) * x2
    w2, w4 = w2 - e2 * h2 * (1 - h2) * x1, w4 - e2 * h2 * (1 - h2) * x2
    w5, w6, w7, w8 = w5 - g5, w6 - g6, w7 - g7, w8 - g8
    print(k, loss)
"""
VALUES = "0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8"
ROWS = """
import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]); Y = np.array([[0], [1], [1], [0]])
rng = np.random.default_rng(7)
W1, b1 = rng.normal(size=(2, 4)), np.zeros((1, 4))
W2, b2 = rng.normal(size=(4, 1)), np.zeros((1, 1))
rate = 0.4
for epoch in range(3000):
    H = np.tanh(X @ W1 + b1)
    O = 1 / (1 + np.exp(-(H @ W2 + b2)))
    D = (O - Y) * O * (1 - O)
    E = D @ W2.T * (1 - H ** 2)
    W2 -= rate * H.T @ D
    b2 -= rate * D.sum(axis=0, keepdims=True)
    W1 -= rate * X.T @ E
    b1 -= rate * E.sum(axis=0, keepdims=True)
"""
ROWS_RECIPE = {
    "network": {"layers": [2, 4, 1], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {"initializer": "xavier_uniform", "random_seed": 1},
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.4, "iterations": 100},
}


@pytest.mark.parametrize(
    "change",
    [
        ("(o1 - y1) * o1 * (1 - o1)", "-(y1 - o1) * (o1 - o1 * o1)"),
        ("loss = ", "unused = "),
        ("for k in range(11)", "k = 0\nwhile k < 10000"),
    ],
    ids=["another algebra", "no loss", "ten thousand rounds"],
)
def test_a_right_program_of_scalars_is_right_however_it_is_written(checked, change):
    text = SCALARS.replace(*change)
    said = checked(text)
    assert (said.verdict, said.kind) == ("right", "right")
    assert [one.verdict for one in said.parameters] == ["right"] * 8


def test_a_right_program_of_matrices_with_a_start_of_its_own_is_right(checked):
    said = checked(ROWS, ROWS_RECIPE)
    assert said.verdict == "right"
    assert "initial_values" in {fact.kind for fact in said.facts}


@pytest.mark.parametrize(
    ("change", "mistake", "line", "name"),
    [
        (("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6"), "sum-of-weight-gradients", 14, "e1"),
        (("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5 + d2 * w7"), "wrong-weight", 14, "e1"),
        (("e2 = d1 * w7 + d2 * w8", "e2 = d2 * w8"), "missing-path", 15, "e2"),
        (("d2 = (o2 - y2) * o2 * (1 - o2)", "d2 = o2 - y2"), "missing-output-derivative", 12, "d2"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_mistake_among_scalars_is_named_placed_and_proved(checked, change, mistake, line, name):
    text = SCALARS.replace(*change)
    assert text != SCALARS
    said = checked(text)
    first = said.explanations[0]
    assert (said.verdict, first.mistake, first.line, first.places[0].name) == ("wrong", mistake, line, name)
    assert first.proof
    assert checked(said.fixed).verdict == "right"


@pytest.mark.parametrize(
    ("change", "mistake", "line"),
    [
        (("D @ W2.T * (1 - H ** 2)", "D @ W2.T"), "missing-hidden-derivative", 12),
        (("D @ W2.T * (1 - H ** 2)", "D @ W2.T * H * (1 - H)"), "wrong-activation-derivative", 12),
        (
            ("b1 -= rate * E.sum(axis=0, keepdims=True)", "b1 -= rate * E.mean(axis=0, keepdims=True)"),
            "bias-mean-for-sum",
            16,
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_mistake_among_matrices_is_named_placed_and_proved(checked, change, mistake, line):
    text = ROWS.replace(*change)
    assert text != ROWS
    said = checked(text, ROWS_RECIPE)
    first = said.explanations[0]
    assert mistake in {first.mistake, *first.equals}
    assert first.line == line
    assert first.proof
    assert checked(said.fixed, ROWS_RECIPE).verdict == "right"


def test_a_sum_where_the_recipe_asks_for_a_mean_is_a_constant_factor(checked):
    recipe = {**ROWS_RECIPE, "loss": {"name": "half_sum_squared_error", "over_samples": "mean"}}
    said = checked(ROWS, recipe)
    assert (said.verdict, said.kind, said.loss.factor) == ("wrong", "constant_factor", 4.0)


def test_another_learning_rate_is_a_fact_and_no_mistake(checked):
    said = checked(ROWS.replace("rate = 0.4", "rate = 0.7"), ROWS_RECIPE)
    assert said.verdict == "right"
    fact = next(one for one in said.facts if one.kind == "learning_rate")
    assert (fact.yours, fact.recipe) == (0.7, 0.4)


def test_the_exact_gradient_of_another_loss_is_told(checked):
    said = checked(ROWS.replace("(O - Y) * O * (1 - O)", "O - Y"), ROWS_RECIPE)
    assert (said.verdict, said.kind, said.loss.exact_gradient_of) == ("wrong", "other_loss", "binary_cross_entropy")
    assert said.explanations[0].mistake == "missing-output-derivative"


def test_a_program_with_a_single_update_into_new_variables_is_judged(checked):
    head, body = SCALARS.split("for k in range(11):\n")
    once = "\n".join(line.strip() for line in body.splitlines() if "w1, w3" not in line and "w2, w4" not in line)
    once = once.replace("w5, w6, w7, w8 = w5 - g5, w6 - g6, w7 - g7, w8 - g8", "")
    once = once.replace("print(k, loss)", "")
    news = "\n".join(
        f"new{n} = w{n} - 1.0 * {gradient}"
        for n, gradient in zip(
            range(1, 9),
            ["e1*h1*(1-h1)*x1", "e2*h2*(1-h2)*x1", "e1*h1*(1-h1)*x2", "e2*h2*(1-h2)*x2", "g5", "g6", "g7", "g8"],
            strict=True,
        )
    )
    assert checked(head + once + "\n" + news + "\n").verdict == "right"
    assert checked(head + once + "\n" + news.replace("new5 = w5 - ", "new5 = w5 + ") + "\n").verdict == "wrong"


def test_a_numerical_gradient_beside_the_training_accuses_nobody(checked):
    beside = """
    def at(W):
        A = 1 / (1 + np.exp(-(np.tanh(X @ W + b1) @ W2 + b2)))
        return 0.5 * ((A - Y) ** 2).sum()
    if epoch == 0:
        for i in range(2):
            for j in range(4):
                step = np.zeros_like(W1); step[i, j] = 1e-6
                print((at(W1 + step) - at(W1 - step)) / 2e-6)
    H = np.tanh"""
    assert checked(ROWS.replace("\n    H = np.tanh", beside), ROWS_RECIPE).verdict != "wrong"


@pytest.mark.parametrize(
    "text", ["print('hello')\n", "import os\nos._exit(3)\n", "raise ValueError('no')\n", "while True:\n    pass\n"]
)
def test_a_program_that_trains_nothing_is_not_judged(checked, text):
    said = checked(text)
    assert said.verdict == "cannot_tell"
    assert said.reason


def test_the_forward_pass_is_judged_before_any_gradient(checked):
    said = checked(SCALARS.replace("s(w2 * x1 + w4 * x2)", "s(w2 * x1 + w3 * x2)"))
    assert (said.verdict, said.kind, said.first_wrong.line) == ("wrong", "forward", 8)


def test_a_saturated_program_whose_gradients_are_too_small_to_move_it_is_not_accused(checked):
    said = checked(SCALARS.replace(VALUES, ", ".join(["40.0"] * 8)))
    assert (said.verdict, said.kind) == ("cannot_tell", "cannot_tell")
    assert "too small to change them" in said.reason


NEITHER = """
import numpy as np
W, V = np.full((2, 2), 0.5), np.full((2, 2), 0.5)
x, y = np.zeros((1, 2)), np.array([[0.23, -0.07]])
for i in range(11):
    h = 1 / (1 + np.exp(-(x @ W)))
    o = 1 / (1 + np.exp(-(h @ V)))
    d = (o - y) * o * (1 - o)
    W, V = W - x.T @ (d @ V.T * h * (1 - h)), V - h.T @ d
"""


@pytest.mark.parametrize(("text", "recipe"), [(NEITHER, "course"), (SCALARS, "xor")])
def test_what_has_neither_the_samples_nor_the_values_of_a_recipe_is_no_wrong_way_to_compute_it(checked, text, recipe):
    assert checked(text, recipe).verdict == "cannot_tell"


def test_another_network_is_not_judged(checked):
    smaller = {**ROWS_RECIPE, "network": {**ROWS_RECIPE["network"], "layers": [2, 3, 1]}}
    said = checked(ROWS, smaller)
    assert (said.verdict, said.kind) == ("cannot_tell", "other_network")
    assert "2-4-1" in said.reason


def test_numbers_of_the_answer_are_those_of_the_exact_engine(checked):
    said = checked(SCALARS.replace("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6"))
    exact = bl.run("course", engine="exact")
    for one in said.parameters:
        assert one.truth == pytest.approx(float(exact[f"dL_d{one.name}"][one.iteration or 0]), rel=1e-12)
    wrong = bl.run("course", mistake="sum-of-weight-gradients:unit=0")
    assert np.isclose(said.parameters[0].yours, float(wrong["dL_dw1"][0]), rtol=1e-12, atol=0)


SWEEP = """
import numpy as np
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
s = lambda z: 1 / (1 + np.exp(-z))
for lr in [0.1, 1, 10]:
    W1, W2 = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])
    for i in range(STEPS):
        h = s(x @ W1)
        o = s(h @ W2)
        d2 = (o - y) * o * (1 - o)
        d1 = d2 @ W2.T * h * (1 - h)
        W2 = W2 - lr * h.T @ d2
        W1 = W1 - lr * x.T @ d1
"""
DECAY = SWEEP.replace("for lr in [0.1, 1, 10]:", "for run in [0]:").replace(
    "        h = s(", "        lr = 1 / (1 + 0.1 * i)\n        h = s("
)


@pytest.mark.parametrize(
    "text", [SWEEP.replace("STEPS", "11"), SWEEP.replace("STEPS", "2"), DECAY.replace("STEPS", "11")]
)
def test_a_learning_rate_that_changes_is_a_fact_and_no_mistake(checked, text):
    said = checked(text)
    assert said.verdict == "right"
    assert len(next(one for one in said.facts if one.kind == "learning_rate").yours) > 1


@pytest.mark.parametrize(
    "change",
    [
        ("lr * x.T @ d1", "lr * 2 * x.T @ d1"),
        ("d2 @ W2.T * h * (1 - h)", "d2 @ W2.T"),
        ("W2 - lr * h.T", "W2 - lr * (i + 1) * h.T"),
        ("lr * h.T @ d2", "lr * lr * h.T @ d2"),
    ],
)
@pytest.mark.parametrize("text", [SWEEP.replace("STEPS", "11"), DECAY.replace("STEPS", "11")])
def test_a_learning_rate_that_changes_excuses_nothing(checked, text, change):
    assert change[0] in text
    assert checked(text.replace(*change)).verdict == "wrong"


@pytest.mark.parametrize("draw", ["2 * rng.random({}) - 1", "rng.normal(size={}) * 0.1", "rng.normal(size={})"])
def test_a_bias_is_a_bias_however_it_was_drawn(checked, draw):
    text = ROWS.replace("np.zeros((1, 4))", draw.format((1, 4))).replace("np.zeros((1, 1))", draw.format((1, 1)))
    assert checked(text, ROWS_RECIPE).verdict == "right"
    assert checked(text.replace("D @ W2.T * (1 - H ** 2)", "D @ W2.T"), ROWS_RECIPE).verdict == "wrong"


BEFORE_THE_LOOP = """
import numpy as np
X = np.array([[0.5, 0.3]]); Y = np.array([[0.23, -0.07]])
w1 = np.array([[0.2, -0.4], [0.5, 0.6]]); w2 = np.array([[0.1, -0.5], [-0.3, 0.8]])
sig = lambda z: 1 / (1 + np.exp(-z))
h = sig(X @ w1)
o = sig(h @ w2)
for i in range(11):
    d2 = (o - Y) * o * (1 - o)
    d1 = d2 @ w2.T * h * (1 - h)
    w2 = w2 - h.T @ d2
    w1 = w1 - X.T @ d1
    {again} = sig(X @ w1)
    {pred} = sig({again} @ w2)
"""


@pytest.mark.parametrize(("again", "pred", "verdict"), [("h", "o", "right"), ("hidden", "pred", "wrong")])
def test_a_first_pass_before_the_loop_is_not_all_that_is_judged(checked, again, pred, verdict):
    said = checked(BEFORE_THE_LOOP.format(again=again, pred=pred))
    assert said.verdict == verdict
    assert len(said.iterations) > 1
    assert "initial_values" not in {fact.kind for fact in said.facts}
