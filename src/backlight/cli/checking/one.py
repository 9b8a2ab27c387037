"""One program: the whole report, and the repair if it is asked for."""

from __future__ import annotations

import io
import json
import tokenize
from typing import TYPE_CHECKING

import click

from backlight import language
from backlight.cli.checking.asking import Asked, answer, exit_code
from backlight.cli.checking.summary import write
from backlight.cli.output import in_its_signs, reader_may_leave, say_saved, use_utf8
from backlight.faults import BacklightError
from backlight.language import _
from backlight.traces.whole import whole

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Diagnosis


def check_one(program: str, *, recipe: str, form: str, fix: str | None, trust: bool, summary: str | None) -> int:
    """Ask, show, keep; give the exit code.

    Raises
    ------
    BacklightError
        It could not be checked.
    TraceError [T-FILE-3]
        A file cannot be written.
    """
    said = answer(Asked(program=program, recipe=recipe, trust=trust, language=language.current()))
    if not isinstance(said, tuple):
        _show(said, form)
    if summary is not None:
        write(summary, [(program, said)])
        say_saved(_("summary"), summary)
    if isinstance(said, tuple):
        raise BacklightError(said)
    if fix is not None:
        _mend(said, fix)
    return exit_code([said])


def document(diagnosis: Diagnosis) -> str:
    """The JSON document of an answer, on one line."""
    return json.dumps(diagnosis.as_dict(), ensure_ascii=False, allow_nan=False)


def _show(diagnosis: Diagnosis, form: str) -> None:
    """Print the answer."""
    with reader_may_leave():
        if form == "json":
            use_utf8()
            click.echo(document(diagnosis))
        else:
            from backlight.views import diagnosis_report

            click.echo(in_its_signs(diagnosis_report(diagnosis)))


def _mend(diagnosis: Diagnosis, file: str) -> None:
    """Write the program as it should be, or say why not; either way on standard error."""
    if diagnosis.fixed is None:
        why = {
            "right": _("{file} is not written: there is nothing to mend"),
            "wrong": _("{file} is not written: no repair is proved to make every gradient right"),
            "cannot_tell": _("{file} is not written: it cannot be told whether there is something to mend"),
        }
        click.echo(why[diagnosis.verdict].format(file=file), err=True)
        return
    with whole(file) as draft:
        draft.write_bytes(_encoded(diagnosis.fixed))
    say_saved(_("mended program"), file)


def _encoded(program: str) -> bytes:
    """A program in the encoding that it declares, as Python will read it."""
    try:
        declared, _lines = tokenize.detect_encoding(io.BytesIO(program.encode()).readline)
        return program.encode(declared)
    except (SyntaxError, UnicodeEncodeError):
        return program.encode()
