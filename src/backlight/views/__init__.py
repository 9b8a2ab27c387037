"""Show it: traces, comparisons and diagnoses as text and as plots. A view formats what they hold and computes nothing."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.views.plots import plot
    from backlight.views.text.answers import answer_line
    from backlight.views.text.comparison import comparison_table
    from backlight.views.text.diagnosis import diagnosis_report
    from backlight.views.text.findings import findings_text
    from backlight.views.text.recipes import recipes_table
    from backlight.views.text.transcript import transcript

__all__ = [
    "answer_line",
    "comparison_table",
    "diagnosis_report",
    "findings_text",
    "plot",
    "recipes_table",
    "transcript",
]

_VIEWS = {
    "answer_line": "backlight.views.text.answers",
    "comparison_table": "backlight.views.text.comparison",
    "diagnosis_report": "backlight.views.text.diagnosis",
    "findings_text": "backlight.views.text.findings",
    "plot": "backlight.views.plots",
    "recipes_table": "backlight.views.text.recipes",
    "transcript": "backlight.views.text.transcript",
}


def __getattr__(name: str) -> object:
    """Import a view when it is first used: start-up counts."""
    if name not in _VIEWS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_VIEWS[name]), name)
