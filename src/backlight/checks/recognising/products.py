"""Which two operands of an expression are multiplied as matrices, and whether a value is their product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

MOST_WORK = 60_000_000
"""Products in one matrix product that is still multiplied out."""


def factors(one: Array, other: Array, what: str) -> Iterator[tuple[Array, Array]]:
    """Two operands as the matrices whose product they may be: (rows, k) and (k, columns)."""
    if one.size == 1 or other.size == 1:
        yield from _of_numbers(one, other, what)
        if not (what == "call" and one.ndim == other.ndim == 2):  # noqa: PLR2004
            return
    if max(one.ndim, other.ndim) > 2:  # noqa: PLR2004
        return
    ways = list(_starred(one, other)) if what == "*" else list(_multiplied(one, other, what))
    for first, second in ways:
        if first.shape[1] == second.shape[0] and first.size * second.shape[1] <= MOST_WORK:
            yield first, second


def _of_numbers(one: Array, other: Array, what: str) -> Iterator[tuple[Array, Array]]:
    """At least one operand is a single number."""
    if what == "@" and one.ndim == other.ndim == 2:  # noqa: PLR2004
        yield one, other
    elif one.size == 1 and other.size == 1:
        yield one.reshape(1, 1), other.reshape(1, 1)
    elif _is_flat(one) and _is_flat(other):
        vector, single = (other, one) if one.size == 1 else (one, other)
        yield vector.reshape(-1, 1), single.reshape(1, 1)


def _multiplied(one: Array, other: Array, what: str) -> Iterator[tuple[Array, Array]]:
    """Matrices and vectors; a call may turn them round."""
    left = one if one.ndim == 2 else one.reshape(1, -1)  # noqa: PLR2004
    right = other if other.ndim == 2 else other.reshape(-1, 1)  # noqa: PLR2004
    yield left, right
    if what in {"call", "sum"}:
        yield from [(left, right.T), (left.T, right), (right, left), (right.T, left), (right, left.T)]


def is_product(value: Array, left: Array, right: Array, precision: str, *, scale: float = 0.0) -> bool:
    """Whether a value is a product up to rounding, that of what was added to it with a size included."""
    if value.size != left.shape[0] * right.shape[1] or not np.isfinite(value).all():
        return False
    with np.errstate(all="ignore"):
        product = left @ right
        size = float((np.abs(left) @ np.abs(right)).max()) + scale
        near = np.abs(value.ravel() - product.ravel()) <= ROUNDING[precision] * max(size, 1e-300)
    return bool(near.all())


def _starred(one: Array, other: Array) -> Iterator[tuple[Array, Array]]:
    """What ``*`` multiplies as matrices: those of np.matrix, and a column times a row."""
    row = other.reshape(1, -1) if other.ndim == 1 else other
    if one.ndim == row.ndim == 2:  # noqa: PLR2004
        yield one, row


def _is_flat(value: Array) -> bool:
    """Whether a value is one row, one column or one number."""
    return value.size == max(value.shape, default=1)
