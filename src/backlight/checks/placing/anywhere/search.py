"""The search: every edit is run, those that lead to the numbers of a right program are proved."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from backlight.checks.placing.anywhere.edits import Edit, Edits, Place
from backlight.checks.placing.anywhere.together import BENT, Job, together
from backlight.checks.placing.anywhere.wanted import wanted, wanted_of_the_pass
from backlight.checks.placing.repair import repaired
from backlight.checks.placing.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Spot
    from backlight.checks.judging.causes import Suspects
    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.anywhere.wanted import Wanted
    from backlight.checks.placing.scene import Scene
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

MOST_PROVED = 4
SIGNS = 2
MOST_COMPARED = 24
MOST_PAIRED = 24
MOST_EDITS = 6000
AT_ONCE = 1500
MORE, MORE_CALLS = 2, 100
"""So many looks a repaired program may take more than it did."""
MOST_WORK = 20_000_000
"""Events of all runs together."""


def anywhere(
    suspects: Suspects, scene: Scene, run: Callable[[Program], Observation], is_right: Callable[[Program], bool]
) -> tuple[tuple[Spot, ...], str] | None:
    """The places of a repair that makes a program right, wherever they are, and the program with it; None if none does."""
    numbers = wanted(suspects, scene)
    return None if numbers is None else Anywhere(scene.timeline, numbers, run, is_right).proof()


def anywhere_forward(
    timeline: Timeline,
    network: Network,
    parameters: Array,
    run: Callable[[Program], Observation],
    is_right: Callable[[Program], bool],
) -> tuple[tuple[Spot, ...], str] | None:
    """The same of a program whose forward pass is wrong, from the recipe's initial values."""
    numbers = wanted_of_the_pass(network, parameters, timeline.precision)
    return Anywhere(timeline, numbers, run, is_right, everything=True).proof()


