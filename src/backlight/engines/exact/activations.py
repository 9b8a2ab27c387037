"""Activations in balls, each beside its slope.

They are the textbook's formulas on purpose, 1 - a included, which cancels in saturated units: evaluated with
the 53 bits of a float64 their radius then is the error that every program may have that uses them, and
enough bits make any cancellation harmless. Formulas: recipes/functions/activations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flint import arb, arb_mat

from backlight.engines.exact.balls import ONE, ZERO, Row, each, each_row, sigmoid, softmax, total, where_positive

Pair = tuple[Callable[[arb], arb], Callable[[arb, arb], arb]]
"""a = f(z), and its slope da/dz from z and a."""


class Activation(NamedTuple):
    """a = f(z) and the way back: dL/dz from z, a and dL/da, for matrices (samples, units)."""

    forward: Callable[[arb_mat], arb_mat]
    backward: Callable[[arb_mat, arb_mat, arb_mat], arb_mat]


def activation(name: str, options: dict[str, arb]) -> Activation:
    """Look an activation up and fill its options in."""
    if name == "softmax":
        return Activation(softmax_forward, softmax_backward)
    if name in _PLAIN:
        return unit_by_unit(*_PLAIN[name])
    return unit_by_unit(*_WITH_OPTION[name](*options.values()))


def unit_by_unit(f: Callable[[arb], arb], slope: Callable[[arb, arb], arb]) -> Activation:
    """An activation whose units do not know of each other: dL/dz = dL/da f'(z)."""

    def backward(z: arb_mat, a: arb_mat, dL_da: arb_mat) -> arb_mat:
        return each(lambda z, a, dL_da: dL_da * slope(z, a), z, a, dL_da)

    return Activation(lambda z: each(f, z), backward)


# a = z;  da/dz = 1
def identity(z: arb) -> arb:
    return z


def identity_slope(z: arb, a: arb) -> arb:
    return ONE


# a = 1 / (1 + exp(-z));  da/dz = a (1 - a)
def sigmoid_slope(z: arb, a: arb) -> arb:
    return a * (1 - a)


# a = tanh(z);  da/dz = 1 - a^2
def tanh(z: arb) -> arb:
    return z.tanh()


def tanh_slope(z: arb, a: arb) -> arb:
    return 1 - a * a


# a = max(z, 0);  da/dz = 1 if z > 0 else 0
def relu(z: arb) -> arb:
    return where_positive(z, z, ZERO)


def relu_slope(z: arb, a: arb) -> arb:
    return where_positive(z, ONE, ZERO)


# a = z s with s = sigmoid(z);  da/dz = s + z s (1 - s) = s + a (1 - s)
def silu(z: arb) -> arb:
    return z * sigmoid(z)


def silu_slope(z: arb, a: arb) -> arb:
    s = sigmoid(z)
    return s + a * (1 - s)


# a = z Phi(z) with Phi(z) = (1 + erf(z / sqrt 2)) / 2;  da/dz = Phi(z) + z phi(z), phi(z) = exp(-z^2 / 2) / sqrt(2 pi)
def gelu(z: arb) -> arb:
    return z * normal_distribution(z)


def gelu_slope(z: arb, a: arb) -> arb:
    density = (-z * z / 2).exp() / (2 * arb.pi()).sqrt()
    return normal_distribution(z) + z * density


def normal_distribution(z: arb) -> arb:
    return (1 + (z / arb(2).sqrt()).erf()) / 2


# a = z if z > 0 else negative_slope z;  da/dz = 1 if z > 0 else negative_slope
def leaky_relu(negative_slope: arb) -> Pair:
    def f(z: arb) -> arb:
        return where_positive(z, z, negative_slope * z)

    def slope(z: arb, a: arb) -> arb:
        return where_positive(z, ONE, negative_slope)

    return f, slope


# a = z if z > 0 else alpha (exp(z) - 1);  da/dz = 1 if z > 0 else alpha exp(z)
def elu(alpha: arb) -> Pair:
    def f(z: arb) -> arb:
        return z if z > 0 else where_positive(z, z, alpha * (z.exp() - 1))

    def slope(z: arb, a: arb) -> arb:
        return ONE if z > 0 else where_positive(z, ONE, alpha * z.exp())

    return f, slope


# a = log(1 + exp(beta z)) / beta;  da/dz = sigmoid(beta z)
def softplus(beta: arb) -> Pair:
    def f(z: arb) -> arb:
        return log_1_plus_exp(beta * z) / beta

    def slope(z: arb, a: arb) -> arb:
        return sigmoid(beta * z)

    return f, slope


def log_1_plus_exp(t: arb) -> arb:
    """log(1 + exp(t)), the same as t + log(1 + exp(-t)), so that exp is not asked for the impossible."""
    return t + (1 + (-t).exp()).log() if t > 0 else (1 + t.exp()).log()


# a_i = exp(z_i) / sum_j exp(z_j);  da_j/dz_i = a_j ((i = j) - a_i), so
# dL/dz_i = sum_j dL/da_j a_j ((i = j) - a_i) = a_i (dL/da_i - sum_j dL/da_j a_j)
def softmax_forward(z: arb_mat) -> arb_mat:
    return each_row(softmax, z)


def softmax_backward(z: arb_mat, a: arb_mat, dL_da: arb_mat) -> arb_mat:
    def row(a: Row, dL_da: Row) -> Row:
        mean = total(a_j * dL_da_j for a_j, dL_da_j in zip(a, dL_da, strict=True))
        return [a_i * (dL_da_i - mean) for a_i, dL_da_i in zip(a, dL_da, strict=True)]

    return each_row(row, a, dL_da)


_PLAIN: dict[str, Pair] = {
    "identity": (identity, identity_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "tanh": (tanh, tanh_slope),
    "relu": (relu, relu_slope),
    "silu": (silu, silu_slope),
    "gelu": (gelu, gelu_slope),
}
_WITH_OPTION = {"leaky_relu": leaky_relu, "elu": elu, "softplus": softplus}
