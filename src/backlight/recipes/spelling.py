"""Fields that do not exist: which one was meant?

A misspelt field is one fault. So that it does not make others (a missing field where the right name would
be), the recipe is read on as if the field had been spelt right.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.fields import ActivationChoice
from backlight.recipes.nearest import nearest
from backlight.recipes.shown import Path, dotted, shown
from backlight.recipes.suggest import removal, setting
from backlight.recipes.wrong import Wrong


def respelled(model: type[BaseModel], tree: dict[Any, Any]) -> tuple[dict[str, Any], dict[Path, Path], list[Wrong]]:
    """Read unknown fields under the name that was meant, or not at all.

    Returns
    -------
    dict
        The recipe with known fields only.
    dict of path to path
        Where a field was read under another name: its right path, and the one that is written.
    list of Wrong
        R-FIELD-1 for each unknown field.
    """
    spelling = _Spelling(model)
    result = spelling.table(tree, (), ())
    return result, spelling.moved, spelling.wrongs


class _Spelling:
    """One recipe on its way to the right spelling."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.fields = {name: _names_inside(field.annotation) for name, field in model.model_fields.items()}
        self.moved: dict[Path, Path] = {}
        self.wrongs: list[Wrong] = []
        self.elsewhere: list[tuple[Path, Path, Any]] = []

    def table(self, tree: dict[Any, Any], path: Path, written: Path) -> dict[str, Any]:
        """Give the whole recipe, section by section."""
        sections = self.known_part(tree, path, written, self.fields)
        for name, section in sections.items():
            if isinstance(section, dict) and self.fields[name]:
                begin = self.moved.get((name,), (name,))
                sections[name] = self.known_part(section, (name,), begin, self.fields[name])
        for (home, field), begin, value in self.elsewhere:
            section = sections.setdefault(home, {})
            if isinstance(section, dict) and field not in section:
                section[field] = value
                self.moved[home, field] = begin
        network = sections.get("network")
        if isinstance(network, dict) and "activations" in network:
            network["activations"] = self.activations(network["activations"], ("network", "activations"))
        return sections

    def activations(self, value: Any, path: Path) -> Any:
        """The tables of activations with options."""
        if isinstance(value, tuple):
            return tuple(self.activations(one, (*path, number)) for number, one in enumerate(value))
        if isinstance(value, dict):
            return self.known_part(value, path, path, ActivationChoice.model_fields)
        return value

    def known_part(self, tree: dict[Any, Any], path: Path, written: Path, known: Iterable[str]) -> dict[str, Any]:
        """Keep the known fields of one table, and find out about the others."""
        result = {key: value for key, value in tree.items() if key in known}
        for key, value in tree.items():
            if key in known:
                continue
            meant = self.meant(key, value, path, known)
            self.wrongs.append(_unknown((*path, key), (*written, key), value, meant, known))
            if meant is None:
                continue
            if meant[:-1] != path:
                self.elsewhere.append((meant, (*written, key), value))
            elif meant[-1] not in result:
                result[meant[-1]] = value
                self.moved[meant] = (*written, key)
        return result

    def meant(self, key: Any, value: Any, path: Path, known: Iterable[str]) -> Path | None:
        """The way to the field that was meant: a near name here, or the same name in another section."""
        if not isinstance(key, str):
            return None
        homes = [section for section, inside in self.fields.items() if key in inside and (section,) != path[:1]]
        if homes and not isinstance(value, dict) and len(path) < 2:
            return (homes[0], key)
        is_section = [name for name in known if bool(self.fields.get(name)) == isinstance(value, dict)]
        close = nearest(key, is_section if not path else known)
        return None if close is None else (*path, close)


def _names_inside(annotation: Any) -> tuple[str, ...]:
    """The fields of a section; none for a field that is no section."""
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return tuple(annotation.model_fields) if is_section else ()


def _unknown(path: Path, written: Path, value: Any, meant: Path | None, known: Iterable[str]) -> Wrong:
    """An unknown field, and what to write instead."""
    place = _("[{section}] has no field {name}").format(section=dotted(path[:-1]), name=dotted(path[-1:]))
    top = _("a recipe has no field {name}").format(name=dotted(path[-1:]))
    fix = removal(path, value) if meant is None else setting(meant, value) or dotted(meant)
    fault = Fault(
        code="R-FIELD-1",
        sentence=place if len(path) > 1 else top,
        got=shown({path[-1]: value})[1:-1],
        because=_("its fields are {names}").format(names=", ".join(known)),
        try_this=fix,
    )
    return Wrong(written, fault)
