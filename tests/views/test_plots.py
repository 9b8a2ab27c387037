import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

import backlight as bl
from backlight import language
from backlight.faults import MissingExtra, TraceError
from backlight.traces.compare import side_by_side
from backlight.views import transcript
from backlight.views.plots import fonts
from tests.language.speech import speaking

COURSE = bl.recipe("course")
FORMS = [".svg", ".png", ".pdf"]


def run(changes=None, **options):
    return bl.run(COURSE.with_(changes or {}), **options)


@pytest.fixture(scope="module")
def course():
    return run()


def texts(file):
    """Every text of an SVG file."""
    return [element.text for element in ET.parse(file).iter() if element.tag.endswith("}text")]  # noqa: S314  our own


def names_in(figure):
    """The names beside the curves, panel by panel."""
    return [[text.get_text() for text in axes.texts] for axes in figure.axes]


def test_a_run_has_its_loss_its_parameters_and_its_gradients(course):
    figure = bl.plot(course)
    assert isinstance(figure, Figure)
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "parameter", "dL/dw"]
    assert figure.axes[-1].get_xlabel() == "iteration"
    weights = [f"w{k}" for k in range(1, 9)]
    assert names_in(figure) == [[], weights, [f"dL_d{weight}" for weight in weights]]


def test_the_curves_are_the_numbers_of_the_trace(course):
    loss, parameters, gradients = bl.plot(course).axes
    assert loss.lines[0].get_ydata().tolist() == course.loss.tolist()
    assert loss.lines[0].get_xdata().tolist() == course.recorded.tolist()
    assert parameters.lines[4].get_ydata().tolist() == course["w5"].tolist()
    assert gradients.lines[7].get_ydata().tolist() == course["dL_dw8"].tolist()


def test_no_two_curves_of_the_exercise_look_the_same(course):
    looks = [(line.get_color(), line._dash_pattern) for line in bl.plot(course).axes[1].lines]
    assert len(set(map(str, looks))) == 8


@pytest.mark.parametrize(
    ("changes", "scale"),
    [
        ({}, "linear"),
        ({"training.learning_rate": 10, "training.iterations": 200}, "log"),
        ({"loss.name": "softmax_cross_entropy", "training.learning_rate": 10, "training.iterations": 200}, "linear"),
    ],
)
def test_the_loss_is_on_a_logarithmic_axis_where_that_is_right(changes, scale):
    trace = run(changes)
    assert (trace.loss.min() < 0) == ("loss.name" in changes)
    assert bl.plot(trace).axes[0].get_yscale() == scale


def test_a_run_that_diverges_is_clipped_and_says_where():
    trace = run({"network.activations": "identity", "training.learning_rate": 20, "training.iterations": 60})
    assert not np.isfinite(trace.loss[-1])
    figure = bl.plot(trace)
    said = next(text.get_text() for text in figure.texts if "diverges" in text.get_text())
    gone = int(re.search(r"from iteration (\d+)", said)[1])
    assert trace.loss[gone - 1] <= 1000 * trace.loss[0] < trace.loss[gone]
    low, high = figure.axes[1].get_ylim()
    assert low <= trace["W2"][:gone].min()
    assert high < 100 * np.abs(trace["W2"][:gone]).max()


def test_a_run_of_nothing_but_nan_can_be_drawn(tmp_path):
    weights = [[[1e200, 1e200], [1e200, 1e200]], [[1e200, -1e200], [1e200, 1e200]]]
    trace = run({"network.activations": "identity", "parameters.weights": weights})
    assert not np.isfinite(trace.loss).any()
    bl.plot(trace, file=tmp_path / "nan.png")


@pytest.mark.parametrize("record", ["loss", "parameters", "all:5"])
def test_what_was_not_recorded_has_no_panel(record):
    labels = {"loss": ["loss"], "parameters": ["loss", "parameter"], "all:5": ["loss", "parameter", "dL/dw"]}
    assert [axes.get_ylabel() for axes in bl.plot(run(record=record)).axes] == labels[record]


@pytest.mark.parametrize("iterations", [0, 1])
def test_a_run_of_one_row_or_two_can_be_drawn(iterations, tmp_path):
    bl.plot(run({"training.iterations": iterations}), file=tmp_path / "short.svg")


def test_a_run_that_was_stopped_before_its_first_row_can_be_drawn(course, tmp_path):
    nothing = {name: values if name in "xy" else values[:0] for name, values in course.quantities.items()}
    stopped = replace(course, complete=False, recorded=course.recorded[:0], quantities=nothing)
    bl.plot(stopped, file=tmp_path / "nothing.svg")
    bl.plot(side_by_side([course, stopped], ["all", "none"]), file=tmp_path / "half.svg")


def large(**changes):
    generator = np.random.default_rng(0)
    recipe = {
        "network": {"layers": [8, 6, 3], "activations": "tanh", "biases": True},
        "parameters": {"initializer": "xavier_uniform"},
        "data": {"inputs": generator.normal(size=(20, 8)).tolist(), "targets": np.eye(3)[np.arange(20) % 3].tolist()},
        "loss": {"name": "softmax_cross_entropy"},
        "training": {"learning_rate": 0.5, "iterations": 30},
    }
    return bl.run(bl.recipe(recipe).with_(changes))


def test_a_large_network_has_a_band_for_each_array_and_the_norms_of_its_gradients():
    trace = large()
    figure = bl.plot(trace)
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy", "parameter", "|dL/dw|"]
    assert names_in(figure)[2] == ["W1", "W2", "b1", "b2"]
    band = figure.axes[2].collections[0].get_paths()[0].vertices[:, 1]
    inside = np.quantile(trace["W1"].reshape(31, -1), [0.1, 0.9], axis=1)
    assert (band.min(), band.max()) == pytest.approx((inside.min(), inside.max()))
    norms = np.sqrt((trace["dL_dW1"] ** 2).sum(axis=(1, 2)))
    np.testing.assert_allclose(figure.axes[3].lines[0].get_ydata(), norms, rtol=1e-14)  # a few roundings
    assert any("four fifths" in text.get_text() for text in figure.texts)


@pytest.mark.parametrize("rows", [0, 31])
def test_a_large_network_that_diverges_or_was_stopped_at_once_can_be_drawn_and_told(rows, tmp_path):
    changes = {"network.activations": ["relu", "identity"], "loss.name": "mean_squared_error"}
    trace = large(**changes, **{"training.learning_rate": 50})
    assert not np.isfinite(trace.loss[-1])
    kept = {name: values if name in "xy" else values[:rows] for name, values in trace.quantities.items()}
    part = replace(trace, recorded=trace.recorded[:rows], quantities=kept, complete=rows > 0)
    bl.plot(part, file=tmp_path / "wild.png")
    assert "shape" in transcript(part) or not rows


def test_the_axis_of_a_run_that_diverges_ends_soon_behind_where_it_leaves():
    trace = run({"network.activations": "identity", "training.learning_rate": 20, "training.iterations": 500})
    figure = bl.plot(trace)
    assert figure.axes[0].get_xlim()[1] < 10
    assert len(names_in(figure)[1]) == 8


def test_accuracies_are_drawn_where_they_were_measured():
    figure = bl.plot(large(**{"training.batch_size": 7, "data.held_out": 0.25}))
    by_label = {axes.get_ylabel(): axes for axes in figure.axes}
    assert [text.get_text() for text in by_label["accuracy"].texts] == ["training", "held out"]
    assert by_label["accuracy"].lines[0].get_xdata().tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30]


def test_a_comparison_lays_the_losses_over_each_other():
    rates = [0.1, 1, 100]
    traces = [run({"training.learning_rate": rate}) for rate in rates]
    figure = bl.plot(side_by_side(traces, [f"learning rate {rate}" for rate in rates]))
    (axes,) = figure.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [trace.loss.tolist() for trace in traces]
    assert names_in(figure) == [["learning rate 0.1", "learning rate 1", "learning rate 100"]]
    assert axes.get_yscale() == "log"


def test_a_comparison_with_a_diverging_run_names_it_and_keeps_the_others_in_view():
    changes = {"network.activations": "identity", "training.iterations": 60}
    traces = [run(changes | {"training.learning_rate": rate}) for rate in (1, 20)]
    figure = bl.plot(side_by_side(traces, ["calm", "wild"]))
    assert any(text.get_text().startswith("wild diverges") for text in figure.texts)
    assert figure.axes[0].get_ylim()[1] < 1e4 * traces[0].loss[0]


def test_a_comparison_has_a_panel_for_each_score():
    changes = {"data.held_out": 0.25, "training.batch_size": 5}
    traces = [large(**changes), large(**changes, **{"training.learning_rate": 0.1})]
    figure = bl.plot(side_by_side(traces, ["fast", "slow"]))
    labels = ["loss", "accuracy", "held-out accuracy", "held-out loss"]
    assert [axes.get_ylabel() for axes in figure.axes] == labels
    for axes, name in zip(figure.axes[1:], ["accuracy", "held_out_accuracy", "held_out_loss"], strict=True):
        for line, trace in zip(axes.lines, traces, strict=True):
            assert line.get_ydata().tolist() == trace[name][~np.isnan(trace[name])].tolist()


