"""Changing a recipe: settings as they are written on the command line, and what else a change takes away.

Where two fields exclude each other, the one that is said last wins; this is a convenience of changes only, a
recipe that is written with both is refused.
"""

from __future__ import annotations

import re
import tomllib
from math import isfinite
from typing import TYPE_CHECKING, Any

from backlight.faults import Fault, RecipeError
from backlight.language import _
from backlight.recipes.numbers import parsed
from backlight.recipes.reading.written import Tree, listed, plain
from backlight.recipes.wording.shown import LONGEST, Path, Value, dotted, one_line, pasteable, shown
from backlight.recipes.wording.suggest import OPTIONS
from backlight.recipes.wording.suggest import setting as written_setting

if TYPE_CHECKING:
    from collections.abc import Mapping

EXCLUDED: dict[Path, tuple[str, ...]] = {
    ("parameters", "weights"): ("initializer",),
    ("parameters", "initializer"): ("weights",),
    ("data", "inputs"): ("file", "dataset"),
    ("data", "targets"): ("file", "dataset"),
    ("data", "file"): ("inputs", "targets", "dataset"),
    ("data", "dataset"): ("inputs", "targets", "file"),
}
"""The fields of the same section that go when a field is set."""

NAMES = {
    ("loss", "name"): "loss",
    ("training", "optimizer"): "optimizer",
    ("parameters", "initializer"): "initializer",
    ("parameters", "weights"): "initializer",
}
"""Fields whose change takes away the options that the new name does not have; weights have none."""


def setting(text: str) -> tuple[str, Any]:
    """Read one setting, `PATH=VALUE`: the value is TOML if it parses, else a bare text.

    Raises
    ------
    RecipeError [R-SET-1]
        There is no path, or no equals sign.

    Examples
    --------
    >>> setting("training.learning_rate=0.10"), setting("network.activations=relu")
    (('training.learning_rate', 0.10), ('network.activations', 'relu'))
    """
    path, value = _parted(text)
    return path, _value(value)


def settings_list(text: str) -> tuple[str, list[Any]]:
    """Read one field with several values, `PATH=VALUE,VALUE,...`; commas inside brackets and quotes part nothing.

    Raises
    ------
    RecipeError [R-SET-1]
        There is no path, no equals sign, or an empty value.

    Examples
    --------
    >>> settings_list("network.layers=[2,2,2],[2,3,2]")
    ('network.layers', [[2, 2, 2], [2, 3, 2]])
    >>> settings_list('loss.name=huber,"mean_squared_error"')
    ('loss.name', ['huber', 'mean_squared_error'])
    """
    path, values = _parted(text)
    parts = _at_commas(values)
    if not all(parts):
        full = ",".join(part for part in parts if part) or "1,2"
        raise RecipeError(_malformed(text, _("a value between the commas is empty"), pasteable(f"{path}={full}")))
    return path, [_value(part) for part in parts]


def changed(tree: Tree, changes: Mapping[str, Any]) -> Tree:
    """Change fields of a recipe's tree, one after the other.

    Setting a field takes away what it excludes (`EXCLUDED`): weights or an initializer; inputs and targets, or
    a file, or a dataset; and the options that a new loss, optimizer or initializer does not have, unless the
    same changes set them. Switching the biases off takes their values away. A value of None takes away the
    field itself. A section that is set is replaced as a whole.

    Raises
    ------
    RecipeError [R-SET-1, R-FIELD-1]
        A path that is no path, or leads to an entry that is not there. A field that does not exist is set all
        the same: the check of the changed recipe knows the nearest name.
    """
    result: Tree = listed(tree)
    steps = {path: steps_of(path) for path in changes}
    for path, value in changes.items():
        if value is not None:
            _make_room(result, steps[path], value, kept=set(steps.values()))
        _set(result, steps[path], value)
    return result


# ---- reading ---------------------------------------------------------------------------------------------


def _parted(text: str) -> tuple[str, str]:
    """Part a setting at the first equals sign."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        reason = _("there is no path before the equals sign") if equals else _("there is no equals sign")
        raise RecipeError(_malformed(text, reason, "training.learning_rate=0.1"))
    return path.strip(), value.strip()


def _malformed(text: str, because: str, fix: str) -> Fault:
    return Fault(
        code="R-SET-1",
        sentence=_("a setting is PATH=VALUE, several values are parted by commas"),
        got=one_line(text),
        because=because,
        try_this=fix,
    )


def _value(text: str) -> Value:
    """A TOML value, a number as people write it (.5), or the text itself; dates are none of a recipe's values."""
    try:
        tree = tomllib.loads(f"value = {text}", parse_float=parsed)
    except (ValueError, RecursionError):
        return parsed(text) if _is_number(text) else text
    is_value = list(tree) == ["value"] and isinstance(tree["value"], str | int | float | list | dict)
    return tree["value"] if is_value else text


