"""The proof: with the wrong expressions replaced, and nothing else, the program is right.

The repaired program is run and judged like any other; what it would be like is not argued.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backlight.checks.observing.observation import Program

if TYPE_CHECKING:
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
    lines = program.text.split("\n")
    ordered = sorted(places, key=lambda one: (one.line, one.column), reverse=True)
    for one, before in zip(ordered, [None, *ordered], strict=False):
        if not one.should_be:
            return None
        if before is not None and (one.end_line, one.end_column) > (before.line, before.column):
            return None
        head = lines[one.line - 1][: one.column]
        tail = lines[one.end_line - 1][one.end_column :]
        alone = (head.rstrip().endswith("=") and not tail.strip()) or (head.strip() == "return" and not tail.strip())
        written = one.should_be if alone else f"({one.should_be})"
        lines[one.line - 1 : one.end_line] = [head + written + tail]
    text = "\n".join(lines)
    try:
        ast.parse(text)
    except SyntaxError:
        return None
    return Program(program.path, text)
