"""What is true at a program's own parameters: the exact engine's gradient, and how far a right program may be off.

The unit of error is the radius of the exact engine's own pass with as many bits as the program computes with (see
`engines/exact/radii`); four of them are the tolerance. On 901 networks and six engines no right gradient was off by
more than 0.79, and 1e-6 relative is far outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.exact import certify, radii
from backlight.traces.record import Recording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network

    Array = NDArray[np.floating[Any]]

TOLERANCE = 4.0
"""In radii."""
BITS = {"float64": 53, "float32": 24}


@dataclass(frozen=True)
class Truth:
    """One pass in exact arithmetic.

    Attributes
    ----------
    quantities : mapping of str to array
        Midpoints by the names of a trace, without the iteration.
    gradient, radius : array
        dL/dparameter in the order of `Network.names`, and its unit of error; 0 for biases that are not trained.
    """

    quantities: Mapping[str, Array]
    gradient: Array
    radius: Array


def truth(network: Network, parameters: Array, rows: Sequence[int], *, precision: str) -> Truth:
    """Compute everything of one pass exactly, on these samples and at these parameters.

    Examples
    --------
    >>> import numpy as np, backlight as bl
    >>> from backlight.checks.recognising.network import Network
    >>> course = Network.of(bl.recipe("course"), np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]]))
    >>> weights = np.array([0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8])
    >>> round(float(truth(course, weights, [0], precision="float64").gradient[0]), 8)
    -0.00842148
    """
    begin = network.start(parameters, rows)
    trace = certify(network.recipe, begin, Recording("all"))
    quantities = {name: values[0] for name, values in trace.items() if name not in {"x", "y"}}
    sizes = radii(network.recipe, begin, bits=BITS[precision])
    trained = np.concatenate([np.full(array.size, network.is_trained(name)) for name, array in network.shaped()])
    gradients = [f"dL_d{name}" for name in network.shapes]
    return Truth(
        quantities={"x": begin.inputs, "y": begin.targets, **quantities},
        gradient=trained * np.concatenate([quantities[name].ravel() for name in gradients]),
        radius=trained * np.concatenate([sizes[name][0].ravel() for name in gradients]),
    )
