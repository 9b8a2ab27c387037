from __future__ import annotations

import mpmath
import numpy as np
import pytest

import backlight as bl
from tests.findings.runs import XOR, course, evidence, names, noticed, run

INPUTS = [[0.0, 1.0], [1.0, 0.5], [2.0, -1.0]]


# ---- dead ------------------------------------------------------------------------------------------------


def test_a_unit_that_dies_on_the_way_is_told_with_its_iteration():
    # w = 1, x = 1, y = 0, learning rate 1.5: w := 1 - 1.5 = -0.5, and from then on the unit is off
    changes = {"parameters.weights": [[[1.0]]], "training.learning_rate": 1.5}
    trace = run([1, 1], "relu", [[1.0]], [[0.0]], changes=changes)
    found = noticed(trace.findings, "dead_unit")
    assert (found.evidence["units"], found.evidence["since"], found.evidence["whole_layers"]) == (["o1"], [1], [1])
    assert "every unit of layer 1" in found.text


def test_one_dead_unit_is_told_in_the_singular():
    changes = {"parameters.weights": [[[1.0, -1.0]], [[0.5], [0.5]]]}
    trace = run([1, 2, 1], "relu", [[1.0], [2.0]], [[1.0], [1.0]], changes=changes)
    assert noticed(trace.findings, "dead_unit").text == (
        "h2 gives 0 for every sample since iteration 0: it is dead, no gradient passes through it, and the weights "
        "into it and out of it have gradient 0"
    )


def test_a_unit_that_is_on_for_one_sample_is_alive():
    changes = {"parameters.weights": [[[1.0, -1.0]], [[0.5], [0.5]]]}
    trace = run([1, 2, 1], "relu", [[1.0], [-2.0]], [[1.0], [1.0]], changes=changes)
    assert "dead_unit" not in names(trace)


def test_a_unit_that_comes_back_is_alive():
    # only from where it is 0 to the end counts
    changes = {"parameters.weights": [[[-0.001]], [[-1.0]]], "training.learning_rate": 0.1}
    trace = run([1, 1, 1], ["identity", "relu"], [[1.0]], [[2.0]], changes=changes)
    off = [[-0.5]]
    assert trace["o1"][0] > 0
    assert "dead_unit" not in names(trace)
    dead = run(
        [1, 1, 1], ["identity", "relu"], [[1.0]], [[2.0]], changes=changes | {"parameters.weights": [off, [[1.0]]]}
    )
    assert "dead_unit" in names(dead)


@pytest.mark.parametrize("activation", ["leaky_relu", "elu", "silu", "gelu", "softplus", "sigmoid", "identity"])
def test_units_of_other_activations_do_not_die_below_zero(activation):
    changes = {"parameters.weights": [[[1.0, -1.0]], [[0.5], [0.5]]]}
    trace = run([1, 2, 1], [activation, "identity"], [[1.0], [2.0]], [[1.0], [1.0]], changes=changes)
    assert not {"dead_unit", "parameters_never_move"} & set(names(trace))


def test_a_leaky_relu_that_does_not_leak_is_a_relu():
    changes = {"parameters.weights": [[[1.0, -1.0]], [[0.5], [0.5]]]}
    activations = [{"name": "leaky_relu", "negative_slope": 0.0}, "identity"]
    trace = run([1, 2, 1], activations, [[1.0], [2.0]], [[1.0], [1.0]], changes=changes)
    assert evidence(trace, "dead_unit")["units"] == ["h2"]


def test_in_mini_batches_a_unit_must_be_off_for_all_samples_seen():
    changes = {
        "parameters.weights": [[[1.0, -1.0]], [[0.5], [0.5]]],
        "training.batch_size": 2,
        "training.iterations": 3,
        "training.learning_rate": 0.001,
    }
    mixed = run([1, 2, 1], ["relu", "identity"], [[-1.0], [1.0], [2.0], [3.0]], [[1.0]] * 4, changes=changes)
    assert "dead_unit" not in names(mixed)
    positive = run([1, 2, 1], ["relu", "identity"], [[1.0], [1.0], [2.0], [3.0]], [[1.0]] * 4, changes=changes)
    assert evidence(positive, "dead_unit")["units"] == ["h2"]
    too_short = run(
        [1, 2, 1],
        ["relu", "identity"],
        [[1.0], [1.0], [2.0], [3.0]],
        [[1.0]] * 4,
        changes=changes | {"training.iterations": 0},
    )
    assert "dead_unit" not in names(too_short)  # half of the samples was never seen


