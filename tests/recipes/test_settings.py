"""Recipes are changed by paths; what excludes what is set goes, and what cannot be meant is told."""

import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.settings import setting, settings_list
from tests.recipes.planted import DRAWN, WRITTEN, field_of

COURSE = bl.recipe(WRITTEN)
OTHER = bl.recipe(DRAWN)


def faults_of(recipe, changes):
    with pytest.raises(RecipeError) as raised:
        recipe.with_(changes)
    return [(fault.code, field_of(fault)) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("training.learning_rate=10", "training.learning_rate", 10),
        ("training.learning_rate = 1e-3", "training.learning_rate", 1e-3),
        ("network.activations=relu", "network.activations", "relu"),
        ('network.activations=["relu", "tanh"]', "network.activations", ["relu", "tanh"]),
        ("network.biases=true", "network.biases", True),
        ("title=a = b", "title", "a = b"),
        ("title=", "title", ""),
        ("title=2020-01-01", "title", "2020-01-01"),
        ("title='quoted'", "title", "quoted"),
        ("title=1\nother = 2", "title", "1\nother = 2"),
        ("data={file = 'a.csv'}", "data", {"file": "a.csv"}),
        ("parameters.weights[0][1][0]=0.5", "parameters.weights[0][1][0]", 0.5),
    ],
)
def test_a_setting_is_toml_if_it_parses_else_a_bare_text(text, path, value):
    assert setting(text) == (path, value)


def test_a_setting_keeps_the_text_of_its_number():
    path, value = setting("training.learning_rate=0.10")
    assert COURSE.with_({path: value}).training.learning_rate.text == "0.10"
    assert COURSE.with_(dict([setting("training.learning_rate=1")])).training.learning_rate.text == "1"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("loss.name=huber,mean_squared_error", ["huber", "mean_squared_error"]),
        ("training.learning_rate=0.1, 1,10", [0.1, 1, 10]),
        ("network.layers=[2, 2, 2],[2,3,2]", [[2, 2, 2], [2, 3, 2]]),
        ('network.activations={name = "elu", alpha = 2},relu', [{"name": "elu", "alpha": 2}, "relu"]),
        (r'title="a, b\", c",d', ['a, b", c', "d"]),
        ("title='[',x", ["[", "x"]),
        ("title=only one", ["only one"]),
        ("title=a],b", ["a]", "b"]),
    ],
)
def test_several_values_are_parted_at_commas_outside_of_brackets_and_quotes(text, values):
    assert settings_list(text)[1] == values


@pytest.mark.parametrize("text", ["", "x", "=1", " = 1", "training.learning_rate"])
@pytest.mark.parametrize("read", [setting, settings_list])
def test_what_is_no_setting_is_told_with_one_that_is(read, text):
    with pytest.raises(RecipeError) as raised:
        read(text)
    (fault,) = raised.value.faults
    assert fault.code == "R-SET-1"
    assert COURSE.with_(dict([setting(fault.try_this)]))


@pytest.mark.parametrize("text", ["a=", "a=1,,2", "a=1,", "a=,"])
def test_a_value_that_is_forgotten_between_commas_is_told(text):
    with pytest.raises(RecipeError) as raised:
        settings_list(text)
    (fault,) = raised.value.faults
    assert fault.code == "R-SET-1"
    assert all(value != "" for value in settings_list(fault.try_this)[1])


@pytest.mark.parametrize("path", ["parameters.weights[0][1][0]", "parameters.weights.0.1.0"])
def test_an_entry_of_an_array_is_changed_and_the_others_stay(path):
    changed = COURSE.with_({path: 7}).parameters.weights
    assert changed == (((0.2, -0.4), (7, 0.6)), ((0.1, -0.5), (-0.3, 0.8)))
    assert COURSE.parameters.weights[0][1][0] == 0.5


def test_an_entry_of_a_name_that_serves_all_layers_is_changed_alone():
    assert COURSE.with_({"network.activations[1]": "relu"}).network.activations == ("sigmoid", "relu")


def test_an_option_is_set_of_an_activation_that_is_only_named():
    changes = {"network.activations": "leaky_relu", "network.activations.negative_slope": 0.3}
    (first, second) = COURSE.with_(changes).activations
    assert first == second
    assert (first.name, first.negative_slope) == ("leaky_relu", 0.3)
    first, second = COURSE.with_({"network.activations[1].name": "elu", "network.activations[1].alpha": 2}).activations
    assert (first.name, second.name, second.alpha) == ("sigmoid", "elu", 2)


def test_an_option_of_one_layer_is_changed_alone_where_one_table_served_all():
    both = COURSE.with_({"network.activations": {"name": "elu", "alpha": 0.5}})
    assert [one.alpha for one in both.with_({"network.activations[1].alpha": 2}).activations] == [0.5, 2]


@pytest.mark.parametrize(
    ("path", "value", "offered"),
    [
        ("parameters.weights[5]", 3, "parameters.weights[1][0][0] = 3"),
        ("parameters.weights[0][1][2]", 0.25, "parameters.weights[0][1][1] = 0.25"),
        ("parameters.weights[5]", [[1, 2], [3, 4]], "parameters.weights[1] = [[1, 2], [3, 4]]"),
        ("parameters.weights[0][7]", [3, 4], "parameters.weights[0][1] = [3, 4]"),
        ("network.activations[7]", "relu", 'network.activations[1] = "relu"'),
        ("training.learning_rate.x", 3, "training.learning_rate = 3"),
    ],
)
def test_for_an_entry_that_is_not_there_a_setting_that_works_is_offered(path, value, offered):
    with pytest.raises(RecipeError) as raised:
        COURSE.with_({path: value})
    assert [fault.try_this for fault in raised.value.faults] == [offered]
    assert COURSE.with_(dict([setting(offered)]))


