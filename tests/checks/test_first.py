"""Of a mistake that has no name the first wrong value is told, and what it is made of."""

import pytest

import backlight as bl
from backlight.views.text.diagnosis import diagnosis_report
from tests.checks.test_check import SCALARS

IN_A_FUNCTION = """
import numpy as np
W1, W2 = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def back(delta, W, a):
    return delta @ W.T * a * (1 - a) ** 1.5
for i in range(11):
    h = sigmoid(x @ W1)
    o = sigmoid(h @ W2)
    d2 = (o - y) * o * (1 - o)
    d1 = back(d2, W2, h)
    W1 -= 0.5 * x.T @ d1
    W2 -= 0.5 * h.T @ d2
"""


IN_LISTS = """
from math import exp
def squash(t):
    return 1 / (1 + exp(-t))
left, right = [[0.2, 0.5], [-0.4, 0.6]], [[0.1, -0.3], [-0.5, 0.8]]
given, wanted = [0.5, 0.3], [0.23, -0.07]
for turn in range(11):
    mid = [squash(sum(p * q for p, q in zip(row, given))) for row in left]
    out = [squash(sum(p * q for p, q in zip(row, mid))) for row in right]
    gap = [(wanted[k] - out[k]) * out[k] * (1 - out[k]) for k in (0, 1)]
    back = [sum(gap[k] * right[k][j] for k in (0, 1)) for j in (0, 1)]
    slope = [back[j] * mid[j] * (1 - mid[j]) + 0.1 * left[j][0] for j in (0, 1)]
    for k in (0, 1):
        right[k] = [right[k][j] + gap[k] * mid[j] for j in (0, 1)]
    for j in (0, 1):
        left[j] = [left[j][i] + slope[j] * given[i] for i in (0, 1)]
"""


@pytest.mark.parametrize(
    ("text", "line", "name", "parts"),
    [
        (
            SCALARS.replace("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5 + d2 * w6 + 0.01 * w3 * o2"),
            14,
            "e1",
            [("d1 * w5 + d2 * w6", "dL_dh1"), ("w3", "w3"), ("o2", "o2")],
        ),
        (SCALARS.replace("w7 - g7", "w7 - g7 * h1 ** 0.1"), 18, "w7", [("g7", "dL_dw7"), ("h1", "h1")]),
        (IN_LISTS, 12, "slope", [("back[j] * mid[j] * (1 - mid[j])", "-dL_dz_h1"), ("left[j][0]", "w1")]),
        (IN_A_FUNCTION, 8, "", [("delta @ W.T", "dL_da1"), ("a", "a1")]),
    ],
)
def test_the_first_wrong_value_is_told_with_the_right_ones_it_is_made_of(checked, text, line, name, parts):
    said = checked(text)
    assert (said.verdict, said.explanations) == ("wrong", ())
    assert said.first_wrong is not None
    assert (said.line, said.first_wrong.quantity) == (line, "")
    assert said.first_wrong.name == name
    assert [(part.source, part.quantity) for part in said.made_of] == parts
    assert not [one for one in said.seen if one.line == line and one.right and one.quantity == "dL_dh1"]


BESIDE_THE_LOSS = """
import torch
torch.set_default_dtype(torch.float64)
W1 = torch.tensor([[0.2, -0.4], [0.5, 0.6]], requires_grad=True)
W2 = torch.tensor([[0.1, -0.5], [-0.3, 0.8]], requires_grad=True)
x, y = torch.tensor([[0.5, 0.3]]), torch.tensor([[0.23, -0.07]])
for i in range(11):
    o = torch.sigmoid(torch.sigmoid(x @ W1) @ W2)
    loss = ((o - y) ** 2).sum() / 2 + 0.1 * (W1**3).sum()
    loss.backward()
    with torch.no_grad():
        W1 -= W1.grad
        W2 -= W2.grad
    W1.grad.zero_()
    W2.grad.zero_()
"""


def test_where_the_way_back_cannot_be_followed_the_one_place_that_mends_it_is_told(checked):
    said = checked(BESIDE_THE_LOSS)
    assert (said.verdict, said.explanations, said.first_wrong.line, said.made_of) == ("wrong", (), 9, ())
    assert said.fixed == BESIDE_THE_LOSS.replace(" + 0.1 * (W1**3).sum()", "")


def test_where_no_place_mends_it_either_nothing_is_pointed_at(checked):
    said = checked(BESIDE_THE_LOSS.replace("/ 2 + 0.1", "* 0.37 + (o - y).abs().sum() + 0.1"))
    assert (said.verdict, said.first_wrong, said.made_of, said.fixed) == ("wrong", None, (), None)


def test_what_has_no_name_is_mended_all_the_same(checked, tmp_path):
    said = checked(BESIDE_THE_LOSS)
    (tmp_path / "mended.py").write_text(said.fixed, encoding="utf-8")
    assert bl.check(tmp_path / "mended.py", recipe="course").verdict == "right"
    assert "Proved: with this place replaced and nothing else, all 8 gradients are right" in " ".join(
        diagnosis_report(said).split()
    )
