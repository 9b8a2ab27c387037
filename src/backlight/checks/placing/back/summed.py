"""Sums: over the samples of an update, and over the units that a gradient comes back from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.back.operands import Events, Operand, Operands, Values
    from backlight.checks.placing.scene import Scene

TWO = 2


@dataclass(frozen=True)
class Summed:
    """The sums of a program, term by term."""

    operands: Operands

    @property
    def scene(self) -> Scene:
        """The program."""
        return self.operands.update.scene

    def added(self, events: Events) -> list[Events]:
        """What was added to a variable, the first first, since it was last given a value as a whole."""
        observation, origins = self.scene.timeline.observation, self.operands.origins
        place = int(observation.place[events[0]])
        stores = [*origins.trail.writes(place, events[0]), events[0]] if place >= 0 else [events[0]]
        found: list[Events] = []
        for store in reversed(stores):
            if store not in origins.visits or not self.scene.timeline.computes[int(observation.site[store])]:
                break
            made = self.scene.assigned(store)
            part = None if made is None else self.scene.timeline.before(made, store)
            if part is None or part not in origins.visits:
                break
            found.append(origins.visits[part][1])
        return found[::-1]

    def totals(self, node: ast.expr, site: int, events: Events) -> list[Events]:
        """The terms of ``total + term``, where the total was made in the same place before; none if there is none."""
        terms: list[Events] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [self.operands.operand(part, events, None) for part in self.operands.solving.parts(node)]
            both = {one.events: self._total(one.events, site) for one in parts if one is not None}
            made = [mine for mine, total in both.items() if total is not None]
            if len(both) != TWO or len(made) > 1:
                return []
            terms += [mine for mine in both if mine not in made and (made or self._is_something(mine))][:1]
            if not made:
                return terms[::-1] if len(terms) > 1 else []
            events = self.operands.origins.visits[both[made[0]] or 0][1]
        return []

    def _total(self, events: Events, site: int) -> int | None:
        """Where a value was made, if that was in a certain place."""
        made = self.operands.origins.maker(events[0])
        return made if made is not None and self.operands.origins.visits[made][0] == site else None

    def _is_something(self, events: Events) -> bool:
        return any(value.any() for value in self.operands.update.values(events))

    def of_each(self, terms: list[Events], wanted: Values, sign: int) -> Iterator[tuple[Events, Values | None]]:
        """What is wanted of each of the terms of a sum over units or samples; None where that is not known."""
        shares = self._shares(terms, wanted)
        if len(shares) < len(terms):
            yield from self._of_samples(terms, wanted, sign)
        for part, share in shares:
            yield part, tuple(sign * one for one in share)

    def _of_samples(self, terms: list[Events], wanted: Values, sign: int) -> Iterator[tuple[Events, Values | None]]:
        """What is wanted of each of the terms of a sum over the samples; None where that is not known."""
        update = self.operands.update
        match = update.named(wanted)
        each = len(terms) == self.scene.samples
        names = [f"{match.quantity}@{position}" for position in range(len(terms))] if match and each else []
        for number, part in enumerate(terms):
            known = bool(names) and names[number] in update.true[0]
            both = zip(update.true, update.values(part), strict=True) if known else ()
            needed = [(sign * match.form.of(one[names[number]]), value) for one, value in both] if match else []
            fits = bool(needed) and all(one.size == value.size for one, value in needed)
            yield part, tuple(np.reshape(one, value.shape) for one, value in needed) if fits else None

    def of_units(self, node: ast.expr, events: Events, wanted: Values) -> list[Operand]:
        """The terms of what comes back to a unit, with what is wanted of each; none if it is no such sum."""
        update = self.operands.update
        terms = [self.operands.operand(term, events, None) for term in _terms(node)]
        shares = self._shares([one.events for one in terms if one is not None], wanted)
        if len(shares) < len(terms):
            return []
        found = [
            one._replace(wanted=share, should=update.named(share))
            for one, (_part, share) in zip(terms, shares, strict=True)
            if one
        ]
        return [one for one in found if not self.operands.is_right(one)]

    def _shares(self, terms: list[Events], wanted: Values) -> list[tuple[Events, Values]]:
        """What is wanted of each of the terms of what comes back to a unit; none if it is no such sum."""
        update = self.operands.update
        match = update.named(wanted)
        if match is None or len(terms) < TWO or not match.quantity.startswith("dL_da"):
            return []
        shares, found = update.shares(match), []
        for part in terms:
            read = self._read(part)
            fitting = [share for key, share in shares.items() if key in read]
            fitting = fitting or [
                share for (weights, (_unit, k)), share in shares.items() if (f"dL_dz{weights[1:]}", k) in read
            ]
            if len(fitting) != 1:
                return []
            both = zip(fitting[0], update.values(part), strict=True)
            found.append((part, tuple(np.reshape(one, value.shape) for one, value in both)))
        return found

    def _read(self, events: Events) -> set[tuple[str, tuple[int, ...] | int | None]]:
        """The weights that are read in an expression, as they were or as they are after the update, and units' deltas."""
        visits = self.operands.origins.visits
        parts = (part for part in self.operands.origins.parts(events[0]) if part in visits)
        shown = [one for part in parts for one in self.operands.update.shown(visits[part][1])]
        deltas = {
            (one.quantity, one.form.entry[-1]) for one in shown if one.form.entry and one.quantity.startswith("dL_dz")
        }
        return deltas | {(one.quantity.removeprefix("new_"), one.form.entry) for one in shown}


def _terms(node: ast.expr) -> list[ast.expr]:
    """What is added up in an expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_terms(node.left), *_terms(node.right)]
    return [node]
