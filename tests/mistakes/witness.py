"""Backpropagation once more, in plain Python and scalars: the witness for every mistake.

It shares no line with the engines. Everything is a list of lists of floats; each sum is a loop over its
index. The formulas that a mistake may replace are `sums` and `activated` on the way forward, and `error`,
`through`, `back`, `weight` and `bias` on the way back.
"""

import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


FUNCTIONS = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (sigmoid, lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: 1.0 if z > 0 else 0.0),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "softplus": (lambda z: math.log1p(math.exp(z)), sigmoid),
    "silu": (
        lambda z: z / (1 + math.exp(-z)),
        lambda z: (1 + math.exp(-z) + z * math.exp(-z)) / (1 + math.exp(-z)) ** 2,
    ),
    "elu": (lambda z: z if z > 0 else math.expm1(z), lambda z: 1.0 if z > 0 else math.exp(z)),
}


def softmax(zs):
    total = sum(math.exp(z) for z in zs)
    return [math.exp(z) / total for z in zs]


def sign(number):
    return (number > 0) - (number < 0)


LOSSES = {
    "half_sum_squared_error": lambda a, y: sum((o - t) ** 2 for o, t in zip(a, y, strict=True)) / 2,
    "mean_squared_error": lambda a, y: sum((o - t) ** 2 for o, t in zip(a, y, strict=True)) / len(a),
    "cross_entropy": lambda a, y: -sum(t * math.log(o) for o, t in zip(a, y, strict=True)),
    "softmax_cross_entropy": lambda a, y: LOSSES["cross_entropy"](softmax(a), y),
    "binary_cross_entropy": lambda a, y: (
        -sum(t * math.log(o) + (1 - t) * math.log(1 - o) for o, t in zip(a, y, strict=True)) / len(a)
    ),
    "sigmoid_binary_cross_entropy": lambda a, y: LOSSES["binary_cross_entropy"]([sigmoid(o) for o in a], y),
}
"""The loss of one sample."""

LOSS_SLOPES = {
    "half_sum_squared_error": lambda a, y, k: a[k] - y[k],
    "mean_squared_error": lambda a, y, k: 2 * (a[k] - y[k]) / len(a),
    "mean_absolute_error": lambda a, y, k: sign(a[k] - y[k]) / len(a),
    "huber": lambda a, y, k: min(max(a[k] - y[k], -1.0), 1.0) / len(a),
    "cross_entropy": lambda a, y, k: -y[k] / a[k],
    "softmax_cross_entropy": lambda a, y, k: softmax(a)[k] * sum(y) - y[k],
    "binary_cross_entropy": lambda a, y, k: (a[k] - y[k]) / (a[k] * (1 - a[k])) / len(a),
    "sigmoid_binary_cross_entropy": lambda a, y, k: (sigmoid(a[k]) - y[k]) / len(a),
}
"""Its derivative by output k."""


class Witness:
    """One forward and one backward pass of a recipe with the parameters of one row of its trace."""

    def __init__(self, trace, row=0, *, sums=None, activated=None, loss_slope=None):
        recipe = trace.recipe
        self.layers = recipe.layers
        self.n = len(recipe.layers) - 1
        self.name = [None, *(choice.name for choice in recipe.activations)]
        self.W = [None, *(trace[f"W{l}"][row].tolist() for l in range(1, self.n + 1))]
        biased = recipe.network.biases
        self.b = [None, *(trace[f"b{l}"][row].tolist() if biased else [0.0] * self.layers[l] for l in self.numbers())]
        rows = [int(s) for s in trace["batch"][row] if s >= 0] if "batch" in trace else range(len(trace["x"]))
        self.x, self.y = [trace["x"][s].tolist() for s in rows], [trace["y"][s].tolist() for s in rows]
        self.samples = range(len(self.x))
        self.share = 1 / len(self.x) if recipe.loss.over_samples == "mean" else 1.0
        self.loss_name = recipe.loss.name
        self.loss_slope = loss_slope or LOSS_SLOPES[self.loss_name]
        self.learning_rate = float(recipe.training.learning_rate)
        self.forward(sums or Witness.sums, activated or Witness.activated)

    def numbers(self):
        return range(1, self.n + 1)

    def units(self, l):
        return range(self.layers[l])

    def f(self, l, z):
        return FUNCTIONS[self.name[l]][0](z)

    def slope(self, l, z):
        return FUNCTIONS[self.name[l]][1](z)

    def forward(self, sums, activated):
        self.z, self.a = [None], [self.x]
        for l in self.numbers():
            self.z.append([[sums(self, l, s, j) for j in self.units(l)] for s in self.samples])
            self.a.append([activated(self, l, s) for s in self.samples])

    def loss(self):
        """The loss of the batch."""
        each = [LOSSES[self.loss_name](self.a[self.n][s], self.y[s]) for s in self.samples]
        return self.share * sum(each)

    # ---- right, until a mistake replaces it ----------------------------------------------------

    def sums(self, l, s, j):
        """z of unit j in layer l for sample s."""
        return self.b[l][j] + sum(self.a[l - 1][s][i] * self.W[l][i][j] for i in self.units(l - 1))

    def activated(self, l, s):
        """a of layer l for sample s."""
        return softmax(self.z[l][s]) if self.name[l] == "softmax" else [self.f(l, z) for z in self.z[l][s]]

    def error(self, s, k):
        """dL/da of output k for sample s."""
        return self.share * self.loss_slope(self.a[self.n][s], self.y[s], k)

    def through(self, l, s, j):
        """dL/dz of unit j in layer l for sample s."""
        if self.name[l] == "softmax":
            a, back = self.a[l][s], self.da[l][s]
            return sum(back[i] * a[i] * ((i == j) - a[j]) for i in self.units(l))
        return self.da[l][s][j] * self.slope(l, self.z[l][s][j])

    def back(self, l, s, i):
        """dL/da of unit i in the hidden layer l for sample s."""
        return sum(self.dz[l + 1][s][j] * self.W[l + 1][i][j] for j in self.units(l + 1))

    def weight(self, l, i, j):
        """dL/dW of the weight from unit i to unit j of layer l."""
        return sum(self.a[l - 1][s][i] * self.dz[l][s][j] for s in self.samples)

    def bias(self, l, j):
        """dL/db of unit j in layer l."""
        return sum(self.dz[l][s][j] for s in self.samples)

    # --------------------------------------------------------------------------------------------

    def backward(self, *, error=None, through=None, back=None, weight=None, bias=None):
        """Fill da, dz, dW, db; a replacement takes this witness and what the method takes."""
        empty = [None] * (self.n + 1)
        self.da, self.dz, self.dW, self.db = list(empty), list(empty), list(empty), list(empty)
        weight, bias = weight or Witness.weight, bias or Witness.bias
        for l in reversed(self.numbers()):
            if l == self.n:
                self.da[l] = self.of(error or Witness.error, l)
            else:
                self.da[l] = self.of(back or Witness.back, l, l)
            self.dz[l] = self.of(through or Witness.through, l, l)
            self.dW[l] = [[weight(self, l, i, j) for j in self.units(l)] for i in self.units(l - 1)]
            self.db[l] = [bias(self, l, j) for j in self.units(l)]
        return self

    def of(self, formula, l, *layer):
        """The formula for every sample and every unit of layer l."""
        return [[formula(self, *layer, s, j) for j in self.units(l)] for s in self.samples]
