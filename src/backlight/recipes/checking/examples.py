"""Values that a field may have, for a user who wrote one that it may not have.

Examples stand beside the fields, defaults beside the options; what the rest of the recipe suggests is better
than either, and what was probably meant is the best.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from backlight.recipes.numbers import parsed
from backlight.recipes.reading.written import is_number
from backlight.recipes.wording.shown import LONGEST, Path, Value
from backlight.recipes.wording.suggest import OPTIONS, removal, setting

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Examples:
    """Examples for the fields of a model.

    Parameters
    ----------
    known : mapping of path to value
        Better ones, which fit the rest of a recipe.
    """

    model: type[BaseModel]
    known: Mapping[Path, Value]

    def of(self, path: Path) -> Value:
        """Give a value that a field may have."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.known:
                return _entry(self.known[path[:length]], path[length:])
        field = self.model.model_fields[path[0]]
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            if len(path) == 1:
                return self._of_section(path[0], section)
            field, path = section.model_fields[path[1]], path[1:]
        value = field.examples[0] if field.examples else field.default
        if isinstance(path[-1], str) and path[-1] != "name" and (value is None or len(path) > 1):
            return _default_of_option(path[-1])
        if isinstance(path[-1], int) and not isinstance(value, str):
            return value[0] if isinstance(value, tuple) else 0.5  # any entry of an array
        return value

    def _of_section(self, name: str, section: type[BaseModel]) -> dict[str, Value]:
        """The fields without which a section says nothing."""
        fields = section.model_fields.items()
        needed = [field for field, one in fields if one.is_required() or (name, field) in self.known]
        useful = [field for field, one in fields if one.examples][:1]
        return {field: self.of((name, field)) for field in needed or useful}

    def instead(self, path: Path, wrong: Value) -> str:
        """Offer a value of the right type for a field, as a setting."""
        example = self.of(path)
        meant = _meant(wrong, example)
        return setting(path, example if meant is None else meant) or removal(path, wrong)


def _entry(value: Value, steps: Path) -> Value:
    """An entry of a list; where it has not so many, the first is as good."""
    for step in steps:
        value = value[step] if step < len(value) else value[0]
    return value


def _default_of_option(name: str) -> Value:
    """The default of an option, whosever it is."""
    all_options = [options for names in OPTIONS.values() for options in names.values()]
    return next(options[name].default for options in all_options if name in options)


def _meant(wrong: Value, example: Value) -> Value:
    """Read what was written as the type of the example, None where that makes no sense."""
    if isinstance(wrong, str) and not isinstance(example, str):
        wrong = _unquoted(wrong if not isinstance(example, tuple) or wrong.startswith("[") else f"[{wrong}]")
    match example:
        case bool():
            fits = isinstance(wrong, bool)
        case int():
            fits = is_number(wrong) and wrong > 0 and int(wrong) == wrong
            wrong = int(wrong) if fits else wrong
        case float():
            fits = is_number(wrong)
        case tuple():
            fits = isinstance(wrong, list) and len(wrong) == len(example) and all(type(one) is int for one in wrong)
        case _other:
            fits = False
    return wrong if fits else None


def _unquoted(text: str) -> Value:
    """The value a text would be without its quotes, None where it would be none."""
    try:
        return tomllib.loads(f"value = {text[:LONGEST]}", parse_float=parsed)["value"]
    except (ValueError, RecursionError):
        return {"yes": True, "no": False, "True": True, "False": False}.get(text)
