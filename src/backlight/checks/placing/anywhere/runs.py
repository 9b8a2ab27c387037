"""Runs of a program with edits: which of some numbers each of them computes.

What the program prints of that is a hint and no more; a repair is proved by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import process_time
from typing import TYPE_CHECKING, Any

from backlight.checks.placing.anywhere.together import Job, together
from backlight.checks.placing.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.placing.anywhere.edit import Edit

    Array = NDArray[np.floating[Any]]

Case = tuple[int, ...]
"""The edits that are made together; none for the program as it is."""
ON_THE_WAY = 10
"""So many times as near need numbers be that are computed on the way."""
MOST_SECONDS = 24.0
"""So long is tried for one program."""
DONE = "done:"
MORE, MORE_CALLS = 2, 100
"""So many times the looks that the program itself takes at its numbers a repaired one may take, and so many more."""


@dataclass
class Runs:
    """A way to run a program with edits.

    Attributes
    ----------
    program : Program
    run : callable
    close : float
        How near a number must be, relative.
    most : int
        So many looks are taken at numbers, at most.
    calls : int
        So many where not all of them are looked at: fewer once it is seen how many the program itself takes.
    everything : bool
        Whether every number is looked at, not only sums.
    seconds : float
        That its runs have taken.
    plain : dict
        For some numbers that were looked for, which of them the program itself computes.
    """

    program: Program
    run: Callable[[Program], Observation]
    close: float
    most: int
    everything: bool = False
    calls: int = field(init=False)
    seconds: float = field(init=False, default=0.0)
    plain: dict[bytes, frozenset[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is known yet."""
        self.calls = self.most

    def found(
        self, edits: Sequence[Edit], cases: Sequence[Case], numbers: Array, *, everything: bool = False
    ) -> dict[Case, frozenset[int]]:
        """Which of the numbers each case leads to, of those where that is not what the program itself does.

        In as many children as there is time for.
        """
        found: dict[Case, frozenset[int]] = {}
        left, done = list(cases), 1
        while done and (left or not found) and self.seconds < MOST_SECONDS:
            began = process_time()
            some, done = self._in_a_child(edits, left, numbers, everything=everything or self.everything)
            self.seconds += process_time() - began
            if len(left) > 1 and self._is_broken(some, numbers):
                half = len(left) // 2
                parts = [self.found(edits, one, numbers, everything=everything) for one in (left[:half], left[half:])]
                return found | parts[0] | parts[1]
            found |= some
            left = left[done:]
        if not cases:
            self.plain[numbers.tobytes()] = found.get((), frozenset())
        return found

    def _is_broken(self, found: dict[Case, frozenset[int]], numbers: Array) -> bool:
        """Whether the program does not what it did before the edits were written beside it: one of them is to blame."""
        plain = self.plain.get(numbers.tobytes())
        return plain is not None and found.get((), frozenset()) != plain

    def _in_a_child(
        self, edits: Sequence[Edit], cases: Sequence[Case], numbers: Array, *, everything: bool
    ) -> tuple[dict[Case, frozenset[int]], int]:
        """The same, and how many of the cases there was time for."""
        used = {number: place for place, number in enumerate(sorted({one for case in cases for one in case}))}
        tree = Statements(self.program).tree
        mine = _of_tree([edits[number] for number in used], tree)
        on = [[used[one] for one in case] for case in cases]
        close = ON_THE_WAY * self.close if everything else self.close
        most = self.most if everything and not self.everything else self.calls
        job = Job(on, numbers.tolist(), close, most)
        said = self.run(together(self.program, tree, mine, job, everything=everything)).output
        found: dict[Case, frozenset[int]] = {}
        done = 0
        for line in said.split("\n"):
            case, _, shown = line.partition(" ")
            try:
                if case == DONE:
                    cases_done, seconds = shown.split()
                    done = int(cases_done)
                    self.seconds += float(seconds)
                    continue
                some = frozenset(ast.literal_eval(shown))
                found[() if case.endswith(":") else cases[int(case)]] = some
                if case.endswith(":") and (self.everything or not everything):
                    self.calls = min(self.calls, MORE * int(case[:-1]) + MORE_CALLS)
            except (ValueError, SyntaxError, IndexError, TypeError, MemoryError, RecursionError):
                continue
        return found, done


def _of_tree(edits: Sequence[Edit], tree: ast.Module) -> list[Edit]:
    """The same edits of another tree of the same text: to write them changes it."""
    nodes = {_place(one): one for one in ast.walk(tree) if isinstance(one, ast.expr | ast.stmt)}
    return [replace(one, first=nodes[_place(one.first)], last=nodes[_place(one.last)]) for one in edits]


def _place(node: ast.expr | ast.stmt) -> tuple[object, ...]:
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
