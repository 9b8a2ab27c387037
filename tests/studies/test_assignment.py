"""The assignment that this project grew from, items 1 to 8: each is one call, and what is true of it is checked.

The figures are those of the exercise's own write-up, found by other programs than this one.
"""

import numpy as np
import pytest

import backlight as bl

TRUE_GRADIENTS = [-0.00842148, 0.01260665, -0.00505289, 0.00756399, 0.03463299, 0.08386610, 0.03049458, 0.07384466]
PUBLISHED_GRADIENTS = [0.01458333, 0.01304110, 0.00875000, 0.00782466]
"""Of w1 to w4, as the published NumPy program has them: the weights' gradients summed where d * w belongs."""
FLOOR = 0.00245
"""1/2 (0 - -0.07)^2: sigmoid and ReLU cannot go below 0."""
LAST_DIGIT = 0.5000001
"""Half a unit of the last printed digit, and no more."""


def gradients(trace, row=0):
    return [float(trace[f"dL_dw{k}"][row]) for k in range(1, 9)]


def as_printed(values, published, digits):
    """Whether values are what was printed with so many decimals."""
    return np.abs(np.subtract(values, published)).max() <= LAST_DIGIT * 10.0**-digits


def findings(of):
    return {finding.name: finding for finding in of.findings}


def test_1_the_numpy_and_the_pytorch_program():
    comparison = bl.compare("course-numpy", "course-torch")
    numpy_program, torch_program = comparison.traces
    assert set(comparison.varied) == {"training.learning_rate", "training.iterations", "numerics.precision"}
    assert as_printed(numpy_program.loss[-1], 0.00949, 5)
    assert as_printed([torch_program["o1"][2], torch_program["o2"][2]], [0.4604, 0.4864], 4)


def test_1_the_numpy_program_beside_its_mistake():
    comparison = bl.compare("course-numpy", mistakes=["sum-of-weight-gradients"])
    right, wrong = comparison.traces
    assert as_printed(gradients(right), TRUE_GRADIENTS, 8)
    assert as_printed(gradients(wrong)[:4], PUBLISHED_GRADIENTS, 8)
    assert gradients(wrong)[4:] == gradients(right)[4:]
    assert as_printed([right.loss[-1], wrong.loss[-1]], [0.00949, 0.01592], 5)
    assert (np.diff(wrong.loss) < 0).all(), "the loss still falls, so nobody noticed"
    apart = comparison.partings[0].apart
    assert (apart.iteration, apart.quantity) == (0, "dL_da1"), "all that is computed before the hidden layer is right"


def test_1_the_torch_program_as_it_is_often_printed():
    right, wrong = bl.compare("course-torch", mistakes=["accumulated-gradients:except=w1"]).traces
    assert as_printed([right["o1"][2], right["o2"][2]], [0.4604, 0.4864], 4)
    assert as_printed([wrong["o1"][2], wrong["o2"][2]], [0.4521, 0.4652], 4)
    assert wrong["o1"][1] == right["o1"][1]


def test_2_sigmoid_by_hand_or_of_torch():
    pytest.importorskip("torch")
    comparison = bl.compare("course", engines=["hand", "autograd", "exact"])
    assert [one.reference for one in comparison.partings] == ["exact", "exact"]
    for parting in comparison.partings:
        assert not parting.identical, "two orders of rounding"
        assert max(one.relative for one in parting.differences) < 20 * np.finfo(float).eps  # 12 iterations of rounding


def test_3_relu_instead_of_sigmoid():
    comparison = bl.compare("course", vary={"network.activations": ["sigmoid", "relu"], "training.iterations": [200]})
    sigmoid, relu = comparison.traces
    assert not relu["o2"].any()
    assert not relu["h2"].any()
    assert {name for name in ("w2", "w4", "w6", "w7", "w8") if np.ptp(relu[name]) > 0} == set()
    assert all(np.ptp(relu[name]) > 0 for name in ("w1", "w3", "w5"))
    for trace in (sigmoid, relu):
        assert trace.loss.min() > FLOOR * (1 - 1e-15)
        assert findings(trace)["unreachable_target"].evidence["floor"] == pytest.approx(FLOOR, rel=1e-15)
    assert relu.loss[-1] < sigmoid.loss[-1]
    assert findings(relu)["dead_unit"].evidence["units"] == ["h2", "o2"]
    apart = comparison.partings[0].apart
    assert (apart.iteration, apart.quantity) == (0, "a1")


