"""Can an expression of a program be what belongs there? The verdict of the units, which needs none of its numbers.

It is right to say nothing: only what is in no reading of the program the right thing is a clash.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.units.arithmetic import UnreadableError
from backlight.checks.units.conflicts import ConflictError, Part
from backlight.checks.units.dimensions import bare, dimension, is_array
from backlight.checks.units.reading import Reader
from backlight.checks.units.saying import said, sentence, written
from backlight.checks.units.values import Several, passes
from backlight.faults import TraceError
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backlight.checks.units.dimensions import Orientation
    from backlight.recipes.recipe import Recipe

MOST_SAMPLES = 8
"""Samples are told apart up to this one."""
LONGEST = 2_000
"""Longer expressions are not looked into."""
UNDECIDED = (UnreadableError, ValueError, KeyError, IndexError, TraceError, ArithmeticError)
"""A reading that cannot be: a name or function nobody knows, shapes that do not fit."""


@dataclass(frozen=True)
class Clash:
    """An expression that cannot be what belongs there, whatever the numbers.

    Attributes
    ----------
    where : str
        The part of the expression where it goes wrong, as it is written.
    found, other : str
        What the two things that do not go together are measured in; in the end ``other`` is what is wanted.
    sentence : str
        The same for a student.
    """

    where: str
    found: str
    other: str
    sentence: str


def clash(expression: str, quantities: Mapping[str, str], wanted: str, recipe: Recipe) -> Clash | None:
    """Find where an expression of a program adds or gives what it cannot.

    Parameters
    ----------
    expression : str
        Python, scalar by scalar or with NumPy.
    quantities : mapping of str to str
        Source text of each recognised part, a name, ``d["w5"]`` or ``h1 * (1 - h1)``, and its label: ``dL_dw5``,
        ``h1``, ``da_h1_dz_h1``, ``a1``, ``W2^T``; with a minus sign where it is the opposite.
    wanted : str
        The label of what belongs there.
    recipe : Recipe

    Returns
    -------
    Clash or None
        None where the dimensions agree, and wherever there is doubt: a name that is not recognised, source that is
        not plain arithmetic, and all that is equal to what is wanted up to a constant factor.

    Examples
    --------
    >>> import backlight as bl
    >>> known = {"d_w5": "dL_dw5", "d_w6": "dL_dw6", "h1": "h1", "x1": "x1"}
    >>> found = clash("(d_w5 + d_w6) * h1 * (1 - h1) * x1", known, "dL_dw1", bl.recipe("course"))
    >>> print(found.where)
    d_w5 + d_w6
    >>> print(found.sentence)
    d_w5 is loss per w5, d_w6 is loss per w6: they cannot be added, and neither is loss per w1
    >>> clash("d_w5 * w5 / h1", known | {"w5": "w5"}, "dL_dh1", bl.recipe("course")) is None
    True
    """
    try:
        return _clash(expression.strip(), quantities, wanted, recipe)
    except (RecursionError, MemoryError):
        return None


def _clash(expression: str, quantities: Mapping[str, str], wanted: str, recipe: Recipe) -> Clash | None:
    node = _parsed(expression)
    if node is None or has_lone_softmax(recipe):
        return None
    if bare(wanted) in {"loss", "L"}:  # no loss is made of what is measured in losses
        return None
    labels = {ast.unparse(key): label for text, label in quantities.items() if (key := _parsed(text)) is not None}
    first: Clash | None = None
    for reader in _readers(node, labels, wanted, recipe):
        try:
            conflict = _conflict(reader, node, wanted)
        except UNDECIDED:
            continue
        if conflict is None:
            return None
        first = first or Clash(
            where=written(conflict.where, expression),
            found=said(recipe, conflict.left.dimension),
            other=said(recipe, conflict.right.dimension),
            sentence=sentence(conflict, wanted, recipe, expression),
        )
    return first


def has_lone_softmax(recipe: Recipe) -> bool:
    """Whether a softmax has one unit, which is always 1: what is multiplied by it looks as if it were not."""
    units = zip(recipe.activations, recipe.layers[1:], strict=True)
    return any(number == 1 and not ACTIVATIONS[choice.name].elementwise for choice, number in units)


def _parsed(text: str) -> ast.expr | None:
    """The syntax of an expression; None if it is none."""
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _readers(node: ast.expr, labels: Mapping[str, str], wanted: str, recipe: Recipe) -> Iterator[Reader]:
    """Every way to read the program: scalars in one, arrays as they may keep their samples."""
    found = Reader(recipe, labels, (), "rows").labels_in(node) - {"L", "loss"}
    styles = {is_array(recipe, label) for label in (*found, wanted)}
    if not found or len(styles) > 1 or not all(_has_dimension(recipe, label) for label in (*found, wanted)):
        return
    samples = [int(label.partition("@")[2] or 0) for label in found if label.partition("@")[2].isdigit()]
    number = max(
        [3 if styles == {True} or any(label.endswith("@s") for label in found) else 1, *(s + 1 for s in samples)]
    )
    if number > MOST_SAMPLES:
        return
    orientations: tuple[Orientation, ...] = ("rows", "vector", "columns") if styles == {True} else ("rows",)
    for orientation in orientations:
        through = passes(recipe, 1 if orientation == "vector" else number)
        yield Reader(recipe, labels, through, orientation)


def _has_dimension(recipe: Recipe, label: str) -> bool:
    try:
        dimension(recipe, label)
    except KeyError:
        return False
    return True


def _conflict(reader: Reader, node: ast.expr, wanted: str) -> ConflictError | None:
    """Where the expression goes wrong in one reading; None if it is right, or may be."""
    values = reader.values(node)
    right = Several([one.value(wanted, reader.orientation) for one in reader.through])
    if not np.any(values.flat) or values.is_multiple_of(right) or values.is_multiple_of(right.turned):
        return None
    try:
        own = reader.dimension(node)
    except ConflictError as conflict:
        return conflict
    unit = dimension(reader.recipe, wanted, reader.orientation)
    if own is None or own.essence == unit.essence:
        return None
    return ConflictError("result", node, Part((node,), own), Part((), unit))