def test_a_mistake_that_lets_the_gradient_through_keeps_the_unit_alive():
    relu = {"network.activations": "relu"}
    assert evidence(course(relu), "dead_unit")["units"] == ["h2", "o2"]
    through = course(relu, mistake="missing-output-derivative")
    assert through["dL_dz_o2"].any()
    assert "o2" not in evidence(through, "dead_unit")["units"]


# ---- saturated -------------------------------------------------------------------------------------------

FAR = {"parameters.weights": [[[0.1, 20.0], [0.2, 20.0]], [[0.5], [0.5]]]}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_a_saturated_hidden_unit_is_told_with_its_slope(activation):
    inputs = [[1.0, 0.5], [0.5, 0.5]]
    trace = run([2, 2, 1], [activation, "identity"], inputs, [[0.1], [3.0]], changes=FAR)
    found = evidence(trace, "saturated_unit")
    assert found["units"] == ["h2"]
    assert found["shares"] == [1.0]
    z = trace["z1"][-1, :, 1]
    with mpmath.workdps(50):
        if activation == "sigmoid":
            slopes = [4 * mpmath.exp(-mpmath.mpf(t)) / (1 + mpmath.exp(-mpmath.mpf(t))) ** 2 for t in z]
        else:
            slopes = [mpmath.sech(mpmath.mpf(t)) ** 2 for t in z]
    assert found["slopes"][0] == pytest.approx(float(sum(slopes) / 2), rel=1e-12)  # the median of two
    assert found["outputs"][0] == pytest.approx(float(trace["a1"][-1, :, 1].mean()), rel=1e-15)


def test_a_unit_that_is_sure_of_some_samples_is_healthy():
    inputs = [[1.0, 0.5], [-1.0, 0.99]]
    trace = run([2, 2, 1], ["sigmoid", "identity"], inputs, [[0.1], [3.0]], changes=FAR)
    assert "saturated_unit" not in names(trace)


def test_a_network_that_learned_its_task_may_be_saturated():
    trace = bl.run(bl.recipe(XOR).with_({"training.iterations": 20_000}), record="all:100")
    assert float(trace.loss[-1]) < 1e-3
    assert names(trace) == []


@pytest.mark.parametrize(("iterations", "told"), [(0, True), (200, False)])
def test_a_saturated_unit_that_did_not_stand_in_the_way_is_no_news(iterations, told):
    trace = run(
        [2, 2, 1],
        ["sigmoid", "identity"],
        [[1.0, 0.5]],
        [[3.0]],
        changes=FAR | {"training.iterations": iterations},
    )
    assert trace["h2"][-1] > 1 - 1e-5
    assert ("saturated_unit" in names(trace)) == told


