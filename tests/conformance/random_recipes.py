"""Valid recipes by chance: small networks of every activation, loss, optimizer and initializer there is.

Whatever `recipes/functions` lists is drawn from, so that a function added there is tested without further
words. One description serves two choosers: a seeded generator (benchmarks) and Hypothesis (laws), which
shrinks a failing recipe to a simple one. Numbers have three decimals, so that a failure can be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hypothesis import strategies as st

import backlight as bl
from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


class Chooser(Protocol):
    """Something that decides."""

    def one_of(self, choices: Sequence[T]) -> T:
        """Choose one; a simple one stands first."""

    def whole(self, low: int, high: int) -> int:
        """Choose a whole number from low to high, both included."""


class ByGenerator:
    """Decides by a seeded generator."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self.generator.integers(len(choices)))]

    def whole(self, low: int, high: int) -> int:
        return int(self.generator.integers(low, high, endpoint=True))


class ByHypothesis:
    """Decides as Hypothesis draws."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def one_of(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(choices))

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))


def random_recipe(generator: np.random.Generator, **choices: Sequence[Any]) -> bl.Recipe:
    """Draw one recipe; `choices` as for `recipes`."""
    return bl.recipe(described(ByGenerator(generator), **choices))


@st.composite
def recipes(draw: Any, **choices: Sequence[Any]) -> bl.Recipe:
    """Draw recipes; `optimizers=["sgd"]` and the like narrow the choice, see `described`."""
    return bl.recipe(described(ByHypothesis(draw), **choices))


def described(
    choose: Chooser,
    *,
    depths: Sequence[int] = (1, 2, 3, 4),
    losses: Sequence[str] = tuple(LOSSES),
    optimizers: Sequence[str] = tuple(OPTIMIZERS),
    precisions: Sequence[str] = ("float64",),
    iterations: Sequence[int] = (3, 0, 1, 2, 4),
    batched: Sequence[bool] = (False, True),
    bias_modes: Sequence[str] = ("none", "trained", "frozen"),
) -> dict[str, Any]:
    """Describe one recipe; every argument lists what may be chosen."""
    layers = [choose.whole(1, 4) for _ in range(choose.one_of(depths) + 1)]
    loss = choose.one_of(losses)
    activations = [choose.one_of(list(ACTIVATIONS)) for _ in layers[2:]] + [last_activation(choose, loss, layers[-1])]
    bias_mode = choose.one_of(bias_modes)
    samples = choose.whole(1, 5)
    return {
        "network": {
            "layers": layers,
            "activations": [with_options(choose, name, ACTIVATIONS[name].options) for name in activations],
            "biases": bias_mode != "none",
        },
        "parameters": parameters(choose, layers, bias_mode),
        "data": {
            "inputs": [numbers(choose, layers[0]) for _ in range(samples)],
            "targets": [targets(choose, LOSSES[loss].targets, layers[-1]) for _ in range(samples)],
        },
        "loss": with_options(choose, loss, LOSSES[loss].options) | {"over_samples": choose.one_of(("mean", "sum"))},
        "training": training(choose, choose.one_of(optimizers), samples if choose.one_of(batched) else 0)
        | {"iterations": choose.one_of(iterations)},
        "numerics": {"precision": choose.one_of(precisions)},
    }


def last_activation(choose: Chooser, loss: str, outputs: int) -> str:
    """An activation that the loss can take: with probabilities where it needs their logarithms."""
    if not LOSSES[loss].wants_probabilities:
        return choose.one_of(list(ACTIVATIONS))
    return choose.one_of(("sigmoid", "softmax") if outputs > 1 else ("sigmoid",))  # softmax of one unit is 1


def parameters(choose: Chooser, layers: Sequence[int], bias_mode: str) -> dict[str, Any]:
    """Weights and biases as numbers, or an initializer."""
    chosen: dict[str, Any] = {}
    if choose.one_of((True, True, False)):
        shapes = pairwise(layers)
        chosen["weights"] = [[numbers(choose, units) for _ in range(inputs)] for inputs, units in shapes]
    else:
        name = choose.one_of(list(INITIALIZERS))
        options = with_options(choose, name, INITIALIZERS[name].options)
        if name == "uniform" and options.get("a", 0.0) >= options.get("b", 1.0):
            options = {"name": name}
        chosen |= {"initializer": options.pop("name"), "random_seed": choose.whole(0, 99)} | options
    if bias_mode != "none" and choose.one_of((True, False)):
        chosen["biases"] = [numbers(choose, units) for units in layers[1:]]
    if bias_mode == "frozen":
        chosen["train_biases"] = False
    return chosen


def training(choose: Chooser, name: str, samples_to_batch: int) -> dict[str, Any]:
    """An optimizer with a learning rate and some of its options, and batches or none."""
    options = with_options(choose, name, OPTIMIZERS[name].options)
    if options.get("nesterov") and "momentum" not in options:
        options["momentum"] = 0.5
    chosen = {"optimizer": options.pop("name"), "learning_rate": choose.whole(10, 300) / 1000} | options
    if samples_to_batch:
        chosen["batch_size"] = choose.whole(1, samples_to_batch)
        if choose.one_of((True, False)):
            chosen["shuffle_seed"] = choose.whole(0, 99)
    return chosen


def with_options(choose: Chooser, name: str, known: Mapping[str, Option]) -> dict[str, Any]:
    """A name with some of its options beside it."""
    written = [option for option in known if choose.one_of((False, True))]
    return {"name": name} | {option: value(choose, known[option]) for option in written}


def value(choose: Chooser, option: Option) -> Any:
    """A value of an option; the domain of every number and pair contains what is drawn here."""
    match option.kind:
        case "flag":
            return choose.one_of((True, False))
        case "word":
            return choose.one_of(option.choices)
        case "pair":
            return [choose.whole(500, 950) / 1000, choose.whole(500, 950) / 1000]
    return choose.whole(100, 900) / 1000


def numbers(choose: Chooser, count: int) -> list[float]:
    """Numbers of either sign and about size 1."""
    return [choose.whole(-1500, 1500) / 1000 for _ in range(count)]


def targets(choose: Chooser, domain: str, outputs: int) -> list[float]:
    """Targets of one sample in the domain of a loss; eighths, so that a distribution sums to 1 exactly."""
    if domain == "any":
        return numbers(choose, outputs)
    if domain == "unit_interval":
        return [choose.whole(0, 8) / 8 for _ in range(outputs)]
    cuts = sorted(choose.whole(0, 8) for _ in range(outputs - 1))
    return [(high - low) / 8 for low, high in pairwise([0, *cuts, 8])]
