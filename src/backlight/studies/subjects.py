"""What is to be compared: recipes and traces, whatever they were given as, each with a name if it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from backlight.recipes import Recipe, recipe
from backlight.studies.together import Together
from backlight.traces import Trace, load

Given = Recipe | Trace | Mapping[str, Any] | str | PathLike[str]
"""Whatever `backlight.recipe` accepts, and a trace or the file of one."""

MARK = '"backlight_trace"'
"""Stands in every saved trace; in a recipe its quotes would have backslashes."""


class Subject(NamedTuple):
    """A recipe to run, or a trace of one that has been run; its name is empty where it has none."""

    name: str
    given: Recipe | Trace

    @property
    def recipe(self) -> Recipe:
        """What is, or was, to be run."""
        return self.given.recipe if isinstance(self.given, Trace) else self.given


def subjects(what: Sequence[Given]) -> list[Subject]:
    """Read everything that is to be compared.

    Raises
    ------
    RecipeError, TraceError
        All faults of all of them, if there are any; the kind is that of the first.
    """
    read: list[Subject] = []
    wrong = Together()
    for one in what:
        with wrong.of(""):
            read.append(_subject(one))
    wrong.tell()
    return read


def _subject(one: Given) -> Subject:
    """Read one of them."""
    if isinstance(one, Recipe | Trace):
        return Subject("", one)
    if isinstance(one, Mapping):
        return Subject("", recipe(one))
    text = fspath(one)
    if "\n" in text or "=" in text or text.lstrip().startswith("{"):
        return Subject("", recipe(text))
    path = Path(text)
    return Subject(path.stem, load(path) if _is_trace(path) else recipe(one))


def _is_trace(path: Path) -> bool:
    """Whether a file is a saved trace, and no recipe in JSON."""
    if path.suffix == ".zarr":
        return True
    try:
        return path.suffix == ".json" and MARK in path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False  # what is wrong with it is told when it is read as a recipe
