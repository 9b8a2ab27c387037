"""Activations in NumPy, each beside its derivative, written into arrays that are given.

`f(z, out)` writes a = f(z). `backward(z, a, dL_da, out)` writes dL/dz = dL/da * f'(z); for softmax, whose
units depend on each other, dL/dz_i = sum over j of dL/da_j da_j/dz_i. Formulas: recipes/functions/activations.
"""

from __future__ import annotations

from math import erfc, pi, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


class Pair(NamedTuple):
    """An activation and the way back through it, with its options filled in."""

    forward: Callable[[Array, Array], None]
    backward: Callable[[Array, Array, Array, Array], None]


def activation(name: str, options: dict[str, Any]) -> Pair:
    """Look an activation up and fill its options in."""
    if name in _PLAIN:
        return _PLAIN[name]
    return _WITH_OPTION[name](*(float(value) for value in options.values()))


# a = z;  da/dz = 1
def identity(z: Array, out: Array) -> None:
    out[:] = z


def identity_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    out[:] = dL_da


# a = 1 / (1 + exp(-z));  da/dz = exp(-z) / (1 + exp(-z))^2 = a (1 - a)
def sigmoid(z: Array, out: Array) -> None:
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, 1, out)
    np.reciprocal(out, out)


def sigmoid_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    np.subtract(1, a, out)
    np.multiply(out, a, out)
    np.multiply(out, dL_da, out)


# a = tanh(z);  da/dz = 1 - a^2
def tanh(z: Array, out: Array) -> None:
    np.tanh(z, out)


def tanh_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    np.multiply(a, a, out)
    np.subtract(1, out, out)
    np.multiply(out, dL_da, out)


# a = max(z, 0);  da/dz = 1 if z > 0 else 0
def relu(z: Array, out: Array) -> None:
    np.maximum(z, 0, out=out)


def relu_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    np.multiply(dL_da, z > 0, out)


# a = z sigmoid(z);  with s = sigmoid(z):  da/dz = s + z s (1 - s) = s + a (1 - s)
def silu(z: Array, out: Array) -> None:
    sigmoid(z, out)
    np.multiply(out, z, out)


def silu_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    sigmoid(z, out)
    out += a * (1 - out)
    out *= dL_da


# a = z Phi(z);  da/dz = Phi(z) + z phi(z), phi(z) = exp(-z^2 / 2) / sqrt(2 pi)
def gelu(z: Array, out: Array) -> None:
    np.multiply(z, _normal_distribution(z), out)


def gelu_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    out[:] = _normal_distribution(z) + z * np.exp(-z * z / 2) / sqrt(2 * pi)
    out *= dL_da


def _normal_distribution(z: Array) -> Array:
    """Phi(z) = erfc(-z / sqrt 2) / 2: no cancellation for z << 0, where 1 + erf would lose all digits."""
    scaled = z.astype(float) / -sqrt(2)  # NumPy has no erfc: Python's, number by number
    return np.fromiter(map(erfc, scaled.ravel().tolist()), z.dtype, z.size).reshape(z.shape) / 2


# a_i = exp(z_i) / sum_j exp(z_j);  da_j/dz_i = a_j ((i = j) - a_i), so
# dL/dz_i = sum_j dL/da_j a_j ((i = j) - a_i) = a_i (dL/da_i - sum_j dL/da_j a_j)
def softmax(z: Array, out: Array) -> None:
    np.subtract(z, z.max(axis=1, keepdims=True), out)  # the same ratios, and exp cannot overflow
    np.exp(out, out)
    out /= out.sum(axis=1, keepdims=True)


def softmax_backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
    np.subtract(dL_da, (dL_da * a).sum(axis=1, keepdims=True), out)
    out *= a


# a = z if z > 0 else slope z;  da/dz = 1 if z > 0 else slope
def leaky_relu(negative_slope: float) -> Pair:
    def forward(z: Array, out: Array) -> None:
        out[:] = np.where(z > 0, z, negative_slope * z)

    def backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
        out[:] = np.where(z > 0, dL_da, negative_slope * dL_da)

    return Pair(forward, backward)


# a = z if z > 0 else alpha (exp(z) - 1);  da/dz = 1 if z > 0 else alpha exp(z)
def elu(alpha: float) -> Pair:
    def forward(z: Array, out: Array) -> None:
        out[:] = np.where(z > 0, z, alpha * np.expm1(z))

    def backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
        out[:] = np.where(z > 0, dL_da, dL_da * alpha * np.exp(z))

    return Pair(forward, backward)


# a = log(1 + exp(beta z)) / beta;  da/dz = sigmoid(beta z)
def softplus(beta: float) -> Pair:
    def forward(z: Array, out: Array) -> None:
        out[:] = np.logaddexp(0, beta * z) / beta

    def backward(z: Array, a: Array, dL_da: Array, out: Array) -> None:
        sigmoid(beta * z, out)
        np.multiply(out, dL_da, out)

    return Pair(forward, backward)


_PLAIN = {
    "identity": Pair(identity, identity_backward),
    "sigmoid": Pair(sigmoid, sigmoid_backward),
    "tanh": Pair(tanh, tanh_backward),
    "relu": Pair(relu, relu_backward),
    "silu": Pair(silu, silu_backward),
    "gelu": Pair(gelu, gelu_backward),
    "softmax": Pair(softmax, softmax_backward),
}
_WITH_OPTION = {"leaky_relu": leaky_relu, "elu": elu, "softplus": softplus}
