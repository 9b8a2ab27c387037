"""What do the records of `recipes/functions` say about this recipe, as formulas of its own quantities?

The functions' formulas and derivatives are taken from the records' texts, so that what is explained is what is
documented; the tests hold both against the engines. Options stand in a formula as the numbers that were written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from backlight.derivations.expression import Expression, Function, Number, Over, Symbol, added, replaced
from backlight.derivations.reading import Said, said
from backlight.recipes.functions import ACTIVATIONS, LOSSES

if TYPE_CHECKING:
    from backlight.recipes.fields import ActivationChoice, LossSection

OfUnit = Callable[[str, int], Expression]
"""Gives the quantity that a record calls by a letter (a, y, z, p), of one unit."""


@cache
def formula(activation: str) -> Said:
    """a as a formula of z (of z_i and all z_j for softmax)."""
    return said(ACTIVATIONS[activation].formula)


@cache
def slope(activation: str) -> Expression:
    """da/dz as a formula of z and a (da_i/dz_j for softmax)."""
    return said(ACTIVATIONS[activation].derivative, formula(activation).definitions).formula


def activated(choice: ActivationChoice, z: Expression) -> Expression:
    """f(z), by its name where that says all, else by its formula."""
    if choice.name == "identity" or choice.options:
        return with_symbols(formula(choice.name).formula, {"z": z} | _numbers(choice.options))
    return Function((z,), choice.name)


def slope_of(choice: ActivationChoice, z: Expression, a: Expression) -> Expression:
    """f'(z)."""
    return with_symbols(slope(choice.name), {"z": z, "a": a} | _numbers(choice.options))


def written_out(function: Function) -> Expression:
    """An activation that is named, by its formula; of a softmax in each row of a matrix."""
    (z,) = function.parts
    if function.name == "softmax":
        return Function((z,), "exp") / Function((Function((z,), "exp"),), "row_sum")
    return with_symbols(formula(function.name).formula, {"z": z})


def loss_of_sample(loss: LossSection, outputs: int) -> Expression:
    """The loss of one sample, a sum over k, with its options and the number of outputs K filled in."""
    return with_symbols(said(LOSSES[loss.name].formula).formula, {"K": Number(outputs)} | _numbers(loss.options))


def slope_of_loss(loss: LossSection, outputs: int) -> Expression:
    """dL/da_k of one sample's loss, with its options and the number of outputs K filled in."""
    definitions = said(LOSSES[loss.name].formula).definitions
    derivative = said(LOSSES[loss.name].derivative, definitions).formula
    return with_symbols(derivative, {"K": Number(outputs)} | _numbers(loss.options))


def with_symbols(expression: Expression, meanings: Mapping[str, Expression]) -> Expression:
    """The formula with other formulas in the place of names."""
    return replaced(expression, lambda part: meanings.get(part.name) if isinstance(part, Symbol) else None)


def of_units(expression: Expression, of_unit: OfUnit, units: int, **index: int) -> Expression:
    """Spell a formula out: a_k becomes the quantity of its unit, sum_j a sum over all units, (i = j) 1 or 0.

    Examples
    --------
    >>> of_units(said("L = sum_j y_j").formula, lambda letter, unit: Symbol(f"{letter}{unit + 1}"), 2)
    Sum(parts=(Symbol(name='y1'), Symbol(name='y2')))
    """

    def rule(part: Expression) -> Expression | None:
        if isinstance(part, Over):
            return added(*(of_units(part.parts[0], of_unit, units, **index | {part.index: i}) for i in range(units)))
        if isinstance(part, Function) and part.name == "same":
            one, other = (index[side.name] for side in part.parts if isinstance(side, Symbol))
            return Number(int(one == other))
        if isinstance(part, Symbol):
            letter, _, unit = part.name.partition("_")
            return of_unit(letter, index[unit]) if unit in index else None
        return None

    return replaced(expression, rule)


def _numbers(options: Mapping[str, float]) -> dict[str, Expression]:
    """Options as numbers in a formula."""
    return {name: Number(value) for name, value in options.items()}
