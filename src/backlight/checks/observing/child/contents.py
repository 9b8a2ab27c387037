"""What a value holds: its type of number, its shape and its bytes, whatever kind of object it is.

Numbers, NumPy arrays, torch tensors, and lists or tuples of them that are rectangular. Everything else is dull.
"""

from __future__ import annotations

import math
import sys
from array import array
from itertools import chain
from typing import Any

Contents = tuple[str, tuple[int, ...], bytes | None]
"""NumPy's name of the type, the shape, and the bytes (None where there are too many)."""

LARGEST = 1_000_000
"""Numbers in one value; of a larger one only the shape is kept."""

_DEPTH = 6  # of nested lists


def of_array(value: Any) -> Contents | None:
    """Contents of a NumPy array or scalar of real numbers."""
    value = sys.modules["numpy"].asarray(value)  # of a subclass no method of its own is called
    kind = value.dtype.kind
    if kind not in "fiub" or not value.size:
        return None
    code = "b1" if kind == "b" else "i8" if kind in "iu" else "f4" if value.dtype.itemsize <= 4 else "f8"  # noqa: PLR2004  bytes
    if value.size > LARGEST:
        return code, tuple(value.shape), None
    plain = value if value.dtype.str[1:] == code and value.dtype.isnative else value.astype(code)
    return code, tuple(value.shape), plain.tobytes()


def of_tensor(value: Any) -> Contents | None:
    """Contents of a torch tensor of real numbers."""
    torch = sys.modules["torch"]
    if value.is_complex() or value.layout != torch.strided or not value.numel():
        return None
    plain = value.detach().cpu()
    return of_array((plain.float() if plain.dtype == torch.bfloat16 else plain).numpy())


def of_list(value: Any) -> Contents | None:
    """Contents of a rectangular, possibly nested, list or tuple."""
    shape, flat = [len(value)], value
    while flat and is_list(flat[0]) and len(shape) < _DEPTH:
        lengths = set(map(len, flat)) if all(map(is_list, flat)) else set()
        if len(lengths) != 1:
            return None
        shape += lengths
        flat = list(chain.from_iterable(flat))
    return _flat(tuple(shape), flat) if flat else None


def _flat(shape: tuple[int, ...], flat: list[Any]) -> Contents | None:
    types = set(map(type, flat))
    if types <= {float, int}:
        code, letter = ("i8", "q") if types == {int} else ("f8", "d")
        if len(flat) > LARGEST:
            return code, shape, None
        try:
            return code, shape, array(letter, flat).tobytes()
        except OverflowError:
            return None
    return _stacked(shape, flat)


def _stacked(shape: tuple[int, ...], flat: list[Any]) -> Contents | None:
    """Contents of a list whose items are arrays, tensors or NumPy's scalars, all of one kind."""
    parts = [of_item(one) for one in flat[:LARGEST]]
    first = parts[0]
    if first is None or any(part is None or part[:2] != first[:2] for part in parts):
        return None
    code, inner, _data = first
    whole = (*shape, *inner)
    if math.prod(whole) > LARGEST or any(part is None or part[2] is None for part in parts):
        return code, whole, None
    return code, whole, b"".join(part[2] for part in parts if part and part[2])


def of_item(value: Any) -> Contents | None:
    """Contents of one item of a list."""
    if is_array(value):
        return of_array(value)
    if is_tensor(value):
        return of_tensor(value)
    if type(value) in {int, float}:
        return "f8", (), array("d", [value]).tobytes()
    return None


def is_array(value: Any) -> bool:
    """Whether a value is NumPy's. A program may lie about an instance's class, not about its type."""
    numpy = sys.modules.get("numpy")
    return issubclass(type(value), (getattr(numpy, "ndarray", ()), getattr(numpy, "generic", ())))


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of torch."""
    return issubclass(type(value), getattr(sys.modules.get("torch"), "Tensor", ()))


def is_list(value: Any) -> bool:
    """Whether a value is a list or a tuple that reads as Python's own do."""
    kind = type(value)
    return kind in {list, tuple} or any(
        issubclass(kind, base) and all(getattr(kind, name) is getattr(base, name) for name in _READING)
        for base in (list, tuple)
    )


def of_first_attribute(value: Any) -> Contents | None:
    """Contents of the array or list that a number of the program's own making holds: the first attribute of the object.

    Examples
    --------
    >>> from fractions import Fraction
    >>> class Matrix:
    ...     def __init__(self, rows):
    ...         self.rows = rows
    ...     def __mul__(self, other):
    ...         return self
    >>> of_first_attribute(Matrix([[1.0, 2.0]]))[:2], of_first_attribute(Fraction(1, 2))
    (('f8', (1, 2)), None)
    """
    first = next(iter(getattr(value, "__dict__", {}).values()), None)
    if is_array(first):
        return of_array(first)
    return of_list(first) if is_list(first) else None


def calculates(kind: type) -> bool:
    """Whether objects of a type are added or multiplied."""
    return any(hasattr(kind, name) for name in _CALCULATING)


_CALCULATING = ("__add__", "__mul__", "__matmul__")
_READING = ("__iter__", "__len__", "__getitem__")
