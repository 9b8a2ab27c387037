"""The verb compare: what is run, what the runs are called, and what is refused before anything is run."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

import backlight as bl
from backlight.engines import ENGINES
from backlight.faults import EngineError, RecipeError, TraceError

COURSE = bl.recipe("course")


def refused(*what, **options):
    with pytest.raises(bl.BacklightError) as caught:
        bl.compare(*what, **options)
    return caught.value


# ---- what is run -----------------------------------------------------------------------------------------


def test_engines_run_the_same_recipe():
    comparison = bl.compare("course", engines=["hand", "exact"])
    assert comparison.names == ("hand", "exact")
    assert [trace.engine for trace in comparison.traces] == ["hand", "exact"]
    assert comparison.kind == "engines"
    assert comparison.reference == 1


def test_every_combination_of_values_is_run_the_last_field_fastest():
    comparison = bl.compare(
        "course", vary={"loss.name": ["huber", "mean_squared_error"], "training.learning_rate": [1, 10]}
    )
    assert comparison.names == (
        "huber, learning_rate 1",
        "huber, learning_rate 10",
        "mean_squared_error, learning_rate 1",
        "mean_squared_error, learning_rate 10",
    )
    assert comparison.varied == {
        "loss.name": ("huber", "huber", "mean_squared_error", "mean_squared_error"),
        "training.learning_rate": (1, 10, 1, 10),
    }
    for trace, loss, rate in zip(comparison.traces, *comparison.varied.values(), strict=True):
        alone = bl.run(COURSE.with_({"loss.name": loss, "training.learning_rate": rate}))
        assert np.array_equal(trace["dL_dW1"], alone["dL_dW1"])


def test_fields_engines_and_mistakes_may_vary_together():
    comparison = bl.compare(
        "course", vary={"training.learning_rate": [1, 10]}, engines=["hand", "exact"], mistakes=["missing-path"]
    )
    assert comparison.names == tuple(
        f"learning_rate {rate}, {way}" for rate in (1, 10) for way in ("hand", "exact", "missing-path")
    )
    assert [(trace.engine, trace.mistake) for trace in comparison.traces[:3]] == [
        ("hand", None), ("exact", None), ("hand", "missing-path"),
    ]  # fmt: skip


def test_a_mistake_stands_beside_what_is_right():
    comparison = bl.compare("course", mistakes=["sum-of-weight-gradients"])
    assert comparison.names == ("right", "sum-of-weight-gradients")
    assert [trace.mistake for trace in comparison.traces] == [None, "sum-of-weight-gradients"]
    assert comparison.kind == "mistakes"


def test_a_single_value_is_set_in_all_runs_and_is_no_part_of_a_name():
    comparison = bl.compare("course", vary={"training.iterations": [3]}, engines=["hand", "exact"])
    assert comparison.names == ("hand", "exact")
    assert [trace.iterations for trace in comparison.traces] == [3, 3]


def test_several_recipes_in_whatever_form_they_come(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(COURSE.as_dict()))
    text = "title = 'mine'\n" + "".join(
        f"[{section}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
        for section, table in COURSE.with_({"training.learning_rate": 2}).as_dict().items()
        if section != "title"
    )
    comparison = bl.compare("course-relu", file, str(file), COURSE, COURSE.as_dict(), text)
    assert comparison.names[:3] == ("course-relu", "mine", "mine (2)")
    assert len(set(comparison.names)) == 6
    assert comparison.varied["training.learning_rate"] == (1, 1, 1, 1, 1, 2)


def test_a_trace_stands_for_its_run(tmp_path):
    trace = bl.run(COURSE, mistake="missing-path")
    for saved in (trace, trace.save(tmp_path / "t.json"), str(trace.save(tmp_path / "t.zarr"))):
        comparison = bl.compare("course", saved)
        assert comparison.traces[1].mistake == "missing-path"
        assert comparison.kind == "mistakes"


def test_where_something_is_varied_a_trace_stands_for_its_recipe(tmp_path):
    file = bl.run(COURSE, mistake="missing-path").save(tmp_path / "t.json")
    comparison = bl.compare(file, engines=["hand", "exact"])
    assert comparison.names == ("hand", "exact")
    assert [trace.mistake for trace in comparison.traces] == [None, None]


def test_what_is_recorded_may_be_chosen():
    comparison = bl.compare("course", engines=["hand", "exact"], record="loss:5")
    assert all(trace.recorded.tolist() == [0, 5, 10, 11] for trace in comparison.traces)
    assert [one.quantity for one in comparison.partings[0].differences] == ["x", "y", "loss"]


def test_findings_of_the_comparison_are_there():
    comparison = bl.compare("course", vary={"training.learning_rate": [1, 10]})
    assert "larger_steps" in {finding.name for finding in comparison.findings}


def test_progress_counts_the_iterations_of_all_runs(monkeypatch):
    monkeypatch.setattr("backlight.engines.loop.SECONDS_BETWEEN_REPORTS", 0.0)
    reports = []
    bl.compare(
        COURSE, vary={"training.iterations": [3, 5]}, progress=lambda reached, last: reports.append((reached, last))
    )
    assert reports == [(reached, 8) for reached in (0, 1, 2, 3, 3, 4, 5, 6, 7, 8)]


# ---- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vary", "names"),
    [
        ({"network.activations": ["relu", "tanh"]}, ("relu", "tanh")),
        ({"network.biases": [True, False]}, ("biases true", "biases false")),
        ({"training.momentum": [0.5, None]}, ("momentum 0.5", "momentum none")),
        ({"parameters.weights[0][1][0]": [0.25, 0.5]}, ("weights[0][1][0] 0.25", "weights[0][1][0] 0.5")),
        ({"parameters.weights": [[[[0.5] * 2] * 2] * 2, [[[0.25] * 2] * 2] * 2]}, ("weights 1", "weights 2")),
        ({"data.inputs": np.array([[[0.5, 0.25]], [[1.0, 0.125]]])}, ("inputs [[0.5, 0.25]]", "inputs [[1.0, 0.125]]")),
        ({"training.learning_rate": (rate for rate in (1, 2))}, ("learning_rate 1", "learning_rate 2")),
        ({"training.learning_rate": [1, 1]}, ("learning_rate 1", "learning_rate 1 (2)")),
    ],
)
def test_names_are_short_and_different(vary, names):
    assert bl.compare("course", vary=vary).names == names


def test_recipes_without_a_name_are_called_by_what_they_differ_in():
    recipes = [COURSE.with_({"training.learning_rate": rate, "title": f"rate: {rate}"}) for rate in (1, 10)]
    assert bl.compare(*recipes).names == ("learning_rate 1", "learning_rate 10")
    assert bl.compare(*map(bl.run, recipes)).names == ("learning_rate 1", "learning_rate 10")


def test_recipes_that_differ_in_much_are_called_by_their_title_or_number():
    changes = {"training.learning_rate": 2, "training.iterations": 3, "numerics.precision": "float32"}
    other = COURSE.with_(changes | {"title": "Short: and something more"})
    assert bl.compare(COURSE, other).names == ("The course exercise", "Short")
    assert bl.compare(COURSE.with_({"title": "long " * 20}), other).names == ("run 1", "Short")


# ---- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", [(), ("course",), (bl.run(COURSE),)])
def test_one_run_alone_is_refused(what):
    error = refused(*what)
    assert isinstance(error, EngineError)
    assert error.faults[0].code == "E-COMPARE-1"


def test_too_many_runs_are_refused_with_their_number():
    error = refused(
        "course", vary={"training.learning_rate": range(1, 10**9), "loss.name": ["huber", "mean_squared_error"]}
    )
    assert error.faults[0].code == "E-COMPARE-2"
    assert error.faults[0].sentence == "1999999998 runs are too many to lay side by side"
    assert error.faults[0].try_this == "--vary training.learning_rate=1,999999999"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"engines": "hand"}, "engines"),
        ({"mistakes": "missing-path"}, "mistakes"),
        ({"vary": {"loss.name": "huber"}}, "loss.name"),
        ({"vary": {"loss.name": []}}, "loss.name"),
        ({"vary": {"training.learning_rate": 3}}, "training.learning_rate"),
        ({"vary": {"loss": {"name": "huber"}}}, "loss"),
    ],
)
def test_a_list_is_wanted(options, name):
    error = refused("course", **options)
    assert error.faults[0].code == "E-COMPARE-3"
    assert error.faults[0].sentence == f"{name} wants a list of values, at least one"


def test_the_faults_of_all_variants_are_told_at_once_with_their_names():
    error = refused("course", vary={"training.learning_rate": [1, -1], "loss.name": ["huber", "hubr"]})
    assert isinstance(error, RecipeError)
    assert [(fault.code, fault.where) for fault in error.faults] == [
        ("R-NAME-1", "learning_rate 1, hubr: loss.name"),
        ("R-RANGE-1", "learning_rate -1, huber: training.learning_rate"),
    ]


def test_an_unknown_engine_or_mistake_is_refused_before_anything_is_run(monkeypatch):
    def nothing_runs(*_args, **_options):
        raise AssertionError

    monkeypatch.setattr("backlight.studies.variants.run", nothing_runs)
    assert refused("course", engines=["hand", "exakt"]).faults[0].code == "E-ENGINE-1"
    assert refused("course", mistakes=["nope"]).faults[0].code == "E-MISTAKE-1"
    assert refused("course", vary={"network.layers": [[2, 2]]}, mistakes=["missing-path"]).faults


def test_a_file_that_is_neither_is_refused_as_a_recipe(tmp_path):
    (tmp_path / "t.json").write_bytes(b"\xff\xfe")
    error = refused("course", tmp_path / "t.json")
    assert isinstance(error, RecipeError)
    assert error.faults[0].code == "R-FILE-1"


def test_a_recipe_and_a_file_that_are_not_there_are_told_together(tmp_path):
    (tmp_path / "t.json").write_text('{"backlight_trace": 2}')
    error = refused("cours", tmp_path / "t.json")
    assert [fault.code for fault in error.faults] == ["R-NAME-1", "T-FILE-5"]


def test_what_does_not_fit_in_memory_is_told_with_the_name_of_the_run():
    error = refused("course", vary={"training.iterations": [1, 10**9]}, record="all")
    assert isinstance(error, TraceError)
    assert (error.faults[0].code, error.faults[0].where) == ("T-MEMORY-1", "iterations 1000000000")


# ---- interrupted -----------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another signal")
def test_an_interrupt_keeps_the_runs_that_were_made_and_says_so(request):
    # a shell that starts the tests in the background has them ignore Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    def interrupt_in_the_second_run(reached, _last):
        if reached > 50:
            signal.raise_signal(signal.SIGINT)

    comparison = bl.compare(
        COURSE,
        vary={"training.iterations": [50, 10**6, 60]},
        record="loss:100",
        progress=interrupt_in_the_second_run,
    )
    assert comparison.names == ("iterations 50", "iterations 1000000")
    assert not comparison.complete
    assert comparison.notes == ("interrupted: of 3 runs, 2 were begun",)
    assert len(comparison.partings) == 1


def test_a_comparison_needs_nothing_heavy():
    program = "import sys, backlight as bl; bl.compare('course', mistakes=['missing-path']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"torch", "xarray", "zarr", "matplotlib", "pandas", "sklearn"} & set(done.stdout.split())


def test_every_engine_there_is_can_be_compared():
    pytest.importorskip("torch")
    comparison = bl.compare("course", engines=ENGINES)
    assert comparison.names == ENGINES
    assert all(one.worst.relative < 1e-14 for one in comparison.partings)


@pytest.mark.parametrize("what", [["course", "xor"], 3, None, b"course"], ids=repr)
def test_what_no_recipe_can_be_made_of_is_refused(what):
    assert [fault.code for fault in refused(what).faults] == ["R-TYPE-1"]
