"""Fields that do not exist: which one was meant?

A misspelt field is one fault. So that it does not make others (a missing field where the right name would
be), the recipe is read on as if the field had been spelt right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel

from backlight.language import _
from backlight.recipes.fields import ActivationChoice
from backlight.recipes.reading.written import part
from backlight.recipes.wording.nearest import nearest
from backlight.recipes.wording.shown import Path, Value, dotted, shown
from backlight.recipes.wording.suggest import removal, setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backlight.recipes.reading.written import Tree


def respelled(model: type[BaseModel], tree: Tree) -> tuple[Tree, dict[Path, Path], list[Wrong]]:
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
    reading = _Reading(tree, {name: _names_inside(one.annotation) for name, one in model.model_fields.items()})
    result = reading.known_part(tree, (), (), reading.sections)
    for name, section in result.items():
        if isinstance(section, dict) and reading.sections[name]:
            written = reading.moved.get((name,), (name,))
            result[name] = reading.known_part(section, (name,), written, reading.sections[name])
    network = result.get("network")
    if isinstance(network, dict) and "activations" in network:
        network["activations"] = reading.activations(network["activations"], ("network", "activations"))
    reading.bring_home(result)
    return result, reading.moved, reading.wrongs


@dataclass
class _Reading:
    """One recipe on its way to the right spelling."""

    tree: Tree
    sections: Mapping[str, tuple[str, ...]]
    """The fields of each section; none for what is no section."""
    moved: dict[Path, Path] = field(default_factory=dict)
    wrongs: list[Wrong] = field(default_factory=list)
    astray: list[tuple[Path, Path, Value]] = field(default_factory=list)
    """Fields that stand in a wrong section: where they belong, where they stand, and what they say."""

    def known_part(self, tree: Mapping[Value, Value], path: Path, written: Path, known: Iterable[str]) -> Tree:
        """Keep the known fields of one table, and find out about the others."""
        result = {key: value for key, value in tree.items() if key in known}
        for key in [key for key in tree if key not in known]:
            if path == (key,) and isinstance(tree[key], dict):
                self.named_again(tree[key], path, (*written, key), result)
                continue
            meant = self.meant(key, tree[key], path, known)
            is_here = meant is not None and meant[:-1] == path
            if meant is not None and meant[-1] in (result if is_here else part(self.tree, meant[0])):
                meant = None  # it is said already
            self.wrongs.append(_unknown((*path, key), (*written, key), tree[key], meant, known))
            if meant is None:
                continue
            if not is_here:
                self.astray.append((meant, (*written, key), tree[key]))
            else:
                result[meant[-1]] = tree[key]
                self.moved[meant] = (*written, key)
        return result

    def named_again(self, fields: Tree, path: Path, written: Path, result: Tree) -> None:
        """Read the fields of a section that are written with its name inside it: network.layers below [network]."""
        for name, value in fields.items():
            self.wrongs.append(
                Wrong(
                    code="R-FIELD-1",
                    field=(*written, name),
                    sentence=_("{section} has no field {name}").format(
                        section=dotted(path), name=dotted((*path, name))
                    ),
                    got=shown({name: value})[1:-1],
                    because=_("inside {section} its fields stand without its name").format(section=dotted(path)),
                    try_this=setting((name,), value) or dotted((name,)),
                )
            )
            if name in self.sections[path[0]] and name not in result:
                result[name] = value
                self.moved[*path, name] = (*written, name)

    def activations(self, value: Value, path: Path) -> Value:
        """Read the tables of activations with options."""
        if isinstance(value, tuple):
            return tuple(self.activations(one, (*path, number)) for number, one in enumerate(value))
        if isinstance(value, dict):
            return self.known_part(value, path, path, ActivationChoice.model_fields)
        return value

    def bring_home(self, result: Tree) -> None:
        """Put fields into the section where they belong, unless it has them."""
        for (home, name), written, value in self.astray:
            section = result.setdefault(home, {})
            if isinstance(section, dict) and name not in section:
                section[name] = value
                self.moved[home, name] = written

    def meant(self, key: Value, value: Value, path: Path, known: Iterable[str]) -> Path | None:
        """The way to the field that was meant: the same name in another section, or a near name here."""
        if not isinstance(key, str):
            return None
        homes = [name for name, inside in self.sections.items() if key in inside and (name,) != path[:1]]
        if homes and len(path) <= 1 and not isinstance(value, dict):
            return (homes[0], key)
        # Among sections a table looks for a section, and what is no table for a field like the title.
        alike = [name for name in known if path or bool(self.sections[name]) == isinstance(value, dict)]
        close = nearest(key, alike)
        return None if close is None else (*path, close)


def _names_inside(annotation: object) -> tuple[str, ...]:
    """The fields of a section; none for a field that is no section."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return tuple(annotation.model_fields)
    return ()


def _unknown(path: Path, written: Path, value: Value, meant: Path | None, known: Iterable[str]) -> Wrong:
    """R-FIELD-1: an unknown field, and what to write instead."""
    if len(path) > 1:
        sentence = _("{section} has no field {name}").format(section=dotted(path[:-1]), name=dotted(path[-1:]))
    else:
        sentence = _("a recipe has no field {name}").format(name=dotted(path))
    return Wrong(
        code="R-FIELD-1",
        field=written,
        sentence=sentence,
        got=shown({path[-1]: value})[1:-1],
        because=_("its fields are {names}").format(names=", ".join(known)),
        try_this=removal(path, value) if meant is None else setting(meant, value) or dotted(meant),
    )
