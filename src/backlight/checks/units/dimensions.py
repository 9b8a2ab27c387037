"""What is a quantity measured in? The loss, what each unit sums up and what it gives have a dimension each.

All others follow: a weight turns what one unit gives into what another sums up, so w5 has z_o1 / h1; a derivative has
the dimension of a quotient. The axes of an array carry the dimensions of the units that they run over. No numbers
here; what belongs to no single dimension, as the learning rate, has none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from backlight.faults import TraceError
from backlight.recipes.labels import parameter_labels, place, unit_labels

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe

Powers = frozenset[tuple[str, int]]
"""Base dimensions with their exponents; what has exponent 0 is not in it."""
Orientation = Literal["rows", "vector", "columns"]
"""A sample in each row; one sample without an axis of its own; a sample in each column."""
NONE: Powers = frozenset()
SAMPLES, ONE = "the samples", "one"
"""What an axis may run over, beside a layer's units: ONE is an axis of length 1."""


class UnlikeAxesError(ValueError):
    """Two arrays meet number by number along axes that run over different things."""


@dataclass(frozen=True)
class Axis:
    """What an axis runs over, and the dimension that each entry has by its place along it."""

    over: str
    powers: Powers = NONE


@dataclass(frozen=True)
class Dimension:
    """A product of base dimensions, and for an array what each axis brings into it.

    Examples
    --------
    >>> loss, z = Dimension(frozenset({("L", 1)})), Dimension(frozenset({("z_o1", 1)}))
    >>> sorted((loss / z).powers), (loss / z) * z == loss
    ([('L', 1), ('z_o1', -1)], True)
    """

    powers: Powers = NONE
    axes: tuple[Axis, ...] = ()

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(_times(self.powers, other.powers), _side_by_side(self.axes, other.axes))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, exponent: int) -> Dimension:
        axes = tuple(replace(axis, powers=_power(axis.powers, exponent)) for axis in self.axes)
        return Dimension(_power(self.powers, exponent), axes)

    @property
    def T(self) -> Dimension:  # noqa: N802  as NumPy calls it
        """The dimension of the transpose."""
        return Dimension(self.powers, self.axes[::-1])

    @property
    def essence(self) -> tuple[Powers, frozenset[Axis]]:
        """What is left when it does not matter how an array is turned, nor whether it keeps an axis of length 1."""
        return self.powers, frozenset(axis for axis in self.axes if axis.over != ONE)


PLAIN = Dimension()
"""A number without a dimension: 2, 1/N."""


def _times(one: Powers, other: Powers) -> Powers:
    total = Counter(dict(one))
    total.update(dict(other))
    return frozenset((base, power) for base, power in total.items() if power)


def _power(powers: Powers, exponent: int) -> Powers:
    return frozenset((base, power * exponent) for base, power in powers if exponent)


