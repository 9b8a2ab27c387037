from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from backlight.findings import notice
from tests.findings.runs import XOR, course, evidence, names, noticed, run


def parabola(learning_rate, *, iterations=40, w=1.0, **changes):
    """L = 1/2 w^2 by steps w := (1 - learning_rate) w, so that row k is known: w (1 - learning_rate)^k."""
    changes = {
        "parameters.weights": [[[w]]],
        "training.learning_rate": learning_rate,
        "training.iterations": iterations,
    } | changes
    return run([1, 1], "identity", [[1.0]], [[0.0]], changes=changes)


# ---- divergence ------------------------------------------------------------------------------------------


def test_a_loss_that_grows_is_told_from_its_first_step_up():
    found = noticed(parabola(2.5, iterations=10).findings, "divergence")
    assert found.evidence["iteration"] == 1
    assert found.evidence["first"] == 0.5
    assert found.evidence["last"] == found.evidence["last_finite"] == pytest.approx(0.5 * 1.5**20, rel=1e-12)
    assert "lies above its start since iteration 1" in found.text
    assert names(parabola(1.5, iterations=10)) == []


def test_numbers_that_overflow_are_told_with_the_iteration_in_which_they_do():
    trace = parabola(1e10, iterations=40)
    found = noticed(trace.findings, "divergence")
    k = next(k for k in range(40) if 2 * k * np.log10(1e10 - 1) > np.log10(np.finfo(float).max))
    assert found.evidence["iteration"] == k
    assert np.isfinite(trace.loss[k - 1])
    assert found.evidence["last_finite"] == trace.loss[k - 1]
    assert f"no finite number from iteration {k} on" in found.text


def test_in_float32_numbers_overflow_earlier():
    wide, narrow = parabola(1e10), parabola(1e10, **{"numerics.precision": "float32"})
    assert evidence(narrow, "divergence")["iteration"] < evidence(wide, "divergence")["iteration"]


def test_a_loss_that_was_never_finite_is_told():
    trace = run(
        [1, 1],
        "identity",
        [[1.0]],
        [[0.5]],
        loss="binary_cross_entropy",
        changes={"parameters.weights": [[[-2.0]]], "training.iterations": 3},
    )
    assert "not a finite number in any recorded iteration" in noticed(trace.findings, "divergence").text


def test_a_wrong_sign_is_divergence_too():
    trace = course({"data.targets": [[0.23, 0.07]], "training.learning_rate": 1}, mistake="sign-error")
    assert "divergence" in names(trace)
    assert "go the wrong way" in noticed(trace.findings, "divergence").text


# ---- oscillation -----------------------------------------------------------------------------------------


def test_an_oscillation_is_told_with_its_range_and_its_rises():
    # heavy ball without friction: w runs on for ever
    trace = parabola(0.5, iterations=50, **{"training.momentum": 1.0})
    found = evidence(trace, "oscillation")
    end = trace.loss[37:]
    assert (found["from_iteration"], found["to_iteration"]) == (37, 50)
    assert (found["lowest"], found["highest"]) == (end.min(), end.max())
    assert found["rises"] == int((end[1:] > end[:-1]).sum())
    assert "oscillation" not in names(parabola(0.5, iterations=50, **{"training.momentum": 0.5}))


# ---- stall -----------------------------------------------------------------------------------------------


def test_short_steps_are_told_with_the_size_of_the_gradient():
    trace = parabola(1e-6)
    found = noticed(trace.findings, "stall")
    assert found.evidence["reason"] == "short_steps"
    assert found.evidence["first_gradient"] == pytest.approx(1, rel=1e-15)
    assert found.evidence["last_gradient"] == pytest.approx((1 - 1e-6) ** 40, rel=1e-12)
    assert "the steps are too short" in found.text
    assert "stall" not in names(parabola(1e-2))


def test_a_saturated_layer_is_the_reason_where_there_is_one():
    found = noticed(course({"training.learning_rate": 1000, "training.iterations": 100}).findings, "stall")
    assert found.evidence["reason"] == "saturated"
    assert found.evidence["slope"] < 0.01


