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
SHAPED = {"view", "reshape", "ravel", "flatten", "squeeze"}
"""What gives an array another shape."""
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
            yield from self._of_a_name(one)
            yield from self._of_a_list(one)
            if isinstance(one, ast.Constant):
                yield from self._of_a_constant(one)

    def _of_a_name(self, one: ast.AST) -> Iterator[Edit]:
        """Of a variable, an attribute, a function that is called."""
        match one:
            case ast.Name(ctx=ast.Load()):
                yield from self._of_a_function(one, one.id, "")
            case ast.Attribute(ctx=ast.Load()):
                yield from self._of_a_function(one, one.attr, f"{self.text(one.value)}.")
                yield from self._of_an_attribute(one)
            case ast.Call(func=ast.Name(id="range"), args=[*_, stop]):
                yield from (Edit(stop, stop, f"{self.text(stop)} {step}", 1.2) for step in ("+ 1", "- 1"))
            case ast.Call(func=ast.Attribute(attr="tensor" | "zeros" | "ones", value=ast.Name(id="torch"))):
                yield Edit(one, one, f"torch.nn.Parameter({self.text(one)})", 1.3)
            case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in SHAPED:
                yield Edit(one, one, self.text(owner), 1.1)
            case ast.Call(func=ast.Attribute(attr=name) as function, args=[first, _, *_]):
                for other in _others(name):
                    written = f"{self.text(function.value)}.{other}({self.text(first)})"
                    yield Edit(one, one, written, 1.35)

    def _of_a_list(self, one: ast.AST) -> Iterator[Edit]:
        """Of a list, and of which part of it is taken."""
        match one:
            case ast.List(ctx=ast.Load()) | ast.Tuple(ctx=ast.Load()):
                yield from self._with_one_more(one)
            case ast.Subscript(ctx=ast.Load(), slice=ast.Slice()):
                yield Edit(one, one, self.text(one.value), 1.2)
            case ast.Starred(value=ast.Name(ctx=ast.Load()) as every) | ast.For(iter=ast.Name() as every):
                yield from (Edit(every, every, f"{every.id}{some}", 1.35) for some in ("[:-1]", "[1:]"))
            case ast.ListComp() | ast.GeneratorExp():
                yield from self._without_condition(one)
            case ast.comprehension(iter=every) | ast.For(iter=every):
                yield from self._by_columns(every)

    def _by_columns(self, every: ast.expr) -> Iterator[Edit]:
        """`zip(*rows)` for `rows`, and the other way round: the columns of a matrix that is a list of rows."""
        match every:
            case ast.Name() | ast.Attribute() | ast.Subscript():
                yield Edit(every, every, f"zip(*{self.text(every)})", 1.25)
            case ast.Call(func=ast.Name(id="zip"), args=[ast.Starred(value=rows)]):
                yield Edit(every, every, self.text(rows), 1.25)

    def _of_a_constant(self, one: ast.Constant) -> Iterator[Edit]:
        """`True` for `False`; another key."""
        if isinstance(one.value, bool):
            yield Edit(one, one, str(not one.value), 1.2)
        elif isinstance(one.value, str) and one.value in self.nearby.keys:
            for other in self.nearby.keys:
                alike = _without_digits(one.value) == _without_digits(other)
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
        yield from (Edit(node, node, owner + other, 1.4) for other in _others(name))

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


def _others(name: str) -> list[str]:
    """What a function of a library is taken for."""
    return [other for group in LIBRARY if name in group for other in group if other != name]


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
