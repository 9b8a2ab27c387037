"""The parts of the reference that are made from the package: what the code knows is not written down again.

`write_pages` is called by conf.py before every build; the pages in docs/reference include what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import backlight
from backlight.engines.mistakes import GROUPS, Mistake
from backlight.engines.mistakes.parameters import EXCEPT, ONE, UNIT
from backlight.recipes import Recipe
from backlight.recipes.functions import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    Activation,
    Initializer,
    Loss,
    Optimizer,
    Option,
)
from backlight.recipes.wording.codes import CODES

Record = Activation | Initializer | Loss | Optimizer


def write_pages(folder: Path) -> None:
    """Write every generated part; a part that did not change keeps its time, so that Sphinx skips it."""
    folder.mkdir(exist_ok=True)
    parts = {
        "fields.md": fields(),
        "activations.md": records(ACTIVATIONS),
        "losses.md": records(LOSSES),
        "optimizers.md": records(OPTIMIZERS),
        "initializers.md": records(INITIALIZERS),
        "mistakes.md": mistakes(),
        "errors.md": errors(),
        "api.md": api(),
    }
    for name, lines in parts.items():
        text = "\n".join(lines) + "\n"
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def fields() -> Iterator[str]:
    """A table of fields for each section of a recipe, from its JSON Schema."""
    schema = Recipe.model_json_schema()
    for name, section in schema["properties"].items():
        if name == "title":
            continue
        body = schema["$defs"][section["$ref"].rsplit("/", 1)[-1]]
        yield from (f"### [{name}]", "", body["description"], "", "| field | default | meaning |", "|---|---|---|")
        for field, about in body["properties"].items():
            default = "required" if field in body.get("required", ()) else _toml(about.get("default"))
            yield f"| `{field}` | {default} | {_meaning(about)} |"
        yield ""


def records(table: Mapping[str, Record]) -> Iterator[str]:
    """A definition list of the functions in a table of `recipes/functions`."""
    for name, record in table.items():
        lines = [f"`{record.formula}`", *_more(record)]
        yield from (f"`{name}`", ":  " + "\\\n   ".join(lines), "")


def _more(record: Record) -> Iterator[str]:
    """What a record says behind its formula."""
    if derivative := getattr(record, "derivative", ""):
        yield f"`{derivative}`"
    if getattr(record, "targets", "any") != "any":
        yield {"distribution": "targets: a distribution", "unit_interval": "targets in [0, 1]"}[record.targets]
    if convention := getattr(record, "convention", ""):
        yield convention
    for name, option in record.options.items():
        yield _option(name, option)
    if record.source:
        yield f"*{record.source}*"


def _option(name: str, option: Option) -> str:
    """One option with its default and its domain."""
    return f"`{name} = {_literal(option.default)}` in {option.domain()}: {option.meaning}"


def _literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(list(value)) if isinstance(value, tuple) else str(value)


def _toml(value: object) -> str:
    """A default in a table's cell."""
    return "" if value is None else f"`{_literal(value)}`"


def _meaning(about: Mapping[str, Any]) -> str:
    """What a field's schema says of it."""
    return about.get("description", "") or ", ".join(f"`{_literal(word)}`" for word in about.get("enum", ()))


def mistakes() -> Iterator[str]:
    """The catalogue of mistakes: what each does, why, how it shows, and what may be written behind its slug."""
    for name, about in OF_NEARLY_ALL.items():
        yield f"- `{name}`, by default {about.default}: {about.meaning}"
    yield ""
    for title, group in GROUPS.items():
        yield from (f"## {title}", "")
        for mistake in group:
            yield from (f"`{mistake.slug}`", ":  " + "\\\n   ".join(_about(mistake)), "")


def _about(mistake: Mistake) -> Iterator[str]:
    """What is told of a mistake, line by line."""
    yield mistake.instead
    yield f"*Why it tempts:* {mistake.tempting}"
    yield f"*How it shows:* {mistake.shows}"
    yield f"*Seen in:* {mistake.seen}" if mistake.seen else "*Derived*, and proved by a test"
    if mistake.check_only:
        yield f"*Only found in programs:* {mistake.check_only}"
        return
    yield f"*Replaces:* {STEPS_IN_WORDS[mistake.step]}"
    if mistake.need:
        yield f"*{'Made, and right:' if mistake.need.else_right else 'Refused elsewhere:'}* {mistake.need.because}"
    as_above = [name for name, about in mistake.parameters.items() if about in OF_NEARLY_ALL.values()]
    for name, about in mistake.parameters.items():
        if name not in as_above:
            yield f"`{name}`, by default {about.default}: {about.meaning}"
    if as_above:
        yield f"*Takes also:* {', '.join(f'`{name}`' for name in as_above)}"


OF_NEARLY_ALL = {"unit": UNIT, "parameter": ONE, "except": EXCEPT}

STEPS_IN_WORDS = {
    "forward": "the forward pass",
    "loss": "the loss",
    "functions": "the loss or an activation, forward and backward",
    "output_delta": "the output delta",
    "hidden_delta": "the hidden delta",
    "through_activation": "the way back through an activation",
    "weight_gradient": "the weight gradient",
    "bias_gradient": "the bias gradient",
    "backward": "the backward pass",
    "update": "the update",
}


def errors() -> Iterator[str]:
    """What each code of a recipe's fault means."""
    for code, explanation in CODES.items():
        yield from (f"`{code}`", f":  {explanation}", "")


def api() -> Iterator[str]:
    """Every public name with its docstring, verbs first."""
    for name in sorted(backlight.__all__, key=lambda name: (name[0].isupper(), name)):
        kind = "autofunction" if name[0].islower() else "autoexception" if name.endswith("Error") else "autoclass"
        yield from ("```{eval-rst}", f".. {kind}:: backlight.{name}")
        if kind == "autoclass":
            yield "   :members:"
        yield from ("```", "")
