"""Which factors are together what a layer gives, a slope or a derivative, whatever they look like?

h (1 - h) is measured in h per z_h although it looks like h times h. So factors that belong to one layer are multiplied
out with numbers, and what is equal to a quantity of the layer has the quantity's dimension. The look is never trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.units.dimensions import Dimension, dimension, layer_of, unit_of
from backlight.checks.units.values import Several
from backlight.recipes.functions import ACTIVATIONS
from backlight.recipes.labels import unit_labels

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.units.dimensions import Orientation
    from backlight.checks.units.values import Pass
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

MOST = 7
"""Of more factors than these only the first are tried together."""


@dataclass(frozen=True)
class Factor:
    """One factor of a product.

    Attributes
    ----------
    node : ast.expr
    power : int
        1, or -1 where it divides.
    labels : frozenset of str
        The quantities in it.
    is_plain : bool
        It is a quantity itself, measured in what the quantity is measured in.
    values : Several
    """

    node: ast.expr
    power: int
    labels: frozenset[str]
    is_plain: bool
    values: Several


@dataclass(frozen=True)
class Form:
    """Factors that are together a quantity; without a dimension if it may be one of several."""

    factors: tuple[Factor, ...]
    dimension: Dimension | None


def forms(
    factors: Sequence[Factor], recipe: Recipe, through: Sequence[Pass], orientation: Orientation
) -> tuple[list[Form], list[Factor]]:
    """Find the factors that are together a quantity of a layer; give those that are left, too."""
    found, left = [], list(factors)
    for l in range(1, len(recipe.layers)):
        known = _Layer(recipe, l, through, orientation)
        while form := known.form([factor for factor in left if _belongs(factor, recipe, l)][:MOST]):
            found.append(form)
            left = [factor for factor in left if all(factor is not taken for taken in form.factors)]
    return found, left


def _belongs(factor: Factor, recipe: Recipe, l: int) -> bool:
    """Whether a factor is made of quantities of one layer."""
    return bool(factor.labels) and all(layer_of(recipe, label) == l for label in factor.labels)


@dataclass(frozen=True)
class _Layer:
    """What factors may be together in a layer."""

    recipe: Recipe
    l: int
    through: Sequence[Pass]
    orientation: Orientation

    def form(self, factors: Sequence[Factor]) -> Form | None:
        """The most factors that are a quantity; those that are plain need not be found."""
        for size in range(len(factors), 0, -1):
            for chosen in combinations(factors, size):
                together = None if all(factor.is_plain for factor in chosen) else _multiplied(chosen)
                if together is None:
                    continue
                found = {one for label in self.candidates(chosen) for one in self.measured(together, label)}
                if found:
                    return Form(chosen, found.pop() if len(found) == 1 else None)
        return None

    def measured(self, together: Several, label: str) -> Iterator[Dimension]:
        """The dimension of a quantity, if factors are that quantity, turned or not."""
        quantity = Several([one.value(label, self.orientation) for one in self.through])
        own = dimension(self.recipe, label, self.orientation)
        if together.is_multiple_of(quantity):
            yield own
        elif together.values[0].ndim and together.is_multiple_of(quantity.turned):
            yield own.T

    def candidates(self, factors: Sequence[Factor]) -> Iterator[str]:
        """Quantities of the layer by label; of one unit, if the factors belong to one."""
        l, labels = self.l, frozenset[str]().union(*(factor.labels for factor in factors))
        elementwise = ACTIVATIONS[self.recipe.activations[l - 1].name].elementwise
        if any(dimension(self.recipe, label).axes for label in labels):
            yield from (f"dL_dz{l}", f"dL_da{l}", *((f"da{l}_dz{l}", f"a{l}") if elementwise else ()))
            return
        units = unit_labels(self.recipe.layers)[l]
        mine = {units[unit] for label in labels for unit in [unit_of(self.recipe, label)]}
        for unit in mine if len(mine) == 1 else units:
            yield f"dL_dz_{unit}"
            yield f"dL_d{unit}"
            if elementwise:  # the slopes of a softmax are those of pairs of units, some of them equal
                yield f"da_{unit}_dz_{unit}"
                yield unit


def _multiplied(factors: Sequence[Factor]) -> Several | None:
    """The product of factors in every pass; None where shapes do not fit."""
    try:
        with np.errstate(all="ignore"):
            return Several([reduce(np.multiply, parts) for parts in zip(*map(_powers, factors), strict=True)])
    except ValueError:
        return None


def _powers(factor: Factor) -> list[Array]:
    """A factor as it multiplies, in every pass."""
    return [np.asarray(value, float) ** factor.power for value in factor.values.values]
