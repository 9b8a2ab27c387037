"""Runs for the tests of the findings: the exercise with some fields changed, and small networks of their own."""

from __future__ import annotations

import json

import backlight as bl

ZEROS = (((0.0, 0.0), (0.0, 0.0)),) * 2
XOR = {
    "network": {"layers": [2, 2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {"initializer": "normal", "random_seed": 0},
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 5.0, "iterations": 5000},
}


def course(changes=None, **options):
    """Run the exercise with some fields changed."""
    return bl.run(bl.recipe("course").with_(changes or {}), **options)


def run(layers, activations, inputs, targets, *, loss="half_sum_squared_error", changes=None, **options):
    """Run a small network; weights are drawn unless they are among the changes."""
    recipe = {
        "network": {"layers": layers, "activations": activations},
        "parameters": {},
        "data": {"inputs": inputs, "targets": targets},
        "loss": {"name": loss},
        "training": {"learning_rate": 0.1, "iterations": 20},
    }
    for path, value in (changes or {}).items():
        section, name = path.split(".")
        recipe.setdefault(section, {})[name] = value
    if "weights" not in recipe["parameters"]:
        recipe["parameters"] = {"initializer": "xavier_normal", "random_seed": 1} | recipe["parameters"]
    return bl.run(bl.recipe(recipe), **options)


def names(trace):
    """Names of what is noticed, in order."""
    return [finding.name for finding in trace.findings]


def noticed(findings, name):
    """The one finding of a name; it must be there once, speak, and fit into JSON."""
    (found,) = [finding for finding in findings if finding.name == name]
    assert "{" not in found.text
    assert is_plain(found.evidence)
    return found


def is_plain(value):
    """Whether a value is made of nothing but what JSON has: dictionaries, lists, numbers, texts, None."""
    return repr(json.loads(json.dumps(value))) == repr(value)


def evidence(trace, name):
    """The evidence of the one finding of a name in a trace."""
    return noticed(trace.findings, name).evidence
