"""The loop around an engine: which rows are kept, what an interruption leaves, when scores are measured."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines import loop
from backlight.engines.hand import Iteration
from backlight.engines.loop import accuracy, iterate, score_names
from backlight.recipes.start import Start, start
from backlight.traces.layout import layout
from backlight.traces.record import Recording

COURSE = bl.recipe("course")


@pytest.fixture
def report_every_iteration(monkeypatch):
    """Do not wait a tenth of a second between reports."""
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)


def interrupted_at(last):
    """Press Ctrl-C when an iteration is reported."""

    def progress(iteration, iterations):
        if iteration == last:
            raise KeyboardInterrupt

    return progress


# ---- rows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "rows"),
    [
        ("all", list(range(12))),
        ("all:1", list(range(12))),
        ("all:4", [0, 4, 8, 11]),
        ("parameters:11", [0, 11]),
        ("loss:5", [0, 5, 10, 11]),
        ("loss:100", [0, 11]),
    ],
)
def test_every_kth_row_is_recorded_and_always_the_last(record, rows):
    trace, everything = bl.run(COURSE, record=record), bl.run(COURSE)
    assert trace.recorded.tolist() == rows
    assert all(np.array_equal(trace[name], everything[name][rows]) for name in trace if name not in {"x", "y"})


def test_a_run_of_no_iterations_has_one_row():
    trace = bl.run(COURSE.with_({"training.iterations": 0}), record="all:10")
    assert trace.recorded.tolist() == [0]
    assert trace.complete


def test_progress_is_reported_with_the_iteration_and_their_number(report_every_iteration):
    reports = []
    bl.run(COURSE, progress=lambda iteration, iterations: reports.append((iteration, iterations)))
    assert reports == [(iteration, 11) for iteration in range(12)]


def test_progress_is_not_reported_faster_than_a_person_reads():
    reports = []
    bl.run(COURSE, progress=lambda iteration, iterations: reports.append(iteration))
    assert len(reports) < 12


# ---- interruption ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("record", "rows"), [("all", [0, 1, 2, 3, 4, 5]), ("all:2", [0, 2, 4]), ("loss:4", [0, 4])])
def test_an_interrupted_run_keeps_the_rows_it_has(report_every_iteration, record, rows):
    trace, everything = bl.run(COURSE, record=record, progress=interrupted_at(5)), bl.run(COURSE)
    assert not trace.complete
    assert trace.recorded.tolist() == rows
    assert trace.iterations == 11
    assert all(np.array_equal(trace[name], everything[name][rows]) for name in trace if name not in {"x", "y"})


def test_a_run_that_is_not_interrupted_is_complete(report_every_iteration):
    assert bl.run(COURSE, progress=interrupted_at(12)).complete


def test_an_interruption_after_the_last_row_costs_nothing(report_every_iteration):
    assert len(bl.run(COURSE, progress=interrupted_at(11)).loss) == 12


def test_an_interruption_before_the_first_row_goes_through():
    class Interrupted(Iteration):
        def forward_and_backward(self, batch):
            raise KeyboardInterrupt

    begin = start(COURSE)
    engine = Interrupted(COURSE, begin, layout(COURSE, 1))
    with pytest.raises(KeyboardInterrupt):
        iterate(engine, COURSE, begin, Recording(), dtype="float64")


def test_an_interruption_within_an_iteration_leaves_no_half_row():
    class Interrupted(Iteration):
        updates = 0

        def update(self):
            super().update()
            self.updates += 1

        def backward(self):
            if self.updates == 3:
                raise KeyboardInterrupt
            super().backward()

    begin = start(COURSE)
    engine = Interrupted(COURSE, begin, layout(COURSE, 1))
    recorder, complete = iterate(engine, COURSE, begin, Recording(), dtype="float64")
    assert not complete
    assert recorder.recorded().tolist() == [0, 1, 2]
    assert np.array_equal(recorder.quantities()["dL_dW1"], bl.run(COURSE)["dL_dW1"][:3])


def test_infinities_are_results_and_warn_nobody():
    # an overflow in float64: a learning rate that throws the weights to infinity
    trace = bl.run(COURSE.with_({"training.learning_rate": 1e308, "network.activations": "identity"}))
    assert not np.isfinite(trace.loss[-1])
    assert len(trace.loss) == 12


# ---- scores ------------------------------------------------------------------------------------------


def classes(inputs, targets, *, held_out=0, batch_size=None, iterations=4):
    """A network with one layer, the identity, on samples of which the last are held out."""
    units = len(targets[0])
    recipe = bl.recipe(
        {
            "network": {"layers": [2, units], "activations": "identity"},
            "parameters": {"weights": [np.eye(2)[:, :units].tolist()]},
            "data": {"inputs": inputs, "targets": targets},
            "loss": {"name": "half_sum_squared_error"},
            "training": {"learning_rate": 0.1, "iterations": iterations}
            | ({"batch_size": batch_size} if batch_size else {}),
        }
    )
    whole = start(recipe)
    kept = len(inputs) - held_out
    begin = Start(
        inputs=whole.inputs[:kept],
        targets=whole.targets[:kept],
        held_out_inputs=whole.inputs[kept:],
        held_out_targets=whole.targets[kept:],
        weights=whole.weights,
        biases=whole.biases,
    )
    return recipe, begin


def scored(recipe, begin, record="all"):
    """The quantities of a run on the hand engine from a given start."""
    arrangement = layout(recipe, loop.largest_batch(recipe, begin))
    engine = Iteration(recipe, begin, arrangement)
    recorder, _ = iterate(engine, recipe, begin, Recording.parse(record), dtype="float64")
    return recorder.quantities()


INPUTS = [[2.0, 1.0], [0.5, 1.5], [3.0, 1.0], [1.0, 2.0], [0.2, 0.1]]
TARGETS = [[1, 0], [0, 1], [0, 1], [0, 1], [1, 0]]


def test_accuracy_is_the_share_of_samples_whose_largest_output_is_their_class():
    quantities = scored(*classes(INPUTS, TARGETS))
    assert quantities["accuracy"][0] == 4 / 5  # the identity says what is larger; the third sample says otherwise
    assert "held_out_accuracy" not in quantities


def test_what_is_held_out_is_scored_and_not_trained_on():
    quantities = scored(*classes(INPUTS, TARGETS, held_out=3))
    assert quantities["z1"].shape[1] == 2
    assert quantities["accuracy"][0] == 1
    assert quantities["held_out_accuracy"][0] == 2 / 3
    errors = [(3 - 0) ** 2 + (1 - 1) ** 2, (1 - 0) ** 2 + (2 - 1) ** 2, (0.2 - 1) ** 2 + (0.1 - 0) ** 2]
    assert np.isclose(quantities["held_out_loss"][0], sum(errors) / 2 / 3, rtol=1e-15, atol=0)


def test_targets_that_are_no_classes_have_no_accuracy():
    quantities = scored(*classes(INPUTS, [[0.5, 0.5], *TARGETS[1:]], held_out=2))
    assert "accuracy" not in quantities
    assert "held_out_accuracy" not in quantities
    assert np.isfinite(quantities["held_out_loss"]).all()


def test_scores_are_measured_once_an_epoch_and_at_the_end():
    quantities = scored(*classes(INPUTS, TARGETS, batch_size=2, iterations=7))  # three batches are an epoch
    measured = np.isfinite(quantities["accuracy"])
    assert measured.tolist() == [True, False, False, True, False, False, True, True]


def test_a_thin_recording_has_the_scores_of_its_rows():
    quantities = scored(*classes(INPUTS, TARGETS, batch_size=2, iterations=7), record="parameters:3")
    assert np.isfinite(quantities["accuracy"]).tolist() == [True, True, True, True]


def test_scores_leave_every_other_number_as_it_is():
    recipe, begin = classes(INPUTS, TARGETS, held_out=2, batch_size=2)
    without = Start(
        inputs=begin.inputs,
        targets=begin.targets + 0.0,
        held_out_inputs=begin.inputs[:0],
        held_out_targets=begin.targets[:0],
        weights=begin.weights,
        biases=begin.biases,
    )
    scores = set(score_names(begin))
    one, other = scored(recipe, begin), scored(recipe, without)
    assert {"accuracy", "held_out_accuracy", "held_out_loss"} == scores
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one if name not in scores)


@pytest.mark.parametrize(
    ("predictions", "targets", "share"),
    [
        ([[0.2, 0.8], [0.6, 0.4]], [[0, 1], [0, 1]], 0.5),
        ([[0.7], [0.2], [0.5]], [[1], [1], [0]], 2 / 3),
        ([[np.nan, 1.0], [0.1, 0.9]], [[0, 1], [0, 1]], 0.5),
        ([[np.nan], [0.1]], [[0], [0]], 0.5),
        ([[-np.inf, np.inf]], [[0, 1]], 1.0),
    ],
)
def test_accuracy_by_hand(predictions, targets, share):
    assert accuracy(np.array(predictions), np.array(targets)) == share


def test_a_thinner_recording_is_scored_in_the_first_row_of_each_epoch():
    """Three batches an epoch, every second row: epochs begin at 0, 3, 6, rows at 0, 2, 4, 6 and 7."""
    quantities = scored(*classes(INPUTS, TARGETS, batch_size=2, iterations=7), record="parameters:2")
    assert np.isfinite(quantities["accuracy"]).tolist() == [True, False, True, True, True]


def test_who_records_only_the_loss_gets_the_scores_of_the_last_row():
    quantities = scored(*classes(INPUTS, TARGETS, batch_size=2, iterations=7), record="loss")
    assert np.isfinite(quantities["accuracy"]).tolist() == [False] * 7 + [True]
