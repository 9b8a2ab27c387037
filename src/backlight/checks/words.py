"""What does the program call a quantity at some place? Its own expressions, found by their values.

A name is good at a place when it stands in the same function (or at the level of the module), was evaluated before,
and held the quantity in every judged update. Variables come before longer expressions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.scene import Form, Scene, Sight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

SIMPLE = ("name", "store", "attribute", "argument", "item")
LONGEST = 80
"""Longer expressions are not written into others."""


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


def words(scene: Scene, sight: Sight, quantities: Sequence[Array]) -> Iterator[Word]:
    """What the program may write at a place for a quantity, the simplest first."""
    found = []
    for number, site in enumerate(scene.timeline.observation.sites):
        if not site.source or len(site.source) > LONGEST or not _is_visible(site.scope, scene.site(sight.site).scope):
            continue
        if number == sight.site or not _is_plain(site.source):
            continue
        events = _last(scene, number, sight)
        if events is None:
            continue
        form = scene.form(events, quantities)
        if form is not None:
            rank = (
                site.kind not in SIMPLE,
                form.sign < 0,
                site.scope != scene.site(sight.site).scope,
                len(site.source),
            )
            values = tuple(scene.timeline.value(event) for event in events)
            found.append((rank, number, Word(site.source, form, values)))
    yielded = set()
    for _rank, _number, word in sorted(found, key=lambda one: one[:2]):
        if word.source not in yielded:
            yielded.add(word.source)
            yield word


def _last(scene: Scene, number: int, sight: Sight) -> list[int] | None:
    """The last event of a place before each event of a sight."""
    events = [scene.before(number, time) for time in sight.events]
    return [event for event in events if event is not None] if None not in events else None


def _is_visible(scope: str, here: str) -> bool:
    """Whether names of one function mean the same in another: its own, or those of the module."""
    return scope in {here, ""}


def _is_plain(source: str) -> bool:
    """Whether an expression may be evaluated once more: it changes nothing."""
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError:
        return False
    return not any(isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for node in ast.walk(tree))
