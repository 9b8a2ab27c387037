"""(first light)"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.traces.trace import Finding, Trace


def notice(trace: Trace) -> tuple[Finding, ...]:
    """Say what a careful person would notice in a trace."""
    return ()
