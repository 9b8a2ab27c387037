"""All faults of a recipe are told at once, in the order of the file, and none of them makes another."""

import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.ready import ready_text
from backlight.recipes.wording.shown import shown
from tests.recipes.planted import DRAWN, WRITTEN, field_of, put

SIX = """\
title = "Six faults"

[network]
layers = [2, 2, 3]
activations = ["sigmoid", "sigmiod"]

[parameters]
weights = [[[0.2, -0.4], [0.5, nan]],
           [[0.1, -0.5], [-0.3, 0.8]]]

[data]
inputs = [[0.5, 0.3], [0.1]]
targets = [[0.23, -0.07, 0.1], [0.1, 0.2, 0.3]]

[loss]
name = "half_sum_squared_error"
detla = 2

[training]
learning_rate = "1.0"
iterations = 11
"""


def told(source):
    with pytest.raises(RecipeError) as raised:
        bl.recipe(source)
    return [(fault.code, fault.where) for fault in raised.value.faults]


def test_six_faults_of_six_kinds_are_six_faults_in_the_order_of_the_text():
    assert told(SIX) == [
        ("R-NAME-1", "<toml>:5:27  network.activations[1]"),
        ("R-FINITE-1", "<toml>:8:32  parameters.weights[0][1][1]"),
        ("R-SHAPE-1", "<toml>:9:12  parameters.weights"),
        ("R-SHAPE-3", "<toml>:12:23  data.inputs[1]"),
        ("R-FIELD-1", "<toml>:17:1  loss.detla"),
        ("R-TYPE-1", "<toml>:20:17  training.learning_rate"),
    ]


def test_an_unknown_field_does_not_hide_a_wrong_shape_elsewhere():
    tree = put(put(WRITTEN, "network.colour", "red"), "data.inputs", [[0.5]])
    assert [code for code, _where in told(tree)] == ["R-FIELD-1", "R-SHAPE-3"]


@pytest.mark.parametrize(
    ("path", "misspelt"),
    [("network.layers", "layres"), ("training.learning_rate", "learning_rat"), ("parameters.weights", "wieghts")],
)
def test_a_misspelt_field_is_not_missing_as_well(path, misspelt):
    section, name = path.split(".")
    fields = {misspelt if key == name else key: value for key, value in WRITTEN[section].items()}
    assert told(WRITTEN | {section: fields}) == [("R-FIELD-1", f"{section}.{misspelt}")]


@pytest.mark.parametrize("misspelt", ["training.learning_rte", "training.lr", "learning_rate", "trainig"])
def test_a_field_that_is_misspelt_beside_the_right_one_is_offered_to_be_taken_away(misspelt):
    value = {"iterations": 3} if misspelt == "trainig" else 3.0
    with pytest.raises(RecipeError) as raised:
        bl.recipe(put(WRITTEN, misspelt, value))
    assert [fault.try_this for fault in raised.value.faults] == [f"# {misspelt} = {shown(value)}"]


def test_a_field_that_is_pasted_with_its_section_below_its_header_is_offered_without():
    text = ready_text("course").replace("iterations = 11", "iterations = -11")
    with pytest.raises(RecipeError) as raised:
        bl.recipe(text)
    text = text.replace("iterations = -11", raised.value.faults[0].try_this)
    with pytest.raises(RecipeError) as raised:
        bl.recipe(text)
    assert [fault.sentence for fault in raised.value.faults] == ["training has no field training.iterations"]
    text = text.replace("training.iterations = 11", raised.value.faults[0].try_this)
    assert bl.recipe(text).training.iterations == 11


def test_what_stands_in_a_misspelt_section_is_checked_under_the_name_that_is_written():
    tree = {("trainig" if name == "training" else name): section for name, section in WRITTEN.items()}
    tree["trainig"] = {"learning_rat": -1.0, "iterations": 11}
    assert told(tree) == [
        ("R-FIELD-1", "trainig"),
        ("R-FIELD-1", "trainig.learning_rat"),
        ("R-RANGE-1", "trainig.learning_rat"),
    ]


def test_layers_that_neither_weights_nor_data_agree_with_are_one_fault():
    tree = put(WRITTEN, "network.layers", [3, 2, 4])
    assert told(tree) == [("R-SHAPE-1", "parameters.weights")]


def test_layers_that_neither_weights_nor_activations_agree_with_are_one_fault():
    tree = put(put(WRITTEN, "network.layers", [2, 2]), "network.activations", ["relu", "sigmoid"])
    assert told(tree) == [("R-SHAPE-1", "parameters.weights")]


def test_a_transposed_matrix_is_recognised():
    tree = put(put(WRITTEN, "network.layers", [2, 3, 2]), "parameters.weights[0]", [[1, 2], [3, 4], [5, 6]])
    tree = put(tree, "parameters.weights[1]", [[1, 2], [3, 4], [5, 6]])
    with pytest.raises(RecipeError) as raised:
        bl.recipe(tree)
    (fault,) = raised.value.faults
    assert fault.because.endswith("; this is the transpose: z = x @ W + b")
    assert fault.try_this == "parameters.weights[0] = [[1, 3, 5], [2, 4, 6]]"


def test_weights_and_data_that_are_wrong_each_in_its_own_way_are_two_faults():
    tree = put(put(WRITTEN, "network.layers", [2, 2, 3]), "data.targets", [[0.23]])
    assert told(tree) == [("R-SHAPE-1", "parameters.weights"), ("R-SHAPE-3", "data.targets")]


def test_an_unknown_optimizer_says_nothing_about_its_options():
    assert told(put(DRAWN, "training.optimizer", "adm")) == [("R-NAME-1", "training.optimizer")]


def test_of_many_like_faults_the_first_are_told_and_the_others_counted():
    tree = put(WRITTEN, "data", {"inputs": [["x", "y"]] * 1000, "targets": [[0.0, 0.0]] * 1000})
    with pytest.raises(RecipeError) as raised:
        bl.recipe(tree)
    faults = raised.value.faults
    assert [field_of(fault) for fault in faults] == [f"data.inputs[{i // 2}][{i % 2}]" for i in range(5)]
    assert faults[-1].because.endswith("more like this: 1995")


def test_an_empty_recipe_misses_its_five_sections():
    assert told({}) == [("R-FIELD-2", name) for name in ("network", "parameters", "data", "loss", "training")]
