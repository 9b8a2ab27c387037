"""English is the source; a gettext catalogue beside this file gives the Chinese.

``_`` marks and translates a text; it is looked up at the moment it is shown, in the language
chosen by ``use``. A program that never calls ``use`` sees English.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "locale"

_translations: NullTranslations | None = None


def use(language: str) -> None:
    """Choose the language of all further texts.

    Parameters
    ----------
    language : str
        A locale's name; what begins with ``zh`` is Chinese, all else English.

    Examples
    --------
    >>> use("zh_CN.UTF-8"); current()
    'zh'
    >>> use("en"); current()
    'en'
    """
    global _translations  # noqa: PLW0603  the one setting of a process, like the locale itself
    if language.lower().startswith("zh"):
        from gettext import translation  # noqa: PLC0415  English needs no gettext: start-up counts

        _translations = translation("backlight", CATALOGUES, ["zh"], fallback=True)
    else:
        _translations = None


def current() -> str:
    """Name the language in use, one of ``LANGUAGES``."""
    return "en" if _translations is None else "zh"


def _(text: str) -> str:
    """Translate one text into the language in use."""
    return text if _translations is None else _translations.gettext(text)


def marked(text: str) -> str:
    """Mark a text for the catalogue where it is defined; ``_`` translates it where it is shown."""
    return text
