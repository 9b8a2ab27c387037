"""The names of scalars: w1, W1[0,1], h2, z_o1, dL_dw5, dL_db_h1, h2@3 - and where they stand in a trace.

One scalar, one label, everywhere: in tables, errors, plots and on the command line.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from backlight.faults import Fault, TraceError
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True)
class Place:
    """Where a scalar stands: the quantity, and the index behind the iteration.

    For quantities of a sample (z, a, dL_da, dL_dz, p) the index is (sample, unit).
    """

    quantity: str
    index: tuple[int, ...] = ()


def unit_labels(layers: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Name the units of every layer, inputs first.

    Examples
    --------
    >>> unit_labels((2, 2, 1))
    (('x1', 'x2'), ('h1', 'h2'), ('o1',))
    >>> unit_labels((1, 1, 2, 1))[2]
    ('h2_1', 'h2_2')
    """
    hidden = len(layers) - 2
    names = [tuple(f"x{i + 1}" for i in range(layers[0]))]
    for layer in range(1, hidden + 1):
        stem = "h" if hidden == 1 else f"h{layer}_"
        names.append(tuple(f"{stem}{i + 1}" for i in range(layers[layer])))
    names.append(tuple(f"o{i + 1}" for i in range(layers[-1])))
    return tuple(names)


