"""On which line a mistake stands, in programs where no wrong number is made there: lines that are missing, cut or shared."""

from textwrap import dedent

import pytest

import backlight as bl

HEAD = """\
import numpy as np
x = np.array([[0.5, 0.3]]); y = np.array([[0.23, -0.07]])
W1 = np.array([[0.2, -0.4], [0.5, 0.6]]); W2 = np.array([[0.1, -0.5], [-0.3, 0.8]])
def f(z): return 1 / (1 + np.exp(-z))
"""
TORCH = """\
import torch
x = torch.tensor([[0.5, 0.3]], dtype=torch.float64); y = torch.tensor([[0.23, -0.07]], dtype=torch.float64)
W1 = torch.tensor([[0.2, -0.4], [0.5, 0.6]], dtype=torch.float64, requires_grad=True)
W2 = torch.tensor([[0.1, -0.5], [-0.3, 0.8]], dtype=torch.float64, requires_grad=True)
"""


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), start=1) if part in line)


FORWARD_ONCE = HEAD + dedent("""\
    h = f(x @ W1); o = f(h @ W2)
    for i in range(10):
        d2 = (o - y) * o * (1 - o)
        d1 = d2 @ W2.T * h * (1 - h)
        W2 -= h.T @ d2
        W1 -= x.T @ d1
    """)


def test_a_program_whose_forward_pass_stands_before_the_loop_is_not_called_right(checked):
    # its first update is right, and the only one that a forward pass belongs to
    assert checked(FORWARD_ONCE).verdict != "right"
    moved = FORWARD_ONCE.replace(
        "h = f(x @ W1); o = f(h @ W2)\nfor i in range(10):\n", "for i in range(10):\n    h = f(x @ W1); o = f(h @ W2)\n"
    )
    assert checked(moved).verdict == "right"


LOST = HEAD + dedent("""\
    for i in range(10):
        h = f(x @ W1); o = f(h @ W2)
        d2 = (o - y) * o * (1 - o)
        d1 = d2 @ W2.T * h * (1 - h)
        W2 = W2 - h.T @ d2
        W1 - x.T @ d1
    """)


def test_a_new_parameter_that_is_given_to_nothing_is_the_place_of_a_missing_update(checked):
    answer = checked(LOST)
    assert (answer.explanations[0].mistake, answer.explanations[0].line) == ("missing-update", line_of(LOST, "W1 - x"))


ONE_INPUT = HEAD + dedent("""\
    w1, w2, w3, w4 = 0.2, -0.4, 0.5, 0.6
    x1, x2 = 0.5, 0.3
    for i in range(10):
        h1, h2 = f(w1 * x1 + w3 * x2), f(w2 * x1 + w4 * x2)
        o = f(h1 * W2[0] + h2 * W2[1])
        d = (o - y[0]) * o * (1 - o)
        e1, e2 = (d @ W2[0]) * h1 * (1 - h1), (d @ W2[1]) * h2 * (1 - h2)
        W2 = W2 - 0.5 * np.outer([h1, h2], d)
        w1 -= 0.5 * e1 * x1
        w2 -= 0.5 * e2 * x1
        w3 -= 0.5 * e1 * x1
        w4 -= 0.5 * e2 * x2
    """)


def test_the_input_of_another_unit_is_found_in_the_line_of_the_one_weight_that_takes_it(checked):
    answer = checked(ONE_INPUT)
    told = answer.explanations[0]
    assert (told.mistake, told.line) == ("wrong-input-factor", line_of(ONE_INPUT, "w3 -="))


RELU = HEAD + dedent("""\
    for i in range(10):
        z = x @ W1
        h = np.maximum(z, 0); o = h @ W2
        d2 = o - y
        d1 = d2 @ W2.T
        d1[z > 0] = 0
        W2 = W2 - 0.5 * h.T @ d2
        W1 = W1 - 0.5 * x.T @ d1
    """)


def test_a_mask_that_is_set_in_place_is_found_and_turned_round(checked):
    recipe = bl.recipe("course").with_({"network.activations": ["relu", "identity"], "training.learning_rate": 0.5})
    answer = checked(RELU, recipe)
    told = answer.explanations[0]
    assert told.line == line_of(RELU, "d1[z > 0]")
    assert "inverted-relu-mask" in (told.mistake, *told.equals)


TORCH_LOOP = TORCH + dedent("""\
    for i in range(10):
        h = torch.sigmoid(x @ W1)
        o = torch.sigmoid(h @ W2)
        loss = ((o - y) ** 2).sum() / 2
        loss.backward()
        with torch.no_grad():
            W1 -= W1.grad; W2 -= W2.grad
            W1.grad.zero_(); W2.grad.zero_()
    """)
WRONG_LOOPS = {
    "accumulated-gradients": ("        W1.grad.zero_(); W2.grad.zero_()\n", "", "loss.backward()"),
    "detached-path": ("o = torch.sigmoid(h @ W2)", "o = torch.sigmoid(h.detach() @ W2)", "h.detach()"),
    "constant-factor": ("((o - y) ** 2).sum() / 2", "((o - y) ** 2).sum()", "loss = "),
}


@pytest.mark.parametrize("mistake", WRONG_LOOPS)
def test_in_a_program_that_leaves_the_derivatives_to_torch_the_place_is_where_torch_is_asked(checked, mistake):
    pytest.importorskip("torch")
    right, wrong, where = WRONG_LOOPS[mistake]
    text = TORCH_LOOP.replace(right, wrong)
    if mistake == "detached-path":  # a parameter without a gradient has no grad to subtract
        text = text.replace("W1 -= W1.grad; ", "").replace("W1.grad.zero_(); ", "")
    told = checked(text).explanations[0]
    zeroed = told.mistake == "accumulated-gradients" and told.proof  # where the missing line was put, and tried
    assert zeroed or told.line == line_of(text, where)


def test_the_same_torch_program_without_a_mistake_is_right(checked):
    pytest.importorskip("torch")
    assert checked(TORCH_LOOP).verdict == "right"
