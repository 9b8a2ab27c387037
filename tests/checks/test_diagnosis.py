"""The record of a diagnosis and its JSON form, which programs of others read."""

import json
import math
from dataclasses import replace

import pytest

from backlight.checks.diagnosis import Diagnosis, Explanation, Parameter
from backlight.checks.observing.observation import Program
from tests.checks import diagnoses

FIELDS = [
    "backlight_check",
    "program",
    "recipe",
    "loss",
    "verdict",
    "kind",
    "parameters",
    "first_wrong",
    "diagnoses",
    "facts",
]


@pytest.mark.parametrize("make", diagnoses.ALL.values(), ids=diagnoses.ALL)
def test_every_diagnosis_has_these_fields_and_is_json_that_everybody_reads(make):
    diagnosis = make()
    said = diagnosis.as_dict()
    assert list(said) == FIELDS + ["reason"] * bool(diagnosis.reason)
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_the_published_program_is_told_as_documented():
    said = diagnoses.wrong_course("my.py").as_dict()
    assert said["backlight_check"] == 1
    assert (said["program"], said["recipe"], said["verdict"], said["kind"]) == (
        "my.py",
        "course-numpy",
        "wrong",
        "wrong_parameter",
    )
    assert said["loss"] == {"stated": "half_sum_squared_error", "exact_gradient_of": None, "factor": None}
    assert list(said["parameters"][0]) == ["name", "theirs", "verdict", "iteration", "yours", "truth", "ratio"]
    assert [one["verdict"] for one in said["parameters"]] == ["wrong"] * 4 + ["right"] * 4
    assert said["first_wrong"] == {"line": 32, "source": "d_w5 + d_w6", "name": ""}
    (found,) = said["diagnoses"]
    assert list(found) == ["mistake", "also", "equals", "line", "places", "residual", "proof"]
    assert (found["mistake"], found["line"], found["proof"]) == ("sum-of-weight-gradients", 32, True)
    assert found["places"][0] == {
        "line": 32,
        "column": 12,
        "source": "d_w5 + d_w6",
        "name": "",
        "quantity": "dL_dh1",
        "should_be": "d_o1 * out_o1 * (1 - out_o1) * w5 + d_o2 * out_o2 * (1 - out_o2) * w6",
    }
    assert list(said["facts"][0]) == ["kind", "text", "yours", "recipe"]


def test_numbers_that_are_not_finite_are_texts():
    parameter = Parameter(
        name="W1",
        theirs="W",
        verdict="wrong",
        iteration=0,
        yours=[math.nan, -math.inf],
        truth=[1.0, 2.0],
        ratio=math.inf,
    )
    (said,) = replace(diagnoses.right(), parameters=(parameter,)).as_dict()["parameters"]
    assert (said["yours"], said["truth"], said["ratio"]) == (["nan", "-inf"], [1.0, 2.0], "inf")


def test_a_recipe_without_a_name_is_null():
    assert replace(diagnoses.right(), recipe=None).as_dict()["recipe"] is None


def parameter(yours, truth):
    return Parameter(name="w", theirs="w", verdict="wrong", iteration=0, yours=yours, truth=truth, ratio=None)


@pytest.mark.parametrize(
    ("yours", "truth", "error"),
    [
        (0.5, 0.5, 0.0),
        (1.5, 0.5, 2.0),
        (-0.5, 0.5, 2.0),
        (1.0, 0.0, math.inf),
        (0.0, 0.0, 0.0),
        ([1.0, 0.5], [0.5, 0.5], 1.0),
        ([1.0, 0.5], [0.5], math.inf),
        (math.inf, 0.5, math.inf),
        ([], [], 0.0),
        (None, 0.5, None),
        (0.5, None, None),
    ],
)
def test_the_error_is_relative_to_the_largest_true_number(yours, truth, error):
    assert parameter(yours, truth).error == error


def test_the_error_of_what_is_no_number_is_none():
    assert math.isnan(parameter(math.nan, 0.5).error)


def test_gradients_are_counted_one_by_one():
    assert diagnoses.wrong_course().gradients == 8
    assert diagnoses.of_arrays().gradients == 64 * 10 + 10
    assert parameter(0.5, None).scalars == 1


def test_the_line_to_look_at_is_the_mistakes_else_its_first_place_else_the_first_wrong_value():
    diagnosis = diagnoses.wrong_course()
    (best,) = diagnosis.explanations
    assert diagnosis.line == best.line == 32
    assert replace(diagnosis, explanations=(replace(best, line=None),)).line == 32
    elsewhere = replace(diagnosis.first_wrong, line=3)
    assert replace(diagnosis, explanations=(Explanation(mistake="x"),), first_wrong=elsewhere).line == 3
    assert replace(diagnosis, explanations=(), first_wrong=None).line is None


def test_the_display_in_a_notebook_is_short():
    assert repr(diagnoses.wrong_course("my.py")) == (
        "<Diagnosis of 'my.py': wrong, wrong_parameter, sum-of-weight-gradients at line 32>"
    )
    assert repr(diagnoses.right("my.py")) == "<Diagnosis of 'my.py': right>"
    assert "\x1b" not in repr(Diagnosis(program=Program("\x1b[31m.py", ""), recipe="", verdict="right", kind="right"))
