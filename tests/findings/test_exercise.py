"""The variants of the exercise: exactly what a reader should notice in each, and nothing else."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from tests.findings.runs import ZEROS, course, evidence, names, noticed

RELU = {"network.activations": "relu"}
CROSS_ENTROPY = {"loss.name": "softmax_cross_entropy"}
BASE = ["unreachable_target"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, BASE),
        ({"training.learning_rate": 10, "training.iterations": 10}, BASE),
        ({"numerics.precision": "float32"}, BASE),
        ({"loss.name": "mean_squared_error"}, BASE),
        (RELU, [*BASE, "dead_unit", "parameters_never_move"]),
        (RELU | {"numerics.precision": "float32"}, [*BASE, "dead_unit", "parameters_never_move"]),
        (CROSS_ENTROPY, ["improper_target", "loss_without_minimum"]),
        (CROSS_ENTROPY | {"network.activations": ["sigmoid", "identity"]}, ["improper_target", "loss_without_minimum"]),
        ({"parameters.weights": ZEROS}, [*BASE, "symmetric_units", "zero_start"]),
        ({"training.learning_rate": 0}, [*BASE, "learning_rate_zero"]),
        ({"network.activations": "tanh"}, []),
        ({"network.activations": "identity"}, []),
        ({"data.targets": [[0.23, 0.07]]}, []),
    ],
)
def test_a_variant_shows_exactly_this(changes, expected):
    assert names(course(changes)) == expected


def test_a_mistake_in_the_backward_pass_does_not_hide_the_floor():
    assert names(course({"training.learning_rate": 10}, mistake="sum-of-weight-gradients")) == BASE


def test_sigmoid_has_the_floor_half_seven_hundredths_squared():
    found = evidence(course(), "unreachable_target")
    assert found["floor"] == pytest.approx(0.07**2 / 2, rel=1e-12)
    assert (found["targets"], found["values"], found["range"], found["attained"]) == (["y2"], [-0.07], "(0, 1)", False)
    assert course({"training.learning_rate": 100, "training.iterations": 2000}).loss.min() > found["floor"]


def test_relu_reaches_its_floor():
    trace = course(RELU | {"training.iterations": 500})
    found = evidence(trace, "unreachable_target")
    assert found["attained"]
    assert float(trace.loss[-1]) == pytest.approx(found["floor"], rel=1e-9)


def test_under_relu_two_units_are_dead_and_five_weights_never_move():
    trace = course(RELU)
    dead, stuck = evidence(trace, "dead_unit"), evidence(trace, "parameters_never_move")
    assert (dead["units"], dead["since"], dead["whole_layers"], dead["largest_gradient"]) == (
        ["h2", "o2"],
        [0, 0],
        [],
        0,
    )
    assert trace["z_h2"].max() < 0 > trace["z_o2"].max()
    assert (stuck["parameters"], stuck["of"]) == (["w2", "w4", "w6", "w7", "w8"], 8)
    assert stuck["because"] == {"dead_unit": ["w2", "w4", "w6", "w7", "w8"]}
    for label in (f"w{k}" for k in range(1, 9)):
        assert (np.ptp(trace[label]) == 0) == (label in stuck["parameters"])


def test_the_cross_entropy_of_the_exercise_has_no_minimum():
    trace = course(CROSS_ENTROPY | {"training.iterations": 3000, "training.learning_rate": 10})
    found = evidence(trace, "loss_without_minimum")
    assert found["infimum"] == pytest.approx(float(mpmath.mpf("0.16") * mpmath.log(mpmath.e + 1) - 0.23), rel=1e-12)
    assert found["first"] == pytest.approx(0.1187197, rel=1e-6)
    assert found["infimum"] < found["lowest"] == trace.loss.min() < 0
    first_below = int(np.flatnonzero(trace.loss < 0)[0])
    assert found["below_zero_from"] == first_below
    target = evidence(trace, "improper_target")
    assert (target["target"], target["sum"], target["negative"]) == ([0.23, -0.07], 0.16, True)


def test_with_identity_outputs_it_has_no_floor_at_all():
    found = noticed(course(CROSS_ENTROPY | {"network.activations": "identity"}).findings, "loss_without_minimum")
    assert found.evidence["infimum"] == -np.inf
    assert "no lower bound" in found.text


def test_with_all_weights_zero_the_hidden_units_are_one():
    trace = course({"parameters.weights": ZEROS})
    symmetry, start = evidence(trace, "symmetric_units"), evidence(trace, "zero_start")
    assert (symmetry["groups"], symmetry["count"], symmetry["effective"], symmetry["until"]) == (
        [["h1", "h2"]],
        2,
        1,
        None,
    )
    assert start["iterations"] == [0]
    assert not trace["dL_dW1"][0].any()
    assert trace["dL_dW1"][1:].all()
    assert (trace["h1"] == trace["h2"]).all()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            (
                "the target y2 = -0.07 lies outside (0, 1), all that sigmoid can give: "
                "the loss cannot fall to 0.00245, only come near it"
            ),
        ),
        (
            RELU,
            (
                "2 units give 0 for every sample, all of them since iteration 0: h2, o2 are dead, no gradient passes "
                "through them, and the weights into them and out of them have gradient 0"
            ),
        ),
        (
            RELU,
            (
                "5 of 8 parameters never move: w2, w4, w6, w7, w8; their gradients are exactly 0, because they lead into "
                "or out of dead units"
            ),
        ),
        (
            CROSS_ENTROPY,
            (
                "the target (0.23, -0.07) is no distribution: it has a negative entry and its sum is 0.16; "
                "so softmax_cross_entropy is no distance to it"
            ),
        ),
        (
            CROSS_ENTROPY,
            (
                "softmax_cross_entropy of sigmoid outputs has no minimum for these targets: it can fall below zero and "
                "sinks towards -0.0198781 without getting there"
            ),
        ),
        (
            {"parameters.weights": ZEROS},
            (
                "hidden units have equal weights in every recorded iteration (h1, h2): they compute the same and get the "
                "same gradient, so they stay equal for ever and 2 units do the work of 1"
            ),
        ),
        (
            {"parameters.weights": ZEROS},
            (
                "all 8 weights start at 0, and no gradient passes back through weights of 0: that of layer 1 is exactly 0 "
                "in iteration 0"
            ),
        ),
    ],
)
def test_the_reader_is_told_in_these_words(changes, text):
    assert text in [finding.text for finding in course(changes).findings]
