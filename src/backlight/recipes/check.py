"""From a tree of plain values to a recipe, or to everything that is wrong with it, all at once.

The order: unknown fields are read as what was meant; pydantic checks which fields there are and of which type;
rules and shapes check what they mean. None of them stops the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from backlight.faults import RecipeError
from backlight.recipes.arrays import Arrays
from backlight.recipes.rules import rules
from backlight.recipes.samples import samples
from backlight.recipes.shapes import shapes
from backlight.recipes.sources import Source
from backlight.recipes.spelling import respelled
from backlight.recipes.structure import structured
from backlight.recipes.wrong import faults

Model = TypeVar("Model", bound=BaseModel)

DEEPEST = 8
"""Levels of a tree that are looked at; the weights are the deepest field, with 5."""


def checked(model: type[Model], source: Source) -> Model:
    """Check a recipe as a whole.

    Parameters
    ----------
    model : type
        The class of recipes.

    Raises
    ------
    RecipeError
        Every fault there is: codes R-..., each explained in `codes`.
    """
    tree, moved, wrongs = respelled(model, plain(source.tree))
    recipe, structural = structured(model, tree)
    arrays = Arrays(tree)
    wrongs += [*structural, *rules(tree), *shapes(arrays), *samples(arrays)]
    if recipe is not None and not wrongs:
        return recipe
    order = list(model.model_fields)
    wrongs.sort(key=lambda wrong: order.index(wrong.field[0]) if wrong.field[0] in order else len(order))
    unknown = {(*wrong.field,) for wrong in wrongs if wrong.fault.code == "R-FIELD-1"}
    positions = source.positions(of_keys=unknown)
    raise RecipeError(faults(wrongs, respelled=moved, file=source.file, positions=positions))


def plain(value: Any, *, inside: tuple[int, ...] = ()) -> Any:
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
