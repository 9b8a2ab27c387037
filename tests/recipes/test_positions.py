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
        (("loss", "name"), None),
        ((), None),
    ],
)
def test_fields_of_toml_are_found(path, place):
    assert toml_positions(TOML, of_keys=set())(path) == place


def test_where_a_name_is_wrong_the_name_is_found():
    key = ("parameters", "a key")
    assert toml_positions(TOML, of_keys={key})(key) == (5, 1)


def test_windows_line_ends_count_as_one():
    assert toml_positions(TOML.replace("\n", "\r\n"), of_keys=set())(("data", "inputs", 1, 1)) == (11, 17)


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
        (("loss", "name"), None),
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
