"""What may have been meant where an expression stands, in a program of any style.

To the edits of `backlight.checks.placing.edits`, of what stands in one expression, come those of how loops over lists
are written, of numbers, and of names that stand for functions or keys.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, islice, pairwise, permutations
from typing import TYPE_CHECKING

from backlight.checks.placing.anywhere.edit import Edit, called, inside
from backlight.checks.placing.edits import STEP, edited
from backlight.checks.placing.parts import ATOMS
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.statements import WORD
from backlight.checks.recognising.rates import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlight.checks.placing.anywhere.edit import Place
    from backlight.checks.placing.anywhere.nearby import Nearby

MOST_OF_ONE = 420
MOST_SCALED = 4
MOST_PLACES = 5
MOST_OWN_SIZES = 3
MOST_PARTS = 6
SCALED = (ast.BinOp, ast.Name, ast.Attribute, ast.Subscript, ast.Call)
OF_A_VARIABLE = 0.2
"""So much larger is what is made of a variable where it is handed over, or given back."""
OF_A_CALL = 0.1
"""So much larger is a sign before a call of a function than in it."""
NEGATIVE = re.compile(r"(?:^|[(,=*/@\[])\s*-\(?([\w.\[\]]+)")
LENGTH = re.compile(r"-\(?(?:len\(|[\w.]+\.(?:shape|size|numel))")
ALONE = re.compile(r"[\w.]+")
OF_LISTS = {"len", "zip", "range", "enumerate", "reversed"}
LIST_SLOPES = ("other * (1 - other)", "(1 - other * other)", "(other > 0)")


@dataclass(frozen=True)
class Expressions:
    """The expressions of a program, and what else it writes; what scales them is small where all is a multiple."""

    nearby: Nearby
    all_is_a_multiple: bool = False

    def of(self, place: Place) -> Iterator[Edit]:
        """What may have been meant at a place.

        What is kept under its own name was meant. Instead of a written number another one may stand, or a variable, but
        no multiple of it.
        """
        kept = self._kept_in(place.node)
        as_kept = re.compile("|".join(map(_as_kept, kept)) or "$")
        is_negative = self._is_negative_by_mistake(self.text(place.node))
        for one in self._of(place):
            if one.first in self.nearby.kept_by_name:
                continue
            if one.first is place.node and len(as_kept.findall(one.written)) < len(kept):
                continue
            if isinstance(place.node, ast.Constant) and not ALONE.fullmatch(one.written):
                continue
            if is_negative or not self._is_negative_by_mistake(one.written):
                yield replace(one, size=one.size + OF_A_VARIABLE) if self._is_made_of_what_is_handed_over(one) else one

    def _is_made_of_what_is_handed_over(self, edit: Edit) -> bool:
        """Whether a variable is changed where it is handed over, and not where it is made or used."""
        if edit.first in self.nearby.handed_over:
            return not edit.written.isidentifier()
        was, now = (WORD.findall(text) for text in (self.text(edit.first), edit.written))
        has_some = any(one in self.nearby.handed_over for one in ast.walk(edit.first))
        return has_some and (was == now or Counter(was) < Counter(now))

    def _is_negative_by_mistake(self, text: str) -> bool:
        """Whether a sign stands before a learning rate, or before what says how many there are, as nobody means it."""
        if LENGTH.search(text):
            return True
        return any(NAMED.fullmatch(one) or one in self.nearby.counted for one in NEGATIVE.findall(text))

    def _kept_in(self, node: ast.expr) -> list[str]:
        """What is written in a call that keeps variables under their own names: `z=z`."""
        keywords = inside(node, ast.keyword)
        return [f"{one.arg}={self.text(one.value)}" for one in keywords if one.value in self.nearby.kept_by_name]

    def _of(self, place: Place) -> Iterator[Edit]:
        words = self.nearby.words(place)
        program, text = self.nearby.statements.program.text, self.text(place.node)
        for written, size in islice(edited(text, words).items(), MOST_OF_ONE):
            if changes_nothing(written, program) or not changes_nothing(text, program):
                behind_it = OF_A_CALL if written == f"-{text}" and self._calls_its_own(place.node) else 0
                yield Edit(place.node, place.node, written, size + behind_it)
        names = [one for one in words.words if one.isidentifier()]
        in_reach = self.nearby.names(place.function)
        yield from self._arguments_exchanged(place.node)
        yield from self._with_an_entry_beside(place)
        yield from self._loops_exchanged(place.node)
        yield from self._of_a_table(place.node)
        yield from self._by_a_size(place.node)
        yield from self._of_a_shape(place.node)
        yield from self._with_a_term(place.node, words.words)
        yield from self._with_weights(place.node, in_reach)
        yield from self._for_some(place.node, words.words)
        yield from self._with_another_slope(place.node, words.slopes)
        yield from self._as_a_difference(place.node)
        yield from self._beside_another_list(place.node, names)
        yield from self._as_a_sum_of_two(place.node)
        yield from self._for_numbers(place.node, names)
        for function in words.functions:
            yield Edit(place.node, place.node, f"{function}({text})", 1.7)
        if isinstance(place.node, ast.Name):
            yield from self._for_a_name(place.node, in_reach)
        if isinstance(place.node, ast.Constant | ast.Call):
            for number, name in enumerate(self.nearby.names_in(place.function)):
                yield Edit(place.node, place.node, name, 1.6 + STEP * number)

    def _calls_its_own(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and called(node) in self.nearby.functions

    @property
    def text(self) -> Callable[[ast.expr | ast.stmt], str]:
        """A part as it is written."""
        return self.nearby.statements.text

    def _arguments_exchanged(self, place: ast.expr) -> Iterator[Edit]:
        """Two arguments that follow one another, exchanged: `minus(a, y)` for `minus(y, a)`."""
        for one in inside(place, ast.Call):
            for first, second in pairwise(one.args):
                parts = [self.text({first: second, second: first}.get(each, each)) for each in one.args]
                parts += [
                    f"{each.arg}={self.text(each.value)}" if each.arg else f"**{self.text(each.value)}"
                    for each in one.keywords
                ]
                size = 1.4 if called(one)[:1].isupper() else 1.0
                yield Edit(one, one, f"{self.text(one.func)}({', '.join(parts)})", size)

    def _with_an_entry_beside(self, place: Place) -> Iterator[Edit]:
        """An entry beside the one that a variable is: of the layer before, for one."""
        entries = self.nearby.entries_beside(place.function)
        for one in ast.walk(place.node) if entries else ():
            if isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Load):
                for number, entry in enumerate(entries):
                    yield Edit(one, one, entry, 1.6 + STEP * number)

    def _with_another_slope(self, place: ast.expr, slopes: Sequence[str]) -> Iterator[Edit]:
        """A product with a derivative in it, for two of its factors: `e * (1 - a ** 2)` for `e * a * (1 - a)`."""
        for one in inside(place, ast.BinOp):
            factors = _factors(one)
            for some in combinations(factors, 2) if 2 < len(factors) <= MOST_PLACES else ():  # noqa: PLR2004  a product of two is edited too
                left = " * ".join(self._as_factor(each) for each in factors if each not in some)
                for slope in slopes:
                    yield Edit(one, one, f"{left} * {slope}", 1.9)

    def _as_factor(self, one: ast.expr) -> str:
        return self.text(one) if isinstance(one, ATOMS) else f"({self.text(one)})"

    # ---- numbers and variables ---------------------------------------------------------------------------

    def _for_numbers(self, place: ast.expr, names: list[str]) -> Iterator[Edit]:
        """Another number of the program for a number; for a zero times a variable: the slope of a leaky activation.

        A 1 that stands alone is where a way back begins, dL/dL, and right.
        """
        if isinstance(place, ast.Constant) and place.value == 1:
            return
        for one in inside(place, ast.Constant):
            for number in self.nearby.numbers if type(one.value) in {int, float} else ():
                yield Edit(one, one, number, 1.6)
                for name in names[:MOST_SCALED] if one.value == 0 else ():
                    yield Edit(one, one, f"({number} * {name})", 1.9)

    def _by_a_size(self, place: ast.expr) -> Iterator[Edit]:
        """Divided by a number of samples or of units, or times that."""
        read = (
            self.text(one) for one in ast.walk(place) if isinstance(one, ast.Name | ast.Attribute) and _is_read(one)
        )
        lengths = ("len({})", "{}.shape[1]", "{}.size") if self.all_is_a_multiple else ("len({})",)
        own = [length.format(one) for one in islice(dict.fromkeys(read), MOST_OWN_SIZES) for length in lengths]
        calls = list(inside(place, ast.Call))
        lists = {part for one in calls if called(one) in OF_LISTS for part in (one, *one.args)}
        lists |= {one for one in calls if called(one) == "append"} | {one.func for one in calls}
        for one in inside(place, ast.expr):
            if one not in lists and isinstance(one, SCALED) and isinstance(getattr(one, "ctx", ast.Load()), ast.Load):
                text = self._as_factor(one)
                scales = [f"{sign} {size}" for size in dict.fromkeys([*self.nearby.sizes, *own]) for sign in "/*"]
                size = (1.5 if self.all_is_a_multiple else 2.45) + (one is not place) * STEP
                for scale in ["* 2", "* 0.5", *scales] if self.all_is_a_multiple else scales:
                    yield Edit(one, one, f"{text} {scale}", size)

    def _of_a_shape(self, place: ast.expr) -> Iterator[Edit]:
        """Another length of an array for one of its lengths: of its rows, of its columns, of all of it."""
        for one in inside(place, ast.expr):
            owner = self._measured(one)
            for other in ("{}.shape[0]", "{}.shape[1]", "{}.size", "{}.numel()") if owner else ():
                yield Edit(one, one, other.format(owner), 1.2)

    def _measured(self, length: ast.expr) -> str:
        """Whose length it is: `a` of `a.shape[0]` and of `len(a)`; empty if it is none."""
        match length:
            case ast.Subscript(value=ast.Attribute(attr="shape", value=owner)):
                return self.text(owner)
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name() | ast.Attribute() as owner]):
                return self.text(owner)
        return ""

    def _with_a_term(self, place: ast.expr, words: Sequence[str]) -> Iterator[Edit]:
        """A variable in a product, with one more term: `(a - y) / n` for `a / n`."""
        products = (one for one in inside(place, ast.BinOp) if isinstance(one.op, ast.Mult | ast.Div))
        for side in (side for one in products for side in (one.left, one.right)):
            if isinstance(side, ast.Name | ast.Attribute | ast.Subscript):
                for number, word in enumerate(words):
                    for sign in "-+":
                        yield Edit(side, side, f"({self.text(side)} {sign} {word})", 2.5 + STEP * number)

    def _for_some(self, place: ast.expr, words: Sequence[str]) -> Iterator[Edit]:
        """Another word for two of the places where one stands: `g * a * (1 - a)` for `g * g * (1 - g)`."""
        text = self.text(place)
        for name in dict.fromkeys(one.id for one in inside(place, ast.Name)):
            places = [one.span() for one in re.finditer(rf"(?<![\w.]){name}\b", text)]
            for some in combinations(places, 2) if 2 < len(places) <= MOST_PLACES else ():  # noqa: PLR2004  all are edited too
                for number, word in enumerate(words):
                    yield Edit(place, place, _put(text, some, word), 1.7 + STEP * number)

    def _as_a_difference(self, place: ast.expr) -> Iterator[Edit]:
        """The difference of two of the variables that stand there, as where a softmax and its loss make one derivative."""
        read = (one for one in ast.walk(place) if isinstance(one, ast.Name | ast.Attribute | ast.Subscript))
        parts = dict.fromkeys(self.text(one) for one in read)
        if isinstance(place, ast.BinOp):
            yield from (
                Edit(place, place, f"{one} - {other}", 2.6) for one, other in permutations(list(parts)[:MOST_PARTS], 2)
            )

    def _for_a_name(self, place: ast.Name, names: list[str]) -> Iterator[Edit]:
        """Another variable, whatever it holds; with one of the module behind it, where both are lists."""
        for number, name in enumerate(one for one in names if one != place.id):
            yield Edit(place, place, name, 1.6 + STEP * number)
        for name in self.nearby.names_of_the_module:
            yield Edit(place, place, f"{place.id} + {name}", 2.6)

    # ---- lists -------------------------------------------------------------------------------------------

    def _loops_exchanged(self, place: ast.expr) -> Iterator[Edit]:
        """The two loops of a matrix exchanged: it lies turned."""
        for one in inside(place, ast.ListComp):
            if isinstance(one.elt, ast.ListComp) and len(one.generators) == len(one.elt.generators) == 1:
                rows, row = (self._loop(each) for each in (one.generators[0], one.elt.generators[0]))
                yield Edit(one, one, f"[[{self.text(one.elt.elt)} {rows}] {row}]", 1.1)

    def _of_a_table(self, place: ast.expr) -> Iterator[Edit]:
        """Rows of its own for one row several times; each turn by what it goes through, the slope of it for a number."""
        for rows in inside(place, ast.BinOp):
            match rows:
                case ast.BinOp(left=ast.List(elts=[ast.List() | ast.BinOp() as row]), op=ast.Mult(), right=number):
                    written = f"[{self.text(row)} for _ in range({self.text(number)})]"
                    yield Edit(rows, rows, written, 1.0, mistake="aliased-parameters")
        for one in (each for each in ast.walk(place) if isinstance(each, ast.ListComp | ast.GeneratorExp)):
            each = one.generators[0].target
            if isinstance(one.elt, ast.Constant) and isinstance(each, ast.Name):
                steps = (f"1.0 if {each.id} > 0 else {other}" for other in ("0.0", *self.nearby.figures_of_the_module))
                for slope in (*steps, f"{each.id} * (1 - {each.id})", f"1 - {each.id} ** 2"):
                    yield Edit(one.elt, one.elt, slope, 1.9)
            if isinstance(one.elt, ast.Call) and called(one.elt) == "sum" and len(one.elt.args) == 1:
                pair = f"zip({self.text(one.elt.args[0])}, {self.text(each)})"
                yield Edit(one.elt, one.elt, f"sum(one * other for one, other in {pair})", 2.1)

    def _loop(self, one: ast.comprehension) -> str:
        return f"for {self.text(one.target)} in {self.text(one.iter)}"

    def _with_weights(self, place: ast.expr, names: Sequence[str]) -> Iterator[Edit]:
        """A sum of what comes back, each times the weight that it comes back through, of a matrix that is a list of rows."""
        loops = [each.target.id for each in inside(place, ast.comprehension) if isinstance(each.target, ast.Name)]
        for one in inside(place, ast.Call):
            for index in loops if called(one) == "sum" and len(one.args) == 1 else ():
                some = self.text(one.args[0])
                for word in names:
                    yield Edit(one, one, f"sum(g * row[{index}] for g, row in zip({some}, {word}))", 2.2)
                    yield Edit(one, one, f"sum(g * w for g, w in zip({some}, {word}[{index}]))", 2.2)

    def _beside_another_list(self, place: ast.expr, names: list[str]) -> Iterator[Edit]:
        """What is done with each number of a list, with the number of another list beside it."""
        for one in inside(place, ast.ListComp):
            loop = one.generators[0]
            if len(one.generators) > 1 or not isinstance(loop.target, ast.Name):
                continue
            made = self.text(one.elt)
            for part in dict.fromkeys(map(self.text, inside(one.elt, ast.BinOp))):
                other = made.replace(part, _renamed(part, loop.target.id, "other"), 1)
                for name in names:
                    pair = f"{loop.target.id}, other in zip({self.text(loop.iter)}, {name})"
                    yield Edit(one, one, f"[{other} for {pair}]", 2.3)
        if isinstance(place, ast.Name):
            for slope in (*LIST_SLOPES, *(f"{each}(other)" for each in self.nearby.functions_called)):
                for name in names:
                    pair = f"one, other in zip({place.id}, {name})"
                    yield Edit(place, place, f"[one * {slope} for {pair}]", 2.4)

    def _as_a_sum_of_two(self, place: ast.expr) -> Iterator[Edit]:
        """The lists of two objects, added, for the list of one of them."""
        parts = list(inside(place, ast.Attribute))
        owners = {each.value.id for each in parts if isinstance(each.value, ast.Name)}
        for one in parts:
            for owner in sorted(owners - {self.text(one.value)}):
                pair = f"zip({owner}.{one.attr}, {self.text(one)})"
                yield Edit(one, one, f"[one + other for one, other in {pair}]", 2.2)


def _as_kept(text: str) -> str:
    """An expression for a keyword with all of its value."""
    return rf"(?<!\w){re.escape(text)}(?=\s*[,)])"


def _is_read(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load) and not (isinstance(node, ast.Name) and node.id in {"self", "np", "torch"})


def _factors(product: ast.expr) -> list[ast.expr]:
    """The factors of a product of several, from the left."""
    if isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
        return [*_factors(product.left), product.right]
    return [product]


def _renamed(text: str, name: str, other: str) -> str:
    return re.sub(rf"(?<![\w.]){name}\b", lambda _found: other, text)


def _put(text: str, spans: Sequence[tuple[int, int]], word: str) -> str:
    """A text with a word in some places, which are in order."""
    for first, last in reversed(spans):
        text = f"{text[:first]}{word}{text[last:]}"
    return text