def _is_number(text: str) -> bool:
    """Whether Python reads a text as a finite number, though TOML does not."""
    try:
        return text.isascii() and isfinite(float(text))
    except ValueError:
        return False


_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|.', re.DOTALL)


def _at_commas(text: str) -> list[str]:
    """Split at the commas outside of brackets and quotes."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth += (piece in "[{") - (piece in "]}")
        if piece == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


_PATH = re.compile(r"[^.\[\]]+(\[\d+\]|\.[^.\[\]]+)*")


def steps_of(path: object) -> Path:
    """Part a path; a number is the position in a list, in brackets or between dots.

    Raises
    ------
    RecipeError [R-SET-1]
        It is no path.

    Examples
    --------
    >>> steps_of("parameters.weights[0].1")
    ('parameters', 'weights', 0, 1)
    """
    if not isinstance(path, str) or not _PATH.fullmatch(path) or len(path) > LONGEST:
        raise RecipeError(
            Fault(
                code="R-SET-1",
                sentence=_("this is no path to a field"),
                got=shown(path),
                because=_("a path is names with dots between them, and positions in brackets"),
                try_this="parameters.weights[0][1][0] = 0.5",
            )
        )
    steps = [step.strip() for step in re.findall(r"[^.\[\]]+", path)]
    return tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps)


# ---- writing ---------------------------------------------------------------------------------------------


def _make_room(tree: Tree, path: Path, value: Value, *, kept: set[Path]) -> None:
    """Take away what cannot stand beside a field that is about to be set."""
    section = tree.get(path[0])
    if not isinstance(section, dict):
        return
    for excluded in EXCLUDED.get(path, ()):
        section.pop(excluded, None)
    if path == ("network", "biases") and value is False and isinstance(tree.get("parameters"), dict):
        tree["parameters"].pop("biases", None)
    if path in NAMES:
        options = OPTIONS[NAMES[path]]
        own = options.get(value, ()) if isinstance(value, str) else ()
        for option in {option for others in options.values() for option in others}.difference(own):
            if (path[0], option) not in kept:
                section.pop(option, None)


def _set(tree: Tree, steps: Path, value: Value) -> None:
    """Write one value at the end of a path; sections on the way are made where they are missing."""
    here: Value = tree
    for number, further in enumerate(steps[1:]):
        at = _at(here, steps, number, value)
        if isinstance(here, dict) and not isinstance(further, int):
            here.setdefault(at, {})
        if number > 0 and steps[:2] == ("network", "activations"):
            here[at] = _opened(here.get(at) if isinstance(here, dict) else here[at], further, tree["network"])
        here = here.get(at) if isinstance(here, dict) else here[at]
    here[_at(here, steps, len(steps) - 1, value)] = value


def _opened(activation: Value, further: Value, network: Tree) -> Value:
    """An activation for an entry or an option of it to be set: what serves all layers once for each, a name as a table."""
    layers = network.get("layers")
    if isinstance(further, int) and isinstance(activation, str | dict) and isinstance(layers, list):
        return [listed(activation) for _layer in layers[1:]]
    return {"name": activation} if isinstance(further, str) and isinstance(activation, str) else activation


def _at(here: Value, steps: Path, number: int, value: Value) -> Value:
    """A name in a table, or a position in a list that is there."""
    step = steps[number]
    if isinstance(here, dict) or (isinstance(here, list) and isinstance(step, int) and step < len(here)):
        return step
    inside = steps[:number]
    if isinstance(here, list) and here:
        because = _("it has {number} entries, counted from 0").format(number=len(here))
        inside += _entry_there_is(here, steps[number:], is_list=isinstance(value, list | tuple))
    else:
        because = _("it has no entries at all")
    raise RecipeError(
        Fault(
            code="R-FIELD-1",
            sentence=_("{field} has no entry {step}").format(field=dotted(steps[:number]), step=step),
            got=dotted(steps),
            because=because,
            try_this=written_setting(inside, plain(value)) or dotted(inside),
            where=dotted(steps),
        )
    )


def _entry_there_is(here: Value, steps: Path, *, is_list: bool) -> Path:
    """The way on to an entry of a list that is there, near the one that is not; to a number, unless a list is set."""
    found: Path = ()
    while isinstance(here, list) and here and (len(found) < len(steps) or not is_list):
        step = steps[len(found)] if len(found) < len(steps) else 0
        found += (min(step, len(here) - 1) if isinstance(step, int) else 0,)
        here = here[found[-1]]
    return found
