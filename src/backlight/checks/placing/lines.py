"""What does each line of a program compute? Its numbers, beside the true quantities and beside what went wrong.

A line is told what it makes: the values it keeps, and the expressions that are a quantity of the network in every
update looked at. A parameter and its gradient are wrong exactly where the verdict says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Seen
from backlight.recipes.functions import ACTIVATIONS
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.changed import Changed
    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.shown import Match, Quantities

    Array = NDArray[np.floating[Any]]
    Updates = list[dict[str, Array]]

HELD = ".grad"
"""What an engine that differentiates by itself has computed is read here only."""
PLAIN = (0.0, 0.5, 1.0, 2.0)
"""Numbers that stand in every program."""
TINY = 1e-13
"""What is smaller may be nothing but what roundings leave of a zero."""
FORWARD = "zap"
MOST_VISITS = 64
"""So many times in an update a line in a loop is looked at."""
MOST_LOOKED_AT = 20_000
"""So many values are looked at in all."""
MOST_SINGLE = 16
"""The gradients of so many samples are told one by one."""


@dataclass(frozen=True)
class _Note:
    """What one evaluation of an expression turned out to be."""

    site: int
    match: Match
    right: bool
    yours: float | None = None
    truth: float | None = None


def seen(scene: Scene, changed: Changed | None = None, places: tuple[Spot, ...] = ()) -> tuple[Seen, ...]:
    """Say of each line what it computes, and whether that is right.

    Parameters
    ----------
    scene : Scene
    changed : Changed or None
        What the mistake changes, where one is known.
    places : tuple of Spot
        The expressions of the mistake: what stands there is wrong whatever else it equals.
    """
    return tuple(_Lines(scene, changed, places).told())


def true_quantities(scene: Scene) -> Updates:
    """What is true in each update, slopes with it."""
    return _Lines(scene, None, ()).true


@dataclass(frozen=True)
class _Lines:
    """A program, and the numbers that may be found in it."""

    scene: Scene
    changed: Changed | None
    places: tuple[Spot, ...]

    def told(self) -> Iterator[Seen]:
        """What is seen, in the order of lines, of each line in the order of a pass."""
        notes = sorted(
            self._outermost(list(self._notes())), key=lambda note: (self._line(note), self._rank(note.match))
        )
        by_line = {line: list(some) for line, some in groupby(notes, key=self._line)}
        for line in sorted({*by_line, *(spot.line for spot in self.places)}):
            kept: dict[tuple[str, bool], Seen] = {}
            for one in [*map(self._seen, self._essential(line, by_line.get(line, []))), *self._of_places(line)]:
                if (f"-{one.quantity}", False) not in kept:
                    kept.setdefault((one.quantity, one.right), one)
            yield from kept.values()

    def _essential(self, line: int, notes: list[_Note]) -> Iterator[_Note]:
        """Without an array where its entries are told, and without a multiple on its way to something else."""
        by_entry = {note.match.quantity for note in notes if note.match.form.entry is not None}
        alone = len(notes) == 1 and all(spot.line != line for spot in self.places)
        for note in notes:
            form = note.match.form
            if form.entry is None and note.match.quantity in by_entry:
                continue
            if abs(form.factor) == 1 or not note.right or alone:
                yield note

    def _line(self, note: _Note) -> int:
        """Where a note belongs."""
        return self.scene.site(note.site).line

    def _rank(self, match: Match) -> tuple[int, tuple[int, ...]]:
        """Where a quantity comes in a pass."""
        name = match.quantity.partition("@")[0]
        return self._ranks.get(name, len(self._ranks)), match.form.entry or ()

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """Forward, the loss, back from the outputs, the new parameters."""
        layers = range(1, self.scene.layers + 1)
        names = [name for l in layers for name in (f"z{l}", f"a{l}")] + ["p", "loss"]
        for l in reversed(layers):
            names += [f"dL_da{l}", f"da{l}_dz{l}", f"dL_dz{l}", f"dL_dW{l}", f"dL_db{l}"]
        names += [f"{kind}{l}" for l in layers for kind in "Wb"]
        return {name: number for number, name in enumerate(names)}

    @cached_property
    def true(self) -> Updates:
        """The true quantities, slopes with them; what is given is computed by no line."""
        computed = [name for name in self._ranks if name not in self.scene.network.shapes]
        found = [
            {name: one[name] for name in computed if name in one} | self._slopes(one) | self._single(number)
            for number, one in zip(self.scene.updates, self.scene.true, strict=True)
        ]
        return _finite(found)

    def _slopes(self, true: dict[str, Array]) -> dict[str, Array]:
        """da/dz of every layer that has one for each unit, where it can be told from what comes back through it."""
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for layer, choice in enumerate(self.scene.network.recipe.activations, start=1):
                if ACTIVATIONS[choice.name].elementwise and f"dL_da{layer}" in true:
                    found[f"da{layer}_dz{layer}"] = true[f"dL_dz{layer}"] / true[f"dL_da{layer}"]
        return found

    def _single(self, number: int) -> dict[str, Array]:
        """The gradients of each sample by itself, where the program goes through them one by one."""
        rows, step = self.scene.judged.rows[number], self.scene.judged.steps[number]
        if not 1 < len(rows) <= MOST_SINGLE or all(len(one) > 1 for one in step.round.passes):
            return {}
        network = self.scene.network
        share = len(rows) if network.recipe.loss.over_samples == "mean" else 1
        found: dict[str, Array] = {}
        for position, row in enumerate(rows):
            one = network.quantities(step.round.parameters, [row])
            found |= {f"dL_d{name}@{position}": one[f"dL_d{name}"] / share for name in network.shapes}
        return found

    @cached_property
    def wrong(self) -> Updates:
        """What went wrong: gradients that the steps imply, and what the mistake makes of the rest."""
        arrays = [self.scene.network.arrays(row) for row in self.scene.judged.implied[list(self.scene.updates)]]
        implied = [{f"dL_d{name}": one[name] for name in one if self.scene.entries_wrong[name].any()} for one in arrays]
        if self.changed is None:
            return implied
        names = [name for name in self.changed.wrong if not name.startswith(("step_", "new_"))]
        return _finite(
            [
                mine | {name: one[name] for name in names}
                for mine, one in zip(implied, self.changed.mistaken, strict=True)
            ]
        )

    def _notes(self) -> Iterator[_Note]:
        """Everything that is recognised, in the program's order."""
        new, true, wrong = (self.scene.quantities(some, factors) for some, factors in self._looked_for)
        visits: dict[int, int] = {}
        looked_at = 0
        for site, events in self.scene.visits:
            visits[site] = visits.get(site, 0) + 1
            if visits[site] > MOST_VISITS or not self._makes(site):
                continue
            looked_at += 1
            if looked_at > MOST_LOOKED_AT:
                return
            note = self._note(site, events, new, true, wrong)
            if note is not None:
                yield note

    @property
    def _looked_for(self) -> Iterator[tuple[Updates, tuple[float, ...]]]:
        yield self.scene.after, (1.0,)
        yield self.true, ()
        yield self.wrong, ()

    def _note(
        self, site: int, events: tuple[int, ...], new: Quantities, true: Quantities, wrong: Quantities
    ) -> _Note | None:
        """What one evaluation shows, the plainest reading of it."""
        if self._is_plain(events):
            return None
        if kept := new.shown(events):
            return _Note(site, kept[0], right=not self._has_wrong(kept[0].quantity, kept[0]))
        right = [one for one in true.shown(events) if self._lies_well(one) and self._is_usual(one)]
        if right and all(self._hands_on(site, event) for event in events):
            last = max(right, key=self._rank)
            return _Note(site, last, right=True) if self._rank(last) > min(map(self._rank, right)) else None
        if right and not self._is_of_a_place(site):
            return _Note(site, min(right, key=self._plainness), right=True)
        for one in sorted(wrong.shown(events), key=self._plainness):
            if self._lies_well(one) and self._differs(one):
                return self._compared(site, one, events[0])
        return None

    def _makes(self, site: int) -> bool:
        """Whether a place makes a number; a name only hands it on."""
        return bool(self.scene.timeline.computes[site]) or self.scene.site(site).source.endswith(HELD)

    def _hands_on(self, site: int, event: int) -> bool:
        """Whether all numbers of an expression are numbers of one of its parts: a copy, or the next quantity if equal."""
        timeline = self.scene.timeline
        value = timeline.value(event)
        made = (timeline.before(part, event) for part in timeline.children[site])
        return any(bool(np.isin(value, timeline.value(last)).all()) for last in made if last is not None)

    def _is_plain(self, events: tuple[int, ...]) -> bool:
        """Whether a value says nothing: a number of every program, or none at all."""
        values = [self.scene.timeline.value(event) for event in events]
        return all(
            bool(np.isin(np.abs(value), PLAIN).all()) or float(np.max(np.abs(value), initial=0.0)) < TINY
            for value in values
        )

    def _has_wrong(self, array: str, match: Match) -> bool:
        """Whether the part of an array of parameters that is shown has a wrong entry."""
        return bool(_part(self.scene.entries_wrong[array], match).any())

    @staticmethod
    def _is_usual(match: Match) -> bool:
        """Whether a factor is one that is carried along: only gradients have some."""
        return match.form.factor == 1 or match.quantity.startswith("dL_d")

    def _lies_well(self, match: Match) -> bool:
        """Whether the gradient of a square matrix lies as the matrix does: turned it is another one."""
        array = match.quantity.removeprefix("dL_d")
        shape = self.scene.network.shapes.get(array, ())
        if match.form.entry is not None or len(shape) < 2 or shape[0] != shape[1] or shape[0] == 1:  # noqa: PLR2004
            return True
        return match.form.turned == self.scene.turned[array]

    def _differs(self, match: Match) -> bool:
        """Whether what is shown is wrong in some update."""
        array = match.quantity.removeprefix("dL_d")
        if array in self.scene.entries_wrong:
            return self._has_wrong(array, match)
        both = zip(self.true, self.wrong, strict=True)
        pairs = ((_part(one[match.quantity], match), _part(other[match.quantity], match)) for one, other in both)
        return any(bool(np.any(np.abs(one - other) > 1e-7 * np.abs(one))) for one, other in pairs)

    def _compared(self, site: int, match: Match, event: int) -> _Note:
        """A wrong quantity, with its number and the true one where it is a single one."""
        value = self.scene.timeline.value(event)
        truth = self.true[0].get(match.quantity)
        if truth is None or value.size != 1:
            return _Note(site, match, right=False)
        wanted = match.form.of(truth)
        number = float(wanted.item()) if wanted.size == 1 else None
        return _Note(site, match, right=False, yours=float(value.item()), truth=number)

    def _is_of_a_place(self, site: int) -> bool:
        """Whether an expression is one of the mistake, or is around one and no more than that."""
        one = self.scene.site(site)
        return any((one.line, one.column, one.source) == (spot.line, spot.column, spot.source) for spot in self.places)

    def _is_nothing(self, site: int) -> bool:
        """Whether an expression is one of the mistake, and should be no quantity: its parts speak for nothing."""
        unnamed = {(spot.line, spot.column, spot.source) for spot in self.places if not spot.quantity}
        one = self.scene.site(site)
        return (one.line, one.column, one.source) in unnamed

    def _plainness(self, match: Match) -> tuple[bool, bool, bool, int]:
        """What is told where a number is several quantities: without a factor, whole, first in the order of a pass."""
        form = match.form
        return form.factor != 1, form.factor != -1, form.entry is not None, self._rank(match)[0]

    def _outermost(self, notes: list[_Note]) -> list[_Note]:
        """Without the parts of an expression that is told already; in an update the gradient is told too."""
        told = {note.site for note in notes if note.match.quantity not in self.scene.network.shapes}
        return [
            note
            for note in notes
            if not any(self._is_nothing(site) for site in (note.site, *self.scene.ancestors(note.site)))
            if self._is_of_a_place(note.site)
            or (note.right and note.match.quantity[0] in FORWARD)
            or not told.intersection(self.scene.ancestors(note.site))
        ]

    def _seen(self, note: _Note) -> Seen:
        """A note with its line and label."""
        site = self.scene.site(note.site)
        return Seen(
            line=site.line,
            name=site.name if site.kind == "store" else "",
            quantity=label_of(self.scene, note.match),
            right=note.right,
            yours=note.yours,
            truth=note.truth,
        )

    def _of_places(self, line: int) -> Iterator[Seen]:
        """What is wrong at the places of the mistake, even where no number shows it."""
        for spot in self.places:
            if spot.quantity and spot.line == line:
                yield Seen(line=spot.line, name=spot.name, quantity=spot.quantity, right=False)


