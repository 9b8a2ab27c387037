"""Would a mistake have shown? Only then is a right answer worth something.

Every mistake of the catalogue is made by the hand engine at the program's own parameters, judged update by judged update,
until it changes one of the judged numbers by more than any right program may be off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlight.checks.judging.causes import Suspects

POWER = 8.0
"""In tolerances."""


def unseen(suspects: Suspects, among: Iterable[str] | None = None) -> tuple[str, ...]:
    """The mistakes, of all or of some, that would make no difference to what was judged."""
    some = suspects.ways if among is None else among
    return tuple(asked for asked in some if not shows(suspects, asked))


def shows(suspects: Suspects, asked: str) -> bool:
    """Whether one mistake, in one of the ways it can be made, would change what was judged by more than POWER."""
    judged = suspects.judged
    with np.errstate(all="ignore"):
        for number in (1, suspects.number):  # most show in the first update already
            off = np.abs(suspects.implied((asked,), number) - judged.true_gradients[:number])
            if not np.all(off <= POWER * judged.tolerance[:number]):
                return True
    return False
