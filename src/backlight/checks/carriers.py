"""Which variables of a program hold the network's parameters: found by their values, never by their names.

A weight matrix may live in one array, either way round and with the biases in an extra row or column; in one vector
for each unit; or number by number. Every way to find the values in the program's variables at the time of its first
forward pass is a candidate; the best ones come first, and `passes` tries whether the later passes agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.closeness import all_close, close

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.network import Network
    from backlight.checks.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Carriers:
    """For every parameter the variable that holds it, and where in its value.

    Attributes
    ----------
    places, entries : array of int, shape (parameters,)
    """

    places: Indices
    entries: Indices

    def read(self, timeline: Timeline, time: int) -> Array | None:
        """The parameters at a time; None where a variable has another shape by then."""
        found = np.empty(len(self.places))
        for place in np.unique(self.places):
            value = timeline.latest(int(place), time)
            mine = self.places == place
            if value is None or value.size <= self.entries[mine].max():
                return None
            found[mine] = value.ravel()[self.entries[mine]]
        return found


class Fit(NamedTuple):
    """An array of parameters found in variables: which, and where in them."""

    places: Indices
    entries: Indices


def carriers(timeline: Timeline, network: Network, parameters: Array, time: int) -> Carriers | None:
    """Find the variables that hold these parameters at a time, the likeliest ones."""
    held = [(place, value) for place, value in _held(timeline, time) if value.size <= 4 * network.size + 4]
    held.sort(key=lambda pair: (-min(timeline.changes[pair[0]], 2), -timeline.last_use(pair[0], time)))
    fits: list[Fit] = []
    taken: set[tuple[int, int]] = set()
    for name, array in network.arrays(parameters).items():
        fit = _fit(held, array, taken, timeline, name)
        if fit is None:
            return None
        taken |= set(zip(fit.places.ravel().tolist(), fit.entries.ravel().tolist(), strict=True))
        fits.append(fit)
    return Carriers(
        np.concatenate([fit.places.ravel() for fit in fits]), np.concatenate([fit.entries.ravel() for fit in fits])
    )


def _held(timeline: Timeline, time: int) -> Iterator[tuple[int, Array]]:
    """What every variable holds at a time."""
    for place in range(len(timeline.of_place)):
        value = timeline.latest(place, time)
        if value is not None and value.size:
            yield place, value


def _fit(
    held: list[tuple[int, Array]], array: Array, taken: set[tuple[int, int]], timeline: Timeline, name: str
) -> Fit | None:
    """An array of parameters in one variable, or in one for each unit, or number by number."""
    precision = timeline.precision
    for place, value in held:
        for where in embeddings(value.shape, array.shape):
            if all_close(value.ravel()[where], array, precision) and not _is_taken(taken, place, where):
                return Fit(np.full(array.shape, place), where)
    if array.ndim == 2:  # noqa: PLR2004  a matrix
        columns = [_column(held, array[:, unit], taken, precision) for unit in range(array.shape[1])]
        found = [column for column in columns if column is not None]
        if len(found) == len(columns) and len({(int(one.places[0]), int(one.entries[0])) for one in found}) == len(
            found
        ):
            return Fit(np.stack([c.places for c in found], axis=1), np.stack([c.entries for c in found], axis=1))
    return _number_by_number(held, array, taken, timeline)


def embeddings(value: tuple[int, ...], array: tuple[int, ...]) -> Iterator[Indices]:
    """Where an array of parameters may stand in a variable of a shape, as flat indices in the array's shape.

    Examples
    --------
    >>> [where.tolist() for where in embeddings((2, 3), (3, 2))]
    [[[0, 1], [2, 3], [4, 5]], [[0, 3], [1, 4], [2, 5]]]
    """
    size, wanted = int(np.prod(value)), int(np.prod(array))
    if size == wanted:
        flat = np.arange(size)
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


def _column(held: list[tuple[int, Array]], column: Array, taken: set[tuple[int, int]], precision: str) -> Fit | None:
    """The weights of one unit in a vector, alone or with its bias behind or before them."""
    size = len(column)
    if size == 1:
        return None
    for place, value in held:
        if value.size not in (size, size + 1) or value.size != max(value.shape, default=0):
            continue
        for first in range(value.size - size + 1):
            where = np.arange(first, first + size)
            if all_close(value.ravel()[where], column, precision) and not _is_taken(taken, place, where):
                return Fit(np.full(size, place), where)
    return None


def _number_by_number(
    held: list[tuple[int, Array]], array: Array, taken: set[tuple[int, int]], timeline: Timeline
) -> Fit | None:
    """Each parameter in a variable of its own, or in an entry of one that holds other things too."""
    places, entries = np.empty(array.size, int), np.empty(array.size, int)
    mine = set(taken)
    for position, number in enumerate(array.ravel()):
        found = _one_number(held, float(number), mine, timeline)
        if found is None:
            return None
        places[position], entries[position] = found
        mine.add(found)
    return Fit(places.reshape(array.shape), entries.reshape(array.shape))


def _one_number(
    held: list[tuple[int, Array]], number: float, taken: set[tuple[int, int]], timeline: Timeline
) -> tuple[int, int] | None:
    """A free entry of a variable with this value: of those that change, the one that was there first."""
    for moving in (True, False):
        free = [
            (int(timeline.of_place[place][0]), place, int(entry))
            for place, value in held
            if (timeline.changes[place] > 1) == moving
            for entry in np.flatnonzero(close(value.ravel(), number, timeline.precision))
            if (place, int(entry)) not in taken
        ]
        if free:
            _first, place, entry = min(free)
            return place, entry
    return None


def _is_taken(taken: set[tuple[int, int]], place: int, where: Indices) -> bool:
    """Whether another parameter stands there."""
    return any((place, int(entry)) in taken for entry in where.ravel())
