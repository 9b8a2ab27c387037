"""The JSON Schema of recipes, with which editors complete and check them while they are written.

It is made from the fields. What only several fields say together, such as shapes, it does not know.
"""

from __future__ import annotations

from typing import Any

from backlight.recipes.recipe import Recipe


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a recipe, for TOML and JSON alike.

    Examples
    --------
    >>> recipes = schema()
    >>> recipes["required"]
    ['network', 'parameters', 'data', 'loss', 'training']
    >>> recipes["$defs"]["NumericsSection"]["properties"]["precision"]["enum"]
    ['float64', 'float32']
    """
    made: dict[str, Any] = _tidied(Recipe.model_json_schema())
    about = {"title": "backlight recipe", "description": "What to run: network, parameters, data, loss, training."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made | about


def _tidied(part: Any) -> Any:  # noqa: ANN401  any part of a schema
    """Without the titles that repeat a field's name, and without null: a file leaves a field out instead."""
    if isinstance(part, list):
        return [_tidied(one) for one in part]
    if not isinstance(part, dict):
        return part
    tidy = {key: _tidied(value) for key, value in part.items() if key != "title" or not isinstance(value, str)}
    if tidy.get("default", 0) is None:
        del tidy["default"]
    choices = [one for one in tidy.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del tidy["anyOf"]
        tidy = choices[0] | tidy
    return tidy
