"""Functions with right gradients, and the wrong ones that people write for them.

Each problem has a function, a right gradient, arguments, and wrong gradients by name. A gradient of a function with
several outputs takes a cotangent g. The tests check all of them; benchmarks/gradients.py gives the same ones to
other checkers.
"""

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Problem:
    function: object
    right: object
    arguments: dict
    wrong: dict = field(default_factory=dict)


def numbers(seed, *shape, size=1.0):
    return np.random.default_rng(seed).normal(0, size, shape)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- the exercise's network ----------------------------------------------------------------------------

X, Y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
COURSE = {"W1": np.array([[0.2, -0.4], [0.5, 0.6]]), "W2": np.array([[0.1, -0.5], [-0.3, 0.8]])}


def course(W1, W2):
    return np.sum((sigmoid(sigmoid(X @ W1) @ W2) - Y) ** 2) / 2


def course_gradient(hidden=None, output=None):
    """The gradient, with another hidden or output delta in it."""

    def gradient(W1, W2):
        h = sigmoid(X @ W1)
        o = sigmoid(h @ W2)
        d2 = output(o, h) if output else (o - Y) * o * (1 - o)
        d1 = hidden(d2, W2, h, o) if hidden else d2 @ W2.T * h * (1 - h)
        return X.T @ d1, h.T @ d2

    return gradient


def wrong_unit(d2, W2, h, o):
    """h1 (1 - h1) where o1 (1 - o1) belongs, in the path of one output."""
    d = np.array([[(o - Y)[0, 0] * h[0, 0] * (1 - h[0, 0]), d2[0, 1]]])
    return d @ W2.T * h * (1 - h)


# ---- a network of batches, biases and a softmax --------------------------------------------------------

BATCH = numbers(1, 6, 3)
CLASSES = np.eye(4)[[0, 2, 1, 3, 3, 0]]
NET = {"W": numbers(2, 3, 4), "b": numbers(3, 4)}


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_loss(W, b):
    z = BATCH @ W + b
    return -np.mean(np.sum(CLASSES * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))), axis=1))


def log_loss_gradient(delta=None, bias=None):
    def gradient(W, b):
        p = softmax(BATCH @ W + b)
        d = delta(p) if delta else (p - CLASSES) / 6
        return {"W": BATCH.T @ d, "b": bias(d) if bias else d.sum(axis=0)}

    return gradient


# ---- layers with a backward pass: the gradient takes a cotangent ---------------------------------------


def layer_norm(x, gain):
    centred = x - x.mean(axis=1, keepdims=True)
    return gain * centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 1e-5)


def layer_norm_backward(mean=True, variance=True, epsilon=1e-5):
    def backward(x, gain, g):
        centred = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + epsilon)
        normal, d = centred / deviation, g * gain
        dx = d - mean * d.mean(axis=1, keepdims=True) - variance * normal * np.mean(d * normal, axis=1, keepdims=True)
        return dx / deviation, np.sum(g * normal, axis=0)

    return backward


def attention(q, k, v):
    return softmax(q @ k.T / np.sqrt(q.shape[1])) @ v


def attention_backward(through=None, scale=None, swap=False):
    def backward(q, k, v, g):
        root = np.sqrt(q.shape[1]) if scale is None else scale
        p = softmax(q @ k.T / np.sqrt(q.shape[1]))
        dp = g @ v.T
        ds = through(p, dp) if through else p * (dp - np.sum(dp * p, axis=1, keepdims=True))
        dq, dk = ds @ k / root, ds.T @ q / root
        return (dk, dq, p.T @ g) if swap else (dq, dk, p.T @ g)

    return backward


def linear(x, W, b):
    return x @ W + b


def quotient(x, y):
    return x / (1 + y**2)


# ---- elementwise functions -----------------------------------------------------------------------------


def gelu(z):
    return np.array([t * math.erfc(-t / math.sqrt(2)) / 2 for t in z])


def gelu_slope(z, g):
    phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return g * (np.array([math.erfc(-t / math.sqrt(2)) / 2 for t in z]) + z * phi)


def gelu_slope_of_tanh_form(z, g):
    """The slope of the approximation by tanh, for the exact function."""
    u = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
    t = np.tanh(u)
    return g * (0.5 * (1 + t) + 0.5 * z * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2))


def by_forward_differences(function, step):
    def gradient(x):
        return np.array([(function(x + step * e) - function(x)) / step for e in np.eye(len(x))])

    return gradient


def cube_sum(x):
    return np.sum(x**3 * np.arange(1, 4))


