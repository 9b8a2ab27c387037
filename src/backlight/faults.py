"""What can go wrong, in one form: a sentence, what was got, why, and something that works.

Every error a user can meet is a list of faults, so that all of them are told at once.
This file uses only the language; the rooms raise its errors, the command line prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, in the user's words.

    Parameters
    ----------
    code : str
        Stable name such as ``R-SHAPE-1``; ``backlight explain CODE`` tells more about it.
    sentence : str
        One line without a full stop.
    got, because, try_this : str
        The user's value; the reason; a text that works when it is pasted. Empty ones are not printed.
    where : str
        ``file:line:column  field`` as far as it is known.

    Examples
    --------
    >>> print(Fault(code="R-NAME-1", sentence="no activation is called rulu", got='"rulu"', try_this='"relu"').text())
    no activation is called rulu   [R-NAME-1]
      got       "rulu"
      try       "relu"
    """

    code: str
    sentence: str
    got: str = ""
    because: str = ""
    try_this: str = ""
    where: str = ""

    def text(self) -> str:
        """Lay the fault out: the sentence and its code, then one line for each thing known of it."""
        lines = [f"{self.sentence}   [{self.code}]"]
        for name, value in (
            (_("where"), self.where),
            (_("got"), self.got),
            (_("because"), self.because),
            (_("try"), self.try_this),
        ):
            if value:
                label = name + " " * max(1, 10 - _columns(name))
                lines.append(f"  {label}" + value.replace("\n", "\n" + " " * 12))
        return "\n".join(lines)


class BacklightError(Exception):
    """Something could not be done; ``faults`` says what, all of it at once.

    Parameters
    ----------
    faults : Fault or sequence of Fault
        At least one.
    """

    def __init__(self, faults: Fault | Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n\n".join(fault.text() for fault in self.faults))

    def __reduce__(self) -> tuple[type[BacklightError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class RecipeError(BacklightError):
    """A recipe says something that cannot be done: codes R-..."""


class EngineError(BacklightError):
    """An engine, or a mistake asked of it, cannot do this recipe: codes E-..."""


class TraceError(BacklightError):
    """A trace does not hold what was asked of it, or its file cannot be read or written: codes T-..."""


class MissingExtra(BacklightError):
    """A part of backlight needs a library that is not installed: codes X-..."""


def missing_extra(extra: str, library: str, purpose: str) -> MissingExtra:
    """Say which extra to install for a purpose.

    Examples
    --------
    >>> print(missing_extra("torch", "torch", "the autograd engine"))
    the autograd engine needs torch, which is not installed   [X-EXTRA-1]
      because   torch is an extra of backlight, so that the base stays small
      try       pip install "backlight[torch]"
    """
    return MissingExtra(
        Fault(
            code="X-EXTRA-1",
            sentence=_("{purpose} needs {library}, which is not installed").format(purpose=purpose, library=library),
            because=_("{library} is an extra of backlight, so that the base stays small").format(library=library),
            try_this=f'pip install "backlight[{extra}]"',
        )
    )


FIRST_WIDE = "\u1100"
"""From here on, the characters that our labels use take two columns of a terminal."""


def _columns(text: str) -> int:
    """Width on a terminal; a Chinese character takes two columns."""
    return sum(2 if character >= FIRST_WIDE else 1 for character in text)
