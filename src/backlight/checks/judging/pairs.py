"""Which two mistakes together reproduce a program's numbers?

Mistakes that come to the same numbers are tried once. First those that explain different parameters; then one that
explains some, with one that makes a difference in the rest; then two that are both made in the last wrong layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.narrowed import narrowed
from backlight.checks.judging.trials import Cause, Trials, slug_of
from backlight.engines.mistakes import MISTAKES, specificity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

FROZEN = ("missing-bias-gradient", "missing-update", "detached-path")
"""What explains parameters that never move, before anything that happens to give 0."""
MOST_TRIALS = 9000
"""So many pairs are tried in a small network; fewer where a pass takes longer."""
A_PASS = 30_000
"""A pass with so many products takes twice as long as one with few."""
MOST_FIRST = 40
MOST_COVERS = 60
ENOUGH = 12
"""So many pairs that explain the numbers are enough to choose from."""
LOOKED_AT = 2
"""Updates in which numbers are compared first: what remembers is right in one."""
RANKS = {"constant-factor": 200, "gradient-of-another-loss": 200, "repeated-update": 100}
"""Those that say least come last in pairs, too."""


@dataclass(frozen=True)
class Effect:
    """What a mistake does to the gradients.

    Attributes
    ----------
    text : str
    helps, changes : array of bool, shape (parameters,)
        Which wrong gradients it explains, and which gradients it makes wrong in the first updates.
    lacks : array of bool, shape (parameters,)
        Which wrong gradients it does not explain in the first updates.
    """

    text: str
    helps: NDArray[np.bool_]
    lacks: NDArray[np.bool_]
    changes: NDArray[np.bool_]

    @property
    def wraps(self) -> bool:
        """Whether it makes a step at another time, with whatever else is wrong in it."""
        return MISTAKES[slug_of(self.text)].wraps

    @property
    def step(self) -> str:
        """The step that it is made in."""
        return MISTAKES[slug_of(self.text)].step


class Pairs:
    """The search for two mistakes."""

    def __init__(self, trials: Trials, alone: list[Cause]) -> None:
        self.trials, self.alone = trials, alone
        work = trials.network.size * max(len(rows) for rows in trials.judged.rows)
        self.budget = int(MOST_TRIALS / (1 + work / A_PASS))

    def causes(self) -> list[Cause]:
        """Pairs that explain all numbers, the most specific first."""
        for way in (self._apart, self._one_after_another, self._in_one_layer):
            found = list(islice(way(), ENOUGH))
            if found:
                return [cause for _rank, cause in sorted(found, key=lambda one: (one[0], _narrowed(one[1])))]
        return []

    @cached_property
    def _frozen(self) -> NDArray[np.bool_]:
        """The wrong parameters that never move."""
        return np.asarray(self.trials.wrong & ~self.trials.judged.implied.any(axis=0))

    def _rank(self, *effects: Effect) -> int:
        """Smaller is better: what is specific; a line that is missing for parameters that never move."""
        rank = sum(RANKS.get(slug_of(one.text), 0) + specificity(slug_of(one.text)) for one in effects)
        if self._frozen.any():
            rank -= 1000 * any(slug_of(one.text) in FROZEN and one.helps[self._frozen].all() for one in effects)
        return rank

    @cached_property
    def effects(self) -> list[Effect]:
        """What mistakes do, the most specific of those with equal numbers."""
        trials, number = self.trials, min(LOOKED_AT, self.trials.number)
        truth = trials.judged.true_gradients[:number]
        tolerance = trials.judged.tolerance[:number]
        size = trials.largest(trials.judged.true_gradients[: trials.number])
        size = np.where(size > 0, size, 1.0)
        found: dict[bytes, Effect] = {}
        for cause in (*self.alone, *self._of_one_kind()):
            implied = trials.implied(cause.asked, trials.number)
            with np.errstate(all="ignore"):
                changes = ~(np.abs(implied[:number] - truth) <= tolerance)
                key = np.round(implied / size, 9) + 0.0  # no -0.0
            if changes.any():
                lacks = ~cause.fits[:number].all(axis=0) & trials.wrong
                effect = Effect(cause.asked[0], cause.always & trials.wrong, lacks, np.asarray(changes.any(axis=0)))
                found.setdefault(key.tobytes(), effect)
        return list(found.values())

    def _of_one_kind(self) -> Iterator[Cause]:
        """What is done to gradients, in those of all weights alone, or of all biases."""
        network = self.trials.network
        kinds = {kind: np.zeros(network.size, bool) for kind in "Wb"}
        for name, place in network.slices.items():
            kinds[name[0]][place] = True
        if not kinds["b"].any():
            return
        for cause in self.alone:
            if MISTAKES[slug_of(cause.asked[0])].step != "backward":
                continue
            for mine in kinds.values():
                if (cause.always & mine & self.trials.wrong).any():
                    text = narrowed(network.recipe, cause.asked[0], mine)
                    if text is not None:
                        yield self.trials.tried((text,))

    @property
    def _firsts(self) -> list[Effect]:
        """Those that explain some of what is wrong, most of it first."""
        helpful = [one for one in self.effects if one.helps.any()]
        return sorted(helpful, key=lambda one: (-int(one.helps.sum()), self._rank(one)))

    def _apart(self) -> Iterator[tuple[int, Cause]]:
        """Two that explain different parameters."""
        firsts = self._firsts
        helps = np.array([one.helps for one in firsts]).reshape(len(firsts), self.trials.network.size)
        covers = []
        for one in firsts:
            together = (helps | one.helps)[:, self.trials.wrong].all(axis=1)
            others = [firsts[number] for number in np.flatnonzero(together)]
            covers += [(one, other) for other in others if slug_of(other.text) != slug_of(one.text)]
        covers.sort(key=lambda both: self._rank(*both))
        told = set()
        for one, other in covers[:MOST_COVERS]:
            slugs = frozenset((slug_of(one.text), slug_of(other.text)))
            if slugs in told:
                continue
            cause = self._whole((one.text, other.text)) or self._divided(one, other)
            if cause is not None:
                told.add(slugs)
                yield self._rank(one, other), cause

    def _divided(self, one: Effect, other: Effect) -> Cause | None:
        """Each of two mistakes in the parameters that it explains, and as it is where that is enough."""
        rest = self.trials.wrong & ~one.helps
        recipe = self.trials.network.recipe
        first, second = narrowed(recipe, one.text, one.helps), narrowed(recipe, other.text, rest)
        for texts in ((one.text, second), (first, other.text), (first, second)):
            if texts[0] is not None and texts[1] is not None:
                cause = self._whole((texts[0], texts[1]))
                if cause is not None:
                    return cause
        return None

    def _one_after_another(self) -> Iterator[tuple[int, Cause]]:
        """One explains something by itself; the other changes all the rest."""
        for first in self._firsts[:MOST_FIRST]:
            rest = self.trials.wrong & ~first.helps
            for second in self.effects:
                if first is second or not second.changes[first.lacks].all():
                    continue
                if not self._may_try():
                    return
                tried = self.trials.tried((first.text, second.text), most=LOOKED_AT)
                cause = self._whole((first.text, second.text)) if tried.is_whole else None
                if cause is None and tried.always[rest].all():
                    text = narrowed(self.trials.network.recipe, second.text, rest)
                    cause = self._whole((first.text, text)) if text is not None else None
                if cause is not None:
                    yield self._rank(first, second), cause

    def _in_one_layer(self) -> Iterator[tuple[int, Cause]]:
        """Both change the last layer that is wrong."""
        slices = self.trials.network.slices
        wrong = [name for name, mine in slices.items() if self.trials.wrong[mine].any()]
        last = max(int(name[1:]) for name in wrong)
        mine = np.zeros(self.trials.network.size, bool)
        for name in wrong:
            mine[slices[name]] |= int(name[1:]) == last
        mine &= self.trials.wrong
        likely = [one for one in self.effects if one.changes[mine].all()]
        for one, other in sorted(combinations(likely, 2), key=lambda both: self._rank(*both)):
            if one.step == other.step and one.wraps == other.wraps:
                continue
            if not self._may_try():
                return
            if self.trials.tried((one.text, other.text), most=1).is_whole:
                cause = self._whole((one.text, other.text))
                if cause is not None:
                    yield self._rank(one, other), cause

    def _may_try(self) -> bool:
        self.budget -= 1
        return self.budget >= 0

    def _whole(self, texts: tuple[str, str]) -> Cause | None:
        """Both together, if they explain everything."""
        self.budget -= 1
        cause = self.trials.tried(texts)
        return cause if cause.is_whole else None


def _narrowed(cause: Cause) -> int:
    """How many of two mistakes are made in some parameters only: what needs no such words says more."""
    return sum("parameter=" in text for text in cause.asked)