def test_a_section_that_is_set_is_replaced_and_none_takes_a_field_away():
    assert OTHER.with_({"loss": {"name": "huber"}}).loss.delta is None
    assert OTHER.with_({"loss.delta": None}) == OTHER.with_({"loss": {"name": "huber"}})


def test_a_recipe_is_not_changed_by_its_changes():
    before = COURSE.as_dict()
    COURSE.with_({"parameters.weights[0][0][0]": 9, "data.inputs": [[1, 2]]})
    assert COURSE.as_dict() == before


# ---- what goes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "changes", "gone"),
    [
        (COURSE, {"parameters.initializer": "zeros"}, "parameters.weights"),
        (OTHER, {"parameters.weights": [[[0.0] * 4] * 3, [[0.0]] * 4]}, "parameters.initializer"),
        (OTHER, {"parameters.weights": [[[0.0] * 4] * 3, [[0.0]] * 4]}, "parameters.std"),
        (COURSE, {"data.file": "a.csv"}, "data.inputs"),
        (COURSE, {"data.file": "a.csv"}, "data.targets"),
        (OTHER, {"loss.name": "mean_squared_error"}, "loss.delta"),
        (OTHER, {"training.optimizer": "sgd"}, "training.betas"),
        (OTHER, {"parameters.initializer": "uniform"}, "parameters.std"),
        (OTHER, {"network.biases": False}, "parameters.biases"),
        (OTHER, {"network.activations": "relu"}, "network.activations.alpha"),
    ],
)
def test_setting_a_field_takes_away_what_it_excludes(base, changes, gone):
    section, field = gone.split(".", maxsplit=1)
    changed = base.with_(changes)
    assert field not in changed.as_dict()[section]


def test_data_may_be_inline_a_file_or_a_dataset_and_the_last_one_said_counts():
    digits = bl.recipe("digits")
    filed = digits.with_({"data.file": "a.csv"})
    inline = filed.with_({"data.inputs": [[0.0] * 64], "data.targets": [[0.0] * 10]})
    assert (filed.data.dataset, filed.data.file, filed.data.held_out) == (None, "a.csv", 0.2)
    assert (inline.data.dataset, inline.data.file) == (None, None)
    assert inline.with_({"data.dataset": "digits"}) == digits
    assert digits.with_({"data.file": "a.csv", "data.dataset": "digits"}) == digits


def test_options_that_the_new_name_has_too_are_kept():
    momentum = COURSE.with_({"training.momentum": 0.5, "training.weight_decay": 0.1})
    changed = momentum.with_({"training.optimizer": "rmsprop"}).training
    assert (changed.momentum, changed.weight_decay) == (0.5, 0.1)


@pytest.mark.parametrize("order", [1, -1])
def test_an_option_that_is_set_together_with_its_name_is_kept(order):
    changes = {"training.optimizer": "adam", "training.betas": [0.5, 0.6]}
    assert COURSE.with_(dict(list(changes.items())[::order])).training.betas == (0.5, 0.6)


def test_other_layers_do_not_take_weights_away_silently():
    assert faults_of(COURSE, {"network.layers": [2, 3, 2]}) == [("R-SHAPE-1", "parameters.weights")]


# ---- what is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"training.learing_rate": 1}, ("R-FIELD-1", "training.learing_rate")),
        ({"learning_rate": 1}, ("R-FIELD-1", "learning_rate")),
        ({"training.learning_rate.x": 1}, ("R-FIELD-1", "training.learning_rate.x")),
        ({"training.0": 1}, ("R-FIELD-1", "training[0]")),
        ({"title[0]": "x"}, ("R-FIELD-1", "title[0]")),
        ({"parameters.weights[2]": 1}, ("R-FIELD-1", "parameters.weights[2]")),
        (
            {"parameters.weights[0][0][99999999999999999999]": 1},
            ("R-FIELD-1", "parameters.weights[0][0][99999999999999999999]"),
        ),
        ({"parameters.weights.x": 1}, ("R-FIELD-1", "parameters.weights.x")),
        ({"parameters.biases[0][0]": 1}, ("R-FIELD-1", "parameters.biases[0][0]")),
        ({"network.activations[5]": "relu"}, ("R-FIELD-1", "network.activations[5]")),
        ({"network": 3, "network.activations[0]": "relu"}, ("R-FIELD-1", "network.activations[0]")),
        ({"network.layers": 3, "network.activations[0]": "relu"}, ("R-FIELD-1", "network.activations[0]")),
        ({"": 1}, ("R-SET-1", "")),
        ({3: 1}, ("R-SET-1", "")),
        ({"a..b": 1}, ("R-SET-1", "")),
        ({"a[x]": 1}, ("R-SET-1", "")),
        ({"parameters.weights[-1]": 1}, ("R-SET-1", "")),
        ({"x." * 5000 + "x": 1}, ("R-SET-1", "")),
        ({"training.learning_rate": -1}, ("R-RANGE-1", "training.learning_rate")),
    ],
)
def test_a_change_that_cannot_be_made_is_told(changes, told):
    assert told in faults_of(COURSE, changes)
