"""The search: every edit is run, those that lead to the numbers of a right program are proved."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.placing.anywhere.edit import Edit, lines_executed, places
from backlight.checks.placing.anywhere.expressions import Expressions
from backlight.checks.placing.anywhere.lines import Lines
from backlight.checks.placing.anywhere.names import Names
from backlight.checks.placing.anywhere.nearby import Nearby
from backlight.checks.placing.anywhere.orders import Orders
from backlight.checks.placing.anywhere.runs import Runs
from backlight.checks.placing.anywhere.together import BENT
from backlight.checks.placing.anywhere.wanted import FORMS, wanted, wanted_of_the_first_update, wanted_of_the_pass
from backlight.checks.placing.by_name import said_by_name
from backlight.checks.placing.parts import between
from backlight.checks.placing.repair import repaired
from backlight.checks.placing.right import Right
from backlight.checks.placing.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.judging.causes import Suspects
    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.anywhere.edit import Place
    from backlight.checks.placing.anywhere.runs import Case
    from backlight.checks.placing.anywhere.wanted import Wanted
    from backlight.checks.placing.scene import Scene
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Rank = tuple[int, int, int, float, int]

MOST_PROVED = 4
"""So many repairs are run and judged."""
MOST_COMPARED = 24
MOST_ALIKE, MOST_PAIRS = 24, 600
"""So many edits that make the same numbers right are tried two by two, in so many pairs."""
MOST_EDITS = 8000
MOST_WORK = 18_000_000
"""Events of all runs together."""
AT_ONCE, WORK_AT_ONCE = 1500, 3_000_000
"""So many edits, and so many events, in one child."""
COARSE = {"float64": 1, "float32": 4}
"""So many quantities are shown by chance, because of what is near enough."""
TINY = 1.3
"""Edits up to this size are likely, whatever else a right program computes on the way."""
LARGE = 2.0
"""Edits of this size write something new."""
LONGEST = 72
"""So long is what is shown around an edit, at most."""


class Repair(NamedTuple):
    """What is replaced, the program with it, and the name of what it mends where that can be nothing else."""

    places: tuple[Spot, ...]
    fixed: str
    mistake: str


def anywhere(
    suspects: Suspects, scene: Scene, run: Callable[[Program], Observation], is_right: Callable[[Program], bool]
) -> Repair | None:
    """The places of a repair that makes a program right, wherever they are, and the program with it; None if none does."""
    numbers = wanted(suspects, scene)
    return None if numbers is None else Anywhere(scene.timeline, numbers, run, is_right, Right.of(scene).at).proof()


def anywhere_forward(  # noqa: PLR0917  everything that is known
    timeline: Timeline,
    network: Network,
    own: Network | None,
    parameters: Array,
    rows: Sequence[int],
    run: Callable[[Program], Observation],
    is_right: Callable[[Program], bool],
) -> Repair | None:
    """The same of a program whose forward pass is wrong, from the recipe's initial values; ``own`` is its network."""
    numbers = wanted_of_the_pass(network, parameters, rows, timeline.precision, own)
    return Anywhere(timeline, numbers, run, is_right).proof()


def anywhere_unmoved(  # noqa: PLR0917  the same
    timeline: Timeline,
    before: Array,
    after: Array,
    until: int,
    run: Callable[[Program], Observation],
    is_right: Callable[[Program], bool],
) -> Repair | None:
    """The same of a program whose parameters never change, from those before and behind its first update."""
    numbers = wanted_of_the_first_update(before, after, until, timeline.precision)
    return Anywhere(timeline, numbers, run, is_right).proof()


