"""In which line and column a field of a TOML or JSON text stands.

This is asked only when something is wrong, so nothing is imported or read before that. What is missing has the
place of the table it is missing in; a table that is missing has the beginning of the text.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.recipes.wording.shown import Path, Value
    from backlight.recipes.wording.wrong import Positions


def toml_positions(text: str, *, of_keys: set[Path]) -> Positions:
    """Find fields in a TOML text that parses.

    Parameters
    ----------
    of_keys : set of path
        Fields whose name is asked for, not their value: it is the name that is wrong.
    """
    nodes, lines = _toml_nodes(text), text.split("\n")

    def position(path: Path) -> tuple[int, int] | None:
        for here in (path[:length] for length in range(len(path), 0, -1)):
            node = _toml_node(nodes, here)
            place = _toml_place(node, lines, of_key=here in of_keys) or _toml_header(text, here)
            if place := place or _toml_place(_first_inside(node), lines, of_key=True):
                return place
        return None if nodes is None else (1, 1)

    return position


def json_positions(text: str) -> Positions:
    """Find values in a JSON text that parses; for what is missing, the table it is missing in."""
    places: dict[Path, int] = {}
    _walk(text, 0, (), places)

    def position(path: Path) -> tuple[int, int]:
        known = next(path[:length] for length in range(len(path), -1, -1) if path[:length] in places)
        return line_and_column(text, places[known])

    return position


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    r"""Count lines and characters up to a place in a text, both from 1.

    Examples
    --------
    >>> line_and_column("one\ntwo", 5)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


# ---- TOML ----------------------------------------------------------------------------------------


def _toml_nodes(text: str) -> Value:
    """Every key and value with its place, or None: toml-rs may refuse what tomllib reads."""
    try:
        from toml_rs import load_with_metadata  # noqa: PLC0415  only a recipe with a fault needs places

        return load_with_metadata(text, toml_version="1.0.0").meta["nodes"]
    except (ImportError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _has_place(node: Value) -> bool:
    """Whether this is a key, a value or both with a place, and not a table of such; a user's field is a table."""
    return isinstance(node, dict) and any(isinstance(node.get(raw), str) for raw in ("key_raw", "value_raw"))


def _toml_node(nodes: Value, path: Path) -> Value:
    """Go down to a field, None where it is not there: whatever has a place holds the field as its `value`."""
    for step in path:
        try:
            nodes = (nodes["value"] if _has_place(nodes) else nodes)[step]
        except (KeyError, IndexError, TypeError):
            return None
    return nodes


def _first_inside(node: Value) -> Value:
    """The first field of a table that dotted keys make inside another: there it begins."""
    while isinstance(node, dict) and node and not _has_place(node):
        node = next(iter(node.values()))
    return node


def _toml_place(node: Value, lines: list[str], *, of_key: bool) -> tuple[int, int] | None:
    """Where a key or its value begins; only one of them has a place where tables have headers of their own."""
    if not _has_place(node):
        return None
    wanted = ("key", "value") if of_key else ("value", "key")
    what = next(one for one in wanted if f"{one}_line" in node)
    line = _first(node[f"{what}_line"])
    before = lines[line - 1].encode()[: _first(node[f"{what}_col"]) - 1]
    return line, len(before.decode()) + 1  # toml-rs counts bytes, an editor characters


def _toml_header(text: str, path: Path) -> tuple[int, int] | None:
    """Where a table begins that has a header of its own, or dotted keys; None where there is no such table."""
    name = r"\s*\.\s*".join(f"[\"']?{re.escape(str(step))}[\"']?" for step in path)
    header = re.search(rf"^[ \t]*((\[\s*)?{name}\s*[\].])", text, re.MULTILINE)
    return line_and_column(text, header.start(1)) if header else None


def _first(span: Value) -> int:
    """Where a span begins; what takes one line or one column is a plain number."""
    return int(span[0] if isinstance(span, tuple) else span)


# ---- JSON ----------------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\r\n,:]*")
_SCALAR = re.compile(r"[^\s,:\]}]+")


def _walk(text: str, at: int, path: Path, places: dict[Path, int]) -> int:
    """Note where this value begins and those inside it; give where it ends."""
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    places[path] = at
    if text[at] == '"':
        return int(scanstring(text, at + 1)[1])
    if text[at] not in "[{":
        return _SCALAR.match(text, at).end()  # type: ignore[union-attr]
    is_table, number = text[at] == "{", 0
    at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
    while text[at] not in "]}":
        step: str | int = number
        if is_table:
            step, at = scanstring(text, at + 1)
        at = _SPACE.match(text, _walk(text, at, (*path, step), places)).end()  # type: ignore[union-attr]
        number += 1
    return at + 1
