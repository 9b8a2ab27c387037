"""What should stand at a place: the true formula of a quantity, written with the program's own names.

The formula comes from the derivations, one step deep; a quantity that the program has no name for is written out by
its own formula. Before it is offered, it is evaluated with the numbers that the program had: it must give the true
quantity, in the shape of what stands there now.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.words import Word, words
from backlight.derivations import Expression, Matrices, Scalars, Symbol, every_part, replaced, source, transposed
from backlight.recipes.labels import label, place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.scene import Scene, Sight

    Array = NDArray[np.floating[Any]]

MOST_TRIED = 64
DEEPEST = 3
"""So many steps of the derivation may be written out in one another."""


def should_be(scene: Scene, sight: Sight) -> str | None:
    """The true formula of what a sight shows, in the program's names; None if they do not suffice."""
    writer = _Writer(scene, sight)
    for candidate in islice(writer.candidates(), MOST_TRIED):
        if writer.is_right(candidate):
            return candidate.written
    return None


@dataclass(frozen=True)
class _Candidate:
    """A formula in the program's names, and the same with placeholders that can be evaluated."""

    written: str
    tested: str
    values: Mapping[str, Array]


@dataclass(frozen=True)
class _Writer:
    """Writes formulas for one place."""

    scene: Scene
    sight: Sight

    @property
    def samples(self) -> int:
        """How many samples the updates have."""
        return len(self.scene.judged.rows[0])

    def candidates(self) -> Iterator[_Candidate]:
        """Every way to write it, the scalar formulas for a scalar, those of matrices for an array."""
        entry = self.sight.form.entry
        for formula in self._formulas(entry):
            yield from self._written(formula)

    def _formulas(self, entry: tuple[int, ...] | None) -> Iterator[Expression]:
        """The formula of the quantity, one step deep, in each way the program may keep its arrays."""
        recipe, quantity = self.scene.network.recipe, self.sight.quantity
        if entry is not None and len(entry) == self._dimensions(quantity):
            yield Scalars(recipe, self.samples)[label(recipe, quantity, entry)]
            return
        formula = Matrices(recipe, self.samples)[quantity]
        yield formula
        yield transposed(formula)

    def _dimensions(self, quantity: str) -> int:
        """How many numbers name an entry of a quantity."""
        return self.scene.true[0][quantity].ndim

    def _written(self, formula: Expression, depth: int = 0) -> Iterator[_Candidate]:
        """A formula with every choice of names; what has no name is written out."""
        names = sorted({part.name for part in every_part(formula) if isinstance(part, Symbol)})
        choices: dict[str, list[Word]] = {}
        for name in names:
            truth = self._true(name)
            if truth is not None:
                choices[name] = list(islice(words(self.scene, self.sight, truth), 3))
        unnamed = [name for name in names if not choices.get(name)]
        if unnamed:
            if depth < DEEPEST:
                yield from self._written_out(formula, unnamed, depth)
            return
        for chosen in product(*(choices[name] for name in names)):
            yield from self._candidates_of(formula, dict(zip(names, chosen, strict=True)))

    def _written_out(self, formula: Expression, unnamed: list[str], depth: int) -> Iterator[_Candidate]:
        """The same formula with those names replaced by what they stand for."""
        deeper = {name: self._formula_of(name) for name in unnamed}
        if any(one is None for one in deeper.values()):
            return

        def rule(part: Expression) -> Expression | None:
            return deeper.get(part.name) if isinstance(part, Symbol) else None

        yield from self._written(replaced(formula, rule), depth + 1)

    def _formula_of(self, name: str) -> Expression | None:
        """What a quantity stands for."""
        recipe = self.scene.network.recipe
        for table in (Scalars(recipe, self.samples), Matrices(recipe, self.samples)):
            if name in table:
                return table[name]
        return None

    def _true(self, name: str) -> list[Array] | None:
        """The true values of a named quantity in each update."""
        if name in self.scene.true[0]:
            return [one[name] for one in self.scene.true]
        if name == "learning_rate":
            return [np.array(self.scene.judged.learning_rate)] * self.scene.number
        try:
            where = place(self.scene.network.recipe, name)
        except Exception:  # noqa: BLE001  no such scalar
            return None
        return [one[where.quantity][where.index] for one in self.scene.true]

    def _candidates_of(self, formula: Expression, chosen: Mapping[str, Word]) -> Iterator[_Candidate]:
        """The formula with these names, each turned or not."""
        ways = [(False, True) if word.values[0].size > 1 else (False,) for word in chosen.values()]
        for turns in product(*ways):
            called, tested, values = {}, {}, {}
            for number, ((name, word), turned) in enumerate(zip(chosen.items(), turns, strict=True)):
                key = f"{name}^T" if turned else name
                sign = "-" if word.form.sign < 0 else ""
                called[key] = f"{sign}{_in_parentheses(word.source)}" if sign else word.source
                tested[key] = f"{sign}q{number}"
                values[f"q{number}"] = word.values[0]
            module = "np" if any(value.ndim for value in values.values()) else "math"
            yield _Candidate(
                self._signed(source(formula, called, module=module)),
                self._signed(source(formula, tested, module=module)),
                values,
            )

    def _signed(self, written: str) -> str:
        """The formula, or what is opposite to it where the program keeps its opposite."""
        return f"-({written})" if self.sight.form.sign < 0 else written

    def is_right(self, candidate: _Candidate) -> bool:
        """Whether it gives the true quantity in the shape of what stands there now."""
        try:
            with np.errstate(all="ignore"):
                given = np.asarray(eval(candidate.tested, {"np": np, "math": math}, dict(candidate.values)))  # noqa: S307  our own formula
        except Exception:  # noqa: BLE001  shapes that do not fit
            return False
        now = self.scene.timeline.value(self.sight.events[0])
        wanted = self._shown(self.scene.true[0][self.sight.quantity])
        if given.shape != now.shape or given.size != wanted.size:
            return False
        room = 10 * ROUNDING[self.scene.timeline.precision] * float(np.max(np.abs(wanted), initial=0.0))
        return bool(np.all(np.abs(given.ravel() - wanted.ravel()) <= room))

    def _shown(self, quantity: Array) -> Array:
        """A quantity in the form of the sight."""
        form = self.sight.form
        part = quantity if form.entry is None else quantity[form.entry]
        return form.sign * (part.T if form.turned else part)


def _in_parentheses(written: str) -> str:
    """Something that a sign may stand before."""
    return written if re.fullmatch(r"[\w.\[\]]+", written) else f"({written})"
