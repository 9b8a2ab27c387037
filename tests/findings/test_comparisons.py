from __future__ import annotations

import numpy as np
import pytest

import backlight as bl
from backlight.findings.comparisons import notice_comparison
from backlight.traces.compare import varied
from tests.findings.runs import course, noticed, run

RATE = "training.learning_rate"


def compare(traces, names=None):
    return notice_comparison(traces, names or [str(k) for k in range(len(traces))], varied(traces))


def of(findings):
    return [finding.name for finding in findings]


def at_rates(rates, changes=None, **options):
    return [course({RATE: rate} | (changes or {}), **options) for rate in rates]


# ---- how far a larger step helps -------------------------------------------------------------------------


def test_a_larger_step_helps_up_to_a_learning_rate():
    rates = [0.1, 1, 10, 100, 1000]
    traces = at_rates(rates)
    found = noticed(compare(traces), "larger_steps")
    last = [float(trace.loss[-1]) for trace in traces]
    assert last[0] > last[1] > last[2] > last[3] < last[4]  # so it is true up to 100
    assert (found.evidence["up_to"], found.evidence["not_at"]) == (100, 1000)
    assert (found.evidence["losses"], found.evidence["iterations"]) == (last, 11)
    assert found.text == (
        "a larger step gives a lower loss after 11 iterations up to learning rate 100 (loss 0.00258), "
        "but no longer at 1000: there it is stuck at 0.0289"
    )


def test_the_order_of_the_runs_does_not_matter():
    rates = [100, 0.1, 1000, 10, 1]
    shuffled = noticed(compare(at_rates(rates)), "larger_steps").evidence
    assert shuffled == noticed(compare(at_rates(sorted(rates))), "larger_steps").evidence


def test_where_it_helps_everywhere_larger_ones_are_proposed():
    found = noticed(compare(at_rates([0.1, 1, 10])), "larger_steps")
    assert found.evidence["not_at"] is None
    assert found.text.endswith("from 0.1 to 10; try larger ones to see where that ends")


def parabolas(rates, **changes):
    """L = 1/2 w^2, w := (1 - learning_rate) w: the loss after k updates is (1 - learning_rate)^2k / 2."""
    return [
        run(
            [1, 1],
            "identity",
            [[1.0]],
            [[0.0]],
            changes={"parameters.weights": [[[1.0]]], RATE: rate, "training.iterations": 20} | changes,
        )
        for rate in rates
    ]


@pytest.mark.parametrize(
    ("rates", "up_to", "not_at", "words"),
    [
        ([0.1, 0.5, 0.9, 1.5], 0.9, 1.5, "but no longer at 1.5 (loss "),
        ([0.1, 0.9, 2.0], 0.9, 2.0, "there it is stuck at 0.5"),
        ([0.1, 0.9, 2.5], 0.9, 2.5, "there it grows to"),
        ([0.1, 0.9, 1e200], 0.9, 1e200, "there the loss is no finite number"),
        ([0.9, 1.5], 0.9, 1.5, "a larger step is no better here"),
        ([0.9, 2.0], 0.9, 2.0, "at 2 it is stuck at 0.5"),
        ([0.9, 2.5], 0.9, 2.5, "at 2.5 it grows to"),
        ([0.9, 1e200], 0.9, 1e200, "at 1e+200 the loss after 20 iterations is no finite number"),
    ],
)
def test_a_parabola_tells_where_the_step_is_too_long(rates, up_to, not_at, words):
    found = noticed(compare(parabolas(rates)), "larger_steps")
    assert (found.evidence["up_to"], found.evidence["not_at"]) == (up_to, not_at)
    assert found.evidence["losses"][0] == pytest.approx((1 - rates[0]) ** 40 / 2, rel=1e-9)
    assert words in found.text


