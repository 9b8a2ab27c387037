"""Expressions that are nearly the one that stands there: one thing dropped, added, exchanged, turned or summed otherwise.

Most mistakes are one slip of the pen. Whether an edit is right is not asked here: each is tried out at its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from backlight.checks.placing.parts import Parts, as_factor, is_python
from backlight.checks.placing.slips import Sized, Slips

STEP = 0.05
"""By so much each further word makes an edit larger."""


@dataclass(frozen=True)
class Words:
    """What may be written at a place, the likeliest first: quantities and numbers, and what is made of them.

    Attributes
    ----------
    slopes, functions, products : sequence of str
        Derivatives of activations; functions of one argument; matrices of weights times what comes back.
    indices : sequence of str
        Variables that entries are taken by.
    module : str
        What the program calls NumPy, or torch.
    """

    words: Sequence[str]
    slopes: Sequence[str] = ()
    functions: Sequence[str] = ()
    products: Sequence[str] = ()
    indices: Sequence[str] = ()
    module: str = "np"


def edited(source: str, words: Words) -> dict[str, float]:
    """Every edit of an expression with its size, the smallest first.

    Examples
    --------
    >>> list(edited("d1 @ W", Words(words=())))[:4]
    ['d1', 'W', 'd1 * W', 'W @ d1']
    """
    try:
        found = sorted(_Editor(Parts(source), words).all(), key=lambda one: one[0])
    except (SyntaxError, ValueError, RecursionError):
        return {}
    sizes: dict[str, float] = {}
    for size, text in found:
        if text != source:
            sizes.setdefault(text, size)
    return {text: size for text, size in sizes.items() if is_python(text)}


@dataclass(frozen=True)
class _Editor:
    """An expression and the words for it."""

    parts: Parts
    words: Words

    @cached_property
    def slips(self) -> Slips:
        return Slips(self.parts, self.words.module, self.words.functions, self.words.indices)

    def all(self) -> Sized:
        """Every edit with its size."""
        yield from self._everywhere()
        for node, role in self.parts.all:
            for size, new in self._of(node, role):
                yield size, self.parts.put(node, new)

    def _of(self, node: ast.expr, role: str) -> Sized:
        """What may stand for a part."""
        if role == "container":
            yield from self._alike(node)
            return
        yield from self.slips.of(node)
        yield from self._replaced(node)
        if role != "factor":
            yield from self._scaled(node)

    def _everywhere(self) -> Sized:
        """Something that occurs several times, in all its places something else, or a function of it."""
        names: dict[str, list[ast.expr]] = {}
        for node, _role in self.parts.all:
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
                names.setdefault(self.parts.text(node), []).append(node)
        for name, nodes in names.items():
            if len(nodes) == 1:
                continue
            if isinstance(nodes[0], ast.Call) and len(nodes[0].args) == 1:
                yield 1.2, self.parts.put_all(nodes, self.parts.safe(nodes[0].args[0]))
            for first, some in (
                (1.68, self.words.words),
                (1.7, [f"{one}({name})" for one in self.words.functions]),
            ):
                for number, other in enumerate(some):
                    yield first + STEP * number, self.parts.put_all(nodes, other)

    def _scaled(self, node: ast.expr) -> Sized:
        """A factor that is missing, or one more term; a written 1 may be replaced as well."""
        if isinstance(node, ast.Constant) and node.value == 1:
            return
        product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div)
        text = self.parts.text(node)
        body = text if product else self.parts.safe(node)
        for number, word in enumerate(self.words.words):
            yield 2.0 + STEP * number, f"{body} * {as_factor(word)}"
            yield 2.3 + STEP * number, f"{body} / {as_factor(word, divided=True)}"
            yield 2.5 + STEP * number, f"{text} + {word}"
            yield 2.5 + STEP * number, f"{text} - {as_factor(word)}"
        yield from ((2.1 + STEP * number, f"{body} * {as_factor(one)}") for number, one in enumerate(self.words.slopes))
        yield from ((2.4, f"{body} * {two}") for two in ("2", "0.5"))

    def _alike(self, node: ast.expr) -> Sized:
        """Words that differ in a number only: w3 for w2."""
        text = self.parts.text(node)
        stem = re.sub(r"\d", "", text)
        alike = [word for word in self.words.words if re.sub(r"\d", "", word) == stem and word != text]
        yield from ((1.1 + STEP * number, word) for number, word in enumerate(alike))

    def _replaced(self, node: ast.expr) -> Sized:
        """Another word for a part."""
        leaf = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Constant)
        if leaf:
            yield from self._alike(node)
        if isinstance(node, ast.BinOp | ast.Call):
            yield from ((1.6 + 0.005 * number, one) for number, one in enumerate(self.words.products))
        for first, some in (
            (1.5 if leaf else 2.4, self.words.words),
            (2.6 if leaf else 2.2, self.words.slopes),
        ):
            yield from ((first + STEP * number, one) for number, one in enumerate(some))
