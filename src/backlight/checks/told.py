"""What the catalogue tells of a mistake: for those who show a diagnosis and must not know the engines."""

from __future__ import annotations

from dataclasses import dataclass

from backlight.engines.mistakes import MISTAKES


@dataclass(frozen=True)
class Told:
    """Sentences of the catalogue in English, to be translated when they are shown; empty where there is none."""

    instead: str = ""
    tempting: str = ""
    shows: str = ""


def told(mistake: str) -> Told:
    """Look a mistake up, with or without parameters behind its slug.

    Examples
    --------
    >>> told("constant-factor:factor=2").shows
    'the ratio to the right gradient is the same for every parameter; the direction is exact'
    >>> told("no-such-mistake")
    Told(instead='', tempting='', shows='')
    """
    entry = MISTAKES.get(mistake.partition(":")[0])
    return Told() if entry is None else Told(entry.instead, entry.tempting, entry.shows)