def test_4_the_squared_error_by_hand_or_of_torch():
    comparison = bl.compare("course", vary={"loss.name": ["half_sum_squared_error", "mean_squared_error"]})
    assert comparison.partings[0].apart is None, "the same numbers"
    assert "equal_results" in findings(comparison)
    half, mean = bl.compare(
        "course",
        vary={
            "loss.name": ["half_sum_squared_error", "mean_squared_error"],
            "network.layers": [[2, 2, 3]],
            "parameters.initializer": ["normal"],
            "data.targets": [[[0.23, -0.07, 0.5]]],
        },
    ).traces
    assert half.loss[0] == pytest.approx(1.5 * mean.loss[0], rel=1e-14), "because there are two outputs"


def test_5_cross_entropy_instead_of_the_squared_error():
    comparison = bl.compare(
        "course",
        vary={"loss.name": ["half_sum_squared_error", "softmax_cross_entropy"], "training.iterations": [3000]},
    )
    loss = comparison.traces[1].loss
    assert as_printed(loss[0], 0.1187197, 7)
    assert (loss < 0).any()
    assert loss.min() > -0.01988
    assert {"improper_target", "loss_without_minimum"} <= set(findings(comparison.traces[1]))
    assert "losses_not_comparable" in findings(comparison)


def test_5_with_identity_outputs_there_is_no_floor_at_all():
    steep = bl.compare(
        "course",
        vary={
            "loss.name": ["softmax_cross_entropy"],
            "network.activations": [["sigmoid", "sigmoid"], ["sigmoid", "identity"]],
            "training.iterations": [3000],
        },
    ).traces[1]
    assert steep.loss[-1] < -1


def test_6_learning_rate_and_number_of_iterations():
    comparison = bl.compare(
        "course", vary={"training.learning_rate": [0.1, 1, 10, 100, 1000], "training.iterations": [100]}
    )
    losses = [float(trace.loss[-1]) for trace in comparison.traces]
    assert losses[:4] == sorted(losses[:4], reverse=True), "faster with a larger step"
    assert losses[4] > losses[3], "up to a step, then not"
    assert all((np.diff(trace.loss) < 0).all() for trace in comparison.traces[:3]), "falls with the iterations"
    told = findings(comparison)["larger_steps"].evidence
    assert (told["up_to"], told["not_at"]) == (100, 1000)


def test_7_random_weights_instead_of_given_ones():
    comparison = bl.compare("course", "course-random")
    assert set(comparison.varied) == {"parameters.weights", "parameters.initializer"}
    drawn = comparison.traces[1]
    assert drawn["W1"][0].tolist() == np.random.default_rng(0).normal(size=(2, 2)).tolist()
    assert (np.diff(drawn.loss) < 0).all()
    several = bl.compare("course-random", vary={"parameters.random_seed": range(5)})
    assert len({float(trace.loss[0]) for trace in several.traces}) == 5


def test_8_all_weights_zero():
    comparison = bl.compare("course", "course-zero")
    zero = comparison.traces[1]
    assert [float(zero[name][0]) for name in ("h1", "h2", "o1", "o2")] == [0.5] * 4
    assert gradients(zero)[:4] == [0, 0, 0, 0]
    assert all(gradients(zero)[4:])
    for one, other in (("h1", "h2"), ("w1", "w2"), ("w3", "w4"), ("w5", "w7"), ("w6", "w8")):
        assert np.array_equal(zero[one], zero[other]), "the two hidden units stay equal for ever"
    assert "symmetric_units" in findings(zero)


def test_a_students_repair_is_a_little_wrong():
    comparison = bl.compare("course", mistakes=["derivative-of-wrong-unit"])
    right, wrong = comparison.traces
    off = np.abs(np.divide(gradients(wrong), gradients(right)) - 1)
    assert not off[4:].any()
    assert 0.0012 <= off[:4].max() <= 0.0025
    assert comparison.partings[0].apart.iteration == 0
