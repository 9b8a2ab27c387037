"""Back from the parameters that go wrong: where is the first expression that is wrong though all that goes in is right?

At each expression it is asked what each of its parts should be. A part that should be another true quantity than it is
is followed to where it is made; a right number that is used in a wrong place is not, its use is the place. What is no
quantity at all is followed too, whatever it should be. No mistake of the catalogue is needed for that.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backlight.checks.placing.back.operands import Operands, base, plainest
from backlight.checks.placing.back.origins import Origins
from backlight.checks.placing.back.recomputed import Recomputed, site_of, written
from backlight.checks.placing.back.roles import Roles
from backlight.checks.placing.back.solving import Solving
from backlight.checks.placing.back.summed import Summed
from backlight.checks.placing.back.update import JOINED, Update
from backlight.checks.placing.masks import masks
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.checks.placing.back.operands import Events, Operand, Values
    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.shown import Match

LONGEST_WAY = 400
"""So many expressions are looked at."""


class Demand(NamedTuple):
    """A value of the program, one event in each update, and what it should be; None where that is not known."""

    events: Events
    wanted: Values | None


@dataclass
class Demands:
    """The ways back through one program."""

    scene: Scene
    known: dict[tuple[Events, bool], list[Sight]] = field(default_factory=dict)

    @cached_property
    def update(self) -> Update:
        """What is true."""
        return Update(self.scene)

    @cached_property
    def origins(self) -> Origins:
        """The ways of numbers."""
        return Origins(self.scene)

    @cached_property
    def _solving(self) -> Solving:
        return Solving(self.update, Recomputed(self.scene))

    @cached_property
    def _operands(self) -> Operands:
        return Operands(self.update, self.origins, self._solving)

    @cached_property
    def _roles(self) -> Roles:
        return Roles(self._operands)

    @cached_property
    def _summed(self) -> Summed:
        return Summed(self._operands)

    @cached_property
    def ends(self) -> list[Sight]:
        """The expressions that are wrong though all that goes in is right, the first evaluated first."""
        found: dict[int, Sight] = {}
        for sight, wanted in self.update.wanted_parameters():
            makes = self.scene.kind(sight.site) == "store" or self.scene.timeline.computes[sight.site]
            is_data = any(one.quantity in {"x", "y"} for one in self.update.shown(sight.events))
            if not makes or is_data or self.origins.maker(sight.events[0]) is None:
                continue
            for end in self._ends_of(Demand(sight.events, wanted)):
                if end.site not in found or end.events < found[end.site].events:
                    found[end.site] = end
        return sorted(found.values(), key=lambda end: end.events)

    def _ends_of(self, demand: Demand) -> list[Sight]:
        """The ends of the ways back from a new parameter."""
        try:
            return [end for end in self._behind(demand) if not self._is_of_an_engine(end)]
        except RecursionError:  # a way with more steps than Python can be nested
            return []

    def _is_of_an_engine(self, end: Sight) -> bool:
        """Whether a place only takes the gradient that an engine has computed."""
        here = self.scene.site(end.site)
        return bool(self.scene.backward_calls) and any(
            one.source.endswith(".grad")
            for one in self.scene.timeline.observation.sites
            if (one.scope, one.statement) == (here.scope, here.statement)
        )

    def _behind(self, demand: Demand) -> list[Sight]:
        """The ends of the ways back from a value that is not what it should be; none where they cannot be followed."""
        made = self.origins.maker(demand.events[0])
        if made is None:
            return (
                self._renamed(demand)
                or self._entries(demand)
                or self._in_container(demand)
                or self._in_array(demand)
                or self._masked(demand)
            )
        events = self.origins.visits[made][1]
        key = events, demand.wanted is not None or (events, True) in self.known
        if key not in self.known and len(self.known) < LONGEST_WAY:
            self.known[key] = []  # where the way comes back to itself it ends
            self.known[key] = self._made(demand, made)
        return self.known.get(key, [])

    def _made(self, demand: Demand, made: int) -> list[Sight]:
        """The ends behind the expression that made a value."""
        site, events = self.origins.visits[made]
        wanted = self._as_made(demand, events)
        handed_on = None if wanted is None else self._handed_on(demand, made, wanted)
        if handed_on is not None:
            return handed_on
        if self.scene.kind(site) == "store":
            return self._augmented(site, events, wanted)
        tree = self._solving.recomputed.tree(site)
        is_unnamed = wanted is not None and self.update.named(wanted) is None
        if tree is None or (is_unnamed and self.scene.site(site).scope and self._operands.is_right_elsewhere(site)):
            return []  # a function that is right another time is right
        return self._within(tree, site, events, wanted)

    def _handed_on(self, demand: Demand, made: int, wanted: Values) -> list[Sight] | None:
        """The ends where a right number goes the wrong way from where it is made; None if it does not."""
        events = self.origins.visits[made][1]
        if self._roles.is_of_a_sample(events, wanted) and (sums := self._overwritten(demand, made)) is not None:
            return sums
        if self.update.shown(events) and (renamed := self._renamed(demand)):
            return renamed
        if self._roles.is_of_the_forward_pass(events, wanted):
            return []
        read = self._roles.transferred(events, wanted, demand.events[0])
        return None if read is None else [self._end_at(read, demand.wanted)]

    def _overwritten(self, demand: Demand, made: int) -> list[Sight] | None:
        """Where the gradient of the last sample is kept for that of all; None if where it is made."""
        alias = self.origins.alias(demand.events[0])
        if alias is None:
            return [] if self._roles.is_right_by_itself(made) else None
        return [self._end_at(alias, demand.wanted)]

    def _renamed(self, demand: Demand) -> list[Sight]:
        """Where a right number was only given the name of another one."""
        if demand.wanted is None:
            return []
        place = self._roles.exchanged(demand.events[0], demand.wanted)
        if place is None:
            alias = self.origins.alias(demand.events[0])
            if alias is not None and self._roles.is_renamed_wrongly(alias, demand.wanted):
                place = alias
        return [] if place is None else [self._end_at(place, demand.wanted)]

    def _as_made(self, demand: Demand, events: Events) -> Values | None:
        """What is wanted of a value, in the shape in which it was made."""
        if demand.wanted is None:
            return None
        made, asked = self.update.values(events), self.update.values(demand.events)
        if all(one.size == other.size for one, other in zip(made, demand.wanted, strict=True)):
            return tuple(np.reshape(other, one.shape) for one, other in zip(made, demand.wanted, strict=True))
        same = all(one.size == other.size for one, other in zip(made, asked, strict=True))
        return demand.wanted if same else None

    def _entries(self, demand: Demand) -> list[Sight]:
        """The ends behind an array that was written entry by entry."""
        found: list[Sight] = []
        for index, store in self.origins.written(demand.events[0]):
            events = self.origins.visits[store][1]
            wanted = None
            if demand.wanted is not None:
                wanted = self.update.entry(demand.wanted, index, events)
                if wanted is None or self.update.close(self.update.values(events), wanted):
                    continue
            elif self.update.shown(events):
                continue
            found += self._behind(Demand(events, wanted))
        return found

    def _in_container(self, demand: Demand) -> list[Sight]:
        """Where a function was called with the list or array that an item is wrong of."""
        holder = self.origins.container(demand.events[0])
        if holder is None or not self._roles.is_argument(holder):
            return []
        given = self._roles.handed_over(holder)
        return [] if given is None else [self._end_at(given, None)]

    def _in_array(self, demand: Demand) -> list[Sight]:
        """The ends behind the array that a row was taken of."""
        array = self.origins.array_of(demand.events[0])
        match = None if demand.wanted is None else self.update.named(demand.wanted)
        if array is None:
            return []
        events = self.origins.visits[array][1]
        values, whole = self.update.values(events), None
        if match is not None and match.form.entry is not None:
            found = [match.form._replace(entry=None).of(one[match.quantity]) for one in self.update.true]
            fits = all(one.shape == value.shape for one, value in zip(found, values, strict=True))
            whole = tuple(found) if fits else None
        if whole is not None and self.update.close(values, whole):
            return []
        return self._behind(Demand(events, whole))

    def _masked(self, demand: Demand) -> list[Sight]:
        """The ends behind an array before a mask was put on it in place, or the mask."""
        before = self.origins.unaltered(demand.events[0])
        match = None if before is None or demand.wanted is None else self.update.of_a_unit(demand.wanted)
        if before is None or match is None:
            return []
        layer, events = match.quantity[len("dL_dz") :], self.origins.visits[before][1]
        coming = tuple(match.form.of(one[f"dL_da{layer}"]) for one in self.update.true)
        if not self.update.close(self.update.values(events), coming):
            return self._behind(Demand(events, coming))
        return list(masks(self.scene, self.update.true, int(layer)))

    def _augmented(self, site: int, events: Events, wanted: Values | None) -> list[Sight]:
        """The ends behind ``a -= b``: behind b, or what was added before."""
        terms, sign = self._summed.added(events), self.scene.sign_of(site)
        found: list[Sight] = []
        if terms and sign and wanted is None:
            unknown = [part for part in terms if not self._operands.is_known(part)]
            found = [end for part in unknown[:1] for end in self._behind(Demand(part, None))]
        elif len(terms) == 1 and sign and wanted is not None:
            changes = zip(self.update.values(terms[0]), wanted, self.update.values(events), strict=True)
            found = self._follow(terms[0], tuple(now + sign * (want - value) for now, want, value in changes))
        elif terms and sign and wanted is not None:
            found = self._in_terms(terms, wanted, sign)
        return found or [self._end(site, events, wanted)]

    def _in_terms(self, terms: list[Events], wanted: Values, sign: int) -> list[Sight]:
        """The ends behind the first term of a sum that is wrong."""
        for part, needed in self._summed.of_each(terms, wanted, sign):
            is_close = needed is not None and self.update.close(self.update.values(part), needed)
            if not is_close and not (needed is None and self._operands.is_known(part)):
                return self._follow(part, needed)
        return []

    def _follow(self, events: Events, wanted: Values | None) -> list[Sight]:
        """The ends in an expression, or behind what is read."""
        if wanted is not None and self.update.close(self.update.values(events), wanted):
            return []
        site = self.origins.visits[events[0]][0]
        tree = self._solving.recomputed.tree(site)
        if tree is not None and self._operands.parts(tree, events):
            return self._within(tree, site, events, wanted)
        now, should = plainest(self.update.shown(events)), None if wanted is None else self.update.named(wanted)
        is_exchanged = now is not None and should is not None and base(now) != base(should)
        return [] if is_exchanged else self._behind(Demand(events, wanted))

    def _within(self, node: ast.expr, site: int, events: Events, wanted: Values | None) -> list[Sight]:
        """The ends in an expression and behind its parts, else the expression itself."""
        if wanted is None:
            return self._unknown(events) or [self._end(site, events, None)]
        wanted = self.update.exactly(wanted)
        if self.update.close(self.update.values(events), wanted):
            return []
        if isinstance(node, ast.ListComp):
            return self._in_list(node, events, wanted) or [self._end(site, events, wanted)]
        of_units = self._summed.of_units(node, events, wanted)
        found = [end for one in of_units for end in self._into(one, node)]
        found = found or self._in_terms(self._summed.totals(node, site, events), wanted, 1)
        found = found or self._in_parts(self._wrong(node, events, wanted), node, site)
        return found or self._by_variable(node, events, wanted) or [self._end(site, events, wanted)]

    def _in_parts(self, parts: list[Operand], node: ast.expr, site: int) -> list[Sight]:
        """The ends in or behind parts of an expression; none where it has several that nothing is known of."""
        found = [end for one in parts for end in self._into(one, node)]
        unnamed = len(parts) > 1 and all(one.now is None and one.should is None for one in parts)
        inside = all(end.site in self.scene.timeline.parts(site) for end in found)
        return [] if unnamed and inside else found

    def _in_list(self, node: ast.ListComp, events: Events, wanted: Values) -> list[Sight]:
        """The ends behind the first wrong one of the things that a comprehension makes."""
        elements = self.origins.elements(site_of(node.elt), events[0])
        if not elements or any(len(one) != len(elements) for one in wanted if one.ndim) or not wanted[0].ndim:
            return []
        for number, element in enumerate(elements):
            mine = self.origins.visits[element][1]
            needed = tuple(np.asarray(one[number]) for one in wanted)
            if not self.update.close(self.update.values(mine), needed):
                return self._follow(mine, needed)
        return []

    def _wrong(self, node: ast.expr, events: Events, wanted: Values) -> list[Operand]:
        """The parts of an expression that are to blame."""
        new = self.update.named(wanted)
        operands = [one for one in self._operands.of(node, events, wanted) if not self._operands.is_updated(one, new)]
        differing = [one for one in operands if one.should is not None and not self._operands.is_right(one)]
        unknown = [one for one in operands if self._operands.is_unknown(one)]
        chosen = [one for one in differing if one in unknown] or differing or unknown
        return [one for one in chosen if self._operands.is_plain(one)] or chosen

    def _into(self, one: Operand, node: ast.expr) -> list[Sight]:
        """The ends in or behind a part of an expression; a number that is written there is made nowhere else."""
        if isinstance(one.node, ast.Constant):
            return [self._end(one.site, one.events, one.wanted)]
        if self._operands.parts(one.node, one.events):
            return self._within(one.node, one.site, one.events, one.wanted)
        if one.now is None or one.should is None or not one.is_exchanged:
            is_turned = (
                one.now is not None
                and one.should is not None
                and not one.now.quantity.startswith(("dL_", "step_", "new_"))
            )
            return [] if is_turned else self._behind(Demand(one.events, one.wanted))
        if base(one.now) == (f"new_{one.should.quantity}", one.should.form.entry):
            made = self.origins.maker(one.events[0])
            return [] if made is None else [self._end_at(made, None)]  # updated before it is used
        demand = Demand(one.events, one.wanted)
        if {one.now.quantity, one.should.quantity} <= set(self.scene.network.shapes):
            found = self._renamed(demand)  # no update has made one weight of another
        else:
            found = [] if self._roles.is_used_wrongly(one, node) else self._behind(demand)
        stays = found or self._roles.is_in_reach(one) or self._roles.is_of_its_name(one.events[0])
        return found if stays else self._handed_over(one)

    def _by_variable(self, node: ast.expr, events: Events, wanted: Values) -> list[Sight]:
        """The ends behind a variable that should be another quantity wherever the expression reads it."""
        names: dict[str, ast.expr] = {}
        for part in self._solving.reads(node):
            if site_of(part) >= 0:
                names.setdefault(written(part), part)
        for name, part in names.items():
            needed = self._solving.put(node, name, part, events, wanted)
            operand = None if needed is None else self._operands.operand(part, events, needed)
            if operand is None or self._operands.is_right(operand):
                continue
            if not self._roles.is_argument(operand.events[0]):
                return self._into(operand, node)
            once = len(self.scene.windows[0].get(site_of(node), ())) == 1
            named = self._roles.is_of_its_name(operand.events[0])
            if named and self.update.close(self.update.values(operand.events), self.update.values(events)):
                return []  # a copy
            is_given = (once and not named) or self._operands.is_right_elsewhere(site_of(node))
            return self._handed_over(operand) if is_given else []
        return []

    def _handed_over(self, one: Operand) -> list[Sight]:
        """Where a function is called with the wrong argument."""
        is_argument = self._roles.is_argument(one.events[0])
        given = self._roles.handed_over(one.events[0]) if is_argument else None
        return [] if given is None else [self._end_at(given, one.wanted)]

    def _unknown(self, events: Events) -> list[Sight]:
        """The ends behind what an expression reads that is no quantity."""
        parts = self.origins.parts(events[0])
        read = (self.origins.visits[part][1] for part in parts if part in self.origins.visits)
        unknown = [some for some in read if not self._operands.is_known(some)]
        return [end for some in unknown for end in self._behind(Demand(some, None))]

    def parts(self, end: Sight) -> list[int]:
        """What the expression at an end is made of: its largest parts that are true quantities, and what it reads."""

        def is_known(event: int) -> bool:
            return self._operands.is_known(self.origins.visits[event][1])

        return self.origins.parts(end.events[0], is_known)

    def read(self, end: Sight) -> Iterator[tuple[Match, ...]]:
        """The true quantities, none of them zeros, that the parts of the expression at an end are."""
        for part in self.parts(end):
            if part in self.origins.visits and self.scene.timeline.value(part).any():
                yield self.update.shown(self.origins.visits[part][1])

    def _end_at(self, event: int, wanted: Values | None) -> Sight:
        """What was evaluated at an event, as a place that is wrong by itself."""
        return self._end(*self.origins.visits[event], wanted)

    def _end(self, site: int, events: Events, wanted: Values | None) -> Sight:
        """An expression that is wrong by itself, with the quantity that it should be."""
        match = None if wanted is None else self._delta(events, wanted) or self.update.named(wanted)
        if match is None or JOINED.search(match.quantity):
            return Sight(site, events, "", WHOLE)
        return Sight(site, events, match.quantity, match.form)

    def _delta(self, events: Events, wanted: Values) -> Match | None:
        """The delta that belongs where what comes back to its unit stands; of one sample it is a bias's gradient too."""
        layers = (one.quantity[5:] for one in self.update.shown(events) if re.fullmatch(r"dL_da\d+", one.quantity))
        return next(filter(None, (self.update.named(wanted, f"dL_dz{layer}") for layer in layers)), None)