@pytest.mark.parametrize("rates", [[0.01, 0.1, 0.5], [0.1, 0.5]])
def test_an_oscillation_behind_is_named(rates):
    found = noticed(compare(parabolas(rates, **{"training.momentum": 0.99, "training.iterations": 50})), "larger_steps")
    assert found.evidence["trouble_from"] == min(
        rate
        for rate, end in zip(found.evidence["learning_rates"], found.evidence["outcomes"], strict=True)
        if end == "oscillating"
    )
    if found.evidence["not_at"] is not None:
        assert "goes up and down" in found.text


def test_longer_runs_are_compared_with_longer_runs():
    traces = at_rates([1, 10]) + at_rates([1, 1000], {"training.iterations": 200})
    found = noticed(compare(traces), "larger_steps").evidence
    assert (found["iterations"], found["learning_rates"]) == (200, [1, 1000])


def test_other_differences_and_equal_rates_are_not_a_question_of_steps():
    assert "larger_steps" not in of(compare([course(), course({RATE: 10, "network.activations": "tanh"})]))
    assert "larger_steps" not in of(compare([course({"network.activations": "relu"}), course()]))
    assert "larger_steps" not in of(compare([course(), course({"training.iterations": 12})]))
    one_long_run = [*at_rates([1]), *at_rates([10], {"training.iterations": 200})]
    assert "larger_steps" not in of(compare(one_long_run))


# ---- runs that are the same ------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("engine", ["hand", "autograd"])
def test_the_mean_of_two_squares_is_half_their_sum(engine, precision):
    if engine == "autograd":
        pytest.importorskip("torch")
    changes = {"numerics.precision": precision}
    traces = [course(changes, engine=engine), course(changes | {"loss.name": "mean_squared_error"}, engine=engine)]
    found = noticed(compare(traces, ["half", "mean"]), "equal_results")
    assert found.evidence["pairs"] == [["half", "mean"]]
    assert found.evidence["reason"] == "two_outputs"
    rounding = 1e3 * np.finfo(precision).eps  # eleven iterations of some roundings each
    assert found.evidence["largest_relative_difference"] < rounding
    assert found.text.startswith(
        "half and mean are the same run, number by number: equal because there are two outputs"
    )


def test_with_three_outputs_they_are_not_the_same():
    three = {
        "network.layers": [2, 2, 3],
        "parameters.weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5, 0.3], [-0.3, 0.8, 0.2]]],
        "data.targets": [[0.23, 0.07, 0.1]],
    }
    traces = [course(three), course(three | {"loss.name": "mean_squared_error"})]
    assert of(compare(traces)) == ["losses_not_comparable"]


def test_huber_inside_its_delta_is_half_a_square():
    one = {
        "network.layers": [2, 2, 1],
        "parameters.weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1], [-0.3]]],
        "data.targets": [[0.23]],
    }
    traces = [course(one), course(one | {"loss.name": "huber"})]
    assert noticed(compare(traces), "equal_results").evidence["reason"] == "one_output_half"


def test_runs_that_are_equal_for_an_unknown_reason_are_told_too():
    # one sample in every iteration is all there is
    found = noticed(compare([course(), course({"loss.over_samples": "sum"})], ["mean", "sum"]), "equal_results")
    assert found.evidence["reason"] == "unknown"
    assert found.text == "mean and sum are the same run, number by number, although they differ in loss.over_samples"


def test_engines_that_agree_are_nothing_to_notice():
    assert compare([course(), course(record="all:2")]) == ()
    exact = course({"numerics.exact_from": "literal"}, engine="exact")
    assert compare([course(), exact]) == ()


def test_runs_of_other_shapes_are_not_called_the_same():
    # two equal samples at once, or one after the other: the same loss and weights, but not the same numbers
    twice = {"data.inputs": [[0.5, 0.3]] * 2, "data.targets": [[0.23, 0.07]] * 2}
    traces = [course(twice), course(twice | {"training.batch_size": 1})]
    assert np.allclose(traces[0].loss, traces[1].loss, rtol=1e-12)
    assert "equal_results" not in of(compare(traces))


