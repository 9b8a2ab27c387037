"""Losses in balls, each beside its derivative, for the outputs of one sample.

`value(a, y, p)` gives the loss of a sample and `backward(a, y, p)` dL/da of its outputs; p is the softmax or
sigmoid inside a loss, already computed. The iteration adds the samples and divides by their number where the
recipe says mean. K is the number of outputs. Formulas: recipes/functions/losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backlight.engines.exact.activations import log_1_plus_exp
from backlight.engines.exact.balls import ZERO, Row, log, quotient, shifted, sigmoid, softmax, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from flint import arb


def never(a: Row, y: Row) -> bool:
    """A loss without logarithms of its inputs is a real number everywhere."""
    return False


class Loss(NamedTuple):
    """A loss, its derivative, the function inside it, and where it certainly is no real number."""

    value: Callable[[Row, Row, Row], arb]
    backward: Callable[[Row, Row, Row], Row]
    inner: Callable[[Row], Row] | None = None
    undefined: Callable[[Row, Row], bool] = never


def loss(name: str, options: dict[str, arb]) -> Loss:
    """Look a loss up and fill its options in."""
    return huber(options["delta"]) if name == "huber" else _PLAIN[name]


# L = sum 1/2 (a - y)^2;  dL/da = a - y
def half_sum_squared_error(a: Row, y: Row, p: Row) -> arb:
    return total(e * e for e in errors(a, y)) / 2


def half_sum_squared_error_backward(a: Row, y: Row, p: Row) -> Row:
    return errors(a, y)


# L = 1/K sum (a - y)^2;  dL/da = 2 (a - y) / K
def mean_squared_error(a: Row, y: Row, p: Row) -> arb:
    return total(e * e for e in errors(a, y)) / len(a)


def mean_squared_error_backward(a: Row, y: Row, p: Row) -> Row:
    return [2 * e / len(a) for e in errors(a, y)]


# L = 1/K sum |a - y|;  dL/da = sign(a - y) / K, and sign(0) = 0
def mean_absolute_error(a: Row, y: Row, p: Row) -> arb:
    return total(abs(e) for e in errors(a, y)) / len(a)


def mean_absolute_error_backward(a: Row, y: Row, p: Row) -> Row:
    return [e.sgn() / len(a) for e in errors(a, y)]


# with e = a - y:  L = 1/K sum (1/2 e^2 if |e| <= delta else delta (|e| - delta/2));  dL/da = clip(e, -delta, delta) / K
def huber(delta: arb) -> Loss:
    def of_one(e: arb) -> arb:
        square, line = e * e / 2, delta * (abs(e) - delta / 2)
        if abs(e) <= delta:
            return square
        return line if abs(e) > delta else square.union(line)

    def value(a: Row, y: Row, p: Row) -> arb:
        return total(of_one(e) for e in errors(a, y)) / len(a)

    def backward(a: Row, y: Row, p: Row) -> Row:
        return [e.max(-delta).min(delta) / len(a) for e in errors(a, y)]

    return Loss(value, backward)


# L = - sum y log a;  dL/da = - y / a;  where y = 0 both are 0
def cross_entropy(a: Row, y: Row, p: Row) -> arb:
    return -total(y_k * log(a_k) for a_k, y_k in zip(a, y, strict=True) if not y_k.is_zero())


def cross_entropy_backward(a: Row, y: Row, p: Row) -> Row:
    return [ratio(-y_k, a_k) for a_k, y_k in zip(a, y, strict=True)]


def cross_entropy_undefined(a: Row, y: Row) -> bool:
    return any(a_k <= 0 and not y_k.is_zero() for a_k, y_k in zip(a, y, strict=True))


# L = - sum_k y_k log p_k with p = softmax(a), log p_k = a_k - log sum_j exp(a_j)
# d log p_k / da_i = (i = k) - p_i, so dL/da_i = p_i sum_k y_k - y_i
def softmax_cross_entropy(a: Row, y: Row, p: Row) -> arb:
    a = shifted(a)  # the same number taken from a_k and from the logarithm
    log_sum = total(t.exp() for t in a).log()
    return -total(y_k * (a_k - log_sum) for a_k, y_k in zip(a, y, strict=True))


def softmax_cross_entropy_backward(a: Row, y: Row, p: Row) -> Row:
    whole = total(y)
    return [p_i * whole - y_i for p_i, y_i in zip(p, y, strict=True)]


# L = - 1/K sum (y log a + (1 - y) log(1 - a));  dL/da = (-y / a + (1 - y) / (1 - a)) / K
def binary_cross_entropy(a: Row, y: Row, p: Row) -> arb:
    both = [pair for a_k, y_k in zip(a, y, strict=True) for pair in ((a_k, y_k), (1 - a_k, 1 - y_k))]
    return -total(y_k * log(a_k) for a_k, y_k in both if not y_k.is_zero()) / len(a)


def binary_cross_entropy_backward(a: Row, y: Row, p: Row) -> Row:
    return [(ratio(1 - y_k, 1 - a_k) - ratio(y_k, a_k)) / len(a) for a_k, y_k in zip(a, y, strict=True)]


def binary_cross_entropy_undefined(a: Row, y: Row) -> bool:
    return cross_entropy_undefined(a, y) or cross_entropy_undefined([1 - t for t in a], [1 - t for t in y])


# with p = sigmoid(a): log p = a - log(1 + exp(a)), log(1 - p) = - log(1 + exp(a)), so
# L = 1/K sum (log(1 + exp(a)) - y a);  dL/da = (p - y) / K
def sigmoid_binary_cross_entropy(a: Row, y: Row, p: Row) -> arb:
    return total(log_1_plus_exp(a_k) - y_k * a_k for a_k, y_k in zip(a, y, strict=True)) / len(a)


def sigmoid_binary_cross_entropy_backward(a: Row, y: Row, p: Row) -> Row:
    return [(p_k - y_k) / len(a) for p_k, y_k in zip(p, y, strict=True)]


def errors(a: Row, y: Row) -> Row:
    """a - y."""
    return [a_k - y_k for a_k, y_k in zip(a, y, strict=True)]


def ratio(numerator: arb, denominator: arb) -> arb:
    """numerator / denominator, 0 where the numerator is: the derivative of a term that is not there."""
    return ZERO if numerator.is_zero() else quotient(numerator, denominator)


_PLAIN = {
    "half_sum_squared_error": Loss(half_sum_squared_error, half_sum_squared_error_backward),
    "mean_squared_error": Loss(mean_squared_error, mean_squared_error_backward),
    "mean_absolute_error": Loss(mean_absolute_error, mean_absolute_error_backward),
    "cross_entropy": Loss(cross_entropy, cross_entropy_backward, undefined=cross_entropy_undefined),
    "softmax_cross_entropy": Loss(softmax_cross_entropy, softmax_cross_entropy_backward, softmax),
    "binary_cross_entropy": Loss(
        binary_cross_entropy, binary_cross_entropy_backward, undefined=binary_cross_entropy_undefined
    ),
    "sigmoid_binary_cross_entropy": Loss(
        sigmoid_binary_cross_entropy, sigmoid_binary_cross_entropy_backward, lambda a: [sigmoid(t) for t in a]
    ),
}
