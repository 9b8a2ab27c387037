"""The verb run: which engine, what it was computed with, and what is said of a thinner recording."""

import platform
from importlib.metadata import version

import pytest

import backlight as bl
from backlight.faults import EngineError, RecipeError, TraceError
from backlight.recipes.ready import ready_text

COURSE = bl.recipe("course")


@pytest.mark.parametrize(("asked", "nearest"), [("hend", "hand"), ("torch", "autograd"), ("jax", "hand"), ("", "hand")])
def test_an_engine_that_does_not_exist_is_refused_with_the_list(asked, nearest):
    with pytest.raises(EngineError) as error:
        bl.run(COURSE, engine=asked)
    [fault] = error.value.faults
    assert fault.code == "E-ENGINE-1"
    assert fault.because == "the engines are hand, autograd, exact"
    assert fault.try_this == nearest


def test_a_trace_says_what_it_is_of():
    trace = bl.run(COURSE, mistake="sign-error")
    assert (trace.engine, trace.mistake, trace.complete, trace.iterations) == ("hand", "sign-error", True, 11)
    assert trace.recipe == COURSE
    assert bl.run(COURSE).mistake is None


def test_a_trace_says_what_computed_it():
    assert bl.run(COURSE).versions == {
        "python": platform.python_version(),
        "backlight": version("backlight"),
        "numpy": version("numpy"),
    }


def stop(iteration, iterations):
    """Press Ctrl-C at the first report."""
    raise KeyboardInterrupt


def test_a_run_too_long_to_record_whole_records_less_and_says_so():
    trace = bl.run(COURSE.with_({"training.iterations": 10_000_000}), progress=stop)
    assert trace.notes == (
        "recorded parameters:10, because everything would take more than 256 MiB; --record all asks for more",
    )
    assert set(trace) == {"x", "y", "loss", "W1", "W2"}
    assert set(trace.recorded % 10) == {0}
    trace = bl.run(COURSE.with_({"training.iterations": 1_500_000}), progress=stop)
    assert trace.notes[0].startswith("recorded parameters, because")


def test_what_was_asked_for_needs_no_note():
    assert bl.run(COURSE.with_({"training.iterations": 10_000_000}), record="loss:100", progress=stop).notes == ()
    assert bl.run(COURSE).notes == ()


def test_a_recording_that_does_not_fit_in_memory_is_refused_with_one_that_does():
    huge = COURSE.with_({"training.iterations": 1_000_000_000})
    with pytest.raises(TraceError) as error:
        bl.run(huge, record="all")
    [fault] = error.value.faults
    assert fault.code == "T-MEMORY-1"
    proposed = fault.try_this.removeprefix("--record ")
    assert not bl.run(huge, record=proposed, progress=stop).complete


def test_whatever_a_recipe_can_be_made_of_can_be_run(tmp_path):
    trace = bl.run(COURSE)
    file = tmp_path / "course.toml"
    file.write_text(ready_text("course"))
    for given in ("course", str(file), file, file.read_text(), COURSE.as_dict(), trace.save(tmp_path / "t.json")):
        assert bl.run(given) == trace


@pytest.mark.parametrize(("given", "code"), [("coarse", "R-NAME-1"), (3, "R-TYPE-1"), ({"network": {}}, "R-FIELD-2")])
def test_what_is_no_recipe_cannot_be_run(given, code):
    with pytest.raises(RecipeError) as error:
        bl.run(given)
    assert code in {fault.code for fault in error.value.faults}
