"""What a user may write instead: a setting `path = value` that works when it is pasted.

Examples stand beside the fields, defaults beside the options; here they are looked up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from math import isfinite

from pydantic import BaseModel

from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option
from backlight.recipes.numbers import parsed
from backlight.recipes.shown import LONGEST, Path, Value, dotted, shown, toml

OPTIONS: dict[str, Mapping[str, Mapping[str, Option]]] = {
    "activation": {name: one.options for name, one in ACTIVATIONS.items()},
    "initializer": {name: one.options for name, one in INITIALIZERS.items()},
    "loss": {name: one.options for name, one in LOSSES.items()},
    "optimizer": {name: one.options for name, one in OPTIMIZERS.items()},
}
"""The options of every name."""

XAVIER = 'parameters.initializer = "xavier_uniform"'
"""What always works instead of weights."""


def setting(path: Path, value: Value) -> str:
    """Write a setting; empty where it would be too long to paste, or the value cannot be written at all."""
    if _entries(value) > LONGEST:
        return ""
    written = toml(value)
    text = f"{dotted(path)} = {written}"
    return text if len(text) <= LONGEST and _read(written) is not None else ""


def _entries(value: Value) -> int:
    """How many numbers there are to write at least, counted no further than it matters."""
    if not isinstance(value, tuple) or len(value) > LONGEST:
        return len(value) if isinstance(value, tuple) else 1
    return sum(map(_entries, value))


def removal(path: Path, value: Value) -> str:
    """Write a line as a comment: pasted over the line, it takes the field away."""
    return f"# {dotted(path)} = {shown(value)}"


def instead(model: type[BaseModel], path: Path, wrong: Value) -> str:
    """Offer a value of the right type for a field: what was probably meant, else an example."""
    example = example_of(model, path)
    meant = _meant(wrong, example)
    return setting(path, example if meant is None else meant) or removal(path, wrong)


def example_of(model: type[BaseModel], path: Path) -> Value:
    """Give a value that a field may have."""
    field = model.model_fields[path[0]]
    section = field.annotation
    if isinstance(section, type) and issubclass(section, BaseModel):
        if len(path) > 1:
            return example_of(section, path[1:])
        needed = [name for name, one in section.model_fields.items() if one.is_required()]
        useful = [name for name, one in section.model_fields.items() if one.examples][:1]
        return {name: example_of(section, (name,)) for name in needed or useful}
    value = field.examples[0] if field.examples else field.default
    if path[-1] != "name" and isinstance(path[-1], str):
        return _default_of_option(path[-1]) if value is None or len(path) > 1 else value
    if isinstance(path[-1], int) and path[0] != "activations":
        return value[0] if isinstance(value, tuple) else 0.5  # any entry of an array
    return value


def _default_of_option(name: str) -> Value:
    """The default of an option, whosever it is."""
    all_options = [options for names in OPTIONS.values() for options in names.values()]
    return next(options[name].default for options in all_options if name in options)


def _meant(wrong: Value, example: Value) -> Value:
    """Read what was written as the type of the example, None where that makes no sense."""
    if isinstance(wrong, str) and not isinstance(example, str):
        wrong = _read(wrong if not isinstance(example, tuple) or wrong.startswith("[") else f"[{wrong}]")
    if isinstance(example, bool):
        return wrong if isinstance(wrong, bool) else None
    if isinstance(example, int | float):
        is_number = isinstance(wrong, int | float) and not isinstance(wrong, bool) and isfinite(wrong)
        if isinstance(example, float):
            return wrong if is_number else None
        return int(wrong) if is_number and wrong > 0 and int(wrong) == wrong else None
    if isinstance(example, tuple) and isinstance(wrong, list | tuple) and len(wrong) > 1:
        return wrong if all(isinstance(one, type(example[0])) for one in wrong) else None
    return None


def _read(text: str) -> Value:
    """The value a text would be without its quotes, None where it would be none."""
    try:
        return tomllib.loads(f"value = {text[:LONGEST]}", parse_float=parsed)["value"]
    except (ValueError, RecursionError):
        return {"yes": True, "no": False, "True": True, "False": False}.get(text)
