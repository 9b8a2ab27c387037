"""A program is judged at its own learning rate, wherever that is written; one that is written nowhere is 1."""

from importlib.util import find_spec

import pytest

NEEDS = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
RECIPE = {
    "network": {"layers": [2, 3, 1], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.3, 0.5, -0.6], [-0.2, 0.7, 0.4]], [[0.4], [-0.3], [0.8]]],
        "biases": [[0.1, -0.1, 0.2], [0.05]],
    },
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.3, "iterations": 20},
}
PROGRAM = """
import numpy as np
X = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = np.array([[0.], [1.], [1.], [0.]])
W1, b1 = np.array([[0.3, 0.5, -0.6], [-0.2, 0.7, 0.4]]), np.array([0.1, -0.1, 0.2])
W2, b2 = np.array([[0.4], [-0.3], [0.8]]), np.array([0.05])
N = len(X)
{before}
for turn in range(20):
    h = np.tanh(X @ W1 + b1)
    o = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = np.sum((o - Y) ** 2) / (2 * N)
    d2 = {d2}
    d1 = {d1}
    {gradients}
    {update}
"""
GRADIENTS = "g1, k1, g2, k2 = X.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0)"
D2, D1 = "(o - Y) * o * (1 - o) / N", "(d2 @ W2.T) * (1 - h ** 2)"


def each(step):
    """The same update of all four arrays."""
    return "; ".join(step.format(p=p, g=g) for p, g in (("W1", "g1"), ("b1", "k1"), ("W2", "g2"), ("b2", "k2")))


STYLES = {
    "in a tuple": ("", "W1, b1, W2, b2 = W1 - 0.5 * g1, b1 - 0.5 * k1, W2 - 0.5 * g2, b2 - 0.5 * k2", 0.5),
    "a default": ("def new(p, g, lr=0.5):\n    return p - lr * g", each("{p} = new({p}, {g})"), 0.5),
    "of a class": ("class Conf:\n    rate = 0.5", each("{p} -= Conf.rate * {g}"), 0.5),
    "negative": ("lr = 0.5", each("{p} += -lr * {g}"), 0.5),
    "an exponent": ("", each("{p} -= 5e-1 * {g}"), 0.5),
    "a fraction": ("", each("{p} -= 1 / 2 * {g}"), 0.5),
    "a divisor": ("", each("{p} -= {g} / 2"), 0.5),
    "not at all": ("", each("{p} -= {g}"), 1.0),
}


def program(before, update, *, d2=D2, d1=D1, gradients=GRADIENTS):
    return PROGRAM.format(before=before, d2=d2, d1=d1, gradients=gradients, update=update)


def rate_of(said):
    return next((fact.yours for fact in said.facts if fact.kind == "learning_rate"), None)


@pytest.mark.parametrize("style", STYLES)
def test_a_right_program_is_right_at_its_own_rate(style, checked):
    before, update, rate = STYLES[style]
    said = checked(program(before, update), RECIPE)
    assert (said.verdict, rate_of(said)) == ("right", rate)


@pytest.mark.parametrize("style", STYLES)
def test_a_wrong_program_is_held_against_its_own_rate_too(style, checked):
    before, update, rate = STYLES[style]
    said = checked(program(before, update, d2="(o - Y) / N"), RECIPE)
    assert (said.verdict, rate_of(said)) == ("wrong", rate)
    assert said.explanations[0].mistake == "missing-output-derivative"


@pytest.mark.parametrize("style", STYLES)
def test_a_sum_for_a_mean_is_no_learning_rate(style, checked):
    before, update, _rate = STYLES[style]
    said = checked(program(before, update, d2="(o - Y) * o * (1 - o)"), RECIPE)
    assert (said.verdict, said.loss.factor) == ("wrong", 4.0)


def test_a_rate_that_is_divided_by_the_number_of_samples_is_the_rate(checked):
    sums = program("lr = 0.5", each("{p} -= lr / N * {g}"), d2="(o - Y)")
    said = checked(sums, RECIPE)
    assert (said.verdict, rate_of(said), said.explanations[0].mistake) == ("wrong", 0.5, "missing-output-derivative")


DECAYS = {
    "computed": ("", "lr = 0.5 / (1 + 0.1 * turn); " + each("{p} -= lr * {g}")),
    "multiplied": ("lr = 0.5", each("{p} -= lr * {g}") + "; lr *= 0.9"),
    "in the update": ("", each("{p} -= 0.5 * 0.9 ** turn * {g}")),
}


@pytest.mark.parametrize("way", DECAYS)
def test_a_rate_that_decays_is_a_fact(way, checked):
    said = checked(program(*DECAYS[way]), RECIPE)
    assert (said.verdict, rate_of(said)[:2]) == ("right", [0.5, pytest.approx(0.45, abs=0.005)])


def test_a_wrong_program_is_held_against_a_rate_that_decays(checked):
    said = checked(program(*DECAYS["computed"], d1="d2 @ W2.T"), RECIPE)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "missing-hidden-derivative")
    assert {one.verdict for one in said.parameters if one.name in {"w7", "w8", "w9"}} == {"right"}


