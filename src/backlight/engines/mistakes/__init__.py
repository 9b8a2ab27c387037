"""Do it wrong, on purpose: the catalogue of mistakes people make in hand-written backward passes."""

from backlight.engines.mistakes.catalogue import MISTAKES
from backlight.engines.mistakes.mistake import Mistake
from backlight.engines.mistakes.planted import mistaken

__all__ = ["MISTAKES", "Mistake", "mistaken"]
