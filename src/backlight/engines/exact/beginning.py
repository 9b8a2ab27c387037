"""Where the exact engine begins: the nearest floats of a recipe's numbers, or their decimal literals.

After this its arithmetic is that of real numbers. Data and parameters are the floats of the recipe's
precision, as every engine receives them. Hyperparameters are the nearest float64, in float32 too: programs
hold a learning rate and compute 1 - 0.999 in float64, and what they lose when they round it to meet a
float32 array is an error of their arithmetic, not a part of the task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat

from backlight.recipes.numbers import literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backlight.recipes.functions import OptionValue
    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The numbers of a recipe as balls of the precision in use; floats are exact, a literal 0.1 is not."""

    inputs: arb_mat
    targets: arb_mat
    held_out_inputs: arb_mat
    held_out_targets: arb_mat
    weights: list[arb_mat]
    biases: list[arb_mat]
    learning_rate: arb
    activation_options: list[dict[str, arb]]
    loss_options: dict[str, arb]
    optimizer_options: dict[str, Any]


def begin(recipe: Recipe, start: Start) -> Beginning:
    """Make the balls of a recipe at the precision in use."""
    number = from_literal if recipe.numerics.exact_from == "literal" else from_float
    texts = literals(recipe) if number is from_literal else {}
    return Beginning(
        inputs=written(texts["inputs"]) if "inputs" in texts else matrix(start.inputs),
        targets=written(texts["targets"]) if "targets" in texts else matrix(start.targets),
        held_out_inputs=matrix(start.held_out_inputs),
        held_out_targets=matrix(start.held_out_targets),
        weights=list(map(written, texts["weights"])) if "weights" in texts else list(map(matrix, start.weights)),
        biases=list(map(written, texts["biases"])) if "biases" in texts else [matrix(b[None]) for b in start.biases],
        learning_rate=number(recipe.training.learning_rate),
        activation_options=[
            {name: number(value) for name, value in choice.options.items()} for choice in recipe.activations
        ],
        loss_options={name: number(value) for name, value in recipe.loss.options.items()},
        optimizer_options={name: option(value, number) for name, value in recipe.training.options.items()},
    )


def literals(recipe: Recipe) -> dict[str, Any]:
    """What is written in a recipe rather than drawn or read; each is a matrix, or one for each layer."""
    parameters, data = recipe.parameters, recipe.data
    found: dict[str, Any] = {
        "weights": parameters.weights,
        "biases": parameters.biases and [[b] for b in parameters.biases],
    }
    if not data.held_out:
        found |= {"inputs": data.inputs, "targets": data.targets}
    return {name: numbers for name, numbers in found.items() if numbers is not None}


def matrix(floats: Array) -> arb_mat:
    """A matrix of balls without radius."""
    rows, columns = floats.shape
    return arb_mat(rows, columns, floats.ravel().tolist())


def written(literals: Sequence[Sequence[float]]) -> arb_mat:
    """A matrix of decimal literals."""
    return arb_mat([[from_literal(number) for number in row] for row in literals])


def option(value: OptionValue, number: Callable[[float], arb]) -> bool | str | arb | tuple[arb, ...]:
    """An option of an optimizer: a flag as it is, a number as a ball, a pair as two."""
    if isinstance(value, bool | str):
        return value
    return tuple(map(number, value)) if isinstance(value, tuple) else number(value)


def from_float(number: float) -> arb:
    """A float64 as it is."""
    return arb(float(number))


def from_literal(number: float) -> arb:
    """The number that was written: exactly if a ball can hold it, else the smallest ball around it."""
    return arb(literal(number))
