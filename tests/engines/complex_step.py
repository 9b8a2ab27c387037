"""The loss of a recipe in complex balls, and its slope along a direction by a complex step.

For an analytic L and a tiny h,  L(theta + i h v) = L(theta) + i h dL/dv - h^2 ... : the imaginary part divided
by h is the derivative along v up to h^2. No derivative rule is in this file, so that a wrong one elsewhere
cannot agree with it. Numbers choose their side of a kink by their real part.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from flint import acb, arb

BITS = 1500
STEP = arb((1, -500))
"""With 1500 bits the imaginary part of about 2^-500 keeps 1000 of them, as many as h^2 = 2^-1000 leaves right."""
CLOSE = arb((1, -900))
"""A hundred bits are left to the size of third derivatives and to cancellation."""


def slope(recipe, start, direction):
    """dL/dv at the start, for a direction v with one number for each weight and bias, layer by layer."""
    steps = iter(direction)
    parameters = [[[acb(float(w), STEP * next(steps)) for w in row] for row in W] for W in start.weights]
    biases = [[acb(float(b), STEP * next(steps)) for b in row] for row in start.biases]
    return loss(recipe, start, parameters, biases).imag / STEP


def loss(recipe, start, weights, biases):
    """L by the textbook, sample by sample."""
    each = []
    for x, y in zip(start.inputs.tolist(), start.targets.tolist(), strict=True):
        a = [acb(t) for t in x]
        for layer, choice in enumerate(recipe.activations):
            z = [
                added(a_i * w for a_i, w in zip(a, column, strict=True)) for column in zip(*weights[layer], strict=True)
            ]
            if biases:
                z = [t + b for t, b in zip(z, biases[layer], strict=True)]
            a = activation(choice.name, z, **{name: float(value) for name, value in choice.options.items()})
        each.append(of_sample(recipe.loss.name, a, y, **{n: float(value) for n, value in recipe.loss.options.items()}))
    return added(each) / (len(each) if recipe.loss.over_samples == "mean" else 1)


def added(terms):
    return reduce(add, terms)


def is_positive(t):
    return t.real > 0


def sigmoid(t):
    return 1 / (1 + (-t).exp())


def activation(name, z, negative_slope=0.0, alpha=0.0, beta=0.0):
    if name == "softmax":
        return [1 / added((other - t).exp() for other in z) for t in z]
    return [
        {
            "identity": lambda t: t,
            "sigmoid": sigmoid,
            "tanh": lambda t: 2 * sigmoid(2 * t) - 1,
            "relu": lambda t: t if is_positive(t) else 0 * t,
            "leaky_relu": lambda t: t if is_positive(t) else negative_slope * t,
            "elu": lambda t: t if is_positive(t) else alpha * (t.exp() - 1),
            "softplus": lambda t: (1 + (beta * t).exp()).log() / beta,
            "silu": lambda t: t * sigmoid(t),
            "gelu": lambda t: t * (-t / acb(2).sqrt()).erfc() / 2,
        }[name](t)
        for t in z
    ]


def of_sample(name, a, y, delta=0.0):
    pairs = list(zip(a, y, strict=True))
    if name == "softmax_cross_entropy":
        return of_sample("cross_entropy", activation("softmax", a), y)
    if name == "sigmoid_binary_cross_entropy":
        return of_sample("binary_cross_entropy", [sigmoid(t) for t in a], y)

    def size(t):
        return t if is_positive(t) else -t

    def bent(e):
        return e * e / 2 if e.real.abs_upper() <= delta else delta * (size(e) - arb(delta) / 2)

    K = len(a)
    return {
        "half_sum_squared_error": lambda: added((t - y) ** 2 for t, y in pairs) / 2,
        "mean_squared_error": lambda: added((t - y) ** 2 for t, y in pairs) / K,
        "mean_absolute_error": lambda: added(size(t - y) for t, y in pairs) / K,
        "huber": lambda: added(bent(t - y) for t, y in pairs) / K,
        "cross_entropy": lambda: -added(y * t.log() for t, y in pairs),
        "binary_cross_entropy": lambda: -added(y * t.log() + (1 - y) * (1 - t).log() for t, y in pairs) / K,
    }[name]()
