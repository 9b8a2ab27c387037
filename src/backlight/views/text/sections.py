"""A text in sections: each has a heading and its lines, a blank line stands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def joined(*sections: Iterable[str]) -> str:
    """Put sections below each other, without those that have no lines."""
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines)


def section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Give a heading and its lines, or nothing where there are no lines."""
    for number, line in enumerate(lines):
        if number == 0:
            yield heading
        yield line
