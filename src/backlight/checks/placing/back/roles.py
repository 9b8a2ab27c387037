"""A right number in a wrong place: was it made wrongly, is it used wrongly, or where did it change hands?"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.placing.back.operands import Operand, Operands, base, plainest
from backlight.checks.placing.back.origins import VARIABLES
from backlight.checks.placing.back.recomputed import site_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.back.operands import Base, Events, Values
    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.shown import Match

FORWARD = re.compile(r"[az]\d+")
GRADIENT = re.compile(r"dL_d[Wb]\d")
NUMBERED = re.compile(r"\[-?\d+\]$")
"""`W[1]` may be the second of all or the first one, as its gradient is called."""


@dataclass(frozen=True)
class Roles:
    """What the numbers of a program are used for."""

    operands: Operands

    @property
    def scene(self) -> Scene:
        """The program."""
        return self.operands.update.scene

    def is_used_wrongly(self, one: Operand, node: ast.expr) -> bool:
        """Whether a right number is put to the wrong use: it is used rightly elsewhere, or is another's gradient."""
        if one.now is None or one.should is None:
            return False
        if self._is_of_another(one.now, one.should):
            named = self._is_after(written(one.node), one.should, one.now) or self._has_the_index(one)
            return not named and not self._is_right_for_another(one, node)
        return self._is_used_rightly(one.events[0]) or self.is_of_its_name(one.events[0])

    def is_of_its_name(self, event: int) -> bool:
        """Whether a number has the name still that it was given where it was made, and is used rightly under that name."""
        origins = self.operands.origins
        made = origins.maker(event)
        store = None if made is None else origins.stored(made)
        if store is None or store not in origins.visits or self.scene.kind(origins.visits[event][0]) not in VARIABLES:
            return False
        names = {_last(self.scene.site(origins.visits[one][0]).source) for one in (store, event)}
        return len(names) == 1 and self._is_used_rightly(store)

    def _is_used_rightly(self, event: int) -> bool:
        """Whether the variable that is read at an event is read somewhere else too, for another number that is right."""
        mine = {base(one) for one in self.operands.update.shown(self.operands.origins.visits[event][1])}
        return any(
            base(found) not in mine
            for one in self._other_reads(event)
            for later in list(self.operands.origins.around(one))[1:]
            for found in self.operands.update.shown(self.operands.origins.visits[later][1])
        )

    def _other_reads(self, event: int) -> Iterator[int]:
        """When else the number is read in the variable that is read at an event, until that is written again."""
        timeline, visits = self.scene.timeline, self.operands.origins.visits
        observation, events = timeline.observation, timeline.of_place
        place, value = int(observation.place[event]), int(observation.value[event])
        here = self.scene.site(int(observation.site[event])).statement
        for one in map(int, events[place]) if place >= 0 else ():
            if one > event and timeline.writes[observation.site[one]]:
                return
            if one in visits and int(observation.value[one]) == value:
                site = visits[one][0]
                if self.scene.site(site).statement != here and not timeline.writes[site]:
                    yield one

    def exchanged(self, event: int, wanted: Values) -> int | None:
        """Where a gradient loses the name of its own parameter for that of another, or is handed on under its own to it."""
        origins = self.operands.origins
        if event not in origins.visits:
            return None
        now, should = self._both(origins.visits[event][1], wanted)
        if now is None or should is None or not self._is_of_another(now, should):
            return None
        own: int | None = None
        for one in reversed(list(origins.way_back(event))):
            site = self._site(one)
            if self._is_after(site.name or site.source, should, now):
                return own if own is None or not self._is_in_order(own) else origins.last_write(one) or one
            if self._is_after(site.name or site.source, now, should):
                own = one
        return own if own is not None and self._site(own).kind in VARIABLES else None

    def _both(self, events: Events, wanted: Values) -> tuple[Match | None, Match | None]:
        """What a value is, and what is wanted in its place."""
        return plainest(self.operands.update.shown(events)), self.operands.update.named(wanted)

    def _site(self, event: int) -> Site:
        return self.scene.site(self.operands.origins.visits[event][0])

    def _is_in_order(self, event: int) -> bool:
        """Whether the list in which a gradient is given back goes through the layers, as far as its names have numbers."""
        site = self._site(event)
        around = "" if site.parent < 0 else self.scene.site(site.parent).source
        numbers = [int(one) for one in re.findall(r"[A-Za-z_](\d+)", around)]
        return numbers in (sorted(numbers), sorted(numbers, reverse=True))

    def is_renamed_wrongly(self, event: int, wanted: Values) -> bool:
        """Whether it is wrong to give a variable's number another name: it is right by itself, or used for nothing else."""
        events = self.operands.origins.visits[event][1]
        if self.is_of_the_forward_pass(events, wanted):
            return True
        now, should = self._both(events, wanted)
        if now and should and (self._is_of_many(event, now, should) or self._has_its_name(event, now, should)):
            return False
        return self._is_used_rightly(event) or not any(True for _one in self._other_reads(event))

    def is_of_the_forward_pass(self, events: Events, wanted: Values) -> bool:
        """Whether a right number of the way forward stands where a gradient is wanted: where it is made is no place."""
        now, should = self._both(events, wanted)
        return bool(now and should and FORWARD.fullmatch(now.quantity) and should.quantity.startswith("dL_"))

    def _is_of_many(self, event: int, now: Match, should: Match) -> bool:
        """Whether an entry of what is wanted is handed on on a line that hands on others too: there it has its name."""
        many = len(self.scene.windows[0].get(self.operands.origins.visits[event][0], ())) > 1
        return many and now.quantity == should.quantity and should.form.entry is not None

    def _has_its_name(self, event: int, now: Match, should: Match) -> bool:
        """Whether a gradient that is handed on is called after the parameter that it is handed on for, and not its own."""
        return base(now) != base(should) and self._is_after(self._site(event).source, should, now)

    def _is_of_another(self, now: Match, should: Match) -> bool:
        """Whether a gradient is that of another parameter, though the right one is computed too."""
        both = GRADIENT.match(now.quantity) and GRADIENT.match(should.quantity)
        return bool(both) and base(should) in self._computed

    @cached_property
    def _computed(self) -> set[Base]:
        """The gradients that the program computes somewhere."""
        true = self.operands.update.true
        table = self.scene.quantities([{name: one[name] for name in one if GRADIENT.match(name)} for one in true])
        computes = self.scene.timeline.computes
        return {base(one) for site, events in self.scene.visits if computes[site] for one in table.shown(events)}

    def _is_right_for_another(self, one: Operand, node: ast.expr) -> bool:
        """Whether the statement that uses a gradient is right for another parameter."""
        updated = self._updated_with(one)
        if not updated:
            return self.operands.is_right_elsewhere(site_of(node))
        return self._is_of_all(updated, one) or not all(self.operands.update.is_wrong(two) for two in updated)

    def _is_of_all(self, updated: list[Sight], one: Operand) -> bool:
        """Whether a statement updates several parameters, one after the other, with no index of its own for a gradient."""
        many = len({two.quantity for two in updated}) > 1
        return many and not isinstance(one.node, ast.Subscript)

    def _has_the_index(self, one: Operand) -> bool:
        """Whether a gradient has the index in a list that the parameter has which it is used for: `W[k] -= dW[k]`."""
        index = _index(written(one.node))
        return bool(index) and any(_index(self._name(two)) == index for two in self._updated_with(one))

    def _updated_with(self, one: Operand) -> list[Sight]:
        """The parameters that are updated in the statement that a part stands in."""
        statement = self.scene.site(one.site).statement
        return [two for two in self.scene.updated if self.scene.site(two.site).statement == statement]

    def _is_after(self, name: str, should: Match, now: Match) -> bool:
        """Whether a variable has the name of the parameter that a gradient is for, and not of another one."""
        wanted, unwanted = self._theirs(should), self._theirs(now)
        mine = [one for one in wanted - unwanted if one in _letters(name)]
        others = [one for one in unwanted - wanted if one in _letters(name)]
        return bool(mine) and all(any(two in one for one in mine) for two in others)

    def _theirs(self, gradient: Match) -> set[str]:
        """What the program calls the parameter that a gradient is for."""
        array, entry = gradient.quantity.partition("_d")[2].partition("@")[0], gradient.form.entry
        network, scene = self.scene.network, self.scene
        if array not in network.slices:
            return set()
        mine = network.slices[array].start
        if entry is not None:
            shape = network.shapes[array]
            mine += int(np.ravel_multi_index((*entry, 0)[: len(shape)], shape))  # of a row its first
        updated = (one for one in scene.updated if one.quantity == f"new_{array}" and one.form.entry == entry)
        names = {scene.readers.name(scene.timeline, mine, whole=entry is None), *map(self._name, updated)}
        return {_letters(one.rpartition(".")[2]) for one in names if not NUMBERED.search(one)} - {""}

    def _name(self, sight: Sight) -> str:
        return self.scene.site(sight.site).name

    def transferred(self, made: Events, wanted: Values, before: int) -> int | None:
        """Where the right gradient of one parameter becomes that of another one: its variable is read there."""
        origins = self.operands.origins
        now, should = self._both(made, wanted)
        if now is None or should is None or base(now) == base(should) or not self._is_of_another(now, should):
            return None
        store = origins.stored(made[0])
        if store is None:  # it has a name only where it is kept: ``grads.w2``
            reads = origins.reads(made[0], before)
            names = ((one, self._site(one).name) for one in reads)
            return next((one for one, name in names if self._is_after(name, now, should)), None)
        if self._is_after(self._site(store).name, should, now):
            return None
        return origins.last_read(store, before)

    def is_of_a_sample(self, made: Events, wanted: Values) -> bool:
        """Whether a gradient is right, but that of one sample where that of all of them is wanted."""
        now, should = self._both(made, wanted)
        if now is None or should is None or "@" not in now.quantity or "@" in should.quantity:
            return False
        return base(now) == base(should)

    def is_right_by_itself(self, made: int) -> bool:
        """Whether the variable that gets an expression's value is read for other numbers too, that are right."""
        store = self.operands.origins.stored(made)
        return store is not None and self._is_used_rightly(store)

    def is_argument(self, event: int) -> bool:
        """Whether the variable that is read at an event is an argument of the function that reads it."""
        store = self.operands.origins.last_write(event)
        return store is not None and self.scene.kind(int(self.scene.timeline.observation.site[store])) == "argument"

    def is_in_reach(self, one: Operand) -> bool:
        """Whether the function that reads a number reads elsewhere what it should be."""
        scope = self.scene.site(one.site).scope
        return any(
            one.should is not None
            and self.scene.site(site).scope == scope
            and self.scene.kind(site) in VARIABLES
            and any(base(match) == base(one.should) for match in self.operands.update.shown(events))
            for site, events in self.scene.visits
        )

    def handed_over(self, event: int) -> int | None:
        """What the function that reads an argument at an event was called with."""
        store = self.operands.origins.last_write(event)
        return None if store is None else self.operands.origins.given(store)


def _last(source: str) -> str:
    """What a variable is called, the attribute of an object or what a dictionary keeps under a name."""
    found = re.search(r"(?:\.|\[['\"])(\w+)(?:['\"]\])?$", source)
    return source if found is None else found[1]


def _index(name: str) -> str:
    """The index, or the key, at the end of a name; empty if it has none."""
    return name[name.rfind("[") :] if name.endswith("]") else ""


def _letters(name: str) -> str:
    """A name without points and brackets."""
    return re.sub(r"\W", "", name).lower()