def test_runs_with_equal_losses_but_other_weights_are_not_equal():
    # the same two hidden units, named the other way round
    swapped = {"parameters.weights": [[[-0.4, 0.2], [0.6, 0.5]], [[-0.3, 0.8], [0.1, -0.5]]]}
    traces = [course(), course(swapped)]
    assert np.allclose(traces[0].loss, traces[1].loss, rtol=1e-12)
    assert "equal_results" not in of(compare(traces))


# ---- which is lowest -------------------------------------------------------------------------------------


def test_the_lowest_loss_is_named_where_losses_can_be_compared():
    traces = [course({"network.activations": name}) for name in ("sigmoid", "tanh", "relu")]
    found = noticed(compare(traces, ["sigmoid", "tanh", "relu"]), "lowest_loss").evidence
    last = dict(zip(("sigmoid", "tanh", "relu"), (float(trace.loss[-1]) for trace in traces), strict=True))
    ranking = sorted(last, key=last.get)
    assert (found["name"], found["second"]) == (ranking[0], ranking[1])
    assert found["loss"] == last[ranking[0]]


def test_a_run_that_is_no_number_does_not_win():
    traces = [course({"network.activations": "identity", RATE: rate}) for rate in (0.1, 1, 1e10)]
    assert noticed(compare(traces, ["a", "b", "c"]), "lowest_loss").evidence["name"] == "b"


def test_different_losses_are_not_ranked():
    traces = [course({"loss.name": name}) for name in ("half_sum_squared_error", "softmax_cross_entropy")]
    found = compare(traces)
    assert of(found) == ["losses_not_comparable"]
    assert "different functions (half_sum_squared_error, softmax_cross_entropy)" in found[0].text


def test_other_data_and_other_reductions_are_not_ranked_either():
    traces = [course(), course({"data.targets": [[0.1, 0.2]]})]
    assert "different data" in noticed(compare(traces), "losses_not_comparable").text
    two = {"data.inputs": [[0.5, 0.3], [0.1, 0.2]], "data.targets": [[0.23, 0.07], [0.1, 0.2]]}
    sums = [course(two), course(two | {"loss.over_samples": "sum"})]
    assert of(compare(sums)) == ["losses_not_comparable"]


def test_a_tie_has_no_winner():
    assert "lowest_loss" not in of(compare([course({RATE: 0}), course({RATE: 0, "training.iterations": 5})]))


def test_mini_batches_are_ranked_by_means():
    inputs, targets = [[1.0], [0.5], [0.1]], [[1.0], [-1.0], [0.3]]
    base = {"training.batch_size": 1, "training.iterations": 300}
    traces = [
        run([1, 3, 1], ["tanh", "identity"], inputs, targets, changes=base | {RATE: rate}) for rate in (0.01, 0.05)
    ]
    found = noticed(compare(traces), "lowest_loss").evidence
    # 100 epochs of 3 iterations, in 16 parts of whole epochs: the last part is 6 of them; row 300 starts another
    means = [float(trace.loss[300 - 6 * 3 : 300].mean()) for trace in traces]
    assert found["losses"] == pytest.approx(means, rel=1e-12)


def test_one_run_and_empty_runs_are_no_comparison():
    from dataclasses import replace

    trace = course()
    empty = replace(trace, recorded=trace.recorded[:0], quantities={name: v[:0] for name, v in trace.items()})
    assert notice_comparison([trace], ["a"], {}) == ()
    assert notice_comparison([trace, empty], ["a", "b"], {RATE: (1, 2)}) == ()


def test_the_ready_recipes_of_the_exercise_compare():
    traces = [bl.run(bl.recipe(name)) for name in ("course", "course-mse", "course-relu")]
    assert "equal_results" in of(compare(traces, ["course", "course-mse", "course-relu"]))
