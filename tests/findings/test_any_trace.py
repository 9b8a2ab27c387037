"""What must hold for every trace: nothing crashes, evidence is plain, a healthy run is left in peace."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backlight as bl
from backlight.findings import OUTCOMES, notice, outcome
from backlight.findings.notice import IN_ORDER_OF_IMPORTANCE
from tests.findings.runs import course, is_plain, names

SETTINGS = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
HIDDEN = ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "softmax"]
LOSSES = [
    "half_sum_squared_error",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
    "cross_entropy",
    "softmax_cross_entropy",
    "binary_cross_entropy",
    "sigmoid_binary_cross_entropy",
]

READY = {
    "course": ["unreachable_target"],
    "course-numpy": ["unreachable_target"],
    "course-torch": ["unreachable_target"],
    "course-relu": ["unreachable_target", "dead_unit", "parameters_never_move"],
    "course-mse": ["unreachable_target"],
    "course-cross-entropy": ["improper_target", "loss_without_minimum"],
    "course-random": ["unreachable_target"],
    "course-zero": ["unreachable_target", "symmetric_units", "zero_start"],
    "xor": [],
    "digits": ["parameters_never_move"],
}


@pytest.mark.parametrize("name", READY)
def test_a_ready_recipe_shows_exactly_this(name):
    if name == "digits":
        pytest.importorskip("sklearn")
    assert names(bl.run(bl.recipe(name))) == READY[name]


def test_every_ready_recipe_is_on_the_list():
    import backlight.recipes.ready

    folder = Path(backlight.recipes.ready.__file__).parent
    assert sorted(READY) == sorted(file.stem for file in folder.glob("*.toml"))


def test_what_never_moves_in_the_digits_begins_with_pixels_that_are_never_drawn():
    pytest.importorskip("sklearn")
    trace = bl.run(bl.recipe("digits"))
    (found,) = trace.findings
    blank = [k for k in range(64) if not trace["x"][:, k].any()]
    assert found.evidence["input_zero"] == 32 * len(blank) > 0


@st.composite
def wild_recipes(draw):
    """Recipes of all kinds, sensible or not."""
    layers = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    samples = draw(st.integers(1, 5))
    numbers = np.random.default_rng(draw(st.integers(0, 10_000)))
    spread = draw(st.sampled_from([0.3, 1.0, 30.0, 1e150]))
    one_hot = draw(st.booleans())
    targets = np.eye(layers[-1])[numbers.integers(0, layers[-1], samples)]
    recipe = {
        "network": {
            "layers": layers,
            "activations": [draw(st.sampled_from(HIDDEN)) for _ in layers[1:]],
            "biases": draw(st.booleans()),
        },
        "parameters": draw(
            st.sampled_from(
                [
                    {"initializer": "zeros"},
                    {"initializer": "constant", "val": 0.5},
                    {"initializer": "normal", "std": 30.0},
                    {"initializer": "xavier_uniform"},
                ]
            )
        ),
        "data": {
            "inputs": (numbers.normal(size=(samples, layers[0])) * min(spread, 1e100)).tolist(),
            "targets": (targets if one_hot else numbers.normal(size=(samples, layers[-1])) * spread).tolist(),
            "held_out": 0.5 if samples > 2 and draw(st.booleans()) else 0,
        },
        "loss": {"name": draw(st.sampled_from(LOSSES)), "over_samples": draw(st.sampled_from(["mean", "sum"]))},
        "training": {
            "learning_rate": draw(st.sampled_from([0, 1e-12, 0.1, 1, 100, 1e300])),
            "iterations": draw(st.integers(0, 30)),
            "optimizer": draw(st.sampled_from(["sgd", "adam", "rmsprop"])),
        },
        "numerics": {"precision": draw(st.sampled_from(["float64", "float32"])) if spread < 1e30 else "float64"},
    }
    if draw(st.booleans()):
        recipe["training"] |= {"batch_size": draw(st.integers(1, samples)), "shuffle_seed": 0}
    return bl.recipe(recipe)


@SETTINGS
@given(wild_recipes(), st.sampled_from(["all", "parameters", "loss", "all:3", "parameters:7", "loss:100"]))
def test_whatever_is_run_and_recorded_nothing_crashes_and_all_evidence_is_plain(recipe, record):
    trace = bl.run(recipe, record=record)
    assert outcome(trace) in OUTCOMES
    assert len(set(names(trace))) == len(trace.findings)
    for found in trace.findings:
        assert is_plain(found.evidence)
        assert found.text
        assert not re.search(r"\{|np\.|array\(", found.text)


@SETTINGS
@given(wild_recipes())
def test_a_trace_without_its_data_and_without_its_layers_is_read_as_far_as_it_goes(recipe):
    trace = bl.run(recipe)
    for left in ("xy", "z", "a", "dL", "W"):
        kept = {name: values for name, values in trace.items() if not name.startswith(tuple(left)) or name == "loss"}
        notice(replace(trace, quantities=kept))


def test_a_trace_without_rows_shows_nothing():
    trace = course()
    empty = replace(trace, recorded=trace.recorded[:0], quantities={name: v[:0] for name, v in trace.items()})
    assert notice(empty) == ()
    assert outcome(empty) in OUTCOMES


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_an_interrupted_run_is_read_up_to_where_it_came(rows):
    trace = course({"network.activations": "relu"})
    cut = {name: values if name in "xy" else values[:rows] for name, values in trace.items()}
    found = notice(replace(trace, recorded=trace.recorded[:rows], quantities=cut, complete=False))
    expected = {"unreachable_target", "dead_unit"} | ({"parameters_never_move"} if rows > 1 else set())
    assert {finding.name for finding in found} == expected


@pytest.mark.parametrize("engine", ["hand", "autograd", "exact"])
@pytest.mark.parametrize("name", ["course", "course-relu", "course-cross-entropy", "course-zero"])
def test_every_engine_shows_the_same(engine, name):
    if engine == "autograd":
        pytest.importorskip("torch")
    recipe = bl.recipe(name).with_({"training.iterations": 8})
    trace, ours = bl.run(recipe, engine=engine), bl.run(recipe)
    assert names(trace) == names(ours)
    for one, other in zip(trace.findings, ours.findings, strict=True):
        assert set(one.evidence) == set(other.evidence)


@pytest.mark.parametrize(
    "changes",
    [
        {"network.activations": "relu"},
        {"network.activations": "identity", "loss.name": "softmax_cross_entropy"},
        {"network.activations": "identity", "training.learning_rate": 1e200},
    ],
)
def test_a_trace_from_a_file_shows_what_it_showed(tmp_path, changes):
    trace = course(changes)
    loaded = bl.load(trace.save(tmp_path / "trace.json"))
    for again in (notice(loaded), loaded.findings):
        assert [repr(one) for one in again] == [repr(one) for one in trace.findings]


# ---- healthy runs ----------------------------------------------------------------------------------------


@st.composite
def healthy_recipes(draw):
    """Smooth units, drawn weights, targets within reach, short enough steps, long enough runs."""
    layers = draw(st.lists(st.integers(2, 4), min_size=2, max_size=3))
    samples = draw(st.integers(2, 5))
    numbers = np.random.default_rng(draw(st.integers(0, 10_000)))
    loss, last = draw(
        st.sampled_from(
            [
                ("half_sum_squared_error", "sigmoid"),
                ("mean_squared_error", "tanh"),
                ("huber", "identity"),
                ("softmax_cross_entropy", "identity"),
                ("cross_entropy", "softmax"),
                ("binary_cross_entropy", "sigmoid"),
                ("sigmoid_binary_cross_entropy", "identity"),
            ]
        )
    )
    if "cross_entropy" in loss and "binary" not in loss:
        targets = numbers.dirichlet(np.ones(layers[-1]), samples)
    else:
        targets = numbers.uniform(0.1, 0.9, (samples, layers[-1]))
    return bl.recipe(
        {
            "network": {
                "layers": layers,
                "activations": [
                    *(
                        draw(st.sampled_from(["tanh", "softplus", "silu", "gelu", "elu", "sigmoid"]))
                        for _ in layers[2:]
                    ),
                    last,
                ],
                "biases": draw(st.booleans()),
            },
            "parameters": {"initializer": "xavier_uniform", "random_seed": draw(st.integers(0, 10_000))},
            "data": {"inputs": numbers.uniform(-1, 1, (samples, layers[0])).tolist(), "targets": targets.tolist()},
            "loss": {"name": loss},
            "training": {"learning_rate": 0.2, "iterations": draw(st.integers(5, 60))},
            "numerics": {"precision": draw(st.sampled_from(["float64", "float32"]))},
        }
    )


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(healthy_recipes())
def test_a_healthy_run_is_left_in_peace(recipe):
    trace = bl.run(recipe)
    assert [name for name in names(trace) if name != "stall"] == []
    # a soft target that a plain start meets by chance leaves nothing to gain: then the loss does stand still
    if "stall" in names(trace):
        assert outcome(trace) == "stalled"


# ---- the sentences ---------------------------------------------------------------------------------------


def templates():
    """Every sentence of the room: strings given to `marked`, found in the source."""
    import backlight.findings

    for file in sorted(Path(backlight.findings.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "marked":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{file.name}:{node.lineno} is no literal"
                yield f"{file.name}:{node.lineno}", argument.value


@pytest.mark.parametrize(("where", "sentence"), list(templates()))
def test_a_sentence_is_plain_and_its_fields_are_formatted(where, sentence):
    assert not sentence.endswith(".")
    assert sentence == sentence.strip()
    assert "  " not in sentence
    for _text, field, spec, conversion in string.Formatter().parse(sentence):
        if field is not None:
            assert field.isidentifier()
            assert conversion is None
            assert spec in {"", "g", ".2g", ".3g", ".4g", ".6g", ".0f"}


def test_there_are_as_many_kinds_as_there_are_functions():
    assert len(set(IN_ORDER_OF_IMPORTANCE)) == len(IN_ORDER_OF_IMPORTANCE)
    for look in IN_ORDER_OF_IMPORTANCE:
        assert look.__doc__.startswith("Notice ")


def test_evidence_is_a_mapping_of_names():
    for found in course({"network.activations": "relu"}).findings:
        assert isinstance(found.evidence, Mapping)
        assert all(key.isidentifier() for key in found.evidence)