def test_runs_with_long_names_are_numbered_as_in_the_table():
    names = ["a name that is much too long to stand beside a curve", "another"]
    figure = bl.plot(side_by_side([run(), run({"training.learning_rate": 2})], names))
    assert names_in(figure) == [["1", "2"]]
    assert any(names[0] in text.get_text() for text in figure.texts)


def test_many_runs_are_drawn_though_not_all_are_named():
    traces = [run({"training.learning_rate": 1 + k / 100}) for k in range(60)]
    figure = bl.plot(side_by_side(traces, [f"{k}" for k in range(60)]))
    assert len(figure.axes[0].lines) == 60
    assert len(names_in(figure)[0]) == 20


# ---- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMS)
def test_the_ending_chooses_the_form(course, tmp_path, ending):
    file = tmp_path / f"picture{ending.upper()}"
    bl.plot(course, file=file)
    magic = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}
    assert file.read_bytes().startswith(magic[ending])
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


DRAW = """
import sys
import backlight as bl
from backlight import language
from backlight.traces.compare import side_by_side

trace = bl.run(bl.recipe("course"))
comparison = side_by_side([trace, bl.run(bl.recipe("course").with_({"training.learning_rate": 9}))], ["1", "9"])
for name in language.LANGUAGES:
    language.use(name)
    for ending in ("svg", "png", "pdf"):
        bl.plot(trace, file=f"{sys.argv[1]}/trace-{name}.{ending}")
    bl.plot(comparison, file=f"{sys.argv[1]}/comparison-{name}.svg")
"""


def test_the_same_picture_gives_the_same_bytes_in_every_process(tmp_path):
    drawn = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        subprocess.run([sys.executable, "-c", DRAW, str(folder)], check=True)
        drawn.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert len(drawn[0]) == 8
    assert drawn[0] == drawn[1]


