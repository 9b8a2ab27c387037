"""What something is measured in, and what does not go together, in a student's words: loss per w5, h1 per z_h1."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from backlight.checks.units.dimensions import ONE, SAMPLES, Dimension, dimension, scalars
from backlight.language import _, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.units.conflicts import ConflictError, Part
    from backlight.checks.units.dimensions import Powers
    from backlight.recipes.recipe import Recipe

NOT_ADDED = marked("{left} is {left_unit}, {right} is {right_unit}: they cannot be added")
NOT_SUBTRACTED = marked("{left} is {left_unit}, {right} is {right_unit}: one cannot be subtracted from the other")
NEITHER = marked("{sentence}, and neither is {wanted_unit}")
SENTENCES = {
    "product": marked(
        "{where} multiplies {left} and {right} number by number, but one has {left_axes}, the other {right_axes}"
    ),
    "index": marked(
        "{where} adds up over the columns of {left} and the rows of {right}: {left} is {left_unit}, {right} is "
        "{right_unit}, and this gives terms that cannot be added"
    ),
    "units": marked("{where} adds up {left} over different units: it is {left_unit}, for each unit another one"),
    "result": marked("{left} is {left_unit}, but {right} is {right_unit}"),
}


def said(recipe: Recipe, measured: Dimension) -> str:
    """What is measured in a dimension, as one reads it.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> for label in ("dL_dw5", "dL_dz_h1", "w5", "da_h1_dz_h1", "dL_dW2", "loss"):
    ...     print(label, "is", said(course, dimension(course, label)))
    dL_dw5 is loss per w5
    dL_dz_h1 is loss per z_h1
    w5 is in units of w5
    da_h1_dz_h1 is h1 per z_h1
    dL_dW2 is loss per W2
    loss is a loss
    """
    loss = dimension(recipe, "loss")
    if measured.essence == loss.essence:
        return _("a loss")
    if not measured.powers and not any(axis.powers for axis in measured.axes):
        return _("a plain number")
    for name, named in _names(recipe, is_array=bool(measured.axes)):
        if measured.essence == named.essence:
            return _("in units of {name}").format(name=name)
        if measured.essence == (loss / named).essence:
            return _("loss per {name}").format(name=name)
    return _spelt_out(measured)


def sentence(conflict: ConflictError, wanted: str, recipe: Recipe, source: str) -> str:
    """Say in one sentence what does not go together.

    Parameters
    ----------
    conflict : ConflictError
    wanted : str
        The label of what belongs there.
    recipe : Recipe
    source : str
        The whole expression.
    """
    left, right = conflict.left, conflict.right
    parts = {
        "where": written(conflict.where, source),
        "left": _named(left, source),
        "right": _named(right, source) if right.nodes else wanted,
        "left_unit": said(recipe, left.dimension),
        "right_unit": said(recipe, right.dimension),
        "left_axes": _axes(left.dimension),
        "right_axes": _axes(right.dimension),
    }
    if conflict.kind != "sum":
        return _(SENTENCES[conflict.kind]).format(**parts)
    is_difference = isinstance(conflict.where, ast.BinOp) and isinstance(conflict.where.op, ast.Sub)
    said_so = _(NOT_SUBTRACTED if is_difference else NOT_ADDED).format(**parts)
    unit = dimension(recipe, wanted)
    if unit.essence in {left.dimension.essence, right.dimension.essence}:
        return said_so
    return _(NEITHER).format(sentence=said_so, wanted_unit=said(recipe, unit))


def written(node: ast.expr, source: str) -> str:
    """A part of the expression as it stands there."""
    return ast.get_source_segment(source, node) or ast.unparse(node)


def _named(part: Part, source: str) -> str:
    """Factors that are together one thing, as a product."""
    if len(part.nodes) == 1:
        return written(part.nodes[0], source)
    return " * ".join(f"({one})" if " " in one else one for one in (written(node, source) for node in part.nodes))


def _names(recipe: Recipe, *, is_array: bool) -> Iterator[tuple[str, Dimension]]:
    """Everything that a dimension may be named after: what units give and sum up, then parameters."""
    last = len(recipe.layers) - 1
    arrays = ["x", *(f"{kind}{l}" for kind in "azWb" for l in range(1, last + 1))]
    for name in arrays if is_array else scalars(recipe):
        try:
            yield name, dimension(recipe, name)
        except KeyError:
            continue


def _spelt_out(measured: Dimension) -> str:
    """The bases with their exponents, above and below."""
    powers: Powers = measured.powers.union(*(axis.powers for axis in measured.axes))
    above, below = (
        "·".join(
            (_("loss") if base == "L" else base) + ("" if abs(power) == 1 else f"^{abs(power)}")
            for base, power in sorted(powers)
            if (power > 0) == is_above
        )
        for is_above in (True, False)
    )
    if not below:
        return _("in units of {name}").format(name=above)
    if above == _("loss"):
        return _("loss per {name}").format(name=below)
    return _("{above} per {below}").format(above=above or "1", below=below)


def _axes(measured: Dimension) -> str:
    """What the rows and columns are."""
    kinds = {SAMPLES: _("samples"), ONE: _("one")}
    axes = [
        kinds.get(axis.over) or _("units of layer {layer}").format(layer=axis.over.removeprefix("layer "))
        for axis in measured.axes
    ]
    if len(axes) < 2:  # noqa: PLR2004  no rows and columns
        return "".join(axes)
    return _("{rows} in its rows and {columns} in its columns").format(rows=axes[0], columns=axes[1])
