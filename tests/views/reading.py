"""Reading a transcript as a person does: find a number by the heading above it and the iteration beside it."""

import re
from collections.abc import Iterator

HEADING = re.compile(r"^  (iteration|run|array|迭代|运行|数组)\s")


def numbers(text: str) -> dict[tuple[str, str], str]:
    """Every cell of every table of numbers: (first cell of the row, heading) -> text."""
    found: dict[tuple[str, str], str] = {}
    headings: list[str] = []
    for line in text.splitlines():
        if HEADING.match(line):
            headings = line.split()
        elif headings and line.startswith("  "):
            cells = line.split()
            if len(cells) == len(headings):
                found |= {(cells[0], heading): cell for heading, cell in zip(headings[1:], cells[1:], strict=True)}
        else:
            headings = []
    return found


def labelled(text: str, heading: str) -> dict[str, str]:
    """The labelled numbers below a heading."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(heading))
    return dict(pair for line in _until_blank(lines) for pair in _pairs(line.split()))


def _until_blank(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line:
            return
        yield line


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))
