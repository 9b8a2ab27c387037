"""Which mistake of the catalogue reproduces a program's numbers, or which two?

One that explains everything is told before one that is made in some of the parameters only, and this before one that
is made in several ways; then a factor that has no better name, then two mistakes. Lines are not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.chance import by_chance
from backlight.checks.judging.factors import common_factor, is_plain, rounded
from backlight.checks.judging.narrowed import narrowed
from backlight.checks.judging.pairs import FROZEN, Pairs
from backlight.checks.judging.trials import Cause, Trials
from backlight.engines.mistakes import MISTAKES, specificity
from backlight.engines.mistakes.mistake import FUNCTIONS
from backlight.faults import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

__all__ = ["Cause", "Suspects"]

LAST = ("constant-factor", "gradient-of-another-loss")
"""What says least: a factor without a name, and the loss that it could be the gradient of."""
WITHOUT_A_REASON = (*LAST, "repeated-update")
"""A factor, which may have a better name where the same mistake is made in some of the parameters only."""
ALL_OR_NOTHING = ("swapped-gradients", "aliased-parameters", "forward-mistake")
"""Mistakes that nobody makes in some of the parameters only."""
EXCHANGED = "swapped-gradients"
"""Nobody makes it in some of the parameters only, but several arrays may be exchanged, as where a list is turned round."""
MOST_WAYS = 4


@dataclass(frozen=True)
class Suspects(Trials):
    """The mistakes that could be made in a network, and which of them explain one program."""

    def causes(self) -> list[Cause]:
        """Those that explain all numbers, the most specific first; of two mistakes both together."""
        whole = [cause for cause in self.alone if cause.is_whole]
        if self._never_moves:
            whole += [cause for cause in self._in_some() if cause.slugs[0] in FROZEN]
        if any(cause.slugs[0] not in WITHOUT_A_REASON for cause in whole):
            return sorted(whole, key=self._worth)
        some = sorted((*whole, *self._in_some()), key=self._worth)
        if some:
            return some
        factor = self.own_factor
        if factor is not None and is_plain(self.factor_of(factor), self.network.samples):
            return [factor]
        several = self._of_one_size() or list(self._in_several_ways()) or list(by_chance(self))
        if several:
            return several
        if factor is not None and self.judged.implied[:, self.wrong].size > 1:
            return [factor]
        return Pairs(self, self.alone).causes()

    @cached_property
    def alone(self) -> list[Cause]:
        """Every mistake by itself, in one update only if it explains none of the wrong gradients there."""
        first = ((text, self.tried((text,), 1)) for text in self.ways)
        return [self.tried((text,)) if (one.fits[0] & self.wrong).any() else one for text, one in first]

    @cached_property
    def own_factor(self) -> Cause | None:
        """The wrong gradients are all the same multiple of the true ones."""
        wrong = self.wrong
        truth, theirs = self.judged.true_gradients, self.judged.implied
        room = 3 * self.judged.slack + self.noise
        size = RELATIVE[self.precision] * np.maximum(self.largest(theirs), self.largest(truth))
        factor = common_factor(theirs[:, wrong], truth[:, wrong], room[:, wrong], size[:, wrong])
        if factor is None:
            return None
        gap = np.abs(theirs - factor * truth)[:, wrong] / np.where(size > 0, size, 1)[:, wrong]
        fits = np.ones((self.number, self.network.size), bool)
        return Cause((f"constant-factor:factor={factor:.12g}",), fits, float(np.max(gap)) * RELATIVE[self.precision])

    def _of_one_size(self) -> list[Cause]:
        """The wrong gradients are divided by one and the same number in batches of different sizes."""
        counts = np.array([[len(rows)] for rows in self.judged.rows])
        wrong, truth, theirs = self.wrong, self.judged.true_gradients, self.judged.implied
        if len(np.unique(counts)) == 1:
            return []
        room = 3 * self.judged.slack + self.noise
        size = RELATIVE[self.precision] * np.maximum(self.largest(theirs), self.largest(truth))
        share = common_factor(theirs[:, wrong], (counts * truth)[:, wrong], room[:, wrong], size[:, wrong])
        if share is None or share <= 0:
            return []
        found = self._together((f"wrong-batch-size:size={rounded(1 / share):.12g}",))
        return [found] if found is not None and found.always[wrong].all() else []

    @staticmethod
    def factor_of(cause: Cause) -> float:
        """The factor in what was asked for."""
        return float(cause.asked[0].rpartition("=")[2])

    @cached_property
    def _never_moves(self) -> bool:
        """Whether nothing is implied for the wrong parameters, in any update."""
        return not self.judged.implied[:, self.wrong].any()

    def _worth(self, cause: Cause) -> tuple[bool, bool, bool, int, int, int]:
        """Smaller is better: what has a name, explains everything, changes no other array, and is most specific.

        What never moves is not updated; what moves by rounding errors is.
        """
        slug, slices = cause.slugs[0], self.network.slices.values()
        return (
            slug in LAST,
            not cause.is_whole,
            (slug in FROZEN) != self._never_moves,
            sum(bool((~cause.always[mine]).any()) and not self.wrong[mine].any() for mine in slices),
            specificity(slug),
            int((~cause.always).sum()),
        )

    def _in_some(self) -> list[Cause]:
        """Mistakes that give every wrong number, and are not made where the numbers are right."""
        return [
            cause
            for cause in self.alone
            if not cause.is_whole and cause.always[self.wrong].all() and is_divisible(cause.slugs[0])
        ]

    def _in_several_ways(self) -> Iterator[Cause]:
        """One mistake that is made in one way here and in another there."""
        by_slug: dict[str, list[Cause]] = {}
        for cause in self.alone:
            slug = cause.slugs[0]
            may_be = slug == EXCHANGED or (is_divisible(slug) and slug not in LAST)
            if may_be and (cause.always & self.wrong).any():
                by_slug.setdefault(cause.slugs[0], []).append(cause)
        for some in by_slug.values():
            parts = self._parts(some)
            texts = [self._in_these(cause, mine) for cause, mine in parts]
            if len(texts) > 1 and None not in texts:
                together = self._together(tuple(text for text in texts if text is not None))
                if together is not None and together.is_whole:
                    yield together

    def _in_these(self, cause: Cause, mine: NDArray[np.bool_]) -> str | None:
        """A mistake as it is made in some parameters only."""
        if cause.slugs[0] == EXCHANGED:
            return cause.asked[0]
        return narrowed(self.network.recipe, cause.asked[0], mine, cause.always)

    def _together(self, texts: tuple[str, ...]) -> Cause | None:
        """Several mistakes tried together; None where that is left no parameter to be made in."""
        try:
            return self.tried(texts)
        except EngineError:
            return None

    def _parts(self, some: list[Cause]) -> list[tuple[Cause, NDArray[np.bool_]]]:
        """Ways to make a mistake that explain all wrong numbers among them, and which each of them explains."""
        left = self.wrong.copy()
        found: list[tuple[Cause, NDArray[np.bool_]]] = []
        while left.any() and len(found) < MOST_WAYS:
            best = max(some, key=lambda cause: int((cause.always & left).sum()))
            mine = best.always & left
            if not mine.any():
                break
            found.append((best, mine))
            left &= ~mine
        return [] if left.any() else found


def is_divisible(slug: str) -> bool:
    """Whether a mistake can be made in some of the parameters only."""
    return slug not in ALL_OR_NOTHING and MISTAKES[slug].step not in {"forward", FUNCTIONS}
