"""Optimizers in NumPy: each turns the gradient g of all trained parameters theta into an update, in place.

theta and g are vectors of every trained parameter in the order of the trace's layout. An optimizer is made
for one run and remembers its state. Formulas and sources: recipes/functions/optimizers.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]
    Update = Callable[[Array, Array], None]


def optimizer(name: str, learning_rate: float, options: dict[str, Any], theta: Array) -> Update:
    """Make the optimizer of a recipe for parameters of theta's size and precision."""
    if name == "sgd" and not options["momentum"] and not options["weight_decay"]:
        return GradientDescent(learning_rate, theta)
    return _OPTIMIZERS[name](learning_rate, theta, **options)


class GradientDescent:
    """w := w - learning_rate g."""

    def __init__(self, learning_rate: float, theta: Array) -> None:
        self.learning_rate = float(learning_rate)
        self.step = np.empty_like(theta)

    def __call__(self, theta: Array, g: Array) -> None:
        np.multiply(g, self.learning_rate, self.step)
        np.subtract(theta, self.step, theta)


class Momentum:
    """v := momentum v + g (the first v is g);  w := w - learning_rate (g + momentum v if nesterov else v)."""

    def __init__(
        self, learning_rate: float, theta: Array, *, momentum: float, nesterov: bool, weight_decay: float
    ) -> None:
        self.learning_rate, self.momentum = float(learning_rate), float(momentum)
        self.nesterov, self.weight_decay = nesterov, float(weight_decay)
        self.velocity = np.zeros_like(theta)

    def __call__(self, theta: Array, g: Array) -> None:
        g = g + self.weight_decay * theta
        self.velocity = self.momentum * self.velocity + g
        step = g + self.momentum * self.velocity if self.nesterov else self.velocity
        theta -= self.learning_rate * step


class RMSprop:
    """s := alpha s + (1 - alpha) g^2;  w := w - learning_rate g / (sqrt(s) + eps)."""

    def __init__(
        self,
        learning_rate: float,
        theta: Array,
        *,
        alpha: float,
        eps: float,
        weight_decay: float,
        momentum: float,
        centered: bool,
    ) -> None:
        self.learning_rate, self.alpha, self.eps = float(learning_rate), float(alpha), float(eps)
        self.weight_decay, self.momentum, self.centered = float(weight_decay), float(momentum), centered
        self.square_average = np.zeros_like(theta)
        self.gradient_average = np.zeros_like(theta)
        self.velocity = np.zeros_like(theta)

    def __call__(self, theta: Array, g: Array) -> None:
        g = g + self.weight_decay * theta
        self.square_average = self.alpha * self.square_average + (1 - self.alpha) * g * g
        spread = self.square_average
        if self.centered:
            self.gradient_average = self.alpha * self.gradient_average + (1 - self.alpha) * g
            # a variance is never negative; rounding could make it so
            spread = np.maximum(self.square_average - self.gradient_average * self.gradient_average, 0)
        self.velocity = self.momentum * self.velocity + g / (np.sqrt(spread) + self.eps)
        theta -= self.learning_rate * self.velocity


class Adagrad:
    """s := s + g^2;  w := w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)."""

    def __init__(
        self,
        learning_rate: float,
        theta: Array,
        *,
        lr_decay: float,
        weight_decay: float,
        initial_accumulator_value: float,
        eps: float,
    ) -> None:
        self.learning_rate, self.lr_decay = float(learning_rate), float(lr_decay)
        self.weight_decay, self.eps = float(weight_decay), float(eps)
        self.square_sum = np.full_like(theta, initial_accumulator_value)
        self.updates = 0

    def __call__(self, theta: Array, g: Array) -> None:
        g = g + self.weight_decay * theta
        self.square_sum += g * g
        rate = self.learning_rate / (1 + self.updates * self.lr_decay)
        theta -= rate * g / (np.sqrt(self.square_sum) + self.eps)
        self.updates += 1


class Adam:
    """m := beta1 m + (1 - beta1) g;  s := beta2 s + (1 - beta2) g^2;  w moves against m / sqrt(s), both unbiased."""

    def __init__(
        self,
        learning_rate: float,
        theta: Array,
        *,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
        amsgrad: bool,
    ) -> None:
        self.learning_rate, self.eps = float(learning_rate), float(eps)
        self.beta1, self.beta2 = (float(beta) for beta in betas)
        self.weight_decay, self.amsgrad = float(weight_decay), amsgrad
        self.first_moment = np.zeros_like(theta)
        self.second_moment = np.zeros_like(theta)
        self.largest_second_moment = np.zeros_like(theta)
        self.updates = 0

    def __call__(self, theta: Array, g: Array) -> None:
        self.move(theta, g + self.weight_decay * theta)

    def move(self, theta: Array, g: Array) -> None:
        """The step itself; the two moments start at 0, so each is divided by the weight it has collected."""
        self.updates += 1
        self.first_moment = self.beta1 * self.first_moment + (1 - self.beta1) * g
        self.second_moment = self.beta2 * self.second_moment + (1 - self.beta2) * g * g
        spread = self.second_moment
        if self.amsgrad:
            self.largest_second_moment = spread = np.maximum(self.largest_second_moment, spread)
        root = np.sqrt(spread) / sqrt(1 - self.beta2**self.updates) + self.eps
        theta -= self.learning_rate / (1 - self.beta1**self.updates) * self.first_moment / root


class AdamW(Adam):
    """w := w (1 - learning_rate weight_decay), then Adam's step without weight decay in the gradient."""

    def __call__(self, theta: Array, g: Array) -> None:
        theta *= 1 - self.learning_rate * self.weight_decay
        self.move(theta, g)


_OPTIMIZERS: dict[str, Callable[..., Update]] = {
    "sgd": Momentum,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
}
