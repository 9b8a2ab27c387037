"""Changing a recipe: settings as they are written on the command line, and what else a change takes away.

Where two fields exclude each other, the one that is said last wins; this is a convenience of changes only, a
recipe that is written with both is refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from backlight.faults import Fault, RecipeError
from backlight.language import _
from backlight.recipes.numbers import parsed
from backlight.recipes.shown import Path, dotted, one_line, shown
from backlight.recipes.suggest import OPTIONS

Tree = dict[str, Any]

EXCLUDED: dict[Path, tuple[Path, ...]] = {
    ("parameters", "weights"): (("parameters", "initializer"),),
    ("parameters", "initializer"): (("parameters", "weights"),),
    ("data", "inputs"): (("data", "file"), ("data", "dataset")),
    ("data", "targets"): (("data", "file"), ("data", "dataset")),
    ("data", "file"): (("data", "inputs"), ("data", "targets"), ("data", "dataset")),
    ("data", "dataset"): (("data", "inputs"), ("data", "targets"), ("data", "file")),
}
"""What goes when a field is set."""

NAMES = {
    ("loss", "name"): "loss",
    ("training", "optimizer"): "optimizer",
    ("parameters", "initializer"): "initializer",
}
"""Fields whose change takes away the options that the new name does not have."""


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
        without = ",".join(part for part in parts if part) or "1,2"
        raise RecipeError(_malformed(text, _("a value between the commas is empty"), f"{path}={without}"))
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
    result = _copied(tree)
    steps = {path: _steps(path) for path in changes}
    for path, value in changes.items():
        for excluded in EXCLUDED.get(steps[path], ()):
            _section(result, excluded).pop(excluded[-1], None)
        if steps[path] == ("network", "biases") and value is False:
            _section(result, ("parameters",)).pop("biases", None)
        if steps[path] in NAMES and isinstance(value, str):
            _forget_options(result, steps[path], value, kept=set(steps.values()))
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


def _value(text: str) -> Any:
    """A TOML value, or the text itself; there are no dates in a recipe, so what looks like one is a text."""
    try:
        tree = tomllib.loads(f"value = {text}", parse_float=parsed)
    except (ValueError, RecursionError):
        return text
    is_value = list(tree) == ["value"] and isinstance(tree["value"], str | int | float | list | dict)
    return tree["value"] if is_value else text


_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|.', re.DOTALL)


def _at_commas(text: str) -> list[str]:
    """Split at the commas outside of brackets and quotes."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(text):
        depth += (token in "[{") - (token in "]}")
        if token == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


_PATH = re.compile(r"[^.\[\]]+(\[\d+\]|\.[^.\[\]]+)*")


def _steps(path: object) -> Path:
    """Part a path; a number is the position in a list, in brackets or between dots."""
    if not isinstance(path, str) or not _PATH.fullmatch(path) or len(path) > 1000:
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


def _copied(value: Any) -> Any:
    """Tables and lists that can be changed."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value


def _section(tree: Tree, path: Path) -> Tree:
    """The section that a path begins with."""
    section = tree.get(path[0])
    return section if isinstance(section, dict) else {}


def _forget_options(tree: Tree, path: Path, name: str, *, kept: set[Path]) -> None:
    """Take away the options that a new name does not have."""
    options = OPTIONS[NAMES[path]]
    section = _section(tree, path)
    for option in {option for own in options.values() for option in own} - set(options.get(name, ())):
        if (path[0], option) not in kept:
            section.pop(option, None)


def _set(tree: Tree, steps: Path, value: Any) -> None:
    """Write one value at the end of a path; sections on the way are made where they are missing."""
    here: Any = tree
    for number, step in enumerate(steps[:-1]):
        if isinstance(here, dict):
            if step == "activations" and isinstance(steps[number + 1], int) and not isinstance(here.get(step), list):
                here[step] = [here.get(step)] * (len(tree["network"].get("layers", ())) - 1)  # one name serves all
            here = here.setdefault(step, {})
        else:
            here = here[_position(here, steps, number)]
    if isinstance(here, dict):
        here[steps[-1]] = value
    else:
        here[_position(here, steps, len(steps) - 1)] = value


def _position(here: Any, steps: Path, number: int) -> int:
    """A position in a list that is there."""
    step = steps[number]
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return step
    inside = dotted(steps[:number])
    if isinstance(here, list) and here:
        because = _("it has {number} entries, counted from 0").format(number=len(here))
        fix = dotted((*steps[:number], len(here) - 1))
    else:
        because, fix = _("it has no entries at all"), inside
    raise RecipeError(
        Fault(
            code="R-FIELD-1",
            sentence=_("{field} has no entry {step}").format(field=inside, step=step),
            got=dotted(steps),
            because=because,
            try_this=fix,
            where=dotted(steps),
        )
    )
