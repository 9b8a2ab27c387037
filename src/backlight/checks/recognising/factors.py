"""The numbers by which an expression is multiplied: through products, sums of products, and the variables in it.

``lr * x.T @ d / N`` has the factors lr and 1/N, and what d was made of. A factor that both parts of a sum have is one of
the sum. Where an operand was not seen, an attribute of a class or of a module, it is what the product is of the other.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.recognising.timeline import AUGMENTED, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Site
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

VARIABLES = {"name", "attribute", "item"}
LINEAR = PRODUCTS | {
    *("sum", "mean", "transpose", "t", "reshape", "view", "array", "asarray", "copy", "clone", "detach", "squeeze"),
    *("ravel", "flatten", "float", "tensor", "stack", "unsqueeze", "fsum", "neg", "negative", "item"),
}
"""Functions that give k times as much for k times as much."""
MOST_HANDED = 40
"""So many events before a function begins its arguments are looked for."""
MOST_DEFINED = 4
"""Through so many variables a factor is followed."""


@dataclass(frozen=True)
class Factor:
    """A number that something is multiplied by.

    Attributes
    ----------
    source : str
        As it is written; with ``1 /`` before it where it divides.
    number : float
    named : bool
        Whether it is a variable, and no number that stands there.
    made : bool
        Whether it is an expression of several numbers.
    direct : bool
        Whether it stands in the expression, and not in what a variable in it was made of.
    site, event : int
        Where it was seen; the site is -1 where only the product was.
    """

    source: str
    number: float
    named: bool
    made: bool
    direct: bool
    site: int
    event: int


class Factors:
    """Finds the factors of expressions of one program."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.sites = timeline.observation.sites
        self._defined: dict[int, tuple[int, int] | None] = {}
        self._known: dict[tuple[int, int, bool, int], dict[str, Factor]] = {}

    def of(self, site: int, event: int) -> list[Factor]:
        """The factors of an expression as it was evaluated then."""
        return list(self._of(site, event, direct=True, through=0).values())

    def _of(self, site: int, event: int, *, direct: bool, through: int) -> dict[str, Factor]:
        asked = site, event, direct, through
        if asked not in self._known:
            self._known[asked] = self._found(site, event, direct=direct, through=through)
        return self._known[asked]

    def _found(self, site: int, event: int, *, direct: bool, through: int) -> dict[str, Factor]:
        about, value = self.sites[site], self.timeline.value(event)
        found: dict[str, Factor] = {}
        if value.size == 1 and about.kind in VARIABLES | {"constant", "operation"}:
            found |= self._itself(site, event, direct=direct)
        if about.kind in VARIABLES:
            inner = self._children(site, event) if about.kind == "attribute" else []
            for part, when in inner:
                found |= self._of(part, when, direct=direct, through=through)
            if through < MOST_DEFINED:
                made = self.definition(event)
                given = self._given(event) if made is None else None
                if made is not None:
                    found |= self._of(*made, direct=False, through=through + 1)
                elif given is not None:
                    handed = self._of(*given, direct=False, through=through + 1).values()
                    found |= {one.source: one for one in map(_handed, handed)}
        elif about.kind in {"operation", "call"} and not self._is_constant(site):
            found |= self._of_parts(site, event, direct=direct, through=through)
        return found

    def _itself(self, site: int, event: int, *, direct: bool) -> dict[str, Factor]:
        """A single number as its own factor, the sign left out."""
        about, number = self.sites[site], abs(self.timeline.value(event).item())
        if not number or not np.isfinite(number):
            return {}
        source = about.source.lstrip("-+ ")
        named, made = about.kind in VARIABLES, about.kind == "operation" and not self._is_constant(site)
        return {source: Factor(source, number, named=named, made=made, direct=direct, site=site, event=event)}

    def _of_parts(self, site: int, event: int, *, direct: bool, through: int) -> dict[str, Factor]:
        how, texts = _shape(self.sites[site].source)
        parts = self._children(site, event)

        def inner(one: tuple[int, int]) -> dict[str, Factor]:
            return self._of(*one, direct=direct, through=through)

        if how == "linear":
            return {key: one for part in parts for key, one in inner(part).items()}
        if how == "sum":
            first, *others = [inner(part) for part in parts] or [{}]
            return {key: one for key, one in first.items() if all(key in other for other in others)} if others else {}
        if how not in {"product", "quotient"}:
            return {}
        sides = self._sides(parts, texts)
        found: dict[str, Factor] = {}
        for number, side in enumerate(sides):
            some = inner(side) if side is not None else self._missing(site, event, sides, texts, direct=direct)
            below = how == "quotient" and number == 1
            found |= {f"1 / {key}": _below(one) for key, one in some.items()} if below else some
        return found

    def _sides(self, parts: list[tuple[int, int]], texts: tuple[str, ...]) -> list[tuple[int, int] | None]:
        """The operands in order, None for one that was not seen."""
        left = list(parts)
        sides: list[tuple[int, int] | None] = []
        for text in texts:
            fit = next((one for one in left if self.sites[one[0]].source == text), None)
            sides.append(fit)
            if fit is not None:
                left.remove(fit)
        return sides

    def _missing(
        self, site: int, event: int, sides: list[tuple[int, int] | None], texts: tuple[str, ...], *, direct: bool
    ) -> dict[str, Factor]:
        """An operand that was not seen, where the product is one number times the other one."""
        seen = [one for one in sides if one is not None]
        how, _texts = _shape(self.sites[site].source)
        if len(seen) != 1 or how != "product":
            return {}
        whole, other = self.timeline.value(event).ravel(), self.timeline.value(seen[0][1]).ravel()
        if whole.size != other.size or not np.any(other):
            return {}
        largest = int(np.argmax(np.abs(other)))
        number = float(whole[largest] / other[largest])
        if not number or not np.all(np.abs(whole - number * other) <= 1e-6 * np.abs(whole).max()):
            return {}
        text = texts[sides.index(None)]
        about = Factor(text, abs(round(number, 12)), named=True, made=False, direct=direct, site=-1, event=event)
        return {text: about}

    def _children(self, site: int, event: int) -> list[tuple[int, int]]:
        """The expressions directly in another one, with the events that showed them."""
        shown = ((part, self.timeline.before(part, event)) for part in self.timeline.children[site])
        return [(part, when) for part, when in shown if when is not None]

    def texts(self, site: int, event: int, through: int = 0) -> Iterator[str]:
        """The text of an expression, and of those that its variables were given."""
        yield self.sites[site].source
        parts = self._children(site, event)
        for part, when in parts:
            yield from self.texts(part, when, through)
        made = self.definition(event) if not parts and through < MOST_DEFINED // 2 else None
        if made is not None:
            yield from self.texts(*made, through + 1)

    def definition(self, event: int) -> tuple[int, int] | None:
        """The expression that a variable got its value from, and when; None if it was changed in place or handed over."""
        if event not in self._defined:
            self._defined[event] = self._definition(event)
        return self._defined[event]

    def _definition(self, event: int) -> tuple[int, int] | None:
        timeline, observation = self.timeline, self.timeline.observation
        place = int(observation.place[event])
        if place < 0:
            return None
        events = timeline.of_place[place]
        written = events[timeline.stores[observation.site[events]]]
        position = int(np.searchsorted(written, event)) - 1
        if position < 0:
            return None
        stored = int(written[position])
        store = self.sites[int(observation.site[stored])]
        if self.is_augmented(int(observation.site[stored])):
            return None
        best: tuple[int, int] | None = None
        for site in self._of_statement.get(self._statement(store), ()):
            when = timeline.before(site, stored)
            if when is not None and observation.value[when] == observation.value[stored]:
                longer = best is None or len(self.sites[site].source) > len(self.sites[best[0]].source)
                best = (site, when) if longer else best
        return best

    def is_augmented(self, site: int) -> bool:
        """Whether a target is changed by ``+=`` or its like."""
        about, lines = self.sites[site], self.timeline.observation.program.lines
        return bool(AUGMENTED.match(lines[about.end_line - 1][about.end_column :]))

    @cached_property
    def _of_statement(self) -> dict[tuple[int, int], list[int]]:
        """The expressions of each statement that are more than a number."""
        found: dict[tuple[int, int], list[int]] = {}
        for number, site in enumerate(self.sites):
            if site.kind not in {"store", "argument", "constant"}:
                found.setdefault(self._statement(site), []).append(number)
        return found

    def _statement(self, site: Site) -> tuple[int, int]:
        """Where the statement of an expression begins; several on one line are told apart."""
        before = self.timeline.observation.program.lines[site.line - 1][: site.column]
        return site.statement, before.count(";")

    def _is_constant(self, site: int) -> bool:
        """Whether an expression is made of written numbers only."""
        parts = list(self.timeline.parts(site))
        kinds = {self.sites[part].kind for part in parts}
        return bool(parts) and self.sites[site].kind == "operation" and kinds <= {"constant", "operation"}

    def is_free(self, site: int, event: int, deep: int = 0) -> bool:
        """Whether a number depends on nothing but written numbers, what stays as it is, and counters."""
        about = self.sites[site]
        if about.kind == "constant":
            return True
        if deep > MOST_DEFINED:
            return False
        if about.kind in VARIABLES:
            if self.timeline.observation.place[event] < 0:
                return not self.timeline.moves[site]
            return self._counts(event) or self._is_made_free(event, deep)
        parts = self._children(site, event)
        if not parts:  # the length of what is no number
            return about.kind == "call" and not self.timeline.moves[site]
        return all(self.is_free(part, when, deep + 1) for part, when in parts)

    def _counts(self, event: int) -> bool:
        """Whether a variable goes from whole number to whole number."""
        place = int(self.timeline.observation.place[event])
        shown = self.timeline.scalars[self.timeline.of_place[place]]
        return bool(np.all(np.isfinite(shown)) and np.all(shown == np.round(shown)) and np.all(np.diff(shown) >= 0))

    def _is_made_free(self, event: int, deep: int) -> bool:
        """Whether everything a variable is made of is free, wherever it gets a value."""
        timeline, observation = self.timeline, self.timeline.observation
        place = int(observation.place[event])
        first: dict[int, int] = {}
        for one in timeline.written(place).tolist():
            first.setdefault(int(observation.site[one]), one)
        if not first:
            return bool(timeline.changes[place] == 1)
        return all(self._is_given_free(store, one, place, deep) for store, one in first.items())

    def _is_given_free(self, store: int, event: int, place: int, deep: int) -> bool:
        """Whether what a variable is given at one place in the source is free; its own value before is."""
        timeline, observation = self.timeline, self.timeline.observation
        if self.sites[store].kind == "argument":
            handed = self._handed_over(event)
            if handed is None:
                return bool(timeline.changes[place] == 1)
            return self.is_free(*handed, deep + 1)
        for site in self._of_statement.get(self._statement(self.sites[store]), ()):
            shown = timeline.of_site[site]
            reads = self.sites[site].kind in VARIABLES and len(shown) and observation.place[shown[-1]] != place
            if reads and not self.is_free(site, int(shown[-1]), deep + 1):
                return False
        return True

    def _given(self, event: int) -> tuple[int, int] | None:
        """The expression that the caller of a function gave for an argument, a number, and when."""
        timeline, observation = self.timeline, self.timeline.observation
        place = int(observation.place[event])
        if place < 0 or timeline.value(event).size != 1:
            return None
        written = timeline.written(place)
        position = int(np.searchsorted(written, event)) - 1
        if position < 0 or self.sites[int(observation.site[written[position]])].kind != "argument":
            return None
        return self._handed_over(int(written[position]))

    def _handed_over(self, event: int) -> tuple[int, int] | None:
        """What a function was given as an argument, and when."""
        observation = self.timeline.observation
        for when in range(event - 1, max(event - MOST_HANDED, 0), -1):
            site = int(observation.site[when])
            parent = self.sites[site].parent
            is_handed = parent >= 0 and self.sites[parent].kind == "call"
            if is_handed and observation.value[when] == observation.value[event]:
                return site, when
        return None


def _handed(one: Factor) -> Factor:
    """A factor of what a function was given: what it is called there may be called otherwise here."""
    return replace(one, source=f"{one.source} (given)")


def _below(one: Factor) -> Factor:
    return replace(one, source=f"1 / {one.source}", number=1 / one.number)


@lru_cache(maxsize=4096)
def _shape(source: str) -> tuple[str, tuple[str, ...]]:
    """How an expression is made of its parts, and their texts."""
    text = f"({source}\n)"
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return "", ()
    if isinstance(node, ast.UnaryOp):
        return "linear", ()
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return ("linear" if name in LINEAR else ""), ()
    if isinstance(node, ast.List | ast.Tuple | ast.ListComp):
        return "sum", ()
    if not isinstance(node, ast.BinOp):
        return "", ()
    kinds: dict[type[ast.operator], str] = {
        **dict.fromkeys((ast.Mult, ast.MatMult), "product"),
        **dict.fromkeys((ast.Add, ast.Sub), "sum"),
        ast.Div: "quotient",
    }
    texts = tuple(ast.get_source_segment(text, side) or "" for side in (node.left, node.right))
    return kinds.get(type(node.op), ""), texts
