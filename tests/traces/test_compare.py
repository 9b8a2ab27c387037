"""Where two traces part: every planted difference is found, named with its row and label, and nothing else is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backlight as bl
from backlight.recipes.labels import label, place
from backlight.traces import parting as parting_module
from backlight.traces.compare import side_by_side, varied
from backlight.traces.distance import distance
from backlight.traces.parting import part
from backlight.traces.quantities import when
from tests.traces.traces import BY_CHANCE, traces

COURSE = bl.run(bl.recipe("course"))
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def planted(trace, **changes):
    """The same trace with some numbers changed: quantity=[(index, value), ...]."""
    quantities = {name: values.copy() for name, values in trace.items()}
    for name, entries in changes.items():
        for index, value in entries:
            quantities[name][index] = value
    return replace(trace, quantities=quantities)


def next_to(trace, name, index, ulp=1):
    value = trace[name][index]
    for _ in range(ulp):
        value = np.nextafter(value, value.dtype.type(np.inf))
    return [(index, value)]


# ---- a planted difference --------------------------------------------------------------------------------


def test_a_trace_and_itself_are_identical_in_every_number():
    parting = part(COURSE, COURSE, names=("a", "b"))
    assert parting.identical
    assert parting.first is None
    assert parting.apart is None
    assert {one.quantity for one in parting.differences} == set(COURSE)
    assert all(one.ulp == one.relative == one.absolute == 0 for one in parting.differences)


@BY_CHANCE
@given(traces(), st.data())
def test_one_planted_difference_of_an_ulp_is_found_with_its_row_and_label(trace, data):
    names = [name for name, values in trace.items() if name[-1].isdigit() and name[0] in "Wbzad" and values.size]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    index = tuple(data.draw(st.integers(0, size - 1)) for size in trace[name].shape)
    if not abs(trace[name][index]) < np.finfo(trace[name].dtype).max:
        return
    parting = part(trace, planted(trace, **{name: next_to(trace, name, index)}), names=("a", "b"), tolerance=0.5)
    assert not parting.identical
    assert parting.first == parting.apart or parting.apart is None  # within a radius nothing is proven
    assert parting.first.quantity == name
    assert parting.first.iteration == trace.recorded[index[0]]
    assert place(trace.recipe, parting.first.label).index == index[1:]
    assert parting.first.ulp in {1.0, 0.5}  # below a power of two the spacing is half as wide
    assert [one.quantity for one in parting.differences if one.ulp > 0] == [name]


def test_the_label_is_the_one_of_the_exercise():
    other = planted(COURSE, dL_dW1=next_to(COURSE, "dL_dW1", (4, 1, 0)))
    spot = part(COURSE, other, names=("a", "b")).first
    assert (spot.iteration, spot.quantity, spot.label, spot.ulp) == (4, "dL_dW1", "dL_dw3", 1)
    assert spot.reference == COURSE["dL_dw3"][4]
    assert spot.value == np.nextafter(COURSE["dL_dw3"][4], 1)


def test_up_to_the_tolerance_two_runs_agree_and_beyond_it_they_part():
    for ulp in range(1, 8):
        other = planted(COURSE, W1=next_to(COURSE, "W1", (2, 0, 0), ulp))
        parting = part(COURSE, other, names=("a", "b"), tolerance=4)
        assert (parting.apart is not None) == (ulp > 4)
        assert parting.first.ulp == ulp


def test_the_earliest_row_comes_first_and_in_it_the_order_of_computing():
    late = {"z1": [((5, 0, 0), 9.0)]}
    early = {
        "dL_dW1": [((3, 0, 0), 9.0)],
        "dL_dz2": [((3, 0, 1), 9.0)],
        "a2": [((3, 0, 1), 9.0)],
        "loss": [((3,), 9.0)],
    }
    assert part(COURSE, planted(COURSE, **late, **early), names=("a", "b")).apart.label == "o2"
    del early["a2"]
    assert part(COURSE, planted(COURSE, **late, **early), names=("a", "b")).apart.label == "loss"
    del early["loss"]
    assert part(COURSE, planted(COURSE, **late, **early), names=("a", "b")).apart.label == "dL_dz_o2"


def test_the_worst_place_is_named_with_its_distances():
    changes = {"W1": [((1, 0, 0), COURSE["W1"][1, 0, 0] + 1e-9), ((7, 1, 1), COURSE["W1"][7, 1, 1] + 1e-6)]}
    parting = part(COURSE, planted(COURSE, **changes), names=("a", "b"))
    worst = parting.worst
    assert (worst.quantity, worst.at.iteration, worst.at.label) == ("W1", 7, "w4")
    assert worst.absolute == pytest.approx(1e-6, rel=1e-9)
    assert worst.relative == pytest.approx(1e-6 / np.abs(COURSE["W1"][7]).max(), rel=1e-9)
    assert worst.ulp == pytest.approx(1e-6 / math.ulp(COURSE["W1"][7, 1, 1]), rel=1e-9)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_long_traces_are_compared_some_rows_at_a_time_with_the_same_result(monkeypatch, rows):
    noise = np.random.default_rng(0).normal(scale=1e-12, size=COURSE["W1"].shape)
    other = replace(COURSE, quantities=dict(COURSE) | {"W1": COURSE["W1"] + noise})
    at_once = part(COURSE, other, names=("a", "b"))
    monkeypatch.setattr(parting_module, "BLOCK", 4 * rows)
    assert part(COURSE, other, names=("a", "b")) == at_once


# ---- numbers that are none -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_same_strange_number_in_both_is_no_difference(value):
    strange = planted(COURSE, loss=[(3, value)])
    assert part(strange, strange, names=("a", "b")).identical


@pytest.mark.parametrize(
    ("one", "other"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 1.0), (np.inf, -np.inf), (1.0, np.inf)]
)
def test_a_strange_number_in_one_parts_infinitely(one, other):
    parting = part(planted(COURSE, loss=[(3, one)]), planted(COURSE, loss=[(3, other)]), names=("a", "b"))
    assert parting.apart.iteration == 3
    assert parting.apart.ulp == math.inf
    assert parting.worst.absolute == parting.worst.relative == math.inf


def test_the_sign_of_a_zero_is_no_difference():
    zero = planted(COURSE, W1=[((2, 0, 0), 0.0)])
    assert part(zero, planted(COURSE, W1=[((2, 0, 0), -0.0)]), names=("a", "b")).identical


# ---- the measure -----------------------------------------------------------------------------------------


@BY_CHANCE
@given(FINITE, FINITE)
def test_a_distance_in_ulp_is_that_of_the_standard_library(reference, value):
    far = distance(np.array([reference]), np.array([value]))
    if reference == value:
        assert far.ulp == 0
    elif math.isfinite(value - reference):
        assert far.ulp == abs(value - reference) / math.ulp(reference or value)


def test_the_coarser_of_two_precisions_gives_the_unit():
    double, single = np.array([0.3]), np.array([0.3], dtype=np.float32)
    there, back = distance(double, single), distance(single, double)
    assert there.ulp == abs(float(single[0]) - 0.3) / float(np.spacing(single[0]))
    assert 0 < there.ulp < 0.5
    assert back.gap == there.gap


def test_what_float32_rounds_to_infinity_is_no_difference_where_float32_is_infinite():
    far = distance(np.array([1e39, 1e38]), np.array([np.inf, np.inf], dtype=np.float32))
    assert far.ulp.tolist() == [0, math.inf]


def test_a_number_that_cancels_is_measured_by_its_neighbours_too():
    reference = np.array([[1.0, 1e-20]])
    far = distance(reference, np.array([[1.0, 1e-17]]))
    assert far.relative[0, 1] == pytest.approx(1e-17, rel=1e-2)
    assert far.ulp[0, 1] > 1e18


# ---- what is compared with what --------------------------------------------------------------------------


def test_the_exact_run_is_the_reference_wherever_it_stands():
    exact = bl.run(COURSE.recipe, engine="exact")
    comparison = side_by_side([COURSE, exact, COURSE], ["hand", "exact", "again"])
    assert comparison.reference == 1
    assert [(one.reference, one.run) for one in comparison.partings] == [("exact", "hand"), ("exact", "again")]
    assert comparison.kind == "engines"
    assert comparison.varied == {"engine": ("hand", "exact", "hand")}


def test_what_lies_within_the_radius_of_the_reference_is_not_apart():
    exact = bl.run(COURSE.recipe, engine="exact")
    wide = replace(exact, quantities=dict(exact) | {"radius.z1": np.full_like(exact["z1"], 1e-3)})
    other = planted(exact, z1=[((3, 0, 0), exact["z1"][3, 0, 0] + 1e-6)])
    assert part(exact, other, names=("a", "b")).apart.label == "z_h1"
    parting = part(wide, other, names=("a", "b"))
    assert parting.apart is None
    assert parting.first.label == "z_h1"
    z1 = next(one for one in parting.differences if one.quantity == "z1")
    assert z1.radius == pytest.approx(max(1e-3 / np.spacing(np.abs(exact["z1"]).min()), 0), rel=1e-9)


def test_only_rows_that_both_recorded_are_compared():
    thin = bl.run(COURSE.recipe, record="all:5")
    other = planted(thin, loss=[(2, 9.0)])
    for parting in (part(COURSE, other, names=("a", "b")), part(other, COURSE, names=("a", "b"))):
        assert (parting.apart.iteration, parting.apart.label) == (10, "loss")


def test_a_longer_run_is_the_same_as_far_as_the_shorter_one_goes():
    longer = bl.run(COURSE.recipe.with_({"training.iterations": 30}))
    parting = part(COURSE, longer, names=("a", "b"))
    assert parting.identical
    assert len(parting.differences) == len(COURSE)


def test_traces_without_a_common_row_have_no_differences():
    nothing = replace(COURSE, recorded=COURSE.recorded[:0], quantities={"loss": COURSE.loss[:0]})
    parting = part(nothing, COURSE, names=("a", "b"))
    assert parting.differences == ()
    assert parting.worst is None
    assert parting.identical


def test_quantities_of_other_shapes_are_left_out():
    xor = bl.recipe("xor").with_({"training.iterations": 2})
    both = part(bl.run(xor), bl.run(xor.with_({"training.batch_size": 2})), names=("a", "b"))
    assert "z1" not in {one.quantity for one in both.differences}
    assert "W1" in {one.quantity for one in both.differences}


def test_networks_of_other_layers_are_not_compared_number_by_number():
    wide = COURSE.recipe.with_({"network.layers": [2, 3, 2], "parameters.initializer": "normal"})
    comparison = side_by_side([COURSE, bl.run(wide)], ["two", "three"])
    assert comparison.partings == ()
    assert comparison.kind == "variants"
    assert comparison.varied["network.layers"] == ((2, 2, 2), (2, 3, 2))


def test_what_varies_is_told_with_the_value_of_each_run_and_titles_do_not_count():
    recipes = [COURSE.recipe, COURSE.recipe.with_({"training.learning_rate": 10, "title": "faster"})]
    assert varied([bl.run(recipe) for recipe in recipes]) == {"training.learning_rate": (1, 10)}


@pytest.mark.parametrize(
    ("changes", "engine", "mistake", "kind"),
    [
        ({}, "hand", None, "engines"),
        ({"numerics.precision": "float32"}, "hand", None, "engines"),
        ({}, "hand", "missing-path", "mistakes"),
        ({"training.learning_rate": 2}, "hand", None, "variants"),
        ({"training.learning_rate": 2}, "hand", "missing-path", "variants"),
    ],
)
def test_the_kind_says_what_the_runs_differ_in(changes, engine, mistake, kind):
    other = bl.run(COURSE.recipe.with_(changes), engine=engine, mistake=mistake)
    assert side_by_side([COURSE, other], ["a", "b"]).kind == kind


def test_a_comparison_is_complete_when_all_its_runs_are():
    assert side_by_side([COURSE, COURSE], ["a", "b"]).complete
    assert not side_by_side([COURSE, replace(COURSE, complete=False)], ["a", "b"]).complete


# ---- names -----------------------------------------------------------------------------------------------


@BY_CHANCE
@given(traces())
def test_every_scalar_has_a_label_that_finds_it_again(trace):
    for name, values in trace.items():
        if name.startswith("radius.") or name in {"batch", "accuracy"} or not values.size:
            continue
        index = tuple(size - 1 for size in (values.shape if name in {"x", "y"} else values.shape[1:]))
        found = place(trace.recipe, label(trace.recipe, name, index))
        assert (found.quantity, found.index) == (name, index)


def test_a_sample_is_part_of_a_label():
    assert label(bl.recipe("xor"), "a1", (3, 1)) == "h2@3"
    assert label(bl.recipe("xor"), "batch", (3,)) == "batch[3]"


def test_every_quantity_of_a_run_has_its_place_in_the_order_of_computing():
    trace = bl.run(bl.recipe("course-cross-entropy").with_({"network.biases": True}))
    assert sorted(trace, key=when) == [
        "x", "y", "W1", "b1", "W2", "b2", "z1", "a1", "z2", "a2", "p", "loss",
        "dL_da2", "dL_dz2", "dL_dW2", "dL_db2", "dL_da1", "dL_dz1", "dL_dW1", "dL_db1",
    ]  # fmt: skip
