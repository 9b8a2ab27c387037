"""Where a forward pass reads the network's parameters: found by their values, never by their names.

A reader is an expression of the source and how many times it was evaluated since, counted back from the end of the
pass: ``w`` in ``for w in self.weights: a = f(a @ w)`` reads W2 the last time and W1 the last but one. A weight matrix
may be read as one array, either way round and with the biases in an extra row or column; as one vector for each unit;
or number by number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import ROUNDING, all_close

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.intp]

MOST_ALTERNATIVES = 6
"""So many places are considered for one number that stands in several."""
MOST_COMBINATIONS = 64
FARTHEST = 3
"""How far from the likeliest choice of all arrays together."""


@dataclass(frozen=True)
class Readers:
    """For every parameter the expression that reads it, how many evaluations back, and where in its value.

    Attributes
    ----------
    sites, back, entries, signs : array of int, shape (parameters,)
        The sign is -1 where a program subtracts what the network adds: ``w @ x - threshold``.
    events : array of int, shape (parameters,)
        Where they were found.
    """

    sites: Indices
    back: Indices
    entries: Indices
    signs: Indices
    events: Indices

    def read(self, timeline: Timeline, time: int) -> Array | None:
        """The parameters that a pass ending at a time has read; None where there is no such pass."""
        found = np.empty(len(self.sites))
        for site, back in {(int(one), int(two)) for one, two in zip(self.sites, self.back, strict=True)}:
            events = timeline.of_site[site]
            position = int(np.searchsorted(events, time, side="right")) - back
            if position < 0:
                return None
            value = timeline.value(int(events[position]))
            mine = (self.sites == site) & (self.back == back)
            if value.size <= self.entries[mine].max():
                return None
            found[mine] = value.ravel()[self.entries[mine]] * self.signs[mine]
        return found

    def first(self, timeline: Timeline, time: int) -> int:
        """When a pass ending at a time has read its first parameter; the time itself if there is no such pass."""
        found = [time]
        for site, back in {(int(one), int(two)) for one, two in zip(self.sites, self.back, strict=True)}:
            events = timeline.of_site[site]
            position = int(np.searchsorted(events, time, side="right")) - back
            if position >= 0:
                found.append(int(events[position]))
        return min(found)

    def name(self, timeline: Timeline, parameter: int, *, whole: bool = False) -> str:
        """What the program calls a parameter, or the array that it stands in."""
        source = timeline.observation.sites[int(self.sites[parameter])].source
        value = timeline.value(int(self.events[parameter]))
        if value.size == 1 or whole:
            return source
        index = np.unravel_index(int(self.entries[parameter]), value.shape)
        return f"{source}[{', '.join(str(int(one)) for one in index)}]"


class Fit(NamedTuple):
    """Parameters found in values: the event that shows each, where in its value, and with which sign."""

    events: Indices
    entries: Indices
    sign: int = 1


def readers(timeline: Timeline, network: Network, parameters: Array, time: int) -> Iterator[Readers]:
    """Every way in which these parameters may have been read before a time, the likeliest first."""
    seen = _Seen(timeline, time)
    arrays = network.arrays(parameters)
    beside = {name: arrays[f"W{name[1:]}"] if name[0] == "b" else None for name in arrays}
    seen.look_from(min(seen.latest(array, beside[name]) for name, array in arrays.items()))
    choices = []
    for name, array in arrays.items():
        columns = list(seen.columns(array, beside[name]))
        fits = [*islice(seen.whole(array), MOST_ALTERNATIVES), *islice(seen.numbers(array), 2 * MOST_ALTERNATIVES)]
        if beside[name] is None:
            fits += columns
            columns = []
        fits.sort(key=seen.rank_of)
        if name[0] == "b" and array.any():
            turned = [*islice(seen.whole(-array), 2), *islice(seen.numbers(-array), 2)]
            subtracted = sorted((fit._replace(sign=-1) for fit in turned), key=seen.rank_of)
            likely = bool(subtracted) and (not fits or seen.rank_of(subtracted[0])[:3] < seen.rank_of(fits[0])[:3])
            fits = [*subtracted, *fits] if likely else [*fits[:1], *subtracted, *fits[1:]]
        if not fits and not columns:
            return
        choices.append([*columns, *fits])
    for chosen in islice(_by_rank(choices), MOST_COMBINATIONS):
        events = np.concatenate([fit.events.ravel() for fit in chosen])
        entries = np.concatenate([fit.entries.ravel() for fit in chosen])
        sites = timeline.observation.site[events].astype(int)
        back = np.array([_back(timeline, int(event), time) for event in events])
        signs = np.concatenate([np.full(fit.events.size, fit.sign) for fit in chosen])
        yield Readers(sites, back, entries, signs, events)


def _by_rank(choices: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Combinations of choices, those of first choices before those of later ones."""
    for total in range(FARTHEST + 1):
        for chosen in product(*(range(min(len(some), total + 1)) for some in choices)):
            if sum(chosen) == total:
                yield tuple(some[rank] for some, rank in zip(choices, chosen, strict=True))


