"""The verb of the exact engine: run a recipe in balls, with more and more bits, until every digit is proven.

An attempt runs from the first iteration and stops at the first recorded row that its precision cannot prove;
the next attempt has at least twice the bits. When even the most bits do not prove a row (chaos, a very long
run, a kink hit exactly by numbers that no ball holds exactly), the trace ends before it and its notes say so.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from flint import ctx

from backlight.engines.exact.beginning import begin
from backlight.engines.exact.iteration import Iteration
from backlight.engines.exact.optimizers import DivisionByZero, TooLarge
from backlight.engines.exact.proof import is_proven, nearest
from backlight.engines.exact.rows import LOSS_SCORE, Rows
from backlight.engines.exact.stops import MOST_BITS, Stop, Why
from backlight.engines.loop import SECONDS_BETWEEN_REPORTS, Progress, accuracy, largest_batch
from backlight.recipes.start import batches
from backlight.traces.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from flint import arb_mat
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.record import Recording

FIRST_BITS = 128
MOST_WORK = 2**42
"""Bits multiplied in all attempts, about ten minutes: a run without end must end."""
OVERHEAD = 2000
"""What an iteration costs beside the products of its matrices, in products."""


def certify(recipe: Recipe, start: Start, recording: Recording, *, progress: Progress | None = None) -> Trace:
    """Run a recipe and prove what it gives: 17 significant digits of the real numbers that it defines.

    Parameters
    ----------
    recipe : Recipe
        ``numerics.exact_from`` says whether the start is the nearest floats or the decimal literals.
    start : Start
        The data and initial parameters that every engine receives.
    recording : Recording
        What is kept; only rows that are kept have to be proven.
    progress : callable, optional
        Called about ten times a second with the iteration reached, from 0 again in every attempt.

    Returns
    -------
    Trace
        ``quantities`` are float64, correctly rounded unless a tie lies inside the ball, and ``radius.NAME``
        beside each: |truth - value| <= radius. ``decimals`` are the digits that are certain (see
        `proof.decimal`). ``notes`` tell the bits it took; ``complete`` is False where the proof ends early.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course"), engine="exact")
    >>> trace.decimals["loss"][0], trace.notes
    ('0.20970979370783104', ('every digit is proven, with 128 bits',))
    """
    rows, work = Rows(recipe, start, recording), Work(recipe, start)
    report = reporter(progress, recipe.training.iterations)
    bits = FIRST_BITS
    try:
        while (stop := attempt(recipe, start, rows, work, bits=bits, report=report)).why is Why.UNPROVEN:
            if bits == MOST_BITS:
                break
            bits = stop.more_bits(bits, recipe.training.iterations)
    except KeyboardInterrupt:
        stop = Stop(Why.INTERRUPTED if len(rows) else Why.EARLY)
    with ctx.workprec(bits):
        data = begin(recipe, start).numbers
    once = {"x": data.inputs, "y": data.targets}
    return Trace(
        recipe=recipe,
        engine="exact",
        recorded=rows.recorded(),
        complete=stop.why is Why.DONE,
        quantities=rows.quantities(once),
        notes=(stop.note(bits=bits, proven=rows.last),),
        decimals=rows.decimals(once),
    )


def attempt(recipe: Recipe, start: Start, rows: Rows, work: Work, *, bits: int, report: Callable[[int], None]) -> Stop:
    """Run from the first iteration with so many bits, and keep the rows that this proves."""
    last = recipe.training.iterations
    with ctx.workprec(bits):
        engine = Iteration(recipe, begin(recipe, start))
        for iteration, batch in zip(range(last + 1), batches(recipe, start.samples), strict=False):
            report(iteration)
            if not work.allows(bits):
                return Stop(Why.WORK, iteration)
            engine.forward_and_backward(batch)
            if rows.wants(iteration) and (stop := prove(engine, start, rows, iteration, batch)):
                return stop
            if iteration < last:
                try:
                    engine.update()
                except DivisionByZero:
                    return Stop(Why.DIVISION, iteration)
                except TooLarge:
                    return Stop(Why.TOO_LARGE, iteration)
    return Stop(Why.DONE, last)


def prove(engine: Iteration, start: Start, rows: Rows, iteration: int, batch: NDArray[np.intp] | None) -> Stop | None:
    """Keep the row of an iteration if every digit of it is certain, else say why the attempt ends here."""
    balls = engine.quantities()
    score, shares = scores(engine, start, batch) if rows.is_scored(iteration) else ({}, {})
    balls |= score
    is_undefined = engine.is_undefined()
    open_ones = [ball for ball in rows.to_prove(balls) if not is_proven(ball)]
    if is_undefined:  # then some numbers do not exist; those that do can be proven
        open_ones = [ball for ball in open_ones if ball.is_finite()]
    if not open_ones:
        rows.keep(iteration, balls, batch, shares)
        return Stop(Why.UNDEFINED, iteration) if is_undefined else None
    if ctx.prec == MOST_BITS and not len(rows):
        rows.keep(iteration, balls, batch, shares)
        return Stop(Why.NOTHING, iteration)
    return Stop(Why.UNPROVEN, iteration, min(ball.rel_accuracy_bits() for ball in open_ones))


def scores(
    engine: Iteration, start: Start, batch: NDArray[np.intp] | None
) -> tuple[dict[str, arb_mat], dict[str, float]]:
    """Measure what every engine measures beside the loss: a loss as a ball, shares of samples as numbers.

    A class is the largest float64, as in every engine; that a tie of float64 is none in truth does not count.
    """
    balls, shares, data = {}, {}, engine.data
    if start.is_classification:
        predictions = engine.p if batch is None else engine.predict(data.inputs, data.targets)[1]
        shares["accuracy"] = accuracy(floats(predictions), start.targets)
    if len(start.held_out_inputs):
        balls[LOSS_SCORE], predictions = engine.predict(data.held_out_inputs, data.held_out_targets)
        if start.is_classification:
            shares["held_out_accuracy"] = accuracy(floats(predictions), start.held_out_targets)
    return balls, shares


def floats(matrix: arb_mat) -> NDArray[np.float64]:
    """The float64 nearest to each ball."""
    return np.array([nearest(ball) for ball in matrix.entries()]).reshape(matrix.nrows(), matrix.ncols())


class Work:
    """How much is done, so that a run without end ends."""

    def __init__(self, recipe: Recipe, start: Start) -> None:
        products = sum(inputs * units for inputs, units in zip(recipe.layers, recipe.layers[1:], strict=False))
        self.of_one_iteration = OVERHEAD + 3 * products * largest_batch(recipe, start)  # forward, and two backward
        self.left = MOST_WORK

    def allows(self, bits: int) -> bool:
        """Whether one more iteration with so many bits may be done; it then counts as done."""
        self.left -= self.of_one_iteration * bits
        return self.left >= 0


def reporter(progress: Progress | None, last: int) -> Callable[[int], None]:
    """Tell the caller where an attempt is, about ten times a second."""
    report_at = perf_counter() + SECONDS_BETWEEN_REPORTS

    def report(iteration: int) -> None:
        nonlocal report_at
        if progress is not None and perf_counter() >= report_at:
            progress(iteration, last)
            report_at = perf_counter() + SECONDS_BETWEEN_REPORTS

    return report
