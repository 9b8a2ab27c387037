"""What is offered to a user: a setting `path = value` that works when it is pasted, or a line less."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option
from backlight.recipes.wording.shown import LONGEST, Path, Value, dotted, shown, toml

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Write a setting; empty where it would be too long to paste, or the value cannot be written at all.

    Examples
    --------
    >>> setting(("network", "layers"), (2, 3)), setting(("title",), "x" * 1000)
    ('network.layers = [2, 3]', '')
    """
    if _entries(value) > LONGEST:
        return ""
    written = toml(value)
    text = f"{dotted(path)} = {written}"
    return text if len(text) <= LONGEST and _is_toml(f"value = {written}") else ""


def removal(path: Path, value: Value) -> str:
    """Write a line as a comment: pasted over the line, it takes the field away.

    Examples
    --------
    >>> removal(("loss", "delta"), 2.0)
    '# loss.delta = 2.0'
    """
    return f"# {dotted(path)} = {shown(value)}"


def _entries(value: Value) -> int:
    """How many numbers there are to write at least, counted no further than it matters."""
    if not isinstance(value, tuple) or len(value) > LONGEST:
        return len(value) if isinstance(value, tuple) else 1
    return sum(map(_entries, value))


def _is_toml(text: str) -> bool:
    """Whether a text can be read: what is offered has been tried."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
