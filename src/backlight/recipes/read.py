"""Reading recipes. (first light: ready recipes and dictionaries; checking follows)"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backlight.recipes.numbers import Number
from backlight.recipes.recipe import Recipe

READY = Path(__file__).parent / "ready"


def recipe(source: Any) -> Recipe:
    """Make a recipe."""
    if isinstance(source, Recipe):
        return source
    tree = source if isinstance(source, Mapping) else tomllib.loads((READY / f"{source}.toml").read_text(), parse_float=Number)
    return Recipe.model_validate(_frozen(tree))


def changed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """Change some fields."""
    tree = recipe.as_dict()
    for path, value in changes.items():
        *parents, last = path.split(".")
        at = tree
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = value
    return Recipe.model_validate(_frozen(tree))


def _frozen(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _frozen(value) for key, value in tree.items()}
    return tuple(map(_frozen, tree)) if isinstance(tree, list | tuple) else tree
