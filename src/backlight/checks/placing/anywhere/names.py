"""What may have been meant by names that stand for no number: functions, attributes, keys, and which of a list are taken."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from backlight.checks.placing.anywhere.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlight.checks.placing.anywhere.nearby import Nearby

MOST_ALIKE = 12
LIBRARY = (
    ("mse_loss", "l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "nll_loss"),
    ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss"),
    ("relu", "leaky_relu", "elu", "silu", "tanh", "sigmoid", "softplus"),
    ("ReLU", "LeakyReLU", "ELU", "SiLU", "Tanh", "Sigmoid", "Softplus", "Identity"),
    ("sinh", "cosh", "tanh", "arctan"),
    ("exp", "expm1", "log", "log1p", "sqrt", "square", "abs", "sign"),
    ("maximum", "minimum"),
    ("max", "min"),
    ("argmax", "argmin"),
)
"""What is taken for one another in libraries: losses, activations, of torch as functions and as modules, of NumPy."""


@dataclass(frozen=True)
class Names:
    """The names of a program, wherever they stand: at a place that shows no number too."""

    nearby: Nearby

    def edits(self) -> Iterator[Edit]:
        """What else each of them may have been."""
        kept = self.nearby.kept_by_name
        for one in (one for one in ast.walk(self.nearby.statements.tree) if one not in kept):
            match one:
                case ast.Name(ctx=ast.Load()):
                    yield from self._of_a_function(one, one.id, "")
                case ast.Attribute(ctx=ast.Load()):
                    yield from self._of_a_function(one, one.attr, f"{self.text(one.value)}.")
                    yield from self._of_an_attribute(one)
                case ast.List(ctx=ast.Load()) | ast.Tuple(ctx=ast.Load()):
                    yield from self._with_one_more(one)
                case ast.Subscript(ctx=ast.Load(), slice=ast.Slice()):
                    yield Edit(one, one, self.text(one.value), 1.2)
                case ast.ListComp() | ast.GeneratorExp():
                    yield from self._without_condition(one)
                case ast.Constant(value=bool()):
                    yield Edit(one, one, str(not one.value), 1.2)
                case ast.Constant(value=str(key)) if key in self.nearby.keys:
                    for other in self.nearby.keys:
                        alike = _without_digits(key) == _without_digits(other)
                        yield Edit(one, one, repr(other), 1.2 if alike else 1.45)

    @property
    def text(self) -> Callable[[ast.expr | ast.stmt], str]:
        """A part as it is written."""
        return self.nearby.statements.text

    def _of_a_function(self, node: ast.Name | ast.Attribute, name: str, owner: str) -> Iterator[Edit]:
        """Another function of the program with as many arguments, or another loss or activation of a library."""
        functions = self.nearby.functions
        for other, number in functions.items() if name in functions else ():
            if other != name and number == functions[name]:
                yield Edit(node, node, owner + other, 1.3)
        for group in LIBRARY:
            for other in group if name in group else ():
                if other != name:
                    yield Edit(node, node, owner + other, 1.4)

    def _of_an_attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        """Another attribute of the same object; that of what has it, and not of a part of that."""
        for other in self.nearby.fields.get(node.attr, ()):
            yield Edit(node, node, f"{self.text(node.value)}.{other}", 1.2)
        if isinstance(node.value, ast.Attribute | ast.Call):
            yield Edit(node.value, node.value, self.text(_owner(node.value)), 1.3)

    def _with_one_more(self, some: ast.List | ast.Tuple) -> Iterator[Edit]:
        """A list of variables with one more that is called like them."""
        have = [self.text(one) for one in some.elts]
        for name in self._alike(have) if _is_of_names(some) else ():
            inside_it = ", ".join([*have, name])
            yield Edit(some, some, f"[{inside_it}]" if isinstance(some, ast.List) else f"({inside_it})", 1.3)

    def _alike(self, names: list[str]) -> list[str]:
        """What is written elsewhere and is called nearly like one of these: `b2` beside `W1`, `b1` and `W2`."""
        shapes = {re.sub(r"\w", "", name) for name in names}
        written = (
            self.text(one)
            for one in ast.walk(self.nearby.statements.tree)
            if isinstance(one, ast.Name | ast.Attribute | ast.Subscript)
        )
        alike = [one for one in dict.fromkeys(written) if re.sub(r"\w", "", one) in shapes][:MOST_ALIKE]
        return [one for one in alike if one not in names]

    def _without_condition(self, some: ast.ListComp | ast.GeneratorExp) -> Iterator[Edit]:
        """All of a list, and not some."""
        loop = some.generators[0]
        if loop.ifs and len(some.generators) == 1:
            text = self.text(some)
            every = f"for {self.text(loop.target)} in {self.text(loop.iter)}"
            yield Edit(some, some, f"{text[0]}{self.text(some.elt)} {every}{text[-1]}", 1.2)


def _owner(part: ast.Attribute | ast.Call) -> ast.expr:
    """What a part is a part of, or what a call is a call of."""
    if isinstance(part, ast.Attribute):
        return part.value
    return part.func.value if isinstance(part.func, ast.Attribute) else part.func


def _is_of_names(some: ast.List | ast.Tuple) -> bool:
    return bool(some.elts) and all(isinstance(one, ast.Name | ast.Attribute | ast.Subscript) for one in some.elts)


@lru_cache(maxsize=256)
def _without_digits(key: str) -> str:
    return re.sub(r"\d", "", key)
