from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import backlight as bl
from backlight.language.widths import WIDTH
from backlight.traces.compare import side_by_side
from backlight.views import comparison_table
from tests.conformance.random_recipes import recipes
from tests.language.speech import speaking
from tests.views.reading import numbers

RATES = [1, 10, 100]


def compared(field, values, **changes):
    """The exercise with a field varied, each run named by its value."""
    recipe = bl.recipe("course").with_(changes)
    return side_by_side([bl.run(recipe.with_({field: value})) for value in values], [str(value) for value in values])


@pytest.fixture(scope="module")
def rates():
    return compared("training.learning_rate", RATES)


def test_losses_outputs_and_parameters_of_every_run_are_there_and_right(rates):
    shown = numbers(comparison_table(rates))
    for rate in RATES:
        # the exact engine is the witness: rounded to the digits shown, it says the same
        exact = bl.run(bl.recipe("course").with_({"training.learning_rate": rate}), engine="exact")
        for label in ["o1", "o2", *(f"w{k}" for k in range(1, 9))]:
            text = shown[str(rate), label]
            assert Decimal(text) == Decimal(float(exact[label][-1])).quantize(Decimal(text))
    losses = [line.split() for line in comparison_table(rates).split("\nloss\n")[1].splitlines()[1:4]]
    assert [line[:3] for line in losses] == [
        [name, f"{trace.loss[0]:.8f}", f"{trace.loss[-1]:.8f}"]
        for name, trace in zip(rates.names, rates.traces, strict=True)
    ]


def test_what_all_runs_share_is_said_once_and_what_differs_is_named(rates):
    text = comparison_table(rates)
    assert text.count("2-2-2, sigmoid, no biases") == 1
    assert "optimizer" not in text
    assert "where they differ\n  training.learning_rate  1, 10, 100\n" in text


def test_values_are_written_as_in_a_recipe():
    layers, changes = {"network.layers": [1, 3, 1]}, {"parameters.weights": None, "parameters.initializer": "zeros"}
    one = {"data.inputs": [[1.50]], "data.targets": [[0]], "network.biases": True}
    recipe = bl.recipe("course")
    text = comparison_table(side_by_side([bl.run(recipe.with_(layers | changes | one)), bl.run(recipe)], ["a", "b"]))
    told = dict(line.split(maxsplit=1) for line in text.split("where they differ\n")[1].split("\n\n")[0].splitlines())
    assert told["network.layers"] == "[1, 3, 1], [2, 2, 2]"
    assert told["network.biases"] == "true, false"
    assert told["data.targets"] == "[[0]], [[0.23, -0.07]]"
    assert told["parameters.initializer"] == "zeros, none"


def test_a_comparison_shows_no_output_that_a_short_batch_has_not():
    recipe = bl.recipe("xor").with_({"training.batch_size": 3, "training.iterations": 5})
    runs = [bl.run(recipe.with_({"training.learning_rate": rate})) for rate in (0.1, 0.2)]
    text = comparison_table(side_by_side(runs, ["slow", "fast"]))
    assert "outputs at the end\n  run         o1@0\n" in text
    assert "nan" not in text


def test_each_run_has_its_outcome():
    text = comparison_table(compared("training.learning_rate", [0.001, 1000], **{"training.iterations": 50}))
    assert [line.split("  ")[-1] for line in text.split("\nloss\n")[1].splitlines()[1:3]] != ["", ""]


def test_long_names_become_numbers_with_a_legend():
    names = ["a name that is much too long for a column", "another name that is as long as the first"]
    trace = bl.run(bl.recipe("course"))
    text = comparison_table(side_by_side([trace, trace], names))
    assert f"runs\n  1  {names[0]}\n  2  {names[1]}\n" in text
    assert ("1", "o1") in numbers(text)


def test_a_matrix_that_differs_is_not_printed():
    weights = [[[0.1, 0.1], [0.1, 0.1]], [[0.1, 0.1], [0.1, 0.1]]]
    runs = [bl.run(bl.recipe("course")), bl.run(bl.recipe("course").with_({"parameters.weights": weights}))]
    assert "  parameters.weights  (not shown)\n" in comparison_table(side_by_side(runs, ["given", "equal"]))


def test_engines_are_compared_number_by_number():
    course = bl.recipe("course")
    comparison = side_by_side([bl.run(course, engine=name) for name in ("exact", "hand")], ["exact", "hand"])
    text = comparison_table(comparison)
    rows = text.split("largest distance of hand from exact\n")[1].split("\n\n")[0].splitlines()
    assert rows[0].split() == ["quantity", "at", "iteration", "ulp", "relative"]
    for difference in comparison.partings[0].differences:
        if difference.quantity not in "xy":
            row = next(row.split() for row in rows if row.split()[0] == difference.quantity)
            assert row[1:3] == [difference.at.label, str(difference.at.iteration)]
            assert float(row[3]) == pytest.approx(difference.ulp, rel=1e-3)  # four digits are shown


