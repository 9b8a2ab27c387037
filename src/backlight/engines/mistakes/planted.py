"""Putting a mistake into a hand engine: one of its steps is replaced, in the layers or parameters asked for.

The engine is an ordinary `hand.Iteration`; only this one object has another step. Nothing here is wrong
by itself: what is done wrong stands in the catalogue's entries.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.asked import Asked, asked, cannot
from backlight.engines.mistakes.mistake import FUNCTIONS, STEPS_OF_A_LAYER, STEPS_OF_ALL_PARAMETERS
from backlight.faults import EngineError
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from backlight.recipes.labels import Place
    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.layout import Layout

    Step = Callable[..., Any]


def mistaken(text: str, recipe: Recipe, start: Start, layout: Layout) -> Iteration:
    """Make a hand engine that makes one named mistake.

    Its parameters may be set between two iterations, ``engine.theta[:] = ...``: every iteration starts from
    them. From one iteration to the next an engine keeps the optimizer's own state (momentum and the like) and
    what a mistake remembers: accumulated-gradients the sums so far, stale-forward the predictions it is late
    with, repeated-update the optimizer that it repeats. So a trajectory is followed from its beginning on one
    engine, `forward_and_backward` and `update` in turn. Where ``MISTAKES[slug].remembers`` is false, gradients may be asked for at any single point.

    Infinities are results, as in every engine: call it under ``np.errstate(all="ignore")``.

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
    EngineError [E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4, E-MISTAKE-5]
        No mistake has that name; a parameter is unknown or out of range; the mistake cannot be made here; it
        cannot be made at all, only found.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course"), mistake="sum-of-weight-gradients")
    >>> round(float(trace["dL_dw1"][0]), 8), round(float(trace["dL_dw5"][0]), 8)
    (0.01458333, 0.03463299)
    """
    net = Iteration(recipe, start, layout)
    plant(text, net, recipe, layout)
    return net


def plant(text: str, net: Iteration, recipe: Recipe, layout: Layout) -> None:
    """Put a mistake into an engine that may have others already: a second one makes its steps as the first left them.

    Raises
    ------
    EngineError [E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4, E-MISTAKE-5]
        As for `mistaken`.
    """
    put(asked(text, recipe), net, layout)


def put(wish: Asked, net: Iteration, layout: Layout) -> None:
    """Put a mistake that has been read into an engine; what is narrowed to parameters leaves the others as they are."""
    step = wish.mistake.step
    memory: dict[str, dict[str, Any]] = {"memory": {}} if wish.mistake.remembers else {}
    assert wish.mistake.wrong is not None  # noqa: S101  what is check-only was refused
    before: dict[str, Step] = {"before": getattr(net, step)} if wish.mistake.wraps else {}
    wrong: Step = partial(wish.mistake.wrong, net, **wish.own, **memory, **before)
    if step == FUNCTIONS:
        for l in wish.layers:
            wrong(l)
    elif step in STEPS_OF_A_LAYER:
        _in_layers(net, step, wrong, wish, layout)
    elif step in STEPS_OF_ALL_PARAMETERS and wish.mistake.narrowed_by:
        mask = chosen(wish, wish.layers, wish.unit, layout)
        wrong = partial(wrong, mask)
        setattr(net, step, partial(_beside, net, step, getattr(net, step), wrong, mask) if step in vars(net) else wrong)
    else:
        setattr(net, step, wrong)


def _in_layers(net: Iteration, step: str, wrong: Step, wish: Asked, layout: Layout) -> None:
    """Replace a step in the layers and for the unit asked for, and as far as the parameters asked for see it."""
    replaced = _wrong_in_layers(net, wish, getattr(net, step), wrong)
    if wish.parameter or wish.but:
        mask = chosen(wish, range(1, net.n + 1), None, layout)
        net.backward = partial(_for_the_chosen, net, step, net.backward, replaced, mask)  # type: ignore[method-assign]
    else:
        setattr(net, step, replaced)


def _beside(net: Iteration, step: str, before: Step, wrong: Step, chosen: NDArray[np.bool_]) -> None:
    """Make two mistakes of one step: the second in the chosen parameters, the first in the others."""
    theta = net.theta.copy()
    before()
    result = net.theta if step == "update" else net.dL_dtheta
    first = result.copy()
    net.theta[:] = theta
    wrong()
    result[~chosen] = first[~chosen]


def _wrong_in_layers(net: Iteration, wish: Asked, right: Step, wrong: Step) -> Step:
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


def _for_the_chosen(net: Iteration, step: str, back: Step, wrong: Step, chosen: NDArray[np.bool_]) -> None:
    """Go back twice, wrongly and as before; the gradients of the chosen parameters are those of the wrong way."""
    as_before = vars(net).get(step)
    setattr(net, step, wrong)
    back()
    mistaken_gradients = net.dL_dtheta[chosen]
    delattr(net, step)
    if as_before is not None:
        setattr(net, step, as_before)
    back()
    net.dL_dtheta[chosen] = mistaken_gradients


def chosen(wish: Asked, layers: Iterable[int], unit: int | None, layout: Layout) -> NDArray[np.bool_]:
    """Which of the trained parameters a mistake is about, as a mask over theta."""
    marks = np.zeros(layout.width)  # laid out like a row, with 1 at what the mistake is about
    views = layout.views(marks)
    for l in layers:
        for name in {f"W{l}", f"b{l}"} & views.keys():
            views[name][..., slice(None) if unit is None else unit] = 1
    if wish.parameter:
        marks *= _marked(wish.parameter, layout)
    marks *= 1 - _marked(wish.but, layout)
    mask: NDArray[np.bool_] = layout.theta(marks) == 1
    if not mask.any():
        raise EngineError(cannot(wish.mistake, wish.recipe, _("no parameter that is trained is left for it")))
    return mask


def _marked(places: Iterable[Place], layout: Layout) -> NDArray[np.float64]:
    """A row with 1 at these places."""
    marks = np.zeros(layout.width)
    views = layout.views(marks)
    for place in places:
        views[place.quantity][place.index] = 1
    return marks
