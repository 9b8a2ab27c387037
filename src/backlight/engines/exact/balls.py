"""Numbers as balls: a midpoint and a radius, and the true value is certainly inside.

What python-flint's `arb` leaves to its user is here: what to do at a kink, where a logarithm or a quotient
does not exist, and functions over whole matrices. A comparison of balls is true only when it is true for all
of their points, so `z > 0` and `z <= 0` may both be false: then more precision has to decide.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from flint import arb, arb_mat, ctx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = list[arb]

ZERO, ONE = arb(0), arb(1)
NO_NUMBER = arb(float("nan"))
"""Certainly no real number, unlike the NaN that a ball becomes when too little is known."""
LARGEST = arb((1, 2**52))
"""About 10^(10^15): a larger number is written nowhere."""
SMALLEST = arb((1, -(2**52)))
FAR_BELOW = -(2.0**20)
"""Below this exp(-z) may be larger than any ball can be."""


def each(function: Callable[..., arb], *matrices: arb_mat) -> arb_mat:
    """Apply a function to the entries that stand at the same place."""
    entries = map(function, *(matrix.entries() for matrix in matrices))
    return arb_mat(matrices[0].nrows(), matrices[0].ncols(), list(entries))


def each_row(function: Callable[..., Row], *matrices: arb_mat) -> arb_mat:
    """Apply a function to the rows of the same sample."""
    rows = [function(*rows) for rows in zip(*(matrix.tolist() for matrix in matrices), strict=True)]
    return arb_mat(len(rows), matrices[0].ncols(), [entry for row in rows for entry in row])


def total(terms: Iterable[arb]) -> arb:
    """Add from left to right, each sum rounded to the precision."""
    return sum(terms, ZERO)


class Arithmetic(NamedTuple):
    """How an iteration multiplies matrices, and what becomes of each matrix that it has computed."""

    product: Callable[[arb_mat, arb_mat], arb_mat]
    rounded: Callable[[arb_mat], arb_mat]


def product(left: arb_mat, right: arb_mat) -> arb_mat:
    """Multiply matrices; each entry is a sum that is rounded once."""
    return left * right


def product_term_by_term(left: arb_mat, right: arb_mat) -> arb_mat:
    """Multiply matrices as a program does, every product and every sum rounded: the radius counts them all."""
    columns = right.transpose().tolist()
    entries = [total(map(mul, row, column)) for row in left.tolist() for column in columns]
    return arb_mat(left.nrows(), right.ncols(), entries)


def rounded_once_more(matrix: arb_mat) -> arb_mat:
    """The same balls, larger by half a unit in the last place: exact by luck is not exact in every program."""
    return each(lambda ball: arb(ball.mid(), ball.rad() + abs(ball.mid()) * arb((1, -ctx.prec))), matrix)


PROVING = Arithmetic(product, lambda matrix: matrix)
LIKE_A_PROGRAM = Arithmetic(product_term_by_term, rounded_once_more)


def sigmoid(z: arb) -> arb:
    """1 / (1 + exp(-z)); the same as exp(z) / (1 + exp(z)), which is used where exp(-z) is too large."""
    if z < FAR_BELOW:
        return z.exp() / (1 + z.exp())
    return 1 / (1 + (-z).exp())


def softmax(z: Row) -> Row:
    """exp(z_i) / sum_j exp(z_j), where subtracting one number from all z changes nothing."""
    exponentials = [t.exp() for t in shifted(z)]
    whole = total(exponentials)
    return [t / whole for t in exponentials]


def shifted(z: Row) -> Row:
    """z minus (about) its largest entry: the midpoint, because a number without radius adds none."""
    largest = max(t.mid() for t in z)
    return [t - largest for t in z]


def where_positive(z: arb, positive: arb, otherwise: arb) -> arb:
    """Choose by the sign of z; both together, as one ball, where z may have either."""
    if z > 0:
        return positive
    return otherwise if z <= 0 else positive.union(otherwise)


def log(x: arb) -> arb:
    """The logarithm; log 0 = -infinity where x is exactly 0."""
    return arb("-inf") if x.is_zero() else x.log()


def quotient(numerator: arb, denominator: arb) -> arb:
    """A quotient; infinite, with the sign of the numerator, where the denominator is exactly 0."""
    return numerator * arb("inf") if denominator.is_zero() else numerator / denominator


def root(x: arb) -> arb:
    """The square root of what cannot be negative: a ball that touches 0 loses the part below it."""
    return x.nonnegative_part().sqrt()
