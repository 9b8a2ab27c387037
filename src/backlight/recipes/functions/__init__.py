"""Activations, losses, optimizers and initializers as records: formulas are data here, never arithmetic."""

from backlight.recipes.functions.activations import ACTIVATIONS, Activation
from backlight.recipes.functions.initializers import INITIALIZERS, Initializer
from backlight.recipes.functions.losses import LOSSES, Loss
from backlight.recipes.functions.optimizers import OPTIMIZERS, Optimizer
from backlight.recipes.functions.options import Option, OptionValue

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "Activation",
    "Initializer",
    "Loss",
    "Optimizer",
    "Option",
    "OptionValue",
]
