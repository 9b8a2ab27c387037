"""The program of a notebook: its code cells in order, one below the other.

Lines that only a notebook understands (``%matplotlib inline``, ``!pip install``, ``?name``) become comments,
so that every other line stays what it was.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from backlight.language import _
from backlight.recipes.wording.shown import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?P<rest>%{1,2}[A-Za-z_].*|[!?].*|[\w.]+\?{1,2}\s*)$")
_ASSIGNED = re.compile(r"^(?P<left>[ \t]*[\w, \t]+=[ \t]*)(?P<rest>[%!].*)$")


def cells_of(path: Path, text: str, refuse: Callable[..., NoReturn]) -> str:
    """Join the code cells, each below a line that gives its number, as Jupyter exports them.

    Parameters
    ----------
    refuse : function
        Raises the fault C-FILE-4 when there is no code to join.
    """
    name = one_line(str(path))
    try:
        notebook = json.loads(text)
    except ValueError as error:
        refuse(path, "C-FILE-4", _("{file} is not a notebook").format(file=name), because=str(error))
    cells = [_source(cell) for cell in _cells(notebook)]
    if not any(cell.strip() for cell in cells):
        refuse(path, "C-FILE-4", _("{file} has no code cells").format(file=name))
    return "\n".join(f"# In[{number}]:\n{_without_magic(cell)}\n" for number, cell in enumerate(cells, 1))


def _cells(notebook: object) -> list[dict[str, Any]]:
    """Find the code cells, in notebooks of format 4 and of format 3."""
    if not isinstance(notebook, dict):
        return []
    sheets = _listed(notebook.get("worksheets")) or [notebook]
    cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _listed(sheet.get("cells"))]
    return [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    return "".join(str(line) for line in lines).replace("\r\n", "\n")


def _without_magic(cell: str) -> str:
    """Make comments of what only a notebook understands; after an indent, ``pass`` keeps the block whole."""
    if re.match(r"\s*%%(?!time|capture|prun)", cell):  # %%bash, %%html: the whole cell is no Python
        return "\n".join(f"# {line}" for line in cell.split("\n"))
    if _is_python(cell):  # a line of it may well begin with the operator %
        return cell
    return "\n".join(_plain(line) for line in cell.split("\n"))


def _plain(line: str) -> str:
    if magic := _MAGIC.match(line):
        keep = "pass  " if magic["indent"] else ""
        return f"{magic['indent']}{keep}# {magic['rest']}"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned['left']}None  # {assigned['rest']}"
    return line


def _is_python(cell: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
