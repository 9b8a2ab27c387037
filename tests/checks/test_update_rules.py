"""Right gradients under another update rule than the recipe's are right: momentum, weight decay, Adam are facts."""

from importlib.util import find_spec

import pytest

from tests.checks.test_rates import RECIPE, program

NEEDS = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
PLAIN = {**RECIPE, "training": {"learning_rate": 0.5, "iterations": 20}}
LISTS = "P = [W1, b1, W2, b2]\nV = [np.zeros_like(p) for p in P]\nS = [np.zeros_like(p) for p in P]\n"
GRADIENTS = "G = [X.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0)]"
EACH = "for k in range(4):\n        "
STEPS = {
    "momentum": ("lr, mu = 0.5, 0.9", "V[k] = mu * V[k] + G[k]\n        P[k] -= lr * V[k]"),
    "momentum of steps": ("lr, mu = 0.5, 0.9", "V[k] = mu * V[k] - lr * G[k]\n        P[k] += V[k]"),
    "averages": ("lr, beta = 0.5, 0.9", "V[k] = beta * V[k] + (1 - beta) * G[k]\n        P[k] -= lr * V[k]"),
}
MORE = {
    "nesterov": ("lr, mu = 0.5, 0.9", "V[k] = mu * V[k] + G[k]\n        P[k] -= lr * (G[k] + mu * V[k])"),
    "weight decay": ("lr, lam = 0.5, 0.01", "P[k] -= lr * (G[k] + lam * P[k])"),
    "of weights": ("lr, lam = 0.5, 0.01", "P[k] -= lr * (G[k] + (lam * P[k] if P[k].ndim == 2 else 0))"),
    "both": ("lr, mu, lam = 0.5, 0.9, 0.01", "V[k] = mu * V[k] + G[k] + lam * P[k]\n        P[k] -= lr * V[k]"),
    "rmsprop": (
        "lr, rho, eps = 0.01, 0.9, 1e-8",
        "S[k] = rho * S[k] + (1 - rho) * G[k] ** 2\n        P[k] -= lr * G[k] / (np.sqrt(S[k]) + eps)",
    ),
    "adagrad": ("lr, eps = 0.1, 1e-8", "S[k] += G[k] ** 2\n        P[k] -= lr * G[k] / (np.sqrt(S[k]) + eps)"),
    "adam": (
        "lr, beta1, beta2, eps = 0.01, 0.9, 0.999, 1e-8",
        (
            "V[k] = beta1 * V[k] + (1 - beta1) * G[k]\n        S[k] = beta2 * S[k] + (1 - beta2) * G[k] ** 2\n        "
            "m, s = V[k] / (1 - beta1 ** (turn + 1)), S[k] / (1 - beta2 ** (turn + 1))\n        "
            "P[k] -= lr * m / (np.sqrt(s) + eps)"
        ),
    ),
}
FACTS = {"weight decay": "weight_decay", "of weights": "weight_decay"} | dict.fromkeys(
    ("rmsprop", "adagrad", "adam"), "optimizer"
)


def ruled(name, **changes):
    before, update = (STEPS | MORE)[name]
    return program(LISTS + before, EACH + update, gradients=GRADIENTS, **changes)


@pytest.mark.parametrize("name", STEPS | MORE)
def test_right_gradients_are_right_under_any_rule(name, checked):
    said = checked(ruled(name), PLAIN)
    assert said.verdict == "right"
    assert FACTS.get(name, "momentum") in {fact.kind for fact in said.facts}


@pytest.mark.parametrize("name", [*STEPS, "adam", "adagrad"])
def test_wrong_gradients_are_wrong_under_any_rule(name, checked):
    said = checked(ruled(name, d1="d2 @ W2.T"), PLAIN)
    assert (said.verdict, said.explanations[0].mistake) == ("wrong", "missing-hidden-derivative")


@pytest.mark.parametrize("name", STEPS)
def test_a_factor_is_a_factor_under_momentum(name, checked):
    said = checked(ruled(name, d2="(o - Y) * o * (1 - o)"), PLAIN)
    assert (said.verdict, said.loss.factor) == ("wrong", 4.0)


def test_of_a_rule_that_divides_by_a_root_and_is_none_that_is_known_nothing_is_said(checked):
    update = "S[k] = 0.9 * S[k] + 0.1 * G[k] ** 2\n        P[k] -= lr * G[k] / np.sqrt(S[k] + eps)"
    said = checked(program(LISTS + "lr, eps = 0.01, 1e-4", EACH + update, gradients=GRADIENTS), PLAIN)
    assert said.verdict == "cannot_tell"
    assert "update rule" in said.reason


def test_updates_that_are_cut_to_one_length_have_right_gradients(checked):
    cut = "n = np.sqrt(sum((g ** 2).sum() for g in G)); G = [g * min(1, 0.02 / n) for g in G]"
    text = program(LISTS, EACH + "P[k] -= 0.5 * G[k]", gradients=f"{GRADIENTS}; {cut}")
    assert checked(text, PLAIN).verdict == "right"


@pytest.mark.parametrize("training", [{"momentum": 0.9}, {"optimizer": "adam"}], ids=["momentum", "adam"])
def test_plain_descent_is_a_fact_where_the_recipe_asks_for_more(training, checked):
    text = program(LISTS, EACH + "P[k] -= 0.5 * G[k]", gradients=GRADIENTS)
    said = checked(text, {**PLAIN, "training": {**PLAIN["training"], **training}})
    assert said.verdict == "right"
    assert "optimizer" in {fact.kind for fact in said.facts}


TORCH = """
import torch
torch.set_default_dtype(torch.float64)
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = torch.tensor([[0.], [1.], [1.], [0.]])
W1 = torch.tensor([[0.3, 0.5, -0.6], [-0.2, 0.7, 0.4]], requires_grad=True)
b1 = torch.tensor([0.1, -0.1, 0.2], requires_grad=True)
W2 = torch.tensor([[0.4], [-0.3], [0.8]], requires_grad=True)
b2 = torch.tensor([0.05], requires_grad=True)
opt = torch.optim.{optimizer}
for turn in range(20):
    opt.zero_grad()
    out = torch.sigmoid(torch.tanh(X @ W1 + b1) @ W2 + b2)
    loss = 0.5 * ((out - Y) ** 2).sum() / len(X)
    loss.backward()
    opt.step()
"""
OPTIMIZERS = {
    "SGD([W1, b1, W2, b2], lr=0.5, momentum=0.9)": "right",
    "SGD([W1, b1, W2, b2], lr=0.5, momentum=0.9, nesterov=True)": "right",
    "SGD([W1, b1, W2, b2], lr=0.5, momentum=0.9, weight_decay=0.01)": "right",
    "Adam([W1, b1, W2, b2], lr=0.01)": "right",
    "RMSprop([W1, b1, W2, b2])": "right",
    "NAdam([W1, b1, W2, b2], lr=0.01)": "cannot_tell",
    "SGD([W1, b1, W2, b2], lr=0.5, momentum=0.9, dampening=0.1)": "cannot_tell",
}


@NEEDS
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_nobody_is_accused_for_an_optimizer(optimizer, checked):
    assert checked(TORCH.format(optimizer=optimizer), PLAIN).verdict == OPTIMIZERS[optimizer]
