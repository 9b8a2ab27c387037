"""Two mistakes in one program: the first is mended, and what is left has its own line and its own proof."""

import pytest

NETWORK = """\
import numpy as np
x = np.array([[0.5, 0.3]]); y = np.array([[0.23, -0.07]])
W1 = np.array([[0.2, -0.4], [0.5, 0.6]]); W2 = np.array([[0.1, -0.5], [-0.3, 0.8]])
def f(z):
    return 1 / (1 + np.exp(-z))
for i in range(12):
    z1 = x @ W1
    h = f(z1)
    o = f(h @ W2)
    d2 = (o - y) * o * (1 - o)
    d1 = d2 @ W2.T * h * (1 - h)
    g1 = np.dot(x.T, d1)
    W2 -= h.T @ d2
    W1 -= g1
"""
PAIRS = {
    ("missing-output-derivative", "missing-hidden-derivative"): [
        ("d2 = (o - y) * o * (1 - o)", "d2 = o - y"),
        ("d1 = d2 @ W2.T * h * (1 - h)", "d1 = d2 @ W2.T"),
    ],
    ("forward-mistake", "transposed-weights"): [
        ("z1 = x @ W1", "z1 = x @ W1.T"),
        ("d2 @ W2.T *", "d2 @ W2 *"),
    ],
}


def with_edits(edits):
    text = NETWORK
    for old, new in edits:
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("slugs", PAIRS, ids="+".join)
def test_both_mistakes_are_named_and_the_program_without_them_is_right(slugs, checked):
    answer = checked(with_edits(PAIRS[slugs]))
    first = answer.explanations[0]
    assert {first.mistake, *first.also} == set(slugs)
    assert first.proof
    assert checked(answer.fixed).verdict == "right"


def test_every_place_of_both_is_told_where_it_stands_in_the_program_as_it_was(checked):
    text = with_edits(PAIRS["missing-output-derivative", "missing-hidden-derivative"])
    places = checked(text).explanations[0].places
    lines = text.split("\n")
    assert [lines[one.line - 1].strip() for one in places] == ["d2 = o - y", "d1 = d2 @ W2.T"]
    assert all(one.source in lines[one.line - 1] for one in places)


def test_the_square_of_the_outputs_is_no_target(checked):
    text = NETWORK.replace("* o * (1 - o)", "* (o - o * o)").replace("(o - y)", "np.subtract(o, y)")
    assert checked(text).verdict == "right"


MASKED = """\
import numpy as np
x = np.array([[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]]); y = np.array([[0.2, 0.4], [0.9, 0.1], [0.3, 0.6]])
W1 = np.array([[0.4, -0.4, 0.3], [0.5, 0.6, -0.2]]); W2 = np.array([[0.1, -0.5], [-0.3, 0.8], [0.7, 0.2]])
b1 = np.array([0.1, -0.05, 0.02])
b2 = np.array([0.03, 0.08])
for i in range(12):
    z = x @ W1 + b1
    h = np.maximum(z, 0)
    o = h @ W2 + b2
    d2 = (o - y) / 3
    back = d2 @ W2.T
    d1 = back.copy()
    d1[z < 0] = 0
    W2 -= 0.5 * h.T @ d2
    b2 -= 0.5 * np.sum(d2, 0)
    W1 -= 0.5 * x.T @ d1
    b1 -= 0.5 * np.sum(d1, 0)
"""
RELU = {
    "network": {"layers": [2, 3, 2], "activations": ["relu", "identity"], "biases": True},
    "parameters": {
        "weights": [[[0.4, -0.4, 0.3], [0.5, 0.6, -0.2]], [[0.1, -0.5], [-0.3, 0.8], [0.7, 0.2]]],
        "biases": [[0.1, -0.05, 0.02], [0.03, 0.08]],
    },
    "data": {"inputs": [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6]], "targets": [[0.2, 0.4], [0.9, 0.1], [0.3, 0.6]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.5, "iterations": 12},
}


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        ("back = (o - y) @ W2.T", "constant-factor"),
        ("back = d2[:, :1] @ W2[:, :1].T", "missing-path"),
    ],
)
def test_what_goes_wrong_before_a_mask_that_is_set_in_place_stands_before_it(wrong, mistake, checked):
    right = "back = d2 @ W2.T"
    first = checked(MASKED.replace(right, wrong), recipe=RELU).explanations[0]
    assert mistake in {first.mistake, *first.equals}
    assert MASKED.split("\n")[first.line - 1].strip() == right
    assert checked(MASKED, recipe=RELU).verdict == "right"
