"""Show it: traces and comparisons as text and as plots. A view formats what they hold and computes nothing."""

from backlight.views.text import findings_text, transcript

__all__ = ["findings_text", "transcript"]
