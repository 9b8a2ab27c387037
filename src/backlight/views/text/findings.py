"""What is to be noticed and what is to be known of a run, as lists of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import plain, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlight.traces.trace import Finding, Trace


def findings_text(findings: Sequence[Finding]) -> str:
    """List findings, one sentence each; an empty text where nothing is to be noticed.

    Examples
    --------
    >>> from backlight.traces.trace import Finding
    >>> print(findings_text([Finding(name="dead_unit", message="{unit} is dead", evidence={"unit": "o2"})]))
      - o2 is dead
    """
    return "\n".join(listed(finding.text for finding in findings))


def notes(trace: Trace) -> list[str]:
    """Say what a reader must know of how a run was made, an early stop first."""
    return [*([] if trace.complete else [_stopped(trace)]), *trace.notes]


def _stopped(trace: Trace) -> str:
    """How far an incomplete run came."""
    if not len(trace.recorded):
        return _("stopped before the first iteration was done")
    return _("stopped at iteration {reached} of {iterations}").format(
        reached=trace.recorded[-1], iterations=trace.iterations
    )


def listed(sentences: Iterable[str]) -> list[str]:
    """One dash for each sentence."""
    return [line for text in sentences for line in wrap(plain(text), first="  - ", rest="    ")]
