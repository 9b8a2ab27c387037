"""Why is each number what it is? Every scalar of one iteration by its name, one step deep.

The names are those of `recipes/labels`; with several samples a name ends with its sample, h1@3, and h1@s is the
formula for any of them. w1' is w1 after the update. The derivation itself is in `chain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.derivations.chain import ANY, Chain
from backlight.derivations.expression import Expression, Symbol
from backlight.recipes.functions import LOSSES
from backlight.recipes.labels import known_place, label, parameter_labels

if TYPE_CHECKING:
    from backlight.recipes.labels import Place
    from backlight.recipes.recipe import Recipe

_SAMPLE = re.compile(rf"(?P<name>.+)@(?P<sample>\d+|{ANY})")
LAYERED = re.compile(r"(?P<kind>z|a|dL_da|dL_dz|dL_dW|dL_db)(?P<layer>[1-9]\d*)")
"""The quantities of a layer that have a formula, in a trace's names: dL_dz2."""


@dataclass(frozen=True)
class Scalars(Mapping[str, Expression]):
    """The formulas of a recipe's iteration by the names of its scalars, in the order of computing.

    What is given (x1, y1, w1, b_h1, learning_rate) has no formula, and so has w1' of an optimizer that remembers.

    Parameters
    ----------
    recipe : Recipe
    samples : int
        How many samples the batch has, at least 1.

    Examples
    --------
    >>> import backlight as bl
    >>> from backlight.derivations import Scalars, text
    >>> course = Scalars(bl.recipe("course"))
    >>> for name in ("z_h1", "h1", "dL_do1", "dL_dz_o1", "dL_dh1", "dL_dw1", "w1'"):
    ...     print(name, "=", text(course[name]))
    z_h1 = w1 x1 + w3 x2
    h1 = sigmoid(z_h1)
    dL_do1 = o1 - y1
    dL_dz_o1 = dL_do1 o1 (1 - o1)
    dL_dh1 = dL_dz_o1 w5 + dL_dz_o2 w6
    dL_dw1 = dL_dz_h1 x1
    w1' = w1 - learning_rate dL_dw1
    >>> print(text(Scalars(bl.recipe("course"), samples=4)["dL_dw1"]))
    sum_s dL_dz_h1@s x1@s
    """

    recipe: Recipe
    samples: int = 1

    def __getitem__(self, name: str) -> Expression:
        """Give the formula of a scalar.

        Raises
        ------
        KeyError
            It is given, or no scalar of this network has that name.
        """
        if name.endswith("'") and name[:-1] in self._updated():
            return Symbol(name[:-1]) - Symbol("learning_rate") * Symbol(f"dL_d{name[:-1]}")
        of_sample = _SAMPLE.fullmatch(name)
        sample = of_sample["sample"] if of_sample else "0"
        where = known_place(self.recipe, of_sample["name"] if of_sample else name)
        if where is None:
            raise KeyError(name)
        formula = self._formula(where, Chain(self.recipe, self.samples, sample))
        if formula is None or (sample != ANY and int(sample) >= self.samples):
            raise KeyError(name)
        return formula

    def __iter__(self) -> Iterator[str]:
        """Every name that has a formula: forward, the loss, backward, the update."""
        layers = self.recipe.layers
        n = len(layers) - 1
        for l in range(1, n + 1):
            yield from self._of_samples(f"z{l}", layers[l])
            yield from self._of_samples(f"a{l}", layers[l])
        if LOSSES[self.recipe.loss.name].inner:
            yield from self._of_samples("p", layers[n])
        yield "loss"
        for l in range(n, 0, -1):
            yield from self._of_samples(f"dL_da{l}", layers[l])
            yield from self._of_samples(f"dL_dz{l}", layers[l])
            yield from (f"dL_d{name}" for name, at in self._parameters.items() if at.quantity in {f"W{l}", f"b{l}"})
        yield from (f"{name}'" for name in self._updated())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def _parameters(self) -> dict[str, Place]:
        """Every scalar parameter, frozen ones too."""
        return parameter_labels(self.recipe)

    def _updated(self) -> list[str]:
        """The parameters that the plain rule w' = w - learning_rate dL/dw changes."""
        if not updates_plainly(self.recipe):
            return []
        trains_biases = self.recipe.parameters.train_biases
        return [name for name, at in self._parameters.items() if at.quantity[0] == "W" or trains_biases]

    def _of_samples(self, quantity: str, units: int) -> Iterator[str]:
        """The names of a quantity's scalars, sample by sample."""
        return (label(self.recipe, quantity, (s, j)) for s in range(self.samples) for j in range(units))

    def _formula(self, where: Place, chain: Chain) -> Expression | None:
        """The formula of what stands at a place of a trace; None where it is given."""
        if where.quantity == "loss":
            return chain.loss()
        if where.quantity == "p":
            return chain.p(where.index[-1]) if LOSSES[self.recipe.loss.name].inner else None
        layered = LAYERED.fullmatch(where.quantity)
        if layered is None:
            return None
        index = where.index if layered["kind"] in {"dL_dW", "dL_db"} else where.index[1:]
        formula: Expression = getattr(chain, layered["kind"])(int(layered["layer"]), *index)
        return formula


def updates_plainly(recipe: Recipe) -> bool:
    """Whether the update is w' = w - learning_rate dL/dw, without momentum or another memory."""
    options = recipe.training.options
    return recipe.training.optimizer == "sgd" and not options["momentum"] and not options["weight_decay"]
