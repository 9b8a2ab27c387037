"""Which mistake of the catalogue reproduces a program's numbers, or which two?

Every mistake is made on purpose by the hand engine, at the program's own parameters and on its own samples; one that
gives the program's steps, all parameters and all judged updates, explains it. Lines are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.judge import changes_of, engine_for
from backlight.engines.mistakes import MISTAKES, plant, specificity, variants

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.judging.judge import Judged
    from backlight.checks.recognising.network import Network
    from backlight.engines.hand import Iteration

    Array = NDArray[np.floating[Any]]

MOST_FIRST = 16
"""So many mistakes that explain a part of the numbers are tried together with every other one."""


@dataclass(frozen=True)
class Cause:
    """A way to go wrong that gives the program's numbers.

    Attributes
    ----------
    asked : tuple of str
        ``SLUG`` with its parameters, as `run --mistake` takes it; two of them for two mistakes.
    fits : array of bool, shape (steps, parameters)
        Where it gives the program's gradients.
    residual : float
        The largest difference to the program, relative to the largest gradient of the array.
    """

    asked: tuple[str, ...]
    fits: NDArray[np.bool_]
    residual: float

    @property
    def slugs(self) -> tuple[str, ...]:
        """The names in the catalogue, the most specific first."""
        return tuple(sorted({one.partition(":")[0] for one in self.asked}, key=specificity))


@dataclass(frozen=True)
class Suspects:
    """The mistakes that could be made in a network, held against one program."""

    network: Network
    judged: Judged
    precision: str

    def causes(self) -> list[Cause]:
        """Those that explain all numbers, the most specific first.

        Where none does: one that is made in some of the parameters only; or a factor of the program's own; or two at
        a time.
        """
        alone = [cause for cause in self._alone if cause.fits.all()]
        some = alone or self._in_some()
        if some:
            return some
        if self.own_factor is not None:
            return [self.own_factor]
        return sorted(self._pairs(), key=lambda cause: [specificity(slug) for slug in cause.slugs])

    @cached_property
    def own_factor(self) -> Cause | None:
        """The wrong gradients are all the same multiple of the true ones."""
        wrong = self.judged.wrong.any(axis=0)
        truth, theirs = self.judged.true_gradients[:, wrong], self.judged.implied[:, wrong]
        if not np.isfinite(theirs).all() or not truth.any():
            return None
        best = np.unravel_index(int(np.argmax(np.abs(truth))), truth.shape)
        factor = float(theirs[best] / truth[best])
        size = np.maximum(self._largest(self.judged.implied), self._largest(self.judged.true_gradients))[:, wrong]
        room = 3 * self.judged.slack[:, wrong] + RELATIVE[self.precision] * size * max(abs(factor), 1)
        gap = np.abs(theirs - factor * truth)
        if factor == 0 or not np.all(gap <= room):
            return None
        fits = np.ones((self.number, self.network.size), bool)
        return Cause((f"constant-factor:factor={factor:.12g}",), fits, float(np.max(gap / np.where(size > 0, size, 1))))

    def _in_some(self) -> list[Cause]:
        """Mistakes that give every wrong number, and are not made where the numbers are right."""
        wrong = self.judged.wrong.any(axis=0)
        found = [cause for cause in self._alone if cause.fits[:, wrong].all()]
        return sorted(found, key=lambda one: int((~one.fits.all(axis=0)).sum()))

    @cached_property
    def number(self) -> int:
        """How many of the judged updates follow one another from the first: what remembers needs all of them."""
        number = 1
        steps = self.judged.steps
        while number < len(steps) and np.array_equal(steps[number - 1].after, steps[number].round.parameters):
            number += 1
        return number

    @cached_property
    def ways(self) -> list[str]:
        """Every mistake in every way it can be made here, the most specific first."""
        recipe = self.network.recipe
        slugs = [slug for slug in MISTAKES if not MISTAKES[slug].check_only]
        found = [asked for slug in slugs for asked in variants(slug, recipe)]
        return sorted(found, key=lambda asked: specificity(asked.partition(":")[0]))

    @cached_property
    def _alone(self) -> list[Cause]:
        return [self.tried((asked,)) for asked in self.ways]

    def _pairs(self) -> Iterator[Cause]:
        """Two mistakes together; the first explains some of what is wrong by itself."""
        wrong = self.judged.wrong[: self.number].any(axis=0)
        firsts: dict[bytes, Cause] = {}
        for cause in self._alone:
            helps = cause.fits.all(axis=0) & wrong
            if helps.any():
                firsts.setdefault(helps.tobytes(), cause)
        likeliest = sorted(firsts.values(), key=lambda one: -int((one.fits.all(axis=0) & wrong).sum()))
        for first in likeliest[:MOST_FIRST]:
            for asked in self.ways:
                if asked != first.asked[0] and self.tried((first.asked[0], asked), most=1).fits.all():
                    both = self.tried((first.asked[0], asked))
                    if both.fits.all():
                        yield both

    def tried(self, asked: tuple[str, ...], most: int | None = None) -> Cause:
        """Make mistakes at the program's parameters, update by update, and compare the steps."""
        number = self.number if most is None else min(most, self.number)
        engine = self.engine(asked)
        with np.errstate(all="ignore"):
            changes = changes_of(engine, self.network, self.judged.steps[:number], self.judged.rows[:number])
            fits, residual = self._compared(self.judged.implied_by(changes), number)
        return Cause(asked, fits, residual)

    def engine(self, asked: Sequence[str]) -> Iteration:
        """A hand engine that makes these mistakes."""
        engine, arrangement = engine_for(self.network, self.judged.steps, self.judged.rows)
        for one in asked:
            plant(one, engine, self.network.recipe, arrangement)
        return engine

    def _compared(self, implied: Array, number: int) -> tuple[NDArray[np.bool_], float]:
        """Where gradients are those of the program, and how far they are from them at most."""
        theirs = self.judged.implied[:number]
        size = np.maximum(self._largest(implied), self._largest(theirs))
        slack = 3 * np.stack([step.room for step in self.judged.steps[:number]]) / self.judged.learning_rate
        gap = np.abs(implied - theirs)
        fits = (gap <= slack + RELATIVE[self.precision] * size) | (np.isnan(implied) & np.isnan(theirs))
        scale = np.where(size > 0, size, 1)
        return fits, float(np.max(np.where(np.isfinite(gap), gap, np.where(fits, 0, np.inf)) / scale))

    def _largest(self, gradients: Array) -> Array:
        """The largest gradient of each parameter's array, in the shape of the gradients."""
        spread = np.empty_like(gradients)
        first = 0
        for shape in self.network.shapes.values():
            last = first + int(np.prod(shape))
            spread[:, first:last] = np.abs(gradients[:, first:last]).max(axis=1, keepdims=True)
            first = last
        return spread
