"""What should stand there, and the proof: each kind of repair in a small program, and repairs that must be refused."""

import pytest

from backlight.checks.diagnosis import Spot
from backlight.checks.observing.instrument import instrument
from backlight.checks.observing.observation import Program
from backlight.checks.placing.edits import Words, edited
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.repair import repaired
from backlight.checks.placing.statements import renamed
from backlight.checks.placing.trying import Asked, probing

COLUMNS = """
import numpy as np
X = np.array([[0.5], [0.3]])
Y = np.array([[0.23], [-0.07]])
W1 = np.array([[0.2, 0.5], [-0.4, 0.6]])
W2 = np.array([[0.1, -0.3], [-0.5, 0.8]])
def s(z):
    return 1 / (1 + np.exp(-z))
for k in range(11):
    Z1 = W1 @ X
    H = s(Z1)
    O = s(W2 @ H)
    D2 = (O - Y) * O * (1 - O)
    D1 = (W2.T @ D2) * H * (1 - H)
    W2 = W2 - D2 @ H.T
    W1 = W1 - D1 @ X.T
"""
LAYERS = """
import numpy as np
def s(z):
    return 1 / (1 + np.exp(-z))
class Dense:
    def __init__(self, w):
        self.w = np.array(w)
    def forward(self, x):
        self.x = x
        self.z = x @ self.w
        self.a = s(self.z)
        return self.a
    def backward(self, d):
        d = d * self.a * (1 - self.a)
        back = d @ self.w.T
        self.w -= self.x.T @ d
        return back
x, y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
layers = [Dense([[0.2, -0.4], [0.5, 0.6]]), Dense([[0.1, -0.5], [-0.3, 0.8]])]
for k in range(11):
    a = x
    for layer in layers:
        a = layer.forward(a)
    d = a - y
    for layer in reversed(layers):
        d = layer.backward(d)
"""
LOOPS = """
from math import exp
x, y = [0.5, 0.3], [0.23, -0.07]
w, v = [[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]
def s(z):
    return 1 / (1 + exp(-z))
for step in range(11):
    h = [s(sum(x[i] * w[i][j] for i in range(2))) for j in range(2)]
    o = [s(sum(h[j] * v[j][k] for j in range(2))) for k in range(2)]
    d = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(2)]
    e = [0.0, 0.0]
    for j in range(2):
        total = 0.0
        for k in range(2):
            total = total + d[k] * v[j][k]
        e[j] = total * h[j] * (1 - h[j])
    for j in range(2):
        for k in range(2):
            v[j][k] -= d[k] * h[j]
            w[j][k] -= e[k] * x[j]
"""
ONE_BY_ONE = """
from math import exp
def f(z):
    return 1 / (1 + exp(-z))
a, b = 0.5, 0.3
t, u = 0.23, -0.07
p, q, r, s = 0.2, -0.4, 0.5, 0.6
k, l, m, n = 0.1, -0.5, -0.3, 0.8
rate = 1.0
for i in range(11):
    h, g = f(p * a + r * b), f(q * a + s * b)
    o, v = f(k * h + m * g), f(l * h + n * g)
    do, dv = (o - t) * o * (1 - o), (v - u) * v * (1 - v)
    gk = do * h
    gl = dv * h
    gm = do * g
    gn = dv * g
    gp = (do * k + dv * l) * h * (1 - h) * a
    gq = (do * m + dv * n) * g * (1 - g) * a
    gr = (do * k + dv * l) * h * (1 - h) * b
    gs = (do * m + dv * n) * g * (1 - g) * b
    p = p - rate * gp
    q = q - rate * gq
    r = r - rate * gr
    s = s - rate * gs
    k = k - rate * gk
    l = l - rate * gl
    m = m - rate * gm
    n = n - rate * gn
"""
TORCH = """
import torch
x, y = torch.tensor([[0.5, 0.3]]), torch.tensor([[0.23, -0.07]])
w1 = torch.tensor([[0.2, -0.4], [0.5, 0.6]], requires_grad=True)
w2 = torch.tensor([[0.1, -0.5], [-0.3, 0.8]], requires_grad=True)
optimizer = torch.optim.SGD([w1, w2], lr=1.0)
for k in range(11):
    out = torch.sigmoid(torch.sigmoid(x @ w1) @ w2)
    loss = ((out - y) ** 2).sum() / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("program", "right", "wrong", "written"),
    [
        pytest.param(COLUMNS, "(W2.T @ D2)", "(W2 @ D2)", "W2.T @ D2", id="a transpose"),
        pytest.param(
            COLUMNS, "(W2.T @ D2) * H * (1 - H)", "np.dot(W2.T, D2)", "np.dot(W2.T, D2) * H * (1 - H)", id="a factor"
        ),
        pytest.param(COLUMNS, "D2 @ H.T", "D2 @ X.T", "H.T", id="another word"),
        pytest.param(
            LAYERS, "self.a * (1 - self.a)", "self.z * (1 - self.z)", "self.a * (1 - self.a)", id="an own value"
        ),
        pytest.param(LOOPS, "+ d[k] * v[j][k]", "+ d[k]", "total + d[k] * v[j][k]", id="a sum in a loop"),
        pytest.param(LOOPS, "total = total + d", "total = d", "d[k] * v[j][k]", id="a sum that is overwritten"),
        pytest.param(COLUMNS, "s(W2 @ H)", "np.tanh(W2 @ H)", "s(W2 @ H)", id="a wrong activation forward"),
    ],
)
def test_what_should_stand_there_is_written_with_the_programs_names_and_proved(checked, program, right, wrong, written):
    said = checked(program.replace(right, wrong))
    first = said.explanations[0]
    assert first.proof
    assert written in " ".join(spot.should_be for spot in first.places)
    assert checked(said.fixed).verdict == "right"


@pytest.mark.parametrize(
    ("program", "line", "added"),
    [
        pytest.param(COLUMNS, "    W1 = W1 - D1 @ X.T\n", "W1 = W1 - D1 @ X.T", id="an update"),
        pytest.param(TORCH, "    optimizer.zero_grad()\n", "optimizer.zero_grad()", id="the zero of an optimizer"),
    ],
)
def test_a_line_that_is_missing_is_added_and_no_right_line_replaced(checked, program, line, added):
    if "torch" in program:
        pytest.importorskip("torch")
    said = checked(program.replace(line, ""), "course-torch" if "torch" in program else "course")
    first = said.explanations[0]
    assert first.proof
    (spot,) = first.places
    assert spot.source in spot.should_be
    assert added in [one.strip() for one in spot.should_be.split("\n")]


def test_an_update_that_comes_too_soon_is_moved_behind_the_last_use(checked):
    text = COLUMNS.replace("    W2 = W2 - D2 @ H.T\n", "").replace(
        "    D1 = (W2.T", "    W2 -= D2 @ H.T\n    # back through the hidden layer\n    D1 = (W2.T"
    )
    said = checked(text)
    first = said.explanations[0]
    assert (first.mistake, first.proof) == ("updated-weights-in-back-step", True)
    assert checked(said.fixed).verdict == "right"
    assert "    # back through the hidden layer\n    D1 = (W2.T" in said.fixed


def test_two_wrong_lines_of_a_forward_pass_are_both_mended(checked):
    text = """