def test_a_mistake_is_shown_by_the_first_number_it_makes_wrong():
    course = bl.recipe("course")
    runs = [bl.run(course), bl.run(course, mistake="sum-of-weight-gradients")]
    text = " ".join(comparison_table(side_by_side(runs, ["right", "wrong"])).split())
    assert "mistake none, sum-of-weight-gradients" in text
    right, wrong = (float(run["dL_dh1"][0]) for run in runs)
    assert f"wrong parts from right by more than 4 ulp at dL_dh1 of iteration 0: {wrong!r} beside {right!r} " in text


def test_of_the_exact_engine_no_digit_is_shown_that_is_not_proven():
    course = bl.run(bl.recipe("course"), engine="exact")
    few = replace(
        course, decimals=dict(course.decimals) | {"loss": ["0.21", *["nan"] * 11], "a2": [[["0.4", "0.3"]]] * 12}
    )
    shown = numbers(comparison_table(side_by_side([course, few], ["all", "few"])))
    assert (shown["few", "o1"], shown["few", "o2"]) == ("0.4", "0.3")
    assert shown["all", "o1"] == f"{course['o1'][-1]:.8f}"
    losses = comparison_table(side_by_side([few], ["few"])).split("\nloss\n")[1].splitlines()[1].split()
    assert losses[1:3] == ["0.21", "nan"]


def test_different_recipes_that_give_the_same_numbers_are_told():
    # Whether the first two round alike is up to the processor, so one loss is moved by one ulp here.
    half, mean, huber = ("half_sum_squared_error", "mean_squared_error", "huber")
    runs = [bl.run(bl.recipe("course").with_({"loss.name": name})) for name in (half, mean, huber)]
    losses = np.concatenate([runs[0].loss[:-1], [np.nextafter(runs[0].loss[-1], 1)]])
    runs[1] = replace(runs[1], quantities=dict(runs[0].quantities) | {"loss": losses})
    text = " ".join(comparison_table(side_by_side(runs, [half, mean, huber])).split())
    assert "mean_squared_error and half_sum_squared_error agree within 4 ulp" in text
    assert "huber and half_sum_squared_error" not in text
    assert "largest distance" not in text


def test_the_same_run_twice_is_told_to_be_the_same():
    trace = bl.run(bl.recipe("course"))
    text = comparison_table(side_by_side([trace, trace], ["one", "two"]))
    assert "number by number\n  - two and one: every number that both have is the same" in text
    assert "largest distance" not in text


def test_a_finding_of_every_run_is_told_once_and_one_of_a_single_run_with_its_name(rates):
    text = comparison_table(compared("network.activations", ["sigmoid", "relu"]))
    assert text.count("findings\n") == 1
    after = text.split("findings\n")[1]
    assert "\n  relu\n  - " in after
    everywhere = rates.traces[0].findings[0].text
    assert " ".join(comparison_table(rates).split()).count(everywhere) == 1


def test_scores_stand_beside_the_loss():
    recipe = bl.recipe("course").with_({"data.targets": [[1, 0]]})
    text = comparison_table(side_by_side([bl.run(recipe)] * 2, ["one", "two"]))
    assert "accuracy" in text.split("\nloss\n")[1].splitlines()[0]


def test_runs_of_different_networks_are_compared_by_their_losses_alone():
    small = bl.recipe("course").with_(
        {"network.layers": [2, 1, 2], "parameters.weights": [[[0.2], [0.5]], [[0.1, 0.2]]]}
    )
    text = comparison_table(side_by_side([bl.run(bl.recipe("course")), bl.run(small)], ["two", "one"]))
    assert "parameters at the end" not in text
    assert "network.layers" in text


def test_a_run_that_was_stopped_is_named_in_the_notes(rates):
    stopped = replace(
        rates.traces[0],
        complete=False,
        recorded=rates.traces[0].recorded[:0],
        quantities={name: v if name in "xy" else v[:0] for name, v in rates.traces[0].quantities.items()},
        findings=(),
    )
    comparison = replace(rates, traces=(stopped, *rates.traces[1:]), partings=())
    text = comparison_table(comparison)
    assert "notes\n  - 1: stopped before the first iteration was done" in text
    assert "nan" in text.split("\nloss\n")[1].splitlines()[1]


@given(recipes(iterations=[2, 0]), st.lists(st.text(max_size=40), min_size=2, max_size=3, unique=True))
@settings(max_examples=40, deadline=None)
def test_every_line_fits_80_columns_in_both_languages(recipe, names):
    other = recipe.with_({"numerics.precision": "float32", "training.iterations": 3})
    comparison = side_by_side([bl.run([recipe, other][k % 2]) for k in range(len(names))], names)
    for name in ("en", "zh"):
        with speaking(name):
            lines = comparison_table(comparison).splitlines()
        assert max(map(cell_len, lines)) <= WIDTH


def test_hostile_names_are_inert(rates):
    text = comparison_table(replace(rates, names=("\x1b[31mred", "b\x07\n\nc", "d")))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"\x1b[31mred" in text
