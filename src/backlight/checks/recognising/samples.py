"""The samples that a program trains on, where they are not the recipe's: its inputs and its targets, found by value."""

from __future__ import annotations

from itertools import islice, permutations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.layers import Layer, Layers
    from backlight.checks.recognising.sums import Sums
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

MOST_ORDERS = 24
"""Outputs that are equal may be held against their targets in so many orders."""


def own_samples(layers: Layers, chain: Sequence[Layer]) -> tuple[Array, Array] | None:
    """Inputs and targets of a program in whose first pass a chain of layers was seen; None without targets.

    They stand in tables, or they come one after the other where the first layer is computed.
    """
    first, outputs = chain[0].inputs, chain[-1].a
    inputs = max((table for table, _where in _tables(layers.timeline, first)), key=len, default=first)
    rows = rows_of(inputs, first)
    targets = targets_beside(layers.sums, inputs, outputs, rows)
    if len(inputs) == 1 or targets is None:
        one_by_one = _one_by_one(layers, chain)
        if one_by_one is not None and len(one_by_one[0]) >= len(inputs):
            return one_by_one
    return None if targets is None else (inputs, targets)


def rows_of(inputs: Array, some: Array) -> NDArray[np.intp]:
    """Where some samples are among all."""
    if len(some) == len(inputs):
        return np.arange(len(inputs))
    return np.array([int(np.flatnonzero((inputs == row).all(axis=1))[0]) for row in some])


def _one_by_one(layers: Layers, chain: Sequence[Layer]) -> tuple[Array, Array] | None:
    """The samples of a program that goes through them one after the other, each with its targets."""
    first = chain[0]
    if len(first.inputs) != 1:
        return None
    passes = layers.like(first)
    sums = layers.sums
    begins = [event for event, _row in passes] + [sums.end]
    after = [one for one in sums.differences if begins[0] < one[0] < begins[1]]
    places = _places_of(sums, after, chain[-1].a)
    if places is None:
        return None
    found: dict[bytes, tuple[Array, Array]] = {}
    for (begin, row), end in zip(passes, begins[1:], strict=True):
        here = [one for one in sums.differences if begin < one[0] < end]
        if all(position < len(here) for position, _side in places):
            numbers = [sums.timeline.value(here[position][side]).ravel() for position, side in places]
            if all(one.size == 1 for one in numbers) or len(numbers) == 1:
                found.setdefault(row.tobytes(), (row, np.concatenate(numbers)))
    rows = [row for row, _target in found.values()]
    targets = [target for _row, target in found.values()]
    if not rows or any(len(target) != chain[-1].a.shape[1] for target in targets):
        return None
    return np.stack(rows), np.stack(targets)


def _places_of(sums: Sums, differences: list[tuple[int, int, int]], outputs: Array) -> list[tuple[int, int]] | None:
    """Which of some differences hold each output against something: their positions, and on which side that is."""
    room = ROUNDING[sums.timeline.precision]
    found: dict[int, tuple[int, int]] = {}
    holders: set[tuple[int, int]] = set()
    for position, one in enumerate(differences):
        for mine, theirs in ((1, 2), (2, 1)):
            value = sums.timeline.value(one[mine])
            if not _is_variable(sums, one[theirs]):
                continue
            if value.size == outputs.size == sums.timeline.value(one[theirs]).size:
                if np.all(np.abs(value.ravel() - outputs[0]) <= room * np.abs(outputs[0])):
                    return [(position, theirs)]
            elif value.size == 1:
                holder = (
                    int(sums.timeline.observation.place[one[mine]]),
                    int(sums.timeline.observation.place[one[theirs]]),
                )
                alike = np.flatnonzero(np.abs(outputs[0] - value.item()) <= room * np.abs(outputs[0]))
                free = [int(unit) for unit in alike if int(unit) not in found]
                if free and (len(alike) == 1 or -1 in holder or holder not in holders):
                    found[free[0]] = position, theirs
                    holders.add(holder)
    return [found[unit] for unit in range(outputs.shape[1])] if len(found) == outputs.shape[1] else None


def _is_variable(sums: Sums, event: int) -> bool:
    """Whether a value is no number written in an expression, as the 1 of ``1 - a``."""
    return sums.timeline.observation.sites[int(sums.timeline.observation.site[event])].kind != "constant"


