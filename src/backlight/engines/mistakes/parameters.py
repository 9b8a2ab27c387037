"""What may be written behind a slug: layer, unit, parameter and except, and what a mistake brings itself.

Every such parameter has a default and a meaning in words. What it may be depends on the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from backlight.language import marked
from backlight.recipes.labels import Place, parameter_labels

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something that may be written behind the slug: a word that the network offers, or a number.

    ``default`` is what happens when it is not written. ``offers`` lists the words for a network and the
    layers the mistake is made in; without it any finite number but 1 is allowed.
    """

    meaning: str
    default: str
    read: Callable[[str], Any] = str
    offers: Callable[[Recipe, Sequence[int]], Sequence[str]] | None = None

    def admits(self, text: str, words: Sequence[str] | None) -> bool:
        """Tell whether a text is one of the words, or a number that changes what it multiplies."""
        if words is not None:
            return text in words
        try:
            return isfinite(float(text)) and float(text) != 1
        except ValueError:
            return False


def units_of(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Numbers of the units that each of these layers has, from 0."""
    return [str(unit) for unit in range(min(recipe.layers[l] for l in layers))]


def units_behind(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Numbers of the units that each of the next layers has, from 0."""
    return units_of(recipe, [l + 1 for l in layers])


def named_parameters(recipe: Recipe) -> dict[str, Place]:
    """Names of parameters and their places: w1 or b_h1, an array W1 or b1, an entry W1[0,1]."""
    scalars = parameter_labels(recipe)
    arrays = {at.quantity: Place(at.quantity) for at in scalars.values()}
    entries = {f"{at.quantity}[{','.join(map(str, at.index))}]": at for at in scalars.values()}
    return scalars | arrays | entries


def _numbers_of(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """The layers themselves."""
    return [str(l) for l in layers]


def _names_of_parameters(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Every parameter of the network."""
    return list(named_parameters(recipe))


def _layers(default: str) -> Parameter:
    """The parameter that every mistake in a layer has."""
    return Parameter(
        meaning=marked("the layer that comes out wrong, numbered as in W1"),
        default=default,
        read=int,
        offers=_numbers_of,
    )


LAYERS = {
    ("every", "all"): _layers(marked("every layer")),
    ("hidden", "all"): _layers(marked("every hidden layer")),
    ("hidden", "last"): _layers(marked("the last hidden layer")),
    ("output", "all"): _layers(marked("the last layer")),
}
UNIT = Parameter(
    meaning=marked("the unit of that layer that comes out wrong, the first is 0"),
    default=marked("every unit"),
    read=int,
    offers=units_of,
)
ONE = Parameter(
    meaning=marked("the parameter, or array of parameters, that it is about: w1, W1[0,1], W1, b_h1"),
    default=marked("every parameter"),
    offers=_names_of_parameters,
)
EXCEPT = Parameter(
    meaning=marked("a parameter, or array of parameters, that stays right"), default=marked("none"), offers=ONE.offers
)
