"""Names beside the ends of curves, moved apart where they would cover each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backlight.views.plots.style import SCREEN_DOTS_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

SIZE = 9.0
"""Points."""
LINE = 1.25 * SIZE
"""Height of a label with the space around it, in points."""
FAR = 0.9
"""A curve that ends before this part of the axes is far from its name."""
POINTS_PER_DOT = 72 / SCREEN_DOTS_PER_INCH
REACH = 14.0
"""From the axis to the labels, in points."""


@dataclass(frozen=True)
class Label:
    """A text for the end of a curve, and where that end is."""

    text: str
    x: float
    y: float
    colour: str


def write_labels(axes: Axes, labels: Sequence[Label]) -> None:
    """Write labels right of an axis whose limits are final, each tied to its curve's end by a thin line."""
    if not labels:
        return
    ends = [_in_axes(axes, label)[1] for label in labels]
    places = spread(ends, gap=LINE / (axes.bbox.height * POINTS_PER_DOT))
    for label, place in zip(labels, places, strict=True):
        end = _in_axes(axes, label)
        axes.annotate(
            label.text,
            xy=end,
            xycoords="axes fraction",
            xytext=(1 + REACH / (axes.bbox.width * POINTS_PER_DOT), place),
            textcoords="axes fraction",
            fontsize=SIZE,
            color=label.colour,
            verticalalignment="center",
            arrowprops={
                "arrowstyle": "-",
                "color": label.colour,
                "linewidth": 0.5,
                "linestyle": "-" if end[0] > FAR else ":",  # a solid line across the axes would pass for a curve
                "shrinkA": 1,
                "shrinkB": 1,
                "relpos": (0, 0.5),
            },
            annotation_clip=False,
        )


def spread(places: Sequence[float], *, gap: float) -> list[float]:
    """Move places between 0 and 1 apart so that neighbours keep a gap, as little as that takes.

    Places that come too close become a group with the gap between its members, around their mean; groups that
    meet are joined. More places than there is room for share it evenly.

    Examples
    --------
    >>> spread([0.5, 0.5], gap=0.1)
    [0.45, 0.55]
    >>> spread([0.2, 0.9], gap=0.1)
    [0.2, 0.9]
    """
    gap = min(gap, 1 / max(1, len(places) - 1))
    order = sorted(range(len(places)), key=lambda k: places[k])
    groups: list[tuple[float, int]] = []  # the lowest place of each group, and how many it has
    members: list[list[int]] = []
    for k in order:
        groups.append((min(max(places[k], 0.0), 1.0), 1))
        members.append([k])
        while len(groups) > 1 and groups[-2][0] + groups[-2][1] * gap > groups[-1][0]:
            joined = members.pop(-2) + members.pop()
            members.append(joined)
            groups.pop()
            count = len(joined)
            middle = sum(min(max(places[m], 0.0), 1.0) for m in joined) / count
            lowest = min(max(middle - (count - 1) * gap / 2, 0.0), 1.0 - (count - 1) * gap)
            groups[-1] = (lowest, count)
    result = [0.0] * len(places)
    for (lowest, _count), group in zip(groups, members, strict=True):
        for position, k in enumerate(group):
            result[k] = round(lowest + position * gap, 6)
    return result


def _in_axes(axes: Axes, label: Label) -> tuple[float, float]:
    """Where a curve ends, in parts of the axes."""
    x, y = axes.transLimits.transform(axes.transScale.transform((label.x, label.y)))
    return float(x), float(np.clip(y, 0, 1))
