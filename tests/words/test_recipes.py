"""What a person reads whose recipe is wrong: whole texts, one for each code and some more."""

import json
from pathlib import Path

import pytest

import backlight as bl
from backlight.faults import BacklightError
from backlight.recipes.data import load
from backlight.recipes.settings import settings_list
from backlight.recipes.wording.codes import CODES
from tests.recipes.planted import DIGITS, DRAWN, WRITTEN, put

MY_TOML = """\
title = "My network"

[network]
layers = [2, 2, 3]
activations = "sigmoid"

[parameters]
weights = [[[0.2, -0.4], [0.5, 0.6]],
           [[0.1, -0.5], [-0.3, 0.8]]]

[data]
inputs = [[0.5, 0.3]]
targets = [[0.23, -0.07]]

[loss]
name = "half_sum_squared_error"

[training]
learning_rate = 1.0
iterations = 11
"""


def my(old, new):
    """The file with one place in it changed, and right layers."""
    text = MY_TOML.replace("[2, 2, 3]", "[2, 2, 2]")
    assert text.count(old) == 1
    return text.replace(old, new)


def told(make):
    with pytest.raises(BacklightError) as raised:
        make()
    return str(raised.value)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_of_the_design_is_told_word_by_word(here):
    (here / "my.toml").write_text(MY_TOML)
    assert told(lambda: bl.recipe("my.toml")) == (
        """\
layer 2 has 3 units, but its weights are for 2   [R-SHAPE-1]
  where     my.toml:9:12  parameters.weights
  got       a (2, 2) matrix for layer 2
  because   network.layers = [2, 2, 3] wants weights of shape (2, 3)
  try       network.layers = [2, 2, 2]"""
    )