PROBLEMS = {
    "the exercise": Problem(
        course,
        course_gradient(),
        COURSE,
        {
            "derivative of wrong unit": course_gradient(wrong_unit),
            "sum of weight gradients": course_gradient(lambda d2, W2, h, o: (h.T @ d2).sum(axis=1) * h * (1 - h)),
            "missing hidden derivative": course_gradient(lambda d2, W2, h, o: d2 @ W2.T),
            "missing output derivative": course_gradient(output=lambda o, h: o - Y),
            "missing output derivative on hidden path": course_gradient(
                lambda d2, W2, h, o: (o - Y) @ W2.T * h * (1 - h)
            ),
            "missing path": course_gradient(lambda d2, W2, h, o: d2[:, :1] @ W2.T[:1] * h * (1 - h)),
            "transposed weights": course_gradient(lambda d2, W2, h, o: d2 @ W2 * h * (1 - h)),
            "activation applied twice": course_gradient(lambda d2, W2, h, o: d2 @ W2.T * sigmoid(h) * (1 - sigmoid(h))),
            "tanh for sigmoid": course_gradient(output=lambda o, h: (o - Y) * (1 - o**2)),
            "factor 2": course_gradient(output=lambda o, h: 2 * (o - Y) * o * (1 - o)),
            "sign": course_gradient(output=lambda o, h: (Y - o) * o * (1 - o)),
            "a thousandth": course_gradient(lambda d2, W2, h, o: d2 @ W2.T * h * (1 - h) * [1.001, 1]),
            "a millionth": course_gradient(lambda d2, W2, h, o: d2 @ W2.T * h * (1 - h) * [1.000001, 1]),
            "zeros": lambda W1, W2: (0 * W1, 0 * W2),
            "no number": lambda W1, W2: (np.nan * W1, course_gradient()(W1, W2)[1]),
            "transposed gradient": lambda W1, W2: tuple(d.T for d in course_gradient()(W1, W2)),
        },
    ),
    "the exercise, saturated": Problem(
        course,
        course_gradient(),
        {name: 60 * weights for name, weights in COURSE.items()},
        {
            "zeros": lambda W1, W2: (0 * W1, 0 * W2),
            "missing hidden derivative": course_gradient(lambda d2, W2, h, o: d2 @ W2.T),
            "factor 2": course_gradient(output=lambda o, h: 2 * (o - Y) * o * (1 - o)),
        },
    ),
    "the exercise, float32": Problem(
        course,
        course_gradient(),
        {name: weights.astype(np.float32) for name, weights in COURSE.items()},
        {
            "derivative of wrong unit": course_gradient(wrong_unit),
            "a thousandth": course_gradient(lambda d2, W2, h, o: d2 @ W2.T * h * (1 - h) * np.float32([1.001, 1])),
            "factor 2": course_gradient(output=lambda o, h: 2 * (o - Y) * o * (1 - o)),
        },
    ),
    "softmax and cross-entropy": Problem(
        log_loss,
        log_loss_gradient(),
        NET,
        {
            "summed for averaged": log_loss_gradient(lambda p: p - CLASSES),
            "averaged twice": log_loss_gradient(lambda p: (p - CLASSES) / 36),
            "diagonal softmax": log_loss_gradient(lambda p: -CLASSES / p * p * (1 - p) / 6),
            "bias averaged": log_loss_gradient(bias=lambda d: d.mean(axis=0)),
            "bias summed over units": log_loss_gradient(bias=lambda d: np.full(4, d.sum())),
            "bias of one sample": log_loss_gradient(bias=lambda d: d[-1]),
            "bias not summed": log_loss_gradient(bias=lambda d: d),
        },
    ),
    "layer norm": Problem(
        layer_norm,
        layer_norm_backward(),
        {"x": numbers(4, 3, 5), "gain": numbers(5, 5)},
        {
            "without the mean": layer_norm_backward(mean=False),
            "without the variance": layer_norm_backward(variance=False),
            "another epsilon": layer_norm_backward(epsilon=1e-3),
        },
    ),
    "attention": Problem(
        attention,
        attention_backward(),
        {"q": numbers(6, 3, 4), "k": numbers(7, 3, 4), "v": numbers(8, 3, 4)},
        {
            "diagonal softmax": attention_backward(lambda p, dp: dp * p * (1 - p)),
            "without the scale": attention_backward(scale=1.0),
            "swapped": attention_backward(swap=True),
            "derivative of gradient": attention_backward(lambda p, dp: dp * (1 - dp)),
        },
    ),
    "linear layer": Problem(
        linear,
        lambda x, W, b, g: (g @ W.T, x.T @ g, g.sum(axis=0)),
        {"x": numbers(9, 4, 3), "W": numbers(10, 3, 3), "b": np.zeros(3)},
        {
            "transposed weights": lambda x, W, b, g: (g @ W, x.T @ g, g.sum(axis=0)),
            "transposed weight gradient": lambda x, W, b, g: (g @ W.T, (x.T @ g).T, g.sum(axis=0)),
            "bias not summed": lambda x, W, b, g: (g @ W.T, x.T @ g, g),
            "bias overwritten": lambda x, W, b, g: (g @ W.T, x.T @ g, g[-1]),
            "input for output": lambda x, W, b, g: (g @ W.T, (x @ W + b)[:3].T @ g[:3], g.sum(axis=0)),
        },
    ),
    "a quotient": Problem(
        quotient,
        lambda x, y, g: (g / (1 + y**2), -g * 2 * x * y / (1 + y**2) ** 2),
        {"x": numbers(11, 4), "y": numbers(12, 4)},
        {
            "one argument constant": lambda x, y, g: (g / (1 + y**2), 0 * g),
            "sign of the denominator": lambda x, y, g: (g / (1 + y**2), g * 2 * x * y / (1 + y**2) ** 2),
        },
    ),
    "relu": Problem(
        lambda x: np.maximum(x, 0) * np.arange(1.0, 6),
        lambda x, g: g * np.arange(1.0, 6) * (x > 0),
        {"x": np.array([0.0, 1.0, -2.0, 3.0, -0.5])},
        {
            "no mask": lambda x, g: g * np.arange(1.0, 6),
            "inverted mask": lambda x, g: g * np.arange(1.0, 6) * (x < 0),
            "leaky": lambda x, g: g * np.arange(1.0, 6) * np.where(x > 0, 1, 0.01),
        },
    ),
    "gelu": Problem(
        gelu,
        gelu_slope,
        {"z": np.array([-1.7, -0.2, 0.4, 1.1, 2.5])},
        {"slope of the tanh form": gelu_slope_of_tanh_form},
    ),
    "absolute value": Problem(
        lambda x: np.abs(x) ** 1.5,
        lambda x, g: g * 1.5 * np.abs(x) ** 0.5 * np.sign(x),
        {"x": np.array([0.3, -1.2, 2.0])},
        {"without the sign": lambda x, g: g * 1.5 * np.abs(x) ** 0.5},
    ),
    "cubes": Problem(
        cube_sum,
        lambda x: 3 * x**2 * np.arange(1, 4),
        {"x": np.array([0.7, -0.2, 1.1])},
        {
            "forward differences": by_forward_differences(cube_sum, 1e-6),
            "coarse forward differences": by_forward_differences(cube_sum, 1e-3),
            "square forgotten": lambda x: 3 * x * np.arange(1, 4),
            "wrong in one number": lambda x: 3 * x**2 * np.arange(1, 4) + np.array([0, 0, 1e-3]),
        },
    ),
    "one point hides it": Problem(
        lambda a, b: a**2 * b,
        lambda a, b: (2 * a * b, a**2),
        {"a": 1.0, "b": 1.0},
        {"a for a squared": lambda a, b: (2 * a * b, a), "2 for 2 a b": lambda a, b: (2.0, a**2)},
    ),
    "scalars of Python": Problem(
        lambda x, y: math.exp(x) * math.sin(y),
        lambda x, y: (math.exp(x) * math.sin(y), math.exp(x) * math.cos(y)),
        {"x": 0.3, "y": 0.9},
        {"swapped": lambda x, y: (math.exp(x) * math.cos(y), math.exp(x) * math.sin(y))},
    ),
    "logarithms": Problem(
        lambda p: np.sum(p * np.log(p)),
        lambda p: np.log(p) + 1,
        {"p": np.array([0.2, 0.5, 0.3])},
        {"without the one": np.log},
    ),
    "a long sum that cancels": Problem(
        lambda x: np.sum(np.cos(np.outer(np.arange(1, 40), x)) * np.array([1, -1] * 20)[:39, None]),
        lambda x: (
            -np.sum(
                np.sin(np.outer(np.arange(1, 40), x)) * (np.array([1, -1] * 20)[:39] * np.arange(1, 40))[:, None],
                axis=0,
            )
        ),
        {"x": np.array([0.4, 1.3])},
        {"sign": lambda x: np.sum(np.sin(np.outer(np.arange(1, 40), x)) * np.array([1, -1] * 20)[:39, None], axis=0)},
    ),
}
"""Everything, by name."""