def _back(timeline: Timeline, event: int, time: int) -> int:
    """How many evaluations before a time this was: 1 for the last."""
    events = timeline.of_site[int(timeline.observation.site[event])]
    return int(np.searchsorted(events, time, side="right") - np.searchsorted(events, event))


class _Seen:
    """The values that were read before a time, and which of equal ones is the likeliest.

    The parameters are read within the pass, and what is computed from them comes later: a sample of zeros makes z equal
    to b, so what is read of a value that the pass has computed itself is the least likely.
    """

    def __init__(self, timeline: Timeline, time: int) -> None:
        self.timeline = timeline
        self.precision = timeline.precision
        observation = timeline.observation
        usable = np.array([site.kind != "constant" for site in observation.sites], dtype=bool)
        events = np.arange(time + 1)
        self.events = events[usable[observation.site[: time + 1]]]
        self.computed = events[timeline.computes[observation.site[: time + 1]]]
        self.begin, self.time = 0, time
        self.first_computed: dict[int, int] = {}
        self._sort()

    def look_from(self, begin: int) -> None:
        """Take the pass to begin about there."""
        self.begin = begin
        numbers = self.timeline.observation.value
        for event in self.computed[np.searchsorted(self.computed, begin) :][::-1]:
            self.first_computed[int(numbers[event])] = int(event)
        self._sort()

    def _sort(self) -> None:
        """Each distinct value of each place in the source once, the likeliest first."""
        observation = self.timeline.observation
        order = sorted(self.events.tolist(), key=self.rank)
        keys = observation.value[order].astype(np.int64) * len(observation.sites) + observation.site[order]
        _, first = np.unique(keys, return_index=True)
        self.ranked = np.array(order, dtype=int)[np.sort(first)]
        self.values = [self.timeline.value(int(event)) for event in self.ranked]
        self.sizes = np.array([value.size for value in self.values], dtype=int)
        self.singles = self.ranked[self.sizes == 1]
        self.single_values = np.array([value.item() for value in self.values if value.size == 1])

    def rank(self, event: int) -> tuple[bool, bool, bool, int]:
        """Lower is likelier."""
        observation = self.timeline.observation
        site = int(observation.site[event])
        return (
            observation.sites[site].kind in {"operation", "call", "return"},
            not self.timeline.moves[site],
            self.first_computed.get(int(observation.value[event]), self.time) < event,
            -event,
        )

    def rank_of(self, fit: Fit) -> tuple[bool, bool, bool, int]:
        """The rank of the least likely of its events."""
        return max(self.rank(int(event)) for event in fit.events.flat)

    def latest(self, array: Array, weights: Array | None) -> int:
        """When an array was read at the latest."""
        whole = [int(fit.events.min()) for fit in [*self.whole(array), *self.columns(array, weights)]]
        numbers = [max(self._alternatives(float(number)), default=-1) for number in array.ravel()]
        return max([*whole, min(numbers)])

    def whole(self, array: Array) -> Iterator[Fit]:
        """The array in one value."""
        size = array.size
        for position in np.flatnonzero((self.sizes >= size) & (self.sizes <= 4 * size + 64)):
            value = self.values[position]
            for where in embeddings(value.shape, array.shape):
                if all_close(value.ravel()[where], array, self.precision):
                    yield Fit(np.full(array.shape, self.ranked[position]), where)
                    break

    def columns(self, array: Array, weights: Array | None) -> Iterator[Fit]:
        """The weights of each unit in a vector of their own, alone or with the bias behind or before them.

        A bias stands at an end of such a vector.
        """
        if weights is None:
            found = [self._vector(column) for column in array.T]
        else:
            found = [self._end(column, float(number)) for column, number in zip(weights.T, array, strict=True)]
        some = [fit for fit in found if fit is not None]
        if len(some) == len(found):
            yield Fit(np.stack([fit.events for fit in some], axis=-1), np.stack([fit.entries for fit in some], axis=-1))

    def _vector(self, column: Array) -> Fit | None:
        size = len(column)
        if size == 1:
            return None
        for position in np.flatnonzero((self.sizes == size) | (self.sizes == size + 1)):
            value = self.values[position]
            if value.size != max(value.shape, default=0):
                continue
            for first in range(value.size - size + 1):
                where = np.arange(first, first + size)
                if all_close(value.ravel()[where], column, self.precision):
                    return Fit(np.full(size, self.ranked[position]), where)
        return None

    def _end(self, column: Array, number: float) -> Fit | None:
        """A bias behind or before the weights of its unit."""
        for position in np.flatnonzero(self.sizes == len(column) + 1):
            value = self.values[position]
            if value.size == max(value.shape):
                for both, where in ((np.append(column, number), len(column)), (np.append(number, column), 0)):
                    if all_close(value.ravel(), both, self.precision):
                        return Fit(np.array(self.ranked[position]), np.array(where))
        return None

    def numbers(self, array: Array) -> Iterator[Fit]:
        """Each parameter by itself."""
        choices = [self._alternatives(float(number)) for number in array.ravel()]
        if not all(choices):
            return
        support: dict[int, int] = {}
        for some in choices:
            for site in {int(self.timeline.observation.site[event]) for event in some}:
                support[site] = support.get(site, 0) + 1

        long_ago = self.begin - (self.time - self.begin) // 3 - 8

        def rank(event: int) -> tuple[bool, bool, bool, bool, int, int]:
            made, still, computed, when = self.rank(event)
            site = int(self.timeline.observation.site[event])
            return made, still, computed, event < long_ago, -support[site], when

        ranked = [sorted(some, key=rank)[:MOST_ALTERNATIVES] for some in choices]
        for chosen in _by_rank(ranked):
            if len(set(chosen)) == len(chosen):
                yield Fit(np.array(chosen).reshape(array.shape), np.zeros(array.shape, int))

    def _alternatives(self, number: float) -> list[int]:
        near = np.abs(self.single_values - number) <= ROUNDING[self.precision] * abs(number)
        return [int(event) for event in self.singles[near]]


