"""Everything in a program that may be a slip of the pen, each with what may have been meant, the smallest edits first.

An edit is of an expression, or of whole statements: their order, their sign, where a loop ends.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from backlight.checks.placing.edits import Words, edited
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.reach import functions_of, module_of
from backlight.checks.placing.statements import Statements, lines_of, stored_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.observing.observation import Observation
    from backlight.checks.recognising.timeline import Timeline

Node = TypeVar("Node", bound=ast.AST)
MOST_WORDS = 10
NEAREST = 3
"""So many words come before the sizes of lists."""
MOST_SLOPES = 12
MOST_SIZES = 4
MOST_NUMBERS = 8
MOST_NAMES = 12
MOST_AT_ONE_PLACE = 200
DULL = {"print", "format", "plot", "append", "range", "enumerate", "zip", "len", "str", "round", "isinstance", "super"}
"""Calls that give no number of a network, and those that only hand on."""
NO_EDIT = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.JoinedStr)


@dataclass(frozen=True)
class Edit:
    """Something else for an expression, or for statements that follow one another.

    Attributes
    ----------
    first, last : expr or stmt
        What it stands for, the same for an expression.
    written : str
    size : float
    indent : str
        What stands before a statement.
    """

    first: ast.expr | ast.stmt
    last: ast.expr | ast.stmt
    written: str
    size: float
    indent: str = ""

    @property
    def tree(self) -> ast.Module | None:
        """What is written, parsed; None where it is no Python."""
        written = f"({self.written}\n)" if isinstance(self.first, ast.expr) else dedent(self.indent + self.written)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(written)
        except (SyntaxError, ValueError):
            return None


class Place(NamedTuple):
    """An expression, and the function that it stands in."""

    function: str
    node: ast.expr


@dataclass(frozen=True)
class Edits:
    """A program that was run, and until when it matters what it does."""

    statements: Statements
    timeline: Timeline
    until: int

    @property
    def observation(self) -> Observation:
        """What was seen of it."""
        return self.timeline.observation

    # ---- expressions -----------------------------------------------------------------------------------

    def of(self, place: Place) -> Iterator[Edit]:
        """What may have been meant at a place."""
        program, text = self.statements.program.text, self.statements.text(place.node)
        some = edited(text, self._words(place.function, place.node))
        for written, size in islice(some.items(), MOST_AT_ONE_PLACE):
            if changes_nothing(written, program) or not changes_nothing(text, program):
                yield Edit(place.node, place.node, written, size)
        yield from self._of_loops_in(place.node)
        yield from self._with_a_term(place)
        yield from self._with_weights(place)
        yield from self._in_a_part(place)
        yield from self._beside_another_list(place)
        yield from self._for_constants(place)

    def _for_constants(self, place: Place) -> Iterator[Edit]:
        """Another number that the program writes for a number, alone or with a variable; or a variable."""
        names = [one for one in self._words(*place).words if one.isidentifier()]
        for one in _in(place.node, ast.Constant):
            if type(one.value) in {int, float}:
                for number in self._numbers:
                    yield Edit(one, one, number, 1.6)
                    yield from (Edit(one, one, f"({number} * {name})", 1.9) for name in names[:4])
        if isinstance(place.node, ast.Constant | ast.Call):
            for number, name in enumerate(self._names_in(place.function)):
                yield Edit(place.node, place.node, name, 1.6 + 0.05 * number)

    @cached_property
    def _numbers(self) -> list[str]:
        """The numbers that the program writes, without those of its data."""
        inside = {
            each for one in ast.walk(self.statements.tree) if isinstance(one, ast.List | ast.Tuple) for each in one.elts
        }
        found = [
            self.statements.text(one)
            for one in _in(self.statements.tree, ast.Constant)
            if type(one.value) in {int, float} and one not in inside
        ]
        return list(dict.fromkeys(found))[:MOST_NUMBERS]

    def _names_in(self, function: str) -> list[str]:
        """The variables of a function and of its class, whatever they hold."""
        found: dict[str, None] = {}
        for one in _in(self.statements.tree, ast.FunctionDef):
            if one.name == function.rpartition(".")[2]:
                found |= dict.fromkeys(each.arg for each in one.args.args)
                found |= dict.fromkeys(each.id for each in _in(one, ast.Name) if isinstance(each.ctx, ast.Store))
        owner = function.rpartition(".")[0]
        for site in self.observation.sites if owner else ():
            if site.scope.rpartition(".")[0] == owner and re.fullmatch(r"self\.\w+", site.source):
                found.setdefault(site.source)
        return [one for one in found if one != "self"][:MOST_NAMES]

    def _beside_another_list(self, place: Place) -> Iterator[Edit]:
        """What is done with each number of a list, with the number of another list beside it."""
        text, words = self.statements.text, [one for one in self._words(*place).words if one.isidentifier()]
        owners = {each.value.id for each in _in(place.node, ast.Attribute) if isinstance(each.value, ast.Name)}
        for one in _in(place.node, ast.ListComp):
            loop = one.generators[0]
            if len(one.generators) > 1 or not isinstance(loop.target, ast.Name):
                continue
            name, made = loop.target.id, text(one.elt)
            for part in {text(each) for each in _in(one.elt, ast.BinOp)}:
                other = made.replace(part, re.sub(rf"(?<![\w.]){name}\b", "other", part), 1)
                for word in words:
                    yield Edit(one, one, f"[{other} for {name}, other in zip({text(loop.iter)}, {word})]", 2.3)
        for one in _in(place.node, ast.Attribute):
            for owner in owners - {text(one.value)}:
                pair = f"{owner}.{one.attr}, {text(one)}"
                yield Edit(one, one, f"[one + other for one, other in zip({pair})]", 2.2)
        if isinstance(place.node, ast.Name):
            for word in words:
                for slope in (
                    "other * (1 - other)",
                    "(1 - other * other)",
                    "(other > 0)",
                    *(f"{each}(other)" for each in self._called),
                ):
                    yield Edit(
                        place.node,
                        place.node,
                        f"[one * {slope} for one, other in zip({text(place.node)}, {word})]",
                        2.4,
                    )

    @cached_property
    def _called(self) -> tuple[str, ...]:
        return tuple(functions_of(self.timeline))[:6]

    def _in_a_part(self, place: Place) -> Iterator[Edit]:
        """Another word for what occurs twice in a part and elsewhere too: `g * (1 - a * a)` for `g * (1 - g * g)`."""
        words = self._words(*place).words
        for one in ast.walk(place.node):
            if one is place.node or not isinstance(one, ast.BinOp):
                continue
            text = self.statements.text(one)
            names = [each.id for each in ast.walk(one) if isinstance(each, ast.Name)]
            for name in {each for each in names if names.count(each) > 1}:
                for number, word in enumerate(words):
                    written = re.sub(rf"(?<![\w.]){name}\b", word, text)
                    yield Edit(one, one, written, 1.7 + 0.05 * number)

    def _with_weights(self, place: Place) -> Iterator[Edit]:
        """A sum of what comes back, with the weights that it comes back through: of a matrix that is a list of rows."""
        words = self._words(*place).words
        loops = [each for each in ast.walk(place.node) if isinstance(each, ast.comprehension)]
        indices = [each.target.id for each in loops if isinstance(each.target, ast.Name)]
        for one in ast.walk(place.node):
            if isinstance(one, ast.Call) and _called(one) == "sum" and len(one.args) == 1:
                text = self.statements.text(one.args[0])
                for index in indices:
                    for word in words:
                        yield Edit(one, one, f"sum(g * row[{index}] for g, row in zip({text}, {word}))", 2.2)
                        yield Edit(one, one, f"sum(g * w for g, w in zip({text}, {word}[{index}]))", 2.2)

    def _of_loops_in(self, place: ast.expr) -> Iterator[Edit]:
        """The two loops of a matrix exchanged."""
        text = self.statements.text
        for one in ast.walk(place):
            if isinstance(one, ast.ListComp) and isinstance(one.elt, ast.ListComp):
                outer, inner = one.generators, one.elt.generators
                if len(outer) == len(inner) == 1:
                    loops = [f"for {text(each.target)} in {text(each.iter)}" for each in (outer[0], inner[0])]
                    yield Edit(one, one, f"[[{text(one.elt.elt)} {loops[0]}] {loops[1]}]", 1.1)

    def _with_a_term(self, place: Place) -> Iterator[Edit]:
        """A variable in a product, with one more term."""
        words = self._words(*place).words
        for one in ast.walk(place.node):
            if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult | ast.Div):
                for side in (one.left, one.right):
                    if isinstance(side, ast.Name | ast.Attribute | ast.Subscript):
                        text = self.statements.text(side)
                        for number, word in enumerate(words):
                            for sign in "-+":
                                yield Edit(side, side, f"({text} {sign} {word})", 2.5 + 0.05 * number)

    @cached_property
    def places(self) -> list[Place]:
        """The expressions of statements that were executed in time, with the functions they stand in."""
        found = []
        for block, _number, one in self.statements.all():
            if one.lineno not in self._executed and not isinstance(one, ast.For | ast.While | ast.If):
                continue
            for part in _parts(one):
                found += [Place(block.function, node) for node in _pieces(part) if self._is_executed(node)]
        return found

    def _is_executed(self, place: ast.expr) -> bool:
        return any(line in self._lines for line in range(place.lineno, (place.end_lineno or place.lineno) + 1))

    @cached_property
    def _lines(self) -> set[int]:
        """The lines that were executed."""
        sites = self.observation.sites
        return {sites[number].line for number in set(self.observation.site[: self.until].tolist())}

    @cached_property
    def _executed(self) -> set[int]:
        """The lines where statements begin that were executed."""
        sites = self.observation.sites
        return {sites[number].statement for number in set(self.observation.site[: self.until].tolist())} | self._lines

    def _words(self, function: str, place: ast.expr) -> Words:
        """What else stands in the function, the nearest first."""
        text = self.statements.text(place)
        ranked: dict[str, int] = {}
        for site in self.observation.sites:
            written = site.name or site.source
            if site.kind not in {"name", "attribute", "item", "argument", "store"} or len(written) > 30:
                continue
            if site.scope not in {function, ""} or (site.scope == "" and function and site.kind != "store"):
                continue
            if "\n" in written or not changes_nothing(written, self.statements.program.text):
                continue
            distance = abs(site.line - place.lineno) + (40 if site.scope != function else 0)
            ranked[written] = min(ranked.get(written, distance), distance)
        ranked.pop(text, None)
        near = sorted(ranked, key=lambda one: (ranked[one], len(one), one))
        words = [one for one in near if one != "self"][:MOST_WORDS]
        words[NEAREST:NEAREST] = [one for one in self._sizes if one not in words]
        own = [
            self.statements.text(one)
            for one in ast.walk(place)
            if isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Load)
        ][:6]
        slopes = [slope for one in dict.fromkeys([*words[:4], *own]) for slope in _slopes(one)]
        text = self.statements.program.text
        return Words(
            words=tuple(words),
            slopes=tuple(slopes[:MOST_SLOPES]),
            functions=self._called,
            indices=tuple(one for one in words if one.isidentifier() and len(one) == 1)[:4],
            module=module_of(text),
        )

    @cached_property
    def _sizes(self) -> list[str]:
        """Numbers of samples and of units, as the program writes them."""
        calls = (one for one in ast.walk(self.statements.tree) if isinstance(one, ast.Call) and _called(one) == "len")
        named = (one.iter for one in ast.walk(self.statements.tree) if isinstance(one, ast.For | ast.comprehension))
        found = [self.statements.text(one) for one in calls]
        found += [f"len({one.id})" for one in named if isinstance(one, ast.Name)]
        return list(dict.fromkeys(found))[:MOST_SIZES]

    def of_names(self) -> Iterator[Edit]:
        """Another function, another key: what stands for no number, and is written at a place that shows none."""
        yield from self._other_functions()
        yield from self._other_strings()

    def _other_functions(self) -> Iterator[Edit]:
        """Another function of those that the program defines, with as many arguments."""
        for one in ast.walk(self.statements.tree):
            name = one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")
            if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Load) and name in self._functions:
                for other, number in self._functions.items():
                    if other != name and number == self._functions[name]:
                        owner = f"{self.statements.text(one.value)}." if isinstance(one, ast.Attribute) else ""
                        yield Edit(one, one, owner + other, 1.3)

    @cached_property
    def _functions(self) -> dict[str, int]:
        """The functions that the program defines, with the number of their arguments."""
        return {
            one.name: len(one.args.args)
            for one in ast.walk(self.statements.tree)
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("__")
        }

    def _other_strings(self) -> Iterator[Edit]:
        """Another key of those that are written elsewhere: "W1" for "W2", "relu" for "sigm"."""
        for one in ast.walk(self.statements.tree):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value in self._keys:
                for key in self._keys:
                    if key != one.value:
                        alike = re.sub(r"\d", "", key) == re.sub(r"\d", "", one.value)
                        yield Edit(one, one, repr(key), 1.2 if alike else 1.45)

    @cached_property
    def _keys(self) -> list[str]:
        """The strings by which something is looked up."""
        found: dict[str, None] = {}
        for one in ast.walk(self.statements.tree):
            some: Sequence[ast.expr | None] = ()
            if isinstance(one, ast.Dict):
                some = one.keys
            elif isinstance(one, ast.Subscript):
                some = (one.slice,)
            elif isinstance(one, ast.Compare):
                some = one.comparators
            for key in some:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.setdefault(key.value)
        return list(found)[:12]

    # ---- statements ------------------------------------------------------------------------------------

    def of_statements(self) -> Iterator[Edit]:
        text = self.statements.text
        for block in self.statements.blocks:
            if not any(line in self._lines for one in block.statements for line in lines_of(one)):
                continue
            for number, one in enumerate(block.statements):
                if isinstance(one, ast.For):
                    yield from self._begun(one)
                    yield from self._of_loop(one)
                if isinstance(one, ast.AugAssign):
                    target, value = text(one.target), text(one.value)
                    for sign, other in (("+", "-="), ("-", "+="), ("+", "=")):
                        if isinstance(one.op, ast.Add if sign == "+" else ast.Sub):
                            yield self._of(one, one, f"{target} {other} {value}", 1.0)
                elif isinstance(one, ast.Assign) and _is_variable(one.targets) and _is_number(one.value):
                    yield self._of(one, one, f"{text(one.targets[0])} += {text(one.value)}", 1.15)
                    pair = f"{text(one.targets[0])}, {text(one.value)}"
                    for written in (
                        f"[one + other for one, other in zip({pair})]",
                        f"[[one + other for one, other in zip(*rows)] for rows in zip({pair})]",
                    ):
                        yield self._of(one, one, f"{text(one.targets[0])} = {written}", 1.3)
                if isinstance(one, ast.Break | ast.Continue):
                    yield self._of(one, one, "pass", 1.0)
                if isinstance(one, ast.AugAssign | ast.Assign | ast.Expr) and (block.loops or block.function):
                    target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
                    turned = None if target is None else _turned(text(target))
                    if turned:
                        yield self._of(one, one, text(one).replace(text(target), turned, 1), 1.1)
                    if not (isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)):
                        yield self._of(one, one, "pass", 1.4)
                if isinstance(one, ast.Assign):
                    yield from self._exchanged(one)
                if number + 1 < len(block.statements):
                    yield from self._in_other_order(one, block.statements[number + 1])

    def _of(self, first: ast.stmt, last: ast.stmt, written: str, size: float) -> Edit:
        return Edit(first, last, written, size, self.statements.indent(first))

    def _begun(self, loop: ast.For) -> Iterator[Edit]:
        """Sums that are added to in a loop, or in one in it, set to zero before it or at its beginning."""
        inside = {one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name)}
        for sum_ in (one for one in ast.walk(loop) if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Add)):
            if isinstance(sum_.target, ast.Name):
                continue
            target = self.statements.text(sum_.target)
            used = {one.id for one in ast.walk(sum_.target) if isinstance(one, ast.Name)}
            first = loop.body[0]
            indent = self.statements.indent(first)
            if used & inside or not any(one is sum_ for one in loop.body):
                yield self._of(first, first, f"{target} = 0.0\n{indent}{self.statements.text(first)}", 1.2)

    def _exchanged(self, one: ast.Assign) -> Iterator[Edit]:
        """What is unpacked, two names of it exchanged."""
        text = self.statements.text
        for some in (inner for target in one.targets for inner in ast.walk(target) if isinstance(inner, ast.Tuple)):
            for first, second in combinations(some.elts, 2):
                written = [
                    text(second) if each is first else text(first) if each is second else text(each)
                    for each in some.elts
                ]
                whole = text(some)
                inside = ", ".join(written)
                other = f"({inside})" if whole.startswith("(") else inside
                yield self._of(one, one, text(one).replace(whole, other, 1), 1.1)

    def _in_other_order(self, one: ast.stmt, other: ast.stmt) -> Iterator[Edit]:
        """Two statements exchanged; one that leaves the end of a loop, or its beginning, or moves in there."""
        simple = ast.Assign | ast.AugAssign | ast.Expr
        text = self.statements.text
        if isinstance(one, simple) and isinstance(other, simple) and stored_in(one) | stored_in(other):
            yield self._of(one, other, f"{text(other)}\n{self.statements.indent(one)}{text(one)}", 1.3)
        if isinstance(one, simple) and isinstance(other, ast.For) and one.lineno == one.end_lineno:
            yield self._of(one, other, self._loop(other, [one, *other.body]), 1.2)
        if isinstance(one, ast.For) and isinstance(other, simple) and other.lineno == other.end_lineno:
            yield self._of(one, other, self._loop(one, [*one.body, other]), 1.2)

    def _of_loop(self, loop: ast.For) -> Iterator[Edit]:
        """A loop without its first or its last statement, which stands before it or behind it."""
        simple = ast.Assign | ast.AugAssign | ast.Expr
        first, last, indent = loop.body[0], loop.body[-1], self.statements.indent(loop)
        if len(loop.body) == 1:
            return
        if isinstance(first, simple):
            yield self._of(loop, loop, f"{self.statements.text(first)}\n{indent}{self._loop(loop, loop.body[1:])}", 1.2)
        if isinstance(last, simple):
            yield self._of(loop, loop, f"{self._loop(loop, loop.body[:-1])}\n{indent}{self.statements.text(last)}", 1.2)

    def _loop(self, loop: ast.For, body: Sequence[ast.stmt]) -> str:
        """A loop with other statements in it."""
        head = self.statements.lines[loop.lineno - 1].strip()
        if loop.body[0].lineno == loop.lineno or not head.endswith(":"):
            head = f"for {self.statements.text(loop.target)} in {self.statements.text(loop.iter)}:"
        indent = self.statements.indent(loop.body[0])
        if loop.body[0].lineno == loop.lineno:
            indent = self.statements.indent(loop) + "    "
        return "\n".join([head, *(indent + self.statements.text(one) for one in body)])


def _parts(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself."""
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, ast.For):
        yield statement.iter
    elif isinstance(statement, ast.If | ast.While):
        yield statement.test


