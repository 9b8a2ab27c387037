from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import backlight as bl
from backlight.findings import OUTCOMES, THRESHOLDS, outcome
from backlight.findings.outcomes import classify, end_begins, summarise
from tests.findings.runs import XOR, course, run

STEPS = np.arange(101.0)


def outcome_of(loss, **facts):
    return OUTCOMES[int(classify(summarise(np.asarray(loss, dtype=float)), **facts))]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (0.9**STEPS, "converged"),
        (0.99**STEPS, "still_falling"),
        (np.full(101, 0.7), "stalled"),
        (1 - 1e-6 * STEPS, "stalled"),
        (1.05**STEPS, "diverged"),
        (1 + 0.001 * STEPS, "diverged"),
        (np.where(STEPS < 100, 1.0, np.nan), "diverged"),
        (np.where(STEPS < 100, 1.0, np.inf), "diverged"),
        (np.where(STEPS < 50, 1.0, 11.0), "diverged"),
        (0.5 + 0.1 * (-1) ** STEPS, "oscillating"),
        (0.5 + 0.1 * np.sin(STEPS / 5), "oscillating"),
        (0.3 + 0.7 * 0.5**STEPS, "converged"),
        (0.7 + 0.3 * 0.5**STEPS, "stalled"),
        ([1.0], "still_falling"),
        ([0.0], "converged"),
        ([1.0, 0.9], "still_falling"),
        ([1.0, 1.1], "diverged"),
        ([1.0, 1.0], "stalled"),
    ],
)
def test_a_history_of_a_loss_has_its_class(loss, expected):
    assert outcome_of(loss) == expected


def swing(height):
    """A loss that starts at 1 and ends in jumps between 1/2 and 1/2 + height."""
    return np.where(STEPS == 0, 1.0, 0.5 + height * (STEPS % 2))


def sawtooth(share):
    """A loss that falls by 0.04 at every second step and loses a share of it at the next."""
    return 2 + np.cumsum(np.where(STEPS % 2, -0.04, 0.04 * share))


@pytest.mark.parametrize(
    ("loss", "facts", "expected"),
    [
        # each number of the table, from both sides
        ([1.0, 0.5, 9.9, 9.8, 9.8, 9.8, 9.8, 9.8, 9.8], {}, "stalled"),
        ([1.0, 0.5, 10.1, 10.1, 10.1, 10.1, 10.1, 10.1, 10.1], {}, "diverged"),
        (swing(0.0095), {}, "stalled"),
        (swing(0.0105), {}, "oscillating"),
        (sawtooth(0.4), {}, "still_falling"),
        (sawtooth(0.98), {}, "oscillating"),
        (np.append(0.99**STEPS, 0.0102), {}, "still_falling"),
        (np.append(0.99**STEPS, 0.0098), {}, "converged"),
        (1 - 0.7 * (STEPS > 0) - 1.1e-3 * 0.3 * STEPS / 25, {}, "still_falling"),
        (1 - 0.7 * (STEPS > 0) - 0.9e-3 * 0.3 * STEPS / 25, {}, "converged"),
        (0.4 * (STEPS == 0) + 0.6 - 0.9e-3 * 0.55 * STEPS / 25, {}, "stalled"),
        (0.51 + 0.49 * (STEPS == 0), {}, "stalled"),
        (0.49 + 0.51 * (STEPS == 0), {}, "converged"),
        (0.49 + 0.51 * (STEPS == 0), {"slope": 0.0099}, "stalled"),
        (0.49 + 0.51 * (STEPS == 0), {"slope": 0.0101}, "converged"),
    ],
)
def test_the_thresholds_stand_where_the_table_says(loss, facts, expected):
    assert outcome_of(loss, **facts) == expected


@pytest.mark.parametrize(("speed", "expected"), [(1.2e-5, "stalled"), (0.8e-5, "converged")])
def test_steps_must_have_died_down_to_a_thousandth_of_the_largest(speed, expected):
    # the largest step is 0.01; the level 0.4 falls by a speed that alone would count as rest
    loss = np.concatenate([np.linspace(1, 0.4, 61), 0.4 - speed * np.arange(1, 41)])
    assert outcome_of(loss) == expected


