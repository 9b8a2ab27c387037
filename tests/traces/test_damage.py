"""A file that is no trace, or no longer one, is refused with a reason: never a traceback, never wrong numbers."""

import json
import re
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backlight as bl
from backlight.faults import TraceError
from tests.traces.traces import BY_CHANCE

TRACE = bl.run(bl.recipe("course").with_({"training.iterations": 2}))


def refused(file):
    with pytest.raises(TraceError) as caught:
        bl.load(file)
    return caught.value.faults[0]


@pytest.fixture
def document(tmp_path):
    """The document of a trace, to be spoilt."""
    return json.loads(TRACE.save(tmp_path / "good.json").read_text())


@pytest.fixture
def file(tmp_path):
    return tmp_path / "t.json"


def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(tmp_path, file):
    text = TRACE.save(tmp_path / "good.json").read_text().rstrip()
    for length in range(0, len(text), 13):
        file.write_text(text[:length])
        assert refused(file).code == "T-FILE-4", length


@settings(BY_CHANCE, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_refused_or_still_a_trace_and_never_anything_else(tmp_path, data):
    good = TRACE.save(tmp_path / "good.json").read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    length = data.draw(st.integers(0, 30))
    spoilt = good[:at] + data.draw(st.binary(max_size=8)) + good[at + length :]
    (tmp_path / "t.json").write_bytes(spoilt)
    try:
        trace = bl.load(tmp_path / "t.json")
    except TraceError as error:
        assert error.faults[0].code in {"T-FILE-4", "T-FILE-5"}  # noqa: PT017  either is right
    else:
        assert isinstance(trace, bl.Trace)


def claim(document, *, kind="float64", shape=(3,)):
    """Say of the loss what type and shape it has; these are right."""
    document["arrays"] = {"loss": {"type": kind, "shape": list(shape)}}


def test_a_right_claim_of_type_and_shape_is_believed(document, file):
    claim(document)
    file.write_text(json.dumps(document))
    assert bl.load(file) == TRACE


SPOILT = {
    "an entry is missing": (lambda d: d.pop("complete"), "complete: Field required"),
    "the numbers are missing": (lambda d: d.pop("quantities"), "quantities: missing"),
    "the loss is missing": (lambda d: d["quantities"].pop("loss"), "loss: missing, though every run records it"),
    "the inputs are missing": (lambda d: d["quantities"].pop("x"), "x: missing, though every run records it"),
    "an entry is unknown": (lambda d: d.update(extra=1), "extra: Extra inputs are not permitted"),
    "an entry is of the wrong kind": (lambda d: d.update(engine=3), "engine: Input should be a valid string"),
    "the recipe is none": (lambda d: d["recipe"].pop("network"), "recipe: "),
    "iterations are not those of the recipe": (lambda d: d.update(iterations=3), "its recipe has 2"),
    "rows are not in order": (lambda d: d.update(recorded=[0, 2, 1]), "recorded: "),
    "rows are beyond the end": (lambda d: d.update(recorded=[0, 1, 9]), "recorded: "),
    "a row is beyond all numbers": (lambda d: d.update(recorded=[0, 1, 10**30]), "recorded.2: "),
    "a row is missing in one quantity": (lambda d: d["quantities"]["W1"].pop(), "W1: shape (2, 2, 2)"),
    "a row is missing everywhere": (lambda d: d["recorded"].pop(), "does not fit iteration"),
    "rows are ragged": (lambda d: d["quantities"]["W1"][0].pop(), "inhomogeneous"),
    "a number is a text": (lambda d: d["quantities"]["loss"].__setitem__(0, "1.5"), "'1.5' is no number"),
    "a number is true": (lambda d: d["quantities"]["loss"].__setitem__(0, True), "true and false"),
    "a number is null": (lambda d: d["quantities"]["loss"].__setitem__(0, None), "no number"),
    "a number is an object": (lambda d: d["quantities"]["loss"].__setitem__(0, {}), "no number"),
    "a number has too many digits": (lambda d: d["quantities"]["loss"].__setitem__(0, 10**400), "no number"),
    "quantities are a list": (lambda d: d.update(quantities=[]), "no JSON"),
    "a quantity is a number": (lambda d: d["quantities"].update(loss=1.5), "loss: shape ()"),
    "a quantity has a strange name": (lambda d: d["quantities"].update({"../x": [1, 2, 3]}), "no name"),
    "a type is unknown": (lambda d: claim(d, kind="object"), "loss.type: "),
    "a shape is negative": (lambda d: claim(d, shape=[-3]), "loss.shape.0: "),
    "a shape is another": (lambda d: claim(d, shape=[4]), "arrays says [4]"),
    "floats are said to be whole": (lambda d: claim(d, kind="int64"), "no number of type int64"),
    "a midpoint has no quantity": (lambda d: d.update(midpoints={"q": [1]}), "q: a midpoint without a quantity"),
    "a shape is beyond all numbers": (lambda d: claim(d, shape=[0, 10**30]), "loss.shape.1: "),
    "a sentence wants another figure": (lambda d: d["findings"][0].update(message="{lost}"), "wants 'lost'"),
    "a sentence looks into a figure": (lambda d: d["findings"][0].update(message="{count.real}"), "wants 'count.real'"),
    "a sentence is padded": (lambda d: d["findings"][0].update(message="{count:9999999}"), "wants 'count'"),
    "a sentence has an open brace": (lambda d: d["findings"][0].update(message="{count"), "expected '}'"),
    "a figure is of the wrong kind": (lambda d: d["findings"][0].update(message="{shown:g}"), "Unknown format"),
    "a finding is incomplete": (lambda d: d["findings"][0].pop("message"), "findings.0.message: Field required"),
}


@pytest.mark.parametrize("damage", SPOILT)
def test_a_document_that_does_not_hold_together_is_refused_with_the_reason(document, file, damage):
    spoil, reason = SPOILT[damage]
    spoil(document)
    file.write_text(json.dumps(document))
    fault = refused(file)
    assert fault.code == "T-FILE-4"
    assert reason in fault.because
    assert fault.where == str(file)


def test_another_version_says_so_even_when_the_rest_looks_different(document, file):
    for other in ({**document, "backlight_trace": 2}, {"backlight_trace": 2, "quantities": "elsewhere"}):
        file.write_text(json.dumps(other))
        fault = refused(file)
        assert fault.code == "T-FILE-5"
        assert fault.sentence == "t.json was written by another version of backlight"
        assert fault.because == "backlight_trace is 2, and this version reads 1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it ends too early, after 0 characters"),
        ("[1, 2]", "no JSON at character 0"),
        ("{}", "quantities: missing"),
        ('{"quantities": {}}', "backlight_trace: missing, so it is something else"),
        ("[" * 100_000, "no JSON at character 0"),
        ('{"recipe": ' + "[" * 100_000, "recursion"),
        ('{"a": 1, "a": 2}', "a: written twice"),
        ('{"recipe": {"a": 1, "a": 2}}', "a: written twice"),
        ('{"a": NaN}', "NaN is no JSON"),
        ("network = 1", "no JSON at character 0"),
    ],
)
def test_what_is_no_trace_is_refused_with_the_reason(file, text, reason):
    file.write_text(text)
    fault = refused(file)
    assert fault.code == "T-FILE-4"
    assert reason in fault.because


