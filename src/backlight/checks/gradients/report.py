"""What a check of a gradient says: a verdict, the same for each argument, and every number beside the truth.

Nothing is judged here. The report prints itself, because it is the message of a test that fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlight.checks.gradients.text import report_text
from backlight.language import _

if TYPE_CHECKING:
    from backlight.checks.gradients.entries import ArgumentReport, Verdict


@dataclass(frozen=True, kw_only=True)
class GradientReport:
    """What `check_gradients` found; ``print(report)`` shows it.

    Attributes
    ----------
    verdict : str
        right, wrong or cannot_tell.
    arguments : tuple of ArgumentReport
        One for each argument that is differentiated.
    precision : str
        float64 or float32: what the gradient computes with.
    method : str
        How the truth was found.
    points : tuple of str
        Where it was looked.
    mistakes : tuple of str
        Where a recipe is given: the mistakes of the catalogue that give exactly these numbers, the most specific first.
    notes : tuple of str
        What a reader must know of the check itself.
    """

    verdict: Verdict
    arguments: tuple[ArgumentReport, ...]
    precision: str
    method: str
    points: tuple[str, ...]
    mistakes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Lay the report out for a terminal of 80 columns, in the language in use."""
        looked = _("your point and {probes} probes; truth by {method}; {precision}").format(
            probes=len(self.points) - 1, method=_(self.method), precision=self.precision
        )
        return report_text(self.verdict, self.arguments, self.mistakes, [looked, *self.notes])

    def __str__(self) -> str:
        return self.text()
