"""The verb `recipe`: from whatever says what to do to one checked value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlight.recipes.checking.check import checked
from backlight.recipes.reading.sources import Source
from backlight.recipes.reading.sources import source as source_of
from backlight.recipes.reading.written import plain
from backlight.recipes.recipe import Recipe
from backlight.recipes.settings import changed, steps_of

if TYPE_CHECKING:
    from os import PathLike


def recipe(
    source: Recipe | Source | Mapping[str, Any] | str | PathLike[str], *, changes: Mapping[str, Any] | None = None
) -> Recipe:
    """Make a recipe, checked as a whole.

    Parameters
    ----------
    source : Recipe, mapping, str or path
        A dictionary (lists, tuples or NumPy arrays; a float's literal is its repr); the name of a ready recipe;
        a file in TOML or JSON; a saved trace, whose recipe is taken (``.json``, or the folder ``run.zarr``); or
        a text: JSON where it starts with a brace, TOML where it has a line break or an equals sign. A Source is
        one of these that has been read, and not yet checked.
    changes : mapping of field path to value, optional
        As for `Recipe.with_`, made before anything is checked: they may complete a recipe, or repair it.

    Returns
    -------
    Recipe
        Its numbers keep the texts they were written as. A relative `data.file` belongs to the folder of the
        recipe's file, else to the folder the program was started in. The file itself is read by a run.

    Raises
    ------
    RecipeError [R-FIELD-1, R-FIELD-2, R-TYPE-1, R-NAME-1, R-SHAPE-1, R-SHAPE-2, R-SHAPE-3, R-SHAPE-4, R-RANGE-1,
                 R-FINITE-1, R-CHOICE-1, R-OPTION-1, R-SYNTAX-1, R-FILE-1, R-SET-1]
        All faults at once, each with its place and something that works; `codes` explains each code.

    Examples
    --------
    >>> import backlight as bl
    >>> bl.recipe("course").layers
    (2, 2, 2)
    >>> bl.recipe("course", changes={"training.learning_rate": 10}).training.learning_rate
    10
    >>> try:
    ...     bl.recipe(bl.recipe("course").as_dict() | {"loss": {"name": "mse"}})
    ... except bl.BacklightError as error:
    ...     print(error.faults[0].sentence, "- try", error.faults[0].try_this)
    no loss is called mse - try loss.name = "mean_squared_error"
    """
    if isinstance(source, Recipe):
        return source.with_(changes) if changes else source
    read = source_of(source)
    if changes and isinstance(read.tree, Mapping):
        tree = changed(plain(read.tree), changes)
        read = replace(read, tree=tree, changed=frozenset(map(steps_of, changes)))
    made = checked(Recipe, read)
    made._folder = read.folder  # noqa: SLF001  not a field: the same recipe may stand in another folder
    return made
