"""Does a bias get a row for each sample? Then its deltas were never summed, and the network is another one from there on.

The first update alone shows it: the bias as it is read next is a table, and its rows are the old bias less the deltas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Grown:
    """A bias that became a table.

    Attributes
    ----------
    array : str
        Its name in the network.
    theirs : str
        What the program calls it.
    event : int
        Where it is made.
    axis : int
        Along which the samples are.
    """

    array: str
    theirs: str
    event: int
    axis: int


def grown(timeline: Timeline, network: Network, training: Training) -> Iterator[Grown]:
    """The biases that are a table behind the first update."""
    round_, readers = training.rounds[0], training.readers
    if len(training.rounds) > 1 or len(round_.rows) == 1:
        return
    true = network.quantities(round_.parameters, round_.rows)
    for name, mine in network.slices.items():
        if name[0] != "b" or not network.is_trained(name):
            continue
        site = int(readers.sites[mine][0])
        later = [int(event) for event in timeline.of_site[site] if event > round_.last]
        if not later:
            continue
        axis = _is_of_samples(timeline, later[0], round_.parameters[mine], true[f"dL_dz{name[1:]}"])
        made = None if axis is None else _made(timeline, round_.last, later[0])
        if axis is not None and made is not None:
            yield Grown(name, timeline.observation.sites[site].source, made, axis)


def _is_of_samples(timeline: Timeline, event: int, before: Array, delta: Array) -> int | None:
    """The axis of the samples, where a value is what a bias was less something times the delta of each sample."""
    value = timeline.value(event)
    if value.ndim != 2 or value.size != delta.size or not np.isfinite(value).all():  # noqa: PLR2004  a table
        return None
    for axis, table in ((0, value), (1, value.T)):
        if table.shape != delta.shape:
            continue
        change = before - table
        largest = np.unravel_index(int(np.argmax(np.abs(delta))), delta.shape)
        if not delta[largest] or not change[largest]:
            continue
        off = np.abs(change - change[largest] / delta[largest] * delta)
        room = RELATIVE[timeline.precision] * np.max(np.abs(change)) + 4 * np.finfo(timeline.precision).eps
        if np.all(off <= room * max(1.0, float(np.max(np.abs(before))))):
            return axis
    return None


def _made(timeline: Timeline, since: int, until: int) -> int | None:
    """The first expression behind a pass that computes what is read later."""
    observation = timeline.observation
    wanted = timeline.value(until)
    for event in range(since + 1, until):
        value = timeline.value(event)
        if (
            observation.sites[int(observation.site[event])].kind in {"operation", "call"}
            and value.shape == wanted.shape
            and np.array_equal(value, wanted)
        ):
            return event
    return None
