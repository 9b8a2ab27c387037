"""Two names that are exchanged where numbers are handed out to them: ``w1, w3, w2, w4 = weights``.

Every expression that uses them is wrong then, though none of them is the mistake: one place mends them all.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from backlight.checks.placing.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.diagnosis import Spot
    from backlight.checks.observing.observation import Program


def exchanged(program: Program, place: Spot) -> Spot | None:
    """The names the other way round where they are handed out, for a place that needs one of them for the other.

    None where nothing hands out both, or where they are counted in order: then they are used in the wrong place.
    """
    pair = _other_name(place.source, place.should_be)
    statements = Statements(program)
    here = statements.at(place.line)
    if pair is None or here is None:
        return None
    for block, _number, one in reversed(list(statements.all())):
        if block.function != here[0].function or one.lineno >= place.line or not isinstance(one, ast.Assign):
            continue
        target = one.targets[0]
        names = _names(target)
        if pair <= set(names) and not _counted_in_order(names):
            before, after = statements.text(target), statements.text(one)
            return statements.instead(one, one, _swapped(before, *pair) + after.removeprefix(before))
    return None


def _other_name(source: str, should_be: str) -> set[str] | None:
    """The two names of which the second stands where the first did, if that is all that differs."""
    word = re.compile(r"\W+|\w+")
    ones, others = word.findall(source), word.findall(should_be)
    differing = {(one, other) for one, other in zip(ones, others, strict=False) if one != other}
    if len(ones) != len(others) or len(differing) != 1:
        return None
    pair = set(differing.pop())
    return pair if all(one.isidentifier() for one in pair) else None


def _names(target: ast.expr) -> list[str]:
    """The names among which something is handed out, in order; none where it is anything else."""
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    return [one.id for one in target.elts if isinstance(one, ast.Name)]


def _counted_in_order(names: Sequence[str]) -> bool:
    """Whether names have numbers, and these go up."""
    numbers = [[int(number) for number in re.findall(r"\d+", name)] for name in names]
    return all(numbers) and numbers == sorted(numbers)


def _swapped(text: str, one: str, other: str) -> str:
    """A text with two names exchanged.

    Examples
    --------
    >>> _swapped("w1, w3, w2, w4", "w3", "w2")
    'w1, w2, w3, w4'
    """
    return re.sub(rf"\b(?:{one}|{other})\b", lambda found: other if found[0] == one else one, text)
