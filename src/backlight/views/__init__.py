"""Show it: traces and comparisons as text and as plots. A view formats what they hold and computes nothing."""

from backlight.views.plots import plot
from backlight.views.text import comparison_table, findings_text, recipes_table, transcript

__all__ = ["comparison_table", "findings_text", "plot", "recipes_table", "transcript"]
