"""The same derivation for whole layers: what each array of one iteration is, in terms of those beside it.

Names and shapes are those of a trace, a sample in each row: z1 = x @ W1 + b1, dL_dW1 = x^T @ dL_dz1. Products
without @ are entry by entry. `transposed` turns a formula for programs that keep a sample in each column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.derivations.expression import (
    Compound,
    Expression,
    Function,
    Number,
    Over,
    Symbol,
    replaced,
)
from backlight.derivations.records import activated, loss_of_sample, slope_of, slope_of_loss, written_out
from backlight.derivations.scalars import LAYERED, updates_plainly
from backlight.recipes.functions import ACTIVATIONS, LOSSES

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe

_PARAMETER = re.compile(r"(?P<kind>[Wb])(?P<layer>[1-9]\d*)'")


@dataclass(frozen=True)
class Matrices(Mapping[str, Expression]):
    """The formulas of a recipe's iteration by the names of arrays, in the order of computing.

    Parameters
    ----------
    recipe : Recipe
    samples : int
        How many samples the batch has, at least 1.

    Examples
    --------
    >>> import backlight as bl
    >>> from backlight.derivations import Matrices, text
    >>> course = Matrices(bl.recipe("course"))
    >>> for name in ("z1", "dL_da1", "dL_dz1", "dL_dW1"):
    ...     print(name, "=", text(course[name], times=" * "))
    z1 = x @ W1
    dL_da1 = dL_dz2 @ W2^T
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dW1 = x^T @ dL_dz1
    """

    recipe: Recipe
    samples: int = 1

    def __getitem__(self, name: str) -> Expression:
        """Give the formula of an array.

        Raises
        ------
        KeyError
            It is given, or there is no such array in this network.
        """
        if name not in self._names():
            raise KeyError(name)
        if updated := _PARAMETER.fullmatch(name):
            return Symbol(name[:-1]) - Symbol("learning_rate") * Symbol(f"dL_d{updated['kind']}{updated['layer']}")
        if layered := LAYERED.fullmatch(name):
            formula: Expression = getattr(self, f"_{layered['kind']}")(int(layered["layer"]))
            return formula
        return self._loss() if name == "loss" else Function((self._a_of(self._last),), self._inner or "")

    def __iter__(self) -> Iterator[str]:
        """Every name that has a formula: forward, the loss, backward, the update."""
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        """All names in the order of computing."""
        layers, biases = range(1, self._last + 1), self.recipe.network.biases
        forward = [f"{kind}{l}" for l in layers for kind in "za"]
        back = ["dL_da", "dL_dz", "dL_dW", *["dL_db"] * biases]
        kinds = "Wb" if biases and self.recipe.parameters.train_biases else "W"
        updates = [f"{kind}{l}'" for kind in kinds for l in layers] if updates_plainly(self.recipe) else []
        inner = ["p"] if self._inner else []
        return [*forward, *inner, "loss", *(f"{kind}{l}" for l in reversed(layers) for kind in back), *updates]

    @property
    def _last(self) -> int:
        return len(self.recipe.layers) - 1

    @property
    def _inner(self) -> str | None:
        return LOSSES[self.recipe.loss.name].inner

    # ---- forward -------------------------------------------------------------------------------------

    def _a_of(self, l: int) -> Symbol:
        """What layer l gives; layer 0 is the data."""
        return Symbol(f"a{l}" if l else "x")

    def _z(self, l: int) -> Expression:
        """z[l] = a[l-1] W[l] + b[l]."""
        product = self._a_of(l - 1) @ Symbol(f"W{l}")
        return product + Symbol(f"b{l}") if self.recipe.network.biases else product

    def _a(self, l: int) -> Expression:
        choice = self.recipe.activations[l - 1]
        return activated(choice, Symbol(f"z{l}"))

    def _loss(self) -> Expression:
        """Everything added up, over the samples divided by their number where the recipe says mean."""
        return self._of_outputs(loss_of_sample(self.recipe.loss, self.recipe.layers[-1]), "total") / self._share()

    # ---- backward ------------------------------------------------------------------------------------

    def _dL_da(self, l: int) -> Expression:  # noqa: N802
        """The slope of the loss; in front of it dL/da[l] = dL/dz[l+1] W[l+1]^T, every path to every next unit."""
        if l == self._last:
            slope = slope_of_loss(self.recipe.loss, self.recipe.layers[-1])
            return self._of_outputs(slope, "row_sum") / self._share()
        return Symbol(f"dL_dz{l + 1}") @ Symbol(f"W{l + 1}").T

    def _dL_dz(self, l: int) -> Expression:  # noqa: N802
        """dL/dz = dL/da f'(z)."""
        choice, dL_da, a = self.recipe.activations[l - 1], Symbol(f"dL_da{l}"), Symbol(f"a{l}")
        if ACTIVATIONS[choice.name].elementwise:
            return dL_da * slope_of(choice, Symbol(f"z{l}"), a)
        # softmax: sum_i dL/da_i a_i ((i = j) - a_j) = a_j (dL/da_j - sum_i dL/da_i a_i)
        return a * (dL_da - Function((dL_da * a,), "row_sum"))

    def _dL_dW(self, l: int) -> Expression:  # noqa: N802
        """dL/dW = a[l-1]^T dL/dz: the sum over the samples is the product's."""
        return self._a_of(l - 1).T @ Symbol(f"dL_dz{l}")

    def _dL_db(self, l: int) -> Expression:  # noqa: N802
        """dL/db = dL/dz, summed over the samples."""
        return Function((Symbol(f"dL_dz{l}"),), "column_sum")

    # ---- from units to matrices ----------------------------------------------------------------------

    def _share(self) -> Number:
        """What the loss is divided by."""
        return Number(self.samples if self.recipe.loss.over_samples == "mean" else 1)

    def _of_outputs(self, expression: Expression, summed: str) -> Expression:
        """A loss's formula of a_k, y_k, p_k for all outputs at once; a sum over the outputs becomes `summed`."""

        def rule(part: Expression) -> Expression | None:
            if isinstance(part, Over):
                return Function((self._of_outputs(part.parts[0], summed),), summed)
            if isinstance(part, Symbol):
                letter = part.name.partition("_")[0]
                return Symbol(f"a{self._last}" if letter == "a" else letter)
            return None

        return replaced(expression, rule)


_TURNED = {"row_sum": "column_sum_kept", "column_sum_kept": "row_sum", "column_sum": "row_sum"}


def transposed(expression: Expression) -> Expression:  # noqa: PLR0911  one for each kind
    """The formula of the transpose, for programs that keep a sample in each column.

    Examples
    --------
    >>> from backlight.derivations import text
    >>> print(text(transposed(Symbol("x").T @ Symbol("dL_dz1"))))
    dL_dz1^T @ x
    """
    match expression:
        case Symbol(name):
            return expression if name == "learning_rate" else expression.T
        case Function((whole,), "transpose"):
            return whole
        case Function((left, right), "matmul"):
            return transposed(right) @ transposed(left)
        case Function(_, "total"):
            return expression
        case Function(_, "softmax"):
            return transposed(written_out(expression))
        case Function((part,), name) if name in _TURNED:
            return Function((transposed(part),), _TURNED[name])
        case Compound(parts):
            return expression.with_parts(tuple(map(transposed, parts)))
    return expression
