"""What a user may get wrong: each is told in the design's form, with exit code 2 and without a traceback."""

import os
import re
import subprocess
import sys

import pytest

FAULT = re.compile(r"^backlight: .+   \[[A-Z]-[A-Z]+-\d+\]$", re.MULTILINE)

WRONG = {
    "an unknown verb": ["rum", "course"],
    "no recipe": ["run"],
    "an unknown option": ["run", "course", "--leaning-rate", "1"],
    "an unknown recipe": ["run", "cuorse"],
    "an unknown engine": ["run", "course", "--engine", "handy"],
    "an unknown mistake": ["run", "course", "--mistake", "sum-of-weights"],
    "a mistake's unknown parameter": ["run", "course", "--mistake", "constant-factor:facto=2"],
    "a mistake elsewhere than by hand": ["run", "course", "--engine", "exact", "--mistake", "sign-error"],
    "an unknown field": ["run", "course", "--set", "training.learningrate=1"],
    "no value for a field": ["run", "course", "--set", "training.learning_rate"],
    "a learning rate that is a word": ["run", "course", "--lr", "fast"],
    "a negative learning rate": ["run", "course", "--lr", "-1"],
    "a learning rate that is not finite": ["run", "course", "--lr", "inf"],
    "iterations below zero": ["run", "course", "--iterations", "-1"],
    "iterations that are no whole number": ["run", "course", "--iterations", "1.5"],
    "an unknown activation": ["run", "course", "--set", "network.activations=rulu"],
    "layers that do not fit the weights": ["run", "course", "--set", "network.layers=[2, 3, 2]"],
    "a layer of no units": ["run", "course", "--set", "network.layers=[2, 0, 2]"],
    "no layers": ["run", "course", "--set", "network.layers=[]"],
    "a missing data file": ["run", "xor", "--set", "data.file=nowhere.csv"],
    "a folder for a recipe": ["run", "."],
    "an unknown record": ["run", "course", "--record", "most"],
    "a record beyond memory": ["run", "course", "--iterations", "1000000000", "--record", "all"],
    "an unknown format": ["run", "course", "--format", "xml"],
    "an unknown ending of a plot": ["run", "course", "--plot", "course.bmp"],
    "an unknown ending of a trace": ["run", "course", "--save", "course.xlsx"],
    "a folder that is not there": ["run", "course", "--save", "no/where/course.json"],
    "nothing to compare": ["compare", "course"],
    "an unknown engine among some": ["compare", "course", "--engines", "hand,magic"],
    "an unknown field to vary": ["compare", "course", "--vary", "training.rate=1,2"],
    "a bad value among some": ["compare", "course", "--vary", "training.learning_rate=1,-2"],
    "an unknown ready recipe": ["recipes", "coarse"],
    "an unknown language": ["--lang", "fr", "recipes"],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_a_fault_is_told_with_exit_code_two_and_something_to_try(backlight, words):
    outcome = backlight(*words)
    assert outcome.code == 2
    assert FAULT.search(outcome.err), outcome.err
    assert "\n  try " in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_the_same_faults_are_told_in_chinese(backlight, words):
    outcome = backlight("--lang", "zh", *words)
    assert outcome.code == 2
    assert FAULT.search(outcome.err), outcome.err
    assert "Traceback" not in outcome.err


def test_nothing_half_written_stays_behind(backlight, tmp_path):
    backlight("run", "course", "--save", "no/where/course.json", "--plot", "no/where/course.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_result_is_shown_although_it_cannot_be_kept(tmp_path):
    """A full disk is met while writing: the file-size limit stands in for it."""
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))\n"
        "from backlight.cli import main\n"
        "main(['run', 'course', '--save', 'course.json'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 2
    assert "0.20970979" in done.stdout
    assert FAULT.search(done.stderr), done.stderr
    assert list(tmp_path.iterdir()) == []
