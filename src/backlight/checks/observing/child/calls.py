"""The functions that an instrumented program calls, and the silent ones that replace them when enough was seen.

They return what they are given, so that the program does not notice. Of two that belong together (before and
after, owner and stored) the first hands on or keeps what the second needs: nothing is evaluated twice.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Protocol

from backlight.checks.observing.child.contents import is_array, is_tensor

Functions = dict[str, Callable[..., Any]]

_NAMES = "iadd isub imul itruediv ifloordiv imod ipow imatmul iand ior ixor ilshift irshift"
OPERATORS: Functions = {
    "@slice": slice,
    "@last": lambda *given: given[-1],
    **{f"@{name}": getattr(operator, name) for name in _NAMES.split()},
}
"""What stands for ``+=`` and for ``1:3``, the very things that Python itself would use, and for the body of a lambda."""


class Records(Protocol):
    """What records: types that are plain numbers, types that are dull, and a way to tell everything else."""

    events: list[tuple[Any, ...]]
    plain: set[type]
    dull: set[type]

    def other(self, site: int, value: Any) -> None:
        """Record a value that is no plain number."""

    def attribute(self, site: int, owner: Any, name: str, value: Any) -> None:
        """Record an attribute."""

    def item(self, site: int, owner: Any, key: Any, value: Any) -> None:
        """Record an item."""

    def parameters(self, site: int, value: Any) -> None:
        """Record what is in an object that is called."""

    def breathe(self) -> None:
        """Look whether there is still room."""


def aloud(recorder: Records) -> Functions:
    """Functions that record."""
    return _of_values(recorder) | _of_parts(recorder) | _of_targets(recorder) | _of_changes(recorder)


def _of_values(recorder: Records) -> Functions:
    """``e``, and the arguments of a function that was entered."""
    add, plain, dull, other = recorder.events.append, recorder.plain, recorder.dull, recorder.other

    def seen(site: int, value: Any) -> Any:
        kind = type(value)
        if kind in plain:
            add((site, value))
        elif kind not in dull:
            other(site, value)
        return value

    def argument(site: int, value: Any) -> None:
        recorder.breathe()  # a function that calls itself without end turns no loop
        seen(site, value)

    return {"@seen": seen, "@argument": argument}


def _of_parts(recorder: Records) -> Functions:
    """``owner.name``, ``owner[key]``, and what is called."""
    dull, attribute_event, item_event = recorder.dull, recorder.attribute, recorder.item

    def attribute(site: int, owner: Any, name: str) -> Any:
        value = getattr(owner, name)
        if type(value) not in dull:
            attribute_event(site, owner, name, value)
        return value

    def item(site: int, owner: Any, key: Any) -> Any:
        value = owner[key]
        if type(value) not in dull:
            item_event(site, owner, key, value)
        return value

    def called(site: int, value: Any) -> Any:
        if type(value) not in dull:
            recorder.parameters(site, value)
        return value

    return {"@attribute": attribute, "@item": item, "@called": called}


def _of_targets(recorder: Records) -> Functions:
    """``owner.name = ...`` and ``owner[key] = ...``: what lies there is read when the statement is done."""
    kept: dict[int, list[Any]] = {}

    def keep_owner(site: int, owner: Any) -> Any:
        kept[site] = [owner]
        return owner

    def keep_key(site: int, key: Any) -> Any:
        kept.setdefault(site, [None]).append(key)
        return key

    def stored_attribute(site: int, name: str) -> None:
        for owner in kept.pop(site, ()):
            if not _runs_code(owner, name):
                recorder.attribute(site, owner, name, getattr(owner, name, None))

    def stored_item(site: int) -> None:
        owner, key = kept.pop(site, [None, None])
        if type(owner) in {list, dict} or is_array(owner) or is_tensor(owner):
            recorder.item(site, owner, key, owner[key])

    return {
        "@owner": keep_owner,
        "@key": keep_key,
        "@stored_attribute": stored_attribute,
        "@stored_item": stored_item,
    }


def _of_changes(recorder: Records) -> Functions:
    """``owner.name -= ...`` and ``owner[key] -= ...``: read, change, write, each once."""

    def before_attribute(site: int, owner: Any, name: str) -> tuple[Any, str, Any]:
        value = getattr(owner, name)
        recorder.attribute(site, owner, name, value)
        return owner, name, value

    def after_attribute(site: int, operate: Any, before: tuple[Any, str, Any], by: Any) -> None:
        owner, name, old = before
        new = operate(old, by)
        setattr(owner, name, new)
        recorder.attribute(site, owner, name, new)

    def before_item(site: int, owner: Any, key: Any) -> tuple[Any, Any, Any]:
        value = owner[key]
        recorder.item(site, owner, key, value)
        return owner, key, value

    def after_item(site: int, operate: Any, before: tuple[Any, Any, Any], by: Any) -> None:
        owner, key, old = before
        new = operate(old, by)
        owner[key] = new
        recorder.item(site, owner, key, new)

    return {
        "@before_attribute": before_attribute,
        "@after_attribute": after_attribute,
        "@before_item": before_item,
        "@after_item": after_item,
    }


def _runs_code(owner: Any, name: str) -> bool:
    """Whether reading an attribute would run code of the program's own: a property, or the like."""
    kinds = type(owner).__mro__
    reads = next(vars(kind)["__getattribute__"] for kind in kinds if "__getattribute__" in vars(kind))
    own = next((vars(kind)[name] for kind in kinds if name in vars(kind)), None)
    harmless = not hasattr(type(own), "__get__") or isinstance(own, GetSetDescriptorType | MemberDescriptorType)
    return isinstance(reads, FunctionType) or not harmless


def silent() -> Functions:
    """The same functions when enough was seen."""

    def nothing(*_given: object) -> None:
        pass

    def pass_on(_site: int, value: Any) -> Any:
        return value

    def item(_site: int, owner: Any, key: Any) -> Any:
        return owner[key]

    def attribute(_site: int, owner: Any, name: str) -> Any:
        return getattr(owner, name)

    def before_attribute(_site: int, owner: Any, name: str) -> tuple[Any, str, Any]:
        return owner, name, getattr(owner, name)

    def after_attribute(_site: int, operate: Any, before: tuple[Any, str, Any], by: Any) -> None:
        setattr(before[0], before[1], operate(before[2], by))

    def before_item(_site: int, owner: Any, key: Any) -> tuple[Any, Any, Any]:
        return owner, key, owner[key]

    def after_item(_site: int, operate: Any, before: tuple[Any, Any, Any], by: Any) -> None:
        before[0][before[1]] = operate(before[2], by)

    return {
        **dict.fromkeys(("@argument", "@stored_attribute", "@stored_item"), nothing),
        **dict.fromkeys(("@seen", "@owner", "@key", "@called"), pass_on),
        "@item": item,
        "@attribute": attribute,
        "@before_attribute": before_attribute,
        "@after_attribute": after_attribute,
        "@before_item": before_item,
        "@after_item": after_item,
    }
