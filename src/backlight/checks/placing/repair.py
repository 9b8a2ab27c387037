"""The proof: with the wrong expressions replaced, and nothing else, the program is right.

The repaired program is run and judged like any other; what it would be like is not argued.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from backlight.checks.observing.observation import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlight.checks.diagnosis import Spot


def repaired(program: Program, places: Sequence[Spot]) -> Program | None:
    r"""The program with other expressions at some places; None if they overlap or one has nothing to stand there.

    Examples
    --------
    >>> from backlight.checks.diagnosis import Spot
    >>> at = {"line": 1, "column": 4, "end_line": 1, "end_column": 9, "source": "a - b", "name": "d", "quantity": ""}
    >>> repaired(Program("my.py", "d = a - b\n"), [Spot(**at, should_be="b - a")]).text
    'd = b - a\n'
    """
    for written in (_in_parentheses, _as_it_is):
        text = _with(program.text, places, written)
        if text is not None and _is_python(text):
            return Program(program.path, text)
    return None


def gives(program: Program, places: Sequence[Spot], text: str) -> bool:
    """Whether a program with other expressions at some places, all at once, is this text."""
    together = repaired(program, places)
    return together is not None and together.text == text


def _with(text: str, places: Sequence[Spot], written: Callable[[Spot, str, str], str]) -> str | None:
    """The text with something else at some places."""
    lines = text.split("\n")
    ordered = sorted(places, key=lambda one: (one.line, one.column), reverse=True)
    for one, before in zip(ordered, [None, *ordered], strict=False):
        if not one.should_be:
            return None
        if before is not None and (one.end_line, one.end_column) > (before.line, before.column):
            return None
        head = lines[one.line - 1][: one.column]
        tail = lines[one.end_line - 1][one.end_column :]
        lines[one.line - 1 : one.end_line] = [head + written(one, head, tail) + tail]
    return "\n".join(lines)


def _in_parentheses(spot: Spot, head: str, tail: str) -> str:
    """An expression among others; not where it stands alone, and not a statement."""
    alone = (head.rstrip().endswith("=") and not tail.strip()) or (head.strip() == "return" and not tail.strip())
    return spot.should_be if alone or "\n" in spot.should_be else f"({spot.should_be})"


def _as_it_is(spot: Spot, _head: str, _tail: str) -> str:
    return spot.should_be


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError:
        return False
    return True
