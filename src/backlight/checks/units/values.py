"""Numbers to tell equal formulas apart from others: a recipe's network, passed through several times by chance.

The parameters and the data are drawn here and are not those of the recipe, so that what agrees in all passes does not
agree by its numbers but by its algebra.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.network import Network
from backlight.checks.units.dimensions import Orientation, bare
from backlight.derivations import Symbol, evaluate
from backlight.derivations.records import slope_of
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from backlight.recipes.labels import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

PASSES = 12
SAME = 1e-9
"""How far two formulas may be apart, relative to the larger of them: far above rounding, far below another formula."""


@dataclass(frozen=True)
class Pass:
    """Everything that one pass computed, by the names of a trace, with the slopes da1_dz1."""

    recipe: Recipe
    arrays: dict[str, Array]

    def value(self, label: str, orientation: Orientation) -> Array:
        """The value of a quantity as a program keeps it.

        Raises
        ------
        KeyError
            There is no such quantity.
        TraceError, IndexError
            There is no such entry of it.
        """
        if label.startswith("-"):
            return -self.value(label[1:], orientation)
        if label.endswith("^T"):
            return self.value(label[:-2], orientation).T
        name = bare(label)
        if name in self.arrays:
            return self._kept(name, orientation)
        if name.startswith("da_") or (name.startswith("d") and not name.startswith("dL_")):
            return self._slope(name)
        where = place(self.recipe, name)
        array = self.arrays[where.quantity]
        if label.endswith("@s"):
            return array[:, where.index[1]]
        return np.asarray(array[place(self.recipe, label).index if "@" in label else where.index])

    def _slope(self, name: str) -> Array:
        """The slope of one unit: da_h1_dz_h1 or dh1_dz_h1."""
        above, _, below = name[1:].partition("_dz_")
        where = place(self.recipe, below)
        if bare(above) != below:
            raise KeyError(name)
        l = where.quantity.removeprefix("a")
        return np.asarray(self.arrays[f"da{l}_dz{l}"][where.index])

    def _kept(self, name: str, orientation: Orientation) -> Array:
        array = self.arrays[name]
        of_parameters = name.removeprefix("dL_d")[0]
        if orientation == "rows" or of_parameters == "W" or array.ndim == 0:
            return array
        if of_parameters == "b":
            return array if orientation == "vector" else array[:, None]
        return array[0] if orientation == "vector" else array.T


@lru_cache(maxsize=32)
def passes(recipe: Recipe, samples: int) -> tuple[Pass, ...]:
    """Go through the network by chance, the same chance for the same recipe."""
    generator = np.random.default_rng(0)
    inputs, outputs = recipe.layers[0], recipe.layers[-1]
    found = []
    network: Network | None = None
    for _number in range(PASSES):
        x, y = generator.normal(size=(samples, inputs)), _targets(generator, recipe, (samples, outputs))
        network = Network.of(recipe, x, y) if network is None else Network(network.recipe, x, y)
        arrays = network.quantities(generator.normal(size=network.size))
        found.append(Pass(recipe, arrays | dict(_slopes(recipe, arrays))))
    return tuple(found)


def _targets(generator: np.random.Generator, recipe: Recipe, shape: tuple[int, int]) -> Array:
    """Targets for which the loss means what it says."""
    domain = LOSSES[recipe.loss.name].targets
    if domain == "distribution":
        return generator.dirichlet(np.ones(shape[1]), size=shape[0])
    return generator.uniform(size=shape) if domain == "unit_interval" else generator.normal(size=shape)


def _slopes(recipe: Recipe, arrays: dict[str, Array]) -> dict[str, Array]:
    """f'(z) of every layer whose units do not depend on each other."""
    return {
        f"da{l}_dz{l}": np.broadcast_to(
            evaluate(slope_of(choice, Symbol("z"), Symbol("a")), {"z": arrays[f"z{l}"], "a": arrays[f"a{l}"]}),
            arrays[f"z{l}"].shape,
        )
        for l, choice in enumerate(recipe.activations, start=1)
        if ACTIVATIONS[choice.name].elementwise
    }


@dataclass(frozen=True)
class Several:
    """What something was in each pass."""

    values: Sequence[Array]

    @cached_property
    def flat(self) -> Array:
        """All numbers in one row."""
        return np.concatenate([np.ravel(value) for value in self.values])

    @cached_property
    def turned(self) -> Several:
        """The same transposed."""
        return Several([value.T for value in self.values])

    def is_multiple_of(self, other: Several) -> bool:
        """Whether it is the other times one number, entry by entry in every pass."""
        if not _is_alike(self.values[0], other.values[0]):
            return False
        mine, theirs = self.flat, other.flat
        if not (np.all(np.isfinite(mine)) and np.all(np.isfinite(theirs)) and np.any(mine) and np.any(theirs)):
            return False
        factor = np.dot(mine, theirs) / np.dot(theirs, theirs)
        return bool(np.max(np.abs(mine - factor * theirs)) <= SAME * np.max(np.abs(mine)))


def _is_alike(one: Array, other: Array) -> bool:
    """Whether two arrays have the same shape, or would have it without an axis of length 1 that one of them lacks."""
    return one.shape == other.shape or (one.ndim != other.ndim and np.squeeze(one).shape == np.squeeze(other).shape)
