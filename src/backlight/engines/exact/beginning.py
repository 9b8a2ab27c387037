"""Where the exact engine begins: the nearest floats of a recipe's numbers, or their decimal literals.

After this its arithmetic is that of real numbers. Data and parameters are the floats of the recipe's
precision, as every engine receives them. Hyperparameters are the nearest float64, in float32 too: programs
hold a learning rate and compute 1 - 0.999 in float64, and what they lose when they round it to meet a
float32 array is an error of their arithmetic, not a part of the task.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat

from backlight.recipes.data import literals
from backlight.recipes.numbers import literal, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.recipes.functions import OptionValue
    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The data and the initial parameters as balls; a bias vector is a matrix of one row."""

    inputs: arb_mat
    targets: arb_mat
    held_out_inputs: arb_mat
    held_out_targets: arb_mat
    weights: list[arb_mat]
    biases: list[arb_mat]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The hyperparameters as balls: the learning rate, and the options of what the recipe names."""

    learning_rate: arb
    activations: list[dict[str, arb]]
    loss: dict[str, arb]
    optimizer: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Everything an iteration computes with, as balls of the precision in use when they were made."""

    numbers: Numbers
    settings: Settings


def begin(recipe: Recipe, start: Start) -> Beginning:
    """Begin where `numerics.exact_from` says."""
    if recipe.numerics.exact_from == "literal":
        return Beginning(numbers=written(recipe, start), settings=settings(recipe, lambda value: ball(literal(value))))
    return begin_nearest(recipe, start)


def begin_nearest(recipe: Recipe, start: Start) -> Beginning:
    """Begin with the floats of a start: balls without radius."""
    return Beginning(numbers=nearest(start), settings=settings(recipe, lambda value: arb(float(value))))


def nearest(start: Start) -> Numbers:
    """The floats that every engine receives."""
    return Numbers(
        inputs=floats(start.inputs),
        targets=floats(start.targets),
        held_out_inputs=floats(start.held_out_inputs),
        held_out_targets=floats(start.held_out_targets),
        weights=[floats(weights) for weights in start.weights],
        biases=[floats(biases[None]) for biases in start.biases],
    )


def written(recipe: Recipe, start: Start) -> Numbers:
    """The decimals that were written; what was drawn, or loaded from a dataset, is a float after all."""
    texts = literals(recipe)
    biases = texts.biases and [[row] for row in texts.biases]
    return Numbers(
        inputs=decimals(texts.inputs, start.inputs),
        targets=decimals(texts.targets, start.targets),
        held_out_inputs=decimals(texts.held_out_inputs, start.held_out_inputs),
        held_out_targets=decimals(texts.held_out_targets, start.held_out_targets),
        weights=list(map(decimals, texts.weights or repeat(None), start.weights)),
        biases=[decimals(rows, drawn[None]) for rows, drawn in zip(biases or repeat(None), start.biases, strict=False)],
    )


def floats(array: Array) -> arb_mat:
    """A matrix of balls without radius."""
    rows, columns = array.shape
    return arb_mat(rows, columns, array.ravel().tolist())


def decimals(texts: Sequence[Sequence[str]] | None, array: Array) -> arb_mat:
    """A matrix of what was written, or of floats where nothing was."""
    return arb_mat([[ball(text) for text in row] for row in texts]) if texts else floats(array)


def ball(text: str) -> arb:
    """The number that a text names: exactly if a ball can hold it, else the smallest ball around it."""
    return arb(parsed(text).text)


def settings(recipe: Recipe, number: Callable[[Any], arb]) -> Settings:
    """The hyperparameters of a recipe, made of numbers in one of the two ways."""
    return Settings(
        learning_rate=number(recipe.training.learning_rate),
        activations=[{name: number(value) for name, value in one.options.items()} for one in recipe.activations],
        loss={name: number(value) for name, value in recipe.loss.options.items()},
        optimizer={name: option(value, number) for name, value in recipe.training.options.items()},
    )


def option(value: OptionValue, number: Callable[[Any], arb]) -> bool | arb | tuple[arb, ...]:
    """An option of an optimizer: a flag as it is, a number as a ball, a pair as two."""
    if isinstance(value, bool):
        return value
    return tuple(map(number, value)) if isinstance(value, tuple) else number(value)