def of_places(places: tuple[Spot, ...]) -> tuple[Seen, ...]:
    """What is known of lines where only the places of a mistake are."""
    return tuple(
        Seen(line=one.line, name=one.name, quantity=one.quantity, right=False) for one in places if one.quantity
    )


def _part(array: NDArray[Any], match: Match) -> NDArray[Any]:
    """The entries of a quantity that a form shows."""
    return array if match.form.entry is None else np.asarray(array[match.form.entry])


def _finite(updates: Updates) -> Updates:
    """Without what is no number in some update: nothing can be held against it."""
    names = [name for name in updates[0] if all(name in one and np.isfinite(one[name]).all() for one in updates)]
    return [{name: one[name] for name in names} for one in updates]


def label_of(scene: Scene, match: Match) -> str:
    """The label of what is shown, with the factor that it carries."""
    name, entry = match.quantity.partition("@")[0], match.form.entry
    told = name
    if entry is not None and name.startswith("da"):
        unit = (
            label(scene.network.recipe, f"a{name.rpartition('z')[2]}", entry).partition("@")[0]
            if len(entry) > 1
            else ""
        )
        told = f"da_{unit}_dz_{unit}" if unit else name
    elif entry is not None and name in scene.true[0] and len(entry) == scene.true[0][name].ndim:
        told = label(scene.network.recipe, name, entry).partition("@")[0]
    factor = _own_factor(scene, match)
    return told if factor == 1 else f"-{told}" if factor == -1 else f"{factor:g} {told}"


def _own_factor(scene: Scene, match: Match) -> float:
    """The factor that is told: the gradient of one sample's own loss has no 1/N to be taken away."""
    factor, entry = match.form.factor, match.form.entry
    of_sample = "@" in match.quantity or (entry is not None and match.quantity.startswith(("dL_da", "dL_dz")))
    if of_sample and scene.samples > 1 and factor / scene.samples in scene.factors:
        return factor / scene.samples
    return factor
