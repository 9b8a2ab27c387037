"""The verb `check`: is the backward pass of this program right, and if not, where is it wrong?"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from backlight import recipes
from backlight.checks.observing.observe import expect, observe
from backlight.checks.observing.programs import read_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from backlight.checks.diagnosis import Diagnosis
    from backlight.recipes import Recipe


def check(
    path: str | PathLike[str],
    *,
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str],
    trust: bool = False,
) -> Diagnosis:
    """Check a hand-written training program against a recipe, line by line.

    The program is run in an isolated child for as long as it takes to see a few updates. What each update implies
    for dL/dparameter, (before - after) / learning rate, is held against the exact engine at the program's own
    parameters; where it is wrong, the mistake is looked for in the catalogue and in the program's own lines.

    Parameters
    ----------
    path : str or path
        A Python file, or a notebook whose code cells are taken.
    recipe : Recipe, mapping, str or path
        What the program should do, as for `backlight.recipe`.
    trust : bool
        Run it without isolation, in a child with limits on time and memory: for a program that is your own.

    Returns
    -------
    Diagnosis
        The verdict, the gradients beside the true ones, the mistake and its places, the proof.

    Raises
    ------
    ProgramError [C-FILE-1, C-FILE-2, C-FILE-3, C-FILE-4, C-SYNTAX-1, C-PYTHON2-1, C-CAGE-1]
        The program cannot be read, is no Python, or cannot be isolated on this system.
    RecipeError
        Everything that is wrong with the recipe, as for `backlight.recipe`.
    """
    asked = recipes.recipe(recipe)
    program = read_program(Path(path))
    expect(program)
    from backlight.checks.diagnosing import diagnosed  # noqa: PLC0415  its libraries are loaded beside the program's

    observation = observe(program, trust=trust)
    name = str(recipe) if isinstance(recipe, str | PathLike) else asked.title
    return diagnosed(observation, asked, name, trust=trust)
