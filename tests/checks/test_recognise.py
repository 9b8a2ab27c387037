"""Programs whose forward passes are hard to see: nobody's names and no style are asked for."""

from importlib.util import find_spec

import numpy as np
import pytest

from backlight.checks.recognising.probes import around, probes
from tests.checks.hard_to_see import PROGRAMS, WRONG

NEEDS = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


def marked(names):
    return [pytest.param(name, marks=NEEDS if "torch" in name else ()) for name in names]


@pytest.mark.parametrize("name", marked(PROGRAMS))
def test_a_right_program_is_right(name, checked):
    text, recipe = PROGRAMS[name]
    said = checked(text, recipe)
    assert (said.verdict, said.kind, said.reason) == ("right", "right", "")


@pytest.mark.parametrize("name", marked(WRONG))
def test_a_wrong_one_is_wrong_and_its_mistake_is_named(name, checked):
    right, change, mistake = WRONG[name]
    text, recipe = PROGRAMS[right]
    assert text.count(change[0]) == 1
    said = checked(text.replace(*change), recipe)
    assert said.verdict == "wrong"
    assert mistake in {said.explanations[0].mistake, *said.explanations[0].equals}


BASE = np.array([0.5, -0.25, 1.5, 2.0, -1.0])
STEP = 1e-5 * np.eye(5)


def test_probes_on_both_sides_are_no_steps():
    moved = [BASE + sign * one for one in STEP for sign in (1, -1)]
    assert probes([BASE, *moved, BASE - 0.1, BASE - 0.2]) == [False] + [True] * 10 + [False] * 2


def test_probes_before_anything_else_are_known_by_their_middle():
    moved = [BASE + sign * one for one in STEP for sign in (1, -1)]
    assert probes(moved) == [True] * 10
    assert np.array_equal(around(moved), BASE)


def test_probes_of_one_number_only_are_no_steps():
    assert probes([BASE, BASE + STEP[2], BASE - STEP[2], BASE - 0.1]) == [False, True, True, False]


def test_steps_that_move_everything_or_one_number_in_one_direction_are_no_probes():
    assert not any(probes([BASE - 0.1 * number for number in range(12)]))
    assert not any(probes([BASE - number * STEP[1] for number in range(12)]))


def test_what_is_put_back_up_to_rounding_is_put_back():
    moved = [np.array(BASE)]
    for number in range(5):
        for step in (1e-5, -2e-5):
            moved.append(moved[-1] + step * np.eye(5)[number])
        moved[-1] = moved[-1] * (1 + 1e-16)
        moved.append(moved[-1] + 1e-5 * np.eye(5)[number])
    assert probes([*moved, BASE - 0.1])[-1] is False
    assert next(one for one, probe in zip(moved, probes(moved), strict=True) if not probe) is moved[0]


def test_of_three_numbers_nothing_is_a_probe():
    assert probes([np.zeros(3), np.eye(3)[0], np.zeros(3)]) == [False] * 3


STALE = """
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
    print(i, w1)
"""


def test_a_program_that_goes_on_without_a_forward_pass_is_not_called_right_for_its_first_update(checked):
    said = checked(STALE, "course")
    assert said.verdict != "right"
    once = checked(STALE.replace("range(11)", "range(1)"), "course")
    assert once.verdict == "right"
