from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backlight.findings import notice
from tests.findings.runs import course, evidence, names, noticed, run

INPUTS, TARGETS = [[0.5, 0.3], [-0.2, 0.9]], [[0.2], [0.7]]


def constant(layers, activations="sigmoid", *, value=0.5, **changes):
    start = {"parameters.initializer": "constant", "parameters.val": value}
    return run(layers, activations, INPUTS, TARGETS, changes=start | changes)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adagrad", "adamw"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "identity"])
def test_a_constant_start_makes_all_units_of_a_layer_one(activation, optimizer):
    trace = constant([2, 3, 1], activation, **{"training.optimizer": optimizer})
    found = evidence(trace, "symmetric_units")
    assert found["groups"] == [["h1", "h2", "h3"]]
    assert found["until"] is None
    assert np.ptp(trace["a1"], axis=2).max() <= 1e-12 * np.abs(trace["a1"]).max()
    assert "zero_start" not in names(trace)


def test_each_layer_has_its_own_groups():
    found = noticed(constant([2, 3, 2, 1]).findings, "symmetric_units")
    assert found.evidence["groups"] == [["h1_1", "h1_2", "h1_3"], ["h2_1", "h2_2"]]
    assert (found.evidence["count"], found.evidence["effective"]) == (5, 2)
    assert "5 units do the work of 2" in found.text


def test_only_the_equal_units_are_named():
    weights = [[[0.5, 0.1, 0.5], [0.2, 0.2, 0.2]], [[0.7], [0.7], [0.7]]]
    trace = run([2, 3, 1], "tanh", INPUTS, TARGETS, changes={"parameters.weights": weights})
    assert evidence(trace, "symmetric_units")["groups"] == [["h1", "h3"]]


@pytest.mark.parametrize(
    "weights",
    [
        [[[0.5, 0.5], [0.2, 0.2]], [[0.7], [0.6]]],
        [[[0.5, 0.5], [0.2, 0.3]], [[0.7], [0.7]]],
    ],
)
def test_units_that_differ_on_one_side_grow_apart(weights):
    trace = run([2, 2, 1], "tanh", INPUTS, TARGETS, changes={"parameters.weights": weights})
    assert names(trace) == []
    assert (trace["h1"][-1] != trace["h2"][-1]).all()


def test_biases_tell_units_apart():
    weights = {"parameters.weights": [[[0.5, 0.5], [0.2, 0.2]], [[0.7], [0.7]]], "network.biases": True}
    equal = run([2, 2, 1], "tanh", INPUTS, TARGETS, changes=weights)
    assert evidence(equal, "symmetric_units")["groups"] == [["h1", "h2"]]
    unequal = weights | {"parameters.biases": [[0.1, 0.2], [0.0]]}
    assert names(run([2, 2, 1], "tanh", INPUTS, TARGETS, changes=unequal)) == []


def test_minus_zero_is_zero():
    weights = [[[0.0, -0.0], [0.2, 0.2]], [[0.7], [0.7]]]
    trace = run([2, 2, 1], "tanh", INPUTS, TARGETS, changes={"parameters.weights": weights})
    assert "symmetric_units" in names(trace)


def test_output_units_and_single_layers_have_no_symmetry_to_break():
    equal_outputs = {"parameters.weights": [[[0.5, 0.5], [0.2, 0.2]]]}
    assert names(run([2, 2], "tanh", INPUTS, [[0.2, 0.2], [0.7, 0.7]], changes=equal_outputs)) == []


def test_a_random_start_is_not_symmetric():
    for seed in range(20):
        changes = {"parameters.random_seed": seed, "data.targets": [[0.23, 0.07]]}
        random = course(changes | {"parameters.weights": None, "parameters.initializer": "normal"})
        assert "symmetric_units" not in names(random)


def test_what_parts_equal_units_is_told_with_its_iteration():
    trace = course(
        {"parameters.weights": [[[0.1, 0.1], [0.2, 0.2]], [[0.3, 0.4], [0.3, 0.4]]], "data.targets": [[0.2, 0.1]]}
    )
    assert evidence(trace, "symmetric_units")["until"] is None
    parted = trace["W1"].copy()
    parted[4:, 0, 1] *= 1 + 1e-6
    found = noticed(notice(replace(trace, quantities=dict(trace) | {"W1": parted})), "symmetric_units")
    assert found.evidence["until"] == 4
    assert "only from iteration 4 on" in found.text
    rounded = trace["W1"].copy()
    rounded[4:, 0, 1] *= 1 + 1e-13  # sums in another order may do that
    found = noticed(notice(replace(trace, quantities=dict(trace) | {"W1": rounded})), "symmetric_units")
    assert found.evidence["until"] is None


def test_through_weights_of_zero_the_gradient_takes_an_iteration_for_each_layer():
    zeros = {"parameters.initializer": "zeros", "training.learning_rate": 0.5}
    for layers, silent in (([2, 2, 1], [0]), ([2, 2, 2, 1], [0, 1]), ([2, 2, 2, 2, 1], [0, 1, 2])):
        trace = run(layers, "sigmoid", INPUTS, TARGETS, changes=zeros)
        found = noticed(trace.findings, "zero_start")
        assert found.evidence["iterations"] == silent == np.flatnonzero(~trace["dL_dW1"].any(axis=(1, 2))).tolist()
        assert ", ".join(map(str, silent)) in found.text


def test_where_nothing_ever_passes_that_is_told():
    trace = run([2, 2, 1], "tanh", INPUTS, TARGETS, changes={"parameters.initializer": "zeros"})
    assert "exactly 0 in every recorded iteration" in noticed(trace.findings, "zero_start").text


def test_a_single_layer_of_zeros_learns():
    assert names(run([2, 1], "sigmoid", INPUTS, TARGETS, changes={"parameters.initializer": "zeros"})) == []


def test_zero_weights_are_told_from_parameters_alone_too():
    zeros = {"parameters.initializer": "zeros"}
    trace = run([2, 2, 1], "sigmoid", INPUTS, TARGETS, changes=zeros, record="parameters")
    assert "at first no gradient passes back" in noticed(trace.findings, "zero_start").text
    assert "symmetric_units" in names(trace)
    assert "symmetric_units" not in names(run([2, 2, 1], "sigmoid", INPUTS, TARGETS, changes=zeros, record="loss"))
