"""What is long in an answer: many parameters, several lines that are exchanged, the cells of a notebook."""

import re
from dataclasses import replace

from backlight.checks.diagnosis import Explanation, Parameter, Spot
from backlight.checks.observing.observation import Program
from backlight.views import diagnosis_report
from tests.checks import diagnoses


def parameter(name, verdict="right", *, theirs="", yours=0.5):
    return Parameter(name=name, theirs=theirs, verdict=verdict, iteration=None, yours=yours, truth=0.5, ratio=None)


def table(parameters):
    text = diagnosis_report(replace(diagnoses.right(), parameters=tuple(parameters)))
    return text.split("\ngradients at update 0\n")[1].split("\n\n")[0].split("\n")[1:]


def test_up_to_twenty_four_parameters_all_have_a_row():
    assert [row.split()[0] for row in table(parameter(f"w{k}") for k in range(1, 25))] == [
        f"w{k}" for k in range(1, 25)
    ]


def test_of_many_parameters_the_wrong_ones_have_rows_and_the_others_a_sentence():
    wrong = {*range(10, 20), 40}
    rows = table(
        parameter(f"w{k}", "wrong", yours=1.0) if k in wrong else parameter(f"w{k}", yours=0.5 + k * 1e-16)
        for k in range(1, 47)
    )
    assert [row.split()[0] for row in rows[:16]] == [f"w{k}" for k in [1, 2, 3, 4, 5, *sorted(wrong)]]
    (rest,) = rows[16:]
    assert re.fullmatch(r"  and w6\.\.9, w20\.\.39, w41\.\.46, all right; the largest error is \S+e-15", rest)


def test_wrong_parameters_without_a_row_are_named_too():
    rows = table(parameter(f"w{k}", "wrong", yours=1.0 + k) for k in range(1, 31))
    assert rows[16:] == ["  and w17..30, all wrong; the largest error is 61"]


def test_a_name_that_stands_for_a_parameter_without_a_row_too_names_none():
    rows = table(parameter(f"w{k}", theirs=f"layer.W[{k % 20}]") for k in range(1, 31))
    assert not [row for row in rows if "layer.W" in row]


MOVED = """for k in range(3):
    w5 -= d_w5
    # the hidden layer
    a = 1
    b = 2
    c = 3
    d_w1 = d * w5
"""


def test_of_several_lines_that_are_exchanged_those_that_go_and_come_are_shown():
    source = MOVED.split("\n", 1)[1].strip()
    after = "a = 1\n    b = 2\n    c = 3\n    d_w1 = d * w5\n    w5 -= d_w5"
    spot = Spot(line=2, column=4, end_line=7, end_column=18, source=source, name="", quantity="", should_be=after)
    explained = Explanation(mistake="updated-weights-in-back-step", line=2, places=(spot,), proof=True)
    text = diagnosis_report(
        replace(
            diagnoses.wrong_course(),
            program=Program("a.py", MOVED),
            seen=(),
            explanations=(explained,),
        )
    )
    shown = text.split("\n  line 2\n")[1].split("\n\n")[0].split("\n")
    assert shown == [
        "    - w5 -= d_w5",
        "    - # the hidden layer",
        "      a = 1",
        "      ...",
        "      d_w1 = d * w5",
        "    + w5 -= d_w5",
    ]


def test_a_line_of_a_notebook_is_told_by_its_cell_too():
    explained = Explanation(
        mistake="missing-path",
        line=6,
        places=(Spot(line=6, column=0, end_line=6, end_column=5, source="c = 3", name="c", quantity="", should_be=""),),
    )
    program = Program("net.ipynb", "# In[1]:\na = 1\n\n# In[2]:\nb = 2\nc = 3\n")
    text = diagnosis_report(replace(diagnoses.wrong_course(), program=program, seen=(), explanations=(explained,)))
    assert "the mistake: missing-path, line 6 (code cell 2, line 2)\n" in text
    assert "  line 6 (code cell 2, line 2), c\n" in text
