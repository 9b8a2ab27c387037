"""From whatever was written to a recipe, or to everything that is wrong with it, all at once.

The order: unknown fields are read as what was meant; pydantic checks which fields there are and of which type;
the others check what they mean. None of them stops the next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from backlight.faults import RecipeError
from backlight.recipes.checking.arrays import Arrays
from backlight.recipes.checking.chosen import chosen, likely_names
from backlight.recipes.checking.rules import rules
from backlight.recipes.checking.samples import likely_samples, present, samples
from backlight.recipes.checking.shapes import shapes
from backlight.recipes.checking.spelling import respelled
from backlight.recipes.checking.structure import structured
from backlight.recipes.reading.written import plain
from backlight.recipes.wording.wrong import Wrong, faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlight.recipes.reading.sources import Source
    from backlight.recipes.wording.shown import Path, Value

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], source: Source) -> Model:
    """Check a recipe as a whole.

    Parameters
    ----------
    model : type
        The class of recipes.

    Raises
    ------
    RecipeError
        Every fault there is, in the order of the text: codes R-..., each explained in `codes`.
    """
    tree, moved, wrongs = respelled(model, plain(source.tree))
    arrays = Arrays(tree)
    recipe, structural = structured(model, tree, _likely(arrays))
    wrongs += [*structural, *chosen(tree), *rules(tree), *shapes(arrays), *samples(arrays)]
    if source.form:  # a person's text: a file it names must be there; what was saved outlives its files
        wrongs += present(arrays, source.folder)
    if recipe is not None and not wrongs:
        return recipe
    wrongs = _once(wrongs, moved)
    right = {written: path for path, written in moved.items()}
    order = {name: number for number, name in enumerate(model.model_fields)}
    wrongs.sort(key=lambda wrong: order.get(right.get(wrong.field[:1], wrong.field)[0], len(order)))
    positions = source.positions(of_keys={wrong.field for wrong in wrongs if wrong.code == "R-FIELD-1"})
    raise RecipeError(faults(wrongs, respelled=moved, file=source.file, positions=positions, changed=source.changed))


def _once(wrongs: list[Wrong], moved: Mapping[Path, Path]) -> list[Wrong]:
    """Tell a misspelt option that would not belong there anyway once: as a field to take away."""
    strays = {moved[one.field] for one in wrongs if one.code == "R-OPTION-1" and one.field in moved}
    return [
        replace(one, try_this=f"# {one.got}") if one.code == "R-FIELD-1" and one.field in strays else one
        for one in wrongs
        if one.code != "R-OPTION-1" or one.field not in moved
    ]


def _likely(arrays: Arrays) -> dict[Path, Value]:
    """What one part of a recipe suggests for another."""
    data = {("data", name): rows for name, rows in likely_samples(arrays).items()}
    return {("network", "layers"): arrays.likely_layers} | data | likely_names(arrays.tree)
