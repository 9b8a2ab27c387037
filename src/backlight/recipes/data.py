"""The samples of a recipe: written in it, in a CSV file, or a named dataset; and which of them are held out.

Whatever they come from, they are float64 here; `start` rounds them to the precision of the run.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.faults import RecipeError, missing_extra
from backlight.language import _
from backlight.recipes.checking.rules import FLOAT32_OVERFLOWS_AT
from backlight.recipes.checking.samples import missing_file
from backlight.recipes.numbers import literal
from backlight.recipes.reading.points import read_cells, read_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

Texts = tuple[tuple[str, ...], ...]


class Samples(NamedTuple):
    """Inputs (samples, inputs) and targets (samples, outputs) in float64."""

    inputs: Array
    targets: Array


class Literals(NamedTuple):
    """The decimals of a recipe as they were written, None where numbers were drawn, loaded or left out.

    In the order and shapes of what `load` and `start` give: the exact engine may start from them.
    """

    inputs: Texts | None
    targets: Texts | None
    held_out_inputs: Texts | None
    held_out_targets: Texts | None
    weights: tuple[Texts, ...] | None
    biases: Texts | None
    learning_rate: str


def load(recipe: Recipe) -> tuple[Samples, Samples]:
    """Give the training samples and the held-out ones.

    Held out are round(samples * data.held_out) samples, but never all of them: the first ones of
    numpy.random.default_rng(0).permutation(samples). Both parts stay in the order of the data.

    Raises
    ------
    RecipeError [R-FILE-1, R-CSV-1, R-CSV-2, R-CSV-3, R-CSV-4, R-CSV-5, R-FINITE-1]
        The data file is missing, cannot be read, or does not hold what the network wants.
    MissingExtra [X-EXTRA-1]
        The dataset needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> training, held_out = load(bl.recipe("xor").with_({"data.held_out": 0.25}))
    >>> training.inputs.tolist(), held_out.targets.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[1.0]])
    """
    everything = _all_samples(recipe)
    kept, held_out = parts(len(everything.inputs), recipe.data.held_out)
    first, second = (Samples(everything.inputs[rows], everything.targets[rows]) for rows in (kept, held_out))
    return first, second


def literals(recipe: Recipe) -> Literals:
    """Give the decimal texts of a recipe's numbers where they were written, in the recipe or in its CSV file.

    Raises
    ------
    RecipeError
        As `load`.

    Examples
    --------
    >>> import backlight as bl
    >>> course = literals(bl.recipe("course"))
    >>> course.inputs, course.weights[1], course.learning_rate
    ((('0.5', '0.3'),), (('0.1', '-0.5'), ('-0.3', '0.8')), '1.0')
    """
    inputs, targets = _written_samples(recipe)
    kept, held_out = parts(len(inputs or ()), recipe.data.held_out)
    parameters = recipe.parameters
    return Literals(
        inputs=inputs and tuple(inputs[row] for row in kept),
        targets=targets and tuple(targets[row] for row in kept),
        held_out_inputs=inputs and tuple(inputs[row] for row in held_out),
        held_out_targets=targets and tuple(targets[row] for row in held_out),
        weights=None if parameters.weights is None else tuple(map(_texts, parameters.weights)),
        biases=None if parameters.biases is None else _texts(parameters.biases),
        learning_rate=literal(recipe.training.learning_rate),
    )


def parts(samples: int, share: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Choose which samples are trained on and which are held out; at least one is trained on.

    Examples
    --------
    >>> [rows.tolist() for rows in parts(5, 0.4)]
    [[0, 1, 3], [2, 4]]
    """
    held_out = max(0, min(round(samples * share), samples - 1))
    order = np.random.default_rng(0).permutation(samples)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _all_samples(recipe: Recipe) -> Samples:
    """All samples, in order."""
    if recipe.data.dataset == "digits":
        return _digits()
    if recipe.data.file is not None:
        numbers = _points(recipe, recipe.data.file)
        return Samples(numbers[:, : recipe.layers[0]], numbers[:, recipe.layers[0] :])
    return Samples(np.array(recipe.data.inputs, dtype=float), np.array(recipe.data.targets, dtype=float))


def _written_samples(recipe: Recipe) -> tuple[Texts | None, Texts | None]:
    """The texts of all samples, in order; a dataset's numbers are exact as they are."""
    if recipe.data.file is not None:
        _points(recipe, recipe.data.file)  # raises what is wrong with the file
        rows = read_cells(recipe.folder / recipe.data.file)
        inputs = recipe.layers[0]
        return tuple(tuple(row[:inputs]) for row in rows), tuple(tuple(row[inputs:]) for row in rows)
    if recipe.data.inputs is None or recipe.data.targets is None:
        return None, None
    return _texts(recipe.data.inputs), _texts(recipe.data.targets)


def _texts(rows: tuple[tuple[float, ...], ...]) -> Texts:
    """What was written for each number."""
    return tuple(tuple(map(literal, row)) for row in rows)


def _points(recipe: Recipe, file: str) -> NDArray[np.float64]:
    """The numbers of the recipe's CSV file."""
    largest = FLOAT32_OVERFLOWS_AT if recipe.numerics.precision == "float32" else inf
    try:
        return read_points(recipe.folder / file, layers=recipe.layers, largest=largest)
    except (OSError, ValueError) as error:
        raise RecipeError(missing_file(file, recipe.folder, error, recipe.layers)) from None


@cache
def _digits() -> Samples:
    """The handwritten digits of scikit-learn: 1797 pictures of 8 x 8 pixels from 0 to 16, here from 0 to 1."""
    try:
        from sklearn.datasets import load_digits  # noqa: PLC0415  an extra, and it takes seconds
    except ImportError:
        raise missing_extra("digits", "scikit-learn", _("the digits dataset")) from None
    pixels, digits = load_digits(return_X_y=True)
    return Samples(pixels / 16, np.eye(10)[digits])
