"""Other numbers where a program makes its initial values: the same expression, the same kind of object, other numbers.

An array or a tensor is changed in place, so that every name that leads to it sees the same; numbers, lists and tuples
are made anew.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from backlight.checks.observing.child.contents import is_array, is_list, is_tensor, of_item, of_list

Numbers = list[float]


class Instead:
    """What stands for the values of some sites, evaluation by evaluation; NaN leaves a number as it is.

    Parameters
    ----------
    numbers : dict
        By site and by the number of the evaluation that gave a number or numbers, from 0.
    """

    def __init__(self, numbers: dict[int, dict[int, Numbers]]) -> None:
        self._numbers = numbers
        self._turns = dict.fromkeys(numbers, 0)

    def stands(self, site: int, value: Any) -> Any:
        """What stands for a value."""
        if not _holds_numbers(value):
            return value
        turn = self._turns[site]
        self._turns[site] += 1
        numbers = self._numbers[site].get(turn)
        return value if numbers is None or len(numbers) != _size(value) else _like(value, numbers)


def _holds_numbers(value: Any) -> bool:
    """Whether a value is recorded."""
    return (of_list(value) if is_list(value) else of_item(value)) is not None


def _size(value: Any) -> int:
    if is_list(value):
        return sum(_size(one) for one in value)
    if is_tensor(value):
        return int(value.numel())
    return int(value.size) if is_array(value) else 1


def _like(value: Any, numbers: Numbers) -> Any:
    """The same kind of value with other numbers."""
    if is_list(value):
        return _listed(value, numbers)
    if is_tensor(value):
        torch = sys.modules["torch"]
        kept = value.detach().reshape(-1).tolist()
        value.data.copy_(torch.tensor(_mixed(kept, numbers)).reshape(value.shape))
        return value
    if is_array(value):
        return _array(value, numbers)
    return _mixed([value], numbers)[0]


def _listed(value: Any, numbers: Numbers) -> Any:
    """A list or a tuple whose items have other numbers."""
    made, first = [], 0
    for one in value:
        last = first + _size(one)
        made.append(_like(one, numbers[first:last]))
        first = last
    return tuple(made) if isinstance(value, tuple) else made


def _array(value: Any, numbers: Numbers) -> Any:
    """An array or one of NumPy's numbers; integers cannot hold what stands for them."""
    numpy = sys.modules["numpy"]
    kept = numpy.asarray(value).ravel().tolist()  # of a matrix ravel is a matrix
    new = numpy.reshape(_mixed(kept, numbers), value.shape)
    if issubclass(type(value), numpy.generic):
        return (value.dtype.type if value.dtype.kind == "f" else float)(new)
    if value.dtype.kind != "f" or not value.flags.writeable:
        return new
    value[...] = new
    return value


def _mixed(old: list[Any], new: Numbers) -> list[float]:
    return [float(one if math.isnan(other) else other) for one, other in zip(old, new, strict=True)]
