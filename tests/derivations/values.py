"""One iteration computed from the formulas alone, and the same iteration as a trace has it."""

import numpy as np

from backlight.derivations import Matrices, Scalars, evaluate
from backlight.recipes.labels import label, parameter_labels
from backlight.recipes.start import batches, start

ACTIVATION_OPTIONS = {"leaky_relu": {"negative_slope": 0.2}, "elu": {"alpha": 0.7}, "softplus": {"beta": 3.0}}


def first_batch(recipe):
    """The data and the parameters that iteration 0 begins with: arrays by their names in a trace."""
    given = start(recipe)
    rows = next(batches(recipe, given.samples))
    rows = np.arange(given.samples) if rows is None else rows
    arrays = {"x": given.inputs[rows].astype(float), "y": given.targets[rows].astype(float)}
    for l, weights in enumerate(given.weights, start=1):
        arrays[f"W{l}"] = weights.astype(float)
    for l, biases in enumerate(given.biases, start=1):
        arrays[f"b{l}"] = biases.astype(float)
    return arrays


def scalars_of(recipe, arrays):
    """Every entry of arrays by its label."""
    named = {
        label(recipe, name, place): array[place] for name, array in arrays.items() for place in np.ndindex(array.shape)
    }
    assert set(parameter_labels(recipe)) <= set(named)
    return named | {"learning_rate": float(recipe.training.learning_rate)}


def computed_scalars(recipe):
    """Every scalar of iteration 0, one formula after the other."""
    arrays = first_batch(recipe)
    values = scalars_of(recipe, arrays)
    for name, formula in Scalars(recipe, len(arrays["x"])).items():
        values[name] = evaluate(formula, values)
    return values


def computed_arrays(recipe):
    """Every array of iteration 0, one formula after the other."""
    values = first_batch(recipe) | {"learning_rate": float(recipe.training.learning_rate)}
    for name, formula in Matrices(recipe, len(values["x"])).items():
        values[name] = evaluate(formula, values)
    return values
