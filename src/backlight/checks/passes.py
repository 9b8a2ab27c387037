"""The forward passes of a program, and the rounds of its training: from one change of the parameters to the next.

A pass is where a program arrives at the outputs that the network has for some of its samples at the parameters of that
time. Passes at the same parameters belong to one round: the samples that an update goes through one by one, a whole
batch, or a look at the loss in between. Only one place in the source is listened to, that with the most rounds: what
a program writes down once more is no new pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.carriers import Carriers
    from backlight.checks.network import Network
    from backlight.checks.timeline import Timeline

    Array = NDArray[np.floating[Any]]

COMPUTED = {"call", "operation", "return", "comprehension"}
"""Kinds of expressions that can be where a program arrives at its outputs."""


@dataclass(frozen=True)
class Round:
    """What a program does at one set of parameters.

    Attributes
    ----------
    parameters : array
        As `Network` has them.
    passes : tuple of tuple of int
        The samples of each forward pass in order.
    begin, end : int
        From behind the previous round's last pass up to the next round's first pass: forward and backward of this
        round are among these events.
    first : int
        The event of its first pass.
    """

    parameters: Array
    passes: tuple[tuple[int, ...], ...]
    begin: int
    end: int
    first: int

    @property
    def rows(self) -> tuple[int, ...]:
        """All samples of the round, each once."""
        return tuple(sorted({row for one in self.passes for row in one}))


class Hit(NamedTuple):
    """An event that shows outputs: which samples each of its rows may be."""

    time: int
    version: int
    fits: NDArray[np.bool_]


def rounds(timeline: Timeline, network: Network, carriers: Carriers, *, most: int = 60) -> tuple[Round, ...]:
    """Read the rounds of a program whose parameters are in these variables."""
    versions = list(_versions(timeline, carriers))
    hits: dict[int, list[Hit]] = {}
    for number, (first, last, parameters) in enumerate(versions):
        for site, hit in _hits(timeline, network.outputs(parameters), number, first, last):
            hits.setdefault(site, []).append(hit)
        if max(len({hit.version for hit in some}) for some in hits.values()) > most if hits else False:
            break
    if not hits:
        return ()
    return _rounds(max(hits.values(), key=_worth), versions, len(timeline))


def _worth(hits: list[Hit]) -> tuple[int, int]:
    """More rounds are better; of equals, the first to arrive."""
    return len({hit.version for hit in hits}), -hits[0].time


def _versions(timeline: Timeline, carriers: Carriers) -> Iterator[tuple[int, int, Array]]:
    """The stretches of time in which the parameters stay as they are: first event, last event, parameters."""
    before: Array | None = None
    begin = 0
    for time in _uses(timeline, carriers):
        now = carriers.read(timeline, time)
        if now is None or (before is not None and np.array_equal(now, before)):
            continue
        if before is not None:
            yield begin, time - 1, before
        before, begin = now, time
    if before is not None:
        yield begin, len(timeline) - 1, before


def _uses(timeline: Timeline, carriers: Carriers) -> NDArray[np.intp]:
    """Every event at which a variable with parameters shows another value than before."""
    times = []
    for place in np.unique(carriers.places):
        events = timeline.of_place[place]
        shown = timeline.observation.value[events]
        times.append(events[np.concatenate([[True], shown[1:] != shown[:-1]])])
    return np.sort(np.concatenate(times))


def _hits(timeline: Timeline, outputs: Array, version: int, first: int, last: int) -> Iterator[tuple[int, Hit]]:
    """The events of a stretch that show outputs, with their places in the source."""
    samples, units = outputs.shape
    room = ROUNDING[timeline.precision] * np.abs(outputs)
    for time in range(first, last + 1):
        site = int(timeline.observation.site[time])
        if timeline.observation.sites[site].kind not in COMPUTED:
            continue
        value = timeline.value(time)
        if value.size == 1:
            fits = np.abs(value.ravel() - outputs[:, -1]) <= room[:, -1]
            if fits.any():
                yield site, Hit(time, version, fits[None])
        elif value.size % units == 0 and value.size <= samples * units:
            for way in _ways(value, units):
                fits = np.all(np.abs(way[:, None, :] - outputs[None]) <= room[None], axis=2)
                if fits.any(axis=1).all():
                    yield site, Hit(time, version, fits)
                    break


def _ways(value: Array, units: int) -> Iterator[Array]:
    """A value as rows of outputs, its samples down or across."""
    count = value.size // units
    yield value.reshape(count, units)
    if count > 1 and units > 1:
        yield value.reshape(units, count).T


def _rounds(hits: list[Hit], versions: list[tuple[int, int, Array]], end: int) -> tuple[Round, ...]:
    """The passes at one place in the source, put into rounds."""
    found = []
    row = -1
    for version, some in groupby(hits, key=lambda hit: hit.version):
        together = list(some)
        passes = []
        for hit in together:
            rows = _samples(hit.fits, row)
            row = rows[-1]
            passes.append(rows)
        found.append((versions[version][2], tuple(passes), together[0].time, together[-1].time))
    begins = [0] + [last + 1 for _, _, _, last in found[:-1]]
    ends = [first for _, _, first, _ in found[1:]] + [end]
    return tuple(
        Round(parameters, passes, begin, stop, first)
        for (parameters, passes, first, _last), begin, stop in zip(found, begins, ends, strict=True)
    )


def _samples(fits: NDArray[np.bool_], after: int) -> tuple[int, ...]:
    """The samples of a pass; where several have equal outputs, those that come next in order."""
    order = np.roll(np.arange(fits.shape[1]), -(after + 1))
    rows: list[int] = []
    for one in fits:
        likely = [int(row) for row in order if one[row]]
        rows.append(next((row for row in likely if row not in rows), likely[0]))
    return tuple(rows)
