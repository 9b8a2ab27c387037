"""What is refused before any program runs: no recipe, and files that could not be written at the end."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backlight.faults import BacklightError, Fault
from backlight.language import _
from backlight.recipes.wording.shown import pasteable, printable

if TYPE_CHECKING:
    from collections.abc import Sequence


def chosen_recipe(recipe: str | None, programs: Sequence[str]) -> str:
    """Give the recipe as it was asked for; what is wrong with it is told once, not for every program.

    Raises
    ------
    BacklightError [C-RECIPE-1]
        None was asked for.
    RecipeError
        It is no recipe.
    """
    if recipe is None:
        raise BacklightError(_no_recipe(programs))
    from backlight.recipes import recipe as read

    read(recipe)
    return recipe


def check_files(programs: Sequence[str], *, recipe: str, fix: str | None, summary: str | None) -> None:
    """Refuse files that could not be written, or should not be.

    Raises
    ------
    BacklightError [C-USAGE-1]
        A fix for several programs, into a program itself, or into a notebook; a summary that is no .csv.
    TraceError [T-FILE-3]
        A place that cannot be written to.
    """
    faults = [*_wrong_fix(programs, recipe, fix), *_wrong_summary(programs, recipe, summary)]
    if faults:
        raise BacklightError(faults)
    from backlight.traces.whole import check_place

    for file in filter(None, (fix, summary)):
        check_place(file)


def _no_recipe(programs: Sequence[str]) -> Fault:
    """C-RECIPE-1: nothing to hold the program against."""
    from backlight.recipes.ready import ORDER

    return Fault(
        code="C-RECIPE-1",
        sentence=_("it takes a recipe to say what a program should do"),
        because=_("the ready recipes are {names}; `backlight recipes course` prints one to start from").format(
            names=", ".join(ORDER)
        ),
        try_this=_command(programs, "course"),
    )


def _wrong_fix(programs: Sequence[str], recipe: str, fix: str | None) -> list[Fault]:
    """C-USAGE-1: what --fix cannot do."""
    if fix is None:
        return []
    beside = str(Path(programs[0]).with_name(f"{Path(programs[0]).stem}_fixed.py"))
    try_this = _command(programs, recipe, "--fix", beside)
    if len(programs) > 1:
        return [
            Fault(
                code="C-USAGE-1",
                sentence=_("--fix takes one program at a time"),
                got=_("{number} programs").format(number=len(programs)),
                because=_("one file cannot hold the repairs of several"),
                try_this=try_this,
            )
        ]
    if _same_file(fix, programs[0]):
        return [
            Fault(
                code="C-USAGE-1",
                sentence=_("--fix does not write over the program that is checked"),
                got=printable(fix),
                because=_("the mistake is worth keeping, to be looked at beside the repair"),
                try_this=try_this,
            )
        ]
    if fix.endswith(".ipynb"):
        return [
            Fault(
                code="C-USAGE-1",
                sentence=_("--fix writes a Python file, not a notebook"),
                got=printable(fix),
                because=_("the code cells of a notebook are checked as one program, and mended as one"),
                try_this=try_this,
            )
        ]
    return []


def _wrong_summary(programs: Sequence[str], recipe: str, summary: str | None) -> list[Fault]:
    """C-USAGE-1: what --summary cannot do."""
    if summary is None or (summary.endswith(".csv") and not any(_same_file(summary, one) for one in programs)):
        return []
    return [
        Fault(
            code="C-USAGE-1",
            sentence=_("a summary is not kept in a file like {file}").format(file=printable(Path(summary).name)),
            got=printable(summary),
            because=_("it is a table of its own, and its name ends in .csv"),
            try_this=_command(programs, recipe, "--summary", "summary.csv"),
        )
    ]


def _same_file(one: str, other: str) -> bool:
    """Whether two names are those of one file."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    with suppress(OSError, ValueError):
        return Path(one).samefile(other)
    return False


def _command(programs: Sequence[str], recipe: str, *more: str) -> str:
    """A command to paste; with the first of many programs alone."""
    return pasteable(shlex.join(["backlight", "check", programs[0], "--recipe", recipe, *more]))
