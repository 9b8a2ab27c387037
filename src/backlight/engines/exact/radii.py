"""The unit of error: how large the balls of one pass become with the bits of a machine number.

An engine of float64 makes about the rounding errors that balls of 53 bits count, so that its distance from
the truth is judged in their radii. Therefore every product and every sum is rounded here, as in a program,
and no radius is smaller than the smallest normal number: below it machine numbers promise no digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from flint import ctx

from backlight.engines.exact.balls import LIKE_A_PROGRAM
from backlight.engines.exact.beginning import begin_nearest
from backlight.engines.exact.iteration import Iteration
from backlight.engines.exact.optimizers import DivisionByZero, TooLarge
from backlight.engines.exact.proof import rounded_up
from backlight.engines.loop import largest_batch
from backlight.recipes.start import batches
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start


SINGLE_BITS = 24
"""float32 has 24 bits, float64 has 53."""


def radii(recipe: Recipe, start: Start, *, bits: int = 53, iterations: int = 0) -> dict[str, NDArray[np.float64]]:
    """Give the radius of every quantity when the exact engine computes with few bits.

    Parameters
    ----------
    recipe : Recipe
    start : Start
        The parameters and data to begin with: those of the recipe, or any others of the same
        shapes. They are floats, which count as exact, whatever `numerics.exact_from` says.
    bits : int
        53 for float64, 24 for float32.
    iterations : int
        How many updates to make; 0 is one forward and one backward pass.

    Returns
    -------
    dict of str to array
        Radii by the names and shapes of a trace, rows 0..iterations; infinite where few bits prove nothing
        and after an update that leaves the real numbers, NaN behind the last sample of a short batch.

    Examples
    --------
    >>> import backlight as bl
    >>> from backlight.recipes.start import start
    >>> course = bl.recipe("course")
    >>> of_a_gradient = radii(course, start(course))["dL_dW2"][0, 0, 0]  # the gradient itself is 0.0346
    >>> bool(2e-17 < of_a_gradient < 2e-16)
    True
    """
    arrangement = layout(recipe, largest_batch(recipe, start))
    rows = np.full((iterations + 1, arrangement.width), np.nan)
    with ctx.workprec(bits):
        engine = Iteration(recipe, begin_nearest(recipe, start), arithmetic=LIKE_A_PROGRAM)
        for k, batch in zip(range(iterations + 1), batches(recipe, start.samples), strict=False):
            engine.forward_and_backward(batch)
            for name, matrix in engine.quantities().items():
                of_balls = [rounded_up(ball.rad()) for ball in matrix.entries()]
                first = arrangement.slices[name].start
                rows[k, first : first + len(of_balls)] = of_balls
            try:
                if k < iterations:
                    engine.update()
            except (DivisionByZero, TooLarge):
                rows[k + 1 :] = np.inf
                break
    smallest = np.finfo(np.float32 if bits <= SINGLE_BITS else np.float64).tiny
    rows = np.maximum(rows, smallest)
    return {name: rows[:, where].reshape(-1, *arrangement.shapes[name]) for name, where in arrangement.slices.items()}
