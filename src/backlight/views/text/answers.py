"""The answers to many programs, one line each: path, verdict, kind, line and mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backlight.language import _, marked
from backlight.language.widths import columns, escaped, left, plain
from backlight.views.text.tables import GAP

if TYPE_CHECKING:
    from backlight.checks.diagnosis import Diagnosis
    from backlight.faults import Fault

PATHS = 32
"""Columns that longer paths do not take from all the others."""

VERDICTS = {
    "right": marked("right"),
    "wrong": marked("wrong"),
    "cannot_tell": marked("can't tell"),
    "failed": marked("failed"),
}


def answer_line(path: str, answer: Diagnosis | Sequence[Fault], *, among: Sequence[str] = ()) -> str:
    """Write one program's answer in a line; its beginning is as wide as the longest of the paths it stands among.

    Kinds, mistakes and codes are written as in JSON, in every language.

    Examples
    --------
    >>> from backlight.checks.diagnosis import Diagnosis, Explanation
    >>> from backlight.checks.observing.observation import Program
    >>> from backlight.faults import Fault
    >>> answer = Diagnosis(
    ...     program=Program("ann.py", ""), recipe="course", verdict="wrong", kind="wrong_parameter",
    ...     explanations=(Explanation(mistake="missing-path", line=30),),
    ... )
    >>> print(answer_line("ann.py", answer, among=["ann.py", "robert.py"]))
    ann.py     wrong       wrong_parameter, line 30, missing-path
    >>> print(answer_line("robert.py", [Fault(code="C-FILE-1", sentence="robert.py does not exist")]))
    robert.py  failed      C-FILE-1: robert.py does not exist
    """
    widths = [columns(escaped(name)) for name in (*among, path)]
    width = max(min(PATHS, max(widths)), widths[-1])
    verdict = "failed" if isinstance(answer, Sequence) else answer.verdict
    second = max(columns(_(word)) for word in VERDICTS.values())
    return (left(escaped(path), width) + GAP + left(_(VERDICTS[verdict]), second) + GAP + _more(answer)).rstrip()


def _more(answer: Diagnosis | Sequence[Fault]) -> str:
    """Kind, line and mistake; the first fault of a program that could not be checked."""
    if isinstance(answer, Sequence):
        return f"{answer[0].code}: {plain(answer[0].sentence)}"
    told = [
        answer.kind if answer.kind != answer.verdict else "",
        _("line {line}").format(line=answer.line) if answer.line else "",
        *(plain(one.mistake) for one in answer.explanations[:1]),
    ]
    return ", ".join(filter(None, told))
