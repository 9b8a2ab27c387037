"""Many programs: a line for each, in the order they were named; who fails does not keep the others from an answer."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import click

from backlight import language
from backlight.cli.checking.asking import Asked, Faults, answer, ended, exit_code
from backlight.cli.checking.one import document
from backlight.cli.checking.summary import write
from backlight.cli.checking.together import answers
from backlight.cli.output import INTERRUPTED, reader_may_leave, say_saved, use_utf8
from backlight.cli.progress import watched
from backlight.language import _
from backlight.language.widths import escaped
from backlight.views import answer_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.diagnosis import Diagnosis


def check_several(programs: Sequence[str], *, recipe: str, form: str, trust: bool, summary: str | None) -> int:
    """Ask about all of them, and give the worst exit code; after Ctrl-C what is done is shown and kept.

    Raises
    ------
    TraceError [T-FILE-3]
        The summary cannot be written.
    """
    asked = [Asked(program=one, recipe=recipe, trust=trust, language=language.current()) for one in programs]
    shown = _Shown(programs, form)
    with watched() as watch:
        try:
            for number, said in answers(answer, asked, gone=ended, stopped=lambda: watch.interrupted):
                shown.add(number, said)
        finally:
            shown.end()
            if summary is not None:
                write(summary, shown.done())
                say_saved(_("summary"), summary)
    return INTERRUPTED if watch.interrupted else exit_code(shown.answers.values())


@dataclass
class _Shown:
    """The answers so far: told on standard error as they come, printed in the order of the programs."""

    programs: Sequence[str]
    form: str
    answers: dict[int, Diagnosis | Faults] = field(default_factory=dict)
    printed: int = 0

    def add(self, number: int, said: Diagnosis | Faults) -> None:
        """Take an answer, and print what can be printed."""
        self.answers[number] = said
        if not sys.stdout.isatty():  # there the lines themselves show how far it is
            reached = _("{done} of {all}: {program}").format(
                done=len(self.answers), all=len(self.programs), program=escaped(self.programs[number])
            )
            click.echo(reached, err=True)
        for fault in said if isinstance(said, tuple) else ():
            click.echo(f"backlight: {fault.text()}", err=True)
        while self.printed in self.answers:
            self._print(self.printed)
            self.printed += 1

    def end(self) -> None:
        """Print what was waiting for a program that never came."""
        for number in sorted(self.answers):
            if number >= self.printed:
                self._print(number)

    def done(self) -> list[tuple[str, Diagnosis | Faults]]:
        """Programs with their answers, in order."""
        return [(self.programs[number], self.answers[number]) for number in sorted(self.answers)]

    def _print(self, number: int) -> None:
        with reader_may_leave():
            if self.form == "json":
                use_utf8()
                click.echo(_document(self.programs[number], self.answers[number]))
            else:
                click.echo(answer_line(self.programs[number], self.answers[number], among=self.programs))


def _document(program: str, said: Diagnosis | Faults) -> str:
    """A line of JSON; of a program that could not be checked with its faults in place of a verdict."""
    if not isinstance(said, tuple):
        return document(said)
    faults = [{name.removesuffix("_this"): text for name, text in asdict(fault).items()} for fault in said]
    failed = {"backlight_check": 1, "program": program, "verdict": None, "faults": faults}
    return json.dumps(failed, ensure_ascii=False)
