"""What is told of each line: the quantities it makes, right or wrong, and nothing that the verdict denies."""

import math

import pytest

import backlight as bl
from tests.checks.test_check import ROWS, ROWS_RECIPE, SCALARS


@pytest.fixture
def seen(tmp_path):
    """Write a program to a file, check it, and give what is told of its lines."""

    def told(text, recipe="course", change=None):
        if change is not None:
            assert change[0] in text
            text = text.replace(*change)
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        said = bl.check(path, recipe=recipe)
        lines = {}
        for one in said.seen:
            lines.setdefault(one.line, {})[one.quantity] = one.right
        return said, lines

    return told


def right(*names):
    return dict.fromkeys(names, True)


def test_of_a_right_program_each_line_is_told_what_it_computes(seen):
    said, lines = seen(SCALARS)
    assert said.verdict == "right"
    assert lines[6] == right("h1", "h2", "o1", "o2")
    assert lines[8] == right("z_h1", "z_h2", "h1", "h2")
    assert lines[10] == right("loss")
    assert lines[11] == right("dL_dz_o1")
    assert lines[13] == right("dL_dw5", "dL_dw6", "dL_dw7", "dL_dw8")
    assert lines[14] == right("dL_dh1")
    assert lines[16].items() >= right("dL_dw1", "dL_dw3", "w1", "w3").items()


def test_matrices_are_told_as_matrices(seen):
    _said, lines = seen(ROWS, ROWS_RECIPE)
    assert lines[9] == right("z1", "a1")
    assert lines[11] == right("dL_dz2")
    assert lines[12] == right("dL_da1", "dL_dz1") or lines[12] == right("dL_dz1")
    assert lines[13] == right("W2")


def test_the_line_of_the_mistake_is_told_with_its_number_and_the_true_one(seen):
    said, lines = seen(SCALARS, change=("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6"))
    assert lines[14] == {"dL_dh1": False}
    (place,) = [one for one in said.seen if one.line == 14]
    assert place.yours == pytest.approx(0.0346329885 + 0.0838661)
    assert place.truth == pytest.approx(-0.0684298, rel=1e-5)
    assert lines[15] == right("dL_dh2")
    assert lines[16] == {"dL_dw1": False, "dL_dw3": False, "w1": False, "w3": False}
    assert lines[18] == right("w5", "w6", "w7", "w8")


def test_the_opposite_of_a_gradient_is_told_with_its_sign(seen):
    text = SCALARS.replace("(o1 - y1) * o1", "(y1 - o1) * o1").replace("(o2 - y2) * o2", "(y2 - o2) * o2")
    for k in range(1, 9):
        text = text.replace(f"w{k} - e", f"w{k} + e").replace(f"w{k} - g", f"w{k} + g")
    said, lines = seen(text)
    assert said.verdict == "right"
    assert lines[11] == right("-dL_dz_o1")
    assert lines[14] == right("-dL_dh1")


def test_a_parameter_is_wrong_just_where_the_verdict_says_so(seen):
    said, lines = seen(SCALARS, change=("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5 + 1.0001 * d2 * w6"))
    assert said.verdict == "wrong"
    wrong = {one.name for one in said.parameters if one.verdict == "wrong"}
    for name in (f"w{k}" for k in range(1, 9)):
        marks = {marks[name] for marks in lines.values() if name in marks}
        assert marks == {name not in wrong}


def test_what_only_hands_a_number_on_is_not_told(seen):
    _said, lines = seen(
        SCALARS, change=("    print(k, loss)", "    keep = o1\n    copy = float(o1)\n    print(k, loss)")
    )
    assert 19 not in lines
    assert 20 not in lines


def test_of_a_program_that_is_another_network_nothing_is_told(seen):
    said, lines = seen(ROWS)
    assert said.verdict == "cannot_tell"
    assert not lines


def test_what_cannot_be_added_is_said_by_its_units(seen):
    said, _lines = seen(SCALARS, change=("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6"))
    assert said.units == "g5 is loss per w5, g6 is loss per w6: they cannot be added, and neither is loss per h1"
    assert "units" not in said.as_dict()


@pytest.mark.parametrize(
    "change",
    [
        ("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5 + d2 * w6 * 2"),
        ("w5 - g5", "w5 - 2 * g5"),
        ("e1 = d1 * w5", "e1 = -d1 * w5"),
    ],
    ids=["a factor", "an update", "a sign"],
)
def test_where_the_units_agree_they_say_nothing(seen, change):
    said, _lines = seen(SCALARS, change=change)
    assert (said.verdict, said.units) == ("wrong", "")


def test_of_a_right_program_the_units_are_not_asked(seen):
    assert not seen(SCALARS)[0].units


SYMMETRIC = """
import numpy as np
w, v, b, c = np.array([[0.4, -0.3]]), np.array([[0.7], [-0.2]]), np.zeros(2), np.zeros(1)
t = np.linspace(-2, 2, 9).reshape(-1, 1)
y = np.sin(t)
for i in range(12):
    a = np.tanh(t @ w + b)
    d = (a @ v + c - y) / len(t)
    back = d @ v.T * (1 - a ** 2)
    dw = t.T @ back
    db = back.sum(0)
    v, c, w, b = v - 0.1 * a.T @ d, c - 0.1 * d.sum(0), w - 0.1 * dw, b - 0.1 * db
"""
ODD = {
    "network": {"layers": [1, 2, 1], "activations": ["tanh", "identity"], "biases": True},
    "parameters": {"weights": [[[0.4, -0.3]], [[0.7], [-0.2]]], "biases": [[0, 0], [0]]},
    "data": {"inputs": [[0.5 * k] for k in range(-4, 5)], "targets": [[math.sin(0.5 * k)] for k in range(-4, 5)]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.1, "iterations": 12},
}


def test_what_roundings_leave_of_a_zero_is_taken_for_nothing(seen):
    _said, lines = seen(SYMMETRIC, ODD)
    assert lines[10] == right("dL_dW1")
    assert 11 not in lines
