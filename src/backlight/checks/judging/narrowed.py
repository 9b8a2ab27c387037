"""A mistake asked for in some of the parameters only, in the words of `run --mistake`."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.judging.trials import slug_of
from backlight.engines.mistakes import MISTAKES, asked
from backlight.engines.mistakes.mistake import STEPS_OF_ALL_PARAMETERS
from backlight.engines.mistakes.planted import chosen as places
from backlight.faults import EngineError
from backlight.recipes.labels import label
from backlight.traces.layout import is_parameter, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

MOST_NAMES = 64


def narrowed(recipe: Recipe, text: str, chosen: NDArray[np.bool_], free: NDArray[np.bool_] | None = None) -> str | None:
    """Ask for a mistake in the chosen parameters alone; None where it does not take that, or none of them is left.

    Where all that is missing of an array is ``free`` to be chosen too, the array is asked for.

    Examples
    --------
    >>> import numpy as np, backlight as bl
    >>> narrowed(bl.recipe("course"), "missing-hidden-derivative", np.arange(8) < 2)
    'missing-hidden-derivative:parameter=w1+w2'
    >>> narrowed(bl.recipe("course"), "missing-hidden-derivative", np.arange(8) < 2, np.arange(8) < 4)
    'missing-hidden-derivative:parameter=W1'
    """
    if "parameter" not in MISTAKES[slug_of(text)].parameters or "parameter=" in text or "except=" in text:
        return None
    names = _names(recipe, chosen, chosen if free is None else chosen | free)
    if not 0 < len(names) <= MOST_NAMES:
        return None
    asked_for = f"{text}{',' if ':' in text else ':'}parameter={'+'.join(names)}"
    try:
        wish = asked(asked_for, recipe)
        if wish.mistake.step in STEPS_OF_ALL_PARAMETERS:
            places(wish, wish.layers, wish.unit, layout(recipe, 1))
    except EngineError:
        return None
    return asked_for


def _names(recipe: Recipe, chosen: NDArray[np.bool_], whole: NDArray[np.bool_]) -> list[str]:
    """The names of the chosen parameters: of arrays where all may be chosen, else one by one."""
    names: list[str] = []
    begin = 0
    for array, shape in layout(recipe, 1).shapes.items():
        if not is_parameter(array):
            continue
        mine = slice(begin, begin + prod(shape))
        begin = mine.stop
        left = np.flatnonzero(chosen[mine])
        if mine.stop - mine.start > 1 and len(left) and whole[mine].all():
            names.append(array)
        else:
            names += [label(recipe, array, np.unravel_index(one, shape)) for one in left[: MOST_NAMES + 1]]
    return names
