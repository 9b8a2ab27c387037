"""How a subscript is written, so that the same item has one name: ``0``, ``'W1'``, ``0, 1``, ``1:3``."""

from __future__ import annotations

import operator
from typing import Any

from backlight.checks.observing.child.contents import is_list


def key_text(owner: Any, key: Any) -> str | None:
    """Write a subscript; ``-1`` is written as the number of the last item.

    None where it picks by an array or by an object of the program's own: that is a computation, not a place.
    """
    if type(key) is int and key >= 0:
        return str(key)
    if type(key) is not tuple:
        return _part(key, _sizes(owner, 1)[0])
    parts = [_part(one, size) for one, size in zip(key, _sizes(owner, len(key)), strict=True)]
    return None if None in parts else ", ".join(part for part in parts if part is not None)


def _sizes(owner: Any, count: int) -> list[int]:
    """How long the owner is along each dimension, 0 where that is not known."""
    if is_list(owner):
        return [len(owner), *[0] * (count - 1)]
    shape = getattr(owner, "shape", ()) if not isinstance(owner, dict) else ()
    return [*shape, *[0] * count][:count] if isinstance(shape, tuple) else [0] * count


def _part(key: Any, size: int) -> str | None:
    kind = type(key)
    if kind is slice:
        ends = [None if one is None else _part(one, 0) for one in (key.start, key.stop, key.step)]
        return ":".join(one or "" for one in (ends[:2] if ends[2] is None else ends))
    if kind in {str, float, bool, type(None), type(...)}:
        return repr(key)
    if kind is int or (hasattr(kind, "__index__") and kind.__module__ in {"numpy", "torch"} and not key.shape):
        number = operator.index(key)
        return str(number + size if number < 0 else number)
    return None
