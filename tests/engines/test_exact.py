"""The exact engine as a whole: what its traces hold, when it takes more bits, and where its proofs end.

Networks of identities with half the sum of squares are arithmetic of fractions: there every digit is compared
with the true fraction. What a proof cannot reach is said, never guessed.
"""

import pickle
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from itertools import chain

import numpy as np
import pytest
from flint import ctx

import backlight as bl
from backlight.engines.exact import stops
from backlight.engines.exact.stops import MOST_BITS, Stop, Why
from backlight.recipes.data import parts

verb = import_module("backlight.engines.exact.certify")  # the package gives the function of this name
COURSE = bl.recipe("course")
PROVEN = "every digit is proven, with {} bits"


def exactly(recipe, **options):
    return bl.run(recipe, engine="exact", **options)


def only_note(trace):
    [note] = trace.notes
    return note


def numbers(nested):
    """All decimals of nested lists, in order."""
    return [nested] if isinstance(nested, str) else list(chain.from_iterable(map(numbers, nested)))


# ---- against fractions -------------------------------------------------------------------------------------


LINEAR = bl.recipe(
    {
        "network": {"layers": [2, 2, 1], "activations": "identity", "biases": True},
        "parameters": {"weights": [[[0.3, -0.4], [0.7, 0.1]], [[0.6], [-0.9]]], "biases": [[0.1, -0.2], [0.05]]},
        "data": {"inputs": [[0.5, 0.3], [-0.2, 1.1], [0.9, -0.7]], "targets": [[0.23], [-0.07], [0.4]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.1, "iterations": 4},
    }
)


def linear_run(number, learning_rate):
    """The same network in fractions: rows of loss, W1, b1, W2, b2, one number after the other."""
    W1, b1 = [[number(0.3), number(-0.4)], [number(0.7), number(0.1)]], [number(0.1), number(-0.2)]
    W2, b2 = [number(0.6), number(-0.9)], number(0.05)
    samples = [((0.5, 0.3), 0.23), ((-0.2, 1.1), -0.07), ((0.9, -0.7), 0.4)]
    for _ in range(5):
        loss, dW1, db1, dW2, db2 = 0, [[0, 0], [0, 0]], [0, 0], [0, 0], 0
        for inputs, target in samples:
            x = [number(t) for t in inputs]
            h = [x[0] * W1[0][j] + x[1] * W1[1][j] + b1[j] for j in (0, 1)]
            e = h[0] * W2[0] + h[1] * W2[1] + b2 - number(target)
            loss += e * e / 6
            db2 += e / 3
            for j in (0, 1):
                dW2[j] += e * h[j] / 3
                db1[j] += e * W2[j] / 3
                for i in (0, 1):
                    dW1[i][j] += e * W2[j] * x[i] / 3
        yield [loss, *W1[0], *W1[1], *b1, *W2, b2]
        W1 = [[W1[i][j] - learning_rate * dW1[i][j] for j in (0, 1)] for i in (0, 1)]
        b1 = [b1[j] - learning_rate * db1[j] for j in (0, 1)]
        W2, b2 = [W2[j] - learning_rate * dW2[j] for j in (0, 1)], b2 - learning_rate * db2


STARTS = {
    "nearest": ({}, Fraction, Fraction(0.1)),
    "literal": ({"numerics.exact_from": "literal"}, lambda t: Fraction(repr(t)), Fraction(1, 10)),
    "float32": ({"numerics.precision": "float32"}, lambda t: Fraction(float(np.float32(t))), Fraction(0.1)),
    "float32, literal": (
        {"numerics.precision": "float32", "numerics.exact_from": "literal"},
        lambda t: Fraction(repr(t)),
        Fraction(1, 10),
    ),
}


@pytest.mark.parametrize("start", STARTS)
def test_every_decimal_and_every_radius_is_right_from_every_start(start):
    changes, number, learning_rate = STARTS[start]
    trace = exactly(LINEAR.with_(changes))
    assert trace.complete
    names = ("loss", "W1", "b1", "W2", "b2")
    for row, truths in enumerate(linear_run(number, learning_rate)):
        decimals = [text for name in names for text in numbers(trace.decimals[name][row])]
        floats = [value for name in names for value in np.ravel(trace[name][row])]
        radii = [value for name in names for value in np.ravel(trace[f"radius.{name}"][row])]
        for truth, text, value, radius in zip(truths, decimals, floats, radii, strict=True):
            written = Decimal(text)
            unit = Fraction(10) ** written.as_tuple().exponent
            assert abs(Fraction(written) - truth) <= unit / 2
            assert Fraction(written) == truth or len(written.as_tuple().digits) in {17, 18}
            assert value == truth.numerator / truth.denominator  # Python rounds this quotient correctly
            assert abs(Fraction(value) - truth) <= Fraction(radius) <= abs(Fraction(value)) / 2**52


def test_the_start_is_what_it_is_said_to_be():
    assert exactly(COURSE).decimals["x"] == [["0.5", "0.29999999999999999"]]
    literal = exactly(COURSE.with_({"numerics.exact_from": "literal"}))
    assert literal.decimals["x"] == [["0.5", "0.30000000000000000"]]
    assert literal.decimals["W1"][0] == [
        ["0.20000000000000000", "-0.40000000000000000"],
        ["0.5", "0.60000000000000000"],
    ]
    assert exactly(COURSE.with_({"numerics.precision": "float32"})).decimals["y"] == [
        ["0.23000000417232513", "-0.070000000298023224"]
    ]


def test_numbers_that_were_drawn_are_floats_in_a_literal_start_too():
    drawn = bl.recipe("course-random")
    literal = exactly(drawn.with_({"numerics.exact_from": "literal"}))
    assert literal.decimals["W1"][0] == exactly(drawn).decimals["W1"][0]
    assert literal.decimals["x"] != exactly(drawn).decimals["x"]


def test_options_are_literals_too():
    recipe = COURSE.with_(
        {
            "network.activations": {"name": "leaky_relu", "negative_slope": 0.1},
            "parameters.weights": [[[1.0, 1.0], [1.0, 1.0]], [[-1.0, -1.0], [0.0, 0.0]]],
            "data.inputs": [[0.5, 0.5]],
            "numerics.exact_from": "literal",
        }
    )
    assert exactly(recipe).decimals["a2"][0] == [["-0.10000000000000000", "-0.10000000000000000"]]


# ---- what a trace holds ------------------------------------------------------------------------------------


def test_a_trace_holds_what_every_engine_gives_with_radii_beside_it():
    trace, hand = exactly(COURSE), bl.run(COURSE)
    assert set(trace) == set(hand) | {f"radius.{name}" for name in hand}
    assert set(trace.decimals) == set(hand)
    for name in hand:
        assert trace[name].shape == trace[f"radius.{name}"].shape == hand[name].shape
        assert trace[name].dtype == np.float64
        written = np.array(trace.decimals[name], dtype=float)
        assert np.all(np.abs(written - trace[name]) <= np.spacing(np.abs(trace[name])))  # 17 digits, read as a float
    assert trace.recorded.tolist() == hand.recorded.tolist()
    assert (trace.engine, trace.complete, trace.notes) == ("exact", True, (PROVEN.format(128),))


def test_the_floats_are_the_nearest_even_in_float32():
    trace = exactly(COURSE.with_({"numerics.precision": "float32"}))
    assert trace.loss.dtype == np.float64
    assert np.all(trace.loss != trace.loss.astype(np.float32))


BATCHED = bl.recipe("xor").with_({"training.batch_size": 3, "training.iterations": 3, "training.shuffle_seed": 1})


def test_a_short_batch_has_nothing_behind_its_last_sample():
    trace, hand = exactly(BATCHED), bl.run(BATCHED)
    assert np.array_equal(trace["batch"], hand["batch"])
    assert "radius.batch" not in trace
    empty = np.isnan(hand["z1"])
    assert np.any(empty)
    assert np.array_equal(np.isnan(trace["z1"]), empty)
    assert np.array_equal(np.isnan(trace["radius.z1"]), empty)
    assert np.array_equal(np.array(trace.decimals["z1"]) == "nan", empty)


@pytest.mark.parametrize(
    ("record", "rows", "names"), [("loss:5", [0, 5, 10, 11], {"loss"}), ("parameters", range(12), {"loss", "W1", "W2"})]
)
def test_only_what_is_recorded_is_kept(record, rows, names):
    trace = exactly(COURSE, record=record)
    assert trace.recorded.tolist() == list(rows)
    assert set(trace.decimals) == names | {"x", "y"}
    assert trace.decimals["loss"] == [exactly(COURSE).decimals["loss"][row] for row in rows]


SCORED = bl.recipe(
    {
        "network": {"layers": [2, 3, 2], "activations": ["tanh", "softmax"]},
        "parameters": {"initializer": "xavier_normal", "random_seed": 3},
        "data": {
            "inputs": [[0.1 * i, 1 - 0.3 * i] for i in range(10)],
            "targets": [[i % 2, 1 - i % 2] for i in range(10)],
            "held_out": 0.3,
        },
        "loss": {"name": "cross_entropy"},
        "training": {"learning_rate": 0.5, "iterations": 5, "batch_size": 4},
    }
)


@pytest.mark.parametrize("changes", [{}, {"training.batch_size": None}, {"data.held_out": 0.0}])
def test_scores_are_those_of_every_engine(changes):
    recipe = SCORED.with_(changes)
    trace, hand = exactly(recipe), bl.run(recipe)
    for name in ("accuracy", "held_out_accuracy"):
        if name in hand:
            assert np.array_equal(trace[name], hand[name], equal_nan=True)
    if "held_out_loss" in hand:
        np.testing.assert_allclose(trace["held_out_loss"], hand["held_out_loss"], rtol=1e-13)
        measured = np.isfinite(hand["held_out_loss"])
        assert np.array_equal(np.array(trace.decimals["held_out_loss"]) != "nan", measured)
        assert np.all(trace["radius.held_out_loss"][measured] < 1e-15)
    assert ("held_out_loss" in trace.decimals) == ("held_out_loss" in hand)


def test_decimals_are_a_mapping_that_can_be_sent_to_another_process():
    decimals = exactly(COURSE).decimals
    sent = pickle.loads(pickle.dumps(decimals))  # noqa: S301  what was written a moment ago
    assert sent == decimals == dict(decimals)
    assert len(decimals) == len(list(decimals)) == len(sent)


# ---- more bits where they are needed -----------------------------------------------------------------------


def test_more_bits_are_taken_until_a_saturated_unit_shows_its_digits():
    saturated = COURSE.with_({"parameters.weights": [[[60, -90], [50, 70]], [[80, -50], [90, -80]]]})
    trace = exactly(saturated)
    assert trace.complete
    assert int(trace.notes[0].split()[-2]) > 128
    assert 0 < abs(Decimal(trace.decimals["dL_dW1"][0][0][0])) < Decimal("1e-20")


def test_a_long_run_says_the_same_as_one_with_many_bits_from_the_start(monkeypatch):
    recipe = COURSE.with_({"training.iterations": 1200})
    trace = exactly(recipe, record="all:100")
    assert trace.notes != (PROVEN.format(128),)
    monkeypatch.setattr(verb, "FIRST_BITS", 1024)
    precise = exactly(recipe, record="all:100")
    assert precise.notes == (PROVEN.format(1024),)
    assert precise.decimals == trace.decimals


def test_a_number_that_is_0_only_together_is_written_with_its_certain_zeros():
    # the outputs of one softmax unit are 1, whatever its weights are: all their derivatives are 0
    recipe = COURSE.with_(
        {
            "network.layers": [2, 2, 1],
            "network.activations": ["sigmoid", "softmax"],
            "parameters.weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1], [-0.3]]],
            "data.targets": [[0.23]],
        }
    )
    trace = exactly(recipe)
    assert trace.complete
    zeros = numbers(trace.decimals["dL_dW1"][0])
    assert all(text.startswith("0e-") and int(text[3:]) >= 323 for text in zeros)
    assert np.all(trace["dL_dW1"] == 0)


@pytest.mark.parametrize("optimizer", ["rmsprop", "adagrad", "adam"])
def test_an_optimizer_takes_the_root_of_a_square_that_is_0_only_together(optimizer):
    # the two paths cancel, so that the output meets its target; the balls of its gradients, and of their squares,
    # then reach a little below 0, where there is no root
    recipe = COURSE.with_(
        {
            "network.layers": [2, 2, 1],
            "network.activations": ["tanh", "identity"],
            "parameters.weights": [[[0.2, 0.2], [0.5, 0.5]], [[0.3], [-0.3]]],
            "data.targets": [[0.0]],
            "training.optimizer": optimizer,
            "training.iterations": 2,
        }
    )
    trace = exactly(recipe)
    assert trace.complete
    assert np.all(trace["dL_dW1"] == 0)
    assert np.all(trace["W1"] == trace["W1"][0])


@pytest.mark.parametrize(
    ("accuracy", "iteration", "last", "bits"),
    [
        (0, 0, 100, 256),  # nothing is known: twice
        (60, 900, 1000, 256),  # little is missing: twice
        (60, 900, 9000, 782),  # 68 bits in 900 iterations, so 680 in 9000, 70 to be proven and 32 to spare
        (60, 1, 10**6, 1024),  # never more than eight times
    ],
)
def test_the_bits_for_the_next_attempt_follow_what_was_lost(accuracy, iteration, last, bits):
    assert Stop(Why.UNPROVEN, iteration, accuracy).more_bits(128, last) == bits


def test_no_attempt_has_more_than_the_most_bits():
    assert Stop(Why.UNPROVEN).more_bits(MOST_BITS - 1, 10) == MOST_BITS


# ---- where proofs end --------------------------------------------------------------------------------------


@pytest.fixture
def few_bits(monkeypatch):
    """At most 128 bits, so that growth makes the cap bite soon."""
    monkeypatch.setattr(stops, "MOST_BITS", 128)
    monkeypatch.setattr(verb, "MOST_BITS", 128)


def test_where_the_most_bits_are_too_few_the_trace_ends_at_the_last_proven_row(few_bits):
    recipe = COURSE.with_({"training.learning_rate": 10, "training.iterations": 1000})
    trace = exactly(recipe)
    rows = len(trace.loss)
    assert 10 < rows < 1000
    assert not trace.complete
    assert only_note(trace) == (
        f"every digit is proven up to iteration {rows - 1}: the next recorded row would take more than 128 bits, "
        "the most that are tried"
    )
    assert all(len(Decimal(text).as_tuple().digits) >= 17 for text in trace.decimals["loss"])
    np.testing.assert_allclose(trace.loss, bl.run(recipe).loss[:rows], rtol=1e-9)


KINK = COURSE.with_(
    {
        "network.activations": "relu",
        "data.inputs": [[0.5, 0.5]],
        "parameters.weights": [[[0.1, -0.4], [-0.1, 0.6]], [[0.1, 0.5], [0.3, 0.8]]],
    }
)


def test_a_kink_that_is_hit_exactly_takes_the_slope_of_torch():
    trace = exactly(KINK)
    assert trace.complete
    assert trace.decimals["z1"][0][0][0] == trace.decimals["a1"][0][0][0] == "0"
    assert trace.decimals["dL_dz1"][0][0][0] == "0"
    leaky = exactly(KINK.with_({"network.activations": {"name": "leaky_relu", "negative_slope": 0.5}}))
    assert leaky["dL_dz1"][0, 0, 0] == leaky["dL_da1"][0, 0, 0] / 2 != 0


def test_a_kink_that_no_ball_hits_exactly_leaves_the_digits_that_depend_on_it_open():
    trace = exactly(KINK.with_({"numerics.exact_from": "literal"}))
    assert not trace.complete
    assert only_note(trace) == (
        f"only certain digits are written: {MOST_BITS} bits, the most that are tried, do not prove all of iteration 0"
    )
    assert trace.recorded.tolist() == [0]
    assert trace.decimals["dL_dW1"][0][0][0] == "0e-1"  # somewhere between 0 and its value with slope 1
    assert trace["radius.dL_dW1"][0, 0, 0] > abs(trace["dL_dW1"][0, 0, 0]) / 2
    hand = bl.run(KINK)
    assert Decimal(trace.decimals["loss"][0]).quantize(Decimal("1e-12")) == Decimal(repr(float(hand.loss[0]))).quantize(
        Decimal("1e-12")
    )


def test_an_error_of_exactly_0_has_slope_0():
    recipe = COURSE.with_(
        {
            "network.activations": "identity",
            "loss.name": "mean_absolute_error",
            "parameters.weights": [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]],
            "data.targets": [[0.5, 1.0]],
        }
    )
    assert exactly(recipe).decimals["dL_da2"][0] == [["0", "-0.5"]]


