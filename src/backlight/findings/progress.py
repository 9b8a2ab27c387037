"""Does the loss fall? What its history says: divergence, oscillation, a stall, single steps that raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.epochs import row_by_row
from backlight.findings.outcomes import end_begins
from backlight.findings.thresholds import THRESHOLDS
from backlight.findings.wording import counted, finding
from backlight.language import marked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.findings.epochs import Judged
    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def divergence(facts: Facts) -> Finding | None:
    """Notice a loss, or parameters, that grow instead of falling, and since when."""
    if facts.outcome != "diverged":
        return None
    loss, finite = facts.loss, np.isfinite(facts.loss)
    broken = not finite[-1]
    judged = row_by_row(loss) if broken else facts.judged  # of mini-batches the epochs are what grows
    above = ~finite if broken else ~(judged.loss <= judged.loss[0])
    since = len(above) - int(np.logical_and.accumulate(above[::-1]).sum())
    evidence = {
        "iteration": facts.iteration(judged.rows[min(since, len(above) - 1)]),
        "first": judged.loss[0],
        "last_finite": None if facts.last_row is None else loss[facts.last_row],
        "largest_finite": loss[finite].max() if finite.any() else None,
        "last": judged.loss[-1],
        "learning_rate": float(facts.recipe.training.learning_rate),
    }
    if not finite.any():
        message = marked("the loss is not a finite number in any recorded iteration")
    elif broken:
        message = marked(
            "the loss is no finite number from iteration {iteration} on, the last before it was {last_finite:.4g}: "
            "the steps are too long or go the wrong way (learning rate {learning_rate:g})"
        )
    else:
        message = marked(
            "the loss grows, from {first:.4g} to {last:.4g}, and lies above its start since iteration {iteration}: "
            "the steps are too long or go the wrong way (learning rate {learning_rate:g})"
        )
    return finding("divergence", message, evidence)


def oscillation(facts: Facts) -> Finding | None:
    """Notice a loss that goes up and down at the end of the run; of mini-batches, one whose epochs do."""
    if facts.outcome != "oscillating":
        return None
    loss, rows = facts.judged.loss, facts.judged.rows
    begin = end_begins(len(loss) - 1)
    end = loss[begin:]
    evidence = {
        "from_iteration": facts.iteration(rows[begin]),
        "to_iteration": facts.iteration(-1),
        "lowest": np.fmin.reduce(end),
        "highest": np.fmax.reduce(end),
        "rises": int((np.diff(end) > 0).sum()),
        "steps": len(end) - 1,
        "climb": facts.history.climb,
        "drop": facts.history.drop,
        "learning_rate": float(facts.recipe.training.learning_rate),
    }
    return finding("oscillation", _EPOCHS_OSCILLATE if facts.in_batches else _OSCILLATES, evidence)


_OSCILLATES = marked(
    "the loss does not settle: from iteration {from_iteration} to {to_iteration} it goes up and down between "
    "{lowest:.4g} and {highest:.4g}; the steps jump across the lowest place (learning rate {learning_rate:g})"
)

_EPOCHS_OSCILLATE = marked(
    "the loss does not settle: from iteration {from_iteration} to {to_iteration} its mean over whole epochs goes up "
    "and down between {lowest:.4g} and {highest:.4g}; the steps jump across the lowest place "
    "(learning rate {learning_rate:g})"
)


def stall(facts: Facts) -> Finding | None:
    """Notice a loss that hardly changes any more, far from where it could be, and say what holds it."""
    if facts.outcome != "stalled" or float(facts.recipe.training.learning_rate) == 0:
        return None
    history, slope = facts.history, min(facts.layer_slopes.values(), default=1.0)
    first, last = _gradient(facts, facts.judged.first), _gradient(facts, facts.judged.last)
    swing = float(max(history.climb, history.drop))
    height = float(history.last) - (facts.floor if facts.floor is not None and np.isfinite(facts.floor) else 0.0)
    evidence = {
        "from_iteration": facts.iteration(_still_since(facts.judged, max(swing, THRESHOLDS.settled * height))),
        "last": history.last,
        "fall": history.fall,
        "swing": swing,
        "floor": facts.floor,
        "first_gradient": first,
        "last_gradient": last,
        "slope": slope,
        "learning_rate": float(facts.recipe.training.learning_rate),
    }
    if slope < THRESHOLDS.saturated:
        reason = "saturated"
    elif swing > THRESHOLDS.settled * height:
        reason = "hovering"
    elif not first or last is None:
        reason = "unknown"
    else:
        reason = "short_steps" if last >= THRESHOLDS.small_gradient * first else "flat"
    return finding("stall", _STALLED[reason], evidence | {"reason": reason})


def _still_since(judged: Judged, nearby: float) -> int:
    """The first row from which the loss stays near its last value."""
    away = np.flatnonzero(~(np.abs(judged.loss - judged.loss[-1]) <= nearby))
    return int(judged.rows[away[-1] + 1]) if len(away) else 0


_STALLED = {
    "saturated": marked(
        "the loss stands still at {last:.4g} since iteration {from_iteration}: a whole layer is saturated "
        "(slope at most {slope:.2g} of the steepest) and passes hardly any gradient"
    ),
    "hovering": marked(
        "the loss hovers around {last:.4g} since iteration {from_iteration}: it goes up and down by up to "
        "{swing:.2g} and gets no lower"
    ),
    "short_steps": marked(
        "the loss stands still at {last:.4g} since iteration {from_iteration}, but the gradient is not small "
        "({last_gradient:.2g}, at the start {first_gradient:.2g}): the steps are too short "
        "(learning rate {learning_rate:g})"
    ),
    "flat": marked(
        "the loss stands still at {last:.4g} since iteration {from_iteration}, on flat ground: the gradient fell "
        "from {first_gradient:.2g} to {last_gradient:.2g}"
    ),
    "unknown": marked("the loss stands still at {last:.4g} since iteration {from_iteration}"),
}


def _gradient(facts: Facts, rows: slice) -> float | None:
    """Length of the gradient of all weights in a row, if it was recorded; over an epoch that of the mean step.

    Every batch makes a step of its own, a short one too, so all count alike: where the parameters run in a
    circle, once an epoch, the mean is 0 though no single gradient is.
    """
    parts = [facts.quantity(f"dL_dW{layer}") for layer in range(1, facts.last_layer + 1)]
    recorded = [np.asarray(part[rows], dtype=float).mean(axis=0).ravel() for part in parts if part is not None]
    if len(recorded) < len(parts):
        return None
    entries = np.concatenate(recorded)
    largest = np.abs(entries).max() or 1.0  # the square of a large number would overflow
    return float(largest * np.linalg.norm(entries / largest))


def loss_rises(facts: Facts) -> Finding | None:
    """Notice single steps that raise the loss; with mini-batches every step sees another loss, so they may."""
    if facts.in_batches or facts.outcome in {"diverged", "oscillating"} or len(facts.loss) < 2:  # noqa: PLR2004
        return None
    change = np.diff(facts.loss)
    floor = facts.floor if facts.floor is not None and np.isfinite(facts.floor) else 0.0
    scale = abs(facts.loss[0] - floor)
    rounding = np.finfo(facts.recipe.numerics.precision).eps * np.abs(facts.loss[1:]) * 16
    rows = np.flatnonzero(change > rounding)
    largest = int(np.nanargmax(change)) if np.isfinite(change).any() else 0
    if not rows.size or not change[largest] > THRESHOLDS.visible * scale:
        return None
    row = int(rows[0])
    evidence = {
        "count": int(rows.size),
        "of": len(change),
        "first_from": facts.iteration(row),
        "first_to": facts.iteration(row + 1),
        "before": facts.loss[row],
        "after": facts.loss[row + 1],
        "largest": change[largest],
        "largest_to": facts.iteration(largest + 1),
    }
    message = counted(
        int(rows.size),
        marked("the loss rises at one of {of} steps, to iteration {first_to}: from {before:.4g} to {after:.4g}"),
        marked(
            "the loss rises at {count} of {of} steps, first to iteration {first_to}: from {before:.4g} to {after:.4g}; "
            "most to iteration {largest_to}, by {largest:.4g}"
        ),
    )
    return finding("loss_rises", message, evidence)
