import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from rich.cells import cell_len

import backlight as bl
from backlight.language.widths import WIDTH
from backlight.recipes.labels import parameter_labels
from backlight.traces.trace import Finding
from backlight.views import findings_text, transcript
from backlight.views.text.selection import shown_rows
from tests.conformance.random_recipes import recipes
from tests.language.speech import speaking
from tests.views.reading import labelled, numbers

WEIGHTS = [f"w{k}" for k in range(1, 9)]


@pytest.fixture(scope="module")
def course():
    return bl.run(bl.recipe("course"))


@pytest.fixture(scope="module")
def exact():
    return bl.run(bl.recipe("course"), engine="exact")


def rounded_like(shown: str, proven: float | str) -> Decimal:
    """A proven number with as many decimals as are shown."""
    return Decimal(proven).quantize(Decimal(shown))


def test_every_number_of_the_exercise_is_there_and_is_the_proven_one(course, exact):
    shown = numbers(transcript(course))
    for label in ["o1", "o2", "loss", *(f"dL_d{w}" for w in WEIGHTS)]:
        for row in range(12):
            # float64 is right to 15 digits here, the proven decimals have 17: both round to the same 8
            text = shown[str(row), label]
            assert Decimal(text) == rounded_like(text, float(exact[label][row])), (label, row)
    assert len(shown) == 12 * 11


def test_inputs_targets_and_parameters_before_and_after_are_there(course, exact):
    text = transcript(course)
    assert labelled(text, "inputs and targets") == {"x1": "0.5", "x2": "0.3", "y1": "0.23", "y2": "-0.07"}
    start = ["0.2", "-0.4", "0.5", "0.6", "0.1", "-0.5", "-0.3", "0.8"]
    assert labelled(text, "parameters at the start") == dict(zip(WEIGHTS, start, strict=True))
    for label, shown in labelled(text, "parameters at the end, iteration 11").items():
        assert Decimal(shown) == rounded_like(shown, float(exact[label][-1]))


def test_the_exact_engine_prints_what_is_proven_and_nothing_else(exact):
    shown = numbers(transcript(exact))
    for (row, label), text in shown.items():
        name, *index = ("loss",) if label == "loss" else place_of(exact, label)
        entry = exact.decimals[name][int(row)]
        for position in index:
            entry = entry[position]
        assert text == entry


def place_of(trace, label):
    from backlight.recipes.labels import place

    where = place(trace.recipe, label)
    return (where.quantity, *where.index)


def test_the_heading_says_what_was_run():
    recipe = bl.recipe("course").with_(
        {
            "network.activations": ["relu", {"name": "leaky_relu", "negative_slope": 0.2}],
            "training.optimizer": "adam",
            "training.betas": [0.8, 0.9],
            "numerics.precision": "float32",
        }
    )
    heading = transcript(bl.run(recipe)).split("\n\n")[1]
    assert heading.splitlines() == [
        "network    2-2-2, relu, leaky_relu (negative_slope 0.2), no biases",
        "loss       half_sum_squared_error",
        "           L = sum_k 1/2 (a_k - y_k)^2",
        "optimizer  adam, learning rate 1.0, betas (0.8, 0.9), iterations 11",
        "engine     hand, float32",
    ]


def test_a_mistake_is_named_in_the_heading():
    text = transcript(bl.run(bl.recipe("course"), mistake="sign-error"))
    assert "engine     hand, float64, with the mistake sign-error\n" in text


def test_float32_shows_seven_digits(course):
    single = bl.run(bl.recipe("course").with_({"numerics.precision": "float32"}))
    assert numbers(transcript(single))["0", "o1"] == "0.4769458"
    assert numbers(transcript(course))["0", "o1"] == "0.47694576"


def test_dead_gradients_are_bare_zeros():
    shown = numbers(transcript(bl.run(bl.recipe("course").with_({"network.activations": "relu"}))))
    dead = {label for (_row, label), text in shown.items() if text == "0"}
    assert dead == {"o2", "dL_dw2", "dL_dw4", "dL_dw6", "dL_dw7", "dL_dw8"}