def targets_beside(sums: Sums, network_inputs: Array, outputs: Array, rows: NDArray[np.intp]) -> Array | None:
    """The targets of all samples: what the outputs of some rows are held against, and the table it stands in.

    Parameters
    ----------
    network_inputs : array, shape (samples, inputs)
    outputs : array, shape (rows, outputs)
        Of the first pass.
    rows : array of int
        Which samples those are.
    """
    samples, units = len(network_inputs), outputs.shape[1]
    for one in beside(sums, outputs):
        if len(one) == samples and len(rows) == samples:
            return one[np.argsort(rows)]
        tables = [table for table, where in _tables(sums.timeline, one) if len(table) == samples and _same(where, rows)]
        if tables:
            return tables[0]
    joint = [table for table in _matrices(sums.timeline) if table.shape == (samples, network_inputs.shape[1] + units)]
    for table in joint:
        if np.array_equal(table[:, :-units], network_inputs):
            return np.asarray(table[:, -units:])
    return _classes(sums.timeline, samples, units)


def are_held(sums: Sums, targets: Array, outputs: Array) -> bool | None:
    """Whether outputs are held against these targets; None if they are held against nothing that was seen."""
    room = ROUNDING[sums.timeline.precision] * float(np.max(np.abs(targets), initial=0.0))
    found = list(beside(sums, outputs))
    return any(bool(np.all(np.abs(one - targets) <= room)) for one in found) if found else None


def are_seen(timeline: Timeline, targets: Array) -> bool:
    """Whether these targets are anywhere in a program: as a table, by rows, one by one, or as numbers of classes."""
    room = ROUNDING[timeline.precision] * float(np.max(np.abs(targets), initial=0.0))
    numbers = timeline.all_numbers
    if targets.size > 1 and numbers.has_array(targets, room):
        return True
    if all(_row_is_seen(numbers, row, room) for row in np.unique(targets, axis=0)):
        return True
    tables = (table for table in _matrices(timeline) if len(table) == len(targets))
    if any(_has_columns(table, targets, room) for table in tables):
        return True
    classes = np.argmax(targets, axis=1)
    one_hot = targets.shape[1] > 1 and np.array_equal(targets, np.eye(targets.shape[1])[classes])
    return one_hot and bool(numbers.has_array(classes.astype(float), 0.0) or numbers.has_each(classes, 0.0).all())


def _row_is_seen(numbers: Any, row: Array, room: float) -> bool:  # noqa: ANN401  Numbers of timeline
    return bool(row.size > 1 and numbers.has_array(row, room)) or bool(numbers.has_each(row, room).all())


def _has_columns(table: Array, targets: Array, room: float) -> bool:
    units = targets.shape[1]
    return any(
        bool(np.all(np.abs(table[:, first : first + units] - targets) <= room))
        for first in range(table.shape[1] - units + 1)
    )


def beside(sums: Sums, outputs: Array) -> Iterator[Array]:
    """What is taken from the outputs, or the outputs from it, in the shape of the outputs.

    Their squares are not: ``o - o * o`` is a derivative.
    """
    room = ROUNDING[sums.timeline.precision]
    place = sums.timeline.observation.place
    single: dict[int, dict[tuple[int, int, float], float]] = {}
    for _event, left, right in sums.differences:
        one, other = sums.timeline.value(left), sums.timeline.value(right)
        for mine, theirs, holder, held_by in ((one, other, left, right), (other, one, right, left)):
            if not _is_variable(sums, held_by):
                continue
            if mine.size == outputs.size == theirs.size:
                for way in {False, True} if min(outputs.shape) > 1 else {False}:
                    shape = outputs.T.shape if way else outputs.shape
                    given, held = mine.reshape(shape), theirs.reshape(shape)
                    given, held = (given.T, held.T) if way else (given, held)
                    if np.all(np.abs(given - outputs) <= room * np.abs(outputs)) and not _is_square(held, given, room):
                        yield held
            elif mine.size == theirs.size == 1 and len(outputs) == 1:
                held_here = int(place[holder]), int(place[held_by]), theirs.item()
                for unit in _units_beside(mine, theirs, outputs[0], room):
                    single.setdefault(unit, {})[held_here] = theirs.item()
    if len(single) == outputs.size:
        ways = islice(_one_each([list(single[unit].items()) for unit in range(outputs.size)]), MOST_ORDERS)
        yield from (np.array([way]) for way in ways)


