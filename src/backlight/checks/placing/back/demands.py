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
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.placing.back.origins import VARIABLES, Origins
from backlight.checks.placing.back.recomputed import Recomputed, written
from backlight.checks.placing.back.roles import Roles
from backlight.checks.placing.back.solving import Solving
from backlight.checks.placing.back.update import JOINED, Update
from backlight.checks.placing.scene import Sight
from backlight.checks.placing.shown import WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene
    from backlight.checks.placing.shown import Match

    Array = NDArray[np.floating[Any]]
    Values = tuple[Array, ...]

LONGEST_WAY = 400
"""So many expressions are looked at."""
GRADIENT = re.compile(r"dL_d[Wb]\d")


class Demand(NamedTuple):
    """A value of the program, one event in each update, and what it should be; None where that is not known."""

    events: tuple[int, ...]
    wanted: Values | None


class Operand(NamedTuple):
    """A part of an expression: what it is, what it should be."""

    node: ast.expr
    site: int
    events: tuple[int, ...]
    wanted: Values | None
    now: Match | None
    should: Match | None


@dataclass
class Demands:
    """The way back through one program."""

    scene: Scene
    known: dict[tuple[int, ...], list[Sight]] = field(default_factory=dict)

    @cached_property
    def update(self) -> Update:
        """What is true."""
        return Update(self.scene)

    @cached_property
    def origins(self) -> Origins:
        """The ways of numbers."""
        return Origins(self.scene)

    @cached_property
    def recomputed(self) -> Recomputed:
        """The expressions with other numbers."""
        return Recomputed(self.scene)

    @cached_property
    def solving(self) -> Solving:
        """The expressions solved for their parts."""
        return Solving(self.update, self.recomputed)

    @cached_property
    def ends(self) -> list[Sight]:
        """The expressions that are wrong though all that goes in is right, the first evaluated first."""
        found: dict[int, Sight] = {}
        for sight, wanted in self.update.wanted_parameters():
            kind = self.scene.kind(sight.site)
            if kind != "store" and not self.scene.timeline.computes[sight.site]:
                continue
            for end in self.behind(Demand(sight.events, wanted)):
                if end.site not in found or end.events < found[end.site].events:
                    found[end.site] = end
        return sorted(found.values(), key=lambda end: end.events)

    def behind(self, demand: Demand) -> list[Sight]:
        """The ends of the ways back from a value that is not what it should be; none where they cannot be followed."""
        event = demand.events[0]
        made = self.origins.maker(event)
        if made is None:
            alias = self.origins.alias(event)
            if alias is not None and demand.wanted is not None:
                return [self._end(*self.origins.visits[alias], demand.wanted)]
            return self._entries(demand)
        site, events = self.origins.visits[made]
        if events not in self.known and len(self.known) < LONGEST_WAY:
            self.known[events] = []
            self.known[events] = self._behind(demand, site, events)
        return self.known.get(events, [])

    def _behind(self, demand: Demand, site: int, events: tuple[int, ...]) -> list[Sight]:
        wanted = self._as_made(demand, events)
        alias = self.origins.alias(demand.events[0])
        if alias is not None and wanted is not None and self.update.shown(events):
            place, others = self.origins.visits[alias]
            return [self._end(place, others, demand.wanted)]
        if wanted is not None and (swapped := self._transferred(demand, events, wanted)):
            return swapped
        if self.scene.kind(site) == "store":
            return self._augmented(site, events, wanted)
        tree = self.recomputed.tree(site)
        if tree is None or (wanted is not None and self.update.named(wanted) is None and self._is_of_a_right_function(site)):
            return []
        return self._within(tree, site, events, wanted)

    def _transferred(self, demand: Demand, events: tuple[int, ...], wanted: Values) -> list[Sight]:
        """Where the right gradient of one parameter becomes that of another one: where its variable is read."""
        now, should = _plainest(self.update.shown(events)), self.update.named(wanted)
        is_exchanged = now is not None and should is not None and _base(now) != _base(should)
        if not is_exchanged or not self._is_of_another(now, should):
            return []
        store = self.origins.stored(events[0])
        if store is None or self._is_after(
            self.scene.site(self.origins.visits[store][0]).name, should.quantity, now.quantity
        ):
            return []
        read = self.origins.last_read(store, demand.events[0])
        return [] if read is None else [self._end(*self.origins.visits[read], demand.wanted)]

    def _is_of_a_right_function(self, site: int) -> bool:
        return bool(self.scene.site(site).scope) and self._is_right_elsewhere(site)

    def _is_right_elsewhere(self, site: int) -> bool:
        """Whether an expression gives a true quantity another time."""
        return site >= 0 and any(
            self.update.shown(self.origins.visits[event][1])
            for event in self.scene.windows[0].get(site, ())
            if event in self.origins.visits
        )

    def _values(self, events: tuple[int, ...]) -> Values:
        return tuple(self.scene.timeline.value(event) for event in events)

    def _as_made(self, demand: Demand, events: tuple[int, ...]) -> Values | None:
        """What is wanted of a value, of the larger one that it is a part of."""
        if demand.wanted is None:
            return None
        made = self._values(events)
        if all(one.size == other.size for one, other in zip(made, demand.wanted, strict=True)):
            return tuple(np.reshape(other, one.shape) for one, other in zip(made, demand.wanted, strict=True))
        asked = self._values(demand.events)
        same = all(one.size == other.size for one, other in zip(made, asked, strict=True))
        return demand.wanted if same else None

    def _entries(self, demand: Demand) -> list[Sight]:
        """An array that was written entry by entry: what is wanted of each of them."""
        found: list[Sight] = []
        for index, store in self.origins.written(demand.events[0]):
            events = self.origins.visits[store][1]
            wanted = None
            if demand.wanted is not None:
                try:
                    wanted = tuple(np.asarray(one[index]) for one in demand.wanted)
                except IndexError:
                    continue
                if any(one.size != value.size for one, value in zip(wanted, self._values(events), strict=True)):
                    continue
                if self.update.close(self._values(events), wanted):
                    continue
            elif self.update.shown(events):
                continue
            found += self.behind(Demand(events, wanted))
        return found

    def _augmented(self, site: int, events: tuple[int, ...], wanted: Values | None) -> list[Sight]:
        """``a -= b``: what is wanted of b, with a as it was."""
        chain = self._chain(site, events)
        sign = self._sign(site)
        end = [self._end(site, events, wanted)]
        if not chain or not sign:
            return end
        if wanted is None:
            unknown = [part for part in chain if not self._is_known(part)]
            return [one for part in unknown[:1] for one in self.behind(Demand(part, None))] or end
        changes = self._changes(chain)
        if len(chain) == 1:
            values = self._values(events)
            needed = tuple(
                change + sign * (want - value) for change, want, value in zip(changes[0], wanted, values, strict=True)
            )
            return self._follow(chain[0], needed) or end
        return self._in_terms(chain, wanted, sign) or end

    def _follow(self, events: tuple[int, ...], wanted: Values | None) -> list[Sight]:
        if wanted is not None:
            wanted = self.update.exactly(wanted)
            if self.update.close(self._values(events), wanted):
                return []
        site = int(self.scene.timeline.observation.site[events[0]])
        tree = self.recomputed.tree(site)
        if tree is not None and self._parts(tree, events):
            return self._within(tree, site, events, wanted)
        return self.behind(Demand(events, wanted)) if self._is_wrong_made(events, wanted) else []

    def _is_wrong_made(self, events: tuple[int, ...], wanted: Values | None) -> bool:
        now = self.update.shown(events)
        should = None if wanted is None else self.update.named(wanted)
        return not now or should is None or _base(now[0]) == _base(should)

    def _changes(self, chain: list[tuple[int, ...]]) -> list[Values]:
        return [self._values(part) for part in chain]

    def _of_each(
        self, chain: list[tuple[int, ...]], wanted: Values, sign: int
    ) -> list[tuple[tuple[int, ...], Values | None]]:
        """What is wanted of each of the terms of a sum over the samples."""
        match = self.update.named(wanted)
        rows = self.scene.judged.rows[0]
        if match is not None and len(rows) == len(chain) and match.quantity.startswith("dL_d"):
            names = [f"{match.quantity}@{row}" for row in rows]
            same = all(
                np.size(match.form.of(self.update.true[0][name])) == value.size
                for name in names[:1]
                if name in self.update.true[0]
                for part in chain
                for value in self._values(part)
            )
            if same and all(name in one for name in names for one in self.update.true):
                return [
                    (
                        part,
                        tuple(
                            np.reshape(sign * match.form.of(one[name]), value.shape)
                            for one, value in zip(self.update.true, self._values(part), strict=True)
                        ),
                    )
                    for part, name in zip(chain, names, strict=True)
                ]
        return [(part, None) for part in chain]

    def _sign(self, site: int) -> int:
        """1 for ``+=``, -1 for ``-=``, 0 for any other assignment."""
        here = self.scene.site(site)
        written = self.scene.timeline.observation.program.lines[here.end_line - 1][here.end_column :].lstrip()
        return {"+=": 1, "-=": -1}.get(written[:2], 0)

    def _chain(self, site: int, events: tuple[int, ...]) -> list[tuple[int, ...]]:
        """What was added to a variable, the first first, since it was last given a value as a whole."""
        observation = self.scene.timeline.observation
        place = int(observation.place[events[0]])
        stores = [*self.origins.trail.writes(place, events[0]), events[0]] if place >= 0 else [events[0]]
        found: list[tuple[int, ...]] = []
        for store in reversed(stores):
            other = int(observation.site[store])
            if store not in self.origins.visits or not self.scene.timeline.computes[other]:
                break
            made = self.scene.assigned(store)
            part = None if made is None else self.scene.timeline.before(made, store)
            if part is None or part not in self.origins.visits:
                break
            found.append(self.origins.visits[part][1])
        return found[::-1]

    def _within(self, node: ast.expr, site: int, events: tuple[int, ...], wanted: Values | None) -> list[Sight]:
        """The ends in an expression, else the expression itself."""
        if wanted is not None:
            wanted = self.update.exactly(wanted)
            if self.update.close(self._values(events), wanted):
                return []
        end = self._end(site, events, wanted)
        operands = [one for one in self._operands(node, events, wanted) if one is not None]
        if not operands:
            return [end]
        if wanted is None:
            return self._unknown(site, events) or [end]
        if shared := self._of_shares(node, events, wanted) or self._of_samples(node, site, events, wanted):
            return shared
        operands = [one for one in operands if not self._is_updated(one, wanted)]
        differing = [one for one in operands if one.should is not None and not self._is_right(one)]
        unknown = [one for one in operands if self._is_unknown(one)]
        chosen = [one for one in differing if one in unknown] or differing or unknown
        chosen = [one for one in chosen if self._is_plain(one)] or chosen
        found: list[Sight] = []
        for one in chosen if len(differing) != 1 else chosen[:1]:
            found += self._into(one, node)
        return found or self._by_variable(node, events, wanted) or [end]

    def _of_shares(self, node: ast.expr, events: tuple[int, ...], wanted: Values) -> list[Sight]:
        """The ends in a sum over the units of the next layer, where each term is what comes back from one of them."""
        match = self.update.named(wanted)
        terms = _terms(node)
        if match is None or len(terms) < 2 or not match.quantity.startswith("dL_da"):  # noqa: PLR2004
            return []
        found: list[Sight] = []
        shares = self.update.shares(match)
        for term in terms:
            operand = self._operand(term, events, None)
            if operand is None:
                continue
            weights = {
                (one.quantity.removeprefix("new_"), one.form.entry)
                for part in self.origins.parts(operand.events[0])
                if part in self.origins.visits
                for one in self.update.shown(self.origins.visits[part][1])
                if one.quantity.removeprefix("new_")[0] == "W"
            }
            fitting = [share for key, share in shares.items() if key in weights]
            if len(fitting) != 1:
                return []
            needed = tuple(
                np.reshape(one, value.shape) for one, value in zip(fitting[0], self._values(operand.events), strict=True)
            )
            found += self._into(self._operand(term, events, needed), node) if not self.update.close(
                self._values(operand.events), needed
            ) else []
        return found

    def _of_samples(self, node: ast.expr, site: int, events: tuple[int, ...], wanted: Values) -> list[Sight]:
        """The ends in ``total + term``, where the total was made in the same place before: the terms, one by one."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
            return []
        terms: list[tuple[int, ...]] = []
        while True:
            before = {}
            for part in self.solving.parts(node):
                one = self._operand(part, events, None)
                if one is None:
                    return []
                made = self.origins.maker(one.events[0])
                before[one.events] = made if made is not None and self.origins.visits[made][0] == site else None
            totals = {mine: made for mine, made in before.items() if made is not None}
            if len(before) != 2 or len(totals) > 1:  # noqa: PLR2004
                return []
            if not totals:  # the first one: of the zeros and the term the one that is not zero
                terms += [mine for mine in before if any(value.any() for value in self._values(mine))][:1]
                break
            terms += [mine for mine in before if mine not in totals]
            events = self.origins.visits[totals.popitem()[1]][1]
        if len(terms) < 2:  # noqa: PLR2004
            return []
        return self._in_terms(terms[::-1], wanted, 1)

    def _in_terms(self, terms: list[tuple[int, ...]], wanted: Values, sign: int) -> list[Sight]:
        """The ends behind the first term that is wrong."""
        for part, needed in self._of_each(terms, wanted, sign):
            is_right = self._is_known(part) if needed is None else self.update.close(self._values(part), needed)
            if not is_right:
                return self._follow(part, needed)
        return []

    def _is_updated(self, one: Operand, wanted: Values) -> bool:
        """Whether a part is the parameter of which the new one is computed."""
        match = self.update.named(wanted)
        if match is None or not match.quantity.startswith("new_"):
            return False
        return any(found.quantity == match.quantity[4:] for found in self.update.shown(one.events))

    def _parts(self, node: ast.expr, events: tuple[int, ...]) -> list[ast.expr]:
        """The parts that an expression is computed of here: a function of the program is entered instead."""
        is_entered = isinstance(node, ast.Call) and self.origins.maker(events[0]) not in {None, events[0]}
        return [] if is_entered else self.solving.parts(node)

    def _into(self, one: Operand, node: ast.expr) -> list[Sight]:
        """The ends behind a part of an expression."""
        if self._parts(one.node, one.events):
            return self._within(one.node, one.site, one.events, one.wanted)
        is_exchanged = one.now is not None and one.should is not None and _base(one.now) != _base(one.should)
        if is_exchanged and _base(one.now) == (f"new_{one.should.quantity}", one.should.form.entry):
            return self._updated_too_early(one)
        found = [] if is_exchanged and self._is_used_wrongly(one, node) else self.behind(Demand(one.events, one.wanted))
        if not found and is_exchanged and self._is_argument(one) and not self._is_in_reach(one):
            return self._handed_over(one)
        return found

    def _is_of_another(self, now: Match, should: Match) -> bool:
        """Whether a gradient is that of another parameter, though the right one is computed too."""
        both = GRADIENT.match(now.quantity) and GRADIENT.match(should.quantity)
        return bool(both) and _base(should) in self._computed

    @cached_property
    def _computed(self) -> set[tuple[str, tuple[int, ...] | None]]:
        """The gradients that the program computes somewhere."""
        gradients = [{name: one[name] for name in one if GRADIENT.match(name)} for one in self.update.true]
        table = self.scene.quantities(gradients)
        computes = self.scene.timeline.computes
        return {_base(one) for site, events in self.scene.visits if computes[site] for one in table.shown(events)}

    def _updated_too_early(self, one: Operand) -> list[Sight]:
        """The update of a parameter that is used afterwards as it was before."""
        made = self.origins.maker(one.events[0])
        return [] if made is None else [self._end(*self.origins.visits[made], None)]

    def _is_used_wrongly(self, one: Operand, node: ast.expr) -> bool:
        """Whether a right number is put to the wrong use here: it is used rightly elsewhere, or is another's gradient."""
        if self._is_of_another(one.now, one.should):
            return not self._is_named_after(one) and not self._is_right_for_another(one, node)
        return self.roles.is_used_rightly(one.events[0])

    def _is_right_for_another(self, one: Operand, node: ast.expr) -> bool:
        """Whether the statement that uses a gradient is right for another parameter."""
        statement = self.scene.site(one.site).statement
        updated = [two for two in self.scene.new_parameters if self.scene.site(two.site).statement == statement]
        if not updated:
            return self._is_right_elsewhere(_site(node))
        return not all(self.scene.entries_wrong[two.quantity[4:]].any() for two in updated)

    def _is_named_after(self, one: Operand) -> bool:
        """Whether the variable of a gradient has the name of the parameter that it should be for."""
        return self._is_after(written(one.node), one.should.quantity, one.now.quantity)

    def _is_after(self, name: str, quantity: str, other: str) -> bool:
        """Whether a variable has the name of the parameter that a gradient is for, and not of another one."""
        wanted, unwanted = self._theirs(quantity), self._theirs(other)
        mine = [one for one in wanted - unwanted if one in _letters(name)]
        others = [one for one in unwanted - wanted if one in _letters(name)]
        return bool(mine) and all(any(two in one for one in mine) for two in others)

    def _theirs(self, gradient: str) -> set[str]:
        """What the program calls the parameter that a gradient is for."""
        array = gradient.partition("_d")[2].partition("@")[0]
        if array not in self.scene.network.slices:
            return set()
        begin = self.scene.network.slices[array].start
        names = {self.scene.readers.name(self.scene.timeline, begin, whole=True)}
        names |= {
            self.scene.site(one.site).name for one in self.scene.new_parameters if one.quantity == f"new_{array}"
        }
        return {_letters(one.rpartition(".")[2]) for one in names} - {""}

    @cached_property
    def roles(self) -> Roles:
        """How numbers are used."""
        return Roles(self.update, self.origins)

    def _by_variable(self, node: ast.expr, events: tuple[int, ...], wanted: Values) -> list[Sight]:
        """Where a variable that is read more than once should be another quantity: behind it, if it is not used wrongly."""
        names: dict[str, ast.expr] = {}
        for part in ast.walk(node):
            is_read = isinstance(part, ast.Name | ast.Attribute | ast.Subscript) and not self.solving.parts(part)
            if is_read and part is not node and getattr(part, "site", -1) >= 0:
                names.setdefault(written(part), part)
        for name, part in names.items():
            needed = self.solving.put(node, name, part, events, wanted)
            operand = None if needed is None else self._operand(part, events, needed)
            if operand is not None and not self._is_right(operand):
                if not self._is_argument(operand):
                    return self._into(operand, node)
                once = len(self.scene.windows[0].get(_site(node), ())) == 1
                return self._handed_over(operand) if once or self._is_right_elsewhere(_site(node)) else []
        return []

    def _handed_over(self, one: Operand) -> list[Sight]:
        """Where a function is called with the wrong argument, though its own formula is right."""
        observation, timeline = self.scene.timeline.observation, self.scene.timeline
        name = re.compile(rf"(\w+\.)*{re.escape(self.scene.site(one.site).scope.rpartition('.')[2])}\(")
        for event in range(one.events[0], len(observation.site)):
            site = int(observation.site[event])
            if self.scene.kind(site) == "call" and name.match(self.scene.site(site).source) and event in self.origins.visits:
                for child in timeline.children[site]:
                    given = timeline.before(child, event)
                    if given in self.origins.visits and observation.value[given] == observation.value[one.events[0]]:
                        return [self._end(child, self.origins.visits[given][1], one.wanted)]
                return [self._end(*self.origins.visits[event], None)]
        return []

    def _is_in_reach(self, one: Operand) -> bool:
        """Whether the function that reads a number reads elsewhere what it should be."""
        scope = self.scene.site(one.site).scope
        return any(
            self.scene.site(site).scope == scope
            and self.scene.kind(site) in VARIABLES
            and any(match.quantity == one.should.quantity for match in self.update.shown(events))
            for site, events in self.scene.visits
        )

    def _is_argument(self, one: Operand) -> bool:
        """Whether a variable is an argument of the function that reads it."""
        observation = self.scene.timeline.observation
        place = int(observation.place[one.events[0]])
        writes = self.origins.trail.writes(place, one.events[0]) if place >= 0 else []
        return bool(writes) and self.scene.kind(int(observation.site[writes[-1]])) == "argument"

    def _unknown(self, site: int, events: tuple[int, ...]) -> list[Sight]:
        """The ends behind what an expression reads that is no quantity."""
        found: list[Sight] = []
        for part in self.origins.parts(events[0]):
            if part in self.origins.visits:
                _site, some = self.origins.visits[part]
                if not self._is_known(some):
                    found += self.behind(Demand(some, None))
        return found

    def _operands(self, node: ast.expr, events: tuple[int, ...], wanted: Values | None) -> list[Operand | None]:
        """The parts of an expression with what they should be."""
        found = []
        for part in self._parts(node, events):
            needed = None if wanted is None else self.solving.solved(node, part, events, wanted)
            found.append(self._operand(part, events, needed))
        return found

    def _operand(self, part: ast.expr, events: tuple[int, ...], needed: Values | None) -> Operand | None:
        site = getattr(part, "site", -1)
        if site < 0 or isinstance(part, ast.Constant):
            return None
        last = [self.scene.timeline.before(site, event + 1) for event in events]
        if any(one is None for one in last) or last[0] not in self.origins.visits:
            return None
        mine = self.origins.visits[last[0]][1]
        now = self.update.shown(mine)
        return Operand(part, site, mine, needed, _plainest(now), None if needed is None else self.update.named(needed))

    def _is_right(self, one: Operand) -> bool:
        """Whether a part is what it should be; what is no gradient has no wrong sign."""
        if one.now is not None and one.should is not None and not one.now.quantity.startswith(("dL_d", "step_")):
            same = one.now.quantity == one.should.quantity and one.now.form.entry == one.should.form.entry
            if same and one.now.form.factor * one.should.form.factor < 0:
                return True
        return one.wanted is not None and self.update.close(self._values(one.events), one.wanted)

    def _is_unknown(self, one: Operand) -> bool:
        return not self._is_right(one) and not self._is_known(one.events) and not self._is_made_of_known(one)

    def _is_plain(self, one: Operand) -> bool:
        """Whether a number stands for a derivative: a one that is written there."""
        return all(value.size == 1 and abs(value.item()) in {0.0, 1.0} for value in self._values(one.events))

    def _is_made_of_known(self, one: Operand) -> bool:
        """Whether an intermediate result without a name is made of nothing but quantities."""
        if not self._parts(one.node, one.events):
            return False
        parts = self.origins.parts(one.events[0])
        return bool(parts) and all(
            self.origins.is_given(part) or self._is_known(self.origins.visits[part][1]) for part in parts
        )

    def _is_known(self, events: tuple[int, ...]) -> bool:
        return self.origins.is_given(events[0]) or bool(self.update.shown(events))

    def _end(self, site: int, events: tuple[int, ...], wanted: Values | None) -> Sight:
        """An expression that is wrong by itself, with the quantity that it should be."""
        match = None if wanted is None else self.update.named(wanted)
        if match is not None and JOINED.search(match.quantity):
            match = None
        return Sight(site, events, match.quantity, match.form) if match else Sight(site, events, "", WHOLE)


def _site(node: ast.expr) -> int:
    return getattr(node, "site", -1)


def _terms(node: ast.expr) -> list[ast.expr]:
    """What is added up in an expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_terms(node.left), *_terms(node.right)]
    return [node]


def _plainest(matches: tuple[Match, ...]) -> Match | None:
    return min(matches, key=lambda one: (one.form.entry is not None, abs(one.form.factor) != 1), default=None)


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name).lower()


def _base(one: Match) -> tuple[str, tuple[int, ...] | None]:
    """A quantity whatever its sign and its factor, of one sample or of all."""
    return one.quantity.partition("@")[0], one.form.entry
