"""What should stand at a place: the true formula of a quantity, written with the program's own names.

The formula comes from the derivations, one step deep; a quantity that the program has no name for is written out by
its own formula. Before it is offered, it is evaluated with the numbers that the program had: in every update looked at
it must give the true quantity, in the form and in the shape in which the program keeps it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product, zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.placing.words import Vocabulary, Word
from backlight.derivations import Expression, Matrices, Scalars, Symbol, every_part, replaced, source, transposed
from backlight.derivations.expression import Function
from backlight.derivations.records import slope_of
from backlight.recipes.labels import label, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene, Sight

    Array = NDArray[np.floating[Any]]

MOST_TRIED = 160
FORWARD = "zax"
"""What is computed on the way forward."""
DEEPEST = 3
"""So many steps of the derivation may be written out in one another."""
NAMED = re.compile(r"(?P<kind>dL_d|step_|new_)(?P<array>[Wb]\d+)(?:@(?P<row>\d+))?")
SLOPE = re.compile(r"da(?P<layer>\d+)_dz\d+")


def should_be(scene: Scene, sight: Sight, true: Sequence[Mapping[str, Array]]) -> str:
    """The true formula of what a sight shows, in the program's names; empty if they do not suffice.

    Parameters
    ----------
    sight : Sight
        Its form says how the program keeps the quantity: with which factor, turned or not.
    true : sequence of mapping
        The true quantities of each update, those of the places' search.
    """
    if sight.quantity not in true[0]:
        return ""
    writer = _Writer(scene, sight, true)
    if sight.quantity == "samples":
        return writer.vocabulary.number(float(scene.samples)) or f"{scene.samples:g}"
    for candidate in islice(writer.candidates(), MOST_TRIED):
        written = writer.proved(candidate)
        if written:
            return written
    return ""


def formulas(scene: Scene, sight: Sight, true: Sequence[Mapping[str, Array]]) -> Iterator[str]:
    """The same formulas in any names that might do; they are not evaluated here."""
    if sight.quantity in true[0]:
        for candidate in _Writer(scene, sight, true, of_self=True).candidates():
            yield candidate.written


def ingredients(scene: Scene, sight: Sight, true: Sequence[Mapping[str, Array]]) -> set[str]:
    """The arrays that the formula of a quantity is made of, and what these are made of."""
    if sight.quantity not in true[0]:
        return set()
    writer = _Writer(scene, sight, true)
    waiting = list(writer.formulas())
    found: set[str] = set()
    for formula in waiting[:MOST_TRIED]:
        for part in every_part(formula):
            if not isinstance(part, Symbol) or part.name in found:
                continue
            found.add(part.name)
            deeper = writer.formula_of(part.name)
            if deeper is not None and part.name.startswith("dL_"):
                waiting.append(deeper)
    return {writer.array_of(name) for name in found}


@dataclass(frozen=True)
class _Candidate:
    """A formula in the program's names, and the same with placeholders that can be evaluated in each update."""

    written: str
    tested: str
    values: tuple[Mapping[str, Array], ...]


