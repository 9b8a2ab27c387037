"""By which numbers does a program divide? A batch is told from a constant by what its size is taken from."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from backlight.checks.placing.scene import Scene

MEAN = re.compile(r"\b(mean|average)\(")


def divisors(scene: Scene) -> frozenset[int]:
    """The sizes that are divided by in the first update: names and lengths that are whole numbers, and those of means."""
    found: set[int] = set()
    for site, events in scene.windows[0].items():
        here = scene.site(site)
        if here.kind == "operation":
            divisor = _divisor(here.source)
            for part in scene.timeline.children[site] if divisor else ():
                event = scene.timeline.before(part, events[0])
                if event is not None and scene.site(part).source == divisor:
                    found.update(_whole(scene.timeline.value(event)))
        elif here.kind == "call" and MEAN.search(here.source):
            for part in scene.timeline.children[site]:
                event = scene.timeline.before(part, events[0])
                value = np.zeros(0) if event is None else scene.timeline.value(event)
                found.update((value.size, *value.shape) if value.ndim else ())
    return frozenset(found)


def _whole(value: np.ndarray) -> set[int]:
    return {int(value)} if value.size == 1 and value == np.round(value) and value > 0 else set()


def _divisor(source: str) -> str:
    """What an expression divides by, where that is no number that is written there; else nothing.

    Examples
    --------
    >>> _divisor("X.T @ d / len(X)"), _divisor("d / 2"), _divisor("d / (2 * m)"), _divisor("a * b")
    ('len(X)', '', '', '')
    """
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return ""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return ""
    divisor = node.right
    if isinstance(divisor, ast.Constant):
        return ""
    if isinstance(divisor, ast.BinOp) and any(isinstance(one, ast.Constant) for one in (divisor.left, divisor.right)):
        return ""
    return ast.get_source_segment(source.strip(), divisor) or ""
