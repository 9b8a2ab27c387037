"""Line and column of a field are those an editor shows, in TOML and in JSON."""

import sys

import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.reading.positions import json_positions, toml_positions

TOML = """\
title = "é 中 x"
network.layers = [2, 3]

[parameters]
"a key" = 1
weights = [[
  [0.5, nan],
]]   # w
[ data ]
inputs = [[0.5, 0.25],
          [1.0, 2.0]]
[numerics]
activations = ["é", {name = "elu", alpha = 1}]
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (1, 9)),
        (("network", "layers"), (2, 18)),
        (("network", "layers", 1), (2, 22)),
        (("parameters", "weights"), (6, 11)),
        (("parameters", "weights", 0, 0, 1), (7, 9)),
        (("data", "inputs", 1), (11, 11)),
        (("data", "inputs", 1, 1), (11, 17)),
        (("data", "targets"), (9, 1)),
        (("numerics", "activations", 1, "alpha"), (13, 44)),
        (("loss", "name"), (1, 1)),
        (("loss",), (1, 1)),
        ((), (1, 1)),
    ],
)
def test_fields_of_toml_are_found(path, place):
    assert toml_positions(TOML, of_keys=set())(path) == place


def test_where_a_name_is_wrong_the_name_is_found():
    key = ("parameters", "a key")
    assert toml_positions(TOML, of_keys={key})(key) == (5, 1)


def test_windows_line_ends_count_as_one():
    assert toml_positions(TOML.replace("\n", "\r\n"), of_keys=set())(("data", "inputs", 1, 1)) == (11, 17)


HEADERS = """\
[network]
layers = [2, 2, 2]
[network . extra]
z = 1
[[network.activations]]
name = "elu"
[[network.activations]]
alpha = 1
[data.more.deep]
x = {y = 1}
loss.name = "huber"
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("network", "extra"), (3, 1)),
        (("network", "activations"), (5, 11)),
        (("network", "activations", 1), (7, 1)),
        (("network", "activations", 1, "name"), (7, 1)),
        (("data", "more"), (9, 1)),
        (("data", "inputs"), (9, 1)),
        (("data", "more", "deep", "x", "z"), (10, 5)),
        (("data", "more", "deep", "loss"), (11, 6)),
    ],
)
def test_tables_with_headers_of_their_own_are_found_and_what_is_missing_in_them(path, place):
    assert toml_positions(HEADERS, of_keys={path})(path) == place


@pytest.mark.parametrize("name", ["value_line", "value_raw", "key_line", "value"])
def test_a_field_may_be_called_as_the_reader_of_places_calls_its_own(name):
    text = f"[network]\n{name} = 3\n"
    assert toml_positions(text, of_keys=set())(("network", name)) == (2, len(name) + 4)
    assert toml_positions(text, of_keys=set())(("network", "layers")) == (1, 1)


JSON = """\
{"title": "a \\" [ , é",
 "network": {
    "layers" : [2,
      33]},
 "data": {"inputs": [[0.5, -1e-3], []], "targets": {}}, "last": null}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (1, 11)),
        (("network",), (2, 13)),
        (("network", "layers"), (3, 16)),
        (("network", "layers", 1), (4, 7)),
        (("data", "inputs", 0, 1), (5, 28)),
        (("data", "inputs", 1), (5, 36)),
        (("data", "targets"), (5, 52)),
        (("last",), (5, 65)),
        (("network", "activations"), (2, 13)),
        (("loss", "name"), (1, 1)),
    ],
)
def test_values_of_json_are_found_and_what_is_missing_in_the_table_it_is_missing_in(path, place):
    assert json_positions(JSON)(path) == place


def test_without_toml_rs_faults_are_told_without_line_and_column(monkeypatch):
    monkeypatch.setitem(sys.modules, "toml_rs", None)
    with pytest.raises(RecipeError) as raised:
        bl.recipe("title = 3\n[network]\n")
    assert [fault.where for fault in raised.value.faults][-1] == "<toml>  training"
    assert "<toml>  title" in [fault.where for fault in raised.value.faults]


@pytest.mark.parametrize("text", ["title = 'x'\ntraining.iterations = 3\n", "\n  training = {iterations = 3}\n"])
def test_what_is_missing_in_a_table_without_a_header_is_looked_for_where_the_table_begins(text):
    line = next(number for number, one in enumerate(text.split("\n"), 1) if "training" in one)
    assert toml_positions(text, of_keys=set())(("training", "learning_rate"))[0] == line


@pytest.mark.parametrize(("name", "text"), [("empty.toml", ""), ("title.toml", "title = 'x'\n"), ("empty.json", "{}")])
def test_a_missing_table_is_missing_at_the_beginning_of_the_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(RecipeError) as raised:
        bl.recipe(tmp_path / name)
    places = [fault.where.split("  ") for fault in raised.value.faults]
    assert {field for _place, field in places} == {"network", "parameters", "data", "loss", "training"}
    assert all(place.endswith(f"{name}:1:1") for place, _field in places)
