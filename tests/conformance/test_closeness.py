"""The measures that judge the engines, judged themselves on numbers that can be seen through."""

from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from tests.conformance.closeness import apart, assert_close, in_radii, near_a_kink, on_one_side
from tests.conformance.recipes import recipe

INF, NAN = np.inf, np.nan


def test_equal_infinities_and_two_nan_are_together_and_all_else_is_apart():
    one = np.array([1.0, INF, -INF, NAN, INF, NAN, 1.0, 0.0])
    other = np.array([1.5, INF, -INF, NAN, -INF, 0.0, INF, -0.0])
    assert apart(one, other).tolist() == [0.5, 0, 0, 0, INF, INF, INF, 0]


def test_radii_count_from_one_rounding_of_the_number_on():
    truth, answer = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.25, 1.25, 0.0, 1e-3])
    assert in_radii(answer, truth, np.array([0.125, 0.0, 0.0, 1e-3]), bits=3).tolist() == [2, 2, 0, 1]
    assert in_radii(answer, truth, np.array([NAN] * 4), bits=3).tolist() == [INF, INF, 0, INF]


def test_a_difference_is_measured_against_the_largest_number_of_its_kind():
    trace = bl.run(recipe())
    largest = np.max([np.max(np.abs(trace[name])) for name in trace if name.startswith("dL_d")])
    moved = trace["dL_dW1"].copy()
    moved[-1, 0, 0] += 1e-6 * largest
    other = replace(trace, quantities={**trace.quantities, "dL_dW1": moved})
    assert_close(trace, other, 1.01e-6)
    with pytest.raises(AssertionError, match="dL_dW1"):
        assert_close(trace, other, 0.99e-6)


@pytest.mark.parametrize(("weight", "near"), [(1e-10, True), (0.0, True), (1e-8, False), (-0.5, False)])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "tanh"])
def test_a_number_is_near_the_kink_of_its_activation(activation, weight, near):
    weights = {"weights": [[[weight, 0.3]]]}
    asked = recipe(layers=(1, 2), activations=activation, parameters=weights, iterations=0)
    trace = bl.run(asked.with_({"data.inputs": [[1.0]] * 5}))
    assert near_a_kink(trace) == (near and activation != "tanh")


@pytest.mark.parametrize(
    ("loss", "target", "near"),
    [
        ("mean_absolute_error", 0.3, True),
        ("mean_absolute_error", 0.31, False),
        ("huber", -0.7, True),
        ("huber", 0.3, False),
    ],
)
def test_an_output_is_near_the_kink_of_the_loss(loss, target, near):
    weights = {"weights": [[[0.3]]]}
    asked = recipe(layers=(1, 1), activations="identity", parameters=weights, loss=loss, iterations=0, samples=1)
    assert near_a_kink(bl.run(asked.with_({"data.inputs": [[1.0]], "data.targets": [[target]]}))) == near


def test_two_runs_on_either_side_of_a_kink_are_told():
    right, left = (
        bl.run(recipe(layers=(1, 1), activations="relu", parameters={"weights": [[[weight]]]}, iterations=0))
        for weight in (0.5, -0.5)
    )
    assert on_one_side(right, right)
    assert not on_one_side(right, left)
