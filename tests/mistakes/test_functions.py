"""Mistakes in which the loss or an activation is another one, forward and backward."""

import math

import numpy as np
import pytest

import backlight as bl
from tests.mistakes.agreement import agree, disagreements
from tests.mistakes.networks import EVERY, ONE_OUTPUT, SOFTMAX, SOFTMAX_INSIDE, TWO_THREE_TWO
from tests.mistakes.witness import LOSSES, Witness, softmax

PARAMETERS = ("W1", "W2", "loss", "dL_dW1", "dL_dW2", "a2", "dL_dz1", "dL_dz2")


@pytest.mark.parametrize(
    ("recipe", "mistake", "change"),
    [
        (TWO_THREE_TWO, "loss-applied-to-activated-output", {"loss.name": "sigmoid_binary_cross_entropy"}),
        (ONE_OUTPUT, "loss-applied-to-activated-output", {"loss.name": "sigmoid_binary_cross_entropy"}),
        (SOFTMAX, "loss-applied-to-activated-output", {"loss.name": "softmax_cross_entropy"}),
        (
            SOFTMAX_INSIDE,
            "loss-applied-to-activated-output",
            {"network.activations": ["leaky_relu", "softmax"]},
        ),
        (
            SOFTMAX_INSIDE,
            "loss-applied-to-activated-output:of=sigmoid",
            {"network.activations": ["leaky_relu", "sigmoid"]},
        ),
    ],
)
def test_a_loss_of_what_is_activated_already_is_the_recipe_with_one_function_more(recipe, mistake, change):
    wrong, other = bl.run(recipe, mistake=mistake), bl.run(recipe.with_(change))
    assert all(np.array_equal(wrong[name], other[name], equal_nan=True) for name in PARAMETERS)
    assert not np.array_equal(wrong.loss, bl.run(recipe).loss)


def test_cross_entropy_of_a_softmax_of_a_softmax_has_a_floor():
    # the best that softmax(softmax(z)) can give the right class is e / (e + K - 1), with K = 3
    floor = math.log(math.e + 2) - 1
    longer = SOFTMAX.with_(
        {"training.learning_rate": 5, "training.iterations": 400, "data.targets": [[1, 0, 0], [0, 0, 1]]}
    )
    wrong, right = (bl.run(longer, mistake=slug) for slug in ("loss-applied-to-activated-output", None))
    assert right.loss[-1] < 0.01 < floor < wrong.loss[-1]


def over_samples(w, l, s):
    if w.name[l] != "softmax":
        return Witness.activated(w, l, s)
    return [math.exp(w.z[l][s][j]) / sum(math.exp(w.z[l][t][j]) for t in w.samples) for j in w.units(l)]


def over_everything(w, l, s):
    if w.name[l] != "softmax":
        return Witness.activated(w, l, s)
    total = sum(math.exp(z) for row in w.z[l] for z in row)
    return [math.exp(z) / total for z in w.z[l][s]]


@pytest.mark.parametrize(
    ("mistake", "activated"),
    [("softmax-over-wrong-axis", over_samples), ("softmax-over-wrong-axis:over=batch", over_everything)],
)
def test_a_softmax_over_the_wrong_axis_is_wrong_forward_and_its_way_back_is_as_it_was(mistake, activated):
    trace = bl.run(SOFTMAX, mistake=mistake)
    assert not list(disagreements(trace, {"activated": activated}))
    assert agree(trace.loss, [Witness(trace, row, activated=activated).loss() for row in range(len(trace.loss))])
    assert list(disagreements(trace, {}))


@pytest.mark.parametrize(
    ("mistake", "all_of"),
    [
        ("softmax-over-wrong-axis", lambda w, s, k: [w.a[2][t][k] for t in w.samples]),
        ("softmax-over-wrong-axis:over=batch", lambda w, s, k: [a for row in w.a[2] for a in row]),
    ],
)
def test_a_softmax_over_the_wrong_axis_may_be_inside_the_loss(mistake, all_of):
    def p(w, s, k):
        return math.exp(w.a[2][s][k]) / sum(math.exp(a) for a in all_of(w, s, k))

    def error(w, s, k):
        return w.share * (p(w, s, k) * sum(w.y[s]) - w.y[s][k])

    trace = bl.run(SOFTMAX_INSIDE, mistake=mistake)
    assert not list(disagreements(trace, {"error": error}))
    for row in range(len(trace.loss)):
        w = Witness(trace, row)
        loss = -sum(w.y[s][k] * math.log(p(w, s, k)) for s in w.samples for k in w.units(2))
        assert agree(trace.loss[row], loss)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_broadcast_error_compares_every_output_with_every_target(reduction):
    recipe = ONE_OUTPUT.with_({"loss.over_samples": reduction, "loss.name": "mean_squared_error"})
    trace = bl.run(recipe, mistake="broadcast-error")

    def share(w):
        return 1 / len(w.samples) ** 2 if reduction == "mean" else 1

    def error(w, s, k):
        return share(w) * sum(2 * (w.a[2][s][0] - w.y[t][0]) for t in w.samples)

    assert not list(disagreements(trace, {"error": error}))
    assert list(disagreements(trace, {}))
    for row in range(len(trace.loss)):
        w = Witness(trace, row)
        pairs = [LOSSES["mean_squared_error"](w.a[2][s], w.y[t]) for s in w.samples for t in w.samples]
        assert agree(trace.loss[row], share(w) * sum(pairs))


def test_the_error_of_a_pre_activation_goes_through_the_softmax_inside_the_loss():
    # the exercise with CrossEntropyLoss of sigmoids: softmax(z) - y instead of softmax(a) - y
    trace = bl.run(bl.recipe("course-cross-entropy"), mistake="error-from-pre-activation")

    def error(w, s, k):
        return softmax(w.z[2][s])[k] * sum(w.y[s]) - w.y[s][k]

    assert not list(disagreements(trace, {"error": error}))
    assert list(disagreements(trace, {}))


def test_predictions_of_other_samples_are_made_with_the_mistaken_functions_too():
    # what is held out is measured with the network that is trained
    recipe = SOFTMAX_INSIDE.with_({"data.held_out": 0.34})
    [trace] = [bl.run(recipe, mistake="loss-applied-to-activated-output")]
    other = bl.run(recipe.with_({"network.activations": ["leaky_relu", "softmax"]}))
    assert np.array_equal(trace["held_out_loss"], other["held_out_loss"], equal_nan=True)


def test_the_deltas_of_a_softmax_layer_no_longer_sum_to_zero_with_its_diagonal_alone():
    wrong, right = (
        bl.run(SOFTMAX, mistake=slug)["dL_dz2"][0].sum(axis=1) for slug in ("diagonal-softmax-derivative", None)
    )
    assert np.abs(right).max() < 1e-15  # but for rounding
    assert np.abs(wrong).min() > 1e-3


def test_a_bias_behind_a_softmax_never_moves_when_it_is_summed_over_units():
    trace = bl.run(SOFTMAX_INSIDE, mistake="bias-summed-over-units:layer=2")
    assert np.ptp(trace["b2"], axis=0).max() < 1e-15  # the deltas of a sample sum to 0, but for rounding
    assert np.ptp(bl.run(SOFTMAX_INSIDE)["b2"], axis=0).min() > 1e-3


def test_the_networks_are_those_that_were_meant():
    assert agree(softmax([0.0, math.log(3)]), [0.25, 0.75])
    assert len(EVERY) == 7