def test_other_settings_of_the_user_change_nothing(course, tmp_path):
    bl.plot(course, file=tmp_path / "a.svg")
    with mpl.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "path", "text.usetex": True}):
        bl.plot(course, file=tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_drawing_leaves_the_users_settings_and_language_alone(course):
    before = dict(mpl.rcParams)
    bl.plot(course)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("ending", FORMS)
def test_a_file_tells_no_time_and_no_version(course, tmp_path, ending):
    file = tmp_path / f"picture{ending}"
    bl.plot(course, file=file)
    content = file.read_bytes()
    assert not re.search(rb"20\d\d-\d\d-\d\d|CreationDate", content)
    assert mpl.__version__.encode() not in content


@pytest.mark.parametrize(("layers", "said"), [(8, False), (9, True)])
def test_arrays_that_are_left_out_are_told(layers, said):
    changes = {"network.layers": [2] * (layers + 1), "parameters.weights": None, "parameters.initializer": "normal"}
    figure = bl.plot(run(changes))
    assert len(names_in(figure)[1]) == 8
    assert any(text.get_text() == f"drawn are 8 of {layers} arrays" for text in figure.texts) == said


@pytest.mark.parametrize("iterations", [300, 100_000])
def test_a_picture_of_a_long_run_stays_small(tmp_path, iterations):
    file = tmp_path / "long.svg"
    bl.plot(run({"training.iterations": iterations, "training.learning_rate": 5}), file=file)
    assert file.stat().st_size < 300_000


def test_another_ending_is_refused_before_anything_is_drawn(course, tmp_path):
    with pytest.raises(TraceError) as refused:
        bl.plot(course, file=tmp_path / "picture.jpg")
    assert str(refused.value) == (
        "a plot is not written as picture.jpg   [T-PLOT-1]\n"
        "  got       .jpg\n"
        "  because   the ending chooses the form: .svg, .png, .pdf\n"
        f"  try       {tmp_path / 'picture.svg'}"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file", ["", "/", ".", ".."])
def test_what_names_no_file_gets_a_name(course, file):
    with pytest.raises(TraceError) as refused:
        bl.plot(course, file=file)
    assert (refused.value.faults[0].code, refused.value.faults[0].try_this) == ("T-PLOT-1", "plot.svg")


def test_a_folder_that_does_not_exist_is_named(course, tmp_path):
    with pytest.raises(TraceError, match="cannot be written") as refused:
        bl.plot(course, file=tmp_path / "missing" / "picture.svg")
    assert refused.value.faults[0].code == "T-FILE-3"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is a Linux device")
def test_a_device_is_not_replaced_by_a_picture(course):
    with pytest.raises(TraceError):
        bl.plot(course, file="/dev/full.svg/x.svg")


def test_a_failed_picture_leaves_the_old_one_and_nothing_else(course, tmp_path, monkeypatch):
    file = tmp_path / "picture.svg"
    file.write_text("old")

    def full_disk(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full_disk)
    with pytest.raises(TraceError, match="cannot be written"):
        bl.plot(course, file=file)
    assert file.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["picture.svg"]


def test_without_matplotlib_the_extra_is_named(course, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("backlight.views.plots.picture")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra) as missing:
        bl.plot(course)
    assert 'pip install "backlight[plot]"' in str(missing.value)


def test_another_missing_module_is_told_as_what_it_is(course, monkeypatch):
    monkeypatch.delitem(sys.modules, "backlight.views.plots.picture", raising=False)
    monkeypatch.setitem(sys.modules, "backlight.views.plots.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"backlight\.views\.plots\.figure"):
        bl.plot(course)


# ---- words -----------------------------------------------------------------------------------------------

HOSTILE = "</text><script>alert(1)</script> $\\frac{$ \x1b[31m \x00 \u202e & \ufffe %n"


@pytest.mark.parametrize("ending", FORMS)
def test_a_hostile_title_is_only_a_title(tmp_path, ending):
    trace = run({"title": HOSTILE})
    file = tmp_path / f"hostile{ending}"
    bl.plot(side_by_side([trace, trace], [HOSTILE[:20], "$x"]), file=file)
    bl.plot(trace, file=file)
    if ending == ".svg":
        tags = {element.tag.rpartition("}")[2] for element in ET.parse(file).iter()}  # noqa: S314  our own file
        assert "script" not in tags
        assert any(text.startswith("</text><script>alert(1)") for text in texts(file))


def test_a_very_long_title_does_not_make_an_endless_picture():
    figure = bl.plot(run({"title": "word " * 1999}))
    assert figure.get_size_inches()[1] < 20


def test_chinese_words_are_drawn_with_a_font_that_has_them(course, tmp_path):
    with speaking("zh"):
        bl.plot(course, file=tmp_path / "chinese.svg")
    assert {"损失", "迭代"} <= set(texts(tmp_path / "chinese.svg"))


@pytest.mark.skipif(fonts.chinese_family() is None, reason="needs a Chinese font: make browser-deps")
def test_a_font_that_matplotlib_does_not_know_yet_is_found_by_its_file(monkeypatch):
    found = fonts.chinese_family.__wrapped__()
    known = [font for font in font_manager.fontManager.ttflist if font.name != found]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    assert fonts.chinese_family.__wrapped__() == found


def test_without_a_chinese_font_labels_are_english_and_a_chinese_title_is_left_out(monkeypatch, tmp_path):
    monkeypatch.setattr("backlight.views.plots.picture.chinese_family", lambda: None)
    monkeypatch.setattr(fonts, "chinese_family", lambda: None)
    trace = run({"title": "课程练习"})
    with speaking("zh"):
        figure = bl.plot(trace)
        assert language.current() == "zh"
        bl.plot(trace, file=tmp_path / "letters.svg")
    assert figure.axes[0].get_ylabel() == "loss"
    shown = [text.get_text() for text in figure.texts]
    assert "课程练习" not in shown
    assert "the title is left out: no font here has its characters" in shown
    assert "the words are English: no font here has Chinese characters" in shown
    assert {"课程练习", "损失"} <= set(texts(tmp_path / "letters.svg"))  # an SVG holds letters, not their shapes


def test_an_svg_is_the_same_whatever_fonts_the_machine_has(course, monkeypatch, tmp_path):
    for name, family in {"with": "DejaVu Serif", "without": None}.items():  # a font that is everywhere stands for one
        monkeypatch.setattr(fonts, "chinese_family", lambda family=family: family)
        bl.plot(course, file=tmp_path / f"{name}.svg")
    assert (tmp_path / "with.svg").read_bytes() == (tmp_path / "without.svg").read_bytes()


def test_a_title_in_characters_that_no_font_has_is_left_out_with_a_word():
    figure = bl.plot(run({"title": "\U00013000 hieroglyphs"}))
    assert [text.get_text() for text in figure.texts][-1].startswith("the title is left out")


def test_importing_the_views_does_not_import_matplotlib():
    program = "import sys, backlight.views\nassert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
