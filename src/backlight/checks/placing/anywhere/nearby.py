"""What a program writes near a place, or anywhere: its variables, its numbers, its functions, the keys of its tables."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backlight.checks.placing.anywhere.edit import called, inside
from backlight.checks.placing.edits import Words
from backlight.checks.placing.pure import changes_nothing
from backlight.checks.placing.reach import functions_of, module_of
from backlight.checks.placing.statements import stored_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.observing.observation import Site
    from backlight.checks.placing.anywhere.edit import Edit, Place
    from backlight.checks.placing.statements import Statements
    from backlight.checks.recognising.timeline import Timeline

MOST_WORDS = 12
OF_THE_MODULE = 40
"""So many lines further off is what belongs to the module."""
LONGEST = 30
MOST_SIZES = 6
MOST_ENTRIES = 10
MOST_OTHERS = 8
MOST_BESIDE = 8
MOST_FIELDS = 6
NEAREST = 8
MOST_SLOPED = 4
MOST_OWN = 6
MOST_SLOPES = 12
MOST_METHODS = 3
MOST_INDICES = 4
MOST_FUNCTIONS = 6
MOST_NUMBERS = 8
MOST_NAMES = 12
MOST_SCALES = 4
MOST_KEYS = 12
VARIABLES = {"name", "attribute", "item", "argument", "store"}


@dataclass(frozen=True)
class Nearby:
    """A program that was run."""

    statements: Statements
    timeline: Timeline

    def words(self, place: Place) -> Words:
        """What an edit may put at a place: what stands in the same function, the nearest first."""
        its_own = (one.id for one in inside(place.node, ast.Name) if isinstance(one.ctx, ast.Store))
        words = list(dict.fromkeys([*its_own, *self._variables(place)]))[:MOST_WORDS]
        words += [one for one in self._entries(place.node) if one not in words][:MOST_ENTRIES]
        others = dict.fromkeys([*self._in_the_statement(place.node), *self.names(place.function)])
        words += [one for one in others if one not in words][:MOST_OTHERS]
        read = (one for one in ast.walk(place.node) if isinstance(one, ast.Name | ast.Attribute | ast.Subscript))
        owners = {one.value for one in inside(place.node, ast.Attribute)}
        own = [self.statements.text(one) for one in read if isinstance(one.ctx, ast.Load) and one not in owners]
        sloped = list(dict.fromkeys([*own[:MOST_OWN], *words[:MOST_SLOPED]]))
        slopes = [f"{one}.{method}()" for method in self._methods_called for one in sloped if one.isidentifier()]
        slopes += [slope for one in sloped for slope in _slopes(one)]
        return Words(
            words=tuple(words),
            slopes=tuple(slopes[:MOST_SLOPES]),
            functions=self.functions_called,
            indices=tuple(one for one in words if one.isidentifier() and len(one) == 1)[:MOST_INDICES],
            module=module_of(self.statements.program.text),
        )

    @cached_property
    def _methods_called(self) -> list[str]:
        """The methods of the program that are called on a variable without arguments: of objects that calculate."""
        calls = (one for one in inside(self.statements.tree, ast.Call) if isinstance(one.func, ast.Attribute))
        names = (called(one) for one in calls if not one.args and isinstance(one.func.value, ast.Name))  # type: ignore[attr-defined]
        return [one for one in dict.fromkeys(names) if self.functions.get(one) == 1][:MOST_METHODS]

    def _variables(self, place: Place) -> list[str]:
        """The variables that held numbers in a function, or in the module, the nearest first."""
        near: dict[str, int] = {}
        for site, events in zip(self.timeline.observation.sites, self.timeline.of_site, strict=True):
            written = site.name or site.source
            if len(events) and self._is_reached(site, place.function) and self._is_short(written):
                distance = abs(site.line - place.node.lineno) + OF_THE_MODULE * (
                    not site.scope and bool(place.function)
                )
                near[written] = min(near.get(written, distance), distance)
        near.pop(self.statements.text(place.node), None)
        return [one for one in sorted(near, key=lambda one: (near[one], len(one), one)) if one != "self"]

    @staticmethod
    def _is_reached(site: Site, function: str) -> bool:
        of_the_module = site.scope == "" and (not function or site.kind == "store")
        around = bool(site.scope) and function.startswith(f"{site.scope}.")
        return site.kind in VARIABLES and (site.scope == function or around or of_the_module)

    def _is_short(self, written: str) -> bool:
        short = len(written) <= LONGEST and "\n" not in written
        return short and changes_nothing(written, self.statements.program.text)

    def _entries(self, node: ast.expr) -> Iterator[str]:
        """Entries by other variables and numbers than they are read by: `a[j]` where `a[k]` and `d[j]` are."""
        for kind in (ast.Name, ast.Constant):
            some = [one for one in self._read if isinstance(one.slice, kind)]
            near = sorted(some, key=lambda one: abs(one.lineno - node.lineno))
            indices = dict.fromkeys(self.statements.text(one.slice) for one in near[:NEAREST])
            owners = dict.fromkeys(self.statements.text(one.value) for one in near)
            owners = dict.fromkeys(sorted(owners, key=self._added_to.__contains__)[:NEAREST])
            own = {self.statements.text(one) for one in inside(node, ast.Name)}
            indices = dict.fromkeys(sorted(indices, key=lambda one: one not in own))
            yield from (f"{owner}[{index}]" for index in indices for owner in owners)

    @cached_property
    def _added_to(self) -> set[str]:
        """What is added to, and seldom a factor of anything."""
        added = (one.target for one in inside(self.statements.tree, ast.AugAssign) if isinstance(one.op, ast.Add))
        return {self.statements.text(one.value) for each in added for one in inside(each, ast.Subscript)}

    def _in_the_statement(self, node: ast.expr) -> list[str]:
        """What else is read in the same statement, a table of functions for one: attributes, the nearest first."""
        found = self.statements.at(node.lineno)
        parts = inside(found[2], ast.Attribute) if found is not None else ()
        near = sorted(parts, key=lambda one: abs(one.lineno - node.lineno))
        return list(dict.fromkeys(self.statements.text(one) for one in near if isinstance(one.value, ast.Name)))[
            :NEAREST
        ]

    @cached_property
    def _read(self) -> list[ast.Subscript]:
        """The entries that are read by a variable, or by a number."""
        every = inside(self.statements.tree, ast.Subscript)
        return [one for one in every if isinstance(one.slice, ast.Name | ast.Constant) and not _is_text(one.slice)]

    def entries_beside(self, function: str) -> list[str]:
        """The entries beside those that a function takes apart: `caches[i - 1][0]` where `a, z = caches[i]` stands."""
        found: dict[str, None] = {}
        for one in inside(self.statements.tree, ast.Assign):
            for target, value in assigned(one) if self._stands_in(one, function) else ():
                if (
                    isinstance(value, ast.Subscript)
                    and not isinstance(value.slice, ast.Slice)
                    and not _is_text(value.slice)
                ):
                    owner, index = self.statements.text(value.value), self.statements.text(value.slice)
                    parts = range(len(target.elts)) if isinstance(target, ast.Tuple) else [None]
                    for other in (f"{index} - 1", f"{index} + 1", index):
                        found |= dict.fromkeys(
                            f"{owner}[{other}]" if part is None else f"{owner}[{other}][{part}]" for part in parts
                        )
        return list(found)[:MOST_BESIDE]

    def _stands_in(self, statement: ast.stmt, function: str) -> bool:
        found = self.statements.at(statement.lineno)
        return found is not None and found[0].function == function

    @cached_property
    def sizes(self) -> list[str]:
        """Numbers of samples and of units, as the program writes them."""
        tree, text = self.statements.tree, self.statements.text
        found = [text(one) for one in inside(tree, ast.Call) if called(one) == "len"]
        loops = (one for one in ast.walk(tree) if isinstance(one, ast.For | ast.comprehension))
        found += [f"len({one.iter.id})" for one in loops if isinstance(one.iter, ast.Name)]
        return list(dict.fromkeys(found))[:MOST_SIZES]

    @cached_property
    def functions_called(self) -> tuple[str, ...]:
        """The functions of one argument that are called."""
        return functions_of(self.timeline)[:MOST_FUNCTIONS]

    @cached_property
    def functions(self) -> dict[str, int]:
        """The functions that the program defines, with the number of their arguments."""
        defined = inside(self.statements.tree, ast.FunctionDef)
        return {one.name: len(one.args.args) for one in defined if not one.name.startswith("__")}

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """The attributes of the objects of a class, each with the others: those that it declares, or sets of itself."""
        found: dict[str, list[str]] = {}
        for one in inside(self.statements.tree, ast.ClassDef):
            declared = [
                each.target.id
                for each in one.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            ]
            stored = [each.attr for each in inside(one, ast.Attribute) if isinstance(each.ctx, ast.Store)]
            every = list(dict.fromkeys([*declared, *stored]))[:MOST_FIELDS]
            found |= {name: [other for other in every if other != name] for name in every}
        return found

    def keeps_scopes(self, edit: Edit) -> bool:
        """Whether statements store no name that their function has from elsewhere, which would then be its own."""
        if isinstance(edit.first, ast.expr):
            return True
        around = [one for one in self._functions if one.lineno < edit.first.lineno <= (one.end_lineno or 0)]
        tree = edit.tree if around else None
        if tree is None:
            return True
        own = {each.arg for each in inside(around[-1], ast.arg)} | _stored_names(around[-1])
        return _stored_names(tree) & self._all_names <= own

    @cached_property
    def _all_names(self) -> set[str]:
        return {one.id for one in inside(self.statements.tree, ast.Name)}

    @cached_property
    def _functions(self) -> list[ast.FunctionDef]:
        return sorted(inside(self.statements.tree, ast.FunctionDef), key=lambda one: one.lineno)

    @cached_property
    def counted(self) -> set[str]:
        """What says how many there are of something, as it is written."""
        timeline, found = self.timeline, set()
        for number, site in enumerate(timeline.observation.sites):
            events = timeline.of_site[number]
            if site.kind in {"name", "attribute", "item", "call"} and len(events) and timeline.counts[events[0]]:
                found.add(site.source)
        return found

    @cached_property
    def never_read(self) -> set[str]:
        """The variables that are given a value and read nowhere."""
        names = list(inside(self.statements.tree, ast.Name))
        read = {one.id for one in names if isinstance(one.ctx, ast.Load)}
        return {one.id for one in names} - read

    @cached_property
    def kept_by_name(self) -> set[ast.AST]:
        """Variables that are kept under the names they have: `z=z`, `self.z = z`, `cache["z"] = z`; or taken from there."""
        found: list[tuple[str, ast.expr]] = []
        for one in ast.walk(self.statements.tree):
            if isinstance(one, ast.keyword):
                found.append((str(one.arg), one.value))
            elif isinstance(one, ast.Dict):
                found += [(_key(key), value) for key, value in zip(one.keys, one.values, strict=True)]
            elif isinstance(one, ast.Assign):
                found += [(_key(target), value) for target, value in assigned(one)]
        return {part for name, value in found if name and _key(value) == name for part in ast.walk(value)}

    @cached_property
    def handed_over(self) -> set[ast.AST]:
        """Variables that a function of the program is given, or that are given back or kept in a list."""
        tree = self.statements.tree
        calls = [one for one in inside(tree, ast.Call) if called(one) in self.functions or called(one) == "append"]
        given = {each for one in calls for each in one.args}
        given |= {one.value for one in inside(tree, ast.Return) if one.value is not None}
        given |= {each for one in given if isinstance(one, ast.Tuple) for each in one.elts}
        return {one for one in given if isinstance(one, ast.Name)}

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers that the program writes, without those of its data."""
        tree = self.statements.tree
        data = {each for one in ast.walk(tree) if isinstance(one, ast.List | ast.Tuple) for each in one.elts}
        plain = (one for one in inside(tree, ast.Constant) if type(one.value) in {int, float} and one not in data)
        return list(dict.fromkeys(map(self.statements.text, plain)))[:MOST_NUMBERS]

    def names(self, function: str) -> list[str]:
        """The variables in reach of a function."""
        return list(dict.fromkeys([*self.names_in(function), *self.names_of_the_module]))

    def names_in(self, function: str) -> list[str]:
        """The variables of a function, of those around it, and the attributes of its object, whatever they hold."""
        found: dict[str, None] = {}
        scopes = function.split(".")[::-1]
        functions = [one for one in inside(self.statements.tree, ast.FunctionDef) if one.name in scopes]
        for one in sorted(functions, key=lambda one: scopes.index(one.name)):
            found |= dict.fromkeys(each.arg for each in one.args.args)
            found |= dict.fromkeys(each.id for each in inside(one, ast.Name) if isinstance(each.ctx, ast.Store))
        owner = function.rpartition(".")[0]
        for site in self.timeline.observation.sites if owner else ():
            if site.scope.rpartition(".")[0] == owner and re.fullmatch(r"self\.\w+", site.source):
                found.setdefault(site.source)
        return [one for one in found if one != "self"][:MOST_NAMES]

    @cached_property
    def names_of_the_module(self) -> list[str]:
        """The variables of the module, whatever they hold."""
        return [one for one in self.statements.stored_in_the_module if one.isidentifier()][:MOST_NAMES]

    @cached_property
    def figures_of_the_module(self) -> list[str]:
        """The variables of the module that are written numbers: how much a leaky activation leaks, for one."""
        some = (one for one in self.statements.tree.body if isinstance(one, ast.Assign))
        written = [one for one in some if isinstance(one.value, ast.Constant) and type(one.value.value) is float]
        return [name for one in written for name in sorted(stored_in(one))][:MOST_SCALES]

    @cached_property
    def keys(self) -> list[str]:
        """The strings by which something is looked up."""
        found = (one.value for one in self._looked_up() if isinstance(one, ast.Constant) and isinstance(one.value, str))
        return list(dict.fromkeys(found))[:MOST_KEYS]

    def _looked_up(self) -> Iterator[ast.expr | None]:
        for one in ast.walk(self.statements.tree):
            some: Sequence[ast.expr | None] = ()
            if isinstance(one, ast.Dict):
                some = one.keys
            elif isinstance(one, ast.Subscript):
                some = (one.slice,)
            elif isinstance(one, ast.Compare):
                some = one.comparators
            yield from some


def _stored_names(node: ast.AST) -> set[str]:
    return {one.id for one in inside(node, ast.Name) if isinstance(one.ctx, ast.Store)}


def assigned(statement: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement assigns to what, one by one where it assigns several things: `a, b = x, y`."""
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _key(node: ast.expr | None) -> str:
    """The name that something is kept under: a variable, an attribute, the string that an entry is taken by."""
    if isinstance(node, ast.Subscript):
        return _key(node.slice)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _is_text(index: ast.expr) -> bool:
    return isinstance(index, ast.Constant) and isinstance(index.value, str)


def _slopes(word: str) -> tuple[str, ...]:
    """Derivatives of the usual activations."""
    return f"{word} * (1 - {word})", f"(1 - {word} ** 2)", f"({word} > 0)"
