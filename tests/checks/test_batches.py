"""Samples one by one in batches, with looks at the loss in between: what belongs to an update, and what does not."""

from textwrap import dedent

import pytest

from backlight.checks.observing.observation import Program
from backlight.checks.observing.observe import observe

ONE_BY_ONE = dedent("""\
    import math
    points = [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6], [0.15, 0.45], [-0.8, -0.35]]
    wanted = [[0.2], [0.6], [0.9], [0.4], [0.7]]
    W = [[0.2, -0.4], [0.5, 0.3]]
    b = [0.1, -0.2]
    V = [0.3, -0.5]
    c = [0.25]
    def run(p):
        h = [math.tanh(sum(w * q for w, q in zip(row, p)) + one) for row, one in zip(W, b)]
        return h, 1 / (1 + math.exp(-(sum(v * q for v, q in zip(V, h)) + c[0])))
    def learn(batch):
        gW, gb, gV, gc = [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [0.0, 0.0], [0.0]
        for n in batch:
            p, (t,) = points[n], wanted[n]
            h, o = run(p)
            e = (o - t) * o * (1 - o)
            for j in range(2):
                d = e * V[j] * (1 - h[j] ** 2)
                gV[j] += e * h[j]
                gb[j] += d
                for i in range(2):
                    gW[j][i] += d * p[i]
            gc[0] += e
        for j in range(2):
            V[j] -= 0.5 * gV[j] / len(batch)
            b[j] -= 0.5 * gb[j] / len(batch)
            for i in range(2):
                W[j][i] -= 0.5 * gW[j][i] / len(batch)
        c[0] -= 0.5 * gc[0] / len(batch)
    for epoch in range(12):
        for first in range(0, len(points), 2):
            learn(range(first, min(first + 2, len(points))))
        if epoch % 4 == 0:
            print(epoch, sum((run(p)[1] - t) ** 2 for p, (t,) in zip(points, wanted)) / 10)
    """)
POINTS = [[0.5, 0.3], [-0.2, 0.9], [0.7, -0.6], [0.15, 0.45], [-0.8, -0.35]]
RECIPE = {
    "network": {"layers": [2, 2, 1], "activations": ["tanh", "sigmoid"], "biases": True},
    "parameters": {
        "weights": [[[0.2, 0.5], [-0.4, 0.3]], [[0.3], [-0.5]]],
        "biases": [[0.1, -0.2], [0.25]],
        "train_biases": True,
    },
    "data": {"inputs": POINTS, "targets": [[0.2], [0.6], [0.9], [0.4], [0.7]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.5, "iterations": 12, "batch_size": 2},
}
WRONG = {
    "missing-weight-factor": ("d = e * V[j] *", "d = e *"),
    "missing-output-derivative": ("e = (o - t) * o * (1 - o)", "e = o - t"),
    "wrong-input-factor": ("gW[j][i] += d * p[i]", "gW[j][i] += d * h[i]"),
    "overwritten-accumulator": ("gV[j] += e * h[j]", "gV[j] = e * h[j]"),
}
"""Mistakes in one line of it."""


def with_a_long_sum(text):
    """The same, so that a round is many events and the training is not seen to its end."""
    return text.replace("    gW, gb,", "    sum([0.5 * n for n in range(3000)])\n    gW, gb,").replace(
        "range(12)", "range(8)"
    )


def test_looks_between_batches_belong_to_no_update(checked):
    assert checked(ONE_BY_ONE, RECIPE).verdict == "right"


@pytest.mark.parametrize("mistake", WRONG)
def test_a_smaller_batch_at_the_end_hides_no_line(checked, mistake):
    right, wrong = WRONG[mistake]
    text = ONE_BY_ONE.replace(right, wrong)
    said = checked(text, RECIPE).explanations[0]
    assert mistake in {said.mistake, *said.equals}
    assert said.line == next(n for n, line in enumerate(text.split("\n"), 1) if wrong in line)


def test_no_update_is_read_over_a_gap_in_what_was_seen(checked):
    long = with_a_long_sum(ONE_BY_ONE) + "print([run(p)[1] for p in points])\n"
    assert checked(long, RECIPE).verdict == "right"


def test_a_program_says_before_which_events_something_is_missing():
    seen = observe(Program("my.py", "w = 0.5\nfor i in range(400):\n    w = w * 0.99\nprint(w)\n"))
    (gap,) = seen.gaps
    before, behind = seen.value[:gap], seen.value[gap:]
    assert len(before) > 300
    assert len(behind)
    assert seen.values[int(before[-1])] > 0.5 * 0.99**302 > 0.5 * 0.99**399
    assert abs(float(seen.values[int(behind[0])]) - 0.5 * 0.99**400) < 1e-12
