"""The ready recipes: TOML files in this folder, to run as they are or to start from."""

from __future__ import annotations

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent

ORDER = (
    "course",
    "course-numpy",
    "course-torch",
    "course-relu",
    "course-mse",
    "course-cross-entropy",
    "course-random",
    "course-zero",
    "xor",
    "digits",
)
"""From the exercise to what is beyond it; each is a file of that name."""


def ready() -> dict[str, str]:
    """Give every ready recipe's name with its title, in the order to read them.

    Examples
    --------
    >>> list(ready())[:2]
    ['course', 'course-numpy']
    """
    return {name: tomllib.loads(ready_text(name))["title"] for name in ORDER}


def ready_text(name: str) -> str:
    """Give the TOML text of a ready recipe, comments and all.

    Raises
    ------
    KeyError
        No ready recipe has this name; `backlight.recipe` says it with the nearest name.

    Examples
    --------
    >>> print(ready_text("course").splitlines()[-1])
    iterations = 11
    """
    if name not in ORDER:
        raise KeyError(name)
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
