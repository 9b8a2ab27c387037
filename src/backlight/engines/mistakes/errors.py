"""What several mistakes do: begin the way back with another error, or be wrong for some parameters alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.engines.hand import Iteration
from backlight.engines.hand.activations import Pair as Activation
from backlight.engines.hand.activations import activation
from backlight.engines.hand.losses import Pair as Loss
from backlight.engines.hand.losses import loss

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]


def fused_factor(f: Activation, function: Loss, outputs: int) -> float | None:
    """The c in dL/dz = c (a - y), for the two pairs whose derivatives cancel; None for all others."""
    if f == activation("sigmoid", {}) and function == loss("binary_cross_entropy", {}):
        return 1 / outputs
    return 1 if f == activation("softmax", {}) and function == loss("cross_entropy", {}) else None


def output_delta_of(net: Iteration, function: Loss, a: Array, y: Array, p: Array) -> None:
    """Begin the way back with the error of some a and y in a loss; where a program writes a - y, so is it here."""
    n, share = net.n, net.share
    factor = fused_factor(net.f[n], function, a.shape[1])
    if factor is None:
        function.backward(a, y, p, net.dL_da[n])
        net.dL_da[n] *= share
        net.through_activation(n)
    else:
        Iteration.output_delta(net)  # dL_da stays that of the outputs: no program of this form computes it
        net.dL_dz[n][:] = factor * share * (a - y)


def rightly_but_for(net: Iteration, chosen: NDArray[np.bool_], wrongly: Callable[[], None]) -> None:
    """Go back rightly, then compute gradients wrongly, of which only those of the chosen parameters stay."""
    Iteration.backward(net)
    right = net.dL_dtheta.copy()
    wrongly()
    net.dL_dtheta[~chosen] = right[~chosen]
