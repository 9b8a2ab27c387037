"""Read a program as it was written: a Python file, or the code cells of a notebook.

What comes out can be parsed. What cannot be read or parsed is a fault that shows the user's own line;
a program of Python 2 has a fault of its own. Nothing is run here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from pathlib import Path
from typing import NoReturn

from backlight.checks.observing.notebooks import cells_of
from backlight.checks.observing.observation import Program
from backlight.faults import BacklightError, Fault
from backlight.language import _
from backlight.recipes.reading.files import neighbour, unreadable
from backlight.recipes.wording.shown import one_line, printable

LARGEST = 1_000_000
"""Bytes; what people write by hand is a thousand times smaller."""


class ProgramError(BacklightError):
    """A program cannot be read, parsed or run as it should: codes C-..."""


def read_program(path: str | Path) -> Program:
    """Read a program from a ``.py`` file, or from the code cells of an ``.ipynb`` file.

    Parameters
    ----------
    path : str or Path
        The file. A byte order mark, CRLF, tabs and a declared encoding are understood; ``%magic`` and
        ``!command`` lines of a notebook become comments.

    Returns
    -------
    Program
        Its text ends lines in a newline and can be parsed by this Python.

    Raises
    ------
    ProgramError [C-FILE-1]
        When the file does not exist or cannot be read.
    ProgramError [C-FILE-2]
        When it is not text in the encoding that it declares (UTF-8 where it declares none).
    ProgramError [C-FILE-3]
        When nothing is in it that could run, or far too much.
    ProgramError [C-FILE-4]
        When a notebook is no JSON, or has no code cells.
    ProgramError [C-SYNTAX-1]
        When it is no Python.
    ProgramError [C-PYTHON2-1]
        When it is Python 2.
    """
    path = Path(path)
    text = _text(path)
    program = Program(str(path), cells_of(path, text, _refuse) if path.suffix == ".ipynb" else text)
    _refuse_what_is_no_python(program)
    return program


def _text(path: Path) -> str:
    """Decode as Python itself would: byte order mark, declared encoding, every kind of line end."""
    data = _bytes(path)
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        _refuse_undecodable(path, data, error)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            _refuse(path, "C-FILE-3", _("{file} is too large for a program").format(file=one_line(str(path))))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        sentence, because = unreadable(path, error)
        _refuse(path, "C-FILE-1", sentence, because=because, try_this=neighbour(path, path.suffix) or "")


def _refuse_undecodable(path: Path, data: bytes, error: Exception) -> NoReturn:
    """Name the byte, and the encoding of Chinese Windows where that one fits."""
    if isinstance(error, SyntaxError) and str(error).startswith("invalid or missing"):  # in its first two lines
        try:
            data.decode()
        except UnicodeDecodeError as undecodable:
            error = undecodable
    because = str(error) if isinstance(error, SyntaxError) else unreadable(path, error)[1]
    try:
        data.decode("gb18030")
        try_this = _("save it as UTF-8, or write as its first line: {line}").format(line="# -*- coding: gb18030 -*-")
    except UnicodeDecodeError:
        try_this = _("save it as UTF-8")
    sentence = _("{file} cannot be read as text").format(file=one_line(str(path)))
    _refuse(path, "C-FILE-2", sentence, because=because, try_this=try_this)


def _refuse_what_is_no_python(program: Program) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(program.text, program.path)
    except SyntaxError as error:
        raise ProgramError(_python_2(program, error) or _no_python(program, error)) from None
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nested too deeply
        raise ProgramError(_fault(program, "C-SYNTAX-1", _("this is not Python"), because=str(error))) from None
    if not tree.body:
        _refuse(Path(program.path), "C-FILE-3", _("{file} is empty").format(file=one_line(program.path)))


def _no_python(program: Program, error: SyntaxError) -> Fault:
    return _fault(program, "C-SYNTAX-1", _("this is not Python"), error=error, because=printable(error.msg))


# Python 2: (what Python 3 says, how the line is written now)
_PRINT = re.compile(r"print\s+(?P<what>.*?)(?P<comma>,?)\s*(?P<comment>#.*)?$")
_EXCEPT = re.compile(r"except\s+(?P<what>.+?)\s*,\s*(?P<name>\w+)\s*:")
_SAYINGS = ("Missing parentheses in call to", "multiple exception types must be parenthesized")


def _python_2(program: Program, error: SyntaxError) -> Fault | None:
    """Give the fault of a line that was right in Python 2, with the line as Python 3 wants it."""
    if not error.msg.startswith(_SAYINGS):
        return None
    because = _("{file} is a program of Python 2; this is Python 3").format(file=one_line(program.path))
    line = _line(program, error)
    return _fault(
        program, "C-PYTHON2-1", _("this is Python 2"), error=error, because=because, try_this=_in_python_3(line)
    )


def _in_python_3(line: str) -> str:
    """Rewrite a print statement or an except clause."""

    def call(found: re.Match[str]) -> str:
        end = ', end=" "' if found["comma"] else ""
        return f"print({found['what']}{end})" + (f"  {found['comment']}" if found["comment"] else "")

    return _EXCEPT.sub(r"except \g<what> as \g<name>:", _PRINT.sub(call, line))


def _line(program: Program, error: SyntaxError) -> str:
    lines = program.lines
    return lines[error.lineno - 1].strip() if error.lineno and error.lineno <= len(lines) else ""


def _fault(
    program: Program, code: str, sentence: str, *, because: str, error: SyntaxError | None = None, try_this: str = ""
) -> Fault:
    where = printable(program.path)
    if error is not None and error.lineno:
        where += f":{error.lineno}:{error.offset or 1}"
    shown = printable(_line(program, error)) if error is not None else ""
    return Fault(code=code, sentence=sentence, where=where, got=shown, because=because, try_this=printable(try_this))


def _refuse(path: Path, code: str, sentence: str, *, because: str = "", try_this: str = "") -> NoReturn:
    raise ProgramError(
        Fault(code=code, sentence=sentence, where=printable(str(path)), because=because, try_this=try_this)
    )
