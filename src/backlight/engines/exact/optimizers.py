"""Optimizers in balls: each turns the gradient g of all trained parameters theta into new parameters.

An optimizer is made for one run and remembers its state; theta and g are lists in the order of the trace's
layout. Formulas and sources: recipes/functions/optimizers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backlight.engines.exact.balls import ONE, ZERO, Row, root

if TYPE_CHECKING:
    from flint import arb

Update = Callable[[Row, Row], Row]


class DivisionByZero(ArithmeticError):
    """An update divides by what is exactly 0, because eps is 0: the parameters after it are no numbers."""


class TooLarge(ArithmeticError):
    """An update makes a parameter too large to be written."""


def optimizer(name: str, learning_rate: arb, options: dict[str, Any], size: int) -> Update:
    """Make the optimizer of a recipe for so many parameters."""
    if name == "sgd" and options["momentum"].is_zero() and options["weight_decay"].is_zero():
        return lambda theta, g: [w - learning_rate * d for w, d in zip(theta, g, strict=True)]
    return _OPTIMIZERS[name](learning_rate, size, **options)


class Momentum:
    """v := momentum v + g (the first v is g);  w := w - learning_rate (g + momentum v if nesterov else v)."""

    def __init__(self, learning_rate: arb, size: int, *, momentum: arb, nesterov: bool, weight_decay: arb) -> None:
        self.learning_rate, self.momentum = learning_rate, momentum
        self.nesterov, self.weight_decay = nesterov, weight_decay
        self.v = [ZERO] * size

    def __call__(self, theta: Row, g: Row) -> Row:
        g = decayed(g, theta, self.weight_decay)
        self.v = [self.momentum * v + d for v, d in zip(self.v, g, strict=True)]
        ahead = [d + self.momentum * v for v, d in zip(self.v, g, strict=True)] if self.nesterov else self.v
        return [w - self.learning_rate * step for w, step in zip(theta, ahead, strict=True)]


class RMSprop:
    """s := alpha s + (1 - alpha) g^2;  w := w - learning_rate v with v := momentum v + g / (sqrt(s) + eps).

    Centered it divides by the root of s - m^2 instead, with m := alpha m + (1 - alpha) g: the variance of g.
    """

    def __init__(
        self,
        learning_rate: arb,
        size: int,
        *,
        alpha: arb,
        eps: arb,
        weight_decay: arb,
        momentum: arb,
        centered: bool,
    ) -> None:
        self.learning_rate, self.alpha, self.eps = learning_rate, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.s, self.m, self.v = [ZERO] * size, [ZERO] * size, [ZERO] * size

    def __call__(self, theta: Row, g: Row) -> Row:
        g = decayed(g, theta, self.weight_decay)
        self.s = averaged(self.s, [d * d for d in g], self.alpha)
        spread = self.s
        if self.centered:
            self.m = averaged(self.m, g, self.alpha)
            spread = [s - m * m for s, m in zip(self.s, self.m, strict=True)]
        steps = [over(d, root(s) + self.eps) for d, s in zip(g, spread, strict=True)]
        self.v = [self.momentum * v + step for v, step in zip(self.v, steps, strict=True)]
        return [w - self.learning_rate * v for w, v in zip(theta, self.v, strict=True)]


class Adagrad:
    """s := s + g^2;  w := w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)."""

    def __init__(
        self,
        learning_rate: arb,
        size: int,
        *,
        lr_decay: arb,
        weight_decay: arb,
        initial_accumulator_value: arb,
        eps: arb,
    ) -> None:
        self.learning_rate, self.lr_decay = learning_rate, lr_decay
        self.weight_decay, self.eps = weight_decay, eps
        self.s = [initial_accumulator_value] * size
        self.t = 0

    def __call__(self, theta: Row, g: Row) -> Row:
        self.t += 1
        g = decayed(g, theta, self.weight_decay)
        self.s = [s + d * d for s, d in zip(self.s, g, strict=True)]
        rate = self.learning_rate / (1 + (self.t - 1) * self.lr_decay)
        return [w - rate * over(d, root(s) + self.eps) for w, d, s in zip(theta, g, self.s, strict=True)]


class Adam:
    """m := beta1 m + (1 - beta1) g;  s := beta2 s + (1 - beta2) g^2.

    w := w - learning_rate / (1 - beta1^t) m / (sqrt(s) / sqrt(1 - beta2^t) + eps); amsgrad takes the largest s so far.
    """

    def __init__(
        self, learning_rate: arb, size: int, *, betas: tuple[arb, arb], eps: arb, weight_decay: arb, amsgrad: bool
    ) -> None:
        self.learning_rate, self.eps = learning_rate, eps
        self.beta1, self.beta2 = betas
        self.weight_decay, self.amsgrad = weight_decay, amsgrad
        self.m, self.s, self.largest = [ZERO] * size, [ZERO] * size, [ZERO] * size
        self.t = 0

    def __call__(self, theta: Row, g: Row) -> Row:
        return self.move(theta, decayed(g, theta, self.weight_decay))

    def move(self, theta: Row, g: Row) -> Row:
        self.t += 1
        self.m = averaged(self.m, g, self.beta1)
        self.s = averaged(self.s, [d * d for d in g], self.beta2)
        spread = self.s
        if self.amsgrad:
            self.largest = spread = [old.max(new) for old, new in zip(self.largest, self.s, strict=True)]
        rate = self.learning_rate / (1 - self.beta1**self.t)
        collected = root(1 - self.beta2**self.t)
        return [
            w - rate * over(m, root(s) / collected + self.eps) for w, m, s in zip(theta, self.m, spread, strict=True)
        ]


class AdamW(Adam):
    """w := w (1 - learning_rate weight_decay), then Adam's step without weight decay in the gradient."""

    def __call__(self, theta: Row, g: Row) -> Row:
        kept = 1 - self.learning_rate * self.weight_decay
        return self.move([w * kept for w in theta], g)


def decayed(g: Row, theta: Row, weight_decay: arb) -> Row:
    """g + weight_decay w."""
    return g if weight_decay.is_zero() else [d + weight_decay * w for d, w in zip(g, theta, strict=True)]


def averaged(average: Row, new: Row, decay: arb) -> Row:
    """decay average + (1 - decay) new."""
    share = ONE - decay
    return [decay * old + share * one for old, one in zip(average, new, strict=True)]


def over(numerator: arb, denominator: arb) -> arb:
    """A quotient, unless its denominator is exactly 0."""
    if denominator.is_zero():
        raise DivisionByZero
    return numerator / denominator


_OPTIMIZERS: dict[str, Callable[..., Update]] = {
    "sgd": Momentum,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
}
