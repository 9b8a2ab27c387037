"""An observation as a course of events: what a variable held at any time, and which numbers were ever seen.

Time is the number of the event. Everything that reads an observation reads it through this file.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.observing.observation import WRITES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation

    Array = NDArray[np.floating[Any]]


AUGMENTED = re.compile(r"\s*(\*\*|//|<<|>>|[-+*/%@&|^])=")
MANY_OBJECTS = 16
"""More than so many objects that one place reads may be made anew each time."""


class Timeline:
    """The events of an observation, looked up by variable, by place in the source, and by number."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.values = [np.asarray(value, dtype=float) for value in observation.values]

    def __len__(self) -> int:
        return len(self.observation.site)

    @cached_property
    def precision(self) -> str:
        """float32 where most of what the program computes is, each value once or as often as it is shown; else float64."""
        kinds = np.array([np.asarray(value).dtype.name for value in self.observation.values])
        single, double = kinds == "float32", kinds == "float64"
        shown = self.observation.value
        is_single = single.sum() > double.sum() or single[shown].sum() > double[shown].sum()
        return "float32" if is_single else "float64"

    @cached_property
    def of_place(self) -> list[NDArray[np.intp]]:
        """The events that read or wrote each variable."""
        return _grouped(self.observation.place, len(self.observation.places))

    @cached_property
    def of_site(self) -> list[NDArray[np.intp]]:
        """The events at each place in the source."""
        return _grouped(self.observation.site, len(self.observation.sites))

    @cached_property
    def scalars(self) -> Array:
        """The number that each event showed; NaN where it showed several."""
        singles = np.array([value.item() if value.size == 1 else np.nan for value in self.values], dtype=float)
        return singles[self.observation.value]

    @cached_property
    def children(self) -> list[list[int]]:
        """The places in the source that stand directly in each other one."""
        found: list[list[int]] = [[] for _ in self.observation.sites]
        for number, site in enumerate(self.observation.sites):
            if site.parent >= 0:
                found[site.parent].append(number)
        return found

    def parts(self, site: int) -> Iterator[int]:
        """All places in the source that stand in another one."""
        for number in self.children[site]:
            yield number
            yield from self.parts(number)

    @cached_property
    def computes(self) -> NDArray[np.bool_]:
        """Which places in the source make a value, and do not hand one on: operations, calls, ``+=`` and its like."""
        lines = self.observation.program.lines
        return np.array(
            [
                site.kind in {"operation", "call"}
                or (site.kind == "store" and bool(AUGMENTED.match(lines[site.end_line - 1][site.end_column :])))
                for site in self.observation.sites
            ],
            dtype=bool,
        )

    @cached_property
    def stores(self) -> NDArray[np.bool_]:
        """Which places in the source give a variable its value."""
        return np.array([site.kind == "store" for site in self.observation.sites], dtype=bool)

    @cached_property
    def moves(self) -> NDArray[np.bool_]:
        """Which places in the source showed more than one value."""
        return np.array([len(np.unique(self.observation.value[events])) > 1 for events in self.of_site], dtype=bool)

    def value(self, event: int) -> Array:
        """What an event showed."""
        return self.values[int(self.observation.value[event])]

    def latest(self, place: int, time: int) -> Array | None:
        """What a variable held at a time, as far as it was seen."""
        events = self.of_place[place]
        position = bisect_right(events, time) - 1
        return self.value(int(events[position])) if position >= 0 else None

    def before(self, site: int, time: int) -> int | None:
        """The last time a place in the source was evaluated before a time; None if it was not."""
        events = self.of_site[site]
        position = int(np.searchsorted(events, time)) - 1
        return int(events[position]) if position >= 0 else None

    @cached_property
    def changes(self) -> NDArray[np.intp]:
        """How many different values each variable held."""
        return np.array([len(np.unique(self.observation.value[events])) for events in self.of_place], dtype=int)

    @cached_property
    def made_anew(self) -> NDArray[np.bool_]:
        """Which places in the source read parts of objects that are made again and again, and never change."""
        several = [len(np.unique(self.observation.place[events])) for events in self.of_site]
        visits = [len(events) for events in self.of_site]
        return np.array(
            [one > MANY_OBJECTS and 4 * one > all_ for one, all_ in zip(several, visits, strict=True)], bool
        )

    @cached_property
    def turns(self) -> NDArray[np.intp]:
        """How often the variable that each event shows, if it is a name, held another value before."""
        found = np.zeros(len(self), dtype=int)
        for events, place in zip(self.of_place, self.observation.places, strict=True):
            if place.kind == "name" and len(events) > 1:
                found[events[1:]] = np.cumsum(np.diff(self.observation.value[events]) != 0)
        return found

    @cached_property
    def lasts(self) -> NDArray[np.bool_]:
        """Which events show a part of an object, an attribute or an item, that held more than one value."""
        parts = np.array([place.kind != "name" for place in self.observation.places], dtype=bool)
        lasting = np.append(parts & (self.changes > 1), False)  # the last one for -1: no variable
        return np.asarray(lasting[self.observation.place])

    @cached_property
    def counts(self) -> NDArray[np.bool_]:
        """Which events show a number that picks an item, or a variable that is used so: no number of a network."""
        sites = self.observation.sites
        picks = np.array([site.parent >= 0 and sites[site.parent].kind == "item" for site in sites], dtype=bool)
        single = np.array([value.ndim == 0 for value in self.values], dtype=bool)[self.observation.value]
        here = picks[self.observation.site] & single
        variables = np.zeros(len(self.observation.places) + 1, dtype=bool)  # the last one for -1: no variable
        variables[self.observation.place[here]] = True
        variables[-1] = False
        return np.asarray(here | (variables[self.observation.place] & single))

    @cached_property
    def writes(self) -> NDArray[np.bool_]:
        """Which places in the source write a variable."""
        return np.array([site.kind in WRITES for site in self.observation.sites], dtype=bool)

    def written(self, place: int) -> NDArray[np.intp]:
        """The events that wrote a variable; none where there is no variable."""
        if place < 0:
            return np.zeros(0, dtype=int)
        events = self.of_place[place]
        return events[self.writes[self.observation.site[events]]]

    @cached_property
    def is_factor(self) -> NDArray[np.bool_]:
        """Which places in the source stand in a product, and so are no bias."""
        sites = self.observation.sites
        products = [is_product(site.source) if site.kind in {"operation", "call"} else False for site in sites]
        return np.array([site.parent >= 0 and products[site.parent] for site in sites], dtype=bool)

    def numbers(self, begin: int, end: int) -> Numbers:
        """The numbers that were seen between two times, the second one not included."""
        used = np.unique(self.observation.value[begin:end])
        return Numbers([self.values[int(value)] for value in used])

    @cached_property
    def all_numbers(self) -> Numbers:
        """Every number that was seen."""
        return Numbers(self.values)


