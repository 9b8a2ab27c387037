"""Numbers that are kept under their names, and masks that hide what is behind them: where the way back ends."""

from textwrap import dedent

import pytest

import backlight as bl

DATA = dedent("""\
    import numpy as np
    x = np.array([[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]]); y = np.array([[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]])
    W1 = np.array([[0.2, -0.4], [0.5, 0.6]]); W2 = np.array([[0.1, -0.5], [-0.3, 0.8]])
    b1 = np.array([0.1, -0.2]); b2 = np.array([0.3, 0.05])
    """)
KEPT = DATA + dedent("""\
    def forward(x):
        pre = x @ W1 + b1
        hid = np.tanh(pre)
        top = hid @ W2 + b2
        out = 1 / (1 + np.exp(-top))
        return out, {"pre": pre, "hid": hid, "top": top, "out": out}
    def backward(kept, y):
        hid = kept["hid"]
        d2 = (kept["out"] - y) * kept["out"] * (1 - kept["out"])
        d1 = d2 @ W2.T * (1 - hid ** 2)
        return x.T @ d1, d1.sum(axis=0), hid.T @ d2, d2.sum(axis=0)
    for i in range(8):
        out, kept = forward(x)
        g = backward(kept, y)
        W1 = W1 - 0.5 * g[0]
        b1 = b1 - 0.5 * g[1]
        W2 = W2 - 0.5 * g[2]
        b2 = b2 - 0.5 * g[3]
    """)
HANDED = DATA + dedent("""\
    def top_layer(hid, out, y):
        err = (out - y) * out * (1 - out)
        return err, hid.T @ err, err.sum(axis=0)
    def low_layer(hid, err, W2):
        back = err @ W2.T
        low = back * (1 - hid ** 2)
        return x.T @ low, low.sum(axis=0)
    for i in range(8):
        hid = np.tanh(x @ W1 + b1)
        out = 1 / (1 + np.exp(-(hid @ W2 + b2)))
        err, dW2, db2 = top_layer(hid, out, y)
        dW1, db1 = low_layer(hid, err, W2)
        W1 = W1 - 0.5 * dW1
        b1 = b1 - 0.5 * db1
        W2 = W2 - 0.5 * dW2
        b2 = b2 - 0.5 * db2
    """)
BY_SAMPLE = DATA + dedent("""\
    sums = {"W1": 0, "b1": 0, "W2": 0, "b2": 0}
    def add_up(row, target):
        pre = row @ W1 + b1
        hid = np.maximum(pre, 0)
        out = 1 / (1 + np.exp(-(hid @ W2 + b2)))
        top = (out - target) * out * (1 - out)
        sums["W2"] += np.outer(hid, top)
        sums["b2"] += top
        back = W2 @ top
        back[pre <= 0] = 0
        sums["W1"] += np.outer(row, back)
        sums["b1"] += back
    for i in range(8):
        for name in sums:
            sums[name] = np.zeros_like(globals()[name])
        for row, target in zip(x, y):
            add_up(row, target)
        W1 = W1 - 0.5 * sums["W1"]
        b1 = b1 - 0.5 * sums["b1"]
        W2 = W2 - 0.5 * sums["W2"]
        b2 = b2 - 0.5 * sums["b2"]
    """)
BATCH = DATA + dedent("""\
    for i in range(8):
        pre = x @ W1 + b1
        hid = np.maximum(pre, 0)
        out = 1 / (1 + np.exp(-(hid @ W2 + b2)))
        top = (out - y) * out * (1 - out)
        back = top @ W2.T
        low = back * (pre > 0)
        W2 = W2 - 0.5 * hid.T @ top
        b2 = b2 - 0.5 * top.sum(axis=0)
        W1 = W1 - 0.5 * x.T @ low
        b1 = b1 - 0.5 * low.sum(axis=0)
    """)


