"""Functions of the program that are an operation by another name: a matrix product of lists, a difference of columns.

They are known by what they gave in every call that was seen, and are read like ``@`` and ``-``: right by themselves.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import all_close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Site
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]
    Position = tuple[int, int]
    Function = ast.FunctionDef | ast.Lambda

MOST_CALLS = 60
"""So many calls of a function are looked at."""
OPERATIONS: dict[int, dict[str, Callable[..., Any]]] = {
    1: {"transpose": np.transpose},
    2: {
        "matmul": np.matmul,
        "subtract": np.subtract,
        "add": np.add,
        "multiply": np.multiply,
        "divide": np.divide,
        "outer": np.outer,
    },
}
"""By how much they are given, and by the names that NumPy has for them."""


@dataclass(frozen=True)
class Operations:
    """The operations among the functions of a program."""

    timeline: Timeline

    def of(self, site: int) -> str:
        """The operation that is called at a place in the source; empty if it is none, or no function of the program."""
        return self._known.get(self._called(site), "") if self._sites[site].kind == "call" else ""

    def has(self, site: int) -> bool:
        """Whether a place in the source is inside of such a function."""
        here = self._sites[site].line, self._sites[site].column
        return any(first <= here <= last for first, last in self._extents)

    @cached_property
    def _extents(self) -> list[tuple[Position, Position]]:
        functions = functions_of(self.timeline.observation.program.text)
        nodes = [functions[name] for name in self._known]
        return [((one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0)) for one in nodes]

    @property
    def _sites(self) -> Sequence[Site]:
        return self.timeline.observation.sites

    @cached_property
    def _known(self) -> dict[str, str]:
        found: dict[str, str] = {}
        functions = functions_of(self.timeline.observation.program.text)
        for name, calls in self._calls.items():
            shown = [one for site in calls for one in self._shown(site)]
            given = {len(some) for some, _result in shown}
            operations = OPERATIONS.get(given.pop(), {}) if len(given) == 1 else {}
            fit = next((one for one, operation in operations.items() if _is(operation, shown)), None)
            if fit is not None and (fit == "divide" or not _scales(functions[name])):
                found[name] = fit
        return found

    @cached_property
    def _calls(self) -> dict[str, list[int]]:
        """Where each function of the program is called."""
        functions = functions_of(self.timeline.observation.program.text)
        found: dict[str, list[int]] = {}
        for number, site in enumerate(self.timeline.observation.sites):
            if site.kind == "call" and self._called(number) in functions:
                found.setdefault(self._called(number), []).append(number)
        return found

    def _called(self, site: int) -> str:
        return self._sites[site].source.partition("(")[0].rpartition(".")[2].strip()

    def _shown(self, site: int) -> Iterator[tuple[list[Array], Array]]:
        """What a function was given at a place in the source, and what it gave."""
        timeline = self.timeline
        for event in timeline.of_site[site][:MOST_CALLS].tolist():
            before = [timeline.before(child, event) for child in timeline.children[site]]
            yield [timeline.value(one) for one in before if one is not None], timeline.value(event)


def _scales(function: Function) -> bool:
    """Whether a function divides or has a factor: the derivative of a loss may be a difference by chance, times 2 / 2."""
    numbers = (node.value for node in ast.walk(function) if isinstance(node, ast.Constant))
    return any(isinstance(node, ast.Div) for node in ast.walk(function)) or any(
        isinstance(one, int | float) and one not in {0, 1} for one in numbers
    )


def _is(operation: Callable[..., Any], shown: list[tuple[list[Array], Array]]) -> bool:
    """Whether an operation gives the same in every call, and in some of them anything."""
    with np.errstate(all="ignore"):
        try:
            return all(_gives(operation(*given), result) for given, result in shown) and any(
                one.any() for _, one in shown
            )
        except ValueError:
            return False


def _gives(made: Any, result: Array) -> bool:  # noqa: ANN401  a number or an array
    made = np.asarray(made, dtype=float)
    return made.shape == result.shape and all_close(made, result)


@lru_cache(maxsize=8)
def functions_of(text: str) -> dict[str, Function]:
    """The functions of a program, by their names; those that several have are left out."""
    found: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError:
        return {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = None if node.name in found else node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
    return {name: one for name, one in found.items() if one is not None}
