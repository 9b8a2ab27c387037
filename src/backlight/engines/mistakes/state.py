"""Mistakes in the update and in what is kept from one iteration to the next.

Right:   every iteration computes its gradients anew, and every trained parameter is updated with its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import mistake
from backlight.language import marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@mistake(
    step="backward",
    instead=marked("the sum of all gradients so far stands where this iteration's gradient belongs: never set to zero"),
)
def accumulated_gradients(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    before = net.dL_dtheta[chosen]  # a copy, as a mask gives; zeros at first
    Iteration.backward(net)
    net.dL_dtheta[chosen] += before


@mistake(
    step="update",
    parameter="w1",
    instead=marked("a parameter's old value stands where its updated value belongs, though its gradient is right"),
)
def missing_update(net: Iteration, chosen: NDArray[np.bool_]) -> None:
    before = net.theta[chosen]
    Iteration.update(net)
    net.theta[chosen] = before
