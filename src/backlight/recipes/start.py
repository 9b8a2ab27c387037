"""What an engine receives: the data and the initial parameters as arrays, and the order of the batches.

They are drawn here, once, so that every engine starts from the same numbers and no engine knows an
initializer or a file. No gradient and no formula of the network is in this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.faults import Fault, RecipeError
from backlight.language import _
from backlight.recipes.data import load
from backlight.recipes.functions import INITIALIZERS
from backlight.recipes.wording.shown import shown
from backlight.recipes.wording.suggest import setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a run starts, in the recipe's precision.

    Attributes
    ----------
    inputs, targets : array, shape (samples, inputs) and (samples, outputs)
        The training data in file order.
    held_out_inputs, held_out_targets : array
        What `data.held_out` keeps from training; no rows without it.
    weights : tuple of array, shape (inputs, units) each
    biases : tuple of array, shape (units,) each
        Empty when the network has none.
    """

    inputs: Array
    targets: Array
    held_out_inputs: Array
    held_out_targets: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    @property
    def samples(self) -> int:
        """How many samples are trained on."""
        return len(self.inputs)

    @cached_property
    def is_classification(self) -> bool:
        """Whether the targets are classes: one-hot rows, or a single column of zeros and ones."""
        all_targets = np.concatenate([self.targets, self.held_out_targets])
        zeros_and_ones = bool(np.isin(all_targets, (0, 1)).all())
        return zeros_and_ones and (all_targets.shape[1] == 1 or bool((all_targets.sum(axis=1) == 1).all()))


def start(recipe: Recipe) -> Start:
    """Load the data and draw the initial parameters of a recipe.

    Raises
    ------
    RecipeError [R-FILE-1, R-CSV-1, R-CSV-2, R-CSV-3, R-CSV-4, R-CSV-5, R-FINITE-1]
        The data file is missing or does not hold what the network wants; the weights that are drawn overflow.
    MissingExtra [X-EXTRA-1]
        The dataset needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> start(bl.recipe("course")).weights[0]
    array([[ 0.2, -0.4],
           [ 0.5,  0.6]])
    """
    dtype = np.dtype(recipe.numerics.precision)
    training, held_out = load(recipe)
    return Start(
        inputs=training.inputs.astype(dtype),
        targets=training.targets.astype(dtype),
        held_out_inputs=held_out.inputs.astype(dtype),
        held_out_targets=held_out.targets.astype(dtype),
        weights=tuple(_weights(recipe, dtype)),
        biases=tuple(biases.astype(dtype) for biases in _biases(recipe)),
    )


def batches(recipe: Recipe, samples: int) -> Iterator[NDArray[np.intp] | None]:
    """Yield, without end, which rows each iteration uses; None means all of them, in file order.

    An epoch goes through all samples once; its last batch may be short. With a shuffle_seed every epoch
    takes a new permutation from one generator.

    Examples
    --------
    >>> import backlight as bl
    >>> xor = bl.recipe("xor").with_({"training.batch_size": 3})
    >>> orders = batches(xor, 4)
    >>> [next(orders).tolist() for _ in range(3)]
    [[0, 1, 2], [3], [0, 1, 2]]
    """
    size, seed = recipe.training.batch_size, recipe.training.shuffle_seed
    if size is None and seed is None:
        while True:
            yield None
    step = min(size or samples, samples)
    generator = None if seed is None else np.random.default_rng(seed)
    while True:
        order = np.arange(samples) if generator is None else generator.permutation(samples)
        for first in range(0, samples, step):
            yield order[first : first + step]


def _weights(recipe: Recipe, dtype: np.dtype[Any]) -> list[Array]:
    """The initial weights: as written, or drawn in float64, layer by layer in C order, and then rounded."""
    if recipe.parameters.weights is not None:
        return [np.array(matrix, dtype=float).astype(dtype) for matrix in recipe.parameters.weights]
    generator = np.random.default_rng(recipe.parameters.random_seed)
    name, options = recipe.parameters.initializer, recipe.parameters.options
    try:
        with np.errstate(over="ignore"):  # it is told below
            drawn = [_draw(generator, name, shape, options).astype(dtype) for shape in pairwise(recipe.layers)]
    except OverflowError:  # the ends of a uniform distribution are infinitely far apart
        drawn = [np.array(np.inf)]
    if not all(np.isfinite(weights).all() for weights in drawn):
        raise RecipeError(_infinite_weights(recipe))
    return drawn


def _infinite_weights(recipe: Recipe) -> Fault:
    """R-FINITE-1: an option of the initializer is so large that what is drawn overflows."""
    name = str(recipe.parameters.initializer)
    numbers = {option: value for option, value in recipe.parameters.options.items() if isinstance(value, float)}
    largest = max(numbers, key=lambda option: abs(numbers[option]))
    return Fault(
        code="R-FINITE-1",
        sentence=_("the weights that are drawn are not finite"),
        where=f"parameters.{largest}",
        got=shown(numbers[largest]),
        because=_("{initializer} gives numbers beyond the largest {precision}").format(
            initializer=name, precision=recipe.numerics.precision
        ),
        try_this=setting(("parameters", largest), INITIALIZERS[name].options[largest].default),
    )


def _biases(recipe: Recipe) -> list[Array]:
    """The initial biases in float64: as written, or zero."""
    if not recipe.network.biases:
        return []
    if recipe.parameters.biases is not None:
        return [np.array(row, dtype=float) for row in recipe.parameters.biases]
    return [np.zeros(units) for units in recipe.layers[1:]]


def _draw(  # noqa: PLR0911  one for each distribution
    generator: np.random.Generator, initializer: str | None, shape: tuple[int, int], options: dict[str, Any]
) -> Array:
    """One layer's weights; the formulas stand in `functions/initializers`."""
    fan_in, fan_out = shape
    match initializer:
        case "zeros":
            return np.zeros(shape)
        case "constant":
            return np.full(shape, float(options["val"]))
        case "uniform":
            return generator.uniform(options["a"], options["b"], shape)
        case "normal":
            return generator.normal(options["mean"], options["std"], shape)
        case "xavier_uniform":
            r = options["gain"] * sqrt(6 / (fan_in + fan_out))
            return generator.uniform(-r, r, shape)
        case "xavier_normal":
            return generator.normal(0, options["gain"] * sqrt(2 / (fan_in + fan_out)), shape)
        case "kaiming_uniform":
            r = _kaiming_gain(options) * sqrt(3 / (fan_in if options["mode"] == "fan_in" else fan_out))
            return generator.uniform(-r, r, shape)
        case "kaiming_normal":
            s = _kaiming_gain(options) / sqrt(fan_in if options["mode"] == "fan_in" else fan_out)
            return generator.normal(0, s, shape)
        case "orthogonal":
            tall = generator.normal(size=shape) if fan_in >= fan_out else generator.normal(size=shape).T
            q, r_factor = np.linalg.qr(tall)
            q = q * np.sign(np.diag(r_factor))  # makes the distribution uniform (Mezzadri, sec. 5)
            return float(options["gain"]) * (q if fan_in >= fan_out else q.T)
    message = f"no initializer {initializer}: the recipe was not checked"
    raise AssertionError(message)


def _kaiming_gain(options: dict[str, Any]) -> float:
    """The gains of torch.nn.init.calculate_gain."""
    gains = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4}
    return gains.get(options["nonlinearity"], sqrt(2 / (1 + options["a"] * options["a"])))
