"""Which object is it? One number for each, for as long as the run lasts.

Python gives the number of an object away again once it is gone. So lists and dictionaries are kept alive, and
of everything else a weak reference says whether it is still the same.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

from backlight.checks.observing.child.contents import is_tensor


class Objects:
    """The numbers that were given."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, Any]] = {}
        self._weak: dict[int, tuple[int, weakref.ref[Any]]] = {}
        self._others: dict[Any, int] = {}
        self._next = 0

    def number(self, thing: Any) -> int:
        """Number an object itself: a list, a dictionary, an instance, an array that owns its memory."""
        key = id(thing)
        if (kept := self._kept.get(key)) is not None:
            return kept[0]
        if (weak := self._weak.get(key)) is not None and weak[1]() is thing:
            return weak[0]
        number = self._new()
        try:
            self._weak[key] = number, weakref.ref(thing)
        except TypeError:
            self._kept[key] = number, thing
        return number

    def memory(self, thing: Any) -> int:
        """Number what holds the numbers of an array or tensor: a view has its owner's number."""
        if is_tensor(thing):
            return self._storage(thing)
        root = thing
        while (base := getattr(root, "base", None)) is not None:
            root = base
        return self.number(root)

    def window(self, thing: Any) -> int:
        """Number an array or tensor as what it shows of its memory; the whole has the memory's number."""
        memory = self.memory(thing)
        shape, strides, start, whole = _seen_of_memory(thing)
        return memory if whole else self._other((memory, shape, strides, start))

    def _storage(self, tensor: Any) -> int:
        storage = tensor.untyped_storage()
        key = "storage", storage._cdata  # noqa: SLF001  the identity of the memory; torch has no public one
        if key not in self._others:
            storage._weak_ref()  # noqa: SLF001  its address is not given away while this is held
        return self._other(key)

    def _other(self, key: Any) -> int:
        if key not in self._others:
            self._others[key] = self._new()
        return self._others[key]

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _seen_of_memory(thing: Any) -> tuple[Any, Any, int, bool]:
    """Shape, strides and start of a view, and whether it shows all of its memory in order."""
    if is_tensor(thing):
        size = thing.untyped_storage().nbytes() // max(1, thing.element_size())
        whole = thing.is_contiguous() and thing.numel() == size
        return tuple(thing.shape), thing.stride(), thing.storage_offset(), whole
    if thing.base is None:
        return thing.shape, thing.strides, 0, True
    start: int = sys.modules["numpy"].lib.array_utils.byte_bounds(thing)[0]
    return thing.shape, thing.strides, start, False
