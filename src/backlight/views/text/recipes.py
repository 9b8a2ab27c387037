"""The ready recipes, one to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import plain
from backlight.views.text.tables import facts

if TYPE_CHECKING:
    from collections.abc import Mapping


def recipes_table(titles: Mapping[str, str]) -> str:
    """List recipes by name with their titles, in the language in use.

    Examples
    --------
    >>> print(recipes_table({"xor": "Exclusive or", "course": "The exercise"}))
    xor     Exclusive or
    course  The exercise
    """
    return "\n".join(facts((plain(name), plain(_(title))) for name, title in titles.items() if title))