def weight_labels(layers: tuple[int, ...], order: str = "by_input") -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Name the weights: per layer a matrix (inputs, units) of labels.

    Examples
    --------
    >>> weight_labels((2, 2, 2))[0]
    (('w1', 'w2'), ('w3', 'w4'))
    >>> weight_labels((2, 2, 2), "by_unit")[1]
    (('w5', 'w7'), ('w6', 'w8'))
    """
    matrices, first = [], 1
    for inputs, units in pairwise(layers):
        across, down = (units, 1) if order == "by_input" else (1, inputs)
        matrices.append(tuple(tuple(f"w{first + i * across + j * down}" for j in range(units)) for i in range(inputs)))
        first += inputs * units
    return tuple(matrices)


@lru_cache(maxsize=8)
def _places(layers: tuple[int, ...], order: str, biases: bool) -> dict[str, Place]:  # noqa: FBT001  a cache key
    """Every scalar label of a network (of sample 0 where it belongs to a sample) and its place."""
    places = {"loss": Place("loss"), "L": Place("loss")}
    for layer, names in enumerate(unit_labels(layers)):
        for j, unit in enumerate(names):
            if layer == 0:
                places[unit] = Place("x", (0, j))
                continue
            places[unit] = Place(f"a{layer}", (0, j))
            places[f"z_{unit}"] = Place(f"z{layer}", (0, j))
            places[f"dL_d{unit}"] = Place(f"dL_da{layer}", (0, j))
            places[f"dL_dz_{unit}"] = Place(f"dL_dz{layer}", (0, j))
            if biases:
                places[f"b_{unit}"] = Place(f"b{layer}", (j,))
                places[f"dL_db_{unit}"] = Place(f"dL_db{layer}", (j,))
    for j in range(layers[-1]):
        places[f"y{j + 1}"] = Place("y", (0, j))
        places[f"p{j + 1}"] = Place("p", (0, j))
    for layer, matrix in enumerate(weight_labels(layers, order), start=1):
        for i, row in enumerate(matrix):
            for j, label in enumerate(row):
                places[label] = Place(f"W{layer}", (i, j))
                places[f"dL_d{label}"] = Place(f"dL_dW{layer}", (i, j))
    return places


def parameter_labels(recipe: Recipe) -> dict[str, Place]:
    """Every scalar parameter's label in order: weights w1, w2, ..., then biases b_h1, ..., with its place.

    Examples
    --------
    >>> import backlight as bl
    >>> list(parameter_labels(bl.recipe("course")))
    ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8']
    """
    return dict(_parameters(recipe.layers, recipe.parameters.labels, recipe.network.biases))


@lru_cache(maxsize=8)
def _parameters(layers: tuple[int, ...], labels: str, biases: bool) -> dict[str, Place]:  # noqa: FBT001  as _places
    places = _places(layers, labels, biases)
    weights = sorted((label for label in places if re.fullmatch(r"w\d+", label)), key=lambda label: int(label[1:]))
    others = [label for label in places if label.startswith("b_")]
    return {label: places[label] for label in weights + others}


def label(recipe: Recipe, quantity: str, index: tuple[int, ...] = ()) -> str:
    """Name the scalar that stands at a place: what `place` finds, the other way round.

    Parameters
    ----------
    quantity : str
        ``dL_dW1``, ``a2``, ``loss``, ...
    index : tuple of int
        The index behind the iteration; (sample, unit) for quantities of a sample.

    Examples
    --------
    >>> import backlight as bl
    >>> label(bl.recipe("course"), "dL_dW1", (1, 0)), label(bl.recipe("course"), "a2", (3, 0))
    ('dL_dw3', 'o1@3')
    """
    labels = _labels(recipe.layers, recipe.parameters.labels, recipe.network.biases)
    if found := labels.get((quantity, index)):
        return found
    if found := labels.get((quantity, (0, *index[1:]))):
        return f"{found}@{index[0]}"
    return f"{quantity}[{','.join(map(str, index))}]" if index else quantity


@lru_cache(maxsize=8)
def _labels(layers: tuple[int, ...], order: str, biases: bool) -> dict[tuple[str, tuple[int, ...]], str]:  # noqa: FBT001  a cache key
    """Every place and its label; `loss` comes before its alias `L`."""
    labels: dict[tuple[str, tuple[int, ...]], str] = {}
    for name, where in _places(layers, order, biases).items():
        labels.setdefault((where.quantity, where.index), name)
    return labels


_ENTRY = re.compile(r"(?P<name>[A-Za-z_]+\d*)\[(?P<index>\d+(?:\s*,\s*\d+)*)\]")
_SAMPLE = re.compile(r"(?P<label>.+)@(?P<sample>\d+)")


def place(recipe: Recipe, label: str) -> Place:
    """Find where a scalar stands in a trace.

    Parameters
    ----------
    label : str
        ``w1``, ``dL_dw1``, ``W1[0,1]``, ``h2``, ``z_o1``, ``dL_dz_h1``, ``b_h1``, ``loss`` (or ``L``);
        ``h2@3`` is sample 3, without ``@`` it is sample 0.

    Raises
    ------
    TraceError [T-NAME-1]
        No scalar of this network has that label; the nearest ones are named.

    Examples
    --------
    >>> import backlight as bl
    >>> place(bl.recipe("course"), "dL_dw3")
    Place(quantity='dL_dW1', index=(1, 0))
    >>> place(bl.recipe("course"), "W2[1,0]")
    Place(quantity='W2', index=(1, 0))
    """
    where = known_place(recipe, label)
    if where is None:
        raise TraceError(
            unknown(recipe, label, _places(recipe.layers, recipe.parameters.labels, recipe.network.biases))
        )
    return where


def known_place(recipe: Recipe, label: str) -> Place | None:
    """The same as `place`, None for a label that no scalar of this network has."""
    places = _places(recipe.layers, recipe.parameters.labels, recipe.network.biases)
    if label in places:
        return places[label]
    if entry := _ENTRY.fullmatch(label):
        return Place(entry["name"], tuple(int(i) for i in entry["index"].split(",")))
    if (
        (of_sample := _SAMPLE.fullmatch(label))
        and (one := places.get(of_sample["label"]))
        and one.quantity.startswith(("x", "y", "z", "a", "p", "dL_da", "dL_dz"))
    ):
        return Place(one.quantity, (int(of_sample["sample"]), *one.index[1:]))
    return None


def unknown(recipe: Recipe, label: str, known: Iterable[str]) -> Fault:
    """T-NAME-1: nothing in a network has this label; the nearest of those that are known may be meant."""
    nearest = difflib.get_close_matches(label, known, n=3, cutoff=0.4)
    return Fault(
        code="T-NAME-1",
        sentence=_("no quantity of this network is called {label}").format(label=label),
        got=label,
        because=_("it has layers {layers} and, among others, {some}").format(
            layers=list(recipe.layers), some=", ".join(list(parameter_labels(recipe))[:8])
        ),
        try_this=", ".join(nearest) or "loss",
    )
