"""Putting a mistake into a hand engine: one of its steps is replaced, in the layers or parameters asked for.

The engine is an ordinary `hand.Iteration`; only this one object has another step. Nothing here is wrong
by itself: what is done wrong stands in the catalogue's entries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.asked import Asked, asked, cannot
from backlight.engines.mistakes.mistake import STEPS_OF_A_LAYER, STEPS_OF_ALL_PARAMETERS
from backlight.engines.mistakes.parameters import named_parameters
from backlight.faults import EngineError
from backlight.language import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.layout import Layout


def mistaken(text: str, recipe: Recipe, start: Start, layout: Layout) -> Iteration:
    """Make a hand engine that makes one named mistake.

    Parameters
    ----------
    text : str
        ``SLUG``, or with parameters ``SLUG:layer=1,unit=0,factor=2``. Layers are numbered as in W1, units
        from 0; ``MISTAKES[slug].parameters`` tells what each mistake takes.
    recipe, start, layout
        As for the hand engine.

    Returns
    -------
    Iteration
        The hand engine with one step replaced.

    Raises
    ------
    EngineError [E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4]
        No mistake has that name; a parameter is unknown or out of range; the mistake cannot be made here.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course"), mistake="sum-of-weight-gradients")
    >>> round(float(trace["dL_dw1"][0]), 8), round(float(trace["dL_dw5"][0]), 8)
    (0.01458333, 0.03463299)
    """
    wish = asked(text, recipe)
    net = Iteration(recipe, start, layout)
    step = wish.mistake.step
    wrong: Callable[..., None] = partial(wish.mistake.wrong, net, **wish.own)
    if step in STEPS_OF_A_LAYER:
        wrong = _in_layers(net, wish, getattr(net, step), wrong)
    elif step in STEPS_OF_ALL_PARAMETERS:
        wrong = partial(wrong, _chosen(wish, recipe, layout))
    setattr(net, step, wrong)
    return net


def _in_layers(
    net: Iteration, wish: Asked, right: Callable[..., None], wrong: Callable[..., None]
) -> Callable[..., None]:
    """A step that is wrong in the layers asked for, and right in the others."""

    def step(*at: int) -> None:
        l = at[0] if at else net.n  # the output delta need not be told that it is about the last layer
        if l not in wish.layers:
            right(*at)
        elif wish.unit is None:
            wrong(l)
        else:
            right(*at)
            arrays = [array[l] for array in (net.dL_da, net.dL_dz, net.dL_dW, net.dL_db) if array]
            good = [array.copy() for array in arrays]
            wrong(l)
            for array, kept in zip(arrays, good, strict=True):
                kept[..., wish.unit] = array[..., wish.unit]
                array[:] = kept

    return step


def _chosen(wish: Asked, recipe: Recipe, layout: Layout) -> NDArray[np.bool_]:
    """Which of the trained parameters a mistake is about, as a mask over theta."""
    marks = np.zeros(layout.width)  # laid out like a row, with 1 at what the mistake is about
    views, unit = layout.views(marks), slice(None) if wish.unit is None else wish.unit
    for l in wish.layers:
        for name in {f"W{l}", f"b{l}"} & views.keys():
            views[name][..., unit] = 1
    if wish.parameter:
        only = named_parameters(recipe)[wish.parameter]
        kept = views[only.quantity][only.index].copy()
        marks[:] = 0
        views[only.quantity][only.index] = kept
    if wish.but:
        exempt = named_parameters(recipe)[wish.but]
        views[exempt.quantity][exempt.index] = 0
    chosen: NDArray[np.bool_] = layout.theta(marks) == 1
    if not chosen.any():
        raise EngineError(cannot(wish.mistake, recipe, _("no parameter that is trained is left for it")))
    return chosen
