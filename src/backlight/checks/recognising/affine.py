"""A sum of products read as a layer's: inputs times weights plus biases, whichever way round the program has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.sums import Sum
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Affine:
    """A sum of products read as inputs (rows, k), weights (k, m) and biases (m)."""

    inputs: Array
    weights: Array
    biases: Array
    z: Array
    biased: bool
    event: int
    products: tuple[tuple[int, int], ...]
    """The events of the factors: the same for a sum and what is added to it."""


class AffineReader:
    """Reads the sums of one program."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.room = ROUNDING[timeline.precision]

    def of(self, event: int, some: Sum, inputs: Array | None, size: int | None) -> Iterator[Affine]:
        """A sum of products with one of the factors as inputs."""
        found = False
        for affine in self._of(event, some, inputs, size, 1):
            found = True
            yield affine
        if not found and inputs is not None:
            yield from self._of(event, some, inputs, size, -1)

    def _of(self, event: int, some: Sum, inputs: Array | None, size: int | None, sign: int) -> Iterator[Affine]:
        """The same with a sign: what stands there is the inputs turned about, as in ``np.exp(-X @ w)``."""
        value = sign * self.timeline.value(event)
        for left, right, turned in arrangements(some):
            rows, columns = left.shape[0], right.shape[1]
            if value.size != rows * columns:
                continue
            z = value.reshape(columns, rows).T if turned else value.reshape(rows, columns)
            for given, weights, at in self._matched(sign * left, right, inputs, size):
                biases = self._biases(some, sign * left, right, z, sign)
                if biases is not None:
                    yield Affine(
                        given,
                        weights,
                        biases + at,
                        z,
                        bool(some.rest) or bool(np.any(at)),
                        event,
                        tuple(one.events for one in some.terms),
                    )

    def _matched(  # noqa: C901  each way in which inputs may be ordered
        self, left: Array, right: Array, inputs: Array | None, size: int | None
    ) -> Iterator[tuple[Array, Array, Array]]:
        """The left factors as inputs: in the order of the inputs, without a column of ones for the biases."""
        none = np.zeros(right.shape[1])
        if inputs is None:
            if size is None or left.shape[1] == size:
                yield left, right, none
            elif left.shape[1] == size + 1:
                for column in (left.shape[1] - 1, 0):
                    if np.all(left[:, column] == 1):
                        yield np.delete(left, column, 1), np.delete(right, column, 0), right[column]
            return
        k = inputs.shape[1]
        if left.shape[1] not in {k, k + 1} or left.shape[0] > len(inputs):
            return
        ones = [None] if left.shape[1] == k else [k, 0]
        for column in ones:
            if column is None:
                given, weights, at = left, right, none
            elif np.all(left[:, column] == 1):
                given, weights, at = np.delete(left, column, 1), np.delete(right, column, 0), right[column]
            else:
                continue
            rows = self._rows(given, inputs)
            if rows is not None:
                yield inputs[rows], weights, at
            elif (order := self._order(given, inputs)) is not None:
                yield given[:, order], weights[order], at

    def _rows(self, given: Array, inputs: Array) -> list[int] | None:
        """The samples that some rows are; None if they are others."""
        room = self.room * np.maximum(np.abs(inputs).max(axis=0), 1e-300)
        if given.shape == inputs.shape and np.all(np.abs(given - inputs) <= room):
            return list(range(len(inputs)))
        if len(inputs) > 4096:  # noqa: PLR2004
            return None
        found: list[int] = []
        for row in given:
            fits = np.flatnonzero(np.all(np.abs(inputs - row) <= room, axis=1))
            new = [int(one) for one in fits if int(one) not in found]
            if not len(fits):
                return None
            found.append(new[0] if new else int(fits[0]))
        return found

    def _order(self, given: Array, inputs: Array) -> list[int] | None:
        """The columns of one sample in another order."""
        if len(given) != 1 or inputs.shape[1] > 64:  # noqa: PLR2004
            return None
        for row in inputs[:256]:
            left = list(range(len(row)))
            order = []
            for number in row:
                fit = next((one for one in left if abs(given[0, one] - number) <= self.room * abs(number)), None)
                if fit is None:
                    break
                left.remove(fit)
                order.append(fit)
            else:
                return order
        return None

    def _biases(self, some: Sum, left: Array, right: Array, z: Array, about: int) -> Array | None:
        """What is added to the products, the same for every sample; None if it is not."""
        columns = z.shape[1]
        if not some.rest:
            return np.zeros(columns)
        values = [about * sign * self.timeline.value(event) for sign, event in some.rest]
        if all(one.size in {1, columns} for one in values):
            total = sum((np.broadcast_to(one.ravel(), columns) for one in values), np.zeros(columns))
        else:
            rest = z - left @ right
            total = rest[0]
        with np.errstate(all="ignore"):
            gap = np.abs(left @ right + total - z)
            size = np.abs(left) @ np.abs(right) + np.abs(total)
        return total if bool(np.all(gap <= 10 * self.room * np.maximum(size, 1e-300))) else None


def arrangements(some: Sum) -> Iterator[tuple[Array, Array, bool]]:
    """Every way to read a sum of products as one matrix product of inputs (rows, k) and weights (k, columns)."""
    terms = some.terms
    rows, columns = terms[0].left.shape[0], terms[0].right.shape[1]
    if any(one.left.shape[0] != rows or one.right.shape[1] != columns for one in terms):
        return
    left = np.concatenate([one.left for one in terms], axis=1)
    right = np.concatenate([one.sign * one.right for one in terms], axis=0)
    single = rows == columns == 1
    yield left, right, False
    signed = np.concatenate([one.sign * one.left for one in terms], axis=1)
    plain = np.concatenate([one.right for one in terms], axis=0)
    if left.shape[1] > 0:
        yield plain.T, signed.T, True
    if single and 1 < len(terms) <= 8 and all(one.left.size == 1 for one in terms):  # noqa: PLR2004
        for mask in range(1, 2 ** len(terms) - 1):
            chosen = [
                (one.left, one.right, one.sign) if mask >> i & 1 else (one.right, one.left, one.sign)
                for i, one in enumerate(terms)
            ]
            yield (
                np.concatenate([one for one, _two, _sign in chosen], axis=1),
                np.concatenate([sign * two for _one, two, sign in chosen], axis=0),
                False,
            )