FILES = {
    my("learning_rate = 1.0", "learning_rat = 1.0"): """\
training has no field learning_rat   [R-FIELD-1]
  where     my.toml:19:1  training.learning_rat
  got       learning_rat = 1.0
  because   its fields are optimizer, learning_rate, iterations, batch_size, shuffle_seed, momentum, \
nesterov, weight_decay, alpha, eps, centered, lr_decay, initial_accumulator_value, betas, amsgrad
  try       training.learning_rate = 1.0""",
    my("[loss]", "[lose]"): """\
a recipe has no field lose   [R-FIELD-1]
  where     my.toml:15:1  lose
  got       lose = {name = "half_sum_squared_error"}
  because   its fields are title, network, parameters, data, loss, training, numerics
  try       loss = {name = "half_sum_squared_error"}""",
    my("iterations = 11\n", ""): """\
training.iterations is missing   [R-FIELD-2]
  where     my.toml:18:1  training.iterations
  because   every recipe says it, since nothing stands in for it
  try       training.iterations = 11""",
    my("iterations = 11", 'iterations = "11"'): """\
training.iterations wants a whole number, not a text   [R-TYPE-1]
  where     my.toml:20:14  training.iterations
  got       "11"
  because   what stands in quotes is a text, whatever it looks like
  try       training.iterations = 11""",
    my('"sigmoid"', '["sigmoid", "rulu"]'): """\
no activation is called rulu   [R-NAME-1]
  where     my.toml:5:27  network.activations[1]
  got       "rulu"
  because   known are identity, sigmoid, tanh, relu, leaky_relu, elu, softplus, silu, gelu, softmax
  try       network.activations[1] = "relu\"""",
    my("           [[0.1, -0.5], [-0.3, 0.8]]]", "           [[0.1, -0.5], [-0.3]]]"): """\
the rows of layer 2's weights have different lengths   [R-SHAPE-1]
  where     my.toml:9:26  parameters.weights[1]
  got       rows of 2 and 1 numbers
  because   a matrix has a row for each input of its layer, and in it a number for each unit
  try       parameters.initializer = "xavier_uniform\"""",
    my("inputs = [[0.5, 0.3]]", "inputs = [0.5, 0.3]"): """\
the brackets of data.inputs are not nested as they should be   [R-SHAPE-3]
  where     my.toml:12:11  data.inputs
  got       [0.5, 0.3]
  because   data.inputs is a list of samples, each a list of numbers: [[...], ...]
  try       data.inputs = [[0.5, 0.3]]""",
    my("targets = [[0.23, -0.07]]", "targets = [[0.23, -0.07, 1]]"): """\
the network has 2 outputs, but the targets have 3   [R-SHAPE-3]
  where     my.toml:13:12  data.targets
  got       [0.23, -0.07, 1]
  because   network.layers = [2, 2, 2] wants 2 numbers in each row
  try       data.targets = [[0.23, -0.07]]""",
    my('activations = "sigmoid"', 'activations = ["sigmoid"]'): """\
there are 2 layers after the inputs, but 1 activation   [R-SHAPE-4]
  where     my.toml:5:15  network.activations
  got       ["sigmoid"]
  because   network.layers = [2, 2, 2] wants one for each layer after the inputs, or a single name
  try       network.activations = ["sigmoid", "sigmoid"]""",
    my("learning_rate = 1.0", "learning_rate = -1.0"): """\
training.learning_rate must lie in [0, inf)   [R-RANGE-1]
  where     my.toml:19:17  training.learning_rate
  got       -1.0
  because   learning_rate: factor on the step
  try       training.learning_rate = 1.0""",
    my("learning_rate = 1.0", "learning_rate = 1e400"): """\
training.learning_rate is not finite   [R-FINITE-1]
  where     my.toml:19:17  training.learning_rate
  got       1e400
  because   a run starts from finite numbers; the largest float64 is 1.8e308
  try       training.learning_rate = 1.0""",
    my("[parameters]", '[parameters]\ninitializer = "zeros"'): """\
the weights are both written and drawn   [R-CHOICE-1]
  where     my.toml:8:15  parameters.initializer
  got       "zeros"
  because   parameters.weights and parameters.initializer exclude each other
  try       # parameters.initializer = "zeros\"""",
    my("iterations = 11", "iterations = 11\nbetas = [0.9, 0.999]"): """\
sgd has no option betas   [R-OPTION-1]
  where     my.toml:21:9  training.betas
  got       [0.9, 0.999]
  because   betas belongs to adam, adamw; sgd has momentum, nesterov, weight_decay
  try       # training.betas = [0.9, 0.999]""",
    my('"sigmoid"', "sigmoid"): """\
line 5 is no TOML   [R-SYNTAX-1]
  where     my.toml:5:15
  got       activations = sigmoid
  because   the reader says: Invalid value
  try       activations = "sigmoid\"""",
}


@pytest.mark.parametrize("text", FILES)
def test_a_fault_of_a_file_is_told_word_by_word(here, text):
    (here / "my.toml").write_text(text)
    assert told(lambda: bl.recipe("my.toml")) == FILES[text]


DICTIONARIES = [
    (
        put(DRAWN, "parameters.biases[0]", [0.0, 0.0]),
        """\
layer 1 has 4 units, but 2 biases   [R-SHAPE-2]
  where     parameters.biases
  got       [0.0, 0.0]
  because   network.layers = [3, 4, 1] wants a bias for each unit: 4, 1
  try       parameters.biases = [[0.0, 0.0, 0.0, 0.0], [1.0]]""",
    ),
    (
        put(DIGITS, "network.layers", [64, 32, 2]),
        """\
digits has 64 inputs and 10 targets, the network 64 and 2   [R-SHAPE-3]
  where     network.layers
  got       [64, 32, 2]
  because   data.dataset = "digits" wants layers that begin with 64 and end with 10
  try       network.layers = [64, 32, 10]""",
    ),
    (
        put(WRITTEN, "training.nesterov", True),
        """\
nesterov needs momentum   [R-CHOICE-1]
  where     training.nesterov
  got       true
  because   it looks one step ahead along the velocity, and without momentum there is none
  try       training.momentum = 0.9""",
    ),
]


