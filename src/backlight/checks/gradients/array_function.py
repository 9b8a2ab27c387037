"""A function of Python numbers or NumPy arrays, and a gradient written for it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.gradients.arguments import Arguments, Vector, is_of_floats, like
from backlight.checks.gradients.faults import (
    WrongShape,
    cannot_call,
    no_numbers,
    not_the_same_twice,
    nothing_to_differentiate,
)
from backlight.checks.gradients.subject import bits_of, by_argument, flat, results
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import DTypeLike, NDArray

    Array = NDArray[np.float64]

STEP = 1e-30
"""Of the complex step: f(x + i h) = f(x) + i h f'(x) - h^2 ...: nothing is subtracted, so h may be tiny."""


@dataclass(frozen=True)
class ArrayFunction:
    """A Subject of NumPy; the gradient takes a cotangent behind the arguments if it has a parameter for it.

    Without that parameter it gives, for a function of several outputs, the Jacobian: the axes of the outputs first.

    Raises
    ------
    GradientError [C-GRADIENT-1, C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-4]
        When it is first asked for its start: one of the callables cannot be called, or what they give is not clear.
    """

    function: Callable[..., Any]
    gradient: Callable[..., Any]
    given: Arguments
    method: str = marked("complex step")

    # ---- what was given ------------------------------------------------------------------------------

    @cached_property
    def value(self) -> Any:  # noqa: ANN401  a stranger's value
        """What the function gives at the arguments as they were given."""
        if not any(map(is_of_floats, self.given.values)):
            raise nothing_to_differentiate(self.given.names)
        value = self._call(self.function, self.given.values)
        if (
            not is_of_floats(value[0] if isinstance(value, tuple) and value else value)
            or not np.isfinite(flat(value)).all()
        ):
            raise no_numbers(self.function, value)
        again = flat(self._call(self.function, self.given.values))
        if not np.array_equal(again, flat(value)):
            raise not_the_same_twice(self.function)
        return value

    @cached_property
    def takes_cotangent(self) -> bool:
        """Whether the gradient has a parameter behind those of the arguments."""
        try:
            self.given.bind(self.gradient)
        except TypeError:
            return True
        except ValueError:  # a builtin: Python does not know
            return False
        return False

    @cached_property
    def first_answers(self) -> dict[int, Any]:
        """What the gradient gives at the arguments as they were given, by the number of the argument."""
        differentiable = [number for number, value in enumerate(self.given.values) if is_of_floats(value)]
        ones = self._cotangent(np.ones(flat(self.value).size))
        return by_argument(self._call(self.gradient, self.given.values, *ones), self.given, differentiable)

    @property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the arguments that are differentiated."""
        return tuple(self.first_answers)

    @cached_property
    def vector(self) -> Vector:  # noqa: D102
        values = [self.given.values[number] for number in self.chosen]
        return Vector(tuple(self.given.names[number] for number in self.chosen), tuple(map(np.shape, values)))

    @cached_property
    def start(self) -> Array:  # noqa: D102
        return np.concatenate([np.ravel(np.asarray(self.given.values[number], float)) for number in self.chosen])

    @cached_property
    def bits(self) -> int:  # noqa: D102
        answers = [np.asarray(answer).dtype for answer in self.first_answers.values()]
        floats = [dtype for dtype in answers if np.issubdtype(dtype, np.floating)]
        return min(bits_of(np.finfo(dtype).eps) for dtype in [*self._types, *floats])

    @property
    def constant(self) -> tuple[str, ...]:  # noqa: D102
        return tuple(name for number, name in enumerate(self.given.names) if number not in self.chosen)

    @property
    def _types(self) -> list[np.dtype[Any]]:
        """The type of each argument that is differentiated."""
        return [np.asarray(self.given.values[number]).dtype for number in self.chosen]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:  # noqa: D102
        arrays = zip(self.given.names, self.given.values, strict=True)
        return {name: value.shape for name, value in arrays if isinstance(value, np.ndarray)}

    @cached_property
    def results(self) -> Vector:  # noqa: D102
        value = self.value if isinstance(self.value, tuple) else (self.value,)
        return results([np.shape(one) for one in value])

    # ---- between vectors -----------------------------------------------------------------------------

    def radii(self, x: Array) -> Array | None:  # noqa: ARG002, D102
        return None

    def rounded(self, x: Array) -> Array:  # noqa: D102
        parts = zip(self.vector.split(x), self._types, strict=True)
        return np.concatenate([np.ravel(part.astype(dtype).astype(float)) for part, dtype in parts])

    def outputs(self, x: Array) -> Array:  # noqa: D102
        return flat(self.given.call(self.function, self.values_at(x, float))).astype(float)

    def slopes(self, x: Array, cotangents: Array, directions: Array) -> Array:  # noqa: D102
        return np.array([(cotangents @ self._complex(x + 1j * STEP * along)).imag / STEP for along in directions]).T

    def gradients(self, x: Array, cotangents: Array) -> Array:  # noqa: D102
        if self.takes_cotangent:
            return np.array([self._in_one(self._cotangent(cotangent), x, ()) for cotangent in cotangents])
        outputs = np.shape(self.value) if flat(self.value).size > 1 else ()
        return cotangents @ self._in_one((), x, outputs).reshape(cotangents.shape[1], len(x))

    def finer(self) -> None:  # noqa: D102
        return None

    def explained(self, verdict: str, places: Sequence[Array]) -> tuple[tuple[str, ...], list[str]]:  # noqa: ARG002, D102
        return (), []

    # ---- calls ---------------------------------------------------------------------------------------

    def _call(self, function: Callable[..., Any], values: Any, *more: Any) -> Any:  # noqa: ANN401
        """Call it for the first time; an exception is the user's to see."""
        try:
            return self.given.call(function, [np.copy(v) if isinstance(v, np.ndarray) else v for v in values], *more)
        except Exception as error:
            raise cannot_call(function, error) from error

    def values_at(self, x: NDArray[Any], dtype: DTypeLike | None = None) -> list[Any]:
        """All arguments, with these numbers, in the form in which they were given."""
        values = [np.copy(value) if isinstance(value, np.ndarray) else value for value in self.given.values]
        for number, numbers in zip(self.chosen, self.vector.split(x), strict=True):
            values[number] = like(self.given.values[number], numbers, dtype)
        return values

    def _complex(self, x: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """The function of complex numbers; a function that drops the imaginary part cannot be used."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            answer = flat(self.given.call(self.function, self.values_at(x, complex)))
        if answer.dtype != np.complex128:
            message = "the outputs are not complex"
            raise TypeError(message)
        return answer

    def _cotangent(self, numbers: Array) -> tuple[Any, ...]:
        """A cotangent in the form of the outputs, as arguments; nothing where the gradient takes none."""
        if not self.takes_cotangent:
            return ()
        if not isinstance(self.value, tuple):
            return (like(self.value, numbers.reshape(np.shape(self.value))),)
        return tuple(like(value, part) for value, part in zip(self.value, self.results.split(numbers), strict=True))

    def _in_one(self, cotangent: tuple[Any, ...], x: Array, outputs: tuple[int, ...]) -> Array:
        """The gradients for all arguments, the axes of the outputs in front, side by side."""
        answers = by_argument(self.given.call(self.gradient, self.values_at(x), *cotangent), self.given, self.chosen)
        columns = []
        for number, name, shape in zip(self.chosen, self.vector.names, self.vector.shapes, strict=True):
            answer = np.asarray(answers.get(number, np.zeros(outputs + shape)), dtype=float)
            if answer.shape != outputs + shape and not answer.size == prod(outputs + shape) == 1:
                raise WrongShape(name, answer.shape, outputs + shape)
            columns.append(answer.reshape(prod(outputs), -1))
        return np.concatenate(columns, axis=1)[0] if not outputs else np.concatenate(columns, axis=1)