@dataclass(frozen=True)
class _Writer:
    """Writes formulas for one place."""

    scene: Scene
    sight: Sight
    true: Sequence[Mapping[str, Array]]
    of_self: bool = False

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.scene, self.sight, of_self=self.of_self)

    @cached_property
    def row(self) -> int | None:
        """The sample that a gradient is of, where the program goes through them one by one."""
        named = NAMED.fullmatch(self.sight.quantity)
        if named and named["row"]:
            return int(named["row"])
        entry = self.sight.form.entry
        return entry[0] if entry is not None and len(entry) == 1 and self._dimensions == 2 else None  # noqa: PLR2004

    @property
    def _dimensions(self) -> int:
        return int(self.true[0][self.sight.quantity].ndim)

    @cached_property
    def wanted(self) -> list[Array]:
        """What should be shown in each update."""
        return [self.sight.form.of(one[self.sight.quantity]) for one in self.true]

    def candidates(self) -> Iterator[_Candidate]:
        """Every way to write it, the scalar formulas for a scalar, those of matrices for an array."""
        ways = [self._written(formula) for formula in self.formulas()]
        for together in zip_longest(*ways):
            yield from (candidate for candidate in together if candidate is not None)

    def formulas(self) -> Iterator[Expression]:
        """The formula of the quantity, one step deep, in each way the program may keep its arrays."""
        recipe = self.scene.network.recipe
        plain = recipe.with_({"loss": {"name": "half_sum_squared_error"}})
        if (self.of_self or self.sight.quantity[0] in FORWARD) and not SLOPE.fullmatch(self.sight.quantity):
            yield from self._by_name()
        own = [(recipe, self.scene.samples), (recipe, 1)]
        if recipe.loss.name == "mean_squared_error":
            own.append((plain, 1))
        for one, samples in own:
            formula = self._formula(one, 1 if self.row is not None else samples)
            if formula is not None:
                yield formula
                if self.sight.form.entry is None and self._dimensions:
                    yield transposed(formula)
                    if _sums_columns(formula):
                        yield replaced(formula, _kept)
            if self.sight.quantity == "loss":
                yield Scalars(one, samples)["loss"]

    def _by_name(self) -> Iterator[Expression]:
        """What the program has a name for already, if it stands for nothing but another name."""
        quantity, entry = self.sight.quantity, self.sight.form.entry
        whole = entry is None or len(entry) < self._dimensions
        name = Symbol(quantity if whole else label(self.scene.network.recipe, quantity, entry or ()))
        yield name
        if whole and self._dimensions:
            yield transposed(name)

    def _formula(self, recipe: Any, samples: int) -> Expression | None:  # noqa: ANN401
        quantity, entry = self.sight.quantity, self.sight.form.entry
        named, slope = NAMED.fullmatch(quantity), SLOPE.fullmatch(quantity)
        whole = entry is None or len(entry) < self._dimensions
        if slope:
            l = int(slope["layer"])
            z, a = (f"z{l}", f"a{l}") if whole else (label(recipe, f"{k}{l}", entry or ()) for k in "za")
            return slope_of(recipe.activations[l - 1], Symbol(z), Symbol(a))
        if named and named["kind"] == "step_" and not self._is_gradient:
            name = f"dL_d{named['array']}" if whole else label(recipe, f"dL_d{named['array']}", entry or ())
            return Symbol("learning_rate") * Symbol(name)
        if named and named["kind"] == "new_":
            one, other = f"{named['array']}", f"dL_d{named['array']}"
            if not whole:
                one, other = label(recipe, one, entry or ()), label(recipe, other, entry or ())
            return Symbol(one) - Symbol("learning_rate") * Symbol(other)
        name = quantity.partition("@")[0].replace("step_", "dL_d")
        if whole:
            table: Mapping[str, Expression] = Matrices(recipe, samples)
            return table.get(name)
        scalars: Mapping[str, Expression] = Scalars(recipe, samples)
        return scalars.get(label(recipe, name, entry or ()))

    @cached_property
    def _is_gradient(self) -> bool:
        """Whether a step is as well the gradient: at a learning rate of 1 that does not stand there."""
        written = self.scene.site(self.sight.site).source
        return self.scene.judged.learning_rate == 1 and not self.vocabulary.reads_rate(written)

    def _written(self, formula: Expression, depth: int = 0) -> Iterator[_Candidate]:
        """A formula with every choice of names; what has no name is written out."""
        names = sorted({part.name for part in every_part(formula) if isinstance(part, Symbol)})
        choices: dict[str, list[Word]] = {}
        for name in names:
            truth = self._true(name)
            if truth is not None:
                choices[name] = self.vocabulary.words(truth)
        unnamed = [name for name in names if not choices.get(name)]
        if unnamed:
            if depth < DEEPEST:
                yield from self._written_out(formula, unnamed, depth)
            return
        ranked = sorted(product(*(range(len(choices[name])) for name in names)), key=sum)
        for ranks in ranked[:32]:
            chosen = {name: choices[name][rank] for name, rank in zip(names, ranks, strict=True)}
            yield from self._candidates_of(formula, chosen)
        if depth < DEEPEST - 1:
            for name in names:
                if name.startswith("dL_d"):
                    yield from self._written_out(formula, [name], DEEPEST - 1)

    def _written_out(self, formula: Expression, unnamed: list[str], depth: int) -> Iterator[_Candidate]:
        """The same formula with those names replaced by what they stand for."""
        deeper = {name: self.formula_of(name) for name in unnamed}
        if any(one is None for one in deeper.values()):
            return

        def rule(part: Expression) -> Expression | None:
            return deeper.get(part.name) if isinstance(part, Symbol) else None

        yield from self._written(replaced(formula, rule), depth + 1)

    def formula_of(self, name: str) -> Expression | None:
        """What a quantity stands for."""
        recipe = self.scene.network.recipe
        samples = 1 if self.row is not None else self.scene.samples
        for table in (Scalars(recipe, samples), Matrices(recipe, samples)):
            if name in table:
                return table[name]
        return None

    def array_of(self, name: str) -> str:
        """The array that a quantity is an entry of."""
        if name in self.scene.network.shapes or name in self.true[0]:
            return name
        try:
            return place(self.scene.network.recipe, name).quantity
        except Exception:  # noqa: BLE001  no such scalar
            return name

    def _true(self, name: str) -> list[Array] | None:
        """The true values of a named quantity in each update."""
        if name == "learning_rate":
            return [np.array(self.scene.judged.learning_rate)] * self.scene.number
        if name == "a0":
            name = "x"
        array, index = name, tuple[int, ...]()
        if name in self.scene.network.shapes:
            return [self.scene.network.arrays(step.round.parameters)[name] for step in self.scene.steps]
        if name not in self.true[0]:
            try:
                where = place(self.scene.network.recipe, name)
            except Exception:  # noqa: BLE001  no such scalar
                return None
            array, index = where.quantity, where.index
        found = []
        for one in self.true:
            value = one.get(self._single(array), one[array])
            if self.row is not None and not self._is_parameter(array):
                value = value[[self.row]]
                found.append(value[(0, *index[1:])] if index else value)
            else:
                found.append(value[index] if index else value)
        return found

    def _single(self, array: str) -> str:
        """The name of a gradient of one sample, where that is what is looked at."""
        return array if self.row is None else f"{array}@{self.row}"

    @staticmethod
    def _is_parameter(array: str) -> bool:
        return array[0] in "Wb" or array.startswith(("dL_dW", "dL_db", "step_", "new_"))

    def _candidates_of(self, formula: Expression, chosen: Mapping[str, Word]) -> Iterator[_Candidate]:
        """The formula with these names, without their signs and with them."""
        turns = [_is_turned(word, self._true(name)) for name, word in chosen.items()]
        for with_signs in (False, True) if any(word.form.factor < 0 for word in chosen.values()) else (False,):
            called, tested = {}, {}
            values: list[dict[str, Array]] = [{} for _ in self.true]
            for number, ((name, word), turned) in enumerate(zip(chosen.items(), turns, strict=True)):
                key = f"{name}^T" if turned else name
                negative = with_signs and word.form.factor < 0
                called[key] = f"-{_in_parentheses(word.source)}" if negative else word.source
                tested[key] = f"-q{number}" if negative else f"q{number}"
                for some, value in zip(values, word.values, strict=True):
                    some[f"q{number}"] = value
            module = self._module if any(word.values[0].ndim for word in chosen.values()) else "math"
            try:
                yield _Candidate(
                    source(formula, called, module=module),
                    source(formula, tested, module="np" if module != "math" else module),
                    tuple(values),
                )
            except Exception:  # noqa: BLE001  this formula has no such form
                return

    @cached_property
    def _module(self) -> str:
        """What the program calls NumPy, or torch."""
        text = self.scene.timeline.observation.program.text
        found = re.search(r"^\s*import numpy(?: as (\w+))?", text, re.MULTILINE)
        if re.search(r"^\s*import torch\b", text, re.MULTILINE):
            return "torch"
        return (found[1] or "numpy") if found else "np"

    def proved(self, candidate: _Candidate) -> str:
        """The candidate as it may be written, if it gives what is wanted in every update, up to a plain number."""
        ratios, rounding = set(), ROUNDING[self.scene.timeline.precision]
        for values, wanted, event in zip(candidate.values, self.wanted, self.sight.events, strict=True):
            given = self._evaluated(candidate.tested, values)
            now = self.scene.timeline.value(event)
            if given is None or given.shape != now.shape or given.size != wanted.size:
                return ""
            ratio = _ratio(given.ravel(), wanted.ravel(), 10 * rounding)
            if ratio is None:
                return ""
            ratios.add(round(ratio, int(-math.log10(rounding))))
        return self._times(candidate.written, ratios.pop()) if len(ratios) == 1 else ""

    def _evaluated(self, tested: str, values: Mapping[str, Array]) -> Array | None:
        try:
            with np.errstate(all="ignore"):
                return np.asarray(eval(tested, {"np": np, "math": math}, dict(values)), float)  # noqa: S307  our own formula
        except Exception:  # noqa: BLE001  shapes that do not fit
            return None

    def _times(self, written: str, ratio: float) -> str:
        """A formula times a number: the sign, the number of samples or of outputs, or a plain factor."""
        sign = "-" if ratio < 0 else ""
        size = abs(ratio)
        body = f"{sign}({written})" if sign else written
        if size == 1:
            return body
        inside = written if re.fullmatch(r"[\w.]+|\([^()]*\)", written) else f"({written})"
        for number in (float(self.scene.samples), float(self.scene.network.recipe.layers[-1]), 2.0):
            if number > 1 and abs(size * number - 1) < 1e-6:  # noqa: PLR2004
                return f"{sign}{inside} / {self.vocabulary.number(number) or f'{number:g}'}"
            if number > 1 and abs(size / number - 1) < 1e-6:  # noqa: PLR2004
                return f"{sign}{inside} * {self.vocabulary.number(number) or f'{number:g}'}"
        named = self.vocabulary.number(size)
        return f"{named} * {sign}{inside}" if named else ""