@pytest.mark.parametrize(("tree", "text"), DICTIONARIES)
def test_a_fault_of_a_dictionary_is_told_word_by_word(tree, text):
    assert told(lambda: bl.recipe(tree)) == text


def test_a_fault_of_a_json_file_is_told_with_its_line(here):
    (here / "my.json").write_text(json.dumps(WRITTEN | {"loss": {"name": "mse"}}, indent=2))
    assert told(lambda: bl.recipe("my.json")) == (
        """\
no loss is called mse   [R-NAME-1]
  where     my.json:49:13  loss.name
  got       "mse"
  because   known are half_sum_squared_error, mean_squared_error, mean_absolute_error, huber, cross_entropy, \
softmax_cross_entropy, binary_cross_entropy, sigmoid_binary_cross_entropy
  try       loss.name = "mean_squared_error\""""
    )


def test_a_recipe_that_is_not_there_is_told_word_by_word(here):
    (here / "mine.toml").write_text(MY_TOML)
    assert told(lambda: bl.recipe("mien.toml")) == (
        f"""\
mien.toml does not exist   [R-FILE-1]
  got       "mien.toml"
  because   it was looked for at {here / "mien.toml"}
  try       mine.toml"""
    )


POINTS = {
    "1,2,3,4\n5,6,7\n": """\
line 2 has not 4 cells, but 3   [R-CSV-1]
  where     points.csv:2:1
  got       5,6,7
  because   every line is a sample with as many numbers as the network has inputs and outputs
  try       5,6,7,0.0""",
    '1,2,3,4\n5,"6,5",7,8\n': """\
cell 2 of line 2 is no number   [R-CSV-2]
  where     points.csv:2:3
  got       "6,5"
  because   after the header every cell is a number such as 0.5 or -1e-3
  try       5,6.5,7,8""",
    "a,b,c\n1,2,3\n": """\
the network wants 4 columns, the file has 3   [R-CSV-3]
  where     points.csv:2:1
  got       1,2,3
  because   network.layers = [2, 2, 2]: first the inputs (2), then the targets (2)
  try       network.layers = [1, 2, 2]""",
    "a,b,c,d\n": """\
the file has no line of numbers   [R-CSV-4]
  where     points.csv:1:1
  because   every line is a sample: first its inputs (2), then its targets (2)
  try       0.0,0.0,0.0,0.0""",
    "0,5;1;2;3\n": """\
the numbers are not parted by commas   [R-CSV-5]
  where     points.csv:1:4
  got       0,5;1;2;3
  because   neither a semicolon nor a tab parts cells, and a decimal comma must be a point; so in every line
  try       0.5,1,2,3""",
    "1,2,3,inf\n": """\
cell 4 of line 1 is not finite   [R-FINITE-1]
  where     points.csv:1:7
  got       inf
  because   a run starts from numbers that are finite in its precision
  try       1,2,3,0.0""",
}


@pytest.mark.parametrize("text", POINTS)
def test_a_fault_of_a_csv_file_is_told_word_by_word(here, text):
    (here / "points.csv").write_text(text)
    recipe = bl.recipe(WRITTEN).with_({"data.file": "points.csv", "parameters.initializer": "zeros"})
    assert told(lambda: load(recipe)) == POINTS[text]


def test_a_setting_that_is_none_is_told_word_by_word():
    assert told(lambda: settings_list("training.learning_rate=0.1,,1")) == (
        """\
a setting is PATH=VALUE, several values are parted by commas   [R-SET-1]
  got       training.learning_rate=0.1,,1
  because   a value between the commas is empty
  try       training.learning_rate=0.1,1"""
    )


def test_every_code_is_read_here():
    read = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in CODES if f"[{code}]" not in read] == []
