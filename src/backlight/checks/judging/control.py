"""The check checked: before it says right, it must call wrong what is wrong.

A mistake is planted into the numbers that were judged, and the same judging must find it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.judging.judge import changes_of, judged

if TYPE_CHECKING:
    from backlight.checks.judging.causes import Suspects


def finds(suspects: Suspects, asked: str) -> bool:
    """Whether the program would be called wrong if it made this mistake."""
    held, number = suspects.judged, suspects.number
    with np.errstate(all="ignore"):
        changes = changes_of(suspects.engine((asked,)), suspects.network, held.steps[:number], held.rows[:number])
    steps = [
        replace(step, change=change, after=step.round.parameters - change)
        for step, change in zip(held.steps, changes, strict=False)
    ]
    again = judged(
        steps,
        held.rows[:number],
        held.truths[:number],
        held.learning_rate,
        expected=None if held.expected is None else held.expected[:number],
        rates=None if held.rates is None else np.full(number, held.learning_rate),
    )
    return bool(again.wrong.any())
