from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from backlight.findings import notice
from tests.findings.runs import XOR, evidence, names, noticed, run

INPUTS, TARGETS = [[0.5, 0.3], [-0.2, 0.9], [0.1, -0.4]], [[0.2], [0.7], [0.4]]


def chain(layers, activation, weight):
    """One unit in each layer: dL/dz of layer 1 is that of the last times the weights and slopes between."""
    weights = [[[0.5], [0.5]], *[[[weight]]] * (layers - 1)]
    activations = [activation] * (layers - 1) + ["identity"]
    return run(
        [2] + [1] * layers,
        activations,
        INPUTS,
        TARGETS,
        changes={"parameters.weights": weights, "training.learning_rate": 0.0},
    )


def test_weights_below_one_let_the_gradient_vanish():
    found = noticed(chain(6, "identity", 0.2).findings, "vanishing_gradient")
    assert found.evidence["ratio"] == pytest.approx(0.2**5, rel=1e-9)
    assert found.evidence["sizes"] == pytest.approx(
        [found.evidence["sizes"][-1] * 0.2**k for k in (5, 4, 3, 2, 1, 0)], rel=1e-9
    )
    assert found.text == (
        "the gradient vanishes on its way back: dL/dz of layer 1 is 3.12e+03 times smaller than that of layer 6"
    )


def test_weights_above_one_let_it_explode():
    found = evidence(chain(6, "identity", 5.0), "exploding_gradient")
    assert found["factor"] == pytest.approx(5.0**5, rel=1e-9)


@pytest.mark.parametrize(("layers", "weight"), [(6, 1.0), (6, 0.4), (2, 1e-5), (2, 1e5)])
def test_moderate_ratios_and_shallow_networks_are_no_news(layers, weight):
    assert not {"vanishing_gradient", "exploding_gradient"} & set(names(chain(layers, "identity", weight)))


def test_eight_layers_of_sigmoid_show_the_classical_case():
    layers = [2] + [4] * 7 + [1]
    for activation, told in (("sigmoid", True), ("tanh", False)):
        trace = run(layers, [activation] * 7 + ["identity"], INPUTS, TARGETS)
        assert ("vanishing_gradient" in names(trace)) == told


def test_padding_and_dead_units_do_not_disturb_the_ratio():
    batches = {
        "training.batch_size": 2,
        "training.iterations": 5,
        "parameters.weights": [[[0.5], [0.5]], *[[[0.2]]] * 5],
        "training.learning_rate": 0.0,
    }
    trace = run([2] + [1] * 6, "identity", INPUTS, TARGETS, changes=batches)
    assert np.isnan(trace["dL_dz1"]).any()
    assert evidence(trace, "vanishing_gradient")["ratio"] == pytest.approx(0.2**5, rel=1e-9)


# ---- scores ----------------------------------------------------------------------------------------------


def with_scores(**scores):
    trace = bl.run(bl.recipe(XOR).with_({"training.iterations": 100, "training.learning_rate": 0.5}))
    rows = {name: np.asarray(values, dtype=float) for name, values in scores.items()}
    return notice(replace(trace, quantities=dict(trace) | rows))


def test_a_held_out_loss_that_rises_again_is_overfitting():
    k = np.arange(101)
    held_out = 0.5 + (k - 30) ** 2 / 1e4
    found = noticed(with_scores(held_out_loss=held_out), "overfitting").evidence
    assert (found["best_iteration"], found["last_iteration"]) == (30, 100)
    assert (found["best"], found["last"]) == (0.5, pytest.approx(0.5 + 0.49, rel=1e-12))
    assert found["training_at_last"] < found["training_at_best"]
    assert noticed(with_scores(held_out_loss=np.where(k % 10 == 0, held_out, np.nan)), "overfitting").evidence == found


@pytest.mark.parametrize(
    "held_out",
    [
        np.linspace(1, 0.5, 101),
        np.full(101, 0.5),
        0.5 + (np.arange(101) - 30) ** 2 / 1e6,
        np.full(101, np.nan),
    ],
)
def test_a_held_out_loss_that_falls_or_stays_is_not(held_out):
    assert "overfitting" not in [finding.name for finding in with_scores(held_out_loss=held_out)]


def test_a_training_loss_that_rises_too_is_not_overfitting():
    k = np.arange(101)
    both = {"held_out_loss": 0.5 + (k - 30) ** 2 / 1e4, "loss": 0.4 + (k - 30) ** 2 / 1e4}
    assert "overfitting" not in [finding.name for finding in with_scores(**both)]


def test_a_network_that_learns_noise_by_heart_overfits():
    generator = np.random.default_rng(0)
    inputs, targets = generator.normal(size=(20, 3)), generator.normal(size=(20, 1))
    trace = run(
        [3, 20, 1],
        ["tanh", "identity"],
        inputs.tolist(),
        targets.tolist(),
        changes={"data.held_out": 0.5, "training.iterations": 500, "training.learning_rate": 0.1},
    )
    assert evidence(trace, "overfitting")["last"] == float(trace["held_out_loss"][-1])
    assert float(trace["held_out_loss"][-1]) > 1.05 * float(np.nanmin(trace["held_out_loss"]))


def test_a_stuck_classifier_is_compared_with_the_most_frequent_class():
    zeros = {"parameters.initializer": "zeros", "training.iterations": 50}
    inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0]], [[0], [1], [1], [0], [0]]
    stuck = run([2, 2, 1], ["tanh", "sigmoid"], inputs, targets, changes=zeros)
    found = evidence(stuck, "chance_accuracy")
    assert (found["majority"], found["accuracy"]) == (3 / 5, float(stuck["accuracy"][-1]))


def test_a_classifier_that_learned_or_still_learns_is_not_blamed():
    assert "chance_accuracy" not in names(bl.run(bl.recipe(XOR)))
    wrong_at_first = {"parameters.weights": [[[-1.0]]], "training.learning_rate": 0.5, "training.iterations": 3}
    early = run([1, 1], "sigmoid", [[-1.0], [1.0]], [[0], [1]], changes=wrong_at_first)
    assert float(early["accuracy"][-1]) == 0
    assert names(early) == []
    one_class = run([1, 1], "sigmoid", [[1.0], [0.5]], [[1], [1]], changes={"training.learning_rate": 1e-9})
    assert "chance_accuracy" not in names(one_class)
