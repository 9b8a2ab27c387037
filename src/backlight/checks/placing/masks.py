"""Masks that are set in place, as `dh[z < 0] = 0`: where they stand, and which comparison belongs there."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene

    Array = NDArray[np.floating[Any]]

COMPARISONS: Mapping[str, Any] = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}
"""In this order they are tried where two give the same mask."""


def masks(scene: Scene, true: Sequence[Mapping[str, Array]], layer: int) -> Iterator[Sight]:
    """The comparisons, or the masks, that say where what comes back to a layer is set to zero."""
    coming = scene.quantities([{f"dL_da{layer}": one[f"dL_da{layer}"]} for one in true])
    for site, events in scene.visits:
        container = _container(scene, site)
        if container is None:
            continue
        before = [scene.timeline.before(container, event) for event in events]
        held = [one for one in before if one is not None]
        shown = coming.shown(held) if len(held) == len(events) else ()
        if shown:
            yield Sight(site, events, f"da{layer}_dz{layer}", WHOLE._replace(entry=shown[0].form.entry))


def mask_should_be(scene: Scene, sight: Sight, true: Sequence[Mapping[str, Array]]) -> str:
    """The comparison of the same things that is true where the slope is zero, or the contrary; empty if neither is."""
    if _container(scene, sight.site) is None or not sight.quantity.startswith("da"):
        return ""
    name, source = f"z{sight.quantity.partition('_')[0][2:]}", scene.site(sight.site).source.strip()
    below = [sight.form.of(one[name]) for one in true]
    sides = _compared(source)
    if sides is None:
        contrary = [scene.timeline.value(event) == 0 for event in sight.events]
        return _not(source) if _is_where_nothing_passes(contrary, below) else ""
    left, right = (ast.unparse(one) for one in sides)
    parts = scene.timeline.children[sight.site]
    for word, compare in COMPARISONS.items():
        masks = []
        for event in sight.events:
            numbers = {scene.site(one).source: scene.timeline.before(one, event) for one in parts}
            both = [None if one is None else scene.timeline.value(one) for one in map(numbers.get, (left, right))]
            masks.append(None if any(one is None for one in both) else compare(*both))
        if _is_where_nothing_passes(masks, below):
            return f"{left} {word} {right}"
    return ""


def _is_where_nothing_passes(masks: Sequence[NDArray[np.bool_] | None], below: Sequence[Array]) -> bool:
    """Whether a mask is true where the layer's z is not above zero, in each update."""
    return all(
        mask is not None
        and mask.size == z.size
        and any(np.array_equal(mask.ravel(), way.ravel() <= 0) for way in (z, z.T))
        for mask, z in zip(masks, below, strict=False)
    )


def _not(source: str) -> str:
    """The contrary of a mask, as it is written."""
    node = ast.parse(source, mode="eval").body
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return ast.unparse(node.operand)
    return f"~{source}" if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else f"~({source})"


def _container(scene: Scene, site: int) -> int | None:
    """The variable in whose entries an assignment puts a number where a comparison, or a kept mask, is true."""
    here = scene.site(site)
    compares = here.kind == "operation" and _compared(here.source) is not None
    if here.kind == "store":
        return None
    sites = scene.timeline.observation.sites
    around = [
        one
        for one in sites
        if one.kind == "store"
        and one.line == here.line
        and "[" in one.source
        and one.column < here.column
        and here.end_column < one.end_column
        and (compares or one.source.endswith(f"[{here.source}]"))
    ]
    if not around:
        return None
    same = (
        number
        for number, one in enumerate(sites)
        if one.kind != "store" and (one.line, one.column) == (here.line, around[0].column)
    )
    return next(same, None)


def _compared(source: str) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of a comparison."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return None
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return node.left, node.comparators[0]
    return None