@dataclass(frozen=True)
class Anywhere:
    """A program that is wrong, and what it would compute if it were right."""

    timeline: Timeline
    wanted: Wanted
    run: Callable[[Program], Observation]
    is_right: Callable[[Program], bool]
    was_right: Callable[[Spot], bool] = lambda _spot: False

    def proof(self) -> Repair | None:
        """The places of a repair, and the program with it."""
        program = self.timeline.observation.program
        for edits in islice(self.repairs(), MOST_PROVED):
            spots = tuple(map(self._spot, edits))
            trial = repaired(program, spots)
            if trial is not None and self.is_right(trial):
                names = {one.mistake for one in edits}
                return Repair(spots, trial.text, names.pop() if len(names) == 1 else "")
        return None

    def repairs(self) -> Iterator[tuple[Edit, ...]]:
        """What would make the first wrong update right: one edit, or two together.

        Those first with which everything that a right program computes on the way is right as well, then those with
        which the most is: as soon as a tiny one is among them.
        """
        edits: list[Edit] = []
        found: dict[Case, frozenset[int]] = {}
        waiting: dict[Case, Rank] = {}
        for some, is_last in self._in_turn():
            cases = [(number,) for number in range(len(edits), len(edits) + len(some))]
            edits += some
            now = self.runs.found(edits, cases, self._looked_for)
            found |= now
            waiting |= self._ranked_cases(edits, self._whole(now))
            enough = is_last and any(edits[case[0]].size <= TINY for case in waiting)
            largest = LARGE if self.wanted.is_multiple else TINY
            good = [case for case in waiting if waiting[case][0] <= self._best and waiting[case][3] <= largest]
            whole = {case: waiting.pop(case) for case in (list(waiting) if enough else good)}
            yield from _in_order(whole, edits)
        turned = {case: waiting.pop(case) for case in list(waiting) if waiting[case][1]}
        yield from _in_order(waiting, edits)
        pairs = self._pairs(found, edits)
        if pairs:
            found = self.runs.found(edits, pairs, self._looked_for)
            yield from _in_order(self._ranked_cases(edits, self._whole(found)), edits)
        yield from _in_order(turned, edits)

    @cached_property
    def runs(self) -> Runs:
        """How the program is run."""
        calls = 2 * self.wanted.until + 1000
        program, forward = self.timeline.observation.program, self.wanted.of_the_pass
        return Runs(program, self.run, self.wanted.close, calls, everything=forward)

    @cached_property
    def _best(self) -> int:
        """The rank of what can be nothing better: where the loss is shown with the other sign, it is what turns that."""
        loss = self.wanted.loss
        if not self.wanted.is_multiple or not len(loss):
            return 0
        shown = self.runs.found([], [], np.concatenate([loss, -loss]), everything=True).get((), frozenset())
        return -1 if shown and min(shown) >= len(loss) else 0

    @cached_property
    def statements(self) -> Statements:
        """What is written in the program."""
        return Statements(self.timeline.observation.program)

    @cached_property
    def executed(self) -> set[int]:
        """The lines that matter."""
        return lines_executed(self.timeline.observation, self.wanted.until)

    @cached_property
    def places(self) -> list[Place]:
        """The expressions that are edited."""
        return list(places(self.statements, self.executed))

    # ---- which edits, in which order ---------------------------------------------------------------------

    def _in_turn(self) -> Iterator[tuple[list[Edit], bool]]:
        """Every edit of a place that bears on what is wrong, and whether these are the last small ones.

        Small ones come first, and those where nothing else depends on the place.
        """
        sure, unsure = self._that_bear_on_it()
        nearby = Nearby(self.statements, self.timeline)
        expressions = Expressions(nearby, self.wanted.is_multiple)
        likely, others = ([one for place in some for one in expressions.of(place)] for some in (sure, unsure))
        likely += [*Names(nearby).edits(), *Orders(nearby, self.wanted.is_multiple).edits(self.executed)]
        likely += () if self.wanted.of_the_pass else Lines(self.statements).edits()
        likely = [one for one in likely if nearby.keeps_scopes(one)]
        likely, others = ([one for one in some if id(one.first) not in self._meant] for some in (likely, others))
        left = int(min(MOST_EDITS, MOST_WORK / self.wanted.until))
        at_once = int(min(AT_ONCE, WORK_AT_ONCE / self.wanted.until)) + 1
        for is_small in (True, False):
            for some in (likely, others):
                turn = _different(one for one in some if (one.size < LARGE) == is_small)[:left]
                left -= len(turn)
                begins = range(0, len(turn), at_once)
                last = is_small and some is others
                yield from ((turn[begin : begin + at_once], last and begin == begins[-1]) for begin in begins)
                if last and not turn:
                    yield [], True

    @cached_property
    def _meant(self) -> set[int]:
        """The expressions, and the parts of them, that are what their function is called."""
        return {id(part) for one in said_by_name(self.statements) for part in ast.walk(one)}

    def _that_bear_on_it(self) -> tuple[list[Place], list[Place]]:
        """The places that all that is wrong depends on, and nothing else; and those of which some may: each is bent a little.

        All of them where nothing that is wrong moves: on nothing can it depend.
        """
        if not self.wanted.own.size:
            return self.places, []
        moves = self.wanted.own_is_wrong.any()
        bent = [Edit(one.node, one.node, f"{BENT}({self.statements.text(one.node)})", 0) for one in self.places]
        cases = [(number,) for number in range(len(bent))] if moves else []
        found = self.runs.found(bent, cases, self.wanted.own)
        if not moves:
            return self.places, []
        before = found.get((), frozenset())
        wrong = {number for number in before if self.wanted.own_is_wrong[number]}
        sure: list[Place] = []
        unsure: list[Place] = []
        for number, place in enumerate(self.places):
            is_known = (number,) in found
            gone = before - found.get((number,), before)
            if not is_known or gone & wrong:
                (sure if is_known and gone == wrong else unsure).append(place)
        return sure, unsure

    def _pairs(self, found: dict[Case, frozenset[int]], edits: Sequence[Edit]) -> list[Case]:
        """Two edits each of which makes some more numbers right, and together all of them: the smallest ones of each kind."""
        before, numbers = found.get((), frozenset()), len(self.wanted.numbers)
        alike: dict[frozenset[int], list[Case]] = {}
        for case, some in found.items():
            if before < some and len(some) < numbers:
                alike.setdefault(some, []).append(case)
        kept = {some: sorted(cases, key=lambda case: edits[case[0]].size)[:MOST_ALIKE] for some, cases in alike.items()}
        pairs = [
            (*one, *other)
            for first, second in combinations(kept, 2)
            if len(first | second) == numbers
            for one in kept[first]
            for other in kept[second]
        ]
        return sorted(pairs, key=lambda case: sum(edits[one].size for one in case))[:MOST_PAIRS]

    # ---- which of those that lead there ------------------------------------------------------------------

    @cached_property
    def _looked_for(self) -> Array:
        """The numbers of a right update; where the program has them and goes on, its own ones behind them."""
        numbers = self.wanted.numbers
        has = self.runs.found([], [], numbers).get((), frozenset())
        return (
            numbers if len(has) < len(numbers) else np.concatenate([numbers, self.wanted.own[self.wanted.own_is_wrong]])
        )

    def _whole(self, found: dict[Case, frozenset[int]]) -> list[Case]:
        """The cases with all numbers of a right update, and none of the program's own."""
        right = frozenset(range(len(self.wanted.numbers)))
        return [case for case, some in found.items() if case and some == right]

    def _spot(self, edit: Edit) -> Spot:
        """What an edit replaces, with the short expression around it."""
        short = [
            one.node for one in self.places if _is_short(self.statements.text(one.node)) and _holds(one.node, edit)
        ]
        around = min(short, key=lambda one: len(self.statements.text(one)), default=None)
        if around is None or not isinstance(edit.first, ast.expr):
            return self.statements.instead(edit.first, edit.last, edit.written)
        text, line = self.statements.text(around), around.lineno
        begin, first, last = (
            self.statements.column(line, at)
            for at in (around.col_offset, edit.first.col_offset, edit.first.end_col_offset or 0)
        )
        written = between(text[: first - begin], edit.written, text[last - begin :])
        return self.statements.instead(around, around, written, name=self._kept_as(around))

    def _kept_as(self, whole: ast.expr) -> str:
        """The variable that gets a value, if that is all that is assigned to one."""
        found = self.statements.at(whole.lineno)
        one = found[2] if found is not None else None
        return self.statements.text(one.targets[0]) if isinstance(one, ast.Assign) and one.value is whole else ""

    def _ranked_cases(self, edits: Sequence[Edit], whole: list[Case]) -> dict[Case, Rank]:
        """How far from likely each is: what is missing of all that a right program computes, the sign of it, the edit.

        Where all is a multiple, what is computed and right has been scaled elsewhere; a large edit is less likely.
        """
        numbers, loss, some = self.wanted.between, self.wanted.loss, whole[:MOST_COMPARED]
        looked_for = np.concatenate([numbers.ravel(), loss])
        found = self.runs.found(edits, some, looked_for, everything=True) if len(loss) and some else {}
        before = found.get((), frozenset())
        coarse = COARSE[self.timeline.precision]
        ranks = {}
        for case in some:
            made = [edits[number] for number in case]
            length = sum(len(one.written) for one in made)
            missing, turned = _missing(found.get(case, before), before, len(numbers), coarse) if len(loss) else (0, 0)
            were_right = sum(map(self._computes_what_is_right, made)) if self.wanted.is_multiple else 0
            ranks[case] = missing, turned, were_right, round(sum(one.size for one in made), 1), length
        return ranks

    def _computes_what_is_right(self, edit: Edit) -> bool:
        """Whether something is changed that is computed, and is right as it is."""
        node = edit.first
        if not isinstance(node, ast.expr) or isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Constant):
            return False
        return self.was_right(self.statements.instead(node, node, ""))


