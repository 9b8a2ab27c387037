"""All mistakes by their slugs, in the order of the groups, and which of them explains more than another.

To add one, write an entry in a file of its group; it is found here by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.engines.mistakes import (
    biases,
    deltas,
    derivatives,
    factors,
    forward,
    hidden_path,
    linear_algebra,
    losses,
    state,
    updates,
)
from backlight.engines.mistakes.mistake import Mistake
from backlight.language import marked

if TYPE_CHECKING:
    from types import ModuleType

_FILES: dict[str, tuple[ModuleType, ...]] = {
    marked("The way to the hidden layer"): (hidden_path, deltas),
    marked("Activation derivatives"): (derivatives,),
    marked("Loss"): (losses, factors),
    marked("Linear algebra"): (linear_algebra,),
    marked("Biases"): (biases,),
    marked("Update and state"): (state, updates),
    marked("Forward"): (forward,),
}

GROUPS: dict[str, tuple[Mistake, ...]] = {
    title: tuple(entry for file in files for entry in vars(file).values() if isinstance(entry, Mistake))
    for title, files in _FILES.items()
}
"""The mistakes by the titles of their groups."""

MISTAKES: dict[str, Mistake] = {entry.slug: entry for group in GROUPS.values() for entry in group}

GENERAL = (
    "bias-summed-over-units",  # zero of a softmax, as a missing one
    "transposed-weights",  # of one unit, in a matrix of four, one weight for another
    "aliased-parameters",
    "missing-hidden-derivative",
    "derivative-of-wrong-layer",
    "wrong-activation-derivative",  # that of relu, where z is above 0, as a missing one
    "forward-mistake",
    "swapped-gradients",
    "overwritten-accumulator",
    "missing-forward-constant",
    "wrong-batch-size",
    "learning-rate-twice",
    "repeated-update",
    "missing-update",
    "detached-path",
    "constant-factor",
    "gradient-of-another-loss",
)
"""Mistakes that can look like others, the most general last; all others say more about a program than these."""


def specificity(slug: str) -> int:
    """Give a mistake's place when mistakes with equal numbers are told together: the most specific comes first.

    Examples
    --------
    >>> sorted(["constant-factor", "missing-update", "sign-error"], key=specificity)
    ['sign-error', 'missing-update', 'constant-factor']
    """
    return GENERAL.index(slug) + 1 if slug in GENERAL else 0
