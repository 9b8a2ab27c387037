from __future__ import annotations

from math import e, log

import numpy as np
import pytest

from tests.findings.runs import course, evidence, names, noticed, run

ONE = [[0.5, 0.3]]


def test_several_unreachable_targets_are_told_together():
    targets = [[1.5, 0.5], [0.5, -0.25], [0.1, 0.9]]
    trace = run([2, 2, 2], "sigmoid", [[0, 1], [1, 0], [1, 1]], targets)
    found = noticed(trace.findings, "unreachable_target")
    assert found.evidence["targets"] == ["y1@0", "y2@1"]
    assert (found.evidence["samples"], found.evidence["of"]) == (2, 3)
    assert found.evidence["floor"] == pytest.approx((0.5**2 / 2 + 0.25**2 / 2) / 3, rel=1e-12)
    assert found.text.startswith("2 targets lie outside (0, 1), all that sigmoid can give (y1@0 = 1.5, y2@1 = -0.25)")


@pytest.mark.parametrize(
    ("loss", "floor"),
    [
        ("half_sum_squared_error", 2.0**2 / 2),
        ("mean_squared_error", 2.0**2 / 2),
        ("mean_absolute_error", 2.0 / 2),
        ("huber", (2.0 - 0.5) / 2),
    ],
)
def test_the_floor_is_that_of_the_loss(loss, floor):
    trace = run([2, 2, 2], "tanh", ONE, [[3.0, 0.5]], loss=loss)
    assert evidence(trace, "unreachable_target")["floor"] == pytest.approx(floor, rel=1e-12)


def test_sums_over_samples_have_sums_as_floors():
    targets = [[1.5], [1.5], [1.5]]
    inputs = [[0.1], [0.2], [0.3]]
    for changes, floor in (
        ({"loss.over_samples": "sum"}, 3 * 0.125),
        ({"loss.over_samples": "mean"}, 0.125),
        ({"loss.over_samples": "sum", "training.batch_size": 2}, 3 * 0.125 / 2),
    ):
        trace = run([1, 1], "sigmoid", inputs, targets, changes=changes)
        assert evidence(trace, "unreachable_target")["floor"] == pytest.approx(floor, rel=1e-12)


def test_targets_at_the_bounds_are_no_news():
    assert names(run([2, 3, 2], "sigmoid", ONE, [[0.0, 1.0]])) == []
    assert names(run([2, 3, 2], "tanh", ONE, [[-1.0, 1.0]])) == []


def test_float32_targets_inside_their_range_are_no_news():
    tenths = [[0.1, 0.2, 0.3, 0.4]]
    trace = course(
        {
            "network.layers": [2, 4],
            "network.activations": "identity",
            "parameters.weights": [[[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]]],
            "data.targets": tenths,
            "loss.name": "softmax_cross_entropy",
            "numerics.precision": "float32",
        }
    )
    assert names(trace) == []


def test_outputs_squashed_once_more_inside_the_loss_are_told_with_their_floor():
    inputs, targets = [[0.5, 0.3], [0.1, 0.9]], [[1, 0, 0], [0, 0, 1]]
    twice = run([2, 3], "softmax", inputs, targets, loss="softmax_cross_entropy")
    found = evidence(twice, "unreachable_target")
    assert found["floor"] == pytest.approx(log(e + 2) - 1, rel=1e-12)
    assert found["ideal"] == 0
    squashed = run([2, 3], "sigmoid", inputs, targets, loss="softmax_cross_entropy")
    assert evidence(squashed, "unreachable_target")["floor"] == pytest.approx(log(e + 2) - 1, rel=1e-12)
    halved = run([2, 3], "softmax", inputs, targets, loss="sigmoid_binary_cross_entropy")
    assert evidence(halved, "unreachable_target")["floor"] == pytest.approx(
        (log(1 + 1 / e) + 2 * log(2)) / 3, rel=1e-12
    )
    for activation, loss in (("identity", "softmax_cross_entropy"), ("softmax", "cross_entropy")):
        assert names(run([2, 3], activation, inputs, targets, loss=loss)) == []


def test_softmax_outputs_cannot_give_targets_that_are_no_distribution():
    found = noticed(run([2, 2], "softmax", ONE, [[1.0, 1.0]]).findings, "unreachable_target")
    assert found.evidence["floor"] == pytest.approx(2 * 0.5**2 / 2, rel=1e-12)  # the nearest is (1/2, 1/2)
    assert "positive with sum 1" in found.text
    assert names(run([2, 2], "softmax", ONE, [[0.25, 0.75]])) == []


@pytest.mark.parametrize(
    ("targets", "samples", "infimum", "negative"),
    [
        ([[1.0, 1.0], [0.0, 1.0]], 1, log(2), False),  # 2 log 2 and 0, in the mean
        ([[0.5, 0.4], [0.4, 0.6]], 1, None, False),
        ([[0.5, 0.4], [-0.5, 0.6]], 2, -np.inf, True),
    ],
)
def test_targets_that_are_no_distribution_are_counted(targets, samples, infimum, negative):
    trace = run([1, 2], "identity", [[0.0], [1.0]], targets, loss="softmax_cross_entropy")
    found = evidence(trace, "improper_target")
    assert (found["samples"], found["negative"], found["first_sample"]) == (samples, negative, 0)
    assert found["sum"] == pytest.approx(sum(targets[0]), rel=1e-15)
    if infimum is not None:
        assert found["infimum"] == pytest.approx(infimum, rel=1e-12)
    assert ("loss_without_minimum" in names(trace)) == negative


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "cross_entropy"])
def test_distributions_soft_ones_too_are_no_news(loss):
    activation = "softmax" if loss == "cross_entropy" else "identity"
    trace = run([1, 3], activation, [[0.5], [1.0]], [[0.2, 0.3, 0.5], [1, 0, 0]], loss=loss)
    assert names(trace) == []


