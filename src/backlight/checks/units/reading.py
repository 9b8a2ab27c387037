"""Walks an expression from its leaves up and says what each part is measured in, or where that cannot be.

Products multiply dimensions, sums need equal ones, a matrix product needs that what it adds up is alike. What is in
doubt has no dimension and is never held against anybody: a number beside a quantity, as 1 - h alone, a target outside
of an error that was recognised, terms that differ by a power of one unit's output (a slope multiplied out).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.units.arithmetic import (
    is_number,
    is_size,
    number,
    operation,
    outer,
    summation,
    transposed,
    value,
)
from backlight.checks.units.conflicts import ConflictError, Part
from backlight.checks.units.dimensions import (
    ONE,
    PLAIN,
    Axis,
    Dimension,
    UnlikeAxesError,
    bare,
    dimension,
    layer_of,
    scalars,
)
from backlight.checks.units.forms import Factor, forms
from backlight.checks.units.values import Several
from backlight.recipes.functions import ACTIVATIONS, LOSSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.units.dimensions import Orientation, Powers
    from backlight.checks.units.values import Pass
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

HIGHEST = 4
"""Powers above this are not looked into."""


@dataclass(frozen=True)
class Reader:
    """Reads an expression in one way that a program may keep its arrays."""

    recipe: Recipe
    labels: Mapping[str, str]
    through: Sequence[Pass]
    orientation: Orientation

    # ---- what is recognised ------------------------------------------------------------------------------

    def label(self, node: ast.expr) -> str | None:
        """The quantity that a part was recognised as."""
        return self.labels.get(ast.unparse(node))

    def labels_in(self, node: ast.expr) -> frozenset[str]:
        """All quantities in an expression."""
        if (label := self.label(node)) is not None:
            return frozenset({label})
        if is_size(node):
            return frozenset()
        children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return frozenset[str]().union(*map(self.labels_in, children))

    def values(self, node: ast.expr) -> Several:
        """What an expression is in every pass."""
        with np.errstate(all="ignore"):
            return Several([value(node, partial(self._known, one)) for one in self.through])

    def _known(self, one: Pass, part: ast.expr) -> Array | None:
        label = self.label(part)
        return None if label is None else one.value(label, self.orientation)

    # ---- products ----------------------------------------------------------------------------------------

    def dimension(self, node: ast.expr) -> Dimension | None:
        """What an expression is measured in; None where there is doubt.

        Raises
        ------
        ConflictError
            It cannot be measured in anything.
        """
        if (label := self.label(node)) is not None:
            return dimension(self.recipe, label, self.orientation)
        found, left = forms(self._factors(node), self.recipe, self.through, self.orientation)
        parts = [Part(tuple(one.node for one in form.factors), form.dimension) for form in found if form.dimension]
        doubt = self._pairs_of_softmax(left) or len(parts) < len(found)
        for factor in left:
            own = self._factor(factor)
            doubt |= own is None
            parts += [Part((factor.node,), own**factor.power)] if own is not None else []
        return self._product(node, parts, doubt=doubt)

    def _factors(self, node: ast.expr, power: int = 1) -> list[Factor]:
        """The factors of a product of any depth; a sign is no factor."""
        if self.label(node) is None:
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
                return self._factors(node.operand, power)
            two = operation(node)
            if two and isinstance(two[0], ast.Mult | ast.Div):
                turned = power if isinstance(two[0], ast.Mult) else -power
                return self._factors(two[1], power) + self._factors(two[2], turned)
        label = self.label(transposed(node) or node)
        is_plain = label is not None and bare(label)[0] not in "yp"
        return [Factor(node, power, self.labels_in(node), is_plain, self.values(node))]

    def _has_target(self, node: ast.expr) -> bool:
        """Whether an error may hide in it: what a difference to the target is measured in depends on the loss."""
        return any(bare(label)[0] in "yp" for label in self.labels_in(node))

    def _pairs_of_softmax(self, factors: Sequence[Factor]) -> bool:
        """Whether two outputs of a softmax are multiplied, which may be one of its slopes."""
        return sum(factor.is_plain and self._is_of_softmax(*factor.labels) for factor in factors) > 1

    def _is_of_softmax(self, *labels: str) -> bool:
        layers = {layer_of(self.recipe, label) for label in labels} - {None}
        return any(not ACTIVATIONS[self.recipe.activations[l - 1].name].elementwise for l in layers if l)

    def _product(self, node: ast.expr, parts: Sequence[Part], *, doubt: bool) -> Dimension | None:
        for left, right in combinations(parts, 2):
            try:
                left.dimension * right.dimension
            except UnlikeAxesError:
                raise ConflictError("product", node, left, right) from None
        total = PLAIN
        for part in parts:
            total = total * part.dimension
        return None if doubt else total

    def _factor(self, factor: Factor) -> Dimension | None:  # noqa: PLR0911  one for each kind
        """What one factor is measured in that is no product."""
        node = factor.node
        if not factor.labels:
            return PLAIN
        if (label := self.label(node)) is not None:
            return dimension(self.recipe, label, self.orientation) if factor.is_plain else None
        if (two := operation(node)) is not None:
            operator, left, right = two
            if isinstance(operator, ast.Add | ast.Sub):
                return self._sum(node)
            if isinstance(operator, ast.MatMult):
                return self._matrix_product(node, left, right)
            return self._power(left, right) if isinstance(operator, ast.Pow) else None
        if (turned := transposed(node)) is not None:
            own = self.dimension(turned)
            return own and own.T
        if (pair := outer(node)) is not None:
            return self._outer(*pair)
        return self._summed(node)

    def _power(self, base: ast.expr, exponent: ast.expr) -> Dimension | None:
        own = None if self._has_target(base) else self.dimension(base)
        if own is None or not is_number(exponent) or number(exponent) not in range(1, HIGHEST + 1):
            return None
        return own ** int(number(exponent))

    # ---- sums --------------------------------------------------------------------------------------------

    def _sum(self, node: ast.expr) -> Dimension | None:
        """Terms of equal dimension; a term without one leaves the sum in doubt."""
        parts, doubt = list[Part](), False
        for term in self._terms(node):
            if is_number(term) and number(term) == 0:
                continue
            own = self.dimension(term) if self.labels_in(term) else None
            doubt |= own is None
            parts += [Part((term,), own)] if own is not None else []
        for part in parts[1:]:
            difference = _difference(parts[0].dimension, part.dimension)
            if not difference:
                continue
            if self._may_be_a_slope(difference) or self._mixes_units(node):
                return None
            return self._quantity(node) or self._clash(node, parts[0], part)
        if doubt or self._has_target(node):
            return None
        return max((part.dimension for part in parts), key=lambda one: len(one.axes))

    def _clash(self, node: ast.expr, left: Part, right: Part) -> Dimension:
        raise ConflictError("sum", node, left, right)

    def _terms(self, node: ast.expr) -> list[ast.expr]:
        """The terms of a sum of any depth."""
        two = operation(node) if self.label(node) is None else None
        if two and isinstance(two[0], ast.Add | ast.Sub):
            return self._terms(two[1]) + self._terms(two[2])
        return [node]

    def _may_be_a_slope(self, difference: frozenset[str]) -> bool:
        """Whether terms differ by a power of what one unit, or the units of one layer, give."""
        return len(difference) == 1 and not any(base == "L" or base[0] in "xz" for base in difference)

    def _mixes_units(self, node: ast.expr) -> bool:
        """Whether units are added up by right: a softmax does, and so do the targets of a distribution."""
        is_distribution = LOSSES[self.recipe.loss.name].targets == "distribution"
        return self._is_of_softmax(*self.labels_in(node)) or (is_distribution and self._has_target(node))

    def _quantity(self, node: ast.expr) -> Dimension | None:
        """What a sum of unlike terms is after all, if its numbers are a quantity's: a rewriting that is right."""
        values = self.values(node)
        for name in self._all_quantities(is_array=values.values[0].ndim > 0):
            quantity = Several([one.value(name, self.orientation) for one in self.through])
            if values.is_multiple_of(quantity):
                return dimension(self.recipe, name, self.orientation)
        return None

    def _all_quantities(self, *, is_array: bool) -> list[str]:
        """Every array that a pass computes and that has a dimension, or every scalar."""
        if is_array:
            return [name for name in self.through[0].arrays if name not in {"loss", "y", "p"}]
        names = [name for name in scalars(self.recipe) if name[0] != "x"]
        return [*names, *(f"dL_d{name}" for name in names)]

    # ---- arrays ------------------------------------------------------------------------------------------

    def _matrix_product(self, node: ast.expr, left: ast.expr, right: ast.expr) -> Dimension | None:
        """Adds up over the last axis of the left and the first of the right: entry by entry the same dimension."""
        one, other = self.dimension(left), self.dimension(right)
        if one is None or other is None:
            return None
        if not one.axes or not other.axes:
            raise ValueError("a matrix product of numbers")
        inner, outer_ = one.axes[-1], other.axes[0]
        if inner.over != outer_.over or (Dimension(inner.powers) * Dimension(outer_.powers)).powers:
            raise ConflictError("index", node, Part((left,), one), Part((right,), other))
        powers = (Dimension(one.powers) * Dimension(other.powers)).powers
        return Dimension(powers, one.axes[:-1] + other.axes[1:])

    def _outer(self, left: ast.expr, right: ast.expr) -> Dimension | None:
        """Each number of the one with each of the other; only for one sample."""
        one, other = self.dimension(left), self.dimension(right)
        if one is None or other is None:
            return None
        if len(one.axes) != 1 or len(other.axes) != 1:
            raise ValueError("an outer product of more than two rows of numbers")
        return Dimension((Dimension(one.powers) * Dimension(other.powers)).powers, one.axes + other.axes)

    def _summed(self, node: ast.expr) -> Dimension | None:
        """Adds up along one axis or along all; over units only what is alike for all of them."""
        summed = summation(node)
        own = summed and self.dimension(summed[1])
        if summed is None or own is None or self._has_target(node):
            return None
        _function, part, options = summed
        axis, all_axes = options.get("axis"), range(len(own.axes))
        gone = set(all_axes) if axis is None else {all_axes[axis]} if -len(all_axes) <= axis < len(all_axes) else None
        if gone is None:
            raise ValueError("no such axis")
        if any(own.axes[one].powers for one in gone):
            raise ConflictError("units", node, Part((part,), own), Part((part,), own))
        kept = [
            Axis(ONE) if one in gone else own.axes[one]
            for one in all_axes
            if options.get("keepdims") or one not in gone
        ]
        return Dimension(own.powers, tuple(kept))


def _difference(one: Dimension, other: Dimension) -> frozenset[str]:
    """The bases by which two dimensions differ; what they run over, if that differs."""
    try:
        ratio = one / other
    except UnlikeAxesError:
        return frozenset({"L"})
    powers: Powers = ratio.powers.union(*(axis.powers for axis in ratio.axes))
    return frozenset(base for base, _power in powers)
