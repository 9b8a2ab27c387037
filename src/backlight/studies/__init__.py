"""What if: several runs, laid side by side."""

from backlight.studies.variants import compare

__all__ = ["compare"]
