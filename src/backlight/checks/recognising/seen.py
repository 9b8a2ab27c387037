"""The values that a program has read before a time: where an array of parameters stands among them.

A weight matrix may be read as one array, either way round and with the biases in an extra row or column; as one vector
for each unit; or number by number. Of equal values the likeliest one comes first.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain, combinations_with_replacement, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import ROUNDING, all_close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.intp]

MOST_ALTERNATIVES = 6
"""So many places are considered for one number that stands in several."""
MOST_TRIED = 1000
"""So many combinations of single numbers are looked through."""
HANDED_ON = 8
"""What is given to a function and read in it is so many events later the same number still."""
FARTHEST = 3
"""How far from the likeliest choice of all arrays together."""


class Fit(NamedTuple):
    """Parameters found in values: the event that shows each, where in its value, and with which sign."""

    events: Indices
    entries: Indices
    sign: int = 1


class Seen:
    """The values that were read before a time, and which of equal ones is the likeliest.

    The parameters are read within the pass, and what is computed from them comes later: a sample of zeros makes z equal
    to b, so what is read of a value that the pass has computed itself is the least likely, from where it is computed on.
    """

    def __init__(self, timeline: Timeline, time: int) -> None:
        self.timeline = timeline
        self.precision = timeline.precision
        observation = timeline.observation
        usable = np.array([site.kind != "constant" for site in observation.sites], dtype=bool)
        events = np.arange(time + 1)
        self.events = events[(usable[observation.site] & ~timeline.counts)[: time + 1]]
        self.computed = events[timeline.computes[observation.site[: time + 1]]]
        self.begin, self.time = 0, time
        self.first_computed: dict[int, int] = {}
        self._sort()

    def look_from(self, begin: int) -> None:
        """Take the pass to begin about there."""
        self.begin = begin
        self.__dict__.pop("_grown", None)  # of another pass
        numbers = self.timeline.observation.value
        for event in self.computed[np.searchsorted(self.computed, begin) :][::-1]:
            self.first_computed[int(numbers[event])] = int(event)
        self._sort()

    def _sort(self) -> None:
        """Each distinct value of each place in the source once, the likeliest first.

        A variable that goes through numbers shows two that are equal as two: it was another one in between.
        """
        observation = self.timeline.observation
        order = sorted(self.events.tolist(), key=self.rank)
        columns = observation.value, observation.site, self._holder, self.timeline.turns
        keys = np.stack([some[order] for some in columns], axis=1)
        _, first = np.unique(keys, axis=0, return_index=True)
        self.ranked = np.array(order, dtype=int)[np.sort(first)]
        self.values = [self.timeline.value(int(event)) for event in self.ranked]
        self.sizes = np.array([value.size for value in self.values], dtype=int)
        self.singles = self.ranked[self.sizes == 1]
        self.single_values = np.array([value.item() for value in self.values if value.size == 1])

    @cached_property
    def _holder(self) -> Indices:
        """What tells equal values at one place in the source apart: the object that holds them, or the variable."""
        observation = self.timeline.observation
        own, variable = observation.object.astype(int), observation.place.astype(int)
        return np.where(own >= 0, own, np.where(variable >= 0, -2 - variable, -1))

    def rank(self, event: int) -> tuple[bool, bool, bool, int]:
        """Lower is likelier."""
        observation = self.timeline.observation
        site = int(observation.site[event])
        place = int(observation.place[event])
        return (
            observation.sites[site].kind in {"operation", "call", "return"},
            not self.timeline.moves[site]
            or (place >= 0 and self.timeline.changes[place] < 2 and not self.timeline.made_anew[site]),  # noqa: PLR2004
            self._is_computed(event),
            -event,
        )

    def _is_computed(self, event: int) -> bool:
        """Whether it shows what the pass has computed itself, or a sum that grows in it, which began with a bias."""
        observation, place = self.timeline.observation, int(self.timeline.observation.place[event])
        first = self.first_computed.get(int(observation.value[event]), len(self.timeline))
        return place in self._grown or (first <= event and not self._is_older(place))

    @cached_property
    def _grown(self) -> set[int]:
        """The variables that are added to in the pass."""
        observation, stores = self.timeline.observation, self.timeline.stores
        added = (event for event in self.computed.tolist() if event >= self.begin and stores[observation.site[event]])
        return {place for event in added if (place := int(observation.place[event])) >= 0}

    def _is_older(self, place: int) -> bool:
        """Whether a variable was written before the pass and not in it."""
        stored = self.timeline.written(place)
        last = int(np.searchsorted(stored, self.time, side="right")) - 1
        return last >= 0 and int(stored[last]) < self.begin

    def is_factor(self, event: int) -> bool:
        """Whether what is read is multiplied by something: this expression, or its variable in another one of the pass."""
        place, factors = int(self.timeline.observation.place[event]), self.timeline.is_factor
        return bool(factors[self.timeline.observation.site[event]]) or place in self._factors

    @cached_property
    def _factors(self) -> set[int]:
        """The variables that are factors in the pass."""
        observation, here = self.timeline.observation, slice(self.begin, self.time + 1)
        found = observation.place[here][self.timeline.is_factor[observation.site[here]]]
        return set(found[found >= 0].tolist())

    def _is_times_one(self, event: int) -> bool:
        """Whether what is read is multiplied by 1 there: a bias that is the weight of a unit which is always on."""
        observation, site = self.timeline.observation, int(self.timeline.observation.site[event])
        if not self.timeline.is_factor[site]:
            return False
        products = self.timeline.of_site[observation.sites[site].parent]
        after = int(np.searchsorted(products, event))
        return after < len(products) and bool(observation.value[products[after]] == observation.value[event])

    def rank_of(self, fit: Fit) -> tuple[bool, bool, bool, bool, bool, int]:
        """The rank of the least likely of its events, one before the pass, no array that is read again later, the earliest."""
        made, still, computed, _when = max(self.rank(int(event)) for event in fit.events.flat)
        first = int(fit.events.flat[0])
        again = self.timeline.of_site[int(self.timeline.observation.site[first])][-1] > self.time
        whole = bool((fit.events == first).all() and again)
        return made, bool((fit.events < self._long_ago).any()), still, computed, not whole, -int(fit.events.min())

    def rank_of_bias(self, fit: Fit, weights: Fit | None) -> tuple[Any, ...]:
        """The rank of a bias: no factor of a product, unless the other one is 1, and near the weights of its unit."""
        made, _outside, still, computed, _parts, when = self.rank_of(fit)
        outside = any(self._is_outside(int(event)) for event in fit.events.flat)
        factor = max((self.is_factor(int(event)), not self._is_times_one(int(event))) for event in fit.events.flat)
        return made, outside, computed, factor, _distance(fit.events, weights), still, when

    @property
    def _long_ago(self) -> int:
        """What was read before this time was read before the pass."""
        return self.begin - (self.time - self.begin) // 3 - 8

    def _is_outside(self, event: int) -> bool:
        """Whether something was read before the pass, or where an object is made."""
        scope = self.timeline.observation.sites[int(self.timeline.observation.site[event])].scope
        return event < self._long_ago or scope.rpartition(".")[2] == "__init__"

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

    def numbers(self, array: Array, weights: Fit | None = None) -> Iterator[Fit]:
        """Each parameter by itself; biases by how near they are to the weights of their unit.

        A weight is a factor: what goes through the parameters before the pass, to print them or to have them
        differentiated, multiplies nothing. Where that does not tell, all may be what was read the latest.
        """
        choices: list[list[int]] = []
        for number in array.ravel():
            choices.append(self._alternatives(float(number)))
            if not choices[-1]:
                return
        support: dict[int, int] = {}
        for some in choices:
            for site in {int(self.timeline.observation.site[event]) for event in some}:
                support[site] = support.get(site, 0) + 1

        def rank(event: int, unit: int) -> tuple[Any, ...]:
            made, still, computed, when = self.rank(event)
            site = int(self.timeline.observation.site[event])
            if weights is None:
                no_weight = not self.is_factor(event), self._is_times_one(event)
                return made, still, computed, self._is_outside(event), no_weight, -support[site], when
            away = _distance(np.array(event), weights, unit)
            factor = self.is_factor(event) or self._becomes(event, weights), not self._is_times_one(event)
            return made, self._is_outside(event), computed, factor, away, still, -support[site]

        ranked = [
            self._once(sorted(some, key=lambda event: rank(event, unit)))[:MOST_ALTERNATIVES]
            for unit, some in enumerate(choices)
        ]
        combined: Iterator[tuple[int, ...]] = islice(by_rank(ranked), MOST_TRIED)
        if weights is None:
            latest = tuple(
                min(some, key=lambda event: (not self.is_factor(event), self.rank(event))) for some in choices
            )
            together = tuple(self._nearest(ranked, array.shape, rank))
            combined = chain([together], islice(combined, 1), [latest], combined)
        done: set[tuple[int, ...]] = set()
        for chosen in combined:
            if len(set(chosen)) == len(chosen) and chosen not in done:
                done.add(chosen)
                yield Fit(np.array(chosen).reshape(array.shape), np.zeros(array.shape, int))

    def _nearest(
        self, ranked: list[list[int]], shape: tuple[int, ...], rank: Callable[[int, int], tuple[Any, ...]]
    ) -> Iterator[int]:
        """Of several numbers that are as likely the one that was given its first value next to the other weights.

        Where that does not tell, the one that is read where most are, next to those of its unit.
        """
        units = shape[-1]
        likely = []
        for unit, some in enumerate(ranked):
            best = rank(some[0], unit)[:5]
            likely.append([event for event in some if rank(event, unit)[:5] == best])
        sure = [some[0] if max(some) - min(some) <= HANDED_ON else None for some in likely]
        for unit, some in enumerate(likely):
            near = [event for event in sure[unit % units :: units] if event is not None]
            near = near or [event for event in sure if event is not None]
            if not near:
                yield some[0]
                continue
            away = [
                (self._given_from(event, near), rank(event, unit)[5], min(abs(one - event) for one in near))
                for event in some
            ]
            yield some[away.index(min(away))]

    def _becomes(self, event: int, weights: Fit) -> bool:
        """Whether a number is given to a function in which it is read as one of some weights."""
        observation = self.timeline.observation
        for one in weights.events[(weights.events > event) & (weights.events <= event + HANDED_ON)]:
            given = self.timeline.written(int(observation.place[one]))
            if observation.value[one] == observation.value[event] and np.any((given > event) & (given < one)):
                return True
        return False

    def _given_from(self, event: int, others: list[int]) -> int:
        """How far from theirs the variable of an event got its first value; 0 where that tells nothing."""
        mine = self._given(event)
        theirs = [given for one in others if (given := self._given(one)) is not None]
        return 0 if mine is None else min((abs(mine - given) for given in theirs), default=0)

    def _given(self, event: int) -> int | None:
        """When the variable of an event got its first value; None if that was another one, or none is known."""
        if self.timeline.turns[event]:
            return None
        stored = self.timeline.written(int(self.timeline.observation.place[event]))
        return int(stored[0]) if len(stored) else None

    def _once(self, events: list[int]) -> list[int]:
        """The first of the events that show a variable while it holds a value."""
        found: dict[tuple[int, int], int] = {}
        for event in events:
            place = int(self.timeline.observation.place[event])
            here = (place, int(self.timeline.turns[event])) if self._is_name(place) else (-1, event)
            found.setdefault(here, event)
        return list(found.values())

    def _is_name(self, place: int) -> bool:
        return place >= 0 and self.timeline.observation.places[place].kind == "name"

    def _alternatives(self, number: float) -> list[int]:
        near = np.abs(self.single_values - number) <= ROUNDING[self.precision] * abs(number)
        return [int(event) for event in self.singles[near]]


def _distance(events: Indices, weights: Fit | None, unit: int | None = None) -> int:
    """How far biases are read from the weights of their layer, or of their unit."""
    if weights is None:
        return 0
    near = weights.events if unit is None else weights.events[:, unit]
    return int(np.abs(events.ravel()[:, None] - near.ravel()[None, :]).min(axis=1).max())


def by_rank(choices: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Combinations of choices, those of first choices before those of later ones.

    Examples
    --------
    >>> ["".join(some) for some in by_rank([["a", "b"], ["c"], ["d", "e"]])]
    ['acd', 'ace', 'bcd', 'bce']
    """
    for total in range(FARTHEST + 1):
        for raised in combinations_with_replacement(range(len(choices) - 1, -1, -1), total):
            ranks = Counter(raised)
            if all(rank < len(choices[position]) for position, rank in ranks.items()):
                yield tuple(some[ranks[position]] for position, some in enumerate(choices))


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
