"""What would other expressions give at a place? One more run of the program evaluates them there, beside what stands there.

So a program's own functions, loop variables and objects are what they are at that place and at that time: nothing is
guessed from the numbers of another place. The program computes the same as before, and is ended when enough was seen.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.observing.observation import Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation, Site

    Array = NDArray[np.floating[Any]]

NAME = "_tried_here_"
HELPER = """\
_tried_left_, _tried_busy_ = [{visits}], []
def _tried_here_(place, now, *others):
    if _tried_left_[place] > 0 and not _tried_busy_:
        _tried_left_[place] -= 1
        _tried_busy_.append(place)
        visit = place
        found = now
        for number, other in enumerate(others):
            try:
                value = other()
            except Exception:
                pass
        _tried_busy_.pop()
        if max(_tried_left_) <= 0:
            raise SystemExit
    return now
"""


@dataclass(frozen=True)
class Asked:
    """A place, what might stand there, and at how many visits it is evaluated."""

    site: Site
    candidates: Sequence[str]
    visits: int


@dataclass(frozen=True)
class Visit:
    """What stood at a place at one visit, and what each candidate gave there, as far as it gave a number."""

    place: int
    now: Array
    values: Mapping[int, Array]


def probing(program: Program, asked: Sequence[Asked]) -> Program | None:
    """The program that evaluates candidates; None where they cannot be written there."""
    lines = program.text.split("\n")
    order = sorted(range(len(asked)), key=lambda one: (asked[one].site.line, asked[one].site.column), reverse=True)
    before: Site | None = None
    for number in order:
        here = asked[number].site
        if before is not None and (here.end_line, here.end_column) > (before.line, before.column):
            return None
        before = here
        others = "".join(f", lambda: ({one})" for one in asked[number].candidates)
        written = f"{NAME}({number}, ({here.source}){others})"
        head, tail = lines[here.line - 1][: here.column], lines[here.end_line - 1][here.end_column :]
        if head[-1:].isalnum():
            head += " "
        lines[here.line - 1 : here.end_line] = [head + written + tail]
    helper = HELPER.format(visits=", ".join(str(one.visits) for one in asked))
    first = _first_line(program.text)
    text = "\n".join([*lines[:first], helper + "\n".join(lines[first:])])
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Program(program.path, text)


def _first_line(text: str) -> int:
    """How many lines stand before the first one that may be written: a docstring, and what is imported of the future."""
    first = 0
    for statement in ast.parse(text).body:
        documented = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not documented and not future:
            break
        first = statement.end_lineno or first
    return first


def visits(observation: Observation) -> Iterator[Visit]:
    """What a probing program showed, in its order."""
    names = {
        number: site.name
        for number, site in enumerate(observation.sites)
        if site.kind == "store" and site.scope == NAME and site.name in {"visit", "found", "number", "value"}
    }
    events = np.flatnonzero(np.isin(observation.site, list(names)))
    place, number, now = -1, -1, np.array(np.nan)
    values: dict[int, Array] = {}
    for event in events:
        name = names[int(observation.site[event])]
        shown = np.asarray(observation.values[int(observation.value[event])], dtype=float)
        if name == "visit":
            if place >= 0:
                yield Visit(place, now, values)
            place, values, now = int(shown), {}, np.array(np.nan)
        elif name == "found":
            now = shown
        elif name == "number":
            number = int(shown)
        else:
            values[number] = shown
    if place >= 0:
        yield Visit(place, now, values)
