"""A mistake that keeps one of several, where chance decides in each update which one it is.

Graphs of operations whose nodes hold their parts in a set are gone through in an order that is never the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.trials import Cause, slug_of
from backlight.derivations import updates_plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.judging.trials import Trials

SLUG = "overwritten-accumulator"
MOST_KEPT = 100
"""Among so many it is looked for."""


def by_chance(trials: Trials) -> Iterator[Cause]:
    """The ways to keep one of several that give all wrong numbers, with another one in each update."""
    network, recipe = trials.network, trials.network.recipe
    kept = max(len(rows) for rows in trials.judged.rows) * max(recipe.layers[1:])
    if kept > MOST_KEPT or not updates_plainly(recipe) or not network.size:
        return
    for way in (text for text in trials.ways if slug_of(text) == SLUG and "kept=" not in text):
        texts = [f"{way}{',' if ':' in way else ':'}kept={number}" for number in range(kept)]
        found = []
        for update in range(len(trials.judged.steps)):
            best = _best(trials, texts, update)
            if best is None:
                break
            found.append(best)
        else:
            yield Cause(
                found[0].asked,
                np.concatenate([one.fits for one in found]),
                max(one.residual for one in found),
                tuple(one.asked for one in found),
            )


def _best(trials: Trials, texts: list[str], update: int) -> Cause | None:
    """What gives all wrong numbers of one update, and most of the others."""
    wrong: NDArray[np.bool_] = trials.wrong
    tried = [trials.compared((text,), trials.implied((text,), 1, update), update) for text in texts]
    fitting = [one for one in tried if one.fits[0, wrong].all()]
    return max(fitting, key=_fit, default=None)


def _fit(cause: Cause) -> Any:  # noqa: ANN401  a number
    return cause.fits.sum()
