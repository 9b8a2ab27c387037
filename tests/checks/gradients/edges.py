"""Right gradients at the places where checkers go wrong: kinks, scales, cancellation, domains, precision, forms.

Every one of them is right; where a wrong gradient is given too, it must be found there all the same.
"""

import math

import numpy as np

from tests.checks.gradients.functions import Problem, numbers, sigmoid

X6 = numbers(20, 6)
A = numbers(21, 4, 4)


def log_sum_exp(z):
    return np.log(np.sum(np.exp(z - z.max()))) + z.max()


def softmax_1d(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def top_eigenvector(a):
    v = np.linalg.eigh((a + a.T) / 2)[1][:, -1]
    return np.outer(v, v)


def embedding(table, rows):
    return np.sum(table[rows] ** 2)


def embedding_gradient(table, rows):
    found = np.zeros_like(table)
    np.add.at(found, rows, 2 * table[rows])
    return {"table": found}


def embedding_gradient_that_overwrites(table, rows):
    found = np.zeros_like(table)
    found[rows] = 2 * table[rows]
    return {"table": found}


def pooled(x):
    return np.sum(x.reshape(3, 2, 3, 2).max(axis=(1, 3)) ** 2)


def pooled_gradient(x):
    windows = x.reshape(3, 2, 3, 2)
    return (2 * windows * (windows == windows.max(axis=(1, 3), keepdims=True))).reshape(6, 6)


def doubling_in_place(x):
    x *= 2
    return np.sum(x**2)


KINKS = {
    "relu at zeros": Problem(lambda x: np.sum(np.maximum(x, 0)), lambda x: (x > 0) * 1.0, {"x": np.zeros(4)}),
    "relu at zeros, the other slope": Problem(
        lambda x: np.sum(np.maximum(x, 0)), lambda x: (x >= 0) * 1.0, {"x": np.zeros(4)}
    ),
    "relu at zeros, half of both": Problem(
        lambda x: np.sum(np.maximum(x, 0)), lambda x: np.heaviside(x, 0.5), {"x": np.array([0.0, -1.0, 2.0])}
    ),
    "absolute value at zero": Problem(
        lambda x: np.sum(np.abs(x)), np.sign, {"x": np.array([0.0, 1.0, -2.0])}, {"of the square": lambda x: 2 * x}
    ),
    "a hair beside a kink": Problem(
        lambda x: np.sum(np.abs(x)), np.sign, {"x": np.array([1e-9, 1.0, -2.0, -1e-12])}, {"no sign": np.ones_like}
    ),
    "between two arguments": Problem(
        lambda x, y: np.sum(np.abs(x - y)),
        lambda x, y: (np.sign(x - y), -np.sign(x - y)),
        {"x": np.array([1.0, 1.0, -2.0]), "y": np.array([1.0, 2.0, 3.0])},
        {"one sign for both": lambda x, y: (np.sign(x - y), np.sign(x - y))},
    ),
    "clipped": Problem(
        lambda x: np.sum(np.clip(x, -1, 1) ** 2),
        lambda x: 2 * x * (np.abs(x) < 1),
        {"x": np.array([1.0, -1.0, 0.5, 3.0])},
        {"not clipped": lambda x: 2 * x},
    ),
    "maximum": Problem(np.max, lambda x: (x == x.max()) * 1.0, {"x": numbers(22, 20)}),
    "maximum of equals": Problem(
        np.max, lambda x: (x == x.max()) / np.sum(x == x.max()), {"x": np.array([1.0, 3.0, 3.0, 2.0])}
    ),
    "median": Problem(np.median, lambda x: (x == np.median(x)) * 1.0, {"x": numbers(23, 5)}),
    "sorted": Problem(lambda x: np.sort(x) @ np.arange(1.0, 7), lambda x: np.argsort(np.argsort(x)) + 1.0, {"x": X6}),
    "pooled": Problem(pooled, pooled_gradient, {"x": numbers(24, 6, 6)}, {"everywhere": lambda x: 2 * x}),
    "steps": Problem(lambda x: np.sum(np.floor(x) * x), np.floor, {"x": 3 * X6}),
}

SCALES = {
    f"{kind} of {size:g}": problem
    for size in (1e-150, 1e-30, 1e-8, 1e8, 1e30, 1e100)
    for kind, problem in {
        "squares": Problem(lambda x: np.sum(x**2), lambda x: 2 * x, {"x": size * X6}, {"factor": lambda x: x}),
        "values": Problem(
            lambda x, size=size: size * np.sum(np.sin(x)),
            lambda x, size=size: size * np.cos(x),
            {"x": X6},
            {"sign": lambda x, size=size: -size * np.cos(x)},
        ),
    }.items()
} | {
    "arguments of all sizes": Problem(
        lambda a, b: np.sum(np.sin(a * 1e6)) * np.sum(b),
        lambda a, b: (1e6 * np.cos(a * 1e6) * np.sum(b), np.full(3, np.sum(np.sin(a * 1e6)))),
        {"a": 1e-6 * numbers(25, 3), "b": 1e4 * numbers(26, 3)},
        {"small one wrong": lambda a, b: (1e6 * np.cos(a * 1e6) * np.sum(b), np.full(3, np.sum(np.cos(a * 1e6))))},
    ),
    "logarithms from 1e-10 to 1e10": Problem(
        lambda p: np.sum(np.log(p)), lambda p: 1 / p, {"p": np.array([1e-10, 1.0, 1e10])}, {"constant": np.ones_like}
    ),
    "a thousand waves": Problem(lambda x: np.sum(np.sin(1000 * x)), lambda x: 1000 * np.cos(1000 * x), {"x": X6}),
}

CANCELLATION = {
    "one minus a sigmoid": Problem(
        lambda x: np.sum((sigmoid(x) - 1) ** 2) / 2,
        lambda x: (sigmoid(x) - 1) * sigmoid(x) * (1 - sigmoid(x)),
        {"x": np.array([30.0, 20.0, 35.0])},
        {"sign": lambda x: (1 - sigmoid(x)) * sigmoid(x) * (1 - sigmoid(x))},
    ),
    "a variance far from zero": Problem(
        lambda x: np.mean(x**2) - np.mean(x) ** 2,
        lambda x: 2 * (x - np.mean(x)) / len(x),
        {"x": 1e6 + X6},
        {"without the mean": lambda x: 2 * x / len(x)},
    ),
    "one minus a cosine": Problem(
        lambda x: np.sum(1 - np.cos(x)), np.sin, {"x": np.array([1e-9, 1e-5, 1e-3])}, {"cosine": np.cos}
    ),
    "added and taken away": Problem(lambda x: np.sum((1 + x) - 1), np.ones_like, {"x": np.array([1e-12, 1e-3, 0.2])}),
    "softmax, certain": Problem(
        lambda z: -np.log(softmax_1d(z)[0]), lambda z: softmax_1d(z) - np.eye(3)[0], {"z": np.array([30.0, 1.0, -20.0])}
    ),
    "log sum exp": Problem(log_sum_exp, softmax_1d, {"z": 50 * X6}),
    "logistic, saturated": Problem(
        lambda z: np.sum(np.logaddexp(0, -z)),
        lambda z: -1 / (1 + np.exp(z)),
        {"z": np.array([40.0, -40.0, 700.0, 3.0])},
    ),
    "a flat point": Problem(lambda x: np.sum(x**3), lambda x: 3 * x**2, {"x": np.zeros(3)}, {"zeros": np.zeros_like}),
    "values rounded to eight places": Problem(
        lambda x: float(np.round(np.sum(np.sin(x)), 8)), np.cos, {"x": X6}, {"sine": np.sin}
    ),
}

FORMS = {
    "float32 that cancels": Problem(
        lambda x: np.sum((x - 1) ** 2),
        lambda x: 2 * (x - 1),
        {"x": np.array([1.0001, 1.5, 0.9], np.float32)},
        {"factor": lambda x: x - 1},
    ),
    "a mean in float32": Problem(
        lambda x: np.mean(np.tanh(x)),
        lambda x: (1 - np.tanh(x) ** 2) / x.size,
        {"x": numbers(27, 9, 9).astype(np.float32)},
        {"summed": lambda x: 1 - np.tanh(x) ** 2},
    ),
    "float32 inside": Problem(
        lambda x: np.float64(np.sum(np.sin(x.astype(np.float32)))), np.cos, {"x": X6}, {"sine": np.sin}
    ),
    "determinant": Problem(
        np.linalg.det,
        lambda a: np.linalg.det(a) * np.linalg.inv(a).T,
        {"a": A},
        {"not transposed": lambda a: np.linalg.det(a) * np.linalg.inv(a)},
    ),
    "inverse": Problem(
        np.linalg.inv,
        lambda a, g: -np.linalg.inv(a).T @ g @ np.linalg.inv(a).T,
        {"a": A},
        {"not transposed": lambda a, g: -np.linalg.inv(a) @ g @ np.linalg.inv(a)},
    ),
    "largest eigenvalue": Problem(
        lambda a: np.linalg.eigvalsh((a + a.T) / 2)[-1],
        top_eigenvector,
        {"a": A},
        {"of the trace": lambda a: np.eye(4)},
    ),
    "rows of a table": Problem(
        embedding,
        embedding_gradient,
        {"table": numbers(28, 5, 3), "rows": np.array([0, 2, 2])},
        {"a row taken twice counts once": embedding_gradient_that_overwrites},
    ),
    "a list": Problem(
        lambda x: x[0] * x[1] ** 2,
        lambda x: [x[1] ** 2, 2 * x[0] * x[1]],
        {"x": [1.5, 2.5]},
        {"swapped": lambda x: [2 * x[0] * x[1], x[1] ** 2]},
    ),
    "written into": Problem(doubling_in_place, lambda x: 8 * x, {"x": X6.copy()}, {"factor": lambda x: 4 * x}),
    "a matrix of outputs": Problem(
        lambda x: np.outer(x, x), lambda x, g: g @ x + g.T @ x, {"x": X6}, {"half of it": lambda x, g: g @ x}
    ),
    "a Jacobian": Problem(
        lambda x: np.array([x @ x, x.sum()]),
        lambda x: np.stack([2 * x, np.ones(6)]),
        {"x": X6},
        {"transposed": lambda x: np.stack([2 * x, np.ones(6)]).T, "one row": lambda x: np.stack([2 * x, x])},
    ),
    "several outputs": Problem(
        lambda x: (x @ x, np.sin(x)),
        lambda x, g, h: 2 * x * g + h * np.cos(x),
        {"x": X6},
        {"only the first": lambda x, g, h: 2 * x * g, "only the last": lambda x, g, h: h * np.cos(x)},
    ),
    "probabilities": Problem(
        lambda p: -np.sum([0.2, 0.3, 0.5] * np.log(p)),
        lambda p: -np.array([0.2, 0.3, 0.5]) / p,
        {"p": np.array([0.1, 0.2, 0.7])},
    ),
    "only one argument has a gradient": Problem(
        lambda x, y: np.sum(x * y), lambda x, y: (y, None), {"x": X6, "y": X6[::-1].copy()}
    ),
    "numbers of NumPy": Problem(math.sin, math.cos, {"x": np.float64(0.3)}, {"sine": math.sin}),
}

EDGES = KINKS | SCALES | CANCELLATION | FORMS
"""Everything, by name."""
