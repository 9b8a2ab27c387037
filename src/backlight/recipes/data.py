"""The samples of a recipe: written in it, in a CSV file, or a named dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]


class Samples(NamedTuple):
    """Inputs (samples, inputs) and targets (samples, outputs) in float64."""

    inputs: Array
    targets: Array


def load(recipe: Recipe) -> tuple[Samples, Samples]:
    """Give the training samples and the held-out ones."""
    inputs = np.array(recipe.data.inputs, dtype=float)
    targets = np.array(recipe.data.targets, dtype=float)
    return Samples(inputs, targets), Samples(inputs[:0], targets[:0])
