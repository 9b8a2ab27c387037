"""backlight: a laboratory for backpropagation.

A Recipe says what to do; an engine does it; a Trace says what happened; everything else reads traces.

>>> import backlight as bl
>>> trace = bl.run(bl.recipe("course"), engine="hand")
>>> round(float(trace.loss[0]), 7), round(float(trace.loss[-1]), 7)
(0.2097098, 0.0972744)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.checks.check import check
    from backlight.checks.diagnosis import Diagnosis
    from backlight.checks.gradients import assert_gradients, check_gradients
    from backlight.engines import run
    from backlight.faults import BacklightError
    from backlight.recipes import Recipe, recipe
    from backlight.studies import compare
    from backlight.traces import Comparison, Finding, Trace, load
    from backlight.views import plot

    __version__: str

_ROOMS = {
    "BacklightError": "backlight.faults",
    "Comparison": "backlight.traces",
    "Diagnosis": "backlight.checks.diagnosis",
    "Finding": "backlight.traces",
    "Recipe": "backlight.recipes",
    "Trace": "backlight.traces",
    "assert_gradients": "backlight.checks.gradients",
    "check": "backlight.checks.check",
    "check_gradients": "backlight.checks.gradients",
    "compare": "backlight.studies",
    "load": "backlight.traces",
    "plot": "backlight.views",
    "recipe": "backlight.recipes",
    "run": "backlight.engines",
}

__all__ = [
    "BacklightError",
    "Comparison",
    "Diagnosis",
    "Finding",
    "Recipe",
    "Trace",
    "assert_gradients",
    "check",
    "check_gradients",
    "compare",
    "load",
    "plot",
    "recipe",
    "run",
]


def __getattr__(name: str) -> object:
    """Import a name from its room when it is first used: `import backlight` alone costs nothing."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  reading it takes longer than all the rest

        return version("backlight")
    if name not in _ROOMS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
