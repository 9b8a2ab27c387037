"""Backpropagation in balls: one forward pass, one backward pass, one update, each number with its radius.

Read it from top to bottom. Everything is kept by layer l = 1..n; matrices have a row for each sample:

    a[0] = x                              the inputs
    z[l] = a[l-1] W[l] + b[l]             what a unit sums up
    a[l] = f(z[l])                        what it gives
    L    = loss(a[n], y)                  one number
    dL_dq                                 the derivative of L with respect to q, in the shape of q

Nothing here is shared with another engine: two engines that share a derivative prove nothing about each other.
"""

from __future__ import annotations

from copy import copy
from itertools import islice
from typing import TYPE_CHECKING

from flint import arb_mat

from backlight.engines.exact.activations import activation
from backlight.engines.exact.balls import LARGEST, NO_NUMBER, PROVING, Arithmetic, Row, each_row, total
from backlight.engines.exact.losses import loss
from backlight.engines.exact.optimizers import TooLarge, optimizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backlight.engines.exact.beginning import Beginning
    from backlight.recipes.recipe import Recipe

    Layers = dict[int, arb_mat]


class Iteration:
    """The network of a recipe with its present parameters, at the precision in use.

    `product` and `rounded` are plain matrix arithmetic when something is to be proven; `radii` measures with
    others, which count the roundings of a program.
    """

    def __init__(self, recipe: Recipe, begin: Beginning, *, arithmetic: Arithmetic = PROVING) -> None:
        numbers, settings = begin.numbers, begin.settings
        self.data, self.n = numbers, len(numbers.weights)
        self.product, self.rounded = arithmetic
        self.W: Layers = dict(enumerate(numbers.weights, start=1))
        self.b: Layers = dict(enumerate(numbers.biases, start=1))
        self.trained = [self.W, self.b] if recipe.parameters.train_biases else [self.W]
        chosen = zip(recipe.activations, settings.activations, strict=True)
        self.f = dict(enumerate((activation(choice.name, options) for choice, options in chosen), start=1))
        self.loss = loss(recipe.loss.name, settings.loss)
        self.takes_mean = recipe.loss.over_samples == "mean"
        self.optimizer = optimizer(
            recipe.training.optimizer, settings.learning_rate, settings.optimizer, len(flat(self.trained))
        )

    # ---- one iteration -------------------------------------------------------------------------------

    def forward_and_backward(self, batch: NDArray[np.intp] | None) -> None:
        """Compute every quantity of this iteration on some rows of the data, or on all."""
        self.forward(taken(self.data.inputs, batch), taken(self.data.targets, batch))
        self.backward()

    def forward(self, x: arb_mat, y: arb_mat) -> None:
        """z[l] = a[l-1] W[l] + b[l],  a[l] = f(z[l]),  and the loss."""
        self.z: Layers = {}
        self.a: Layers = {0: x}
        self.y, self.samples = y, x.nrows()
        for l in range(1, self.n + 1):
            self.z[l] = self.rounded(self.product(self.a[l - 1], self.W[l]))
            if self.b:
                self.z[l] = self.rounded(self.z[l] + self.product(ones(self.samples, 1), self.b[l]))
            self.a[l] = self.rounded(self.f[l].forward(self.z[l]))
        outputs = self.a[self.n]
        self.p = self.rounded(each_row(self.loss.inner, outputs)) if self.loss.inner else outputs
        # L = mean (or sum) over the samples of loss(a[n], y)
        whole = total(map(self.loss.value, outputs.tolist(), y.tolist(), self.p.tolist()))
        self.L = self.rounded(self.share(arb_mat(1, 1, [whole])))

    def backward(self) -> None:
        """Go from the loss to the first layer; each layer needs only the one behind it."""
        self.dL_da: Layers = {}
        self.dL_dz: Layers = {}
        self.dL_dW: Layers = {}
        self.dL_db: Layers = {}
        # L depends on a[n] directly, and it is a mean over the samples: each has a share of 1/N.
        self.dL_da[self.n] = self.rounded(self.share(each_row(self.loss.backward, self.a[self.n], self.y, self.p)))
        for l in range(self.n, 0, -1):
            # Chain rule through a[l] = f(z[l]):   dL/dz = dL/da da/dz
            self.dL_dz[l] = self.rounded(self.f[l].backward(self.z[l], self.a[l], self.dL_da[l]))
            # W_ij appears in z_j = ... + a_i W_ij of every sample, so   dL/dW_ij = sum over samples of a_i dL/dz_j.
            self.dL_dW[l] = self.rounded(self.product(self.a[l - 1].transpose(), self.dL_dz[l]))
            if self.b:
                # b_j appears in z_j = ... + b_j with factor 1, so   dL/db_j = sum over samples of dL/dz_j.
                self.dL_db[l] = self.rounded(self.product(ones(1, self.samples), self.dL_dz[l]))
            if l > 1:
                # a_i reaches L through every unit j of the next layer:   dL/da_i = sum_j dL/dz_j W_ij.
                self.dL_da[l - 1] = self.rounded(self.product(self.dL_dz[l], self.W[l].transpose()))

    def update(self) -> None:
        """theta := theta - learning_rate dL/dtheta, or what the optimizer makes of it.

        Raises
        ------
        DivisionByZero, TooLarge
            The parameters after the update are no numbers, or none that could be written.
        """
        gradients = [self.dL_dW, self.dL_db][: len(self.trained)]
        theta = self.optimizer(flat(self.trained), flat(gradients))
        if any(abs(parameter) > LARGEST for parameter in theta):
            raise TooLarge
        new = iter(theta)
        for layers in self.trained:
            for l, old in layers.items():
                entries = list(islice(new, old.nrows() * old.ncols()))
                layers[l] = self.rounded(arb_mat(old.nrows(), old.ncols(), entries))

    # ---- what it computed ----------------------------------------------------------------------------

    def quantities(self) -> dict[str, arb_mat]:
        """Every quantity of this iteration by its name in a trace; a loss is a matrix of one entry."""
        by_layer = {
            "W": self.W, "dL_dW": self.dL_dW, "b": self.b, "dL_db": self.dL_db,
            "z": self.z, "a": self.a, "dL_da": self.dL_da, "dL_dz": self.dL_dz,
        }  # fmt: skip
        named = {f"{name}{l}": layers[l] for name, layers in by_layer.items() for l in layers if l > 0}
        inner = {"p": self.p} if self.loss.inner else {}
        return {"loss": self.L} | named | inner

    def is_undefined(self) -> bool:
        """Whether the loss of this iteration is certainly no real number, so that more precision is no help."""
        return any(map(self.loss.undefined, self.a[self.n].tolist(), self.y.tolist()))

    def predict(self, x: arb_mat, y: arb_mat) -> tuple[arb_mat, arb_mat]:
        """Give the loss and the predictions (p where the loss has one, else a[n]) of other samples."""
        other = copy(self)
        other.forward(x, y)
        is_known = other.L[0, 0].is_exact() or not other.is_undefined()
        return other.L if is_known else arb_mat(1, 1, [NO_NUMBER]), other.p

    def share(self, whole: arb_mat) -> arb_mat:
        """Divide by the number of samples where the recipe says mean."""
        return whole / self.samples if self.takes_mean else whole


def flat(parameters: list[Layers]) -> Row:
    """Every entry, layer by layer: weights first, as in the layout of a trace."""
    return [entry for layers in parameters for l in sorted(layers) for entry in layers[l].entries()]


def ones(rows: int, columns: int) -> arb_mat:
    """A matrix of ones: its product repeats a row, or adds rows up."""
    return arb_mat(rows, columns, [1] * (rows * columns))


def taken(data: arb_mat, batch: NDArray[np.intp] | None) -> arb_mat:
    """Some rows of the data; all of them without a batch."""
    if batch is None:
        return data
    columns = range(data.ncols())
    return arb_mat(len(batch), data.ncols(), [data[i, j] for i in batch.tolist() for j in columns])