def _pieces(expression: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are edited each by itself."""
    if any(isinstance(one, NO_EDIT) for one in ast.walk(expression)):
        if isinstance(expression, ast.Call):
            for one in expression.args:
                yield from _pieces(one)
        return
    if isinstance(expression, ast.Dict):
        for one in expression.values:
            yield from _pieces(one)
    elif isinstance(expression, ast.List | ast.Tuple | ast.Set):
        if not all(isinstance(one, ast.Constant | ast.List | ast.Tuple | ast.UnaryOp) for one in expression.elts):
            for one in expression.elts:
                yield from _pieces(one)
    elif isinstance(expression, ast.Lambda):
        yield from _pieces(expression.body)
    elif isinstance(expression, ast.Call) and _called(expression) in {"print", "plot", "show"}:
        return
    else:
        yield expression


def _in(node: ast.AST, kind: type[Node]) -> Iterator[Node]:
    """The parts of a kind."""
    return (one for one in ast.walk(node) if isinstance(one, kind))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _is_variable(targets: Sequence[ast.expr]) -> bool:
    return len(targets) == 1 and isinstance(targets[0], ast.Name | ast.Attribute | ast.Subscript)


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp | ast.Call | ast.Name | ast.Attribute | ast.Subscript) or (
        isinstance(value, ast.List) and len(value.elts) == 1
    )


def _slopes(word: str) -> tuple[str, ...]:
    return f"{word} * (1 - {word})", f"(1 - {word} ** 2)", f"({word} > 0)"


def _turned(target: str) -> str:
    entry = re.fullmatch(r"(.*?)\[(\w+)(\]\[|, ?)(\w+)\]", target)
    return f"{entry[1]}[{entry[4]}{entry[3]}{entry[2]}]" if entry and entry[2] != entry[4] else ""
