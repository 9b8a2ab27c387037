"""Ask the checker about one program, and compare its answer with what must be said.

Reads nothing but the answer's documented form, that of `backlight check --format json`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .programs import Program


@dataclass(frozen=True)
class Score:
    """What was said of a program, and how long it took.

    Attributes
    ----------
    answer : dict
        As in JSON; ``{"verdict": "failed", "text": ...}`` where there was none.
    """

    program: Program
    answer: dict[str, Any]
    seconds: float

    @property
    def wrong(self) -> bool:
        """Whether the program has a mistake of the catalogue."""
        return bool(self.program.mistake)

    @property
    def verdict(self) -> bool:
        """Whether the verdict is right."""
        return bool(self.answer["verdict"] == self.program.verdict)

    @property
    def accused(self) -> bool:
        """Whether a right program is called wrong."""
        return self.program.verdict == "right" and self.answer["verdict"] == "wrong"

    @property
    def kind(self) -> bool:
        """Whether the kind of answer suits."""
        return self.answer.get("kind") in self.program.kinds

    @property
    def line(self) -> bool:
        """Whether the line that is named is one where the mistake stands."""
        return self.wrong and self._line in self.program.lines

    @property
    def named(self) -> bool:
        """Whether the first diagnosis is the mistake, or one that cannot be told from it here."""
        program, said = self.program, self._first.get("mistake")
        if program.also:
            return {said, *self._first.get("also", ())} == {program.mistake, *program.also}
        return self.wrong and said in {program.mistake, *program.equals}

    @property
    def told(self) -> bool:
        """Whether the mistake is among those of any diagnosis."""
        return self.wrong and any(
            self.program.mistake in {one.get("mistake"), *one.get("also", ()), *one.get("equals", ())}
            for one in self.answer.get("diagnoses", ())
        )

    @property
    def good(self) -> bool:
        """Whether nothing is to be improved."""
        return self.verdict and (not self.wrong or (self.line and self.named))

    @property
    def _first(self) -> dict[str, Any]:
        return next(iter(self.answer.get("diagnoses") or ()), {})

    @property
    def _line(self) -> int | None:
        return self._first.get("line") or (self.answer.get("first_wrong") or {}).get("line")

    def sentence(self) -> str:
        """One line about what should have been said, and what was."""
        program, answer = self.program, self.answer
        wanted = f"{program.verdict} {program.mistake} {program.lines or ''}"
        said = f"{answer['verdict']} {answer.get('kind', answer.get('text', ''))}"
        return f"{program.name}: wanted {wanted}; said {said} {self._first.get('mistake', '')} line {self._line}"


def asked(program: Program) -> Score:
    """Check one program from a file in a folder of its own."""
    from backlight import check

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("program" + program.suffix)
        path.write_text(program.text, encoding="utf-8")
        began = perf_counter()
        try:
            answer = check(path, recipe=program.recipe).as_dict()
        except Exception as error:  # noqa: BLE001  one that fails must not end the others
            answer = {"verdict": "failed", "text": f"{type(error).__name__}: {error}".split("\n")[0]}
        return Score(program, answer, perf_counter() - began)
