"""Settings on the command line are part of the recipe: they are made first, and what comes of it is checked once."""

import os
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import east_asian_width

import pytest

import backlight as bl

WHOLE = """\
[network]
layers = [2, 2]
activations = "sigmoid"
[parameters]
weights = [[[0.2, -0.4], [0.5, 0.6]]]
[data]
inputs = [[0.5, 0.3]]
targets = [[0.2, 0.1]]
[loss]
name = "half_sum_squared_error"
[training]
learning_rate = 1.0
iterations = 3
"""

INCOMPLETE = {
    "no learning rate": ("learning_rate = 1.0\n", ""),
    "no iterations": ("iterations = 3\n", ""),
    "no training at all": ("[training]\nlearning_rate = 1.0\niterations = 3\n", ""),
    "no network": ('[network]\nlayers = [2, 2]\nactivations = "sigmoid"\n', ""),
    "no loss": ('[loss]\nname = "half_sum_squared_error"\n', ""),
    "no such activation": ('"sigmoid"', '"sigmiod"'),
    "weights of another network": ("[[[0.2, -0.4], [0.5, 0.6]]]", "[[[0.2, -0.4]]]"),
    "a negative rate": ("learning_rate = 1.0", "learning_rate = -1.0"),
    "a single sample without its brackets": ("[[0.5, 0.3]]", "[0.5, 0.3]"),
}


def tries(error):
    return re.findall(r"^  try +(.*)$", error, re.MULTILINE)


@pytest.mark.parametrize("change", INCOMPLETE.values(), ids=INCOMPLETE)
@pytest.mark.parametrize("verb", [["run"], ["compare", "--engines", "hand,exact"]], ids=["run", "compare"])
def test_what_a_fault_offers_repairs_the_recipe_when_it_is_pasted_as_a_setting(backlight, tmp_path, verb, change):
    (tmp_path / "mine.toml").write_text(WHOLE.replace(*change))
    refused = backlight(verb[0], "mine.toml", *verb[1:])
    assert refused.code == 2
    pasted = [word for text in tries(refused.err) for word in ("--set", text)]
    assert backlight(verb[0], "mine.toml", *verb[1:], *pasted).code == 0


def test_the_rate_and_the_iterations_complete_a_recipe(backlight, tmp_path):
    (tmp_path / "mine.toml").write_text(WHOLE.replace("learning_rate = 1.0\niterations = 3\n", ""))
    (tmp_path / "whole.toml").write_text(WHOLE)
    completed = backlight("run", "mine.toml", "--lr", "1.0", "--iterations", "3", "--format", "json").out
    assert completed == backlight("run", "whole.toml", "--format", "json").out
    assert backlight("compare", "mine.toml", "course", "--lr", "1", "--iterations", "2").code == 0


def test_every_variant_is_checked_with_its_own_settings(backlight, tmp_path):
    (tmp_path / "mine.toml").write_text(WHOLE.replace("learning_rate = 1.0\n", ""))
    assert backlight("compare", "mine.toml", "--vary", "training.learning_rate=0.5,1").code == 0
    refused = backlight("compare", "mine.toml", "--vary", "training.learning_rate=0.5,-1")
    assert (refused.code, refused.err.count("[R-")) == (2, 1)
    assert "learning_rate -1: training.learning_rate" in refused.err


def test_what_was_set_has_no_line_and_what_stands_in_the_file_has_one(backlight, tmp_path):
    (tmp_path / "mine.toml").write_text(WHOLE)
    error = backlight("run", "mine.toml", "--lr", "-2", "--set", "network.layers=[2, 3]").err
    assert "  where     mine.toml:5:12  parameters.weights\n" in error
    assert "  where     training.learning_rate\n" in error


def test_ready_recipes_and_saved_traces_keep_their_names_when_they_are_changed(backlight, tmp_path):
    bl.run(bl.recipe("xor").with_({"training.iterations": 2})).save(tmp_path / "saved.json")
    words = ["compare", "course-numpy", "course-relu", "saved.json", "--iterations", "2", "--format", "json"]
    outcome = backlight(*words)
    assert outcome.code == 0
    assert all(f'"{name}"' in outcome.out for name in ("course-numpy", "course-relu", "saved"))


def test_a_recipe_is_made_with_its_changes_from_whatever_it_is_made_of():
    changes = {"training.learning_rate": 1.0}
    text = WHOLE.replace("learning_rate = 1.0\n", "")
    for source in (WHOLE, text, bl.recipe(WHOLE), bl.recipe(WHOLE).as_dict()):
        assert bl.recipe(source, changes=changes) == bl.recipe(WHOLE)


