"""Which values of a program are sums of products, plus something: what every layer of a network begins with.

Followed through the events, not through names: ``w1 * x1 + w2 * x2 + b``, ``total += w[i] * x[i]``, ``np.dot(W, x) + b``,
``sum(w * x for ...)`` are all found, with the factors as they were. What the factors are is for `layers` to say.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.recognising.modules import WHOLE, Modules, called_name
from backlight.checks.recognising.products import factors, is_product

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

MOST_TERMS = 4096
"""Longer sums of single products are not followed."""
AUGMENTED = re.compile(r"\s*(\*\*|//|<<|>>|[-+*/%@&|^])=")
OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@"}
SUMS = {"sum", "fsum"}
READS = {"name", "attribute", "item"}


@dataclass(frozen=True)
class Term:
    """One product: left (rows, k) times right (k, columns), the events that showed them, and its sign."""

    left: Array
    right: Array
    events: tuple[int, int]
    sign: int = 1


@dataclass(frozen=True)
class Sum:
    """A sum of products and of single values with their signs.

    Attributes
    ----------
    terms : tuple of Term
    rest : tuple of (sign, event)
    """

    terms: tuple[Term, ...]
    rest: tuple[tuple[int, int], ...] = ()

    @property
    def negative(self) -> Sum:
        """The same with all signs turned."""
        return Sum(tuple(replace(one, sign=-one.sign) for one in self.terms), tuple((-s, e) for s, e in self.rest))

    def plus(self, other: Sum) -> Sum:
        """Both together."""
        return Sum(self.terms + other.terms, self.rest + other.rest)


class Sums:
    """All sums of products among the first events of a program, by the event that shows them.

    Attributes
    ----------
    of_event : dict of int to Sum
    differences : list of (event, left, right)
        Where one value is taken from another, with the events of both.
    """

    def __init__(self, timeline: Timeline, end: int) -> None:
        self.timeline = timeline
        self.end = min(end, len(timeline))
        self.of_event: dict[int, Sum] = {}
        self.differences: list[tuple[int, int, int]] = []
        self.products: dict[int, tuple[int, int]] = {}
        self.content = _contents(timeline)
        self._of_site: dict[int, int] = {}
        self._of_value: dict[int, int] = {}
        self._of_place: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self._modules = Modules(timeline)
        for event in range(self.end):
            self._follow(event)

    def _follow(self, event: int) -> None:
        observation = self.timeline.observation
        site, number, place = (int(some[event]) for some in (observation.site, observation.value, observation.place))
        what = self.kinds[site]
        found = self._made(event, site, what) if what else None
        if place >= 0 and self._modules.gives(place):
            found = self._of_layer(event, self._modules.layer(place, event))
        handed_on = what not in {"+", "-", "*", "@", "neg"} and observation.sites[site].kind != "constant"
        if found is None and handed_on:
            source = self._source(event, number, place)
            found = self.of_event.get(source) if source is not None else None
        if found is not None and len(found.terms) <= MOST_TERMS:
            self.of_event[event] = found
        self._first.setdefault(int(self.content[number]), event)
        self._of_site[site] = self._of_value[int(self.content[number])] = event
        if place >= 0 and self.timeline.writes[site]:
            self._of_place[place] = event

    def _source(self, event: int, number: int, place: int) -> int | None:
        """Where a value that is only handed on came from.

        A variable gives what was written to it. Else it is the last one that is equal; but a number that was read
        before anything has computed it, a bias of 0.15 beside a sum of 0.15, comes from nowhere.
        """
        observation = self.timeline.observation
        content = int(self.content[number])
        if observation.sites[int(observation.site[event])].kind in READS:
            written = self._of_place.get(place) if place >= 0 else None
            if written is not None and self.content[observation.value[written]] == content:
                return written
            if self._first.get(content) not in self.of_event:
                return None
        return self._of_value.get(content)

    def _made(self, event: int, site: int, what: str) -> Sum | None:
        operands = self._operands(event, site)
        if what == "neg" and len(operands) == 1:
            found = self.of_event.get(operands[0])
            return found.negative if found is not None else None
        if len(operands) == 2 and what in {"+", "-"}:  # noqa: PLR2004
            return self._added(event, what, *operands)
        if what in {"*", "@", "call"}:
            whole = self._called(event, site, operands) if what == "call" and len(operands) == 3 else None  # noqa: PLR2004  inputs, weights, biases
            return whole or self._multiplied(event, what, operands)
        if what == "sum":
            return self._summed(event, site, operands)
        return None

    def _operands(self, event: int, site: int) -> list[int]:
        """The events of what stands directly in an expression."""
        if self.timeline.observation.sites[site].kind == "store":
            before = self._targets.get(site)
            return [self._of_site[before], event - 1] if before in self._of_site else []
        return [self._of_site[one] for one in self.timeline.children[site] if one in self._of_site]

    def _added(self, event: int, what: str, left: int, right: int) -> Sum | None:
        sign = 1 if what == "+" else -1
        if sign < 0:
            self.differences.append((event, left, right))
        size = self.timeline.value(event).size
        one = self._of_size(left, size)
        other = self._of_size(right, size)
        if one is None and other is None:
            return None
        one = one or Sum((), ((1, left),))
        other = other or Sum((), ((1, right),))
        return one.plus(other if sign > 0 else other.negative)

    def _of_size(self, event: int, size: int) -> Sum | None:
        """How a part of a sum was made, if it is as large as the sum: a smaller one is a bias, however it was drawn."""
        found = self.of_event.get(event)
        products = {one.left.shape[0] * one.right.shape[1] for one in found.terms} if found is not None else set()
        return None if products and products != {size} else found

    def _multiplied(self, event: int, what: str, operands: Sequence[int]) -> Sum | None:
        value = self.timeline.value(event)
        for left, right in _pairs(operands):
            one, other = self.timeline.value(left), self.timeline.value(right)
            for first, second in factors(one, other, what):
                if is_product(value, first, second, self.timeline.precision):
                    return Sum((Term(first, second, (left, right)),))
            if what != "@" and value.size > 1 and value.size <= max(one.size, other.size):
                self.products[event] = left, right
        return None

    def _of_layer(self, event: int, layer: tuple[int, int, int | None] | None) -> Sum | None:
        """A sum that is made in one piece of inputs, weights (units, inputs) or (inputs, units), and biases."""
        if layer is None:
            return None
        given, weights, biases = layer
        value, left, right = (self.timeline.value(one) for one in (event, given, weights))
        added = self.timeline.value(biases) if biases is not None else np.zeros(1)
        if added.size not in {1, value.shape[-1] if value.ndim else 1, value.size}:
            return None
        rest = ((1, biases),) if biases is not None else ()
        product = value - added
        for first, second in factors(left, right, "call"):
            if is_product(product, first, second, self.timeline.precision, scale=float(np.abs(added).max())):
                return Sum((Term(first, second, (given, weights)),), rest)
        return None

    def _called(self, event: int, site: int, operands: Sequence[int]) -> Sum | None:
        """A call that makes a whole sum of its arguments: ``F.linear(x, W, b)``, ``torch.addmm(b, x, W)``."""
        order = WHOLE.get(called_name(self.timeline.observation.sites[site].source), ())
        if len(operands) != len(order):
            return None
        given, weights, biases = (operands[one] for one in order)
        return self._of_layer(event, (given, weights, biases))

    def _summed(self, event: int, site: int, operands: Sequence[int]) -> Sum | None:
        """A call of sum: over an array of products, over a list, or over a generator."""
        value = self.timeline.value(event)
        for operand in operands[:1]:
            pair = self.products.get(operand)
            if pair is not None:
                left, right = (self.timeline.value(one) for one in pair)
                for first, second in factors(left, right, "sum"):
                    if is_product(value, first, second, self.timeline.precision):
                        return Sum((Term(first, second, pair),))
        return self._over_items(value, site) if value.size == 1 else None

    def _over_items(self, value: Array, site: int) -> Sum | None:
        """The products within a call that give its value together: all since it was called before, or the last ones."""
        part = next((one for one in self.timeline.parts(site) if self.kinds[one] in {"*", "+"}), None)
        if part is None or part not in self._of_site:
            return None
        events = self.timeline.of_site[part]
        first = int(np.searchsorted(events, self._of_site.get(site, -1)))
        last = int(np.searchsorted(events, self._of_site[part]))
        total, reached, size = Sum(()), 0.0, 0.0
        for position in range(last, first - 1, -1):
            event = int(events[position])
            found, one = self.of_event.get(event), self.timeline.value(event)
            if found is None or one.size != 1 or len(total.terms) > MOST_TERMS:
                return None
            total = found.plus(total)
            reached += one.item()
            size = max(size, abs(one.item()))
        return total if abs(reached - value.item()) <= ROUNDING[self.timeline.precision] * size else None

    @cached_property
    def kinds(self) -> list[str]:
        """What each place in the source does: an operator, ``neg``, ``sum``, ``call``, or nothing of that."""
        lines = self.timeline.observation.program.lines
        found = []
        for site in self.timeline.observation.sites:
            if site.kind == "store":
                told = AUGMENTED.match(lines[site.end_line - 1][site.end_column :])
                found.append(told[1] if told and told[1] in "+-*@" else "")
            elif site.kind in {"operation", "call"}:
                found.append(_kind(site.source))
            else:
                found.append("")
        return found

    @cached_property
    def _targets(self) -> dict[int, int]:
        """For each target of ``+=`` the place where it is read before."""
        by_position = {
            (site.line, site.column, site.source): number
            for number, site in enumerate(self.timeline.observation.sites)
            if site.kind in {"name", "attribute", "item"}
        }
        found = {}
        for number, site in enumerate(self.timeline.observation.sites):
            if site.kind == "store" and (site.line, site.column, site.source) in by_position:
                found[number] = by_position[site.line, site.column, site.source]
        return found


def _pairs(operands: Sequence[int]) -> Iterator[tuple[int, int]]:
    some = operands[:4]
    for number, one in enumerate(some):
        for other in some[number + 1 :]:
            yield one, other


def _kind(source: str) -> str:
    try:
        node = ast.parse(f"({source}\n)", mode="eval").body
    except SyntaxError:
        return ""
    if isinstance(node, ast.BinOp):
        return OPERATORS.get(type(node.op), "")
    if isinstance(node, ast.UnaryOp):
        return "neg" if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant) else ""
    if isinstance(node, ast.Call):
        return "sum" if called_name(source) in SUMS else "call"
    return ""


def _contents(timeline: Timeline) -> NDArray[np.intp]:
    """For each value a number that is the same for equal entries in any shape."""
    known: dict[bytes, int] = {}
    return np.array([known.setdefault((value + 0.0).tobytes(), len(known)) for value in timeline.values], dtype=int)
