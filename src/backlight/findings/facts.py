"""What several findings need to know of one trace, computed when it is first asked for.

A trace may hold the loss alone, or every tenth row, or end in NaN; what cannot be known is None here, and
the findings that need it stay silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.epochs import Judged, by_epochs, row_by_row
from backlight.findings.floors import Floor, floors
from backlight.findings.outcomes import OUTCOMES, History, classify, summarise, without_end
from backlight.findings.slopes import flat_below_zero, relative_slope
from backlight.findings.thresholds import THRESHOLDS
from backlight.recipes.functions import LOSSES, Loss
from backlight.recipes.labels import unit_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.traces.trace import Trace

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Dead:
    """A unit that gives 0 for every sample from a row on to the last one."""

    layer: int
    unit: int
    row: int


@dataclass(frozen=True)
class Facts:
    """A trace with at least one row, and what follows from it."""

    trace: Trace

    @property
    def recipe(self) -> Recipe:
        """What was run."""
        return self.trace.recipe

    @property
    def last_layer(self) -> int:
        """Number of layers of weights; the outputs are a{last_layer}."""
        return len(self.recipe.layers) - 1

    @property
    def loss_record(self) -> Loss:
        """What is known of the recipe's loss."""
        return LOSSES[self.recipe.loss.name]

    @cached_property
    def loss(self) -> Array:
        """The recorded losses in float64, shape (rows,)."""
        return np.asarray(self.trace.loss, dtype=float)

    @cached_property
    def targets(self) -> Array | None:
        """The targets in float64, shape (samples, outputs)."""
        y = self.trace.quantities.get("y")
        return None if y is None else np.asarray(y, dtype=float)

    @property
    def in_batches(self) -> bool:
        """Whether an iteration sees less than all samples, so that its loss is one of many."""
        size = self.recipe.training.batch_size
        return size is not None and (self.targets is None or size < len(self.targets))

    @cached_property
    def last_row(self) -> int | None:
        """The last row whose loss is finite."""
        finite = np.flatnonzero(np.isfinite(self.loss))
        return int(finite[-1]) if finite.size else None

    @property
    def units(self) -> tuple[tuple[str, ...], ...]:
        """Labels of the units of every layer, inputs first."""
        return unit_labels(self.recipe.layers)

    def quantity(self, name: str) -> Array | None:
        """An array of the trace, None where it was not recorded."""
        return self.trace.quantities.get(name)

    def iteration(self, row: int) -> int:
        """The iteration of a row."""
        return int(self.trace.recorded[row])

    # ---- the loss --------------------------------------------------------------------------------------

    @cached_property
    def bounds(self) -> Floor | None:
        """How small the loss of each sample can become."""
        if self.targets is None:
            return None
        return floors(self.recipe.loss, self.recipe.activations[-1], self.targets)

    @cached_property
    def floor(self) -> float | None:
        """How small the loss can become, reduced as in the recipe: -inf without end, None if it is not known."""
        return None if self.bounds is None else self.reduced(self.bounds.least)

    def reduced(self, per_sample: Array) -> float:
        """Reduce losses of samples as the recipe does; a sum over mini-batches is the mean of their sums."""
        if self.recipe.loss.over_samples == "mean":
            return float(per_sample.mean())
        return float(per_sample.sum() / self.batches_in_an_epoch)

    @property
    def batches_in_an_epoch(self) -> int:
        """How many iterations see all samples once."""
        size = self.recipe.training.batch_size
        return 1 if size is None or self.targets is None else -(-len(self.targets) // size)

    @cached_property
    def batch_weights(self) -> Array:
        """How much each batch of an epoch counts in the loss over all samples: the last may be short."""
        size, batches = self.recipe.training.batch_size, self.batches_in_an_epoch
        weights = np.ones(batches)
        if size is not None and self.targets is not None and self.recipe.loss.over_samples == "mean":
            weights[-1] = (len(self.targets) - (batches - 1) * size) / size
        return weights

    @cached_property
    def judged(self) -> Judged:
        """The loss as it is judged: row by row, or by means over whole epochs for mini-batches."""
        training = self.recipe.training
        if not self.in_batches:
            return row_by_row(self.loss)
        iterations = np.asarray(self.trace.recorded)
        return by_epochs(self.loss, iterations, self.batch_weights, shuffled=training.shuffle_seed is not None)

    @cached_property
    def history(self) -> History:
        """What the outcome needs of the judged loss."""
        if float(self.recipe.training.learning_rate) == 0:  # nothing moves: what differs is the batch
            return summarise(np.full(len(self.loss), self.judged.loss[-1]))
        history = summarise(self.judged.loss)
        return history if self.judged.resolved else without_end(history)

    @cached_property
    def outcome(self) -> str:
        """The class of the run."""
        floor = self.floor
        if floor is None:  # not known: 0 if nothing speaks against it
            floor = 0.0 if (self.loss[np.isfinite(self.loss)] >= 0).all() else -np.inf
        slope = min(self.layer_slopes.values(), default=1.0)
        visible = THRESHOLDS.visible_in_batches if self.in_batches else THRESHOLDS.visible
        return OUTCOMES[int(classify(self.history, floor=floor, slope=slope, visible=visible))]

    # ---- the units -------------------------------------------------------------------------------------

    @cached_property
    def layer_slopes(self) -> dict[int, float]:
        """For each layer the largest relative slope of any unit and sample, in the last finite row.

        A layer of ReLU passes nothing once all its units are dead. A logarithm as loss makes up for the slope
        of the outputs, so they do not block anything then.
        """
        slopes = {}
        for layer, choice in enumerate(self.recipe.activations, start=1):
            z = self.quantity(f"z{layer}")
            blocked_by_loss_alone = layer == self.last_layer and self.loss_record.wants_probabilities
            if z is None or self.last_row is None or blocked_by_loss_alone:
                continue
            if flat_below_zero(choice):
                slopes[layer] = float(sum(one.layer == layer for one in self.dead) < self.recipe.layers[layer])
            else:
                slopes[layer] = float(np.fmax.reduce(relative_slope(choice, z[self.last_row]), axis=None))
        return slopes

    @cached_property
    def dead(self) -> tuple[Dead, ...]:
        """Units that are 0 to the end, of activations that are flat there, and get no gradient."""
        found = []
        for layer, choice in enumerate(self.recipe.activations, start=1):
            a = self.quantity(f"a{layer}")
            if a is None or not flat_below_zero(choice):
                continue
            silent = np.fmax.reduce(a, axis=1) == 0
            delta = self.quantity(f"dL_dz{layer}")
            if delta is not None:  # of a run with a mistake the gradient may pass all the same
                silent &= np.fmax.reduce(np.abs(delta), axis=1) == 0
            for unit, row in enumerate(_since(silent)):
                if row <= self._last_complete_row:
                    found.append(Dead(layer, unit, int(row)))
        return tuple(found)

    @cached_property
    def _last_complete_row(self) -> int:
        """The last row from which on every sample was seen; -1 if the recorded batches leave some out."""
        batch = self.quantity("batch")
        if batch is None or self.targets is None:
            return len(self.loss) - 1
        unseen = np.ones(len(self.targets), dtype=bool)
        for row in range(len(batch) - 1, -1, -1):
            unseen[batch[row][batch[row] >= 0]] = False
            if not unseen.any():
                return row
        return -1


def _since(true: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each column the row from which it is true to the end; the number of rows where the last is false."""
    from_the_end = np.logical_and.accumulate(true[::-1], axis=0)
    return len(true) - np.asarray(from_the_end.sum(axis=0))