def _units_beside(mine: Array, theirs: Array, outputs: Array, room: float) -> list[int]:
    """The units whose output a single number is, if the other one is not its square."""
    units = np.flatnonzero(np.abs(outputs - mine.item()) <= room * np.abs(outputs)).tolist()
    return [] if units and _is_square(theirs, mine, room) else units


def _is_square(one: Array, other: Array, room: float) -> bool:
    return np.allclose(one.ravel(), other.ravel() ** 2, rtol=room, atol=0.0)


def _one_each(held: list[list[tuple[Any, float]]]) -> Iterator[list[float]]:
    """One number for each output; those of outputs that are equal belong to them in any order."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for unit, some in enumerate(held):
        alike.setdefault(tuple(key for key, _number in some), []).append(unit)
    groups = []
    for units in alike.values():
        numbers = [number for _key, number in held[units[0]]]
        first = [*numbers, *numbers[-1:] * len(units)][: len(units)]
        groups.append([dict(zip(units, order, strict=True)) for order in islice(permutations(first), MOST_ORDERS)])
    for chosen in product(*groups):
        together = {unit: number for group in chosen for unit, number in group.items()}
        yield [together[unit] for unit in range(len(held))]


def held_against(sums: Sums, targets: Array, begin: int) -> Iterator[Array]:
    """What targets are taken from, or what is taken from them."""
    room = ROUNDING[sums.timeline.precision]
    parts: dict[int, float] = {}
    for event, left, right in sums.differences:
        if event < begin:
            continue
        one, other = sums.timeline.value(left), sums.timeline.value(right)
        for mine, theirs in ((one, other), (other, one)):
            if mine.size == theirs.size == targets.size:
                for way in (targets, targets.T):
                    if np.all(np.abs(theirs.ravel() - way.ravel()) <= room * np.abs(way).max()):
                        yield mine.reshape(way.shape) if way is targets else mine.reshape(way.shape).T
                        break
            elif mine.size == theirs.size == 1 and len(targets) == 1:
                for unit in np.flatnonzero(np.abs(targets[0] - theirs.item()) <= room * np.abs(targets[0])):
                    parts.setdefault(int(unit), mine.item())
    if len(parts) == targets.size:
        yield np.array([[parts[unit] for unit in range(targets.size)]])


def _tables(timeline: Timeline, rows: Array) -> Iterator[tuple[Array, list[int]]]:
    """Tables that begin with the columns of some rows, and where those rows are in them."""
    width = rows.shape[1]
    for table in _matrices(timeline):
        if table.shape[1] != width:
            continue
        where = [np.flatnonzero((table == row).all(axis=1)) for row in rows]
        if all(len(one) for one in where):
            yield table, [int(one[0]) for one in where]
    for table in _matrices(timeline):
        if table.shape[1] > width and len(table) > len(rows):
            where = [np.flatnonzero((table[:, :width] == row).all(axis=1)) for row in rows]
            if all(len(one) for one in where):
                yield table[:, :width], [int(one[0]) for one in where]


def _matrices(timeline: Timeline) -> Iterator[Array]:
    """Every table that was seen, its samples down and across; a row of numbers is a column too."""
    for value in timeline.values:
        if value.ndim == 2 and value.size:  # noqa: PLR2004
            yield value
            yield value.T
        elif value.ndim == 1 and value.size > 1:
            yield value.reshape(-1, 1)


def _classes(timeline: Timeline, samples: int, units: int) -> Array | None:
    """Targets that are written as the number of a class."""
    for raw in timeline.observation.values:
        value = np.asarray(raw)
        if value.dtype == np.int64 and value.ndim == 1 and value.size == samples and units > 1:
            found = np.asarray(value, int)
            if found.min() >= 0 and found.max() == units - 1:
                return np.asarray(np.eye(units)[found], float)
    return None


def _same(where: list[int], rows: NDArray[np.intp]) -> bool:
    return len(where) == len(rows) and bool(np.all(np.asarray(where) == rows))
