"""Where every quantity of one iteration stands in one flat row of numbers.

An engine computes into named views of such a row; recording an iteration is then one copy. The order is
chosen so that what belongs together is one slice: all trained parameters, all their gradients in the same
order, and each way of recording ("loss", "parameters", "all") is a prefix of the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.recipes.functions import LOSSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Layout:
    """The quantities of a recipe in order, with the shape each has in one iteration.

    Examples
    --------
    >>> import backlight as bl
    >>> layout(bl.recipe("course"), 1).shapes
    {'loss': (), 'W1': (2, 2), 'W2': (2, 2), 'dL_dW1': (2, 2), 'dL_dW2': (2, 2), 'z1': (1, 2), 'a1': (1, 2), \
'dL_da1': (1, 2), 'dL_dz1': (1, 2), 'z2': (1, 2), 'a2': (1, 2), 'dL_da2': (1, 2), 'dL_dz2': (1, 2)}
    """

    shapes: dict[str, tuple[int, ...]]
    trained: int
    """How many of the numbers are parameters that training changes; they follow the loss."""
    parameters: int
    """How many of the numbers are parameters, frozen biases included."""

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where each quantity stands in the row."""
        ends = np.cumsum([prod(shape) for shape in self.shapes.values()]).tolist()
        return {name: slice(end - prod(self.shapes[name]), end) for name, end in zip(self.shapes, ends, strict=True)}

    @property
    def width(self) -> int:
        """Numbers in a full row."""
        return sum(prod(shape) for shape in self.shapes.values())

    def recorded(self, what: str) -> tuple[str, ...]:
        """Names of the quantities that `record = what` keeps: a prefix of all."""
        if what == "loss":
            return ("loss",)
        if what == "parameters":
            return tuple(name for name in self.shapes if name == "loss" or is_parameter(name))
        return tuple(self.shapes)

    def width_of(self, what: str) -> int:
        """Numbers that `record = what` keeps of a row."""
        width: int = self.slices[self.recorded(what)[-1]].stop
        return width

    def views(self, row: Array) -> dict[str, Array]:
        """Named views of one flat row; writing into them writes into the row."""
        return {name: row[where].reshape(self.shapes[name]) for name, where in self.slices.items()}

    def theta(self, row: Array) -> Array:
        """All trained parameters of a row as one vector."""
        return row[1 : 1 + self.trained]

    def gradient(self, row: Array) -> Array:
        """dL/dtheta: the gradients in the order of `theta`."""
        return row[1 + self.parameters : 1 + self.parameters + self.trained]


def is_parameter(name: str) -> bool:
    """Whether a quantity is an array of parameters: W1, b1, ..."""
    return name[0] in "Wb" and name[1:].isdigit()


def is_per_sample(name: str) -> bool:
    """Whether a quantity has a row for each sample of the batch: z, a, dL_da, dL_dz, p."""
    return name == "p" or name.rstrip("0123456789") in {"z", "a", "dL_da", "dL_dz"}


def blank_padding(layout: Layout, views: dict[str, Array], used: int) -> None:
    """Write NaN behind the last sample of a short batch, in every quantity that has a row per sample."""
    for name in layout.shapes:
        if is_per_sample(name):
            views[name][used:] = np.nan


def layout(recipe: Recipe, batch_size: int) -> Layout:
    """Lay out one iteration of a recipe with batches of a size."""
    shapes = dict(_shapes(recipe, batch_size))
    trained_names = [n for n in shapes if is_parameter(n) and (n[0] == "W" or recipe.parameters.train_biases)]
    return Layout(
        shapes,
        trained=sum(prod(shapes[name]) for name in trained_names),
        parameters=sum(prod(shape) for name, shape in shapes.items() if is_parameter(name)),
    )


def _shapes(recipe: Recipe, batch_size: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every quantity of one iteration with its shape, in the order of the row."""
    layers = recipe.layers
    numbered = range(1, len(layers))
    yield "loss", ()
    for derivative in ("", "dL_d"):
        for layer in numbered:
            yield f"{derivative}W{layer}", (layers[layer - 1], layers[layer])
        if recipe.network.biases:
            for layer in numbered:
                yield f"{derivative}b{layer}", (layers[layer],)
    for layer in numbered:
        for name in ("z", "a", "dL_da", "dL_dz"):
            yield f"{name}{layer}", (batch_size, layers[layer])
    if LOSSES[recipe.loss.name].inner:
        yield "p", (batch_size, layers[-1])
