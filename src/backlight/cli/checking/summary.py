"""A table with a line for each program, for a spreadsheet: complete, or not there at all.

Names of programs are hostile input: none is taken for a formula, and none commands a terminal.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from backlight.language.widths import escaped
from backlight.traces.whole import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlight.checks.diagnosis import Diagnosis
    from backlight.cli.checking.asking import Faults

COLUMNS = ("program", "verdict", "kind", "line", "mistake", "proof", "fault")
FORMULAS = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula."""


def write(file: str, answers: Iterable[tuple[str, Diagnosis | Faults]]) -> None:
    """Write the table; words are those of the JSON form, in every language.

    Raises
    ------
    TraceError [T-FILE-3]
        The file cannot be written.
    """
    with whole(file) as draft, draft.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(map(cell, _row(program, answer)) for program, answer in answers)


def cell(text: str) -> str:
    r"""Make a text safe in a cell.

    Examples
    --------
    >>> print(cell("=1+1.py"), cell("a\x1b[31m.py"))
    '=1+1.py a\x1b[31m.py
    """
    shown = escaped(text)
    return "'" + shown if shown.lstrip().startswith(FORMULAS) else shown


def _row(program: str, answer: Diagnosis | Faults) -> Iterator[str]:
    """The cells of one program."""
    if isinstance(answer, tuple):
        yield from (program, "failed", "", "", "", "", f"{answer[0].code}: {answer[0].sentence}")
        return
    best = answer.explanations[0] if answer.explanations else None
    yield from (program, answer.verdict, answer.kind, str(answer.line or ""))
    yield from (best.mistake, "yes" if best.proof else "no", "") if best else ("", "", "")
