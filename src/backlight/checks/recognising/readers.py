"""Where a forward pass reads the network's parameters: found by their values, never by their names.

A reader is an expression of the source and how many times it was evaluated since, counted back from the end of the
pass: ``w`` in ``for w in self.weights: a = f(a @ w)`` reads W2 the last time and W1 the last but one. Or it is a
variable that lasts, an attribute of an object or an item of a list that is written again and again: then it is what
this variable holds, wherever it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.seen import MOST_ALTERNATIVES, Fit, Seen, by_rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.intp]

MOST_COMBINATIONS = 64


@dataclass(frozen=True)
class Readers:
    """For every parameter the expression that reads it, how many evaluations back, and where in its value.

    Attributes
    ----------
    sites, back, entries, signs : array of int, shape (parameters,)
        The sign is -1 where a program subtracts what the network adds: ``w @ x - threshold``.
    events : array of int, shape (parameters,)
        Where they were found.
    places : array of int, shape (parameters,)
        The variable that is read in place of an expression; -1 where it is an expression.
    """

    sites: Indices
    back: Indices
    entries: Indices
    signs: Indices
    events: Indices
    places: Indices

    def read(self, timeline: Timeline, time: int) -> Array | None:
        """The parameters that a pass ending at a time has read; None where there is no such pass."""
        found = np.empty(len(self.sites))
        for event, mine in self._read(timeline, time):
            if event is None:
                return None
            value = timeline.value(event)
            if value.size <= self.entries[mine].max():
                return None
            found[mine] = value.ravel()[self.entries[mine]] * self.signs[mine]
        return found

    def first(self, timeline: Timeline, time: int, since: int = 0) -> int:
        """When a pass ending at a time has read its first parameter; the time itself if there is no such pass.

        What was read before ``since`` is a parameter that stays as it was written down at the beginning.
        """
        read = (event for event, _mine in self._read(timeline, time) if event is not None)
        return min([time, *(event for event in read if event >= since)])

    def _read(self, timeline: Timeline, time: int) -> Iterator[tuple[int | None, NDArray[np.bool_]]]:
        """The event of each reader in a pass ending at a time, None where there is none, and its parameters."""
        for site, back, place in self._distinct:
            events = timeline.of_site[site] if place < 0 else timeline.of_place[place]
            position = int(np.searchsorted(events, time, side="right")) - (back if place < 0 else 1)
            mine = (self.sites == site) & (self.back == back) if place < 0 else self.places == place
            yield int(events[position]) if position >= 0 else None, mine

    @cached_property
    def _distinct(self) -> list[tuple[int, int, int]]:
        """Site, back and place of each reader once; of a variable only the place counts."""
        every = zip(self.sites.tolist(), self.back.tolist(), self.places.tolist(), strict=True)
        return list(dict.fromkeys((site, back, -1) if place < 0 else (-1, 0, place) for site, back, place in every))

    @property
    def by_expression(self) -> Readers | None:
        """The same without variables; None if there are none."""
        return replace(self, places=np.full(len(self.places), -1)) if np.any(self.places >= 0) else None

    def name(self, timeline: Timeline, parameter: int, *, whole: bool = False) -> str:
        """What the program calls a parameter, or the array that it stands in."""
        source = timeline.observation.sites[int(self.sites[parameter])].source
        value = timeline.value(int(self.events[parameter]))
        if value.size == 1 or whole:
            return source
        index = np.unravel_index(int(self.entries[parameter]), value.shape)
        return f"{source}[{', '.join(str(int(one)) for one in index)}]"


def readers(timeline: Timeline, network: Network, parameters: Array, time: int) -> Iterator[Readers]:
    """Every way in which these parameters may have been read before a time, the likeliest first."""
    seen = Seen(timeline, time)
    arrays = network.arrays(parameters)
    beside = {name: arrays[f"W{name[1:]}"] if name[0] == "b" else None for name in arrays}
    seen.look_from(min(_latest(seen, array, beside[name]) for name, array in arrays.items()))
    choices: list[list[Fit]] = []
    weights: dict[str, Fit] = {}
    for name, array in arrays.items():
        fits = _fits(seen, array, beside[name], weights.get(f"W{name[1:]}"))
        if not fits:
            return
        weights[name] = fits[0]
        choices.append(fits)
    for chosen in islice(_apart_first(by_rank(choices)), MOST_COMBINATIONS):
        yield from _as_readers(timeline, chosen, time)


def _latest(seen: Seen, array: Array, beside: Array | None) -> int:
    """When an array was read at the latest; biases may be subtracted."""
    plain = seen.latest(array, beside)
    return plain if beside is None else max(plain, seen.latest(-array, beside))


def _fits(seen: Seen, array: Array, beside: Array | None, weights: Fit | None) -> list[Fit]:
    """Every way in which one array may have been read; ``beside`` are the weights of biases, and how these are read."""
    columns = list(seen.columns(array, beside))
    whole = list(islice(seen.whole(array), MOST_ALTERNATIVES))
    numbers = list(islice(seen.numbers(array, weights), 2 * MOST_ALTERNATIVES))
    if beside is None:
        ranked = [(seen.rank_of(fit), fit) for fit in (*whole, *numbers[:1], *columns)]
        when = ranked[len(whole)][0][-1] if numbers else 0
        ranked += [((*seen.rank_of(fit)[:-1], when), fit) for fit in numbers[1:]]
        return [fit for _rank, fit in sorted(ranked, key=itemgetter(0))]
    fits = [*whole, *numbers]
    fits.sort(key=lambda fit: seen.rank_of_bias(fit, weights))
    if array.any():
        turned = [*islice(seen.whole(-array), 2), *islice(seen.numbers(-array, weights), 2)]
        subtracted = [fit._replace(sign=-1) for fit in turned]
        subtracted.sort(key=lambda fit: seen.rank_of_bias(fit, weights))
        ranks = [seen.rank_of_bias(some[0], weights)[:4] for some in (subtracted, fits) if some]
        likely = bool(subtracted) and (not fits or ranks[0] < ranks[1])
        fits = [*subtracted, *fits] if likely else [*fits[:1], *subtracted, *fits[1:]]
    return [*columns, *fits]


def _apart_first(combinations: Iterator[tuple[Fit, ...]]) -> Iterator[tuple[Fit, ...]]:
    """First those in which no two arrays are read by the same event, and no two parameters are one number."""
    together = []
    for chosen in islice(combinations, 4 * MOST_COMBINATIONS):
        whole = [int(fit.events.flat[0]) for fit in chosen if len(set(fit.entries.flat)) == fit.entries.size]
        numbers = [both for fit in chosen for both in zip(fit.events.flat, fit.entries.flat, strict=True)]
        if len(set(whole)) == len(whole) and len(set(numbers)) == len(numbers):
            yield chosen
        else:
            together.append(chosen)
    yield from together


def _as_readers(timeline: Timeline, chosen: tuple[Fit, ...], time: int) -> Iterator[Readers]:
    """Readers of variables where they last, and the same as readers of expressions."""
    events = np.concatenate([fit.events.ravel() for fit in chosen])
    found = Readers(
        sites=timeline.observation.site[events].astype(int),
        back=np.array([_back(timeline, int(event), time) for event in events]),
        entries=np.concatenate([fit.entries.ravel() for fit in chosen]),
        signs=np.concatenate([np.full(fit.events.size, fit.sign) for fit in chosen]),
        events=events,
        places=np.where(timeline.lasts[events], timeline.observation.place[events].astype(int), -1),
    )
    yield found
    other = found.by_expression
    if other is not None:
        yield other


def _back(timeline: Timeline, event: int, time: int) -> int:
    """How many evaluations before a time this was: 1 for the last."""
    events = timeline.of_site[int(timeline.observation.site[event])]
    return int(np.searchsorted(events, time, side="right") - np.searchsorted(events, event))
