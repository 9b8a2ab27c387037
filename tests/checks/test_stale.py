"""A forward pass at the wrong time: what is stale is told where the pass is made or kept, and the repair is proved."""

import pytest

BEGIN = """
import numpy as np
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
W, V = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, -0.5], [-0.3, 0.8]])
def s(z):
    return 1 / (1 + np.exp(-z))
"""
FUNCTIONS = """
def see(x):
    h = s(x @ W)
    return h, s(h @ V)
def blame(h, o):
    d = (o - y) * o * (1 - o)
    return x.T @ (d @ V.T * h * (1 - h)), h.T @ d
"""
CALLED = f"""{BEGIN}{FUNCTIONS}
h, o = see(x)
for k in range(11):
    dW, dV = blame(h, o)
    W -= dW
    V -= dV
    h, o = see(x)
"""
GUARDED = f"""{BEGIN}{FUNCTIONS}
for k in range(11):
    h, o = see(x)
    dW, dV = blame(h, o)
    W -= dW
    V -= dV
"""
KEPT = f"""{BEGIN}
kept = dict()
def see(name, given, M):
    kept[name] = (given, s(given @ M))
    return s(given @ M)
for k in range(11):
    o = see("second", see("first", x, W), V)
    d = (o - y) * kept["second"][1] * (1 - kept["second"][1])
    e = d @ V.T * kept["first"][1] * (1 - kept["first"][1])
    W -= kept["first"][0].T @ e
    V -= kept["second"][0].T @ d
"""
INLINE = f"""{BEGIN}
for k in range(11):
    h = s(x @ W)
    o = s(h @ V)
    d = (o - y) * o * (1 - o)
    e = d @ V.T * h * (1 - h)
    W -= x.T @ e
    V -= h.T @ d
print(s(s(x @ W) @ V))
"""
OBJECT = f"""{BEGIN}
class Net:
    def see(self, x):
        self.h = s(x @ W)
        self.o = s(self.h @ V)
        return self.o
    def learn(self, y):
        global W, V
        d = (self.o - y) * self.o * (1 - self.o)
        e = d @ V.T * self.h * (1 - self.h)
        W -= x.T @ e
        V -= self.h.T @ d
net = Net()
for k in range(11):
    net.see(x)
    net.learn(y)
print(net.see(x))
"""
HANDED_BACK = f"""{BEGIN}
def see(W, V):
    h = s(x @ W)
    return h, s(h @ V)
def blame(h, o, V):
    d = (o - y) * o * (1 - o)
    return x.T @ (d @ V.T * h * (1 - h)), h.T @ d
def step(W, V, dW, dV):
    W = W - dW
    V = V - dV
    return W, V
def train(W, V):
    for k in range(11):
        h, o = see(W, V)
        W, V = step(W, V, *blame(h, o, V))
train(W, V)
"""
STALE = {
    "a pass in the first turn only, of parameters that are handed back": (
        HANDED_BACK,
        "        h, o = see(W, V)\n",
        "        if not k: h, o = see(W, V)\n",
    ),
    "two lines behind a condition": (
        INLINE,
        "    h = s(x @ W)\n    o = s(h @ V)\n    d",
        "    if k == 0:\n        h = s(x @ W)\n        o = s(h @ V)\n    d",
    ),
    "a call that gives back outputs nobody takes": (CALLED, "    h, o = see(x)\n", "    h, _ = see(x)\n"),
    "a pass whose results are thrown away": (CALLED, "    h, o = see(x)\n", "    see(x)\n"),
    "a pass in the first turn only": (GUARDED, "    h, o = see(x)\n", "    if k == 0:\n        h, o = see(x)\n"),
    "gradients that are computed once": (GUARDED, "dW, dV = blame(h, o)", "dW, dV = (dW, dV) if k else blame(h, o)"),
    "values that are kept the first time": (
        KEPT,
        "kept[name] = (given, s(given @ M))",
        "kept.setdefault(name, (given, s(given @ M)))",
    ),
    "a pass before the loop, line by line": (
        INLINE,
        "for k in range(11):\n    h = s(x @ W)\n    o = s(h @ V)\n",
        "h = s(x @ W)\no = s(h @ V)\nfor k in range(11):\n",
    ),
    "a pass of an object before the loop": (
        OBJECT,
        "for k in range(11):\n    net.see(x)\n",
        "net.see(x)\nfor k in range(11):\n",
    ),
}
"""A right program, what stands there, and what should not."""


@pytest.mark.parametrize(("right", "line", "wrong"), STALE.values(), ids=STALE)
def test_a_stale_pass_is_told_where_it_is_made_or_kept_and_the_repair_is_proved(right, line, wrong, checked):
    head, _, tail = right.rpartition(line)
    text = head + wrong + tail
    answer = checked(text)
    (one,) = answer.explanations
    assert (answer.verdict, answer.kind, one.mistake, one.proof) == ("wrong", "update_order", "stale-forward", True)
    first = head.count("\n") + 1
    assert first <= one.line < first + wrong.count("\n") + (not wrong.endswith("\n"))
    assert checked(answer.fixed).verdict == "right"


@pytest.mark.parametrize("right", [CALLED, GUARDED, KEPT, INLINE, OBJECT, HANDED_BACK])
def test_a_pass_that_is_made_in_time_is_right(right, checked):
    assert checked(right).verdict == "right"


def test_updates_between_two_passes_are_followed_one_by_one(checked):
    right, line, wrong = STALE["a pass of an object before the loop"]
    answer = checked(right.replace(line, wrong))
    assert answer.iterations == (0, 1, 2, 3, 4, 5, 6, 10)
    assert not [fact for fact in answer.facts if fact.kind == "iterations"]
