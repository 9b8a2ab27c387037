"""What is saved is what is loaded."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings

import backlight as bl
from backlight.traces.as_json import shortest, to_json
from backlight.traces.comparison_as_json import pieces
from tests.traces.traces import BY_CHANCE, assert_same, assert_same_array, strict, traces


def through(trace, ending):
    with TemporaryDirectory() as folder:
        return bl.load(trace.save(Path(folder) / f"trace{ending}"))


@BY_CHANCE
@given(traces())
def test_a_trace_comes_back_from_json_bit_for_bit(trace):
    loaded = through(trace, ".json")
    assert_same(trace, loaded)
    assert loaded == trace
    assert hash(loaded) == hash(trace)


@settings(BY_CHANCE, max_examples=20)
@given(traces())
def test_a_trace_comes_back_from_zarr_bit_for_bit(trace):
    loaded = through(trace, ".zarr")
    assert_same(trace, loaded)
    assert loaded == trace
    assert hash(loaded) == hash(trace)


def test_a_difference_in_one_bit_is_not_the_same():
    trace = bl.run(bl.recipe("course"))
    gradient = through(trace, ".json")["dL_dW1"].copy()
    gradient[3, 1, 0] = np.nextafter(gradient[3, 1, 0], 1)
    other = replace(trace, quantities={**trace.quantities, "dL_dW1": gradient})
    assert other != trace
    with pytest.raises(AssertionError, match="dL_dW1"):
        assert_same(trace, other)


def test_zero_and_minus_zero_are_not_the_same_bits():
    with pytest.raises(AssertionError):
        assert_same_array("loss", np.array([0.0]), np.array([-0.0]))


@pytest.mark.parametrize("ending", [".json", ".zarr"])
@pytest.mark.parametrize("engine", ["hand", "exact"])
@pytest.mark.parametrize("name", ["course", "course-relu", "course-cross-entropy", "xor"])
def test_runs_of_the_ready_recipes_come_back(name, engine, ending):
    recipe = bl.recipe(name).with_({"training.iterations": 3})
    trace = bl.run(recipe, engine=engine)
    assert_same(trace, through(trace, ending))


@pytest.mark.parametrize("ending", [".json", ".zarr"])
def test_mini_batches_with_padding_come_back(ending):
    trace = bl.run(bl.recipe("xor").with_({"training.batch_size": 3, "training.iterations": 4}))
    assert np.isnan(trace["z1"]).any()
    assert_same(trace, through(trace, ending))


def test_the_document_has_the_entries_of_the_design_in_their_order():
    document = to_json(bl.run(bl.recipe("course")))
    assert list(document) == [
        "backlight_trace", "recipe", "engine", "mistake", "versions", "iterations", "recorded", "complete",
        "quantities", "findings",
    ]  # fmt: skip
    assert document["backlight_trace"] == 1
    assert document["engine"] == "hand"
    assert document["mistake"] is None
    assert document["iterations"] == 11
    assert document["recorded"] == list(range(12))
    assert document["complete"] is True
    assert document["recipe"] == json.loads(json.dumps(bl.recipe("course").as_dict()))
    assert [np.shape(document["quantities"][name]) for name in ("loss", "W1", "z1")] == [(12,), (12, 2, 2), (12, 1, 2)]


@pytest.mark.parametrize("engine", ["hand", "autograd"])
@pytest.mark.parametrize("changes", [{}, {"numerics.precision": "float32"}, {"training.batch_size": 3}], ids=str)
def test_types_and_shapes_are_written_only_where_nothing_else_tells_them(changes, engine):
    trace = bl.run(bl.recipe("xor").with_({"training.iterations": 4, **changes}), engine=engine)
    assert "accuracy" in trace
    assert not {"arrays", "midpoints", "notes"} & set(to_json(trace))
    other = "float32" if trace.loss.dtype == np.float64 else "float64"
    odd = replace(trace, quantities={**trace.quantities, "loss": trace.loss.astype(other)})
    assert to_json(odd)["arrays"] == {"loss": {"type": other, "shape": [5]}}


def test_the_exact_engine_adds_midpoints_and_notes_to_the_document():
    added = set(to_json(bl.run(bl.recipe("course"), engine="exact"))) - set(to_json(bl.run(bl.recipe("course"))))
    assert added == {"midpoints", "notes"}


def test_findings_keep_their_sentence_and_their_figures():
    trace = bl.run(bl.recipe("course-relu"))
    assert trace.findings
    for entry, finding in zip(to_json(trace)["findings"], trace.findings, strict=True):
        assert set(entry) == {"finding", "text", "evidence", "message"}
        assert entry["finding"] == finding.name
        assert entry["text"] == finding.text


def test_numbers_that_are_not_finite_have_names(tmp_path):
    recipe = bl.recipe("course").with_({"network.activations": "identity", "training.learning_rate": 1e300})
    file = bl.run(recipe).save(tmp_path / "t.json")
    losses = strict(file.read_text())["quantities"]["loss"]
    assert losses[0] > 0
    assert {"inf", "nan"} & set(losses[1:])


def test_proven_decimals_are_texts_with_the_radius_beside_and_the_midpoints_behind():
    trace = bl.run(bl.recipe("course"), engine="exact")
    document = to_json(trace)
    assert document["quantities"]["loss"] == trace.decimals["loss"]
    assert all(isinstance(text, str) for text in document["quantities"]["loss"])
    assert document["quantities"]["radius.loss"] == trace["radius.loss"].tolist()
    assert document["midpoints"]["loss"] == trace.loss.tolist()


def test_float32_is_written_as_the_shortest_decimal_that_gives_it_back():
    trace = bl.run(bl.recipe("course-torch"))
    text = "".join(json.dumps(to_json(trace)["quantities"]["x"]))
    assert text == "[[0.5, 0.3]]"
    assert float(np.float32(0.3)) != 0.3


@pytest.mark.parametrize("sign", [1, -1])
def test_the_one_float32_whose_shortest_decimal_misleads_keeps_its_digits(sign):
    hard = np.array([0x15AE43FD], dtype=np.uint32).view(np.float32) * np.float32(sign)
    assert str(hard[0]).lstrip("-") == "7.038531e-26"
    assert np.float32(float(str(hard[0]))) != hard[0], "the reason for the exception is gone"
    assert shortest(hard).astype(np.float32) == hard


def test_the_numbers_of_a_recipe_keep_the_text_they_were_written_as(tmp_path):
    text = (Path(bl.__file__).parent / "recipes/ready/course.toml").read_text()
    recipe = bl.recipe(text.replace("0.5, 0.3", "0.50, 0.3000000000000000000001"))
    loaded = bl.load(bl.run(recipe).save(tmp_path / "t.json")).recipe
    assert [number.text for number in loaded.data.inputs[0]] == ["0.50", "0.3000000000000000000001"]


def test_the_recipe_of_a_saved_trace_finds_its_data_file_from_where_the_trace_stands(tmp_path):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / "recipes" / "points.csv").write_text("0.5,0.3,0.23,-0.07\n")
    text = (Path(bl.__file__).parent / "recipes/ready/course.toml").read_text()
    begin, end = text.index("inputs ="), text.index("[loss]")
    (tmp_path / "recipes" / "mine.toml").write_text(f'{text[:begin]}file = "points.csv"\n{text[end:]}')
    trace = bl.run(bl.recipe(tmp_path / "recipes" / "mine.toml"))
    beside = bl.load(trace.save(tmp_path / "recipes" / "t.json"))
    assert_same(trace, beside)
    for ending in (".json", ".zarr"):
        elsewhere = bl.load(trace.save(tmp_path / "runs" / f"t{ending}"))
        assert elsewhere.recipe.data.file == "../recipes/points.csv"
        assert_same_array("loss", bl.run(elsewhere.recipe).loss, trace.loss)


@BY_CHANCE
@given(traces())
def test_the_long_table_holds_every_number_once_where_it_belongs(trace):
    with TemporaryDirectory() as folder:
        file = trace.save(Path(folder) / "t.csv")
        with file.open(newline="") as stream:
            lines = list(csv.DictReader(stream))
    assert len(lines) == sum(values.size for values in trace.values())
    rows = {str(iteration): k for k, iteration in enumerate(trace.recorded)}
    filled = {name: np.zeros_like(values) for name, values in trace.items()}
    for line in lines:
        index = [int(line[column]) for column in ("sample", "row", "column") if line[column]]
        if line["iteration"]:
            index.insert(0, rows[line["iteration"]])
        values = filled[line["quantity"]]
        values[tuple(index)] = values.dtype.type(line["value"])
    for name, values in trace.items():
        assert_same_array(name, values, filled[name])


def test_the_long_table_of_the_exercise_begins_with_the_data(tmp_path):
    lines = bl.run(bl.recipe("course")).save(tmp_path / "t.csv").read_text().splitlines()
    assert lines[:7] == [
        "iteration,quantity,sample,row,column,value",
        ",x,0,,0,0.5",
        ",x,0,,1,0.3",
        ",y,0,,0,0.23",
        ",y,0,,1,-0.07",
        "0,W1,,0,0,0.2",
        "0,W1,,0,1,-0.4",
    ]


def test_axes_of_the_dataset_have_names_and_the_units_their_labels():
    trace = bl.run(bl.recipe("course"), record="all:5")
    data = trace.to_xarray()
    assert data["dL_dW2"].dims == ("iteration", "unit1", "unit2")
    assert data["a1"].dims == ("iteration", "sample", "unit1")
    assert data["y"].dims == ("sample", "unit2")
    assert data["iteration"].values.tolist() == [0, 5, 10, 11]
    assert data["unit2"].values.tolist() == ["o1", "o2"]
    one = data["dL_dW1"].sel(iteration=5, unit0="x2", unit1="h1").item()
    assert one == trace["dL_dw3"][1]
    assert json.loads(data.attrs["recipe"])["network"]["layers"] == [2, 2, 2]


def test_rows_of_a_batch_are_an_axis_of_their_own():
    data = bl.run(bl.recipe("xor").with_({"training.batch_size": 3, "training.iterations": 2})).to_xarray()
    assert data["z1"].dims == ("iteration", "batch_sample", "unit1")
    assert data.sizes["batch_sample"] == 3
    assert data.sizes["sample"] == 4


def test_any_program_that_reads_zarr_can_open_a_saved_trace(tmp_path):
    import xarray

    trace = bl.run(bl.recipe("course"))
    with xarray.open_zarr(trace.save(tmp_path / "t.zarr"), consolidated=False) as data:
        assert_same_array("W1", data["W1"].values, trace["W1"])
        assert data["unit1"].values.tolist() == ["h1", "h2"]


def test_figures_of_a_finding_come_back_as_the_numbers_they_were(tmp_path):
    evidence = {"loss": float("inf"), "least": -np.inf, "lost": np.nan, "mean": np.float32(0.1), "k": np.int64(3)}
    finding = bl.Finding(name="diverged", message="{loss:.3g} {least:g} {lost:g} {mean:g} {k:d}", evidence=evidence)
    trace = replace(bl.run(bl.recipe("course")), findings=(finding,))
    loaded = bl.load(trace.save(tmp_path / "t.json")).findings[0]
    assert loaded.text == finding.text == "inf -inf nan 0.1 3"


def test_a_comparison_has_a_document_with_those_of_its_traces():
    comparison = bl.compare("course", mistakes=["sum-of-weight-gradients"])
    document = strict("".join(pieces(comparison, outcomes=["stalled", "converged"])))
    assert document["outcomes"] == ["stalled", "converged"]
    assert document["backlight_comparison"] == 1
    assert document["names"] == ["right", "sum-of-weight-gradients"]
    assert document["varied"] == {"mistake": [None, "sum-of-weight-gradients"]}
    assert document["traces"][1] == to_json(comparison.traces[1])
    apart = comparison.partings[0].apart
    assert document["partings"][0]["apart"] == {
        "iteration": 0, "quantity": "dL_da1", "label": "dL_dh1",
        "reference": apart.reference, "value": apart.value, "ulp": apart.ulp,
    }  # fmt: skip
    worst = {one["quantity"]: one["ulp"] for one in document["partings"][0]["differences"]}
    assert worst == {one.quantity: one.ulp for one in comparison.partings[0].differences}
