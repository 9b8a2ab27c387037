"""What is no TOML or JSON is told with line and column, and the line that is offered can be read."""

import json

import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.ready import ready_text
from tests.recipes.planted import WRITTEN

COURSE = ready_text("course")
PLAIN = "\n".join(line.split("  #")[0] for line in COURSE.splitlines())


def fault_of(source):
    with pytest.raises(RecipeError) as raised:
        bl.recipe(source)
    (fault,) = raised.value.faults
    return fault


def broken(old, new):
    assert PLAIN.count(old) == 1
    return PLAIN.replace(old, new)


TOML = [
    broken('activations = "sigmoid"', "activations = sigmoid"),
    broken('activations = "sigmoid"', "activations = sigmoid   # by hand"),
    broken('activations = "sigmoid"', 'activations = "sigmoid'),
    broken('activations = "sigmoid"', "activations = [sigmoid, relu]"),
    broken('activations = "sigmoid"', 'activations: "sigmoid"'),
    broken("layers = [2, 2, 2]", "layers = [2, 2, 2"),
    broken("layers = [2, 2, 2]", "layers = 2, 2, 2"),
    broken("learning_rate = 1.0", "learning_rate = 1."),
    broken("learning_rate = 1.0", "learning_rate = .5"),
    broken("learning_rate = 1.0", "learning_rate: 1.0"),
    broken("learning_rate = 1.0", "learning_rate 1.0"),
    broken("learning_rate = 1.0", "learning_rate = 1.0\nlearning_rate = 2.0"),
    broken("learning_rate = 1.0", "learning_rate = 1.0\nnesterov = True"),
    broken("learning_rate = 1.0", "learning_rate = 1.0,"),
    broken("[network]", "[network"),
    broken("[network]", "[data]"),
]


@pytest.mark.parametrize("text", TOML)
def test_the_line_that_is_offered_for_broken_toml_can_be_read(text):
    fault = fault_of(text)
    assert fault.code == "R-SYNTAX-1"
    line = int(fault.where.split(":")[1])
    lines = text.splitlines()
    assert fault.got == lines[line - 1].strip()
    lines[line - 1] = fault.try_this
    try:
        bl.recipe("\n".join(lines))
    except RecipeError as error:
        left = [(fault.code, fault.where) for fault in error.faults]
        assert all(code != "R-SYNTAX-1" or int(where.split(":")[1]) > line for code, where in left)


JSON = json.dumps(WRITTEN, indent=1)


@pytest.mark.parametrize(
    ("old", "new", "offered"),
    [
        ('"iterations": 11', '"iterations": 11,', '"iterations": 11'),
        ('"iterations": 11', "'iterations': 11", '"iterations": 11'),
        ('"name": "half_sum_squared_error"', '"name": "half_sum_squared_error', '"name": "half_sum_squared_error"'),
        ('"learning_rate": 1.0,', '"learning_rate": 1.0', '"learning_rate": 1.0,'),
        (
            '"learning_rate": 1.0,',
            '"learning_rate": 1.0, "nesterov": False,',
            '"learning_rate": 1.0, "nesterov": false,',
        ),
        ('"learning_rate": 1.0,', '"learning_rate": .5,', '"learning_rate": 0.5,'),
    ],
)
def test_the_line_that_is_offered_for_broken_json_can_be_read(old, new, offered):
    assert JSON.count(old) == 1
    text = JSON.replace(old, new)
    fault = fault_of(text)
    assert (fault.code, fault.try_this) == ("R-SYNTAX-1", offered)


def test_a_key_that_stands_twice_in_a_json_table_is_refused_as_in_toml():
    text = JSON.replace('"learning_rate": 1.0,', '"learning_rate": 1.0, "learning_rate": 2.0,')
    fault = fault_of(text)
    assert fault.because == "the reader says: learning_rate stands twice"
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "learning_rate" in line)
    assert fault.where == f"<json>:{line}:{text.splitlines()[line - 1].rindex(chr(34) + 'learning_rate') + 1}"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        '{"a": ' + "[" * 100_000,
        "a = " + "9" * 5000,
        "a =\n" + "-" + "9" * 5000,
        "a = 'x\ny'",
        "\0\n",
        "{",
        "{}{}",
        '{"a": 1e5000, "a": 2}',
        "=",
        "\n\n\n[",
        'a = "\\ud800"',
    ],
)
def test_texts_that_readers_stumble_over_are_told_with_a_place(text):
    fault = fault_of(text)
    assert fault.code == "R-SYNTAX-1"
    _file, line, column = fault.where.split(":")
    assert 1 <= int(line) <= text.count("\n") + 1
    assert int(column) >= 1


def test_an_integer_of_many_digits_in_json_is_told_as_the_infinity_it_would_be():
    fault = fault_of(JSON.replace('"learning_rate": 1.0', '"learning_rate": ' + "9" * 5000))
    assert (fault.code, fault.where.split("  ")[1]) == ("R-FINITE-1", "training.learning_rate")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_constants_that_json_does_not_have_are_told_as_not_finite(constant):
    fault = fault_of(JSON.replace('"learning_rate": 1.0', f'"learning_rate": {constant}'))
    assert fault.code == "R-FINITE-1"


def test_a_line_that_would_not_print_is_not_offered_but_a_recipe_to_start_from():
    with pytest.raises(RecipeError) as raised:
        bl.recipe('title = "x"\nna\x1bme = 3\n')
    assert [fault.try_this for fault in raised.value.faults] == ["backlight recipes course"]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ('title = "a\u2028b"\n[network]\nlayers == 3\nactivations = "tanh"\n', "layers == 3"),
        ("# a\x85b\r\nlayers == 3\r\n", "layers == 3"),
        ('{"title": "a\u2028b",\n "x": 1,\n "y" 3\n}', '"y" 3'),
    ],
)
def test_lines_are_counted_as_editors_do_though_a_text_has_separators_of_its_own(text, got):
    with pytest.raises(RecipeError) as raised:
        bl.recipe(text)
    (fault,) = raised.value.faults
    assert fault.got == got
    assert fault.where.split(":")[1] == str(text[: text.index(got)].count("\n") + 1)