@pytest.mark.parametrize(
    ("activation", "loss", "value", "slope"),
    [
        ("relu", "cross_entropy", "-inf", "inf"),  # y = -0.07 times the logarithm of 0
        ("relu", "binary_cross_entropy", "-inf", "inf"),
        ("identity", "cross_entropy", "nan", None),  # a logarithm of less than 0
        ("identity", "binary_cross_entropy", "nan", None),
    ],
)
def test_a_loss_that_is_no_real_number_ends_the_run(activation, loss, value, slope):
    trace = exactly(COURSE.with_({"network.activations": activation, "loss.name": loss}))
    assert not trace.complete
    assert trace.recorded.tolist() == [0]
    assert only_note(trace) == (
        "every digit is proven, with 128 bits, up to iteration 0: its loss is no real number (a logarithm of 0 or "
        "less), and real arithmetic ends there"
    )
    assert trace.decimals["loss"] == [value]
    assert str(trace.loss[0]) == value
    assert slope is None or trace.decimals["dL_da2"][0][0][1] == slope
    assert np.isfinite(trace["z2"]).all()
    assert np.isinf(trace["radius.loss"]).all()


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_a_term_without_weight_is_0_though_its_logarithm_is_none(loss):
    # ReLU gives (1, 0) for the targets (1, 0): every logarithm of 0 has the factor 0
    recipe = COURSE.with_(
        {
            "network.activations": "relu",
            "loss.name": loss,
            "parameters.weights": [[[2.0, 0.0], [0.0, 1.0]], [[1.0, -1.0], [0.0, 0.0]]],
            "data.targets": [[1.0, 0.0]],
            "training.learning_rate": 0.0,
        }
    )
    trace = exactly(recipe)
    assert trace.complete
    assert trace.decimals["a2"][0] == [["1", "0"]]
    assert trace.decimals["loss"][0] == "0"
    assert trace["dL_da2"][0].tolist() == bl.run(recipe)["dL_da2"][0].tolist()