def test_bytes_that_are_no_text_are_refused(file):
    file.write_bytes(b"\xff\xfe\x00")
    assert refused(file).code == "T-FILE-4"


def test_something_behind_the_end_is_refused(tmp_path, file):
    file.write_text(TRACE.save(tmp_path / "good.json").read_text() + "{}")
    assert "something follows its end" in refused(file).because


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_numbers_of_untold_type_have_the_precision_of_the_recipe(document, file, precision):
    document["recipe"]["numerics"] = {"precision": precision}
    file.write_text(json.dumps(document))
    assert bl.load(file)["dL_dW1"].dtype == precision


def test_the_order_of_the_entries_does_not_matter(document, file):
    file.write_text(json.dumps(document, sort_keys=True, indent=1))
    assert np.array_equal(bl.load(file)["dL_dW1"], TRACE["dL_dW1"])


@pytest.mark.parametrize("name", ["t.json", "t.zarr"])
def test_a_missing_file_is_named_with_the_nearest_one(tmp_path, name):
    nearest = name.replace("t.", "tt.")
    assert refused(tmp_path / name).try_this == f"backlight run course --save {tmp_path / name}"
    TRACE.save(tmp_path / nearest)
    fault = refused(tmp_path / name)
    assert fault.code == "T-FILE-2"
    assert fault.sentence == f"{name} cannot be read"
    assert fault.because == "No such file or directory"
    assert fault.try_this == str(tmp_path / nearest)


