"""What the name of a quantity says: its axes, and when in an iteration it is computed.

Files name their columns by the axes; a comparison looks for the first difference in the order of computing.
No number is read here.
"""

from __future__ import annotations

import re

_LAYERED = re.compile(r"(dL_d)?([Wbza])(\d+)")

SCORES = ("accuracy", "held_out_accuracy", "held_out_loss")
"""Measured beside the loss, in double precision on every engine."""

RADIUS = "radius."
"""In front of a name: how far the exact engine's midpoint may be from the true value."""


def is_once(name: str) -> bool:
    """Whether a quantity has no axis of iterations: the data, x and y."""
    return name.removeprefix(RADIUS) in {"x", "y"}


def number_type(name: str, *, engine: str, precision: str) -> str:
    """Name the type of a quantity's numbers, as the engine makes them in a precision.

    Examples
    --------
    >>> [number_type(name, engine="hand", precision="float32") for name in ("W1", "accuracy", "batch")]
    ['float32', 'float64', 'int64']
    """
    if name == "batch":
        return "int64"
    return "float64" if engine == "exact" or name in SCORES else precision


def axes(name: str, layers: tuple[int, ...], *, in_batches: bool = False) -> tuple[str, ...]:
    """Name the axes of a quantity.

    ``unit0`` are the inputs, ``unit1`` the units of the first layer after them. In a run with batches the
    rows of a batch are another axis, ``batch_sample``, than the samples of the data.

    Examples
    --------
    >>> axes("dL_dW2", (2, 3, 1)), axes("a1", (2, 3, 1)), axes("y", (2, 3, 1)), axes("radius.loss", (2, 3, 1))
    (('iteration', 'unit1', 'unit2'), ('iteration', 'sample', 'unit1'), ('sample', 'unit2'), ('iteration',))
    """
    name = name.removeprefix(RADIUS)
    outputs = f"unit{len(layers) - 1}"
    sample = "batch_sample" if in_batches else "sample"
    if layered := _LAYERED.fullmatch(name):
        kind, layer = layered[2], int(layered[3])
        before = {"W": (f"unit{layer - 1}",), "b": ()}.get(kind, (sample,))
        return ("iteration", *before, f"unit{layer}")
    once = {"x": ("sample", "unit0"), "y": ("sample", outputs)}
    return once.get(name) or {"p": ("iteration", sample, outputs), "batch": ("iteration", sample)}.get(
        name, ("iteration",)
    )


def when(name: str) -> tuple[int, int, int]:
    """Say when a quantity is computed in its iteration, as a key to sort by.

    The data, the parameters, forward through the layers, the loss, backward through the layers, scores; a
    radius is known together with its quantity.

    Examples
    --------
    >>> sorted(["dL_dW1", "loss", "dL_dW2", "a1", "W2", "z1", "accuracy", "dL_dz2", "x"], key=when)
    ['x', 'W2', 'z1', 'a1', 'loss', 'dL_dz2', 'dL_dW2', 'dL_dW1', 'accuracy']
    """
    name = name.removeprefix(RADIUS)
    if layered := _LAYERED.fullmatch(name):
        backward, kind, layer = layered[1], layered[2], int(layered[3])
        if backward:
            return (5, -layer, "azWb".index(kind))
        return (1, layer, "Wb".index(kind)) if kind in "Wb" else (2, layer, "za".index(kind))
    return ({"batch": 0, "x": 0, "y": 0, "p": 3, "loss": 4}.get(name, 6), 0, 0)