def test_an_output_beyond_1_has_no_binary_cross_entropy():
    recipe = COURSE.with_(
        {
            "network.activations": ["sigmoid", "identity"],
            "loss.name": "binary_cross_entropy",
            "parameters.weights": [[[0.2, -0.4], [0.5, 0.6]], [[2.0, 2.0], [2.0, 2.0]]],
            "data.targets": [[0.5, 0.5]],
        }
    )
    trace = exactly(recipe)
    assert trace["a2"].min() > 1
    assert trace.decimals["loss"] == ["nan"]
    assert "no real number" in only_note(trace)


def test_what_was_proven_before_a_loss_stops_existing_is_kept():
    recipe = COURSE.with_(
        {
            "network.activations": ["sigmoid", "identity"],
            "loss.name": "cross_entropy",
            "parameters.weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, 0.5], [0.3, 0.8]]],
            "data.targets": [[-0.5, -0.5]],
            "training.learning_rate": 0.05,
        }
    )
    trace = exactly(recipe)
    assert not trace.complete
    assert 1 < len(trace.loss) < 12
    assert trace.decimals["loss"][-1] == "nan"
    assert np.isfinite(trace.loss[:-1]).all()
    assert (trace["a2"][-1] < 0).any()


@pytest.mark.parametrize(("activation", "measured"), [("relu", "inf"), ("identity", "nan")])
def test_a_held_out_loss_that_is_no_real_number_ends_nothing(activation, measured):
    _, [held_out] = parts(3, 0.34)
    recipe = bl.recipe(
        {
            "network": {"layers": [1, 1], "activations": activation},
            "parameters": {"weights": [[[0.5]]]},
            "data": {
                "inputs": [[-1.0 if i == held_out else 1.0] for i in range(3)],
                "targets": [[0.5]] * 3,
                "held_out": 0.34,
            },
            "loss": {"name": "cross_entropy"},
            "training": {"learning_rate": 0.01, "iterations": 2},
        }
    )
    trace = exactly(recipe)
    assert trace.complete
    assert trace.decimals["held_out_loss"] == [measured] * 3
    assert np.array_equal(trace["held_out_loss"], bl.run(recipe)["held_out_loss"], equal_nan=True)