@pytest.mark.parametrize(
    "setting",
    [
        "training.iterations=-1",
        "training.batch_size=0",
        "parameters.random_seed=-1",
        "training.shuffle_seed=-1",
        "network.layers=[2, 0, 2]",
        "training.iterations=1.5",
        "title=3",
        "network.biases=1",
        "loss=3",
        "network.activations=3",
        "data.inputs=3",
        "training.learning_rate=fast",
        "network.layers=fast",
    ],
)
def test_every_fault_says_what_was_got_why_and_what_to_try(backlight, setting):
    error = backlight("run", "course", "--set", setting).err
    faults = error.split("backlight: ")[1:]
    assert faults
    for fault in faults:
        assert all(f"\n  {line} " in fault for line in ("where", "got", "because", "try")), fault


@pytest.mark.parametrize(
    "text", ['{"network": {"layers": [2, 2],}', '{"a": 1 "b": 2}', "[1]", "{'title': 'a'}", '{"a": {']
)
def test_what_is_no_json_has_something_to_try(backlight, tmp_path, text):
    (tmp_path / "mine.json").write_text(text)
    (offered,) = tries(backlight("run", "mine.json").err)
    (tmp_path / "mine.json").write_text(offered)
    assert offered == "backlight recipes course" or "R-SYNTAX" not in backlight("run", "mine.json").err


def test_a_folder_is_no_recipe_and_it_is_said_why(backlight):
    assert "\n  because " in backlight("run", ".").err


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("parameters.weights[0][9][0]=1", "parameters.weights[0][1][0] = 1"),
        ("parameters.weights[9]=1", "parameters.weights[1][0][0] = 1"),
    ],
)
def test_the_entry_that_is_offered_can_be_set(backlight, wrong, right):
    assert tries(backlight("run", "course", "--set", wrong).err) == [right]
    assert backlight("run", "course", "--set", right).code == 0


@pytest.mark.parametrize(
    ("written", "kept"), [(".5", ".5"), ("5.", "5."), ("+3", "3"), ("+.5e-1", ".5e-1"), ("1_0.", "10.")]
)
def test_a_number_may_be_written_as_python_reads_it_and_keeps_its_literal(backlight, written, kept):
    assert f"learning rate {kept}," in backlight("run", "course", "--lr", written, "--iterations", "1").out


@pytest.mark.parametrize("written", ["nan", "infinity", "1e999", ".5.", "\u0663"])
def test_what_is_no_finite_number_is_refused(backlight, written):
    assert backlight("run", "course", "--lr", written).code == 2


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["rnu", "course"], "backlight run --help"),
        (["run", "course", "--leaning-rate", "1"], "--learning-rate"),
        (["compare", "course", "--engine", "hand"], "--engines"),
    ],
)
def test_an_unknown_command_or_option_gets_the_nearest_name_and_the_list(backlight, words, nearest):
    outcome = backlight(*words)
    assert (outcome.code, tries(outcome.err)) == (2, [nearest])
    assert "[C-USAGE-1]" in outcome.err
    assert re.search(r"^  because +.+ are \S+, .+$", outcome.err, re.MULTILINE)


def test_a_file_is_not_said_to_be_missing_where_a_ready_recipe_is_wanted(backlight, tmp_path):
    (tmp_path / "mine.toml").write_text(WHOLE)
    outcome = backlight("recipes", "mine.toml")
    assert outcome.code == 2
    assert "there is a file of that name" in outcome.err


@pytest.mark.parametrize("header", ["x", "x1,x2,y,z", "x,y"])
def test_a_header_of_the_wrong_width_is_told_with_one_that_fits(backlight, tmp_path, header):
    points = tmp_path / "points.csv"
    points.write_text(header + "\n0,0,1\n0,1,0\n")
    words = ["run", "xor", "--set", "data.file=points.csv"]
    refused = backlight(*words)
    assert (refused.code, "[R-CSV-1]" in refused.err, "points.csv:1:1" in refused.err) == (2, True, True)
    points.write_text(tries(refused.err)[0] + "\n0,0,1\n0,1,0\n")
    assert backlight(*words).code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["run", "course"], ["recipes"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_told_without_a_traceback(words):
    with Path("/dev/full").open("w") as full:
        program = "from backlight.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
    assert done.returncode == 2
    assert done.stderr.startswith("backlight: ")
    assert "[C-OUTPUT-1]" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [[], ["run"], ["compare"], ["recipes"]])
def test_help_fits_into_eighty_columns(backlight, words, language):
    for line in backlight("--lang", language, *words, "--help").out.splitlines():
        assert sum(2 if east_asian_width(one) in "FW" else 1 for one in line) <= 80, line


@pytest.mark.parametrize("recipe", ["[1]", "3", "null", '"course"'])
def test_a_saved_trace_whose_recipe_is_no_table_is_told(backlight, tmp_path, recipe):
    (tmp_path / "saved.json").write_text(f'{{"backlight_trace": 1, "recipe": {recipe}}}')
    assert "network is missing" in backlight("run", "saved.json", "--lr", "1").err
