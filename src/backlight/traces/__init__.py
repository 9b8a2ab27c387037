"""What happened: traces, how they are recorded, compared and kept in files."""

from importlib import import_module
from typing import TYPE_CHECKING

from backlight.traces.trace import Finding, Trace

if TYPE_CHECKING:
    from backlight.traces.compare import Comparison
    from backlight.traces.files import load

__all__ = ["Comparison", "Finding", "Trace", "load"]

_LATER = {"Comparison": "backlight.traces.compare", "load": "backlight.traces.files"}


def __getattr__(name: str) -> object:
    """Import what a single run does not need when it is first used: start-up counts."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
