"""Losses in NumPy, each beside its derivative, summed over a batch.

`value(a, y, p)` gives the sum over the samples; `backward(a, y, p, out)` writes dL/da of that sum. The
iteration divides both by the number of samples where the recipe says mean. p is the softmax or sigmoid
inside a loss, already computed. K is the number of outputs. Formulas: recipes/functions/losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.engines.hand.activations import sigmoid, softmax

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]
    Number = np.floating[Any]


class Pair(NamedTuple):
    """A loss, its derivative, and the function inside it where it has one."""

    value: Callable[[Array, Array, Array], Number]
    backward: Callable[[Array, Array, Array, Array], None]
    inner: Callable[[Array, Array], None] | None = None


def loss(name: str, options: dict[str, Any]) -> Pair:
    """Look a loss up and fill its options in."""
    return huber(float(options["delta"])) if name == "huber" else _PLAIN[name]


# L = sum 1/2 (a - y)^2;  dL/da = a - y
def half_sum_squared_error(a: Array, y: Array, p: Array) -> Number:
    error = a - y
    return np.vdot(error, error) / 2


def half_sum_squared_error_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.subtract(a, y, out)


# L = 1/K sum (a - y)^2;  dL/da = 2 (a - y) / K
def mean_squared_error(a: Array, y: Array, p: Array) -> Number:
    error = a - y
    return _sum_of_means(error * error)


def mean_squared_error_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.subtract(a, y, out)
    out *= 2 / a.shape[1]


# L = 1/K sum |a - y|;  dL/da = sign(a - y) / K
def mean_absolute_error(a: Array, y: Array, p: Array) -> Number:
    return _sum_of_means(np.abs(a - y))


def mean_absolute_error_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.sign(a - y, out)
    out /= a.shape[1]


# with e = a - y:  L = 1/K sum (1/2 e^2 if |e| <= delta else delta (|e| - delta/2));  dL/da = clip(e, -delta, delta) / K
def huber(delta: float) -> Pair:
    def value(a: Array, y: Array, p: Array) -> Number:
        size = np.abs(a - y)
        return _sum_of_means(np.where(size <= delta, size * size / 2, delta * (size - delta / 2)))

    def backward(a: Array, y: Array, p: Array, out: Array) -> None:
        np.clip(a - y, -delta, delta, out)
        out /= a.shape[1]

    return Pair(value, backward)


# L = sum -y log a;  dL/da = - y / a;  where y = 0 both are 0
def cross_entropy(a: Array, y: Array, p: Array) -> Number:
    return _sum(_product(-y, np.log(a)))


def cross_entropy_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    out[:] = _quotient(-y, a)


# L = sum_k -y_k log p_k with p = softmax(a), log p_k = a_k - log sum_j exp(a_j)
# d log p_k / da_i = (i = k) - p_i, so dL/da_i = p_i sum_k y_k - y_i
def softmax_cross_entropy(a: Array, y: Array, p: Array) -> Number:
    shifted = a - a.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return _sum(_product(-y, log_p))


def softmax_cross_entropy_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.multiply(p, y.sum(axis=1, keepdims=True), out)
    out -= y


# L = 1/K sum (-y log a - (1 - y) log(1 - a));  dL/da = (-y / a + (1 - y) / (1 - a)) / K
def binary_cross_entropy(a: Array, y: Array, p: Array) -> Number:
    return _sum_of_means(_product(-y, np.log(a)) + _product(y - 1, np.log1p(-a)))


def binary_cross_entropy_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.subtract(_quotient(1 - y, 1 - a), _quotient(y, a), out)
    out /= a.shape[1]


# with p = sigmoid(a): log p = a - log(1 + exp(a)), log(1 - p) = - log(1 + exp(a)), so
# L = 1/K sum (log(1 + exp(a)) - y a);  dL/da = (p - y) / K
def sigmoid_binary_cross_entropy(a: Array, y: Array, p: Array) -> Number:
    # -y log p - (1 - y) log(1 - p) as two terms of one sign: log(1 + exp(a)) - y a cancels where a is large
    return _sum_of_means(y * np.logaddexp(0, -a) + (1 - y) * np.logaddexp(0, a))


def sigmoid_binary_cross_entropy_backward(a: Array, y: Array, p: Array, out: Array) -> None:
    np.subtract(p, y, out)
    out /= a.shape[1]


def _sum(terms: Array) -> Number:
    """Everything added up; numpy adds in pairs, so that rounding errors stay small."""
    total: Number = terms.sum()
    return total


def _sum_of_means(terms: Array) -> Number:
    """Averaged over the outputs, added up over the samples."""
    total: Number = terms.sum() / terms.shape[1]
    return total


def _product(factor: Array, logarithm: Array) -> Array:
    """factor * logarithm, with 0 log 0 = 0."""
    return np.where(factor == 0, 0, factor * logarithm)


def _quotient(numerator: Array, denominator: Array) -> Array:
    """numerator / denominator, 0 where the numerator is: the derivative of a term that is not there."""
    return np.where(numerator == 0, 0, numerator / denominator)


_PLAIN = {
    "half_sum_squared_error": Pair(half_sum_squared_error, half_sum_squared_error_backward),
    "mean_squared_error": Pair(mean_squared_error, mean_squared_error_backward),
    "mean_absolute_error": Pair(mean_absolute_error, mean_absolute_error_backward),
    "cross_entropy": Pair(cross_entropy, cross_entropy_backward),
    "softmax_cross_entropy": Pair(softmax_cross_entropy, softmax_cross_entropy_backward, softmax),
    "binary_cross_entropy": Pair(binary_cross_entropy, binary_cross_entropy_backward),
    "sigmoid_binary_cross_entropy": Pair(sigmoid_binary_cross_entropy, sigmoid_binary_cross_entropy_backward, sigmoid),
}
