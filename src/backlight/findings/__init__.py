"""Notice: what a careful person would see in a trace or a comparison, with the numbers that show it."""

from backlight.findings.notice import notice, outcome
from backlight.findings.outcomes import OUTCOMES
from backlight.findings.thresholds import THRESHOLDS

__all__ = ["OUTCOMES", "THRESHOLDS", "notice", "outcome"]
