"""How a fault shows what a user wrote: as TOML, on one line, short whatever its size.

Values here may be anything at all: endless nesting, control characters, integers of a million digits.
Nothing here judges a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from backlight.language import _
from backlight.recipes.numbers import Number

Value = Any
"""What users write, which may be anything at all."""

Path = tuple[Any, ...]
"""The way to a field: names of sections and fields, positions in lists."""

WIDTH = 70
"""Columns a value may take: with the label before it, it fits into a line of 80."""

LONGEST = 300
"""Characters of a line that is offered to be pasted; a longer one nobody pastes."""

_ITEMS, _CHARACTERS, _DEPTH = 4, 50, 4


def toml(value: Value) -> str:
    """Write a value in full as TOML.

    Examples
    --------
    >>> print(toml({"name": "elu", "alpha": 1}), toml([[0.5, True], []]))
    {name = "elu", alpha = 1} [[0.5, true], []]
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{dotted((key,))} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return _scalar(value)


def shown(value: Value) -> str:
    """Write a value as TOML, shortened where it is long.

    Examples
    --------
    >>> print(shown([0.5] * 1000), shown("rulu"))
    [0.5, 0.5, 0.5, 0.5, ...] "rulu"
    """
    text = _brief(value, 0)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def one_line(text: str) -> str:
    """Write a line of the user's text as it is, as far as it can be printed and is not too long."""
    plain = printable(text[: WIDTH + 1]).rstrip()
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 3] + "..."


def printable(text: str) -> str:
    """Write a text with a space for each character that does not print and might steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def pasteable(text: str) -> str:
    """Give a text that is offered to be pasted, or nothing where it is too long or would not arrive as it is."""
    return text if text.isprintable() and len(text) <= LONGEST else ""


def counted(number: int, one: str, many: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "{number} unit", "{number} units")
    '1 unit'
    """
    return (one if number == 1 else many).format(number=number)


def word(value: Value) -> str:
    """Write a name inside a sentence: bare where it reads as a word, else quoted."""
    bare = isinstance(value, str) and value.replace("_", "a").replace("-", "a").isalnum() and len(value) <= _CHARACTERS
    return value if bare else shown(value)


def kind(value: Value) -> str:
    """Say what kind of thing was written."""
    kinds: tuple[tuple[Any, str], ...] = (
        (type(None), _("nothing")),
        (bool, _("true or false")),
        (int, _("a whole number")),
        (float, _("a decimal number")),
        (str, _("a text")),
        (list | tuple, _("a list")),
        (Mapping, _("a table")),
        (date | time, _("a date or a time")),
    )
    return next((name for type_, name in kinds if isinstance(value, type_)), _scalar(value))


def dotted(path: Path) -> str:
    """Write the way to a field.

    Examples
    --------
    >>> dotted(("parameters", "weights", 0, 1)), dotted(("data", "my field"))
    ('parameters.weights[0][1]', 'data."my field"')
    """
    text = ""
    for step in path:
        if isinstance(step, int) and not isinstance(step, bool):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + word(step)
    return text


def _brief(value: Value, depth: int) -> str:
    """Shorten lists, tables and texts at every level."""
    if isinstance(value, Mapping):
        inside = [f"{word(key)} = {_brief(one, depth + 1)}" for key, one in _first(value.items(), depth)]
        return "{" + ", ".join(inside + ["..."] * (len(value) > len(inside))) + "}"
    if isinstance(value, list | tuple):
        inside = [_brief(one, depth + 1) for one in _first(value, depth)]
        return "[" + ", ".join(inside + ["..."] * (len(value) > len(inside))) + "]"
    return _scalar(value[:_CHARACTERS] + "..." if isinstance(value, str) and len(value) > _CHARACTERS else value)


def _first(items: Value, depth: int) -> list[Any]:
    """The items that are shown at this depth."""
    return [one for one, _number in zip(items, range(_ITEMS if depth < _DEPTH else 0), strict=False)]


def _scalar(value: Value) -> str:
    """Write what is neither list nor table; of foreign objects only the class, since their repr may do anything."""
    match value:
        case bool():
            text = "true" if value else "false"
        case int():
            digits = int(value.bit_length() * 0.30103) + 1  # log10(2)
            few = digits <= _CHARACTERS
            text = str(value) if few else _("a number of about {digits} digits").format(digits=digits)
        case float():
            text = value.text if isinstance(value, Number) else repr(float(value))
        case str():
            text = '"' + "".join(map(_escaped, value)) + '"'
        case None:
            text = "None"
        case date() | time():  # a datetime is a date
            text = value.isoformat()
        case _other if value is ...:  # what `written.plain` puts where it stops
            text = "..."
        case _other:
            text = _("an object of class {name}").format(name=type(value).__name__)
    return text


def _escaped(character: str) -> str:
    """One character of a TOML text in quotes; what does not print is written by its number."""
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if character <= "\uffff" else f"\\U{ord(character):08x}"
