from __future__ import annotations

import numpy as np
import pytest

import backlight as bl
from tests.findings.runs import course, evidence, names, noticed, run


def never_moving(trace):
    """Labels of the parameters that are one number in all rows, found label by label."""
    from backlight.recipes.labels import parameter_labels

    return [label for label in parameter_labels(trace.recipe) if len(set(trace[label].tolist())) == 1]


def test_an_input_that_is_always_zero_holds_its_weights():
    trace = run([2, 2, 1], "tanh", [[0.0, 1.0], [0.0, -0.5]], [[0.3], [0.2]])
    found = noticed(trace.findings, "parameters_never_move")
    assert found.evidence["because"] == {"input_zero": ["w1", "w2"]}
    assert found.evidence["parameters"] == never_moving(trace)
    assert "the inputs that they multiply are 0 in every sample" in found.text
    assert names(run([2, 2, 1], "tanh", [[0.0, 1.0], [0.1, -0.5]], [[0.3], [0.2]])) == []


def test_frozen_biases_are_frozen_by_design():
    frozen = {"network.biases": True, "parameters.train_biases": False}
    trace = run([1, 2, 1], "tanh", [[0.5]], [[0.3]], changes=frozen)
    assert not trace["b1"].any()
    assert names(trace) == []


def test_steps_below_the_spacing_of_numbers_change_nothing():
    trace = course({"training.learning_rate": 1e-20})
    found = evidence(trace, "parameters_never_move")
    assert set(found["because"]) == {"steps_too_small"}
    assert found["count"] == found["of"] == 8
    assert "float64" in noticed(trace.findings, "parameters_never_move").text


@pytest.mark.parametrize("activation", ["tanh", "relu", "silu"])
def test_weights_of_zero_hold_each_other(activation):
    zeros = {"parameters.weights": [[[0.0, 0.0]], [[0.0], [0.0]]]}
    trace = run([1, 2, 1], [activation, "identity"], [[0.5]], [[0.3]], changes=zeros)
    found = evidence(trace, "parameters_never_move")
    assert found["parameters"] == ["w1", "w2", "w3", "w4"]
    assert not any(trace[f"dL_dW{layer}"].any() for layer in (1, 2))


def test_several_reasons_are_counted_apart():
    changes = {"parameters.weights": [[[1.0, -1.0], [0.5, -0.5]], [[1.0], [1.0]]]}
    trace = run([2, 2, 1], ["relu", "identity"], [[1.0, 0.0], [2.0, 0.0]], [[0.3], [0.2]], changes=changes)
    found = evidence(trace, "parameters_never_move")
    assert {reason: sorted(labels) for reason, labels in found["because"].items()} == {
        "dead_unit": ["w2", "w4", "w6"],
        "input_zero": ["w3"],
    }
    assert found["parameters"] == never_moving(trace)


def test_one_parameter_is_told_in_the_singular():
    changes = {"parameters.weights": [[[1.0], [0.5]]]}
    trace = run([2, 1], "identity", [[1.0, 0.0]], [[0.3]], changes=changes)
    assert noticed(trace.findings, "parameters_never_move").text == (
        "w2 never moves: the input that it multiplies is 0 in every sample"
    )


def test_without_gradients_the_parameters_are_told_without_a_reason():
    trace = course({"network.activations": "relu"}, record="parameters")
    found = evidence(trace, "parameters_never_move")
    assert found["parameters"] == ["w2", "w4", "w6", "w7", "w8"]
    assert set(found["because"]) == {"unknown"}


def test_biases_have_names_too():
    changes = {"network.biases": True, "parameters.weights": [[[-1.0]], [[1.0]]]}
    trace = run([1, 1, 1], ["relu", "identity"], [[1.0]], [[0.5]], changes=changes)
    assert evidence(trace, "parameters_never_move")["parameters"] == ["w1", "w2", "b_h1"] == never_moving(trace)


def test_labels_follow_the_recipe():
    by_unit = course({"network.activations": "relu", "parameters.labels": "by_unit"})
    assert (
        evidence(by_unit, "parameters_never_move")["parameters"]
        == ["w3", "w4", "w6", "w7", "w8"]
        == never_moving(by_unit)
    )


def test_momentum_and_decay_move_what_has_no_gradient():
    trace = course({"network.activations": "relu", "training.weight_decay": 0.01})
    assert "parameters_never_move" not in names(trace)
    assert "dead_unit" in names(trace)


def test_a_learning_rate_of_zero_is_told_once():
    trace = course({"training.learning_rate": 0, "data.targets": [[0.23, 0.07]]})
    assert names(trace) == ["learning_rate_zero"]
    assert names(course({"training.learning_rate": 0, "training.iterations": 0, "data.targets": [[0.2, 0.1]]})) == []


def test_one_row_shows_no_motion():
    assert "parameters_never_move" not in names(course({"network.activations": "relu", "training.iterations": 0}))


def test_long_lists_are_cut_and_counted():
    inputs = np.zeros((2, 40))
    inputs[:, 0] = 1
    trace = run([40, 30, 1], "tanh", inputs.tolist(), [[0.1], [0.2]], changes={"training.iterations": 3})
    found = noticed(trace.findings, "parameters_never_move")
    assert found.evidence["count"] == 39 * 30 > len(found.evidence["parameters"]) == 1000
    assert found.text.count(",") < 12


def test_a_parameter_that_a_mistake_does_not_update_is_not_told_to_have_small_steps():
    trace = bl.run(bl.recipe("course"), mistake="missing-update:parameter=w1")
    [found] = [found for found in trace.findings if found.name == "parameters_never_move"]
    assert found.evidence["because"] == {"unknown": ["w1"]}
    assert "spacing" not in found.text