def test_a_zigzag_on_a_falling_curve_is_still_falling():
    assert outcome_of(1 - 0.005 * STEPS + 0.004 * (-1) ** STEPS) == "still_falling"


def test_an_oscillation_that_cannot_be_seen_on_a_plot_is_none():
    smaller = 0.4 * THRESHOLDS.visible  # the climb is twice the amplitude
    assert outcome_of(np.where(STEPS == 0, 1.0, 0.5 + smaller * (-1) ** STEPS)) == "stalled"
    assert outcome_of(np.where(STEPS == 0, 1.0, 0.5 + 1.5 * smaller * (-1) ** STEPS)) == "oscillating"


def test_an_oscillation_that_died_down_before_the_end_is_none():
    assert outcome_of(0.3 + 0.7 * 0.5**STEPS * np.cos(STEPS) ** 2) == "converged"


def test_one_spike_in_the_middle_is_not_the_end():
    loss = 0.9**STEPS
    loss[40] = 5.0
    assert outcome_of(loss) == "converged"


def test_the_floor_counts_and_not_zero():
    loss = 0.2 + 0.8 * 0.9**STEPS
    assert outcome_of(0.2 + 0.3 * 0.9**STEPS) == "converged"
    assert outcome_of(loss[:40]) == "still_falling"
    assert outcome_of(np.append(loss[:40], 0.2 + 1e-3), floor=0.2) == "converged"


def test_a_loss_without_a_floor_never_converges():
    assert outcome_of(1 - 0.05 * STEPS, floor=-np.inf) == "still_falling"
    assert outcome_of(-1 + 0.5**STEPS, floor=-np.inf) == "stalled"
    assert outcome_of(np.full(20, -3.0), floor=-np.inf) == "stalled"


def test_a_loss_below_zero_converges_to_its_floor():
    assert outcome_of(-0.0198781 + 0.14 * 0.9**STEPS, floor=-0.0198781) == "converged"


def test_slope_zero_is_dead_unless_all_is_gained():
    assert outcome_of(np.full(20, 0.7), slope=0.0) == "dead"
    assert outcome_of(0.9**STEPS, slope=0.0) == "converged"
    assert outcome_of(np.full(20, 0.7), slope=1e-300) == "stalled"


def test_a_saturated_plateau_is_no_minimum():
    plateau = 0.3 + 0.7 * 0.5**STEPS
    assert outcome_of(plateau, slope=1.0) == "converged"
    assert outcome_of(plateau, slope=0.9 * THRESHOLDS.saturated) == "stalled"


def test_rounding_around_zero_is_converged_and_not_divergence():
    assert outcome_of([0.0, 1e-33, 0.0, 3e-33, 1e-33, 2e-33]) == "converged"


def test_the_classes_come_in_their_order_of_precedence():
    assert OUTCOMES == ("diverged", "dead", "oscillating", "converged", "stalled", "still_falling")
    swinging = 0.5 + 0.4 * (-1) ** STEPS
    assert outcome_of(np.append(swinging, np.inf), slope=0.0) == "diverged"
    assert outcome_of(swinging, slope=0.0) == "dead"
    assert outcome_of(0.02 + 0.018 * (-1) ** STEPS + (STEPS == 0)) == "oscillating"  # below it would be "converged"


@given(
    arrays(float, st.tuples(st.integers(1, 40), st.integers(1, 5)), elements=st.floats(0, 1e6) | st.just(np.nan)),
    st.sampled_from([0.0, -1.0, -np.inf]),
)
def test_runs_side_by_side_are_classed_like_each_by_itself(losses, floor):
    together = classify(summarise(losses), floor=floor)
    assert together.dtype == np.uint8
    assert together.tolist() == [int(classify(summarise(loss), floor=floor)) for loss in losses.T]


@given(
    arrays(float, st.integers(2, 40), elements=st.floats(0.001953125, 1000)),
    st.integers(-20, 20).map(lambda power: 2.0**power),
)
def test_the_unit_of_the_loss_does_not_matter(loss, unit):
    assert outcome_of(loss) == outcome_of(loss * unit)


