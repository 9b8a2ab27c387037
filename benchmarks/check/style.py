"""A style: one way to write the program, as a text file that reads like the program it is.

Above, between lines of +++, a style says in TOML what its programs compute. Below stands the right program, with
{{slots}} for numbers. Under a line stands, behind a mark, what another program has there instead:

    #! SLUG: text    the mistake; the text is wrong here (no text: the line is missing)
    #: SLUG: text    the same program differs here too, but this is not the mistake's place
    #= NAME: text    an unusual program that is right all the same
    #@ SLUG          the line above is as good an answer as the mistake's own

Several marks of one program under a line are its several lines there. SLUG/word tells two ways to make one mistake
apart; SLUG+SLUG makes two together; SLUG@network,network says in which networks it is made.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "styles"
_MARK = re.compile(r"^(?P<indent>\s*)#(?P<mark>[!:=@]) (?P<tag>[^\s:@]+)(?:@(?P<networks>[\w,-]+))?:? ?(?P<text>.*)$")
_SLOT = re.compile(r"\{\{([\w.]+)\}\}")


@dataclass(frozen=True)
class Instead:
    """What stands in one program instead of a line, and whether that is the mistake's place."""

    mark: str
    text: str


@dataclass
class Line:
    """A line of the right program, and what other programs have there."""

    text: str
    instead: dict[str, list[Instead]] = field(default_factory=dict)

    def of(self, tag: str) -> list[Instead]:
        """What stands here in one of the programs."""
        here = self.instead.get(tag, [])
        written = [one for one in here if one.mark != "@"]
        if not written:
            return [Instead("@" if here else " ", self.text)]
        return written


@dataclass(frozen=True, kw_only=True)
class Style:
    """One way to write the program.

    Attributes
    ----------
    name : str
        That of its file.
    about : dict
        What it says of itself; see the styles.
    lines : list of Line
        The right program with everything that may stand instead.
    networks : mapping of tag to networks
        Where a program is made, for those that are not made everywhere.
    held_out : bool
        Whether nobody looks at it: it was written by somebody who has not seen the checker, and lies in its own folder.
    """

    name: str
    about: dict[str, Any]
    lines: list[Line]
    networks: dict[str, list[str]]
    held_out: bool

    def tags(self, marks: str) -> list[str]:
        """All programs that have one of these marks, in the order of the file."""
        return list(
            dict.fromkeys(
                tag
                for line in self.lines
                for tag, here in line.instead.items()
                if any(one.mark in marks for one in here)
            )
        )

    def text(self, tag: str, slots: dict[str, str]) -> tuple[str, list[int]]:
        """Write one program, and give the numbers of the lines where its mistake stands."""
        written: list[str] = []
        places: list[int] = []
        for line in self.lines:
            for one in line.of(tag):
                gap = one.mark == "!" and not one.text.strip()
                if one.mark in "!@":
                    places += [len(written), len(written) + 1] if gap else [len(written) + 1]
                if one.mark in " @" or one.text.strip():
                    written.append(_SLOT.sub(lambda slot: slots[slot[1]], one.text))
        return "\n".join(written) + "\n", sorted(set(places))


def styles() -> list[Style]:
    """All styles there are, those that are held out among them."""
    return [read_style(path) for path in sorted(FOLDER.rglob("*.style"))]


def read_style(path: Path) -> Style:
    """Read one style from its file."""
    _nothing, about, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    lines: list[Line] = []
    networks: dict[str, list[str]] = {}
    for row in body.rstrip("\n").split("\n"):
        if found := _MARK.match(row):
            lines[-1].instead.setdefault(found["tag"], []).append(_instead(found))
            if found["networks"]:
                networks[found["tag"]] = found["networks"].split(",")
        else:
            lines.append(Line(row))
    held_out = path.parent.name == "held_out"
    return Style(name=path.stem, about=tomllib.loads(about), lines=lines, networks=networks, held_out=held_out)


def _instead(found: re.Match[str]) -> Instead:
    return Instead(found["mark"], found["indent"] + found["text"])


def renamed(text: str, names: dict[str, str]) -> str:
    """Give variables other names, all at once."""
    if not names:
        return text
    words = re.compile(r"(?<![\w])(" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")(?![\w])")
    return words.sub(lambda word: names[word[1]], text)


def reindented(text: str, unit: str) -> str:
    """Indent by something else than four spaces."""
    return "\n".join(_indents(text.split("\n"), unit))


def _indents(lines: list[str], unit: str) -> Iterator[str]:
    for line in lines:
        bare = line.lstrip(" ")
        depth, rest = divmod(len(line) - len(bare), 4)
        yield unit * depth + " " * rest + bare
