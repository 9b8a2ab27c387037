"""What is wrong with a recipe, before it is known in which line of which file it stands.

The checks say the way to a field; here this becomes file:line:column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.wording.shown import Path, dotted

Positions = Callable[[Path], "tuple[int, int] | None"]
"""Line and column of a field, both from 1, or None where they are not known."""

_AT_THE_END = (1 << 60, 0)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One fault, and the way to what is wrong.

    ``field`` is the way as it is shown; ``at`` is the place a reader should look at: ``field`` itself, or
    something inside it.
    """

    code: str
    field: Path
    sentence: str
    got: str = ""
    because: str = ""
    try_this: str = ""
    at: Path = ()

    def fault(self, where: str) -> Fault:
        """The fault with its place in words."""
        return Fault(
            code=self.code,
            sentence=self.sentence,
            got=self.got,
            because=self.because,
            try_this=self.try_this,
            where=where,
        )


def faults(
    wrongs: Sequence[Wrong],
    *,
    respelled: Mapping[Path, Path],
    file: str = "",
    positions: Positions | None = None,
    changed: Collection[Path] = (),
) -> tuple[Fault, ...]:
    """Give the faults in the order of the file, each with its place.

    Parameters
    ----------
    respelled : mapping of path to path
        Fields that were read under their right name, and how they are written.
    file : str
        As the user named it; empty for a recipe that is no text.
    positions : callable, optional
        Where fields stand in the text.
    changed : collection of path
        Fields that were changed after the text was read: their place in it would mislead.
    """
    placed = []
    for order, wrong in enumerate(wrongs):
        field, at = (_as_written(path, respelled) for path in (wrong.field, wrong.at or wrong.field))
        is_in_text = not any(at[: len(path)] == path for path in changed)
        position = positions(at) if positions and is_in_text else None
        begin = (file if is_in_text else "") + (f":{position[0]}:{position[1]}" if position else "")
        where = "  ".join(text for text in (begin, dotted(field)) if text)
        placed.append((position or _AT_THE_END, order, (wrong.code, field[:2]), wrong.fault(where)))
    placed.sort(key=lambda one: one[:2])
    return few([(alike, fault) for _position, _order, alike, fault in placed])


def few(faults: Sequence[tuple[Hashable, Fault]], *, most: int = 5) -> tuple[Fault, ...]:
    """Keep the first of many faults that are alike; the last one that is kept says how many there are more."""
    found = Counter(alike for alike, _fault in faults)
    told: Counter[Hashable] = Counter()
    kept: list[Fault] = []
    for alike, fault in faults:
        told[alike] += 1
        more = found[alike] - most
        if told[alike] == most and more > 0:
            note = _("more like this: {number}").format(number=more)
            kept.append(replace(fault, because="; ".join(text for text in (fault.because, note) if text)))
        elif told[alike] <= most:
            kept.append(fault)
    return tuple(kept)


def _as_written(path: Path, respelled: Mapping[Path, Path]) -> Path:
    """The way to a field in the user's spelling."""
    for length in range(len(path), 0, -1):
        if path[:length] in respelled:
            return respelled[path[:length]] + path[length:]
    return path
