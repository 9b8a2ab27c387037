"""The forward passes of a program, and how its training is read from them.

A pass is where a program arrives at the outputs that the network has for some of its samples, with the parameters that
this pass has read. Only one place in the source is listened to, that with the most
rounds: what a program writes down once more is no new pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.recognising.probes import LOOKED_AT, around, probes
from backlight.checks.recognising.readers import Readers, readers
from backlight.checks.recognising.rounds import Pass, Round, rounds_in, rounds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

COMPUTED = {"call", "operation", "return"}
"""Kinds of expressions that can be where a program arrives at its outputs."""
MOST_ROUNDS = 60
MOST_SITES = 8
MOST_READINGS = 64
MOST_OTHERS = 8
MOST_EVALUATED = 20_000
LARGE = 200_000
"""Parameters times samples; of so large a network other places are hardly looked at when one is sure."""
FEW_EVALUATED = 8


@dataclass(frozen=True)
class Training:
    """The rounds of a program, and where its passes read the parameters.

    Attributes
    ----------
    before : Training or None
        A pass at another place in the source, before the first of these rounds.
    """

    rounds: tuple[Round, ...]
    readers: Readers
    site: int
    others: tuple[_Reading, ...] = ()
    before: Training | None = None

    def is_complete(self, timeline: Timeline) -> bool:
        """Whether there are several rounds, or the passes are at least half of what is computed at their place."""
        passes = sum(len(one.passes) for one in self.rounds)
        return len(self.rounds) > 1 or 2 * passes >= len(timeline.of_site[self.site])

    def is_left(self, timeline: Timeline) -> bool:
        """Whether there is one round only, though the program goes on to compute at this place: it was not followed."""
        evaluated = timeline.of_site[self.site]
        until = int(np.searchsorted(evaluated, self.rounds[-1].last, side="right"))
        return len(self.rounds) == 1 and len(evaluated) >= 2 * until

    def read_otherwise(self, timeline: Timeline, network: Network) -> Iterator[Training]:
        """Other ways to read the program, the likeliest first: nobody is accused while one of them is right."""
        for one in self.others:
            yield one.training(timeline, network)


def read_again(timeline: Timeline, network: Network, known: Training, turn: int) -> Training | None:
    """Read the same program in another run, where it was read before; None if there its passes are not the network's.

    ``turn`` says how often the place of the passes was evaluated before the first of them. They may end at another
    place now: what was as large as an output need not be one.
    """
    evaluated = timeline.of_site[known.site]
    if turn >= len(evaluated):
        return None
    first = int(evaluated[turn])
    begin = known.readers.read(timeline, first)
    if begin is None:
        return None
    ends = [first, *(time for time in _ends(timeline, network.outputs(begin)) if time != first)]
    found = []
    for time in ends[: MOST_SITES + 1]:
        now = known.readers.read(timeline, time)
        if now is not None and np.array_equal(now, begin):
            site = int(timeline.observation.site[time])
            passes = list(_passes(timeline, network, known.readers, site, time, MOST_EVALUATED))
            if passes and passes[0].time == time:
                found.append(_Reading(known.readers, site, passes))
    if not found:
        return None
    return max(found, key=lambda one: one.worth(timeline)).training(timeline, network)


def training(timeline: Timeline, network: Network, parameters: Array) -> Training | None:
    """Read the rounds of a program whose first forward pass has these parameters; None if it has no such pass.

    Where this pass is a probe, one of those that a numerical gradient makes before a training, it is read from the
    parameters around which it probes.
    """
    found, base = _readings(timeline, network, parameters)
    if not found and base is not None:
        found, _base = _readings(timeline, network, base)
    if not found:
        return None
    best, *others = sorted(found, key=lambda one: one.worth(timeline), reverse=True)
    likely: list[_Reading] = []
    for one in others:
        if rounds_in(one.passes) > 1 and not any(one.is_like(known) for known in (best, *likely)):
            likely.append(one)
    return replace(best.training(timeline, network), others=tuple(likely[:MOST_OTHERS]))


def _readings(timeline: Timeline, network: Network, parameters: Array) -> tuple[list[_Reading], Array | None]:
    """All ways to read the passes from these parameters on; if all are probes, the parameters in their middle."""
    outputs = network.outputs(parameters)
    found: list[_Reading] = []
    base: Array | None = None
    sites: set[int] = set()
    first_look = 8 * (network.samples + sum(network.recipe.layers[1:]))
    most = MOST_READINGS
    is_large = network.samples * network.size > LARGE
    for time in _ends(timeline, outputs):
        site = int(timeline.observation.site[time])
        sites.add(site)
        for some in islice(readers(timeline, network, parameters, time), most):
            passes, middle = _trained(timeline.precision, _passes(timeline, network, some, site, time, first_look))
            if not passes and middle is not None:
                passes, base = _trained(
                    timeline.precision, _passes(timeline, network, some, site, time, MOST_EVALUATED)
                )
            one = _Reading(some, site, passes, first_look)
            if one.passes:
                found.append(one)
            sure = bool(one.passes) and one.is_sure(timeline, network)
            if sure and is_large:
                first_look, most = min(first_look, FEW_EVALUATED), 1
            if sure or middle is not None:
                break
        if len(sites) == MOST_SITES:
            break
    return found, base


@dataclass(frozen=True)
class _Reading:
    """One way to read the passes of a program, as far as so many evaluations from the first one on were looked at."""

    readers: Readers
    site: int
    passes: list[Pass]
    most: int = MOST_EVALUATED

    @cached_property
    def samples(self) -> int:
        """How many samples are seen; outputs that all of them have say of none that it is seen, if others say more."""
        every = np.concatenate([one.fits for one in self.passes])
        telling = every[~every.all(axis=1)]
        return int((telling if len(telling) else every).any(axis=0).sum())

    def training(self, timeline: Timeline, network: Network) -> Training:
        """Read all rounds in this way."""
        time = self.passes[0].time
        passes, _middle = _trained(
            timeline.precision, _passes(timeline, network, self.readers, self.site, time, MOST_EVALUATED)
        )
        return Training(rounds_of(passes, len(timeline)), self.readers, self.site)

    def is_sure(self, timeline: Timeline, network: Network) -> bool:
        """Whether nothing can be better."""
        alone = len(timeline.of_site[self.site]) == 1
        return bool(self.passes) and (alone or (rounds_in(self.passes) > 1 and self.samples == network.samples))

    def is_like(self, other: _Reading) -> bool:
        """Whether two readings have the same parameters and samples in each round, as far as both were looked at."""
        mine, theirs = self._in_rounds, other._in_rounds
        both = min(len(mine), len(theirs))
        return both > 1 and mine[: both - 1] == theirs[: both - 1] and mine[both - 1][0] == theirs[both - 1][0]

    @cached_property
    def _in_rounds(self) -> list[tuple[bytes, bytes]]:
        """The parameters and the samples of each round; of the last one some samples may not have been seen."""
        found: list[tuple[bytes, NDArray[np.bool_]]] = []
        for one in self.passes:
            numbers, rows = one.parameters.tobytes(), np.asarray(one.fits.any(axis=0))
            if found and found[-1][0] == numbers:
                found[-1] = numbers, np.asarray(found[-1][1] | rows)
            else:
                found.append((numbers, rows))
        return [(numbers, rows.tobytes()) for numbers, rows in found]

    def worth(self, timeline: Timeline) -> tuple[bool, bool, int, float, int, int]:
        """Several rounds are better than one, more samples than fewer; training never comes back to where it was.

        Then few evaluations that are no pass; then the first to arrive. Of one round all evaluations count, and most
        passes are better: a program may try its network once, and then train it so that it never moves.
        """
        rounds = rounds_in(self.passes)
        evaluated = timeline.of_site[self.site]
        first, last = np.searchsorted(evaluated, [self.passes[0].time, self.passes[-1].time])
        several = rounds > 1
        every = last - first + 1 if several else min(len(evaluated), int(first) + self.most)
        return (
            several,
            len({one.parameters.tobytes() for one in self.passes}) == rounds,
            self.samples,
            (min(rounds, MOST_ROUNDS) if several else len(self.passes)) / every,
            0 if several else len(self.passes),
            -self.passes[0].time,
        )


def _ends(timeline: Timeline, outputs: Array) -> Iterator[int]:
    """The events that show outputs of the network, in order; the first of every place in the source is enough."""
    observation = timeline.observation
    computed = np.array([site.kind in COMPUTED for site in observation.sites], dtype=bool)
    done: set[int] = set()
    fitting: dict[int, bool] = {}
    for time in np.flatnonzero(computed[observation.site]):
        site, number = int(observation.site[time]), int(observation.value[time])
        if site in done:
            continue
        if number not in fitting:
            fitting[number] = _fits(timeline.values[number], outputs, timeline.precision) is not None
        if fitting[number]:
            done.add(site)
            if not _is_a_copy(timeline, int(time)):
                yield int(time)


def _is_a_copy(timeline: Timeline, time: int) -> bool:
    """Whether a call gives back what a variable holds that it is a call on, and computes nothing."""
    observation = timeline.observation
    site = int(observation.site[time])
    if observation.sites[site].kind != "call":
        return False
    kept = (part for part in timeline.children[site] if observation.sites[part].kind in {"name", "attribute", "item"})
    before = (timeline.before(part, time) for part in kept)
    return any(one is not None and np.array_equal(timeline.value(one), timeline.value(time)) for one in before)


def _shown(timeline: Timeline, time: int, reach: int, outputs: Array) -> NDArray[np.bool_] | None:
    """Which samples each row of an event's value may be the outputs of; None if it is none.

    A single number is the last output of a sample, the other ones must have been seen shortly before or after.
    """
    fits = _fits(timeline.value(time), outputs, timeline.precision)
    if fits is None or timeline.value(time).size > 1 or outputs.shape[1] == 1:
        return fits
    near = timeline.scalars[max(time - reach, 0) : time + reach]
    room = ROUNDING[timeline.precision]
    for row in np.flatnonzero(fits[0]):
        if not all(bool(np.any(np.abs(near - one) <= room * abs(one))) for one in outputs[row, :-1]):
            fits[0, row] = False
    return fits if fits.any() else None


def _fits(value: Array, outputs: Array, precision: str) -> NDArray[np.bool_] | None:
    """Which samples each row of a value may be the outputs of; None if it is none."""
    samples, units = outputs.shape
    room = ROUNDING[precision] * np.abs(outputs)
    if value.size == 1:
        fits = np.abs(value.ravel() - outputs[:, -1]) <= room[:, -1]
        return fits[None] if fits.any() else None
    if value.size % units or value.size > samples * units:
        return None
    for way in _ways(value, units):
        if not np.all(np.abs(way[0] - outputs) <= room, axis=1).any():
            continue
        fits = np.all(np.abs(way[:, None, :] - outputs[None]) <= room[None], axis=2)
        if fits.any(axis=1).all():
            return np.asarray(fits)
    return None


def _ways(value: Array, units: int) -> Iterator[Array]:
    """A value as rows of outputs, its samples down or across."""
    count = value.size // units
    yield value.reshape(count, units)
    if count > 1 and units > 1:
        yield value.reshape(units, count).T


def _passes(  # noqa: PLR0917  where to read, and how much
    timeline: Timeline, network: Network, some: Readers, site: int, first: int, most: int
) -> Iterator[Pass]:
    """The forward passes that end at one place in the source, among so many evaluations of it."""
    before: Array | None = None
    outputs: Array = np.empty((0, 0))
    reach = 2 * (first - int(some.events.min())) + 10
    evaluated = timeline.of_site[site]
    begin = int(np.searchsorted(evaluated, first))
    for time in evaluated[begin : begin + most]:
        now = some.read(timeline, int(time))
        if now is None:
            continue
        if before is None or not np.array_equal(now, before):
            outputs, before = network.outputs(now), now
        fits = _shown(timeline, int(time), reach, outputs)
        if fits is None:
            continue
        yield Pass(int(time), now, fits)


def _trained(precision: str, passes: Iterator[Pass]) -> tuple[list[Pass], Array | None]:
    """The passes of so many rounds that are no probes; if all are, the parameters in the middle of the first ones."""
    together: list[list[Pass]] = []
    look = MOST_ROUNDS + LOOKED_AT
    for one in passes:
        if together and np.array_equal(one.parameters, together[-1][-1].parameters):
            together[-1].append(one)
            continue
        if len(together) == look:
            if look - sum(_are_probes(together, precision)) > MOST_ROUNDS:
                break
            look *= 2
        together.append([one])
    kept = [some for some, probe in zip(together, _are_probes(together, precision), strict=True) if not probe]
    middle = around([some[0].parameters for some in together[:LOOKED_AT]], precision) if not kept else None
    return [one for some in kept[:MOST_ROUNDS] for one in some], middle


def _are_probes(together: list[list[Pass]], precision: str) -> list[bool]:
    return probes([some[0].parameters for some in together], precision)
