"""What the accuracy and the held-out part say of a run: learned by heart, or nothing learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.thresholds import THRESHOLDS
from backlight.findings.wording import finding
from backlight.language import marked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.findings.facts import Facts
    from backlight.traces.trace import Finding

    Array = NDArray[np.floating[Any]]


def overfitting(facts: Facts) -> Finding | None:
    """Notice a held-out loss that rises again while the training loss goes on falling."""
    held_out = facts.quantity("held_out_loss")
    if held_out is None:
        return None
    measured = np.flatnonzero(np.isfinite(held_out))
    if not measured.size:
        return None
    best, last = int(measured[held_out[measured].argmin()]), int(measured[-1])
    risen = held_out[last] > (1 + THRESHOLDS.overfit) * held_out[best]
    half = max(1, (last - best) // 2)  # single losses of mini-batches are noise: halves of what follows are compared
    training = facts.loss[best : best + half].mean(), facts.loss[last - half + 1 : last + 1].mean()
    if best == last or not risen or not training[1] < training[0]:
        return None
    evidence = {
        "best_iteration": facts.iteration(best),
        "best": held_out[best],
        "last_iteration": facts.iteration(last),
        "last": held_out[last],
        "training_at_best": training[0],
        "training_at_last": training[1],
    }
    message = marked(
        "the network learns by heart: since iteration {best_iteration} the loss of the held-out samples rises again, "
        "from {best:.4g} to {last:.4g}, while that of the training samples goes on falling"
    )
    return finding("overfitting", message, evidence)


def chance_accuracy(facts: Facts) -> Finding | None:
    """Notice a classifier that is no better than naming the most frequent class every time."""
    accuracy, y = facts.quantity("accuracy"), facts.targets
    if accuracy is None or y is None or facts.outcome == "still_falling":
        return None  # a run that is still learning is not judged by what it has learned so far
    measured = accuracy[np.isfinite(accuracy)]
    majority = _majority(y)
    if not measured.size or majority == 1 or measured[-1] > majority:
        return None
    evidence = {"accuracy": measured[-1], "majority": majority, "samples": len(y)}
    message = marked(
        "the accuracy at the end, {accuracy:.3g}, is no better than always naming the most frequent class ({majority:.3g})"
    )
    return finding("chance_accuracy", message, evidence)


def _majority(y: Array) -> float:
    """Share of the most frequent class among one-hot rows, or among zeros and ones."""
    classes = (y[:, 0] > 0.5).astype(int) if y.shape[1] == 1 else y.argmax(axis=1)  # noqa: PLR2004
    return float(np.bincount(classes).max() / len(classes))
