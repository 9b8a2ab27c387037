"""From whatever was written to a recipe, or to everything that is wrong with it, all at once.

The order: unknown fields are read as what was meant; pydantic checks which fields there are and of which type;
the others check what they mean. None of them stops the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from backlight.faults import RecipeError
from backlight.recipes.arrays import Arrays
from backlight.recipes.chosen import chosen, likely_names
from backlight.recipes.rules import rules
from backlight.recipes.samples import likely_samples, present, samples
from backlight.recipes.shapes import shapes
from backlight.recipes.spelling import respelled
from backlight.recipes.structure import structured
from backlight.recipes.written import plain
from backlight.recipes.wrong import faults

if TYPE_CHECKING:
    from backlight.recipes.shown import Path, Value
    from backlight.recipes.sources import Source

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
    if source.text:  # a person's text: a file it names must be there; what was saved outlives its files
        wrongs += present(arrays, source.folder)
    if recipe is not None and not wrongs:
        return recipe
    order = list(model.model_fields)
    wrongs.sort(key=lambda wrong: order.index(wrong.field[0]) if wrong.field[0] in order else len(order))
    positions = source.positions(of_keys={wrong.field for wrong in wrongs if wrong.code == "R-FIELD-1"})
    raise RecipeError(faults(wrongs, respelled=moved, file=source.file, positions=positions))


def _likely(arrays: Arrays) -> dict[Path, Value]:
    """What one part of a recipe suggests for another."""
    data = {("data", name): rows for name, rows in likely_samples(arrays).items()}
    return {("network", "layers"): arrays.likely_layers} | data | likely_names(arrays.tree)
