"""The engine derived by hand, in NumPy: the page that students read is `iteration`."""

from backlight.engines.hand.iteration import Iteration

__all__ = ["Iteration"]
