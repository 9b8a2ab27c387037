"""Whether a repair that is proved may make up for a mistake made elsewhere, and another one is looked for."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.amendments import BY_STATEMENTS
from backlight.checks.placing.anywhere.edit import SIMPLE, called
from backlight.checks.placing.anywhere.wanted import is_multiple
from backlight.checks.placing.by_name import said_by_name
from backlight.checks.placing.parts import is_python
from backlight.checks.placing.right import Right
from backlight.checks.placing.statements import NAME, stored_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.statements import Statements

EXPONENTIAL = re.compile(r"\b(?:exp|tanh|log)\(")
SLOPE = re.compile(r"\b1(?:\.0)? - [\w.]+")
VARIABLE = re.compile(r"[\w.\[\]'\"]+")
MADE_ELSEWHERE = {"repeated-update", "broadcast-error"}
"""Mistakes for which an expression can only make up."""
LONGER, MORE = 2, 60


@dataclass(frozen=True)
class Doubt:
    """A program, and the mistake that was looked for in it."""

    search: Search

    def of(self, places: Sequence[Spot]) -> bool:
        """Whether a place was right, or much more should stand there, or several have one factor or are calls.

        Where all signs are turned, each place where they may be is right as it is; which it is has been weighed already,
        but for a slope.
        """
        if any(map(self._is_said_by_name, places)):
            return True
        if all(one.should_be == one.source.replace("+=", "-=", 1) for one in places):  # see signs
            return False
        if self.search.changed.factor == -1:
            return self._makes_up_for_the_loss or any(
                set(SLOPE.findall(one.source)) - set(SLOPE.findall(one.should_be)) for one in places
            )
        if len(places) > 1 and (self.search.changed.factor is not None or any(map(self._calls_its_own, places))):
            return True
        if MADE_ELSEWHERE & set(self.search.cause.slugs) and all(is_python(one.source) for one in places):
            return True
        alone = (self._leaves_unread,) if len(places) == 1 else ()
        doubtful = (self._is_much, self._is_right, self._is_handed_over, *alone)
        return any(doubts(place) for doubts in doubtful for place in places) or self._makes_up_for_the_loss

    def _is_much(self, place: Spot) -> bool:
        """Whether far more should stand there, or the number of samples as a figure, a table of figures, one more `exp`."""
        if "\n" in place.should_be:
            return False
        if len(EXPONENTIAL.findall(place.should_be)) > len(EXPONENTIAL.findall(place.source)):
            return True
        figure = rf"(?<![\w.]){self.search.scene.samples}(\.0)?(?![\w.])"
        counted = self.search.scene.samples > 1 and len(re.findall(figure, place.should_be)) > len(
            re.findall(figure, place.source)
        )
        return counted or "[[" in place.should_be or len(place.should_be) > LONGER * len(place.source) + MORE

    def _is_said_by_name(self, place: Spot) -> bool:
        """Whether it is the operation that its function is called."""
        return (place.line, place.column) in self._said_by_name

    @cached_property
    def _said_by_name(self) -> set[tuple[int, int]]:
        return self._beginnings(said_by_name(self._statements))

    def _beginnings(self, some: Sequence[ast.expr]) -> set[tuple[int, int]]:
        return {self._statements.span(one)[:2] for one in some}

    def _leaves_unread(self, place: Spot) -> bool:
        """Whether a variable that its function gives a value is then read nowhere, but to be given another one."""
        if not is_python(place.source):
            return False
        gone = set(NAME.findall(place.source)) - set(NAME.findall(place.should_be))
        kept = [one for one in self._around(place.line) if one.lineno != place.line]
        stored = {name for one in kept for name in stored_in(one)}
        return any(name in stored and not self._is_read(name, kept) for name in gone)

    @staticmethod
    def _is_read(name: str, statements: Sequence[ast.stmt]) -> bool:
        return any(
            one.id == name and isinstance(one.ctx, ast.Load)
            for each in statements
            if name not in stored_in(each)
            for one in ast.walk(each)
            if isinstance(one, ast.Name)
        )

    def _around(self, line: int) -> list[ast.stmt]:
        """The simple statements of the function that a line is in."""
        found = self._statements.at(line)
        function = found[0].function if found is not None else ""
        every = (one for block, _number, one in self._statements.all() if block.function == function)
        return [one for one in every if isinstance(one, SIMPLE | ast.Return)]

    def _is_handed_over(self, place: Spot) -> bool:
        """Whether it is a variable that a function of the program is given, and it should be given transposed."""
        if place.should_be not in {f"{place.source}.T", f"{place.source}.t()", f"np.transpose({place.source})"}:
            return False
        return (place.line, place.column) in self._beginnings(self._handed_over)

    @property
    def _handed_over(self) -> list[ast.expr]:
        calls = (one for one in ast.walk(self._statements.tree) if isinstance(one, ast.Call))
        return [each for one in calls if called(one) in self._functions for each in one.args]

    def _calls_its_own(self, place: Spot) -> bool:
        """Whether it calls a function of the program, or is a statement about an object's attribute."""
        if not is_python(place.source):
            return "." in place.source.partition("=")[0]
        return any(f"{name}(" in place.source for name in self._functions)

    @cached_property
    def _functions(self) -> list[str]:
        return [one.name for one in ast.walk(self._statements.tree) if isinstance(one, ast.FunctionDef)]

    @property
    def _statements(self) -> Statements:
        return self.search.scene.statements

    def _is_right(self, place: Spot) -> bool:
        """Whether it shows a right number, or none: it is kept together with other things.

        Not a variable: a right one in a wrong place is a mistake.
        """
        if VARIABLE.fullmatch(place.source) and not self._is_kept(place):
            return False
        if not self._right.shows_a_number(place):
            return not set(self.search.cause.slugs) & BY_STATEMENTS
        return self._right.at(place)

    def _is_kept(self, place: Spot) -> bool:
        """Whether it is kept for later under its own name: `self.x = x`."""
        before = self.search.scene.timeline.observation.program.lines[place.line - 1][: place.column]
        return bool(re.search(rf"\b{re.escape(place.source)}['\"\]]*\s*=\s*$", before))

    @cached_property
    def _right(self) -> Right:
        return Right.of(self.search.scene)

    @property
    def _makes_up_for_the_loss(self) -> bool:
        """Whether an engine differentiates, all gradients are off by one factor, and the update is where it goes."""
        search, scene = self.search, self.search.scene
        if not scene.backward_calls or search.differentiated.shows_the_loss():
            return False
        return is_multiple(scene.judged, scene.timeline.precision)
