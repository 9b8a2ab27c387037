"""Results as plain text for 80 columns: the only place where results are formatted."""

from backlight.views.text.comparison import comparison_table
from backlight.views.text.findings import findings_text
from backlight.views.text.recipes import recipes_table
from backlight.views.text.transcript import transcript

__all__ = ["comparison_table", "findings_text", "recipes_table", "transcript"]
