"""What may be written behind a slug: layer, unit, parameter and except, and what a mistake brings itself.

Every such parameter has a default and a meaning in words. What it may be depends on the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from backlight.language import marked
from backlight.recipes.labels import Place, parameter_labels

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe

A_FEW, MANY = 8, 64
"""In search of a mistake, so many units are tried one by one; parameters of networks with no more than so many."""

Offers = Callable[["Recipe", Sequence[int], Mapping[str, Any]], Mapping[str, Any]]
"""From the network, the layers a mistake is made in and the parameters read before it, to words and values."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Which numbers a parameter may be, and how that is said."""

    admits: Callable[[float], bool]
    words: str


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something that may be written behind the slug: a word that the network offers, or a number.

    ``default`` is what happens when it is not written: a word, a number, or a sentence; then ``stands_for``
    chooses the word, and without it the mistake is given None and decides for itself. ``offers`` gives the
    words; ``numbers`` says which numbers are allowed; ``several`` words may be joined by a plus sign.
    ``tries`` lists what to go through in search of a mistake, most common first; without it, every word.
    """

    meaning: str
    default: str
    offers: Offers | None = None
    numbers: Numbers | None = None
    several: bool = False
    stands_for: Callable[[Mapping[str, Any]], str | None] | None = None
    tries: Callable[[Recipe, Sequence[int], Mapping[str, Any]], Iterable[str]] | None = None

    def words(self, recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the network offers."""
        return self.offers(recipe, layers, read) if self.offers else {}

    def admits(self, text: str, words: Mapping[str, Any]) -> bool:
        """Tell whether a text is one of the words, or an allowed number."""
        if text in words or (self.several and "+" in text and all(part in words for part in text.split("+"))):
            return True
        try:
            return self.numbers is not None and isfinite(float(text)) and self.numbers.admits(float(text))
        except ValueError:
            return False

    def value(self, text: str, words: Mapping[str, Any]) -> object:
        """What an admitted text means."""
        if text in words:
            return words[text]
        if self.several:
            return tuple(place for part in text.split("+") for place in words[part])
        return float(text)

    def by_default(self, words: Mapping[str, Any]) -> object:
        """What the default means: a value, or None when the mistake decides for itself."""
        text = self.stands_for(words) if self.stands_for else self.default
        return self.value(text, words) if text is not None and self.admits(text, words) else None


def first_offered(words: Mapping[str, Any]) -> str | None:
    """The first word that a network offers stands for a default that is no word."""
    return next(iter(words), None)


def words(*each: str) -> Offers:
    """Offer the same words in every network."""
    return lambda recipe, layers, read: {word: word for word in each}


def units_of(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, int]:
    """Numbers of the units that each of these layers has, from 0."""
    return {str(unit): unit for unit in range(min((recipe.layers[l] for l in layers), default=0))}


def units_behind(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, int]:
    """Numbers of the units that each of the next layers has, from 0."""
    return units_of(recipe, [l + 1 for l in layers], read)


def trained_arrays(recipe: Recipe) -> list[str]:
    """W1, W2, ..., and b1, b2, ... where biases are trained."""
    numbered = range(1, len(recipe.layers))
    biased = recipe.network.biases and recipe.parameters.train_biases
    return [f"W{l}" for l in numbered] + [f"b{l}" for l in numbered if biased]


def trained_names(recipe: Recipe) -> list[str]:
    """The arrays that are trained, then their entries by their labels."""
    arrays = trained_arrays(recipe)
    return arrays + [label for label, at in parameter_labels(recipe).items() if at.quantity in arrays]


def some(words: Mapping[str, Any]) -> list[str]:
    """All of a few words to try, the first and the last of many."""
    names = list(words)
    return names if len(names) <= A_FEW else [*names[: A_FEW - 1], names[-1]]


def tried_names(recipe: Recipe) -> list[str]:
    """What is tried of the trained parameters: each one of a small network, else only the arrays."""
    names, arrays = trained_names(recipe), trained_arrays(recipe)
    return arrays if len(names) > MANY else names[len(arrays) :] + arrays


@lru_cache(maxsize=8)
def named_parameters(recipe: Recipe) -> Mapping[str, tuple[Place, ...]]:
    """Names of parameters and their places: w1 or b_h1, an array W1 or b1, an entry W1[0,1]."""
    scalars = parameter_labels(recipe)
    arrays = {at.quantity: Place(at.quantity) for at in scalars.values()}
    entries = {f"{at.quantity}[{','.join(map(str, at.index))}]": at for at in scalars.values()}
    return {name: (place,) for name, place in (scalars | arrays | entries).items()}


def _names(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> Mapping[str, tuple[Place, ...]]:
    """Every parameter, wherever the mistake is made."""
    return named_parameters(recipe)


def _numbers_of(recipe: Recipe, layers: Sequence[int], read: Mapping[str, Any]) -> dict[str, int]:
    """The layers themselves."""
    return {str(l): l for l in layers}


def _layers(default: str) -> Parameter:
    """The parameter that every mistake in a layer has."""
    return Parameter(
        meaning=marked("the layer that comes out wrong, numbered as in W1"), default=default, offers=_numbers_of
    )


LAYERS = {
    ("every", "all"): _layers(marked("every layer")),
    ("every", "last"): _layers(marked("the last layer")),
    ("every", "hidden"): _layers(marked("every hidden layer")),
    ("every", "last_hidden"): _layers(marked("the last hidden layer")),
    ("hidden", "all"): _layers(marked("every hidden layer")),
    ("hidden", "last"): _layers(marked("the last hidden layer")),
    ("output", "all"): _layers(marked("the last layer")),
}
UNIT = Parameter(
    meaning=marked("the unit of that layer that comes out wrong, the first is 0"),
    default=marked("every unit"),
    offers=units_of,
)
ONE = Parameter(
    meaning=marked("the parameter, or array of parameters, that it is about: w1, W1[0,1], W1, b_h1, w1+w3"),
    default=marked("every parameter"),
    offers=_names,
    several=True,
)
EXCEPT = Parameter(
    meaning=marked("a parameter, or array of parameters, that stays right"),
    default=marked("none"),
    offers=_names,
    several=True,
)
