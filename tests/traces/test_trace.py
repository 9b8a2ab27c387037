"""A trace gives quantities by name and scalars by label, and says what is wrong with another name."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from backlight.faults import TraceError
from backlight.traces.layout import layout
from backlight.traces.record import COMFORTABLE_BYTES, LARGEST_BYTES, Recording, recording

TRACE = bl.run(bl.recipe("course"))
XOR = bl.run(bl.recipe("xor").with_({"training.iterations": 2, "network.biases": True}))


@pytest.mark.parametrize(
    ("label", "quantity", "index"),
    [
        ("w1", "W1", (0, 0)), ("w2", "W1", (0, 1)), ("w3", "W1", (1, 0)), ("w8", "W2", (1, 1)),
        ("dL_dw3", "dL_dW1", (1, 0)), ("W2[1,0]", "W2", (1, 0)), ("dL_dW2[0, 1]", "dL_dW2", (0, 1)),
        ("h2", "a1", (0, 1)), ("z_o1", "z2", (0, 0)), ("dL_do2", "dL_da2", (0, 1)), ("dL_dz_h1", "dL_dz1", (0, 0)),
        ("L", "loss", ()),
    ],
)  # fmt: skip
def test_a_scalar_is_given_by_its_label_for_every_row(label, quantity, index):
    assert np.array_equal(TRACE[label], TRACE[quantity][(slice(None), *index)])


def test_labels_by_unit_count_the_other_way():
    by_unit = bl.run(bl.recipe("course").with_({"parameters.labels": "by_unit"}))
    assert np.array_equal(by_unit["w2"], TRACE["w3"])
    assert np.array_equal(by_unit["dL_dw7"], TRACE["dL_dw6"])


def test_a_sample_a_bias_and_the_data_have_labels_too():
    assert np.array_equal(XOR["h2@3"], XOR["a1"][:, 3, 1])
    assert np.array_equal(XOR["b_h1"], XOR["b1"][:, 0])
    assert np.array_equal(XOR["dL_db_o1"], XOR["dL_db2"][:, 0])
    assert XOR["x2@1"] == XOR["x"][1, 1]
    assert XOR["y1"] == XOR["y"][0, 0]


def test_a_trace_is_a_mapping_of_what_was_recorded():
    assert len(TRACE) == len(list(TRACE)) == 15
    assert "dL_dW1" in TRACE
    assert "dL_dw1" not in TRACE
    assert dict(TRACE) == dict(TRACE.quantities)
    assert TRACE.loss is TRACE["loss"]
    assert TRACE.iterations == 11


@pytest.mark.parametrize(
    ("name", "code", "fix"),
    [
        ("dL_dW3", "T-NAME-1", "dL_dw3"),
        ("w9", "T-NAME-1", "w"),
        ("W1[0,7]", "T-NAME-1", "W1[0, 0]"),
        ("h1@1", "T-NAME-1", "a1[0, 0]"),
        ("w1@1", "T-NAME-1", "w"),
        ("W1[0,0,0]", "T-NAME-1", "W1[0, 0]"),
        ("loss[0]", "T-NAME-1", "loss"),
        ("x[7,7]", "T-NAME-1", "x[0, 0]"),
        ("p1", "T-NAME-1", "z1"),
        ("L[0]", "T-NAME-1", "loss"),
        ("dL_dW9[0,0]", "T-NAME-1", "dL_dW"),
        ("", "T-NAME-1", "loss"),
    ],
)
def test_another_name_is_refused_with_one_that_works(name, code, fix):
    with pytest.raises(TraceError) as caught:
        TRACE[name]
    assert caught.value.faults[0].code == code
    assert caught.value.faults[0].try_this.startswith(fix)


@pytest.mark.parametrize("name", ["W1", "dL_dW2", "z1", "dL_dw1", "h2", "W1[0,0]"])
def test_what_the_network_has_but_was_not_recorded_is_said_to_be_so(name):
    with pytest.raises(TraceError) as caught:
        bl.run(bl.recipe("course"), record="loss")[name]
    assert caught.value.faults[0].code == "T-NAME-2"
    assert caught.value.faults[0].sentence == f"{name} was not recorded in this run"


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda trace: pickle.loads(pickle.dumps(trace))])  # noqa: S301  our own
def test_a_copy_is_the_same_trace_and_cannot_be_written_to_either(copied):
    trace = copied(TRACE)
    assert trace == TRACE
    with pytest.raises(ValueError, match="read-only"):
        trace.loss[0] = 0
    with pytest.raises(TypeError):
        trace.quantities["loss"] = trace.loss


# ---- what is recorded ------------------------------------------------------------------------------------

COURSE = layout(bl.recipe("course"), 1)


@pytest.mark.parametrize("text", ["", "everything", "all:", "all:0", "all:-1", "all:1.5", "ALL", "all:10:10"])
def test_what_cannot_be_recorded_is_refused(text):
    with pytest.raises(TraceError) as caught:
        Recording.parse(text)
    assert caught.value.faults[0].code == "T-RECORD-1"
    assert str(Recording.parse(caught.value.faults[0].try_this)) == "all:10"


@pytest.mark.parametrize("every", [1, 2, 3, 7, 11, 12])
@pytest.mark.parametrize("iterations", [0, 1, 11, 12])
def test_every_kth_row_is_kept_and_always_the_last(every, iterations):
    trace = bl.run(bl.recipe("course").with_({"training.iterations": iterations}), record=f"loss:{every}")
    wanted = sorted({*range(0, iterations, every), iterations})
    assert trace.recorded.tolist() == wanted
    assert Recording("loss", every).rows(iterations) == len(wanted)
    longer = bl.run(bl.recipe("course").with_({"training.iterations": 12}))
    assert np.array_equal(trace.loss, longer.loss[wanted])


def test_without_a_wish_as_much_is_recorded_as_is_comfortable():
    for iterations in (10**2, 10**6, 3 * 10**6, 10**7, 10**9):
        chosen = recording(COURSE, iterations, 8)
        assert chosen.bytes(COURSE, iterations, 8) <= COMFORTABLE_BYTES
        more = Recording("all") if chosen.every == 1 else Recording(chosen.what, chosen.every // 10)
        assert chosen == Recording("all") or more.bytes(COURSE, iterations, 8) > COMFORTABLE_BYTES


def test_what_does_not_fit_is_refused_with_a_wish_that_fits():
    with pytest.raises(TraceError) as caught:
        recording(COURSE, 10**9, 8, "all")
    fault = caught.value.faults[0]
    assert fault.code == "T-MEMORY-1"
    wish = Recording.parse(fault.try_this.removeprefix("--record "))
    assert wish.bytes(COURSE, 10**9, 8) <= LARGEST_BYTES
    assert recording(COURSE, 10**9, 8, str(wish)) == wish


@pytest.mark.parametrize("name", ["x", "y", "W1", "w1", "dL_dW2", "loss"])
def test_the_numbers_of_a_trace_cannot_be_overwritten(name):
    trace = bl.run(bl.recipe("course"))
    with pytest.raises(ValueError, match="read-only"):
        trace[name][...] = 9
    with pytest.raises(ValueError, match="read-only"):
        trace.recorded[0] = 9


def test_making_arrays_read_only_copies_nothing_and_leaves_the_given_ones_as_they_were():
    losses = np.zeros(12)
    trace = replace(bl.run(bl.recipe("course")), quantities={"loss": losses})
    assert np.shares_memory(trace.loss, losses)
    assert losses.flags.writeable


def test_the_same_run_gives_an_equal_trace():
    one, other = (bl.run(bl.recipe("course-relu")) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "autograd"},
        {"mistake": "sign-error"},
        {"complete": False},
        {"notes": ("another",)},
        {"findings": ()},
        {"recorded": np.arange(1, 13)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_trace_that_says_anything_else_is_unequal(change):
    trace = bl.run(bl.recipe("course"))
    assert trace.findings
    assert replace(trace, **change) != trace


@pytest.mark.parametrize("other", [-0.0, 5e-324, np.nan])
def test_a_number_is_equal_only_to_the_same_bits(other):
    trace = replace(bl.run(bl.recipe("course")), quantities={"loss": np.zeros(12)})
    assert replace(trace, quantities={"loss": np.full(12, other)}) != trace


def test_a_type_or_a_set_of_quantities_that_differs_makes_traces_unequal():
    trace = replace(bl.run(bl.recipe("course")), quantities={"loss": np.zeros(12)})
    assert replace(trace, quantities={"loss": np.zeros(12, np.float32)}) != trace
    assert replace(trace, quantities={"loss": np.zeros(12), "accuracy": np.zeros(12)}) != trace


def test_a_nan_is_like_another_in_numbers_and_in_findings():
    def made():
        finding = bl.Finding(name="odd", message="{value}", evidence={"value": float("nan")})
        return replace(bl.run(bl.recipe("course")), quantities={"loss": np.full(12, float("nan"))}, findings=(finding,))

    assert made() == made()


def test_a_trace_is_no_dictionary_of_its_quantities():
    trace = bl.run(bl.recipe("course"))
    assert trace != dict(trace)
