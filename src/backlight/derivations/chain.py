"""The derivation, scalar by scalar: what each quantity of one iteration is, in terms of those beside it.

Read it from top to bottom: forward, the loss, backward, the update. Notation: unit j of layer l has the input
z = sum_i w_ij a_i + b_j from the units i of layer l - 1, and the output a = f(z); L is the loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.derivations.expression import Expression, Function, Number, Over, Symbol, added
from backlight.derivations.records import (
    activated,
    formula,
    loss_of_sample,
    of_units,
    slope,
    slope_of,
    slope_of_loss,
)
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlight.recipes.recipe import Recipe

ANY = "s"
"""Stands for any sample, as in h1@s."""


@dataclass(frozen=True)
class Chain:
    """The formulas of one sample of a batch; `sample` is its number, or ANY."""

    recipe: Recipe
    samples: int
    sample: str = "0"

    # ---- forward -------------------------------------------------------------------------------------

    def z(self, l: int, j: int) -> Expression:
        """A unit sums up what the layer before it gives."""
        weighted = [self.of("W", l, i, j) * self.of("a", l - 1, i) for i in range(self.recipe.layers[l - 1])]
        return added(*weighted, *([self.of("b", l, j)] if self.recipe.network.biases else []))

    def a(self, l: int, j: int) -> Expression:
        """And gives f of it."""
        choice = self.recipe.activations[l - 1]
        if ACTIVATIONS[choice.name].elementwise:
            return activated(choice, self.of("z", l, j))
        return self.in_layer(formula(choice.name).formula, l, i=j)

    def p(self, j: int) -> Expression:
        """The function inside a loss, of the last layer's outputs."""
        last = len(self.recipe.layers) - 1
        inner = LOSSES[self.recipe.loss.name].inner
        if inner == "sigmoid":
            return Function((self.of("a", last, j),), inner)
        outputs = self.recipe.layers[-1]
        return of_units(formula("softmax").formula, lambda _, k: self.of("a", last, k), outputs, i=j)

    def loss(self) -> Expression:
        """The mean or the sum over the samples of each one's loss, which is a sum over its outputs."""
        outputs = self.recipe.layers[-1]
        return (
            self.over_samples(lambda one: of_units(loss_of_sample(one.recipe.loss, outputs), one.output, outputs))
            / self.share()
        )

    # ---- backward ------------------------------------------------------------------------------------

    def dL_da(self, l: int, i: int) -> Expression:  # noqa: N802
        """How the loss changes with what a unit gives."""
        outputs = self.recipe.layers[-1]
        # L depends on the outputs directly, and where it is a mean each sample has a share of 1/N of it.
        if l == len(self.recipe.layers) - 1:
            return of_units(slope_of_loss(self.recipe.loss, outputs), self.output, outputs, k=i) / self.share()
        # a_i reaches L through every unit j of the next layer: z_j = ... + w_ij a_i, so each path brings dL/dz_j w_ij.
        units = range(self.recipe.layers[l + 1])
        return added(*(self.of("dL_dz", l + 1, j) * self.of("W", l + 1, i, j) for j in units))

    def dL_dz(self, l: int, j: int) -> Expression:  # noqa: N802
        """How the loss changes with what a unit sums up: dL/dz = dL/da da/dz."""
        choice = self.recipe.activations[l - 1]
        if ACTIVATIONS[choice.name].elementwise:
            return self.of("dL_da", l, j) * slope_of(choice, self.of("z", l, j), self.of("a", l, j))
        # z_j moves every unit i of a softmax: dL/dz_j = sum_i dL/da_i da_i/dz_j.
        units = range(self.recipe.layers[l])
        return added(*(self.of("dL_da", l, i) * self.in_layer(slope(choice.name), l, i=i, j=j) for i in units))

    def dL_dW(self, l: int, i: int, j: int) -> Expression:  # noqa: N802
        """w_ij appears in z_j = ... + w_ij a_i of every sample."""
        return self.over_samples(lambda one: one.of("dL_dz", l, j) * one.of("a", l - 1, i))

    def dL_db(self, l: int, j: int) -> Expression:  # noqa: N802
        """b_j appears in z_j = ... + b_j of every sample, with factor 1."""
        return self.over_samples(lambda one: one.of("dL_dz", l, j))

    # ---- names ---------------------------------------------------------------------------------------

    def of(self, kind: str, l: int, *index: int) -> Symbol:
        """The named scalar of a layer: W and b belong to all samples, the others to this one; a of layer 0 is x."""
        if kind in {"W", "b"}:
            return Symbol(label(self.recipe, f"{kind}{l}", index))
        quantity = "x" if (kind, l) == ("a", 0) else kind if kind in {"y", "p"} else f"{kind}{l}"
        return Symbol(label(self.recipe, quantity, (0, *index)) + ("" if self.sample == "0" else f"@{self.sample}"))

    def output(self, letter: str, k: int) -> Symbol:
        """What a loss calls a_k, y_k or p_k."""
        return self.of(letter, len(self.recipe.layers) - 1, k)

    def in_layer(self, expression: Expression, l: int, **index: int) -> Expression:
        """A formula of a_i and z_j with the units of a layer."""
        return of_units(expression, lambda letter, unit: self.of(letter, l, unit), self.recipe.layers[l], **index)

    # ---- samples -------------------------------------------------------------------------------------

    def over_samples(self, term: Callable[[Chain], Expression]) -> Expression:
        """A term of each sample added up; the term itself where there is only one."""
        if self.samples == 1:
            return term(Chain(self.recipe, 1))
        return Over((term(Chain(self.recipe, self.samples, ANY)),), ANY, self.samples)

    def share(self) -> Number:
        """What the loss is divided by."""
        return Number(self.samples if self.recipe.loss.over_samples == "mean" else 1)
