"""Traces by chance, of every kind that an engine can make, and what it means that two are the same."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import backlight as bl
from backlight.traces.layout import layout
from backlight.traces.trace import Finding, Trace

BY_CHANCE = settings(deadline=None, derandomize=True, database=None)
"""The same chance in every run of the tests: what they say depends on the code alone."""

LOSSES = ("half_sum_squared_error", "softmax_cross_entropy", "binary_cross_entropy")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
EVIDENCE = st.dictionaries(
    st.text("abc_", min_size=1, max_size=5),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        TEXTS.filter(lambda text: text not in {"nan", "inf", "-inf"}),
        st.lists(st.floats(allow_nan=False), max_size=3),
    ),
    max_size=3,
)
FINDINGS = st.builds(
    Finding, name=TEXTS, message=TEXTS.map(lambda text: text.translate({123: None, 125: None})), evidence=EVIDENCE
)
DECIMALS = st.decimals(allow_nan=False).map(str)


@st.composite
def traces(draw):
    """Any trace: every shape and type of array, not a number and infinities among the numbers, no row at all."""
    layers = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    samples, precision = draw(st.integers(1, 3)), draw(st.sampled_from(["float64", "float32"]))
    iterations = draw(st.integers(0, 5))
    recipe = bl.recipe(
        {
            "title": draw(TEXTS),
            "network": {"layers": layers, "activations": "sigmoid", "biases": draw(st.booleans())},
            "parameters": {"initializer": "normal"},
            "data": {"inputs": [[0.5] * layers[0]] * samples, "targets": [[0.25] * layers[-1]] * samples},
            "loss": {"name": draw(st.sampled_from(LOSSES))},
            "training": {"learning_rate": draw(st.floats(0, 10)), "iterations": iterations},
            "numerics": {"precision": precision},
        }
    )
    recorded = np.array(sorted(draw(st.sets(st.integers(0, iterations)))), dtype=np.int64)
    engine = draw(st.sampled_from(["hand", "autograd", "exact"]))
    dtype = np.dtype("float64" if engine == "exact" else precision)

    def numbers(shape, of=dtype):
        return draw(arrays(of, shape, elements=st.floats(width=8 * of.itemsize)))

    shapes = layout(recipe, samples)
    kept = shapes.recorded(draw(st.sampled_from(["all", "parameters", "loss"])))
    quantities = {"x": numbers((samples, layers[0])), "y": numbers((samples, layers[-1]))}
    quantities |= {name: numbers((len(recorded), *shapes.shapes[name])) for name in kept}
    if draw(st.booleans()):
        quantities["batch"] = draw(arrays(np.int64, (len(recorded), samples), elements=st.integers(-1, samples - 1)))
    if draw(st.booleans()):
        quantities["accuracy"] = numbers((len(recorded),), np.dtype("float64"))
    decimals = {}
    if engine == "exact":
        radii = st.floats(0, allow_nan=False)
        quantities |= {f"radius.{name}": draw(arrays(dtype, quantities[name].shape, elements=radii)) for name in kept}
        decimals = {name: draw(arrays(object, quantities[name].shape, elements=DECIMALS)).tolist() for name in kept}
    return Trace(
        recipe=recipe,
        engine=engine,
        mistake=draw(st.none() | TEXTS.filter(bool)),
        versions=draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        recorded=recorded,
        complete=draw(st.booleans()),
        quantities=quantities,
        findings=tuple(draw(st.lists(FINDINGS, max_size=2))),
        notes=tuple(draw(st.lists(TEXTS, max_size=2))),
        decimals=decimals,
    )


def assert_same(one, other):
    """Everything equal: numbers bit for bit (of NaN only that it is one), and the texts of the recipe's numbers."""
    assert one.recipe == other.recipe
    assert repr(one.recipe) == repr(other.recipe)
    for name in ("engine", "mistake", "complete", "findings", "notes"):
        assert getattr(one, name) == getattr(other, name), name
    assert dict(one.versions) == dict(other.versions)
    assert dict(one.decimals) == dict(other.decimals)
    assert_same_array("recorded", one.recorded, other.recorded)
    assert list(one) == list(other)
    for name in one:
        assert_same_array(name, one[name], other[name])


def assert_same_array(name, one, other):
    assert (one.dtype, one.shape) == (other.dtype, other.shape), name
    assert np.array_equal(np.isnan(one), np.isnan(other)), name
    assert np.array_equal(np.nan_to_num(one, nan=0.0).view(np.uint8), np.nan_to_num(other, nan=0.0).view(np.uint8)), (
        name
    )


def strict(text):
    """Read JSON as its standard has it, without NaN and Infinity."""

    def refuse(name):
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)