def test_what_the_network_computes_is_no_rate_that_decays(checked):
    """Every update is the gradient times o (1 - o), a variable in the updates: an extra derivative."""
    text = """
import math
x, y, w, b = 0.8, 0.3, 0.5, 0.1
for turn in range(20):
    o = 1 / (1 + math.exp(-(w * x + b)))
    loss = -(y * math.log(o) + (1 - y) * math.log(1 - o))
    slope = o * (1 - o)
    w, b = w - slope * ((o - y) * x), b - slope * (o - y)
"""
    recipe = {
        "network": {"layers": [1, 1], "activations": "sigmoid", "biases": True},
        "parameters": {"weights": [[[0.5]]], "biases": [[0.1]]},
        "data": {"inputs": [[0.8]], "targets": [[0.3]]},
        "loss": {"name": "binary_cross_entropy"},
        "training": {"learning_rate": 1.0, "iterations": 20},
    }
    assert checked(text, recipe).verdict == "wrong"


TWO = ("lr1, lr2 = 0.5, 0.25", "W1 -= lr1 * g1; b1 -= lr1 * k1; W2 -= lr2 * g2; b2 -= lr2 * k2")


def test_a_rate_for_each_layer_is_a_fact(checked):
    said = checked(program(*TWO), RECIPE)
    assert (said.verdict, rate_of(said)) == ("right", [0.5, 0.25])


def test_a_wrong_program_is_held_against_the_rate_of_each_layer(checked):
    said = checked(program(*TWO, d1="d2 @ W2.T"), RECIPE)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "missing-hidden-derivative")


def test_a_number_in_some_updates_only_is_no_rate(checked):
    """Nothing is written but x2 = 0.3, by which two of the gradients are multiplied."""
    text = """
import math
w = [0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8]
x, y = (0.5, 0.3), (0.23, -0.07)
f = lambda z: 1 / (1 + math.exp(-z))
for turn in range(11):
    h = [f(w[0] * x[0] + w[2] * x[1]), f(w[1] * x[0] + w[3] * x[1])]
    o = [f(w[4] * h[0] + w[6] * h[1]), f(w[5] * h[0] + w[7] * h[1])]
    q = [(a - b) * a * (1 - a) for a, b in zip(o, y)]
    r = [(q[0] * w[4] + q[1] * w[5]) * h[0] * (1 - h[0]), (q[0] * w[6] + q[1] * w[7]) * h[1] * (1 - h[1])]
    g = [r[0] * x[0], r[0] * x[1], r[1] * x[0], r[1] * x[1], q[0] * h[0], q[1] * h[0], q[0] * h[1], q[1] * h[1]]
    w = [a - b for a, b in zip(w, g)]
"""
    said = checked(text)
    assert (said.verdict, rate_of(said)) == ("wrong", None)
    assert sum(one.verdict == "wrong" for one in said.parameters) == 2


TORCH = """
import torch, torch.nn as nn
torch.set_default_dtype(torch.float64)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
        self.l1.weight.data = torch.tensor([[0.2, 0.5], [-0.4, 0.6]])
        self.l2.weight.data = torch.tensor([[0.1, -0.3], [-0.5, 0.8]])
    def forward(self, x):
        return torch.sigmoid(self.l2(torch.sigmoid(self.l1(x))))
net = Net()
x, y = torch.tensor([[0.5, 0.3]]), torch.tensor([[0.23, -0.07]])
{optimizer}
for i in range(11):
    opt.zero_grad()
    loss = {half} * ((net(x) - y) ** 2).sum()
    loss.backward()
    opt.step()
    {then}
"""


def torched(optimizer="opt = torch.optim.SGD(net.parameters(), lr=1.0)", half="0.5", then=""):
    return TORCH.format(optimizer=optimizer, half=half, then=then)


@NEEDS
@pytest.mark.parametrize("rate", ["1.0", "0.1"])
def test_the_width_of_a_layer_is_no_learning_rate_where_a_half_is_missing(rate, checked):
    text = torched(f"opt = torch.optim.SGD(net.parameters(), lr={rate})", half="1")
    said = checked(text)
    assert (said.verdict, said.loss.factor) == ("wrong", 2.0)


@NEEDS
def test_the_rate_of_an_optimizer_is_what_it_has(checked):
    said = checked(torched('conf = {"lr": 0.2}\nopt = torch.optim.SGD(net.parameters(), **conf)'))
    assert (said.verdict, rate_of(said)) == ("right", 0.2)


@NEEDS
def test_a_scheduler_changes_the_rate(checked):
    schedule = "sch = torch.optim.lr_scheduler.StepLR(opt, 2, 0.5)"
    said = checked(torched(f"opt = torch.optim.SGD(net.parameters(), lr=1.0)\n{schedule}", then="sch.step()"))
    assert (said.verdict, rate_of(said)[:3]) == ("right", [1.0, 0.5, 0.25])


@NEEDS
def test_groups_of_parameters_have_rates_of_their_own(checked):
    groups = '[{"params": net.l1.parameters(), "lr": 0.25}, {"params": net.l2.parameters()}]'
    said = checked(torched(f"opt = torch.optim.SGD({groups}, lr=0.5)"))
    assert (said.verdict, rate_of(said)) == ("right", [0.25, 0.5])
