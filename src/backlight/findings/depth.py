"""Do gradients vanish or explode on their way back through the layers?"""

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

ROWS = 64
"""So many rows, evenly spread over the run, are looked at."""


def gradient_through_depth(facts: Facts) -> Finding | None:
    """Notice layers whose dL/dz is a thousand times smaller, or larger, in front than at the end of the network."""
    layers = facts.last_layer
    deltas = [facts.quantity(f"dL_dz{layer}") for layer in range(1, layers + 1)]
    if layers < THRESHOLDS.depth_layers:
        return None
    rows = np.unique(np.linspace(0, len(facts.loss) - 1, ROWS).astype(int))
    sizes = np.array([_root_mean_square(delta[rows]) for delta in deltas if delta is not None])
    if len(sizes) < layers:
        return None
    usable = np.isfinite(sizes).all(axis=0) & (sizes > 0).all(axis=0)
    if not usable.any():
        return None
    ratio = float(np.exp(np.median(np.log(sizes[0, usable]) - np.log(sizes[-1, usable]))))
    if 1 / THRESHOLDS.depth_ratio < ratio < THRESHOLDS.depth_ratio:
        return None
    vanishes = ratio < 1
    evidence = {
        "ratio": ratio,
        "factor": 1 / ratio if vanishes else ratio,
        "layers": layers,
        "sizes": np.median(sizes[:, usable], axis=1),
        "rows": int(usable.sum()),
    }
    if vanishes:
        message = marked(
            "the gradient vanishes on its way back: dL/dz of layer 1 is {factor:.3g} times smaller than that of "
            "layer {layers}"
        )
    else:
        message = marked(
            "the gradient explodes on its way back: dL/dz of layer 1 is {factor:.3g} times larger than that of "
            "layer {layers}"
        )
    return finding("vanishing_gradient" if vanishes else "exploding_gradient", message, evidence)


def _root_mean_square(delta: Array) -> Array:
    """Size of dL/dz in each row, over samples and units, without padding."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(np.asarray(delta, dtype=float))
        return np.asarray(
            np.sqrt(np.nansum(squares, axis=(1, 2)) / np.maximum(1, (~np.isnan(squares)).sum(axis=(1, 2))))
        )