def test_a_division_by_exactly_0_ends_the_run():
    # h2 is dead under ReLU, so its gradients are exactly 0, and Adam without eps divides them by 0
    trace = exactly(COURSE.with_({"network.activations": "relu", "training.optimizer": "adam", "training.eps": 0.0}))
    assert not trace.complete
    assert trace.recorded.tolist() == [0]
    assert only_note(trace) == (
        "every digit is proven, with 128 bits, up to iteration 0: its update divides by exactly 0 (eps is 0), and "
        "real arithmetic ends there"
    )


def test_numbers_beyond_the_floats_are_proven_and_numbers_beyond_writing_end_the_run():
    trace = exactly(
        COURSE.with_({"network.activations": "identity", "training.learning_rate": 1e300, "training.iterations": 60})
    )
    assert not trace.complete
    last = trace.recorded[-1]
    assert only_note(trace) == (
        f"every digit is proven, with 128 bits, up to iteration {last}: its update makes a parameter larger than "
        "10^(10^15), and the run ends there"
    )
    beyond = Decimal(trace.decimals["loss"][3])
    assert beyond.adjusted() > 400
    assert len(beyond.as_tuple().digits) == 17
    assert np.isinf(trace.loss[3])
    assert np.isinf(trace["radius.loss"][3])


