"""How wide is a text on a terminal, and where may its line break?

A Chinese character takes two columns and may end a line; a letter takes one and stays with its word.
Control characters of a title or a name are made visible here, so that no text can command the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 80
"""Columns of a terminal that every view fits in."""

TAB = 4
"""Columns between two tab stops of a program."""

_CLOSING = frozenset("，。；：、！？）》」』】”’…,.;:!?)]}%")
_OPENING = frozenset("（《「『【“‘([{")
_NO_CHARACTERS = 0xFFFE  # the last two of every plane; an SVG file must not hold them
_JOINERS = "\u200c\u200d"  # harmless, and some scripts cannot be written without them


def columns(text: str) -> int:
    """Count the columns a text takes.

    Examples
    --------
    >>> columns("loss"), columns("损失")
    (4, 4)
    """
    return sum(map(_columns_of, text))


def plain(text: str) -> str:
    r"""Make a text from outside safe to print: one line, its control characters written out.

    Examples
    --------
    >>> print(plain("a\x1b[31mred\ntitle"))
    a\x1b[31mred title
    """
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    r"""Make a name safe to print, and leave it recognisable: only its control characters are written out.

    Examples
    --------
    >>> print(escaped("two  spaces\n.py"))
    two  spaces\n.py
    """
    return "".join(map(_plain_character, text))


def verbatim(text: str) -> str:
    r"""Make a line of a program safe to print: its spaces stay, its control characters are written out.

    Examples
    --------
    >>> print(verbatim("\tw = 1  # \x1b[31mred"))
        w = 1  # \x1b[31mred
    """
    return escaped(text.expandtabs(TAB)).rstrip()


def broken(text: str, room: int) -> list[str]:
    """Break a line of a program where the room ends, whatever stands there.

    Examples
    --------
    >>> broken("w1 = 0.5  # 权值", 12)
    ['w1 = 0.5  # ', '权值']
    """
    return [piece for _space, piece in _cut("", text, room)]


def in_rows(text: str, room: int) -> Iterator[str]:
    """Break a line of a program between its words where there are some, the other rows further in.

    Examples
    --------
    >>> list(in_rows("d = a * w5 + b * w6", 12))
    ['d = a * w5 +', '    b * w6']
    """
    further = " " * min(len(text) - len(text.lstrip()) + TAB, room // 2)
    while columns(text) > room:
        first = broken(text, room)[0]
        space = (first if text[len(first) :].startswith(" ") else first[: first.rfind(" ") + 1]).rstrip()
        end = len(space) if len(space) > max(room // 2, len(further)) else len(first)
        yield text[:end]
        text = further + text[end:].lstrip()
    yield text


def cut(text: str, room: int) -> str:
    """Leave out the end of a text that is too long.

    Examples
    --------
    >>> cut("w1 = 0.5", 8), cut("w1 = 0.25", 8)
    ('w1 = 0.5', 'w1 = ...')
    """
    return text if columns(text) <= room else broken(text, room - 3)[0] + "..."


def left(text: str, width: int) -> str:
    """Fill up with spaces on the right."""
    return text + " " * (width - columns(text))


def right(text: str, width: int) -> str:
    """Fill up with spaces on the left."""
    return " " * (width - columns(text)) + text


def wrap(text: str, *, first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """Break a text into lines that fit.

    Words stay whole where they can; Chinese breaks between characters, but no line begins with a closing
    mark or ends with an opening one.

    Parameters
    ----------
    first, rest : str
        What the first line and the others begin with.

    Examples
    --------
    >>> wrap("one two three", first="- ", rest="  ", width=9)
    ['- one two', '  three']
    >>> wrap("损失不再下降。", width=8)
    ['损失不再', '下降。']
    """
    lines, line, empty = [], first, True
    for space, piece in _pieces(text, width - max(columns(first), columns(rest))):
        gap = "" if empty else space
        if not empty and columns(line) + columns(gap) + columns(piece) > width:
            lines.append(line)
            line, gap = rest, ""
        line, empty = line + gap + piece, False
    return [*lines, line]


def _columns_of(character: str) -> int:
    """Two for Chinese and the like, none for an accent that stands on the letter before."""
    if combining(character) or category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _plain_character(character: str) -> str:
    """A character as it is, or its escape where it would be obeyed instead of shown."""
    obeyed = category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _JOINERS
    if obeyed or ord(character) % 0x10000 >= _NO_CHARACTERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def _pieces(text: str, room: int) -> Iterator[tuple[str, str]]:
    """What must stay on one line, each with the space before it; longer than a line is cut."""
    space, piece = "", ""
    for character in text:
        if character.isspace():
            if piece:
                yield from _cut(space, piece, room)
                space, piece = "", ""
            space = " "
        elif piece and _may_break(piece[-1], character):
            yield from _cut(space, piece, room)
            space, piece = "", character
        else:
            piece += character
    if piece:
        yield from _cut(space, piece, room)


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters that no space separates."""
    wide = "WF"
    either_wide = east_asian_width(before) in wide or east_asian_width(after) in wide
    return either_wide and before not in _OPENING and after not in _CLOSING and _columns_of(after) > 0


def _cut(space: str, piece: str, room: int) -> Iterator[tuple[str, str]]:
    """A piece, in parts where it is longer than a line."""
    part, used = "", 0
    for character in piece:
        if part and used + _columns_of(character) > room:
            yield space, part
            space, part, used = "", "", 0
        part, used = part + character, used + _columns_of(character)
    yield space, part
