"""What happened: traces, how they are recorded, compared and kept in files."""

from backlight.traces.compare import Comparison
from backlight.traces.files import load
from backlight.traces.trace import Finding, Trace

__all__ = ["Comparison", "Finding", "Trace", "load"]