def test_saturation_by_a_huge_step_is_no_end():
    trace = exactly(COURSE.with_({"training.learning_rate": 1e300}))
    assert trace.complete
    assert np.isfinite(trace.loss).all()
    assert set(numbers(trace.decimals["dL_dW1"][-1])) <= {"0", "0e-1000000000000000"}


def test_more_work_than_is_taken_on_ends_the_run(monkeypatch):
    monkeypatch.setattr(verb, "MOST_WORK", 6 * 128 * (verb.OVERHEAD + 3 * 8))
    trace = exactly(COURSE)
    assert not trace.complete
    assert trace.recorded.tolist() == [0, 1, 2, 3, 4, 5]
    assert only_note(trace) == (
        "every digit is proven, with 128 bits, up to iteration 5: the rest is more work than the exact engine takes on"
    )


# ---- progress and interruption -----------------------------------------------------------------------------


@pytest.fixture
def every_iteration(monkeypatch):
    """Reports without waiting."""
    monkeypatch.setattr(verb, "SECONDS_BETWEEN_REPORTS", 0.0)


def test_progress_is_told(every_iteration):
    told = []
    exactly(COURSE, progress=lambda iteration, last: told.append((iteration, last)))
    assert told == [(iteration, 11) for iteration in range(12)]


def interrupting_at(iteration):
    def progress(reached, last):
        if reached == iteration:
            raise KeyboardInterrupt

    return progress