def _side_by_side(one: tuple[Axis, ...], other: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of a product number by number, lined up at their ends as NumPy does."""
    length = max(len(one), len(other))
    padded = ((Axis(ONE),) * (length - len(axes)) + axes for axes in (one, other))
    return tuple(_together(left, right) for left, right in zip(*padded, strict=True))


def _together(left: Axis, right: Axis) -> Axis:
    if ONE not in {left.over, right.over} and left.over != right.over:
        raise UnlikeAxesError
    return Axis(right.over if left.over == ONE else left.over, _times(left.powers, right.powers))


_DERIVATIVE = re.compile(r"d(?P<of>.+)_d(?P<by>.+)")
_OF_LAYER = re.compile(r"(?P<kind>[zaWb])(?P<layer>[1-9]\d*)")


def bare(label: str) -> str:
    """A label without its sign and its sample; a unit's output goes by the unit's name.

    Examples
    --------
    >>> bare("-dL_dw5"), bare("h2@3"), bare("a_h1")
    ('dL_dw5', 'h2', 'h1')
    """
    return label.removeprefix("-").partition("@")[0].removeprefix("a_")


@lru_cache(maxsize=4096)
def dimension(recipe: Recipe, label: str, orientation: Orientation = "rows") -> Dimension:
    """Find what a quantity of a recipe's network is measured in.

    Parameters
    ----------
    recipe : Recipe
    label : str
        A scalar or an array by its name in `recipes/labels` or in a trace: ``dL_dw5``, ``z_h1``, ``dL_dW2``;
        ``da_h1_dz_h1`` and ``da1_dz1`` are slopes. A minus sign in front and a sample behind say nothing of the
        dimension; with ^T behind it an array is turned.
    orientation : {"rows", "vector", "columns"}
        How arrays keep the samples.

    Raises
    ------
    KeyError
        There is no such quantity, or it has no dimension of its own, as the learning rate.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> dimension(course, "dL_dw5") * dimension(course, "w5") == dimension(course, "loss")
    True
    >>> [axis.over for axis in dimension(course, "dL_dz1").axes]
    ['the samples', 'layer 1']
    """
    if label.endswith("^T"):
        return dimension(recipe, label[:-2], orientation).T
    name = bare(label)
    if name in {"L", "loss"}:
        return Dimension(frozenset({("L", 1)}))
    if derivative := _DERIVATIVE.fullmatch(name):
        below = dimension(recipe, derivative["by"], orientation)
        above = dimension(recipe, derivative["of"], orientation)
        return above / below
    array = _array(recipe, name)
    return _scalar(recipe, name) if array is None else _turned(array, name, orientation)


def scalars(recipe: Recipe) -> list[str]:
    """Every scalar that is no derivative: what units give and sum up, then the parameters."""
    units = unit_labels(recipe.layers)
    given = [unit for layer in units for unit in layer]
    return [*given, *(f"z_{unit}" for layer in units[1:] for unit in layer), *parameter_labels(recipe)]


def is_array(recipe: Recipe, label: str) -> bool:
    """Whether a label names an array, not a scalar."""
    try:
        return bool(dimension(recipe, label).axes)
    except KeyError:
        return False


def layer_of(recipe: Recipe, label: str) -> int | None:
    """The layer whose units a z, an a, a slope, a y or a p belongs to; None for all other quantities."""
    name = bare(label.removesuffix("^T"))
    if derivative := _DERIVATIVE.fullmatch(name):
        of_loss = derivative["of"] == "L"
        below = layer_of(recipe, derivative["by"])
        return None if of_loss and (below is None or _kind(recipe, derivative["by"]) == "z") else below
    return _layer(recipe, name) or None if _kind(recipe, name) in {"z", "a", "y", "p"} else None


def unit_of(recipe: Recipe, label: str) -> int:
    """Which unit of its layer a scalar of a layer belongs to, counted from 0."""
    name = bare(label)
    derivative = _DERIVATIVE.fullmatch(name)
    return place(recipe, bare(derivative["by"]) if derivative else name).index[-1]


def _kind(recipe: Recipe, name: str) -> str:
    return _quantity(recipe, name).rstrip("0123456789")


def _layer(recipe: Recipe, name: str) -> int:
    quantity = _quantity(recipe, name)
    return len(recipe.layers) - 1 if quantity in {"y", "p"} else int(quantity.lstrip("xzaWb") or 0)


def _quantity(recipe: Recipe, name: str) -> str:
    """The array that a name is, or is an entry of."""
    if name in {"x", "y", "p"} or _OF_LAYER.fullmatch(name):
        return name
    try:
        return place(recipe, bare(name)).quantity
    except TraceError:
        raise KeyError(name) from None


def _array(recipe: Recipe, name: str) -> Dimension | None:
    """The dimension of x, y, p, or of a layer's z, a, W, b, with a sample in each row."""
    last = len(recipe.layers) - 1
    if name in {"x", "y", "p"}:
        return Dimension(axes=(Axis(SAMPLES), _axis(recipe, "a", 0 if name == "x" else last)))
    of_layer = _OF_LAYER.fullmatch(name)
    if not of_layer or int(of_layer["layer"]) > last or (of_layer["kind"] == "b" and not recipe.network.biases):
        return None
    kind, l = of_layer["kind"], int(of_layer["layer"])
    if kind in {"z", "a"}:
        return Dimension(axes=(Axis(SAMPLES), _axis(recipe, kind, l)))
    sums = _axis(recipe, "z", l)
    return Dimension(axes=(sums,) if kind == "b" else (_axis(recipe, "a", l - 1, power=-1), sums))


def _turned(array: Dimension, name: str, orientation: Orientation) -> Dimension:
    """An array in a program that keeps its samples otherwise; weights stay as they are."""
    if orientation == "rows" or name[0] == "W":
        return array
    units = array.axes[-1]
    if orientation == "vector":
        return Dimension(axes=(units,))
    return Dimension(axes=(units, Axis(ONE) if name[0] == "b" else Axis(SAMPLES)))


def _axis(recipe: Recipe, kind: str, l: int, power: int = 1) -> Axis:
    base = "x" if l == 0 else f"{_base(recipe, kind, l)}{l}"
    return Axis(f"layer {l}", frozenset({(base, power)}))


def _base(recipe: Recipe, kind: str, l: int) -> str:
    """An identity gives what it gets: a is z, and is measured in the same."""
    return "a" if kind == "z" and recipe.activations[l - 1].name == "identity" else kind


def _scalar(recipe: Recipe, name: str) -> Dimension:
    """The dimension of x1, y1, h1, z_h1, b_h1, w1 or an entry W1[0,1]."""
    try:
        where = place(recipe, name)
        units = unit_labels(recipe.layers)
        kind, l = _kind(recipe, name), _layer(recipe, name)
        last, unit = len(recipe.layers) - 1, where.index[-1]
        if len(where.index) != (1 if kind == "b" else 2):
            raise KeyError(name)
        if kind in {"x", "y", "p", "a"}:
            return Dimension(frozenset({(units[last if kind in {"y", "p"} else l][unit], 1)}))
        if kind not in {"z", "b", "W"} or l > last:
            raise KeyError(name)
        here = units[l][unit]
        sums = Dimension(frozenset({(here if _base(recipe, "z", l) == "a" else f"z_{here}", 1)}))
        return sums / Dimension(frozenset({(units[l - 1][where.index[0]], 1)})) if kind == "W" else sums
    except (TraceError, IndexError, ValueError):
        raise KeyError(name) from None
