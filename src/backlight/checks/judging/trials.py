"""A mistake made on purpose at a program's own parameters, update by update, and compared with its steps.

Thousands are tried for one program: texts are read once, and one engine serves all, put back as it was after each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.judge import engine_for, parameters_of
from backlight.checks.judging.truth import TOLERANCE
from backlight.derivations import updates_plainly
from backlight.engines.mistakes import MISTAKES, asked, put, specificity, variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.judge import Judged
    from backlight.checks.recognising.network import Network
    from backlight.engines.hand import Iteration
    from backlight.engines.mistakes.asked import Asked

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Cause:
    """A way to go wrong that gives the program's numbers.

    Attributes
    ----------
    asked : tuple of str
        ``SLUG`` with its parameters, as `run --mistake` takes it; several for a mistake that is made in several ways,
        or for two mistakes.
    fits : array of bool, shape (steps, parameters)
        Where it gives the program's gradients.
    residual : float
        The largest difference to the program, relative to the largest gradient of the array.
    each : tuple of tuple of str
        What is asked for in each update, where that is not always the same.
    """

    asked: tuple[str, ...]
    fits: NDArray[np.bool_]
    residual: float
    each: tuple[tuple[str, ...], ...] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        """The names in the catalogue, the most specific first."""
        return tuple(sorted(dict.fromkeys(slug_of(one) for one in self.asked), key=specificity))

    @cached_property
    def always(self) -> NDArray[np.bool_]:
        """The parameters whose gradients it gives in all updates."""
        return np.asarray(self.fits.all(axis=0))

    @property
    def is_whole(self) -> bool:
        """Whether it gives all gradients."""
        return bool(self.fits.all())


def slug_of(text: str) -> str:
    """The name in the catalogue of what was asked for."""
    return text.partition(":")[0]


@dataclass(frozen=True)
class Trials:
    """The mistakes that could be made in a network, held against one program."""

    network: Network
    judged: Judged
    precision: str

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
        found = [text for slug in slugs for text in variants(slug, recipe)]
        return sorted(found, key=lambda text: specificity(slug_of(text)))

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """The parameters whose gradients are wrong in some update."""
        return np.asarray(self.judged.wrong.any(axis=0))

    def tried(self, texts: tuple[str, ...], most: int | None = None) -> Cause:
        """Make mistakes at the program's parameters, in so many updates, and compare the steps."""
        number = self.number if most is None else min(most, self.number)
        return self.compared(texts, self.implied(texts, number))

    def implied(self, texts: Sequence[str], number: int, first: int = 0) -> Array:
        """The gradients that so many updates, from the first one on, would imply with these mistakes."""
        engine = self._again(texts)
        changes = np.empty((number, self.network.size))
        with np.errstate(all="ignore"):
            for k in range(first, first + number):
                for view, array in zip(self._views(engine), self._before[k], strict=True):
                    view[:] = array
                engine.forward_and_backward(self._rows[k])
                engine.update()
                changes[k - first] = self.judged.steps[k].round.parameters - parameters_of(engine, self.network)
            return self.judged.implied_by(changes, first)

    def compared(self, texts: tuple[str, ...], implied: Array, first: int = 0) -> Cause:
        """Where gradients are those of the program, and how far they are from them at most."""
        mine = slice(first, first + len(implied))
        theirs = self.judged.implied[mine]
        with np.errstate(all="ignore"):
            size = np.maximum(self.largest(implied), self._own_largest[mine])
            gap, room = np.abs(implied - theirs), self._room[mine]
            fits = (gap <= room + RELATIVE[self.precision] * size) | (np.isnan(implied) & np.isnan(theirs))
            gap = np.where(fits & (size <= room), 0, gap)  # two that are nothing but rounding differ by all they are
            off = np.where(np.isfinite(gap), gap, np.where(fits, 0, np.inf)) / np.where(size > 0, size, 1)
        return Cause(texts, fits, float(np.max(off)))

    def engine(self, texts: Sequence[str]) -> Iteration:
        """A hand engine that makes these mistakes."""
        engine, arrangement = engine_for(self.network, self.judged.steps, self.judged.rows)
        for wish in self._wishes(texts):
            put(wish, engine, arrangement)
        return engine

    def largest(self, gradients: Array) -> Array:
        """The largest gradient of each parameter's array, in the shape of the gradients."""
        slices = list(self.network.slices.values())
        most = np.maximum.reduceat(np.abs(gradients), [one.start for one in slices], axis=1)
        return np.repeat(most, [one.stop - one.start for one in slices], axis=1)

    # ---- one engine for all ----------------------------------------------------------------------------

    def _again(self, texts: Sequence[str]) -> Iteration:
        """The engine of all trials, right but for these mistakes; a new one where the optimizer remembers."""
        if not updates_plainly(self.network.recipe):
            return self.engine(texts)
        engine, arrangement, right, functions = self._kept
        vars(engine).clear()
        vars(engine).update(right)
        engine.f = list(functions)
        for wish in self._wishes(texts):
            put(wish, engine, arrangement)
        return engine

    @cached_property
    def _kept(self) -> tuple[Iteration, Any, dict[str, Any], list[Any]]:
        engine, arrangement = engine_for(self.network, self.judged.steps, self.judged.rows)
        with np.errstate(all="ignore"):
            engine.forward_and_backward(self._rows[0])
        return engine, arrangement, dict(vars(engine)), list(engine.f)

    def _wishes(self, texts: Sequence[str]) -> list[Asked]:
        """What is asked for; what makes a step at another time, or goes back once more for some parameters, comes last."""
        for text in texts:
            if text not in self._read:
                self._read[text] = asked(text, self.network.recipe)
        return sorted(
            (self._read[text] for text in texts),
            key=lambda wish: (bool(wish.parameter or wish.but), wish.mistake.wraps),
        )

    @cached_property
    def _read(self) -> dict[str, Asked]:
        return {}

    def _views(self, engine: Iteration) -> list[Array]:
        return [engine.views[name] for name in self.network.shapes]

    @cached_property
    def _before(self) -> list[list[Array]]:
        return [list(self.network.arrays(step.round.parameters).values()) for step in self.judged.steps]

    @cached_property
    def _rows(self) -> list[NDArray[np.intp]]:
        return [np.array(rows) for rows in self.judged.rows]

    @cached_property
    def noise(self) -> Array:
        """What may be left of numbers that cancel: so much is a right gradient of the array off, at most."""
        return TOLERANCE * self.largest(np.stack([one.radius for one in self.judged.truths]))

    @cached_property
    def _room(self) -> Array:
        return 3 * np.stack([step.room for step in self.judged.steps]) / self.judged.learning_rate + self.noise

    @cached_property
    def _own_largest(self) -> Array:
        return self.largest(self.judged.implied)