def _ratio(given: Array, wanted: Array, room: float) -> float | None:
    """By which number the one is to be multiplied to be the other; None if by none."""
    largest = int(np.argmax(np.abs(given)))
    if not np.all(np.isfinite(given)) or given[largest] == 0:
        return None
    ratio = float(wanted[largest] / given[largest])
    close = np.abs(wanted - ratio * given) <= room * float(np.max(np.abs(wanted), initial=0.0))
    return ratio if bool(np.all(close)) and ratio != 0 else None


def _sums_columns(formula: Expression) -> bool:
    """Whether it is a sum over samples, that may keep its dimension."""
    return any(isinstance(part, Function) and part.name == "column_sum" for part in every_part(formula))


def _kept(part: Expression) -> Expression | None:
    """The same sum as a matrix with one row."""
    named = isinstance(part, Function) and part.name == "column_sum"
    return Function(part.parts, "column_sum_kept") if named and isinstance(part, Function) else None


def _is_turned(word: Word, true: list[Array] | None) -> bool:
    """Whether the program keeps a matrix the other way round."""
    shown = word.values[0].shape
    if true is None or len(shown) != 2:  # noqa: PLR2004  no matrix
        return False
    whole = true[0].shape
    return word.form.turned if shown[0] == shown[1] else len(whole) == 2 and shown == whole[::-1]  # noqa: PLR2004


def _in_parentheses(written: str) -> str:
    """Something that a sign may stand before."""
    return written if re.fullmatch(r"[\w.\[\]]+", written) else f"({written})"