@dataclass
class Anywhere:
    """A program that is wrong, and what it would compute if it were right."""

    timeline: Timeline
    wanted: Wanted
    run: Callable[[Program], Observation]
    is_right: Callable[[Program], bool]
    everything: bool = False
    calls: int = 0

    def __post_init__(self) -> None:
        """As many looks at numbers as there are events at most; how many there are is seen in the first run."""
        self.calls = 2 * self.wanted.until + 1000

    def proof(self) -> tuple[tuple[Spot, ...], str] | None:
        """The places of a repair, and the program with it."""
        program = self.timeline.observation.program
        for spots in islice(self.repairs(), MOST_PROVED):
            trial = repaired(program, spots)
            if trial is not None and self.is_right(trial):
                return spots, trial.text
        return None

    def repairs(self) -> Iterator[tuple[Spot, ...]]:
        """What would make the first wrong update right, the likeliest first: one edit, or two together."""
        edits: list[Edit] = []
        found: dict[tuple[int, ...], frozenset[int]] = {}
        for some in self._in_turn():
            cases = [(number,) for number in range(len(edits), len(edits) + len(some))]
            edits += some
            now = self.tried(edits, cases, self.wanted.numbers)
            found |= now
            yield from self._spots(edits, self._whole(now))
        before = found.pop((), frozenset())
        part = [case for case, some in found.items() if before < some and len(some) < len(self.wanted.numbers)]
        part.sort(key=lambda case: -len(found[case]))
        pairs = [(*one, *other) for one, other in combinations(part[:MOST_PAIRED], 2)]
        if pairs:
            yield from self._spots(edits, self._whole(self.tried(edits, pairs, self.wanted.numbers)))

    def _in_turn(self) -> Iterator[list[Edit]]:
        """Every edit of a place that bears on what is wrong, those first that bear on nothing else, as many as are run at once."""
        made = Edits(self.statements, self.timeline, self.wanted.until)
        places = self._ranked(made)
        left = int(min(MOST_EDITS, MOST_WORK / self.wanted.until))
        for likely in (True, False):
            some = [one for place, rank in places.items() if (rank == 0) == likely for one in made.of(place)]
            some += [*made.of_names(), *made.of_statements()] if likely else []
            some = sorted(some, key=lambda one: one.size)[:left]
            left -= len(some)
            yield from (some[begin : begin + AT_ONCE] for begin in range(0, len(some), AT_ONCE))

    def _ranked(self, made: Edits) -> dict[Place, float]:
        """The places that bear on what is wrong, and how far from likely each is."""
        if not self.wanted.own.size:
            return dict.fromkeys(made.places, 0.0)
        bent = [Edit(one.node, one.node, f"{BENT}({self.statements.text(one.node)})", 0) for one in made.places]
        found = self.tried(bent, [(number,) for number in range(len(bent))], self.wanted.own)
        before = found.get((), frozenset())
        wrong = {number for number in before if self.wanted.own_is_wrong[number]}
        ranks = {
            place: self._rank(before - found[number,] if (number,) in found else None, wrong)
            for number, place in enumerate(made.places)
        }
        return {place: rank for place, rank in ranks.items() if rank is not None}

    def _spots(self, edits: Sequence[Edit], cases: Sequence[tuple[int, ...]]) -> Iterator[tuple[Spot, ...]]:
        for case in self._ordered(edits, cases):
            yield tuple(self._spot(edits[number]) for number in case)

    def _ordered(self, edits: Sequence[Edit], whole: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Those first with which most of what a right program computes on the way is right as well, then the smallest."""
        numbers = self.wanted.between
        if len(whole) <= 1 or not numbers.size:
            return list(whole)
        some = whole[:MOST_COMPARED]
        found = self.tried(edits, some, numbers.ravel(), everything=True)
        before = found.get((), frozenset())
        forms = numbers.shape[1]
        shown = [
            max(
                len({one // forms for one in found.get(case, before) if one % forms // SIGNS == scale})
                for scale in range(forms // SIGNS)
            )
            for case in some
        ]
        made = [[edits[number] for number in case] for case in some]
        sizes = [(int(sum(one.size for one in each)), sum(len(one.written) for one in each)) for each in made]
        order = sorted(range(len(some)), key=lambda one: (-shown[one], sizes[one]))
        return [some[one] for one in order]

    def _whole(self, found: dict[tuple[int, ...], frozenset[int]]) -> list[tuple[int, ...]]:
        return [case for case, some in found.items() if case and len(some) == len(self.wanted.numbers)]

    @staticmethod
    def _rank(gone: frozenset[int] | None, wrong: set[int]) -> float | None:
        """How far from likely a place is by the parameters that it bears on; None where it bears on none that are wrong."""
        if gone is None:
            return 0.5
        if not gone & wrong:
            return None
        if gone == wrong:
            return 0
        return 0.5 if gone < wrong else 1

    @cached_property
    def statements(self) -> Statements:
        """What is written in the program."""
        return Statements(self.timeline.observation.program)

    def tried(
        self, edits: Sequence[Edit], cases: Sequence[tuple[int, ...]], numbers: Array, *, everything: bool = False
    ) -> dict[tuple[int, ...], frozenset[int]]:
        """Which of the numbers each case leads to, of those where that is not what the program itself does."""
        program = self.timeline.observation.program
        tree = Statements(program).tree
        used = {number: place for place, number in enumerate(sorted({one for case in cases for one in case}))}
        job = Job([[used[one] for one in case] for case in cases], numbers.tolist(), self.wanted.close, self.calls)
        mine = self._again([edits[number] for number in used], tree)
        whole = together(program, tree, mine, job, everything=everything or self.everything)
        said = self.run(whole)
        found: dict[tuple[int, ...], frozenset[int]] = {}
        for line in said.output.split("\n"):
            place, _, shown = line.partition(" ")
            try:
                some = frozenset(ast.literal_eval(shown))
                if place.endswith(":"):
                    found[()] = some
                    self.calls = min(self.calls, MORE * int(place[:-1]) + MORE_CALLS)
                else:
                    found[cases[int(place)]] = some
            except (ValueError, SyntaxError, IndexError, TypeError):
                continue
        return found

    @staticmethod
    def _again(edits: Sequence[Edit], tree: ast.Module) -> list[Edit]:
        """The same edits of another tree of the same text: to write them changes it."""
        nodes = {
            (type(one), one.lineno, one.col_offset, one.end_lineno, one.end_col_offset): one
            for one in ast.walk(tree)
            if isinstance(one, ast.expr | ast.stmt)
        }

        def same(one: ast.expr | ast.stmt) -> ast.expr | ast.stmt:
            return nodes[type(one), one.lineno, one.col_offset, one.end_lineno, one.end_col_offset]

        return [replace(one, first=same(one.first), last=same(one.last)) for one in edits]

    def _spot(self, edit: Edit) -> Spot:
        return self.statements.instead(edit.first, edit.last, edit.written)
