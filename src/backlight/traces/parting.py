"""Where a trace parts from another: how far, in which quantity, at which iteration first.

Differences are told in ulp (units in the last place) and relative to the size of the quantity; how a single
number's distance is measured stands in `distance`. What a reader should think of it is said by the findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.recipes.labels import label
from backlight.traces.distance import Distance, distance
from backlight.traces.quantities import RADIUS, is_once, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.traces.trace import Trace

    Array = NDArray[np.floating[Any]]

TOLERANCE_ULP = 4.0
"""Up to here two runs agree. One iteration rounds each number a few times, by half an ulp each, in an order
that every engine chooses for itself; the published float32 losses are matched within the same four ulp."""

BLOCK = 2**20
"""So many numbers are compared at a time, so that a long trace needs little more memory than it has."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One number of a run beside the reference's.

    Attributes
    ----------
    iteration : int
    quantity : str
        ``dL_dW1``
    label : str
        Its scalar's name, ``dL_dw3``.
    reference, value : float
    ulp : float
        |value - reference| / ulp; infinite where only one of the two is finite.
    """

    iteration: int
    quantity: str
    label: str
    reference: float
    value: float
    ulp: float


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far one quantity lies from the reference at worst, over all numbers that both runs recorded.

    Attributes
    ----------
    quantity : str
    at : Spot
        Where the distance in ulp is largest. One ulp is the spacing of floating-point numbers at the
        reference (at the other value where the reference is 0), in the coarser of the two precisions.
    relative : float
        Largest |value - reference| / s, where s is the largest magnitude of this quantity in the same
        iteration of the reference: an entry that cancels to almost nothing is measured by its neighbours.
    absolute : float
        Largest |value - reference|.
    radius : float
        How far the reference itself may be from the truth, at most, in ulp; 0 unless it is the exact engine's.
    """

    quantity: str
    at: Spot
    relative: float
    absolute: float
    radius: float = 0.0

    @property
    def ulp(self) -> float:
        """The largest distance, in ulp."""
        return self.at.ulp


@dataclass(frozen=True, kw_only=True)
class Parting:
    """How one run compares with the reference, number by number.

    Attributes
    ----------
    reference, run : str
        Names of the two runs.
    tolerance : float
        In ulp; what lies further apart has parted.
    differences : tuple of Difference
        Every quantity that both recorded in the same shape, in the order of computing.
    first : Spot or None
        The first number that is not the same: the earliest iteration, there the first in the order of
        computing. Two NaN are the same, and so are 0 and -0.
    apart : Spot or None
        The first number that lies further apart than the tolerance and the reference's radius.
    """

    reference: str
    run: str
    tolerance: float
    differences: tuple[Difference, ...]
    first: Spot | None = None
    apart: Spot | None = None

    @property
    def identical(self) -> bool:
        """Whether every number is the same."""
        return self.first is None

    @property
    def worst(self) -> Difference | None:
        """The quantity with the largest distance in ulp."""
        return max(self.differences, key=lambda difference: difference.ulp, default=None)


def part(reference: Trace, trace: Trace, *, names: tuple[str, str], tolerance: float = TOLERANCE_ULP) -> Parting:
    """Find where a trace parts from a reference, in the iterations that both recorded.

    Parameters
    ----------
    names : two str
        Of the reference and of the trace.
    """
    quantities = sorted(comparable(reference, trace), key=when)
    with np.errstate(all="ignore"):  # infinities are distances here
        found = [_search(quantity, reference, trace, tolerance) for quantity in quantities]
    return Parting(
        reference=names[0],
        run=names[1],
        tolerance=tolerance,
        differences=tuple(worst for worst, _, _ in found if worst is not None),
        first=_earliest(first for _, first, _ in found),
        apart=_earliest(apart for _, _, apart in found),
    )


def comparable(reference: Trace, trace: Trace) -> list[str]:
    """Name the quantities that both traces recorded, with the same shape in one iteration."""
    return [
        name
        for name, values in reference.items()
        if name in trace.quantities and not name.startswith(RADIUS) and _one(name, values) == _one(name, trace[name])
    ]


def _one(quantity: str, values: Array) -> tuple[int, ...]:
    """The shape of a quantity in one iteration."""
    return values.shape if is_once(quantity) else values.shape[1:]


def _earliest(spots: Iterable[Spot | None]) -> Spot | None:
    """The spot of the earliest iteration; of equals the first, for quantities come in the order of computing."""
    return min((spot for spot in spots if spot is not None), key=lambda spot: spot.iteration, default=None)


def _search(
    quantity: str, reference: Trace, trace: Trace, tolerance: float
) -> tuple[Difference | None, Spot | None, Spot | None]:
    """The worst difference of one quantity, its first number that differs, and the first that is apart."""
    worst = first = apart = None
    relative = absolute = radius = 0.0
    for block in _blocks(quantity, reference, trace):
        far = block.distance
        top = block.spot(reference.recipe, quantity, far.ulp == far.ulp.max())
        worst = top if worst is None or (top and top.ulp > worst.ulp) else worst
        first = first or block.spot(reference.recipe, quantity, far.gap > 0)
        apart = apart or block.spot(reference.recipe, quantity, far.ulp - far.radius > tolerance)
        relative = max(relative, float(far.relative.max()))
        absolute = max(absolute, float(far.gap.max()))
        radius = max(radius, float(far.radius.max()))
    if worst is None:
        return None, None, None
    return (
        Difference(quantity=quantity, at=worst, relative=relative, absolute=absolute, radius=radius),
        first,
        apart,
    )


class _Block(NamedTuple):
    """Some rows of a quantity in two traces."""

    iterations: NDArray[np.int64]
    reference: Array
    value: Array
    distance: Distance

    def spot(self, recipe: Recipe, quantity: str, where: NDArray[np.bool_]) -> Spot | None:
        """The first number of those marked, if any is."""
        if not where.any():
            return None
        at = np.unravel_index(where.argmax(), where.shape)
        return Spot(
            iteration=int(self.iterations[at[0]]),
            quantity=quantity,
            label=label(recipe, quantity, tuple(int(i) for i in at[1:])),
            reference=float(self.reference[at]),
            value=float(self.value[at]),
            ulp=float(self.distance.ulp[at]),
        )


def _blocks(quantity: str, reference: Trace, trace: Trace) -> Iterator[_Block]:
    """Measure a quantity some rows at a time, in the iterations that both recorded."""
    recorded, mine, theirs = np.intersect1d(reference.recorded, trace.recorded, return_indices=True)
    one, other = reference[quantity], trace[quantity]
    radius_of_one, radius_of_other = (_radius(run, quantity) for run in (reference, trace))
    if is_once(quantity):  # as a row of its own, before all others
        recorded, mine, theirs, one, other = recorded[:1], mine[:1] * 0, theirs[:1] * 0, one[None], other[None]
    step = max(1, BLOCK // max(1, prod(one.shape[1:])))
    for begin in range(0, len(recorded), step):
        m, t = mine[begin : begin + step], theirs[begin : begin + step]
        radius = radius_of_one[m] + radius_of_other[t]
        yield _Block(recorded[begin : begin + step], one[m], other[t], distance(one[m], other[t], radius))


def _radius(trace: Trace, quantity: str) -> Array:
    """How far each number of a trace may be from the truth as far as it knows: 0 but for the exact engine."""
    values = trace[quantity]
    known = trace.quantities.get(RADIUS + quantity)
    radius = np.broadcast_to(0.0, values.shape) if known is None else known
    return radius[None] if is_once(quantity) else radius
