"""What a file keeps of a trace beside its numbers: every entry written, and checked when it is read.

Nothing that is read is believed: an unknown entry, a wrong kind, an array that does not fit the recipe
is a reason to refuse the file. Reasons are plain ValueErrors here; `files` tells them to the user.
"""

from __future__ import annotations

import re
from os.path import relpath
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backlight.faults import RecipeError
from backlight.recipes import Recipe, recipe
from backlight.traces.quantities import axes
from backlight.traces.trace import Finding, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT = 1
"""Of the files; a reader refuses all others."""

STRANGE = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
"""Numbers for which JSON has no name, as the files call them."""


def entries(trace: Trace, folder: Path) -> dict[str, Any]:
    """Give every entry of a trace but its numbers, for a file in a folder."""
    return {
        "backlight_trace": FORMAT,
        "recipe": _recipe_in(folder, trace.recipe),
        "engine": trace.engine,
        "mistake": trace.mistake,
        "versions": dict(trace.versions),
        "iterations": trace.iterations,
        "recorded": trace.recorded,
        "complete": trace.complete,
        "findings": [finding_entry(one) for one in trace.findings],
        **({"notes": list(trace.notes)} if trace.notes else {}),
    }


def finding_entry(finding: Finding) -> dict[str, Any]:
    """Give a finding: its name, its sentence in the language in use, its figures, and its sentence to translate."""
    return {
        "finding": finding.name,
        "text": finding.text,
        "evidence": dict(finding.evidence),
        "message": finding.message,
    }


def _recipe_in(folder: Path, asked: Recipe) -> dict[str, Any]:
    """The recipe as it reads in a file of this folder, from where it has to find its data file."""
    written = asked.as_dict()
    points = asked.data.file
    if points is not None and not Path(points).is_absolute():
        written["data"]["file"] = Path(relpath(asked.folder / points, folder)).as_posix()
    return written


class OtherFormat(ValueError):
    """The file was written by another version of backlight, in a form that is not known here."""


def check_format(number: object) -> None:
    """Refuse a number other than ours."""
    if number != FORMAT:
        raise OtherFormat(f"backlight_trace is {number!r}, and this version reads {FORMAT}")


class Entry(BaseModel):
    """A part of a file; unknown entries and wrong kinds are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _FindingEntry(Entry):
    """One finding; its text is made anew from message and evidence, in the reader's language."""

    finding: str
    text: str
    evidence: dict[str, Any]
    message: str


class _Entries(Entry):
    """Everything but the numbers."""

    backlight_trace: int
    recipe: dict[str, Any]
    engine: str
    mistake: str | None
    versions: dict[str, str]
    iterations: int
    recorded: list[Annotated[int, Field(ge=0, lt=2**63)]]
    complete: bool
    findings: list[_FindingEntry]
    notes: list[str] = []


M = TypeVar("M", bound=BaseModel)


def checked(model: type[M], value: object) -> M:
    """Check what was read against a model; the reason to refuse it is one line."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))) from None


def put_together(
    read: Mapping[str, Any], quantities: Mapping[str, NDArray[Any]], decimals: Mapping[str, Any], *, folder: Path
) -> Trace:
    """Make a trace of entries and numbers, once all of them have been checked.

    ``folder`` is where their file stands: there the recipe looks for its data file.

    Raises
    ------
    ValueError
        An entry is missing, unknown or of the wrong kind, or an array does not fit the recipe.
    OtherFormat
        The file has another form; it is a ValueError too.
    """
    if "backlight_trace" not in read:
        raise ValueError("backlight_trace: missing, so it is something else")
    check_format(read["backlight_trace"])
    known = checked(_Entries, read)
    asked = _recipe(known.recipe, folder)
    recorded = np.array(known.recorded, dtype=np.int64)
    if known.iterations != asked.training.iterations:
        raise ValueError(f"iterations: {known.iterations}, but its recipe has {asked.training.iterations}")
    if np.any(np.diff(recorded, prepend=-1) <= 0) or np.any(recorded > known.iterations):
        raise ValueError("recorded: not the iterations of its recipe, in order")
    if missing := {"x", "y", "loss"} - quantities.keys():
        raise ValueError(f"{min(missing)}: missing, though every run records it")
    for name, values in quantities.items():
        _fit(name, values.shape, asked, rows=len(recorded))
    return Trace(
        recipe=asked,
        engine=known.engine,
        mistake=known.mistake,
        versions=known.versions,
        recorded=recorded,
        complete=known.complete,
        quantities=quantities,
        findings=tuple(map(_finding, known.findings)),
        notes=tuple(known.notes),
        decimals=decimals,
    )


def _recipe(written: dict[str, Any], folder: Path) -> Recipe:
    """The recipe, checked as any other."""
    try:
        asked = recipe(written)
    except RecipeError as error:
        raise ValueError(f"recipe: {error.faults[0].sentence}") from None
    asked._folder = folder  # noqa: SLF001  not a field: the same recipe may stand in another folder
    return asked


def _finding(entry: _FindingEntry) -> Finding:
    """A finding whose sentence can be made of its own figures, as they are: none is looked into, none is padded."""
    evidence = {what: _numbers_again(value) for what, value in entry.evidence.items()}
    finding = Finding(name=entry.finding, message=entry.message, evidence=evidence)
    try:
        _refuse_sentence(entry.message, evidence)
        finding.text  # noqa: B018  a sentence that cannot be made says so here
    except (TypeError, ValueError) as error:
        raise ValueError(f"findings: {entry.finding}: {error}") from None
    return finding


_FORM = re.compile(r"(\.\d{1,2})?[a-z]?")
"""How a figure may be written: `.4g`."""


def _refuse_sentence(message: str, evidence: Mapping[str, object]) -> None:
    """Refuse a sentence that wants anything but the figures of its evidence."""
    for _words, figure, form, conversion in Formatter().parse(message):
        if figure is not None and (figure not in evidence or conversion or not _FORM.fullmatch(form or "")):
            raise ValueError(f"its sentence wants {figure!r}")


def _fit(name: str, shape: tuple[int, ...], asked: Recipe, *, rows: int) -> None:
    """Refuse an array that is not of this recipe and these rows; how many samples there are, it may choose."""
    if not name.replace(".", "_").isidentifier():
        raise ValueError(f"{name!r} is no name of a quantity")
    names = axes(name, asked.layers)
    sizes = {"iteration": rows} | {f"unit{layer}": units for layer, units in enumerate(asked.layers)}
    wanted = tuple(sizes.get(axis, size) for axis, size in zip(names, shape, strict=False))
    if shape != wanted or len(shape) != len(names):
        raise ValueError(f"{name}: shape {shape} does not fit {', '.join(names)} of its recipe")


def _numbers_again(value: object) -> object:
    """Evidence with its floats, as it was before it became JSON."""
    if isinstance(value, dict):
        return {name: _numbers_again(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_numbers_again(member) for member in value]
    if isinstance(value, float):
        return float(value)
    return STRANGE.get(value, value) if isinstance(value, str) else value
