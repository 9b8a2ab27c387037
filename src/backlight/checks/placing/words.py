"""What does the program call a quantity at some place? Its own expressions, found by their values.

A name is good at a place when it stands in the same function (or at the level of the module), was evaluated before,
and held the quantity in every update looked at. Variables come before longer expressions.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.shown import Form

    Array = NDArray[np.floating[Any]]

SIMPLE = ("name", "attribute", "item", "argument", "store")
LONGEST = 60
"""Longer expressions are not written into others."""
MOST_WORDS = 4


@dataclass(frozen=True)
class Word:
    """An expression of the program that shows a quantity.

    Attributes
    ----------
    source : str
    form : Form
    values : tuple of array
        What it showed, one in each update.
    """

    source: str
    form: Form
    values: tuple[Array, ...]


class Vocabulary:
    """The expressions that may be written at one place."""

    def __init__(self, scene: Scene, sight: Sight, *, of_self: bool = False) -> None:
        self.scene, self.sight, self.of_self = scene, sight, of_self

    @cached_property
    def expressions(self) -> list[tuple[str, tuple[int, ...]]]:
        """Everything that was evaluated before and means the same here: its source and its last events."""
        here = self.scene.site(self.sight.site)
        found: dict[str, tuple[tuple[Any, ...], tuple[int, ...]]] = {}
        for number, site in enumerate(self.scene.timeline.observation.sites):
            written = site.name or site.source
            if (
                number == self.sight.site
                or not written
                or len(written) > LONGEST
                or site.kind in {"constant", "return"}
            ):
                continue
            means_the_same = site.scope in {here.scope, ""} or self._is_of_the_same_object(site, here)
            if not (means_the_same or self._is_of_the_module(written, site, here)) or not is_plain(written):
                continue
            events = [self.scene.timeline.before(number, time) for time in self.sight.events]
            if any(event is None for event in events):
                continue
            last = tuple(int(event) for event in events if event is not None)
            rank = (site.kind not in SIMPLE, site.scope != here.scope, len(written), -last[0])
            if written not in found or last[0] > found[written][1][0]:
                found[written] = (rank, last)
        return [(written, events) for written, (_rank, events) in sorted(found.items(), key=lambda one: one[1][0])]

    def _is_of_the_same_object(self, site: Site, here: Site) -> bool:
        """Whether an attribute of self was seen in another method of the class: it may be another object's."""
        around = here.scope.rpartition(".")[0]
        return self.of_self and bool(around) and site.scope.rpartition(".")[0] == around and "self." in site.source

    def _is_of_the_module(self, written: str, site: Site, here: Site) -> bool:
        """Whether an entry or an attribute that another function reads is one of what belongs to the module."""
        names = set(re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", written))
        return site.kind in {"item", "attribute"} and all(
            name in self._given_in("") and name not in self._given_in(site.scope) | self._given_in(here.scope)
            for name in names
        )

    def _given_in(self, scope: str) -> set[str]:
        """The variables that are given a value in a function, its arguments with them, or in the module."""
        return self._given.get(scope, set())

    @cached_property
    def _given(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for site in self.scene.timeline.observation.sites:
            if site.kind in {"argument", "store"}:
                found.setdefault(site.scope, set()).add(site.source)
        return found

    def words(self, true: Sequence[Array]) -> list[Word]:
        """What may be written for a quantity with these values, the simplest first; its own sign before the other."""
        table = self.scene.quantities([{"it": np.asarray(one)} for one in true])
        found = []
        for written, events in self.expressions:
            values = tuple(self.scene.timeline.value(event) for event in events)
            for match in table.shown(events):
                if match.form.entry is None:
                    found.append(Word(written, match.form, values))
                    break
        found.sort(key=lambda word: (word.form.factor != 1, word.form.factor < 0))
        return found[:MOST_WORDS]

    def reads_rate(self, source: str) -> bool:
        """Whether an expression is made with the learning rate."""
        return any(re.search(rf"(?<![\w.]){re.escape(one)}(?!\w)", source) for one in self._rates)

    @cached_property
    def _rates(self) -> list[str]:
        """What may be written for the learning rate."""
        rate = [np.array(self.scene.judged.learning_rate)] * self.scene.number
        return [one.source for one in self.words(rate)]

    def number(self, value: float) -> str | None:
        """What the program calls a plain number, the number of samples for one."""
        for written, events in self.expressions:
            if all(self._is(event, value) for event in events):
                return written
        return None

    def _is(self, event: int, value: float) -> bool:
        shown = self.scene.timeline.value(event)
        return shown.size == 1 and shown.item() == value


@lru_cache(maxsize=4096)
def is_plain(source: str) -> bool:
    """Whether an expression may be evaluated once more: it changes nothing."""
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError:
        return False
    return not any(
        isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom | ast.Slice | ast.Starred)
        for node in ast.walk(tree)
    ) and not any(isinstance(node, ast.Call) and not _is_harmless(node) for node in ast.walk(tree))


def _is_harmless(call: ast.Call) -> bool:
    """Whether a call is one of those that only look."""
    return ast.unparse(call.func).rpartition(".")[2] in {"len", "exp", "tanh", "transpose", "t", "float", "size"}
