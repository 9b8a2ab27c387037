"""A font that has Chinese characters, found among those of the system."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib import font_manager

LATIN = "DejaVu Sans"
"""Comes with matplotlib, so that a picture looks alike everywhere."""

_FAMILIES = (
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Droid Sans Fallback",
)
"""Families with simplified Chinese, of Debian, macOS and Windows; the first that is there is taken."""

_FILES = (
    "wqy-",
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "pingfang",
    "hiragino sans gb",
    "msyh",
    "simhei",
    "droidsansfallback",
)
"""How their files begin: matplotlib's list of fonts may be older than the font."""


@cache
def chinese_family() -> str | None:
    """Name a family with Chinese characters, None if the system has none."""
    if found := _known():
        return found
    for file in sorted(font_manager.findSystemFonts()):
        if Path(file).name.lower().startswith(_FILES):
            font_manager.fontManager.addfont(file)
    return _known()


def _known() -> str | None:
    """The first of the families that matplotlib knows."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((family for family in _FAMILIES if family in known), None)


def families() -> list[str]:
    """The families to draw with, in the order in which a character is looked for."""
    return [LATIN, *filter(None, [chinese_family()])]


def covers(text: str) -> bool:
    r"""Whether the fonts have every character of a text: what they lack would be drawn as boxes.

    Examples
    --------
    >>> covers("dL/dw"), covers("\U000e0041")
    (True, False)
    """
    return all(any(ord(character) in _characters(family) for family in families()) for character in text)


@cache
def _characters(family: str) -> frozenset[int]:
    """The characters that a family has."""
    font = font_manager.get_font(font_manager.findfont(family))
    return frozenset(font.get_charmap())