def recipe(hidden):
    """The recipe of these programs."""
    return {
        "network": {"layers": [2, 2, 2], "activations": [hidden, "sigmoid"], "biases": True},
        "parameters": {
            "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
            "biases": [[0.1, -0.2], [0.3, 0.05]],
        },
        "data": {
            "inputs": [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]],
            "targets": [[0.2, 0.7], [0.6, 0.1], [0.9, 0.4]],
        },
        "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
        "training": {"learning_rate": 0.5, "iterations": 8},
    }


@pytest.fixture
def checked(tmp_path):
    """Write a program to a file and check it."""

    def check(text):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return bl.check(path, recipe=bl.recipe(recipe("tanh" if "tanh" in text else "relu")))

    return check


@pytest.mark.parametrize("text", [KEPT, HANDED, BY_SAMPLE, BATCH])
def test_these_programs_are_right_before_something_is_changed_in_them(checked, text):
    assert checked(text).verdict == "right"


@pytest.mark.parametrize(
    ("text", "old", "new", "part"),
    [
        pytest.param(KEPT, "hid.T @ d2", 'kept["pre"].T @ d2', 'kept["pre"]', id="kept in a dictionary"),
        pytest.param(KEPT, 'kept["out"] - y', 'kept["top"] - y', 'kept["top"]', id="taken from it in a difference"),
        pytest.param(HANDED, "back = err @ W2.T", "back = err.copy()", "back =", id="copied"),
        pytest.param(HANDED, "back = err @ W2.T", "back = np.array(err)", "back =", id="handed over under its name"),
        pytest.param(
            HANDED, "hid, err, W2)\n    W1", "hid, out - y, W2)\n    W1", "= low_layer", id="handed over wrong"
        ),
        pytest.param(BY_SAMPLE, "back = W2 @ top", "back = W2.T @ top", "back =", id="a mask in a sum over samples"),
        pytest.param(BY_SAMPLE, "back = W2 @ top", "back = top.copy()", "back =", id="a copy behind such a mask"),
        pytest.param(BY_SAMPLE, "[pre <= 0]", "[pre > 0]", "back[pre", id="such a mask the wrong way round"),
        pytest.param(BATCH, "top @ W2.T", "top @ W2", "back =", id="a mask that is multiplied by"),
        pytest.param(BATCH, "top @ W2.T", "(out - y) @ W2.T", "back =", id="the wrong thing behind it"),
    ],
)
def test_the_line_is_the_one_that_was_changed(checked, text, old, new, part):
    assert text.count(old) == 1
    wrong = text.replace(old, new)
    said = checked(wrong)
    lines = [number for number, line in enumerate(wrong.split("\n"), start=1) if part in line]
    assert said.verdict == "wrong"
    assert said.line in lines


def test_a_delta_that_is_taken_as_it_is_lacks_its_weights(checked):
    told = checked(HANDED.replace("back = err @ W2.T", "back = err.copy()")).explanations[0]
    assert (told.mistake, told.proof) == ("missing-weight-factor", True)


OF_THE_MODULE = DATA + dedent("""\
    net = {"low": W1, "high": W2}
    def forward(x):
        hid = np.tanh(x @ net["low"] + b1)
        return hid, 1 / (1 + np.exp(-(hid @ net["high"] + b2)))
    def backward(hid, out):
        top = (out - y) * out * (1 - out)
        low = top @ net["high"].T * (1 - hid ** 2)
        return {"low": (x.T @ low, low.sum(axis=0)), "high": (hid.T @ top, top.sum(axis=0))}
    for i in range(8):
        grads = backward(*forward(x))
        b1, b2 = b1 - 0.5 * grads["low"][1], b2 - 0.5 * grads["high"][1]
        for name in net:
            net[name] = net[name] - 0.5 * grads[name][0]
    """)


def test_what_another_function_reads_of_the_module_may_be_written_too(checked):
    assert checked(OF_THE_MODULE).verdict == "right"
    told = checked(OF_THE_MODULE.replace('net["high"].T', 'net["low"].T')).explanations[0]
    assert (told.mistake, told.proof) == ("wrong-weight", True)
    assert told.places[0].should_be == 'net["high"].T'
