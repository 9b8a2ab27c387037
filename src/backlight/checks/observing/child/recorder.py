"""All that was seen so far: one event for each value that is a number.

A plain number costs one tuple in a list; what can change later (arrays, lists, tensors) is kept as bytes, equal
contents once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from backlight.checks.observing.child.calls import OPERATORS, Functions, aloud, silent
from backlight.checks.observing.child.contents import (
    Contents,
    calculates,
    is_array,
    is_list,
    is_tensor,
    of_array,
    of_first_attribute,
    of_list,
    of_tensor,
)
from backlight.checks.observing.child.keys import key_text
from backlight.checks.observing.child.learning import found, learns
from backlight.checks.observing.child.modules import Modules
from backlight.checks.observing.child.objects import Objects
from backlight.checks.observing.child.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

Event = tuple[Any, ...]
"""(site, number), or (site, number, place, object, contents); the number is None where there are contents."""

ATTRIBUTE, ITEM = 1, 2
"""Kinds of places; those of names, 0, are known beforehand."""


class Recorder:
    """Records while a program runs.

    Parameters
    ----------
    place_of : list of int
        For each site the place of its name, -1 where it has none.
    stores : set of int
        The sites that write.
    events, size : int
        How many events, and how many bytes of contents, are kept at most.
    stop : function
        Ends the run because enough was seen.
    """

    def __init__(
        self, place_of: list[int], stores: set[int], *, events: int, size: int, stop: Callable[[], None]
    ) -> None:
        self.place_of, self.stores, self.limit = place_of, stores, events
        self.events: list[Event] = []
        self.gaps: list[int] = []
        """How many events there were when it recorded again, after silence."""
        self.contents: dict[Contents, int] = {}
        self.size = 0
        self.too_large = False
        self.places: dict[tuple[int, int, str], tuple[int, str, int]] = {}
        """(kind, owner, key): number, suffix of its text, site where it was seen first."""
        self.plain: set[type] = {int, float}
        self.dull: set[type] = {str, bool, type(None), dict, type(len), type(key_text)}
        self._names = 1 + max(place_of, default=-1)
        self._objects = Objects()
        self._aloud, self._silent = aloud(self), silent()
        self._builtins: Functions = {}
        self._modules = Modules(self, lambda: self._builtins.get("@seen") is self._silent["@seen"])
        self.pace = Pace(
            lambda: (len(self.events), self.size),
            events,
            size,
            silent=lambda: self._builtins.update(self._silent),
            aloud=self._go_on,
            learns=self._learns,
            stop=stop,
        )

    def begin(self, builtins: Functions) -> None:
        """Put the functions among a program's builtins."""
        pace = self.pace
        self._builtins = builtins
        loops: Functions = {"@enter": pace.enter, "@turn": pace.turn, "@left": pace.left, "@each": pace.each}
        builtins.update(OPERATORS | loops | self._aloud)

    def _go_on(self) -> None:
        self.gaps.append(len(self.events))
        self._builtins.update(self._aloud)

    def breathe(self) -> None:
        """Be silent when there is no room left."""
        if len(self.events) > self.limit:
            self._builtins.update(self._silent)

    # ---- events -------------------------------------------------------------------------------------

    def other(self, site: int, value: Any, place: int | None = None) -> None:
        """Record a value that is no plain number, or learn that its type is dull."""
        looked = self._look(value)
        if looked is not None:
            self.events.append((site, None, self.place_of[site] if place is None else place, *looked))

    def attribute(self, site: int, owner: Any, name: str, value: Any) -> None:
        """Record ``owner.name``; what NumPy and torch compute of an array (its shape, its transpose) is no place."""
        computed = is_array(owner) or (is_tensor(owner) and name not in {"grad", "data"})
        self._part(site, value, None if computed else name, ATTRIBUTE, owner)

    def item(self, site: int, owner: Any, key: Any, value: Any) -> None:
        """Record ``owner[key]``."""
        self._part(site, value, key_text(owner, key), ITEM, owner)

    def _part(self, site: int, value: Any, key: str | None, kind: int, owner: Any) -> None:
        looked = (-1, -1) if type(value) in self.plain else self._look(value)
        if looked is not None:
            number = value if looked[1] < 0 else None
            place = -1 if key is None else self._place(kind, owner, key, site)
            self.events.append((site, number, place, *looked))

    def parameters(self, site: int, value: Any) -> None:
        """Record what a torch module computes with, and what an optimizer is about to use: its rates, the gradients."""
        module, optimizer = _torch_types() or (None, None)
        if module is not None and issubclass(type(value), module):
            self._modules.follow(site, value)
            for path, inner in value.named_modules():
                for name, parameter in inner.named_parameters(recurse=False):
                    suffix = f"{path}.{name}" if path else name
                    self.other(site, parameter, self._place(ATTRIBUTE, inner, name, site, suffix=suffix))
        elif optimizer is not None and issubclass(type(value), optimizer):
            for number, group in enumerate(value.param_groups):
                self._rate(site, value, f"(rate){number}", group.get("lr"))
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self.other(site, parameter.grad, self._place(ATTRIBUTE, parameter, "grad", site, suffix="grad"))

    def _rate(self, site: int, owner: Any, key: str, rate: Any) -> None:
        """Record the learning rate that an optimizer has for some parameters."""
        if type(rate) in {int, float}:
            self.events.append((site, float(rate), self._place(ATTRIBUTE, owner, key, site, suffix="lr"), -1, -1))

    def part_of_module(self, site: int, owner: Any, key: str, value: Any, suffix: str) -> None:
        """Record what a torch module computes with, is given or gives."""
        self.other(site, value, self._place(ATTRIBUTE, owner, key, site, suffix=suffix))

    # ---- what a value is ----------------------------------------------------------------------------

    def _look(self, value: Any) -> tuple[int, int] | None:
        """The object and the contents of a value; one of the program's own types that refuses is dull."""
        try:
            return self._known(value)
        except Exception:  # noqa: BLE001  whatever it is, the program must not notice
            self.dull.add(type(value))
            return None

    def _known(self, value: Any) -> tuple[int, int] | None:
        thing = -1
        if is_array(value):
            contents = of_array(value)
            if not issubclass(type(value), sys.modules["numpy"].generic):
                thing = self._objects.memory(value)
            elif issubclass(type(value), float):  # NumPy's float64 is Python's float with more methods
                self.plain.add(type(value))
        elif is_tensor(value):
            contents, thing = of_tensor(value), self._objects.memory(value)
        elif is_list(value):
            contents = of_list(value)
            thing = -1 if contents is None else self._objects.number(value)
        elif calculates(type(value)):
            contents = of_first_attribute(value)
        else:
            if not issubclass(type(value), _torch_types()):
                self.dull.add(type(value))
            return None
        return None if contents is None else (thing, self._kept(contents))

    def _kept(self, contents: Contents) -> int:
        """The number of some contents; equal ones have one number."""
        number = self.contents.get(contents)
        if number is None:
            number = self.contents[contents] = len(self.contents)
            self.size += len(contents[2] or b"")
            self.too_large = self.too_large or contents[2] is None
        return number

    def _place(self, kind: int, owner: Any, key: str, site: int, suffix: str = "") -> int:
        """The number of a variable that is no name."""
        windowed = kind == ITEM and (is_array(owner) or is_tensor(owner))
        number = self._objects.window(owner) if windowed else self._objects.number(owner)
        place = self.places.get((kind, number, key))
        if place is None:
            place = self.places[kind, number, key] = (self._names + len(self.places), suffix, site)
        return place[0]

    def _learns(self, begin: int, middle: int) -> bool:
        """Whether the turn that began last found other numbers than the one before it."""
        turns = self.events[begin:middle], self.events[middle:]
        first, second = (found(events, self.place_of, self.stores) for events in turns)
        return learns(first, second, [contents[1] for contents in self.contents])


def _torch_types() -> tuple[type, ...]:
    """Module and Optimizer: no numbers, but they hold some, so that they are never dull."""
    torch = sys.modules.get("torch")
    return (torch.nn.Module, torch.optim.Optimizer) if torch is not None and hasattr(torch, "optim") else ()
