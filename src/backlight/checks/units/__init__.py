"""Can it be right at all? The witness without numbers: every unit of the network has a dimension of its own."""

from backlight.checks.units.clashes import Clash, clash
from backlight.checks.units.dimensions import Dimension, dimension
from backlight.checks.units.saying import said

__all__ = ["Clash", "Dimension", "clash", "dimension", "said"]
