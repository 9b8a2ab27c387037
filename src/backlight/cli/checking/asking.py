"""Ask about one program: a diagnosis, or the faults that kept it from being made. Nothing is raised but an interrupt.

This runs in the command's own process for one program, in processes beside it for many.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backlight import language
from backlight.faults import BacklightError, Fault
from backlight.language import _
from backlight.recipes.wording.shown import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlight.checks.diagnosis import Diagnosis

Faults = tuple[Fault, ...]
COULD_NOT_BE_DONE = 2
EXIT_CODES = {"right": 0, "wrong": 1, "cannot_tell": 3}
FROM_GOOD_TO_BAD = (0, 3, 1, COULD_NOT_BE_DONE)
"""Of many programs the worst counts; that one could not be checked is worse than that one is wrong."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked about one program, as plain texts that may travel to another process."""

    program: str
    recipe: str
    trust: bool
    language: str


def answer(asked: Asked) -> Diagnosis | Faults:
    """Check one program."""
    from backlight.checks.check import check

    language.use(asked.language)
    try:
        return check(asked.program, recipe=asked.recipe, trust=asked.trust)
    except BacklightError as error:
        return error.faults
    except Exception as error:  # noqa: BLE001  no traceback reaches a user, and the other programs go on
        return (_ours(asked, error),)


def ended(asked: Asked) -> Faults:
    """C-CHECK-2: the process that checked it is gone."""
    return (
        Fault(
            code="C-CHECK-2",
            sentence=_("the check of {file} ended without an answer").format(file=one_line(asked.program)),
            where=printable(asked.program),
            because=_("its process was killed, perhaps because the machine has too little memory"),
        ),
    )


def exit_code(answers: Iterable[Diagnosis | Faults]) -> int:
    """Give the worst: 2 before 1 before 3 before 0.

    Examples
    --------
    >>> exit_code([()]), exit_code([])
    (2, 0)
    """
    codes = [COULD_NOT_BE_DONE if isinstance(one, tuple) else EXIT_CODES[one.verdict] for one in answers]
    return max(codes, key=FROM_GOOD_TO_BAD.index, default=0)


def _ours(asked: Asked, error: Exception) -> Fault:
    """C-CHECK-1: a fault of backlight's own, with the line that a report of it needs."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Fault(
        code="C-CHECK-1",
        sentence=_("{file} could not be checked, by a fault of backlight").format(file=one_line(asked.program)),
        where=printable(asked.program),
        got=one_line(f"{type(error).__name__}: {error}"),
        because=_("it comes from {place}; please report it with the program").format(
            place=f"{Path(last.filename).name}:{last.lineno}"
        ),
    )