@pytest.mark.parametrize("y", [-0.25, 1.25])
def test_binary_cross_entropy_wants_targets_between_zero_and_one(y):
    for loss, activation in (("binary_cross_entropy", "sigmoid"), ("sigmoid_binary_cross_entropy", "identity")):
        bad = run([1, 1], activation, [[0.5]], [[y]], loss=loss)
        assert names(bad) == ["improper_target", "loss_without_minimum"]
        assert evidence(bad, "loss_without_minimum")["infimum"] == -np.inf
        assert f"({y:g})" in noticed(bad.findings, "improper_target").text
        assert names(run([1, 1], activation, [[0.5]], [[0.25]], loss=loss)) == []


def test_several_targets_outside_the_unit_interval_are_counted():
    bad = run([1, 1], "sigmoid", [[0.5], [0.1], [0.2]], [[2.0], [0.5], [-1.0]], loss="binary_cross_entropy")
    assert noticed(bad.findings, "improper_target").text == (
        "2 of 3 targets do not lie in [0, 1], the first of them (2): binary_cross_entropy is no distance to them"
    )


def test_a_bounded_sigmoid_inside_a_loss_has_its_floor():
    # relu gives a >= 0, so p >= 1/2: for y = 0 the loss cannot fall below log 2
    trace = run(
        [1, 1], "relu", [[0.5]], [[0.0]], loss="sigmoid_binary_cross_entropy", changes={"parameters.weights": [[[1.0]]]}
    )
    found = evidence(trace, "unreachable_target")
    assert found["floor"] == pytest.approx(log(2), rel=1e-12)
    assert found["attained"]


@pytest.mark.parametrize("activation", ["identity", "tanh", "relu"])
def test_logarithms_of_what_is_no_probability_are_told(activation):
    changes = {"parameters.weights": [[[0.5, 0.5]]]}
    trace = run([1, 2], activation, [[0.5]], [[0.0, 1.0]], loss="cross_entropy", changes=changes)
    found = noticed(trace.findings, "outputs_not_probabilities")
    a = trace["a1"]
    assert found.evidence["sum_at_first"] == pytest.approx(float(a[0, 0].sum()), rel=1e-15)
    assert (found.evidence["smallest"], found.evidence["largest"]) == (a.min(), a.max())
    assert found.evidence["range"] in found.text


def test_sigmoids_are_no_distribution_but_fine_for_binary_cross_entropy():
    changes = {"parameters.weights": [[[0.5, 0.5]]]}
    trace = run([1, 2], "sigmoid", [[0.5]], [[0.0, 1.0]], loss="cross_entropy", changes=changes)
    assert "need not have the sum 1" in noticed(trace.findings, "outputs_not_probabilities").text
    assert names(run([1, 2], "sigmoid", [[0.5]], [[0.0, 1.0]], loss="binary_cross_entropy", changes=changes)) == []


def test_a_cross_entropy_of_growing_outputs_has_no_lower_bound():
    trace = run([1, 2], "softplus", [[0.5]], [[0.0, 1.0]], loss="cross_entropy", changes={"training.iterations": 200})
    assert evidence(trace, "loss_without_minimum")["infimum"] == -np.inf
    assert trace.loss[-1] < 0


@pytest.mark.parametrize(("activation", "infimum"), [("identity", -np.inf), ("tanh", -np.log(2) / 2)])
def test_a_binary_cross_entropy_of_outputs_beyond_zero_and_one_falls_below_zero(activation, infimum):
    changes = {"parameters.weights": [[[1.0, 0.2]]], "training.iterations": 1000, "training.learning_rate": 0.5}
    trace = run([1, 2], activation, [[0.5]], [[1.0, 0.0]], loss="binary_cross_entropy", changes=changes)
    assert evidence(trace, "loss_without_minimum")["infimum"] == pytest.approx(infimum, rel=1e-12)
    assert infimum < trace.loss[-1] < -0.3


def test_a_loss_below_zero_that_has_a_minimum_is_not_told_to_have_none():
    trace = run(
        [1, 1], "silu", [[0.5]], [[0.0]], loss="binary_cross_entropy", changes={"parameters.weights": [[[-1.0]]]}
    )
    assert trace.loss[-1] < 0
    assert names(trace) == ["outputs_not_probabilities"]


def test_the_decimals_of_a_target_are_those_that_were_written():
    found = evidence(course({"numerics.precision": "float32", "loss.name": "softmax_cross_entropy"}), "improper_target")
    assert found["target"] == [0.23, -0.07]
    assert found["shown"] == "(0.23, -0.07)"


def test_without_targets_nothing_is_said_of_them():
    from dataclasses import replace

    from backlight.findings import notice

    trace = course()
    bare = replace(trace, quantities={name: values for name, values in trace.items() if name not in {"x", "y"}})
    assert notice(bare) == ()
    assert np.isfinite(bare.loss).all()