def test_a_run_that_overflows_shows_inf_and_nan():
    # One weight, so that no sum of infinities comes in between: 1 -> -1e200 -> 1e400, which is infinite.
    one_weight = {
        "network": {"layers": [1, 1], "activations": "identity"},
        "parameters": {"weights": [[[1.0]]]},
        "data": {"inputs": [[1.0]], "targets": [[0.0]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 1e200, "iterations": 3},
    }
    shown = numbers(transcript(bl.run(one_weight)))
    assert [shown[f"{row}", "loss"] for row in (1, 2, 3)] == ["inf", "inf", "nan"]


def with_iterations(number):
    return bl.run(bl.recipe("course").with_({"training.iterations": number}))


def test_a_long_run_says_how_many_iterations_it_leaves_out():
    text = transcript(with_iterations(1000))
    assert "  12 of 1001 recorded iterations; --save run.csv keeps them all\n" in text
    assert {row for row, _label in numbers(text)} == {
        "0",
        "1",
        "2",
        "5",
        "10",
        "20",
        "50",
        "100",
        "200",
        "500",
        "999",
        "1000",
    }


def test_a_run_without_an_update_has_no_end_beside_its_start():
    text = transcript(with_iterations(0))
    assert "parameters at the start" in text
    assert "parameters at the end" not in text


@pytest.mark.parametrize(("record", "holds"), [("loss", {"loss"}), ("parameters", {"loss"}), ("all:4", {"loss", "o1"})])
def test_what_was_not_recorded_is_left_out(record, holds):
    text = transcript(bl.run(bl.recipe("course"), record=record))
    shown = {label for _row, label in numbers(text)}
    assert holds <= shown
    assert ("dL_dw1" in shown) == (record == "all:4")
    assert ("parameters at the end" in text) == (record != "loss")


def test_a_run_that_was_stopped_says_where(course):
    stopped = replace(
        course,
        complete=False,
        recorded=course.recorded[:5],
        quantities={name: values if name in "xy" else values[:5] for name, values in course.quantities.items()},
    )
    assert transcript(stopped).endswith("notes\n  - stopped at iteration 4 of 11")


def test_a_run_that_was_stopped_at_once_is_told_too(course):
    nothing = {name: values if name in "xy" else values[:0] for name, values in course.quantities.items()}
    text = transcript(replace(course, complete=False, recorded=course.recorded[:0], quantities=nothing, findings=()))
    assert text.endswith("notes\n  - stopped before the first iteration was done")
    assert "parameters" not in text


def test_findings_and_notes_are_sentences_with_a_dash(course):
    told = replace(
        course,
        findings=(Finding(name="any", message="{unit} is dead " + "and so on " * 10, evidence={"unit": "o2"}),),
        notes=("recorded less",),
    )
    text = transcript(told)
    assert "\nfindings\n  - o2 is dead and so on" in text
    assert " and\n    so on and" in text
    assert text.endswith("\nnotes\n  - recorded less")


def network(layers, samples, **changes):
    generator = np.random.default_rng(0)
    return bl.recipe(
        {
            "network": {"layers": layers, "activations": "tanh", "biases": True},
            "parameters": {"initializer": "xavier_uniform"},
            "data": {
                "inputs": generator.normal(size=(samples, layers[0])).round(3).tolist(),
                "targets": np.eye(layers[-1])[generator.integers(layers[-1], size=samples)].tolist(),
            },
            "loss": {"name": "softmax_cross_entropy"},
            "training": {"learning_rate": 0.1, "iterations": 3},
        }
    ).with_(changes)


def test_a_large_network_is_summed_up_and_says_by_what():
    trace = bl.run(network([8, 9, 3], 4))
    text = transcript(trace)
    assert "norm of the gradients: root of the sum of squares" in text
    shown = numbers(text)
    for row in range(4):
        norm = float(np.sqrt(np.sum(trace["dL_dW1"][row] ** 2)))
        assert float(shown[str(row), "|dL_dW1|"]) == pytest.approx(norm, rel=1e-6)  # 7 digits are shown
    *spread, _norm = next(line for line in text.splitlines() if line.startswith("  W1")).split()[4:]
    weights = trace["W1"][0]
    expected = (weights.min(), weights.mean(), weights.max())
    assert spread == [
        f"{value:.{-Decimal(word).as_tuple().exponent}f}" for value, word in zip(expected, spread, strict=True)
    ]


def test_every_gradient_of_a_network_of_64_parameters_is_shown():
    trace = bl.run(network([3, 8, 3], 2, **{"network.biases": True, "training.iterations": 1}))
    labels = {f"dL_d{label}" for label in parameter_labels(trace.recipe)}
    assert len(labels) == 59
    assert labels <= {label for _row, label in numbers(transcript(trace))}


def test_outputs_of_several_samples_are_labelled_by_sample():
    trace = bl.run(network([2, 2, 2], 3))
    shown = numbers(transcript(trace))
    assert float(shown["1", "o2@2"]) == pytest.approx(float(trace["o2@2"][1]), rel=1e-6)  # 7 digits at least


def test_mini_batches_name_their_samples():
    trace = bl.run(network([2, 2, 2], 3, **{"training.batch_size": 2}))
    lines = transcript(trace).splitlines()
    heading = next(line for line in lines if line.endswith("  samples"))
    rows = lines[lines.index(heading) + 1 :][:4]
    expected = [" ".join(str(k) for k in batch if k >= 0) for batch in trace["batch"]]
    assert [row[heading.index("samples") :] for row in rows] == expected == ["0 1", "2", "0 1", "2"]


def test_accuracy_is_shown_where_it_was_measured():
    trace = bl.run(network([2, 2, 2], 40, **{"training.batch_size": 10, "training.iterations": 8}))
    shown = numbers(transcript(trace))
    measured = {row for row, label in shown if label == "accuracy"}
    assert measured == {"0", "4", "8"}
    assert shown["8", "accuracy"] == f"{trace['accuracy'][-1]:.4f}"


def test_a_short_batch_leaves_blank_what_is_padding_and_shows_what_is_no_number():
    short = bl.run(network([2, 2, 2], 3, **{"training.batch_size": 2, "training.iterations": 3}))
    padded = np.isnan(short["a2"]).any(axis=(1, 2))
    assert padded.tolist() == [False, True, False, True]
    table = transcript(short).split("outputs and loss\n")[1].split("\n\n")
    assert [len(line.split()) for line in table[0].splitlines()] == [5, 5, 3, 5, 3]
    assert "nan" not in transcript(short)
    lost = bl.run(short.recipe.with_({"network.activations": "identity", "training.learning_rate": 1e300}))
    assert "nan" in transcript(lost)


def test_a_long_run_in_mini_batches_shows_the_rows_in_which_accuracy_was_measured():
    trace = bl.run(network([2, 2, 2], 12, **{"training.batch_size": 2, "training.iterations": 60}))
    assert set(range(0, 61, 6)) <= set(trace.recorded[shown_rows(trace)].tolist())
    longer = bl.run(network([2, 2, 2], 12, **{"training.batch_size": 2, "training.iterations": 600}))
    rows = longer.recorded[shown_rows(longer)].tolist()
    assert {0, 6, 12, 30, 60, 120, 300, 600} <= set(rows)
    assert len(rows) < 30


def test_findings_stand_alone_too():
    findings = [Finding(name="a", message="first"), Finding(name="b", message="second")]
    assert findings_text(findings) == "  - first\n  - second"
    assert findings_text([]) == ""


def test_many_samples_are_told_by_their_number():
    text = transcript(bl.run(network([3, 2, 2], 17)))
    assert "data: samples x units\n  from     the recipe\n  inputs   17 x 3\n  targets  17 x 2\n" in text


@given(recipes(precisions=["float64", "float32"], iterations=[3, 0, 1, 40]))
@settings(max_examples=60, deadline=None)
def test_every_line_fits_80_columns_in_both_languages(recipe):
    trace = bl.run(recipe)
    for name in ("en", "zh"):
        with speaking(name):
            lines = transcript(trace).splitlines()
        assert max(map(cell_len, lines)) <= WIDTH
        assert not [line for line in lines if line != line.rstrip()]


def test_a_line_that_is_too_wide_would_be_found(course):
    wide = replace(course, notes=("ａ" * 41,))  # 82 columns in 41 characters
    assert max(len(line) for line in transcript(wide).splitlines()) <= WIDTH
    assert cell_len("ａ" * 41) > WIDTH


def test_a_hostile_title_cannot_command_the_terminal():
    text = transcript(bl.run(bl.recipe("course").with_({"title": "\x1b[2J\x1b]0;owned\x07 title\r\n\u202eend"})))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert text.startswith(r"\x1b[2J\x1b]0;owned\x07 title \u202eend")


def test_the_same_trace_gives_the_same_text(course):
    assert transcript(course) == transcript(bl.run(bl.recipe("course")))


def test_where_a_loss_ceases_to_be_finite_is_among_the_shown_rows():
    recipe = bl.recipe("course").with_(
        {"network.activations": "identity", "training.learning_rate": 20, "training.iterations": 400}
    )
    trace = bl.run(recipe)
    lost = int(np.flatnonzero(~np.isfinite(trace.loss))[0])
    assert {lost - 1, lost} <= set(shown_rows(trace).tolist())
