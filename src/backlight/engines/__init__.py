"""Do it: engines that turn a recipe into a trace, each with arithmetic of its own."""

from backlight.engines.run import ENGINES, run

__all__ = ["ENGINES", "run"]