def test_flat_ground_is_a_reason():
    # two samples that contradict each other: the best is their mean, which gains less than half
    trace = run(
        [1, 1],
        "identity",
        [[1.0], [1.0]],
        [[1.0], [-1.0]],
        changes={"parameters.weights": [[[0.5]]], "training.iterations": 200},
    )
    found = evidence(trace, "stall")
    assert found["reason"] == "flat"
    assert found["last"] == pytest.approx(0.5, rel=1e-6)
    assert found["last_gradient"] < 1e-6 < found["first_gradient"] == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("iterations", [60, 61])
def test_a_loss_that_hovers_is_told_with_its_swing(iterations):
    # |w| with steps of 0.004: w jumps over 0 to and fro; the second sample keeps the loss up
    trace = run(
        [1, 1],
        "identity",
        [[1.0], [0.0]],
        [[0.0], [1.0]],
        loss="mean_absolute_error",
        changes={
            "parameters.weights": [[[0.0011]]],
            "training.learning_rate": 0.008,
            "training.iterations": iterations,
        },
    )
    found = evidence(trace, "stall")
    assert found["reason"] == "hovering"
    assert found["swing"] == pytest.approx(np.ptp(trace.loss[45:]), rel=1e-12)


def test_from_the_loss_alone_no_reason_is_given():
    trace = course({"training.learning_rate": 1e-6, "data.targets": [[0.23, 0.07]]}, record="loss")
    assert evidence(trace, "stall")["reason"] == "unknown"


# ---- single rises ----------------------------------------------------------------------------------------


def with_loss(trace, row, value):
    """The findings of a trace in which one loss is another."""
    loss = trace.loss.copy()
    loss[row] = value
    return notice(replace(trace, quantities=dict(trace) | {"loss": loss}))


def test_one_rise_is_told_with_its_height():
    trace = parabola(0.5, iterations=10)
    assert names(trace) == []
    found = noticed(with_loss(trace, 3, 0.1), "loss_rises")
    assert (found.evidence["count"], found.evidence["of"], found.evidence["first_to"]) == (1, 10, 3)
    assert found.evidence["largest"] == pytest.approx(0.1 - 0.5**5, rel=1e-12)
    assert found.text == "the loss rises at one of 10 steps, to iteration 3: from 0.03125 to 0.1"


def test_a_rise_that_nobody_could_see_is_rounding():
    trace = parabola(0.5, iterations=10)
    assert with_loss(trace, 3, trace.loss[2] + 1e-6) == ()


def test_rises_are_counted_and_the_largest_is_named():
    trace = bl.run(bl.recipe(XOR).with_({"training.learning_rate": 30.0, "training.iterations": 3000}))
    found = evidence(trace, "loss_rises")
    change = np.diff(trace.loss)
    assert found["count"] == int((change > 0).sum())
    assert found["first_from"] == int(np.flatnonzero(change > 0)[0])
    assert found["largest"] == change.max()
    assert found["largest_to"] == int(change.argmax()) + 1
    assert names(bl.run(bl.recipe(XOR))) == []


def test_in_mini_batches_rises_are_normal():
    batches = {"training.batch_size": 1, "training.iterations": 400, "training.learning_rate": 0.05}
    samples = [[1.0], [-0.5], [0.1]], [[1.0], [-1.0], [0.3]]
    trace = run([1, 3, 1], ["tanh", "identity"], *samples, changes=batches)
    assert np.diff(trace.loss).max() > 0.1 * trace.loss[0]
    assert names(trace) == []


def test_a_stall_is_told_from_where_it_began_not_from_where_it_was_judged():
    """One step of 1000 saturates the exercise's hidden layer: from then on the loss stays where it is."""
    trace = bl.run(bl.recipe("course").with_({"training.learning_rate": 1000, "training.iterations": 200}))
    [stall] = [found for found in trace.findings if found.name == "stall"]
    began = stall.evidence["from_iteration"]
    assert np.allclose(trace.loss[began:], trace.loss[-1], rtol=0.002)
    assert not np.isclose(trace.loss[began - 1], trace.loss[-1], rtol=0.002)
