"""What is checked, in one form: a function and its gradient between vectors of float64.

Whatever the stranger's callables take and give (scalars, arrays, several outputs, tensors), the check sees only
this. The gradient of a function with many outputs is c^T J: a cotangent c, one number for each output, times the
Jacobian J.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from backlight.checks.gradients.arguments import Vector
from backlight.checks.gradients.faults import has_no_derivative, not_as_many, nothing_to_differentiate, unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.gradients.arguments import Arguments

    Array = NDArray[np.float64]

SINGLE, DOUBLE = 24, 53
"""The bits of float32 and float64."""


def bits_of(epsilon: float) -> int:
    """The bits of a type of numbers, from the distance between 1 and the next one; no more than those of float64."""
    return min(DOUBLE, 1 - round(math.log2(epsilon)))


def same(bits: int) -> float:
    """Relative distance at which numbers of so many bits are the same for a reader: 4e-7 in float64, 1e-3 in float32."""
    return float(2.0 ** (-0.4 * bits))


class Subject(Protocol):
    """A function and its gradient between vectors."""

    @property
    def vector(self) -> Vector:
        """How the n numbers that are differentiated stand in a vector."""

    @property
    def start(self) -> Array:
        """Their values, as they were given; shape (n,)."""

    @property
    def bits(self) -> int:
        """What the gradient computes with: 53 for float64, 24 for float32; the least of all arguments and answers."""

    @property
    def method(self) -> str:
        """What `slopes` is."""

    @property
    def constant(self) -> tuple[str, ...]:
        """The arguments that are not differentiated."""

    @property
    def results(self) -> Vector:
        """How the m numbers of the outputs stand in a vector."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of all arguments that are arrays, by name."""

    def radii(self, x: Array) -> Array | None:
        """The unit of error of each number, where it is known from elsewhere; shape (n,)."""

    def rounded(self, x: Array) -> Array:
        """The nearest numbers that the arguments can hold."""

    def outputs(self, x: Array) -> Array:
        """The function, computed in float64 as far as it lets us; shape (m,)."""

    def gradients(self, x: Array, cotangents: Array) -> Array:
        """The gradients that are checked, for cotangents of shape (c, m); shape (c, n)."""

    def slopes(self, x: Array, cotangents: Array, directions: Array) -> Array:
        """Derivatives of c^T f along directions, shape (k, n), exact to rounding if all is well; shape (c, k).

        Raises
        ------
        Exception
            Whatever the function raises when it cannot be computed in this way.
        """

    def finer(self) -> Subject | None:
        """The same with more exact outputs, where there are such and they are worth their time."""

    def explained(self, verdict: str, places: Sequence[Array]) -> tuple[tuple[str, ...], list[str]]:
        """Named mistakes that give these numbers at all of these points, and notes beside them."""


def results(shapes: Sequence[tuple[int, ...]]) -> Vector:
    """Name the outputs."""
    names = ("output",) if len(shapes) == 1 else tuple(f"output {number}" for number in range(len(shapes)))
    return Vector(names, tuple(shapes))


def flat(returned: Any, numbers: Callable[[Any], NDArray[Any]] = np.asarray) -> NDArray[Any]:  # noqa: ANN401
    """All outputs of a function one after the other; it may give several arrays in a tuple."""
    if isinstance(returned, tuple):
        return np.concatenate([np.ravel(numbers(one)) for one in returned])
    return np.ravel(numbers(returned))


def by_argument(returned: Any, given: Arguments, differentiable: Sequence[int]) -> dict[int, Any]:  # noqa: ANN401
    """What a gradient gave, by the number of the argument; None and what is missing in a mapping are left out.

    Raises
    ------
    GradientError [C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-5]
        There is no answer at all, another number of them than of arguments, or one for no argument at all; an answer
        for an argument that cannot be differentiated.
    """
    if isinstance(returned, Mapping):
        if unknown := [name for name in returned if name not in given.names]:
            raise unknown_name(str(unknown[0]), given.names)
        answers = {number: returned.get(name) for number, name in enumerate(given.names)}
    elif len(differentiable) == 1 and not (isinstance(returned, tuple) and len(returned) in {1, len(given.names)}):
        answers = {differentiable[0]: returned}
    elif not isinstance(returned, tuple | list):
        raise not_as_many(1, given.names)
    elif len(returned) == len(given.names):
        answers = dict(enumerate(returned))
    elif len(returned) == len(differentiable):
        answers = dict(zip(differentiable, returned, strict=True))
    else:
        raise not_as_many(len(returned), given.names)
    found = {number: answer for number, answer in answers.items() if answer is not None}
    if refused := [number for number in found if number not in differentiable]:
        raise has_no_derivative(given.names[refused[0]], given.values[refused[0]])
    if not found:
        raise nothing_to_differentiate(given.names)
    return found
