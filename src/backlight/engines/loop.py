"""The loop that every engine runs in: batches, recording, scores, progress and interruption.

An engine brings the arithmetic of one iteration; nothing here computes a gradient. Row k is recorded
before update k, so that it holds what was computed with the parameters of iteration k.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from backlight.recipes.start import Start, batches
from backlight.traces.record import Recorder, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.traces.layout import Layout

    Array = NDArray[np.floating[Any]]

Progress = Callable[[int, int], None]
"""Called now and then with the iteration reached and the number of iterations."""

SECONDS_BETWEEN_REPORTS = 0.1


class Engine(Protocol):
    """The arithmetic of one iteration on a flat row of numbers (see `traces/layout`)."""

    layout: Layout
    row: Array
    """What the last `forward_and_backward` computed, in the order of the layout."""

    def forward_and_backward(self, batch: NDArray[np.intp] | None) -> None:
        """Compute every quantity of one iteration on some rows of the data, or on all, into `row`."""

    def update(self) -> None:
        """Change the trained parameters by what the optimizer makes of the gradients."""

    def predict(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """Give the loss and the predictions (p where the loss has one, else a) of other samples."""


def iterate(
    engine: Engine,
    recipe: Recipe,
    start: Start,
    recording: Recording,
    *,
    dtype: str,
    progress: Progress | None = None,
) -> tuple[Recorder, bool]:
    """Run all iterations of a recipe on an engine.

    Returns
    -------
    Recorder
        The rows.
    bool
        Whether the run is complete; False when it was interrupted, then the rows end where it was.

    Raises
    ------
    KeyboardInterrupt
        Interrupted before there was a row to keep.
    """
    last = recipe.training.iterations
    size, names = largest_batch(recipe, start), score_names(start)
    recorder = Recorder(recipe, engine.layout, recording, batch_size=size, dtype=dtype, scores=names)
    report_at = perf_counter() + SECONDS_BETWEEN_REPORTS
    try:
        with np.errstate(all="ignore"):  # infinities are results here: the findings speak of them
            for iteration, batch in zip(range(last + 1), batches(recipe, start.samples), strict=False):
                engine.forward_and_backward(batch)
                if recorder.wants(iteration):
                    due = names and is_scored(iteration, recipe, start, recording)
                    recorder.keep(iteration, engine.row, batch, scores(engine, start, batch) if due else None)
                if iteration < last:
                    engine.update()
                if progress is not None and perf_counter() >= report_at:
                    progress(iteration, last)
                    report_at = perf_counter() + SECONDS_BETWEEN_REPORTS
    except KeyboardInterrupt:
        if not recorder.kept:
            raise
        return recorder, False
    return recorder, True


def largest_batch(recipe: Recipe, start: Start) -> int:
    """How many samples the largest batch has."""
    return min(recipe.training.batch_size or start.samples, start.samples)


def score_names(start: Start) -> tuple[str, ...]:
    """What is measured beside the loss: accuracy for classes, and the held-out part where there is one."""
    held_out = len(start.held_out_inputs) > 0
    return tuple(
        name
        for name, measured in (
            ("accuracy", start.is_classification),
            ("held_out_accuracy", start.is_classification and held_out),
            ("held_out_loss", held_out),
        )
        if measured
    )


def is_scored(iteration: int, recipe: Recipe, start: Start, recording: Recording) -> bool:
    """Whether scores are measured in a recorded row: in the first one of each epoch, and in the last row.

    Who records only the loss wants speed, and gets the scores of the last row.
    """
    if iteration == recipe.training.iterations or recording.what == "loss":
        return iteration == recipe.training.iterations
    epoch = -(-start.samples // largest_batch(recipe, start))
    return iteration // epoch > (iteration - recording.every) // epoch


def scores(engine: Engine, start: Start, batch: NDArray[np.intp] | None) -> dict[str, float]:
    """Measure the engine's present parameters on all training data and on the held-out part."""
    measured = {}
    if start.is_classification:
        on_all_data = batch is None  # then the iteration has predicted them already
        predictions = _predicted(engine) if on_all_data else engine.predict(start.inputs, start.targets)[1]
        measured["accuracy"] = accuracy(predictions, start.targets)
    if len(start.held_out_inputs):
        measured["held_out_loss"], predictions = engine.predict(start.held_out_inputs, start.held_out_targets)
        if start.is_classification:
            measured["held_out_accuracy"] = accuracy(predictions, start.held_out_targets)
    return measured


def _predicted(engine: Engine) -> Array:
    """The predictions of the last iteration: p where the loss has one, else a of the last layer."""
    shapes = engine.layout.shapes
    name = "p" if "p" in shapes else next(name for name in reversed(shapes) if name[0] == "a")
    return engine.row[engine.layout.slices[name]].reshape(shapes[name])


def accuracy(predictions: Array, targets: Array) -> float:
    """Share of samples whose class is right: the largest output, or 1/2 as the border for a single one.

    Not a number is no class, so it is never right.

    Examples
    --------
    >>> accuracy(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[0, 1], [0, 1]]))
    0.5
    """
    if targets.shape[1] == 1:
        right = ((predictions > 0.5) == (targets > 0.5))[:, 0]  # noqa: PLR2004  the middle of 0 and 1
    else:
        right = predictions.argmax(axis=1) == targets.argmax(axis=1)
    return float(np.mean(right & ~np.isnan(predictions).any(axis=1)))
