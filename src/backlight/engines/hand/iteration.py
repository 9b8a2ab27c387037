"""Backpropagation by hand, in NumPy: one forward pass, one backward pass, one update.

Read it from top to bottom; the derivation stands above the line it justifies. Notation, for layer l of n:

    a[0] = x                              the inputs, one sample in each row
    z[l] = a[l-1] W[l] + b[l]             what a unit sums up
    a[l] = f(z[l])                        what it gives
    L    = loss(a[n], y)                  one number
    dL_dq                                 the derivative of L with respect to q, in the shape of q

Every name is a view into one flat row (traces/layout), so that recording an iteration is one copy and
`theta`, all trained parameters one after the other, is one vector. Each step is a method of its own: a
named mistake (engines/mistakes) replaces one of them and leaves the others right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand.activations import activation
from backlight.engines.hand.losses import loss
from backlight.engines.hand.optimizers import optimizer
from backlight.traces.layout import blank_padding, is_per_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.layout import Layout

    Array = NDArray[np.floating[Any]]


class Iteration:
    """The network of a recipe with its present parameters, and what one iteration does with them."""

    def __init__(self, recipe: Recipe, start: Start, layout: Layout) -> None:
        self.start, self.layout, self.n = start, layout, len(recipe.layers) - 1
        self.f: list[Any] = [None, *(activation(choice.name, choice.options) for choice in recipe.activations)]
        self.loss_function = loss(recipe.loss.name, recipe.loss.options)
        self.over_samples = recipe.loss.over_samples

        self.row: Array = np.zeros(layout.width, dtype=recipe.numerics.precision)
        self.theta, self.dL_dtheta = layout.theta(self.row), layout.gradient(self.row)
        self.views = layout.views(self.row)
        self.W, self.dL_dW = self.each_layer("W"), self.each_layer("dL_dW")
        self.b, self.dL_db = self.each_layer("b"), self.each_layer("dL_db")
        for mine, given in zip(self.W[1:] + self.b[1:], start.weights + start.biases, strict=True):
            mine[:] = given
        self.optimizer = optimizer(
            recipe.training.optimizer, recipe.training.learning_rate, recipe.training.options, self.theta
        )
        self.use(self.views, samples=0)

    # ---- one iteration -------------------------------------------------------------------------------

    def forward_and_backward(self, batch: NDArray[np.intp] | None) -> None:
        """Compute every quantity of this iteration into the row."""
        x, y = self.start.inputs, self.start.targets
        if batch is not None:
            x, y = x[batch], y[batch]
        if len(x) != self.samples:
            self.use(self.views, samples=len(x))
        self.a[0], self.y = x, y
        self.forward()
        self.row[0] = self.loss()
        self.backward()

    def forward(self) -> None:
        """z[l] = a[l-1] W[l] + b[l],  a[l] = f(z[l])."""
        for l in range(1, self.n + 1):
            np.dot(self.a[l - 1], self.W[l], out=self.z[l])
            if self.b:
                self.z[l] += self.b[l]
            self.f[l].forward(self.z[l], self.a[l])
        if self.loss_function.inner:
            self.loss_function.inner(self.a[self.n], self.p)

    def loss(self) -> np.floating[Any]:
        """L = mean (or sum) over the samples of loss(a[n], y)."""
        return self.loss_function.value(self.a[self.n], self.y, self.p) * self.share

    def backward(self) -> None:
        """Go from the loss to the first layer; each layer needs only the one behind it."""
        self.output_delta()
        for l in range(self.n, 0, -1):
            self.weight_gradient(l)
            if self.b:
                self.bias_gradient(l)
            if l > 1:
                self.hidden_delta(l - 1)

    def output_delta(self) -> None:
        """dL_dz[n], where the way back begins."""
        n = self.n
        # L depends on a[n] directly, and it is a mean over the samples: each has a share of 1/N.
        self.loss_function.backward(self.a[n], self.y, self.p, self.dL_da[n])
        if self.share != 1:
            self.dL_da[n] *= self.share
        self.through_activation(n)

    def hidden_delta(self, l: int) -> None:
        """dL_dz[l] from dL_dz[l+1]."""
        # Unit i of layer l reaches L through every unit j of the next layer: z[l+1]_j = ... + a[l]_i W[l+1]_ij,
        # so   dL/da_i = sum_j dL/dz_j dz_j/da_i = sum_j dL/dz_j W_ij,   which is a product with W transposed.
        np.dot(self.dL_dz[l + 1], self.W[l + 1].T, out=self.dL_da[l])
        self.through_activation(l)

    def through_activation(self, l: int) -> None:
        """dL_dz[l] from dL_da[l]."""
        # Chain rule through a[l] = f(z[l]):   dL/dz = dL/da da/dz
        self.f[l].backward(self.z[l], self.a[l], self.dL_da[l], self.dL_dz[l])

    def weight_gradient(self, l: int) -> None:
        """dL_dW[l]."""
        # W_ij appears in z_j = ... + a_i W_ij of every sample, so   dL/dW_ij = sum over samples of a_i dL/dz_j.
        np.dot(self.a[l - 1].T, self.dL_dz[l], out=self.dL_dW[l])

    def bias_gradient(self, l: int) -> None:
        """dL_db[l]."""
        # b_j appears in z_j = ... + b_j of every sample with factor 1, so   dL/db_j = sum over samples of dL/dz_j.
        self.dL_dz[l].sum(axis=0, out=self.dL_db[l])

    def update(self) -> None:
        """theta := theta - learning_rate dL/dtheta, or what the optimizer makes of it."""
        self.optimizer(self.theta, self.dL_dtheta)

    # ---- the arrays it works on ----------------------------------------------------------------------

    def each_layer(self, name: str, samples: int | None = None) -> list[Any]:
        """The views name1, name2, ... as a list that starts at 1; their first rows for quantities of samples."""
        found = [self.views[f"{name}{l}"][:samples] for l in range(1, self.n + 1) if f"{name}{l}" in self.views]
        return [None, *found] if found else []

    def use(self, views: dict[str, Array], *, samples: int) -> None:
        """Work on the first rows of these arrays, as many as there are samples; the rows behind become NaN."""
        self.views, self.samples = views, samples
        self.z, self.a = self.each_layer("z", samples), self.each_layer("a", samples)
        self.dL_da, self.dL_dz = self.each_layer("dL_da", samples), self.each_layer("dL_dz", samples)
        self.p = views["p"][:samples] if self.loss_function.inner else self.a[self.n]
        self.share = 1 / samples if self.over_samples == "mean" and samples else 1
        blank_padding(self.layout, views, samples)

    def predict(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """Give the loss and the predictions (p where the loss has one, else a[n]) of other samples."""
        mine, samples = self.views, self.samples
        others = {
            name: np.empty((len(inputs), *view.shape[1:]), view.dtype)
            for name, view in mine.items()
            if is_per_sample(name)
        }
        self.use(others, samples=len(inputs))
        self.a[0], self.y = inputs, targets
        self.forward()
        loss, predictions = float(self.loss()), self.p
        self.use(mine, samples=samples)
        return loss, predictions
