"""Mistakes in the gradient of the loss itself: where the way back begins.

Right:   dL_da[n] is the derivative of the loss as it is stated, sign and factor included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.engines.hand import Iteration
from backlight.engines.mistakes.mistake import mistake
from backlight.engines.mistakes.parameters import Parameter
from backlight.language import marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@mistake(
    step="backward",
    instead=marked(
        "the gradient times a constant stands where the gradient belongs: a 1/2, 2 or N missing or too much"
    ),
    own={"factor": Parameter(meaning=marked("the constant the gradient is multiplied with"), default="2", read=float)},
)
def constant_factor(net: Iteration, chosen: NDArray[np.bool_], factor: float) -> None:
    Iteration.backward(net)
    net.dL_dtheta[chosen] *= factor


@mistake(
    step="output_delta",
    layers="output",
    instead=marked("y - a stands where a - y belongs, so that every update climbs"),
)
def sign_error(net: Iteration, l: int) -> None:
    Iteration.output_delta(net)
    net.dL_da[l] *= -1
    net.through_activation(l)
