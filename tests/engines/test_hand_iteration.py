"""The hand engine as a whole: batches and their padding, biases, precision, and looking at other samples."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines.hand import Iteration
from backlight.recipes.start import start
from backlight.traces.layout import is_per_sample, layout
from tests.mistakes.networks import NETWORKS, TWO_HIDDEN_LAYERS, TWO_THREE_TWO
from tests.mistakes.witness import Witness

A_FEW_ROUNDINGS = 1e-14
"""Relative to the largest entry of an array: sums of a few terms, added in another order."""


def engine(recipe, batch_size):
    """A hand engine that has done nothing yet."""
    return Iteration(recipe, start(recipe), layout(recipe, batch_size))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_forward_pass_is_that_of_the_witness(network):
    trace = bl.run(NETWORKS[network])
    for row in range(len(trace.loss)):
        witness = Witness(trace, row)
        for l in witness.numbers():
            for name, expected in ((f"z{l}", witness.z[l]), (f"a{l}", witness.a[l])):
                found = trace[name][row][: len(expected)]
                assert np.abs(found - expected).max() <= A_FEW_ROUNDINGS * np.abs(expected).max()


def test_a_short_last_batch_is_padded_with_nan_in_every_quantity_of_samples():
    trace = bl.run(TWO_HIDDEN_LAYERS)  # three samples in batches of two: 2, 1, 2, 1, 2
    assert trace["batch"].tolist() == [[0, 1], [2, -1], [0, 1], [2, -1], [0, 1]]
    per_sample = [name for name in trace if is_per_sample(name)]
    assert len(per_sample) == 12
    for name in per_sample:
        assert np.isnan(trace[name]).all(axis=2).tolist() == [[False, row in (1, 3)] for row in range(5)]
        assert not np.isnan(trace[name][:, 0]).any()
    for name in ("loss", "W1", "b3", "dL_dW1", "dL_db3"):
        assert np.isfinite(trace[name]).all()


def test_a_batch_larger_than_the_data_is_all_of_them():
    trace, whole = (bl.run(TWO_HIDDEN_LAYERS.with_({"training.batch_size": size})) for size in (100, 3))
    assert trace["batch"].tolist() == [[0, 1, 2]] * 5
    assert all(np.array_equal(trace[name], whole[name]) for name in whole)


def test_the_loss_of_a_short_batch_is_a_mean_over_the_samples_that_are_there():
    # one sample alone: the mean over it is its own loss, as if it were the whole recipe
    mean = TWO_HIDDEN_LAYERS.with_({"loss.over_samples": "mean", "training.learning_rate": 0})
    alone = mean.with_(
        {
            "data.inputs": [mean.data.inputs[2]],
            "data.targets": [mean.data.targets[2]],
            "training.batch_size": 1,
        }
    )
    assert bl.run(mean).loss[1] == bl.run(alone).loss[0]
    assert np.array_equal(bl.run(mean)["dL_dW1"][1], bl.run(alone)["dL_dW1"][0])


def test_the_sum_over_samples_is_their_number_times_the_mean():
    total, mean = (bl.run(TWO_THREE_TWO.with_({"loss.over_samples": how})) for how in ("sum", "mean"))
    for name in (name for name in total if name == "loss" or name.startswith("dL_d")):
        assert np.allclose(total[name][0], 2 * mean[name][0], rtol=A_FEW_ROUNDINGS, atol=0)


def test_shuffled_batches_go_through_every_sample_once_an_epoch():
    trace = bl.run(TWO_HIDDEN_LAYERS.with_({"training.shuffle_seed": 5, "training.iterations": 7}))
    for epoch in range(4):
        rows = trace["batch"][2 * epoch : 2 * epoch + 2].ravel()
        assert sorted(rows[rows >= 0]) == [0, 1, 2]
    generator = np.random.default_rng(5)  # the order is documented: a new permutation each epoch
    order = np.concatenate([generator.permutation(3) for _ in range(4)])
    assert trace["batch"][trace["batch"] >= 0].tolist() == order.tolist()


def test_rows_do_not_depend_on_how_many_follow():
    short, long = (bl.run(TWO_HIDDEN_LAYERS.with_({"training.iterations": n})) for n in (3, 8))
    assert all(np.array_equal(short[name], long[name][:4], equal_nan=True) for name in short if name not in "xy")


def test_frozen_biases_have_a_gradient_and_do_not_move():
    trace = bl.run(TWO_THREE_TWO.with_({"parameters.train_biases": False}))
    right = bl.run(TWO_THREE_TWO)
    assert np.array_equal(trace["b1"], np.broadcast_to(right["b1"][0], trace["b1"].shape))
    assert np.array_equal(trace["dL_db1"][0], right["dL_db1"][0])
    assert not np.array_equal(trace["W1"][1], trace["W1"][0])


@pytest.mark.parametrize("network", NETWORKS)
def test_in_float32_everything_is_float32(network):
    recipe = NETWORKS[network].with_({"numerics.precision": "float32"})
    trace = bl.run(recipe)
    numbers = [name for name in trace if name != "batch"]
    assert {trace[name].dtype for name in numbers} == {np.dtype("float32")}


@pytest.mark.parametrize("loss", ["half_sum_squared_error", "softmax_cross_entropy", "sigmoid_binary_cross_entropy"])
def test_looking_at_other_samples_leaves_the_row_and_the_run_as_they_were(loss):
    recipe = TWO_HIDDEN_LAYERS.with_({"loss.name": loss})
    looked_at, undisturbed = engine(recipe, 2), engine(recipe, 2)
    generator = np.random.default_rng(0)
    for batch in (np.array([0, 1]), np.array([2]), np.array([1, 2])):
        for one in (looked_at, undisturbed):
            one.forward_and_backward(batch)
        before = looked_at.row.copy()
        for samples in (5, 2, 1):  # at last as many as the next batch may have
            looked_at.predict(generator.normal(size=(samples, 3)), generator.normal(size=(samples, 3)))
        assert np.array_equal(looked_at.row, before, equal_nan=True)
        for one in (looked_at, undisturbed):
            one.update()
        assert np.array_equal(looked_at.row, undisturbed.row, equal_nan=True)


@pytest.mark.parametrize("over_samples", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["mean_squared_error", "softmax_cross_entropy"])
def test_predictions_are_what_a_forward_pass_over_these_samples_gives(loss, over_samples):
    recipe = TWO_HIDDEN_LAYERS.with_(
        {"loss.name": loss, "loss.over_samples": over_samples, "training.batch_size": 3, "training.iterations": 0}
    )
    one = engine(recipe, 3)
    begin = start(recipe)
    value, predictions = one.predict(begin.inputs, begin.targets)
    trace = bl.run(recipe)
    assert value == trace.loss[0]
    assert np.array_equal(predictions, trace["p" if "softmax" in loss else "a3"][0])


def test_the_backward_pass_needs_nothing_from_the_iteration_before():
    one, fresh = engine(TWO_HIDDEN_LAYERS, 2), engine(TWO_HIDDEN_LAYERS, 2)
    one.forward_and_backward(np.array([0, 2]))
    one.forward_and_backward(np.array([1]))
    fresh.forward_and_backward(np.array([1]))
    assert np.array_equal(one.row, fresh.row, equal_nan=True)


def test_the_data_are_never_written_to():
    begin = start(TWO_THREE_TWO)
    for array in (begin.inputs, begin.targets, *begin.weights, *begin.biases):
        array.setflags(write=False)
    one = Iteration(TWO_THREE_TWO, begin, layout(TWO_THREE_TWO, 2))
    for _ in range(3):
        one.forward_and_backward(None)
        one.update()
    assert not np.array_equal(one.W[1], begin.weights[0])
