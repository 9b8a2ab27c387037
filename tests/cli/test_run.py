"""`backlight run` and `backlight compare` from a user's side."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import backlight as bl

SHOWN = 0.6e-7
"""Half of the last digit that the transcript shows of numbers below 1, and a little."""


def test_run_prints_every_number_of_the_exercise(backlight):
    outcome = backlight("run", "course")
    trace = bl.run(bl.recipe("course"))
    assert outcome.code == 0
    assert outcome.err == ""
    shown = {float(number) for number in re.findall(r"-?\d+\.\d+", outcome.out)}
    for label in ["o1", "o2", "loss", *(f"dL_dw{k}" for k in range(1, 9))]:
        assert label in outcome.out
        assert all(any(abs(number - value) < SHOWN for number in shown) for value in trace[label]), label
    for k in range(1, 9):
        assert any(abs(number - trace[f"w{k}"][-1]) < SHOWN for number in shown)


def test_json_holds_the_trace_and_can_be_run_again(backlight, tmp_path):
    outcome = backlight("run", "course", "--lr", "10", "--format", "json")
    document = json.loads(outcome.out)
    assert document["backlight_trace"] == 1
    assert (
        document["quantities"]["loss"]
        == bl.run(bl.recipe("course").with_({"training.learning_rate": 10})).loss.tolist()
    )
    (tmp_path / "again.json").write_text(outcome.out)
    assert backlight("run", "again.json", "--format", "json").out == outcome.out


def test_set_changes_any_field_and_lr_is_short_for_one(backlight):
    short = backlight("run", "course", "--lr", "10", "--iterations", "3", "--format", "json")
    long = backlight(
        "run", "course", "--set", "training.learning_rate=10", "--set", "training.iterations=3", "--format", "json"
    )
    assert short.out == long.out
    assert json.loads(short.out)["iterations"] == 3


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_save_writes_a_file_and_says_where(backlight, tmp_path, ending):
    outcome = backlight("run", "course", "--save", f"course.{ending}")
    assert outcome.code == 0
    assert f"course.{ending}" in outcome.err
    assert [found.name for found in tmp_path.iterdir()] == [f"course.{ending}"]


def test_a_mistake_is_made_by_name(backlight):
    outcome = backlight("run", "course", "--mistake", "sum-of-weight-gradients", "--format", "json")
    document = json.loads(outcome.out)
    assert document["mistake"] == "sum-of-weight-gradients"
    assert document["quantities"]["dL_dW1"][0][0][0] > 0  # the true one is negative


def test_the_exact_engine_prints_proven_decimals(backlight):
    outcome = backlight("run", "course", "--engine", "exact", "--iterations", "0", "--format", "json")
    loss = json.loads(outcome.out)["quantities"]["loss"][0]
    assert isinstance(loss, str)
    assert float(loss) == pytest.approx(float(bl.run(bl.recipe("course")).loss[0]), rel=1e-15)


def test_the_exact_engine_that_cannot_prove_everything_says_so_with_exit_code_three(backlight, tmp_path):
    recipe = tmp_path / "kink.toml"
    recipe.write_text(
        """
        [network]
        layers = [1, 1]
        activations = "relu"
        [parameters]
        weights = [[[0.1]]]
        [data]
        inputs = [[0.3], [0.7]]
        targets = [[0.5], [-0.1]]
        [loss]
        name = "cross_entropy"
        [training]
        learning_rate = 1e3
        iterations = 4
        """
    )
    outcome = backlight("run", "kink.toml", "--engine", "exact")
    assert outcome.code in {0, 3}
    assert (outcome.code == 3) == (not bl.run(bl.recipe(recipe), engine="exact").complete)


def test_compare_names_the_engines_and_where_they_part(backlight):
    outcome = backlight("compare", "course", "--engines", "hand,exact")
    assert outcome.code == 0
    assert "hand" in outcome.out
    assert "exact" in outcome.out
    assert "ulp" in outcome.out


def test_compare_varies_several_fields_at_once(backlight):
    outcome = backlight(
        "compare",
        "course",
        "--vary",
        "training.learning_rate=1,10",
        "--vary",
        "network.activations=sigmoid,tanh",
        "--format",
        "json",
    )
    document = json.loads(outcome.out)
    assert document["backlight_comparison"] == 1
    assert len(document["traces"]) == 4
    assert set(document["varied"]) == {"training.learning_rate", "network.activations"}


def test_compare_takes_the_values_of_a_field_that_is_varied_twice_together(backlight):
    twice = ("--vary", "training.learning_rate=1", "--vary", "training.learning_rate=2,3")
    document = json.loads(backlight("compare", "course", *twice, "--format", "json").out)
    assert document["varied"] == {"training.learning_rate": [1, 2, 3]}


def test_compare_puts_the_truth_beside_a_mistake(backlight):
    document = json.loads(backlight("compare", "course", "--mistake", "sign-error", "--format", "json").out)
    assert [trace["mistake"] for trace in document["traces"]] == [None, "sign-error"]


def test_recipes_are_listed_and_printed(backlight, tmp_path):
    assert "course-relu" in backlight("recipes").out
    text = backlight("recipes", "course").out
    (tmp_path / "mine.toml").write_text(text)
    assert backlight("run", "mine.toml").out == backlight("run", "course").out


def test_the_schema_knows_every_section(backlight):
    schema = json.loads(backlight("recipes", "--schema").out)
    assert set(schema["properties"]) == {"title", "network", "parameters", "data", "loss", "training", "numerics"}


@pytest.mark.parametrize("place", ["before", "after"])
def test_lang_and_version_stand_before_or_after_the_verb(backlight, place):
    words = ["--lang", "zh", "run", "course"] if place == "before" else ["run", "course", "--lang", "zh"]
    assert "梯度" in backlight(*words).out
    version = ["--version", "run"] if place == "before" else ["run", "--version"]
    assert backlight(*version).out == f"backlight {bl.__version__}\n"


def test_the_locale_chooses_the_language(backlight, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "梯度" in backlight("run", "course").out


def test_an_interrupt_keeps_what_was_done_and_says_so(tmp_path):
    """A run of hours, interrupted after a moment: exit code 130, the rows are shown and saved."""
    command = [sys.executable, "-c", "from backlight.cli import main; main()"]
    words = ["run", "course", "--iterations", "1000000000", "--record", "loss:1000", "--save", "part.json"]
    with subprocess.Popen(
        command + words,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    ) as running:
        time.sleep(4)  # the run lasts hours: any moment will do, once it has begun
        running.send_signal(signal.SIGINT)
        try:
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()  # a test that fails leaves no run of hours behind
    assert running.returncode == 130
    assert "Traceback" not in err
    part = bl.load(tmp_path / "part.json")
    assert not part.complete
    assert 1 < len(part.loss) < 1_000_000
    assert str(part.recorded[-1]) in out


def test_without_a_word_the_help_is_printed(backlight):
    assert backlight() == backlight("--help")


@pytest.mark.parametrize(("words", "library"), [(["--plot", "a.svg"], "matplotlib"), (["--save", "a.zarr"], "zarr")])
def test_a_missing_extra_is_told_before_the_run(backlight, monkeypatch, words, library):
    found = importlib.util.find_spec
    monkeypatch.setattr("backlight.cli.output.find_spec", lambda name: None if name == library else found(name))
    outcome = backlight("run", "course", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"needs {library}, which is not installed   [X-EXTRA-1]" in outcome.err
