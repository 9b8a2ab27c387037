"""The texts of the sources and of the catalogue, as babel reads them."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from backlight.language import CATALOGUES

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SOURCES = CATALOGUES.parent.parent
PO = CATALOGUES / "zh" / "LC_MESSAGES" / "backlight.po"
MO = PO.with_suffix(".mo")


def collected(folder: Path = SOURCES) -> set[str]:
    """Every text of the Python files that is wrapped in `_` or `marked`; of a pair with a plural the first."""
    found = extract_from_dir(folder, method_map=[("**.py", "python")], keywords=DEFAULT_KEYWORDS | {"marked": None})
    return {first(text) for _file, _line, text, _comments, _context in found}


def first(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def catalogue(file: Path = PO) -> Catalog:
    """The catalogue with its comments, and with entries that no source has any more."""
    with file.open("rb") as opened:
        return read_po(opened, locale="zh", domain="backlight")


def fields(text: str) -> set[tuple[str, str, str | None]]:
    """The fields of a text: name, format and conversion of each.

    >>> sorted(fields("{ulp:.4g} of {label!r}"))
    [('label', '', 'r'), ('ulp', '.4g', None)]
    """
    return {
        (name, spec or "", conversion) for _text, name, spec, conversion in Formatter().parse(text) if name is not None
    }
