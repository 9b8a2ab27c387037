"""What is to be compared: recipes and traces, whatever they were given as, each with a name if it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fsdecode
from pathlib import Path
from typing import Any, NamedTuple

from backlight.faults import RecipeError
from backlight.recipes import Recipe, recipe
from backlight.recipes.reading.sources import Source, source
from backlight.studies.together import Together
from backlight.traces import Trace, load

Given = Recipe | Trace | Mapping[str, Any] | str | PathLike[str]
"""Whatever `backlight.recipe` accepts, and a trace or the file of one."""

MARK = '"backlight_trace"'
"""Stands in every saved trace; in a recipe its quotes would have backslashes."""


class Subject(NamedTuple):
    """A recipe to run, or a trace of one that has been run; its name is empty where it has none.

    A recipe that only its changes make whole is a Source until then.
    """

    name: str
    given: Recipe | Trace | Source
    source: Source | None = None

    @property
    def recipe(self) -> Recipe:
        """What is, or was, to be run."""
        return self.given.recipe if isinstance(self.given, Trace) else recipe(self.given)

    def with_(self, changes: Mapping[str, Any]) -> Recipe:
        """Give the recipe with some fields changed; only the result is checked."""
        return recipe(self.source or self.recipe, changes=changes)


def subjects(what: Sequence[Given], *, are_changed: bool = False) -> list[Subject]:
    """Read everything that is to be compared.

    Parameters
    ----------
    are_changed : bool
        Whether fields are to be changed: then what is wrong with a recipe is told of the changed one.

    Raises
    ------
    RecipeError, TraceError
        All faults of all of them, if there are any; the kind is that of the first.
    """
    read: list[Subject] = []
    wrong = Together()
    for one in what:
        with wrong.of(""):
            read.append(_subject(one, are_changed=are_changed))
    wrong.tell()
    return read


def _subject(one: Given, *, are_changed: bool) -> Subject:
    """Read one of them."""
    if isinstance(one, Recipe | Trace):
        return Subject("", one)
    if not isinstance(one, str | PathLike):  # a dictionary, or nothing that a recipe can be made of
        return _of_source("", source(one), are_changed=are_changed)
    text = fsdecode(one)
    if "\n" in text or "=" in text or text.lstrip().startswith("{"):
        return _of_source("", source(text), are_changed=are_changed)
    path = Path(text)
    if _is_trace(path):
        return Subject(path.stem, load(path))
    return _of_source(path.stem, source(one), are_changed=are_changed)


def _of_source(name: str, read: Source, *, are_changed: bool) -> Subject:
    """A recipe, or what may become one by changes."""
    try:
        return Subject(name, recipe(read), read)
    except RecipeError:
        if not are_changed:
            raise
        return Subject(name, read, read)


def _is_trace(path: Path) -> bool:
    """Whether a file is a saved trace, and no recipe in JSON."""
    if path.suffix == ".zarr":
        return True
    try:
        return path.suffix == ".json" and MARK in path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False  # what is wrong with it is told when it is read as a recipe
