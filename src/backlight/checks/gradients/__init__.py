"""Is this gradient the gradient of this function? For any callable, or a torch.autograd.Function."""

from backlight.checks.gradients.check import assert_gradients, check_gradients
from backlight.checks.gradients.entries import ArgumentReport, Entry
from backlight.checks.gradients.faults import GradientError
from backlight.checks.gradients.report import GradientReport

__all__ = ["ArgumentReport", "Entry", "GradientError", "GradientReport", "assert_gradients", "check_gradients"]