class Numbers:
    """Which numbers and arrays of numbers were seen."""

    def __init__(self, values: list[Array]) -> None:
        self.scalars = np.unique(np.array([value.item() for value in values if value.size == 1], dtype=float))
        sizes: dict[int, list[Array]] = {}
        for value in values:
            if value.size > 1:
                sizes.setdefault(value.size, []).append(value.ravel())
        self.arrays = {size: np.stack(some) for size, some in sizes.items()}

    def has_each(self, numbers: Array, room: Array | float) -> NDArray[np.bool_]:
        """Which of some numbers were seen by themselves, up to this much."""
        wanted = np.asarray(numbers, float)
        if not self.scalars.size:
            return np.zeros(wanted.shape, bool)
        after = np.clip(np.searchsorted(self.scalars, wanted), 0, len(self.scalars) - 1)
        before = np.clip(after - 1, 0, len(self.scalars) - 1)
        gaps = np.minimum(np.abs(self.scalars[after] - wanted), np.abs(self.scalars[before] - wanted))
        return np.asarray(gaps <= room)

    def has_array(self, array: Array, room: Array | float) -> bool:
        """Whether an array was seen, in any shape that has the same numbers row by row or column by column."""
        seen = self.arrays.get(array.size)
        if seen is None:
            return False
        rooms = np.broadcast_to(room, array.shape)
        ways = [(array.ravel(), rooms.ravel()), (array.T.ravel(), rooms.T.ravel())]
        return any(bool(np.any(np.all(np.abs(seen - way) <= most, axis=1))) for way, most in ways)


PRODUCTS = {"dot", "matmul", "mm", "mv", "inner", "outer", "multiply", "mul", "einsum", "tensordot", "vdot", "prod"}


def is_product(source: str) -> bool:
    """Whether an expression multiplies what stands in it."""
    try:
        node = ast.parse(f"({source}\n)", mode="eval").body
    except SyntaxError:
        return False
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mult | ast.MatMult)
    return isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in PRODUCTS


def _grouped(keys: NDArray[np.int32], number: int) -> list[NDArray[np.intp]]:
    """The positions of each key 0..number-1, in order; negative keys are left out."""
    order = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[order], np.arange(number + 1))
    return [order[first:last] for first, last in pairwise(bounds)]
