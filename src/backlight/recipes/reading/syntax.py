"""From text to a tree of tables, lists and numbers that keep what was written; what is no TOML or JSON is told.

What the tree means is not judged here.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from backlight.faults import Fault, RecipeError
from backlight.language import _
from backlight.recipes.numbers import Number, parsed
from backlight.recipes.reading.positions import line_and_column
from backlight.recipes.wording.shown import one_line, pasteable, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlight.recipes.reading.written import Tree


MOST_DIGITS = 4000
"""Longer integers Python may refuse to read (sys.get_int_max_str_digits), and no double reaches them."""


def read_toml(text: str) -> Tree:
    """Read a TOML text.

    Raises
    ------
    SyntaxError
        With line, column and the reader's message.
    """
    try:
        return tomllib.loads(text, parse_float=parsed)
    except tomllib.TOMLDecodeError as error:
        message, line, column = _toml_place(str(error), text)
        raise _syntax_error(message, line, column) from None
    except ValueError:  # int() refuses more than 4300 digits
        digits = re.search(rf"\d{{{MOST_DIGITS},}}", text)
        raise _syntax_error(
            "a number of too many digits", *line_and_column(text, digits.start() if digits else 0)
        ) from None
    except RecursionError:
        raise _syntax_error("nested too deep", 1, 1) from None


def read_json(text: str) -> Tree:
    """Read a JSON text; a key that stands twice in a table is refused, as in TOML.

    Raises
    ------
    SyntaxError
        With line, column and the reader's message.
    """
    try:
        tree = _JSON.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(error.msg, error.lineno, error.colno) from None
    except _TwiceError as error:
        second = [match.start() for match in re.finditer(re.escape(json.dumps(error.key)), text)][-1:]
        raise _syntax_error(f"{word(error.key)} stands twice", *line_and_column(text, (second or [0])[0])) from None
    except RecursionError:
        raise _syntax_error("nested too deep", 1, 1) from None
    if not isinstance(tree, dict):
        raise _syntax_error("a recipe is a table: { ... }", 1, 1)
    return tree


def read(text: str, *, form: str, file: str) -> Tree:
    """Read a text in a form, ``TOML`` or ``JSON``.

    Raises
    ------
    RecipeError [R-SYNTAX-1]
        The text is not of that form; the fix that is offered has been tried.
    """
    reader: Callable[[str], Tree] = read_json if form == "JSON" else read_toml
    try:
        return reader(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        lines = text.replace("\r\n", "\n").split("\n")  # splitlines would also part at U+2028 inside a text
        mended, fix = _mended(lines, min(line, len(lines)), reader)
        if mended < line:
            line, column = mended, len(lines[mended - 1]) + 1
        raise RecipeError(
            Fault(
                code="R-SYNTAX-1",
                sentence=_("line {line} is no {form}").format(line=line, form=form),
                where=f"{file}:{line}:{column}",
                got=one_line(lines[min(line, len(lines)) - 1].strip()),
                because=_("the reader says: {message}").format(message=error.msg),
                try_this=fix,
            )
        ) from None


# ---- JSON with literals ----------------------------------------------------------------------------


class _TwiceError(Exception):
    """A key stands twice in one table."""

    def __init__(self, key: str) -> None:
        self.key = key


def _table(pairs: list[tuple[str, Any]]) -> Tree:
    """Make a table of its pairs."""
    table: Tree = {}
    for key, value in pairs:
        if key in table:
            raise _TwiceError(key)
        table[key] = value
    return table


def _integer(text: str) -> int | Number:
    """An integer, or a number beyond all doubles where it has more digits than Python reads."""
    return int(text) if len(text) < MOST_DIGITS else Number("-inf" if text[0] == "-" else "inf")


_JSON = json.JSONDecoder(object_pairs_hook=_table, parse_float=parsed, parse_int=_integer, parse_constant=Number)
RECIPE_OF_TRACE = re.compile(r'\s*\{\s*"backlight_trace"\s*:\s*\d+\s*,\s*"recipe"\s*:\s*')


def read_trace(text: str) -> Tree | None:
    """Give the recipe at the beginning of a saved trace without reading its numbers, None where it is not there."""
    begin = RECIPE_OF_TRACE.match(text)
    try:
        return None if begin is None else _JSON.raw_decode(text, begin.end())[0]
    except (ValueError, _TwiceError, RecursionError):
        return None


# ---- a fix that has been tried -----------------------------------------------------------------------


def _mended(lines: list[str], line: int, reader: Callable[[str], Tree]) -> tuple[int, str]:
    """Give a line that can be mended and how: the first repair after which the text reads on beyond the fault.

    What is missing at the end of a line is often noticed in the next one only.
    """
    for number in (line, line - 1):
        for repaired in _repairs(lines[number - 1].strip(), _closing("\n".join(lines))) if number else ():
            if pasteable(repaired) and _reads_on(lines, number, repaired, line, reader):
                return number, repaired
    comment = pasteable("# " + lines[line - 1].strip())
    return line, comment if comment and _reads_on(lines, line, comment, line, reader) else _TO_START_FROM


def _reads_on(lines: list[str], number: int, repaired: str, line: int, reader: Callable[[str], Tree]) -> bool:
    """Whether a text is read beyond a line when one line of it is another."""
    try:
        reader("\n".join([*lines[: number - 1], repaired, *lines[number:]]))
    except SyntaxError as error:
        return (error.lineno or 0) > line
    return True


_TO_START_FROM = "backlight recipes course"
"""What prints a recipe that can be read, where a line cannot be mended."""


def _closing(text: str) -> str:
    """The brackets and braces that are opened in a JSON text and never closed, in the order they want."""
    still_open: list[str] = []
    for sign in re.findall(r"[\[\]{}]", re.sub(r'"(?:\\.|[^"\\])*"', "", text)):
        if sign in "[{":
            still_open.append("]" if sign == "[" else "}")
        elif still_open:
            still_open.pop()
    return "".join(reversed(still_open))


def _repairs(line: str, closing: str) -> Iterator[str]:
    """What is often wrong with a line, put right."""
    one_less = re.sub(r",(?=\s*[}\]])", "", line)
    yield one_less
    yield one_less.rstrip(",") + closing
    yield line.replace("'", '"') + closing
    yield re.sub(r"\b(True|False)\b", lambda found: found[0].lower(), line)
    yield re.sub(r"^([\w.]+)\s*:\s*", r"\1 = ", line)
    yield re.sub(r"(?<![\w.])\.(?=\d)", "0.", re.sub(r"(?<=\d)\.(?![\d])", ".0", line))
    yield re.sub(r"(=\s*)([A-Za-z_][\w-]*)(?=\s*(#|$))", r'\1"\2"', line)
    yield re.sub(r"(?<![\"'\w.])([A-Za-z_]\w*)(?=\s*[,\]])", r'"\1"', line)
    yield line + "]" * (line.count("[") - line.count("]"))
    yield line + '"'
    yield line.replace("'", '"')
    yield line.rstrip(",")
    yield line + ","


def _toml_place(message: str, text: str) -> tuple[str, int, int]:
    """Part tomllib's message from the place in it; an older Python gives both only as text."""
    found = re.fullmatch(r"(?s)(.*) \(at line (\d+), column (\d+)\)", message)
    if found:
        return found[1], int(found[2]), int(found[3])
    return message.removesuffix(" (at end of document)"), *line_and_column(text, len(text.rstrip()))


def _syntax_error(message: str, line: int, column: int) -> SyntaxError:
    return SyntaxError(message, (None, line, column, None))