def test_an_interruption_keeps_what_is_proven(every_iteration):
    precision = ctx.prec
    trace = exactly(COURSE, progress=interrupting_at(5))
    assert not trace.complete
    assert trace.recorded.tolist() == [0, 1, 2, 3, 4]
    assert trace.decimals["loss"] == exactly(COURSE).decimals["loss"][:5]
    assert trace.notes == ("every digit is proven, with 128 bits, up to iteration 4: there it was interrupted",)
    assert ctx.prec == precision


def test_an_interruption_before_the_first_row_says_that_nothing_is_proven(every_iteration):
    trace = exactly(COURSE, progress=interrupting_at(0))
    assert len(trace.loss) == 0
    assert trace.decimals["loss"] == []
    assert trace.notes == ("nothing is proven: it was interrupted before, at 128 bits",)


def test_an_interruption_while_a_row_is_written_leaves_whole_rows(monkeypatch):
    keep, calls = verb.Rows.keep, []

    def interrupted(self, iteration, *row):
        if iteration == 3:
            self.balls.append({})
            self.radii.kept += 1
            raise KeyboardInterrupt
        calls.append(iteration)
        keep(self, iteration, *row)

    monkeypatch.setattr(verb.Rows, "keep", interrupted)
    trace = exactly(COURSE)
    assert calls == trace.recorded.tolist() == [0, 1, 2]
    assert len(trace.decimals["loss"]) == len(trace["radius.loss"]) == 3