def _in_order(ranks: dict[Case, Rank], edits: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """The edits of some cases, the likeliest case first."""
    yield from (tuple(edits[one] for one in case) for case in sorted(ranks, key=ranks.__getitem__))


def _different(edits: Iterable[Edit]) -> list[Edit]:
    """The smallest first, what is written twice for one place once."""
    found = {(id(one.first), one.written): one for one in sorted(edits, key=lambda one: -one.size)}
    return sorted(found.values(), key=lambda one: one.size)


def _missing(found: frozenset[int], before: frozenset[int], numbers: int, coarse: int) -> tuple[int, int]:
    """How many of these quantities are not shown, all in one form, and whether with the other sign; and the loss, if it was.

    Fewer where the loss is shown that was not, more where the sign is another one than it was.
    """
    was, shown = (
        [len({one // FORMS for one in some if one < FORMS * numbers and one % FORMS == form}) for form in range(FORMS)]
        for some in (before, found)
    )
    had, has = ({one for one in some if one >= FORMS * numbers} for some in (before, found))
    turned = shown.index(max(shown)) % 2
    newly = turned and not was.index(max(was)) % 2
    return (numbers - max(shown)) // coarse + bool(had - has) - bool(has and not had) + newly, turned


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST and "\n" not in text


def _holds(expression: ast.expr, edit: Edit) -> bool:
    return any(one is edit.first for one in ast.walk(expression))
