"""That less than everything was recorded, without anybody having asked for less, is told on standard error."""

import json

import pytest

from backlight.traces import record


@pytest.fixture
def little(monkeypatch):
    """Room for the parameters of a course run, and for no more."""
    monkeypatch.setattr(record, "COMFORTABLE_BYTES", 2000)


NOTE = "recorded parameters, because everything would take more than 256 MiB; --record all asks for more\n"


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("engine", ["hand", "exact"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_recording_that_was_thinned_by_default_is_told(backlight, form, engine):
    assert backlight("run", "course", "--engine", engine, "--format", form).err == NOTE


@pytest.mark.usefixtures("little")
def test_it_is_told_in_the_language_in_use(backlight):
    told = backlight("--lang", "zh", "run", "course", "--format", "json")
    assert "--record all" in told.err
    assert told.err != NOTE
    assert told.err.strip() in json.loads(told.out)["notes"]


@pytest.mark.usefixtures("little")
def test_what_was_asked_for_is_not_told(backlight):
    assert backlight("run", "course", "--record", "parameters").err == ""


def test_what_was_recorded_as_a_whole_is_not_told(backlight):
    assert backlight("run", "course", "--engine", "exact").err == ""


@pytest.mark.usefixtures("little")
def test_on_a_terminal_it_stands_in_the_transcript_alone(backlight, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    told = backlight("run", "course")
    assert told.err == ""
    assert "--record all" in told.out


def test_a_comparison_says_how_each_run_came_out(backlight):
    document = json.loads(
        backlight("compare", "course", "--vary", "training.learning_rate=0,1", "--format", "json").out
    )
    assert dict(zip(document["names"], document["outcomes"], strict=True)) == {
        "learning_rate 0": "stalled",
        "learning_rate 1": "still_falling",
    }
