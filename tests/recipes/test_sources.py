"""A recipe comes from a name, a file, a text, a dictionary or a saved trace, and keeps the texts of its numbers."""

import errno
import json
import os
import pickle
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.ready import ORDER, ready_text
from tests.recipes.planted import DRAWN, WRITTEN

COURSE = ready_text("course")


def fault_of(source):
    with pytest.raises(RecipeError) as raised:
        bl.recipe(source)
    (fault,) = raised.value.faults
    return fault


def test_a_recipe_is_already_one():
    course = bl.recipe("course")
    assert bl.recipe(course) is course


def test_toml_and_json_and_dictionaries_say_the_same(tmp_path):
    course = bl.recipe("course")
    toml, json_, odd = tmp_path / "a.toml", tmp_path / "a.json", tmp_path / "recipe"
    toml.write_text(COURSE)
    json_.write_text(json.dumps(course.as_dict()))
    odd.write_text(json.dumps(course.as_dict()))
    sources = [
        toml,
        str(toml),
        json_,
        str(json_),
        str(odd),
        COURSE,
        json.dumps(course.as_dict(), indent=1),
        course.as_dict(),
    ]
    assert all(bl.recipe(source) == course for source in sources)


def test_a_text_of_one_line_is_toml_when_it_has_an_equals_sign():
    with pytest.raises(RecipeError, match="network is missing"):
        bl.recipe('title = "only this"')


def test_a_path_may_have_an_equals_sign_in_it(tmp_path):
    file = tmp_path / "lr=0.1.toml"
    file.write_text(COURSE)
    assert bl.recipe(str(file)) == bl.recipe("course")


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbf" + COURSE.replace("\n", "\r\n").encode())
    assert bl.recipe(file) == bl.recipe("course")


def test_arrays_and_scalars_of_numpy_are_numbers():
    tree = deepcopy(WRITTEN)
    tree["network"]["layers"] = np.array([2, 2, 2])
    tree["parameters"]["weights"] = [np.array(matrix) for matrix in WRITTEN["parameters"]["weights"]]
    tree["data"] = {"inputs": np.array([[0.5, 0.3]]), "targets": (np.array([0.23, -0.07]),)}
    tree["training"] = {"learning_rate": np.float64(1), "iterations": np.int32(11)}
    assert bl.recipe(tree) == bl.recipe(WRITTEN)


def test_a_number_of_float32_is_the_double_that_it_is():
    recipe = bl.recipe(WRITTEN | {"training": {"learning_rate": np.float32(0.1), "iterations": 1}})
    assert recipe.training.learning_rate == float(np.float32(0.1)) != 0.1


def test_sections_of_another_recipe_may_stand_in_a_dictionary():
    course = bl.recipe("course")
    drawn = bl.recipe(DRAWN)
    assert bl.recipe(WRITTEN | {"training": course.training}).training == course.training
    assert bl.recipe(DRAWN | {"network": drawn.network}) == drawn


@pytest.mark.parametrize(
    "text", ["0.10", "1e-1", "1", "-0.0", "0.1000000000000000055511151231257827", "1_000.5", "+2.5"]
)
def test_numbers_keep_the_text_they_were_written_as(text):
    toml = COURSE.replace("learning_rate = 1.0", f"learning_rate = {text}").replace("0.3]", f"{text}]")
    read = bl.recipe(toml).data.inputs[0][1]
    assert Decimal(read.text) == Decimal(text.replace("_", ""))
    assert float(read) == float(text)
    if text[0] not in "+1_" or "_" not in text:
        tree = json.loads(json.dumps(WRITTEN).replace("0.3]", text.removeprefix("+") + "]"), parse_float=str)
        assert str(tree["data"]["inputs"][0][1]) == text.removeprefix("+")
        as_json = json.dumps(WRITTEN).replace("0.3]", text.removeprefix("+") + "]")
        assert bl.recipe(as_json).data.inputs[0][1].text == text.removeprefix("+")


def test_the_text_of_a_float_is_its_repr():
    assert bl.recipe(WRITTEN | {"data": {"inputs": [[1 / 3, 2]], "targets": [[0, 0]]}}).data.inputs[0][0].text == repr(
        1 / 3
    )


# ---- saved traces ------------------------------------------------------------------------------------------


def trace(recipe, **more):
    return {"backlight_trace": 1, "recipe": recipe, "engine": "hand", "quantities": {"loss": [0.5, "nan"]}} | more


@pytest.mark.parametrize("indent", [None, 2])
def test_of_a_saved_trace_the_recipe_is_taken(tmp_path, indent):
    file = tmp_path / "t.json"
    file.write_text(json.dumps(trace(bl.recipe("course").as_dict()), indent=indent))
    assert bl.recipe(file) == bl.recipe("course")


def test_the_numbers_of_a_saved_trace_are_not_read(tmp_path):
    whole = json.dumps(trace(bl.recipe("course").as_dict()))
    file = tmp_path / "t.json"
    file.write_text(whole[: whole.index("quantities") + 20])
    assert bl.recipe(file) == bl.recipe("course")


def test_a_saved_trace_may_have_its_fields_in_another_order():
    text = json.dumps(dict(reversed(trace(bl.recipe("course").as_dict()).items())))
    assert bl.recipe(text) == bl.recipe("course")


def test_of_the_folder_of_a_saved_trace_the_recipe_is_taken(tmp_path):
    store = tmp_path / "run.zarr"
    store.mkdir()
    metadata = {"attributes": {"backlight_trace": 1, "recipe": json.dumps(bl.recipe("course").as_dict())}}
    (store / "zarr.json").write_text(json.dumps(metadata))
    assert bl.recipe(store) == bl.recipe("course")


