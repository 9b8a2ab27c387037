"""Backpropagation once more, in plain Python and scalars: the witness for every mistake.

It shares no line with the engines. Everything is a list of lists of floats; each sum is a loop over its
index. The three formulas that a mistake may replace are `error`, `through` and `back`.
"""

import math

FUNCTIONS = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (
        lambda z: 1 / (1 + math.exp(-z)),
        lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2,
    ),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "softplus": (lambda z: math.log1p(math.exp(z)), lambda z: 1 / (1 + math.exp(-z))),
    "silu": (
        lambda z: z / (1 + math.exp(-z)),
        lambda z: (1 + math.exp(-z) + z * math.exp(-z)) / (1 + math.exp(-z)) ** 2,
    ),
    "elu": (lambda z: z if z > 0 else math.expm1(z), lambda z: 1.0 if z > 0 else math.exp(z)),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
}

LOSS_SLOPES = {
    "half_sum_squared_error": lambda a, y, outputs: a - y,
    "mean_squared_error": lambda a, y, outputs: 2 * (a - y) / outputs,
    "binary_cross_entropy": lambda a, y, outputs: (a - y) / (a * (1 - a)) / outputs,
}


class Witness:
    """One forward and one backward pass of a recipe with the parameters of one row of its trace."""

    def __init__(self, trace, row=0):
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
        self.loss_slope = LOSS_SLOPES[recipe.loss.name]
        self.learning_rate = float(recipe.training.learning_rate)
        self.forward()

    def numbers(self):
        return range(1, self.n + 1)

    def units(self, l):
        return range(self.layers[l])

    def f(self, l, z):
        return FUNCTIONS[self.name[l]][0](z)

    def slope(self, l, z):
        return FUNCTIONS[self.name[l]][1](z)

    def forward(self):
        self.z, self.a = [None], [self.x]
        for l in self.numbers():
            self.z.append([])
            self.a.append([])
            for s in self.samples:
                before = self.a[l - 1][s]
                z = [self.b[l][j] + sum(before[i] * self.W[l][i][j] for i in self.units(l - 1)) for j in self.units(l)]
                self.z[l].append(z)
                self.a[l].append([self.f(l, value) for value in z])

    # ---- right, until a mistake replaces it ----------------------------------------------------

    def error(self, s, k):
        """dL/da of output k for sample s."""
        return self.share * self.loss_slope(self.a[self.n][s][k], self.y[s][k], self.layers[-1])

    def through(self, l, s, j):
        """dL/dz of unit j in layer l for sample s."""
        return self.da[l][s][j] * self.slope(l, self.z[l][s][j])

    def back(self, l, s, i):
        """dL/da of unit i in the hidden layer l for sample s."""
        return sum(self.dz[l + 1][s][j] * self.W[l + 1][i][j] for j in self.units(l + 1))

    # --------------------------------------------------------------------------------------------

    def backward(self, *, error=None, through=None, back=None):
        """Fill da, dz, dW, db; a replacement takes this witness and what the method takes."""
        empty = [None] * (self.n + 1)
        self.da, self.dz, self.dW, self.db = list(empty), list(empty), list(empty), list(empty)
        for l in reversed(self.numbers()):
            if l == self.n:
                self.da[l] = self.of(error or Witness.error, l)
            else:
                self.da[l] = self.of(back or Witness.back, l, l)
            self.dz[l] = self.of(through or Witness.through, l, l)
            self.dW[l] = [
                [sum(self.a[l - 1][s][i] * self.dz[l][s][j] for s in self.samples) for j in self.units(l)]
                for i in self.units(l - 1)
            ]
            self.db[l] = [sum(self.dz[l][s][j] for s in self.samples) for j in self.units(l)]
        return self

    def of(self, formula, l, *layer):
        """The formula for every sample and every unit of layer l."""
        return [[formula(self, *layer, s, j) for j in self.units(l)] for s in self.samples]
