"""Do it wrong, on purpose: the catalogue of mistakes people make in hand-written backward passes."""

from backlight.engines.mistakes.asked import asked
from backlight.engines.mistakes.catalogue import GROUPS, MISTAKES, specificity
from backlight.engines.mistakes.mistake import Mistake
from backlight.engines.mistakes.planted import mistaken, plant, put
from backlight.engines.mistakes.variants import variants

__all__ = ["GROUPS", "MISTAKES", "Mistake", "asked", "mistaken", "plant", "put", "specificity", "variants"]