@pytest.mark.parametrize("metadata", ["{}", "[]", '{"attributes": {}}', '{"attributes": {"recipe": 3}}', "{"])
def test_a_folder_without_a_recipe_in_it_is_none(tmp_path, metadata):
    (tmp_path / "zarr.json").write_text(metadata)
    assert fault_of(tmp_path).code in {"R-FILE-1", "R-SYNTAX-1"}


def test_the_faults_of_a_saved_recipe_are_told_with_its_file(tmp_path):
    file = tmp_path / "t.json"
    file.write_text(json.dumps(trace(WRITTEN | {"title": 3})))
    assert fault_of(file).where == f"{file}  title"


# ---- what is no source ---------------------------------------------------------------------------------------


def test_an_unknown_name_gets_the_nearest_and_the_list():
    fault = fault_of("cource")
    assert (fault.code, fault.try_this) == ("R-NAME-1", "course")
    assert all(name in fault.because for name in ORDER)


@pytest.mark.parametrize("name", ["nosuch.toml", "nosuch.json", "some/where", "nosuch.zarr", "a\0b.toml"])
def test_a_missing_file_is_told_and_something_that_exists_is_offered(name):
    fault = fault_of(name)
    assert fault.code == "R-FILE-1"
    assert bl.recipe(fault.try_this)


def test_a_name_longer_than_any_file_s_is_an_unknown_name():
    assert fault_of("course" * 1000).code == "R-NAME-1"


def test_a_saved_trace_whose_recipe_is_broken_off_is_told_as_broken_json():
    assert fault_of(json.dumps(trace(WRITTEN))[:100]).code == "R-SYNTAX-1"


def test_a_data_file_may_be_a_path():
    assert bl.recipe(WRITTEN | {"data": {"file": Path("points.csv")}}).data.file == "points.csv"


def test_a_missing_file_gets_its_nearest_neighbour(tmp_path):
    (tmp_path / "network.toml").write_text(COURSE)
    assert fault_of(tmp_path / "netwrok.toml").try_this == str(tmp_path / "network.toml")


def test_a_folder_is_no_recipe(tmp_path):
    fault = fault_of(tmp_path)
    assert (fault.code, fault.sentence) == ("R-FILE-1", f"{tmp_path} is a folder, not a file")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00t", "title = 1".encode("utf-16"), b"\x80"])
def test_what_is_no_utf8_is_told_with_the_byte(tmp_path, content):
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    fault = fault_of(file)
    assert (fault.code, fault.because) == ("R-FILE-1", "byte 0 of it cannot be read")


def test_what_the_system_refuses_is_told_in_its_words(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(COURSE)
    fault = fault_of(file / "b.toml")
    assert (fault.code, fault.because) == ("R-FILE-1", os.strerror(errno.ENOTDIR))


@pytest.mark.parametrize("source", [3, None, 2.5, ["course"], object(), b"course"])
def test_what_is_no_source_at_all_is_told(source):
    assert fault_of(source).code == "R-TYPE-1"


def test_an_empty_name_is_no_recipe():
    assert fault_of("").code == "R-NAME-1"


# ---- a recipe is a value -----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [WRITTEN, DRAWN])
def test_a_recipe_survives_pickling_copying_and_json(source):
    recipe = bl.recipe(source)
    for copy in (pickle.loads(pickle.dumps(recipe)), deepcopy(recipe), bl.recipe(json.dumps(recipe.as_dict()))):  # noqa: S301
        assert (copy, hash(copy)) == (recipe, hash(recipe))
    assert pickle.loads(pickle.dumps(recipe)).training.learning_rate.text == recipe.training.learning_rate.text  # noqa: S301


def test_recipes_that_differ_are_not_equal():
    course = bl.recipe("course")
    assert course.with_({"training.learning_rate": 2}) != course
    assert course != WRITTEN


def test_a_data_file_belongs_to_the_folder_of_its_recipe(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "points.csv").write_text("1,2,3,4\n")
    (folder / "a.toml").write_text(with_file("points.csv"))
    monkeypatch.chdir(tmp_path)
    recipe = bl.recipe("mine/a.toml")
    assert recipe.folder == Path("mine")
    assert recipe.with_({"training.iterations": 1}).folder == Path("mine")
    assert pickle.loads(pickle.dumps(recipe)) == recipe  # noqa: S301
    assert recipe.as_dict()["data"]["file"] == str(folder / "points.csv")
    assert bl.recipe(recipe.as_dict()) == recipe
    assert bl.recipe(folder / "a.toml") == recipe
    assert bl.recipe(with_file("mine/points.csv")) == recipe


def with_file(name):
    """The exercise, but its data stands in a file."""
    lines = [line for line in COURSE.splitlines() if not line.startswith(("inputs", "targets"))]
    return "\n".join(lines).replace("[data]", f'[data]\nfile = "{name}"')


def test_a_person_s_text_must_name_a_file_that_is_there(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(with_file("points.csv"))
    line = with_file("points.csv").splitlines().index('file = "points.csv"') + 1
    assert (fault_of(file).code, fault_of(file).where) == ("R-FILE-1", f"{file}:{line}:8  data.file")


def test_what_was_saved_outlives_its_data_file():
    tree = WRITTEN | {"data": {"file": "long/gone.csv"}}
    assert bl.recipe(tree).data.file == "long/gone.csv"
    assert bl.recipe(json.dumps(trace(tree))).data.file == "long/gone.csv"


@pytest.mark.parametrize("text", [COURSE, json.dumps(WRITTEN)])
def test_a_text_may_begin_with_a_byte_order_mark(text):
    assert bl.recipe("\ufeff" + text) == bl.recipe(text)


def test_a_date_is_told_as_it_was_written():
    assert fault_of(COURSE.replace("learning_rate = 1.0", "learning_rate = 2026-09-01")).got == "2026-09-01"
