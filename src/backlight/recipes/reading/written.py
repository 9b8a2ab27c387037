"""A recipe as it was written: tables, tuples, numbers and texts of which nothing is known yet.

The checks read it through `part`, so that they work on a recipe that is wrong elsewhere: what is missing or of
a wrong type is None, and whoever asks for it keeps silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from backlight.recipes.fields import LARGEST_INTEGER

if TYPE_CHECKING:
    from backlight.recipes.wording.shown import Path, Value

Tree = dict[str, Any]

DEEPEST = 8
"""Levels of a tree that are looked at; the weights are the deepest field, with 5."""

BITS_OF_DOUBLES = 1023
"""Integers of up to so many bits are finite doubles, whatever their digits."""


def plain(value: Value, *, inside: tuple[int, ...] = ()) -> Value:
    """Make dictionaries, tuples, numbers and texts of what users write in Python.

    Arrays and their scalars become tuples and numbers, lists become tuples; a field that is None is one that
    is not written. What is nested too deep, or contains itself, ends in ``...``, which is no value of any field.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"inputs": np.eye(2), "targets": [np.float32(0.5)], "file": None})
    {'inputs': ((1.0, 0.0), (0.0, 1.0)), 'targets': (0.5,)}
    """
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_unset=True)
    elif hasattr(type(value), "tolist"):
        value = value.tolist()
    elif hasattr(type(value), "__fspath__"):
        value = str(value)
    if not isinstance(value, Mapping | list | tuple):
        return value
    if len(inside) >= DEEPEST or id(value) in inside:
        return ...
    inside = (*inside, id(value))
    if isinstance(value, Mapping):
        return {key: plain(one, inside=inside) for key, one in value.items() if one is not None}
    return tuple(plain(one, inside=inside) for one in value)


def listed(value: Value) -> Value:
    """Copy a value with lists for tuples, so that it can be changed."""
    if isinstance(value, dict):
        return {key: listed(one) for key, one in value.items()}
    return [listed(one) for one in value] if isinstance(value, list | tuple) else value


def part(tree: Tree, section: str, field: str | None = None) -> Value:
    """Give a section (an empty one where there is none) or a field of it (None where there is none)."""
    fields = tree.get(section)
    fields = fields if isinstance(fields, dict) else {}
    return fields if field is None else fields.get(field)


def is_number(value: Value) -> bool:
    """Whether a value is a finite number; a bool is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() <= BITS_OF_DOUBLES
    return isinstance(value, float) and isfinite(value)


def layers_of(tree: Tree) -> tuple[int, ...] | None:
    """Give the layers, None where they are not right."""
    layers = part(tree, "network", "layers")
    if not isinstance(layers, tuple) or len(layers) <= 1:
        return None
    return layers if all(type(one) is int and 0 < one <= LARGEST_INTEGER for one in layers) else None


def leaves(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    """Yield every entry of an array with its place."""
    if isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    else:
        yield path, value