@given(st.integers(0, 10_000))
def test_the_end_is_the_last_quarter_or_four_steps(steps):
    begin = end_begins(steps)
    assert 0 <= begin <= steps
    length = steps - begin
    assert length >= min(steps, THRESHOLDS.end_steps)
    assert abs(length - steps * THRESHOLDS.end) <= 1 or length == min(steps, THRESHOLDS.end_steps)


@given(arrays(float, st.integers(1, 30), elements=st.floats(-100, 100)))
def test_climb_and_drop_are_the_largest_over_all_pairs_of_rows(loss):
    end = loss[end_begins(len(loss) - 1) :]
    pairs = [later - earlier for k, earlier in enumerate(end) for later in end[k:]]
    history = summarise(loss)
    assert (history.climb, history.drop) == (max(pairs), -min(pairs))
    assert history.lowest == loss.min()


# ---- of traces -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "still_falling"),
        ({"training.learning_rate": 100, "training.iterations": 50}, "converged"),
        ({"training.learning_rate": 0}, "stalled"),
        ({"training.learning_rate": 1e-6}, "stalled"),
        ({"training.learning_rate": 1000, "training.iterations": 100}, "stalled"),
        ({"network.activations": "relu", "training.iterations": 200}, "converged"),
        ({"network.activations": "relu", "training.learning_rate": 100}, "dead"),
        ({"network.activations": "identity", "training.learning_rate": 10}, "diverged"),
        ({"training.iterations": 0}, "still_falling"),
    ],
)
def test_the_exercise_ends_as_it_should(changes, expected):
    assert outcome(course(changes)) == expected


def test_a_step_across_the_valley_oscillates():
    # L = 1/2 w^2 with learning rate 2: w goes from 1 to -1 and back, for ever; 1.9 is shorter and gets there
    two = {"parameters.weights": [[[1.0]]], "training.learning_rate": 2.0, "training.iterations": 50}
    assert outcome(run([1, 1], "identity", [[1.0]], [[0.0]], changes=two)) == "stalled"  # the loss is 1/2 at both
    momentum = two | {"training.learning_rate": 0.5, "training.momentum": 1.0}
    assert outcome(run([1, 1], "identity", [[1.0]], [[0.0]], changes=momentum)) == "oscillating"
    assert (
        outcome(run([1, 1], "identity", [[1.0]], [[0.0]], changes=two | {"training.learning_rate": 1.9})) == "converged"
    )
    assert (
        outcome(run([1, 1], "identity", [[1.0]], [[0.0]], changes=two | {"training.learning_rate": 2.1})) == "diverged"
    )


def test_xor_converges_from_a_random_start():
    assert outcome(bl.run(bl.recipe(XOR))) == "converged"


@pytest.mark.parametrize("record", ["all", "parameters", "loss", "all:7", "loss:100"])
def test_the_class_of_a_converged_run_does_not_depend_on_what_was_recorded(record):
    assert outcome(bl.run(bl.recipe(XOR), record=record)) == "converged"


def test_mini_batches_are_judged_by_means_over_parts_of_the_run():
    # one weight, two samples that want different things: the loss of single batches jumps for ever
    jumping = {"training.batch_size": 1, "training.iterations": 200, "training.learning_rate": 0.1}
    trace = run([1, 1], "identity", [[1.0], [0.5]], [[1.0], [-1.0]], changes=jumping)
    assert outcome_of(trace.loss) == "oscillating"
    assert outcome(trace) == "stalled"


def test_a_layer_that_is_off_for_one_batch_alone_is_not_dead():
    off_for_the_last = {
        "parameters.weights": [[[1.0]], [[1.0]]],
        "training.batch_size": 1,
        "training.iterations": 21,
        "training.learning_rate": 0.01,
    }
    trace = run([1, 1, 1], "relu", [[1.0], [-1.0]], [[9.0], [9.0]], changes=off_for_the_last)
    assert trace["a1"][-1, 0, 0] == 0
    assert outcome(trace) != "dead"
    assert "dead_unit" not in [finding.name for finding in trace.findings]
