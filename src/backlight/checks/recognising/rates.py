"""The learning rate of a program: which of the numbers in its updates it is.

The learning rate is a factor that the updates of all parameters have in common. What an optimizer of torch was given is
one. Where nothing is written it is 1, or what the recipe asks for. With which of these some updates are exactly true is
the program's own; where all gradients are wrong, the likeliest factor by its kind and its name is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE, close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.factors import Factor, Factors
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.steps import Step

    Array = NDArray[np.floating[Any]]
    Mask = NDArray[np.bool_]

NAMED = re.compile(
    r"lr|eta(?![a-z])|alpha|rate|step|learn|lern|gamma|epsilon|taux|tasa|tasso|speed|学习率|步长|η|α", re.IGNORECASE
)
"""How people call it; only where numbers do not tell."""
LOOKED_AT = 3
"""So many updates are read for the factors they have in common."""
SHOWS = {"operation", "call", "name", "attribute", "item"}
FEWEST_CUT = 4
MOST_SHOWN = 40
"""In so many places one update is read."""


@dataclass
class Written:
    """A factor of updates.

    Attributes
    ----------
    factors : list of Factor
        One for each update, the first ones first.
    covers : array of bool, shape (parameters,)
        In whose updates it stands, in all of them.
    """

    factors: list[Factor] = field(default_factory=list)
    covers: Mask = field(default_factory=lambda: np.zeros(0, bool))

    @property
    def number(self) -> float:
        """In the first update."""
        return self.factors[0].number

    @property
    def stays(self) -> bool:
        """Whether it is the same in all of them."""
        return len({one.number for one in self.factors}) == 1


class Rates:
    """The factors of a program's updates, and which of them is its learning rate."""

    def __init__(self, factors: Factors, network: Network, made: Sequence[Step], asked: float) -> None:
        self.factors, self.timeline = factors, factors.timeline
        self.network, self.made, self.asked = network, tuple(made), asked
        self.precision = self.timeline.precision
        self.moved = np.any([_moves(step) for step in self.made], axis=0)

    @cached_property
    def found(self) -> list[Written]:
        """What the first updates have in common, but for numbers that the network computes and that stay all the same."""
        return [one for one in self._common(self.made[:LOOKED_AT]) if not one.stays or self._is_free(one)]

    @cached_property
    def handed(self) -> list[float]:
        """The learning rate that an optimizer of torch has in each update."""
        return self._handed(self.made)

    def candidates(self) -> list[float]:
        """Every number that may be the learning rate, the likeliest first."""
        written = self._written()
        usual = [] if written else [self.asked, 1.0]
        return list(dict.fromkeys([*written, *self._folded(), *usual, self.asked, *self._partial()]))

    def texts(self) -> Iterator[str]:
        """What is written where the first update is made, and what its variables are made of."""
        for step in self.made[:1]:
            for site, event, _mask in self._shown(step):
                yield from self.factors.texts(site, event)

    # ---- one for all updates ---------------------------------------------------------------------------

    def rate(self, gradients: Sequence[Array]) -> float:
        """The learning rate, where it is one for all parameters and stays as it is."""
        written = self._written()
        folded, partial = self._folded(), self._partial()
        if any(self._is(one, self.asked) for one in (*written, *folded, *partial)):
            return self.asked
        usual = [] if written else [self.asked, 1.0]
        tried = list(dict.fromkeys([*written, *usual, *folded, *partial]))
        true = {one: self._true(one, gradients) for one in tried}
        best = max(tried, key=lambda one: true[one])
        if true[best]:
            moving = sum(int(_moves(step).sum()) for step in self.made)
            return self.asked if true[best] < moving and true.get(self.asked) else best
        weak = [one for one in folded if not written]
        if weak and not any(self._is(one, self.asked) for one in weak):
            return weak[0]
        return written[0] if written else max(usual, key=self._seen)

    def schedule(self, gradients: Sequence[Array]) -> Array | None:
        """The learning rate of each update where it changes, shape (steps,); None if there is no such schedule.

        It is a factor of the updates that depends on nothing that the network computes, and has in every update just
        the number by which this is the true gradient.
        """
        ways = [np.array(self.handed)] if len(self.handed) == len(self.made) else []
        ways += [np.array([one.number for one in every.factors]) for every in self._moving()]
        for rates in ways:
            if len(set(rates.tolist())) > 1 and self._are_true(rates[:, None], gradients):
                return rates
        return self._clipped(gradients)

    def _clipped(self, gradients: Sequence[Array]) -> Array | None:
        """The learning rates of updates that are cut to one length where they would be longer."""
        with np.errstate(all="ignore"):
            rates = np.array([float(s.change @ g / (g @ g)) for s, g in zip(self.made, gradients, strict=True)])
            sizes = np.array([float(np.linalg.norm(step.change)) for step in self.made])
        if len(rates) < FEWEST_CUT or not np.isfinite(rates).all() or not self._are_true(rates[:, None], gradients):
            return None
        for whole in self.candidates():
            cut = rates < whole * (1 - 1e-9)
            same = np.ptp(sizes[cut]) <= 1e-3 * sizes[cut].max() if cut.any() else False
            below = np.all(sizes[~cut] <= sizes[cut].max() * (1 + 1e-3)) if same else False
            if below and len(set(rates.tolist())) > 1 and np.all(rates <= whole * (1 + 1e-9)):
                return rates
        return None

    def likely(self) -> Array | None:
        """What is called a learning rate and changes, or is another one for each array, where nothing is one for all.

        Shape (steps,) or (steps, parameters). For gradients that are wrong: it excuses nothing.
        """
        if len(self.handed) == len(self.made) and len(set(self.handed)) > 1:
            return np.array(self.handed)
        if self._written():
            return None
        named = [one for one in self._moving() if NAMED.search(one.factors[0].source)]
        if named:
            return np.array([one.number for one in named[0].factors])
        return self._by_array(lambda one, _mine: bool(NAMED.search(one.factors[0].source)))

    def by_array(self, gradients: Sequence[Array]) -> Array | None:
        """The learning rate of each parameter, shape (steps, parameters), where each array has one of its own.

        Each of them stays as it is, stands in the updates of its array, and makes all of them true.
        """
        if self._written():
            return None
        found = self._by_array(lambda one, mine: self._are_true(np.array([[one.number]]), gradients, mine))
        return self._of_groups(gradients) if found is None else found

    def _of_groups(self, gradients: Sequence[Array]) -> Array | None:
        """The learning rates that an optimizer of torch has for several groups of parameters."""
        places = [number for number, place in enumerate(self.timeline.observation.places) if _is_rate(place.key)]
        shown = {self.timeline.value(int(self.timeline.of_place[one][0])).item() for one in places}
        rates = np.zeros(self.network.size)
        for mine in self.network.slices.values():
            own = [one for one in sorted(shown) if self._are_true(np.array([[one]]), gradients, mine)]
            if not own:
                return None
            rates[mine] = own[0]
        return np.tile(rates, (len(self.made), 1)) if len(set(rates.tolist())) > 1 else None

    def _by_array(self, fits: Callable[[Written, slice], bool]) -> Array | None:
        rates = np.zeros(self.network.size)
        direct = [one for one in self._direct() if not one.factors[0].made]
        for mine in self.network.slices.values():
            moved = self.moved[mine]
            own = [one for one in direct if one.covers[mine][moved].all() and fits(one, mine)]
            if not own:
                return None
            rates[mine] = own[0].number
        return np.tile(rates, (len(self.made), 1)) if len(set(rates.tolist())) > 1 else None

    # ---- the candidates ----------------------------------------------------------------------------------

    def _written(self) -> list[float]:
        """What may be the rate, standing in the updates of all parameters; the likeliest first."""
        if self.handed:
            return [self.handed[0]]
        every = [one for one in self._direct() if one.covers[self.moved].all() and not self._is_size(one)]
        return list(dict.fromkeys(one.number for one in sorted(every, key=self._rank)))

    def _direct(self) -> Iterator[Written]:
        return (one for one in self.found if one.stays and one.factors[0].direct)

    def _folded(self) -> list[float]:
        """Variables that the deltas were multiplied by, before there was an update."""
        every = [
            one
            for one in self.found
            if one.stays and one.covers[self.moved].all() and one.factors[0].named and not self._is_size(one)
        ]
        return list(dict.fromkeys(one.number for one in sorted(every, key=self._rank)))

    def _partial(self) -> list[float]:
        """What stands in the updates of some parameters."""
        if self._written():
            return []
        some = [one for one in self._direct() if not one.covers[self.moved].all() and not self._is_size(one)]
        return list(dict.fromkeys(one.number for one in sorted(some, key=self._rank)))

    def _is_size(self, one: Written) -> bool:
        """Whether a factor is a number of samples or of outputs, or the 2 of a square, and no learning rate."""
        first, units = one.factors[0], self.network.recipe.layers[-1]
        number = 1 / first.number if first.source.startswith("1 / ") else first.number
        samples = {self.network.samples, *(len(step.round.rows) for step in self.made)}
        sizes = {float(size) for many in samples for size in (many, many * units, 2 * many)} | {float(units)}
        if self._is(first.number, self.asked) or (first.named and NAMED.search(first.source)):
            return False
        return first.number == 1 or (number in sizes and number > 1) or (not first.named and first.number == 2)  # noqa: PLR2004

    def _rank(self, one: Written) -> tuple[bool, bool, bool, int]:
        first = one.factors[0]
        called = bool(NAMED.search(first.source))
        return not called, not first.named, first.made, -self._seen(first.number)

    def _moving(self) -> Iterator[Written]:
        """Factors that change from update to update and depend on nothing that the network computes."""
        whole = self._common(self.made) if len(self.made) > LOOKED_AT else self.found
        for one in whole:
            first = one.factors[0]
            if not one.stays and first.site >= 0 and one.covers[self.moved].all() and self._is_free(one):
                yield one

    def _is_free(self, one: Written) -> bool:
        """Whether a factor depends on nothing that the network computes."""
        first = one.factors[0]
        return first.site < 0 or self.factors.is_free(first.site, first.event)

    def _handed(self, made: Sequence[Step]) -> list[float]:
        """The learning rate that an optimizer of torch has in each update; nothing if there is none, or it has several."""
        places = [number for number, place in enumerate(self.timeline.observation.places) if _is_rate(place.key)]
        found: list[float] = []
        for step in made:
            shown = set()
            for place in places:
                events = self.timeline.of_place[place]
                position = int(np.searchsorted(events, step.round.first))
                if position < len(events) and events[position] < step.round.end:
                    shown.add(self.timeline.value(int(events[position])).item())
            if len(shown) != 1:
                return []
            found += shown
        return found

    # ---- factors of updates ------------------------------------------------------------------------------

    def _common(self, made: Sequence[Step]) -> list[Written]:
        """The factors that stand in all of some updates."""
        common: dict[str, Written] = {}
        for number, step in enumerate(made):
            here = self._of_step(step)
            if number == 0:
                common = {source: Written([one], mask) for source, (one, mask) in here.items()}
                continue
            common = {source: one for source, one in common.items() if source in here}
            for source, one in common.items():
                one.factors.append(here[source][0])
                one.covers &= here[source][1]
        return list(common.values())

    def _of_step(self, step: Step) -> dict[str, tuple[Factor, Mask]]:
        """The factors of one update by how they are written, and of which parameters; each has one number."""
        found: dict[str, tuple[Factor, Mask]] = {}
        several: set[str] = set()
        for site, event, mask in self._shown(step):
            for one in self.factors.of(site, event):
                known = found.get(one.source)
                if known is not None and known[0].number != one.number:
                    several.add(one.source)
                before = known[1] if known is not None else np.zeros_like(mask)
                first = known[0] if known is not None and known[0].direct >= one.direct else one
                found[one.source] = first, before | mask
        return {source: one for source, one in found.items() if source not in several}

    def _shown(self, step: Step) -> Iterator[tuple[int, int, Mask]]:
        """The expressions that show by how much an update changes something, and which parameters."""
        observation = self.timeline.observation
        sizes, room = np.abs(step.change), 2 * step.room
        arrays = list(self._changes(step.change))
        known: dict[int, Mask] = {}
        shown: dict[int, int] = {}
        for event in range(step.round.first, step.round.end):
            site, value = int(observation.site[event]), int(observation.value[event])
            if observation.sites[site].kind not in SHOWS or shown.get(site, 0) >= MOST_SHOWN:
                continue
            if value not in known:
                known[value] = self._which(self.timeline.values[value], sizes, room, arrays)
            if known[value].any():
                shown[site] = shown.get(site, 0) + 1
                yield site, event, known[value]

    def _changes(self, change: Array) -> Iterator[tuple[NDArray[np.intp], Array]]:
        """The changes of arrays, with the numbers of their parameters; of weights and biases in one array too."""
        parameters = np.arange(len(change))
        numbers = {
            name: parameters[mine].reshape(self.network.shapes[name]) for name, mine in self.network.slices.items()
        }
        for name, mine in numbers.items():
            some = [mine]
            if name[0] == "W" and f"b{name[1:]}" in numbers:
                biases = numbers[f"b{name[1:]}"][None]
                some += [np.concatenate([mine, biases]), np.concatenate([biases, mine])]
            yield from ((one, change[one]) for one in some if np.isfinite(change[one]).all())

    @staticmethod
    def _which(value: Array, sizes: Array, room: Array, arrays: Sequence[tuple[NDArray[np.intp], Array]]) -> Mask:
        """By how much of which parameters a value may be a change."""
        mask = np.zeros(len(sizes), bool)
        with np.errstate(all="ignore"):
            if value.size == 1:
                number = abs(value.item())
                return mask if not number else (np.abs(sizes - number) <= room) & (sizes > 100 * room)
            for mine, array in arrays:
                if value.size == array.size and np.any(array):
                    most = 2 * float(room[mine].max()) + 1e-12 * np.abs(array).max()
                    ways = (array.ravel(), array.T.ravel())
                    gaps = [np.minimum(np.abs(value.ravel() - way), np.abs(value.ravel() + way)) for way in ways]
                    if any(np.all(gap <= most) for gap in gaps) and np.abs(array).max() > 50 * most:
                        mask[mine.ravel()] = True
                elif value.size in array.shape and array.ndim == 2 and np.any(value):  # noqa: PLR2004  a matrix
                    mask[mine] |= _rows_like(value.ravel(), array, room[mine])
        return mask

    # ---- what a rate is worth --------------------------------------------------------------------------

    def _is(self, one: float, other: float) -> bool:
        return bool(close(one, other, self.precision))

    def _true(self, rate: float, gradients: Sequence[Array]) -> int:
        """How many changes are the true gradient times a rate."""
        count = 0
        for step, gradient in zip(self.made, gradients, strict=False):
            room = step.room + RELATIVE[self.precision] * np.abs(rate * gradient)
            count += int(np.sum(_moves(step) & (np.abs(step.change - rate * gradient) <= room)))
        return count

    def _are_true(self, rates: Array, gradients: Sequence[Array], mine: slice = slice(None)) -> bool:
        """Whether every change is the true gradient times the rate of its update."""
        for number, (step, gradient) in enumerate(zip(self.made, gradients, strict=True)):
            right = rates[min(number, len(rates) - 1)] * gradient
            room = step.room + RELATIVE[self.precision] * np.abs(right)
            if not np.all((np.abs(step.change - right) <= room)[mine]):
                return False
        return True

    def _seen(self, rate: float) -> int:
        """How many changes, divided by a rate, are numbers of the program."""
        count = 0
        for step in self.made[:LOOKED_AT]:
            numbers = self.timeline.numbers(step.round.begin, step.round.end)
            implied, room = step.change / rate, 2 * step.room / rate
            count += int(np.sum(numbers.has_each(implied, room) & (np.abs(implied) > room)))
            rooms = self.network.arrays(room)
            for name, array in self.network.arrays(implied).items():
                if array.size > 1 and numbers.has_array(array, rooms[name]):
                    count += array.size
        return count


def _moves(step: Step) -> Mask:
    """Which parameters an update changes by more than rounding."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(step.change) > 4 * step.room)


def _is_rate(key: str) -> bool:
    return key.startswith("(rate)")


def _rows_like(value: Array, array: Array, room: Array) -> Mask:
    """Which rows or columns of a matrix a value is, up to the sign."""
    mask = np.zeros(array.shape, bool)
    for way, rooms, marked in ((array, room, mask), (array.T, room.T, mask.T)):
        if value.size == way.shape[1]:
            gap = np.minimum(np.abs(way - value), np.abs(way + value))
            marked[np.all(gap <= 2 * rooms, axis=1) & np.any(np.abs(way) > 100 * rooms, axis=1)] = True
    return mask