def test_a_folder_is_no_json_file(file):
    file.mkdir()
    fault = refused(file)
    assert (fault.code, fault.because) == ("T-FILE-2", "Is a directory")


def test_a_file_is_no_zarr_folder(tmp_path):
    (tmp_path / "t.zarr").write_text("")
    fault = refused(tmp_path / "t.zarr")
    assert (fault.code, fault.because) == ("T-FILE-2", "Not a directory")


@pytest.mark.parametrize("name", ["t", "t.txt", ".json", "t.npz", ""])
def test_an_unknown_ending_is_refused_with_one_that_works(tmp_path, name):
    for action, endings in ((TRACE.save, ".json, .csv, .zarr"), (bl.load, ".json, .zarr")):
        with pytest.raises(TraceError) as caught:
            action(tmp_path / name if name else "")
        fault = caught.value.faults[0]
        assert fault.code == "T-FILE-1"
        assert endings in fault.because
        assert fault.try_this.endswith(".json")


def test_a_table_is_not_loaded(tmp_path):
    fault = refused(TRACE.save(tmp_path / "t.csv"))
    assert fault.code == "T-FILE-6"
    assert fault.because == "the table holds the numbers, but neither the recipe nor the findings"


# ---- Zarr ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return TRACE.save(tmp_path_factory.mktemp("zarr") / "good.zarr")


def files_of(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_a_missing_file_of_a_store_is_never_read_as_numbers(tmp_path, store):
    for k, gone in enumerate(files_of(store)):
        copy = shutil.copytree(store, tmp_path / f"{k}.zarr")
        (copy / gone).unlink()
        if gone.parts[0].startswith("unit"):
            continue  # labels for other programs
        assert refused(copy).code == "T-FILE-4", gone


def test_a_flipped_bit_in_the_numbers_of_a_store_is_never_read(tmp_path, store):
    generator = np.random.default_rng(0)
    for k, spoilt in enumerate(path for path in files_of(store) if path.parts[1:2] == ("c",)):
        if spoilt.parts[0].startswith("unit"):
            continue  # labels for other programs
        copy = shutil.copytree(store, tmp_path / f"{k}.zarr")
        content = bytearray((copy / spoilt).read_bytes())
        content[generator.integers(len(content))] ^= 1 << generator.integers(8)
        (copy / spoilt).write_bytes(content)
        assert refused(copy).code == "T-FILE-4", spoilt


def test_a_store_of_something_else_is_refused(tmp_path):
    import zarr

    zarr.open_group(tmp_path / "t.zarr", mode="w")
    assert refused(tmp_path / "t.zarr").code == "T-FILE-4"


def test_a_store_of_another_version_says_so(tmp_path, store):
    copy = shutil.copytree(store, tmp_path / "t.zarr")
    text = (copy / "zarr.json").read_text()
    (copy / "zarr.json").write_text(re.sub(r'("backlight_trace": )1', r"\g<1>2", text))
    assert refused(copy).code == "T-FILE-5"


@pytest.mark.parametrize(("library", "action"), [("xarray", "to_xarray"), ("zarr", "save")])
def test_without_the_library_the_extra_to_install_is_named(tmp_path, monkeypatch, library, action):
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(bl.BacklightError) as caught:
        TRACE.to_xarray() if action == "to_xarray" else TRACE.save(tmp_path / "t.zarr")
    fault = caught.value.faults[0]
    assert fault.code == "X-EXTRA-1"
    assert fault.try_this == 'pip install "backlight[study]"'
