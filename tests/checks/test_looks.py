"""A program that tries its forward pass before it trains: the training is judged, and not the look at the outputs."""

import pytest

LOOK = """
import numpy as np
def s(z):
    return 1 / (1 + np.exp(-z))
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
net = {"in": np.array([[0.2, -0.4], [0.5, 0.6]]), "out": np.array([[0.1, -0.5], [-0.3, 0.8]])}
def outputs():
    return s(s(x @ net["in"]) @ net["out"])
print(outputs().round(2), outputs().shape)
def change(array, gradient):
    array -= gradient
for turn in range(7):
    sum1 = x @ net["in"]
    h = s(sum1)
    sum2 = h @ net["out"]
    o = s(sum2)
    d = (o - y) * o * (1 - o)
    e = d @ net["out"].T * h * (1 - h)
    change(net["out"], h.T @ d)
    change(net["in"], x.T @ e)
"""


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def test_the_training_behind_a_look_is_judged(checked):
    said = checked(LOOK)
    assert said.verdict == "right"


@pytest.mark.parametrize(
    "wrong", ['sum2 = sum1 @ net["out"]', 'sum2 = x @ net["out"]', 'sum2 = h[:, [1]] * net["out"][1]']
)
def test_a_slip_in_the_training_is_told_though_the_look_is_right(checked, wrong):
    text = LOOK.replace('sum2 = h @ net["out"]', wrong)
    said = checked(text)
    assert (said.verdict, said.kind, said.line) == ("wrong", "forward", line_of(text, wrong))


def test_a_training_that_changes_nothing_never_learns_though_there_is_a_look_before_it(checked):
    text = LOOK.replace("array -= gradient", "array = array - gradient")
    for looked in (text, text.replace("print(outputs().round(2), outputs().shape)", "print(outputs().round(2))")):
        said = checked(looked)
        assert (said.verdict, said.kind) == ("wrong", "never_learns")
        assert said.explanations[0].mistake == "missing-update"


def test_looks_do_not_say_that_a_training_changes_nothing_that_could_not_be_followed(checked):
    said = checked(LOOK.replace("o = s(sum2)", "o = s(sum2 + 0.3 * sum1 ** 3)"))
    assert said.kind != "never_learns"