from math import exp
def s(z):
    return 1 / (1 + exp(-z))
x1, x2, y1, y2 = 0.5, 0.3, 0.23, -0.07
w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
for k in range(5):
    h1 = s(w1 * x1 + w2 * x2)
    h2 = s(w3 * x1 + w4 * x2)
    o1, o2 = s(w5 * h1 + w7 * h2), s(w6 * h1 + w8 * h2)
    d1 = (o1 - y1) * o1 * (1 - o1)
    d2 = (o2 - y2) * o2 * (1 - o2)
    e1 = (d1 * w5 + d2 * w6) * h1 * (1 - h1)
    e2 = (d1 * w7 + d2 * w8) * h2 * (1 - h2)
    w5, w6, w7, w8 = w5 - d1 * h1, w6 - d2 * h1, w7 - d1 * h2, w8 - d2 * h2
    w1, w3, w2, w4 = w1 - e1 * x1, w3 - e1 * x2, w2 - e2 * x1, w4 - e2 * x2
"""
    said = checked(text)
    assert [spot.should_be for spot in said.explanations[0].places] == ["w1 * x1 + w3 * x2", "w2 * x1 + w4 * x2"]
    assert said.explanations[0].proof


def test_what_was_tried_in_vain_is_not_told(checked):
    """The weights come from nowhere that can be written in one expression: nothing is offered, nothing is proved."""
    text = COLUMNS.replace("D1 = (W2.T @ D2)", "D1 = (np.array([[0.3, 0.1], [0.2, 0.7]]) @ D2)").replace(
        "    W2 = W2 - D2 @ H.T\n", "    globals()['W2'] = globals()['W2'] - D2 @ H.T\n"
    )
    said = checked(text)
    assert said.verdict == "wrong"
    assert all(one.proof or not spot.should_be for one in said.explanations for spot in one.places)


def test_an_expression_that_changes_something_is_not_evaluated_twice():
    program = "def update(w):\n    w[0] = 1\n    return w\ndef look(w):\n    return w[0]\ndef both(w):\n    return update(w)\n"
    assert changes_nothing("look(w) * 2", program)
    assert not changes_nothing("update(w)", program)
    assert not changes_nothing("both(w)", program)
    assert not changes_nothing("layers.pop()", program)
    assert not changes_nothing("np.random.rand(2)", program)


def test_a_repair_that_is_no_python_is_refused():
    spot = Spot(
        line=1, column=4, end_line=1, end_column=9, source="a - b", name="d", quantity="", should_be="b - - ) a"
    )
    assert repaired(Program("my.py", "d = a - b\n"), [spot]) is None


def test_places_that_overlap_are_refused():
    at = {"line": 1, "end_line": 1, "name": "", "quantity": ""}
    whole = Spot(column=4, end_column=9, source="a - b", should_be="b - a", **at)
    part = Spot(column=8, end_column=9, source="b", should_be="c", **at)
    assert repaired(Program("my.py", "d = a - b\n"), [whole, part]) is None


def test_parentheses_are_written_only_where_they_change_what_is_meant():
    found = edited("np.dot(w, d)", Words(words=("h",), slopes=("1 - h ** 2",)))
    assert {"np.dot(w, d) * h", "np.dot(w, d) * (1 - h ** 2)", "np.dot(w.T, d)"} <= set(found)
    assert "(d - y).T @ w" in edited("(d - y) @ w", Words(words=()))


@pytest.mark.parametrize(
    ("written", "old", "new", "renames"),
    [
        ("w5 -= lr * d_w5", "w5", "w6", "w6 -= lr * d_w6"),
        ("params['b2'] -= g['db2']", "params['b2']", "params['b1']", "params['b1'] -= g['db1']"),
        ("w_out += h.T @ d_out", "w_out", "w_in", "w_in += h.T @ d_in"),
    ],
)
def test_a_line_for_another_parameter_has_all_its_names_exchanged(written, old, new, renames):
    assert renamed(written, old, new) == renames


def test_what_is_tried_out_stands_behind_what_must_come_first_in_a_file():
    text = '"""A program."""\nfrom __future__ import annotations\na = 2\nb = a * a\n'
    program = Program("my.py", text)

    site = next(one for one in instrument(program).sites if one.source == "a * a")
    written = probing(program, [Asked(site, ["a + a"], 1)])
    assert written is not None
    compile(written.text, "my.py", "exec")
    assert probing(program, [Asked(site, ["a"], 1), Asked(site, ["a"], 1)]) is None


@pytest.mark.parametrize(
    ("old", "new", "repair"),
    [
        ("    r = r - rate * gr\n", "", "q = q - rate * gq\n    r = r - rate * gr"),
        ("    n = n - rate * gn\n", "", "m = m - rate * gm\n    n = n - rate * gn"),
        ("gp = (do * k + dv * l) *", "gp = do * k *", "(do * k + dv * l) * h * (1 - h) * a"),
    ],
    ids=["a weight that is equal to an input", "the last one", "a gradient at a learning rate of 1"],
)
def test_a_repair_has_the_names_of_what_it_repairs(old, new, repair, checked):
    told = checked(ONE_BY_ONE.replace(old, new))
    assert [(one.places[0].should_be, one.proof) for one in told.explanations] == [(repair, True)]
    assert [one.theirs for one in told.parameters] == list("pqrsklmn")
