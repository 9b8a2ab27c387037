"""The arguments of a function that is checked: their names, and their numbers as one vector.

Only arguments of floats that the gradient has an answer for are differentiated; integers, texts and all the rest
are passed on as they came. An array is copied for every call, because a stranger may write into it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Arguments:
    """Named arguments; `by_name` when they were given as a mapping, and are passed on as keywords."""

    names: tuple[str, ...]
    values: tuple[Any, ...]
    by_name: bool

    @classmethod
    def of(cls, function: Callable[..., Any], given: Mapping[str, Any] | Sequence[Any]) -> Arguments:
        """Name the arguments: by the mapping, or as the function calls its parameters."""
        if isinstance(given, Mapping):
            return cls(tuple(given), tuple(given.values()), by_name=True)
        return cls.in_order(parameters(function), given)

    @classmethod
    def in_order(cls, called: Sequence[str], given: Mapping[str, Any] | Sequence[Any]) -> Arguments:
        """Arguments that are passed on by their position, whatever they are called."""
        if isinstance(given, Mapping):
            names = sorted(given, key=lambda name: called.index(name) if name in called else len(called))
            return cls(tuple(names), tuple(given[name] for name in names), by_name=False)
        called = list(called)
        called += [f"argument {number}" for number in range(len(called), len(given))]
        return cls(tuple(called[: len(given)]), tuple(given), by_name=False)

    def call(self, function: Callable[..., Any], values: Sequence[Any], *more: Any) -> Any:  # noqa: ANN401  a stranger's value
        """Call a function with these values, and with more behind them."""
        if not self._by_name(function):
            return function(*values, *more)
        others = [name for name in parameters(function) if name not in self.names]
        return function(**dict(zip(self.names, values, strict=True)), **dict(zip(others, more, strict=False)))

    def _by_name(self, function: Callable[..., Any]) -> bool:
        """Whether a callable gets keywords; one that knows none of the names, as those of NumPy, gets them in order."""
        if not self.by_name:
            return False
        try:
            found = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return False
        keywords = {one.name for one in found if one.kind in {one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}}
        return not keywords.isdisjoint(self.names) or any(one.kind is one.VAR_KEYWORD for one in found)

    def bind(self, function: Callable[..., Any]) -> None:
        """Try whether these arguments are all that a callable wants; TypeError if not."""
        signature = inspect.signature(function)
        if self._by_name(function):
            signature.bind(**dict.fromkeys(self.names))
        else:
            signature.bind(*self.names)


def parameters(function: Callable[..., Any]) -> list[str]:
    """Names of a function's own parameters; none where Python does not know them."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [one.name for one in found if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]


def is_of_floats(value: object) -> bool:
    """Whether a value holds floating-point numbers, so that there is a derivative with respect to it."""
    try:
        numbers = np.asarray(value)
        return bool(np.issubdtype(numbers.dtype, np.floating) and numbers.size)
    except (TypeError, ValueError):
        return False


@dataclass(frozen=True)
class Vector:
    """How the numbers of some arguments stand one after the other in a vector."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    @property
    def slices(self) -> list[slice]:
        """Where each argument stands."""
        ends = np.cumsum([prod(shape) for shape in self.shapes]).tolist()
        return [slice(end - prod(shape), end) for end, shape in zip(ends, self.shapes, strict=True)]

    def split(self, vector: NDArray[Any]) -> list[NDArray[Any]]:
        """The numbers of each argument in its shape, in arrays of their own."""
        return [vector[where].reshape(shape).copy() for where, shape in zip(self.slices, self.shapes, strict=True)]

    def owner(self, position: int) -> int:
        """Which argument a position of the vector belongs to."""
        return next(number for number, where in enumerate(self.slices) if position < where.stop)

    def entry(self, position: int) -> str:
        """Name one number: w[0,1], or the argument alone when it is a scalar."""
        number = self.owner(position)
        if not self.shapes[number]:
            return self.names[number]
        index = np.unravel_index(position - self.slices[number].start, self.shapes[number])
        return f"{self.names[number]}[{','.join(str(int(i)) for i in index)}]"


def like(value: object, numbers: NDArray[Any], dtype: DTypeLike | None = None) -> Any:  # noqa: ANN401  as it was given
    """Other numbers in the form in which a value was given: a Python float, a list, or an array."""
    if isinstance(value, list | tuple):
        return type(value)(numbers.tolist())
    if isinstance(value, float) and not isinstance(value, np.generic):
        return numbers.item()
    array = numbers.astype(np.asarray(value).dtype if dtype is None else dtype)
    return array[()] if isinstance(value, np.generic) else array
