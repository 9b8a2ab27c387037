"""Where a recipe comes from: a ready one, a file, a text, a dictionary or a saved trace.

Whatever it is, it becomes a Source: a tree, a name to call it by in errors, and the folder its files are in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlight.faults import Fault, RecipeError
from backlight.language import _
from backlight.recipes.reading.files import neighbour, read_text, unreadable
from backlight.recipes.reading.positions import json_positions, toml_positions
from backlight.recipes.reading.syntax import read, read_trace
from backlight.recipes.ready import ORDER, ready_text
from backlight.recipes.wording.nearest import nearest
from backlight.recipes.wording.shown import Value, kind, pasteable, printable, shown, word

if TYPE_CHECKING:
    from backlight.recipes.reading.written import Tree
    from backlight.recipes.wording.shown import Path as FieldPath

ENDINGS = (".toml", ".json", ".zarr")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A tree of plain values, and what is known of where it was written.

    Attributes
    ----------
    file : str
        As the user named it, ``<toml>`` or ``<json>`` for a text, empty for a dictionary.
    text, form : str
        What was read, and how; empty for a dictionary and for a saved trace.
    changed : set of path
        Fields that were changed afterwards: they stand in no file, or otherwise.
    """

    tree: Any
    folder: Path = Path()
    file: str = ""
    text: str = ""
    form: str = ""
    changed: frozenset[FieldPath] = frozenset()

    def positions(self, *, of_keys: set[tuple[Value, ...]]) -> Value:
        """Give a function that finds fields in the text, None where there is no text."""
        if not self.form:
            return None
        return json_positions(self.text) if self.form == "JSON" else toml_positions(self.text, of_keys=of_keys)


def source(given: Value) -> Source:
    """Find out what was given, and read it.

    Raises
    ------
    RecipeError [R-NAME-1, R-FILE-1, R-SYNTAX-1, R-TYPE-1]
        No such recipe; a file that cannot be read; a text that is no TOML or JSON; something else altogether.
    """
    if isinstance(given, Source):
        return given
    if isinstance(given, Mapping):
        return Source(tree=given)
    if isinstance(given, PathLike):
        return _from_file(fsdecode(given))
    if isinstance(given, str):
        return _from_string(given)
    raise RecipeError(_no_source(given))


def _from_string(given: str) -> Source:
    """A text, the name of a ready recipe, or that of a file."""
    given = given.removeprefix("\ufeff")  # a byte order mark, where a program read a file with it
    is_file_name = "\n" not in given and given.endswith(ENDINGS)
    if given.lstrip().startswith("{"):
        return _from_text(given, form="JSON", file="<json>", folder=Path())
    if not is_file_name and ("\n" in given or "=" in given):
        return _from_text(given, form="TOML", file="<toml>", folder=Path())
    if given in ORDER:
        return _from_text(ready_text(given), form="TOML", file=given, folder=Path())
    if is_file_name or "/" in given or "\\" in given or _exists(given):
        return _from_file(given)
    raise RecipeError(unknown_name(given))


def _from_text(text: str, *, form: str, file: str, folder: Path) -> Source:
    """Read a text; of a saved trace only its recipe counts."""
    tree = read_trace(text) if form == "JSON" else None
    if isinstance(tree, dict):
        return Source(tree=tree, folder=folder, file=file)
    tree = read(text, form=form, file=file)
    if "backlight_trace" in tree:
        written = tree.get("recipe")
        return Source(tree=written if isinstance(written, dict) else {}, folder=folder, file=file)
    return Source(tree=tree, folder=folder, file=file, text=text, form=form)


def _from_file(name: str) -> Source:
    """Read a file by its content: JSON begins with a brace, TOML never does."""
    path, shown_name = Path(name), printable(name)
    try:
        if path.is_dir() and (path / "zarr.json").is_file():
            return Source(tree=_recipe_of_store(path), folder=path.parent, file=shown_name)
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise RecipeError(_unreadable(path, error)) from None
    form = "JSON" if name.endswith(".json") or text.lstrip().startswith("{") else "TOML"
    return _from_text(text, form=form, file=shown_name, folder=path.parent)


def _recipe_of_store(path: Path) -> Tree:
    """The recipe in the attributes of a saved trace's Zarr store; they are plain JSON, so zarr is not needed."""
    try:
        written = json.loads(read_text(path / "zarr.json"))["attributes"]["recipe"]
        return read(str(written), form="JSON", file=printable(str(path)))
    except (LookupError, TypeError):
        raise ValueError(_("no recipe was saved there")) from None


def _exists(name: str) -> bool:
    """Whether there is such a file; a name with a zero byte is none."""
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):
        return False


# ---- what cannot be read -------------------------------------------------------------------------------


def _unreadable(path: Path, error: Exception) -> Fault:
    sentence, because = unreadable(path, error)
    other = neighbour(path, path.suffix)
    return Fault(
        code="R-FILE-1",
        sentence=sentence,
        got=shown(str(path)),
        because=because,
        try_this=pasteable(str(path.with_name(other)) if other else "") or nearest(path.stem, ORDER) or "course",
    )


def unknown_name(name: str) -> Fault:
    """R-NAME-1: no ready recipe and no file is called that."""
    return Fault(
        code="R-NAME-1",
        sentence=_("no recipe is called {name}").format(name=word(name)),
        got=shown(name),
        because=_("there is no file of that name, and the ready recipes are {names}").format(names=", ".join(ORDER)),
        try_this=nearest(name, ORDER) or "course",
    )


def not_ready(name: str) -> Fault:
    """R-NAME-1: no ready recipe is called that, though there may be a file of that name."""
    if not _exists(name):
        return unknown_name(name)
    return Fault(
        code="R-NAME-1",
        sentence=_("{name} is no ready recipe").format(name=word(name)),
        got=shown(name),
        because=_("there is a file of that name, and the ready recipes are {names}").format(names=", ".join(ORDER)),
        try_this=nearest(Path(name).stem, ORDER) or "course",
    )


def _no_source(given: object) -> Fault:
    return Fault(
        code="R-TYPE-1",
        sentence=_("a recipe cannot be made of {kind}").format(kind=kind(given)),
        got=shown(given),
        because=_("it is a name, a file, a TOML or JSON text, or a dictionary"),
        try_this='backlight.recipe("course")',
    )