@pytest.mark.parametrize(("z", "told"), [(5.9, False), (6.1, True)])
def test_a_sigmoid_is_saturated_beyond_six(z, told):
    weights = {"parameters.weights": [[[z, 0.1]], [[0.5], [0.5]]], "training.iterations": 0}
    trace = run([1, 2, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=weights)
    assert ("saturated_unit" in names(trace)) == told


def test_a_saturated_output_matters_on_the_wrong_side_only():
    changes = {"parameters.weights": [[[9.0]]], "training.learning_rate": 0.01}
    wrong = run([1, 1], "sigmoid", [[1.0]], [[0.0]], changes=changes)
    assert evidence(wrong, "saturated_unit")["units"] == ["o1"]
    right = run([1, 1], "sigmoid", [[1.0]], [[1.0]], changes=changes)
    assert "saturated_unit" not in names(right)
    logarithm = run([1, 1], "sigmoid", [[1.0]], [[0.0]], loss="binary_cross_entropy", changes=changes)
    assert "saturated_unit" not in names(logarithm)  # its gradient is a - y, however flat the sigmoid is


def test_saturated_outputs_are_compared_with_the_targets_of_their_batch():
    changes = {
        "parameters.weights": [[[9.0]]],
        "training.learning_rate": 0.0001,
        "training.batch_size": 1,
        "training.iterations": 1,
    }
    right_in_the_end = run([1, 1], "sigmoid", [[1.0], [1.0]], [[0.0], [1.0]], changes=changes)
    assert "saturated_unit" not in names(right_in_the_end)
    wrong_in_the_end = run([1, 1], "sigmoid", [[1.0], [1.0]], [[1.0], [0.0]], changes=changes)
    assert "saturated_unit" in names(wrong_in_the_end)


# ---- cancellation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", [19.0, 25.0, 30.0, 34.0])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_digits_lost_are_those_that_one_minus_a_loses(activation, z):
    z = z / 2 if activation == "tanh" else z
    changes = {"parameters.weights": [[[z]], [[1.0]]], "training.iterations": 1}
    trace = run([1, 1, 1], [activation, "identity"], [[1.0]], [[3.0]], changes=changes)
    found = evidence(trace, "cancellation")
    # what the engine got for dL/dz against the true value: the error in units of eps is 10^digits at most
    with mpmath.workdps(60):
        exact = mpmath.sech(mpmath.mpf(z) if activation == "tanh" else mpmath.mpf(z) / 2) ** 2
        exact /= 4 if activation == "sigmoid" else 1
        error = abs(mpmath.mpf(float(trace["dL_dz1"][0, 0, 0] / trace["dL_da1"][0, 0, 0])) / exact - 1)
    assert found["units"] == ["h1"]
    a = float(trace["h1"][0])
    expected = float(mpmath.log10((1 if activation == "sigmoid" else 2) * a**2 / exact))
    assert found["lost"] == pytest.approx(expected, rel=1e-2)
    assert float(error) <= 10 ** (found["lost"] - found["digits"])
    assert float(error) > 1e4 * np.finfo(float).eps  # the loss of digits is real


@pytest.mark.parametrize(("precision", "z", "told"), [("float64", 15.0, False), ("float32", 15.0, True)])
def test_what_cancels_depends_on_the_precision(precision, z, told):
    changes = {"parameters.weights": [[[z]], [[1.0]]], "numerics.precision": precision}
    trace = run([1, 1, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=changes)
    assert ("cancellation" in names(trace)) == told


def test_an_output_of_exactly_one_has_lost_everything():
    changes = {"parameters.weights": [[[40.0]], [[1.0]]]}
    trace = run([1, 1, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=changes)
    assert trace["h1"][0] == 1
    found = evidence(trace, "cancellation")
    assert found["lost"] == found["digits"] == pytest.approx(15.65, abs=0.01)


def test_near_zero_nothing_cancels_in_a_sigmoid():
    changes = {"parameters.weights": [[[-40.0]], [[1.0]]]}
    assert "cancellation" not in names(run([1, 1, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=changes))


def test_a_sample_that_cancels_does_no_harm_beside_one_that_does_not():
    changes = {"parameters.weights": [[[30.0]], [[1.0]]]}
    trace = run([1, 1, 1], ["sigmoid", "identity"], [[1.0], [0.01]], [[3.0], [3.0]], changes=changes)
    assert float(trace["a1"][0, 0, 0]) > 1 - 1e-12
    assert "cancellation" not in names(trace)


def test_the_exact_engine_loses_no_digits():
    changes = {"parameters.weights": [[[30.0]], [[1.0]]], "training.iterations": 2}
    hand = run([1, 1, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=changes)
    exact = run([1, 1, 1], ["sigmoid", "identity"], [[1.0]], [[3.0]], changes=changes, engine="exact")
    assert "cancellation" in names(hand)
    assert "cancellation" not in names(exact)
