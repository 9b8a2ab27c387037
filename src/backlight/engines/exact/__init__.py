"""The engine that proves its digits: ball arithmetic, doubled in precision until every digit is certain."""

from backlight.engines.exact.certify import certify
from backlight.engines.exact.radii import radii

__all__ = ["certify", "radii"]
