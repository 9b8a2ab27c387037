"""Where results go: text or JSON to standard output, files where they were asked for, the rest to standard error."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backlight.faults import missing_extra
from backlight.language import _
from backlight.traces import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.traces import Comparison

INTERRUPTED = 130
CANNOT_TELL = 3
PLAIN_SIGNS = {"✓": "+", "✗": "x"}


def check_files(*, plot: str | None, save: str | None = None) -> None:
    """Refuse now what could not be written at the end: hours may lie between."""
    if plot is None and save is None:
        return
    from backlight.traces.files import check_ending
    from backlight.traces.whole import check_place

    if plot is not None:
        from backlight.views.plots.save import check_ending as check_ending_of_plot

        check_ending_of_plot(plot)
        check_place(plot)
        if find_spec("matplotlib") is None:
            raise missing_extra("plot", "matplotlib", _("a plot"))
    if save is not None:
        check_ending(save)
        check_place(save)
        for library in ("xarray", "zarr") if save.endswith(".zarr") else ():
            if find_spec(library) is None:
                raise missing_extra("study", library, _("a Zarr folder"))


def show(result: Trace | Comparison, form: str) -> None:
    """Print a result."""
    if isinstance(result, Trace):
        _tell_thinned(result, form)
    with reader_may_leave():
        if form == "json":
            use_utf8()
            sys.stdout.writelines(_json(result))
        else:
            click.echo(_text(result))


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Print inside: a reader that has seen enough, such as `head`, does not keep files from being written."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # click would leave with 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_its_signs(text: str) -> str:
    """Put plain signs for those that the encoding of standard output lacks; they are as wide."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.translate({ord(sign): plain for sign, plain in PLAIN_SIGNS.items() if not _has(encoding, sign)})


def _has(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def use_utf8() -> None:
    """Print in UTF-8, whatever the locale: a JSON document is read so everywhere (RFC 8259, section 8.1)."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _tell_thinned(trace: Trace, form: str) -> None:
    """Tell on standard error that less than all was recorded by default; on a terminal the transcript says it."""
    from backlight.engines.run import thinned

    if (note := thinned(trace)) and not (form == "text" and sys.stdout.isatty()):
        click.echo(note, err=True)


def _text(result: Trace | Comparison) -> str:
    """A result for 80 columns."""
    if isinstance(result, Trace):
        from backlight.views import transcript

        return transcript(result)
    from backlight.views import comparison_table

    return comparison_table(result)


def _json(result: Trace | Comparison) -> Iterator[str]:
    """The JSON document of a result, in pieces."""
    if isinstance(result, Trace):
        from backlight.traces.as_json import pieces as of_trace

        return of_trace(result, folder=Path())
    from backlight.findings import outcome
    from backlight.traces.comparison_as_json import pieces as of_comparison

    return of_comparison(result, outcomes=[outcome(trace) for trace in result.traces])


def keep(result: Trace | Comparison, *, plot: str | None, save: str | None = None) -> None:
    """Write the files that were asked for, and say so."""
    if save is not None and isinstance(result, Trace):
        say_saved(_("trace"), str(result.save(save)))
    if plot is not None:
        from backlight.views import plot as draw

        draw(result, file=plot)
        say_saved(_("plot"), plot)


def exit_code(result: Trace | Comparison, *, interrupted: bool) -> int:
    """0 when everything is there; 130 after Ctrl-C; 3 when the exact engine could not prove all of it."""
    if interrupted:
        return INTERRUPTED
    return 0 if result.complete else CANNOT_TELL


def say_saved(what: str, file: str) -> None:
    """Tell where something is."""
    click.echo(_("{what} saved to {file}").format(what=what, file=file), err=True)
