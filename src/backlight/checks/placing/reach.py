"""What may be written at a place: everything that the program itself writes somewhere, the likeliest first.

Likely is what shows a quantity of the network just then, and what stands in the same function. Whether it means the
same at the place is not asked here: it is tried out there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import permutations
from typing import TYPE_CHECKING, Any

from backlight.checks.placing.edits import Words
from backlight.checks.placing.formulas import ingredients
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.words import SIMPLE, is_plain
from backlight.derivations import Symbol, source
from backlight.derivations.expression import Number
from backlight.derivations.records import slope_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.fields import ActivationChoice

    Array = NDArray[np.floating[Any]]

MOST_WORDS = 14
MOST_ENTRIES = 10
MOST_SLOPES = 16
MOST_PRODUCTS = 60
MOST_FUNCTIONS = 6
LONGEST = 40
DERIVATIVE = re.compile(r"prime|deriv|grad|diff|backward|^d_?|_d$|slope", re.IGNORECASE)
SLOPE = re.compile(r"\w*(?:prime|deriv|grad|diff|^d_?)\w*\([\w.\[\]-]+\)|d_?\w+\([\w.\[\]-]+\)", re.IGNORECASE)
"""A call of what may be a derivative."""
INDEXED = re.compile(r"(?P<owner>[\w.]+(?:\[['\"]\w+['\"]\])*)(?P<indices>(?:\[\w+\])+)$")


@dataclass(frozen=True)
class Reach:
    """What may be written at one place of a program."""

    scene: Scene
    sight: Sight
    true: Sequence[dict[str, Array]]
    products: bool = False

    @cached_property
    def words(self) -> Words:
        """Everything that an edit may put there."""
        ranked = sorted(self._ranked().items(), key=lambda one: (one[1], one[0]))
        told = [written for written, _rank in ranked]
        words = [*told[:MOST_WORDS], *self._entries(told)]
        return Words(
            words=tuple(dict.fromkeys(words)),
            slopes=tuple(dict.fromkeys(self._slopes(told)))[:MOST_SLOPES],
            functions=self._functions[:MOST_FUNCTIONS],
            products=self._products() if self.products else (),
            indices=self._indices,
            module=self.module,
        )

    @property
    def _here(self) -> Site:
        return self.scene.site(self.sight.site)

    @cached_property
    def module(self) -> str:
        """What the program calls NumPy, or torch."""
        return module_of(self.scene.timeline.observation.program.text)

    def _ranked(self) -> dict[str, tuple[int, ...]]:
        """Every short expression of the program, with how likely it is."""
        found: dict[str, tuple[int, ...]] = {}
        for number, site in enumerate(self.scene.timeline.observation.sites):
            written = site.name or site.source
            if not written or "\n" in written or len(written) > LONGEST or site.kind in {"constant", "return"}:
                continue
            simple = site.kind in SIMPLE
            if written in {self._here.source, "self"} or not (is_plain(written) if simple else self._is_pure(written)):
                continue
            shows = self._shows(number)
            if not simple and (shows > 1 or site.scope != self._here.scope):
                continue
            rank = (shows + self._distance(site), int(not simple), len(written))
            if written not in found or rank < found[written]:
                found[written] = rank
        return found | {written: self._as_its_owner(written, found) for written in found if INDEXED.fullmatch(written)}

    @staticmethod
    def _as_its_owner(written: str, found: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
        """An entry by variables is as likely as what it is an entry of: which one it shows, the variables say."""
        owner = written.partition("[")[0]
        return min(found[written], (*found.get(owner, found[written])[:1], 1, len(written)))

    def _products(self) -> tuple[str, ...]:
        """What comes back through weights: every matrix of the program times every delta, in the ways it is written."""
        weights, deltas = self._showing(re.compile(r"W\d+$")), self._showing(re.compile(r"dL_dz\d+$"))
        indexed = [f"{owner}[{index}]" for owner in self._containers for index in self._positions]
        found = []
        for weight in dict.fromkeys([*indexed[:12], *weights[:3]]):
            for delta in deltas[:3]:
                if self.module == "torch":
                    found += [f"{delta} @ {weight}", f"{delta} @ {weight}.t()"]
                    continue
                ways = ((f"{weight}.T", delta), (delta, f"{weight}.T"), (delta, weight), (weight, delta))
                found += [f"{self.module}.dot({one}, {other})" for one, other in ways]
        return tuple(found)[:MOST_PRODUCTS]

    def _showing(self, quantities: re.Pattern[str]) -> list[str]:
        """Short expressions in reach that show one of these quantities, at any time before."""
        found: dict[str, tuple[int, int]] = {}
        for number, site in enumerate(self.scene.timeline.observation.sites):
            written = site.name or site.source
            if site.kind not in SIMPLE or len(written) > LONGEST or not is_plain(written) or self._distance(site) > 1:
                continue
            events = self.scene.timeline.of_site[number]
            if any(quantities.match(name) for name in self._named(int(events[0]) if len(events) else -1)):
                found.setdefault(written, (self._distance(site), len(written)))
        return sorted(found, key=lambda one: found[one])

    def _named(self, event: int) -> list[str]:
        """The quantities that a value shows in the first update."""
        return [match.quantity for match in self._first.shown((event,))] if event >= 0 else []

    @cached_property
    def _first(self) -> Any:  # noqa: ANN401  Quantities
        step, one = self.scene.judged.steps[0], self.true[0]
        kept = {name: array for name, array in one.items() if name.startswith("dL_dz")}
        return self.scene.quantities([kept | self.scene.network.arrays(step.round.parameters)])

    @cached_property
    def _containers(self) -> list[str]:
        """The lists that a program goes through or takes one from, and that are in reach."""
        text = self.scene.timeline.observation.program.text
        found = re.findall(r"(?:in|zip\(|,)\s*(?:reversed\()?((?:self\.)?\w*[wW]\w*)\s*[,)\]:]", text)
        found += re.findall(r"((?:self\.)?\w*[wW]\w*)\[-?\w", text)
        mine = "self." in self._line or "." in self._here.scope
        return sorted(dict.fromkeys(found), key=lambda one: ("self." in one) != mine)[:3]

    @cached_property
    def _positions(self) -> list[str]:
        """Subscripts as they are written in the same function, and their neighbours."""
        found: dict[str, None] = {}
        for site in self.scene.timeline.observation.sites:
            if site.scope == self._here.scope and site.kind in {"item", "store"}:
                for index in re.findall(r"\[(-?[A-Za-z_]\w*)(?:\s*[-+]\s*\d)?\]", site.source):
                    found.update(dict.fromkeys((index, f"{index} + 1", f"{index} - 1")))
        return list(found)[:6]

    def _is_pure(self, written: str) -> bool:
        return ":" not in written and changes_nothing(written, self.scene.timeline.observation.program.text)

    def _distance(self, site: Site) -> int:
        """0 in the same function, 1 in the same class or at the level of the module, 2 elsewhere."""
        here = self._here.scope
        if site.scope == here:
            return 0
        same_class = "." in here and site.scope.rpartition(".")[0] == here.rpartition(".")[0] and "self." in site.source
        return 1 if same_class or (not site.scope and site.kind in SIMPLE) else 3

    def _shows(self, number: int) -> int:
        """0 for what the true formula is made of, 1 for another quantity, 2 for another number, 4 for none."""
        events = [self.scene.timeline.before(number, event) for event in self.sight.events]
        seen = [event for event in events if event is not None]
        if len(seen) == len(events) and (matches := self._table.shown(seen)):
            return 0 if any(match.quantity.partition("@")[0] in self._ingredients for match in matches) else 1
        return 2 if len(self.scene.timeline.of_site[number]) else 4

    @cached_property
    def _ingredients(self) -> set[str]:
        return ingredients(self.scene, self.sight, self.true) | {"samples"}

    @cached_property
    def _table(self) -> Any:  # noqa: ANN401  Quantities
        """The quantities that a formula may be made of."""
        numbers = self.scene.network
        updates = []
        for step, one in zip(self.scene.steps, self.true, strict=False):
            kept = {name: array for name, array in one.items() if not name.startswith(("new_", "step_"))}
            updates.append(kept | numbers.arrays(step.round.parameters))
        return self.scene.quantities(updates)

    def _slopes(self, words: Sequence[str]) -> Iterator[str]:
        """Derivatives of the recipe's activations, of anything, and those that the program itself writes."""
        activations = dict.fromkeys(self.scene.network.recipe.activations)
        for site in self.scene.timeline.observation.sites:
            if site.kind == "call" and site.scope == self._here.scope and SLOPE.fullmatch(site.source):
                yield site.source
        for function in self._own_functions:
            yield from (f"{function}({word})" for word in words[:6] if "(" not in word)
        for word in words[:10]:
            for activation in activations:
                written = _slope(activation, word, self.module)
                if written:
                    yield written

    @cached_property
    def _own_functions(self) -> list[str]:
        """The functions of one argument that are written in the program and give a derivative, by their names."""
        text = self.scene.timeline.observation.program.text
        methods = [f"self.{one}" for one in re.findall(r"def (\w+)\(self, \w+\)", text) if "self." in self._line]
        found = [
            *re.findall(r"def (\w+)\(\w+\)", text),
            *re.findall(r"^(\w+) = lambda \w+:", text, re.MULTILINE),
            *methods,
        ]
        return [one for one in dict.fromkeys(found) if DERIVATIVE.search(one)][:3]

    @property
    def _line(self) -> str:
        return self.scene.timeline.observation.program.lines[self._here.line - 1]

    @cached_property
    def _functions(self) -> tuple[str, ...]:
        return functions_of(self.scene.timeline)

    @cached_property
    def _indices(self) -> tuple[str, ...]:
        """The loop variables and other indices in the same function."""
        found: dict[str, None] = {}
        for site in self.scene.timeline.observation.sites:
            if site.scope == self._here.scope and (indexed := INDEXED.search(site.source)):
                found.update(dict.fromkeys(re.findall(r"\[([A-Za-z_]\w*)\]", indexed["indices"])))
        return tuple(found)[:4]

    def _entries(self, words: Sequence[str]) -> list[str]:
        """Entries of containers that the program reads somewhere, by the indices that there are here."""
        found: dict[str, None] = {}
        for word in words:
            indexed = INDEXED.fullmatch(word)
            depth = indexed["indices"].count("[") if indexed else 0
            if indexed and depth <= 2 and re.search(r"\[[A-Za-z_]", indexed["indices"]):  # noqa: PLR2004
                for chosen in permutations(self._indices, depth):
                    found["".join([indexed["owner"], *(f"[{one}]" for one in chosen)])] = None
        written = {site.source for site in self.scene.timeline.observation.sites}
        return sorted(found, key=lambda one: (one not in written, -one.count("[")))[:MOST_ENTRIES]


def _slope(activation: ActivationChoice, word: str, module: str) -> str:
    """The derivative of an activation, if it is one of each entry by itself."""
    try:
        formula = slope_of(activation, Symbol("q"), Symbol("q"))
        return source(formula, {"q": word}, module=module) if formula != Number(1) else ""
    except (KeyError, ValueError, SyntaxError):
        return ""


def functions_of(timeline: Timeline) -> tuple[str, ...]:
    """The functions of one argument that a program calls."""
    found: dict[str, None] = {}
    for site in timeline.observation.sites:
        called = re.fullmatch(r"([\w.]+)\([^(),]*\)", site.source) if site.kind == "call" else None
        if called and called[1] not in {"print", "range", "len", "float", "int", "zip"}:
            found[called[1]] = None
    return tuple(found)


@lru_cache(maxsize=16)
def module_of(text: str) -> str:
    """What a program calls NumPy, or torch."""
    names = re.search(r"^\s*import numpy(?: as (\w+))?", text, re.MULTILINE)
    if re.search(r"^\s*(?:import torch\b|from torch\b)", text, re.MULTILINE):
        return "torch"
    return (names[1] or "numpy") if names else "np"
