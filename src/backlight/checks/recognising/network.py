"""The network of a recipe at any parameters: what a program is held against, in float64.

A program is judged at its own parameters and on its own samples; the recipe gives the rest. Parameters are one
vector here: W1, W2, ... and then b1, b2, ..., each in C order, as in the layout of a trace. What these numbers are
worth is said by `truth`; here they only serve to recognise what a program computes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.hand.activations import activation
from backlight.recipes.start import Start, start
from backlight.traces.layout import is_parameter, layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

ALONE = {
    "training.iterations": 0,
    "training.batch_size": None,
    "training.shuffle_seed": None,
    "numerics.precision": "float64",
    "numerics.exact_from": "nearest",
}
"""One pass on given samples with given parameters: whatever the recipe says of the way there."""


REMEMBERED = 128
"""For so many sets of parameters the outputs are kept: the same ones are asked for again and again."""


@dataclass(frozen=True)
class Network:
    """A recipe's network with samples to run it on.

    Attributes
    ----------
    recipe : Recipe
        One pass: no batches, no iterations, float64.
    inputs, targets : array, shape (samples, inputs) and (samples, outputs)
        float64.
    """

    recipe: Recipe
    inputs: Array
    targets: Array

    @classmethod
    def of(cls, recipe: Recipe, inputs: Array, targets: Array) -> Network:
        """The network of a recipe, whatever it says of batches and iterations."""
        return cls(recipe.with_(ALONE), np.asarray(inputs, float), np.asarray(targets, float))

    @classmethod
    def asked(cls, recipe: Recipe) -> tuple[Network, Array]:
        """The network of a recipe on the recipe's samples, and its initial values."""
        begin = start(recipe)
        values = np.concatenate([array.ravel() for array in (*begin.weights, *begin.biases)])
        return cls.of(recipe, begin.inputs, begin.targets), values.astype(float)

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.inputs)

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The arrays of parameters in order."""
        return {name: shape for name, shape in layout(self.recipe, 1).shapes.items() if is_parameter(name)}

    @cached_property
    def size(self) -> int:
        """How many parameters there are."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    @cached_property
    def names(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Array and index of every parameter in order."""
        return tuple((name, index) for name, shape in self.shapes.items() for index in np.ndindex(*shape))

    def is_trained(self, name: str) -> bool:
        """Whether the recipe trains an array of parameters."""
        return name[0] == "W" or self.recipe.parameters.train_biases

    def shaped(self) -> list[tuple[str, Array]]:
        """An empty array for each array of parameters."""
        return [(name, np.zeros(shape)) for name, shape in self.shapes.items()]

    def arrays(self, parameters: Array) -> dict[str, Array]:
        """The parameters by array."""
        whole = np.asarray(parameters, float)
        return {name: whole[mine].reshape(self.shapes[name]) for name, mine in self.slices.items()}

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where each array of parameters is."""
        ends = np.cumsum([0] + [int(np.prod(shape)) for shape in self.shapes.values()]).tolist()
        return {name: slice(*both) for name, both in zip(self.shapes, pairwise(ends), strict=True)}

    def start(self, parameters: Array, rows: Sequence[int] | None = None) -> Start:
        """Begin at these parameters with these samples, or with all."""
        chosen = slice(None) if rows is None else list(rows)
        by_name = self.arrays(parameters)
        return Start(
            inputs=self.inputs[chosen],
            targets=self.targets[chosen],
            held_out_inputs=self.inputs[:0],
            held_out_targets=self.targets[:0],
            weights=tuple(array for name, array in by_name.items() if name[0] == "W"),
            biases=tuple(array for name, array in by_name.items() if name[0] == "b"),
        )

    def quantities(self, parameters: Array, rows: Sequence[int] | None = None) -> dict[str, Array]:
        """Everything that one pass computes, by the names of a trace; x and y with it."""
        begin = self.start(parameters, rows)
        engine = Iteration(self.recipe, begin, layout(self.recipe, begin.samples))
        with np.errstate(all="ignore"):
            engine.forward_and_backward(None)
        views = {name: view.copy() for name, view in engine.views.items()}
        return {"x": begin.inputs, "y": begin.targets, **views}

    def outputs(self, parameters: Array) -> Array:
        """The last layer's activations for every sample; those of the last few parameters are remembered."""
        key = parameters.tobytes()
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = self._outputs(parameters)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[bytes, Array]:
        return {}

    def _outputs(self, parameters: Array) -> Array:
        by_name = self.arrays(parameters)
        a = self.inputs
        with np.errstate(all="ignore"):
            for layer, f in enumerate(self._activations, start=1):
                z = a @ by_name[f"W{layer}"] + by_name.get(f"b{layer}", 0.0)
                a = np.empty_like(z)
                f.forward(z, a)
        return a

    @cached_property
    def _activations(self) -> list[Any]:
        return [activation(choice.name, choice.options) for choice in self.recipe.activations]

    def layers(self) -> Iterator[tuple[int, int, int]]:
        """Each layer with its numbers of inputs and of units."""
        for layer, (inputs, units) in enumerate(pairwise(self.recipe.layers), start=1):
            yield layer, inputs, units

    def with_(self, changes: dict[str, Any]) -> Network:
        """The same samples in another network."""
        return replace(self, recipe=self.recipe.with_(changes))
