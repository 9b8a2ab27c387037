"""Recipes with one fault planted in them, and what pasting the offered fix does to them.

Shared by the tests of this room and of the words; a list of what users get wrong, each with the code it must
get and the field it must be told of.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

from backlight.recipes.settings import changed, setting
from backlight.recipes.wording.shown import shown

WRITTEN = {
    "network": {"layers": [2, 2, 2], "activations": "sigmoid"},
    "parameters": {"weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]]},
    "data": {"inputs": [[0.5, 0.3]], "targets": [[0.23, -0.07]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 1.0, "iterations": 11},
}
"""The exercise."""

DRAWN = {
    "network": {"layers": [3, 4, 1], "activations": ["tanh", {"name": "elu", "alpha": 0.5}], "biases": True},
    "parameters": {"initializer": "normal", "std": 0.5, "biases": [[0.0, 0.0, 0.0, 0.0], [1.0]]},
    "data": {"inputs": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "targets": [[0], [1], [1]], "held_out": 0.3},
    "loss": {"name": "huber", "delta": 2.0},
    "training": {"optimizer": "adam", "betas": [0.9, 0.99], "learning_rate": 0.1, "iterations": 3},
    "numerics": {"precision": "float32"},
}
"""Something of everything else."""

DIGITS = {
    "network": {"layers": [64, 10], "activations": "identity"},
    "parameters": {"initializer": "zeros"},
    "data": {"dataset": "digits"},
    "loss": {"name": "softmax_cross_entropy"},
    "training": {"learning_rate": 0.1, "iterations": 3},
}
"""A named dataset."""

WITHOUT_WEIGHTS = WRITTEN | {"parameters": {}}
WITHOUT_LONG_WEIGHTS = DIGITS | {"parameters": {}}

GONE = object()


class Planted(NamedTuple):
    """A fault: what is written into which recipe, and what must be told."""

    base: dict
    path: str
    value: object
    code: str
    field: str


def _of(base, code, *cases):
    return [Planted(base, path, value, code, field) for path, value, field in cases]


def _named(base, code, *cases):
    """Cases whose fault is told of the very field that is written."""
    return [Planted(base, path, value, code, path) for path, value in cases]


NAN, INF = float("nan"), float("inf")

PLANTED = [
    *_named(
        WRITTEN,
        "R-FIELD-1",
        ("colour", 3),
        ("titel", "x"),
        ("network.bias", False),
        ("training.lr", 0.5),
        ("training.zzz", [1, 2]),
        ("learning_rat", 1.0),
        ("numeric", {"precision": "float32"}),
        ("loss.momentum", 0.5),
        ("training.précision", 1),
        ("training.x y", 1),
    ),
    *_named(DRAWN, "R-FIELD-1", ("network.activations[1].alhpa", 0.5), ("network.activations[1].gain", 0.5)),
    *_of(
        WRITTEN,
        "R-FIELD-2",
        ("network", GONE, "network"),
        ("network.layers", GONE, "network.layers"),
        ("network.activations", GONE, "network.activations"),
        ("parameters", GONE, "parameters"),
        ("parameters.weights", GONE, "parameters"),
        ("parameters.weights", None, "parameters"),
        ("data", GONE, "data"),
        ("data", {}, "data"),
        ("data.inputs", GONE, "data.inputs"),
        ("data.targets", None, "data.targets"),
        ("loss", GONE, "loss"),
        ("loss.name", GONE, "loss.name"),
        ("training", GONE, "training"),
        ("training.learning_rate", GONE, "training.learning_rate"),
        ("training.iterations", GONE, "training.iterations"),
    ),
    *_of(DRAWN, "R-FIELD-2", ("network.activations[1].name", GONE, "network.activations[1].name")),
    *_named(
        WRITTEN,
        "R-TYPE-1",
        ("title", 3),
        ("network", 3),
        ("network", []),
        ("network.layers", "2, 2, 2"),
        ("network.layers", 2),
        ("network.layers[1]", "2"),
        ("network.layers[1]", 2.0),
        ("network.layers[1]", True),
        ("network.activations", 3),
        ("network.biases", "yes"),
        ("network.biases", 0),
        ("parameters", "xavier_uniform"),
        ("parameters.weights", "0.5"),
        ("parameters.weights", 0.5),
        ("parameters.weights[0][1][0]", "0.5"),
        ("parameters.weights[0][1][0]", True),
        ("parameters.weights[0][1][0]", None),
        ("parameters.weights[0][1][0]", {}),
        ("data", [1]),
        ("data.inputs", {"x": 1}),
        ("data.inputs[0][1]", "0,3"),
        ("data.targets", False),
        ("data.held_out", "20 %"),
        ("loss", "huber"),
        ("loss.name", 3),
        ("training.learning_rate", "0.1"),
        ("training.learning_rate", [0.1]),
        ("training.learning_rate", True),
        ("training.iterations", "11"),
        ("training.iterations", 11.0),
        ("training.iterations", 2.5),
        ("training.batch_size", "all"),
        ("training.momentum", "much"),
        ("training.optimizer", 3),
        ("numerics", 32),
        ("numerics", object()),
    ),
    *_named(
        DRAWN,
        "R-TYPE-1",
        ("training.betas", [0.9]),
        ("training.betas", [0.9, 0.99, 0.999]),
        ("training.betas", 0.9),
        ("training.betas[1]", "0.99"),
        ("training.amsgrad", "true"),
        ("parameters.initializer", ["normal"]),
        ("network.activations[1].alpha", "one"),
        ("network.activations[1].name", 1),
        ("loss.delta", [1.0]),
    ),
    *_named(
        WRITTEN,
        "R-NAME-1",
        ("network.activations", "rulu"),
        ("network.activations", "ReLU"),
        ("network.activations", ""),
        ("network.activations", "\x1b[31m"),
        ("loss.name", "mse"),
        ("loss.name", "Huber"),
        ("loss.name", "no such loss"),
        ("training.optimizer", "Adam"),
        ("loss.over_samples", "average"),
        ("parameters.labels", "by_inputs"),
        ("numerics.precision", "float16"),
        ("numerics.precision", 32),
        ("numerics.exact_from", "literals"),
    ),
    *_named(DRAWN, "R-NAME-1", ("parameters.initializer", "xavier"), ("network.activations[1].name", "eluu")),
    *_of(
        WRITTEN,
        "R-SHAPE-1",
        ("network.layers", [2, 2, 3], "parameters.weights"),
        ("network.layers", [2, 3, 2], "parameters.weights"),
        ("network.layers", [3, 2, 2], "parameters.weights"),
        ("network.layers", [2, 2], "parameters.weights"),
        ("network.layers", [2, 2, 2, 2], "parameters.weights"),
        ("parameters.weights", [], "parameters.weights"),
        ("parameters", {"weights": [[[1, 2, 3], [4, 5, 6]], [[1, 2], [3, 4], [5, 6]]]}, "parameters.weights"),
        ("parameters.weights", [[0.2, -0.4], [0.5, 0.6]], "parameters.weights"),
        ("parameters.weights", [[[[0.2]]]], "parameters.weights"),
        ("parameters.weights[1]", [[0.1, -0.5, 0.0], [-0.3, 0.8, 0.0]], "parameters.weights"),
        ("parameters.weights[1]", [], "parameters.weights"),
        ("parameters.weights[1]", [[], []], "parameters.weights"),
        ("parameters.weights[1]", 0.5, "parameters.weights"),
        ("parameters.weights[0][1]", [0.5], "parameters.weights[0]"),
        ("parameters.weights[0][1]", 0.5, "parameters.weights"),
        ("parameters.weights[0][1][0]", [0.5], "parameters.weights"),
    ),
    *_of(
        DRAWN,
        "R-SHAPE-2",
        ("parameters.biases", [[0.0] * 4], "parameters.biases"),
        ("parameters.biases", [0.0] * 5, "parameters.biases"),
        ("parameters.biases[0]", [0.0] * 3, "parameters.biases"),
        ("parameters.biases[1]", [], "parameters.biases"),
        ("parameters.biases[1][0]", [0.5], "parameters.biases"),
    ),
    *_of(
        DRAWN,
        "R-SHAPE-3",
        ("data.inputs", [1, 2, 3], "data.inputs"),
        ("data.inputs", [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], "data.inputs"),
        ("data.inputs", [[1, 2], [3, 4], [5, 6]], "data.inputs"),
        ("data.inputs", [[], [], []], "data.inputs"),
        ("data.inputs[1]", [4, 5], "data.inputs[1]"),
        ("data.inputs[1]", 4, "data.inputs"),
        ("data.inputs[1][1]", [4], "data.inputs"),
        ("data.inputs", [[1, 2, 3], [4, 5, 6]], "data.targets"),
        ("data.targets", [[0], [1]], "data.inputs"),
        ("data.targets", [0, 1, 1], "data.targets"),
        ("data.targets", [[0, 1], [1, 0], [1, 0]], "data.targets"),
        ("data.targets[2]", [0, 1], "data.targets[2]"),
    ),
    *_of(
        WRITTEN,
        "R-SHAPE-3",
        ("data.targets", [[0.23]], "data.targets"),
        ("data.inputs", [[0.5] * 100], "data.inputs"),
    ),
    *_named(
        WRITTEN,
        "R-SHAPE-4",
        ("network.activations", []),
        ("network.activations", ["relu"]),
        ("network.activations", ["relu", "sigmoid", "tanh"]),
    ),
    *_named(
        WRITTEN,
        "R-RANGE-1",
        ("network.layers", []),
        ("network.layers", [2]),
        ("network.layers[1]", 0),
        ("network.layers[0]", -2),
        ("network.layers[1]", 10**30),
        ("data.inputs", []),
        ("data.targets", []),
        ("data.held_out", 1.0),
        ("data.held_out", -0.1),
        ("training.learning_rate", -0.1),
        ("training.learning_rate", -1),
        ("training.iterations", -1),
        ("training.iterations", 10**20),
        ("training.batch_size", 0),
        ("training.batch_size", -32),
        ("training.shuffle_seed", -1),
        ("training.momentum", -0.9),
        ("training.weight_decay", -1),
        ("parameters.random_seed", -1),
        ("title", "x" * 10_001),
    ),
    *_of(
        DRAWN,
        "R-RANGE-1",
        ("parameters", {"initializer": "uniform", "a": 2}, "parameters.a"),
        ("parameters", {"initializer": "uniform", "b": -3.5}, "parameters.b"),
        ("parameters", {"initializer": "uniform", "a": -9e307, "b": 9e307}, "parameters.a"),
    ),
    *_named(
        DRAWN,
        "R-RANGE-1",
        ("parameters.std", -1.0),
        ("loss.delta", 0.0),
        ("loss.delta", -2),
        ("training.betas[0]", 1.0),
        ("training.betas[1]", -0.5),
        ("training.eps", -1e-8),
    ),
    *_named(
        WRITTEN,
        "R-FINITE-1",
        ("network.layers[0]", INF),
        ("parameters.weights[1][1][1]", NAN),
        ("data.inputs[0][0]", -INF),
        ("data.targets[0][1]", 10**400),
        ("data.held_out", NAN),
        ("training.learning_rate", INF),
        ("training.learning_rate", 10**5000),
        ("training.iterations", INF),
        ("training.momentum", NAN),
    ),
    *_named(
        DRAWN,
        "R-FINITE-1",
        ("data.inputs[2][2]", 1e39),
        ("parameters.biases[1][0]", 3.4028235677973366e38),
        ("parameters.mean", NAN),
        ("loss.delta", INF),
        ("training.betas[1]", NAN),
        ("network.activations[1].alpha", INF),
    ),
    *_of(
        WRITTEN,
        "R-CHOICE-1",
        ("parameters.initializer", "zeros", "parameters.initializer"),
        ("parameters.biases", [[0.0, 0.0], [0.0, 0.0]], "parameters.biases"),
        ("data.file", "points.csv", "data.file"),
        ("training.nesterov", True, "training.nesterov"),
    ),
    *_of(DIGITS, "R-NAME-1", ("parameters", {"initializer": "kaiming_normal", "mode": "fan-in"}, "parameters.mode")),
    *_of(DIGITS, "R-CHOICE-1", ("data.file", "points.csv", "data.dataset")),
    *_of(DIGITS, "R-SHAPE-3", ("network.layers", [16, 32, 10], "network.layers")),
    *_of(DIGITS, "R-RANGE-1", ("network.layers", [64, 10**6, 10**6, 10], "network.layers")),
    *_named(WITHOUT_WEIGHTS, "R-FIELD-1", ("weights", WRITTEN["parameters"]["weights"])),
    *_named(WITHOUT_WEIGHTS, "R-FIELD-1", ("parameters.weigths", WRITTEN["parameters"]["weights"])),
    *_named(WITHOUT_LONG_WEIGHTS, "R-FIELD-1", ("parameters.weigths", [[[0.5] * 10] * 64])),
    *_of(WRITTEN, "R-TYPE-1", ("network.activations", [3, "relu"], "network.activations[0]")),
    *_of(WRITTEN, "R-NAME-1", ("network.activations", ["sigmoid", "zzz"], "network.activations[1]")),
    *_of(WRITTEN, "R-RANGE-1", ("data", {"file": "x" * 10_001}, "data.file")),
    *_named(
        WRITTEN,
        "R-OPTION-1",
        ("loss.delta", 2.0),
        ("parameters.gain", 2.0),
        ("training.betas", [0.9, 0.999]),
        ("training.alpha", 0.9),
    ),
    *_of(WRITTEN, "R-OPTION-1", ("network.activations", {"name": "relu", "alpha": 1.0}, "network.activations.alpha")),
    *_named(DRAWN, "R-OPTION-1", ("parameters.gain", 2.0), ("network.activations[1].beta", 2.0)),
]


def ids(planted):
    """A name for each test: the code, and what is written where."""
    value = "gone" if planted.value is GONE else ascii(shown(planted.value)).strip("'")
    return f"{planted.code} {planted.path} {value[:30]}"


def written(planted):
    """The recipe with the fault in it."""
    return put(planted.base, planted.path, planted.value)


def put(tree, path, value):
    """A copy of a tree in which something else is written, or nothing any more."""
    tree = deepcopy(tree)
    steps = path.replace("[", ".").replace("]", "").split(".")
    here = tree
    for step in steps[:-1]:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    last = int(steps[-1]) if isinstance(here, list) else steps[-1]
    if value is GONE:
        del here[last]
    else:
        here[last] = value
    return tree


def field_of(fault):
    """The field in `where`, behind the place in the file."""
    return fault.where.split("  ")[-1].replace('"', "")


def pasted(tree, fault):
    """The recipe after its user has pasted what the fault offers, in place of what it complains of."""
    offer = fault.try_this
    if offer.startswith("# "):
        return put(tree, offer.removeprefix("# ").split(" = ")[0].replace('"', ""), GONE)
    if fault.code == "R-FIELD-1":
        value = taken(tree, field_of(fault))
        tree = put(tree, field_of(fault), GONE)
        if "=" not in offer:  # the right name of a field whose value is too long to show
            return put(tree, offer, value)
    return changed(tree, dict([setting(offer)]))


def taken(tree, path):
    """What is written at a path."""
    for step in path.replace("[", ".").replace("]", "").split("."):
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree
