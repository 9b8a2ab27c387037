"""A mistake asked for in some of the parameters only, in the words of `run --mistake`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.checks.judging.trials import slug_of
from backlight.engines.mistakes import MISTAKES
from backlight.recipes.labels import parameter_labels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

MOST_NAMES = 64


def narrowed(recipe: Recipe, text: str, chosen: NDArray[np.bool_]) -> str | None:
    """Ask for a mistake in the chosen parameters alone; None where it does not take that.

    Examples
    --------
    >>> import numpy as np, backlight as bl
    >>> narrowed(bl.recipe("course"), "missing-hidden-derivative", np.arange(8) < 2)
    'missing-hidden-derivative:parameter=w1+w2'
    """
    if "parameter" not in MISTAKES[slug_of(text)].parameters or "parameter=" in text or "except=" in text:
        return None
    labels = parameter_labels(recipe)
    if len(labels) > MOST_NAMES:
        return None
    order = {(place.quantity, place.index): label for label, place in labels.items()}
    numbers = sorted(order, key=lambda place: (place[0][0] == "b", int(place[0][1:]), place[1]))
    names = [order[place] for place, mine in zip(numbers, chosen, strict=True) if mine]
    return f"{text}{',' if ':' in text else ':'}parameter={'+'.join(names)}"