def embeddings(value: tuple[int, ...], array: tuple[int, ...]) -> Iterator[Indices]:
    """Where an array of parameters may stand in a value of a shape, as flat indices in the array's shape.

    Examples
    --------
    >>> [where.tolist() for where in embeddings((2, 2), (2, 2))]
    [[[0, 1], [2, 3]], [[0, 2], [1, 3]]]
    >>> [where.tolist() for where in embeddings((2, 3), (3, 2))]
    [[[0, 3], [1, 4], [2, 5]]]
    """
    size, wanted = int(np.prod(value)), int(np.prod(array))
    if size == wanted:
        flat = np.arange(size)
        if value == array[::-1] and value != array:
            yield flat.reshape(value).T
        else:
            yield flat.reshape(array)
            if len(array) == 2 and min(array) > 1:  # noqa: PLR2004  a matrix
                yield flat.reshape(array[::-1]).T
    elif len(value) == 2:  # noqa: PLR2004  a matrix with the biases as a row or column of it
        grid = np.arange(size).reshape(value)
        parts = (grid[:-1], grid[1:], grid[:, :-1].T, grid[:, 1:].T)
        rows = (grid[-1], grid[0], grid[:, -1], grid[:, 0])
        yield from (part for part in (parts if len(array) == 2 else rows) if part.shape == array)  # noqa: PLR2004
    elif len(value) == 1 and size > wanted > 1:  # all parameters one after the other
        for first in range(size - wanted + 1):
            run = np.arange(first, first + wanted)
            yield run.reshape(array)
            if len(array) == 2:  # noqa: PLR2004
                yield run.reshape(array[::-1]).T
