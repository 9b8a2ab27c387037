"""Mistakes under an update rule that the recipe has not: the rule is read off the program, the mistake named without it."""

import importlib.util

import pytest

TORCH = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
RECIPE = {
    "network": {"layers": [2, 3, 1], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.6, -0.3, 0.4], [0.2, 0.8, -0.5]], [[0.5], [-0.9], [0.7]]],
        "biases": [[0.1, -0.2, 0.05], [0.2]],
    },
    "data": {"inputs": [[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6], [0.5, 0.5]], "targets": [[0.8], [0.3], [0.6], [0.1]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.3, "iterations": 30},
}
ROWS = """\
import numpy as np
X = np.array([[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6], [0.5, 0.5]])
Y = np.array([[0.8], [0.3], [0.6], [0.1]])
W1 = np.array([[0.6, -0.3, 0.4], [0.2, 0.8, -0.5]])
W2 = np.array([[0.5], [-0.9], [0.7]])
b1, b2 = np.array([0.1, -0.2, 0.05]), np.array([0.2])
{before}
for it in range(30):
    h = np.tanh(X @ W1 + b1)
    o = 1 / (1 + np.exp(-(h @ W2 + b2)))
    d2 = (o - Y) * o * (1 - o) / 4
    d1 = {d1}
    G1, g1, G2, g2 = X.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)
{update}
"""
RIGHT, WRONG = "d2 @ W2.T * (1 - h ** 2)", "d2 @ W2.T"
PAIRS = (("W1", "G1"), ("b1", "g1"), ("W2", "G2"), ("b2", "g2"))


def each(line, decayed="{w}"):
    """The update of every parameter; weights may have another line than biases."""
    return "\n".join(
        "    " + (decayed if w[0] == "W" and decayed != "{w}" else line).format(w=w, g=g) for w, g in PAIRS
    )


RULES = {
    "weights that decay": ("", each("{w} = {w} - 0.3 * {g}", "{w} = {w} - 0.3 * ({g} + 0.02 * {w})"), "weight_decay"),
    "a penalty over the samples": (
        "",
        each("{w} = {w} - 0.3 * {g}", "{w} -= 0.3 * ({g} + 0.08 * {w} / len(X))"),
        "weight_decay",
    ),
    "weights that are shrunk": (
        "",
        each("{w} = {w} - 0.3 * {g}", "{w} = (1 - 0.3 * 0.02) * {w} - 0.3 * {g}"),
        "weight_decay",
    ),
    "momentum": (
        "old = {name: 0 for name in ('W1', 'b1', 'W2', 'b2')}",
        each("old['{w}'] = 0.8 * old['{w}'] + 0.3 * {g}; {w} = {w} - old['{w}']"),
        "momentum",
    ),
    "a look ahead": (
        "v = {name: 0 for name in ('W1', 'b1', 'W2', 'b2')}",
        each("v['{w}'] = 0.8 * v['{w}'] + {g}; {w} = {w} - 0.3 * ({g} + 0.8 * v['{w}'])"),
        "momentum",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_mistake_is_named_without_what_the_rule_adds(name, checked):
    before, update, kind = RULES[name]
    assert checked(ROWS.format(before=before, d1=RIGHT, update=update), RECIPE).verdict == "right"
    said = checked(ROWS.format(before=before, d1=WRONG, update=update), RECIPE)
    assert said.verdict == "wrong"
    assert (said.explanations[0].mistake, said.line, said.explanations[0].proof) == (
        "missing-hidden-derivative",
        12,
        True,
    )
    assert kind in {fact.kind for fact in said.facts}


GRAPH = """\
import torch
torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.4, -0.7], [0.9, 0.1], [-0.2, 0.6], [0.5, 0.5]])
Y = torch.tensor([[0.8], [0.3], [0.6], [0.1]])
W1 = torch.tensor([[0.6, -0.3, 0.4], [0.2, 0.8, -0.5]], requires_grad=True)
W2 = torch.tensor([[0.5], [-0.9], [0.7]], requires_grad=True)
b1, b2 = (torch.tensor(some, requires_grad=True) for some in ([0.1, -0.2, 0.05], [0.2]))
mu = 0.8
opt = torch.optim.SGD([W1, b1, W2, b2], lr=0.3, momentum=mu, {options})
for it in range(30):
    {zero}
    o = torch.sigmoid(torch.tanh(X @ W1 + b1) @ W2 + b2)
    loss = ((o - Y) ** 2).sum() / 8
    loss.backward()
    opt.step()
"""


@TORCH
@pytest.mark.parametrize("options", ["", "nesterov=True", "weight_decay=0.02"])
def test_what_is_asked_of_the_optimizer_of_torch_is_taken_out_of_its_updates(options, checked):
    assert checked(GRAPH.format(options=options, zero="opt.zero_grad()"), RECIPE).verdict == "right"
    said = checked(GRAPH.format(options=options, zero="pass"), RECIPE)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "accumulated-gradients")


SQUARES = {
    "adam": (
        "m = {name: 0 for name in ('W1', 'b1', 'W2', 'b2')}; v = dict(m)",
        each(
            "m['{w}'] = 0.9 * m['{w}'] + 0.1 * {g}; v['{w}'] = 0.999 * v['{w}'] + 0.001 * {g} ** 2; "
            "{w} = {w} - 0.05 * m['{w}'] / (1 - 0.9 ** (it + 1)) / (np.sqrt(v['{w}'] / (1 - 0.999 ** (it + 1))) + 1e-8)"
        ),
    ),
    "adagrad": (
        "s = {name: 0 for name in ('W1', 'b1', 'W2', 'b2')}",
        each("s['{w}'] = s['{w}'] + {g} ** 2; {w} = {w} - 0.1 * {g} / (np.sqrt(s['{w}']) + 1e-8)"),
    ),
}
SLIPS = {
    "sign-error": ("(o - Y) * o", "(Y - o) * o"),
    "missing-output-derivative": ("(o - Y) * o * (1 - o)", "(o - Y)"),
    "batch-sum-for-mean": ("(1 - o) / 4", "(1 - o)"),
}


@pytest.mark.parametrize("slug", SLIPS)
@pytest.mark.parametrize("name", SQUARES)
def test_a_mistake_in_all_gradients_is_named_under_an_optimizer_that_divides_by_them(name, slug, checked):
    before, update = SQUARES[name]
    text = ROWS.format(before=before, d1=RIGHT, update=update)
    assert checked(text, RECIPE).verdict == "right"
    said = checked(text.replace(*SLIPS[slug]), RECIPE)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", slug)
    told = [fact.text for fact in said.facts if fact.kind == "factor"]
    assert bool(told) == (slug == "batch-sum-for-mean")
    if told:
        assert told[0].startswith("its optimizer divides by the size of the gradients: with this factor its steps are")
