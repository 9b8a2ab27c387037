"""Which sign is turned, if all gradients are? The difference from the targets, unless the updates add what is a gradient.

Every other sign on the way would do as well: that of each update, of a slope, of a sum. People write the difference as
`o - y` and take the gradient away, or as `y - o` and add; of the two the one that does not go with the other is wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.right import span_of

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Spot
    from backlight.checks.placing.places import Search
    from backlight.checks.placing.statements import Span, Statements

CALLED_GRADIENT = re.compile(r"grad|nabla|\b[gG][A-Z_]?\w?\b|(?<![^\W_])d[A-Z]\w*|\bd_\w+|\bd\w*_?d\w+|\bn[wb]\b")
ADDS = re.compile(r"\+=|\.add_\(|=[^=]*\+|\[.*\s\+\s|maximize=True")
MOST_ALONE = 3
"""So many differences are turned each alone."""
OPERANDS = ast.Name | ast.Attribute | ast.Subscript | ast.Call


@dataclass(frozen=True)
class Signs:
    """A program all gradients of which point the other way."""

    search: Search

    def repairs(self) -> Iterator[tuple[Spot, ...]]:
        """The differences the other way round, one of them or all; else the updates, where they add what is a gradient.

        None where an engine differentiates: a square is the same either way.
        """
        if self.search.scene.backward_calls:
            return
        text, instead = self.statements.text, self.statements.instead
        if not self._adds or not any(map(CALLED_GRADIENT.search, map(text, self._updates))):
            turned = [instead(one, one, f"{text(one.right)} - {text(one.left)}") for one in self._differences()]
            yield from ((one,) for one in turned[:MOST_ALONE])
        else:
            added = [one for one in self._updates if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Add)]
            turned = [instead(one, one, f"{text(one.target)} -= {text(one.value)}") for one in added]
        if turned:
            yield tuple(turned)

    @property
    def statements(self) -> Statements:
        """What is written in the program."""
        return self.search.scene.statements

    def _differences(self) -> Iterator[ast.BinOp]:
        """Where on the way back outputs are taken from targets, or these from those if the updates add."""
        outputs, targets = self._shown(f"a{self.search.scene.layers}"), self._shown("y")
        first, second = (outputs, targets) if self._adds else (targets, outputs)
        every = list(ast.walk(self.statements.tree))
        squared = {one.left for one in every if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Pow)}
        for part in (one for one in every if one not in squared):
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) and isinstance(part.left, OPERANDS):
                is_one = self.statements.span(part.left) in first and self.statements.span(part.right) in second
                if is_one and self._statement_of(part) in self._on_the_way_back:
                    yield part

    def _statement_of(self, part: ast.expr) -> int:
        """The line where the statement begins that a part stands in."""
        found = self.statements.at(part.lineno)
        return found[2].lineno if found is not None else part.lineno

    def _shown(self, quantity: str) -> set[Span]:
        """Where a quantity is shown, all of it or of some samples and units."""
        scene = self.search.scene
        names = [name for name in self.search.true[0] if name.partition("@")[0] == quantity]
        table = scene.quantities([{name: one[name] for name in names} for one in self.search.true], (1.0,))
        return {span_of(scene.site(one.site)) for one in scene.sights(table)}

    @cached_property
    def _on_the_way_back(self) -> set[int]:
        """The lines that show a delta or a gradient, either way round."""
        scene = self.search.scene
        names = [name for name in self.search.true[0] if name.startswith(("dL_da", "dL_dz", "dL_dW"))]
        table = scene.quantities([{name: one[name] for name in names} for one in self.search.true])
        return {scene.site(one.site).statement for one in scene.sights(table)}

    @cached_property
    def _updates(self) -> list[ast.stmt]:
        """The statements that give the parameters their new values."""
        scene = self.search.scene
        lines = {scene.site(one.site).statement for one in scene.updated if scene.timeline.computes[one.site]}
        lines |= {scene.site(one.site).line for one in scene.updated if scene.kind(one.site) == "store"}
        found = (self.statements.at(line) for line in sorted(lines))
        return [one[2] for one in found if one is not None and not isinstance(one[2], ast.For)]

    @property
    def _adds(self) -> bool:
        """Whether the updates add."""
        written = list(map(self.statements.text, self._updates))
        return any(map(ADDS.search, written)) and not any("-=" in one or " - " in one for one in written)
