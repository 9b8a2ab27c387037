"""The parts of an expression as they were evaluated: what each is, what it should be, and whether that is the same."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from backlight.checks.placing.back.recomputed import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.placing.back.origins import Origins
    from backlight.checks.placing.back.solving import Solving
    from backlight.checks.placing.back.update import Update
    from backlight.checks.placing.shown import Match

    Array = NDArray[np.floating[Any]]
    Values = tuple[Array, ...]
    Events = tuple[int, ...]
    Base = tuple[str, tuple[int, ...] | None]


class Operand(NamedTuple):
    """A part of an expression, one event in each update.

    ``wanted`` is what it should be, None where that is not known; ``now`` and ``should`` are the true quantities that
    it is and that it should be, None where it is none.
    """

    node: ast.expr
    site: int
    events: Events
    wanted: Values | None
    now: Match | None
    should: Match | None

    @property
    def is_exchanged(self) -> bool:
        """Whether it is another quantity than it should be."""
        return self.now is not None and self.should is not None and base(self.now) != base(self.should)


@dataclass(frozen=True)
class Operands:
    """The parts of the expressions of a program."""

    update: Update
    origins: Origins
    solving: Solving

    def parts(self, node: ast.expr, events: Events) -> list[ast.expr]:
        """The parts that an expression is computed of here: a function of the program is entered instead."""
        is_entered = isinstance(node, ast.Call) and self.origins.maker(events[0]) not in {None, events[0]}
        return [] if is_entered else self.solving.parts(node)

    def of(self, node: ast.expr, events: Events, wanted: Values | None) -> Iterator[Operand]:
        """The parts of an expression with what they should be."""
        for part in self.parts(node, events):
            if isinstance(part, ast.Constant):
                continue
            needed = None if wanted is None else self.solving.solved(node, part, events, wanted)
            operand = self.operand(self._taken(part, events), events, needed)
            if operand is not None:
                yield operand

    def _taken(self, part: ast.expr, events: Events) -> ast.expr:
        """The side of ``a if c else b`` that was evaluated the last time; what is none of these as it is."""
        while isinstance(part, ast.IfExp):
            before = self.update.scene.timeline.before
            seen = [(before(site_of(one), events[0] + 1), one) for one in (part.body, part.orelse) if site_of(one) >= 0]
            part = max(
                ((event, one) for event, one in seen if event is not None),
                key=lambda one: one[0],
                default=(0, part.body),
            )[1]
        return part

    def operand(self, part: ast.expr, events: Events, needed: Values | None) -> Operand | None:
        """A part of the expression that was evaluated at some events; None where it was not seen."""
        site = site_of(part)
        if site < 0 or (isinstance(part, ast.Constant) and needed is None):
            return None
        last = [self.update.scene.timeline.before(site, event + 1) for event in events]
        if any(one is None for one in last) or last[0] not in self.origins.visits:
            return None
        mine = self.origins.visits[last[0]][1]
        should = None if needed is None else self.update.named(needed)
        return Operand(part, site, mine, needed, plainest(self.update.shown(mine)), should)

    def is_right(self, one: Operand) -> bool:
        """Whether a part is what it should be; what is no gradient has no wrong sign."""
        if one.now is not None and one.should is not None and not one.now.quantity.startswith(("dL_d", "step_")):
            same = one.now.quantity == one.should.quantity and one.now.form.entry == one.should.form.entry
            if same and one.now.form.factor * one.should.form.factor < 0:
                return True
        return one.wanted is not None and self.update.close(self.update.values(one.events), one.wanted)

    def is_known(self, events: Events) -> bool:
        """Whether a value is a true quantity, or was given before the training."""
        return self.origins.is_given(events[0]) or bool(self.update.shown(events))

    def is_unknown(self, one: Operand) -> bool:
        """Whether a part is no quantity, and not made of nothing but quantities either."""
        return not self.is_right(one) and not self.is_known(one.events) and not self._is_made_of_known(one)

    def _is_made_of_known(self, one: Operand) -> bool:
        parts = self.origins.parts(one.events[0]) if self.parts(one.node, one.events) else []
        return bool(parts) and all(
            self.origins.is_given(part) or self.update.shown(self.origins.visits[part][1]) for part in parts
        )

    def is_plain(self, one: Operand) -> bool:
        """Whether a number stands for a derivative: a one that is written there."""
        return all(value.size == 1 and abs(value.item()) in {0.0, 1.0} for value in self.update.values(one.events))

    def is_updated(self, one: Operand, new: Match | None) -> bool:
        """Whether a part is the parameter of which a new one is computed."""
        if new is None or not new.quantity.startswith("new_"):
            return False
        return any(found.quantity == new.quantity[4:] for found in self.update.shown(one.events))

    def is_right_elsewhere(self, site: int) -> bool:
        """Whether an expression gives a true quantity another time."""
        return site >= 0 and any(
            self.update.shown(self.origins.visits[event][1])
            for event in self.update.scene.windows[0].get(site, ())
            if event in self.origins.visits
        )


def plainest(matches: tuple[Match, ...]) -> Match | None:
    """Of what a value shows the whole of a quantity before an entry, without a factor before with one; no step of rate 1."""

    def rank(one: Match) -> tuple[bool, bool, bool]:
        return one.form.entry is not None, abs(one.form.factor) != 1, one.quantity.startswith("step_")

    return min(matches, key=rank, default=None)


def base(one: Match) -> Base:
    """A quantity whatever its sign and its factor, of one sample or of all."""
    return one.quantity.partition("@")[0], one.form.entry
